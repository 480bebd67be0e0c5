// SPDX-License-Identifier: GPL-3.0-or-later
// What forks change about the requests of an agent.
#include "core/runtime/AgentTurn.h"

namespace lathe {

namespace {
bool startsWith(const std::vector<Message> &messages, const std::vector<Message> &head, size_t from = 0)
{
    return messages.size() >= from + head.size() && std::equal(head.begin(), head.end(), messages.begin() + qptrdiff(from));
}

void replaceHead(std::vector<Message> *messages, size_t from, size_t count, const std::vector<Message> &with)
{
    const auto at = messages->begin() + qptrdiff(from);
    messages->insert(messages->erase(at, at + qptrdiff(count)), with.begin(), with.end());
}

// Puts other instructions where `before` stands at the begin of the system message; what follows it there was added and stays.
void replaceInstructions(std::vector<Message> *messages, const QString &before, const QString &after)
{
    if (messages->empty() || messages->front().role != Role::System) {
        if (!after.isEmpty())
            messages->insert(messages->begin(), Message(Role::System, after));
        return;
    }
    const QString whole = messages->front().text();
    const QString added = whole.startsWith(before) ? whole.mid(before.size()) : QString();
    if (after.isEmpty() && added.isEmpty())
        messages->erase(messages->begin());
    else
        messages->front() = Message(Role::System, after + added);
}

void setParameters(ChatRequest *request, const QJsonObject &parameters)
{
    const auto real = [&](const char *name, std::optional<double> *to) {
        const QJsonValue value = parameters.value(QLatin1String(name));
        if (!value.isUndefined())
            *to = value.isDouble() ? std::optional<double>(value.toDouble()) : std::nullopt;
    };
    const auto whole = [&](const char *name, std::optional<qint64> *to) {
        const QJsonValue value = parameters.value(QLatin1String(name));
        if (!value.isUndefined())
            *to = value.isDouble() ? std::optional<qint64>(value.toInteger()) : std::nullopt;
    };
    real("temperature", &request->temperature);
    real("top_p", &request->topP);
    whole("max_tokens", &request->maxTokens);
    whole("seed", &request->seed);
}
}

Result<void> AgentTurn::applyForks(const QString &parent, ChatRequest *request, std::vector<ModelBinding> *models) const
{
    const QString path = m_context->nextStep(parent);
    QString ownText = m_ownText;
    std::vector<Message> examples = m_examples;
    for (const ForkLayer &layer : m_context->forks()) {
        const ForkChanges &changes = layer.changes;
        if (layer.reaches(path, m_agent->name)) {
            QString text = changes.instructions.value_or(ownText);
            std::vector<Message> turns = examples;
            if (changes.prompt) {
                const auto spec = PromptSpec::fromJson(*changes.prompt);
                if (!spec)
                    return spec.error();
                const auto rendered = renderPrompt(*spec, m_values);
                if (!rendered)
                    return rendered.error();
                if (!rendered->missing.isEmpty()) {
                    return Error(ErrorKind::InvalidInput, QStringLiteral("The edited prompt of agent \"%1\" needs a value for: %2.")
                                                              .arg(m_agent->name, rendered->missing.join(QStringLiteral(", "))));
                }
                text = rendered->system;
                turns = exampleTurns(*rendered);
            }
            if (changes.instructions || changes.prompt) {
                replaceInstructions(&request->messages, ownText, text);
                const size_t from = !request->messages.empty() && request->messages.front().role == Role::System ? 1 : 0;
                if (startsWith(request->messages, examples, from))
                    replaceHead(&request->messages, from, examples.size(), turns);
                ownText = std::move(text);
                examples = std::move(turns);
            }
            if (layer.model)
                *models = {*layer.model};
            setParameters(request, changes.parameters);
        }
        if (changes.messages && path == layer.step) {
            m_edited.push_back(Edited{&layer, request->messages, *changes.messages});
            request->messages = *changes.messages;
            continue;
        }
        for (const Edited &edited : m_edited) { // earlier in this conversation
            if (edited.layer == &layer && startsWith(request->messages, edited.before))
                replaceHead(&request->messages, 0, edited.before.size(), edited.after);
        }
    }
    return {};
}

} // namespace lathe
