// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QString>
#include <QStringList>

// Conversations as the world writes them (OpenAI chat and responses, Anthropic, Gemini, AI SDK, LangChain, OpenTelemetry), brought into the
// one shape that ForeignStep.h describes. Pure functions; what is not recognised is kept as text, never dropped. Internal to core/trace/import.
namespace lathe::shapes {

// JSON that may stand as a text: the parsed value of a text that begins with { or [, else the value itself.
QJsonValue unpacked(const QJsonValue &value);
// A value as a text for people: a string itself, null nothing, else compact JSON.
QString textOf(const QJsonValue &value);

// Messages {role, parts} of an array, a single message, an object with "messages" (and "system" or "prompt"), a plain text (a message of
// `role`), or any of these as JSON text. Nested lists are flattened.
QJsonArray messages(const QJsonValue &value, const QString &role);
// One message of any shape.
QJsonObject message(const QJsonObject &value, const QString &role);
// Parts of a content: a text, a part, or a list of them.
QJsonArray parts(const QJsonValue &content);
QJsonObject textPart(const QString &text);
QJsonObject toolCallPart(const QString &id, const QString &name, const QJsonValue &arguments);
QJsonObject toolResultPart(const QString &id, const QString &name, const QJsonValue &result);
QJsonObject textMessage(const QString &role, const QString &text);
QString role(const QString &name); // system, user, assistant, tool where it is one of their names

// [{type, name, description, parameters}] of tool lists: OpenAI {type, function}, Anthropic input_schema, AI SDK inputSchema, JSON texts of them.
QJsonArray toolDefinitions(const QJsonValue &value);

// What stands in messages: the texts of one, the last of a role, calls.
QString text(const QJsonObject &message);      // text parts joined
QString reasoning(const QJsonObject &message);
QString callArguments(const QJsonObject &message); // of all its tool calls, one a line
QStringList callNames(const QJsonObject &message);
QString lastText(const QJsonArray &messages, const QString &role);

} // namespace lathe::shapes
