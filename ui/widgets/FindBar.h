// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QFrame>

class QLineEdit;

namespace lathe {

class IconButton;
class Label;

// The small bar of Ctrl+F at the top right of a text. Enter next, Shift+Enter previous, Escape closes.
class FindBar : public QFrame
{
    Q_OBJECT
public:
    FindBar(Theme *theme, QWidget *parent);
    QString query() const;
    void open(const QString &query);
    // "3 of 12"; total 0 says that nothing was found.
    void setCount(int current, int total, bool more = false);

Q_SIGNALS:
    void queryChanged(const QString &query);
    void nextRequested();
    void previousRequested();
    void closed();

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    Theme *m_theme;
    QLineEdit *m_field;
    Label *m_count;
    IconButton *m_previous;
    IconButton *m_next;
};

} // namespace lathe
