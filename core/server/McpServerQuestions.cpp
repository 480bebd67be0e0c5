// SPDX-License-Identifier: GPL-3.0-or-later
// What runs ask, as elicitation of MCP.
#include "core/base/Json.h"
#include "core/server/McpServerRuns.h"

namespace lathe::mcpserver {

namespace {
QJsonObject form(const QString &message, const QJsonObject &properties, const QStringList &required)
{
    return QJsonObject{{QStringLiteral("mode"), QStringLiteral("form")},
                       {QStringLiteral("message"), message},
                       {QStringLiteral("requestedSchema"), QJsonObject{{QStringLiteral("type"), QStringLiteral("object")},
                                                                       {QStringLiteral("properties"), properties},
                                                                       {QStringLiteral("required"), json::fromStringList(required)}}}};
}

QJsonObject text(const QString &title)
{
    return QJsonObject{{QStringLiteral("type"), QStringLiteral("string")}, {QStringLiteral("title"), title}};
}

QJsonObject choice(const QString &title, const QStringList &choices)
{
    QJsonObject field = text(title);
    field.insert(QStringLiteral("enum"), json::fromStringList(choices));
    return field;
}

// A field of a team's form as a property of a flat schema.
QJsonObject property(const QJsonObject &field)
{
    const QString type = field.value(QLatin1String("type")).toString();
    const QStringList choices = json::toStringList(field.value(QLatin1String("choices")));
    QJsonObject made = text(field.value(QLatin1String("about")).toString());
    if (!choices.isEmpty())
        made.insert(QStringLiteral("enum"), json::fromStringList(choices));
    else if (type == QLatin1String("number") || type == QLatin1String("integer") || type == QLatin1String("boolean"))
        made.insert(QStringLiteral("type"), type);
    return made;
}

QString approvalMessage(const HumanQuestion &question, const QString &agent)
{
    QString message = QStringLiteral("%1 wants to use the tool %2 (%3).").arg(agent, question.tool, sideEffectName(question.sideEffect));
    if (!question.purpose.isEmpty())
        message += QStringLiteral("\nThe tool: ") + question.purpose;
    if (!question.preview.isEmpty())
        message += u'\n' + bounded(question.preview, 4000);
    message += QStringLiteral("\nArguments: ") + bounded(QString::fromUtf8(json::pretty(question.arguments)).trimmed(), 8000);
    if (!question.reason.isEmpty())
        message += QStringLiteral("\nThe agent says: ") + bounded(question.reason, 1000);
    if (!question.why.isEmpty())
        message += u'\n' + question.why;
    return message;
}
}

bool asksByForm(const QJsonObject &capabilities)
{
    const QJsonValue elicitation = capabilities.value(QLatin1String("elicitation"));
    if (!elicitation.isObject())
        return false;
    const QJsonObject modes = elicitation.toObject();
    return modes.contains(QLatin1String("form")) || !modes.contains(QLatin1String("url")); // without modes: forms, as it once was
}

bool opensUrls(const QJsonObject &capabilities)
{
    return capabilities.value(QLatin1String("elicitation")).toObject().contains(QLatin1String("url"));
}

QJsonObject elicitationOf(const HumanQuestion &question, const QString &agent, bool byUrl)
{
    switch (question.type) {
    case HumanQuestion::Type::Approval: {
        QJsonObject decision = choice(QStringLiteral("Decision"), {QStringLiteral("approve"), QStringLiteral("approve_for_this_run"), QStringLiteral("deny")});
        return form(approvalMessage(question, agent),
                    QJsonObject{{QStringLiteral("decision"), decision}, {QStringLiteral("reason"), text(QStringLiteral("Reason, if you deny"))}},
                    {QStringLiteral("decision")});
    }
    case HumanQuestion::Type::Question:
        return form(QStringLiteral("%1 asks: %2").arg(agent, question.text),
                    QJsonObject{{QStringLiteral("answer"), question.choices.isEmpty() ? text(QStringLiteral("Answer")) : choice(QStringLiteral("Answer"), question.choices)}},
                    {QStringLiteral("answer")});
    case HumanQuestion::Type::Unfinished:
        return form(question.text,
                    QJsonObject{{QStringLiteral("choice"), choice(QStringLiteral("What to do"),
                                                                  {QStringLiteral("repeat"), QStringLiteral("skip"), QStringLiteral("stop")})}},
                    {QStringLiteral("choice")});
    case HumanQuestion::Type::Form: {
        QJsonObject properties;
        QStringList required;
        for (const QJsonValue &value : question.fields) {
            const QString name = value.toObject().value(QLatin1String("name")).toString();
            properties.insert(name, property(value.toObject()));
            required.append(name);
        }
        return form(question.text.isEmpty() ? QStringLiteral("%1 asks for these.").arg(agent) : question.text, properties, required);
    }
    case HumanQuestion::Type::Elicitation: {
        QJsonObject asked = form(QStringLiteral("The server %1 asks: %2").arg(question.who, question.text), {}, {});
        if (!question.schema.isEmpty())
            asked.insert(QStringLiteral("requestedSchema"), question.schema);
        return asked;
    }
    case HumanQuestion::Type::OpenUrl:
        if (byUrl)
            return QJsonObject{{QStringLiteral("mode"), QStringLiteral("url")},
                               {QStringLiteral("message"), QStringLiteral("The server %1 asks: %2").arg(question.who, question.text)},
                               {QStringLiteral("url"), question.url}};
        return form(QStringLiteral("The server %1 asks: %2\nOpen %3 in your browser, then say that it is done.").arg(question.who, question.text, question.url),
                    QJsonObject{{QStringLiteral("decision"), choice(QStringLiteral("Done?"), {QStringLiteral("done"), QStringLiteral("no")})}}, {QStringLiteral("decision")});
    case HumanQuestion::Type::Sampling:
        break;
    }
    return form(QStringLiteral("The server %1 wants a model to answer this: %2").arg(question.who, bounded(json::compactString(question.arguments), 8000)),
                QJsonObject{{QStringLiteral("decision"), choice(QStringLiteral("Decision"), {QStringLiteral("approve"), QStringLiteral("deny")})}},
                {QStringLiteral("decision")});
}

HumanAnswer answerOf(const HumanQuestion &question, const QJsonObject &result)
{
    const QString action = result.value(QLatin1String("action")).toString();
    const QJsonObject content = result.value(QLatin1String("content")).toObject();
    const bool accepted = action == QLatin1String("accept");
    const QString decision = content.value(QLatin1String("decision")).toString();
    HumanAnswer answer;
    switch (question.type) {
    case HumanQuestion::Type::Approval:
        // Nothing but a clear word lets a call through.
        answer.approved = accepted && (decision == QLatin1String("approve") || decision == QLatin1String("approve_for_this_run"));
        answer.forRun = accepted && decision == QLatin1String("approve_for_this_run");
        answer.text = content.value(QLatin1String("reason")).toString();
        if (!answer.approved && answer.text.isEmpty())
            answer.text = QStringLiteral("The person did not approve it.");
        break;
    case HumanQuestion::Type::Question:
        answer.approved = accepted;
        answer.text = accepted ? content.value(QLatin1String("answer")).toVariant().toString() : QStringLiteral("The person did not answer.");
        break;
    case HumanQuestion::Type::Unfinished:
        answer.text = accepted ? content.value(QLatin1String("choice")).toString() : QStringLiteral("stop");
        answer.approved = accepted;
        break;
    case HumanQuestion::Type::Form:
    case HumanQuestion::Type::Elicitation:
        answer.approved = accepted;
        if (accepted)
            answer.arguments = content;
        else
            answer.text = action == QLatin1String("decline") ? action : QStringLiteral("cancel");
        break;
    case HumanQuestion::Type::OpenUrl:
        answer.approved = accepted && decision != QLatin1String("no");
        answer.text = answer.approved ? QString() : action == QLatin1String("cancel") ? action : QStringLiteral("decline");
        break;
    case HumanQuestion::Type::Sampling:
        answer.approved = accepted && decision == QLatin1String("approve");
        answer.text = answer.approved ? QString() : QStringLiteral("decline");
        break;
    }
    return answer;
}

} // namespace lathe::mcpserver
