// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/TeamEditor.h"

#include "core/base/Json.h"
#include "ui/canvas/CanvasView.h"
#include "ui/canvas/NodeInspector.h"
#include "ui/canvas/TeamChanges.h"
#include "ui/canvas/TeamDiffPage.h"
#include "ui/canvas/TeamPausePanel.h"
#include "ui/canvas/TeamProblems.h"
#include "ui/canvas/TeamRunBar.h"
#include "ui/canvas/TeamRunStyle.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/DocumentHeader.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/NameField.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/Silence.h"

#include <QAction>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPainter>
#include <QStackedWidget>

namespace lathe {

// The parts are put together in TeamEditorParts.cpp.

bool TeamEditor::isEditable() const
{
    return m_shown == 0 && !m_session->project().isReadOnly();
}

QJsonObject TeamEditor::body(int number) const
{
    if (number > 0) {
        const auto revision = m_session->project().artifacts().revision(m_team, number);
        return revision ? revision->body : QJsonObject();
    }
    const auto draft = m_session->draft(m_team);
    return draft ? draft->body : QJsonObject();
}

const QHash<QString, QString> &TeamEditor::names()
{
    if (std::exchange(m_namesKnown, true))
        return m_names;
    m_names.clear();
    const QJsonObject nodes = m_body.value(QStringLiteral("nodes")).toObject();
    for (auto it = nodes.begin(); it != nodes.end(); ++it)
        m_names.insert(it.key(), it.value()[QLatin1String("name")].toString(it.key()));
    for (const TeamEdge &edge : edges())
        m_names.insert(edge.id, QStringLiteral("%1 %2 %3").arg(m_names.value(edge.from), QChar(0x2192), m_names.value(edge.to)));
    return m_names;
}

const std::vector<TeamEdge> &TeamEditor::edges()
{
    if (std::exchange(m_edgesKnown, true))
        return m_edges;
    m_edges.clear();
    const QJsonObject all = m_body.value(QStringLiteral("edges")).toObject();
    for (auto it = all.begin(); it != all.end(); ++it) {
        TeamEdge edge;
        edge.id = it.key();
        edge.from = it.value()[QLatin1String("from")].toString();
        edge.to = it.value()[QLatin1String("to")].toString();
        m_edges.push_back(std::move(edge));
    }
    return m_edges;
}

void TeamEditor::apply(const BodyChanges &changes, const QString &what, const QString &note)
{
    if (isEditable()) {
        if (const auto done = teamchanges::apply(m_session, m_team, changes, what); !done)
            Q_EMIT errorRaised(done.error());
        else if (!note.isEmpty())
            Q_EMIT statusMessage(note);
    }
    reload(); // the project tells once it is in the file; what a person looks at does not wait for that
}

void TeamEditor::undo(bool redo)
{
    if (!isEditable() || !(redo ? m_session->canRedo(m_team) : m_session->canUndo(m_team)))
        return;
    if (const auto done = redo ? m_session->redo(m_team) : m_session->undo(m_team); !done)
        Q_EMIT errorRaised(done.error());
    reload();
}

void TeamEditor::reload()
{
    const auto info = m_session->project().artifacts().info(m_team);
    if (!info)
        return;
    if (m_shown > 0 && m_shown == info->latestNumber && !info->hasDraft)
        m_shown = 0;
    const bool editable = isEditable();
    m_header->show(info->name, info->latestNumber, info->hasDraft, m_session->project().isReadOnly());
    const bool canCommit = !m_session->project().isReadOnly() && (info->hasDraft || info->latestNumber == 0);
    m_note->setEnabled(canCommit);
    m_commit->setEnabled(canCommit);
    m_undo->setEnabled(editable && m_session->canUndo(m_team));
    m_redo->setEnabled(editable && m_session->canRedo(m_team));
    m_banner->setVisible(m_shown > 0);
    m_bannerText->setText(tr("Revision %1, read-only").arg(m_shown));
    m_restore->setEnabled(!m_session->project().isReadOnly());
    for (QWidget *tool : m_editTools)
        tool->setEnabled(editable);
    m_palette->setEnabled(editable);
    m_canvas->setReadOnly(!editable);
    const QJsonObject now = body(m_shown);
    const bool first = m_body.isEmpty();
    if (now != m_body || first) {
        m_body = now;
        m_namesKnown = m_edgesKnown = false;
        m_canvas->setBody(now);
        m_runBar->setTeam(now);
        m_inspector->setBody(now);
        const QJsonObject nodes = now.value(QStringLiteral("nodes")).toObject();
        QSet<QString> shown;
        for (const QString &id : std::as_const(m_breakpoints)) {
            if (nodes.contains(id)) // a deleted node's comes back with it
                shown.insert(id);
        }
        m_canvas->setBreakpoints(shown);
    }
    m_inspector->setEditable(editable);
    m_check.start();
}

void TeamEditor::check()
{
    m_check.stop();
    const auto problems = m_session->problems(ArtifactKind::Team, m_body);
    m_canvas->setProblems(problems);
    m_inspector->setProblems(problems);
    m_problems->setProblems(problems, names());
    m_clean->setVisible(problems.empty());
}

void TeamEditor::showRevision(int number)
{
    const auto info = m_session->project().artifacts().info(m_team);
    if (!info)
        return;
    m_shown = number == info->latestNumber && !info->hasDraft ? 0 : number;
    if (m_shown > 0 && !m_session->project().artifacts().revision(m_team, m_shown)) {
        Q_EMIT errorRaised(Error(ErrorKind::NotFound, tr("The team %1 has no revision %2.").arg(info->name).arg(number)));
        m_shown = 0;
    }
    m_middle->setCurrentIndex(0);
    reload();
    check();
}

void TeamEditor::compare(int older, int newer)
{
    if (!m_diff) {
        m_diff = new TeamDiffPage(m_session, m_theme, m_team, m_middle);
        connect(m_diff, &TeamDiffPage::closed, this, [this] {
            m_middle->setCurrentIndex(0);
            m_canvas->setFocus(Qt::OtherFocusReason);
        });
        connect(m_diff, &TeamDiffPage::openRequested, this, &TeamEditor::openRequested);
        m_middle->addWidget(m_diff);
    }
    m_diff->compare(older, newer);
    m_middle->setCurrentWidget(m_diff);
    m_diff->setFocus(Qt::OtherFocusReason);
}

void TeamEditor::commit()
{
    if (!m_commit->isEnabled())
        return;
    m_commit->setEnabled(false);
    runTask(this, m_session->commit(m_team, m_note->text().trimmed()), [this](const RevisionInfo &revision) {
        m_note->clear();
        reload();
        Q_EMIT statusMessage(tr("Committed %1 as revision %2.").arg(m_header->name()->name()).arg(revision.number));
    }, [this](const Error &error) {
        reload();
        Q_EMIT errorRaised(error);
    });
}

void TeamEditor::restore()
{
    if (m_shown <= 0 || m_session->project().isReadOnly())
        return;
    runTask(this, m_session->project().artifacts().restore(m_team, m_shown), [this, number = m_shown] {
        showRevision(0);
        Q_EMIT statusMessage(tr("Revision %1 is now the draft. Ctrl+Z takes it back.").arg(number));
    }, [this](const Error &error) { Q_EMIT errorRaised(error); });
}

// The smallest team that runs.
void TeamEditor::addStarter()
{
    QJsonObject made = m_body;
    BodyChanges all;
    const auto put = [&](const BodyChanges &changes) {
        made = applyChanges(made, changes);
        all.insert(all.end(), changes.begin(), changes.end());
    };
    QStringList ids;
    const NodeKind kinds[] = {NodeKind::Input, NodeKind::Agent, NodeKind::Output};
    for (int i = 0; i < 3; ++i) {
        QJsonObject settings;
        const auto agents = m_session->project().artifacts().list(ArtifactKind::Agent);
        if (kinds[i] == NodeKind::Agent && !agents.empty())
            settings.insert(QStringLiteral("agent"), agents.front().name);
        const AddedNode added = addNode(made, kinds[i], QPointF(i * 300, 0), settings);
        put(added.changes);
        ids.append(added.id);
    }
    for (int i = 0; i < 2; ++i)
        put(connectNodes(made, ids[i], QStringLiteral("out"), ids[i + 1], QStringLiteral("in")));
    apply(all, tr("Start the team"));
    m_canvas->fit();
    m_canvas->setSelection({ids[1]});
    m_canvas->setFocus(Qt::OtherFocusReason);
}

void TeamEditor::align(Alignment how)
{
    QStringList nodes;
    QHash<QString, QSizeF> sizes;
    const QJsonObject all = m_body.value(QStringLiteral("nodes")).toObject();
    for (const QString &id : m_canvas->selection()) {
        if (!all.contains(id))
            continue;
        nodes.append(id);
        sizes.insert(id, m_canvas->nodeSize(id));
    }
    const bool spread = how == Alignment::DistributeH || how == Alignment::DistributeV;
    apply(alignNodes(m_body, nodes, sizes, how), spread ? tr("Spread %1 nodes").arg(nodes.size()) : tr("Align %1 nodes").arg(nodes.size()));
}

// --- Runs over the canvas.

void TeamEditor::setRunControl(TeamRunControl *control)
{
    if (m_control)
        m_control->disconnect(this);
    m_control = control;
    if (!control)
        return;
    control->setBreakpoints(m_team, QStringList(m_breakpoints.begin(), m_breakpoints.end()));
    connect(control, &TeamRunControl::pausedChanged, this, [this](RunId run) {
        const auto info = m_session->project().runs().run(run);
        if (!info || info->artifact != m_team || passes(run))
            return;
        m_paused.removeAll(run);
        if (m_control->paused(run))
            m_paused.append(run);
        m_runBar->setPaused(m_paused);
        // Nothing else goes on: the one that waits is what a person wants to see.
        if (m_paused.contains(run) && (!m_runBar->shown().isValid() || m_runBar->view()->isOver()))
            m_runBar->showRun(run);
        showPause();
        showRunState();
        const auto paused = m_control->paused(m_runBar->shown());
        if (paused && !paused->nodes.empty() && m_canvas->selection().isEmpty())
            m_canvas->reveal(paused->nodes.front().node);
    });
    showPause();
}

void TeamEditor::showRun(RunId run)
{
    m_runBar->showRun(run);
}

void TeamEditor::showRunState()
{
    const RunId run = m_runBar->shown();
    const TeamRunView &view = *m_runBar->view();
    if (!run.isValid()) {
        m_canvas->setRunState({});
        m_canvas->setEdgeFlow({});
    } else {
        QSet<QString> pending;
        if (m_control && m_paused.contains(run) && view.isAtEnd()) {
            if (const auto paused = m_control->paused(run)) {
                for (const PausedTeam::Node &node : paused->nodes)
                    pending.insert(node.node);
            }
        }
        m_canvas->setRunState(runstyle::nodeStates(view, pending));
        m_canvas->setEdgeFlow(runstyle::edgeFlows(view, edges()));
    }
    m_inspector->refreshRun();
}

void TeamEditor::showPause()
{
    const RunId run = m_runBar->shown();
    m_pause->setPaused(m_control && run.isValid() ? m_control->paused(run) : std::nullopt, names());
}

void TeamEditor::toggleBreakpoint(const QString &node, bool on)
{
    if (on)
        m_breakpoints.insert(node);
    else
        m_breakpoints.remove(node);
    const QStringList ids(m_breakpoints.begin(), m_breakpoints.end());
    m_canvas->setBreakpoints(m_breakpoints);
    if (!m_session->project().isReadOnly())
        m_session->project().setSetting(QStringLiteral("ui/team/breakpoints/%1").arg(m_team.value), QJsonArray::fromStringList(ids));
    if (m_control)
        m_control->setBreakpoints(m_team, ids);
}

QString TeamEditor::stepOf(const QString &node) const
{
    const QStringList steps = m_runBar->view()->nodes().value(node).steps;
    return steps.isEmpty() ? QString() : steps.last();
}

void TeamEditor::fork(TeamForkRequest request)
{
    if (!m_control)
        return;
    const RunId from = request.run;
    const QString step = request.step;
    runTask(this, m_control->fork(std::move(request)), [this, from, step](RunId run) {
        m_forks.insert(run, step);
        passes(run);
        m_runBar->showRun(run);
        Q_EMIT statusMessage(tr("Run %1 goes on from run %2 with the changes.").arg(run.value).arg(from.value));
    }, [this](const Error &error) { Q_EMIT errorRaised(error); });
}

bool TeamEditor::passes(RunId run)
{
    const auto step = m_forks.constFind(run);
    const auto paused = step == m_forks.constEnd() ? std::nullopt : m_control->paused(run);
    if (!paused || paused->nodes.empty())
        return false;
    // What was decided when forking is not asked again; from the next superstep on breakpoints hold.
    const bool there =
        std::any_of(paused->nodes.begin(), paused->nodes.end(), [&](const PausedTeam::Node &node) { return node.step == *step; });
    const bool before = stepPathLess(paused->nodes.front().step, *step);
    if (!there && !before) {
        m_forks.erase(step);
        return false;
    }
    if (there)
        m_forks.erase(step);
    m_control->continueRun(run);
    return true;
}

void TeamEditor::open(const QString &node)
{
    const QJsonObject settings = m_body.value(QStringLiteral("nodes"))[node][QLatin1String("settings")].toObject();
    const struct {
        const char *key;
        ArtifactKind kind;
    } references[] = {{"agent", ArtifactKind::Agent}, {"tool", ArtifactKind::Tool}, {"team", ArtifactKind::Team}};
    for (const auto &reference : references) {
        const auto ref = ArtifactRef::parse(settings.value(QLatin1String(reference.key)).toString());
        const auto id = ref ? m_session->project().artifacts().find(reference.kind, ref->name) : std::nullopt;
        if (id)
            return Q_EMIT openRequested(Location::ofArtifact(*id, ref->number));
    }
    m_inspector->focusFirst();
}

void TeamEditor::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().surface);
}

void TeamEditor::keyPressEvent(QKeyEvent *event)
{
    // The window's own shortcuts come first, where it has them.
    if (event->matches(QKeySequence::Undo) || event->matches(QKeySequence::Redo))
        return undo(event->matches(QKeySequence::Redo));
    if (event->key() == Qt::Key_F8) // wherever the focus is
        return m_problems->next();
    QWidget::keyPressEvent(event);
}

TeamEditor::~TeamEditor()
{
    silence(this);
}

} // namespace lathe
