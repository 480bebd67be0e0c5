// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/design/AgentEditor.h"

#include "core/design/AgentSpec.h"
#include "ui/design/FallbackList.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/ModelNames.h"
#include "ui/itemmodels/Renaming.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/BodyBinding.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/DocumentHeader.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/FormLayout.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/ModelField.h"
#include "ui/widgets/NameField.h"
#include "ui/widgets/ScrollColumn.h"
#include "ui/widgets/Silence.h"

#include <QApplication>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPainter>
#include <QScrollArea>
#include <QSpinBox>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int leastWidthWithFace = 584;
}

AgentEditor::AgentEditor(Session *session, Theme *theme, ArtifactId agent, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_agent(agent)
{
    setObjectName(QStringLiteral("agent-editor"));
    m_binding = new BodyBinding([this](const QString &pointer, const QJsonValue &value, const QString &what) { edit(pointer, value, what); }, this);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    outer->addWidget(buildHeader());
    auto *scroll = new QScrollArea(this);
    m_scroll = scroll;
    auto *content = new QWidget(scroll);
    auto *layout = new QVBoxLayout(content);
    m_content = layout;
    layout->setContentsMargins(metrics::PageMargin, 8, metrics::PageMargin, metrics::PageMargin);
    m_summary = new InlineMessage(theme, Severity::Warning, QString(), content);
    m_summary->setObjectName(QStringLiteral("agent-problems"));
    m_summary->hide();
    layout->addWidget(m_summary);
    auto *form = new FormLayout(theme, content);
    layout->addWidget(form, 1);
    buildJob(form);
    buildModel(form);
    buildReasoning(form);
    buildTools(form);
    buildLimits(form);
    form->addStretch();
    fillScrollColumn(scroll, content);
    outer->addWidget(scroll, 1);

    m_check.setSingleShot(true);
    m_check.setInterval(150);
    connect(&m_check, &QTimer::timeout, this, &AgentEditor::showProblems);
    auto *artifacts = &session->project().artifacts();
    connect(artifacts, &ArtifactRepository::draftChanged, this, [this](ArtifactId id) {
        if (id == m_agent)
            reload();
        else
            m_check.start(); // what it refers to changed
    });
    connect(artifacts, &ArtifactRepository::changed, this, [this](ArtifactId id) {
        fillPrompts();
        fillConnections();
        if (id == m_agent)
            reload();
    });
    connect(artifacts, &ArtifactRepository::added, this, [this] {
        fillPrompts();
        fillConnections();
    });
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget *, QWidget *now) {
        if (!now || !isAncestorOf(now))
            return;
        for (auto it = m_fields.cbegin(); it != m_fields.cend(); ++it) {
            if (it.value()->isAncestorOf(now))
                return Q_EMIT fieldFocused(it.key());
        }
    });
    fillPrompts();
    fillConnections();
    reload();
    showProblems();
}

QWidget *AgentEditor::buildHeader()
{
    auto *header = new QWidget(this);
    m_header = new DocumentHeader(m_theme, QStringLiteral("agent"), tr("Name of the agent"), header);
    m_header->setContentsMargins(metrics::PageMargin, 14, metrics::PageMargin, 6);
    header->setLayout(m_header);
    renameBy(m_header->name(), m_session, m_agent);
    return header;
}

