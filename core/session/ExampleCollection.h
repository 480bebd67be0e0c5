// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"

namespace lathe {

// What was asked and answered, to be kept as a row of a dataset.
struct CollectedExample {
    QString input;
    QJsonObject variables;
    QString output;
};

// Appends rows to a dataset's draft and commits it; makes the dataset when there is none of the name. The input goes into
// `inputColumn`, else "input", else the first; the output into `answerColumn`, which is made when it is missing. Main thread; the session
// must outlive the task.
Task<Result<RevisionInfo>> collectExamples(Session *session, QString dataset, std::vector<CollectedExample> examples, QString inputColumn,
                                           QString answerColumn, QString note);
// The same of recorded runs, in this order: their inputs with variables, their outputs as "expected". NotFound when one is not there.
Task<Result<RevisionInfo>> collectRuns(Session *session, QString dataset, std::vector<RunId> runs);

} // namespace lathe
