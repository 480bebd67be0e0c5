// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/TrialMatrixModel.h"
#include "ui/theme/TabularFont.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/StatusGlyph.h"

namespace lathe {

// The glyph of a cell: shape and colour both say the verdict.
Status trialStatus(const TrialCell &cell);

// Draws cells of the matrix: verdict glyph, score, first words of the output. The difference is a bar around zero with its number.
class TrialDelegate : public RowDelegate
{
    Q_OBJECT
public:
    TrialDelegate(Theme *theme, const TrialMatrixModel *model, QObject *parent);
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    void paintCell(QPainter &painter, const QRect &rect, const TrialCell &cell, bool selected) const;
    void paintDifference(QPainter &painter, const QRect &rect, const TrialRow &row, const QString &text) const;
    Theme *m_theme;
    const TrialMatrixModel *m_model;
    TabularFont m_numbers;
    TabularFont m_small;
    QFontMetrics m_metrics;
};

} // namespace lathe
