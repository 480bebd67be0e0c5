// SPDX-License-Identifier: GPL-3.0-or-later
// Forks of agent runs as a property: at every step of every pattern, with every kind of change.
#include "core/runtime/AgentTurn.h"
#include "tests/core/runtime/RuntimeTesting.h"

using namespace lathe;
using namespace lathe::test;

namespace {
constexpr qint64 minuteUs = 60'000'000;

QString digest(const ChatRequest &request)
{
    return QString::fromLatin1(json::sha256(request.toCanonicalText()).left(8));
}

int toolResults(const ChatRequest &request)
{
    int count = 0;
    for (const Message &message : request.messages) {
        count += message.role == Role::Tool;
        count += message.role == Role::User && message.text().startsWith(QLatin1String("Observation:"));
    }
    return count;
}

// Says what follows from the request and nothing else, so that whatever is changed before is heard of in all that comes after.
Reply answerTo(const ChatRequest &request)
{
    const QString mark = digest(request);
    const QString last = request.messages.back().text();
    const bool react = request.stop.contains(QStringLiteral("\nObservation:"));
    if (react) {
        const QString text = toolResults(request) < 2 ? QStringLiteral("Thought: %1\nAction: look\nAction Input: {\"q\":\"%1\"}")
                                                      : QStringLiteral("Thought: enough\nFinal Answer: %1");
        return Reply::say(qPrintable(text.arg(mark)));
    }
    if (!request.tools.empty() && toolResults(request) < 3) {
        Reply reply;
        const auto call = [&](const char *id, const char *name, const QString &arguments) {
            reply.calls.push_back(MessagePart::toolCall(QString::fromLatin1(id), QString::fromLatin1(name), arguments));
        };
        call("a", "look", QStringLiteral("{\"q\":\"%1\"}").arg(mark));
        if (toolResults(request) == 0) {
            call("b", "store", QStringLiteral("{\"q\":\"b%1\"}").arg(mark));
            call("c", "nonsense", QStringLiteral("{}"));
        }
        return reply;
    }
    if (last.contains(QLatin1String("DONE")))
        return Reply::say("DONE");
    return Reply::say(qPrintable(QStringLiteral("1. %1 first\n2. %1 second").arg(mark)));
}

class EchoModel : public ChatModel
{
public:
    Task<Result<ChatResponse>> chat(ChatRequest request, ChatSinks sinks, CancelToken) override
    {
        requests.push_back(request);
        const Reply reply = answerTo(request);
        tell(sinks, reply.text);
        ChatResponse response = responseOf(reply, request);
        co_return response;
    }
    QString providerName() const override { return QStringLiteral("echo"); }
    Task<Result<QStringList>> listModels(CancelToken) override { co_return QStringList(); }
    std::vector<ChatRequest> requests;
};

// An agent whose model and tools are functions of what they are asked; the person approves each call of `store`.
struct World {
    QString pattern;
    bool attended = true;
    std::shared_ptr<EchoModel> model = std::make_shared<EchoModel>();
    std::shared_ptr<EchoTool> look = std::make_shared<EchoTool>(QStringLiteral("look"));
    std::shared_ptr<EchoTool> store = std::make_shared<EchoTool>(QStringLiteral("store"), SideEffect::Write);
    ScriptedHuman human;
    FakeClock clock;

