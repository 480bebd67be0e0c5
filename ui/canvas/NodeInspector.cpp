// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/NodeInspector.h"

#include "core/base/Json.h"
#include "ui/canvas/FormView.h"
#include "ui/canvas/FormViewKeys.h"
#include "ui/canvas/FormViewRows.h"
#include "ui/canvas/NodeInspectorForms.h"
#include "ui/canvas/TeamNodePanel.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/ScrollColumn.h"
#include "ui/widgets/SectionHeader.h"
#include "ui/widgets/Silence.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace lathe {

namespace {
QString escaped(QString key)
{
    return key.replace(QLatin1Char('~'), QLatin1String("~0")).replace(QLatin1Char('/'), QLatin1String("~1"));
}

QJsonObject part(const QJsonObject &body, const char *group, const QString &id)
{
    return body.value(QLatin1String(group)).toObject().value(id).toObject();
}

QJsonObject layoutPart(const QJsonObject &body, const char *group, const QString &id)
{
    return body.value(QLatin1String("layout")).toObject().value(QLatin1String(group)).toObject().value(id).toObject();
}

// As far as it can be read: a broken body still has forms.
TeamNode nodeOf(const QString &id, const QJsonObject &json)
{
    TeamNode node;
    node.id = id;
    node.kind = nodeKindFromName(json.value(QLatin1String("kind")).toString()).value_or(NodeKind::Transform);
    node.name = json.value(QLatin1String("name")).toString();
    node.settings = json.value(QLatin1String("settings")).toObject();
    const QJsonValue policy = json.value(QLatin1String("on_error"));
    node.onError.retries = policy[QLatin1String("retries")].toInt();
    if (policy[QLatin1String("then")].toString() == QLatin1String("fallback"))
        node.onError.then = ErrorPolicy::Then::Fallback;
    return node;
}

Severity severityOf(const Problem &problem)
{
    return problem.severity == Problem::Severity::Error     ? Severity::Error
           : problem.severity == Problem::Severity::Warning ? Severity::Warning
                                                            : Severity::Info;
}

QString sentence(const Problem &problem)
{
    return problem.fix.isEmpty() ? problem.message : problem.message + QLatin1Char(' ') + problem.fix;
}
}

NodeInspector::NodeInspector(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_pages(new QStackedWidget(this)), m_keys(new FormViewKeys(this))
{
    setObjectName(QStringLiteral("node-inspector"));
    setMinimumWidth(260);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_pages);
    m_pages->addWidget(buildTeam());
    m_pages->addWidget(buildNode());
    m_pages->addWidget(buildEdge());
    m_pages->addWidget(buildMany());
    m_pages->addWidget(buildPart());
    connect(m_keys, &FormViewKeys::undoRequested, this, &NodeInspector::undoRequested);
    connect(m_keys, &FormViewKeys::redoRequested, this, &NodeInspector::redoRequested);
    connect(theme, &Theme::changed, this, &NodeInspector::refresh); // the icon of the kind
    connect(&session->project().artifacts(), &ArtifactRepository::added, this, [this](ArtifactId id) {
        const auto info = m_session->project().artifacts().info(id);
        if (!m_wanted || !info || info->kind != m_wanted->kind)
            return;
        const QString pointer = std::exchange(m_wanted, std::nullopt)->pointer;
        Q_EMIT edited({{pointer, info->name}}, tr("Use %1").arg(info->name), QString());
    });
}

QWidget *NodeInspector::page(QVBoxLayout **column)
{
    auto *scroll = new QScrollArea(this);
    auto *content = new QWidget(scroll);
    *column = new QVBoxLayout(content);
    (*column)->setContentsMargins(metrics::Margin, metrics::Margin, metrics::Margin, metrics::GapLarge);
    (*column)->setSpacing(metrics::Margin);
    fillScrollColumn(scroll, content);
    return scroll;
}

