// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/PageFactory.h"

#include "core/evaluation/ExperimentSpec.h"
#include "core/session/Experiments.h"
#include "ui/canvas/CanvasTypes.h"
#include "ui/canvas/AgentFace.h"
#include "ui/canvas/CanvasView.h"
#include "ui/canvas/TeamEditor.h"
#include "ui/design/AgentEditor.h"
#include "ui/experiments/DatasetPage.h"
#include "ui/experiments/ExperimentPage.h"
#include "ui/experiments/ExperimentsPage.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/playground/PlaygroundPage.h"
#include "ui/prompts/PromptEditor.h"
#include "ui/runs/RunDrawer.h"
#include "ui/runs/RunListView.h"
#include "ui/runs/TraceView.h"
#include "ui/runs/compare/ComparePage.h"
#include "ui/settings/ConnectionEditor.h"
#include "ui/settings/SettingsView.h"
#include "ui/shell/ArtifactListPage.h"
#include "ui/shell/SessionRunControl.h"
#include "ui/sources/SourcesPage.h"
#include "ui/theme/Theme.h"
#include "ui/tools/McpPicker.h"
#include "ui/tools/ToolCatalogPage.h"
#include "ui/tools/ToolEditor.h"
#include "ui/tools/ToolPolicyEditor.h"
#include "ui/widgets/HeaderedSplitter.h"
#include "ui/widgets/SplitterMemory.h"

#include <QAction>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
template<typename View>
void forward(View *view, Page *page)
{
    QObject::connect(view, &View::openRequested, page, &Page::openRequested);
    QObject::connect(view, &View::statusMessage, page, &Page::statusMessage);
    QObject::connect(view, &View::errorRaised, page, &Page::errorRaised);
}

void fill(Page *page, QWidget *content)
{
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(content);
}

// Whose list the page shows.
ArtifactKind kindOf(const Location &location)
{
    switch (location.kind) {
    case Location::Kind::Prompts:
        return ArtifactKind::Prompt;
    case Location::Kind::Tools:
        return ArtifactKind::Tool;
    case Location::Kind::Connections:
        return ArtifactKind::Connection;
    default:
        return ArtifactKind::Agent;
    }
}
}

QString PageFactory::key(const Location &location)
{
    switch (location.kind) {
    case Location::Kind::Artifact:
        return QStringLiteral("artifact/%1").arg(location.artifact.value);
    case Location::Kind::Run:
        return QStringLiteral("run/%1").arg(location.run.value);
    case Location::Kind::Compare: {
        QString key = QStringLiteral("compare");
        std::vector<RunId> runs = location.runs;
        std::sort(runs.begin(), runs.end()); // another baseline is the same page
        for (const RunId run : runs)
            key += QStringLiteral("/%1").arg(run.value);
        return key;
    }
    default:
        return QStringLiteral("page/%1").arg(int(location.kind));
    }
}

PageFactory::Face PageFactory::face(const Location &location) const
{
    switch (location.kind) {
    case Location::Kind::Artifact: {
        const auto info = m_session->project().artifacts().info(location.artifact);
        return info ? Face{info->name, artifactKindName(info->kind), location.artifact} : Face();
    }
    case Location::Kind::Runs:
        return {QObject::tr("Runs"), QStringLiteral("runs"), {}};
    case Location::Kind::Run:
        return {QObject::tr("Run %1").arg(location.run.value), QStringLiteral("runs"), {}};
    case Location::Kind::Compare: {
        QStringList numbers;
        for (const RunId run : location.runs)
            numbers.append(QString::number(run.value));
        return {numbers.isEmpty() ? QObject::tr("Compare") : QObject::tr("Compare %1").arg(numbers.join(QStringLiteral(", "))), QStringLiteral("diff"), {}};
    }
    case Location::Kind::Sources:
        return {QObject::tr("Sources"), QStringLiteral("import"), {}};
    case Location::Kind::Playground:
        return {QObject::tr("Playground"), QStringLiteral("play-step"), {}};
    case Location::Kind::Experiments:
        return {QObject::tr("Experiments"), QStringLiteral("experiment"), {}};
    case Location::Kind::Settings:
        return {QObject::tr("Settings"), QStringLiteral("settings"), {}};
    case Location::Kind::Design:
    case Location::Kind::Prompts:
    case Location::Kind::Tools:
    case Location::Kind::Connections:
        return {ArtifactTreeModel::kindTitle(kindOf(location)), artifactKindName(kindOf(location)), {}};
    default:
        return {};
    }
}

