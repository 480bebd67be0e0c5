// SPDX-License-Identifier: GPL-3.0-or-later
// lathe-cli eval as a process: table, JSON, JUnit, exit codes, kill -9, two programs at once, promptfoo's configurations.
#include "core/project/Project.h"
#include "tests/app/AppTesting.h"

#include <QRandomGenerator>

#include <atomic>
#include <chrono>
#include <csignal>
#include <map>
#include <mutex>
#include <thread>

using namespace lathe;
using namespace lathe::test;

class TestEval : public QObject
{
    Q_OBJECT

    struct Bench {
        ProviderServer server{WireFormat::OpenAiChat};
        QTemporaryDir folder;
        QString path = folder.filePath(QStringLiteral("eval.lathe"));
        Cli cli;
        std::mutex mutex;
        std::map<QString, int> asked; // by what was asked

        explicit Bench(int rows, int slowMs = 0, const char *threshold = "0")
        {
            server.setResponder([this, slowMs](const SeenChat &chat) {
                const std::lock_guard lock(mutex);
                ++asked[(chat.system.contains(QLatin1String("double")) ? QStringLiteral("double|") : QStringLiteral("plain|")) + chat.lastUserText];
                const int n = chat.lastUserText.toInt();
                ScriptedAnswer answer = ScriptedAnswer::say(QString::number(chat.system.contains(QLatin1String("double")) ? 2 * n : n));
                return slowMs > 0 ? std::move(answer).slowHead(slowMs) : answer;
            });
            ProjectBuilder builder(path);
            builder.add(ArtifactKind::Connection, QStringLiteral("local"), server.connectionSpec().toJson());
            builder.add(ArtifactKind::Prompt, QStringLiteral("plain"), object("{\"text\":\"Say the number.\"}"));
            builder.add(ArtifactKind::Prompt, QStringLiteral("double"), object("{\"text\":\"Say the double.\"}"));
            {
                auto session = Session::open(path, SessionOptions());
                Dataset data;
                data.columns = QStringList{QStringLiteral("input"), QStringLiteral("expected")};
                for (int i = 1; i <= rows; ++i)
                    data.rows.push_back({QString::number(i), QString::number(2 * i)});
                if (!await((*session)->importDataset(QStringLiteral("numbers"), data)))
                    qFatal("no dataset");
            }
            QJsonObject body = object("{\"question\":\"Which doubles?\",\"dataset\":\"numbers\",\"at_once\":4,"
                                      "\"variants\":[{\"id\":\"a\",\"prompt\":\"plain\",\"model\":\"local/m\"},"
                                      "{\"id\":\"b\",\"prompt\":\"double\",\"model\":\"local/m\"}],"
                                      "\"checks\":[{\"id\":\"right\",\"type\":\"equals\"}]}");
            body.insert(QStringLiteral("threshold"), QByteArray(threshold).toDouble());
            builder.add(ArtifactKind::Experiment, QStringLiteral("compare"), body);
            cli.setVariable(QStringLiteral("TEST_API_KEY"), server.secret());
        }
        QString file(const char *name) const { return folder.filePath(QString::fromLatin1(name)); }
        void write(const char *name, const QByteArray &bytes) const
        {
            QFile out(file(name));
            if (!out.open(QIODevice::WriteOnly))
                qFatal("cannot write");
            out.write(bytes);
        }
        QByteArray read(const char *name) const
        {
            QFile in(file(name));
            return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
        }
        int requests()
        {
            const std::lock_guard lock(mutex);
            int sum = 0;
            for (const auto &[what, count] : asked)
                sum += count;
            return sum;
        }
    };

private Q_SLOTS:
    void tableJsonJunitAndExitCodes()
    {
        Bench bench(10);
        const CliResult table = bench.cli.run({QStringLiteral("eval"), bench.path, QStringLiteral("compare")});
        QVERIFY2(table.exitCode == 0, table.err.constData());
        QVERIFY(table.out.contains("Variant"));
        QVERIFY(table.out.contains("10 of 10 passed"));
        QVERIFY(table.out.contains("0 of 10 passed"));
        QVERIFY2(table.err.contains("20 of 20"), table.err.constData());
        QCOMPARE(bench.requests(), 20);
        const CliResult json = bench.cli.run({QStringLiteral("eval"), bench.path, QStringLiteral("compare"), QStringLiteral("--json"),
                                              QStringLiteral("--threshold"), QStringLiteral("50%"), QStringLiteral("--junit"), bench.file("j.xml")});
        QCOMPARE(json.exitCode, 1); // the plain prompt passes nothing
        QCOMPARE(bench.requests(), 20);
        const QJsonObject report = json.lines().front();
        QCOMPARE(report.value(QStringLiteral("complete")).toBool(), true);
        QCOMPARE(report.value(QStringLiteral("passed")).toBool(), false);
        QCOMPARE(report.value(QStringLiteral("trials")).toArray().size(), 20);
        QVERIFY(!report.value(QStringLiteral("result")).toObject().value(QStringLiteral("sentence")).toString().isEmpty());
        const QByteArray junit = bench.read("j.xml");
        QVERIFY(junit.contains("tests=\"20\" failures=\"10\" errors=\"0\""));
        QCOMPARE(junit.count("<testcase"), 20);
        QCOMPARE(bench.cli.run({QStringLiteral("eval"), bench.path, QStringLiteral("nosuch")}).exitCode, 2);
        QCOMPARE(bench.cli.run({QStringLiteral("eval"), bench.path, QStringLiteral("compare"), QStringLiteral("--threshold"), QStringLiteral("7")}).exitCode, 2);
        QCOMPARE(bench.cli.run({QStringLiteral("eval"), bench.path}).exitCode, 2);
    }

