// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/ExperimentSpec.h"
#include "core/prompt/TextDiff.h"
#include "core/session/ReplayProof.h"

namespace lathe {

// What a pinned run must keep to. Without checks: the recorded output, word for word.
struct RunExpectation {
    QString note;
    std::vector<CheckSpec> checks; // those that need no model, e.g. contains; instead of "the same output"
    RunExpectation() = default;
    // As the pin's note keeps it: plain text, and checks as one line of JSON {"checks": [...]} at the end.
    QString toNote() const;
    static Result<RunExpectation> fromNote(const QString &note);
};

struct TestOptions {
    std::vector<RunId> runs; // empty: all pinned ones
    // Against what the runs are executed. Recorded: their own design, as a proof. Current: the agent or team of their name as it is
    // now; recorded outcomes answer as long as it asks for the same, and nothing goes live.
    enum class Against { Recorded, Current };
    Against against = Against::Recorded;
    QString label; // Current: "" the newest revision, "draft", a label or a number
    TestOptions() = default;
};

struct TestResult {
    RunId run;
    QString agent;     // reference of what was executed: "triage@3"
    QString input;     // first 500 characters
    QString note;      // of the pin
    enum class Outcome {
        Passed,
        Differs,   // it ran through, and the replay or a check does not fit
        Diverged,  // it asked for something that was not recorded: `step` and `diff` say what
        NotRun,    // cannot be replayed; `message` says why
    };
    Outcome outcome = Outcome::NotRun;
    bool passed() const { return outcome == Outcome::Passed; }
    QString message;  // one sentence
    QString step;     // Diverged, Differs: where
    QString stepName;
    std::vector<DiffPiece> diff; // Diverged: the words of the first part of the request that changed; Differs: of the output
    QString diffOf;   // "system message", "message 3", "tool sql", "parameters", "output"
    ReplayProof proof; // Recorded
    QStringList failedChecks; // sentences
    qint64 durationUs = 0; // of the test
    TestResult() = default;
};
QString testOutcomeName(TestResult::Outcome outcome); // "passed", "differs", "diverged", "not_run"
QString diffText(const std::vector<DiffPiece> &pieces); // "... [-old-]{+new+} ...", for a terminal; long same parts shortened
QByteArray junitXml(const std::vector<TestResult> &results, const QString &suite);

} // namespace lathe
