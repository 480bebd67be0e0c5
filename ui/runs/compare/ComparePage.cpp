// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/compare/ComparePage.h"

#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/runs/compare/ColumnDiffView.h"
#include "ui/runs/compare/CompareDelegate.h"
#include "ui/runs/compare/CompareDetail.h"
#include "ui/runs/compare/CompareModel.h"
#include "ui/runs/compare/RunCard.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/HeaderedSplitter.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/Silence.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QCoreApplication>
#include <QDragEnterEvent>
#include <QHeaderView>
#include <QJsonArray>
#include <QJsonDocument>
#include <QKeyEvent>
#include <QMenu>
#include <QMimeData>
#include <QPainter>
#include <QThreadPool>
#include <QTreeView>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr size_t mostRuns = maxAlignedTraces;
constexpr int nameColumn = 330;
constexpr int narrowNames = 290;
const QString runMime = QStringLiteral("application/x-lathe-run");

struct Loaded {
    std::vector<ComparedRun> runs;
    std::shared_ptr<const TraceAlignment> alignment;
    int missing = 0;
};

// The runs' traces, then their alignment on the pool.
Task<Result<Loaded>> loadComparison(Session *session, std::vector<RunId> runs, CancelToken cancel)
{
    Loaded loaded;
    for (const RunId id : runs) {
        auto info = session->project().runs().run(id);
        if (!info) {
            ++loaded.missing;
            continue;
        }
        auto trace = co_await session->trace(id, cancel);
        if (!trace)
            co_return trace.error();
        loaded.runs.push_back({std::move(*info), std::make_shared<const Trace>(std::move(*trace))});
    }
    Completion<std::shared_ptr<const TraceAlignment>> done;
    QThreadPool::globalInstance()->start([runs = loaded.runs, cancel, done] {
        std::vector<const Trace *> traces;
        for (const ComparedRun &of : runs)
            traces.push_back(of.trace.get());
        auto aligned = std::make_shared<const TraceAlignment>(alignTraces(traces, [&cancel] { return cancel.isCancelled(); }));
        QMetaObject::invokeMethod(qApp, [aligned, done] { done.complete(aligned); }, Qt::QueuedConnection);
    });
    loaded.alignment = co_await done;
    if (cancel.isCancelled())
        co_return Error::cancelled();
    co_return loaded;
}

std::vector<RunId> runsOf(const QMimeData *data)
{
    std::vector<RunId> ids;
    const QJsonObject object = QJsonDocument::fromJson(data->data(runMime)).object();
    for (const QJsonValue &value : object.value(QStringLiteral("runs")).toArray())
        ids.push_back(RunId{value.toInteger()});
    if (ids.empty() && object.contains(QStringLiteral("run")))
        ids.push_back(RunId{object.value(QStringLiteral("run")).toInteger()});
    return ids;
}
}

class ComparePage::Parts
{
public:
    Parts(ComparePage *page_, Session *session_, Theme *theme_) : page(page_), session(session_), theme(theme_) {}
    void build();
    void load();
    void showRuns();
    void spread();
    void changed(std::vector<RunId> now);
    void goTo(int row);
    void goNext(int direction);
    void showSummary();
    void fillAddMenu();
    QAction *addCommand(const char *id, const QString &text, const QList<QKeySequence> &keys, const char *icon, std::function<void()> run);

    ComparePage *page;
    Session *session;
    Theme *theme;
    std::vector<RunId> runs;
    CompareModel *model = nullptr;
    QTreeView *view = nullptr;
    QWidget *cards = nullptr;
    QHBoxLayout *cardsLayout = nullptr;
    QWidget *summaryBox = nullptr;
    std::vector<RunCard *> heads;
    Label *summary = nullptr;
    Label *verdict = nullptr;
    InlineMessage *message = nullptr;
    BusyBar *busy = nullptr;
    CompareDetail *detail = nullptr;
    HeaderedSplitter *splitter = nullptr;
    EmptyState *empty = nullptr;
    Button *first = nullptr;
    IconButton *next = nullptr, *previous = nullptr;
    Button *add = nullptr;
    QMenu *addMenu = nullptr;
    QCheckBox *only = nullptr;
    QList<QAction *> commands;
    CancelSource cancel;
    bool placed = false; // the first divergence was shown once
};

