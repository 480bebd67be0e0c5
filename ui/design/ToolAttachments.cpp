// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/design/ToolAttachments.h"

#include "core/design/ToolSpec.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Card.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QMenu>
#include <QSpinBox>
#include <QVBoxLayout>

namespace lathe {

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
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("attach-tool-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto tools = m_session->project().artifacts().list(ArtifactKind::Tool);
    for (const ArtifactInfo &info : tools) {
        bool attached = false;
        for (const QJsonValue &item : std::as_const(m_value))
            attached = attached || item[QLatin1String("tool")].toString().section(QLatin1Char('@'), 0, 0) == info.name;
        QAction *action = menu->addAction(m_theme->icon(QStringLiteral("tool"), ColorToken::Tool), info.name, this, [this, name = info.name] {
            m_value.append(QJsonObject{{QStringLiteral("tool"), name}});
            rebuild();
            Q_EMIT edited(m_value, tr("Attach %1").arg(name));
        });
        action->setEnabled(!attached);
    }
    if (tools.empty())
        menu->addAction(tr("The project has no tools yet"))->setEnabled(false);
    menu->addSeparator();
    menu->addAction(tr("All tools..."), this, [this] { Q_EMIT openRequested(Location::page(Location::Kind::Tools)); });
    menu->popup(m_add->mapToGlobal(QPoint(0, m_add->height())));
}

void ToolAttachments::change(int row, const QString &key, const QJsonValue &value, const QString &what)
{
    QJsonObject item = m_value[row].toObject();
    if (value.isUndefined())
        item.remove(key);
    else
        item.insert(key, value);
    m_value[row] = item;
    Q_EMIT edited(m_value, what);
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
    for (int row = 0; row < int(m_value.size()); ++row) {
        const QJsonObject item = m_value[row].toObject();
        const QString reference = item.value(QStringLiteral("tool")).toString();
        const auto tool = m_session->project().artifacts().resolve(ArtifactKind::Tool, reference);
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
        const QString type = tool ? tool->body.value(QStringLiteral("type")).toString() : QString();
        const ToolTypeInfo *info = toolType(type);
        top->addWidget(new Chip(m_theme, info ? sideEffectName(info->sideEffect) : tr("missing"),
                                info && info->sideEffect == SideEffect::Read ? ColorToken::Text3 : ColorToken::Warning, card));
        top->addStretch();
        auto *approval = new QComboBox(card);
        approval->setObjectName(QStringLiteral("tool-approval-%1").arg(row));
        approval->setAccessibleName(tr("Approval of %1").arg(reference));
        approval->setToolTip(tr("Whether calls run at once, ask you first, or are refused"));
        approval->addItem(tr("runs as the tool says"), QString());
        approval->addItem(tr("always runs"), QStringLiteral("always"));
        approval->addItem(tr("asks me first"), QStringLiteral("ask"));
        approval->addItem(tr("never runs"), QStringLiteral("never"));
        approval->setCurrentIndex(std::max(0, approval->findData(item.value(QStringLiteral("approval")).toString())));
        auto *calls = new QSpinBox(card);
        calls->setAccessibleName(tr("Calls per run of %1").arg(reference));
        calls->setRange(0, 10'000);
        calls->setSpecialValueText(tr("calls as the tool says"));
        calls->setSuffix(tr(" calls"));
        calls->setValue(item.value(QStringLiteral("calls_per_run")).toInt());
        auto *remove = new IconButton(m_theme, QStringLiteral("close"), tr("Detach %1").arg(reference), card);
        remove->setCompact(true);
        remove->setObjectName(QStringLiteral("tool-detach-%1").arg(row));
        top->addWidget(remove);
        body->addLayout(top);
        auto *purpose = new ElidedLabel(m_theme, tool ? tool->body.value(QStringLiteral("purpose")).toString() : tool.error().message, Qt::ElideRight, card);
        purpose->setColor(tool ? ColorToken::Text2 : ColorToken::Error);
        purpose->setContentsMargins(3, 0, 0, 0);
        body->addWidget(purpose);
        auto *policy = new QHBoxLayout;
        policy->setContentsMargins(3, 4, 0, 2);
        policy->setSpacing(8);
        policy->addWidget(approval, 1);
        policy->addWidget(calls, 1);
        body->addLayout(policy);
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
            rebuild();
            Q_EMIT edited(m_value, tr("Detach %1").arg(reference));
        });
        m_rows->addWidget(card);
    }
    if (m_value.isEmpty())
        m_rows->addWidget(new Label(m_theme, tr("No tools: the agent answers from its instructions and the input alone."), Label::Style::Hint, this));
}

} // namespace lathe
