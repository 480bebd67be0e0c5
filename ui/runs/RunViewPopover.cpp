// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunViewPopover.h"

#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/ProblemLine.h"
#include "ui/widgets/RowDelegate.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
constexpr int panelWidth = 360;
constexpr int mostRows = 12; // without scrolling
}

RunViewPopover::RunViewPopover(Session *session, Theme *theme, QWidget *anchor, SavedView now, bool inBin)
    : Popover(theme, anchor), m_session(session), m_now(std::move(now)), m_inBin(inBin), m_model(new QStandardItemModel(this)),
      m_list(new QListView), m_name(new QLineEdit), m_save(new Button(tr("Save view"))), m_problem(new ProblemLine(theme))
{
    setObjectName(QStringLiteral("run-views"));
    setAccessibleName(tr("Views of the run log"));
    setDeleteOnClose(true);
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    m_list->setObjectName(QStringLiteral("run-view-list"));
    m_list->setAccessibleName(tr("Views"));
    m_list->setModel(m_model);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setUniformItemSizes(true);
    m_list->setMouseTracking(true);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setContextMenuPolicy(Qt::CustomContextMenu);
    m_list->setItemDelegate(new RowDelegate(theme, m_list));
    m_list->ensurePolished();
    m_list->viewport()->setBackgroundRole(QPalette::Button);
    m_list->installEventFilter(this);
    layout->addWidget(m_list);
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::Gap);
    m_name->setObjectName(QStringLiteral("run-view-name"));
    m_name->setPlaceholderText(tr("Keep what is shown as a view: its name"));
    m_name->setAccessibleName(tr("Name of the view"));
    m_name->setMaxLength(100);
    m_save->setObjectName(QStringLiteral("run-view-save"));
    line->addWidget(m_name, 1);
    line->addWidget(m_save);
    layout->addLayout(line);
    layout->addWidget(m_problem);
    content->setMinimumWidth(panelWidth);
    content->setMaximumWidth(panelWidth);
    fill();
    setContent(content);
    describe();
    if (m_inBin) {
        m_name->setEnabled(false);
        m_name->setPlaceholderText(tr("The bin cannot be kept as a view"));
    }

    connect(m_list, &QListView::clicked, this, &RunViewPopover::choose);
    connect(m_list, &QListView::customContextMenuRequested, this, &RunViewPopover::showMenu);
    connect(m_name, &QLineEdit::textChanged, this, &RunViewPopover::describe);
    connect(m_name, &QLineEdit::returnPressed, this, &RunViewPopover::keep);
    connect(m_save, &QPushButton::clicked, this, &RunViewPopover::keep);
    connect(&session->project().views(), &ViewRepository::changed, this, &RunViewPopover::fill);
}

void RunViewPopover::fill()
{
    const int current = m_list->currentIndex().row();
    m_views = builtInRunViews();
    if (auto own = m_session->project().views().all()) {
        for (const SavedView &view : *own) {
            RunView made;
            made.view = view;
            made.icon = QStringLiteral("filter");
            made.own = true;
            m_views.push_back(std::move(made));
        }
    }
    m_model->clear();
    int chosen = -1;
    for (size_t i = 0; i < m_views.size(); ++i) {
        const RunView &view = m_views[i];
        auto *row = new QStandardItem(view.view.name);
        row->setData(view.icon, rowrole::Icon);
        QString quiet = view.view.query;
        if (view.view.grouping != RunGrouping::None)
            quiet += (quiet.isEmpty() ? QString() : QStringLiteral(" \u00b7 ")) + tr("by %1").arg(runGroupingTitle(view.view.grouping).toLower());
        row->setData(quiet.left(40), rowrole::Trailing);
        row->setToolTip(view.own ? tr("F2 renames, Delete deletes") : QString());
        m_model->appendRow(row);
        if (chosen < 0 && view.shows(m_now, m_inBin))
            chosen = int(i);
    }
    m_list->setFixedHeight(std::min(int(m_views.size()), mostRows) * metrics::RowHeight + 2);
    m_list->setCurrentIndex(m_model->index(current >= 0 ? std::min(current, m_model->rowCount() - 1) : chosen, 0)); // none fits: none
    if (isOpen())
        arrange();
}

QWidget *RunViewPopover::firstFocus() const
{
    return m_list;
}

void RunViewPopover::choose(const QModelIndex &index)
{
    if (m_done || !index.isValid())
        return;
    m_done = true;
    const RunView view = m_views[size_t(index.row())];
    dismiss();
    Q_EMIT chosen(view);
}

void RunViewPopover::describe()
{
    const QString name = m_name->text().trimmed();
    const bool there = std::any_of(m_views.begin(), m_views.end(), [&](const RunView &v) { return v.own && v.view.name == name; });
    const bool fixed = std::any_of(m_views.begin(), m_views.end(), [&](const RunView &v) { return !v.own && v.view.name == name; });
    m_save->setText(!m_renaming.isEmpty() ? tr("Rename") : there ? tr("Replace") : tr("Save view"));
    m_save->setEnabled(!name.isEmpty() && !fixed && !m_inBin);
    m_problem->setProblem(Severity::Error, fixed ? tr("A view of that name is always there; choose another name.") : QString());
    if (isOpen())
        arrange();
}

void RunViewPopover::keep()
{
    const QString name = m_name->text().trimmed();
    if (name.isEmpty() || !m_save->isEnabled())
        return;
    const auto failed = [this](const Error &error) {
        m_problem->setProblem(Severity::Error, error.message);
        arrange();
    };
    auto &views = m_session->project().views();
    if (!m_renaming.isEmpty()) {
        runTask(this, views.rename(std::exchange(m_renaming, QString()), name), [this] { m_name->clear(); }, failed);
        m_list->setFocus(Qt::OtherFocusReason);
        return;
    }
    SavedView view = m_now;
    view.name = name;
    runTask(
        this, views.save(view),
        [this, name] {
            Q_EMIT saved(name);
            dismiss();
        },
        failed);
}

void RunViewPopover::rename(const RunView &view)
{
    m_renaming = view.view.name;
    m_name->setText(view.view.name);
    m_name->selectAll();
    m_name->setFocus(Qt::OtherFocusReason);
    describe();
}

void RunViewPopover::remove(const RunView &view)
{
    runTask(
        this, m_session->project().views().remove(view.view.name), [this, was = view.view] { Q_EMIT deleted(was); },
        [this](const Error &error) { m_problem->setProblem(Severity::Error, error.message); });
}

void RunViewPopover::showMenu(const QPoint &at)
{
    const QModelIndex index = m_list->indexAt(at);
    if (!index.isValid() || !m_views[size_t(index.row())].own)
        return;
    const RunView view = m_views[size_t(index.row())];
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Rename\tF2"), this, [this, view] { rename(view); });
    menu->addAction(theme()->icon(QStringLiteral("trash")), tr("Delete\tDel"), this, [this, view] { remove(view); });
    menu->popup(m_list->viewport()->mapToGlobal(at));
}

bool RunViewPopover::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_list || event->type() != QEvent::KeyPress)
        return Popover::eventFilter(watched, event);
    const QModelIndex index = m_list->currentIndex();
    switch (static_cast<QKeyEvent *>(event)->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
        choose(index);
        return true;
    case Qt::Key_F2:
        if (index.isValid() && m_views[size_t(index.row())].own)
            rename(m_views[size_t(index.row())]);
        return true;
    case Qt::Key_Delete:
        if (index.isValid() && m_views[size_t(index.row())].own)
            remove(m_views[size_t(index.row())]);
        return true;
    default:
        return Popover::eventFilter(watched, event);
    }
}

} // namespace lathe
