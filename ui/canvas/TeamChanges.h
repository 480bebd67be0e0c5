// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/TeamEdits.h"
#include "core/session/Session.h"

namespace lathe::teamchanges {

// Applies the changes of one gesture to the draft as one undo entry; Undefined removes. The only place of this folder that edits.
Result<void> apply(Session *session, ArtifactId artifact, const BodyChanges &changes, const QString &what);

} // namespace lathe::teamchanges
