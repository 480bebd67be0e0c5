// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/EdgeItem.h"

#include "ui/canvas/CanvasScene.h"
#include "ui/canvas/NodeItem.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Paint.h"

#include <QCoreApplication>
#include <QPainter>
#include <QStyleOptionGraphicsItem>
#include <QWidget>

#include <cmath>

namespace lathe {

namespace {
constexpr double labelWidth = 150;

QString tr(const char *text)
{
    return QCoreApplication::translate("lathe::EdgeItem", text);
}
}

EdgeItem::EdgeItem(CanvasScene *scene, const QString &id, const QJsonObject &json)
    : m_scene(scene), m_json(json)
{
    m_edge.id = id;
    m_edge.from = json.value(QLatin1String("from")).toString();
    m_edge.fromPort = json.value(QLatin1String("from_port")).toString();
    m_edge.to = json.value(QLatin1String("to")).toString();
    m_edge.toPort = json.value(QLatin1String("to_port")).toString();
    m_edge.label = json.value(QLatin1String("label")).toString();
}

void EdgeItem::attach(NodeItem *from, NodeItem *to)
{
    m_from = from;
    m_to = to;
    setVisible(from && to);
    reroute();
}

void EdgeItem::reroute()
{
    if (!m_from || !m_to)
        return;
    const PortRef out = m_from->model().find(m_edge.fromPort, true),
                  in = m_to->model().find(m_edge.toPort, false);
    const Port *outPort = m_from->model().port(out), *inPort = m_to->model().port(in);
    m_broken = !outPort || !inPort;
    m_body = outPort && outPort->body;
    m_returns = inPort && inPort->returns;
    const NodeGeometry &geometry = m_scene->nodeGeometry();
    const EdgeEnd from{m_from->portPos(out.isValid() ? out : PortRef{-1, true}),
                       geometry.side(m_from->model(), {out.index, true}), m_from->cardRect()};
    const EdgeEnd to{m_to->portPos(in.isValid() ? in : PortRef{-1, false}),
                     geometry.side(m_to->model(), {in.index, false}), m_to->cardRect()};
    prepareGeometryChange();
    m_start = from.at;
    m_route = m_scene->edgeGeometry().route(from, to);
    m_sampled.clear();
    // Room for the label, a thick pen, the arrow head and the moving dot.
    m_bounds = m_route.path.controlPointRect().adjusted(-10, -10, 10, 10);
    if (!labelText().isEmpty() || m_visual.inRun)
        m_bounds |=
            QRectF(m_route.label - QPointF(labelWidth / 2 + 8, 14), QSizeF(labelWidth + 16, 28));
    update();
}

QString EdgeItem::fromPortTitle() const
{
    const Port *port =
        m_from ? m_from->model().port(m_from->model().find(m_edge.fromPort, true)) : nullptr;
    return port ? (port->title.isEmpty() ? port->id : port->title) : m_edge.fromPort;
}

void EdgeItem::changeVisual(const std::function<void(Visual &)> &change)
{
    const bool had = !labelText().isEmpty() || m_visual.inRun;
    change(m_visual);
    if (had != (!labelText().isEmpty() || m_visual.inRun))
        reroute();
    update();
}

void EdgeItem::setProblems(std::vector<Problem> problems)
{
    if (problems == m_problems)
        return;
    m_problems = std::move(problems);
    m_visual.problems = int(m_problems.size());
    update();
}

QString EdgeItem::labelText() const
{
    if (!m_edge.label.isEmpty())
        return format::oneLine(m_edge.label, 120);
    if (!m_visual.alone || !m_from || !m_to)
        return {};
    if (m_body)
        return m_edge.fromPort;
    return m_returns ? m_edge.toPort : QString();
}

QString EdgeItem::toolTipText() const
{
    const auto text = [](const QString &plain, int length) {
        return format::oneLine(plain, length).toHtmlEscaped();
    };
    QStringList lines;
    lines.append(QStringLiteral("<b>%1 &rarr; %2</b>")
                     .arg(text(m_from ? m_from->model().title() : m_edge.from, 80),
                          text(m_to ? m_to->model().title() : m_edge.to, 80)));
    if (m_body)
        lines.append(tr("opens the body: %1").arg(text(m_edge.fromPort, 60)));
    else if (m_returns)
        lines.append(tr("comes back: %1").arg(text(m_edge.toPort, 60)));
    else
        lines.append(text(fromPortTitle(), 60));
    if (!m_edge.label.isEmpty())
        lines.append(text(m_edge.label, 200));
    if (m_visual.inRun) {
        if (m_visual.flow.state == EdgeFlow::State::Dead)
            lines.append(tr("Not taken"));
        else if (m_visual.flow.values > 0)
            lines.append(format::count(m_visual.flow.values, tr("value"), tr("values")));
        if (!m_visual.flow.preview.isEmpty())
            lines.append(text(m_visual.flow.preview, 300));
    }
    for (size_t i = 0; i < m_problems.size() && i < 6; ++i)
        lines.append(text(m_problems[i].message + QLatin1Char(' ') + m_problems[i].fix, 300));
    if (m_visual.diff != DiffMark::None)
        lines.append(m_visual.diff == DiffMark::Added     ? tr("Added")
                     : m_visual.diff == DiffMark::Removed ? tr("Removed")
                                                          : tr("Changed"));
    return QStringLiteral("<p>%1</p>").arg(lines.join(QStringLiteral("<br>")));
}

double EdgeItem::distance(QPointF at) const
{
    if (m_sampled.isEmpty())
        m_sampled = sampled(m_route.path);
    return distanceTo(m_sampled, at);
}

QColor EdgeItem::color() const
{
    const Tokens &t = m_scene->theme()->tokens();
    if (isStrong())
        return t.accent;
    if (m_visual.diff != DiffMark::None)
        return t.color(diffColor(m_visual.diff));
    if (m_broken || m_visual.problems > 0)
        return t.error;
    if (m_visual.hovered)
        return t.text;
    if (m_visual.inRun)
        return m_visual.flow.state == EdgeFlow::State::Taken  ? t.text2
               : m_visual.flow.state == EdgeFlow::State::Dead ? mix(t.line, t.text3, 0.4)
                                                              : t.lineStrong;
    return t.text3;
}

void EdgeItem::paint(QPainter *painter, const QStyleOptionGraphicsItem *, QWidget *widget)
{
    // A cosmetic pen counts device pixels.
    const double dpr = widget && !m_scene->quick() ? widget->devicePixelRatioF() : 1;
    const double scale =
        QStyleOptionGraphicsItem::levelOfDetailFromTransform(painter->worldTransform());
    const QColor ink = color();
    QPen pen(ink, isStrong() || (m_visual.hovered && !m_scene->quick())
                          || m_visual.diff != DiffMark::None
                      ? 2 * dpr
                      : dpr);
    pen.setCosmetic(true); // ten times cheaper than a line as wide as the zoom makes it
    if (m_visual.flow.state == EdgeFlow::State::Dead && m_visual.inRun)
        pen.setDashPattern({1, 3});
    else if (m_visual.diff == DiffMark::Removed)
        pen.setDashPattern({3, 3});
    else if (m_body || m_returns)
        pen.setDashPattern({6, 4});
    painter->setRenderHint(QPainter::Antialiasing, !m_scene->quick());
    painter->setPen(pen);
    painter->setBrush(Qt::NoBrush);
    painter->drawPath(m_route.path);
    if (scale < 0.5 && !isStrong())
        return;
    const QPointF d = m_route.tipDirection, n(-d.y(), d.x()), tip = m_route.tip - d * 4.5;
    const QPointF head[] = {tip, tip - d * 7 + n * 3.5, tip - d * 7 - n * 3.5};
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(ink);
    painter->drawPolygon(head, 3);
    paintLabel(*painter, scale);
    if (m_visual.flow.active) {
        painter->setPen(QPen(m_scene->theme()->tokens().base, 1.5));
        painter->setBrush(ink);
        painter->drawEllipse(m_route.path.pointAtPercent(m_scene->pulse()), 5, 5);
    }
}

void EdgeItem::paintLabel(QPainter &painter, double scale) const
{
    if (scale < NodeCardPainter::nearScale)
        return;
    QString text = labelText();
    const Tokens &t = m_scene->theme()->tokens();
    if (m_visual.inRun && m_visual.flow.state == EdgeFlow::State::Taken
        && !m_visual.flow.preview.isEmpty() && (m_visual.selected || m_visual.hovered))
        text = format::oneLine(m_visual.flow.preview, 60);
    if (text.isEmpty())
        return;
    const QFont font = m_scene->theme()->smallFont();
    if (m_labelFor != text) {
        m_labelFor = text;
        m_label = QStaticText(QFontMetrics(font).elidedText(text, Qt::ElideRight, int(labelWidth)));
        m_label.setTextFormat(Qt::PlainText);
        m_label.setPerformanceHint(QStaticText::AggressiveCaching);
        m_label.prepare(QTransform(), font);
    }
    const QSizeF size = m_label.size();
    const QRectF box(m_route.label - QPointF(size.width() / 2 + 6, size.height() / 2 + 1),
                     size + QSizeF(12, 2));
    paint::roundedBox(painter, box, 4, t.base, isStrong() ? t.accent : t.line);
    painter.setFont(font);
    painter.setPen(isStrong() ? t.text : t.text2);
    painter.drawStaticText(box.topLeft() + QPointF(6, 1), m_label);
}

} // namespace lathe
