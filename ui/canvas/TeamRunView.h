// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/TeamSpec.h"
#include "core/trace/Trace.h"

#include <QHash>
#include <QObject>

namespace lathe {

// How a node stands in a run at one moment. What lies below its steps (model and tool calls, the body of a container) is summed.
struct TeamNodeRun {
    StepStatus status = StepStatus::Ok; // of the newest of its steps; running while any runs
    bool skipped = false;               // nothing reached it; then it has no steps
    int calls = 0;                      // model and tool calls
    int errors = 0;                     // failed calls, or the node's own failure
    qint64 durationUs = 0;              // of its steps together
    Usage usage;
    QStringList steps;                  // paths, in the order they began
    bool operator==(const TeamNodeRun &) const = default;
};

// What went along an edge.
struct TeamFlow {
    QString step; // of the node it came from, or of the node it went to when it came out of a body port
    qint64 timeUs = 0;
    QJsonValue value;
    bool operator==(const TeamFlow &) const = default;
};
struct TeamEdgeRun {
    std::vector<TeamFlow> values;
    bool active = false; // the node it leads to works on it now
    bool operator==(const TeamEdgeRun &) const = default;
};

// One run seen as the nodes and edges of its team, at its newest moment or at any former one. Knows no widget; fed with events.
class TeamRunView : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    // The team as it is drawn; nodes of the run that it does not have are left out.
    void setTeam(const QJsonObject &body);
    void setTrace(Trace trace); // another run: goes to its newest moment
    void apply(const std::vector<RunEvent> &events);
    void clear() { setTrace(Trace()); }
    const Trace &trace() const { return m_trace; }
    bool isEmpty() const { return m_trace.steps().empty(); }
    bool isOver() const;

    // Moments: a node's step began or ended. Moment 0 is before the first, momentCount() is all there is.
    int momentCount() const { return int(m_moments.size()); }
    int moment() const { return m_moment < 0 ? momentCount() : m_moment; }
    bool isAtEnd() const { return m_moment < 0; }
    void setMoment(int moment); // what is past the end follows the newest
    QString momentText() const; // "Research began", "Writer ended after 1.2 s"
    QString momentNode() const; // id of the node it is about, empty at moment 0
    int momentOf(const QString &step) const; // when the step began (number of the moment it is seen from); -1 when unknown

    const QHash<QString, TeamNodeRun> &nodes() const;
    const QHash<QString, TeamEdgeRun> &edges() const;
    // Values by port that went into, and what came out of, a step of a node; as recorded.
    QJsonObject inputOf(const QString &step) const;
    QJsonValue outputOf(const QString &step) const; // Undefined until it ended
    QJsonObject stateOf(const QString &step) const; // what it wrote
    QJsonObject state() const;                      // as it stands at the moment: what was written, merged by the keys' reducers

Q_SIGNALS:
    void changed();

private:
    struct Moment {
        qint64 timeUs = 0;
        int step = 0;
        bool begin = true;
    };
    void readTeam();
    void index();
    void fold() const;
    bool begun(int step) const;
    bool ended(int step) const;
    void foldNodes() const;
    void foldEdges() const;
    void foldSkipped() const;

    Trace m_trace;
    QJsonObject m_body;
    bool m_read = false; // the three below are the body's
    QHash<QString, TeamNode> m_nodesOfTeam;
    std::vector<TeamEdge> m_edgesOfTeam;
    std::vector<StateKey> m_state;
    std::vector<int> m_owner;    // by step: the nearest step at or above it that is a node of this team, -1
    std::vector<int> m_parent;   // by step
    std::vector<char> m_foreign; // by step: inside of a team that a node of this one runs, whose ids are its own
    std::vector<Moment> m_moments;
    std::vector<int> m_beginRank, m_endRank; // by step: the moment from which it has begun / ended; -1: not a node's
    int m_moment = -1; // -1: the newest
    mutable QHash<QString, TeamNodeRun> m_nodes;
    mutable QHash<QString, TeamEdgeRun> m_edges;
    mutable bool m_dirty = true;
};

} // namespace lathe
