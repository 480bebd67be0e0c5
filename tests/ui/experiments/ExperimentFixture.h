// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ExperimentSamples.h"
#include "core/session/Experiments.h"
#include "core/session/Session.h"
#include "tests/support/Await.h"

#include <QFile>
#include <QTemporaryDir>

namespace lathe::test {

// A session on a real project made from the sample, in a folder of its own.
struct ExperimentFixture {
    QTemporaryDir dir;
    std::unique_ptr<Session> session;
    QString path;

    explicit ExperimentFixture(const QString &sample = QStringLiteral("feedback-desk"))
    {
        path = dir.filePath(QStringLiteral("desk.lathe"));
        const auto made = await(Session::createProject(path, sample));
        if (!made)
            qFatal("no sample: %s", qPrintable(made.error().message));
        open();
    }
    ~ExperimentFixture()
    {
        if (session)
            close();
    }
    void open()
    {
        auto opened = Session::open(path, SessionOptions());
        if (!opened)
            qFatal("no session: %s", qPrintable(opened.error().message));
        session = std::move(*opened);
    }
    void close()
    {
        await(closed(session.get()));
        session.reset();
    }
    ArtifactId id(ArtifactKind kind, const QString &name) const { return session->project().artifacts().find(kind, name).value_or(ArtifactId()); }
    ArtifactId make(ArtifactKind kind, const QString &name, const QJsonObject &body)
    {
        const auto made = await(session->createArtifact(kind, name, body));
        if (!made)
            qFatal("%s", qPrintable(made.error().message));
        return *made;
    }
    QJsonObject body(ArtifactId artifact) const
    {
        const auto draft = session->draft(artifact);
        return draft ? draft->body : QJsonObject();
    }
    QString write(const QString &name, const QByteArray &bytes)
    {
        QFile file(dir.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("no file");
        return file.fileName();
    }

private:
    static Task<bool> closed(Session *session)
    {
        co_await session->close();
        co_return true;
    }
};

template<typename T>
T *child(QWidget *of, const QString &name)
{
    T *found = of->findChild<T *>(name);
    if (!found)
        qWarning("no child named %s", qPrintable(name));
    return found;
}

} // namespace lathe::test
