// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/server/EventLog.h"

#include <QHash>
#include <QJsonObject>
#include <QObject>
#include <QSet>
#include <QTimer>

#include <deque>
#include <functional>
#include <memory>

class QWebSocket;

namespace lathe {

// A run as a publisher knows it.
struct PublishedRun {
    explicit PublishedRun(qint64 keptBytes) : log(keptBytes) {}
    EventLog log;
    bool underWay = true;
};

// What a watcher needs of its publisher.
class WatcherHost
{
public:
    virtual ~WatcherHost() = default;
    virtual PublishedRun *published(RunId run) = 0; // null: not (or no longer) kept; only its trace can be had
    // Calls back, at once or later, with all events of the run as they are now, and the number of the next one in the log; empty: no such run.
    using WholeRun = std::function<void(std::shared_ptr<const std::vector<RunEvent>> events, qint64 next)>;
    virtual void wholeRun(RunId run, WholeRun done) = 0;
    virtual void command(QObject *from, const QJsonObject &message, std::function<void(const QString &problem)> failed) = 0;
};

// One connected watcher: sends it the runs it follows, never more at once than the network takes. Owns its socket.
class Watcher : public QObject
{
    Q_OBJECT
public:
    Watcher(WatcherHost *host, QWebSocket *socket, QString epoch, qint64 maxBacklogBytes, QObject *parent);
    ~Watcher() override;

    void send(const QByteArray &message); // of what is not a stream of events
    void pump();                          // there may be something new
    void expectFollow(RunId run);         // it was told of a run under way: hasAll() waits for its wish to see it
    bool hasAll() const;                  // nothing is left to send, also not in the socket
    void close(bool ended);               // `ended`: says that the publisher ends

Q_SIGNALS:
    void gone();     // once
    void progress(); // sent something

private:
    // One run that is followed.
    struct Stream {
        qint64 next = 0;      // number of the event to send next
        bool waiting = false; // for its whole trace, also for its turn
        std::shared_ptr<const std::vector<RunEvent>> whole; // being sent instead of numbered events
        size_t wholeAt = 0;
        qint64 wholeNext = 0; // number that follows the whole
    };
    void onMessage(const QString &text);
    void follow(const QJsonObject &message);
    void startWhole(RunId run);
    void loadNext(); // the whole traces one after the other: each is held until it is sent
    bool sendSome(RunId run, Stream *stream); // false: nothing to send
    void onSilence();
    void cutOff();
    void leave();

    WatcherHost *m_host;
    QWebSocket *m_socket;
    QString m_epoch;
    qint64 m_maxBacklog;
    QHash<RunId, Stream> m_streams;
    QSet<RunId> m_expected;
    std::deque<RunId> m_toLoad; // whose whole traces are wanted, in order
    bool m_loading = false;
    QTimer m_ping;
    bool m_heard = true; // since the last ping
    bool m_gone = false;
    bool m_pumping = false;
};

} // namespace lathe
