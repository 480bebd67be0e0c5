// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/canvas/CanvasTypes.h"
#include "ui/canvas/EdgeGeometry.h"

#include <QGraphicsItem>
#include <QStaticText>

namespace lathe {

class CanvasScene;
class NodeItem;

// An edge on the canvas. One whose node is missing is not drawn (a problem says so); one whose port
// is missing ends at the card.
class EdgeItem : public QGraphicsItem
{
public:
    enum { Type = UserType + 2 };
    EdgeItem(CanvasScene *scene, const QString &id, const QJsonObject &json);
    int type() const override { return Type; }
    const QString &id() const { return m_edge.id; }
    const QJsonObject &json() const { return m_json; }
    const TeamEdge &edge() const { return m_edge; }
    NodeItem *source() const { return m_from; }
    NodeItem *target() const { return m_to; }
    // Finds the ends anew and runs the edge between them. After anything it touches moved or
    // changed.
    void attach(NodeItem *from, NodeItem *to);
    void reroute();
    bool opensBody() const { return m_body; } // from a container into its body
    bool returns() const { return m_returns; }
    QString fromPortTitle() const;

    struct Visual {
        bool selected = false, hovered = false;
        bool alone = true; // the only one at its body or return port: says the port's title
        EdgeFlow flow;
        bool inRun = false;
        DiffMark diff = DiffMark::None;
        int problems = 0;
    };
    const Visual &visual() const { return m_visual; }
    void changeVisual(const std::function<void(Visual &)> &change);
    void setProblems(std::vector<Problem> problems);
    QString toolTipText() const;
    QString labelText() const;
    double distance(QPointF at) const; // from the line, in scene units
    const QPainterPath &path() const { return m_route.path; }
    QLineF straight() const { return QLineF(m_start, m_route.tip); } // as seen from far

    QRectF boundingRect() const override { return m_bounds; }
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

private:
    void paintLabel(QPainter &painter, double scale) const;
    bool isStrong() const { return m_visual.selected || m_visual.flow.active; }
    QColor color() const;

    CanvasScene *m_scene;
    QJsonObject m_json;
    TeamEdge m_edge;
    NodeItem *m_from = nullptr;
    NodeItem *m_to = nullptr;
    bool m_body = false, m_returns = false, m_broken = false;
    QPointF m_start;
    EdgeRoute m_route;
    QRectF m_bounds;
    Visual m_visual;
    std::vector<Problem> m_problems;
    mutable QPolygonF m_sampled;
    mutable QStaticText m_label;
    mutable QString m_labelFor;
};

} // namespace lathe
