// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ToolEditor.h"

#include "core/base/Json.h"
#include "core/design/ToolSpec.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/Renaming.h"
#include "ui/itemmodels/ToolCatalogModel.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/tools/EditorHeight.h"
#include "ui/tools/McpServerPanel.h"
#include "ui/tools/ToolAnalyticsPanel.h"
#include "ui/tools/ToolConfigForm.h"
#include "ui/tools/ToolFunctionList.h"
#include "ui/tools/ToolPolicyEditor.h"
#include "ui/tools/ToolRevisionPanel.h"
#include "ui/tools/ToolTrialPanel.h"
#include "ui/tools/ToolWords.h"
#include "ui/widgets/BodyBinding.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/DocumentHeader.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/FormLayout.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/NameField.h"
#include "ui/widgets/ScrollColumn.h"
#include "ui/widgets/SectionHeader.h"
#include "ui/widgets/Silence.h"
#include "ui/widgets/SplitterMemory.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPainter>
#include <QScrollArea>
#include <QStackedWidget>
#include <QStandardItemModel>
#include <QTabBar>
#include <QVBoxLayout>

namespace lathe {

namespace {
void clearLayout(QLayout *layout)
{
    while (QLayoutItem *item = layout->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
}
}

namespace {
// The ground of the panels at the right.
class Surface : public QWidget
{
public:
    Surface(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme) {}

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.fillRect(rect(), m_theme->tokens().surface);
    }

private:
    Theme *m_theme;
};
}

ToolEditor::ToolEditor(Session *session, Theme *theme, ArtifactId tool, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_tool(tool)
{
    setObjectName(QStringLiteral("tool-editor"));
    m_binding = new BodyBinding([this](const QString &pointer, const QJsonValue &value, const QString &what) { edit(pointer, value, what); }, this);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    auto *splitter = new HeaderedSplitter(theme, Qt::Horizontal, this);
    splitter->addPanel(QStringLiteral("form"), buildForm(), 560, 1);
    splitter->addPanel(QStringLiteral("trial"), buildParts(), 520, 1);
    rememberSizes(splitter, session, QStringLiteral("ui/tool/split"));
    outer->addWidget(splitter);

    m_check.setSingleShot(true);
    m_check.setInterval(150);
    connect(&m_check, &QTimer::timeout, this, &ToolEditor::showProblems);
    auto *artifacts = &session->project().artifacts();
    connect(artifacts, &ArtifactRepository::draftChanged, this, [this](ArtifactId id) {
        if (id == m_tool)
            reload();
        else
            showUsers();
    });
    connect(artifacts, &ArtifactRepository::changed, this, [this](ArtifactId id) {
        if (id == m_tool)
            reload();
        showUsers();
        m_check.start();
    });
    connect(artifacts, &ArtifactRepository::added, this, [this] {
        showUsers();
        m_check.start(); // a dataset that was missing may be there now
    });
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    reload();
    showUsers();
    showProblems();
}

QWidget *ToolEditor::buildHeader()
{
    auto *header = new QWidget(this);
    m_header = new DocumentHeader(m_theme, QStringLiteral("tool"), tr("Name of the tool"), header);
    m_header->setContentsMargins(metrics::PageMargin, 14, metrics::PageMargin, 6);
    header->setLayout(m_header);
    renameBy(m_header->name(), m_session, m_tool);
    return header;
}

QWidget *ToolEditor::buildParts()
{
    auto *box = new Surface(m_theme, this);
    box->setObjectName(QStringLiteral("tool-parts"));
    box->setMinimumWidth(320);
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 6, 0, 0);
    layout->setSpacing(0);
    m_parts = new QTabBar(box);
    m_parts->setObjectName(QStringLiteral("tool-part-tabs"));
    m_parts->setAccessibleName(tr("Parts of the tool"));
    m_parts->setExpanding(false);
    m_parts->setDrawBase(false);
    for (const QString &title : {tr("Try"), tr("Server"), tr("Revisions"), tr("Usage")})
        m_parts->addTab(title);
    auto *line = new QHBoxLayout;
    line->setContentsMargins(metrics::Gap, 0, metrics::Gap, 0);
    line->addWidget(m_parts);
    line->addStretch();
    layout->addLayout(line);
    m_pages = new QStackedWidget(box);
    m_trial = new ToolTrialPanel(m_session, m_theme, m_pages);
    m_serverPage = new QWidget(m_pages);
    auto *serverLayout = new QVBoxLayout(m_serverPage);
    serverLayout->setContentsMargins(0, 0, 0, 0);
    m_revisions = new ToolRevisionPanel(m_session, m_theme, m_tool, m_pages);
    m_usage = new ToolAnalyticsPanel(m_session, m_theme, m_tool, m_pages);
    m_pages->addWidget(m_trial);
    m_pages->addWidget(m_serverPage);
    m_pages->addWidget(m_revisions);
    m_pages->addWidget(m_usage);
    layout->addWidget(m_pages, 1);
    connect(m_parts, &QTabBar::currentChanged, this, [this](int index) {
        if (index == int(Part::Server))
            showServer(true);
        m_pages->setCurrentIndex(index);
    });
    connect(m_trial, &ToolTrialPanel::statusMessage, this, &ToolEditor::statusMessage);
    connect(m_trial, &ToolTrialPanel::examplesEdited, this, [this](const QJsonArray &examples, const QString &what) {
        edit(QStringLiteral("/examples"), examples.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(examples), what);
    });
    connect(m_trial, &ToolTrialPanel::mockRequested, this, &ToolEditor::makeMock);
    connect(m_revisions, &ToolRevisionPanel::statusMessage, this, &ToolEditor::statusMessage);
    connect(m_revisions, &ToolRevisionPanel::errorRaised, this, &ToolEditor::errorRaised);
    connect(m_usage, &ToolAnalyticsPanel::openRequested, this, &ToolEditor::openRequested);
    connect(m_usage, &ToolAnalyticsPanel::errorRaised, this, &ToolEditor::errorRaised);
    return box;
}

void ToolEditor::showPart(Part part)
{
    if (m_parts->isTabVisible(int(part)))
        m_parts->setCurrentIndex(int(part));
}

void ToolEditor::tryFunction(const QString &function)
{
    showPart(Part::Try);
    m_trial->showFunction(function);
    m_trial->focusArguments(); // what was pressed may be hidden now
}

void ToolEditor::showRevision(int number)
{
    showPart(Part::Revisions);
    m_revisions->showRevision(number);
}

void ToolEditor::showServer(bool isServer)
{
    if (!isServer || m_server)
        return;
    m_server = new McpServerPanel(m_session, m_theme, m_tool, m_serverPage);
    m_serverPage->layout()->addWidget(m_server);
    connect(m_server, &McpServerPanel::openRequested, this, &ToolEditor::openRequested);
    connect(m_server, &McpServerPanel::statusMessage, this, &ToolEditor::statusMessage);
    connect(m_server, &McpServerPanel::errorRaised, this, &ToolEditor::errorRaised);
    connect(m_server, &McpServerPanel::tryRequested, this, &ToolEditor::tryFunction);
}

void ToolEditor::makeMock(const QString &name, const QJsonObject &body)
{
    runTask(
        this, m_session->createArtifact(ArtifactKind::Tool, m_session->freeName(ArtifactKind::Tool, name), body),
        [this](ArtifactId id) {
            Q_EMIT statusMessage(tr("The mock answers as this call did. Attach it in place of the real tool."));
            Q_EMIT openRequested(Location::ofArtifact(id));
        },
        [this](const Error &error) { Q_EMIT errorRaised(error); });
}

QWidget *ToolEditor::buildForm()
{
    auto *box = new QWidget(this);
    box->setMinimumWidth(320);
    auto *outer = new QVBoxLayout(box);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    outer->addWidget(buildHeader());
    auto *scroll = new QScrollArea(box);
    auto *content = new QWidget(scroll);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(metrics::PageMargin, 8, metrics::PageMargin, metrics::PageMargin);
    layout->setSpacing(metrics::Gap);
    m_summary = new InlineMessage(m_theme, Severity::Warning, QString(), content);
    m_summary->setObjectName(QStringLiteral("tool-problems"));
    m_summary->hide();
    layout->addWidget(m_summary);
    auto *form = new FormLayout(m_theme, content);
    m_form = form;
    buildWhat(form);
    form->addSection(tr("Policy"));
    m_policy = new ToolPolicyEditor(m_theme, ToolPolicyEditor::Scope::Tool, form);
    connect(m_policy, &ToolPolicyEditor::edited, this, &ToolEditor::edit);
    form->addWidget(m_policy);
    m_fields.insert(m_policy->fields());
    m_fields.insert(QStringLiteral("/limits"), m_fields.value(QStringLiteral("/limits/calls_per_run")));
    form->addSection(tr("Used by"));
    auto *users = new QWidget(form);
    users->setObjectName(QStringLiteral("tool-used-by"));
    m_users = new QVBoxLayout(users);
    m_users->setContentsMargins(0, 0, 0, 0);
    m_users->setSpacing(2);
    form->addWidget(users);
    form->addStretch();
    layout->addWidget(form, 1);
    fillScrollColumn(scroll, content);
    outer->addWidget(scroll, 1);
    m_form->setEnabled(!m_session->project().isReadOnly());
    return box;
}

void ToolEditor::buildWhat(FormLayout *form)
{
    form->addSection(tr("What it does"));
    auto *box = new QWidget(form);
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::GapSmall);
    m_type = new QComboBox(box);
    m_type->setObjectName(QStringLiteral("tool-type"));
    m_type->setAccessibleName(tr("Type"));
    fillTypes();
    connect(m_type, &QComboBox::activated, this, [this](int row) { changeType(m_type->itemData(row).toString()); });
    column->addWidget(m_type);
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::Gap);
    m_effect = new Chip(m_theme, QString(), ColorToken::Text3, box);
    m_effect->setObjectName(QStringLiteral("tool-effect"));
    m_typeAbout = new Label(m_theme, QString(), Label::Style::Hint, box);
    m_typeAbout->setWordWrap(true);
    line->addWidget(m_effect, 0, Qt::AlignTop);
    line->addWidget(m_typeAbout, 1);
    column->addLayout(line);
    m_fields.insert(QStringLiteral("/type"), form->addField(tr("Type"), box));

    m_purpose = new CodeEditor(m_theme, form);
    m_purpose->setObjectName(QStringLiteral("tool-purpose"));
    m_purpose->setLineNumbersVisible(false);
    m_purpose->setTabChangesFocus(true);
    growWithText(m_purpose, 2, 6);
    m_purpose->installEventFilter(this);
    m_binding->bind(m_purpose, QStringLiteral("/purpose"), tr("Change purpose"));
    m_fields.insert(QStringLiteral("/purpose"), form->addField(tr("Purpose"), m_purpose, tr("One sentence. The model reads it to decide when to call.")));

    auto *functions = new QWidget(form);
    m_functionBox = new QVBoxLayout(functions);
    m_functionBox->setContentsMargins(0, 0, 0, 0);
    functions->hide();
    form->addWidget(functions);
    auto *config = new QWidget(form);
    m_configBox = new QVBoxLayout(config);
    m_configBox->setContentsMargins(0, 0, 0, 0);
    m_configBox->setSpacing(metrics::Margin);
    m_configHead = new SectionHeader(m_theme, tr("Settings"), SectionHeader::Level::Section, config);
    m_configBox->addWidget(m_configHead);
    form->addWidget(config);
}

