// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/RunTests.h"

#include "core/evaluation/Check.h"
#include "core/session/RequestDiff.h"
#include "core/session/RunService.h"
#include "core/tool/SchemaCheck.h"

#include <QElapsedTimer>
#include <QPointer>
#include <QXmlStreamWriter>

namespace lathe {

namespace {
constexpr int longest = 500; // characters of an input in a result

// Checks ask no model here: a test is offline and gives the same each time.
Result<void> usable(const std::vector<CheckSpec> &checks)
{
    for (const CheckSpec &check : checks) {
        const CheckTypeInfo *type = checkType(check.type);
        const bool plain = type && (type->needs == CheckTypeInfo::Needs::Nothing || type->needs == CheckTypeInfo::Needs::Schema)
                           && !type->comparesVariants && check.transform.isEmpty();
        if (!plain) {
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("A pinned run cannot be checked by \"%1\"; use a check that needs no model and no script, e.g. contains.")
                             .arg(check.type.left(60)));
        }
    }
    return {};
}

CheckWorld plainWorld()
{
    CheckWorld world;
    world.schemaProblem = [](const QJsonValue &value, const QJsonValue &schema) -> Result<QString> {
        const auto violations = checkSchema(schema, value);
        if (!violations)
            return violations.error();
        return violations->empty() ? QString() : violationsText(*violations);
    };
    return world;
}

QStringList failedChecks(const std::vector<CheckSpec> &checks, const StoredRun &stored, const QString &output)
{
    QStringList failed;
    const CheckWorld world = plainWorld();
    CheckInput input;
    input.output = output;
    input.vars = stored.info.inputJson.value(QStringLiteral("variables")).toObject();
    input.vars.insert(QStringLiteral("input"), stored.info.inputJson.value(QStringLiteral("text")));
    input.expected = stored.info.output;
    for (const CheckSpec &check : checks) {
        const auto filled = fillCheck(check, input);
        const CheckResult result = filled ? runPureCheck(*filled, input, &world) : CheckResult::notRun(filled.error().message);
        if (!result.passed)
            failed.append(result.reason.isEmpty() ? QStringLiteral("The check %1 failed.").arg(check.type) : result.reason);
    }
    return failed;
}

QString shortened(const QString &text, qsizetype most)
{
    return text.size() > most ? text.left(most - 1) + QChar(0x2026) : text;
}

QString stepNameOf(const Trace &trace, const QString &step)
{
    const int index = trace.indexOf(step);
    return index < 0 ? QString() : trace.steps()[size_t(index)].name;
}

// How it ended and what it said; sets what differs.
void judgeEnd(const StoredRun &stored, const RunExpectation &expected, const RunService::Rerun &rerun, TestResult *result)
{
    const RunInfo &info = stored.info;
    result->outcome = TestResult::Outcome::Differs;
    if (info.status == RunStatus::Done && rerun.error) {
        result->message = QStringLiteral("It failed: %1").arg(rerun.error->message);
        return;
    }
    if (info.status == RunStatus::Failed) {
        const QString before = info.error ? info.error->message : QString();
        if (!rerun.error) {
            result->message = QStringLiteral("It ended well; recorded was a failure: %1").arg(before);
            return;
        }
        if (rerun.error->message != before) {
            result->message = QStringLiteral("It failed in another way: %1").arg(rerun.error->message);
            return;
        }
    }
    result->failedChecks = failedChecks(expected.checks, stored, rerun.output);
    if (!result->failedChecks.isEmpty()) {
        result->message = result->failedChecks.first();
        return;
    }
    if (expected.checks.empty() && rerun.output != info.output) {
        result->message = QStringLiteral("The output is another one.");
        result->diff = diffWords(info.output, rerun.output);
        result->diffOf = QStringLiteral("output");
        return;
    }
    result->outcome = TestResult::Outcome::Passed;
}

void judgeDivergence(const Divergence &divergence, const RunService::Rerun &rerun, TestResult *result)
{
    RequestDiff diff = requestDiff(divergence.recordedRequest, divergence.askedRequest);
    result->outcome = TestResult::Outcome::Diverged;
    result->step = divergence.step;
    result->stepName = stepNameOf(rerun.trace, divergence.step);
    result->diffOf = diff.where;
    result->diff = std::move(diff.words);
    const QString step = QStringLiteral("step %1 (%2)").arg(divergence.step, result->stepName);
    result->message = divergence.recordedRequest.isEmpty()
                          ? QStringLiteral("It goes on at %1, where the recording has ended.").arg(step)
                          : QStringLiteral("It asks for something else at %1: the %2 changed.").arg(step, diff.where);
}

// Cancelled: the token, or the session has gone.
Task<Result<TestResult>> runTest(Project *project, QPointer<RunService> service, RunId run, TestOptions options, CancelToken cancel)
{
    QElapsedTimer timer;
    timer.start();
    TestResult result;
    result.run = run;
    auto loaded = co_await project->runs().load(run, cancel);
    if (cancel.isCancelled() || !service)
        co_return Error::cancelled();
    if (!loaded) {
        result.message = loaded.error().message;
        co_return result;
    }
    const auto stored = std::make_shared<const StoredRun>(std::move(*loaded));
    const RunInfo &info = stored->info;
    result.agent = info.revisionNumber > 0 ? QStringLiteral("%1@%2").arg(info.agentName).arg(info.revisionNumber) : info.agentName;
    result.input = info.input.left(longest);
    const auto expected = RunExpectation::fromNote(info.pinNote);
    if (!expected) {
        result.message = expected.error().message;
        co_return result;
    }
    result.note = expected->note;
    if (info.status != RunStatus::Done && info.status != RunStatus::Failed) {
        result.message = QStringLiteral("Run %1 has not ended by itself (%2), so there is nothing to compare with.")
                             .arg(run.value)
                             .arg(runStatusName(info.status));
        co_return result;
    }
    const bool current = options.against == TestOptions::Against::Current;
    std::optional<QString> reference;
    if (current)
        reference = options.label.isEmpty() ? info.agentName : info.agentName + QLatin1Char('@') + options.label;
    const auto rerun = co_await service->rerun(stored, reference, cancel);
    result.durationUs = timer.nsecsElapsed() / 1000;
    if (cancel.isCancelled() || (!rerun && rerun.error().kind == ErrorKind::Cancelled))
        co_return Error::cancelled();
    if (!rerun) {
        result.message = rerun.error().message;
        co_return result;
    }
    result.agent = rerun->reference;
    if (rerun->divergence) {
        judgeDivergence(*rerun->divergence, *rerun, &result);
    } else {
        judgeEnd(*stored, *expected, *rerun, &result);
    }
    if (!current) {
        result.proof = replayProof(*stored, rerun->trace, rerun->divergence);
        if (result.passed() && !result.proof.same()) {
            result.outcome = TestResult::Outcome::Differs;
            result.message = differenceSentence(result.proof);
            result.step = result.proof.first ? result.proof.first->step : QString();
            result.stepName = result.proof.first ? result.proof.first->stepName : QString();
        }
    }
    if (result.passed())
        result.message = current ? QStringLiteral("It asks for the same and gives what is expected.")
                                 : QStringLiteral("The replay gave the same %1 events.").arg(result.proof.events);
    co_return result;
}
}

