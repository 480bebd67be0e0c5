// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/sources/TallyList.h"

#include "ui/itemmodels/Format.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace lathe {

namespace {
constexpr int rowHeight = 22;
constexpr int headHeight = 28;
constexpr int countWidth = 60;
}

TallyList::TallyList(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

TallyList::Group TallyList::group(const QString &title, const ImportTallies &tallies, ColorToken color, size_t most)
{
    Group made;
    made.title = title;
    made.color = color;
    made.rows = tallies.sorted();
    made.total = tallies.total();
    if (made.rows.size() > most) {
        made.more = int(made.rows.size() - most);
        made.rows.resize(most);
    }
    return made;
}

void TallyList::setGroups(std::vector<Group> groups)
{
    std::erase_if(groups, [](const Group &of) { return of.rows.empty(); });
    m_groups = std::move(groups);
    QStringList spoken;
    for (const Group &of : m_groups)
        spoken.append(tr("%1: %2").arg(of.title, format::number(of.total)));
    setAccessibleDescription(spoken.join(QStringLiteral("; ")));
    setVisible(!m_groups.empty());
    updateGeometry();
    update();
}

QSize TallyList::sizeHint() const
{
    int height = 0;
    for (const Group &of : m_groups)
        height += headHeight + int(of.rows.size()) * rowHeight + (of.more > 0 ? rowHeight : 0);
    return {400, height};
}

void TallyList::paintEvent(QPaintEvent *)
{
    const Tokens &t = m_theme->tokens();
    QPainter painter(this);
    int y = 0;
    for (const Group &of : m_groups) {
        painter.setFont(m_theme->strongFont());
        painter.setPen(t.color(of.color));
        painter.drawText(QRect(0, y + 4, width(), headHeight - 4), Qt::AlignVCenter | Qt::TextSingleLine, QStringLiteral("%1  %2").arg(of.title, format::number(of.total)));
        y += headHeight;
        for (const ImportTally &row : of.rows) {
            painter.setFont(m_theme->uiFont());
            painter.setPen(t.text2);
            painter.drawText(QRect(0, y, countWidth - 12, rowHeight), Qt::AlignRight | Qt::AlignVCenter, format::number(row.count));
            painter.setPen(t.text);
            const QRect rest(countWidth, y, width() - countWidth, rowHeight);
            const QString what = painter.fontMetrics().elidedText(row.what, Qt::ElideMiddle, rest.width());
            painter.drawText(rest, Qt::AlignVCenter | Qt::TextSingleLine, what);
            const int used = painter.fontMetrics().horizontalAdvance(what) + 12;
            if (!row.example.isEmpty() && rest.width() - used > 60) {
                painter.setFont(m_theme->smallFont());
                painter.setPen(t.text3);
                painter.drawText(rest.adjusted(used, 0, 0, 0), Qt::AlignVCenter | Qt::TextSingleLine,
                                 painter.fontMetrics().elidedText(tr("e.g. %1").arg(row.example.simplified()), Qt::ElideRight, rest.width() - used));
            }
            y += rowHeight;
        }
        if (of.more > 0) {
            painter.setFont(m_theme->smallFont());
            painter.setPen(t.text3);
            painter.drawText(QRect(countWidth, y, width(), rowHeight), Qt::AlignVCenter, tr("and %1 more").arg(format::number(of.more)));
            y += rowHeight;
        }
    }
}

bool TallyList::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    int y = help->pos().y();
    for (const Group &of : m_groups) {
        y -= headHeight;
        const int row = y / rowHeight;
        if (y >= 0 && row < int(of.rows.size())) {
            const ImportTally &tally = of.rows[size_t(row)];
            QToolTip::showText(help->globalPos(), QStringLiteral("<p>%1</p><p>%2</p>").arg(tally.what.toHtmlEscaped(), tally.example.toHtmlEscaped()), this);
            return true;
        }
        y -= int(of.rows.size()) * rowHeight + (of.more > 0 ? rowHeight : 0);
    }
    QToolTip::hideText();
    return true;
}

} // namespace lathe
