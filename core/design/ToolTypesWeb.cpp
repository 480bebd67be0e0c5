// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/ToolTypeParts.h"

#include "core/base/Json.h"

#include <QRegularExpression>
#include <QUrl>

#include <algorithm>

namespace lathe {

namespace {
using namespace toolparts;

const QStringList methods{QStringLiteral("GET"),   QStringLiteral("HEAD"),   QStringLiteral("OPTIONS"), QStringLiteral("POST"),
                          QStringLiteral("PUT"),   QStringLiteral("PATCH"),  QStringLiteral("DELETE")};
const QStringList bodyTypes{QStringLiteral("none"),      QStringLiteral("json"), QStringLiteral("form"),
                            QStringLiteral("multipart"), QStringLiteral("xml"),  QStringLiteral("text")};
const QStringList authKinds{QStringLiteral("none"),   QStringLiteral("bearer"), QStringLiteral("basic"),
                            QStringLiteral("header"), QStringLiteral("query"),  QStringLiteral("cookie")};
const QStringList webhookKinds{QStringLiteral("generic"), QStringLiteral("slack"), QStringLiteral("discord"), QStringLiteral("teams")};
const QStringList parameterTypes{QStringLiteral("string"),  QStringLiteral("integer"), QStringLiteral("number"),
                                 QStringLiteral("boolean"), QStringLiteral("array"),   QStringLiteral("object")};

QString at(const QString &key)
{
    return QStringLiteral("/config/") + key;
}

SettingField privateField()
{
    return field("allow_private_network", "Private network", SettingField::Type::Bool, false,
                 "Also reach this computer and the local network.");
}

SettingField sizeField()
{
    return integer("max_body_bytes", "Largest answer", 4 * 1024 * 1024, 1, 64.0 * 1024 * 1024,
                   "In bytes; larger answers are refused. How much of one the model sees is a limit below.");
}

SettingField headersField()
{
    return field("headers", "Headers", SettingField::Type::Json, QJsonObject(),
                 "Sent with every request, as an object of texts. {{secret:NAME}} stands for a secret of the keychain.");
}

bool mentionsSecret(const QString &text)
{
    static const QRegularExpression reference(QStringLiteral("\\{\\{\\s*secret:[^{}]+\\}\\}"));
    return text.contains(reference);
}

// Placeholders of a template, secrets left out.
QStringList placeholders(const QString &text)
{
    static const QRegularExpression mark(QStringLiteral("\\{\\{\\s*([A-Za-z_][A-Za-z0-9_.-]{0,63})\\s*\\}\\}"));
    QStringList names;
    for (auto found = mark.globalMatch(text); found.hasNext();) {
        const QString name = found.next().captured(1);
        if (!names.contains(name))
            names += name;
    }
    return names;
}

// "localhost", a name without a dot or an address that no router passes on. For advice only: the guard judges where it connects to.
bool isLocalHost(const QString &host)
{
    static const QRegularExpression local(
        QStringLiteral("\\A(localhost|.*\\.localhost|.*\\.local|[^.:]+|(127|10|0)\\.[0-9.]+|192\\.168\\.[0-9.]+|169\\.254\\.[0-9.]+|"
                       "172\\.(1[6-9]|2[0-9]|3[01])\\.[0-9.]+|::.*|f[cde][0-9a-f]{2}:.*)\\z"),
        QRegularExpression::CaseInsensitiveOption);
    return local.match(host).hasMatch();
}

// `text` without its placeholders in path and query; they may not choose the server.
void checkUrl(const QString &key, const QString &text, bool allowPrivate, ProblemList *list)
{
    static const QRegularExpression whole(
        QStringLiteral("\\A(https?)://([^/?#\\\\\\s]+)([/?#].*)?\\z"), QRegularExpression::CaseInsensitiveOption);
    const auto match = whole.match(text.trimmed());
    const QString authority = match.captured(2);
    if (!match.hasMatch()) {
        list->error(at(key), "web.url", QStringLiteral("\"%1\" is no http or https URL.").arg(text.left(80)),
                    QStringLiteral("Write one such as https://api.example.com/v1."));
    } else if (authority.contains(QLatin1String("{{"))) {
        list->error(at(key), "web.url_host", QStringLiteral("The server of the URL is a placeholder, so the model could choose any."),
                    QStringLiteral("Write the server's name; placeholders may stand behind it."));
    } else if (authority.contains(u'@')) {
        list->error(at(key), "web.url_user",
                    QStringLiteral("A user name or password stands in the URL, readable to all who get the project."),
                    QStringLiteral("Take it out, and send it as a header with {{secret:NAME}}."));
    } else {
        const QUrl server(match.captured(1) + QStringLiteral("://") + authority);
        if (!server.isValid() || server.host().isEmpty()) {
            list->error(at(key), "web.url", QStringLiteral("\"%1\" is no name of a server.").arg(authority.left(80)),
                        QStringLiteral("Write one such as https://api.example.com/v1."));
        } else if (isLocalHost(server.host()) && !allowPrivate) {
            list->error(at(key), "web.private",
                        QStringLiteral("%1 lies in the local network, which this tool may not reach.").arg(server.host()),
                        QStringLiteral("Switch on \"Private network\" if that is meant."));
        } else if (server.scheme() == QLatin1String("http") && !isLocalHost(server.host())) {
            list->warning(at(key), "web.plain_http", QStringLiteral("What is sent to %1 can be read on the way.").arg(server.host()),
                          QStringLiteral("Use https if the server offers it."));
        }
    }
}

void checkTexts(const QString &key, const QJsonValue &value, ProblemList *list)
{
    static const QRegularExpression token(QStringLiteral("\\A[A-Za-z0-9!#$%&'*+.^_`|~-]+\\z"));
    static const QRegularExpression secretName(
        QStringLiteral("\\A(authorization|cookie|.*(api|access|auth)[-_]?(key|token).*|.*secret.*|.*token|.*password)\\z"),
        QRegularExpression::CaseInsensitiveOption);
    if (!value.isUndefined() && !value.isNull() && !value.isObject()) {
        list->error(at(key), "body.type", QStringLiteral("\"config/%1\" must be an object.").arg(key));
        return;
    }
    const QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end(); ++it) {
        QString member = it.key();
        member.replace(u'~', QLatin1String("~0")).replace(u'/', QLatin1String("~1"));
        const QString pointer = at(key) + u'/' + member;
        const QString text = it.value().toString();
        const bool lines = std::any_of(text.begin(), text.end(), [](QChar c) { return c.unicode() < 0x20 || c.unicode() == 0x7f; });
        if (!it.value().isString() || lines)
            list->error(pointer, "web.text", QStringLiteral("The value of \"%1\" must be text of one line.").arg(it.key().left(60)));
        else if (key == QLatin1String("headers") && !token.match(it.key()).hasMatch())
            list->error(pointer, "web.header_name", QStringLiteral("\"%1\" is no name of a header.").arg(it.key().left(60)),
                        QStringLiteral("Use letters, digits and - only."));
        else if (!text.isEmpty() && !text.contains(QLatin1String("{{")) && secretName.match(it.key()).hasMatch())
            list->warning(pointer, "web.plain_secret",
                          QStringLiteral("\"%1\" looks like a secret and would be kept in the project file, readable to all who get it.")
                              .arg(it.key().left(60)),
                          QStringLiteral("Put it into the keychain and write {{secret:NAME}} here."));
    }
}

// Names of parameters with their types; what is wrong with one is noted.
QStringList checkParameters(const QJsonValue &value, ProblemList *list)
{
    static const QRegularExpression name(QStringLiteral("\\A[A-Za-z_][A-Za-z0-9_.-]{0,63}\\z"));
    QStringList names;
    const QJsonArray items = value.toArray();
    for (qsizetype i = 0; i < items.size(); ++i) {
        const QString pointer = at(QStringLiteral("parameters/")) + QString::number(i);
        const QJsonObject item = items[i].toObject();
        const QString own = item.value(QLatin1String("name")).toString();
        const QString type = item.value(QLatin1String("type")).toString(QStringLiteral("string"));
        if (!name.match(own).hasMatch())
            list->error(pointer, "web.parameter_name", QStringLiteral("\"%1\" is no name of a parameter.").arg(own.left(60)),
                        QStringLiteral("Use letters, digits and _, beginning with a letter."));
        else if (names.contains(own))
            list->error(pointer, "web.parameter_twice", QStringLiteral("There are two parameters \"%1\".").arg(own));
        else if (!parameterTypes.contains(type))
            list->error(pointer, "web.parameter_type", QStringLiteral("\"%1\" is no type of a parameter.").arg(type.left(40)),
                        QStringLiteral("Use %1.").arg(parameterTypes.join(QStringLiteral(", "))));
        names += own;
    }
    return names;
}

// Whether it is JSON when its placeholders are: null outside of texts, nothing within them.
void checkJsonBody(const QString &text, ProblemList *list)
{
    static const QRegularExpression mark(QStringLiteral("\\{\\{\\s*(secret:[^{}]{1,200}?|[A-Za-z_][A-Za-z0-9_.-]{0,63})\\s*\\}\\}"));
    QString whole;
    bool quoted = false;
    qsizetype from = 0;
    const auto take = [&](QStringView part) {
        for (qsizetype i = 0; i < part.size(); ++i) {
            if (quoted && part[i] == u'\\')
                ++i;
            else if (part[i] == u'"')
                quoted = !quoted;
        }
        whole += part;
    };
    for (auto found = mark.globalMatch(text); found.hasNext();) {
        const auto match = found.next();
        take(QStringView(text).mid(from, match.capturedStart() - from));
        whole += quoted ? QString() : QStringLiteral("null");
        from = match.capturedEnd();
    }
    take(QStringView(text).mid(from));
    if (const auto value = json::parse(whole.toUtf8()); !value)
        list->error(at(QStringLiteral("body")), "web.body_json", QStringLiteral("The body is no JSON. %1").arg(value.error().message),
                    QStringLiteral("Write {{name}} alone for any value, or \"{{name}}\" for text."));
}

void checkRequest(const ToolSpec &spec, ProblemList *list)
{
    const QJsonObject &config = spec.config;
    const auto text = [&config](const char *key) { return config.value(QLatin1String(key)).toString(); };
    const QString method = text("method").toUpper();
    if (!method.isEmpty() && !methods.contains(method))
        list->error(at(QStringLiteral("method")), "web.method", QStringLiteral("\"%1\" is no HTTP method.").arg(method.left(20)),
                    QStringLiteral("Use %1.").arg(methods.join(QStringLiteral(", "))));
    const QString url = text("url");
    if (url.trimmed().isEmpty())
        list->error(at(QStringLiteral("url")), "web.no_url", QStringLiteral("There is no URL to send the request to."),
                    QStringLiteral("Write one such as https://api.example.com/items/{{id}}."));
    else
        checkUrl(QStringLiteral("url"), url, config.value(QLatin1String("allow_private_network")).toBool(), list);
    const QString bodyType = text("body_type");
    if (!bodyType.isEmpty() && !bodyTypes.contains(bodyType))
        list->error(at(QStringLiteral("body_type")), "web.body_type", QStringLiteral("\"%1\" is no kind of body.").arg(bodyType.left(20)),
                    QStringLiteral("Use %1.").arg(bodyTypes.join(QStringLiteral(", "))));
    const bool noBody = method.isEmpty() || method == QLatin1String("GET") || method == QLatin1String("HEAD");
    if (noBody && !text("body").isEmpty() && !bodyType.isEmpty() && bodyType != QLatin1String("none"))
        list->error(at(QStringLiteral("body")), "web.get_body", QStringLiteral("A GET or HEAD request carries no body."),
                    QStringLiteral("Choose POST, or put the values into the URL."));
    else if (bodyType == QLatin1String("json"))
        checkJsonBody(text("body"), list);
    checkTexts(QStringLiteral("headers"), config.value(QLatin1String("headers")), list);
    const QStringList declared = checkParameters(config.value(QLatin1String("parameters")), list);
    QString all = url + u'\n' + text("body");
    const QJsonObject headers = config.value(QLatin1String("headers")).toObject();
    for (const QJsonValue &value : headers)
        all += u'\n' + value.toString();
    const QStringList used = placeholders(all);
    for (const QString &name : declared) {
        if (!name.isEmpty() && !used.contains(name))
            list->warning(at(QStringLiteral("parameters")), "web.parameter_unused",
                          QStringLiteral("The parameter \"%1\" goes nowhere.").arg(name.left(60)),
                          QStringLiteral("Write {{%1}} where it belongs, or remove it.").arg(name.left(60)));
    }
}

void checkWebhook(const ToolSpec &spec, ProblemList *list)
{
    const QJsonObject &config = spec.config;
    const QString url = config.value(QLatin1String("url")).toString();
    const QString kind = config.value(QLatin1String("kind")).toString();
    if (!webhookKinds.contains(kind))
        list->error(at(QStringLiteral("kind")), "webhook.kind", QStringLiteral("\"%1\" is no kind of webhook.").arg(kind.left(40)),
                    QStringLiteral("Use %1.").arg(webhookKinds.join(QStringLiteral(", "))));
    if (url.trimmed().isEmpty()) {
        list->error(at(QStringLiteral("url")), "web.no_url", QStringLiteral("There is no webhook to send to."),
                    QStringLiteral("Put its URL into the keychain and write {{secret:NAME}} here."));
    } else if (!mentionsSecret(url)) {
        checkUrl(QStringLiteral("url"), url, config.value(QLatin1String("allow_private_network")).toBool(), list);
        list->warning(at(QStringLiteral("url")), "webhook.plain_url",
                      QStringLiteral("Whoever knows the URL can post, and it would be kept in the project file."),
                      QStringLiteral("Put it into the keychain and write {{secret:NAME}} here."));
    }
    if (kind == QLatin1String("generic") && config.value(QLatin1String("body")).toString().trimmed().isEmpty())
        list->error(at(QStringLiteral("body")), "webhook.no_body", QStringLiteral("There is no body to send."),
                    QStringLiteral("Write JSON with {{text}} where the message belongs."));
    else if (kind == QLatin1String("generic"))
        checkJsonBody(config.value(QLatin1String("body")).toString(), list);
    checkTexts(QStringLiteral("headers"), config.value(QLatin1String("headers")), list);
    checkParameters(config.value(QLatin1String("parameters")), list);
}

void checkOpenApi(const ToolSpec &spec, ProblemList *list)
{
    const QJsonObject &config = spec.config;
    const QString base = config.value(QLatin1String("base_url")).toString();
    const QString auth = config.value(QLatin1String("auth")).toString();
    const QString value = config.value(QLatin1String("auth_value")).toString();
    const QString name = config.value(QLatin1String("auth_name")).toString();
    if (base.trimmed().isEmpty())
        list->error(at(QStringLiteral("base_url")), "openapi.no_base", QStringLiteral("It is not known where the API is."),
                    QStringLiteral("Write its base URL, such as https://api.example.com/v1."));
    else if (base.contains(QLatin1String("{{")) || base.contains(u'?') || base.contains(u'#'))
        list->error(at(QStringLiteral("base_url")), "openapi.base", QStringLiteral("The base URL holds more than server and path."),
                    QStringLiteral("Write it without ?, # and {{...}}."));
    else
        checkUrl(QStringLiteral("base_url"), base, config.value(QLatin1String("allow_private_network")).toBool(), list);
    if (!auth.isEmpty() && !authKinds.contains(auth))
        list->error(at(QStringLiteral("auth")), "openapi.auth", QStringLiteral("\"%1\" is no way to prove who calls.").arg(auth.left(40)),
                    QStringLiteral("Use %1.").arg(authKinds.join(QStringLiteral(", "))));
    const bool wanted = !auth.isEmpty() && auth != QLatin1String("none");
    if (wanted && value.isEmpty())
        list->error(at(QStringLiteral("auth_value")), "openapi.no_secret", QStringLiteral("The API wants a key, and none is named."),
                    QStringLiteral("Write {{secret:NAME}} with the name of the secret."));
    else if (wanted && !mentionsSecret(value))
        list->warning(at(QStringLiteral("auth_value")), "web.plain_secret",
                      QStringLiteral("The key would be kept in the project file, readable to all who get it."),
                      QStringLiteral("Put it into the keychain and write {{secret:NAME}} here."));
    if ((auth == QLatin1String("header") || auth == QLatin1String("query") || auth == QLatin1String("cookie")) && name.isEmpty())
        list->error(at(QStringLiteral("auth_name")), "openapi.no_name",
                    QStringLiteral("It is not said in which %1 the key goes.").arg(auth),
                    QStringLiteral("Write its name, such as X-API-Key."));
    checkTexts(QStringLiteral("headers"), config.value(QLatin1String("headers")), list);
    checkTexts(QStringLiteral("query"), config.value(QLatin1String("query")), list);
    const auto functions = toolFunctions(config);
    const auto enabled = std::count_if(functions.begin(), functions.end(), [](const ToolFunction &f) { return f.enabled; });
    if (functions.empty())
        list->error(at(QStringLiteral("tools")), "openapi.no_tools", QStringLiteral("No operation is chosen, so there is nothing to call."),
                    QStringLiteral("Import the API's document and choose operations."));
    else if (enabled == 0)
        list->warning(at(QStringLiteral("tools")), "openapi.all_off", QStringLiteral("All operations are switched off."),
                      QStringLiteral("Switch on those that the agents need."));
    else if (enabled > 60)
        list->warning(at(QStringLiteral("tools")), "openapi.many",
                      QStringLiteral("%1 operations are more than a model chooses well among.").arg(enabled),
                      QStringLiteral("Switch off those that no agent needs, or give an agent only some."));
}

void checkPage(const ToolSpec &spec, ProblemList *list)
{
    const QStringList hosts = json::toStringList(spec.config.value(QLatin1String("allowed_hosts")));
    if (hosts.isEmpty())
        list->error(at(QStringLiteral("allowed_hosts")), "http.no_hosts",
                    QStringLiteral("No host is allowed, so every page would be refused."),
                    QStringLiteral("Add hosts such as en.wikipedia.org, or * for all."));
    for (qsizetype i = 0; i < hosts.size(); ++i) {
        if (hosts[i].contains(u'/') || hosts[i].contains(u' '))
            list->error(at(QStringLiteral("allowed_hosts/")) + QString::number(i), "http.host",
                        QStringLiteral("\"%1\" is no host name.").arg(hosts[i].left(80)),
                        QStringLiteral("Write the name alone, for example en.wikipedia.org."));
    }
}
} // namespace

