// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "tests/support/Await.h"
#include "tests/support/JsonText.h"
#include "tests/support/ProviderServers.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

namespace lathe::test {

struct CliResult {
    int exitCode = -1;
    QByteArray out;
    QByteArray err;
    // The lines of `out` as JSON objects.
    std::vector<QJsonObject> lines() const
    {
        std::vector<QJsonObject> list;
        const auto all = out.split('\n');
        for (const QByteArray &line : all) {
            if (const auto parsed = json::parseObject(line))
                list.push_back(*parsed);
        }
        return list;
    }
};

// The real lathe-cli as a process.
class Cli
{
public:
    static QString program() { return QStringLiteral(LATHE_BIN_DIR "/lathe-cli"); }
    void setVariable(const QString &name, const QString &value) { m_environment.insert(name, value); }
    std::unique_ptr<QProcess> start(const QStringList &arguments) const
    {
        auto process = std::make_unique<QProcess>();
        process->setProcessEnvironment(m_environment);
        process->start(program(), arguments);
        return process;
    }
    CliResult run(const QStringList &arguments, const QByteArray &input = {}) const
    {
        const auto process = start(arguments);
        process->write(input);
        process->closeWriteChannel();
        process->waitForFinished(60'000);
        return {process->exitStatus() == QProcess::NormalExit ? process->exitCode() : -1, process->readAllStandardOutput(),
                process->readAllStandardError()};
    }

private:
    QProcessEnvironment m_environment = QProcessEnvironment::systemEnvironment();
};

// Makes artifacts in a project file and commits them.
class ProjectBuilder
{
public:
    explicit ProjectBuilder(const QString &path) : m_path(path)
    {
        const auto made = await(Session::createProject(path, QString()));
        if (!made)
            qFatal("%s", qPrintable(made.error().message));
    }
    void add(ArtifactKind kind, const QString &name, const QJsonObject &body)
    {
        auto session = Session::open(m_path, SessionOptions());
        if (!session)
            qFatal("%s", qPrintable(session.error().message));
        const auto id = await((*session)->createArtifact(kind, name, body));
        if (!id)
            qFatal("%s", qPrintable(id.error().message));
        const auto committed = await((*session)->commit(*id, QStringLiteral("test")));
        if (!committed)
            qFatal("%s", qPrintable(committed.error().message));
    }

private:
    QString m_path;
};

} // namespace lathe::test
