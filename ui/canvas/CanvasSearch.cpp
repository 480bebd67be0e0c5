// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/CanvasSearch.h"

#include "ui/canvas/CanvasArea.h"
#include "ui/widgets/FindBar.h"

#include <algorithm>

namespace lathe {

CanvasSearch::CanvasSearch(Theme *theme, CanvasScene *scene, CanvasArea *area, QWidget *parent)
    : QObject(parent), m_scene(scene), m_area(area), m_bar(new FindBar(theme, parent))
{
    connect(m_bar, &FindBar::queryChanged, this, &CanvasSearch::search);
    connect(m_bar, &FindBar::nextRequested, this, [this] { step(1); });
    connect(m_bar, &FindBar::previousRequested, this, [this] { step(-1); });
    connect(m_bar, &FindBar::closed, this, &CanvasSearch::close);
}

void CanvasSearch::open()
{
    m_bar->open(QString());
    search(m_bar->query());
}

void CanvasSearch::close()
{
    m_bar->hide();
    m_area->setFocus(Qt::OtherFocusReason);
}

QStringList CanvasSearch::matches(const CanvasScene &scene, const QString &query)
{
    const QStringList words = query.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    std::vector<std::pair<QPointF, QString>> found;
    const auto look = [&](const QString &id, const QString &text, QPointF at) {
        const bool all = std::all_of(words.begin(), words.end(), [&](const QString &word) {
            return text.contains(word, Qt::CaseInsensitive);
        });
        if (all)
            found.emplace_back(at, id);
    };
    if (!words.isEmpty()) {
        for (const NodeItem *n : scene.nodes())
            look(n->id(),
                 n->model().node.name + QLatin1Char('\n') + n->model().summary() + QLatin1Char('\n')
                     + n->model().kindTitle,
                 n->pos());
        for (const EdgeItem *e : scene.edges()) {
            if (e->isVisible() && !e->edge().label.isEmpty())
                look(e->id(), e->edge().label, e->path().pointAtPercent(0.5));
        }
        for (const CanvasBox *b : scene.boxes())
            look(b->id(), b->text(), b->pos());
    }
    std::sort(found.begin(), found.end(), [](const auto &a, const auto &b) {
        return std::tuple(a.first.x(), a.first.y(), a.second)
               < std::tuple(b.first.x(), b.first.y(), b.second);
    });
    QStringList ids;
    for (auto &entry : found)
        ids.append(std::move(entry.second));
    return ids;
}

void CanvasSearch::search(const QString &query)
{
    m_found = matches(*m_scene, query);
    m_at = 0;
    m_bar->setCount(m_found.isEmpty() ? 0 : 1, int(m_found.size()));
    if (!m_found.isEmpty())
        show(0);
}

void CanvasSearch::step(int by)
{
    const QStringList now = matches(*m_scene, m_bar->query()); // the body may be another by now
    if (now != m_found) {
        m_found = now;
        m_at = std::min(m_at, std::max<qsizetype>(0, now.size() - 1));
        by = 0;
    }
    if (m_found.isEmpty()) {
        m_bar->setCount(0, 0);
        return;
    }
    show((m_at + by + m_found.size()) % m_found.size());
}

void CanvasSearch::show(qsizetype index)
{
    m_at = index;
    m_bar->setCount(int(index) + 1, int(m_found.size()));
    m_scene->setSelection({m_found[index]});
    if (m_area->isOverview()) { // near enough to be read
        m_area->setZoom(1, QPointF(m_area->viewport()->rect().center()));
        m_area->centreOn(m_scene->rectOf(m_found[index]).center());
    }
    m_area->ensureShown(m_scene->rectOf(m_found[index]));
}

} // namespace lathe
