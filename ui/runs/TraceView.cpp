// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/TraceView.h"

#include "ui/itemmodels/StepTreeModel.h"
#include "ui/itemmodels/TraceFilter.h"
#include "ui/itemmodels/TraceInsights.h"
#include "ui/itemmodels/TraceLoader.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/runs/ExportSheet.h"
#include "ui/runs/FlameView.h"
#include "ui/runs/QuestionList.h"
#include "ui/runs/RatingBar.h"
#include "ui/runs/StepDetail.h"
#include "ui/runs/StepStyle.h"
#include "ui/runs/StepTreeView.h"
#include "ui/runs/TimeAxisStrip.h"
#include "ui/runs/TraceCostsPanel.h"
#include "ui/runs/TraceHeader.h"
#include "ui/runs/timetravel/LineageView.h"
#include "ui/runs/timetravel/ReplayResult.h"
#include "ui/runs/timetravel/TimeTravelBar.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/HeaderedSplitter.h"
#include "ui/widgets/SearchField.h"

#include <QJsonArray>
#include <QKeyEvent>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>

// The frame and the life of a trace; TraceViewActions.cpp has what a person does with it.
namespace lathe {

namespace {
const QString columnsKey = QStringLiteral("ui/trace/columns");
const QString modeKey = QStringLiteral("ui/trace/mode");
constexpr int manyRows = 10'000; // of a live run: batches from here on are larger

QString splitKey(Qt::Orientation orientation)
{
    return orientation == Qt::Horizontal ? QStringLiteral("ui/trace/split") : QStringLiteral("ui/trace/split-below");
}

// Questions: as tall as they are, up to half of the view; then they scroll. In a low window they give way down to a few lines,
// so that what is asked never makes the window taller.
class AskArea : public QScrollArea
{
public:
    AskArea(const QWidget *view, QWidget *parent) : QScrollArea(parent), m_view(view) {}
    QSize sizeHint() const override { return {QScrollArea::sizeHint().width(), std::min(wanted(), std::max(lowest, m_view->height() / 2))}; }
    QSize minimumSizeHint() const override { return {QScrollArea::minimumSizeHint().width(), std::min(wanted(), lowest)}; }

private:
    int wanted() const
    {
        const QWidget *content = widget();
        return !content ? 0 : content->hasHeightForWidth() ? content->heightForWidth(viewport()->width()) : content->sizeHint().height();
    }
    static constexpr int lowest = 120;
    const QWidget *m_view;
};
}

TraceView::TraceView(Session *session, Theme *theme, RunId run, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_run(run), m_model(new StepTreeModel(this)),
      m_loader(new TraceLoader(session, m_model, this)), m_source(new FlameSource(m_model, &session->clock(), this)),
      m_filter(new TraceFilter(session, run, m_model, this)), m_insights(new TraceInsights(session, run, m_model, this)),
      m_header(new TraceHeader(session, theme, run, this)), m_busy(new BusyBar(theme, this)), m_proof(new ReplayResult(theme, this)),
      m_lineage(new LineageView(session, theme, run, this)), m_bar(new TraceBar(theme, this)), m_travel(new TimeTravelBar(theme, this)),
      m_costs(new TraceCostsPanel(theme, this)), m_strip(new TimeAxisStrip(theme, m_source, this)),
      m_splitter(new HeaderedSplitter(theme, Qt::Horizontal, this)), m_pictures(new QStackedWidget(m_splitter)),
      m_tree(new StepTreeView(theme, m_source, m_pictures)), m_flame(new FlameView(theme, m_source, m_pictures)),
      m_right(new QWidget(m_splitter)), m_asks(new AskArea(this, m_right)), m_questions(new QuestionList(session, theme)),
      m_detail(new StepDetail(session, theme, m_right)), m_failed(new EmptyState(theme, QStringLiteral("error"), QString(), this))
{
    setObjectName(QStringLiteral("trace-view"));
    construct();
    connectParts();
    connectSession();
    setMode(TraceBar::Mode(std::clamp(session->project().setting(modeKey).toInt(), 0, 2)));
    m_bar->setMode(TraceBar::Mode(std::clamp(session->project().setting(modeKey).toInt(), 0, 2)));
    load();
}

TraceView::~TraceView()
{
    blockSignals(true); // nobody listens to what is going
    m_cancel.cancel();
}

void TraceView::construct()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_header);
    layout->addWidget(m_busy);
    auto *proof = new QHBoxLayout;
    proof->setContentsMargins(metrics::GapLarge, 0, metrics::GapLarge, 0);
    proof->addWidget(m_proof);
    layout->addLayout(proof);
    layout->addWidget(m_lineage);
    layout->addWidget(m_bar);
    layout->addWidget(m_travel);
    layout->addWidget(m_costs);
    layout->addWidget(m_strip);
    layout->addWidget(m_splitter, 1);
    layout->addWidget(m_failed, 1);
    m_proof->hide();
    m_travel->hide();
    m_costs->hide();
    m_failed->hide();
    m_lineage->setVisible(m_lineage->hasForks());
    m_pictures->addWidget(m_tree);
    m_pictures->addWidget(m_flame);
    auto *right = new QVBoxLayout(m_right);
    right->setContentsMargins(0, 0, 0, 0);
    right->setSpacing(0);
    m_asks->setFrameShape(QFrame::NoFrame);
    m_asks->setWidgetResizable(true);
    m_asks->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_asks->setFocusPolicy(Qt::NoFocus);
    m_asks->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    m_asks->setObjectName(QStringLiteral("trace-asks"));
    auto *asks = new QWidget(m_asks);
    auto *asksLayout = new QVBoxLayout(asks);
    asksLayout->setContentsMargins(metrics::GapLarge, metrics::Gap, metrics::GapLarge, metrics::GapSmall);
    asksLayout->addWidget(m_questions);
    asksLayout->addStretch(1);
    m_asks->setWidget(asks);
    asks->installEventFilter(this);
    m_asks->hide();
    right->addWidget(m_asks);
    right->addWidget(m_detail, 1);
    m_splitter->addPanel(QStringLiteral("tree"), m_pictures, 620, 1);
    m_splitter->addPanel(QStringLiteral("detail"), m_right, 560, 1);
    m_tree->view()->installEventFilter(this);
    m_flame->installEventFilter(this);
    rememberSizes();
    m_detail->setRun(m_run, m_model);
    setFocusProxy(m_tree);
}

