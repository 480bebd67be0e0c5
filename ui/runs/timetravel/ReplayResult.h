// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/InlineMessage.h"

namespace lathe {

// What a replay proved, as a line under the header: how many events were produced again and that they are the same, or the first that
// is not, with a button that goes to its step. Hidden until set; a cross hides it again.
class ReplayResult : public InlineMessage
{
    Q_OBJECT
public:
    explicit ReplayResult(Theme *theme, QWidget *parent = nullptr);
    void showReport(const ReplayReport &report);
    void showError(const Error &error);

Q_SIGNALS:
    void stepRequested(const QString &step); // where the first difference is

private:
    QString m_step;
};

} // namespace lathe
