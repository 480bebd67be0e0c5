// SPDX-License-Identifier: GPL-3.0-or-later
// CPU time for each streamed token on its whole way: socket, HTTP, events, wire format, run context, trace, journal, and the
// batches that a window gets. Against raw libcurl reading the same bytes. Unpaced: 4 streams of 2,000 tokens as fast as they come.
// Paced: 100 streams of 50 tokens a second for 5 s, out of step with each other.
// Usage: bench_tokens [rounds of the unpaced part]
#include "tests/benchmarks/BenchProject.h"
#include "tests/benchmarks/RawCurl.h"

#include <QCoreApplication>
#include <QTemporaryDir>

using namespace lathe;
using namespace lathe::bench;

namespace {
// What a window would receive.
struct Seen {
    qint64 tokens = 0;
    qint64 batches = 0;
    explicit Seen(Session *session)
    {
        QObject::connect(session, &Session::runEvents, session, [this](RunId, const std::vector<RunEvent> &events) {
            ++batches;
            tokens += std::count_if(events.begin(), events.end(), [](const RunEvent &event) { return event.kind == RunEventKind::StepDelta; });
        });
    }
};
}

int main(int argc, char **argv)
{
    const LeanServer::Script script;
    const LeanServer server(script);
    check(server.port() != 0, "the server did not start");
    qputenv("QT_NO_GLIB", "1"); // as lathe-cli does
    QCoreApplication app(argc, argv);
    curl_global_init(CURL_GLOBAL_ALL);
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 15;
    printLoad();

    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("tokens.lathe"));
    makeProject(path, server);
    auto session = Session::open(path, SessionOptions());
    check(session.ok(), "the project does not open");
    Seen seen(session->get());
    const std::vector<QByteArray> body = {"{\"model\":\"bench-model\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"go\"}]}"};

    constexpr int streams = 4;
    const int tokens = streams * script.tokens;
    RawCurl raw(server.base("flood/v1/chat/completions"));
    raw.parallel(streams, streams, body); // warm
    runAll(session->get(), "talker", streams, streams);
    std::vector<double> cpu, mainCpu, wall, floorCpu;
    const qint64 bytesBefore = raw.received();
    for (int round = 0; round < rounds; ++round) {
        floorCpu.push_back(measure(tokens, [&] { raw.parallel(streams, streams, body); }).cpuUs);
        const qint64 before = seen.tokens;
        const Cost own = measure(tokens, [&] { runAll(session->get(), "talker", streams, streams); });
        check(seen.tokens - before == tokens, "tokens were lost");
        cpu.push_back(own.cpuUs);
        mainCpu.push_back(own.mainCpuUs);
        wall.push_back(own.wallUs);
    }
    std::printf("unpaced: %.2f us wall, %.2f us CPU (main thread %.2f) a token of %lld bytes; raw libcurl %.2f us CPU\n", median(wall),
                median(cpu), median(mainCpu), qlonglong((raw.received() - bytesBefore) / rounds / tokens), median(floorCpu));
    report("CPU a streamed token, unpaced", text(median(cpu), "us", 2), text(median(floorCpu), "us", 2), median(cpu) / median(floorCpu),
           median(cpu), 6, Better::Lower, " us");

    constexpr int pacedStreams = 100;
    const int pacedTokens = pacedStreams * script.pacedTokens;
    RawCurl rawPaced(server.base("paced/v1/chat/completions"));
    const Cost floor = measure(pacedTokens, [&] { rawPaced.parallel(pacedStreams, pacedStreams, body); });
    const qint64 tokensBefore = seen.tokens, batchesBefore = seen.batches;
    const Cost own = measure(pacedTokens, [&] { runAll(session->get(), "slow", pacedStreams, pacedStreams); });
    check(seen.tokens - tokensBefore == pacedTokens, "tokens were lost");
    std::printf("paced: %.2f us CPU (main thread %.2f) a token, %.1f s, %.1f tokens a batch; raw libcurl %.2f us CPU, %.1f s\n", own.cpuUs,
                own.mainCpuUs, own.wallUs * pacedTokens / 1e6, double(pacedTokens) / double(seen.batches - batchesBefore), floor.cpuUs,
                floor.wallUs * pacedTokens / 1e6);
    report("CPU a streamed token, 100 paced streams", text(own.cpuUs, "us"), text(floor.cpuUs, "us"), own.cpuUs / floor.cpuUs, own.cpuUs, 36,
           Better::Lower, " us");
    return 0;
}
