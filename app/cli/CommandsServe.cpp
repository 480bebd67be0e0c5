// SPDX-License-Identifier: GPL-3.0-or-later
// serve, and the --publish of run: what other programs get and give over the network.
#include "app/cli/Publishing.h"

#include "app/cli/Output.h"
#include "core/base/Json.h"
#include "core/server/TraceReceiver.h"

namespace lathe::cli {

namespace {
constexpr qint64 lastWordsMs = 3000; // for watchers to get the rest

void warnWhenOpen(const ServerAddress &address, bool hasToken)
{
    if (address.isLoopback())
        return;
    const QString who = hasToken ? QStringLiteral("unencrypted, by whoever has the token.")
                                 : QStringLiteral("by anybody; --token TOKEN asks for one.");
    printMessage(QStringLiteral("lathe-cli: %1 can be reached from the network, %2").arg(address.toString(), who));
}
} // namespace

Result<std::unique_ptr<RunPublisher>> publish(const CommandLine &line, Session *session, const QString &where)
{
    const auto address = ServerAddress::parse(where, ServerAddress());
    if (!address)
        return address.error();
    PublisherOptions options;
    options.address = *address;
    options.token = line.value(QStringLiteral("token"));
    auto publisher = std::make_unique<RunPublisher>(session);
    const auto started = publisher->start(options);
    if (!started)
        return started.error();
    warnWhenOpen(publisher->address(), true);
    return publisher;
}

namespace {
Task<> cancelAfter(Session *session, qint64 ms, CancelSource source)
{
    const auto slept = co_await session->clock().sleep(ms, source.token());
    Q_UNUSED(slept)
    source.cancel();
}
} // namespace

Task<Result<std::shared_ptr<RunPublisher>>> beginPublishing(CommandLine line, Session *session, CancelToken interrupt)
{
    if (!line.has(QStringLiteral("publish"))) {
        for (const char *option : {"wait-for-watcher", "attended", "token"}) {
            if (line.has(QLatin1String(option)))
                co_return Error(ErrorKind::InvalidInput, QStringLiteral("--%1 needs --publish.").arg(QLatin1String(option)));
        }
        co_return std::shared_ptr<RunPublisher>();
    }
    bool ok = true;
    const QString text = line.value(QStringLiteral("wait-for-watcher"));
    const int seconds = text.isEmpty() ? 60 : text.toInt(&ok);
    if (!ok || seconds < 1)
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("--wait-for-watcher takes seconds, not \"%1\".").arg(text));
    auto begun = publish(line, session, line.value(QStringLiteral("publish")));
    if (!begun)
        co_return begun.error();
    std::shared_ptr<RunPublisher> publisher = std::move(*begun);
    printMessage(QStringLiteral("Watch at %1").arg(publisher->url().toString()));
    if (line.has(QStringLiteral("wait-for-watcher"))) {
        CancelSource over(interrupt);
        cancelAfter(session, qint64(seconds) * 1000, over);
        const bool came = co_await publisher->watcherCame(over.token());
        over.cancel();
        if (interrupt.isCancelled())
            co_return Error::cancelled();
        if (!came)
            printMessage(QStringLiteral("lathe-cli: nobody watches; going on without."));
    }
    co_return publisher;
}

Task<> endPublishing(RunPublisher *publisher)
{
    if (publisher)
        co_await publisher->finish(lastWordsMs);
}

Task<int> commandServe(CommandLine line, Session *session, CancelToken interrupt)
{
    auto publisher = publish(line, session, line.value(QStringLiteral("listen")));
    if (!publisher)
        co_return fail(publisher.error());
    TraceReceiver receiver(session);
    QObject::connect(&receiver, &TraceReceiver::failed, &receiver, [](const Error &error) { printError(error); });
    QJsonObject json{{QStringLiteral("watch"), (*publisher)->url().toString()}};
    const QString otlp = line.value(QStringLiteral("otlp"));
    if (otlp != QLatin1String("none")) {
        ReceiverOptions options;
        const auto address = ServerAddress::parse(otlp, options.address);
        if (!address)
            co_return fail(address.error());
        options.address = *address;
        options.token = line.value(QStringLiteral("token"));
        const auto started = receiver.start(options);
        if (!started)
            co_return fail(started.error());
        warnWhenOpen(options.address, !options.token.isEmpty());
        json.insert(QStringLiteral("otlp"), receiver.url().toString());
    }
    if (line.has(QStringLiteral("json"))) {
        printJson(json);
    } else {
        printMessage(QStringLiteral("Watch its runs at %1").arg((*publisher)->url().toString()));
        if (receiver.state() == TraceReceiver::State::Listening)
            printMessage(QStringLiteral("Send OpenTelemetry here: OTEL_EXPORTER_OTLP_ENDPOINT=%1").arg(receiver.url().toString()));
        printMessage(QStringLiteral("Ctrl+C ends it."));
    }
    Completion<bool> ended;
    const auto registration = interrupt.onCancelled([ended] { ended.complete(true); });
    co_await ended;
    co_await receiver.stop();
    co_await (*publisher)->finish(lastWordsMs);
    const ReceiverCounters counters = receiver.counters();
    if (!line.has(QStringLiteral("json"))) {
        printMessage(QStringLiteral("%1 requests, %2 spans in %3 runs; %4 requests and %5 spans refused")
                         .arg(counters.requests)
                         .arg(counters.spansTaken)
                         .arg(counters.runs)
                         .arg(counters.refusedRequests.total())
                         .arg(counters.refusedSpans.total()));
    }
    co_return ExitOk;
}

} // namespace lathe::cli
