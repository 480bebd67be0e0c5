// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Commands.h"

#include "app/cli/Output.h"
#include "core/session/SecretStore.h"

namespace lathe::cli {

int fail(const Error &error)
{
    printError(error);
    return exitCodeFor(error);
}

Result<RunId> parseRunId(const QString &text, const Session &session)
{
    if (text == QLatin1String("last")) {
        const RunId newest = session.project().runs().newest();
        if (!newest.isValid())
            return Error(ErrorKind::NotFound, QStringLiteral("The project has no runs yet."));
        return newest;
    }
    bool ok = false;
    const qint64 number = text.toLongLong(&ok);
    if (!ok || number <= 0)
        return Error(ErrorKind::InvalidInput, QStringLiteral("\"%1\" is no run; give its number, or \"last\".").arg(text));
    return RunId{number};
}

Task<int> execute(CommandLine line, CancelToken interrupt)
{
    if (line.command == QLatin1String("new")) {
        const int code = co_await commandNew(line);
        co_return code;
    }
    if (line.command == QLatin1String("eval") && line.has(QStringLiteral("config"))) {
        const int code = co_await commandEvalConfig(line, interrupt);
        co_return code;
    }
    if (line.command == QLatin1String("eval") && line.arguments.size() != 2)
        co_return fail(Error(ErrorKind::InvalidInput, QStringLiteral("Usage: lathe-cli eval FILE EXPERIMENT, or lathe-cli eval --config FILE")));
    SystemSecrets secrets;
    SessionOptions options;
    options.secrets = &secrets;
    static const QStringList reading{QStringLiteral("ls"), QStringLiteral("show"), QStringLiteral("log"), QStringLiteral("trace"), QStringLiteral("export-runs"),
                                     QStringLiteral("replay"), QStringLiteral("forks"), QStringLiteral("test"),
                                     QStringLiteral("tools"),  QStringLiteral("tool")};
    if (reading.contains(line.command))
        options.mode = Project::Mode::ReadOnly;
    auto session = Session::open(line.arguments.first(), options);
    if (!session)
        co_return fail(session.error());
    Session *raw = session->get();
    if (options.mode == Project::Mode::ReadWrite && !raw->project().readOnlyReason().isEmpty())
        printMessage(QStringLiteral("lathe-cli: ") + raw->project().readOnlyReason());
    QObject::connect(raw, &Session::failed, raw, [](const Error &error) { printError(error); });
    int code = ExitUsage;
    if (line.command == QLatin1String("ls"))
        code = co_await commandLs(line, raw);
    else if (line.command == QLatin1String("show"))
        code = co_await commandShow(line, raw);
    else if (line.command == QLatin1String("run") && line.has(QStringLiteral("inputs")))
        code = co_await commandBatch(line, raw, interrupt);
    else if (line.command == QLatin1String("run"))
        code = co_await commandRun(line, raw, interrupt);
    else if (line.command == QLatin1String("serve"))
        code = co_await commandServe(line, raw, interrupt);
    else if (line.command == QLatin1String("resume"))
        code = co_await commandResume(line, raw, interrupt);
    else if (line.command == QLatin1String("fork"))
        code = co_await commandFork(line, raw, interrupt);
    else if (line.command == QLatin1String("eval"))
        code = co_await commandEval(line, raw, interrupt);
    else if (line.command == QLatin1String("log"))
        code = co_await commandLog(line, raw, interrupt);
    else if (line.command == QLatin1String("trace"))
        code = co_await commandTrace(line, raw, interrupt);
    else if (line.command == QLatin1String("replay"))
        code = co_await commandReplay(line, raw, interrupt);
    else if (line.command == QLatin1String("forks"))
        code = co_await commandForks(line, raw, interrupt);
    else if (line.command == QLatin1String("pin") || line.command == QLatin1String("unpin"))
        code = co_await commandPin(line, raw);
    else if (line.command == QLatin1String("test"))
        code = co_await commandTest(line, raw, interrupt);
    else if (line.command == QLatin1String("rate"))
        code = co_await commandRate(line, raw);
    else if (line.command == QLatin1String("export-runs"))
        code = co_await commandExportRuns(line, raw, interrupt);
    else if (line.command == QLatin1String("import"))
        code = co_await commandImport(line, raw, interrupt);
    else if (line.command == QLatin1String("mcp"))
        code = co_await commandMcp(line, raw, interrupt);
    else if (line.command == QLatin1String("tools"))
        code = co_await commandTools(line, raw);
    else if (line.command == QLatin1String("tool"))
        code = co_await commandTool(line, raw, interrupt);
    else if (line.command == QLatin1String("mcp-add"))
        code = co_await commandMcpAdd(line, raw, interrupt);
    else if (line.command == QLatin1String("doctor"))
        code = co_await commandDoctor(line, raw);
    co_await raw->close();
    co_return code;
}

} // namespace lathe::cli
