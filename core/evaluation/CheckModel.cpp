// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/CheckModel.h"

#include "core/base/Json.h"
#include "core/evaluation/CheckRules.h"
#include "core/evaluation/TextJson.h"
#include "core/evaluation/TextTemplate.h"

#include <QRegularExpression>

#include <cmath>

namespace lathe::checks {

namespace {
QJsonObject answerSchema(const QJsonObject &properties, const QStringList &required)
{
    return {{QStringLiteral("type"), QStringLiteral("object")},
            {QStringLiteral("properties"), properties},
            {QStringLiteral("required"), json::fromStringList(required)},
            {QStringLiteral("additionalProperties"), false}};
}

QJsonObject typed(const char *type)
{
    return {{QStringLiteral("type"), QString::fromLatin1(type)}};
}

QString oddAnswer(const QString &answer)
{
    return answer.trimmed().isEmpty()
               ? QStringLiteral("The grading model answered nothing.")
               : QStringLiteral("The grading model's answer holds no verdict: %1")
                     .arg(quoted(answer.trimmed()));
}

std::optional<bool> asBool(const QJsonValue &value)
{
    if (value.isBool())
        return value.toBool();
    if (value.isDouble() && (value.toDouble() == 0 || value.toDouble() == 1))
        return value.toDouble() == 1;
    const QString word = value.toString().trimmed().toLower();
    static const QStringList yes{QStringLiteral("true"), QStringLiteral("yes"),
                                 QStringLiteral("pass"), QStringLiteral("passed"),
                                 QStringLiteral("y")};
    static const QStringList no{QStringLiteral("false"), QStringLiteral("no"),
                                QStringLiteral("fail"), QStringLiteral("failed"),
                                QStringLiteral("n")};
    if (yes.contains(word))
        return true;
    return no.contains(word) ? std::optional<bool>(false) : std::nullopt;
}

std::optional<double> asScore(const QJsonValue &value)
{
    bool good = value.isDouble();
    const double score = good ? value.toDouble() : value.toString().toDouble(&good);
    return good && std::isfinite(score) ? std::optional<double>(score) : std::nullopt;
}

CheckResult rubricResult(const CheckSpec &spec, const QString &answer)
{
    const auto object = jsonAnswerIn(answer, {QStringLiteral("pass"), QStringLiteral("score")});
    if (!object)
        return CheckResult::notRun(oddAnswer(answer));
    const auto said = asBool(object->value(QLatin1String("pass")));
    const auto given = asScore(object->value(QLatin1String("score")));
    if (!said && !given)
        return CheckResult::notRun(oddAnswer(answer));
    if (given && (*given < 0 || *given > 1))
        return CheckResult::notRun(
            QStringLiteral("The grading model gave a score of %1; it must lie between 0 and 1.")
                .arg(*given));
    CheckResult result;
    result.ran = true;
    result.passed = said.value_or(true);
    result.score = given.value_or(result.passed ? 1 : 0);
    if (!said && spec.threshold < 0)
        result.passed = result.score >= 0.5;
    if (spec.threshold >= 0)
        result.passed = result.passed && result.score >= spec.threshold;
    result.reason = object->value(QLatin1String("reason")).toString().trimmed();
    if (result.reason.isEmpty())
        result.reason =
            QStringLiteral("The grading model gave no reason; its score is %1.").arg(result.score);
    if (spec.negated) {
        result.passed = !result.passed;
        result.score = 1 - result.score;
    }
    return result;
}

CheckResult factualityResult(const CheckSpec &spec, const QString &answer)
{
    QString category, reason;
    if (const auto object = jsonAnswerIn(answer, {QStringLiteral("category")})) {
        category = object->value(QLatin1String("category"))
                       .toString()
                       .trimmed()
                       .toUpper()
                       .remove(QRegularExpression(QStringLiteral("^\\(|[).:].*$")));
        reason = object->value(QLatin1String("reason")).toString().trimmed();
    } else {
        static const QRegularExpression bracketed(QStringLiteral("(?:^|[\\s\"])\\(?([A-Ea-e])\\)"));
        static const QRegularExpression alone(QStringLiteral("^\\s*([A-E])\\s*[.:]?\\s*$"));
        auto match = bracketed.match(answer);
        if (!match.hasMatch())
            match = alone.match(answer);
        category = match.captured(1).toUpper();
        reason = answer.mid(match.capturedEnd()).trimmed();
    }
    static const QHash<QString, std::pair<QString, QString>> meaning{
        {QStringLiteral("A"),
         {QStringLiteral("subset"),
          QStringLiteral("It says less than the expected answer and agrees with it.")}},
        {QStringLiteral("B"),
         {QStringLiteral("superset"),
          QStringLiteral("It says more than the expected answer and agrees with it.")}},
        {QStringLiteral("C"),
         {QStringLiteral("agree"),
          QStringLiteral("It gives the same details as the expected answer.")}},
        {QStringLiteral("D"),
         {QStringLiteral("disagree"), QStringLiteral("It contradicts the expected answer.")}},
        {QStringLiteral("E"),
         {QStringLiteral("differButFactual"),
          QStringLiteral("It differs, but in no fact that matters.")}}};
    if (!meaning.contains(category))
        return CheckResult::notRun(oddAnswer(answer));
    const auto &[name, words] = meaning[category];
    const QJsonObject scores = spec.options.value(QLatin1String("factuality")).toObject();
    const double score = scores.value(name).toDouble(category == QLatin1String("D") ? 0 : 1);
    CheckResult result;
    result.ran = true;
    result.passed = (score > 0) != spec.negated;
    result.score = spec.negated ? 1 - std::clamp(score, 0.0, 1.0) : score;
    result.reason = QStringLiteral("(%1) %2").arg(category, reason.isEmpty() ? words : reason);
    return result;
}

// Text or chat messages of the person's own wording.
JudgeCall ownCall(const QString &text, JudgeCall call)
{
    const QJsonValue messages = wholeJson(text);
    if (!messages.isArray()) {
        call.user = text;
        return call;
    }
    call.system.clear();
    QStringList system, user;
    for (const QJsonValue &message : messages.toArray()) {
        const bool isSystem = message[QLatin1String("role")].toString() == QLatin1String("system");
        (isSystem ? system : user).append(templateText(message[QLatin1String("content")]));
    }
    call.system = system.join(QLatin1String("\n\n"));
    call.user = user.join(QLatin1String("\n\n"));
    return call;
}

// The person's own wording with the JSON strings of a chat filled in one by one, so that quotes in values do no harm.
Result<QString> ownText(const QJsonValue &wording, const QJsonObject &values)
{
    const QJsonValue whole = wording.isString() ? wholeJson(wording.toString()) : wording;
    if (whole.isArray() || whole.isObject()) {
        auto rendered = fillTexts(whole, values);
        return rendered ? Result<QString>(json::compactString(*rendered))
                        : Result<QString>(rendered.error());
    }
    return fillText(wording.toString(), values);
}

QJsonObject merged(QJsonObject values, const QJsonObject &more)
{
    for (auto it = more.begin(); it != more.end(); ++it)
        values.insert(it.key(), it.value());
    return values;
}
} // namespace

Result<JudgeCall> gradingCall(const CheckSpec &spec, const CheckInput &input,
                              const CheckWorld *world)
{
    const QString value = templateText(comparedValue(spec, input)).trimmed();
    const QJsonValue own = spec.options.value(QLatin1String("rubric_prompt"));
    if (value.isEmpty() && own.isUndefined())
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The check \"%1\" has no text to grade by.").arg(spec.type));
    const bool facts = spec.type == QLatin1String("factuality");
    const bool closed = spec.type == QLatin1String("model-graded-closedqa");
    const QString schemaTypes = facts ? QStringLiteral("category") : QStringLiteral("pass");
    QJsonObject properties{{QStringLiteral("reason"), typed("string")}};
    QStringList required{QStringLiteral("reason"), schemaTypes};
    if (facts) {
        QJsonObject category = typed("string");
        category.insert(
            QStringLiteral("enum"),
            json::fromStringList({QStringLiteral("A"), QStringLiteral("B"), QStringLiteral("C"),
                                  QStringLiteral("D"), QStringLiteral("E")}));
        properties.insert(QStringLiteral("category"), category);
    } else {
        properties.insert(QStringLiteral("pass"), typed("boolean"));
        if (!closed) {
            properties.insert(QStringLiteral("score"), typed("number"));
            required.append(QStringLiteral("score"));
        }
    }
    const QJsonObject values{
        {QStringLiteral("rubric"), value},           {QStringLiteral("criteria"), value},
        {QStringLiteral("expected"), value},         {QStringLiteral("ideal"), value},
        {QStringLiteral("input"), input.prompt},     {QStringLiteral("output"), input.output},
        {QStringLiteral("completion"), input.output}};
    JudgeCall call(spec.options.value(QLatin1String("model")).toString(), QString(), QString(),
                   answerSchema(properties, required));
    if (!own.isUndefined()) {
        auto text = ownText(own, merged(input.vars, values));
        if (!text)
            return Error(
                ErrorKind::InvalidInput,
                QStringLiteral("The rubric prompt cannot be used: %1").arg(text.error().message));
        call.schema = {}; // the wording says what it wants
        return ownCall(*text, std::move(call));
    }
    if (!world || !world->text)
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("No wording for a grading model is at hand."));
    call.system = world->text(QStringLiteral("judges/grader"), {});
    call.user = world->text(facts    ? QStringLiteral("judges/factuality")
                            : closed ? QStringLiteral("judges/closed_qa")
                                     : QStringLiteral("judges/rubric"),
                            values);
    return call;
}

