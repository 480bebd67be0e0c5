// SPDX-License-Identifier: GPL-3.0-or-later
// lathe-cli run --publish and serve, watched from another project.
#include "tests/app/OtlpProducers.h"

#include "core/server/RemoteLathe.h"

#include <QRegularExpression>

using namespace lathe;
using namespace lathe::test;

class TestReceiverPublish : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    QString m_there;
    std::unique_ptr<Session> m_here;
    QByteArray m_errors;

    std::unique_ptr<Session> open(const QString &path)
    {
        auto session = Session::open(path, SessionOptions());
        if (!session)
            qFatal("%s", qPrintable(session.error().message));
        return std::move(*session);
    }
    // The address that the program prints to its error output.
    QUrl watchUrl(QProcess *process)
    {
        static const QRegularExpression address(QStringLiteral("Watch at (ws://\\S+)"));
        for (int i = 0; i < 3000; ++i) {
            m_errors += process->readAllStandardError();
            const auto match = address.match(QString::fromUtf8(m_errors));
            if (match.hasMatch())
                return QUrl(match.captured(1));
            if (process->state() == QProcess::NotRunning)
                break;
            QTest::qWait(10);
        }
        return QUrl();
    }
    std::unique_ptr<QProcess> publish(const QString &agent, const QStringList &more)
    {
        m_errors.clear();
        return Cli().start(QStringList{QStringLiteral("run"), m_there, agent, QStringLiteral("--input"),
                                       QStringLiteral("How many messages are about Search?"), QStringLiteral("--publish"),
                                       QStringLiteral("--wait-for-watcher=30")} + more);
    }
    RunId newestHere() { return m_here->project().runs().newest(); }

