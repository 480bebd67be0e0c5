// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/server/RunPublisher.h"
#include "core/server/Watcher.h"
#include "core/session/Session.h"

#include <QPointer>
#include <QWebSocketServer>

#include <unordered_map>

namespace lathe {

// Main thread.
class RunPublisher::Private : public WatcherHost, public std::enable_shared_from_this<RunPublisher::Private>
{
public:
    struct Kept : PublishedRun {
        using PublishedRun::PublishedRun;
        // Set while it is not sure which of the signalled events the log holds: it was filled from this state of the trace.
        std::optional<Trace> seed;
        std::shared_ptr<const Trace> trace; // the repository's; held, as after the end it would only be in the file
        std::vector<WholeRun> wholeWaiters;
    };
    Private(RunPublisher *owner, Session *s) : q(owner), session(s) {}

    PublishedRun *published(RunId run) override;
    void wholeRun(RunId run, WholeRun done) override;
    void command(QObject *from, const QJsonObject &message, std::function<void(const QString &)> failed) override;

    void watchSession();
    void accept();
    bool mayEnter(QWebSocket *socket);
    void welcome(Watcher *watcher);
    static Task<> sendRuns(std::shared_ptr<Private> self, QPointer<Watcher> watcher);
    static Task<> loadWhole(std::shared_ptr<Private> self, RunId run, WholeRun done);
    void serveWhole(RunId run, Kept *kept); // call it when the log holds exactly what the trace does
    void serveSettled(RunId run, const Trace &before);
    bool isForWatchers(RunId run) const; // false: comes from elsewhere and is only watched here
    Kept *keep(RunId run, bool fromStart);
    std::shared_ptr<const Trace> traceOf(RunId run, Kept *kept);
    void onRunStarted(RunId run);
    void onRunEvents(RunId run, const std::vector<RunEvent> &events);
    void onRunEnded(RunId run);
    void tellAll(const QByteArray &message);
    QByteArray questionsMessage() const;
    QByteArray pausedMessage() const;
    std::vector<RunId> underWay() const;
    void pauseRun(RunId run, std::function<void(const QString &)> failed);
    void restoreBreakpoints();
    bool delivered() const;
    void told(); // something changed for those who wait

    RunPublisher *q; // null: it has gone
    Session *session;
    PublisherOptions options;
    QString epoch; // event numbers hold for one start() of one program
    std::unique_ptr<QWebSocketServer> server;
    std::unique_ptr<QObject> context; // of the connections to the session
    std::vector<Watcher *> watchers;
    std::unordered_map<qint64, std::unique_ptr<Kept>> runs;
    std::vector<RunId> ended; // of `runs`, oldest first
    std::vector<ArtifactId> pausedTeams; // whose breakpoints a watcher has set
    std::vector<Completion<bool>> watcherWaiters;
    std::optional<CancelSource> progressWaiter;
    qint64 refused = 0;
};

} // namespace lathe