// Grouped as the catalogue is; the heads of groups cannot be chosen.
void ToolEditor::fillTypes()
{
    auto *model = new QStandardItemModel(m_type);
    const QStringList groups = ToolCatalogModel::groupOrder();
    for (const QString &group : groups) {
        if (!group.isEmpty()) {
            auto *head = new QStandardItem(group);
            head->setFlags(Qt::NoItemFlags);
            QFont font = m_theme->smallFont();
            head->setFont(font);
            model->appendRow(head);
        }
        for (const ToolTypeInfo &info : toolTypes()) {
            if (info.group != group)
                continue;
            auto *item = new QStandardItem(m_theme->icon(toolwords::icon(info.type), toolwords::color(info.type)), info.title);
            item->setData(info.type, Qt::UserRole);
            item->setToolTip(info.about);
            model->appendRow(item);
        }
    }
    m_type->setModel(model);
    m_type->setMaxVisibleItems(30);
}

void ToolEditor::edit(const QString &pointer, const QJsonValue &value, const QString &what)
{
    if (const auto done = m_session->edit(m_tool, pointer, value, what); !done)
        Q_EMIT errorRaised(done.error());
    reload(); // the project tells of the edit once it is in the file; the form does not wait for that
}

// What only read and can act now asks from here on; one step of the history, so that undo takes both back.
void ToolEditor::editSetting(const QString &pointer, const QJsonValue &value, const QString &what)
{
    const auto draft = m_session->draft(m_tool);
    const QJsonObject before = draft ? draft->body : QJsonObject();
    const QJsonObject after = json::with(before, pointer, value).toObject();
    BodyChanges changes{{pointer, value}};
    // Nobody's words follow what the tool can do.
    const QString purpose = toolwords::standardPurpose(before), now = toolwords::standardPurpose(after);
    if (purpose != now && before.value(QStringLiteral("purpose")).toString() == purpose)
        changes.push_back({QStringLiteral("/purpose"), now});
    const bool acts = toolwords::sideEffectOf(before) == SideEffect::Read && toolwords::sideEffectOf(after) != SideEffect::Read;
    const bool asks = acts && toolwords::policyOf(before).approval == Approval::Always;
    if (asks)
        changes.push_back({QStringLiteral("/approval"), QStringLiteral("ask")});
    if (changes.size() == 1)
        return edit(pointer, value, what);
    if (const auto done = m_session->edit(m_tool, changes, what); !done)
        Q_EMIT errorRaised(done.error());
    else if (asks)
        Q_EMIT statusMessage(tr("It can change things now, so it asks each time; Policy says otherwise if you want."));
    reload();
}

