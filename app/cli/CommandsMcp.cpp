// SPDX-License-Identifier: GPL-3.0-or-later
// mcp, tools, tool, mcp-add: the project as an MCP server, and the tools it has.
#include "app/cli/Commands.h"

#include "app/cli/Output.h"
#include "core/base/Json.h"
#include "core/design/SecretLook.h"
#include "core/design/ToolSpec.h"
#include "core/llm/ChatModel.h"
#include "core/server/McpServerHttp.h"
#include "core/server/McpServerStdio.h"
#include "core/server/ServerAddress.h"
#include "core/session/McpHub.h"

#include <QFile>

#include <cstdio>
#include <unistd.h>

namespace lathe::cli {

namespace {
constexpr qint64 lingerMs = 1500; // clients send SIGTERM 2 s after they closed our input

Error wrong(const QString &message)
{
    return Error(ErrorKind::InvalidInput, message);
}

Task<int> serveHttp(CommandLine line, McpServerOffer *offer, McpServerRuns *runs, CancelToken interrupt)
{
    McpServerHttpOptions options;
    const auto address = ServerAddress::parse(line.value(QStringLiteral("http")), ServerAddress());
    if (!address)
        co_return fail(address.error());
    options.address = *address;
    options.token = line.value(QStringLiteral("token"));
    if (!address->isLoopback() && options.token.isEmpty())
        co_return fail(wrong(QStringLiteral("%1 can be reached from the network: whoever finds it could run the project's agents. Give --token TOKEN, or an "
                                            "address of this computer such as 127.0.0.1:0.")
                                 .arg(address->toString())));
    McpServerHttp server(offer, runs);
    const auto started = server.start(options);
    if (!started)
        co_return fail(started.error());
    if (line.has(QStringLiteral("json")))
        printJson(QJsonObject{{QStringLiteral("url"), server.url().toString()}});
    else
        printMessage(QStringLiteral("MCP at %1; Ctrl+C ends it.").arg(server.url().toString()));
    Completion<bool> ended;
    const auto registration = interrupt.onCancelled([ended] { ended.complete(true); });
    co_await ended;
    co_await server.stop();
    co_return ExitOk;
}
}

Task<int> commandMcp(CommandLine line, Session *session, CancelToken interrupt)
{
    McpServerOffer offer(session);
    McpServerRuns runs(&offer);
    if (line.has(QStringLiteral("http"))) {
        const int code = co_await serveHttp(line, &offer, &runs, interrupt);
        co_return code;
    }
    if (::isatty(STDIN_FILENO))
        printMessage(QStringLiteral("lathe-cli: speaking MCP on standard input and output, as a coding assistant starts it; Ctrl+C ends it."));
    McpServerStdio server(&offer, &runs, STDIN_FILENO, STDOUT_FILENO);
    co_await server.serve(lingerMs, interrupt);
    co_return ExitOk;
}

namespace {
// The words of the catalogue: "always" alone would read as "always asks".
QString approvalWords(const QJsonObject &body)
{
    const auto spec = ToolSpec::fromJson(body);
    if (!spec)
        return QStringLiteral("?");
    switch (spec->approval) {
    case Approval::Always:
        return QStringLiteral("runs at once");
    case Approval::Ask:
        return QStringLiteral("asks each time");
    case Approval::AskFirst:
        return QStringLiteral("asks the first time");
    case Approval::AskWhen:
        return QStringLiteral("asks by rule");
    case Approval::Never:
        break;
    }
    return QStringLiteral("is refused");
}

QJsonArray functionsJson(const Session *session, const QString &name, const QJsonObject &body, QString *problem)
{
    const auto described = session->describeTools(name, body);
    if (!described)
        *problem = described.error().message;
    QJsonArray functions;
    for (const ToolDescription &tool : described ? *described : std::vector<ToolDescription>())
        functions.append(QJsonObject{{QStringLiteral("name"), tool.name}, {QStringLiteral("description"), tool.description}, {QStringLiteral("schema"), tool.schema}});
    return functions;
}
}

Task<int> commandTools(CommandLine line, Session *session)
{
    const bool asJson = line.has(QStringLiteral("json"));
    std::vector<QStringList> rows;
    for (const ArtifactInfo &info : session->project().artifacts().list(ArtifactKind::Tool)) {
        const auto tool = session->project().artifacts().resolve(ArtifactKind::Tool, info.name);
        if (!tool)
            continue;
        const QString type = tool->body.value(QLatin1String("type")).toString();
        const QString approval = tool->body.value(QLatin1String("approval")).toString();
        QString problem;
        const QJsonArray functions = functionsJson(session, tool->name, tool->body, &problem);
        if (asJson) {
            QJsonObject json{{QStringLiteral("tool"), tool->reference()},
                             {QStringLiteral("type"), type},
                             {QStringLiteral("approval"), approval},
                             {QStringLiteral("purpose"), tool->body.value(QLatin1String("purpose"))},
                             {QStringLiteral("functions"), functions}};
            if (!problem.isEmpty())
                json.insert(QStringLiteral("problem"), problem);
            printJson(json);
            continue;
        }
        rows.push_back({tool->reference(), type, approvalWords(tool->body),
                        problem.isEmpty() ? QString::number(functions.size()) : QStringLiteral("-"),
                        problem.isEmpty() ? shortText(tool->body.value(QLatin1String("purpose")).toString(), 70) : shortText(problem, 100)});
        for (const QJsonValue &value : functions) {
            const QJsonObject function = value.toObject();
            if (functions.size() > 1 || type == QLatin1String("mcp"))
                rows.push_back({QStringLiteral("  ") + function.value(QLatin1String("name")).toString(), QString(), QString(), QString(),
                                shortText(function.value(QLatin1String("description")).toString(), 70)});
        }
    }
    if (!asJson)
        printTable({QStringLiteral("TOOL"), QStringLiteral("TYPE"), QStringLiteral("APPROVAL"), QStringLiteral("FUNCTIONS"), QStringLiteral("PURPOSE")}, rows);
    co_return ExitOk;
}

Task<int> commandTool(CommandLine line, Session *session, CancelToken interrupt)
{
    const QString reference = line.arguments[1];
    const auto tool = session->project().artifacts().resolve(ArtifactKind::Tool, reference);
    if (!tool)
        co_return fail(tool.error());
    QString arguments = line.value(QStringLiteral("args"), QStringLiteral("{}"));
    if (arguments.startsWith(QLatin1Char('@'))) {
        QFile file(arguments.mid(1));
        if (!file.open(QIODevice::ReadOnly))
            co_return fail(wrong(QStringLiteral("Could not read %1: %2.").arg(file.fileName(), file.errorString())));
        arguments = json::fromUtf8Lossy(file.readAll());
    }
    ToolTrialOptions options;
    options.function = line.arguments.value(2);
    const bool asJson = line.has(QStringLiteral("json"));
    options.progress = [](double progress, std::optional<double> total, const QString &message) {
        printMessage(QStringLiteral("%1%2 %3").arg(progress).arg(total ? QStringLiteral("/%1").arg(*total) : QString(), message));
    };
    const auto trial = co_await session->tryTool(tool->name, tool->body, arguments, options, interrupt);
    if (!trial)
        co_return fail(trial.error());
    if (asJson) {
        QJsonObject json{{QStringLiteral("tool"), tool->reference()},
                         {QStringLiteral("arguments"), trial->arguments},
                         {QStringLiteral("outcome"), trial->outcome.toJson()},
                         {QStringLiteral("duration_us"), trial->durationUs}};
        if (!options.function.isEmpty())
            json.insert(QStringLiteral("function"), options.function);
        printJson(json);
    } else if (trial->outcome.isError) {
        printMessage(QStringLiteral("lathe-cli: ") + trial->outcome.text);
    } else {
        printLine(trial->outcome.text);
        printMessage(durationText(trial->durationUs));
    }
    co_return trial->outcome.isError ? ExitFailed : ExitOk;
}

namespace {
// One server of what was pasted: connected, its tools read, and kept as a revision.
Task<Result<QJsonObject>> addServer(Session *session, McpServersImport::Server server, QString wish, bool offline, CancelToken interrupt)
{
    QString text = json::compactString(server.body);
    QJsonArray secrets;
    for (const auto &[secret, value] : server.secrets) {
        QString kept = secret; // one that is known already may be another server's: it is not replaced
        for (int i = 2; i < 1000; ++i) {
            const auto known = co_await session->hasSecret(kept);
            if (!known || !*known)
                break;
            kept = QStringLiteral("%1_%2").arg(secret).arg(i);
        }
        if (kept != secret) {
            text.replace(secretReference(secret), secretReference(kept));
            printMessage(QStringLiteral("%1: there is a secret %2 already, so this one is kept as %3.").arg(server.name, secret, kept));
        }
        const auto stored = co_await session->storeSecret(kept, value);
        if (!stored)
            co_return stored.error();
        secrets.append(kept);
    }
    const QString name = session->freeName(ArtifactKind::Tool, wish.isEmpty() ? server.name : wish);
    QJsonObject body = json::parseObject(text.toUtf8()).valueOr(server.body);
    if (!offline) {
        const auto config = co_await session->mcp().refreshed(name, body, interrupt);
        if (!config)
            co_return config.error();
        body.insert(QStringLiteral("config"), *config);
    }
    const auto created = co_await session->createArtifact(ArtifactKind::Tool, name, body);
    if (!created)
        co_return created.error();
    const auto revision = co_await session->commit(*created, QStringLiteral("Added by mcp-add"));
    if (!revision)
        co_return revision.error();
    QJsonArray functions;
    for (const ToolFunction &function : toolFunctions(body.value(QLatin1String("config")).toObject()))
        functions.append(function.name);
    co_return QJsonObject{{QStringLiteral("tool"), name},
                          {QStringLiteral("revision"), revision->number},
                          {QStringLiteral("functions"), functions},
                          {QStringLiteral("secrets"), secrets}};
}
}

Task<int> commandMcpAdd(CommandLine line, Session *session, CancelToken interrupt)
{
    // Words behind "--" are a command line as they are; the shell has split them already.
    QString text;
    if (line.arguments.size() == 2) {
        text = line.arguments[1];
        if (text == QLatin1String("-")) {
            QFile in;
            if (!in.open(stdin, QIODevice::ReadOnly))
                co_return fail(wrong(QStringLiteral("Could not read standard input.")));
            text = json::fromUtf8Lossy(in.readAll());
        } else if (QFile::exists(text) && text.endsWith(QLatin1String(".json"))) {
            QFile file(text);
            if (!file.open(QIODevice::ReadOnly))
                co_return fail(wrong(QStringLiteral("Could not read %1: %2.").arg(text, file.errorString())));
            text = json::fromUtf8Lossy(file.readAll());
        }
    } else {
        QStringList quoted;
        for (const QString &word : line.arguments.mid(1))
            quoted.append(QLatin1Char('\'') + QString(word).replace(QLatin1Char('\''), QLatin1String("'\\''")) + QLatin1Char('\''));
        text = quoted.join(QLatin1Char(' '));
    }
    const auto parsed = parseMcpServers(text);
    if (!parsed)
        co_return fail(parsed.error());
    const QString wish = line.value(QStringLiteral("name"));
    if (!wish.isEmpty() && parsed->servers.size() > 1)
        co_return fail(wrong(QStringLiteral("--name names one server, and these are %1.").arg(parsed->servers.size())));
    for (const QString &note : parsed->notes)
        printMessage(note);
    QObject context;
    QObject::connect(&session->mcp(), &McpHub::serverLogged, &context, [](const QString &name, const McpLogLine &logged) {
        if (logged.source == McpLogLine::Source::Stderr || logged.source == McpLogLine::Source::Client)
            printMessage(QStringLiteral("%1: %2").arg(name, shortText(logged.text, 200)));
    });
    int code = ExitOk;
    for (const McpServersImport::Server &server : parsed->servers) {
        const auto added = co_await addServer(session, server, wish, line.has(QStringLiteral("offline")), interrupt);
        if (!added) {
            code = fail(Error(added.error().kind, QStringLiteral("%1 was not added: %2").arg(server.name, added.error().message)));
            if (interrupt.isCancelled())
                break;
            continue;
        }
        if (line.has(QStringLiteral("json")))
            printJson(*added);
        else
            printLine(QStringLiteral("%1: %2 functions").arg(added->value(QLatin1String("tool")).toString()).arg(added->value(QLatin1String("functions")).toArray().size()));
    }
    co_return code;
}

} // namespace lathe::cli