FormView *NodeInspector::addForm(QVBoxLayout *column, const char *name)
{
    auto *form = new FormView(m_session, m_theme, this);
    form->setObjectName(QString::fromLatin1(name));
    column->addWidget(form);
    connect(form, &FormView::edited, this,
            [this, form](const QString &key, const QJsonValue &value, const QString &what) { change(form, key, value, what); });
    connect(form, &FormView::openRequested, this, &NodeInspector::openRequested);
    connect(form, &FormView::createRequested, this, [this, form](ArtifactKind kind, const QString &key) { wanted(kind, form, key); });
    connect(form, &FormView::undoRequested, this, &NodeInspector::undoRequested);
    connect(form, &FormView::redoRequested, this, &NodeInspector::redoRequested);
    m_forms.push_back(form);
    return form;
}

QWidget *NodeInspector::buildTeam()
{
    QVBoxLayout *column = nullptr;
    QWidget *made = page(&column);
    column->addWidget(new SectionHeader(m_theme, tr("Team"), SectionHeader::Level::Section, made));
    m_teamProblem = new InlineMessage(m_theme, Severity::Warning, QString(), made);
    m_teamProblem->setObjectName(QStringLiteral("inspector-team-problem"));
    m_teamProblem->hide();
    column->addWidget(m_teamProblem);
    m_teamForm = addForm(column, "team-form");
    m_teamForm->setFields(inspectorforms::team());
    auto *state = new SectionHeader(m_theme, tr("State"), SectionHeader::Level::Section, made);
    column->addWidget(state);
    auto *about =
        new Label(m_theme, tr("Keys that all nodes of a run share, and how what is written at the same time comes together."),
                  Label::Style::Hint, made);
    about->setWordWrap(true);
    column->addWidget(about);
    using Column = FormViewRows::Column;
    Column name, reducer, initial;
    name.key = QStringLiteral("name");
    name.title = tr("Key");
    name.type = Column::Type::Code;
    reducer.key = QStringLiteral("reducer");
    reducer.title = tr("How writes merge");
    reducer.type = Column::Type::Choice;
    for (const char *word : {"replace", "append", "add", "merge", "max", "min"})
        reducer.choices.append(QLatin1String(word));
    initial.key = QStringLiteral("initial");
    initial.title = tr("Value at the begin");
    initial.type = Column::Type::Json;
    initial.hint = tr("value at the begin: null");
    initial.newLine = true;
    initial.optional = true;
    m_state = new FormViewRows(m_theme, {name, reducer, initial}, FormViewRows::Shape::Objects, made);
    m_state->setObjectName(QStringLiteral("team-state"));
    m_state->setWords(tr("key"), QString());
    m_state->setNewRow({{QStringLiteral("name"), QStringLiteral("key")}, {QStringLiteral("reducer"), QStringLiteral("replace")}});
    connect(m_state, &FormViewRows::edited, this, [this](const QJsonValue &value, const QString &what) {
        Q_EMIT edited({{QStringLiteral("/state"), value}}, what, QString());
    });
    connect(m_state, &FormViewRows::rowsMade, this, [this] { m_keys->watchAll(m_state); });
    column->addWidget(m_state);
    column->addWidget(new SectionHeader(m_theme, tr("Limits"), SectionHeader::Level::Section, made));
    m_limitsForm = addForm(column, "limits-form");
    m_limitsForm->setFields(inspectorforms::limits());
    column->addStretch(1);
    return made;
}

QWidget *NodeInspector::buildNode()
{
    QVBoxLayout *column = nullptr;
    QWidget *made = page(&column);
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::Gap);
    m_kindIcon = new Label(m_theme, QString(), Label::Style::Body, made);
    m_kindTitle = new Label(m_theme, QString(), Label::Style::Heading, made);
    m_kindTitle->setObjectName(QStringLiteral("inspector-kind"));
    line->addWidget(m_kindIcon);
    line->addWidget(m_kindTitle, 1);
    column->addLayout(line);
    m_kindAbout = new Label(m_theme, QString(), Label::Style::Hint, made);
    m_kindAbout->setWordWrap(true);
    column->addWidget(m_kindAbout);
    m_nodeProblem = new InlineMessage(m_theme, Severity::Warning, QString(), made);
    m_nodeProblem->setObjectName(QStringLiteral("inspector-problem"));
    m_nodeProblem->hide();
    column->addWidget(m_nodeProblem);
    m_nodeRun = new TeamNodePanel(m_theme, made);
    connect(m_nodeRun, &TeamNodePanel::openRequested, this, &NodeInspector::openRequested);
    connect(m_nodeRun, &TeamNodePanel::runFromRequested, this, &NodeInspector::runFromRequested);
    column->addWidget(m_nodeRun); // who looks at a run wants to see it first
    m_nameForm = addForm(column, "name-form");
    m_nameForm->setFields(inspectorforms::name());
    m_settingsForm = addForm(column, "settings-form");
    m_settingsForm->setVariables([this] { return inspectorforms::variables(m_body); });
    m_errorForm = addForm(column, "error-form");
    m_errorForm->setFields(inspectorforms::onError());
    column->addStretch(1);
    return made;
}

