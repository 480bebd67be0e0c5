// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/AddToolInput.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QUrl>

namespace lathe {

namespace {
using Kind = AddToolInput::Kind;
constexpr qint64 headBytes = 16 * 1024;
constexpr int longestSummary = 120;

QString words(const char *text)
{
    return QCoreApplication::translate("lathe::AddToolInput", text);
}

// Programs that start servers; others are recognised when they can be found and have arguments.
bool isLauncher(const QString &program)
{
    static const QStringList known{QStringLiteral("npx"),    QStringLiteral("uvx"),     QStringLiteral("node"), QStringLiteral("python"),
                                   QStringLiteral("python3"), QStringLiteral("docker"), QStringLiteral("podman"), QStringLiteral("uv"),
                                   QStringLiteral("bunx"),   QStringLiteral("bun"),     QStringLiteral("pnpm"), QStringLiteral("deno"),
                                   QStringLiteral("pipx"),   QStringLiteral("java"),    QStringLiteral("dotnet"), QStringLiteral("npm")};
    QString name = QFileInfo(program).fileName();
    if (name.endsWith(QLatin1String(".exe")) || name.endsWith(QLatin1String(".cmd")))
        name.chop(4);
    return known.contains(name);
}

QString oneLine(const QString &text)
{
    const QString line = text.simplified();
    return line.size() > longestSummary ? line.left(longestSummary - 1) + QChar(0x2026) : line;
}

QString withoutPromptSign(QString text)
{
    if (text.startsWith(QLatin1String("$ ")) || text.startsWith(QLatin1String("> ")))
        text = text.mid(2).trimmed();
    return text;
}

bool looksLikeOpenApi(const QString &head)
{
    static const QRegularExpression pattern(QStringLiteral("(^|[\\s{,\"'])(openapi|swagger)[\"']?\\s*:\\s*[\"']?[0-9]"));
    return pattern.match(head).hasMatch();
}

bool looksLikeServers(const QString &head)
{
    static const QRegularExpression pattern(QStringLiteral("\"(mcpServers|servers|mcp)\"\\s*:\\s*\\{|\"(command|url|serverUrl)\"\\s*:\\s*\""));
    return pattern.match(head).hasMatch();
}

// A path of a file that is there; "file:" URLs and "~/" too.
QString pathOf(const QString &text)
{
    if (text.contains(QLatin1Char('\n')) || text.size() > 4096)
        return {};
    QString path = text;
    if (path.startsWith(QLatin1String("file:")))
        path = QUrl(path).toLocalFile();
    else if (path.startsWith(QLatin1String("~/")))
        path = QDir::homePath() + path.mid(1);
    if ((path.startsWith(QLatin1Char('"')) && path.endsWith(QLatin1Char('"'))) || (path.startsWith(QLatin1Char('\'')) && path.endsWith(QLatin1Char('\''))))
        path = path.mid(1, path.size() - 2);
    const bool isPath = path.contains(QLatin1Char('/')) || path.contains(QLatin1Char('\\')) || path.contains(QLatin1Char('.'));
    return isPath && QFileInfo(path).isFile() ? path : QString();
}

bool looksLikePath(const QString &program)
{
    for (const char *start : {"/", "./", "../", "~/"}) {
        if (program.startsWith(QLatin1String(start)) && program.size() > qsizetype(qstrlen(start)) && !program.startsWith(QLatin1String("//")))
            return true;
    }
    return false;
}

QString headOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.read(headBytes)) : QString();
}

AddToolInput make(Kind kind, const QString &text, const QString &shown, QList<Kind> also = {})
{
    AddToolInput input;
    input.kind = kind;
    input.text = text;
    input.also = std::move(also);
    input.summary = oneLine(shown);
    return input;
}

AddToolInput fromUrl(const QString &text)
{
    const QUrl url(text, QUrl::StrictMode);
    const QString path = url.path().toLower();
    const bool document = path.endsWith(QLatin1String(".json")) || path.endsWith(QLatin1String(".yaml")) || path.endsWith(QLatin1String(".yml"))
                          || path.contains(QLatin1String("openapi")) || path.contains(QLatin1String("swagger")) || path.endsWith(QLatin1String("api-docs"));
    const bool server = path.endsWith(QLatin1String("/mcp")) || path.endsWith(QLatin1String("/mcp/")) || path.endsWith(QLatin1String("/sse"))
                        || path.contains(QLatin1String("/mcp/")) || url.host().startsWith(QLatin1String("mcp."));
    if (document && !server)
        return make(Kind::OpenApiUrl, text, text, {Kind::Request, Kind::McpUrl});
    if (server)
        return make(Kind::McpUrl, text, text, {Kind::OpenApiUrl, Kind::Request});
    return make(Kind::McpUrl, text, text, {Kind::Request, Kind::OpenApiUrl});
}
}

