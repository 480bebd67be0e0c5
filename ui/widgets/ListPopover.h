// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/Popover.h"

#include <functional>

class QAbstractItemModel;
class QBoxLayout;

namespace lathe {

class FilterableList;

// A menu of any length: two-line rows (rowrole) filtered as one types, Enter or a click takes one; below them what else can be done.
// Deletes itself when it closes.
//     auto *menu = new ListPopover(theme, button, tr("Attach a tool"), model);
//     connect(menu, &ListPopover::picked, this, [this](const QModelIndex &index) { ... });
//     menu->open();
class ListPopover : public Popover
{
    Q_OBJECT
public:
    // Takes the model over.
    ListPopover(Theme *theme, QWidget *anchor, const QString &placeholder, QAbstractItemModel *model);
    FilterableList *list() const { return m_list; }
    // Below the list; it closes before `run`. Add them before it opens.
    void addCommand(const QString &icon, const QString &text, const QString &objectName, std::function<void()> run, bool enabled = true);

Q_SIGNALS:
    void picked(const QModelIndex &index); // of the model, an enabled row; after it has closed

private:
    FilterableList *m_list;
    QBoxLayout *m_column;
};

} // namespace lathe
