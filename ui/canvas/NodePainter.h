// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/canvas/NodeGeometry.h"
#include "ui/theme/Theme.h"

#include <QFont>
#include <QFontMetrics>
#include <QPainterPath>
#include <QStaticText>

namespace lathe {

// Laid out texts of one node, filled when it is first drawn near enough to be read.
struct NodeTexts {
    bool ready = false;
    QStaticText name, summary, footer;
    std::vector<QStaticText> inputs, outputs;
    QStaticText farName; // for the middle distance
    int farWidth = 0;    // that it was laid out for, in pixels; 0: not yet
};

struct NodePaint {
    const NodeModel &model;
    const NodeVisual &visual;
    NodeTexts &texts;
    QRectF exposed;   // in card coordinates
    double scale = 1; // pixels of a scene unit
    double dpr = 1;
    double pulse = 0;     // 0..1, of what runs
    bool focused = false; // the canvas has the keyboard
    bool several = false; // more than one item is selected
};

// How a node is drawn. A strategy of the scene.
class NodePainter
{
public:
    virtual ~NodePainter() = default;
    virtual void paint(QPainter &painter, const NodePaint &node) const = 0;
};

// Cards: a stripe in the colour of the kind, icon, name, one line of summary, ports, a footer with
// the run's numbers. From far (below `nearScale`) the name alone, in a size that can be read.
class NodeCardPainter : public NodePainter
{
public:
    static constexpr double nearScale = 0.6;
    NodeCardPainter(const Theme *theme, const NodeCardGeometry *geometry);
    void paint(QPainter &painter, const NodePaint &node) const override;

private:
    void layOut(const NodePaint &node) const;
    void glow(QPainter &painter, const NodePaint &node, const QRectF &card) const;
    void box(QPainter &painter, const NodePaint &node, const QRectF &card) const;
    void nearText(QPainter &painter, const NodePaint &node) const;
    void farText(QPainter &painter, const NodePaint &node, const QRectF &card) const;
    void ports(QPainter &painter, const NodePaint &node) const;
    void footer(QPainter &painter, const NodePaint &node, const QRectF &card) const;
    void badges(QPainter &painter, const NodePaint &node, const QRectF &card) const;

    const Theme *m_theme;
    const NodeCardGeometry *m_geometry;
    QFont m_nameFont, m_smallFont, m_farFont, m_footerFont;
    QFontMetrics m_nameMetrics, m_smallMetrics, m_farMetrics, m_footerMetrics;
};

// As short as a card is wide: times it ran (if more than once), tokens, seconds, cost.
QString runNumbers(const NodeRunState &run);
// Token of the border that says it; Line for None.
ColorToken diffColor(DiffMark mark);
QString diffSign(DiffMark mark); // never colour alone: "+", a minus, "~"

} // namespace lathe
