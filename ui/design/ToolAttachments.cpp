// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/design/ToolAttachments.h"

#include "core/base/Json.h"
#include "core/design/ToolSpec.h"
#include "ui/itemmodels/ToolChoices.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Card.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/ListPopover.h"
#include "ui/widgets/Popover.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/StatusGlyph.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
void put(QJsonObject *object, const QString &key, const QJsonValue &value) // Undefined takes it away
{
    if (value.isUndefined())
        object->remove(key);
    else
        object->insert(key, value);
}
}

ToolAttachments::ToolAttachments(Session *session, Theme *theme, QWidget *parent) : QWidget(parent), m_session(session), m_theme(theme)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    m_rows = new QVBoxLayout;
    m_rows->setSpacing(4);
    layout->addLayout(m_rows);
    m_add = new Button(tr("Attach a tool"), ButtonRole::Secondary, this);
    m_add->setObjectName(QStringLiteral("attach-tool"));
    m_add->setIcon(theme->icon(QStringLiteral("plus")));
    layout->addWidget(m_add, 0, Qt::AlignLeft);
    connect(m_add, &QAbstractButton::clicked, this, &ToolAttachments::showAddMenu);
    connect(&session->project().artifacts(), &ArtifactRepository::changed, this, &ToolAttachments::rebuild);
}

void ToolAttachments::setValue(const QJsonArray &value)
{
    if (value == m_value && m_rows->count() > 0)
        return;
    m_value = value;
    rebuild();
}

void ToolAttachments::showAddMenu()
{
    auto *menu = new ListPopover(m_theme, m_add, tr("Attach a tool"), new ToolChoices(m_session, m_value, int(ColorToken::Tool)));
    menu->setObjectName(QStringLiteral("attach-tool-menu"));
    menu->list()->setFilterRole(ToolChoices::SearchRole);
    if (!menu->list()->currentIndex().isValid())
        menu->list()->setEmptyText(tr("The project has no tools yet."));
    menu->addCommand(QStringLiteral("plus"), tr("Add a tool to the project..."), QStringLiteral("attach-tool-new"),
                     [this] { Q_EMIT createRequested(ArtifactKind::Tool); }, !m_session->project().isReadOnly());
    menu->addCommand(QStringLiteral("tool"), tr("All tools..."), QStringLiteral("attach-tool-all"),
                     [this] { Q_EMIT openRequested(Location::page(Location::Kind::Tools)); });
    connect(menu, &ListPopover::picked, this, [this](const QModelIndex &index) {
        const QString name = index.data().toString();
        m_value.append(QJsonObject{{QStringLiteral("tool"), name}});
        rebuild();
        Q_EMIT edited(m_value, tr("Attach %1").arg(name));
    });
    menu->open();
}

void ToolAttachments::change(int row, const QString &key, const QJsonValue &value, const QString &what)
{
    QJsonObject item = m_value[row].toObject();
    put(&item, key, value);
    m_value[row] = item;
    Q_EMIT edited(m_value, what);
}

namespace {
// What an attachment has of its own, with the keys of a tool's body: approval and calls stand beside the rest in the agent's body.
QJsonObject ownPolicy(const QJsonObject &attachment)
{
    QJsonObject own = attachment.value(QStringLiteral("policy")).toObject();
    if (const QString approval = attachment.value(QStringLiteral("approval")).toString(); !approval.isEmpty())
        own.insert(QStringLiteral("approval"), approval);
    if (const int calls = attachment.value(QStringLiteral("calls_per_run")).toInt(); calls > 0) {
        QJsonObject limits = own.value(QStringLiteral("limits")).toObject();
        limits.insert(QStringLiteral("calls_per_run"), calls);
        own.insert(QStringLiteral("limits"), limits);
    }
    return own;
}

QString functionsText(const QJsonObject &attachment, const std::vector<ToolFunction> &functions)
{
    const auto enabled = std::count_if(functions.begin(), functions.end(), [](const ToolFunction &one) { return one.enabled; });
    const qsizetype only = attachment.value(QStringLiteral("only")).toArray().size();
    return only > 0 ? ToolAttachments::tr("%1 of %2 functions").arg(only).arg(enabled) : ToolAttachments::tr("all %1 functions").arg(enabled);
}
}

void ToolAttachments::setPolicyFactory(PolicyFactory factory)
{
    m_factory = std::move(factory);
    rebuild();
}

void ToolAttachments::setOwn(int row, const QJsonObject &own, const QString &what)
{
    QJsonObject item = m_value[row].toObject();
    QJsonObject policy = own;
    const QJsonValue approval = policy.take(QStringLiteral("approval"));
    QJsonObject limits = policy.take(QStringLiteral("limits")).toObject();
    const QJsonValue calls = limits.take(QStringLiteral("calls_per_run"));
    if (!limits.isEmpty())
        policy.insert(QStringLiteral("limits"), limits);
    for (const auto &[key, value] : {std::pair(QStringLiteral("approval"), approval), std::pair(QStringLiteral("calls_per_run"), calls),
                                     std::pair(QStringLiteral("policy"), policy.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(policy))})
        put(&item, key, value);
    m_value[row] = item;
    Q_EMIT edited(m_value, what);
}

