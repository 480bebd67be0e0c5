// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/ArtifactRepository.h"
#include "tests/core/project/RunPlayer.h"

#include <QSignalSpy>

using namespace lathe;
using namespace lathe::test;

namespace {
QJsonObject body(const QString &job)
{
    return {{QStringLiteral("job"), job},
            {QStringLiteral("tools"), QJsonArray{QStringLiteral("sql")}}};
}

EditHistory historyOf(const QJsonObject &before, const QJsonObject &after)
{
    Edit edit;
    edit.pointer = QStringLiteral("/job");
    edit.before = before.value(QStringLiteral("job"));
    edit.after = after.value(QStringLiteral("job"));
    edit.what = QStringLiteral("Change job");
    edit.timeUs = 1;
    EditHistory history;
    history.push(edit);
    return history;
}
} // namespace

class TestArtifactRepository : public QObject
{
    Q_OBJECT
    Files m_files;

    static ArtifactId make(Project &project, ArtifactKind kind, const QString &name,
                           const QJsonObject &content)
    {
        const auto id = await(project.artifacts().create(kind, name, content));
        if (!id)
            qFatal("%s", qPrintable(id.error().message));
        return *id;
    }
    static RevisionInfo commit(Project &project, ArtifactId id, const QString &note = {})
    {
        const auto revision = await(project.artifacts().commit(id, note));
        if (!revision)
            qFatal("%s", qPrintable(revision.error().message));
        return *revision;
    }
    static void save(Project &project, ArtifactId id, const QJsonObject &content)
    {
        const auto saved = await(project.artifacts().saveDraft(id, content, EditHistory()));
        if (!saved)
            qFatal("%s", qPrintable(saved.error().message));
    }

private Q_SLOTS:
    void fromDraftToRevisionsAndBack()
    {
        const QString path = m_files.newFile();
        auto project = m_files.open(path);
        ArtifactRepository &artifacts = project->artifacts();
        QSignalSpy added(&artifacts, &ArtifactRepository::added);
        QSignalSpy changed(&artifacts, &ArtifactRepository::changed);
        QSignalSpy draftChanged(&artifacts, &ArtifactRepository::draftChanged);

        const ArtifactId id = make(*project, ArtifactKind::Agent, QStringLiteral("triage"),
                                   body(QStringLiteral("one")));
        QCOMPARE(added.size(), 1);
        auto info = artifacts.info(id);
        QVERIFY(info);
        QCOMPARE(info->latestNumber, 0);
        QVERIFY(info->hasDraft);
        auto resolved = artifacts.resolve(ArtifactKind::Agent, QStringLiteral("triage"));
        QVERIFY(resolved); // never committed: the draft
        QCOMPARE(resolved->number, 0);
        QCOMPARE(resolved->reference(), QStringLiteral("triage@draft"));

        const RevisionInfo first = commit(*project, id, QStringLiteral("begin"));
        QCOMPARE(first.number, 1);
        QCOMPARE(first.parentNumber, 0);
        QCOMPARE(first.hash, json::hash(body(QStringLiteral("one"))));
        QCOMPARE(first.note, QStringLiteral("begin"));
        QVERIFY(first.createdUs > 0);
        QVERIFY(!changed.isEmpty());
        QVERIFY(!artifacts.info(id)->hasDraft);
        QVERIFY(!artifacts.draft(id)->differs);
        // Nothing changed: the same revision again.
        QCOMPARE(commit(*project, id).number, 1);
        QCOMPARE(artifacts.revisions(id).size(), 1u);

        draftChanged.clear();
        const QJsonObject second = body(QStringLiteral("two"));
        QVERIFY(
            await(artifacts.saveDraft(id, second, historyOf(body(QStringLiteral("one")), second))));
        QCOMPARE(draftChanged.size(), 1);
        QVERIFY(artifacts.info(id)->hasDraft);
        QCOMPARE(artifacts.resolve(ArtifactKind::Agent, QStringLiteral("triage"))->number, 1);
        resolved = artifacts.resolve(ArtifactKind::Agent, QStringLiteral("triage@draft"));
        QVERIFY(resolved);
        QCOMPARE(resolved->number, 0);
        QCOMPARE(resolved->body, second);
        QCOMPARE(resolved->hash, json::hash(second));
        QCOMPARE(commit(*project, id, QStringLiteral("better")).number, 2);
        QCOMPARE(
            artifacts.resolve(ArtifactKind::Agent, QStringLiteral("triage@draft"))->reference(),
            QStringLiteral("triage@2"));

        // The draft with its undo outlives closing, and the commit.
        project.reset();
        project = m_files.open(path);
        auto draft = project->artifacts().draft(id);
        QVERIFY(draft);
        QVERIFY(!draft->differs);
        QCOMPARE(draft->baseNumber, 2);
        QVERIFY(draft->history.canUndo());
        QCOMPARE(*draft->history.undo(draft->body), body(QStringLiteral("one")));

        // Back to the first, as one edit that can be undone; its commit has the second as parent.
        QVERIFY(await(project->artifacts().restore(id, 1)));
        draft = project->artifacts().draft(id);
        QVERIFY(draft && draft->differs);
        QCOMPARE(draft->body, body(QStringLiteral("one")));
        QCOMPARE(draft->history.undoText(), QStringLiteral("Restore revision 1"));
        QCOMPARE(*draft->history.undo(draft->body), second);
        const RevisionInfo third = commit(*project, id, QStringLiteral("back"));
        QCOMPARE(third.number, 3);
        QCOMPARE(third.parentNumber, 2);
        QCOMPARE(third.hash, first.hash);
        const auto revisions = project->artifacts().revisions(id);
        QCOMPARE(revisions.size(), 3u);
        QCOMPARE(revisions[0].number, 3);
        QCOMPARE(revisions[2].note, QStringLiteral("begin"));
        QCOMPARE(project->artifacts().revision(id, 2)->body, second);
        QCOMPARE(project->artifacts().revision(id, 2)->reference(), QStringLiteral("triage@2"));

        save(*project, id, body(QStringLiteral("thrown away")));
        QVERIFY(await(project->artifacts().discardDraft(id)));
        QCOMPARE(project->artifacts().draft(id)->body, body(QStringLiteral("one")));
        QVERIFY(!project->artifacts().draft(id)->differs);
        QVERIFY(!project->artifacts().draft(id)->history.canUndo());
    }

