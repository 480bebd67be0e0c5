// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunListView.h"

#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/RunListModel.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/runs/RunBulkBar.h"
#include "ui/runs/RunColumns.h"
#include "ui/runs/RunListDelegate.h"
#include "ui/runs/RunPickButton.h"
#include "ui/runs/RunQueryBar.h"
#include "ui/runs/RunTable.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/SectionHeader.h"
#include "ui/widgets/Silence.h"
#include "ui/widgets/Toast.h"
#include "ui/widgets/ToastHost.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QVBoxLayout>

namespace lathe {

namespace {
const QString stateKey = QStringLiteral("ui/runs/state");
constexpr int mostLookedAt = 50; // selected runs, for what their button says
constexpr int errorMs = 12'000; // a sentence takes its time to read
constexpr int mostParts = 8; // of a query that finds nothing, tried one by one

QString cut(const QString &text, int most)
{
    return text.size() > most ? text.left(most - 1) + QChar(0x2026) : text;
}

struct Exclusion {
    QString part;  // "latency>2s": without it there are
    QString query; // the rest
    int runs = 0;  // so many
};

// Which single part of a query keeps everything out.
Task<Result<Exclusion>> findExclusion(Session *session, RunFilter filter, bool bin, CancelToken cancel)
{
    Exclusion best;
    for (size_t i = 0; i < filter.parts.size() && i < size_t(mostParts); ++i) {
        std::vector<RunFilter> others = filter.parts;
        others.erase(others.begin() + qsizetype(i));
        const RunFilter rest = RunFilter::ofAll(others);
        const auto found = co_await session->project().runs().count(rest, bin, cancel);
        if (!found)
            co_return found.error();
        if (*found > best.runs) {
            best.part = filter.parts[i].toText();
            best.query = rest.toText();
            best.runs = *found;
        }
    }
    co_return best;
}
}

RunListView::RunListView(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_model(new RunListModel(session, this)), m_marks(new RunMarks(session, this)),
      m_header(new SectionHeader(theme, tr("Runs"), SectionHeader::Level::Page, this)), m_bar(new RunQueryBar(session, theme, this)),
      m_views(new RunPickButton(theme, QStringLiteral("runs"), this)), m_groupings(new RunPickButton(theme, QStringLiteral("folder"), this)),
      m_busy(new BusyBar(theme, this)), m_table(new RunTable(theme, m_model, this)), m_delegate(new RunListDelegate(theme, m_table)),
      m_hint(new Button(QString(), ButtonRole::Primary, m_table)), m_empty(new EmptyState(theme, QStringLiteral("runs"), QString(), this)),
      m_bulk(new RunBulkBar(theme, this)), m_toasts(new ToastHost(theme, this))
{
    setObjectName(QStringLiteral("run-list"));
    m_table->setObjectName(QStringLiteral("run-table"));
    m_table->setAccessibleName(tr("Runs"));
    m_table->setItemDelegate(m_delegate);
    m_table->ensurePolished(); // or uniform rows keep the height of the unstyled view
    m_table->setUniformRowHeights(true);
    m_table->setModel(m_model);
    m_table->installEventFilter(this);
    m_columns = new RunColumns(session, m_table);
    makeTop();
    makeCommands();

    QHeaderView *header = m_table->header();
    header->setSectionsClickable(true);
    header->setSortIndicatorShown(true);
    connect(header, &QHeaderView::sectionClicked, this, &RunListView::headerClicked);
    const auto tags = [this] { m_delegate->setTagsInInput(!m_columns->isShown(RunListModel::Tags)); };
    connect(m_columns, &RunColumns::changed, this, [this, tags] {
        tags();
        m_table->viewport()->update();
    });
    tags();

    connect(m_bar, &RunQueryBar::queryChanged, this, [this](const QString &query) {
        m_state.query = query;
        applyState();
    });
    connect(m_bar, &RunQueryBar::moveDown, this, [this] {
        m_table->setFocus(Qt::OtherFocusReason);
        if (!m_table->currentIndex().isValid())
            m_table->setCurrentIndex(m_model->index(0, 0));
    });
    connect(m_bar, &RunQueryBar::accepted, this, [this] {
        m_table->setFocus(Qt::OtherFocusReason);
        if (!m_table->currentIndex().isValid())
            m_table->setCurrentIndex(m_model->index(0, 0));
    });
    connect(m_table, &RunTable::opened, this, &RunListView::open);
    connect(m_table, &QWidget::customContextMenuRequested, this, &RunListView::showMenu);
    connect(m_table, &RunTable::selectedChanged, this, &RunListView::showSelection);
    connect(m_table, &RunTable::newAboveChanged, this, &RunListView::showHint);
    connect(m_model, &RunListModel::waitingChanged, this, &RunListView::showHint);
    connect(m_model, &RunListModel::loaded, this, &RunListView::showState);
    connect(m_model, &RunListModel::problem, m_bar, &RunQueryBar::setTrouble);
    connect(m_hint, &QPushButton::clicked, this, [this] {
        if (m_model->waiting() > 0)
            m_model->reload();
        m_table->toTop();
    });
    connect(m_bulk, &RunBulkBar::rated, this, [this](int stars) { m_marks->rate(selected(), stars); });
    connect(m_bulk, &RunBulkBar::cleared, m_table, &QAbstractItemView::clearSelection);
    connect(&session->project().views(), &ViewRepository::changed, this, &RunListView::showViewName);
    connect(m_marks, &RunMarks::done, this, &RunListView::said);
    connect(m_marks, &RunMarks::errorRaised, this, [this](const Error &error) { // among its other notices, over none of them
        m_toasts->show(Severity::Error, error.message, QString(), {}, errorMs);
    });
    connect(m_empty, &EmptyState::linkTriggered, this, [this] { setQuery(QString()); });
    connect(m_empty, &EmptyState::actionTriggered, this, [this] {
        if (!m_state.query.isEmpty())
            return setQuery(m_withoutPart);
        if (m_bin)
            return setView(builtInRunViews().front());
        const auto agents = m_session->project().artifacts().list(ArtifactKind::Agent);
        Q_EMIT openRequested(agents.empty() ? Location::page(Location::Kind::Design) : Location::ofArtifact(agents.front().id));
    });
    setFocusProxy(m_table);
    restoreState();
    applyState();
}

RunListView::~RunListView()
{
    m_cancel.cancel();
    m_explainCancel.cancel();
    m_columns->keep();
    silence(this);
}

QTreeView *RunListView::view() const
{
    return m_table;
}

void RunListView::makeTop()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *top = new QVBoxLayout;
    top->setContentsMargins(metrics::PageMargin, metrics::GapLarge, metrics::PageMargin, metrics::Gap);
    top->setSpacing(metrics::Gap);
    top->addWidget(m_header);
    top->addWidget(m_bar);
    layout->addLayout(top);
    layout->addWidget(m_busy);
    auto *content = new QVBoxLayout;
    content->setContentsMargins(metrics::GapLarge, 0, metrics::GapLarge, 0); // texts stand under the title
    content->addWidget(m_table, 1);
    content->addWidget(m_empty, 1);
    layout->addLayout(content, 1);
    layout->addWidget(m_bulk);

    m_views->setObjectName(QStringLiteral("run-views-button"));
    m_views->setToolTip(tr("Views: queries under a name"));
    m_views->setFixedWidth(148); // the field keeps its place whatever is chosen
    m_groupings->setFixedWidth(196);
    m_bar->addLeading(m_views);
    m_groupings->setObjectName(QStringLiteral("run-groups-button"));
    m_groupings->setToolTip(tr("Group runs, with sums"));
    m_bar->addTrailing(m_groupings);
    auto *columns = new IconButton(m_theme, QStringLiteral("eye"), tr("Columns"), this);
    columns->setObjectName(QStringLiteral("run-columns-button"));
    m_bar->addTrailing(columns);
    connect(m_views, &QAbstractButton::clicked, this, &RunListView::showViews);
    connect(m_groupings, &QAbstractButton::clicked, this, &RunListView::showGroupings);
    connect(columns, &QAbstractButton::clicked, this, [this, columns] {
        auto *menu = new QMenu(this);
        menu->setObjectName(QStringLiteral("run-columns-menu"));
        menu->setAttribute(Qt::WA_DeleteOnClose);
        m_columns->fillMenu(menu);
        menu->popup(columns->mapToGlobal(QPoint(0, columns->height() + 4)));
    });
    m_bar->field()->setProperty("_lathe_steers", true);
    m_hint->setObjectName(QStringLiteral("run-new-hint"));
    m_hint->setFocusPolicy(Qt::NoFocus);
    m_hint->hide();
    m_empty->setObjectName(QStringLiteral("runs-empty"));
    m_empty->button()->setObjectName(QStringLiteral("open-first-agent"));
    setTabOrder(m_bar->field(), m_table);
}

// --- What is shown

void RunListView::setQuery(const QString &query)
{
    m_bar->setQuery(query);
    m_state.query = m_bar->query();
    m_bin = false;
    applyState();
}

void RunListView::setView(const RunView &view)
{
    m_state = view.view;
    m_bin = view.bin;
    m_bar->setQuery(m_state.query);
    applyState();
    saveState();
}

void RunListView::setSort(RunSort sort, bool ascending)
{
    m_state.sort = sort;
    m_state.ascending = ascending;
    applyState();
    saveState();
}

void RunListView::setGrouping(RunGrouping grouping)
{
    m_state.grouping = grouping;
    if (grouping != RunGrouping::None)
        m_bin = false;
    applyState();
    saveState();
}

void RunListView::applyState()
{
    RunListModel::Ask ask;
    ask.filter = readRunFilter(m_state.query, m_session->clock().nowUs()).filter;
    ask.sort = m_state.sort;
    ask.ascending = m_state.ascending;
    ask.grouping = m_state.grouping;
    ask.bin = m_bin;
    m_bar->setTrouble(QString());
    m_explained = false;
    m_model->setAsk(ask);
    m_table->header()->setSortIndicator(RunListModel::columnOf(m_state.sort),
                                        m_state.ascending ? Qt::AscendingOrder : Qt::DescendingOrder);
    showViewName();
    m_groupings->setEnabled(!m_bin);
    m_groupings->show(tr("Group by"), runGroupingTitle(m_bin ? RunGrouping::None : m_state.grouping));
    showState();
    showSelection();
}

void RunListView::showViewName()
{
    QString name = tr("Custom view");
    std::vector<RunView> views = builtInRunViews();
    if (const auto own = m_session->project().views().all()) {
        for (const SavedView &view : *own) {
            views.push_back(RunView());
            views.back().view = view;
        }
    }
    for (const RunView &view : views) {
        if (view.shows(m_state, m_bin)) {
            name = view.view.name;
            break;
        }
    }
    m_views->show(QString(), name);
}

void RunListView::restoreState()
{
    const QJsonObject stored = m_session->project().setting(stateKey).toObject();
    const int sort = stored.value(QStringLiteral("sort")).toInt();
    const int grouping = stored.value(QStringLiteral("grouping")).toInt();
    if (sort >= 0 && sort <= int(RunSort::Steps))
        m_state.sort = RunSort(sort);
    if (grouping >= 0 && grouping <= int(RunGrouping::Source))
        m_state.grouping = RunGrouping(grouping);
    m_state.ascending = stored.value(QStringLiteral("ascending")).toBool();
}

void RunListView::saveState()
{
    m_session->project().setSetting(stateKey, QJsonObject{{QStringLiteral("sort"), int(m_state.sort)},
                                                          {QStringLiteral("ascending"), m_state.ascending},
                                                          {QStringLiteral("grouping"), int(m_state.grouping)}});
}

void RunListView::headerClicked(int column)
{
    const auto sort = RunListModel::sortOf(column);
    if (!sort) // the arrow goes back
        return setSort(m_state.sort, m_state.ascending);
    setSort(*sort, *sort == m_state.sort ? !m_state.ascending : sortsUpFirst(*sort));
}

void RunListView::showState()
{
    const bool loading = m_model->isLoading();
    m_busy->setBusy(loading);
    const bool empty = m_model->rowCount() == 0 && !loading;
    m_table->setVisible(!empty);
    m_empty->setVisible(empty);
    const bool all = m_state.query.isEmpty();
    if (!loading || m_header->accessibleDescription().isEmpty()) {
        const QString runs = format::count(m_model->total(), tr("run"), tr("runs"));
        const QString more = m_model->isComplete() ? QString() : QStringLiteral("+");
        QString detail = all ? runs + more : tr("%1 found").arg(runs + more);
        if (m_bin)
            detail = tr("%1 in the bin").arg(runs);
        else if (m_model->ask().grouping != RunGrouping::None)
            detail = tr("%1 in %2").arg(runs, format::count(m_model->groupCount(), tr("group"), tr("groups")));
        m_header->setDetail(detail);
    }
    if (empty)
        explainEmpty();
}

void RunListView::explainEmpty()
{
    if (m_state.query.isEmpty()) {
        m_empty->setLink(QString());
        if (m_bin) {
            m_empty->setSentence(tr("The bin is empty."));
            m_empty->setAction(tr("Show all runs"));
            return;
        }
        m_empty->setSentence(tr("No runs yet. Open an agent and press F5."));
        const bool any = !m_session->project().artifacts().list(ArtifactKind::Agent).empty();
        m_empty->setAction(any ? tr("Open an agent") : tr("Go to agents"));
        return;
    }
    if (m_explained)
        return; // what was found out stays
    m_explained = true;
    m_withoutPart.clear();
    m_empty->setSentence(tr("No run matches \u201c%1\u201d.").arg(cut(m_state.query, 80)));
    m_empty->setAction(tr("Show all runs"));
    m_empty->setLink(QString());
    const RunFilter filter = m_model->ask().filter;
    m_explainCancel.cancel();
    m_explainCancel = CancelSource();
    if (filter.kind != RunFilter::Kind::All || filter.parts.size() < 2)
        return;
    runTask(
        this, findExclusion(m_session, filter, m_bin, m_explainCancel.token()),
        [this, query = m_state.query](const Exclusion &found) {
            if (query != m_state.query || found.runs == 0)
                return;
            m_withoutPart = found.query;
            m_empty->setSentence(tr("No run matches \u201c%1\u201d. Without \u201c%2\u201d there %3.")
                                     .arg(cut(query, 80), cut(found.part, 60),
                                          found.runs == 1 ? tr("is 1") : tr("are %1").arg(format::number(found.runs))));
            m_empty->setAction(tr("Leave out \u201c%1\u201d").arg(cut(found.part, 40)));
            m_empty->setLink(tr("Show all runs"));
        },
        [](const Error &) {}); // the offer to show all stays
}

void RunListView::showSelection()
{
    const int count = int(m_table->selectedRuns().size());
    const bool readOnly = m_session->project().isReadOnly();
    const bool any = count > 0 || m_table->currentRun().isValid();
    const auto set = [this](const char *id, bool visible, bool enabled) {
        QAction *action = m_actions.value(QString::fromLatin1(id));
        action->setVisible(visible);
        action->setEnabled(visible && enabled);
    };
    set("runs-open", true, any);
    set("runs-compare", !m_bin, count >= 2 && count <= 6);
    set("runs-tag", !m_bin, any && !readOnly);
    set("runs-dataset", !m_bin, any && !readOnly);
    set("runs-export", true, any);
    set("runs-pin", !m_bin, any && !readOnly);
    set("runs-bin", !m_bin, any && !readOnly);
    set("runs-restore", m_bin, any && !readOnly);
    set("runs-delete", m_bin, any && !readOnly);
    set("runs-empty-bin", m_bin, !readOnly && m_model->rowCount() > 0);
    bool pinned = count > 0 && count <= mostLookedAt;
    for (const RunId run : pinned ? selected() : std::vector<RunId>()) {
        const RunInfo *info = m_model->infoAt(m_model->rowOf(run));
        pinned = pinned && info && info->pinned;
    }
    m_actions.value(QStringLiteral("runs-pin"))->setIconText(pinned ? tr("Unpin") : tr("Pin as test"));
    m_bulk->setSelected(count);
    m_bulk->setRatable(!m_bin && !readOnly);
    m_bulk->setVisible(count >= 2 || (m_bin && m_model->rowCount() > 0));
}

void RunListView::showHint()
{
    const int count = m_table->newAbove() + m_model->waiting();
    m_hint->setVisible(count > 0);
    if (count == 0)
        return;
    m_hint->setText(count == 1 ? tr("\u2191 1 new run") : tr("\u2191 %1 new runs").arg(format::number(count)));
    m_hint->adjustSize();
    m_hint->move((m_table->width() - m_hint->width()) / 2, m_table->header()->height() + metrics::Gap);
    m_hint->raise();
}

// --- Doing

std::vector<RunId> RunListView::selected() const
{
    std::vector<RunId> runs = m_table->selectedRuns();
    if (runs.empty() && m_table->currentRun().isValid())
        runs.push_back(m_table->currentRun());
    return runs;
}

void RunListView::open(const QModelIndex &index)
{
    const RunId run = m_model->runAt(index.row());
    if (!run.isValid())
        return;
    m_bar->remember(m_state.query);
    Q_EMIT openRequested(Location::ofRun(run));
}

void RunListView::said(const QString &sentence, const RunMarks::Undo &undoIt)
{
    m_undo = undoIt;
    const int number = ++m_undoNumber;
    if (!undoIt)
        return Q_EMIT statusMessage(sentence);
    m_undoToast = m_toasts->show(Severity::Success, sentence, tr("Undo"), [this, undoIt, number] {
        if (number == m_undoNumber)
            m_undo = RunMarks::Undo(); // Ctrl+Z must not do it again
        undoIt();
    });
}

void RunListView::undo()
{
    m_toasts->dismiss(m_undoToast); // its button would do it again
    if (const RunMarks::Undo back = std::exchange(m_undo, RunMarks::Undo()))
        back();
}

bool RunListView::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_table && event->type() == QEvent::Resize)
        showHint();
    if (watched != m_table || (event->type() != QEvent::KeyPress && event->type() != QEvent::ShortcutOverride))
        return QWidget::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    const bool press = event->type() == QEvent::KeyPress;
    if (key->matches(QKeySequence::Undo) && m_undo) { // of marks, before what the window would undo
        if (press)
            undo();
        event->accept();
        return true;
    }
    if (press && key->key() == Qt::Key_Escape && m_table->selectedRuns().size() <= 1 && !m_state.query.isEmpty()) {
        setQuery(QString());
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace lathe
