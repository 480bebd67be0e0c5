// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/AnswerBuilder.h"

namespace lathe {

namespace {
constexpr int mostCalls = 4096;
}

AnswerBuilder::AnswerBuilder(const ChatRequest &request) : m_callsBefore(0)
{
    for (const Message &message : request.messages) {
        for (const MessagePart &part : message.parts)
            m_callsBefore += part.type == MessagePart::Type::ToolCall ? 1 : 0;
    }
}

int AnswerBuilder::addPart(MessagePart::Type type)
{
    MessagePart part;
    part.type = type;
    m_parts.push_back(std::move(part));
    m_callIndex.push_back(-1);
    return int(m_parts.size()) - 1;
}

int AnswerBuilder::lastPart(MessagePart::Type type)
{
    for (int i = int(m_parts.size()) - 1; i >= 0; --i) {
        if (m_parts[size_t(i)].type == type)
            return i;
    }
    return addPart(type);
}

void AnswerBuilder::append(int number, const QString &piece, const Sink &sink)
{
    if (piece.isEmpty())
        return;
    MessagePart &target = part(number);
    target.text += piece;
    if (!sink)
        return;
    ChatDelta delta;
    delta.channel =
        target.type == MessagePart::Type::Reasoning ? DeltaChannel::Reasoning : DeltaChannel::Text;
    delta.text = piece;
    sink(delta);
}

Result<int> AnswerBuilder::addCall(const QString &id, const QString &name, const Sink &sink)
{
    if (m_callCount >= mostCalls)
        return Error(ErrorKind::Protocol,
                     QStringLiteral("The model asked for more than %1 tool calls in one answer.")
                         .arg(mostCalls));
    const int number = addPart(MessagePart::Type::ToolCall);
    m_callIndex.back() = m_callCount++;
    part(number).id = id;
    setCallName(number, name, sink);
    return number;
}

void AnswerBuilder::setCallName(int number, const QString &name, const Sink &sink)
{
    if (name.isEmpty() || part(number).name == name)
        return;
    part(number).name = name;
    if (!sink)
        return;
    ChatDelta delta;
    delta.channel = DeltaChannel::ToolArguments;
    delta.callIndex = m_callIndex[size_t(number)];
    delta.callName = name;
    sink(delta);
}

void AnswerBuilder::appendArguments(int number, const QString &piece, const Sink &sink)
{
    if (piece.isEmpty())
        return;
    part(number).argumentsText += piece;
    if (!sink)
        return;
    ChatDelta delta;
    delta.channel = DeltaChannel::ToolArguments;
    delta.text = piece;
    delta.callIndex = m_callIndex[size_t(number)];
    sink(delta);
}

Message AnswerBuilder::takeMessage()
{
    Message message;
    message.role = Role::Assistant;
    int call = m_callsBefore;
    for (MessagePart &part : m_parts) {
        if (part.type == MessagePart::Type::ToolCall) {
            ++call;
            if (part.id.isEmpty())
                part.id = QStringLiteral("call_%1").arg(call);
            if (part.argumentsText.trimmed().isEmpty())
                part.argumentsText = QStringLiteral("{}");
        } else if (part.text.isEmpty() && part.signature.isEmpty()) {
            continue;
        }
        message.parts.push_back(std::move(part));
    }
    m_parts.clear();
    return message;
}

} // namespace lathe
