// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/AgentFace.h"

#include "core/design/AgentSpec.h"
#include "core/design/ToolSpec.h"
#include "ui/canvas/AgentFacePart.h"
#include "ui/canvas/CanvasTypes.h"
#include "ui/canvas/EdgeGeometry.h"
#include "ui/canvas/TeamChanges.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/ToolChoices.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/ListPopover.h"
#include "ui/widgets/RowDelegate.h"

#include <QDragEnterEvent>
#include <QMimeData>
#include <QPainter>

namespace lathe {

namespace {
constexpr int Row = 56, RowGap = 12, Margin = 24, LeastGap = 32;
constexpr int MostTools = 6; // one more is shown, too, in place of "1 more"

QString toolOf(const QJsonValue &attachment)
{
    return attachment[QLatin1String("tool")].toString();
}

QString nameOf(const QString &reference)
{
    return reference.section(QLatin1Char('@'), 0, 0);
}

// The tool that a drag carries; empty: something else.
QString draggedTool(const QMimeData *data)
{
    const auto node = canvasmime::read(data);
    return node && node->first == NodeKind::Tool ? node->second.value(QStringLiteral("tool")).toString() : QString();
}
}

AgentFace::AgentFace(Session *session, Theme *theme, ArtifactId agent, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_agent(agent)
{
    setObjectName(QStringLiteral("agent-face"));
    setAcceptDrops(true);
    const auto make = [&](const char *name, const QString &pointer, const QString &icon, ColorToken color) {
        auto *made = new AgentFacePart(theme, icon, color, this);
        made->setObjectName(QString::fromLatin1(name));
        made->pointer = pointer;
        connect(made, &QAbstractButton::clicked, this, [this, made] {
            setSelected(made->pointer);
            Q_EMIT partChosen(made->pointer);
        });
        return made;
    };
    m_left = {make("face-prompt", QStringLiteral("/prompt"), QStringLiteral("prompt"), ColorToken::Text2),
              make("face-model", QStringLiteral("/model"), QStringLiteral("model"), ColorToken::Model),
              make("face-pattern", QStringLiteral("/pattern"), QStringLiteral("control"), ColorToken::Control),
              make("face-limits", QStringLiteral("/limits"), QStringLiteral("clock"), ColorToken::Text3)};
    m_centre = make("face-job", QStringLiteral("/job"), QStringLiteral("agent"), ColorToken::Agent);
    m_more = new AgentFacePart(theme, QStringLiteral("tool"), ColorToken::Tool, this);
    m_more->setObjectName(QStringLiteral("face-more-tools"));
    m_more->hide();
    connect(m_more, &QAbstractButton::clicked, this, &AgentFace::showMore);
    m_attach = new AgentFacePart(theme, QStringLiteral("plus"), ColorToken::Tool, this);
    m_attach->setObjectName(QStringLiteral("face-attach"));
    m_attach->setGhost(true);
    m_attach->setTexts(tr("Attach a tool"), tr("or drop one on the agent"));
    connect(m_attach, &QAbstractButton::clicked, this, &AgentFace::showAttachMenu);
    const auto opens = [this](AgentFacePart *from, ArtifactKind kind, auto reference) {
        connect(from, &AgentFacePart::opened, this, [this, kind, reference] {
            if (const auto id = m_session->project().artifacts().find(kind, nameOf(reference())))
                Q_EMIT openRequested(Location::ofArtifact(*id));
        });
    };
    opens(m_left[0], ArtifactKind::Prompt, [this] { return m_body.value(QStringLiteral("prompt")).toString(); });
    opens(m_left[1], ArtifactKind::Connection,
          [this] { return m_body.value(QStringLiteral("model"))[QLatin1String("connection")].toString(); });
    m_check.setSingleShot(true);
    m_check.setInterval(150);
    connect(&m_check, &QTimer::timeout, this, &AgentFace::check);
    auto *artifacts = &session->project().artifacts();
    const auto follow = [this](ArtifactId id) {
        if (id == m_agent)
            reload();
        m_check.start();
    };
    connect(artifacts, &ArtifactRepository::draftChanged, this, follow);
    connect(artifacts, &ArtifactRepository::changed, this, follow);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    reload();
    check();
}

void AgentFace::reload()
{
    const auto info = m_session->project().artifacts().info(m_agent);
    const auto draft = m_session->draft(m_agent);
    if (!info || !draft)
        return;
    m_body = draft->body;
    const QString job = m_body.value(QStringLiteral("job")).toString();
    m_centre->setTexts(info->name, job.isEmpty() ? tr("no job yet") : job);
    const QString prompt = m_body.value(QStringLiteral("prompt")).toString();
    m_left[0]->setTexts(tr("Instructions"), prompt.isEmpty() ? tr("none chosen") : prompt);
    const QJsonValue model = m_body.value(QStringLiteral("model"));
    const QString modelName = model[QLatin1String("model")].toString();
    QString line = modelName.isEmpty() ? tr("none chosen")
                                       : QStringLiteral("%1/%2").arg(model[QLatin1String("connection")].toString(), modelName);
    const qsizetype fallbacks = m_body.value(QStringLiteral("fallback_models")).toArray().size();
    if (fallbacks > 0)
        line += tr(", %1").arg(format::count(fallbacks, tr("fallback"), tr("fallbacks")));
    m_left[1]->setTexts(tr("Model"), line);
    const QString pattern = m_body.value(QStringLiteral("pattern")).toString(AgentSpec().pattern);
    QString title = pattern;
    for (const AgentSpec::PatternInfo &known : AgentSpec::patterns()) {
        if (known.id == pattern)
            title = known.title;
    }
    m_left[2]->setTexts(tr("Pattern"), title);
    const Limits defaults;
    const QJsonValue limits = m_body.value(QStringLiteral("limits"));
    QStringList bounds{format::count(limits[QLatin1String("steps")].toInt(defaults.steps), tr("step"), tr("steps"))};
    const double seconds = limits[QLatin1String("seconds")].toDouble(defaults.seconds),
                 cost = limits[QLatin1String("cost_usd")].toDouble(defaults.costUsd);
    if (seconds > 0)
        bounds.append(tr("%1 s").arg(seconds));
    if (cost > 0)
        bounds.append(QStringLiteral("$%1").arg(cost, 0, 'f', 2));
    m_left[3]->setTexts(tr("Limits"), bounds.join(QLatin1String(", ")));
    showTools(m_body.value(QStringLiteral("tools")).toArray());
    m_attach->setVisible(!m_session->project().isReadOnly());
    setSelected(m_selected);
    m_check.start();
}

void AgentFace::showTools(const QJsonArray &tools)
{
    const size_t shown = size_t(tools.size() > MostTools + 1 ? MostTools : tools.size());
    const bool more = shown < size_t(tools.size()), other = shown != m_tools.size() || more != m_more->isVisibleTo(this);
    while (m_tools.size() > shown) {
        m_tools.back()->hide();
        m_tools.back()->deleteLater(); // its own Delete may have been what was pressed
        m_tools.pop_back();
    }
    while (m_tools.size() < shown) {
        auto *made = new AgentFacePart(m_theme, QStringLiteral("tool"), ColorToken::Tool, this);
        const int row = int(m_tools.size());
        made->pointer = QStringLiteral("/tools/%1").arg(row);
        connect(made, &QAbstractButton::clicked, this, [this, made] {
            setSelected(made->pointer);
            Q_EMIT partChosen(made->pointer);
        });
        connect(made, &AgentFacePart::removeRequested, this, [this, row] { detach(row); });
        connect(made, &AgentFacePart::opened, this, [this, row] {
            const QString name = nameOf(toolOf(m_body.value(QStringLiteral("tools")).toArray().at(row)));
            if (const auto id = m_session->project().artifacts().find(ArtifactKind::Tool, name))
                Q_EMIT openRequested(Location::ofArtifact(*id));
        });
        QWidget::setTabOrder(m_tools.empty() ? m_centre : m_tools.back(), made);
        m_tools.push_back(made);
        made->show();
    }
    QWidget::setTabOrder(m_tools.empty() ? m_centre : m_tools.back(), m_more);
    QWidget::setTabOrder(m_more, m_attach);
    m_more->setVisible(more);
    QStringList rest;
    for (qsizetype row = qsizetype(shown); row < tools.size(); ++row)
        rest.append(nameOf(toolOf(tools[row])));
    m_more->setTexts(tr("%1 more tools").arg(rest.size()), rest.join(QStringLiteral(", ")));
    for (int row = 0; row < int(shown); ++row) {
        const QString reference = toolOf(tools[row]);
        m_tools[size_t(row)]->setObjectName(QStringLiteral("face-tool-") + reference);
        const auto resolved = m_session->project().artifacts().resolve(ArtifactKind::Tool, reference);
        const QString approval = tools[row][QLatin1String("approval")].toString();
        QString line = resolved ? resolved->body.value(QStringLiteral("purpose")).toString() : tr("missing");
        if (const ToolTypeInfo *type =
                resolved && line.isEmpty() ? toolType(resolved->body.value(QStringLiteral("type")).toString()) : nullptr)
            line = type->title;
        if (approval == QLatin1String("ask"))
            line = tr("asks you first");
        else if (approval == QLatin1String("never"))
            line = tr("never runs");
        m_tools[size_t(row)]->setTexts(reference, line);
    }
    if (other)
        updateGeometry();
    arrange();
}

void AgentFace::check()
{
    const auto problems = m_session->problems(ArtifactKind::Agent, m_body);
    const auto show = [&](AgentFacePart *part) {
        const Problem *worst = nullptr;
        for (const Problem &problem : problems) {
            if (isOf(problem.pointer, part) && problem.severity != Problem::Severity::Hint && (!worst || problem.severity > worst->severity))
                worst = &problem;
        }
        part->setProblem(worst);
    };
    show(m_centre);
    for (AgentFacePart *part : m_left)
        show(part);
    for (AgentFacePart *part : m_tools)
        show(part);
    show(m_more);
}

// Whether a place of the body is what a part stands for.
bool AgentFace::isOf(const QString &pointer, const AgentFacePart *part) const
{
    if (part == m_more)
        return pointer.startsWith(QLatin1String("/tools/")) && pointer.section(QLatin1Char('/'), 2, 2).toUInt() >= m_tools.size();
    return !pointer.isEmpty() && (pointer == part->pointer || pointer.startsWith(part->pointer + QLatin1Char('/')));
}

void AgentFace::setSelected(const QString &pointer)
{
    m_selected = pointer;
    const auto show = [&](AgentFacePart *part) { part->setSelected(isOf(pointer, part)); };
    show(m_centre);
    for (AgentFacePart *part : m_left)
        show(part);
    for (AgentFacePart *part : m_tools)
        show(part);
    show(m_more);
}

std::vector<AgentFacePart *> AgentFace::rightParts() const
{
    std::vector<AgentFacePart *> parts = m_tools;
    if (m_more->isVisibleTo(this))
        parts.push_back(m_more);
    parts.push_back(m_attach);
    return parts;
}

QSize AgentFace::minimumSizeHint() const
{
    const int rows = int(std::max(m_left.size(), rightParts().size()));
    return QSize(520, 2 * Margin + rows * Row + (rows - 1) * RowGap);
}

QSize AgentFace::sizeHint() const
{
    return QSize(760, minimumSizeHint().height());
}

void AgentFace::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    arrange();
}

void AgentFace::arrange()
{
    const int inner = std::min(width() - 2 * Margin, 920), left = (width() - inner) / 2;
    const int part = std::clamp((inner - 2 * LeastGap) / 3, 120, 240);
    const auto column = [&](const std::vector<AgentFacePart *> &parts, int x) {
        const int tall = int(parts.size()) * Row + int(parts.size() - 1) * RowGap;
        int y = std::max(Margin, (height() - tall) / 2);
        for (AgentFacePart *of : parts) {
            of->setGeometry(x, y, part, Row);
            y += Row + RowGap;
        }
    };
    column(m_left, left);
    column(rightParts(), left + inner - part);
    m_centre->setGeometry((width() - part) / 2, (height() - 72) / 2, part, 72);
    update();
}

void AgentFace::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Tokens &t = m_theme->tokens();
    painter.fillRect(rect(), t.base);
    painter.setPen(t.dark ? t.line : t.lineStrong);
    for (int y = 12; y < height(); y += 24) {
        for (int x = 12; x < width(); x += 24)
            painter.drawPoint(x, y);
    }
    painter.setRenderHint(QPainter::Antialiasing);
    const EdgeGeometry edges;
    const QRectF middle = m_centre->geometry();
    const auto draw = [&](const QRectF &card, bool fromLeft, const QColor &color, Qt::PenStyle style) {
        EdgeEnd from, to;
        from.card = fromLeft ? card : middle;
        to.card = fromLeft ? middle : card;
        from.at = QPointF(from.card.right(), from.card.center().y());
        to.at = QPointF(to.card.left(), to.card.center().y());
        from.side = NodeGeometry::Side::Right;
        to.side = NodeGeometry::Side::Left;
        painter.setPen(QPen(color, 1.25, style));
        painter.setBrush(Qt::NoBrush);
        painter.drawPath(edges.route(from, to).path);
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawEllipse(from.at, 3, 3);
        painter.drawEllipse(to.at, 3, 3);
    };
    const QColor ink = mix(t.lineStrong, t.text3, 0.5);
    for (AgentFacePart *of : m_left)
        draw(of->geometry(), true, ink, Qt::SolidLine);
    for (const AgentFacePart *of : rightParts()) {
        if (of != m_attach)
            draw(of->geometry(), false, t.tool, Qt::SolidLine);
        else if (of->isVisible())
            draw(of->geometry(), false, t.lineStrong, Qt::DashLine);
    }
}

