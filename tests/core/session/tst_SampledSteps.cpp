// SPDX-License-Identifier: GPL-3.0-or-later
// Steps of models that servers use during calls: parts of a call's outcome, so a fork changes the call.
#include "core/session/ForkOptions.h"

#include <QTest>

using namespace lathe;

class TestSampledSteps : public QObject
{
    Q_OBJECT

    static void step(Trace *trace, const QString &path, StepKind kind, const QString &name)
    {
        RunEvent event;
        event.kind = RunEventKind::StepStarted;
        event.step = path;
        event.stepKind = kind;
        event.name = name;
        event.timeUs = 1;
        trace->apply(event);
        event.kind = RunEventKind::StepEnded;
        event.stepStatus = StepStatus::Ok;
        trace->apply(event);
    }

private Q_SLOTS:
    void forks_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<bool>("forkable");
        QTest::newRow("the run's own model") << "1.1" << true;
        QTest::newRow("the call") << "1.2" << true;
        QTest::newRow("the server's model") << "1.2.2" << false;
        QTest::newRow("an agent as a tool") << "1.3.1.1" << true;
    }
    void forks()
    {
        QFETCH(QString, path);
        QFETCH(bool, forkable);
        StoredRun run;
        run.info.id = RunId{7};
        run.info.status = RunStatus::Done;
        run.info.snapshot = QJsonObject{{QStringLiteral("agent"), QJsonObject()}};
        step(&run.trace, QStringLiteral("1"), StepKind::Agent, QStringLiteral("invoke_agent a"));
        step(&run.trace, QStringLiteral("1.1"), StepKind::Model, QStringLiteral("chat m"));
        step(&run.trace, QStringLiteral("1.2"), StepKind::Tool, QStringLiteral("execute_tool srv__ask"));
        step(&run.trace, QStringLiteral("1.2.1"), StepKind::Human, QStringLiteral("approve srv__ask"));
        step(&run.trace, QStringLiteral("1.2.2"), StepKind::Model, QStringLiteral("chat m"));
        step(&run.trace, QStringLiteral("1.3"), StepKind::Tool, QStringLiteral("execute_tool helper"));
        step(&run.trace, QStringLiteral("1.3.1"), StepKind::Agent, QStringLiteral("invoke_agent b"));
        step(&run.trace, QStringLiteral("1.3.1.1"), StepKind::Model, QStringLiteral("chat m"));
        const ForkOptions options = forkOptions(run, path);
        QCOMPARE(options.forkable, forkable);
        if (!forkable) {
            QVERIFY2(options.whyNot.contains(QStringLiteral("step 1.2.")), qPrintable(options.whyNot));
            QVERIFY(!options.canEditAnswer && !options.canEditCalls);
        }
    }
};

QTEST_GUILESS_MAIN(TestSampledSteps)
#include "tst_SampledSteps.moc"
