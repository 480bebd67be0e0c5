// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/canvas/NodePainter.h"

#include <QGraphicsItem>

namespace lathe {

class CanvasScene;
class EdgeItem;

// A node on the canvas. Holds what is shown and asks the scene's strategies for the rest. The scene
// owns it and alone changes it.
class NodeItem : public QGraphicsItem
{
public:
    enum { Type = UserType + 1 };
    NodeItem(CanvasScene *scene, const QString &id, const QJsonObject &json);
    int type() const override { return Type; }
    const QString &id() const { return m_model.node.id; }
    const QJsonObject &json() const { return m_json; }
    void setJson(const QJsonObject &json);
    const NodeModel &model() const { return m_model; }
    const NodeVisual &visual() const { return m_visual; }
    // Runs `change` on the visual and repaints when it changed something; true when the card's size
    // changed.
    bool changeVisual(const std::function<void(NodeVisual &)> &change);
    const std::vector<Problem> &problems() const { return m_problems; }
    void setProblems(std::vector<Problem> problems);

    QSizeF cardSize() const { return m_size; }
    QRectF cardRect() const { return QRectF(pos(), m_size); } // in the scene
    QPointF portPos(PortRef ref) const;                       // in the scene
    QString toolTipText() const;

    std::vector<EdgeItem *> edges; // that begin or end here; kept by the scene

    QRectF boundingRect() const override;
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

private:
    void updateSize();

    CanvasScene *m_scene;
    QJsonObject m_json;
    NodeModel m_model;
    NodeVisual m_visual;
    NodeTexts m_texts;
    std::vector<Problem> m_problems;
    QSizeF m_size;
};

} // namespace lathe
