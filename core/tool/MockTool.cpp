// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/MockTool.h"

#include "core/base/Json.h"
#include "core/design/ToolPolicyRules.h"
#include "core/tool/Calculator.h"
#include "core/tool/SchemaNormalizer.h"
#include "core/tool/ToolText.h"

#include <QRegularExpression>

namespace lathe {

namespace {
constexpr int maxDepth = 64;
constexpr qsizetype maxAnswers = 1000;
constexpr qint64 maxDelayMs = 600'000;

// Objects: what is named in the pattern. Anything else as a whole.
bool fits(const QJsonValue &pattern, const QJsonValue &value)
{
    if (!pattern.isObject())
        return pattern == value;
    if (!value.isObject())
        return false;
    const QJsonObject object = pattern.toObject();
    for (auto it = object.begin(); it != object.end(); ++it) {
        if (!fits(it.value(), value.toObject().value(it.key())))
            return false;
    }
    return true;
}

QJsonValue valueAt(const QJsonObject &arguments, const QString &path)
{
    QJsonValue value = arguments;
    for (const QString &step : path.split(u'.').mid(1)) {
        bool isIndex = false;
        const int index = step.toInt(&isIndex);
        if (value.isArray() && isIndex)
            value = value.toArray().at(index);
        else
            value = value.toObject().value(step);
    }
    return value;
}

// Fills the marks of one answer, bounded as a whole.
class Filler
{
public:
    Filler(const QJsonObject &arguments, qint64 maxChars) : m_arguments(arguments), m_left(maxChars) {}

    Result<QJsonValue> fill(const QJsonValue &value)
    {
        if (value.isString())
            return fillText(value.toString());
        if (value.isArray()) {
            QJsonArray out;
            for (const QJsonValue &item : value.toArray()) {
                auto filled = fill(item);
                if (!filled)
                    return filled;
                out.append(*filled);
            }
            return QJsonValue(out);
        }
        if (value.isObject()) {
            QJsonObject out;
            const QJsonObject object = value.toObject();
            for (auto it = object.begin(); it != object.end(); ++it) {
                auto filled = fill(it.value());
                if (!filled)
                    return filled;
                out.insert(it.key(), *filled);
            }
            return QJsonValue(out);
        }
        return value;
    }

private:
    Result<QJsonValue> fillText(const QString &text)
    {
        static const QRegularExpression mark(QStringLiteral("\\{\\{\\s*(=?)([^{}]{1,500}?)\\s*\\}\\}"));
        QString out;
        qsizetype from = 0;
        for (auto found = mark.globalMatch(text); found.hasNext();) {
            const auto match = found.next();
            const QString inner = match.captured(2).trimmed();
            const bool calculated = !match.captured(1).isEmpty();
            static const QRegularExpression path(QStringLiteral("\\Aarguments(\\.[^.\\s]+)*\\z"));
            if (!calculated && !path.match(inner).hasMatch())
                continue; // no mark of ours
            auto value = calculated ? calculation(inner) : Result<QJsonValue>(valueAt(m_arguments, inner));
            if (!value)
                return value;
            if (match.capturedStart() == 0 && match.capturedEnd() == text.size())
                return spend(value->isUndefined() ? QJsonValue(QJsonValue::Null) : *value);
            out += text.mid(from, match.capturedStart() - from) + textOf(*value);
            from = match.capturedEnd();
            if (out.size() > m_left)
                return tooLong();
        }
        return spend(QJsonValue(out + text.mid(from)));
    }
    static QString textOf(const QJsonValue &value)
    {
        if (value.isUndefined() || value.isNull())
            return {};
        if (value.isString())
            return value.toString();
        return value.isDouble() ? calculatedText(value.toDouble()) : json::compactString(value);
    }
    Result<QJsonValue> calculation(const QString &expression) const
    {
        static const QRegularExpression path(QStringLiteral("arguments(\\.[A-Za-z0-9_]+)+"));
        QString plain;
        qsizetype from = 0;
        for (auto found = path.globalMatch(expression); found.hasNext();) {
            const auto match = found.next();
            const QJsonValue value = valueAt(m_arguments, match.captured(0));
            bool ok = value.isDouble();
            const double number = ok ? value.toDouble() : value.toString().toDouble(&ok);
            if (!ok)
                return Error(ErrorKind::InvalidInput, QStringLiteral("The mock cannot calculate \"%1\": %2 is no number.").arg(expression, match.captured(0)));
            plain += expression.mid(from, match.capturedStart() - from) + u'(' + calculatedText(number) + u')';
            from = match.capturedEnd();
        }
        auto result = calculate(plain + expression.mid(from));
        if (!result)
            return Error(ErrorKind::InvalidInput, QStringLiteral("The mock cannot calculate \"%1\": %2").arg(expression, result.error().message));
        return QJsonValue(*result);
    }
    Result<QJsonValue> spend(const QJsonValue &value)
    {
        if (jsonSizeExceeds(value, m_left))
            return tooLong();
        m_left -= value.isString() ? value.toString().size() : json::compact(value).size();
        return value;
    }
    static Error tooLong() { return Error(ErrorKind::InvalidInput, QStringLiteral("The mock's answer is too long with these arguments.")); }

