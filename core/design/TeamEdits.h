// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/EditHistory.h"
#include "core/design/TeamSpec.h"

#include <QHash>
#include <QPointF>
#include <QRectF>
#include <QSizeF>

namespace lathe {

class TeamGraph;

// Changes of a team body as the canvas makes them. Each gives the pointer-wise changes that Session::edit applies as ONE undo entry;
// none touches what it was not asked to. Ids are the smallest free ones, so the same gestures give the same body.

struct AddedNode {
    QString id;
    BodyChanges changes;
};
// A node of a kind with its default settings and a free name ("Agent", "Agent 2"), at a scene position.
AddedNode addNode(const QJsonObject &body, NodeKind kind, QPointF at, const QJsonObject &settings = QJsonObject());

// Why an edge may not be, as a sentence; nothing when it may. Checks ports, types, duplicates, input ports that take one edge, and cycles
// other than back into a container.
std::optional<QString> whyNotConnect(const QJsonObject &body, const QString &from, const QString &fromPort, const QString &to,
                                     const QString &toPort);
// The same with the graph at hand: for trying many ports while one edge is drawn.
std::optional<QString> whyNotConnect(const TeamGraph &graph, const QString &from, const QString &fromPort, const QString &to,
                                     const QString &toPort);
BodyChanges connectNodes(const QJsonObject &body, const QString &from, const QString &fromPort, const QString &to, const QString &toPort);
// Settings that mean the node by its name follow it (the first speaker of a hand-off).
BodyChanges renameNode(const QJsonObject &body, const QString &id, const QString &name);
BodyChanges moveNodes(const QJsonObject &body, const QHash<QString, QPointF> &to); // nodes, frames and notes by id
// Nodes (with their edges), edges, frames and notes by id.
BodyChanges removeItems(const QJsonObject &body, const QStringList &ids);
BodyChanges addFrame(const QJsonObject &body, QRectF rect, const QString &title, QString *id);
BodyChanges addNote(const QJsonObject &body, QRectF rect, const QString &text, QString *id);
// Kinds that fit at the other end of a port, best first, with the port they would use.
std::vector<std::pair<NodeKind, QString>> fittingKinds(const QJsonObject &body, const QString &node, const QString &port, bool output);

// Clipboard: {"lathe/team-part":1,"nodes":{...},"edges":{...},"layout":{...}} of the chosen items; edges only between chosen nodes.
QJsonObject copyItems(const QJsonObject &body, const QStringList &ids);
// Pastes with new ids and free names, moved by `offset`; the new ids are given. InvalidInput when the JSON is no team part.
struct PastedItems {
    QStringList ids;
    BodyChanges changes;
};
Result<PastedItems> pasteItems(const QJsonObject &body, const QJsonObject &part, QPointF offset);

QPointF nodePosition(const QJsonObject &body, const QString &node); // (0,0) when it has none
enum class Alignment { Left, HCenter, Right, Top, VCenter, Bottom, DistributeH, DistributeV };
// `sizes` of the node cards by id.
BodyChanges alignNodes(const QJsonObject &body, const QStringList &ids, const QHash<QString, QSizeF> &sizes, Alignment how);

QJsonObject applyChanges(const QJsonObject &body, const BodyChanges &changes);

} // namespace lathe
