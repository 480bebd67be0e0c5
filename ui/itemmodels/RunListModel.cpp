// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/RunListModel.h"

#include "ui/itemmodels/Format.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QMimeData>

#include <algorithm>

namespace lathe {

namespace {
constexpr int mostKept = 6000; // rows in memory; a screen shows 60
constexpr int tickMs = 250;
constexpr int touchMs = 60;

// So that the column stays narrow and no digit is cut: "12 480", "62.4 M".
QString tokenText(qint64 tokens, qint64 longest = 10'000'000)
{
    if (tokens <= 0)
        return QString();
    if (tokens < longest)
        return format::number(tokens);
    return tokens < 10'000'000'000 ? QStringLiteral("%1 M").arg(double(tokens) / 1e6, 0, 'f', 1)
                                   : QStringLiteral("%1 G").arg(double(tokens) / 1e9, 0, 'f', 1);
}

bool isNumber(int column)
{
    return (column >= RunListModel::Duration && column <= RunListModel::Cost) || column == RunListModel::Steps;
}
}

RunListModel::RunListModel(Session *session, QObject *parent)
    : QAbstractTableModel(parent), m_session(session), m_sections(1), m_starts{0, 0}, m_infos(mostKept)
{
    m_sections.front().open = true;
    auto *runs = &session->project().runs();
    connect(runs, &RunRepository::added, this, &RunListModel::touch);
    connect(runs, &RunRepository::changed, this, &RunListModel::touch);
    connect(runs, &RunRepository::marked, this, [this](const std::vector<RunId> &marked) {
        for (const RunId run : marked)
            m_touched.insert(run.value);
        update(); // a person waits to see it
    });
    connect(runs, &RunRepository::removed, this, [this](const std::vector<RunId> &gone) {
        drop(gone);
        if (grouped() && !m_regroup.isActive())
            m_regroup.start();
    });
    connect(session, &Session::runEnded, this, &RunListModel::touch);
    connect(&session->project().ratings(), &RatingRepository::changed, this, &RunListModel::touch);
    m_tick.setInterval(tickMs);
    connect(&m_tick, &QTimer::timeout, this, &RunListModel::tick);
    m_touch.setInterval(touchMs);
    m_touch.setSingleShot(true);
    connect(&m_touch, &QTimer::timeout, this, &RunListModel::update);
    m_regroup.setSingleShot(true);
    m_regroup.setInterval(1000);
    connect(&m_regroup, &QTimer::timeout, this, [this] {
        if (!m_loading)
            loadGroups(m_generation);
    });
    load();
}

RunListModel::~RunListModel()
{
    m_cancel.cancel();
    m_fetchCancel.cancel();
}

// --- Rows

int RunListModel::rowsOf(const Section &section) const
{
    return (grouped() ? 1 : 0) + (section.open ? int(section.ids.size()) : 0);
}

void RunListModel::restart()
{
    m_starts.assign(1, 0);
    for (const Section &section : m_sections)
        m_starts.push_back(m_starts.back() + rowsOf(section));
}

int RunListModel::firstRow(size_t section) const
{
    return m_starts[section];
}

std::pair<size_t, int> RunListModel::at(int row) const
{
    const auto above = std::upper_bound(m_starts.begin(), m_starts.end(), row);
    const size_t section = size_t(above - m_starts.begin()) - 1;
    return {section, row - m_starts[section] - (grouped() ? 1 : 0)};
}

int RunListModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : m_starts.back();
}

int RunListModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

int RunListModel::total() const
{
    int sum = 0;
    for (const Section &section : m_sections)
        sum += grouped() ? section.group.runs : int(section.ids.size());
    return sum;
}

bool RunListModel::isGroup(int row) const
{
    return groupAt(row) != nullptr;
}

bool RunListModel::isOpen(int row) const
{
    return isGroup(row) && m_sections[at(row).first].open;
}

const RunGroup *RunListModel::groupAt(int row) const
{
    if (!grouped() || row < 0 || row >= rowCount())
        return nullptr;
    const auto [section, index] = at(row);
    return index < 0 ? &m_sections[section].group : nullptr;
}

RunId RunListModel::runAt(int row) const
{
    if (row < 0 || row >= rowCount())
        return RunId();
    const auto [section, index] = at(row);
    return index < 0 ? RunId() : m_sections[section].ids[size_t(index)];
}

const RunInfo *RunListModel::infoAt(int row) const
{
    const RunId run = runAt(row);
    return run.isValid() ? m_infos.object(run.value) : nullptr;
}

