// SPDX-License-Identifier: GPL-3.0-or-later
// The file format. Times are UTC microseconds. Bodies, attributes, notes and errors are JSON text.
//
// Texts of any size (journal.request, journal.outcome, steps.text, .reasoning, .tool_arguments, .notes, .attributes,
// revisions.body, drafts.body, drafts.history) are of type ANY: small ones are the plain text, large ones (over 2 KB;
// bodies and histories over 64 KB) are a BLOB that holds the same text as one zstd frame. They stand in the row and not in
// `blobs`: no hash need be computed and no second, randomly ordered index be written while a run is recorded, and
// requests and outcomes of different steps are hardly ever equal. `lathe-cli trace FILE RUN` prints them; by hand:
//     sqlite3 F.lathe "SELECT writefile('o.zst', outcome) FROM journal WHERE run=1 AND step='1.1'"; zstd -dc o.zst
// runs.input and runs.output are the whole text up to 2 KB, else the first 500 characters; the whole then stands in
// input_zstd and output_zstd, so that a list of runs never touches it.
// `blobs` is content-addressed (SHA-256 of the bytes before compression) and holds what is shared: the snapshots of what runs
// executed, attached bytes. The journal is read in the order of journal.id, steps in the order of steps.position.
// Both have a rowid and a small index, so that rows of many runs under way at once are appended. Steps sorted by run (WITHOUT
// ROWID) took 7 % less of the writer's time for one run after the other and 15 % more for 32 at once (bench_recording).
#include "core/project/Schema.h"

#include "core/project/Project.h"
#include "core/project/Sql.h"
#include "core/project/StepSummary.h"

#include <QFile>
#include <QFileInfo>
#include <QtEndian>

