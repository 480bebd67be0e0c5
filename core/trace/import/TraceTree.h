// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/import/TraceAssembler.h"

#include <QHash>
#include <QSet>

namespace lathe {

// What tells a step from another telling of it; what a waiting log record takes in memory, about.
size_t hashOf(const ForeignStep &step);
qint64 bytesOf(const OtlpLogRecord &record);

// One trace while it is assembled: which steps are placed, which wait, what is known of the run. Internal to core/trace/import.
class TraceTree
{
public:
    TraceTree(QString traceId, const AssemblerOptions *options, ImportTallies *odd);

    // Takes a step: it is placed with the next settle(), or waits for its parent. Gives the change of heldBytes().
    void add(ForeignStep step, qint64 nowUs);
    void addLogs(std::vector<OtlpLogRecord> records, qint64 nowUs); // of one span
    // Places all whose parents are there; by start among those that become ready together.
    void settle();
    // Gives up waiting: placeholders for ancestors that did not come until `beforeUs`.
    void placeOverdue(qint64 beforeUs);
    // Places what is left, at the top with a note, and ends the run.
    void end(qint64 nowUs);
    bool isDue(qint64 nowUs) const; // it should end

    // What happened since the last call; nothing: nullopt.
    std::optional<TraceUpdate> takeUpdate();
    void reopen();
    bool hasEnded() const { return m_ended; }
    qint64 heldBytes() const { return m_heldBytes; }
    qint64 oldestUs() const; // since when the longest waiting waits; max: none does
    qint64 lastUs() const { return m_lastUs; }
    size_t steps() const { return m_nodes.size(); }
    bool hasWaiting() const { return !m_waiting.isEmpty() || !m_logs.isEmpty(); }

private:
    // Deeper steps are put beside their parent: the texts of their paths would grow with the square of the depth.
    static constexpr quint16 depthMax = 200;
    struct Node { // a placed step
        int parent = -1;
        int number = 0;
        int children = 0;
        int notes = 0;
        qint64 startUs = 0, endUs = 0;
        size_t hash = 0;
        quint16 depth = 0;
        bool placeholder = false;
        StepStatus status = StepStatus::Running;
    };
    struct Waiting {
        ForeignStep step;
        qint64 sinceUs = 0;
        qint64 bytes = 0;
        quint64 order = 0;
    };
    QString path(int node) const;
    int placedAt(const QString &id) const { return m_index.value(id, -1); }
    void place(ForeignStep &step, int parent, const QString &about);
    void placePlaceholder(const QString &id, qint64 timeUs);
    void fill(int node, ForeignStep &step);
    void update(int node, ForeignStep &step);
    void addPartial(ForeignStep step, qint64 nowUs);
    void emitContent(const ForeignStep &step, const QString &path, int notesFrom);
    void emitEnd(int node, const ForeignStep &step, const QString &path);
    void note(const QString &path, qint64 timeUs, const QString &about);
    RunEvent &event(RunEventKind kind, const QString &path, qint64 timeUs);
    void learn(const ForeignStep &step, int node);
    void breakCycles(qint64 beforeUs);
    void placeReady(std::vector<QString> ready, const QString &odd);
    QStringList takeChildren(const QString &parent);
    void placeLogs(qint64 nowUs);

    QString m_traceId;
    const AssemblerOptions *m_options;
    ImportTallies *m_odd;
    std::vector<Node> m_nodes;
    QHash<QString, int> m_index;               // of placed steps, by id
    QHash<QString, Waiting> m_waiting;         // by id
    QHash<QString, QStringList> m_children;    // waiting steps by the id of their parent; may hold some that wait no more
    QStringList m_fresh;                       // came since the last settle()
    struct Logs {
        std::vector<OtlpLogRecord> records;
        qint64 sinceUs = 0;
    };
    QHash<QString, Logs> m_logs; // whose span has not come
    QHash<int, Error> m_errors;                // of failed steps
    int m_tops = 0;
    quint64 m_order = 0;
    qint64 m_heldBytes = 0;
    qint64 m_lastUs = 0;
    TraceFacts m_facts;
    TraceFacts m_told;
    int m_agentRank = -1, m_inputRank = -1, m_outputRank = -1;
    qint64 m_inputUs = 0, m_outputUs = 0;
    QStringList m_models;
    int m_running = 0;         // placed steps that have not ended, placeholders not counted
    bool m_rootEnded = false;
    bool m_rootCame = false;
    bool m_began = false, m_ended = false, m_reopens = false, m_endNow = false;
    RunStatus m_status = RunStatus::Done;
    std::optional<Error> m_error;
    qint64 m_endUs = 0;
    std::vector<RunEvent> m_events;
};

} // namespace lathe
