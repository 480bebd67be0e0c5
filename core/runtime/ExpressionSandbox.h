// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"

#include <atomic>
#include <memory>

namespace lathe {

// What an expression may use.
struct ExpressionBounds {
    qint64 cpuMs = 250;    // of its thread
    qint64 wallMs = 2'000; // when the machine is too busy to give it that
    qint64 memoryBytes = 64 * 1024 * 1024;
    qsizetype sourceLength = 64 * 1024;
};

// JavaScript without a world: no files, network, modules, clock or chance, and nothing an expression does is seen by the next.
// One thread; stop() may come from another. Values go in and out as JSON.
class ExpressionSandbox
{
public:
    ExpressionSandbox();
    ~ExpressionSandbox();
    Q_DISABLE_COPY_MOVE(ExpressionSandbox)

    // `source`: one expression, or the body of a function with `return`; `names` are its variables. Undefined becomes null.
    // InvalidInput says what is wrong and in which line; after a stop the answer is the reason given to it.
    Result<QJsonValue> evaluate(const QString &source, const QJsonObject &names);

    // Any thread. Ends the evaluation that is under way, which the caller knows to be one.
    void stop(const Error &reason);

private:
    struct Engine;
    Result<QJsonValue> run(const QString &source, const QJsonObject &names);
    std::unique_ptr<Engine> m_engine; // made when first needed and again after a stop
    std::atomic<Engine *> m_running{nullptr};
    struct Stop;
    std::unique_ptr<Stop> m_stop;
};

} // namespace lathe
