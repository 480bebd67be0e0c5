// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/LocalServers.h"
#include "core/project/Project.h"
#include "core/prompt/PromptSpec.h"
#include "core/session/SessionTypes.h"
#include "core/session/TeamPause.h"

#include <QObject>

namespace lathe {

class Experiments;
class ForeignRuns;
class McpHub;
class Playground;
class SecretStore;
struct ForkOptions;
struct RunExpectation;
struct RunLineage;
struct TestOptions;
struct TestResult;
struct WireRequest;

struct SessionOptions {
    Project::Mode mode = Project::Mode::ReadWrite;
    int offlineTokensPerSecond = 0; // pace of the offline model's stream; 0: at once
    SecretStore *secrets = nullptr;  // null: only the environment; not owned
    SessionOptions() = default;
};

// Everything one can do with an open project. Main thread. Ui and cli change things only through here.
class Session : public QObject
{
    Q_OBJECT
public:
    static Result<std::unique_ptr<Session>> open(const QString &path, const SessionOptions &options);
    // Makes a new file (ProjectFile error when it exists) with a sample's artifacts; `sample` empty: an offline connection only.
    static Task<Result<void>> createProject(QString path, QString sample);
    static QStringList sampleNames();       // ids, e.g. "feedback-desk"
    static QString sampleTitle(const QString &id);
    ~Session() override; // stops runs; what is recorded stays
    Project &project() const { return *m_project; }
    Clock &clock() const { return *m_clock; }

    // --- Editing. Drafts autosave; the person commits.
    Result<Draft> draft(ArtifactId id) const;
    // Sets the value at a JSON pointer of the draft (Undefined removes it). Undoable. Cheap enough for every key press.
    Result<void> edit(ArtifactId id, const QString &pointer, const QJsonValue &value, const QString &what);
    // The same for several changes that one gesture makes: one entry of the undo history.
    Result<void> edit(ArtifactId id, const BodyChanges &changes, const QString &what);
    bool canUndo(ArtifactId id) const;
    bool canRedo(ArtifactId id) const;
    Result<void> undo(ArtifactId id);
    Result<void> redo(ArtifactId id);
    Task<Result<RevisionInfo>> commit(ArtifactId id, QString note);
    Task<Result<ArtifactId>> createArtifact(ArtifactKind kind, QString name, QJsonObject body);
    // A name that is free: "agent", "agent 2", ...
    QString freeName(ArtifactKind kind, const QString &wish) const;
    // What is wrong with a draft, by kind (validateAgent, lintPrompt, validateTool, ...).
    // `name`: its own, so that a team that uses itself is found.
    std::vector<Problem> problems(ArtifactKind kind, const QJsonObject &body, const QString &name = QString()) const;

    // --- Running.
    // Begins the run and gives its id when it is recorded; errors: what keeps it from starting (missing prompt, wrong reference...).
    Task<Result<RunId>> startRun(RunRequest request);
    // Ends when the run has ended (at once for a run that is not under way).
    Task<Result<RunResult>> finished(RunId run);
    // Stops all runs and waits until everything is in the file; then the session may be destroyed.
    Task<> close();
    void stop(RunId run); // within 100 ms the run ends as cancelled
    Task<Result<RunId>> resume(RunId run, UnfinishedPolicy unfinished, RunRequest options); // only attended and sink are used
    Task<Result<ReplayReport>> replay(RunId run, CancelToken cancel);
    // Begins as another run did and goes on differently; gives the new run's id when it has begun.
    Task<Result<RunId>> fork(ForkRequest request);
    // What can be changed at a step; session/ForkOptions.h. Of a run that cannot be forked too: it says why.
    Task<Result<ForkOptions>> forkOptions(RunId run, QString step, CancelToken cancel);
    // The tree of forks around a run; session/RunLineage.h.
    Task<Result<RunLineage>> lineage(RunId run, CancelToken cancel);
    // A pinned run is a regression test; session/RunTests.h. Pinning again changes what is expected.
    Task<Result<void>> pin(RunId run, RunExpectation expected);
    Task<Result<void>> unpin(RunId run);
    Result<RunExpectation> expectation(RunId run) const; // of a run that is not pinned: the same output, no note
    // Never asks a model, calls no tool: the journals answer. One result for each run, in the order of their ids.
    Task<Result<std::vector<TestResult>>> runTests(TestOptions options, CancelToken cancel);
    // The request of a model step as it goes to the provider; session/WireRequest.h. NotFound: the step is no recorded model call.
    Task<Result<WireRequest>> wireRequest(RunId run, QString step, CancelToken cancel);
    // Nodes at which attended runs of a team wait, those under way included.
    void setBreakpoints(ArtifactId team, const QStringList &nodes);
    std::optional<PausedRun> paused(RunId run) const;
    void continueRun(RunId run);
    std::vector<RunId> running() const;
    const Trace *liveTrace(RunId run) const; // of a run under way or ended in this session (the last 50); null else
    Task<Result<Trace>> trace(RunId run, CancelToken cancel); // live or stored

