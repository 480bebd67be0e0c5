// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/TeamEdits.h"
#include "core/trace/RunEvent.h"
#include "ui/widgets/StatusGlyph.h"

#include <QHash>
#include <QSet>

class QMimeData;

// What the canvas is told besides the body, as values. All ids are those of the body: nodes "n1",
// edges "e1", frames "f1", notes "t1".
namespace lathe {

// How a node stands in the run that is shown over the canvas.
struct NodeRunState {
    // Running glows; Queued: ready, not begun; Waiting: for a person or at a breakpoint; Cancelled
    // also: skipped
    Status status = Status::None;
    int calls = 0;          // times it ran: attempts, branches, iterations
    int errors = 0;         // how many of them failed
    Usage usage;            // its own and that of all steps below it
    qint64 durationUs = -1; // summed over calls; below 0: not known
    QString detail;         // a line for the tooltip: error message, why it waits
    bool operator==(const NodeRunState &) const = default;
};

// What went over an edge.
struct EdgeFlow {
    enum class State { Waiting, Taken, Dead };
    State state = State::Waiting;
    bool active = false; // a value is on its way: the edge is thick and carries a moving dot
    int values = 0;      // how many went over it
    QString preview;     // the last value as one short line
    bool operator==(const EdgeFlow &) const = default;
};

// How a node or edge differs from another revision.
enum class DiffMark { None, Added, Removed, Changed };

// What is dragged onto the canvas: a node kind with the settings of the new node ({"tool":"sql"}
// for an artifact of the explorer).
namespace canvasmime {
inline constexpr char type[] = "application/x-lathe-node"; // JSON {"kind":"agent","settings":{...}}
QMimeData *make(NodeKind kind, const QJsonObject &settings = QJsonObject());
// Nothing when it holds no node, or one of an unknown kind.
std::optional<std::pair<NodeKind, QJsonObject>> read(const QMimeData *data);
}

} // namespace lathe
