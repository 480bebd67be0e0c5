// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/RunListModel.h"

#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"

#include <QJsonDocument>
#include <QMimeData>

namespace lathe {

namespace {
constexpr int pageSize = 200;
}

RunListModel::RunListModel(Session *session, QObject *parent) : QAbstractTableModel(parent), m_session(session)
{
    m_query.limit = pageSize;
    auto *runs = &session->project().runs();
    connect(runs, &RunRepository::added, this, &RunListModel::insertNewest);
    connect(runs, &RunRepository::changed, this, &RunListModel::refresh);
    connect(session, &Session::runEnded, this, &RunListModel::refresh);
    connect(&session->project().ratings(), &RatingRepository::changed, this, &RunListModel::refresh);
    m_tick.setInterval(250);
    connect(&m_tick, &QTimer::timeout, this, [this] {
        bool any = false;
        for (size_t i = 0; i < m_rows.size() && i < 200; ++i) {
            if (m_rows[i].status != RunStatus::Running)
                continue;
            any = true;
            if (const Trace *trace = m_session->liveTrace(m_rows[i].id))
                m_rows[i].usage = trace->usage();
            Q_EMIT dataChanged(index(int(i), Status), index(int(i), Cost));
        }
        if (!any)
            m_tick.stop();
    });
    load(false);
}

RunListModel::~RunListModel()
{
    m_cancel.cancel();
}

RunQuery RunListModel::parseFilter(const QString &text, QString *problem)
{
    RunQuery query;
    query.limit = pageSize;
    QStringList words;
    const QStringList parts = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    for (const QString &part : parts) {
        if (part.startsWith(QLatin1String("agent:"))) {
            query.agent = part.mid(6);
        } else if (part.startsWith(QLatin1String("status:"))) {
            const QString name = part.mid(7);
            const RunStatus status = runStatusFromName(name);
            if (runStatusName(status) == name)
                query.status = status;
            else if (!name.isEmpty() && problem)
                *problem = tr("There is no status \"%1\"; use running, done, failed, cancelled or interrupted.").arg(name);
        } else {
            words.append(part);
        }
    }
    query.text = words.join(QLatin1Char(' '));
    return query;
}

void RunListModel::setFilter(const QString &text)
{
    if (text == m_filter)
        return;
    m_filter = text;
    QString trouble;
    m_query = parseFilter(text, &trouble);
    Q_EMIT problem(trouble);
    load(false);
}

void RunListModel::load(bool more)
{
    m_cancel.cancel();
    m_cancel = CancelSource();
    const quint64 generation = ++m_generation;
    m_loading = true;
    m_arrived.clear();
    RunQuery query = m_query;
    if (more && !m_rows.empty())
        query.before = m_rows.back().id;
    runTask(
        this, m_session->project().runs().query(query, m_cancel.token()),
        [this, generation, more](std::vector<RunInfo> page) {
            if (generation != m_generation)
                return;
            m_loading = false;
            m_complete = int(page.size()) < pageSize; // before what arrived meanwhile is added
            if (!more && !m_rows.empty()) {
                beginRemoveRows({}, 0, int(m_rows.size()) - 1);
                m_rows.clear();
                endRemoveRows();
            }
            if (!more) { // what began after the file was asked must not be lost
                for (const RunInfo &info : std::exchange(m_arrived, {})) {
                    const bool inPage = std::any_of(page.begin(), page.end(), [&](const RunInfo &r) { return r.id == info.id; });
                    if (!inPage && matches(info))
                        page.push_back(info);
                }
                std::sort(page.begin(), page.end(), [](const RunInfo &a, const RunInfo &b) { return a.id > b.id; });
            }
            if (!page.empty()) {
                const int first = int(m_rows.size());
                beginInsertRows({}, first, first + int(page.size()) - 1);
                m_rows.insert(m_rows.end(), page.begin(), page.end());
                endInsertRows();
            }
            m_tick.start();
            Q_EMIT loaded();
        },
        [this, generation](const Error &error) {
            if (generation != m_generation)
                return;
            m_loading = false;
            Q_EMIT problem(error.message);
        });
}

Qt::ItemFlags RunListModel::flags(const QModelIndex &index) const
{
    return QAbstractTableModel::flags(index) | (index.isValid() ? Qt::ItemIsDragEnabled : Qt::NoItemFlags);
}

QStringList RunListModel::mimeTypes() const
{
    return {QStringLiteral("application/x-lathe-run"), QStringLiteral("text/plain")};
}

QMimeData *RunListModel::mimeData(const QModelIndexList &indexes) const
{
    if (indexes.isEmpty())
        return nullptr;
    const RunInfo &info = m_rows[size_t(indexes.first().row())];
    auto *data = new QMimeData;
    data->setData(mimeTypes().first(), QJsonDocument(QJsonObject{{QStringLiteral("run"), info.id.value}}).toJson(QJsonDocument::Compact));
    data->setText(info.input); // elsewhere a run is dropped as what it was asked
    return data;
}

bool RunListModel::canFetchMore(const QModelIndex &parent) const
{
    return !parent.isValid() && !m_complete && !m_loading;
}

void RunListModel::fetchMore(const QModelIndex &parent)
{
    if (canFetchMore(parent))
        load(true);
}

bool RunListModel::fits(const RunInfo &info) const
{
    if (!m_query.agent.isEmpty() && info.agentName != m_query.agent)
        return false;
    return !m_query.status || info.status == *m_query.status;
}

bool RunListModel::matches(const RunInfo &info) const
{
    if (!fits(info))
        return false;
    const QStringList words = m_query.text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    return std::all_of(words.begin(), words.end(), [&info](QString word) {
        word.remove(QLatin1Char('"'));
        return info.input.contains(word, Qt::CaseInsensitive) || info.output.contains(word, Qt::CaseInsensitive);
    });
}

void RunListModel::insertNewest(RunId run)
{
    if (rowOf(run) >= 0)
        return;
    const auto info = m_session->project().runs().run(run);
    if (!info || !matches(*info))
        return;
    if (m_loading)
        m_arrived.push_back(*info);
    if (!m_rows.empty() && !m_complete && run < m_rows.back().id)
        return; // older than what is loaded: it comes with its page
    size_t row = 0;
    while (row < m_rows.size() && run < m_rows[row].id)
        ++row;
    beginInsertRows({}, int(row), int(row));
    m_rows.insert(m_rows.begin() + qsizetype(row), *info);
    endInsertRows();
    m_tick.start();
}

void RunListModel::refresh(RunId run)
{
    const int row = rowOf(run);
    if (row < 0)
        return insertNewest(run);
    const auto info = m_session->project().runs().run(run);
    if (!info)
        return;
    if (!fits(*info))
        return removeRow(row);
    m_rows[size_t(row)] = *info;
    Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
    if (info->status == RunStatus::Running)
        m_tick.start();
}

void RunListModel::removeRow(int row)
{
    beginRemoveRows({}, row, row);
    m_rows.erase(m_rows.begin() + row);
    endRemoveRows();
}

RunStatus RunListModel::statusOf(const RunInfo &info) const
{
    if (info.status != RunStatus::Running)
        return info.status;
    const Trace *live = m_session->liveTrace(info.id);
    return live && live->status() == RunStatus::Waiting ? RunStatus::Waiting : info.status;
}

int RunListModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int RunListModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

RunId RunListModel::runAt(int row) const
{
    return row >= 0 && row < int(m_rows.size()) ? m_rows[size_t(row)].id : RunId();
}

int RunListModel::rowOf(RunId run) const
{
    // ids fall from top to bottom
    const auto at = std::lower_bound(m_rows.begin(), m_rows.end(), run, [](const RunInfo &info, RunId id) { return info.id > id; });
    return at != m_rows.end() && at->id == run ? int(at - m_rows.begin()) : -1;
}

QVariant RunListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole && section >= Duration && section <= Cost)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    static const QStringList titles{tr("Status"), tr("Run"),    tr("Agent"), tr("Input"),  tr("Output"),
                                    tr("Time"),   tr("Tokens"), tr("Cost"),  tr("Rating"), tr("Started")};
    return titles.value(section);
}

