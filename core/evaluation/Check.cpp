// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/Check.h"

#include "core/base/Json.h"
#include "core/base/Mailbox.h"
#include "core/evaluation/CheckModel.h"
#include "core/evaluation/CheckRules.h"
#include "core/evaluation/TextTemplate.h"

#include <QRegularExpression>
#include <QThreadPool>

#include <cmath>

namespace lathe {

namespace {
constexpr qsizetype longHere =
    5'000; // characters of output and value that are compared on the main thread
constexpr int quickSteps =
    20'000; // of a regular expression on the main thread: well under a millisecond
constexpr int mostSteps = 5'000'000; // in the pool, about a tenth of a second

const QStringList &scoredTypes()
{
    static const QStringList types{QStringLiteral("levenshtein"), QStringLiteral("rouge-n"),
                                   QStringLiteral("bleu")};
    return types;
}

const QStringList &gradedTypes()
{
    static const QStringList types{QStringLiteral("llm-rubric"),
                                   QStringLiteral("model-graded-closedqa"),
                                   QStringLiteral("factuality")};
    return types;
}

CheckResult tooHard()
{
    return CheckResult::notRun(QStringLiteral("The regular expression needs too many tries on this "
                                              "output; make it simpler, for example without "
                                              "repeats inside repeats."));
}

// Where the last statement of a line begins, looking past strings and brackets; -1: there is one statement only.
qsizetype lastStatement(const QString &code)
{
    qsizetype last = -1;
    int depth = 0;
    QChar quote;
    for (qsizetype i = 0; i < code.size(); ++i) {
        const QChar c = code[i];
        if (!quote.isNull()) {
            if (c == QLatin1Char('\\'))
                ++i;
            else if (c == quote)
                quote = QChar();
        } else if (c == QLatin1Char('"') || c == QLatin1Char('\'') || c == QLatin1Char('`')) {
            quote = c;
        } else if (QStringLiteral("([{").contains(c)) {
            ++depth;
        } else if (QStringLiteral(")]}").contains(c)) {
            --depth;
        } else if (c == QLatin1Char(';') && depth == 0) {
            last = i + 1;
        }
    }
    return last;
}

// The code as the body of a function, as promptfoo makes it: a line is an expression, or declarations and then an expression; several
// lines say "return" themselves. The names stand on the first line, so that lines are counted as the person sees them.
QString scriptBody(const QString &code)
{
    static const QRegularExpression end(QStringLiteral("[;\\s]+$"));
    static const QRegularExpression declares(QStringLiteral("^(const|let|var)\\s"));
    static const QRegularExpression returns(QStringLiteral("\\breturn\\b"));
    const QString head = QStringLiteral(
        "var output = input.output, vars = input.vars, context = input.context; try { ");
    const QString tail =
        QStringLiteral("\n} catch (thrown) { return {lathe_thrown: String(thrown), lathe_name: "
                       "String(thrown && thrown.name)}; }");
    QString body = code;
    body.remove(end);
    const QString line = body.trimmed();
    const bool several = line.contains(QLatin1Char('\n'));
    if (declares.match(line).hasMatch() && !several) {
        const qsizetype at = lastStatement(line);
        return at < 0 ? head + line + tail
                      : head + line.left(at) + QStringLiteral(" return (") + line.mid(at)
                            + QStringLiteral("\n);") + tail;
    }
    if ((several && returns.match(line).hasMatch()) || line.startsWith(QLatin1String("return ")))
        return head + body + tail;
    return head + QStringLiteral("return (") + body + QStringLiteral("\n);") + tail;
}

QJsonObject scriptNames(const CheckInput &input)
{
    const QJsonObject context{
        {QStringLiteral("vars"), input.vars},
        {QStringLiteral("prompt"), input.prompt},
        {QStringLiteral("metadata"), input.metadata},
        {QStringLiteral("latencyMs"),
         input.latencySeconds < 0 ? QJsonValue() : input.latencySeconds * 1000},
        {QStringLiteral("cost"), input.costUsd ? QJsonValue(*input.costUsd) : QJsonValue()}};
    return {{QStringLiteral("input"), QJsonObject{{QStringLiteral("output"), input.output},
                                                  {QStringLiteral("vars"), input.vars},
                                                  {QStringLiteral("context"), context}}}};
}

// What came of a script. One that throws has seen an output it could make nothing of, such as JSON.parse() of prose: that is the output's
// failing. One that names what is not there is wrong itself.
struct ScriptOutcome {
    Result<QJsonValue> value = Error();
    QString thrown; // by the output's fault
};

Task<ScriptOutcome> evaluateScript(QString code, CheckInput input, const CheckWorld *world,
                                   CancelToken cancel)
{
    ScriptOutcome outcome;
    if (!world->expression) {
        outcome.value =
            Error(ErrorKind::InvalidInput, QStringLiteral("JavaScript cannot be run here."));
        co_return outcome;
    }
    const QString body = scriptBody(code);
    const QJsonObject names = scriptNames(input);
    auto value = co_await world->expression(body, names, cancel);
    outcome.value = std::move(value);
    const QJsonObject object = outcome.value ? outcome.value->toObject() : QJsonObject();
    if (!object.contains(QLatin1String("lathe_thrown")))
        co_return outcome;
    const QString message = object.value(QLatin1String("lathe_thrown")).toString().left(300);
    if (object.value(QLatin1String("lathe_name")).toString() == QLatin1String("ReferenceError"))
        outcome.value = Error(ErrorKind::InvalidInput,
                              QStringLiteral("The expression is wrong: %1.").arg(message));
    else
        outcome.thrown = QStringLiteral("The expression failed on this output: %1.").arg(message);
    co_return outcome;
}

// What a script's value means as a verdict.
CheckResult scriptResult(const CheckSpec &spec, const QJsonValue &value)
{
    CheckResult result;
    result.ran = true;
    if (value.isBool()) {
        result.passed = value.toBool() != spec.negated;
        result.score = result.passed ? 1 : 0;
        result.reason = QStringLiteral("The expression gives %1.")
                            .arg(value.toBool() ? QStringLiteral("true") : QStringLiteral("false"));
        return result;
    }
    if (value.isDouble()) {
        const bool reached =
            spec.threshold >= 0 ? value.toDouble() >= spec.threshold : value.toDouble() > 0;
        result.passed = reached != spec.negated;
        result.score = value.toDouble();
        result.reason = QStringLiteral("The expression gives %1.").arg(value.toDouble());
        return result;
    }
    const QJsonObject object = value.toObject();
    const QJsonValue pass = object.value(QLatin1String("pass"));
    const QJsonValue score = object.value(QLatin1String("score"));
    if (!pass.isBool() && !score.isDouble())
        return CheckResult::fail(QStringLiteral("The expression gives %1; it must give true or "
                                                "false, a number, or {pass, score, reason}.")
                                     .arg(value.isNull()
                                              ? QStringLiteral("nothing")
                                              : checks::quoted(json::compactString(value))));
    result.score = score.isDouble() ? score.toDouble() : pass.toBool() ? 1 : 0;
    bool passed = pass.isBool() ? pass.toBool() : result.score > 0;
    if (spec.threshold >= 0 && result.score < spec.threshold)
        passed = false;
    result.passed = passed != spec.negated;
    result.reason = object.value(QLatin1String("reason")).toString();
    return result;
}

struct NoDelete {
    void operator()(Mailbox *mailbox) const
    {
        mailbox->deleteLater();
    } // it may be the one that is speaking
};

Task<CheckResult> inPool(CheckSpec spec, CheckInput input)
{
    const std::shared_ptr<Mailbox> back(new Mailbox, NoDelete());
    const Completion<CheckResult> done;
    Mailbox *const to = back.get();
    QThreadPool::globalInstance()->start([spec, input, to, done] {
        CheckResult result;
        if (spec.type == QLatin1String("regex"))
            result = checks::regex(spec, input, mostSteps).value_or(tooHard());
        else
            result = checks::scored(spec, input);
        to->post([done, result] { done.complete(result); });
    });
    CheckResult result = co_await done;
    co_return result;
}

Task<CheckResult> runScript(CheckSpec spec, CheckInput input, const CheckWorld *world,
                            CancelToken cancel)
{
    const QString code = spec.value.isString() ? spec.value.toString() : QString();
    if (code.trimmed().isEmpty())
        co_return CheckResult::notRun(
            QStringLiteral("The check \"javascript\" holds no expression."));
    const ScriptOutcome outcome = co_await evaluateScript(code, input, world, cancel);
    if (!outcome.value)
        co_return CheckResult::notRun(outcome.value.error().message);
    if (!outcome.thrown.isEmpty()) // neither form of the check holds then
        co_return CheckResult::fail(outcome.thrown);
    co_return scriptResult(spec, *outcome.value);
}

Task<CheckResult> runSimilar(CheckSpec spec, CheckInput input, const CheckWorld *world,
                             CancelToken cancel)
{
    if (!world->embed)
        co_return CheckResult::notRun(
            QStringLiteral("No model for embeddings is chosen, so meanings cannot be compared."));
    const QJsonValue value = checks::comparedValue(spec, input);
    QStringList texts;
    if (value.isArray()) {
        for (const QJsonValue &item : value.toArray())
            texts.append(templateText(item));
    } else if (!value.isNull() && !value.isUndefined()) {
        texts.append(templateText(value));
    }
    if (texts.isEmpty())
        co_return CheckResult::notRun(
            QStringLiteral("The check \"similar\" has nothing to compare the output with."));
    texts.append(input.output);
    auto vectors = co_await world->embed(texts, cancel);
    if (!vectors)
        co_return CheckResult::notRun(vectors.error().message);
    if (vectors->size() != size_t(texts.size()))
        co_return CheckResult::notRun(
            QStringLiteral("The model for embeddings gave %1 vectors for %2 texts.")
                .arg(vectors->size())
                .arg(texts.size()));
    const std::vector<float> &output = vectors->back();
    double best = -2;
    for (size_t i = 0; i + 1 < vectors->size(); ++i) {
        const std::vector<float> &other = (*vectors)[i];
        double dot = 0, left = 0, right = 0;
        for (size_t k = 0; k < std::min(output.size(), other.size()); ++k) {
            dot += double(output[k]) * double(other[k]);
            left += double(output[k]) * double(output[k]);
            right += double(other[k]) * double(other[k]);
        }
        const double cosine = dot / std::sqrt(left * right);
        if (output.size() != other.size() || !std::isfinite(cosine))
            co_return CheckResult::notRun(
                QStringLiteral("The model for embeddings gave vectors that cannot be compared."));
        best = std::max(best, cosine);
    }
    co_return checks::byScore(spec, best, 0.75, QStringLiteral("The similarity"));
}

Task<CheckResult> runGraded(CheckSpec spec, CheckInput input, const CheckWorld *world,
                            CancelToken cancel)
{
    if (!world->judge)
        co_return CheckResult::notRun(QStringLiteral("No model for grading is chosen."));
    const auto call = checks::gradingCall(spec, input, world);
    if (!call)
        co_return CheckResult::notRun(call.error().message);
    auto answer = co_await world->judge(*call, cancel);
    if (!answer)
        co_return CheckResult::notRun(
            QStringLiteral("The grading model did not answer: %1").arg(answer.error().message));
    co_return checks::gradingResult(spec, *answer);
}

Task<CheckResult> runSet(CheckSpec spec, CheckInput input, const CheckWorld *world,
                         CancelToken cancel)
{
    std::vector<CheckResult> results;
    for (const CheckSpec &member : spec.members) {
        CheckResult result = co_await runCheck(member, input, world, cancel);
        results.push_back(std::move(result));
    }
    if (spec.members.empty())
        co_return CheckResult::notRun(QStringLiteral("The set holds no checks."));
    CheckResult whole = combineChecks(spec.members, std::move(results), spec.threshold);
    if (spec.negated && whole.ran) {
        whole.passed = !whole.passed;
        whole.score = 1 - whole.score;
    }
    co_return whole;
}
} // namespace

CheckResult CheckResult::notRun(const QString &why)
{
    CheckResult result;
    result.reason = why;
    return result;
}

CheckResult CheckResult::pass(double score, const QString &reason)
{
    CheckResult result;
    result.passed = result.ran = true;
    result.score = score;
    result.reason = reason;
    return result;
}

CheckResult CheckResult::fail(const QString &reason, double score)
{
    CheckResult result;
    result.ran = true;
    result.score = score;
    result.reason = reason;
    return result;
}

CheckResult runPureCheck(const CheckSpec &spec, const CheckInput &input, const CheckWorld *world)
{
    if (!spec.problem.isEmpty())
        return CheckResult::notRun(spec.problem);
    if (!checkType(spec.type))
        return CheckResult::notRun(
            QStringLiteral("There is no type of check \"%1\" here.").arg(spec.type));
    if (spec.type == QLatin1String("regex"))
        return checks::regex(spec, input, mostSteps).value_or(tooHard());
    if (scoredTypes().contains(spec.type))
        return checks::scored(spec, input);
    if (spec.type == QLatin1String("is-json"))
        return checks::isJson(spec, input, world);
    if (spec.type == QLatin1String("contains-json"))
        return checks::containsJson(spec, input, world);
    if (spec.type == QLatin1String("is-valid-openai-tools-call"))
        return checks::toolsCall(spec, input, world);
    if (spec.type == QLatin1String("cost") || spec.type == QLatin1String("latency"))
        return checks::measured(spec, input);
    if (spec.type == QLatin1String("select-best"))
        return CheckResult::notRun(
            QStringLiteral("\"select-best\" compares the outputs of all variants."));
    const CheckTypeInfo::Needs needs = checkType(spec.type)->needs;
    if (needs != CheckTypeInfo::Needs::Nothing || spec.type == QLatin1String("assert-set"))
        return CheckResult::notRun(
            QStringLiteral("The check \"%1\" cannot be run alone.").arg(spec.type));
    return checks::text(spec, input);
}

Result<CheckSpec> fillCheck(const CheckSpec &spec, const CheckInput &input)
{
    CheckSpec filled = spec;
    QJsonObject values = input.vars;
    if (!values.contains(QLatin1String("expected")) && !input.expected.isUndefined())
        values.insert(QStringLiteral("expected"), input.expected);
    // A value that is one variable and nothing else stays what it is: a list, an object.
    static const QRegularExpression alone(
        QStringLiteral("^\\s*\\{\\{\\s*([\\w$]+)\\s*\\}\\}\\s*$"));
    const auto match = alone.match(spec.value.isString() ? spec.value.toString() : QString());
    if (match.hasMatch()) {
        const QJsonValue value = values.value(match.captured(1));
        if (value.isArray() || value.isObject()) {
            filled.value = value;
            return filled;
        }
    }
    // Of objects (schemas) nothing is filled in, as braces have a meaning of their own there.
    if (spec.value.isString() || spec.value.isArray()) {
        auto rendered = fillTexts(spec.value, values);
        if (!rendered)
            return rendered.error();
        filled.value = *rendered;
    }
    if (auto metric = fillText(spec.metric, values))
        filled.metric = *metric;
    return filled;
}

Task<Result<QString>> transformOutput(QString script, CheckInput input, const CheckWorld *world,
                                      CancelToken cancel)
{
    const ScriptOutcome outcome = co_await evaluateScript(script, input, world, cancel);
    if (!outcome.value)
        co_return Error(
            outcome.value.error().kind,
            QStringLiteral("The transform failed: %1").arg(outcome.value.error().message));
    if (!outcome.thrown.isEmpty())
        co_return Error(ErrorKind::Protocol,
                        QStringLiteral("The transform failed: %1").arg(outcome.thrown));
    const QJsonValue value = *outcome.value;
    if (value.isNull() || value.isUndefined())
        co_return Error(ErrorKind::Protocol,
                        QStringLiteral("The transform gives nothing for this output."));
    co_return value.isString() ? value.toString() : json::compactString(value);
}

Task<CheckResult> runCheck(CheckSpec spec, CheckInput input, const CheckWorld *world,
                           CancelToken cancel)
{
    if (cancel.isCancelled())
        co_return CheckResult::notRun(Error::cancelled().message);
    if (!spec.problem.isEmpty())
        co_return CheckResult::notRun(spec.problem);
    if (!spec.transform.isEmpty()) {
        const QString script = spec.transform;
        auto output = co_await transformOutput(script, input, world, cancel);
        if (!output)
            co_return output.error().kind == ErrorKind::Protocol
                ? CheckResult::fail(output.error().message)
                : CheckResult::notRun(output.error().message);
        input.output = *output;
        input.toolCalls = {};
    }
    if (spec.type == QLatin1String("assert-set")) {
        CheckResult whole = co_await runSet(spec, input, world, cancel);
        co_return whole;
    }
    auto filled = fillCheck(spec, input);
    if (!filled)
        co_return CheckResult::notRun(filled.error().message);
    spec = *filled;
    if (spec.type == QLatin1String("javascript")) {
        CheckResult result = co_await runScript(spec, input, world, cancel);
        co_return result;
    }
    if (spec.type == QLatin1String("similar")) {
        CheckResult result = co_await runSimilar(spec, input, world, cancel);
        co_return result;
    }
    if (gradedTypes().contains(spec.type)) {
        CheckResult result = co_await runGraded(spec, input, world, cancel);
        co_return result;
    }
    const QString compared = templateText(checks::comparedValue(spec, input));
    bool pool =
        scoredTypes().contains(spec.type) && input.output.size() + compared.size() > longHere;
    if (spec.type == QLatin1String("regex")) {
        if (input.output.size() <= longHere * 10) {
            if (auto quick = checks::regex(spec, input, quickSteps))
                co_return *quick;
        }
        pool = true;
    }
    if (pool) {
        CheckResult result = co_await inPool(spec, input);
        if (cancel.isCancelled())
            co_return CheckResult::notRun(Error::cancelled().message);
        co_return result;
    }
    co_return runPureCheck(spec, input, world);
}

Task<std::vector<CheckResult>> runComparison(CheckSpec spec, std::vector<CheckInput> inputs,
                                             const CheckWorld *world, CancelToken cancel)
{
    QString problem = spec.problem;
    if (problem.isEmpty() && spec.type != QLatin1String("select-best"))
        problem = QStringLiteral("The check \"%1\" does not compare outputs.").arg(spec.type);
    if (problem.isEmpty() && !world->judge)
        problem = QStringLiteral("No model for grading is chosen.");
    if (problem.isEmpty() && cancel.isCancelled())
        problem = Error::cancelled().message;
    if (problem.isEmpty() && !inputs.empty()) {
        auto filled = fillCheck(spec, inputs.front());
        if (filled)
            spec = *filled;
        else
            problem = filled.error().message;
    }
    if (problem.isEmpty()) {
        const auto call = checks::selectionCall(spec, inputs, world);
        if (call) {
            auto answer = co_await world->judge(*call, cancel);
            if (answer)
                co_return checks::selectionResults(spec, *answer, inputs.size());
            problem =
                QStringLiteral("The grading model did not answer: %1").arg(answer.error().message);
        } else {
            problem = call.error().message;
        }
    }
    std::vector<CheckResult> results(inputs.size(), CheckResult::notRun(problem));
    co_return results;
}

CheckResult combineChecks(const std::vector<CheckSpec> &specs, std::vector<CheckResult> results,
                          double threshold)
{
    double total = 0, weights = 0, open = 0;
    QString failure, missing;
    bool failed = false;
    for (size_t i = 0; i < specs.size() && i < results.size(); ++i) {
        const double weight = specs[i].weight;
        weights += weight;
        if (weight == 0)
            continue; // only measures
        const CheckResult &result = results[i];
        if (!result.ran) {
            open += weight;
            if (missing.isEmpty())
                missing = QStringLiteral("%1: %2").arg(checkTitle(specs[i]), result.reason);
            continue;
        }
        total += result.score * weight;
        if (!result.passed && !failed) {
            failed = true;
            failure = result.reason;
        }
    }
    CheckResult whole;
    whole.members = std::move(results);
    whole.ran = true;
    whole.score = weights > 0 ? total / weights : 1;
    if (threshold > 0) {
        const double best = weights > 0 ? (total + open) / weights : 1;
        whole.passed = whole.score >= threshold - 1e-12;
        whole.ran = whole.passed || best < threshold; // else what did not run decides
        whole.reason =
            QStringLiteral("The score of %1 %2 the threshold of %3.")
                .arg(QString::number(whole.score, 'f', 2),
                     whole.passed ? QStringLiteral("reaches") : QStringLiteral("is below"),
                     QString::number(threshold));
        if (!whole.ran)
            whole.reason += QStringLiteral(" Not run: ") + missing;
        return whole;
    }
    whole.passed = !failed && open == 0;
    whole.ran = failed || open == 0;
    whole.reason = failed ? failure : missing;
    return whole;
}

} // namespace lathe
