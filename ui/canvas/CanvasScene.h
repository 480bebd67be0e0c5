// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/canvas/CanvasBox.h"
#include "ui/canvas/EdgeItem.h"
#include "ui/canvas/NodeItem.h"
#include "ui/theme/Theme.h"

#include <QGraphicsScene>

#include <memory>

namespace lathe {

// What is under a point of the scene.
struct CanvasHit {
    enum class What { Nothing, Node, Port, Edge, Box, BoxHandle };
    What what = What::Nothing;
    QString id; // of the node, edge, frame or note
    PortRef port;
    bool operator==(const CanvasHit &) const = default;
};

// The items of one body. mirror() changes only what differs; gestures move items for the moment,
// and the next mirror() (or restore()) puts them where the body says. Geometry and painters are
// given to it.
class CanvasScene : public QGraphicsScene
{
    Q_OBJECT
public:
    static constexpr double grid = 8;     // px that positions snap to
    static constexpr double extent = 2e5; // farthest coordinate of anything
    CanvasScene(Theme *theme, std::unique_ptr<NodeGeometry> nodeGeometry,
                std::unique_ptr<NodePainter> nodePainter,
                std::unique_ptr<EdgeGeometry> edgeGeometry);
    ~CanvasScene() override;
    // With cards, the usual strategies.
    static std::unique_ptr<CanvasScene> make(Theme *theme);
    static QPointF bounded(QPointF at);

    const Theme *theme() const { return m_theme; }
    const NodeGeometry &nodeGeometry() const { return *m_nodeGeometry; }
    const NodePainter &nodePainter() const { return *m_nodePainter; }
    const EdgeGeometry &edgeGeometry() const { return *m_edgeGeometry; }

    void mirror(const QJsonObject &body);
    const QJsonObject &body() const { return m_body; }
    void restore();                               // places and sizes as the body says
    quint64 version() const { return m_version; } // how often it was mirrored

    const QHash<QString, NodeItem *> &nodes() const { return m_nodes; }
    const QHash<QString, EdgeItem *> &edges() const { return m_edges; }
    const QHash<QString, CanvasBox *> &boxes() const { return m_boxes; }
    NodeItem *node(const QString &id) const { return m_nodes.value(id); }
    EdgeItem *edge(const QString &id) const { return m_edges.value(id); }
    CanvasBox *box(const QString &id) const { return m_boxes.value(id); }
    QGraphicsItem *item(const QString &id) const;
    bool isEmpty() const { return m_nodes.isEmpty() && m_boxes.isEmpty(); }
    QRectF contentRect() const; // of all nodes, frames and notes; empty when there are none
    QRectF rectOf(const QString &id) const;
    // `pixel`: scene units of a pixel on the screen, for how near is near.
    CanvasHit hit(QPointF at, double pixel) const;
    // Nodes, boxes and (wholly inside) edges that a rubber band takes.
    QStringList within(const QRectF &band) const;
    // Nodes, notes and smaller frames wholly in it
    QStringList insideFrame(const CanvasBox *frame) const;

    const QStringList &selection() const { return m_selection; }
    void setSelection(const QStringList &ids);
    QString current() const { return m_selection.isEmpty() ? QString() : m_selection.last(); }
    void moveItem(const QString &id, QPointF to); // a gesture's; edges follow
    void resizeBox(const QString &id, QSizeF size);

    void setProblems(const std::vector<Problem> &problems);
    void setRunState(const QHash<QString, NodeRunState> &states);
    void setEdgeFlow(const QHash<QString, EdgeFlow> &flows);
    void setBreakpoints(const QSet<QString> &nodes);
    void setDifference(const QHash<QString, DiffMark> &marks);
    bool hasBreakpoint(const QString &node) const { return m_breakpoints.contains(node); }
    void setHovered(const CanvasHit &hit);
    // While an edge is drawn: the ports of each node that it may end at. nullptr: none is drawn.
    void setFitting(const QHash<QString, std::vector<PortRef>> *fitting);
    QString toolTipOf(const QString &id) const;

    bool quick() const { return m_quick; } // draw roughly: it is being moved
    void setQuick(bool quick) { m_quick = quick; }
    bool isFocused() const { return m_focused; }
    void setFocused(bool focused);
    double pulse() const { return m_pulse; }
    bool isLive() const
    {
        return !m_live.isEmpty() || !m_liveEdges.isEmpty();
    } // something glows or moves
    // The next frame of that
    void beat(double pulse);

Q_SIGNALS:
    void selectionMoved(); // selection() is another
    // Something was added, removed, moved or recoloured: the small map is out of date
    void contentChanged();

private:
    void follow(const QJsonObject &before, bool placeAll);
    // True: some came or went
    bool mirrorNodes(const QJsonObject &nodes, const QJsonObject &places, bool moved);
    void dropNode(NodeItem *node);
    void detach(EdgeItem *edge);
    void mirrorEdges(const QJsonObject &edges);
    void mirrorBoxes(const QJsonObject &boxes, CanvasBox::Kind kind);
    void settle(); // what depends on several items, of those that changed
    void touched(NodeItem *node) { m_dirty.insert(node); }
    void growSceneRect();
    void markItem(const QString &id, bool selected);

    Theme *m_theme;
    std::unique_ptr<NodeGeometry> m_nodeGeometry;
    std::unique_ptr<NodePainter> m_nodePainter;
    std::unique_ptr<EdgeGeometry> m_edgeGeometry;
    QJsonObject m_body;
    quint64 m_version = 0;
    QHash<QString, NodeItem *> m_nodes;
    QHash<QString, EdgeItem *> m_edges;
    QHash<QString, CanvasBox *> m_boxes;
    QSet<NodeItem *> m_dirty;
    QStringList m_selection;
    QSet<QString> m_breakpoints;
    QHash<QString, NodeRunState> m_runState;
    QHash<QString, EdgeFlow> m_flows;
    bool m_flowShown = false;
    QHash<QString, DiffMark> m_marks;
    std::vector<Problem> m_problems;
    QSet<QString> m_withProblems;
    QSet<QString> m_live, m_liveEdges;
    CanvasHit m_hovered;
    bool m_quick = false, m_focused = false;
    double m_pulse = 0;
};

} // namespace lathe
