// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runtime/AgentRunner.h"
#include "core/trace/Trace.h"
#include "core/trace/TraceCompare.h"
#include "tests/support/Await.h"
#include "tests/support/FakeClock.h"

#include <QTest>

namespace lathe::test {

// One scripted answer of a model: text, tool calls, or an error.
struct Reply {
    QString text;
    std::vector<MessagePart> calls;
    std::optional<Error> error;
    bool hangs = false; // never answers; ends only when cancelled
    static Reply say(const char *text) { return Reply{QString::fromUtf8(text), {}, {}, false}; }
    static Reply call(const char *name, const char *arguments) { return calls_({{name, arguments}}); }
    static Reply calls_(std::vector<std::pair<const char *, const char *>> list)
    {
        Reply reply;
        for (size_t i = 0; i < list.size(); ++i)
            reply.calls.push_back(MessagePart::toolCall(QStringLiteral("call_%1").arg(i + 1), QString::fromUtf8(list[i].first),
                                                        QString::fromUtf8(list[i].second)));
        return reply;
    }
    static Reply fail(ErrorKind kind, const char *message)
    {
        Reply reply;
        reply.error = Error(kind, QString::fromUtf8(message));
        return reply;
    }
    static Reply hang()
    {
        Reply reply;
        reply.hangs = true;
        return reply;
    }
};

// The answer as a provider gives it.
inline ChatResponse responseOf(const Reply &reply, const ChatRequest &request)
{
    ChatResponse response;
    response.message.role = Role::Assistant;
    if (!reply.text.isEmpty())
        response.message.parts.push_back(MessagePart::fromText(reply.text));
    for (const MessagePart &call : reply.calls)
        response.message.parts.push_back(call);
    response.finishReason = reply.calls.empty() ? FinishReason::Stop : FinishReason::ToolCalls;
    response.usage.inputTokens = 10;
    response.usage.outputTokens = 5;
    response.model = request.model;
    return response;
}

inline void tell(const ChatSinks &sinks, const QString &text)
{
    ChatDelta delta;
    delta.text = text;
    sinks.delta(delta);
}

// A model that says what it was told to, in order, and keeps what it was asked.
class ScriptedModel : public ChatModel
{
public:
    explicit ScriptedModel(std::vector<Reply> script) : replies(std::move(script)) {}
    Task<Result<ChatResponse>> chat(ChatRequest request, ChatSinks sinks, CancelToken cancel) override
    {
        requests.push_back(request);
        if (next >= replies.size())
            co_return Error(ErrorKind::Internal, QStringLiteral("The script has no reply %1.").arg(next + 1));
        const Reply reply = replies[next++];
        if (reply.hangs) {
            co_await untilCancelled(cancel);
            co_return Error::cancelled();
        }
        if (reply.error)
            co_return *reply.error;
        for (qsizetype at = 0; at < reply.text.size(); at += 5)
            tell(sinks, reply.text.mid(at, 5));
        ChatResponse response = responseOf(reply, request);
        co_return response;
    }
    QString providerName() const override { return QStringLiteral("scripted"); }
    Task<Result<QStringList>> listModels(CancelToken) override { co_return QStringList(); }
    std::vector<Reply> replies;
    size_t next = 0;
    std::vector<ChatRequest> requests;
};

// A tool that answers "NAME(arguments)" and counts.
class EchoTool : public Tool
{
public:
    explicit EchoTool(QString toolName, SideEffect effect = SideEffect::Read) : m_name(std::move(toolName)), m_effect(effect) {}
    QString name() const override { return m_name; }
    QString description() const override { return designed + live; }
    qsizetype designedDescription() const override { return live.isEmpty() ? -1 : designed.size(); }
    QJsonObject schema() const override
    {
        return json::parseObject(R"({"type":"object","properties":{"q":{"type":"string"}},"required":["q"],"additionalProperties":false})")
            .valueOr(QJsonObject());
    }
    SideEffect sideEffect(const QJsonObject &) const override { return m_effect; }
    bool idempotent(const QJsonObject &) const override { return m_effect == SideEffect::Read; }
    Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) override
    {
        ++calls;
        if (hangs) {
            co_await untilCancelled(cancel);
            co_return Error::cancelled();
        }
        ToolOutcome outcome;
        outcome.text = m_name + json::compactString(arguments);
        co_return outcome;
    }
    int calls = 0;
    bool hangs = false;
    QString designed = QStringLiteral("Echoes its arguments."), live; // of the description; before the first use

private:
    QString m_name;
    SideEffect m_effect;
};

