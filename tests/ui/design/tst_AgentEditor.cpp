// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/design/AgentEditor.h"

#include "tests/ui/design/UiFixture.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/ListPopover.h"
#include "ui/widgets/ProblemLine.h"
#include "ui/widgets/SearchField.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>

using namespace lathe;
using namespace lathe::test;

class TestAgentEditor : public QObject
{
    Q_OBJECT

    std::unique_ptr<UiFixture> m_project;
    ArtifactId m_agent;
    std::unique_ptr<AgentEditor> m_editor;

    QLineEdit *job() { return find<QLineEdit>(m_editor.get(), "agent-job"); }
    QString jobProblem()
    {
        for (QWidget *at = job(); at; at = at->parentWidget()) {
            if (const auto *field = qobject_cast<FormField *>(at))
                return field->problem();
        }
        return QString();
    }
    int toolCount() { return int(m_project->body(m_agent).value(QStringLiteral("tools")).toArray().size()); }

private Q_SLOTS:
    void init()
    {
        m_project = std::make_unique<UiFixture>();
        m_agent = m_project->id(ArtifactKind::Agent, QStringLiteral("triage"));
        m_editor = std::make_unique<AgentEditor>(m_project->session.get(), UiFixture::theme(), m_agent);
        m_editor->resize(760, 900);
        m_editor->show();
        QVERIFY(QTest::qWaitForWindowActive(m_editor.get()));
    }
    void cleanup()
    {
        m_editor.reset();
        m_project.reset();
    }

