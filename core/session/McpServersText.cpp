// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/McpServersText.h"

#include <QFileInfo>
#include <QRegularExpression>
#include <QSet>

namespace lathe::mcptext {

// JSON with comments and trailing commas, as editors write it, to plain JSON. Line breaks stay, so that places in errors are right.
QString plainJson(const QString &text)
{
    QString out;
    out.reserve(text.size());
    bool inString = false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        if (inString) {
            out += c;
            if (c == u'\\' && i + 1 < text.size())
                out += text[++i];
            else if (c == u'"')
                inString = false;
            continue;
        }
        if (c == u'"') {
            inString = true;
            out += c;
        } else if (c == u'/' && i + 1 < text.size() && text[i + 1] == u'/') {
            while (i < text.size() && text[i] != u'\n')
                ++i;
            out += u'\n';
        } else if (c == u'/' && i + 1 < text.size() && text[i + 1] == u'*') {
            const qsizetype end = text.indexOf(QLatin1String("*/"), i + 2);
            const qsizetype stop = end < 0 ? text.size() : end + 2;
            for (; i < stop; ++i) {
                if (text[i] == u'\n')
                    out += u'\n';
            }
            --i;
        } else if (c == u'}' || c == u']') {
            qsizetype last = out.size() - 1;
            while (last >= 0 && out[last].isSpace())
                --last;
            if (last >= 0 && out[last] == u',')
                out[last] = u' ';
            out += c;
        } else {
            out += c;
        }
    }
    return out;
}

// Words of a command line, with quotes and backslashes as a POSIX shell reads them. Nothing is expanded, and nothing is run.
Result<QStringList> words(const QString &line)
{
    QStringList result;
    QString word;
    bool any = false;
    QChar quote;
    for (qsizetype i = 0; i < line.size(); ++i) {
        const QChar c = line[i];
        if (!quote.isNull()) {
            if (c == quote)
                quote = QChar();
            else if (c == u'\\' && quote == u'"' && i + 1 < line.size() && QStringLiteral("\"\\$`").contains(line[i + 1]))
                word += line[++i];
            else
                word += c;
        } else if (c == u'\'' || c == u'"') {
            quote = c;
            any = true;
        } else if (c == u'\\' && i + 1 < line.size()) {
            ++i;
            if (line[i] == u'\n') // the line goes on
                continue;
            if (line[i] == u'\r' && i + 1 < line.size() && line[i + 1] == u'\n') {
                ++i;
                continue;
            }
            word += line[i];
            any = true;
        } else if (c.isSpace()) {
            if (any)
                result.append(word);
            word.clear();
            any = false;
        } else if (QStringLiteral("|<>;&`").contains(c)) {
            return Error(ErrorKind::InvalidInput, QStringLiteral("The command line holds \"%1\", which only a shell understands; Lathe starts the program without one. "
                                           "Keep the program and its arguments only, or put quotes around it.")
                                .arg(c));
        } else {
            word += c;
            any = true;
        }
    }
    if (!quote.isNull())
        return Error(ErrorKind::InvalidInput, QStringLiteral("The command line has a %1 that is never closed.").arg(quote));
    if (any)
        result.append(word);
    return result;
}

