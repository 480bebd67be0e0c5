// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/SecretStore.h"

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
class KeychainWait : public QObject
{
Q_OBJECT
public:
    void start(QKeychain::Job *job, std::function<void()> ended)
    {
        m_ended = std::move(ended);
        connect(job, SIGNAL(finished(QKeychain::Job *)), this, SLOT(finish()));
        job->start();
    }
    Completion<bool> done;

private Q_SLOTS:
    void finish()
    {
        m_ended();
        done.complete(true); // may end the waiting coroutine, which owns this
    }

private:
    std::function<void()> m_ended;
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
    if (!problem.isEmpty())
        co_return Error(ErrorKind::Denied,
                        QStringLiteral("The system keychain could not keep the key (%1). Set the environment variable %2 instead; Lathe "
                                       "never writes keys to a plain file.")
                            .arg(problem, name));
    co_return Result<void>();
}

} // namespace lathe

#include "SecretStore.moc"
