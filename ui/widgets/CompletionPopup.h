// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QFrame>

class QListView;
class QStandardItemModel;

namespace lathe {

struct CompletionItem {
    QString text;   // what is inserted
    QString detail; // quiet text beside it
    QString icon;
};

// The list under the text cursor. It never takes the focus: the editor hands keys on.
class CompletionPopup : public QFrame
{
    Q_OBJECT
public:
    CompletionPopup(Theme *theme, QWidget *parent);
    // Shows at most 8 rows under `cursor` (or above it), in the parent's coordinates. Nothing to
    // show hides it.
    void showItems(const QList<CompletionItem> &items, const QRect &cursor);
    QString currentText() const;
    void move(int rows);
    int count() const;

Q_SIGNALS:
    void chosen(const QString &text);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Theme *m_theme;
    QListView *m_view;
    QStandardItemModel *m_model;
};

} // namespace lathe
