// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/OauthAuthorizer.h"

#include "core/mcp/OauthSteps.h"

#include <algorithm>
#include <map>

namespace lathe {

using namespace oauth;

namespace {
constexpr qint64 freshUs = 60'000'000;        // a token younger than this should not be refused
constexpr qint64 signInWindowUs = 120'000'000; // sign-ins within it count as one row

enum class Work { Renew, Unauthorized, StepUp };
}

class OauthAuthorizer::Private : public std::enable_shared_from_this<OauthAuthorizer::Private>
{
public:
    // One sign-in or renewal under way, with all that wait for it. Cancelled when nobody does any more.
    struct Flight {
        Work work = Work::Renew;
        CancelSource cancel;
        std::vector<Completion<Result<bool>>> waiting;
        int waiters = 0;
    };
    struct Server {
        Record record;
        bool loaded = false;
        std::shared_ptr<Flight> flight;
        bool handedOut = false; // the token as it is now went into a request
        qint64 tokenSinceUs = 0;
        bool bySignIn = false;
        int refusals = 0; // of the token as it is now
        std::vector<qint64> signIns;
    };

    explicit Private(OauthOptions given) : options(std::make_shared<const OauthOptions>(std::move(given))) {}

    Task<std::shared_ptr<Server>> load(McpServerConfig config);
    Task<> save(McpServerConfig config, std::shared_ptr<Server> server);
    Task<Result<bool>> join(McpServerConfig config, std::shared_ptr<Server> server, Challenge challenge, Work work, CancelToken cancel);
    Task<> fly(McpServerConfig config, std::shared_ptr<Server> server, Challenge challenge, Work work, std::shared_ptr<Flight> flight);
    Task<Result<bool>> renew(McpServerConfig config, std::shared_ptr<Server> server, CancelToken cancel);
    Task<Result<bool>> unauthorized(McpServerConfig config, std::shared_ptr<Server> server, Challenge challenge, CancelToken cancel);
    Task<Result<bool>> stepUp(McpServerConfig config, std::shared_ptr<Server> server, Challenge challenge, CancelToken cancel);
    Task<Result<bool>> signIn(McpServerConfig config, std::shared_ptr<Server> server, Discovered found, QStringList scopes, CancelToken cancel);
    // A server refused a request, but perhaps one that was sent before the token as it is now: then it is simply to be sent again.
    bool mayBeLate(Server &server) const;
    void took(Server &server, Record record, bool bySignIn) const;
    void log(const McpServerConfig &config, const QString &text) const
    {
        tell(options, config, text);
    }

