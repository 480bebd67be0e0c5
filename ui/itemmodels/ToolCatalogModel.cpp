// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/ToolCatalogModel.h"

#include "core/session/McpHub.h"

#include <QPoint>

#include <algorithm>

namespace lathe {

namespace {
SideEffect effectOf(const QJsonObject &body, const ToolTypeInfo *type)
{
    const QString own = body.value(QStringLiteral("side_effect")).toString();
    for (const SideEffect effect : {SideEffect::Read, SideEffect::Write, SideEffect::External}) {
        if (own == sideEffectName(effect))
            return effect;
    }
    return type ? type->sideEffectOf(body.value(QStringLiteral("config")).toObject()) : SideEffect::External;
}

// Names of tools in an agent's body, or in the agents that stand inside a team's nodes.
void collectTools(const QJsonValue &value, QStringList *names, int depth)
{
    if (depth > 8)
        return;
    if (value.isArray()) {
        for (const QJsonValue &one : value.toArray())
            collectTools(one, names, depth + 1);
    } else if (value.isObject()) {
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it) {
            if (it.key() == QLatin1String("tool") && it.value().isString())
                names->append(it.value().toString().section(QLatin1Char('@'), 0, 0));
            else
                collectTools(it.value(), names, depth + 1);
        }
    }
}
}

ToolCatalogModel::ToolCatalogModel(Session *session, QObject *parent) : QAbstractListModel(parent), m_session(session)
{
    auto *artifacts = &session->project().artifacts();
    m_soon.setSingleShot(true);
    m_soon.setInterval(150);
    connect(&m_soon, &QTimer::timeout, this, &ToolCatalogModel::refresh);
    connect(artifacts, &ArtifactRepository::added, this, &ToolCatalogModel::refresh);
    connect(artifacts, &ArtifactRepository::changed, this, &ToolCatalogModel::refresh);
    connect(artifacts, &ArtifactRepository::draftChanged, &m_soon, qOverload<>(&QTimer::start)); // many in a row while one types
    connect(&session->mcp(), &McpHub::serverChanged, &m_soon, qOverload<>(&QTimer::start));
    m_rows = load();
}

QStringList ToolCatalogModel::groupOrder()
{
    QStringList groups;
    for (const char *known : {"Servers", "Web", "Data", "Messages", "Code", "Agents", "Basics"})
        groups.append(QLatin1String(known));
    for (const ToolTypeInfo &type : toolTypes()) {
        if (!groups.contains(type.group))
            groups.append(type.group);
    }
    return groups;
}

std::vector<ToolCatalogModel::Row> ToolCatalogModel::load() const
{
    QHash<QString, QStringList> users;
    for (const ArtifactKind kind : {ArtifactKind::Agent, ArtifactKind::Team}) {
        for (const ArtifactInfo &info : m_session->project().artifacts().list(kind)) {
            const auto draft = m_session->draft(info.id);
            if (!draft)
                continue;
            QStringList tools;
            collectTools(kind == ArtifactKind::Agent ? draft->body.value(QStringLiteral("tools")) : draft->body.value(QStringLiteral("nodes")), &tools, 0);
            tools.removeDuplicates();
            for (const QString &tool : std::as_const(tools))
                users[tool].append(info.name);
        }
    }
    QStringList groups = groupOrder();
    const QString unknown = tr("Of another version");
    groups.append(unknown);
    std::vector<Row> tools;
    for (const ArtifactInfo &info : m_session->project().artifacts().list(ArtifactKind::Tool)) {
        const auto draft = m_session->draft(info.id);
        Row row;
        row.id = info.id;
        row.text = info.name;
        row.body = draft ? draft->body : QJsonObject();
        row.type = row.body.value(QStringLiteral("type")).toString();
        const ToolTypeInfo *type = toolType(row.type);
        row.typeTitle = type ? type->title : row.type;
        row.group = type ? type->group : unknown;
        row.purpose = row.body.value(QStringLiteral("purpose")).toString();
        row.effect = effectOf(row.body, type);
        row.users = users.value(info.name);
        for (const Problem &problem : m_session->problems(ArtifactKind::Tool, row.body)) {
            if (problem.severity != Problem::Severity::Error)
                continue;
            if (row.errors++ == 0)
                row.problem = problem.message;
        }
        if (isToolSet(row.type)) {
            const auto functions = toolFunctions(row.body.value(QStringLiteral("config")).toObject());
            row.functions = int(functions.size());
            row.enabled = int(std::count_if(functions.begin(), functions.end(), [](const ToolFunction &one) { return one.enabled; }));
        }
        if (row.type == QLatin1String("mcp")) {
            const McpServerState state = m_session->mcp().stateOf(info.id, info.name, row.body);
            row.server = int(state.state);
            row.serverText = state.error ? state.error->message : QString();
        }
        row.draft = info.hasDraft || (draft && draft->differs);
        row.number = info.latestNumber;
        tools.push_back(std::move(row));
    }
    std::vector<Row> rows;
    for (const QString &group : std::as_const(groups)) {
        const auto count = std::count_if(tools.begin(), tools.end(), [&](const Row &row) { return row.group == group; });
        if (count == 0)
            continue;
        Row head;
        head.text = head.group = group;
        head.count = int(count);
        rows.push_back(head);
        for (const Row &tool : tools) {
            if (tool.group == group)
                rows.push_back(tool);
        }
    }
    return rows;
}

