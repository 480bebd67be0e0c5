// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ToolPolicyEditor.h"

#include "core/base/Json.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/LinesEditor.h"
#include "ui/tools/PolicyRules.h"
#include "ui/tools/ToolWords.h"
#include "ui/widgets/BodyBinding.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/FormLayout.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/SectionHeader.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QSpinBox>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int NumberWidth = 160;
const QJsonValue nothing(QJsonValue::Undefined);
}

ToolPolicyEditor::ToolPolicyEditor(Theme *theme, Scope scope, QWidget *parent) : QWidget(parent), m_theme(theme), m_scope(scope)
{
    setObjectName(QStringLiteral("tool-policy"));
    m_binding = new BodyBinding([this](const QString &pointer, const QJsonValue &value, const QString &what) { change(pointer, value, what); }, this);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    m_sentence = new Label(theme, QString(), Label::Style::Body, this);
    m_sentence->setObjectName(QStringLiteral("tool-policy-sentence"));
    m_sentence->setWordWrap(true);
    m_sentence->setTextFormat(Qt::PlainText);
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(m_sentence);
    buildApproval();
    buildLimits();
    buildReach();
    buildRepeats();
    buildResults();
    layout->addStretch(1); // a form higher than its lines keeps them together
}

FormLayout *ToolPolicyEditor::addGroup(const QString &id, const QString &title, bool open)
{
    auto *header = new SectionHeader(m_theme, title, SectionHeader::Level::Panel, this);
    header->setObjectName(QStringLiteral("policy-group-") + id);
    header->setCollapsible(true);
    header->setExpanded(open);
    auto *form = new FormLayout(m_theme, this);
    form->setContentsMargins(20, 0, 0, metrics::Gap); // under the title, past the chevron
    form->setVisible(open);
    connect(header, &SectionHeader::expandedChanged, form, &QWidget::setVisible);
    layout()->addWidget(header);
    layout()->addWidget(form);
    m_groups.insert(id, header);
    m_group = header;
    return form;
}

void ToolPolicyEditor::add(FormLayout *form, const QString &pointer, const QString &label, QWidget *widget, const QString &help)
{
    QWidget *field = widget;
    if (m_scope == Scope::Override) {
        field = new QWidget;
        auto *row = new QHBoxLayout(field);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(metrics::GapSmall);
        const bool narrow = widget->maximumWidth() < QWIDGETSIZE_MAX;
        row->addWidget(widget, narrow ? 0 : 1);
        auto *reset = new IconButton(m_theme, QStringLiteral("undo"), tr("As the tool says"), field);
        reset->setObjectName(QStringLiteral("policy-reset") + QString(pointer).replace(QLatin1Char('/'), QLatin1Char('-')));
        reset->setCompact(true);
        QSizePolicy keep = reset->sizePolicy();
        keep.setRetainSizeWhenHidden(true);
        reset->setSizePolicy(keep);
        row->addWidget(reset, 0, Qt::AlignTop);
        if (narrow)
            row->addStretch(1);
        field->setFocusProxy(widget);
        connect(reset, &QAbstractButton::clicked, this, [this, pointer, label] {
            change(pointer, nothing, tr("%1 as the tool says").arg(label));
        });
        m_resets.insert(pointer, reset);
    }
    m_fields.insert(pointer, form->addField(label, field, help));
    if (widget->accessibleName().isEmpty())
        widget->setAccessibleName(label);
    m_help.insert(pointer, help);
    m_groupOf.insert(pointer, m_group);
}

void ToolPolicyEditor::addChoice(FormLayout *form, const QString &pointer, const QString &name, const QString &label, const QString &help,
                                 const QString &what, const QList<std::pair<QString, QString>> &choices)
{
    auto *box = new QComboBox;
    box->setObjectName(name);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(16);
    for (const auto &[id, text] : choices)
        box->addItem(text, id);
    const QString standard = choices.first().first;
    m_binding->bind(pointer, [box, standard](const QJsonValue &value) {
        const int row = box->findData(value.isString() ? value.toString() : standard);
        box->setCurrentIndex(row);
    });
    connect(box, &QComboBox::activated, this, [this, box, pointer, what](int row) {
        const QString chosen = box->itemData(row).toString();
        m_binding->report(pointer, chosen.isEmpty() ? nothing : QJsonValue(chosen), what);
    });
    add(form, pointer, label, box, help);
}

