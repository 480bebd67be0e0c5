// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Error.h"

#include <array>
#include <utility>

namespace lathe {

namespace {
constexpr std::array<std::pair<ErrorKind, const char *>, 15> names{{
    {ErrorKind::Cancelled, "cancelled"},
    {ErrorKind::Timeout, "timeout"},
    {ErrorKind::InvalidInput, "invalid_input"},
    {ErrorKind::NotFound, "not_found"},
    {ErrorKind::Denied, "denied"},
    {ErrorKind::Auth, "auth"},
    {ErrorKind::RateLimited, "rate_limited"},
    {ErrorKind::Provider, "provider"},
    {ErrorKind::Unreachable, "unreachable"},
    {ErrorKind::Protocol, "protocol"},
    {ErrorKind::LimitReached, "limit_reached"},
    {ErrorKind::Diverged, "diverged"},
    {ErrorKind::ProjectFile, "project_file"},
    {ErrorKind::NewerFile, "newer_file"},
    {ErrorKind::Internal, "internal"},
}};
}

QString errorKindName(ErrorKind kind)
{
    for (const auto &[k, name] : names) {
        if (k == kind)
            return QString::fromLatin1(name);
    }
    return QStringLiteral("internal");
}

ErrorKind errorKindFromName(const QString &name)
{
    for (const auto &[kind, n] : names) {
        if (name == QLatin1String(n))
            return kind;
    }
    return ErrorKind::Internal;
}

Error Error::cancelled()
{
    return Error(ErrorKind::Cancelled, QStringLiteral("Stopped."));
}

} // namespace lathe
