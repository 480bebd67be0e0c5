// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/design/ToolSpec.h"
#include "tests/core/design/DesignTesting.h"

#include <QDir>
#include <QSet>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
DesignLookup project()
{
    DesignLookup lookup;
    lookup.exists = [](ArtifactKind kind, const QString &ref) {
        return (kind == ArtifactKind::Dataset && ref == QLatin1String("feedback"))
               || ((kind == ArtifactKind::Agent || kind == ArtifactKind::Team) && ref == QLatin1String("helper"));
    };
    return lookup;
}

// A body of each type that is right.
QJsonObject goodBody(const QString &type)
{
    QJsonObject body = toolType(type)->defaultBody;
    QJsonObject config = body.value(QStringLiteral("config")).toObject();
    if (type == QLatin1String("sql"))
        config.insert(QStringLiteral("path"), QStringLiteral("feedback.db"));
    else if (type == QLatin1String("http"))
        config.insert(QStringLiteral("allowed_hosts"),
                      QJsonArray{QStringLiteral("api.example.com"), QStringLiteral("*.example.org"),
                                 QStringLiteral("localhost:8080")});
    else if (type == QLatin1String("files"))
        config.insert(QStringLiteral("folder"), QStringLiteral("notes"));
    else if (type == QLatin1String("email")) {
        config.insert(QStringLiteral("host"), QStringLiteral("smtp.example.com"));
        config.insert(QStringLiteral("from"), QStringLiteral("Ada <ada@example.com>"));
        config.insert(QStringLiteral("allowed_recipients"), QJsonArray{QStringLiteral("@example.com")});
    } else if (type == QLatin1String("mcp")) {
        config.insert(QStringLiteral("command"), QStringLiteral("npx"));
        config.insert(QStringLiteral("tools"), QJsonArray{ToolFunction::fromJson({{QStringLiteral("name"), QStringLiteral("list")}}).toJson()});
    } else if (type == QLatin1String("request")) {
        config.insert(QStringLiteral("url"), QStringLiteral("https://api.example.com/orders"));
    } else if (type == QLatin1String("openapi")) {
        config.insert(QStringLiteral("base_url"), QStringLiteral("https://api.example.com"));
        const QJsonObject get{{QStringLiteral("method"), QStringLiteral("get")}, {QStringLiteral("path"), QStringLiteral("/orders")}};
        config.insert(QStringLiteral("tools"), QJsonArray{ToolFunction::fromJson({{QStringLiteral("name"), QStringLiteral("list")},
                                                                                  {QStringLiteral("description"), QStringLiteral("Lists.")},
                                                                                  {QStringLiteral("input_schema"), QJsonObject{{QStringLiteral("type"), QStringLiteral("object")}}},
                                                                                  {QStringLiteral("request"), get}}).toJson()});
    } else if (type == QLatin1String("web_page")) {
        config.insert(QStringLiteral("allowed_hosts"), QJsonArray{QStringLiteral("example.com")});
    } else if (type == QLatin1String("agent") || type == QLatin1String("team")) {
        config.insert(type, QStringLiteral("helper"));
    }
    body.insert(QStringLiteral("config"), config);
    return body;
}
} // namespace

