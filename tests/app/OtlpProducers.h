// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/app/AppTesting.h"
#include "tests/support/NodePrograms.h"

#include <signal.h>

namespace lathe::test {

// The real exporters of tests/support/otlp.
class OtlpProducers
{
public:
    static QString node() { return NodePrograms::node(QStringLiteral("otlp")); }
    // The sources with their packages beside them. Empty: the packages are missing.
    static QString prepare(const QString &folder) { return NodePrograms::prepare(QStringLiteral("otlp"), folder); }

    struct Told {
        QJsonObject json; // spans, exported, failed, names, traces
        QByteArray errors;
    };
    static Told run(const QString &program, const QString &place, const QString &producer, const QString &encoding, const QString &endpoint,
                    const QStringList &variables)
    {
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("OTEL_EXPORTER_OTLP_ENDPOINT"), endpoint);
        for (const QString &variable : variables)
            environment.insert(variable.section(QLatin1Char('='), 0, 0), variable.section(QLatin1Char('='), 1));
        process.setProcessEnvironment(environment);
        process.setWorkingDirectory(place);
        process.start(program, {producer + QStringLiteral(".mjs"), encoding});
        process.waitForFinished(60'000);
        Told told;
        told.errors = process.readAllStandardError();
        for (const QByteArray &line : process.readAllStandardOutput().split('\n')) {
            if (const auto parsed = json::parseObject(line))
                told.json = *parsed;
        }
        return told;
    }
};

// lathe-cli serve as a process.
class Serving
{
public:
    Serving(const QString &file, const QStringList &more)
    {
        m_process = Cli().start(QStringList{QStringLiteral("serve"), file, QStringLiteral("--json")} + more);
        while (!m_process->canReadLine() && m_process->waitForReadyRead(30'000)) {
        }
        if (const auto parsed = json::parseObject(m_process->readLine()))
            m_told = *parsed;
    }
    QString otlp() const { return m_told.value(QStringLiteral("otlp")).toString(); }
    QUrl watch() const { return QUrl(m_told.value(QStringLiteral("watch")).toString()); }
    // Ctrl+C; gives the exit code.
    int end()
    {
        if (m_process->processId() <= 0)
            return -1; // 0 would be ourselves
        ::kill(pid_t(m_process->processId()), SIGINT);
        return m_process->waitForFinished(30'000) && m_process->exitStatus() == QProcess::NormalExit ? m_process->exitCode() : -1;
    }
    QByteArray errors() { return m_process->readAllStandardError(); }

private:
    std::unique_ptr<QProcess> m_process;
    QJsonObject m_told;
};

} // namespace lathe::test
