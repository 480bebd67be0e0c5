// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/CanvasBox.h"

#include "ui/canvas/CanvasArea.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"

#include <QPainter>
#include <QStyleOptionGraphicsItem>

namespace lathe {

namespace {
constexpr qsizetype longestNote = 4000; // characters that are laid out
}

CanvasBox::CanvasBox(CanvasScene *scene, Kind kind, const QString &id, const QJsonObject &json)
    : m_scene(scene), m_kind(kind), m_id(id)
{
    setZValue(kind == Kind::Frame ? -30 : -20);
    setJson(json);
}

void CanvasBox::setJson(const QJsonObject &json)
{
    m_json = json;
    m_text = json.value(QLatin1String(m_kind == Kind::Frame ? "title" : "text")).toString();
    const QString color = json.value(QLatin1String("color")).toString();
    m_color = color.isEmpty() ? ColorToken::Text3 : colorTokenFromName(color);
    setPos(CanvasScene::bounded(QPointF(json.value(QLatin1String("x")).toDouble(),
                                        json.value(QLatin1String("y")).toDouble())));
    m_laidOutFor = QSizeF();
    setBoxSize(QSizeF(json.value(QLatin1String("w")).toDouble(200),
                      json.value(QLatin1String("h")).toDouble(120)));
    update();
}

void CanvasBox::setBoxSize(QSizeF size)
{
    size = QSizeF(std::clamp(size.width(), leastWidth, 1e5),
                  std::clamp(size.height(), leastHeight, 1e5));
    if (size == m_size)
        return;
    prepareGeometryChange();
    m_size = size;
    update();
}

bool CanvasBox::isHandle(QPointF at, double pixel) const
{
    const double reach = std::max(handle, 10 * pixel);
    const QPointF corner = boxRect().bottomRight();
    return QRectF(corner - QPointF(reach, reach), QSizeF(reach + 4 * pixel, reach + 4 * pixel))
        .contains(at);
}

bool CanvasBox::takes(QPointF at, double pixel) const
{
    const QRectF box = boxRect();
    const double border = 5 * pixel;
    if (!box.adjusted(-border, -border, border, border).contains(at))
        return false;
    if (m_kind == Kind::Note || isHandle(at, pixel))
        return true;
    const double title = std::min(std::max(titleHeight, 16 * pixel), box.height() / 2);
    return !box.adjusted(border, title, -border, -border).contains(at);
}

void CanvasBox::setSelected(bool selected)
{
    m_selected = selected;
    update();
}

QRectF CanvasBox::boundingRect() const
{
    // The title, from far
    const double above = m_kind == Kind::Frame ? titleHeight / CanvasArea::overviewScale : 4;
    return QRectF(QPointF(0, 0), m_size).adjusted(-4, -above, 4, 4);
}

void CanvasBox::paint(QPainter *painter, const QStyleOptionGraphicsItem *, QWidget *widget)
{
    const double scale =
        QStyleOptionGraphicsItem::levelOfDetailFromTransform(painter->worldTransform());
    painter->setRenderHint(QPainter::Antialiasing);
    if (m_kind == Kind::Frame)
        paintFrame(*painter, scale, widget ? widget->devicePixelRatioF() : 1);
    else
        paintNote(*painter, scale, widget ? widget->devicePixelRatioF() : 1);
    if (m_selected) { // the corner to resize it by
        const QPointF corner(m_size.width() - 4, m_size.height() - 4);
        painter->setPen(QPen(m_scene->theme()->tokens().accent, 1.5));
        painter->drawLine(corner - QPointF(8, 0), corner - QPointF(0, 8));
        painter->drawLine(corner - QPointF(4, 0), corner - QPointF(0, 4));
    }
}

void CanvasBox::paintFrame(QPainter &painter, double scale, double dpr)
{
    const Tokens &t = m_scene->theme()->tokens();
    const QColor ink = t.color(m_color);
    QPen pen(m_selected ? t.accent : withAlpha(ink, 0.55), m_selected ? 2 * dpr : dpr);
    pen.setCosmetic(true);
    painter.setPen(pen);
    painter.setBrush(withAlpha(ink, t.dark ? 0.07 : 0.05));
    painter.drawRoundedRect(QRectF(QPointF(0, 0), m_size), 10, 10);
    // The title keeps a size that can be read.
    const double readable = std::max(1.0, 0.95 / scale);
    if (m_text.isEmpty() || m_size.width() < 60 * readable)
        return;
    painter.save();
    if (readable > 1.25) // no longer fits between the border and the first node: above the border
        painter.translate(-8 * readable, -(titleHeight - 2) * readable);
    painter.scale(readable, readable);
    const QFont font = m_scene->theme()->strongFont();
    const QSizeF room((m_size.width() - 24) / readable, titleHeight);
    if (m_laidOutFor != room) {
        m_laidOutFor = room;
        m_laidOut = QStaticText(QFontMetrics(font).elidedText(format::oneLine(m_text, 200),
                                                              Qt::ElideRight, int(room.width())));
        m_laidOut.setTextFormat(Qt::PlainText);
        m_laidOut.prepare(QTransform(), font);
    }
    painter.setFont(font);
    painter.setPen(m_color == ColorToken::Text3 ? t.text2 : ink);
    painter.drawStaticText(QPointF(12, 6), m_laidOut);
    painter.restore();
}

void CanvasBox::paintNote(QPainter &painter, double scale, double dpr)
{
    const Tokens &t = m_scene->theme()->tokens();
    const QColor ink = m_color == ColorToken::Text3 ? t.human : t.color(m_color);
    const QRectF box(QPointF(0, 0), m_size);
    painter.setPen(Qt::NoPen);
    painter.setBrush(mix(t.surface, ink, t.dark ? 0.10 : 0.08));
    painter.drawRoundedRect(box, metrics::Radius, metrics::Radius);
    QPen pen(m_selected ? t.accent : withAlpha(ink, 0.5), m_selected ? 2 * dpr : dpr);
    pen.setCosmetic(true);
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(box, metrics::Radius, metrics::Radius);
    if (scale < 0.5)
        return;
    const QFont font = m_scene->theme()->uiFont();
    if (m_laidOutFor != m_size) {
        m_laidOutFor = m_size;
        m_laidOut = QStaticText(m_text.left(longestNote));
        m_laidOut.setTextFormat(Qt::PlainText);
        m_laidOut.setTextOption(QTextOption());
        m_laidOut.setTextWidth(m_size.width() - 2 * metrics::Margin);
        m_laidOut.prepare(QTransform(), font);
    }
    painter.save();
    painter.setClipRect(
        box.adjusted(metrics::Margin, metrics::Gap, -metrics::Margin, -metrics::Gap),
        Qt::IntersectClip);
    painter.setFont(font);
    painter.setPen(t.text);
    painter.drawStaticText(QPointF(metrics::Margin, metrics::Margin - 2), m_laidOut);
    painter.restore();
}

} // namespace lathe
