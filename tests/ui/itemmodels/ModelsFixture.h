// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "tests/support/Await.h"

#include <QTemporaryDir>

namespace lathe::test {

// A session on an empty project with the offline connection, in a folder of its own.
struct ModelsFixture {
    QTemporaryDir dir;
    std::unique_ptr<Session> session;

    ModelsFixture()
    {
        const QString path = dir.filePath(QStringLiteral("models.lathe"));
        const auto made = await(Session::createProject(path, QString()));
        if (!made)
            qFatal("no project: %s", qPrintable(made.error().message));
        auto opened = Session::open(path, SessionOptions());
        if (!opened)
            qFatal("no session: %s", qPrintable(opened.error().message));
        session = std::move(*opened);
    }
    ~ModelsFixture() { await(closed(session.get())); }

    ArtifactId make(ArtifactKind kind, const QString &name, const QJsonObject &body)
    {
        const auto id = await(session->createArtifact(kind, name, body));
        if (!id)
            qFatal("%s", qPrintable(id.error().message));
        return *id;
    }
    ArtifactId agent(const QString &name)
    {
        if (!session->project().artifacts().find(ArtifactKind::Prompt, QStringLiteral("p"))) {
            const ArtifactId prompt = make(ArtifactKind::Prompt, QStringLiteral("p"), {{QStringLiteral("text"), QStringLiteral("Summarise.")}});
            commit(prompt);
        }
        const ArtifactId id = make(ArtifactKind::Agent, name,
                                   {{QStringLiteral("job"), QStringLiteral("Summarise a text.")},
                                    {QStringLiteral("prompt"), QStringLiteral("p")},
                                    {QStringLiteral("pattern"), QStringLiteral("direct")},
                                    {QStringLiteral("model"), QJsonObject{{QStringLiteral("connection"), QStringLiteral("offline")},
                                                                          {QStringLiteral("model"), QStringLiteral("extractive")}}}});
        commit(id);
        return id;
    }
    void commit(ArtifactId id)
    {
        const auto done = await(session->commit(id, QStringLiteral("note")));
        if (!done)
            qFatal("%s", qPrintable(done.error().message));
    }
    RunId run(const QString &agentName, const QString &input)
    {
        RunRequest request;
        request.agent = agentName;
        request.input.text = input;
        const auto id = await(session->startRun(request));
        if (!id)
            qFatal("%s", qPrintable(id.error().message));
        const auto result = await(session->finished(*id));
        if (!result)
            qFatal("%s", qPrintable(result.error().message));
        return *id;
    }

private:
    static Task<bool> closed(Session *session)
    {
        co_await session->close();
        co_return true;
    }
};

} // namespace lathe::test
