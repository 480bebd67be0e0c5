// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/PromptSpec.h"

#include <functional>

namespace lathe {

// A prompt that another one uses by "{{> name}}", "{{> name@3}}" or "{{> name@label}}": its text stands in place of the tag, and
// its variables are the other's too. Its format, tone, criteria, fallback and messages are its own and stay away.
struct PromptPartial {
    QString name; // without revision, for the chain of an error: "a uses b uses a"
    QString text;
    std::vector<PromptVariable> variables;
};
// Finds what a reference, as written in the tag, stands for.
using PartialSource = std::function<Result<PromptPartial>(const QString &reference)>;

constexpr int maxPartialDepth = 10;
constexpr int maxPartials = 1000; // tags put in, all depths together

// References in the order of their first use; not those inside the prompts they name.
QStringList templatePartials(const PromptSpec &spec);
bool usesPartials(const PromptSpec &spec); // quick

// The prompt with every partial put in. `name`: its own, so that a prompt that uses itself is found; may be empty. Errors, with the
// chain in the sentence: what `source` says; InvalidInput for a circle, for more than maxPartialDepth levels, for a partial
// whose own template is broken, and for more text than a template may have.
Result<PromptSpec> expandPrompt(const PromptSpec &spec, const QString &name, const PartialSource &source);

} // namespace lathe
