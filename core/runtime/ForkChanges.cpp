// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/ForkChanges.h"

#include "core/prompt/PromptSpec.h"
#include "core/runtime/ForkLayer.h"

#include <array>
#include <cmath>

namespace lathe {

namespace {
constexpr std::array<const char *, 3> scopeNames{"step", "agent", "run"};

struct Parameter {
    const char *name;
    const char *title;
    bool whole;
    double least, most;
};
constexpr double largest = 9007199254740991.0; // what a JSON number holds exactly
constexpr std::array<Parameter, 4> parameters_{{{"temperature", "temperature", false, 0, 2},
                                                {"max_tokens", "maximum of tokens", true, 1, 1e9},
                                                {"top_p", "top_p", false, 0, 1},
                                                {"seed", "seed", true, -largest, largest}}};

Error unusable(const QString &why)
{
    return Error(ErrorKind::InvalidInput, why);
}

Result<std::vector<Message>> messagesFrom(const QJsonArray &array)
{
    std::vector<Message> messages;
    for (const QJsonValue &value : array) {
        auto message = Message::fromJson(value.toObject());
        if (!message)
            return message.error();
        messages.push_back(std::move(*message));
    }
    return messages;
}
}

QString forkScopeName(ForkScope scope)
{
    return QString::fromLatin1(scopeNames[size_t(scope)]);
}

bool ForkChanges::isEmpty() const
{
    return !messages && !replacesOutcome() && !argumentsText && !changesCalls() && !again;
}

Result<void> ForkChanges::check() const
{
    if (messages && messages->empty())
        return unusable(QStringLiteral("The request needs at least one message."));
    if (argumentsText) {
        const auto arguments = json::parse(argumentsText->toUtf8());
        if (!arguments || !arguments->isObject()) {
            return unusable(arguments ? QStringLiteral("The arguments of the tool call are no JSON object.")
                                      : QStringLiteral("The arguments of the tool call are no JSON object: ") + arguments.error().message);
        }
    }
    if (answer && answer->role != Role::Assistant)
        return unusable(QStringLiteral("The answer of a model is a message of the assistant."));
    if (answer && result)
        return unusable(QStringLiteral("A step is either a model call or a tool call; give an answer or a result."));
    if (prompt) {
        const auto spec = PromptSpec::fromJson(*prompt);
        if (!spec)
            return spec.error();
    }
    if (model && (model->connection.isEmpty() || model->model.isEmpty()))
        return unusable(QStringLiteral("Another model needs a connection and the model's name."));
    for (auto it = parameters.begin(); it != parameters.end(); ++it) {
        const auto known = std::find_if(parameters_.begin(), parameters_.end(),
                                        [&](const Parameter &parameter) { return it.key() == QLatin1String(parameter.name); });
        if (known == parameters_.end())
            return unusable(QStringLiteral("There is no parameter \"%1\"; there are temperature, max_tokens, top_p and seed.").arg(it.key()));
        if (it->isNull())
            continue;
        const double value = it->toDouble(std::nan(""));
        if (!(value >= known->least && value <= known->most) || (known->whole && value != std::floor(value))) {
            return unusable(QStringLiteral("The %1 is a%2 number from %3 to %4.")
                                .arg(QLatin1String(known->title), known->whole ? QStringLiteral(" whole") : QString(),
                                     QString::number(known->least, 'g', 17), QString::number(known->most, 'g', 17)));
        }
    }
    return {};
}

QString ForkChanges::summary() const
{
    QStringList parts;
    if (messages)
        parts.append(QStringLiteral("edited messages"));
    if (answer)
        parts.append(QStringLiteral("another answer of the model"));
    if (argumentsText)
        parts.append(QStringLiteral("other arguments of the tool"));
    if (result)
        parts.append(resultIsError ? QStringLiteral("a failure of the tool") : QStringLiteral("another result of the tool"));
    if (humanAnswer)
        parts.append(QStringLiteral("another answer of the person"));
    if (instructions)
        parts.append(QStringLiteral("other instructions"));
    if (prompt)
        parts.append(QStringLiteral("another prompt"));
    if (model)
        parts.append(QStringLiteral("model %1").arg(model->toString()));
    for (const Parameter &parameter : parameters_) {
        const QString name = QString::fromLatin1(parameter.name);
        const QJsonValue value = parameters.value(name);
        if (value.isNull())
            parts.append(QStringLiteral("no %1").arg(name));
        else if (!value.isUndefined())
            parts.append(QStringLiteral("%1 %2").arg(name, json::compactString(value)));
    }
    if (again || parts.isEmpty())
        parts.append(QStringLiteral("again"));
    return parts.join(QStringLiteral(", "));
}

QJsonObject ForkChanges::toJson() const
{
    QJsonObject out;
    if (messages) {
        QJsonArray array;
        for (const Message &message : *messages)
            array.append(message.toJson());
        out.insert(QStringLiteral("messages"), array);
    }
    if (answer)
        out.insert(QStringLiteral("answer"), answer->toJson());
    if (argumentsText)
        out.insert(QStringLiteral("arguments_text"), *argumentsText);
    if (result) {
        out.insert(QStringLiteral("result"), *result);
        if (resultIsError)
            out.insert(QStringLiteral("result_is_error"), true);
    }
    if (humanAnswer)
        out.insert(QStringLiteral("human_answer"), *humanAnswer);
    if (instructions)
        out.insert(QStringLiteral("instructions"), *instructions);
    if (prompt)
        out.insert(QStringLiteral("prompt"), *prompt);
    if (model)
        out.insert(QStringLiteral("model"), QJsonObject{{QStringLiteral("connection"), model->connection},
                                                        {QStringLiteral("model"), model->model}});
    if (!parameters.isEmpty())
        out.insert(QStringLiteral("parameters"), parameters);
    if (changesCalls() && scope != ForkScope::Agent)
        out.insert(QStringLiteral("scope"), forkScopeName(scope));
    if (again)
        out.insert(QStringLiteral("again"), true);
    return out;
}

Result<ForkChanges> ForkChanges::fromJson(const QJsonObject &json)
{
    ForkChanges changes;
    const auto has = [&json](const char *name) { return json.contains(QLatin1String(name)); };
    const auto text = [&json](const char *name) { return json.value(QLatin1String(name)).toString(); };
    if (has("messages")) {
        auto messages = messagesFrom(json.value(QStringLiteral("messages")).toArray());
        if (!messages)
            return messages.error();
        changes.messages = std::move(*messages);
    }
    if (has("answer")) {
        auto answer = Message::fromJson(json.value(QStringLiteral("answer")).toObject());
        if (!answer)
            return answer.error();
        changes.answer = std::move(*answer);
    }
    if (has("arguments_text"))
        changes.argumentsText = text("arguments_text");
    if (has("result")) {
        changes.result = text("result");
        changes.resultIsError = json.value(QStringLiteral("result_is_error")).toBool();
    }
    if (has("human_answer"))
        changes.humanAnswer = json.value(QStringLiteral("human_answer")).toObject();
    if (has("instructions"))
        changes.instructions = text("instructions");
    if (has("prompt"))
        changes.prompt = json.value(QStringLiteral("prompt")).toObject();
    if (has("model")) {
        const QJsonObject model = json.value(QStringLiteral("model")).toObject();
        changes.model = ModelChoice{model.value(QStringLiteral("connection")).toString(), model.value(QStringLiteral("model")).toString()};
    }
    changes.parameters = json.value(QStringLiteral("parameters")).toObject();
    if (has("scope")) {
        const QString name = text("scope");
        const auto known = std::find(scopeNames.begin(), scopeNames.end(), name);
        if (known == scopeNames.end())
            return unusable(QStringLiteral("\"%1\" is no scope of a change; there are step, agent and run.").arg(name.left(40)));
        changes.scope = ForkScope(known - scopeNames.begin());
    }
    changes.again = json.value(QStringLiteral("again")).toBool();
    if (const auto checked = changes.check(); !checked)
        return checked.error();
    return changes;
}

bool isStepOrBelow(const QString &path, const QString &step)
{
    return path == step || (path.size() > step.size() && path.startsWith(step) && path[step.size()] == QLatin1Char('.'));
}

bool ForkLayer::reaches(const QString &path, const QString &agentName) const
{
    if (!changes.changesCalls())
        return false;
    if (isStepOrBelow(path, step))
        return true;
    if (changes.scope == ForkScope::Step || stepPathLess(path, step))
        return false;
    return changes.scope == ForkScope::Run || agent.isEmpty() || agent == agentName;
}

} // namespace lathe
