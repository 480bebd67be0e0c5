// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/ChatTypes.h"

namespace lathe {

// Servers and models differ in what they accept. When one refuses a request because of something that can be said
// another way or left out, the request is changed so and may be asked again at once: structured output becomes an
// instruction, streaming is given up, reasoning of earlier turns and sampling settings are left out. Returns what was
// changed, as a sentence for the trace; nullopt when the refusal is about something else. Each change happens once.
std::optional<QString> adaptRequest(ChatRequest &request, const Error &refusal);

} // namespace lathe
