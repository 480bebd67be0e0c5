// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/TextDiff.h"
#include "ui/widgets/DiffArea.h"

#include <vector>

namespace lathe {

// Two texts compared word by word, side by side or one below the other: line numbers, + and - beside coloured lines, the words
// that changed marked stronger; blocks that only moved have a colour of their own and say where to, and a click on one goes to its other
// place. F8 and Shift+F8 go to the next and previous change, Ctrl+C copies the comparison as a patch.
class DiffView : public DiffArea
{
    Q_OBJECT
public:
    explicit DiffView(Theme *theme, QWidget *parent = nullptr);
    ~DiffView() override;
    void setTexts(const QString &before, const QString &after);
    void setSideBySide(bool sideBySide);
    bool isSideBySide() const { return m_sideBySide; }
    int addedLines() const { return m_added; }
    int removedLines() const { return m_removed; }
    int movedBlocks() const { return m_moved; } // their lines count as neither added nor removed
    const std::vector<DiffLine> &lines() const { return m_lines; }
    QString asPatch() const;
    // From a line of a moved block to the other place of it. False when there is none.
    bool goToPartner(const QPoint &pos);

protected:
    void paintEvent(QPaintEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    int rowCount() const override { return int(m_rows.size()); }
    const RowPlace &rowPlace(int row) const override { return m_rows[size_t(row)].place; }
    void arrange() override;
    QString copied() const override { return asPatch(); }

private:
    struct Cell {
        int line = -1; // of m_lines, -1: empty
        std::unique_ptr<QTextLayout> layout;
        int height = 0;
    };
    struct Row {
        Cell left, right; // unified rows use only the left one
        RowPlace place;
    };
    void buildRows();
    void layOutCell(Cell &cell, int width);
    void paintCell(QPainter &painter, const Cell &cell, const QRect &rect, bool left) const;
    int measureGutter() const;
    const DiffLine *movedAt(const QPoint &pos) const;
    bool startsMove(int line) const;
    std::vector<DiffLine> m_lines;
    std::vector<Row> m_rows;
    int m_added = 0;
    int m_removed = 0;
    int m_moved = 0;
    int m_gutter = 0; // width of one column of line numbers
    bool m_sideBySide = true;
};

} // namespace lathe
