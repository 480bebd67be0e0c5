// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Mailbox.h"
#include "core/base/Task.h"
#include "core/runtime/ExpressionSandbox.h"

namespace lathe {

// Evaluates expressions one after the other in a thread of its own, watched by another. Created and destroyed on the main thread;
// threads and sandbox are made with the first expression.
class ExpressionEngine
{
public:
    ExpressionEngine();
    explicit ExpressionEngine(ExpressionBounds bounds);
    ~ExpressionEngine(); // stops what runs
    Q_DISABLE_COPY_MOVE(ExpressionEngine)

    // Errors: InvalidInput with the line for an expression that does not parse, fails or gives no JSON; Timeout when it does
    // not end; Cancelled at once. The engine must outlive the task.
    Task<Result<QJsonValue>> evaluate(QString source, QJsonObject names, CancelToken cancel);

private:
    struct Job;
    struct Worker;
    ExpressionBounds m_bounds;
    std::unique_ptr<Mailbox> m_mailbox;
    std::shared_ptr<Worker> m_worker;
};

} // namespace lathe
