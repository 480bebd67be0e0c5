// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/StepTreeView.h"

#include "ui/itemmodels/Format.h"
#include "ui/runs/BandTree.h"
#include "ui/runs/StepStyle.h"
#include "ui/runs/StepTreeDelegate.h"
#include "ui/runs/WaterfallHeader.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/SearchField.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QScopedValueRollback>
#include <QVBoxLayout>

namespace lathe {

StepTreeView::StepTreeView(Theme *theme, StepTreeModel *model, const Clock *clock, QWidget *parent)
    : QWidget(parent), m_model(model), m_clock(clock), m_field(new SearchField(theme, tr("Filter steps"), this)),
      m_status(new Label(theme, QString(), Label::Style::Hint, this)), m_view(new BandTree(theme, this)),
      m_delegate(new StepTreeDelegate(theme, m_view))
{
    setMinimumWidth(280);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::Margin, metrics::Gap, 0, 0);
    layout->setSpacing(metrics::GapSmall);
    auto *top = new QVBoxLayout;
    top->setContentsMargins(0, 0, metrics::Gap, 0);
    top->addWidget(m_field);
    top->addWidget(m_status);
    layout->addLayout(top);
    layout->addWidget(m_view, 1);
    m_status->hide();
    m_field->setObjectName(QStringLiteral("step-filter"));
    m_field->setAccessibleName(tr("Filter steps by name or text"));
    m_field->setToolTip(withShortcut(tr("Filter steps by name or text"), QKeySequence::Find));
    const auto axis = [this] { return std::pair(m_model->startUs(), m_model->endUs(m_clock->nowUs())); };
    m_delegate->setAxis(axis);
    m_view->setObjectName(QStringLiteral("step-tree"));
    m_view->setAccessibleName(tr("Steps"));
    auto *header = new WaterfallHeader(theme, m_view);
    header->setAxis(axis);
    m_view->setHeader(header);
    m_view->setItemDelegate(m_delegate);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setMouseTracking(true);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setAllColumnsShowFocus(true);
    m_view->setIndentation(16);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->ensurePolished(); // or uniform rows keep the height of the unstyled view
    m_view->setUniformRowHeights(true);
    m_view->setModel(model);
    m_view->expandAll();
    header->setStretchLastSection(true);
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    header->setMinimumSectionSize(44);
    setColumns({});
    m_view->installEventFilter(this);
    setFocusProxy(m_view);
    connect(header, &QHeaderView::sectionResized, this, [this](int section) {
        if (section != StepTreeModel::Waterfall)
            Q_EMIT columnsChanged();
    });
    connect(m_field, &SearchField::searchChanged, this, &StepTreeView::setFilter);
    connect(m_field, &SearchField::moveDown, this, [this] {
        m_view->setFocus(Qt::OtherFocusReason);
        move(1);
    });
    connect(m_field, &SearchField::accepted, this, [this] { m_view->setFocus(Qt::OtherFocusReason); });
    connect(model, &QAbstractItemModel::rowsInserted, this, &StepTreeView::onInserted);
    connect(model, &QAbstractItemModel::modelReset, this, [this] {
        m_view->expandAll();
        if (!m_words.isEmpty())
            setFilter(m_field->text());
    });
    connect(m_view->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex &now) {
        if (now.isValid())
            Q_EMIT currentChanged(now.data(StepTreeModel::PathRole).toString(), !m_selecting);
    });
    m_grow.setInterval(66);
    connect(&m_grow, &QTimer::timeout, this, [this] {
        const int left = m_view->columnViewportPosition(StepTreeModel::Waterfall);
        m_view->viewport()->update(left, 0, m_view->viewport()->width() - left, m_view->viewport()->height());
        m_view->header()->viewport()->update();
    });
}

QString StepTreeView::currentStep() const
{
    return m_view->currentIndex().data(StepTreeModel::PathRole).toString();
}

void StepTreeView::select(const QString &path)
{
    const QModelIndex index = m_model->indexOf(path);
    if (!index.isValid() || index == m_view->currentIndex())
        return;
    const QScopedValueRollback<bool> ours(m_selecting, true);
    m_view->setCurrentIndex(index);
    m_view->scrollTo(index);
}

