// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runtime/DelegateTool.h"
#include "tests/core/runtime/RuntimeTesting.h"

namespace lathe::test {

// A person who answers when the test says so.
class PatientDesk : public HumanDesk
{
public:
    Task<Result<HumanAnswer>> ask(HumanQuestion question, CancelToken cancel) override
    {
        Completion<Result<HumanAnswer>> answered;
        asked.push_back(question);
        open.push_back(answered);
        const auto registration = cancel.onCancelled([answered] { answered.complete(Error::cancelled()); });
        auto answer = co_await answered;
        co_return answer;
    }
    void answer(size_t at, bool approved, const QString &text = QString(), std::optional<QJsonObject> arguments = {}, bool forRun = false)
    {
        HumanAnswer given;
        given.approved = approved;
        given.text = text;
        given.arguments = std::move(arguments);
        given.forRun = forRun;
        open.at(at).complete(given);
    }
    std::vector<HumanQuestion> asked;
    std::vector<Completion<Result<HumanAnswer>>> open;
};

// One run that calls one tool, over a journal. Calls made at once stand under one step.
struct CallRig {
    CallRig(Clock *clock, std::shared_ptr<Tool> tool, const ToolSpec &spec, Journal *journal, RunMode mode, HumanDesk *desk,
            std::vector<ForkLayer> forks = {}, std::optional<Error> recordedEnd = {})
        : gate(std::move(tool), spec, ToolAttachment())
    {
        RunOptions options;
        options.run = RunId{7};
        options.mode = mode;
        options.limits.seconds = 0;
        options.journal = journal;
        options.clock = clock;
        options.human = desk;
        options.startUs = 1'790'000'000'000'000;
        options.elapsedUs = mode == RunMode::Fork ? 1 : 0;
        options.forks = std::move(forks);
        options.recordedEnd = std::move(recordedEnd);
        options.sink = [this](const RunEvent &event) { trace.apply(event); };
        context.emplace(std::move(options), cancel.token());
        step = context->beginStep(QString(), StepKind::Agent, QStringLiteral("agent"), QJsonObject());
    }
    void call(const QString &argumentsText, const QString &reason = QString())
    {
        const size_t at = outcomes.size();
        outcomes.emplace_back();
        const auto keep = [](CallRig *rig, QString text, QString why, size_t to) -> Task<> {
            const MessagePart part = MessagePart::toolCall(QStringLiteral("call"), rig->gate.tool().name(), text);
            const QString hint;
            auto outcome = co_await rig->context->callTool(rig->step, &rig->gate, part, hint, why);
            rig->outcomes[to].emplace(std::move(outcome));
        };
        keep(this, argumentsText, reason, at);
    }
    void calls(const QStringList &texts)
    {
        for (const QString &text : texts)
            call(text);
    }
    bool isDone(size_t at) const { return outcomes.at(at).has_value(); }
    // The text, or "error KIND", or "waits".
    QString said(size_t at) const
    {
        if (!outcomes.at(at))
            return QStringLiteral("waits");
        const auto &outcome = *outcomes[at];
        return outcome ? outcome->text : QStringLiteral("error ") + errorKindName(outcome.error().kind);
    }
    void end() { context->endStep(step, StepStatus::Ok, QJsonObject(), std::nullopt); }
    QStringList notes(const QString &path) const
    {
        QStringList names;
        if (trace.indexOf(path) >= 0) {
            for (const StepNote &note : trace.steps()[size_t(trace.indexOf(path))].notes)
                names.append(note.name);
        }
        return names;
    }
    QJsonObject attributes(const QString &path) const
    {
        return trace.indexOf(path) < 0 ? QJsonObject() : trace.steps()[size_t(trace.indexOf(path))].attributes;
    }