void AgentEditor::buildJob(FormLayout *form)
{
    form->addSection(tr("Job"));
    auto *job = new QLineEdit(form);
    job->setObjectName(QStringLiteral("agent-job"));
    job->setPlaceholderText(tr("One sentence: what it does, with what, for whom"));
    m_binding->bind(job, QStringLiteral("/job"), tr("Change job"));
    m_fields.insert(QStringLiteral("/job"), form->addField(tr("Job"), job));

    m_prompt = new QComboBox(form);
    m_prompt->setObjectName(QStringLiteral("agent-prompt"));
    m_binding->bind(m_prompt, QStringLiteral("/prompt"), tr("Change instructions"));
    auto *box = new QWidget(form);
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    m_openPrompt = new LinkLabel(m_theme, tr("Open prompt"), box);
    m_openPrompt->setObjectName(QStringLiteral("agent-open-prompt"));
    connect(m_openPrompt, &QAbstractButton::clicked, this, [this] {
        const auto ref = ArtifactRef::parse(m_prompt->currentData().toString());
        if (!ref)
            return;
        if (const auto id = m_session->project().artifacts().find(ArtifactKind::Prompt, ref->name))
            Q_EMIT openRequested(Location::ofArtifact(*id, ref->number));
    });
    row->addWidget(m_prompt, 1);
    row->addWidget(m_openPrompt);
    column->addLayout(row);
    m_promptPreview = new Label(m_theme, QString(), Label::Style::Hint, box);
    m_promptPreview->setWordWrap(true);
    m_promptPreview->setTextFormat(Qt::PlainText);
    column->addWidget(m_promptPreview);
    m_fields.insert(QStringLiteral("/prompt"), form->addField(tr("Instructions"), box));
}

void AgentEditor::buildModel(FormLayout *form)
{
    form->addSection(tr("Model"));
    m_connection = new QComboBox(form);
    m_connection->setObjectName(QStringLiteral("agent-connection"));
    m_binding->bind(m_connection, QStringLiteral("/model/connection"), tr("Change connection"));
    m_fields.insert(QStringLiteral("/model/connection"), form->addField(tr("Connection"), m_connection));
    connect(m_connection, &QComboBox::currentIndexChanged, this, [this] { m_model->setConnection(m_connection->currentData().toString()); });

    m_model = new ModelBox(modelNames(m_session), form);
    m_model->setObjectName(QStringLiteral("agent-model"));
    connect(m_model, &ModelBox::listed, this, [this](const QStringList &models) {
        if (m_model->currentText().isEmpty() && models.size() == 1) { // what else could it be
            m_model->setEditText(models.first());
            edit(QStringLiteral("/model/model"), models.first(), tr("Change model"));
        }
    });
    m_binding->bind(m_model, QStringLiteral("/model/model"), tr("Change model"));
    m_fields.insert(QStringLiteral("/model"), form->addField(tr("Model"), m_model));
    m_fields.insert(QStringLiteral("/model/model"), m_fields.value(QStringLiteral("/model")));
    m_offlineNote = new Label(m_theme, tr("The offline model has no weights: it extracts, counts and calls tools by rule. Good for trying "
                                          "designs, not for judging prose."),
                              Label::Style::Hint, form);
    m_offlineNote->setWordWrap(true);
    form->addWidget(m_offlineNote);

    auto *numbers = new QWidget(form);
    auto *row = new QHBoxLayout(numbers);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    auto *temperature = new QDoubleSpinBox(numbers);
    temperature->setObjectName(QStringLiteral("agent-temperature"));
    temperature->setAccessibleName(tr("Temperature"));
    temperature->setRange(-0.1, 2.0);
    temperature->setSingleStep(0.1);
    temperature->setDecimals(1);
    temperature->setSpecialValueText(tr("default"));
    m_binding->bind(QStringLiteral("/temperature"), [temperature](const QJsonValue &value) {
        temperature->setValue(value.isDouble() ? value.toDouble() : temperature->minimum());
    });
    connect(temperature, &QDoubleSpinBox::valueChanged, this, [this](double value) {
        m_binding->report(QStringLiteral("/temperature"), value < 0 ? QJsonValue(QJsonValue::Undefined) : QJsonValue(value), tr("Change temperature"));
    });
    auto *maxTokens = new QSpinBox(numbers);
    maxTokens->setObjectName(QStringLiteral("agent-max-tokens"));
    maxTokens->setAccessibleName(tr("Longest answer in tokens"));
    maxTokens->setRange(0, 1'000'000);
    maxTokens->setSingleStep(256);
    maxTokens->setSpecialValueText(tr("no bound"));
    m_binding->bind(QStringLiteral("/max_tokens"), [maxTokens](const QJsonValue &value) { maxTokens->setValue(value.toInt(0)); });
    connect(maxTokens, &QSpinBox::valueChanged, this, [this](int value) {
        m_binding->report(QStringLiteral("/max_tokens"), value == 0 ? QJsonValue(QJsonValue::Undefined) : QJsonValue(value), tr("Change longest answer"));
    });
    row->addWidget(new Label(m_theme, tr("Temperature"), Label::Style::Secondary, numbers));
    row->addWidget(temperature, 1);
    row->addSpacing(8);
    row->addWidget(new Label(m_theme, tr("Max tokens"), Label::Style::Secondary, numbers));
    row->addWidget(maxTokens, 1);
    form->addField(tr("Sampling"), numbers);

    m_fallbacks = new FallbackList(m_session, m_theme, form);
    m_fallbacks->setObjectName(QStringLiteral("agent-fallbacks"));
    connect(m_fallbacks, &FallbackList::edited, this, [this](const QJsonArray &value) {
        m_binding->report(QStringLiteral("/fallback_models"), value, tr("Change fallback models"));
    });
    m_binding->bind(QStringLiteral("/fallback_models"), [this](const QJsonValue &value) { m_fallbacks->setValue(value.toArray()); });
    m_fields.insert(QStringLiteral("/fallback_models"), form->addField(tr("Fallbacks"), m_fallbacks, tr("Tried in order when the model fails; the reason is in the trace.")));
}

