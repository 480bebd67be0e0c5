// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/TeamDiff.h"

#include "core/base/Json.h"
#include "core/design/TeamReader.h"

#include <algorithm>

namespace lathe {

namespace {
using Fields = std::vector<TeamDifference::Field>;

QString shown(const QJsonValue &value)
{
    if (value.isUndefined())
        return QString();
    return value.isString() ? value.toString() : json::compactString(value);
}

// The member by which the items of a list are told apart, if all have one of their own: routes by id, fields by name.
QString keyOf(const QJsonArray &list)
{
    for (const QString &key : {QStringLiteral("id"), QStringLiteral("name"), QStringLiteral("tool")}) {
        QSet<QString> seen;
        for (const QJsonValue &item : list) {
            const QString value = item.toObject().value(key).toString();
            if (value.isEmpty() || seen.contains(value))
                break;
            seen.insert(value);
        }
        if (!list.isEmpty() && seen.size() == list.size())
            return key;
    }
    return QString();
}

QStringList keysIn(const QJsonArray &list, const QString &key)
{
    QStringList keys;
    for (const QJsonValue &item : list)
        keys.append(item.toObject().value(key).toString());
    return keys;
}

QJsonObject byKey(const QJsonArray &list, const QString &key)
{
    QJsonObject object;
    for (const QJsonValue &item : list)
        object.insert(item.toObject().value(key).toString(), item);
    return object;
}

// Goes down as long as both sides are alike in kind. With a stack of its own: bodies may nest deeply.
Fields changedFields(const QJsonObject &before, const QJsonObject &after)
{
    struct Pair {
        QString path;
        QJsonValue before, after;
    };
    Fields fields;
    std::vector<Pair> open{{QString(), before, after}};
    while (!open.empty()) {
        const Pair pair = open.back();
        open.pop_back();
        if (pair.before == pair.after)
            continue;
        QJsonValue left = pair.before, right = pair.after;
        if (left.isArray() && right.isArray()) {
            const QJsonArray old = left.toArray(), now = right.toArray();
            const QString key = keyOf(old);
            if (!key.isEmpty() && keyOf(now) == key) {
                QStringList were = keysIn(old, key), are = keysIn(now, key);
                const QStringList whole = were;
                were.removeIf([&](const QString &item) { return !are.contains(item); });
                are.removeIf([&](const QString &item) { return !whole.contains(item); });
                if (were != are)
                    fields.push_back({pair.path, keysIn(old, key).join(QStringLiteral(", ")),
                                      keysIn(now, key).join(QStringLiteral(", "))});
                left = byKey(old, key);
                right = byKey(now, key);
            }
        }
        // An object against nothing is shown field by field as well.
        const bool down = (left.isObject() && (right.isObject() || right.isUndefined()))
                          || (right.isObject() && left.isUndefined());
        if (!down || (left.toObject().isEmpty() && right.toObject().isEmpty())) {
            fields.push_back({pair.path, shown(left), shown(right)});
            continue;
        }
        const QJsonObject old = left.toObject(), now = right.toObject();
        QStringList keys = old.keys() + now.keys();
        keys.removeDuplicates();
        for (const QString &key : keys)
            open.push_back({pair.path.isEmpty() ? key : pair.path + QLatin1Char('/') + key, old.value(key), now.value(key)});
    }
    std::sort(fields.begin(), fields.end(), [](const auto &a, const auto &b) { return naturalLess(a.path, b.path); });
    return fields;
}

QString nodeName(const QJsonObject &nodes, const QString &id)
{
    const QString name = nodes.value(id).toObject().value(QStringLiteral("name")).toString();
    return name.isEmpty() ? id : name;
}

QString edgeName(const QJsonObject &nodes, const QJsonObject &edge)
{
    return nodeName(nodes, edge.value(QStringLiteral("from")).toString()) + QStringLiteral(" -> ")
           + nodeName(nodes, edge.value(QStringLiteral("to")).toString());
}

void compare(const QString &section, const QJsonObject &before, const QJsonObject &after,
             std::vector<TeamDifference> *differences)
{
    const bool edges = section == QLatin1String("edges");
    const QJsonObject old = before.value(section).toObject(), now = after.value(section).toObject();
    const QJsonObject oldNodes = before.value(QStringLiteral("nodes")).toObject();
    const QJsonObject newNodes = after.value(QStringLiteral("nodes")).toObject();
    QStringList ids;
    for (auto it = old.begin(); it != old.end(); ++it) {
        if (now.value(it.key()) != it.value())
            ids.append(it.key());
    }
    for (auto it = now.begin(); it != now.end(); ++it) {
        if (!old.contains(it.key()))
            ids.append(it.key());
    }
    std::sort(ids.begin(), ids.end(), naturalLess);
    for (const QString &id : ids) {
        TeamDifference difference;
        difference.edge = edges;
        difference.id = id;
        const bool gone = !now.contains(id);
        const QJsonObject item = (gone ? old : now).value(id).toObject();
        const QJsonObject &nodes = gone ? oldNodes : newNodes;
        difference.name = edges ? edgeName(nodes, item) : nodeName(nodes, id);
        difference.what = gone                ? TeamDifference::What::Removed
                          : !old.contains(id) ? TeamDifference::What::Added
                                              : TeamDifference::What::Changed;
        if (difference.what == TeamDifference::What::Changed)
            difference.fields = changedFields(old.value(id).toObject(), item);
        differences->push_back(std::move(difference));
    }
}
} // namespace

std::vector<TeamDifference> diffTeams(const QJsonObject &before, const QJsonObject &after)
{
    std::vector<TeamDifference> differences;
    QJsonObject old = before, now = after;
    for (const char *part : {"nodes", "edges", "layout"}) {
        old.remove(QLatin1String(part));
        now.remove(QLatin1String(part));
    }
    if (old != now) {
        TeamDifference team;
        team.fields = changedFields(old, now);
        differences.push_back(std::move(team));
    }
    compare(QStringLiteral("nodes"), before, after, &differences);
    compare(QStringLiteral("edges"), before, after, &differences);
    return differences;
}

} // namespace lathe
