// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/sources/SourceHub.h"

#include "core/session/TraceImport.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"

#include <QCryptographicHash>
#include <QFileInfo>
#include <QSettings>

namespace lathe {

namespace {
constexpr size_t mostReports = 20;
constexpr size_t mostFiles = 1000;
}

SourceHub::SourceHub(Session *session, QObject *parent)
    : QObject(parent), m_session(session), m_import(std::make_unique<TraceImport>(session)), m_port(ReceiverOptions::defaultPort)
{
    m_port = quint16(QSettings().value(settingsKey() + QStringLiteral("/port"), int(ReceiverOptions::defaultPort)).toInt());
    m_second.setInterval(1000);
    connect(&m_second, &QTimer::timeout, this, [this] {
        const qint64 spans = m_receiver ? m_receiver->counters().spansTaken : 0;
        const double rate = double(spans - m_lastSpans) * 1000.0 / double(std::max<qint64>(1, m_since.restart()));
        m_lastSpans = spans;
        m_rate = rate > 0.5 ? (m_rate > 0 ? 0.5 * m_rate + 0.5 * rate : rate) : 0;
        Q_EMIT receiverChanged();
    });
}

SourceHub::~SourceHub()
{
    m_cancel.cancel();
}

QString SourceHub::settingsKey() const
{
    const QByteArray path = QFileInfo(m_session->project().path()).absoluteFilePath().toUtf8();
    return QStringLiteral("receiver/") + QString::fromLatin1(QCryptographicHash::hash(path, QCryptographicHash::Sha1).toHex());
}

Result<void> SourceHub::startReceiver(quint16 port)
{
    if (m_session->project().isReadOnly())
        return Error(ErrorKind::Denied, tr("This project is open for reading only, so it cannot record what is sent to it."));
    if (!m_receiver) {
        m_receiver = std::make_unique<TraceReceiver>(m_session);
        connect(m_receiver.get(), &TraceReceiver::stateChanged, this, &SourceHub::receiverChanged);
        connect(m_receiver.get(), &TraceReceiver::countersChanged, this, &SourceHub::receiverChanged);
        connect(m_receiver.get(), &TraceReceiver::failed, this, &SourceHub::failed);
    }
    m_port = port > 0 ? port : ReceiverOptions::defaultPort;
    ReceiverOptions options;
    options.address.port = m_port;
    const auto started = m_receiver->start(options);
    QSettings settings;
    settings.setValue(settingsKey() + QStringLiteral("/on"), started.ok());
    settings.setValue(settingsKey() + QStringLiteral("/port"), int(m_port));
    if (started) {
        m_lastSpans = 0;
        m_rate = 0;
        m_since.start();
        m_second.start();
    }
    Q_EMIT receiverChanged();
    return started;
}

Task<Result<void>> SourceHub::stopTask()
{
    if (m_receiver && m_receiver->state() != TraceReceiver::State::Off)
        co_await m_receiver->stop();
    co_return Result<void>();
}

void SourceHub::stopReceiver()
{
    QSettings().setValue(settingsKey() + QStringLiteral("/on"), false);
    m_second.stop();
    m_rate = 0;
    m_stopping = true;
    const auto ended = [this] {
        m_stopping = false;
        Q_EMIT receiverChanged();
    };
    Q_EMIT receiverChanged();
    runTask(this, stopTask(), ended, [ended](const Error &) { ended(); });
}

bool SourceHub::isReceiving() const
{
    return m_receiver && m_receiver->state() == TraceReceiver::State::Listening && !m_stopping;
}

void SourceHub::startRemembered()
{
    if (!QSettings().value(settingsKey() + QStringLiteral("/on")).toBool() || m_session->project().isReadOnly())
        return;
    if (const auto started = startReceiver(m_port); !started)
        Q_EMIT failed(started.error());
}

QString SourceHub::hint() const
{
    if (isReceiving()) {
        const quint16 at = quint16(m_receiver->url().port(m_port));
        return m_rate > 0 ? tr("OTLP %1 \u00b7 %2 spans/s").arg(at).arg(m_rate < 10 ? QString::number(m_rate, 'f', 1) : format::number(qint64(m_rate)))
                          : tr("OTLP %1 \u00b7 listening").arg(at);
    }
    if (m_remote && m_remote->state() == RemoteLathe::State::Connected)
        return tr("Attached to %1").arg(m_remote->project());
    if (isPublishing())
        return tr("Published \u00b7 %1").arg(format::count(m_publisher->watchers(), tr("watcher"), tr("watchers")));
    return {};
}

RemoteLathe *SourceHub::remote()
{
    if (!m_remote) {
        m_remote = std::make_unique<RemoteLathe>(m_session);
        connect(m_remote.get(), &RemoteLathe::stateChanged, this, &SourceHub::remoteChanged);
        connect(m_remote.get(), &RemoteLathe::runsChanged, this, &SourceHub::remoteChanged);
        connect(m_remote.get(), &RemoteLathe::failed, this, &SourceHub::failed);
    }
    return m_remote.get();
}

RunPublisher *SourceHub::publisher()
{
    if (!m_publisher) {
        m_publisher = std::make_unique<RunPublisher>(m_session);
        connect(m_publisher.get(), &RunPublisher::stateChanged, this, &SourceHub::publisherChanged);
        connect(m_publisher.get(), &RunPublisher::watchersChanged, this, &SourceHub::publisherChanged);
    }
    return m_publisher.get();
}

bool SourceHub::isPublishing() const
{
    return m_publisher && m_publisher->isListening();
}

void SourceHub::importFiles(const QStringList &paths)
{
    for (const QString &path : paths) {
        if (m_waiting.size() < mostFiles)
            m_waiting.push_back({path, QByteArray(), QFileInfo(path).fileName()});
    }
    importNext();
}

void SourceHub::importText(const QByteArray &bytes, const QString &name)
{
    m_waiting.push_back({QString(), bytes, name});
    importNext();
}

void SourceHub::cancelImport()
{
    m_waiting.clear();
    m_cancel.cancel();
}

void SourceHub::importNext()
{
    if (m_importing || m_waiting.empty())
        return;
    Waiting next = std::move(m_waiting.front());
    m_waiting.pop_front();
    m_importing = true;
    m_file = next.name;
    m_done = m_total = 0;
    m_cancel = CancelSource();
    Q_EMIT importChanged();
    if (m_session->project().isReadOnly()) {
        importDone({ImportReport(), Error(ErrorKind::Denied, tr("This project is open for reading only; nothing can be imported into it.")), next.name});
        return;
    }
    const QPointer<SourceHub> alive(this);
    const TraceImport::Progress progress = [this, alive](qint64 done, qint64 total) {
        if (!alive)
            return;
        m_done = done;
        m_total = total;
        Q_EMIT importChanged();
    };
    const auto taken = [this, name = next.name](const ImportReport &report) { importDone({report, std::nullopt, name}); };
    const auto refused = [this, name = next.name](const Error &error) { importDone({ImportReport(), error, name}); };
    if (next.path.isEmpty())
        runTask(this, m_import->importBytes(next.bytes, next.name, progress, m_cancel.token()), taken, refused);
    else
        runTask(this, m_import->importFile(next.path, progress, m_cancel.token()), taken, refused);
}

void SourceHub::importDone(ImportEntry entry)
{
    m_importing = false;
    m_file.clear();
    if (m_closing)
        return m_closing->complete(true);
    m_imports.insert(m_imports.begin(), std::move(entry));
    if (m_imports.size() > mostReports)
        m_imports.resize(mostReports);
    Q_EMIT importChanged();
    if (m_waiting.empty())
        Q_EMIT importEnded();
    else
        QMetaObject::invokeMethod(this, &SourceHub::importNext, Qt::QueuedConnection);
}

Task<Result<void>> SourceHub::close()
{
    cancelImport();
    m_second.stop();
    if (m_importing) {
        const Completion<bool> over = m_closing.emplace();
        co_await over;
    }
    if (m_publisher)
        m_publisher->stop();
    if (m_remote)
        m_remote->disconnectFrom();
    auto stopped = co_await stopTask();
    co_return stopped;
}

} // namespace lathe
