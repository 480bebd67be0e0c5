// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QStyledItemDelegate>

namespace lathe {

// Two lines of a revision: number, label chips and age; note and number of runs. Knows where the chips stand, so that they can
// be dragged.
class RevisionDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    RevisionDelegate(Session *session, Theme *theme, QObject *parent = nullptr);
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    struct ChipBox {
        QString label;
        QRect rect;
    };
    // Chips that fit into the row, left to right.
    std::vector<ChipBox> chips(const QRect &row, const QModelIndex &index) const;
    void paintChip(QPainter &painter, const QRect &box, const QString &label) const;
    QSize chipSize(const QString &label) const;

private:
    QString age(const QModelIndex &index) const;
    Session *m_session;
    Theme *m_theme;
};

} // namespace lathe
