// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Assert.h"

#include <QDebug>

namespace lathe {

void reportBug(const char *condition, const char *file, int line)
{
    qCritical("Lathe bug: '%s' does not hold at %s:%d", condition, file, line);
}

} // namespace lathe