void ToolPolicyEditor::addCount(FormLayout *form, const QString &pointer, const QString &name, const QString &label, const QString &help,
                                const QString &what, int least, int most, int fallback, const QString &zero, const QString &suffix)
{
    auto *spin = new QSpinBox;
    spin->setObjectName(name);
    spin->setRange(least, most);
    spin->setGroupSeparatorShown(true);
    spin->setSuffix(suffix);
    spin->setFixedWidth(NumberWidth);
    if (!zero.isEmpty())
        spin->setSpecialValueText(zero);
    m_binding->bind(spin, pointer, what, fallback);
    add(form, pointer, label, spin, help);
}

void ToolPolicyEditor::addAmount(FormLayout *form, const QString &pointer, const QString &name, const QString &label, const QString &help,
                                 const QString &what, double least, double most, double fallback, int decimals, const QString &prefix,
                                 const QString &suffix, const QString &zero)
{
    auto *spin = new QDoubleSpinBox;
    spin->setObjectName(name);
    spin->setDecimals(decimals);
    spin->setRange(least, most);
    spin->setPrefix(prefix);
    spin->setSuffix(suffix);
    spin->setFixedWidth(NumberWidth);
    if (!zero.isEmpty())
        spin->setSpecialValueText(zero);
    if (decimals > 2)
        spin->setSingleStep(0.01);
    m_binding->bind(spin, pointer, what, fallback);
    add(form, pointer, label, spin, help);
}

void ToolPolicyEditor::buildApproval()
{
    FormLayout *form = addGroup(QStringLiteral("approval"), tr("Approval"), true);
    QList<std::pair<QString, QString>> kinds;
    for (const Approval approval : {Approval::Always, Approval::Ask, Approval::AskFirst, Approval::AskWhen, Approval::Never})
        kinds.append({approvalName(approval), toolwords::approvalChoice(approval)});
    addChoice(form, QStringLiteral("/approval"), QStringLiteral("tool-approval"), tr("When called"),
              m_scope == Scope::Tool ? tr("An agent can be stricter or looser where the tool is attached.") : QString(), tr("Change approval"), kinds);
    m_approval = findChild<QComboBox *>(QStringLiteral("tool-approval"));
    m_rules = new PolicyRules(m_theme);
    m_rules->setObjectName(QStringLiteral("policy-rules"));
    m_binding->bind(QStringLiteral("/approval_when"), [this](const QJsonValue &value) { m_rules->setValue(value.toArray()); });
    connect(m_rules, &PolicyRules::edited, this, [this](const QJsonArray &rules) {
        m_binding->report(QStringLiteral("/approval_when"), rules.isEmpty() && m_scope == Scope::Tool ? nothing : QJsonValue(rules), tr("Change rules of approval"));
    });
    add(form, QStringLiteral("/approval_when"), tr("Ask when"), m_rules, tr("One rule that matches is enough. An argument that is not given matches none."));
    addChoice(form, QStringLiteral("/unattended"), QStringLiteral("policy-unattended"), tr("Nobody there"),
              tr("What a call that needs a person gets in experiments, tests and runs from the command line."), tr("Change what unattended runs do"),
              {{QStringLiteral("deny"), tr("Refuse the call; the model is told")},
               {QStringLiteral("allow"), tr("Let it run")},
               {QStringLiteral("stop"), tr("Stop the run")}});
    m_effect = new QComboBox;
    m_effect->setObjectName(QStringLiteral("policy-effect"));
    m_effect->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_effect->setMinimumContentsLength(16);
    m_effect->addItem(tr("As the type says"), QString());
    for (const SideEffect effect : {SideEffect::Read, SideEffect::Write, SideEffect::External})
        m_effect->addItem(effect == SideEffect::Read    ? tr("It only reads")
                          : effect == SideEffect::Write ? tr("It changes things of this computer or project")
                                                        : tr("It acts outside: sends, buys, publishes"),
                          sideEffectName(effect));
    m_binding->bind(QStringLiteral("/side_effect"), [this](const QJsonValue &value) { m_effect->setCurrentIndex(std::max(0, m_effect->findData(value.toString()))); });
    connect(m_effect, &QComboBox::activated, this, [this](int row) {
        const QString chosen = m_effect->itemData(row).toString();
        m_binding->report(QStringLiteral("/side_effect"), chosen.isEmpty() ? nothing : QJsonValue(chosen), tr("Change side effect"));
    });
    add(form, QStringLiteral("/side_effect"), tr("Side effect"), m_effect, tr("A resumed run never repeats a call that acts without asking."));
}

