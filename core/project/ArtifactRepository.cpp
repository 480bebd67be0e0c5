// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/ArtifactRepository.h"

#include "core/project/ArtifactRows.h"
#include "core/project/DraftQueue.h"
#include "core/project/Payload.h"
#include "core/project/SearchExpression.h"
#include "core/project/Sql.h"

#include <QPointer>

namespace lathe {

namespace {
Error noArtifact(ArtifactId id)
{
    return Error(ErrorKind::NotFound,
                 QStringLiteral("The project holds no artifact with the id %1.").arg(id.value));
}

QString capitalized(QString text)
{
    if (!text.isEmpty())
        text[0] = text[0].toUpper();
    return text;
}

QString describe(ArtifactKind kind, const QString &name)
{
    return capitalized(artifactKindName(kind)) + QStringLiteral(" \"%1\"").arg(name);
}

Result<void> checkLabel(const QString &label)
{
    const auto allowed = [](QChar c) {
        return (c >= u'a' && c <= u'z') || (c >= u'0' && c <= u'9') || c == u'-' || c == u'_';
    };
    const bool fits =
        !label.isEmpty() && label.size() <= 40 && std::all_of(label.begin(), label.end(), allowed)
        && !std::all_of(label.begin(), label.end(), [](QChar c) { return c.isDigit(); });
    if (!fits)
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("\"%1\" cannot be a label; use 1 to 40 lower-case letters, "
                                    "digits, - and _, not digits alone.")
                         .arg(label.left(60)));
    if (label == QLatin1String("draft") || label == QLatin1String("latest"))
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("\"%1\" is no label one can set; it always means the %2.")
                         .arg(label, label == QLatin1String("draft")
                                         ? QStringLiteral("uncommitted edit")
                                         : QStringLiteral("newest revision")));
    return {};
}
} // namespace

QString ResolvedArtifact::reference() const
{
    return number > 0 ? QStringLiteral("%1@%2").arg(name).arg(number)
                      : name + QStringLiteral("@draft");
}

ArtifactRepository::ArtifactRepository(SqliteStore *store, Clock *clock)
    : m_store(store), m_clock(clock), m_drafts(std::make_shared<Drafts>(this, store, clock))
{
}

ArtifactRepository::~ArtifactRepository()
{
    m_drafts->close();
}

Result<void> ArtifactRepository::checkWritable() const
{
    if (m_store->isReadOnly())
        return Error(ErrorKind::ProjectFile,
                     QStringLiteral("%1 is open for reading only; nothing can be changed in it. "
                                    "Save a copy to change it.")
                         .arg(m_store->path()));
    return {};
}

std::vector<ArtifactInfo> ArtifactRepository::list(std::optional<ArtifactKind> kind,
                                                   bool withBin) const
{
    auto read = readArtifacts(m_store->reader(), kind, ArtifactId(), withBin);
    if (!read) {
        qWarning("Reading the list of artifacts failed: %s", qPrintable(read.error().message));
        return {};
    }
    for (ArtifactInfo &info : *read)
        m_drafts->overlay(&info);
    std::sort(read->begin(), read->end(), [](const ArtifactInfo &a, const ArtifactInfo &b) {
        if (a.kind != b.kind)
            return a.kind < b.kind;
        const int order = a.name.compare(b.name, Qt::CaseInsensitive);
        return order != 0 ? order < 0 : a.id < b.id;
    });
    return std::move(*read);
}

Result<ArtifactInfo> ArtifactRepository::info(ArtifactId id) const
{
    if (!id.isValid())
        return noArtifact(id);
    auto read = readArtifacts(m_store->reader(), std::nullopt, id, true);
    if (!read)
        return read.error();
    if (read->empty())
        return noArtifact(id);
    m_drafts->overlay(&read->front());
    return std::move(read->front());
}

std::optional<ArtifactId> ArtifactRepository::find(ArtifactKind kind, const QString &name) const
{
    const auto id = queryInt(
        m_store->reader(), QByteArrayLiteral("SELECT id FROM artifacts WHERE kind=? AND name=?"),
        Text(artifactKindName(kind)), Text(name.normalized(QString::NormalizationForm_C)));
    if (!id || *id == 0)
        return std::nullopt;
    return ArtifactId{*id};
}

