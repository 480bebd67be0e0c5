// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/PromptBench.h"
#include "ui/theme/Theme.h"

class QWidget;

namespace lathe {

// Before a label moves: which agents and teams run with it, and how their text changes. Without any, `move` is called at once.
// `number` 0: the label is taken away.
void askToMoveLabel(Session *session, Theme *theme, QWidget *anchor, ArtifactId prompt, const QString &label, int number,
                    std::function<void()> move);

// How the labels moved, newest first, each with "move back". Deletes itself when closed.
void openLabelHistory(Session *session, Theme *theme, QWidget *anchor, ArtifactId prompt,
                      std::function<void(const QString &label, int number)> move);

} // namespace lathe
