// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/VariantChoices.h"

#include "ui/itemmodels/Format.h"

#include <QCoreApplication>

namespace lathe::variantchoices {

namespace {
constexpr int mostRevisions = 12; // older ones are found by typing in the revision list of their page

QString tr(const char *text)
{
    return QCoreApplication::translate("lathe::variantchoices", text);
}

void addReferences(std::vector<Choice> *to, const Session &session, ArtifactKind kind,
                   const QString &prefix)
{
    auto &artifacts = session.project().artifacts();
    const QString icon = artifactKindName(kind);
    for (const ArtifactInfo &info : artifacts.list(kind)) {
        const QString draft = info.name + QStringLiteral("@draft");
        to->push_back({prefix + draft, draft, icon,
                       info.hasDraft || info.latestNumber == 0 ? tr("edited") : QString(), icon});
        int shown = 0;
        for (const RevisionInfo &revision : artifacts.revisions(info.id)) {
            if (++shown > mostRevisions && revision.labels.isEmpty())
                continue;
            const QString reference = QStringLiteral("%1@%2").arg(info.name).arg(revision.number);
            const QString labels = revision.labels.join(QStringLiteral(", "));
            to->push_back({prefix + reference, reference, icon,
                           labels.isEmpty() ? format::oneLine(revision.note, 28) : labels,
                           icon + QLatin1Char(' ') + revision.note});
        }
    }
}
} // namespace

std::vector<Choice> subjects(const Session &session)
{
    std::vector<Choice> made;
    addReferences(&made, session, ArtifactKind::Agent, QStringLiteral("agent:"));
    addReferences(&made, session, ArtifactKind::Prompt, QStringLiteral("prompt:"));
    addReferences(&made, session, ArtifactKind::Team, QStringLiteral("team:"));
    return made;
}

std::vector<Choice> prompts(const Session &session)
{
    std::vector<Choice> made{{QStringLiteral("-"), tr("The agent\u2019s own prompt"),
                              QStringLiteral("agent"), QString(), QString()}};
    addReferences(&made, session, ArtifactKind::Prompt, QString());
    return made;
}

std::vector<Choice> models(const Session &session, const QString &own)
{
    std::vector<Choice> made;
    if (!own.isEmpty())
        made.push_back({QStringLiteral("-"), own, QStringLiteral("home"), QString(), QString()});
    auto &artifacts = session.project().artifacts();
    const auto add = [&](const QString &connection, const QString &model) {
        if (!connection.isEmpty() && !model.isEmpty())
            made.push_back({connection + QLatin1Char('/') + model, connection + QLatin1Char('/') + model,
                            QStringLiteral("model"), QString(), QString()});
    };
    for (const ArtifactInfo &info : artifacts.list(ArtifactKind::Agent)) {
        if (const auto draft = session.draft(info.id)) {
            const QJsonObject model = draft->body.value(QLatin1String("model")).toObject();
            add(model.value(QLatin1String("connection")).toString(),
                model.value(QLatin1String("model")).toString());
        }
    }
    return made;
}

ArtifactKind kindOf(const Session &session, const VariantSpec &variant)
{
    if (variant.agent.isEmpty())
        return ArtifactKind::Prompt;
    const auto ref = ArtifactRef::parse(variant.agent);
    auto &artifacts = session.project().artifacts();
    if (ref && !artifacts.find(ArtifactKind::Agent, ref->name)
        && artifacts.find(ArtifactKind::Team, ref->name))
        return ArtifactKind::Team;
    return ArtifactKind::Agent;
}

QString subjectOf(const Session &session, const VariantSpec &variant)
{
    const QString reference = variant.agent.isEmpty() ? variant.prompt : variant.agent;
    return reference.isEmpty() ? QString()
                               : artifactKindName(kindOf(session, variant)) + QLatin1Char(':') + reference;
}

void setSubject(const Session &session, VariantSpec *variant, const QString &value)
{
    const qsizetype colon = value.indexOf(QLatin1Char(':'));
    const QString kind = value.left(colon);
    const QString reference = value.mid(colon + 1);
    variant->name.clear();
    if (kind == QLatin1String("prompt")) {
        variant->agent.clear();
        variant->prompt = reference;
        if (variant->model.isEmpty())
            variant->model = firstModel(session);
        return;
    }
    if (variant->agent.isEmpty()) // the prompt stood alone
        variant->prompt.clear();
    variant->agent = reference;
    if (kind == QLatin1String("team"))
        variant->prompt.clear();
}

std::optional<ArtifactId> artifactOf(const Session &session, const VariantSpec &variant)
{
    const bool prompt = !variant.prompt.isEmpty();
    const auto ref = ArtifactRef::parse(prompt ? variant.prompt : variant.agent);
    if (!ref)
        return {};
    return session.project().artifacts().find(prompt ? ArtifactKind::Prompt : kindOf(session, variant),
                                              ref->name);
}

std::optional<ResolvedArtifact> promptOf(const Session &session, const VariantSpec &variant)
{
    auto &artifacts = session.project().artifacts();
    QString reference = variant.prompt;
    if (reference.isEmpty() && !variant.agent.isEmpty()) {
        const auto agent = artifacts.resolve(ArtifactKind::Agent, variant.agent);
        if (!agent)
            return {};
        reference = agent->body.value(QLatin1String("prompt")).toString();
    }
    if (reference.isEmpty())
        return {};
    auto prompt = artifacts.resolve(ArtifactKind::Prompt, reference);
    return prompt ? std::optional(std::move(*prompt)) : std::nullopt;
}

QString title(const VariantSpec &variant)
{
    if (!variant.name.isEmpty())
        return variant.name;
    QStringList parts;
    for (const QString &part : {variant.agent, variant.prompt, variant.model}) {
        if (!part.isEmpty())
            parts.append(part);
    }
    return parts.join(QStringLiteral(" \u00b7 "));
}

QString ownModel(const Session &session, const VariantSpec &variant)
{
    if (variant.agent.isEmpty())
        return {};
    const auto agent = session.project().artifacts().resolve(ArtifactKind::Agent, variant.agent);
    if (!agent)
        return {};
    const QJsonObject model = agent->body.value(QLatin1String("model")).toObject();
    const QString connection = model.value(QLatin1String("connection")).toString();
    return connection.isEmpty()
               ? QString()
               : connection + QLatin1Char('/') + model.value(QLatin1String("model")).toString();
}

QString parametersText(const QJsonObject &parameters)
{
    QStringList parts;
    const auto number = [&](const char *key) { return parameters.value(QLatin1String(key)).toDouble(); };
    if (parameters.contains(QLatin1String("temperature")))
        parts.append(tr("temperature %1").arg(number("temperature"), 0, 'g', 4));
    if (parameters.contains(QLatin1String("top_p")))
        parts.append(tr("top p %1").arg(number("top_p"), 0, 'g', 4));
    if (parameters.contains(QLatin1String("max_output_tokens")))
        parts.append(tr("at most %1 tokens").arg(format::number(qint64(number("max_output_tokens")))));
    if (parameters.contains(QLatin1String("seed")))
        parts.append(tr("seed %1").arg(qint64(number("seed"))));
    return parts.join(QStringLiteral(", "));
}

QString firstModel(const Session &session)
{
    const auto known = models(session, QString());
    return known.empty() ? QString() : known.front().value;
}

} // namespace lathe::variantchoices