QString AddToolInput::kindTitle(Kind kind)
{
    switch (kind) {
    case Kind::McpServers:
    case Kind::McpUrl:
        return words("MCP server");
    case Kind::OpenApiText:
    case Kind::OpenApiFile:
    case Kind::OpenApiUrl:
        return words("OpenAPI document");
    case Kind::Curl:
        return words("curl command");
    case Kind::Request:
        return words("HTTP request");
    case Kind::Search:
    case Kind::Nothing:
        break;
    }
    return {};
}

AddToolInput recogniseTool(const QString &text)
{
    const QString trimmed = withoutPromptSign(text.trimmed());
    if (trimmed.isEmpty())
        return {};
    static const QRegularExpression curl(QStringLiteral("^curl(\\.exe)?\\s"));
    if (curl.match(trimmed).hasMatch())
        return make(Kind::Curl, trimmed, trimmed);
    static const QRegularExpression web(QStringLiteral("^https?://\\S+$"), QRegularExpression::CaseInsensitiveOption);
    if (web.match(trimmed).hasMatch())
        return fromUrl(trimmed);
    const QString head = trimmed.left(headBytes);
    const bool json = head.startsWith(QLatin1Char('{')) || head.startsWith(QLatin1String("//")) || head.startsWith(QLatin1Char('"'));
    if (looksLikeOpenApi(head) && (json || trimmed.contains(QLatin1Char('\n'))))
        return make(Kind::OpenApiText, trimmed, words("pasted text"));
    if (json && looksLikeServers(head))
        return make(Kind::McpServers, trimmed, words("pasted configuration"));
    if (const QString path = pathOf(trimmed); !path.isEmpty()) {
        const QString inside = headOf(path);
        if (looksLikeOpenApi(inside))
            return make(Kind::OpenApiFile, path, path);
        if (looksLikeServers(inside)) {
            QFile file(path);
            if (file.open(QIODevice::ReadOnly) && file.size() < 1024 * 1024)
                return make(Kind::McpServers, QString::fromUtf8(file.readAll()), path);
        }
        if (QFileInfo(path).isExecutable())
            return make(Kind::McpServers, trimmed, trimmed);
        if (path.endsWith(QLatin1String(".json")) || path.endsWith(QLatin1String(".yaml")) || path.endsWith(QLatin1String(".yml")))
            return make(Kind::OpenApiFile, path, path);
    }
    // A command line, maybe with NAME=value in front.
    static const QRegularExpression command(QStringLiteral("^(?:[A-Za-z_][A-Za-z0-9_]*=\\S*\\s+)*([^\\s'\"=]+)(\\s+\\S)?"));
    if (const auto match = command.match(trimmed); match.hasMatch() && !trimmed.startsWith(QLatin1Char('{'))) {
        const QString program = match.captured(1);
        const bool arguments = !match.captured(2).isEmpty();
        const bool assigned = match.capturedStart(1) > 0;
        const bool option = trimmed.contains(QLatin1String(" -")) || trimmed.contains(QLatin1Char('/')) || trimmed.contains(QLatin1Char('@'));
        const bool found = program.contains(QLatin1Char('/')) ? QFileInfo(program).isExecutable() : !QStandardPaths::findExecutable(program).isEmpty();
        // "file search" are words although there is a program called file.
        if ((isLauncher(program) && arguments) || assigned || (found && arguments && option) || (found && program.contains(QLatin1Char('/'))))
            return make(Kind::McpServers, trimmed, trimmed);
        // Meant as a command or a file, though it is not there (yet): starting or reading it says so, a search for words would not.
        if (looksLikePath(program)) {
            static const QRegularExpression document(QStringLiteral("\\.(json|ya?ml)\\z"), QRegularExpression::CaseInsensitiveOption);
            if (!arguments && document.match(program).hasMatch())
                return make(Kind::OpenApiFile, program, program);
            return make(Kind::McpServers, trimmed, trimmed);
        }
        static const QRegularExpression anOption(QStringLiteral("\\s-{1,2}[A-Za-z]"));
        if (anOption.match(trimmed).hasMatch())
            return make(Kind::McpServers, trimmed, trimmed);
    }
    if (json)
        return make(Kind::McpServers, trimmed, words("pasted configuration"), {Kind::OpenApiText});
    return make(Kind::Search, trimmed, QString());
}

AddToolInput readAs(const AddToolInput &input, AddToolInput::Kind kind)
{
    AddToolInput other = input;
    other.also.removeAll(kind);
    if (input.kind != kind)
        other.also.prepend(input.kind);
    other.kind = kind;
    return other;
}

} // namespace lathe