namespace {
// "@modelcontextprotocol/server-github@1.2" -> "github", "mcp-server-git" -> "git".
QString shortName(QString package)
{
    package = package.section(u'/', -1).section(u'\\', -1);
    const qsizetype version = package.indexOf(QRegularExpression(QStringLiteral("[@:]|==")), 1);
    if (version > 0)
        package.truncate(version);
    static const QRegularExpression ending(QStringLiteral("\\.(js|mjs|cjs|ts|py|exe|cmd|jar|sh)\\z"), QRegularExpression::CaseInsensitiveOption);
    package.remove(ending);
    static const QRegularExpression front(QStringLiteral("\\A(mcp[-_]server|server[-_]mcp|mcp|server)[-_]"), QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression back(QStringLiteral("[-_](mcp[-_]server|server[-_]mcp|mcp|server)\\z"), QRegularExpression::CaseInsensitiveOption);
    const QString bare = QString(package).remove(front).remove(back);
    return bare.isEmpty() ? package : bare;
}
}

// What to call the server that a command line starts.
QString nameOfCommand(const QString &command, const QStringList &args)
{
    const QString program = QFileInfo(command).completeBaseName().toLower();
    static const QSet<QString> runners{QStringLiteral("npx"),    QStringLiteral("uvx"),    QStringLiteral("bunx"),    QStringLiteral("pnpx"),   QStringLiteral("npm"),
                                       QStringLiteral("pnpm"),   QStringLiteral("yarn"),   QStringLiteral("bun"),     QStringLiteral("uv"),     QStringLiteral("pipx"),
                                       QStringLiteral("docker"), QStringLiteral("podman"), QStringLiteral("node"),    QStringLiteral("deno"),   QStringLiteral("python"),
                                       QStringLiteral("python3"), QStringLiteral("py"),    QStringLiteral("java"),    QStringLiteral("cmd"),    QStringLiteral("tsx")};
    if (!runners.contains(program))
        return shortName(QFileInfo(command).fileName());
    static const QSet<QString> verbs{QStringLiteral("run"), QStringLiteral("exec"), QStringLiteral("dlx"), QStringLiteral("tool"), QStringLiteral("x"), QStringLiteral("/c"),
                                     QStringLiteral("npx")};
    static const QSet<QString> withValue{QStringLiteral("-e"), QStringLiteral("--env"), QStringLiteral("-v"), QStringLiteral("--volume"), QStringLiteral("--mount"),
                                         QStringLiteral("--network"), QStringLiteral("--directory"), QStringLiteral("-p"), QStringLiteral("--name"), QStringLiteral("--with"),
                                         QStringLiteral("--python"), QStringLiteral("-w"), QStringLiteral("--env-file"), QStringLiteral("-u"), QStringLiteral("--user")};
    const bool container = program == QLatin1String("docker") || program == QLatin1String("podman");
    for (qsizetype i = 0; i < args.size(); ++i) {
        const QString &arg = args[i];
        if (arg == QLatin1String("--from") || arg == QLatin1String("--package") || arg == QLatin1String("-m"))
            continue; // the next one names it
        if (withValue.contains(arg) && (container || arg.startsWith(QLatin1String("--")))) {
            ++i;
            continue;
        }
        if (arg.startsWith(u'-') || verbs.contains(arg))
            continue;
        const QFileInfo file(arg);
        static const QSet<QString> plain{QStringLiteral("index"), QStringLiteral("main"), QStringLiteral("server"), QStringLiteral("stdio"), QStringLiteral("cli")};
        if (arg.contains(u'/') && !file.suffix().isEmpty() && plain.contains(file.completeBaseName().toLower()) && !arg.startsWith(u'@')) {
            static const QSet<QString> folders{QStringLiteral("dist"), QStringLiteral("build"), QStringLiteral("src"), QStringLiteral("bin"), QStringLiteral("out"), QStringLiteral("lib")};
            QStringList parts = file.path().split(u'/', Qt::SkipEmptyParts);
            while (!parts.isEmpty() && folders.contains(parts.last().toLower()))
                parts.removeLast();
            if (!parts.isEmpty())
                return shortName(parts.last());
        }
        return shortName(arg);
    }
    return program;
}

// "https://mcp.linear.app/sse" -> "linear".
QString nameOfUrl(const QUrl &url)
{
    const QString host = url.host();
    if (host == QLatin1String("localhost") || host.startsWith(QLatin1String("127.")) || host.contains(u':'))
        return QStringLiteral("local server");
    static const QRegularExpression numbers(QStringLiteral("\\A[0-9.]+\\z"));
    if (numbers.match(host).hasMatch())
        return host;
    QStringList parts = host.split(u'.', Qt::SkipEmptyParts);
    while (parts.size() > 1
           && (parts.first() == QLatin1String("mcp") || parts.first() == QLatin1String("www") || parts.first() == QLatin1String("api") || parts.first() == QLatin1String("server")))
        parts.removeFirst();
    if (parts.size() > 2) // "x.y.com" -> "y", unless a short second level ("co.uk")
        parts = parts.mid(parts[parts.size() - 2].size() <= 3 ? parts.size() - 3 : parts.size() - 2);
    return parts.value(0, host);
}

} // namespace lathe::mcptext
