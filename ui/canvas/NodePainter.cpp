// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/NodePainter.h"

#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"

#include <QCoreApplication>

#include <cmath>

namespace lathe {

namespace {
constexpr double stripe = 4, iconLeft = 14, textLeft = 38, padding = 12, radius = metrics::Radius;

QString tr(const char *text)
{
    return QCoreApplication::translate("lathe::NodePainter", text);
}

QStaticText laidOut(const QString &text, const QFont &font, const QFontMetrics &metrics,
                    double width)
{
    QStaticText made(metrics.elidedText(text, Qt::ElideRight, int(width)));
    made.setTextFormat(Qt::PlainText);
    made.setPerformanceHint(QStaticText::AggressiveCaching);
    made.prepare(QTransform(), font);
    return made;
}

void portShape(QPainter &painter, QPointF at, PortType type, double r)
{
    switch (type) {
    case PortType::Json:
        painter.drawRoundedRect(QRectF(at.x() - r, at.y() - r, 2 * r, 2 * r), 1.5, 1.5);
        return;
    case PortType::List: { // two squares behind each other
        painter.drawRoundedRect(QRectF(at.x() - r + 2.5, at.y() - r - 1.5, 2 * r - 1, 2 * r - 1),
                                1.5, 1.5);
        painter.drawRoundedRect(QRectF(at.x() - r - 0.5, at.y() - r + 1, 2 * r - 1, 2 * r - 1), 1.5,
                                1.5);
        return;
    }
    case PortType::Number:
    case PortType::Boolean: {
        const QPointF points[] = {
            {at.x() - r, at.y() - r}, {at.x() + r, at.y()}, {at.x() - r, at.y() + r}};
        painter.drawPolygon(points, 3);
        return;
    }
    case PortType::Control: {
        const double d = r * 1.2;
        const QPointF points[] = {at - QPointF(d, 0), at - QPointF(0, d), at + QPointF(d, 0),
                                  at + QPointF(0, d)};
        painter.drawPolygon(points, 4);
        return;
    }
    case PortType::Any:
    case PortType::Text:
        break;
    }
    painter.drawEllipse(at, r, r);
}
} // namespace

QString runNumbers(const NodeRunState &run)
{
    QStringList parts;
    if (run.calls > 0)
        parts.append(format::number(run.calls) + QChar(0x00D7));
    if (run.usage.totalTokens() > 0)
        parts.append(tr("%1 tok").arg(format::number(run.usage.totalTokens())));
    if (run.durationUs >= 0)
        parts.append(format::duration(run.durationUs));
    if (const QString cost = format::cost(run.usage);
        !cost.isEmpty() && run.usage.totalTokens() > 0)
        parts.append(cost);
    return parts.join(QStringLiteral("  "));
}

ColorToken diffColor(DiffMark mark)
{
    switch (mark) {
    case DiffMark::Added:
        return ColorToken::Ok;
    case DiffMark::Removed:
        return ColorToken::Error;
    case DiffMark::Changed:
        return ColorToken::Accent;
    case DiffMark::None:
        break;
    }
    return ColorToken::Line;
}

QString diffSign(DiffMark mark)
{
    switch (mark) {
    case DiffMark::Added:
        return QStringLiteral("+");
    case DiffMark::Removed:
        return QString(QChar(0x2212));
    case DiffMark::Changed:
        return QStringLiteral("~");
    case DiffMark::None:
        break;
    }
    return {};
}

NodeCardPainter::NodeCardPainter(const Theme *theme, const NodeCardGeometry *geometry)
    : m_theme(theme),
      m_geometry(geometry),
      m_nameFont(theme->strongFont()),
      m_smallFont(theme->smallFont()),
      m_farFont(theme->strongFont()),
      m_footerFont(theme->smallFont()),
      m_nameMetrics(m_nameFont),
      m_smallMetrics(m_smallFont),
      m_farMetrics(m_farFont),
      m_footerMetrics(m_footerFont)
{
    m_footerFont.setPixelSize(11);
    m_footerMetrics = QFontMetrics(m_footerFont);
    m_farFont.setPixelSize(11);
    m_farMetrics = QFontMetrics(m_farFont);
}

void NodeCardPainter::layOut(const NodePaint &node) const
{
    if (node.texts.ready)
        return;
    const NodeModel &model = node.model;
    node.texts.ready = true;
    node.texts.name = laidOut(model.title(), m_nameFont, m_nameMetrics,
                              NodeCardGeometry::width - textLeft - padding);
    node.texts.summary = laidOut(model.summary(), m_smallFont, m_smallMetrics,
                                 NodeCardGeometry::width - textLeft - padding);
    node.texts.inputs.clear();
    node.texts.outputs.clear();
    const bool both = !model.inputs.empty() && !model.outputs.empty();
    const double room = NodeCardGeometry::width - 2 * padding - 12;
    for (const Port &port : model.inputs)
        node.texts.inputs.push_back(laidOut(format::oneLine(port.title, 80), m_smallFont,
                                            m_smallMetrics, both ? room * 0.4 : room));
    for (const Port &port : model.outputs)
        node.texts.outputs.push_back(laidOut(format::oneLine(port.title, 80), m_smallFont,
                                             m_smallMetrics, both ? room * 0.6 : room));
    const NodeRunState &run = node.visual.run;
    const QString numbers =
        run.calls == 0 && run.status == Status::Cancelled ? tr("skipped") : runNumbers(run);
    node.texts.footer = laidOut(numbers.isEmpty() ? statusWord(run.status) : numbers, m_footerFont,
                                m_footerMetrics, NodeCardGeometry::width - textLeft - 6);
}

void NodeCardPainter::paint(QPainter &painter, const NodePaint &node) const
{
    const QRectF card(QPointF(0, 0), m_geometry->size(node.model, node.visual.inRun));
    painter.setRenderHint(QPainter::Antialiasing);
    glow(painter, node, card);
    box(painter, node, card);
    if (node.visual.diff == DiffMark::Removed)
        painter.setOpacity(0.55); // what it says; border and badge stay plain
    if (node.scale >= nearScale) {
        layOut(node);
        nearText(painter, node);
        if (node.visual.inRun)
            footer(painter, node, card);
    } else {
        farText(painter, node, card);
    }
    ports(painter, node);
    painter.setOpacity(1);
    badges(painter, node, card);
}

void NodeCardPainter::glow(QPainter &painter, const NodePaint &node, const QRectF &card) const
{
    const Tokens &t = m_theme->tokens();
    const Status status = node.visual.inRun ? node.visual.run.status : Status::None;
    if (status == Status::Running || status == Status::Waiting) {
        const QColor color = t.color(statusColor(status));
        const double strength =
            status == Status::Running ? 0.55 + 0.45 * std::sin(node.pulse * 2 * M_PI) : 0.6;
        painter.setPen(Qt::NoPen);
        for (const double spread : {9.0, 6.0, 3.0}) {
            painter.setBrush(withAlpha(color, (0.06 + 0.09 * strength)));
            painter.drawRoundedRect(card.adjusted(-spread, -spread, spread, spread),
                                    radius + spread, radius + spread);
        }
    }
    // Where the keyboard is among them
    if (node.visual.selected && node.visual.current && node.focused && node.several) {
        painter.setPen(QPen(t.accent, metrics::FocusRing));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(card.adjusted(-4, -4, 4, 4), radius + 4, radius + 4);
    }
}

void NodeCardPainter::box(QPainter &painter, const NodePaint &node, const QRectF &card) const
{
    const Tokens &t = m_theme->tokens();
    const NodeVisual &v = node.visual;
    QColor border = v.hovered ? t.text3 : t.lineStrong;
    double width = std::max(1.0, 1 / node.scale); // one pixel at least, however far
    if (v.diff != DiffMark::None)
        border = t.color(diffColor(v.diff)), width *= 2;
    else if (v.inRun
             && (v.run.status == Status::Running || v.run.status == Status::Waiting
                 || v.run.status == Status::Error))
        border = t.color(statusColor(v.run.status)), width *= 1.5;
    else if (v.worst == Problem::Severity::Error && v.problems > 0)
        border = t.error;
    if (v.selected)
        border = t.accent, width = (node.focused ? 2.0 : 1.5) * std::max(1.0, 1 / node.scale);
    const QColor kind = t.color(node.model.color);
    const double half = width / 2;
    const QRectF inner = card.adjusted(half, half, -half, -half);
    painter.setPen(Qt::NoPen);
    painter.setBrush(v.diff == DiffMark::Removed ? mix(t.surface, kind, 0.5) : kind);
    painter.drawRoundedRect(inner, radius - half, radius - half);
    // The surface over it leaves the stripe free: square on the left, round on the right.
    const double left = std::max(stripe, 3.5 / node.scale) + half, right = inner.right(),
                 r = radius - half;
    QPainterPath surface;
    surface.moveTo(left, inner.top());
    surface.lineTo(right - r, inner.top());
    surface.arcTo(QRectF(right - 2 * r, inner.top(), 2 * r, 2 * r), 90, -90);
    surface.lineTo(right, inner.bottom() - r);
    surface.arcTo(QRectF(right - 2 * r, inner.bottom() - 2 * r, 2 * r, 2 * r), 0, -90);
    surface.lineTo(left, inner.bottom());
    surface.closeSubpath();
    painter.setBrush(v.selected ? mix(t.surface, t.accent, t.dark ? 0.10 : 0.06) : t.surface);
    painter.drawPath(surface);
    painter.setPen(QPen(border, width, v.diff == DiffMark::Removed ? Qt::DashLine : Qt::SolidLine));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(inner, radius - half, radius - half);
    if (node.scale < nearScale || card.height() <= NodeCardGeometry::header)
        return;
    painter.setPen(QPen(t.line, 1));
    painter.setRenderHint(QPainter::Antialiasing, false);
    if (NodeCardGeometry::rows(node.model) > 0)
        painter.drawLine(QPointF(stripe + 1, NodeCardGeometry::header - 4),
                         QPointF(card.right() - 1, NodeCardGeometry::header - 4));
    if (v.inRun) {
        const double y = card.bottom() - NodeCardGeometry::footer;
        painter.drawLine(QPointF(stripe + 1, y), QPointF(card.right() - 1, y));
    }
    painter.setRenderHint(QPainter::Antialiasing);
}

void NodeCardPainter::nearText(QPainter &painter, const NodePaint &node) const
{
    const Tokens &t = m_theme->tokens();
    // As sharp as the zoom asks for; few steps, so that few pixmaps are kept.
    const double sharp = node.dpr
                         * (node.scale <= 1     ? 1
                            : node.scale <= 1.5 ? 1.5
                            : node.scale <= 2   ? 2
                                                : 4);
    const QPixmap icon = m_theme->pixmap(node.model.icon, t.color(node.model.color), 16, sharp);
    if (!icon.isNull()) {
        painter.setRenderHint(QPainter::SmoothPixmapTransform);
        painter.drawPixmap(QRectF(iconLeft, 10, 16, 16), icon, QRectF(icon.rect()));
    }
    painter.setFont(m_nameFont);
    painter.setPen(t.text);
    painter.drawStaticText(QPointF(textLeft, 18 - node.texts.name.size().height() / 2),
                           node.texts.name);
    painter.setFont(m_smallFont);
    painter.setPen(t.text2);
    painter.drawStaticText(QPointF(textLeft, 37 - node.texts.summary.size().height() / 2),
                           node.texts.summary);
    if (NodeCardGeometry::compact(node.model))
        return;
    const auto titles = [&](const std::vector<Port> &ports, const std::vector<QStaticText> &texts,
                            bool output) {
        for (size_t i = 0; i < ports.size() && i < texts.size(); ++i) {
            const PortRef ref{int(i), output};
            const QPointF at = m_geometry->port(node.model, node.visual.inRun, ref);
            if (at.y() < node.exposed.top() - 20 || at.y() > node.exposed.bottom() + 60)
                continue;
            const QSizeF size = texts[i].size();
            QPointF where(padding, at.y() - size.height() / 2);
            if (output)
                where.setX(at.x() - padding - size.width());
            else if (ports[i].returns)
                where =
                    QPointF(std::max(padding, at.x() - size.width() / 2),
                            m_geometry->size(node.model, false).height() - 16 - size.height() / 2);
            painter.drawStaticText(where, texts[i]);
        }
    };
    titles(node.model.inputs, node.texts.inputs, false);
    titles(node.model.outputs, node.texts.outputs, true);
}

void NodeCardPainter::farText(QPainter &painter, const NodePaint &node, const QRectF &card) const
{
    // Drawn in pixels, so that it does not shrink with the card.
    const int width = int(card.width() * node.scale) - 14;
    if (width < 24)
        return;
    if (node.texts.farWidth != width) {
        node.texts.farWidth = width;
        node.texts.farName = laidOut(node.model.title(), m_farFont, m_farMetrics, width);
    }
    const QTransform before = painter.worldTransform();
    const QPointF at = before.map(QPointF(0, 0));
    painter.resetTransform();
    painter.setFont(m_farFont);
    painter.setPen(m_theme->tokens().text);
    const double height = std::min(card.height(), NodeCardGeometry::header) * node.scale;
    painter.drawStaticText(
        QPointF(std::round(at.x() + 9),
                std::round(at.y() + (height - node.texts.farName.size().height()) / 2)),
        node.texts.farName);
    painter.setWorldTransform(before);
}

void NodeCardPainter::ports(QPainter &painter, const NodePaint &node) const
{
    const Tokens &t = m_theme->tokens();
    const NodeVisual &v = node.visual;
    const auto draw = [&](const std::vector<Port> &list, bool output, quint64 connected) {
        for (size_t i = 0; i < list.size(); ++i) {
            const PortRef ref{int(i), output};
            const QPointF at = m_geometry->port(node.model, v.inRun, ref);
            if (at.y() < node.exposed.top() - 20 || at.y() > node.exposed.bottom() + 20)
                continue;
            const bool fits =
                v.connecting
                && std::find(v.fitting.begin(), v.fitting.end(), ref) != v.fitting.end();
            const bool used = i < 64 && (connected >> i & 1);
            QColor ink = mix(t.text3, t.text2, used ? 0.25 : 0.6);
            double r = used ? 4 : 4.5;
            if (v.hot == ref && (!v.connecting || fits))
                ink = t.accent, r = 6;
            else if (fits)
                ink = t.accent, r = 5.5;
            else if (v.connecting)
                ink = t.line;
            painter.setPen(QPen(ink, 1.5));
            painter.setBrush(used || (v.hot == ref && fits) ? ink : t.surface);
            portShape(painter, at, list[i].type, r);
        }
    };
    if (node.scale < nearScale && !v.connecting)
        return;
    draw(node.model.inputs, false, v.connectedInputs);
    draw(node.model.outputs, true, v.connectedOutputs);
}

void NodeCardPainter::footer(QPainter &painter, const NodePaint &node, const QRectF &card) const
{
    const Tokens &t = m_theme->tokens();
    const double middle = card.bottom() - NodeCardGeometry::footer / 2;
    paintStatus(painter, QRectF(iconLeft, middle - 8, 16, 16), node.visual.run.status, t);
    painter.setFont(m_footerFont);
    painter.setPen(node.visual.run.status == Status::Error ? t.error : t.text2);
    const QStaticText &text = node.texts.footer;
    painter.drawStaticText(QPointF(textLeft, middle - text.size().height() / 2), text);
}

void NodeCardPainter::badges(QPainter &painter, const NodePaint &node, const QRectF &card) const
{
    const Tokens &t = m_theme->tokens();
    const NodeVisual &v = node.visual;
    const double grow = std::max(1.0, 0.75 / node.scale); // stays visible from far
    if (v.breakpoint) {                                   // an octagon, as on the road
        QPolygonF sign;
        for (int i = 0; i < 8; ++i)
            sign.append(QPointF(std::cos((i + 0.5) * M_PI / 4), std::sin((i + 0.5) * M_PI / 4))
                        * 6.5 * grow);
        painter.setPen(QPen(t.base, 1.5));
        painter.setBrush(t.error);
        painter.drawPolygon(sign.translated(2, 0));
    }
    QPointF at = card.topRight() + QPointF(-2, 0);
    const auto disc = [&](const QColor &fill) {
        painter.setPen(QPen(t.base, 1.5));
        painter.setBrush(fill);
        painter.drawEllipse(at, 8 * grow, 8 * grow);
    };
    if (v.problems > 0) {
        const Status status = v.worst == Problem::Severity::Error ? Status::Error : Status::Warning;
        painter.save();
        painter.translate(at);
        painter.scale(grow * 1.1, grow * 1.1);
        painter.setPen(Qt::NoPen);
        painter.setBrush(t.base);
        painter.drawEllipse(QPointF(0, 0), 8.5, 8.5);
        if (v.worst == Problem::Severity::Hint)
            paint::roundedBox(painter, QRectF(-3, -3, 6, 6), 3, t.text2);
        else
            paintStatus(painter, QRectF(-8, -8, 16, 16), status, t);
        painter.restore();
        at -= QPointF(22 * grow, 0);
    }
    if (v.diff != DiffMark::None) {
        disc(t.color(diffColor(v.diff)));
        painter.setFont(m_nameFont);
        painter.setPen(t.dark ? t.base : QColor(Qt::white));
        painter.drawText(QRectF(at.x() - 8, at.y() - 8.5, 16, 16), Qt::AlignCenter,
                         diffSign(v.diff));
    }
}

} // namespace lathe
