// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"
#include "core/design/ToolSpec.h"

#include <QJsonArray>
#include <QStringList>

namespace lathe {

// Something a run asks a person.
struct HumanQuestion {
    enum class Type {
        Approval,   // may this tool call run? answer: approved, reason, edited arguments
        Question,   // ask_human: answer text
        Unfinished, // a tool call with side effects had begun when Lathe stopped: answer choice "repeat", "skip" or "stop"
        Form,       // a human node of a team: `fields`; answer: approved, and arguments with a value for each field's name
    };
    Type type = Type::Question;
    QString step; // of the run
    QString text; // a sentence
    QStringList choices;
    QString tool;
    QJsonObject arguments;
    QJsonArray fields; // Form: {name, type, about, choices?}
    SideEffect sideEffect = SideEffect::Read;
    HumanQuestion() = default;
    QJsonObject toJson() const;
};

struct HumanAnswer {
    bool approved = false;
    QString text; // the answer, the reason of a denial, or the choice
    std::optional<QJsonObject> arguments; // edited
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
