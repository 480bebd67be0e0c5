// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/StepDetail.h"

#include "core/base/Json.h"
#include "core/prompt/TextDiff.h"
#include "core/session/WireRequest.h"
#include "core/trace/StepWords.h"
#include "ui/itemmodels/Format.h"
#include "ui/runs/ArgumentsView.h"
#include "ui/runs/JsonBox.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/runs/MessageImage.h"
#include "ui/runs/MessageView.h"
#include "ui/runs/StepHeader.h"
#include "ui/runs/TextBlock.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/WordDiffHtml.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
constexpr qsizetype largeRequest = 2'000'000; // bytes that are not read as messages without being asked
constexpr qsizetype openCharacters = 20'000;  // of messages opened at first, counted from the newest
constexpr int openMessages = 8;
constexpr int mostDiffText = 6000; // characters of an argument that are compared
constexpr qsizetype mostChanged = 20; // arguments
}

void StepDetail::clearContent()
{
    m_live = nullptr;
    m_liveOutput = nullptr;
    m_notes = nullptr;
    m_noteCount = 0;
    m_content = new QWidget; // the scroll area deletes the one before
    m_layout = new QVBoxLayout(m_content);
    m_layout->setContentsMargins(metrics::GapLarge, metrics::Gap, metrics::GapLarge, metrics::GapLarge);
    m_layout->setSpacing(metrics::Gap);
    m_scroll->setWidget(m_content);
}

void StepDetail::buildTab()
{
    m_built = Tab(m_tabs->currentIndex());
    if (m_built == Tab::Request || m_built == Tab::Response) {
        const StoredEntry *of = entry(m_path);
        const bool unknownThen = m_pastUs > 0 && m_built == Tab::Response && !stepstyle::isOver(m_step.status);
        if (!of || unknownThen)
            m_json->setValue(QJsonValue(tr("Nothing is recorded for this step yet.")));
        else if (m_built == Tab::Request)
            m_json->setJson(of->request);
        else
            m_json->setValue(QJsonValue(of->outcome));
        m_stack->setCurrentWidget(m_json);
        return;
    }
    if (m_built == Tab::Sent) {
        buildSent();
        return;
    }
    clearContent();
    m_stack->setCurrentWidget(m_scroll);
    if (m_built == Tab::Details) {
        buildDetails(m_step);
    } else {
        // What went wrong on the way stands first.
        auto *host = new QWidget(m_content);
        m_notes = new QVBoxLayout(host);
        m_notes->setContentsMargins(0, 0, 0, 0);
        m_notes->setSpacing(metrics::GapSmall);
        host->hide();
        m_layout->addWidget(host);
        addNotes(m_step, 0);
        if (m_step.kind == StepKind::Model)
            buildModel(m_step);
        else if (m_step.kind == StepKind::Tool)
            buildTool(m_step);
        else
            buildContainer(m_step);
    }
    m_layout->addStretch(1);
}

// The request as the provider got it, from the recording; nothing is sent.
void StepDetail::buildSent()
{
    m_action.cancel();
    m_action = CancelSource();
    const CancelToken token = m_action.token();
    m_json->setValue(QJsonValue(tr("Reading ...")));
    m_stack->setCurrentWidget(m_json);
    runTask(
        this, m_session->wireRequest(m_run, m_path, token),
        [this, token](const WireRequest &wire) {
            if (token.isCancelled() || m_built != Tab::Sent)
                return;
            if (wire.url.isEmpty()) {
                m_json->setValue(QJsonValue(tr("The offline model answered: nothing was sent.")));
                return;
            }
            QJsonObject headers;
            for (const auto &[name, value] : wire.headers)
                headers.insert(QString::fromLatin1(name), QString::fromUtf8(value));
            const auto body = json::parse(wire.body);
            m_json->setValue(QJsonObject{{QStringLiteral("request"), QString::fromLatin1(wire.method) + QLatin1Char(' ') + wire.url},
                                         {QStringLiteral("headers"), headers},
                                         {QStringLiteral("body"), body ? *body : QJsonValue(json::fromUtf8Lossy(wire.body))}});
        },
        [this, token](const Error &error) {
            if (!token.isCancelled() && m_built == Tab::Sent)
                m_json->setValue(QJsonValue(error.message));
        });
}

