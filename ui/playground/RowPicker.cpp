// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/RowPicker.h"

#include "ui/itemmodels/Format.h"
#include "ui/playground/ChoicePopover.h"
#include "ui/playground/PickerButton.h"
#include "ui/playground/RowPickModel.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/SearchField.h"
#include "ui/widgets/Silence.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QShortcut>
#include <QSortFilterProxyModel>
#include <QTreeView>
#include <QVBoxLayout>

namespace lathe {

RowPicker::RowPicker(Session *session, Theme *theme, int most, QWidget *parent)
    : QWidget(parent),
      m_session(session),
      m_theme(theme),
      m_most(most),
      m_choose(new PickerButton(theme, this)),
      m_column(new PickerButton(theme, this)),
      m_filter(new SearchField(theme, tr("Filter rows"), this)),
      m_view(new QTreeView(this)),
      m_proxy(new QSortFilterProxyModel(this)),
      m_count(new Label(theme, QString(), Label::Style::Caption, this)),
      m_clear(new Button(tr("Clear"), ButtonRole::Ghost, this)),
      m_all(new Button(tr("Pick all shown"), ButtonRole::Ghost, this)),
      m_error(new InlineMessage(theme, Severity::Error, QString(), this))
{
    setObjectName(QStringLiteral("row-picker"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    auto *top = new QHBoxLayout;
    top->setSpacing(metrics::Gap);
    m_choose->setFixedWidth(190);
    m_column->setFixedWidth(190);
    top->addWidget(m_choose);
    top->addWidget(m_column);
    top->addWidget(m_filter, 1);
    top->addWidget(m_count);
    top->addWidget(m_all);
    top->addWidget(m_clear);
    layout->addLayout(top);
    layout->addWidget(m_error);
    layout->addWidget(m_view, 1);
    m_choose->setObjectName(QStringLiteral("row-dataset"));
    m_choose->setToolTip(tr("The dataset whose rows are sent"));
    m_column->setObjectName(QStringLiteral("row-column"));
    m_column->setToolTip(
        tr("The column whose text is the input; all columns fill variables of their names"));
    m_filter->setObjectName(QStringLiteral("row-filter"));
    m_view->setObjectName(QStringLiteral("row-list"));
    m_view->setAccessibleName(tr("Rows of the dataset; Space picks"));
    m_count->setObjectName(QStringLiteral("row-count"));
    m_clear->setObjectName(QStringLiteral("row-clear"));
    m_all->setObjectName(QStringLiteral("row-all"));
    m_all->setToolTip(withShortcut(tr("Pick every row that the filter shows"), QKeySequence::SelectAll));
    m_error->setObjectName(QStringLiteral("row-error"));
    m_error->hide();
    m_view->setModel(m_proxy);
    m_view->setItemDelegate(new RowDelegate(theme, m_view));
    m_view->setRootIsDecorated(false);
    m_view->setUniformRowHeights(true);
    m_view->setAllColumnsShowFocus(true);
    m_view->setSelectionMode(QAbstractItemView::SingleSelection);
    m_view->setMinimumHeight(80);
    m_proxy->setFilterKeyColumn(0);
    m_proxy->setFilterRole(RowPickModel::SearchRole);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_tell.setSingleShot(true);
    m_tell.setInterval(120);
    connect(&m_tell, &QTimer::timeout, this, &RowPicker::changed);
    connect(m_choose, &QAbstractButton::clicked, this, &RowPicker::chooseDataset);
    connect(m_column, &QAbstractButton::clicked, this, &RowPicker::chooseColumn);
    connect(m_filter, &SearchField::searchChanged, m_proxy, &QSortFilterProxyModel::setFilterFixedString);
    connect(m_filter, &SearchField::moveDown, this, [this] {
        m_view->setFocus(Qt::OtherFocusReason);
        if (!m_view->currentIndex().isValid())
            m_view->setCurrentIndex(m_proxy->index(0, 0));
    });
    connect(m_view, &QTreeView::clicked, this, &RowPicker::togglePicked);
    for (const auto key : {Qt::Key_Space, Qt::Key_Return}) {
        auto *pick = new QShortcut(QKeySequence(key), m_view, nullptr, nullptr, Qt::WidgetShortcut);
        connect(pick, &QShortcut::activated, this, &RowPicker::togglePicked);
    }
    auto *all = new QShortcut(QKeySequence::SelectAll, m_view, nullptr, nullptr, Qt::WidgetShortcut);
    connect(all, &QShortcut::activated, this, &RowPicker::pickShown);
    connect(m_all, &QAbstractButton::clicked, this, &RowPicker::pickShown);
    connect(m_clear, &QAbstractButton::clicked, this, [this] {
        if (m_model)
            m_model->clear();
    });
    connect(m_error, &InlineMessage::actionTriggered, this, &RowPicker::importRequested);
    auto *artifacts = &session->project().artifacts();
    connect(artifacts, &ArtifactRepository::added, this, [this] {
        if (m_dataset.isEmpty())
            load(QString()); // the hint that there is none
    });
    connect(artifacts, &ArtifactRepository::changed, this, [this, artifacts](ArtifactId id) {
        if (!m_dataset.isEmpty()
            && artifacts->find(ArtifactKind::Dataset, ArtifactRef::parse(m_dataset).valueOr({}).name)
                   == id) {
            const QString picked = rows();
            m_showing = true;
            load(m_dataset);
            if (m_model)
                m_model->setText(picked);
            m_showing = false;
        }
    });
    load(QString());
}

RowPicker::~RowPicker()
{
    silence(this);
}

QString RowPicker::rows() const
{
    return m_model ? m_model->text() : QString();
}

int RowPicker::pickedCount() const
{
    return m_model ? m_model->pickedCount() : 0;
}

void RowPicker::focusFilter()
{
    if (m_dataset.isEmpty())
        m_choose->setFocus(Qt::OtherFocusReason);
    else
        m_filter->setFocus(Qt::OtherFocusReason);
}

void RowPicker::show(const QString &dataset, const QString &rows)
{
    m_showing = true;
    if (dataset != m_dataset)
        load(dataset);
    if (m_model)
        m_model->setText(rows);
    m_showing = false;
    showCount();
}

void RowPicker::load(const QString &dataset)
{
    m_dataset = dataset;
    m_choose->show(QStringLiteral("dataset"), dataset, tr("Choose a dataset"));
    m_choose->setAccessibleName(tr("Dataset: %1").arg(dataset));
    m_error->hide();
    RowPickModel *old = m_model;
    m_model = nullptr;
    if (!dataset.isEmpty()) {
        auto rows = m_session->dataset(dataset);
        if (rows) {
            m_model = new RowPickModel(std::move(*rows), m_most, this);
            const QStringList &columns = m_model->dataset().columns;
            if (!columns.contains(m_inputColumn)) {
                m_inputColumn.clear();
                for (const char *guess : {"input", "message", "text", "question"}) {
                    if (m_inputColumn.isEmpty() && columns.contains(QLatin1String(guess)))
                        m_inputColumn = QLatin1String(guess);
                }
                if (m_inputColumn.isEmpty())
                    m_inputColumn = columns.value(0);
            }
        } else {
            m_error->setMessage(Severity::Error, rows.error().message);
            m_error->setAction(QString());
            m_error->show();
        }
    } else if (m_session->project().artifacts().list(ArtifactKind::Dataset).empty()) {
        m_error->setMessage(
            Severity::Info,
            tr("This project has no dataset yet: import one, or keep good answers as examples."));
        m_error->setAction(tr("Import"));
        m_error->show();
    }
    m_proxy->setSourceModel(m_model);
    delete old;
    m_view->setVisible(m_model);
    m_filter->setEnabled(m_model);
    m_column->setVisible(m_model);
    m_column->show(QStringLiteral("input"), m_inputColumn, QString());
    m_column->setAccessibleName(tr("Input column: %1").arg(m_inputColumn));
    if (m_model) {
        connect(m_model, &RowPickModel::pickedChanged, this, [this] {
            showCount();
            if (!m_showing)
                m_tell.start();
        });
    }
    showColumns();
    showCount();
}

void RowPicker::showColumns()
{
    if (!m_model)
        return;
    // The input comes first, whatever the order of the dataset.
    QHeaderView *header = m_view->header();
    for (int column = 0; column < m_model->columnCount(); ++column)
        header->moveSection(header->visualIndex(column), column);
    header->moveSection(header->visualIndex(int(m_model->dataset().columns.indexOf(m_inputColumn)) + 1), 1);
    m_view->setColumnWidth(0, 64);
    for (int column = 1; column < m_model->columnCount(); ++column)
        m_view->setColumnWidth(column,
                               m_model->dataset().columns.value(column - 1) == m_inputColumn ? 560 : 108);
}

void RowPicker::chooseDataset()
{
    auto *popover = new ChoicePopover(m_theme, m_choose, tr("Dataset"));
    std::vector<Choice> found;
    for (const ArtifactInfo &info : m_session->project().artifacts().list(ArtifactKind::Dataset))
        found.push_back({info.name, info.name, QStringLiteral("dataset"), QString(), QString()});
    popover->model()->append(found);
    popover->list()->setEmptyText(tr("This project has no dataset of this name."));
    popover->setCurrent(m_dataset);
    connect(popover, &ChoicePopover::chosen, this, [this](const QString &value) {
        load(value);
        m_tell.start();
        m_filter->setFocus(Qt::OtherFocusReason);
    });
    popover->open();
}

void RowPicker::chooseColumn()
{
    if (!m_model)
        return;
    auto *popover = new ChoicePopover(m_theme, m_column, tr("Column"));
    std::vector<Choice> found;
    for (const QString &column : m_model->dataset().columns)
        found.push_back({column, column, QStringLiteral("input"), QString(), QString()});
    popover->model()->append(found);
    popover->setCurrent(m_inputColumn);
    connect(popover, &ChoicePopover::chosen, this, [this](const QString &value) {
        m_inputColumn = value;
        m_column->show(QStringLiteral("input"), m_inputColumn, QString());
        showColumns();
        m_tell.start();
    });
    popover->open();
}

void RowPicker::togglePicked()
{
    const QModelIndex at = m_proxy->mapToSource(m_view->currentIndex());
    if (m_model && at.isValid())
        m_model->setPicked(at.row(), !m_model->isPicked(at.row()));
    showCount();
}

void RowPicker::pickShown()
{
    for (int row = 0; m_model && row < m_proxy->rowCount(); ++row) {
        if (!m_model->setPicked(m_proxy->mapToSource(m_proxy->index(row, 0)).row(), true))
            break;
    }
}

void RowPicker::showCount()
{
    const int count = pickedCount();
    m_count->setVisible(m_model);
    m_all->setVisible(m_model);
    m_clear->setVisible(m_model && count > 0);
    m_count->setText(m_model && count >= m_model->most()
                         ? tr("%1 picked, the most at once; an experiment takes all").arg(count)
                         : tr("%1 picked").arg(count));
}

} // namespace lathe
