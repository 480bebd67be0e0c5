// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/WorkerThread.h"
#include "core/tool/Tool.h"

namespace lathe {

// Lists, reads, searches and, when allowed, writes files of one folder. Work runs on a thread of
// the tool.
class FilesTool : public Tool
{
public:
    struct Setup {
        QString name;
        QString purpose;
        QString folder; // absolute
        bool allowWrite = false;
        qint64 maxFileBytes = 1024 * 1024;
        std::optional<bool> isIdempotent;
    };
    explicit FilesTool(Setup setup);
    QString name() const override { return m_setup.name; }
    QString description() const override;
    QJsonObject schema() const override;
    SideEffect sideEffect(const QJsonObject &arguments) const override;
    bool idempotent(const QJsonObject &arguments) const override;
    Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) override;

private:
    Setup m_setup;
    std::shared_ptr<WorkerThread> m_thread = std::make_shared<WorkerThread>();
};

// config: {folder, writable?, max_file_bytes?}. Errors: NotFound, InvalidInput.
Result<std::shared_ptr<Tool>> makeFilesTool(const QString &name, const ToolSpec &spec,
                                            const ToolEnvironment &environment);

} // namespace lathe
