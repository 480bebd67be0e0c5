// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/CanvasLayoutRunner.h"

#include "ui/canvas/CanvasEditing.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Label.h"

#include <QGridLayout>
#include <QKeyEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {
constexpr double frameMargin = 24;
}

CanvasLayoutRunner::CanvasLayoutRunner(Theme *theme, CanvasScene *scene, CanvasEditing *editing,
                                       QWidget *parent)
    : QFrame(parent),
      m_theme(theme),
      m_scene(scene),
      m_editing(editing),
      m_text(new Label(theme, QString())),
      m_cancel(new Button(tr("Cancel"))),
      m_bar(new BusyBar(theme))
{
    auto *grid = new QGridLayout(this);
    grid->setContentsMargins(metrics::Margin, metrics::Gap, metrics::Gap, metrics::Gap);
    grid->setHorizontalSpacing(metrics::GapLarge);
    grid->setVerticalSpacing(metrics::GapSmall);
    grid->addWidget(m_text, 0, 0);
    grid->addWidget(m_cancel, 0, 1);
    grid->addWidget(m_bar, 1, 0, 1, 2);
    m_text->setMinimumWidth(200);
    hide();
    connect(m_cancel, &Button::clicked, this, &CanvasLayoutRunner::cancel);
    m_timer.setInterval(250);
    connect(&m_timer, &QTimer::timeout, this, &CanvasLayoutRunner::tick);
    connect(&m_layout, &GraphvizLayout::progress, m_bar, &BusyBar::setProgress);
    connect(&m_layout, &GraphvizLayout::finished, this, &CanvasLayoutRunner::finished);
    connect(&m_layout, &GraphvizLayout::failed, this, [this](const QString &sentence) {
        close();
        Q_EMIT message(sentence);
    });
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void CanvasLayoutRunner::start()
{
    if (m_layout.isRunning() || m_editing->isReadOnly())
        return;
    QStringList chosen;
    for (const QString &id : m_scene->selection()) {
        if (m_scene->node(id))
            chosen.append(id);
    }
    if (chosen.size() < 2)
        chosen = m_scene->nodes().keys();
    if (chosen.size() < 2)
        return;
    // N2 before n10: the same drawing each time
    std::sort(chosen.begin(), chosen.end(), [](const QString &a, const QString &b) {
        return a.size() != b.size() ? a.size() < b.size() : a < b;
    });
    // A node belongs to the smallest frame around it.
    m_frameOf.clear();
    std::vector<const CanvasBox *> frames;
    for (const CanvasBox *box : m_scene->boxes()) {
        if (box->kind() == CanvasBox::Kind::Frame)
            frames.push_back(box);
    }
    std::sort(frames.begin(), frames.end(), [](const CanvasBox *a, const CanvasBox *b) {
        const double x = a->boxRect().width() * a->boxRect().height(),
                     y = b->boxRect().width() * b->boxRect().height();
        return x != y ? x < y : a->id() < b->id();
    });
    std::vector<GraphvizLayout::Node> nodes;
    QRectF all;
    for (const QString &id : std::as_const(chosen)) {
        const NodeItem *n = m_scene->node(id);
        all |= n->cardRect();
        const auto frame = std::find_if(frames.begin(), frames.end(), [n](const CanvasBox *f) {
            return f->boxRect().contains(n->cardRect());
        });
        if (frame != frames.end())
            m_frameOf.insert(id, (*frame)->id());
        nodes.push_back({id, n->cardSize(), m_frameOf.value(id), int(n->model().outputs.size())});
    }
    // On the grid, so that arranging again gives the same.
    m_origin = QPointF(std::round(all.left() / CanvasScene::grid),
                       std::round(all.top() / CanvasScene::grid))
               * CanvasScene::grid;
    std::vector<GraphvizLayout::Edge> edges;
    for (const EdgeItem *e : m_scene->edges()) {
        if (e->source() && e->target())
            edges.push_back({e->source()->id(), e->target()->id(), e->returns(),
                             e->source()->model().find(e->edge().fromPort, true).index});
    }
    std::sort(edges.begin(), edges.end(), [](const auto &a, const auto &b) {
        return std::tie(a.from, a.output, a.to) < std::tie(b.from, b.output, b.to);
    });
    m_count = nodes.size();
    m_layout.start(nodes, edges);
    if (!m_layout.isRunning())
        return; // it said why
    m_bar->setProgress(0);
    tick();
    m_timer.start();
    adjustSize();
    show();
    raise();
    Q_EMIT shownChanged();
}

void CanvasLayoutRunner::tick()
{
    m_text->setText(tr("Arranging %1 nodes, %2 s").arg(m_count).arg(m_layout.elapsedMs() / 1000));
}

void CanvasLayoutRunner::cancel()
{
    m_layout.cancel();
    close();
}

void CanvasLayoutRunner::close()
{
    m_timer.stop();
    m_bar->setBusy(false);
    const bool focused = isAncestorOf(focusWidget());
    hide();
    if (focused && parentWidget())
        parentWidget()->setFocus(Qt::OtherFocusReason);
    Q_EMIT shownChanged();
}

void CanvasLayoutRunner::finished(const QHash<QString, QPointF> &places)
{
    close();
    double left = 1e18, top = 1e18;
    for (const QPointF &at : places) {
        left = std::min(left, at.x());
        top = std::min(top, at.y());
    }
    QHash<QString, QPointF> moved;
    QHash<QString, QRectF> frames;
    for (auto it = places.cbegin(); it != places.cend(); ++it) {
        const NodeItem *n = m_scene->node(it.key());
        if (!n)
            continue; // deleted meanwhile
        const QPointF at = *it - QPointF(left, top) + m_origin;
        moved.insert(it.key(), at);
        if (const QString frame = m_frameOf.value(it.key()); !frame.isEmpty())
            frames[frame] |= QRectF(at, n->cardSize());
    }
    for (QRectF &rect : frames)
        rect.adjust(-frameMargin, -frameMargin - CanvasBox::titleHeight, frameMargin, frameMargin);
    m_editing->applyLayout(moved, frames);
    Q_EMIT done();
}

void CanvasLayoutRunner::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        cancel();
    else
        QFrame::keyPressEvent(event);
}

void CanvasLayoutRunner::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paint::roundedBox(painter, rect(), metrics::Radius, m_theme->tokens().raised,
                      m_theme->tokens().lineStrong);
}

} // namespace lathe
