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
    Completion<bool> done;
    auto *job = new QKeychain::ReadPasswordJob(service); // deletes itself when finished
    job->setKey(name);
    QString found;
    QObject::connect(job, &QKeychain::Job::finished, job, [done, &found](QKeychain::Job *finished) {
        if (finished->error() == QKeychain::NoError)
            found = static_cast<QKeychain::ReadPasswordJob *>(finished)->textData();
        done.complete(true);
    });
    job->start();
    co_await done;
    if (found.isEmpty())
        co_return notThere(name);
    co_return found;
}

Task<Result<void>> SystemSecrets::write(QString name, QString value)
{
    Completion<bool> done;
    auto *job = new QKeychain::WritePasswordJob(service);
    job->setKey(name);
    job->setTextData(value);
    QString problem;
    QObject::connect(job, &QKeychain::Job::finished, job, [done, &problem](QKeychain::Job *finished) {
        if (finished->error() != QKeychain::NoError)
            problem = finished->errorString();
        done.complete(true);
    });
    job->start();
    co_await done;
    if (!problem.isEmpty())
        co_return Error(ErrorKind::Denied,
                        QStringLiteral("The system keychain could not keep the key (%1). Set the environment variable %2 instead; Lathe "
                                       "never writes keys to a plain file.")
                            .arg(problem, name));
    co_return Result<void>();
}

} // namespace lathe
