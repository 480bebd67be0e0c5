// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Error.h"
#include "core/base/Id.h"
#include "core/trace/RunEvent.h"

#include <QObject>
#include <QStringList>
#include <QUrl>

#include <memory>
#include <optional>
#include <vector>

namespace lathe {

class Session;

// A run of the other Lathe.
struct RemoteRun {
    qint64 id = 0;       // its number there
    RunId local;         // the run here that records it; invalid: not taken
    QString agent;
    QString input;       // first 500 characters
    RunStatus status = RunStatus::Running;
    qint64 startUs = 0;
    bool paused = false; // waits at a breakpoint; continueRun() lets it go on
    QStringList pausedAt; // the nodes about to run
};

// Watches the runs of another Lathe (RunPublisher) and records them here as they happen: runs of source "remote", with the questions they
// ask and stop() that reaches them. Runs under way and those that begin later are taken by themselves; recent ended ones with take().
// A lost connection comes again by itself and misses nothing. Main thread. The session must outlive it.
class RemoteLathe : public QObject
{
    Q_OBJECT
public:
    // What the other side can make this one hold in memory, in bytes.
    struct Limits {
        qint64 run = 256ll << 20;       // of one run under way; beyond it, it is recorded no further
        qint64 all = 512ll << 20;       // of all runs under way; the one that goes beyond it is recorded no further
        qint64 unwritten = 128ll << 20; // told and not yet in the file; beyond it the connection is dropped and comes again
        Limits() = default;
    };
    enum class State {
        Off,
        Connecting,
        Connected,
        Waiting,  // the connection was lost; tries again in waitSeconds()
        Refused,  // wrong token or address: does not try again
        Ended,    // the other side said it ends; does not try again
    };

    explicit RemoteLathe(Session *session, QObject *parent = nullptr);
    ~RemoteLathe() override;

    // ws://HOST:PORT/?token=... as `lathe-cli run --publish` prints it, or the address and a token apart. A new call ends the old one.
    void connectTo(const QUrl &url, const QString &token = QString());
    void setLimits(Limits limits); // from the next message on
    void disconnectFrom(); // runs it was recording become interrupted

    State state() const;
    QString stateText() const;  // a sentence for people: "Connected to feedback.lathe (Lathe 0.5)."
    int waitSeconds() const;    // State::Waiting: until the next attempt, rounded up
    std::optional<Error> error() const; // why it waits or was refused
    QUrl url() const;           // without the token
    QString project() const;    // name of the other project, once connected
    QString version() const;    // of the other Lathe

    std::vector<RemoteRun> runs() const; // newest first
    void take(qint64 remoteRun);         // record an ended one here, too
    // Teams. Pause: wait before the next node; only attended runs can.
    void pauseRun(RunId local);
    void continueRun(RunId local, bool untilNextNode = false);
    std::optional<RemoteRun> remoteRun(RunId local) const;

Q_SIGNALS:
    void stateChanged();        // also each second while it waits
    void runsChanged();         // the list or a pause
    void failed(const lathe::Error &error); // a command was refused there, or recording failed here

private:
    class Private;
    std::shared_ptr<Private> d;
};

} // namespace lathe
