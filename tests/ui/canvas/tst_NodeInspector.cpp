// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/NodeInspector.h"

#include "tests/ui/canvas/TeamTesting.h"
#include "ui/canvas/FormView.h"
#include "ui/canvas/FormViewJson.h"
#include "ui/canvas/FormViewModel.h"
#include "ui/canvas/FormViewReference.h"
#include "ui/canvas/FormViewRows.h"
#include "ui/canvas/TeamNodePanel.h"
#include "ui/canvas/TeamRunView.h"
#include "ui/canvas/TeamValueView.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/CompletionPopup.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/InlineMessage.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QInputMethodEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>

using namespace lathe;
using namespace lathe::test;

namespace {
QString s(const char *text)
{
    return QString::fromLatin1(text);
}
}

class TestNodeInspector : public QObject
{
    Q_OBJECT

    std::unique_ptr<UiFixture> m_project;
    std::unique_ptr<NodeInspector> m_inspector;
    QJsonObject m_body;
    QStringList m_done, m_notes;
    QString m_lastPointer;

    // The page of what is selected; the others have fields of the same names.
    FormView *form(const char *name) { return find<FormView>(m_inspector.get(), name); }
    template<typename T>
    T *field(const char *formName, const char *name)
    {
        return find<T>(form(formName), name);
    }
    QJsonValue at(const QString &pointer) const { return json::at(QJsonValue(m_body), pointer); }
    void select(const QStringList &ids) { m_inspector->setSelection(ids); }
    void useBody(const QJsonObject &body)
    {
        m_body = body;
        m_inspector->setBody(body);
    }
    QString setNode(NodeKind kind, const QJsonObject &settings = {})
    {
        const AddedNode added = addNode(m_body, kind, QPointF(0, 400), settings);
        useBody(applyChanges(m_body, added.changes));
        select({added.id});
        return added.id;
    }

private Q_SLOTS:
    void init()
    {
        m_project = std::make_unique<UiFixture>();
        m_inspector = std::make_unique<NodeInspector>(m_project->session.get(), UiFixture::theme());
        m_done.clear();
        m_notes.clear();
        connect(m_inspector.get(), &NodeInspector::edited, this, [this](const BodyChanges &changes, const QString &what, const QString &note) {
            m_done.append(what);
            if (!note.isEmpty())
                m_notes.append(note);
            m_lastPointer = changes.front().pointer;
            m_body = applyChanges(m_body, changes);
            m_inspector->setBody(m_body);
        });
        m_inspector->resize(340, 900);
        useBody(deskTeam());
        m_inspector->show();
        QVERIFY(QTest::qWaitForWindowActive(m_inspector.get()));
    }
    void cleanup()
    {
        m_inspector.reset();
        m_project.reset();
    }

    void nothingSelectedIsTheTeam()
    {
        auto *job = field<CodeEditor>("team-form", "field-job");
        QCOMPARE(job->text(), m_body.value(s("job")).toString());
        job->setFocus();
        QTest::keyClick(job, Qt::Key_End, Qt::ControlModifier);
        QTest::keyClicks(job, s(" Kindly."));
        QVERIFY(at(s("/job")).toString().endsWith(s("concerns. Kindly.")));
        auto *steps = field<QDoubleSpinBox>("limits-form", "field-limits-steps");
        QCOMPARE(steps->value(), 40.0);
        steps->setFocus();
        QTest::keyClick(steps, Qt::Key_Up);
        QCOMPARE(at(s("/limits/steps")).toInt(), 41);
        auto *cost = field<QDoubleSpinBox>("limits-form", "field-limits-cost_usd");
        cost->setFocus();
        cost->selectAll();
        QTest::keyClicks(cost, s("0.25"));
        QTest::keyClick(cost, Qt::Key_Return);
        QCOMPARE(at(s("/limits/cost_usd")).toDouble(), 0.25); // cents are not rounded away
        UiFixture::shoot(m_inspector.get(), s("inspector-team"));
    }

