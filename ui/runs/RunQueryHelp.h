// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/RunFilter.h"
#include "ui/widgets/Popover.h"

namespace lathe {

// What one can ask the run log for: every field with an example, and how terms are joined. A click puts the field into the query.
// Deletes itself when closed.
class RunQueryHelp : public Popover
{
    Q_OBJECT
public:
    RunQueryHelp(Theme *theme, QWidget *anchor);

Q_SIGNALS:
    void chosen(const QString &example); // the popover is closed already
};

} // namespace lathe
