// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QWidget>

namespace lathe {

class OutputText;

// One anonymous output on a card: its key in a cap, its text, and a frame that answers to the mouse. A click chooses it.
class JudgePane : public QWidget
{
    Q_OBJECT
public:
    JudgePane(Theme *theme, const QString &key, QWidget *parent);
    OutputText *text() const { return m_text; }
    void setKey(const QString &key);
    void setClickable(bool clickable);

Q_SIGNALS:
    void clicked();

protected:
    void paintEvent(QPaintEvent *event) override;
    void enterEvent(QEnterEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;

private:
    Theme *m_theme;
    QString m_key;
    OutputText *m_text;
    bool m_hover = false;
    bool m_pressed = false;
    bool m_clickable = true;
};

// A bar that fills: so many of so many judged.
class JudgeProgress : public QWidget
{
    Q_OBJECT
public:
    JudgeProgress(Theme *theme, QWidget *parent);
    void setShare(int done, int total);
    QSize sizeHint() const override { return QSize(240, 6); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Theme *m_theme;
    int m_done = 0, m_total = 0;
};

} // namespace lathe
