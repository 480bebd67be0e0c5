// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/RunEvent.h"

namespace lathe {

// Prices per million tokens, as data (resources/data/prices.json; a project may override). Longest matching name prefix wins.
class Prices
{
public:
    static Result<Prices> fromJson(const QJsonObject &json);
    // Sets costUsd (and costKnown) of `usage`. Offline and local models cost 0.
    void price(const QString &provider, const QString &model, Usage &usage) const;

private:
    struct Entry {
        QString provider;
        QString prefix;
        double input = 0, output = 0, cacheRead = -1, cacheWrite = -1; // USD per 1e6 tokens; -1: as input
    };
    std::vector<Entry> m_entries;
};

} // namespace lathe