void StepDetail::addNotes(const Step &step, size_t from)
{
    for (size_t i = from; i < step.notes.size() && i < 60; ++i) {
        if (const auto note = stepstyle::note(step.notes[i]); !note.text.isEmpty())
            m_notes->addWidget(new NoteLine(m_theme, note, m_notes->parentWidget()));
    }
    m_noteCount = step.notes.size();
    m_notes->parentWidget()->setVisible(m_notes->count() > 0);
}

void StepDetail::addHeading(const QString &text, const QString &detail)
{
    auto *row = new QHBoxLayout;
    row->setSpacing(metrics::Gap);
    row->setContentsMargins(0, metrics::Gap, 0, 0);
    row->addWidget(new Label(m_theme, text, Label::Style::Strong, m_content));
    row->addWidget(new Label(m_theme, detail, Label::Style::Caption, m_content), 1);
    m_layout->addLayout(row);
}

void StepDetail::addPayload(const QString &text)
{
    if (MessageImage::isImage(text)) {
        m_layout->addWidget(new MessageImage(m_theme, text, QString(), m_content));
        return;
    }
    if (!JsonBox::looksLikeJson(text)) {
        auto *block = new TextBlock(m_theme, TextBlock::Look::Code, m_content);
        block->setToolText(text);
        m_layout->addWidget(block);
        return;
    }
    auto *box = new JsonBox(m_theme, 30, m_content);
    m_layout->addWidget(box);
    // What only begins like JSON is shown as the text it is.
    connect(box, &JsonBox::unreadable, this, [this, box, text] {
        auto *block = new TextBlock(m_theme, TextBlock::Look::Code, m_content);
        block->setToolText(text);
        delete m_layout->replaceWidget(box, block); // the item that held the box
        box->deleteLater();
    });
    box->showText(text);
}

bool StepDetail::buildForeign(const Step &step)
{
    const QJsonObject &a = step.attributes;
    QJsonArray messages;
    const QJsonArray instructions = a.value(QLatin1String("gen_ai.system_instructions")).toArray();
    if (!instructions.isEmpty())
        messages.append(QJsonObject{{QStringLiteral("role"), QStringLiteral("system")}, {QStringLiteral("parts"), instructions}});
    const QJsonArray input = a.value(QLatin1String("gen_ai.input.messages")).toArray();
    for (const QJsonValue &message : input)
        messages.append(message);
    const QJsonArray output = a.value(QLatin1String("gen_ai.output.messages")).toArray();
    QJsonObject answer = output.at(0).toObject();
    if (answer.isEmpty() && !step.text.isEmpty())
        answer = QJsonObject{{QStringLiteral("role"), QStringLiteral("assistant")},
                             {QStringLiteral("parts"), QJsonArray{QJsonObject{{QStringLiteral("type"), QStringLiteral("text")},
                                                                              {QStringLiteral("content"), step.text}}}}};
    if (messages.isEmpty() && answer.isEmpty())
        return false;
    QJsonObject response{{QStringLiteral("message"), answer}};
    if (const QString reason = answer.value(QLatin1String("finish_reason")).toString(); !reason.isEmpty())
        response.insert(QStringLiteral("finish_reason"), reason);
    QJsonArray tools = a.value(QLatin1String("gen_ai.tool.definitions")).toArray();
    buildConversation({{QStringLiteral("messages"), messages}, {QStringLiteral("tools"), tools}}, response);
    for (qsizetype i = 1; i < output.size() && i < 8; ++i) {
        addHeading(tr("Answer %1").arg(i + 1));
        m_layout->addWidget(new MessageView(m_theme, output[i].toObject(), false, m_content));
    }
    return true;
}

