// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ToolEditor.h"

#include "core/design/ToolSpec.h"
#include "tests/support/ScriptedHttpServer.h"
#include "tests/ui/design/UiFixture.h"
#include "ui/tools/ArgumentsForm.h"
#include "ui/tools/ToolTrialPanel.h"
#include "ui/tools/TrialResult.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/ModelField.h"
#include "ui/widgets/ProblemLine.h"

#include <QAbstractTextDocumentLayout>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTreeView>

using namespace lathe;
using namespace lathe::test;

class TestToolEditor : public QObject
{
    Q_OBJECT

    std::unique_ptr<UiFixture> m_project;
    ArtifactId m_tool;
    std::unique_ptr<ToolEditor> m_editor;

    void open(ArtifactId tool)
    {
        m_tool = tool;
        m_editor = std::make_unique<ToolEditor>(m_project->session.get(), UiFixture::theme(), m_tool);
        m_editor->resize(1240, 860);
        m_editor->show();
        QVERIFY(QTest::qWaitForWindowActive(m_editor.get()));
    }
    ToolTrialPanel *panel() { return m_editor->trial(); }
    QPushButton *button(const char *name) { return find<QPushButton>(m_editor.get(), name); }
    void choose(QComboBox *box, const QString &data)
    {
        const int row = box->findData(data);
        QVERIFY(row >= 0);
        box->setFocus();
        QTest::keyClick(box, Qt::Key_Home);
        for (int i = 0; i < row && box->currentIndex() != row; ++i) // heads of groups are stepped over
            QTest::keyClick(box, Qt::Key_Down);
        QCOMPARE(box->currentIndex(), row);
    }

private Q_SLOTS:
    void init() { m_project = std::make_unique<UiFixture>(); }
    void cleanup()
    {
        m_editor.reset();
        m_project.reset();
    }

