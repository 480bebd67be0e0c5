// SPDX-License-Identifier: GPL-3.0-or-later
// What people paste to name an MCP server: other programs' configuration, a command line, an address.
#include "core/base/Json.h"
#include "core/design/Artifact.h"
#include "core/design/SecretLook.h"
#include "core/design/ToolSpec.h"
#include "core/session/McpHub.h"
#include "core/session/McpServersText.h"

#include <QRegularExpression>
#include <QSet>
#include <QUrl>

namespace lathe {

namespace {
using namespace mcptext;

constexpr qsizetype maxText = 1024 * 1024;
constexpr size_t maxServers = 100;

Error unusable(const QString &message)
{
    return Error(ErrorKind::InvalidInput, message);
}

class Importer
{
public:
    McpServersImport result;

    // One server as other programs describe it. False: it is none.
    void add(const QString &given, const QJsonObject &server)
    {
        if (result.servers.size() >= maxServers) {
            note(QStringLiteral("%1 was left out: more than %2 servers at once.").arg(given).arg(maxServers));
            return;
        }
        m_config = QJsonObject();
        m_secrets.clear();
        QString command = server.value(QLatin1String("command")).toString();
        QStringList args = json::toStringList(server.value(QLatin1String("args")));
        if (server.value(QLatin1String("command")).isArray()) { // the whole line as a list
            args = json::toStringList(server.value(QLatin1String("command")));
            command = args.isEmpty() ? QString() : args.takeFirst();
        } else if (server.value(QLatin1String("command")).isObject()) { // {path, args, env}
            const QJsonObject inner = server.value(QLatin1String("command")).toObject();
            QJsonObject flat = server;
            flat.insert(QStringLiteral("command"), inner.value(QLatin1String("path")));
            flat.insert(QStringLiteral("args"), inner.value(QLatin1String("args")));
            flat.insert(QStringLiteral("env"), inner.value(QLatin1String("env")));
            if (flat.value(QLatin1String("command")).isString())
                add(given, flat);
            return;
        }
        QString url;
        for (const char *key : {"url", "serverUrl", "httpUrl", "endpoint"}) {
            if (url.isEmpty())
                url = server.value(QLatin1String(key)).toString().trimmed();
        }
        if (command.isEmpty() && url.isEmpty()) {
            note(QStringLiteral("%1 was left out: it has neither a command nor a URL.").arg(given.isEmpty() ? QStringLiteral("A server") : given));
            return;
        }
        const QString name = freeName(given.isEmpty() ? (command.isEmpty() ? nameOfUrl(QUrl(url)) : nameOfCommand(command, args)) : given);
        m_name = name;
        if (!command.isEmpty())
            addProgram(server, command, args);
        else if (!addAddress(server, url))
            return;
        for (const char *key : {"disabledTools", "excludeTools", "tools", "includeTools", "enabledTools"}) {
            if (server.value(QLatin1String(key)).isArray())
                note(QStringLiteral("%1: its list of tools (%2) was not taken; switch functions off once they are read.").arg(name, QLatin1String(key)));
        }
        for (const char *key : {"alwaysAllow", "autoApprove", "trust"}) {
            const QJsonValue value = server.value(QLatin1String(key));
            if (value.toBool() || !value.toArray().isEmpty())
                note(QStringLiteral("%1: what another program approved (%2) was not taken; every call asks until you say otherwise.").arg(name, QLatin1String(key)));
        }
        if (server.value(QLatin1String("disabled")).toBool() || (server.contains(QLatin1String("enabled")) && !server.value(QLatin1String("enabled")).toBool(true)))
            note(QStringLiteral("%1 is switched off where it came from; it was taken over.").arg(name));
        const double timeout = server.value(QLatin1String("startupTimeoutSec")).toDouble(server.value(QLatin1String("startup_timeout_sec")).toDouble());
        if (timeout >= 1 && timeout <= 3600)
            m_config.insert(QStringLiteral("connect_seconds"), int(timeout));

        McpServersImport::Server made;
        made.name = name;
        const ToolTypeInfo *type = toolType(QStringLiteral("mcp"));
        made.body = type ? type->defaultBody : QJsonObject{{QStringLiteral("type"), QStringLiteral("mcp")}};
        QString about = server.value(QLatin1String("description")).toString().trimmed().left(500);
        if (!about.isEmpty())
            made.body.insert(QStringLiteral("purpose"), about);
        made.body.insert(QStringLiteral("config"), m_config);
        made.secrets = m_secrets;
        result.servers.push_back(std::move(made));
    }

