// SPDX-License-Identifier: GPL-3.0-or-later
// A call of an MCP tool over stdio against a bare echo: the same bytes through the same ChildProcess, without the protocol. Both peers are this
// program itself, as lean as can be. One call at a time and 32 at once, in turns with the floor; the median of the rounds.
// Usage: bench_mcp [rounds] [calls a round]
#include "core/mcp/McpClient.h"
#include "core/process/ChildProcess.h"
#include "tests/benchmarks/Measure.h"
#include "tests/support/Await.h"

#include <QCoreApplication>

#include <cstring>
#include <string>

using namespace lathe;
using namespace lathe::bench;

namespace {
// Gives each line back.
int echoPeer()
{
    char *line = nullptr;
    size_t room = 0;
    for (ssize_t size; (size = getline(&line, &room, stdin)) > 0;) {
        fwrite(line, 1, size_t(size), stdout);
        fflush(stdout);
    }
    return 0;
}

// Answers initialize and every tools/call; knows nothing else.
int serverPeer()
{
    char *line = nullptr;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        const char *id = std::strstr(line, "\"id\":");
        if (!id)
            continue;
        const long number = std::strtol(id + 5, nullptr, 10);
        if (std::strstr(line, "\"initialize\""))
            std::printf("{\"jsonrpc\":\"2.0\",\"id\":%ld,\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
                        "\"serverInfo\":{\"name\":\"bench\",\"version\":\"1\"}}}\n",
                        number);
        else
            std::printf("{\"jsonrpc\":\"2.0\",\"id\":%ld,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"hello\"}]}}\n", number);
        std::fflush(stdout);
    }
    return 0;
}

const QByteArray requestLine = "{\"id\":12345,\"jsonrpc\":\"2.0\",\"method\":\"tools/call\",\"params\":{\"_meta\":{\"progressToken\":12345},"
                               "\"arguments\":{\"text\":\"hello\"},\"name\":\"echo\"}}\n";

Task<bool> echoes(ChildProcess *child, int count)
{
    for (int i = 0; i < count; ++i) {
        QByteArray line = requestLine;
        const auto written = co_await child->write(std::move(line));
        check(written.ok(), "the echo does not take its line");
        QByteArray answer;
        while (!answer.endsWith('\n')) {
            const QByteArray piece = co_await child->readOutput();
            check(!piece.isEmpty(), "the echo has ended");
            answer += piece;
        }
    }
    co_return true;
}

// `width` lines at a time.
Task<bool> echoesAtOnce(ChildProcess *child, int count, int width)
{
    for (int done = 0; done < count; done += width) {
        QByteArray lines = requestLine.repeated(width);
        const auto written = co_await child->write(std::move(lines));
        check(written.ok(), "the echo does not take its lines");
        for (qsizetype left = width; left > 0;) {
            const QByteArray piece = co_await child->readOutput();
            check(!piece.isEmpty(), "the echo has ended");
            left -= piece.count('\n');
        }
    }
    co_return true;
}

Task<bool> calls(McpClient *client, int count)
{
    const QJsonObject arguments{{QStringLiteral("text"), QStringLiteral("hello")}};
    for (int i = 0; i < count; ++i) {
        McpCallOptions options;
        const auto result = co_await client->callTool(QStringLiteral("echo"), arguments, std::move(options), CancelToken());
        check(result.ok() && result->content.size() == 1, "a call failed");
    }
    co_return true;
}

Task<bool> callsAtOnce(McpClient *client, int count, int width)
{
    std::vector<Task<bool>> all;
    for (int i = 0; i < width; ++i)
        all.push_back(calls(client, count / width));
    const auto done = co_await whenAll(std::move(all));
    co_return !done.empty();
}
}

int main(int argc, char **argv)
{
    if (argc > 1 && std::strcmp(argv[1], "--echo") == 0)
        return echoPeer();
    if (argc > 1 && std::strcmp(argv[1], "--server") == 0)
        return serverPeer();
    qputenv("QT_NO_GLIB", "1");
    QCoreApplication app(argc, argv);
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 9;
    const int count = argc > 2 ? std::atoi(argv[2]) : 2048;
    constexpr int width = 32;
    printLoad();

    ProcessSpec spec;
    spec.program = QCoreApplication::applicationFilePath();
    spec.arguments = QStringList{QStringLiteral("--echo")};
    const auto child = ChildProcess::start(spec);
    check(child.ok(), "the echo did not start");
    McpServerConfig config;
    config.name = QStringLiteral("bench");
    config.command = spec.program;
    config.args = QStringList{QStringLiteral("--server")};
    SystemClock clock;
    McpClientOptions options;
    options.clock = &clock;
    options.knownEra = McpEra::Legacy;
    McpClient client(config, options);
    check(test::await(calls(&client, 100)) && test::await(echoes(child->get(), 100)), "warming up");

    std::vector<double> own, floor, ownCpu, floorCpu, ownMany, floorMany;
    for (int round = 0; round < rounds; ++round) {
        const Cost bare = measure(count, [&] { test::await(echoes(child->get(), count)); });
        const Cost ours = measure(count, [&] { test::await(calls(&client, count)); });
        floor.push_back(bare.wallUs);
        own.push_back(ours.wallUs);
        floorCpu.push_back(bare.cpuUs);
        ownCpu.push_back(ours.cpuUs);
        const Cost bareMany = measure(count, [&] { test::await(echoesAtOnce(child->get(), count, width)); });
        const Cost oursMany = measure(count, [&] { test::await(callsAtOnce(&client, count, width)); });
        floorMany.push_back(bareMany.wallUs);
        ownMany.push_back(oursMany.wallUs);
    }
    std::printf("one at a time: %.1f us wall, %.1f us CPU a call; bare echo %.1f us wall, %.1f us CPU\n", median(own), median(ownCpu), median(floor),
                median(floorCpu));
    std::printf("%d at once: %.1f us a call; bare echo, %d lines at once: %.1f us a line\n", width, median(ownMany), width, median(floorMany));
    const double ratio = median(own) / median(floor);
    report("MCP tools/call over stdio, one at a time", text(median(own), "us"), text(median(floor), "us"), ratio, ratio, 3, Better::Lower, "x");
    return 0;
}
