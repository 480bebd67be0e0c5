// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/McpServerPanel.h"

#include "core/base/Json.h"
#include "core/session/McpHub.h"
#include "tests/ui/design/UiFixture.h"
#include "ui/tools/AddToolChoices.h"
#include "ui/tools/AddToolSheet.h"
#include "ui/tools/ConsentHost.h"
#include "ui/tools/McpLogView.h"
#include "ui/tools/McpPicker.h"
#include "ui/tools/McpPromptsPage.h"
#include "ui/tools/McpResourcesPage.h"
#include "ui/tools/McpToolsPage.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/StatusGlyph.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QLineEdit>
#include <QListView>
#include <QSignalSpy>
#include <QTabBar>
#include <QVBoxLayout>

using namespace lathe;
using namespace lathe::test;

namespace {
const QString script = QString::fromUtf8(LATHE_SOURCE_DIR) + QStringLiteral("/tests/support/mcp/travel_desk.py");

QString command(const QString &options = QString())
{
    return (QStringLiteral("python3 ") + script + QLatin1Char(' ') + options).trimmed();
}

QJsonObject bodyOf(const QString &commandLine)
{
    const auto import = parseMcpServers(commandLine);
    if (!import || import->servers.empty())
        qFatal("no server in %s", qPrintable(commandLine));
    return import->servers.front().body;
}

// With ' for ", since moc stumbles over raw literals.
QString petShop()
{
    return QStringLiteral("{'openapi':'3.0.3','info':{'title':'Pet shop','version':'1.2'},'servers':[{'url':'https://pets.example.com/v1'}],"
                          "'components':{'securitySchemes':{'key':{'type':'apiKey','in':'header','name':'X-Key'}}},'security':[{'key':[]}],'paths':{"
                          "'/pets':{'get':{'operationId':'listPets','tags':['pets'],'summary':'All pets','responses':{'200':{'description':'ok'}}},"
                          "'post':{'operationId':'addPet','tags':['pets'],'summary':'A new pet','requestBody':{'content':{'application/json':{'schema':"
                          "{'type':'object','properties':{'name':{'type':'string'}}}}}},'responses':{'201':{'description':'ok'}}}},"
                          "'/orders/{id}':{'get':{'operationId':'getOrder','tags':['orders'],'summary':'One order','parameters':[{'name':'id','in':'path',"
                          "'required':true,'schema':{'type':'integer'}}],'responses':{'200':{'description':'ok'}}}}}}")
        .replace(QLatin1Char('\''), QLatin1Char('"'));
}

QStringList names(const QJsonObject &body)
{
    QStringList list;
    for (const ToolFunction &function : toolFunctions(body.value(QStringLiteral("config")).toObject()))
        list.append(function.name);
    return list;
}
}

// The add sheet, the server's panel and consents outside of runs, with a real server program (tests/support/mcp/travel_desk.py).
class TestMcpServerPanel : public QObject
{
    Q_OBJECT

    std::unique_ptr<UiFixture> m_project;
    std::unique_ptr<QWidget> m_window;

    Session *session() { return m_project->session.get(); }
    template<typename T>
    T *in(QWidget *of, const char *name)
    {
        T *found = of->findChild<T *>(QString::fromLatin1(name));
        if (!found)
            qFatal("no %s", name);
        return found;
    }
    AddToolSheet *sheet()
    {
        auto *made = new AddToolSheet(session(), UiFixture::theme(), m_window.get());
        made->open();
        return made;
    }
    McpServerPanel *panel(ArtifactId tool)
    {
        auto *made = new McpServerPanel(session(), UiFixture::theme(), tool, m_window.get());
        m_window->layout()->addWidget(made);
        made->show();
        return made;
    }
    QString state(QWidget *of) { return in<Label>(of, "mcp-state")->text(); }

private Q_SLOTS:
    void init()
    {
        m_project = std::make_unique<UiFixture>();
        m_window = std::make_unique<QWidget>();
        new QVBoxLayout(m_window.get());
        m_window->resize(900, 820);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    }
    void cleanup()
    {
        m_window.reset();
        m_project.reset();
    }

