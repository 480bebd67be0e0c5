// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/SecretStore.h"

#include <QAbstractEventDispatcher>
#include <QCoreApplication>
#include <QLibrary>
#include <QTimer>
#include <qt6keychain/keychain.h>

namespace lathe {

namespace {
const QString service = QStringLiteral("Lathe");

QString fromEnvironment(const QString &name)
{
    return name.isEmpty() ? QString() : qEnvironmentVariable(name.toUtf8().constData());
}

Error notThere(const QString &name)
{
    return Error(ErrorKind::NotFound,
                 QStringLiteral("The secret %1 is neither in the environment nor in the system keychain. Set the variable %1, or enter "
                                "the key in Connections.")
                     .arg(name));
}
}

// Waits for a keychain job. QtKeychain is loaded when the first job is made (packaging/cmake/LatheLateLibrary.cmake), so nothing
// here may name its variables: connecting to &Job::finished would need its staticMetaObject.
// libsecret answers through GLib's main loop. Where Qt has a loop of its own (lathe-cli), GLib's is turned here while a job is under way;
// else the answer would never come.
class KeychainWait : public QObject
{
Q_OBJECT
public:
    void start(QKeychain::Job *job, std::function<void()> ended)
    {
        m_ended = std::move(ended);
        connect(job, SIGNAL(finished(QKeychain::Job *)), this, SLOT(finish()));
        job->start();
        // Long enough for a person to type the keychain's password.
        QTimer::singleShot(120'000, this, [this] { giveUp(); });
        const QAbstractEventDispatcher *dispatcher = QCoreApplication::eventDispatcher();
        if (done.isDone() || !dispatcher || dispatcher->inherits("QEventDispatcherGlib"))
            return;
        const auto iterate = reinterpret_cast<Iterate>(QLibrary::resolve(QStringLiteral("glib-2.0"), 0, "g_main_context_iteration"));
        if (!iterate)
            return;
        auto *turn = new QTimer(this);
        connect(turn, &QTimer::timeout, this, [iterate] { iterate(nullptr, 0); });
        turn->start(5);
    }
    bool gaveUp() const { return m_gaveUp; }
    Completion<bool> done;

private Q_SLOTS:
    void finish()
    {
        if (m_gaveUp)
            return;
        m_ended();
        done.complete(true); // may end the waiting coroutine, which owns this
    }

private:
    using Iterate = int (*)(void *context, int mayBlock);
    void giveUp()
    {
        m_gaveUp = true;
        m_ended = nullptr; // the job may still end, and nobody listens
        done.complete(true);
    }
    std::function<void()> m_ended;
    bool m_gaveUp = false;
};

Task<Result<QString>> EnvironmentSecrets::read(QString name)
{
    const QString value = fromEnvironment(name);
    if (value.isEmpty())
        co_return notThere(name);
    co_return value;
}

Task<Result<void>> EnvironmentSecrets::write(QString name, QString)
{
    co_return Error(ErrorKind::Denied,
                    QStringLiteral("This program keeps no secrets; set the environment variable %1 instead.").arg(name));
}

Task<Result<QString>> SystemSecrets::read(QString name)
{
    const QString value = fromEnvironment(name);
    if (!value.isEmpty())
        co_return value;
    auto *job = new QKeychain::ReadPasswordJob(service); // deletes itself when finished
    job->setKey(name);
    KeychainWait wait;
    QString found;
    wait.start(job, [job, &found] {
        if (job->error() == QKeychain::NoError)
            found = job->textData();
    });
    co_await wait.done;
    if (found.isEmpty())
        co_return notThere(name);
    co_return found;
}

Task<Result<void>> SystemSecrets::write(QString name, QString value)
{
    auto *job = new QKeychain::WritePasswordJob(service);
    job->setKey(name);
    job->setTextData(value);
    KeychainWait wait;
    QString problem;
    wait.start(job, [job, &problem] {
        if (job->error() != QKeychain::NoError)
            problem = job->errorString();
    });
    co_await wait.done;
    if (wait.gaveUp())
        problem = QStringLiteral("it did not answer");
    if (!problem.isEmpty())
        co_return Error(ErrorKind::Denied,
                        QStringLiteral("The system keychain could not keep the key (%1). Set the environment variable %2 instead; Lathe "
                                       "never writes keys to a plain file.")
                            .arg(problem, name));
    co_return Result<void>();
}

} // namespace lathe

#include "SecretStore.moc"
