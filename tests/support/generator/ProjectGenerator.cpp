// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/generator/ProjectGenerator.h"

#include "tests/support/Await.h"
#include "tests/support/generator/RunScript.h"

namespace lathe::test {

namespace {
constexpr int runsAtOnce = 200; // between two waits for the file

Task<bool> recordRun(Project *project, ScriptedRun script, ArtifactId artifact, RunId *id)
{
    RunInfo info = script.info;
    info.artifact = artifact;
    info.usage = Usage();
    const auto run = co_await project->runs().create(std::move(info));
    if (!run)
        qFatal("%s", qPrintable(run.error().message));
    const RunId made = *run;
    if (id)
        *id = made;
    QHash<QString, StoredEntry> journal;
    for (StoredEntry &entry : script.journal)
        journal.insert(entry.step, std::move(entry));
    Task<Result<void>> last;
    for (RunEvent &event : script.events) {
        event.run = made;
        if (event.kind == RunEventKind::StepEnded) {
            // As in a real run: the outcome is recorded before the step ends.
            if (const auto entry = journal.constFind(event.step); entry != journal.cend())
                last = project->runs().writeEntry(made, *entry);
        }
        project->runs().record(event);
    }
    const auto ended = co_await project->runs().end(made, script.events.back().runStatus, script.events.back().text,
                                                    script.events.back().error, script.info.usage);
    if (!ended)
        qFatal("%s", qPrintable(ended.error().message));
    if (script.rating) {
        Rating rating = *script.rating;
        rating.run = made;
        const auto rated = co_await project->ratings().rate(std::move(rating));
        if (!rated)
            qFatal("%s", qPrintable(rated.error().message));
    }
    co_return true;
}

Task<bool> flushed(Project *project)
{
    const auto done = co_await project->flush();
    co_return done.ok();
}

void makeArtifacts(Project *project)
{
    for (const AgentName &agent : scriptedAgents()) {
        const QString name = QString::fromLatin1(agent.name);
        if (project->artifacts().find(agent.kind, name))
            continue;
        const auto id = await(project->artifacts().create(agent.kind, name, QJsonObject{{QStringLiteral("job"), QStringLiteral("revision 0")}}));
        if (!id)
            qFatal("%s", qPrintable(id.error().message));
        for (int i = 1; i <= agent.revisions; ++i) {
            const QJsonObject body{{QStringLiteral("job"), QStringLiteral("Answers what customers write, revision %1.").arg(i)}};
            (void)await(project->artifacts().saveDraft(*id, body, EditHistory()));
            if (const auto made = await(project->artifacts().commit(*id, QString())); !made)
                qFatal("%s", qPrintable(made.error().message));
        }
    }
}
} // namespace

ProjectFacts generateRuns(Project *project, Clock *, const ProjectShape &shape, const std::function<void(int)> &progress)
{
    makeArtifacts(project);
    Dice dice(shape.seed);
    ProjectFacts facts;
    const qint64 spanUs = qint64(shape.days) * 86'400'000'000;
    const int total = shape.runs + (shape.longRun > 0 ? 1 : 0);
    const int longAt = shape.longRun > 0 ? std::max(0, total - 11) : -1;
    std::vector<Task<bool>> batch;
    for (int i = 0; i < total; ++i) {
        const qint64 startUs = shape.endUs - spanUs + qint64(double(spanUs) * (i + dice.unit()) / total);
        const int steps = i == longAt ? shape.longRun : std::max(2, int(dice.lognormal(shape.stepsPerRun * 0.8, 0.65)));
        ScriptedRun script = scriptRun(dice, startUs, steps);
        facts.steps += script.steps;
        ++facts.runs;
        const auto artifact = project->artifacts().find(ArtifactKind::Agent, script.info.agentName);
        const auto team = project->artifacts().find(ArtifactKind::Team, script.info.agentName);
        batch.push_back(recordRun(project, std::move(script), artifact ? *artifact : team.value_or(ArtifactId()), i == longAt ? &facts.longRun : nullptr));
        if (int(batch.size()) >= runsAtOnce || i + 1 == total || i == longAt) {
            for (Task<bool> &task : batch)
                (void)await(std::move(task), 600'000);
            batch.clear();
            if (!await(flushed(project), 600'000))
                qFatal("the generated runs could not be written");
            if (progress)
                progress(i + 1);
        }
    }
    return facts;
}

ProjectFacts generateProject(const QString &path, const ProjectShape &shape, const std::function<void(int)> &progress)
{
    SystemClock clock;
    auto project = Project::open(path, Project::Mode::Create, &clock);
    if (!project)
        qFatal("%s", qPrintable(project.error().message));
    return generateRuns(project->get(), &clock, shape, progress);
}

} // namespace lathe::test
