// SPDX-License-Identifier: GPL-3.0-or-later
// run, resume: executing agents.
#include "app/cli/Commands.h"

#include "app/cli/Output.h"
#include "app/cli/Publishing.h"
#include "app/cli/RunCommands.h"
#include "core/design/DatasetSpec.h"

#include <QFile>

#include <cstdio>
#include <thread>

// Of packaging/cmake/LatheLateLibrary.cmake; not there where libcurl is linked as usual.
extern "C" __attribute__((weak)) void lathe_late_curl_load();

namespace lathe::cli {

namespace {
Result<QByteArray> readAll(const QString &path)
{
    QFile file(path);
    const bool open = path == QLatin1String("-") ? file.open(stdin, QIODevice::ReadOnly) : file.open(QIODevice::ReadOnly);
    if (!open)
        return Error(ErrorKind::InvalidInput, QStringLiteral("Could not read %1: %2.").arg(path, file.errorString()));
    return file.readAll();
}

Result<QJsonObject> variables(const CommandLine &line)
{
    QJsonObject values;
    const QStringList pairs = line.options.value(QStringLiteral("var"));
    for (const QString &pair : pairs) {
        const qsizetype equals = pair.indexOf(QLatin1Char('='));
        if (equals <= 0)
            return Error(ErrorKind::InvalidInput, QStringLiteral("--var takes NAME=VALUE, not \"%1\".").arg(pair));
        values.insert(pair.left(equals), pair.mid(equals + 1));
    }
    return values;
}

Result<std::optional<ModelChoice>> modelChoice(const CommandLine &line)
{
    if (!line.has(QStringLiteral("model")))
        return std::optional<ModelChoice>();
    const QString text = line.value(QStringLiteral("model"));
    const qsizetype slash = text.indexOf(QLatin1Char('/'));
    if (slash <= 0 || slash + 1 == text.size())
        return Error(ErrorKind::InvalidInput, QStringLiteral("--model takes CONNECTION/MODEL, not \"%1\".").arg(text));
    return std::optional<ModelChoice>(ModelChoice{text.left(slash), text.mid(slash + 1)});
}

QJsonObject resultJson(const RunResult &result)
{
    QJsonObject json{{QStringLiteral("run"), result.run.value},
                     {QStringLiteral("status"), runStatusName(result.status)},
                     {QStringLiteral("output"), result.output},
                     {QStringLiteral("duration_us"), result.durationUs},
                     {QStringLiteral("usage"), result.usage.toJson()}};
    if (result.error)
        json.insert(QStringLiteral("error"), QJsonObject{{QStringLiteral("type"), errorKindName(result.error->kind)},
                                                         {QStringLiteral("message"), result.error->message}});
    return json;
}

int exitCode(const RunResult &result)
{
    if (result.status == RunStatus::Done)
        return ExitOk;
    if (!result.error)
        return ExitFailed;
    const ExitCode code = exitCodeFor(*result.error);
    // The command was right; what failed is the run.
    return code == ExitUsage ? ExitFailed : code;
}

// What --answer NAME=VALUE gives for the fields of a form; JSON where it is some, else text. Empty when a field has no answer.
std::optional<QJsonObject> formAnswer(const QJsonArray &fields, const QStringList &answers)
{
    QJsonObject filled;
    for (const QJsonValue &field : fields) {
        const QString name = field.toObject().value(QStringLiteral("name")).toString();
        const QString type = field.toObject().value(QStringLiteral("type")).toString();
        for (const QString &answer : answers) {
            if (!answer.startsWith(name + QLatin1Char('=')))
                continue;
            const QString text = answer.mid(name.size() + 1);
            const QJsonArray parsed = QJsonDocument::fromJson('[' + text.toUtf8() + ']').array();
            filled.insert(name, parsed.size() == 1 && type != QLatin1String("text") ? parsed.first() : QJsonValue(text));
        }
        if (!filled.contains(name))
            return std::nullopt;
    }
    return filled;
}

// The properties of a flat object schema as the fields of a form: the required ones, and those that have an answer.
QJsonArray fieldsOf(const QJsonObject &schema, const QStringList &answers)
{
    QJsonArray fields;
    const QJsonArray required = schema.value(QStringLiteral("required")).toArray();
    const QJsonObject properties = schema.value(QStringLiteral("properties")).toObject();
    for (auto it = properties.begin(); it != properties.end(); ++it) {
        const bool answered = std::any_of(answers.begin(), answers.end(),
                                          [&](const QString &answer) { return answer.startsWith(it.key() + QLatin1Char('=')); });
        if (!answered && !required.contains(it.key()))
            continue;
        const bool text = it->toObject().value(QStringLiteral("type")).toString() == QLatin1String("string");
        fields.append(QJsonObject{{QStringLiteral("name"), it.key()},
                                  {QStringLiteral("type"), text ? QStringLiteral("text") : QStringLiteral("json")}});
    }
    return fields;
}

// Approves every question about a tool call (--yes) and fills in forms (--answer); other questions have nobody to answer them.
void answerAll(Session *session, bool approve, const QStringList &answers)
{
    QObject::connect(session, &Session::questionsChanged, session, [session, approve, answers] {
        const auto questions = session->questions();
        for (const PendingQuestion &pending : questions) {
            HumanAnswer answer;
            answer.approved = approve && pending.question.type == HumanQuestion::Type::Approval;
            answer.text = answer.approved ? QStringLiteral("Approved by --yes.")
                                          : QStringLiteral("Nobody is attending this run.");
            if (pending.question.type == HumanQuestion::Type::Unfinished)
                answer.text = QStringLiteral("stop");
            if (pending.question.type == HumanQuestion::Type::Form) {
                answer.arguments = formAnswer(pending.question.fields, answers);
                answer.approved = answer.arguments.has_value();
                answer.text = answer.approved ? QString() : QStringLiteral("give each field with --answer NAME=VALUE.");
            }
            if (pending.question.type == HumanQuestion::Type::Elicitation) { // what an MCP server wants to know
                answer.arguments = formAnswer(fieldsOf(pending.question.schema, answers), answers);
                answer.approved = answer.arguments.has_value();
                answer.text = answer.approved ? QString() : QStringLiteral("decline");
            }
            session->answer(pending.run, pending.question.step, answer);
        }
    }, Qt::QueuedConnection);
}

}

void prepareRequest(const CommandLine &line, Session *session, RunRequest *request)
{
    const QStringList answers = line.options.value(QStringLiteral("answer"));
    if (line.has(QStringLiteral("attended")))
        request->attended = true; // watchers answer
    if (line.has(QStringLiteral("yes")) || !answers.isEmpty()) {
        request->attended = true;
        answerAll(session, line.has(QStringLiteral("yes")), answers);
    }
    if (line.has(QStringLiteral("events")))
        request->sink = [](const RunEvent &event) { printJson(event.toJson()); };
}

namespace {
// Loading libcurl takes 5 ms: a run that will need it has that done on another core while it is prepared.
void prepareNetwork(Session *session, const RunRequest &request)
{
    if (!lathe_late_curl_load)
        return;
    QString connection;
    if (request.model) {
        connection = request.model->connection;
    } else if (const auto agent = session->project().artifacts().resolve(ArtifactKind::Agent, request.agent)) {
        connection = agent->body.value(QStringLiteral("model")).toObject().value(QStringLiteral("connection")).toString();
    }
    const auto found = session->project().artifacts().resolve(ArtifactKind::Connection, connection);
    if (found && found->body.value(QStringLiteral("api")).toString() != QLatin1String("offline"))
        std::thread([] { lathe_late_curl_load(); }).detach();
}

}

Task<int> finishRun(CommandLine line, Session *session, RunId run)
{
    const auto result = co_await session->finished(run);
    if (!result)
        co_return fail(result.error());
    if (line.has(QStringLiteral("json")))
        printJson(resultJson(*result));
    else if (!line.has(QStringLiteral("events")) && result->status == RunStatus::Done)
        printLine(result->output);
    if (result->error)
        printError(*result->error);
    if (!line.has(QStringLiteral("json")))
        printMessage(QStringLiteral("run %1: %2, %3, %4 tokens, %5")
                         .arg(run.value)
                         .arg(runStatusName(result->status), durationText(result->durationUs))
                         .arg(result->usage.totalTokens())
                         .arg(costText(result->usage)));
    co_return exitCode(*result);
}

Task<int> commandRun(CommandLine line, Session *session, CancelToken interrupt)
{
    RunRequest request;
    request.agent = line.arguments[1];
    const QString input = line.value(QStringLiteral("input"));
    if (input == QLatin1String("-")) {
        const auto bytes = readAll(input);
        if (!bytes)
            co_return fail(bytes.error());
        request.input.text = json::fromUtf8Lossy(*bytes);
    } else {
        request.input.text = input;
    }
    const auto values = variables(line);
    if (!values)
        co_return fail(values.error());
    request.input.variables = *values;
    const auto model = modelChoice(line);
    if (!model)
        co_return fail(model.error());
    request.model = *model;
    prepareRequest(line, session, &request);
    prepareNetwork(session, request);
    const auto publisher = co_await beginPublishing(line, session, interrupt);
    if (!publisher)
        co_return fail(publisher.error());
    const auto run = co_await session->startRun(std::move(request));
    if (!run)
        co_return fail(run.error());
    const auto registration = interrupt.onCancelled([session, run] { session->stop(*run); });
    const int code = co_await finishRun(line, session, *run);
    co_await endPublishing(publisher->get());
    co_return code;
}

Task<int> commandResume(CommandLine line, Session *session, CancelToken interrupt)
{
    const auto id = parseRunId(line.arguments[1], *session);
    if (!id)
        co_return fail(id.error());
    UnfinishedPolicy policy = UnfinishedPolicy::Ask;
    if (line.has(QStringLiteral("repeat-unfinished")))
        policy = UnfinishedPolicy::Repeat;
    else if (line.has(QStringLiteral("skip-unfinished")))
        policy = UnfinishedPolicy::Skip;
    RunRequest request;
    prepareRequest(line, session, &request);
    const auto run = co_await session->resume(*id, policy, std::move(request));
    if (!run)
        co_return fail(run.error());
    const auto registration = interrupt.onCancelled([session, run] { session->stop(*run); });
    const int code = co_await finishRun(line, session, *run);
    if (code != ExitOk && session->project().runs().run(*run).valueOr(RunInfo()).status == RunStatus::Interrupted)
        printMessage(QStringLiteral("Use --repeat-unfinished or --skip-unfinished to decide."));
    co_return code;
}

namespace {
struct BatchInput {
    RunInput input;
    QString problem; // of the line, instead of an input
};

// JSON Lines: a string, or an object with "input" (and the rest as variables). CSV: column "input" or "message" or the first.
Result<std::vector<BatchInput>> batchInputs(const QString &path)
{
    const auto bytes = readAll(path);
    if (!bytes)
        return bytes.error();
    std::vector<BatchInput> inputs;
    if (path.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive)) {
        std::vector<Problem> problems;
        const auto dataset = Dataset::importCsv(*bytes, &problems);
        if (!dataset)
            return dataset.error();
        for (const Problem &problem : problems)
            printMessage(QStringLiteral("lathe-cli: %1: %2").arg(path, problem.message));
        qsizetype column = dataset->columns.indexOf(QStringLiteral("input"));
        if (column < 0)
            column = std::max<qsizetype>(0, dataset->columns.indexOf(QStringLiteral("message")));
        for (size_t row = 0; row < dataset->rows.size(); ++row) {
            BatchInput item;
            item.input.text = dataset->rows[row][size_t(column)].toVariant().toString();
            item.input.variables = dataset->rowObject(int(row));
            inputs.push_back(std::move(item));
        }
        return inputs;
    }
    qsizetype from = 0;
    for (int number = 1; from < bytes->size(); ++number) {
        qsizetype end = bytes->indexOf('\n', from);
        if (end < 0)
            end = bytes->size();
        const QByteArrayView text = QByteArrayView(*bytes).sliced(from, end - from).trimmed();
        from = end + 1;
        if (text.isEmpty())
            continue;
        BatchInput item;
        const auto value = json::parse(text);
        if (!value) {
            item.problem = QStringLiteral("Line %1: %2").arg(number).arg(value.error().message);
        } else if (value->isString()) {
            item.input.text = value->toString();
        } else if (value->isObject() && value->toObject().contains(QStringLiteral("input"))) {
            QJsonObject object = value->toObject();
            const QJsonValue input = object.take(QStringLiteral("input"));
            item.input.text = input.isString() ? input.toString() : json::compactString(input);
            item.input.variables = object;
        } else {
            item.problem = QStringLiteral("Line %1: expected a string, or an object with \"input\".").arg(number);
        }
        inputs.push_back(std::move(item));
    }
    return inputs;
}

struct BatchState {
    Session *session = nullptr;
    CommandLine line;
    std::optional<ModelChoice> model;
    std::vector<BatchInput> inputs;
    size_t next = 0;
    int failed = 0;
    int done = 0;
    Usage usage;
    CancelToken interrupt;
};

// One of N workers: takes the next input until none is left.
Task<bool> batchWorker(BatchState *state)
{
    while (state->next < state->inputs.size() && !state->interrupt.isCancelled()) {
        const size_t index = state->next++;
        const BatchInput &item = state->inputs[index];
        QJsonObject json{{QStringLiteral("index"), qint64(index)}};
        Result<RunId> run = Error(ErrorKind::InvalidInput, item.problem);
        if (item.problem.isEmpty()) {
            RunRequest request;
            request.agent = state->line.arguments[1];
            request.input = item.input;
            request.model = state->model;
            prepareRequest(state->line, state->session, &request);
            run = co_await state->session->startRun(std::move(request));
        }
        RunResult result;
        if (run) {
            Session *session = state->session;
            const auto registration = state->interrupt.onCancelled([session, run] { session->stop(*run); });
            const auto finished = co_await session->finished(*run);
            if (finished)
                result = *finished;
            else
                result.error = finished.error();
        } else {
            result.error = run.error();
        }
        state->usage += result.usage;
        ++(result.status == RunStatus::Done ? state->done : state->failed);
        if (!state->line.has(QStringLiteral("events"))) {
            const QJsonObject more = resultJson(result);
            for (auto field = more.begin(); field != more.end(); ++field)
                json.insert(field.key(), field.value());
            printJson(json);
        }
    }
    co_return true;
}
}

