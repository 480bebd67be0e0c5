// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/PromptPartials.h"

namespace lathe {

// What is around a prompt, for what its text alone does not tell. Everything may be left out. The functions are called on the
// thread that lints.
struct PromptLintContext {
    QString name; // of the prompt itself
    // Agents that use the prompt, with the names of the tools they have. Without any, no tool is said to be missing.
    struct User {
        QString agent;
        QStringList tools;
    };
    std::vector<User> users;
    QStringList knownTools;  // all tools there are: a name among them is a tool wherever it stands
    QStringList promptNames; // all prompts there are, to guess a misspelt partial
    PartialSource partials;  // null: partials are not looked at
    // The violations of a value, as sentences; core/tool's checkSchema fits. Null: examples are only read as JSON.
    std::function<QStringList(const QJsonValue &schema, const QJsonValue &value)> violations;
    PromptLintContext() = default;
};

// Codes: text.empty, job.vague, text.placeholder, output.unsaid, output.no_schema, criteria.none, fallback.none, variable.undefined,
// variable.misspelt, variable.unused, variable.duplicate, variable.untrusted, template.unclosed, template.broken, partial.unknown,
// contradiction.format|length|language, tool.missing, example.breaks. Every problem but partial.unknown and a broken tag has a fix.
std::vector<PromptProblem> lintPrompt(const PromptSpec &spec, const PromptLintContext &context);

// The name most like `name`; empty when none is near enough to be meant.
QString nearestName(const QString &name, const QStringList &names);

} // namespace lathe