CheckResult gradingResult(const CheckSpec &spec, const QString &answer)
{
    if (spec.type == QLatin1String("factuality"))
        return factualityResult(spec, answer);
    if (spec.type == QLatin1String("model-graded-closedqa")
        && !jsonAnswerIn(answer, {QStringLiteral("pass"), QStringLiteral("score")})) {
        // The older form ends with a letter.
        static const QRegularExpression last(QStringLiteral("(?:^|[^A-Za-z])([YN])\\W*$"));
        const auto match = last.match(answer);
        if (match.hasMatch()) {
            CheckResult result =
                verdict(match.captured(1) == QLatin1String("Y"), spec.negated, QString());
            result.reason = answer.trimmed().left(1000);
            return result;
        }
    }
    return rubricResult(spec, answer);
}

Result<JudgeCall> selectionCall(const CheckSpec &spec, const std::vector<CheckInput> &inputs,
                                const CheckWorld *world)
{
    const QString criterion = templateText(spec.value).trimmed();
    if (inputs.size() < 2)
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("\"select-best\" needs two outputs to choose from."));
    if (criterion.isEmpty())
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("\"select-best\" has no criterion to choose by."));
    QJsonArray numbered, plain;
    for (size_t i = 0; i < inputs.size(); ++i) {
        numbered.append(QJsonObject{{QStringLiteral("number"), QString::number(i + 1)},
                                    {QStringLiteral("text"), inputs[i].output}});
        plain.append(inputs[i].output);
    }
    const QJsonObject schema = answerSchema(
        {{QStringLiteral("reason"), typed("string")}, {QStringLiteral("best"), typed("integer")}},
        {QStringLiteral("reason"), QStringLiteral("best")});
    JudgeCall call(spec.options.value(QLatin1String("model")).toString(), QString(), QString(),
                   schema);
    const QJsonValue own = spec.options.value(QLatin1String("rubric_prompt"));
    if (!own.isUndefined()) {
        auto text =
            ownText(own, merged(inputs.front().vars, {{QStringLiteral("criteria"), criterion},
                                                      {QStringLiteral("outputs"), plain}}));
        if (!text)
            return Error(
                ErrorKind::InvalidInput,
                QStringLiteral("The rubric prompt cannot be used: %1").arg(text.error().message));
        call.schema = {};
        return ownCall(*text, std::move(call));
    }
    if (!world || !world->text)
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("No wording for a grading model is at hand."));
    call.system = world->text(QStringLiteral("judges/grader"), {});
    call.user =
        world->text(QStringLiteral("judges/select_best"),
                    {{QStringLiteral("rubric"), criterion}, {QStringLiteral("outputs"), numbered}});
    return call;
}

