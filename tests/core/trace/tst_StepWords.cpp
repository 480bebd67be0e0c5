// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/StepWords.h"

#include <QTest>

using namespace lathe;

class TestStepWords : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void callArguments_data()
    {
        QTest::addColumn<QJsonObject>("attributes");
        QTest::addColumn<QString>("streamed");
        QTest::addColumn<QJsonObject>("edited");
        QTest::addColumn<QString>("expected");
        const QString key = QStringLiteral("gen_ai.tool.call.arguments");
        QTest::newRow("as the model asked") << QJsonObject{{key, QStringLiteral("{\"n\": 1}")}} << QString() << QJsonObject() << QStringLiteral("{\"n\": 1}");
        QTest::newRow("recorded as an object") << QJsonObject{{key, QJsonObject{{QStringLiteral("n"), 1}}}} << QString() << QJsonObject() << QStringLiteral("{\"n\":1}");
        QTest::newRow("still streaming") << QJsonObject() << QStringLiteral("{\"n\"") << QJsonObject() << QStringLiteral("{\"n\"");
        QTest::newRow("edited by a person") << QJsonObject{{key, QStringLiteral("{\"n\": 1}")}} << QString()
                                            << QJsonObject{{QStringLiteral("arguments"), QJsonObject{{QStringLiteral("n"), 2}}}} << QStringLiteral("{\"n\":2}");
        QTest::newRow("an edit without arguments") << QJsonObject{{key, QStringLiteral("{\"n\": 1}")}} << QString() << QJsonObject{{QStringLiteral("reason"), QStringLiteral("x")}}
                                                   << QStringLiteral("{\"n\": 1}");
        QTest::newRow("none") << QJsonObject() << QString() << QJsonObject() << QString();
    }

    void callArguments()
    {
        QFETCH(QJsonObject, attributes);
        QFETCH(QString, streamed);
        QFETCH(QJsonObject, edited);
        Step step;
        step.kind = StepKind::Tool;
        step.attributes = attributes;
        step.toolArguments = streamed;
        if (!edited.isEmpty()) {
            StepNote note;
            note.name = QStringLiteral("arguments_edited");
            note.attributes = edited;
            step.notes.push_back(note);
        }
        QTEST(lathe::callArguments(step), "expected");
    }

    void approvals_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QJsonObject>("answer");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        const QString approval = QStringLiteral("approval");
        const QJsonObject yes{{QStringLiteral("approved"), true}};
        const auto with = [](QJsonObject object, const char *key, const QJsonValue &value) {
            object.insert(QLatin1String(key), value);
            return object;
        };
        const QJsonObject arguments{{QStringLiteral("n"), 2}};
        QTest::newRow("not over") << approval << QJsonObject() << QString() << QString();
        QTest::newRow("once") << approval << yes << QString() << QStringLiteral("approved");
        QTest::newRow("for the run") << approval << with(yes, "for_run", true) << QString() << QStringLiteral("approved for this run");
        QTest::newRow("edited") << approval << with(yes, "arguments", arguments) << QString() << QStringLiteral("edited and approved");
        QTest::newRow("edited, for the run") << approval << with(with(yes, "arguments", arguments), "for_run", true) << QString()
                                             << QStringLiteral("edited and approved for this run");
        QTest::newRow("denied") << approval << QJsonObject{{QStringLiteral("approved"), false}} << QString() << QStringLiteral("denied");
        QTest::newRow("denied with a reason") << approval << QJsonObject{{QStringLiteral("approved"), false}} << QStringLiteral("Ask\nfinance first") << QStringLiteral("denied: Ask finance first");
        QTest::newRow("by rule") << approval << with(yes, "unattended", QStringLiteral("allow")) << QString() << QStringLiteral("approved (nobody was there)");
        QTest::newRow("a question is answered, not approved") << QStringLiteral("question") << yes << QStringLiteral("October") << QString();
    }

    void approvals()
    {
        QFETCH(QString, type);
        QFETCH(QJsonObject, answer);
        QFETCH(QString, text);
        Step step;
        step.kind = StepKind::Human;
        step.attributes = answer;
        step.text = text;
        StepNote note;
        note.name = QStringLiteral("approval_requested");
        note.attributes = QJsonObject{{QStringLiteral("type"), type}};
        step.notes.push_back(note);
        QTEST(approvalWords(step), "expected");
        step.kind = StepKind::Tool;
        QCOMPARE(approvalWords(step), QString());
    }
};

QTEST_GUILESS_MAIN(TestStepWords)
#include "tst_StepWords.moc"
