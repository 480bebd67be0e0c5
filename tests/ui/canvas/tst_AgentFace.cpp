// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/AgentFace.h"

#include "tests/ui/canvas/TeamTesting.h"
#include "ui/canvas/AgentFacePart.h"
#include "ui/canvas/CanvasTypes.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/ListPopover.h"
#include "ui/widgets/SearchField.h"

#include <QDragEnterEvent>
#include <QDropEvent>
#include <QListView>
#include <QMimeData>
#include <QSignalSpy>

using namespace lathe;
using namespace lathe::test;

class TestAgentFace : public QObject
{
    Q_OBJECT

    std::unique_ptr<UiFixture> m_project;
    ArtifactId m_agent;
    std::unique_ptr<AgentFace> m_face;

    AgentFacePart *part(const char *name) { return find<AgentFacePart>(m_face.get(), name); }
    QJsonArray tools() { return m_project->body(m_agent).value(QStringLiteral("tools")).toArray(); }
    bool drop(QMimeData *data)
    {
        const std::unique_ptr<QMimeData> owned(data);
        const QPoint at = part("face-job")->geometry().center();
        QDragEnterEvent enter(at, Qt::CopyAction, data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(m_face.get(), &enter);
        if (!enter.isAccepted())
            return false;
        QDropEvent dropped(at, Qt::CopyAction, data, Qt::LeftButton, Qt::NoModifier);
        dropped.ignore();
        QApplication::sendEvent(m_face.get(), &dropped);
        return dropped.isAccepted();
    }

private Q_SLOTS:
    void init()
    {
        m_project = std::make_unique<UiFixture>();
        m_agent = m_project->id(ArtifactKind::Agent, QStringLiteral("analyst"));
        m_project->make(ArtifactKind::Tool, QStringLiteral("abacus"), m_project->body(m_project->id(ArtifactKind::Tool, QStringLiteral("calculator"))));
        m_face = std::make_unique<AgentFace>(m_project->session.get(), UiFixture::theme(), m_agent);
        m_face->resize(760, 380);
        m_face->show();
        QVERIFY(QTest::qWaitForWindowActive(m_face.get()));
    }
    void cleanup()
    {
        m_face.reset();
        m_project.reset();
    }

    void showsWhatTheAgentIs()
    {
        const QJsonObject body = m_project->body(m_agent);
        QCOMPARE(part("face-prompt")->line(), body.value(QStringLiteral("prompt")).toString());
        QVERIFY(part("face-model")->line().contains(body.value(QStringLiteral("model"))[QLatin1String("model")].toString()));
        QVERIFY(part("face-job")->line().startsWith(body.value(QStringLiteral("job")).toString().left(20)));
        QVERIFY(part("face-limits")->line().contains(QStringLiteral("steps")));
        QVERIFY(tools().size() >= 1);
        for (const QJsonValue &tool : tools())
            QVERIFY(m_face->findChild<AgentFacePart *>(QStringLiteral("face-tool-") + tool[QLatin1String("tool")].toString()));
        UiFixture::shoot(m_face.get(), QStringLiteral("agent-face"));
    }

    void partsLeadToTheirFields()
    {
        QSignalSpy chosen(m_face.get(), &AgentFace::partChosen), opened(m_face.get(), &AgentFace::openRequested);
        QTest::mouseClick(part("face-model"), Qt::LeftButton);
        QCOMPARE(chosen.takeFirst().first().toString(), QStringLiteral("/model"));
        part("face-prompt")->setFocus();
        QTest::keyClick(part("face-prompt"), Qt::Key_Return);
        QCOMPARE(chosen.takeFirst().first().toString(), QStringLiteral("/prompt"));
        QTest::mouseDClick(part("face-prompt"), Qt::LeftButton);
        QCOMPARE(opened.size(), 1);
        const QString prompt = m_project->body(m_agent).value(QStringLiteral("prompt")).toString();
        QCOMPARE(opened.first().first().value<Location>().artifact, m_project->id(ArtifactKind::Prompt, prompt.section(QLatin1Char('@'), 0, 0)));
        QTest::keyClick(part("face-prompt"), Qt::Key_Down);
        QVERIFY(part("face-model")->hasFocus());
        QTest::keyClick(part("face-model"), Qt::Key_Up);
        QVERIFY(part("face-prompt")->hasFocus());
    }

    void aDroppedToolIsAttachedAndUndone()
    {
        const qsizetype before = tools().size();
        QVERIFY(drop(canvasmime::make(NodeKind::Tool, {{QStringLiteral("tool"), QStringLiteral("abacus")}})));
        QCOMPARE(tools().size(), before + 1);
        QCOMPARE(tools().last()[QLatin1String("tool")].toString(), QStringLiteral("abacus"));
        QVERIFY(part("face-tool-abacus")->isVisible());
        UiFixture::shoot(m_face.get(), QStringLiteral("agent-face-attached"));
        QVERIFY(m_project->session->undo(m_agent).ok());
        QCOMPARE(tools().size(), before);
        QTRY_VERIFY_WITH_TIMEOUT(!m_face->findChild<AgentFacePart *>(QStringLiteral("face-tool-abacus")), 30'000);
    }

    void onlyNewToolsOfTheProjectAreTaken()
    {
        const QJsonArray before = tools();
        const QString attached = before.first()[QLatin1String("tool")].toString();
        QSignalSpy said(m_face.get(), &AgentFace::statusMessage);
        QVERIFY(!drop(canvasmime::make(NodeKind::Tool, {{QStringLiteral("tool"), attached}})));
        QCOMPARE(said.size(), 1);
        QVERIFY(!drop(canvasmime::make(NodeKind::Tool, {{QStringLiteral("tool"), QStringLiteral("no-such")}})));
        QVERIFY(!drop(canvasmime::make(NodeKind::Agent, {{QStringLiteral("agent"), QStringLiteral("triage")}})));
        QVERIFY(!drop(canvasmime::make(NodeKind::Tool)));
        auto *text = new QMimeData;
        text->setText(QStringLiteral("calculator"));
        QVERIFY(!drop(text));
        QCOMPARE(tools(), before);
    }

    // A direct agent would never call what is attached to it; one undo takes both back.
    void theFirstToolMakesADirectAgentLoop()
    {
        const BodyChanges direct{{QStringLiteral("/tools"), QJsonArray()}, {QStringLiteral("/pattern"), QStringLiteral("direct")}};
        QVERIFY(m_project->session->edit(m_agent, direct, QStringLiteral("test")).ok());
        m_face = std::make_unique<AgentFace>(m_project->session.get(), UiFixture::theme(), m_agent);
        QVERIFY(m_face->attach(QStringLiteral("abacus")));
        QCOMPARE(tools().size(), 1);
        QCOMPARE(m_project->body(m_agent).value(QStringLiteral("pattern")).toString(), QStringLiteral("tool_loop"));
        QVERIFY(m_project->session->undo(m_agent).ok());
        QCOMPARE(tools().size(), 0);
        QCOMPARE(m_project->body(m_agent).value(QStringLiteral("pattern")).toString(), QStringLiteral("direct"));
    }

    void toolsAreAttachedByTheMenuAndDetachedByDelete()
    {
        const qsizetype before = tools().size();
        QTest::mouseClick(part("face-attach"), Qt::LeftButton);
        auto *menu = m_face->findChild<ListPopover *>(QStringLiteral("face-attach-menu"));
        QVERIFY(menu && menu->isOpen());
        // What is attached stands last and is not taken.
        auto *rows = menu->list()->view()->model();
        const QModelIndex last = rows->index(rows->rowCount() - 1, 0);
        QVERIFY(!(last.flags() & Qt::ItemIsEnabled));
        QTest::mouseClick(menu->list()->view()->viewport(), Qt::LeftButton, {}, menu->list()->view()->visualRect(last).center());
        QVERIFY(menu->isOpen());
        UiFixture::shoot(m_face.get(), QStringLiteral("agent-face-attach"));
        QTest::keyClicks(menu->list()->field(), QStringLiteral("abac"));
        QTRY_COMPARE_WITH_TIMEOUT(rows->rowCount(), 1, 30'000);
        QTest::keyClick(menu->list()->field(), Qt::Key_Return);
        QVERIFY(!menu->isOpen());
        QCOMPARE(tools().size(), before + 1);
        auto *made = part("face-tool-abacus");
        made->setFocus();
        QTest::keyClick(made, Qt::Key_Delete);
        QCOMPARE(tools().size(), before);
        QVERIFY(m_project->session->undo(m_agent).ok()); // detaching is one edit
        QCOMPARE(tools().size(), before + 1);
    }

    void theMenuLeadsToANewTool()
    {
        QSignalSpy asked(m_face.get(), &AgentFace::createRequested);
        QTest::mouseClick(part("face-attach"), Qt::LeftButton);
        find<Button>(m_face.get(), "face-attach-new")->click();
        QCOMPARE(asked.size(), 1);
        QCOMPARE(asked.first().first().value<ArtifactKind>(), ArtifactKind::Tool);
    }

    // Forty tools are six and a way to the others; seven are seven.
    void manyToolsAreFolded()
    {
        QJsonArray all;
        const auto attach = [&](int count) {
            all = QJsonArray();
            for (int i = 0; i < count; ++i)
                all.append(QJsonObject{{QStringLiteral("tool"), QStringLiteral("tool-%1").arg(i)}});
            QVERIFY(m_project->session->edit(m_agent, QStringLiteral("/tools"), all, QStringLiteral("test")).ok());
            m_face = std::make_unique<AgentFace>(m_project->session.get(), UiFixture::theme(), m_agent);
            m_face->resize(760, 480);
            m_face->show();
        };
        for (int i = 0; i < 39; ++i) // the last one is missing
            m_project->make(ArtifactKind::Tool, QStringLiteral("tool-%1").arg(i), {{QStringLiteral("type"), QStringLiteral("calculator")}});
        attach(7);
        const int seven = m_face->minimumSizeHint().height();
        QVERIFY(!part("face-more-tools")->isVisible() && part("face-tool-tool-6")->isVisible());
        attach(40);
        auto *more = part("face-more-tools");
        QVERIFY(more->isVisible());
        QCOMPARE(m_face->minimumSizeHint().height(), seven);
        QVERIFY(!m_face->findChild<AgentFacePart *>(QStringLiteral("face-tool-tool-6")));
        QVERIFY(more->accessibleName().startsWith(QStringLiteral("34 more tools: tool-6, tool-7")));
        QVERIFY(!more->accessibleDescription().isEmpty()); // the problem of the missing one
        m_face->setSelected(QStringLiteral("/tools/39/approval"));
        UiFixture::shoot(m_face.get(), QStringLiteral("agent-face-forty"));
        QSignalSpy chosen(m_face.get(), &AgentFace::partChosen);
        QTest::mouseClick(more, Qt::LeftButton);
        auto *menu = m_face->findChild<ListPopover *>(QStringLiteral("face-more-menu"));
        QVERIFY(menu);
        UiFixture::shoot(m_face.get(), QStringLiteral("agent-face-forty-menu"));
        QTest::keyClicks(menu->list()->field(), QStringLiteral("tool-39"));
        QTest::keyClick(menu->list()->field(), Qt::Key_Return);
        QCOMPARE(chosen.takeLast().first().toString(), QStringLiteral("/tools/39"));
        // Deleting one of the six moves the others up.
        auto *first = part("face-tool-tool-0");
        first->setFocus();
        QTest::keyClick(first, Qt::Key_Delete);
        QCOMPARE(tools().size(), 39);
        QVERIFY(part("face-tool-tool-6")->isVisible());
        QVERIFY(more->accessibleName().startsWith(QStringLiteral("33 more")));
    }

    void followsEditsFromElsewhere()
    {
        QVERIFY(m_project->session->edit(m_agent, QStringLiteral("/job"), QStringLiteral("be helpful"), QStringLiteral("Change job")).ok());
        QTRY_COMPARE_WITH_TIMEOUT(part("face-job")->line(), QStringLiteral("be helpful"), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(!part("face-job")->accessibleDescription().isEmpty(), 30'000); // the linter's word
        UiFixture::shoot(m_face.get(), QStringLiteral("agent-face-problem"));
    }

    void partsNeverOverlap_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::newRow("narrow") << QSize(520, 380);
        QTest::newRow("usual") << QSize(760, 380);
        QTest::newRow("wide") << QSize(1600, 700);
    }
    void partsNeverOverlap()
    {
        QFETCH(QSize, size);
        for (int i = 0; i < 8; ++i) {
            const QString name = QStringLiteral("tool-%1").arg(i);
            m_project->make(ArtifactKind::Tool, name, {{QStringLiteral("type"), QStringLiteral("calculator")}});
            QVERIFY(m_face->attach(name));
        }
        m_face->resize(size.expandedTo(m_face->minimumSizeHint()));
        QTest::qWait(0);
        const auto parts = m_face->findChildren<AgentFacePart *>();
        for (const AgentFacePart *a : parts) {
            QVERIFY2(m_face->rect().contains(a->geometry()), qPrintable(a->objectName()));
            for (const AgentFacePart *b : parts)
                QVERIFY2(a == b || !a->isVisible() || !b->isVisible() || !a->geometry().intersects(b->geometry()), qPrintable(a->objectName() + b->objectName()));
        }
        UiFixture::shoot(m_face.get(), QStringLiteral("agent-face-many-%1").arg(size.width()));
    }
};

QTEST_MAIN(TestAgentFace)
#include "tst_AgentFace.moc"