void ToolEditor::changeType(const QString &type)
{
    const auto draft = m_session->draft(m_tool);
    const ToolTypeInfo *info = toolType(type);
    if (!draft || !info || draft->body.value(QStringLiteral("type")).toString() == type)
        return;
    QJsonObject body = info->defaultBody;
    // A purpose that somebody wrote stays; the old type's own words would be wrong for the new one.
    const QString purpose = draft->body.value(QStringLiteral("purpose")).toString();
    if (purpose != toolwords::standardPurpose(draft->body) && !purpose.trimmed().isEmpty())
        body.insert(QStringLiteral("purpose"), purpose);
    edit(QString(), body, tr("Change type to %1").arg(info->title));
}

void ToolEditor::setType(const QString &type)
{
    const ToolTypeInfo *info = toolType(type);
    const int row = m_type->findData(type);
    m_type->setCurrentIndex(row);
    m_typeAbout->setText(info ? info->about : tr("This version of Lathe does not know the type \"%1\".").arg(type.left(60)));
    if (type == m_configType)
        return;
    m_configType = type;
    setSet(isToolSet(type));
    const bool server = type == QLatin1String("mcp");
    if (!server && m_parts->currentIndex() == int(Part::Server))
        showPart(Part::Try); // before its tab goes
    m_parts->setTabVisible(int(Part::Server), server);
    if (!server && m_server) {
        m_server->deleteLater();
        m_server = nullptr;
    }
    if (m_config) {
        m_config->hide();
        m_config->deleteLater();
        m_config = nullptr;
    }
    m_configHead->parentWidget()->setVisible(info && !info->fields.empty());
    if (!info || info->fields.empty())
        return;
    m_config = new ToolConfigForm(m_session, m_theme, *info);
    connect(m_config, &ToolConfigForm::edited, this, &ToolEditor::editSetting);
    m_configBox->addWidget(m_config);
}