void TraceView::connectParts()
{
    connect(m_tree, &StepTreeView::currentChanged, this, &TraceView::showStep);
    connect(m_flame, &FlameView::currentChanged, this, [this](int row) {
        if (const TraceRow *of = m_source->row(row))
            showStep(of->path, true);
    });
    connect(m_header, &TraceHeader::openRequested, this, &TraceView::openRequested);
    connect(m_header, &TraceHeader::statusMessage, this, &TraceView::statusMessage);
    connect(m_header, &TraceHeader::replayRequested, this, &TraceView::replay);
    connect(m_header, &TraceHeader::resumeRequested, this, &TraceView::resume);
    connect(m_header, &TraceHeader::stopRequested, this, [this] { m_session->stop(m_run); });
    connect(m_header, &TraceHeader::copyRequested, this, &TraceView::copy);
    connect(m_header, &TraceHeader::forkRequested, this, [this] { fork(m_detail->path()); });
    connect(m_header, &TraceHeader::exportRequested, this, [this] {
        auto *sheet = new ExportSheet(m_session, m_theme, this, {m_run});
        connect(sheet, &ExportSheet::statusMessage, this, &TraceView::statusMessage);
        sheet->open();
    });
    connect(m_header->rating(), &RatingBar::statusMessage, this, &TraceView::statusMessage);
    connect(m_header->rating(), &RatingBar::errorRaised, this, &TraceView::errorRaised);
    connect(m_proof, &ReplayResult::stepRequested, this, &TraceView::selectStep);
    connect(m_lineage, &LineageView::openRequested, this, &TraceView::openRequested);
    connect(m_lineage, &LineageView::compareRequested, this,
            [this](const std::vector<RunId> &runs) { Q_EMIT openRequested(Location::ofComparison(runs)); });
    connect(m_lineage, &LineageView::changed, this, [this] { m_lineage->setVisible(m_lineage->hasForks()); });
    connect(m_detail, &StepDetail::openRequested, this, &TraceView::openRequested);
    connect(m_detail, &StepDetail::statusMessage, this, &TraceView::statusMessage);
    connect(m_detail, &StepDetail::errorRaised, this, &TraceView::errorRaised);
    connect(m_detail, &StepDetail::forkRequested, this, &TraceView::fork);
    connect(m_bar, &TraceBar::modeChanged, this, [this](TraceBar::Mode mode) {
        m_session->project().setSetting(modeKey, int(mode));
        setMode(mode);
    });
    connect(m_bar, &TraceBar::hitRequested, this, &TraceView::nextHit);
    connect(m_bar, &TraceBar::zoomRequested, this, [this](double factor) {
        if (factor > 0)
            m_source->axis()->zoom(factor);
        else
            m_source->axis()->fitAll();
    });
    connect(m_bar->field(), &SearchField::searchChanged, m_filter, &TraceFilter::setText);
    const auto toPicture = [this] { m_pictures->currentWidget()->setFocus(Qt::OtherFocusReason); };
    connect(m_bar->field(), &SearchField::accepted, this, [this, toPicture] {
        toPicture();
        if (m_filter->isActive() && m_filter->position(m_model->rowIndex(m_detail->path())) < 0)
            nextHit(1);
    });
    connect(m_bar->field(), &SearchField::moveDown, this, [this, toPicture] {
        toPicture();
        nextHit(1);
    });
    connect(m_bar->critical(), &Button::toggled, this, [this](bool on) {
        if (on)
            m_insights->compute();
        updateLit();
    });
    connect(m_bar->costs(), &Button::toggled, this, [this](bool on) {
        m_costs->setVisible(on);
        if (on) {
            m_costs->setBusy();
            m_insights->compute();
        }
    });
    connect(m_bar->travel(), &Button::toggled, this, &TraceView::setTravelling);
    connect(m_insights, &TraceInsights::ready, this, [this] {
        if (m_insights->result() && m_costs->isVisible())
            m_costs->setCosts(m_insights->result()->costs);
        updateLit();
    });
    connect(m_insights, &TraceInsights::failed, this, &TraceView::errorRaised);
    connect(m_costs, &TraceCostsPanel::filterRequested, this, [this](const QString &word) {
        m_bar->field()->setText(word);
        m_filter->setText(word);
    });
    connect(m_filter, &TraceFilter::changed, this, &TraceView::showFilter);
    connect(m_filter, &TraceFilter::failed, this, &TraceView::errorRaised);
    connect(m_source->axis(), &TimeAxis::changed, this, [this] { m_bar->setFitted(m_source->axis()->isFitted()); });
    connect(m_travel, &TimeTravelBar::moved, this, &TraceView::travelTo);
    connect(m_travel, &TimeTravelBar::closeRequested, this, [this] { m_bar->travel()->setChecked(false); });
    connect(m_travel, &TimeTravelBar::forkRequested, this, &TraceView::fork);
    connect(m_loader, &TraceLoader::begun, this, [this] {
        m_header->refresh(*m_model);
        chooseFirst();
    });
    connect(m_loader, &TraceLoader::progress, this, [this] { m_header->tick(*m_model); });
    connect(m_loader, &TraceLoader::ended, this, &TraceView::onLoaded);
    connect(m_loader, &TraceLoader::failed, this, [this](const Error &error) {
        m_busy->setBusy(false);
        for (QWidget *part : std::initializer_list<QWidget *>{m_splitter, m_bar, m_strip, m_lineage})
            part->hide();
        m_failed->setSentence(error.message);
        m_failed->show();
        Q_EMIT errorRaised(error);
    });
}

