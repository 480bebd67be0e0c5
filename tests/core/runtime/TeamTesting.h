// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runtime/TeamRunner.h"
#include "tests/core/runtime/RuntimeTesting.h"

#include <QRandomGenerator>

namespace lathe::test {

// Decides which of the effects that are under way ends next, so that branches finish in any order a test likes.
class Turns
{
public:
    enum Order { First, Last, Random };
    explicit Turns(Order order = First, quint32 seed = 1) : m_order(order), m_random(seed) {}
    // False: cancelled while it waited.
    Task<bool> wait(CancelToken cancel)
    {
        Completion<bool> turn;
        m_waiting.push_back(turn);
        const auto registration = cancel.onCancelled([turn] { turn.complete(false); });
        const bool mine = co_await turn;
        co_return mine;
    }
    // Ends one; false when none is under way.
    bool next()
    {
        std::erase_if(m_waiting, [](const Completion<bool> &turn) { return turn.isDone(); });
        if (m_waiting.empty())
            return false;
        size_t at = 0;
        if (m_order == Last)
            at = m_waiting.size() - 1;
        else if (m_order == Random)
            at = m_random.bounded(quint32(m_waiting.size()));
        const Completion<bool> turn = m_waiting[at];
        m_waiting.erase(m_waiting.begin() + qptrdiff(at));
        turn.complete(true);
        return true;
    }
    size_t underWay()
    {
        std::erase_if(m_waiting, [](const Completion<bool> &turn) { return turn.isDone(); });
        return m_waiting.size();
    }

private:
    Order m_order;
    QRandomGenerator m_random;
    std::vector<Completion<bool>> m_waiting;
};

// A model whose answer depends on what it is asked, and comes when it is its turn.
class TeamModel : public ChatModel
{
public:
    using Say = std::function<Reply(const ChatRequest &, int call)>;
    TeamModel(Say say, Turns *turns) : m_say(std::move(say)), m_turns(turns) {}
    Task<Result<ChatResponse>> chat(ChatRequest request, ChatSinks sinks, CancelToken cancel) override
    {
        const Reply reply = m_say(request, calls++);
        requests.push_back(request);
        bool turn = false;
        if (reply.hangs) {
            co_await untilCancelled(cancel);
        } else {
            turn = co_await m_turns->wait(cancel);
        }
        if (!turn) {
            ++stopped;
            co_return Error::cancelled();
        }
        if (reply.error)
            co_return *reply.error;
        if (!reply.text.isEmpty())
            tell(sinks, reply.text);
        ChatResponse response = responseOf(reply, request);
        co_return response;
    }
    QString providerName() const override { return QStringLiteral("scripted"); }
    Task<Result<QStringList>> listModels(CancelToken) override { co_return QStringList(); }
    int calls = 0;
    int stopped = 0;
    std::vector<ChatRequest> requests;

private:
    Say m_say;
    Turns *m_turns;
};

// A tool that waits for its turn and answers by a function.
class TeamTool : public Tool
{
public:
    using Do = std::function<Result<ToolOutcome>(const QJsonObject &, int call)>;
    TeamTool(QString toolName, Do work, Turns *turns, SideEffect effect)
        : m_name(std::move(toolName)), m_do(std::move(work)), m_turns(turns), m_effect(effect)
    {
    }
    QString name() const override { return m_name; }
    QString description() const override { return QStringLiteral("A tool."); }
    QJsonObject schema() const override { return QJsonObject{{QStringLiteral("type"), QStringLiteral("object")}}; }
    SideEffect sideEffect(const QJsonObject &) const override { return m_effect; }
    bool idempotent(const QJsonObject &) const override { return m_effect == SideEffect::Read; }
    Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) override
    {
        const int number = calls++;
        if (hangs) {
            co_await untilCancelled(cancel);
            co_return Error::cancelled();
        }
        const bool turn = co_await m_turns->wait(cancel);
        if (!turn)
            co_return Error::cancelled();
        co_return m_do(arguments, number);
    }
    int calls = 0;
    bool hangs = false;

private:
    QString m_name;
    Do m_do;
    Turns *m_turns;
    SideEffect m_effect;
};

// A person who may also think for ever.
class TeamHuman : public ScriptedHuman
{
public:
    Task<Result<HumanAnswer>> ask(HumanQuestion question, CancelToken cancel) override
    {
        if (hangs) {
            co_await untilCancelled(cancel);
            co_return Error::cancelled();
        }
        auto answer = co_await ScriptedHuman::ask(std::move(question), cancel);
        co_return answer;
    }
    bool hangs = false;
};

inline QString lastText(const ChatRequest &request)
{
    return request.messages.back().text();
}

