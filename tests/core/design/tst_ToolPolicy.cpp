// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/design/TeamGraph.h"
#include "core/design/ToolDangers.h"
#include "core/design/ToolPolicyRules.h"

#include <QTest>

using namespace lathe;

namespace {
// "@@" stands for "*": moc takes a slash and a star for a comment, also in a raw text.
QJsonObject object(const QByteArray &json)
{
    const auto value = lathe::json::parseObject(QByteArray(json).replace("@@", "*"));
    if (!value)
        qFatal("bad JSON in the test: %s", json.constData());
    return *value;
}

// Codes and pointers of the problems, "error /limits/seconds tool.seconds" each.
QStringList told(const std::vector<Problem> &problems)
{
    QStringList lines;
    for (const Problem &problem : problems) {
        const char *severity = problem.severity == Problem::Severity::Error ? "error" : problem.severity == Problem::Severity::Warning ? "warning" : "hint";
        lines.append(QLatin1String(severity) + QLatin1Char(' ') + problem.pointer + QLatin1Char(' ') + problem.code);
    }
    return lines;
}

const char *const fullPolicy = R"({"allowed_hosts":["api.example.com"],"allowed_paths":["/srv/data"],"approval":"ask_when",
    "approval_when":[{"op":"greater","pointer":"/amount","value":100},{"op":"exists","pointer":"/items/@@/price"}],"cache_seconds":60,
    "cost_per_call_usd":0.01,"idempotent":true,"limits":{"calls_per_minute":5,"calls_per_run":7,"cost_usd":0.5,"max_bytes":1000,"seconds":3},
    "redact":["/arguments/token"],"results":"stripped","retries":2,"side_effect":"read","unattended":"stop"})";
} // namespace

