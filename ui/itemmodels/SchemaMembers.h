// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QStringList>

namespace lathe {

// The members of a schema of type object in the order a form shows them: the required ones first, in the order of `required`, which is
// a list and keeps it; QJsonObject has sorted the others by name.
QStringList schemaMembers(const QJsonObject &schema);

} // namespace lathe
