// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/design/ToolSpec.h"

#include <QTest>

using namespace lathe;

namespace {
QString q(const char *text) { return QString::fromUtf8(text); }
}

// Problems of the settings of request, openapi, webhook and web_page.
class TestToolTypesWeb : public QObject
{
    Q_OBJECT

    static QJsonObject body(const char *type, const char *changes)
    {
        QJsonObject made = toolType(q(type))->defaultBody;
        QJsonObject config = made.value(q("config")).toObject();
        const QJsonObject more = *json::parseObject(changes);
        for (auto it = more.begin(); it != more.end(); ++it)
            config.insert(it.key(), it.value());
        made.insert(q("config"), config);
        return made;
    }
    static QStringList problems(const QJsonObject &body)
    {
        QStringList codes;
        for (const Problem &problem : validateTool(body, {})) {
            if (problem.severity != Problem::Severity::Hint)
                codes += problem.code + QString(problem.severity == Problem::Severity::Error ? u'!' : u'?');
        }
        codes.sort();
        return codes;
    }

private Q_SLOTS:
    void types()
    {
        for (const char *type : {"request", "openapi", "webhook", "web_page"}) {
            const ToolTypeInfo *info = toolType(q(type));
            QVERIFY2(info, type);
            QVERIFY(!info->group.isEmpty() && !info->about.isEmpty());
            QCOMPARE(ToolSpec::fromJson(info->defaultBody)->toJson(), info->defaultBody);
        }
        QVERIFY(toolType(q("web_page"))->sideEffect == SideEffect::Read);
        QCOMPARE(problems(toolType(q("web_page"))->defaultBody), QStringList());
    }

    void findings_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("changes");
        QTest::addColumn<QString>("codes");
        const auto row = [](const char *type, const char *changes, const char *codes) {
            QTest::addRow("%s %s", type, changes) << q(type) << q(changes) << q(codes);
        };
        row("request", "{\"url\":\"https://a.example/x/{{id}}?q={{q}}\"}", "");
        row("request",
            "{\"url\":\"https://a.example/"
            "x\",\"method\":\"POST\",\"body_type\":\"json\",\"body\":\"{\\\"n\\\":{{n}}}\",\"parameters\":[{\"name\":\"n\",\"type\":"
            "\"integer\"}]}",
            "");
        row("request", "{}", "web.no_url!");
        row("request", "{\"url\":\"a.example\"}", "web.url!");
        row("request", "{\"url\":\"https://{{host}}/\"}", "web.url_host!");
        row("request", "{\"url\":\"https://u:p@a.example/\"}", "web.url_user!");
        row("request", "{\"url\":\"http://a.example/\"}", "web.plain_http?");
        row("request", "{\"url\":\"http://localhost:80/\"}", "web.private!");
        row("request", "{\"url\":\"http://192.168.1.1/\"}", "web.private!");
        row("request", "{\"url\":\"http://localhost:80/\",\"allow_private_network\":true}", "");
        row("request", "{\"url\":\"https://a.example/\",\"method\":\"BREW\"}", "web.method!");
        row("request", "{\"url\":\"https://a.example/\",\"body_type\":\"json\",\"body\":\"{}\"}", "web.get_body!");
        row("request", "{\"url\":\"https://a.example/\",\"body_type\":\"yaml\"}", "web.body_type!");
        row("request", "{\"url\":\"https://a.example/\",\"headers\":{\"X-Api-Key\":\"abc123\"}}", "web.plain_secret?");
        row("request", "{\"url\":\"https://a.example/\",\"headers\":{\"X-Api-Key\":\"{{secret:K}}\"}}", "");
        row("request", "{\"url\":\"https://a.example/\",\"headers\":{\"X\":\"a\\nb\"}}", "web.text!");
        row("request", "{\"url\":\"https://a.example/\",\"headers\":{\"X Y\":\"a\"}}", "web.header_name!");
        row("request", "{\"url\":\"https://a.example/\",\"parameters\":[{\"name\":\"x\"}]}", "web.parameter_unused?");
        row("request", "{\"url\":\"https://a.example/{{x}}\",\"parameters\":[{\"name\":\"x\"},{\"name\":\"x\"}]}", "web.parameter_twice!");
        row("request", "{\"url\":\"https://a.example/{{x}}\",\"parameters\":[{\"name\":\"x\",\"type\":\"thing\"}]}", "web.parameter_type!");
        row("request", "{\"url\":\"https://a.example/x\",\"method\":\"POST\",\"body_type\":\"json\",\"body\":\"{\\\"n\\\":\"}", "web.body_json!");
        row("request", "{\"url\":\"https://a.example/\",\"method\":\"PUT\",\"body_type\":\"json\",\"body\":\"[\\\"{{a}}\\\\\\\"{{b}}\\\",{{c}}]\"}", "");
        row("webhook", "{\"kind\":\"generic\",\"body\":\"{{text}} and more\"}", "web.body_json!");
        row("webhook", "{\"kind\":\"slack\"}", "");
        row("webhook", "{\"kind\":\"slack\",\"url\":\"https://hooks.slack.com/services/x\"}", "webhook.plain_url?");
        row("webhook", "{\"kind\":\"slack\",\"url\":\"\"}", "web.no_url!");
        row("webhook", "{\"kind\":\"pigeon\"}", "webhook.kind!");
        row("webhook", "{\"kind\":\"generic\",\"body\":\" \"}", "webhook.no_body!");
        row("openapi", "{\"base_url\":\"https://a.example/v1\",\"tools\":[{\"name\":\"f\"}]}", "");
        row("openapi", "{}", "openapi.no_base!,openapi.no_tools!");
        row("openapi", "{\"base_url\":\"https://a.example/{{secret:K}}\",\"tools\":[{\"name\":\"f\"}]}", "openapi.base!");
        row("openapi", "{\"base_url\":\"https://a.example\",\"auth\":\"bearer\",\"tools\":[{\"name\":\"f\"}]}", "openapi.no_secret!");
        row("openapi", "{\"base_url\":\"https://a.example\",\"auth\":\"header\",\"auth_value\":\"plain\",\"tools\":[{\"name\":\"f\"}]}",
            "openapi.no_name!,web.plain_secret?");
        row("openapi",
            "{\"base_url\":\"https://"
            "a.example\",\"auth\":\"magic\",\"auth_value\":\"{{secret:K}}\",\"tools\":[{\"name\":\"f\",\"enabled\":false}]}",
            "openapi.all_off?,openapi.auth!");
        row("web_page", "{\"allowed_hosts\":[]}", "http.no_hosts!");
        row("web_page", "{\"allowed_hosts\":[\"https://a.example/\"]}", "http.host!");
        row("web_page", "{\"allow_private_network\":true}", "http.private_network?");
    }
    void findings()
    {
        QFETCH(QString, type);
        QFETCH(QString, changes);
        QFETCH(QString, codes);
        QCOMPARE(problems(body(type.toUtf8().constData(), changes.toUtf8().constData())).join(u','), codes);
    }
};

QTEST_GUILESS_MAIN(TestToolTypesWeb)
#include "tst_ToolTypesWeb.moc"
