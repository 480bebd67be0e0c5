// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

namespace lathe {

// For the destructor of a widget whose children speak to it: they die after it, and some speak while they do (a line edit that
// loses the focus has "finished editing"). They must not reach what is half gone.
inline void silence(QObject *owner)
{
    const auto children = owner->findChildren<QObject *>();
    for (QObject *child : children)
        QObject::disconnect(child, nullptr, owner, nullptr);
}

} // namespace lathe