    void aCommandBecomesATool()
    {
        AddToolSheet *add = sheet();
        QSignalSpy created(add, &AddToolSheet::created);
        QSignalSpy opened(add, &AddToolSheet::openRequested);
        auto *input = in<CodeEditor>(add, "add-input");
        QVERIFY(input->hasFocus());
        UiFixture::shoot(m_window.get(), QStringLiteral("add-tool"));
        input->replaceText(command(QStringLiteral("--slow 1")));
        QCOMPARE(in<Label>(add, "add-reading")->text(), QStringLiteral("MCP server"));
        QTest::keyClick(input, Qt::Key_Return);
        auto *go = in<QAbstractButton>(add, "add-primary");
        QCOMPARE(go->text(), QStringLiteral("Start and look"));
        QVERIFY(in<InlineMessage>(add, "add-server-message")->isVisible()); // says that a program is started
        in<QLineEdit>(add, "add-server-name")->clear();
        QTest::keyClicks(in<QLineEdit>(add, "add-server-name"), QStringLiteral("travel"));
        UiFixture::shoot(m_window.get(), QStringLiteral("add-tool-server"));
        go->click();
        QTRY_VERIFY_WITH_TIMEOUT(in<CodeEditor>(add, "add-server-log")->text().contains(QStringLiteral("fetching timetables")), 30'000);
        QVERIFY(in<Label>(add, "add-server-progress")->isVisible());
        QVERIFY(!go->isEnabled());
        UiFixture::shoot(m_window.get(), QStringLiteral("add-tool-starting"));
        QTRY_COMPARE_WITH_TIMEOUT(go->text(), QStringLiteral("Add 5 tools"), 20'000);
        QVERIFY(in<Label>(add, "add-server-found")->text().contains(QStringLiteral("Travel desk 1.4.0")));
        // One is switched off with the keyboard.
        auto *choices = add->findChild<AddToolChoices *>();
        choices->setCurrent(QStringLiteral("cancel_booking"));
        QTest::keyClick(choices->list()->view(), Qt::Key_Space);
        QCOMPARE(go->text(), QStringLiteral("Add 4 tools"));
        UiFixture::shoot(m_window.get(), QStringLiteral("add-tool-found"));
        QTest::mouseClick(add, Qt::LeftButton, {}, QPoint(5, 5)); // beside the sheet: nothing that was begun is lost
        QVERIFY(add->isOpen());
        in<QLineEdit>(add, "choices-search")->setFocus();
        QTest::keyClick(in<QLineEdit>(add, "choices-search"), Qt::Key_Return, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(created.size(), 1, 30'000);
        const ArtifactId id = opened.first().first().value<Location>().artifact;
        QCOMPARE(session()->project().artifacts().info(id)->name, QStringLiteral("travel"));
        const QJsonObject body = m_project->body(id);
        QCOMPARE(names(body).size(), 5);
        for (const ToolFunction &function : toolFunctions(body.value(QStringLiteral("config")).toObject()))
            QCOMPARE(function.enabled, function.name != QLatin1String("cancel_booking"));
        // The connection is the project's now.
        QCOMPARE(int(session()->mcp().stateOf(id, QStringLiteral("travel"), body).state), int(McpClient::State::Ready));
    }

    void aStartThatFailsSaysWhyAndIsTriedAgain()
    {
        AddToolSheet *add = sheet();
        add->setInput(command(QStringLiteral("--crash")));
        auto *go = in<QAbstractButton>(add, "add-primary");
        go->click();
        go->click();
        QTRY_COMPARE_WITH_TIMEOUT(go->text(), QStringLiteral("Try again"), 20'000);
        QCOMPARE(int(in<InlineMessage>(add, "add-server-message")->severity()), int(Severity::Error));
        QVERIFY(!in<InlineMessage>(add, "add-server-message")->text().isEmpty());
        QVERIFY(in<CodeEditor>(add, "add-server-log")->text().contains(QStringLiteral("timetable.db")));
        UiFixture::shoot(m_window.get(), QStringLiteral("add-tool-failed"));
        in<QAbstractButton>(add, "add-back")->click();
        QCOMPARE(in<CodeEditor>(add, "add-input")->text(), command(QStringLiteral("--crash"))); // what was typed is kept
    }

    void aSlowStartIsStoppedAtOnce()
    {
        AddToolSheet *add = sheet();
        add->setInput(command(QStringLiteral("--slow 600")));
        in<QAbstractButton>(add, "add-primary")->click();
        in<QAbstractButton>(add, "add-primary")->click();
        QTRY_VERIFY_WITH_TIMEOUT(in<CodeEditor>(add, "add-server-log")->text().contains(QStringLiteral("fetching")), 30'000);
        in<QAbstractButton>(add, "add-server-stop")->click();
        QCOMPARE(in<QAbstractButton>(add, "add-primary")->text(), QStringLiteral("Try again"));
        // And a sheet that closes in the middle leaves nothing behind.
        in<QAbstractButton>(add, "add-primary")->click();
        add->dismiss();
        QTest::qWait(50);
    }

    // One pasted configuration, three servers: one answers, one crashes, one never comes. What is ready is added without the others.
    void oneOfSeveralServersHoldsUpNoOther()
    {
        const auto server = [](const QString &arguments) {
            return QStringLiteral("{\"command\": \"python3\", \"args\": [\"%1\"%2]}").arg(script, arguments);
        };
        AddToolSheet *add = sheet();
        QSignalSpy created(add, &AddToolSheet::created);
        QSignalSpy told(add, &AddToolSheet::statusMessage);
        add->setInput(QStringLiteral("{\"mcpServers\": {\"breaks\": %1, \"desk\": %2, \"slow\": %3}}")
                          .arg(server(QStringLiteral(", \"--crash\"")), server(QString()), server(QStringLiteral(", \"--slow\", \"600\""))));
        auto *go = in<QAbstractButton>(add, "add-primary");
        go->click();
        auto *list = in<QListView>(add, "add-server-list");
        const auto row = [list](int i, int role) { return list->model()->index(i, 0).data(role); };
        QCOMPARE(row(0, Qt::DisplayRole).toString(), QStringLiteral("breaks"));
        QCOMPARE(row(2, Qt::DisplayRole).toString(), QStringLiteral("slow"));
        QCOMPARE(in<LinkLabel>(add, "add-server-unseen")->text(), QStringLiteral("Add all 3"));
        QCOMPARE(go->text(), QStringLiteral("Start all and look"));
        go->click();
        QTRY_COMPARE_WITH_TIMEOUT(go->text(), QStringLiteral("Add the one that is ready"), 30'000);
        QVERIFY(go->isEnabled());
        QTRY_COMPARE_WITH_TIMEOUT(row(0, rowrole::Trailing).toString(), QStringLiteral("failed"), 30'000);
        QCOMPARE(row(1, rowrole::Trailing).toString(), QStringLiteral("5 tools"));
        QCOMPARE(row(2, rowrole::Status).toInt(), int(Status::Running));
        UiFixture::shoot(m_window.get(), QStringLiteral("add-tool-servers"));
        list->setCurrentIndex(list->model()->index(0, 0));
        QCOMPARE(in<QAbstractButton>(add, "add-server-stop")->text(), QStringLiteral("Try again"));
        QCOMPARE(int(in<InlineMessage>(add, "add-server-message")->severity()), int(Severity::Error));
        go->click();
        QTRY_COMPARE_WITH_TIMEOUT(created.size(), 1, 30'000);
        QCOMPARE(told.first().first().toString(), QStringLiteral("Added desk; not connected and not added: breaks, slow"));
        QVERIFY(!session()->project().artifacts().find(ArtifactKind::Tool, QStringLiteral("slow")));
    }

    void secretsGoToTheKeychainAndNotIntoTheProject()
    {
        AddToolSheet *add = sheet();
        add->setInput(QStringLiteral("{\"mcpServers\": {\"desk\": {\"command\": \"python3\", \"args\": [\"%1\"], \"env\": {\"DESK_API_KEY\": \"sk-live-4f9a8b7c6d5e4f3a2b1c\"}}}}").arg(script));
        auto *go = in<QAbstractButton>(add, "add-primary");
        go->click();
        QVERIFY(!in<CodeEditor>(add, "add-server-command")->text().contains(QStringLiteral("sk-live")));
        QSignalSpy created(add, &AddToolSheet::created);
        go->click();
        QTRY_COMPARE_WITH_TIMEOUT(go->text(), QStringLiteral("Add 5 tools"), 20'000);
        go->click();
        QTRY_COMPARE_WITH_TIMEOUT(created.size(), 1, 30'000);
        QVERIFY(m_project->secrets.values.values().contains(QStringLiteral("sk-live-4f9a8b7c6d5e4f3a2b1c")));
        const QJsonObject body = m_project->body(m_project->id(ArtifactKind::Tool, QStringLiteral("desk")));
        QVERIFY(!json::compactString(body).contains(QStringLiteral("sk-live")));
        QVERIFY(json::compactString(body).contains(QStringLiteral("{{secret:")));
    }

    void aKeychainThatRefusesIsExplained()
    {
        m_project->secrets.refuses = true;
        AddToolSheet *add = sheet();
        add->setInput(QStringLiteral("{\"mcpServers\": {\"desk\": {\"command\": \"python3\", \"args\": [\"%1\"], \"env\": {\"DESK_API_KEY\": \"sk-live-4f9a8b7c6d5e4f3a2b1c\"}}}}").arg(script));
        in<QAbstractButton>(add, "add-primary")->click();
        in<QAbstractButton>(add, "add-primary")->click();
        auto *message = in<InlineMessage>(add, "add-server-message");
        QTRY_COMPARE_WITH_TIMEOUT(int(message->severity()), int(Severity::Error), 30'000);
        QVERIFY2(message->text().contains(QStringLiteral("environment variable")), qPrintable(message->text()));
        QVERIFY(!message->text().contains(QStringLiteral("sk-live")));
    }

    void anApiBecomesATool()
    {
        AddToolSheet *add = sheet();
        QSignalSpy created(add, &AddToolSheet::created);
        add->setInput(petShop());
        auto *go = in<QAbstractButton>(add, "add-primary");
        go->click();
        QTRY_COMPARE_WITH_TIMEOUT(go->text(), QStringLiteral("Add 3 operations"), 20'000);
        QCOMPARE(in<QComboBox>(add, "add-api-base")->currentText(), QStringLiteral("https://pets.example.com/v1"));
        QCOMPARE(in<QComboBox>(add, "add-api-auth")->currentData().toString(), QStringLiteral("header"));
        // Only what is shown is switched: the group "orders".
        auto *groups = in<QComboBox>(add, "choices-group");
        groups->setCurrentIndex(groups->findData(QStringLiteral("orders")));
        Q_EMIT groups->activated(groups->currentIndex());
        UiFixture::shoot(m_window.get(), QStringLiteral("add-tool-api"));
        in<QAbstractButton>(add, "choices-none")->click();
        QCOMPARE(go->text(), QStringLiteral("Add 2 operations"));
        go->click();
        QTRY_COMPARE_WITH_TIMEOUT(created.size(), 1, 30'000);
        const QJsonObject body = m_project->body(created.first().first().value<QList<ArtifactId>>().first());
        QCOMPARE(body.value(QStringLiteral("type")).toString(), QStringLiteral("openapi"));
        QCOMPARE(names(body).size(), 2);
    }

    void aCurlCommandBecomesATool()
    {
        AddToolSheet *add = sheet();
        QSignalSpy created(add, &AddToolSheet::created);
        add->setInput(QStringLiteral("curl -X POST 'https://api.example.com/v1/tickets?notify=yes' -H 'Authorization: Bearer abcdef0123456789abcdef' "
                                     "--json '{\"title\": \"Printer on fire\", \"priority\": 2}'"));
        auto *go = in<QAbstractButton>(add, "add-primary");
        go->click();
        auto *request = in<CodeEditor>(add, "add-request-text");
        QVERIFY(request->text().startsWith(QStringLiteral("POST https://api.example.com/v1/tickets")));
        QVERIFY(!request->text().contains(QStringLiteral("abcdef0123456789")));
        int title = -1;
        for (int i = 0; auto *name = add->findChild<QLineEdit *>(QStringLiteral("parameter-name-%1").arg(i)); ++i)
            title = name->text() == QLatin1String("title") ? i : title;
        QVERIFY(title >= 0);
        in<QAbstractButton>(add, QByteArray("parameter-on-" + QByteArray::number(title)).constData())->click();
        QVERIFY(request->text().contains(QStringLiteral("{{title}}")));
        UiFixture::shoot(m_window.get(), QStringLiteral("add-tool-curl"));
        in<QLineEdit>(add, QByteArray("parameter-name-" + QByteArray::number(title)).constData())->clear();
        QVERIFY(go->isEnabled()); // setText by program is no edit; what follows is
        QTest::keyClicks(in<QLineEdit>(add, QByteArray("parameter-name-" + QByteArray::number(title)).constData()), QStringLiteral("what is it"));
        QVERIFY(!go->isEnabled());
        in<QLineEdit>(add, QByteArray("parameter-name-" + QByteArray::number(title)).constData())->selectAll();
        QTest::keyClicks(in<QLineEdit>(add, QByteArray("parameter-name-" + QByteArray::number(title)).constData()), QStringLiteral("title"));
        go->click();
        QTRY_COMPARE_WITH_TIMEOUT(created.size(), 1, 30'000);
        const ArtifactId id = created.first().first().value<QList<ArtifactId>>().first();
        const QJsonObject body = m_project->body(id);
        QCOMPARE(body.value(QStringLiteral("type")).toString(), QStringLiteral("request"));
        QVERIFY(!json::compactString(body).contains(QStringLiteral("abcdef0123456789")));
        const auto described = session()->describeTool(QStringLiteral("ticket"), body);
        QVERIFY2(described.ok(), qPrintable(described ? QString() : described.error().message));
    }

    void wordsFilterTheCatalogue()
    {
        AddToolSheet *add = sheet();
        QSignalSpy opened(add, &AddToolSheet::openRequested);
        auto *input = in<CodeEditor>(add, "add-input");
        QTest::keyClicks(input, QStringLiteral("arith"));
        QTRY_VERIFY_WITH_TIMEOUT(!in<QWidget>(add, "add-type-mcp")->isVisible(), 30'000);
        QTest::keyClicks(input, QStringLiteral("m"));
        QTest::keyClick(input, Qt::Key_Backspace);
        QTest::keyClick(input, Qt::Key_Escape);
        QVERIFY(!add->isOpen());
        AddToolSheet *again = sheet();
        QSignalSpy made(again, &AddToolSheet::openRequested);
        QTest::keyClicks(in<CodeEditor>(again, "add-input"), QStringLiteral("calculator"));
        QTest::keyClick(in<CodeEditor>(again, "add-input"), Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(made.size(), 1, 30'000);
        QCOMPARE(m_project->body(made.first().first().value<Location>().artifact).value(QStringLiteral("type")).toString(), QStringLiteral("calculator"));
    }

    // Connect, approve, look around.
    void theServersPanel()
    {
        const ArtifactId tool = m_project->make(ArtifactKind::Tool, QStringLiteral("travel"), bodyOf(command()));
        McpServerPanel *server = panel(tool);
        QCOMPARE(state(server), QStringLiteral("Not connected"));
        in<QAbstractButton>(server, "mcp-connect")->click();
        QTRY_COMPARE_WITH_TIMEOUT(state(server), QStringLiteral("Connected"), 20'000);
        QTRY_VERIFY_WITH_TIMEOUT(in<InlineMessage>(server, "mcp-changes")->isVisible(), 30'000);
        QVERIFY(names(m_project->body(tool)).isEmpty()); // nothing is approved by itself
        in<InlineMessage>(server, "mcp-changes")->actionButton()->click();
        QCOMPARE(names(m_project->body(tool)).size(), 5);
        QTRY_VERIFY_WITH_TIMEOUT(!in<InlineMessage>(server, "mcp-changes")->isVisible(), 30'000);
        UiFixture::shoot(m_window.get(), QStringLiteral("mcp-tools"));
        // Narrow, all tabs are still there without scrolling: the counts go into the tooltips.
        auto *tabs = in<QTabBar>(server, "mcp-tabs");
        QCOMPARE(tabs->tabText(0), QStringLiteral("Tools 5"));
        const QSize wide = m_window->size();
        m_window->setMinimumWidth(0);
        m_window->resize(340, wide.height());
        QTRY_COMPARE_WITH_TIMEOUT(tabs->tabText(0), QStringLiteral("Tools"), 30'000);
        QVERIFY2(tabs->sizeHint().width() <= tabs->width(), qPrintable(QStringLiteral("%1 in %2").arg(tabs->sizeHint().width()).arg(tabs->width())));
        QCOMPARE(tabs->tabToolTip(0), QStringLiteral("Tools 5"));
        UiFixture::shoot(m_window.get(), QStringLiteral("mcp-tools-narrow"));
        m_window->resize(wide);
        QTRY_COMPARE_WITH_TIMEOUT(tabs->tabText(0), QStringLiteral("Tools 5"), 30'000);
        auto *choices = server->findChild<AddToolChoices *>();
        choices->setCurrent(QStringLiteral("weather"));
        QTest::keyClick(choices->list()->view(), Qt::Key_Space);
        for (const ToolFunction &function : toolFunctions(m_project->body(tool).value(QStringLiteral("config")).toObject()))
            QCOMPARE(function.enabled, function.name != QLatin1String("weather"));
        QVERIFY(session()->undo(tool).ok());
        QSignalSpy tried(server, &McpServerPanel::tryRequested);
        choices->setCurrent(QStringLiteral("rates"));
        in<QAbstractButton>(server, "mcp-tool-try")->click();
        QCOMPARE(tried.first().first().toString(), QStringLiteral("rates"));
        // The log has what it wrote and said; messages only when asked for.
        server->showPart(McpServerPanel::Part::Log);
        auto *log = server->findChild<McpLogView *>();
        QTRY_VERIFY_WITH_TIMEOUT(log->shownText().contains(QStringLiteral("travel-desk 1.4.0 starting")), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(log->shownText().contains(QStringLiteral("fares of 2027")), 30'000);
        QVERIFY(!log->shownText().contains(QStringLiteral("tools/list")));
        UiFixture::shoot(m_window.get(), QStringLiteral("mcp-log"));
        auto *source = in<QComboBox>(log, "mcp-log-source");
        source->setCurrentIndex(source->findData(-2));
        QVERIFY(log->shownText().contains(QStringLiteral("tools/list")));
        auto *level = in<QComboBox>(log, "mcp-log-level");
        source->setCurrentIndex(0);
        level->setCurrentIndex(2);
        QVERIFY(log->shownText().contains(QStringLiteral("fares of 2027")));
        QVERIFY(!log->shownText().contains(QStringLiteral("desk open")));
        in<QAbstractButton>(server, "mcp-disconnect")->click();
        QTRY_COMPARE_WITH_TIMEOUT(state(server), QStringLiteral("Disconnected"), 20'000);
    }

    void resourcesAndPrompts()
    {
        const ArtifactId tool = m_project->make(ArtifactKind::Tool, QStringLiteral("travel"), bodyOf(command()));
        McpServerPanel *server = panel(tool);
        server->connectOrRefresh();
        QTRY_COMPARE_WITH_TIMEOUT(state(server), QStringLiteral("Connected"), 20'000);
        server->showPart(McpServerPanel::Part::Resources);
        auto *resources = server->findChild<McpResourcesPage *>();
        QTRY_COMPARE_WITH_TIMEOUT(resources->count(), 4, 20'000);
        auto *list = in<QListView>(resources, "mcp-resources-list");
        const auto choose = [list](const QString &title) {
            for (int row = 0; row < list->model()->rowCount(); ++row) {
                if (list->model()->index(row, 0).data().toString() == title)
                    list->setCurrentIndex(list->model()->index(row, 0));
            }
        };
        choose(QStringLiteral("Network map"));
        QTRY_VERIFY_WITH_TIMEOUT(in<QLabel>(resources, "mcp-resource-image")->isVisible() && !in<QLabel>(resources, "mcp-resource-image")->pixmap().isNull(), 30'000);
        choose(QStringLiteral("Timetable"));
        QTest::keyClicks(in<QLineEdit>(resources, "mcp-value-station"), QStringLiteral("LIS"));
        in<QAbstractButton>(resources, "mcp-resource-read")->click();
        QTRY_VERIFY_WITH_TIMEOUT(in<CodeEditor>(resources, "mcp-resource-text")->text().contains(QStringLiteral("IC 534")), 30'000);
        choose(QStringLiteral("Fare rules"));
        QTRY_VERIFY_WITH_TIMEOUT(in<CodeEditor>(resources, "mcp-resource-text")->text().contains(QStringLiteral("Saver")), 30'000);
        UiFixture::shoot(m_window.get(), QStringLiteral("mcp-resources"));
        const ArtifactId prompt = m_project->id(ArtifactKind::Prompt, QStringLiteral("triage-prompt"));
        resources->setPrompt(prompt);
        in<QAbstractButton>(resources, "mcp-resource-attach")->click();
        QVERIFY(m_project->body(prompt).value(QStringLiteral("text")).toString().contains(QStringLiteral("{{travel_fare_rules}}")));
        QVERIFY(session()->undo(prompt).ok());
        QVERIFY(!m_project->body(prompt).value(QStringLiteral("text")).toString().contains(QStringLiteral("{{travel_fare_rules}}")));
        // An MCP prompt as a template: what is left empty stays a variable.
        server->showPart(McpServerPanel::Part::Prompts);
        auto *prompts = server->findChild<McpPromptsPage *>();
        QTRY_COMPARE_WITH_TIMEOUT(prompts->count(), 2, 20'000);
        QTest::keyClicks(in<QLineEdit>(prompts, "mcp-argument-days"), QStringLiteral("4"));
        QSignalSpy opened(prompts, &McpPromptsPage::openRequested);
        in<QAbstractButton>(prompts, "mcp-prompt-use")->click();
        QTRY_COMPARE_WITH_TIMEOUT(opened.size(), 1, 30'000);
        UiFixture::shoot(m_window.get(), QStringLiteral("mcp-prompts"));
        const QJsonObject body = m_project->body(opened.first().first().value<Location>().artifact);
        QVERIFY(body.value(QStringLiteral("text")).toString().startsWith(QStringLiteral("Plan 4 days in {{city}}")));
        QCOMPARE(body.value(QStringLiteral("variables")).toArray().size(), 1);
    }

    // The same from a prompt's side.
    void aPromptPicks()
    {
        (void)m_project->make(ArtifactKind::Tool, QStringLiteral("travel"), bodyOf(command()));
        const ArtifactId prompt = m_project->id(ArtifactKind::Prompt, QStringLiteral("triage-prompt"));
        const QString before = m_project->body(prompt).value(QStringLiteral("text")).toString();
        auto *picker = new McpPicker(session(), UiFixture::theme(), m_window.get(), McpPicker::What::Resource, prompt);
        picker->open();
        auto *resources = picker->findChild<McpResourcesPage *>();
        QTRY_COMPARE_WITH_TIMEOUT(resources->count(), 4, 20'000);
        QTRY_VERIFY_WITH_TIMEOUT(in<CodeEditor>(resources, "mcp-resource-text")->text().contains(QStringLiteral("Saver")), 30'000);
        UiFixture::shoot(m_window.get(), QStringLiteral("mcp-picker"));
        in<QAbstractButton>(resources, "mcp-resource-attach")->click();
        QVERIFY(!picker->isOpen());
        QCOMPARE(m_project->body(prompt).value(QStringLiteral("text")).toString().left(before.trimmed().size()), before.trimmed());
        QVERIFY(m_project->body(prompt).value(QStringLiteral("text")).toString().contains(QStringLiteral("{{travel_fare_rules}}")));
        picker = new McpPicker(session(), UiFixture::theme(), m_window.get(), McpPicker::What::Prompt, prompt);
        picker->open();
        auto *prompts = picker->findChild<McpPromptsPage *>();
        QTRY_COMPARE_WITH_TIMEOUT(prompts->count(), 2, 20'000);
        in<QAbstractButton>(prompts, "mcp-prompt-use")->click();
        QTRY_VERIFY_WITH_TIMEOUT(m_project->body(prompt).value(QStringLiteral("text")).toString().startsWith(QStringLiteral("Plan {{days}} days in {{city}}")), 30'000);
        QVERIFY(session()->undo(prompt).ok());
        QVERIFY(m_project->body(prompt).value(QStringLiteral("text")).toString().contains(QStringLiteral("{{travel_fare_rules}}")));
    }

    // A server that is not what was approved: shown, named, and approved one by one or together.
    void changesSinceApproval()
    {
        const QJsonObject approved = await(session()->mcp().refreshed(QStringLiteral("first"), bodyOf(command()), CancelToken())).valueOr(QJsonObject());
        QCOMPARE(approved.value(QStringLiteral("tools")).toArray().size(), 5);
        QJsonObject body = bodyOf(command(QStringLiteral("--stranger")));
        QJsonObject config = body.value(QStringLiteral("config")).toObject();
        config.insert(QStringLiteral("tools"), approved.value(QStringLiteral("tools")));
        body.insert(QStringLiteral("config"), config);
        const ArtifactId tool = m_project->make(ArtifactKind::Tool, QStringLiteral("travel"), body);
        McpServerPanel *server = panel(tool);
        server->connectOrRefresh();
        auto *page = server->findChild<McpToolsPage *>();
        QTRY_COMPARE_WITH_TIMEOUT(page->changeCount(), 3, 20'000);
        QCOMPARE(page->changeText(), QStringLiteral("1 new, 1 changed, 1 gone"));
        auto *choices = server->findChild<AddToolChoices *>();
        const QString count = in<Label>(server, "choices-count")->text();
        QVERIFY2(count.contains(QStringLiteral("import_contacts is new and not approved yet")), qPrintable(count));
        choices->setCurrent(QStringLiteral("weather"));
        const QString diff = in<Label>(server, "mcp-tool-diff")->text();
        QVERIFY2(diff.contains(QStringLiteral("email: new, required")), qPrintable(diff));
        UiFixture::shoot(m_window.get(), QStringLiteral("mcp-changes"));
        in<InlineMessage>(server, "mcp-tool-change")->actionButton()->click();
        QTRY_COMPARE_WITH_TIMEOUT(page->changeCount(), 2, 30'000);
        choices->setCurrent(QStringLiteral("rates"));
        in<InlineMessage>(server, "mcp-tool-change")->actionButton()->click();
        QTRY_COMPARE_WITH_TIMEOUT(page->changeCount(), 1, 30'000);
        QVERIFY(!names(m_project->body(tool)).contains(QStringLiteral("rates")));
        in<InlineMessage>(server, "mcp-changes")->actionButton()->click();
        QTRY_COMPARE_WITH_TIMEOUT(page->changeCount(), 0, 30'000);
        QVERIFY(names(m_project->body(tool)).contains(QStringLiteral("import_contacts")));
        QVERIFY(in<Label>(server, "choices-count")->text().startsWith(QStringLiteral("All ")));
        choices->setCurrent(QStringLiteral("weather"));
        QTest::keyClick(choices->list()->view(), Qt::Key_Space);
        QTRY_VERIFY_WITH_TIMEOUT(in<Label>(server, "choices-count")->text().endsWith(QStringLiteral(": weather is switched off")), 30'000);
    }

    void aServerThatCannotStartSaysSo()
    {
        const ArtifactId tool = m_project->make(ArtifactKind::Tool, QStringLiteral("travel"), bodyOf(command(QStringLiteral("--crash"))));
        McpServerPanel *server = panel(tool);
        server->connectOrRefresh();
        QTRY_VERIFY_WITH_TIMEOUT(in<InlineMessage>(server, "mcp-error")->isVisible(), 20'000);
        QCOMPARE(state(server), QStringLiteral("Failed"));
        UiFixture::shoot(m_window.get(), QStringLiteral("mcp-failed"));
        in<InlineMessage>(server, "mcp-error")->actionButton()->click();
        QCOMPARE(int(server->part()), int(McpServerPanel::Part::Log));
        QTRY_VERIFY_WITH_TIMEOUT(server->findChild<McpLogView *>()->shownText().contains(QStringLiteral("timetable.db")), 30'000);
    }

    // A try outside of a run asks through the window.
    void consentsOutsideOfRuns()
    {
        std::function<void(const HumanAnswer &)> reply;
        PendingQuestion seen;
        ConsentHost host(session(), UiFixture::theme(), m_window.get(), [&](Theme *, const PendingQuestion &pending, QWidget *parent, std::function<void(const HumanAnswer &)> answered) {
            seen = pending;
            reply = std::move(answered);
            return new QWidget(parent);
        });
        QSignalSpy counted(&host, &ConsentHost::countChanged);
        QJsonObject body = bodyOf(command());
        const auto config = await(session()->mcp().refreshed(QStringLiteral("travel"), body, CancelToken()));
        QVERIFY2(config.ok(), config ? "" : qPrintable(config.error().message));
        body.insert(QStringLiteral("config"), *config);
        ToolTrialOptions options;
        options.function = QStringLiteral("book_seat");
        auto trial = session()->tryTool(QStringLiteral("travel"), body, QStringLiteral("{\"train\": \"IC 534\"}"), options, CancelToken());
        QTRY_COMPARE_WITH_TIMEOUT(host.count(), 1, 20'000);
        QCOMPARE(counted.size(), 1);
        QVERIFY(host.isVisible());
        QCOMPARE(int(seen.question.type), int(HumanQuestion::Type::Elicitation));
        QVERIFY(seen.question.text.contains(QStringLiteral("IC 534")));
        HumanAnswer yes;
        yes.approved = true;
        yes.arguments = QJsonObject{{QStringLiteral("name"), QStringLiteral("Ann")}, {QStringLiteral("fare"), QStringLiteral("saver")}};
        reply(yes);
        QTRY_COMPARE_WITH_TIMEOUT(host.count(), 0, 30'000);
        QVERIFY(!host.isVisible());
        const auto result = await(std::move(trial));
        QVERIFY(result.ok());
        QVERIFY2(result->outcome.text.contains(QStringLiteral("Booked 1 x IC 534 for Ann")), qPrintable(result->outcome.text));
    }
};

QTEST_MAIN(TestMcpServerPanel)
#include "tst_McpServerPanel.moc"
