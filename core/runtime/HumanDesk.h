// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"
#include "core/design/ToolSpec.h"

#include <QJsonArray>
#include <QStringList>

#include <functional>

namespace lathe {

// Something a run asks a person.
struct HumanQuestion {
    enum class Type {
        Approval,   // may this tool call run? answer: approved, reason, edited arguments
        Question,   // ask_human: answer text
        Unfinished, // a tool call with side effects had begun when Lathe stopped: answer choice "repeat", "skip" or "stop"
        Form,       // a human node of a team: `fields`; answer: approved, and arguments with a value for each field's name
        Elicitation, // an MCP server wants values for `schema`; answer: approved and arguments, or text "decline" or "cancel"
        OpenUrl,     // an MCP server wants `url` opened in a browser; answer: approved when done, or text "decline" or "cancel"
        Sampling,    // an MCP server wants a model to answer `arguments` (the request's params); answer: approved or not
    };
    Type type = Type::Question;
    QString step; // of the run
    QString text; // a sentence
    QStringList choices;
    QString tool;
    QJsonObject arguments;
    QJsonArray fields; // Form: {name, type, about, choices?}
    SideEffect sideEffect = SideEffect::Read;
    QString purpose; // Approval: the tool's, as a sentence
    QString preview; // Approval: Tool::preview() of the arguments
    // Approval: the same of arguments that the person has changed. Null: the tool has none, or the question came from another program.
    std::function<QString(const QJsonObject &arguments)> previewOf;
    QString reason;  // Approval: what the agent said with the call; empty: nothing
    QString why;     // Approval: why it is asked ("Every call needs approval.", "/amount is greater than 100.", "The tool changed since ...")
    QString who;     // Elicitation, OpenUrl, Sampling: the server
    QJsonObject schema; // Approval: of the arguments, so that an edit is checked as one types; Elicitation: of the values
    QString url;
    HumanQuestion() = default;
    QJsonObject toJson() const; // without the step; members that are not set are absent
    // InvalidInput: it is no question.
    static Result<HumanQuestion> fromJson(const QJsonObject &json);
    // What makes it this question and no other: what a journal compares. (Why it is asked, and what helps to decide, may differ.)
    QJsonObject identity() const;
};

struct HumanAnswer {
    bool approved = false;
    QString text; // the answer, the reason of a denial, or the choice
    std::optional<QJsonObject> arguments; // edited
    bool forRun = false; // Approval: and all further calls of this tool in this run
    // Nobody was there, and the tool's policy answered: "deny", "allow", "stop". Never set by a person.
    QString unattended;
    HumanAnswer() = default;
    QJsonObject toJson() const;
    static HumanAnswer fromJson(const QJsonObject &json);
};

// Where questions go. Main thread. An unattended run answers by rule: an Error of kind Denied says that nobody is there.
class HumanDesk
{
public:
    virtual ~HumanDesk() = default;
    virtual Task<Result<HumanAnswer>> ask(HumanQuestion question, CancelToken cancel) = 0;
};

} // namespace lathe
