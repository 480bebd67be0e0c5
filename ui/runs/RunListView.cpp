// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunListView.h"

#include "core/session/ExampleCollection.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/RunListModel.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/runs/RunListDelegate.h"
#include "ui/runs/StepStyle.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/ProblemLine.h"
#include "ui/widgets/SearchField.h"
#include "ui/widgets/SectionHeader.h"
#include "ui/widgets/Silence.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QTreeView>
#include <QVBoxLayout>

namespace lathe {

namespace {
const QString columnsKey = QStringLiteral("ui/runs/columns");
constexpr int widths[] = {108, 48, 132, 300, 300, 72, 72, 76, 92, 112};
}

RunListView::RunListView(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_model(new RunListModel(session, this)),
      m_header(new SectionHeader(theme, tr("Runs"), SectionHeader::Level::Page, this)),
      m_field(new SearchField(theme, tr("Words, agent:name, status:failed"), this)), m_problem(new ProblemLine(theme, this)),
      m_busy(new BusyBar(theme, this)), m_view(new QTreeView(this)),
      m_empty(new EmptyState(theme, QStringLiteral("runs"), QString(), this))
{
    setObjectName(QStringLiteral("run-list"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *top = new QVBoxLayout;
    top->setContentsMargins(metrics::PageMargin, metrics::GapLarge, metrics::PageMargin, metrics::Gap);
    top->setSpacing(metrics::Gap);
    top->addWidget(m_header);
    top->addWidget(m_field);
    top->addWidget(m_problem);
    layout->addLayout(top);
    layout->addWidget(m_busy);
    auto *content = new QVBoxLayout;
    content->setContentsMargins(metrics::GapLarge, 0, metrics::GapLarge, 0); // texts stand under the title
    content->addWidget(m_view, 1);
    content->addWidget(m_empty, 1);
    layout->addLayout(content, 1);

    m_field->setObjectName(QStringLiteral("run-query"));
    m_field->setAccessibleName(tr("Filter runs"));
    m_field->setToolTip(withShortcut(tr("Filter runs: words of input and output, agent:NAME, status:running, done, failed, "
                                        "cancelled or interrupted"),
                                     QKeySequence::Find));
    m_problem->setObjectName(QStringLiteral("run-query-problem"));
    m_view->setObjectName(QStringLiteral("run-table"));
    m_view->setAccessibleName(tr("Runs, newest first"));
    m_view->setRootIsDecorated(false);
    m_view->setItemsExpandable(false);
    m_view->setAllColumnsShowFocus(true);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setMouseTracking(true);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    m_view->setItemDelegate(new RunListDelegate(theme, m_view));
    m_view->ensurePolished(); // or uniform rows keep the height of the unstyled view
    m_view->setUniformRowHeights(true);
    m_view->setModel(m_model);
    m_view->setDragEnabled(true);
    m_view->setDragDropMode(QAbstractItemView::DragOnly);
    m_view->installEventFilter(this);
    m_field->setProperty("_lathe_steers", true);
    m_empty->setObjectName(QStringLiteral("runs-empty"));
    m_empty->button()->setObjectName(QStringLiteral("open-first-agent"));

    auto *header = m_view->header();
    header->setStretchLastSection(true);
    header->setSectionsMovable(false);
    header->setMinimumSectionSize(40);
    restoreColumns();
    m_columns.setSingleShot(true);
    m_columns.setInterval(500);
    connect(&m_columns, &QTimer::timeout, this, &RunListView::saveColumns);
    connect(header, &QHeaderView::sectionResized, this, [this](int section) {
        if (m_spreading || section == RunListModel::ColumnCount - 1)
            return;
        m_spread = false;
        m_columns.start();
    });

    connect(m_field, &SearchField::searchChanged, this, &RunListView::applyQuery);
    connect(m_field, &SearchField::moveDown, this, [this] {
        m_view->setFocus(Qt::OtherFocusReason);
        if (!m_view->currentIndex().isValid())
            m_view->setCurrentIndex(m_model->index(0, 0));
    });
    connect(m_field, &SearchField::accepted, this, [this] {
        if (m_view->currentIndex().isValid())
            open(m_view->currentIndex());
    });
    connect(m_view, &QTreeView::doubleClicked, this, &RunListView::open);
    connect(m_view, &QTreeView::customContextMenuRequested, this, &RunListView::showMenu);
    connect(m_model, &RunListModel::loaded, this, &RunListView::showState);
    connect(m_model, &RunListModel::rowsInserted, this, &RunListView::showState);
    connect(m_model, &RunListModel::rowsRemoved, this, &RunListView::showState);
    connect(m_model, &RunListModel::problem, this, [this](const QString &message) {
        m_problem->setProblem(Severity::Error, message);
        showState();
    });
    connect(m_empty, &EmptyState::actionTriggered, this, [this] {
        if (!m_model->filter().isEmpty())
            return setQuery(QString());
        const auto agents = m_session->project().artifacts().list(ArtifactKind::Agent);
        Q_EMIT openRequested(agents.empty() ? Location::page(Location::Kind::Design) : Location::ofArtifact(agents.front().id));
    });
    setFocusProxy(m_view);
    showState();
}

void RunListView::setQuery(const QString &query)
{
    m_field->setText(query);
    applyQuery(query);
}

void RunListView::applyQuery(const QString &query)
{
    m_model->setFilter(query.trimmed());
    showState();
}

void RunListView::showState()
{
    const bool loading = m_model->isLoading();
    const int rows = m_model->rowCount();
    m_busy->setBusy(loading);
    const bool empty = rows == 0 && !loading;
    m_view->setVisible(!empty);
    m_empty->setVisible(empty);
    const int total = m_session->project().runs().count();
    m_header->setDetail(m_model->filter().isEmpty()      ? format::count(total, tr("run"), tr("runs"))
                        : m_model->canFetchMore({})      ? tr("the first %1 that match").arg(format::number(rows))
                                                         : tr("%1 of %2").arg(format::number(rows), format::count(total, tr("run"), tr("runs"))));
    if (!empty)
        return;
    if (!m_model->filter().isEmpty()) {
        m_empty->setSentence(tr("No run matches \u201c%1\u201d.").arg(m_model->filter().left(80)));
        m_empty->setAction(tr("Show all runs"));
    } else {
        m_empty->setSentence(tr("No runs yet. Open an agent and press F5."));
        const bool any = !m_session->project().artifacts().list(ArtifactKind::Agent).empty();
        m_empty->setAction(any ? tr("Open an agent") : tr("Go to agents"));
    }
}

void RunListView::restoreColumns()
{
    const QJsonArray stored = m_session->project().setting(columnsKey).toArray();
    m_spread = stored.isEmpty();
    for (int i = 0; i < RunListModel::ColumnCount; ++i) {
        const int kept = stored.at(i).toInt();
        m_view->header()->resizeSection(i, kept >= 40 && kept < 4000 ? kept : widths[i]);
    }
}

void RunListView::spreadColumns()
{
    if (!m_spread)
        return;
    int fixed = 0;
    for (int i = 0; i < RunListModel::ColumnCount; ++i)
        fixed += i == RunListModel::Input || i == RunListModel::Output ? 0 : widths[i];
    const int left = std::max(240, m_view->viewport()->width() - fixed);
    m_spreading = true;
    m_view->header()->resizeSection(RunListModel::Input, left / 2);
    m_view->header()->resizeSection(RunListModel::Output, left - left / 2);
    m_spreading = false;
}

void RunListView::saveColumns()
{
    QJsonArray sizes;
    for (int i = 0; i < RunListModel::ColumnCount; ++i)
        sizes.append(m_view->header()->sectionSize(i));
    m_session->project().setSetting(columnsKey, sizes);
}

void RunListView::open(const QModelIndex &index)
{
    if (const RunId run = m_model->runAt(index.row()); run.isValid())
        Q_EMIT openRequested(Location::ofRun(run));
}

void RunListView::copyRow()
{
    const int row = m_view->currentIndex().row();
    if (row < 0)
        return;
    QStringList cells;
    for (int i = 0; i < RunListModel::ColumnCount; ++i)
        cells.append(m_model->index(row, i).data().toString());
    QGuiApplication::clipboard()->setText(cells.join(QLatin1Char('\t')));
    Q_EMIT statusMessage(tr("The row is copied"));
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

void RunListView::showMenu(const QPoint &pos)
{
    const QModelIndex index = m_view->indexAt(pos);
    const RunId run = m_model->runAt(index.row());
    if (!index.isValid() || !run.isValid())
        return;
    if (!m_view->selectionModel()->isRowSelected(index.row(), index.parent()))
        m_view->setCurrentIndex(index);
    const auto status = RunStatus(index.data(RunListModel::StatusRole).toInt());
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("run-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(m_theme->icon(QStringLiteral("runs")), tr("Open\tEnter"), this, [this, run] { Q_EMIT openRequested(Location::ofRun(run)); });
    if (stepstyle::isOver(status))
        menu->addAction(m_theme->icon(QStringLiteral("replay")), tr("Replay"), this, [this, run] { replay(run); });
    else
        menu->addAction(m_theme->icon(QStringLiteral("stop")), tr("Stop"), this, [this, run] { m_session->stop(run); });
    if (status == RunStatus::Interrupted || status == RunStatus::Cancelled)
        menu->addAction(m_theme->icon(QStringLiteral("resume")), tr("Resume"), this, [this, run] { resume(run); });
    menu->addSeparator();
    const auto copy = [this, run](bool input) {
        const auto info = m_session->project().runs().run(run);
        if (!info)
            return Q_EMIT errorRaised(info.error());
        QGuiApplication::clipboard()->setText(input ? info->input : info->output);
        Q_EMIT statusMessage(input ? tr("The input is copied") : tr("The output is copied"));
    };
    menu->addAction(m_theme->icon(QStringLiteral("copy")), tr("Copy input"), this, [copy] { copy(true); });
    menu->addAction(tr("Copy output"), this, [copy] { copy(false); });
    menu->addAction(tr("Copy row\tCtrl+C"), this, &RunListView::copyRow);
    if (!m_session->project().isReadOnly())
        addDatasetMenu(menu);
    menu->popup(m_view->viewport()->mapToGlobal(pos));
}

void RunListView::addDatasetMenu(QMenu *menu)
{
    std::vector<RunId> runs;
    const auto rows = m_view->selectionModel()->selectedRows();
    for (const QModelIndex &row : rows)
        runs.push_back(m_model->runAt(row.row()));
    std::sort(runs.begin(), runs.end());
    auto *into = menu->addMenu(m_theme->icon(QStringLiteral("dataset")),
                               runs.size() == 1 ? tr("Add to dataset") : tr("Add %1 runs to dataset").arg(runs.size()));
    into->setObjectName(QStringLiteral("run-to-dataset"));
    const auto add = [this, into, runs](const QString &title, const QString &dataset) {
        into->addAction(title, this, [this, runs, dataset] {
            runTask(this, collectRuns(m_session, dataset, runs), [this, dataset, count = runs.size()](const RevisionInfo &) {
                Q_EMIT statusMessage(count == 1 ? tr("The run is an example of %1 now; check what is expected").arg(dataset)
                                                : tr("%1 runs are examples of %2 now; check what is expected").arg(count).arg(dataset));
            }, [this](const Error &error) { Q_EMIT errorRaised(error); });
        });
    };
    const auto datasets = m_session->project().artifacts().list(ArtifactKind::Dataset);
    for (const ArtifactInfo &info : datasets)
        add(info.name, info.name);
    into->addSeparator();
    add(tr("New dataset"), m_session->freeName(ArtifactKind::Dataset, QStringLiteral("my-dataset")));
}

bool RunListView::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_view && event->type() == QEvent::Resize)
        QTimer::singleShot(0, this, &RunListView::spreadColumns); // the viewport follows the view
    if (watched != m_view || (event->type() != QEvent::KeyPress && event->type() != QEvent::ShortcutOverride))
        return QWidget::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    const bool press = event->type() == QEvent::KeyPress;
    if (key->matches(QKeySequence::Copy)) {
        if (press)
            copyRow();
    } else if (key->matches(QKeySequence::Find)) {
        if (press)
            m_field->setFocus(Qt::ShortcutFocusReason);
    } else if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
        if (press)
            open(m_view->currentIndex());
    } else {
        return QWidget::eventFilter(watched, event);
    }
    event->accept();
    return true;
}

RunListView::~RunListView()
{
    silence(this);
}

} // namespace lathe