void StepDetail::buildModel(const Step &step)
{
    if (!stepstyle::isOver(step.status)) {
        // Travelling in a stored run: what was asked is recorded.
        if (const StoredEntry *of = m_pastUs > 0 ? entry(step.path) : nullptr; of && of->request.size() <= largeRequest)
            buildConversation(requestJson().toObject(), QJsonObject());
        m_live = new MessageView(m_theme, QStringLiteral("assistant"), m_content);
        m_live->streamReasoning(step.reasoning);
        m_live->streamText(step.text);
        m_live->streamArguments(step.toolArguments);
        m_layout->addWidget(m_live);
        return;
    }
    const StoredEntry *of = entry(step.path);
    if (!of) {
        if (buildForeign(step))
            return;
        // Stopped before an outcome: what had streamed is all there is.
        if (!step.text.isEmpty()) {
            addHeading(tr("Streamed so far"));
            addPayload(step.text);
        } else if (!step.error) {
            m_layout->addWidget(new Label(m_theme, tr("What was asked and answered was not recorded."), Label::Style::Hint, m_content));
        }
        return;
    }
    if (of->request.size() > largeRequest && !m_showLarge) {
        auto *message = new InlineMessage(
            m_theme, Severity::Info, tr("The request is %1 long.").arg(format::bytes(of->request.size())), m_content);
        message->setAction(tr("Show it"));
        connect(message, &InlineMessage::actionTriggered, this, [this] {
            m_showLarge = true;
            QMetaObject::invokeMethod(this, [this] { buildTab(); }, Qt::QueuedConnection); // this deletes the button
        });
        m_layout->addWidget(message);
        buildConversation(QJsonObject(), of->outcome.value(QLatin1String("response")).toObject());
        return;
    }
    buildConversation(requestJson().toObject(), of->outcome.value(QLatin1String("response")).toObject());
}

void StepDetail::buildConversation(const QJsonObject &request, const QJsonObject &response)
{
    std::vector<QJsonObject> messages;
    const QJsonArray asked = request.value(QLatin1String("messages")).toArray();
    for (const QJsonValue &message : asked)
        messages.push_back(message.toObject());
    const QJsonObject answer = response.value(QLatin1String("message")).toObject();
    if (!answer.isEmpty())
        messages.push_back(answer);
    // The newest are open as far as they are short; a click opens the others. The system message, the same in every call
    // and long, is only open when there is room for it.
    std::vector<bool> open(messages.size(), false);
    qsizetype characters = 0;
    int count = 0;
    for (size_t i = messages.size(); i-- > 0 && count < openMessages;) {
        characters += std::min<qsizetype>(MessageView::size(messages[i]), 6000);
        if (messages[i].value(QLatin1String("role")).toString() == QLatin1String("system") && characters > 800)
            continue;
        if (characters > openCharacters)
            break;
        open[i] = true;
        ++count;
    }
    constexpr size_t most = 200;
    const size_t from = messages.size() > most ? messages.size() - most : 0;
    if (from > 0)
        m_layout->addWidget(new Label(m_theme, tr("%1 earlier messages: see Request").arg(from), Label::Style::Hint, m_content));
    for (size_t i = from; i < messages.size(); ++i) {
        if (!answer.isEmpty() && i + 1 == messages.size() && i > 0)
            addHeading(tr("Answer"), response.value(QLatin1String("finish_reason")).toString());
        m_layout->addWidget(new MessageView(m_theme, messages[i], open[i], m_content));
    }
    const QJsonArray tools = request.value(QLatin1String("tools")).toArray();
    if (!tools.isEmpty()) {
        QStringList names;
        for (const QJsonValue &tool : tools)
            names.append(tool[QLatin1String("name")].toString());
        auto *label = new Label(m_theme, tr("Tools offered: %1").arg(format::oneLine(names.join(QStringLiteral(", ")), 400)),
                                Label::Style::Caption, m_content);
        label->setWordWrap(true);
        m_layout->addWidget(label);
    }
}

void StepDetail::buildTool(const Step &step)
{
    const StoredEntry *of = stepstyle::isOver(step.status) ? entry(step.path) : nullptr;
    addHeading(tr("Arguments"));
    // What was executed: a person may have edited what the model asked.
    const QJsonValue executed = of && of->request.size() < largeRequest ? requestJson()[QLatin1String("arguments")] : QJsonValue();
    auto *arguments = new ArgumentsView(m_theme, m_content);
    arguments->setObjectName(QStringLiteral("tool-arguments"));
    if (executed.isObject()) {
        arguments->show(executed.toObject());
    } else {
        arguments->show(callArguments(step));
    }
    m_layout->addWidget(arguments);
    if (!stepstyle::isOver(step.status)) {
        addHeading(tr("Output so far"), step.text.isEmpty() ? tr("nothing yet") : QString());
        m_liveOutput = new TextBlock(m_theme, TextBlock::Look::Code, m_content);
        m_liveOutput->stream(step.text);
        m_layout->addWidget(m_liveOutput);
        return;
    }
    addHeading(step.status == StepStatus::Failed ? tr("Result (error)") : tr("Result"),
               step.attributes.value(QLatin1String("lathe.truncated")).toBool() ? tr("cut at the tool's limit") : QString());
    if (const auto note = stepstyle::strangersNote(step); !note.text.isEmpty()) {
        auto *line = new NoteLine(m_theme, note, m_content);
        line->setObjectName(QStringLiteral("untrusted-result"));
        m_layout->addWidget(line);
    }
    if (step.text.isEmpty())
        m_layout->addWidget(new Label(m_theme, tr("(nothing)"), Label::Style::Hint, m_content));
    else
        addPayload(step.text);
}

