// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/McpPromptsPage.h"

#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/McpAsk.h"
#include "ui/tools/McpAttach.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/FormLayout.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/ScrollColumn.h"

#include <QLineEdit>
#include <QVBoxLayout>

namespace lathe {

McpPromptsPage::McpPromptsPage(Session *session, Theme *theme, QWidget *parent)
    : McpListPage(session, theme,
                  {QStringLiteral("prompts"), QStringLiteral("prompt"), tr("Search prompts"),
                   tr("Prompts of a server are texts to begin with. Connect to see those of this one."), tr("This server has no prompts.")}, parent)
{
    m_show = new Button(tr("Show its text"), ButtonRole::Secondary, m_detail);
    m_show->setObjectName(QStringLiteral("mcp-prompt-show"));
    m_use = new Button(tr("New prompt from it"), ButtonRole::Secondary, m_detail);
    m_use->setObjectName(QStringLiteral("mcp-prompt-use"));
    m_use->setToolTip(tr("A prompt of this project with its text as it is now"));
    QVBoxLayout *detail = buildDetail({m_show, m_use});
    detail->setContentsMargins(0, metrics::Margin, metrics::Gap, 0);
    auto *box = new QWidget(m_detail);
    m_formBox = new QVBoxLayout(box);
    m_formBox->setContentsMargins(0, 0, 0, 0);
    detail->addWidget(box);
    m_text = new CodeEditor(m_theme, m_detail);
    m_text->setObjectName(QStringLiteral("mcp-prompt-text"));
    m_text->setAccessibleName(tr("What it gives"));
    m_text->setReadOnly(true);
    m_text->setLineNumbersVisible(false);
    m_text->setMinimumHeight(90);
    m_text->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Ignored);
    detail->addWidget(m_text, 1);
    detail->addStretch(0); // takes the room while no text is shown
    auto *scroll = new QScrollArea(this);
    fillScrollColumn(scroll, m_detail);
    addPane(scroll, 350, 500);
    connect(m_show, &Button::clicked, this, [this] { get(false); });
    connect(m_use, &Button::clicked, this, [this] { get(true); });
}

void McpPromptsPage::setPrompt(ArtifactId prompt)
{
    m_prompt = prompt;
    m_use->setText(tr("Use its text"));
    m_use->setToolTip(tr("Replaces the text of the prompt; Ctrl+Z brings it back"));
}

void McpPromptsPage::load()
{
    loadList(&mcp::listPrompts, &m_prompts, &McpPrompt::name, [](const McpPrompt &prompt) {
        Row row;
        row.title = prompt.title.isEmpty() ? prompt.name : prompt.title;
        row.words = prompt.name + QLatin1Char(' ') + prompt.description;
        row.detail = format::oneLine(prompt.description, 300);
        row.trailing = prompt.arguments.empty() ? QString() : format::count(qint64(prompt.arguments.size()), tr("argument"), tr("arguments"));
        row.icon = QStringLiteral("prompt");
        return row;
    });
}

void McpPromptsPage::activate()
{
    get(false);
}

const McpPrompt *McpPromptsPage::current() const
{
    const int row = currentRow();
    return row >= 0 && size_t(row) < m_prompts.size() ? &m_prompts[size_t(row)] : nullptr;
}

void McpPromptsPage::showCurrent()
{
    const McpPrompt *prompt = current();
    stopRequest();
    m_message->hide();
    m_detail->setVisible(prompt != nullptr);
    if (!prompt)
        return;
    showTitle(prompt->name, prompt->description);
    m_fields.clear();
    if (m_form) {
        m_form->hide();
        m_form->deleteLater();
    }
    m_form = new FormLayout(m_theme);
    for (const McpPromptArgument &argument : prompt->arguments) {
        auto *field = new QLineEdit;
        field->setObjectName(QStringLiteral("mcp-argument-") + argument.name);
        field->setAccessibleName(argument.name);
        field->setPlaceholderText(tr("stays the variable {{%1}}").arg(argument.name.left(60)));
        m_form->addField(argument.required ? tr("%1 (required)").arg(argument.name.left(60)) : argument.name.left(60), field, argument.description.left(300));
        connect(field, &QLineEdit::returnPressed, this, [this] { get(false); });
        m_fields.emplace_back(argument.name, field);
    }
    m_formBox->addWidget(m_form);
    m_form->setVisible(!prompt->arguments.empty());
    m_text->clear();
    m_text->hide();
    m_use->setEnabled(!m_session->project().isReadOnly());
}

void McpPromptsPage::get(bool use)
{
    const McpPrompt *prompt = current();
    if (!prompt)
        return;
    QJsonObject arguments;
    QStringList freeOnes;
    for (const auto &[name, field] : m_fields) {
        if (field->text().isEmpty())
            freeOnes.append(name);
        arguments.insert(name, field->text().isEmpty() ? QStringLiteral("{{%1}}").arg(name) : field->text());
    }
    request(mcp::getPrompt(&m_session->mcp(), m_name, m_body, prompt->name, arguments, newRequest()), [this, use, freeOnes](const std::vector<McpPromptMessage> &messages) {
        if (!current())
            return;
        m_message->hide();
        const PromptSpec spec = mcp::promptFrom(*current(), messages, freeOnes);
        QString text = spec.text;
        for (const PromptMessage &turn : spec.messages)
            text += QStringLiteral("\n\n--- %1 ---\n%2").arg(turn.role, turn.text);
        m_text->setText(text.left(mcp::longestAttachment));
        m_text->show();
        if (use)
            make(messages, freeOnes);
    });
}

void McpPromptsPage::make(const std::vector<McpPromptMessage> &messages, const QStringList &freeArguments)
{
    const PromptSpec spec = mcp::promptFrom(*current(), messages, freeArguments);
    if (m_prompt.isValid()) {
        const QJsonObject body = spec.toJson();
        BodyChanges changes;
        for (const char *key : {"text", "messages", "variables"})
            changes.push_back({QLatin1Char('/') + QLatin1String(key), body.contains(QLatin1String(key)) ? body.value(QLatin1String(key)) : QJsonValue(QJsonValue::Undefined)});
        if (const auto done = m_session->edit(m_prompt, changes, tr("Use the text of %1").arg(current()->name.left(80))); !done)
            return say(Severity::Error, done.error().message);
        Q_EMIT used(m_prompt);
        return;
    }
    QString wish;
    for (const QChar c : current()->name.left(48))
        wish += c.isLetterOrNumber() || c == QLatin1Char('-') || c == QLatin1Char('_') ? c : QLatin1Char('-');
    const QString name = m_session->freeName(ArtifactKind::Prompt, wish.isEmpty() ? QStringLiteral("prompt") : wish);
    runTask(this, m_session->createArtifact(ArtifactKind::Prompt, name, spec.toJson()), [this, name](ArtifactId id) {
        Q_EMIT statusMessage(tr("Made the prompt %1").arg(name));
        Q_EMIT used(id);
        Q_EMIT openRequested(Location::ofArtifact(id));
    }, [this](const Error &error) { say(Severity::Error, error.message); });
}

} // namespace lathe