bool AgentFace::edit(const QJsonArray &tools, const QString &what)
{
    BodyChanges changes{{QStringLiteral("/tools"), tools}};
    // An agent that answers directly would never call its first tool; one step of the history takes both back.
    const bool first = m_body.value(QStringLiteral("tools")).toArray().isEmpty() && !tools.isEmpty();
    if (first && m_body.value(QStringLiteral("pattern")).toString(QStringLiteral("direct")) == QLatin1String("direct"))
        changes.push_back({QStringLiteral("/pattern"), QStringLiteral("tool_loop")});
    const auto done = teamchanges::apply(m_session, m_agent, changes, what);
    if (!done)
        Q_EMIT errorRaised(done.error());
    reload(); // the project tells once it is in the file; what a person looks at does not wait for that
    return done.ok();
}

bool AgentFace::attach(const QString &tool)
{
    if (!m_session->project().artifacts().find(ArtifactKind::Tool, nameOf(tool))) {
        Q_EMIT statusMessage(tr("There is no tool named %1 in this project.").arg(tool));
        return false;
    }
    QJsonArray tools = m_body.value(QStringLiteral("tools")).toArray();
    for (const QJsonValue &attached : std::as_const(tools)) {
        if (nameOf(toolOf(attached)) == nameOf(tool)) {
            Q_EMIT statusMessage(tr("%1 is attached already.").arg(nameOf(tool)));
            return false;
        }
    }
    tools.append(QJsonObject{{QStringLiteral("tool"), tool}});
    const QJsonValue before = m_body.value(QStringLiteral("pattern"));
    if (!edit(tools, tr("Attach %1").arg(tool)))
        return false;
    Q_EMIT statusMessage(m_body.value(QStringLiteral("pattern")) == before ? tr("Attached %1. Ctrl+Z takes it back.").arg(tool)
                                                                           : tr("Attached %1; the pattern is a tool loop now, so that it is called. Ctrl+Z takes both back.").arg(tool));
    return true;
}