    explicit World(QString kind) : pattern(std::move(kind))
    {
        for (int i = 0; i < 20; ++i) {
            HumanAnswer yes;
            yes.approved = true;
            human.answers.push_back(yes);
        }
    }
    ModelBinding binding(const char *connection, const char *name) const
    {
        ModelBinding made;
        made.choice = ModelChoice{QString::fromLatin1(connection), QString::fromLatin1(name)};
        made.provider = QStringLiteral("echo");
        const std::shared_ptr<ChatModel> shared = model;
        made.make = [shared]() -> Result<std::shared_ptr<ChatModel>> { return shared; };
        return made;
    }
    std::shared_ptr<PreparedAgent> prepare() const
    {
        auto agent = std::make_shared<PreparedAgent>();
        agent->name = QStringLiteral("tester");
        agent->spec.pattern = pattern;
        agent->spec.temperature = 0.7;
        agent->prompt.text = QStringLiteral("Be brief about {{topic}}.");
        agent->prompt.messages = {PromptMessage{QStringLiteral("user"), QStringLiteral("Example?")},
                                  PromptMessage{QStringLiteral("assistant"), QStringLiteral("Example.")}};
        agent->models.push_back(binding("conn", "m"));
        if (pattern != QLatin1String("direct")) {
            agent->tools.push_back(std::make_shared<ToolGate>(look, ToolSpec(), ToolAttachment()));
            ToolSpec asked;
            asked.approval = Approval::Ask;
            agent->tools.push_back(std::make_shared<ToolGate>(store, asked, ToolAttachment()));
        }
        return agent;
    }
    int effects() const { return int(model->requests.size()) + look->calls + store->calls + int(human.asked.size()); }
};

struct Outcome {
    Result<QString> answer = Error();
    Trace trace;
    QString text() const { return answer ? *answer : errorKindName(answer.error().kind) + QStringLiteral(": ") + answer.error().message; }
};

Outcome execute(World &world, Journal *journal, RunMode mode, std::vector<ForkLayer> forks, std::optional<Error> recordedEnd = {})
{
    Outcome outcome;
    RunOptions options;
    options.mode = mode;
    options.limits.steps = 60;
    options.journal = journal;
    options.clock = &world.clock;
    options.human = world.attended ? &world.human : nullptr;
    options.sink = [&outcome](const RunEvent &event) { outcome.trace.apply(event); };
    options.startUs = 1'790'000'000'000'000;
    options.elapsedUs = mode == RunMode::Fork ? 1 : 0;
    options.forks = std::move(forks);
    options.recordedEnd = std::move(recordedEnd);
    options.unfinished = UnfinishedPolicy::Repeat;
    RunContext context(std::move(options), CancelToken());
    RunInput input;
    input.text = QStringLiteral("What is up?");
    input.variables = QJsonObject{{QStringLiteral("topic"), QStringLiteral("weather")}};
    outcome.answer = lathe::test::await(runAgent(&context, world.prepare(), input, QString()));
    return outcome;
}

// What a fork's journal begins with, as core/session makes it.
void inherit(MemoryJournal *journal, const std::vector<JournalEntry> &written, const ForkLayer &layer)
{
    const bool forget = layer.changes.again || layer.changes.replacesOutcome();
    for (const JournalEntry &entry : written) {
        if (!entry.done || isStopped(entry) || (forget && isStepOrBelow(entry.step, layer.step)))
            continue;
        journal->add(entry);
        journal->addTimes(entry.step, StepTimes{entry.startedUs, entry.endedUs});
    }
}

struct Change {
    const char *name;
    ForkChanges changes;
};

std::vector<Change> changesFor(const Step &step, const JournalEntry *entry)
{
    std::vector<Change> list;
    const auto add = [&list](const char *name, const std::function<void(ForkChanges &)> &set) {
        Change change{name, ForkChanges()};
        set(change.changes);
        list.push_back(std::move(change));
    };
    add("again", [](ForkChanges &c) { c.again = true; });
    add("instructions", [](ForkChanges &c) { c.instructions = QStringLiteral("Rhyme."); });
    add("instructions, this step", [](ForkChanges &c) {
        c.instructions = QStringLiteral("Rhyme.");
        c.scope = ForkScope::Step;
    });
    add("prompt", [](ForkChanges &c) {
        PromptSpec prompt;
        prompt.text = QStringLiteral("Sing of {{topic}}.");
        prompt.messages = {PromptMessage{QStringLiteral("user"), QStringLiteral("La?")}, PromptMessage{QStringLiteral("assistant"), QStringLiteral("La.")},
                           PromptMessage{QStringLiteral("user"), QStringLiteral("Lo?")}};
        c.prompt = prompt.toJson();
    });
    add("model", [](ForkChanges &c) {
        c.model = ModelChoice{QStringLiteral("other"), QStringLiteral("m9")};
        c.scope = ForkScope::Run;
    });
    add("parameters", [](ForkChanges &c) {
        c.parameters = QJsonObject{{QStringLiteral("temperature"), QJsonValue::Null},
                                   {QStringLiteral("top_p"), 0.5},
                                   {QStringLiteral("seed"), 7},
                                   {QStringLiteral("max_tokens"), 99}};
    });
    if (step.kind == StepKind::Model && entry) {
        add("messages", [entry](ForkChanges &c) {
            const QJsonObject request = json::parseObject(entry->request).valueOr({});
            std::vector<Message> messages;
            const QJsonArray array = request.value(QStringLiteral("messages")).toArray();
            for (const QJsonValue &value : array)
                messages.push_back(*Message::fromJson(value.toObject()));
            messages.back().parts.push_back(MessagePart::fromText(QStringLiteral(" (edited)")));
            c.messages = std::move(messages);
        });
        add("answer", [](ForkChanges &c) { c.answer = Message(Role::Assistant, QStringLiteral("Final Answer: 1. I say so.")); });
        add("answer with a call", [](ForkChanges &c) {
            Message message(Role::Assistant, QStringLiteral("Thought: hm\nAction: look\nAction Input: {\"q\":\"mine\"}"));
            message.parts.push_back(MessagePart::toolCall(QStringLiteral("x"), QStringLiteral("look"), QStringLiteral("{\"q\":\"mine\"}")));
            c.answer = message;
        });
        add("answer and model", [](ForkChanges &c) {
            c.answer = Message(Role::Assistant, QStringLiteral("1. Mine."));
            c.model = ModelChoice{QStringLiteral("other"), QStringLiteral("m9")};
        });
    }
    if (step.kind == StepKind::Tool) {
        add("arguments", [](ForkChanges &c) { c.argumentsText = QStringLiteral("{\"q\":\"edited\"}"); });
        add("bad arguments", [](ForkChanges &c) { c.argumentsText = QStringLiteral("{\"z\":1}"); });
        add("result", [](ForkChanges &c) { c.result = QStringLiteral("edited result"); });
        add("failure", [](ForkChanges &c) {
            c.result = QStringLiteral("edited failure");
            c.resultIsError = true;
        });
        add("arguments and result", [](ForkChanges &c) {
            c.argumentsText = QStringLiteral("{\"q\":\"edited\"}");
            c.result = QStringLiteral("edited result");
            c.instructions = QStringLiteral("Rhyme.");
        });
    }
    if (step.kind == StepKind::Human) {
        add("denied", [](ForkChanges &c) {
            HumanAnswer no;
            no.text = QStringLiteral("No.");
            c.humanAnswer = no.toJson();
        });
        add("other arguments approved", [](ForkChanges &c) {
            HumanAnswer yes;
            yes.approved = true;
            yes.arguments = QJsonObject{{QStringLiteral("q"), QStringLiteral("by hand")}};
            c.humanAnswer = yes.toJson();
        });
    }
    return list;
}

const JournalEntry *doneEntry(const std::vector<JournalEntry> &written, const QString &step)
{
    for (const JournalEntry &entry : written) {
        if (entry.step == step && entry.done)
            return &entry;
    }
    return nullptr;
}
}