QWidget *NodeInspector::buildEdge()
{
    QVBoxLayout *column = nullptr;
    QWidget *made = page(&column);
    m_edgeTitle = new ElidedLabel(m_theme, QString(), Qt::ElideMiddle, made);
    m_edgeTitle->setObjectName(QStringLiteral("inspector-edge"));
    m_edgeTitle->setTextFont(m_theme->headingFont());
    column->addWidget(m_edgeTitle);
    m_edgeAbout = new Label(m_theme, QString(), Label::Style::Hint, made);
    m_edgeAbout->setWordWrap(true);
    column->addWidget(m_edgeAbout);
    m_edgeProblem = new InlineMessage(m_theme, Severity::Warning, QString(), made);
    m_edgeProblem->setObjectName(QStringLiteral("inspector-edge-problem"));
    m_edgeProblem->hide();
    column->addWidget(m_edgeProblem);
    m_edgeForm = addForm(column, "edge-form");
    m_edgeForm->setFields(inspectorforms::edge());
    m_edgeRun = new TeamNodePanel(m_theme, made);
    m_edgeRun->setObjectName(QStringLiteral("edge-run"));
    connect(m_edgeRun, &TeamNodePanel::openRequested, this, &NodeInspector::openRequested);
    column->addWidget(m_edgeRun);
    column->addStretch(1);
    return made;
}

QWidget *NodeInspector::buildMany()
{
    QVBoxLayout *column = nullptr;
    QWidget *made = page(&column);
    m_manyTitle = new Label(m_theme, QString(), Label::Style::Heading, made);
    m_manyTitle->setObjectName(QStringLiteral("inspector-many"));
    column->addWidget(m_manyTitle);
    column->addWidget(new Label(m_theme, tr("Align"), Label::Style::Secondary, made));
    auto *grid = new QGridLayout;
    grid->setSpacing(metrics::GapSmall);
    const struct { Alignment how; const char *id; QString title; } ways[] = {
        {Alignment::Left, "left", tr("Left")}, {Alignment::HCenter, "hcenter", tr("Centre")}, {Alignment::Right, "right", tr("Right")},
        {Alignment::Top, "top", tr("Top")}, {Alignment::VCenter, "vcenter", tr("Middle")}, {Alignment::Bottom, "bottom", tr("Bottom")},
        {Alignment::DistributeH, "distribute-h", tr("Spread across")}, {Alignment::DistributeV, "distribute-v", tr("Spread down")}};
    int at = 0;
    for (const auto &way : ways) {
        auto *button = new Button(way.title, ButtonRole::Secondary, made);
        button->setObjectName(QStringLiteral("align-") + QLatin1String(way.id));
        const bool wide = at >= 6;
        grid->addWidget(button, wide ? 2 + (at - 6) : at / 3, wide ? 0 : at % 3, 1, wide ? 3 : 1);
        connect(button, &QAbstractButton::clicked, this, [this, how = way.how] { Q_EMIT alignRequested(how); });
        m_alignButtons.push_back(button);
        ++at;
    }
    column->addLayout(grid);
    column->addStretch(1);
    return made;
}

QWidget *NodeInspector::buildPart()
{
    QVBoxLayout *column = nullptr;
    QWidget *made = page(&column);
    m_partTitle = new Label(m_theme, QString(), Label::Style::Heading, made);
    column->addWidget(m_partTitle);
    m_partForm = addForm(column, "part-form");
    column->addStretch(1);
    return made;
}

