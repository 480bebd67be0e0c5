// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/CanvasOverview.h"

#include "ui/canvas/CanvasScene.h"
#include "ui/itemmodels/Format.h"

#include <cmath>

namespace lathe {

namespace {
QRect device(const QTransform &t, const QRectF &rect)
{
    const QRectF mapped = t.mapRect(rect);
    const QPoint from(int(std::floor(mapped.left())), int(std::floor(mapped.top())));
    return QRect(from, QSize(std::max(2, int(std::round(mapped.width()))),
                             std::max(2, int(std::round(mapped.height())))));
}

void paintFrames(QPainter &painter, const CanvasScene &scene,
                 const CanvasOverview::Options &options)
{
    const Tokens &t = scene.theme()->tokens();
    for (const CanvasBox *box : scene.boxes()) {
        const QRect rect = device(options.toPixels, box->boxRect());
        if (!options.exposed.intersects(rect.adjusted(0, -20, 0, 0)))
            continue;
        const bool frame = box->kind() == CanvasBox::Kind::Frame;
        const bool selected = scene.selection().contains(box->id());
        const QColor ink =
            !frame && box->color() == ColorToken::Text3 ? t.human : t.color(box->color());
        painter.fillRect(rect, withAlpha(ink, frame ? 0.08 : 0.18));
        painter.setPen(selected ? t.accent : withAlpha(ink, 0.55));
        painter.drawRect(rect.adjusted(0, 0, -1, -1));
        if (options.titles && frame && rect.width() > 60) {
            const QFont font = scene.theme()->smallFont();
            painter.setFont(font);
            painter.setPen(box->color() == ColorToken::Text3 ? t.text2 : ink);
            const QString title = QFontMetrics(font).elidedText(format::oneLine(box->text(), 100),
                                                                Qt::ElideRight, rect.width() - 12);
            painter.drawText(rect.left(), rect.top() - 5, title);
        }
    }
}

void paintEdges(QPainter &painter, const CanvasScene &scene, const CanvasOverview::Options &options)
{
    const Tokens &t = scene.theme()->tokens();
    QVector<QLineF> plain, strong, dead, added, removed;
    plain.reserve(scene.edges().size());
    for (const EdgeItem *edge : scene.edges()) {
        if (!edge->source() || !edge->target())
            continue;
        const QLineF line = options.toPixels.map(edge->straight());
        if (!QRectF(line.p1(), line.p2())
                 .normalized()
                 .adjusted(-1, -1, 1, 1)
                 .intersects(options.exposed))
            continue;
        const EdgeItem::Visual &v = edge->visual();
        if (v.selected || v.flow.active)
            strong.append(line);
        else if (v.diff == DiffMark::Added || v.diff == DiffMark::Removed)
            (v.diff == DiffMark::Added ? added : removed).append(line);
        else
            (v.inRun && v.flow.state != EdgeFlow::State::Taken ? dead : plain).append(line);
    }
    painter.setRenderHint(QPainter::Antialiasing, options.smooth);
    const auto draw = [&](const QVector<QLineF> &lines, const QColor &color, int width) {
        if (lines.isEmpty())
            return;
        painter.setPen(QPen(color, width));
        painter.drawLines(lines);
    };
    draw(dead, t.line, 1);
    draw(plain, mix(t.base, t.text3, 0.75), 1);
    draw(added, t.ok, 1);
    draw(removed, t.error, 1);
    draw(strong, t.accent, 2);
    painter.setRenderHint(QPainter::Antialiasing, false);
}
} // namespace

void CanvasOverview::paint(QPainter &painter, const CanvasScene &scene, const Options &options)
{
    const Tokens &t = scene.theme()->tokens();
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setBrush(Qt::NoBrush);
    paintFrames(painter, scene, options);
    if (options.edges)
        paintEdges(painter, scene, options);
    for (const NodeItem *node : scene.nodes()) {
        const QRect rect = device(options.toPixels, node->cardRect());
        if (!options.exposed.intersects(rect.adjusted(-3, -3, 3, 3)))
            continue;
        const NodeVisual &v = node->visual();
        const QColor kind = t.color(node->model().color);
        const bool roomy = rect.width() >= 24;
        if (v.selected)
            painter.fillRect(rect.adjusted(-2, -2, 2, 2), t.accent);
        else if (v.inRun
                 && (v.run.status == Status::Running || v.run.status == Status::Error
                     || v.run.status == Status::Waiting))
            painter.fillRect(rect.adjusted(-2, -2, 2, 2), t.color(statusColor(v.run.status)));
        else if (v.diff != DiffMark::None)
            painter.fillRect(rect.adjusted(-2, -2, 2, 2), t.color(diffColor(v.diff)));
        else if (v.problems > 0 && v.worst != Problem::Severity::Hint)
            painter.fillRect(rect.adjusted(-1, -1, 1, 1),
                             v.worst == Problem::Severity::Error ? t.error : t.warning);
        const QColor body = mix(t.surface, kind,
                                v.inRun && v.run.status == Status::Running ? 0.75
                                : roomy                                    ? 0.35
                                                                           : 0.6);
        painter.fillRect(rect, body);
        if (roomy)
            painter.fillRect(QRect(rect.topLeft(), QSize(2, rect.height())), kind);
    }
}

} // namespace lathe
