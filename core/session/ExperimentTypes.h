// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/Comparison.h"
#include "core/evaluation/ExperimentSpec.h"
#include "core/project/TrialTypes.h"

#include <QMetaType>

namespace lathe {

// Values of experiments as the window and the command line see them (core/session/Experiments.h).

enum class TrialStatus { Pending, Running, Done, Failed };

// What one check said of one output.
struct TrialCheck {
    QString id;
    QString name;
    bool ran = true;  // false: it could not be evaluated (never counts as passed); `reason` says why
    bool passed = false;
    double score = 0; // 0-1
    double weight = 1;
    QString reason;
};

// One repetition of one variant with one example.
struct TrialView {
    TrialId id;       // invalid: never begun
    RunId run;        // invalid: never begun; open the run for everything that happened
    int repetition = 0;
    TrialStatus status = TrialStatus::Pending;
    QString output;   // first 500 characters; while running, what has streamed so far
    std::optional<Error> error;
    bool answered = false; // the model's answer counts, be it a failure (limits, broken format); false: not measured (provider gone, stopped)
    std::vector<TrialCheck> checks;
    bool checked = false; // the checks have been evaluated
    double score = 0;     // weighted mean of the checks, 0-1
    bool passed = false;  // all checks, or their threshold
    qint64 latencyUs = 0;
    Usage usage;
    bool shared = false;  // taken over from another experiment, variant or sitting: nothing was paid for it here
};

struct ExperimentVariant {
    VariantSpec spec;
    QString name;                 // shown; never empty
    QString uses;                 // "agent triage@3 · prompt reply@draft · offline/extractive"
    std::optional<Error> problem; // why it cannot be run
};

// One row of the dataset as the experiment uses it.
struct ExperimentExample {
    int row = 0;           // in the dataset, from 0
    QJsonObject vars;      // all its columns
    QString input;
    QJsonValue expected;   // undefined: the dataset has no such column
};

struct ExperimentProgress {
    int total = 0;   // trials
    int done = 0;    // with an outcome that counts, and checked
    int running = 0;
    int failed = 0;  // of `done`, and those the provider failed
    int shared = 0;  // of `done`
    int judgeTotal = 0, judgeDone = 0; // comparisons by model judges
    double costUsd = 0;     // paid in this sitting
    bool costKnown = true;
    double secondsLeft = -1; // at the present pace; -1: not known
};

// The head of an experiment's matrix; its cells are asked for one by one (there may be 100,000).
struct ExperimentState {
    ArtifactId id;
    QString name;
    ExperimentSpec spec;     // of the draft
    std::vector<ExperimentVariant> variants;
    int examples = 0;        // that take part
    QStringList columns;     // of the dataset
    ExperimentProgress progress;
    bool running = false;
    bool mayStop = false;    // the always-valid test is sure: stopping now is safe (offered)
    bool stoppedEarly = false; // the service stopped by itself for that reason (spec.stopEarly)
    QString notice;          // a sentence worth showing: stopped early, the provider is gone..., empty: none
    std::optional<Error> problem; // why it cannot be run as it is (no dataset...)
};

struct CellId {
    int variant = 0;
    int example = 0;
    bool operator==(const CellId &) const = default;
};

// What a person judges without knowing who is who.
struct BlindCard {
    QString id;          // give it back with the verdict
    int example = 0;
    QJsonObject vars;
    QString input;
    QJsonValue expected;
    QString rubric;      // what counts, in words
    QStringList outputs; // whole texts in the order shown: two; one for stars
    int judged = 0;      // so far, by this author
    int left = 0;        // with this one; more come while trials run
};

// Tally after the reveal, one for each variant.
struct BlindTally {
    QString variant; // name
    int wins = 0, losses = 0, ties = 0;
    double stars = 0; // mean
    int starred = 0;
};

} // namespace lathe