QString NodeInspector::baseOf(const FormView *form) const
{
    const QString id = escaped(m_selection.value(0));
    if (form == m_settingsForm)
        return QStringLiteral("/nodes/%1/settings/").arg(id);
    if (form == m_nameForm || form == m_errorForm)
        return QStringLiteral("/nodes/%1/").arg(id);
    if (form == m_edgeForm)
        return QStringLiteral("/edges/%1/").arg(id);
    if (form == m_partForm)
        return QStringLiteral("/layout/%1/%2/")
            .arg(layoutPart(m_body, "frames", m_selection.value(0)).isEmpty() ? QStringLiteral("notes")
                                                                              : QStringLiteral("frames"),
                 id);
    return QStringLiteral("/");
}

void NodeInspector::change(FormView *form, const QString &key, const QJsonValue &value, const QString &what)
{
    QString note;
    BodyChanges changes{{baseOf(form) + key, value}};
    if (form == m_nameForm && key == QLatin1String("name"))
        changes = renameNode(m_body, m_selection.value(0), value.toString());
    if (form == m_settingsForm || form == m_errorForm)
        changes = withLostEdges(std::move(changes), &note);
    Q_EMIT edited(changes, what, note);
}

BodyChanges NodeInspector::withLostEdges(BodyChanges changes, QString *note) const
{
    const QString id = m_selection.value(0);
    const TeamNode before = nodeOf(id, part(m_body, "nodes", id)), after = nodeOf(id, part(applyChanges(m_body, changes), "nodes", id));
    const auto hadOut = outputPorts(before), hasOut = outputPorts(after), hadIn = inputPorts(before), hasIn = inputPorts(after);
    if (hadOut == hasOut && hadIn == hasIn)
        return changes;
    int lost = 0;
    const QJsonObject edges = m_body.value(QStringLiteral("edges")).toObject();
    for (auto it = edges.begin(); it != edges.end(); ++it) {
        const QString out = it.value()[QLatin1String("from_port")].toString(QStringLiteral("out")),
                      in = it.value()[QLatin1String("to_port")].toString(QStringLiteral("in"));
        const bool gone = (it.value()[QLatin1String("from")].toString() == id && findPort(hadOut, out) && !findPort(hasOut, out))
            || (it.value()[QLatin1String("to")].toString() == id && findPort(hadIn, in) && !findPort(hasIn, in));
        if (!gone)
            continue;
        changes.push_back({QStringLiteral("/edges/") + escaped(it.key()), QJsonValue(QJsonValue::Undefined)});
        ++lost;
    }
    if (lost > 0)
        *note = tr("%1 went with their port. Ctrl+Z brings them back.").arg(format::count(lost, tr("connection"), tr("connections")));
    return changes;
}

void NodeInspector::wanted(ArtifactKind kind, FormView *form, const QString &key)
{
    m_wanted = Wanted{kind, baseOf(form) + key};
    Q_EMIT createRequested(kind);
}

void NodeInspector::setBody(const QJsonObject &body)
{
    m_body = body;
    refresh();
}

void NodeInspector::setSelection(const QStringList &ids)
{
    if (ids == m_selection)
        return;
    m_selection = ids;
    m_wanted.reset();
    refresh();
    if (auto *scroll = qobject_cast<QScrollArea *>(m_pages->currentWidget()))
        scroll->ensureVisible(0, 0);
}