void ToolAttachments::openPolicy(int row, QWidget *card, const QString &name, const QJsonObject &body, bool open)
{
    auto *box = card->findChild<QWidget *>(QStringLiteral("tool-policy-box"));
    if (open)
        m_open.insert(name);
    else
        m_open.remove(name);
    if (open && box->layout()->isEmpty()) {
        const auto changed = [this, row, name](const QJsonObject &own, const QString &what) {
            if (row < m_value.size()) // the row may have gone meanwhile
                setOwn(row, own, QStringLiteral("%1: %2").arg(name, what));
        };
        box->layout()->addWidget(m_factory(name, body, ownPolicy(m_value[row].toObject()), changed));
    }
    box->setVisible(open);
}

void ToolAttachments::openFunctions(int row, Button *anchor, const QJsonObject &body)
{
    auto *popover = new Popover(m_theme, anchor);
    popover->setDeleteOnClose(true);
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    auto *list = new FilterableList(m_theme, tr("Filter functions"), content);
    list->setMinimumSize(320, 280);
    list->view()->setObjectName(QStringLiteral("tool-functions-list"));
    auto *model = new QStandardItemModel(list);
    const QStringList only = json::toStringList(m_value[row].toObject().value(QStringLiteral("only")));
    for (const ToolFunction &function : toolFunctions(body.value(QStringLiteral("config")).toObject())) {
        if (!function.enabled)
            continue;
        auto *item = new QStandardItem(function.name);
        const bool given = only.isEmpty() || only.contains(function.name);
        item->setData(int(given ? Status::Ok : Status::Idle), rowrole::Status);
        item->setData(given, Qt::UserRole);
        item->setToolTip(function.description.left(400));
        model->appendRow(item);
    }
    list->setModel(model);
    const auto toggle = [this, row, model, anchor, body](const QModelIndex &index) {
        if (!index.isValid() || row >= m_value.size())
            return;
        QStandardItem *item = model->itemFromIndex(index);
        const bool given = !item->data(Qt::UserRole).toBool();
        item->setData(given, Qt::UserRole);
        item->setData(int(given ? Status::Ok : Status::Idle), rowrole::Status);
        QJsonArray chosen;
        for (int i = 0; i < model->rowCount(); ++i) {
            if (model->item(i)->data(Qt::UserRole).toBool())
                chosen.append(model->item(i)->text());
        }
        // All, or none at all, is "as the tool says".
        const bool all = chosen.size() == model->rowCount() || chosen.isEmpty();
        change(row, QStringLiteral("only"), all ? QJsonValue(QJsonValue::Undefined) : QJsonValue(chosen), tr("Change functions"));
        anchor->setText(functionsText(m_value[row].toObject(), toolFunctions(body.value(QStringLiteral("config")).toObject())));
    };
    connect(list, &FilterableList::activated, this, toggle);
    connect(list->view(), &QListView::clicked, list, [list, toggle] { toggle(list->currentIndex()); });
    layout->addWidget(list);
    layout->addWidget(new Label(m_theme, tr("Enter or a click gives or takes one. None chosen: all of them."), Label::Style::Hint, content));
    popover->setContent(content);
    popover->open();
}