Error ArtifactRepository::noSuch(ArtifactKind kind, const QString &name) const
{
    QStringList names;
    for (const ArtifactInfo &info : list(kind))
        names.append(info.name);
    const QString known =
        names.isEmpty() ? QStringLiteral("The project has no %1 yet.").arg(artifactKindName(kind))
                        : QStringLiteral("There %1: %2.")
                              .arg(names.size() == 1 ? QStringLiteral("is") : QStringLiteral("are"),
                                   closeNames(name, names));
    return Error(ErrorKind::NotFound, QStringLiteral("There is no %1 named %2. %3")
                                          .arg(artifactKindName(kind), name.left(100), known));
}

Result<ResolvedArtifact> ArtifactRepository::load(ArtifactId id, int number) const
{
    const auto found = info(id);
    if (!found)
        return found.error();
    Result<ResolvedArtifact> loaded = Error(
        ErrorKind::NotFound, found->latestNumber > 0
                                 ? QStringLiteral("%1 has no revision %2; the newest is %3.")
                                       .arg(describe(found->kind, found->name))
                                       .arg(number)
                                       .arg(found->latestNumber)
                                 : QStringLiteral("%1 has no revision %2; it was never committed.")
                                       .arg(describe(found->kind, found->name))
                                       .arg(number));
    const auto read = eachRow(
        m_store->reader(),
        QByteArrayLiteral("SELECT id, hash, body FROM revisions WHERE artifact=? AND number=?"),
        [&](Statement &row) {
            auto body = payloadObject(row, 2);
            if (!body) {
                loaded = body.error();
                return;
            }
            ResolvedArtifact resolved;
            resolved.id = id;
            resolved.kind = found->kind;
            resolved.name = found->name;
            resolved.revision = RevisionId{row.int64(0)};
            resolved.number = number;
            resolved.hash = row.bytes(1);
            resolved.body = std::move(*body);
            loaded = std::move(resolved);
        },
        id, number);
    if (!read)
        return read.error();
    return loaded;
}

Result<ResolvedArtifact> ArtifactRepository::resolveDraft(const ArtifactInfo &of) const
{
    auto current = draft(of.id);
    if (!current)
        return current.error();
    ResolvedArtifact resolved;
    resolved.id = of.id;
    resolved.kind = of.kind;
    resolved.name = of.name;
    resolved.hash = json::hash(current->body);
    resolved.body = std::move(current->body);
    return resolved;
}

Result<ResolvedArtifact> ArtifactRepository::resolve(ArtifactKind kind,
                                                     const QString &reference) const
{
    const auto parsed = ArtifactRef::parse(reference);
    if (!parsed)
        return parsed.error();
    const auto id = find(kind, parsed->name);
    if (!id)
        return noSuch(kind, parsed->name);
    const auto found = info(*id);
    if (!found)
        return found.error();
    if (found->inBin)
        return Error(ErrorKind::NotFound, QStringLiteral("%1 is in the bin; take it out to use it.")
                                              .arg(describe(kind, found->name)));
    if (parsed->number > 0)
        return load(*id, parsed->number);
    if (parsed->label == QLatin1String("draft")) {
        if (found->hasDraft || found->latestNumber == 0)
            return resolveDraft(*found);
        return load(*id, found->latestNumber);
    }
    if (parsed->label.isEmpty() || parsed->label == QLatin1String("latest"))
        return found->latestNumber > 0 ? load(*id, found->latestNumber) : resolveDraft(*found);
    QStringList labels;
    for (const auto &[label, number] : found->labels) {
        if (label == parsed->label)
            return load(*id, number);
        labels.append(label);
    }
    return Error(
        ErrorKind::NotFound,
        QStringLiteral("%1 has no label %2. %3")
            .arg(describe(kind, found->name), parsed->label.left(60),
                 labels.isEmpty()
                     ? QStringLiteral("It has no labels yet.")
                     : QStringLiteral("It has: %1.").arg(closeNames(parsed->label, labels))));
}

Result<ResolvedArtifact> ArtifactRepository::revision(ArtifactId id, int number) const
{
    return load(id, number);
}

std::vector<RevisionInfo> ArtifactRepository::revisions(ArtifactId id) const
{
    auto read = readRevisions(m_store->reader(), id);
    if (!read) {
        qWarning("Reading the revisions failed: %s", qPrintable(read.error().message));
        return {};
    }
    return std::move(*read);
}

std::vector<ArtifactId> ArtifactRepository::searchPrompts(const QString &words, int limit) const
{
    std::vector<ArtifactId> ids;
    const QString expression = searchExpression(words);
    if (expression.isEmpty())
        return ids;
    const auto read = eachRow(
        m_store->reader(),
        QByteArrayLiteral(
            "SELECT r.artifact FROM prompt_search s JOIN revisions r ON r.id=s.rowid"
            " JOIN artifacts a ON a.id=r.artifact WHERE prompt_search MATCH ? AND a.in_bin=0"
            " GROUP BY r.artifact ORDER BY max(r.id) DESC LIMIT ?"),
        [&](Statement &row) { ids.push_back(ArtifactId{row.int64(0)}); }, Text(expression),
        std::clamp(limit, 1, 1000));
    if (!read)
        qWarning("Searching prompts failed: %s", qPrintable(read.error().message));
    return ids;
}

