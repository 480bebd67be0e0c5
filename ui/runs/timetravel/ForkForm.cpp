// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/timetravel/ForkForm.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/ScrollColumn.h"
#include "ui/widgets/Silence.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QJsonDocument>
#include <QLineEdit>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr size_t mostEditors = 120; // of messages; the last ones, the others stay as recorded

QString readable(const QString &text)
{
    const QJsonDocument parsed = QJsonDocument::fromJson(text.toUtf8());
    return parsed.isObject() ? QString::fromUtf8(parsed.toJson(QJsonDocument::Indented)).trimmed() : text;
}

QString partCaption(const Message &message, const MessagePart &part)
{
    if (part.type == MessagePart::Type::ToolResult)
        return QObject::tr("result of %1").arg(part.name.isEmpty() ? QObject::tr("a tool") : part.name);
    return roleName(message.role);
}
}

ForkForm::ForkForm(Session *session, Theme *theme, const ForkOptions &options, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_options(options), m_tabs(new QTabBar(this)), m_stack(new QStackedWidget(this))
{
    setObjectName(QStringLiteral("fork-form"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    m_tabs->setObjectName(QStringLiteral("fork-tabs"));
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    m_tabs->setUsesScrollButtons(true);
    layout->addWidget(m_tabs);
    layout->addWidget(m_stack, 1);
    connect(m_tabs, &QTabBar::currentChanged, m_stack, &QStackedWidget::setCurrentIndex);
    addOutcomeTabs();
    if (options.canEditMessages)
        addMessages();
    if (options.canEditCalls) {
        addInstructions();
        addModel();
        m_scopeRow = new QWidget(this);
        auto *row = new QHBoxLayout(m_scopeRow);
        row->setContentsMargins(0, 0, 0, 0);
        row->addWidget(new Label(theme, tr("Instructions, model and parameters hold for"), Label::Style::Secondary, m_scopeRow));
        m_scope = new QComboBox(m_scopeRow);
        m_scope->setObjectName(QStringLiteral("fork-scope"));
        m_scope->addItem(tr("this step only"), int(ForkScope::Step));
        m_scope->addItem(options.agent.isEmpty() ? tr("the agent, from here on") : tr("%1, from here on").arg(options.agent), int(ForkScope::Agent));
        m_scope->addItem(tr("every agent, from here on"), int(ForkScope::Run));
        m_scope->setCurrentIndex(1);
        row->addWidget(m_scope);
        row->addStretch(1);
        layout->addWidget(m_scopeRow);
        connect(m_scope, &QComboBox::currentIndexChanged, this, &ForkForm::onEdited);
        const auto showScope = [this](int tab) {
            m_scopeRow->setVisible(m_ids.value(tab) == QLatin1String("instructions") || m_ids.value(tab) == QLatin1String("model"));
        };
        connect(m_tabs, &QTabBar::currentChanged, this, showScope);
        showScope(m_tabs->currentIndex());
    }
}

ForkForm::~ForkForm()
{
    m_cancel.cancel();
    silence(this);
}

int ForkForm::tabCount() const
{
    return m_tabs->count();
}

QVBoxLayout *ForkForm::addTab(const QString &id, const QString &title, const QString &help)
{
    auto *page = new QWidget(m_stack);
    page->setObjectName(QStringLiteral("fork-page-") + id);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    auto *said = new Label(m_theme, help, Label::Style::Secondary, page);
    said->setWordWrap(true);
    layout->addWidget(said);
    m_ids.append(id);
    m_titles.append(title);
    m_stack->addWidget(page);
    m_tabs->addTab(title);
    return layout;
}

QVBoxLayout *ForkForm::addScrolled(QVBoxLayout *into)
{
    auto *area = new QScrollArea(into->parentWidget());
    auto *content = new QWidget(area);
    auto *list = new QVBoxLayout(content);
    list->setContentsMargins(0, 0, metrics::Gap, 0);
    list->setSpacing(6);
    fillScrollColumn(area, content);
    into->addWidget(area, 1);
    return list;
}

CodeEditor *ForkForm::addEditor(QVBoxLayout *into, const QString &name, const QString &text, bool json, bool grows)
{
    auto *editor = new CodeEditor(m_theme, into->parentWidget());
    editor->setObjectName(name);
    editor->setLineNumbersVisible(json);
    editor->setText(text);
    if (grows)
        editor->setAutoHeight(2, 14);
    into->addWidget(editor, grows ? 0 : 1);
    connect(editor, &CodeEditor::edited, this, &ForkForm::onEdited);
    return editor;
}

void ForkForm::addOutcomeTabs()
{
    if (m_options.canEditResult) {
        auto *layout = addTab(QStringLiteral("result"), tr("Result"), tr("What %1 gave. Change it and the fork goes on as if the tool had given this; the tool is not called.").arg(m_options.tool));
        m_result = addEditor(layout, QStringLiteral("fork-result"), m_options.result.value_or(QString()), false, false);
        m_isError = new QCheckBox(tr("Tell the model that the call failed"), layout->parentWidget());
        m_isError->setObjectName(QStringLiteral("fork-result-error"));
        m_isError->setChecked(m_options.resultIsError);
        layout->addWidget(m_isError);
        connect(m_isError, &QCheckBox::toggled, this, &ForkForm::onEdited);
    }
    if (m_options.canEditArguments) {
        const bool writes = m_options.sideEffect != QLatin1String("none") && m_options.sideEffect != QLatin1String("read") && !m_options.sideEffect.isEmpty();
        auto *layout = addTab(QStringLiteral("arguments"), tr("Arguments"),
                              writes ? tr("%1 is really called with these, and it changes things outside (%2).").arg(m_options.tool, m_options.sideEffect)
                                     : tr("%1 is called with these instead.").arg(m_options.tool));
        m_argumentsBefore = readable(m_options.argumentsText);
        m_arguments = addEditor(layout, QStringLiteral("fork-arguments"), m_argumentsBefore, true, false);
    }
    if (m_options.canEditAnswer) {
        auto *layout = addTab(QStringLiteral("answer"), tr("Model's answer"), tr("What the model said. Change it and the fork goes on as if it had said this; the model is not asked."));
        const std::vector<MessagePart> none;
        const auto &parts = m_options.answer ? m_options.answer->parts : none;
        const bool calls = std::any_of(parts.begin(), parts.end(), [](const MessagePart &part) { return part.type == MessagePart::Type::ToolCall; });
        if (calls) // text and calls are as tall as they are
            layout = addScrolled(layout);
        m_answer = addEditor(layout, QStringLiteral("fork-answer"), m_options.answer ? m_options.answer->text() : QString(), false, calls);
        for (size_t i = 0; i < parts.size() && m_calls.size() < 20; ++i) {
            if (parts[i].type != MessagePart::Type::ToolCall)
                continue;
            auto *used = new QCheckBox(tr("calls %1 with").arg(parts[i].name), layout->parentWidget());
            used->setChecked(true);
            layout->addWidget(used);
            CodeEditor *editor = addEditor(layout, QStringLiteral("fork-call-%1").arg(m_calls.size()), readable(parts[i].argumentsText), false, true);
            connect(used, &QCheckBox::toggled, this, [this, editor](bool on) {
                editor->setEnabled(on);
                onEdited();
            });
            m_calls.push_back({i, used, editor});
        }
        if (calls)
            layout->addStretch(1);
    }
    if (m_options.canEditHumanAnswer) {
        auto *layout = addTab(QStringLiteral("person"), tr("Person's answer"), m_options.question ? m_options.question->text : tr("What the person said."));
        m_reply = addEditor(layout, QStringLiteral("fork-reply"), m_options.humanAnswer ? m_options.humanAnswer->text : QString(), false, false);
        m_approved = new QCheckBox(tr("Approved"), layout->parentWidget());
        m_approved->setObjectName(QStringLiteral("fork-approved"));
        m_approved->setChecked(m_options.humanAnswer && m_options.humanAnswer->approved);
        m_approved->setVisible(m_options.question && m_options.question->type != HumanQuestion::Type::Question);
        layout->addWidget(m_approved);
        connect(m_approved, &QCheckBox::toggled, this, &ForkForm::onEdited);
    }
    if (m_options.canEditNodeInputs) {
        auto *layout = addTab(QStringLiteral("inputs"), tr("Inputs"), tr("What came into this node, by port."));
        m_inputsBefore = QString::fromUtf8(json::pretty(m_options.nodeInputs)).trimmed();
        m_inputs = addEditor(layout, QStringLiteral("fork-inputs"), m_inputsBefore, true, false);
    }
}

void ForkForm::addMessages()
{
    auto *layout = addTab(QStringLiteral("messages"), tr("Messages"), tr("The conversation as the model was asked it. Later requests that begin with it begin with yours."));
    QVBoxLayout *list = addScrolled(layout);
    QWidget *content = list->parentWidget();
    size_t total = 0;
    for (const Message &message : m_options.messages)
        total += message.parts.size();
    size_t skip = total > mostEditors ? total - mostEditors : 0;
    if (skip > 0)
        list->addWidget(new Label(m_theme, tr("%1 earlier parts stay as they were recorded.").arg(format::number(qint64(skip))), Label::Style::Hint, content));
    for (size_t m = 0; m < m_options.messages.size(); ++m) {
        const Message &message = m_options.messages[m];
        for (size_t p = 0; p < message.parts.size(); ++p) {
            if (skip > 0) {
                --skip;
                continue;
            }
            const MessagePart &part = message.parts[p];
            if (part.type == MessagePart::Type::Text || part.type == MessagePart::Type::ToolResult) {
                list->addWidget(new Label(m_theme, partCaption(message, part), Label::Style::Caption, content));
                CodeEditor *editor = addEditor(list, QStringLiteral("fork-message-%1-%2").arg(m).arg(p), part.text, false, true);
                m_parts.push_back({m, p, editor});
            } else if (part.type == MessagePart::Type::ToolCall) {
                auto *call = new Label(m_theme, tr("calls %1 with %2").arg(part.name, format::oneLine(part.argumentsText, 160)), Label::Style::Hint, content);
                call->setTextFormat(Qt::PlainText);
                call->setWordWrap(true);
                list->addWidget(call);
            }
        }
    }
    list->addStretch(1);
}

void ForkForm::addInstructions()
{
    auto *layout = addTab(QStringLiteral("instructions"), tr("Instructions"), tr("The system text of the model calls from here on."));
    m_prompt = new QComboBox(layout->parentWidget());
    m_prompt->setObjectName(QStringLiteral("fork-prompt"));
    m_prompt->addItem(tr("As below"), QString());
    for (const ArtifactInfo &info : m_session->project().artifacts().list(ArtifactKind::Prompt)) {
        m_prompt->addItem(m_theme->icon(QStringLiteral("prompt")), tr("Prompt %1, as it is now").arg(info.name), info.name + QStringLiteral("@draft"));
        if (m_prompt->count() > 200)
            break;
    }
    layout->addWidget(m_prompt);
    m_instructions = addEditor(layout, QStringLiteral("fork-instructions"), m_options.instructions, false, false);
    connect(m_prompt, &QComboBox::currentIndexChanged, this, [this] {
        m_instructions->setEnabled(m_prompt->currentData().toString().isEmpty());
        onEdited();
    });
}

void ForkForm::addModel()
{
    auto *layout = addTab(QStringLiteral("model"), tr("Model and parameters"), tr("Empty fields stay as they were recorded; \"none\" leaves a parameter out of the request."));
    auto *grid = new QGridLayout;
    grid->setHorizontalSpacing(metrics::GapLarge);
    grid->setVerticalSpacing(metrics::Gap);
    grid->setColumnStretch(1, 1);
    grid->setColumnStretch(3, 1);
    QWidget *page = layout->parentWidget();
    m_connection = new QComboBox(page);
    m_connection->setObjectName(QStringLiteral("fork-connection"));
    for (const ArtifactInfo &info : m_session->project().artifacts().list(ArtifactKind::Connection))
        m_connection->addItem(info.name);
    if (m_connection->findText(m_options.connection) < 0 && !m_options.connection.isEmpty())
        m_connection->insertItem(0, m_options.connection);
    m_connection->setCurrentText(m_options.connection);
    m_model = new QComboBox(page);
    m_model->setObjectName(QStringLiteral("fork-model"));
    m_model->setEditable(true);
    m_model->setInsertPolicy(QComboBox::NoInsert);
    if (!m_options.model.isEmpty())
        m_model->addItem(m_options.model);
    m_model->setCurrentText(m_options.model);
    grid->addWidget(new Label(m_theme, tr("Connection"), Label::Style::Secondary, page), 0, 0);
    grid->addWidget(m_connection, 0, 1);
    grid->addWidget(new Label(m_theme, tr("Model"), Label::Style::Secondary, page), 0, 2);
    grid->addWidget(m_model, 0, 3);
    connect(m_connection, &QComboBox::currentTextChanged, this, [this] {
        askModels();
        onEdited();
    });
    connect(m_model, &QComboBox::currentTextChanged, this, &ForkForm::onEdited);
    const std::pair<const char *, QString> fields[] = {{"temperature", tr("Temperature")}, {"max_tokens", tr("Most tokens")}, {"top_p", tr("Top p")}, {"seed", tr("Seed")}};
    int index = 0;
    for (const auto &[key, title] : fields) {
        auto *edit = new QLineEdit(page);
        edit->setObjectName(QStringLiteral("fork-") + QLatin1String(key));
        const QJsonValue recorded = m_options.parameters.value(QLatin1String(key));
        edit->setPlaceholderText(recorded.isDouble() ? QString::number(recorded.toDouble()) : tr("not set"));
        const int row = 1 + index / 2, column = (index % 2) * 2;
        grid->addWidget(new Label(m_theme, title, Label::Style::Secondary, page), row, column);
        grid->addWidget(edit, row, column + 1);
        connect(edit, &QLineEdit::textEdited, this, &ForkForm::onEdited);
        m_parameters.push_back({QString::fromLatin1(key), edit});
        ++index;
    }
    layout->addLayout(grid);
    layout->addStretch(1);
}

void ForkForm::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_connection && m_model->count() <= 1)
        askModels();
}

void ForkForm::askModels()
{
    m_cancel.cancel();
    m_cancel = CancelSource();
    const QString connection = m_connection->currentText();
    if (connection.isEmpty())
        return;
    runTask(this, m_session->listModels(connection, m_cancel.token()), [this](const QStringList &models) {
        const QSignalBlocker quiet(m_model);
        const QString kept = m_model->currentText();
        m_model->clear();
        m_model->addItems(models.mid(0, 500));
        m_model->setCurrentText(kept);
    }, [](const Error &) {}); // a name can still be typed
}

bool ForkForm::instructionsChanged() const
{
    return m_instructions && (!m_prompt->currentData().toString().isEmpty() || m_instructions->text() != m_options.instructions);
}

std::optional<std::vector<Message>> ForkForm::editedMessages() const
{
    std::vector<Message> messages = m_options.messages;
    bool changed = false;
    for (const PartEditor &of : m_parts) {
        const QString text = of.editor->text();
        MessagePart &part = messages[of.message].parts[of.part];
        changed = changed || part.text != text;
        part.text = text;
    }
    return changed ? std::optional(std::move(messages)) : std::nullopt;
}

std::optional<Message> ForkForm::editedAnswer() const
{
    if (!m_answer)
        return std::nullopt;
    const Message before = m_options.answer.value_or(Message(Role::Assistant, QString()));
    bool changed = m_answer->text() != before.text();
    Message answer;
    answer.role = Role::Assistant;
    bool said = false;
    for (size_t i = 0; i < before.parts.size(); ++i) {
        MessagePart part = before.parts[i];
        if (part.type == MessagePart::Type::Text) { // all text stands where the first stood
            if (std::exchange(said, true))
                continue;
            part.text = m_answer->text();
            if (part.text.isEmpty())
                continue;
        }
        const auto call = std::find_if(m_calls.begin(), m_calls.end(), [i](const CallEditor &of) { return of.part == i; });
        if (call != m_calls.end()) {
            if (!call->used->isChecked()) {
                changed = true;
                continue;
            }
            const QString text = call->editor->text();
            if (text != readable(part.argumentsText)) {
                changed = true;
                part.argumentsText = text;
            }
        }
        answer.parts.push_back(std::move(part));
    }
    if (!said && !m_answer->text().isEmpty())
        answer.parts.insert(answer.parts.begin(), MessagePart::fromText(m_answer->text()));
    return changed ? std::optional(std::move(answer)) : std::nullopt;
}

Result<QJsonObject> ForkForm::editedParameters() const
{
    QJsonObject parameters;
    for (const auto &[key, edit] : m_parameters) {
        const QString text = edit->text().trimmed();
        if (text.isEmpty())
            continue;
        if (text.compare(QLatin1String("none"), Qt::CaseInsensitive) == 0) {
            parameters.insert(key, QJsonValue::Null);
            continue;
        }
        bool ok = false;
        const double value = text.toDouble(&ok);
        if (!ok)
            return Error(ErrorKind::InvalidInput, tr("\"%1\" is no number for %2; write a number, or none to leave it out.").arg(text.left(40), key));
        if (key == QLatin1String("max_tokens") || key == QLatin1String("seed"))
            parameters.insert(key, qint64(value));
        else
            parameters.insert(key, value);
    }
    return parameters;
}

Result<ForkChanges> ForkForm::changes() const
{
    ForkChanges changes;
    if (m_result && (m_result->text() != m_options.result.value_or(QString()) || m_isError->isChecked() != m_options.resultIsError)) {
        changes.result = m_result->text();
        changes.resultIsError = m_isError->isChecked();
    }
    if (m_arguments && m_arguments->text() != m_argumentsBefore)
        changes.argumentsText = m_arguments->text();
    changes.answer = editedAnswer();
    if (m_reply) {
        HumanAnswer answer = m_options.humanAnswer.value_or(HumanAnswer());
        if (m_reply->text() != answer.text || m_approved->isChecked() != answer.approved) {
            answer.text = m_reply->text();
            answer.approved = m_approved->isChecked();
            changes.humanAnswer = answer.toJson();
        }
    }
    for (const CallEditor &of : m_calls) {
        const MessagePart &part = m_options.answer->parts[of.part];
        if (!of.used->isChecked() || of.editor->text() == readable(part.argumentsText))
            continue;
        if (const auto arguments = json::parseObject(of.editor->text().toUtf8()); !arguments)
            return Error(ErrorKind::InvalidInput, tr("The arguments of %1 are no JSON object: %2").arg(part.name, arguments.error().message));
    }
    changes.messages = editedMessages();
    if (m_scope) {
        changes.scope = ForkScope(m_scope->currentData().toInt());
        if (instructionsChanged()) {
            const QString reference = m_prompt->currentData().toString();
            if (reference.isEmpty()) {
                changes.instructions = m_instructions->text();
            } else {
                const auto prompt = m_session->project().artifacts().resolve(ArtifactKind::Prompt, reference);
                if (!prompt)
                    return prompt.error();
                changes.prompt = prompt->body;
            }
        }
        const ModelChoice chosen{m_connection->currentText().trimmed(), m_model->currentText().trimmed()};
        if (chosen != ModelChoice{m_options.connection, m_options.model}) {
            if (chosen.connection.isEmpty() || chosen.model.isEmpty())
                return Error(ErrorKind::InvalidInput, tr("Choose a connection and a model for the fork."));
            changes.model = chosen;
        }
        auto parameters = editedParameters();
        if (!parameters)
            return parameters.error();
        changes.parameters = *parameters;
    }
    if (const auto checked = changes.check(); !checked)
        return checked.error();
    return changes;
}

Result<TeamOverrides> ForkForm::overrides() const
{
    TeamOverrides overrides;
    if (!m_inputs || m_inputs->text() == m_inputsBefore)
        return overrides;
    const auto inputs = json::parseObject(m_inputs->text().toUtf8());
    if (!inputs)
        return Error(ErrorKind::InvalidInput, tr("The inputs are no JSON object: %1").arg(inputs.error().message));
    overrides.inputs.insert(m_options.step, *inputs);
    return overrides;
}

bool ForkForm::isChanged() const
{
    const auto changed = changes();
    const auto overridden = overrides();
    return !changed || !overridden || !changed->isEmpty() || !overridden->inputs.isEmpty();
}

void ForkForm::onEdited()
{
    const auto mark = [this](const char *id, bool changed) {
        const int tab = int(m_ids.indexOf(QString::fromLatin1(id)));
        if (tab >= 0)
            m_tabs->setTabText(tab, changed ? m_titles[tab] + QStringLiteral("  \u2022") : m_titles[tab]);
    };
    mark("result", m_result && (m_result->text() != m_options.result.value_or(QString()) || m_isError->isChecked() != m_options.resultIsError));
    mark("arguments", m_arguments && m_arguments->text() != m_argumentsBefore);
    mark("answer", editedAnswer().has_value());
    mark("messages", editedMessages().has_value());
    mark("instructions", instructionsChanged());
    if (m_model) {
        const auto parameters = editedParameters();
        mark("model", m_connection->currentText() != m_options.connection || m_model->currentText() != m_options.model || !parameters || !parameters->isEmpty());
    }
    mark("inputs", m_inputs && m_inputs->text() != m_inputsBefore);
    Q_EMIT edited();
}

} // namespace lathe
