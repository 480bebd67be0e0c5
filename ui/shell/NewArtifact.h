// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"

namespace lathe {

// Bodies of newly made artifacts: each can be run or tried at once, offline.
QJsonObject newPromptBody();
QJsonObject newAgentBody(const Session &session, const QString &prompt);
QJsonObject newBody(ArtifactKind kind);

} // namespace lathe
