// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/SecretLook.h"
#include "core/design/ToolTypeParts.h"

#include <QDir>
#include <QRegularExpression>
#include <QSet>
#include <QUrl>

namespace lathe {

namespace {
using namespace toolparts;
using T = SettingField::Type;

constexpr int usualConnectSeconds = 120; // of McpServerConfig

QString at(const char *key)
{
    return QStringLiteral("/config/") + QLatin1String(key);
}

QString escaped(QString member)
{
    return member.replace(QLatin1Char('~'), QLatin1String("~0")).replace(QLatin1Char('/'), QLatin1String("~1"));
}

bool secretsAreWhole(const QString &value)
{
    static const QRegularExpression reference(QStringLiteral("\\{\\{secret:[^{}]+\\}\\}"));
    return value.count(QStringLiteral("{{secret:")) == value.count(reference);
}

// Environment variables and headers: names by `pattern`, values of one line, nothing secret.
void checkNamedValues(const QJsonObject &values, const char *key, const QRegularExpression &pattern, const QString &what, ProblemList *list)
{
    for (auto it = values.begin(); it != values.end(); ++it) {
        const QString pointer = at(key) + QLatin1Char('/') + escaped(it.key());
        const QString value = it.value().toString();
        if (!pattern.match(it.key()).hasMatch()) {
            list->error(pointer, "mcp.value_name", QStringLiteral("\"%1\" is no name of %2.").arg(it.key().left(100), what),
                        QStringLiteral("Use letters, digits and _ or -."));
        } else if (!it.value().isString()) {
            list->error(pointer, "mcp.value", QStringLiteral("The value of \"%1\" must be text.").arg(it.key()), QStringLiteral("Put it in quotes."));
        } else if (value.contains(QChar(u'\0')) || (qstrcmp(key, "headers") == 0 && (value.contains(u'\n') || value.contains(u'\r')))) {
            list->error(pointer, "mcp.value", QStringLiteral("The value of \"%1\" must be text of one line.").arg(it.key()));
        } else if (!secretsAreWhole(value)) {
            list->error(pointer, "mcp.secret", QStringLiteral("The secret in \"%1\" is not written in full.").arg(it.key()),
                        QStringLiteral("Write {{secret:NAME}} with the name of the secret."));
        } else if (looksLikeSecret(it.key(), value)) {
            list->warning(pointer, "mcp.plain_secret",
                          QStringLiteral("\"%1\" looks like a secret and would be kept in the project file, readable to all who get it.").arg(it.key()),
                          QStringLiteral("Put it into the keychain and write {{secret:NAME}} here."));
        }
    }
}

void checkStdio(BodyReader &config, ProblemList *list)
{
    const QString command = config.string(QStringLiteral("command")).trimmed();
    const QJsonArray args = config.array(QStringLiteral("args"));
    if (command.isEmpty()) {
        if (!list->hasErrorAt(at("command")))
            list->error(at("command"), "mcp.no_command", QStringLiteral("No program is named, so there is no server to start."),
                        QStringLiteral("Write the program, for example npx, and its arguments below it; or choose HTTP and give a URL."));
    } else if (args.isEmpty() && command.contains(u' ') && !command.startsWith(u'/') && !QDir::isAbsolutePath(command)) {
        list->warning(at("command"), "mcp.command_line",
                      QStringLiteral("\"%1\" is one program name with spaces in it; it is not split into arguments.").arg(command.left(100)),
                      QStringLiteral("Keep the program here and move the rest to the arguments."));
    }
    for (qsizetype i = 0; i < args.size(); ++i) {
        const QString pointer = at("args") + QLatin1Char('/') + QString::number(i);
        if (!args[i].isString()) {
            config.wrong(QStringLiteral("args/%1").arg(i), QStringLiteral("text"));
            continue;
        }
        // "--api-key=VALUE", "--token VALUE", "NAME=VALUE", "Header: VALUE", and both within an option's value
        static const QRegularExpression pair(QStringLiteral("\\A(?:--?[A-Za-z][A-Za-z0-9-]*=)?([A-Za-z_-][A-Za-z0-9_.-]*)(?:=|:(?!//)[ \\t]*)(.+)\\z"));
        const QString text = args[i].toString();
        const QString before = i > 0 ? args[i - 1].toString() : QString();
        const qsizetype equals = text.startsWith(u'-') ? text.indexOf(u'=') : -1;
        const QString name = equals > 0 ? text.left(equals) : before.startsWith(u'-') && !before.contains(u'=') ? before : QString();
        const QRegularExpressionMatch match = pair.match(text);
        if (looksLikeSecret(name, equals > 0 ? text.mid(equals + 1) : text)
            || (match.hasMatch() && !match.captured(2).startsWith(QLatin1String("${")) && looksLikeSecret(match.captured(1), match.captured(2))))
            list->warning(pointer, "mcp.plain_secret",
                          QStringLiteral("The argument %1 looks like a secret: it would be kept in the project file, and all programs of this computer "
                                         "can read a command line.").arg(i + 1),
                          QStringLiteral("Most servers take it from an environment variable; name it there with {{secret:NAME}}."));
    }
    static const QRegularExpression variable(QStringLiteral("\\A[A-Za-z_][A-Za-z0-9_.-]*\\z"));
    checkNamedValues(config.object(QStringLiteral("env")), "env", variable, QStringLiteral("an environment variable"), list);
}

void checkHttp(BodyReader &config, ProblemList *list)
{
    const QString text = config.string(QStringLiteral("url")).trimmed();
    const QUrl url(text, QUrl::StrictMode);
    if (text.isEmpty()) {
        if (!list->hasErrorAt(at("url")))
            list->error(at("url"), "mcp.no_url", QStringLiteral("No URL is given, so there is no server to reach."),
                        QStringLiteral("Write the address its maker gives, for example https://example.com/mcp."));
    } else if (text.contains(QLatin1String("{{secret:"))) { // known when it is reached
        if (!secretsAreWhole(text))
            list->error(at("url"), "mcp.secret", QStringLiteral("The secret in the URL is not written in full."),
                        QStringLiteral("Write {{secret:NAME}} with the name of the secret."));
    } else if (!url.isValid() || url.host().isEmpty() || (url.scheme() != QLatin1String("https") && url.scheme() != QLatin1String("http"))) {
        list->error(at("url"), "mcp.url", QStringLiteral("\"%1\" is no web address.").arg(text.left(100)),
                    QStringLiteral("It begins with https:// or, on this computer, http://."));
    } else {
        const QString host = url.host();
        const bool own = host == QLatin1String("localhost") || host.startsWith(QLatin1String("127.")) || host == QLatin1String("::1");
        if (url.scheme() == QLatin1String("http") && !own)
            list->warning(at("url"), "mcp.not_encrypted", QStringLiteral("Everything sent to %1, tokens included, can be read on the way.").arg(host),
                          QStringLiteral("Use https:// if the server has it."));
        if (!url.userInfo().isEmpty())
            list->warning(at("url"), "mcp.plain_secret", QStringLiteral("The address holds a user name or password, which would be kept in the project file."),
                          QStringLiteral("Put it into a header with {{secret:NAME}}."));
    }
    static const QRegularExpression token(QStringLiteral("\\A[A-Za-z0-9!#$%&'*+.^_`|~-]+\\z"));
    checkNamedValues(config.object(QStringLiteral("headers")), "headers", token, QStringLiteral("a header"), list);
    const QJsonObject auth = config.object(QStringLiteral("auth"));
    for (auto it = auth.begin(); it != auth.end(); ++it) {
        static const QStringList known{QStringLiteral("client_id"), QStringLiteral("client_secret"), QStringLiteral("scopes"),
                                       QStringLiteral("client_metadata_url"), QStringLiteral("redirect_port"), QStringLiteral("issuer"),
                                       QStringLiteral("grant"), QStringLiteral("token_endpoint_auth_method")};
        const QString pointer = at("auth") + QLatin1Char('/') + escaped(it.key());
        if (!known.contains(it.key()))
            list->warning(pointer, "mcp.auth", QStringLiteral("\"%1\" is no setting of a sign-in and has no effect.").arg(it.key().left(60)),
                          QStringLiteral("Known are %1.").arg(known.join(QStringLiteral(", "))));
        else if (it.key() == QLatin1String("client_secret") && it.value().isString() && !it.value().toString().isEmpty()
                 && !it.value().toString().contains(QLatin1String("{{secret:")))
            list->warning(pointer, "mcp.plain_secret", QStringLiteral("The client secret would be kept in the project file, readable to all who get it."),
                          QStringLiteral("Put it into the keychain and write {{secret:NAME}} here."));
    }
}

void checkFunctions(BodyReader &config, ProblemList *list)
{
    QSet<QString> names;
    const QJsonArray functions = config.array(QStringLiteral("tools"));
    int enabled = 0;
    for (qsizetype i = 0; i < functions.size(); ++i) {
        const QString pointer = at("tools") + QLatin1Char('/') + QString::number(i);
        const QJsonObject function = functions[i].toObject();
        const QString name = function.value(QLatin1String("name")).toString();
        if (name.isEmpty())
            list->error(pointer, "mcp.function", QStringLiteral("The function %1 has no name.").arg(i + 1), QStringLiteral("Read the server's tools again."));
        else if (names.contains(name))
            list->error(pointer, "mcp.function", QStringLiteral("The function \"%1\" is there twice.").arg(name.left(100)),
                        QStringLiteral("Read the server's tools again."));
        names.insert(name);
        enabled += function.value(QLatin1String("enabled")).toBool(true) ? 1 : 0;
        const QJsonValue policy = function.value(QLatin1String("policy"));
        if (policy.isObject())
            ToolPolicy().overriddenBy(policy.toObject(), pointer + QStringLiteral("/policy"), &list->problems);
    }
    if (functions.isEmpty())
        list->hint(at("tools"), "mcp.not_read", QStringLiteral("The server's tools are not known yet, so an agent gets none of them."),
                   QStringLiteral("Connect and read its tools."));
    else if (enabled == 0)
        list->warning(at("tools"), "mcp.all_off", QStringLiteral("All functions are switched off, so an agent gets none of them."),
                      QStringLiteral("Switch on those it needs."));
}
}

std::vector<ToolTypeInfo> mcpToolTypes()
{
    ToolTypeInfo info = make(
        "mcp", "MCP server", "The tools of a server that speaks the Model Context Protocol.", SideEffect::External, false,
        "Use the tools of this server.", Approval::Ask,
        {choice("transport", "Reached by", {QStringLiteral("stdio"), QStringLiteral("http")},
                "stdio: a program on this computer that Lathe starts. http: an address (streamable HTTP)."),
         field("command", "Program", T::Text, QString(), "For example npx, uvx, docker, or a path. It is started without a shell."),
         field("args", "Arguments", T::StringList, QJsonArray(), "One a line, as they are: no quotes needed."),
         field("env", "Environment", T::Json, QJsonObject(),
               "Variables the program gets, {\"NAME\": \"value\"}; {{secret:NAME}} takes a value from the keychain. It gets PATH, HOME and the like, and "
               "nothing else of Lathe's environment."),
         field("folder", "Folder", T::Folder, QString(), "Where the program is started; empty: the project's folder."),
         field("url", "URL", T::Text, QString(), "Of streamable HTTP, for example https://example.com/mcp."),
         field("headers", "Headers", T::Json, QJsonObject(), "Sent with each request; {{secret:NAME}} takes a value from the keychain."),
         field("auth", "Sign-in", T::Json, QJsonObject(),
               "Only when the server's maker gave you a client: {\"client_id\", \"client_secret\": \"{{secret:NAME}}\", \"scopes\"}. Else the server says "
               "how to sign in, and you are asked."),
         field("roots", "Shared folders", T::StringList, QJsonArray(), "Folders the server is told it may work in. A server can ignore that."),
         integer("connect_seconds", "Time to start", usualConnectSeconds, 1, 3600,
                 "Seconds until a start that shows no sign of life is given up; a first start may fetch packages."),
         field("sampling_model", "Model for the server", T::Text, QString(),
               "CONNECTION/MODEL that answers when the server asks for a model, each time after you agreed; empty: refused.")},
        60);
    for (SettingField &setting : info.fields) {
        static const QStringList ofProgram{at("command"), at("args"), at("env"), at("folder")}, ofAddress{at("url"), at("headers"), at("auth")};
        const bool program = ofProgram.contains(setting.pointer);
        if (!program && !ofAddress.contains(setting.pointer))
            continue;
        setting.shownWhen = at("transport");
        setting.shownIs = QJsonArray{program ? QStringLiteral("stdio") : QStringLiteral("http")};
    }
    info.group = QStringLiteral("Servers");
    info.defaultBody.insert(QStringLiteral("results"), QStringLiteral("delimited")); // written by strangers
    return {info};
}

void checkMcpTool(const ToolSpec &spec, ProblemList *list)
{
    if (spec.type != QLatin1String("mcp"))
        return;
    BodyReader config(spec.config, QStringLiteral("/config"), &list->problems);
    const QString transport = config.string(QStringLiteral("transport"), QStringLiteral("stdio"));
    if (transport == QLatin1String("stdio"))
        checkStdio(config, list);
    else if (transport == QLatin1String("http"))
        checkHttp(config, list);
    else
        list->error(at("transport"), "mcp.transport", QStringLiteral("\"%1\" is no way to reach a server.").arg(transport.left(60)),
                    QStringLiteral("Use stdio or http."));
    const qint64 seconds = config.integer(QStringLiteral("connect_seconds"), usualConnectSeconds);
    if (seconds < 1 || seconds > 3600)
        list->error(at("connect_seconds"), "mcp.connect_seconds", QStringLiteral("%1 seconds is no time a start can take.").arg(seconds),
                    QStringLiteral("120 suits most servers."));
    const QString model = config.string(QStringLiteral("sampling_model"));
    if (!model.isEmpty() && (!model.contains(u'/') || model.startsWith(u'/') || model.endsWith(u'/')))
        list->error(at("sampling_model"), "mcp.sampling_model", QStringLiteral("\"%1\" does not name a model.").arg(model.left(100)),
                    QStringLiteral("Write CONNECTION/MODEL, for example local/llama3."));
    const QJsonArray roots = config.array(QStringLiteral("roots"));
    for (qsizetype i = 0; i < roots.size(); ++i) {
        const QString folder = QDir::cleanPath(roots[i].toString().trimmed());
        if (folder == QDir::rootPath() || folder == QDir::homePath() || folder == QLatin1String("~"))
            list->warning(at("roots") + QLatin1Char('/') + QString::number(i), "mcp.wide_root",
                          QStringLiteral("The server is told it may work in all of \"%1\", keys and mail included.").arg(folder),
                          QStringLiteral("Choose a folder that holds only what it needs."));
    }
    checkFunctions(config, list);
    if (spec.approval == Approval::Always)
        list->warning(QStringLiteral("/approval"), "tool.external_unasked",
                      QStringLiteral("Every function of the server runs without asking anybody."),
                      QStringLiteral("Set the approval to ask, and to always only for the functions that do no harm."));
}

} // namespace lathe
