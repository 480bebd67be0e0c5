// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/ui/widgets/WidgetTest.h"
#include "ui/canvas/CanvasArea.h"
#include "ui/canvas/CanvasView.h"

#include <QApplication>
#include <QTest>
#include <QVBoxLayout>

namespace lathe::test {

inline QJsonObject node(const QString &kind, const QString &name, const QJsonObject &settings = {})
{
    return QJsonObject{{QStringLiteral("kind"), kind},
                       {QStringLiteral("name"), name},
                       {QStringLiteral("settings"), settings}};
}

inline QJsonObject edge(const QString &from, const QString &fromPort, const QString &to,
                        const QString &toPort, const QString &label = {})
{
    QJsonObject made{{QStringLiteral("from"), from},
                     {QStringLiteral("from_port"), fromPort},
                     {QStringLiteral("to"), to},
                     {QStringLiteral("to_port"), toPort}};
    if (!label.isEmpty())
        made.insert(QStringLiteral("label"), label);
    return made;
}

inline QJsonObject at(double x, double y)
{
    return QJsonObject{{QStringLiteral("x"), x}, {QStringLiteral("y"), y}};
}

// Nodes in columns of `rows`, each connected to the next in its row; agents, transforms and tools
// by turns.
inline QJsonObject gridTeam(int count, int rows)
{
    QJsonObject nodes, edges, places;
    const QString kinds[] = {QStringLiteral("agent"), QStringLiteral("transform"),
                             QStringLiteral("tool"), QStringLiteral("check")};
    for (int i = 0; i < count; ++i) {
        const QString id = QStringLiteral("n%1").arg(i + 1);
        const QString kind = kinds[i % 4];
        nodes.insert(id, node(kind, QStringLiteral("Node number %1").arg(i + 1),
                              {{QStringLiteral("agent"), QStringLiteral("triage")}}));
        places.insert(id, at(i / rows * 320, i % rows * 144));
        if (i >= rows)
            edges.insert(QStringLiteral("e%1").arg(i),
                         edge(QStringLiteral("n%1").arg(i + 1 - rows),
                              (i - rows) % 4 == 3 ? QStringLiteral("pass") : QStringLiteral("out"),
                              id, QStringLiteral("in")));
    }
    return QJsonObject{{QStringLiteral("job"), QStringLiteral("a grid")},
                       {QStringLiteral("nodes"), nodes},
                       {QStringLiteral("edges"), edges},
                       {QStringLiteral("layout"), QJsonObject{{QStringLiteral("nodes"), places}}}};
}

// A canvas whose owner does what the real one does: applies each change to the body and keeps the
// older ones for undo.
class CanvasOwner : public QWidget
{
public:
    explicit CanvasOwner(const QJsonObject &body = {}, QSize size = QSize(1280, 800))
        : view(new CanvasView(testTheme(), this))
    {
        auto *layout = new QVBoxLayout(this);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(view);
        resize(size);
        QObject::connect(view, &CanvasView::changesRequested, this,
                         [this](const BodyChanges &changes, const QString &what) {
                             history.append(current);
                             whats.append(what);
                             current = applyChanges(current, changes);
                             view->setBody(current);
                         });
        QObject::connect(view, &CanvasView::message, this,
                         [this](const QString &sentence) { said = sentence; });
        current = body;
        view->setBody(body);
    }
    void undo()
    {
        current = history.takeLast();
        view->setBody(current);
    }
    CanvasArea *area() const { return view->findChild<CanvasArea *>(); }
    CanvasScene *scene() const { return area()->canvas(); }
    QWidget *port() const { return area()->viewport(); }
    QPoint toView(QPointF scenePos) const { return area()->mapFromScene(scenePos); }
    QPoint middleOf(const QString &id) const
    {
        const NodeItem *n = scene()->node(id);
        return toView(n ? n->cardRect().topLeft() + QPointF(110, 14)
                        : scene()->rectOf(id).center());
    }
    QPoint portOf(const QString &id, const QString &portId, bool output) const
    {
        const NodeItem *n = scene()->node(id);
        return toView(n->portPos(n->model().find(portId, output)));
    }
    QJsonObject nodes() const { return current.value(QStringLiteral("nodes")).toObject(); }
    QJsonObject edges() const { return current.value(QStringLiteral("edges")).toObject(); }
    void drag(QPoint from, QPoint to, Qt::KeyboardModifiers modifiers = Qt::NoModifier,
              Qt::MouseButton button = Qt::LeftButton)
    {
        press(from, modifiers, button);
        moveTo(from + (to - from) / 3, modifiers, button);
        moveTo(from + (to - from) * 2 / 3, modifiers, button);
        moveTo(to, modifiers, button);
        QTest::mouseRelease(port(), button, modifiers, to);
    }
    void press(QPoint at, Qt::KeyboardModifiers modifiers = Qt::NoModifier,
               Qt::MouseButton button = Qt::LeftButton)
    {
        QTest::mousePress(port(), button, modifiers, at);
    }
    // QTest::mouseMove() knows of no button that is held.
    void moveTo(QPoint to, Qt::KeyboardModifiers modifiers = Qt::NoModifier,
                Qt::MouseButton held = Qt::LeftButton)
    {
        QMouseEvent event(QEvent::MouseMove, QPointF(to), port()->mapToGlobal(QPointF(to)),
                          Qt::NoButton, held, modifiers);
        QApplication::sendEvent(port(), &event);
    }
    void click(QPoint at, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
    {
        QTest::mouseClick(port(), Qt::LeftButton, modifiers, at);
    }
    void key(int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
    {
        QTest::keyClick(area(), Qt::Key(key), modifiers);
    }
    // Empty when items and body agree, else what does not.
    QString difference() const
    {
        const QJsonObject nodeJson = nodes(), edgeJson = edges(),
                          layout = current.value(QStringLiteral("layout")).toObject();
        if (scene()->nodes().size() != nodeJson.size())
            return QStringLiteral("%1 node items for %2 nodes")
                .arg(scene()->nodes().size())
                .arg(nodeJson.size());
        if (scene()->edges().size() != edgeJson.size())
            return QStringLiteral("%1 edge items for %2 edges")
                .arg(scene()->edges().size())
                .arg(edgeJson.size());
        const auto frames = layout.value(QStringLiteral("frames")).toObject(),
                   notes = layout.value(QStringLiteral("notes")).toObject();
        if (scene()->boxes().size() != frames.size() + notes.size())
            return QStringLiteral("%1 boxes for %2")
                .arg(scene()->boxes().size())
                .arg(frames.size() + notes.size());
        for (const NodeItem *n : scene()->nodes()) {
            if (n->json() != nodeJson.value(n->id()).toObject())
                return n->id() + QStringLiteral(" shows an older node");
            if (n->pos() != nodePosition(current, n->id()))
                return n->id() + QStringLiteral(" stands elsewhere");
            quint64 out = 0;
            for (const EdgeItem *e : n->edges) {
                if (scene()->edge(e->id()) != e)
                    return n->id() + QStringLiteral(" has an edge that is gone");
                if (e->source() == n)
                    out |= quint64(1) << n->model().find(e->edge().fromPort, true).index;
            }
            if (out != n->visual().connectedOutputs)
                return n->id() + QStringLiteral(" shows other ports as connected");
        }
        for (const EdgeItem *e : scene()->edges()) {
            if (e->json() != edgeJson.value(e->id()).toObject())
                return e->id() + QStringLiteral(" shows an older edge");
            if (e->source() != scene()->node(e->edge().from)
                || e->target() != scene()->node(e->edge().to))
                return e->id() + QStringLiteral(" ends elsewhere");
            const PortRef out =
                e->source() ? e->source()->model().find(e->edge().fromPort, true) : PortRef();
            if (out.isValid() && e->target() && e->straight().p1() != e->source()->portPos(out))
                return e->id() + QStringLiteral(" does not begin at its port");
        }
        for (const CanvasBox *b : scene()->boxes()) {
            const QJsonObject json =
                (frames.contains(b->id()) ? frames : notes).value(b->id()).toObject();
            if (b->json() != json
                || b->pos()
                       != QPointF(json.value(QStringLiteral("x")).toDouble(),
                                  json.value(QStringLiteral("y")).toDouble()))
                return b->id() + QStringLiteral(" is another");
        }
        return {};
    }

    CanvasView *view;
    QJsonObject current;
    QList<QJsonObject> history;
    QStringList whats;
    QString said;
};

// In front, with the keyboard and the content in its middle.
inline void showCanvas(CanvasOwner &owner, double zoom = 1)
{
    owner.show();
    owner.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&owner));
    owner.view->setZoom(zoom);
    owner.area()->centreOn(owner.scene()->contentRect().center());
    owner.area()->setFocus();
    QVERIFY(owner.area()->hasFocus());
}

} // namespace lathe::test
