// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <functional>

class QWidget;

namespace lathe {

// A popover at `anchor` with the project's prompts to choose from, after a first row for a new one: `done` gets an invalid id for that.
void choosePrompt(Session *session, Theme *theme, QWidget *anchor, const QString &newTitle, std::function<void(ArtifactId)> done);

} // namespace lathe
