// SPDX-License-Identifier: GPL-3.0-or-later
// direct: one model call answers.
#include "core/runtime/AgentTurn.h"

namespace lathe {

Task<Result<QString>> patternDirect(const AgentTurn *turn)
{
    std::vector<Message> messages = turn->opening(turn->input());
    ChatRequest request = turn->request(messages, false);
    turn->wantOutput(request);
    auto response = co_await turn->chat(turn->step(), std::move(request));
    if (!response)
        co_return response.error();
    messages.push_back(response->message);
    auto answer = co_await turn->accept(turn->step(), std::move(messages), response->message.text());
    co_return answer;
}

} // namespace lathe