// One team with everything scripted. A fresh one for each execution; `setup` functions build it.
struct TeamBench {
    std::unique_ptr<Turns> turns = std::make_unique<Turns>();
    QJsonObject body{{QStringLiteral("job"), QStringLiteral("Test.")}};
    QJsonObject nodes, edges;
    QHash<QString, std::shared_ptr<TeamModel>> models; // by node
    QHash<QString, std::shared_ptr<PreparedAgent>> agents;
    QHash<QString, std::shared_ptr<PreparedAgent>> mergers;
    QHash<QString, std::shared_ptr<TeamTool>> tools;
    QHash<QString, Approval> approvals;
    QHash<QString, std::shared_ptr<const PreparedTeam>> teams;
    TeamHuman human;
    bool attended = false;
    FakeClock clock;
    RunInput input;
    TeamRunOptions teamOptions;
    QString name = QStringLiteral("team");

    TeamBench() { input.text = QStringLiteral("hello"); }

    static QJsonObject object(const char *text)
    {
        const auto parsed = json::parseObject(QByteArray(text));
        if (!parsed)
            qFatal("%s in %s", qPrintable(parsed.error().message), text);
        return *parsed;
    }
    // node("n2", "agent", "Writer", R"({...})"): settings; retries and fallback by onError().
    TeamBench &node(const char *id, const char *kind, const char *shown, const char *settings = "{}")
    {
        nodes.insert(QString::fromUtf8(id), QJsonObject{{QStringLiteral("kind"), QString::fromUtf8(kind)},
                                                        {QStringLiteral("name"), QString::fromUtf8(shown)},
                                                        {QStringLiteral("settings"), object(settings)}});
        return *this;
    }
    TeamBench &onError(const char *id, int retries, const char *then)
    {
        QJsonObject node = nodes.value(QString::fromUtf8(id)).toObject();
        node.insert(QStringLiteral("on_error"), QJsonObject{{QStringLiteral("retries"), retries}, {QStringLiteral("then"), QString::fromUtf8(then)}});
        nodes.insert(QString::fromUtf8(id), node);
        return *this;
    }
    // edge("n1>n2"), edge("n3.each>n4"), edge("n4>n3.collect").
    TeamBench &edge(const char *text)
    {
        const QStringList ends = QString::fromUtf8(text).split(QLatin1Char('>'));
        const auto part = [](const QString &end, const char *absent) {
            return end.contains(QLatin1Char('.')) ? end.section(QLatin1Char('.'), 1) : QString::fromUtf8(absent);
        };
        edges.insert(QStringLiteral("e%1").arg(edges.size() + 1),
                     QJsonObject{{QStringLiteral("from"), ends[0].section(QLatin1Char('.'), 0, 0)},
                                 {QStringLiteral("from_port"), part(ends[0], "out")},
                                 {QStringLiteral("to"), ends[1].section(QLatin1Char('.'), 0, 0)},
                                 {QStringLiteral("to_port"), part(ends[1], "in")}});
        return *this;
    }
    TeamBench &edges_(std::initializer_list<const char *> list)
    {
        for (const char *text : list)
            edge(text);
        return *this;
    }
    TeamBench &state(const char *key, const char *reducer, const QJsonValue &initial = QJsonValue::Null)
    {
        QJsonArray list = body.value(QStringLiteral("state")).toArray();
        list.append(QJsonObject{{QStringLiteral("name"), QString::fromUtf8(key)}, {QStringLiteral("reducer"), QString::fromUtf8(reducer)},
                                {QStringLiteral("initial"), initial}});
        body.insert(QStringLiteral("state"), list);
        return *this;
    }
    // Gives a node an agent (pattern direct) that says what the function makes of its request.
    PreparedAgent *agent(const char *id, TeamModel::Say say)
    {
        const QString node = QString::fromUtf8(id);
        auto made = prepareAgent(nodes.value(node).toObject().value(QStringLiteral("name")).toString(), node, std::move(say));
        agents.insert(node, made);
        return made.get();
    }
    PreparedAgent *agent(const char *id, std::vector<Reply> replies)
    {
        return agent(id, [replies](const ChatRequest &, int call) {
            return size_t(call) < replies.size() ? replies[size_t(call)] : Reply::fail(ErrorKind::Internal, "No reply is left.");
        });
    }
    // Answers "NAME(last message)".
    PreparedAgent *echo(const char *id)
    {
        const QString shown = nodes.value(QString::fromUtf8(id)).toObject().value(QStringLiteral("name")).toString();
        return agent(id, [shown](const ChatRequest &request, int) {
            return Reply::say(qPrintable(shown + QLatin1Char('(') + lastText(request) + QLatin1Char(')')));
        });
    }
    std::shared_ptr<PreparedAgent> prepareAgent(const QString &shown, const QString &key, TeamModel::Say say)
    {
        auto model = std::make_shared<TeamModel>(std::move(say), turns.get());
        models.insert(key, model);
        auto made = std::make_shared<PreparedAgent>();
        made->name = shown;
        made->spec.pattern = QStringLiteral("direct");
        made->spec.job = QStringLiteral("Job of %1.").arg(shown);
        made->prompt.text = QStringLiteral("You are %1.").arg(shown);
        ModelBinding binding;
        binding.choice = ModelChoice{QStringLiteral("conn"), QStringLiteral("m")};
        binding.provider = QStringLiteral("scripted");
        binding.make = [model]() -> Result<std::shared_ptr<ChatModel>> { return std::shared_ptr<ChatModel>(model); };
        made->models.push_back(binding);
        return made;
    }
    TeamTool *tool(const char *id, TeamTool::Do work, SideEffect effect = SideEffect::Read, Approval approval = Approval::Always)
    {
        auto made = std::make_shared<TeamTool>(QStringLiteral("tool_") + QString::fromUtf8(id), std::move(work), turns.get(), effect);
        tools.insert(QString::fromUtf8(id), made);
        approvals.insert(QString::fromUtf8(id), approval);
        return made.get();
    }
    static Result<ToolOutcome> gives(const QString &text)
    {
        ToolOutcome outcome;
        outcome.text = text;
        return outcome;
    }

