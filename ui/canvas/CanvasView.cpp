// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/CanvasView.h"

#include "ui/canvas/CanvasActions.h"
#include "ui/canvas/CanvasArea.h"
#include "ui/canvas/CanvasEditing.h"
#include "ui/canvas/CanvasLayoutRunner.h"
#include "ui/canvas/CanvasSearch.h"
#include "ui/canvas/CanvasZoomBar.h"
#include "ui/canvas/Minimap.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/FindBar.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/PrimaryButton.h"

#include <QAccessible>
#include <QTextDocumentFragment>

namespace lathe {

namespace {
constexpr int beatMs = 40;
constexpr int beatsARound = 30; // 1.2 s
}

CanvasView::CanvasView(Theme *theme, QWidget *parent)
    : QWidget(parent),
      m_theme(theme),
      m_scene(CanvasScene::make(theme)),
      m_area(new CanvasArea(theme, m_scene.get(), this)),
      m_editing(new CanvasEditing(theme, m_scene.get(), m_area, this)),
      m_actions(new CanvasActions(theme, this)),
      m_search(new CanvasSearch(theme, m_scene.get(), m_area, this)),
      m_layout(new CanvasLayoutRunner(theme, m_scene.get(), m_editing, this)),
      m_minimap(new Minimap(theme, m_scene.get(), m_area, this)),
      m_empty(new EmptyState(
          theme, QStringLiteral("team"),
          tr("A team is drawn here: add its first node, or drag one from the palette."),
          m_area->viewport()))
{
    m_area->setEditing(m_editing);
    setFocusProxy(m_area);
    addCommands();
    m_zoomBar =
        new ZoomBar(theme, command(QStringLiteral("zoom-out")),
                    command(QStringLiteral("zoom-reset")), command(QStringLiteral("zoom-in")),
                    command(QStringLiteral("fit")), command(QStringLiteral("minimap")), this);
    m_empty->setAction(tr("Add a node"));
    connect(m_empty, &EmptyState::actionTriggered, m_editing, &CanvasEditing::quickAdd);
    m_beat.setInterval(beatMs);
    connect(&m_beat, &QTimer::timeout, this, [this] {
        m_phase = (m_phase + 1) % beatsARound;
        m_scene->beat(double(m_phase) / beatsARound);
    });
    connect(m_editing, &CanvasEditing::changesRequested, this, &CanvasView::changesRequested);
    connect(m_editing, &CanvasEditing::activated, this, &CanvasView::activated);
    connect(m_editing, &CanvasEditing::edgeClicked, this, &CanvasView::edgeClicked);
    connect(m_editing, &CanvasEditing::breakpointToggled, this, &CanvasView::breakpointToggled);
    connect(m_editing, &CanvasEditing::message, this, &CanvasView::message);
    connect(m_area, &CanvasArea::message, this, &CanvasView::message);
    connect(m_layout, &CanvasLayoutRunner::message, this, &CanvasView::message);
    connect(m_layout, &CanvasLayoutRunner::shownChanged, this, &CanvasView::place);
    connect(m_layout, &CanvasLayoutRunner::done, this, &CanvasView::fit);
    connect(m_area, &CanvasArea::viewChanged, this, [this] {
        m_zoomBar->setZoom(m_area->zoom());
        if (m_empty->isVisible())
            place(); // scrolling took it along
        else
            placeMinimap();
    });
    connect(m_area, &CanvasArea::menuRequested, this, &CanvasView::contextMenuRequested);
    connect(m_scene.get(), &CanvasScene::selectionMoved, this, [this] {
        tellSelection();
        Q_EMIT selectionChanged(m_scene->selection());
    });
}

CanvasView::~CanvasView()
{
    // What looks at the scene goes before it.
    m_scene->disconnect();
    delete m_minimap;
    delete m_area;
}

void CanvasView::addCommands()
{
    using Keys = QList<QKeySequence>;
    const auto add = [this](const char *id, const QString &text, const Keys &keys, const char *icon,
                            bool edits, std::function<void()> run) {
        return m_actions->add(QLatin1String(id), text, keys, QLatin1String(icon), edits,
                              std::move(run));
    };
    CanvasEditing *e = m_editing;
    add("add", tr("Add a node"), {QKeySequence(Qt::Key_A)}, "plus", true, [e] { e->quickAdd(); });
    add("rename", tr("Rename"), {QKeySequence(Qt::Key_F2)}, "", true,
        [this] { m_editing->rename(m_scene->current()); });
    add("cut", tr("Cut"), {QKeySequence(QKeySequence::Cut)}, "", true, [e] { e->cut(); });
    add("copy", tr("Copy"), {QKeySequence(QKeySequence::Copy)}, "copy", false, [e] { e->copy(); });
    add("paste", tr("Paste"), {QKeySequence(QKeySequence::Paste)}, "", true, [e] { e->paste(); });
    add("duplicate", tr("Duplicate"), {QKeySequence(Qt::CTRL | Qt::Key_D)}, "", true,
        [e] { e->duplicate(); });
    add("delete", tr("Delete"), {QKeySequence(Qt::Key_Delete), QKeySequence(Qt::Key_Backspace)},
        "trash", true, [e] { e->remove(); });
    add("select-all", tr("Select all"), {QKeySequence(QKeySequence::SelectAll)}, "", false,
        [e] { e->selectAll(); });
    add("frame", tr("Frame around the selection"), {QKeySequence(Qt::CTRL | Qt::Key_G)}, "folder",
        true, [e] { e->addFrame(); });
    add("note", tr("Add a note"), {QKeySequence(Qt::Key_N)}, "file", true, [e] { e->addNote(); });
    add("breakpoint", tr("Breakpoint on or off"), {QKeySequence(Qt::Key_F9)}, "stop", false,
        [e] { e->toggleBreakpoint(); });
    const std::tuple<const char *, QString, Alignment> alignments[] = {
        {"align-left", tr("Align left edges"), Alignment::Left},
        {"align-center", tr("Align centres"), Alignment::HCenter},
        {"align-right", tr("Align right edges"), Alignment::Right},
        {"align-top", tr("Align top edges"), Alignment::Top},
        {"align-middle", tr("Align middles"), Alignment::VCenter},
        {"align-bottom", tr("Align bottom edges"), Alignment::Bottom},
        {"distribute-h", tr("Space evenly across"), Alignment::DistributeH},
        {"distribute-v", tr("Space evenly down"), Alignment::DistributeV}};
    for (const auto &[id, text, how] : alignments) {
        const Alignment alignment = how;
        add(id, text, {}, "", true, [e, alignment] { e->align(alignment); });
    }
    add("auto-layout", tr("Arrange automatically"),
        {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_A)}, "control", true,
        [this] { m_layout->start(); });
    add("search", tr("Find on the canvas"), {QKeySequence(QKeySequence::Find)}, "search", false,
        [this] {
            m_search->open();
            place();
        });
    add("fit", tr("Zoom to fit"),
        {QKeySequence(Qt::SHIFT | Qt::Key_1), QKeySequence(Qt::Key_Exclam),
         QKeySequence(Qt::SHIFT | Qt::Key_Exclam)},
        "", false, [this] { fit(); });
    const auto zoomBy = [this](double factor) {
        m_area->setZoom(m_area->zoom() * factor, QRectF(m_area->viewport()->rect()).center());
    };
    add("zoom-in", tr("Zoom in"),
        {QKeySequence(Qt::CTRL | Qt::Key_Plus), QKeySequence(Qt::CTRL | Qt::Key_Equal),
         QKeySequence(Qt::Key_Plus)},
        "plus", false, [zoomBy] { zoomBy(1.25); });
    add("zoom-out", tr("Zoom out"),
        {QKeySequence(Qt::CTRL | Qt::Key_Minus), QKeySequence(Qt::Key_Minus)}, "", false,
        [zoomBy] { zoomBy(0.8); });
    add("zoom-reset", tr("Zoom to 100 %"), {QKeySequence(Qt::CTRL | Qt::Key_0)}, "", false,
        [this] { setZoom(1); });
    QAction *map = add("minimap", tr("Show the small map"), {QKeySequence(Qt::Key_M)}, "", false,
                       [this] { place(); });
    map->setCheckable(true);
    map->setChecked(true);
}