void AgentEditor::buildReasoning(FormLayout *form)
{
    form->addSection(tr("Reasoning"));
    auto *box = new QWidget(form);
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    m_pattern = new QComboBox(box);
    m_pattern->setObjectName(QStringLiteral("agent-pattern"));
    for (const AgentSpec::PatternInfo &pattern : AgentSpec::patterns())
        m_pattern->addItem(pattern.title, pattern.id);
    m_binding->bind(m_pattern, QStringLiteral("/pattern"), tr("Change reasoning pattern"));
    m_patternAbout = new Label(m_theme, QString(), Label::Style::Hint, box);
    m_patternAbout->setWordWrap(true);
    column->addWidget(m_pattern);
    column->addWidget(m_patternAbout);
    connect(m_pattern, &QComboBox::currentIndexChanged, this, [this](int row) {
        if (row >= 0 && row < int(AgentSpec::patterns().size()))
            m_patternAbout->setText(AgentSpec::patterns()[size_t(row)].about);
    });
    m_fields.insert(QStringLiteral("/pattern"), form->addField(tr("Pattern"), box));
}

void AgentEditor::buildTools(FormLayout *form)
{
    form->addSection(tr("Tools"));
    m_tools = new ToolAttachments(m_session, m_theme, form);
    m_tools->setObjectName(QStringLiteral("agent-tools"));
    connect(m_tools, &ToolAttachments::edited, this, [this](const QJsonArray &value, const QString &what) {
        const auto draft = m_session->draft(m_agent);
        const bool first = draft && draft->body.value(QStringLiteral("tools")).toArray().isEmpty() && !value.isEmpty();
        if (!first || draft->body.value(QStringLiteral("pattern")).toString(QStringLiteral("direct")) != QLatin1String("direct"))
            return m_binding->report(QStringLiteral("/tools"), value, what);
        // An agent that answers directly never calls a tool; one step of the history, so that undo takes both back.
        const BodyChanges both{{QStringLiteral("/tools"), value}, {QStringLiteral("/pattern"), QStringLiteral("tool_loop")}};
        if (const auto done = m_session->edit(m_agent, both, what); !done)
            return Q_EMIT errorRaised(done.error());
        Q_EMIT statusMessage(tr("Its pattern is a tool loop now: an agent that answers directly calls no tools."));
    });
    connect(m_tools, &ToolAttachments::openRequested, this, &AgentEditor::openRequested);
    connect(m_tools, &ToolAttachments::createRequested, this, &AgentEditor::createRequested);
    m_binding->bind(QStringLiteral("/tools"), [this](const QJsonValue &value) { m_tools->setValue(value.toArray()); });
    m_fields.insert(QStringLiteral("/tools"), form->addField(tr("Attached"), m_tools));
}

