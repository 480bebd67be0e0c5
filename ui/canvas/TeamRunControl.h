// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Id.h"
#include "core/base/Task.h"

#include <QHash>
#include <QJsonObject>
#include <QObject>
#include <QStringList>

#include <optional>
#include <vector>

namespace lathe {

// A team run that waits at a breakpoint: what is about to run, with what, and the state it will read.
struct PausedTeam {
    struct Node {
        QString node;       // id
        QString step;       // path that its step will have
        QJsonObject inputs; // by port
    };
    RunId run;
    std::vector<Node> nodes;
    QJsonObject state;
};

// A run that begins as another one did and goes on differently. The other is never changed.
struct TeamForkRequest {
    RunId run;
    QString step;                       // where it parts: path of a node's step
    bool again = false;                 // forgets the outcomes of that step: "run from here"
    QHash<QString, QJsonObject> inputs; // node's step path -> values by port
    QHash<QString, QJsonObject> state;  // node's step path -> state from that superstep on
    TeamForkRequest() {}
};

// What the canvas asks of the runs of a team besides following their events: breakpoints, going on, forks. The shell gives one that
// speaks to the session; a test gives its own. Main thread.
class TeamRunControl : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    // Node ids; they hold for runs under way and to come.
    virtual void setBreakpoints(ArtifactId team, const QStringList &nodes) = 0;
    virtual std::optional<PausedTeam> paused(RunId run) const = 0;
    virtual void continueRun(RunId run) = 0;
    // Ends when the new run has begun. Errors: what keeps it from starting.
    virtual Task<Result<RunId>> fork(TeamForkRequest request) = 0;

Q_SIGNALS:
    void pausedChanged(lathe::RunId run);
};

} // namespace lathe