// A person with prepared answers.
class ScriptedHuman : public HumanDesk
{
public:
    Task<Result<HumanAnswer>> ask(HumanQuestion question, CancelToken) override
    {
        asked.push_back(question);
        if (next >= answers.size())
            co_return Error(ErrorKind::Denied, QStringLiteral("Nobody is there."));
        co_return answers[next++];
    }
    std::vector<HumanAnswer> answers;
    size_t next = 0;
    std::vector<HumanQuestion> asked;
};

// One agent run with everything scripted; run() may be called again with another journal.
struct Bench {
    AgentSpec spec;
    PromptSpec prompt;
    std::vector<std::shared_ptr<ScriptedModel>> models;
    std::vector<std::pair<std::shared_ptr<Tool>, ToolSpec>> tools;
    ScriptedHuman human;
    bool attended = false;
    FakeClock clock;
    QString input = QStringLiteral("What is up?");
    QJsonObject variables;

    Bench()
    {
        prompt.text = QStringLiteral("Be brief.");
        spec.pattern = QStringLiteral("direct");
    }
    void script(std::vector<Reply> replies) { models.push_back(std::make_shared<ScriptedModel>(std::move(replies))); }
    std::shared_ptr<EchoTool> tool(const char *name, Approval approval = Approval::Always, SideEffect effect = SideEffect::Read)
    {
        auto made = std::make_shared<EchoTool>(QString::fromUtf8(name), effect);
        ToolSpec toolSpec;
        toolSpec.approval = approval;
        tools.emplace_back(made, toolSpec);
        return made;
    }
    std::shared_ptr<PreparedAgent> prepare() const
    {
        auto agent = std::make_shared<PreparedAgent>();
        agent->name = QStringLiteral("tester");
        agent->spec = spec;
        agent->prompt = prompt;
        for (size_t i = 0; i < models.size(); ++i) {
            ModelBinding binding;
            binding.choice = ModelChoice{QStringLiteral("conn%1").arg(i + 1), QStringLiteral("m%1").arg(i + 1)};
            binding.provider = QStringLiteral("scripted");
            const std::shared_ptr<ChatModel> model = models[i];
            binding.make = [model]() -> Result<std::shared_ptr<ChatModel>> { return model; };
            agent->models.push_back(binding);
        }
        for (const auto &[made, toolSpec] : tools)
            agent->tools.push_back(std::make_shared<ToolGate>(made, toolSpec, ToolAttachment()));
        return agent;
    }
    RunOptions options(Journal *journal, Trace *trace, RunMode mode)
    {
        RunOptions made;
        made.mode = mode;
        made.limits = spec.limits;
        made.journal = journal;
        made.clock = &clock;
        made.human = attended ? &human : nullptr;
        made.sink = [trace](const RunEvent &event) { trace->apply(event); };
        made.startUs = 1'790'000'000'000'000;
        return made;
    }
};

// The story of a trace, a line a step: indent, name, status, and what matters.
inline QString story(const Trace &trace)
{
    QString text;
    std::vector<const Step *> steps;
    for (const Step &step : trace.steps())
        steps.push_back(&step);
    std::sort(steps.begin(), steps.end(), [](const Step *a, const Step *b) { return stepPathLess(a->path, b->path); });
    for (const Step *step : steps) {
        text += QString(step->path.count(QLatin1Char('.')), QLatin1Char(' ')) + step->name + QLatin1Char(' ') + stepStatusName(step->status);
        for (const StepNote &note : step->notes)
            text += QStringLiteral(" !") + note.name;
        if (step->kind == StepKind::Tool || step->kind == StepKind::Model)
            text += step->text.isEmpty() ? QString() : QStringLiteral(" | ") + step->text.left(60).simplified();
        text += QLatin1Char('\n');
    }
    return text.trimmed();
}

} // namespace lathe::test