    // VS Code's "inputs": what ${input:ID} stands for.
    void readInputs(const QJsonArray &inputs)
    {
        for (const QJsonValue &value : inputs) {
            const QJsonObject input = value.toObject();
            m_inputs.insert(input.value(QLatin1String("id")).toString(), input);
        }
    }

    void note(const QString &text)
    {
        if (result.notes.size() < 100)
            result.notes.append(text);
    }

private:
    QString freeName(const QString &wish)
    {
        QString clean;
        for (const QChar c : wish.trimmed().left(60)) // what a name may hold; @ and / have a meaning in references
            clean += c.isLetterOrNumber() || c == u' ' || c == u'_' || c == u'.' ? c : QChar(u'-');
        while (clean.startsWith(u'-') || clean.startsWith(u' '))
            clean.remove(0, 1);
        while (clean.endsWith(u'-') || clean.endsWith(u' '))
            clean.chop(1);
        if (!checkArtifactName(clean))
            clean = QStringLiteral("server");
        QString name = clean;
        for (int i = 2; m_names.contains(name); ++i)
            name = QStringLiteral("%1 %2").arg(clean).arg(i);
        m_names.insert(name);
        return name;
    }

    // A value without what looks secret, and with other programs' variables in our words. `key`: the name it stands under.
    QString taken(const QString &key, QString value)
    {
        if (value.contains(QLatin1String("{{secret:")))
            return value;
        static const QRegularExpression variable(QStringLiteral("\\$\\{(?:(input|env):)?([A-Za-z_][A-Za-z0-9_.-]*)(:-([^}]*))?\\}"));
        QString out;
        qsizetype last = 0;
        bool replaced = false, own = false;
        for (auto it = variable.globalMatch(value); it.hasNext();) {
            const QRegularExpressionMatch match = it.next();
            out += value.mid(last, match.capturedStart() - last);
            last = match.capturedEnd();
            const QString kind = match.captured(1), name = match.captured(2);
            if (kind.isEmpty() && m_own.contains(name)) { // the program puts in what its own environment holds
                out += match.captured(0);
                own = true;
            } else if (kind == QLatin1String("input")) {
                const QString secret = secretNameFor(m_name, looksLikeName(key) ? key : name);
                out += secretReference(secret);
                const QString asked = m_inputs.value(name).value(QLatin1String("description")).toString();
                note(QStringLiteral("%1: enter the secret %2%3.").arg(m_name, secret, asked.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(asked.left(200))));
                replaced = true;
            } else if (kind.isEmpty() && (name == QLatin1String("workspaceFolder") || name == QLatin1String("cwd") || name == QLatin1String("CLAUDE_PROJECT_DIR"))) {
                out += QLatin1Char('.');
                note(QStringLiteral("%1: ${%2} is the project's folder here.").arg(m_name, name));
            } else if (kind.isEmpty() && name == QLatin1String("userHome")) {
                out += QStringLiteral("~");
                note(QStringLiteral("%1: write out the home folder where it says ~.").arg(m_name));
            } else {
                // Secrets are looked for in the environment first.
                out += secretReference(name);
                if (!match.captured(4).isEmpty())
                    note(QStringLiteral("%1: the default \"%2\" of %3 was not taken.").arg(m_name, match.captured(4).left(100), name));
                replaced = true;
            }
        }
        out += value.mid(last);
        if (replaced || own)
            return out;
        if (!looksLikeSecret(key, out))
            return out;
        // "Bearer KEY": only the key is kept elsewhere.
        static const QRegularExpression scheme(QStringLiteral("\\A((?:bearer|basic|token)\\s+)(\\S.*)\\z"), QRegularExpression::CaseInsensitiveOption);
        QString front, secret = out.trimmed();
        if (const auto match = scheme.match(secret); match.hasMatch()) {
            front = match.captured(1);
            secret = match.captured(2);
        }
        const QString name = keep(key, secret);
        return front + secretReference(name);
    }