    void aDeadProviderSaysSoAndResumes()
    {
        Bench bench(10);
        bench.cli.setVariable(QStringLiteral("TEST_API_KEY"), QStringLiteral("wrong"));
        const CliResult failed = bench.cli.run({QStringLiteral("eval"), bench.path, QStringLiteral("compare")});
        QCOMPARE(failed.exitCode, 4);
        QVERIFY2(failed.err.contains("Stopped after 0 of 20"), failed.err.constData());
        bench.cli.setVariable(QStringLiteral("TEST_API_KEY"), bench.server.secret());
        const CliResult done = bench.cli.run({QStringLiteral("eval"), bench.path, QStringLiteral("compare")});
        QVERIFY2(done.exitCode == 0, done.err.constData());
        QCOMPARE(bench.requests(), 20);
    }

    // kill -9 anywhere: what was recorded is not asked for again. Only what was on the wire at that moment can be asked twice.
    void killedItGoesOnWhereItWas()
    {
        Bench bench(40, 5);
        const int atOnce = 4;
        QRandomGenerator random(20261122);
        int kills = 0, recordedBefore = 0;
        std::map<QString, int> askedThen, recorded; // how often each was asked for when it was first seen in the file
        int twice = 0;
        bool finished = false;
        for (int round = 0; round < 25 && !finished; ++round) {
            // The knife falls by what was asked, not by the clock: a busy machine only takes longer to come there. More is asked than is
            // on the wire only after an outcome is recorded.
            const int enough = bench.requests() + 1 + int(random.bounded(3 * atOnce));
            auto child = bench.cli.start({QStringLiteral("eval"), bench.path, QStringLiteral("compare"), QStringLiteral("-j4")});
            QVERIFY(child->waitForStarted());
            while (bench.requests() < enough && !child->waitForFinished(1)) {}
            std::this_thread::sleep_for(std::chrono::milliseconds(random.bounded(8)));
            if (const auto pid = pid_t(child->processId()); pid > 0) // else it has ended, and 0 would be ourselves
                ::kill(pid, SIGKILL);
            QVERIFY(child->state() == QProcess::NotRunning || child->waitForFinished(60'000));
            finished = child->exitStatus() == QProcess::NormalExit;
            kills += !finished;
            // What is in the file now is never asked for again.
            {
                const std::lock_guard lock(bench.mutex);
                askedThen = bench.asked;
            }
            {
                SystemClock clock;
                auto project = Project::open(bench.path, Project::Mode::ReadWrite, &clock);
                QVERIFY(project.ok());
                RunQuery query;
                query.limit = 1000;
                const auto runs = await((*project)->runs().query(query, CancelToken()));
                QVERIFY(runs.ok());
                recordedBefore = 0;
                for (const RunInfo &run : *runs) {
                    if (run.status != RunStatus::Done)
                        continue;
                    ++recordedBefore;
                    const QString what = run.agentName + QLatin1Char('|') + run.input;
                    QVERIFY2(askedThen.count(what) == 1, qPrintable(what));
                    if (recorded.emplace(what, askedThen[what]).second && askedThen[what] > 1)
                        ++twice;
                }
            }
        }
        QVERIFY2(kills >= 3, "the knife fell too seldom");
        const int before = bench.requests();
        const CliResult rest = bench.cli.run({QStringLiteral("eval"), bench.path, QStringLiteral("compare"), QStringLiteral("--json")});
        QVERIFY2(rest.exitCode == 0, rest.err.constData());
        QCOMPARE(rest.lines().front().value(QStringLiteral("trials")).toArray().size(), 80);
        QVERIFY(rest.lines().front().value(QStringLiteral("complete")).toBool());
        if (!finished)
            QCOMPARE(bench.requests() - before, 80 - recordedBefore);
        // Twice at most what was on the wire when it was killed.
        QVERIFY2(bench.requests() <= 80 + kills * atOnce, qPrintable(QString::number(bench.requests())));
        const int all = bench.requests();
        QCOMPARE(bench.cli.run({QStringLiteral("eval"), bench.path, QStringLiteral("compare")}).exitCode, 0);
        QCOMPARE(bench.requests(), all);
        for (const auto &[what, count] : recorded)
            QVERIFY2(bench.asked[what] == count, qPrintable(QStringLiteral("%1 was paid again after it was recorded").arg(what)));
        QVERIFY(int(recorded.size()) > 10);
        qInfo("%d kills, %d of 80 recorded before the last run, %d requests in all, %d asked twice because they were on the wire", kills,
              recordedBefore, all, twice);
        const CliResult doctor = bench.cli.run({QStringLiteral("doctor"), bench.path});
        QVERIFY2(doctor.exitCode == 0, doctor.out.constData());
    }

    void twoProgramsShareTheWork()
    {
        Bench bench(40, 10);
        auto first = bench.cli.start({QStringLiteral("eval"), bench.path, QStringLiteral("compare"), QStringLiteral("-j2")});
        auto second = bench.cli.start({QStringLiteral("eval"), bench.path, QStringLiteral("compare"), QStringLiteral("-j2")});
        for (auto *child : {first.get(), second.get()}) {
            QVERIFY(child->waitForFinished(60'000));
            QVERIFY2(child->exitCode() == 0, child->readAllStandardError().constData());
            QVERIFY(child->readAllStandardOutput().contains("40 of 40 passed"));
        }
        QCOMPARE(bench.requests(), 80); // nothing was paid twice
    }

    void theSampleRunsOffline()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("desk.lathe"));
        const Cli cli;
        QCOMPARE(cli.run({QStringLiteral("new"), path, QStringLiteral("--sample"), QStringLiteral("feedback-desk")}).exitCode, 0);
        const CliResult run = cli.run({QStringLiteral("eval"), path, QStringLiteral("triage-prompts"), QStringLiteral("--json")});
        QVERIFY2(run.exitCode == 0, run.err.constData());
        const QJsonObject report = run.lines().front();
        QVERIFY(report.value(QStringLiteral("complete")).toBool());
        QCOMPARE(report.value(QStringLiteral("trials")).toArray().size(), 90);
        const QJsonArray variants = report.value(QStringLiteral("variants")).toArray();
        QCOMPARE(variants.size(), 3);
        for (const QJsonValue &variant : variants) {
            QCOMPARE(variant[QLatin1String("not_run")].toInt(), 0);
            QVERIFY(variant[QLatin1String("passed")].toInt() > 0 && variant[QLatin1String("passed")].toInt() < 30); // some right, some wrong
        }
        // The difference is small and the examples are few: it does not pretend to know.
        QVERIFY(report.value(QStringLiteral("result")).toObject().value(QStringLiteral("sentence")).toString().contains(QStringLiteral("not known")));
    }

    void promptfooConfigurations()
    {
        Bench bench(1);
        bench.cli.setVariable(QStringLiteral("OPENAI_API_KEY"), bench.server.secret());
        bench.cli.setVariable(QStringLiteral("OPENAI_BASE_URL"), bench.server.connectionSpec().baseUrl);
        bench.write("promptfooconfig.yaml", R"(description: Greets
prompts:
  - 'Say hello to {{name}}.'
providers:
  - echo
  - openai:chat:gpt-test
tests:
  - vars: {name: Ann}
    assert:
      - type: contains
        value: '{{name}}'
  - vars: {name: Bob}
    assert:
      - type: javascript
        value: output.length < 100 && context.vars.name === 'Bob'
      - type: python
        value: 'len(output) > 3'
)");
        bench.server.setResponder([](const SeenChat &chat) { return ScriptedAnswer::say(QStringLiteral("Hi ") + chat.lastUserText); });
        const CliResult json = bench.cli.run({QStringLiteral("eval"), QStringLiteral("--config"), bench.file("promptfooconfig.yaml"), QStringLiteral("--json"),
                                              QStringLiteral("--junit"), bench.file("p.xml"), QStringLiteral("--output"), bench.file("o.json")});
        QVERIFY2(!json.lines().empty(), json.err.constData());
        const QJsonObject report = json.lines().front();
        QCOMPARE(report.value(QStringLiteral("total")).toInt(), 4);
        QCOMPARE(report.value(QStringLiteral("passed")).toInt(), 2); // python is not run and does not pass
        QCOMPARE(report.value(QStringLiteral("not_run")).toInt(), 2);
        QCOMPARE(json.exitCode, 1);
        QVERIFY2(json.err.contains("promptfooconfig.yaml:16"), json.err.constData());
        const QJsonObject echoed = report.value(QStringLiteral("results")).toArray().first().toObject();
        QCOMPARE(echoed.value(QStringLiteral("output")).toString(), QStringLiteral("Say hello to Ann."));
        QVERIFY(bench.read("p.xml").contains("tests=\"4\" failures=\"0\" errors=\"2\""));
        QVERIFY(bench.read("o.json").contains("\"results\""));
        const CliResult lax = bench.cli.run({QStringLiteral("eval"), QStringLiteral("--config"), bench.file("promptfooconfig.yaml"),
                                             QStringLiteral("--threshold"), QStringLiteral("0.5")});
        QCOMPARE(lax.exitCode, 0);
        QVERIFY2(lax.out.contains("2 of 4 passed, 0 failed, 2 not run."), lax.out.constData());
        QCOMPARE(bench.cli.run({QStringLiteral("eval"), QStringLiteral("--config"), bench.file("nosuch.yaml")}).exitCode, 2);
    }

    void promptfooGradingAndSelection()
    {
        Bench bench(1);
        bench.cli.setVariable(QStringLiteral("OPENAI_API_KEY"), bench.server.secret());
        bench.cli.setVariable(QStringLiteral("OPENAI_BASE_URL"), bench.server.connectionSpec().baseUrl);
        bench.write("c.yaml", R"(prompts:
  - 'Short: {{q}}'
  - 'Long and polite: {{q}}'
providers: [echo]
defaultTest:
  options:
    provider: openai:chat:grader
tests:
  - vars: {q: why}
    assert:
      - type: llm-rubric
        value: is polite
      - type: select-best
        value: the most polite one
)");
        bench.server.setResponder([](const SeenChat &chat) {
            const QString text = chat.lastUserText;
            if (text.contains(QLatin1String("Long and polite")) && text.contains(QLatin1String("Short:")))
                return ScriptedAnswer::say(QStringLiteral("2"));
            const bool polite = text.contains(QLatin1String("Long and polite"));
            return ScriptedAnswer::say(QStringLiteral("{\"reason\":\"r\",\"pass\":%1,\"score\":%2}").arg(polite ? QStringLiteral("true") : QStringLiteral("false")).arg(polite ? 1 : 0));
        });
        const CliResult json = bench.cli.run({QStringLiteral("eval"), QStringLiteral("--config"), bench.file("c.yaml"), QStringLiteral("--json")});
        QVERIFY2(!json.lines().empty(), json.err.constData());
        const QJsonArray results = json.lines().front().value(QStringLiteral("results")).toArray();
        QCOMPARE(results.size(), 2);
        QVERIFY2(!results[0].toObject().value(QStringLiteral("passed")).toBool(), json.out.constData());
        QVERIFY2(results[1].toObject().value(QStringLiteral("passed")).toBool(), json.out.constData());
    }
};

QTEST_GUILESS_MAIN(TestEval)
#include "tst_Eval.moc"
