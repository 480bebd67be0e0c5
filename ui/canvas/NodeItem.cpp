// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/NodeItem.h"

#include "ui/canvas/CanvasScene.h"
#include "ui/itemmodels/Format.h"

#include <QCoreApplication>
#include <QPainter>
#include <QStyleOptionGraphicsItem>

namespace lathe {

namespace {
QString tr(const char *text)
{
    return QCoreApplication::translate("lathe::NodeItem", text);
}

QString line(const QString &text, int length = 300)
{
    return format::oneLine(text, length).toHtmlEscaped();
}
}

NodeItem::NodeItem(CanvasScene *scene, const QString &id, const QJsonObject &json)
    : m_scene(scene), m_json(json), m_model(id, json)
{
    updateSize();
}

void NodeItem::updateSize()
{
    const QSizeF size = m_scene->nodeGeometry().size(m_model, m_visual.inRun);
    if (size != m_size) {
        prepareGeometryChange();
        m_size = size;
    }
}

void NodeItem::setJson(const QJsonObject &json)
{
    m_json = json;
    m_model = NodeModel(id(), json);
    m_texts = NodeTexts();
    m_visual.hot = PortRef();
    m_visual.fitting.clear();
    updateSize();
    update();
}

bool NodeItem::changeVisual(const std::function<void(NodeVisual &)> &change)
{
    const NodeRunState run = m_visual.run;
    change(m_visual);
    if (run != m_visual.run)
        m_texts.ready = false;
    const QSizeF before = m_size;
    updateSize();
    update();
    return before != m_size;
}

void NodeItem::setProblems(std::vector<Problem> problems)
{
    if (problems == m_problems)
        return;
    m_problems = std::move(problems);
    m_visual.problems = int(m_problems.size());
    m_visual.worst = Problem::Severity::Hint;
    for (const Problem &problem : m_problems)
        m_visual.worst = std::max(m_visual.worst, problem.severity);
    update();
}

QPointF NodeItem::portPos(PortRef ref) const
{
    return pos() + m_scene->nodeGeometry().port(m_model, m_visual.inRun, ref);
}

QString NodeItem::toolTipText() const
{
    QStringList lines{QStringLiteral("<b>%1</b> &nbsp;%2")
                          .arg(line(m_model.title(), 120), line(m_model.kindTitle))};
    if (m_visual.hot.isValid()) {
        if (const Port *port = m_model.port(m_visual.hot)) {
            lines = {QStringLiteral("<b>%1</b>")
                         .arg(line(port->title.isEmpty() ? port->id : port->title, 120)),
                     (m_visual.hot.output ? tr("output, %1") : tr("input, %1"))
                             .arg(portTypeName(port->type))
                         + (port->required ? tr(", must be connected") : QString())
                         + (port->many ? tr(", takes several") : QString())};
            return QStringLiteral("<p>%1</p>").arg(lines.join(QStringLiteral("<br>")));
        }
    }
    if (m_model.summary() != m_model.kindTitle)
        lines.append(line(m_model.summary()));
    for (size_t i = 0; i < m_problems.size() && i < 6; ++i) {
        const QString word = m_problems[i].severity == Problem::Severity::Error ? tr("Error: ")
                             : m_problems[i].severity == Problem::Severity::Warning
                                 ? tr("Warning: ")
                                 : tr("Hint: ");
        lines.append(word + line(m_problems[i].message + QLatin1Char(' ') + m_problems[i].fix));
    }
    if (m_visual.inRun) {
        const bool skipped = m_visual.run.calls == 0 && m_visual.run.status == Status::Cancelled;
        lines.append(skipped ? tr("skipped: nothing reached it")
                             : statusWord(m_visual.run.status) + QStringLiteral("  ")
                                   + runNumbers(m_visual.run));
        if (m_visual.run.calls > 1)
            lines.append(tr("ran %1 times").arg(m_visual.run.calls));
        if (m_visual.run.errors > 0)
            lines.append(format::count(m_visual.run.errors, tr("call failed"), tr("calls failed")));
        if (!m_visual.run.detail.isEmpty())
            lines.append(line(m_visual.run.detail));
    }
    if (m_visual.breakpoint)
        lines.append(tr("Breakpoint: a run pauses before it"));
    if (m_visual.diff != DiffMark::None)
        lines.append(m_visual.diff == DiffMark::Added     ? tr("Added")
                     : m_visual.diff == DiffMark::Removed ? tr("Removed")
                                                          : tr("Changed"));
    return QStringLiteral("<p>%1</p>").arg(lines.join(QStringLiteral("<br>")));
}

QRectF NodeItem::boundingRect() const
{
    const double m = m_scene->nodeGeometry().margin();
    return QRectF(QPointF(0, 0), m_size).adjusted(-m, -m, m, m);
}

void NodeItem::paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget)
{
    const double scale =
        QStyleOptionGraphicsItem::levelOfDetailFromTransform(painter->worldTransform());
    m_scene->nodePainter().paint(
        *painter, NodePaint{m_model, m_visual, m_texts, option->exposedRect, scale,
                            widget ? widget->devicePixelRatioF() : 1.0, m_scene->pulse(),
                            m_scene->isFocused(), m_scene->selection().size() > 1});
}

} // namespace lathe