Page *PageFactory::make(const Location &location, QWidget *parent) const
{
    if (location.kind == Location::Kind::Artifact)
        return makeArtifact(location, parent);
    auto *page = new Page(parent);
    page->location = location;
    const Face shown = face(location);
    page->title = shown.title;
    page->icon = shown.icon;
    switch (location.kind) {
    case Location::Kind::Runs: {
        auto *view = new RunListView(m_session, m_theme, page);
        page->show = [view](const Location &to) {
            if (!to.query.isEmpty())
                view->setQuery(to.query);
        };
        page->commands = [view] { return view->commands(); };
        page->setFocusProxy(view);
        forward(view, page);
        fill(page, view);
        return page;
    }
    case Location::Kind::Run: {
        const auto info = m_session->project().runs().run(location.run);
        if (!info) {
            delete page;
            return nullptr;
        }
        auto *view = new TraceView(m_session, m_theme, location.run, page);
        page->commands = [view] { return view->commands(); };
        page->setFocusProxy(view);
        page->show = [view](const Location &to) {
            if (!to.step.isEmpty())
                view->selectStep(to.step);
        };
        Session *session = m_session;
        const RunId run = location.run;
        page->stop = [session, run] { session->stop(run); };
        forward(view, page);
        fill(page, view);
        return page;
    }
    case Location::Kind::Compare: {
        auto *view = new ComparePage(m_session, m_theme, location.runs, page);
        page->commands = [view] { return view->commands(); };
        page->show = [view, page](const Location &) { // the same runs: the baseline that was chosen stays
            Q_EMIT page->locationChanged(Location::ofComparison(view->runs()));
        };
        page->setFocusProxy(view);
        QObject::connect(view, &ComparePage::runsChanged, page, [page](const std::vector<RunId> &runs) { Q_EMIT page->locationChanged(Location::ofComparison(runs)); });
        forward(view, page);
        fill(page, view);
        return page;
    }
    case Location::Kind::Sources: {
        auto *view = new SourcesPage(m_hub, m_theme, page);
        page->commands = [view] { return view->commands(); };
        forward(view, page);
        fill(page, view);
        return page;
    }
    case Location::Kind::Playground: {
        fill(page, makePlayground(page));
        return page;
    }
    case Location::Kind::Experiments: {
        auto *view = new ExperimentsPage(m_session, m_theme, page);
        page->commands = [view] { return view->commands(); };
        QObject::connect(view, &ExperimentsPage::createRequested, page, &Page::createRequested);
        forward(view, page);
        fill(page, view);
        return page;
    }
    case Location::Kind::Settings: {
        auto *view = new SettingsView(m_session, m_theme, page);
        forward(view, page);
        fill(page, view);
        return page;
    }
    case Location::Kind::Tools: {
        auto *view = new ToolCatalogPage(m_session, m_theme, page);
        view->setMimeSource([](const QString &name) {
            return canvasmime::make(NodeKind::Tool, QJsonObject{{QStringLiteral("tool"), name}});
        });
        page->run = [view] { view->tryCurrent(); };
        page->commands = [view] { return view->commands(); };
        QObject::connect(view, &ToolCatalogPage::binned, page, &Page::binned);
        forward(view, page);
        fill(page, view);
        return page;
    }
    case Location::Kind::Design:
    case Location::Kind::Prompts:
    case Location::Kind::Connections: {
        std::vector<ArtifactKind> kinds{kindOf(location)};
        if (kinds.front() == ArtifactKind::Agent)
            kinds.push_back(ArtifactKind::Team);
        auto *view = new ArtifactListPage(m_session, m_theme, std::move(kinds), page);
        QObject::connect(view, &ArtifactListPage::createRequested, page, &Page::createRequested);
        forward(view, page);
        fill(page, view);
        return page;
    }
    default:
        delete page;
        return nullptr;
    }
}