void TraceView::connectSession()
{
    connect(m_session, &Session::runEvents, this, [this](RunId id, const std::vector<RunEvent> &events) {
        if (id == m_run)
            onEvents(events);
    });
    connect(m_session, &Session::runStarted, this, [this](RunId id) {
        if (id == m_run) // resumed, here or elsewhere
            setLive(true);
    });
    connect(m_session, &Session::runEnded, this, [this](RunId id) {
        if (id == m_run)
            onEnded();
    });
    connect(m_questions, &QuestionList::left, this, [this] { m_pictures->currentWidget()->setFocus(Qt::OtherFocusReason); });
    connect(m_questions, &QuestionList::changed, this, [this] {
        m_asks->setVisible(m_questions->count() > 0);
        m_header->refresh(*m_model);
    });
    m_tick.setInterval(100);
    connect(&m_tick, &QTimer::timeout, this, [this] {
        m_header->tick(*m_model);
        m_detail->tick();
    });
    m_show.setSingleShot(true);
    m_show.setInterval(16);
    connect(&m_show, &QTimer::timeout, this, [this] { m_detail->show(m_detail->path()); });
    m_apply.setSingleShot(true);
    connect(&m_apply, &QTimer::timeout, this, &TraceView::applyPending);
    m_questions->setRun(m_run);
}

bool TraceView::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_tree->view() || watched == m_flame) {
        if (event->type() == QEvent::KeyPress && handleKey(static_cast<QKeyEvent *>(event)))
            return true;
        return QWidget::eventFilter(watched, event);
    }
    if (watched == m_asks->widget() && (event->type() == QEvent::LayoutRequest || event->type() == QEvent::Resize))
        m_asks->updateGeometry();
    return QWidget::eventFilter(watched, event);
}