std::vector<CheckResult> selectionResults(const CheckSpec &spec, const QString &answer,
                                          size_t count)
{
    qint64 best = -1;
    QString reason;
    // Somebody's own wording in promptfoo's manner asks for a number counted from 0.
    const bool own = spec.options.contains(QLatin1String("rubric_prompt"));
    if (const auto object = jsonAnswerIn(answer, {QStringLiteral("best")})) {
        const auto number = asScore(object->value(QLatin1String("best")));
        best = number && *number == std::floor(*number) ? qint64(*number) - (own ? 0 : 1) : -1;
        reason = object->value(QLatin1String("reason")).toString().trimmed();
    } else {
        static const QRegularExpression number(QStringLiteral("\\d{1,6}"));
        auto matches = number.globalMatch(answer);
        const bool one = matches.hasNext();
        const auto match = one ? matches.next() : QRegularExpressionMatch();
        // Of prose with several numbers nobody knows which one is meant; promptfoo's own wording takes the first.
        if (one && (own || !matches.hasNext()))
            best = match.captured().toLongLong() - (own ? 0 : 1);
    }
    std::vector<CheckResult> results;
    for (size_t i = 0; i < count; ++i) {
        if (best < 0 || best >= qint64(count)) {
            results.push_back(CheckResult::notRun(oddAnswer(answer)));
            continue;
        }
        const bool chosen = qint64(i) == best;
        CheckResult result = verdict(chosen, spec.negated, QString());
        const QString which = chosen ? QStringLiteral("Chosen as the best")
                                     : QStringLiteral("Not chosen as the best");
        result.reason =
            reason.isEmpty() ? which + QLatin1Char('.') : which + QStringLiteral(": ") + reason;
        results.push_back(std::move(result));
    }
    return results;
}

} // namespace lathe::checks
