// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/OpenApiTool.h"

#include "core/base/Json.h"
#include "core/design/ToolPolicyRules.h"
#include "core/tool/OpenApiStyle.h"
#include "core/tool/RequestTemplate.h"
#include "core/tool/ToolSchema.h"

#include <QRegularExpression>
#include <QSet>

#include <algorithm>

namespace lathe {

namespace {
// What the operations of a document share.
struct ApiSetup {
    QString name; // of the artifact
    QUrl base;
    QString authKind, authName, authValue;
    QJsonObject headers, query;
    bool allowPrivateNetwork = false;
    bool checkAnswers = false;
    double seconds = 30;
    qint64 maxBodyBytes = 4 * 1024 * 1024;
    std::optional<bool> idempotent;
    SecretSource source;
    HttpClient *http = nullptr;
};
using SetupPtr = std::shared_ptr<const ApiSetup>;

struct Operation {
    ToolFunction function;
    QString method;
    QString description;
};
using OperationPtr = std::shared_ptr<const Operation>;

Error refused(const QString &message)
{
    return Error(ErrorKind::Denied, message);
}

OpenApiStyle styleOf(const QJsonObject &how)
{
    OpenApiStyle style;
    style.name = how.value(QLatin1String("name")).toString();
    style.style = how.value(QLatin1String("style")).toString();
    if (how.value(QLatin1String("explode")).isBool())
        style.explode = how.value(QLatin1String("explode")).toBool();
    style.reserved = how.value(QLatin1String("reserved")).toBool();
    style.json = how.value(QLatin1String("json")).toBool();
    return style;
}

// Builds one request.
class CallMaker
{
public:
    CallMaker(const ApiSetup &setup, const Operation &operation, SecretSource source, QJsonObject arguments)
        : m_setup(setup),
          m_source(std::move(source)),
          m_request(operation.function.request),
          m_operation(operation),
          m_arguments(std::move(arguments))
    {
    }
    Result<HttpToolCall> make();

private:
    Result<void> takeParameters();
    Result<QString> path() const;
    Result<void> addHeader(const QString &name, const QString &value);
    Result<void> addAuth();
    Result<void> addConfigured();
    Result<void> addBody();
    void formBody(const QJsonObject &values, const QJsonObject &body);
    void multipartBody(const QJsonObject &values, const QJsonObject &body);
    QJsonValue bodyValue(const QJsonObject &body) const;

