// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/runs/RunsFixture.h"
#include "ui/runs/QuestionList.h"

#include <QAbstractButton>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>

using namespace lathe;
using namespace lathe::test;

namespace {
QJsonObject node(const char *kind, const QString &name, const QJsonObject &settings)
{
    return {{QStringLiteral("kind"), QLatin1String(kind)}, {QStringLiteral("name"), name}, {QStringLiteral("settings"), settings}};
}

QJsonObject edge(const char *from, const char *to)
{
    return {{QStringLiteral("from"), QLatin1String(from)}, {QStringLiteral("from_port"), QStringLiteral("out")},
            {QStringLiteral("to"), QLatin1String(to)},     {QStringLiteral("to_port"), QStringLiteral("in")}};
}

// input -> a form for a person -> output.
QJsonObject formTeam()
{
    const auto field = [](const char *name, const char *type) {
        return QJsonObject{{QStringLiteral("name"), QLatin1String(name)}, {QStringLiteral("type"), QLatin1String(type)}};
    };
    QJsonObject tone = field("tone", "text");
    tone.insert(QStringLiteral("choices"), QJsonArray{QStringLiteral("warm"), QStringLiteral("brisk")});
    return {{QStringLiteral("nodes"),
             QJsonObject{{QStringLiteral("n1"), node("input", QStringLiteral("Input"), {})},
                         {QStringLiteral("n2"), node("human", QStringLiteral("Desk"),
                                                     {{QStringLiteral("mode"), QStringLiteral("form")},
                                                      {QStringLiteral("question"), QStringLiteral("What to answer to: {{input}}")},
                                                      {QStringLiteral("fields"), QJsonArray{field("title", "text"), field("credit", "number"),
                                                                                            field("urgent", "boolean"), tone}}})},
                         {QStringLiteral("n3"), node("output", QStringLiteral("Output"), {})}}},
            {QStringLiteral("edges"), QJsonObject{{QStringLiteral("e1"), edge("n1", "n2")}, {QStringLiteral("e2"), edge("n2", "n3")}}}};
}
}

class TestFormCard : public QObject
{
    Q_OBJECT

    RunId start(RunsFixture &bench)
    {
        const auto id = await(bench.session->createArtifact(ArtifactKind::Team, QStringLiteral("desk"), formTeam()));
        if (!id)
            qFatal("no team: %s", qPrintable(id.error().message));
        RunRequest request;
        request.agent = QStringLiteral("desk@draft");
        request.kind = ArtifactKind::Team;
        request.input.text = QStringLiteral("The box came broken");
        request.attended = true;
        const auto run = await(bench.session->startRun(request));
        if (!run)
            qFatal("no run: %s", qPrintable(run.error().message));
        return *run;
    }

private Q_SLOTS:
    void aFormIsFilledInByTypeAndItsValuesFlowOn()
    {
        RunsFixture bench;
        Theme theme;
        QuestionList list(bench.session.get(), &theme);
        list.resize(520, 500);
        const RunId run = start(bench);
        list.setRun(run);
        list.show();
        QVERIFY(QTest::qWaitForWindowActive(&list));
        QTRY_VERIFY_WITH_TIMEOUT(list.findChild<QWidget *>(QStringLiteral("form-card")), 30'000);
        auto *title = list.findChild<QLineEdit *>(QStringLiteral("form-title"));
        auto *credit = list.findChild<QLineEdit *>(QStringLiteral("form-credit"));
        auto *urgent = list.findChild<QCheckBox *>(QStringLiteral("form-urgent"));
        auto *tone = list.findChild<QComboBox *>(QStringLiteral("form-tone"));
        QVERIFY(title && credit && urgent && tone);
        QTest::keyClicks(title, QStringLiteral("A new box"));
        QTest::keyClicks(credit, QStringLiteral("a lot"));
        QTest::keyClick(credit, Qt::Key_Return);
        QVERIFY(credit->hasFocus()); // what is wrong keeps the form, and says so
        QCOMPARE(bench.session->questions().size(), size_t(1));
        credit->clear();
        QTest::keyClicks(credit, QStringLiteral("12.5"));
        QTest::mouseClick(urgent, Qt::LeftButton, {}, QPoint(8, urgent->height() / 2));
        QVERIFY(urgent->isChecked());
        tone->setCurrentIndex(1);
        auto *answer = list.findChild<QAbstractButton *>(QStringLiteral("form-answer"));
        QTest::mouseClick(answer, Qt::LeftButton);
        const auto result = await(bench.session->finished(run));
        QVERIFY(result.ok());
        QCOMPARE(result->status, RunStatus::Done);
        const QJsonObject output = QJsonDocument::fromJson(result->output.toUtf8()).object();
        QCOMPARE(output.value(QStringLiteral("title")).toString(), QStringLiteral("A new box"));
        QCOMPARE(output.value(QStringLiteral("credit")).toDouble(), 12.5);
        QCOMPARE(output.value(QStringLiteral("urgent")).toBool(), true);
        QCOMPARE(output.value(QStringLiteral("tone")).toString(), QStringLiteral("brisk"));
        const auto replay = await(bench.session->replay(run, CancelToken()));
        QVERIFY(replay.ok());
        QVERIFY2(replay->same, qPrintable(replay->firstDifference));
    }

    void declineFailsTheNode()
    {
        RunsFixture bench;
        Theme theme;
        QuestionList list(bench.session.get(), &theme);
        const RunId run = start(bench);
        list.setRun(run);
        list.show();
        QTRY_VERIFY_WITH_TIMEOUT(list.findChild<QAbstractButton *>(QStringLiteral("form-decline")), 30'000);
        QTest::mouseClick(list.findChild<QAbstractButton *>(QStringLiteral("form-decline")), Qt::LeftButton);
        const auto result = await(bench.session->finished(run));
        QVERIFY(result.ok());
        QCOMPARE(result->status, RunStatus::Failed);
        QVERIFY2(result->error->message.contains(QStringLiteral("not filled in")), qPrintable(result->error->message));
    }
};

QTEST_MAIN(TestFormCard)
#include "tst_FormCard.moc"
