// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/McpPromptsPage.h"

#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/McpAsk.h"
#include "ui/tools/McpAttach.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/FormLayout.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/RowDelegate.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QListView>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace lathe {

McpPromptsPage::McpPromptsPage(Session *session, Theme *theme, QWidget *parent) : QWidget(parent), m_session(session), m_theme(theme)
{
    setObjectName(QStringLiteral("mcp-prompts"));
    build();
    clear();
}

McpPromptsPage::~McpPromptsPage()
{
    m_cancel.cancel();
    m_getting.cancel();
}

void McpPromptsPage::build()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::GapSmall);
    m_busy = new BusyBar(m_theme, this);
    layout->addWidget(m_busy);
    m_message = new InlineMessage(m_theme, Severity::Error, QString(), this);
    m_message->setObjectName(QStringLiteral("mcp-prompts-message"));
    m_message->setDismissable(true);
    m_message->hide();
    layout->addWidget(m_message);
    m_pages = new QStackedWidget(this);
    layout->addWidget(m_pages, 1);
    m_empty = new EmptyState(m_theme, QStringLiteral("prompt"), QString(), m_pages);
    m_pages->addWidget(m_empty);
    auto *splitter = new QSplitter(Qt::Vertical, m_pages);
    splitter->setChildrenCollapsible(false);
    m_list = new FilterableList(m_theme, tr("Search prompts"), splitter);
    m_list->view()->setObjectName(QStringLiteral("mcp-prompts-list"));
    m_list->setMinimumHeight(100);
    qobject_cast<RowDelegate *>(m_list->view()->itemDelegate())->setTwoLines(true);
    m_model = new QStandardItemModel(this);
    m_list->setFilterRole(Qt::UserRole + 1);
    m_list->setModel(m_model);
    splitter->addWidget(m_list);
    auto *scroll = new QScrollArea(splitter);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setMinimumHeight(160);
    m_detail = new QWidget(scroll);
    auto *detail = new QVBoxLayout(m_detail);
    detail->setContentsMargins(0, metrics::Margin, metrics::Gap, 0);
    detail->setSpacing(metrics::Gap);
    auto *top = new QHBoxLayout;
    m_title = new Label(m_theme, QString(), Label::Style::Strong, m_detail);
    m_show = new Button(tr("Show its text"), ButtonRole::Secondary, m_detail);
    m_show->setObjectName(QStringLiteral("mcp-prompt-show"));
    m_use = new Button(tr("New prompt from it"), ButtonRole::Secondary, m_detail);
    m_use->setObjectName(QStringLiteral("mcp-prompt-use"));
    m_use->setToolTip(tr("A prompt of this project with its text as it is now"));
    top->addWidget(m_title, 1);
    top->addWidget(m_show);
    top->addWidget(m_use);
    detail->addLayout(top);
    m_about = new Label(m_theme, QString(), Label::Style::Secondary, m_detail);
    m_about->setWordWrap(true);
    m_about->setTextFormat(Qt::PlainText);
    detail->addWidget(m_about);
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
    scroll->setWidget(m_detail);
    m_detail->setAutoFillBackground(false);
    scroll->viewport()->setAutoFillBackground(false);
    splitter->addWidget(scroll);
    splitter->setStretchFactor(0, 1);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({350, 500}); // shares
    m_pages->addWidget(splitter);
    setFocusProxy(m_list);
    connect(m_list, &FilterableList::currentChanged, this, &McpPromptsPage::showCurrent);
    connect(m_list, &FilterableList::activated, this, [this] { get(false); });
    connect(m_show, &Button::clicked, this, [this] { get(false); });
    connect(m_use, &Button::clicked, this, [this] { get(true); });
    connect(m_empty, &EmptyState::actionTriggered, this, &McpPromptsPage::connectRequested);
    connect(m_message, &InlineMessage::dismissed, m_message, &QWidget::hide);
}

void McpPromptsPage::say(int severity, const QString &text)
{
    m_message->setMessage(Severity(severity), text);
    m_message->show();
}

void McpPromptsPage::setServer(const QString &name, const QJsonObject &body)
{
    m_name = name;
    m_body = body;
}

void McpPromptsPage::setPrompt(ArtifactId prompt)
{
    m_prompt = prompt;
    m_use->setText(tr("Use its text"));
    m_use->setToolTip(tr("Replaces the text of the prompt; Ctrl+Z brings it back"));
}

