// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"
#include "ui/widgets/InlineMessage.h"

#include <QPointer>
#include <QWidget>

#include <functional>

namespace lathe {

class Toast;

// Short notices at the bottom of a window, above everything, never taking the focus: "Deleted
// triage. [Undo]". At most three at once; a notice leaves by itself, later while the mouse is over
// it.
class ToastHost : public QObject
{
    Q_OBJECT
public:
    // `window` is the widget they float over; it owns the host.
    ToastHost(Theme *theme, QWidget *window);
    // `msecs` 0 keeps it until dismissed. `run` is called once when the action is pressed.
    Toast *show(Severity severity, const QString &text, const QString &action = QString(),
                std::function<void()> run = {}, int msecs = 6000);
    void dismiss(Toast *toast); // null, or gone already: nothing
    int count() const { return static_cast<int>(m_toasts.size()); }

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void arrange();
    void remove(Toast *toast);

    Theme *m_theme;
    QWidget *m_window;
    QList<Toast *> m_toasts;
};

} // namespace lathe
