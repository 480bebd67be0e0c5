// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/ExperimentTypes.h"
#include "ui/theme/Theme.h"

#include <QWidget>

namespace lathe {

class Button;
class Label;
class LinkLabel;

// Who won how often, as bars: the reveal of a blind sitting.
class TallyView : public QWidget
{
    Q_OBJECT
public:
    TallyView(Theme *theme, QWidget *parent = nullptr);
    void show(const std::vector<BlindTally> &tally);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Theme *m_theme;
    std::vector<BlindTally> m_tally;
};

// Over the answers while they are judged blind: how far one is, the keys, the reveal; then the tally until it is closed.
class BlindBar : public QWidget
{
    Q_OBJECT
public:
    BlindBar(Theme *theme, QWidget *parent = nullptr);
    void showJudging(int judged, int rows, int columns);
    void showTally(const std::vector<BlindTally> &tally);
    bool isTally() const { return m_revealed; }
    void clear();

Q_SIGNALS:
    void revealRequested();
    void againRequested();
    void experimentRequested();
    void closed();

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Theme *m_theme;
    bool m_revealed = false;
    Label *m_text;
    Label *m_keys;
    Button *m_reveal;
    Button *m_again;
    Button *m_close;
    LinkLabel *m_sure;
    TallyView *m_tally;
};

} // namespace lathe