ComparePage::ComparePage(Session *session, Theme *theme, std::vector<RunId> runs, QWidget *parent)
    : QWidget(parent), d(std::make_unique<Parts>(this, session, theme))
{
    setObjectName(QStringLiteral("compare-page"));
    setAcceptDrops(true);
    d->build();
    setRuns(std::move(runs));
}

ComparePage::~ComparePage()
{
    silence(this);
    d->cancel.cancel();
}

const std::vector<RunId> &ComparePage::runs() const
{
    return d->runs;
}

QList<QAction *> ComparePage::commands() const
{
    return d->commands;
}

QAction *ComparePage::Parts::addCommand(const char *id, const QString &text, const QList<QKeySequence> &keys, const char *icon, std::function<void()> run)
{
    auto *action = new QAction(theme->icon(QString::fromLatin1(icon)), text, page);
    action->setObjectName(QString::fromLatin1(id));
    action->setShortcuts(keys);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    QObject::connect(action, &QAction::triggered, page, [run = std::move(run)] { run(); });
    page->addAction(action);
    commands.append(action);
    return action;
}

void ComparePage::Parts::build()
{
    model = new CompareModel(page);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    cards = new QWidget(page);
    cardsLayout = new QHBoxLayout(cards);
    cardsLayout->setContentsMargins(0, 0, 0, 0);
    cardsLayout->setSpacing(0);
    summaryBox = new QWidget(cards);
    summaryBox->setFixedWidth(nameColumn);
    auto *box = new QVBoxLayout(summaryBox);
    box->setContentsMargins(metrics::Margin, 8, metrics::Margin, 8);
    box->setSpacing(4);
    summary = new Label(theme, QString(), Label::Style::Strong, summaryBox);
    summary->setObjectName(QStringLiteral("compare-summary"));
    box->addWidget(summary);
    auto *row = new QHBoxLayout;
    row->setSpacing(4);
    first = new Button(tr("First difference"), ButtonRole::Secondary, summaryBox);
    first->setObjectName(QStringLiteral("compare-first"));
    previous = new IconButton(theme, QStringLiteral("chevron-up"), tr("Previous difference (P)"), summaryBox);
    next = new IconButton(theme, QStringLiteral("chevron-down"), tr("Next difference (N)"), summaryBox);
    previous->setObjectName(QStringLiteral("compare-previous"));
    next->setObjectName(QStringLiteral("compare-next"));
    add = new Button(tr("Add"), ButtonRole::Ghost, summaryBox);
    add->setIcon(theme->icon(QStringLiteral("plus")));
    add->setObjectName(QStringLiteral("compare-add"));
    add->setToolTip(tr("Add a run; rows of the run log can be dropped here, too"));
    addMenu = new QMenu(add);
    add->setMenu(addMenu);
    row->addWidget(first);
    row->addWidget(previous);
    row->addWidget(next);
    row->addStretch(1);
    row->addWidget(add);
    box->addLayout(row);
    only = new QCheckBox(tr("Only what differs"), summaryBox);
    only->setObjectName(QStringLiteral("compare-only"));
    box->addWidget(only);
    cardsLayout->addWidget(summaryBox);
    cardsLayout->addStretch(0); // keeps it at the left while no card is there
    layout->addWidget(cards);
    verdict = new Label(theme, QString(), Label::Style::Secondary, page);
    verdict->setObjectName(QStringLiteral("compare-verdict"));
    verdict->setContentsMargins(metrics::Margin, 5, metrics::Margin, 5);
    verdict->setTextFormat(Qt::PlainText);
    layout->addWidget(verdict);
    busy = new BusyBar(theme, page);
    layout->addWidget(busy);
    message = new InlineMessage(theme, Severity::Error, QString(), page);
    message->setObjectName(QStringLiteral("compare-message"));
    message->hide();
    layout->addWidget(message);
    splitter = new HeaderedSplitter(theme, Qt::Vertical, page);
    view = new QTreeView(splitter);
    view->setObjectName(QStringLiteral("compare-steps"));
    view->setAccessibleName(tr("Aligned steps"));
    view->setModel(model);
    view->setItemDelegate(new CompareDelegate(theme, view));
    view->setHeaderHidden(true);
    view->setRootIsDecorated(false);
    view->setFrameShape(QFrame::NoFrame);
    view->setMouseTracking(true);
    view->setAllColumnsShowFocus(true);
    view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    view->ensurePolished();
    view->setUniformRowHeights(true);
    view->header()->setStretchLastSection(false);
    view->header()->setMinimumSectionSize(40);
    detail = new CompareDetail(session, theme, model, splitter);
    splitter->addPanel(QStringLiteral("steps"), view, 430, 3);
    splitter->addPanel(QStringLiteral("texts"), detail, 300, 2);
    layout->addWidget(splitter, 1);
    empty = new EmptyState(theme, QStringLiteral("diff"), tr("Two to six runs side by side: their steps aligned, their texts word by word. Choose runs in the log and press C, or drop rows here."), page);
    empty->setAction(tr("Open the run log"));
    layout->addWidget(empty, 1);
    QObject::connect(empty, &EmptyState::actionTriggered, page, [this] { Q_EMIT page->openRequested(Location::page(Location::Kind::Runs)); });

    page->setFocusProxy(view);
    addCommand("compare-next-difference", tr("Next difference"), {QKeySequence(Qt::Key_N), QKeySequence(Qt::Key_F7)}, "chevron-down", [this] { goNext(1); });
    addCommand("compare-previous-difference", tr("Previous difference"), {QKeySequence(Qt::Key_P), QKeySequence(Qt::SHIFT | Qt::Key_F7)}, "chevron-up",
               [this] { goNext(-1); });
    addCommand("compare-first-difference", tr("First difference"), {QKeySequence(Qt::Key_D)}, "diff", [this] { goTo(model->firstDivergence()); });
    addCommand("compare-only-differences", tr("Only what differs"), {QKeySequence(Qt::Key_H)}, "filter", [this] { only->toggle(); });
    addCommand("compare-swap", tr("Swap the baseline"), {QKeySequence(Qt::Key_S)}, "undo", [this] {
        if (runs.size() < 2)
            return;
        std::vector<RunId> now = runs;
        std::swap(now[0], now[1]);
        changed(std::move(now));
    });
    first->setToolTip(tr("Where the runs part (D)"));
    only->setToolTip(tr("Hide the steps that are the same (H)"));
    QObject::connect(first, &Button::clicked, page, [this] { goTo(model->firstDivergence()); });
    QObject::connect(next, &IconButton::clicked, page, [this] { goNext(1); });
    QObject::connect(previous, &IconButton::clicked, page, [this] { goNext(-1); });
    QObject::connect(only, &QCheckBox::toggled, page, [this](bool on) {
        const AlignedRow *at = model->row(view->currentIndex().row());
        const int kept = at ? int(at - model->alignment().rows.data()) : -1;
        model->setOnlyDifferences(on);
        spread();
        goTo(std::max(0, model->shownRow(kept)));
    });
    QObject::connect(addMenu, &QMenu::aboutToShow, page, [this] { fillAddMenu(); });
    QObject::connect(view->selectionModel(), &QItemSelectionModel::currentRowChanged, page, [this](const QModelIndex &to) { detail->showRow(to.row()); });
    QObject::connect(view, &QTreeView::activated, page, [this](const QModelIndex &index) {
        int run = std::max(0, index.column() - 1);
        if (index.column() == 0) { // the row itself, or Enter: the first that has the step
            while (run + 1 < model->runCount() && !model->step(index.row(), run))
                ++run;
        }
        if (const Step *step = model->step(index.row(), run))
            Q_EMIT page->openRequested(Location::ofRun(model->run(run).info.id, step->path));
    });
    QObject::connect(session, &Session::runEnded, page, [this](RunId ended) {
        if (std::find(runs.begin(), runs.end(), ended) != runs.end())
            load();
    });
    QObject::connect(theme, &Theme::changed, page, [this] { view->viewport()->update(); });
    view->installEventFilter(page);
    view->viewport()->installEventFilter(page);
}

