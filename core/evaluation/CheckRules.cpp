// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/CheckRules.h"

#include "core/base/Json.h"
#include "core/evaluation/TextJson.h"
#include "core/evaluation/TextScores.h"
#include "core/evaluation/TextTemplate.h"

#include <QRegularExpression>

namespace lathe::checks {

namespace {
constexpr qsizetype longestCompared = 200'000; // characters; edits are counted in the square of it
constexpr qsizetype longestPattern = 20'000;
constexpr qsizetype longestMatched = 16'000'000;

QString notWord(bool negated)
{
    return negated ? QStringLiteral("not ") : QString();
}

CheckResult noValue(const CheckSpec &spec)
{
    return CheckResult::notRun(
        QStringLiteral("The check \"%1\" has nothing to compare the output with.").arg(spec.type));
}

CheckResult equals(const CheckSpec &spec, const QJsonValue &value, const QString &output)
{
    bool same = false;
    if (value.isObject() || value.isArray())
        same = wholeJson(output) == value;
    else
        same = output == (value.isNull() ? QStringLiteral("null") : templateText(value));
    return verdict(same, spec.negated,
                   QStringLiteral("Expected %1 to %2equal %3.")
                       .arg(quoted(output), notWord(spec.negated), quoted(templateText(value))));
}

CheckResult containsList(const CheckSpec &spec, const QJsonValue &value, const QString &output)
{
    QStringList wanted;
    if (value.isArray()) {
        for (const QJsonValue &item : value.toArray())
            wanted.append(templateText(item));
    } else {
        auto list = commaList(templateText(value));
        if (!list)
            return CheckResult::notRun(list.error().message);
        wanted = *list;
    }
    if (wanted.isEmpty())
        return noValue(spec);
    const auto how =
        spec.type.startsWith(QLatin1Char('i')) ? Qt::CaseInsensitive : Qt::CaseSensitive;
    QStringList missing;
    for (const QString &text : wanted) {
        if (!output.contains(text, how))
            missing.append(text);
    }
    const bool all = spec.type.endsWith(QLatin1String("all"));
    const bool held = all ? missing.isEmpty() : missing.size() < wanted.size();
    const QString named = quoted(wanted.join(QLatin1String(", ")));
    if (!all)
        return verdict(held, spec.negated,
                       QStringLiteral("Expected the output to %1contain one of %2.")
                           .arg(notWord(spec.negated), named));
    const QString rest =
        missing.isEmpty()
            ? QString()
            : QStringLiteral(" Missing: %1.").arg(quoted(missing.join(QLatin1String(", "))));
    return verdict(held, spec.negated,
                   QStringLiteral("Expected the output to %1contain all of %2.")
                           .arg(notWord(spec.negated), named)
                       + rest);
}

// JavaScript writes what PCRE does not know.
QString toPcre(const QString &pattern)
{
    QString result;
    for (qsizetype i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == QLatin1Char('\\') && i + 1 < pattern.size()) {
            static const QRegularExpression unit(
                QStringLiteral("^\\\\u(?:([0-9A-Fa-f]{4})|\\{([0-9A-Fa-f]{1,6})\\})"));
            const auto match = unit.match(pattern.mid(i, 12));
            if (match.hasMatch()) {
                result += QStringLiteral("\\x{%1}").arg(match.captured(1) + match.captured(2));
                i += match.capturedLength() - 1;
            } else {
                result += pattern.mid(i, 2);
                ++i;
            }
        } else if (pattern.mid(i, 3) == QLatin1String("[^]")) {
            result += QLatin1String("[\\s\\S]");
            i += 2;
        } else {
            result += pattern[i];
        }
    }
    return result;
}

// The schema of a check, Undefined when it has none.
Result<QJsonValue> schemaOf(const CheckSpec &spec)
{
    if (spec.value.isUndefined() || spec.value.isNull()
        || (spec.value.isString() && spec.value.toString().isEmpty()))
        return QJsonValue(QJsonValue::Undefined);
    if (spec.value.isObject() || spec.value.isBool())
        return spec.value;
    const QJsonValue schema = wholeJson(spec.value.toString());
    if (schema.isObject() || schema.isBool())
        return schema;
    return Error(ErrorKind::InvalidInput,
                 QStringLiteral("The value of the check is no JSON Schema."));
}

CheckResult schemaFailure(const Error &error)
{
    return CheckResult::notRun(error.message);
}
} // namespace

