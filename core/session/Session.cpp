// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/Session.h"

#include "core/design/TeamGraph.h"
#include "core/design/ToolSpec.h"
#include "core/prompt/PromptPartials.h"
#include "core/session/PromptBench.h"
#include "core/session/SampleProject.h"
#include "core/session/SessionPrivate.h"
#include "core/session/VariantModel.h"
#include "core/session/WholeTrace.h"

#include <QFile>

namespace lathe {

namespace {
Problem toProblem(const PromptProblem &from)
{
    Problem problem;
    problem.severity = Problem::Severity(from.severity);
    problem.pointer = from.pointer;
    problem.code = from.code;
    problem.message = from.message;
    problem.fix = from.fix;
    problem.from = from.from;
    problem.length = from.length;
    return problem;
}
}

namespace {
// Names that lead nowhere.
std::vector<Problem> missingInExperiment(const ExperimentSpec &spec, const ArtifactRepository &artifacts)
{
    std::vector<Problem> problems;
    const auto look = [&](std::initializer_list<ArtifactKind> kinds, const QString &reference, const QString &pointer) {
        if (reference.isEmpty())
            return;
        QString why;
        for (const ArtifactKind kind : kinds) {
            const auto found = artifacts.resolve(kind, reference);
            if (found)
                return;
            if (why.isEmpty())
                why = found.error().message;
        }
        Problem problem;
        problem.severity = Problem::Severity::Error;
        problem.pointer = pointer;
        problem.code = QStringLiteral("experiment.missing");
        problem.message = why;
        problems.push_back(std::move(problem));
    };
    look({ArtifactKind::Dataset}, spec.dataset, QStringLiteral("/dataset"));
    for (size_t i = 0; i < spec.variants.size(); ++i) {
        const QString at = QStringLiteral("/variants/%1/").arg(i);
        look({ArtifactKind::Agent, ArtifactKind::Team}, spec.variants[i].agent, at + QStringLiteral("agent"));
        look({ArtifactKind::Prompt}, spec.variants[i].prompt, at + QStringLiteral("prompt"));
        if (const auto model = VariantResolver::parseModel(spec.variants[i].model))
            look({ArtifactKind::Connection}, model->connection, at + QStringLiteral("model"));
    }
    return problems;
}
}

Session::Session(std::unique_ptr<Project> project, const SessionOptions &options)
    : m_clock(std::make_unique<SystemClock>()), m_project(std::move(project))
{
    Q_UNUSED(options)
}

Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::open(const QString &path, const SessionOptions &options)
{
    auto clock = std::make_unique<SystemClock>();
    auto project = Project::open(path, options.mode, clock.get());
    if (!project)
        return project.error();
    std::unique_ptr<Session> session(new Session(std::move(*project), options));
    session->m_clock = std::move(clock);
    Session *raw = session.get();
    raw->d = std::make_unique<Private>(raw, raw->m_project.get(), raw->m_clock.get(), options);
    raw->m_project->setErrorHandler([raw](const Error &error) { Q_EMIT raw->failed(error); });
    return session;
}

void Session::connectNotify(const QMetaMethod &signal)
{
    // Batches are only made when somebody listens.
    if (signal == QMetaMethod::fromSignal(&Session::runEvents))
        connect(&d->runs, &RunService::events, this, &Session::runEvents, Qt::UniqueConnection);
}

Task<Result<void>> Session::createProject(QString path, QString sample)
{
    SystemClock clock;
    auto project = Project::open(path, Project::Mode::Create, &clock);
    if (!project)
        co_return project.error();
    if (!sample.isEmpty()) {
        auto filled = co_await populateFromSample(project->get(), sample);
        if (!filled) {
            project->reset();
            QFile::remove(path); // it was made a moment ago by this call
        }
        co_return filled;
    }
    const QJsonObject body{{QStringLiteral("api"), QStringLiteral("offline")}};
    const auto created = co_await (*project)->artifacts().create(ArtifactKind::Connection, QStringLiteral("offline"), body);
    if (!created)
        co_return created.error();
    const auto committed = co_await (*project)->artifacts().commit(*created, QStringLiteral("Works without a key"));
    if (!committed)
        co_return committed.error();
    auto flushed = co_await (*project)->flush();
    co_return flushed;
}

QStringList Session::sampleNames()
{
    return sampleIds();
}

QString Session::sampleTitle(const QString &id)
{
    return sampleManifest(id).value(QStringLiteral("title")).toString(id);
}

// --- Editing

Result<Draft> Session::draft(ArtifactId id) const
{
    return m_project->artifacts().draft(id);
}

Result<void> Session::edit(ArtifactId id, const QString &pointer, const QJsonValue &value, const QString &what)
{
    auto draft = m_project->artifacts().draft(id);
    if (!draft)
        return draft.error();
    Edit edit = Edit::of(draft->body, pointer, value, what, m_clock->nowUs());
    if (edit.before == edit.after)
        return {};
    draft->body = edit.applied(draft->body);
    draft->history.push(std::move(edit));
    m_project->artifacts().saveDraft(id, draft->body, draft->history);
    return {};
}

Result<void> Session::edit(ArtifactId id, const BodyChanges &changes, const QString &what)
{
    auto draft = m_project->artifacts().draft(id);
    if (!draft)
        return draft.error();
    const qint64 now = m_clock->nowUs();
    bool changed = false;
    for (const BodyChange &change : gathered(draft->body, changes)) {
        Edit edit = Edit::of(draft->body, change.pointer, change.after, what, now);
        if (edit.before == edit.after)
            continue;
        edit.joined = changed;
        changed = true;
        draft->body = edit.applied(draft->body);
        draft->history.push(std::move(edit));
    }
    if (changed)
        m_project->artifacts().saveDraft(id, draft->body, draft->history);
    return {};
}

bool Session::canUndo(ArtifactId id) const
{
    const auto draft = m_project->artifacts().draft(id);
    return draft && draft->history.canUndo();
}

bool Session::canRedo(ArtifactId id) const
{
    const auto draft = m_project->artifacts().draft(id);
    return draft && draft->history.canRedo();
}

Result<void> Session::undo(ArtifactId id)
{
    auto draft = m_project->artifacts().draft(id);
    if (!draft)
        return draft.error();
    if (const auto body = draft->history.undo(draft->body))
        m_project->artifacts().saveDraft(id, *body, draft->history);
    return {};
}

Result<void> Session::redo(ArtifactId id)
{
    auto draft = m_project->artifacts().draft(id);
    if (!draft)
        return draft.error();
    if (const auto body = draft->history.redo(draft->body))
        m_project->artifacts().saveDraft(id, *body, draft->history);
    return {};
}

Task<Result<RevisionInfo>> Session::commit(ArtifactId id, QString note)
{
    // Undo goes back to what was committed and not past it in one step.
    auto draft = m_project->artifacts().draft(id);
    if (draft && draft->history.endMerging())
        m_project->artifacts().saveDraft(id, std::move(draft->body), std::move(draft->history));
    return m_project->artifacts().commit(id, note);
}

Task<Result<ArtifactId>> Session::createArtifact(ArtifactKind kind, QString name, QJsonObject body)
{
    return m_project->artifacts().create(kind, name, body);
}

QString Session::freeName(ArtifactKind kind, const QString &wish) const
{
    QString name = wish;
    for (int i = 2; m_project->artifacts().find(kind, name); ++i)
        name = QStringLiteral("%1 %2").arg(wish).arg(i);
    return name;
}

std::vector<Problem> Session::problems(ArtifactKind kind, const QJsonObject &body, const QString &name) const
{
    DesignLookup lookup;
    lookup.exists = [this](ArtifactKind of, const QString &reference) {
        return m_project->artifacts().resolve(of, reference).ok();
    };
    lookup.promptVariables = [this](const QString &reference) {
        const auto prompt = m_project->artifacts().resolve(ArtifactKind::Prompt, reference);
        const auto spec = prompt ? PromptSpec::fromJson(prompt->body) : Result<PromptSpec>(prompt.error());
        if (!spec)
            return QStringList();
        const auto whole = expandPrompt(*spec, prompt->name, promptPartials(this));
        return templateVariables(whole ? *whole : *spec);
    };
    lookup.toolBody = [this](const QString &reference) {
        const auto tool = m_project->artifacts().resolve(ArtifactKind::Tool, reference);
        return tool ? tool->body : QJsonObject();
    };
    lookup.body = [this](ArtifactKind of, const QString &reference) {
        const auto found = m_project->artifacts().resolve(of, reference);
        return found ? found->body : QJsonObject();
    };
    switch (kind) {
    case ArtifactKind::Agent:
        return validateAgent(body, lookup);
    case ArtifactKind::Team: {
        TeamLookup teams;
        teams.design = lookup;
        teams.self = name;
        teams.body = [this](ArtifactKind of, const QString &reference) {
            const auto found = m_project->artifacts().resolve(of, reference);
            return found ? found->body : QJsonObject();
        };
        return validateTeam(body, teams);
    }
    case ArtifactKind::Tool:
        return validateTool(body, lookup);
    case ArtifactKind::Prompt: {
        std::vector<Problem> problems;
        const auto spec = PromptSpec::fromJson(body);
        if (!spec) {
            Problem problem;
            problem.severity = Problem::Severity::Error;
            problem.code = QStringLiteral("prompt.invalid");
            problem.message = spec.error().message;
            return {problem};
        }
        for (const PromptProblem &found : lintPrompt(*spec))
            problems.push_back(toProblem(found));
        return problems;
    }
    case ArtifactKind::Experiment: {
        const auto spec = ExperimentSpec::fromJson(body);
        if (spec) {
            std::vector<Problem> found = validateExperiment(*spec);
            const std::vector<Problem> missing = missingInExperiment(*spec, m_project->artifacts());
            found.insert(found.end(), missing.begin(), missing.end());
            return found;
        }
        Problem problem;
        problem.severity = Problem::Severity::Error;
        problem.code = QStringLiteral("experiment.invalid");
        problem.message = spec.error().message;
        return {problem};
    }
    default:
        return {};
    }
}

// --- Running

Task<Result<RunId>> Session::startRun(RunRequest request)
{
    return d->runs.start(std::move(request));
}

Task<Result<RunResult>> Session::finished(RunId run)
{
    return d->runs.finished(run);
}

void Session::stop(RunId run)
{
    if (!d->foreign.stop(run))
        d->runs.stop(run);
}

ForeignRuns &Session::foreignRuns() const
{
    return d->foreign;
}

Experiments &Session::experiments() const
{
    return d->experiments;
}

Playground &Session::playground()
{
    if (!d->playground)
        d->playground = std::make_unique<Playground>(this, d->services);
    return *d->playground;
}

Task<> Session::close()
{
    co_await d->experiments.close();
    if (d->playground)
        co_await d->playground->close();
    co_await d->runs.stopAll();
    co_await d->hub->closeAll();
    const auto flushed = co_await m_project->flush();
    Q_UNUSED(flushed) // a failed write was reported by itself
}

void Session::setBreakpoints(ArtifactId team, const QStringList &nodes)
{
    d->runs.setBreakpoints(team, nodes);
}

std::optional<PausedRun> Session::paused(RunId run) const
{
    return d->runs.paused(run);
}

void Session::continueRun(RunId run)
{
    d->runs.continueRun(run);
}

std::vector<RunId> Session::running() const
{
    return d->runs.running();
}

const Trace *Session::liveTrace(RunId run) const
{
    const Trace *own = d->runs.trace(run);
    return own ? own : m_project->runs().trace(run).get(); // of a foreign run
}

Task<Result<Trace>> Session::trace(RunId run, CancelToken cancel)
{
    if (const Trace *own = d->runs.trace(run))
        co_return *own;
    const auto foreign = m_project->runs().trace(run); // goes on to grow meanwhile
    auto stored = co_await m_project->runs().load(run, cancel);
    if (foreign && (stored || stored.error().kind != ErrorKind::Cancelled))
        co_return stored ? wholeTrace(*foreign, stored->trace) : *foreign;
    if (!stored)
        co_return stored.error();
    co_return std::move(stored->trace);
}

std::vector<PendingQuestion> Session::questions() const
{
    std::vector<PendingQuestion> all = d->runs.questions();
    for (PendingQuestion &question : d->foreign.questions())
        all.push_back(std::move(question));
    return all;
}

void Session::answer(RunId run, const QString &step, const HumanAnswer &answer)
{
    if (!d->foreign.answer(run, step, answer))
        d->runs.answer(run, step, answer);
}

Task<Result<RatingId>> Session::rate(Rating rating)
{
    return m_project->ratings().rate(std::move(rating));
}

// --- Connections (tools: SessionTools.cpp)

Task<Result<QStringList>> Session::listModels(QString connection, CancelToken cancel)
{
    auto model = co_await d->resolver.model(connection);
    if (!model)
        co_return model.error();
    auto names = co_await (*model)->listModels(cancel);
    co_return names;
}

Task<std::vector<LocalServer>> Session::findServers(CancelToken cancel)
{
    return findLocalServers(&d->http, usualLocalServers(qEnvironmentVariable("OLLAMA_HOST")), cancel);
}

Task<Result<void>> Session::storeSecret(QString name, QString value)
{
    d->redactor.addSecret(value);
    auto written = co_await d->secrets->write(name, value);
    co_return written;
}

Task<Result<bool>> Session::hasSecret(QString name)
{
    const auto value = co_await d->secrets->read(name);
    co_return value.ok();
}

Result<Dataset> Session::dataset(const QString &reference) const
{
    return d->resolver.dataset(reference);
}

Task<Result<ArtifactId>> Session::importDataset(QString name, Dataset dataset)
{
    return addDataset(m_project.get(), name, std::move(dataset), QStringLiteral("Imported"));
}

Usage Session::usageToday() const
{
    return d->runs.usage();
}

} // namespace lathe