void NodeInspector::refresh()
{
    m_selection.removeIf([this](const QString &id) {
        return part(m_body, "nodes", id).isEmpty() && part(m_body, "edges", id).isEmpty() && layoutPart(m_body, "frames", id).isEmpty()
            && layoutPart(m_body, "notes", id).isEmpty();
    });
    if (m_selection.isEmpty()) {
        m_pages->setCurrentIndex(TeamPage);
        m_teamForm->setValue(m_body);
        m_limitsForm->setValue(m_body);
        m_state->setValue(m_body.value(QStringLiteral("state")));
    } else if (m_selection.size() > 1) {
        m_pages->setCurrentIndex(ManyPage);
        int nodes = 0, edges = 0;
        for (const QString &id : std::as_const(m_selection)) {
            nodes += !part(m_body, "nodes", id).isEmpty();
            edges += !part(m_body, "edges", id).isEmpty();
        }
        const int parts = int(m_selection.size()) - nodes - edges;
        QStringList words;
        if (nodes > 0)
            words.append(format::count(nodes, tr("node"), tr("nodes")));
        if (edges > 0)
            words.append(format::count(edges, tr("connection"), tr("connections")));
        if (parts > 0)
            words.append(format::count(parts, tr("frame or note"), tr("frames and notes")));
        m_manyTitle->setText(words.join(QLatin1String(", ")));
        for (QWidget *button : m_alignButtons)
            button->setEnabled(m_editable && nodes > (button->objectName().startsWith(QLatin1String("align-distribute")) ? 2 : 1));
    } else if (!part(m_body, "nodes", m_selection.first()).isEmpty()) {
        m_pages->setCurrentIndex(NodePage);
        showNode();
    } else if (!part(m_body, "edges", m_selection.first()).isEmpty()) {
        m_pages->setCurrentIndex(EdgePage);
        showEdge();
    } else {
        m_pages->setCurrentIndex(PartPage);
        showPart();
    }
    showProblems();
}

void NodeInspector::showNode()
{
    const QString id = m_selection.first();
    const QJsonObject json = part(m_body, "nodes", id);
    const QString kindText = json.value(QStringLiteral("kind")).toString();
    const auto kind = nodeKindFromName(kindText);
    if (kind) {
        const NodeKindInfo &info = nodeKindInfo(*kind);
        const ColorToken color = colorTokenFromName(info.color);
        m_kindIcon->setPixmap(m_theme->pixmap(info.icon, m_theme->color(color), 16, devicePixelRatioF()));
        m_kindTitle->setText(info.title);
        m_kindAbout->setText(info.about);
        m_settingsForm->setFields(nodeForm(*kind));
    } else {
        m_kindIcon->setPixmap(QPixmap());
        m_kindTitle->setText(kindText);
        m_kindAbout->setText(tr("This version of Lathe does not know this kind of node."));
        m_settingsForm->setFields({});
    }
    m_nameForm->setValue(json);
    m_settingsForm->setValue(json.value(QStringLiteral("settings")).toObject());
    QStringList keys, agents;
    for (const QJsonValue &key : m_body.value(QStringLiteral("state")).toArray())
        keys.append(key[QLatin1String("name")].toString());
    const QJsonObject nodes = kind == NodeKind::Handoff ? m_body.value(QStringLiteral("nodes")).toObject() : QJsonObject();
    for (const QJsonValue &node : nodes) {
        if (node[QLatin1String("kind")].toString() == QLatin1String("agent"))
            agents.append(node[QLatin1String("name")].toString());
    }
    m_settingsForm->setSuggestions(QStringLiteral("key"), keys);
    m_settingsForm->setSuggestions(QStringLiteral("start"), agents);
    // The ends do nothing that can fail.
    m_errorForm->setVisible(kind && *kind != NodeKind::Input && *kind != NodeKind::Output && *kind != NodeKind::Parallel);
    m_errorForm->setValue(json);
    m_nodeRun->showNode(id);
}

void NodeInspector::showEdge()
{
    const QString id = m_selection.first();
    const QJsonObject edge = part(m_body, "edges", id);
    const auto end = [&](const char *key) {
        const QString node = edge.value(QLatin1String(key)).toString();
        const QString name = part(m_body, "nodes", node).value(QLatin1String("name")).toString();
        return name.isEmpty() ? node : name;
    };
    m_edgeTitle->setText(QStringLiteral("%1 %2 %3").arg(end("from"), QChar(0x2192), end("to")));
    const QString from = edge.value(QStringLiteral("from")).toString(),
                  out = edge.value(QStringLiteral("from_port")).toString(QStringLiteral("out"));
    const auto ports = outputPorts(nodeOf(from, part(m_body, "nodes", from)));
    const Port *port = findPort(ports, out);
    m_edgeAbout->setText(port ? tr("Leaves by \"%1\" and carries %2.")
                                    .arg(port->title, port->type == PortType::Any ? tr("any value") : portTypeName(port->type))
                              : tr("Its node has no port \"%1\".").arg(out));
    m_edgeForm->setValue(edge);
    m_edgeRun->showEdge(id);
}

