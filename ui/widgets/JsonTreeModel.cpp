// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/JsonTreeModel.h"

#include "core/base/Json.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QLocale>

#include <algorithm>

namespace lathe {

namespace {

constexpr qsizetype MostChildren = 1000;

QString oneLine(QString text)
{
    for (QChar &c : text) {
        if (c == QLatin1Char('\n'))
            c = QChar(u'\u21b5');
        else if (c.unicode() < 0x20)
            c = QLatin1Char(' ');
    }
    return text;
}

QString counted(qsizetype count, const QString &one, const QString &many)
{
    return QStringLiteral("%1 %2").arg(QLocale().toString(count), count == 1 ? one : many);
}

bool isPlainName(const QString &name)
{
    if (name.isEmpty() || name.at(0).isDigit())
        return false;
    return std::all_of(name.begin(), name.end(),
                       [](QChar c) { return c.isLetterOrNumber() || c == QLatin1Char('_'); });
}

} // namespace

qsizetype jsonMemberCount(const QJsonValue &value)
{
    if (value.isArray())
        return value.toArray().size();
    return value.isObject() ? value.toObject().size() : 0;
}

QJsonValue jsonMember(const QJsonValue &value, qsizetype index)
{
    if (value.isArray())
        return value.toArray().at(index);
    const QJsonObject object = value.toObject();
    return index < object.size() ? (object.constBegin() + index).value()
                                 : QJsonValue(QJsonValue::Undefined);
}

QString jsonMemberName(const QJsonValue &value, qsizetype index)
{
    if (!value.isObject())
        return QString();
    const QJsonObject object = value.toObject();
    return index < object.size() ? (object.constBegin() + index).key() : QString();
}

struct JsonTreeModel::Node {
    Node *parent = nullptr;
    int row = 0;       // among the shown children of the parent
    int member = 0;    // position in the parent's value; first one of a range
    int rangeSize = 0; // over 0 for a row that stands for several members of its parent's value
    QString key;
    QJsonValue value; // of a range: the array or object it is a part of
    std::vector<std::unique_ptr<Node>> children;
    bool fetched = false;

