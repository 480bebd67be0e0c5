// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/PostgresServer.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTcpServer>
#include <QThread>

#include <csignal>
#include <pwd.h>
#include <unistd.h>

namespace lathe::test {

namespace {
constexpr int patienceMs = 60'000;

// The server refuses to run as root.
QStringList asServer(const QStringList &command)
{
    QStringList words{QStringLiteral("setpriv"), QStringLiteral("--pdeathsig"), QStringLiteral("KILL")};
    if (::geteuid() == 0)
        words << QStringLiteral("--reuid=postgres") << QStringLiteral("--regid=postgres") << QStringLiteral("--clear-groups");
    return words << command;
}
}

PostgresServer::PostgresServer()
{
    const QDir versions(QStringLiteral("/usr/lib/postgresql"));
    const QStringList names = versions.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name | QDir::Reversed);
    if (names.isEmpty()) {
        m_problem = QStringLiteral("PostgreSQL is not installed (apt install postgresql)");
        return;
    }
    m_bin = versions.filePath(names.first()) + QStringLiteral("/bin/");
    if (::geteuid() == 0) {
        const passwd *user = ::getpwnam("postgres");
        if (!user || ::chown(qPrintable(m_dir.path()), user->pw_uid, user->pw_gid) != 0) {
            m_problem = QStringLiteral("there is no user postgres");
            return;
        }
    }
    QFile file(m_dir.filePath(QStringLiteral("password")));
    if (!file.open(QIODevice::WriteOnly) || file.write(password().toUtf8()) < 0)
        m_problem = QStringLiteral("the folder cannot be written");
    file.close();
    file.setPermissions(QFile::ReadOwner | QFile::ReadOther);
    bool ok = false;
    const QByteArray words = run(m_bin + QStringLiteral("initdb"),
                                 {QStringLiteral("--pgdata=") + m_dir.filePath(QStringLiteral("data")), QStringLiteral("--no-sync"),
                                  QStringLiteral("--auth=scram-sha-256"), QStringLiteral("--username=root_role"), QStringLiteral("--encoding=UTF8"),
                                  QStringLiteral("--locale=C.UTF-8"), QStringLiteral("--pwfile=") + file.fileName()},
                                 {}, &ok);
    if (!ok) {
        m_problem = QString::fromUtf8(words.right(1000));
        return;
    }
    // Between the moment that the port is found free and the server's bind() anybody may take it.
    for (int tries = 0; tries < 5 && !isRunning(); ++tries) {
        QTcpServer free;
        free.listen(QHostAddress::LocalHost);
        m_port = free.serverPort();
        free.close();
        m_problem.clear();
        start();
    }
    if (!isRunning())
        return;
    psql("CREATE ROLE reader LOGIN PASSWORD '" + password().toUtf8() + "'", QStringLiteral("postgres"));
    psql("CREATE DATABASE shop OWNER reader", QStringLiteral("postgres"));
}

PostgresServer::~PostgresServer()
{
    stop();
}

void PostgresServer::start()
{
    m_process = std::make_unique<QProcess>();
    m_process->setProcessChannelMode(QProcess::MergedChannels);
    m_process->setStandardOutputFile(m_dir.filePath(QStringLiteral("log")));
    const QStringList words =
        asServer({m_bin + QStringLiteral("postgres"), QStringLiteral("-D"), m_dir.filePath(QStringLiteral("data")), QStringLiteral("-p"),
                  QString::number(m_port), QStringLiteral("-c"), QStringLiteral("listen_addresses=127.0.0.1"), QStringLiteral("-c"),
                  QStringLiteral("unix_socket_directories=") + m_dir.path(), QStringLiteral("-c"), QStringLiteral("fsync=off"), QStringLiteral("-c"),
                  QStringLiteral("max_connections=20")});
    m_process->start(words.first(), words.mid(1));
    QElapsedTimer time;
    time.start();
    while (time.elapsed() < patienceMs && m_process->state() != QProcess::NotRunning) {
        m_process->waitForFinished(20);
        bool ok = false;
        run(m_bin + QStringLiteral("pg_isready"), {QStringLiteral("-h"), QStringLiteral("127.0.0.1"), QStringLiteral("-p"), QString::number(m_port)}, {}, &ok);
        if (ok)
            return;
    }
    QFile log(m_dir.filePath(QStringLiteral("log")));
    m_problem = log.open(QIODevice::ReadOnly) ? QString::fromUtf8(log.readAll().right(1000)) : QStringLiteral("no log");
    stop();
}

void PostgresServer::stop()
{
    if (!m_process)
        return;
    if (m_process->state() != QProcess::NotRunning) {
        ::kill(pid_t(m_process->processId()), SIGINT); // a fast, orderly end
        if (!m_process->waitForFinished(patienceMs))
            m_process->kill();
        m_process->waitForFinished();
    }
    m_process.reset();
}

QByteArray PostgresServer::psql(const QByteArray &sql, const QString &database)
{
    return run(m_bin + QStringLiteral("psql"),
               {QStringLiteral("-qAtX"), QStringLiteral("-h"), QStringLiteral("127.0.0.1"), QStringLiteral("-p"), QString::number(m_port),
                QStringLiteral("-U"), QStringLiteral("root_role"), QStringLiteral("-d"), database},
               sql)
        .trimmed();
}

QByteArray PostgresServer::run(const QString &program, const QStringList &arguments, const QByteArray &input, bool *ok)
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("PGPASSWORD"), password());
    process.setProcessEnvironment(environment);
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.setWorkingDirectory(QStringLiteral("/"));
    const QStringList words = asServer(QStringList{program} + arguments);
    process.start(words.first(), words.mid(1));
    process.write(input);
    process.closeWriteChannel();
    const bool ended = process.waitForFinished(patienceMs);
    if (ok)
        *ok = ended && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
    return process.readAll();
}

} // namespace lathe::test
