// SPDX-License-Identifier: GPL-3.0-or-later
// A project file with agents that talk to a LeanServer, and lanes that run them through a session.
#pragma once

#include "core/session/Session.h"
#include "tests/app/AppTesting.h"
#include "tests/benchmarks/LeanServer.h"
#include "tests/benchmarks/Measure.h"

#include <QEventLoop>

namespace lathe::bench {

// Agents "solver" (tool loop with a calculator), "talker" (direct, the flood) and "slow" (direct, the paced words).
inline void makeProject(const QString &path, const LeanServer &server)
{
    test::ProjectBuilder builder(path);
    for (const char *which : {"tools", "flood", "paced"}) {
        builder.add(ArtifactKind::Connection, QString::fromLatin1(which),
                    QJsonObject{{QStringLiteral("api"), QStringLiteral("openai_chat")},
                                {QStringLiteral("base_url"), QString::fromLatin1(server.base(which) + "/v1")},
                                {QStringLiteral("secret"), QString()}});
    }
    builder.add(ArtifactKind::Tool, QStringLiteral("calculator"),
                test::object("{\"type\":\"calculator\",\"purpose\":\"Calculates exactly.\",\"approval\":\"always\"}"));
    builder.add(ArtifactKind::Prompt, QStringLiteral("p"),
                test::object("{\"text\":\"You answer questions about amounts of money. Use the calculator for every calculation, "
                             "give the result in euros, and explain it in one sentence.\"}"));
    const auto agent = [&builder](const char *name, const char *connection, const char *pattern, const char *tools) {
        builder.add(ArtifactKind::Agent, QString::fromLatin1(name),
                    test::object((QByteArray("{\"job\":\"Answers questions about amounts of money.\",\"prompt\":\"p\",\"pattern\":\"") + pattern
                                 + "\",\"model\":{\"connection\":\"" + connection + "\",\"model\":\"bench-model\"},\"tools\":" + tools + "}").constData()));
    };
    agent("solver", "tools", "tool_loop", "[{\"tool\":\"calculator\"}]");
    agent("talker", "flood", "direct", "[]");
    agent("slow", "paced", "direct", "[]");
}

// What is measured may take long.
template<typename T>
T wait(Task<T> task)
{
    return test::await(std::move(task), 3'600'000);
}

inline Task<bool> lane(Session *session, QString agent, int *left, QString *output)
{
    while (*left > 0) {
        RunRequest request;
        request.agent = agent;
        request.input.text = QStringLiteral("What is 15 % of 1250 less 300? Customer %1.").arg(--*left);
        const auto run = co_await session->startRun(std::move(request));
        check(run.ok(), "a run did not start");
        const auto result = co_await session->finished(*run);
        if (!result || result->status != RunStatus::Done) {
            const Error error = !result ? result.error() : result->error.value_or(Error());
            std::fprintf(stderr, "%s (%s)\n", qPrintable(error.message), qPrintable(error.cause));
            std::exit(1);
        }
        *output = result->output;
    }
    co_return true;
}

inline Task<bool> lanes(Session *session, QString agent, int count, int width, QString *output)
{
    int left = count;
    std::vector<Task<bool>> all;
    for (int i = 0; i < width; ++i)
        all.push_back(lane(session, agent, &left, output));
    const auto ended = co_await whenAll(std::move(all));
    co_return !ended.empty();
}

// Runs `agent` `count` times with `width` runs under way at once; gives the last answer. Any failure ends the program.
inline QString runAll(Session *session, const char *agent, int count, int width)
{
    QString output;
    wait(lanes(session, QString::fromLatin1(agent), count, width, &output));
    return output;
}

} // namespace lathe::bench
