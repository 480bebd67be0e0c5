// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/SessionRunControl.h"

namespace lathe {

SessionRunControl::SessionRunControl(Session *session, QObject *parent) : TeamRunControl(parent), m_session(session)
{
    connect(session, &Session::pausedChanged, this, &TeamRunControl::pausedChanged);
}

void SessionRunControl::setBreakpoints(ArtifactId team, const QStringList &nodes)
{
    m_session->setBreakpoints(team, nodes);
}

std::optional<PausedTeam> SessionRunControl::paused(RunId run) const
{
    const auto found = m_session->paused(run);
    if (!found)
        return std::nullopt;
    PausedTeam team;
    team.run = found->run;
    team.state = found->state;
    for (const PendingNode &node : found->nodes)
        team.nodes.push_back({node.node, node.step, node.inputs});
    return team;
}

void SessionRunControl::continueRun(RunId run)
{
    m_session->continueRun(run);
}

Task<Result<RunId>> SessionRunControl::fork(TeamForkRequest request)
{
    ForkRequest fork;
    fork.run = request.run;
    fork.step = request.step;
    fork.again = request.again;
    fork.overrides.inputs = request.inputs;
    fork.overrides.state = request.state;
    fork.attended = true;
    return m_session->fork(std::move(fork));
}

} // namespace lathe
