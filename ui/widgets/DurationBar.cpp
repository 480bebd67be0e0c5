// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/DurationBar.h"

#include "ui/theme/Paint.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>

namespace lathe {

void paintDurationBar(QPainter &painter, const QRectF &rect, const DurationBar &bar,
                      const QFont &font, const Tokens &tokens)
{
    const double start = std::clamp(bar.start, 0.0, 1.0);
    const double end = std::clamp(bar.end, start, 1.0);
    const double left = rect.left() + start * rect.width();
    const double width = std::max(2.0, (end - start) * rect.width());
    const double height = std::min(12.0, rect.height() - 4);
    QRectF box(std::min(left, rect.right() - 2), rect.center().y() - height / 2, width, height);
    box.setRight(std::min(box.right(), rect.right()));
    const QColor color = tokens.color(bar.color);
    const double radius = std::min(3.0, box.width() / 2);
    if (bar.running) {
        paint::roundedBox(painter, box, radius, withAlpha(color, 0.35), color);
    } else {
        paint::roundedBox(painter, box, radius, withAlpha(color, tokens.dark ? 0.85 : 0.9));
    }
    if (bar.failed)
        paint::roundedBox(
            painter, QRectF(box.right() - std::min(3.0, box.width()), box.top() - 2, 3, height + 4),
            1, tokens.error);
    if (bar.label.isEmpty())
        return;
    const QFontMetricsF fontMetrics(font);
    const double textWidth = fontMetrics.horizontalAdvance(bar.label);
    painter.setFont(font);
    painter.setPen(tokens.text2);
    if (box.right() + 6 + textWidth <= rect.right()) {
        painter.drawText(QRectF(box.right() + 6, rect.top(), textWidth + 2, rect.height()),
                         Qt::AlignVCenter, bar.label);
    } else if (box.left() - 6 - textWidth >= rect.left()) {
        painter.drawText(
            QRectF(box.left() - 6 - textWidth, rect.top(), textWidth + 2, rect.height()),
            Qt::AlignVCenter, bar.label);
    } else if (textWidth + 10 < box.width()) {
        painter.setPen(bar.running ? tokens.text : tokens.dark ? tokens.base : QColor(Qt::white));
        painter.drawText(box.adjusted(6, -2, -4, 2), Qt::AlignVCenter | Qt::AlignRight, bar.label);
    }
}

QString durationText(qint64 us)
{
    const auto tr = [](const char *text) { return QCoreApplication::translate("Duration", text); };
    if (us < 0)
        return QString();
    if (us < 1000)
        return QStringLiteral("%1 \u00b5s").arg(us);
    if (us < 999'500)
        return tr("%1 ms").arg((us + 500) / 1000);
    const double seconds = static_cast<double>(us) / 1e6;
    if (seconds < 59.95)
        return tr("%1 s").arg(seconds, 0, 'f', seconds < 9.95 ? 2 : 1);
    const qint64 whole = (us + 500'000) / 1'000'000;
    if (whole < 3600)
        return tr("%1 min %2 s").arg(whole / 60).arg(whole % 60, 2, 10, QLatin1Char('0'));
    return tr("%1 h %2 min").arg(whole / 3600).arg(whole / 60 % 60, 2, 10, QLatin1Char('0'));
}

} // namespace lathe
