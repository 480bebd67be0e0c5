// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/McpSecrets.h"

namespace lathe {

Task<Result<QString>> McpSecrets::read(QString name)
{
    const auto known = m_memory->constFind(name);
    if (known == m_memory->constEnd())
        co_return co_await m_store->read(name);
    if (known->isEmpty()) // removed, though the store could not forget it
        co_return Error(ErrorKind::NotFound, QStringLiteral("There is no sign-in for this server yet."));
    co_return QString(*known);
}

Task<Result<void>> McpSecrets::write(QString name, QString value)
{
    const auto memory = m_memory;
    const auto written = co_await m_store->write(name, value);
    if (written)
        memory->remove(name);
    else
        memory->insert(name, value);
    co_return Result<void>();
}

} // namespace lathe
