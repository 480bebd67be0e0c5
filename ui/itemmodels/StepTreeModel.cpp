// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/StepTreeModel.h"

#include "ui/itemmodels/Format.h"

#include <algorithm>

namespace lathe {

StepTreeModel::StepTreeModel(QObject *parent) : QAbstractItemModel(parent) {}

void StepTreeModel::setTrace(Trace trace)
{
    beginResetModel();
    m_trace = std::move(trace);
    m_outline = false;
    m_index.clear();
    m_rows.clear();
    m_roots = m_trace.roots();
    m_filtered = false;
    m_firstUs = 0;
    m_lastUs = 0;
    const auto &steps = m_trace.steps();
    m_rows.reserve(steps.size());
    for (const Step &step : steps) {
        m_rows.push_back(traceRow(step));
        m_rows.back().children = step.children;
        widen(m_rows.back());
    }
    const auto place = [this](const std::vector<int> &siblings, int parent) {
        for (size_t i = 0; i < siblings.size(); ++i) {
            m_rows[size_t(siblings[i])].parent = parent;
            m_rows[size_t(siblings[i])].row = int(i);
        }
    };
    place(m_roots, -1);
    for (size_t i = 0; i < m_rows.size(); ++i) // a parent's index is smaller than its children's
        place(m_rows[i].children, int(i));
    for (TraceRow &row : m_rows)
        row.depth = row.parent < 0 ? 0 : m_rows[size_t(row.parent)].depth + 1;
    endResetModel();
    Q_EMIT timesChanged();
}

void StepTreeModel::startOutline(RunId run, RunStatus status, qint64 startUs, qint64 endUs)
{
    beginResetModel();
    m_trace = Trace();
    RunEvent begin;
    begin.kind = RunEventKind::RunStarted;
    begin.run = run;
    begin.timeUs = startUs;
    m_trace.apply(begin);
    m_outline = true;
    m_outlineStatus = status;
    m_outlineStartUs = startUs;
    m_outlineEndUs = endUs;
    m_rows.clear();
    m_roots.clear();
    m_index.clear();
    m_filtered = false;
    m_firstUs = 0;
    m_lastUs = 0;
    endResetModel();
}

void StepTreeModel::append(Chunk chunk)
{
    const size_t first = m_rows.size();
    m_rows.reserve(first + chunk.rows.size());
    m_index.reserve(qsizetype(first + chunk.rows.size()));
    for (size_t i = 0; i < chunk.rows.size(); ++i) {
        TraceRow &row = chunk.rows[i];
        if (m_index.contains(row.path))
            continue;
        row.parent = m_index.value(chunk.parents.value(qsizetype(i)), -1);
        m_index.insert(row.path, int(m_rows.size()));
        m_rows.push_back(std::move(row));
    }
    link(first);
    Q_EMIT timesChanged();
}

// New rows are tied to each other first, unseen; then every row that was there before gets all its new children at once.
void StepTreeModel::link(size_t first)
{
    std::vector<int> changed; // parents known before, -1: top
    std::vector<std::vector<int>> fresh;
    QHash<int, int> slot;
    for (size_t i = first; i < m_rows.size(); ++i) {
        TraceRow &row = m_rows[i];
        widen(row);
        row.depth = row.parent < 0 ? 0 : m_rows[size_t(row.parent)].depth + 1;
        if (row.parent >= int(first)) {
            auto &siblings = m_rows[size_t(row.parent)].children;
            row.row = int(siblings.size());
            siblings.push_back(int(i));
            continue;
        }
        auto at = slot.constFind(row.parent);
        if (at == slot.constEnd()) {
            at = slot.insert(row.parent, int(fresh.size()));
            changed.push_back(row.parent);
            fresh.emplace_back();
        }
        fresh[size_t(*at)].push_back(int(i));
    }
    if (m_filtered) {
        m_shownChildren.resize(m_rows.size());
        m_shownRow.resize(m_rows.size(), -1);
    }
    for (size_t k = 0; k < changed.size(); ++k) {
        const int parent = changed[k];
        std::vector<int> &siblings = parent < 0 ? m_roots : m_rows[size_t(parent)].children;
        const int from = int(siblings.size());
        if (!m_filtered)
            beginInsertRows(indexOfRow(parent), from, from + int(fresh[k].size()) - 1);
        for (const int row : fresh[k]) {
            m_rows[size_t(row)].row = int(siblings.size());
            siblings.push_back(row);
        }
        if (!m_filtered)
            endInsertRows();
    }
}

void StepTreeModel::refreshRow(int row)
{
    TraceRow &old = m_rows[size_t(row)];
    TraceRow now = traceRow(m_trace.steps()[size_t(row)]);
    now.parent = old.parent;
    now.row = old.row;
    now.depth = old.depth;
    now.children = std::move(old.children);
    widen(now);
    old = std::move(now);
}

void StepTreeModel::apply(const std::vector<RunEvent> &events)
{
    if (m_outline)
        return; // whoever goes on with a run that is shown in outline hands over its trace first
    // What streams changes the summary only, and that only by its first characters: rows are painted anew as seldom as can be.
    enum Change { Nothing, Summary, Row };
    QHash<int, Change> touched;
    const size_t known = m_rows.size();
    for (const RunEvent &event : events) {
        const int before = event.step.isEmpty() ? -1 : m_trace.indexOf(event.step);
        const StepStatus status = before < 0 ? StepStatus::Running : m_trace.steps()[size_t(before)].status;
        const int step = m_trace.apply(event);
        if (step >= 0) {
            Change change = Row;
            if (event.kind == RunEventKind::StepDelta) {
                const Step &of = m_trace.steps()[size_t(step)];
                const bool seen = event.channel == DeltaChannel::Text || event.channel == DeltaChannel::ToolOutput;
                change = seen && of.text.size() - event.text.size() < TraceSummaryLength * 4 ? Summary : Nothing;
                if (of.status != status)
                    change = Row; // it had waited
            }
            touched[step] = std::max(touched.value(step, Nothing), change);
        }
        if (event.kind == RunEventKind::RunEnded) { // closed what still ran
            for (int i = 0; i < int(m_rows.size()); ++i) {
                if (!m_rows[size_t(i)].isOver())
                    touched[i] = Row;
            }
        }
    }
    const auto &steps = m_trace.steps();
    bool times = false;
    for (auto it = touched.begin(); it != touched.end(); ++it) {
        if (size_t(it.key()) >= known)
            continue;
        if (it.value() == Row)
            refreshRow(it.key());
        else if (it.value() == Summary)
            updateSummary(&m_rows[size_t(it.key())], steps[size_t(it.key())]);
        times = times || it.value() == Row;
    }
    if (steps.size() > known) {
        m_rows.reserve(steps.size());
        for (size_t i = known; i < steps.size(); ++i) {
            m_rows.push_back(traceRow(steps[i]));
            // The trace makes parents before their children; too deep ones have none.
            m_rows.back().parent = steps[i].parent.isEmpty() ? -1 : m_trace.indexOf(steps[i].parent);
        }
        link(known);
        times = true;
    }
    for (auto it = touched.begin(); it != touched.end(); ++it) {
        if (it.value() != Nothing && size_t(it.key()) < known) {
            const int last = it.value() == Row ? ColumnCount - 1 : int(Name);
            const QModelIndex from = indexOfRow(it.key());
            if (from.isValid())
                Q_EMIT dataChanged(from, indexOfRow(it.key(), last));
        }
        Q_EMIT stepTouched(steps[size_t(it.key())].path);
    }
    if (times)
        Q_EMIT timesChanged();
}

void StepTreeModel::setFilter(const std::vector<int> &kept)
{
    beginResetModel();
    m_filtered = true;
    std::vector<char> shown(m_rows.size(), 0);
    for (const int row : kept) {
        for (int at = row; at >= 0 && !shown[size_t(at)]; at = m_rows[size_t(at)].parent)
            shown[size_t(at)] = 1;
    }
    m_shownChildren.assign(m_rows.size(), {});
    m_shownRow.assign(m_rows.size(), -1);
    m_shownRoots.clear();
    const auto keep = [&](const std::vector<int> &from, std::vector<int> *to) {
        for (const int row : from) {
            if (!shown[size_t(row)])
                continue;
            m_shownRow[size_t(row)] = int(to->size());
            to->push_back(row);
        }
    };
    keep(m_roots, &m_shownRoots);
    for (size_t i = 0; i < m_rows.size(); ++i) {
        if (shown[i])
            keep(m_rows[i].children, &m_shownChildren[i]);
    }
    endResetModel();
}

void StepTreeModel::clearFilter()
{
    if (!m_filtered)
        return;
    beginResetModel();
    m_filtered = false;
    m_shownChildren = {};
    m_shownRow = {};
    m_shownRoots = {};
    endResetModel();
}

bool StepTreeModel::isShown(int row) const
{
    return row >= 0 && row < int(m_rows.size()) && (!m_filtered || m_shownRow[size_t(row)] >= 0);
}

const std::vector<int> &StepTreeModel::childrenOf(int row) const
{
    if (m_filtered)
        return row < 0 ? m_shownRoots : m_shownChildren[size_t(row)];
    return row < 0 ? m_roots : m_rows[size_t(row)].children;
}

int StepTreeModel::shownRow(int row) const
{
    return m_filtered ? m_shownRow[size_t(row)] : m_rows[size_t(row)].row;
}

int StepTreeModel::rowIndex(const QString &path) const
{
    return m_outline ? m_index.value(path, -1) : m_trace.indexOf(path);
}

const TraceRow *StepTreeModel::row(const QModelIndex &index) const
{
    return index.isValid() ? &m_rows[index.internalId()] : nullptr;
}

const Step *StepTreeModel::step(const QModelIndex &index) const
{
    return index.isValid() && !m_outline ? &m_trace.steps()[index.internalId()] : nullptr;
}

QModelIndex StepTreeModel::indexOfRow(int row, int column) const
{
    return isShown(row) ? createIndex(shownRow(row), column, quintptr(row)) : QModelIndex();
}

QModelIndex StepTreeModel::indexOf(const QString &path, int column) const
{
    return indexOfRow(rowIndex(path), column);
}

Usage StepTreeModel::usage() const
{
    if (!m_outline)
        return m_trace.usage();
    Usage sum;
    for (const TraceRow &row : m_rows) {
        if (row.kind != StepKind::Model)
            continue;
        sum.inputTokens += row.tokens;
        sum.costKnown = sum.costKnown && row.costUsd >= 0;
        sum.costUsd += std::max(0.0, row.costUsd);
    }
    return sum;
}

void StepTreeModel::widen(const TraceRow &row)
{
    m_firstUs = m_firstUs == 0 ? row.startUs : std::min(m_firstUs, row.startUs);
    m_lastUs = std::max({m_lastUs, row.startUs, row.endUs});
}

// The steps lie before or after the run altogether.
bool StepTreeModel::timesApart() const
{
    if (m_firstUs == 0)
        return false;
    const qint64 start = m_outline ? m_outlineStartUs : m_trace.startUs();
    const qint64 end = m_outline ? m_outlineEndUs : m_trace.endUs();
    return (end > 0 && m_firstUs > end) || (start > 0 && m_lastUs < start);
}

qint64 StepTreeModel::startUs() const
{
    const qint64 start = m_outline && m_outlineStartUs > 0 ? m_outlineStartUs : m_trace.startUs();
    if (m_firstUs > 0 && (start == 0 || timesApart()))
        return m_firstUs;
    return m_firstUs > 0 ? std::min(start, m_firstUs) : start;
}

qint64 StepTreeModel::endUs(qint64 nowUs) const
{
    const qint64 ended = m_outline ? m_outlineEndUs : m_trace.endUs();
    const qint64 least = startUs() + 1;
    if (timesApart())
        return std::max(least, m_lastUs);
    if (ended > 0)
        return std::max({ended, least, m_lastUs});
    if (status() == RunStatus::Running && nowUs > 0)
        return std::max(nowUs, least);
    return std::max(least, m_lastUs);
}

QModelIndex StepTreeModel::index(int row, int column, const QModelIndex &parent) const
{
    if (row < 0 || column < 0 || column >= ColumnCount || (parent.isValid() && parent.column() != 0))
        return {};
    const std::vector<int> &siblings = childrenOf(parent.isValid() ? int(parent.internalId()) : -1);
    return row < int(siblings.size()) ? createIndex(row, column, quintptr(siblings[size_t(row)])) : QModelIndex();
}

QModelIndex StepTreeModel::parent(const QModelIndex &child) const
{
    return child.isValid() ? indexOfRow(m_rows[child.internalId()].parent) : QModelIndex();
}

int StepTreeModel::rowCount(const QModelIndex &parent) const
{
    if (parent.isValid() && parent.column() != 0)
        return 0;
    return int(childrenOf(parent.isValid() ? int(parent.internalId()) : -1).size());
}

bool StepTreeModel::hasChildren(const QModelIndex &parent) const
{
    return rowCount(parent) > 0;
}

int StepTreeModel::columnCount(const QModelIndex &) const
{
    return ColumnCount;
}

QVariant StepTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole && section >= Duration && section <= Cost)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    static const QStringList titles{tr("Step"), tr("Time"), tr("Tokens"), tr("Cost"), tr("Waterfall")};
    return titles.value(section);
}

