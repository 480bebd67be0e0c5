// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/ExperimentSpec.h"
#include "core/session/TeamResolver.h"

#include <QSet>

namespace lathe {

// A variant, ready to be executed with many inputs.
struct ResolvedVariant {
    std::shared_ptr<const RunBlueprint> blueprint;
    QByteArray design; // SHA-256 (hex) of the bodies it executes, whatever their names and revision numbers
    QString uses;      // "reply@3 · offline/extractive"
    bool allVariables = true;
    QSet<QString> variables; // else: columns that its prompt wants; others are not given to it, so that editing them changes nothing
    // The input of a run with one example.
    RunInput input(const QString &text, const QJsonObject &columns) const;
};

// Turns variants into blueprints. Main thread.
class VariantResolver
{
public:
    VariantResolver(Project *project, AgentResolver *agents);
    // Errors say what is missing, in words for the person; the name of the variant is not in them.
    Task<Result<ResolvedVariant>> resolve(VariantSpec variant);
    // A plain agent that is no artifact: a judge, a prompt of a configuration from outside. `body` as AgentSpec's with "instructions".
    Task<Result<ResolvedVariant>> plain(QString name, QJsonObject body);
    // What a prompt alone is asked of: the connection "offline", else the only one there is.
    std::optional<ModelChoice> usualModel() const;
    QString nameOf(const VariantSpec &variant) const; // never empty

    static std::optional<ModelChoice> parseModel(const QString &text); // "connection/model"
    // What is executed with an input, the n-th time.
    static QByteArray trialKey(const ResolvedVariant &variant, const RunInput &input, int repetition);

private:
    ResolvedVariant finish(std::shared_ptr<const AgentBlueprint> agent) const;
    Project *m_project;
    AgentResolver *m_agents;
    TeamResolver m_teams;
};

} // namespace lathe