QString RunExpectation::toNote() const
{
    if (checks.empty())
        return note;
    ExperimentSpec spec;
    spec.checks = checks;
    const QJsonObject json{{QStringLiteral("checks"), spec.toJson().value(QStringLiteral("checks"))}};
    return (note.isEmpty() ? QString() : note + QLatin1Char('\n')) + json::compactString(json);
}

Result<RunExpectation> RunExpectation::fromNote(const QString &text)
{
    RunExpectation expected;
    expected.note = text;
    const qsizetype line = text.lastIndexOf(QLatin1Char('\n')) + 1;
    if (!QStringView(text).sliced(line).startsWith(QLatin1String("{\"checks\":")))
        return expected;
    const auto json = json::parseObject(text.mid(line).toUtf8());
    if (!json)
        return json.error();
    auto spec = ExperimentSpec::fromJson(*json);
    if (!spec)
        return spec.error();
    expected.note = text.left(std::max<qsizetype>(line - 1, 0));
    expected.checks = std::move(spec->checks);
    if (const auto fit = usable(expected.checks); !fit)
        return fit.error();
    return expected;
}

QString testOutcomeName(TestResult::Outcome outcome)
{
    static const char *const names[] = {"passed", "differs", "diverged", "not_run"};
    return QString::fromLatin1(names[int(outcome)]);
}

