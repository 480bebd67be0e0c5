// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/ExperimentSpec.h"
#include "core/session/Session.h"
#include "ui/playground/ChoiceModel.h"

namespace lathe::variantchoices {

// What a variant can run: agents, teams and prompts, each as it is in its editor and by revision and label.
// Values are "agent:triage@3", "team:review", "prompt:reply@draft".
std::vector<Choice> subjects(const Session &session);
// Prompts only, as references; the first, empty one stands for the agent's own.
std::vector<Choice> prompts(const Session &session);
// "connection/model" of connections and of the agents that use them; what providers list comes later.
// `own` not empty: the words of a first choice "-", which names none.
std::vector<Choice> models(const Session &session, const QString &own);

// The choice of `variant` as a value of subjects().
QString subjectOf(const Session &session, const VariantSpec &variant);
// Puts a chosen subject into the variant; a prompt alone gets a model when it has none.
void setSubject(const Session &session, VariantSpec *variant, const QString &value);
// Where the variant's prompt, agent or team is edited.
std::optional<ArtifactId> artifactOf(const Session &session, const VariantSpec &variant);
ArtifactKind kindOf(const Session &session, const VariantSpec &variant);
// The prompt that the variant renders, so that its variables can be asked for; null for teams.
std::optional<ResolvedArtifact> promptOf(const Session &session, const VariantSpec &variant);
// "triage@draft" with the model when it is not the agent's own.
QString title(const VariantSpec &variant);
// The model it runs with when it names none: the agent's own.
QString ownModel(const Session &session, const VariantSpec &variant);
// "temperature 0.2, at most 400 tokens"; empty: nothing of its own.
QString parametersText(const QJsonObject &parameters);
// A first model to offer: that of the newest agent, else of the first connection.
QString firstModel(const Session &session);

} // namespace lathe::variantchoices