int RunListModel::rowOf(RunId run) const
{
    for (size_t s = 0; s < m_sections.size(); ++s) {
        const Section &section = m_sections[s];
        if (!section.open)
            continue;
        const auto found = std::find(section.ids.begin(), section.ids.end(), run);
        if (found != section.ids.end())
            return firstRow(s) + (grouped() ? 1 : 0) + int(found - section.ids.begin());
    }
    return -1;
}

void RunListModel::setOpen(int row, bool open)
{
    if (!isGroup(row) || isOpen(row) == open)
        return;
    const size_t s = at(row).first;
    Section &section = m_sections[s];
    if (open && !section.known) {
        section.open = true; // no rows before they are known
        Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
        return loadSection(section.group.key);
    }
    const int count = int(section.ids.size());
    begin();
    if (count > 0 && open)
        beginInsertRows({}, row + 1, row + count);
    else if (count > 0)
        beginRemoveRows({}, row + 1, row + count);
    section.open = open;
    restart();
    if (count > 0 && open)
        endInsertRows();
    else if (count > 0)
        endRemoveRows();
    end();
    Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
    if (open)
        loadSection(section.group.key); // what changed meanwhile
}

void RunListModel::begin(bool fresh)
{
    Q_EMIT aboutToReplace(fresh);
}

void RunListModel::end(bool fresh)
{
    Q_EMIT replaced(fresh);
}

// --- What rows say

std::optional<RunSort> RunListModel::sortOf(int column)
{
    switch (column) {
    case Status:
        return RunSort::Status;
    case Number:
    case Started:
        return RunSort::Started;
    case Agent:
        return RunSort::Agent;
    case Input:
        return RunSort::Input;
    case Output:
        return RunSort::Output;
    case Duration:
        return RunSort::Latency;
    case Tokens:
        return RunSort::Tokens;
    case Cost:
        return RunSort::Cost;
    case Rating:
        return RunSort::Rating;
    case Steps:
        return RunSort::Steps;
    default:
        return std::nullopt;
    }
}

int RunListModel::columnOf(RunSort sort)
{
    if (sort == RunSort::Started)
        return Started;
    for (int column = 0; column < ColumnCount; ++column) {
        if (sortOf(column) == sort)
            return column;
    }
    return Started;
}

RunStatus RunListModel::statusOf(const RunInfo &info) const
{
    if (info.status != RunStatus::Running)
        return info.status;
    const Trace *live = m_session->liveTrace(info.id);
    return live && live->status() == RunStatus::Waiting ? RunStatus::Waiting : info.status;
}

void RunListModel::tick()
{
    bool any = false;
    for (int row = std::max(m_first, 0); row <= m_last && row < rowCount(); ++row) {
        const RunId run = runAt(row);
        RunInfo *info = run.isValid() ? m_infos.object(run.value) : nullptr;
        if (!info || info->status != RunStatus::Running)
            continue;
        any = true;
        if (const Trace *trace = m_session->liveTrace(run))
            info->usage = trace->usage();
        Q_EMIT dataChanged(index(row, Status), index(row, Cost));
    }
    if (!any)
        m_tick.stop();
}

QVariant RunListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole && isNumber(section))
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole)
        return sortOf(section) ? tr("Click sorts; right click chooses the columns") : tr("Right click chooses the columns");
    if (role != Qt::DisplayRole)
        return {};
    static const QStringList titles{tr("Status"), tr("Run"),    tr("Agent"),   tr("Input"), tr("Output"), tr("Time"),   tr("Tokens"),
                                    tr("Cost"),   tr("Rating"), tr("Started"), tr("Steps"), tr("Tags"),   tr("Models"), tr("Source")};
    return titles.value(section);
}

Qt::ItemFlags RunListModel::flags(const QModelIndex &index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    if (isGroup(index.row()))
        return Qt::ItemIsEnabled | Qt::ItemNeverHasChildren;
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled | Qt::ItemNeverHasChildren;
}

QVariant RunListModel::groupData(const RunGroup &group, int column, int role) const
{
    if (role == GroupRole)
        return true;
    if (role == RatingRole)
        return group.rated > 0 ? qRound(group.meanRating) : -1;
    if (role != Qt::DisplayRole)
        return {};
    switch (column) {
    case 0:
        return tr("%1, %2").arg(group.title, format::count(group.runs, tr("run"), tr("runs")));
    case Duration:
        return group.latencyP50Us > 0 ? format::duration(group.latencyP50Us) : QString();
    case Tokens:
        return tokenText(group.usage.totalTokens(), 1'000'000);
    case Cost:
        if (!group.usage.costKnown && group.usage.costUsd > 0) { // some of its runs have no price: at least that much
            Usage known = group.usage;
            known.costKnown = true;
            return format::cost(known) + QLatin1Char('+');
        }
        return format::cost(group.usage);
    case Rating:
        return group.rated > 0 ? QStringLiteral("%1 (%2)").arg(group.meanRating, 0, 'f', 1).arg(format::number(group.rated)) : QString();
    default:
        return {};
    }
}