void ToolEditor::setSet(bool isSet)
{
    m_functionBox->parentWidget()->setVisible(isSet);
    if (!isSet) {
        if (m_functions)
            m_functions->deleteLater();
        m_functions = nullptr;
        return;
    }
    if (m_functions)
        return;
    m_functions = new ToolFunctionList(m_session, m_theme, m_tool);
    m_functionBox->addWidget(m_functions);
    connect(m_functions, &ToolFunctionList::edited, this, &ToolEditor::edit);
    connect(m_functions, &ToolFunctionList::tryRequested, this, &ToolEditor::tryFunction);
    connect(m_functions, &ToolFunctionList::serverRequested, this, [this] { showPart(Part::Server); });
}

void ToolEditor::reload()
{
    const auto info = m_session->project().artifacts().info(m_tool);
    const auto draft = m_session->draft(m_tool);
    if (!info || !draft)
        return;
    m_header->show(info->name, info->latestNumber, info->hasDraft || draft->differs, m_session->project().isReadOnly());
    setType(draft->body.value(QStringLiteral("type")).toString());
    if (m_config)
        m_config->load(draft->body);
    m_binding->load(draft->body);
    m_policy->load(draft->body);
    if (m_functions)
        m_functions->load(draft->body);
    if (toolType(m_configType)) {
        const SideEffect effect = toolwords::sideEffectOf(draft->body);
        m_effect->setText(toolwords::effect(effect));
        m_effect->setColor(toolwords::effectColor(effect));
        m_effect->updateGeometry();
    }
    m_effect->setVisible(toolType(m_configType) != nullptr);
    m_trial->setTool(info->name, draft->body);
    // An MCP server that was never listed is connected first.
    if (m_configType == QLatin1String("mcp") && draft->body.value(QStringLiteral("config"))[QLatin1String("tools")].toArray().isEmpty() && !m_server)
        showPart(Part::Server);
    m_check.start();
}

