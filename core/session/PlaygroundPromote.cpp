// SPDX-License-Identifier: GPL-3.0-or-later
// What leaves the playground: an answer as an example, a variant as the design.
#include "core/session/PlaygroundPrivate.h"

#include "core/prompt/PromptSpec.h"
#include "core/session/ExampleCollection.h"

#include <QPointer>

namespace lathe {

namespace {
// The reference without revision and label.
QString nameIn(const QString &reference)
{
    const auto parsed = ArtifactRef::parse(reference);
    return parsed ? parsed->name : reference;
}
}

QStringList Playground::Private::wanted(const VariantSpec &variant) const
{
    QString reference = variant.prompt;
    if (reference.isEmpty()) {
        const auto agent = services.project->artifacts().resolve(ArtifactKind::Agent, variant.agent);
        if (!agent)
            return {};
        reference = agent->body.value(QLatin1String("prompt")).toString();
    }
    const auto prompt = reference.isEmpty() ? Result<ResolvedArtifact>(Error()) : services.project->artifacts().resolve(ArtifactKind::Prompt, reference);
    if (!prompt)
        return {};
    const auto spec = PromptSpec::fromJson(prompt->body);
    if (!spec)
        return {};
    QStringList names = templateVariables(*spec);
    for (const PromptVariable &variable : spec->variables) {
        names.removeAll(variable.name);
        if (variable.required && variable.defaultValue.isEmpty())
            names.append(variable.name);
    }
    names.removeAll(QStringLiteral("input")); // the row's own
    return names;
}

QStringList Playground::missingVariables(int row) const
{
    QStringList missing;
    if (row < 0 || row >= int(d->rows.size()))
        return missing;
    for (const PlaygroundColumn &column : d->columns) {
        for (const QString &name : d->wanted(column.variant)) {
            if (!missing.contains(name) && !d->rows[size_t(row)].variables.contains(name))
                missing.append(name);
        }
    }
    return missing;
}

Task<Result<RevisionInfo>> Playground::promoteExample(int column, int row, int index, QString dataset, QString answerColumn)
{
    const Private::Cell *cell = d->cell(column, row);
    if (!cell || index < 0 || index >= int(cell->answers.size()))
        co_return Error(ErrorKind::NotFound, QStringLiteral("There is no answer to keep."));
    const PlaygroundAnswer answer = cell->answers[size_t(index)];
    CollectedExample example;
    example.input = answer.said;
    example.variables = d->rows[size_t(row)].variables;
    example.output = answer.output;
    std::vector<CollectedExample> examples;
    examples.push_back(std::move(example));
    const QString note = QStringLiteral("Example from the playground");
    auto kept = co_await collectExamples(d->session, dataset, std::move(examples), d->inputColumn, answerColumn, note);
    co_return kept;
}

Task<Result<RevisionInfo>> Playground::promoteVariant(int column, QString note)
{
    const QPointer<Private> self(d.get());
    if (column < 0 || column >= int(d->columns.size()))
        co_return Error(ErrorKind::NotFound, QStringLiteral("There is no column %1.").arg(column + 1));
    const VariantSpec variant = d->columns[size_t(column)].variant;
    ArtifactRepository *const artifacts = &d->services.project->artifacts();
    Session *const session = d->session;
    std::optional<RevisionInfo> promoted;
    if (!variant.prompt.isEmpty()) {
        const auto prompt = artifacts->resolve(ArtifactKind::Prompt, variant.prompt);
        if (!prompt)
            co_return prompt.error();
        const ArtifactId id = prompt->id;
        const auto info = artifacts->info(id);
        if (prompt->number > 0 && info && prompt->number != info->latestNumber) {
            // A former revision becomes the newest one again.
            const auto restored = co_await artifacts->restore(id, prompt->number);
            if (!restored)
                co_return restored.error();
        }
        if (prompt->number == 0 || (info && prompt->number != info->latestNumber)) {
            auto committed = co_await session->commit(id, note);
            if (!committed)
                co_return committed.error();
            promoted = std::move(*committed);
        } else {
            const auto revisions = artifacts->revisions(id);
            if (!revisions.empty())
                promoted = revisions.front();
        }
        if (!self)
            co_return Error::cancelled();
    }
    if (!variant.agent.isEmpty()) {
        const auto agent = artifacts->find(ArtifactKind::Agent, nameIn(variant.agent));
        if (!agent)
            co_return Error(ErrorKind::InvalidInput, QStringLiteral("\"%1\" is no agent, so there is nothing to put the variant into.").arg(variant.agent));
        const ArtifactId id = *agent;
        const auto resolved = artifacts->resolve(ArtifactKind::Agent, variant.agent);
        if (!resolved)
            co_return resolved.error();
        BodyChanges changes{{QString(), resolved->body}};
        const auto draft = session->draft(id);
        if (draft && draft->body == resolved->body)
            changes.clear();
        if (!variant.prompt.isEmpty()) {
            changes.push_back({QStringLiteral("/prompt"), nameIn(variant.prompt)});
            changes.push_back({QStringLiteral("/instructions"), QJsonValue(QJsonValue::Undefined)});
        }
        if (const auto model = VariantResolver::parseModel(variant.model)) {
            changes.push_back({QStringLiteral("/model"), QJsonObject{{QStringLiteral("connection"), model->connection},
                                                                     {QStringLiteral("model"), model->model}}});
        }
        for (auto it = variant.parameters.begin(); it != variant.parameters.end(); ++it) {
            const QString key = it.key() == QLatin1String("max_output_tokens") ? QStringLiteral("max_tokens") : it.key();
            changes.push_back({QLatin1Char('/') + key, *it});
        }
        const auto edited = session->edit(id, changes, QStringLiteral("Take over from the playground"));
        if (!edited)
            co_return edited.error();
        auto committed = co_await session->commit(id, note);
        co_return committed;
    }
    if (!promoted)
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("The column holds nothing to promote; choose a prompt or an agent."));
    co_return *promoted;
}

} // namespace lathe
