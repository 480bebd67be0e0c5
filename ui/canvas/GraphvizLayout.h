// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QHash>
#include <QObject>
#include <QProcess>
#include <QRectF>

#include <vector>

namespace lathe {

// Works out where nodes should stand, with the program `dot` in a process of its own: it may take
// seconds, can be stopped at any time, and whatever it does, it is not done to us. One layout at a
// time.
class GraphvizLayout : public QObject
{
    Q_OBJECT
public:
    struct Node {
        QString id;
        QSizeF size;   // scene units
        QString group; // nodes of one group (a frame) are kept together; may be empty
        // Ports on the right, from top to bottom: what hangs on them is put in that order
        int outputs = 1;
    };
    struct Edge {
        QString from, to;
        bool back = false; // goes against the flow: does not order its ends
        int output = -1;   // port it begins at; -1: anywhere
    };
    explicit GraphvizLayout(QObject *parent = nullptr);
    ~GraphvizLayout() override;
    void setProgram(const QString &program) { m_program = program; }
    bool isRunning() const { return m_process != nullptr; }
    // Flows from left to right. Edges between other nodes than those given are left out. Stops what
    // runs before.
    void start(const std::vector<Node> &nodes, const std::vector<Edge> &edges);
    void cancel(); // at once; nothing is emitted
    qint64 elapsedMs() const { return m_time.elapsed(); }

    // What the program is given and what its answer says; nodes go by their number, so that no name
    // can upset it.
    static QByteArray dotText(const std::vector<Node> &nodes, const std::vector<Edge> &edges);
    // Top left corners by number; empty when the text is no plain output of all nodes.
    static std::vector<QPointF> readPlain(const QByteArray &text, const std::vector<Node> &nodes);

Q_SIGNALS:
    void progress(double share); // 0..1, from the phase it is in
    void finished(const QHash<QString, QPointF> &topLeft);
    void failed(const QString &sentence);

private:
    void ended(int exitCode, QProcess::ExitStatus status);
    void noteProgress();
    void drop();

    QString m_program = QStringLiteral("dot");
    QProcess *m_process = nullptr;
    std::vector<Node> m_nodes;
    QByteArray m_log;
    double m_share = 0;
    QElapsedTimer m_time;
};

} // namespace lathe
