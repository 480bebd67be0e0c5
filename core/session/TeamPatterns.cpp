// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/TeamPatterns.h"

#include "core/base/Json.h"

#include <QDir>
#include <QFile>

#include <algorithm>

namespace lathe {

namespace {
const QString folder = QStringLiteral(":/data/teams");

std::vector<TeamPattern> readAll()
{
    std::vector<TeamPattern> patterns;
    const QStringList names = QDir(folder).entryList({QStringLiteral("*.json")}, QDir::Files, QDir::Name);
    for (const QString &name : names) {
        QFile file(folder + QLatin1Char('/') + name);
        if (!file.open(QIODevice::ReadOnly))
            continue;
        const auto json = json::parseObject(file.readAll());
        if (!json) {
            qWarning("%s: %s", qPrintable(name), qPrintable(json.error().message));
            continue;
        }
        TeamPattern pattern;
        pattern.id = name.chopped(5);
        pattern.title = json->value(QStringLiteral("title")).toString();
        pattern.about = json->value(QStringLiteral("about")).toString();
        pattern.examples = json::toStringList(json->value(QStringLiteral("examples")));
        pattern.body = json->value(QStringLiteral("body")).toObject();
        patterns.push_back(std::move(pattern));
    }
    std::sort(patterns.begin(), patterns.end(), [](const TeamPattern &a, const TeamPattern &b) { return a.title < b.title; });
    return patterns;
}

QJsonValue withModel(const QJsonValue &value, const QJsonObject &model)
{
    if (!value.isObject())
        return value;
    QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end(); ++it) {
        const bool isModel = it.key() == QLatin1String("model") && it->toObject().contains(QStringLiteral("connection"));
        *it = isModel ? QJsonValue(model) : withModel(*it, model);
    }
    return object;
}
}

QJsonObject TeamPattern::bodyFor(const QString &connection, const QString &model) const
{
    return withModel(body, QJsonObject{{QStringLiteral("connection"), connection}, {QStringLiteral("model"), model}}).toObject();
}

const std::vector<TeamPattern> &teamPatterns()
{
    static const std::vector<TeamPattern> patterns = readAll();
    return patterns;
}

} // namespace lathe
