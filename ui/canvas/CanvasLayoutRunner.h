// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/canvas/GraphvizLayout.h"
#include "ui/theme/Theme.h"

#include <QFrame>
#include <QTimer>

namespace lathe {

class BusyBar;
class Button;
class CanvasEditing;
class CanvasScene;
class Label;

// Arranges the scene by Graphviz: a strip says that it runs, for how long, and can stop it. The
// result is one change.
class CanvasLayoutRunner : public QFrame
{
    Q_OBJECT
public:
    CanvasLayoutRunner(Theme *theme, CanvasScene *scene, CanvasEditing *editing, QWidget *parent);
    GraphvizLayout *layout() { return &m_layout; }
    // The selected nodes if there are several, else all.
    void start();
    void cancel();

Q_SIGNALS:
    void message(const QString &sentence);
    void shownChanged(); // the strip came or went
    void done();

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void finished(const QHash<QString, QPointF> &places);
    void tick();
    void close();

    Theme *m_theme;
    CanvasScene *m_scene;
    CanvasEditing *m_editing;
    GraphvizLayout m_layout;
    QTimer m_timer;
    Label *m_text;
    Button *m_cancel;
    BusyBar *m_bar;
    QHash<QString, QString> m_frameOf; // node -> frame it lies in
    QPointF m_origin;
    size_t m_count = 0;
};

} // namespace lathe
