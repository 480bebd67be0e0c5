// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/WaterfallHeader.h"

#include "ui/itemmodels/StepTreeModel.h"
#include "ui/runs/StepTreeDelegate.h"

#include <QPainter>

#include <cmath>

namespace lathe {

namespace {
// Grid times are round: "0", "500 ms", "1 s", "2 m".
QString tickText(qint64 us)
{
    if (us == 0)
        return QStringLiteral("0");
    if (us % 60'000'000 == 0)
        return QStringLiteral("%1 m").arg(us / 60'000'000);
    if (us >= 1'000'000)
        return QStringLiteral("%1 s").arg(double(us) / 1e6);
    return us >= 1000 ? QStringLiteral("%1 ms").arg(double(us) / 1e3) : QStringLiteral("%1 us").arg(us);
}
}

WaterfallHeader::WaterfallHeader(Theme *theme, QWidget *parent) : QHeaderView(Qt::Horizontal, parent), m_theme(theme)
{
    setSectionsMovable(false);
    setHighlightSections(false);
    connect(theme, &Theme::changed, viewport(), qOverload<>(&QWidget::update));
}

void WaterfallHeader::paintSection(QPainter *painter, const QRect &rect, int section) const
{
    QHeaderView::paintSection(painter, rect, section);
    if (section != StepTreeModel::Waterfall || !m_axis)
        return;
    const Tokens &t = m_theme->tokens();
    painter->save();
    painter->setClipRect(rect);
    painter->fillRect(rect.adjusted(1, 0, 0, -1), palette().color(QPalette::Base));
    const auto [startUs, endUs] = m_axis();
    const double length = double(std::max<qint64>(1, endUs - startUs));
    const QRectF axis = QRectF(rect).adjusted(10, 0, -10, 0);
    painter->setFont(m_theme->smallFont());
    const QFontMetrics metrics(m_theme->smallFont());
    const qint64 grid = StepTreeDelegate::gridStep(qint64(length), axis.width());
    double free = rect.left();
    for (qint64 at = 0; double(at) <= length; at += grid) {
        const double x = std::round(axis.left() + axis.width() * double(at) / length);
        painter->fillRect(QRectF(x, rect.bottom() - 5, 1, 5), t.line);
        const QString text = tickText(at);
        const int width = metrics.horizontalAdvance(text);
        const double left = std::min(x - (at == 0 ? 4 : width / 2.0), double(rect.right() - width - 2));
        if (left < free)
            continue;
        painter->setPen(t.text2);
        painter->drawText(QRectF(left, rect.top(), width + 2, rect.height()), Qt::AlignVCenter, text);
        free = left + width + 10;
    }
    painter->restore();
}

} // namespace lathe
