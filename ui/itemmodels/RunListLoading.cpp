// SPDX-License-Identifier: GPL-3.0-or-later
// How the rows of the run log come.
#include "ui/itemmodels/RunListModel.h"

#include "ui/itemmodels/RunIds.h"
#include "ui/itemmodels/UiTask.h"

#include <QElapsedTimer>

#include <algorithm>

namespace lathe {

using namespace runids;

namespace {
constexpr int firstPage = 200;
constexpr int margin = 150;        // rows loaded on either side of what is visible
}

// --- Queries

RunQuery RunListModel::queryOf(const Ask &ask) const
{
    RunQuery query(ask.filter, firstPage);
    query.sort = ask.sort;
    query.ascending = ask.ascending;
    query.bin = ask.bin;
    return query;
}

RunFilter RunListModel::filterOf(const RunGroup &group) const
{
    const RunField field = runGroupField(m_shown.grouping);
    RunFilter own;
    if (group.key.isEmpty()) {
        own.kind = RunFilter::Kind::Not;
        own.parts.push_back(RunFilter::of(field, QStringLiteral("*")));
    } else {
        own = readRunFilter(toggleRunFilterTerm(QString(), field, group.key), m_session->clock().nowUs()).filter;
    }
    return RunFilter::ofAll({m_shown.filter, own});
}

void RunListModel::setFilter(const QString &text)
{
    m_filter = text;
    const RunFilterReading reading = readRunFilter(text, m_session->clock().nowUs());
    Q_EMIT problem(reading.ok() ? QString() : reading.problems.front().message);
    Ask ask = m_ask;
    ask.filter = reading.filter;
    setAsk(ask);
}

void RunListModel::setAsk(const Ask &ask)
{
    Ask wanted = ask;
    if (wanted.bin)
        wanted.grouping = RunGrouping::None;
    if (wanted == m_ask)
        return;
    m_ask = wanted;
    load();
}

void RunListModel::reload()
{
    load();
}

void RunListModel::fail(const Error &error)
{
    m_loading = false;
    m_complete = true; // what there is
    Q_EMIT problem(error.message);
    Q_EMIT loaded();
}

void RunListModel::load()
{
    const quint64 generation = ++m_generation; // before the old ones are told: what they answer no longer counts
    m_cancel.cancel();
    m_cancel = CancelSource();
    m_regroup.stop();
    m_loading = true;
    m_updating = false;
    if (m_ask.grouping != RunGrouping::None)
        return loadGroups(generation);
    runTask(
        this, m_session->project().runs().page(queryOf(m_ask), m_cancel.token()),
        [this, generation](const RunPage &page) {
            if (generation != m_generation)
                return;
            const bool fresh = m_shown != m_ask || !m_waiting.isEmpty() || rowCount() == 0;
            keep(page.runs);
            m_complete = !page.next;
            begin(fresh);
            if (m_shown.grouping != RunGrouping::None && rowCount() > 0) {
                beginRemoveRows({}, 0, rowCount() - 1);
                m_sections.assign(1, Section());
                m_shown = m_ask;
                restart();
                endRemoveRows();
            }
            m_shown = m_ask;
            m_sections.resize(1);
            m_sections.front().open = true;
            restart();
            // Of the same query there are more rows than a page: they wait for the ids of all.
            if (fresh || m_complete)
                setIds(0, idsOf(page.runs));
            end(fresh);
            m_loading = false;
            if (!m_waiting.isEmpty()) {
                m_waiting.clear();
                Q_EMIT waitingChanged();
            }
            Q_EMIT loaded();
            if (m_complete)
                m_touch.start();
            else
                loadIds(generation);
        },
        [this, generation](const Error &error) {
            if (generation == m_generation)
                fail(error);
        });
}

void RunListModel::loadIds(quint64 generation)
{
    runTask(
        this, m_session->project().runs().ids(queryOf(m_ask), m_cancel.token()),
        [this, generation](Ids ids) {
            if (generation != m_generation)
                return;
            m_complete = true;
            begin();
            setIds(0, std::move(ids));
            end();
            Q_EMIT loaded();
            m_touch.start(); // what came meanwhile
        },
        [this, generation](const Error &error) {
            if (generation == m_generation)
                fail(error);
        });
}

// --- Groups

void RunListModel::loadGroups(quint64 generation)
{
    QElapsedTimer took;
    took.start();
    runTask(
        this, m_session->project().runs().groups(m_ask.filter, m_ask.grouping, m_cancel.token()),
        [this, generation, took](std::vector<RunGroup> groups) {
            if (generation != m_generation)
                return;
            // Sums over many runs must not keep the file busy.
            m_regroupMs = std::clamp<qint64>(took.elapsed() * 5, 1000, 30'000);
            m_regroup.setInterval(int(m_regroupMs));
            takeGroups(std::move(groups), m_shown != m_ask);
            m_loading = false;
            m_complete = true;
            if (!m_waiting.isEmpty()) {
                m_waiting.clear();
                Q_EMIT waitingChanged();
            }
            Q_EMIT loaded();
            m_touch.start();
        },
        [this, generation](const Error &error) {
            if (generation == m_generation)
                fail(error);
        });
}

void RunListModel::takeGroups(std::vector<RunGroup> groups, bool fresh)
{
    begin(fresh);
    QStringList open;
    if (fresh) {
        if (m_shown.grouping == m_ask.grouping) {
            for (const Section &section : m_sections) {
                if (section.open)
                    open.append(section.group.key);
            }
        }
        if (rowCount() > 0) {
            beginRemoveRows({}, 0, rowCount() - 1);
            m_sections.clear();
            restart();
            endRemoveRows();
        }
        m_sections.clear();
        m_shown = m_ask;
        restart();
    }
    QHash<QString, RunGroup> now;
    for (const RunGroup &group : groups)
        now.insert(group.key, group);
    for (size_t s = m_sections.size(); s-- > 0;) { // those that are gone, or have new sums
        if (const auto found = now.constFind(m_sections[s].group.key); found != now.constEnd()) {
            m_sections[s].group = *found;
            Q_EMIT dataChanged(index(firstRow(s), 0), index(firstRow(s), ColumnCount - 1));
            continue;
        }
        beginRemoveRows({}, firstRow(s), m_starts[s + 1] - 1);
        m_sections.erase(m_sections.begin() + qsizetype(s));
        restart();
        endRemoveRows();
    }
    // New ones stand behind the group that is above them; those there stay where they are while one looks.
    size_t place = 0;
    for (size_t g = 0; g < groups.size();) {
        const auto known = std::find_if(m_sections.begin(), m_sections.end(),
                                        [&](const Section &section) { return section.group.key == groups[g].key; });
        if (known != m_sections.end()) {
            place = size_t(known - m_sections.begin()) + 1;
            ++g;
            continue;
        }
        std::vector<Section> added;
        for (; g < groups.size(); ++g) {
            if (std::any_of(m_sections.begin(), m_sections.end(), [&](const Section &section) { return section.group.key == groups[g].key; }))
                break;
            Section section;
            section.group = groups[g];
            section.open = open.contains(groups[g].key);
            added.push_back(section);
        }
        const int row = m_starts[place];
        beginInsertRows({}, row, row + int(added.size()) - 1);
        m_sections.insert(m_sections.begin() + qsizetype(place), added.begin(), added.end());
        place += added.size();
        restart();
        endInsertRows();
    }
    end(fresh);
    QStringList keys;
    for (const Section &section : m_sections) {
        if (section.open)
            keys.append(section.group.key);
    }
    for (const QString &key : keys)
        loadSection(key);
}

void RunListModel::loadSection(const QString &key)
{
    const auto named = [this](const QString &wanted) {
        return std::find_if(m_sections.begin(), m_sections.end(), [&](const Section &section) { return section.group.key == wanted; });
    };
    const auto section = named(key);
    if (section == m_sections.end() || !grouped())
        return;
    const quint64 asked = ++section->generation;
    RunQuery query = queryOf(m_shown);
    query.filter = filterOf(section->group);
    runTask(
        this, m_session->project().runs().ids(query, m_cancel.token()),
        [this, named, key, asked, generation = m_generation](Ids ids) {
            const auto found = named(key);
            if (generation != m_generation || found == m_sections.end() || found->generation != asked)
                return;
            found->known = true;
            begin();
            setIds(size_t(found - m_sections.begin()), std::move(ids));
            end();
            Q_EMIT loaded();
        },
        [this, generation = m_generation](const Error &error) {
            if (generation == m_generation)
                Q_EMIT problem(error.message);
        });
}

// --- Rows that are looked at

void RunListModel::look(int first, int last)
{
    m_first = std::max(first, 0);
    m_last = std::min(last, rowCount() - 1);
    const auto missing = [this](int from, int to) {
        Ids ids;
        for (int row = std::max(from, 0); row <= to && row < rowCount(); ++row) {
            const RunId run = runAt(row);
            if (run.isValid() && !m_infos.contains(run.value))
                ids.push_back(run);
        }
        return ids;
    };
    const Ids seen = missing(m_first, m_last);
    if (!m_fetching.empty()) {
        const bool coming = std::all_of(seen.begin(), seen.end(), [this](RunId run) { return holds(m_fetching, run); });
        if (coming)
            return; // also when only the margin is loading
    }
    Ids wanted = missing(m_first - margin, m_last + margin);
    if (!wanted.empty())
        fetch(std::move(wanted));
    if (!m_tick.isActive())
        m_tick.start();
}

void RunListModel::fetch(std::vector<RunId> wanted)
{
    m_fetchCancel.cancel(); // its answer sees that
    m_fetchCancel = CancelSource();
    m_fetching = sorted(wanted);
    const CancelToken token = m_fetchCancel.token();
    runTask(
        this, m_session->project().runs().infos(std::move(wanted), token),
        [this, token](const std::vector<RunInfo> &infos) {
            if (token.isCancelled())
                return;
            const Ids gone = chosen(std::exchange(m_fetching, {}), sorted(idsOf(infos)), false);
            keep(infos);
            if (m_first <= m_last && m_last < rowCount())
                Q_EMIT dataChanged(index(m_first, 0), index(m_last, ColumnCount - 1));
            if (!gone.empty())
                drop(gone);
            look(m_first, m_last);
        },
        [this, token](const Error &error) {
            if (token.isCancelled())
                return;
            m_fetching.clear();
            Q_EMIT problem(error.message);
        });
}

void RunListModel::keep(const std::vector<RunInfo> &infos)
{
    bool running = false;
    for (const RunInfo &info : infos) {
        running = running || info.status == RunStatus::Running;
        m_infos.insert(info.id.value, new RunInfo(info));
    }
    if (running)
        m_tick.start();
    if (!infos.empty())
        askForks(infos);
}

void RunListModel::askForks(const std::vector<RunInfo> &infos)
{
    RunQuery query(RunFilter::of(RunField::Fork, QStringLiteral("*")));
    query.among = idsOf(infos);
    query.bin = infos.front().inBin;
    runTask(
        this, m_session->project().runs().ids(query, CancelToken()),
        [this](const Ids &forks) {
            const auto before = m_forks.size();
            for (const RunId run : forks)
                m_forks.insert(run.value);
            if (m_forks.size() != before && m_first <= m_last && m_last < rowCount())
                Q_EMIT dataChanged(index(m_first, Number), index(m_last, Number));
        },
        [](const Error &) {}); // a mark more or less
}

} // namespace lathe
