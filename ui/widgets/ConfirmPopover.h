// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/ButtonRole.h"
#include "ui/widgets/Popover.h"

#include <functional>

namespace lathe {

class Button;

// "Stop the run? [Stop] [Keep running]" beside the button that was pressed. Only for what cannot be
// undone. Deletes itself when closed. The focus starts on the harmless answer.
class ConfirmPopover : public Popover
{
    Q_OBJECT
public:
    ConfirmPopover(Theme *theme, QWidget *anchor, const QString &question, const QString &confirm,
                   std::function<void()> run, const QString &cancel = QString());
    Button *confirmButton() const { return m_confirm; }
    Button *cancelButton() const { return m_cancel; }

protected:
    QWidget *firstFocus() const override;

private:
    Button *m_confirm;
    Button *m_cancel;
};

} // namespace lathe
