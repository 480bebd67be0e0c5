// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Playground.h"
#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"

#include <QElapsedTimer>
#include <QWidget>

class QVBoxLayout;

namespace lathe {

class AnswerRating;
class AnswerText;
class Button;
class ElidedLabel;
class FigureStrip;
class IconButton;
class InlineMessage;
class LinkLabel;
class SpreadPanel;
class StatusDot;

// One cell: the answer of a column to a row (in a conversation: to a turn), its figures, rating and what can be done with it.
// Reads the playground when told to refresh(). Keys while it has the focus: R again, Ctrl+C copy, M raw, T trace, D to a dataset.
class ResultCard : public QWidget
{
    Q_OBJECT
public:
    ResultCard(Session *session, Playground *playground, Theme *theme, QWidget *parent = nullptr);
    ~ResultCard() override;
    // `turn` of a conversation, -1: the newest with its repeats. `position`: from the left, as blind keys count.
    void setPlace(int column, int row, int turn, int position);
    void setMany(bool many); // one of many rows: long texts are cut
    void refresh();
    void tick(); // running times
    int column() const { return m_column; }
    int position() const { return m_position; }
    const PlaygroundAnswer *answer() const; // the one that is shown; null: none
    bool isRunning() const;
    // All answers of the row have ended; until then blind cards show nothing, as the pace would tell who is who.
    void setVeiled(bool veiled);
    void setPreferred(std::optional<bool> preferred); // nothing: not judged

    void regenerate();
    void copy();
    void openTrace();
    void promote();

Q_SIGNALS:
    void promoteRequested(int column, int row, int answer, QWidget *anchor);
    void preferRequested(int position);
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    std::vector<int> mine() const; // indices into the cell's answers that belong here
    int shownIndex() const;        // into the cell's answers, -1: none
    bool isLastTurn() const;
    void step(int by);
    void openMenu();
    void showFigures(const PlaygroundAnswer &answer);
    void showError(const PlaygroundAnswer &answer, bool over);
    void showFooter(const PlaygroundAnswer &answer, bool over);
    void showSpread(const std::vector<int> &indices);
    Session *m_session;
    Playground *m_playground;
    Theme *m_theme;
    int m_column = 0, m_row = 0, m_turn = -1, m_position = 0;
    int m_at = -1; // which of mine(), -1: the newest
    bool m_veiled = false;
    bool m_many = false;
    std::optional<bool> m_preferred;
    QElapsedTimer m_since; // since this run was first seen
    RunId m_seen;
    bool m_timing = false;
    QVBoxLayout *m_layout;
    StatusDot *m_dot;
    ElidedLabel *m_state;
    IconButton *m_previous;
    IconButton *m_next;
    IconButton *m_again;
    IconButton *m_stop;
    IconButton *m_copy;
    IconButton *m_rawButton;
    IconButton *m_more;
    AnswerText *m_text;
    InlineMessage *m_error = nullptr;
    FigureStrip *m_figures;
    QWidget *m_footer = nullptr;
    AnswerRating *m_rating = nullptr;
    LinkLabel *m_trace = nullptr;
    SpreadPanel *m_spread = nullptr;
    Button *m_prefer = nullptr;
};

} // namespace lathe
