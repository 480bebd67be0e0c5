// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playground/SpreadFigures.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QGridLayout;
class QTextBrowser;
class QVBoxLayout;

namespace lathe {

class Label;
class LinkLabel;

// How far repeated answers lie apart: smallest, middle and largest of time, tokens and cost, and the distinct texts with how often
// each came. A text opens as a word diff against the most frequent one.
class SpreadPanel : public QWidget
{
    Q_OBJECT
public:
    SpreadPanel(Theme *theme, QWidget *parent = nullptr);
    void show(const SpreadSummary &summary);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void showDifference(int output);
    Theme *m_theme;
    Label *m_title;
    QGridLayout *m_grid;
    std::vector<std::array<Label *, 4>> m_rows; // word, low, median, high
    QVBoxLayout *m_outputs;
    std::vector<QWidget *> m_lines;
    QTextBrowser *m_difference;
    SpreadSummary m_summary;
    int m_open = -1; // output whose difference shows
};

} // namespace lathe