void ComparePage::setRuns(std::vector<RunId> runs)
{
    std::vector<RunId> kept;
    for (const RunId id : runs) {
        if (id.isValid() && std::find(kept.begin(), kept.end(), id) == kept.end() && kept.size() < mostRuns)
            kept.push_back(id);
    }
    if (kept == d->runs && !kept.empty())
        return;
    d->runs = std::move(kept);
    d->placed = false;
    d->load();
}

void ComparePage::Parts::changed(std::vector<RunId> now)
{
    page->setRuns(std::move(now));
    Q_EMIT page->runsChanged(runs);
}

void ComparePage::Parts::load()
{
    cancel.cancel();
    cancel = CancelSource();
    busy->setBusy(!runs.empty());
    message->hide();
    const bool any = !runs.empty();
    splitter->setVisible(any);
    cards->setVisible(any);
    verdict->setVisible(any);
    empty->setVisible(!any);
    if (!any)
        return;
    if (model->runCount() == 0) {
        summary->setText(tr("Reading %1").arg(format::count(qint64(runs.size()), tr("run"), tr("runs"))));
        verdict->setText(tr("Reading the runs and aligning their steps ..."));
        for (QWidget *button : std::initializer_list<QWidget *>{first, next, previous, only})
            button->setEnabled(false);
    }
    runTask(page, loadComparison(session, runs, cancel.token()), [this, token = cancel.token()](Loaded loaded) {
        if (token.isCancelled())
            return;
        busy->setBusy(false);
        if (loaded.missing > 0) {
            message->setMessage(Severity::Warning, loaded.missing == 1 ? tr("One of the runs is no longer in the project.")
                                                                       : tr("%1 of the runs are no longer in the project.").arg(loaded.missing));
            message->show();
        }
        model->setComparison(std::move(loaded.runs), std::move(loaded.alignment));
        showRuns();
    }, [this, token = cancel.token()](const Error &error) {
        if (token.isCancelled())
            return;
        busy->setBusy(false);
        message->setMessage(Severity::Error, error.message);
        message->show();
    });
}

