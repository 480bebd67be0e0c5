// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QStyledItemDelegate>

namespace lathe {

// Two lines of a revision: number, label chips and age; note, author, and what came of it: runs, mean rating, experiments. Knows where the chips stand, so that they can
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
    void setUse(const std::vector<PromptUse> &use) { m_use = use; }
    void setScore(std::function<QString(int number)> score) { m_score = std::move(score); }
    // "12 runs, rated 4.2": as the row says it.
    QString results(const QModelIndex &index) const;

private:
    QString age(const QModelIndex &index) const;
    const PromptUse *useOf(const QModelIndex &index) const;
    Session *m_session;
    Theme *m_theme;
    std::vector<PromptUse> m_use;
    std::function<QString(int)> m_score;
};

} // namespace lathe
