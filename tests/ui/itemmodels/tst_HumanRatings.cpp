// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/Await.h"
#include "ui/itemmodels/HumanRatings.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

class TestHumanRatings : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;
    std::unique_ptr<Session> m_session;

    static Task<bool> closed(Session *session)
    {
        co_await session->close();
        co_return true;
    }

    RunId execute(const char *input)
    {
        RunRequest request;
        request.agent = QStringLiteral("triage");
        request.input.text = QString::fromLatin1(input);
        const auto run = await(m_session->startRun(request));
        if (!run)
            qFatal("%s", qPrintable(run.error().message));
        (void)await(m_session->finished(*run));
        return *run;
    }

private Q_SLOTS:
    void initTestCase()
    {
        const QString path = m_folder.filePath(QStringLiteral("r.lathe"));
        QVERIFY(await(Session::createProject(path, QStringLiteral("feedback-desk"))).ok());
        auto opened = Session::open(path, SessionOptions());
        QVERIFY(opened.ok());
        m_session = std::move(*opened);
    }

    void ratingsAreSavedSharedAndTakenBack()
    {
        const RunId run = execute("I was charged twice");
        HumanRatings one(m_session.get()), two(m_session.get());
        one.setTarget(run);
        two.setTarget(run);
        QVERIFY(!one.isRated());
        one.setNote(QStringLiteral("no rating yet")); // there is nothing it could belong to
        QTest::qWait(50);
        QVERIFY(!one.isRated());
        QSignalSpy told(&one, &HumanRatings::statusMessage);
        one.setStars(4, QStringLiteral(" right numbers "));
        QTRY_COMPARE_WITH_TIMEOUT(two.stars(), 4, 30'000); // another view of the same run follows
        QCOMPARE(two.note(), QStringLiteral("right numbers"));
        QTRY_COMPARE_WITH_TIMEOUT(told.size(), 1, 30'000);
        one.setThumb(-1, two.note());
        QTRY_COMPARE_WITH_TIMEOUT(two.thumb(), -1, 30'000);
        one.setStars(2, two.note());
        QTRY_COMPARE_WITH_TIMEOUT(two.stars(), 2, 30'000);
        one.setStars(0, QString()); // and not the 4 that was said before
        QTRY_COMPARE_WITH_TIMEOUT(two.stars(), 0, 30'000);
        QCOMPARE(two.thumb(), -1);
        one.setNote(QStringLiteral("too long"));
        QTRY_COMPARE_WITH_TIMEOUT(two.note(), QStringLiteral("too long"), 30'000);
        QCOMPARE(two.thumb(), -1);
    }

    void aStepIsAnotherTarget()
    {
        const RunId run = execute("Search finds nothing");
        HumanRatings whole(m_session.get()), step(m_session.get());
        whole.setTarget(run);
        step.setTarget(run, QStringLiteral("1.1"));
        QVERIFY(step.isTarget(run, QStringLiteral("1.1")));
        QVERIFY(!step.isTarget(run));
        step.setThumb(1, QString());
        QTRY_COMPARE_WITH_TIMEOUT(step.thumb(), 1, 30'000);
        QCOMPARE(whole.thumb(), 0);
        whole.setTarget(RunId());
        whole.setThumb(1, QString()); // nothing is chosen: nothing is written
        QTest::qWait(50);
        QVERIFY(!whole.isRated());
    }

    void cleanupTestCase()
    {
        (void)await(closed(m_session.get()));
        m_session.reset();
    }
};

QTEST_GUILESS_MAIN(TestHumanRatings)
#include "tst_HumanRatings.moc"
