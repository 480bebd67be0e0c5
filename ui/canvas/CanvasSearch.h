// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QStringList>

namespace lathe {

class CanvasArea;
class CanvasScene;
class FindBar;
class Theme;

// Ctrl+F: steps through the nodes, edges, frames and notes whose texts hold all typed words.
class CanvasSearch : public QObject
{
    Q_OBJECT
public:
    CanvasSearch(Theme *theme, CanvasScene *scene, CanvasArea *area, QWidget *parent);
    FindBar *bar() const { return m_bar; }
    void open();
    void close();
    // Ids from left to right and top to bottom.
    static QStringList matches(const CanvasScene &scene, const QString &query);

private:
    void search(const QString &query);
    void step(int by);
    void show(qsizetype index);

    CanvasScene *m_scene;
    CanvasArea *m_area;
    FindBar *m_bar;
    QStringList m_found;
    qsizetype m_at = 0;
};

} // namespace lathe
