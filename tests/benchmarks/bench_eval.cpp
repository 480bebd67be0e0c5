// SPDX-License-Identifier: GPL-3.0-or-later
// An experiment of 2 prompts with 500 examples and one check, everything recorded, at 1, 4 and 32 at once against a local server
// without latency, beside raw libcurl sending the same 1,000 requests. In turns with the floor; the median of the rounds. Then the
// comparison of the 1,000 trials, and `lathe-cli eval` of 1 x 1 from exec to its end.
// Usage: bench_eval [rounds] [examples] [rounds of the command line]
#include "core/session/Experiments.h"
#include "tests/benchmarks/BenchProject.h"
#include "tests/benchmarks/RawCurl.h"
#include "tests/benchmarks/Spawn.h"

#include <QCoreApplication>
#include <QTemporaryDir>

using namespace lathe;
using namespace lathe::bench;

namespace {
int datasets = 0;

Dataset examples(int count)
{
    Dataset data;
    data.columns = QStringList{QStringLiteral("input")};
    ++datasets;
    for (int i = 0; i < count; ++i)
        data.rows.push_back({QStringLiteral("Question %1 of set %2: what does the customer want, and what should we do next?").arg(i).arg(datasets)});
    return data;
}

QJsonObject experimentBody(const QString &dataset, bool two)
{
    QJsonArray variants{test::object("{\"id\":\"a\",\"prompt\":\"p\",\"model\":\"brief/bench-model\"}")};
    if (two)
        variants.append(test::object("{\"id\":\"b\",\"prompt\":\"q\",\"model\":\"brief/bench-model\"}"));
    return {{QStringLiteral("question"), QStringLiteral("Which prompt is better?")},
            {QStringLiteral("dataset"), dataset},
            {QStringLiteral("variants"), variants},
            {QStringLiteral("checks"), QJsonArray{test::object("{\"id\":\"c\",\"type\":\"contains\",\"value\":\"word3\"}")}}};
}

Task<bool> evaluate(Session *session, ArtifactId experiment, int atOnce)
{
    ExperimentOptions options;
    options.atOnce = atOnce;
    const auto started = co_await session->experiments().start(experiment, options);
    check(started.ok(), "the experiment does not start");
    co_await session->experiments().finished(experiment);
    const ExperimentState *state = session->experiments().state(experiment);
    check(state && state->progress.done == state->progress.total && state->progress.shared == 0, "not every trial was executed");
    co_return true;
}
}