void AgentFace::detach(int row)
{
    QJsonArray tools = m_body.value(QStringLiteral("tools")).toArray();
    if (row >= tools.size() || m_session->project().isReadOnly())
        return;
    const QString name = toolOf(tools[row]);
    tools.removeAt(row);
    edit(tools, tr("Detach %1").arg(name));
    // The keyboard stays near.
    (m_tools.empty() ? m_attach : m_tools[size_t(std::min(row, int(m_tools.size()) - 1))])->setFocus(Qt::OtherFocusReason);
}

// The rest of the tools by name: one leads to its field in the form.
void AgentFace::showMore()
{
    const QJsonArray tools = m_body.value(QStringLiteral("tools")).toArray();
    auto *rows = new QStandardItemModel;
    for (qsizetype i = qsizetype(m_tools.size()); i < tools.size(); ++i) {
        const QString reference = toolOf(tools[i]);
        const auto resolved = m_session->project().artifacts().resolve(ArtifactKind::Tool, reference);
        auto *row = new QStandardItem(reference);
        row->setData(resolved ? resolved->body.value(QStringLiteral("purpose")).toString() : tr("missing"), rowrole::Detail);
        row->setData(QStringLiteral("tool"), rowrole::Icon);
        row->setData(int(resolved ? ColorToken::Tool : ColorToken::Error), rowrole::Color);
        row->setData(QStringLiteral("/tools/%1").arg(i), Qt::UserRole);
        rows->appendRow(row);
    }
    auto *menu = new ListPopover(m_theme, m_more, tr("Filter attached tools"), rows);
    menu->setObjectName(QStringLiteral("face-more-menu"));
    menu->addCommand(QStringLiteral("agent"), tr("All of them in the form"), QStringLiteral("face-more-all"), [this] { Q_EMIT partChosen(QStringLiteral("/tools")); });
    connect(menu, &ListPopover::picked, this, [this](const QModelIndex &index) {
        const QString pointer = index.data(Qt::UserRole).toString();
        setSelected(pointer);
        Q_EMIT partChosen(pointer);
    });
    menu->open();
}

