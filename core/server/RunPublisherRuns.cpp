// SPDX-License-Identifier: GPL-3.0-or-later
// What the publisher tells of the session's runs, and what watchers may do with them.
#include "core/server/RunPublisherPrivate.h"

#include "core/base/Json.h"
#include "core/httpd/HttpListen.h"
#include "core/server/RemoteMessages.h"
#include "core/server/TraceDifference.h"
#include "core/session/ForeignRuns.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QPointer>
#include <QSysInfo>
#include <QUrlQuery>
#include <QWebSocket>

namespace lathe {

namespace {
constexpr int settleMs = 50; // three of the session's frames
constexpr size_t endedKept = 8; // logs of ended runs, for watchers that come again

// The same for one project file on one machine, so that a watcher knows its runs again.
QString publisherId(const Project &project)
{
    const QString path = QFileInfo(project.path()).canonicalFilePath();
    return QString::fromLatin1(json::sha256(QSysInfo::machineUniqueId() + '\n' + path.toUtf8()).left(16));
}
} // namespace

PublishedRun *RunPublisher::Private::published(RunId run)
{
    const auto found = runs.find(run.value);
    return found == runs.end() ? nullptr : found->second.get();
}

bool RunPublisher::Private::isForWatchers(RunId run) const
{
    const auto info = session->project().runs().run(run);
    return info && info->source != QLatin1String("remote");
}

std::vector<RunId> RunPublisher::Private::underWay() const
{
    std::vector<RunId> all = session->running();
    for (const RunId run : session->foreignRuns().underWay())
        all.push_back(run);
    std::erase_if(all, [this](RunId run) { return !isForWatchers(run); });
    return all;
}

void RunPublisher::Private::watchSession()
{
    context = std::make_unique<QObject>();
    QObject::connect(session, &Session::runStarted, context.get(), [this](RunId run) { onRunStarted(run); });
    QObject::connect(session, &Session::runEvents, context.get(),
            [this](RunId run, const std::vector<RunEvent> &events) { onRunEvents(run, events); });
    QObject::connect(session, &Session::runEnded, context.get(), [this](RunId run) { onRunEnded(run); });
    QObject::connect(session, &Session::questionsChanged, context.get(), [this] { tellAll(questionsMessage()); });
    QObject::connect(session, &Session::pausedChanged, context.get(), [this](RunId) { tellAll(pausedMessage()); });
    const auto begun = underWay();
    for (const RunId run : begun)
        keep(run, false);
}

// `fromStart`: nothing of it has been signalled yet.
RunPublisher::Private::Kept *RunPublisher::Private::keep(RunId run, bool fromStart)
{
    auto kept = std::make_unique<Kept>(options.keptEventBytes);
    kept->trace = session->project().runs().trace(run);
    if (!fromStart) {
        // The trace may be ahead of the signals.
        if (kept->trace) {
            const auto events = kept->trace->toEvents();
            for (const RunEvent &event : events)
                kept->log.append(event);
            kept->seed = *kept->trace;
        } else {
            kept->seed = Trace();
        }
    }
    Kept *raw = kept.get();
    runs[run.value] = std::move(kept);
    return raw;
}

std::shared_ptr<const Trace> RunPublisher::Private::traceOf(RunId run, Kept *kept)
{
    if (!kept->trace)
        kept->trace = session->project().runs().trace(run);
    return kept->trace;
}

void RunPublisher::Private::onRunStarted(RunId run)
{
    if (!isForWatchers(run))
        return;
    // A run that is resumed or reopened has a past.
    const Trace *trace = session->liveTrace(run);
    keep(run, !trace || (trace->steps().empty() && trace->startUs() == 0));
    const auto info = session->project().runs().run(run);
    if (!info)
        return;
    for (Watcher *watcher : watchers)
        watcher->expectFollow(run);
    tellAll(remote::message("run", remote::runToJson(*info, RunStatus::Running)));
}

void RunPublisher::Private::onRunEvents(RunId run, const std::vector<RunEvent> &events)
{
    const auto found = runs.find(run.value);
    if (found == runs.end())
        return;
    Kept &kept = *found->second;
    if (kept.seed) {
        // These and perhaps more have come since; the trace holds all of them.
        if (const auto trace = traceOf(run, &kept)) {
            const auto news = eventsBetween(*kept.seed, *trace);
            for (const RunEvent &event : news)
                kept.log.append(event);
        }
        kept.seed.reset();
    } else {
        for (const RunEvent &event : events)
            kept.log.append(event);
    }
    serveWhole(run, &kept);
    const auto all = watchers;
    for (Watcher *watcher : all)
        watcher->pump();
}

void RunPublisher::Private::onRunEnded(RunId run)
{
    const auto found = runs.find(run.value);
    if (found == runs.end())
        return;
    found->second->underWay = false;
    serveWhole(run, found->second.get());
    ended.push_back(run);
    while (ended.size() > endedKept) {
        runs.erase(ended.front().value);
        ended.erase(ended.begin());
    }
    if (const auto info = session->project().runs().run(run))
        tellAll(remote::message("run", remote::runToJson(*info, info->status)));
    const auto all = watchers;
    for (Watcher *watcher : all)
        watcher->pump();
    told();
}

void RunPublisher::Private::tellAll(const QByteArray &message)
{
    const auto all = watchers; // sending may drop one
    for (Watcher *watcher : all)
        watcher->send(message);
}

QByteArray RunPublisher::Private::questionsMessage() const
{
    QJsonArray array;
    const auto questions = session->questions();
    for (const PendingQuestion &pending : questions) {
        if (isForWatchers(pending.run))
            array.append(QJsonObject{{QStringLiteral("run"), pending.run.value},
                                     {QStringLiteral("question"), remote::questionToJson(pending.question)}});
    }
    return remote::message("questions", QJsonObject{{QStringLiteral("questions"), array}});
}

QByteArray RunPublisher::Private::pausedMessage() const
{
    QJsonArray array;
    for (const RunId run : session->running()) {
        const auto paused = session->paused(run);
        if (!paused)
            continue;
        QJsonArray nodes;
        for (const PendingNode &node : paused->nodes)
            nodes.append(node.node);
        array.append(QJsonObject{{QStringLiteral("run"), run.value}, {QStringLiteral("nodes"), nodes}});
    }
    return remote::message("paused", QJsonObject{{QStringLiteral("runs"), array}});
}

bool RunPublisher::Private::mayEnter(QWebSocket *socket)
{
    QByteArray given = socket->request().rawHeader("Authorization");
    given = given.left(7).toLower() == "bearer " ? given.mid(7).trimmed() : QByteArray();
    if (given.isEmpty())
        given = QUrlQuery(socket->requestUrl()).queryItemValue(QStringLiteral("token"), QUrl::FullyDecoded).toUtf8();
    return equalInConstantTime(given, options.token.toUtf8());
}

void RunPublisher::Private::accept()
{
    while (QWebSocket *socket = server->nextPendingConnection()) {
        const bool enters = mayEnter(socket);
        if (!enters || int(watchers.size()) >= options.maxWatchers) {
            ++refused;
            socket->setParent(server.get());
            QObject::connect(socket, &QWebSocket::disconnected, socket, &QObject::deleteLater);
            socket->close(enters ? QWebSocketProtocol::CloseCode(1013) : QWebSocketProtocol::CloseCodePolicyViolated,
                          enters ? QStringLiteral("too many watchers") : QStringLiteral("wrong token"));
            continue;
        }
        auto *watcher = new Watcher(this, socket, epoch, options.maxBacklogBytes, q);
        watchers.push_back(watcher);
        QObject::connect(watcher, &Watcher::gone, q, [this, watcher] {
            std::erase(watchers, watcher);
            watcher->deleteLater();
            told();
            Q_EMIT q->watchersChanged();
        });
        QObject::connect(watcher, &Watcher::progress, q, [this] { told(); });
        welcome(watcher);
        for (const auto &waiter : std::exchange(watcherWaiters, {}))
            waiter.complete(true);
        if (q)
            Q_EMIT q->watchersChanged();
    }
}

void RunPublisher::Private::welcome(Watcher *watcher)
{
    const Project &project = session->project();
    watcher->send(remote::message("hello", QJsonObject{{QStringLiteral("protocol"), remote::protocolVersion},
                                                       {QStringLiteral("publisher"), publisherId(project)},
                                                       {QStringLiteral("epoch"), epoch},
                                                       {QStringLiteral("project"), QFileInfo(project.path()).fileName()},
                                                       {QStringLiteral("version"), QStringLiteral(LATHE_VERSION)}}));
    sendRuns(shared_from_this(), QPointer<Watcher>(watcher));
}

Task<> RunPublisher::Private::sendRuns(std::shared_ptr<Private> self, QPointer<Watcher> watcher)
{
    RunQuery query;
    query.limit = std::max(1, self->options.recentRuns);
    const auto recent = co_await self->session->project().runs().query(std::move(query), CancelToken());
    if (!self->q || !watcher)
        co_return;
    QJsonArray array;
    QSet<RunId> listed;
    const auto add = [&](const RunInfo &info) {
        if (info.source == QLatin1String("remote") || listed.contains(info.id))
            return;
        listed.insert(info.id);
        array.append(remote::runToJson(info, info.status));
    };
    for (const RunId run : self->underWay()) {
        watcher->expectFollow(run);
        if (const auto info = self->session->project().runs().run(run))
            add(*info);
    }
    if (recent) {
        for (const RunInfo &info : *recent)
            add(info);
    }
    watcher->send(remote::message("runs", QJsonObject{{QStringLiteral("runs"), array}}));
    if (watcher)
        watcher->send(self->questionsMessage());
    if (watcher)
        watcher->send(self->pausedMessage());
}

void RunPublisher::Private::wholeRun(RunId run, WholeRun done)
{
    loadWhole(shared_from_this(), run, std::move(done));
}

void RunPublisher::Private::serveSettled(RunId run, const Trace &before)
{
    const auto found = runs.find(run.value);
    const auto now = found != runs.end() ? traceOf(run, found->second.get()) : nullptr;
    if (now && eventsBetween(before, *now).empty())
        serveWhole(run, found->second.get()); // else a signal is on its way
}

void RunPublisher::Private::serveWhole(RunId run, Kept *kept)
{
    const auto now = traceOf(run, kept);
    const Trace *live = kept->seed ? &*kept->seed : now.get();
    const auto waiters = std::exchange(kept->wholeWaiters, {});
    if (waiters.empty())
        return;
    auto events = live ? std::make_shared<const std::vector<RunEvent>>(live->toEvents()) : nullptr;
    const qint64 next = kept->log.end();
    for (const WholeRun &waiter : waiters)
        waiter(events, next);
}

Task<> RunPublisher::Private::loadWhole(std::shared_ptr<Private> self, RunId run, WholeRun done)
{
    if (!self->isForWatchers(run)) {
        done(nullptr, 0);
        co_return;
    }
    if (const auto found = self->runs.find(run.value); found != self->runs.end() && self->traceOf(run, found->second.get())) {
        Kept &kept = *found->second;
        kept.wholeWaiters.push_back(std::move(done));
        if (kept.seed || !kept.underWay) {
            self->serveWhole(run, &kept);
            co_return;
        }
        // While it runs the trace may be ahead of what was signalled; it is not when a signal has just come, or when the trace is still the same
        // after a time in which one would have come.
        const auto before = std::make_shared<Trace>(*kept.trace);
        QTimer::singleShot(settleMs, self->context.get(), [self = self.get(), run, before] { self->serveSettled(run, *before); });
        co_return;
    }
    const auto trace = co_await self->session->trace(run, CancelToken());
    if (!self->q)
        co_return;
    const PublishedRun *kept = self->published(run);
    done(trace ? std::make_shared<std::vector<RunEvent>>(trace->toEvents()) : nullptr, kept ? kept->log.end() : 0);
}

} // namespace lathe
