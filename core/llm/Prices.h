// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/RunEvent.h"

#include <optional>

namespace lathe {

// What a model's tokens cost, in US dollars for a million.
struct TokenPrice {
    double input = 0;
    double output = 0;
    double cacheRead = -1; // -1: as input
    double cacheWrite = -1;
    // From {input, output, cache_read?, cache_write?}; nothing when one is missing, negative or no number.
    static std::optional<TokenPrice> fromJson(const QJsonObject &json);
    QJsonObject toJson() const;
    // Sets costUsd and costKnown.
    void price(Usage &usage) const;
    bool operator==(const TokenPrice &) const = default;
};

// Prices by provider and model, as data (resources/data/prices.json). Longest matching name prefix wins.
class Prices
{
public:
    static Result<Prices> fromJson(const QJsonObject &json);
    // Sets costUsd (and costKnown) of `usage`, unless a price of the connection's own did so already. Offline and local models
    // cost 0, models that are not in the table an unknown amount.
    void price(const QString &provider, const QString &model, Usage &usage) const;

private:
    struct Entry {
        QString provider;
        QString prefix;
        TokenPrice price;
    };
    std::vector<Entry> m_entries;
};

} // namespace lathe