    const QJsonObject &m_arguments;
    qint64 m_left;
};
} // namespace

MockTool::MockTool(Setup setup) : m_setup(std::make_shared<const Setup>(std::move(setup))) {}

QString MockTool::description() const
{
    return cleanText(m_setup->purpose);
}

Task<Result<ToolOutcome>> MockTool::call(QJsonObject arguments, CancelToken cancel)
{
    return run(m_setup, std::move(arguments), std::move(cancel));
}

Task<Result<ToolOutcome>> MockTool::run(std::shared_ptr<const Setup> setup, QJsonObject arguments, CancelToken cancel)
{
    const auto found = std::find_if(setup->answers.begin(), setup->answers.end(), [&](const Answer &answer) {
        return fits(answer.arguments, arguments)
               && std::all_of(answer.when.begin(), answer.when.end(), [&](const ArgumentRule &rule) { return ruleMatches(rule, arguments); });
    });
    if (found == setup->answers.end())
        co_return ToolOutcome::failure(QStringLiteral("The mock %1 has no answer for these arguments; add one to its settings.").arg(setup->name));
    if (found->delayMs > 0 && setup->clock) {
        const auto slept = co_await setup->clock->sleep(found->delayMs, cancel);
        if (!slept)
            co_return slept.error();
    }
    if (cancel.isCancelled())
        co_return Error::cancelled();
    Filler filler(arguments, setup->maxBytes);
    const auto filled = filler.fill(found->error ? QJsonValue(*found->error) : found->result);
    if (!filled)
        co_return ToolOutcome::failure(filled.error().message);
    ToolOutcome outcome;
    outcome.text = cleanText(filled->isString() ? filled->toString() : QString::fromUtf8(json::pretty(*filled)).trimmed());
    outcome.isError = found->error.has_value();
    if (!filled->isString() && !filled->isNull() && !outcome.isError)
        outcome.structured = *filled;
    co_return outcome;
}

Result<std::shared_ptr<Tool>> makeMockTool(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment)
{
    const auto invalid = [&](const QString &what) {
        return Error(ErrorKind::InvalidInput, QStringLiteral("The mock %1 cannot be used: %2").arg(name, what));
    };
    MockTool::Setup setup;
    setup.name = name;
    setup.purpose = spec.purpose.trimmed().isEmpty() ? QStringLiteral("A stand-in for a tool.") : spec.purpose;
    setup.parameters = spec.config.value(QLatin1String("parameters")).toObject();
    if (!setup.parameters.contains(QLatin1String("type")))
        setup.parameters.insert(QStringLiteral("type"), QStringLiteral("object"));
    setup.outputSchema = spec.config.value(QLatin1String("output_schema")).toObject();
    setup.maxBytes = keptLimits(spec.limits).maxBytes;
    setup.isIdempotent = spec.idempotent.value_or(true);
    setup.clock = environment.clock;
    const QJsonArray answers = spec.config.value(QLatin1String("answers")).toArray();
    if (answers.isEmpty())
        return invalid(QStringLiteral("it has no answers; add one in the tool's settings."));
    if (answers.size() > maxAnswers || jsonDepth(answers, maxDepth) > maxDepth)
        return invalid(QStringLiteral("its answers are too many or nested too deeply."));
    for (const QJsonValue &item : answers) {
        const QJsonObject object = item.toObject();
        MockTool::Answer answer;
        answer.arguments = object.value(QLatin1String("arguments")).toObject();
        answer.result = object.value(QLatin1String("result"));
        if (object.value(QLatin1String("error")).isString())
            answer.error = object.value(QLatin1String("error")).toString();
        if (answer.result.isUndefined() && !answer.error)
            return invalid(QStringLiteral("an answer has neither result nor error."));
        answer.delayMs = std::clamp<qint64>(object.value(QLatin1String("delay_ms")).toInteger(0), 0, maxDelayMs);
        for (const QJsonValue &condition : object.value(QLatin1String("when")).toArray()) {
            ArgumentRule rule;
            rule.pointer = condition.toObject().value(QLatin1String("pointer")).toString();
            rule.op = condition.toObject().value(QLatin1String("op")).toString(rule.op);
            rule.value = condition.toObject().value(QLatin1String("value"));
            if (!argumentRuleOps.contains(rule.op))
                return invalid(QStringLiteral("\"%1\" is no condition; use %2.").arg(rule.op.left(60), argumentRuleOps.join(QStringLiteral(", "))));
            answer.when.push_back(std::move(rule));
        }
        setup.answers.push_back(std::move(answer));
    }
    return std::shared_ptr<Tool>(std::make_shared<MockTool>(std::move(setup)));
}

QJsonObject mockBody(const Tool &tool, const std::vector<MockedCall> &calls)
{
    QJsonArray answers;
    // Braces of a recorded answer are no marks.
    const std::function<QJsonValue(const QJsonValue &)> literal = [&literal](const QJsonValue &value) -> QJsonValue {
        if (value.isString())
            return value.toString().replace(QLatin1String("{{"), QLatin1String("{ {"));
        if (value.isArray()) {
            QJsonArray out;
            for (const QJsonValue &item : value.toArray())
                out.append(literal(item));
            return out;
        }
        QJsonObject out;
        if (!value.isObject())
            return value;
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            out.insert(it.key(), literal(it.value()));
        return out;
    };
    for (const MockedCall &call : calls) {
        QJsonObject answer{{QStringLiteral("arguments"), call.arguments}};
        const QJsonValue &data = call.outcome.structured;
        if (call.outcome.isError)
            answer.insert(QStringLiteral("error"), literal(call.outcome.text));
        else
            answer.insert(QStringLiteral("result"), literal(data.isUndefined() || data.isNull() ? QJsonValue(call.outcome.text) : data));
        answers.append(answer);
    }
    ToolSpec spec;
    spec.type = QStringLiteral("mock");
    spec.purpose = tool.description();
    spec.config = QJsonObject{{QStringLiteral("parameters"), tool.schema()}, {QStringLiteral("answers"), answers}};
    if (!tool.outputSchema().isEmpty())
        spec.config.insert(QStringLiteral("output_schema"), tool.outputSchema());
    return spec.toJson();
}

} // namespace lathe
