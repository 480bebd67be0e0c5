// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/server/McpServerPeer.h"

#include <QSocketNotifier>

namespace lathe {

// One MCP client over standard input and output: a JSON message a line. Nothing else may be written to the output. Main thread.
class McpServerStdio : public QObject
{
public:
    static constexpr qsizetype maxLine = 32 * 1024 * 1024;
    static constexpr qsizetype maxWaiting = 64 * 1024 * 1024; // of output that the client does not read; then it is given up

    // The descriptors stay the caller's.
    McpServerStdio(McpServerOffer *offer, McpServerRuns *runs, int input, int output, QObject *parent = nullptr);
    ~McpServerStdio() override;

    // Returns when the client has closed our input (what was asked until then is answered, but a run that goes on longer than
    // `lingerMs` is stopped), does not read any more, or `cancel`.
    Task<> serve(qint64 lingerMs, CancelToken cancel);

private:
    void read();
    void take(QByteArrayView line);
    void send(const QJsonObject &message);
    void write();
    void end();
    Clock *m_clock;
    int m_input;
    int m_output;
    QSocketNotifier m_readable;
    QSocketNotifier m_writable;
    QByteArray m_in;
    bool m_skipping = false; // the rest of a line that was too long
    QByteArray m_out;
    qsizetype m_written = 0; // of m_out
    Completion<bool> m_ended;
    std::unique_ptr<McpServerPeer> m_peer;
};

} // namespace lathe
