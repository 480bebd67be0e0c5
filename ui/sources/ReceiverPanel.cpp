// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/sources/ReceiverPanel.h"

#include "ui/itemmodels/Format.h"
#include "ui/sources/SourceHub.h"
#include "ui/sources/TallyList.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/StatusDot.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QSpinBox>
#include <QTabBar>
#include <QVBoxLayout>

namespace lathe {

ReceiverPanel::ReceiverPanel(SourceHub *hub, Theme *theme, QWidget *parent)
    : Card(theme, parent), m_hub(hub), m_dot(new StatusDot(theme, Status::Idle, this)), m_state(new Label(theme, QString(), Label::Style::Secondary, this)),
      m_port(new QSpinBox(this)), m_switch(new Button(tr("Start"), ButtonRole::Primary, this)),
      m_problem(new InlineMessage(theme, Severity::Error, QString(), this)), m_tabs(new QTabBar(this)), m_lines(new CodeEditor(theme, this)),
      m_copy(new IconButton(theme, QStringLiteral("copy"), tr("Copy the lines"), this)), m_counters(new Label(theme, QString(), Label::Style::Secondary, this)),
      m_runs(new LinkLabel(theme, tr("Runs that came in"), this)), m_tallies(new TallyList(theme, this))
{
    setObjectName(QStringLiteral("receiver-panel"));
    body()->setContentsMargins(16, 12, 16, 14);
    body()->setSpacing(metrics::Gap);
    auto *top = new QHBoxLayout;
    top->setSpacing(metrics::Gap);
    top->addWidget(new Label(theme, tr("OpenTelemetry receiver"), Label::Style::Heading, this));
    top->addStretch(1);
    auto *portLabel = new Label(theme, tr("Port"), Label::Style::Secondary, this);
    top->addWidget(portLabel);
    top->addWidget(m_port);
    top->addWidget(m_switch);
    body()->addLayout(top);
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::Gap);
    line->addWidget(m_dot);
    line->addWidget(m_state, 1);
    line->addWidget(m_runs);
    body()->addLayout(line);
    body()->addWidget(m_problem);
    auto *about = new Label(theme, tr("Any instrumented agent shows up live as runs of this project. Only programs of this machine can reach it. Tell them:"), Label::Style::Secondary, this);
    about->setWordWrap(true);
    body()->addWidget(about);
    auto *tabs = new QHBoxLayout;
    tabs->addWidget(m_tabs);
    tabs->addStretch(1);
    tabs->addWidget(m_copy);
    body()->addLayout(tabs);
    body()->addWidget(m_lines);
    body()->addWidget(m_counters);
    body()->addWidget(m_tallies);

    m_port->setObjectName(QStringLiteral("receiver-port"));
    m_port->setRange(1, 65535);
    m_port->setButtonSymbols(QAbstractSpinBox::NoButtons);
    m_port->setFixedWidth(72);
    m_port->setValue(hub->port());
    m_switch->setObjectName(QStringLiteral("receiver-switch"));
    m_state->setObjectName(QStringLiteral("receiver-state"));
    m_state->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_problem->setObjectName(QStringLiteral("receiver-problem"));
    m_problem->hide();
    m_counters->setObjectName(QStringLiteral("receiver-counters"));
    m_counters->setWordWrap(true);
    m_runs->setObjectName(QStringLiteral("receiver-runs"));
    m_tabs->setObjectName(QStringLiteral("receiver-tabs"));
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    m_tabs->setElideMode(Qt::ElideNone);
    for (const QString &title : {tr("Shell"), tr("Python"), tr("Node"), tr("AI SDK"), tr("OpenInference"), tr("Traceloop")})
        m_tabs->addTab(title);
    m_lines->setObjectName(QStringLiteral("receiver-lines"));
    m_lines->setReadOnly(true);
    m_lines->setLineNumbersVisible(false);
    m_lines->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_lines->setAutoHeight(4, 12);
    m_copy->setObjectName(QStringLiteral("receiver-copy"));
    connect(m_switch, &Button::clicked, this, &ReceiverPanel::toggle);
    connect(m_tabs, &QTabBar::currentChanged, this, &ReceiverPanel::showSnippet);
    connect(m_port, &QSpinBox::valueChanged, this, &ReceiverPanel::showSnippet);
    connect(m_copy, &IconButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(snippet());
        Q_EMIT statusMessage(tr("The lines are copied."));
    });
    connect(m_runs, &LinkLabel::clicked, this, [this] { Q_EMIT openRequested(Location::ofRuns(QStringLiteral("source:otlp"))); });
    connect(hub, &SourceHub::receiverChanged, this, &ReceiverPanel::refresh);
    showSnippet();
    refresh();
}

void ReceiverPanel::toggle()
{
    m_problem->hide();
    if (m_hub->isReceiving())
        return m_hub->stopReceiver();
    if (const auto started = m_hub->startReceiver(quint16(m_port->value())); !started) {
        m_problem->setMessage(Severity::Error, started.error().message);
        m_problem->show();
    }
}

