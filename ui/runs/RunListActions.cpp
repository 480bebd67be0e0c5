// SPDX-License-Identifier: GPL-3.0-or-later
// What a person does in the run log: commands, menus, popovers.
#include "ui/runs/RunListView.h"

#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/RunListModel.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/runs/ExportSheet.h"
#include "ui/runs/RunBulkBar.h"
#include "ui/runs/RunColumns.h"
#include "ui/runs/RunPickButton.h"
#include "ui/runs/RunQueryBar.h"
#include "ui/runs/RunTable.h"
#include "ui/runs/RunTagPopover.h"
#include "ui/runs/RunViewPopover.h"
#include "ui/runs/StepStyle.h"
#include "ui/widgets/ConfirmPopover.h"
#include "ui/widgets/ToastHost.h"

#include <QActionGroup>
#include <QClipboard>
#include <QGuiApplication>
#include <QMenu>

#include <algorithm>

namespace lathe {

namespace {
constexpr size_t mostCopied = 10'000;
constexpr size_t leastCompared = 2;
constexpr size_t mostCompared = 6;

QStringList carriedByAll(const RunListModel &model, const std::vector<RunId> &runs)
{
    QStringList common;
    for (size_t i = 0; i < runs.size(); ++i) {
        const RunInfo *info = model.infoAt(model.rowOf(runs[i]));
        const QStringList tags = info ? info->tags : QStringList();
        if (i == 0) {
            common = tags;
            continue;
        }
        common.removeIf([&tags](const QString &tag) { return !tags.contains(tag); });
        if (common.isEmpty())
            break;
    }
    return common;
}

// What a query asks of the runs that have the same in this cell.
std::vector<std::pair<RunField, QString>> termsOf(const RunInfo &run, int column)
{
    switch (column) {
    case RunListModel::Status:
        return {{RunField::Status, runStatusName(run.status)}};
    case RunListModel::Rating:
        if (run.rating < 0)
            return {};
        return {{RunField::Rating, run.rating == 6 ? QStringLiteral("up") : run.rating == 0 ? QStringLiteral("down") : QString::number(run.rating)}};
    case RunListModel::Models: {
        std::vector<std::pair<RunField, QString>> terms;
        for (const QString &model : run.models.split(QLatin1Char(','), Qt::SkipEmptyParts))
            terms.push_back({RunField::Model, model.trimmed()});
        return terms;
    }
    case RunListModel::Source:
        return {{RunField::Source, run.source.isEmpty() ? QStringLiteral("lathe") : run.source}};
    case RunListModel::Tags: {
        std::vector<std::pair<RunField, QString>> terms;
        for (const QString &tag : run.tags)
            terms.push_back({RunField::Tag, tag});
        return terms;
    }
    default: {
        std::vector<std::pair<RunField, QString>> terms{{RunField::Agent, run.agentName}};
        if (run.revisionNumber > 0)
            terms.push_back({RunField::Agent, QStringLiteral("%1@%2").arg(run.agentName).arg(run.revisionNumber)});
        if (column == RunListModel::Input) {
            for (const QString &tag : run.tags)
                terms.push_back({RunField::Tag, tag});
        }
        return terms;
    }
    }
}
}

QAction *RunListView::addCommand(const QString &id, const QString &text, const QString &shortText, const QString &icon,
                                 const QList<QKeySequence> &keys, std::function<void()> run, bool inTable)
{
    auto *action = new QAction(m_theme->icon(icon), text, this);
    action->setObjectName(id);
    action->setIconText(shortText);
    action->setShortcuts(keys);
    action->setShortcutContext(inTable ? Qt::WidgetShortcut : Qt::WidgetWithChildrenShortcut);
    connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
    if (inTable)
        m_table->addAction(action); // letters are commands only while the table has the focus
    else
        addAction(action);
    m_commands.append(action);
    m_actions.insert(id, action);
    return action;
}

void RunListView::makeCommands()
{
    const auto id = [](const char *name) { return QString::fromLatin1(name); };
    addCommand(id("runs-find"), tr("Search runs"), tr("Search"), id("search"), {QKeySequence(QKeySequence::Find), QKeySequence(Qt::Key_Slash)},
               [this] {
                   m_bar->field()->setFocus(Qt::ShortcutFocusReason);
                   m_bar->field()->selectAll();
               },
               false);
    addCommand(id("runs-open"), tr("Open the run"), tr("Open"), id("runs"), {}, [this] { open(m_table->currentIndex()); });
    QAction *compareThem = addCommand(id("runs-compare"), tr("Compare the selected runs"), tr("Compare"), id("diff"), {QKeySequence(Qt::Key_C)},
                                      [this] { compare(); });
    QAction *tagThem = addCommand(id("runs-tag"), tr("Tag the selected runs"), tr("Tag\u2026"), id("label"), {QKeySequence(Qt::Key_T)},
                                  [this] { tag(); });
    QAction *collect = addCommand(id("runs-dataset"), tr("Add the selected runs to a dataset"), tr("Add to dataset"), id("dataset"),
                                  {QKeySequence(Qt::Key_D)}, [this] { showDatasets(); });
    QAction *give = addCommand(id("runs-export"), tr("Export the selected runs"), tr("Export\u2026"), id("export"), {QKeySequence(Qt::Key_E)},
                               [this] { exportRuns(); });
    QAction *pinThem = addCommand(id("runs-pin"), tr("Pin the selected runs as tests, or unpin them"), tr("Pin as test"), id("pin"),
                                  {QKeySequence(Qt::Key_P)}, [this] {
                                      const std::vector<RunId> runs = selected();
                                      const bool all = std::all_of(runs.begin(), runs.end(), [this](RunId run) {
                                          const RunInfo *info = m_model->infoAt(m_model->rowOf(run));
                                          return info && info->pinned;
                                      });
                                      if (all)
                                          m_marks->unpin(runs);
                                      else
                                          m_marks->pin(runs);
                                  });
    QAction *bin = addCommand(id("runs-bin"), tr("Move the selected runs to the bin"), tr("Move to bin"), id("trash"),
                              {QKeySequence(QKeySequence::Delete)}, [this] { m_marks->moveToBin(selected()); });
    QAction *restoreThem = addCommand(id("runs-restore"), tr("Restore the selected runs from the bin"), tr("Restore"), id("undo"),
                                      {QKeySequence(Qt::Key_R)}, [this] { m_marks->restore(selected()); });
    QAction *gone = addCommand(id("runs-delete"), tr("Delete the selected runs in the bin for good"), tr("Delete for good\u2026"), id("close"),
                               {QKeySequence(Qt::SHIFT | Qt::Key_Delete)}, [this] { deleteForGood(false); });
    QAction *empty = addCommand(id("runs-empty-bin"), tr("Empty the bin"), tr("Empty the bin\u2026"), id("trash"), {}, [this] { deleteForGood(true); });
    addCommand(id("runs-copy"), tr("Copy the selected rows"), tr("Copy"), id("copy"), {QKeySequence(QKeySequence::Copy)}, [this] { copyRows(); });
    for (QAction *action : {compareThem, tagThem, collect, give, pinThem, restoreThem, bin, gone, empty})
        m_bulk->addButton(action);
    for (int stars = 1; stars <= 5; ++stars)
        addCommand(QStringLiteral("runs-rate-%1").arg(stars), tr("Rate the selected runs %1 of 5").arg(stars), QString(), id("star"),
                   {QKeySequence(Qt::Key_0 + stars)}, [this, stars] {
                       if (!selected().empty() && !m_bin && !m_session->project().isReadOnly())
                           m_marks->rate(selected(), stars);
                   });
    addCommand(id("runs-views"), tr("Choose a view of the run log"), QString(), id("filter"), {QKeySequence(Qt::Key_V)}, [this] { showViews(); });
    for (const RunView &view : builtInRunViews())
        addCommand(QStringLiteral("runs-view-") + view.icon, tr("Show runs: %1").arg(view.view.name), QString(), view.icon, {},
                   [this, view] { setView(view); });
    for (int i = 0; i <= int(RunGrouping::Source); ++i) {
        const auto grouping = RunGrouping(i);
        const QString title = grouping == RunGrouping::None ? tr("Do not group runs")
                                                            : tr("Group runs by %1").arg(runGroupingTitle(grouping).toLower());
        addCommand(QStringLiteral("runs-group-%1").arg(i), title, QString(), id("folder"), {}, [this, grouping] { setGrouping(grouping); });
    }
    addCommand(id("runs-columns-reset"), tr("Run log: columns as at first"), QString(), id("eye"), {}, [this] { m_columns->reset(); });
}

QWidget *RunListView::anchorOf(QAction *action) const
{
    QWidget *button = m_bulk->buttonOf(action);
    return button && button->isVisible() ? button : nullptr;
}

void RunListView::compare()
{
    const std::vector<RunId> runs = m_table->selectedRuns();
    if (runs.size() >= leastCompared && runs.size() <= mostCompared)
        Q_EMIT openRequested(Location::ofComparison(runs));
}

void RunListView::tag()
{
    const std::vector<RunId> runs = selected();
    if (runs.empty())
        return;
    QWidget *anchor = anchorOf(m_actions.value(QStringLiteral("runs-tag")));
    auto *popover = new RunTagPopover(m_session, m_theme, anchor ? anchor : m_table->viewport(), carriedByAll(*m_model, runs));
    if (!anchor)
        popover->setAnchorRect(m_table->visualRect(m_table->currentIndex().siblingAtColumn(RunListModel::Input)));
    connect(popover, &RunTagPopover::addRequested, this, [this, runs](const QString &tag) { m_marks->addTag(runs, tag); });
    connect(popover, &RunTagPopover::removeRequested, this, [this, runs](const QString &tag) { m_marks->removeTag(runs, tag); });
    popover->open();
}

void RunListView::exportRuns()
{
    const std::vector<RunId> runs = selected();
    if (runs.empty())
        return;
    auto *sheet = new ExportSheet(m_session, m_theme, this, runs);
    connect(sheet, &ExportSheet::statusMessage, this, &RunListView::statusMessage);
    sheet->open();
}

void RunListView::deleteForGood(bool all)
{
    const std::vector<RunId> runs = all ? std::vector<RunId>() : selected();
    if (!all && runs.empty())
        return;
    QWidget *anchor = anchorOf(m_actions.value(all ? QStringLiteral("runs-empty-bin") : QStringLiteral("runs-delete")));
    const QString what = all ? tr("all runs in the bin") : runs.size() == 1 ? tr("run %1").arg(runs.front().value) : tr("%1 runs").arg(runs.size());
    auto *popover = new ConfirmPopover(m_theme, anchor ? anchor : m_bulk, tr("Delete %1 for good? Steps and journals go too.").arg(what),
                                       tr("Delete for good"),
                                       [this, all, runs] {
                                           if (all)
                                               m_marks->emptyBin();
                                           else
                                               m_marks->remove(runs);
                                       },
                                       all ? tr("Keep them") : tr("Keep"));
    popover->open();
}

void RunListView::showDatasets()
{
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("run-datasets"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    addDatasets(menu, selected());
    QWidget *anchor = anchorOf(m_actions.value(QStringLiteral("runs-dataset")));
    const QPoint at = anchor ? anchor->mapToGlobal(QPoint(0, -menu->sizeHint().height() - 4))
                             : m_table->viewport()->mapToGlobal(m_table->visualRect(m_table->currentIndex()).bottomLeft());
    menu->popup(at);
}

void RunListView::addDatasets(QMenu *menu, const std::vector<RunId> &runs)
{
    const auto add = [this, menu, runs](const QString &title, const QString &dataset) {
        menu->addAction(title, this, [this, runs, dataset] { m_marks->addToDataset(runs, dataset); });
    };
    const auto datasets = m_session->project().artifacts().list(ArtifactKind::Dataset);
    for (const ArtifactInfo &info : datasets)
        add(info.name, info.name);
    menu->addSeparator();
    add(tr("New dataset"), m_session->freeName(ArtifactKind::Dataset, QStringLiteral("my-dataset")));
}

void RunListView::copyRows()
{
    std::vector<RunId> runs = selected();
    if (runs.empty())
        return;
    const bool cut = runs.size() > mostCopied;
    runs.resize(std::min(runs.size(), mostCopied));
    runTask(
        this, m_session->project().runs().infos(runs, CancelToken()),
        [this, cut](const std::vector<RunInfo> &infos) {
            const QList<int> columns = m_columns->shown();
            QStringList lines;
            if (infos.size() > 1) { // one row alone goes without headings
                QStringList titles;
                for (const int column : columns)
                    titles.append(m_model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
                lines.append(titles.join(QLatin1Char('\t')));
            }
            for (const RunInfo &info : infos) {
                QStringList cells;
                for (const int column : columns)
                    cells.append(m_model->text(info, column).replace(QLatin1Char('\t'), QLatin1Char(' ')));
                lines.append(cells.join(QLatin1Char('\t')));
            }
            QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
            Q_EMIT statusMessage(infos.size() == 1 ? tr("The row is copied")
                                 : cut             ? tr("The first %1 rows are copied").arg(format::number(qint64(infos.size())))
                                                   : tr("%1 rows are copied").arg(format::number(qint64(infos.size()))));
        },
        [this](const Error &error) { Q_EMIT errorRaised(error); });
}

// --- Views and groups

void RunListView::showViews()
{
    SavedView now = m_state;
    now.name.clear();
    auto *popover = new RunViewPopover(m_session, m_theme, m_views, now, m_bin);
    connect(popover, &RunViewPopover::chosen, this, &RunListView::setView);
    connect(popover, &RunViewPopover::saved, this, [this](const QString &name) {
        Q_EMIT statusMessage(tr("The view \u201c%1\u201d is kept in the project").arg(name));
        applyState(); // its name is shown
    });
    connect(popover, &RunViewPopover::deleted, this, [this](const SavedView &view) {
        m_toasts->show(Severity::Success, tr("The view \u201c%1\u201d is deleted").arg(view.name), tr("Undo"), [this, view] {
            runTask(this, m_session->project().views().save(view), [] {}, [this](const Error &error) { Q_EMIT errorRaised(error); });
        });
    });
    connect(popover, &RunViewPopover::errorRaised, this, &RunListView::errorRaised);
    popover->open();
}

void RunListView::showGroupings()
{
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("run-groups-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    auto *one = new QActionGroup(menu);
    for (int i = 0; i <= int(RunGrouping::Source); ++i) {
        const auto grouping = RunGrouping(i);
        QAction *action = menu->addAction(runGroupingTitle(grouping), this, [this, grouping] { setGrouping(grouping); });
        action->setCheckable(true);
        action->setChecked(grouping == m_state.grouping);
        one->addAction(action);
    }
    menu->popup(m_groupings->mapToGlobal(QPoint(0, m_groupings->height() + 4)));
}

// --- The menu of a row

void RunListView::addTermMenu(QMenu *menu, const QModelIndex &index)
{
    const RunInfo *info = m_model->infoAt(index.row());
    if (!info)
        return;
    const auto terms = termsOf(*info, index.column());
    for (const auto &[field, value] : terms) {
        const QString term = toggleRunFilterTerm(QString(), field, value);
        const bool there = toggleRunFilterTerm(m_state.query, field, value).size() < m_state.query.size();
        QAction *action = menu->addAction(there ? tr("No longer only %1").arg(term) : tr("Only runs like this: %1").arg(term), this,
                                          [this, f = field, v = value] { m_bar->toggleTerm(f, v); });
        action->setObjectName(QStringLiteral("run-only"));
        action->setIcon(m_theme->icon(QStringLiteral("filter")));
    }
    if (!terms.empty()) {
        const QString term = QLatin1Char('-') + toggleRunFilterTerm(QString(), terms.front().first, terms.front().second);
        menu->addAction(tr("All but these: %1").arg(term), this, [this, term] { setQuery((m_state.query + QLatin1Char(' ') + term).trimmed()); });
        menu->addSeparator();
    }
}

void RunListView::showMenu(const QPoint &pos)
{
    const QModelIndex index = m_table->indexAt(pos);
    const RunId run = m_model->runAt(index.row());
    if (!index.isValid() || !run.isValid())
        return;
    if (!m_table->selectionModel()->isRowSelected(index.row(), index.parent()))
        m_table->setCurrentIndex(index);
    const std::vector<RunId> runs = selected();
    const auto status = RunStatus(index.data(RunListModel::StatusRole).toInt());
    const bool readOnly = m_session->project().isReadOnly();
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("run-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(m_theme->icon(QStringLiteral("runs")), tr("Open\tEnter"), this, [this, run] { Q_EMIT openRequested(Location::ofRun(run)); });
    const auto add = [this, menu](const char *id, const QString &text) {
        QAction *known = m_actions.value(QString::fromLatin1(id));
        if (!known->isVisible())
            return;
        const QString key = known->shortcut().toString(QKeySequence::NativeText);
        QAction *action = menu->addAction(known->icon(), key.isEmpty() ? text : text + QLatin1Char('\t') + key, known, &QAction::trigger);
        action->setEnabled(known->isEnabled());
    };
    if (runs.size() > 1)
        add("runs-compare", tr("Compare"));
    const bool own = m_model->infoAt(index.row()) && m_model->infoAt(index.row())->source.isEmpty();
    if (own && stepstyle::isOver(status))
        menu->addAction(m_theme->icon(QStringLiteral("replay")), tr("Replay"), this, [this, run] { replay(run); });
    else if (own)
        menu->addAction(m_theme->icon(QStringLiteral("stop")), tr("Stop"), this, [this, run] { m_session->stop(run); });
    if (own && (status == RunStatus::Interrupted || status == RunStatus::Cancelled))
        menu->addAction(m_theme->icon(QStringLiteral("resume")), tr("Resume"), this, [this, run] { resume(run); });
    menu->addSeparator();
    addTermMenu(menu, index);
    const auto copy = [this, run](bool input) {
        const auto info = m_session->project().runs().run(run);
        if (!info)
            return Q_EMIT errorRaised(info.error());
        QGuiApplication::clipboard()->setText(input ? info->input : info->output);
        Q_EMIT statusMessage(input ? tr("The input is copied") : tr("The output is copied"));
    };
    menu->addAction(m_theme->icon(QStringLiteral("copy")), tr("Copy input"), this, [copy] { copy(true); });
    menu->addAction(tr("Copy output"), this, [copy] { copy(false); });
    menu->addAction(runs.size() > 1 ? tr("Copy %1 rows\tCtrl+C").arg(runs.size()) : tr("Copy row\tCtrl+C"), this, &RunListView::copyRows);
    menu->addSeparator();
    add("runs-tag", tr("Tag\u2026"));
    const RunInfo *info = m_model->infoAt(index.row());
    add("runs-pin", info && info->pinned ? tr("Unpin") : tr("Pin as test"));
    if (!readOnly && !m_bin) {
        auto *into = menu->addMenu(m_theme->icon(QStringLiteral("dataset")),
                                   runs.size() == 1 ? tr("Add to dataset") : tr("Add %1 runs to dataset").arg(runs.size()));
        into->setObjectName(QStringLiteral("run-to-dataset"));
        addDatasets(into, runs);
    }
    add("runs-export", tr("Export\u2026"));
    menu->addSeparator();
    add("runs-restore", tr("Restore"));
    add("runs-bin", tr("Move to bin"));
    add("runs-delete", tr("Delete for good\u2026"));
    menu->popup(m_table->viewport()->mapToGlobal(pos));
}

void RunListView::replay(RunId run)
{
    m_cancel.cancel();
    m_cancel = CancelSource();
    Q_EMIT statusMessage(tr("Replaying run %1 ...").arg(run.value));
    runTask(
        this, m_session->replay(run, m_cancel.token()),
        [this, run](const ReplayReport &report) {
            Q_EMIT statusMessage(report.same ? tr("The replay of run %1 gave the same %2; nothing was sent.")
                                                   .arg(run.value)
                                                   .arg(stepstyle::stepCount(int(report.trace.steps().size())))
                                             : tr("The replay of run %1 differs: %2").arg(run.value).arg(report.firstDifference));
        },
        [this](const Error &error) { Q_EMIT errorRaised(error); });
}

void RunListView::resume(RunId run)
{
    RunRequest options;
    options.attended = true;
    runTask(
        this, m_session->resume(run, UnfinishedPolicy::Ask, options),
        [this](RunId id) { Q_EMIT openRequested(Location::ofRun(id)); }, [this](const Error &error) { Q_EMIT errorRaised(error); });
}

} // namespace lathe
