// SPDX-License-Identifier: GPL-3.0-or-later
// The window stands as a frame first and gets its content in steps, without anything moving.
#include "tests/ui/shell/ShellTesting.h"
#include "ui/theme/FontPreload.h"

#include <QDateTime>
#include <QLabel>
#include <QTabBar>

#include <algorithm>

using namespace lathe;
using namespace lathe::test;

namespace {
// Where the parts of the frame are.
QHash<QString, QRect> places(const QWidget *window)
{
    QHash<QString, QRect> rects;
    for (const char *name : {"top-bar", "rail", "explorer", "document-area", "document-tabs", "status-strip", "project-button", "palette-field"}) {
        if (const auto *widget = window->findChild<QWidget *>(QString::fromLatin1(name)))
            rects.insert(QString::fromLatin1(name), QRect(widget->mapTo(window, QPoint()), widget->size()));
    }
    return rects;
}

void makeSample(const QString &path)
{
    QVERIFY(await(Session::createProject(path, QStringLiteral("feedback-desk"))).ok());
}
}

class TestWindowStart : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theFrameComesFirstAndNothingMoves()
    {
        WindowBench bench;
        makeSample(bench.samplePath());
        MainWindow window(&bench.theme);
        window.resize(1440, 900);
        QSignalSpy completed(&window, &MainWindow::completed);
        window.openProject(bench.samplePath());
        window.show();
        Workspace *workspace = window.workspace();
        QVERIFY(workspace);
        QVERIFY(!workspace->isComplete());
        QVERIFY(!window.findChild<QWidget *>(QStringLiteral("explorer-tree")));
        QVERIFY(!window.findChild<QWidget *>(QStringLiteral("agent-editor")));
        // What the first picture shows: the project, the tab, the panels in their colours.
        const QImage frame = window.grab().toImage();
        const auto before = places(&window);
        QCOMPARE(before.size(), 8);
        const auto *tabs = window.findChild<QTabBar *>(QStringLiteral("document-tabs"));
        QCOMPARE(tabs->count(), 1);
        const ArtifactId first = window.session()->project().artifacts().list(ArtifactKind::Agent).front().id;
        QCOMPARE(tabs->tabText(0), window.session()->project().artifacts().info(first)->name);
        QVERIFY(!tabs->tabIcon(0).isNull());
        const QPoint inExplorer = before.value(QStringLiteral("explorer")).center();
        QCOMPARE(frame.pixelColor(inExplorer), bench.theme.tokens().surface);
        const QPoint inDocument = before.value(QStringLiteral("document-area")).center();
        QCOMPARE(frame.pixelColor(inDocument), bench.theme.tokens().base);

        QTRY_COMPARE_WITH_TIMEOUT(completed.count(), 1, 30'000);
        QVERIFY(workspace->isComplete());
        QTest::qWait(50);
        QVERIFY(window.findChild<QWidget *>(QStringLiteral("explorer-tree")));
        QVERIFY(window.findChild<QWidget *>(QStringLiteral("agent-editor")));
        const auto after = places(&window);
        for (auto it = before.begin(); it != before.end(); ++it)
            QVERIFY2(after.value(it.key()) == it.value(), qPrintable(it.key()));
        QCOMPARE(workspace->currentPage()->artifact, first);
        QVERIFY(!window.windowIcon().isNull());
        QVERIFY(QSettings().value(QStringLiteral("recent")).toStringList().contains(QFileInfo(bench.samplePath()).absoluteFilePath()));
    }

    void whoNeedsTheContentGetsItAtOnce()
    {
        WindowBench bench;
        makeSample(bench.samplePath());
        MainWindow window(&bench.theme);
        window.openProject(bench.samplePath());
        const ArtifactId agent = window.session()->project().artifacts().find(ArtifactKind::Agent, QStringLiteral("triage")).value();
        window.workspace()->go(Location::ofArtifact(agent));
        QVERIFY(window.workspace()->isComplete());
        QCOMPARE(window.workspace()->currentPage()->artifact, agent);
    }

    void aWindowThatIsNotShownIsCompletedToo()
    {
        WindowBench bench;
        makeSample(bench.samplePath());
        MainWindow window(&bench.theme);
        window.openProject(bench.samplePath());
        QVERIFY(!window.workspace()->isComplete());
        QTRY_VERIFY_WITH_TIMEOUT(window.workspace()->isComplete(), 30'000);
    }

    void tabsOfPlacesThatAreGoneAreLeftOut()
    {
        WindowBench bench;
        makeSample(bench.samplePath());
        {
            const auto session = Session::open(bench.samplePath(), SessionOptions());
            QVERIFY(session.ok());
            QJsonArray tabs;
            tabs.append(Location::ofArtifact(ArtifactId{987654}).toJson());
            tabs.append(Location::page(Location::Kind::Runs).toJson());
            tabs.append(Location::ofRun(RunId{4711}).toJson());
            (*session)->project().setSetting(QStringLiteral("ui/shell/tabs"), tabs);
            (*session)->project().setSetting(QStringLiteral("ui/shell/current"), QStringLiteral("run/4711"));
            QVERIFY(await((*session)->project().flush()).ok());
        }
        MainWindow window(&bench.theme);
        window.openProject(bench.samplePath());
        QVERIFY(window.workspace()->currentPage());
        QCOMPARE(window.workspace()->currentPage()->location.kind, Location::Kind::Runs);
        QCOMPARE(window.findChild<QTabBar *>(QStringLiteral("document-tabs"))->count(), 1);
    }

    void closingAWindowOnAReadOnlyProjectTakesOneClick()
    {
        WindowBench bench;
        makeSample(bench.samplePath());
        QFile file(bench.samplePath()); // of a newer Lathe: SQLite keeps the version at byte 60
        QVERIFY(file.open(QIODevice::ReadWrite) && file.seek(60));
        QCOMPARE(file.write(QByteArray::fromHex("0000270f")), qint64(4));
        file.close();
        MainWindow window(&bench.theme);
        window.openProject(bench.samplePath());
        window.show();
        QVERIFY(window.session() && window.session()->project().isReadOnly());
        QTRY_VERIFY_WITH_TIMEOUT(window.workspace()->isComplete(), 30'000);
        window.close();
        QTRY_VERIFY_WITH_TIMEOUT(!window.isVisible(), 30'000);
    }

    void theStatusStripCountsTheDayNotTheSession()
    {
        WindowBench bench;
        bench.openSample();
        RunRequest request;
        request.agent = QStringLiteral("triage");
        request.input.text = QStringLiteral("I was charged twice");
        const auto run = await(bench.session().startRun(request));
        QVERIFY(run.ok());
        const auto result = await(bench.session().finished(*run));
        QVERIFY(result.ok() && result->usage.totalTokens() > 0);
        const QString tokens = QString::number(result->usage.totalTokens());
        const auto digits = [&bench] {
            QString text = bench.find<QLabel>("status-tokens")->text();
            text.erase(std::remove_if(text.begin(), text.end(), [](QChar c) { return !c.isDigit(); }), text.end());
            return text;
        };
        QTRY_COMPARE_WITH_TIMEOUT(digits(), tokens, 30'000);
        QVERIFY(bench.find<QLabel>("status-cost")->text().endsWith(QStringLiteral("today")));
        // Another session over the same file, the same day.
        bench.window->closeProject();
        QTRY_VERIFY_WITH_TIMEOUT(bench.window->workspace() == nullptr, 30'000);
        bench.window->openProject(bench.samplePath());
        QTRY_VERIFY_WITH_TIMEOUT(bench.find<QLabel>("status-tokens"), 30'000);
        QCOMPARE(digits(), tokens);
    }

    void fontsMayBeWaitedForAtAnyTime()
    {
        {
            FontPreload never; // the program ends before there is an application of its own
        }
        FontPreload fonts;
        fonts.applicationMade();
        fonts.wait();
        fonts.wait();
        Theme theme;
        FontPreload others;
        theme.setFontPreload(&others);
        theme.awaitFonts();
        theme.awaitFonts();
    }
};

QTEST_MAIN(TestWindowStart)
#include "tst_WindowStart.moc"
