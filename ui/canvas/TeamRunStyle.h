// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/canvas/CanvasTypes.h"
#include "ui/canvas/TeamRunView.h"

// A team's run as the canvas draws it and as words.
namespace lathe::runstyle {

Status status(const TeamNodeRun &node);
Status status(RunStatus status);
// "Done, 3 calls, 1 240 tok, $0.0031, 2.10 s"
QString line(const TeamNodeRun &node);
// Which of several: "branch 2", "iteration 3", "step 1.2.1".
QString where(const Trace &trace, const QString &step);

// What CanvasView is told. Nodes in `pending` wait at a breakpoint.
QHash<QString, NodeRunState> nodeStates(const TeamRunView &run, const QSet<QString> &pending);
QHash<QString, EdgeFlow> edgeFlows(const TeamRunView &run, const std::vector<TeamEdge> &edges);

} // namespace lathe::runstyle
