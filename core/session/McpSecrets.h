// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mcp/OauthAuthorizer.h"
#include "core/session/SecretStore.h"

#include <QHash>

namespace lathe {

// Keeps the sign-ins at remote MCP servers in the system keychain; in memory, until the session ends, where there is none. Never in a file.
// Main thread.
class McpSecrets : public OauthTokenStore
{
public:
    explicit McpSecrets(SecretStore *store) : m_store(store) {} // must outlive it
    Task<Result<QString>> read(QString name) override;
    Task<Result<void>> write(QString name, QString value) override;

private:
    SecretStore *m_store;
    std::shared_ptr<QHash<QString, QString>> m_memory = std::make_shared<QHash<QString, QString>>(); // what the store did not take
};

} // namespace lathe
