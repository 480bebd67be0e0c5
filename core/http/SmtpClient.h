// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"

#include <QStringList>

namespace lathe {

// How to reach a mail server. The password appears in no error.
struct SmtpServer {
    enum class Security {
        StartTls, // encrypted after the greeting, or refused
        Tls,      // from the first byte
        None,     // readable on the way; a login only to this computer itself
    };
    QString host;
    int port = 587;
    Security security = Security::StartTls;
    QString user, password; // empty: no login
    QString caFile;         // PEM of the authorities to trust; empty: the system's
    int connectMs = 15'000;
    int timeoutMs = 120'000; // of a whole delivery
    SmtpServer() = default;
};

// What goes out: the envelope and the bytes of the message (RFC 5322, lines end in CR LF).
struct SmtpMessage {
    QString from;           // address alone
    QStringList recipients; // addresses alone, of all kinds
    QByteArray data;
    SmtpMessage() = default;
};

// What the server said to the message, e.g. "250 2.0.0 Ok: queued as 12345".
struct SmtpReceipt {
    QString answer;
};

// Sends mail through libcurl on a thread of its own, one message after the other. Either all recipients are accepted, or nothing is sent.
// Main thread. Errors: Unreachable, Timeout, Auth (login refused), Denied (no encryption, not a server to trust, a login in the clear),
// Provider (the server refuses sender, recipient, size or content; with its words), InvalidInput, Cancelled.
class SmtpClient
{
public:
    SmtpClient();
    ~SmtpClient();
    Q_DISABLE_COPY_MOVE(SmtpClient)
    Task<Result<SmtpReceipt>> send(SmtpServer server, SmtpMessage message, CancelToken cancel);

private:
    struct State;
    std::shared_ptr<State> m_state; // shared with deliveries under way
};

} // namespace lathe
