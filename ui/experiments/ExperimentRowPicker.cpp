// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/ExperimentRowPicker.h"

#include "core/evaluation/ExperimentSpec.h"
#include "ui/itemmodels/DatasetTableModel.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/SearchField.h"

#include <QHeaderView>
#include <QTableView>
#include <QVBoxLayout>

namespace lathe {

ExperimentRowPicker::ExperimentRowPicker(Theme *theme, QWidget *anchor, Dataset dataset, const QString &rows)
    : Sheet(theme, anchor, tr("Which rows take part?"), 860), m_model(new DatasetTableModel(this)), m_view(new QTableView), m_filter(new SearchField(theme, tr("Filter rows"))),
      m_count(new Label(theme, QString(), Label::Style::Caption))
{
    setObjectName(QStringLiteral("row-picker"));
    setDeleteOnClose(true);
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    layout->addWidget(m_filter);
    m_view->setObjectName(QStringLiteral("row-picker-table"));
    m_view->setAccessibleName(tr("Rows; those selected take part"));
    m_view->setItemDelegate(new RowDelegate(theme, m_view));
    m_view->setShowGrid(false);
    m_view->setWordWrap(false);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_view->verticalHeader()->setMinimumSectionSize(metrics::RowHeight);
    m_view->verticalHeader()->setDefaultSectionSize(metrics::RowHeight);
    m_view->horizontalHeader()->setHighlightSections(false);
    m_view->horizontalHeader()->setStretchLastSection(true);
    m_view->setMinimumHeight(360);
    m_model->setDataset(std::move(dataset));
    m_view->setModel(m_model);
    m_view->setColumnWidth(0, 52);
    for (int column = 1; column < m_model->columnCount(); ++column)
        m_view->setColumnWidth(column, column == 1 ? 360 : 140);
    layout->addWidget(m_view, 1);
    layout->addWidget(m_count);
    setContent(content);
    addCancel();
    auto *all = addButton(tr("All rows"), ButtonRole::Secondary);
    all->setObjectName(QStringLiteral("row-picker-all"));
    auto *take = addButton(tr("Take these"), ButtonRole::Primary);
    take->setObjectName(QStringLiteral("row-picker-take"));
    connect(all, &QAbstractButton::clicked, this, [this] {
        Q_EMIT picked(QString());
        dismiss();
    });
    connect(take, &QAbstractButton::clicked, this, [this] {
        const auto chosen = selected();
        Q_EMIT picked(int(chosen.size()) == m_model->total() ? QString() : ranges(chosen));
        dismiss();
    });
    connect(m_filter, &SearchField::searchChanged, this, [this](const QString &text) {
        m_model->setFilter(text);
        showCount();
    });
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, &ExperimentRowPicker::showCount);
    if (const auto now = rowSelection(rows, m_model->total()); now && !rows.trimmed().isEmpty()) {
        QItemSelection selection;
        for (const int row : *now)
            selection.select(m_model->index(row, 0), m_model->index(row, m_model->columnCount() - 1));
        m_view->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
    }
    showCount();
}

std::vector<int> ExperimentRowPicker::selected() const
{
    std::vector<int> rows;
    const QItemSelection selection = m_view->selectionModel()->selection();
    for (const QItemSelectionRange &range : selection) {
        for (int shown = range.top(); shown <= range.bottom(); ++shown)
            rows.push_back(m_model->rowOf(shown));
    }
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    return rows;
}

void ExperimentRowPicker::showCount()
{
    int count = 0;
    const QItemSelection selection = m_view->selectionModel()->selection();
    for (const QItemSelectionRange &range : selection)
        count += range.height();
    m_count->setText(count == 0 ? tr("Nothing selected: all rows take part. Click, Shift+click, Ctrl+A.")
                                : tr("%1 of %2").arg(format::number(count), format::count(m_model->total(), tr("row"), tr("rows"))));
}

QString ExperimentRowPicker::ranges(std::vector<int> rows)
{
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    QStringList parts;
    for (size_t i = 0; i < rows.size();) {
        size_t end = i;
        while (end + 1 < rows.size() && rows[end + 1] == rows[end] + 1)
            ++end;
        parts.append(end > i ? QStringLiteral("%1-%2").arg(rows[i] + 1).arg(rows[end] + 1) : QString::number(rows[i] + 1));
        i = end + 1;
    }
    return parts.join(QStringLiteral(", "));
}

} // namespace lathe
