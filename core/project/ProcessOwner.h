// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace lathe {

// Names a process so that it is not mistaken for a later one with the same id: "pid:start time in ticks:boot id".
QString ownerOfThisProcess();
QString ownerOfProcess(qint64 pid); // empty when there is none
bool isOwnerAlive(const QString &owner);

} // namespace lathe
