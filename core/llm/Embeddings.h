// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QStringList>

#include <vector>

namespace lathe {

using Embedding = std::vector<float>;

// Texts as vectors whose angle says how alike they are: what goes over the wire of OpenAI-compatible servers (/embeddings, also Ollama
// and llama-server), and the offline stand-in. Pure; any thread. Source: platform.openai.com/docs/api-reference/embeddings.
namespace embeddings {

QByteArray requestBody(const QString &model, const QStringList &texts);
// The vectors in the order of the texts, whatever the order of the answer. Protocol: not `count` vectors of one length of numbers.
Result<std::vector<Embedding>> read(const QByteArray &body, qsizetype count);

// Without weights and deterministic: words, their beginnings and groups of three letters are hashed into 256 places, rare-looking (long)
// words count more. Alike is what shares words and stems; it knows no synonyms.
Embedding offline(const QString &text);

} // namespace embeddings
} // namespace lathe
