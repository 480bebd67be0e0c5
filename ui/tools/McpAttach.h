// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/EditHistory.h"
#include "core/prompt/PromptSpec.h"
#include "core/session/McpHub.h"

// What a server offers, put into prompts. Values: the caller edits or creates through the Session. A prompt holds the text as it was when
// it was attached, so that a revision stays what it is; a later state is attached again.
namespace lathe::mcp {

constexpr qsizetype longestAttachment = 200'000; // characters

// The resource as a variable of the prompt with the text as its default, and a marked place for it at the end of the text. Attached again,
// the variable's text is replaced. InvalidInput: not text, or too long.
Result<BodyChanges> attachResource(const QJsonObject &promptBody, const QString &server, const McpResource &resource,
                                   const std::vector<McpResourceContent> &contents);
QString attachmentVariable(const QString &server, const McpResource &resource); // "github_readme"

// A prompt made of what prompts/get gave when each free argument was "{{name}}": its arguments are variables. Images are left out with a
// line that says so.
PromptSpec promptFrom(const McpPrompt &prompt, const std::vector<McpPromptMessage> &messages, const QStringList &freeArguments);
// {name} of a URI template of RFC 6570, and the template with values put in (percent-encoded; level 1, and {+name} as it is).
QStringList uriVariables(const QString &uriTemplate);
QString expandUri(const QString &uriTemplate, const QJsonObject &values);

} // namespace lathe::mcp
