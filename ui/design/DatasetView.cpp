// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/design/DatasetView.h"

#include "ui/itemmodels/DatasetModel.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/SearchField.h"
#include "ui/widgets/SectionHeader.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QShortcut>
#include <QSortFilterProxyModel>
#include <QTreeView>
#include <QVBoxLayout>

namespace lathe {

DatasetView::DatasetView(Session *session, Theme *theme, ArtifactId dataset, QWidget *parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("dataset-view"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 12, 16, 12);
    layout->setSpacing(8);
    const auto info = session->project().artifacts().info(dataset);
    const QString name = info ? info->name : QString();
    auto rows = session->dataset(name);
    if (!rows) {
        layout->addWidget(new InlineMessage(theme, Severity::Error, rows.error().message, this));
        layout->addStretch();
        return;
    }
    auto *model = new DatasetModel(std::move(*rows), this);
    auto *header = new SectionHeader(theme, name, SectionHeader::Level::Page, this);
    header->setDetail(format::count(model->rowCount(), tr("row"), tr("rows")) + QStringLiteral(", ") + format::count(model->columnCount(), tr("column"), tr("columns")));
    layout->addWidget(header);
    auto *filter = new SearchField(theme, tr("Filter rows"), this);
    filter->setObjectName(QStringLiteral("dataset-filter"));
    layout->addWidget(filter);
    auto *proxy = new QSortFilterProxyModel(this);
    proxy->setSourceModel(model);
    proxy->setFilterKeyColumn(-1);
    proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    auto *table = new QTreeView(this);
    table->setObjectName(QStringLiteral("dataset-table"));
    table->setAccessibleName(tr("Rows of %1").arg(name));
    table->setModel(proxy);
    table->setRootIsDecorated(false);
    table->setUniformRowHeights(true);
    table->setItemDelegate(new RowDelegate(theme, table));
    table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    table->setSortingEnabled(true);
    table->sortByColumn(-1, Qt::AscendingOrder);
    for (int column = 0; column < model->columnCount(); ++column)
        table->setColumnWidth(column, model->dataset().columns.value(column) == QLatin1String("message") ? 640 : 120);
    layout->addWidget(table, 1);
    connect(filter, &SearchField::searchChanged, proxy, &QSortFilterProxyModel::setFilterFixedString);
    auto *copy = new QShortcut(QKeySequence::Copy, table, nullptr, nullptr, Qt::WidgetWithChildrenShortcut);
    connect(copy, &QShortcut::activated, this, [this, table, proxy] {
        QStringList lines;
        const auto selected = table->selectionModel()->selectedRows();
        for (const QModelIndex &row : selected) {
            QStringList cells;
            for (int column = 0; column < proxy->columnCount(); ++column)
                cells.append(row.siblingAtColumn(column).data().toString());
            lines.append(cells.join(QLatin1Char('\t')));
        }
        QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
        Q_EMIT statusMessage(tr("Copied %1.").arg(format::count(lines.size(), tr("row"), tr("rows"))));
    });
}

} // namespace lathe