namespace lathe {

namespace {
const char *const version1 = R"sql(
CREATE TABLE settings(
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL                -- JSON
) STRICT, WITHOUT ROWID;
INSERT INTO settings(key, value) VALUES('runs.next', '1'); -- the next run id that nobody has reserved

CREATE TABLE artifacts(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,                -- agent, team, prompt, tool, connection, dataset, scorer, experiment
    name TEXT NOT NULL,
    in_bin INTEGER NOT NULL DEFAULT 0,
    created_us INTEGER NOT NULL,
    changed_us INTEGER NOT NULL,
    UNIQUE(kind, name)
) STRICT;

CREATE TABLE revisions(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    artifact INTEGER NOT NULL REFERENCES artifacts(id),
    number INTEGER NOT NULL,           -- 1, 2, 3... within the artifact
    parent INTEGER,                    -- number of the revision it was made from
    hash TEXT NOT NULL,                -- SHA-256 of the canonical body
    note TEXT NOT NULL,
    author TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    body ANY NOT NULL,                 -- JSON
    UNIQUE(artifact, number)
) STRICT;

CREATE TABLE drafts(
    artifact INTEGER PRIMARY KEY REFERENCES artifacts(id),
    base INTEGER NOT NULL,             -- number of the revision it started from, 0: none
    hash TEXT NOT NULL,                -- of the body; equal to that of the newest revision: nothing to commit
    saved_us INTEGER NOT NULL,
    history_position INTEGER NOT NULL,
    history ANY NOT NULL,              -- JSON list of edits, for undo
    body ANY NOT NULL                  -- JSON
) STRICT;

CREATE TABLE labels(
    artifact INTEGER NOT NULL REFERENCES artifacts(id),
    name TEXT NOT NULL,
    number INTEGER NOT NULL,           -- of the revision
    set_us INTEGER NOT NULL,
    PRIMARY KEY(artifact, name),
    FOREIGN KEY(artifact, number) REFERENCES revisions(artifact, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE label_history(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    artifact INTEGER NOT NULL REFERENCES artifacts(id),
    name TEXT NOT NULL,
    number INTEGER,                    -- NULL: removed
    author TEXT NOT NULL,
    changed_us INTEGER NOT NULL
) STRICT;

CREATE TABLE blobs(
    hash TEXT PRIMARY KEY,             -- SHA-256 of the bytes as they were
    size INTEGER NOT NULL,             -- before compression
    bytes BLOB NOT NULL                -- one zstd frame
) STRICT;

CREATE TABLE runs(
    id INTEGER PRIMARY KEY,            -- from settings 'runs.next', never used twice
    artifact INTEGER REFERENCES artifacts(id),
    agent TEXT NOT NULL,               -- its name when it ran
    revision INTEGER NOT NULL,         -- number, 0: the draft
    status TEXT NOT NULL,              -- running, waiting, done, failed, cancelled, interrupted
    start_us INTEGER NOT NULL,
    end_us INTEGER,                    -- NULL: not ended
    indexed INTEGER NOT NULL,          -- 1: in run_search
    pid INTEGER NOT NULL,              -- of the program that executes it
    owner TEXT NOT NULL,               -- pid:start time of the process:boot
    step_count INTEGER NOT NULL,
    models TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    cost_usd REAL,                     -- NULL: not known
    snapshot TEXT,                     -- hash of the blob with the bodies of all it executes
    revisions TEXT NOT NULL,           -- JSON, what it used: {"agent":"triage@3",...}
    input TEXT NOT NULL,
    output TEXT NOT NULL,
    error TEXT,                        -- JSON
    input_json TEXT,                   -- JSON without the text, NULL: {"text": input}
    start_attributes TEXT,             -- JSON, null members: as in the columns; NULL: it never began
    end_attributes TEXT,               -- JSON
    input_zstd BLOB,
    output_zstd BLOB
) STRICT;
CREATE INDEX runs_by_artifact ON runs(artifact, id, revision); -- runs of an agent, runs of a revision, count of runs
CREATE INDEX runs_open ON runs(id) WHERE indexed = 0;          -- found when the file opens: interrupted, not yet in run_search

CREATE TABLE steps(
    run INTEGER NOT NULL REFERENCES runs(id),
    path TEXT NOT NULL,                -- 1, 1.1, 1.2...
    parent TEXT NOT NULL,
    position INTEGER NOT NULL,         -- order in which they began
    kind TEXT,                         -- agent, model, tool, memory, control, human; NULL: its begin was never seen
    name TEXT NOT NULL,
    status TEXT NOT NULL,              -- running, waiting, ok, failed, cancelled, interrupted
    start_us INTEGER NOT NULL,
    end_us INTEGER,
    first_delta_us INTEGER,
    attributes ANY NOT NULL,           -- JSON, OpenTelemetry names
    notes ANY,                         -- JSON list
    error TEXT,                        -- JSON
    text ANY,
    reasoning ANY,
    tool_arguments ANY,
    PRIMARY KEY(run, path)
) STRICT;

CREATE TABLE journal(
    id INTEGER PRIMARY KEY,            -- order in which the effects began
    run INTEGER NOT NULL REFERENCES runs(id),
    step TEXT NOT NULL,
    kind TEXT NOT NULL,                -- chat, execute_tool, human
    done INTEGER NOT NULL,             -- 0: begun, and the outcome is not known
    started_us INTEGER NOT NULL,
    ended_us INTEGER NOT NULL,
    request_hash TEXT NOT NULL,        -- SHA-256 of the request
    request ANY NOT NULL,              -- canonical JSON
    outcome ANY,                       -- JSON
    UNIQUE(run, step)
) STRICT;

CREATE TABLE ratings(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES runs(id),
    step TEXT NOT NULL,                -- path, '': the whole run
    kind TEXT NOT NULL,                -- thumbs (0, 1), stars (1-5)
    value REAL NOT NULL,
    note TEXT NOT NULL,
    author TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    removed_us INTEGER                 -- not NULL: taken back
) STRICT;
CREATE INDEX ratings_by_run ON ratings(run);

-- rowid: runs.id and revisions.id. Without content: the texts stand in their tables.
CREATE VIRTUAL TABLE run_search USING fts5(input, output, content='', tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE prompt_search USING fts5(text, content='', tokenize='unicode61 remove_diacritics 2');
)sql";

const char *const version2 = R"sql(
CREATE TABLE forks(
    run INTEGER PRIMARY KEY REFERENCES runs(id),
    parent INTEGER NOT NULL,           -- the run it parted from
    step TEXT NOT NULL,                -- path of the step of the parent
    changes TEXT NOT NULL              -- JSON
) STRICT;
CREATE INDEX forks_by_parent ON forks(parent);
)sql";

const char *const version3 = R"sql(
CREATE TABLE trials(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,          -- SHA-256 of the bodies executed, the input and the repetition
    run INTEGER,                       -- NULL: claimed and not begun; noted before the run's first step is recorded
    experiment INTEGER REFERENCES artifacts(id), -- who asked first, NULL: none
    variant TEXT NOT NULL,             -- its id there; judge:ID, check
    claimed INTEGER NOT NULL,          -- 1: the owner is about to execute it
    owner TEXT NOT NULL                -- pid:start time of the process:boot
) STRICT;

CREATE TABLE scores(
    trial INTEGER NOT NULL REFERENCES trials(id),
    checks TEXT NOT NULL,              -- SHA-256 of the checks and the example's columns
    result TEXT NOT NULL,              -- JSON
    PRIMARY KEY(trial, checks)
) STRICT, WITHOUT ROWID;

CREATE TABLE verdicts(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    experiment INTEGER NOT NULL REFERENCES artifacts(id),
    judge TEXT NOT NULL,               -- id in the experiment's body
    kind TEXT NOT NULL,                -- human, stars, model
    example TEXT NOT NULL,             -- SHA-256 of the columns it was judged with
    shown TEXT NOT NULL,               -- JSON list of trials.id in the order shown
    winner INTEGER NOT NULL,           -- position in it, -1: a tie, or stars
    value REAL NOT NULL,               -- stars 1-5
    reasons TEXT NOT NULL,
    seed INTEGER NOT NULL,             -- of the order shown
    author TEXT NOT NULL,              -- a person, or connection/model
    runs TEXT NOT NULL,                -- JSON list of runs.id of a model judge
    created_us INTEGER NOT NULL,
    removed_us INTEGER                 -- not NULL: taken back
) STRICT;
CREATE INDEX verdicts_by_experiment ON verdicts(experiment);

CREATE TABLE experiment_log(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    experiment INTEGER NOT NULL REFERENCES artifacts(id),
    name TEXT NOT NULL,                -- of the experiment at that time
    question TEXT NOT NULL,
    sentence TEXT NOT NULL,            -- the result as computed
    conclusion TEXT NOT NULL,          -- the person's
    author TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    revision INTEGER NOT NULL,         -- of the experiment
    setup ANY NOT NULL,                -- JSON: body, references used, runs
    result ANY NOT NULL                -- JSON
) STRICT;
)sql";

// What the run log filters, sorts, groups and sums by. runs_log covers all of it but words, tags, tools, forks and the like, so that a
// query walks 10 MB for 100,000 runs whatever it asks, and reads the rows of only one page. steps_outline is the same for a trace.
const char *const version4 = R"sql(
ALTER TABLE runs ADD COLUMN source TEXT NOT NULL DEFAULT '';     -- '': executed by Lathe; otlp, langfuse, ...: recorded elsewhere
ALTER TABLE runs ADD COLUMN source_id TEXT NOT NULL DEFAULT '';  -- its id there
ALTER TABLE runs ADD COLUMN in_bin INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN error_kind TEXT NOT NULL DEFAULT ''; -- of error
ALTER TABLE runs ADD COLUMN rating REAL;                         -- the newest of the whole run, 1-5, thumbs are 5 and 1; NULL: none
ALTER TABLE steps ADD COLUMN model TEXT;
ALTER TABLE steps ADD COLUMN tool TEXT;
ALTER TABLE steps ADD COLUMN input_tokens INTEGER;
ALTER TABLE steps ADD COLUMN output_tokens INTEGER;
ALTER TABLE steps ADD COLUMN cost_usd REAL;
ALTER TABLE steps ADD COLUMN error_kind TEXT;
ALTER TABLE steps ADD COLUMN marks TEXT;                         -- names and times of the notes
ALTER TABLE steps ADD COLUMN bodies INTEGER NOT NULL DEFAULT 0;  -- 1: text, 2: reasoning, 4: tool arguments, here or in the journal

CREATE TABLE run_tags(
    tag TEXT NOT NULL COLLATE NOCASE,
    run INTEGER NOT NULL REFERENCES runs(id),
    PRIMARY KEY(tag, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_tags_by_run ON run_tags(run);

CREATE TABLE run_tools(                -- tools a run called, as far as the calls have ended
    tool TEXT NOT NULL COLLATE NOCASE,
    run INTEGER NOT NULL REFERENCES runs(id),
    calls INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    PRIMARY KEY(tool, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_tools_by_run ON run_tools(run);

CREATE TABLE run_prompts(              -- prompts a run used, its agents' included
    prompt TEXT NOT NULL COLLATE NOCASE,
    run INTEGER NOT NULL REFERENCES runs(id),
    revision INTEGER NOT NULL,         -- number, 0: the draft
    PRIMARY KEY(prompt, run, revision)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_prompts_by_run ON run_prompts(run);

CREATE TABLE pins(                     -- runs that are regression tests
    run INTEGER PRIMARY KEY REFERENCES runs(id),
    note TEXT NOT NULL,
    pinned_us INTEGER NOT NULL
) STRICT;

CREATE TABLE views(                    -- queries of the run log under a name
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    query TEXT NOT NULL,
    sort TEXT NOT NULL,                -- started, status, agent, input, output, latency, tokens, cost, rating, steps
    ascending INTEGER NOT NULL,
    grouping TEXT NOT NULL             -- none, agent, revision, experiment, day, model, status, source
) STRICT;
)sql";

const char *const version4Indexes = R"sql(
CREATE INDEX runs_log ON runs(in_bin, id, status, agent, revision, artifact, start_us, end_us, input_tokens, output_tokens, cost_usd,
    step_count, rating, error_kind, source, models);
CREATE INDEX runs_by_source ON runs(source, source_id) WHERE source_id <> '';
CREATE INDEX runs_own_by_start ON runs(start_us) WHERE source = '';
CREATE INDEX steps_outline ON steps(run, position, path, kind, name, status, start_us, end_us, first_delta_us, model, tool,
    input_tokens, output_tokens, cost_usd, error_kind, marks, bodies);
CREATE INDEX trials_by_run ON trials(run);
CREATE INDEX trials_by_experiment ON trials(experiment, run);
CREATE TRIGGER rating_added AFTER INSERT ON ratings WHEN new.step = '' BEGIN
    UPDATE runs SET rating = (SELECT iif(kind = 'thumbs', iif(value > 0, 5, 1), value) FROM ratings WHERE run = new.run AND step = ''
        AND removed_us IS NULL AND kind IN ('thumbs', 'stars') ORDER BY id DESC LIMIT 1) WHERE id = new.run;
END;
CREATE TRIGGER rating_changed AFTER UPDATE ON ratings WHEN new.step = '' BEGIN
    UPDATE runs SET rating = (SELECT iif(kind = 'thumbs', iif(value > 0, 5, 1), value) FROM ratings WHERE run = new.run AND step = ''
        AND removed_us IS NULL AND kind IN ('thumbs', 'stars') ORDER BY id DESC LIMIT 1) WHERE id = new.run;
END;
CREATE TRIGGER rating_deleted AFTER DELETE ON ratings WHEN old.step = '' BEGIN
    UPDATE runs SET rating = (SELECT iif(kind = 'thumbs', iif(value > 0, 5, 1), value) FROM ratings WHERE run = old.run AND step = ''
        AND removed_us IS NULL AND kind IN ('thumbs', 'stars') ORDER BY id DESC LIMIT 1) WHERE id = old.run;
END;
)sql";

const char *const version4Rows = R"sql(
UPDATE runs SET error_kind = coalesce(json_extract(error, '$.kind'), '') WHERE error IS NOT NULL AND json_valid(error);
UPDATE runs SET rating = (SELECT iif(kind = 'thumbs', iif(value > 0, 5, 1), value) FROM ratings WHERE run = runs.id AND step = ''
    AND removed_us IS NULL AND kind IN ('thumbs', 'stars') ORDER BY id DESC LIMIT 1) WHERE id IN (SELECT run FROM ratings);
)sql";

Result<void> toVersion4(Database &db)
{
    auto done = db.exec(version4);
    if (done)
        done = db.exec(version4Rows);
    if (done)
        done = summarizeSteps(db);
    if (done)
        done = rebuildRunTables(db);
    return done ? db.exec(version4Indexes) : done;
}

constexpr qsizetype headerSize = 100;

Error damaged(const QString &message, const QString &cause = QString())
{
    return Error(ErrorKind::ProjectFile, message, cause);
}

Error emptyFile(const QString &path)
{
    return damaged(
        QStringLiteral(
            "%1 is empty, not a Lathe project; delete it, then create a new project there.")
            .arg(path));
}

Error foreignFile(const QString &path)
{
    return damaged(QStringLiteral("%1 is an SQLite database of another program, not a Lathe "
                                  "project; choose another file.")
                       .arg(path));
}

Result<FileLook> judge(const QString &path, qint32 applicationId, int version, int knownVersion)
{
    if (applicationId != Project::applicationId)
        return foreignFile(path);
    if (version < 1)
        return damaged(
            QStringLiteral("%1 is damaged: it has no format number; restore it from a copy.")
                .arg(path));
    return FileLook{version, version > knownVersion};
}

// Through SQLite, because what the write-ahead log holds counts.
Result<FileLook> lookThroughSqlite(const QString &path, int knownVersion)
{
    auto db = Database::open(path, Database::Mode::ReadOnly);
    if (!db)
        return db.error();
    const auto applicationId = queryInt(**db, QByteArrayLiteral("PRAGMA application_id"));
    if (!applicationId)
        return applicationId.error();
    const auto version = queryInt(**db, QByteArrayLiteral("PRAGMA user_version"));
    if (!version)
        return version.error();
    const auto tables = queryInt(**db, QByteArrayLiteral("SELECT count(*) FROM sqlite_schema"));
    if (!tables)
        return tables.error();
    if (*tables == 0 && *applicationId == 0)
        return emptyFile(path);
    return judge(path, qint32(*applicationId), int(*version), knownVersion);
}
} // namespace

const std::vector<Migration> &projectMigrations()
{
    static const std::vector<Migration> steps{
        {1, "first format", [](Database &db) { return db.exec(version1); }},
        {2, "forks of runs", [](Database &db) { return db.exec(version2); }},
        {3, "trials, verdicts and the experiment log", [](Database &db) { return db.exec(version3); }},
        {4, "the run log: tags, tools, pins, the bin, saved views, summaries", toVersion4},
    };
    return steps;
}

Result<FileLook> lookAtProject(const QString &path, int knownVersion)
{
    const QFileInfo info(path);
    if (!info.exists())
        return Error(
            ErrorKind::NotFound,
            QStringLiteral("There is no project file %1; check its name and folder.").arg(path));
    if (info.isDir())
        return damaged(
            QStringLiteral("%1 is a folder, not a project file; choose a file in it.").arg(path));
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return damaged(
            QStringLiteral("%1 cannot be read (%2); ask its owner for permission or open a copy.")
                .arg(path, file.errorString()));
    const QByteArray head = file.read(headerSize);
    const qint64 size = file.size();
    file.close();
    const QFileInfo wal(path + QStringLiteral("-wal"));
    const bool hasWal = wal.exists() && wal.size() > 0;
    if (head.isEmpty() && !hasWal)
        return emptyFile(path);
    if (!head.isEmpty()
        && !head.startsWith(
            QByteArrayLiteral("SQLite format 3\0").left(std::min<qsizetype>(16, head.size()))))
        return damaged(QStringLiteral("%1 is not a Lathe project; choose another file.").arg(path));
    if (hasWal)
        return lookThroughSqlite(path, knownVersion);
    if (head.size() < headerSize)
        return damaged(QStringLiteral("%1 is cut off after %2 bytes, as after a broken copy or "
                                      "download; restore it from a copy.")
                           .arg(path)
                           .arg(size));
    const auto word = [&head](int offset) {
        return qFromBigEndian<quint32>(head.constData() + offset);
    };
    auto look = judge(path, qint32(word(68)), int(word(60)), knownVersion);
    if (!look)
        return look;
    qint64 pageSize = qFromBigEndian<quint16>(head.constData() + 16);
    if (pageSize == 1)
        pageSize = 65536;
    // The page count is valid when both change counters agree (SQLite file format, 1.3.7).
    const qint64 expected = word(24) == word(92) ? qint64(word(28)) * pageSize : 0;
    if (size < expected)
        return damaged(
            QStringLiteral(
                "%1 is cut off: %2 of its %3 bytes are there, as after a broken copy or download; "
                "restore it from a copy.")
                .arg(path)
                .arg(size)
                .arg(expected));
    return look;
}

Result<void> prepareSchema(Database &db, const std::vector<Migration> &steps)
{
    const int newest = steps.empty() ? 0 : steps.back().version;
    const auto before = queryInt(db, QByteArrayLiteral("PRAGMA user_version"));
    if (!before)
        return before.error();
    if (*before == newest)
        return {};
    Transaction transaction(db);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    // Another program may have done it meanwhile.
    const auto version = queryInt(db, QByteArrayLiteral("PRAGMA user_version"));
    if (!version)
        return version.error();
    if (*version > newest)
        return Error(ErrorKind::NewerFile,
                     QStringLiteral("%1 was written by a newer Lathe; update Lathe to change it.")
                         .arg(db.path()));
    for (const Migration &step : steps) {
        if (step.version <= *version)
            continue;
        if (auto applied = step.apply(db); !applied) {
            Error error = applied.error();
            error.cause = QStringLiteral("migration %1 (%2): %3")
                              .arg(step.version)
                              .arg(QString::fromLatin1(step.what), error.cause);
            return error;
        }
        const QByteArray mark = "PRAGMA user_version=" + QByteArray::number(step.version);
        if (auto marked = db.exec(mark.constData()); !marked)
            return marked;
    }
    const QByteArray mark = "PRAGMA application_id=" + QByteArray::number(Project::applicationId);
    if (auto marked = db.exec(mark.constData()); !marked)
        return marked;
    return transaction.commit();
}

} // namespace lathe
