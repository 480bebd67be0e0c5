// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/RowDelegate.h"

namespace lathe {

class CompareModel;
struct StepNumbers;

// Draws the rows of a comparison: the tree of names with what differs, and for each run state, output and numbers with their deltas.
class CompareDelegate : public RowDelegate
{
    Q_OBJECT
public:
    CompareDelegate(Theme *theme, QObject *parent = nullptr);
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;

    // "+1.2 s", with a true minus; empty when it is too little to be seen.
    static QString deltaText(qint64 deltaUs, qint64 baseUs);
    static QString countDelta(qint64 delta);
    static QString costDelta(double deltaUsd);

private:
    void paintName(QPainter &painter, const QStyleOptionViewItem &option, const CompareModel &model, const QModelIndex &index) const;
    void paintRun(QPainter &painter, const QStyleOptionViewItem &option, const CompareModel &model, const QModelIndex &index) const;
    Theme *m_theme;
};

} // namespace lathe