// What was decided in words, and what a person changed of the call, word by word.
void StepDetail::addDecision(const Step &step, const StoredEntry &of)
{
    const QString words = approvalWords(step);
    if (words.isEmpty())
        return;
    const bool approved = step.attributes.value(QLatin1String("approved")).toBool();
    auto *line = new NoteLine(m_theme, {words.left(1).toUpper() + words.mid(1), approved ? ColorToken::Human : ColorToken::Error, QStringLiteral("human")}, m_content);
    line->setObjectName(QStringLiteral("approval-words"));
    line->setAccessibleName(words);
    m_layout->addWidget(line);
    const QJsonValue edited = of.outcome.value(QLatin1String("answer"))[QLatin1String("arguments")];
    if (!edited.isObject() || of.request.size() > largeRequest)
        return;
    const QJsonObject asked = requestJson()[QLatin1String("arguments")].toObject(), called = edited.toObject();
    QStringList names = asked.keys();
    for (const QString &name : called.keys()) {
        if (!names.contains(name))
            names.append(name);
    }
    const auto same = [&](const QString &name) { return asked.value(name) == called.value(name); };
    names.erase(std::remove_if(names.begin(), names.end(), same), names.end());
    addHeading(tr("What was changed"), names.isEmpty() ? tr("nothing") : QString());
    const auto text = [](const QJsonValue &value) {
        return (value.isUndefined() ? QString() : value.isString() ? value.toString() : json::compactString(value)).left(mostDiffText);
    };
    for (const QString &name : names.mid(0, mostChanged)) {
        m_layout->addWidget(new Label(m_theme, format::oneLine(name, 100), Label::Style::Caption, m_content));
        auto *label = new Label(m_theme, QString(), Label::Style::Code, m_content);
        label->setObjectName(QStringLiteral("changed-") + name);
        label->setTextFormat(Qt::RichText);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->setText(wordDiffHtml(diffWords(text(asked.value(name)), text(called.value(name))), m_theme->tokens()));
        m_layout->addWidget(label);
    }
    if (names.size() > mostChanged)
        m_layout->addWidget(new Label(m_theme, tr("%1 more: see Response").arg(names.size() - mostChanged), Label::Style::Hint, m_content));
}

