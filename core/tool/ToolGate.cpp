// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/ToolGate.h"

#include "core/tool/ToolText.h"

#include <limits>

namespace lathe {

namespace {
constexpr qsizetype maxArgumentBytes = 4 * 1024 * 1024;
constexpr qint64 defaultMaxBytes = 256 * 1024;

// What usually is wrong where models write JSON.
QString jsonHint(const QString &text)
{
    const QString trimmed = text.trimmed();
    if (trimmed.startsWith(QLatin1String("```")))
        return QStringLiteral(" Send the JSON alone, without a Markdown fence.");
    if (trimmed.startsWith(u'\''))
        return QStringLiteral(" Use double quotes.");
    if (!trimmed.startsWith(u'{') && trimmed.contains(u'{'))
        return QStringLiteral(" Send one JSON object and no words around it.");
    static const QRegularExpression singleQuotes(QStringLiteral("[{,]\\s*'"));
    if (trimmed.contains(singleQuotes))
        return QStringLiteral(" Names and texts stand in double quotes.");
    static const QRegularExpression trailingComma(QStringLiteral(",\\s*[}\\]]"));
    if (trimmed.contains(trailingComma))
        return QStringLiteral(" There is a comma before a closing bracket.");
    static const QRegularExpression python(QStringLiteral(":\\s*(True|False|None)\\b"));
    if (trimmed.contains(python))
        return QStringLiteral(" Write true, false and null in lower case.");
    if (!trimmed.endsWith(u'}'))
        return QStringLiteral(" The text ends early: the closing brace is missing.");
    if (trimmed.contains(u'\n'))
        return QStringLiteral(" A line end inside a text must be written as \\n.");
    return QStringLiteral(" Check quotes, commas and braces.");
}

// The text around the place an error message names as "line L, column C" (bytes).
QString excerptAt(const QByteArray &text, const QString &message)
{
    static const QRegularExpression place(QStringLiteral("line (\\d+), column (\\d+)"));
    const auto match = place.match(message);
    if (!match.hasMatch())
        return QString();
    qsizetype start = 0;
    for (int line = match.captured(1).toInt(); line > 1 && start >= 0; --line)
        start = text.indexOf('\n', start) + 1;
    const qsizetype at = start + match.captured(2).toLongLong() - 1;
    const qsizetype from = std::max<qsizetype>(at - 20, 0);
    const QString excerpt = QString::fromUtf8(text.mid(from, 40)).simplified();
    return excerpt.isEmpty() ? QString() : QStringLiteral(" near «%1».").arg(excerpt);
}

struct CallLimits {
    double seconds;
    qint64 maxBytes;
};

// Owns the tool until its call has ended, however late that is.
Task<> drive(std::shared_ptr<Tool> tool, QJsonObject arguments, CancelToken cancel,
             Completion<Result<ToolOutcome>> done)
{
    std::optional<Result<ToolOutcome>> result;
    try {
        auto given = co_await tool->call(std::move(arguments), cancel);
        result.emplace(std::move(given));
    } catch (const std::exception &e) {
        result.emplace(Error(ErrorKind::Internal,
                             QStringLiteral("The tool %1 failed unexpectedly.").arg(tool->name()),
                             QString::fromUtf8(e.what())));
    }
    done.complete(std::move(*result));
}

Task<> completeAtTimeout(Clock *clock, double seconds, CancelToken cancel, QString toolName,
                         Completion<Result<ToolOutcome>> done)
{
    const auto slept = co_await clock->sleep(qint64(seconds * 1000), cancel);
    if (!slept)
        co_return;
    done.complete(Result<ToolOutcome>(
        ToolOutcome::failure(QStringLiteral("The tool %1 did not answer within %2 s and was "
                                            "stopped. Ask for less, or try another way.")
                                 .arg(toolName)
                                 .arg(seconds))));
}

ToolOutcome bounded(ToolOutcome outcome, qint64 maxBytes)
{
    outcome.text = cleanText(outcome.text);
    if (cutUtf8(outcome.text, maxBytes))
        outcome.truncated = true;
    // The data is kept for tables and assertions, not for the model; several times the text is
    // plenty.
    if (outcome.structured.isObject() || outcome.structured.isArray()) {
        if (jsonSizeExceeds(outcome.structured, 4 * maxBytes)) {
            outcome.structured = QJsonValue();
            outcome.truncated = true;
        }
    }
    return outcome;
}

Task<Result<ToolOutcome>> runBounded(std::shared_ptr<Tool> tool, QJsonObject arguments,
                                     CallLimits limits, Clock *clock, CancelToken cancel)
{
    if (cancel.isCancelled())
        co_return Error::cancelled();
    Completion<Result<ToolOutcome>> first;
    CancelSource stop(cancel);
    CancelSource timer;
    drive(tool, std::move(arguments), stop.token(), first);
    // A tool that does not heed its token must not hold up a cancelled run.
    const auto registration = cancel.onCancelled([first] { first.complete(Error::cancelled()); });
    if (!first.isDone() && clock && limits.seconds > 0)
        completeAtTimeout(clock, limits.seconds, timer.token(), tool->name(), first);
    Result<ToolOutcome> result = co_await first;
    timer.cancel();
    stop.cancel(); // after a time-out the tool is still at work
    if (!result)
        co_return result;
    co_return bounded(*std::move(result), limits.maxBytes);
}

ToolGate::Checked refuse(const char *code, const QString &message)
{
    ToolGate::Checked checked;
    checked.refusal = ToolOutcome::failure(message);
    checked.refusalCode = QLatin1String(code);
    return checked;
}
} // namespace

ToolGate::ToolGate(std::shared_ptr<Tool> tool, ToolSpec spec, ToolAttachment attachment)
    : m_tool(std::move(tool)), m_spec(std::move(spec)), m_attachment(std::move(attachment))
{
}

const ToolInterface &ToolGate::interface() const
{
    auto &made = m_tool->m_interface;
    if (!made) {
        const QJsonObject schema = m_tool->schema();
        made = std::make_shared<ToolInterface>(ToolInterface{m_tool->description(), schema, json::compact(schema), compileSchema(schema)});
    }
    return *made;
}

Approval ToolGate::approval() const
{
    return approvalFromName(m_attachment.approval).value_or(m_spec.approval);
}

int ToolGate::callsLeft() const
{
    const int limit =
        m_attachment.callsPerRun > 0 ? m_attachment.callsPerRun : m_spec.limits.callsPerRun;
    return limit > 0 ? std::max(limit - m_calls, 0) : std::numeric_limits<int>::max();
}

ToolGate::Checked ToolGate::check(const QString &argumentsText) const
{
    const QString name = m_tool->name();
    if (approval() == Approval::Never) {
        return refuse(
            "denied",
            QStringLiteral("The policy of this agent does not allow the tool %1. Go on without it.")
                .arg(name));
    }
    if (callsLeft() <= 0) {
        return refuse(
            "limit",
            QStringLiteral(
                "The tool %1 has been called %2 times, which is its limit for this run. Answer "
                "with what you have.")
                .arg(name)
                .arg(m_calls));
    }
    const QByteArray text = argumentsText.toUtf8();
    if (text.size() > maxArgumentBytes) {
        return refuse(
            "invalid_arguments",
            QStringLiteral("The arguments of %1 are %L2 bytes, more than the limit of %L3. Send "
                           "less.")
                .arg(name)
                .arg(text.size())
                .arg(maxArgumentBytes));
    }
    Checked checked;
    if (!text.trimmed().isEmpty()) {
        const auto value = json::parse(text);
        if (!value) {
            return refuse("invalid_arguments",
                          QStringLiteral("The arguments of %1 are no valid JSON. %2%3%4 Call the "
                                         "tool again with corrected "
                                         "arguments.")
                              .arg(name, value.error().message,
                                   excerptAt(text, value.error().message),
                                   jsonHint(argumentsText.left(100'000))));
        }
        if (!value->isObject()) {
            const bool quoted = value->isString() && value->toString().trimmed().startsWith(u'{');
            return refuse(
                "invalid_arguments",
                QStringLiteral("The arguments of %1 must be a JSON object%2. Call the tool again "
                               "with corrected "
                               "arguments.")
                    .arg(name, quoted ? QStringLiteral(", not a text that holds one") : QString()));
        }
        checked.arguments = value->toObject();
    }
    const auto &schema = interface().compiled;
    if (!schema) {
        return refuse("invalid_arguments", QStringLiteral("The tool %1 cannot be called: %2")
                                               .arg(name, schema.error().message));
    }
    const auto violations = checkCompiled(**schema, checked.arguments);
    if (!violations.empty()) {
        return refuse(
            "invalid_arguments",
            QStringLiteral(
                "The arguments of %1 do not fit its schema. %2 Call the tool again with corrected "
                "arguments.")
                .arg(name, violationsText(violations)));
    }
    return checked;
}

Task<Result<ToolOutcome>> ToolGate::run(QJsonObject arguments, Clock *clock, CancelToken cancel)
{
    ++m_calls;
    const CallLimits limits{m_spec.limits.seconds,
                            m_spec.limits.maxBytes > 0 ? m_spec.limits.maxBytes : defaultMaxBytes};
    // Not a coroutine itself: the gate may be gone before the call ends.
    return runBounded(m_tool, std::move(arguments), limits, clock, std::move(cancel));
}

} // namespace lathe
