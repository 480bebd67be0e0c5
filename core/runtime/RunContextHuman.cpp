// SPDX-License-Identifier: GPL-3.0-or-later
// Questions to people.
#include "core/runtime/RunContext.h"

#include <utility>

namespace lathe {

namespace {
using L = QLatin1String;
const QString operationName = QStringLiteral("gen_ai.operation.name");

// What helps to decide and is no part of the question's identity. The schema is the tool's and need not be kept with each question.
QJsonObject asideOf(const HumanQuestion &question, bool hides)
{
    QJsonObject aside;
    const auto add = [&aside](const char *key, const QString &text) {
        if (!text.isEmpty())
            aside.insert(QLatin1String(key), text.left(4000));
    };
    add("purpose", question.purpose);
    add("reason", question.reason);
    add("why", question.why);
    if (!hides)
        add("preview", question.preview);
    return aside;
}

QJsonObject joined(QJsonObject question, const QJsonObject &aside)
{
    for (auto it = aside.begin(); it != aside.end(); ++it)
        question.insert(it.key(), it.value());
    return question;
}
}

HumanAnswer RunContext::unattendedAnswer(const ToolGate *gate, const QString &reason)
{
    HumanAnswer answer;
    answer.text = reason;
    if (!gate)
        return answer;
    const Unattended policy = gate->policy().unattended;
    answer.unattended = unattendedName(policy);
    if (policy == Unattended::Allow) {
        answer.approved = true;
        answer.text = QStringLiteral("Nobody is attending this run, and the policy of the tool allows the call then.");
    } else if (policy == Unattended::Stop) {
        answer.text = QStringLiteral("Nobody is attending this run to approve the call of %1, and its policy ends the run then. Run it attended, or "
                                     "change the policy.")
                          .arg(gate->tool().name());
    }
    return answer;
}

Task<Result<HumanAnswer>> RunContext::askHuman(QString parent, HumanQuestion question, QString name, const ToolGate *gate, bool *fromParent)
{
    const bool hides = gate && gate->hidesArguments();
    JournalEntry entry;
    entry.step = nextStep(parent);
    entry.kind = QStringLiteral("human");
    QJsonObject asked = question.identity();
    if (hides)
        asked.insert(QStringLiteral("arguments"), gate->shown(question.arguments));
    entry.request = json::compact(asked);
    entry.requestHash = json::sha256(entry.request);
    // In a fork, what a person said of hidden arguments was said of those of then (RunContextTools.cpp: isOtherCall).
    const JournalEntry *then = hides ? m_options.journal->find(entry.step) : nullptr;
    const bool other = then && then->late && gate->shown(question.arguments) != question.arguments;
    if (other) {
        m_parted.insert(entry.step);
        m_wentLive = true;
    }
    static const JournalEntry *const none = nullptr;
    const Result<const JournalEntry *> found = other ? Result<const JournalEntry *>(none) : recorded(entry);
    const QString step = beginStep(parent, StepKind::Human, name, QJsonObject{{operationName, QStringLiteral("human")}});
    question.step = step;
    if (!found) {
        endStep(step, StepStatus::Failed, {}, found.error());
        co_return found.error();
    }
    if (*found && (*found)->done) {
        const QJsonObject aside = (*found)->outcome.value(L("asked")).toObject();
        note(step, QStringLiteral("approval_requested"), joined(asked, aside));
        if (fromParent)
            *fromParent = m_options.mode == RunMode::Fork;
        if (!(*found)->late)
            co_return tellHuman(**found);
        const auto taken = co_await takeOver(**found);
        if (!taken)
            co_return taken.error();
        co_return tellHuman(*taken);
    }
    const QJsonObject aside = redacted(asideOf(question, hides));
    note(step, QStringLiteral("approval_requested"), joined(asked, aside));
    HumanAnswer answer;
    entry.startedUs = m_options.clock->nowUs();
    const CancelToken cancel = tokenFor(parent);
    std::optional<Error> branchStopped;
    std::vector<ChatNotice> notices;
    if (const ForkChanges *changes = edit(step, &ForkChanges::humanAnswer)) {
        answer = HumanAnswer::fromJson(*changes->humanAnswer);
        answer.unattended.clear();
        notices.push_back(editedNotice("human_answer"));
        note(step, notices.back().name, notices.back().attributes);
    } else if (m_options.human && !cancel.isCancelled()) {
        m_asking.insert(step);
        auto given = co_await m_options.human->ask(question, cancel);
        m_asking.remove(step);
        if (!given && given.error().kind == ErrorKind::Cancelled && !m_cancel.isCancelled() && cancel.isCancelled()) {
            branchStopped = given.error();
        } else if (!given && given.error().kind != ErrorKind::Denied) {
            const Error error = stopped(given.error()) ? stopReason() : given.error();
            endStep(step, StepStatus::Cancelled, {}, error);
            co_return error;
        }
        if (given) {
            answer = *given;
            answer.unattended.clear(); // somebody is there
        } else {
            answer = unattendedAnswer(gate, given.error().message);
        }
    } else if (cancel.isCancelled()) {
        branchStopped = Error::cancelled();
    } else {
        answer = unattendedAnswer(gate, QStringLiteral("Nobody is attending this run to approve it."));
    }
    entry.endedUs = m_options.clock->nowUs();
    entry.done = true;
    HumanAnswer kept = answer;
    if (hides && kept.arguments)
        kept.arguments = gate->shown(*kept.arguments);
    if (branchStopped)
        entry.outcome = QJsonObject{{QStringLiteral("error"), errorToJson(*branchStopped)}};
    else
        entry.outcome = QJsonObject{{QStringLiteral("answer"), kept.toJson()}};
    if (!aside.isEmpty())
        entry.outcome.insert(QStringLiteral("asked"), aside);
    if (!notices.empty())
        entry.outcome.insert(QStringLiteral("notices"), noticesToJson(notices));
    const qint64 endUs = entry.endedUs;
    const auto written = co_await record(std::move(entry));
    if (!written) {
        endStep(step, StepStatus::Failed, {}, written.error());
        co_return written.error();
    }
    if (branchStopped) {
        emitEnd(step, StepStatus::Cancelled, {}, branchStopped, QString(), endUs);
        co_return *branchStopped;
    }
    emitEnd(step, StepStatus::Ok, kept.toJson(), std::nullopt, kept.text, endUs);
    co_return answer;
}

Result<HumanAnswer> RunContext::tellHuman(const JournalEntry &entry)
{
    m_logicalUs = std::max(m_logicalUs, entry.endedUs);
    for (const ChatNotice &notice : noticesFromJson(entry.outcome.value(QStringLiteral("notices")).toArray()))
        note(entry.step, notice.name, notice.attributes);
    if (entry.outcome.contains(QStringLiteral("error"))) { // its branch was stopped
        const Error error = errorFromJson(entry.outcome.value(QStringLiteral("error")).toObject());
        emitEnd(entry.step, StepStatus::Failed, {}, error, QString(), entry.endedUs);
        return error;
    }
    const HumanAnswer answer = HumanAnswer::fromJson(entry.outcome.value(QStringLiteral("answer")).toObject());
    emitEnd(entry.step, StepStatus::Ok, answer.toJson(), std::nullopt, answer.text, entry.endedUs);
    return answer;
}

Task<Result<HumanAnswer>> RunContext::askPerson(QString parent, HumanQuestion question, QString name)
{
    if (m_cancel.isCancelled())
        co_return stopReason();
    auto answer = co_await askHuman(std::move(parent), std::move(question), std::move(name));
    co_return answer;
}

} // namespace lathe
