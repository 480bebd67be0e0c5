// SPDX-License-Identifier: GPL-3.0-or-later
// lathe-cli import: runs of other recorders come into a project, with a report.
#include "tests/app/AppTesting.h"

using namespace lathe;
using namespace lathe::test;

class TestCliImport : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    Cli m_cli;
    static QString data(const char *name) { return QStringLiteral(LATHE_TEST_DATA "/traces/") + QString::fromLatin1(name); }

private Q_SLOTS:
    void importsAndReports()
    {
        const QString project = m_folder.filePath(QStringLiteral("p.lathe"));
        QCOMPARE(m_cli.run({QStringLiteral("new"), project}).exitCode, 0);
        const CliResult both = m_cli.run({QStringLiteral("import"), project, data("langfuse-trace.json"), data("langsmith-flat.jsonl"), QStringLiteral("--json")});
        QVERIFY2(both.exitCode == 0, both.err.constData());
        const QList<QByteArray> lines = both.out.trimmed().split('\n');
        QCOMPARE(lines.size(), 2);
        const auto first = json::parseObject(lines[0]);
        const auto second = json::parseObject(lines[1]);
        QVERIFY(first.ok() && second.ok());
        QCOMPARE(first->value(QLatin1String("format")).toString(), QStringLiteral("langfuse"));
        QCOMPARE(first->value(QLatin1String("traces")).toInt(), 1);
        QCOMPARE(first->value(QLatin1String("ratings")).toInt(), 2);
        QCOMPARE(second->value(QLatin1String("problems"))[0][QLatin1String("line")].toInt(), 3);
        // It is a run as any other
        const CliResult log = m_cli.run({QStringLiteral("log"), project, QStringLiteral("4711"), QStringLiteral("--json")});
        QCOMPARE(json::parseObject(log.out.trimmed())->value(QLatin1String("agent")).toString(), QStringLiteral("support-chat"));
        const CliResult trace = m_cli.run({QStringLiteral("trace"), project, QStringLiteral("1")});
        QVERIFY2(trace.out.contains("chat claude-sonnet-4-5"), trace.out.constData());
        // and is not taken twice
        const CliResult again = m_cli.run({QStringLiteral("import"), project, data("langfuse-trace.json")});
        QCOMPARE(again.exitCode, 0);
        QVERIFY2(again.out.contains("1 known already"), again.out.constData());
    }

    // A file that cannot be used does not keep the others from being read.
    void goesOnAfterAnError()
    {
        const QString project = m_folder.filePath(QStringLiteral("q.lathe"));
        QCOMPARE(m_cli.run({QStringLiteral("new"), project}).exitCode, 0);
        const CliResult result = m_cli.run({QStringLiteral("import"), project, QStringLiteral("/nowhere/x.json"), data("dialects.jsonl"), data("ai7.json")});
        QCOMPARE(result.exitCode, 2);
        QVERIFY(result.err.contains("/nowhere/x.json"));
        QVERIFY(result.err.contains("no file of recorded runs"));
        QVERIFY(result.out.contains("2 traces with 9 steps"));
        QCOMPARE(m_cli.run({QStringLiteral("import"), project}).exitCode, 2);
    }
};

QTEST_GUILESS_MAIN(TestCliImport)
#include "tst_CliImport.moc"