    // Questions of attended runs, oldest first.
    std::vector<PendingQuestion> questions() const;
    void answer(RunId run, const QString &step, const HumanAnswer &answer);

    Task<Result<RatingId>> rate(Rating rating);

    // --- Comparing.
    Experiments &experiments() const;
    Playground &playground(); // made with the first use
    // Runs that other programs execute and this project records.
    ForeignRuns &foreignRuns() const;

    // --- Tools and connections.
    // Calls the tool of a body as a run would (argument check, limits; approval is the person's own click).
    Task<Result<ToolTrial>> tryTool(QString name, QJsonObject body, QString argumentsText, CancelToken cancel);
    // The same with a function of a set, by the server's or the model's name for it; empty: the first one that is switched on. What a server
    // asks meanwhile stands in mcp().questions().
    Task<Result<ToolTrial>> tryTool(QString name, QJsonObject body, QString function, QString argumentsText, CancelToken cancel);
    Task<Result<ToolTrial>> tryTool(QString name, QJsonObject body, QString argumentsText, ToolTrialOptions options, CancelToken cancel);
    // What does not fit, one problem for each place of the value (`pointer` into the value; code "required" with the pointer of a missing
    // member, else "schema"). A schema that is itself unusable gives nothing. Cheap enough for every key press.
    static std::vector<Problem> checkArguments(const QJsonObject &schema, const QJsonValue &value);
    // Name, description and schema as the model would see them.
    Result<ToolDescription> describeTool(const QString &name, const QJsonObject &body) const;
    // Of every function that is switched on; one for a tool that is no set.
    Result<std::vector<ToolDescription>> describeTools(const QString &name, const QJsonObject &body) const;
    // The bytes at a URL that a person typed (core/session/ToolImports.h).
    Task<Result<QByteArray>> fetchDocument(QString url, CancelToken cancel);
    // What a model is to be told of the tables of a PostgreSQL server: asks the server that an SQL tool's body names (config.tables).
    Task<Result<QString>> lookUpTables(QJsonObject body, CancelToken cancel);
    // The project's MCP servers (core/session/McpHub.h). Starts nothing by itself.
    McpHub &mcp() const;
    Task<Result<QStringList>> listModels(QString connection, CancelToken cancel);
    Task<std::vector<LocalServer>> findServers(CancelToken cancel);
    Task<Result<void>> storeSecret(QString name, QString value);
    Task<Result<bool>> hasSecret(QString name);

    Result<Dataset> dataset(const QString &reference) const;
    Task<Result<ArtifactId>> importDataset(QString name, Dataset dataset);
    // Totals of the runs of this session, for the status bar.
    Usage usageToday() const;

Q_SIGNALS:
    void runStarted(lathe::RunId run);
    // At most one batch per frame (16 ms) and run.
    void runEvents(lathe::RunId run, const std::vector<lathe::RunEvent> &events);
    void runEnded(lathe::RunId run);
    void questionsChanged();
    void pausedChanged(lathe::RunId run);
    void failed(const lathe::Error &error); // a background write failed: show it, lose nothing silently

protected:
    void connectNotify(const QMetaMethod &signal) override;

private:
    Session(std::unique_ptr<Project> project, const SessionOptions &options);
    class Private;
    std::unique_ptr<Clock> m_clock;
    std::unique_ptr<Project> m_project;
    std::unique_ptr<Private> d;
};

} // namespace lathe
