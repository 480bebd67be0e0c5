// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/Location.h"

#include <QJsonArray>

namespace lathe {

Location Location::page(Kind kind)
{
    Location location;
    location.kind = kind;
    return location;
}

Location Location::ofArtifact(ArtifactId id, int revision)
{
    Location location;
    location.kind = Kind::Artifact;
    location.artifact = id;
    location.revision = revision;
    return location;
}

Location Location::ofRun(RunId id, const QString &step)
{
    Location location;
    location.kind = Kind::Run;
    location.run = id;
    location.step = step;
    return location;
}

Location Location::ofComparison(std::vector<RunId> runs)
{
    Location location;
    location.kind = Kind::Compare;
    location.runs = std::move(runs);
    return location;
}

Location Location::ofRuns(const QString &query)
{
    Location location;
    location.kind = Kind::Runs;
    location.query = query;
    return location;
}

QJsonObject Location::toJson() const
{
    QJsonArray ids;
    for (const RunId id : runs)
        ids.append(id.value);
    return {{QStringLiteral("runs"), ids},
            {QStringLiteral("kind"), int(kind)}, {QStringLiteral("artifact"), artifact.value}, {QStringLiteral("revision"), revision},
            {QStringLiteral("run"), run.value},  {QStringLiteral("step"), step},               {QStringLiteral("query"), query}};
}

Location Location::fromJson(const QJsonObject &json)
{
    Location location;
    const int kind = json.value(QStringLiteral("kind")).toInt();
    location.kind = kind >= 0 && kind <= int(Kind::Sources) ? Kind(kind) : Kind::Design;
    location.artifact.value = json.value(QStringLiteral("artifact")).toInteger();
    location.revision = json.value(QStringLiteral("revision")).toInt();
    location.run.value = json.value(QStringLiteral("run")).toInteger();
    location.step = json.value(QStringLiteral("step")).toString();
    location.query = json.value(QStringLiteral("query")).toString();
    for (const QJsonValue &id : json.value(QStringLiteral("runs")).toArray())
        location.runs.push_back(RunId{id.toInteger()});
    return location;
}

} // namespace lathe
