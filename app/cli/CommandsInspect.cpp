// SPDX-License-Identifier: GPL-3.0-or-later
// log, trace, rate: looking at runs.
#include "app/cli/Commands.h"

#include "app/cli/Output.h"

namespace lathe::cli {

Task<int> commandLog(CommandLine line, Session *session, CancelToken interrupt)
{
    RunQuery query;
    if (line.arguments.size() > 1) {
        const auto reading = readRunFilter(line.arguments[1], session->clock().nowUs());
        if (!reading.ok())
            co_return fail(Error(ErrorKind::InvalidInput, QStringLiteral("The query is wrong at column %1: %2")
                                                              .arg(reading.problems.front().column + 1)
                                                              .arg(reading.problems.front().message)));
        query.filter = reading.filter;
    }
    bool ok = false;
    query.limit = line.value(QStringLiteral("limit"), QStringLiteral("50")).toInt(&ok);
    if (!ok || query.limit < 1)
        co_return fail(Error(ErrorKind::InvalidInput, QStringLiteral("--limit takes a number above 0.")));
    const auto runs = co_await session->project().runs().query(query, interrupt);
    if (!runs)
        co_return fail(runs.error());
    std::vector<QStringList> rows;
    for (const RunInfo &run : *runs) {
        const qint64 duration = run.endUs > 0 ? run.endUs - run.startUs : 0;
        if (line.has(QStringLiteral("json"))) {
            QJsonObject json{{QStringLiteral("run"), run.id.value},
                             {QStringLiteral("agent"), run.agentName},
                             {QStringLiteral("revision"), run.revisionNumber},
                             {QStringLiteral("revisions"), run.revisions},
                             {QStringLiteral("status"), runStatusName(run.status)},
                             {QStringLiteral("input"), run.input},
                             {QStringLiteral("output"), run.output},
                             {QStringLiteral("models"), run.models},
                             {QStringLiteral("start_us"), run.startUs},
                             {QStringLiteral("duration_us"), duration},
                             {QStringLiteral("usage"), run.usage.toJson()}};
            if (run.rating >= 0)
                json.insert(QStringLiteral("rating"), run.rating);
            if (run.error)
                json.insert(QStringLiteral("error"), run.error->message);
            printJson(json);
            continue;
        }
        rows.push_back({QString::number(run.id.value), timeText(run.startUs),
                        run.revisionNumber > 0 ? QStringLiteral("%1@%2").arg(run.agentName).arg(run.revisionNumber)
                        : run.source.isEmpty() ? run.agentName + QStringLiteral("@draft")
                                               : run.agentName,
                        runStatusName(run.status), duration > 0 ? durationText(duration) : QStringLiteral("-"),
                        QString::number(run.usage.totalTokens()), costText(run.usage), shortText(run.input, 60)});
    }
    if (!line.has(QStringLiteral("json")))
        printTable({QStringLiteral("RUN"), QStringLiteral("STARTED"), QStringLiteral("AGENT"), QStringLiteral("STATUS"),
                    QStringLiteral("TIME"), QStringLiteral("TOKENS"), QStringLiteral("COST"), QStringLiteral("INPUT")},
                   rows);
    co_return ExitOk;
}

namespace {
QString traceId(const StoredRun &stored)
{
    // 128 bits from what never changes of a run.
    const QByteArray seed = QByteArray::number(stored.info.id.value) + ':' + QByteArray::number(stored.info.startUs);
    return QString::fromLatin1(json::sha256(seed).left(32));
}
}

Task<int> commandTrace(CommandLine line, Session *session, CancelToken interrupt)
{
    const auto id = parseRunId(line.arguments[1], *session);
    if (!id)
        co_return fail(id.error());
    const auto stored = co_await session->project().runs().load(*id, interrupt);
    if (!stored)
        co_return fail(stored.error());
    if (line.has(QStringLiteral("otlp"))) {
        printJson(stored->trace.toOtlp(traceId(*stored)));
    } else if (line.has(QStringLiteral("json"))) {
        const auto events = stored->trace.toEvents();
        for (const RunEvent &event : events)
            printJson(event.toJson());
    } else {
        const RunInfo &info = stored->info;
        printLine(QStringLiteral("%1, %2").arg(info.agentName, timeText(info.startUs)));
        printLine(QStringLiteral("input: %1").arg(shortText(info.input, 300)));
        printLine(stored->trace.toText().trimmed());
    }
    co_return ExitOk;
}

Task<int> commandRate(CommandLine line, Session *session)
{
    const auto id = parseRunId(line.arguments[1], *session);
    if (!id)
        co_return fail(id.error());
    Rating rating;
    rating.run = *id;
    rating.step = line.value(QStringLiteral("step"));
    rating.note = line.value(QStringLiteral("note"));
    const QString value = line.arguments[2];
    bool number = false;
    const int stars = value.toInt(&number);
    if (value == QLatin1String("up") || value == QLatin1String("down")) {
        rating.kind = QStringLiteral("thumbs");
        rating.value = value == QLatin1String("up") ? 1 : 0;
    } else if (number && stars >= 1 && stars <= 5) {
        rating.kind = QStringLiteral("stars");
        rating.value = stars;
    } else {
        co_return fail(Error(ErrorKind::InvalidInput, QStringLiteral("A rating is up, down, or 1 to 5, not \"%1\".").arg(value)));
    }
    const auto rated = co_await session->rate(rating);
    if (!rated)
        co_return fail(rated.error());
    if (line.has(QStringLiteral("json")))
        printJson(QJsonObject{{QStringLiteral("run"), id->value}, {QStringLiteral("rating"), rated->value}});
    else
        printMessage(QStringLiteral("Rated run %1.").arg(id->value));
    co_return ExitOk;
}

} // namespace lathe::cli