class TestForks : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyStepEveryChange_data()
    {
        QTest::addColumn<QString>("pattern");
        for (const char *pattern : {"direct", "tool_loop", "react", "plan_execute", "reflexion"})
            QTest::newRow(pattern) << QString::fromLatin1(pattern);
    }
    void everyStepEveryChange();
    void changesSurviveTheirJson();
    void unusableChangesAreRefused_data();
    void unusableChangesAreRefused();
    void editedMessagesStayInTheConversation();
    void whatStoppedTheParentDoesNotStopTheFork();
};

void TestForks::everyStepEveryChange()
{
    QFETCH(QString, pattern);
    World first(pattern);
    MemoryJournal original;
    const Outcome parent = execute(first, &original, RunMode::Live, {});
    QVERIFY2(parent.answer, qPrintable(parent.text()));
    const std::vector<JournalEntry> recorded = original.written();
    int forks = 0, cuts = 0;
    for (const Step &at : parent.trace.steps()) {
        for (const Change &change : changesFor(at, doneEntry(recorded, at.path))) {
            const QByteArray where = QStringLiteral("%1 at %2 %3").arg(QLatin1String(change.name), at.path, at.name).toUtf8();
            ++forks;
            ForkLayer layer;
            layer.parent = RunId{1};
            layer.step = at.path;
            layer.agent = QStringLiteral("tester");
            layer.changes = change.changes;
            World world(pattern);
            if (layer.changes.model)
                layer.model = world.binding("other", "m9");
            world.clock.advance(minuteUs / 1000);
            const qint64 forkedUs = world.clock.nowUs();
            MemoryJournal journal;
            inherit(&journal, recorded, layer);
            const Outcome fork = execute(world, &journal, RunMode::Fork, {layer});
            QVERIFY2(fork.answer || pattern == QLatin1String("plan_execute"), (where + ' ' + fork.text().toUtf8()).constData());

            // Nothing before the step was asked again, and it reads as it was. A tool is called after the question whether it may be.
            for (const JournalEntry &entry : journal.written())
                QVERIFY2(!stepPathLess(entry.step, at.path) || isStepOrBelow(at.path, entry.step), (where + " asked " + entry.step.toUtf8()).constData());
            for (const Step &before : parent.trace.steps()) {
                if (!stepPathLess(before.path, at.path) || isStepOrBelow(at.path, before.path))
                    continue;
                const int same = fork.trace.indexOf(before.path);
                QVERIFY2(same >= 0 && fork.trace.steps()[size_t(same)].text == before.text
                             && fork.trace.steps()[size_t(same)].attributes == before.attributes,
                         (where + " lost " + before.path.toUtf8()).constData());
            }
            const int index = fork.trace.indexOf(at.path);
            QVERIFY2(index >= 0, where.constData());
            const Step &forked = fork.trace.steps()[size_t(index)];
            QCOMPARE(forked.notes.front().name, QStringLiteral("forked"));
            const auto isEdited = [](const StepNote &note) { return note.name == QLatin1String("edited"); };
            QCOMPARE(std::any_of(forked.notes.begin(), forked.notes.end(), isEdited), layer.changes.replacesOutcome());
            if (layer.changes.answer)
                QCOMPARE(forked.text, layer.changes.answer->text());
            if (layer.changes.result) {
                QCOMPARE(forked.text, *layer.changes.result);
                QCOMPARE(forked.status == StepStatus::Failed, layer.changes.resultIsError);
            }
            if (layer.changes.argumentsText)
                QCOMPARE(forked.attributes.value(QStringLiteral("gen_ai.tool.call.arguments")).toString(), *layer.changes.argumentsText);

            // What was asked live is what the changes make of it.
            for (const ChatRequest &request : world.model->requests) {
                const bool all = layer.changes.scope != ForkScope::Step;
                if (all && layer.changes.instructions)
                    QVERIFY2(request.messages.front().text().startsWith(QLatin1String("Rhyme.")), where.constData());
                if (layer.changes.prompt) {
                    QVERIFY2(request.messages.front().text().startsWith(QLatin1String("Sing of weather.")), where.constData());
                    QCOMPARE(request.messages[3].text(), QStringLiteral("Lo?"));
                }
                if (layer.changes.model)
                    QCOMPARE(request.model, QStringLiteral("m9"));
                if (!layer.changes.parameters.isEmpty())
                    QVERIFY2(!request.temperature && request.topP == 0.5 && request.seed == 7 && request.maxTokens == 99, where.constData());
            }
            const bool callsFollow = std::any_of(recorded.begin(), recorded.end(), [&](const JournalEntry &entry) {
                return entry.kind == QLatin1String("chat") && !stepPathLess(entry.step, at.path) && !(entry.step == at.path && layer.changes.answer);
            });
            if (layer.changes.changesCalls() && layer.changes.scope != ForkScope::Step && callsFollow && !layer.changes.answer)
                QVERIFY2(!world.model->requests.empty(), where.constData());
            // Live steps carry live times; a call that waited for the answer to the question has begun before.
            for (const JournalEntry &entry : journal.written()) {
                if (entry.step != at.path && isStepOrBelow(at.path, entry.step))
                    continue;
                const int live = fork.trace.indexOf(entry.step);
                QVERIFY2(live >= 0 && fork.trace.steps()[size_t(live)].startUs >= forkedUs, (where + " time of " + entry.step.toUtf8()).constData());
            }

            // It replays without asking anybody.
            MemoryJournal kept;
            inherit(&kept, recorded, layer);
            for (const JournalEntry &entry : journal.written()) {
                if (entry.done || !kept.find(entry.step) || !kept.find(entry.step)->done)
                    kept.add(entry);
            }
            MemoryJournal complete = kept;
            for (const Step &step : fork.trace.steps())
                complete.addTimes(step.path, StepTimes{step.startUs, step.endUs});
            World quiet(pattern);
            quiet.attended = false;
            std::optional<Error> end;
            if (!fork.answer)
                end = fork.answer.error();
            const Outcome replay = execute(quiet, &complete, RunMode::Replay, {layer}, end);
            QCOMPARE(firstDifference(fork.trace, replay.trace, true), QString());
            QCOMPARE(replay.text(), fork.text());
            QCOMPARE(quiet.effects(), 0);

            // Killed after any entry it goes on to the same end, and asks nothing twice.
            for (size_t cut = 0; cut <= journal.written().size(); ++cut) {
                ++cuts;
                MemoryJournal partial;
                inherit(&partial, recorded, layer);
                for (size_t i = 0; i < cut; ++i)
                    partial.add(journal.written()[i]);
                World again(pattern);
                again.clock.advance(2 * minuteUs / 1000);
                const Outcome resumed = execute(again, &partial, RunMode::Fork, {layer});
                QCOMPARE(resumed.text(), fork.text());
                QCOMPARE(story(resumed.trace).remove(QStringLiteral(" !unfinished_call")), story(fork.trace));
                for (const JournalEntry &entry : partial.written()) {
                    const JournalEntry *before = doneEntry({journal.written().begin(), journal.written().begin() + qptrdiff(cut)}, entry.step);
                    QVERIFY2(!before, (where + " asked twice " + entry.step.toUtf8()).constData());
                }
            }
        }
    }
    qInfo("%s: %zu steps, %d forks, %d resumes", qPrintable(pattern), parent.trace.steps().size(), forks, cuts);
    QVERIFY(forks >= 12);
}

