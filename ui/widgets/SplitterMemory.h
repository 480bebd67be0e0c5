// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/HeaderedSplitter.h"

#include <QJsonObject>

namespace lathe {

// Sizes are remembered in the project of the session (any type that has project() with setting() and setSetting()).
template<typename AnySession>
void rememberSizes(HeaderedSplitter *splitter, AnySession *session, const QString &key)
{
    HeaderedSplitter::Sizes sizes;
    const QJsonObject stored = session->project().setting(key).toObject();
    for (auto it = stored.begin(); it != stored.end(); ++it)
        sizes.insert(it.key(), it.value().toInt());
    if (!sizes.isEmpty())
        splitter->restore(sizes);
    splitter->setSizesChanged([session, key](const HeaderedSplitter::Sizes &now) {
        QJsonObject json;
        for (auto it = now.begin(); it != now.end(); ++it)
            json.insert(it.key(), it.value());
        session->project().setSetting(key, json);
    });
}

} // namespace lathe
