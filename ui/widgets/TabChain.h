// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace lathe {

// Tab goes from `before` to what can have the focus inside `whole`, in the order it was made, and on to what followed `before`. For parts
// that are made late but stand early: Qt puts them at the end of the window. Both must be of one window. Main thread.
void chainTabs(QWidget *before, QWidget *whole);

} // namespace lathe