void CanvasView::setBody(const QJsonObject &body)
{
    m_scene->mirror(body);
    if (m_empty->isHidden() != !m_scene->isEmpty() || m_minimap->isHidden() != m_scene->isEmpty()) {
        m_empty->setVisible(m_scene->isEmpty());
        place();
    }
    if (m_scene->isEmpty() || m_fitted) {
        m_fitted = !m_scene->isEmpty();
        return;
    }
    m_fitted = true;
    m_fitPending = !isVisible();
    if (!m_fitPending)
        fit();
}

const QJsonObject &CanvasView::body() const
{
    return m_scene->body();
}

void CanvasView::setProblems(const std::vector<Problem> &problems)
{
    m_scene->setProblems(problems);
}

void CanvasView::setRunState(const QHash<QString, NodeRunState> &states)
{
    m_scene->setRunState(states);
    updateBeat();
}

void CanvasView::setEdgeFlow(const QHash<QString, EdgeFlow> &flows)
{
    m_scene->setEdgeFlow(flows);
    updateBeat();
}

void CanvasView::updateBeat()
{
    const bool beats = m_scene->isLive() && isVisible();
    if (beats != m_beat.isActive())
        beats ? m_beat.start() : m_beat.stop();
}

void CanvasView::setBreakpoints(const QSet<QString> &nodes)
{
    m_scene->setBreakpoints(nodes);
}