    void draftIsSeenAtOnceAndTheLastOneWins()
    {
        const QString path = m_files.newFile();
        auto project = m_files.open(path);
        const ArtifactId id =
            make(*project, ArtifactKind::Agent, QStringLiteral("a"), body(QStringLiteral("0")));
        commit(*project, id);
        std::vector<Task<Result<void>>> saves;
        for (int i = 1; i <= 200; ++i) {
            saves.push_back(
                project->artifacts().saveDraft(id, body(QString::number(i)), EditHistory()));
            QCOMPARE(project->artifacts().draft(id)->body, body(QString::number(i)));
            QVERIFY(project->artifacts().info(id)->hasDraft);
        }
        QSignalSpy written(&project->artifacts(), &ArtifactRepository::draftChanged);
        for (auto &save : saves)
            QVERIFY(await(std::move(save)));
        QVERIFY2(
            written.size() <= 3,
            qPrintable(QString::number(written.size()))); // the first, and all that waited for it
        QCOMPARE(m_files.open(path, Project::Mode::ReadOnly)->artifacts().draft(id)->body,
                 body(QStringLiteral("200")));
    }

    void commitTakesTheDraftThatIsStillOnItsWay()
    {
        auto project = m_files.open(m_files.newFile());
        const ArtifactId id =
            make(*project, ArtifactKind::Agent, QStringLiteral("a"), body(QStringLiteral("0")));
        auto first = project->artifacts().saveDraft(id, body(QStringLiteral("1")), EditHistory());
        auto second = project->artifacts().saveDraft(id, body(QStringLiteral("2")), EditHistory());
        const RevisionInfo revision = commit(*project, id);
        QVERIFY(await(std::move(first)));
        QVERIFY(await(std::move(second)));
        QCOMPARE(revision.hash, json::hash(body(QStringLiteral("2"))));
        QVERIFY(!project->artifacts().info(id)->hasDraft);
    }

    void draftsOnTheirWaySurviveClosing()
    {
        const QString path = m_files.newFile();
        auto project = m_files.open(path);
        const ArtifactId id =
            make(*project, ArtifactKind::Agent, QStringLiteral("a"), body(QStringLiteral("0")));
        std::vector<Task<Result<void>>> saves;
        for (int i = 1; i <= 20; ++i)
            saves.push_back(
                project->artifacts().saveDraft(id, body(QString::number(i)), EditHistory()));
        project.reset();
        for (auto &save : saves)
            QVERIFY(await(std::move(save)));
        QCOMPARE(m_files.open(path)->artifacts().draft(id)->body, body(QStringLiteral("20")));
    }

