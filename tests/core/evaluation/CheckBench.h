// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"
#include "core/evaluation/Check.h"
#include "tests/support/Await.h"

#include <QFile>
#include <QTest>

namespace lathe::test {

// Answers of the world, and what it was asked.
struct CheckBench {
    CheckWorld world;
    Result<QString> reply = QStringLiteral("{}");
    Result<QJsonValue> value = QJsonValue(true);
    Result<std::vector<std::vector<float>>> vectors = std::vector<std::vector<float>>();
    std::vector<JudgeCall> calls;
    QStringList scripts;
    QJsonObject names;
    QStringList embedded;
    bool hangs = false; // the judge answers only when it is cancelled

    CheckBench()
    {
        world.expression = [this](QString source, QJsonObject given, CancelToken) {
            return evaluate(source, given);
        };
        world.schemaProblem = [](const QJsonValue &json, const QJsonValue &schema) {
            return schemaProblem(json, schema);
        };
        world.judge = [this](JudgeCall call, CancelToken cancel) {
            return judge(std::move(call), cancel);
        };
        world.embed = [this](QStringList texts, CancelToken) { return embed(texts); };
        world.text = [](const QString &name, const QJsonObject &values) {
            QFile file(QStringLiteral(LATHE_SOURCE_DIR "/prompts/%1.md").arg(name));
            if (!file.open(QIODevice::ReadOnly))
                return QString();
            QString text = QString::fromUtf8(file.readAll());
            for (auto it = values.begin(); it != values.end(); ++it)
                text.replace(QStringLiteral("{{%1}}").arg(it.key()),
                             it.value().isString() ? it.value().toString()
                                                   : json::compactString(it.value()));
            return text;
        };
    }
    Task<Result<QJsonValue>> evaluate(QString source, QJsonObject given)
    {
        scripts.append(source);
        names = given;
        Result<QJsonValue> answer = value; // what co_return is given is moved from
        co_return answer;
    }
    Task<Result<QString>> judge(JudgeCall call, CancelToken cancel)
    {
        calls.push_back(call);
        if (!hangs) {
            Result<QString> now = reply;
            co_return now;
        }
        const Completion<Result<QString>> later;
        const auto registration =
            cancel.onCancelled([later] { later.complete(Error::cancelled()); });
        Result<QString> answer = co_await later;
        co_return answer;
    }
    Task<Result<std::vector<std::vector<float>>>> embed(QStringList texts)
    {
        embedded = texts;
        Result<std::vector<std::vector<float>>> answer = vectors;
        co_return answer;
    }
    // A little of JSON Schema: type object and required members.
    static Result<QString> schemaProblem(const QJsonValue &json, const QJsonValue &schema)
    {
        if (schema.isBool())
            return schema.toBool() ? QString() : QStringLiteral("nothing is allowed");
        if (schema[QLatin1String("type")].toString() == QLatin1String("nonsense"))
            return Error(ErrorKind::InvalidInput, QStringLiteral("there is no type \"nonsense\""));
        if (schema[QLatin1String("type")].toString() == QLatin1String("object") && !json.isObject())
            return QStringLiteral("it is no object");
        for (const QJsonValue &name : schema[QLatin1String("required")].toArray()) {
            if (!json.toObject().contains(name.toString()))
                return QStringLiteral("\"%1\" is missing").arg(name.toString());
        }
        return QString();
    }
};

inline CheckSpec checkOf(const QByteArray &text)
{
    const QJsonObject body{{QStringLiteral("checks"), QJsonArray{*json::parseObject(text)}}};
    const auto spec = ExperimentSpec::fromJson(body);
    return spec ? spec->checks.front() : CheckSpec();
}

inline CheckInput inputOf(const QString &output)
{
    CheckInput input;
    input.output = output;
    input.vars = {
        {QStringLiteral("name"), QStringLiteral("Ada")},
        {QStringLiteral("n"), 42},
        {QStringLiteral("words"), QJsonArray{QStringLiteral("red"), QStringLiteral("green")}},
        {QStringLiteral("object"), QJsonObject{{QStringLiteral("a"), 1}}}};
    input.expected = QStringLiteral("Paris");
    input.latencySeconds = 0.5;
    input.costUsd = 0.002;
    input.prompt = QStringLiteral("What is the capital of France?");
    return input;
}

inline QString shown(const CheckResult &result)
{
    return !result.ran ? QStringLiteral("not run")
                       : QStringLiteral("%1 %2")
                             .arg(result.passed ? QStringLiteral("pass") : QStringLiteral("fail"))
                             .arg(result.score);
}

} // namespace lathe::test
