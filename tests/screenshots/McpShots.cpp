// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/screenshots/McpShots.h"

#include "core/session/McpHub.h"
#include "ui/tools/AddToolChoices.h"
#include "ui/tools/AddToolSheet.h"
#include "ui/tools/McpServerPanel.h"
#include "ui/tools/ToolEditor.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/StatusDot.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace lathe::test {

namespace {
// The server program of the tests, as its absolute path is nobody's business in a picture.
QString deskCommand(const QString &options = QString())
{
    return (QStringLiteral("python3 travel_desk.py ") + options).trimmed();
}

void installDesk(WindowBench *bench)
{
    QFile::copy(QString::fromUtf8(LATHE_SOURCE_DIR) + QStringLiteral("/tests/support/mcp/travel_desk.py"), bench->folder.filePath(QStringLiteral("travel_desk.py")));
}

bool waitFor(const std::function<bool()> &done)
{
    for (int i = 0; i < 600 && !done(); ++i)
        QTest::qWait(25);
    return done();
}

AddToolSheet *openSheet(WindowBench *bench)
{
    auto *sheet = new AddToolSheet(&bench->session(), &bench->theme, bench->window->workspace());
    sheet->open();
    return sheet;
}

void press(QWidget *sheet, const char *name)
{
    if (auto *button = sheet->findChild<QAbstractButton *>(QString::fromLatin1(name)))
        button->click();
    QTest::qWait(100);
}

QString primary(QWidget *sheet)
{
    auto *button = sheet->findChild<QAbstractButton *>(QStringLiteral("add-primary"));
    return button ? button->text() : QString();
}

QString shopApi()
{
    QStringList paths;
    const char *const rows[][4] = {{"/orders", "get", "listOrders", "Orders of the shop, newest first"}, {"/orders", "post", "createOrder", "Places an order"},
                                   {"/orders/{id}", "get", "getOrder", "One order with its lines"}, {"/orders/{id}/refund", "post", "refundOrder", "Gives money back"},
                                   {"/customers", "get", "findCustomers", "Customers by name or e-mail"}, {"/customers/{id}", "get", "getCustomer", "One customer"},
                                   {"/customers/{id}", "delete", "forgetCustomer", "Deletes a customer and all about them"}, {"/products", "get", "listProducts", "Products with price and stock"},
                                   {"/products/{id}/stock", "put", "setStock", "Sets how many are there"}};
    QJsonObject all;
    for (const auto &row : rows) {
        const QString path = QLatin1String(row[0]);
        QJsonObject item = all.value(path).toObject();
        QJsonObject operation{{QStringLiteral("operationId"), QLatin1String(row[2])}, {QStringLiteral("summary"), QLatin1String(row[3])},
                              {QStringLiteral("tags"), QJsonArray{path.section(QLatin1Char('/'), 1, 1)}},
                              {QStringLiteral("responses"), QJsonObject{{QStringLiteral("200"), QJsonObject{{QStringLiteral("description"), QStringLiteral("ok")}}}}}};
        if (path.contains(QLatin1String("{id}")))
            operation.insert(QStringLiteral("parameters"), QJsonArray{QJsonObject{{QStringLiteral("name"), QStringLiteral("id")}, {QStringLiteral("in"), QStringLiteral("path")}, {QStringLiteral("required"), true},
                                                                                  {QStringLiteral("schema"), QJsonObject{{QStringLiteral("type"), QStringLiteral("string")}}}}});
        item.insert(QLatin1String(row[1]), operation);
        all.insert(path, item);
    }
    const QJsonObject scheme{{QStringLiteral("type"), QStringLiteral("http")}, {QStringLiteral("scheme"), QStringLiteral("bearer")}};
    const QJsonObject document{{QStringLiteral("openapi"), QStringLiteral("3.1.0")},
                               {QStringLiteral("info"), QJsonObject{{QStringLiteral("title"), QStringLiteral("Corner shop")}, {QStringLiteral("version"), QStringLiteral("2.3")}}},
                               {QStringLiteral("servers"), QJsonArray{QJsonObject{{QStringLiteral("url"), QStringLiteral("https://api.cornershop.example/v2")}}}},
                               {QStringLiteral("components"), QJsonObject{{QStringLiteral("securitySchemes"), QJsonObject{{QStringLiteral("token"), scheme}}}}},
                               {QStringLiteral("security"), QJsonArray{QJsonObject{{QStringLiteral("token"), QJsonArray()}}}},
                               {QStringLiteral("paths"), all}};
    return QString::fromUtf8(QJsonDocument(document).toJson());
}

void shootSheets(WindowBench *bench, Photographer *camera)
{
    AddToolSheet *sheet = openSheet(bench);
    camera->shoot("add-tool");
    sheet->setInput(QStringLiteral("curl -X POST 'https://api.cornershop.example/v2/orders/1042/refund?notify=yes' \\\n  -H 'Authorization: Bearer cs_live_51Hq8fK2eZvKYlo2C' \\\n"
                                   "  --json '{\"amount\": 12.5, \"reason\": \"box came broken\", \"items\": [\"SKU-88\"]}'"));
    camera->shoot("add-tool-recognised");
    press(sheet, "add-primary");
    for (const char *box : {"parameter-on-0", "parameter-on-2", "parameter-on-3"})
        press(sheet, box);
    camera->shoot("add-tool-curl");
    press(sheet, "add-back");
    sheet->setInput(shopApi());
    press(sheet, "add-primary");
    (void)waitFor([sheet] { return primary(sheet).startsWith(QLatin1String("Add ")); });
    camera->shoot("add-tool-api");
    press(sheet, "add-back");
    sheet->setInput(deskCommand(QStringLiteral("--slow 2")));
    press(sheet, "add-primary");
    camera->shoot("add-tool-server");
    press(sheet, "add-primary");
    QTest::qWait(1300);
    camera->shoot("add-tool-starting");
    (void)waitFor([sheet] { return primary(sheet).startsWith(QLatin1String("Add ")); });
    if (auto *choices = sheet->findChild<AddToolChoices *>())
        choices->setCurrent(QStringLiteral("book_seat"));
    camera->shoot("add-tool-found");
    sheet->dismiss();
    QTest::qWait(50);
}

// The panel is made when it is first looked at.
McpServerPanel *openPanel(Workspace *workspace)
{
    auto *editor = workspace->currentPage()->findChild<ToolEditor *>();
    if (!editor)
        return nullptr;
    editor->showPart(ToolEditor::Part::Server);
    return editor->findChild<McpServerPanel *>();
}

void shootServer(WindowBench *bench, Photographer *camera)
{
    Session &session = bench->session();
    auto import = parseMcpServers(deskCommand());
    if (!import || import->servers.empty())
        return;
    QJsonObject body = import->servers.front().body;
    const auto config = await(session.mcp().refreshed(QStringLiteral("travel"), body, CancelToken()));
    if (!config) {
        qWarning("no server: %s", qPrintable(config.error().message));
        return;
    }
    // What was approved is the plain server; the one that runs has other tools.
    import = parseMcpServers(deskCommand(QStringLiteral("--stranger")));
    QJsonObject strange = import->servers.front().body, strangeConfig = strange.value(QStringLiteral("config")).toObject();
    strangeConfig.insert(QStringLiteral("tools"), config->value(QStringLiteral("tools")));
    strangeConfig.insert(QStringLiteral("server"), config->value(QStringLiteral("server")));
    strange.insert(QStringLiteral("config"), strangeConfig);
    body.insert(QStringLiteral("config"), *config);
    const auto travel = await(session.createArtifact(ArtifactKind::Tool, QStringLiteral("travel"), body));
    const auto changed = await(session.createArtifact(ArtifactKind::Tool, QStringLiteral("travel-new"), strange));
    if (!travel || !changed)
        return;
    Workspace *workspace = bench->window->workspace();
    workspace->go(Location::ofArtifact(*travel));
    QTest::qWait(300);
    McpServerPanel *panel = openPanel(workspace);
    if (!panel)
        return;
    panel->connectOrRefresh();
    QTest::qWait(800);
    camera->shoot("mcp-server");
    panel->showPart(McpServerPanel::Part::Resources);
    QTest::qWait(500);
    camera->shoot("mcp-resources");
    panel->showPart(McpServerPanel::Part::Prompts);
    QTest::qWait(300);
    press(panel, "mcp-prompt-show");
    QTest::qWait(300);
    camera->shoot("mcp-prompts");
    panel->showPart(McpServerPanel::Part::Log);
    camera->shoot("mcp-log");
    workspace->go(Location::ofArtifact(*changed));
    QTest::qWait(300);
    panel = openPanel(workspace);
    if (panel) {
        panel->connectOrRefresh();
        QTest::qWait(900);
        if (auto *choices = panel->findChild<AddToolChoices *>())
            choices->setCurrent(QStringLiteral("weather"));
        camera->shoot("mcp-changes");
    }
    ToolTrialOptions options;
    options.function = QStringLiteral("book_seat");
    CancelSource stop;
    auto trial = session.tryTool(QStringLiteral("travel"), body, QStringLiteral("{\"train\": \"IC 534\"}"), options, stop.token());
    (void)waitFor([&session] { return !session.mcp().questions().empty(); });
    camera->shoot("elicitation");
    stop.cancel();
    (void)await(std::move(trial));
}

void shootApproval(WindowBench *bench, Photographer *camera)
{
    Session &session = bench->session();
    const ArtifactId analyst = bench->artifact(ArtifactKind::Agent, "analyst");
    const auto draft = session.draft(analyst);
    if (!draft)
        return;
    QJsonArray tools = draft->body.value(QStringLiteral("tools")).toArray();
    for (qsizetype i = 0; i < tools.size(); ++i) {
        QJsonObject tool = tools.at(i).toObject();
        tool.insert(QStringLiteral("approval"), QStringLiteral("ask"));
        tools[i] = tool;
    }
    (void)session.edit(analyst, QStringLiteral("/tools"), tools, QStringLiteral("Ask before calls"));
    Workspace *workspace = bench->window->workspace();
    workspace->go(Location::ofArtifact(analyst));
    QTest::qWait(200);
    auto *input = workspace->currentPage()->findChild<QPlainTextEdit *>(QStringLiteral("run-text"));
    if (!input)
        return;
    input->setPlainText(QStringLiteral("Which product area has the lowest average rating, and how many complaints does it have?"));
    workspace->currentPage()->run();
    (void)waitFor([&session] { return !session.questions().empty(); });
    camera->shoot("approval");
    press(workspace->currentPage(), "edit-arguments-button");
    camera->shoot("approval-edit");
    for (const RunId run : session.running())
        session.stop(run);
    (void)waitFor([&session] { return session.running().empty(); });
    (void)session.undo(analyst);
}
}

void shootMcp(WindowBench *bench, Photographer *camera)
{
    installDesk(bench);
    bench->window->workspace()->go(Location::page(Location::Kind::Tools));
    QTest::qWait(200);
    shootSheets(bench, camera);
    shootServer(bench, camera);
    shootApproval(bench, camera);
}

} // namespace lathe::test