    void discardWhileASaveIsOnItsWay()
    {
        auto project = m_files.open(m_files.newFile());
        const ArtifactId id =
            make(*project, ArtifactKind::Agent, QStringLiteral("a"), body(QStringLiteral("0")));
        const auto never = await(project->artifacts().discardDraft(id));
        QVERIFY(!never);
        QVERIFY(never.error().message.contains(QStringLiteral("never committed")));
        commit(*project, id);
        auto first = project->artifacts().saveDraft(id, body(QStringLiteral("1")), EditHistory());
        auto second = project->artifacts().saveDraft(id, body(QStringLiteral("2")), EditHistory());
        auto discarded = project->artifacts().discardDraft(id);
        QCOMPARE(project->artifacts().draft(id)->body, body(QStringLiteral("0")));
        QVERIFY(!project->artifacts().info(id)->hasDraft);
        QVERIFY(await(std::move(discarded)));
        QVERIFY(await(std::move(first)));
        QVERIFY(await(std::move(second)));
        QCOMPARE(project->artifacts().draft(id)->body, body(QStringLiteral("0")));
    }

    void namesAndReferences()
    {
        auto project = m_files.open(m_files.newFile());
        ArtifactRepository &artifacts = project->artifacts();
        auto none = artifacts.resolve(ArtifactKind::Team, QStringLiteral("x"));
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
        QVERIFY2(none.error().message.contains(QStringLiteral("no team yet")),
                 qPrintable(none.error().message));
        const ArtifactId triage = make(*project, ArtifactKind::Agent, QStringLiteral("triage"),
                                       body(QStringLiteral("t")));
        make(*project, ArtifactKind::Agent, QStringLiteral("summary"), body(QStringLiteral("s")));
        const ArtifactId prompt = make(*project, ArtifactKind::Prompt, QStringLiteral("triage"),
                                       {}); // another kind, the same name
        QVERIFY(prompt != triage);
        none = artifacts.resolve(ArtifactKind::Agent, QStringLiteral("triag"));
        QVERIFY(!none);
        QCOMPARE(none.error().message,
                 QStringLiteral("There is no agent named triag. There are: triage, summary."));
        for (const QString &bad : {QString(), QStringLiteral("a@b"), QStringLiteral("a/b"),
                                   QStringLiteral("x").repeated(65), QStringLiteral("a\nb")}) {
            const auto refused = await(artifacts.create(ArtifactKind::Agent, bad, {}));
            QVERIFY(!refused);
            QCOMPARE(refused.error().kind, ErrorKind::InvalidInput);
        }
        const auto taken =
            await(artifacts.create(ArtifactKind::Agent, QStringLiteral("triage"), {}));
        QVERIFY(!taken);
        QCOMPARE(
            taken.error().message,
            QStringLiteral("There already is an agent named \"triage\"; choose another name."));
        // Two at once: one of them gets the name.
        auto one = artifacts.create(ArtifactKind::Agent, QStringLiteral("same"), {});
        auto two = artifacts.create(ArtifactKind::Agent, QStringLiteral("same"), {});
        const auto oneMade = await(std::move(one));
        const auto twoMade = await(std::move(two));
        QVERIFY(oneMade.ok() != twoMade.ok());

        QVERIFY(await(artifacts.rename(triage, QStringLiteral("Sortierung Größe 分类"))));
        QVERIFY(!artifacts.find(ArtifactKind::Agent, QStringLiteral("triage")));
        // Composed and decomposed letters are the same name.
        QCOMPARE(artifacts.find(ArtifactKind::Agent, QStringLiteral("Sortierung Größe 分类")
                                                         .normalized(QString::NormalizationForm_D)),
                 triage);
        const auto clash = await(artifacts.rename(triage, QStringLiteral("summary")));
        QVERIFY(!clash);
        QVERIFY(await(
            artifacts.rename(triage, QStringLiteral("Sortierung Größe 分类")))); // its own name
        const auto unknown = await(artifacts.rename(ArtifactId{999}, QStringLiteral("x")));
        QVERIFY(!unknown);
        QCOMPARE(unknown.error().kind, ErrorKind::NotFound);

        QCOMPARE(artifacts.list(ArtifactKind::Agent).size(), 3u);
        QVERIFY(await(artifacts.moveToBin(triage, true)));
        QCOMPARE(artifacts.list(ArtifactKind::Agent).size(), 2u);
        QCOMPARE(artifacts.list(ArtifactKind::Agent, true).size(), 3u);
        QCOMPARE(artifacts.list(std::nullopt).size(), 3u);
        const auto binned =
            artifacts.resolve(ArtifactKind::Agent, QStringLiteral("Sortierung Größe 分类"));
        QVERIFY(!binned);
        QVERIFY(binned.error().message.contains(QStringLiteral("in the bin")));
        const auto inBin = await(
            artifacts.create(ArtifactKind::Agent, QStringLiteral("Sortierung Größe 分类"), {}));
        QVERIFY(!inBin);
        QVERIFY(inBin.error().message.contains(QStringLiteral("in the bin")));
        QVERIFY(await(artifacts.moveToBin(triage, false)));
        QVERIFY(artifacts.resolve(ArtifactKind::Agent, QStringLiteral("Sortierung Größe 分类")));
    }

