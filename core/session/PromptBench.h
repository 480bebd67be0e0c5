// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/PromptLint.h"
#include "core/session/Session.h"

// What the prompt editor asks about a prompt's surroundings. Main thread unless said otherwise.
namespace lathe {

// An agent, team or other prompt whose draft or newest revision refers to a prompt, itself or through prompts that hold its text.
struct PromptUser {
    ArtifactKind kind = ArtifactKind::Agent;
    ArtifactId id;
    QString name;
    QString reference; // as written: "triage-prompt@production"
    QStringList tools; // names, of an agent
    ModelChoice model; // of an agent
    bool operator==(const PromptUser &) const = default;
};
// Agents first, then teams (those that hold the reference in a node, and those that use one of the agents), then prompts, by name.
// `agentsOnly`: no teams and prompts, whose bodies may be large.
std::vector<PromptUser> promptUsers(const Session &session, ArtifactId prompt, bool agentsOnly);
// Those that would run with another text if the label stood elsewhere: who refers to "name@label", directly or by one of these.
std::vector<PromptUser> promptLabelUsers(const Session &session, ArtifactId prompt, const QString &label);

// Where "{{> name}}" finds its text while one edits: the draft, the revision or the label that is named.
PartialSource promptPartials(const Session *session);
// A copy of all that prompts refer to now, directly or not, for use on another thread: nothing of the session is touched later.
PartialSource promptPartialsCopy(const Session &session, const PromptSpec &spec);
// Everything the linter can use of this session, as values: it may go to another thread.
PromptLintContext promptLintContext(const Session &session, ArtifactId prompt, const PromptSpec &spec);

// US dollars for a million input tokens of a model; nothing when it is not known. 0: it costs nothing.
std::optional<double> inputPrice(const Session &session, const ModelChoice &model);

} // namespace lathe