void ToolEditor::showProblems()
{
    const auto draft = m_session->draft(m_tool);
    if (!draft)
        return;
    QHash<QString, FormField *> fields = m_fields;
    if (m_config)
        fields.insert(m_config->fields());
    for (FormField *field : std::as_const(fields))
        field->clearProblem();
    int errors = 0;
    QString other;
    for (const Problem &problem : m_session->problems(ArtifactKind::Tool, draft->body)) {
        errors += problem.severity == Problem::Severity::Error;
        FormField *field = nullptr;
        for (QString at = problem.pointer; !field && !at.isEmpty(); at = at.left(at.lastIndexOf(QLatin1Char('/'))))
            field = fields.value(at);
        const QString text = problem.fix.isEmpty() ? problem.message : problem.message + QLatin1Char(' ') + problem.fix;
        if (field && field->problem().isEmpty())
            field->setProblem(toolwords::severity(problem.severity), text);
        else if (!field && other.isEmpty())
            other = text;
    }
    m_policy->revealProblems();
    const auto info = m_session->project().artifacts().info(m_tool);
    if (info && !isToolSet(m_configType)) { // a set's rules name no arguments: each function has its own
        if (const auto described = m_session->describeTool(info->name, draft->body))
            m_policy->setSchema(described->schema);
    }
    const bool readOnly = m_session->project().isReadOnly();
    m_summary->setMessage(errors > 0 ? Severity::Error : Severity::Warning,
                          readOnly           ? m_session->project().readOnlyReason()
                          : !other.isEmpty() ? other
                                             : tr("This tool cannot be called yet: %1 below.").arg(format::count(errors, tr("problem"), tr("problems"))));
    m_summary->setVisible(errors > 0 || !other.isEmpty() || readOnly);
}

void ToolEditor::showUsers()
{
    const auto own = m_session->project().artifacts().info(m_tool);
    if (!own)
        return;
    std::vector<std::pair<QString, ArtifactId>> users;
    QStringList names;
    for (const ArtifactInfo &agent : m_session->project().artifacts().list(ArtifactKind::Agent)) {
        const auto draft = m_session->draft(agent.id);
        if (!draft)
            continue;
        for (const QJsonValue &item : draft->body.value(QStringLiteral("tools")).toArray()) {
            if (item[QLatin1String("tool")].toString().section(QLatin1Char('@'), 0, 0) != own->name)
                continue;
            users.emplace_back(agent.name, agent.id);
            names.append(agent.name);
            break;
        }
    }
    if (names == m_usersShown && m_users->count() > 0)
        return;
    m_usersShown = names;
    clearLayout(m_users);
    for (const auto &[name, id] : users) {
        auto *link = new LinkLabel(m_theme, name);
        link->setObjectName(QStringLiteral("used-by-") + name);
        link->setToolTip(tr("Open the agent"));
        connect(link, &QAbstractButton::clicked, this, [this, agent = id] { Q_EMIT openRequested(Location::ofArtifact(agent)); });
        m_users->addWidget(link, 0, Qt::AlignLeft);
    }
    if (users.empty()) {
        auto *none = new Label(m_theme, tr("No agent uses this tool yet. Attach it in an agent's form."), Label::Style::Hint);
        none->setWordWrap(true);
        m_users->addWidget(none);
    }
}

void ToolEditor::tryCall()
{
    showPart(Part::Try);
    m_trial->run();
}

bool ToolEditor::eventFilter(QObject *watched, QEvent *event)
{
    // Ctrl+Z in the text is the draft's undo, not the field's own.
    if (event->type() != QEvent::ShortcutOverride && event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    const bool undo = key->matches(QKeySequence::Undo), redo = key->matches(QKeySequence::Redo);
    if (!undo && !redo)
        return QWidget::eventFilter(watched, event);
    if (event->type() == QEvent::ShortcutOverride) {
        event->ignore(); // the window's shortcut wins, when it has one
        return true;
    }
    if (const auto done = undo ? m_session->undo(m_tool) : m_session->redo(m_tool); !done)
        Q_EMIT errorRaised(done.error());
    reload();
    return true;
}

void ToolEditor::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().base);
}

ToolEditor::~ToolEditor()
{
    silence(this);
}

} // namespace lathe
