// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/Project.h"

namespace lathe::test {

// What a generated project holds. The same shape and seed give the same texts, numbers and times.
struct ProjectShape {
    int runs = 1000;
    double stepsPerRun = 9; // mean, without the long run
    int longRun = 0;        // steps of one more run, the last but ten; 0: none
    int days = 90;          // the runs are spread over, up to `endUs`
    qint64 endUs = 1'795'000'000'000'000; // 2026-11-18
    quint64 seed = 1;
};

struct ProjectFacts {
    int runs = 0;
    qint64 steps = 0;
    RunId longRun;
};

// Writes runs into the project as Lathe records them (same repository, same events, journals of every effect): a few agents and teams
// with many revisions, tool loops, parallel branches, retries, fallbacks, failures, ratings, Zipf-distributed words. Fatal when
// the project cannot be written. `progress` is told of each thousandth run.
ProjectFacts generateRuns(Project *project, Clock *clock, const ProjectShape &shape, const std::function<void(int)> &progress = {});

// A new file with the artifacts that the runs name.
ProjectFacts generateProject(const QString &path, const ProjectShape &shape, const std::function<void(int)> &progress = {});

} // namespace lathe::test