void TraceView::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_asks->updateGeometry(); // its share of the view
}

void TraceView::keyPressEvent(QKeyEvent *event)
{
    if (!handleKey(event))
        QWidget::keyPressEvent(event);
}

// A stack of pages gives the focus to the first link of a new one; here the keys belong to the steps.
void TraceView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (std::exchange(m_wasShown, true))
        return;
    QTimer::singleShot(0, this, [this] {
        QWidget *focus = window()->focusWidget();
        if (focus && m_header->isAncestorOf(focus))
            m_pictures->currentWidget()->setFocus(Qt::OtherFocusReason);
    });
}

void TraceView::rememberSizes()
{
    m_splitter->setSizesChanged([this](const HeaderedSplitter::Sizes &) { keepSizes(); });
    QList<int> columns;
    const QJsonArray widths = m_session->project().setting(columnsKey).toArray();
    for (const QJsonValue &width : widths)
        columns.append(width.toInt());
    m_tree->setColumns(columns);
    m_columns.setSingleShot(true);
    m_columns.setInterval(500);
    connect(&m_columns, &QTimer::timeout, this, [this] {
        QJsonArray kept;
        for (const int width : m_tree->columns())
            kept.append(width);
        m_session->project().setSetting(columnsKey, kept);
    });
    connect(m_tree, &StepTreeView::columnsChanged, &m_columns, qOverload<>(&QTimer::start));
}

void TraceView::keepSizes()
{
    QJsonObject kept;
    const HeaderedSplitter::Sizes now = m_splitter->panelSizes();
    for (auto it = now.begin(); it != now.end(); ++it)
        kept.insert(it.key(), it.value());
    m_session->project().setSetting(splitKey(m_splitter->orientation()), kept);
}

// The tree has the details beside it, the pictures over the whole width have them below.
void TraceView::setMode(TraceBar::Mode mode)
{
    const bool tree = mode == TraceBar::Mode::Tree;
    const Qt::Orientation orientation = tree ? Qt::Horizontal : Qt::Vertical;
    m_splitter->setOrientation(orientation);
    HeaderedSplitter::Sizes sizes{{QStringLiteral("tree"), tree ? 620 : 420}, {QStringLiteral("detail"), tree ? 560 : 260}};
    const QJsonObject stored = m_session->project().setting(splitKey(orientation)).toObject();
    for (auto it = stored.begin(); it != stored.end(); ++it)
        sizes.insert(it.key(), it.value().toInt());
    m_splitter->restore(sizes);
    m_flame->setMode(mode == TraceBar::Mode::Flame ? FlameView::Mode::Flame : FlameView::Mode::Waterfall);
    const bool focused = m_pictures->currentWidget()->hasFocus() || m_tree->view()->hasFocus();
    m_pictures->setCurrentWidget(tree ? static_cast<QWidget *>(m_tree) : m_flame);
    setFocusProxy(m_pictures->currentWidget());
    if (focused)
        m_pictures->currentWidget()->setFocus(Qt::OtherFocusReason);
    if (const int row = m_model->rowIndex(m_detail->path()); row >= 0)
        setCurrentRow(row);
    updateLit();
}

void TraceView::load()
{
    if (const Trace *live = m_session->liveTrace(m_run)) {
        // Events of this frame may be in it already and still be signalled: the first batch brings all up to date.
        m_synced = stepstyle::isOver(live->status());
        setTrace(*live);
        return;
    }
    m_header->refresh(*m_model);
    m_busy->setBusy(true);
    m_synced = true;
    m_loader->load(m_run);
}

void TraceView::onLoaded()
{
    const auto running = m_session->running();
    setLive(std::find(running.begin(), running.end(), m_run) != running.end());
    if (!m_wanted.isEmpty())
        selectStep(m_wanted);
    else if (m_model->isOutline() && m_follow) // what failed may have come late
        chooseFirst();
}

void TraceView::setTrace(Trace trace)
{
    m_loader->cancel();
    m_insights->invalidate();
    const QString before = m_detail->path();
    m_model->setTrace(std::move(trace));
    if (m_filter->isActive())
        m_filter->setText(m_filter->text());
    m_header->refresh(*m_model);
    const auto running = m_session->running();
    setLive(std::find(running.begin(), running.end(), m_run) != running.end());
    if (m_wanted.isEmpty() && m_model->rowIndex(before) >= 0)
        setCurrentRow(m_model->rowIndex(before));
    else
        chooseFirst();
}

