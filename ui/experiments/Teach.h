// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/EmptyState.h"
#include "ui/widgets/Label.h"

namespace lathe {

// The sentence of an empty screen, with the height that all of its lines need: a centred label asks only for one.
inline void teach(EmptyState *empty, const QString &sentence)
{
    empty->setSentence(sentence);
    const auto labels = empty->findChildren<Label *>(QString(), Qt::FindDirectChildrenOnly);
    for (Label *label : labels) {
        if (label->text() == sentence)
            label->setMinimumHeight(std::max(0, label->heightForWidth(label->minimumWidth())));
    }
}

} // namespace lathe