Task<int> commandBatch(CommandLine line, Session *session, CancelToken interrupt)
{
    auto inputs = batchInputs(line.value(QStringLiteral("inputs")));
    if (!inputs)
        co_return fail(inputs.error());
    const auto model = modelChoice(line);
    if (!model)
        co_return fail(model.error());
    bool ok = false;
    const int jobs = line.value(QStringLiteral("jobs"), QStringLiteral("1")).toInt(&ok);
    if (!ok || jobs < 1 || jobs > 1000)
        co_return fail(Error(ErrorKind::InvalidInput, QStringLiteral("-j takes a number from 1 to 1000.")));
    BatchState state;
    state.session = session;
    state.line = line;
    state.model = *model;
    state.inputs = std::move(*inputs);
    state.interrupt = interrupt;
    const auto publisher = co_await beginPublishing(line, session, interrupt);
    if (!publisher)
        co_return fail(publisher.error());
    const qint64 startUs = session->clock().nowUs();
    std::vector<Task<bool>> workers;
    for (int i = 0; i < jobs; ++i)
        workers.push_back(batchWorker(&state));
    const auto over = co_await whenAll(std::move(workers));
    Q_UNUSED(over)
    co_await endPublishing(publisher->get());
    printMessage(QStringLiteral("%1 runs: %2 done, %3 failed, %4, %5 tokens, %6")
                     .arg(state.done + state.failed)
                     .arg(state.done)
                     .arg(state.failed)
                     .arg(durationText(session->clock().nowUs() - startUs))
                     .arg(state.usage.totalTokens())
                     .arg(costText(state.usage)));
    if (interrupt.isCancelled())
        co_return ExitCancelled;
    co_return state.failed > 0 ? ExitFailed : ExitOk;
}

} // namespace lathe::cli