std::vector<ToolTypeInfo> webToolTypes()
{
    using T = SettingField::Type;
    std::vector<ToolTypeInfo> types;
    types.push_back(make("request", "Web request", "Sends one request with named parameters; made by form or from a curl command.",
                         SideEffect::External, false, "Send the request and read the answer.", Approval::Ask,
                         {choice("method", "Method", methods, "GET only reads; others can change things."),
                          field("url", "URL", T::Text, QString(), "With {{name}} where a value of the model belongs; the server is fixed."),
                          headersField(),
                          field("basic_auth", "User and password", T::Text, QString(), "Of basic sign-in: user:{{secret:NAME}}."),
                          choice("body_type", "Body", bodyTypes, "What is sent along; values are written so that they fit."),
                          field("body", "Body text", T::MultiLine, QString(),
                                "A template with {{name}}; of forms a=1&b={{b}}."),
                          field("parameters", "Parameters", T::Json, QJsonArray(),
                                "A list of {name, type, description, required, default, enum}; what is not listed is a required text."),
                          sizeField(), privateField()}));
    types.push_back(
        make("openapi", "OpenAPI", "The operations of a web API, from its OpenAPI 3 document.", SideEffect::External, false,
             "Call the API.", Approval::Ask,
             {field("base_url", "Base URL", T::Text, QString(), "Where the API is; nothing else can be reached."),
              choice("auth", "Sign in", authKinds, "How a call proves who it is from."),
              field("auth_name", "Name of the key", T::Text, QString(), "Of the header, parameter or cookie that carries the key."),
              field("auth_value", "Key", T::Text, QString(), "{{secret:NAME}}; for basic user:{{secret:NAME}}."), headersField(),
              field("query", "URL parameters", T::Json, QJsonObject(), "Sent with every request, as an object of texts."),
              field("check_answers", "Check answers", T::Bool, false,
                    "An answer that does not fit the document is an error. Many documents are not that exact."),
              sizeField(), privateField()}));
    types.push_back(make("webhook", "Message", "Posts a message to a webhook: Slack, Discord, Teams or any other.", SideEffect::External,
                         false, "Post a message to the channel.", Approval::Ask,
                         {choice("kind", "Kind", webhookKinds, "Which service the webhook belongs to."),
                          field("url", "Webhook", T::Text, QStringLiteral("{{secret:WEBHOOK_URL}}"),
                                "Its URL is a secret: keep it in the keychain and name it here."),
                          field("body", "Body", T::MultiLine, QStringLiteral("{\"text\": {{text}}}"),
                                "Of the generic kind: JSON with {{name}} where values belong."),
                          field("parameters", "Parameters", T::Json, QJsonArray(),
                                "Of the generic kind: a list of {name, type, description, required, default, enum}."),
                          headersField(), privateField()}));
    types.push_back(make("web_page", "Web page", "Reads a page as plain text with its links.", SideEffect::Read, true,
                         "Read a web page as text.", Approval::Always,
                         {field("allowed_hosts", "Allowed hosts", T::StringList, QJsonArray{QStringLiteral("*")},
                                "Host names such as en.wikipedia.org; *.example.com allows all below it, * any."),
                          field("list_links", "List links", T::Bool, true, "The links of the page follow its text."),
                          sizeField(), privateField()}));
    for (ToolTypeInfo &type : types)
        type.group = type.type == QLatin1String("webhook") ? QStringLiteral("Messages") : QStringLiteral("Web");
    return types;
}

