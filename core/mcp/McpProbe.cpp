// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/McpConnection.h"

#include "core/base/Json.h"

// Which era a server speaks: server/discover first; what does not know it gets initialize.
namespace lathe {

namespace {
// A server that says nothing to server/discover for so long is sent initialize as well; the first good answer counts. A program may only be slow
// to start, so that both lie in its input; a server on the network is there already, but may be far away or busy.
constexpr qint64 stdioProbeMs = 5000;
constexpr qint64 httpProbeMs = 10'000;
constexpr int unlimitedSeconds = 86'400; // the whole of connecting is limited

const QStringList &legacyVersions()
{
    static const QStringList versions{QLatin1String(mcpLegacyVersion), QStringLiteral("2025-06-18"), QStringLiteral("2025-03-26"),
                                      QStringLiteral("2024-11-05")};
    return versions;
}

bool holdsLegacy(const QStringList &versions)
{
    return std::any_of(versions.begin(), versions.end(), [](const QString &version) { return legacyVersions().contains(version); });
}
}

QJsonObject McpConnection::clientInfo() const
{
    return {{QStringLiteral("name"), QStringLiteral("lathe")},
            {QStringLiteral("title"), QStringLiteral("Lathe")},
            {QStringLiteral("version"), m_setup.clientVersion.isEmpty() ? QStringLiteral("0") : m_setup.clientVersion}};
}

QJsonObject McpConnection::capabilities(const McpClientHandlers &call) const
{
    QJsonObject all;
    if (m_setup.handlers.elicit || call.elicit)
        all.insert(QStringLiteral("elicitation"),
                   QJsonObject{{QStringLiteral("form"), QJsonObject()}, {QStringLiteral("url"), QJsonObject()}});
    if ((m_setup.handlers.sample || call.sample) && !m_setup.config.samplingModel.isEmpty())
        all.insert(QStringLiteral("sampling"), QJsonObject());
    if (!m_setup.roots.isEmpty())
        all.insert(QStringLiteral("roots"), m_era == McpEra::Modern ? QJsonObject() : QJsonObject{{QStringLiteral("listChanged"), true}});
    return all;
}

Task<Result<McpServerInfo>> McpConnection::open(std::optional<McpEra> known, CancelToken cancel)
{
    const auto self = shared_from_this();
    const auto transport = m_transport;
    auto opened = co_await transport->open(cancel);
    if (!opened)
        co_return opened.error();
    const auto agreed = co_await negotiate(known, cancel);
    if (!agreed)
        co_return agreed.error();
    McpServerInfo info = m_info;
    co_return info;
}

Task<> McpConnection::probe(Self self, PendingPtr pending, ProbeEvent::From from, AsyncQueue<ProbeEvent> events)
{
    Answer answer = co_await pending->done;
    if (from == ProbeEvent::From::Discover)
        self->m_probing = self->m_probing && !answer;
    events.push(ProbeEvent(from, std::move(answer)));
}

Task<> McpConnection::probeTime(Self self, AsyncQueue<ProbeEvent> events, CancelToken cancel)
{
    const qint64 ms = self->isHttp() ? httpProbeMs : stdioProbeMs;
    do { // a person who signs in is not hurried
        const auto slept = co_await self->m_setup.clock->sleep(ms, cancel);
        if (!slept)
            co_return;
    } while (self->isAsking());
    events.push(ProbeEvent(ProbeEvent::From::Time, Error::cancelled()));
}

Task<Result<void>> McpConnection::negotiate(std::optional<McpEra> known, CancelToken cancel)
{
    using From = ProbeEvent::From;
    const auto self = shared_from_this();
    const AsyncQueue<ProbeEvent> events;
    CancelSource time(cancel);
    const auto registration = cancel.onCancelled([events] { events.close(); });
    PendingPtr discover, initialize;
    bool retried = false;
    std::optional<Error> why;
    McpRequestOptions options;
    options.call.seconds = unlimitedSeconds;
    options.what = QStringLiteral("connecting");
    const auto startDiscover = [&] {
        m_probing = true;
        discover = begin(QStringLiteral("server/discover"), {}, options, McpEra::Modern, QLatin1String(mcpModernVersion));
        probe(self, discover, From::Discover, events);
    };
    const auto startInitialize = [&] {
        const QJsonObject params{{QStringLiteral("protocolVersion"), QLatin1String(mcpLegacyVersion)},
                                 {QStringLiteral("capabilities"), capabilities(McpClientHandlers())},
                                 {QStringLiteral("clientInfo"), clientInfo()}};
        initialize = begin(QStringLiteral("initialize"), params, options, McpEra::Unknown, QString());
        probe(self, initialize, From::Initialize, events);
    };
    const auto isWaiting = [](const PendingPtr &pending) { return pending && !pending->isDone; };
    const auto dropAll = [&] {
        time.cancel();
        for (const PendingPtr &pending : {discover, initialize}) {
            if (pending)
                finish(pending, Error::cancelled());
        }
    };

    if (known == McpEra::Legacy) {
        startInitialize();
    } else {
        startDiscover();
        probeTime(self, events, time.token());
    }
    for (;;) {
        auto event = co_await events.next();
        if (!event || m_lost) {
            dropAll();
            if (m_lost)
                co_return Error(*m_lost);
            co_return Error::cancelled();
        }
        if (event->from == From::Time) {
            if (!initialize && isWaiting(discover)) {
                note(QStringLiteral("No answer to server/discover yet; the older initialize is sent as well."));
                startInitialize();
            }
            continue;
        }
        if (event->from == From::Discover) {
            Error error;
            const Verdict verdict = judge(event->answer, &error);
            if (verdict == Verdict::Modern) {
                dropAll();
                const auto adopted = adoptModern(*event->answer);
                co_return adopted;
            }
            if (verdict == Verdict::Again && !std::exchange(retried, true)) {
                startDiscover();
            } else if (verdict == Verdict::Legacy && !initialize) {
                startInitialize();
            } else if (!isWaiting(initialize)) {
                dropAll();
                if (why)
                    error = *why;
                co_return error;
            }
            continue;
        }
        const auto &answer = event->answer;
        if (answer && !answer->error) {
            dropAll();
            const auto adopted = adoptLegacy(*answer);
            if (!adopted)
                co_return adopted.error();
            const auto started = co_await startLegacy();
            co_return started;
        }
        why = answer ? mcpwire::errorOf(*answer->error, m_name, QStringLiteral("connecting")) : answer.error();
        if (!discover && answer) { // it was said to be of the legacy era
            startDiscover();
        } else if (!isWaiting(discover)) {
            dropAll();
            co_return Error(*why);
        }
    }
}

McpConnection::Verdict McpConnection::judge(const Answer &answer, Error *error)
{
    if (!answer) {
        *error = answer.error();
        const int status = error->httpStatus;
        const bool refused = (status >= 400 && status <= 501 && status != 401 && status != 403 && status != 429)
                             || error->kind == ErrorKind::Protocol;
        return refused && !m_lost ? Verdict::Legacy : Verdict::Fail;
    }
    QStringList versions;
    if (answer->error) {
        const int code = answer->error->code;
        *error = mcpwire::errorOf(*answer->error, m_name, QStringLiteral("connecting"));
        if (code == jsonrpc::headerMismatch || code == jsonrpc::missingClientCapability)
            return Verdict::Fail;
        if (code != jsonrpc::unsupportedProtocolVersion)
            return Verdict::Legacy;
        versions = mcpwire::supportedVersions(*answer->error);
        if (versions.contains(QLatin1String(mcpModernVersion)))
            return Verdict::Again;
        return versions.isEmpty() || holdsLegacy(versions) ? Verdict::Legacy : Verdict::Fail;
    }
    const QJsonValue supported = answer->result.value(QLatin1String("supportedVersions"));
    if (!supported.isArray())
        return Verdict::Legacy;
    versions = json::toStringList(supported);
    if (versions.contains(QLatin1String(mcpModernVersion)))
        return Verdict::Modern;
    *error = mcpwire::errorOf(JsonRpcError(jsonrpc::unsupportedProtocolVersion, QString(), QJsonObject{{QStringLiteral("supported"), supported}}),
                              m_name, QString());
    return holdsLegacy(versions) ? Verdict::Legacy : Verdict::Fail;
}

Result<void> McpConnection::adoptModern(const JsonRpcMessage &answer)
{
    m_era = McpEra::Modern;
    m_version = QLatin1String(mcpModernVersion);
    m_info = mcpwire::serverOf(answer.result);
    m_info.era = m_era;
    m_info.protocolVersion = m_version;
    m_transport->agreed(m_era, m_version);
    subscribe(shared_from_this());
    return {};
}

Result<void> McpConnection::adoptLegacy(const JsonRpcMessage &answer)
{
    const QString version = answer.result.value(QLatin1String("protocolVersion")).toString();
    if (!legacyVersions().contains(version))
        return Error(ErrorKind::Protocol, QStringLiteral("The MCP server %1 speaks the version \"%2\" of the protocol, which Lathe does not know.")
                                              .arg(m_name, mcpwire::clean(version, 40)));
    m_era = McpEra::Legacy;
    m_version = version;
    m_info = mcpwire::serverOf(answer.result);
    m_info.era = m_era;
    m_info.protocolVersion = version;
    m_toldRoots = !m_setup.roots.isEmpty();
    return {};
}

Task<Result<void>> McpConnection::startLegacy()
{
    const auto self = shared_from_this();
    JsonRpcMessage initialized = JsonRpcMessage::notification(QStringLiteral("notifications/initialized"));
    co_await post(self, std::move(initialized));
    if (m_lost)
        co_return Error(*m_lost);
    m_transport->agreed(m_era, m_version);
    if (m_info.capabilities.contains(QLatin1String("logging"))) {
        McpRequestOptions options;
        options.call.seconds = 60;
        options.what = QStringLiteral("the level of its log");
        const QJsonObject params{{QStringLiteral("level"), QStringLiteral("info")}};
        exchange(QStringLiteral("logging/setLevel"), params, options, m_over.token()); // its answer says nothing
    }
    co_return Result<void>();
}

} // namespace lathe