void ComparePage::Parts::showRuns()
{
    const int count = model->runCount();
    while (int(heads.size()) > count) {
        delete heads.back();
        heads.pop_back();
    }
    while (int(heads.size()) < count) {
        auto *card = new RunCard(theme, cards);
        const size_t at = heads.size();
        card->setObjectName(QStringLiteral("compare-card-%1").arg(at));
        cardsLayout->insertWidget(cardsLayout->count() - 1, card, 1);
        QObject::connect(card, &RunCard::opened, page, [this, at] { Q_EMIT page->openRequested(Location::ofRun(model->run(int(at)).info.id)); });
        QObject::connect(card, &RunCard::removeRequested, page, [this, at] {
            std::vector<RunId> now = runs;
            now.erase(std::remove(now.begin(), now.end(), model->run(int(at)).info.id), now.end());
            // The card that asks goes with it: not from within its own signal.
            QMetaObject::invokeMethod(page, [this, now] { changed(now); }, Qt::QueuedConnection);
        });
        QObject::connect(card, &RunCard::baselineRequested, page, [this, at] {
            std::vector<RunId> now = runs;
            const auto found = std::find(now.begin(), now.end(), model->run(int(at)).info.id);
            if (found == now.end())
                return;
            std::rotate(now.begin(), found, found + 1);
            changed(std::move(now));
        });
        heads.push_back(card);
    }
    for (int i = 0; i < count; ++i)
        heads[size_t(i)]->show(model->run(i).info, i == 0 ? nullptr : &model->run(0).info, count > 1);
    add->setEnabled(runs.size() < mostRuns);
    spread();
    showSummary();
    if (!placed && model->rowCount() > 0) {
        placed = true;
        goTo(std::max(0, model->firstDivergence()));
        // Keys go to the rows, unless the person is in a field elsewhere.
        const QWidget *focused = QApplication::focusWidget();
        if (page->isVisible() && (!focused || page->isAncestorOf(focused)))
            view->setFocus(Qt::OtherFocusReason);
    } else {
        detail->showRow(view->currentIndex().isValid() ? view->currentIndex().row() : -1);
    }
}

