// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"

#include <QString>

namespace lathe {

// Where keys live: never the project file. Main thread.
class SecretStore
{
public:
    virtual ~SecretStore() = default;
    // The value; NotFound when there is none.
    virtual Task<Result<QString>> read(QString name) = 0;
    virtual Task<Result<void>> write(QString name, QString value) = 0;
};

// Environment variables; cannot be written.
class EnvironmentSecrets : public SecretStore
{
public:
    Task<Result<QString>> read(QString name) override;
    Task<Result<void>> write(QString name, QString value) override;
};

// The environment first, then the system keychain (service "Lathe") through QtKeychain. When the machine has no keychain,
// write() says so; it never falls back to a plain file.
class SystemSecrets : public SecretStore
{
public:
    Task<Result<QString>> read(QString name) override;
    Task<Result<void>> write(QString name, QString value) override;
};

} // namespace lathe