void AgentFace::showAttachMenu()
{
    const QJsonArray attached = m_body.value(QStringLiteral("tools")).toArray();
    auto *menu = new ListPopover(m_theme, m_attach, tr("Attach a tool"), new ToolChoices(m_session, attached, int(ColorToken::Tool)));
    menu->setObjectName(QStringLiteral("face-attach-menu"));
    menu->list()->setFilterRole(ToolChoices::SearchRole);
    if (!menu->list()->currentIndex().isValid())
        menu->list()->setEmptyText(tr("The project has no tools yet."));
    menu->addCommand(QStringLiteral("plus"), tr("Add a tool to the project..."), QStringLiteral("face-attach-new"), [this] { Q_EMIT createRequested(ArtifactKind::Tool); });
    connect(menu, &ListPopover::picked, this, [this](const QModelIndex &index) { attach(index.data().toString()); });
    menu->open();
}

void AgentFace::dragEnterEvent(QDragEnterEvent *event)
{
    const QString tool = draggedTool(event->mimeData());
    if (tool.isEmpty() || m_session->project().isReadOnly())
        return;
    event->setDropAction(Qt::CopyAction);
    event->accept();
    m_centre->setReceiving(true);
    m_attach->setReceiving(true);
}

void AgentFace::dragLeaveEvent(QDragLeaveEvent *)
{
    m_centre->setReceiving(false);
    m_attach->setReceiving(false);
}

void AgentFace::dropEvent(QDropEvent *event)
{
    m_centre->setReceiving(false);
    m_attach->setReceiving(false);
    const QString tool = draggedTool(event->mimeData());
    if (tool.isEmpty() || !attach(tool))
        return;
    event->setDropAction(Qt::CopyAction);
    event->accept();
}

} // namespace lathe
