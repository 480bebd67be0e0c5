// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/ProjectTypes.h"

#include <QJsonObject>
#include <QStringList>

#include <optional>
#include <vector>

namespace lathe {

using TrialId = Id<struct TrialTag>;
using VerdictId = Id<struct VerdictTag>;
using LogEntryId = Id<struct LogEntryTag>;

// One execution of one design with one input. Its key says what was executed, so that whoever asks for the same again, in any
// experiment, gets the same trial and nothing is paid twice.
struct TrialInfo {
    TrialId id;
    QByteArray key;        // SHA-256 (hex) of the bodies executed, the input and the repetition
    RunId run;             // invalid: claimed, and not begun
    ArtifactId experiment; // who asked first; invalid: the playground or a configuration from outside
    QString variant;       // its id there; "judge:ID" of a model judge, "check" of a check that asks a model
    QString owner;         // program that claimed it, as in runs.owner
};

// What one set of checks found in one trial, kept because a check may ask a model.
struct TrialScore {
    TrialId trial;
    QByteArray checksHash; // SHA-256 (hex) of the checks and the example's columns
    QJsonObject result;    // {passed, score, checks:[{id, name, ran, passed, score, reason, weight}]}
};

// A judgement of trials of one example against each other, or of one trial by stars. It belongs to the trials: when a variant
// changes, it has new trials and the old verdicts no longer count for it.
struct Verdict {
    VerdictId id;
    ArtifactId experiment;
    QString judge;            // JudgeSpec::id
    QString kind;             // "human", "stars", "model"
    QByteArray example;       // SHA-256 (hex) of the columns judged with
    std::vector<TrialId> shown; // in the order shown
    int winner = -1;          // position in `shown`, -1: a tie (or stars)
    double value = 0;         // stars 1-5
    QString reasons;
    qint64 seed = 0;          // the order shown was drawn from
    QString author;           // person, or "connection/model"
    std::vector<RunId> runs;  // of a model judge
    qint64 createdUs = 0;
};

// A finished comparison with what the person made of it.
struct ExperimentLogEntry {
    LogEntryId id;
    ArtifactId experiment;
    QString name;            // of the experiment when it was concluded
    QString question;
    QString sentence;        // the result in one sentence, as computed
    QString conclusion;      // the person's own words
    QString author;
    qint64 createdUs = 0;
    int revision = 0;        // of the experiment, whose body is `setup`
    QJsonObject setup;       // the experiment's body and the references it used: {experiment, used:[...], runs:[...]}
    QJsonObject result;      // ComparisonResult as JSON
};

// Trials of a revision that passed all the checks asked for.
struct PromptScore {
    int passed = 0, total = 0;
};

} // namespace lathe
Q_DECLARE_METATYPE(lathe::TrialId)
