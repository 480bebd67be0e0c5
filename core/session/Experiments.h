// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"
#include "core/session/ExperimentTypes.h"

#include <QObject>

#include <memory>

namespace lathe {

class Session;
struct ExperimentServices;

struct ExperimentOptions {
    QString reference; // "compare@3" executes that revision; empty: the draft, as one sees it
    int atOnce = 0;    // instead of the experiment's own; 0: as it says
    bool judge = true; // ask the model judges when the trials are done
    ExperimentOptions() = default;
};

// Executes experiments: every variant with every example, checks, blind judging, the comparison and the log. Owned by the session
// (`session.experiments()`); main thread. The body of an experiment is an ordinary artifact: edit it with Session::edit; what is
// loaded here follows by itself. Outcomes are kept as trials in the project: whatever was executed before with the same bodies and
// input is not executed again, by whomever; so an experiment that was stopped or killed goes on where it was.
class Experiments : public QObject
{
    Q_OBJECT
public:
    Experiments(Session *session, const ExperimentServices &services);
    ~Experiments() override;

    // --- The matrix.
    // Reads the experiment: resolves variants, takes the dataset's rows, finds the outcomes there are. Afterwards state(), example()
    // and trials() answer, and follow edits of the draft and of what it uses (changed() tells). An experiment that cannot run is
    // loaded too; its state says what is wrong. NotFound for no experiment.
    Task<Result<void>> load(ArtifactId experiment, ExperimentOptions options);
    const ExperimentState *state(ArtifactId experiment) const; // null: not loaded
    ExperimentExample example(ArtifactId experiment, int index) const;
    std::vector<TrialView> trials(ArtifactId experiment, CellId cell) const; // one for each repetition
    QString output(RunId run) const;                       // the whole text
    void unload(ArtifactId experiment);                    // a page that closes; ignored while it is running

    // --- Running.
    // Starts every trial that has no outcome yet, `atOnce` at a time, and evaluates checks; then asks the model judges. Ends when
    // it has begun. Errors: what keeps it from running, in words for the person.
    Task<Result<void>> start(ArtifactId experiment, ExperimentOptions options);
    void stop(ArtifactId experiment); // within 100 ms; what is done stays
    bool running(ArtifactId experiment) const;
    // Ends when it is not running (any more): nothing under way, everything written.
    Task<> finished(ArtifactId experiment);
    Task<> close();

    // --- Judging blind. `judge`: id of one of the experiment's judges of kind "human" or "stars".
    // The next pair that nobody of this name has judged (author empty: the user of this computer), nothing when none is left.
    // Identical answers are not shown: they are a tie. The order is drawn from a recorded seed.
    Result<std::optional<BlindCard>> nextCard(ArtifactId experiment, const QString &judge, const QString &author = QString());
    // `winner`: position on the card, -1: a tie. The verdict counts at once; the task ends when it is in the file.
    Task<Result<void>> judge(ArtifactId experiment, QString card, int winner, QString note);
    Task<Result<void>> judgeStars(ArtifactId experiment, QString card, int stars, QString note);
    // Not now: the card comes again when all others of this sitting have been judged or skipped. NotFound: it is no open card.
    Result<void> skip(ArtifactId experiment, const QString &card);
    // Takes back the last verdict of this sitting; its card comes again. NotFound when there is none.
    Task<Result<void>> undoLast(ArtifactId experiment, QString judge);
    std::vector<BlindTally> reveal(ArtifactId experiment, const QString &judge) const;
    // Verdicts that count for the outcomes as they are now, oldest first (with order, seed, author, reasons).
    std::vector<Verdict> verdicts(ArtifactId experiment, CellId cell) const;

    // --- The answer.
    // What was measured: "checks" (all together), one table for each check, "latency", "cost", and one for each judge.
    std::vector<MetricTable> tables(ArtifactId experiment) const;
    // The comparison of those, computed in a thread of its own. InvalidInput when nothing was measured yet.
    Task<Result<ComparisonResult>> result(ArtifactId experiment);
    // Keeps question, setup (as a revision of the experiment), result and conclusion in the project.
    Task<Result<LogEntryId>> conclude(ArtifactId experiment, QString conclusion);
    // How often a prompt's revisions passed all the checks of experiments, by number.
    Task<Result<QHash<int, PromptScore>>> promptScores(QString prompt) const;
    Task<Result<void>> setConclusion(LogEntryId entry, QString conclusion);
    // Entries that hold all the words (in question, name, result or conclusion), newest first; empty: all.
    Task<Result<std::vector<ExperimentLogEntry>>> log(QString words);
    static QJsonObject resultJson(const ComparisonResult &result); // as kept in the log and written by --json

Q_SIGNALS:
    // Cells whose trials changed; at most once a frame (16 ms). Head and progress may have changed with them.
    void changed(lathe::ArtifactId experiment, const std::vector<lathe::CellId> &cells);
    // Variants, examples or checks changed: ask for everything anew.
    void reloaded(lathe::ArtifactId experiment);
    void ended(lathe::ArtifactId experiment); // done, stopped or failed; state() says which
    void verdictsChanged(lathe::ArtifactId experiment);
    void logChanged();

protected:
    void connectNotify(const QMetaMethod &signal) override;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace lathe