QString ReceiverPanel::snippet() const
{
    const QString url = m_hub->isReceiving() ? m_hub->receiver()->url().toString() : QStringLiteral("http://127.0.0.1:%1").arg(m_port->value());
    switch (m_tabs->currentIndex()) {
    case 1:
        return QStringLiteral("# pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http\n"
                              "from opentelemetry import trace\n"
                              "from opentelemetry.sdk.trace import TracerProvider\n"
                              "from opentelemetry.sdk.trace.export import BatchSpanProcessor\n"
                              "from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter\n"
                              "provider = TracerProvider()\n"
                              "provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=\"%1/v1/traces\")))\n"
                              "trace.set_tracer_provider(provider)\n").arg(url);
    case 2:
        return QStringLiteral("// npm install @opentelemetry/sdk-node @opentelemetry/exporter-trace-otlp-proto\n"
                              "import { NodeSDK } from '@opentelemetry/sdk-node';\n"
                              "import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';\n"
                              "new NodeSDK({ traceExporter: new OTLPTraceExporter({ url: '%1/v1/traces' }) }).start();\n").arg(url);
    case 3:
        return QStringLiteral("// The exporter as under Node, then with each call:\n"
                              "const { text } = await generateText({\n"
                              "  model, prompt,\n"
                              "  experimental_telemetry: { isEnabled: true, functionId: 'my-agent' },\n"
                              "});\n");
    case 4:
        return QStringLiteral("# pip install arize-otel openinference-instrumentation-openai\n"
                              "from phoenix.otel import register\n"
                              "from openinference.instrumentation.openai import OpenAIInstrumentor\n"
                              "provider = register(endpoint=\"%1/v1/traces\")\n"
                              "OpenAIInstrumentor().instrument(tracer_provider=provider)\n").arg(url);
    case 5:
        return QStringLiteral("# pip install traceloop-sdk\n"
                              "from traceloop.sdk import Traceloop\n"
                              "Traceloop.init(app_name=\"my-agent\", api_endpoint=\"%1\", disable_batch=True)\n").arg(url);
    default:
        return QStringLiteral("export OTEL_EXPORTER_OTLP_ENDPOINT=%1\n"
                              "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\n"
                              "export OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true\n").arg(url);
    }
}

void ReceiverPanel::showSnippet()
{
    m_lines->setText(snippet().trimmed());
}

void ReceiverPanel::refresh()
{
    const bool on = m_hub->isReceiving();
    TraceReceiver *receiver = m_hub->receiver();
    m_switch->setText(m_hub->isStopping() ? tr("Stopping ...") : on ? tr("Stop") : tr("Start"));
    m_switch->setEnabled(!m_hub->isStopping());
    setButtonRole(m_switch, on ? ButtonRole::Secondary : ButtonRole::Primary);
    m_port->setEnabled(!on && !m_hub->isStopping());
    m_runs->setVisible(receiver && receiver->counters().runs > 0);
    m_dot->setStatus(on ? Status::Running : receiver && receiver->state() == TraceReceiver::State::Failed ? Status::Error : Status::Idle);
    if (on)
        m_state->setText(tr("Listening at %1").arg(receiver->url().toString()));
    else
        m_state->setText(tr("Off. Nothing listens until you start it."));
    if (receiver && receiver->state() == TraceReceiver::State::Failed) {
        m_problem->setMessage(Severity::Error, receiver->error().message);
        m_problem->show();
    } else if (on) {
        m_problem->hide();
    }
    const QString lines = snippet().trimmed();
    if (m_lines->text() != lines)
        m_lines->setText(lines);
    const ReceiverCounters counters = receiver ? receiver->counters() : ReceiverCounters();
    m_counters->setVisible(receiver != nullptr);
    if (receiver) {
        QStringList parts;
        parts << format::count(counters.runs, tr("run"), tr("runs")) << format::count(counters.spansTaken, tr("span"), tr("spans"));
        if (m_hub->spansPerSecond() > 0)
            parts << tr("%1 spans/s").arg(m_hub->spansPerSecond(), 0, 'f', m_hub->spansPerSecond() < 10 ? 1 : 0);
        parts << format::count(counters.requests, tr("request"), tr("requests")) << format::bytes(counters.bytes);
        if (receiver->openTraces() > 0)
            parts << tr("%1 under way").arg(receiver->openTraces());
        if (counters.logsTaken > 0)
            parts << format::count(counters.logsTaken, tr("log record"), tr("log records"));
        if (counters.metricsSeen > 0)
            parts << tr("%1 metrics, not kept").arg(format::number(counters.metricsSeen));
        if (counters.lastUs > 0)
            parts << tr("last %1").arg(format::ago(counters.lastUs, m_hub->session()->clock().nowUs()));
        if (counters.dropped > 0)
            parts << tr("%1 could not be recorded").arg(format::number(counters.dropped));
        m_counters->setText(counters.requests == 0 ? tr("Nothing has come in yet.") : parts.join(QStringLiteral("  \u00b7  ")));
    }
    m_tallies->setGroups({TallyList::group(tr("Requests refused"), counters.refusedRequests, ColorToken::Error),
                          TallyList::group(tr("Spans refused"), counters.refusedSpans, ColorToken::Error),
                          TallyList::group(tr("Taken, but odd"), counters.odd, ColorToken::Warning),
                          TallyList::group(tr("Dialects"), counters.dialects, ColorToken::Text2),
                          TallyList::group(tr("Attributes no view interprets"), counters.unknownKeys, ColorToken::Text2, 5)});
}

} // namespace lathe