    void vagueJobIsLinted()
    {
        QVERIFY2(jobProblem().isEmpty(), qPrintable(jobProblem()));
        const QString before = job()->text();
        QVERIFY(!before.isEmpty());
        job()->setFocus();
        job()->selectAll();
        QTest::keyClicks(job(), QStringLiteral("be helpful"));
        QCOMPARE(m_project->body(m_agent).value(QStringLiteral("job")).toString(), QStringLiteral("be helpful"));
        QTRY_VERIFY_WITH_TIMEOUT(!jobProblem().isEmpty(), 30'000);
        UiFixture::shoot(m_editor.get(), QStringLiteral("agent-vague-job"));
        // Typing in one go is one step of undo; deleting what was there may be another.
        for (int i = 0; i < 3 && m_project->body(m_agent).value(QStringLiteral("job")).toString() != before; ++i)
            QVERIFY(m_project->session->undo(m_agent).ok());
        QTRY_COMPARE_WITH_TIMEOUT(job()->text(), before, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(jobProblem().isEmpty(), 30'000);
    }

    void attachAToolAndUndo()
    {
        const int before = toolCount();
        QTest::mouseClick(find<QPushButton>(m_editor.get(), "attach-tool"), Qt::LeftButton);
        auto *menu = m_editor->findChild<ListPopover *>(QStringLiteral("attach-tool-menu"));
        QVERIFY(menu);
        QTest::keyClicks(menu->list()->field(), QStringLiteral("calcul"));
        QTest::keyClick(menu->list()->field(), Qt::Key_Return);
        QCOMPARE(toolCount(), before + 1);
        QVERIFY(m_editor->findChild<QWidget *>(QStringLiteral("tool-calculator")));
        UiFixture::shoot(m_editor.get(), QStringLiteral("agent-tool"));
        QVERIFY(m_project->session->undo(m_agent).ok());
        QCOMPARE(toolCount(), before);
        QTRY_VERIFY_WITH_TIMEOUT(!m_editor->findChild<QWidget *>(QStringLiteral("tool-calculator")), 30'000);
    }

    // A direct agent would never call what is attached to it; one undo takes both back.
    void theFirstToolMakesADirectAgentLoop()
    {
        const auto change = [&](const QString &pointer, const QJsonValue &value) { QVERIFY(m_project->session->edit(m_agent, pointer, value, QStringLiteral("test")).ok()); };
        change(QStringLiteral("/tools"), QJsonArray());
        change(QStringLiteral("/pattern"), QStringLiteral("direct"));
        QSignalSpy said(m_editor.get(), &AgentEditor::statusMessage);
        QTest::mouseClick(find<QPushButton>(m_editor.get(), "attach-tool"), Qt::LeftButton);
        auto *menu = m_editor->findChild<ListPopover *>(QStringLiteral("attach-tool-menu"));
        QVERIFY(menu);
        QTest::keyClicks(menu->list()->field(), QStringLiteral("calcul"));
        QTest::keyClick(menu->list()->field(), Qt::Key_Return);
        QCOMPARE(toolCount(), 1);
        QCOMPARE(m_project->body(m_agent).value(QStringLiteral("pattern")).toString(), QStringLiteral("tool_loop"));
        QCOMPARE(said.size(), 1);
        QVERIFY(m_project->session->undo(m_agent).ok());
        QCOMPARE(toolCount(), 0);
        QCOMPARE(m_project->body(m_agent).value(QStringLiteral("pattern")).toString(), QStringLiteral("direct"));
    }

    void attachedToolLeadsToItsPage()
    {
        m_editor.reset();
        m_agent = m_project->id(ArtifactKind::Agent, QStringLiteral("analyst"));
        m_editor = std::make_unique<AgentEditor>(m_project->session.get(), UiFixture::theme(), m_agent);
        m_editor->resize(760, 900);
        m_editor->show();
        QVERIFY(QTest::qWaitForWindowActive(m_editor.get()));
        QSignalSpy opened(m_editor.get(), &AgentEditor::openRequested);
        auto *link = m_editor->findChild<QAbstractButton *>(QStringLiteral("tool-feedback_sql"));
        QVERIFY(link);
        link->click();
        QCOMPARE(opened.size(), 1);
        QCOMPARE(opened.first().first().value<Location>().artifact, m_project->id(ArtifactKind::Tool, QStringLiteral("feedback_sql")));
        UiFixture::shoot(m_editor.get(), QStringLiteral("agent-analyst"));
    }

    void patternAndPromptByKeys()
    {
        auto *pattern = find<QComboBox>(m_editor.get(), "agent-pattern");
        pattern->setFocus();
        QTest::keyClick(pattern, Qt::Key_End);
        QCOMPARE(m_project->body(m_agent).value(QStringLiteral("pattern")).toString(), pattern->currentData().toString());
        auto *prompt = find<QComboBox>(m_editor.get(), "agent-prompt");
        const int row = prompt->findData(QStringLiteral("reply-prompt"));
        QVERIFY(row >= 0);
        prompt->setFocus();
        QTest::keyClick(prompt, Qt::Key_Home);
        for (int i = 0; i < row; ++i)
            QTest::keyClick(prompt, Qt::Key_Down);
        QCOMPARE(m_project->body(m_agent).value(QStringLiteral("prompt")).toString(), QStringLiteral("reply-prompt"));
    }

    void renameByEnter()
    {
        auto *name = find<QLineEdit>(m_editor.get(), "agent-name");
        name->setFocus();
        name->selectAll();
        QTest::keyClicks(name, QStringLiteral("sorter"));
        QTest::keyClick(name, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(m_project->id(ArtifactKind::Agent, QStringLiteral("sorter")).isValid(), 30'000);
    }

    // What was typed stays with the reason below it; Escape, or another name, mends it.
    void aTakenNameIsRefusedAtTheField()
    {
        const QString before = QStringLiteral("triage");
        auto *name = find<QLineEdit>(m_editor.get(), "agent-name");
        const auto problem = [this] {
            const auto *line = m_editor->findChild<ProblemLine *>(QStringLiteral("agent-name-problem"));
            return line && line->isVisible() ? line->text() : QString();
        };
        const auto type = [name](const QString &text) {
            name->setFocus();
            name->selectAll();
            QTest::keyClicks(name, text);
            QTest::keyClick(name, Qt::Key_Return);
        };
        type(QStringLiteral("reply"));
        QTRY_VERIFY_WITH_TIMEOUT(problem().contains(QStringLiteral("\"reply\"")), 30'000);
        QCOMPARE(name->text(), QStringLiteral("reply"));
        QVERIFY(!name->accessibleDescription().isEmpty());
        UiFixture::shoot(m_editor.get(), QStringLiteral("agent-name-taken"));
        QVERIFY(m_project->session->edit(m_agent, QStringLiteral("/job"), QStringLiteral("be helpful"), QStringLiteral("Change job")).ok());
        find<QComboBox>(m_editor.get(), "agent-pattern")->setFocus(); // leaving neither asks again nor takes it away
        QTest::qWait(0);
        QCOMPARE(name->text(), QStringLiteral("reply"));
        QVERIFY(!problem().isEmpty());
        name->setFocus();
        QTest::keyClick(name, Qt::Key_Escape);
        QCOMPARE(name->text(), before);
        QVERIFY(problem().isEmpty());
        type(QStringLiteral("reply"));
        QTRY_VERIFY_WITH_TIMEOUT(!problem().isEmpty(), 30'000);
        type(QStringLiteral("sorter"));
        QVERIFY(problem().isEmpty());
        QTRY_VERIFY_WITH_TIMEOUT(m_project->id(ArtifactKind::Agent, QStringLiteral("sorter")).isValid(), 30'000);
        // No name is none either.
        type(QStringLiteral(" "));
        QTRY_VERIFY_WITH_TIMEOUT(!problem().isEmpty(), 30'000);
        QCOMPARE(m_project->session->project().artifacts().info(m_agent)->name, QStringLiteral("sorter"));
    }
};

QTEST_MAIN(TestAgentEditor)
#include "tst_AgentEditor.moc"
