// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QScrollArea>

namespace lathe {

// Makes an area that scrolls its content up and down only, without a frame; the panel behind shows through. Takes ownership of the content.
inline void fillScrollColumn(QScrollArea *scroll, QWidget *content)
{
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::ClickFocus); // Tab goes to what is in it
    scroll->setWidget(content);
    content->setAutoFillBackground(false); // which setWidget() turned on
    scroll->viewport()->setAutoFillBackground(false);
}

} // namespace lathe