QString quoted(const QString &text)
{
    constexpr qsizetype most = 300;
    return text.size() <= most ? QStringLiteral("\"%1\"").arg(text)
                               : QStringLiteral("\"%1\u2026\" (%2 characters)")
                                     .arg(text.left(most))
                                     .arg(text.size());
}

CheckResult verdict(bool held, bool negated, const QString &whyNot)
{
    return held != negated ? CheckResult::pass() : CheckResult::fail(whyNot);
}

CheckResult byScore(const CheckSpec &spec, double score, double usualThreshold, const QString &what)
{
    const double threshold = spec.threshold >= 0 ? spec.threshold : usualThreshold;
    const bool reached = score >= threshold - 1e-12;
    CheckResult result;
    result.ran = true;
    result.passed = reached != spec.negated;
    result.score = std::clamp(spec.negated ? 1 - score : score, 0.0, 1.0);
    result.reason = QStringLiteral("%1 is %2, %3 the threshold of %4.")
                        .arg(what, QString::number(score, 'f', 4),
                             reached ? QStringLiteral("at or above") : QStringLiteral("below"),
                             QString::number(threshold));
    return result;
}

QJsonValue comparedValue(const CheckSpec &spec, const CheckInput &input)
{
    return spec.value.isNull() || spec.value.isUndefined() ? input.expected : spec.value;
}

Result<QStringList> commaList(const QString &text)
{
    QStringList fields;
    qsizetype at = 0;
    const auto skipSpace = [&] {
        while (at < text.size() && text[at].isSpace())
            ++at;
    };
    while (true) {
        skipSpace();
        while (at < text.size() && text[at] == QLatin1Char(',')) {
            ++at;
            skipSpace();
        }
        if (at >= text.size())
            return fields;
        if (text[at] != QLatin1Char('"')) {
            qsizetype end = text.indexOf(QLatin1Char(','), at);
            if (end < 0)
                end = text.size();
            fields.append(text.mid(at, end - at).trimmed());
            at = end;
            continue;
        }
        QString field;
        bool closed = false;
        for (++at; at < text.size(); ++at) {
            const QChar c = text[at];
            const QChar next = at + 1 < text.size() ? text[at + 1] : QChar();
            if (c == QLatin1Char('\\') && (next == QLatin1Char('"') || next == QLatin1Char('\\'))) {
                field += next;
                ++at;
            } else if (c == QLatin1Char('"') && next == QLatin1Char('"')) {
                field += c;
                ++at;
            } else if (c == QLatin1Char('"')) {
                closed = true;
                ++at;
                break;
            } else {
                field += c;
            }
        }
        skipSpace();
        if (!closed || (at < text.size() && text[at] != QLatin1Char(',')))
            return Error(
                ErrorKind::InvalidInput,
                QStringLiteral(
                    "The list of texts has a quote that is not closed, or no comma after one."));
        fields.append(field);
    }
}

CheckResult text(const CheckSpec &spec, const CheckInput &input)
{
    const QJsonValue value = comparedValue(spec, input);
    if (value.isUndefined() || (value.isNull() && spec.type != QLatin1String("equals")))
        return noValue(spec);
    if (spec.type == QLatin1String("equals"))
        return equals(spec, value, input.output);
    if (spec.type.endsWith(QLatin1String("-all")) || spec.type.endsWith(QLatin1String("-any")))
        return containsList(spec, value, input.output);
    const QString wanted = templateText(value);
    if (wanted.isEmpty())
        return noValue(spec);
    if (spec.type == QLatin1String("starts-with"))
        return verdict(input.output.startsWith(wanted), spec.negated,
                       QStringLiteral("Expected the output to %1start with %2.")
                           .arg(notWord(spec.negated), quoted(wanted)));
    const auto how =
        spec.type == QLatin1String("icontains") ? Qt::CaseInsensitive : Qt::CaseSensitive;
    return verdict(input.output.contains(wanted, how), spec.negated,
                   QStringLiteral("Expected the output to %1contain %2.")
                       .arg(notWord(spec.negated), quoted(wanted)));
}