void NodeInspector::showPart()
{
    const QString id = m_selection.first();
    const QJsonObject frame = layoutPart(m_body, "frames", id);
    m_partTitle->setText(frame.isEmpty() ? tr("Note") : tr("Frame"));
    m_partForm->setFields(frame.isEmpty() ? inspectorforms::note() : inspectorforms::frame());
    m_partForm->setValue(frame.isEmpty() ? layoutPart(m_body, "notes", id) : frame);
}

void NodeInspector::setProblems(const std::vector<Problem> &problems)
{
    m_problems = problems;
    showProblems();
}

void NodeInspector::showProblems()
{
    const int page = m_pages->currentIndex();
    if (page == ManyPage || page == PartPage)
        return;
    for (FormView *form : m_forms)
        form->clearProblems();
    InlineMessage *message = page == NodePage ? m_nodeProblem : page == EdgePage ? m_edgeProblem : m_teamProblem;
    const QString mine = page == NodePage ? QStringLiteral("/nodes/") + escaped(m_selection.first())
        : page == EdgePage ? QStringLiteral("/edges/") + escaped(m_selection.first()) : QString();
    const Problem *general = nullptr;
    for (const Problem &problem : m_problems) {
        const QString &at = problem.pointer;
        const bool here = page == TeamPage ? !at.startsWith(QLatin1String("/nodes/")) && !at.startsWith(QLatin1String("/edges/"))
                                           : at == mine || at.startsWith(mine + QLatin1Char('/'));
        if (!here)
            continue;
        bool shown = false;
        for (FormView *form : m_forms) {
            const QString base = baseOf(form);
            const bool fits = (page == NodePage && (form == m_nameForm || form == m_settingsForm || form == m_errorForm))
                || (page == EdgePage && form == m_edgeForm) || (page == TeamPage && (form == m_teamForm || form == m_limitsForm));
            shown = shown
                    || (fits && at.startsWith(base) && at.size() > base.size()
                        && form->setProblem(at.mid(base.size()), severityOf(problem), sentence(problem)));
        }
        if (!shown && (!general || problem.severity > general->severity))
            general = &problem;
    }
    message->setVisible(general);
    if (general)
        message->setMessage(severityOf(*general), sentence(*general));
}

void NodeInspector::setEditable(bool editable)
{
    if (editable == m_editable)
        return;
    m_editable = editable;
    for (FormView *form : m_forms)
        form->setEditable(editable);
    m_state->setEditable(editable);
    refresh();
}

void NodeInspector::setRun(const TeamRunView *run, RunId id)
{
    m_nodeRun->setRun(run, id);
    m_edgeRun->setRun(run, id);
}

void NodeInspector::refreshRun()
{
    if (m_pages->currentIndex() == NodePage)
        m_nodeRun->refresh();
    else if (m_pages->currentIndex() == EdgePage)
        m_edgeRun->refresh();
}

void NodeInspector::focusPointer(const QString &pointer)
{
    for (FormView *form : m_forms) {
        const QString base = baseOf(form);
        if (pointer.startsWith(base) && form->isVisible() && form->focusKey(pointer.mid(base.size())))
            return;
    }
}

void NodeInspector::focusFirst()
{
    const FormView *form = m_pages->currentIndex() == NodePage ? m_nameForm
        : m_pages->currentIndex() == EdgePage ? m_edgeForm
        : m_pages->currentIndex() == PartPage ? m_partForm : m_teamForm;
    if (auto *edit = form->findChild<QLineEdit *>()) {
        edit->setFocus(Qt::OtherFocusReason);
        edit->selectAll();
    }
}

NodeInspector::~NodeInspector()
{
    silence(this);
}

} // namespace lathe