void StepTreeView::setLive(bool live)
{
    if (live)
        m_grow.start();
    else
        m_grow.stop();
    m_view->viewport()->update();
}

QList<int> StepTreeView::columns() const
{
    QList<int> widths;
    for (int i = 0; i < StepTreeModel::Waterfall; ++i)
        widths.append(m_view->header()->sectionSize(i));
    return widths;
}

void StepTreeView::setColumns(const QList<int> &widths)
{
    static constexpr int usual[] = {236, 64, 60, 56};
    for (int i = 0; i < StepTreeModel::Waterfall; ++i) {
        const int kept = widths.value(i);
        m_view->header()->resizeSection(i, kept >= 44 && kept < 4000 ? kept : usual[i]);
    }
}

void StepTreeView::move(int rows)
{
    QModelIndex at = m_view->currentIndex();
    if (!at.isValid()) {
        m_view->setCurrentIndex(m_model->index(0, 0));
        return;
    }
    const QModelIndex to = rows > 0 ? m_view->indexBelow(at) : m_view->indexAbove(at);
    if (to.isValid())
        m_view->setCurrentIndex(to);
}

bool StepTreeView::matches(const QModelIndex &index, const QStringList &words) const
{
    const Step *step = m_model->step(index);
    if (!step)
        return false;
    const QString title = stepstyle::title(*step);
    return std::all_of(words.begin(), words.end(), [&](const QString &word) {
        return title.contains(word, Qt::CaseInsensitive) || step->name.contains(word, Qt::CaseInsensitive)
            || stepKindName(step->kind).contains(word, Qt::CaseInsensitive)
            || QStringView(step->text).left(100'000).contains(word, Qt::CaseInsensitive)
            || QStringView(step->toolArguments).left(20'000).contains(word, Qt::CaseInsensitive)
            || (step->error && step->error->message.contains(word, Qt::CaseInsensitive));
    });
}

// Hides what neither matches nor leads to a match; true when something is left.
bool StepTreeView::filterBranch(const QModelIndex &parent, const QStringList &words)
{
    bool any = false;
    for (int row = 0; row < m_model->rowCount(parent); ++row) {
        const QModelIndex index = m_model->index(row, 0, parent);
        const bool below = filterBranch(index, words);
        const bool own = words.isEmpty() || matches(index, words);
        m_found += own && !words.isEmpty() ? 1 : 0;
        m_view->setRowHidden(row, parent, !below && !own);
        any = any || below || own;
    }
    return any;
}

void StepTreeView::setFilter(const QString &text)
{
    m_words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    m_found = 0;
    m_view->setUpdatesEnabled(false);
    filterBranch({}, m_words);
    m_view->setUpdatesEnabled(true);
    m_status->setVisible(!m_words.isEmpty());
    m_status->setText(m_found == 0 ? tr("No step matches.") : stepstyle::stepCount(m_found));
}

void StepTreeView::onInserted(const QModelIndex &parent, int first, int last)
{
    m_view->expand(parent);
    if (m_words.isEmpty())
        return;
    for (int row = first; row <= last; ++row)
        m_view->setRowHidden(row, parent, !matches(m_model->index(row, 0, parent), m_words));
}

bool StepTreeView::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_view || (event->type() != QEvent::KeyPress && event->type() != QEvent::ShortcutOverride))
        return QWidget::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    const bool press = event->type() == QEvent::KeyPress;
    const bool plain = key->modifiers() == Qt::NoModifier;
    if (plain && (key->key() == Qt::Key_J || key->key() == Qt::Key_K)) {
        if (press)
            move(key->key() == Qt::Key_J ? 1 : -1);
    } else if (key->matches(QKeySequence::Find) || (plain && key->key() == Qt::Key_Slash)) {
        if (press) {
            m_field->setFocus(Qt::ShortcutFocusReason);
            m_field->selectAll();
        }
    } else {
        return QWidget::eventFilter(watched, event);
    }
    event->accept();
    return true;
}

} // namespace lathe