    const ApiSetup &m_setup;
    const SecretSource m_source;
    const QJsonObject m_request;
    const Operation &m_operation;
    const QJsonObject m_arguments;
    QHash<QString, QString> m_inPath;
    QStringList m_query, m_cookies;
    HttpToolCall m_call;
};

Result<void> CallMaker::addHeader(const QString &name, const QString &value)
{
    if (!isHeaderName(name.toUtf8()) || !isHeaderValue(value) || isConnectionHeader(name.toUtf8().toLower()))
        return refused(
            QStringLiteral("The header %1 has a name or value that HTTP does not allow, such as a line break.").arg(name.left(60)));
    m_call.request.headers.emplace_back(name.toUtf8(), value.toUtf8());
    return {};
}

Result<void> CallMaker::takeParameters()
{
    for (const QJsonValue &item : m_request.value(QLatin1String("params")).toArray()) {
        const QJsonObject how = item.toObject();
        const QJsonValue value = m_arguments.value(how.value(QLatin1String("arg")).toString());
        if (value.isUndefined())
            continue;
        const OpenApiStyle style = styleOf(how);
        const QString in = how.value(QLatin1String("in")).toString();
        if (in == QLatin1String("path")) {
            m_inPath.insert(style.name, pathText(style, value));
        } else if (in == QLatin1String("query")) {
            m_query += queryPairs(style, value);
        } else if (in == QLatin1String("cookie")) {
            m_cookies += queryPairs(style, value);
        } else if (in == QLatin1String("header")) {
            if (auto added = addHeader(style.name, headerText(style, value)); !added)
                return added;
        }
    }
    return {};
}

Result<QString> CallMaker::path() const
{
    static const QRegularExpression variable(QStringLiteral("\\{([^{}/]{1,200})\\}"));
    const QString pattern = m_request.value(QLatin1String("path")).toString();
    QString out;
    for (const QString &segment : pattern.mid(1).split(u'/')) {
        QString text;
        qsizetype from = 0;
        const auto literal = [](const QString &part) {
            return QString::fromLatin1(part.toUtf8().toPercentEncoding("!$&'()*+,;=:@%"));
        };
        for (auto found = variable.globalMatch(segment); found.hasNext();) {
            const auto match = found.next();
            if (!m_inPath.contains(match.captured(1)))
                return Error(ErrorKind::InvalidInput,
                             QStringLiteral("The path %1 needs a value for %2.").arg(pattern.left(200), match.captured(1)));
            text += literal(segment.mid(from, match.capturedStart() - from)) + m_inPath.value(match.captured(1));
            from = match.capturedEnd();
        }
        text += literal(segment.mid(from));
        if (from > 0) {
            if (auto checked = checkPathSegment(text, pattern); !checked)
                return checked.error();
        }
        out += u'/' + text;
    }
    return out;
}

Result<void> CallMaker::addConfigured()
{
    for (auto it = m_setup.headers.begin(); it != m_setup.headers.end(); ++it) {
        if (auto added = m_call.addHeader(it.key().toUtf8(), it.value().toString(), m_source); !added)
            return added;
    }
    SecretSource encoding = m_source;
    encoding.encode = &percentEncoded;
    for (auto it = m_setup.query.begin(); it != m_setup.query.end(); ++it) {
        const QString text = it.value().toString();
        auto filled = mentionsSecret(text) ? encoding.filled(text, &m_call.secrets) : Result<QString>(percentEncoded(text));
        if (!filled)
            return filled.error();
        m_query += percentEncoded(it.key()) + u'=' + *filled;
    }
    return {};
}

Result<void> CallMaker::addAuth()
{
    const QString &kind = m_setup.authKind;
    if (kind.isEmpty() || kind == QLatin1String("none"))
        return {};
    if (kind == QLatin1String("header"))
        return m_call.addHeader(m_setup.authName.toUtf8(), m_setup.authValue, m_source);
    auto filled = m_source.filled(m_setup.authValue, &m_call.secrets);
    if (!filled)
        return filled.error();
    if (kind == QLatin1String("query")) {
        m_query += percentEncoded(m_setup.authName) + u'=' + percentEncoded(*filled);
    } else if (kind == QLatin1String("cookie")) {
        m_cookies += m_setup.authName + u'=' + percentEncoded(*filled);
    } else {
        const bool basic = kind == QLatin1String("basic");
        const QByteArray text = basic ? filled->toUtf8().toBase64() : filled->toUtf8();
        if (basic)
            m_call.secrets.add(QStringLiteral("basic"), QString::fromLatin1(text));
        if (!isHeaderValue(*filled))
            return refused(QStringLiteral("A secret of the tool %1 holds characters that a header cannot carry.").arg(m_setup.name));
        m_call.request.headers.emplace_back("Authorization", (basic ? "Basic " : "Bearer ") + text);
        m_call.secretHeaders.push_back("authorization");
    }
    return {};
}

// What the model gave for the body; Undefined when nothing.
QJsonValue CallMaker::bodyValue(const QJsonObject &body) const
{
    if (body.contains(QLatin1String("arg")))
        return m_arguments.value(body.value(QLatin1String("arg")).toString());
    QJsonObject values;
    const QJsonObject members = body.value(QLatin1String("members")).toObject();
    for (auto it = members.begin(); it != members.end(); ++it) {
        if (const QJsonValue value = m_arguments.value(it.key()); !value.isUndefined())
            values.insert(it.value().toString(), value);
    }
    return values;
}

void CallMaker::formBody(const QJsonObject &values, const QJsonObject &body)
{
    const QJsonObject encoding = body.value(QLatin1String("encoding")).toObject();
    QStringList pairs;
    for (auto it = values.begin(); it != values.end(); ++it) {
        const QJsonObject how = encoding.value(it.key()).toObject();
        OpenApiStyle style = styleOf(how);
        style.name = it.key();
        style.json = how.value(QLatin1String("type")).toString().contains(QLatin1String("json"))
                     || (it.value().isObject() && style.style.isEmpty() && !how.contains(QLatin1String("explode")));
        pairs += queryPairs(style, it.value());
    }
    m_call.request.body = pairs.join(u'&').toUtf8();
    m_call.request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
}

void CallMaker::multipartBody(const QJsonObject &values, const QJsonObject &body)
{
    const QStringList files = json::toStringList(body.value(QLatin1String("files")));
    const QJsonObject encoding = body.value(QLatin1String("encoding")).toObject();
    MultipartBody parts;
    for (auto it = values.begin(); it != values.end(); ++it) {
        const bool file = files.contains(it.key());
        QString given = encoding.value(it.key()).toObject().value(QLatin1String("type")).toString();
        if (given.contains(u',') || given.contains(u'*') || !isHeaderValue(given))
            given.clear(); // several, to choose from
        const QJsonArray items = it.value().isArray() ? it.value().toArray() : QJsonArray{it.value()};
        for (const QJsonValue &item : items) { // a list is a part for each
            const bool structured = item.isObject() || item.isArray();
            const QByteArray type = !given.isEmpty() ? given.toUtf8()
                                    : file           ? QByteArray("application/octet-stream")
                                    : structured     ? QByteArray("application/json")
                                                     : QByteArray();
            parts.add(it.key(), textOfValue(item).toUtf8(), file ? it.key() : QString(), type);
        }
    }
    m_call.request.body = parts.bytes();
    m_call.request.headers.emplace_back("Content-Type", parts.contentType());
}

Result<void> CallMaker::addBody()
{
    const QJsonObject body = m_request.value(QLatin1String("body")).toObject();
    if (body.isEmpty())
        return {};
    const QJsonValue value = bodyValue(body);
    if (value.isUndefined())
        return {};
    const QString type = body.value(QLatin1String("type")).toString();
    if (type == QLatin1String("application/x-www-form-urlencoded")) {
        formBody(value.toObject(), body);
    } else if (type == QLatin1String("multipart/form-data")) {
        multipartBody(value.toObject(), body);
    } else {
        const bool isJson = type.contains(QLatin1String("json"));
        m_call.request.body = isJson ? json::compact(value) : textOfValue(value).toUtf8();
        if (isHeaderValue(type) && !type.isEmpty())
            m_call.request.headers.emplace_back("Content-Type", type.toUtf8());
    }
    return {};
}

Result<HttpToolCall> CallMaker::make()
{
    if (auto done = takeParameters(); !done)
        return done.error();
    auto encodedPath = path();
    if (!encodedPath)
        return encodedPath.error();
    if (auto done = addConfigured(); !done)
        return done.error();
    if (auto done = addAuth(); !done)
        return done.error();
    if (!m_cookies.isEmpty()) {
        m_call.request.headers.emplace_back("Cookie", m_cookies.join(QStringLiteral("; ")).toUtf8());
        m_call.secretHeaders.push_back("cookie");
    }
    const QString accept = m_request.value(QLatin1String("accept")).toString();
    if (!accept.isEmpty() && isHeaderValue(accept) && headerValue(m_call.request.headers, "accept").isEmpty())
        m_call.request.headers.emplace_back("Accept", accept.toUtf8());
    if (auto done = addBody(); !done)
        return done.error();
    QString root = m_setup.base.toString(QUrl::FullyEncoded | QUrl::StripTrailingSlash);
    if (const QJsonValue server = m_request.value(QLatin1String("server")); server.isString())
        root = m_setup.base.toString(QUrl::FullyEncoded | QUrl::RemovePath) + server.toString();
    while (root.endsWith(u'/'))
        root.chop(1);
    const QString text = root + *encodedPath + (m_query.isEmpty() ? QString() : u'?' + m_query.join(u'&'));
    auto url = parseHttpUrl(text);
    if (!url)
        return m_call.secrets.isEmpty() ? url.error() : Error(url.error().kind, QStringLiteral("The URL with its secret is no valid URL."));
    if (originOf(*url) != originOf(m_setup.base)) // whatever a document or an argument says
        return refused(QStringLiteral("The call would go to %1 instead of %2.").arg(url->host(), m_setup.base.host()));
    QString host = m_setup.base.host(QUrl::FullyEncoded);
    if (host.contains(u':'))
        host = u'[' + host + u']';
    m_call.hosts = HostAllowList({host});
    m_call.methods = QStringList{m_operation.method, QStringLiteral("GET")};
    m_call.allowPrivateNetwork = m_setup.allowPrivateNetwork;
    m_call.request.method = m_operation.method.toLatin1();
    m_call.aim(*url);
    m_call.limit(m_setup.seconds, m_setup.maxBodyBytes);
    return std::move(m_call);
}

Task<Result<ToolOutcome>> perform(const SetupPtr &setup, const OperationPtr &operation, QJsonObject arguments, CancelToken cancel)
{
    auto made = CallMaker(*setup, *operation, setup->source, std::move(arguments)).make();
    const auto outcomeOf = [](const HttpToolAnswer &answer) {
        ToolOutcome outcome = answer.outcome(false);
        outcome.structured = outcome.structured.toObject().value(QLatin1String("json"));
        if (outcome.structured.isUndefined())
            outcome.structured = QJsonValue();
        return outcome;
    };
    return performToolCall(setup->http, std::move(made), outcomeOf, std::move(cancel));
}

class OpenApiTool : public Tool
{
public:
    OpenApiTool(SetupPtr setup, OperationPtr operation) : m_setup(std::move(setup)), m_operation(std::move(operation)) {}
    QString name() const override { return functionNameForModel(m_setup->name, m_operation->function.name); }
    QString description() const override { return m_operation->description; }
    QJsonObject schema() const override { return m_operation->function.inputSchema; }
    QString function() const override { return m_operation->function.name; }
    QJsonObject outputSchema() const override { return m_setup->checkAnswers ? m_operation->function.outputSchema : QJsonObject(); }
    // The server is fixed, so reading tells nobody what they should not know.
    SideEffect sideEffect(const QJsonObject &) const override
    {
        static const QStringList reading{QStringLiteral("GET"), QStringLiteral("HEAD"), QStringLiteral("OPTIONS")};
        return reading.contains(m_operation->method) ? SideEffect::Read : SideEffect::External;
    }
    bool idempotent(const QJsonObject &) const override
    {
        return m_setup->idempotent.value_or(m_operation->method != QLatin1String("POST") && m_operation->method != QLatin1String("PATCH"));
    }
    QString preview(const QJsonObject &arguments) const override
    {
        const auto call = CallMaker(*m_setup, *m_operation, m_setup->source.withoutValues(), arguments).make();
        return call ? call->shown() : call.error().message;
    }
    Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) override
    {
        return perform(m_setup, m_operation, std::move(arguments), std::move(cancel));
    }

private:
    SetupPtr m_setup; // shared with calls under way
    OperationPtr m_operation;
};

Result<SetupPtr> makeSetup(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment)
{
    static const QStringList kinds{QString(), QStringLiteral("none"), QStringLiteral("bearer"), QStringLiteral("basic"),
                                   QStringLiteral("header"), QStringLiteral("query"), QStringLiteral("cookie")};
    const auto invalid = [&name](const QString &what) {
        return Error(ErrorKind::InvalidInput, QStringLiteral("The tool %1 cannot be used: %2").arg(name, what));
    };
    const auto text = [&spec](const char *key) { return spec.config.value(QLatin1String(key)).toString().trimmed(); };
    auto base = parseHttpUrl(text("base_url"));
    if (!base)
        return invalid(text("base_url").isEmpty() ? QStringLiteral("it has no base URL; enter where the API is.") : base.error().message);
    if (base->hasQuery())
        return invalid(QStringLiteral("its base URL must end before the \"?\"."));
    auto setup = std::make_shared<ApiSetup>();
    setup->name = name;
    setup->base = *base;
    setup->authKind = text("auth");
    setup->authName = text("auth_name");
    setup->authValue = text("auth_value");
    if (!kinds.contains(setup->authKind))
        return invalid(QStringLiteral("\"%1\" is no way to prove who calls.").arg(setup->authKind.left(40)));
    const bool named = setup->authKind == QLatin1String("header") || setup->authKind == QLatin1String("cookie")
                       || setup->authKind == QLatin1String("query");
    if (named && (setup->authName.isEmpty() || (setup->authKind != QLatin1String("query") && !isHeaderName(setup->authName.toUtf8()))))
        return invalid(QStringLiteral("the name of the %1 that carries the key is missing or cannot be sent.").arg(setup->authKind));
    setup->headers = spec.config.value(QLatin1String("headers")).toObject();
    setup->query = spec.config.value(QLatin1String("query")).toObject();
    for (auto it = setup->headers.begin(); it != setup->headers.end(); ++it) {
        const QByteArray header = it.key().toUtf8();
        if (!isHeaderName(header) || !isHeaderValue(it.value().toString()) || isConnectionHeader(header.toLower()))
            return invalid(QStringLiteral("the header \"%1\" cannot be sent; change its name or value.").arg(it.key().left(60)));
    }
    setup->allowPrivateNetwork = spec.config.value(QLatin1String("allow_private_network")).toBool();
    setup->checkAnswers = spec.config.value(QLatin1String("check_answers")).toBool();
    setup->seconds = keptLimits(spec.limits).seconds;
    setup->maxBodyBytes =
        std::clamp<qint64>(spec.config.value(QLatin1String("max_body_bytes")).toInteger(setup->maxBodyBytes), 1, 64 * 1024 * 1024);
    setup->idempotent = spec.idempotent;
    setup->source.tool = name;
    setup->source.secret = environment.secret;
    setup->http = environment.http;
    if (!setup->http)
        return Error(ErrorKind::Internal, QStringLiteral("The tool %1 was given no HTTP client.").arg(name));
    return SetupPtr(std::move(setup));
}
} // namespace

Result<std::vector<std::shared_ptr<Tool>>> makeOpenApiTools(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment)
{
    auto setup = makeSetup(name, spec, environment);
    if (!setup)
        return setup.error();
    std::vector<std::shared_ptr<Tool>> tools;
    QSet<QString> names;
    for (const ToolFunction &function : toolFunctions(spec.config)) {
        if (!function.enabled)
            continue;
        auto operation = std::make_shared<Operation>();
        operation->function = function;
        operation->method = function.request.value(QLatin1String("method")).toString().toUpper();
        const QString path = function.request.value(QLatin1String("path")).toString();
        if (!httpToolMethods().contains(operation->method) || !path.startsWith(u'/'))
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("The operation %1 of the tool %2 does not say how it is sent; import the document again.")
                             .arg(function.name.left(60), name));
        operation->description = function.description.isEmpty() ? spec.purpose : function.description;
        auto tool = std::make_shared<OpenApiTool>(*setup, std::move(operation));
        if (names.contains(tool->name()))
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("Two operations of the tool %1 would have the name %2; switch one off.").arg(name, tool->name()));
        names.insert(tool->name());
        tools.push_back(std::move(tool));
    }
    return tools;
}

} // namespace lathe