void ComparePage::Parts::showSummary()
{
    const int rows = int(model->alignment().rows.size());
    const int differing = model->differingRows();
    if (model->runCount() < 2)
        summary->setText(tr("Add a run to compare with"));
    else if (differing == 0)
        summary->setText(tr("All %1 steps are the same").arg(format::number(rows)));
    else
        summary->setText(tr("%1 of %2 steps differ").arg(format::number(differing), format::number(rows)));
    const QString said = model->divergenceText();
    verdict->setText(model->runCount() < 2 ? tr("Drop rows of the run log here, or press Add.") : said.isEmpty() ? tr("The runs tell the same story.") : said);
    for (QWidget *button : std::initializer_list<QWidget *>{first, next, previous, only})
        button->setEnabled(differing > 0);
}

void ComparePage::Parts::spread()
{
    const int count = std::max(1, model->runCount());
    const int names = std::min(count > 3 ? narrowNames : nameColumn, view->viewport()->width() / 2);
    summaryBox->setFixedWidth(names);
    const int width = std::max(60, (view->viewport()->width() - names) / count);
    view->setColumnWidth(0, names);
    for (int i = 1; i <= model->runCount(); ++i)
        view->setColumnWidth(i, i == model->runCount() ? view->viewport()->width() - names - width * (count - 1) : width);
    // The cards stand over their columns, beside the scroll bar.
    cardsLayout->setContentsMargins(0, 0, std::max(0, view->width() - view->viewport()->width()), 0);
}

bool ComparePage::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == d->view->viewport() && event->type() == QEvent::Resize)
        d->spread();
    return QWidget::eventFilter(watched, event);
}

void ComparePage::Parts::goTo(int row)
{
    if (row < 0 || row >= model->rowCount())
        return;
    const QModelIndex index = model->index(row, 0);
    view->setCurrentIndex(index);
    view->scrollTo(index, QAbstractItemView::PositionAtCenter);
}

void ComparePage::Parts::goNext(int direction)
{
    const int row = model->nextDifference(view->currentIndex().isValid() ? view->currentIndex().row() : -1, direction);
    if (row < 0) {
        Q_EMIT page->statusMessage(direction > 0 ? tr("No further difference below") : tr("No further difference above"));
        return;
    }
    goTo(row);
}

void ComparePage::Parts::fillAddMenu()
{
    addMenu->clear();
    addMenu->addAction(tr("Loading ..."))->setEnabled(false);
    RunQuery query;
    query.limit = 25;
    runTask(page, session->project().runs().query(query, CancelToken()), [this](const std::vector<RunInfo> &found) {
        addMenu->clear();
        for (const RunInfo &info : found) {
            if (std::find(runs.begin(), runs.end(), info.id) != runs.end() || addMenu->actions().size() >= 15)
                continue;
            addMenu->addAction(tr("Run %1  %2  %3").arg(info.id.value).arg(info.agentName, format::oneLine(info.input, 50)).replace(QLatin1Char('&'), QLatin1String("&&")),
                               page, [this, id = info.id] {
                                   std::vector<RunId> now = runs;
                                   now.push_back(id);
                                   changed(std::move(now));
                               });
        }
        addMenu->addSeparator();
        addMenu->addAction(tr("Choose in the run log ..."), page, [this] { Q_EMIT page->openRequested(Location::page(Location::Kind::Runs)); });
    }, [](const Error &) {});
}

void ComparePage::dragEnterEvent(QDragEnterEvent *event)
{
    if (event->mimeData()->hasFormat(runMime) && d->runs.size() < mostRuns)
        event->acceptProposedAction();
}

void ComparePage::dropEvent(QDropEvent *event)
{
    std::vector<RunId> now = d->runs;
    const size_t before = now.size();
    for (const RunId id : runsOf(event->mimeData())) {
        if (std::find(now.begin(), now.end(), id) == now.end())
            now.push_back(id);
    }
    if (now.size() == before) {
        Q_EMIT statusMessage(tr("It is in the comparison already."));
        return;
    }
    if (now.size() > mostRuns)
        Q_EMIT statusMessage(tr("Six runs at most are compared; the others were left out."));
    event->acceptProposedAction();
    d->changed(std::move(now));
}

void ComparePage::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Tokens &t = d->theme->tokens();
    painter.fillRect(rect(), t.surface);
    if (d->cards->isVisible())
        painter.fillRect(QRect(0, d->cards->geometry().bottom(), width(), 1), t.line);
}

} // namespace lathe
