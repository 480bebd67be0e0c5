// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sqlite/SqliteStore.h"

#include <memory>

namespace lathe {

// What `find` reads on the reader thread.
template<typename T>
Task<Result<T>> readValue(SqliteStore *store, std::function<Result<T>(Database &)> find, CancelToken cancel)
{
    const auto value = std::make_shared<T>();
    SqliteStore::Work work = [find = std::move(find), value](Database &db) -> Result<void> {
        auto found = find(db);
        if (!found)
            return found.error();
        *value = std::move(*found);
        return {};
    };
    const auto read = co_await store->read(std::move(work), cancel);
    if (!read)
        co_return read.error();
    co_return std::move(*value);
}

} // namespace lathe