    bool isRange() const { return rangeSize > 0; }
    qsizetype memberCount() const { return isRange() ? rangeSize : jsonMemberCount(value); }
};

JsonTreeModel::JsonTreeModel(QObject *parent)
    : QAbstractItemModel(parent), m_root(std::make_unique<Node>())
{
}

JsonTreeModel::~JsonTreeModel() = default;

void JsonTreeModel::reset(std::unique_ptr<Node> root)
{
    beginResetModel();
    m_root = std::move(root);
    endResetModel();
}

void JsonTreeModel::setValue(const QJsonValue &value)
{
    m_value = value;
    clearFilter();
}

void JsonTreeModel::clearFilter()
{
    m_filtered = false;
    auto root = std::make_unique<Node>();
    root->value = m_value;
    if (jsonMemberCount(m_value) > 0) {
        root->children = makeChildren(root.get());
    } else if (!m_value.isUndefined()) { // a scalar, {} or [] is its own only row
        auto only = std::make_unique<Node>();
        only->parent = root.get();
        only->value = m_value;
        root->children.push_back(std::move(only));
    }
    root->fetched = true;
    reset(std::move(root));
}

std::vector<std::unique_ptr<JsonTreeModel::Node>> JsonTreeModel::makeChildren(Node *parent)
{
    std::vector<std::unique_ptr<Node>> children;
    const qsizetype count = parent->memberCount();
    const qsizetype first = parent->isRange() ? parent->member : 0;
    qsizetype step = 1;
    if (count > MostChildren) {
        step = 100;
        while (count / step > MostChildren)
            step *= 10;
    }
    children.reserve(static_cast<size_t>((count + step - 1) / step));
    // One handle for all: each toObject() would count a reference up and down.
    const QJsonObject object = parent->value.toObject();
    const bool isObject = parent->value.isObject();
    const QJsonArray array = parent->value.toArray();
    for (qsizetype i = first; i < first + count; i += step) {
        auto child = std::make_unique<Node>();
        child->parent = parent;
        child->row = static_cast<int>(children.size());
        child->member = static_cast<int>(i);
        if (step > 1) {
            child->rangeSize = static_cast<int>(std::min(step, first + count - i));
            child->value = parent->value;
            child->key = QStringLiteral("[%1 ... %2]").arg(i).arg(i + child->rangeSize - 1);
        } else if (isObject) {
            const auto it = object.constBegin() + i;
            child->key = it.key();
            child->value = it.value();
        } else {
            child->key = QStringLiteral("[%1]").arg(i);
            child->value = array.at(i);
        }
        children.push_back(std::move(child));
    }
    return children;
}

void JsonTreeModel::setFilter(const std::vector<Path> &paths)
{
    auto root = std::make_unique<Node>();
    root->value = m_value;
    root->fetched = true;
    // Paths come in document order, so a value that is shown already is the last child of its parent.
    for (const Path &path : paths) {
        Node *at = root.get();
        for (const int member : path) {
            at->fetched = true;
            if (at->children.empty() || at->children.back()->member != member) {
                auto child = std::make_unique<Node>();
                child->parent = at;
                child->row = static_cast<int>(at->children.size());
                child->member = member;
                child->value = jsonMember(at->value, member);
                child->key = at->value.isObject() ? jsonMemberName(at->value, member)
                                                  : QStringLiteral("[%1]").arg(member);
                at->children.push_back(std::move(child));
            }
            at = at->children.back().get();
        }
    }
    m_filtered = true;
    reset(std::move(root));
}

JsonTreeModel::Node *JsonTreeModel::nodeOf(const QModelIndex &index) const
{
    return index.isValid() ? static_cast<Node *>(index.internalPointer()) : m_root.get();
}

QJsonValue JsonTreeModel::valueAt(const QModelIndex &index) const
{
    return nodeOf(index)->value;
}

QModelIndex JsonTreeModel::index(int row, int column, const QModelIndex &parent) const
{
    const Node *node = nodeOf(parent);
    if (column != 0 || row < 0 || static_cast<size_t>(row) >= node->children.size())
        return QModelIndex();
    return createIndex(row, 0, node->children[static_cast<size_t>(row)].get());
}

QModelIndex JsonTreeModel::parent(const QModelIndex &child) const
{
    Node *node = nodeOf(child)->parent;
    return node && node != m_root.get() ? createIndex(node->row, 0, node) : QModelIndex();
}

int JsonTreeModel::rowCount(const QModelIndex &parent) const
{
    return parent.column() > 0 ? 0 : static_cast<int>(nodeOf(parent)->children.size());
}

int JsonTreeModel::columnCount(const QModelIndex &) const
{
    return 1;
}

bool JsonTreeModel::hasChildren(const QModelIndex &parent) const
{
    const Node *node = nodeOf(parent);
    return node->fetched ? !node->children.empty() : node->memberCount() > 0;
}

bool JsonTreeModel::canFetchMore(const QModelIndex &parent) const
{
    const Node *node = nodeOf(parent);
    return !node->fetched && node->memberCount() > 0;
}

void JsonTreeModel::fetchMore(const QModelIndex &parent)
{
    if (!canFetchMore(parent))
        return;
    Node *node = nodeOf(parent);
    auto children = makeChildren(node);
    beginInsertRows(parent, 0, static_cast<int>(children.size()) - 1);
    node->children = std::move(children);
    node->fetched = true;
    endInsertRows();
}

QVariant JsonTreeModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return QVariant();
    const Node *node = nodeOf(index);
    const QJsonValue &value = node->value;
    switch (role) {
    case KeyRole:
        return node->key;
    case TypeRole:
        return node->isRange() ? static_cast<int>(QJsonValue::Undefined)
                               : static_cast<int>(value.type());
    case CutRole:
        return !node->isRange() && value.isString() && value.toString().size() > LongestShown;
    case ValueTextRole:
        if (node->isRange())
            return QString();
        if (value.isString())
            return oneLine(value.toString().left(LongestShown));
        if (value.isArray())
            return counted(value.toArray().size(), tr("item"), tr("items"));
        if (value.isObject())
            return counted(value.toObject().size(), tr("member"), tr("members"));
        return json::compactString(value);
    case TextRole:
        return value.isString() ? value.toString()
                                : QString::fromUtf8(json::pretty(value)).trimmed();
    case PathRole: {
        QStringList parts;
        for (const Node *at = node; at->parent; at = at->parent) {
            if (at->isRange() || at->key.isEmpty())
                continue;
            const Node *container = at->parent;
            if (!container->value.isObject())
                parts.prepend(at->key);
            else if (isPlainName(at->key))
                parts.prepend(QLatin1Char('.') + at->key);
            else
                parts.prepend(QLatin1Char('[') + json::compactString(at->key) + QLatin1Char(']'));
        }
        return QLatin1Char('$') + parts.join(QString());
    }
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole: {
        const QString text = data(index, ValueTextRole).toString().left(200);
        return node->key.isEmpty() ? text
               : text.isEmpty()    ? node->key
                                   : node->key + QStringLiteral(": ") + text;
    }
    default:
        return QVariant();
    }
}

} // namespace lathe