    // Of a command line: also "NAME=VALUE" (docker's -e), "Header: VALUE" and addresses, which hold a name of their own, and settings as JSON.
    QString takenArgument(const QString &key, const QString &value)
    {
        static const QRegularExpression address(QStringLiteral("\\A(https?://[^\\s?]*\\?)(\\S*)\\z"), QRegularExpression::CaseInsensitiveOption);
        static const QRegularExpression pair(QStringLiteral("\\A([A-Za-z_][A-Za-z0-9_.-]*(?:=|:(?!//)[ \\t]*))(.+)\\z"), QRegularExpression::DotMatchesEverythingOption);
        if (const auto match = address.match(value); match.hasMatch())
            return takenArgumentOfAddress(match.captured(1), match.captured(2));
        if (const auto match = pair.match(value); match.hasMatch()) {
            const QString front = match.captured(1);
            QString name = front.trimmed();
            name.chop(1);
            const QString kept = taken(name, match.captured(2));
            if (kept != match.captured(2))
                return front + kept;
        }
        if (value.trimmed().startsWith(u'{')) {
            const auto settings = json::parse(value.toUtf8());
            if (settings && holdsSecret(QString(), *settings))
                return secretReference(keep(key, value));
        }
        return taken(key, value);
    }

    QString takenArgumentOfAddress(const QString &front, const QString &query)
    {
        QStringList pairs;
        for (const QString &pair : query.split(u'&')) {
            const qsizetype equals = pair.indexOf(u'=');
            pairs.append(equals < 0 ? pair : pair.left(equals + 1) + taken(pair.left(equals), pair.mid(equals + 1)));
        }
        // A password before the host makes all of it secret.
        return taken(QString(), front) == front ? front + pairs.join(u'&') : taken(QString(), front + query);
    }

    // An option whose value is the next word.
    static bool isOption(const QStringList &args, qsizetype at)
    {
        return at >= 0 && args[at].startsWith(QLatin1String("--")) && !args[at].contains(u'=');
    }

    static bool holdsSecret(const QString &name, const QJsonValue &value)
    {
        if (value.isString())
            return looksLikeSecret(name, value.toString());
        const QJsonArray list = value.toArray();
        for (const QJsonValue &item : list) {
            if (holdsSecret(name, item))
                return true;
        }
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it) {
            if (holdsSecret(it.key(), it.value()))
                return true;
        }
        return false;
    }

    static bool looksLikeName(const QString &text)
    {
        static const QRegularExpression name(QStringLiteral("\\A-{0,2}[A-Za-z][A-Za-z0-9_-]*\\z"));
        return name.match(text).hasMatch();
    }

    QString keep(const QString &key, const QString &secret)
    {
        const QString wish = secretNameFor(m_name, looksLikeName(key) ? key : QStringLiteral("SECRET"));
        QString name = wish;
        for (int i = 2; m_kept.contains(name) && m_kept.value(name) != secret; ++i)
            name = QStringLiteral("%1_%2").arg(wish).arg(i);
        if (!m_kept.contains(name) || !hasSecret(name))
            m_secrets.append({name, secret});
        m_kept.insert(name, secret);
        return name;
    }

    bool hasSecret(const QString &name) const
    {
        for (const auto &[known, value] : m_secrets) {
            if (known == name)
                return true;
        }
        return false;
    }

    QJsonObject takenAll(const QJsonObject &values)
    {
        QJsonObject out;
        for (auto it = values.begin(); it != values.end(); ++it) {
            const QJsonValue value = it.value();
            if (value.isNull())
                continue;
            const QString text = value.isString() ? value.toString() : json::compactString(value);
            out.insert(it.key(), taken(it.key(), text));
        }
        return out;
    }

