// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"

#include <QCoreApplication>

namespace lathe {

// What the run log shows: a query, an order, a grouping, and whether it is the bin.
struct RunView {
    SavedView view; // with its name
    QString icon;
    bool bin = false;
    bool own = false; // saved by a person
    bool shows(const SavedView &state, bool inBin) const
    {
        return bin == inBin && view.query == state.query && view.sort == state.sort && view.ascending == state.ascending
               && view.grouping == state.grouping;
    }
};

// Those that are always there: All, Failed, Slow, Costly, Low rated, Pinned, Bin.
std::vector<RunView> builtInRunViews();

QString runGroupingTitle(RunGrouping grouping); // "Agent"; None: "None"
// The order in which a column is first sorted: numbers and times from the top.
bool sortsUpFirst(RunSort sort);

} // namespace lathe