    void labelsMoveAndKeepTheirHistory()
    {
        const QString path = m_files.newFile();
        auto project = m_files.open(path);
        ArtifactRepository &artifacts = project->artifacts();
        const ArtifactId id =
            make(*project, ArtifactKind::Prompt, QStringLiteral("p"), body(QStringLiteral("1")));
        const auto early = await(artifacts.setLabel(id, QStringLiteral("production"), 1));
        QVERIFY(!early);
        QCOMPARE(early.error().message,
                 QStringLiteral("Prompt \"p\" has no revision 1; it was never committed."));
        commit(*project, id);
        save(*project, id, body(QStringLiteral("2")));
        commit(*project, id);
        QVERIFY(await(artifacts.setLabel(id, QStringLiteral("production"), 1)));
        QVERIFY(await(artifacts.setLabel(id, QStringLiteral("candidate"), 2)));
        QCOMPARE(artifacts.resolve(ArtifactKind::Prompt, QStringLiteral("p@production"))->number,
                 1);
        QVERIFY(await(artifacts.setLabel(id, QStringLiteral("production"), 2)));
        QCOMPARE(artifacts.resolve(ArtifactKind::Prompt, QStringLiteral("p@production"))->number,
                 2);
        QCOMPARE(artifacts.resolve(ArtifactKind::Prompt, QStringLiteral("p@1"))->number, 1);
        QCOMPARE(artifacts.revisions(id)[0].labels,
                 QStringList({QStringLiteral("candidate"), QStringLiteral("production")}));
        QCOMPARE(artifacts.info(id)->labels.size(), 2u);
        const auto unknown =
            artifacts.resolve(ArtifactKind::Prompt, QStringLiteral("p@productoin"));
        QVERIFY(!unknown);
        QCOMPARE(
            unknown.error().message,
            QStringLiteral("Prompt \"p\" has no label productoin. It has: production, candidate."));
        const auto tooHigh = artifacts.resolve(ArtifactKind::Prompt, QStringLiteral("p@9"));
        QVERIFY(!tooHigh);
        QCOMPARE(tooHigh.error().message,
                 QStringLiteral("Prompt \"p\" has no revision 9; the newest is 2."));
        QVERIFY(await(artifacts.setLabel(id, QStringLiteral("candidate"), 0)));
        QVERIFY(!artifacts.resolve(ArtifactKind::Prompt, QStringLiteral("p@candidate")));
        QVERIFY(!await(artifacts.setLabel(id, QStringLiteral("candidate"), 0)));
        for (const char *bad : {"", "draft", "latest", "Production", "a b", "3", "ä"}) {
            const auto refused = await(artifacts.setLabel(id, QString::fromUtf8(bad), 1));
            QVERIFY2(!refused, bad);
            QCOMPARE(refused.error().kind, ErrorKind::InvalidInput);
        }
        project.reset();
        auto db = Database::open(path, Database::Mode::ReadOnly);
        QVERIFY(db);
        auto history = (*db)->prepare(
            "SELECT group_concat(name || '=' || coalesce(number, '-'), ' ') FROM label_history");
        QVERIFY(history && history->step().valueOr(false));
        QCOMPARE(history->text(0),
                 QStringLiteral("production=1 candidate=2 production=2 candidate=-"));
    }

