// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OfflineModel.h"

#include "core/base/Json.h"
#include "core/base/WorkerThread.h"
#include "core/llm/OfflineJson.h"
#include "core/llm/OfflinePatterns.h"
#include "core/llm/OfflineResults.h"
#include "core/llm/OfflineText.h"
#include "core/llm/OfflineWriting.h"

namespace lathe {

namespace {

using namespace offline;

const QString modelName = QStringLiteral("extractive");

qint64 countInput(const ChatRequest &request)
{
    qint64 tokens = 0;
    for (const Message &message : request.messages) {
        for (const MessagePart &part : message.parts)
            tokens += countTokens(part.text) + countTokens(part.argumentsText)
                      + (part.type == MessagePart::Type::ToolCall ? 1 : 0);
    }
    for (const ToolDescription &tool : request.tools)
        tokens += 1 + countTokens(tool.description) + countTokens(json::compactString(tool.schema));
    if (request.outputSchema)
        tokens += countTokens(json::compactString(*request.outputSchema));
    return tokens;
}

// Whether the answer may take over 5 ms: from 16,000 characters to read, a quarter of that where a schema's fields are searched in them.
bool isLarge(const ChatRequest &request)
{
    constexpr qint64 quickCharacters = 16'000;
    qint64 characters = 0;
    for (const Message &message : request.messages) {
        for (const MessagePart &part : message.parts)
            characters += part.text.size() + part.argumentsText.size();
    }
    return characters * (request.outputSchema ? 4 : 1) > quickCharacters;
}

// Ids are unique in the conversation and the same whenever it is asked again.
int callsSoFar(const ChatRequest &request)
{
    int calls = 0;
    for (const Message &message : request.messages)
        calls += int(message.toolCalls().size());
    return calls;
}

JsonSource jsonSource(const Reading &reading)
{
    JsonSource source;
    source.instructions = reading.instructions;
    source.rubric = reading.tags.value(QStringLiteral("rubric"));
    source.text =
        reading.work == Work::PlanAnswer ? reading.tags.value(QStringLiteral("done")) : workText(reading);
    if (reading.tags.contains(
            QStringLiteral("answer"))) { // a judge's material: question and answer between tags
        source.judged = reading.tags.value(QStringLiteral("answer"));
        if (reading.tags.contains(QStringLiteral("question")))
            source.text = reading.tags.value(QStringLiteral("question"));
    }
    const Findings findings = findingsOf(reading);
    if (!findings.isEmpty())
        source.text = findings.points.join(u'\n') + u'\n' + source.text;
    return source;
}

// The final text: JSON when a schema asks for it, else prose.
QString finalText(const ChatRequest &request, const Reading &reading)
{
    std::optional<QJsonObject> schema = request.outputSchema;
    const bool mayBeJson =
        reading.work == Work::Answer || reading.work == Work::PlanAnswer || reading.work == Work::Revise;
    if (!schema && mayBeJson)
        schema = schemaInText(reading.system);
    if (schema) {
        const QJsonValue value = filledBySchema(*schema, jsonSource(reading));
        return reading.react ? json::compactString(value)
                             : QString::fromUtf8(json::pretty(value)).trimmed();
    }
    return reading.work == Work::Revise ? revisedDraft(reading) : writtenAnswer(reading);
}

// Cut at the first stop text, then at the token limit.
void applyLimits(const ChatRequest &request, QString &text, FinishReason &reason)
{
    for (const QString &stop : request.stop) {
        if (const qsizetype at = stop.isEmpty() ? -1 : text.indexOf(stop); at >= 0)
            text.truncate(at);
    }
    if (!request.maxTokens || *request.maxTokens <= 0 || countTokens(text) <= *request.maxTokens)
        return;
    qint64 tokens = 0;
    bool inWord = false;
    for (qsizetype at = 0; at < text.size(); ++at) {
        const bool word = text[at].isLetterOrNumber() || text[at].isMark() || text[at].isSurrogate();
        if ((word ? !inWord : !text[at].isSpace()) && ++tokens > *request.maxTokens) {
            text.truncate(at);
            break;
        }
        inWord = word;
    }
    reason = FinishReason::Length;
}

// Words with the space that follows: what is streamed at a time.
QStringList pieces(const QString &text)
{
    QStringList list;
    for (qsizetype at = 0; at < text.size();) {
        qsizetype end = at;
        while (end < text.size() && !text[end].isSpace())
            ++end;
        while (end < text.size() && text[end].isSpace())
            ++end;
        list.append(text.mid(at, end - at));
        at = end;
    }
    return list;
}

} // namespace

OfflineModel::OfflineModel(Clock *clock, int tokensPerSecond)
    : m_clock(clock), m_tokensPerSecond(tokensPerSecond)
{
}

ChatResponse OfflineModel::answer(const ChatRequest &request)
{
    const Reading reading = readRequest(request);
    ChatResponse response;
    response.model = modelName;
    response.message.role = Role::Assistant;
    QString text;
    const bool mayCall = reading.work == Work::Answer || reading.work == Work::PlanStep;
    const bool required = request.toolChoice == ChatRequest::ToolChoice::Required;
    std::vector<Call> calls;
    if (mayCall && request.toolChoice != ChatRequest::ToolChoice::None)
        calls = callsFor(reading, required);
    if (reading.work == Work::Plan)
        text = planFor(reading);
    else if (reading.work == Work::Replan)
        text = planLeft(reading);
    else if (reading.work == Work::Critique)
        text = critiqueOf(reading);
    else if (reading.react)
        text = reactTurn(calls, calls.empty() ? finalText(request, reading) : QString());
    else if (calls.empty())
        text = finalText(request, reading);

    if (!text.isEmpty()) {
        applyLimits(request, text, response.finishReason);
        response.message.parts.push_back(MessagePart::fromText(text));
        response.usage.outputTokens = countTokens(text);
    } else {
        int number = callsSoFar(request);
        for (const Call &call : calls) {
            const QString arguments = json::compactString(call.arguments);
            response.message.parts.push_back(
                MessagePart::toolCall(QStringLiteral("call_%1").arg(++number), call.tool, arguments));
            response.usage.outputTokens += 1 + countTokens(arguments);
        }
        response.finishReason = calls.empty() ? FinishReason::Stop : FinishReason::ToolCalls;
    }
    response.usage.inputTokens = countInput(request);
    response.id =
        QStringLiteral("offline-%1")
            .arg(QString::fromLatin1(json::sha256(json::compact(response.message.toJson())).left(12)));
    return response;
}

Task<Result<ChatResponse>> OfflineModel::chat(ChatRequest request, ChatSinks sinks, CancelToken cancel)
{
    Clock *const clock = m_clock;
    const int tokensPerSecond = clock && !request.unpaced ? m_tokensPerSecond : 0;
    if (cancel.isCancelled())
        co_return Error::cancelled();
    const QString wanted = request.model.section(u'/', -1);
    if (!wanted.isEmpty() && wanted != modelName) {
        co_return Error(ErrorKind::NotFound,
                        QStringLiteral("The offline connection has no model “%1”; its only model is “%2”.")
                            .arg(request.model.left(60), modelName));
    }
    const qint64 startUs = clock ? clock->nowUs() : 0;
    const bool streams = request.stream && sinks.delta;
    ChatResponse response;
    if (isLarge(request)) {
        if (!m_worker)
            m_worker = std::make_shared<WorkerThread>();
        const std::shared_ptr<WorkerThread> worker = m_worker;
        std::function<Result<ChatResponse>(const CancelToken &)> work =
            [large = std::make_shared<const ChatRequest>(std::move(request))](const CancelToken &) -> Result<ChatResponse> {
            return answer(*large);
        };
        auto answered = co_await runOnWorker<ChatResponse>(worker.get(), std::move(work), cancel);
        if (!answered)
            co_return answered.error();
        response = std::move(*answered);
    } else {
        response = answer(request);
    }
    if (clock)
        response.timeToFirstTokenUs = clock->nowUs() - startUs;
    if (!streams)
        co_return response;

    qint64 sentTokens = 0;
    int callIndex = -1;
    for (size_t i = 0; i < response.message.parts.size(); ++i) {
        const MessagePart part = response.message.parts[i];
        const bool call = part.type == MessagePart::Type::ToolCall;
        if (call)
            ++callIndex;
        const QStringList list = pieces(call ? part.argumentsText : part.text);
        for (int k = 0; k < list.size(); ++k) {
            if (tokensPerSecond > 0) {
                // Due times count from the start, so that rounding and slow sleeps do not add up.
                const qint64 dueMs = sentTokens * 1000 / tokensPerSecond;
                const qint64 waitMs = dueMs - (clock->nowUs() - startUs) / 1000;
                if (waitMs > 0) {
                    auto slept = co_await clock->sleep(waitMs, cancel);
                    if (!slept)
                        co_return slept.error();
                }
            }
            if (cancel.isCancelled())
                co_return Error::cancelled();
            ChatDelta delta;
            delta.channel = call ? DeltaChannel::ToolArguments : DeltaChannel::Text;
            delta.text = list[k];
            if (call) {
                delta.callIndex = callIndex;
                if (k == 0)
                    delta.callName = part.name;
            }
            sinks.delta(delta);
            sentTokens += std::max<qint64>(1, countTokens(list[k]));
        }
    }
    if (cancel.isCancelled())
        co_return Error::cancelled();
    co_return response;
}

Task<Result<std::vector<Embedding>>> OfflineModel::embed(QString, QStringList texts, CancelToken)
{
    std::vector<Embedding> vectors;
    for (const QString &text : std::as_const(texts))
        vectors.push_back(embeddings::offline(text.left(200'000)));
    co_return std::move(vectors);
}

Task<Result<QStringList>> OfflineModel::listModels(CancelToken cancel)
{
    if (cancel.isCancelled())
        co_return Error::cancelled();
    QStringList models{modelName};
    co_return models;
}

} // namespace lathe
