// SPDX-License-Identifier: GPL-3.0-or-later
// Draws every screen from sample data in both themes: `ninja screenshots`, or `lathe-screenshots FOLDER [--scale 2]`.
#include "ui/canvas/TeamEditor.h"
#include "tests/screenshots/McpShots.h"
#include "tests/screenshots/Photographer.h"
#include "tests/screenshots/ToolShots.h"

#include <QApplication>
#include <QDir>
#include <QTimer>

using namespace lathe;
using namespace lathe::test;

namespace {

RunId execute(WindowBench &bench, const char *agent, const char *input)
{
    RunRequest request;
    request.agent = QString::fromUtf8(agent);
    request.input.text = QString::fromUtf8(input);
    const auto run = await(bench.session().startRun(request));
    if (!run)
        qFatal("%s", qPrintable(run.error().message));
    (void)await(bench.session().finished(*run));
    return *run;
}

void drawAll(const QString &folder, Theme::Mode mode)
{
    WindowBench bench;
    bench.theme.setMode(mode);
    Photographer camera(&bench, folder, mode == Theme::Mode::Dark ? QStringLiteral("dark") : QStringLiteral("light"));
    bench.open();
    camera.shoot("welcome");
    bench.window->openSample(QStringLiteral("feedback-desk"));
    while (!bench.window->workspace())
        QTest::qWait(5);
    Workspace *workspace = bench.window->workspace();
    Session &session = bench.session();

    // A history to look at.
    const char *const messages[] = {"The export to CSV freezes the app since the last update, please fix it soon",
                                    "I was charged twice this month", "Search finds nothing since Monday", "Love the new mobile app!",
                                    "Slack integration stopped posting", "Onboarding was quick and pleasant"};
    for (const char *message : messages)
        execute(bench, "triage", message);
    RunRequest bad;
    bad.agent = QStringLiteral("reply");
    bad.model = ModelChoice{QStringLiteral("nowhere"), QStringLiteral("gpt-5")};
    (void)await(session.createArtifact(ArtifactKind::Connection, QStringLiteral("nowhere"),
                                 QJsonObject{{QStringLiteral("api"), QStringLiteral("openai_chat")}, {QStringLiteral("base_url"), QStringLiteral("http://127.0.0.1:9/v1")},
                                             {QStringLiteral("retry"), QJsonObject{{QStringLiteral("attempts"), 1}}}}));
    bad.input.text = QStringLiteral("Where is my invoice?");
    const auto failed = await(session.startRun(bad));
    if (failed)
        (void)await(session.finished(*failed));
    const RunId planner = execute(bench, "planner", "Count the feedback per product area, then find the average rating of the worst area and summarise");
    const RunId analyst = execute(bench, "analyst", "How many negative reviews are about Export, and which product area has the lowest average rating?");
    Rating rating;
    rating.run = analyst;
    rating.kind = QStringLiteral("stars");
    rating.value = 4;
    rating.note = QStringLiteral("Right numbers, a little long");
    (void)await(session.rate(rating));

    // Agent editor with a live run.
    workspace->go(Location::ofArtifact(bench.artifact(ArtifactKind::Agent, "analyst")));
    QTest::qWait(200);
    camera.shoot("agent");
    if (auto *input = bench.find<QPlainTextEdit>("run-text")) {
        input->setPlainText(QStringLiteral("How many enterprise customers complained about Performance, and what is the average rating of Billing?"));
        workspace->currentPage()->run();
        QTest::qWait(1000);
        camera.shoot("agent-live");
        while (!session.running().empty())
            QTest::qWait(20);
        camera.shoot("agent-done");
    }
    // A draft with problems.
    const ArtifactId reply = bench.artifact(ArtifactKind::Agent, "reply");
    (void)session.edit(reply, QStringLiteral("/job"), QStringLiteral("Be helpful"), QStringLiteral("Change job"));
    (void)session.edit(reply, QStringLiteral("/model/connection"), QStringLiteral("missing"), QStringLiteral("Change connection"));
    workspace->go(Location::ofArtifact(reply));
    camera.shoot("agent-problems");
    workspace->go(Location::ofArtifact(bench.artifact(ArtifactKind::Prompt, "triage-prompt")));
    camera.shoot("prompt");
    workspace->go(Location::page(Location::Kind::Runs));
    camera.shoot("runs");
    workspace->go(Location::ofRun(planner));
    camera.shoot("trace");
    workspace->go(Location::ofRun(analyst, QStringLiteral("1.1")));
    camera.shoot("trace-model");
    workspace->go(Location::ofRun(analyst, QStringLiteral("1.2")));
    camera.shoot("trace-tool");
    if (failed) {
        workspace->go(Location::ofRun(*failed));
        camera.shoot("trace-failed");
    }
    workspace->go(Location::ofArtifact(bench.artifact(ArtifactKind::Tool, "feedback_sql")));
    camera.shoot("tool");
    workspace->go(Location::page(Location::Kind::Design));
    camera.shoot("agents");
    workspace->go(Location::page(Location::Kind::Tools));
    camera.shoot("tools");
    workspace->go(Location::ofArtifact(bench.artifact(ArtifactKind::Connection, "nowhere")));
    camera.shoot("connection");
    workspace->go(Location::ofArtifact(bench.artifact(ArtifactKind::Dataset, "feedback")));
    camera.shoot("dataset");
    // A team: idle, running, done, with problems, as a difference.
    const ArtifactId team = bench.artifact(ArtifactKind::Team, "evaluator-optimiser");
    workspace->go(Location::ofArtifact(team));
    QTest::qWait(300);
    camera.shoot("team");
    if (auto *input = workspace->currentPage()->findChild<QPlainTextEdit *>(QStringLiteral("run-text"))) {
        input->setPlainText(QStringLiteral("The CSV export stops at 10,000 rows without saying so. We need this for an audit next week. - Katrin Weiss"));
        workspace->currentPage()->run();
        QTest::qWait(700);
        camera.shoot("team-live");
        while (!session.running().empty())
            QTest::qWait(20);
        QTest::qWait(200);
        camera.shoot("team-done");
    }
    const ArtifactId changed = bench.artifact(ArtifactKind::Team, "router");
    (void)session.edit(changed, BodyChanges{{QStringLiteral("/nodes/n5")}, {QStringLiteral("/nodes/n2/settings/routes/2/about"), QString()},
                                            {QStringLiteral("/nodes/n3/settings/inline/model")}},
                       QStringLiteral("Break it"));
    workspace->go(Location::ofArtifact(changed));
    QTest::qWait(400);
    camera.shoot("team-problems");
    if (auto *editor = workspace->currentPage()->findChild<TeamEditor *>()) {
        editor->compare(1, 0);
        QTest::qWait(300);
        camera.shoot("team-diff");
    }
    shootPromptBench(&bench, &camera);
    shootRuns(&bench, &camera);
    shootTools(&bench, &camera);
    shootMcp(&bench, &camera);
    workspace->go(Location::page(Location::Kind::Settings));
    camera.shoot("settings");
    workspace->palette()->openWith(QStringLiteral("tri"));
    camera.shoot("palette");
}

} // namespace

int main(int argc, char **argv)
{
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    if (argc > 3 && qstrcmp(argv[2], "--scale") == 0)
        qputenv("QT_SCALE_FACTOR", argv[3]);
    QApplication app(argc, argv);
    const QString folder = argc > 1 ? QString::fromLocal8Bit(argv[1]) : QStringLiteral("screenshots");
    QDir().mkpath(folder);
    drawAll(folder, Theme::Mode::Dark);
    drawAll(folder, Theme::Mode::Light);
    return 0;
}