void TestForks::changesSurviveTheirJson()
{
    World world(QStringLiteral("tool_loop"));
    MemoryJournal journal;
    const Outcome run = execute(world, &journal, RunMode::Live, {});
    int count = 0;
    for (const Step &step : run.trace.steps()) {
        for (const Change &change : changesFor(step, doneEntry(journal.written(), step.path))) {
            const auto read = ForkChanges::fromJson(change.changes.toJson());
            QVERIFY2(read, read ? "" : qPrintable(read.error().message));
            QVERIFY2(*read == change.changes, change.name);
            QVERIFY(!change.changes.isEmpty());
            QVERIFY(!change.changes.summary().isEmpty());
            ++count;
        }
    }
    QVERIFY(count > 50);
    QVERIFY(ForkChanges().isEmpty());
    QVERIFY(ForkChanges::fromJson(QJsonObject())->isEmpty());
    const auto old = ForkChanges::fromJson(QJsonObject{{QStringLiteral("again"), true}, {QStringLiteral("inputs"), QJsonObject()}});
    QVERIFY(old.ok() && old->again);
}

void TestForks::unusableChangesAreRefused_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, const char *json, const char *says) { QTest::newRow(name) << QByteArray(json) << QString::fromLatin1(says); };
    row("no messages", R"({"messages":[]})", "at least one message");
    row("unknown role", R"({"messages":[{"role":"king","parts":[]}]})", "role");
    row("arguments that are a list", R"({"arguments_text":"[1]"})", "no JSON object");
    row("broken arguments", R"({"arguments_text":"{\"a\""})", "no JSON object");
    row("an answer of the user", R"({"answer":{"role":"user","parts":[]}})", "assistant");
    row("answer and result", R"({"answer":{"role":"assistant","parts":[]},"result":"x"})", "either");
    row("unknown parameter", R"({"parameters":{"heat":1}})", "heat");
    row("too hot", R"({"parameters":{"temperature":3}})", "temperature");
    row("half a token", R"({"parameters":{"max_tokens":1.5}})", "whole number");
    row("a word as seed", R"({"parameters":{"seed":"x"}})", "seed");
    row("no model", R"({"model":{"connection":"x"}})", "model's name");
    row("unknown scope", R"({"scope":"world"})", "scope");
}

