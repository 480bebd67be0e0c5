// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/ListPopover.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/SearchField.h"

#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
constexpr int listWidth = 320;
constexpr int mostRows = 7; // without scrolling
}

ListPopover::ListPopover(Theme *theme, QWidget *anchor, const QString &placeholder, QAbstractItemModel *model)
    : Popover(theme, anchor), m_list(new FilterableList(theme, placeholder))
{
    setDeleteOnClose(true);
    model->setParent(this);
    auto *content = new QWidget;
    m_column = new QVBoxLayout(content);
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(metrics::GapSmall);
    m_column->addWidget(m_list);
    m_list->setModel(model);
    m_list->field()->setDelay(0);
    auto *rows = new RowDelegate(theme, m_list);
    rows->setTwoLines(true);
    m_list->view()->setItemDelegate(rows);
    m_list->view()->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    const int shown = std::clamp(model->rowCount(), 2, mostRows);
    m_list->setFixedSize(listWidth, metrics::ControlHeight + metrics::Gap + shown * metrics::TwoLineRowHeight + 4);
    m_list->setCurrentIndex(model->index(0, 0));
    setContent(content);
    const auto take = [this](const QModelIndex &index) {
        if (!index.isValid() || !isOpen() || !(index.flags() & Qt::ItemIsEnabled))
            return;
        dismiss();
        Q_EMIT picked(index);
    };
    connect(m_list, &FilterableList::activated, this, take);
    connect(m_list->view(), &QListView::clicked, this, [this, take](const QModelIndex &index) {
        if (index.flags() & Qt::ItemIsEnabled) // what is not does not become current
            take(m_list->currentIndex());
    });
}

void ListPopover::addCommand(const QString &icon, const QString &text, const QString &objectName, std::function<void()> run, bool enabled)
{
    auto *button = new Button(text, ButtonRole::Ghost);
    button->setObjectName(objectName);
    button->setIcon(theme()->icon(icon));
    button->setEnabled(enabled);
    connect(button, &QAbstractButton::clicked, this, [this, run = std::move(run)] {
        dismiss();
        run();
    });
    m_column->addWidget(button, 0, Qt::AlignLeft);
}

} // namespace lathe
