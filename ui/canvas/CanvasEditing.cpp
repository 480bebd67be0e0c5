// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/CanvasEditing.h"

#include "ui/canvas/CanvasArea.h"
#include "ui/canvas/CanvasTextEditor.h"
#include "ui/canvas/QuickAdd.h"
#include "ui/itemmodels/Format.h"

#include <cmath>

namespace lathe {

namespace {
constexpr double gap = 80; // between a node and the one added behind it

QPointF onGrid(QPointF at)
{
    return QPointF(std::round(at.x() / CanvasScene::grid) * CanvasScene::grid,
                   std::round(at.y() / CanvasScene::grid) * CanvasScene::grid);
}

// The node as the body has it after the changes.
NodeModel modelIn(const QJsonObject &body, const QString &id)
{
    return NodeModel(id, body.value(QLatin1String("nodes")).toObject().value(id).toObject());
}
} // namespace

CanvasEditing::CanvasEditing(Theme *theme, CanvasScene *scene, CanvasArea *area, QObject *parent)
    : QObject(parent), m_theme(theme), m_scene(scene), m_area(area)
{
}

QString CanvasEditing::pointerPart(QString id)
{
    return id.replace(QLatin1Char('~'), QLatin1String("~0"))
        .replace(QLatin1Char('/'), QLatin1String("~1"));
}

bool CanvasEditing::refuse()
{
    if (m_readOnly)
        Q_EMIT message(tr("This cannot be changed here: open the draft of the team to edit it."));
    return m_readOnly;
}

void CanvasEditing::request(const BodyChanges &changes, const QString &what)
{
    const quint64 version = m_scene->version();
    if (!changes.empty())
        Q_EMIT changesRequested(changes, what);
    if (m_scene->version() == version) { // not taken: back to what the body says
        m_scene->restore();
        m_area->refresh();
    }
}

void CanvasEditing::requestAndSelect(const BodyChanges &changes, const QString &what,
                                     const QStringList &select)
{
    request(changes, what);
    for (const QString &id : select) {
        if (m_scene->item(id)) {
            m_scene->setSelection(select);
            return;
        }
    }
}

QString CanvasEditing::nameOf(const QString &id) const
{
    if (const NodeItem *n = m_scene->node(id))
        return format::oneLine(n->model().title(), 40);
    if (m_scene->edge(id))
        return tr("connection");
    const CanvasBox *b = m_scene->box(id);
    return !b ? tr("item") : b->kind() == CanvasBox::Kind::Frame ? tr("frame") : tr("note");
}

QString CanvasEditing::describe(const QStringList &ids) const
{
    return ids.size() == 1 ? nameOf(ids.first()) : tr("%1 items").arg(ids.size());
}

void CanvasEditing::moveTo(const QHash<QString, QPointF> &places)
{
    if (!refuse())
        request(moveNodes(m_scene->body(), places), tr("Move %1").arg(describe(places.keys())));
}

void CanvasEditing::resizeTo(const QString &box, QSizeF size)
{
    const CanvasBox *b = m_scene->box(box);
    if (!b || refuse())
        return;
    QJsonObject json = b->json();
    if (size
        == QSizeF(json.value(QLatin1String("w")).toDouble(),
                  json.value(QLatin1String("h")).toDouble()))
        return;
    json.insert(QStringLiteral("w"), size.width());
    json.insert(QStringLiteral("h"), size.height());
    const QString group =
        b->kind() == CanvasBox::Kind::Frame ? QStringLiteral("frames") : QStringLiteral("notes");
    request({{QStringLiteral("/layout/%1/%2").arg(group, pointerPart(box)), json}},
            tr("Resize %1").arg(nameOf(box)));
}

void CanvasEditing::connectPorts(const QString &from, const QString &fromPort, const QString &to,
                                 const QString &toPort, const QString &replaces)
{
    if (refuse())
        return;
    if (const EdgeItem *old = m_scene->edge(replaces)) {
        const TeamEdge &edge = old->edge();
        if (edge.from == from && edge.fromPort == fromPort && edge.to == to
            && edge.toPort == toPort)
            return; // put back where it was
    }
    QJsonObject body = m_scene->body();
    BodyChanges changes = replaces.isEmpty() ? BodyChanges() : removeItems(body, {replaces});
    body = applyChanges(body, changes);
    if (const auto why = whyNotConnect(body, from, fromPort, to, toPort)) {
        Q_EMIT message(*why);
        return;
    }
    const BodyChanges made = connectNodes(body, from, fromPort, to, toPort);
    changes.insert(changes.end(), made.begin(), made.end());
    request(changes, tr("Connect %1 to %2").arg(nameOf(from), nameOf(to)));
    Q_EMIT message(QString());
}

void CanvasEditing::disconnectEdge(const QString &edge)
{
    const EdgeItem *e = m_scene->edge(edge);
    if (e && !refuse())
        request(removeItems(m_scene->body(), {edge}),
                tr("Disconnect %1 from %2").arg(nameOf(e->edge().from), nameOf(e->edge().to)));
}

QPainterPath CanvasEditing::pendingPath(const CanvasScene &scene, const QString &node, PortRef port,
                                        QPointF to)
{
    const NodeItem *item = scene.node(node);
    if (!item || !item->model().port(port))
        return {};
    const EdgeEnd own{item->portPos(port), scene.nodeGeometry().side(item->model(), port),
                      item->cardRect()};
    if (own.side == NodeGeometry::Side::Bottom || !port.output) {
        const EdgeEnd other{to, NodeGeometry::Side::Right, QRectF(to, QSizeF(1, 1))};
        return scene.edgeGeometry().route(other, own).path;
    }
    return scene.edgeGeometry()
        .route(own, EdgeEnd{to, NodeGeometry::Side::Left, QRectF(to, QSizeF(1, 1))})
        .path;
}

QPointF CanvasEditing::freeSpot(QRectF card) const
{
    card.moveTo(onGrid(card.topLeft()));
    for (int tries = 0; tries < 200; ++tries) {
        const auto near =
            m_scene->items(card.adjusted(-16, -16, 16, 16), Qt::IntersectsItemBoundingRect);
        const NodeItem *there = nullptr;
        for (QGraphicsItem *item : near) {
            const auto *n = qgraphicsitem_cast<NodeItem *>(item);
            if (n && n->cardRect().adjusted(-15, -15, 15, 15).intersects(card))
                there = n;
        }
        if (!there)
            break;
        card.moveTo(onGrid(QPointF(card.left(), there->cardRect().bottom() + 32)));
    }
    return CanvasScene::bounded(card.topLeft());
}

void CanvasEditing::offer(const std::vector<std::pair<NodeKind, QString>> &kinds, QPointF at,
                          std::function<void(NodeKind, const QString &)> chosen)
{
    const QPoint point = m_area->mapFromScene(at);
    auto *popover = new QuickAdd(m_theme, m_area->viewport(), kinds);
    popover->setAnchorRect(QRect(point, QSize(1, 1)));
    connect(
        popover, &QuickAdd::chosen, this,
        [chosen = std::move(chosen)](NodeKind kind, const QString &port) { chosen(kind, port); });
    connect(popover, &Overlay::closed, m_area,
            [area = m_area] { area->setPending(QPainterPath()); });
    popover->open();
}

void CanvasEditing::quickAddAt(const QString &node, PortRef port, QPointF at)
{
    const NodeItem *item = m_scene->node(node);
    const Port *own = item ? item->model().port(port) : nullptr;
    if (!own || refuse())
        return;
    const auto kinds = fittingKinds(m_scene->body(), node, own->id, port.output);
    if (kinds.empty()) {
        Q_EMIT message(tr("No kind of node fits at \"%1\" of %2.")
                           .arg(own->title.isEmpty() ? own->id : own->title, nameOf(node)));
        return;
    }
    m_area->setPending(pendingPath(*m_scene, node, port, at));
    offer(kinds, at, [this, node, port, at](NodeKind kind, const QString &other) {
        addConnected(node, port, kind, other, at);
    });
}

void CanvasEditing::addConnected(const QString &node, PortRef port, NodeKind kind,
                                 const QString &otherPort, std::optional<QPointF> at)
{
    const NodeItem *item = m_scene->node(node);
    const Port *own = item ? item->model().port(port) : nullptr;
    if (!own || refuse())
        return;
    const QString ownId = own->id;
    // The card is placed so that its port is where the line ended; how large it is shows once it is
    // made.
    const AddedNode trial = lathe::addNode(m_scene->body(), kind, QPointF(0, 0));
    const NodeModel model = modelIn(applyChanges(m_scene->body(), trial.changes), trial.id);
    const NodeGeometry &geometry = m_scene->nodeGeometry();
    const QPointF there = geometry.port(model, false, model.find(otherPort, !port.output));
    QRectF card(QPointF(), geometry.size(model, false));
    if (at)
        card.moveTo(*at - there);
    else if (port.output)
        card.moveTo(QPointF(item->cardRect().right() + gap, item->portPos(port).y() - there.y()));
    else
        card.moveTo(QPointF(item->cardRect().left() - gap - card.width(),
                            item->portPos(port).y() - there.y()));
    const QPointF spot = at ? CanvasScene::bounded(onGrid(card.topLeft())) : freeSpot(card);
    AddedNode added = lathe::addNode(m_scene->body(), kind, spot);
    const QJsonObject with = applyChanges(m_scene->body(), added.changes);
    const QString from = port.output ? node : added.id, fromPort = port.output ? ownId : otherPort;
    const QString to = port.output ? added.id : node, toPort = port.output ? otherPort : ownId;
    const auto why = whyNotConnect(with, from, fromPort, to, toPort);
    if (!why) {
        const BodyChanges edge = connectNodes(with, from, fromPort, to, toPort);
        added.changes.insert(added.changes.end(), edge.begin(), edge.end());
    }
    requestAndSelect(added.changes, tr("Add %1").arg(model.kindTitle), {added.id});
    m_area->ensureShown(m_scene->rectOf(added.id));
    Q_EMIT message(why.value_or(QString()));
}

bool CanvasEditing::hasFreeOutput() const
{
    const NodeItem *n = m_scene->node(m_scene->current());
    if (!n)
        return false;
    for (size_t i = 0; i < n->model().outputs.size() && i < 64; ++i) {
        if (!(n->visual().connectedOutputs >> i & 1))
            return true;
    }
    return false;
}

void CanvasEditing::quickAdd()
{
    if (refuse())
        return;
    const QString id = m_scene->current();
    const NodeItem *n = m_scene->node(id);
    for (size_t i = 0; n && i < n->model().outputs.size() && i < 64; ++i) {
        if (n->visual().connectedOutputs >> i & 1)
            continue;
        const PortRef port{int(i), true};
        const auto kinds = fittingKinds(m_scene->body(), id, n->model().outputs[i].id, true);
        if (kinds.empty())
            continue;
        const QPointF end = n->portPos(port) + QPointF(gap, 0);
        m_area->ensureShown(QRectF(end, QSizeF(NodeCardGeometry::width, 120)));
        m_area->setPending(pendingPath(*m_scene, id, port, end));
        offer(kinds, end, [this, id, port](NodeKind kind, const QString &other) {
            addConnected(id, port, kind, other, std::nullopt);
        });
        return;
    }
    std::vector<std::pair<NodeKind, QString>> all;
    for (const NodeKindInfo &info : nodeKinds())
        all.emplace_back(info.kind, QString());
    const QPointF at = m_area->mouseScenePos();
    offer(all, at, [this, at](NodeKind kind, const QString &) {
        dropNode(kind, {}, at + QPointF(NodeCardGeometry::width / 2, NodeCardGeometry::header / 2));
    });
}

void CanvasEditing::dropNode(NodeKind kind, const QJsonObject &settings, QPointF middle)
{
    if (refuse())
        return;
    const QRectF card(middle - QPointF(NodeCardGeometry::width / 2, NodeCardGeometry::header / 2),
                      QSizeF(NodeCardGeometry::width, NodeCardGeometry::header));
    const AddedNode added = lathe::addNode(m_scene->body(), kind,
                                           CanvasScene::bounded(onGrid(card.topLeft())), settings);
    requestAndSelect(added.changes, tr("Add %1").arg(nodeKindInfo(kind).title), {added.id});
}

void CanvasEditing::addNode(NodeKind kind, const QJsonObject &settings)
{
    if (refuse())
        return;
    QRectF card(QPointF(), QSizeF(NodeCardGeometry::width, NodeCardGeometry::header));
    card.moveCenter(m_area->visibleRect().center());
    const AddedNode added = lathe::addNode(m_scene->body(), kind, freeSpot(card), settings);
    requestAndSelect(added.changes, tr("Add %1").arg(nodeKindInfo(kind).title), {added.id});
    m_area->ensureShown(m_scene->rectOf(added.id));
}

void CanvasEditing::toggleBreakpoint()
{
    QStringList nodes;
    bool all = true;
    for (const QString &id : m_scene->selection()) {
        if (m_scene->node(id)) {
            nodes.append(id);
            all = all && m_scene->hasBreakpoint(id);
        }
    }
    if (nodes.isEmpty())
        Q_EMIT message(tr("Select a node first: a breakpoint belongs to one."));
    for (const QString &id : std::as_const(nodes)) {
        if (m_scene->hasBreakpoint(id) == all)
            Q_EMIT breakpointToggled(id, !all);
    }
}

void CanvasEditing::activate(const QString &id)
{
    if (m_scene->node(id))
        Q_EMIT activated(id);
    else if (m_scene->edge(id))
        Q_EMIT edgeClicked(id);
    else if (m_scene->box(id))
        rename(id);
}

void CanvasEditing::applyLayout(const QHash<QString, QPointF> &nodes,
                                const QHash<QString, QRectF> &frames)
{
    if (refuse())
        return;
    QHash<QString, QPointF> places;
    for (auto it = nodes.cbegin(); it != nodes.cend(); ++it)
        places.insert(it.key(), CanvasScene::bounded(onGrid(*it)));
    BodyChanges changes = moveNodes(m_scene->body(), places);
    for (auto it = frames.cbegin(); it != frames.cend(); ++it) {
        const CanvasBox *b = m_scene->box(it.key());
        if (!b)
            continue;
        QJsonObject json = b->json();
        json.insert(QStringLiteral("x"), std::round(it->x()));
        json.insert(QStringLiteral("y"), std::round(it->y()));
        json.insert(QStringLiteral("w"), std::round(it->width()));
        json.insert(QStringLiteral("h"), std::round(it->height()));
        changes.push_back({QStringLiteral("/layout/frames/%1").arg(pointerPart(it.key())), json});
    }
    request(changes, tr("Arrange %1 nodes").arg(nodes.size()));
}

} // namespace lathe