QString diffText(const std::vector<DiffPiece> &pieces)
{
    constexpr qsizetype around = 60; // characters kept of what is the same, at each change
    constexpr qsizetype most = 300;  // of one change
    QString text;
    for (size_t i = 0; i < pieces.size(); ++i) {
        const DiffPiece &piece = pieces[i];
        if (piece.type == DiffPiece::Type::Removed) {
            text += QStringLiteral("[-%1-]").arg(shortened(piece.text, most));
        } else if (piece.type == DiffPiece::Type::Added) {
            text += QStringLiteral("{+%1+}").arg(shortened(piece.text, most));
        } else if (piece.text.size() <= 2 * around) {
            text += piece.text;
        } else {
            const QString head = i == 0 ? QString() : piece.text.left(around);
            const QString tail = i + 1 == pieces.size() ? QString() : piece.text.right(around);
            text += head + QStringLiteral(" ... ") + tail;
        }
    }
    return text;
}

QByteArray junitXml(const std::vector<TestResult> &results, const QString &suite)
{
    // XML knows no other control characters than these.
    const auto clean = [](QString text) {
        text.removeIf([](QChar c) { return c < QChar(0x20) && c != QLatin1Char('\n') && c != QLatin1Char('\t'); });
        return text;
    };
    int failures = 0, errors = 0;
    qint64 totalUs = 0;
    for (const TestResult &result : results) {
        errors += result.outcome == TestResult::Outcome::NotRun;
        failures += !result.passed() && result.outcome != TestResult::Outcome::NotRun;
        totalUs += result.durationUs;
    }
    const auto seconds = [](qint64 us) { return QString::number(double(us) / 1e6, 'f', 6); };
    QByteArray out;
    QXmlStreamWriter xml(&out);
    xml.setAutoFormatting(true);
    xml.writeStartDocument();
    xml.writeStartElement(QStringLiteral("testsuite"));
    xml.writeAttribute(QStringLiteral("name"), clean(suite));
    xml.writeAttribute(QStringLiteral("tests"), QString::number(results.size()));
    xml.writeAttribute(QStringLiteral("failures"), QString::number(failures));
    xml.writeAttribute(QStringLiteral("errors"), QString::number(errors));
    xml.writeAttribute(QStringLiteral("time"), seconds(totalUs));
    for (const TestResult &result : results) {
        xml.writeStartElement(QStringLiteral("testcase"));
        xml.writeAttribute(QStringLiteral("classname"), clean(result.agent));
        xml.writeAttribute(QStringLiteral("name"), clean(QStringLiteral("run %1: %2").arg(result.run.value).arg(shortened(result.input, 80))));
        xml.writeAttribute(QStringLiteral("time"), seconds(result.durationUs));
        if (!result.passed()) {
            const bool notRun = result.outcome == TestResult::Outcome::NotRun;
            xml.writeStartElement(notRun ? QStringLiteral("error") : QStringLiteral("failure"));
            xml.writeAttribute(QStringLiteral("type"), testOutcomeName(result.outcome));
            xml.writeAttribute(QStringLiteral("message"), clean(result.message));
            xml.writeCharacters(clean(diffText(result.diff)));
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }
    xml.writeEndElement();
    xml.writeEndDocument();
    return out;
}

Task<Result<std::vector<TestResult>>> RunService::runTests(TestOptions options, CancelToken cancel)
{
    const QPointer<RunService> self(this);
    std::vector<RunId> runs = options.runs;
    if (runs.empty()) {
        const auto pinned = co_await m_project->runs().pinned(cancel);
        if (!pinned)
            co_return pinned.error();
        for (const RunInfo &info : *pinned)
            runs.push_back(info.id);
    }
    std::sort(runs.begin(), runs.end());
    std::vector<TestResult> results;
    for (const RunId run : runs) {
        if (cancel.isCancelled() || !self)
            co_return Error::cancelled();
        auto result = co_await runTest(m_project, self, run, options, cancel);
        if (!result)
            co_return result.error();
        results.push_back(std::move(*result));
    }
    co_return results;
}

} // namespace lathe