    void stateKeysAreRows()
    {
        auto *state = find<FormViewRows>(m_inspector.get(), "team-state");
        QCOMPARE(state->count(), 1);
        QTest::mouseClick(find<QPushButton>(state, "add-row"), Qt::LeftButton);
        QCOMPARE(state->count(), 2);
        auto *name = find<QLineEdit>(state, "name-1");
        QVERIFY(name->hasFocus());
        QTest::keyClicks(name, s("score"));
        QCOMPARE(at(s("/state/1/name")).toString(), s("score"));
        auto *reducer = find<QComboBox>(state, "reducer-1");
        reducer->setFocus();
        QTest::keyClick(reducer, Qt::Key_M);
        QCOMPARE(at(s("/state/1/reducer")).toString(), s("merge"));
        auto *initial = find<QLineEdit>(state, "initial-1");
        initial->setFocus();
        QTest::keyClicks(initial, s("12"));
        QCOMPARE(at(s("/state/1/initial")), QJsonValue(12));
        QTest::mouseClick(find<QAbstractButton>(state, "down-0"), Qt::LeftButton);
        QCOMPARE(at(s("/state/0/name")).toString(), s("score"));
        QTest::mouseClick(find<QAbstractButton>(state, "remove-0"), Qt::LeftButton);
        QCOMPARE(at(s("/state")).toArray().size(), 1);
        QCOMPARE(at(s("/state/0/name")).toString(), s("findings"));
    }

    void nameAndPolicyOfANode()
    {
        select({s("n4")});
        QCOMPARE(find<QLabel>(m_inspector.get(), "inspector-kind")->text(), nodeKindInfo(NodeKind::Agent).title);
        auto *name = field<QLineEdit>("name-form", "field-name");
        name->setFocus();
        name->selectAll();
        QInputMethodEvent typed;
        typed.setCommitString(QString::fromUtf8("فني 🛠"));
        QApplication::sendEvent(name, &typed);
        QCOMPARE(at(s("/nodes/n4/name")).toString(), QString::fromUtf8("فني 🛠"));
        auto *then = field<QComboBox>("error-form", "field-on_error-then");
        QCOMPARE(then->currentData().toString(), s("fail"));
        then->setFocus();
        QTest::keyClick(then, Qt::Key_Down);
        QCOMPARE(at(s("/nodes/n4/on_error/then")).toString(), s("fallback"));
        auto *retries = field<QDoubleSpinBox>("error-form", "field-on_error-retries");
        retries->setFocus();
        QTest::keyClick(retries, Qt::Key_Up);
        QCOMPARE(at(s("/nodes/n4/on_error/retries")).toInt(), 1);
        UiFixture::shoot(m_inspector.get(), s("inspector-agent"));
    }

    void typingKeepsItsCursor()
    {
        select({s("n3")});
        auto *message = field<CodeEditor>("settings-form", "field-message");
        QCOMPARE(message->text(), s("{{input}}"));
        message->setFocus();
        QTest::keyClick(message, Qt::Key_Home, Qt::ControlModifier);
        QTest::keyClicks(message, s("Dear "));
        QCOMPARE(message->text(), s("Dear {{input}}"));
        QCOMPARE(message->cursorOffset(), 5);
        QCOMPARE(at(s("/nodes/n3/settings/message")).toString(), s("Dear {{input}}"));
    }

