// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/AskHumanTool.h"
#include "core/tool/CurrentTimeTool.h"
#include "tests/core/tool/ToolTesting.h"
#include "tests/support/FakeClock.h"

#include <QTest>

using namespace lathe;

class TestCurrentTimeTool : public QObject
{
    Q_OBJECT

    ToolEnvironment m_environment;
    test::FakeClock m_clock; // 2026-09-21T14:13:20Z, a Monday

    Result<ToolOutcome> ask(const QString &configured, const QString &zone)
    {
        ToolSpec spec;
        spec.type = QStringLiteral("current_time");
        spec.config.insert(QStringLiteral("time_zone"), configured);
        auto tool = makeTool(QStringLiteral("Clock"), spec, m_environment);
        if (!tool)
            return tool.error();
        QJsonObject arguments;
        if (!zone.isEmpty())
            arguments.insert(QStringLiteral("time_zone"), zone);
        return test::await((*tool)->call(arguments, {}));
    }

private Q_SLOTS:
    void init()
    {
        m_environment = {};
        m_environment.clock = &m_clock;
    }

    void zones_data()
    {
        QTest::addColumn<QString>("configured");
        QTest::addColumn<QString>("asked");
        QTest::addColumn<QString>("expected"); // empty: refused
        const auto row = [](const char *name, const char *configured, const char *asked,
                            const char *expected) {
            QTest::newRow(name) << QString::fromUtf8(configured) << QString::fromUtf8(asked)
                                << QString::fromUtf8(expected);
        };
        row("utc", "UTC", "", "2026-09-21T14:13:20Z (Monday, UTC)");
        row("configured", "Europe/Berlin", "", "2026-09-21T16:13:20+02:00 (Monday, Europe/Berlin)");
        row("asked", "UTC", "Asia/Tokyo", "2026-09-21T23:13:20+09:00 (Monday, Asia/Tokyo)");
        row("other day", "UTC", "Pacific/Auckland",
            "2026-09-22T02:13:20+12:00 (Tuesday, Pacific/Auckland)");
        row("offset", "UTC", "+05:30", "2026-09-21T19:43:20+05:30 (Monday, UTC+05:30)");
        row("negative offset", "UTC", "UTC-3", "2026-09-21T11:13:20-03:00 (Monday, UTC-03)");
        row("unknown", "UTC", "Mars/Olympus", "");
        row("absurd offset", "UTC", "+99:00", "");
        row("path", "UTC", "../../../etc/passwd", "");
        row("absolute path", "UTC", "/etc/localtime", "");
        row("inner dots", "UTC", "Europe/../../../etc/passwd", "");
    }
    void zones()
    {
        QFETCH(QString, configured);
        QFETCH(QString, asked);
        QFETCH(QString, expected);
        const auto outcome = ask(configured, asked);
        QVERIFY(outcome.ok());
        QCOMPARE(outcome->isError, expected.isEmpty());
        if (expected.isEmpty())
            QVERIFY2(outcome->text.contains(QLatin1String("unknown")), qPrintable(outcome->text));
        else
            QCOMPARE(outcome->text, expected);
    }

    void runClockGoesFirst()
    {
        m_environment.nowUs = [] { return qint64(0); };
        const auto outcome = ask(QStringLiteral("UTC"), QString());
        QCOMPARE(outcome->text, QStringLiteral("1970-01-01T00:00:00Z (Thursday, UTC)"));
        QCOMPARE(outcome->structured.toObject().value(QLatin1String("weekday")).toString(),
                 QStringLiteral("Thursday"));
    }

    void badConfigurationIsAnError()
    {
        const auto outcome = ask(QStringLiteral("Mars/Olympus"), QString());
        QVERIFY(!outcome.ok());
        QCOMPARE(outcome.error().kind, ErrorKind::InvalidInput);
    }

    void askHumanWithoutAHuman()
    {
        ToolSpec spec;
        spec.type = QStringLiteral("ask_human");
        const auto tool = makeTool(QStringLiteral("Ask the human"), spec, m_environment);
        QVERIFY(tool.ok());
        QVERIFY((*tool)->asksHuman());
        QCOMPARE((*tool)->name(), QStringLiteral("ask_the_human"));
        const QJsonObject question{{QStringLiteral("question"), QStringLiteral("Which one?")}};
        const auto outcome = test::await((*tool)->call(question, {}));
        QVERIFY(outcome.ok());
        QVERIFY(outcome->isError);
        QVERIFY(outcome->text.contains(QLatin1String("No person is attending this run")));
    }

    void names_data()
    {
        QTest::addColumn<QString>("artifact");
        QTest::addColumn<QString>("expected");
        QTest::newRow("words") << QStringLiteral("Feedback SQL") << QStringLiteral("feedback_sql");
        QTest::newRow("accents") << QString::fromUtf8("Caf\xc3\xa9 m\xc3\xbc"
                                                      "de")
                                 << QStringLiteral("cafe_mude");
        QTest::newRow("signs") << QStringLiteral("  a.b__c-d!! ") << QStringLiteral("a_b_c-d");
        QTest::newRow("long") << QString(100, u'x') << QString(64, u'x');
    }
    void names()
    {
        QFETCH(QString, artifact);
        QFETCH(QString, expected);
        QCOMPARE(toolNameForModel(artifact), expected);
    }

    void namesOfOtherScripts()
    {
        const QString one =
            toolNameForModel(QString::fromUtf8("\xd0\x9f\xd0\xbe\xd0\xb8\xd1\x81\xd0\xba"));
        const QString other = toolNameForModel(QString::fromUtf8("\xe6\xa4\x9c\xe7\xb4\xa2"));
        QVERIFY(one.startsWith(QLatin1String("tool_")) && one != other);
    }

    void unknownTypeIsAnError()
    {
        ToolSpec spec;
        spec.type = QStringLiteral("teleport");
        const auto tool = makeTool(QStringLiteral("T"), spec, m_environment);
        QVERIFY(!tool.ok());
        QCOMPARE(tool.error().kind, ErrorKind::NotFound);
    }
};

QTEST_GUILESS_MAIN(TestCurrentTimeTool)
#include "tst_CurrentTimeTool.moc"
