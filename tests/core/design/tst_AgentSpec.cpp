// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/design/AgentSpec.h"
#include "tests/core/design/DesignTesting.h"

#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
QJsonObject goodBody()
{
    return object(
        R"({"job":"Classify each customer message by product area and urgency.","prompt":"triage@production",
        "model":{"connection":"offline","model":"extractive"},"fallback_models":[{"connection":"openai","model":"gpt-5"}],
        "temperature":0.2,"max_tokens":800,"pattern":"tool_loop","tools":[{"tool":"sql"},{"tool":"web","approval":"ask","calls_per_run":3}],
        "limits":{"steps":24,"seconds":300,"tokens":200000,"cost_usd":1}})");
}

// A project that has just what goodBody() refers to.
DesignLookup project()
{
    DesignLookup lookup;
    lookup.exists = [](ArtifactKind kind, const QString &ref) {
        const QString name = ref.section(QLatin1Char('@'), 0, 0);
        switch (kind) {
        case ArtifactKind::Prompt:
            return name == QLatin1String("triage");
        case ArtifactKind::Tool:
            return name == QLatin1String("sql") || name == QLatin1String("web")
                   || name == QLatin1String("person");
        case ArtifactKind::Connection:
            return name == QLatin1String("offline") || name == QLatin1String("openai");
        default:
            return false;
        }
    };
    lookup.toolBody = [](const QString &ref) {
        const QString type = ref.startsWith(QLatin1String("web")) ? QStringLiteral("http")
                             : ref == QLatin1String("person")     ? QStringLiteral("ask_human")
                                                                  : QStringLiteral("sql");
        return QJsonObject{{QStringLiteral("type"), type}};
    };
    return lookup;
}

} // namespace

