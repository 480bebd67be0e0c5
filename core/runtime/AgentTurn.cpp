// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/AgentTurn.h"

#include "core/tool/SchemaCheck.h"

#include <algorithm>

namespace lathe {

AgentTurn::AgentTurn(RunContext *context, std::shared_ptr<const PreparedAgent> agent, QString step, QString systemText,
                     QString input)
    : m_context(context), m_agent(std::move(agent)), m_step(std::move(step)), m_systemText(std::move(systemText)),
      m_input(std::move(input)), m_ownText(m_systemText)
{
}

void AgentTurn::setPrompt(QString ownText, std::vector<Message> examples, QJsonObject values)
{
    m_ownText = std::move(ownText);
    m_examples = std::move(examples);
    m_values = std::move(values);
}

std::vector<Message> AgentTurn::opening(const QString &userText) const
{
    std::vector<Message> messages;
    if (!m_systemText.isEmpty())
        messages.push_back(Message(Role::System, m_systemText));
    messages.insert(messages.end(), m_history.begin(), m_history.end());
    messages.push_back(Message(Role::User, userText));
    return messages;
}

ChatRequest AgentTurn::request(std::vector<Message> messages, bool withTools) const
{
    ChatRequest request;
    request.messages = std::move(messages);
    request.temperature = m_agent->spec.temperature;
    request.maxTokens = m_agent->spec.maxTokens;
    request.topP = m_agent->topP;
    request.seed = m_agent->seed;
    if (withTools)
        request.tools = offeredTools();
    for (const auto &gate : m_agent->tools) { // also within messages, where tools stand as text
        if (const qsizetype designed = gate->tool().designedDescription(); designed >= 0)
            request.live.push_back({gate->tool().description(), designed});
    }
    return request;
}

const std::vector<ToolDescription> &AgentTurn::offeredTools() const
{
    if (m_offered)
        return *m_offered;
    m_offered.emplace();
    for (const auto &gate : m_agent->tools) {
        if (gate->approval() == Approval::Never)
            continue;
        const ToolInterface &shown = gate->interface();
        m_offered->push_back({gate->tool().name(), shown.description, shown.schema, shown.schemaText});
    }
    return *m_offered;
}

void AgentTurn::wantOutput(ChatRequest &request) const
{
    if (m_agent->prompt.outputFormat != QLatin1String("json_schema") || m_agent->prompt.outputSchema.isEmpty())
        return;
    request.outputSchema = m_agent->prompt.outputSchema;
    request.outputName = QStringLiteral("answer");
}

std::shared_ptr<CallHiding> AgentTurn::hiding() const
{
    const auto &gates = m_agent->tools;
    if (std::none_of(gates.begin(), gates.end(), [](const auto &gate) { return gate->hidesArguments(); }))
        return nullptr;
    auto hiding = std::make_shared<CallHiding>();
    hiding->hide = [agent = m_agent](const QString &tool, const QString &argumentsText) {
        const ToolGate *gate = agent->findTool(tool);
        return gate ? gate->shownText(argumentsText) : argumentsText;
    };
    return hiding;
}

Task<Result<ChatResponse>> AgentTurn::chat(QString parent, ChatRequest request) const
{
    m_hidden.clear();
    std::vector<ModelBinding> models = m_agent->models;
    if (!m_context->forks().empty()) {
        const auto applied = applyForks(parent, &request, &models);
        if (!applied)
            co_return applied.error();
    }
    const auto hides = hiding();
    auto response = co_await m_context->chat(std::move(parent), std::move(models), std::move(request), hides);
    if (!response)
        co_return response;
    m_said = response->message.text();
    if (hides) {
        const std::vector<MessagePart> calls = response->message.toolCalls();
        for (size_t i = 0; i < std::min(calls.size(), hides->real.size()); ++i)
            m_hidden.emplace_back(calls[i], hides->real[i]);
    }
    co_return response;
}

MessagePart AgentTurn::realCall(const MessagePart &call) const
{
    for (auto hidden = m_hidden.begin(); hidden != m_hidden.end(); ++hidden) {
        if (hidden->first == call) {
            const MessagePart real = hidden->second;
            m_hidden.erase(hidden); // of equal ones each once, in their order
            return real;
        }
    }
    return call;
}

Task<Result<std::vector<Message>>> AgentTurn::callTools(QString parent, std::vector<MessagePart> calls) const
{
    const QString hint = m_agent->tools.empty() ? QStringLiteral("This agent has no tools.")
                                                : QStringLiteral("The tools are: %1.").arg(toolNames());
    const QString reason = m_said.trimmed().left(2000);
    std::vector<Task<Result<ToolOutcome>>> tasks;
    tasks.reserve(calls.size());
    for (const MessagePart &call : calls) // all begin here, in order, so that their steps get the same numbers on replay
        tasks.push_back(m_context->callTool(parent, m_agent->findTool(call.name), realCall(call), hint, reason));
    auto outcomes = co_await whenAll(std::move(tasks));
    std::vector<Message> messages;
    for (size_t i = 0; i < calls.size(); ++i) {
        if (!outcomes[i])
            co_return outcomes[i].error();
        const ToolGate *gate = m_agent->findTool(calls[i].name);
        Message message;
        message.role = Role::Tool;
        message.parts.push_back(MessagePart::toolResult(calls[i].id, calls[i].name, gate ? gate->presented(*outcomes[i]) : outcomes[i]->text,
                                                        outcomes[i]->isError));
        messages.push_back(std::move(message));
    }
    co_return messages;
}

Task<Result<QString>> AgentTurn::toolLoop(QString parent, std::vector<Message> *messages, bool finalAnswer) const
{
    for (;;) {
        ChatRequest ask = request(*messages, true);
        if (finalAnswer && ask.tools.empty())
            wantOutput(ask);
        auto response = co_await chat(parent, std::move(ask));
        if (!response)
            co_return response.error();
        messages->push_back(response->message);
        const std::vector<MessagePart> calls = response->message.toolCalls();
        if (calls.empty())
            co_return response->message.text();
        auto results = co_await callTools(parent, calls);
        if (!results)
            co_return results.error();
        for (Message &result : *results)
            messages->push_back(std::move(result));
    }
}

Task<Result<QString>> AgentTurn::accept(QString parent, std::vector<Message> messages, QString answer) const
{
    const PromptSpec &prompt = m_agent->prompt;
    if (prompt.outputFormat != QLatin1String("json_schema"))
        co_return answer;
    for (int attempt = 0;; ++attempt) {
        QString problem;
        const auto value = findJson(answer);
        if (!value) {
            problem = answer.trimmed().isEmpty() ? QStringLiteral("The answer is empty.")
                                                 : QStringLiteral("The answer is not JSON.");
        } else if (!prompt.outputSchema.isEmpty()) {
            const auto violations = checkSchema(prompt.outputSchema, *value);
            if (!violations)
                co_return violations.error();
            problem = violationsText(*violations);
        }
        if (problem.isEmpty())
            co_return QString::fromUtf8(json::pretty(*value)).trimmed();
        m_context->note(parent, QStringLiteral("output_invalid"),
                        QJsonObject{{QStringLiteral("problem"), problem}, {QStringLiteral("attempt"), attempt + 1}});
        if (attempt >= prompt.retryAttempts) {
            co_return Error(ErrorKind::Protocol,
                            QStringLiteral("The model's answer does not follow the prompt's output format after %1 attempt(s): %2")
                                .arg(attempt + 1)
                                .arg(problem.left(300)),
                            answer.left(2000));
        }
        if (messages.empty() || messages.back().role != Role::Assistant)
            messages.push_back(Message(Role::Assistant, answer));
        messages.push_back(Message(Role::User, promptText(QStringLiteral("patterns/mend_output"),
                                                          QJsonObject{{QStringLiteral("problem"), problem}})));
        ChatRequest ask = request(messages, false);
        wantOutput(ask);
        auto response = co_await chat(parent, std::move(ask));
        if (!response)
            co_return response.error();
        messages.push_back(response->message);
        answer = response->message.text();
    }
}

QString AgentTurn::toolList() const
{
    QStringList lines;
    for (const auto &gate : m_agent->tools) {
        if (gate->approval() == Approval::Never)
            continue;
        lines.append(QStringLiteral("- %1: %2 Arguments (JSON Schema): %3")
                         .arg(gate->tool().name(), gate->tool().description(), QString::fromUtf8(gate->interface().schemaText)));
    }
    return lines.join(QLatin1Char('\n'));
}

QString AgentTurn::toolNames() const
{
    QStringList names;
    for (const auto &gate : m_agent->tools)
        names.append(gate->tool().name());
    return names.join(QStringLiteral(", "));
}

std::optional<QJsonValue> findJson(const QString &text)
{
    const QByteArray bytes = text.trimmed().toUtf8();
    if (auto whole = json::parse(bytes))
        return *whole;
    const qsizetype fence = bytes.indexOf("```");
    if (fence >= 0) {
        const qsizetype line = bytes.indexOf('\n', fence);
        const qsizetype end = line < 0 ? -1 : bytes.indexOf("```", line);
        if (end > 0) {
            if (auto fenced = json::parse(QByteArrayView(bytes).sliced(line, end - line).trimmed()))
                return *fenced;
        }
    }
    // the first balanced object or array, strings respected
    for (qsizetype start = 0; start < bytes.size(); ++start) {
        if (bytes[start] != '{' && bytes[start] != '[')
            continue;
        int depth = 0;
        bool inString = false;
        for (qsizetype i = start; i < bytes.size(); ++i) {
            const char c = bytes[i];
            if (inString) {
                if (c == '\\')
                    ++i;
                else if (c == '"')
                    inString = false;
            } else if (c == '"') {
                inString = true;
            } else if (c == '{' || c == '[') {
                ++depth;
            } else if ((c == '}' || c == ']') && --depth == 0) {
                if (auto part = json::parse(QByteArrayView(bytes).sliced(start, i - start + 1)))
                    return *part;
                break;
            }
        }
        if (depth > 0)
            break; // never balances: a later start cannot be cheaper than it is worth
    }
    return std::nullopt;
}

} // namespace lathe