Result<void> ArtifactRepository::checkNew(ArtifactKind kind, const QString &name,
                                          ArtifactId except) const
{
    if (auto writable = checkWritable(); !writable)
        return writable;
    if (auto fits = checkArtifactName(name); !fits)
        return fits;
    const auto other = find(kind, name);
    if (!other || *other == except)
        return {};
    const bool inBin = info(*other) ? info(*other)->inBin : false;
    return Error(
        ErrorKind::InvalidInput,
        QStringLiteral("There already is %1 named \"%2\"%3; choose another name.")
            .arg(withArticle(kind), name, inBin ? QStringLiteral(" in the bin") : QString()));
}

Task<Result<ArtifactId>> ArtifactRepository::create(ArtifactKind kind, QString name,
                                                    QJsonObject body)
{
    const auto store = m_store;
    const QPointer<ArtifactRepository> self(this);
    name = name.normalized(QString::NormalizationForm_C);
    if (auto fits = checkNew(kind, name, ArtifactId()); !fits)
        co_return fits.error();
    const auto id = std::make_shared<ArtifactId>();
    const qint64 timeUs = m_clock->nowUs();
    SqliteStore::Work work = [id, kind, name, body, timeUs](Database &db) -> Result<void> {
        // Another program may have taken the name since.
        const auto taken =
            queryInt(db, QByteArrayLiteral("SELECT id FROM artifacts WHERE kind=? AND name=?"),
                     Text(artifactKindName(kind)), Text(name));
        if (!taken)
            return taken.error();
        if (*taken)
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("There already is %1 named \"%2\"; choose another name.")
                             .arg(withArticle(kind), name));
        const auto made = insertArtifact(db, kind, name, timeUs);
        if (!made)
            return made.error();
        *id = *made;
        StoredDraft first;
        first.draft.artifact = *made;
        first.draft.body = body;
        first.hash = json::hash(body);
        return putDraft(db, first, timeUs);
    };
    const auto written = co_await store->write(std::move(work));
    if (!written)
        co_return written.error();
    if (self)
        Q_EMIT self->added(*id);
    co_return *id;
}

Task<Result<void>> ArtifactRepository::rename(ArtifactId id, QString name)
{
    const auto store = m_store;
    const QPointer<ArtifactRepository> self(this);
    const auto before = info(id);
    if (!before)
        co_return before.error();
    name = name.normalized(QString::NormalizationForm_C);
    const ArtifactKind kind = before->kind;
    if (auto fits = checkNew(kind, name, id); !fits)
        co_return fits;
    const qint64 timeUs = m_clock->nowUs();
    SqliteStore::Work work = [id, kind, name, timeUs](Database &db) -> Result<void> {
        const auto taken =
            queryInt(db, QByteArrayLiteral("SELECT id FROM artifacts WHERE kind=? AND name=?"),
                     Text(artifactKindName(kind)), Text(name));
        if (!taken)
            return taken.error();
        if (*taken && *taken != id.value)
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("There already is %1 named \"%2\"; choose another name.")
                             .arg(withArticle(kind), name));
        return execute(db,
                       QByteArrayLiteral("UPDATE artifacts SET name=?, changed_us=? WHERE id=?"),
                       Text(name), timeUs, id);
    };
    const auto written = co_await store->write(std::move(work));
    if (written && self)
        Q_EMIT self->changed(id);
    co_return written;
}

Task<Result<void>> ArtifactRepository::moveToBin(ArtifactId id, bool inBin)
{
    const auto store = m_store;
    const QPointer<ArtifactRepository> self(this);
    if (const auto before = info(id); !before)
        co_return before.error();
    const qint64 timeUs = m_clock->nowUs();
    SqliteStore::Work work = [id, inBin, timeUs](Database &db) {
        return execute(db,
                       QByteArrayLiteral("UPDATE artifacts SET in_bin=?, changed_us=? WHERE id=?"),
                       inBin, timeUs, id);
    };
    const auto written = co_await store->write(std::move(work));
    if (written && self)
        Q_EMIT self->changed(id);
    co_return written;
}

