// SPDX-License-Identifier: GPL-3.0-or-later
// How the rows of the run log change.
#include "ui/itemmodels/RunListModel.h"

#include "ui/itemmodels/RunIds.h"
#include "ui/itemmodels/UiTask.h"

namespace lathe {

using namespace runids;

namespace {
constexpr int mostAtOnce = 1000; // changed runs that one query looks at
constexpr int mostRanges = 200;  // more, and the rows between the first and the last change are replaced
}

void RunListModel::touch(RunId run)
{
    m_touched.insert(run.value);
    if (!m_touch.isActive())
        m_touch.start();
}

void RunListModel::update()
{
    if (m_updating || m_loading || !m_complete || m_touched.isEmpty())
        return; // whoever is under way asks again
    Ids asked;
    for (auto it = m_touched.begin(); it != m_touched.end() && asked.size() < size_t(mostAtOnce); it = m_touched.erase(it))
        asked.push_back(RunId{*it});
    RunQuery query = queryOf(m_shown);
    query.among = asked;
    query.limit = mostAtOnce;
    m_updating = true;
    runTask(
        this, m_session->project().runs().page(query, m_cancel.token()),
        [this, asked, generation = m_generation](const RunPage &page) {
            if (generation != m_generation)
                return; // the load since then sees them
            m_updating = false;
            takeUpdate(asked, page.runs);
            if (!m_touched.isEmpty())
                m_touch.start();
        },
        [this, generation = m_generation](const Error &error) {
            if (generation != m_generation)
                return;
            m_updating = false;
            Q_EMIT problem(error.message);
        });
}

void RunListModel::takeUpdate(const std::vector<RunId> &asked, const std::vector<RunInfo> &found)
{
    keep(found);
    const Ids all = sorted(asked);
    const Ids fits = sorted(idsOf(found));
    Ids present; // sorted below
    for (size_t s = 0; s < m_sections.size(); ++s) {
        const Section &section = m_sections[s];
        const int base = firstRow(s) + (grouped() ? 1 : 0);
        for (size_t i = 0; i < section.ids.size(); ++i) {
            if (!holds(all, section.ids[i]))
                continue;
            present.push_back(section.ids[i]);
            if (section.open)
                Q_EMIT dataChanged(index(base + int(i), 0), index(base + int(i), ColumnCount - 1));
        }
    }
    present = sorted(std::move(present));
    begin();
    const Ids gone = chosen(present, fits, false);
    const qsizetype waited = m_waiting.size();
    for (const RunId run : all)
        m_waiting.remove(run.value);
    if (grouped()) {
        if (!gone.empty()) {
            for (size_t s = 0; s < m_sections.size(); ++s)
                setIds(s, chosen(m_sections[s].ids, gone, false));
        }
        if (!m_regroup.isActive()) // or a steady stream would put it off for ever
            m_regroup.start();
    } else {
        Ids ids = gone.empty() ? m_sections.front().ids : chosen(m_sections.front().ids, gone, false);
        for (const RunInfo &info : found) {
            if (!holds(present, info.id) && !place(info, &ids))
                m_waiting.insert(info.id.value);
        }
        setIds(0, std::move(ids));
    }
    end();
    if (m_waiting.size() != waited)
        Q_EMIT waitingChanged();
    Q_EMIT loaded();
}

bool RunListModel::place(const RunInfo &info, std::vector<RunId> *ids) const
{
    if (m_shown.sort == RunSort::Started) {
        const bool up = m_shown.ascending;
        ids->insert(std::lower_bound(ids->begin(), ids->end(), info.id, [up](RunId a, RunId b) { return up ? a < b : b < a; }), info.id);
        return true;
    }
    // Where runs that are loaded say so; rows keep their places while they change, so that this is where it will be found.
    size_t low = 0;
    size_t high = ids->size();
    while (low < high) {
        const size_t middle = (low + high) / 2;
        const RunInfo *other = m_infos.object((*ids)[middle].value);
        if (!other)
            return false;
        if (runSortsBefore(*other, info, m_shown.sort, m_shown.ascending))
            low = middle + 1;
        else
            high = middle;
    }
    ids->insert(ids->begin() + qsizetype(low), info.id);
    return true;
}

void RunListModel::drop(const std::vector<RunId> &runs)
{
    const Ids gone = sorted(runs);
    begin();
    for (size_t s = 0; s < m_sections.size(); ++s)
        setIds(s, chosen(m_sections[s].ids, gone, false));
    end();
    Q_EMIT loaded();
}

void RunListModel::setIds(size_t s, std::vector<RunId> now)
{
    Ids &ids = m_sections[s].ids;
    if (!m_sections[s].open) {
        ids = std::move(now);
        return;
    }
    const int base = firstRow(s) + (grouped() ? 1 : 0);
    size_t head = 0;
    while (head < ids.size() && head < now.size() && ids[head] == now[head])
        ++head;
    size_t tail = 0;
    while (tail < ids.size() - head && tail < now.size() - head && ids[ids.size() - 1 - tail] == now[now.size() - 1 - tail])
        ++tail;
    const auto remove = [&](size_t from, size_t to) {
        beginRemoveRows({}, base + int(from), base + int(to) - 1);
        ids.erase(ids.begin() + qsizetype(from), ids.begin() + qsizetype(to));
        restart();
        endRemoveRows();
    };
    const auto insert = [&](size_t from, size_t to) { // of `now`, which is right up to `from`
        beginInsertRows({}, base + int(from), base + int(to) - 1);
        ids.insert(ids.begin() + qsizetype(from), now.begin() + qsizetype(from), now.begin() + qsizetype(to));
        restart();
        endInsertRows();
    };
    const Ids before(ids.begin() + qsizetype(head), ids.end() - qsizetype(tail));
    const Ids after(now.begin() + qsizetype(head), now.end() - qsizetype(tail));
    const Ids beforeSet = sorted(before);
    const Ids afterSet = sorted(after);
    const auto ranges = [](const Ids &list, const Ids &other) {
        int count = 0;
        bool in = false;
        for (const RunId id : list) {
            const bool differs = !holds(other, id);
            count += differs && !in;
            in = differs;
        }
        return count;
    };
    const bool stays = chosen(before, afterSet, true) == chosen(after, beforeSet, true) && ranges(before, afterSet) <= mostRanges
                       && ranges(after, beforeSet) <= mostRanges;
    if (!stays) {
        if (!before.empty())
            remove(head, head + before.size());
        if (!after.empty())
            insert(head, head + after.size());
        return;
    }
    for (size_t i = before.size(); i > 0;) { // from the end, so that the places above stay right
        if (holds(afterSet, before[i - 1])) {
            --i;
            continue;
        }
        const size_t to = i;
        while (i > 0 && !holds(afterSet, before[i - 1]))
            --i;
        remove(head + i, head + to);
    }
    for (size_t i = 0; i < after.size();) {
        if (holds(beforeSet, after[i])) {
            ++i;
            continue;
        }
        const size_t from = i;
        while (i < after.size() && !holds(beforeSet, after[i]))
            ++i;
        insert(head + from, head + i);
    }
}

} // namespace lathe
