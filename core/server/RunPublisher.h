// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"
#include "core/server/ServerAddress.h"

#include <QObject>
#include <QUrl>

#include <memory>

namespace lathe {

class Session;

struct PublisherOptions {
    ServerAddress address;                 // loopback and a free port unless a person says otherwise
    QString token;                         // empty: 128 random bits
    int recentRuns = 50;                   // of the ended ones, told to a watcher
    qint64 maxBacklogBytes = 8ll << 20;    // not yet sent to one watcher; beyond it the watcher is dropped and comes again
    qint64 keptEventBytes = 4ll << 20;     // of one run under way, to go on where a watcher left; else it gets the whole trace
    int maxWatchers = 32;
    PublisherOptions() = default;
};

// Streams the runs of a session to watchers (RemoteLathe) over a WebSocket and takes their answers, stops and continues. Protocol:
// core/server/README.md. Whoever has the token may do that. Runs that this project itself only watches (source "remote") are not passed
// on. Main thread. The session must outlive it.
class RunPublisher : public QObject
{
    Q_OBJECT
public:
    explicit RunPublisher(Session *session, QObject *parent = nullptr);
    ~RunPublisher() override;

    // Errors: the port is in use, the address is not this machine's.
    Result<void> start(PublisherOptions options = PublisherOptions());
    void stop(); // watchers are told that it ended
    // Waits until every watcher has got everything that was recorded until now, at most `maxMs`, then stops.
    Task<> finish(qint64 maxMs);
    // Ends as soon as somebody watches (true), or when cancelled (false).
    Task<bool> watcherCame(CancelToken cancel);
    bool isListening() const;
    QUrl url() const;        // ws://HOST:PORT/?token=TOKEN, for a watcher; empty when off
    QString token() const;
    ServerAddress address() const; // with the port it got
    int watchers() const;    // connected now
    qint64 refused() const;  // connections turned away since start(): wrong token, a browser's Origin, too many

Q_SIGNALS:
    void stateChanged();     // started or stopped
    void watchersChanged();

private:
    class Private;
    std::shared_ptr<Private> d;
};

} // namespace lathe
