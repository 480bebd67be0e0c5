// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/InlineMessage.h"

#include <QTimer>
#include <QWidget>

#include <functional>

namespace lathe {

// One floating notice; ToastHost makes, places and deletes them.
class Toast : public QWidget
{
    Q_OBJECT
public:
    Toast(Theme *theme, Severity severity, const QString &text, const QString &action,
          std::function<void()> run, int msecs, QWidget *parent);

Q_SIGNALS:
    void finished();

protected:
    void paintEvent(QPaintEvent *event) override;
    void enterEvent(QEnterEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    Theme *m_theme;
    Severity m_severity;
    QTimer m_timer;
};

} // namespace lathe
