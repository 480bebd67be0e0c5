// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/screenshots/ToolShots.h"

#include "core/design/ToolSpec.h"
#include "ui/tools/ToolCatalogPage.h"
#include "ui/tools/ToolEditor.h"
#include "ui/tools/ToolTrialPanel.h"
#include "ui/tools/ArgumentsForm.h"
#include "ui/widgets/SectionHeader.h"

#include <QScrollArea>

namespace lathe::test {

namespace {
QJsonObject function(const char *name, const char *description, const QJsonObject &properties, const QJsonArray &required)
{
    return {{QStringLiteral("name"), QLatin1String(name)},
            {QStringLiteral("description"), QLatin1String(description)},
            {QStringLiteral("input_schema"), QJsonObject{{QStringLiteral("type"), QStringLiteral("object")},
                                                         {QStringLiteral("properties"), properties},
                                                         {QStringLiteral("required"), required}}}};
}

QJsonObject text(const char *description)
{
    return {{QStringLiteral("type"), QStringLiteral("string")}, {QStringLiteral("description"), QLatin1String(description)}};
}

QJsonObject choice(const QStringList &values, const char *description)
{
    return {{QStringLiteral("enum"), QJsonArray::fromStringList(values)}, {QStringLiteral("description"), QLatin1String(description)}};
}

// A server of an issue tracker as its tool artifact holds it; nothing is started.
QJsonObject trackerBody()
{
    QJsonObject body = toolType(QStringLiteral("mcp"))->defaultBody;
    QJsonObject config = body.value(QStringLiteral("config")).toObject();
    config.insert(QStringLiteral("command"), QStringLiteral("npx"));
    config.insert(QStringLiteral("args"), QJsonArray{QStringLiteral("-y"), QStringLiteral("@acme/tracker-mcp")});
    const QJsonObject label{{QStringLiteral("type"), QStringLiteral("object")},
                            {QStringLiteral("required"), QJsonArray{QStringLiteral("name")}},
                            {QStringLiteral("properties"), QJsonObject{{QStringLiteral("name"), text("As the tracker shows it.")},
                                                                       {QStringLiteral("color"), choice({QStringLiteral("red"), QStringLiteral("amber"), QStringLiteral("green")}, "")}}}};
    const QJsonObject due{{QStringLiteral("type"), QStringLiteral("string")}, {QStringLiteral("format"), QStringLiteral("date")}, {QStringLiteral("description"), QStringLiteral("When it must be done.")}};
    const QJsonObject weight{{QStringLiteral("type"), QStringLiteral("integer")}, {QStringLiteral("minimum"), 1}, {QStringLiteral("maximum"), 5}};
    config.insert(QStringLiteral("tools"),
                  QJsonArray{function("create_issue", "Creates an issue in a project of the tracker and gives its number.",
                                      {{QStringLiteral("project"), text("Key of the project, for example EXP.")},
                                       {QStringLiteral("title"), text("One line.")},
                                       {QStringLiteral("kind"), choice({QStringLiteral("bug"), QStringLiteral("wish"), QStringLiteral("task")}, "What it is.")},
                                       {QStringLiteral("due"), due},
                                       {QStringLiteral("weight"), weight},
                                       {QStringLiteral("labels"), QJsonObject{{QStringLiteral("type"), QStringLiteral("array")}, {QStringLiteral("items"), label}}}},
                                      {QStringLiteral("project"), QStringLiteral("title"), QStringLiteral("kind")}),
                             function("list_issues", "Lists the open issues of a project, newest first.", {{QStringLiteral("project"), text("Key of the project.")}}, {}),
                             function("comment", "Adds a comment to an issue.", {{QStringLiteral("number"), weight}, {QStringLiteral("body"), text("Markdown.")}}, {}),
                             function("close_issue", "Closes an issue.", {{QStringLiteral("number"), weight}}, {})});
    body.insert(QStringLiteral("config"), config);
    body.insert(QStringLiteral("purpose"), QStringLiteral("File and read issues of the tracker."));
    return body;
}
}

void shootTools(WindowBench *bench, Photographer *camera)
{
    Workspace *workspace = bench->window->workspace();
    Session &session = bench->session();
    const auto made = await(session.createArtifact(ArtifactKind::Tool, QStringLiteral("tracker"), trackerBody()));
    for (const char *type : {"request", "web_page", "email", "script", "agent"})
        (void)await(session.createArtifact(ArtifactKind::Tool, QLatin1String(type), toolType(QLatin1String(type))->defaultBody));
    workspace->go(Location::page(Location::Kind::Tools));
    QTest::qWait(300);
    camera->shoot("tool-catalogue");
    if (!made)
        return;
    (void)await(session.commit(*made, QStringLiteral("As the server offers it")));
    (void)session.edit(*made, BodyChanges{{QStringLiteral("/config/tools/1/description"), QStringLiteral("Lists the issues of a project, newest first; also closed ones.")},
                                          {QStringLiteral("/config/tools/2/enabled"), false},
                                          {QStringLiteral("/config/tools/3/policy"), QJsonObject{{QStringLiteral("approval"), QStringLiteral("ask_first")}}},
                                          {QStringLiteral("/limits/calls_per_run"), 80}},
                       QStringLiteral("Refresh"));
    workspace->go(Location::ofArtifact(*made));
    QTest::qWait(300);
    if (auto *editor = workspace->currentPage()->findChild<ToolEditor *>()) {
        editor->showPart(ToolEditor::Part::Try);
        editor->trial()->showFunction(QStringLiteral("create_issue"));
        editor->trial()->arguments()->setArguments({{QStringLiteral("project"), QStringLiteral("EXP")},
                                                    {QStringLiteral("title"), QStringLiteral("CSV export stops at 10,000 rows")},
                                                    {QStringLiteral("kind"), QStringLiteral("bug")},
                                                    {QStringLiteral("due"), QStringLiteral("next week")},
                                                    {QStringLiteral("labels"), QJsonArray{QJsonObject{{QStringLiteral("name"), QStringLiteral("export")}, {QStringLiteral("color"), QStringLiteral("red")}}}}});
        camera->shoot("tool-try");
        editor->showPart(ToolEditor::Part::Revisions);
        camera->shoot("tool-changes");
    }
    const ArtifactId files = await(session.createArtifact(ArtifactKind::Tool, QStringLiteral("notes"), toolType(QStringLiteral("files"))->defaultBody)).valueOr(ArtifactId());
    (void)session.edit(files, BodyChanges{{QStringLiteral("/config/folder"), QStringLiteral("notes")},
                                          {QStringLiteral("/config/writable"), true},
                                          {QStringLiteral("/approval"), QStringLiteral("ask_when")},
                                          {QStringLiteral("/approval_when"), QJsonArray{QJsonObject{{QStringLiteral("pointer"), QStringLiteral("/path")}, {QStringLiteral("op"), QStringLiteral("matches")}, {QStringLiteral("value"), QStringLiteral("^private/")}}}},
                                          {QStringLiteral("/limits/calls_per_minute"), 20}},
                       QStringLiteral("Write notes"));
    workspace->go(Location::ofArtifact(files));
    QTest::qWait(300);
    if (auto *editor = workspace->currentPage()->findChild<ToolEditor *>()) {
        if (auto *group = editor->findChild<SectionHeader *>(QStringLiteral("policy-group-repeats"))) {
            for (QWidget *at = group->parentWidget(); at; at = at->parentWidget()) {
                if (auto *area = qobject_cast<QScrollArea *>(at))
                    area->ensureWidgetVisible(group, 0, 120);
            }
        }
        camera->shoot("tool-policy");
    }
    workspace->go(Location::ofArtifact(bench->artifact(ArtifactKind::Tool, "feedback_sql")));
    if (auto *editor = workspace->currentPage()->findChild<ToolEditor *>()) {
        editor->showPart(ToolEditor::Part::Usage);
        QTest::qWait(600);
        camera->shoot("tool-usage");
    }
}

} // namespace lathe::test