void TraceView::chooseFirst()
{
    const auto &rows = m_model->rows();
    if (!m_wanted.isEmpty() && m_model->rowIndex(m_wanted) >= 0) {
        selectStep(m_wanted);
    } else if (m_live && m_follow && !rows.empty()) {
        setCurrentRow(int(rows.size()) - 1);
    } else if (!m_live && !rows.empty() && m_wanted.isEmpty()) {
        // The step that went wrong, else the first. Where many went wrong and the run still came to its end, none of them is the one.
        const auto wrong = std::count_if(rows.begin(), rows.end(), [](const TraceRow &row) { return row.status == StepStatus::Failed; });
        if (wrong > 20 && m_model->status() == RunStatus::Done) {
            setCurrentRow(0);
            return;
        }
        const auto bad = std::find_if(rows.rbegin(), rows.rend(), [](const TraceRow &row) { return row.status == StepStatus::Failed; });
        setCurrentRow(bad != rows.rend() ? int(rows.rend() - bad) - 1 : 0);
    }
}

void TraceView::setLive(bool live)
{
    m_live = live;
    m_busy->setBusy(live || m_loader->isLoading());
    m_source->setLive(live);
    m_bar->travel()->setEnabled(!live);
    if (live)
        m_tick.start();
    else
        m_tick.stop();
    m_header->refresh(*m_model);
}

void TraceView::onEvents(const std::vector<RunEvent> &events)
{
    if (m_whole) // somebody travels: the run goes on unseen
        m_bar->travel()->setChecked(false);
    if (!m_synced || m_model->isOutline() || m_loader->isLoading()) {
        m_synced = true;
        m_pending.clear();
        if (const Trace *live = m_session->liveTrace(m_run))
            setTrace(*live);
        follow(events);
        return;
    }
    m_pending.insert(m_pending.end(), events.begin(), events.end());
    if (m_model->rows().size() < manyRows)
        applyPending();
    else if (!m_apply.isActive())
        m_apply.start(120);
}

void TraceView::applyPending()
{
    const std::vector<RunEvent> events = std::exchange(m_pending, {});
    if (events.empty())
        return;
    m_insights->invalidate();
    m_model->apply(events);
    if (!m_wanted.isEmpty() && m_model->rowIndex(m_wanted) >= 0)
        selectStep(m_wanted);
    follow(events);
    const QString shown = m_detail->path();
    for (const RunEvent &event : events) {
        if (event.kind == RunEventKind::RunStarted || event.kind == RunEventKind::RunEnded)
            m_header->refresh(*m_model);
        else if (event.stepStatus == StepStatus::Waiting)
            m_header->refresh(*m_model);
        if ((event.step == shown || event.kind == RunEventKind::RunEnded) && !shown.isEmpty() && !m_show.isActive())
            m_show.start();
    }
}

void TraceView::follow(const std::vector<RunEvent> &events)
{
    if (!m_follow)
        return;
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
        if (event->kind == RunEventKind::StepStarted) {
            setCurrentRow(m_model->rowIndex(event->step));
            return;
        }
    }
}

void TraceView::onEnded()
{
    applyPending();
    setLive(false);
    if (!m_detail->path().isEmpty())
        m_detail->show(m_detail->path());
    if (m_bar->critical()->isChecked() || m_costs->isVisible())
        m_insights->compute();
}

void TraceView::setCurrentRow(int row)
{
    const TraceRow *of = m_source->row(row);
    if (!of)
        return;
    const QString path = of->path;
    m_tree->select(path);
    showStep(path, false);
}

void TraceView::showStep(const QString &path, bool byPerson)
{
    if (byPerson)
        m_follow = false;
    const int row = m_model->rowIndex(path);
    m_flame->setCurrent(row);
    m_strip->setCurrent(row);
    if (m_tree->currentStep() != path)
        m_tree->select(path);
    m_detail->show(path);
    if (m_filter->isActive())
        m_bar->setHits(m_filter->position(row), int(m_filter->hits().size()), m_filter->isSearching());
}

void TraceView::selectStep(const QString &path)
{
    m_wanted = path;
    const int row = m_model->rowIndex(path);
    if (row < 0)
        return; // comes with its event
    m_wanted.clear();
    m_follow = false;
    if (!m_model->isShown(row)) {
        m_bar->field()->clear();
        m_filter->setText(QString());
    }
    setCurrentRow(row);
    m_source->axis()->reveal(m_model->rows()[size_t(row)].startUs, m_source->endOf(m_model->rows()[size_t(row)]));
}

} // namespace lathe
