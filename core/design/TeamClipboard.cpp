// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/TeamEdits.h"
#include "core/design/TeamParts.h"
#include "core/design/TeamReader.h"

#include <algorithm>

namespace lathe {

namespace {
const QString marker = QStringLiteral("lathe/team-part");
constexpr int version = 1;
constexpr qsizetype mostItems = 20'000;

QJsonObject section(const QJsonObject &body, const QString &name)
{
    return body.value(name).toObject();
}

// The members with these keys.
QJsonObject chosen(const QJsonObject &members, const QSet<QString> &ids)
{
    QJsonObject result;
    for (auto it = members.begin(); it != members.end(); ++it) {
        if (ids.contains(it.key()))
            result.insert(it.key(), it.value());
    }
    return result;
}

QStringList naturalKeys(const QJsonObject &members)
{
    QStringList keys = members.keys();
    std::sort(keys.begin(), keys.end(), naturalLess);
    return keys;
}

Error noPart(const QString &why)
{
    return Error(ErrorKind::InvalidInput,
                 QStringLiteral("This cannot be pasted into a team: %1. Copy nodes of a team first.").arg(why));
}

// What is wrong with a part, before any of it is used.
std::optional<Error> refusal(const QJsonObject &part)
{
    if (!part.contains(marker))
        return noPart(QStringLiteral("it is no part of one"));
    if (part.value(marker).toDouble() > version)
        return noPart(QStringLiteral("it was copied from a newer Lathe"));
    const QJsonObject layout = section(part, QStringLiteral("layout"));
    qsizetype items = 0;
    for (const auto &[parent, key] : {std::pair(part, "nodes"), {part, "edges"}, {layout, "frames"}, {layout, "notes"}}) {
        const QJsonValue members = parent.value(QLatin1String(key));
        if (!members.isUndefined() && !members.isObject())
            return noPart(QStringLiteral("its %1 cannot be read").arg(QLatin1String(key)));
        items += members.toObject().size();
        for (const QJsonValue &item : members.toObject()) {
            if (!item.isObject())
                return noPart(QStringLiteral("one of its %1 cannot be read").arg(QLatin1String(key)));
        }
    }
    if (items > mostItems)
        return noPart(QStringLiteral("it has more than %1 items").arg(mostItems));
    std::vector<Problem> problems;
    QSet<QString> unreadable;
    readTeam({{QStringLiteral("nodes"), part.value(QStringLiteral("nodes"))},
              {QStringLiteral("edges"), part.value(QStringLiteral("edges"))}},
             &problems, &unreadable);
    for (const Problem &problem : problems) {
        if (problem.code == QLatin1String("body.type"))
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("This cannot be pasted into a team. %1").arg(problem.message),
                         problem.pointer);
    }
    return std::nullopt;
}
} // namespace

QJsonObject copyItems(const QJsonObject &body, const QStringList &ids)
{
    const QSet<QString> wanted(ids.begin(), ids.end());
    const QJsonObject nodes = chosen(section(body, QStringLiteral("nodes")), wanted);
    const QJsonObject layout = section(body, QStringLiteral("layout"));
    QJsonObject edges;
    const QJsonObject all = section(body, QStringLiteral("edges"));
    for (auto it = all.begin(); it != all.end(); ++it) {
        const QJsonObject edge = it.value().toObject();
        if (nodes.contains(edge.value(QStringLiteral("from")).toString())
            && nodes.contains(edge.value(QStringLiteral("to")).toString()))
            edges.insert(it.key(), edge);
    }
    const QStringList keys = nodes.keys();
    return {{marker, version},
            {QStringLiteral("nodes"), nodes},
            {QStringLiteral("edges"), edges},
            {QStringLiteral("layout"),
             QJsonObject{{QStringLiteral("nodes"), chosen(section(layout, QStringLiteral("nodes")),
                                                          QSet<QString>(keys.begin(), keys.end()))},
                         {QStringLiteral("frames"), chosen(section(layout, QStringLiteral("frames")), wanted)},
                         {QStringLiteral("notes"), chosen(section(layout, QStringLiteral("notes")), wanted)}}}};
}

Result<PastedItems> pasteItems(const QJsonObject &body, const QJsonObject &part, QPointF offset)
{
    if (auto wrong = refusal(part))
        return *wrong;
    PastedItems pasted;
    const QJsonObject nodes = section(part, QStringLiteral("nodes"));
    const QJsonObject layout = section(part, QStringLiteral("layout"));
    const QJsonObject here = section(body, QStringLiteral("layout"));
    FreeIds nodeIds = freeNodeIds(body);
    FreeNames names = freeNames(body);
    QHash<QString, QString> newId, newName, renamed; // by old id; by old name
    for (const QString &old : naturalKeys(nodes)) {
        const QString name = nodes.value(old).toObject().value(QStringLiteral("name")).toString();
        newId.insert(old, nodeIds.next(QStringLiteral("n")));
        newName.insert(old, names.next(name.trimmed().isEmpty() ? old : name));
        renamed.insert(name, newName.value(old));
        pasted.ids.append(newId.value(old));
    }
    const QJsonObject places = section(layout, QStringLiteral("nodes"));
    BodyChanges positions;
    for (const QString &old : naturalKeys(nodes)) {
        QJsonObject node = nodes.value(old).toObject();
        node.insert(QStringLiteral("name"), newName.value(old));
        QJsonObject settings = section(node, QStringLiteral("settings"));
        const QString start = settings.value(QStringLiteral("start")).toString();
        if (node.value(QStringLiteral("kind")).toString() == QLatin1String("handoff") && renamed.contains(start)) {
            settings.insert(QStringLiteral("start"), renamed.value(start)); // its agent came along under a new name
            node.insert(QStringLiteral("settings"), settings);
        }
        pasted.changes.push_back({nodePointer(newId.value(old)), node});
        const QJsonObject place = places.value(old).toObject();
        positions.push_back({QStringLiteral("/layout/nodes/") + newId.value(old), placed(place, placeOf(place) + offset)});
    }
    FreeIds edgeIds = freeIds(section(body, QStringLiteral("edges")));
    const QJsonObject edges = section(part, QStringLiteral("edges"));
    for (const QString &old : naturalKeys(edges)) {
        QJsonObject edge = edges.value(old).toObject();
        const QString from = newId.value(edge.value(QStringLiteral("from")).toString());
        const QString to = newId.value(edge.value(QStringLiteral("to")).toString());
        if (from.isEmpty() || to.isEmpty())
            continue; // leads out of the part
        edge.insert(QStringLiteral("from"), from);
        edge.insert(QStringLiteral("to"), to);
        pasted.changes.push_back({edgePointer(edgeIds.next(QStringLiteral("e"))), edge});
    }
    pasted.changes.insert(pasted.changes.end(), positions.begin(), positions.end());
    for (const auto &[kind, stem] : {std::pair("frames", "f"), {"notes", "t"}}) {
        FreeIds ids = freeIds(section(here, QLatin1String(kind)));
        const QJsonObject items = section(layout, QLatin1String(kind));
        for (const QString &old : naturalKeys(items)) {
            const QString id = ids.next(QLatin1String(stem));
            const QJsonObject item = items.value(old).toObject();
            pasted.ids.append(id);
            pasted.changes.push_back({QStringLiteral("/layout/%1/%2").arg(QLatin1String(kind), id),
                                      placed(item, placeOf(item) + offset)});
        }
    }
    if (pasted.ids.isEmpty())
        return noPart(QStringLiteral("it is empty"));
    return pasted;
}

} // namespace lathe
