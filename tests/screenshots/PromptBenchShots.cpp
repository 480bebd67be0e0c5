// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/Experiments.h"
#include "core/session/Playground.h"
#include "tests/screenshots/Photographer.h"
#include "ui/experiments/ExperimentPage.h"
#include "ui/prompts/PromptEditor.h"

namespace lathe::test {

namespace {
void shootPrompts(WindowBench *bench, Photographer *camera)
{
    Workspace *workspace = bench->window->workspace();
    const ArtifactId worse = bench->artifact(ArtifactKind::Prompt, "reply-prompt");
    (void)bench->session().edit(worse, QStringLiteral("/text"),
                                QStringLiteral("Help the customer with their message.\n\n{{mesage}}\n\n{{#order}}Their order: {{id}}\n\n"
                                               "Answer in at most 50 words. Write a detailed answer of three paragraphs.\n"
                                               "Answer in English. Always answer in German.\n"),
                                QStringLiteral("Make it worse"));
    workspace->go(Location::ofArtifact(worse));
    QTest::qWait(600);
    camera->shoot("prompt-lint");
    const ArtifactId triage = bench->artifact(ArtifactKind::Prompt, "triage-prompt");
    workspace->go(Location::ofArtifact(triage));
    if (auto *editor = workspace->currentPage()->findChild<PromptEditor *>()) {
        editor->compare(1, 2);
        QTest::qWait(400);
        camera->shoot("prompt-diff");
    }
}

void shootPlayground(WindowBench *bench, Photographer *camera)
{
    Workspace *workspace = bench->window->workspace();
    Playground &playground = bench->session().playground();
    VariantSpec one, two;
    one.agent = two.agent = QStringLiteral("triage");
    one.prompt = QStringLiteral("triage-prompt@1");
    two.prompt = QStringLiteral("triage-prompt@2");
    while (!playground.columns().empty())
        playground.removeColumn(0);
    (void)playground.addColumn(one);
    (void)playground.addColumn(two);
    workspace->go(Location::page(Location::Kind::Playground));
    camera->shoot("playground");
    PlaygroundRow row;
    row.input = QStringLiteral("The CSV export stops at 10,000 rows without saying so. We need this for an audit next week.");
    playground.setRow(0, row);
    playground.start();
    QTest::qWait(120);
    camera->shoot("playground-streaming");
    while (playground.running())
        QTest::qWait(20);
    camera->shoot("playground-done");
    playground.setBlind(true);
    camera->shoot("playground-blind");
    playground.setBlind(false);
}

void shootExperiments(WindowBench *bench, Photographer *camera)
{
    Workspace *workspace = bench->window->workspace();
    Session &session = bench->session();
    const ArtifactId id = bench->artifact(ArtifactKind::Experiment, "triage-prompts");
    workspace->go(Location::ofArtifact(id));
    QTest::qWait(300);
    camera->shoot("experiment");
    workspace->currentPage()->run();
    QTest::qWait(500);
    camera->shoot("experiment-live");
    while (session.experiments().running(id))
        QTest::qWait(50);
    QTest::qWait(600);
    camera->shoot("experiment-done");
    if (auto *page = workspace->currentPage()->findChild<ExperimentPage *>()) {
        page->judgeBlind();
        QTest::qWait(300);
        camera->shoot("experiment-blind");
    }
    (void)await(session.experiments().conclude(id, QStringLiteral("Keep the production prompt; collect more rows about Billing.")));
    workspace->go(Location::page(Location::Kind::Experiments));
    QTest::qWait(300);
    camera->shoot("experiments");
}
}

void shootPromptBench(WindowBench *bench, Photographer *camera)
{
    shootPrompts(bench, camera);
    shootPlayground(bench, camera);
    shootExperiments(bench, camera);
}

} // namespace lathe::test
