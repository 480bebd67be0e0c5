// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/ToastHost.h"

#include "ui/widgets/Toast.h"

#include <QEvent>

namespace lathe {

ToastHost::ToastHost(Theme *theme, QWidget *window)
    : QObject(window), m_theme(theme), m_window(window)
{
    window->installEventFilter(this);
}

Toast *ToastHost::show(Severity severity, const QString &text, const QString &action,
                       std::function<void()> run, int msecs)
{
    while (m_toasts.size() >= 3)
        remove(m_toasts.first());
    auto *toast = new Toast(m_theme, severity, text, action, std::move(run), msecs, m_window);
    m_toasts.append(toast);
    connect(toast, &Toast::finished, this, [this, toast] { remove(toast); });
    arrange(); // first: shown at its default place it could meet the mouse there
    toast->show();
    return toast;
}

void ToastHost::dismiss(Toast *toast)
{
    remove(toast);
}

void ToastHost::remove(Toast *toast)
{
    if (!m_toasts.removeOne(toast))
        return;
    toast->hide();
    toast->deleteLater(); // it may be in its own click
    arrange();
}

void ToastHost::arrange()
{
    int bottom = m_window->height() - 28; // above the status bar
    for (auto it = m_toasts.crbegin(); it != m_toasts.crend(); ++it) {
        Toast *toast = *it;
        toast->adjustSize();
        const QSize size = toast->sizeHint();
        toast->setGeometry((m_window->width() - size.width()) / 2, bottom - size.height(),
                           size.width(), size.height());
        toast->raise();
        bottom -= size.height() - 16; // the shadows overlap
    }
}

bool ToastHost::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_window && event->type() == QEvent::Resize)
        arrange();
    return QObject::eventFilter(watched, event);
}

} // namespace lathe