    void addProgram(const QJsonObject &server, const QString &command, const QStringList &args)
    {
        m_config.insert(QStringLiteral("transport"), QStringLiteral("stdio"));
        m_config.insert(QStringLiteral("command"), command);
        QJsonObject env = server.value(QLatin1String("env")).toObject();
        if (env.isEmpty())
            env = server.value(QLatin1String("environment")).toObject();
        if (env.isEmpty())
            env = server.value(QLatin1String("envs")).toObject();
        m_own = env;
        QStringList kept;
        for (qsizetype i = 0; i < args.size(); ++i) {
            const qsizetype equals = args[i].startsWith(u'-') ? args[i].indexOf(u'=') : -1;
            if (equals > 0)
                kept.append(args[i].left(equals + 1) + takenArgument(args[i].left(equals), args[i].mid(equals + 1)));
            else // "--api-key" VALUE
                kept.append(takenArgument(isOption(args, i - 1) && !args[i].startsWith(u'-') ? args[i - 1] : QString(), args[i]));
        }
        m_own = QJsonObject();
        m_config.insert(QStringLiteral("args"), json::fromStringList(kept));
        if (!env.isEmpty())
            m_config.insert(QStringLiteral("env"), takenAll(env));
        QString folder = server.value(QLatin1String("cwd")).toString();
        if (folder.isEmpty())
            folder = server.value(QLatin1String("workingDirectory")).toString();
        if (!folder.isEmpty())
            m_config.insert(QStringLiteral("folder"), taken(QString(), folder));
        if (server.contains(QLatin1String("envFile")))
            note(QStringLiteral("%1: its file of variables (envFile) is not read; name the variables it needs.").arg(m_name));
    }

    bool addAddress(const QJsonObject &server, const QString &given)
    {
        QUrl url(given, QUrl::StrictMode);
        const bool variable = given.contains(QLatin1String("${"));
        if (!variable && (!url.isValid() || url.host().isEmpty() || (url.scheme() != QLatin1String("http") && url.scheme() != QLatin1String("https")))) {
            note(QStringLiteral("%1 was left out: \"%2\" is no web address.").arg(m_name, given.left(100)));
            return false;
        }
        m_config.insert(QStringLiteral("transport"), QStringLiteral("http"));
        QJsonObject headers = server.value(QLatin1String("headers")).toObject();
        if (headers.isEmpty())
            headers = server.value(QLatin1String("requestInit")).toObject().value(QLatin1String("headers")).toObject();
        if (!url.userInfo().isEmpty()) { // is the same as basic authentication
            headers.insert(QStringLiteral("Authorization"),
                           QStringLiteral("Basic %1").arg(QString::fromLatin1(url.userInfo(QUrl::FullyDecoded).toUtf8().toBase64())));
            url.setUserInfo(QString());
        }
        QString address = variable ? taken(QString(), given) : url.toString(QUrl::FullyEncoded);
        if (!variable && url.hasQuery()) { // "?api_key=VALUE"
            QStringList pairs;
            for (const QString &pair : url.query(QUrl::FullyEncoded).split(u'&')) {
                const qsizetype equals = pair.indexOf(u'=');
                pairs.append(equals < 0 ? pair : pair.left(equals + 1) + taken(pair.left(equals), pair.mid(equals + 1)));
            }
            url.setQuery(QString());
            address = url.toString(QUrl::FullyEncoded).remove(QRegularExpression(QStringLiteral("\\?\\z"))) + QLatin1Char('?') + pairs.join(u'&');
        }
        m_config.insert(QStringLiteral("url"), address);
        if (!headers.isEmpty())
            m_config.insert(QStringLiteral("headers"), takenAll(headers));
        QString kind = server.value(QLatin1String("type")).toString();
        if (kind.isEmpty())
            kind = server.value(QLatin1String("transport")).toString();
        if (kind == QLatin1String("sse"))
            note(QStringLiteral("%1 is named as a server of the old HTTP+SSE kind, which was replaced in 2025; it is tried as streamable HTTP.").arg(m_name));
        QJsonObject oauth = server.value(QLatin1String("oauth")).toObject();
        if (oauth.isEmpty())
            oauth = server.value(QLatin1String("auth")).toObject();
        QJsonObject auth;
        const auto take = [&](const char *from, const char *other, const char *to) {
            QString value = oauth.value(QLatin1String(from)).toString();
            if (value.isEmpty())
                value = oauth.value(QLatin1String(other)).toString();
            if (!value.isEmpty())
                auth.insert(QLatin1String(to), qstrcmp(to, "client_secret") == 0 ? taken(QStringLiteral("client_secret"), value) : value);
        };
        take("clientId", "CLIENT_ID", "client_id");
        take("clientSecret", "CLIENT_SECRET", "client_secret");
        if (!auth.isEmpty())
            m_config.insert(QStringLiteral("auth"), auth);
        return true;
    }

