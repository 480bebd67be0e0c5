// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/server/RemoteLathe.h"
#include "core/session/Session.h"

#include <QTimer>

#include <map>

class QWebSocket;

namespace lathe {

// Main thread.
class RemoteLathe::Private : public std::enable_shared_from_this<RemoteLathe::Private>
{
public:
    struct Run {
        RemoteRun told;
        QString models;
        QJsonObject revisions;
        qint64 have = -1;      // number of the next event; -1: the whole trace is needed
        bool wanted = false;   // is to be recorded here
        bool beginning = false; // its local run is being made
        bool whole = false;    // recorded here to its end
        bool following = false; // on this connection
        std::optional<Trace> parts; // of a whole trace that is coming in
        qint64 bytes = 0;      // of it in memory, about
        qint64 partBytes = 0;  // of parts
        bool cutShort = false; // it told more than may be held
        QHash<QString, QJsonObject> asked; // step, question as it was told
        bool askAgain = false;
        bool isOver() const { return told.status != RunStatus::Running && told.status != RunStatus::Waiting; }
    };
    Private(RemoteLathe *owner, Session *s) : q(owner), session(s) {}

    void open();
    void dropSocket();
    void onClosed();
    void retryLater(Error why);
    void refuse(Error why);
    void onSecond();
    void setState(State next);
    void onMessage(const QString &text);
    bool handle(const QJsonObject &message); // false: it is none this program understands
    void onHello(const QJsonObject &message);
    bool makeRoom();
    void onRun(const QJsonObject &message);
    void onEvents(const QJsonObject &message);
    void onTrace(const QJsonObject &message);
    void onQuestions(const QJsonArray &questions);
    void askAll(qint64 id, Run *run);
    void onPaused(const QJsonArray &paused);
    void follow(qint64 id, Run *run);
    void begin(qint64 id);
    void recognise(Run *run);
    QString sourceIdOf(qint64 id) const;
    static Task<> beginLocal(std::shared_ptr<Private> self, qint64 id, int round);
    void record(Run *run, const std::vector<RunEvent> &events);
    bool holds(qint64 id, Run *run, qint64 *counter, const std::vector<RunEvent> &events); // false: too much, it is cut short
    void cutShort(qint64 id, Run *run, qint64 limit);
    static Task<> writeAll(std::shared_ptr<Private> self);
    void send(const QByteArray &message, bool keep);
    void command(const char *type, qint64 id, QJsonObject fields);
    void interrupt(Run *run, std::optional<Error> why = std::nullopt); // it gets no more
    void interruptAll();
    Run *byLocal(RunId local);

    RemoteLathe *q; // null: it has gone
    Session *session;
    State state = State::Off;
    std::optional<Error> error;
    QUrl url;
    QString token;
    QString publisher, epoch, project, version;
    QWebSocket *socket = nullptr;
    int round = 0;    // counts connectTo(): what is left of an earlier one counts no more
    Limits limits;
    qint64 unwritten = 0; // bytes told and not yet in the file
    bool writing = false;
    int attempts = 0; // since the last hello
    int nonsense = 0; // connections that ended with it, since one that lasted
    bool greeted = false; // on this connection
    bool heard = false;   // since the last ping
    qint64 retryAtUs = 0;
    int retryMs = 0;
    QTimer retry, second, ping;
    std::map<qint64, Run, std::greater<>> runs; // newest first
    QJsonArray questions; // as last told
    std::vector<QByteArray> outbox; // commands given while there was no connection
};

} // namespace lathe
