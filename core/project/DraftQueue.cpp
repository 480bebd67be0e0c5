// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/DraftQueue.h"

#include "core/project/Sql.h"

namespace lathe {

Result<std::optional<StoredDraft>> ArtifactRepository::Drafts::current(ArtifactId id) const
{
    const auto pending = m_pending.constFind(id);
    if (pending != m_pending.constEnd())
        return std::optional<StoredDraft>(pending->stored);
    if (m_discarding.contains(id))
        return std::optional<StoredDraft>();
    return readDraft(store->reader(), id);
}

void ArtifactRepository::Drafts::overlay(ArtifactInfo *info) const
{
    const auto pending = m_pending.constFind(info->id);
    if (pending == m_pending.constEnd()) {
        if (m_discarding.contains(info->id))
            info->hasDraft = false;
        return;
    }
    const auto newest = newestRevision(store->reader(), info->id);
    info->hasDraft = !newest || newest->number == 0 || newest->hash != pending->stored.hash;
    info->changedUs = std::max(info->changedUs, pending->savedUs);
}

Task<Result<void>> ArtifactRepository::Drafts::save(ArtifactId id, QJsonObject body,
                                                    EditHistory history, int newestNumber)
{
    const auto self = shared_from_this();
    const auto before = current(id);
    Pending pending;
    pending.stored.hash = json::hash(body);
    pending.stored.draft.artifact = id;
    pending.stored.draft.body = std::move(body);
    pending.stored.draft.history = std::move(history);
    pending.stored.draft.baseNumber =
        before && *before ? (*before)->draft.baseNumber : newestNumber;
    pending.savedUs = clock->nowUs();
    m_pending.insert(id, std::move(pending));
    Completion<Result<void>> done;
    Slot &slot = m_slots[id];
    slot.waiting.push_back(done);
    if (!slot.writing)
        writeLoop(id);
    auto result = co_await done;
    co_return result;
}

Task<> ArtifactRepository::Drafts::writeLoop(ArtifactId id)
{
    const auto self = shared_from_this();
    m_slots[id].writing = true;
    for (;;) {
        const auto served = std::exchange(m_slots[id].waiting, {});
        Result<void> written;
        if (const auto pending = m_pending.constFind(id); pending != m_pending.constEnd()) {
            const Pending saved = *pending;
            SqliteStore::Work work = [saved](Database &db) {
                return putDraft(db, saved.stored, saved.savedUs);
            };
            written = co_await store->write(std::move(work));
        }
        const bool more = repository && !m_slots[id].waiting.empty();
        if (!more) {
            m_slots.remove(id);
            // A draft that could not be written stays here: it is what the person sees, and the next save tries again.
            if (written)
                m_pending.remove(id);
        }
        if (written && repository)
            Q_EMIT repository->draftChanged(id);
        for (const auto &done : served)
            done.complete(written);
        if (!more)
            co_return;
    }
}

Task<Result<void>> ArtifactRepository::Drafts::discard(ArtifactId id)
{
    const auto self = shared_from_this();
    m_pending.remove(id);
    ++m_discarding[id];
    SqliteStore::Work work = [id](Database &db) {
        return execute(db, QByteArrayLiteral("DELETE FROM drafts WHERE artifact=?"), id);
    };
    const auto written = co_await store->write(std::move(work));
    if (--m_discarding[id] == 0)
        m_discarding.remove(id);
    if (written && repository)
        Q_EMIT repository->draftChanged(id);
    co_return written;
}

// Writes a draft and tells those who wait for it.
Task<> ArtifactRepository::Drafts::finish(Pending saved,
                                          std::vector<Completion<Result<void>>> served)
{
    const auto self = shared_from_this();
    SqliteStore::Work work = [saved](Database &db) {
        return putDraft(db, saved.stored, saved.savedUs);
    };
    const auto written = co_await store->write(std::move(work));
    for (const auto &done : served)
        done.complete(written);
}

void ArtifactRepository::Drafts::close()
{
    repository = nullptr;
    // What waits behind a write that is under way would never come to its turn.
    for (auto slot = m_slots.begin(); slot != m_slots.end(); ++slot) {
        const auto pending = m_pending.constFind(slot.key());
        if (!slot->waiting.empty() && pending != m_pending.constEnd())
            finish(*pending, std::exchange(slot->waiting, {}));
    }
}

} // namespace lathe
