// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playground/ChoiceModel.h"
#include "ui/widgets/Popover.h"

namespace lathe {

class FilterableList;

// A list to choose one from, below the button that asks. Filters as one types; deletes itself when closed.
class ChoicePopover : public Popover
{
    Q_OBJECT
public:
    ChoicePopover(Theme *theme, QWidget *anchor, const QString &placeholder, int width = 340);
    ChoiceModel *model() const { return m_model; }
    FilterableList *list() const { return m_list; }
    void setCurrent(const QString &value);
    // What a person typed is offered as a choice of its own when this gives one with a value.
    void setOwn(std::function<Choice(const QString &typed)> own) { m_own = std::move(own); }

Q_SIGNALS:
    void chosen(const QString &value); // the popover is closed already

private:
    void choose(const QModelIndex &index);
    ChoiceModel *m_model;
    FilterableList *m_list;
    std::function<Choice(const QString &)> m_own;
    bool m_done = false;
};

} // namespace lathe
