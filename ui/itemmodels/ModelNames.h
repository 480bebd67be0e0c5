// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/UiTask.h"

#include <functional>

namespace lathe {

// The names of the project's connections, and where a field of models (widgets' ModelBox) asks what one of them has. A connection that
// does not answer gives no names.
inline QStringList connectionNames(Session *session)
{
    QStringList names;
    for (const ArtifactInfo &info : session->project().artifacts().list(ArtifactKind::Connection))
        names.append(info.name);
    return names;
}

inline auto modelNames(Session *session)
{
    return [session](const QString &connection, std::function<void(const QStringList &)> answer) {
        runTask(session, session->listModels(connection, CancelToken()), std::move(answer), [](const Error &) {});
    };
}

} // namespace lathe