class TestAgentSpec : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void bodyGoesBothWays()
    {
        const auto spec = AgentSpec::fromJson(goodBody());
        QVERIFY(spec.ok());
        QCOMPARE(spec->model.toString(), QStringLiteral("offline/extractive"));
        QCOMPARE(spec->fallbackModels.size(), size_t(1));
        QCOMPARE(spec->temperature, std::optional(0.2));
        QCOMPARE(spec->maxTokens, std::optional<qint64>(800));
        QCOMPARE(spec->tools[1], (ToolAttachment{QStringLiteral("web"), QStringLiteral("ask"), 3, {}, {}}));
        QCOMPARE(spec->limits.costUsd, 1.0);
        QCOMPARE(spec->toJson(), goodBody());
        QCOMPARE(*AgentSpec::fromJson(spec->toJson()), *spec);
    }

    void absentAndNullAreDefaults()
    {
        const auto empty = AgentSpec::fromJson({});
        QVERIFY(empty.ok());
        QCOMPARE(*empty, AgentSpec());
        QCOMPARE(empty->limits.steps, 24);
        QVERIFY(!empty->toJson().contains(QStringLiteral("temperature")));
        QCOMPARE(
            *AgentSpec::fromJson(object(
                R"({"job":null,"temperature":null,"limits":{"steps":null},"tools":null,"color":"red","x":[1]})")),
            AgentSpec());
        QCOMPARE(*AgentSpec::fromJson(empty->toJson()), *empty);
    }

    void wrongTypesAreNamed_data()
    {
        QTest::addColumn<QString>("body");
        QTest::addColumn<QString>("pointer");
        const auto row = [](const char *body, const char *pointer) {
            QTest::newRow(body) << QString::fromLatin1(body) << QString::fromLatin1(pointer);
        };
        row(R"({"job":3})", "job");
        row(R"({"model":"gpt"})", "model");
        row(R"({"model":{"model":[]}})", "model/model");
        row(R"({"fallback_models":{}})", "fallback_models");
        row(R"({"fallback_models":[{"model":"a"},7]})", "fallback_models/1");
        row(R"({"fallback_models":[{"model":7}]})", "fallback_models/0/model");
        row(R"({"temperature":"hot"})", "temperature");
        row(R"({"max_tokens":1.5})", "max_tokens");
        row(R"({"tools":["sql"]})", "tools/0");
        row(R"({"tools":[{"tool":"a"},{"tool":"b","calls_per_run":"3"}]})",
            "tools/1/calls_per_run");
        row(R"({"limits":{"steps":1e12}})", "limits/steps");
        row(R"({"limits":{"seconds":true}})", "limits/seconds");
        row(R"({"limits":[]})", "limits");
    }
    void wrongTypesAreNamed()
    {
        QFETCH(QString, body);
        QFETCH(QString, pointer);
        const QJsonObject json = *json::parseObject(body.toUtf8());
        const auto spec = AgentSpec::fromJson(json);
        QVERIFY(!spec.ok());
        QCOMPARE(spec.error().kind, ErrorKind::InvalidInput);
        QVERIFY2(spec.error().message.contains(QLatin1Char('"') + pointer + QLatin1Char('"')),
                 qPrintable(spec.error().message));
        // Beside the field too.
        const auto problems = validateAgent(json, project());
        const bool shown = std::any_of(problems.begin(), problems.end(), [&](const Problem &p) {
            return p.pointer == QLatin1Char('/') + pointer && p.severity == Problem::Severity::Error
                   && p.code == QLatin1String("body.type");
        });
        QVERIFY2(shown, qPrintable(describe(problems)));
    }

    void aGoodAgentHasNoProblems()
    {
        const auto problems = validateAgent(goodBody(), project());
        QVERIFY2(problems.empty(), qPrintable(describe(problems)));
    }

    void patternsAreKnown()
    {
        QStringList ids;
        for (const auto &pattern : AgentSpec::patterns()) {
            ids << pattern.id;
            QVERIFY(!pattern.title.isEmpty() && pattern.about.endsWith(QLatin1Char('.')));
        }
        QCOMPARE(ids, (QStringList{QStringLiteral("direct"), QStringLiteral("tool_loop"),
                                   QStringLiteral("react"), QStringLiteral("plan_execute"),
                                   QStringLiteral("reflexion")}));
        QVERIFY(ids.contains(AgentSpec().pattern));
    }

    void problemsAreNamed_data()
    {
        QTest::addColumn<QString>("pointer"); // what is set
        QTest::addColumn<QString>("value");   // JSON; empty: removed
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("at");
        QTest::addColumn<int>("severity");
        const auto row = [](const char *name, const char *pointer, const char *value,
                            const char *code, const char *at, Problem::Severity severity) {
            QTest::newRow(name) << QString::fromLatin1(pointer) << QString::fromLatin1(value)
                                << QString::fromLatin1(code) << QString::fromLatin1(at)
                                << int(severity);
        };
        using S = Problem::Severity;
        row("no job", "/job", "", "job.missing", "/job", S::Warning);
        row("vague job", "/job", R"("Be helpful to everyone who writes in.")", "job.vague", "/job",
            S::Warning);
        row("no prompt", "/prompt", "", "prompt.missing", "/prompt", S::Error);
        row("unknown prompt", "/prompt", R"("other")", "prompt.unknown", "/prompt", S::Error);
        row("broken prompt reference", "/prompt", R"("triage@")", "prompt.unknown", "/prompt",
            S::Error);
        row("no connection", "/model/connection", "", "model.no_connection", "/model/connection",
            S::Error);
        row("unknown connection", "/model/connection", R"("azure")", "model.unknown_connection",
            "/model/connection", S::Error);
        row("no model", "/model/model", R"(" ")", "model.missing", "/model/model", S::Error);
        row("fallback without model", "/fallback_models/0/model", "", "model.missing",
            "/fallback_models/0/model", S::Error);
        row("fallback is the model", "/fallback_models/0",
            R"({"connection":"offline","model":"extractive"})", "fallback.same",
            "/fallback_models/0", S::Warning);
        row("fallback twice", "/fallback_models/-", R"({"connection":"openai","model":"gpt-5"})",
            "fallback.twice", "/fallback_models/1", S::Warning);
        row("cold", "/temperature", "-0.1", "temperature.range", "/temperature", S::Error);
        row("hot", "/temperature", "2.5", "temperature.range", "/temperature", S::Warning);
        row("no answer", "/max_tokens", "0", "max_tokens.range", "/max_tokens", S::Error);
        row("unknown pattern", "/pattern", R"("tree_of_thought")", "pattern.unknown", "/pattern",
            S::Error);
        row("direct with tools", "/pattern", R"("direct")", "pattern.ignores_tools", "/pattern",
            S::Warning);
        row("unknown tool", "/tools/0/tool", R"("mail")", "tool.unknown", "/tools/0/tool",
            S::Error);
        row("empty tool", "/tools/0/tool", "", "tool.missing", "/tools/0/tool", S::Error);
        row("tool twice", "/tools/-", R"({"tool":"sql@2"})", "tool.twice", "/tools/2/tool",
            S::Error);
        row("unknown approval", "/tools/0/approval", R"("maybe")", "tool.approval",
            "/tools/0/approval", S::Error);
        row("negative calls", "/tools/0/calls_per_run", "-1", "tool.calls",
            "/tools/0/calls_per_run", S::Error);
        row("external unasked", "/tools/1/approval", R"("always")", "tool.external_unasked",
            "/tools/1/approval", S::Warning);
        row("no steps", "/limits/steps", "0", "limits.steps", "/limits/steps", S::Error);
        row("too many steps", "/limits/steps", "100000", "limits.steps", "/limits/steps",
            S::Warning);
        row("no room for tools", "/limits/steps", "2", "limits.steps", "/limits/steps", S::Warning);
        row("no bound at all", "/limits", R"({"steps":9,"seconds":0,"tokens":0,"cost_usd":-1})",
            "limits.none", "/limits", S::Warning);
        row("days", "/limits/seconds", "1000000", "limits.seconds", "/limits/seconds", S::Warning);
        row("an instant", "/limits/seconds", "0.01", "limits.seconds", "/limits/seconds",
            S::Warning);
        row("answer over run", "/limits/tokens", "500", "limits.tokens", "/limits/tokens",
            S::Warning);
        row("a fortune", "/limits/cost_usd", "5000", "limits.cost", "/limits/cost_usd", S::Warning);
    }
    void problemsAreNamed()
    {
        QFETCH(QString, pointer);
        QFETCH(QString, value);
        QFETCH(QString, code);
        QFETCH(QString, at);
        QFETCH(int, severity);
        const QJsonValue wanted =
            value.isEmpty() ? QJsonValue(QJsonValue::Undefined) : *json::parse(value.toUtf8());
        const auto problems =
            validateAgent(json::with(goodBody(), pointer, wanted).toObject(), project());
        QVERIFY2(problems.size() == 1, qPrintable(describe(problems))); // this one and no other
        QCOMPARE(problems[0].code, code);
        QCOMPARE(problems[0].pointer, at);
        QCOMPARE(int(problems[0].severity), severity);
        QVERIFY(problems[0].message.endsWith(QLatin1Char('.')));
        QVERIFY(!problems[0].fix.isEmpty());
    }

    void whatIsFine_data()
    {
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QString>("value");
        QTest::newRow("no money bound for a local model")
            << QStringLiteral("/limits/cost_usd") << QStringLiteral("0");
        QTest::newRow("asking a person unasked")
            << QStringLiteral("/tools/1")
            << QStringLiteral(R"({"tool":"person","approval":"always"})");
        QTest::newRow("no tools") << QStringLiteral("/tools") << QStringLiteral("[]");
        QTest::newRow("draft reference")
            << QStringLiteral("/prompt") << QStringLiteral(R"("triage@draft")");
    }
    void whatIsFine()
    {
        QFETCH(QString, pointer);
        QFETCH(QString, value);
        const auto problems = validateAgent(
            json::with(goodBody(), pointer, *json::parse(value.toUtf8())).toObject(), project());
        QVERIFY2(problems.empty(), qPrintable(describe(problems)));
    }

    void withoutLookupsNothingIsMissing()
    {
        const auto problems = validateAgent(goodBody(), DesignLookup());
        QVERIFY2(problems.empty(), qPrintable(describe(problems)));
        QVERIFY(!validateAgent({}, DesignLookup()).empty());
    }
};

QTEST_GUILESS_MAIN(TestAgentSpec)
#include "tst_AgentSpec.moc"
