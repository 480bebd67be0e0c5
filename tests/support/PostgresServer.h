// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QProcess>
#include <QTemporaryDir>

#include <memory>

namespace lathe::test {

// A PostgreSQL server of Debian's package with a fresh database cluster, on 127.0.0.1 and a Unix socket, gone with this object (or with the
// test, however that ends). Superuser "root_role" and role "reader" (may read and write its own database "shop"), both with passwords.
class PostgresServer
{
public:
    PostgresServer();
    ~PostgresServer();
    bool isRunning() const { return m_process && m_process->state() == QProcess::Running; }
    QString problem() const { return m_problem; } // why it does not run
    int port() const { return m_port; }
    QString socketFolder() const { return m_dir.path(); }
    static QString password() { return QStringLiteral("s3cret-pass"); }
    // psql as the superuser; what it prints.
    QByteArray psql(const QByteArray &sql, const QString &database = QStringLiteral("shop"));
    void stop();
    void start();

private:
    QByteArray run(const QString &program, const QStringList &arguments, const QByteArray &input = {}, bool *ok = nullptr);
    QTemporaryDir m_dir;
    QString m_bin, m_problem;
    int m_port = 0;
    std::unique_ptr<QProcess> m_process;
};

} // namespace lathe::test