QVariant RunListModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const RunInfo &run = m_rows[size_t(index.row())];
    if (role == IdRole)
        return QVariant::fromValue(run.id);
    if (role == StatusRole)
        return int(statusOf(run));
    if (role == RatingRole)
        return run.rating;
    if (role == Qt::TextAlignmentRole && index.column() >= Duration && index.column() <= Cost)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && (index.column() == Input || index.column() == Output || index.column() == Status))
        return (index.column() == Input ? run.input : run.error ? run.error->message : run.output).left(600).toHtmlEscaped();
    if (role != Qt::DisplayRole)
        return {};
    const qint64 endUs = run.endUs > 0 ? run.endUs : run.status == RunStatus::Running ? m_session->clock().nowUs() : 0;
    switch (index.column()) {
    case Status:
        return format::statusText(statusOf(run));
    case Number:
        return QString::number(run.id.value);
    case Agent:
        return run.revisionNumber > 0 ? QStringLiteral("%1@%2").arg(run.agentName).arg(run.revisionNumber)
                                      : QStringLiteral("%1@draft").arg(run.agentName);
    case Input:
        return run.input.left(300).simplified();
    case Output:
        return run.error ? run.error->message : run.output.left(300).simplified();
    case Duration:
        return endUs > 0 ? format::duration(endUs - run.startUs) : QString();
    case Tokens:
        return run.usage.totalTokens() > 0 ? format::number(run.usage.totalTokens()) : QString();
    case Cost:
        return format::cost(run.usage);
    case Rating:
        return format::rating(run.rating);
    case Started:
        return format::ago(run.startUs, m_session->clock().nowUs());
    default:
        return {};
    }
}

} // namespace lathe
