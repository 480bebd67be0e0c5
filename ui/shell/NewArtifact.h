// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"

namespace lathe {

// Bodies of newly made artifacts: each can be run or tried at once, offline.
// What a new agent answers with: the offline model where there is one.
ModelChoice firstModel(const Session &session);
QJsonObject newTeamBody(); // an input and an output
QJsonObject newPromptBody();
QJsonObject newAgentBody(const Session &session, const QString &prompt);
QJsonObject newBody(ArtifactKind kind);

} // namespace lathe
