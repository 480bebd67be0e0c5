// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>

namespace lathe::test {

// A real mail server on 127.0.0.1 (mail/mail-sink.py over aiosmtpd), gone with this object or with the test.
class MailSink
{
public:
    // Options as the script names them. With "starttls" or "tls" a certificate for 127.0.0.1 and localhost is made: caFile().
    explicit MailSink(QJsonObject options = {});
    ~MailSink();
    int port() const { return m_port; }
    QString problem() const { return m_problem; }
    QString caFile() const { return m_dir.filePath(QStringLiteral("cert.pem")); }
    // The next mail that it got: {from, to, options, tls, login, data}; empty when none comes within ten seconds.
    QJsonObject next();
    bool isEmpty(); // nothing came that next() has not given

private:
    QJsonObject line(int patienceMs);
    QTemporaryDir m_dir;
    QProcess m_process;
    QByteArray m_buffer;
    QString m_problem;
    int m_port = 0;
};

inline MailSink::MailSink(QJsonObject options)
{
    if (options.contains(QLatin1String("starttls")) || options.contains(QLatin1String("tls"))) {
        const QString key = m_dir.filePath(QStringLiteral("key.pem"));
        QProcess openssl;
        openssl.start(QStringLiteral("openssl"),
                      {QStringLiteral("req"), QStringLiteral("-x509"), QStringLiteral("-newkey"), QStringLiteral("rsa:2048"), QStringLiteral("-nodes"),
                       QStringLiteral("-keyout"), key, QStringLiteral("-out"), caFile(), QStringLiteral("-days"), QStringLiteral("2"),
                       QStringLiteral("-subj"), QStringLiteral("/CN=localhost"), QStringLiteral("-addext"),
                       QStringLiteral("subjectAltName=DNS:localhost,IP:127.0.0.1")});
        openssl.waitForFinished(60'000);
        options.insert(QStringLiteral("cert"), caFile());
        options.insert(QStringLiteral("key"), key);
    }
    m_process.setProcessChannelMode(QProcess::SeparateChannels);
    m_process.start(QStringLiteral("/usr/bin/python3"),
                    {QStringLiteral(LATHE_SOURCE_DIR "/tests/support/mail/mail-sink.py"),
                     QString::fromUtf8(QJsonDocument(options).toJson(QJsonDocument::Compact))});
    m_port = line(60'000).value(QLatin1String("port")).toInt();
    if (m_port == 0)
        m_problem = QStringLiteral("the mail server does not start (apt install python3-aiosmtpd): ")
                    + QString::fromUtf8(m_process.readAllStandardError().right(500));
}

inline MailSink::~MailSink()
{
    m_process.kill();
    m_process.waitForFinished();
}

inline QJsonObject MailSink::line(int patienceMs)
{
    QElapsedTimer time;
    time.start();
    for (;;) {
        m_buffer += m_process.readAllStandardOutput();
        const qsizetype end = m_buffer.indexOf('\n');
        if (end >= 0) {
            const QByteArray text = m_buffer.left(end);
            m_buffer.remove(0, end + 1);
            return QJsonDocument::fromJson(text).object();
        }
        const int left = patienceMs - int(time.elapsed());
        if (left <= 0 || (m_process.state() == QProcess::NotRunning && m_process.bytesAvailable() == 0))
            return {};
        m_process.waitForReadyRead(std::min(left, 200));
    }
}

inline QJsonObject MailSink::next()
{
    return line(10'000);
}

inline bool MailSink::isEmpty()
{
    return line(300).isEmpty();
}

} // namespace lathe::test
