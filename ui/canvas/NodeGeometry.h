// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/canvas/NodeModel.h"

#include <QRectF>

namespace lathe {

// Where the parts of a node are, in its own coordinates: (0,0) is the top left corner of the card.
// A strategy of the scene: the painter draws what it says, edges begin and end where it says, and
// the mouse finds what it says.
class NodeGeometry
{
public:
    enum class Side { Left, Right, Bottom };
    virtual ~NodeGeometry() = default;
    virtual QSizeF size(const NodeModel &model, bool withFooter) const = 0;
    // Its centre
    virtual QPointF port(const NodeModel &model, bool withFooter, PortRef ref) const = 0;
    // The edge of the card it is on
    virtual Side side(const NodeModel &model, PortRef ref) const = 0;
    virtual QRectF nameRect(const NodeModel &model) const = 0;
    virtual double margin() const = 0; // how far the painter draws over the card
    // The port nearest to `at` within `reach`.
    PortRef portAt(const NodeModel &model, bool withFooter, QPointF at, double reach) const;
};

// Cards 220 wide in a flow from left to right: inputs on the left, outputs on the right, each in a
// row of its own when there are several; what comes back from a container's body comes in from
// below. Heights are multiples of the 8 px grid.
class NodeCardGeometry : public NodeGeometry
{
public:
    static constexpr double width = 220, header = 56, row = 24, footer = 24;
    QSizeF size(const NodeModel &model, bool withFooter) const override;
    QPointF port(const NodeModel &model, bool withFooter, PortRef ref) const override;
    Side side(const NodeModel &model, PortRef ref) const override;
    QRectF nameRect(const NodeModel &model) const override;
    double margin() const override { return 14; }

    // One input and one output at most need no titles: they sit beside the name.
    static bool compact(const NodeModel &model);
    static int rows(const NodeModel &model); // of ports on the left and right
    // One more row, for the titles of the ports below
    static bool hasReturns(const NodeModel &model);
};

} // namespace lathe
