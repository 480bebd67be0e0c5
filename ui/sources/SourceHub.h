// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/server/RemoteLathe.h"
#include "core/server/RunPublisher.h"
#include "core/server/TraceReceiver.h"
#include "core/session/Session.h"
#include "core/trace/import/ImportReport.h"

#include <QElapsedTimer>
#include <QTimer>

#include <deque>

namespace lathe {

class TraceImport;

// Everything that brings foreign runs into the open project or gives its own to watchers: the OTLP receiver, a remote Lathe, the
// publisher, imports of files. The window owns it, so that it goes on while no page shows it. Nothing runs until a person asks for it;
// that the receiver was on is remembered on this machine (not in the file, which may come from elsewhere). Main thread.
class SourceHub : public QObject
{
    Q_OBJECT
public:
    explicit SourceHub(Session *session, QObject *parent = nullptr);
    ~SourceHub() override;
    Session *session() const { return m_session; }
    Task<Result<void>> close(); // before the session closes: what was received is recorded

    // --- OTLP receiver
    TraceReceiver *receiver() const { return m_receiver.get(); } // null until first started
    Result<void> startReceiver(quint16 port); // 0: the usual one
    void stopReceiver();
    bool isReceiving() const;
    bool isStopping() const { return m_stopping; }
    quint16 port() const { return m_port; } // to listen at, or listening
    double spansPerSecond() const { return m_rate; }
    // Starts the receiver when it was on as this machine last had the project open.
    void startRemembered();
    QString hint() const; // "OTLP 4318 · 12 spans/s", empty when nothing is on

    // --- Remote Lathe and publishing
    RemoteLathe *remote(); // made with the first use
    bool hasRemote() const { return m_remote != nullptr; }
    RunPublisher *publisher();
    bool isPublishing() const;

    // --- Imports: one file after the other.
    void importFiles(const QStringList &paths);
    void importText(const QByteArray &bytes, const QString &name); // dropped or pasted
    void cancelImport(); // and what waits behind it
    bool isImporting() const { return m_importing; }
    int waitingFiles() const { return int(m_waiting.size()); }
    QString importingFile() const { return m_file; }
    qint64 importedBytes() const { return m_done; }
    qint64 importBytes() const { return m_total; }
    struct ImportEntry {
        ImportReport report;
        std::optional<Error> error; // of the file as a whole
        QString file;
    };
    const std::vector<ImportEntry> &imports() const { return m_imports; } // newest first, the last 20

Q_SIGNALS:
    void receiverChanged(); // state, counters, rate
    void remoteChanged();
    void publisherChanged();
    void importChanged();
    void importEnded(); // the queue is empty
    void failed(const lathe::Error &error);

private:
    struct Waiting {
        QString path; // empty: `bytes`
        QByteArray bytes;
        QString name;
    };
    void importNext();
    void importDone(ImportEntry entry);
    Task<Result<void>> stopTask();
    QString settingsKey() const;
    Session *m_session;
    std::unique_ptr<TraceReceiver> m_receiver;
    std::unique_ptr<RemoteLathe> m_remote;
    std::unique_ptr<RunPublisher> m_publisher;
    std::unique_ptr<TraceImport> m_import;
    quint16 m_port;
    QTimer m_second;
    QElapsedTimer m_since;
    qint64 m_lastSpans = 0;
    double m_rate = 0;
    bool m_stopping = false;
    std::deque<Waiting> m_waiting;
    std::vector<ImportEntry> m_imports;
    bool m_importing = false;
    QString m_file;
    qint64 m_done = 0, m_total = 0;
    CancelSource m_cancel;
    std::optional<Completion<bool>> m_closing; // close() waits for the import under way
};

} // namespace lathe
