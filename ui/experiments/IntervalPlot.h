// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/TabularFont.h"
#include "ui/theme/Theme.h"

#include <QWidget>

#include <vector>

namespace lathe {

// One interval of a plot: its name at the left, its figure in words at the right, point and 95 % interval between.
struct IntervalMark {
    QString name;
    double value = 0, low = 0, high = 0;
    QString text;      // "+12 points (+4 to +20)"
    QString note;      // quiet words behind the text: "B is better"
    ColorToken color = ColorToken::Text;
    bool known = true; // false: nothing was measured; only name and text are shown
};

// Means or differences with their intervals on one axis, drawn. What it shows is also its tool tip and its accessible description,
// in words. Left and Right walk over the marks for who cannot hover.
class IntervalPlot : public QWidget
{
    Q_OBJECT
public:
    explicit IntervalPlot(Theme *theme, QWidget *parent = nullptr);
    // `zero`: draws the line of "no difference" and keeps it in the middle. `low` and `high` bound the axis, NaN: as the marks need.
    void setMarks(std::vector<IntervalMark> marks, bool zero, double low, double high);
    // What the ends of the axis and zero are called.
    void setAxisText(const QString &low, const QString &middle, const QString &high);
    // All marks in words, one a line.
    QString inWords() const;
    const std::vector<IntervalMark> &marks() const { return m_marks; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return QSize(280, sizeHint().height()); }

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    bool event(QEvent *event) override;

private:
    QRectF plotRect() const;
    QRectF rowRect(int row) const;
    double toX(double value) const;
    Theme *m_theme;
    TabularFont m_numbers;
    std::vector<IntervalMark> m_marks;
    bool m_zero = false;
    double m_low = 0, m_high = 1;
    QString m_lowText, m_middleText, m_highText;
    int m_current = -1;
};

} // namespace lathe
