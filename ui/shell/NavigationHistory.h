// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/Location.h"

#include <optional>
#include <vector>

namespace lathe {

// Back and Forward as in a browser. A plain value.
class NavigationHistory
{
public:
    void visit(const Location &location); // drops what was ahead; the current place again is no visit
    bool canGoBack() const { return m_position > 0; }
    bool canGoForward() const { return m_position + 1 < int(m_places.size()); }
    std::optional<Location> back();
    std::optional<Location> forward();
    static constexpr int maxPlaces = 200;

private:
    std::vector<Location> m_places;
    int m_position = -1;
};

} // namespace lathe
