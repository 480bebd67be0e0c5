// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QMetaType>

namespace lathe {

// A row id of one table; ids of different tables do not mix. 0 means none. Ids are never reused.
template<typename Tag>
struct Id {
    qint64 value = 0;
    bool isValid() const { return value > 0; }
    auto operator<=>(const Id &) const = default;
};

template<typename Tag>
size_t qHash(const Id<Tag> &id, size_t seed = 0)
{
    return ::qHash(id.value, seed);
}

using ArtifactId = Id<struct ArtifactTag>;
using RevisionId = Id<struct RevisionTag>;
using RunId = Id<struct RunTag>;
using RatingId = Id<struct RatingTag>;

} // namespace lathe
Q_DECLARE_METATYPE(lathe::ArtifactId)
Q_DECLARE_METATYPE(lathe::RevisionId)
Q_DECLARE_METATYPE(lathe::RunId)
Q_DECLARE_METATYPE(lathe::RatingId)
