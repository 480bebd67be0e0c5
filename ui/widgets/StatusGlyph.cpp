// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/StatusGlyph.h"

#include "ui/theme/Paint.h"

#include <QCoreApplication>
#include <QPainterPath>

namespace lathe {

ColorToken statusColor(Status status)
{
    switch (status) {
    case Status::Running:
        return ColorToken::Accent;
    case Status::Waiting:
        return ColorToken::Human;
    case Status::Ok:
        return ColorToken::Ok;
    case Status::Warning:
        return ColorToken::Warning;
    case Status::Error:
        return ColorToken::Error;
    default:
        return ColorToken::Text3;
    }
}

QString statusWord(Status status)
{
    const auto word = [](const char *text) { return QCoreApplication::translate("Status", text); };
    switch (status) {
    case Status::None:
        return QString();
    case Status::Idle:
        return word("idle");
    case Status::Queued:
        return word("queued");
    case Status::Running:
        return word("running");
    case Status::Waiting:
        return word("waiting");
    case Status::Ok:
        return word("done");
    case Status::Warning:
        return word("warning");
    case Status::Error:
        return word("failed");
    case Status::Cancelled:
        return word("cancelled");
    }
    return QString();
}

void paintStatus(QPainter &painter, const QRectF &rect, Status status, const Tokens &tokens)
{
    const QColor color = tokens.color(statusColor(status));
    const QPointF c = rect.center();
    const QRectF disc(c.x() - 6, c.y() - 6, 12, 12);
    const QColor mark = tokens.dark ? tokens.base : QColor(Qt::white);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    switch (status) {
    case Status::None:
        break;
    case Status::Idle:
        paint::roundedBox(painter, disc.adjusted(2, 2, -2, -2), 4, QColor(), color, 1.5);
        break;
    case Status::Queued:
        for (const double dx : {-4.0, 0.0, 4.0})
            paint::roundedBox(painter, QRectF(c.x() + dx - 1.25, c.y() - 1.25, 2.5, 2.5), 1.25,
                              color);
        break;
    case Status::Running:
        paint::roundedBox(painter, disc.adjusted(0.5, 0.5, -0.5, -0.5), 5.5, QColor(),
                          withAlpha(color, 0.45), 1.5);
        paint::roundedBox(painter, disc.adjusted(3.5, 3.5, -3.5, -3.5), 2.5, color);
        break;
    case Status::Waiting: // two bars: paused for a person
        paint::roundedBox(painter, QRectF(c.x() - 4, c.y() - 5, 3, 10), 1, color);
        paint::roundedBox(painter, QRectF(c.x() + 1, c.y() - 5, 3, 10), 1, color);
        break;
    case Status::Ok:
        paint::roundedBox(painter, disc, 6, color);
        paint::tick(painter, disc.adjusted(0.5, 0.5, -0.5, -0.5), mark, 1.5);
        break;
    case Status::Error:
        paint::roundedBox(painter, disc, 6, color);
        paint::cross(painter, disc, mark, 4.5, 1.5);
        break;
    case Status::Warning: {
        QPainterPath triangle;
        triangle.moveTo(c.x(), c.y() - 5);
        triangle.lineTo(c.x() + 5.5, c.y() + 4.5);
        triangle.lineTo(c.x() - 5.5, c.y() + 4.5);
        triangle.closeSubpath();
        painter.setPen(QPen(color, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.setBrush(color);
        painter.drawPath(triangle);
        painter.setPen(QPen(mark, 1.5, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(QPointF(c.x(), c.y() - 2), QPointF(c.x(), c.y() + 1));
        painter.drawPoint(QPointF(c.x(), c.y() + 3.5));
        break;
    }
    case Status::Cancelled:
        paint::roundedBox(painter, disc.adjusted(0.5, 0.5, -0.5, -0.5), 5.5, QColor(), color, 1.5);
        painter.setPen(QPen(color, 1.5, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(c + QPointF(-2.5, 0), c + QPointF(2.5, 0));
        break;
    }
    painter.restore();
}

} // namespace lathe