class TestToolPolicy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsAndWrites()
    {
        const QJsonObject full = object(fullPolicy);
        std::vector<Problem> problems;
        const ToolPolicy policy = ToolPolicy().overriddenBy(full, QString(), &problems);
        QCOMPARE(told(problems), QStringList());
        QCOMPARE(policy.toJson(), full);
        QCOMPARE(policy.approval, Approval::AskWhen);
        QCOMPARE(policy.askWhen.size(), size_t(2));
        QCOMPARE(policy.limits.callsPerMinute, 5);
        QCOMPARE(policy.unattended, Unattended::Stop);
        QCOMPARE(policy.results, ResultHandling::Stripped);
        QCOMPARE(ToolPolicy().toJson(), QJsonObject());

        QJsonObject body = full;
        body.insert(QStringLiteral("type"), QStringLiteral("sql"));
        body.insert(QStringLiteral("purpose"), QStringLiteral("x"));
        body.insert(QStringLiteral("config"), QJsonObject());
        body.insert(QStringLiteral("examples"), QJsonArray{object(R"({"name":"one","arguments":{}})")});
        const auto spec = ToolSpec::fromJson(body);
        QVERIFY(spec.ok());
        QCOMPARE(lathe::json::compact(spec->toJson()), lathe::json::compact(body));
        QVERIFY(static_cast<const ToolPolicy &>(*spec) == policy);
    }

    // Bodies of before there were policies: written as they were, byte for byte.
    void oldBodiesStay()
    {
        for (const char *text : {R"({"approval":"ask","config":{"a":1},"limits":{"calls_per_run":50,"max_bytes":262144,"seconds":30},"purpose":"p","type":"http"})",
                                 R"({"approval":"never","config":{},"idempotent":false,"limits":{"calls_per_run":3,"max_bytes":10,"seconds":0.5},"purpose":"","type":"sql"})"}) {
            const auto spec = ToolSpec::fromJson(object(text));
            QVERIFY(spec.ok());
            QCOMPARE(lathe::json::compact(spec->toJson()), QByteArray(text));
        }
        const QByteArray attached(R"({"fallback_models":[],"job":"j","limits":{"cost_usd":1,"seconds":300,"steps":24,"tokens":200000},"model":{"connection":"c","model":"m"},"pattern":"tool_loop","prompt":"p","tools":[{"approval":"ask","calls_per_run":2,"tool":"a"},{"tool":"b"}]})");
        QCOMPARE(lathe::json::compact(AgentSpec::fromJson(object(attached))->toJson()), attached);
    }

    void attachments()
    {
        const QByteArray text(R"({"tools":[{"only":["list","get"],"policy":{"approval":"ask_first","limits":{"seconds":9}},"tool":"mcp"}]})");
        const auto spec = AgentSpec::fromJson(object(text));
        QVERIFY(spec.ok());
        const ToolAttachment &attachment = spec->tools.front();
        QCOMPARE(attachment.only, (QStringList{QStringLiteral("list"), QStringLiteral("get")}));
        QCOMPARE(lathe::json::compact(spec->toJson().value(QLatin1String("tools")).toArray()), lathe::json::compact(object(text).value(QLatin1String("tools")).toArray()));
        ToolPolicy tool;
        tool.limits.callsPerRun = 5;
        tool.limits.seconds = 1;
        ToolPolicy policy = policyOf(tool, attachment);
        QCOMPARE(policy.approval, Approval::AskFirst);
        QCOMPARE(policy.limits.seconds, 9.0);
        QCOMPARE(policy.limits.callsPerRun, 5); // single members are overridden, not the whole
        ToolAttachment stricter = attachment;
        stricter.approval = QStringLiteral("never");
        stricter.callsPerRun = 2;
        policy = policyOf(tool, stricter);
        QCOMPARE(policy.approval, Approval::Never);
        QCOMPARE(policy.limits.callsPerRun, 2);
        QVERIFY(!AgentSpec::fromJson(object(R"({"tools":[{"tool":"a","only":[1]}]})")).ok());
    }

    void wrongKindsChangeNothing_data()
    {
        QTest::addColumn<QByteArray>("override");
        QTest::addColumn<QString>("pointer");
        const auto row = [](const char *override, const char *pointer) { QTest::newRow(override) << QByteArray(override) << QString::fromLatin1(pointer); };
        row(R"({"approval":"maybe"})", "/x/approval");
        row(R"({"approval":7})", "/x/approval");
        row(R"({"unattended":"sure"})", "/x/unattended");
        row(R"({"side_effect":"none"})", "/x/side_effect");
        row(R"({"results":"raw"})", "/x/results");
        row(R"({"limits":{"seconds":"long"}})", "/x/limits/seconds");
        row(R"({"limits":{"calls_per_run":1.5}})", "/x/limits/calls_per_run");
        row(R"({"allowed_hosts":"*"})", "/x/allowed_hosts");
        row(R"({"allowed_hosts":["a.example",7]})", "/x/allowed_hosts/1");
        row(R"({"redact":[null]})", "/x/redact/0");
        row(R"({"retries":"2"})", "/x/retries");
        row(R"({"approval_when":[7]})", "/x/approval_when/0");
    }
    void wrongKindsChangeNothing()
    {
        QFETCH(QByteArray, override);
        QFETCH(QString, pointer);
        ToolPolicy policy;
        policy.approval = Approval::Ask;
        policy.allowedHosts = QStringList{QStringLiteral("b.example")};
        std::vector<Problem> problems;
        ToolPolicy made = policy.overriddenBy(object(override), QStringLiteral("/x"), &problems);
        QCOMPARE(problems.size(), size_t(1));
        QCOMPARE(problems.front().pointer, pointer);
        if (override.contains("approval_when"))
            made.askWhen.clear();
        QVERIFY(made == policy);
    }

    void rules_data()
    {
        QTest::addColumn<QByteArray>("rule");
        QTest::addColumn<QByteArray>("arguments");
        QTest::addColumn<bool>("matches");
        const auto row = [](const char *rule, const char *arguments, bool matches) {
            QTest::addRow("%s %s", rule, arguments) << QByteArray(rule) << QByteArray(arguments) << matches;
        };
        row(R"({"pointer":"/a"})", R"({"a":null})", true);
        row(R"({"pointer":"/a"})", R"({"b":1})", false);
        row(R"({"pointer":""})", R"({})", true);
        row(R"({"pointer":"/a","op":"equals","value":5})", R"({"a":5})", true);
        row(R"({"pointer":"/a","op":"equals","value":5})", R"({"a":"5"})", false);
        row(R"({"pointer":"/a","op":"equals","value":{"x":[1]}})", R"({"a":{"x":[1]}})", true);
        row(R"({"pointer":"/a","op":"not_equals","value":"x"})", R"({"a":"x"})", false);
        row(R"({"pointer":"/a","op":"not_equals","value":"x"})", R"({})", true); // not there: not equal
        row(R"({"pointer":"/a","op":"contains","value":"EVIL"})", R"({"a":"me@evil.example"})", true);
        row(R"({"pointer":"/a","op":"contains","value":"evil"})", R"({"a":["ok","me@evil.example"]})", true);
        row(R"({"pointer":"/a","op":"contains","value":"evil"})", R"({"a":"good"})", false);
        row(R"({"pointer":"/a","op":"matches","value":"^DROP"})", R"({"a":"DROP TABLE"})", true);
        row(R"({"pointer":"/a","op":"matches","value":"^DROP"})", R"({"a":"SELECT"})", false);
        row(R"({"pointer":"/a","op":"matches","value":"@@"})", R"({"a":"SELECT"})", true); // cannot be judged
        row(R"({"pointer":"/a","op":"greater","value":100})", R"({"a":100})", false);
        row(R"({"pointer":"/a","op":"greater","value":100})", R"({"a":100.5})", true);
        row(R"({"pointer":"/a","op":"greater","value":100})", R"({"a":"250"})", true);
        row(R"({"pointer":"/a","op":"greater","value":100})", R"({"a":"lots"})", true); // cannot be judged
        row(R"({"pointer":"/a","op":"greater","value":100})", R"({"a":"7"})", false);
        row(R"({"pointer":"/a","op":"less","value":0})", R"({"a":-1})", true);
        row(R"({"pointer":"/items/@@/price","op":"greater","value":9})", R"({"items":[{"price":1},{"price":10}]})", true);
        row(R"({"pointer":"/items/@@/price","op":"greater","value":9})", R"({"items":[{"price":1},{"cost":10}]})", false);
        row(R"({"pointer":"/@@","op":"equals","value":1})", R"({"anything":1})", true);
        row(R"({"pointer":"/a~1b/~0","op":"equals","value":1})", R"({"a/b":{"~":1}})", true);
        row(R"({"pointer":"/list/1","op":"equals","value":"b"})", R"({"list":["a","b"]})", true);
        row(R"({"pointer":"/a","op":"wat","value":"b"})", R"({"a":1})", true); // cannot be judged
    }
    void rules()
    {
        QFETCH(QByteArray, rule);
        QFETCH(QByteArray, arguments);
        const ToolPolicy policy = ToolPolicy().overriddenBy(QJsonObject{{QStringLiteral("approval_when"), QJsonArray{object(rule)}}});
        QCOMPARE(policy.askWhen.size(), size_t(1));
        QTEST(ruleMatches(policy.askWhen.front(), object(arguments)), "matches");
        QVERIFY(ruleText(policy.askWhen.front()).endsWith(QLatin1Char('.')));
    }

    // An expression or a value made to take for ever is asked about, soon.
    void slowRulesEnd()
    {
        ArgumentRule rule;
        rule.pointer = QStringLiteral("/a");
        rule.op = QStringLiteral("matches");
        rule.value = QStringLiteral("^(a+)+$");
        QVERIFY(ruleMatches(rule, QJsonObject{{QStringLiteral("a"), QString(60, u'a') + u'b'}}));
        rule.value = QStringLiteral("zzz");
        QVERIFY(ruleMatches(rule, QJsonObject{{QStringLiteral("a"), QString(200'000, u'a')}})); // not looked through
    }

    void redaction()
    {
        ToolPolicy policy;
        policy.redact = QStringList{QStringLiteral("/arguments/users/*/pin"), QStringLiteral("/result/ssn"), QStringLiteral("/arguments/token")};
        const QStringList pointers = redactedPointers(policy, QStringLiteral("arguments"));
        QCOMPARE(pointers, (QStringList{QStringLiteral("/users/*/pin"), QStringLiteral("/token")}));
        QCOMPARE(redactedPointers(policy, QStringLiteral("result")), QStringList{QStringLiteral("/ssn")});
        const QJsonObject arguments = object(R"({"q":"x","users":[{"pin":1234},{"name":"n","pin":{"a":1}}]})");
        const QJsonValue hidden = redactedCopy(arguments, pointers);
        QCOMPARE(hidden.toObject(), object(R"({"q":"x","users":[{"pin":"[redacted]"},{"name":"n","pin":"[redacted]"}]})"));
        QCOMPARE(redactedCopy(hidden, pointers), hidden); // a replay hides what is hidden
        QVERIFY(hasRedacted(hidden, pointers));
        QVERIFY(!hasRedacted(arguments, pointers));
        QVERIFY(pointersMeet(QStringLiteral("/users/3"), QStringLiteral("/users/*/pin")));
        QVERIFY(!pointersMeet(QStringLiteral("/user"), QStringLiteral("/users")));
    }

    void fingerprints()
    {
        const QJsonObject json = object(R"({"annotations":{"readOnlyHint":true},"description":"Lists.","enabled":false,"input_schema":{"type":"object"},
            "name":"list","output_schema":{"type":"array"},"policy":{"approval":"ask"},"request":{"method":"GET"},"title":"List"})");
        const ToolFunction function = ToolFunction::fromJson(json);
        QCOMPARE(function.toJson(), json);
        // What a person approved: the words and the schemas; not what they set themselves.
        for (const auto &[key, changes] : {std::pair("description", true), std::pair("title", true), std::pair("name", true), std::pair("enabled", false)}) {
            QJsonObject other = json;
            other.insert(QLatin1String(key), QStringLiteral("other"));
            QVERIFY2((ToolFunction::fromJson(other).fingerprint() != function.fingerprint()) == changes, key);
        }
        for (const auto &[key, changes] : {std::pair("input_schema", true), std::pair("output_schema", true), std::pair("annotations", true),
                                           std::pair("policy", false), std::pair("request", false)}) {
            QJsonObject other = json;
            other.insert(QLatin1String(key), object(R"({"other":1})"));
            QVERIFY2((ToolFunction::fromJson(other).fingerprint() != function.fingerprint()) == changes, key);
        }
        QCOMPARE(function.fingerprint().size(), 64);
        QCOMPARE(toolFunctions(QJsonObject{{QStringLiteral("tools"), QJsonArray{json, 7}}}).size(), size_t(2));
    }

    void problems_data()
    {
        QTest::addColumn<QByteArray>("policy");
        QTest::addColumn<QString>("problem"); // empty: none
        const auto row = [](const char *policy, const char *problem) { QTest::newRow(policy) << QByteArray(policy) << QString::fromLatin1(problem); };
        row("{}", "");
        row(R"({"approval":"ask_when"})", "error /approval_when approval.no_rules");
        row(R"({"approval":"ask_when","approval_when":[{"pointer":"/a"}]})", "");
        row(R"({"approval":"ask","approval_when":[{"pointer":"/a"}]})", "hint /approval_when approval.unused_rules");
        row(R"({"approval":"ask_when","approval_when":[{"pointer":"a"}]})", "error /approval_when/0/pointer rule.pointer");
        row(R"({"approval":"ask_when","approval_when":[{"pointer":"/a","op":"is"}]})", "error /approval_when/0/op rule.op");
        row(R"({"approval":"ask_when","approval_when":[{"pointer":"/a","op":"matches","value":"@@"}]})", "error /approval_when/0/value rule.expression");
        row(R"({"approval":"ask_when","approval_when":[{"pointer":"/a","op":"less","value":"1"}]})", "error /approval_when/0/value rule.number");
        row(R"({"approval":"ask_when","approval_when":[{"pointer":"/a","op":"contains","value":""}]})", "error /approval_when/0/value rule.value");
        row(R"({"limits":{"calls_per_minute":-1}})", "error /limits/calls_per_minute tool.rate");
        row(R"({"limits":{"cost_usd":-1}})", "error /limits/cost_usd tool.cost");
        row(R"({"limits":{"cost_usd":1}})", "warning /limits/cost_usd tool.cost");
        row(R"({"limits":{"cost_usd":1},"cost_per_call_usd":2})", "warning /limits/cost_usd tool.cost");
        row(R"({"limits":{"cost_usd":1},"cost_per_call_usd":0.1})", "");
        row(R"({"cost_per_call_usd":-1})", "error /cost_per_call_usd tool.cost");
        row(R"({"retries":-1})", "error /retries tool.retries");
        row(R"({"retries":2})", "");
        row(R"({"retries":2,"idempotent":false})", "warning /retries tool.retries");
        row(R"({"retries":20})", "warning /retries tool.retries");
        row(R"({"cache_seconds":-1})", "error /cache_seconds tool.cache");
        row(R"({"allowed_hosts":["a.example/x"]})", "error /allowed_hosts/0 policy.host");
        row(R"({"allowed_hosts":["*.a.example","b.example:8080"]})", "");
        row(R"({"allowed_paths":["../up"]})", "error /allowed_paths/0 policy.path");
        row(R"({"allowed_paths":["/"]})", "warning /allowed_paths/0 policy.path");
        row(R"({"redact":["token"]})", "error /redact/0 policy.redact");
        row(R"({"redact":["/arguments/token","/result"]})", "");
        row(R"({"results":"raw"})", "error /results body.type");
        row(R"({"approval":"ask","unattended":"allow","side_effect":"external"})", "warning /unattended policy.unattended");
        row(R"({"examples":[{"name":"x"}]})", "error /examples/0 tool.example");
    }
    void problems()
    {
        QFETCH(QByteArray, policy);
        QFETCH(QString, problem);
        QJsonObject body = object(R"({"type":"calculator","purpose":"Compute.","config":{}})");
        const QJsonObject more = object(policy);
        for (auto it = more.begin(); it != more.end(); ++it)
            body.insert(it.key(), it.value());
        QCOMPARE(told(validateTool(body, DesignLookup())), problem.isEmpty() ? QStringList() : QStringList{problem});
        if (policy.contains("examples"))
            return;
        // The same in an attachment.
        DesignLookup lookup;
        lookup.toolBody = [](const QString &) { return object(R"({"type":"calculator","purpose":"Compute.","config":{}})"); };
        const QJsonObject agent{{QStringLiteral("job"), QStringLiteral("Sum up the orders of a week for the sales team.")},
                                {QStringLiteral("prompt"), QStringLiteral("p")},
                                {QStringLiteral("model"), object(R"({"connection":"c","model":"m"})")},
                                {QStringLiteral("tools"), QJsonArray{QJsonObject{{QStringLiteral("tool"), QStringLiteral("t")}, {QStringLiteral("policy"), more}}}}};
        QString there = problem;
        there.replace(QStringLiteral(" /"), QStringLiteral(" /tools/0/policy/"));
        QCOMPARE(told(validateAgent(agent, lookup)), problem.isEmpty() ? QStringList() : QStringList{there});
    }

    // What the check calls impossible is what a run answers with the default; anything else is kept as it is.
    void limitsThatAreNone_data()
    {
        QTest::addColumn<QByteArray>("limits");
        QTest::addColumn<bool>("impossible");
        for (const char *key : {"calls_per_run", "seconds", "max_bytes"}) {
            for (const int value : {-1, 0, 1, 1000})
                QTest::addRow("%s %d", key, value) << QByteArray("{\"") + key + "\":" + QByteArray::number(value) + '}' << (value < 1);
        }
        for (const char *key : {"calls_per_minute", "cost_usd"}) { // none: no bound
            for (const int value : {0, 1, 1000})
                QTest::addRow("%s %d", key, value) << QByteArray("{\"") + key + "\":" + QByteArray::number(value) + '}' << false;
        }
        QTest::newRow("a moment") << QByteArray(R"({"seconds":0.2})") << false;
    }
    void limitsThatAreNone()
    {
        QFETCH(QByteArray, limits);
        QFETCH(bool, impossible);
        const QJsonObject given = object(limits);
        QJsonObject body = toolType(QStringLiteral("calculator"))->defaultBody;
        QJsonObject all = body.value(QLatin1String("limits")).toObject();
        all.insert(given.begin().key(), given.begin().value());
        body.insert(QStringLiteral("limits"), all);
        const QStringList problems = told(validateTool(body, {})).filter(QStringLiteral("error /limits/") + given.begin().key());
        QCOMPARE(problems.size(), int(impossible));
        const auto spec = ToolSpec::fromJson(body);
        QVERIFY(spec);
        const ToolLimits kept = keptLimits(spec->limits);
        QCOMPARE(kept == spec->limits, !impossible);
        if (impossible) {
            const ToolLimits usual, &now = kept;
            QVERIFY(now.callsPerRun == usual.callsPerRun || now.seconds == usual.seconds || now.maxBytes == usual.maxBytes);
            QVERIFY(now.callsPerRun > 0 && now.seconds > 0 && now.maxBytes > 0);
        }
    }

    // Definitions that several functions have alike stand once in the body, and nobody sees it.
    void sharedDefinitions()
    {
        const QJsonObject toOwner{{QStringLiteral("$ref"), QStringLiteral("#/$defs/Owner")}};
        const QJsonObject pet{{QStringLiteral("type"), QStringLiteral("object")}, {QStringLiteral("properties"), QJsonObject{{QStringLiteral("owner"), toOwner}}}};
        const QJsonObject owner = object(R"({"type":"object","properties":{"id":{"type":"integer"}}})"), other = object(R"({"type":"string","minLength":3})");
        const auto function = [](const char *name, const QJsonObject &in, const QJsonObject &out) {
            ToolFunction made;
            made.name = QLatin1String(name);
            made.inputSchema = QJsonObject{{QStringLiteral("type"), QStringLiteral("object")}};
            if (!in.isEmpty())
                made.inputSchema.insert(QStringLiteral("$defs"), in);
            if (!out.isEmpty())
                made.outputSchema = QJsonObject{{QStringLiteral("$ref"), QStringLiteral("#/$defs/Pet")}, {QStringLiteral("$defs"), out}};
            return made;
        };
        const QString petName = QStringLiteral("Pet"), ownerName = QStringLiteral("Owner"), small = QStringLiteral("Any");
        const std::vector<ToolFunction> functions{
            function("a", {{petName, pet}, {ownerName, owner}, {small, QJsonObject()}}, {{petName, pet}, {ownerName, other}}),
            function("b", {{petName, pet}, {ownerName, other}, {small, QJsonObject()}}, {}),
            function("c", {{QStringLiteral("Alone"), pet}}, {}),
            function("d", {{ownerName, owner}}, {}),
            function("e", {}, {}),
        };
        QJsonObject config{{QStringLiteral("base_url"), QStringLiteral("https://example.com")}};
        setToolFunctions(&config, functions);
        QCOMPARE(config.value(QLatin1String("schemas")).toObject().keys(), QStringList({ownerName, QStringLiteral("Owner~2"), petName}));
        QCOMPARE(lathe::json::compact(config).count("\"minLength\""), 1);
        QVERIFY(toolFunctions(config) == functions);
        for (size_t i = 0; i < functions.size(); ++i)
            QCOMPARE(toolFunctions(config)[i].fingerprint(), functions[i].fingerprint());
        // A body that lost them allows anything there; one without any is not touched, whatever a server's schema says.
        config.insert(QStringLiteral("schemas"), QJsonObject{{QStringLiteral("x"), 1}});
        QCOMPARE(toolFunctions(config)[3].inputSchema.value(QLatin1String("$defs")).toObject().value(ownerName), QJsonValue(QJsonObject()));
        setToolFunctions(&config, {function("s", {{petName, QStringLiteral("no schema")}}, {})});
        QVERIFY(!config.contains(QLatin1String("schemas")));
        QCOMPARE(toolFunctions(config)[0].inputSchema.value(QLatin1String("$defs")).toObject().value(petName).toString(), QStringLiteral("no schema"));
    }

    void misspeltOverrides()
    {
        DesignLookup lookup;
        lookup.toolBody = [](const QString &) { return object(R"({"type":"mcp","purpose":"p","config":{"tools":[{"name":"a"},{"name":"off","enabled":false}]}})"); };
        const QJsonObject agent{{QStringLiteral("job"), QStringLiteral("Sum up the orders of a week for the sales team.")},
                                {QStringLiteral("prompt"), QStringLiteral("p")},
                                {QStringLiteral("model"), object(R"({"connection":"c","model":"m"})")},
                                {QStringLiteral("tools"), QJsonArray{object(R"({"tool":"t","policy":{"aproval":"ask"},"only":["a","off","gone"]})")}}};
        const QStringList lines = told(validateAgent(agent, lookup));
        QVERIFY2(lines.contains(QStringLiteral("warning /tools/0/policy/aproval policy.unknown")), qPrintable(lines.join(u'\n')));
        QVERIFY(lines.contains(QStringLiteral("error /tools/0/only/1 tool.function")));
        QVERIFY(lines.contains(QStringLiteral("error /tools/0/only/2 tool.function")));
        QVERIFY(!lines.join(u'\n').contains(QLatin1String("only/0")));
    }

    // Every type has been thought about: a new one must be added here.
    void traits()
    {
        const QHash<QString, QString> usual{
            {QStringLiteral("sql"), QStringLiteral("private")},  {QStringLiteral("files"), QStringLiteral("private")},
            {QStringLiteral("http"), QStringLiteral("untrusted")}, {QStringLiteral("request"), QStringLiteral("untrusted")},
            {QStringLiteral("openapi"), QStringLiteral("untrusted")}, {QStringLiteral("web_page"), QStringLiteral("untrusted out")},
            {QStringLiteral("webhook"), QStringLiteral("out")},  {QStringLiteral("email"), QStringLiteral("out")},
            {QStringLiteral("mcp"), QStringLiteral("untrusted out")}, {QStringLiteral("script"), QString()},
            {QStringLiteral("mock"), QString()}, {QStringLiteral("calculator"), QString()}, {QStringLiteral("current_time"), QString()},
            {QStringLiteral("ask_human"), QString()}, {QStringLiteral("agent"), QStringLiteral("private untrusted out")},
            {QStringLiteral("team"), QStringLiteral("private untrusted out")}};
        const auto text = [](const ToolTraits &traits) {
            QStringList words;
            if (traits.readsPrivate)
                words.append(QStringLiteral("private"));
            if (traits.readsUntrusted)
                words.append(QStringLiteral("untrusted"));
            if (traits.sendsOut)
                words.append(QStringLiteral("out"));
            return words.join(QLatin1Char(' '));
        };
        for (const ToolTypeInfo &type : toolTypes()) {
            QVERIFY2(usual.contains(type.type), qPrintable(type.type));
            QVERIFY2(text(toolTraits(type.defaultBody)) == usual.value(type.type), qPrintable(type.type + u' ' + text(toolTraits(type.defaultBody))));
        }
        const auto of = [&text](const char *type, const char *config) {
            return text(toolTraits(QJsonObject{{QStringLiteral("type"), QLatin1String(type)}, {QStringLiteral("config"), object(config)}}));
        };
        QCOMPARE(of("http", R"({"allowed_methods":["GET","POST"]})"), QStringLiteral("untrusted out"));
        QCOMPARE(of("http", R"({"allowed_methods":["get"],"allowed_hosts":["*"]})"), QStringLiteral("untrusted out"));
        QCOMPARE(of("request", R"({"method":"DELETE"})"), QStringLiteral("untrusted out"));
        QCOMPARE(of("web_page", R"({"allowed_hosts":["a.example"]})"), QStringLiteral("untrusted"));
        QCOMPARE(of("openapi", R"({"tools":[{"name":"a","request":{"method":"get"}}]})"), QStringLiteral("untrusted"));
        QCOMPARE(of("openapi", R"({"tools":[{"name":"a","request":{"method":"post"}}]})"), QStringLiteral("untrusted out"));
        QCOMPARE(of("openapi", R"({"tools":[{"name":"a","enabled":false,"request":{"method":"post"}}]})"), QStringLiteral("untrusted"));
        QCOMPARE(of("mcp", R"({"command":"npx"})"), QStringLiteral("private untrusted out"));
        QCOMPARE(of("script", R"({"network":true})"), QStringLiteral("untrusted out"));
        QCOMPARE(of("script", R"({"folder":"/srv"})"), QStringLiteral("private"));
        QCOMPARE(of("email", R"({"attachments_folder":"/srv"})"), QStringLiteral("private out"));
    }

    void trifecta_data()
    {
        QTest::addColumn<QByteArray>("tools");
        QTest::addColumn<QString>("expected"); // the three names
        const auto row = [](const char *name, const char *tools, const char *expected) {
            QTest::newRow(name) << QByteArray(tools) << QString::fromLatin1(expected);
        };
        row("all three", R"([{"tool":"orders"},{"tool":"page"},{"tool":"hook"}])", "orders page hook");
        row("the way out is asked about", R"([{"tool":"orders"},{"tool":"page"},{"tool":"hook","approval":"ask"}])", "");
        row("asked about, but not when nobody is there", R"([{"tool":"orders"},{"tool":"page"},{"tool":"hook","approval":"ask","policy":{"unattended":"allow"}}])",
            "orders page hook");
        row("only the first call is asked about", R"([{"tool":"orders"},{"tool":"page"},{"tool":"hook","approval":"ask_first"}])", "orders page hook");
        row("one is switched off", R"([{"tool":"orders","approval":"never"},{"tool":"page"},{"tool":"hook"}])", "");
        row("no private data", R"([{"tool":"page"},{"tool":"hook"}])", "");
        row("nothing from strangers", R"([{"tool":"orders"},{"tool":"hook"}])", "");
        row("no way out", R"([{"tool":"orders"},{"tool":"page"}])", "");
        row("one tool has two", R"([{"tool":"orders@2"},{"tool":"server"}])", "orders server server");
        row("one tool has all", R"([{"tool":"local"}])", "local local local");
        // A function may be let off what its set says.
        row("of a set one function is not asked about", R"([{"tool":"orders"},{"tool":"desk"}])", "orders desk desk");
        row("which is not chosen", R"([{"tool":"orders"},{"tool":"desk","only":["send"]}])", "");
        row("or asked about here", R"([{"tool":"orders"},{"tool":"desk","policy":{"approval":"ask"}}])", "");
        row("the set is off, a function is not", R"([{"tool":"orders"},{"tool":"closed"}])", "orders closed closed");
        row("an agent brings one", R"([{"tool":"page"},{"tool":"hook"},{"tool":"clerk"}])", "clerk page hook");
        row("an agent that is not known", R"([{"tool":"stranger"}])", "stranger stranger stranger");
        row("an agent that uses itself", R"([{"tool":"ring"}])", "");
        row("a team brings what its nodes use", R"([{"tool":"crew"},{"tool":"hook"}])", "crew crew hook");
        row("an agent that a person approves", R"([{"tool":"orders"},{"tool":"page"},{"tool":"poster","approval":"ask"}])", "");
    }
    void trifecta()
    {
        QFETCH(QByteArray, tools);
        QFETCH(QString, expected);
        const QHash<QString, QByteArray> bodies{
            {QStringLiteral("orders"), R"({"type":"sql"})"},
            {QStringLiteral("page"), R"({"type":"web_page","config":{"allowed_hosts":["a.example"]}})"},
            {QStringLiteral("hook"), R"({"type":"webhook"})"},
            {QStringLiteral("server"), R"({"type":"mcp","config":{"url":"a.example"}})"},
            {QStringLiteral("local"), R"({"type":"mcp","config":{"command":"npx"}})"},
            {QStringLiteral("desk"), R"({"type":"mcp","approval":"ask","config":{"url":"a.example","tools":[{"name":"send"},{"name":"post","policy":{"approval":"always"}}]}})"},
            {QStringLiteral("closed"), R"({"type":"mcp","approval":"never","config":{"url":"a.example","tools":[{"name":"send"},{"name":"post","policy":{"approval":"always"}}]}})"},
            {QStringLiteral("clerk"), R"({"type":"agent","config":{"agent":"clerk"}})"},
            {QStringLiteral("poster"), R"({"type":"agent","config":{"agent":"poster"}})"},
            {QStringLiteral("stranger"), R"({"type":"agent","config":{"agent":"stranger"}})"},
            {QStringLiteral("ring"), R"({"type":"agent","config":{"agent":"ring"}})"},
            {QStringLiteral("crew"), R"({"type":"team","config":{"team":"crew"}})"}};
        DesignLookup lookup;
        lookup.toolBody = [&](const QString &ref) { return object(bodies.value(ref.section(u'@', 0, 0), "{}")); };
        lookup.body = [](ArtifactKind kind, const QString &ref) {
            if (ref == QLatin1String("clerk"))
                return object(R"({"tools":[{"tool":"orders"}]})");
            if (ref == QLatin1String("poster"))
                return object(R"({"tools":[{"tool":"hook"}]})");
            if (ref == QLatin1String("ring"))
                return object(R"({"tools":[{"tool":"ring"}]})");
            if (ref == QLatin1String("crew") && kind == ArtifactKind::Team)
                return object(R"({"nodes":{"a":{"settings":{"agent":"clerk"}},"b":{"settings":{"tool":"page"}},"c":{"settings":{"team":"crew"}}}})");
            return QJsonObject();
        };
        const QJsonObject agent{{QStringLiteral("job"), QStringLiteral("Sum up the orders of a week for the sales team.")},
                                {QStringLiteral("prompt"), QStringLiteral("p")},
                                {QStringLiteral("model"), object(R"({"connection":"c","model":"m"})")},
                                {QStringLiteral("tools"), QJsonArray(lathe::json::parse(tools)->toArray())}};
        QString message;
        for (const Problem &problem : validateAgent(agent, lookup)) {
            if (problem.code == QLatin1String("tools.trifecta"))
                message = problem.message;
        }
        QCOMPARE(message.isEmpty(), expected.isEmpty());
        if (expected.isEmpty())
            return;
        const QStringList names = expected.split(QLatin1Char(' '));
        if (names[0] == names[1] && names[0] == names[2]) { // named once
            QVERIFY2(message.contains(QStringLiteral("\"%1\" alone reads private data and brings in").arg(names[0])), qPrintable(message));
            QVERIFY2(message.contains(QStringLiteral("and it sends things out")), qPrintable(message));
            return;
        }
        QVERIFY2(message.contains(QStringLiteral("\"%1\" reads private").arg(names[0])), qPrintable(message));
        QVERIFY2(message.contains(QStringLiteral("\"%1\" brings in").arg(names[1])), qPrintable(message));
        QVERIFY2(message.contains(QStringLiteral("\"%1\" sends").arg(names[2])), qPrintable(message));
    }

    // The warning names what is to be changed: the functions of a set, and one tool once.
    void trifectaNamesFunctions()
    {
        DesignLookup lookup;
        lookup.toolBody = [](const QString &) {
            return object(R"({"type":"mcp","approval":"ask","config":{"command":"x","tools":[{"name":"safe"},{"name":"get-sum","policy":{"approval":"always"}},
                              {"name":"off","enabled":false,"policy":{"approval":"always"}}]}})");
        };
        ToolAttachment attachment;
        attachment.tool = QStringLiteral("everything@2");
        ToolDangers dangers;
        dangers.add(attachment, lookup);
        const auto found = dangers.combination();
        QVERIFY(found.has_value());
        QCOMPARE(found->message().count(QStringLiteral("\"everything\"")), 2);
        QVERIFY2(found->message().contains(QStringLiteral("get-sum of \"everything\" sends")), qPrintable(found->message()));
        QVERIFY(!found->message().contains(QStringLiteral(" off")));
        QVERIFY2(found->fix().contains(QStringLiteral("get-sum of \"everything\"")), qPrintable(found->fix()));
        attachment.only = QStringList(QStringLiteral("safe"));
        ToolDangers asked;
        asked.add(attachment, lookup);
        QVERIFY(!asked.combination());
    }

    // Every way out is named, for each must be closed.
    void trifectaNamesAllWaysOut()
    {
        DesignLookup lookup;
        lookup.toolBody = [](const QString &name) {
            if (name == QLatin1String("notes"))
                return object(R"({"type":"files","config":{"folder":"notes"}})");
            return name == QLatin1String("page") ? object(R"({"type":"web_page","config":{"allowed_hosts":["@@"]}})") : object(R"({"type":"webhook","config":{}})");
        };
        ToolDangers dangers;
        for (const char *name : {"page", "notes", "hook", "hook"}) {
            ToolAttachment attachment;
            attachment.tool = QLatin1String(name);
            attachment.approval = QStringLiteral("always");
            dangers.add(attachment, lookup);
        }
        const auto found = dangers.combination();
        QVERIFY(found.has_value());
        QVERIFY2(found->message().contains(QStringLiteral("\"page\" and \"hook\" send things out")), qPrintable(found->message()));
        QVERIFY2(found->fix().contains(QStringLiteral("\"page\" and \"hook\"")), qPrintable(found->fix()));
    }

    // A team passes on what its agents read: the three may come together though no agent has them all.
    void trifectaOfTeams()
    {
        const QHash<QString, QByteArray> tools{{QStringLiteral("orders"), R"({"type":"sql"})"},
                                               {QStringLiteral("page"), R"({"type":"web_page","config":{"allowed_hosts":["a.example"]}})"},
                                               {QStringLiteral("hook"), R"({"type":"webhook"})"},
                                               {QStringLiteral("asked"), R"({"type":"webhook","approval":"ask"})"}};
        TeamLookup lookup;
        lookup.design.toolBody = [&](const QString &ref) { return object(tools.value(ref, "{}")); };
        lookup.body = [](ArtifactKind, const QString &ref) {
            return ref == QLatin1String("reader") ? object(R"({"tools":[{"tool":"orders"},{"tool":"page"}]})") : QJsonObject();
        };
        const auto warned = [&](const char *sender) {
            const QJsonObject settings{{QStringLiteral("tool"), QLatin1String(sender)}};
            const QJsonObject body{{QStringLiteral("nodes"), QJsonObject{{QStringLiteral("a"), object(R"({"kind":"agent","name":"A","settings":{"agent":"reader"}})")},
                                                                        {QStringLiteral("b"), QJsonObject{{QStringLiteral("kind"), QStringLiteral("tool")},
                                                                                                          {QStringLiteral("name"), QStringLiteral("B")},
                                                                                                          {QStringLiteral("settings"), settings}}}}}};
            for (const Problem &problem : validateTeam(body, lookup)) {
                if (problem.code == QLatin1String("tools.trifecta"))
                    return problem.message.contains(QLatin1String("\"orders\"")) && problem.message.contains(QLatin1String("\"hook\""));
            }
            return false;
        };
        QVERIFY(warned("hook"));
        QVERIFY(!warned("asked"));
        QVERIFY(!warned("orders"));
    }
};

QTEST_GUILESS_MAIN(TestToolPolicy)
#include "tst_ToolPolicy.moc"
