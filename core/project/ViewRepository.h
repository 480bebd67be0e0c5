// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/ProjectTypes.h"
#include "core/sqlite/SqliteStore.h"

#include <QObject>

namespace lathe {

// The saved views of the run log, kept in the project. Main thread.
class ViewRepository : public QObject
{
    Q_OBJECT
public:
    explicit ViewRepository(SqliteStore *store);

    Result<std::vector<SavedView>> all() const; // in the order they were made
    // Adds the view or overwrites that of the same name. InvalidInput: no name, over 100 characters, or a query over 4,096.
    Task<Result<void>> save(SavedView view);
    Task<Result<void>> rename(QString name, QString newName); // NotFound; InvalidInput: the new name is taken
    Task<Result<void>> remove(QString name);                  // NotFound

Q_SIGNALS:
    void changed(); // after the commit

private:
    SqliteStore *m_store;
};

} // namespace lathe
