// SPDX-License-Identifier: GPL-3.0-or-later
// lathe-cli as a process: every command, its output, its exit code.
#include "tests/app/AppTesting.h"

#include <QFile>

#include <csignal>

using namespace lathe;
using namespace lathe::test;

class TestCli : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    QString m_sample;
    Cli m_cli;
    QString file(const char *name) const { return m_folder.filePath(QString::fromLatin1(name)); }

    // A project whose agent "a" talks to the server.
    QString projectFor(ProviderServer &server, const char *name, const QJsonObject &more = {})
    {
        const QString path = file(name);
        ProjectBuilder builder(path);
        QJsonObject connection = server.connectionSpec().toJson();
        for (auto it = more.begin(); it != more.end(); ++it)
            connection.insert(it.key(), it.value());
        builder.add(ArtifactKind::Connection, QStringLiteral("local"), connection);
        builder.add(ArtifactKind::Prompt, QStringLiteral("p"), object("{\"text\":\"Answer.\"}"));
        builder.add(ArtifactKind::Agent, QStringLiteral("a"),
                    object("{\"job\":\"Answers questions about orders.\",\"prompt\":\"p\",\"pattern\":\"direct\","
                           "\"model\":{\"connection\":\"local\",\"model\":\"test-model\"}}"));
        m_cli.setVariable(QStringLiteral("TEST_API_KEY"), server.secret());
        return path;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_sample = file("sample.lathe");
        const CliResult made = m_cli.run({QStringLiteral("new"), m_sample, QStringLiteral("--sample"), QStringLiteral("feedback-desk")});
        QVERIFY2(made.exitCode == 0, made.err.constData());
    }

    void wrongUsage_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<QString>("says");
        const auto row = [](const char *name, QStringList arguments, int code, const char *says) {
            QTest::newRow(name) << arguments << code << QString::fromUtf8(says);
        };
        row("nothing", {}, 2, "Say what to do");
        row("unknown command", {QStringLiteral("frobnicate")}, 2, "frobnicate");
        row("unknown option", {QStringLiteral("ls"), QStringLiteral("x"), QStringLiteral("--nope")}, 2, "--nope");
        row("missing argument", {QStringLiteral("run"), QStringLiteral("x")}, 2, "Usage: lathe-cli run");
        row("no such file", {QStringLiteral("ls"), QStringLiteral("/nowhere/x.lathe")}, 2, "/nowhere/x.lathe");
        row("no such agent", {QStringLiteral("run"), QStringLiteral("SAMPLE"), QStringLiteral("nobody")}, 2, "triage");
        row("no such run", {QStringLiteral("trace"), QStringLiteral("SAMPLE"), QStringLiteral("4711")}, 2, "4711");
        row("bad rating", {QStringLiteral("rate"), QStringLiteral("SAMPLE"), QStringLiteral("1"), QStringLiteral("7")}, 2, "1 to 5");
        row("exists already", {QStringLiteral("new"), QStringLiteral("SAMPLE")}, 3, "There already is");
    }
    void wrongUsage()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, exitCode);
        QFETCH(QString, says);
        arguments.replaceInStrings(QStringLiteral("SAMPLE"), m_sample);
        const CliResult result = m_cli.run(arguments);
        QVERIFY2(QString::fromUtf8(result.err).contains(says), result.err.constData());
        QCOMPARE(result.exitCode, exitCode);
        QVERIFY(result.out.isEmpty());
    }

    void runTraceReplayRateLog()
    {
        const CliResult run = m_cli.run({QStringLiteral("run"), m_sample, QStringLiteral("triage"), QStringLiteral("--json"), QStringLiteral("--input"),
                                         QStringLiteral("I was charged twice this month, please refund me!")});
        QVERIFY2(run.exitCode == 0, run.err.constData());
        const QJsonObject result = run.lines().front();
        QCOMPARE(result.value(QStringLiteral("status")).toString(), QStringLiteral("done"));
        const auto answer = json::parseObject(result.value(QStringLiteral("output")).toString().toUtf8());
        QVERIFY(answer.ok());
        QCOMPARE(answer->value(QStringLiteral("area")).toString(), QStringLiteral("Billing"));
        const QString id = QString::number(result.value(QStringLiteral("run")).toInteger());
        const CliResult trace = m_cli.run({QStringLiteral("trace"), m_sample, id});
        QVERIFY(trace.out.contains("invoke_agent triage") && trace.out.contains("chat extractive"));
        const CliResult otlp = m_cli.run({QStringLiteral("trace"), m_sample, id, QStringLiteral("--otlp")});
        QVERIFY(otlp.lines().front().contains(QStringLiteral("resourceSpans")));
        const CliResult replay = m_cli.run({QStringLiteral("replay"), m_sample, id, QStringLiteral("--json")});
        QVERIFY2(replay.exitCode == 0, replay.err.constData());
        QVERIFY(replay.lines().front().value(QStringLiteral("same")).toBool());
        QCOMPARE(m_cli.run({QStringLiteral("rate"), m_sample, id, QStringLiteral("4"), QStringLiteral("--note"), QStringLiteral("good")}).exitCode, 0);
        const CliResult log = m_cli.run({QStringLiteral("log"), m_sample, QStringLiteral("charged"), QStringLiteral("--json")});
        QCOMPARE(log.lines().front().value(QStringLiteral("rating")).toInt(), 4);
        QCOMPARE(log.lines().front().value(QStringLiteral("revisions")).toObject().value(QStringLiteral("agent")).toString(), QStringLiteral("triage@1"));
        QVERIFY(m_cli.run({QStringLiteral("log"), m_sample, QStringLiteral("zebras"), QStringLiteral("--json")}).out.isEmpty());
    }

    void eventsAreWhatTheTraceHolds()
    {
        const CliResult run = m_cli.run({QStringLiteral("run"), m_sample, QStringLiteral("analyst"), QStringLiteral("--events"), QStringLiteral("--input"),
                                         QStringLiteral("How many messages are about Search?")});
        QVERIFY2(run.exitCode == 0, run.err.constData());
        Trace streamed;
        for (const QJsonObject &line : run.lines()) {
            const auto event = RunEvent::fromJson(line);
            QVERIFY2(event.ok(), json::compact(line).constData());
            streamed.apply(*event);
        }
        const CliResult trace = m_cli.run({QStringLiteral("trace"), m_sample, QStringLiteral("last"), QStringLiteral("--json")});
        Trace stored;
        for (const QJsonObject &line : trace.lines())
            stored.apply(*RunEvent::fromJson(line));
        QCOMPARE(stored.steps().size(), streamed.steps().size());
        for (const Step &step : streamed.steps()) {
            const int index = stored.indexOf(step.path);
            QVERIFY(index >= 0);
            const Step &other = stored.steps()[size_t(index)];
            QCOMPARE(other.text, step.text);
            QCOMPARE(other.attributes, step.attributes);
            QCOMPARE(other.startUs, step.startUs);
            QCOMPARE(other.endUs, step.endUs);
        }
        QCOMPARE(stored.output(), streamed.output());
    }

    void inputFromStandardInputAndVariables()
    {
        const CliResult run = m_cli.run({QStringLiteral("run"), m_sample, QStringLiteral("triage"), QStringLiteral("--input"), QStringLiteral("-")},
                                        "Search finds nothing since Monday \xff\xfe");
        QVERIFY2(run.exitCode == 0, run.err.constData());
        QVERIFY2(run.out.contains("Search"), run.out.constData());
        const CliResult bad = m_cli.run({QStringLiteral("run"), m_sample, QStringLiteral("triage"), QStringLiteral("--var"), QStringLiteral("novalue")});
        QCOMPARE(bad.exitCode, 2);
    }

    void batch()
    {
        QFile inputs(file("in.jsonl"));
        QVERIFY(inputs.open(QIODevice::WriteOnly));
        for (int i = 0; i < 40; ++i)
            inputs.write(i == 7 ? "{broken\n" : i % 2 ? "\"The mobile app crashes\"\n" : "{\"input\":\"Billing is wrong\",\"customer\":\"x\"}\n");
        inputs.close();
        const CliResult run = m_cli.run({QStringLiteral("run"), m_sample, QStringLiteral("triage"), QStringLiteral("--inputs"), inputs.fileName(), QStringLiteral("-j"), QStringLiteral("32")});
        QCOMPARE(run.exitCode, 1); // one line is broken
        const auto lines = run.lines();
        QCOMPARE(int(lines.size()), 40);
        int done = 0;
        QSet<int> seen;
        for (const QJsonObject &line : lines) {
            done += line.value(QStringLiteral("status")).toString() == QLatin1String("done");
            seen.insert(line.value(QStringLiteral("index")).toInt());
        }
        QCOMPARE(done, 39);
        QCOMPARE(int(seen.size()), 40);
        QVERIFY2(run.err.contains("40 runs: 39 done, 1 failed"), run.err.constData());
        QFile csv(file("in.csv"));
        QVERIFY(csv.open(QIODevice::WriteOnly));
        csv.write("id,message\n1,\"Export, it fails\"\n2,Love it\n");
        csv.close();
        const CliResult rows = m_cli.run({QStringLiteral("run"), m_sample, QStringLiteral("triage"), QStringLiteral("--inputs"), csv.fileName(), QStringLiteral("-j2")});
        QVERIFY2(rows.exitCode == 0, rows.err.constData());
        QCOMPARE(int(rows.lines().size()), 2);
    }

    void providerFailures_data()
    {
        QTest::addColumn<int>("which");
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<QString>("says");
        QTest::newRow("wrong key") << 0 << 4 << QStringLiteral("401");
        QTest::newRow("unknown model") << 1 << 1 << QStringLiteral("test-model");
        QTest::newRow("429 for ever") << 2 << 4 << QStringLiteral("429");
        QTest::newRow("500 for ever") << 3 << 1 << QStringLiteral("500");
        QTest::newRow("cut mid-stream for ever") << 4 << 4 << QStringLiteral("closed");
        QTest::newRow("malformed stream") << 5 << 1 << QString();
    }
    void providerFailures()
    {
        QFETCH(int, which);
        QFETCH(int, exitCode);
        QFETCH(QString, says);
        ProviderServer server(WireFormat::OpenAiChat);
        const QString path = projectFor(server, qPrintable(QStringLiteral("fail%1.lathe").arg(which)));
        server.setResponder([which](const SeenChat &) {
            switch (which) {
            case 0:
                return ScriptedAnswer::wrongKey();
            case 1:
                return ScriptedAnswer::unknownModel();
            case 2:
                return ScriptedAnswer::rateLimited();
            case 3:
                return ScriptedAnswer::serverError();
            case 4:
                return ScriptedAnswer::say(QStringLiteral("one two three four five")).cutAfter(3);
            default:
                return ScriptedAnswer::say(QStringLiteral("one two three four five")).malformedAfter(2);
            }
        });
        const CliResult run = m_cli.run({QStringLiteral("run"), path, QStringLiteral("a"), QStringLiteral("--input"), QStringLiteral("hello")});
        QVERIFY2(QString::fromUtf8(run.err).contains(says), run.err.constData());
        QCOMPARE(run.exitCode, exitCode);
        QVERIFY(!run.err.contains(server.secret().toUtf8()));
        const CliResult log = m_cli.run({QStringLiteral("log"), path, QStringLiteral("--json")});
        QCOMPARE(log.lines().front().value(QStringLiteral("status")).toString(), QStringLiteral("failed"));
        const CliResult trace = m_cli.run({QStringLiteral("trace"), path, QStringLiteral("last"), QStringLiteral("--json")});
        QCOMPARE(trace.exitCode, 0);
        if (which >= 2 && which <= 4)
            QVERIFY2(trace.out.contains("\"retry\""), trace.out.constData());
        // A failure replays as the same failure, without asking anybody.
        const qsizetype asked = qsizetype(server.chats().size());
        const CliResult replay = m_cli.run({QStringLiteral("replay"), path, QStringLiteral("last")});
        QVERIFY2(replay.exitCode == 0, replay.err.constData());
        QCOMPARE(qsizetype(server.chats().size()), asked);
    }

    void nobodyListens()
    {
        ProviderServer server(WireFormat::OpenAiChat);
        const QString path = projectFor(server, "gone.lathe");
        server.http().stop();
        const CliResult run = m_cli.run({QStringLiteral("run"), path, QStringLiteral("a"), QStringLiteral("--input"), QStringLiteral("x")});
        QCOMPARE(run.exitCode, 4);
        QVERIFY2(run.err.contains("127.0.0.1"), run.err.constData());
    }

    void interruptStopsTheRunAndItCanBeResumed()
    {
        ProviderServer server(WireFormat::OpenAiChat);
        const QString path = projectFor(server, "stop.lathe");
        server.setResponder([](const SeenChat &) { return ScriptedAnswer::say(QStringLiteral("slow words that take long")).paced(1500); });
        auto child = m_cli.start({QStringLiteral("run"), path, QStringLiteral("a"), QStringLiteral("--input"), QStringLiteral("x"), QStringLiteral("--events")});
        QVERIFY(child->waitForStarted());
        QByteArray out;
        while (!out.contains("step_delta") && child->waitForReadyRead(60'000))
            out += child->readAllStandardOutput();
        QElapsedTimer timer;
        timer.start();
        QVERIFY(child->processId() > 0); // 0 would be ourselves
        ::kill(pid_t(child->processId()), SIGINT);
        QVERIFY(child->state() == QProcess::NotRunning || child->waitForFinished(60'000));
        QVERIFY2(timer.elapsed() < 120'000, "Ctrl+C took too long");
        QCOMPARE(child->exitCode(), 130);
        const CliResult log = m_cli.run({QStringLiteral("log"), path, QStringLiteral("--json")});
        QCOMPARE(log.lines().front().value(QStringLiteral("status")).toString(), QStringLiteral("cancelled"));
        server.setResponder([](const SeenChat &) { return ScriptedAnswer::say(QStringLiteral("quick")); });
        const CliResult resumed = m_cli.run({QStringLiteral("resume"), path, QStringLiteral("last")});
        QVERIFY2(resumed.exitCode == 0, resumed.err.constData());
        QCOMPARE(resumed.out.trimmed(), QByteArray("quick"));
    }

    void keysNeverReachTheFile()
    {
        ProviderServer server(WireFormat::OpenAiChat);
        const QString path = projectFor(server, "secret.lathe");
        const QString secret = server.secret();
        // The model repeats the key, and the person types it.
        server.setResponder([secret](const SeenChat &) { return ScriptedAnswer::say(QStringLiteral("your key is %1 indeed").arg(secret)); });
        const CliResult run = m_cli.run({QStringLiteral("run"), path, QStringLiteral("a"), QStringLiteral("--input"), QStringLiteral("is my key %1 ok?").arg(secret)});
        QVERIFY2(run.exitCode == 0, run.err.constData());
        QVERIFY2(!run.out.contains(secret.toUtf8()), run.out.constData());
        for (const QString &suffix : {QString(), QStringLiteral("-wal")}) {
            QFile bytes(path + suffix);
            if (bytes.open(QIODevice::ReadOnly))
                QVERIFY(!bytes.readAll().contains(secret.toUtf8()));
        }
        // Nor in what is stored compressed.
        const CliResult trace = m_cli.run({QStringLiteral("trace"), path, QStringLiteral("last"), QStringLiteral("--json")});
        QVERIFY(!trace.out.contains(secret.toUtf8()));
        const CliResult shown = m_cli.run({QStringLiteral("show"), path, QStringLiteral("connection:local")});
        QVERIFY(shown.out.contains("TEST_API_KEY") && !shown.out.contains(secret.toUtf8()));
    }

    void badFiles_data()
    {
        QTest::addColumn<int>("which");
        QTest::newRow("no database") << 0;
        QTest::newRow("truncated") << 1;
        QTest::newRow("newer schema") << 2;
        QTest::newRow("another application's database") << 3;
        QTest::newRow("empty file") << 4;
    }
    void badFiles()
    {
        QFETCH(int, which);
        const QString path = file(qPrintable(QStringLiteral("bad%1.lathe").arg(which)));
        QVERIFY(QFile::copy(m_sample, path));
        QFile target(path);
        QVERIFY(target.open(QIODevice::ReadWrite));
        if (which == 0) {
            target.resize(0);
            target.write("this is a letter, not a database; it is long enough to look like something else entirely. ");
        } else if (which == 1) {
            target.resize(target.size() / 3);
        } else if (which == 2) {
            target.seek(60); // user_version, big endian
            target.write(QByteArray("\0\0\x03\xe7", 4));
        } else if (which == 3) {
            target.seek(68); // application_id
            target.write("ABCD");
        } else {
            target.resize(0);
        }
        target.close();
        const CliResult run = m_cli.run({QStringLiteral("run"), path, QStringLiteral("triage"), QStringLiteral("--input"), QStringLiteral("x")});
        QVERIFY2(run.exitCode == 3 || (which == 1 && run.exitCode == 1), qPrintable(QStringLiteral("%1: %2").arg(run.exitCode).arg(QString::fromUtf8(run.err))));
        QVERIFY2(run.err.size() > 40 && run.err.count('\n') <= 4, run.err.constData());
        QVERIFY(run.out.isEmpty());
        if (which == 2) // it can still be read
            QCOMPARE(m_cli.run({QStringLiteral("ls"), path}).exitCode, 0);
    }

    void twoProgramsOnOneFile()
    {
        // Two batches write at the same time; nothing is lost and the file is sound.
        QFile inputs(file("two.jsonl"));
        QVERIFY(inputs.open(QIODevice::WriteOnly));
        for (int i = 0; i < 60; ++i)
            inputs.write("\"Search is slow\"\n");
        inputs.close();
        const QString path = file("two.lathe");
        QVERIFY(m_cli.run({QStringLiteral("new"), path, QStringLiteral("--sample"), QStringLiteral("feedback-desk")}).exitCode == 0);
        const QStringList arguments{QStringLiteral("run"), path, QStringLiteral("triage"), QStringLiteral("--inputs"), inputs.fileName(), QStringLiteral("-j8")};
        auto first = m_cli.start(arguments);
        auto second = m_cli.start(arguments);
        QVERIFY(first->state() == QProcess::NotRunning || first->waitForFinished(60'000));
        QVERIFY(second->state() == QProcess::NotRunning || second->waitForFinished(60'000));
        QVERIFY2(first->exitCode() == 0, (first->readAllStandardError() + first->readAllStandardOutput()).right(2000).constData());
        QCOMPARE(second->exitCode(), 0);
        const CliResult log = m_cli.run({QStringLiteral("log"), path, QStringLiteral("--limit"), QStringLiteral("500"), QStringLiteral("--json")});
        QCOMPARE(int(log.lines().size()), 120);
        for (const QJsonObject &line : log.lines())
            QCOMPARE(line.value(QStringLiteral("status")).toString(), QStringLiteral("done"));
        QCOMPARE(m_cli.run({QStringLiteral("doctor"), path}).exitCode, 0);
    }

    void noGuiLibraryIsLinked()
    {
        QProcess ldd;
        ldd.start(QStringLiteral("ldd"), {Cli::program()});
        QVERIFY(ldd.waitForFinished());
        const QByteArray libraries = ldd.readAllStandardOutput();
        QVERIFY(libraries.contains("libQt6Core"));
        QVERIFY(!libraries.contains("libQt6Gui"));
        QVERIFY(!libraries.contains("libQt6Widgets"));
    }
};

QTEST_GUILESS_MAIN(TestCli)
#include "tst_Cli.moc"
