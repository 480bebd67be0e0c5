// SPDX-License-Identifier: GPL-3.0-or-later
// export-runs: giving recorded runs away.
#include "app/cli/Commands.h"

#include "app/cli/Output.h"
#include "core/session/RunExport.h"
#include "core/trace/RunFilter.h"

#include <QFile>
#include <QProcessEnvironment>

namespace lathe::cli {

namespace {
constexpr qint64 largestRules = 4 * 1024 * 1024;

Result<RedactionRules> readRules(const QString &path)
{
    if (path == QLatin1String("presets"))
        return RedactionRules::ofPresets();
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::NotFound, QStringLiteral("The redaction rules \"%1\" cannot be read: %2.").arg(path, file.errorString()));
    const QByteArray text = file.read(largestRules + 1);
    if (text.size() > largestRules)
        return Error(ErrorKind::InvalidInput, QStringLiteral("The redaction rules \"%1\" are larger than 4 MB.").arg(path));
    return RedactionRules::fromJson(text);
}

Result<ExportSelection> readSelection(const CommandLine &line, const Session &session)
{
    ExportSelection selection;
    selection.messages = !line.has(QStringLiteral("no-messages"));
    if (line.arguments.size() > 1) {
        const RunFilterReading reading = readRunFilter(line.arguments[1], session.clock().nowUs());
        if (!reading.ok())
            return Error(ErrorKind::InvalidInput, QStringLiteral("The query is wrong at character %1: %2")
                                                      .arg(reading.problems.front().column + 1)
                                                      .arg(reading.problems.front().message));
        selection.filter = reading.filter;
    }
    for (const QString &text : line.options.value(QStringLiteral("run"))) {
        const auto run = parseRunId(text, session);
        if (!run)
            return run.error();
        selection.runs.push_back(*run);
    }
    if (!selection.runs.empty() && line.arguments.size() > 1)
        return Error(ErrorKind::InvalidInput, QStringLiteral("Give a query or --run, not both."));
    if (line.has(QStringLiteral("redact"))) {
        auto rules = readRules(line.value(QStringLiteral("redact")));
        if (!rules)
            return rules.error();
        selection.redaction = std::move(*rules);
    }
    return selection;
}

void printReport(const CommandLine &line, const ExportReport &report, const QString &where)
{
    for (const QString &warning : report.warnings)
        printMessage(QStringLiteral("lathe-cli: the collector said: ") + warning);
    if (!line.has(QStringLiteral("json"))) {
        printMessage(report.toText());
        return;
    }
    QJsonObject redacted;
    for (const RedactionCount &count : report.redacted)
        redacted.insert(count.rule, redacted.value(count.rule).toInteger() + count.replaced);
    const QJsonObject json{{QStringLiteral("to"), where},
                           {QStringLiteral("runs"), report.runs},
                           {QStringLiteral("missing"), report.missing},
                           {QStringLiteral("steps"), report.steps},
                           {QStringLiteral("bytes"), report.bytes},
                           {QStringLiteral("requests"), report.requests},
                           {QStringLiteral("rejected_steps"), report.rejectedSpans},
                           {QStringLiteral("refused_texts"), report.refusedTexts},
                           {QStringLiteral("redacted"), redacted}};
    if (where == QLatin1String("-"))
        printMessage(QString::fromUtf8(json::compact(json))); // stdout holds the runs
    else
        printJson(json);
}
}

Task<int> commandExportRuns(CommandLine line, Session *session, CancelToken interrupt)
{
    auto selection = readSelection(line, *session);
    if (!selection)
        co_return fail(selection.error());
    const ExportProgressHandler progress = [](const ExportProgress &now) {
        if (now.total >= 1000 && now.done % 1000 == 0)
            printMessage(QStringLiteral("%1 of %2 runs").arg(now.done).arg(now.total));
    };
    if (line.has(QStringLiteral("otlp-to"))) {
        if (line.has(QStringLiteral("out")) || line.has(QStringLiteral("format")))
            co_return fail(Error(ErrorKind::InvalidInput, QStringLiteral("--otlp-to sends to a collector; leave out --out and --format.")));
        const QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        // "env": the address OpenTelemetry's variables name.
        const QString given = line.value(QStringLiteral("otlp-to"));
        const auto target = OtlpTarget::from(given == QLatin1String("env") ? QString() : given,
                                             [&environment](const QString &name) { return environment.value(name); });
        if (!target)
            co_return fail(target.error());
        const auto sent = co_await sendRuns(session, std::move(*selection), *target, progress, interrupt);
        if (!sent)
            co_return fail(sent.error());
        printReport(line, *sent, target->url);
        co_return sent->rejectedSpans > 0 ? ExitFailed : ExitOk;
    }
    const QString name = line.value(QStringLiteral("format"), QStringLiteral("otlp"));
    const auto format = exportFormatFromName(name);
    if (!format)
        co_return fail(Error(ErrorKind::InvalidInput, QStringLiteral("--format takes otlp, jsonl, events, csv or html, not \"%1\".").arg(name)));
    const QString out = line.value(QStringLiteral("out"), QStringLiteral("-"));
    const QString path = out == QLatin1String("-") ? QStringLiteral("/dev/stdout") : out;
    const auto written = co_await exportRuns(session, std::move(*selection), *format, path, progress, interrupt);
    if (!written)
        co_return fail(written.error());
    printReport(line, *written, out);
    co_return ExitOk;
}

} // namespace lathe::cli