QWidget *PageFactory::makePlayground(Page *page) const
{
    auto *view = new PlaygroundPage(m_session, m_theme, page);
    page->run = [view] { view->send(); };
    page->stop = [view] { view->stop(); };
    page->commands = [view, page] {
        QList<QAction *> actions;
        for (const PaletteCommand &command : view->commands()) {
            auto *action = page->findChild<QAction *>(command.id);
            if (!action) {
                action = new QAction(command.title, page);
                action->setObjectName(command.id);
                QObject::connect(action, &QAction::triggered, view, [view, id = command.id] { view->runCommand(id); });
            }
            action->setEnabled(command.enabled);
            actions.append(action);
        }
        return actions;
    };
    QObject::connect(view, &PlaygroundPage::importRequested, page, [page] { Q_EMIT page->createRequested(ArtifactKind::Dataset); });
    QObject::connect(view, &PlaygroundPage::experimentRequested, page,
                     [page, session = m_session](const std::vector<VariantSpec> &variants, const QString &dataset, const QString &rows) {
                         ExperimentSpec spec;
                         spec.variants = variants;
                         spec.dataset = dataset;
                         spec.rows = rows;
                         spec.judges = {{QStringLiteral("person"), QStringLiteral("human"), QString(), QString()}};
                         runTask(page, session->createArtifact(ArtifactKind::Experiment, session->freeName(ArtifactKind::Experiment, QStringLiteral("my-experiment")),
                                                               spec.toJson()),
                                 [page](ArtifactId id) { Q_EMIT page->openRequested(Location::ofArtifact(id)); },
                                 [page](const Error &error) { Q_EMIT page->errorRaised(error); });
                     });
    forward(view, page);
    return view;
}

