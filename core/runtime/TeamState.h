// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"
#include "core/design/TeamSpec.h"

namespace lathe {

// A write to the state of a team, as a node made it.
struct StateWrite {
    QString key;
    QJsonValue value;
    QString node; // its name, for messages
    bool exact =
        false; // takes the place of what was there, whatever the reducer (a fork that edits the state)
};

// The state as it is before anything is written.
QJsonObject initialState(const TeamSpec &spec);
// Merges writes in their order by each key's reducer. InvalidInput names node, key and what does not fit.
Result<void> applyWrites(const TeamSpec &spec, const std::vector<StateWrite> &writes, QJsonObject *state);

} // namespace lathe