void ToolCatalogModel::refresh()
{
    m_soon.stop();
    std::vector<Row> rows = load();
    const auto same = [](const Row &a, const Row &b) { return a.id == b.id && a.text == b.text && a.group == b.group; };
    size_t from = 0, oldEnd = m_rows.size(), newEnd = rows.size();
    while (from < oldEnd && from < newEnd && same(m_rows[from], rows[from]))
        ++from;
    while (oldEnd > from && newEnd > from && same(m_rows[oldEnd - 1], rows[newEnd - 1])) {
        --oldEnd;
        --newEnd;
    }
    if (oldEnd > from) {
        beginRemoveRows({}, int(from), int(oldEnd) - 1);
        m_rows.erase(m_rows.begin() + qsizetype(from), m_rows.begin() + qsizetype(oldEnd));
        endRemoveRows();
    }
    if (newEnd > from) {
        beginInsertRows({}, int(from), int(newEnd) - 1);
        m_rows.insert(m_rows.begin() + qsizetype(from), rows.begin() + qsizetype(from), rows.begin() + qsizetype(newEnd));
        endInsertRows();
    }
    for (size_t i = 0; i < rows.size(); ++i) {
        if (m_rows[i] == rows[i])
            continue;
        m_rows[i] = rows[i];
        Q_EMIT dataChanged(index(int(i)), index(int(i)));
    }
}

void ToolCatalogModel::setUsage(const std::vector<ToolUsage> &usage)
{
    m_usage.clear();
    for (const ToolUsage &one : usage) {
        ToolUsage &sum = m_usage[one.artifact];
        sum.calls += one.calls;
        sum.failed += one.failed; // a call that was refused did not fail
        sum.lastUs = std::max(sum.lastUs, one.lastUs);
    }
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0), index(int(m_rows.size()) - 1));
}

int ToolCatalogModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int ToolCatalogModel::toolCount() const
{
    return int(std::count_if(m_rows.begin(), m_rows.end(), [](const Row &row) { return row.id.isValid(); }));
}

QModelIndex ToolCatalogModel::indexOf(ArtifactId id) const
{
    const auto found = std::find_if(m_rows.begin(), m_rows.end(), [id](const Row &row) { return row.id == id; });
    return found == m_rows.end() ? QModelIndex() : index(int(found - m_rows.begin()));
}

Qt::ItemFlags ToolCatalogModel::flags(const QModelIndex &index) const
{
    if (!index.isValid() || !m_rows[size_t(index.row())].id.isValid())
        return Qt::NoItemFlags;
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled;
}

QVariant ToolCatalogModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || size_t(index.row()) >= m_rows.size())
        return {};
    const Row &row = m_rows[size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return row.text;
    case Qt::AccessibleTextRole:
        return row.id.isValid() ? QStringLiteral("%1, %2. %3").arg(row.text, row.typeTitle, row.purpose) : row.text;
    case Qt::ToolTipRole:
        return row.errors > 0 ? row.problem : row.serverText.isEmpty() ? row.purpose : row.serverText;
    case IsHeadRole:
        return !row.id.isValid();
    case CountRole:
        return row.count;
    case IdRole:
        return QVariant::fromValue(row.id);
    case TypeRole:
        return row.type;
    case TypeTitleRole:
        return row.typeTitle;
    case PurposeRole:
        return row.purpose;
    case EffectRole:
        return int(row.effect);
    case BodyRole:
        return row.body;
    case UsersRole:
        return row.users;
    case CallsRole:
        return m_usage.value(row.text).calls;
    case FailedRole:
        return m_usage.value(row.text).failed;
    case ErrorsRole:
        return row.errors;
    case ProblemRole:
        return row.problem;
    case ServerRole:
        return row.server;
    case ServerTextRole:
        return row.serverText;
    case FunctionsRole:
        return row.functions < 0 ? QVariant() : QVariant(QPoint(row.enabled, row.functions));
    case DraftRole:
        return row.draft;
    case NumberRole:
        return row.number;
    case SearchRole:
        return QStringLiteral("%1 %2 %3 %4 %5").arg(row.text, row.typeTitle, row.purpose, row.group, row.users.join(QLatin1Char(' ')));
    default:
        return {};
    }
}

} // namespace lathe