void TestForks::unusableChangesAreRefused()
{
    QFETCH(QByteArray, json);
    QFETCH(QString, says);
    const auto read = ForkChanges::fromJson(*json::parseObject(json));
    QVERIFY(!read);
    QCOMPARE(read.error().kind, ErrorKind::InvalidInput);
    QVERIFY2(read.error().message.contains(says), qPrintable(read.error().message));
}

// The model is told in each later round what the person made of the first one.
void TestForks::editedMessagesStayInTheConversation()
{
    World first(QStringLiteral("tool_loop"));
    MemoryJournal original;
    const Outcome parent = execute(first, &original, RunMode::Live, {});
    QVERIFY(parent.answer);
    ForkLayer layer;
    layer.step = QStringLiteral("1.1");
    layer.changes.messages = first.model->requests.front().messages;
    layer.changes.messages->back() = Message(Role::User, QStringLiteral("What is down?"));
    World world(QStringLiteral("tool_loop"));
    MemoryJournal journal;
    inherit(&journal, original.written(), layer);
    const Outcome fork = execute(world, &journal, RunMode::Fork, {layer});
    QVERIFY(fork.answer);
    QVERIFY(world.model->requests.size() > 1);
    for (const ChatRequest &request : world.model->requests) {
        const auto &messages = request.messages;
        QVERIFY(std::any_of(messages.begin(), messages.end(), [](const Message &m) { return m.text() == QLatin1String("What is down?"); }));
        QVERIFY(std::none_of(messages.begin(), messages.end(), [](const Message &m) { return m.text() == QLatin1String("What is up?"); }));
    }
}