int main(int argc, char **argv)
{
    const LeanServer server((LeanServer::Script()));
    check(server.port() != 0, "the server did not start");
    qputenv("QT_NO_GLIB", "1"); // as lathe-cli does
    QCoreApplication app(argc, argv);
    curl_global_init(CURL_GLOBAL_ALL);
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 7;
    const int count = argc > 2 ? std::atoi(argv[2]) : 500;
    const int cliRounds = argc > 3 ? std::atoi(argv[3]) : 20;
    printLoad();

    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("eval.lathe")), small = folder.filePath(QStringLiteral("small.lathe"));
    for (const QString &file : {path, small}) {
        test::ProjectBuilder builder(file);
        builder.add(ArtifactKind::Connection, QStringLiteral("brief"),
                    QJsonObject{{QStringLiteral("api"), QStringLiteral("openai_chat")},
                                {QStringLiteral("base_url"), QString::fromLatin1(server.base("brief") + "/v1")},
                                {QStringLiteral("secret"), QString()}});
        builder.add(ArtifactKind::Prompt, QStringLiteral("p"), test::object("{\"text\":\"Answer the customer's question in one sentence.\"}"));
        builder.add(ArtifactKind::Prompt, QStringLiteral("q"), test::object("{\"text\":\"Say what the customer wants, then what to do next.\"}"));
    }
    auto session = Session::open(path, SessionOptions());
    check(session.ok(), "the project does not open");
    const auto freshExperiment = [&](Session *in, int rows, bool two) {
        const Dataset data = examples(rows);
        const QString name = QStringLiteral("set %1").arg(datasets);
        check(wait(in->importDataset(name, data)).ok(), "no dataset");
        const auto id = wait(in->createArtifact(ArtifactKind::Experiment, QStringLiteral("e%1").arg(datasets), experimentBody(name, two)));
        check(id.ok(), "no experiment");
        return *id;
    };
    wait(evaluate(session->get(), freshExperiment(session->get(), 50, true), 8)); // warm
    const std::vector<QByteArray> body = {RawCurl::get(server.base("seen/1"))};
    check(body[0].contains("what does the customer want") && body[0].contains("\"system\""), "the request was not seen");
    std::printf("requests of %lld bytes\n", qlonglong(body[0].size()));
    RawCurl raw(server.base("brief/v1/chat/completions"));
    raw.sequential(50, body);

    ArtifactId last;
    for (const int width : {1, 4, 32}) {
        std::vector<double> wall, cpu, mainCpu, floorWall, floorCpu, ratio;
        for (int round = 0; round < rounds; ++round) {
            last = freshExperiment(session->get(), count, true);
            const Cost floor = measure(2 * count, [&] {
                if (width == 1)
                    raw.sequential(2 * count, body);
                else
                    raw.parallel(2 * count, width, body);
            });
            const Cost own = measure(2 * count, [&] { wait(evaluate(session->get(), last, width)); });
            wall.push_back(own.wallUs);
            cpu.push_back(own.cpuUs);
            mainCpu.push_back(own.mainCpuUs);
            floorWall.push_back(floor.wallUs);
            floorCpu.push_back(floor.cpuUs);
            ratio.push_back(own.wallUs / floor.wallUs);
        }
        std::printf("%d at once: %.0f us wall, %.0f us CPU (main thread %.0f) a case; raw libcurl %.0f us wall, %.0f us CPU\n", width,
                    median(wall), median(cpu), median(mainCpu), median(floorWall), median(floorCpu));
        const QByteArray at = QByteArray::number(width) + " at once";
        report(("eval of 2 x " + QByteArray::number(count) + ", " + at).constData(), text(median(wall) * 2 * count / 1e6, "s", 2),
               text(median(floorWall) * 2 * count / 1e6, "s", 2), median(ratio), median(ratio), 4, Better::Lower, "x");
        report(("CPU a case of an eval, " + at).constData(), text(median(cpu), "us", 0), text(median(floorCpu), "us", 0),
               median(cpu) / median(floorCpu), median(cpu) / 1000, 0.3, Better::Lower, " ms");
    }
    const double begin = wallUs();
    const auto result = wait((*session)->experiments().result(last));
    check(result.ok() && !result->sentence.isEmpty(), "no comparison");
    std::printf("comparison of %d trials: %.0f ms\n", 2 * count, (wallUs() - begin) / 1000);
    check(wait((*session)->project().flush()).ok(), "not everything was written");
    check((*session)->project().runs().count() == 100 + 3 * rounds * 2 * count, "not every trial is a run");
    check((*session)->project().trials().count() == 100 + 3 * rounds * 2 * count, "not every trial is in the file");

    // 1 x 1 by the command line: a new experiment each time, so that the model is asked.
    std::vector<double> ended, cpu;
    {
        auto other = Session::open(small, SessionOptions());
        check(other.ok(), "the small project does not open");
        const int first = datasets + 1;
        for (int i = 0; i < cliRounds + 2; ++i)
            freshExperiment(other->get(), 1, false);
        check(wait((*other)->project().flush()).ok(), "not written");
        other->reset();
        for (int i = 0; i < cliRounds + 2; ++i) {
            const Spawned run = spawn({LATHE_BIN_DIR "/lathe-cli", "eval", small.toLocal8Bit(), "e" + QByteArray::number(first + i)});
            check(run.exitCode == 0 && run.out.contains("1 of 1 passed"), "lathe-cli eval failed");
            if (i < 2)
                continue; // fill the caches
            ended.push_back(run.exitUs / 1000);
            cpu.push_back(run.cpuUs / 1000);
        }
    }
    std::printf("lathe-cli eval 1 x 1: %.1f ms CPU\n", median(cpu));
    report("lathe-cli eval of 1 x 1 until it has ended", text(median(ended), "ms"), text(median(cpu), "ms CPU"), median(ended) / median(cpu),
           median(ended), 50, Better::Lower, " ms");
    return 0;
}