void checkWebTool(const ToolSpec &spec, ProblemList *list)
{
    if (spec.type == QLatin1String("request"))
        checkRequest(spec, list);
    else if (spec.type == QLatin1String("webhook"))
        checkWebhook(spec, list);
    else if (spec.type == QLatin1String("openapi"))
        checkOpenApi(spec, list);
    else if (spec.type == QLatin1String("web_page"))
        checkPage(spec, list);
    else
        return;
    const bool outward = spec.type != QLatin1String("web_page");
    if (outward && spec.approval == Approval::Always) {
        const QString method = spec.config.value(QLatin1String("method")).toString().toUpper();
        const bool reads = spec.type == QLatin1String("request")
                           && (method.isEmpty() || method == QLatin1String("GET") || method == QLatin1String("HEAD"));
        if (!reads)
            list->warning(QStringLiteral("/approval"), "tool.external_unasked",
                          QStringLiteral("It acts outside this computer without asking anybody."),
                          QStringLiteral("Set the approval to ask, or be sure that it can do no harm."));
    }
    if (spec.config.value(QLatin1String("allow_private_network")).toBool()
        && (spec.type == QLatin1String("web_page")))
        list->warning(at(QStringLiteral("allow_private_network")), "http.private_network",
                      QStringLiteral("A tricked model could reach routers, printers and services of this computer."),
                      QStringLiteral("Leave it off unless an allowed host is in the local network."));
}

} // namespace lathe
