// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/CanvasTypes.h"

#include "core/base/Json.h"

#include <QMimeData>

namespace lathe::canvasmime {

namespace {
constexpr qsizetype longest = 1 << 20; // bytes: settings of one node
}

QMimeData *make(NodeKind kind, const QJsonObject &settings)
{
    auto *data = new QMimeData;
    QJsonObject object{{QStringLiteral("kind"), nodeKindName(kind)}};
    if (!settings.isEmpty())
        object.insert(QStringLiteral("settings"), settings);
    data->setData(QLatin1String(type), json::compact(object));
    return data;
}

std::optional<std::pair<NodeKind, QJsonObject>> read(const QMimeData *data)
{
    if (!data || !data->hasFormat(QLatin1String(type)))
        return {};
    const QByteArray bytes = data->data(QLatin1String(type));
    if (bytes.size() > longest)
        return {};
    const auto object = json::parseObject(bytes);
    if (!object)
        return {};
    const auto kind = nodeKindFromName(object->value(QLatin1String("kind")).toString());
    if (!kind)
        return {};
    return std::pair(*kind, object->value(QLatin1String("settings")).toObject());
}

} // namespace lathe::canvasmime
