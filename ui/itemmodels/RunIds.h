// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"

#include <algorithm>
#include <vector>

// Sets of runs as sorted lists of their ids.
namespace lathe::runids {

using Ids = std::vector<RunId>;

inline Ids sorted(Ids ids)
{
    std::sort(ids.begin(), ids.end());
    return ids;
}

inline bool holds(const Ids &sortedIds, RunId id)
{
    return std::binary_search(sortedIds.begin(), sortedIds.end(), id);
}

inline Ids idsOf(const std::vector<RunInfo> &infos)
{
    Ids ids;
    ids.reserve(infos.size());
    for (const RunInfo &info : infos)
        ids.push_back(info.id);
    return ids;
}

// What of `ids` is in `among` (sorted), or is not; in its order.
inline Ids chosen(const Ids &ids, const Ids &among, bool in)
{
    Ids result;
    for (const RunId id : ids) {
        if (holds(among, id) == in)
            result.push_back(id);
    }
    return result;
}

} // namespace lathe::runids
