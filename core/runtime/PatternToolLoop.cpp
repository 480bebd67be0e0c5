// SPDX-License-Identifier: GPL-3.0-or-later
// tool_loop: the model calls tools natively, several at once if it likes, until it answers.
#include "core/runtime/AgentTurn.h"

namespace lathe {

Task<Result<QString>> patternToolLoop(const AgentTurn *turn)
{
    std::vector<Message> messages = turn->opening(turn->input());
    auto text = co_await turn->toolLoop(turn->step(), &messages, true);
    if (!text)
        co_return text.error();
    auto answer = co_await turn->accept(turn->step(), std::move(messages), std::move(*text));
    co_return answer;
}

} // namespace lathe
