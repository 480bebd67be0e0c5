// SPDX-License-Identifier: GPL-3.0-or-later
// The window as a person uses it: create an agent, run it, stop, rate, reopen.
#include "tests/ui/shell/ShellTesting.h"
#include "ui/runs/RunDrawer.h"
#include "ui/widgets/SearchField.h"

#include <QJsonArray>
#include <QListView>

using namespace lathe;
using namespace lathe::test;

class TestMainWindow : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void welcomeOpensTheSample()
    {
        WindowBench bench;
        bench.open();
        QVERIFY(bench.find<QWidget>("welcome-page"));
        bench.click("welcome-sample");
        QTRY_VERIFY_WITH_TIMEOUT(bench.window->workspace() != nullptr, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(bench.find<QWidget>("explorer-tree"), 30'000);
        QVERIFY(bench.find<QWidget>("agent-editor"));
    }

    void aBadFileIsASentenceAndTheWindowGoesOn()
    {
        WindowBench bench;
        bench.open();
        QFile bad(bench.folder.filePath(QStringLiteral("bad.lathe")));
        QVERIFY(bad.open(QIODevice::WriteOnly));
        bad.write(QByteArray(4096, 'x'));
        bad.close();
        bench.window->openProject(bad.fileName());
        QTRY_VERIFY_WITH_TIMEOUT(bench.find<QWidget>("welcome-error"), 30'000);
        bench.window->openSample(QStringLiteral("feedback-desk"));
        QTRY_VERIFY_WITH_TIMEOUT(bench.window->workspace() != nullptr, 30'000);
    }

    void createRunRateReopen()
    {
        WindowBench bench;
        bench.openSample();
        // New agent by the palette.
        QTest::keyClick(bench.window.get(), Qt::Key_K, Qt::ControlModifier);
        CommandPalette *palette = bench.window->workspace()->palette();
        QTRY_VERIFY_WITH_TIMEOUT(palette->isOpen(), 30'000);
        QTest::keyClicks(palette->field(), QStringLiteral("New agent"));
        QTest::qWait(200);
        QTest::keyClick(palette->field(), Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(bench.artifact(ArtifactKind::Agent, "my-agent").isValid(), 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(bench.window->workspace()->currentPage()->artifact, bench.artifact(ArtifactKind::Agent, "my-agent"), 30'000);
        const ArtifactId agent = bench.artifact(ArtifactKind::Agent, "my-agent");

        // A job by the keyboard is in the draft at once; undo takes it back.
        auto *job = bench.find<QLineEdit>("agent-job");
        QVERIFY(job);
        job->setFocus();
        job->selectAll();
        QTest::keyClicks(job, QStringLiteral("Summarise feedback in two bullets."));
        QCOMPARE(bench.session().draft(agent)->body.value(QStringLiteral("job")).toString(), QStringLiteral("Summarise feedback in two bullets."));

        // Run it with F5.
        auto *input = bench.find<QPlainTextEdit>("run-text");
        QVERIFY(input);
        input->setFocus();
        QTest::keyClicks(input, QStringLiteral("The app is slow. Export fails. Search is great. Billing is wrong."));
        QSignalSpy ended(&bench.session(), &Session::runEnded);
        QTest::keyClick(bench.window.get(), Qt::Key_F5);
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, 20'000);
        const RunId run = bench.session().project().runs().newest();
        QCOMPARE(await(bench.session().finished(run))->status, RunStatus::Done);

        // Rate it, commit the agent.
        Rating rating;
        rating.run = run;
        rating.kind = QStringLiteral("stars");
        rating.value = 4;
        QVERIFY(await(bench.session().rate(rating)).ok());
        QTest::keyClick(bench.window.get(), Qt::Key_S, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(bench.find<QLineEdit>("commit-note"), 30'000);
        QTest::keyClicks(bench.find<QLineEdit>("commit-note"), QStringLiteral("first"));
        QTest::keyClick(bench.find<QLineEdit>("commit-note"), Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(bench.session().project().artifacts().info(agent)->latestNumber, 1, 30'000);

        // Reopen: the tabs, the run and its rating are there.
        bench.window->closeProject();
        QTRY_VERIFY_WITH_TIMEOUT(bench.window->workspace() == nullptr, 30'000);
        bench.window->openProject(bench.samplePath());
        QTRY_VERIFY_WITH_TIMEOUT(bench.window->workspace() != nullptr, 30'000);
        QCOMPARE(bench.window->workspace()->currentPage()->artifact, agent);
        QCOMPARE(bench.session().project().runs().run(run)->rating, 4);
        bench.window->workspace()->go(Location::ofRun(run));
        QTRY_VERIFY_WITH_TIMEOUT(bench.find<QWidget>("trace-view"), 30'000);
    }

    void stopWorksWhileItStreams()
    {
        WindowBench bench;
        bench.openSample();
        bench.window->workspace()->go(Location::ofArtifact(bench.artifact(ArtifactKind::Agent, "digest")));
        auto *input = bench.find<QPlainTextEdit>("run-text");
        QVERIFY(input);
        QString text;
        for (int i = 0; i < 60; ++i)
            text += QStringLiteral("Customer %1 says the export of report %2 fails with an error every day. ").arg(i).arg(i * 7);
        input->setPlainText(text);
        QTest::keyClick(bench.window.get(), Qt::Key_F5);
        QTRY_COMPARE_WITH_TIMEOUT(bench.session().running().size(), size_t(1), 30'000);
        QSignalSpy ended(&bench.session(), &Session::runEnded);
        QTest::qWait(60);
        if (bench.session().running().empty())
            QSKIP("the run was quicker than the stop");
        QElapsedTimer timer;
        timer.start();
        QTest::keyClick(bench.window.get(), Qt::Key_F5, Qt::ShiftModifier);
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, 30'000);
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
        const RunId run = bench.session().project().runs().newest();
        QCOMPARE(bench.session().project().runs().run(run)->status, RunStatus::Cancelled);
    }

    // For a program that ends without having been asked to.
    void tabsAreKeptAsOneGoes()
    {
        WindowBench bench;
        bench.openSample();
        const ArtifactId analyst = bench.artifact(ArtifactKind::Agent, "analyst");
        bench.window->workspace()->go(Location::ofArtifact(analyst));
        bench.window->workspace()->go(Location::page(Location::Kind::Tools));
        const auto kept = [&] { return bench.session().project().setting(QStringLiteral("ui/shell/tabs")).toArray().size(); };
        QTRY_VERIFY_WITH_TIMEOUT(kept() >= 2, 30'000);
    }

    void backAndForwardAndEveryPage()
    {
        WindowBench bench;
        bench.openSample();
        auto *workspace = bench.window->workspace();
        const Location start = workspace->currentPage()->location;
        for (const Qt::Key key : {Qt::Key_1, Qt::Key_2, Qt::Key_3, Qt::Key_4, Qt::Key_5, Qt::Key_6, Qt::Key_7})
            QTest::keyClick(bench.window.get(), key, Qt::ControlModifier);
        QCOMPARE(workspace->currentPage()->location.kind, Location::Kind::Connections);
        QList<int> kinds;
        for (int i = 0; i < 7; ++i) {
            QTest::keyClick(bench.window.get(), Qt::Key_Left, Qt::AltModifier);
            kinds.append(int(workspace->currentPage()->location.kind));
        }
        QVERIFY2(workspace->currentPage()->location == start, qPrintable(QDebug::toString(kinds)));
        QCOMPARE(workspace->currentPage()->location, start);
        QTest::keyClick(bench.window.get(), Qt::Key_Right, Qt::AltModifier);
        QCOMPARE(workspace->currentPage()->location.kind, Location::Kind::Design);
        // Every artifact opens.
        for (const ArtifactInfo &info : bench.session().project().artifacts().list(std::nullopt)) {
            workspace->go(Location::ofArtifact(info.id));
            QVERIFY2(workspace->currentPage() && workspace->currentPage()->artifact == info.id, qPrintable(info.name));
        }
        QTest::keyClick(bench.window.get(), Qt::Key_Comma, Qt::ControlModifier);
        QCOMPARE(workspace->currentPage()->location.kind, Location::Kind::Settings);
    }

    void theLastTabLeavesADeskToGoOnFrom()
    {
        WindowBench bench;
        bench.openSample();
        auto *workspace = bench.window->workspace();
        workspace->go(Location::ofArtifact(bench.artifact(ArtifactKind::Agent, "digest")));
        for (int i = 0; i < 20 && workspace->currentPage(); ++i)
            QTest::keyClick(bench.window.get(), Qt::Key_W, Qt::ControlModifier);
        QVERIFY(!workspace->currentPage());
        QTRY_VERIFY_WITH_TIMEOUT(bench.find<QWidget>("empty-desk"), 30'000);
        QVERIFY(!bench.find<QWidget>("document-tabs"));
        bench.click("desk-search");
        QTRY_VERIFY_WITH_TIMEOUT(workspace->palette()->isOpen(), 30'000);
        workspace->palette()->dismiss();
        bench.click("desk-recent-1"); // closed last
        QVERIFY(workspace->currentPage());
        QVERIFY(bench.find<QWidget>("document-tabs"));
        QTest::keyClick(bench.window.get(), Qt::Key_W, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(bench.find<QWidget>("desk-new-agent"), 30'000);
        bench.click("desk-new-agent");
        QTRY_VERIFY_WITH_TIMEOUT(bench.artifact(ArtifactKind::Agent, "my-agent").isValid(), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(workspace->currentPage() && workspace->currentPage()->artifact == bench.artifact(ArtifactKind::Agent, "my-agent"), 30'000);
    }

    // Behind a sheet nothing is committed, undone, searched or closed.
    void keysStayInTheSheet()
    {
        WindowBench bench;
        bench.openSample();
        auto *workspace = bench.window->workspace();
        const ArtifactId agent = bench.artifact(ArtifactKind::Agent, "digest");
        workspace->go(Location::ofArtifact(agent));
        QVERIFY(bench.session().edit(agent, QStringLiteral("/job"), QStringLiteral("Another job."), QStringLiteral("test")).ok());
        workspace->create(ArtifactKind::Tool);
        auto *sheet = bench.find<QWidget>("add-tool-sheet");
        QVERIFY(sheet);
        auto *input = bench.find<QPlainTextEdit>("add-input");
        QVERIFY(input && input->hasFocus());
        QTest::keyClicks(input, QStringLiteral("web"));
        for (QWidget *focus : std::initializer_list<QWidget *>{bench.find<QWidget>("add-primary"), input}) {
            focus->setFocus();
            QVERIFY(focus->hasFocus());
            for (const Qt::Key key : {Qt::Key_S, Qt::Key_K, Qt::Key_W, Qt::Key_1, Qt::Key_Z})
                QTest::keyClick(focus, key, Qt::ControlModifier);
        }
        QVERIFY(!bench.find<QWidget>("commit-popover"));
        QVERIFY(!workspace->palette()->isOpen());
        QCOMPARE(workspace->currentPage()->artifact, agent);
        QCOMPARE(bench.session().draft(agent)->body.value(QStringLiteral("job")).toString(), QStringLiteral("Another job."));
        QTest::keyClick(input, Qt::Key_Escape);
        QTRY_VERIFY_WITH_TIMEOUT(!bench.find<QWidget>("add-tool-sheet"), 30'000);
        QTest::keyClick(bench.window.get(), Qt::Key_K, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(workspace->palette()->isOpen(), 30'000);
        QTest::keyClicks(workspace->palette()->field(), QStringLiteral("add a tool"));
        QTRY_COMPARE_WITH_TIMEOUT(workspace->palette()->view()->currentIndex().data().toString(), QStringLiteral("New tool"), 30'000);
    }

    void themesSwitchLive()
    {
        WindowBench bench;
        bench.openSample();
        QVERIFY(bench.theme.isDark());
        bench.click("theme-button");
        QVERIFY(!bench.theme.isDark());
        const QImage light = bench.window->grab().toImage();
        QVERIFY(light.pixelColor(5, 300).lightness() > 200);
    }

    void binAndUndo()
    {
        WindowBench bench;
        bench.openSample();
        const ArtifactId id = bench.artifact(ArtifactKind::Agent, "reply");
        QVERIFY(await(bench.session().project().artifacts().moveToBin(id, true)).ok());
        for (const ArtifactInfo &info : bench.session().project().artifacts().list(ArtifactKind::Agent))
            QVERIFY(info.id != id);
        QVERIFY(await(bench.session().project().artifacts().moveToBin(id, false)).ok());
    }
};

QTEST_MAIN(TestMainWindow)
#include "tst_MainWindow.moc"
