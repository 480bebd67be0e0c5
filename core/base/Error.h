// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMetaType>
#include <QString>

namespace lathe {

// What kind of expected failure happened. Decides exit codes, icons and whether a retry makes sense.
enum class ErrorKind {
    Cancelled,    // the user or a limit stopped it
    Timeout,      // nothing came in time
    InvalidInput, // what the caller gave cannot be used
    NotFound,     // a name, file, model or tool does not exist
    Denied,       // policy, permission or the person said no
    Auth,         // the provider refused the key
    RateLimited,  // 429
    Provider,     // the provider or server answered with an error
    Unreachable,  // no connection
    Protocol,     // the other side spoke nonsense
    LimitReached, // steps, seconds, tokens or money of the run are used up
    Diverged,     // a replay asked for something the journal does not hold
    ProjectFile,  // the project file cannot be read or written
    NewerFile,    // written by a newer Lathe
    Internal,     // a bug; was logged
};

// The stable name of a kind ("rate_limited"), for JSON, the project file and `error.type` of OpenTelemetry.
QString errorKindName(ErrorKind kind);
ErrorKind errorKindFromName(const QString &name);

// An expected failure. `message` is a whole sentence for the user: what, where and what to do. `cause` is for the log.
struct Error {
    ErrorKind kind = ErrorKind::Internal;
    QString message;
    QString cause;
    // Milliseconds the other side asked to wait before a retry (Retry-After); -1 when it did not say.
    qint64 retryAfterMs = -1;
    // HTTP status of the answer, 0 when there was none.
    int httpStatus = 0;

    Error() = default;
    Error(ErrorKind kind_, QString message_, QString cause_ = QString())
        : kind(kind_), message(std::move(message_)), cause(std::move(cause_))
    {
    }
    static Error cancelled();
    bool operator==(const Error &) const = default;
};

} // namespace lathe
Q_DECLARE_METATYPE(lathe::Error)
