// SPDX-License-Identifier: GPL-3.0-or-later
// What the other side tells, and how it is recorded here.
#include "core/server/RemoteLathePrivate.h"

#include "core/base/Json.h"
#include "core/server/EventLog.h"
#include "core/server/RemoteMessages.h"
#include "core/server/TraceDifference.h"
#include "core/session/ForeignRuns.h"

#include <QWebSocket>

namespace lathe {

namespace {
const QString source = QStringLiteral("remote");
constexpr size_t runsMax = 2000; // that are listed; also of a hostile publisher
constexpr qsizetype revisionsMax = 64 << 10; // bytes, of one run

qint64 bytesOf(const std::vector<RunEvent> &events)
{
    qint64 bytes = 0;
    for (const RunEvent &event : events)
        bytes += eventBytes(event);
    return bytes;
}


bool isOver(RunStatus status)
{
    return status != RunStatus::Running && status != RunStatus::Waiting;
}
} // namespace

void RemoteLathe::Private::onMessage(const QString &text)
{
    heard = true;
    const auto message = json::parseObject(text.toUtf8());
    if (message && handle(*message))
        return;
    retryLater(Error(ErrorKind::Protocol,
                     QStringLiteral("The other side told something this Lathe does not understand; use the same version on both sides.")));
}

bool RemoteLathe::Private::handle(const QJsonObject &message)
{
    const QString type = remote::typeOf(message);
    if (type == QLatin1String("hello")) {
        onHello(message);
        return true;
    }
    if (!greeted)
        return false;
    if (type == QLatin1String("runs")) {
        const QJsonArray list = message.value(QLatin1String("runs")).toArray();
        for (const QJsonValue &run : list)
            onRun(run.toObject());
        std::vector<qint64> unfinished; // the list holds only the newest
        for (const auto &[id, run] : runs) {
            if (run.told.local.isValid() && !run.whole)
                unfinished.push_back(id);
        }
        for (const qint64 id : unfinished)
            begin(id);
        if (q)
            Q_EMIT q->runsChanged();
    } else if (type == QLatin1String("run")) {
        onRun(message);
        if (q)
            Q_EMIT q->runsChanged();
    } else if (type == QLatin1String("events")) {
        onEvents(message);
    } else if (type == QLatin1String("trace")) {
        onTrace(message);
    } else if (type == QLatin1String("questions")) {
        onQuestions(message.value(QLatin1String("questions")).toArray());
    } else if (type == QLatin1String("paused")) {
        onPaused(message.value(QLatin1String("runs")).toArray());
    } else if (type == QLatin1String("failed")) {
        if (const auto found = runs.find(remote::number(message, QLatin1String("run")));
            found != runs.end() && message.value(QLatin1String("gone")).toBool()) {
            found->second.wanted = found->second.following = false;
            interrupt(&found->second);
        }
        if (q)
            Q_EMIT q->failed(Error(ErrorKind::Provider, message.value(QLatin1String("message")).toString().left(500)));
    } else if (type == QLatin1String("bye")) {
        dropSocket();
        interruptAll();
        error.reset();
        setState(State::Ended);
    }
    return true; // newer versions may say more
}

void RemoteLathe::Private::onHello(const QJsonObject &message)
{
    if (remote::number(message, QLatin1String("protocol")) != remote::protocolVersion) {
        refuse(Error(ErrorKind::Protocol,
                     QStringLiteral("The other Lathe (%1) publishes in another way; use the same version on both sides.")
                         .arg(message.value(QLatin1String("version")).toString().left(50))));
        return;
    }
    const QString id = message.value(QLatin1String("publisher")).toString().left(64);
    if (id != publisher) { // another project at the same address
        interruptAll();
        runs.clear();
        publisher = id;
    }
    const QString newEpoch = message.value(QLatin1String("epoch")).toString().left(64);
    const bool countsAnew = newEpoch != std::exchange(epoch, newEpoch);
    for (auto &[number, run] : runs) {
        if (countsAnew)
            run.have = -1;
        run.askAgain = true; // an answer may have been lost with the connection
    }
    project = message.value(QLatin1String("project")).toString().left(200);
    version = message.value(QLatin1String("version")).toString().left(50);
    greeted = true;
    attempts = 0;
    error.reset();
    ping.start(0); // from now on it is asked whether it lives
    for (const QByteArray &kept : std::exchange(outbox, {}))
        send(kept, false);
    setState(State::Connected);
}

// The oldest of which nothing more is expected is forgotten; false: there is none.
bool RemoteLathe::Private::makeRoom()
{
    if (runs.size() < runsMax)
        return true;
    for (auto it = runs.end(); it != runs.begin();) {
        const Run &run = (--it)->second;
        if (run.beginning || (run.wanted && !run.whole))
            continue;
        runs.erase(it);
        return true;
    }
    return false;
}

void RemoteLathe::Private::onRun(const QJsonObject &message)
{
    const qint64 id = remote::number(message, QLatin1String("run"));
    if (id <= 0 || (!runs.count(id) && !makeRoom()))
        return;
    Run &run = runs[id];
    run.told.id = id;
    run.told.agent = message.value(QLatin1String("agent")).toString().left(500);
    run.told.input = message.value(QLatin1String("input")).toString().left(500);
    run.told.status = runStatusFromName(message.value(QLatin1String("status")).toString());
    run.told.startUs = std::max<qint64>(0, remote::number(message, QLatin1String("start_us")));
    run.models = message.value(QLatin1String("models")).toString().left(500);
    run.revisions = message.value(QLatin1String("revisions")).toObject();
    if (json::compact(run.revisions).size() > revisionsMax)
        run.revisions = QJsonObject();
    if (isOver(run.told.status) && !run.told.local.isValid() && !run.beginning)
        recognise(&run);
    // What runs is taken by itself; what it had begun to record is taken to its end.
    if (!isOver(run.told.status))
        run.wanted = true;
    else if (run.told.local.isValid() && !run.whole)
        run.wanted = true;
    begin(id);
}

// Recorded here to its end by an earlier attachment.
void RemoteLathe::Private::recognise(Run *run)
{
    const auto known = session->project().runs().findForeign(source, sourceIdOf(run->told.id));
    if (!known || !*known)
        return;
    const auto there = session->project().runs().run(**known);
    if (!there || there->status == RunStatus::Interrupted || !isOver(there->status))
        return; // take() goes on with it
    run->told.local = **known;
    run->whole = true;
}

QString RemoteLathe::Private::sourceIdOf(qint64 id) const
{
    return QStringLiteral("%1/%2").arg(publisher).arg(id);
}

void RemoteLathe::Private::begin(qint64 id)
{
    Run &run = runs[id];
    if (!run.wanted || run.whole || run.cutShort || run.following || run.beginning || !greeted)
        return;
    if (run.told.local.isValid()) {
        follow(id, &run);
        return;
    }
    run.beginning = true;
    beginLocal(shared_from_this(), id, round);
}

// Makes the run here that records it, or finds the one of an earlier connection.
Task<> RemoteLathe::Private::beginLocal(std::shared_ptr<Private> self, qint64 id, int round)
{
    const auto gone = [&] { return !self->q || self->round != round || !self->runs.count(id); };
    RunInfo info;
    {
        const Run &run = self->runs[id];
        info.source = source;
        info.sourceId = self->sourceIdOf(id);
        info.agentName = run.told.agent;
        info.input = run.told.input;
        info.inputJson = QJsonObject{{QStringLiteral("text"), run.told.input}};
        info.models = run.models;
        info.revisions = run.revisions;
        info.startUs = run.told.startUs;
    }
    ForeignRuns &foreign = self->session->foreignRuns();
    const auto known = self->session->project().runs().findForeign(source, info.sourceId);
    RunId local;
    std::optional<Error> problem;
    bool complete = false;
    bool isNew = false;
    if (known && *known) {
        local = **known;
        const auto there = self->session->project().runs().run(local);
        complete = there && there->status != RunStatus::Interrupted && isOver(there->status);
        if (there && there->status == RunStatus::Interrupted) {
            const auto reopened = co_await foreign.reopen(local, true);
            if (!reopened)
                problem = reopened.error();
        }
    } else {
        isNew = true;
        const auto begun = co_await foreign.begin(std::move(info), true);
        if (begun)
            local = *begun;
        else
            problem = begun.error();
    }
    if (gone())
        co_return;
    Run &run = self->runs[id];
    run.beginning = false;
    if (problem) {
        run.wanted = false;
        Q_EMIT self->q->failed(*problem);
        co_return;
    }
    run.told.local = local;
    run.whole = complete;
    run.have = isNew && !run.isOver() ? 0 : -1;
    if (!complete) {
        const std::weak_ptr<Private> weak = self;
        foreign.setStop(local, [weak, id] {
            if (const auto alive = weak.lock())
                alive->command("stop", id, QJsonObject());
        });
        if (self->greeted)
            self->follow(id, &run);
        self->askAll(id, &run);
    }
    Q_EMIT self->q->runsChanged();
}

void RemoteLathe::Private::follow(qint64 id, Run *run)
{
    run->following = true;
    run->parts.reset();
    QJsonObject fields{{QStringLiteral("run"), id}, {QStringLiteral("epoch"), epoch}};
    if (run->have >= 0)
        fields.insert(QStringLiteral("have"), run->have);
    send(remote::message("follow", fields), false);
}

bool RemoteLathe::Private::holds(qint64 id, Run *run, qint64 *counter, const std::vector<RunEvent> &events)
{
    *counter += bytesOf(events);
    qint64 all = 0;
    for (const auto &[number, other] : runs)
        all += other.bytes + other.partBytes;
    if (std::max(run->bytes, run->partBytes) > limits.run)
        cutShort(id, run, limits.run);
    else if (all > limits.all)
        cutShort(id, run, limits.all);
    return !run->cutShort;
}

// What was recorded of it stays.
void RemoteLathe::Private::cutShort(qint64 id, Run *run, qint64 limit)
{
    const Error why(ErrorKind::LimitReached,
                    QStringLiteral("Run %1 of %2 told more than %3 MB; it is recorded here no further.")
                        .arg(QString::number(id), project)
                        .arg(std::max<qint64>(1, limit >> 20)));
    run->cutShort = true;
    run->wanted = run->following = false;
    run->parts.reset();
    run->partBytes = 0;
    interrupt(run, why);
    run->bytes = 0;
    send(remote::message("unfollow", QJsonObject{{QStringLiteral("run"), id}}), false);
    if (q) {
        Q_EMIT q->runsChanged();
        Q_EMIT q->failed(why);
    }
}

// One at a time, until little is left.
Task<> RemoteLathe::Private::writeAll(std::shared_ptr<Private> self)
{
    self->writing = true;
    while (self->q && self->unwritten > self->limits.unwritten / 8) {
        const qint64 amount = self->unwritten;
        const auto written = co_await self->session->foreignRuns().flush();
        Q_UNUSED(written)
        self->unwritten -= amount;
    }
    self->writing = false;
}

void RemoteLathe::Private::record(Run *run, const std::vector<RunEvent> &events)
{
    ForeignRuns &foreign = session->foreignRuns();
    if (events.empty() || !foreign.isUnderWay(run->told.local))
        return;
    for (const RunEvent &event : events) {
        if (event.kind == RunEventKind::RunEnded) {
            run->whole = true;
            run->told.status = event.runStatus;
            run->asked.clear(); // its questions go with it
        }
    }
    foreign.record(run->told.local, events);
    if (run->whole)
        run->bytes = 0; // now only in the file
    unwritten += bytesOf(events);
    if (!writing && unwritten > limits.unwritten / 8)
        writeAll(shared_from_this());
    if (unwritten > limits.unwritten)
        retryLater(Error(ErrorKind::RateLimited, QStringLiteral("The other side tells more than can be written to the file; the rest follows.")));
}

void RemoteLathe::Private::onEvents(const QJsonObject &message)
{
    const qint64 id = remote::number(message, QLatin1String("run"));
    const auto found = runs.find(id);
    if (found == runs.end() || !found->second.following || !found->second.told.local.isValid())
        return;
    Run &run = found->second;
    const qint64 next = remote::number(message, QLatin1String("next"));
    if (remote::number(message, QLatin1String("from")) != run.have || next < run.have) {
        run.have = -1; // something is missing: all of it again
        follow(id, &run);
        return;
    }
    const auto events = remote::eventsFromJson(message.value(QLatin1String("events")).toArray());
    if (!events) {
        retryLater(events.error());
        return;
    }
    run.have = next;
    if (holds(id, &run, &run.bytes, *events))
        record(&run, *events);
}

void RemoteLathe::Private::onTrace(const QJsonObject &message)
{
    const qint64 id = remote::number(message, QLatin1String("run"));
    const auto found = runs.find(id);
    if (found == runs.end() || !found->second.following || !found->second.told.local.isValid())
        return;
    Run &run = found->second;
    if (message.value(QLatin1String("first")).toBool())
        run.parts.emplace(), run.partBytes = 0;
    if (!run.parts)
        return;
    const auto events = remote::eventsFromJson(message.value(QLatin1String("events")).toArray());
    if (!events) {
        retryLater(events.error());
        return;
    }
    if (!holds(id, &run, &run.partBytes, *events))
        return;
    for (const RunEvent &event : *events)
        run.parts->apply(event);
    const qint64 next = remote::number(message, QLatin1String("next"));
    if (next < 0)
        return;
    run.have = next;
    const Trace now = std::move(*run.parts);
    run.parts.reset();
    run.bytes = std::exchange(run.partBytes, 0);
    const auto known = session->project().runs().trace(run.told.local);
    const auto news = eventsBetween(known ? *known : Trace(), now);
    record(&run, news);
    if (run.isOver() && !run.whole && isOver(now.status()) && known && !session->foreignRuns().isUnderWay(run.told.local))
        run.whole = true;
}

void RemoteLathe::Private::onQuestions(const QJsonArray &list)
{
    questions = list;
    for (auto &[id, run] : runs)
        askAll(id, &run);
}

// Puts the questions of a run before the person here, and takes back those that are no more.
void RemoteLathe::Private::askAll(qint64 id, Run *run)
{
    if (!run->told.local.isValid() || run->whole)
        return;
    ForeignRuns &foreign = session->foreignRuns();
    QHash<QString, QJsonObject> now;
    for (const QJsonValue &value : std::as_const(questions)) {
        const QJsonObject asked = value.toObject();
        if (remote::number(asked, QLatin1String("run")) != id)
            continue;
        const QJsonObject json = asked.value(QLatin1String("question")).toObject();
        const auto question = remote::questionFromJson(json);
        if (!question)
            continue;
        now.insert(question->step, json);
        if (!run->askAgain && run->asked.value(question->step) == json)
            continue; // is being asked, or was answered and the other side has not heard of it yet
        const std::weak_ptr<Private> weak = weak_from_this();
        foreign.ask(run->told.local, *question, [weak, id, step = question->step](const HumanAnswer &answer) {
            if (const auto alive = weak.lock())
                alive->command("answer", id, QJsonObject{{QStringLiteral("step"), step}, {QStringLiteral("answer"), answer.toJson()}});
        });
    }
    for (auto it = run->asked.begin(); it != run->asked.end(); ++it) {
        if (!now.contains(it.key()))
            foreign.withdraw(run->told.local, it.key());
    }
    run->asked = now;
    run->askAgain = false;
}

void RemoteLathe::Private::onPaused(const QJsonArray &paused)
{
    for (auto &[id, run] : runs) {
        run.told.paused = false;
        run.told.pausedAt.clear();
    }
    for (const QJsonValue &value : paused) {
        const QJsonObject one = value.toObject();
        const auto found = runs.find(remote::number(one, QLatin1String("run")));
        if (found == runs.end())
            continue;
        found->second.told.paused = true;
        found->second.told.pausedAt = json::toStringList(one.value(QLatin1String("nodes")));
    }
    if (q)
        Q_EMIT q->runsChanged();
}

} // namespace lathe
