// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/SecretStore.h"
#include "core/session/Session.h"
#include "tests/support/Await.h"
#include "tests/ui/Pictures.h"

#include <QTemporaryDir>
#include <QTest>

namespace lathe::test {

// Keys in memory; refuses to keep any when told so, as a machine without a keychain does.
class MemorySecrets : public SecretStore
{
public:
    Task<Result<QString>> read(QString name) override
    {
        if (!values.contains(name))
            co_return Error(ErrorKind::NotFound, QStringLiteral("The secret %1 is not there.").arg(name));
        co_return values.value(name);
    }
    Task<Result<void>> write(QString name, QString value) override
    {
        if (refuses)
            co_return Error(ErrorKind::Denied, QStringLiteral("This machine has no keychain; set the environment variable %1 instead.").arg(name));
        values.insert(name, value);
        co_return Result<void>();
    }
    QHash<QString, QString> values;
    bool refuses = false;
};

// A real project of the sample in a temporary folder, and the theme of the program.
class UiFixture
{
public:
    explicit UiFixture(const QString &sample = QStringLiteral("feedback-desk"))
    {
        const QString path = m_folder.filePath(QStringLiteral("test.lathe"));
        const auto made = await(Session::createProject(path, sample));
        if (!made)
            qFatal("%s", qPrintable(made.error().message));
        SessionOptions options;
        options.secrets = &secrets;
        auto opened = Session::open(path, options);
        if (!opened)
            qFatal("%s", qPrintable(opened.error().message));
        session = std::move(*opened);
    }

    ArtifactId id(ArtifactKind kind, const QString &name) const
    {
        return session->project().artifacts().find(kind, name).value_or(ArtifactId());
    }

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

    static Theme *theme() { return test::theme(); }
    static void shoot(QWidget *widget, const QString &name) { test::shoot(widget, name); }

    MemorySecrets secrets;
    std::unique_ptr<Session> session;

private:
    QTemporaryDir m_folder;
};

template<typename T>
T *find(QWidget *parent, const char *name)
{
    auto *found = parent->findChild<T *>(QString::fromLatin1(name));
    if (!found)
        qWarning("no widget named %s", name);
    return found;
}

} // namespace lathe::test
