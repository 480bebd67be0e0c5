// SPDX-License-Identifier: GPL-3.0-or-later
// Two programs on one file: each hears of what the other did, and neither writes over what it did not see.
#include "core/project/Project.h"
#include "tests/core/project/RunPlayer.h"

#include <QSignalSpy>

using namespace lathe;
using namespace lathe::test;

namespace {
QString s(const char *text)
{
    return QString::fromUtf8(text);
}

// What Session::edit() does: one field of the draft as it is now.
void editField(Project &project, ArtifactId id, const char *field, const char *value)
{
    auto draft = project.artifacts().draft(id);
    QVERIFY(draft);
    Edit edit = Edit::of(draft->body, QLatin1Char('/') + s(field), s(value), s("Change"), 1);
    draft->body = edit.applied(draft->body);
    draft->history.push(std::move(edit));
    QVERIFY(await(project.artifacts().saveDraft(id, draft->body, draft->history)));
}
}

class TestOtherPrograms : public QObject
{
    Q_OBJECT
    Files m_files;

private Q_SLOTS:
    void artifactsOfTheOneAreSeenInTheOther()
    {
        const QString path = m_files.newFile();
        auto mine = m_files.open(path), other = m_files.open(path);
        QSignalSpy added(&mine->artifacts(), &ArtifactRepository::added);
        QSignalSpy changed(&mine->artifacts(), &ArtifactRepository::changed);
        QSignalSpy edited(&mine->artifacts(), &ArtifactRepository::draftChanged);

        const auto id = await(other->artifacts().create(ArtifactKind::Agent, s("mailer"), QJsonObject{{s("job"), s("one")}, {s("tone"), s("kind")}}));
        QVERIFY(id);
        QTRY_COMPARE_WITH_TIMEOUT(added.size(), 1, 30'000);
        QCOMPARE(added.first().first().value<ArtifactId>(), *id);

        editField(*other, *id, "job", "two");
        QTRY_VERIFY_WITH_TIMEOUT(!edited.isEmpty(), 30'000);
        QCOMPARE(mine->artifacts().draft(*id)->body.value(s("job")).toString(), s("two"));
        // Another field, here: the other's edit stays, and both can be undone.
        editField(*mine, *id, "tone", "stern");
        QCOMPARE(other->artifacts().draft(*id)->body, (QJsonObject{{s("job"), s("two")}, {s("tone"), s("stern")}}));
        auto draft = other->artifacts().draft(*id);
        QVERIFY(draft->history.undo(draft->body) && draft->history.canUndo());

        changed.clear();
        QVERIFY(await(other->artifacts().commit(*id, s("first"))));
        QTRY_COMPARE_WITH_TIMEOUT(changed.size(), 1, 30'000);
        QVERIFY(await(other->artifacts().setLabel(*id, s("live"), 1)));
        QTRY_COMPARE_WITH_TIMEOUT(changed.size(), 2, 30'000);
        QVERIFY(await(other->artifacts().rename(*id, s("postman"))));
        QTRY_COMPARE_WITH_TIMEOUT(changed.size(), 3, 30'000);
        edited.clear();
        editField(*other, *id, "job", "three");
        QTRY_VERIFY_WITH_TIMEOUT(!edited.isEmpty(), 30'000);
        edited.clear();
        QVERIFY(await(other->artifacts().discardDraft(*id)));
        QTRY_VERIFY_WITH_TIMEOUT(!edited.isEmpty(), 30'000);
        QVERIFY(!mine->artifacts().info(*id)->hasDraft);
    }

    void oneHearsOfItsOwnChangesOnce()
    {
        auto mine = m_files.open(m_files.newFile());
        const auto id = await(mine->artifacts().create(ArtifactKind::Prompt, s("greeting"), QJsonObject{{s("text"), s("Hi")}}));
        QVERIFY(id);
        QSignalSpy changed(&mine->artifacts(), &ArtifactRepository::changed);
        QSignalSpy edited(&mine->artifacts(), &ArtifactRepository::draftChanged);
        editField(*mine, *id, "text", "Hello");
        QCOMPARE(edited.size(), 1);
        QTest::qWait(1500); // looked at meanwhile
        QCOMPARE(edited.size(), 1);
        QCOMPARE(changed.size(), 0);
    }

    void runsOfTheOneAreSeenInTheOther()
    {
        const QString path = m_files.newFile();
        auto mine = m_files.open(path), other = m_files.open(path);
        QSignalSpy added(&mine->runs(), &RunRepository::added);
        QSignalSpy changed(&mine->runs(), &RunRepository::changed);
        Player p(*other, someRun(s("in another program")));
        p.started({});
        p.begin(s("1"), StepKind::Agent, s("invoke_agent triage"));
        QVERIFY(await(other->runs().flush()));
        QTRY_COMPARE_WITH_TIMEOUT(added.size(), 1, 30'000);
        QCOMPARE(added.first().first().value<RunId>(), p.run);
        changed.clear();
        p.ended(RunStatus::Done, s("done"));
        QVERIFY(await(other->flush()));
        QTRY_VERIFY_WITH_TIMEOUT(!changed.isEmpty(), 30'000);
        QCOMPARE(mine->runs().run(p.run)->status, RunStatus::Done);
    }

    void whoHearsOfItMayCloseTheProject()
    {
        const QString path = m_files.newFile();
        auto mine = m_files.open(path), other = m_files.open(path);
        connect(&mine->artifacts(), &ArtifactRepository::added, this, [&mine] { mine.reset(); });
        for (const char *name : {"a", "b", "c"})
            QVERIFY(await(other->artifacts().create(ArtifactKind::Agent, s(name), QJsonObject())));
        QTRY_VERIFY_WITH_TIMEOUT(!mine, 30'000);
        QTest::qWait(50);
    }
};

QTEST_GUILESS_MAIN(TestOtherPrograms)
#include "tst_OtherPrograms.moc"