QVariant RunListModel::runData(const RunInfo &run, int column) const
{
    const qint64 endUs = run.endUs > 0 ? run.endUs : run.status == RunStatus::Running ? m_session->clock().nowUs() : 0;
    switch (column) {
    case Status:
        return format::statusText(statusOf(run));
    case Agent:
        if (!run.source.isEmpty())
            return run.agentName;
        return run.revisionNumber > 0 ? QStringLiteral("%1@%2").arg(run.agentName).arg(run.revisionNumber)
                                      : QStringLiteral("%1@draft").arg(run.agentName);
    case Input:
        return run.input.left(300).simplified();
    case Output:
        return run.error ? run.error->message : run.output.left(300).simplified();
    case Duration:
        return endUs > 0 ? format::duration(endUs - run.startUs) : QString();
    case Tokens:
        return tokenText(run.usage.totalTokens());
    case Cost:
        return format::cost(run.usage);
    case Rating:
        return format::rating(run.rating);
    case Started:
        return format::ago(run.startUs, m_session->clock().nowUs());
    case Steps:
        return run.stepCount > 0 ? format::number(run.stepCount) : QString();
    case Tags:
        return run.tags.join(QStringLiteral(", "));
    case Models:
        return run.models;
    case Source:
        return run.source.isEmpty() ? QStringLiteral("Lathe") : run.source;
    default:
        return {};
    }
}

QString RunListModel::text(const RunInfo &run, int column) const
{
    return column == Number ? QString::number(run.id.value) : runData(run, column).toString();
}

QVariant RunListModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    if (role == Qt::TextAlignmentRole)
        return isNumber(index.column()) ? QVariant(int(Qt::AlignRight | Qt::AlignVCenter)) : QVariant();
    const auto [section, position] = at(index.row());
    if (position < 0)
        return groupData(m_sections[section].group, index.column(), role);
    const RunId id = m_sections[section].ids[size_t(position)];
    if (role == IdRole)
        return QVariant::fromValue(id);
    if (role == GroupRole)
        return false;
    if (role == ForkRole)
        return m_forks.contains(id.value);
    if (role == Qt::DisplayRole && index.column() == Number)
        return QString::number(id.value);
    const RunInfo *run = m_infos.object(id.value);
    switch (role) {
    case LoadedRole:
        return run != nullptr;
    case StatusRole:
        return run ? QVariant(int(statusOf(*run))) : QVariant();
    case RatingRole:
        return run ? run->rating : -1;
    case TagsRole:
        return run ? run->tags : QStringList();
    case SourceRole:
        return run ? run->source : QString();
    case PinnedRole:
        return run && run->pinned;
    case Qt::DisplayRole:
        return run ? runData(*run, index.column()) : QVariant();
    case Qt::ToolTipRole:
        if (!run)
            return {};
        if (index.column() == Input)
            return run->input.left(600).toHtmlEscaped();
        if (index.column() == Output || index.column() == Status)
            return (run->error ? run->error->message : run->output).left(600).toHtmlEscaped();
        if (index.column() == Started)
            return format::dateTime(run->startUs);
        if (index.column() == Number && run->pinned)
            return run->pinNote.isEmpty() ? tr("Pinned as a test") : tr("Pinned as a test: %1").arg(run->pinNote).toHtmlEscaped();
        return {};
    default:
        return {};
    }
}

QStringList RunListModel::mimeTypes() const
{
    return {QStringLiteral("application/x-lathe-run"), QStringLiteral("text/plain")};
}

QMimeData *RunListModel::mimeData(const QModelIndexList &indexes) const
{
    QJsonArray ids;
    RunId first;
    int last = -1;
    for (const QModelIndex &index : indexes) {
        const RunId run = runAt(index.row());
        if (!run.isValid() || index.row() == last)
            continue;
        last = index.row();
        if (!first.isValid())
            first = run;
        ids.append(run.value);
    }
    if (!first.isValid())
        return nullptr;
    auto *data = new QMimeData;
    const QJsonObject json{{QStringLiteral("run"), first.value}, {QStringLiteral("runs"), ids}};
    data->setData(mimeTypes().first(), QJsonDocument(json).toJson(QJsonDocument::Compact));
    if (const RunInfo *info = m_infos.object(first.value))
        data->setText(info->input); // elsewhere a run is dropped as what it was asked
    return data;
}

} // namespace lathe
