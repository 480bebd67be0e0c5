// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/CommandLine.h"

namespace lathe::cli {

namespace {
struct Option {
    const char *name;
    bool takesValue;
    const char *about;
};
struct Command {
    const char *name;
    const char *arguments;
    int least, most;
    const char *about;
    std::vector<Option> options;
};

const std::vector<Command> &commands()
{
    static const std::vector<Command> list{
        {"new", "FILE", 1, 1, "create a project", {{"sample", true, "NAME: fill it with a sample (feedback-desk)"}}},
        {"ls", "FILE [KIND]", 1, 2, "list artifacts (agent, team, prompt, tool, connection, dataset ...)", {}},
        {"show", "FILE REF", 2, 2, "print a revision: triage, triage@3, triage@production, prompt:triage-prompt", {}},
        {"run",
         "FILE REF",
         2,
         2,
         "run an agent or a team",
         {{"input", true, "TEXT or - for standard input"},
          {"inputs", true, "F.jsonl or F.csv: one run per line or row"},
          {"jobs", true, "N: that many runs at once (with --inputs)"},
          {"var", true, "K=V: a value for a variable of the prompt; may be repeated"},
          {"answer", true, "NAME=VALUE: what to fill into a form a team asks for; may be repeated"},
          {"model", true, "CONNECTION/MODEL: use this model instead of the agent's"},
          {"events", false, "stream one JSON event a line"},
          {"yes", false, "approve every tool call that asks"},
          {"publish", false, "[=HOST:PORT]: let others watch, from another machine too; prints the address with a token"},
          {"token", true, "TOKEN: instead of a random one (with --publish)"},
          {"wait-for-watcher", false, "[=SECONDS]: begin when somebody watches, or after 60 seconds (with --publish)"},
          {"attended", false, "what the run asks waits for the answer of a watcher (with --publish)"}}},
        {"serve",
         "FILE",
         1,
         1,
         "let others watch the runs, and take in OpenTelemetry traces, until Ctrl+C",
         {{"listen", true, "HOST:PORT: where watchers connect (127.0.0.1, any free port)"},
          {"otlp", true, "HOST:PORT: where programs send OpenTelemetry (127.0.0.1:4318), or none"},
          {"token", true, "TOKEN: asked of watchers (else a random one) and of senders (else none)"}}},
        {"eval",
         "FILE EXPERIMENT",
         0,
         2,
         "run an experiment: what is missing of it; or promptfoo's configuration with --config",
         {{"jobs", true, "N: that many trials at once, instead of the experiment's number"},
          {"config", true, "promptfooconfig.yaml: run that instead of a project's experiment"},
          {"output", true, "F.json: write all results there"},
          {"junit", true, "F.xml: write a JUnit report"},
          {"threshold", true, "X: share (0.8) or percentage (80%) that must pass, instead of the experiment's; below it the exit code is 1"},
          {"no-judge", false, "do not ask the model judges"}}},
        {"log",
         "FILE [QUERY]",
         1,
         2,
         "list runs, newest first; QUERY as in the window: 'agent:triage status:error cost>0.01 \"refund\"'",
         {{"limit", true, "N (50)"}}},
        {"trace", "FILE RUN", 2, 2, "print what a run did", {{"otlp", false, "as OpenTelemetry OTLP/JSON"}}},
        {"replay", "FILE RUN", 2, 2, "run again from the journal: free, no network; proves that the same events come", {}},
        {"forks", "FILE RUN", 2, 2, "print the tree of forks that a run belongs to", {}},
        {"pin",
         "FILE RUN",
         2,
         2,
         "make a run a regression test; it must give the same output, or what --contains says",
         {{"note", true, "TEXT: what it is about"}, {"contains", true, "TEXT: the output must hold it; may be repeated"}}},
        {"unpin", "FILE RUN", 2, 2, "the run is no test any more", {}},
        {"test",
         "FILE",
         1,
         1,
         "replay the runs pinned as tests, offline; exit code 1 when one fails",
         {{"current", false, "against the newest revision of their agents instead of the recorded design"},
          {"label", true, "LABEL, number or draft: against that (with --current)"},
          {"run", true, "RUN: only this one; may be repeated"},
          {"junit", true, "F.xml: write a JUnit report"}}},
        {"resume",
         "FILE RUN",
         2,
         2,
         "finish an interrupted run",
         {{"repeat-unfinished", false, "repeat a call that had begun when it stopped"},
          {"skip-unfinished", false, "treat such a call as failed"},
          {"events", false, "stream one JSON event a line"},
          {"yes", false, "approve every tool call that asks"}}},
        {"fork",
         "FILE RUN",
         2,
         2,
         "go on differently from a step of a run; the run itself stays as it is",
         {{"at", true, "STEP: path of the step, as trace prints it"},
          {"set", true, "PORT=VALUE: what goes into that step of a team (text or JSON); may be repeated"},
          {"again", false, "forget the outcomes of the step, so that it runs again"},
          {"instructions", true, "TEXT or @FILE: other instructions of the agent from there on"},
          {"prompt", true, "REF: another prompt (reply@draft) from there on"},
          {"model", true, "CONNECTION/MODEL: another model from there on"},
          {"temperature", true, "X, or none; as are --top-p, --max-tokens and --seed"},
          {"top-p", true, "X"},
          {"max-tokens", true, "N"},
          {"seed", true, "N"},
          {"scope", true, "step, agent or run: to whose calls these apply (agent)"},
          {"message", true, "N=TEXT: the text of message N (from 1) of the step's request; may be repeated"},
          {"say", true, "TEXT: as if the model had said this"},
          {"arguments", true, "JSON: call the tool with these"},
          {"result", true, "TEXT: as if the tool had given this"},
          {"failure", true, "TEXT: as if the tool had failed with this"},
          {"events", false, "stream one JSON event a line"},
          {"yes", false, "approve every tool call that asks"}}},
        {"rate",
         "FILE RUN VALUE",
         3,
         3,
         "rate a run: up, down, or 1-5 stars",
         {{"note", true, "TEXT: why"}, {"step", true, "PATH: rate one step"}}},
        {"import", "FILE PATH...", 2, 10'000, "bring in runs that other programs recorded: OTLP JSON, Langfuse, LangSmith, OpenAI-style chats", {}},
        {"export-runs",
         "FILE [QUERY]",
         1,
         2,
         "give recorded runs away: all, those that QUERY finds, or --run",
         {{"run", true, "RUN: only this one; may be repeated"},
          {"format", true, "otlp (OpenTelemetry OTLP/JSON), jsonl (a run a line), events (an event a line), csv, html (one run)"},
          {"out", true, "PATH (- is standard output)"},
          {"otlp-to", true, "URL: send them to an OpenTelemetry collector; env: where OTEL_EXPORTER_OTLP_ENDPOINT says"},
          {"redact", true, "RULES.json, or presets: what to take out (e-mail addresses, keys, ...)"},
          {"no-messages", false, "without what models were asked"}}},
        {"mcp",
         "FILE",
         1,
         1,
         "offer agents, runs and prompts to MCP clients over standard input and output, until they close it",
         {{"http", true, "ADDRESS:PORT: over streamable HTTP at /mcp instead, until Ctrl+C (127.0.0.1:0: any free port)"},
          {"token", true, "TOKEN: asked of clients (with --http)"}}},
        {"tools", "FILE", 1, 1, "list the tools and their functions", {}},
        {"tool",
         "FILE REF [FUNCTION]",
         2,
         3,
         "try a call of a tool; without its approval, since you ask for it",
         {{"args", true, "JSON or @FILE: the arguments ({})"}}},
        {"mcp-add",
         "FILE JSON|URL|-- CMD",
         2,
         1000,
         "add MCP servers as tools: mcpServers JSON (or a .json file), an address, or a command line; connects and reads their tools",
         {{"name", true, "NAME: instead of the one it has"}, {"offline", false, "do not connect; its tools are read later"}}},
        {"doctor", "FILE", 1, 1, "check the file", {{"repair", false, "repair what can be repaired, and compact"}}},
    };
    return list;
}

const Command *findCommand(const QString &name)
{
    for (const Command &command : commands()) {
        if (name == QLatin1String(command.name))
            return &command;
    }
    return nullptr;
}

Error wrongUsage(const QString &message)
{
    return Error(ErrorKind::InvalidInput, message);
}
}

ExitCode exitCodeFor(const Error &error)
{
    switch (error.kind) {
    case ErrorKind::Cancelled:
        return ExitCancelled;
    case ErrorKind::InvalidInput:
    case ErrorKind::NotFound:
        return ExitUsage;
    case ErrorKind::ProjectFile:
    case ErrorKind::NewerFile:
        return ExitProject;
    case ErrorKind::Unreachable:
    case ErrorKind::Auth:
    case ErrorKind::Timeout:
    case ErrorKind::RateLimited:
        return ExitUnreachable;
    default:
        return ExitFailed;
    }
}

QString CommandLine::value(const QString &name, const QString &fallback) const
{
    const auto found = options.constFind(name);
    return found == options.constEnd() || found->isEmpty() ? fallback : found->last();
}

Result<CommandLine> CommandLine::parse(const QStringList &words)
{
    CommandLine line;
    const Command *command = nullptr;
    bool optionsOver = false;
    for (qsizetype i = 0; i < words.size(); ++i) {
        QString word = words[i];
        if (word == QLatin1String("-j"))
            word = QStringLiteral("--jobs");
        else if (word.startsWith(QLatin1String("-j")) && word.size() > 2 && word[2].isDigit())
            word = QStringLiteral("--jobs=") + word.mid(2);
        else if (word == QLatin1String("-h"))
            word = QStringLiteral("--help");
        if (optionsOver || !word.startsWith(QLatin1String("--"))) {
            if (!command && !optionsOver && word == QLatin1String("help")) { // help, help run
                line.options[word].append(QString());
            } else if (!command && !optionsOver) {
                command = findCommand(word);
                if (!command)
                    return wrongUsage(QStringLiteral("There is no command \"%1\". `lathe-cli --help` lists them.").arg(word));
                line.command = word;
            } else {
                line.arguments.append(word);
            }
            continue;
        }
        if (word == QLatin1String("--")) {
            optionsOver = true;
            continue;
        }
        QString name = word.mid(2);
        QString value;
        const qsizetype equals = name.indexOf(QLatin1Char('='));
        const bool joined = equals >= 0;
        if (joined) {
            value = name.mid(equals + 1);
            name.truncate(equals);
        }
        if (name == QLatin1String("json") || name == QLatin1String("help") || name == QLatin1String("version")) {
            line.options[name].append(QString());
            continue;
        }
        const Option *option = nullptr;
        if (command) {
            for (const Option &known : command->options) {
                if (name == QLatin1String(known.name))
                    option = &known;
            }
        }
        if (!option)
            return wrongUsage(command ? QStringLiteral("%1 has no option --%2. `lathe-cli %1 --help` lists them.").arg(line.command, name)
                                      : QStringLiteral("There is no option --%1.").arg(name));
        if (option->takesValue && !joined) {
            if (i + 1 >= words.size())
                return wrongUsage(QStringLiteral("--%1 needs a value.").arg(name));
            value = words[++i];
        }
        line.options[name].append(value);
    }
    if (line.has(QStringLiteral("help")) || line.has(QStringLiteral("version")))
        return line;
    if (!command)
        return wrongUsage(QStringLiteral("Say what to do. `lathe-cli --help` lists the commands."));
    if (line.arguments.size() < command->least || line.arguments.size() > command->most)
        return wrongUsage(QStringLiteral("Usage: lathe-cli %1 %2").arg(line.command, QString::fromLatin1(command->arguments)));
    return line;
}

QString usageText()
{
    QString text = QStringLiteral("lathe-cli: design, run and inspect AI agents in a Lathe project file\n\n"
                                  "Usage: lathe-cli COMMAND FILE ... [--json]\n\n");
    for (const Command &command : commands())
        text += QStringLiteral("  %1 %2\n").arg(
            QStringLiteral("%1 %2").arg(QString::fromLatin1(command.name), QString::fromLatin1(command.arguments)).leftJustified(22),
            QString::fromLatin1(command.about));
    text += QStringLiteral("\nEvery command takes --json and --help. Results go to stdout, messages to stderr.\n"
                           "Exit codes: 0 done, 1 the run or check failed, 2 wrong usage, 3 project file, 4 a provider, tool or server\n"
                           "could not be reached, 130 cancelled.\n");
    return text;
}

QString usageText(const QString &name)
{
    const Command *command = findCommand(name);
    if (!command)
        return usageText();
    QString text = QStringLiteral("Usage: lathe-cli %1 %2\n%3\n")
                       .arg(name, QString::fromLatin1(command->arguments), QString::fromLatin1(command->about));
    for (const Option &option : command->options)
        text += QStringLiteral("  --%1 %2\n").arg(QString::fromLatin1(option.name).leftJustified(18), QString::fromLatin1(option.about));
    return text;
}

} // namespace lathe::cli
