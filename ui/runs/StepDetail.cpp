// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/StepDetail.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/runs/JsonBox.h"
#include "ui/runs/MessageView.h"
#include "ui/runs/RatingBar.h"
#include "ui/runs/StepHeader.h"
#include "ui/runs/TextBlock.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/InlineMessage.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

// Frame, tabs and live updates; StepDetailTabs.cpp fills the tabs.
namespace lathe {

StepDetail::StepDetail(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_header(new StepHeader(theme, this)),
      m_meta(new ElidedLabel(theme, QString(), Qt::ElideRight, this)),
      m_error(new InlineMessage(theme, Severity::Error, QString(), this)), m_tabs(new QTabBar(this)),
      m_stack(new QStackedWidget(this)), m_scroll(new QScrollArea(m_stack)), m_json(new JsonTree(theme, m_stack)),
      m_empty(new EmptyState(theme, QStringLiteral("runs"), tr("Choose a step to see what went in and what came out."), m_stack)),
      m_footer(new QWidget(this)), m_rating(new RatingBar(session, theme, m_footer))
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
    layout->addWidget(m_stack, 1);
    auto *bottom = new QHBoxLayout(m_footer);
    bottom->setContentsMargins(metrics::GapLarge, metrics::Gap, metrics::GapLarge, metrics::Gap);
    auto *copyButton = new IconButton(theme, QStringLiteral("copy"), tr("Copy what this step gave"), m_footer);
    copyButton->setObjectName(QStringLiteral("copy-step"));
    bottom->addWidget(m_rating, 1);
    bottom->addWidget(copyButton);
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
    connect(copyButton, &IconButton::clicked, this, [this] {
        copy();
        Q_EMIT statusMessage(tr("Step %1 is copied").arg(m_path));
    });
    connect(m_rating, &RatingBar::statusMessage, this, &StepDetail::statusMessage);
    connect(m_rating, &RatingBar::errorRaised, this, &StepDetail::errorRaised);
}

void StepDetail::setRun(RunId run)
{
    m_run = run;
}

void StepDetail::show(const Trace &trace, const QString &path)
{
    const int index = trace.indexOf(path);
    if (index < 0)
        return;
    const Step &step = trace.steps()[size_t(index)];
    const bool fresh = path != m_path;
    const bool ended = stepstyle::isOver(step.status) != stepstyle::isOver(m_step.status);
    const bool restarted = !fresh && step.notes.size() < m_noteCount;
    m_path = path;
    m_header->setStep(step, m_session->clock().nowUs());
    if (fresh || ended || restarted) {
        rebuild(trace, step);
        return;
    }
    m_step = step;
    stream(step);
}

void StepDetail::tick(const Trace &trace)
{
    if (const int index = trace.indexOf(m_path); index >= 0)
        m_header->setStep(trace.steps()[size_t(index)], m_session->clock().nowUs());
}

void StepDetail::rebuild(const Trace &trace, const Step &step)
{
    const bool fresh = m_step.path != step.path;
    const StepKind before = m_step.kind;
    m_step = step;
    m_entry.reset();
    m_entryPath.clear();
    m_systemText.clear();
    if (fresh)
        m_showLarge = false;
    if (step.kind == StepKind::Agent) {
        // What the agent was told is what its first model call was sent.
        for (const Step &of : trace.steps()) {
            if (of.kind != StepKind::Model || !of.path.startsWith(step.path + QLatin1Char('.')) || !stepstyle::isOver(of.status))
                continue;
            if (const auto stored = m_session->project().runs().entry(m_run, of.path); stored && stored->request.size() < 2'000'000) {
                const auto request = json::parseObject(stored->request);
                const QJsonObject first =
                    request ? request->value(QLatin1String("messages")).toArray().at(0).toObject() : QJsonObject();
                if (first.value(QLatin1String("role")).toString() == QLatin1String("system"))
                    m_systemText = first.value(QLatin1String("parts")).toArray().at(0)[QLatin1String("content")].toString();
            }
            break;
        }
    }
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

    const bool model = step.kind == StepKind::Model;
    if (m_tabs->count() == 0 || before != step.kind) {
        const QSignalBlocker quiet(m_tabs);
        const int kept = m_tabs->currentIndex();
        while (m_tabs->count() > 0)
            m_tabs->removeTab(0);
        m_tabs->addTab(model ? tr("Conversation") : step.kind == StepKind::Tool ? tr("Call") : tr("Overview"));
        m_tabs->addTab(tr("Details"));
        if (model || step.kind == StepKind::Tool || step.kind == StepKind::Human) {
            m_tabs->addTab(tr("Request"));
            m_tabs->addTab(tr("Response"));
        }
        m_tabs->setCurrentIndex(std::clamp(kept, 0, m_tabs->count() - 1));
    }
    const int place = fresh ? 0 : m_scroll->verticalScrollBar()->value();
    const bool atEnd = !fresh && place >= m_scroll->verticalScrollBar()->maximum() - 24;
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

void StepDetail::copy() const
{
    QString text = m_step.text;
    if (text.isEmpty() && m_step.error)
        text = m_step.error->message;
    if (text.isEmpty())
        text = m_systemText;
    QGuiApplication::clipboard()->setText(text.isEmpty() ? stepstyle::title(m_step) : text);
}

} // namespace lathe