    ToolGate gate;
    CancelSource cancel;
    Trace trace;
    QString step;
    std::deque<std::optional<Result<ToolOutcome>>> outcomes;
    std::optional<RunContext> context;
};

// What a run over `written` starts with: all of it, or only what was written before the program stopped.
inline void load(MemoryJournal *journal, const MemoryJournal &written, const Trace &trace, size_t entries = SIZE_MAX)
{
    for (size_t i = 0; i < std::min(entries, written.written().size()); ++i) {
        const JournalEntry &entry = written.written()[i];
        if (entry.done || !journal->find(entry.step))
            journal->add(entry);
    }
    for (const Step &step : trace.steps())
        journal->addTimes(step.path, StepTimes{step.startUs, step.endUs});
}

// Keeps what it was called with; does what the test says meanwhile.
class SpyTool : public Tool
{
public:
    QString name() const override { return QStringLiteral("spy"); }
    QString description() const override { return QStringLiteral("Spies."); }
    QJsonObject schema() const override { return json::parseObject(schemaText).valueOr({}); }
    SideEffect sideEffect(const QJsonObject &) const override { return SideEffect::External; }
    bool idempotent(const QJsonObject &) const override { return harmless; }
    QString preview(const QJsonObject &arguments) const override { return QStringLiteral("Would send ") + json::compactString(arguments); }
    Task<Result<ToolOutcome>> call(QJsonObject, CancelToken) override { co_return Error(ErrorKind::Internal, QStringLiteral("not called so")); }
    Task<Result<ToolOutcome>> callWithin(QJsonObject arguments, ToolCallScope scope, CancelToken cancel) override
    {
        given.push_back(arguments);
        traceparents.append(scope.traceparent);
        if (acts) {
            auto outcome = co_await acts(scope, cancel);
            co_return outcome;
        }
        ToolOutcome outcome;
        outcome.text = QStringLiteral("did ") + json::compactString(arguments);
        outcome.code = code;
        outcome.isError = !code.isEmpty();
        co_return outcome;
    }
    QByteArray schemaText = "{\"type\":\"object\"}";
    bool harmless = false;
    QString code;
    std::function<Task<Result<ToolOutcome>>(ToolCallScope, CancelToken)> acts;
    std::vector<QJsonObject> given;
    QStringList traceparents;
};

// A tool that calls another one twice beneath its step.
class NestingTool : public DelegateTool
{
public:
    QString name() const override { return QStringLiteral("helper"); }
    QString description() const override { return QStringLiteral("Helps."); }
    QJsonObject schema() const override { return {{QStringLiteral("type"), QStringLiteral("object")}}; }
    SideEffect sideEffect(const QJsonObject &) const override { return SideEffect::Read; }
    bool idempotent(const QJsonObject &) const override { return true; }
    Task<Result<ToolOutcome>> run(RunContext *context, QJsonObject arguments, QString step, CancelToken cancel) override
    {
        ++runs;
        if (hangs) {
            co_await untilCancelled(cancel);
            co_return Error::cancelled();
        }
        ToolOutcome outcome;
        for (int i = 0; i < 2; ++i) {
            const MessagePart part = MessagePart::toolCall(QStringLiteral("n"), inner->tool().name(), json::compactString(arguments));
            const QString hint;
            auto answer = co_await context->callTool(step, inner, part, hint);
            if (!answer)
                co_return answer.error();
            outcome.text += answer->text + QLatin1Char(';');
        }
        co_return outcome;
    }
    ToolGate *inner = nullptr;
    bool hangs = false;
    int runs = 0;
};

inline HumanAnswer yes(bool forRun = false)
{
    HumanAnswer answer;
    answer.approved = true;
    answer.forRun = forRun;
    return answer;
}

// What tests of tool calls share: a tool that spies, a person, a journal, and that every run replays.
class ToolCallFixture : public QObject
{
protected:
    FakeClock m_clock;
    std::shared_ptr<SpyTool> m_tool;
    ToolSpec m_spec;
    PatientDesk m_desk;
    MemoryJournal m_journal;
    std::vector<std::unique_ptr<CallRig>> m_rigs;

    CallRig &rig(RunMode mode = RunMode::Live, Journal *journal = nullptr, std::vector<ForkLayer> forks = {}, bool attended = true)
    {
        m_rigs.push_back(std::make_unique<CallRig>(&m_clock, m_tool, m_spec, journal ? journal : &m_journal, mode, attended ? &m_desk : nullptr,
                                                   std::move(forks)));
        return *m_rigs.back();
    }
    // Replays, and compares with what was: nothing is called, nobody is asked.
    void replays(CallRig &live, const std::function<void(CallRig &)> &program)
    {
        live.end();
        MemoryJournal recorded;
        load(&recorded, m_journal, live.trace);
        const size_t called = m_tool->given.size(), asked = m_desk.asked.size();
        m_clock.advance(100'000);
        CallRig &replay = rig(RunMode::Replay, &recorded, {}, false);
        program(replay);
        replay.end();
        QCOMPARE(firstDifference(live.trace, replay.trace, true), QString());
        QVERIFY(!replay.context->divergence());
        QCOMPARE(m_tool->given.size(), called);
        QCOMPARE(m_desk.asked.size(), asked);
        QVERIFY(recorded.written().empty());
        for (size_t i = 0; i < live.outcomes.size(); ++i)
            QCOMPARE(replay.said(i), live.said(i));
    }

    void start()
    {
        m_rigs.clear();
        m_tool = std::make_shared<SpyTool>();
        m_spec = ToolSpec();
        m_spec.purpose = QStringLiteral("For the test.");
        m_desk.asked.clear();
        m_desk.open.clear();
        m_journal = MemoryJournal();
    }
};

} // namespace lathe::test
