// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/GraphvizLayout.h"

#include <cmath>

namespace lathe {

namespace {
constexpr double unitsPerInch = 72;
constexpr qsizetype longestLog = 64 * 1024;
constexpr int mostPorts = 32; // of a node whose order is kept

QByteArray inches(double units)
{
    return QByteArray::number(units / unitsPerInch, 'f', 4);
}
}

GraphvizLayout::GraphvizLayout(QObject *parent) : QObject(parent) {}

GraphvizLayout::~GraphvizLayout()
{
    drop();
}

QByteArray GraphvizLayout::dotText(const std::vector<Node> &nodes, const std::vector<Edge> &edges)
{
    // Splines are ours; bounds keep large graphs from being polished for minutes.
    QByteArray text = "digraph g {\nrankdir=LR; splines=false; nodesep=0.55; ranksep=1.1; "
                      "nslimit=4; nslimit1=4; mclimit="
                      + QByteArray(nodes.size() < 400 ? "3" : "0.5")
                      + ";\n"
                        "node [shape=box, fixedsize=true, label=\"\"];\n";
    QHash<QString, int> number;
    QHash<QString, std::vector<int>> groups;
    for (size_t i = 0; i < nodes.size(); ++i) {
        number.insert(nodes[i].id, int(i));
        const QByteArray n = QByteArray::number(qlonglong(i));
        text += 'n' + n + " [width=" + inches(nodes[i].size.width())
                + ", height=" + inches(nodes[i].size.height());
        if (nodes[i].outputs > 1 && nodes[i].outputs <= mostPorts) {
            text += ", shape=record, label=\"{|{";
            for (int port = 0; port < nodes[i].outputs; ++port)
                text += (port ? "|<p" : "<p") + QByteArray::number(port) + '>';
            text += "}}\"";
        }
        text += "];\n";
        if (!nodes[i].group.isEmpty())
            groups[nodes[i].group].push_back(int(i));
    }
    QStringList names = groups.keys();
    names.sort();
    for (qsizetype g = 0; g < names.size(); ++g) {
        text += "subgraph cluster_" + QByteArray::number(qlonglong(g)) + " { margin=28;";
        for (const int i : groups.value(names[g]))
            text += " n" + QByteArray::number(i) + ';';
        text += " }\n";
    }
    for (const Edge &edge : edges) {
        const int from = number.value(edge.from, -1), to = number.value(edge.to, -1);
        if (from < 0 || to < 0 || from == to)
            continue;
        text += 'n' + QByteArray::number(from);
        const int outputs = nodes[size_t(from)].outputs;
        if (!edge.back && outputs > 1 && outputs <= mostPorts && edge.output >= 0
            && edge.output < outputs)
            text += ":p" + QByteArray::number(edge.output) + ":e";
        text += " -> n" + QByteArray::number(to) + (edge.back ? " [constraint=false];\n" : ";\n");
    }
    return text + "}\n";
}

std::vector<QPointF> GraphvizLayout::readPlain(const QByteArray &text,
                                               const std::vector<Node> &nodes)
{
    std::vector<QPointF> places(nodes.size());
    std::vector<bool> found(nodes.size());
    double height = 0;
    size_t count = 0;
    qsizetype at = 0;
    while (at < text.size()) {
        qsizetype end = text.indexOf('\n', at);
        end = end < 0 ? text.size() : end;
        const QList<QByteArray> words = text.mid(at, end - at).split(' ');
        at = end + 1;
        if (words.size() >= 4 && words[0] == "graph")
            height = words[3].toDouble() * unitsPerInch;
        if (words.size() < 4 || words[0] != "node" || !words[1].startsWith('n'))
            continue;
        bool ok = false, okX = false, okY = false;
        const qulonglong i = words[1].mid(1).toULongLong(&ok);
        const double x = words[2].toDouble(&okX) * unitsPerInch,
                     y = words[3].toDouble(&okY) * unitsPerInch;
        if (!ok || !okX || !okY || i >= nodes.size() || !std::isfinite(x) || !std::isfinite(y)
            || found[i])
            continue;
        found[i] = true;
        ++count;
        // Its y axis points up
        places[i] = QPointF(x - nodes[i].size.width() / 2, height - y - nodes[i].size.height() / 2);
    }
    return count == nodes.size() ? places : std::vector<QPointF>();
}

void GraphvizLayout::start(const std::vector<Node> &nodes, const std::vector<Edge> &edges)
{
    drop();
    m_nodes = nodes;
    m_log.clear();
    m_share = 0;
    m_time.start();
    m_process = new QProcess(this);
    connect(m_process, &QProcess::finished, this, &GraphvizLayout::ended);
    connect(m_process, &QProcess::readyReadStandardError, this, &GraphvizLayout::noteProgress);
    connect(m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error != QProcess::FailedToStart)
            return; // ended() follows
        drop();
        Q_EMIT failed(tr("Graphviz could not be started: install it (package graphviz), or check "
                         "that \"%1\" is in the PATH.")
                          .arg(m_program));
    });
    m_process->start(m_program, {QStringLiteral("-v"), QStringLiteral("-Tplain")});
    if (!m_process)
        return; // it failed at once
    m_process->write(dotText(nodes, edges));
    m_process->closeWriteChannel();
}

void GraphvizLayout::noteProgress()
{
    m_log += m_process->readAllStandardError();
    if (m_log.size() > longestLog)
        m_log = m_log.right(longestLog);
    // -v names the phases as it goes through them.
    double share = m_share;
    if (m_log.contains("network simplex"))
        share = std::max(share, 0.15);
    if (const qsizetype at = m_log.lastIndexOf("mincross: pass "); at >= 0)
        share = std::max(share, 0.3 + 0.15 * std::min(2, m_log.mid(at + 15, 1).toInt()));
    if (const qsizetype at = m_log.lastIndexOf("mincross ");
        at >= 0 && m_log.indexOf("network simplex", at) > 0)
        share = std::max(share, 0.8);
    if (m_log.contains("routesplines"))
        share = 0.95;
    if (share > m_share) {
        m_share = share;
        Q_EMIT progress(share);
    }
}

void GraphvizLayout::ended(int exitCode, QProcess::ExitStatus status)
{
    const QByteArray text = m_process->readAllStandardOutput();
    const std::vector<Node> nodes = std::move(m_nodes);
    drop();
    const std::vector<QPointF> places = status == QProcess::NormalExit && exitCode == 0
                                            ? readPlain(text, nodes)
                                            : std::vector<QPointF>();
    if (places.empty()) {
        Q_EMIT failed(
            tr("Graphviz did not arrange the nodes (it ended with code %1); nothing was moved.")
                .arg(exitCode));
        return;
    }
    QHash<QString, QPointF> result;
    for (size_t i = 0; i < nodes.size(); ++i)
        result.insert(nodes[i].id, places[i]);
    Q_EMIT finished(result);
}

void GraphvizLayout::drop()
{
    QProcess *process = std::exchange(m_process, nullptr);
    if (!process)
        return;
    process->disconnect(this);
    if (process->state() == QProcess::NotRunning) {
        process->deleteLater();
        return;
    }
    // It is killed, and waited for without standing still.
    process->setParent(nullptr);
    connect(process, &QProcess::finished, process, &QObject::deleteLater);
    process->kill();
}

void GraphvizLayout::cancel()
{
    drop();
}

} // namespace lathe
