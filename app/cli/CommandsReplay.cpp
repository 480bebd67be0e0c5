// SPDX-License-Identifier: GPL-3.0-or-later
// replay, fork, forks, pin, unpin, test: time travel.
#include "app/cli/Output.h"
#include "app/cli/RunCommands.h"
#include "core/session/ForkOptions.h"
#include "core/session/RunLineage.h"
#include "core/session/RunTests.h"
#include "core/session/Variants.h"

#include <QFile>
#include <QSaveFile>

namespace lathe::cli {

namespace {
Error wrong(const QString &message)
{
    return Error(ErrorKind::InvalidInput, message);
}

// TEXT, or @FILE for what is in a file.
Result<QString> textOrFile(const QString &value)
{
    if (!value.startsWith(QLatin1Char('@')))
        return value;
    QFile file(value.mid(1));
    if (!file.open(QIODevice::ReadOnly))
        return wrong(QStringLiteral("Could not read %1: %2.").arg(file.fileName(), file.errorString()));
    return json::fromUtf8Lossy(file.readAll());
}

Result<void> readParameters(const CommandLine &line, ForkChanges *changes)
{
    for (const auto &[option, name] : {std::pair{"temperature", "temperature"}, {"top-p", "top_p"}, {"max-tokens", "max_tokens"}, {"seed", "seed"}}) {
        if (!line.has(QLatin1String(option)))
            continue;
        const QString text = line.value(QLatin1String(option));
        bool number = false;
        const double value = text.toDouble(&number);
        if (!number && text != QLatin1String("none"))
            return wrong(QStringLiteral("--%1 takes a number, or none, not \"%2\".").arg(QLatin1String(option), text));
        changes->parameters.insert(QLatin1String(name), number ? QJsonValue(value) : QJsonValue());
    }
    const QString scope = line.value(QStringLiteral("scope"), QStringLiteral("agent"));
    for (const ForkScope known : {ForkScope::Step, ForkScope::Agent, ForkScope::Run}) {
        if (forkScopeName(known) == scope) {
            changes->scope = known;
            return {};
        }
    }
    return wrong(QStringLiteral("--scope takes step, agent or run, not \"%1\".").arg(scope));
}

// N=TEXT: puts the text in place of that of message N.
Result<void> editMessages(const QStringList &edits, std::vector<Message> messages, ForkChanges *changes)
{
    for (const QString &edit : edits) {
        const qsizetype equals = edit.indexOf(QLatin1Char('='));
        const int number = edit.left(std::max<qsizetype>(equals, 0)).toInt();
        if (number < 1 || number > int(messages.size()))
            return wrong(QStringLiteral("--message takes N=TEXT with N from 1 to %1, not \"%2\".").arg(messages.size()).arg(edit.left(80)));
        Message &message = messages[size_t(number) - 1];
        std::erase_if(message.parts, [](const MessagePart &part) { return part.type == MessagePart::Type::Text; });
        message.parts.insert(message.parts.begin(), MessagePart::fromText(edit.mid(equals + 1)));
    }
    changes->messages = std::move(messages);
    return {};
}

Task<Result<ForkChanges>> readChanges(CommandLine line, Session *session, RunId run, CancelToken interrupt)
{
    ForkChanges changes;
    if (line.has(QStringLiteral("instructions"))) {
        const auto text = textOrFile(line.value(QStringLiteral("instructions")));
        if (!text)
            co_return text.error();
        changes.instructions = *text;
    }
    if (line.has(QStringLiteral("prompt"))) {
        const auto prompt = session->project().artifacts().resolve(ArtifactKind::Prompt, line.value(QStringLiteral("prompt")));
        if (!prompt)
            co_return prompt.error();
        changes.prompt = prompt->body;
    }
    if (line.has(QStringLiteral("model"))) {
        changes.model = VariantResolver::parseModel(line.value(QStringLiteral("model")));
        if (!changes.model)
            co_return wrong(QStringLiteral("--model takes CONNECTION/MODEL, not \"%1\".").arg(line.value(QStringLiteral("model"))));
    }
    const auto parameters = readParameters(line, &changes);
    if (!parameters)
        co_return parameters.error();
    if (line.has(QStringLiteral("say")))
        changes.answer = Message(Role::Assistant, line.value(QStringLiteral("say")));
    if (line.has(QStringLiteral("arguments")))
        changes.argumentsText = line.value(QStringLiteral("arguments"));
    for (const char *name : {"result", "failure"}) {
        if (line.has(QLatin1String(name))) {
            changes.result = line.value(QLatin1String(name));
            changes.resultIsError = qstrcmp(name, "failure") == 0;
        }
    }
    changes.again = line.has(QStringLiteral("again"));
    const QStringList edits = line.options.value(QStringLiteral("message"));
    if (!edits.isEmpty()) {
        auto options = co_await session->forkOptions(run, line.value(QStringLiteral("at")), interrupt);
        if (!options)
            co_return options.error();
        if (!options->canEditMessages) {
            co_return wrong(options->forkable ? QStringLiteral("Step %1 is no model call, so it has no messages to change.").arg(options->step)
                                              : options->whyNot);
        }
        const auto edited = editMessages(edits, std::move(options->messages), &changes);
        if (!edited)
            co_return edited.error();
    }
    co_return changes;
}

QJsonObject toJson(const TestResult &result)
{
    QJsonObject json{{QStringLiteral("run"), result.run.value},
                     {QStringLiteral("agent"), result.agent},
                     {QStringLiteral("outcome"), testOutcomeName(result.outcome)},
                     {QStringLiteral("passed"), result.passed()},
                     {QStringLiteral("message"), result.message},
                     {QStringLiteral("duration_us"), result.durationUs}};
    if (!result.note.isEmpty())
        json.insert(QStringLiteral("note"), result.note);
    if (!result.step.isEmpty())
        json.insert(QStringLiteral("step"), result.step);
    if (!result.diff.empty()) {
        json.insert(QStringLiteral("diff_of"), result.diffOf);
        json.insert(QStringLiteral("diff"), diffText(result.diff));
    }
    if (result.proof.recordedEvents > 0)
        json.insert(QStringLiteral("proof"), result.proof.toJson());
    return json;
}
}

Task<int> commandReplay(CommandLine line, Session *session, CancelToken interrupt)
{
    const auto id = parseRunId(line.arguments[1], *session);
    if (!id)
        co_return fail(id.error());
    const auto report = co_await session->replay(*id, interrupt);
    if (!report)
        co_return fail(report.error());
    const ReplayProof &proof = report->proof;
    if (line.has(QStringLiteral("json"))) {
        printJson(QJsonObject{{QStringLiteral("run"), id->value},
                              {QStringLiteral("same"), report->same},
                              {QStringLiteral("first_difference"), report->firstDifference},
                              {QStringLiteral("steps"), qint64(report->trace.steps().size())},
                              {QStringLiteral("proof"), proof.toJson()},
                              {QStringLiteral("output"), report->output}});
        co_return report->same ? ExitOk : ExitFailed;
    }
    printLine(report->trace.toText().trimmed());
    if (report->same) {
        printMessage(QStringLiteral("The replay gave the same %1 steps as the recording%2: %3 events, sha256 %4.")
                         .arg(report->trace.steps().size())
                         .arg(proof.partial ? QStringLiteral(", as far as that goes") : QString())
                         .arg(proof.events)
                         .arg(QString::fromLatin1(proof.recordedHash)));
    } else {
        printMessage(report->firstDifference);
        printMessage(QStringLiteral("recorded %1 events, sha256 %2").arg(proof.recordedEvents).arg(QString::fromLatin1(proof.recordedHash)));
        printMessage(QStringLiteral("replayed %1 events, sha256 %2").arg(proof.replayedEvents).arg(QString::fromLatin1(proof.replayedHash)));
    }
    co_return report->same ? ExitOk : ExitFailed;
}

Task<int> commandFork(CommandLine line, Session *session, CancelToken interrupt)
{
    const auto id = parseRunId(line.arguments[1], *session);
    if (!id)
        co_return fail(id.error());
    ForkRequest request;
    request.run = *id;
    request.step = line.value(QStringLiteral("at"));
    if (request.step.isEmpty())
        co_return fail(wrong(QStringLiteral("fork needs --at STEP; lathe-cli trace FILE RUN shows the steps.")));
    QJsonObject inputs;
    const QStringList settings = line.options.value(QStringLiteral("set"));
    for (const QString &setting : settings) {
        const qsizetype equals = setting.indexOf(QLatin1Char('='));
        if (equals < 1)
            co_return fail(wrong(QStringLiteral("--set takes PORT=VALUE, not \"%1\".").arg(setting)));
        const QString text = setting.mid(equals + 1);
        const auto value = json::parse(text.toUtf8());
        inputs.insert(setting.left(equals), value ? *value : QJsonValue(text));
    }
    auto changes = co_await readChanges(line, session, *id, interrupt);
    if (!changes)
        co_return fail(changes.error());
    if (inputs.isEmpty() && changes->isEmpty()) {
        co_return fail(wrong(QStringLiteral("fork needs --set PORT=VALUE, --again or another change (lathe-cli help fork), else nothing would differ.")));
    }
    request.changes = std::move(*changes);
    if (!inputs.isEmpty())
        request.overrides.inputs.insert(request.step, inputs);
    RunRequest common;
    prepareRequest(line, session, &common);
    request.attended = common.attended;
    request.sink = common.sink;
    const auto run = co_await session->fork(std::move(request));
    if (!run)
        co_return fail(run.error());
    const auto registration = interrupt.onCancelled([session, run] { session->stop(*run); });
    const int code = co_await finishRun(line, session, *run);
    co_return code;
}

Task<int> commandForks(CommandLine line, Session *session, CancelToken interrupt)
{
    const auto id = parseRunId(line.arguments[1], *session);
    if (!id)
        co_return fail(id.error());
    const auto lineage = co_await session->lineage(*id, interrupt);
    if (!lineage)
        co_return fail(lineage.error());
    for (const RunLineage::Node &node : lineage->nodes) {
        if (line.has(QStringLiteral("json"))) {
            QJsonObject json{{QStringLiteral("run"), node.run.value},
                             {QStringLiteral("depth"), node.depth},
                             {QStringLiteral("agent"), node.agent},
                             {QStringLiteral("status"), runStatusName(node.status)},
                             {QStringLiteral("output"), node.output}};
            if (node.parent.isValid()) {
                json.insert(QStringLiteral("parent"), node.parent.value);
                json.insert(QStringLiteral("step"), node.step);
                json.insert(QStringLiteral("step_name"), node.stepName);
                json.insert(QStringLiteral("change"), node.change);
            }
            printJson(json);
            continue;
        }
        QString text = QString(node.depth * 2, QLatin1Char(' ')) + QStringLiteral("run %1 %2").arg(node.run.value).arg(runStatusName(node.status));
        if (node.parent.isValid())
            text += QStringLiteral(", from step %1 %2: %3").arg(node.step, node.stepName, node.change);
        text += QStringLiteral(" \"%1\"").arg(shortText(node.output, 60));
        printLine(node.run == *id ? text + QStringLiteral(" <") : text);
    }
    co_return ExitOk;
}

Task<int> commandPin(CommandLine line, Session *session)
{
    const auto id = parseRunId(line.arguments[1], *session);
    if (!id)
        co_return fail(id.error());
    const bool pin = line.command == QLatin1String("pin");
    Result<void> done;
    if (pin) {
        RunExpectation expected;
        expected.note = line.value(QStringLiteral("note"));
        const QStringList texts = line.options.value(QStringLiteral("contains"));
        for (const QString &text : texts) {
            CheckSpec check;
            check.type = QStringLiteral("contains");
            check.value = text;
            expected.checks.push_back(std::move(check));
        }
        done = co_await session->pin(*id, std::move(expected));
    } else {
        done = co_await session->unpin(*id);
    }
    if (!done)
        co_return fail(done.error());
    if (line.has(QStringLiteral("json")))
        printJson(QJsonObject{{QStringLiteral("run"), id->value}, {QStringLiteral("pinned"), pin}});
    else
        printMessage(pin ? QStringLiteral("Run %1 is a test now.").arg(id->value) : QStringLiteral("Run %1 is no test any more.").arg(id->value));
    co_return ExitOk;
}

Task<int> commandTest(CommandLine line, Session *session, CancelToken interrupt)
{
    TestOptions options;
    if (line.has(QStringLiteral("current")) || line.has(QStringLiteral("label")))
        options.against = TestOptions::Against::Current;
    options.label = line.value(QStringLiteral("label"));
    const QStringList wanted = line.options.value(QStringLiteral("run"));
    for (const QString &text : wanted) {
        const auto id = parseRunId(text, *session);
        if (!id)
            co_return fail(id.error());
        options.runs.push_back(*id);
    }
    const auto results = co_await session->runTests(std::move(options), interrupt);
    if (!results)
        co_return fail(results.error());
    int failed = 0;
    for (const TestResult &result : *results) {
        failed += !result.passed();
        if (line.has(QStringLiteral("json"))) {
            printJson(toJson(result));
            continue;
        }
        printLine(QStringLiteral("%1 run %2 %3: %4").arg(result.passed() ? QStringLiteral("ok  ") : QStringLiteral("FAIL")).arg(result.run.value).arg(result.agent, result.message));
        if (!result.diff.empty())
            printLine(QStringLiteral("     %1: %2").arg(result.diffOf, diffText(result.diff)));
    }
    if (line.has(QStringLiteral("junit"))) {
        QSaveFile file(line.value(QStringLiteral("junit")));
        const QByteArray report = junitXml(*results, line.arguments[0]);
        if (!file.open(QIODevice::WriteOnly) || file.write(report) != report.size() || !file.commit())
            co_return fail(wrong(QStringLiteral("Could not write %1: %2.").arg(file.fileName(), file.errorString())));
    }
    if (results->empty())
        printMessage(QStringLiteral("No run is pinned as a test; lathe-cli pin FILE RUN makes one."));
    else
        printMessage(QStringLiteral("%1: %2 passed, %3 failed")
                         .arg(results->size() == 1 ? QStringLiteral("1 test") : QStringLiteral("%1 tests").arg(results->size()))
                         .arg(int(results->size()) - failed).arg(failed));
    co_return failed > 0 ? ExitFailed : ExitOk;
}

} // namespace lathe::cli