CheckResult scored(const CheckSpec &spec, const CheckInput &input)
{
    const QJsonValue value = comparedValue(spec, input);
    if (value.isUndefined() || value.isNull())
        return noValue(spec);
    QStringList references;
    if (value.isArray()) {
        for (const QJsonValue &item : value.toArray())
            references.append(templateText(item));
    } else {
        references.append(templateText(value));
    }
    if (references.isEmpty())
        return noValue(spec);
    for (const QString &reference : references) {
        if (reference.size() > longestCompared || input.output.size() > longestCompared)
            return CheckResult::notRun(
                QStringLiteral(
                    "The texts are too long to be compared word by word (over %1 characters).")
                    .arg(longestCompared));
    }
    if (spec.type == QLatin1String("bleu"))
        return byScore(spec, bleuScore(input.output, references), 0.5,
                       QStringLiteral("The BLEU score"));
    if (spec.type == QLatin1String("rouge-n")) {
        double best = 0;
        for (const QString &reference : references)
            best = std::max(best, rougeN(input.output, reference));
        return byScore(spec, best, 0.75, QStringLiteral("The ROUGE-N score"));
    }
    qsizetype least = -1;
    for (const QString &reference : references) {
        const qsizetype distance = levenshteinDistance(input.output, reference);
        least = least < 0 ? distance : std::min(least, distance);
    }
    // promptfoo takes a threshold of 0 for none; "exactly equal" is what somebody who writes 0 means.
    const double threshold = spec.threshold >= 0 ? spec.threshold : 5;
    return verdict(
        double(least) <= threshold, spec.negated,
        QStringLiteral("The Levenshtein distance is %1, %2 the threshold of %3.")
            .arg(QString::number(least),
                 double(least) <= threshold ? QStringLiteral("within") : QStringLiteral("over"),
                 QString::number(threshold)));
}

std::optional<CheckResult> regex(const CheckSpec &spec, const CheckInput &input, int steps)
{
    const QJsonValue value = comparedValue(spec, input);
    const QString pattern = value.isString() ? value.toString() : QString();
    if (pattern.isEmpty())
        return noValue(spec);
    if (pattern.size() > longestPattern || input.output.size() > longestMatched)
        return CheckResult::notRun(
            QStringLiteral("The regular expression or the output is too long to be matched."));
    const QString bounded =
        QStringLiteral("(*LIMIT_MATCH=%1)(*LIMIT_DEPTH=%1)").arg(steps) + toPcre(pattern);
    const QRegularExpression expression(bounded);
    if (!expression.isValid())
        return CheckResult::notRun(QStringLiteral("The regular expression %1 cannot be read: %2.")
                                       .arg(quoted(pattern), expression.errorString()));
    const QRegularExpressionMatch match = expression.match(input.output);
    if (!match.isValid())
        return std::nullopt;
    return verdict(match.hasMatch(), spec.negated,
                   QStringLiteral("Expected the output to %1match %2.")
                       .arg(notWord(spec.negated), quoted(pattern)));
}

CheckResult isJson(const CheckSpec &spec, const CheckInput &input, const CheckWorld *world)
{
    const auto schema = schemaOf(spec);
    if (!schema)
        return schemaFailure(schema.error());
    const auto value = json::parse(input.output.toUtf8());
    if (!value)
        return verdict(
            false, spec.negated,
            QStringLiteral("Expected the output to be JSON: %1").arg(value.error().message));
    if (schema->isUndefined())
        return verdict(true, spec.negated, QStringLiteral("Expected the output not to be JSON."));
    if (!world || !world->schemaProblem)
        return CheckResult::notRun(QStringLiteral("JSON Schemas cannot be checked here."));
    const auto problem = world->schemaProblem(*value, *schema);
    if (!problem)
        return schemaFailure(problem.error());
    return verdict(problem->isEmpty(), spec.negated,
                   spec.negated
                       ? QStringLiteral("The output is JSON that fits the schema.")
                       : QStringLiteral("The JSON does not fit the schema: %1").arg(*problem));
}

CheckResult containsJson(const CheckSpec &spec, const CheckInput &input, const CheckWorld *world)
{
    const auto schema = schemaOf(spec);
    if (!schema)
        return schemaFailure(schema.error());
    const std::vector<QJsonValue> values = jsonValuesIn(input.output);
    if (values.empty() || schema->isUndefined())
        return verdict(
            !values.empty(), spec.negated,
            QStringLiteral("Expected the output to %1contain JSON.").arg(notWord(spec.negated)));
    if (!world || !world->schemaProblem)
        return CheckResult::notRun(QStringLiteral("JSON Schemas cannot be checked here."));
    QString first;
    for (const QJsonValue &value : values) {
        const auto problem = world->schemaProblem(value, *schema);
        if (!problem)
            return schemaFailure(problem.error());
        if (problem->isEmpty())
            return verdict(true, spec.negated,
                           QStringLiteral("The output contains JSON that fits the schema."));
        if (first.isEmpty())
            first = *problem;
    }
    return verdict(false, spec.negated,
                   QStringLiteral("No JSON in the output fits the schema: %1").arg(first));
}