void ToolAttachments::rebuild()
{
    while (QLayoutItem *item = m_rows->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
    for (int row = 0; row < int(m_value.size()); ++row)
        m_rows->addWidget(makeRow(row));
    if (m_value.isEmpty())
        m_rows->addWidget(new Label(m_theme, tr("No tools: the agent answers from its instructions and the input alone."), Label::Style::Hint, this));
}

QWidget *ToolAttachments::makeRow(int row)
{
    const QJsonObject item = m_value[row].toObject();
    const QString reference = item.value(QStringLiteral("tool")).toString();
    const auto tool = m_session->project().artifacts().resolve(ArtifactKind::Tool, reference);
    const QJsonObject toolBody = tool ? tool->body : QJsonObject();
    const QString type = toolBody.value(QStringLiteral("type")).toString();
    const ToolTypeInfo *info = toolType(type);
    auto *card = new Card(m_theme, this);
    card->setStripe(ColorToken::Tool);
    auto *body = card->body();
    body->setContentsMargins(12, 6, 8, 6);
    body->setSpacing(2);
    auto *top = new QHBoxLayout;
    top->setSpacing(8);
    auto *name = new LinkLabel(m_theme, reference, card);
    name->setObjectName(QStringLiteral("tool-") + reference);
    top->addWidget(name);
    const SideEffect effect = info ? info->sideEffectOf(toolBody.value(QStringLiteral("config")).toObject()) : SideEffect::External;
    const QString does = effect == SideEffect::Read ? tr("only reads") : effect == SideEffect::Write ? tr("writes") : tr("acts outside");
    top->addWidget(new Chip(m_theme, info ? does : tr("missing"),
                            info && effect == SideEffect::Read ? ColorToken::Text3 : ColorToken::Warning, card));
    top->addStretch();
    if (isToolSet(type)) {
        auto *functions = new Button(functionsText(item, toolFunctions(toolBody.value(QStringLiteral("config")).toObject())), ButtonRole::Ghost, card);
        functions->setObjectName(QStringLiteral("tool-functions-%1").arg(row));
        functions->setToolTip(tr("Which functions this agent gets"));
        connect(functions, &QAbstractButton::clicked, this, [this, row, functions, toolBody] { openFunctions(row, functions, toolBody); });
        top->addWidget(functions);
    }
    auto *approval = new QComboBox(card);
    approval->setObjectName(QStringLiteral("tool-approval-%1").arg(row));
    approval->setAccessibleName(tr("Approval of %1").arg(reference));
    approval->setToolTip(tr("Whether calls run at once, ask you first, or are refused"));
    approval->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon); // narrow columns cut words, not the row
    approval->setMinimumContentsLength(8);
    approval->addItem(tr("as the tool says"), QString());
    approval->addItem(tr("always runs"), QStringLiteral("always"));
    approval->addItem(tr("asks me first"), QStringLiteral("ask"));
    approval->addItem(tr("asks the first time of a run"), QStringLiteral("ask_first"));
    approval->addItem(tr("asks when a rule matches"), QStringLiteral("ask_when"));
    approval->addItem(tr("never runs"), QStringLiteral("never"));
    approval->setCurrentIndex(std::max(0, approval->findData(item.value(QStringLiteral("approval")).toString())));
    auto *calls = new QSpinBox(card);
    calls->setObjectName(QStringLiteral("tool-calls-%1").arg(row));
    calls->setAccessibleName(tr("Calls per run of %1").arg(reference));
    calls->setRange(0, 10'000);
    calls->setMinimumWidth(100);
    calls->setSpecialValueText(tr("no own limit"));
    calls->setToolTip(tr("Calls a run of this agent may make, in place of the limit of the tool"));
    calls->setSuffix(tr(" calls"));
    calls->setValue(item.value(QStringLiteral("calls_per_run")).toInt());
    auto *remove = new IconButton(m_theme, QStringLiteral("close"), tr("Detach %1").arg(reference), card);
    remove->setCompact(true);
    remove->setObjectName(QStringLiteral("tool-detach-%1").arg(row));
    top->addWidget(remove);
    body->addLayout(top);
    auto *purpose = new ElidedLabel(m_theme, tool ? toolBody.value(QStringLiteral("purpose")).toString() : tool.error().message, Qt::ElideRight, card);
    purpose->setColor(tool ? ColorToken::Text2 : ColorToken::Error);
    auto *line = new QHBoxLayout;
    line->setContentsMargins(3, 0, 0, 0);
    line->addWidget(purpose);
    body->addLayout(line);
    auto *policy = new QHBoxLayout;
    policy->setContentsMargins(3, 4, 0, 2);
    policy->setSpacing(8);
    policy->addWidget(approval, 1);
    policy->addWidget(calls, 1);
    if (m_factory && tool) {
        auto *more = new Button(item.value(QStringLiteral("policy")).toObject().isEmpty() ? tr("Policy") : tr("Own policy"), ButtonRole::Ghost, card);
        more->setObjectName(QStringLiteral("tool-policy-%1").arg(row));
        more->setToolTip(tr("What else differs for this agent: time, hosts, results, ..."));
        more->setCheckable(true);
        policy->addWidget(more, 0, Qt::AlignRight);
        auto *box = new QWidget(card);
        box->setObjectName(QStringLiteral("tool-policy-box"));
        auto *boxLayout = new QVBoxLayout(box);
        boxLayout->setContentsMargins(3, metrics::Gap, 0, metrics::Gap);
        box->hide();
        body->addLayout(policy);
        body->addWidget(box);
        // The editor of the policy holds these two as well.
        connect(more, &QAbstractButton::toggled, this, [this, row, card, reference, toolBody, approval, calls](bool on) {
            approval->setVisible(!on);
            calls->setVisible(!on);
            openPolicy(row, card, reference, toolBody, on);
            if (!on)
                rebuild();
        });
        if (m_open.contains(reference))
            more->setChecked(true);
    } else {
        body->addLayout(policy);
    }
    connect(name, &QAbstractButton::clicked, this, [this, reference] {
        if (const auto id = m_session->project().artifacts().find(ArtifactKind::Tool, reference.section(QLatin1Char('@'), 0, 0)))
            Q_EMIT openRequested(Location::ofArtifact(*id));
    });
    connect(approval, &QComboBox::activated, this, [this, row, approval] {
        const QString chosen = approval->currentData().toString();
        change(row, QStringLiteral("approval"), chosen.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(chosen), tr("Change approval"));
    });
    connect(calls, &QSpinBox::valueChanged, this, [this, row](int value) {
        change(row, QStringLiteral("calls_per_run"), value == 0 ? QJsonValue(QJsonValue::Undefined) : QJsonValue(value), tr("Change calls per run"));
    });
    connect(remove, &QAbstractButton::clicked, this, [this, row, reference] {
        m_value.removeAt(row);
        m_open.remove(reference);
        rebuild();
        Q_EMIT edited(m_value, tr("Detach %1").arg(reference));
    });
    return card;
}

} // namespace lathe
