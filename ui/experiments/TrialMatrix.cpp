// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/TrialMatrix.h"

#include "ui/experiments/TrialDelegate.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/SearchField.h"
#include "ui/widgets/Silence.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QTableView>
#include <QVBoxLayout>

namespace lathe {

TrialMatrix::TrialMatrix(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_model(new TrialMatrixModel(this)), m_field(new SearchField(theme, tr("Filter examples"), this)),
      m_shows(new QButtonGroup(this)), m_sort(new Button(tr("By difference"), ButtonRole::Ghost, this)),
      m_count(new Label(theme, QString(), Label::Style::Caption, this)), m_view(new QTableView(this)),
      m_empty(new EmptyState(theme, QStringLiteral("experiments"), QString(), this))
{
    setObjectName(QStringLiteral("trial-matrix"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(metrics::Margin, metrics::GapSmall, metrics::Margin, metrics::Gap);
    bar->setSpacing(metrics::GapSmall);
    m_field->setObjectName(QStringLiteral("matrix-filter"));
    m_field->setAccessibleName(tr("Filter examples by words of input and output"));
    m_field->setMaximumWidth(280);
    bar->addWidget(m_field, 1);
    bar->addSpacing(metrics::Gap);
    const struct {
        TrialMatrixModel::Show show;
        QString title, tip;
        const char *name;
    } shows[] = {
        {TrialMatrixModel::Show::All, tr("All"), tr("All examples"), "matrix-all"},
        {TrialMatrixModel::Show::Failed, tr("Failed"), tr("Examples where something did not pass or did not run"), "matrix-failed"},
        {TrialMatrixModel::Show::Differs, tr("Differs"), tr("Examples where the variants do not agree"), "matrix-differs"},
        {TrialMatrixModel::Show::Missing, tr("Not run"), tr("Examples that miss a trial"), "matrix-missing"},
    };
    m_shows->setExclusive(true);
    for (const auto &one : shows) {
        auto *button = new Button(one.title, ButtonRole::Ghost, this);
        button->setObjectName(QString::fromLatin1(one.name));
        button->setToolTip(one.tip);
        button->setCheckable(true);
        button->setChecked(one.show == TrialMatrixModel::Show::All);
        m_shows->addButton(button, int(one.show));
        bar->addWidget(button);
    }
    bar->addSpacing(metrics::Gap);
    m_sort->setObjectName(QStringLiteral("matrix-sort-difference"));
    m_sort->setToolTip(tr("Largest differences first; again: by row"));
    m_sort->setCheckable(true);
    bar->addWidget(m_sort);
    bar->addStretch(1);
    m_count->setObjectName(QStringLiteral("matrix-count"));
    bar->addWidget(m_count);
    layout->addLayout(bar);
    layout->addWidget(m_view, 1);
    layout->addWidget(m_empty, 1);

    m_view->setObjectName(QStringLiteral("matrix-table"));
    m_view->setAccessibleName(tr("Examples and what each variant made of them"));
    m_view->setItemDelegate(new TrialDelegate(theme, m_model, m_view));
    m_view->setModel(m_model);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setShowGrid(false);
    m_view->setMouseTracking(true);
    m_view->setTabKeyNavigation(false);
    m_view->setWordWrap(false);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setSelectionMode(QAbstractItemView::SingleSelection);
    m_view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed); // or 100,000 rows are measured
    m_view->verticalHeader()->setMinimumSectionSize(metrics::RowHeight);
    m_view->verticalHeader()->setDefaultSectionSize(metrics::RowHeight);
    m_view->horizontalHeader()->setSectionsClickable(true);
    m_view->horizontalHeader()->setHighlightSections(false);
    m_view->horizontalHeader()->setMinimumSectionSize(48);
    m_view->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_view->installEventFilter(this);
    m_field->setProperty("_lathe_steers", true);

    connect(m_field, &SearchField::searchChanged, this, [this](const QString &text) {
        m_model->setFilter(text, TrialMatrixModel::Show(m_shows->checkedId()));
        showCount();
    });
    connect(m_field, &SearchField::moveDown, this, [this] {
        if (!m_view->selectionModel()->hasSelection())
            m_view->setCurrentIndex(m_model->index(0, TrialMatrixModel::FirstVariant));
        m_view->setFocus(Qt::OtherFocusReason);
    });
    connect(m_shows, &QButtonGroup::idToggled, this, [this](int id, bool on) {
        if (!on)
            return;
        m_model->setFilter(m_field->text(), TrialMatrixModel::Show(id));
        showCount();
    });
    connect(m_sort, &QAbstractButton::toggled, this, [this](bool on) {
        m_view->horizontalHeader()->setSortIndicatorShown(on);
        m_view->horizontalHeader()->setSortIndicator(on ? m_model->differenceColumn() : -1, Qt::DescendingOrder);
        m_model->sort(on ? m_model->differenceColumn() : TrialMatrixModel::NumberColumn, on ? Qt::DescendingOrder : Qt::AscendingOrder);
        m_view->scrollToTop();
    });
    connect(m_view->horizontalHeader(), &QHeaderView::sectionClicked, this, [this](int section) {
        QHeaderView *header = m_view->horizontalHeader();
        const bool again = header->isSortIndicatorShown() && header->property("sorted").toInt() == section + 1;
        const bool number = section > TrialMatrixModel::InputColumn; // largest first
        Qt::SortOrder order = number ? Qt::DescendingOrder : Qt::AscendingOrder;
        if (again)
            order = header->sortIndicatorOrder() == Qt::AscendingOrder ? Qt::DescendingOrder : Qt::AscendingOrder;
        header->setProperty("sorted", section + 1);
        const QSignalBlocker blocker(m_sort);
        m_sort->setChecked(section == m_model->differenceColumn() && order == Qt::DescendingOrder);
        header->setSortIndicatorShown(true);
        header->setSortIndicator(section, order);
        m_model->sort(section, order);
        m_view->scrollToTop();
    });
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex &now) {
        const int position = now.isValid() ? m_model->positionOf(now.row()) : -1;
        Q_EMIT currentChanged(position, m_model->isVariant(now.column()) ? now.column() - TrialMatrixModel::FirstVariant : -1);
    });
    const auto open = [this](const QModelIndex &index) {
        if (index.isValid())
            Q_EMIT opened(m_model->positionOf(index.row()), m_model->isVariant(index.column()) ? index.column() - TrialMatrixModel::FirstVariant : -1);
    };
    connect(m_view, &QTableView::doubleClicked, this, open);
    connect(m_model, &QAbstractItemModel::modelReset, this, &TrialMatrix::spreadColumns);
    connect(m_empty, &EmptyState::actionTriggered, this, [this] {
        m_field->clear();
        setShow(TrialMatrixModel::Show::All);
        m_model->setFilter(QString(), TrialMatrixModel::Show::All);
        showCount();
    });
    setFocusProxy(m_view);
    showCount();
}

void TrialMatrix::setTable(const QStringList &variants, std::vector<TrialRow> rows)
{
    const QModelIndex before = m_view->currentIndex();
    const int position = before.isValid() ? m_model->positionOf(before.row()) : -1;
    const bool same = variants == m_model->variants();
    m_model->setTable(variants, std::move(rows));
    if (!same)
        spreadColumns();
    else if (position >= 0 && !m_view->currentIndex().isValid() && m_model->rowOfPosition(position) >= 0)
        m_view->setCurrentIndex(m_model->index(m_model->rowOfPosition(position), before.column()));
    showCount();
}

void TrialMatrix::setShow(TrialMatrixModel::Show show)
{
    if (auto *button = m_shows->button(int(show)))
        button->setChecked(true);
}

void TrialMatrix::sortByDifference()
{
    m_sort->setChecked(true);
}

void TrialMatrix::goToDifference(int direction)
{
    const int rows = m_model->rowCount();
    int row = m_view->currentIndex().isValid() ? m_view->currentIndex().row() : direction > 0 ? -1 : rows;
    const int column = m_view->currentIndex().isValid() ? m_view->currentIndex().column() : TrialMatrixModel::FirstVariant;
    for (row += direction; row >= 0 && row < rows; row += direction) {
        const TrialRow *at = m_model->rowAt(row);
        if (at && at->differs()) {
            m_view->setCurrentIndex(m_model->index(row, column));
            m_view->setFocus(Qt::OtherFocusReason);
            return;
        }
    }
}

void TrialMatrix::select(int position, int variant)
{
    const int row = m_model->rowOfPosition(position);
    if (row >= 0)
        m_view->setCurrentIndex(m_model->index(row, TrialMatrixModel::FirstVariant + std::max(0, variant)));
}

void TrialMatrix::setEmptyText(const QString &sentence)
{
    m_emptyText = sentence;
    showCount();
}

void TrialMatrix::showCount()
{
    const int shown = m_model->rowCount(), all = m_model->total();
    m_count->setText(all == 0        ? QString()
                     : shown == all ? format::count(all, tr("example"), tr("examples"))
                                    : tr("%1 of %2").arg(format::number(shown), format::count(all, tr("example"), tr("examples"))));
    m_view->setVisible(shown > 0);
    m_empty->setVisible(shown == 0);
    if (shown > 0)
        return;
    m_empty->setSentence(all == 0 ? m_emptyText
                         : m_model->shown() == TrialMatrixModel::Show::Differs && m_field->text().isEmpty()
                             ? tr("The variants do not differ on any example so far.")
                         : m_model->shown() == TrialMatrixModel::Show::Failed && m_field->text().isEmpty() ? tr("Nothing failed so far.")
                                                                                                         : tr("No example matches the filter."));
    m_empty->setAction(all == 0 ? QString() : tr("Show all examples"));
}

void TrialMatrix::spreadColumns()
{
    const int columns = m_model->columnCount();
    const int variants = int(m_model->variants().size());
    if (columns < 3)
        return;
    const int difference = variants > 1 ? variants > 2 ? 104 : 132 : 0;
    m_view->setColumnHidden(m_model->differenceColumn(), variants < 2);
    const int left = std::max(320, m_view->viewport()->width() - 52 - difference);
    m_view->setColumnWidth(TrialMatrixModel::NumberColumn, 52);
    const int input = variants == 0 ? left : std::max(120, int(left * (variants == 1 ? 0.4 : variants == 2 ? 0.3 : 0.24)));
    m_view->setColumnWidth(TrialMatrixModel::InputColumn, input);
    for (int i = 0; i < variants; ++i)
        m_view->setColumnWidth(TrialMatrixModel::FirstVariant + i, std::max(variants > 2 ? 118 : 150, (left - input) / variants));
    m_view->setColumnWidth(m_model->differenceColumn(), difference);
}

bool TrialMatrix::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_view && event->type() == QEvent::Resize)
        QMetaObject::invokeMethod(this, &TrialMatrix::spreadColumns, Qt::QueuedConnection); // the viewport follows the view
    if (watched != m_view || (event->type() != QEvent::KeyPress && event->type() != QEvent::ShortcutOverride))
        return QWidget::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    const bool press = event->type() == QEvent::KeyPress;
    if (key->matches(QKeySequence::Find)) {
        if (press)
            m_field->setFocus(Qt::ShortcutFocusReason);
    } else if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
        const QModelIndex now = m_view->currentIndex();
        if (press && now.isValid())
            Q_EMIT opened(m_model->positionOf(now.row()), m_model->isVariant(now.column()) ? now.column() - TrialMatrixModel::FirstVariant : -1);
    } else if (key->key() == Qt::Key_F8) {
        if (press)
            goToDifference(key->modifiers() & Qt::ShiftModifier ? -1 : 1);
    } else {
        return QWidget::eventFilter(watched, event);
    }
    event->accept();
    return true;
}

TrialMatrix::~TrialMatrix()
{
    silence(this);
}

} // namespace lathe
