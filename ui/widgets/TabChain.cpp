// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/TabChain.h"

#include <QWidget>

namespace lathe {

void chainTabs(QWidget *before, QWidget *whole)
{
    if (!before || !whole || before->window() != whole->window())
        return;
    QList<QWidget *> inside = whole->findChildren<QWidget *>();
    inside.prepend(whole);
    for (QWidget *widget : std::as_const(inside)) {
        const bool takes = widget->focusPolicy() & Qt::TabFocus;
        if (!takes || widget == before || widget->focusProxy())
            continue;
        QWidget::setTabOrder(before, widget);
        before = widget;
    }
}

} // namespace lathe
