// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/ExampleCollection.h"

#include "core/session/SampleProject.h"

#include <QPointer>

namespace lathe {

namespace {
void appendRow(Dataset *data, const CollectedExample &example, const QString &inputColumn, const QString &answerColumn)
{
    QJsonObject values = example.variables;
    values.insert(inputColumn, example.input);
    values.insert(answerColumn, example.output);
    std::vector<QJsonValue> line;
    for (const QString &key : std::as_const(data->columns))
        line.push_back(values.value(key));
    data->rows.push_back(std::move(line));
}
}

Task<Result<RevisionInfo>> collectExamples(Session *session, QString dataset, std::vector<CollectedExample> examples, QString inputColumn,
                                           QString answerColumn, QString note)
{
    if (examples.empty())
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("There is nothing to add to the dataset."));
    if (answerColumn.isEmpty())
        answerColumn = QStringLiteral("expected");
    const auto reference = ArtifactRef::parse(dataset);
    const QString name = reference ? reference->name : dataset;
    Project *const project = &session->project();
    const QPointer<Session> alive(session);
    const QPointer<ArtifactRepository> artifacts = &project->artifacts();
    const auto known = artifacts->find(ArtifactKind::Dataset, name);
    Dataset data;
    if (known) {
        auto there = session->dataset(name + QStringLiteral("@draft"));
        if (!there)
            co_return there.error();
        data = std::move(*there);
    } else {
        data.columns = QStringList{QStringLiteral("input")};
        for (const CollectedExample &example : examples) {
            for (auto it = example.variables.begin(); it != example.variables.end(); ++it) {
                if (!data.columns.contains(it.key()))
                    data.columns.append(it.key());
            }
        }
    }
    QString column = !inputColumn.isEmpty() && data.columns.contains(inputColumn) ? inputColumn : QStringLiteral("input");
    if (!data.columns.contains(column) && !data.columns.isEmpty())
        column = data.columns.front();
    for (const QString &needed : {column, answerColumn}) {
        if (!data.columns.contains(needed))
            data.columns.append(needed);
    }
    for (auto &line : data.rows)
        line.resize(size_t(data.columns.size()));
    for (const CollectedExample &example : examples)
        appendRow(&data, example, column, answerColumn);
    if (!known) {
        const auto made = co_await addDataset(project, name, std::move(data), note);
        if (!made)
            co_return made.error();
        if (!artifacts) // the project was closed meanwhile
            co_return Error::cancelled();
        const auto revisions = artifacts->revisions(*made);
        if (revisions.empty())
            co_return Error(ErrorKind::Internal, QStringLiteral("The dataset %1 has no revision.").arg(name));
        co_return revisions.front();
    }
    const ArtifactId id = *known;
    const auto blob = co_await project->putBlob(data.rowsToJsonLines());
    if (!blob)
        co_return blob.error();
    if (!alive)
        co_return Error::cancelled();
    const BodyChanges changes{{QStringLiteral("/columns"), json::fromStringList(data.columns)},
                              {QStringLiteral("/row_count"), int(data.rows.size())},
                              {QStringLiteral("/rows_blob"), QString::fromLatin1(*blob)}};
    const auto edited = session->edit(id, changes, examples.size() == 1 ? QStringLiteral("Add an example") : QStringLiteral("Add examples"));
    if (!edited)
        co_return edited.error();
    auto committed = co_await session->commit(id, note);
    co_return committed;
}

Task<Result<RevisionInfo>> collectRuns(Session *session, QString dataset, std::vector<RunId> runs)
{
    std::vector<CollectedExample> examples;
    for (const RunId run : runs) {
        const auto info = session->project().runs().run(run);
        if (!info)
            co_return info.error();
        CollectedExample example;
        example.input = info->input;
        example.output = info->output;
        example.variables = info->inputJson.value(QLatin1String("variables")).toObject();
        examples.push_back(std::move(example));
    }
    const QString note = runs.size() == 1 ? QStringLiteral("From run %1").arg(runs.front().value) : QStringLiteral("From %1 runs").arg(runs.size());
    auto kept = co_await collectExamples(session, dataset, std::move(examples), QString(), QString(), note);
    co_return kept;
}

} // namespace lathe
