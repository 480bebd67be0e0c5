// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/TeamSpec.h"
#include "ui/canvas/CanvasTypes.h"
#include "ui/theme/Tokens.h"

namespace lathe {

// One port of a node.
struct PortRef {
    int index = -1; // in inputs or outputs; -1: none
    bool output = false;
    bool isValid() const { return index >= 0; }
    bool operator==(const PortRef &) const = default;
};

// A node of a body as the canvas shows it. Reads any JSON: what is wrong with it is said by the
// problems, not here.
class NodeModel
{
public:
    NodeModel() = default;
    NodeModel(const QString &id, const QJsonObject &json);

    TeamNode node;
    bool known = false; // the kind is one of ours
    std::vector<Port> inputs, outputs;
    ColorToken color = ColorToken::Text3;
    QString icon;
    QString kindTitle;

    // Worked out when first asked for: most cards of a large team are never seen from near
    const QString &summary() const;
    QString title() const; // the name, or the kind when it has none
    const Port *port(PortRef ref) const;
    PortRef find(const QString &portId, bool output) const;

private:
    mutable QString m_summary;
    mutable bool m_summarized = false;
};

// How a node stands besides what it is; all of it may change without the body changing.
struct NodeVisual {
    bool selected = false;
    bool current = false; // of several selected, the one the keyboard goes on from
    bool hovered = false;
    bool breakpoint = false;
    bool inRun = false; // `run` says something
    int problems = 0;
    Problem::Severity worst = Problem::Severity::Hint;
    DiffMark diff = DiffMark::None;
    NodeRunState run;
    quint64 connectedInputs = 0, connectedOutputs = 0; // a bit for each of the first 64 ports
    PortRef hot;                                       // the port under the mouse
    // An edge is being drawn: only `fitting` ports take it
    bool connecting = false;
    std::vector<PortRef> fitting;
};

} // namespace lathe
