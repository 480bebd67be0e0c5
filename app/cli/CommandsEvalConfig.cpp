// SPDX-License-Identifier: GPL-3.0-or-later
// eval --config: promptfoo's configurations.
#include "app/cli/Commands.h"

#include "app/cli/EvalReport.h"
#include "app/cli/Output.h"
#include "core/session/TrialSuite.h"

#include <QProcessEnvironment>
#include <QTimer>

namespace lathe::cli {

namespace {
struct Group { // a prompt with a provider
    int passed = 0, failed = 0, errors = 0;
    double score = 0;
    qint64 latencyUs = 0;
    Usage usage;
    int total() const { return passed + failed + errors; }
};

QJsonObject environmentJson()
{
    QJsonObject json;
    const auto environment = QProcessEnvironment::systemEnvironment();
    const QStringList names = environment.keys();
    for (const QString &name : names)
        json.insert(name, environment.value(name));
    return json;
}

QString reasonOf(const SuiteCase &one)
{
    if (one.error)
        return one.error->message;
    if (!one.problem.isEmpty())
        return one.problem;
    QStringList reasons;
    for (const TrialCheck &check : one.checks) {
        if (!check.passed)
            reasons.append(QStringLiteral("%1%2: %3").arg(check.ran ? QString() : QStringLiteral("not run: "), check.name,
                                                          check.reason.isEmpty() ? QStringLiteral("failed") : check.reason));
    }
    if (reasons.isEmpty())
        reasons.append(one.whole.reason);
    return reasons.join(QLatin1Char('\n'));
}

QString nameOf(const TrialSuite &suite, const SuiteCase &one)
{
    const PromptfooTest &test = suite.suite().tests[size_t(one.one.test)];
    QString name = test.description;
    if (name.isEmpty())
        name = json::compactString(one.one.vars);
    return shortText(name, 80);
}

QJsonObject caseJson(const TrialSuite &suite, const SuiteCase &one)
{
    QJsonArray checks;
    for (const TrialCheck &check : one.checks)
        checks.append(QJsonObject{{QStringLiteral("name"), check.name},
                                  {QStringLiteral("ran"), check.ran},
                                  {QStringLiteral("passed"), check.passed},
                                  {QStringLiteral("score"), check.score},
                                  {QStringLiteral("reason"), check.reason}});
    const PromptfooTest &test = suite.suite().tests[size_t(one.one.test)];
    QJsonObject json{{QStringLiteral("prompt"), suite.promptName(one.one.prompt)},
                     {QStringLiteral("provider"), suite.providerName(one.one.provider)},
                     {QStringLiteral("description"), test.description},
                     {QStringLiteral("vars"), one.one.vars},
                     {QStringLiteral("repetition"), one.one.repetition + 1},
                     {QStringLiteral("asked"), one.asked},
                     {QStringLiteral("output"), one.output},
                     {QStringLiteral("ran"), one.whole.ran},
                     {QStringLiteral("passed"), one.passed},
                     {QStringLiteral("score"), one.whole.score},
                     {QStringLiteral("latency_us"), one.latencyUs},
                     {QStringLiteral("usage"), one.usage.toJson()},
                     {QStringLiteral("checks"), checks}};
    if (!one.passed)
        json.insert(QStringLiteral("reason"), reasonOf(one));
    return json;
}

void printNotes(const PromptfooSuite &suite)
{
    for (const PromptfooNote &note : suite.report) {
        const char *word = note.severity == PromptfooNote::Severity::Error ? "not run: "
            : note.severity == PromptfooNote::Severity::Warning            ? "differs: "
                                                                           : "note: ";
        printMessage(QLatin1String(word) + note.toString());
    }
    for (const auto &[name, expression] : suite.derivedMetrics)
        printMessage(QStringLiteral("not run: %1: derived metric %2: only the scores it is made of are given.").arg(suite.file, name));
}
}

Task<int> commandEvalConfig(CommandLine line, CancelToken interrupt)
{
    const auto jobs = parseJobs(line);
    if (!jobs)
        co_return fail(jobs.error());
    const auto threshold = parseShare(line.value(QStringLiteral("threshold")), 1);
    if (!threshold)
        co_return fail(threshold.error());
    PromptfooOptions options;
    options.environment = environmentJson();
    auto read = readPromptfoo(line.value(QStringLiteral("config")), options);
    if (!read)
        co_return fail(read.error());
    printNotes(*read);
    HttpClient http;
    SystemClock clock;
    EnvironmentSecrets secrets;
    const int atOnce = *jobs > 0 ? *jobs : read->maxConcurrency;
    TrialSuite suite(std::move(*read), &http, &clock, &secrets);
    ProgressLine shown;
    QTimer poll;
    QObject::connect(&poll, &QTimer::timeout, &poll, [&] { shown.show(suite.done(), int(suite.cases().size()), QString()); });
    poll.start(50);
    const auto ended = co_await suite.run(atOnce, interrupt);
    poll.stop();
    shown.end(suite.done(), int(suite.cases().size()));
    if (!ended && ended.error().kind != ErrorKind::Cancelled)
        co_return fail(ended.error());

    std::map<std::pair<int, int>, Group> groups; // prompt, provider
    int passed = 0, errors = 0;
    bool unreachable = true;
    for (const SuiteCase &one : suite.cases()) {
        Group &group = groups[{one.one.prompt, one.one.provider}];
        const bool error = !one.whole.ran;
        group.passed += one.passed;
        group.errors += error;
        group.failed += !one.passed && !error;
        group.score += one.whole.ran ? one.whole.score : 0;
        group.latencyUs += one.latencyUs;
        group.usage += one.usage;
        passed += one.passed;
        errors += error;
        unreachable = unreachable && one.error;
    }
    const int total = int(suite.cases().size());
    const bool enough = total > 0 && double(passed) / total >= *threshold - 1e-9;
    const QString title = suite.suite().description.isEmpty() ? suite.suite().file : suite.suite().description;
    if (line.has(QStringLiteral("json")) || line.has(QStringLiteral("output"))) {
        QJsonArray cases, notes;
        for (const SuiteCase &one : suite.cases())
            cases.append(caseJson(suite, one));
        for (const PromptfooNote &note : suite.suite().report)
            notes.append(QJsonObject{{QStringLiteral("file"), note.file},
                                     {QStringLiteral("line"), note.line},
                                     {QStringLiteral("what"), note.what},
                                     {QStringLiteral("why"), note.why},
                                     {QStringLiteral("not_run"), note.severity == PromptfooNote::Severity::Error}});
        const QJsonObject report{{QStringLiteral("description"), suite.suite().description},
                                 {QStringLiteral("total"), total},
                                 {QStringLiteral("passed"), passed},
                                 {QStringLiteral("failed"), total - passed - errors},
                                 {QStringLiteral("not_run"), errors},
                                 {QStringLiteral("usage"), suite.usage().toJson()},
                                 {QStringLiteral("report"), notes},
                                 {QStringLiteral("results"), cases}};
        if (line.has(QStringLiteral("output"))) {
            const auto written = writeFile(line.value(QStringLiteral("output")), json::pretty(report));
            if (!written)
                co_return fail(written.error());
        }
        if (line.has(QStringLiteral("json")))
            printJson(report);
    }
    if (line.has(QStringLiteral("junit"))) {
        std::vector<JUnitCase> cases;
        for (const SuiteCase &one : suite.cases()) {
            JUnitCase test;
            test.suite = suite.providerName(one.one.provider) + QStringLiteral(" · ") + suite.promptName(one.one.prompt);
            test.name = nameOf(suite, one);
            test.seconds = double(one.latencyUs) / 1e6;
            test.output = one.output;
            test.skipped = !one.done;
            if (one.done && !one.whole.ran)
                test.error = reasonOf(one);
            else if (!one.passed)
                test.failure = reasonOf(one);
            cases.push_back(std::move(test));
        }
        const auto written = writeJUnit(line.value(QStringLiteral("junit")), title, cases);
        if (!written)
            co_return fail(written.error());
    }
    if (!line.has(QStringLiteral("json"))) {
        for (const SuiteCase &one : suite.cases()) {
            if (!one.passed && one.done)
                printLine(QStringLiteral("%1  %2 · %3 · %4: %5")
                              .arg(one.whole.ran ? QStringLiteral("FAIL   ") : QStringLiteral("NOT RUN"), suite.providerName(one.one.provider),
                                   shortText(suite.promptName(one.one.prompt), 40), nameOf(suite, one), shortText(reasonOf(one), 300)));
        }
        std::vector<QStringList> rows;
        for (const auto &[key, group] : groups)
            rows.push_back({shortText(suite.promptName(key.first), 50), suite.providerName(key.second),
                            QStringLiteral("%1 of %2 (%3)").arg(group.passed).arg(group.total()).arg(percent(double(group.passed) / group.total())),
                            QString::number(group.failed), QString::number(group.errors), QString::number(group.score / group.total(), 'f', 2),
                            durationText(group.latencyUs / group.total()), costText(group.usage)});
        printTable({QStringLiteral("Prompt"), QStringLiteral("Provider"), QStringLiteral("Passed"), QStringLiteral("Failed"),
                    QStringLiteral("Not run"), QStringLiteral("Score"), QStringLiteral("Mean time"), QStringLiteral("Cost")},
                   rows);
        printLine(QStringLiteral("%1 of %2 passed, %3 failed, %4 not run.").arg(passed).arg(total).arg(total - passed - errors).arg(errors));
    }
    if (interrupt.isCancelled())
        co_return int(ExitCancelled);
    if (!enough && unreachable)
        co_return int(ExitUnreachable);
    co_return int(enough ? ExitOk : ExitFailed);
}

} // namespace lathe::cli
