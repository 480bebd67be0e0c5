// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/OfflineRequest.h"

// Tool calls and their results, as they stand in a conversation.
namespace lathe::offline {

// A user message of the text protocol that brings a result: "Observation: ...".
bool isObservation(const QString &text);
// Calls and results as parts of messages, from message `from` on.
void readNativeExchanges(const std::vector<Message> &messages, size_t from,
                         std::vector<Exchange> &exchanges);
// The same in the text protocol: "Action:", "Action Input:" and "Observation:".
void readReactExchanges(const std::vector<Message> &messages, size_t from,
                        std::vector<Exchange> &exchanges);
// "- name: description ... Arguments (JSON Schema): {...}" items of a text protocol.
std::vector<ToolDescription> toolsInText(const QString &text);

} // namespace lathe::offline
