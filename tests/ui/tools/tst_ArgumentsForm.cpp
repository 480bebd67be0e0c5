// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ArgumentsForm.h"

#include "core/base/Json.h"
#include "tests/ui/design/UiFixture.h"
#include "ui/widgets/CodeEditor.h"

#include <QComboBox>
#include <QLineEdit>

using namespace lathe;
using namespace lathe::test;

class TestArgumentsForm : public QObject
{
    Q_OBJECT

    static QJsonObject schema(const char *text) { return *json::parseObject(QByteArray(text)); }

private Q_SLOTS:
    void everyTypeOfField()
    {
        ArgumentsForm form(UiFixture::theme());
        form.setSchema(schema(R"({"type":"object","required":["name","level"],"properties":{
            "name":{"type":"string"},
            "level":{"enum":["low","high",3]},
            "count":{"type":"integer","default":5,"minimum":1,"maximum":9},
            "share":{"type":["number","null"]},
            "exact":{"type":"boolean"},
            "tags":{"type":"array","items":{"type":"string"}},
            "where":{"type":"object"},
            "city":{"type":"string","examples":["Graz"]}}})"));
        form.resize(500, 600);
        form.show();
        QVERIFY(QTest::qWaitForWindowActive(&form));
        // Defaults and examples are filled in; what is empty is left out, but for choices that must be made.
        QCOMPARE(*json::parseObject(form.argumentsText().toUtf8()), schema(R"({"level":"low","count":5,"city":"Graz"})"));
        QTest::keyClicks(find<QLineEdit>(&form, "argument-name"), QStringLiteral("Ada"));
        QTest::keyClicks(find<QLineEdit>(&form, "argument-share"), QStringLiteral("0.25"));
        auto *level = find<QComboBox>(&form, "argument-level");
        QTest::keyClick(level, Qt::Key_End);
        auto *exact = find<QComboBox>(&form, "argument-exact");
        QTest::keyClick(exact, Qt::Key_End);
        auto *tags = find<CodeEditor>(&form, "argument-tags");
        tags->setFocus();
        QTest::keyClicks(tags, QStringLiteral("[\"a\", \"b\"]"));
        QCOMPARE(*json::parseObject(form.argumentsText().toUtf8()),
                 schema(R"({"name":"Ada","level":3,"count":5,"share":0.25,"exact":false,"tags":["a","b"],"city":"Graz"})"));
        UiFixture::shoot(&form, QStringLiteral("arguments-form"));
        form.setRaw(true);
        QCOMPARE(json::parseObject(form.argumentsText().toUtf8())->value(QStringLiteral("name")).toString(), QStringLiteral("Ada"));
    }

    void whatWasTypedSurvivesANewSchema()
    {
        ArgumentsForm form(UiFixture::theme());
        form.setSchema(schema(R"({"type":"object","properties":{"sql":{"type":"string"},"old":{"type":"string"}}})"));
        find<QLineEdit>(&form, "argument-sql")->setText(QStringLiteral("SELECT 1"));
        form.setSchema(schema(R"({"type":"object","properties":{"sql":{"type":"string"},"rows":{"type":"integer"}}})"));
        QCOMPARE(form.argumentsText(), QStringLiteral("{\"sql\":\"SELECT 1\"}"));
    }

    void strangeSchemas_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("nothing") << QByteArray("{}");
        QTest::newRow("no types") << QByteArray(R"({"properties":{"a":{},"b":true,"c":{"type":[]}}})");
        QTest::newRow("wrong kinds") << QByteArray(R"({"properties":[1],"required":{"x":1}})");
        QTest::newRow("enum of objects") << QByteArray(R"({"properties":{"a":{"enum":[{"x":1},[2],null]}}})");
    }
    void strangeSchemas()
    {
        QFETCH(QByteArray, text);
        ArgumentsForm form(UiFixture::theme());
        form.setSchema(*json::parseObject(text));
        QVERIFY(json::parseObject(form.argumentsText().toUtf8()).ok());
    }

    void brokenNumberIsLeftToTheToolsCheck()
    {
        ArgumentsForm form(UiFixture::theme());
        form.setSchema(schema(R"({"type":"object","properties":{"n":{"type":"number"}}})"));
        find<QLineEdit>(&form, "argument-n")->setText(QStringLiteral("four"));
        QCOMPARE(form.argumentsText(), QStringLiteral("{\"n\":\"four\"}"));
    }
};

QTEST_MAIN(TestArgumentsForm)
#include "tst_ArgumentsForm.moc"