    Options options;
    std::map<QString, std::shared_ptr<Server>> servers;
    bool closed = false;
    CancelSource ending; // of what outlasts no authorizer
};

Task<std::shared_ptr<OauthAuthorizer::Private::Server>> OauthAuthorizer::Private::load(McpServerConfig config)
{
    const auto self = shared_from_this();
    const QString name = recordName(config);
    auto &entry = servers[name];
    if (!entry)
        entry = std::make_shared<Server>();
    const auto server = entry;
    if (server->loaded)
        co_return server;
    if (options->store && !closed) {
        const auto text = co_await options->store->read(name);
        if (!server->loaded && text)
            server->record = Record::fromJson(text->toUtf8());
    }
    server->loaded = true;
    co_return server;
}

Task<> OauthAuthorizer::Private::save(McpServerConfig config, std::shared_ptr<Server> server)
{
    if (!options->store || closed)
        co_return;
    const auto self = shared_from_this();
    const QString name = recordName(config);
    const QString text = QString::fromUtf8(server->record.toJson());
    const auto written = co_await options->store->write(name, text);
    if (!written && !closed)
        log(config, QStringLiteral("The sign-in is kept only until Lathe ends: %1").arg(written.error().message));
}

Task<Result<bool>> OauthAuthorizer::Private::join(McpServerConfig config, std::shared_ptr<Server> server, Challenge challenge, Work work,
                                                  CancelToken cancel)
{
    const auto self = shared_from_this();
    while (!closed && !cancel.isCancelled()) {
        const bool first = !server->flight;
        if (first) {
            server->flight = std::make_shared<Flight>();
            server->flight->work = work;
        }
        const auto flight = server->flight;
        const Completion<Result<bool>> mine;
        flight->waiting.push_back(mine);
        ++flight->waiters;
        const auto registration = cancel.onCancelled([mine, flight] {
            mine.complete(Error::cancelled());
            if (--flight->waiters == 0)
                flight->cancel.cancel();
        });
        if (first)
            fly(config, server, challenge, work, flight);
        auto result = co_await mine;
        // What somebody else began and failed at may be less than what is wanted here.
        if (result || flight->work == work || result.error().kind == ErrorKind::Cancelled)
            co_return result;
    }
    co_return Error::cancelled();
}

Task<> OauthAuthorizer::Private::fly(McpServerConfig config, std::shared_ptr<Server> server, Challenge challenge, Work work,
                                     std::shared_ptr<Flight> flight)
{
    const auto self = shared_from_this();
    Result<bool> result = false;
    if (work == Work::Renew)
        result = co_await renew(config, server, flight->cancel.token());
    else if (work == Work::StepUp)
        result = co_await stepUp(config, server, challenge, flight->cancel.token());
    else
        result = co_await unauthorized(config, server, challenge, flight->cancel.token());
    if (server->flight == flight)
        server->flight.reset();
    const auto waiting = std::exchange(flight->waiting, {});
    for (const auto &one : waiting)
        one.complete(result);
}

bool OauthAuthorizer::Private::mayBeLate(Server &server) const
{
    if (server.record.access.isEmpty() || server.tokenSinceUs == 0)
        return false;
    if (!server.handedOut)
        return true;
    return options->clock->nowUs() - server.tokenSinceUs < freshUs && ++server.refusals == 1;
}

void OauthAuthorizer::Private::took(Server &server, Record record, bool bySignIn) const
{
    server.record = std::move(record);
    server.handedOut = false;
    server.refusals = 0;
    server.tokenSinceUs = options->clock->nowUs();
    server.bySignIn = bySignIn;
}

Task<Result<bool>> OauthAuthorizer::Private::renew(McpServerConfig config, std::shared_ptr<Server> server, CancelToken cancel)
{
    const auto settings = Settings::of(config, options->secret);
    if (!settings)
        co_return settings.error();
    const Record before = server->record;
    auto record = co_await refreshed(options, config, *settings, before, cancel);
    if (closed || cancel.isCancelled())
        co_return Error::cancelled();
    if (record) {
        took(*server, std::move(*record), false);
        log(config, QStringLiteral("Renewed the sign-in at %1.").arg(quotable(before.issuer)));
        co_await save(config, server);
        co_return true;
    }
    if (record.error().kind == ErrorKind::Denied) { // the server ended it
        if (record.error().cause == QLatin1String("invalid_client"))
            server->record.registration = Registration();
        server->record.dropTokens();
        log(config, QStringLiteral("The sign-in at %1 has ended.").arg(quotable(before.issuer)));
        co_await save(config, server);
    }
    co_return record.error();
}

Task<Result<bool>> OauthAuthorizer::Private::signIn(McpServerConfig config, std::shared_ptr<Server> server, Discovered found, QStringList scopes,
                                                    CancelToken cancel)
{
    const auto settings = Settings::of(config, options->secret);
    if (!settings)
        co_return settings.error();
    const qint64 now = options->clock->nowUs();
    std::erase_if(server->signIns, [now](qint64 at) { return now - at > signInWindowUs; });
    if (int(server->signIns.size()) >= options->maxSignInsPerServer) {
        co_return Error(ErrorKind::Denied, QStringLiteral("%1 asked for a sign-in %2 times within two minutes and is still not satisfied. Look at "
                                                          "its settings, or ask whoever runs it.")
                                               .arg(config.name, QString::number(server->signIns.size())));
    }
    server->signIns.push_back(now);
    if (!settings->ownAccount && found.server.refreshTokens && found.server.scopes.contains(QLatin1String("offline_access")))
        scopes = united(scopes, QStringList(QStringLiteral("offline_access")));
    log(config, QStringLiteral("A sign-in at %1 is needed%2.")
                    .arg(quotable(found.server.issuer),
                         scopes.isEmpty() ? QString() : QStringLiteral(" for: ") + quotable(scopes.join(QLatin1String(", ")))));
    const Record former = server->record;
    Result<Record> record = Error();
    if (settings->ownAccount)
        record = co_await ownAccount(options, config, *settings, found, scopes, former, cancel);
    else
        record = co_await signedIn(options, config, *settings, found, scopes, former, cancel);
    if (closed || cancel.isCancelled())
        co_return Error::cancelled();
    if (!record) {
        if (record.error().cause == QLatin1String("invalid_client") && former.registration.kind == Registration::Kind::Dynamic) {
            server->record.registration = Registration(); // forgotten there: registered anew the next time
            co_await save(config, server);
        }
        co_return record.error();
    }
    took(*server, std::move(*record), true);
    log(config, QStringLiteral("Signed in at %1.").arg(quotable(found.server.issuer)));
    co_await save(config, server);
    co_return true;
}

Task<Result<bool>> OauthAuthorizer::Private::unauthorized(McpServerConfig config, std::shared_ptr<Server> server, Challenge challenge,
                                                          CancelToken cancel)
{
    const QString known = server->record.issuer;
    auto found = co_await discover(options, config, challenge, known, cancel);
    if (!found)
        co_return found.error();
    if (!known.isEmpty() && found->server.issuer != known) {
        log(config, QStringLiteral("The sign-in moved from %1 to %2.").arg(quotable(known), quotable(found->server.issuer)));
        server->record.dropTokens();
        server->record.requested.clear();
    } else {
        const bool late = mayBeLate(*server);
        if (late)
            co_return true;
        const bool fresh = !server->record.access.isEmpty() && server->tokenSinceUs > 0
                           && options->clock->nowUs() - server->tokenSinceUs < freshUs;
        if (fresh && server->bySignIn) {
            co_return Error(ErrorKind::Denied, QStringLiteral("%1 refuses the token that %2 has just issued for it. Ask whoever runs it.")
                                                   .arg(config.name, quotable(known)));
        }
        if (!server->record.refresh.isEmpty() && !fresh) {
            const auto renewed = co_await renew(config, server, cancel);
            // An end of the sign-in is no failure here: the person signs in again. No answer is one.
            if (renewed || renewed.error().kind != ErrorKind::Denied)
                co_return renewed;
        }
    }
    const auto settings = Settings::of(config, options->secret);
    if (!settings)
        co_return settings.error();
    QStringList scopes = settings->scopes;
    if (scopes.isEmpty())
        scopes = challenge.hasScope ? challenge.scopes : found->resourceScopes.value_or(QStringList());
    scopes = united(scopes, server->record.requested); // what was needed before will be again
    auto done = co_await signIn(config, server, std::move(*found), std::move(scopes), cancel);
    co_return done;
}

Task<Result<bool>> OauthAuthorizer::Private::stepUp(McpServerConfig config, std::shared_ptr<Server> server, Challenge challenge,
                                                    CancelToken cancel)
{
    const bool late = mayBeLate(*server);
    if (late)
        co_return true;
    const QStringList before = united(server->record.requested, server->record.granted);
    const QStringList scopes = united(before, challenge.scopes);
    if (!server->record.access.isEmpty() && scopes.size() == before.size()) {
        co_return Error(ErrorKind::Denied, QStringLiteral("%1 still wants more rights (%2), although the sign-in asked for them. The account may "
                                                          "not have them.")
                                               .arg(config.name, challenge.scopes.isEmpty() ? QStringLiteral("it does not say which")
                                                                                            : quotable(challenge.scopes.join(QLatin1String(", ")))));
    }
    auto found = co_await discover(options, config, challenge, server->record.issuer, cancel);
    if (!found)
        co_return found.error();
    auto done = co_await signIn(config, server, std::move(*found), scopes, cancel);
    co_return done;
}

OauthAuthorizer::OauthAuthorizer(OauthOptions options) : d(std::make_shared<Private>(std::move(options))) {}

OauthAuthorizer::~OauthAuthorizer()
{
    d->closed = true;
    d->ending.cancel();
    const auto servers = d->servers;
    for (const auto &[name, server] : servers) {
        const auto flight = server->flight;
        if (!flight)
            continue;
        flight->cancel.cancel();
        const auto waiting = std::exchange(flight->waiting, {});
        for (const auto &one : waiting)
            one.complete(Error::cancelled());
    }
}

Task<Result<QByteArray>> OauthAuthorizer::authorization(McpServerConfig config, CancelToken cancel)
{
    const auto self = d;
    const auto server = co_await self->load(config);
    if (self->closed || cancel.isCancelled())
        co_return Error::cancelled();
    const bool ended = server->record.expiresUs > 0 && self->options->clock->nowUs() >= server->record.expiresUs;
    if (ended && !server->record.refresh.isEmpty()) {
        const auto renewed = co_await self->join(config, server, Challenge(), Work::Renew, cancel);
        if (!renewed && renewed.error().kind == ErrorKind::Cancelled)
            co_return renewed.error();
        // Without a new token the old one goes out: the server's 401 says what to do.
    }
    if (server->record.access.isEmpty())
        co_return QByteArray();
    server->handedOut = true;
    co_return "Bearer " + server->record.access.toLatin1();
}

Task<Result<bool>> OauthAuthorizer::challenged(McpServerConfig config, HttpResponse answer, CancelToken cancel)
{
    const auto self = d;
    const Challenge challenge = parseChallenge(answer.headers);
    const bool moreScopes = answer.status == 403 && challenge.present
                            && (challenge.error == QLatin1String("insufficient_scope") || (challenge.error.isEmpty() && challenge.hasScope));
    if (answer.status != 401 && !moreScopes)
        co_return false;
    const QString problem = urlProblem(canonicalResource(config.url), QStringLiteral("The address of %1").arg(config.name));
    if (!problem.isEmpty())
        co_return Error(ErrorKind::Denied, problem);
    const auto server = co_await self->load(config);
    auto work = Work::Unauthorized;
    if (moreScopes)
        work = Work::StepUp;
    auto done = co_await self->join(config, server, challenge, work, cancel);
    co_return done;
}

Task<Result<void>> OauthAuthorizer::forget(McpServerConfig config)
{
    const auto self = d;
    const auto server = co_await self->load(config);
    if (const auto flight = server->flight) // what is under way would bring it back
        flight->cancel.cancel();
    const Record ended = std::exchange(server->record, Record());
    server->tokenSinceUs = 0;
    server->signIns.clear();
    if (self->closed)
        co_return Result<void>();
    Result<void> written;
    if (self->options->store) {
        const QString name = recordName(config);
        written = co_await self->options->store->write(name, QString());
    }
    // Here it is over, whatever becomes of that.
    const auto settings = Settings::of(config, self->options->secret);
    if (self->closed || !settings || ended.revocationEndpoint.isEmpty() || (ended.access.isEmpty() && ended.refresh.isEmpty()))
        co_return written;
    const auto revocation = co_await revoked(self->options, config, *settings, ended, self->ending.token());
    if (!self->closed) {
        self->log(config, revocation ? QStringLiteral("Signed out at %1.").arg(quotable(ended.issuer))
                                     : QStringLiteral("Signed out here, but %1 could not be told, so the token may live on there. %2")
                                           .arg(quotable(ended.issuer), quotable(revocation.error().message)));
    }
    co_return written;
}

Task<Result<OauthAuthorizer::Status>> OauthAuthorizer::status(McpServerConfig config)
{
    const auto self = d;
    const auto server = co_await self->load(config);
    Status status;
    status.signedIn = !server->record.access.isEmpty();
    status.issuer = server->record.issuer;
    status.scopes = server->record.granted;
    status.expiresUs = server->record.expiresUs;
    co_return status;
}

} // namespace lathe
