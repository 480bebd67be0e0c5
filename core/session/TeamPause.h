// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runtime/TeamRunner.h"

namespace lathe {

// A team run that waits at a breakpoint: what is about to run, with what, and the state it will read.
struct PausedRun {
    RunId run;
    QString scope; // step path
    std::vector<PendingNode> nodes;
    QJsonObject state;
};

// Holds one run at the breakpoints of its team. Main thread; lives as long as the run.
class TeamPause : public TeamWatch
{
public:
    // `stopsAt` is asked for each node that is about to run; `changed` is told when a pause begins or ends.
    TeamPause(RunId run, std::function<bool(const QString &node)> stopsAt, std::function<void()> changed);
    Task<Result<void>> beforeSuperstep(QString scope, std::vector<PendingNode> nodes, QJsonObject state, CancelToken cancel) override;
    // The oldest pause; branches of a map may wait at the same time.
    std::optional<PausedRun> paused() const;
    void goOn(); // ends the oldest pause

private:
    struct Waiting {
        PausedRun paused;
        Completion<Result<void>> done;
    };
    RunId m_run;
    std::function<bool(const QString &)> m_stopsAt;
    std::function<void()> m_changed;
    std::vector<std::shared_ptr<Waiting>> m_waiting;
};

} // namespace lathe
