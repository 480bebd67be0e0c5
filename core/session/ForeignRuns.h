// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/SessionTypes.h"

#include <QHash>
#include <QObject>

namespace lathe {

class Project;
class Session;

// Runs that another program executes and this project records as they are told: by OTLP, by an import, by a remote Lathe. They are
// ordinary runs of the project without journal and snapshot: they open, are searched, rated and compared like its own, and cannot be
// replayed. RunInfo::source says where they come from. While one is under way, the session's signals tell of it as of its own runs.
// Main thread; owned by the session.
class ForeignRuns : public QObject
{
    Q_OBJECT
public:
    ForeignRuns(Session *session, Project *project);

    // Inserts a run (its source must be set; times are the foreign ones) and gives its id. `live`: the session's signals tell of it.
    Task<Result<RunId>> begin(RunInfo info, bool live);
    // A run that seemed over goes on: its trace is taken up again. InvalidInput for a run of Lathe's own.
    Task<Result<void>> reopen(RunId run, bool live);
    // In any order and number; event.run is set here. RunEnded closes the run; what comes later is not kept and gives false.
    bool record(RunId run, const std::vector<RunEvent> &events);
    bool isUnderWay(RunId run) const { return m_open.contains(run); }
    // Ends when all recorded so far is in the file.
    Task<Result<void>> flush();

    // A remote run asks a person here. The handler is called once with the answer, unless the question is withdrawn before.
    void ask(RunId run, HumanQuestion question, std::function<void(const HumanAnswer &)> handler);
    void withdraw(RunId run, const QString &step);
    // What stop() does for a run of a remote program; without one it cannot be stopped from here.
    void setStop(RunId run, std::function<void()> stop);

    // For the session.
    std::vector<PendingQuestion> questions() const;
    bool answer(RunId run, const QString &step, const HumanAnswer &answer); // false: not its question
    bool stop(RunId run);
    std::vector<RunId> underWay() const;

private:
    struct Asked {
        HumanQuestion question;
        std::function<void(const HumanAnswer &)> handler;
    };
    struct Open {
        QString agent;
        bool live = false;
        std::vector<Asked> questions;
        std::function<void()> stop;
    };
    Session *m_session;
    Project *m_project;
    QHash<RunId, Open> m_open;
};

} // namespace lathe
