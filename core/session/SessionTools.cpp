// SPDX-License-Identifier: GPL-3.0-or-later
// Tools outside of runs: how a model sees them, trying a call, checking arguments.
#include "core/session/SessionPrivate.h"
#include "core/session/ToolImports.h"
#include "core/tool/PostgresTool.h"
#include "core/tool/SchemaCheck.h"

#include <QPointer>

namespace lathe {

namespace {
// Asks until the answer, or until the question or the call is given up.
Task<Result<PersonReply>> askWhile(QPointer<const Session> session, QString name, PersonRequest request, CancelToken question, CancelToken call)
{
    if (!session)
        co_return Error::cancelled();
    CancelSource either(question);
    const auto registered = call.onCancelled([either]() mutable { either.cancel(); });
    const CancelToken token = either.token();
    auto reply = co_await session->mcp().ask(name, std::move(request), token);
    co_return reply;
}

constexpr size_t maxNotes = 1000;

// What a note tells of the wire: its text, or all of it.
QString wireText(const QJsonObject &attributes)
{
    const QJsonValue text = attributes.value(QLatin1String("text"));
    return text.isString() ? text.toString() : QString::fromUtf8(json::pretty(attributes));
}

// The messages of the call, from the log of the connection.
void takeFromLog(const std::vector<McpLogLine> &lines, qint64 sinceUs, ToolTrial *trial)
{
    for (const McpLogLine &line : lines) {
        if (line.timeUs < sinceUs)
            continue;
        if (line.source == McpLogLine::Source::Sent && line.text.contains(QLatin1String("\"tools/call\""))) {
            trial->request = line.text;
            trial->response.clear();
        } else if (line.source == McpLogLine::Source::Received && !trial->request.isEmpty()
                   && (line.text.contains(QLatin1String("\"result\"")) || line.text.contains(QLatin1String("\"error\"")))) {
            trial->response = line.text;
        }
    }
}

// The tool of a set that a person means, by the server's or the model's name for it.
Result<std::shared_ptr<Tool>> chosen(const std::vector<std::shared_ptr<Tool>> &tools, const QString &name, const QString &function)
{
    for (const std::shared_ptr<Tool> &tool : tools) {
        if (function.isEmpty() || tool->function() == function || tool->name() == function)
            return std::shared_ptr<Tool>(tool);
    }
    if (tools.empty())
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The tool %1 has no function that is switched on; read the server's tools, or switch one on.").arg(name));
    QStringList known;
    for (const std::shared_ptr<Tool> &tool : tools)
        known.append(tool->function().isEmpty() ? tool->name() : tool->function());
    if (known.size() > 12)
        known = known.first(12) + QStringList{QStringLiteral("...")};
    return Error(ErrorKind::NotFound,
                 QStringLiteral("The tool %1 has no function \"%2\" that is switched on; there are: %3.").arg(name, function.left(100), known.join(QStringLiteral(", "))));
}
}

Task<Result<QString>> Session::lookUpTables(QJsonObject body, CancelToken cancel)
{
    auto spec = ToolSpec::fromJson(body);
    if (!spec)
        co_return spec.error();
    const QPointer<const Session> alive(this);
    const auto secretsRead = co_await d->resolver.readToolSecrets(spec->config);
    Q_UNUSED(secretsRead)
    if (!alive)
        co_return Error::cancelled();
    auto tables = co_await describePostgresTables(std::move(*spec), d->resolver.toolEnvironment(), cancel);
    co_return tables;
}

Task<Result<QByteArray>> Session::fetchDocument(QString url, CancelToken cancel)
{
    return lathe::fetchDocument(&d->http, std::move(url), std::move(cancel));
}

McpHub &Session::mcp() const
{
    return *d->hub;
}

Task<Result<ToolTrial>> Session::tryTool(QString name, QJsonObject body, QString argumentsText, CancelToken cancel)
{
    return tryTool(std::move(name), std::move(body), std::move(argumentsText), ToolTrialOptions(), std::move(cancel));
}

Task<Result<ToolTrial>> Session::tryTool(QString name, QJsonObject body, QString function, QString argumentsText, CancelToken cancel)
{
    ToolTrialOptions options;
    options.function = std::move(function);
    return tryTool(std::move(name), std::move(body), std::move(argumentsText), std::move(options), std::move(cancel));
}

Task<Result<ToolTrial>> Session::tryTool(QString name, QJsonObject body, QString argumentsText, ToolTrialOptions options, CancelToken cancel)
{
    auto spec = ToolSpec::fromJson(body);
    if (!spec)
        co_return spec.error();
    const QPointer<const Session> self(this);
    const auto secretsRead = co_await d->resolver.readToolSecrets(spec->config);
    Q_UNUSED(secretsRead)
    if (!self)
        co_return Error::cancelled();
    const auto tools = makeTools(name, *spec, d->resolver.toolEnvironment());
    if (!tools)
        co_return tools.error();
    auto tool = chosen(*tools, name, options.function);
    if (!tool)
        co_return tool.error();
    // As a run would have it: with what the function's own policy says.
    const auto functions = toolFunctions(spec->config);
    for (const ToolFunction &function : functions) {
        if (function.name == (*tool)->function())
            static_cast<ToolPolicy &>(*spec) = spec->overriddenBy(function.policy);
    }
    spec->approval = Approval::Always; // the click is the approval
    ToolGate gate(std::move(*tool), *spec, ToolAttachment());
    ToolTrial trial;
    trial.timeUs = m_clock->nowUs();
    const ToolGate::Checked checked = gate.check(argumentsText);
    trial.arguments = checked.arguments;
    if (checked.refusal) {
        trial.outcome = *checked.refusal;
        trial.outcome.code = checked.refusalCode;
        co_return trial;
    }
    gate.admit();
    const auto notes = std::make_shared<std::vector<ToolTrial::Note>>();
    ToolCallScope scope;
    scope.progress = options.progress;
    scope.note = [notes](const QString &note, const QJsonObject &attributes) {
        if (notes->size() < maxNotes)
            notes->push_back({note, attributes});
    };
    scope.ask = [self, name, cancel](PersonRequest request, CancelToken token) {
        return askWhile(self, name, std::move(request), std::move(token), cancel);
    };
    auto outcome = co_await gate.run(checked.arguments, std::move(scope), m_clock.get(), cancel);
    if (!self)
        co_return Error::cancelled();
    if (!outcome)
        co_return outcome.error();
    for (ToolTrial::Note &note : *notes) {
        note.attributes = d->redactor.redact(QJsonValue(note.attributes)).toObject();
        if (note.name == QLatin1String("request"))
            trial.request = wireText(note.attributes);
        else if (note.name == QLatin1String("response"))
            trial.response = wireText(note.attributes);
        trial.notes.push_back(std::move(note));
    }
    if (spec->type == QLatin1String("mcp") && !gate.hidesArguments())
        takeFromLog(d->hub->log(name, body), trial.timeUs, &trial);
    trial.outcome = std::move(*outcome);
    trial.outcome.text = d->redactor.redact(trial.outcome.text);
    trial.outcome.structured = d->redactor.redact(trial.outcome.structured);
    trial.durationUs = m_clock->nowUs() - trial.timeUs;
    co_return trial;
}

Result<ToolDescription> Session::describeTool(const QString &name, const QJsonObject &body) const
{
    auto all = describeTools(name, body);
    if (!all)
        return all.error();
    if (all->empty())
        return Error(ErrorKind::InvalidInput, QStringLiteral("The tool %1 has no function that is switched on.").arg(name));
    return ToolDescription(std::move(all->front()));
}

Result<std::vector<ToolDescription>> Session::describeTools(const QString &name, const QJsonObject &body) const
{
    const auto spec = ToolSpec::fromJson(body);
    if (!spec)
        return spec.error();
    const auto tools = makeTools(name, *spec, d->resolver.toolEnvironment());
    if (!tools)
        return tools.error();
    std::vector<ToolDescription> all;
    for (const std::shared_ptr<Tool> &tool : *tools)
        all.push_back(ToolDescription{tool->name(), tool->description(), tool->schema()});
    return all;
}

std::vector<Problem> Session::checkArguments(const QJsonObject &schema, const QJsonValue &value)
{
    const auto violations = checkSchema(schema, value);
    if (!violations)
        return {};
    static const QString before = QStringLiteral("the required property \""), after = QStringLiteral("\" is missing");
    std::vector<Problem> problems;
    for (const SchemaViolation &violation : *violations) {
        Problem problem;
        problem.severity = Problem::Severity::Error;
        problem.pointer = violation.pointer;
        problem.code = QStringLiteral("schema");
        if (violation.message.startsWith(before) && violation.message.endsWith(after)) {
            QString member = violation.message.mid(before.size(), violation.message.size() - before.size() - after.size());
            problem.code = QStringLiteral("required");
            problem.pointer += QLatin1Char('/') + member.replace(u'~', QLatin1String("~0")).replace(u'/', QLatin1String("~1"));
        }
        problem.message = violation.message.isEmpty() ? QString() : violation.message.front().toUpper() + violation.message.mid(1) + QLatin1Char('.');
        problems.push_back(std::move(problem));
    }
    return problems;
}

} // namespace lathe
