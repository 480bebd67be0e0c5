// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/ChatTypes.h"
#include "core/llm/OfflineFormat.h"

#include <QHash>

namespace lathe::offline {

// A tool call of the conversation with what came back.
struct Exchange {
    QString tool;
    QString argumentsText;
    QString result;
    bool isError = false;
    bool answered = false;
};

// What kind of work the last message asks for; told by the tags and words of the texts in prompts/patterns, or by anyone's
// prompt that uses the same ones.
// Assign and Merge are a coordinator's: tasks for workers, one answer from their results.
enum class Work { Answer, Plan, Replan, PlanStep, PlanAnswer, Critique, Revise, Assign, Merge };

// A request as the offline model reads it. Texts are capped, so everything after this is bounded.
struct Reading {
    Work work = Work::Answer;
    bool react = false; // thoughts and actions as text
    QString system;
    QString instructions; // system text without tagged material
    QString order;        // the message that asks without its tagged material
    QString ask;          // what is asked now
    QString material;     // what is to be worked on; may be the same as ask
    QString background;   // tagged material of the system text (passages, facts, data) and earlier turns
    QHash<QString, QString> tags; // of the message that asks, then of the system text
    QString fallback;
    QString tone;
    QStringList criteria;
    Wishes wishes;
    std::vector<Exchange> exchanges;    // since the message that asks
    std::vector<ToolDescription> tools; // of the request, or of the text protocol
    bool hasMaterial() const { return !material.trimmed().isEmpty(); }
};

Reading readRequest(const ChatRequest &request);

// "<name>text</name>" blocks; of several with one name the last counts. `rest` gets the text without them.
QHash<QString, QString> tagsOf(const QString &text, QString *rest);
// The first balanced JSON object in the text, with where it stands; nothing when there is none that parses.
std::optional<QJsonObject> firstJsonObject(const QString &text, qsizetype *from = nullptr,
                                           qsizetype *end = nullptr);
// Splits "Summarise this: ..." into the request and the text it is about.
void splitAsk(const QString &text, QString *ask, QString *material);
// A question or an order, as opposed to material.
bool isRequest(const QString &sentence);

} // namespace lathe::offline
