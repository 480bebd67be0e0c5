// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Clock.h"

#include <QUrl>

#include <memory>

namespace lathe {

// Where the browser comes back to after a sign-in (RFC 8252, 7.3): listens on 127.0.0.1 only, answers one GET of the callback path that has
// the expected `state` with a plain page, and anything else with an error page without ending. At most 8 connections at once, 16 KB of
// head each, 10 s to send it. Main thread; sockets are watched by the event loop. Stops listening when it goes.
class OauthRedirect
{
public:
    // `port` 0: any free one. Unreachable when the port is taken.
    static Result<std::unique_ptr<OauthRedirect>> listen(quint16 port = 0);
    ~OauthRedirect(); // a wait under way is Cancelled
    Q_DISABLE_COPY_MOVE(OauthRedirect)

    quint16 port() const;
    QUrl uri() const; // http://127.0.0.1:PORT/callback

    // The URL that the browser was sent to, with its query. Once. Timeout after `ms` by `clock`, Cancelled.
    Task<Result<QUrl>> wait(QString state, qint64 ms, Clock *clock, CancelToken cancel);

private:
    class Private;
    OauthRedirect();
    std::shared_ptr<Private> d;
};

} // namespace lathe