void McpPromptsPage::clear()
{
    m_loaded = false;
    m_cancel.cancel();
    m_cancel = CancelSource();
    m_busy->setBusy(false);
    m_empty->setSentence(tr("Prompts of a server are texts to begin with. Connect to see those of this one."));
    m_empty->setAction(tr("Connect"));
    m_pages->setCurrentIndex(0);
}

void McpPromptsPage::load()
{
    m_cancel.cancel();
    m_cancel = CancelSource();
    m_busy->setBusy(true);
    runTask(this, mcp::listPrompts(&m_session->mcp(), m_name, m_body, m_cancel.token()), [this](std::vector<McpPrompt> list) {
        m_busy->setBusy(false);
        m_loaded = true;
        const QString before = current() ? current()->name : QString();
        m_prompts = std::move(list);
        m_model->clear();
        int row = 0;
        for (const McpPrompt &prompt : m_prompts) {
            auto *item = new QStandardItem(prompt.title.isEmpty() ? prompt.name : prompt.title);
            item->setData(QString(prompt.name + QLatin1Char(' ') + item->text() + QLatin1Char(' ') + prompt.description), Qt::UserRole + 1);
            item->setData(row++, Qt::UserRole + 2);
            item->setData(format::oneLine(prompt.description, 300), rowrole::Detail);
            item->setData(prompt.arguments.empty() ? QString() : format::count(qint64(prompt.arguments.size()), tr("argument"), tr("arguments")), rowrole::Trailing);
            item->setData(QStringLiteral("prompt"), rowrole::Icon);
            item->setData(true, rowrole::Strong);
            m_model->appendRow(item);
            if (prompt.name == before)
                m_list->setCurrentIndex(item->index());
        }
        if (m_prompts.empty()) {
            m_empty->setSentence(tr("This server has no prompts."));
            m_empty->setAction(QString());
        } else if (!m_list->currentIndex().isValid()) {
            m_list->setCurrentIndex(m_model->index(0, 0));
        }
        m_pages->setCurrentIndex(m_prompts.empty() ? 0 : 1);
        Q_EMIT countChanged(int(m_prompts.size()));
    }, [this](const Error &error) {
        m_busy->setBusy(false);
        if (error.kind != ErrorKind::Cancelled)
            say(int(Severity::Error), error.message);
    });
}

const McpPrompt *McpPromptsPage::current() const
{
    const QModelIndex index = m_list->currentIndex();
    const size_t row = index.isValid() ? size_t(index.data(Qt::UserRole + 2).toInt()) : m_prompts.size();
    return row < m_prompts.size() ? &m_prompts[row] : nullptr;
}

void McpPromptsPage::showCurrent()
{
    const McpPrompt *prompt = current();
    ++m_got;
    m_getting.cancel();
    m_busy->setBusy(false);
    m_message->hide();
    m_detail->setVisible(prompt != nullptr);
    if (!prompt)
        return;
    m_title->setText(prompt->name.left(120));
    m_about->setText(prompt->description.left(2000));
    m_about->setVisible(!prompt->description.isEmpty());
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
    m_getting.cancel();
    m_getting = CancelSource();
    m_busy->setBusy(true);
    const int number = ++m_got;
    runTask(this, mcp::getPrompt(&m_session->mcp(), m_name, m_body, prompt->name, arguments, m_getting.token()),
            [this, number, use, freeOnes](const std::vector<McpPromptMessage> &messages) {
        if (number != m_got || !current())
            return;
        m_busy->setBusy(false);
        m_message->hide();
        const PromptSpec spec = mcp::promptFrom(*current(), messages, freeOnes);
        QString text = spec.text;
        for (const PromptMessage &turn : spec.messages)
            text += QStringLiteral("\n\n--- %1 ---\n%2").arg(turn.role, turn.text);
        m_text->setText(text.left(mcp::longestAttachment));
        m_text->show();
        if (use)
            make(messages, freeOnes);
    }, [this, number](const Error &error) {
        if (number != m_got)
            return;
        m_busy->setBusy(false);
        if (error.kind != ErrorKind::Cancelled)
            say(int(Severity::Error), error.message);
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
            return say(int(Severity::Error), done.error().message);
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
    }, [this](const Error &error) { say(int(Severity::Error), error.message); });
}

} // namespace lathe
