// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QWidget>

namespace lathe {

// What was sent, over the answers to it: a number, the beginning of the text, and in blind judging how it was judged. A click
// unfolds the text.
class RowBand : public QWidget
{
    Q_OBJECT
public:
    RowBand(Theme *theme, QWidget *parent = nullptr);
    void show(const QString &number, const QString &text, const QString &verdict);
    void setCurrent(bool current);
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    QRect textRect(int width) const;
    void toggle();
    Theme *m_theme;
    QString m_number;
    QString m_text;
    QString m_line; // the text in one line
    QString m_verdict;
    bool m_current = false;
    bool m_open = false;
};

} // namespace lathe
