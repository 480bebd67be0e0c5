// SPDX-License-Identifier: GPL-3.0-or-later
// The only file that knows QJSEngine.
#include "core/runtime/ExpressionSandbox.h"

#include "core/runtime/ExpressionPrelude.h"

#include <QHash>
#include <QJSEngine>

#include <mutex>

namespace lathe {

namespace {
constexpr int keptFunctions = 256;
constexpr int mostOpen =
    200; // brackets; those of a regular expression take the square of their depth in memory

// The names an expression may use, in the order of the function's parameters.
const char *const names_[] = {"input", "inputs", "values",    "state", "variables",
                              "item",  "index",  "iteration", "task",  "request"};

Error broken(const QString &message)
{
    return Error(ErrorKind::InvalidInput, message);
}

Error thrown(const QJSValue &value, const QString &what)
{
    const int line = value.isError() ? value.property(QStringLiteral("lineNumber")).toInt() : 0;
    const QString where = line > 0 ? QStringLiteral(" in line %1").arg(line) : QString();
    return broken(QStringLiteral("The expression %1%2: %3").arg(what, where, value.toString().left(300)));
}
} // namespace

struct ExpressionSandbox::Engine {
    QJSEngine js;
    QJSValue parse, call, text;
    QHash<QString, QJSValue> functions;
    Result<QJSValue> compile(const QString &source);
};

struct ExpressionSandbox::Stop {
    std::mutex mutex;
    std::optional<Error> reason;
};

ExpressionSandbox::ExpressionSandbox() : m_stop(std::make_unique<Stop>()) {}
ExpressionSandbox::~ExpressionSandbox() = default;

Result<QJSValue> ExpressionSandbox::Engine::compile(const QString &source)
{
    const auto known = functions.constFind(source);
    if (known != functions.constEnd())
        return *known;
    QStringList parameters;
    for (const char *name : names_)
        parameters.append(QLatin1String(name));
    const QString head =
        QStringLiteral("(function(%1){\"use strict\";").arg(parameters.join(QLatin1Char(',')));
    QString expression = source.trimmed();
    while (expression.endsWith(QLatin1Char(';')))
        expression = expression.chopped(1).trimmed();
    if (expression.isEmpty())
        return broken(QStringLiteral("The expression is empty."));
    int open = 0;
    for (const QChar c : expression) {
        open += c == QLatin1Char('(') ? 1 : c == QLatin1Char(')') && open > 0 ? -1 : 0;
        if (open > mostOpen)
            return broken(QStringLiteral("The expression is nested too deeply."));
    }
    // On the first line of the wrapper, so that line numbers are those the person sees.
    const qsizetype before = source.indexOf(expression);
    const QString lines(source.left(before).count(QLatin1Char('\n')), QLatin1Char('\n'));
    QJSValue made =
        js.evaluate(head + QStringLiteral("return (") + lines + expression + QStringLiteral("\n);})"));
    if (made.isError() && source.contains(QLatin1String("return"))) {
        const QJSValue body = js.evaluate(head + source + QStringLiteral("\n})"));
        if (!body.isError() || !expression.startsWith(QLatin1String("return")))
            made = body;
    }
    if (made.isError())
        return thrown(made, QStringLiteral("does not parse"));
    if (!made.isCallable())
        return broken(QStringLiteral("The expression does not parse: its brackets do not match."));
    if (functions.size() >= keptFunctions)
        functions.clear();
    functions.insert(source, made);
    return made;
}

Result<QJsonValue> ExpressionSandbox::run(const QString &source, const QJsonObject &names)
{
    if (!m_engine) {
        auto engine = std::make_unique<Engine>();
        const QJSValue prelude = engine->js.evaluate(expressionPrelude());
        const QJSValue tools = prelude.isCallable() ? prelude.call({engine->js.globalObject()}) : prelude;
        engine->parse = tools.property(QStringLiteral("parse"));
        engine->call = tools.property(QStringLiteral("call"));
        engine->text = tools.property(QStringLiteral("text"));
        if (!engine->parse.isCallable() || !engine->call.isCallable() || !engine->text.isCallable())
            return Error(ErrorKind::Internal,
                         QStringLiteral("The engine for expressions could not be prepared."),
                         tools.toString());
        m_engine = std::move(engine);
    }
    m_running = m_engine.get();
    const auto function = m_engine->compile(source);
    if (!function)
        return function.error();
    QJSValueList arguments{*function};
    for (const char *name : names_) {
        const auto at = names.constFind(QLatin1String(name));
        // What the text does not even name need not be carried over.
        if (at == names.constEnd() || !source.contains(QLatin1String(name))) {
            arguments.append(QJSValue());
            continue;
        }
        arguments.append(m_engine->parse.call({QJSValue(json::compactString(*at))}));
        if (arguments.last().isError())
            return thrown(arguments.last(),
                          QStringLiteral("cannot be given \"%1\"").arg(QLatin1String(name)));
    }
    const QJSValue called = m_engine->call.call(arguments);
    if (called.isError())
        return thrown(called, QStringLiteral("failed"));
    if (called.hasProperty(QStringLiteral("thrown")))
        return thrown(called.property(QStringLiteral("thrown")), QStringLiteral("failed"));
    const QJSValue text = m_engine->text.call({called.property(QStringLiteral("value"))});
    if (text.isError() || !text.isString())
        return thrown(text, QStringLiteral("gives no JSON"));
    auto result = json::parse(text.toString().toUtf8());
    if (!result)
        return broken(QStringLiteral("The expression gives no JSON: %1").arg(result.error().message));
    return *result;
}

Result<QJsonValue> ExpressionSandbox::evaluate(const QString &source, const QJsonObject &names)
{
    {
        const std::scoped_lock lock(m_stop->mutex);
        m_stop->reason.reset();
    }
    Result<QJsonValue> result = Error();
    try {
        result = run(source, names);
    } catch (const std::exception &) { // out of memory
        result = broken(QStringLiteral("The expression needs more memory than there is."));
        stop(result.error());
    }
    const std::scoped_lock lock(m_stop->mutex);
    m_running = nullptr;
    if (m_stop->reason) { // what an interrupted engine still holds is let go with it
        m_engine.reset();
        return *m_stop->reason;
    }
    return result;
}

void ExpressionSandbox::stop(const Error &reason)
{
    const std::scoped_lock lock(m_stop->mutex);
    if (!m_stop->reason)
        m_stop->reason = reason;
    if (Engine *engine = m_running)
        engine->js.setInterrupted(true);
}

} // namespace lathe
