// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ArgumentsForm.h"

#include "core/base/Json.h"
#include "tests/ui/design/UiFixture.h"
#include "tests/ui/tools/ArgumentCases.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/FormField.h"

#include <QApplication>
#include <QComboBox>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>

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
        for (const char *text : {"a", "b"}) {
            QTest::mouseClick(find<QPushButton>(&form, "argument-add-tags"), Qt::LeftButton);
            auto *item = qobject_cast<QLineEdit *>(QApplication::focusWidget());
            QVERIFY(item); // ready to type
            QTest::keyClicks(item, QString::fromLatin1(text));
        }
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

    // What a form shows of a value, it gives back as it was.
    void roundTrips_data()
    {
        QTest::addColumn<QByteArray>("schemaText");
        QTest::addColumn<QByteArray>("value");
        for (const ArgumentCase &one : roundTripCases())
            QTest::newRow(one.name) << one.schema << one.value;
    }
    void roundTrips()
    {
        QFETCH(QByteArray, schemaText);
        QFETCH(QByteArray, value);
        ArgumentsForm form(UiFixture::theme());
        form.setSchema(*json::parseObject(schemaText));
        form.setArguments(*json::parseObject(value));
        QCOMPARE(form.argumentsText(), json::compactString(*json::parseObject(value)));
        form.setRaw(true);
        form.setRaw(false);
        QCOMPARE(form.argumentsText(), json::compactString(*json::parseObject(value)));
    }

    void listsAddRemoveAndMove()
    {
        ArgumentsForm form(UiFixture::theme());
        form.setSchema(schema(R"({"properties":{"names":{"type":"array","items":{"type":"string"},"maxItems":3}}})"));
        form.setArguments(schema(R"({"names":["a","b","c"]})"));
        form.resize(400, 300);
        form.show();
        QVERIFY(QTest::qWaitForWindowActive(&form));
        QVERIFY(!find<QPushButton>(&form, "argument-add-names")->isEnabled()); // three at most
        QTest::mouseClick(find<QToolButton>(&form, "argument-down-names/0"), Qt::LeftButton);
        QCOMPARE(form.argumentsText(), QStringLiteral("{\"names\":[\"b\",\"a\",\"c\"]}"));
        QTest::mouseClick(find<QToolButton>(&form, "argument-remove-names/1"), Qt::LeftButton); // "b", made second
        QCOMPARE(form.argumentsText(), QStringLiteral("{\"names\":[\"a\",\"c\"]}"));
        QVERIFY(find<QPushButton>(&form, "argument-add-names")->isEnabled());
        QVERIFY(!find<QToolButton>(&form, "argument-up-names/0")->isEnabled());
    }

    // An optional group costs nothing until it is wanted, and can be given back.
    void optionalGroups()
    {
        ArgumentsForm form(UiFixture::theme());
        form.setSchema(schema(R"({"properties":{"filter":{"type":"object","required":["field"],"properties":{"field":{"type":"string"}}}}})"));
        form.show();
        QVERIFY(QTest::qWaitForWindowActive(&form));
        QVERIFY(!form.findChild<QLineEdit *>(QStringLiteral("argument-filter/field")));
        QTest::mouseClick(find<QPushButton>(&form, "argument-set-filter"), Qt::LeftButton);
        find<QLineEdit>(&form, "argument-filter/field")->setText(QStringLiteral("tier"));
        QCOMPARE(form.argumentsText(), QStringLiteral("{\"filter\":{\"field\":\"tier\"}}"));
        QTest::mouseClick(find<QToolButton>(&form, "argument-unset-filter"), Qt::LeftButton);
        QCOMPARE(form.argumentsText(), QStringLiteral("{}"));
    }

    // Required members first and in the order the schema asks for them; a line for what is one line.
    void membersInOrder()
    {
        ArgumentsForm form(UiFixture::theme());
        form.setSchema(schema(R"({"type":"object","required":["to","subject","body","subject","nobody"],"properties":{
            "subject":{"type":"string","maxLength":500},"body":{"type":"string","maxLength":20000},"attachments":{"type":"string"},
            "to":{"type":"array","minItems":1,"items":{"type":"string","maxLength":400}},"cc":{"type":"string"}}})"));
        form.resize(500, 900);
        form.show();
        QVERIFY(QTest::qWaitForWindowActive(&form));
        QStringList names;
        std::vector<std::pair<int, QString>> places;
        for (const char *name : {"add-to", "subject", "body", "attachments", "cc"}) {
            const QWidget *field = form.findChild<QWidget *>(QStringLiteral("argument-") + QLatin1String(name));
            QVERIFY2(field, name);
            places.emplace_back(field->mapTo(&form, QPoint()).y(), QString::fromLatin1(name));
        }
        QVERIFY(std::is_sorted(places.begin(), places.end()));
        QVERIFY(form.findChild<QLineEdit *>(QStringLiteral("argument-subject")));
        QVERIFY(form.findChild<CodeEditor *>(QStringLiteral("argument-body")));
        form.focusFirst();
        QCOMPARE(QApplication::focusWidget(), form.findChild<QWidget *>(QStringLiteral("argument-add-to")));
    }

    void problemsStandBesideTheirFields()
    {
        ArgumentsForm form(UiFixture::theme());
        form.setCheck([](const QJsonObject &of, const QJsonValue &value) { return Session::checkArguments(of, value); });
        form.setSchema(schema(R"({"type":"object","required":["name","when"],"properties":{
            "name":{"type":"string"},"when":{"type":"string","format":"date"},"mail":{"type":"string","format":"email"},
            "share":{"type":"number","minimum":0,"maximum":1},
            "rows":{"type":"array","items":{"type":"object","required":["n"],"properties":{"n":{"type":"integer"}}}}}})"));
        form.resize(520, 700);
        form.show();
        QVERIFY(QTest::qWaitForWindowActive(&form));
        const auto problemOf = [&](const char *field) {
            QWidget *at = form.findChild<QWidget *>(QString::fromLatin1(field));
            while (at && !qobject_cast<FormField *>(at))
                at = at->parentWidget();
            return at ? qobject_cast<FormField *>(at)->problem() : QStringLiteral("no such field");
        };
        // Nobody touched it: nothing is shouted, but it is counted, and all is shown when the call goes out.
        QSignalSpy checked(&form, &ArgumentsForm::checked);
        QTRY_VERIFY_WITH_TIMEOUT(!checked.isEmpty(), 30'000);
        QCOMPARE(problemOf("argument-name"), QString());
        QCOMPARE(form.problemCount(), 2);
        find<QLineEdit>(&form, "argument-share")->setText(QStringLiteral("7"));
        QTRY_VERIFY_WITH_TIMEOUT(!problemOf("argument-share").isEmpty(), 30'000);
        find<QLineEdit>(&form, "argument-share")->setText(QStringLiteral("a lot"));
        QTRY_VERIFY_WITH_TIMEOUT(problemOf("argument-share").contains(QStringLiteral("no number")), 30'000);
        find<QLineEdit>(&form, "argument-share")->setText(QStringLiteral("0.5"));
        QTRY_COMPARE_WITH_TIMEOUT(problemOf("argument-share"), QString(), 30'000);
        find<QLineEdit>(&form, "argument-when")->setText(QStringLiteral("tomorrow"));
        QTRY_VERIFY_WITH_TIMEOUT(problemOf("argument-when").contains(QStringLiteral("Not a date")), 30'000);
        find<QLineEdit>(&form, "argument-mail")->setText(QStringLiteral("ada"));
        QTRY_VERIFY_WITH_TIMEOUT(problemOf("argument-mail").contains(QStringLiteral("e-mail")), 30'000);
        QTest::mouseClick(find<QPushButton>(&form, "argument-add-rows"), Qt::LeftButton);
        find<QLineEdit>(&form, "argument-rows/0/n")->setText(QStringLiteral("1.5"));
        QTRY_VERIFY_WITH_TIMEOUT(!problemOf("argument-rows/0/n").isEmpty(), 30'000);
        QVERIFY(form.showAllProblems() >= 4);
        QVERIFY(!problemOf("argument-name").isEmpty());
        UiFixture::shoot(&form, QStringLiteral("arguments-problems"));
    }

    // Schemas of strangers: whatever they say, a form comes of it, in bounded time and size.
    void hostileSchemas_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const ArgumentCase &one : hostileSchemaCases())
            QTest::newRow(one.name) << one.schema;
    }
    void hostileSchemas()
    {
        QFETCH(QByteArray, text);
        QElapsedTimer clock;
        clock.start();
        ArgumentsForm form(UiFixture::theme());
        form.setSchema(*json::parseObject(text));
        QVERIFY(json::parseObject(form.argumentsText().toUtf8()).ok());
        form.setArguments(schema(R"({"x":{"x":{"x":[[[1]]]}},"a":1,"p7":{"q":"z"}})"));
        QVERIFY(json::parseObject(form.argumentsText().toUtf8()).ok());
        QVERIFY(form.findChildren<QWidget *>().size() < 40'000);
        QVERIFY2(clock.elapsed() < 120'000, qPrintable(QString::number(clock.elapsed())));
    }
};

QTEST_MAIN(TestArgumentsForm)
#include "tst_ArgumentsForm.moc"