CheckResult toolsCall(const CheckSpec &spec, const CheckInput &input, const CheckWorld *world)
{
    QJsonArray calls = input.toolCalls;
    if (calls.isEmpty()) {
        const QJsonValue output = wholeJson(input.output);
        calls = output.isArray() ? output.toArray()
                                 : output.toObject().value(QLatin1String("tool_calls")).toArray();
    }
    if (calls.isEmpty())
        return verdict(false, spec.negated, QStringLiteral("The model called no tool."));
    QHash<QString, QJsonObject> offered;
    for (const QJsonValue &tool : input.tools) {
        const QJsonObject function = tool.toObject().value(QLatin1String("function")).toObject();
        offered.insert(function.value(QLatin1String("name")).toString(), function);
    }
    for (const QJsonValue &call : calls) {
        const QJsonObject function = call.toObject().value(QLatin1String("function")).toObject();
        const QString name = function.value(QLatin1String("name")).toString();
        const QJsonValue text = function.value(QLatin1String("arguments"));
        if (name.isEmpty() || !text.isString())
            return verdict(false, spec.negated,
                           QStringLiteral("A call has no name or no text of arguments: %1")
                               .arg(quoted(json::compactString(call))));
        const auto arguments = json::parseObject(
            text.toString().isEmpty() ? QByteArray("{}") : text.toString().toUtf8());
        if (!arguments)
            return verdict(false, spec.negated,
                           QStringLiteral("The arguments of \"%1\" are no JSON object: %2")
                               .arg(name, arguments.error().message));
        if (offered.isEmpty())
            return CheckResult::notRun(
                QStringLiteral(
                    "Which tools were offered is not known, so \"%1\" cannot be checked.")
                    .arg(name));
        if (!offered.contains(name))
            return verdict(false, spec.negated,
                           QStringLiteral("No tool \"%1\" was offered.").arg(name));
        const QJsonValue schema = offered.value(name).value(QLatin1String("parameters"));
        if (!schema.isObject()) {
            if (!arguments->isEmpty())
                return verdict(false, spec.negated,
                               QStringLiteral("The tool \"%1\" takes no arguments.").arg(name));
            continue;
        }
        if (!world || !world->schemaProblem)
            return CheckResult::notRun(QStringLiteral("JSON Schemas cannot be checked here."));
        const auto problem = world->schemaProblem(*arguments, schema);
        if (!problem)
            return schemaFailure(problem.error());
        if (!problem->isEmpty())
            return verdict(false, spec.negated,
                           QStringLiteral("The arguments of \"%1\" do not fit its schema: %2")
                               .arg(name, *problem));
    }
    return verdict(true, spec.negated, QStringLiteral("Every call is valid."));
}

CheckResult measured(const CheckSpec &spec, const CheckInput &input)
{
    const bool cost = spec.type == QLatin1String("cost");
    if (spec.threshold < 0)
        return CheckResult::notRun(
            QStringLiteral("The check \"%1\" has no threshold.").arg(spec.type));
    if (cost ? !input.costUsd : input.latencySeconds < 0)
        return CheckResult::notRun(
            cost ? QStringLiteral("What the answer cost is not known; the model has no price.")
                 : QStringLiteral("How long the answer took is not known."));
    const double value = cost ? *input.costUsd : input.latencySeconds * 1000;
    const bool within = value <= spec.threshold;
    const QString unit = cost ? QStringLiteral(" $") : QStringLiteral(" ms");
    return verdict(within, spec.negated,
                   QStringLiteral("%1 is %2%3, %4 the threshold of %5%3.")
                       .arg(cost ? QStringLiteral("The cost") : QStringLiteral("The latency"),
                            QString::number(value, 'g', 4), unit,
                            within ? QStringLiteral("within") : QStringLiteral("over"),
                            QString::number(spec.threshold)));
}

} // namespace lathe::checks