    void runsAreCountedByRevision()
    {
        auto project = m_files.open(m_files.newFile());
        const ArtifactId id =
            make(*project, ArtifactKind::Agent, QStringLiteral("a"), body(QStringLiteral("1")));
        commit(*project, id);
        save(*project, id, body(QStringLiteral("2")));
        commit(*project, id);
        for (const int number : {1, 2, 2, 0}) {
            RunInfo info = someRun(QStringLiteral("x"));
            info.artifact = id;
            info.revisionNumber = number;
            Player(*project, info).ended(RunStatus::Done, QString());
        }
        const auto revisions = project->artifacts().revisions(id);
        QCOMPARE(revisions[0].runCount, 2);
        QCOMPARE(revisions[1].runCount, 1);
    }

    void promptsAreFoundByTheirWords()
    {
        auto project = m_files.open(m_files.newFile());
        const ArtifactId id =
            make(*project, ArtifactKind::Prompt, QStringLiteral("p"),
                 {{QStringLiteral("system"), QStringLiteral("Be concise about {{topic}}.")},
                  {QStringLiteral("examples"), QJsonArray{QStringLiteral("größer")}}});
        const ArtifactId agent = make(*project, ArtifactKind::Agent, QStringLiteral("a"),
                                      {{QStringLiteral("job"), QStringLiteral("concise")}});
        QVERIFY(project->artifacts()
                    .searchPrompts(QStringLiteral("concise"), 10)
                    .empty()); // not committed yet
        commit(*project, id);
        commit(*project, agent);
        QCOMPARE(project->artifacts().searchPrompts(QStringLiteral("conc"), 10),
                 std::vector<ArtifactId>{id});
        QCOMPARE(project->artifacts().searchPrompts(QStringLiteral("grosser OR"), 10).size(), 0u);
        QCOMPARE(project->artifacts().searchPrompts(QStringLiteral("groß"), 10).size(), 1u);
    }

    void largeBodiesAndTwoPrograms()
    {
        const QString path = m_files.newFile();
        auto first = m_files.open(path);
        auto second = m_files.open(path);
        QString text;
        for (int i = 0; i < 200'000; ++i)
            text += QString::number(i) + QLatin1Char(' ');
        const ArtifactId id =
            make(*first, ArtifactKind::Dataset, QStringLiteral("rows"), body(text));
        QCOMPARE(second->artifacts().draft(id)->body, body(text));
        commit(*first, id);
        QCOMPARE(second->artifacts().resolve(ArtifactKind::Dataset, QStringLiteral("rows@1"))->body,
                 body(text));
        save(*second, id, body(QStringLiteral("short")));
        QCOMPARE(first->artifacts().draft(id)->body, body(QStringLiteral("short")));
        QCOMPARE(commit(*first, id).number, 2);
        QCOMPARE(commit(*second, id).number, 2); // nothing differs any more
    }

    void readOnlyProject()
    {
        const QString path = m_files.newFile();
        ArtifactId id;
        {
            auto project = m_files.open(path);
            id =
                make(*project, ArtifactKind::Agent, QStringLiteral("a"), body(QStringLiteral("1")));
            commit(*project, id);
        }
        auto project = m_files.open(path, Project::Mode::ReadOnly);
        ArtifactRepository &artifacts = project->artifacts();
        QVERIFY(artifacts.resolve(ArtifactKind::Agent, QStringLiteral("a")));
        const auto created = await(artifacts.create(ArtifactKind::Agent, QStringLiteral("b"), {}));
        QVERIFY(!created);
        QCOMPARE(created.error().kind, ErrorKind::ProjectFile);
        QVERIFY(!await(artifacts.saveDraft(id, {}, EditHistory())));
        QCOMPARE(artifacts.draft(id)->body, body(QStringLiteral("1")));
        QVERIFY(!await(artifacts.commit(id, QString())));
        QVERIFY(!await(artifacts.rename(id, QStringLiteral("c"))));
        QVERIFY(!await(artifacts.setLabel(id, QStringLiteral("x"), 1)));
        QVERIFY(!await(artifacts.discardDraft(id)));
        QVERIFY(!await(artifacts.moveToBin(id, true)));
    }
};

QTEST_GUILESS_MAIN(TestArtifactRepository)
#include "tst_ArtifactRepository.moc"