    void calculator()
    {
        open(m_project->id(ArtifactKind::Tool, QStringLiteral("calculator")));
        auto *expression = find<CodeEditor>(m_editor.get(), "argument-expression");
        expression->setFocus();
        QTest::keyClicks(expression, QStringLiteral("(2 + 3) * 4"));
        m_editor->tryCall(); // F5 comes here
        QTRY_VERIFY_WITH_TIMEOUT(!panel()->isRunning(), 30'000);
        QVERIFY2(panel()->result()->state().startsWith(QStringLiteral("Done")), qPrintable(panel()->result()->state()));
        QCOMPARE(panel()->result()->text(), QStringLiteral("20"));
        expression->replaceText(QStringLiteral("1 / 0"));
        QTest::mouseClick(button("tool-run"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!panel()->isRunning(), 30'000);
        QVERIFY(panel()->result()->state().startsWith(QStringLiteral("Failed")));
        QVERIFY(m_editor->findChild<QWidget *>(QStringLiteral("tool-result-message"))->isVisible());
        UiFixture::shoot(m_editor.get(), QStringLiteral("tool-calculator"));
        // The history shows an older call again, and calls it again.
        auto *history = find<QListView>(m_editor.get(), "tool-history");
        QCOMPARE(history->model()->rowCount(), 2);
        const QPoint older = history->visualRect(history->model()->index(1, 0)).center();
        QTest::mouseClick(history->viewport(), Qt::LeftButton, {}, older);
        QCOMPARE(panel()->result()->text(), QStringLiteral("20"));
        QCOMPARE(expression->text(), QStringLiteral("(2 + 3) * 4"));
        QTest::mouseDClick(history->viewport(), Qt::LeftButton, {}, older);
        QTRY_COMPARE_WITH_TIMEOUT(history->model()->rowCount(), 3, 30'000);
    }

    void rawArgumentsAndTheirCheck()
    {
        open(m_project->id(ArtifactKind::Tool, QStringLiteral("calculator")));
        QTest::mouseClick(button("tool-raw"), Qt::LeftButton);
        auto *raw = find<CodeEditor>(m_editor.get(), "tool-arguments-raw");
        QVERIFY(raw->isVisible());
        raw->setFocus();
        raw->replaceText(QStringLiteral("{\"wrong\": 1}"));
        QTest::mouseClick(button("tool-run"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!panel()->isRunning(), 30'000);
        QVERIFY(panel()->result()->state().startsWith(QStringLiteral("Failed")));
        QVERIFY(panel()->result()->text().contains(QStringLiteral("expression")));
        raw->replaceText(QStringLiteral("{\"expression\": \"6*7\"}"));
        QTest::mouseClick(button("tool-run"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(panel()->result()->text(), QStringLiteral("42"), 30'000);
        QTest::mouseClick(button("tool-raw"), Qt::LeftButton);
        QCOMPARE(find<CodeEditor>(m_editor.get(), "argument-expression")->text(), QStringLiteral("6*7"));
    }

    // A wrong form: the focus goes where it is wrong, and the person is not told what a model should do.
    void wrongArgumentsTakeTheFocus()
    {
        open(m_project->id(ArtifactKind::Tool, QStringLiteral("calculator")));
        auto *field = find<CodeEditor>(m_editor.get(), "argument-expression");
        button("tool-raw")->setFocus();
        panel()->run();
        QTRY_VERIFY_WITH_TIMEOUT(!panel()->isRunning(), 30'000);
        QVERIFY(QApplication::focusWidget() && (field == QApplication::focusWidget() || field->isAncestorOf(QApplication::focusWidget())));
        const auto *message = find<InlineMessage>(m_editor.get(), "tool-result-message");
        QVERIFY(message->isVisible());
        QVERIFY2(!message->text().contains(QStringLiteral("Call the tool again")), qPrintable(message->text()));
        QVERIFY(panel()->result()->text().contains(QStringLiteral("Call the tool again"))); // as a model reads it
    }

    void sqlOnADataset()
    {
        open(m_project->id(ArtifactKind::Tool, QStringLiteral("feedback_sql")));
        const QString about = find<CodeEditor>(m_editor.get(), "tool-about")->text();
        QVERIFY2(about.contains(QStringLiteral("rating")), qPrintable(about)); // names the columns
        auto *sql = find<CodeEditor>(m_editor.get(), "argument-sql");
        QVERIFY(sql);
        sql->setFocus();
        QTest::keyClicks(sql, QStringLiteral("SELECT tier, count(*) AS n, round(avg(rating), 2) AS mean FROM feedback GROUP BY tier ORDER BY n DESC"));
        QTest::mouseClick(button("tool-run"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!panel()->isRunning(), 30'000);
        QVERIFY2(panel()->result()->state().startsWith(QStringLiteral("Done")), qPrintable(panel()->result()->text()));
        auto *table = find<QTreeView>(m_editor.get(), "tool-result-table");
        QVERIFY(table->isVisible());
        QCOMPARE(table->model()->columnCount(), 3);
        int sum = 0;
        for (int row = 0; row < table->model()->rowCount(); ++row)
            sum += table->model()->index(row, 1).data().toInt();
        QCOMPARE(sum, int(m_project->session->dataset(QStringLiteral("feedback"))->rows.size()));
        // Headings stand over their columns.
        for (int column = 0; column < 3; ++column)
            QCOMPARE(table->model()->headerData(column, Qt::Horizontal, Qt::TextAlignmentRole), table->model()->index(0, column).data(Qt::TextAlignmentRole));
        QVERIFY(table->model()->headerData(1, Qt::Horizontal, Qt::TextAlignmentRole).toInt() & Qt::AlignRight);
        UiFixture::shoot(m_editor.get(), QStringLiteral("tool-sql"));
        auto *tabs = m_editor->findChild<QTabBar *>(QStringLiteral("tool-result-tabs"));
        tabs->setCurrentIndex(1);
        UiFixture::shoot(m_editor.get(), QStringLiteral("tool-sql-json"));
    }

    void changingTheTypeIsOneStep()
    {
        open(m_project->make(ArtifactKind::Tool, QStringLiteral("mine"), toolType(QStringLiteral("calculator"))->defaultBody));
        auto *purpose = find<CodeEditor>(m_editor.get(), "tool-purpose");
        purpose->setFocus();
        purpose->replaceText(QStringLiteral("Ask the price list."));
        const QJsonObject before = m_project->body(m_tool);
        choose(find<QComboBox>(m_editor.get(), "tool-type"), QStringLiteral("sql"));
        QCOMPARE(m_project->body(m_tool).value(QStringLiteral("type")).toString(), QStringLiteral("sql"));
        QCOMPARE(m_project->body(m_tool).value(QStringLiteral("purpose")).toString(), QStringLiteral("Ask the price list."));
        // The settings of the new type are there, and what is wrong with them stands below them.
        auto *path = find<QLineEdit>(m_editor.get(), "tool-config-path");
        QVERIFY(path);
        QTRY_VERIFY_WITH_TIMEOUT(path->isVisible(), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(m_editor->findChild<QWidget *>(QStringLiteral("tool-problems"))->isVisible(), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(m_editor->findChild<QWidget *>(QStringLiteral("tool-cannot"))->isVisible(), 30'000);
        UiFixture::shoot(m_editor.get(), QStringLiteral("tool-problems"));
        choose(find<QComboBox>(m_editor.get(), "tool-config-source"), QStringLiteral("dataset"));
        QVERIFY(!path->isVisible());
        choose(find<QComboBox>(m_editor.get(), "tool-config-dataset"), QStringLiteral("feedback"));
        QTRY_VERIFY_WITH_TIMEOUT(!m_editor->findChild<QWidget *>(QStringLiteral("tool-problems"))->isVisible(), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(find<CodeEditor>(m_editor.get(), "argument-sql"), 30'000);
        while (m_project->session->canUndo(m_tool) && m_project->body(m_tool) != before)
            QVERIFY(m_project->session->undo(m_tool).ok());
        QCOMPARE(m_project->body(m_tool), before);
        QTRY_COMPARE_WITH_TIMEOUT(find<QComboBox>(m_editor.get(), "tool-type")->currentData().toString(), QStringLiteral("calculator"), 30'000);
    }

    // A secret that nobody stored is asked for where it is missed, and the call is made again.
    void aMissingSecretIsAskedFor()
    {
        ScriptedHttpServer server;
        server.start();
        server.setHandler([](const HttpSeen &seen) { return HttpReply::text(200, seen.header("X-Key")); });
        const QJsonObject header{{QStringLiteral("X-Key"), QStringLiteral("k-{{secret:LATHE_TEST_MISSED_KEY}}")}};
        QJsonObject body = toolType(QStringLiteral("request"))->defaultBody;
        QJsonObject config = body.value(QStringLiteral("config")).toObject();
        config.insert(QStringLiteral("url"), server.url(QStringLiteral("/a")));
        config.insert(QStringLiteral("headers"), header);
        config.insert(QStringLiteral("allow_private_network"), true);
        body.insert(QStringLiteral("config"), config);
        open(m_project->make(ArtifactKind::Tool, QStringLiteral("shop"), body));
        auto *secrets = find<QWidget>(m_editor.get(), "trial-secrets");
        QTest::mouseClick(button("tool-run"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(secrets->isVisible(), 30'000);
        auto *field = find<QLineEdit>(m_editor.get(), "secret-LATHE_TEST_MISSED_KEY");
        field->setFocus();
        QTest::keyClicks(field, QStringLiteral("swordfish"));
        m_project->secrets.refuses = true;
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(find<QWidget>(m_editor.get(), "trial-secrets-problem")->isVisible(), 30'000);
        QCOMPARE(field->text(), QStringLiteral("swordfish"));
        QCOMPARE(QApplication::focusWidget(), field);
        m_project->secrets.refuses = false;
        QTest::mouseClick(button("trial-secrets-store"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(panel()->result()->state().startsWith(QStringLiteral("Done")), 30'000);
        QCOMPARE(server.requestCount(), 1); // without the secret none went out
        QVERIFY(!secrets->isVisible());
        QCOMPARE(m_project->secrets.values.value(QStringLiteral("LATHE_TEST_MISSED_KEY")), QStringLiteral("swordfish"));
    }

    void cancelEndsACall()
    {
        ScriptedHttpServer server;
        server.start();
        server.setHandler([](const HttpSeen &) { return HttpReply::never(); });
        QJsonObject body = toolType(QStringLiteral("http"))->defaultBody;
        QJsonObject config = body.value(QStringLiteral("config")).toObject();
        config.insert(QStringLiteral("allowed_hosts"), QJsonArray{QStringLiteral("127.0.0.1")});
        config.insert(QStringLiteral("allow_private_network"), true);
        body.insert(QStringLiteral("config"), config);
        open(m_project->make(ArtifactKind::Tool, QStringLiteral("web"), body));
        auto *url = m_editor->findChild<QWidget *>(QStringLiteral("argument-url"));
        QVERIFY(url);
        if (auto *line = qobject_cast<QLineEdit *>(url))
            line->setText(server.url(QStringLiteral("/slow")));
        else
            static_cast<CodeEditor *>(url)->setText(server.url(QStringLiteral("/slow")));
        QTest::mouseClick(button("tool-run"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(server.requestCount(), 1, 30'000);
        QVERIFY(panel()->isRunning());
        QVERIFY(button("tool-cancel")->isVisible());
        // All arguments can be seen while there is room, and what is set can be changed.
        auto *method = m_editor->findChild<QWidget *>(QStringLiteral("argument-method"));
        QVERIFY(method);
        QTRY_COMPARE_WITH_TIMEOUT(method->visibleRegion().boundingRect().size(), method->size(), 30'000);
        UiFixture::shoot(m_editor.get(), QStringLiteral("tool-http-running"));
        QElapsedTimer timer;
        timer.start();
        QTest::mouseClick(button("tool-cancel"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!panel()->isRunning(), 30'000);
        QVERIFY(timer.elapsed() < 120'000);
        QCOMPARE(panel()->result()->state(), QStringLiteral("Cancelled"));
        // Closing the page while a call is under way stops it too.
        QTest::mouseClick(button("tool-run"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(server.requestCount(), 2, 30'000);
        m_editor.reset();
        QVERIFY(server.waitForDisconnects(2));
    }

    // The text of a field is never cut: it grows when its lines wrap anew.
    void purposeGrowsWithItsLines()
    {
        QJsonObject body = toolType(QStringLiteral("calculator"))->defaultBody;
        body.insert(QStringLiteral("purpose"), QStringLiteral("Compute an arithmetic expression with numbers, brackets and the usual signs. "
                                                                   "Give it whole, with all its brackets, and take what it says as exact: it rounds nothing."));
        open(m_project->make(ArtifactKind::Tool, QStringLiteral("mine"), body));
        auto *purpose = find<CodeEditor>(m_editor.get(), "tool-purpose");
        const auto isWhole = [purpose] {
            const double lines = purpose->document()->documentLayout()->documentSize().height();
            return purpose->height() >= lines * QFontMetricsF(purpose->font()).lineSpacing() + 2 * purpose->document()->documentMargin();
        };
        QTRY_VERIFY_WITH_TIMEOUT(isWhole(), 30'000);
        const int before = purpose->height();
        m_editor->resize(2200, 860);
        QTRY_VERIFY2_WITH_TIMEOUT(purpose->height() < before, qPrintable(QStringLiteral("%1 %2").arg(purpose->width()).arg(before)), 30'000);
        QVERIFY(isWhole());
        m_editor->resize(1240, 860);
        QTRY_COMPARE_WITH_TIMEOUT(purpose->height(), before, 30'000);
        QVERIFY(isWhole());
    }

    // What the HTTP tool can be told stands in its form.
    void httpForm()
    {
        open(m_project->make(ArtifactKind::Tool, QStringLiteral("web"), toolType(QStringLiteral("http"))->defaultBody));
        auto *hosts = find<CodeEditor>(m_editor.get(), "tool-config-secret_hosts");
        QVERIFY(hosts);
        hosts->replaceText(QStringLiteral("api.example.com\nkeys.example.com"));
        QCOMPARE(m_project->body(m_tool).value(QStringLiteral("config"))[QLatin1String("secret_hosts")],
                 QJsonValue(QJsonArray{QStringLiteral("api.example.com"), QStringLiteral("keys.example.com")}));
        auto *bytes = find<QDoubleSpinBox>(m_editor.get(), "tool-config-max_body_bytes");
        QVERIFY(bytes);
        QCOMPARE(bytes->value(), 1024.0 * 1024);
        bytes->setFocus();
        bytes->selectAll();
        QTest::keyClicks(bytes, QStringLiteral("5000"));
        QCOMPARE(m_project->body(m_tool).value(QStringLiteral("config"))[QLatin1String("max_body_bytes")].toInteger(), 5000);
        // No headers look like none; two braces that are typed stay.
        auto *headers = find<CodeEditor>(m_editor.get(), "tool-config-headers");
        QCOMPARE(headers->text(), QString());
        headers->replaceText(QStringLiteral("{\"X-Team\": \"red\"}"));
        headers->replaceText(QStringLiteral("{}"));
        QTest::qWait(30);
        QCOMPARE(headers->text(), QStringLiteral("{}"));
        QVERIFY(m_project->session->undo(m_tool).ok());
        QTRY_VERIFY_WITH_TIMEOUT(headers->text().contains(QStringLiteral("X-Team")), 30'000);
        UiFixture::shoot(m_editor.get(), QStringLiteral("tool-http-form"));
    }

    // What may write from now on asks first, and undo takes both back in one step.
    void writingAsks()
    {
        open(m_project->make(ArtifactKind::Tool, QStringLiteral("notes"), toolType(QStringLiteral("files"))->defaultBody));
        const QJsonObject before = m_project->body(m_tool);
        auto *box = find<QCheckBox>(m_editor.get(), "tool-config-writable");
        box->click();
        QCOMPARE(m_project->body(m_tool).value(QStringLiteral("config"))[QLatin1String("writable")], QJsonValue(true));
        QCOMPARE(m_project->body(m_tool).value(QStringLiteral("approval")).toString(), QStringLiteral("ask"));
        QCOMPARE(find<QComboBox>(m_editor.get(), "tool-approval")->currentData().toString(), QStringLiteral("ask"));
        QVERIFY(m_project->session->undo(m_tool).ok());
        QTRY_COMPARE_WITH_TIMEOUT(m_project->body(m_tool), before, 30'000);
    }

    // Words that nobody wrote follow what the tool can do; somebody's own stay.
    void thePurposeOfSqlFollowsItsMode()
    {
        const auto at = [this](const char *key) { return m_project->body(m_tool).value(QLatin1String(key)).toString(); };
        QJsonObject body = toolType(QStringLiteral("sql"))->defaultBody;
        open(m_project->make(ArtifactKind::Tool, QStringLiteral("shop"), body));
        const QString reading = at("purpose");
        QVERIFY(reading.contains(QStringLiteral("SELECT")));
        choose(find<QComboBox>(m_editor.get(), "tool-config-mode"), QStringLiteral("write"));
        QVERIFY2(at("purpose").contains(QStringLiteral("change")), qPrintable(at("purpose")));
        QCOMPARE(at("approval"), QStringLiteral("ask"));
        QVERIFY(m_project->session->undo(m_tool).ok()); // one step
        QCOMPARE(m_project->body(m_tool), body);
        QTRY_COMPARE_WITH_TIMEOUT(find<QComboBox>(m_editor.get(), "tool-config-mode")->currentData().toString(), QStringLiteral("read"), 30'000);
        choose(find<QComboBox>(m_editor.get(), "tool-config-mode"), QStringLiteral("write"));
        choose(find<QComboBox>(m_editor.get(), "tool-config-mode"), QStringLiteral("read"));
        QCOMPARE(at("purpose"), reading);
        QVERIFY(m_project->session->edit(m_tool, QStringLiteral("/purpose"), QStringLiteral("Ask the shop."), QStringLiteral("test")).ok());
        choose(find<QComboBox>(m_editor.get(), "tool-config-mode"), QStringLiteral("write"));
        QCOMPARE(at("purpose"), QStringLiteral("Ask the shop."));
    }

    // The model that a server may ask: chosen as an agent's, kept as CONNECTION/MODEL; what is not there is said.
    void theModelOfAServer()
    {
        const auto model = [this] { return m_project->body(m_tool).value(QStringLiteral("config"))[QLatin1String("sampling_model")].toString(); };
        const auto problem = [this] {
            for (const auto *line : find<ModelField>(m_editor.get(), "tool-config-sampling_model")->findChildren<ProblemLine *>())
                return line->text();
            return QString();
        };
        QJsonObject body = toolType(QStringLiteral("mcp"))->defaultBody;
        QJsonObject config = body.value(QStringLiteral("config")).toObject();
        config.insert(QStringLiteral("command"), QStringLiteral("no-such-program"));
        config.insert(QStringLiteral("sampling_model"), QStringLiteral("gone/org/model"));
        body.insert(QStringLiteral("config"), config);
        open(m_project->make(ArtifactKind::Tool, QStringLiteral("tracker"), body));
        auto *connection = find<QComboBox>(m_editor.get(), "tool-config-sampling_model-connection");
        auto *name = find<ModelBox>(m_editor.get(), "tool-config-sampling_model-model");
        QCOMPARE(connection->currentText(), QStringLiteral("gone"));
        QCOMPARE(name->currentText(), QStringLiteral("org/model"));
        QVERIFY(problem().contains(QStringLiteral("gone")));
        choose(connection, QString()); // none
        QCOMPARE(model(), QString());
        QVERIFY(!name->isVisible());
        QVERIFY(problem().isEmpty());
        choose(connection, QStringLiteral("offline"));
        QTRY_VERIFY_WITH_TIMEOUT(!name->models().isEmpty(), 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(model(), QStringLiteral("offline/") + name->models().first(), 30'000); // it has one
        QTRY_COMPARE_WITH_TIMEOUT(name->currentText(), name->models().first(), 30'000);
        UiFixture::shoot(m_editor.get(), QStringLiteral("tool-mcp-model"));
        name->lineEdit()->selectAll();
        QTest::keyClicks(name->lineEdit(), QStringLiteral("other"));
        QCOMPARE(model(), QStringLiteral("offline/other"));
        QVERIFY(problem().contains(QStringLiteral("other")));
    }

    void usersAreLinks()
    {
        open(m_project->id(ArtifactKind::Tool, QStringLiteral("feedback_sql")));
        QSignalSpy opened(m_editor.get(), &ToolEditor::openRequested);
        auto *link = m_editor->findChild<QAbstractButton *>(QStringLiteral("used-by-analyst"));
        QVERIFY(link);
        link->click();
        QCOMPARE(opened.first().first().value<Location>().artifact, m_project->id(ArtifactKind::Agent, QStringLiteral("analyst")));
    }

    void limitsAndPolicy()
    {
        open(m_project->id(ArtifactKind::Tool, QStringLiteral("calculator")));
        choose(find<QComboBox>(m_editor.get(), "tool-approval"), QStringLiteral("ask"));
        QCOMPARE(m_project->body(m_tool).value(QStringLiteral("approval")).toString(), QStringLiteral("ask"));
        choose(find<QComboBox>(m_editor.get(), "tool-idempotent"), QStringLiteral("no"));
        QCOMPARE(m_project->body(m_tool).value(QStringLiteral("idempotent")), QJsonValue(false));
        choose(find<QComboBox>(m_editor.get(), "tool-idempotent"), QString());
        QVERIFY(!m_project->body(m_tool).contains(QStringLiteral("idempotent")));
        auto *calls = m_editor->findChild<QAbstractSpinBox *>(QStringLiteral("tool-limit-calls"));
        calls->setFocus();
        QTest::keyClick(calls, Qt::Key_Up);
        QCOMPARE(m_project->body(m_tool).value(QStringLiteral("limits"))[QLatin1String("calls_per_run")].toInt(), 21);
    }

    void callsAreKeptAsExamplesAndMocks()
    {
        open(m_project->id(ArtifactKind::Tool, QStringLiteral("calculator")));
        find<CodeEditor>(m_editor.get(), "argument-expression")->replaceText(QStringLiteral("6 * 7"));
        QVERIFY(!button("tool-save-mock")->isVisible()); // nothing to keep yet
        QTest::mouseClick(button("tool-run"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(panel()->result()->text(), QStringLiteral("42"), 30'000);
        QTest::mouseClick(button("tool-save-example"), Qt::LeftButton);
        auto *name = m_editor->findChild<QLineEdit *>(QStringLiteral("tool-example-name"));
        QVERIFY(name);
        QCOMPARE(name->text(), QStringLiteral("6 * 7"));
        QTest::keyClick(name, Qt::Key_Return);
        QCOMPARE(m_project->body(m_tool).value(QStringLiteral("examples"))[0][QLatin1String("arguments")][QLatin1String("expression")].toString(), QStringLiteral("6 * 7"));
        QTRY_COMPARE_WITH_TIMEOUT(button("tool-examples")->text(), QStringLiteral("Examples (1)"), 30'000);

        // The mock answers the same to the same arguments, without the tool.
        QSignalSpy opened(m_editor.get(), &ToolEditor::openRequested);
        QTest::mouseClick(button("tool-save-mock"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(opened.size(), 1, 30'000);
        const ArtifactId mock = opened.first().first().value<Location>().artifact;
        const QJsonObject body = m_project->body(mock);
        QCOMPARE(body.value(QStringLiteral("type")).toString(), QStringLiteral("mock"));
        const auto answer = await(m_project->session->tryTool(QStringLiteral("calculator mock"), body, QStringLiteral("{\"expression\": \"6 * 7\"}"), CancelSource().token()));
        QVERIFY2(answer.ok(), answer ? "" : qPrintable(answer.error().message));
        QVERIFY2(answer->outcome.text.contains(QStringLiteral("42")), qPrintable(answer->outcome.text));
        QVERIFY(!answer->outcome.isError);
    }

    void revisionsAndWhatTheyChanged()
    {
        open(m_project->id(ArtifactKind::Tool, QStringLiteral("calculator")));
        const int before = m_project->session->project().artifacts().info(m_tool)->latestNumber;
        QVERIFY(m_project->session->edit(m_tool, QStringLiteral("/approval"), QStringLiteral("ask"), QStringLiteral("Ask")).ok());
        QVERIFY(await(m_project->session->commit(m_tool, QStringLiteral("Ask each time"))).ok());
        QVERIFY(m_project->session->edit(m_tool, QStringLiteral("/limits/calls_per_run"), 500, QStringLiteral("More")).ok());
        QVERIFY(await(m_project->session->commit(m_tool, QString())).ok());
        m_editor->showRevision(before + 2);
        auto *summary = m_editor->findChild<QLabel *>(QStringLiteral("tool-revision-summary"));
        QTRY_COMPARE_WITH_TIMEOUT(summary->text(), QStringLiteral("1 change, 1 lets more through"), 30'000);
        m_editor->showRevision(before + 1);
        QTRY_COMPARE_WITH_TIMEOUT(summary->text(), QStringLiteral("1 change"), 30'000);
        UiFixture::shoot(m_editor.get(), QStringLiteral("tool-revisions"));
        QTest::mouseClick(button("tool-revision-restore"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(m_project->body(m_tool).value(QStringLiteral("limits"))[QLatin1String("calls_per_run")].toInt(), 20, 30'000);
    }

    void useByRuns()
    {
        RunRequest request;
        request.agent = QStringLiteral("analyst");
        request.input.text = QStringLiteral("How many negative reviews are about Export, and which product area has the lowest average rating?");
        const auto run = await(m_project->session->startRun(request));
        QVERIFY(run.ok());
        QVERIFY(await(m_project->session->finished(*run)).ok());
        open(m_project->id(ArtifactKind::Tool, QStringLiteral("feedback_sql")));
        QSignalSpy opened(m_editor.get(), &ToolEditor::openRequested);
        m_editor->showPart(ToolEditor::Part::Usage);
        auto *table = find<QTreeView>(m_editor.get(), "tool-usage-table");
        QTRY_VERIFY_WITH_TIMEOUT(table->isVisible(), 30'000);
        QVERIFY(m_editor->findChild<QLabel *>(QStringLiteral("tool-usage-summary"))->text().contains(QStringLiteral("call")));
        UiFixture::shoot(m_editor.get(), QStringLiteral("tool-usage"));
        Q_EMIT table->activated(table->model()->index(0, 0));
        // Narrow: what matters less goes; nothing scrolls sideways.
        const int before = table->header()->count() - table->header()->hiddenSectionCount();
        auto *page = table->parentWidget();
        page->setParent(nullptr);
        page->resize(330, 600);
        page->show();
        QTRY_COMPARE_WITH_TIMEOUT(table->horizontalScrollBar()->maximum(), 0, 30'000);
        QVERIFY(table->header()->count() - table->header()->hiddenSectionCount() < before);
        for (const int column : {2, 3}) // calls and what failed are always there
            QVERIFY(!table->isColumnHidden(column));
        UiFixture::shoot(page, QStringLiteral("tool-usage-narrow"));
        page->resize(900, 600);
        QCOMPARE(table->header()->count() - table->header()->hiddenSectionCount(), before);
        delete page;
        QCOMPARE(opened.size(), 1);
        QCOMPARE(opened.first().first().value<Location>().query, QStringLiteral("tool:feedback_sql"));
    }

    // Every type opens, shows its settings and is described or says why not.
    void everyType()
    {
        for (const ToolTypeInfo &type : toolTypes()) {
            open(m_project->make(ArtifactKind::Tool, QStringLiteral("a ") + type.type, type.defaultBody));
            QCOMPARE(find<QComboBox>(m_editor.get(), "tool-type")->currentData().toString(), type.type);
            for (const SettingField &field : type.fields)
                QVERIFY2(m_editor->findChild<QWidget *>(QStringLiteral("tool-config-") + field.pointer.section(QLatin1Char('/'), -1)), qPrintable(type.type + field.pointer));
            QCOMPARE(m_project->body(m_tool), type.defaultBody); // looking changes nothing
            UiFixture::shoot(m_editor.get(), QStringLiteral("tool-type-") + type.type);
        }
    }
};

QTEST_MAIN(TestToolEditor)
#include "tst_ToolEditor.moc"
