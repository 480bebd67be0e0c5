// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QLineEdit>
#include <QTimer>

namespace lathe {

// A line edit with a search icon. searchChanged() comes once typing rests for 120 ms, at once on
// Enter and clear. Escape clears; on an empty field it goes on to the parent. Down asks to move
// into the list.
class SearchField : public QLineEdit
{
    Q_OBJECT
public:
    SearchField(Theme *theme, const QString &placeholder, QWidget *parent = nullptr);
    void setDelay(int msecs);

Q_SIGNALS:
    void searchChanged(const QString &text);
    void moveDown();
    void moveUp();
    void accepted();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void flush();

    QTimer m_timer;
    QString m_last;
    QAction *m_clear;
};

} // namespace lathe
