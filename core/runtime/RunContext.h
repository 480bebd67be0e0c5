// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/AgentSpec.h"
#include "core/runtime/ForkLayer.h"
#include "core/runtime/HumanDesk.h"
#include "core/runtime/Journal.h"
#include "core/runtime/ModelChain.h"
#include "core/tool/ToolGate.h"
#include "core/trace/Redactor.h"
#include "core/trace/RunEvent.h"

#include <QSet>

namespace lathe {

// What a run may do when the journal does not answer.
enum class RunMode {
    Live,   // a new run, or the continuation of an interrupted one: answered from the journal where it can, else live
    Replay, // only the journal; anything else is Diverged
    Fork,   // as Live, but what was recorded for another request is ignored, and the effect goes live
};

// How a call with side effects that had begun but not finished is treated on resume, when no person is asked.
enum class UnfinishedPolicy { Ask, Repeat, Skip };

struct RunOptions {
    RunId run;
    RunMode mode = RunMode::Live;
    UnfinishedPolicy unfinished = UnfinishedPolicy::Ask;
    Limits limits;
    Journal *journal = nullptr;
    Clock *clock = nullptr;
    HumanDesk *human = nullptr;    // null: nobody is there
    const Prices *prices = nullptr; // null: costs are unknown
    const Redactor *redactor = nullptr;
    std::function<void(const RunEvent &)> sink;
    qint64 startUs = 0;   // when the run first began; 0: now
    qint64 elapsedUs = 0; // running time already used before a resume
    bool unpaced = false; // ChatRequest::unpaced of every call
    std::vector<ForkLayer> forks; // what the run changes of its parents, oldest first
    std::optional<Error> recordedEnd; // Replay: how the recorded run ended when it did not end well
    QString traceId; // of the trace context that tools hand on, 32 hex digits; empty: as the run's OTLP export has it
    RunOptions() = default;
};

// Tool arguments that a policy hides: what is recorded and handed on of a model's answer has them hidden, and the answer's caller gets the
// calls as they were, for the one call that follows.
struct CallHiding {
    std::function<QString(const QString &tool, const QString &argumentsText)> hide;
    std::vector<MessagePart> real; // out: the calls of the answer as the model wrote them; of a recorded answer: hidden already
    CallHiding() = default;
};

// Where a replay asked for something else than was recorded.
struct Divergence {
    QString step;
    QString kind;              // "chat", "execute_tool", "human": of what was asked
    QByteArray recordedRequest; // canonical JSON; empty: nothing was recorded there
    QString recordedKind;
    QByteArray askedRequest;
};

// The only way from agent code to the world. Every effect is written to the journal before its outcome is handed on, so
// the same code over the same journal gives the same run. Main thread; must outlive the tasks it gave.
class RunContext
{
public:
    RunContext(RunOptions options, CancelToken cancel);
    ~RunContext();
    Q_DISABLE_COPY_MOVE(RunContext)
    // What the options point to is about to go, and the run is cancelled: what still unwinds tells nobody.
    void orphan();

    // Container steps (agent, plan, critique...). `parent` empty: a top step. Returns the path.
    QString beginStep(const QString &parent, StepKind kind, const QString &name, const QJsonObject &attributes);
    void endStep(const QString &step, StepStatus status, const QJsonObject &attributes, std::optional<Error> error);
    void note(const QString &step, const QString &name, const QJsonObject &attributes);
    void delta(const QString &step, DeltaChannel channel, const QString &text);

    // A model call under `parent`; tries the chain in order.
    Task<Result<ChatResponse>> chat(QString parent, std::vector<ModelBinding> chain, ChatRequest request,
                                    std::shared_ptr<CallHiding> hiding = nullptr);
    // A tool call under `parent`: check, policy, approval, budget, journal, run. The one way there is. `gate` null: the tool is unknown. What
    // the model can mend is an outcome with isError, not an error; Denied when nobody is there to approve and the policy says stop.
    // `unknownHint` is told to the model when the tool is unknown (the names there are); `reason` is what the agent said with the call.
    //
    // What a tool's policy hides of the arguments is recorded and shown as "[redacted]"; a replay sees it so and gives the same run. Then a
    // refused call is recorded too, for a replay could not refuse it by itself. A resume cannot make a call whose hidden arguments it
    // has not; the model is told.
    Task<Result<ToolOutcome>> callTool(QString parent, ToolGate *gate, MessagePart call, QString unknownHint, QString reason = QString());

    // Asks a person about something that is no tool call, under `parent`. When nobody is there: not approved, with the reason.
    Task<Result<HumanAnswer>> askPerson(QString parent, HumanQuestion question, QString name);