    std::shared_ptr<PreparedTeam> prepare()
    {
        body.insert(QStringLiteral("nodes"), nodes);
        body.insert(QStringLiteral("edges"), edges);
        auto spec = TeamSpec::fromJson(body);
        if (!spec)
            qFatal("%s", qPrintable(spec.error().message));
        auto team = std::make_shared<PreparedTeam>();
        team->name = name;
        team->graph = std::make_shared<const TeamGraph>(*spec);
        for (auto it = agents.begin(); it != agents.end(); ++it)
            team->agents.insert(it.key(), it.value());
        for (auto it = mergers.begin(); it != mergers.end(); ++it)
            team->mergers.insert(it.key(), it.value());
        for (auto it = tools.begin(); it != tools.end(); ++it) {
            ToolSpec toolSpec;
            toolSpec.approval = approvals.value(it.key(), Approval::Always);
            team->tools.insert(it.key(), std::make_shared<ToolGate>(it.value(), toolSpec, ToolAttachment()));
        }
        team->teams = teams;
        return team;
    }
    int chats() const
    {
        int sum = 0;
        for (const auto &model : models)
            sum += model->calls;
        return sum;
    }
};

struct TeamOutcome {
    Result<QString> answer = Error();
    Trace trace;
    QString text() const { return answer ? *answer : errorKindName(answer.error().kind) + QStringLiteral(": ") + answer.error().message; }
};

inline RunOptions optionsOf(TeamBench &bench, Journal *journal, Trace *trace, RunMode mode)
{
    RunOptions options;
    options.mode = mode;
    options.limits = bench.prepare()->graph->spec().limits;
    options.journal = journal;
    options.clock = &bench.clock;
    options.human = bench.attended ? &bench.human : nullptr;
    options.sink = [trace](const RunEvent &event) { trace->apply(event); };
    options.startUs = 1'790'000'000'000'000;
    return options;
}

// Lets effects end until the task is done; `between` is called before each.
template<typename T>
T drive(Task<T> task, TeamBench &bench, const std::function<void()> &between = {})
{
    QElapsedTimer timer;
    timer.start();
    while (!task.isReady()) {
        if (between)
            between();
        if (task.isReady())
            break;
        if (bench.turns->underWay() > 0) {
            bench.clock.advance(1);
            bench.turns->next();
        } else { // an expression
            QTest::qWait(1);
        }
        if (timer.elapsed() > 120'000)
            qFatal("the team does not end");
    }
    return lathe::test::await(std::move(task));
}

inline TeamOutcome execute(TeamBench &bench, Journal *journal, RunMode mode, std::optional<Error> recordedEnd = {}, qint64 elapsedUs = 0)
{
    TeamOutcome outcome;
    RunOptions options = optionsOf(bench, journal, &outcome.trace, mode);
    options.recordedEnd = std::move(recordedEnd);
    options.elapsedUs = elapsedUs;
    RunContext context(std::move(options), CancelToken());
    outcome.answer = drive(runTeam(&context, bench.prepare(), bench.input, QString(), bench.teamOptions), bench);
    return outcome;
}

// A journal as it was found after `live` had written `count` entries.
inline void load(MemoryJournal *journal, const std::vector<JournalEntry> &written, size_t count, const Trace *trace = nullptr)
{
    for (size_t i = 0; i < count && i < written.size(); ++i) {
        if (written[i].done || !journal->find(written[i].step))
            journal->add(written[i]);
    }
    if (!trace)
        return;
    for (const Step &step : trace->steps())
        journal->addTimes(step.path, StepTimes{step.startUs, step.endUs});
}

} // namespace lathe::test
