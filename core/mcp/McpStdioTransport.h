// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mcp/McpTransport.h"
#include "core/process/ChildProcess.h"

#include <deque>

class QTimer;

namespace lathe {

// A server that is a program: messages are lines of its standard input and output, its standard error is a log.
class McpStdioTransport : public McpTransport, public std::enable_shared_from_this<McpStdioTransport>
{
public:
    McpStdioTransport(QString serverName, ProcessSpec spec, Events events);
    ~McpStdioTransport() override; // kills the program

    Task<Result<void>> open(CancelToken cancel) override;
    Task<Result<void>> send(JsonRpcMessage message, HttpHeaders headers, CancelToken cancel) override;
    void agreed(McpEra, const QString &) override {}
    bool isHttp() const override { return false; }
    void settle() override;
    Task<> close() override;
    void abort() override;

private:
    static Task<> readOutput(std::shared_ptr<McpStdioTransport> self);
    static Task<> readErrors(std::shared_ptr<McpStdioTransport> self);
    static Task<> awaitExit(std::shared_ptr<McpStdioTransport> self);
    bool takeLine(const QByteArray &line);
    void errorLine(const QByteArray &line);
    void partEnded();
    void finish();
    void lose(Error error);
    QString lastWords() const;

    const QString m_name;
    ProcessSpec m_spec;
    std::shared_ptr<Events> m_events; // null: nobody listens any more
    std::unique_ptr<ChildProcess> m_child;
    std::optional<ProcessExit> m_exit;
    std::unique_ptr<QTimer> m_grace; // for what is still to be read once the program has ended
    std::deque<QString> m_lastLines;
    int m_open = 0; // of output, errors and exit
    int m_junk = 0;
};

} // namespace lathe