    void templatesCompleteVariables()
    {
        select({s("n3")});
        auto *message = field<CodeEditor>("settings-form", "field-message");
        message->setFocus();
        QTest::keyClick(message, Qt::Key_End, Qt::ControlModifier);
        QTest::keyClicks(message, s(" {{variables.c"));
        QTRY_VERIFY_WITH_TIMEOUT(message->completionPopup() && message->completionPopup()->isVisible(), 30'000);
        QCOMPARE(message->completionPopup()->currentText(), s("variables.customer"));
        QTest::keyClick(message, Qt::Key_Return);
        QCOMPARE(at(s("/nodes/n3/settings/message")).toString(), s("{{input}} {{variables.customer}}"));
    }

    void referencesAreChosenOpenedAndMade()
    {
        select({s("n3")});
        auto *reference = field<FormViewReference>("settings-form", "field-agent");
        QCOMPARE(reference->box()->currentData().toString(), s("triage"));
        QSignalSpy opened(m_inspector.get(), &NodeInspector::openRequested);
        QTest::mouseClick(reference->findChildren<QAbstractButton *>().first(), Qt::LeftButton);
        QCOMPARE(opened.size(), 1);
        QCOMPARE(opened.first().first().value<Location>().artifact, m_project->id(ArtifactKind::Agent, s("triage")));
        reference->box()->setFocus();
        QTest::keyClick(reference->box(), Qt::Key_Up);
        QCOMPARE(at(s("/nodes/n3/settings/agent")).toString(), reference->box()->currentData().toString());
        QVERIFY(reference->box()->currentData().toString() != s("triage"));
        // "New": what is made next is taken.
        QSignalSpy wanted(m_inspector.get(), &NodeInspector::createRequested);
        QTest::mouseClick(reference->findChildren<QAbstractButton *>().last(), Qt::LeftButton);
        QCOMPARE(wanted.size(), 1);
        m_project->make(ArtifactKind::Tool, s("not-this"), {{s("type"), s("calculator")}});
        m_project->make(ArtifactKind::Agent, s("fresh"), m_project->body(m_project->id(ArtifactKind::Agent, s("triage"))));
        QTRY_COMPARE_WITH_TIMEOUT(at(s("/nodes/n3/settings/agent")).toString(), s("fresh"), 30'000);
        QCOMPARE(reference->box()->currentText(), s("fresh"));
        // What comes after is not.
        m_project->make(ArtifactKind::Agent, s("later"), m_project->body(m_project->id(ArtifactKind::Agent, s("triage"))));
        QTest::qWait(20);
        QCOMPARE(at(s("/nodes/n3/settings/agent")).toString(), s("fresh"));
    }

    void whatDoesNotExistIsShownAsItIs()
    {
        setNode(NodeKind::Tool, {{s("tool"), s("deleted-tool")}});
        auto *reference = field<FormViewReference>("settings-form", "field-tool");
        QCOMPARE(reference->box()->currentText(), s("deleted-tool"));
        QVERIFY(m_done.isEmpty()); // looking changes nothing
    }

    void fieldsAppearByWhatIsChosen()
    {
        const QString id = setNode(NodeKind::Check);
        auto *mode = field<QComboBox>("settings-form", "field-mode");
        const auto shown = [&](const char *name) { return field<QWidget>("settings-form", name)->isVisibleTo(m_inspector.get()); };
        mode->setFocus();
        QTest::keyClick(mode, Qt::Key_Home);
        QVERIFY(shown("field-expression") && !shown("field-schema") && !shown("field-rule"));
        QTest::keyClick(mode, Qt::Key_Down);
        QCOMPARE(at(QStringLiteral("/nodes/%1/settings/mode").arg(id)).toString(), s("schema"));
        QVERIFY(!shown("field-expression") && shown("field-schema"));
        auto *schema = field<FormViewJson>("settings-form", "field-schema");
        schema->editor()->setFocus();
        schema->editor()->selectAll();
        QTest::keyClicks(schema->editor(), s("{\"type\": \"object"));
        QVERIFY(!schema->isValid());
        const QJsonValue kept = at(QStringLiteral("/nodes/%1/settings/schema").arg(id));
        QVERIFY(!kept.isString());
        QTest::keyClicks(schema->editor(), s("\"}"));
        QVERIFY(schema->isValid());
        QCOMPARE(at(QStringLiteral("/nodes/%1/settings/schema/type").arg(id)).toString(), s("object"));
        QTest::keyClick(mode, Qt::Key_Down);
        QVERIFY(shown("field-rule") && shown("field-model"));
        auto *model = field<FormViewModel>("settings-form", "field-model");
        model->connectionBox()->setFocus();
        QTest::keyClick(model->connectionBox(), Qt::Key_Down);
        QTest::keyClick(model->connectionBox(), Qt::Key_Home);
        QVERIFY(!at(QStringLiteral("/nodes/%1/settings/model/connection").arg(id)).toString().isEmpty());
    }

    void routesAndTheirConnections()
    {
        select({s("n2")});
        auto *routes = field<FormViewRows>("settings-form", "field-routes");
        QCOMPARE(routes->count(), 2);
        auto *rule = find<QLineEdit>(routes, "rule-0");
        rule->setFocus();
        rule->selectAll();
        QTest::keyClicks(rule, s("input.length > 3"));
        QCOMPARE(at(s("/nodes/n2/settings/routes/0/rule")).toString(), s("input.length > 3"));
        QTest::mouseClick(find<QPushButton>(routes, "add-row"), Qt::LeftButton);
        QCOMPARE(at(s("/nodes/n2/settings/routes/2/id")).toString(), s("r3"));
        QTest::keyClicks(find<QLineEdit>(routes, "title-2"), s("Praise"));
        QCOMPARE(at(s("/nodes/n2/settings/routes/2/title")).toString(), s("Praise"));
        // Where nothing fits is chosen by title.
        auto *otherwise = field<QComboBox>("settings-form", "field-otherwise");
        QCOMPARE(otherwise->currentText(), s("Technical"));
        otherwise->setFocus();
        QTest::keyClick(otherwise, Qt::Key_End);
        QCOMPARE(at(s("/nodes/n2/settings/otherwise")).toString(), s("r3"));
        UiFixture::shoot(m_inspector.get(), s("inspector-router"));
        // A route that goes takes its connection along, in the same edit, and says so.
        const qsizetype edits = m_done.size();
        QTest::mouseClick(find<QAbstractButton>(routes, "remove-0"), Qt::LeftButton);
        QCOMPARE(m_done.size(), edits + 1);
        QCOMPARE(at(s("/nodes/n2/settings/routes")).toArray().size(), 2);
        QVERIFY(at(s("/edges/e2")).isUndefined());
        QVERIFY(!at(s("/edges/e3")).isUndefined());
        QCOMPARE(m_notes.size(), 1);
        QVERIFY2(m_notes.first().contains(s("Ctrl+Z")), qPrintable(m_notes.first()));
        // Moving one keeps its id and so its connection.
        QTest::mouseClick(find<QAbstractButton>(routes, "down-0"), Qt::LeftButton);
        QCOMPARE(at(s("/nodes/n2/settings/routes/1/id")).toString(), s("r2"));
        QVERIFY(!at(s("/edges/e3")).isUndefined());
    }

    void valuesByName()
    {
        const QString id = setNode(NodeKind::Tool, {{s("tool"), s("calculator")}, {s("arguments"), QJsonObject{{s("expression"), s("{{input}}")}, {s("digits"), 3}}}});
        auto *rows = field<FormViewRows>("settings-form", "field-arguments");
        QVERIFY(rows);
        QCOMPARE(rows->count(), 2);
        QCOMPARE(find<QLineEdit>(rows, "value-0")->text(), s("3"));
        auto *value = find<QLineEdit>(rows, "value-1");
        QCOMPARE(value->text(), s("{{input}}"));
        value->setFocus();
        QTest::keyClick(value, Qt::Key_End);
        QTest::keyClicks(value, s("+1"));
        const QString base = QStringLiteral("/nodes/%1/settings/arguments").arg(id);
        QCOMPARE(at(base + s("/expression")).toString(), s("{{input}}+1"));
        QCOMPARE(at(base + s("/digits")), QJsonValue(3));
        QTest::mouseClick(find<QPushButton>(rows, "add-row"), Qt::LeftButton);
        QCOMPARE(rows->count(), 3);
        QVERIFY(at(base).toObject().size() == 3);
    }

    void inlineAgentsAreWrittenHere()
    {
        const QString id = setNode(NodeKind::Agent);
        const QString base = QStringLiteral("/nodes/%1/settings/").arg(id);
        auto *instructions = field<CodeEditor>("settings-form", "field-inline-instructions");
        auto *reference = field<FormViewReference>("settings-form", "field-agent");
        reference->box()->setFocus();
        QTest::keyClick(reference->box(), Qt::Key_End);
        QVERIFY(!instructions->isVisibleTo(m_inspector.get()));
        QTest::keyClick(reference->box(), Qt::Key_Home);
        QVERIFY(at(base + s("agent")).toString().isEmpty());
        QVERIFY(instructions->isVisibleTo(m_inspector.get()));
        instructions->setFocus();
        instructions->selectAll();
        QTest::keyClicks(instructions, s("Be brief."));
        QCOMPARE(at(base + s("inline/instructions")).toString(), s("Be brief."));
        auto *tools = field<FormViewRows>("settings-form", "field-inline-tools");
        QTest::mouseClick(find<QPushButton>(tools, "add-row"), Qt::LeftButton);
        QVERIFY(!at(base + s("inline/tools/0/tool")).toString().isEmpty());
        auto *flag = field<QCheckBox>("settings-form", "field-conversation");
        QTest::mouseClick(flag, Qt::LeftButton, Qt::NoModifier, QPoint(8, flag->height() / 2));
        QCOMPARE(at(base + s("conversation")), QJsonValue(true));
    }

    void problemsStandUnderTheirField()
    {
        select({s("n3")});
        Problem one, other, elsewhere;
        one.severity = Problem::Severity::Error;
        one.pointer = s("/nodes/n3/settings/agent");
        one.message = s("There is no agent triage.");
        one.fix = s("Choose another.");
        other.pointer = s("/nodes/n3");
        other.message = s("Nothing leads here.");
        elsewhere.pointer = s("/nodes/n33/settings/agent");
        elsewhere.message = s("Not mine.");
        m_inspector->setProblems({one, other, elsewhere});
        QCOMPARE(form("settings-form")->problem(s("agent")), s("There is no agent triage. Choose another."));
        auto *general = find<InlineMessage>(m_inspector.get(), "inspector-problem");
        QVERIFY(general->isVisible());
        QCOMPARE(general->text(), s("Nothing leads here."));
        UiFixture::shoot(m_inspector.get(), s("inspector-problems"));
        select({s("n4")});
        QVERIFY(form("settings-form")->problem(s("agent")).isEmpty());
        QVERIFY(!general->isVisible());
        m_inspector->focusPointer(s("/nodes/n4/settings/message"));
        QVERIFY(field<CodeEditor>("settings-form", "field-message")->hasFocus());
    }

    void severalAreAligned()
    {
        select({s("n3"), s("n4"), s("e1")});
        QCOMPARE(find<QLabel>(m_inspector.get(), "inspector-many")->text(), s("2 nodes, 1 connection"));
        QSignalSpy align(m_inspector.get(), &NodeInspector::alignRequested);
        QTest::mouseClick(find<QPushButton>(m_inspector.get(), "align-left"), Qt::LeftButton);
        QCOMPARE(align.size(), 1);
        QCOMPARE(align.first().first().value<Alignment>(), Alignment::Left);
        QVERIFY(!find<QPushButton>(m_inspector.get(), "align-distribute-h")->isEnabled()); // two have nothing between them
        UiFixture::shoot(m_inspector.get(), s("inspector-many"));
    }

    void edgesFramesAndNotes()
    {
        select({s("e3")});
        QVERIFY(find<ElidedLabel>(m_inspector.get(), "inspector-edge")->text().startsWith(s("Desk")));
        auto *label = field<QLineEdit>("edge-form", "field-label");
        label->setFocus();
        QTest::keyClicks(label, s("else"));
        QCOMPARE(at(s("/edges/e3/label")).toString(), s("else"));
        QTest::keyClick(label, Qt::Key_Backspace);
        label->selectAll();
        QTest::keyClick(label, Qt::Key_Delete);
        QVERIFY(at(s("/edges/e3/label")).isUndefined());
        select({s("f1")});
        auto *title = field<QLineEdit>("part-form", "field-title");
        QCOMPARE(title->text(), s("Specialists"));
        title->setFocus();
        title->selectAll();
        QTest::keyClicks(title, s("Experts"));
        QCOMPARE(at(s("/layout/frames/f1/title")).toString(), s("Experts"));
        select({s("t1")});
        QCOMPARE(field<CodeEditor>("part-form", "field-text")->text(), s("Refunds go to a person."));
    }

    void valuesOfTheRun()
    {
        TeamRunView run;
        run.setTeam(m_body);
        run.setTrace(deskRun().trace());
        m_inspector->setRun(&run, RunId{7});
        select({s("n4")});
        auto *panel = find<TeamNodePanel>(m_inspector.get(), "node-run");
        QVERIFY(panel->isVisible());
        QCOMPARE(find<TeamValueView>(panel, "node-run-value-0")->text(), s("The app crashes when I open a report."));
        QVERIFY(find<TeamValueView>(panel, "node-run-value-1")->value().isObject());
        QVERIFY2(find<ElidedLabel>(panel, "node-run-line")->text().contains(s("3 calls")), qPrintable(find<ElidedLabel>(panel, "node-run-line")->text()));
        UiFixture::shoot(m_inspector.get(), s("inspector-run"));
        // One of several: the body ran twice.
        select({s("n8")});
        auto *steps = find<QComboBox>(panel, "node-run-steps");
        QCOMPARE(steps->count(), 2);
        QCOMPARE(steps->currentIndex(), 1);
        QVERIFY2(steps->itemText(0).contains(s("iteration 0")), qPrintable(steps->itemText(0)));
        steps->setFocus();
        QTest::keyClick(steps, Qt::Key_Up);
        QCOMPARE(find<TeamValueView>(panel, "node-run-value-0")->text(), s("draft 0"));
        QSignalSpy again(m_inspector.get(), &NodeInspector::runFromRequested);
        QTest::mouseClick(find<QPushButton>(panel, "node-run-again"), Qt::LeftButton);
        QCOMPARE(again.size(), 1);
        QCOMPARE(again.first().first().toString(), s("1.5.1.1"));
        QSignalSpy opened(m_inspector.get(), &NodeInspector::openRequested);
        QTest::mouseClick(find<QAbstractButton>(panel, "node-run-trace"), Qt::LeftButton);
        QCOMPARE(opened.first().first().value<Location>(), Location::ofRun(RunId{7}, s("1.5.1.1")));
        // An edge shows what flowed.
        select({s("e8")});
        auto *flow = find<TeamNodePanel>(m_inspector.get(), "edge-run");
        QVERIFY(flow->isVisible());
        QCOMPARE(find<TeamValueView>(flow, "node-run-value-0")->text(), s("shorter 1"));
        select({s("e2")});
        QVERIFY(find<ElidedLabel>(flow, "node-run-line")->text().contains(s("Nothing")));
        select({s("n3")});
        QVERIFY2(find<ElidedLabel>(panel, "node-run-line")->text().startsWith(s("Skipped")), qPrintable(find<ElidedLabel>(panel, "node-run-line")->text()));
        m_inspector->setRun(nullptr, RunId());
        QVERIFY(!panel->isVisible());
    }

    void readOnlyShowsAndChangesNothing()
    {
        m_inspector->setEditable(false);
        select({s("n2")});
        auto *title = find<QLineEdit>(field<FormViewRows>("settings-form", "field-routes"), "title-0");
        title->setFocus();
        QTest::keyClicks(title, s("x"));
        auto *name = field<QLineEdit>("name-form", "field-name");
        name->setFocus();
        QTest::keyClicks(name, s("x"));
        QVERIFY(!field<QComboBox>("settings-form", "field-mode")->isEnabled());
        select({s("n3")});
        QTest::keyClicks(field<CodeEditor>("settings-form", "field-message"), s("x"));
        QVERIFY(m_done.isEmpty());
    }

    void undoKeysGoToTheDraft()
    {
        select({s("n3")});
        QSignalSpy undone(m_inspector.get(), &NodeInspector::undoRequested), redone(m_inspector.get(), &NodeInspector::redoRequested);
        auto *message = field<CodeEditor>("settings-form", "field-message");
        message->setFocus();
        QTest::keyClicks(message, s("x"));
        QTest::keyClick(message, Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(undone.size(), 1);
        QTest::keyClick(field<QLineEdit>("name-form", "field-name"), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(redone.size(), 1);
        QVERIFY(message->text().contains(QLatin1Char('x'))); // the field did not undo by itself
    }

    void everyKindHasAForm()
    {
        for (const NodeKindInfo &info : nodeKinds()) {
            setNode(info.kind);
            for (const FormFieldInfo &of : nodeForm(info.kind)) {
                QString name = s("field-") + of.key;
                QVERIFY2(form("settings-form")->findChild<QWidget *>(name.replace(QLatin1Char('/'), QLatin1Char('-'))), qPrintable(info.title + name));
            }
            QVERIFY2(m_done.isEmpty(), qPrintable(info.title)); // showing is no edit
        }
    }

    void brokenBodiesAreShown()
    {
        const char *const bodies[] = {
            R"({})", R"({"nodes": [], "edges": 3, "state": {}})",
            R"({"nodes": {"n1": {"kind": "teleporter", "name": 5, "settings": []}}, "edges": {"e1": {"from": "nowhere"}}})",
            R"({"nodes": {"n1": {"kind": "router", "name": "x", "settings": {"routes": {"a": 1}, "mode": 7, "otherwise": []}}}, "edges": {"e1": null}})"};
        for (const char *text : bodies) {
            useBody(*json::parseObject(text));
            for (const QStringList &ids : {QStringList{s("n1")}, {s("e1")}, {s("n1"), s("e1")}, {}, {s("gone")}})
                select(ids);
            QVERIFY(m_done.isEmpty());
        }
    }
};

QTEST_MAIN(TestNodeInspector)
#include "tst_NodeInspector.moc"
