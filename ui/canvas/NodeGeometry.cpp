// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/NodeGeometry.h"

#include <algorithm>
#include <cmath>

namespace lathe {

PortRef NodeGeometry::portAt(const NodeModel &model, bool withFooter, QPointF at,
                             double reach) const
{
    PortRef best;
    double nearest = reach * reach;
    const auto look = [&](const std::vector<Port> &ports, bool output) {
        for (size_t i = 0; i < ports.size(); ++i) {
            const QPointF d = port(model, withFooter, {int(i), output}) - at;
            const double distance = d.x() * d.x() + d.y() * d.y();
            if (distance <= nearest) {
                nearest = distance;
                best = {int(i), output};
            }
        }
    };
    look(model.inputs, false);
    look(model.outputs, true);
    return best;
}

namespace {
// How many inputs before this one are on the same edge of the card.
int placeAmong(const NodeModel &model, PortRef ref)
{
    if (ref.output)
        return ref.index;
    const bool returns = model.inputs[size_t(ref.index)].returns;
    return int(std::count_if(model.inputs.begin(), model.inputs.begin() + ref.index,
                             [returns](const Port &p) { return p.returns == returns; }));
}
int sideInputs(const NodeModel &model)
{
    return int(std::count_if(model.inputs.begin(), model.inputs.end(),
                             [](const Port &p) { return !p.returns; }));
}
} // namespace

bool NodeCardGeometry::compact(const NodeModel &model)
{
    return model.inputs.size() <= 1 && model.outputs.size() <= 1 && !hasReturns(model);
}

bool NodeCardGeometry::hasReturns(const NodeModel &model)
{
    return std::any_of(model.inputs.begin(), model.inputs.end(),
                       [](const Port &p) { return p.returns; });
}

int NodeCardGeometry::rows(const NodeModel &model)
{
    return compact(model) ? 0 : std::max(sideInputs(model), int(model.outputs.size()));
}

QSizeF NodeCardGeometry::size(const NodeModel &model, bool withFooter) const
{
    return QSizeF(width, header + row * rows(model) + (hasReturns(model) ? row : 0)
                             + (withFooter ? footer : 0));
}

QPointF NodeCardGeometry::port(const NodeModel &model, bool withFooter, PortRef ref) const
{
    if (!model.port(ref))
        return QPointF(ref.output ? width : 0, header / 2);
    const int place = placeAmong(model, ref);
    if (side(model, ref) == Side::Bottom)
        return QPointF(std::min(44.0 + 72 * place, width - 16), size(model, withFooter).height());
    if (compact(model))
        return QPointF(ref.output ? width : 0, header / 2);
    return QPointF(ref.output ? width : 0, header + row * place + row / 2 - 2);
}

NodeGeometry::Side NodeCardGeometry::side(const NodeModel &model, PortRef ref) const
{
    const Port *found = model.port(ref);
    if (found && !ref.output && found->returns)
        return Side::Bottom;
    return ref.output ? Side::Right : Side::Left;
}

QRectF NodeCardGeometry::nameRect(const NodeModel &) const
{
    return QRectF(38, 8, width - 38 - 12, 20);
}

} // namespace lathe
