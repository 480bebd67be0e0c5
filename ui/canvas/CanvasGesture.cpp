// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/CanvasGesture.h"

#include "ui/canvas/CanvasArea.h"
#include "ui/canvas/CanvasEditing.h"

#include <QPainter>

#include <cmath>

namespace lathe {

namespace {

double snapped(double v)
{
    return std::round(v / CanvasScene::grid) * CanvasScene::grid;
}

class Pan : public CanvasGesture
{
public:
    Pan(CanvasArea *area, QPoint at) : m_area(area), m_last(at) {}
    void move(QPointF, QPoint at, Qt::KeyboardModifiers) override
    {
        m_area->panBy(at - std::exchange(m_last, at));
    }
    void finish() override {}
    Qt::CursorShape cursor() const override { return Qt::ClosedHandCursor; }
    bool scrollsAtEdge() const override { return false; }

private:
    CanvasArea *m_area;
    QPoint m_last;
};

class Band : public CanvasGesture
{
public:
    Band(CanvasArea *area, QPointF from, bool adds) : m_area(area), m_band(from, from), m_from(from)
    {
        if (adds)
            m_base = area->canvas()->selection();
    }
    void move(QPointF to, QPoint, Qt::KeyboardModifiers) override
    {
        m_band = QRectF(m_from, to).normalized();
        m_area->canvas()->setSelection(m_base + m_area->canvas()->within(m_band));
        m_area->viewport()->update();
    }
    void finish() override { m_area->viewport()->update(); }
    void cancel() override
    {
        m_area->canvas()->setSelection(m_base);
        m_area->viewport()->update();
    }
    void paint(QPainter &painter) const override
    {
        const Tokens &t = m_area->theme()->tokens();
        QPen pen(t.accent, 1);
        pen.setCosmetic(true);
        painter.setPen(pen);
        painter.setBrush(withAlpha(t.accent, 0.10));
        painter.drawRect(m_band);
    }

private:
    CanvasArea *m_area;
    QRectF m_band;
    QPointF m_from;
    QStringList m_base;
};

// Where all items stand that a move takes along.
QHash<QString, QPointF> movedItems(const CanvasScene &scene)
{
    QHash<QString, QPointF> start;
    const auto take = [&](const QString &id) {
        if (scene.node(id) || scene.box(id))
            start.insert(id, scene.rectOf(id).topLeft());
    };
    for (const QString &id : scene.selection()) {
        take(id);
        if (const CanvasBox *b = scene.box(id); b && b->kind() == CanvasBox::Kind::Frame) {
            const QStringList inside = scene.insideFrame(b);
            for (const QString &inner : inside)
                take(inner);
        }
    }
    return start;
}

class Move : public CanvasGesture
{
public:
    Move(CanvasArea *area, const QString &lead, QPointF from)
        : m_area(area),
          m_scene(area->canvas()),
          m_start(movedItems(*area->canvas())),
          m_lead(m_scene->rectOf(lead)),
          m_from(from)
    {
        const QRectF seen = area->visibleRect();
        for (const NodeItem *n : m_scene->nodes()) {
            if (!m_start.contains(n->id()) && seen.intersects(n->cardRect()))
                m_others.push_back(n->cardRect());
        }
    }
    void move(QPointF to, QPoint, Qt::KeyboardModifiers modifiers) override
    {
        m_delta = to - m_from;
        m_guides.clear();
        if (!(modifiers & Qt::AltModifier)) {
            m_delta =
                QPointF(snapped(m_lead.left() + m_delta.x()), snapped(m_lead.top() + m_delta.y()))
                - m_lead.topLeft();
            align(Qt::Horizontal, to - m_from);
            align(Qt::Vertical, to - m_from);
        }
        for (auto it = m_start.cbegin(); it != m_start.cend(); ++it)
            m_scene->moveItem(it.key(), *it + m_delta);
        m_area->viewport()->update();
    }
    void finish() override
    {
        m_area->viewport()->update();
        if (m_delta.isNull())
            return;
        QHash<QString, QPointF> to;
        for (auto it = m_start.cbegin(); it != m_start.cend(); ++it)
            to.insert(it.key(), CanvasScene::bounded(*it + m_delta));
        m_area->editing()->moveTo(to);
    }
    void cancel() override
    {
        m_scene->restore();
        m_area->refresh();
    }
    void paint(QPainter &painter) const override
    {
        QPen pen(m_area->theme()->tokens().accent, 1, Qt::DashLine);
        pen.setCosmetic(true);
        painter.setPen(pen);
        painter.drawLines(m_guides);
    }
    Qt::CursorShape cursor() const override { return Qt::SizeAllCursor; }

private:
    // To the nearest left, middle or right (top, middle, bottom) of a card in sight, if one is
    // near; draws the line between.
    void align(Qt::Orientation along, QPointF wanted)
    {
        const bool x = along == Qt::Horizontal;
        const auto edges = [x](const QRectF &r) {
            return x ? std::array{r.left(), r.center().x(), r.right()}
                     : std::array{r.top(), r.center().y(), r.bottom()};
        };
        const QRectF lead = m_lead.translated(wanted);
        double best = 5 * m_area->pixel() + 0.01;
        std::optional<double> shift;
        for (const QRectF &other : m_others) {
            const auto a = edges(lead), b = edges(other);
            for (size_t i = 0; i < 3; ++i) { // like to like: left with left, middle with middle
                if (std::abs(b[i] - a[i]) < best) {
                    best = std::abs(b[i] - a[i]);
                    shift = b[i] - a[i];
                }
            }
        }
        if (!shift)
            return;
        (x ? m_delta.rx() : m_delta.ry()) = (x ? wanted.x() : wanted.y()) + *shift;
        const QRectF now = m_lead.translated(m_delta);
        const auto a = edges(now);
        for (size_t i = 0; i < 3; ++i) {
            QRectF span = now;
            bool found = false;
            for (const QRectF &other : m_others) {
                if (std::abs(edges(other)[i] - a[i]) < 0.5) {
                    span |= other;
                    found = true;
                }
            }
            if (!found)
                continue;
            m_guides.append(x ? QLineF(a[i], span.top() - 12, a[i], span.bottom() + 12)
                              : QLineF(span.left() - 12, a[i], span.right() + 12, a[i]));
            return; // cards of one size line up three times: one line says it
        }
    }

