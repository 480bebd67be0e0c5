// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/TrialTypes.h"
#include "core/sqlite/SqliteStore.h"

#include <QObject>

namespace lathe {

// A trial as the file knows it.
struct FoundTrial {
    TrialInfo trial;                  // id invalid: there is none of this key
    std::optional<RunInfo> run;       // texts cut to 500 characters; unset: not begun
    std::optional<QJsonObject> score; // of the checks asked for
    bool elsewhere = false;           // another program that lives is about to execute it, or does
};

// Outcomes of experiments by what was executed. Main thread.
class TrialRepository : public QObject
{
public:
    struct Query {
        QByteArray key;
        QByteArray checksHash; // empty: no scores wanted
    };
    struct Claim {
        QByteArray key;
        ArtifactId experiment;
        QString variant;
    };
    explicit TrialRepository(SqliteStore *store);
    ~TrialRepository() override; // what is held back is still written

    // One for each query, in order. On the reader thread; a file of an older format that is open for reading has none.
    Task<Result<std::vector<FoundTrial>>> find(std::vector<Query> queries, CancelToken cancel) const;
    // How often runs of a prompt's revisions passed all the checks of experiments.
    Task<Result<QHash<int, PromptScore>>> promptScores(QString prompt, CancelToken cancel) const; // by number of the revision
    // This program is about to execute these: they become its own unless they are done, or another living program has them
    // (`elsewhere`). Runs of programs that are gone are marked interrupted first. One for each, in order.
    Task<Result<std::vector<FoundTrial>>> claim(std::vector<Claim> claims);
    // The claimed trial is executed by this run. Not awaited; it is in the file before the run's outcome.
    void begin(TrialId trial, RunId run);
    // The trial is over, however it ended; `score` is kept when it has a hash. Not awaited.
    void finish(TrialId trial, TrialScore score);
    void keepScore(TrialScore score); // not awaited
    // Gives claims back that were not begun.
    void release(std::vector<TrialId> trials);
    // Hands what is held back to the writer. What begins and ends in one turn of the event loop shares one write.
    void writeQueued();
    int count() const;

protected:
    bool event(QEvent *event) override;

private:
    void queue(SqliteStore::Work work);
    SqliteStore *m_store;
    QString m_owner;
    std::vector<SqliteStore::Work> m_queued;
};

} // namespace lathe
