// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Tokens.h"

#include <QGraphicsItem>
#include <QJsonObject>
#include <QStaticText>

namespace lathe {

class CanvasScene;

// A frame around nodes, or a note. A frame is taken by its title or border, so that one can draw a
// rubber band inside of it.
class CanvasBox : public QGraphicsItem
{
public:
    enum { Type = UserType + 3 };
    enum class Kind { Frame, Note };
    static constexpr double titleHeight = 28, handle = 16, leastWidth = 96, leastHeight = 48;
    CanvasBox(CanvasScene *scene, Kind kind, const QString &id, const QJsonObject &json);
    int type() const override { return Type; }
    Kind kind() const { return m_kind; }
    const QString &id() const { return m_id; }
    const QJsonObject &json() const { return m_json; }
    void setJson(const QJsonObject &json); // moves it too
    const QString &text() const { return m_text; }
    QRectF boxRect() const { return QRectF(pos(), m_size); } // in the scene
    void setBoxSize(QSizeF size);                            // while it is dragged
    bool isHandle(QPointF scenePos, double pixel) const;     // the corner that resizes
    bool takes(QPointF scenePos, double pixel) const;        // a press there is meant for it
    void setSelected(bool selected);
    ColorToken color() const { return m_color; }

    QRectF boundingRect() const override;
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

private:
    void paintFrame(QPainter &painter, double scale, double dpr);
    void paintNote(QPainter &painter, double scale, double dpr);

    CanvasScene *m_scene;
    Kind m_kind;
    QString m_id;
    QJsonObject m_json;
    QString m_text;
    QSizeF m_size;
    ColorToken m_color = ColorToken::Text3;
    bool m_selected = false;
    QStaticText m_laidOut;
    QSizeF m_laidOutFor;
};

} // namespace lathe