private Q_SLOTS:
    void initTestCase()
    {
        m_there = m_folder.filePath(QStringLiteral("there.lathe"));
        QVERIFY(await(Session::createProject(m_there, QStringLiteral("feedback-desk"))).ok());
        auto session = open(m_there);
        const auto agent = session->project().artifacts().find(ArtifactKind::Agent, QStringLiteral("analyst"));
        QVERIFY(agent.has_value());
        QJsonArray tools = session->draft(*agent)->body.value(QStringLiteral("tools")).toArray();
        QVERIFY(!tools.isEmpty());
        for (qsizetype i = 0; i < tools.size(); ++i) {
            QJsonObject tool = tools[i].toObject();
            tool.insert(QStringLiteral("approval"), QStringLiteral("ask"));
            tools[i] = tool;
        }
        QVERIFY(session->edit(*agent, QStringLiteral("/tools"), tools, QString()).ok());
        QVERIFY(await(session->commit(*agent, QString())).ok());
        await(session->close());
        const QString here = m_folder.filePath(QStringLiteral("here.lathe"));
        QVERIFY(await(Session::createProject(here, QString())).ok());
        m_here = open(here);
    }
    void cleanupTestCase()
    {
        await(m_here->close());
        m_here.reset();
    }

    void aWatcherApproves()
    {
        const auto process = publish(QStringLiteral("analyst"), {QStringLiteral("--attended"), QStringLiteral("--json")});
        const QUrl url = watchUrl(process.get());
        QVERIFY2(url.isValid() && !url.isEmpty(), m_errors.constData());
        RemoteLathe remote(m_here.get());
        remote.connectTo(url);
        HumanAnswer yes;
        yes.approved = true;
        int asked = 0;
        while (process->state() != QProcess::NotRunning) {
            QTest::qWait(5);
            for (const PendingQuestion &pending : m_here->questions()) {
                QCOMPARE(pending.question.type, HumanQuestion::Type::Approval);
                m_here->answer(pending.run, pending.question.step, yes);
                ++asked;
            }
        }
        QVERIFY(asked > 0);
        QCOMPARE(process->exitCode(), 0);
        const auto printed = json::parseObject(process->readAllStandardOutput());
        QVERIFY(printed.ok());
        QTRY_COMPARE_WITH_TIMEOUT(remote.state(), RemoteLathe::State::Ended, 30'000);
        QVERIFY(m_here->running().empty());
        const RunId local = newestHere();
        QTRY_COMPARE_WITH_TIMEOUT(m_here->project().runs().run(local)->status, RunStatus::Done, 30'000);
        QCOMPARE(m_here->project().runs().run(local)->output, printed->value(QStringLiteral("output")).toString());
        // Step by step as it is in the other file.
        const auto mine = await(m_here->trace(local, CancelToken()));
        auto there = open(m_there);
        const auto original = await(there->trace(RunId{printed->value(QStringLiteral("run")).toInteger()}, CancelToken()));
        QVERIFY(mine.ok() && original.ok());
        QCOMPARE(mine->steps().size(), original->steps().size());
        for (size_t i = 0; i < mine->steps().size(); ++i) {
            QCOMPARE(mine->steps()[i].path, original->steps()[i].path);
            QCOMPARE(mine->steps()[i].name, original->steps()[i].name);
            QCOMPARE(mine->steps()[i].status, original->steps()[i].status);
            QCOMPARE(mine->steps()[i].startUs, original->steps()[i].startUs);
            QCOMPARE(mine->steps()[i].notes.size(), original->steps()[i].notes.size());
        }
        await(there->close());
    }

    // One that is over within milliseconds is watched to its end, too.
    void shortRun()
    {
        for (int i = 0; i < 5; ++i) {
            const auto process = publish(QStringLiteral("triage"), {QStringLiteral("--json")});
            const QUrl url = watchUrl(process.get());
            QVERIFY2(url.isValid() && !url.isEmpty(), m_errors.constData());
            const int before = m_here->project().runs().count();
            RemoteLathe remote(m_here.get());
            remote.connectTo(url);
            QTRY_COMPARE_WITH_TIMEOUT(process->state(), QProcess::NotRunning, 30'000);
            QCOMPARE(process->exitCode(), 0);
            QTRY_COMPARE_WITH_TIMEOUT(remote.state(), RemoteLathe::State::Ended, 30'000);
            QCOMPARE(m_here->project().runs().count(), before + 1);
            const auto printed = json::parseObject(process->readAllStandardOutput());
            QVERIFY(printed.ok());
            QTRY_COMPARE_WITH_TIMEOUT(m_here->project().runs().run(newestHere())->status, RunStatus::Done, 30'000);
            QCOMPARE(m_here->project().runs().run(newestHere())->output, printed->value(QStringLiteral("output")).toString());
        }
    }

    void aWatcherStops()
    {
        const auto process = publish(QStringLiteral("analyst"), {QStringLiteral("--attended")});
        const QUrl url = watchUrl(process.get());
        QVERIFY2(url.isValid() && !url.isEmpty(), m_errors.constData());
        RemoteLathe remote(m_here.get());
        remote.connectTo(url);
        QTRY_VERIFY_WITH_TIMEOUT(!m_here->questions().empty(), 30'000);
        m_here->stop(m_here->questions().front().run);
        QTRY_COMPARE_WITH_TIMEOUT(process->state(), QProcess::NotRunning, 30'000);
        QCOMPARE(process->exitCode(), 130);
        QTRY_COMPARE_WITH_TIMEOUT(m_here->project().runs().run(newestHere())->status, RunStatus::Cancelled, 30'000);
    }

    void optionsThatNeedEachOther_data()
    {
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QByteArray>("message");
        QTest::newRow("attended alone") << QStringList{QStringLiteral("--attended")} << QByteArray("--attended needs --publish.");
        QTest::newRow("bad seconds") << QStringList{QStringLiteral("--publish"), QStringLiteral("--wait-for-watcher=soon")}
                                     << QByteArray("--wait-for-watcher takes seconds");
        QTest::newRow("bad address") << QStringList{QStringLiteral("--publish=nowhere.example:80")} << QByteArray("no address to listen on");
    }
    void optionsThatNeedEachOther()
    {
        QFETCH(QStringList, options);
        QFETCH(QByteArray, message);
        const CliResult result = Cli().run(QStringList{QStringLiteral("run"), m_there, QStringLiteral("triage")} + options);
        QCOMPARE(result.exitCode, 2);
        QVERIFY2(result.err.contains(message), result.err.constData());
    }

    // What a served project receives by OTLP is watched like any other run.
    void servePassesOnWhatItReceives()
    {
        const QString file = m_folder.filePath(QStringLiteral("served.lathe"));
        QVERIFY(await(Session::createProject(file, QString())).ok());
        Serving serving(file, {QStringLiteral("--otlp"), QStringLiteral(":0")});
        QVERIFY2(serving.watch().isValid() && !serving.otlp().isEmpty(), serving.errors().constData());
        RemoteLathe remote(m_here.get());
        remote.connectTo(serving.watch());
        QTRY_COMPARE_WITH_TIMEOUT(remote.state(), RemoteLathe::State::Connected, 30'000);
        const QString place = OtlpProducers::prepare(m_folder.path());
        QVERIFY2(!place.isEmpty(), "packaging/install test fetches the npm packages");
        const auto told = OtlpProducers::run(OtlpProducers::node(), place, QStringLiteral("otel"), QStringLiteral("json"), serving.otlp(), {});
        QCOMPARE(told.json.value(QStringLiteral("exported")).toInt(), 5);
        QTRY_COMPARE_WITH_TIMEOUT(remote.runs().size(), size_t(1), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(remote.runs()[0].local.isValid(), 30'000);
        const RunId local = remote.runs()[0].local;
        QTRY_VERIFY_WITH_TIMEOUT(m_here->liveTrace(local) && m_here->liveTrace(local)->steps().size() == 5, 30'000);
        QCOMPARE(serving.end(), 0);
        QTRY_COMPARE_WITH_TIMEOUT(m_here->project().runs().run(local)->status, RunStatus::Done, 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(remote.state(), RemoteLathe::State::Ended, 30'000);
    }
};

QTEST_GUILESS_MAIN(TestReceiverPublish)
#include "tst_ReceiverPublish.moc"
