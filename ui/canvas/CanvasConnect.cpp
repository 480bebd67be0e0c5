// SPDX-License-Identifier: GPL-3.0-or-later
// The gesture that draws an edge.
#include "ui/canvas/CanvasArea.h"
#include "ui/canvas/CanvasEditing.h"
#include "ui/canvas/CanvasGesture.h"

#include <QPainter>

namespace lathe {

namespace {

// Nodes: in larger teams only types are looked at until the mouse is over a port
constexpr int exactUpTo = 150;

class Connect : public CanvasGesture
{
public:
    Connect(CanvasArea *area, const QString &node, PortRef port)
        : m_area(area), m_scene(area->canvas()), m_body(m_scene->body()), m_node(node), m_port(port)
    {
        pickUp();
        const NodeItem *item = m_scene->node(m_node);
        if (!item || !item->model().port(m_port))
            return;
        m_portId = item->model().port(m_port)->id;
        m_from = m_to = item->portPos(m_port);
        findFitting(*item);
        m_scene->setFitting(&m_fitting);
    }
    ~Connect() override
    {
        m_scene->setFitting(nullptr);
        if (EdgeItem *edge = m_scene->edge(m_picked))
            edge->setOpacity(1);
    }
    void move(QPointF to, QPoint, Qt::KeyboardModifiers) override
    {
        m_to = to;
        const CanvasHit hit = m_scene->hit(to, m_area->pixel());
        m_target = target(hit);
        if (m_target != m_judged) {
            m_judged = m_target;
            m_refusal = m_target.id.isEmpty() ? std::nullopt : refusal(m_target);
            Q_EMIT m_area->message(m_refusal.value_or(QString()));
        }
        m_scene->setHovered(m_target);
        if (const NodeItem *item = m_scene->node(m_target.id);
            item && m_target.port.isValid() && !m_refusal)
            m_to = item->portPos(m_target.port);
        m_area->viewport()->update();
    }
    void finish() override
    {
        m_area->viewport()->update();
        m_scene->setHovered({});
        m_scene->setFitting(nullptr);
        if (m_target.id.isEmpty()) {
            const NodeItem *self = m_scene->node(m_node);
            if (self && self->cardRect().contains(m_to))
                return; // let go where it began
            if (!m_picked.isEmpty())
                m_area->editing()->disconnectEdge(m_picked);
            else
                m_area->editing()->quickAddAt(m_node, m_port, m_to);
            return;
        }
        if (m_refusal) {
            Q_EMIT m_area->message(*m_refusal);
            return;
        }
        const QString other = m_scene->node(m_target.id)->model().port(m_target.port)->id;
        if (m_port.output)
            m_area->editing()->connectPorts(m_node, m_portId, m_target.id, other, m_picked);
        else
            m_area->editing()->connectPorts(m_target.id, other, m_node, m_portId, m_picked);
    }
    void cancel() override
    {
        m_scene->setHovered({});
        m_area->viewport()->update();
        Q_EMIT m_area->message(QString());
    }
    void paint(QPainter &painter) const override
    {
        const Tokens &t = m_area->theme()->tokens();
        QPen pen(m_refusal ? t.error : t.accent, 2,
                 m_target.id.isEmpty() ? Qt::DashLine : Qt::SolidLine);
        pen.setCosmetic(true);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(pen);
        painter.setBrush(Qt::NoBrush);
        painter.drawPath(CanvasEditing::pendingPath(*m_scene, m_node, m_port, m_to));
        painter.setBrush(m_refusal ? t.error : t.accent);
        painter.drawEllipse(m_to, 4 * m_area->pixel(), 4 * m_area->pixel());
    }
    Qt::CursorShape cursor() const override
    {
        return m_refusal ? Qt::ForbiddenCursor : Qt::CrossCursor;
    }

private:
    // An input that takes one edge and has it: the drag takes hold of that edge's end.
    void pickUp()
    {
        const NodeItem *item = m_scene->node(m_node);
        const Port *port = item ? item->model().port(m_port) : nullptr;
        if (!port || m_port.output || port->many)
            return;
        for (EdgeItem *edge : item->edges) {
            if (edge->target() != item || edge->edge().toPort != port->id || !edge->source())
                continue;
            const PortRef out = edge->source()->model().find(edge->edge().fromPort, true);
            if (!out.isValid())
                continue;
            m_picked = edge->id();
            m_body = applyChanges(m_body, removeItems(m_body, {m_picked}));
            m_node = edge->source()->id();
            m_port = out;
            edge->setOpacity(0.25);
            return;
        }
    }
    void findFitting(const NodeItem &self)
    {
        const Port own = *self.model().port(m_port);
        const bool exact = m_scene->nodes().size() <= exactUpTo;
        const QRectF seen = m_area->visibleRect();
        for (const NodeItem *item : m_scene->nodes()) {
            const auto &ports = m_port.output ? item->model().inputs : item->model().outputs;
            std::vector<PortRef> &fit = m_fitting[item->id()];
            if (exact && !seen.intersects(item->cardRect()))
                continue;
            for (size_t i = 0; i < ports.size(); ++i) {
                const PortRef ref{int(i), !m_port.output};
                const bool types = m_port.output ? portsFit(own.type, ports[i].type)
                                                 : portsFit(ports[i].type, own.type);
                if (types && (!exact || !refusal({CanvasHit::What::Port, item->id(), ref})))
                    fit.push_back(ref);
            }
        }
    }
    // The port that is meant: the one under the mouse, or the best of the card under it.
    CanvasHit target(const CanvasHit &hit) const
    {
        if (hit.what != CanvasHit::What::Port && hit.what != CanvasHit::What::Node)
            return {};
        const bool own = hit.id == m_node;
        if (own && (hit.what == CanvasHit::What::Node || hit.port.output == m_port.output))
            return {};
        if (hit.what == CanvasHit::What::Port && hit.port.output != m_port.output)
            return hit;
        const auto fit = m_fitting.constFind(hit.id);
        const std::vector<PortRef> none;
        const auto &ports = fit == m_fitting.cend() ? none : *fit;
        const NodeItem *item = m_scene->node(hit.id);
        if (!ports.empty()) // the free one first
            return {CanvasHit::What::Port, hit.id, ports.front()};
        const auto &all = m_port.output ? item->model().inputs : item->model().outputs;
        return {CanvasHit::What::Port, hit.id,
                all.empty() ? PortRef() : PortRef{0, !m_port.output}};
    }
    std::optional<QString> refusal(const CanvasHit &to) const
    {
        const NodeItem *item = m_scene->node(to.id);
        const Port *port = item ? item->model().port(to.port) : nullptr;
        if (!port) {
            return m_port.output ? CanvasEditing::tr(
                                       "\"%1\" has no input: draw to a node that takes a value.")
                                       .arg(item ? item->model().title() : QString())
                                 : CanvasEditing::tr(
                                       "\"%1\" has no output: draw to a node that gives a value.")
                                       .arg(item ? item->model().title() : QString());
        }
        return m_port.output ? whyNotConnect(m_body, m_node, m_portId, to.id, port->id)
                             : whyNotConnect(m_body, to.id, port->id, m_node, m_portId);
    }

    CanvasArea *m_area;
    CanvasScene *m_scene;
    QJsonObject m_body; // without the edge that was picked up
    QString m_node, m_portId, m_picked;
    PortRef m_port;
    QPointF m_from, m_to;
    QHash<QString, std::vector<PortRef>> m_fitting;
    CanvasHit m_target, m_judged;
    std::optional<QString> m_refusal;
};

} // namespace

std::unique_ptr<CanvasGesture> CanvasGesture::connect(CanvasArea *area, const QString &node,
                                                      PortRef port)
{
    return std::make_unique<Connect>(area, node, port);
}

} // namespace lathe