class TestToolSpec : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void namesGoBothWays()
    {
        for (const Approval approval : {Approval::Always, Approval::Ask, Approval::Never})
            QCOMPARE(approvalFromName(approvalName(approval)), std::optional(approval));
        QVERIFY(!approvalFromName(QString()));
        QCOMPARE(sideEffectName(SideEffect::Read) + sideEffectName(SideEffect::Write)
                     + sideEffectName(SideEffect::External),
                 QStringLiteral("readwriteexternal"));
    }

    void bodyGoesBothWays()
    {
        const QJsonObject body = object(R"({"type":"sql","purpose":"Ask the feedback table.","config":{"source":"file","path":"f.db","future":1},
            "approval":"ask","idempotent":true,"limits":{"calls_per_run":5,"seconds":2.5,"max_bytes":1000}})");
        const auto spec = ToolSpec::fromJson(body);
        QVERIFY(spec.ok());
        QCOMPARE(spec->approval, Approval::Ask);
        QCOMPARE(spec->idempotent, std::optional(true));
        QCOMPARE(spec->limits, (ToolLimits{5, 2.5, 1000}));
        QCOMPARE(spec->toJson(), body);
        QCOMPARE(*ToolSpec::fromJson(spec->toJson()), *spec);
        QCOMPARE(*ToolSpec::fromJson({}), ToolSpec());
        QVERIFY(!ToolSpec().toJson().contains(QStringLiteral("idempotent")));
        QVERIFY(ToolSpec::fromJson(object(R"({"side_effect":"read","unknown":[]})"))
                    .ok());
    }

    void wrongTypesAreNamed_data()
    {
        QTest::addColumn<QString>("body");
        QTest::addColumn<QString>("pointer");
        const auto row = [](const char *body, const char *pointer) {
            QTest::newRow(body) << QString::fromLatin1(body) << QString::fromLatin1(pointer);
        };
        row(R"({"type":1})", "type");
        row(R"({"purpose":{}})", "purpose");
        row(R"({"config":"x"})", "config");
        row(R"({"approval":"sometimes"})", "approval");
        row(R"({"approval":1})", "approval");
        row(R"({"idempotent":"yes"})", "idempotent");
        row(R"({"limits":{"calls_per_run":1.5}})", "limits/calls_per_run");
        row(R"({"limits":{"max_bytes":"1k"}})", "limits/max_bytes");
    }
    void wrongTypesAreNamed()
    {
        QFETCH(QString, body);
        QFETCH(QString, pointer);
        const auto spec = ToolSpec::fromJson(object(body.toUtf8()));
        QVERIFY(!spec.ok());
        QCOMPARE(spec.error().kind, ErrorKind::InvalidInput);
        QVERIFY2(spec.error().message.contains(QLatin1Char('"') + pointer + QLatin1Char('"')),
                 qPrintable(spec.error().message));
    }

    void typesDescribeTheirForms()
    {
        QStringList types;
        for (const ToolTypeInfo &info : toolTypes()) {
            types << info.type;
            QVERIFY(!info.title.isEmpty() && info.about.endsWith(QLatin1Char('.')));
            const auto spec = ToolSpec::fromJson(info.defaultBody);
            QVERIFY2(spec.ok(), qPrintable(info.type));
            QCOMPARE(spec->type, info.type);
            QCOMPARE(spec->toJson(), info.defaultBody);
            QVERIFY(spec->purpose.endsWith(QLatin1Char('.')));
            QSet<QString> pointers;
            for (const SettingField &field : info.fields) {
                QVERIFY2(!pointers.contains(field.pointer), qPrintable(field.pointer));
                pointers.insert(field.pointer);
                QVERIFY(!field.label.isEmpty() && !field.help.isEmpty());
                QCOMPARE(json::at(info.defaultBody, field.pointer), field.defaultValue);
                QCOMPARE(field.type == SettingField::Type::Choice, !field.choices.isEmpty());
                if (field.type == SettingField::Type::Choice)
                    QVERIFY(field.choices.contains(field.defaultValue.toString()));
                if (field.type == SettingField::Type::Integer)
                    QVERIFY(field.defaultValue.toDouble() >= field.minimum
                            && field.defaultValue.toDouble() <= field.maximum);
            }
            QCOMPARE(pointers.size(),
                     info.defaultBody.value(QStringLiteral("config")).toObject().size());
        }
        types.sort();
        QCOMPARE(types.join(QLatin1Char(' ')), QStringLiteral("agent ask_human calculator current_time email files http mcp mock openapi request "
                                                              "script sql team web_page webhook"));
        QVERIFY(!toolType(QStringLiteral("mail")));
    }

    // Whatever a tool reads from its configuration can be set in its form.
    void formsHaveAllThatToolsRead_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QStringList>("keys");
        const auto row = [](const char *type, const char *keys) {
            QTest::newRow(type) << QString::fromLatin1(type) << QString::fromLatin1(keys).split(u' ');
        };
        row("sql", "source path dataset host port database user password sslmode tables example_values mode max_rows");
        row("http", "allowed_hosts allowed_methods headers secret_hosts max_body_bytes "
                    "allow_private_network");
        row("files", "folder writable max_file_bytes");
        row("current_time", "time_zone");
    }
    void formsHaveAllThatToolsRead()
    {
        QFETCH(QString, type);
        QFETCH(QStringList, keys);
        QStringList shown;
        for (const SettingField &field : toolType(type)->fields)
            shown << field.pointer.section(u'/', -1);
        QCOMPARE(shown, keys);
    }

    void sideEffectsAreByType()
    {
        const auto effect = [](const char *type, const QJsonObject &config = {}) {
            return toolType(QString::fromLatin1(type))->sideEffectOf(config);
        };
        QCOMPARE(effect("sql"), SideEffect::Read);
        QCOMPARE(effect("http"), SideEffect::External);
        QCOMPARE(effect("files"), SideEffect::Read);
        QCOMPARE(effect("files", {{QStringLiteral("writable"), true}}), SideEffect::Write);
        QCOMPARE(effect("calculator", {{QStringLiteral("writable"), true}}), SideEffect::Read);
        QCOMPARE(effect("current_time"), SideEffect::Read);
        QCOMPARE(effect("ask_human"), SideEffect::External);
        QVERIFY(!toolType(QStringLiteral("http"))->idempotent);
        QCOMPARE(toolType(QStringLiteral("http"))
                     ->defaultBody.value(QStringLiteral("approval"))
                     .toString(),
                 QStringLiteral("ask"));
    }

    void goodToolsHaveNoProblems()
    {
        for (const ToolTypeInfo &info : toolTypes()) {
            const auto problems = validateTool(goodBody(info.type), project());
            QVERIFY2(problems.empty(), qPrintable(info.type + describe(problems)));
        }
        const auto problems = validateTool(
            json::with(json::with(goodBody(QStringLiteral("sql")), QStringLiteral("/config/source"),
                                  QStringLiteral("dataset")),
                       QStringLiteral("/config/dataset"), QStringLiteral("feedback"))
                .toObject(),
            project());
        QVERIFY2(problems.empty(), qPrintable(describe(problems)));
    }

    void problemsAreNamed_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QString>("value"); // JSON; empty: removed
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("at"); // empty: as the pointer
        QTest::addColumn<int>("severity");
        using S = Problem::Severity;
        const auto row = [](const char *name, const char *type, const char *pointer,
                            const QString &value, const char *code, S severity,
                            const char *at = "") {
            QTest::newRow(name) << QString::fromLatin1(type) << QString::fromLatin1(pointer)
                                << value << QString::fromLatin1(code) << QString::fromLatin1(at)
                                << int(severity);
        };
        const auto q = [](const char *text) { return QString::fromUtf8(text); };
        row("no type", "sql", "/type", q(""), "tool.type", S::Error);
        row("unknown type", "calculator", "/type", q("\"abacus\""), "tool.type", S::Error);
        row("no purpose", "sql", "/purpose", q("\" \""), "tool.purpose", S::Warning);
        row("purpose is a number", "sql", "/purpose", q("3"), "body.type", S::Error);
        row("config is a list", "calculator", "/config", q("[]"), "body.type", S::Error);
        row("no path", "sql", "/config/path", q(""), "sql.no_path", S::Error);
        row("path is a number", "sql", "/config/path", q("1"), "body.type", S::Error);
        row("no dataset", "sql", "/config/source", q("\"dataset\""), "sql.no_dataset", S::Error,
            "/config/dataset");
        row("unknown dataset", "sql", "/config", q(R"({"source":"dataset","dataset":"other"})"),
            "sql.unknown_dataset", S::Error, "/config/dataset");
        row("broken dataset reference", "sql", "/config",
            q(R"({"source":"dataset","dataset":"a@"})"), "sql.unknown_dataset", S::Error,
            "/config/dataset");
        row("unknown source", "sql", "/config/source", q("\"cloud\""), "sql.source", S::Error);
        row("no rows", "sql", "/config/max_rows", q("0"), "sql.max_rows", S::Error);
        row("too many rows", "sql", "/config/max_rows", q("50000"), "sql.max_rows", S::Warning);
        row("no hosts", "http", "/config/allowed_hosts", q("[]"), "http.no_hosts", S::Error);
        row("hosts missing", "http", "/config/allowed_hosts", q(""), "http.no_hosts", S::Error);
        row("any host", "http", "/config/allowed_hosts/0", q("\"*\""), "http.any_host", S::Warning);
        row("address for host", "http", "/config/allowed_hosts/1", q("\"https://example.com/x\""),
            "http.host", S::Error);
        row("empty host", "http", "/config/allowed_hosts/1", q("\"\""), "http.host", S::Error);
        row("host is a number", "http", "/config/allowed_hosts/1", q("1"), "body.type", S::Error);
        row("bad secret host", "http", "/config/secret_hosts", q("[\"a b\"]"), "http.host",
            S::Error, "/config/secret_hosts/0");
        row("no bytes", "http", "/config/max_body_bytes", q("0"), "http.max_body_bytes", S::Error);
        row("too many bytes", "http", "/config/max_body_bytes", q("100000000"), "http.max_body_bytes",
            S::Warning);
        row("bytes as text", "http", "/config/max_body_bytes", q("\"1 MB\""), "body.type", S::Error);
        row("no methods", "http", "/config/allowed_methods", q("[]"), "http.no_methods", S::Error);
        row("unknown method", "http", "/config/allowed_methods/0", q("\"FETCH\""), "http.method",
            S::Error);
        row("plain secret", "http", "/config/headers", q(R"({"X-Api-Key":"sk-123456"})"),
            "http.plain_secret", S::Warning, "/config/headers/X-Api-Key");
        row("plain bearer", "http", "/config/headers", q(R"({"Authorization":"Bearer abc"})"),
            "http.plain_secret", S::Warning, "/config/headers/Authorization");
        row("half a reference", "http", "/config/headers",
            q("{\"Authorization\":\"Bearer {{secret:KEY\"}"), "http.header_secret", S::Error,
            "/config/headers/Authorization");
        row("two lines", "http", "/config/headers", q("{\"X-A\":\"a\\r\\nX-B: b\"}"),
            "http.header_value", S::Error, "/config/headers/X-A");
        row("value is a number", "http", "/config/headers", q(R"({"X-A":1})"), "http.header_value",
            S::Error, "/config/headers/X-A");
        row("bad header name", "http", "/config/headers", q(R"({"X A/":"a"})"), "http.header_name",
            S::Error, "/config/headers/X A~1");
        row("private network", "http", "/config/allow_private_network", q("true"),
            "http.private_network", S::Warning);
        row("external unasked", "http", "/approval", q("\"always\""), "tool.external_unasked",
            S::Warning);
        row("no folder", "files", "/config/folder", q("\" \""), "files.no_folder", S::Error);
        row("whole disk", "files", "/config/folder", q("\"/\""), "files.wide_folder", S::Warning);
        row("home", "files", "/config/folder",
            QLatin1Char('"') + QDir::homePath() + QLatin1String("/.\""), "files.wide_folder",
            S::Warning);
        row("writes unasked", "files", "/config/writable", q("true"), "tool.write_unasked",
            S::Warning, "/approval");
        row("no file fits", "files", "/config/max_file_bytes", q("0"), "files.max_bytes", S::Error);
        row("giant files", "files", "/config/max_file_bytes", q("1000000000"), "files.max_bytes",
            S::Warning);
        row("unknown zone", "current_time", "/config/time_zone", q("\"Mars/Olympus\""), "time.zone",
            S::Error);
        row("switched off", "calculator", "/approval", q("\"never\""), "tool.never", S::Hint);
        row("unknown approval", "calculator", "/approval", q("\"maybe\""), "body.type", S::Error);
        row("no calls", "calculator", "/limits/calls_per_run", q("0"), "tool.calls", S::Error);
        row("no time", "calculator", "/limits/seconds", q("0"), "tool.seconds", S::Error);
        row("days", "calculator", "/limits/seconds", q("1e6"), "tool.seconds", S::Warning);
        row("no bytes", "calculator", "/limits/max_bytes", q("0"), "tool.bytes", S::Error);
        row("many bytes", "calculator", "/limits/max_bytes", q("100000000"), "tool.bytes",
            S::Warning);
    }
    void problemsAreNamed()
    {
        QFETCH(QString, type);
        QFETCH(QString, pointer);
        QFETCH(QString, value);
        QFETCH(QString, code);
        QFETCH(QString, at);
        QFETCH(int, severity);
        const QJsonValue wanted =
            value.isEmpty() ? QJsonValue(QJsonValue::Undefined) : *json::parse(value.toUtf8());
        const auto problems =
            validateTool(json::with(goodBody(type), pointer, wanted).toObject(), project());
        QVERIFY2(problems.size() == 1, qPrintable(describe(problems))); // this one and no other
        QCOMPARE(problems[0].code, code);
        QCOMPARE(problems[0].pointer, at.isEmpty() ? pointer : at);
        QCOMPARE(int(problems[0].severity), severity);
        QVERIFY(problems[0].message.endsWith(QLatin1Char('.')));
    }

    void secretsByReferenceAreFine()
    {
        const QJsonObject headers = object(R"({"Authorization":"Bearer {{secret:WEB_KEY}}","Accept":"application/json","X-Token":""})");
        const auto problems = validateTool(
            json::with(goodBody(QStringLiteral("http")), QStringLiteral("/config/headers"), headers)
                .toObject(),
            project());
        QVERIFY2(problems.empty(), qPrintable(describe(problems)));
    }

    void zonesOfThisComputerAreFine()
    {
        for (const char *zone : {"", "UTC", "Europe/Berlin"}) {
            const auto problems = validateTool(json::with(goodBody(QStringLiteral("current_time")),
                                                          QStringLiteral("/config/time_zone"),
                                                          QString::fromLatin1(zone))
                                                   .toObject(),
                                               project());
            QVERIFY2(problems.empty(), qPrintable(describe(problems)));
        }
    }
};

QTEST_GUILESS_MAIN(TestToolSpec)
#include "tst_ToolSpec.moc"
