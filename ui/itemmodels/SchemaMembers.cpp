// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/SchemaMembers.h"

#include "core/base/Json.h"

#include <QSet>

namespace lathe {

QStringList schemaMembers(const QJsonObject &schema)
{
    const QJsonObject properties = schema.value(QLatin1String("properties")).toObject();
    QStringList names;
    QSet<QString> seen;
    const QStringList required = json::toStringList(schema.value(QLatin1String("required")));
    for (const QStringList &list : {required, properties.keys()}) {
        for (const QString &name : list) {
            if (seen.contains(name) || !properties.contains(name))
                continue;
            seen.insert(name);
            names.append(name);
        }
    }
    return names;
}

} // namespace lathe
