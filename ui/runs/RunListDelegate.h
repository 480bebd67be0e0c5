// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/RowDelegate.h"

namespace lathe {

// Rows of the run log: the status as glyph and word, marks of pinned runs and forks beside the number, who recorded a foreign run, tags
// as chips, the rating as a mark, long texts cut; a quiet bar where a row is still loading.
class RunListDelegate : public RowDelegate
{
    Q_OBJECT
public:
    explicit RunListDelegate(Theme *theme, QObject *parent = nullptr);
    // Without a column of their own, tags stand at the end of the input.
    void setTagsInInput(bool inInput) { m_tagsInInput = inInput; }
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    void paintStatusCell(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const;
    void paintNumber(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const;
    void paintRating(QPainter &painter, const QRect &rect, int rating) const;
    int paintTags(QPainter &painter, const QRect &rect, const QStringList &tags, bool right) const; // the width taken
    int paintBadge(QPainter &painter, const QRect &rect, const QString &text, const QColor &color, bool right) const;
    Theme *m_theme;
    QFont m_font;
    QFont m_small;
    QFontMetrics m_smallMetrics;
    bool m_tagsInInput = true;
};

} // namespace lathe