    QString m_name;
    QJsonObject m_config;
    QList<std::pair<QString, QString>> m_secrets;
    QJsonObject m_own; // the server's variables, while its arguments are read
    QHash<QString, QString> m_kept; // of all servers of the text
    QHash<QString, QJsonObject> m_inputs;
    QSet<QString> m_names;
};

bool isServer(const QJsonObject &object)
{
    const auto has = [&](const char *key) {
        const QJsonValue value = object.value(QLatin1String(key));
        return value.isString() || value.isArray();
    };
    return has("command") || has("url") || has("serverUrl") || has("httpUrl")
           || object.value(QLatin1String("command")).toObject().contains(QLatin1String("path"));
}

void addMap(Importer *importer, const QJsonObject &servers)
{
    for (auto it = servers.begin(); it != servers.end(); ++it) {
        if (it.value().isObject())
            importer->add(it.key(), it.value().toObject());
        else
            importer->note(QStringLiteral("%1 was left out: it is no server.").arg(it.key().left(60)));
    }
}

bool addJson(Importer *importer, const QJsonObject &root)
{
    importer->readInputs(root.value(QLatin1String("inputs")).toArray());
    for (const char *key : {"mcpServers", "servers", "context_servers", "mcp_servers"}) {
        const QJsonValue found = root.value(QLatin1String(key));
        if (found.isObject()) {
            addMap(importer, found.toObject());
            return true;
        }
        if (found.isArray()) { // [{name, command, ...}]
            for (const QJsonValue &value : found.toArray())
                importer->add(value.toObject().value(QLatin1String("name")).toString(), value.toObject());
            return true;
        }
    }
    if (isServer(root)) {
        importer->add(root.value(QLatin1String("name")).toString(), root);
        return true;
    }
    for (const char *key : {"mcp", "amp.mcpServers", "mcpServers.json"}) {
        const QJsonObject inner = root.value(QLatin1String(key)).toObject();
        if (inner.isEmpty())
            continue;
        if (addJson(importer, inner))
            return true;
    }
    bool any = false;
    for (const QJsonValue &value : root)
        any = any || isServer(value.toObject());
    if (any)
        addMap(importer, root);
    return any;
}

// "claude mcp add NAME [--transport http] [-e K=V] [--header H] -- CMD ...".
bool addClaudeCommand(Importer *importer, const QStringList &line)
{
    if (line.size() < 5 || line[1] != QLatin1String("mcp") || line[2] != QLatin1String("add"))
        return false;
    QJsonObject env, headers;
    QStringList rest;
    QString transport;
    for (qsizetype i = 3; i < line.size(); ++i) {
        const QString &word = line[i];
        const QString next = line.value(i + 1);
        if (word == QLatin1String("--")) {
            rest += line.mid(i + 1);
            break;
        }
        if (rest.size() > 1 && transport.isEmpty()) { // the command and its own options
            rest.append(word);
        } else if (word == QLatin1String("-t") || word == QLatin1String("--transport")) {
            transport = next;
            ++i;
        } else if (word == QLatin1String("-e") || word == QLatin1String("--env")) {
            env.insert(next.section(u'=', 0, 0), next.section(u'=', 1));
            ++i;
        } else if (word == QLatin1String("-H") || word == QLatin1String("--header")) {
            headers.insert(next.section(u':', 0, 0).trimmed(), next.section(u':', 1).trimmed());
            ++i;
        } else if (word == QLatin1String("-s") || word == QLatin1String("--scope")) {
            ++i;
        } else {
            rest.append(word);
        }
    }
    if (rest.size() < 2)
        return false;
    const QString name = rest.takeFirst();
    QJsonObject server;
    const QString target = rest.first();
    if (target.startsWith(QLatin1String("http://")) || target.startsWith(QLatin1String("https://"))) {
        server = QJsonObject{{QStringLiteral("url"), target}, {QStringLiteral("headers"), headers}, {QStringLiteral("type"), transport}};
    } else {
        server = QJsonObject{{QStringLiteral("command"), rest.takeFirst()}, {QStringLiteral("args"), json::fromStringList(rest)}, {QStringLiteral("env"), env}};
    }
    importer->add(name, server);
    return true;
}

Result<void> addCommand(Importer *importer, const QString &text)
{
    auto split = words(text);
    if (!split)
        return split.error();
    QStringList line = *split;
    if (!line.isEmpty() && (line.first() == QLatin1String("$") || line.first() == QLatin1String("%")))
        line.removeFirst();
    QJsonObject env;
    static const QRegularExpression assignment(QStringLiteral("\\A([A-Za-z_][A-Za-z0-9_]*)=(.*)\\z"), QRegularExpression::DotMatchesEverythingOption);
    if (!line.isEmpty() && line.first() == QLatin1String("env"))
        line.removeFirst();
    while (!line.isEmpty()) {
        const auto match = assignment.match(line.first());
        if (!match.hasMatch())
            break;
        env.insert(match.captured(1), match.captured(2));
        line.removeFirst();
    }
    if (line.isEmpty())
        return unusable(QStringLiteral("There is no program in this command line."));
    if (addClaudeCommand(importer, line))
        return {};
    const QString command = line.takeFirst();
    importer->add(QString(), QJsonObject{{QStringLiteral("command"), command}, {QStringLiteral("args"), json::fromStringList(line)}, {QStringLiteral("env"), env}});
    return {};
}
}

