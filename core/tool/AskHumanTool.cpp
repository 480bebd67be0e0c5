// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/AskHumanTool.h"

#include "core/tool/ToolSchema.h"

namespace lathe {

AskHumanTool::AskHumanTool(QString name, const ToolSpec &spec)
    : m_name(std::move(name)), m_purpose(spec.purpose), m_idempotent(spec.idempotent.value_or(true))
{
}

QString AskHumanTool::description() const
{
    return joinedSentences(
        m_purpose,
        QStringLiteral("Asks the person who attends this run one clear question and returns the "
                       "answer. Use it only for what nothing else can tell."));
}

QJsonObject AskHumanTool::schema() const
{
    QJsonObject choices = schemaProperty(
        "array", QStringLiteral("Short answers to choose from, when there are few."));
    choices.insert(QStringLiteral("items"),
                   QJsonObject{{QStringLiteral("type"), QStringLiteral("string")}});
    choices.insert(QStringLiteral("maxItems"), 20);
    QJsonObject question = schemaProperty(
        "string", QStringLiteral("The question, with all a person needs to answer it."));
    question.insert(QStringLiteral("minLength"), 1);
    question.insert(QStringLiteral("maxLength"), 4000);
    return objectSchema(
        {{QStringLiteral("question"), question}, {QStringLiteral("choices"), choices}},
        {QStringLiteral("question")});
}

Task<Result<ToolOutcome>> AskHumanTool::call(QJsonObject, CancelToken cancel)
{
    if (cancel.isCancelled())
        co_return Error::cancelled();
    co_return ToolOutcome::failure(
        QStringLiteral("No person is attending this run. Go on with what you know and say what you "
                       "assumed."));
}

} // namespace lathe
