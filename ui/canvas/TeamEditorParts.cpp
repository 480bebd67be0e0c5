// SPDX-License-Identifier: GPL-3.0-or-later
// How the team editor is put together; what it does is in TeamEditor.cpp.
#include "core/base/Json.h"
#include "ui/canvas/CanvasPalette.h"
#include "ui/canvas/CanvasView.h"
#include "ui/canvas/NodeInspector.h"
#include "ui/canvas/TeamDiffPage.h"
#include "ui/canvas/TeamEditor.h"
#include "ui/canvas/TeamPausePanel.h"
#include "ui/canvas/TeamProblems.h"
#include "ui/canvas/TeamRunBar.h"
#include "ui/itemmodels/Renaming.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/DocumentHeader.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/HeaderedSplitter.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/NameField.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/SplitterMemory.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace lathe {

namespace {

// A line that sets a band apart from what follows.
class Line : public QWidget
{
public:
    Line(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
    {
        setFixedHeight(1);
        QObject::connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.fillRect(rect(), m_theme->tokens().line);
    }

private:
    Theme *m_theme;
};

}

TeamEditor::TeamEditor(Session *session, Theme *theme, ArtifactId team, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_team(team)
{
    setObjectName(QStringLiteral("team-editor"));
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    m_canvas = new CanvasView(theme, this);
    m_canvas->setObjectName(QStringLiteral("team-canvas"));
    outer->addWidget(buildHeader());
    QWidget *tools = buildTools();
    outer->addWidget(tools);
    outer->addWidget(new Line(theme, this));
    auto *splitter = new HeaderedSplitter(theme, Qt::Horizontal, this);
    splitter->setObjectName(QStringLiteral("team-splitter"));
    auto *side = new QWidget(splitter);
    auto *sideLayout = new QVBoxLayout(side);
    sideLayout->setContentsMargins(metrics::Gap, metrics::Gap, metrics::Gap, 0);
    auto *palette = new CanvasPalette(theme, side);
    sideLayout->addWidget(palette);
    palette->setObjectName(QStringLiteral("team-palette"));
    m_palette = palette;
    connect(palette, &CanvasPalette::chosen, this, [this](NodeKind kind) {
        m_canvas->addNodeOfKind(kind);
        m_canvas->setFocus(Qt::OtherFocusReason);
    });
    splitter->addPanel(QStringLiteral("palette"), side, 168, 0);
    splitter->addPanel(QStringLiteral("canvas"), buildMiddle(), 760, 1);
    splitter->addPanel(QStringLiteral("inspector"), buildRight(), 280, 0);
    // Two revisions need the room, and nothing of them can be edited.
    connect(m_middle, &QStackedWidget::currentChanged, this, [splitter, tools](int page) {
        tools->setVisible(page == 0);
        splitter->setPanelVisible(QStringLiteral("palette"), page == 0);
        splitter->setPanelVisible(QStringLiteral("inspector"), page == 0);
    });
    rememberSizes(splitter, session, QStringLiteral("ui/team/panels"));
    outer->addWidget(splitter, 1);
    connectCanvas();
    connectInspector();
    connectRuns();

    m_check.setSingleShot(true);
    m_check.setInterval(150);
    connect(&m_check, &QTimer::timeout, this, &TeamEditor::check);
    auto *artifacts = &session->project().artifacts();
    connect(artifacts, &ArtifactRepository::draftChanged, this, [this](ArtifactId id) {
        if (id == m_team)
            reload();
        else
            m_check.start(); // what it refers to changed
    });
    connect(artifacts, &ArtifactRepository::changed, this, [this](ArtifactId id) {
        if (id == m_team)
            reload();
        else
            m_check.start();
    });
    connect(artifacts, &ArtifactRepository::added, this, [this] { m_check.start(); });
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    for (const QString &id : json::toStringList(session->project().setting(QStringLiteral("ui/team/breakpoints/%1").arg(team.value))))
        m_breakpoints.insert(id);
    setFocusProxy(m_canvas);
    reload();
    check();
    showRunState();
}

QWidget *TeamEditor::buildHeader()
{
    auto *box = new QWidget(this);
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(metrics::GapLarge, 10, metrics::GapLarge, 6);
    column->setSpacing(metrics::Gap);
    m_header = new DocumentHeader(m_theme, QStringLiteral("team"), tr("Name of the team"), box);
    m_header->addCommit();
    m_note = m_header->note();
    m_commit = m_header->commit();
    renameBy(m_header->name(), m_session, m_team);
    connect(m_note, &QLineEdit::returnPressed, this, &TeamEditor::commit);
    connect(m_commit, &QAbstractButton::clicked, this, &TeamEditor::commit);
    column->addLayout(m_header);
    auto *readOnly = new InlineMessage(m_theme, Severity::Warning, m_session->project().readOnlyReason(), box);
    readOnly->setVisible(m_session->project().isReadOnly());
    column->addWidget(readOnly);
    return box;
}

QWidget *TeamEditor::buildTools()
{
    auto *box = new QWidget(this);
    box->setObjectName(QStringLiteral("team-tools"));
    auto *line = new QHBoxLayout(box);
    line->setContentsMargins(metrics::Margin, 0, metrics::Margin, 6);
    line->setSpacing(2);
    const auto icon = [&](const char *name, const QString &iconName, const QString &tip, const QKeySequence &key) {
        auto *button = new IconButton(m_theme, iconName, key.isEmpty() ? tip : withShortcut(tip, key), box);
        button->setObjectName(QString::fromLatin1(name));
        line->addWidget(button);
        return button;
    };
    m_undo = icon("team-undo", QStringLiteral("undo"), tr("Undo"), QKeySequence::Undo);
    m_redo = icon("team-redo", QStringLiteral("redo"), tr("Redo"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z));
    connect(m_undo, &QAbstractButton::clicked, this, [this] { undo(false); });
    connect(m_redo, &QAbstractButton::clicked, this, [this] { undo(true); });
    line->addSpacing(metrics::Gap);
    // Commands of the canvas as buttons; what it does not know is left out.
    const auto command = [&](const char *id, const QString &text, const QString &iconName, bool edits) {
        QAction *action = m_canvas->command(QLatin1String(id));
        if (!action)
            return;
        auto *button = new Button(text, ButtonRole::Ghost, box);
        button->setObjectName(QStringLiteral("tool-") + QLatin1String(id));
        if (!iconName.isEmpty())
            button->setIcon(m_theme->icon(iconName));
        button->setToolTip(action->shortcut().isEmpty() ? action->text() : withShortcut(action->text(), action->shortcut()));
        button->setFocusPolicy(Qt::TabFocus);
        connect(button, &QAbstractButton::clicked, this, [this, action] {
            m_canvas->setFocus(Qt::OtherFocusReason);
            action->trigger();
        });
        line->addWidget(button);
        if (edits)
            m_editTools.push_back(button);
    };
    command("add", tr("Add node"), QStringLiteral("plus"), true);
    command("frame", tr("Frame"), QString(), true);
    command("note", tr("Note"), QString(), true);
    command("auto-layout", tr("Tidy up"), QStringLiteral("control"), true);
    line->addStretch(1);
    m_clean = new Label(m_theme, tr("No problems"), Label::Style::Caption, box);
    m_clean->setObjectName(QStringLiteral("team-clean"));
    line->addWidget(m_clean);
    line->addSpacing(metrics::Gap);
    command("search", tr("Find"), QStringLiteral("search"), false);
    command("fit", tr("Fit"), QStringLiteral("eye"), false);
    auto *compareButton = new Button(tr("Compare"), ButtonRole::Ghost, box);
    compareButton->setObjectName(QStringLiteral("team-compare"));
    compareButton->setIcon(m_theme->icon(QStringLiteral("diff")));
    compareButton->setToolTip(tr("Two revisions on one canvas: what was added, removed and changed"));
    connect(compareButton, &QAbstractButton::clicked, this, [this] {
        const auto info = m_session->project().artifacts().info(m_team);
        const int latest = info ? info->latestNumber : 0;
        compare(info && info->hasDraft ? latest : std::max(1, latest - 1), info && info->hasDraft ? 0 : latest);
    });
    line->addWidget(compareButton);
    return box;
}

QWidget *TeamEditor::buildMiddle()
{
    m_middle = new QStackedWidget(this);
    auto *box = new QWidget(m_middle);
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildBanner());
    column->addWidget(m_canvas, 1);
    if (auto *empty = m_canvas->findChild<EmptyState *>()) { // the canvas teaches; this adds a way to begin that runs at once
        empty->setLink(tr("Begin with input, agent, output"));
        empty->link()->setObjectName(QStringLiteral("team-start"));
        connect(empty, &EmptyState::linkTriggered, this, &TeamEditor::addStarter);
    }
    column->addWidget(new Line(m_theme, box));
    m_runBar = new TeamRunBar(m_session, m_theme, m_team, box);
    column->addWidget(m_runBar);
    column->addWidget(new Line(m_theme, box));
    m_problems = new TeamProblems(m_theme, box);
    column->addWidget(m_problems);
    m_middle->addWidget(box);
    return m_middle;
}

QWidget *TeamEditor::buildBanner()
{
    m_banner = new QWidget(this);
    m_banner->setObjectName(QStringLiteral("team-banner"));
    auto *line = new QHBoxLayout(m_banner);
    line->setContentsMargins(metrics::Margin, 4, metrics::GapSmall, 4);
    line->setSpacing(metrics::GapSmall);
    m_bannerText = new Label(m_theme, QString(), Label::Style::Strong, m_banner);
    line->addWidget(m_bannerText, 1);
    m_restore = new Button(tr("Restore"), ButtonRole::Secondary, m_banner);
    m_restore->setObjectName(QStringLiteral("team-restore"));
    m_restore->setToolTip(tr("Put this revision into the draft; it can be undone"));
    auto *withDraft = new Button(tr("Compare with draft"), ButtonRole::Secondary, m_banner);
    auto *back = new Button(tr("Back to draft"), ButtonRole::Ghost, m_banner);
    back->setObjectName(QStringLiteral("team-back"));
    line->addWidget(m_restore);
    line->addWidget(withDraft);
    line->addWidget(back);
    connect(m_restore, &QAbstractButton::clicked, this, &TeamEditor::restore);
    connect(withDraft, &QAbstractButton::clicked, this, [this] { compare(m_shown, 0); });
    connect(back, &QAbstractButton::clicked, this, [this] { showRevision(0); });
    m_banner->hide();
    return m_banner;
}

QWidget *TeamEditor::buildRight()
{
    auto *box = new QWidget(this);
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_pause = new TeamPausePanel(m_theme, box);
    m_inspector = new NodeInspector(m_session, m_theme, box);
    column->addWidget(m_pause);
    column->addWidget(m_inspector, 1);
    return box;
}

void TeamEditor::connectCanvas()
{
    connect(m_canvas, &CanvasView::changesRequested, this,
            [this](const BodyChanges &changes, const QString &what) { apply(changes, what); });
    connect(m_canvas, &CanvasView::selectionChanged, m_inspector, &NodeInspector::setSelection);
    connect(m_canvas, &CanvasView::activated, this, &TeamEditor::open);
    connect(m_canvas, &CanvasView::breakpointToggled, this, &TeamEditor::toggleBreakpoint);
    connect(m_canvas, &CanvasView::message, this, &TeamEditor::statusMessage);
    connect(m_canvas, &CanvasView::contextMenuRequested, this, &TeamEditor::showMenu);
}

void TeamEditor::connectInspector()
{
    connect(m_inspector, &NodeInspector::edited, this, &TeamEditor::apply);
    connect(m_inspector, &NodeInspector::alignRequested, this, &TeamEditor::align);
    connect(m_inspector, &NodeInspector::openRequested, this, &TeamEditor::openRequested);
    connect(m_inspector, &NodeInspector::createRequested, this, &TeamEditor::createRequested);
    connect(m_inspector, &NodeInspector::undoRequested, this, [this] { undo(false); });
    connect(m_inspector, &NodeInspector::redoRequested, this, [this] { undo(true); });
    connect(m_inspector, &NodeInspector::runFromRequested, this, [this](const QString &step) {
        TeamForkRequest request;
        request.run = m_runBar->shown();
        request.step = step;
        request.again = true;
        fork(std::move(request));
    });
    connect(m_problems, &TeamProblems::chosen, this, [this](const Problem &problem) {
        m_middle->setCurrentIndex(0);
        const QString id = TeamProblems::idOf(problem.pointer);
        if (id.isEmpty())
            m_canvas->setSelection({});
        else
            m_canvas->reveal(id);
        m_inspector->focusPointer(problem.pointer);
    });
}

void TeamEditor::connectRuns()
{
    connect(m_runBar, &TeamRunBar::viewChanged, this, &TeamEditor::showRunState);
    connect(m_runBar, &TeamRunBar::shownChanged, this, [this](RunId run) {
        m_inspector->setRun(run.isValid() ? m_runBar->view() : nullptr, run);
        showPause();
        showRunState();
    });
    connect(m_runBar, &TeamRunBar::openRequested, this, &TeamEditor::openRequested);
    connect(m_runBar, &TeamRunBar::errorRaised, this, &TeamEditor::errorRaised);
    connect(m_pause, &TeamPausePanel::continueRequested, this, [this](RunId run) {
        if (m_control)
            m_control->continueRun(run);
    });
    connect(m_pause, &TeamPausePanel::forkRequested, this, &TeamEditor::fork);
    connect(m_pause, &TeamPausePanel::stopRequested, m_session, &Session::stop);
    connect(m_pause, &TeamPausePanel::nodeChosen, m_canvas, &CanvasView::reveal);
    m_inspector->setRun(m_runBar->shown().isValid() ? m_runBar->view() : nullptr, m_runBar->shown());
}

void TeamEditor::showMenu(const QString &id, const QPoint &at)
{
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("team-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto add = [&](const char *command) {
        if (QAction *action = m_canvas->command(QLatin1String(command)))
            menu->addAction(action);
    };
    const bool node = m_body.value(QStringLiteral("nodes")).toObject().contains(id);
    if (node) {
        menu->addAction(tr("Open"), this, [this, id] { open(id); })->setObjectName(QStringLiteral("menu-open"));
        add("rename");
        add("breakpoint");
        const QString step = stepOf(id);
        QAction *again = menu->addAction(m_theme->icon(QStringLiteral("fork")), tr("Run from here"), this, [this, step] {
            TeamForkRequest request;
            request.run = m_runBar->shown();
            request.step = step;
            request.again = true;
            fork(std::move(request));
        });
        again->setObjectName(QStringLiteral("menu-run-from"));
        again->setEnabled(m_control && !step.isEmpty() && m_runBar->view()->isOver());
        again->setToolTip(step.isEmpty() ? tr("Show a run that came through this node first") : QString());
        menu->addSeparator();
    }
    if (id.isEmpty()) {
        add("add");
        add("note");
        add("paste");
        add("select-all");
        menu->addSeparator();
        add("auto-layout");
        add("fit");
    } else {
        for (const char *command : {"cut", "copy", "duplicate", "delete", "frame"})
            add(command);
        if (m_canvas->selection().size() > 1) {
            auto *ways = menu->addMenu(tr("Align"));
            for (QAction *action : m_canvas->commands()) {
                if (action->objectName().contains(QLatin1String("align-")) || action->objectName().contains(QLatin1String("distribute-")))
                    ways->addAction(action);
            }
            if (ways->isEmpty())
                ways->menuAction()->setVisible(false);
        }
    }
    menu->setToolTipsVisible(true);
    menu->popup(at);
}

} // namespace lathe
