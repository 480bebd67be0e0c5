// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/ChatModel.h"
#include "core/llm/Prices.h"

namespace lathe {

// What a body says of sampling besides the temperature: "top_p" and "seed". Part of a variant, of no agent's own form.
struct Sampling {
    std::optional<double> topP;
    std::optional<qint64> seed;
    static Sampling of(const QJsonObject &body);
    // For runs recorded before their requests said so: a model that asks with it. The model itself when nothing is asked for.
    std::shared_ptr<ChatModel> applied(std::shared_ptr<ChatModel> model) const;
};

Prices shippedPrices(); // resources/data/prices.json

} // namespace lathe
