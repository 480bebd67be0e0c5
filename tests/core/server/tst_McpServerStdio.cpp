// SPDX-License-Identifier: GPL-3.0-or-later
// The project as an MCP server over standard input and output, with clients that leave in their own way.
#include "core/server/McpServerStdio.h"
#include "tests/core/server/McpServerTesting.h"

#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

using namespace lathe;
using namespace lathe::test;

namespace {
// What a client's standard input and output are.
struct Pipes {
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    QByteArray got;
    Pipes()
    {
        if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0 || ::fcntl(out[0], F_SETFL, O_NONBLOCK) != 0)
            qFatal("no pipes");
    }
    ~Pipes()
    {
        for (int *fd : {in, in + 1, out, out + 1})
            close(*fd);
    }
    static void close(int &fd)
    {
        if (fd >= 0)
            ::close(fd);
        fd = -1;
    }
    void write(const char *text) const { QCOMPARE(::write(in[1], text, std::strlen(text)), ssize_t(std::strlen(text))); }
    QByteArray read()
    {
        char bytes[4096];
        for (ssize_t count; (count = ::read(out[0], bytes, sizeof bytes)) > 0;)
            got.append(bytes, count);
        return got;
    }
};

// As lathe-cli does: what serves goes at the end.
Task<bool> serve(McpServerOffer *offer, McpServerRuns *runs, int input, int output)
{
    McpServerStdio server(offer, runs, input, output);
    co_await server.serve(1000, CancelToken());
    co_return true;
}
}

class TestMcpServerStdio : public McpServerFixture
{
    Q_OBJECT

private Q_SLOTS:
    void init() { openProject(); }
    void cleanup() { closeProject(); }

    void theLastLineNeedsNoEnd()
    {
        Pipes pipes;
        auto served = serve(m_offer.get(), m_runs.get(), pipes.in[0], pipes.out[1]);
        pipes.write("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
        pipes.close(pipes.in[1]);
        QVERIFY(await(std::move(served)));
        QVERIFY(pipes.read().contains("\"result\""));
    }
    void aClientThatReadsNoMoreEndsIt()
    {
        std::signal(SIGPIPE, SIG_IGN); // as the program does
        Pipes pipes;
        auto served = serve(m_offer.get(), m_runs.get(), pipes.in[0], pipes.out[1]);
        pipes.write("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{}}}\n");
        QTRY_VERIFY_WITH_TIMEOUT(pipes.read().contains("serverInfo"), 20'000);
        pipes.close(pipes.out[0]);
        // It learns of that by the news of this change, in the middle of telling it.
        for (const ArtifactInfo &info : m_session->project().artifacts().list(ArtifactKind::Agent))
            QVERIFY(m_session->edit(info.id, QStringLiteral("/job"), QStringLiteral("Another job."), QStringLiteral("t")).ok());
        QVERIFY(await(std::move(served)));
    }
};

QTEST_GUILESS_MAIN(TestMcpServerStdio)
#include "tst_McpServerStdio.moc"