// A run that ended at its limit, forked with another answer, goes on where it was refused.
void TestForks::whatStoppedTheParentDoesNotStopTheFork()
{
    World first(QStringLiteral("tool_loop"));
    MemoryJournal original;
    const Outcome parent = execute(first, &original, RunMode::Live, {});
    QVERIFY(parent.answer);
    std::vector<JournalEntry> recorded = original.written();
    const QString last = recorded.back().step;
    recorded.back().outcome = QJsonObject{{QStringLiteral("error"), errorToJson(Error(ErrorKind::LimitReached, QStringLiteral("Too long.")))}};
    for (const auto &[scope, step] : {std::pair{ForkScope::Step, last}, std::pair{ForkScope::Run, QStringLiteral("1")}}) {
        ForkLayer layer;
        layer.step = step;
        layer.changes.scope = scope;
        layer.changes.parameters = QJsonObject{{QStringLiteral("seed"), 1}};
        World world(QStringLiteral("tool_loop"));
        MemoryJournal journal;
        inherit(&journal, recorded, layer);
        const Outcome fork = execute(world, &journal, RunMode::Fork, {layer});
        QVERIFY2(fork.answer, qPrintable(fork.text()));
    }
}

QTEST_GUILESS_MAIN(TestForks)
#include "tst_Forks.moc"