void StepDetail::buildContainer(const Step &step)
{
    if (step.kind == StepKind::Human) {
        const StoredEntry *of = entry(step.path);
        if (of && of->done)
            addDecision(step, *of);
        if (of) {
            addHeading(tr("Asked"));
            addPayload(QString::fromUtf8(of->request));
            if (of->done) {
                addHeading(tr("Answer"));
                addPayload(json::compactString(of->outcome.value(QLatin1String("answer"))));
            }
            return;
        }
    }
    const QString pattern = step.attributes.value(QLatin1String("lathe.pattern")).toString();
    if (!pattern.isEmpty()) {
        QString title = pattern;
        QString about;
        for (const AgentSpec::PatternInfo &info : AgentSpec::patterns()) {
            if (info.id == pattern) {
                title = info.title;
                about = info.about;
            }
        }
        addHeading(tr("Reasoning pattern"), title);
        auto *label = new Label(m_theme, about, Label::Style::Secondary, m_content);
        label->setWordWrap(true);
        m_layout->addWidget(label);
    }
    // What went in and came out of a step recorded elsewhere.
    const auto value = [&step](const char *key) {
        const QJsonValue of = step.attributes.value(QLatin1String(key));
        return of.isString() ? of.toString() : of.isUndefined() || of.isNull() ? QString() : json::compactString(of);
    };
    QString input = value("lathe.input");
    QString output = value("lathe.output");
    // A team's own step: what the run was given and what it gave.
    if (input.isEmpty() && output.isEmpty() && step.parent.isEmpty() && step.kind == StepKind::Agent && pattern.isEmpty()) {
        if (const auto info = m_session->project().runs().run(m_run)) {
            input = info->input;
            output = stepstyle::isOver(step.status) ? info->output : QString();
        }
    }
    if (!input.isEmpty()) {
        addHeading(tr("Input"));
        addPayload(input);
    }
    if (!output.isEmpty() && output != step.text) {
        addHeading(tr("Output"));
        addPayload(output);
    }
    if (const QJsonArray documents = step.attributes.value(QLatin1String("gen_ai.retrieval.documents")).toArray(); !documents.isEmpty()) {
        addHeading(tr("Found"), format::count(documents.size(), tr("document"), tr("documents")));
        auto *box = new JsonBox(m_theme, 24, m_content);
        box->show(documents);
        m_layout->addWidget(box);
    }
    if (!m_systemText.isEmpty()) {
        addHeading(tr("Instructions as the model got them"));
        auto *block = new TextBlock(m_theme, TextBlock::Look::Markdown, m_content);
        block->setText(m_systemText);
        m_layout->addWidget(block);
    }
    if (!step.text.isEmpty()) {
        addHeading(tr("Text"));
        auto *block = new TextBlock(m_theme, TextBlock::Look::Markdown, m_content);
        block->setText(step.text);
        m_layout->addWidget(block);
    }
    if (pattern.isEmpty() && m_systemText.isEmpty() && step.text.isEmpty() && input.isEmpty() && output.isEmpty()
        && !step.attributes.isEmpty()) {
        auto *box = new JsonBox(m_theme, 24, m_content);
        box->show(step.attributes);
        m_layout->addWidget(box);
    }
}

void StepDetail::buildDetails(const Step &step)
{
    auto *grid = new QGridLayout;
    grid->setHorizontalSpacing(metrics::GapLarge);
    grid->setVerticalSpacing(6);
    grid->setColumnStretch(1, 1);
    const auto row = [&](const QString &name, const QString &value) {
        if (value.isEmpty())
            return;
        const int at = grid->rowCount();
        grid->addWidget(new Label(m_theme, name, Label::Style::Secondary, m_content), at, 0, Qt::AlignTop);
        auto *label = new Label(m_theme, format::oneLine(value, 300), Label::Style::Body, m_content);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        grid->addWidget(label, at, 1);
    };
    const auto text = [&step](const char *key) { return step.attributes.value(QLatin1String(key)).toString(); };
    const auto count = [](qint64 value) { return value > 0 ? format::number(value) : QString(); };
    row(tr("Status"), format::statusText(step.status));
    row(tr("Started"), format::dateTime(step.startUs));
    row(tr("Ended"), format::dateTime(step.endUs));
    row(tr("Duration"), step.endUs > 0 ? format::duration(step.endUs - step.startUs) : QString());
    row(tr("First token"), step.firstDeltaUs > step.startUs ? format::duration(step.firstDeltaUs - step.startUs) : QString());
    row(tr("Model"), text("gen_ai.response.model").isEmpty() ? text("gen_ai.request.model") : text("gen_ai.response.model"));
    row(tr("Provider"), text("gen_ai.provider.name"));
    row(tr("Connection"), text("lathe.connection"));
    row(tr("Finish reason"), json::toStringList(step.attributes.value(QLatin1String("gen_ai.response.finish_reasons"))).join(QStringLiteral(", ")));
    const Usage usage = step.usage();
    row(tr("Input tokens"), count(usage.inputTokens));
    row(tr("of them cached"), count(usage.cacheReadTokens));
    row(tr("Output tokens"), count(usage.outputTokens));
    row(tr("of them reasoning"), count(usage.reasoningTokens));
    row(tr("Cost"), usage.totalTokens() > 0 ? format::cost(usage) : QString());
    row(tr("Side effect"), text("lathe.side_effect"));
    m_layout->addLayout(grid);
    if (!step.attributes.isEmpty()) {
        addHeading(tr("Attributes"));
        auto *box = new JsonBox(m_theme, 40, m_content);
        box->setObjectName(QStringLiteral("step-attributes"));
        box->show(step.attributes);
        m_layout->addWidget(box);
    }
}

} // namespace lathe