Page *PageFactory::makeArtifact(const Location &location, QWidget *parent) const
{
    const auto info = m_session->project().artifacts().info(location.artifact);
    if (!info)
        return nullptr;
    auto *page = new Page(parent);
    page->location = location;
    page->artifact = location.artifact;
    page->title = info->name;
    page->icon = artifactKindName(info->kind);
    switch (info->kind) {
    case ArtifactKind::Agent: {
        auto *splitter = new HeaderedSplitter(m_theme, Qt::Horizontal, page);
        auto *editor = new AgentEditor(m_session, m_theme, location.artifact, splitter);
        editor->setToolPolicyFactory(ToolPolicyEditor::forAttachments(m_session, m_theme));
        auto *drawer = new RunDrawer(m_session, m_theme, splitter);
        drawer->setAgent(location.artifact);
        auto *face = new AgentFace(m_session, m_theme, location.artifact, editor);
        editor->setFace(face);
        QObject::connect(face, &AgentFace::partChosen, editor, &AgentEditor::focusField);
        QObject::connect(editor, &AgentEditor::fieldFocused, face, &AgentFace::setSelected);
        QObject::connect(editor, &AgentEditor::createRequested, page, &Page::createRequested);
        QObject::connect(face, &AgentFace::createRequested, page, &Page::createRequested);
        forward(face, page);
        splitter->addPanel(QStringLiteral("editor"), editor, 620, 1);
        splitter->addPanel(QStringLiteral("drawer"), drawer, 480, 1);
        rememberSizes(splitter, m_session, QStringLiteral("ui/agent/split"));
        forward(editor, page);
        forward(drawer, page);
        page->run = [drawer] { drawer->run(); };
        page->stop = [drawer] { drawer->stop(); };
        fill(page, splitter);
        break;
    }
    case ArtifactKind::Team: {
        auto *splitter = new HeaderedSplitter(m_theme, Qt::Vertical, page);
        auto *editor = new TeamEditor(m_session, m_theme, location.artifact, splitter);
        editor->setRunControl(new SessionRunControl(m_session, editor));
        auto *drawer = new RunDrawer(m_session, m_theme, splitter);
        drawer->setAgent(location.artifact);
        drawer->setWide(true);
        splitter->addPanel(QStringLiteral("editor"), editor, 600, 1);
        splitter->addPanel(QStringLiteral("drawer"), drawer, 210, 0);
        rememberSizes(splitter, m_session, QStringLiteral("ui/team/split"));
        page->show = [editor](const Location &to) {
            if (to.revision > 0)
                editor->showRevision(to.revision);
        };
        page->commands = [editor] { return editor->canvas()->commands(); };
        QObject::connect(editor, &TeamEditor::createRequested, page, &Page::createRequested);
        forward(editor, page);
        forward(drawer, page);
        page->run = [drawer] { drawer->run(); };
        page->stop = [drawer] { drawer->stop(); };
        fill(page, splitter);
        break;
    }
    case ArtifactKind::Prompt: {
        auto *editor = new PromptEditor(m_session, m_theme, location.artifact, page);
        const auto showScores = [editor, session = m_session, id = location.artifact] {
            const auto named = session->project().artifacts().info(id);
            if (!named)
                return;
            runTask(editor, session->experiments().promptScores(named->name),
                    [editor](const QHash<int, PromptScore> &scores) {
                        editor->setScore([scores](int number) {
                            const PromptScore of = scores.value(number);
                            return of.total == 0 ? QString() : QObject::tr("%1 of %2 passed").arg(of.passed).arg(of.total);
                        });
                    },
                    [](const Error &) {}); // a column more or less
        };
        showScores();
        QObject::connect(&m_session->experiments(), &Experiments::ended, editor, showScores);
        page->show = [editor](const Location &to) {
            if (to.revision > 0)
                editor->showRevision(to.revision);
        };
        const auto command = [&](const char *name, const QString &title, McpPicker::What what) {
            auto *action = new QAction(title, editor);
            action->setObjectName(QString::fromLatin1(name));
            action->setEnabled(!m_session->project().isReadOnly());
            QObject::connect(action, &QAction::triggered, editor, [this, page, what, id = location.artifact] {
                auto *picker = new McpPicker(m_session, m_theme, page, what, id);
                QObject::connect(picker, &McpPicker::openRequested, page, &Page::openRequested);
                QObject::connect(picker, &McpPicker::statusMessage, page, &Page::statusMessage);
                picker->open();
            });
            return action;
        };
        const QList<QAction *> commands{
            command("attach-resource", QObject::tr("Attach a resource of an MCP server"), McpPicker::What::Resource),
            command("from-server-prompt", QObject::tr("Begin with a prompt of an MCP server"), McpPicker::What::Prompt)};
        page->commands = [commands] { return commands; };
        forward(editor, page);
        fill(page, editor);
        break;
    }
    case ArtifactKind::Tool: {
        auto *editor = new ToolEditor(m_session, m_theme, location.artifact, page);
        page->run = [editor] { editor->tryCall(); };
        page->show = [editor](const Location &to) {
            if (to.revision > 0)
                editor->showRevision(to.revision);
        };
        forward(editor, page);
        fill(page, editor);
        break;
    }
    case ArtifactKind::Connection: {
        auto *editor = new ConnectionEditor(m_session, m_theme, location.artifact, page);
        forward(editor, page);
        fill(page, editor);
        break;
    }
    case ArtifactKind::Experiment: {
        auto *view = new ExperimentPage(m_session, m_theme, location.artifact, page);
        QObject::connect(view, &ExperimentPage::openTrace, page, [page](RunId run) { Q_EMIT page->openRequested(Location::ofRun(run)); });
        page->run = [view] { view->run(); };
        page->stop = [view] { view->stop(); };
        page->commands = [view] { return view->commands(); };
        forward(view, page);
        fill(page, view);
        break;
    }
    case ArtifactKind::Dataset: {
        auto *view = new DatasetPage(m_session, m_theme, location.artifact, page);
        page->commands = [view] { return view->commands(); };
        forward(view, page);
        fill(page, view);
        break;
    }
    default:
        delete page;
        return nullptr;
    }
    return page;
}

} // namespace lathe
