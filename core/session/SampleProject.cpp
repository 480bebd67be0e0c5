// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/SampleProject.h"

#include "core/session/TeamPatterns.h"

#include <QPointer>
#include <QDir>
#include <QFile>

namespace lathe {

namespace {
const QString root = QStringLiteral(":/data/samples");

Result<QByteArray> sampleFile(const QString &id, const QString &name)
{
    QFile file(root + QLatin1Char('/') + id + QLatin1Char('/') + name);
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::NotFound, QStringLiteral("The sample \"%1\" has no file %2.").arg(id, name));
    return file.readAll();
}

Task<Result<void>> addArtifact(Project *project, QString sample, QJsonObject item)
{
    const auto kind = artifactKindFromName(item.value(QStringLiteral("kind")).toString());
    const QString name = item.value(QStringLiteral("name")).toString();
    if (!kind)
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("The sample \"%1\" has an artifact of an unknown kind.").arg(sample));
    if (*kind == ArtifactKind::Dataset) {
        const auto bytes = sampleFile(sample, item.value(QStringLiteral("csv")).toString());
        if (!bytes)
            co_return bytes.error();
        std::vector<Problem> problems;
        auto dataset = Dataset::importCsv(*bytes, &problems);
        if (!dataset)
            co_return dataset.error();
        const auto added = co_await addDataset(project, name, std::move(*dataset), QStringLiteral("Sample data"));
        if (!added)
            co_return added.error();
        co_return Result<void>();
    }
    QJsonArray revisions = item.value(QStringLiteral("revisions")).toArray();
    if (revisions.isEmpty())
        revisions.append(QJsonObject{{QStringLiteral("body"), item.value(QStringLiteral("body"))},
                                     {QStringLiteral("note"), QStringLiteral("Sample")}});
    const auto created = co_await project->artifacts().create(*kind, name, revisions.first()[QLatin1String("body")].toObject());
    if (!created)
        co_return created.error();
    for (qsizetype i = 0; i < revisions.size(); ++i) {
        const QJsonObject revision = revisions.at(i).toObject();
        if (i > 0) {
            const auto saved = co_await project->artifacts().saveDraft(*created, revision.value(QStringLiteral("body")).toObject(),
                                                                       EditHistory());
            if (!saved)
                co_return saved.error();
        }
        const auto committed = co_await project->artifacts().commit(*created, revision.value(QStringLiteral("note")).toString());
        if (!committed)
            co_return committed.error();
    }
    const QJsonObject labels = item.value(QStringLiteral("labels")).toObject();
    for (auto label = labels.begin(); label != labels.end(); ++label) {
        const auto set = co_await project->artifacts().setLabel(*created, label.key(), label.value().toInt());
        if (!set)
            co_return set.error();
    }
    co_return Result<void>();
}
}

QStringList sampleIds()
{
    return QDir(root).entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name);
}

QJsonObject sampleManifest(const QString &id)
{
    const auto bytes = sampleFile(id, QStringLiteral("manifest.json"));
    if (!bytes)
        return {};
    return json::parseObject(*bytes).valueOr(QJsonObject());
}

Task<Result<ArtifactId>> addDataset(Project *project, QString name, Dataset dataset, QString note)
{
    const QJsonArray columns = json::fromStringList(dataset.columns);
    const int rowCount = int(dataset.rows.size());
    const QPointer<ArtifactRepository> artifacts = &project->artifacts(); // the project may be closed meanwhile
    const auto hash = co_await project->putBlob(dataset.rowsToJsonLines());
    if (!hash)
        co_return hash.error();
    if (!artifacts)
        co_return Error::cancelled();
    QJsonObject body{{QStringLiteral("columns"), columns},
                     {QStringLiteral("row_count"), rowCount},
                     {QStringLiteral("rows_blob"), QString::fromLatin1(*hash)}};
    auto created = co_await artifacts->create(ArtifactKind::Dataset, name, body);
    if (!created)
        co_return created.error();
    if (!artifacts)
        co_return Error::cancelled();
    const auto committed = co_await artifacts->commit(*created, note);
    if (!committed)
        co_return committed.error();
    co_return created;
}

Task<Result<void>> populateFromSample(Project *project, QString id)
{
    const QJsonObject manifest = sampleManifest(id);
    if (manifest.isEmpty())
        co_return Error(ErrorKind::NotFound, QStringLiteral("There is no sample named \"%1\". There are: %2.")
                                                 .arg(id, sampleIds().join(QStringLiteral(", "))));
    const QJsonArray artifacts = manifest.value(QStringLiteral("artifacts")).toArray();
    for (const QJsonValue &item : artifacts) {
        const auto added = co_await addArtifact(project, id, item.toObject());
        if (!added)
            co_return added.error();
    }
    QJsonObject examples = manifest.value(QStringLiteral("examples")).toObject();
    if (manifest.value(QStringLiteral("teams")).toBool()) {
        for (const TeamPattern &pattern : teamPatterns()) {
            const QJsonObject team{{QStringLiteral("kind"), QStringLiteral("team")},
                                   {QStringLiteral("name"), pattern.id},
                                   {QStringLiteral("body"), pattern.body}};
            const auto added = co_await addArtifact(project, id, team);
            if (!added)
                co_return added.error();
            examples.insert(pattern.id, json::fromStringList(pattern.examples));
        }
    }
    project->setSetting(QStringLiteral("sample"), id);
    project->setSetting(QStringLiteral("examples"), examples);
    auto flushed = co_await project->flush();
    co_return flushed;
}

} // namespace lathe
