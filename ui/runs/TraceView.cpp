// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/TraceView.h"

#include "core/base/Json.h"
#include "ui/itemmodels/StepTreeModel.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/runs/QuestionList.h"
#include "ui/runs/RatingBar.h"
#include "ui/runs/StepDetail.h"
#include "ui/runs/StepStyle.h"
#include "ui/runs/StepTreeView.h"
#include "ui/runs/TraceHeader.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/HeaderedSplitter.h"
#include "ui/widgets/SearchField.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QScrollArea>
#include <QTreeView>
#include <QVBoxLayout>

namespace lathe {

namespace {
const QString splitKey = QStringLiteral("ui/trace/split");
const QString columnsKey = QStringLiteral("ui/trace/columns");
}

TraceView::TraceView(Session *session, Theme *theme, RunId run, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_run(run), m_model(new StepTreeModel(this)),
      m_header(new TraceHeader(session, theme, run, this)), m_busy(new BusyBar(theme, this)),
      m_splitter(new HeaderedSplitter(theme, Qt::Horizontal, this)),
      m_tree(new StepTreeView(theme, m_model, &session->clock(), m_splitter)), m_right(new QWidget(m_splitter)),
      m_asks(new QScrollArea(m_right)),
      m_questions(new QuestionList(session, theme)), m_detail(new StepDetail(session, theme, m_right)),
      m_failed(new EmptyState(theme, QStringLiteral("error"), QString(), this))
{
    setObjectName(QStringLiteral("trace-view"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_header);
    layout->addWidget(m_busy);
    layout->addWidget(m_splitter, 1);
    layout->addWidget(m_failed, 1);
    m_failed->hide();
    auto *right = new QVBoxLayout(m_right);
    right->setContentsMargins(0, 0, 0, 0);
    right->setSpacing(0);
    m_asks->setFrameShape(QFrame::NoFrame);
    m_asks->setWidgetResizable(true);
    m_asks->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_asks->setFocusPolicy(Qt::NoFocus);
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
    m_splitter->addPanel(QStringLiteral("tree"), m_tree, 620, 1);
    m_splitter->addPanel(QStringLiteral("detail"), m_right, 560, 1);
    rememberSizes();
    m_detail->setRun(run);
    setFocusProxy(m_tree);

    connect(m_tree, &StepTreeView::currentChanged, this, [this](const QString &path, bool byPerson) {
        if (byPerson)
            m_follow = false;
        showStep(path);
    });
    connect(m_header, &TraceHeader::openRequested, this, &TraceView::openRequested);
    connect(m_header, &TraceHeader::replayRequested, this, &TraceView::replay);
    connect(m_header, &TraceHeader::resumeRequested, this, &TraceView::resume);
    connect(m_header, &TraceHeader::stopRequested, this, [this] { m_session->stop(m_run); });
    connect(m_header, &TraceHeader::copyRequested, this, &TraceView::copy);
    connect(m_header->rating(), &RatingBar::statusMessage, this, &TraceView::statusMessage);
    connect(m_header->rating(), &RatingBar::errorRaised, this, &TraceView::errorRaised);
    connect(m_detail, &StepDetail::openRequested, this, &TraceView::openRequested);
    connect(m_detail, &StepDetail::statusMessage, this, &TraceView::statusMessage);
    connect(m_detail, &StepDetail::errorRaised, this, &TraceView::errorRaised);
    connect(session, &Session::runEvents, this, [this](RunId id, const std::vector<RunEvent> &events) {
        if (id == m_run)
            onEvents(events);
    });
    connect(session, &Session::runStarted, this, [this](RunId id) {
        if (id == m_run) // resumed, here or elsewhere
            setLive(true);
    });
    connect(session, &Session::runEnded, this, [this](RunId id) {
        if (id == m_run)
            onEnded();
    });
    connect(m_questions, &QuestionList::changed, this, [this] {
        m_asks->setVisible(m_questions->count() > 0);
        m_header->refresh(m_model->trace());
    });
    m_tick.setInterval(100);
    connect(&m_tick, &QTimer::timeout, this, [this] {
        m_header->tick(m_model->trace());
        m_detail->tick(m_model->trace());
    });
    m_show.setSingleShot(true);
    m_show.setInterval(16);
    connect(&m_show, &QTimer::timeout, this, [this] { m_detail->show(m_model->trace(), m_detail->path()); });
    m_questions->setRun(run);
    load();
}

TraceView::~TraceView()
{
    blockSignals(true); // nobody listens to what is going
    m_cancel.cancel();
}

bool TraceView::eventFilter(QObject *watched, QEvent *event)
{
    // Questions are as tall as they are, up to half of the view; then they scroll.
    if (watched == m_asks->widget() && (event->type() == QEvent::LayoutRequest || event->type() == QEvent::Resize))
        m_asks->setFixedHeight(std::clamp(m_asks->widget()->sizeHint().height(), 40, std::max(120, height() / 2)));
    return QWidget::eventFilter(watched, event);
}

void TraceView::keyPressEvent(QKeyEvent *event)
{
    if (!event->matches(QKeySequence::Find))
        return QWidget::keyPressEvent(event);
    m_tree->field()->setFocus(Qt::ShortcutFocusReason);
    m_tree->field()->selectAll();
}

void TraceView::rememberSizes()
{
    HeaderedSplitter::Sizes sizes;
    const QJsonObject stored = m_session->project().setting(splitKey).toObject();
    for (auto it = stored.begin(); it != stored.end(); ++it)
        sizes.insert(it.key(), it.value().toInt());
    if (!sizes.isEmpty())
        m_splitter->restore(sizes);
    m_splitter->setSizesChanged([this](const HeaderedSplitter::Sizes &now) {
        QJsonObject kept;
        for (auto it = now.begin(); it != now.end(); ++it)
            kept.insert(it.key(), it.value());
        m_session->project().setSetting(splitKey, kept);
    });
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

void TraceView::load()
{
    if (const Trace *live = m_session->liveTrace(m_run)) {
        // Events of this frame may be in it already and still be signalled: the first batch brings all up to date.
        m_synced = stepstyle::isOver(live->status());
        setTrace(*live);
        return;
    }
    m_header->refresh(Trace());
    m_busy->setBusy(true);
    m_synced = true;
    runTask(
        this, m_session->trace(m_run, m_cancel.token()),
        [this](Trace trace) {
            m_busy->setBusy(m_live);
            setTrace(std::move(trace));
        },
        [this](const Error &error) {
            m_busy->setBusy(false);
            m_splitter->hide();
            m_failed->setSentence(error.message);
            m_failed->show();
            Q_EMIT errorRaised(error);
        });
}

void TraceView::setTrace(Trace trace)
{
    const QString before = m_tree->currentStep();
    m_model->setTrace(std::move(trace));
    m_header->refresh(m_model->trace());
    const auto running = m_session->running();
    setLive(std::find(running.begin(), running.end(), m_run) != running.end());
    if (!m_wanted.isEmpty() && m_model->indexOf(m_wanted).isValid())
        selectStep(m_wanted);
    else if (!before.isEmpty())
        m_tree->select(before);
    else if (m_live && m_follow && !m_model->trace().steps().empty())
        m_tree->select(m_model->trace().steps().back().path);
    else if (!m_live && !m_model->trace().steps().empty()) {
        // The step that went wrong, else the first.
        const auto &steps = m_model->trace().steps();
        const auto bad = std::find_if(steps.rbegin(), steps.rend(), [](const Step &step) { return step.status == StepStatus::Failed; });
        m_tree->select(bad != steps.rend() ? bad->path : steps.front().path);
    }
}

void TraceView::setLive(bool live)
{
    m_live = live;
    m_busy->setBusy(live);
    m_tree->setLive(live);
    if (live)
        m_tick.start();
    else
        m_tick.stop();
    m_header->refresh(m_model->trace());
}

void TraceView::onEvents(const std::vector<RunEvent> &events)
{
    if (!m_synced) {
        m_synced = true;
        if (const Trace *live = m_session->liveTrace(m_run))
            setTrace(*live);
        follow(events);
        return;
    }
    m_model->apply(events);
    if (!m_wanted.isEmpty() && m_model->indexOf(m_wanted).isValid())
        selectStep(m_wanted);
    follow(events);
    const QString shown = m_detail->path();
    for (const RunEvent &event : events) {
        if (event.kind == RunEventKind::RunStarted || event.kind == RunEventKind::RunEnded)
            m_header->refresh(m_model->trace());
        else if (event.stepStatus == StepStatus::Waiting)
            m_header->refresh(m_model->trace());
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
            m_tree->select(event->step);
            return;
        }
    }
}

void TraceView::onEnded()
{
    setLive(false);
    if (!m_detail->path().isEmpty())
        m_detail->show(m_model->trace(), m_detail->path());
}

void TraceView::showStep(const QString &path)
{
    m_detail->show(m_model->trace(), path);
}

void TraceView::selectStep(const QString &path)
{
    m_wanted = path;
    if (!m_model->indexOf(path).isValid())
        return; // comes with its event
    m_wanted.clear();
    m_follow = false;
    m_tree->select(path);
}

void TraceView::replay()
{
    m_header->setReplaying(true);
    runTask(
        this, m_session->replay(m_run, m_cancel.token()),
        [this](const ReplayReport &report) {
            m_header->setReplaying(false);
            m_header->showProof(report);
        },
        [this](const Error &error) {
            m_header->setReplaying(false);
            m_header->showError(error);
        });
}

void TraceView::resume()
{
    RunRequest options;
    options.attended = true;
    m_follow = true;
    m_synced = true; // every event of the resumed run is still to come
    runTask(
        this, m_session->resume(m_run, UnfinishedPolicy::Ask, options), [this](RunId) { setLive(true); },
        [this](const Error &error) { m_header->showError(error); });
}

void TraceView::copy(bool asJson)
{
    const Trace &trace = m_model->trace();
    QString text;
    if (asJson) {
        // 128 bits from what never changes of a run.
        const QByteArray seed = QByteArray::number(m_run.value) + ':' + QByteArray::number(trace.startUs());
        text = QString::fromUtf8(json::pretty(trace.toOtlp(QString::fromLatin1(json::sha256(seed).left(32)))));
    } else {
        text = trace.toText();
    }
    QGuiApplication::clipboard()->setText(text);
    Q_EMIT statusMessage(tr("The trace is copied"));
}

} // namespace lathe