Result<McpServersImport> parseMcpServers(const QString &given)
{
    if (given.size() > maxText)
        return unusable(QStringLiteral("This is more than 1 MB of text; paste only the part that names the servers."));
    QString text = given.trimmed();
    if (text.startsWith(QChar(QChar::ByteOrderMark)))
        text = text.mid(1).trimmed();
    // Fences around it, as documentation has them.
    if (text.startsWith(QLatin1String("```"))) {
        text = text.section(u'\n', 1);
        const qsizetype end = text.lastIndexOf(QLatin1String("```"));
        text = (end >= 0 ? text.left(end) : text).trimmed();
    }
    if (text.isEmpty())
        return unusable(QStringLiteral("Nothing is given; paste a command line, an address, or the mcpServers part of another program's settings."));
    Importer importer;
    static const QRegularExpression address(QStringLiteral("\\Ahttps?://\\S+\\z"), QRegularExpression::CaseInsensitiveOption);
    // The head of JSON may be a comment; "servers": {...} without the braces around it is what people copy.
    const QString plain = plainJson(text).trimmed();
    const bool isMember = plain.startsWith(u'"') && plain.contains(QRegularExpression(QStringLiteral("\\A\"[^\"\\n]*\"\\s*:")));
    if (address.match(text).hasMatch()) {
        importer.add(QString(), QJsonObject{{QStringLiteral("url"), text}});
    } else if (plain.startsWith(u'{') || plain.startsWith(u'[') || isMember) {
        QString whole = plain;
        if (isMember) {
            while (whole.endsWith(u',') || whole.endsWith(u' ') || whole.endsWith(u'\n'))
                whole.chop(1);
            whole = u'{' + whole + u'}';
        }
        const auto parsed = json::parse(whole.toUtf8());
        if (!parsed)
            return parsed.error();
        QJsonObject root = parsed->toObject();
        if (parsed->isArray())
            root = QJsonObject{{QStringLiteral("servers"), parsed->toArray()}};
        if (!addJson(&importer, root))
            return unusable(QStringLiteral("There is no MCP server in this JSON; each needs a \"command\" or a \"url\"."));
    } else {
        const auto added = addCommand(&importer, text);
        if (!added)
            return added.error();
    }
    if (importer.result.servers.empty())
        return unusable(importer.result.notes.isEmpty() ? QStringLiteral("There is no MCP server in this text.") : importer.result.notes.join(u' '));
    return std::move(importer.result);
}

} // namespace lathe