void AgentEditor::buildLimits(FormLayout *form)
{
    form->addSection(tr("Limits"), tr("of one run"));
    const Limits defaults;
    auto *steps = new QSpinBox(form);
    steps->setObjectName(QStringLiteral("agent-limit-steps"));
    steps->setRange(1, 10'000);
    m_binding->bind(steps, QStringLiteral("/limits/steps"), tr("Change limit of steps"), defaults.steps);
    m_fields.insert(QStringLiteral("/limits/steps"), form->addField(tr("Steps"), steps, tr("Model and tool calls together.")));
    auto *seconds = new QDoubleSpinBox(form);
    seconds->setObjectName(QStringLiteral("agent-limit-seconds"));
    seconds->setRange(0, 86'400);
    seconds->setDecimals(0);
    seconds->setSingleStep(30);
    seconds->setSuffix(tr(" s"));
    m_binding->bind(seconds, QStringLiteral("/limits/seconds"), tr("Change limit of time"), defaults.seconds);
    m_fields.insert(QStringLiteral("/limits/seconds"), form->addField(tr("Time"), seconds));
    auto *tokens = new QSpinBox(form);
    tokens->setObjectName(QStringLiteral("agent-limit-tokens"));
    tokens->setRange(0, 100'000'000);
    tokens->setSingleStep(10'000);
    tokens->setGroupSeparatorShown(true);
    m_binding->bind(tokens, QStringLiteral("/limits/tokens"), tr("Change limit of tokens"), defaults.tokens);
    m_fields.insert(QStringLiteral("/limits/tokens"), form->addField(tr("Tokens"), tokens));
    auto *cost = new QDoubleSpinBox(form);
    cost->setObjectName(QStringLiteral("agent-limit-cost"));
    cost->setRange(0, 10'000);
    cost->setDecimals(2);
    cost->setSingleStep(0.1);
    cost->setPrefix(QStringLiteral("$"));
    m_binding->bind(cost, QStringLiteral("/limits/cost_usd"), tr("Change limit of money"), defaults.costUsd);
    m_fields.insert(QStringLiteral("/limits/cost_usd"), form->addField(tr("Money"), cost, tr("0 is no bound.")));
    m_fields.insert(QStringLiteral("/limits"), m_fields.value(QStringLiteral("/limits/steps")));
}

void AgentEditor::edit(const QString &pointer, const QJsonValue &value, const QString &what)
{
    if (const auto done = m_session->edit(m_agent, pointer, value, what); !done)
        Q_EMIT errorRaised(done.error());
}

void AgentEditor::fillPrompts()
{
    const QString current = m_prompt->currentData().toString();
    const QSignalBlocker blocker(m_prompt);
    m_prompt->clear();
    const auto prompts = m_session->project().artifacts().list(ArtifactKind::Prompt);
    for (const ArtifactInfo &info : prompts) {
        m_prompt->addItem(info.name, info.name);
        m_prompt->setItemData(m_prompt->count() - 1, tr("The newest revision; a draft run uses the prompt's draft"), Qt::ToolTipRole);
        for (const auto &[label, number] : info.labels)
            m_prompt->addItem(QStringLiteral("%1@%2").arg(info.name, label), QStringLiteral("%1@%2").arg(info.name, label));
    }
    const int row = m_prompt->findData(current);
    m_prompt->setCurrentIndex(row);
    if (const auto draft = m_session->draft(m_agent))
        m_binding->load(draft->body);
}

void AgentEditor::fillConnections()
{
    const QString current = m_connection->currentData().toString();
    const QSignalBlocker blocker(m_connection);
    m_connection->clear();
    for (const QString &name : connectionNames(m_session))
        m_connection->addItem(name, name);
    m_connection->setCurrentIndex(m_connection->findData(current));
    if (const auto draft = m_session->draft(m_agent))
        m_binding->load(draft->body);
    m_model->setConnection(m_connection->currentData().toString());
}

void AgentEditor::reload()
{
    const auto info = m_session->project().artifacts().info(m_agent);
    const auto draft = m_session->draft(m_agent);
    if (!info || !draft)
        return;
    m_header->show(info->name, info->latestNumber, info->hasDraft || draft->differs, m_session->project().isReadOnly());
    m_binding->load(draft->body);
    const QString connection = draft->body.value(QStringLiteral("model")).toObject().value(QStringLiteral("connection")).toString();
    const auto resolved = m_session->project().artifacts().resolve(ArtifactKind::Connection, connection + QStringLiteral("@draft"));
    m_offlineNote->setVisible(resolved && resolved->body.value(QStringLiteral("api")).toString() == QLatin1String("offline"));
    m_model->setConnection(m_connection->currentData().toString());
    const auto prompt = m_session->project().artifacts().resolve(ArtifactKind::Prompt, draft->body.value(QStringLiteral("prompt")).toString());
    m_openPrompt->setEnabled(prompt.ok());
    m_promptPreview->setText(prompt ? format::oneLine(prompt->body.value(QStringLiteral("text")).toString(), 220) : QString());
    m_check.start();
}

void AgentEditor::setFace(QWidget *face)
{
    m_face = face;
    m_content->insertWidget(0, face);
    m_face->setVisible(width() >= leastWidthWithFace);
}

void AgentEditor::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    if (m_face) // narrower, the form would be cut; it has all that the face shows
        m_face->setVisible(width() >= leastWidthWithFace);
}

void AgentEditor::setToolPolicyFactory(ToolAttachments::PolicyFactory factory)
{
    m_tools->setPolicyFactory(std::move(factory));
}

void AgentEditor::focusField(const QString &pointer)
{
    for (QString at = pointer; !at.isEmpty(); at = at.left(at.lastIndexOf(QLatin1Char('/')))) {
        const FormField *field = m_fields.value(at);
        if (!field)
            continue;
        m_scroll->ensureWidgetVisible(field->field(), 0, 40);
        QWidget *target = field->field();
        const auto inner = target->findChildren<QWidget *>();
        for (auto it = inner.cbegin(); target->focusPolicy() == Qt::NoFocus && it != inner.cend(); ++it) {
            if ((*it)->focusPolicy() != Qt::NoFocus && (*it)->isEnabled())
                target = *it;
        }
        return target->setFocus(Qt::OtherFocusReason);
    }
}

void AgentEditor::showProblems()
{
    const auto draft = m_session->draft(m_agent);
    if (!draft)
        return;
    for (FormField *field : std::as_const(m_fields))
        field->clearProblem();
    int errors = 0, warnings = 0;
    QString other;
    for (const Problem &problem : m_session->problems(ArtifactKind::Agent, draft->body)) {
        errors += problem.severity == Problem::Severity::Error;
        warnings += problem.severity == Problem::Severity::Warning;
        const Severity severity = problem.severity == Problem::Severity::Error     ? Severity::Error
                                  : problem.severity == Problem::Severity::Warning ? Severity::Warning
                                                                                   : Severity::Info;
        FormField *field = nullptr;
        for (QString at = problem.pointer; !field && !at.isEmpty(); at = at.left(at.lastIndexOf(QLatin1Char('/'))))
            field = m_fields.value(at);
        const QString text = problem.fix.isEmpty() ? problem.message : problem.message + QLatin1Char(' ') + problem.fix;
        // What several tools make together stands at the top: below, it would hide behind what is wrong with one of them.
        const bool together = problem.code == QLatin1String("tools.trifecta");
        if (field && !together && field->problem().isEmpty())
            field->setProblem(severity, text);
        else if (together || (!field && other.isEmpty()))
            other = text;
    }
    m_summary->setMessage(errors > 0 ? Severity::Error : Severity::Warning,
                          !other.isEmpty() ? other
                          : errors > 0     ? tr("This agent cannot run yet: %1 below.").arg(format::count(errors, tr("problem"), tr("problems")))
                                           : tr("%1 below.").arg(format::count(warnings, tr("warning"), tr("warnings"))));
    m_summary->setVisible(errors > 0 || !other.isEmpty());
}

void AgentEditor::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().base);
}

AgentEditor::~AgentEditor()
{
    silence(this);
}

} // namespace lathe
