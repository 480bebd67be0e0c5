// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "tests/support/Await.h"
#include "ui/theme/Theme.h"

#include <QApplication>
#include <QDir>
#include <QScrollArea>
#include <QTemporaryDir>
#include <QTest>

namespace lathe::test {

// A session on a real project made from the sample, in a folder of its own.
struct RunsFixture {
    QTemporaryDir dir;
    std::unique_ptr<Session> session;
    QString path;

    explicit RunsFixture(const QString &sample = QStringLiteral("feedback-desk"), int tokensPerSecond = 0)
    {
        QApplication::setDoubleClickInterval(0); // cards take an answer at once (AnswerCard::rest())
        path = dir.filePath(QStringLiteral("desk.lathe"));
        const auto made = await(Session::createProject(path, sample));
        if (!made)
            qFatal("no sample: %s", qPrintable(made.error().message));
        SessionOptions options;
        options.offlineTokensPerSecond = tokensPerSecond;
        auto opened = Session::open(path, options);
        if (!opened)
            qFatal("no session: %s", qPrintable(opened.error().message));
        session = std::move(*opened);
    }
    ~RunsFixture()
    {
        if (session)
            close();
    }
    void close()
    {
        await(closed(session.get()));
        session.reset();
    }
    ArtifactId agent(const QString &name) const
    {
        return session->project().artifacts().find(ArtifactKind::Agent, name).value_or(ArtifactId());
    }
    RunId run(const QString &agentRef, const QString &input)
    {
        RunRequest request;
        request.agent = agentRef;
        request.input.text = input;
        const auto id = await(session->startRun(request));
        if (!id)
            qFatal("the run did not start: %s", qPrintable(id.error().message));
        const auto result = await(session->finished(*id));
        if (!result)
            qFatal("the run did not finish: %s", qPrintable(result.error().message));
        return *id;
    }

private:
    static Task<bool> closed(Session *session)
    {
        co_await session->close();
        co_return true;
    }
};

// Saves pictures in both themes when LATHE_SHOTS names a folder; the scale comes from QT_SCALE_FACTOR.
inline void shoot(QWidget *window, Theme *theme, const QString &name)
{
    const QString dir = qEnvironmentVariable("LATHE_SHOTS");
    for (const auto mode : {Theme::Mode::Light, Theme::Mode::Dark}) {
        theme->setMode(mode);
        QTest::qWait(60);
        const QPixmap shot = window->grab();
        if (dir.isEmpty())
            continue;
        QDir().mkpath(dir);
        shot.save(QStringLiteral("%1/%2-%3-%4x.png").arg(dir, name, mode == Theme::Mode::Dark ? QStringLiteral("dark") : QStringLiteral("light"))
                      .arg(int(window->devicePixelRatioF())));
    }
}

template<typename T>
T *child(QWidget *of, const char *name)
{
    T *found = of->findChild<T *>(QString::fromLatin1(name));
    if (!found)
        qWarning("no child named %s", name);
    return found;
}

} // namespace lathe::test
