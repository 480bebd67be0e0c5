// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ToolEditor.h"

#include "core/base/Json.h"
#include "core/design/ToolSpec.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/tools/EditorHeight.h"
#include "ui/tools/ToolConfigForm.h"
#include "ui/tools/ToolTrialPanel.h"
#include "ui/widgets/BodyBinding.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/FormLayout.h"
#include "ui/widgets/HeaderedSplitter.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/SectionHeader.h"
#include "ui/widgets/Silence.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPainter>
#include <QScrollArea>
#include <QSpinBox>
#include <QVBoxLayout>

namespace lathe {

namespace {
Severity severityOf(Problem::Severity severity)
{
    return severity == Problem::Severity::Error ? Severity::Error : severity == Problem::Severity::Warning ? Severity::Warning : Severity::Info;
}

QString effectSentence(SideEffect effect)
{
    switch (effect) {
    case SideEffect::Read:
        return ToolEditor::tr("only reads");
    case SideEffect::Write:
        return ToolEditor::tr("writes files");
    case SideEffect::External:
        return ToolEditor::tr("acts outside");
    }
    return QString();
}

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
    m_trial = new ToolTrialPanel(session, theme, splitter);
    m_trial->setMinimumWidth(320);
    connect(m_trial, &ToolTrialPanel::statusMessage, this, &ToolEditor::statusMessage);
    splitter->addPanel(QStringLiteral("trial"), m_trial, 520, 1);
    const QString key = QStringLiteral("ui/tool/split");
    HeaderedSplitter::Sizes sizes;
    const QJsonObject stored = session->project().setting(key).toObject();
    for (auto it = stored.begin(); it != stored.end(); ++it)
        sizes.insert(it.key(), it.value().toInt());
    if (!sizes.isEmpty())
        splitter->restore(sizes);
    splitter->setSizesChanged([session, key](const HeaderedSplitter::Sizes &now) {
        QJsonObject json;
        for (auto it = now.begin(); it != now.end(); ++it)
            json.insert(it.key(), it.value());
        session->project().setSetting(key, json);
    });
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
    auto *line = new QHBoxLayout(header);
    line->setContentsMargins(metrics::PageMargin, 14, metrics::PageMargin, 6);
    line->setSpacing(8);
    m_name = new QLineEdit(header);
    m_name->setObjectName(QStringLiteral("tool-name"));
    m_name->setAccessibleName(tr("Name of the tool"));
    m_name->setToolTip(tr("Name; Enter renames"));
    m_name->setFont(m_theme->titleFont());
    m_name->setFixedHeight(34);
    m_name->setMaximumWidth(340);
    connect(m_name, &QLineEdit::editingFinished, this, &ToolEditor::rename);
    m_revision = new Label(m_theme, QString(), Label::Style::Caption, header);
    m_revision->setObjectName(QStringLiteral("tool-revision"));
    m_draft = new Chip(m_theme, tr("draft, autosaved"), ColorToken::Warning, header);
    m_draft->setObjectName(QStringLiteral("tool-draft"));
    m_draft->setToolTip(tr("Uncommitted edits. Ctrl+S makes a revision."));
    line->addWidget(m_name, 1);
    line->addWidget(m_revision);
    line->addWidget(m_draft);
    line->addStretch();
    return header;
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
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
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
    buildPolicy(form);
    buildLimits(form);
    form->addSection(tr("Used by"));
    auto *users = new QWidget(form);
    users->setObjectName(QStringLiteral("tool-used-by"));
    m_users = new QVBoxLayout(users);
    m_users->setContentsMargins(0, 0, 0, 0);
    m_users->setSpacing(2);
    form->addWidget(users);
    form->addStretch();
    layout->addWidget(form, 1);
    scroll->setWidget(content);
    content->setAutoFillBackground(false); // the panel behind shows
    scroll->viewport()->setAutoFillBackground(false);
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
    for (const ToolTypeInfo &info : toolTypes()) {
        m_type->addItem(m_theme->icon(QStringLiteral("tool"), ColorToken::Tool), info.title, info.type);
        m_type->setItemData(m_type->count() - 1, info.about, Qt::ToolTipRole);
    }
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

