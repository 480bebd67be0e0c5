// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"
#include "core/llm/OfflineModel.h"
#include "tests/support/JsonText.h"

#include <QFile>
#include <QRegularExpression>

// Helpers of the tests of the offline model.
namespace lathe::test {

// A newspaper's report, to be summarised.
inline const QString article =
    QStringLiteral("The city council approved the new tram line on Tuesday. The line will run from the "
                   "main station to the university and cost 48 million euros. "
                   "Construction starts in March 2027 and takes two years. Shop owners along Mill Street "
                   "fear that customers will stay away during the works. "
                   "The council promised them 1.2 million euros in compensation. The mayor called the tram "
                   "the largest project of the decade. "
                   "Students welcomed the decision, because buses to the university are crowded. An action "
                   "group collected 3,400 signatures against the line. "
                   "It says that the tram will cut down 60 trees on Mill Street. The council answered that "
                   "120 trees will be planted elsewhere.");

inline int words(const QString &text)
{
    return int(text.simplified().split(u' ', Qt::SkipEmptyParts).size());
}

inline int bullets(const QString &text)
{
    int count = 0;
    for (const QString &line : text.split(u'\n'))
        count += line.startsWith(QLatin1String("- ")) ? 1 : 0;
    return count;
}

inline ChatRequest chatRequest(const QString &system, const QString &user)
{
    ChatRequest request;
    request.model = QStringLiteral("extractive");
    if (!system.isEmpty())
        request.messages.push_back(Message(Role::System, system));
    request.messages.push_back(Message(Role::User, user));
    return request;
}

inline QString answerText(const ChatRequest &request)
{
    return OfflineModel::answer(request).message.text();
}

inline QString answerText(const QString &system, const QString &user)
{
    return answerText(chatRequest(system, user));
}

// The request goes on: the answer, and the result of each of its calls.
inline void addTurn(ChatRequest &request, const ChatResponse &response, const QStringList &results,
                    bool isError = false)
{
    request.messages.push_back(response.message);
    const auto calls = response.message.toolCalls();
    for (size_t i = 0; i < calls.size(); ++i) {
        Message message;
        message.role = Role::Tool;
        message.parts.push_back(
            MessagePart::toolResult(calls[i].id, calls[i].name, results.value(int(i)), isError));
        request.messages.push_back(std::move(message));
    }
}

inline ToolDescription toolOf(const char *name, const char *description, const char *properties,
                              const QStringList &required)
{
    return {QString::fromLatin1(name), QString::fromUtf8(description),
            QJsonObject{{QStringLiteral("type"), QStringLiteral("object")},
                        {QStringLiteral("properties"), object(properties)},
                        {QStringLiteral("required"), json::fromStringList(required)},
                        {QStringLiteral("additionalProperties"), false}}};
}

// The SQL tool of the sample as core/tool describes it.
inline ToolDescription feedbackSql()
{
    return toolOf(
        "feedback_sql",
        "Query the customer feedback. A complaint is a rating of 1 or 2. Runs one read-only SQLite SELECT "
        "and returns at most 200 rows; "
        "count and group in SQL. Tables:\nfeedback (300 rows): id INTEGER, date TEXT, product_area TEXT "
        "('Billing', 'Export', "
        "'Mobile app', 'Search', 'Integrations', 'Performance', 'Onboarding', 'Permissions'), tier TEXT "
        "('free', 'team', 'business', "
        "'enterprise'), rating INTEGER, message TEXT",
        "{\"sql\":{\"type\":\"string\",\"description\":\"One SQLite SELECT statement.\",\"minLength\":1}}",
        {QStringLiteral("sql")});
}

inline ToolDescription calculator()
{
    return toolOf("calculator", "Calculates an arithmetic expression exactly: + - * / ^ ( ).",
                  "{\"expression\":{\"type\":\"string\"}}", {QStringLiteral("expression")});
}

inline ToolDescription clockTool()
{
    return toolOf(
        "clock", "Tell the current date and time. Returns the current date and time in ISO 8601.",
        "{\"time_zone\":{\"type\":\"string\",\"description\":\"IANA time zone such as Europe/Berlin\"}}",
        {});
}

inline ToolDescription askHuman()
{
    return toolOf("ask_human",
                  "Ask the person at the desk. Asks the person who attends this run one clear question.",
                  "{\"question\":{\"type\":\"string\"},\"choices\":{\"type\":\"array\",\"items\":{\"type\":"
                  "\"string\"}}}",
                  {QStringLiteral("question")});
}

// Violations of a value against the part of JSON Schema that the tests use; written apart from the model's own reading.
inline QStringList violations(const QJsonValue &value, const QJsonObject &schema, const QJsonObject &root,
                              const QString &at = QString())
{
    QStringList found;
    const auto bad = [&](const QString &what) { found.append(at + QStringLiteral(": ") + what); };
    if (schema.contains(QLatin1String("$ref")))
        return violations(value,
                          json::at(root, schema.value(QLatin1String("$ref")).toString().mid(1)).toObject(),
                          root, at);
    for (const QJsonValue &part : schema.value(QLatin1String("allOf")).toArray())
        found += violations(value, part.toObject(), root, at);
    for (const auto key : {QLatin1String("anyOf"), QLatin1String("oneOf")}) {
        const QJsonArray options = schema.value(key).toArray();
        if (!options.isEmpty() && std::none_of(options.begin(), options.end(), [&](const QJsonValue &o) {
                return violations(value, o.toObject(), root, at).isEmpty();
            }))
            bad(QStringLiteral("fits none of ") + key);
    }
    const QJsonValue type = schema.value(QLatin1String("type"));
    const QStringList types = type.isArray()    ? json::toStringList(type)
                              : type.isString() ? QStringList{type.toString()}
                                                : QStringList();
    const auto isA = [&](const QString &name) {
        return (name == QLatin1String("object") && value.isObject())
               || (name == QLatin1String("array") && value.isArray())
               || (name == QLatin1String("string") && value.isString())
               || (name == QLatin1String("boolean") && value.isBool())
               || (name == QLatin1String("null") && value.isNull())
               || (name == QLatin1String("number") && value.isDouble())
               || (name == QLatin1String("integer") && value.isDouble()
                   && value.toDouble() == double(qint64(value.toDouble())));
    };
    if (!types.isEmpty() && std::none_of(types.begin(), types.end(), isA))
        bad(QStringLiteral("is no ") + types.join(u'/'));
    if (schema.contains(QLatin1String("enum"))
        && !schema.value(QLatin1String("enum")).toArray().contains(value))
        bad(QStringLiteral("is none of the enum"));
    if (schema.contains(QLatin1String("const")) && schema.value(QLatin1String("const")) != value)
        bad(QStringLiteral("is not the const"));
    if (value.isDouble()) {
        const double number = value.toDouble();
        if (number < schema.value(QLatin1String("minimum")).toDouble(-1e300)
            || number > schema.value(QLatin1String("maximum")).toDouble(1e300))
            bad(QStringLiteral("is out of bounds"));
        if (number <= schema.value(QLatin1String("exclusiveMinimum")).toDouble(-1e301)
            || number >= schema.value(QLatin1String("exclusiveMaximum")).toDouble(1e301))
            bad(QStringLiteral("is out of exclusive bounds"));
        if (const double step = schema.value(QLatin1String("multipleOf")).toDouble(0);
            step > 0 && qAbs(number / step - qRound64(number / step)) > 1e-9)
            bad(QStringLiteral("is no multiple"));
    }
    if (value.isString()) {
        const qsizetype length = value.toString().toUcs4().size();
        if (length < schema.value(QLatin1String("minLength")).toInt(0)
            || length > schema.value(QLatin1String("maxLength")).toInt(1'000'000))
            bad(QStringLiteral("has the wrong length"));
        const QString pattern = schema.value(QLatin1String("pattern")).toString();
        if (!pattern.isEmpty() && !QRegularExpression(pattern).match(value.toString()).hasMatch())
            bad(QStringLiteral("does not match ") + pattern);
    }
    if (value.isArray()) {
        const QJsonArray items = value.toArray();
        if (items.size() < schema.value(QLatin1String("minItems")).toInt(0)
            || items.size() > schema.value(QLatin1String("maxItems")).toInt(1'000'000))
            bad(QStringLiteral("has the wrong number of items"));
        for (int i = 0; i < items.size(); ++i) {
            found += violations(items[i], schema.value(QLatin1String("items")).toObject(), root,
                                at + u'/' + QString::number(i));
            for (int k = 0; k < i && schema.value(QLatin1String("uniqueItems")).toBool(); ++k) {
                if (items[k] == items[i])
                    bad(QStringLiteral("has an item twice"));
            }
        }
    }
    if (value.isObject()) {
        const QJsonObject object = value.toObject(),
                          properties = schema.value(QLatin1String("properties")).toObject();
        for (const QString &name : json::toStringList(schema.value(QLatin1String("required")))) {
            if (!object.contains(name))
                bad(QStringLiteral("lacks ") + name);
        }
        for (auto it = object.begin(); it != object.end(); ++it) {
            if (properties.contains(it.key()))
                found += violations(it.value(), properties.value(it.key()).toObject(), root,
                                    at + u'/' + it.key());
            else if (schema.value(QLatin1String("additionalProperties")) == QJsonValue(false))
                bad(QStringLiteral("has the unknown ") + it.key());
        }
    }
    return found;
}

// A text of prompts/ with texts put in; enough of Mustache for them ({{x}}, {{#x}}, {{^x}}, {{.}}). The real renderer is core/prompt's.
inline QString filledPrompt(QString text, const QHash<QString, QString> &values)
{
    static const QRegularExpression section(
        QStringLiteral("\\{\\{([#^])(\\w+)\\}\\}\\n?(.*?)\\{\\{/\\2\\}\\}\\n?"),
        QRegularExpression::DotMatchesEverythingOption);
    for (auto match = section.match(text); match.hasMatch(); match = section.match(text)) {
        const QString value = values.value(match.captured(2));
        const bool shown = value.isEmpty() == (match.captured(1) == QLatin1String("^"));
        QString inner = shown ? match.captured(3) : QString();
        inner.replace(QLatin1String("{{.}}"), value);
        text.replace(match.capturedStart(), match.capturedLength(), inner);
    }
    for (auto it = values.begin(); it != values.end(); ++it)
        text.replace(QStringLiteral("{{%1}}").arg(it.key()), it.value());
    return text;
}

inline QString promptFile(const QString &name, const QHash<QString, QString> &values)
{
    QFile file(QStringLiteral(":/prompts/%1.md").arg(name));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("no such prompt: %s", qPrintable(name));
    return filledPrompt(QString::fromUtf8(file.readAll()), values).trimmed();
}

} // namespace lathe::test
