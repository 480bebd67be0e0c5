// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/ExperimentTypes.h"
#include "ui/theme/Theme.h"

#include <QWidget>

#include <optional>

class QLineEdit;
class QStackedWidget;
class QVBoxLayout;

namespace lathe {

class Button;
class InlineMessage;
class JudgePane;
class Label;
class OutputText;

// Judging blind, as fast as flicking through cards: the example on top, outputs side by side in the order drawn for the card, one key
// each: 1 and 2 for the better one, 0 or T for a tie (1-5 stars when there is one output), Space skips, Z takes back, N notes, Esc
// ends. It never says who is who; showReveal() does, at the end.
class JudgeView : public QWidget
{
    Q_OBJECT
public:
    explicit JudgeView(Theme *theme, QWidget *parent = nullptr);
    ~JudgeView() override;
    void setTitle(const QString &title);
    void setSkippable(bool skippable);
    void showCard(const BlindCard &card);
    // No card is left: `more` says that trials still run and cards will come.
    void showDone(bool more);
    void showReveal(const std::vector<BlindTally> &tally, const QString &sentence, const QString &detail);
    void showError(const QString &message);
    const std::optional<BlindCard> &card() const { return m_card; }
    bool isStars() const { return m_card && m_card->outputs.size() == 1; }
    bool isRevealed() const;

Q_SIGNALS:
    void chosen(int winner, const QString &note);  // position on the card, -1: a tie
    void starred(int stars, const QString &note);
    void skipped();
    void undoRequested();
    void revealRequested();
    void goOnRequested(); // from the reveal back to the cards
    void closed();

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *buildCards();
    QWidget *buildReveal();
    void choose(int winner);
    void rate(int stars);
    void takeBack();
    void openNote();
    bool handleKey(QKeyEvent *event);
    void scroll(int direction);
    void updateProgress();
    void fitExample();
    Theme *m_theme;
    Label *m_title;
    Label *m_progressText;
    QWidget *m_progress;
    QStackedWidget *m_pages;
    InlineMessage *m_message;
    JudgePane *m_examplePane = nullptr;
    OutputText *m_example = nullptr;
    Label *m_rubric = nullptr;
    JudgePane *m_panes[2] = {};
    QWidget *m_pairButtons = nullptr;
    QWidget *m_starButtons = nullptr;
    Label *m_last = nullptr;
    Button *m_undo = nullptr;
    Button *m_skip = nullptr;
    QLineEdit *m_note = nullptr;
    QWidget *m_reveal = nullptr;
    Label *m_revealSentence = nullptr;
    Label *m_revealDetail = nullptr;
    QVBoxLayout *m_tally = nullptr;
    Label *m_doneText = nullptr;
    Button *m_goOn = nullptr;
    Button *m_revealButton = nullptr;
    std::optional<BlindCard> m_card;
    bool m_skippable = true;
    int m_total = 0; // judged and left, as the last card said
};

} // namespace lathe
