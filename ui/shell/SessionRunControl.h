// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/canvas/TeamRunControl.h"

namespace lathe {

// What the canvas asks of team runs, answered by the session.
class SessionRunControl : public TeamRunControl
{
    Q_OBJECT
public:
    SessionRunControl(Session *session, QObject *parent);
    void setBreakpoints(ArtifactId team, const QStringList &nodes) override;
    std::optional<PausedTeam> paused(RunId run) const override;
    void continueRun(RunId run) override;
    Task<Result<RunId>> fork(TeamForkRequest request) override;

private:
    Session *m_session;
};

} // namespace lathe
