// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Clock.h"
#include "core/project/ProjectTypes.h"
#include "core/sqlite/SqliteStore.h"

#include <QObject>

namespace lathe {

// Judgements of runs and steps. A later rating of the same kind, target and author replaces what is shown; history is kept.
class RatingRepository : public QObject
{
    Q_OBJECT
public:
    RatingRepository(SqliteStore *store, Clock *clock);
    // InvalidInput when the value does not fit the kind; NotFound for an unknown run.
    Task<Result<RatingId>> rate(Rating rating);
    Task<Result<void>> remove(RatingId id);
    std::vector<Rating> ratings(RunId run) const; // newest first, one per kind, target and author

Q_SIGNALS:
    void changed(lathe::RunId run);

private:
    SqliteStore *m_store;
    Clock *m_clock;
};

} // namespace lathe