    auto *config = new QWidget(form);
    m_configBox = new QVBoxLayout(config);
    m_configBox->setContentsMargins(0, 0, 0, 0);
    m_configBox->setSpacing(metrics::Margin);
    m_configHead = new SectionHeader(m_theme, tr("Settings"), SectionHeader::Level::Section, config);
    m_configBox->addWidget(m_configHead);
    form->addWidget(config);
}

void ToolEditor::buildPolicy(FormLayout *form)
{
    form->addSection(tr("Policy"));
    auto *approval = new QComboBox(form);
    approval->setObjectName(QStringLiteral("tool-approval"));
    approval->addItem(tr("Always: calls run at once"), QStringLiteral("always"));
    approval->addItem(tr("Ask: a person decides each time"), QStringLiteral("ask"));
    approval->addItem(tr("Never: calls are refused"), QStringLiteral("never"));
    m_binding->bind(approval, QStringLiteral("/approval"), tr("Change approval"));
    m_fields.insert(QStringLiteral("/approval"), form->addField(tr("Approval"), approval, tr("An agent can be stricter or looser where the tool is attached.")));
    m_idempotent = new QComboBox(form);
    m_idempotent->setObjectName(QStringLiteral("tool-idempotent"));
    for (const auto &[text, data] : {std::pair(tr("As the type says"), QString()), std::pair(tr("Yes, calling twice does no harm"), QStringLiteral("yes")),
                                     std::pair(tr("No, a second call would act again"), QStringLiteral("no"))})
        m_idempotent->addItem(text, data);
    m_binding->bind(QStringLiteral("/idempotent"), [this](const QJsonValue &value) {
        m_idempotent->setCurrentIndex(value.isBool() ? (value.toBool() ? 1 : 2) : 0);
    });
    connect(m_idempotent, &QComboBox::activated, this, [this](int row) {
        m_binding->report(QStringLiteral("/idempotent"), row == 0 ? QJsonValue(QJsonValue::Undefined) : QJsonValue(row == 1), tr("Change idempotence"));
    });
    m_fields.insert(QStringLiteral("/idempotent"), form->addField(tr("Repeatable"), m_idempotent, tr("Decides whether a resumed run may call again what it had begun.")));
}

void ToolEditor::buildLimits(FormLayout *form)
{
    form->addSection(tr("Limits"), tr("of one run"));
    const ToolLimits defaults;
    auto *calls = new QSpinBox(form);
    calls->setObjectName(QStringLiteral("tool-limit-calls"));
    calls->setRange(1, 100'000);
    calls->setMaximumWidth(200);
    m_binding->bind(calls, QStringLiteral("/limits/calls_per_run"), tr("Change limit of calls"), defaults.callsPerRun);
    m_fields.insert(QStringLiteral("/limits/calls_per_run"), form->addField(tr("Calls"), calls));
    auto *seconds = new QDoubleSpinBox(form);
    seconds->setObjectName(QStringLiteral("tool-limit-seconds"));
    seconds->setRange(0.1, 86'400);
    seconds->setDecimals(1);
    seconds->setSuffix(tr(" s"));
    seconds->setMaximumWidth(200);
    m_binding->bind(seconds, QStringLiteral("/limits/seconds"), tr("Change limit of time"), defaults.seconds);
    m_fields.insert(QStringLiteral("/limits/seconds"), form->addField(tr("Time of a call"), seconds));
    auto *bytes = new QSpinBox(form);
    bytes->setObjectName(QStringLiteral("tool-limit-bytes"));
    bytes->setRange(64, 512 * 1024 * 1024);
    bytes->setSingleStep(1024);
    bytes->setGroupSeparatorShown(true);
    bytes->setSuffix(tr(" bytes"));
    bytes->setMaximumWidth(200);
    m_binding->bind(bytes, QStringLiteral("/limits/max_bytes"), tr("Change limit of bytes"), defaults.maxBytes);
    m_fields.insert(QStringLiteral("/limits/max_bytes"), form->addField(tr("Answer at most"), bytes, tr("A longer answer is cut, and the model is told so.")));
    m_fields.insert(QStringLiteral("/limits"), m_fields.value(QStringLiteral("/limits/calls_per_run")));
}

void ToolEditor::edit(const QString &pointer, const QJsonValue &value, const QString &what)
{
    if (const auto done = m_session->edit(m_tool, pointer, value, what); !done)
        Q_EMIT errorRaised(done.error());
    reload(); // the project tells of the edit once it is in the file; the form does not wait for that
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
    const ToolTypeInfo *old = toolType(draft->body.value(QStringLiteral("type")).toString());
    const bool isOwnWords = !old || purpose != old->defaultBody.value(QStringLiteral("purpose")).toString();
    if (isOwnWords && !purpose.trimmed().isEmpty())
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
    if (m_config) {
        m_config->hide();
        m_config->deleteLater();
        m_config = nullptr;
    }
    m_configHead->parentWidget()->setVisible(info && !info->fields.empty());
    if (!info || info->fields.empty())
        return;
    m_config = new ToolConfigForm(m_session, m_theme, *info);
    connect(m_config, &ToolConfigForm::edited, this, &ToolEditor::edit);
    m_configBox->addWidget(m_config);
}

void ToolEditor::reload()
{
    const auto info = m_session->project().artifacts().info(m_tool);
    const auto draft = m_session->draft(m_tool);
    if (!info || !draft)
        return;
    if (!m_name->hasFocus())
        m_name->setText(info->name);
    m_name->setReadOnly(m_session->project().isReadOnly());
    m_revision->setText(info->latestNumber > 0 ? tr("revision %1").arg(info->latestNumber) : tr("not committed yet"));
    m_draft->setVisible(info->hasDraft);
    setType(draft->body.value(QStringLiteral("type")).toString());
    if (m_config)
        m_config->load(draft->body);
    m_binding->load(draft->body);
    if (const ToolTypeInfo *type = toolType(m_configType)) {
        const SideEffect effect = type->sideEffectOf(draft->body.value(QStringLiteral("config")).toObject());
        m_effect->setText(effectSentence(effect));
        m_effect->setColor(effect == SideEffect::Read ? ColorToken::Ok : ColorToken::Warning);
        m_effect->updateGeometry();
        m_idempotent->setItemText(0, type->idempotent ? tr("As the type says: yes") : tr("As the type says: no"));
    }
    m_effect->setVisible(toolType(m_configType) != nullptr);
    m_trial->setTool(info->name, draft->body);
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
            field->setProblem(severityOf(problem.severity), text);
        else if (!field && other.isEmpty())
            other = text;
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
    if (users.empty())
        m_users->addWidget(new Label(m_theme, tr("No agent uses this tool yet. Attach it in an agent's form."), Label::Style::Hint));
}

void ToolEditor::rename()
{
    const auto info = m_session->project().artifacts().info(m_tool);
    const QString name = m_name->text().trimmed();
    if (!info || name == info->name || m_session->project().isReadOnly())
        return;
    runTask(this, m_session->project().artifacts().rename(m_tool, name), [] {}, [this, old = info->name](const Error &error) {
        m_name->setText(old);
        Q_EMIT errorRaised(error);
    });
}

void ToolEditor::tryCall()
{
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