    CanvasArea *m_area;
    CanvasScene *m_scene;
    QHash<QString, QPointF> m_start;
    QRectF m_lead;
    QPointF m_from, m_delta;
    std::vector<QRectF> m_others;
    QVector<QLineF> m_guides;
};

class Resize : public CanvasGesture
{
public:
    Resize(CanvasArea *area, const QString &box, QPointF from)
        : m_area(area),
          m_box(box),
          m_from(from),
          m_start(area->canvas()->rectOf(box).size()),
          m_size(m_start)
    {
    }
    void move(QPointF to, QPoint, Qt::KeyboardModifiers modifiers) override
    {
        const QPointF d = to - m_from;
        m_size = QSizeF(m_start.width() + d.x(), m_start.height() + d.y());
        if (!(modifiers & Qt::AltModifier))
            m_size = QSizeF(snapped(m_size.width()), snapped(m_size.height()));
        m_area->canvas()->resizeBox(m_box, m_size);
        m_area->viewport()->update();
    }
    void finish() override
    {
        m_area->editing()->resizeTo(m_box, m_area->canvas()->rectOf(m_box).size());
    }
    void cancel() override
    {
        m_area->canvas()->restore();
        m_area->refresh();
    }
    Qt::CursorShape cursor() const override { return Qt::SizeFDiagCursor; }

private:
    CanvasArea *m_area;
    QString m_box;
    QPointF m_from;
    QSizeF m_start, m_size;
};

} // namespace

std::unique_ptr<CanvasGesture> CanvasGesture::pan(CanvasArea *area, QPoint at)
{
    return std::make_unique<Pan>(area, at);
}

std::unique_ptr<CanvasGesture> CanvasGesture::band(CanvasArea *area, QPointF from, bool adds)
{
    return std::make_unique<Band>(area, from, adds);
}

std::unique_ptr<CanvasGesture> CanvasGesture::moveItems(CanvasArea *area, const QString &lead,
                                                        QPointF from)
{
    return std::make_unique<Move>(area, lead, from);
}

std::unique_ptr<CanvasGesture> CanvasGesture::resize(CanvasArea *area, const QString &box,
                                                     QPointF from)
{
    return std::make_unique<Resize>(area, box, from);
}

KeyMove::KeyMove(CanvasArea *area) : m_area(area), m_start(movedItems(*area->canvas())) {}

void KeyMove::by(QPointF delta)
{
    m_delta += delta;
    for (auto it = m_start.cbegin(); it != m_start.cend(); ++it)
        m_area->canvas()->moveItem(it.key(), *it + m_delta);
    if (m_area->isOverview())
        m_area->refresh();
}

void KeyMove::finish()
{
    if (m_delta.isNull())
        return;
    QHash<QString, QPointF> to;
    for (auto it = m_start.cbegin(); it != m_start.cend(); ++it)
        to.insert(it.key(), CanvasScene::bounded(*it + m_delta));
    m_area->editing()->moveTo(to);
}

} // namespace lathe