void CanvasView::setDifference(const QHash<QString, DiffMark> &marks)
{
    m_scene->setDifference(marks);
}

void CanvasView::setReadOnly(bool readOnly)
{
    m_editing->setReadOnly(readOnly);
    m_actions->setReadOnly(readOnly);
    m_empty->setAction(readOnly ? QString() : tr("Add a node"));
    m_empty->setSentence(
        readOnly ? tr("This team has no nodes.")
                 : tr("A team is drawn here: add its first node, or drag one from the palette."));
}

bool CanvasView::isReadOnly() const
{
    return m_editing->isReadOnly();
}

QStringList CanvasView::selection() const
{
    return m_scene->selection();
}

void CanvasView::setSelection(const QStringList &ids)
{
    m_scene->setSelection(ids);
}

void CanvasView::reveal(const QString &id)
{
    if (!m_scene->item(id))
        return;
    m_scene->setSelection({id});
    if (m_area->isOverview()) {
        m_area->setZoom(1, QRectF(m_area->viewport()->rect()).center());
        m_area->centreOn(m_scene->rectOf(id).center());
    }
    m_area->ensureShown(m_scene->rectOf(id));
}

void CanvasView::addNodeOfKind(NodeKind kind, const QJsonObject &settings)
{
    m_editing->addNode(kind, settings);
}

void CanvasView::fit()
{
    m_area->fit();
}

double CanvasView::zoom() const
{
    return m_area->zoom();
}

void CanvasView::setZoom(double zoom)
{
    m_area->setZoom(zoom, QRectF(m_area->viewport()->rect()).center());
}

QSizeF CanvasView::nodeSize(const QString &id) const
{
    const NodeItem *n = m_scene->node(id);
    return n ? n->cardSize() : QSizeF();
}

QString CanvasView::toolTipOf(const QString &id) const
{
    return m_scene->toolTipOf(id);
}

QList<QAction *> CanvasView::commands() const
{
    return m_actions->all();
}

QAction *CanvasView::command(const QString &id) const
{
    return m_actions->action(id);
}

void CanvasView::setGraphvizProgram(const QString &program)
{
    m_layout->layout()->setProgram(program);
}

void CanvasView::tellSelection()
{
    const QString id = m_scene->current();
    m_area->setAccessibleDescription(
        id.isEmpty() ? QString()
                     : QTextDocumentFragment::fromHtml(m_scene->toolTipOf(id)).toPlainText());
    QAccessibleEvent event(m_area, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&event);
}

void CanvasView::place()
{
    m_area->setGeometry(rect());
    const QSize bar = m_zoomBar->sizeHint();
    m_zoomBar->setGeometry(
        QRect(QPoint(metrics::Margin, height() - bar.height() - metrics::Margin), bar));
    const QSize map = m_minimap->sizeHint();
    m_minimap->setGeometry(QRect(
        QPoint(width() - map.width() - metrics::Margin, height() - map.height() - metrics::Margin),
        map));
    placeMinimap();
    FindBar *find = m_search->bar();
    find->setGeometry(QRect(QPoint(std::max(8, width() - 360 - metrics::Margin), metrics::Margin),
                            QSize(std::min(360, width() - 16), find->sizeHint().height())));
    m_layout->adjustSize();
    m_layout->move((width() - m_layout->width()) / 2, metrics::Margin);
    const QSize empty = m_empty->sizeHint().boundedTo(size());
    m_empty->setGeometry(
        QRect(QPoint((width() - empty.width()) / 2, (height() - empty.height()) / 2), empty));
}

void CanvasView::placeMinimap()
{
    // Where everything is in view, a map of it only takes room.
    const bool wanted = command(QStringLiteral("minimap"))->isChecked() && !m_scene->isEmpty() && width() > 480 && height() > 320;
    m_minimap->setVisible(wanted && !m_area->visibleRect().contains(m_scene->contentRect()));
}

void CanvasView::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    place();
}

void CanvasView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (std::exchange(m_fitPending, false)) {
        place();
        fit();
    }
    updateBeat();
}

void CanvasView::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    updateBeat();
}

} // namespace lathe
