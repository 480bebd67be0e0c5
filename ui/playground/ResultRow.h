// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Playground.h"
#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QHBoxLayout;

namespace lathe {

class ResultCard;
class RowBand;

// One input (or one turn of the conversation) and the answers of all columns below it. The cards are made when the row first comes
// into view, so that two hundred rows cost no more than a screenful.
class ResultRow : public QWidget
{
    Q_OBJECT
public:
    ResultRow(Session *session, Playground *playground, Theme *theme, QWidget *parent = nullptr);
    void setPlace(int row, int turn, bool many);
    int row() const { return m_row; }
    int turn() const { return m_turn; }
    bool isMade() const { return !m_cards.empty(); }
    void make();
    // Reads everything anew, or only when one of its cells changed.
    void refresh();
    void markDirty() { m_dirty = true; }
    bool isDirty() const { return m_dirty; }
    void tick();
    void setCurrent(bool current);                                     // the row that blind keys judge
    const std::vector<ResultCard *> &cards() const { return m_cards; } // by position
    bool hasEnded() const;                                             // every column has answered it

Q_SIGNALS:
    void cardMade(lathe::ResultCard *card);
    void preferRequested(int row, int position);

private:
    Session *m_session;
    Playground *m_playground;
    Theme *m_theme;
    int m_row = 0;
    int m_turn = -1;
    bool m_many = false;
    bool m_dirty = true;
    RowBand *m_band;
    QHBoxLayout *m_line;
    QWidget *m_cardsHost;
    std::vector<ResultCard *> m_cards;
};

} // namespace lathe
