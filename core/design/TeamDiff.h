// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/TeamSpec.h"

namespace lathe {

// What changed between two bodies of a team, for the canvas and the list beside it. Positions are not a difference.
struct TeamDifference {
    enum class What { Added, Removed, Changed };
    What what = What::Changed;
    bool edge = false;
    QString id;   // of the node or edge; empty: the team itself
    QString name; // "Research", "Research -> Writer"
    struct Field {
        QString path; // "settings/agent", "name", "limits/steps"
        QString before, after; // as text; empty: absent
    };
    std::vector<Field> fields; // of a change
};
std::vector<TeamDifference> diffTeams(const QJsonObject &before, const QJsonObject &after);

} // namespace lathe