    // Effects below `step` also stop when the token is cancelled, until the branch is gone; the innermost branch counts. Unlike a
    // stop of the run that is an outcome and recorded, so that a replay and a resume stop them at the same place.
    class Branch
    {
    public:
        Branch(RunContext *context, QString step) : m_context(context), m_step(std::move(step)) {}
        ~Branch() { m_context->m_branches.remove(m_step); }
        Q_DISABLE_COPY_MOVE(Branch)

    private:
        RunContext *m_context;
        QString m_step;
    };
    [[nodiscard]] Branch openBranch(const QString &step, CancelToken token);
    // Replay: whether the recorded run began another step under `parent` than this one has by now. Empty when that is not known.
    std::optional<bool> nextBegan(const QString &parent) const;
    // What stopped an effect: the person or the deadline.
    Error stopReason() const;

    // Bounds. checkLimits() is LimitReached when the next effect would exceed one.
    Result<void> checkLimits() const;
    const Usage &usage() const { return m_usage; }
    int effects() const { return m_effects; }
    // The run's own time: when the last outcome was recorded. The same on replay.
    qint64 nowUs() const { return m_logicalUs; }
    CancelToken cancelToken() const { return m_cancel.token(); }
    RunMode mode() const { return m_options.mode; }
    void emitEvent(RunEvent event);
    const std::vector<ForkLayer> &forks() const { return m_options.forks; }
    // The path that the next step under `parent` will have.
    QString nextStep(const QString &parent) const;
    // Replay: the first one.
    const std::optional<Divergence> &divergence() const { return m_divergence; }

private:
    // The recorded entry of a step, null when it must run live; Diverged when the journal holds something else.
    Result<const JournalEntry *> recorded(const JournalEntry &asked);
    // Whether the journal answers the request; tells no one.
    bool answers(const JournalEntry *found, const JournalEntry &asked) const;
    // The changes of the newest fork that sets the member at the step; null: none does.
    template<typename T>
    const ForkChanges *edit(const QString &step, std::optional<T> ForkChanges::*member) const
    {
        for (auto layer = m_options.forks.rbegin(); layer != m_options.forks.rend(); ++layer) {
            if (layer->step == step && layer->changes.*member)
                return &layer->changes;
        }
        return nullptr;
    }
    // Fork: what the step will ask, before it begins, so that its begin has the right time.
    void foresee(const JournalEntry &asked);
    // --- Tool calls. One that is under way; lives in the frame of callTool().
    struct ToolCall {
        ToolGate *gate;
        MessagePart call;
        QString reason;
        QString step;
        JournalEntry entry;
        QJsonObject arguments; // as the tool gets them
        bool edited = false;   // by a fork: what was granted before does not count
        QString policy;        // why it may run: lathe.policy
    };
    // What a tool may use during its call; outlives it, and then does nothing.
    struct CallScope;
    // The request as the journal knows it: with what is hidden hidden.
    static void setRequest(JournalEntry *entry, const QString &tool, const QJsonValue &arguments);
    ToolGate::Checked admission(const JournalEntry &entry, ToolGate *gate, ToolGate::Checked checked) const;
    // Nothing: it may run. An outcome: it was refused. Both have been told; of an error the step has ended.
    Task<Result<std::optional<ToolOutcome>>> approve(ToolCall *now);
    Task<Result<ToolOutcome>> runLive(ToolCall *now, bool unfinished);
    Task<Result<ToolOutcome>> runDelegate(ToolCall *now);
    Task<> stopDelegate(QString step, double seconds, CancelSource stop, CancelToken cancel);
    // A refusal that a replay could not come to by itself.
    Task<Result<ToolOutcome>> recordRefusal(JournalEntry entry, ToolGate::Checked checked);
    ToolOutcome refused(const QString &step, const ToolGate::Checked &checked);
    int delegateDepth(const QString &step) const;
    QJsonObject toolAttributes(const ToolCall &now, int retries = 0) const;
    QString traceparent(const QString &step);
    Task<Result<PersonReply>> askForTool(std::shared_ptr<CallScope> scope, PersonRequest request, CancelToken cancel);
    ToolCallScope scopeFor(const std::shared_ptr<CallScope> &scope);
    // A model that a tool used during its call: a step beneath the call's, counted like the run's own model calls. Kept with the outcome as a
    // notice, of which a replay makes the same step.
    void keepSampled(const CallScope &scope, const ModelUse &use);
    void tellSampled(const QString &parent, const QJsonObject &attributes);
    // What an approved call of the step was made with, as far as that was recorded; else the arguments given.
    QJsonObject approvedArguments(const QString &step, const QJsonObject &arguments) const;
    // What a person put in the place of an outcome: recorded as one, and marked.
    Task<Result<ChatResponse>> answerChat(JournalEntry entry, ModelBinding model, Message message);
    Task<Result<ToolOutcome>> giveResult(JournalEntry entry, ToolGate *gate, QString text, bool isError);
    ChatNotice editedNotice(const char *what) const;
    // What a fork takes over from behind its step happens now, and is recorded so.
    Task<Result<JournalEntry>> takeOver(JournalEntry entry);
    // Records an outcome that is told right after, and gives it back; of an error the step has ended.
    Task<Result<JournalEntry>> recordToTell(JournalEntry entry);
    // A recorded call, taken over first where a fork must. `gate`: counts its retries; may be null.
    Task<Result<ToolOutcome>> tellKnownTool(JournalEntry entry, ToolGate *gate);
    // An outcome of the journal, told as if it happened now.
    Result<ChatResponse> tellChat(const JournalEntry &entry);
    Result<ToolOutcome> tellTool(const JournalEntry &entry);
    Result<HumanAnswer> tellHuman(const JournalEntry &entry);
    // `gate`: of an approval, whose policy answers when nobody is there and says what is hidden; else null. `fromParent`, when given, becomes
    // whether a fork took the answer from what was recorded.
    Task<Result<HumanAnswer>> askHuman(QString parent, HumanQuestion question, QString name, const ToolGate *gate = nullptr,
                                       bool *fromParent = nullptr);
    static HumanAnswer unattendedAnswer(const ToolGate *gate, const QString &reason);
    Task<Result<ToolOutcome>> performTool(QString step, ToolGate *gate, QJsonObject arguments, bool unfinished,
                                          std::vector<ChatNotice> *notices);
    Task<Result<bool>> mayRepeatUnfinished(QString step, ToolGate *gate, QJsonObject arguments, std::vector<ChatNotice> *notices);
    // A note that happened while an effect was under way: goes with its outcome into the journal, so that a replay shows it.
    void keepNote(const QString &step, const QString &name, QJsonObject attributes, std::vector<ChatNotice> *notices);
    Task<Result<void>> record(JournalEntry entry);
    Result<ChatResponse> endChat(const QString &step, const ChainAnswer &answer, qint64 endUs);
    ToolOutcome endTool(const QString &step, const ToolOutcome &outcome, qint64 endUs, const QJsonObject &attributes = QJsonObject());
    // Puts what a tool gave into the entry, and gives what a replay will see of it. The attributes go with it: a run recorded before there
    // were any has none, and replays without.
    ToolOutcome keepOutcome(JournalEntry *entry, ToolOutcome outcome, const std::vector<ChatNotice> &notices, const QJsonObject &attributes) const;
    // Whether the next effect under `parent` may be: what is recorded may, whatever the branches beside it have used up by now.
    Result<void> mayAct(const QString &parent) const;
    CancelToken tokenFor(const QString &step) const;
    bool stopped(const Error &error) const;
    qint64 eventTime(const QString &step, bool end) const;
    void emitEnd(const QString &step, StepStatus status, QJsonObject attributes, std::optional<Error> error, QString text,
                 qint64 timeUs);
    bool redacts() const { return m_options.redactor && !m_options.redactor->isEmpty(); }
    QJsonObject redacted(const QJsonObject &value) const;
    Task<> watchDeadline(qint64 ms);
    // Ends when work beneath a step (empty: of the run) has taken so long; the time that persons take to answer does not count.
    // Error: cancelled; `this` may be gone.
    Task<Result<void>> workedFor(QString step, qint64 ms, CancelToken cancel);

    RunOptions m_options;
    CancelSource m_cancel;       // follows the caller's token; also fired by the deadline
    CancelSource m_deadlineStop; // ends the watch
    bool m_deadlineHit = false;
    qint64 m_logicalUs = 0;
    int m_effects = 0;
    Usage m_usage;
    QSet<QString> m_parted; // Fork: steps whose recording was for another request
    bool m_wentLive = false; // Fork: an effect was not answered from the journal
    std::optional<Divergence> m_divergence;
    QHash<QString, CancelToken> m_branches; // by step
    QHash<QString, int> m_children; // how many steps each has begun
    QSet<QString> m_delegates; // steps of tools that are agents, now at work
    QSet<QString> m_asking;    // steps whose question a person has not answered
    QString m_traceId;
};

} // namespace lathe
