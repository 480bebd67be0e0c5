// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/core/project/RunPlayer.h"

namespace lathe::test {

inline const QString sampleText =
    QStringLiteral("Der Export ist langsam. 输出很慢。 ").repeated(200);

// A file with something in every table. tests/data/projects/v1.lathe was written by this (see the README there); what it holds is
// what every later version must find in it, so changing this function means changing nothing in old files.
inline RunId fillSample(Project &project)
{
    ArtifactRepository &artifacts = project.artifacts();
    const auto need = [](const auto &result) {
        if (!result)
            qFatal("%s", qPrintable(result.error().message));
        if constexpr (!std::is_same_v<decltype(result), const Result<void> &>)
            return *result;
    };
    const QByteArray picture = need(await(project.putBlob(QByteArrayLiteral("attached bytes"))));
    const ArtifactId prompt =
        need(await(artifacts.create(ArtifactKind::Prompt, QStringLiteral("triage-prompt"),
                                    {{QStringLiteral("system"), QStringLiteral("Sort politely.")},
                                     {QStringLiteral("picture"), QString::fromLatin1(picture)}})));
    need(await(artifacts.commit(prompt, QStringLiteral("first"))));
    const ArtifactId agent =
        need(await(artifacts.create(ArtifactKind::Agent, QStringLiteral("triage"),
                                    {{QStringLiteral("job"), QStringLiteral("sort feedback")}})));
    need(await(artifacts.commit(agent, QStringLiteral("begin"))));
    need(await(artifacts.setLabel(agent, QStringLiteral("production"), 1)));
    need(await(artifacts.saveDraft(
        agent, {{QStringLiteral("job"), QStringLiteral("sort feedback by area")}}, EditHistory())));
    RunInfo info = someRun(QStringLiteral("slow exports"));
    info.artifact = agent;
    info.revisionNumber = 1;
    Player player(project, info);
    player.started({{QStringLiteral("input"), info.input}});
    player.begin(QStringLiteral("1"), StepKind::Agent, QStringLiteral("invoke_agent triage"));
    player.begin(QStringLiteral("1.1"), StepKind::Model, QStringLiteral("chat extractive"));
    player.delta(QStringLiteral("1.1"), DeltaChannel::Text, sampleText);
    need(player.entry(QStringLiteral("1.1"), QStringLiteral("chat"),
                      {{QStringLiteral("model"), QStringLiteral("extractive")}}, true,
                      chatOutcome(sampleText)));
    player.stepEnd(QStringLiteral("1.1"), StepStatus::Ok, sampleText, modelEnd(12, 34));
    player.stepEnd(QStringLiteral("1"), StepStatus::Ok);
    player.ended(RunStatus::Done, QStringLiteral("area: exports"));
    Rating rating;
    rating.run = player.run;
    rating.kind = QStringLiteral("stars");
    rating.value = 4;
    rating.note = QStringLiteral("nearly");
    rating.author = QStringLiteral("ann");
    need(await(project.ratings().rate(rating)));
    project.setSetting(QStringLiteral("layout"), QJsonObject{{QStringLiteral("drawer"), 320}});
    need(await(project.flush()));
    return player.run;
}

inline void checkSample(Project &project)
{
    const auto agent =
        project.artifacts().resolve(ArtifactKind::Agent, QStringLiteral("triage@production"));
    QVERIFY(agent);
    QCOMPARE(agent->body.value(QStringLiteral("job")).toString(), QStringLiteral("sort feedback"));
    QCOMPARE(project.artifacts()
                 .resolve(ArtifactKind::Agent, QStringLiteral("triage@draft"))
                 ->body.value(QStringLiteral("job"))
                 .toString(),
             QStringLiteral("sort feedback by area"));
    QCOMPARE(project.artifacts().revisions(agent->id).size(), 1u);
    QCOMPARE(project.artifacts().revisions(agent->id)[0].runCount, 1);
    QCOMPARE(project.artifacts().searchPrompts(QStringLiteral("politely"), 5).size(), 1u);
    RunQuery search;
    search.filter = RunFilter::ofWords(QStringLiteral("exports"));
    const auto found = query(project, search);
    QCOMPARE(found.size(), 1u);
    QCOMPARE(found[0].rating, 4);
    QCOMPARE(found[0].usage.outputTokens, 34);
    const StoredRun run = load(project, found[0].id);
    QCOMPARE(run.journal.size(), 1u);
    QCOMPARE(run.trace.steps().size(), 2u);
    QCOMPARE(run.trace.steps()[1].text, sampleText);
    QCOMPARE(run.trace.output(), QStringLiteral("area: exports"));
    QCOMPARE(run.info.snapshot.value(QStringLiteral("agent")).toObject().size(), 1);
    QCOMPARE(*project.blob(json::sha256("attached bytes")), QByteArrayLiteral("attached bytes"));
    QCOMPARE(project.setting(QStringLiteral("layout"))
                 .toObject()
                 .value(QStringLiteral("drawer"))
                 .toInt(),
             320);
}

// Changes a closed file behind the back of Lathe.
inline void sql(const QString &path, const char *text)
{
    auto db = Database::open(path, Database::Mode::ReadWrite);
    if (!db)
        qFatal("%s", qPrintable(db.error().message));
    if (auto done = (*db)->exec(text); !done)
        qFatal("%s: %s", text, qPrintable(done.error().cause));
}

} // namespace lathe::test
