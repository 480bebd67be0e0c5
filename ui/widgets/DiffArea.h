// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QAbstractScrollArea>
#include <QTextLayout>

#include <memory>

namespace lathe {

// What views of compared texts share: rows of wrapped lines that scroll up and down, the words that differ marked, F8 and Shift+F8 to the
// next and previous difference, Ctrl+C copies, Home and End.
class DiffArea : public QAbstractScrollArea
{
    Q_OBJECT
public:
    void goToChange(int direction); // 1: next, -1: previous

protected:
    struct RowPlace {
        int top = 0;
        int height = 0;
        bool changed = false;
    };
    struct Laid {
        std::unique_ptr<QTextLayout> layout;
        int height = 0;
    };
    DiffArea(Theme *theme, QWidget *parent);
    virtual int rowCount() const = 0;
    virtual const RowPlace &rowPlace(int row) const = 0;
    virtual void arrange() = 0; // to the width of the viewport, unless it is m_arrangedWidth
    virtual QString copied() const = 0;
    void arrangeAnew();
    void setTotalHeight(int height);
    Theme *theme() const { return m_theme; }
    Laid layOut(QString text, const QList<QTextLayout::FormatRange> &marks, const QString &tab, int width) const;
    // `Piece` as in core/prompt/TextDiff.h. Where nothing is the same no word is marked: the wash of the line says it.
    template<typename Piece>
    Laid layOutPieces(const std::vector<Piece> &pieces, bool strong, const QString &tab, int width) const
    {
        QString text;
        QList<QTextLayout::FormatRange> marks;
        bool whole = true;
        for (const Piece &piece : pieces)
            whole = whole && piece.type != Piece::Type::Same;
        for (const Piece &piece : pieces) {
            if (piece.type != Piece::Type::Same && !whole)
                marks.append(mark(int(text.size()), int(piece.text.size()), piece.type == Piece::Type::Added, strong));
            text += piece.text;
        }
        return layOut(text, marks, tab, width);
    }
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    bool event(QEvent *event) override;
    static constexpr qsizetype longestLine = 4000; // characters shown of a line; what is copied has all of them
    int m_arrangedWidth = -1; // -1: not arranged

private:
    QTextLayout::FormatRange mark(int from, int length, bool added, bool strong) const;
    void setRange();
    Theme *m_theme;
    int m_total = 0;
};

} // namespace lathe
