// SPDX-License-Identifier: GPL-3.0-or-later
// What a watcher may do with a run.
#include "core/server/RunPublisherPrivate.h"

#include "core/server/RemoteMessages.h"
#include "core/session/ForeignRuns.h"

namespace lathe {

void RunPublisher::Private::command(QObject *, const QJsonObject &message, std::function<void(const QString &)> failed)
{
    const QString type = remote::typeOf(message);
    const RunId run{remote::number(message, QLatin1String("run"))};
    const auto running = underWay();
    if (std::find(running.begin(), running.end(), run) == running.end()) {
        failed(QStringLiteral("Run %1 is not under way any more.").arg(run.value));
        return;
    }
    if (type == QLatin1String("answer")) {
        const QString step = message.value(QLatin1String("step")).toString();
        HumanAnswer answer = HumanAnswer::fromJson(message.value(QLatin1String("answer")).toObject());
        answer.unattended.clear(); // a person says this, from wherever
        session->answer(run, step, answer);
    } else if (type == QLatin1String("stop")) {
        session->stop(run);
    } else if (type == QLatin1String("pause")) {
        pauseRun(run, failed);
    } else if (type == QLatin1String("continue")) {
        if (!message.value(QLatin1String("until_next")).toBool())
            restoreBreakpoints();
        session->continueRun(run);
    } else {
        failed(QStringLiteral("This Lathe does not know the command \"%1\"; use the same version on both sides.").arg(type.left(50)));
    }
}

// A team stops before each of its nodes until it is continued.
void RunPublisher::Private::pauseRun(RunId run, std::function<void(const QString &)> failed)
{
    const auto info = session->project().runs().run(run);
    const QJsonObject team = info ? info->snapshot.value(QLatin1String("team")).toObject() : QJsonObject();
    const QStringList nodes = team.value(QLatin1String("body")).toObject().value(QLatin1String("nodes")).toObject().keys();
    if (nodes.isEmpty()) {
        failed(QStringLiteral("Run %1 is not of a team; only a team can be paused. It can be stopped.").arg(run.value));
        return;
    }
    session->setBreakpoints(info->artifact, nodes);
    pausedTeams.push_back(info->artifact);
}

void RunPublisher::Private::restoreBreakpoints()
{
    for (const ArtifactId team : std::exchange(pausedTeams, {}))
        session->setBreakpoints(team, QStringList());
}

bool RunPublisher::Private::delivered() const
{
    return std::all_of(watchers.begin(), watchers.end(), [](const Watcher *watcher) { return watcher->hasAll(); });
}

void RunPublisher::Private::told()
{
    if (const auto waiter = std::exchange(progressWaiter, std::nullopt))
        CancelSource(*waiter).cancel();
}

} // namespace lathe