Result<Draft> ArtifactRepository::draft(ArtifactId id) const
{
    const auto found = info(id);
    if (!found)
        return found.error();
    auto stored = m_drafts->current(id);
    if (!stored)
        return stored.error();
    if (*stored) {
        Draft draft = std::move((*stored)->draft);
        draft.differs = found->hasDraft;
        return draft;
    }
    auto newest = load(id, found->latestNumber);
    if (!newest)
        return newest.error();
    Draft draft;
    draft.artifact = id;
    draft.body = std::move(newest->body);
    draft.baseNumber = found->latestNumber;
    return draft;
}

Task<Result<void>> ArtifactRepository::saveDraft(ArtifactId id, QJsonObject body,
                                                 EditHistory history)
{
    if (auto writable = checkWritable(); !writable)
        co_return writable;
    const auto found = info(id);
    if (!found)
        co_return found.error();
    const auto drafts = m_drafts;
    auto saved =
        co_await drafts->save(id, std::move(body), std::move(history), found->latestNumber);
    co_return saved;
}

Task<Result<RevisionInfo>> ArtifactRepository::commit(ArtifactId id, QString note)
{
    const auto store = m_store;
    const QPointer<ArtifactRepository> self(this);
    if (auto writable = checkWritable(); !writable)
        co_return writable.error();
    const auto found = info(id);
    if (!found)
        co_return found.error();
    auto current = draft(id);
    if (!current)
        co_return current.error();
    StoredDraft stored;
    stored.hash = json::hash(current->body);
    stored.draft = std::move(*current);
    const auto made = std::make_shared<RevisionInfo>();
    const ArtifactKind kind = found->kind;
    const qint64 timeUs = m_clock->nowUs();
    SqliteStore::Work work = [made, kind, stored, note, timeUs](Database &db) -> Result<void> {
        const auto number = insertRevision(db, kind, stored, note, timeUs);
        if (!number)
            return number.error();
        const auto all = readRevisions(db, stored.draft.artifact);
        if (!all)
            return all.error();
        for (const RevisionInfo &info : *all) {
            if (info.number == *number)
                *made = info;
        }
        return {};
    };
    const auto written = co_await store->write(std::move(work));
    if (!written)
        co_return written.error();
    if (self)
        Q_EMIT self->changed(id);
    if (self)
        Q_EMIT self->draftChanged(id);
    co_return *made;
}

Task<Result<void>> ArtifactRepository::restore(ArtifactId id, int number)
{
    const auto former = load(id, number);
    if (!former)
        co_return former.error();
    auto current = draft(id);
    if (!current)
        co_return current.error();
    Edit edit;
    edit.before = current->body;
    edit.after = former->body;
    edit.what = QStringLiteral("Restore revision %1").arg(number);
    edit.timeUs = m_clock->nowUs();
    current->history.push(std::move(edit));
    auto saved = co_await saveDraft(id, former->body, std::move(current->history));
    co_return saved;
}

Task<Result<void>> ArtifactRepository::discardDraft(ArtifactId id)
{
    if (auto writable = checkWritable(); !writable)
        co_return writable;
    const auto found = info(id);
    if (!found)
        co_return found.error();
    if (found->latestNumber == 0)
        co_return Error(ErrorKind::InvalidInput,
                        QStringLiteral("%1 was never committed, so there is no revision to go back "
                                       "to; move it to the bin instead.")
                            .arg(describe(found->kind, found->name)));
    const auto drafts = m_drafts;
    auto discarded = co_await drafts->discard(id);
    co_return discarded;
}

Task<Result<void>> ArtifactRepository::setLabel(ArtifactId id, QString label, int number)
{
    const auto store = m_store;
    const QPointer<ArtifactRepository> self(this);
    if (auto fits = checkLabel(label); !fits)
        co_return fits;
    const auto found = info(id);
    if (!found)
        co_return found.error();
    const auto has = [&](const std::pair<QString, int> &known) { return known.first == label; };
    const bool known = std::any_of(found->labels.begin(), found->labels.end(), has);
    if (number > 0) {
        if (const auto target = load(id, number); !target)
            co_return target.error();
    } else if (!known) {
        co_return Error(
            ErrorKind::NotFound,
            QStringLiteral("%1 has no label %2.").arg(describe(found->kind, found->name), label));
    }
    const qint64 timeUs = m_clock->nowUs();
    SqliteStore::Work work = [id, label, number, timeUs](Database &db) {
        return moveLabel(db, id, label, number, timeUs);
    };
    const auto written = co_await store->write(std::move(work));
    if (written && self)
        Q_EMIT self->changed(id);
    co_return written;
}

} // namespace lathe
