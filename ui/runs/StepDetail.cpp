// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/StepDetail.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/StepTreeModel.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/runs/JsonBox.h"
#include "ui/runs/MessageView.h"
#include "ui/runs/RatingBar.h"
#include "ui/runs/StepHeader.h"
#include "ui/runs/TextBlock.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/InlineMessage.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QScrollArea>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

// Frame, tabs and live updates; StepDetailTabs.cpp fills the tabs, StepDetailActions.cpp copies and opens.
namespace lathe {

StepDetail::StepDetail(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_header(new StepHeader(theme, this)), m_busy(new BusyBar(theme, this)),
      m_meta(new ElidedLabel(theme, QString(), Qt::ElideRight, this)),
      m_error(new InlineMessage(theme, Severity::Error, QString(), this)), m_tabs(new QTabBar(this)),
      m_stack(new QStackedWidget(this)), m_scroll(new QScrollArea(m_stack)), m_json(new JsonTree(theme, m_stack)),
      m_empty(new EmptyState(theme, QStringLiteral("runs"), tr("Choose a step to see what went in and what came out."), m_stack)),
      m_footer(new QWidget(this)), m_rating(new RatingBar(session, theme, m_footer)),
      m_playground(new IconButton(theme, QStringLiteral("run"), tr("Open this call in the playground"), m_footer)),
      m_fork(new IconButton(theme, QStringLiteral("fork"), tr("Fork from here: go on differently from this step"), m_footer)),
      m_copy(new IconButton(theme, QStringLiteral("copy"), tr("Copy"), m_footer))
{
    setObjectName(QStringLiteral("step-detail"));
    setMinimumWidth(300);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *top = new QVBoxLayout;
    top->setContentsMargins(metrics::GapLarge, metrics::Gap, metrics::GapLarge, metrics::GapSmall);
    top->setSpacing(metrics::GapSmall);
    top->addWidget(m_header);
    top->addWidget(m_meta);
    top->addWidget(m_error);
    top->addWidget(m_tabs);
    layout->addLayout(top);
    layout->addWidget(m_busy);
    layout->addWidget(m_stack, 1);
    auto *bottom = new QHBoxLayout(m_footer);
    bottom->setContentsMargins(metrics::GapLarge, metrics::Gap, metrics::GapLarge, metrics::Gap);
    m_copy->setObjectName(QStringLiteral("copy-step"));
    m_copy->setPopupMode(QToolButton::InstantPopup);
    auto *menu = new QMenu(m_copy);
    menu->setObjectName(QStringLiteral("copy-step-menu"));
    m_copy->setMenu(menu);
    m_playground->setObjectName(QStringLiteral("step-to-playground"));
    m_fork->setObjectName(QStringLiteral("fork-step"));
    bottom->addWidget(m_rating, 1);
    bottom->addWidget(m_playground);
    bottom->addWidget(m_fork);
    bottom->addWidget(m_copy);
    layout->addWidget(m_footer);

    m_meta->setColor(ColorToken::Text2);
    m_meta->setTextFont(theme->smallFont());
    m_error->setObjectName(QStringLiteral("step-error"));
    m_error->hide();
    m_tabs->setObjectName(QStringLiteral("step-tabs"));
    m_tabs->setAccessibleName(tr("Parts of the step"));
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    m_scroll->setObjectName(QStringLiteral("step-content"));
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_json->setObjectName(QStringLiteral("step-json"));
    m_json->setContentsMargins(metrics::Margin, 0, 0, 0);
    m_stack->addWidget(m_scroll);
    m_stack->addWidget(m_json);
    m_stack->addWidget(m_empty);
    m_stack->setCurrentWidget(m_empty);
    m_header->hide();
    m_meta->hide();
    m_tabs->hide();
    m_footer->hide();
    connect(m_tabs, &QTabBar::currentChanged, this, [this] {
        if (!m_path.isEmpty())
            buildTab();
    });
    connect(m_error, &InlineMessage::actionTriggered, this,
            [this] { Q_EMIT openRequested(Location::page(Location::Kind::Connections)); });
    connect(menu, &QMenu::aboutToShow, this, &StepDetail::fillCopyMenu);
    connect(m_playground, &IconButton::clicked, this, &StepDetail::openInPlayground);
    connect(m_fork, &IconButton::clicked, this, [this] { Q_EMIT forkRequested(m_path); });
    connect(m_rating, &RatingBar::statusMessage, this, &StepDetail::statusMessage);
    connect(m_rating, &RatingBar::errorRaised, this, &StepDetail::errorRaised);
}

StepDetail::~StepDetail()
{
    m_fetch.cancel();
    m_action.cancel();
}

void StepDetail::setRun(RunId run, StepTreeModel *model)
{
    m_run = run;
    m_model = model;
    const auto info = m_session->project().runs().run(run);
    m_canFork = !info || info->source.isEmpty(); // what is recorded elsewhere has no journal here
}

void StepDetail::show(const QString &path)
{
    if (const Step *step = m_model->step(m_model->indexOfRow(m_model->rowIndex(path)))) {
        m_fetch.cancel();
        m_busy->setBusy(false);
        showStep(*step);
    } else if (const int row = m_model->rowIndex(path); row >= 0 && !m_model->isOutline()) {
        showStep(m_model->trace().steps()[size_t(row)]); // hidden by the filter
    } else if (row >= 0 && (path != m_path || m_step.path != path)) {
        fetch(path);
    }
}

void StepDetail::clear()
{
    m_fetch.cancel();
    m_action.cancel();
    m_busy->setBusy(false);
    m_path.clear();
    m_step = Step();
    for (QWidget *part : std::initializer_list<QWidget *>{m_header, m_meta, m_error, m_tabs, m_footer})
        part->hide();
    m_stack->setCurrentWidget(m_empty);
}

// The frame shows at once which step it is; its bodies follow.
void StepDetail::fetch(const QString &path)
{
    m_path = path;
    const TraceRow &row = m_model->rows()[size_t(m_model->rowIndex(path))];
    Step head;
    head.path = path;
    head.kind = row.kind;
    head.status = row.status;
    head.name = row.name;
    head.startUs = row.startUs;
    head.endUs = row.endUs;
    m_header->setStep(head, nowUs());
    m_header->show();
    m_meta->setText(QStringList{stepstyle::kindWord(row.kind), tr("step %1").arg(path), format::statusText(row.status)}.join(
        QStringLiteral("  \u00b7  ")));
    m_meta->show();
    m_fetch.cancel();
    m_fetch = CancelSource();
    m_busy->setBusy(true);
    const CancelToken token = m_fetch.token();
    runTask(
        this, m_session->project().runs().step(m_run, path, token),
        [this, token](const Step &step) {
            if (token.isCancelled())
                return;
            m_busy->setBusy(false);
            showStep(step);
        },
        [this, token](const Error &error) {
            if (token.isCancelled() || error.kind == ErrorKind::Cancelled)
                return;
            m_busy->setBusy(false);
            m_error->setMessage(Severity::Error, format::oneLine(error.message, 1200));
            m_error->setAction(QString());
            m_error->show();
        });
}

void StepDetail::showStep(const Step &step)
{
    const bool fresh = step.path != m_step.path;
    const bool ended = stepstyle::isOver(step.status) != stepstyle::isOver(m_step.status);
    const bool restarted = !fresh && step.notes.size() < m_noteCount;
    m_path = step.path;
    m_header->setStep(step, nowUs());
    if (fresh || ended || restarted) {
        rebuild(step);
        return;
    }
    m_step = step;
    if (!stepstyle::isOver(step.status)) // what is over stays as the person left it
        stream(step);
}

void StepDetail::tick()
{
    if (const Step *step = m_model->step(m_model->indexOf(m_path)))
        m_header->setStep(*step, nowUs());
}

// What an agent was told is what its first model call was sent.
void StepDetail::readInstructions(const Step &step)
{
    m_systemText.clear();
    const int own = m_model->rowIndex(step.path);
    if (step.kind != StepKind::Agent || own < 0)
        return;
    std::vector<int> stack(m_model->rows()[size_t(own)].children.rbegin(), m_model->rows()[size_t(own)].children.rend());
    for (int looked = 0; !stack.empty() && looked < 1000; ++looked) {
        const TraceRow &row = m_model->rows()[size_t(stack.back())];
        stack.pop_back();
        if (row.kind == StepKind::Agent)
            continue; // another one's
        if (row.kind != StepKind::Model || !row.isOver()) {
            stack.insert(stack.end(), row.children.rbegin(), row.children.rend());
            continue;
        }
        if (const auto stored = m_session->project().runs().entry(m_run, row.path); stored && stored->request.size() < 2'000'000) {
            const auto request = json::parseObject(stored->request);
            const QJsonObject first = request ? request->value(QLatin1String("messages")).toArray().at(0).toObject() : QJsonObject();
            if (first.value(QLatin1String("role")).toString() == QLatin1String("system"))
                m_systemText = first.value(QLatin1String("parts")).toArray().at(0)[QLatin1String("content")].toString();
        }
        return;
    }
}

void StepDetail::setTabs(const Step &step)
{
    const bool model = step.kind == StepKind::Model;
    const bool recorded = model || step.kind == StepKind::Tool || step.kind == StepKind::Human;
    const bool foreign = recorded && step.attributes.contains(QLatin1String("lathe.dialect")); // no journal: all is in the attributes
    QStringList titles{model ? tr("Conversation") : step.kind == StepKind::Tool ? tr("Call") : tr("Overview"), tr("Details")};
    if (recorded && !foreign)
        titles << tr("Request") << tr("Response");
    if (model && !foreign)
        titles << tr("As sent");
    QStringList now;
    for (int i = 0; i < m_tabs->count(); ++i)
        now.append(m_tabs->tabText(i));
    if (now == titles)
        return;
    const QSignalBlocker quiet(m_tabs);
    const int kept = m_tabs->currentIndex();
    while (m_tabs->count() > 0)
        m_tabs->removeTab(0);
    for (const QString &title : std::as_const(titles))
        m_tabs->addTab(title);
    m_tabs->setCurrentIndex(std::clamp(kept, 0, m_tabs->count() - 1));
}

void StepDetail::rebuild(const Step &step)
{
    const bool fresh = m_step.path != step.path;
    m_step = step;
    m_entry.reset();
    m_entryPath.clear();
    if (fresh)
        m_showLarge = false;
    readInstructions(step);
    m_header->show();
    m_tabs->show();
    m_footer->show();
    m_rating->setTarget(m_run, step.path);
    QStringList meta{stepstyle::kindWord(step.kind), tr("step %1").arg(step.path), format::statusText(step.status)};
    if (stepstyle::isOffline(step))
        meta.append(stepstyle::offlineLabel());
    m_meta->setText(meta.join(QStringLiteral("  \u00b7  ")));
    m_meta->show();
    m_error->setVisible(step.error.has_value());
    if (step.error)
        m_error->setMessage(step.status == StepStatus::Cancelled ? Severity::Warning : Severity::Error,
                            format::oneLine(step.error->message, 1200));
    const ErrorKind kind = step.error ? step.error->kind : ErrorKind::Internal;
    m_error->setAction(step.kind == StepKind::Model && (kind == ErrorKind::Auth || kind == ErrorKind::Unreachable) ? tr("Connections")
                                                                                                                    : QString());
    m_playground->setVisible(step.kind == StepKind::Model && stepstyle::isOver(step.status));
    m_fork->setVisible(stepstyle::isOver(step.status) && m_canFork && !step.attributes.contains(QLatin1String("lathe.dialect")));
    setTabs(step);
    const int place = fresh ? 0 : m_scroll->verticalScrollBar()->value();
    const bool atEnd = !fresh && place > 0 && place >= m_scroll->verticalScrollBar()->maximum() - 24;
    setUpdatesEnabled(false); // one repaint for all
    buildTab();
    setUpdatesEnabled(true);
    if (!fresh) {
        QTimer::singleShot(0, m_scroll, [this, place, atEnd] {
            m_scroll->verticalScrollBar()->setValue(atEnd ? m_scroll->verticalScrollBar()->maximum() : place);
        });
    }
}

void StepDetail::stream(const Step &step)
{
    if (m_built != Tab::Main || !m_layout)
        return;
    const bool follow = m_scroll->verticalScrollBar()->value() >= m_scroll->verticalScrollBar()->maximum() - 24;
    if (m_notes && step.notes.size() > m_noteCount)
        addNotes(step, m_noteCount);
    if (m_live) {
        m_live->streamReasoning(step.reasoning);
        m_live->streamText(step.text);
        m_live->streamArguments(step.toolArguments);
    } else if (m_liveOutput) {
        m_liveOutput->stream(step.text);
    }
    if (follow)
        QTimer::singleShot(20, m_scroll, [this] { m_scroll->verticalScrollBar()->setValue(m_scroll->verticalScrollBar()->maximum()); });
}

const StoredEntry *StepDetail::entry(const QString &path)
{
    if (m_entryPath != path) {
        m_entryPath = path;
        const auto stored = m_session->project().runs().entry(m_run, path);
        m_entry = stored ? std::optional<StoredEntry>(*stored) : std::nullopt;
    }
    return m_entry ? &*m_entry : nullptr;
}

QJsonValue StepDetail::requestJson()
{
    const StoredEntry *of = entry(m_path);
    if (!of)
        return QJsonValue(QJsonValue::Undefined);
    const auto value = json::parse(of->request);
    return value ? *value : QJsonValue(json::fromUtf8Lossy(of->request));
}

} // namespace lathe
