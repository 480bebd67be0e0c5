// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/ChatTypes.h"

namespace lathe {

// Puts one answer together from the pieces a codec reads, and tells the sink of each. Parts are named by their number
// in the order they began. Used by one reader, on its thread.
class AnswerBuilder
{
public:
    using Sink = std::function<void(const ChatDelta &)>;

    explicit AnswerBuilder(const ChatRequest &request);

    int addPart(MessagePart::Type type);
    // Part of that type that text without a place of its own goes to: the last one, made when there is none.
    int lastPart(MessagePart::Type type);
    MessagePart &part(int number) { return m_parts[size_t(number)]; }
    int partCount() const { return int(m_parts.size()); }

    void append(int number, const QString &piece, const Sink &sink); // Text or Reasoning
    // A tool call; id and name may follow later through part(). Fails when a hostile answer makes thousands.
    Result<int> addCall(const QString &id, const QString &name, const Sink &sink);
    void setCallName(int number, const QString &name, const Sink &sink);
    void appendArguments(int number, const QString &piece, const Sink &sink);
    bool hasCalls() const { return m_callCount > 0; }

    // The message: empty parts dropped, missing ids made up ("call_1", unique in the conversation), empty arguments as {}.
    Message takeMessage();

private:
    std::vector<MessagePart> m_parts;
    std::vector<int> m_callIndex; // by part: its place among the calls, -1
    int m_callCount = 0;
    int m_callsBefore; // in the conversation so far
};

} // namespace lathe