void ToolPolicyEditor::buildLimits()
{
    FormLayout *form = addGroup(QStringLiteral("limits"), tr("Limits"), true);
    const ToolLimits d;
    addCount(form, QStringLiteral("/limits/calls_per_run"), QStringLiteral("tool-limit-calls"), tr("Calls of a run"), QString(), tr("Change limit of calls"), 1, 100'000, d.callsPerRun);
    addCount(form, QStringLiteral("/limits/calls_per_minute"), QStringLiteral("policy-per-minute"), tr("Calls a minute"), tr("A call over it waits for its turn."),
             tr("Change calls a minute"), 0, 100'000, d.callsPerMinute, tr("no bound"));
    addAmount(form, QStringLiteral("/limits/seconds"), QStringLiteral("tool-limit-seconds"), tr("Time of a call"), QString(), tr("Change limit of time"), 0.1, 86'400, d.seconds, 1,
              QString(), tr(" s"), QString());
    addCount(form, QStringLiteral("/limits/max_bytes"), QStringLiteral("tool-limit-bytes"), tr("Answer at most"), tr("A longer answer is cut, and the model is told so."),
             tr("Change limit of bytes"), 64, 512 * 1024 * 1024, int(d.maxBytes), QString(), tr(" bytes"));
    addAmount(form, QStringLiteral("/cost_per_call_usd"), QStringLiteral("policy-call-cost"), tr("Price of a call"), QString(), tr("Change price of a call"), 0, 10'000, 0, 4,
              QStringLiteral("$"), QString(), tr("free"));
    addAmount(form, QStringLiteral("/limits/cost_usd"), QStringLiteral("policy-cost"), tr("Spend at most"), tr("Of all calls of a run together, by the price above."),
              tr("Change limit of cost"), 0, 100'000, d.costUsd, 2, QStringLiteral("$"), QString(), tr("no bound"));
}

void ToolPolicyEditor::buildReach()
{
    FormLayout *form = addGroup(QStringLiteral("reach"), tr("Reach"), false);
    const bool removes = m_scope == Scope::Tool;
    add(form, QStringLiteral("/allowed_hosts"), tr("Only these hosts"),
        makeLinesEditor(m_theme, m_binding, QStringLiteral("/allowed_hosts"), QStringLiteral("policy-hosts"), tr("Change allowed hosts"), removes),
        tr("Every address in the arguments must be of one of them, as api.example.com or *.example.com. Empty: what the settings allow."));
    add(form, QStringLiteral("/allowed_paths"), tr("Only beneath"),
        makeLinesEditor(m_theme, m_binding, QStringLiteral("/allowed_paths"), QStringLiteral("policy-paths"), tr("Change allowed paths"), removes),
        tr("Every path in the arguments must lie in one of these folders. Empty: what the settings allow."));
}

void ToolPolicyEditor::buildRepeats()
{
    FormLayout *form = addGroup(QStringLiteral("repeats"), tr("Repeats"), false);
    m_idempotent = new QComboBox;
    m_idempotent->setObjectName(QStringLiteral("tool-idempotent"));
    m_idempotent->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_idempotent->setMinimumContentsLength(16);
    for (const auto &[text, data] : {std::pair(tr("As the type says"), QString()), std::pair(tr("Yes, calling twice does no harm"), QStringLiteral("yes")),
                                     std::pair(tr("No, a second call would act again"), QStringLiteral("no"))})
        m_idempotent->addItem(text, data);
    m_binding->bind(QStringLiteral("/idempotent"), [this](const QJsonValue &value) { m_idempotent->setCurrentIndex(value.isBool() ? (value.toBool() ? 1 : 2) : 0); });
    connect(m_idempotent, &QComboBox::activated, this,
            [this](int row) { m_binding->report(QStringLiteral("/idempotent"), row == 0 ? nothing : QJsonValue(row == 1), tr("Change idempotence")); });
    add(form, QStringLiteral("/idempotent"), tr("Repeatable"), m_idempotent, tr("Decides whether a resumed run may call again what it had begun."));
    addCount(form, QStringLiteral("/retries"), QStringLiteral("policy-retries"), tr("Try again"), QString(), tr("Change retries"), 0, 10, 0, tr("never"), tr(" times"));
    m_retries = findChild<QSpinBox *>(QStringLiteral("policy-retries"));
    addCount(form, QStringLiteral("/cache_seconds"), QStringLiteral("policy-cache"), tr("Remember answers"), QString(), tr("Change cache"), 0, 7 * 86'400, 0, tr("never"), tr(" s"));
    m_cache = findChild<QSpinBox *>(QStringLiteral("policy-cache"));
}

void ToolPolicyEditor::buildResults()
{
    FormLayout *form = addGroup(QStringLiteral("results"), tr("Results and privacy"), false);
    addChoice(form, QStringLiteral("/results"), QStringLiteral("policy-results"), tr("The model gets"),
              tr("Results are written by others: they may hold instructions meant for the model."), tr("Change result handling"),
              {{QStringLiteral("as_is"), tr("The result as it is")},
               {QStringLiteral("delimited"), tr("The result between marks that say: data, not instructions")},
               {QStringLiteral("stripped"), tr("Its text alone, without links, images and hidden characters, between marks")}});
    auto *redact = makeLinesEditor(m_theme, m_binding, QStringLiteral("/redact"), QStringLiteral("policy-redact"), tr("Change redaction"), m_scope == Scope::Tool);
    redact->setPlaceholderText(QStringLiteral("/arguments/token\n/result/ssn"));
    add(form, QStringLiteral("/redact"), tr("Hide"), redact, tr("JSON pointers that begin with /arguments or /result; their values are hidden in trace and journal."));
}

void ToolPolicyEditor::change(const QString &pointer, const QJsonValue &value, const QString &what)
{
    // Shown at once; whoever holds the body may load() again.
    QJsonObject &target = m_scope == Scope::Tool ? m_body : m_own;
    target = json::with(target, pointer, value).toObject();
    if (target.value(QStringLiteral("limits")).toObject().isEmpty())
        target.remove(QStringLiteral("limits"));
    if (m_scope == Scope::Override)
        load(QJsonObject(m_body), QJsonObject(m_own));
    else
        refresh();
    Q_EMIT edited(pointer, value, what);
}

void ToolPolicyEditor::load(const QJsonObject &body, const QJsonObject &own)
{
    m_body = body;
    m_own = own;
    m_shown = m_scope == Scope::Tool ? body : toolwords::overridden(body, own);
    m_binding->load(m_shown);
    refresh();
}

void ToolPolicyEditor::revealProblems()
{
    for (auto it = m_fields.constBegin(); it != m_fields.constEnd(); ++it) {
        if (!it.value()->problem().isEmpty())
            m_groupOf.value(it.key())->setExpanded(true);
    }
}

QString ToolPolicyEditor::sentence() const
{
    return m_sentence->text();
}

void ToolPolicyEditor::setSchema(const QJsonObject &schema)
{
    m_rules->setPointers(toolwords::pointers(schema));
}

void ToolPolicyEditor::refresh()
{
    m_shown = m_scope == Scope::Tool ? m_body : toolwords::overridden(m_body, m_own);
    const ToolPolicy policy = toolwords::policyOf(m_shown);
    const ToolTypeInfo *type = toolType(m_shown.value(QStringLiteral("type")).toString());
    const bool idempotent = toolwords::idempotentOf(m_shown);
    const SideEffect effect = toolwords::sideEffectOf(m_shown);
    m_sentence->setText(toolwords::sentence(m_shown));
    m_fields.value(QStringLiteral("/approval_when"))->setVisible(policy.approval == Approval::AskWhen);
    m_fields.value(QStringLiteral("/unattended"))->setVisible(policy.approval != Approval::Always && policy.approval != Approval::Never);
    const QJsonObject config = m_shown.value(QStringLiteral("config")).toObject();
    m_effect->setItemText(0, type ? tr("As the type says: %1").arg(toolwords::effect(type->sideEffectOf(config))) : tr("As the type says"));
    m_idempotent->setItemText(0, !type ? tr("As the type says") : type->idempotent ? tr("As the type says: yes") : tr("As the type says: no"));
    m_retries->setEnabled(idempotent);
    m_fields.value(QStringLiteral("/retries"))
        ->setHelp(idempotent ? tr("After a failure that may pass: unreachable, time-out, 429, 5xx.")
                             : tr("Off: a second call would act again. Set Repeatable to yes if it would not."));
    m_cache->setEnabled(effect == SideEffect::Read);
    m_fields.value(QStringLiteral("/cache_seconds"))
        ->setHelp(effect == SideEffect::Read ? tr("The same call gives the same answer again that long.") : tr("Off: only what reads alone can be remembered."));

    // The heads say what is inside while they are folded.
    QString limits = toolwords::limits(policy);
    m_groups.value(QStringLiteral("limits"))->setDetail(limits);
    QStringList reach;
    if (!policy.allowedHosts.isEmpty())
        reach.append(policy.allowedHosts.join(QStringLiteral(", ")).left(60));
    if (!policy.allowedPaths.isEmpty())
        reach.append(policy.allowedPaths.join(QStringLiteral(", ")).left(60));
    m_groups.value(QStringLiteral("reach"))->setDetail(reach.isEmpty() ? tr("what the settings allow") : reach.join(QStringLiteral("; ")));
    QStringList repeats{idempotent ? tr("may be repeated") : tr("must not be repeated")};
    if (policy.retries > 0 && idempotent)
        repeats.append(tr("%1 retries").arg(policy.retries));
    if (policy.cacheSeconds > 0 && effect == SideEffect::Read)
        repeats.append(tr("answers kept %1").arg(toolwords::seconds(policy.cacheSeconds)));
    m_groups.value(QStringLiteral("repeats"))->setDetail(repeats.join(QStringLiteral(", ")));
    QStringList results{policy.results == ResultHandling::AsIs ? tr("as they are") : policy.results == ResultHandling::Delimited ? tr("marked as data") : tr("stripped to text")};
    if (!policy.redact.isEmpty())
        results.append(tr("%1 hidden").arg(policy.redact.size()));
    m_groups.value(QStringLiteral("results"))->setDetail(results.join(QStringLiteral(", ")));

    for (auto it = m_resets.constBegin(); it != m_resets.constEnd(); ++it) {
        const bool own = !json::at(m_own, it.key()).isUndefined();
        it.value()->setVisible(own);
        FormField *field = m_fields.value(it.key());
        if (it.key() != QLatin1String("/retries") && it.key() != QLatin1String("/cache_seconds"))
            field->setHelp(own ? tr("Its own here. %1").arg(m_help.value(it.key())).trimmed() : m_help.value(it.key()));
    }
}

ToolPolicyEditor::Factory ToolPolicyEditor::forAttachments(Session *session, Theme *theme)
{
    return [session, theme](const QString &toolName, const QJsonObject &toolBody, const QJsonObject &own,
                            std::function<void(const QJsonObject &, const QString &)> changed) -> QWidget * {
        auto *editor = new ToolPolicyEditor(theme, Scope::Override);
        editor->load(toolBody, own);
        if (const auto described = session->describeTool(toolName, toolBody))
            editor->setSchema(described->schema);
        connect(editor, &ToolPolicyEditor::edited, editor, [editor, changed](const QString &, const QJsonValue &, const QString &what) {
            changed(editor->m_own, what);
        });
        return editor;
    };
}

} // namespace lathe
