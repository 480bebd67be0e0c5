// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/NavigationHistory.h"

namespace lathe {

void NavigationHistory::visit(const Location &location)
{
    if (m_position >= 0 && m_places[size_t(m_position)] == location)
        return;
    m_places.resize(size_t(m_position + 1));
    m_places.push_back(location);
    if (int(m_places.size()) > maxPlaces)
        m_places.erase(m_places.begin());
    m_position = int(m_places.size()) - 1;
}

std::optional<Location> NavigationHistory::back()
{
    if (!canGoBack())
        return std::nullopt;
    return m_places[size_t(--m_position)];
}

std::optional<Location> NavigationHistory::forward()
{
    if (!canGoForward())
        return std::nullopt;
    return m_places[size_t(++m_position)];
}

} // namespace lathe
