// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/ChatModel.h"

namespace lathe {

// A model server found running on this machine.
struct LocalServer {
    QString product; // "Ollama", "LM Studio", "llama-server", "vLLM"
    QString baseUrl; // OpenAI-compatible, ending in /v1
    QStringList models;
};

// Asks the usual loopback ports (Ollama 11434 or OLLAMA_HOST, LM Studio 1234, llama-server 8080, vLLM 8000) within half a
// second each, at once. `ports` replaces the usual ones in tests. Servers that are not there are no error.
struct LocalServerProbe {
    QString product;
    QString baseUrl;
};
std::vector<LocalServerProbe> usualLocalServers(const QString &ollamaHost);
Task<std::vector<LocalServer>> findLocalServers(HttpClient *http, std::vector<LocalServerProbe> probes, CancelToken cancel);

} // namespace lathe
