// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/StepTreeModel.h"

#include "ui/itemmodels/Format.h"

#include <QHash>

namespace lathe {

namespace {
constexpr int summaryLength = 120;
}

StepTreeModel::StepTreeModel(QObject *parent) : QAbstractItemModel(parent) {}

void StepTreeModel::setTrace(Trace trace)
{
    beginResetModel();
    m_trace = std::move(trace);
    endResetModel();
}

void StepTreeModel::apply(const std::vector<RunEvent> &events)
{
    // What streams changes the summary only, and that only by its first characters: rows are painted anew as seldom as can be.
    enum Change { Nothing, Summary, Row };
    QHash<int, Change> touched;
    for (const RunEvent &event : events) {
        const bool isNew = !event.step.isEmpty() && m_trace.indexOf(event.step) < 0;
        if (!isNew) {
            const int known = event.step.isEmpty() ? -1 : m_trace.indexOf(event.step);
            const StepStatus before = known < 0 ? StepStatus::Running : m_trace.steps()[size_t(known)].status;
            const int step = m_trace.apply(event);
            if (step >= 0) {
                Change change = Row;
                if (event.kind == RunEventKind::StepDelta) {
                    const Step &of = m_trace.steps()[size_t(step)];
                    const bool seen = event.channel == DeltaChannel::Text || event.channel == DeltaChannel::ToolOutput;
                    change = seen && of.text.size() - event.text.size() < summaryLength * 4 ? Summary : Nothing;
                    if (of.status != before)
                        change = Row; // it had waited
                }
                touched[step] = std::max(touched.value(step, Nothing), change);
            }
            if (event.kind == RunEventKind::RunEnded) { // closes what still ran
                for (int i = 0; i < int(m_trace.steps().size()); ++i)
                    touched[i] = Row;
            }
            continue;
        }
        const QString parentPath = parentStep(event.step);
        const int parentStepIndex = m_trace.indexOf(parentPath);
        constexpr int deepest = 250; // Trace makes roots of deeper, damaged paths
        if ((!parentPath.isEmpty() && parentStepIndex < 0) || event.step.count(QLatin1Char('.')) >= deepest) {
            // The parents are unknown too: rows would appear at several places at once.
            beginResetModel();
            m_trace.apply(event);
            endResetModel();
            continue;
        }
        const QModelIndex parentIndex = parentPath.isEmpty() ? QModelIndex() : createIndex(rowOf(parentStepIndex), 0, quintptr(parentStepIndex));
        const int row = rowCount(parentIndex);
        beginInsertRows(parentIndex, row, row);
        m_trace.apply(event);
        endInsertRows();
    }
    for (auto it = touched.begin(); it != touched.end(); ++it) {
        const int step = it.key();
        if (it.value() != Nothing) {
            const int row = rowOf(step);
            const int last = it.value() == Row ? ColumnCount - 1 : int(Name);
            Q_EMIT dataChanged(createIndex(row, 0, quintptr(step)), createIndex(row, last, quintptr(step)));
        }
        Q_EMIT stepTouched(m_trace.steps()[size_t(step)].path);
    }
}

int StepTreeModel::rowOf(int step) const
{
    const Step &of = m_trace.steps()[size_t(step)];
    const int parentIndex = m_trace.indexOf(of.parent);
    const std::vector<int> &siblings = parentIndex < 0 ? m_trace.roots() : m_trace.steps()[size_t(parentIndex)].children;
    const auto at = std::find(siblings.rbegin(), siblings.rend(), step); // live steps are near the end
    return int(siblings.rend() - at) - 1;
}

const Step *StepTreeModel::step(const QModelIndex &index) const
{
    return index.isValid() ? &m_trace.steps()[index.internalId()] : nullptr;
}

QModelIndex StepTreeModel::indexOf(const QString &path, int column) const
{
    const int step = m_trace.indexOf(path);
    return step < 0 ? QModelIndex() : createIndex(rowOf(step), column, quintptr(step));
}

qint64 StepTreeModel::startUs() const
{
    qint64 start = m_trace.startUs();
    if (start == 0 && !m_trace.steps().empty())
        start = m_trace.steps().front().startUs;
    return start;
}

qint64 StepTreeModel::endUs(qint64 nowUs) const
{
    if (m_trace.endUs() > 0)
        return m_trace.endUs();
    if (m_trace.status() == RunStatus::Running && nowUs > 0)
        return nowUs;
    qint64 end = startUs() + 1;
    for (const Step &step : m_trace.steps())
        end = std::max({end, step.endUs, step.startUs});
    return end;
}

QModelIndex StepTreeModel::index(int row, int column, const QModelIndex &parent) const
{
    if (row < 0 || column < 0 || column >= ColumnCount || (parent.isValid() && parent.column() != 0))
        return {};
    const std::vector<int> &siblings = parent.isValid() ? m_trace.steps()[parent.internalId()].children : m_trace.roots();
    return row < int(siblings.size()) ? createIndex(row, column, quintptr(siblings[size_t(row)])) : QModelIndex();
}

QModelIndex StepTreeModel::parent(const QModelIndex &child) const
{
    if (!child.isValid())
        return {};
    const int parentIndex = m_trace.indexOf(m_trace.steps()[child.internalId()].parent);
    return parentIndex < 0 ? QModelIndex() : createIndex(rowOf(parentIndex), 0, quintptr(parentIndex));
}

int StepTreeModel::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid())
        return int(m_trace.roots().size());
    return parent.column() == 0 ? int(m_trace.steps()[parent.internalId()].children.size()) : 0;
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
    const Step *of = step(index);
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
        return int(of->notes.size());
    case SummaryRole:
        return of->error ? format::oneLine(of->error->message, summaryLength) : format::oneLine(of->text, summaryLength);
    case Qt::ToolTipRole:
        return of->error ? of->error->message : of->name;
    case Qt::TextAlignmentRole:
        return index.column() >= Duration && index.column() <= Cost ? QVariant(int(Qt::AlignRight | Qt::AlignVCenter)) : QVariant();
    case Qt::DisplayRole:
        switch (index.column()) {
        case Name:
            return of->name;
        case Duration:
            return of->endUs > 0 ? format::duration(of->endUs - of->startUs) : QString();
        case Tokens: {
            const qint64 tokens = of->usage().totalTokens();
            return tokens > 0 ? format::number(tokens) : QString();
        }
        case Cost:
            return of->kind == StepKind::Model && of->endUs > 0 ? format::cost(of->usage()) : QString();
        default:
            return {};
        }
    default:
        return {};
    }
}

} // namespace lathe
