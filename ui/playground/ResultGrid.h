// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playground/ResultRow.h"

#include <QScrollArea>
#include <QTimer>

class QHBoxLayout;
class QVBoxLayout;

namespace lathe {

class ResultCard;

// The heads of the columns and below them rows x columns of answers. The heads stay while the rows scroll. Only rows in view are
// kept current, within a share of each frame; the others when they come into view.
class ResultGrid : public QWidget
{
    Q_OBJECT
public:
    ResultGrid(Session *session, Playground *playground, Theme *theme, QWidget *parent = nullptr);
    ~ResultGrid() override;
    // The heads, from left to right; not owned by the grid's layout afterwards.
    void setHeads(const std::vector<QWidget *> &heads);
    QWidget *headHost() const { return m_head; }
    // Stands in place of the rows while there is nothing to show.
    void setEmpty(QWidget *empty);
    // Rows or turns came, went or changed their meaning.
    void rebuild();
    void note(const std::vector<CellId> &cells);
    void refreshAll();
    int rowCount() const { return int(m_rows.size()); }
    ResultRow *row(int index) const { return m_rows[size_t(index)]; }
    ResultCard *card(int row, int position); // makes it; null when there is none
    bool hasAnswers() const;
    // Blind judging.
    int currentRow() const { return m_current; }
    void setCurrentRow(int index);    // shows it
    int nextUnjudged(int from) const; // index, -1: none left
    void focusCard(int row, int position);

Q_SIGNALS:
    void cardMade(lathe::ResultCard *card);
    void preferRequested(int row, int position);

protected:
    void resizeEvent(QResizeEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void flush();
    bool moveFocus(const QKeyEvent &event); // by the arrows, from card to card
    void moveTo(int row, int position);
    void placeHead();
    bool isShown(const QWidget *row) const;
    std::pair<int, int> focused() const; // row and position, -1: none
    Session *m_session;
    Playground *m_playground;
    Theme *m_theme;
    QWidget *m_clip; // shows the part of the heads that is scrolled to
    QWidget *m_head;
    QHBoxLayout *m_headLine;
    QScrollArea *m_area;
    QWidget *m_content;
    QVBoxLayout *m_list;
    QWidget *m_empty = nullptr;
    std::vector<ResultRow *> m_rows;
    QTimer m_frame;
    QTimer m_clock; // running times
    int m_current = -1;
    bool m_follow = false; // a conversation: new turns are scrolled to
};

} // namespace lathe
