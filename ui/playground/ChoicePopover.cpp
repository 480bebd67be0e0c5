// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/ChoicePopover.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/SearchField.h"

#include <QListView>

namespace lathe {

namespace {
constexpr int listHeight = 300;
}

ChoicePopover::ChoicePopover(Theme *theme, QWidget *anchor, const QString &placeholder, int width)
    : Popover(theme, anchor), m_model(new ChoiceModel(this)), m_list(new FilterableList(theme, placeholder))
{
    setObjectName(QStringLiteral("choice-popover"));
    setDeleteOnClose(true);
    m_list->field()->setObjectName(QStringLiteral("choice-filter"));
    m_list->view()->setObjectName(QStringLiteral("choice-list"));
    m_list->setFixedSize(width, listHeight);
    m_list->setFilterRole(ChoiceModel::SearchRole);
    m_list->setModel(m_model);
    setContent(m_list);
    connect(m_list, &FilterableList::activated, this, &ChoicePopover::choose);
    connect(m_list->view(), &QListView::clicked, this, [this] { choose(m_list->currentIndex()); });
    connect(m_list->field(), &QLineEdit::textChanged, this, [this](const QString &text) {
        if (m_own)
            m_model->setOwn(m_own(text.trimmed()));
    });
}

void ChoicePopover::setCurrent(const QString &value)
{
    const int row = m_model->rowOf(value);
    if (row >= 0)
        m_list->setCurrentIndex(m_model->index(row));
}

void ChoicePopover::choose(const QModelIndex &index)
{
    if (m_done || !index.isValid())
        return;
    m_done = true;
    const QString value = index.data(ChoiceModel::ValueRole).toString();
    dismiss();
    Q_EMIT chosen(value);
}

} // namespace lathe