QVariant StepTreeModel::data(const QModelIndex &index, int role) const
{
    const TraceRow *of = row(index);
    if (!of)
        return {};
    switch (role) {
    case PathRole:
        return of->path;
    case KindRole:
        return int(of->kind);
    case StatusRole:
        return int(of->status);
    case StartRole:
        return of->startUs;
    case EndRole:
        return of->endUs;
    case NoteCountRole:
        return int(of->marks.size());
    case RowRole:
        return int(index.internalId());
    case SummaryRole:
        return of->summary;
    case Qt::ToolTipRole:
        return of->isFailed() && !of->summary.isEmpty() ? of->summary : of->name;
    case Qt::TextAlignmentRole:
        return index.column() >= Duration && index.column() <= Cost ? QVariant(int(Qt::AlignRight | Qt::AlignVCenter)) : QVariant();
    case Qt::DisplayRole:
        switch (index.column()) {
        case Name:
            return of->name;
        case Duration:
            return of->endUs > 0 ? format::duration(of->endUs - of->startUs) : QString();
        case Tokens:
            return of->tokens > 0 ? format::number(of->tokens) : QString();
        case Cost: {
            if (of->kind != StepKind::Model || of->endUs <= 0)
                return QString();
            if (of->costUsd < 0)
                return QStringLiteral("?");
            if (of->costUsd == 0)
                return of->tokens > 0 ? tr("free") : QString();
            return QStringLiteral("$%1").arg(of->costUsd, 0, 'f', of->costUsd < 0.01 ? 4 : of->costUsd < 1 ? 3 : 2);
        }
        default:
            return {};
        }
    default:
        return {};
    }
}

} // namespace lathe
