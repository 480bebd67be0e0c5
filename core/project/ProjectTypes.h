// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/Artifact.h"
#include "core/design/EditHistory.h"
#include "core/trace/RunEvent.h"
#include "core/trace/RunFilter.h"

#include <QMap>
#include <QVariant>

namespace lathe {

struct ArtifactInfo {
    ArtifactId id;
    ArtifactKind kind = ArtifactKind::Agent;
    QString name;
    int latestNumber = 0;  // newest revision, 0: never committed
    bool hasDraft = false; // an uncommitted edit that differs from the newest revision
    bool inBin = false;
    qint64 changedUs = 0;
    std::vector<std::pair<QString, int>> labels; // name, revision number
};

struct RevisionInfo {
    RevisionId id;
    ArtifactId artifact;
    int number = 0;
    int parentNumber = 0; // 0: none
    QByteArray hash;      // SHA-256 (hex) of the canonical body
    QString note;
    QString author;
    qint64 createdUs = 0;
    QStringList labels;
    int runCount = 0;
};

// A revision or draft with its body, ready to execute or to show.
struct ResolvedArtifact {
    ArtifactId id;
    ArtifactKind kind = ArtifactKind::Agent;
    QString name;
    RevisionId revision; // invalid: the draft
    int number = 0;      // 0: the draft
    QByteArray hash;
    QJsonObject body;
    QString reference() const; // "triage@3" or "triage@draft"
};

// A label was set, moved or removed.
struct LabelMove {
    QString label;
    int number = 0; // where to, 0: removed
    int before = 0; // where it was, 0: nowhere
    QString author;
    qint64 timeUs = 0;
};

// The runs that used one revision of a prompt. Means are over those that ended well.
struct PromptUse {
    int number = 0; // of the revision, 0: the draft
    int runs = 0;
    int done = 0;
    int failed = 0;
    int rated = 0;
    double meanRating = 0; // 1-5, of `rated`; thumbs count as 5 and 1
    double durationUs = 0, inputTokens = 0, outputTokens = 0;
    int priced = 0;
    double costUsd = 0; // of `priced`
    RunId lastRun;
    bool operator==(const PromptUse &) const = default;
};

// The calls of one tool by runs that used the same revisions. Failures and refusals are counted by what they were.
struct ToolCallTally {
    QString tool;          // as models name it
    QJsonObject revisions; // of the runs (RunInfo::revisions)
    int calls = 0;
    int failed = 0;        // ended as failed, refused ones not counted
    QMap<QString, int> errors;   // of the failed: error kind, "tool" when the tool itself said so
    QMap<QString, int> refusals; // by note: "denied", "limit", "invalid_arguments", "host", ...
    std::vector<qint64> durationsUs; // of those that ran, without the time that persons took to approve and to answer; sorted
    RunId lastRun;
    qint64 lastUs = 0;
};

struct Draft {
    ArtifactId artifact;
    QJsonObject body;
    EditHistory history;
    int baseNumber = 0; // the revision it started from
    bool differs = false; // from the newest revision
};

struct RunInfo {
    RunId id;
    ArtifactId artifact;
    QString agentName;
    int revisionNumber = 0; // 0: draft
    RunStatus status = RunStatus::Running;
    QString input;          // first 500 characters in lists, whole in run()
    QString output;         // same
    std::optional<Error> error;
    qint64 startUs = 0;
    qint64 endUs = 0; // 0: not ended
    Usage usage;
    int stepCount = 0;
    int rating = -1;     // newest human rating: 1-5, 0 thumbs down, 6 thumbs up; -1 none
    QString ratingNote;
    QString models;      // "offline/extractive"
    QJsonObject revisions; // {"agent":"triage@3","prompt":"triage-prompt@2","tools":{...},"connections":{...}}
    QJsonObject inputJson; // RunInput as JSON
    QJsonObject snapshot;  // bodies of everything it executed, so that it replays after any change
    int pid = 0;           // of the program that executes it, to tell interrupted from running
    QString source;        // empty: executed by Lathe; otlp, langfuse, langsmith, openai, remote: recorded elsewhere
    QString sourceId;      // its id there (trace id), so that one trace is one run
    QStringList tags;      // sorted
    bool inBin = false;
    bool pinned = false;   // a regression test: `lathe-cli test` replays it
    QString pinNote;
};

// Where a run parted from another one, and what was changed there.
struct RunFork {
    RunId run;
    RunId parent;
    QString step;        // of the parent
    QJsonObject changes; // {"again":true} or what the runtime's overrides hold
};

// The columns of the run log. Started sorts by id, which is the order in which runs began here.
enum class RunSort { Started, Status, Agent, Input, Output, Latency, Tokens, Cost, Rating, Steps };

// Where a page ended. Only RunRepository::page() makes one.
struct RunCursor {
    RunId run;
    QVariant key; // of the sort, as the file compares it; null: the run has none
    bool operator==(const RunCursor &) const = default;
};

// Which runs, in which order. Runs without a key (no rating, not ended...) come last in either order; equal keys: newest first.
struct RunQuery {
    RunFilter filter;
    RunSort sort = RunSort::Started;
    bool ascending = false;
    std::optional<RunCursor> after; // keyset paging: what comes behind it
    std::vector<RunId> among;       // not empty: only of these
    bool bin = false;               // those in the bin instead of those that are not
    int limit = 100;                // 1 to 10,000
    RunQuery() = default;
    explicit RunQuery(RunFilter which, int most = 100) : filter(std::move(which)), limit(most) {}
};

struct RunPage {
    std::vector<RunInfo> runs;     // list form: excerpts of input and output, no JSON bodies
    std::optional<RunCursor> next; // set when there may be more
};

enum class RunGrouping { None, Agent, Revision, Experiment, Day, Model, Status, Source };

// The runs of one group: sums and quantiles, never a bare average. Those with several models or experiments count in each.
struct RunGroup {
    // What toggleRunFilterTerm() takes as value with runGroupField(): "triage@3", "2026-11-23" (local day), source "lathe" (executed
    // here). Empty: the runs without any (no experiment, no model).
    QString key;
    QString title;
    int runs = 0, failed = 0, rated = 0;
    double meanRating = 0;  // of `rated`, 1-5
    qint64 latencyP50Us = 0, latencyP95Us = 0; // of ended runs
    Usage usage;
    RunId newest;
};

RunField runGroupField(RunGrouping grouping); // Day: Started; Text of None

// Whether `a` stands above `b` in a log sorted so; for placing a run that is new or changed among those loaded. As RunQuery has it.
bool runSortsBefore(const RunInfo &a, const RunInfo &b, RunSort sort, bool ascending);

// A query of the run log under a name.
struct SavedView {
    QString name;
    QString query;
    RunSort sort = RunSort::Started;
    bool ascending = false;
    RunGrouping grouping = RunGrouping::None;
    bool operator==(const SavedView &) const = default;
};

struct Rating {
    RatingId id;
    RunId run;
    QString step;   // empty: the whole run
    QString kind;   // "thumbs" (value 0 or 1), "stars" (1-5)
    double value = 0;
    QString note;
    QString author;
    qint64 createdUs = 0;
};

struct DoctorReport {
    QStringList findings; // sentences; empty: all is well
    QStringList repairs;  // what was done
    qint64 bytesBefore = 0, bytesAfter = 0;
    int runs = 0, artifacts = 0, revisions = 0, steps = 0;
    bool ok = true;
};

} // namespace lathe
