// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/core/project/ProjectSample.h"

namespace lathe::test {

// What version 3 of the format added: a trial with its score, a verdict, an entry of the log. tests/data/projects/v3.lathe holds it.
inline void fillExperiments(Project &project)
{
    const auto need = [](const auto &result) {
        if (!result)
            qFatal("%s", qPrintable(result.error().message));
        return *result;
    };
    const ArtifactId experiment = need(await(project.artifacts().create(ArtifactKind::Experiment, QStringLiteral("compare"),
                                                                        {{QStringLiteral("question"), QStringLiteral("Which is better?")}})));
    need(await(project.artifacts().commit(experiment, QStringLiteral("begin"))));
    const auto claimed = need(await(project.trials().claim({{QByteArrayLiteral("0123abcd"), experiment, QStringLiteral("a")}})));
    project.trials().begin(claimed[0].trial.id, project.runs().newest());
    TrialScore score;
    score.trial = claimed[0].trial.id;
    score.checksHash = QByteArrayLiteral("c0ffee");
    score.result = {{QStringLiteral("passed"), true}, {QStringLiteral("score"), 0.75}};
    project.trials().finish(claimed[0].trial.id, score);
    Verdict verdict;
    verdict.experiment = experiment;
    verdict.judge = QStringLiteral("me");
    verdict.kind = QStringLiteral("human");
    verdict.example = QByteArrayLiteral("feed");
    verdict.shown = {claimed[0].trial.id, TrialId{77}};
    verdict.winner = 1;
    verdict.reasons = QStringLiteral("clearer");
    verdict.seed = 42;
    verdict.author = QStringLiteral("ann");
    need(await(project.experiments().add(verdict)));
    ExperimentLogEntry entry;
    entry.experiment = experiment;
    entry.name = QStringLiteral("compare");
    entry.question = QStringLiteral("Which is better?");
    entry.sentence = QStringLiteral("It is not known.");
    entry.conclusion = QStringLiteral("Ask more people.");
    entry.author = QStringLiteral("ann");
    entry.revision = 1;
    entry.setup = {{QStringLiteral("dataset"), QStringLiteral("numbers@1")}};
    entry.result = {{QStringLiteral("variants"), QJsonArray{QStringLiteral("a"), QStringLiteral("b")}}};
    need(await(project.experiments().conclude(entry)));
    if (auto flushed = await(project.flush()); !flushed)
        qFatal("%s", qPrintable(flushed.error().message));
}

inline void checkExperiments(Project &project)
{
    const auto found = await(project.trials().find({{QByteArrayLiteral("0123abcd"), QByteArrayLiteral("c0ffee")}, {QByteArrayLiteral("ffff"), {}}}, CancelToken()));
    QVERIFY(found);
    QVERIFY(!(*found)[1].trial.id.isValid());
    const FoundTrial &trial = (*found)[0];
    QVERIFY(trial.run.has_value());
    QCOMPARE(trial.run->status, RunStatus::Done);
    QCOMPARE(trial.run->output, QStringLiteral("area: exports"));
    QCOMPARE(trial.trial.variant, QStringLiteral("a"));
    QVERIFY(!trial.elsewhere);
    QVERIFY(trial.score.has_value());
    QCOMPARE(trial.score->value(QStringLiteral("score")).toDouble(), 0.75);
    const auto verdicts = await(project.experiments().verdicts(trial.trial.experiment, CancelToken()));
    QVERIFY(verdicts);
    QCOMPARE(verdicts->size(), 1u);
    QCOMPARE(verdicts->front().shown.size(), 2u);
    QCOMPARE(verdicts->front().winner, 1);
    QCOMPARE(verdicts->front().seed, 42);
    QCOMPARE(verdicts->front().author, QStringLiteral("ann"));
    const auto log = await(project.experiments().log(QStringLiteral("PEOPLE better"), CancelToken()));
    QVERIFY(log);
    QCOMPARE(log->size(), 1u);
    QCOMPARE(log->front().setup.value(QStringLiteral("dataset")).toString(), QStringLiteral("numbers@1"));
    QCOMPARE(log->front().result.value(QStringLiteral("variants")).toArray().size(), 2);
}

} // namespace lathe::test
