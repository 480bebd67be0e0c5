// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/McpToolsPage.h"

#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/AddToolChoices.h"
#include "ui/tools/McpFunctionDiff.h"
#include "ui/tools/McpWords.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/JsonTree.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/ScrollColumn.h"

#include <QHBoxLayout>
#include <QListView>
#include <QScrollArea>
#include <QSplitter>
#include <QTabBar>
#include <QVBoxLayout>

namespace lathe {

McpToolsPage::McpToolsPage(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_list(new AddToolChoices(theme, tr("Search tools"), this)), m_detail(new QWidget(this))
{
    setObjectName(QStringLiteral("mcp-tools"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    auto *splitter = new QSplitter(Qt::Vertical, this);
    splitter->setChildrenCollapsible(false);
    m_list->setEmptyText(tr("No tools yet. Connect to see what the server offers."));
    m_list->setMinimumHeight(120);
    m_list->setSaysWhy(true);
    splitter->addWidget(m_list);
    auto *scroll = new QScrollArea(splitter);
    scroll->setMinimumHeight(140);
    auto *detail = new QVBoxLayout(m_detail);
    detail->setContentsMargins(0, metrics::Margin, metrics::Gap, 0);
    detail->setSpacing(metrics::Gap);
    auto *top = new QHBoxLayout;
    m_name = new Label(theme, QString(), Label::Style::Strong, m_detail);
    m_name->setObjectName(QStringLiteral("mcp-tool-name"));
    m_name->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_try = new Button(tr("Try it"), ButtonRole::Secondary, m_detail);
    m_try->setObjectName(QStringLiteral("mcp-tool-try"));
    m_try->setToolTip(tr("Fill in its arguments and call it"));
    top->addWidget(m_name, 1);
    top->addWidget(m_try);
    detail->addLayout(top);
    m_hints = new Label(theme, QString(), Label::Style::Hint, m_detail);
    m_hints->setObjectName(QStringLiteral("mcp-tool-hints"));
    m_hints->setWordWrap(true);
    detail->addWidget(m_hints);
    m_change = new InlineMessage(theme, Severity::Warning, QString(), m_detail);
    m_change->setObjectName(QStringLiteral("mcp-tool-change"));
    detail->addWidget(m_change);
    m_diff = new Label(theme, QString(), Label::Style::Body, m_detail);
    m_diff->setObjectName(QStringLiteral("mcp-tool-diff"));
    m_diff->setTextFormat(Qt::RichText);
    m_diff->setWordWrap(true);
    detail->addWidget(m_diff);
    m_about = new Label(theme, QString(), Label::Style::Body, m_detail);
    m_about->setObjectName(QStringLiteral("mcp-tool-about"));
    m_about->setTextFormat(Qt::PlainText);
    m_about->setWordWrap(true);
    m_about->setTextInteractionFlags(Qt::TextSelectableByMouse);
    detail->addWidget(m_about);
    m_tabs = new QTabBar(m_detail);
    m_tabs->setObjectName(QStringLiteral("mcp-tool-schema-tabs"));
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    m_tabs->addTab(tr("Arguments"));
    m_tabs->addTab(tr("Result"));
    detail->addWidget(m_tabs);
    m_schema = new JsonTree(theme, m_detail);
    m_schema->setFilterVisible(false);
    m_schema->setMinimumHeight(150);
    detail->addWidget(m_schema, 1);
    fillScrollColumn(scroll, m_detail);
    m_detailArea = scroll;
    splitter->addWidget(scroll);
    splitter->setStretchFactor(0, 1);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({450, 500}); // shares
    layout->addWidget(splitter, 1);
    setFocusProxy(m_list);
    connect(m_list, &AddToolChoices::currentChanged, this, &McpToolsPage::showCurrent);
    connect(m_list, &AddToolChoices::activated, this, [this] { m_try->click(); });
    connect(m_list, &AddToolChoices::toggled, this, &McpToolsPage::switched);
    connect(m_tabs, &QTabBar::currentChanged, this, &McpToolsPage::showCurrent);
    connect(m_try, &Button::clicked, this, [this] {
        if (!m_list->current().isEmpty() && m_try->isEnabled())
            Q_EMIT tryRequested(m_list->current());
    });
    connect(m_change, &InlineMessage::actionTriggered, this, [this] {
        if (!m_list->current().isEmpty())
            Q_EMIT approved(m_list->current());
    });
    showCurrent();
}

void McpToolsPage::setFunctions(const std::vector<ToolFunction> &approvedOnes, const std::optional<std::vector<ToolFunction>> &now)
{
    m_entries.clear();
    QStringList order;
    for (const ToolFunction &function : approvedOnes) {
        if (m_entries.contains(function.name))
            continue;
        m_entries[function.name].approved = function;
        order.append(function.name);
    }
    if (now) {
        for (const ToolFunction &function : *now) {
            if (!m_entries.contains(function.name))
                order.append(function.name);
            m_entries[function.name].now = function;
        }
    }
    m_added = m_changed = m_gone = 0;
    std::vector<AddToolChoices::Row> rows;
    for (const QString &name : std::as_const(order)) {
        Entry &entry = m_entries[name];
        if (now) {
            entry.mark = !entry.approved                                         ? Mark::Added
                         : !entry.now                                            ? Mark::Gone
                         : entry.approved->fingerprint() != entry.now->fingerprint() ? Mark::Changed
                                                                                 : Mark::Same;
        }
        m_added += entry.mark == Mark::Added;
        m_changed += entry.mark == Mark::Changed;
        m_gone += entry.mark == Mark::Gone;
        const ToolFunction &function = entry.shown();
        AddToolChoices::Row row;
        row.key = name;
        row.title = name;
        row.detail = format::oneLine(function.description, 300);
        QStringList hints = mcp::hints(function.annotations);
        if (!function.enabled)
            hints.prepend(tr("switched off"));
        row.trailing = entry.mark == Mark::Added     ? tr("new, not approved")
                       : entry.mark == Mark::Changed ? tr("changed")
                       : entry.mark == Mark::Gone    ? tr("gone from the server")
                                                     : hints.join(QStringLiteral(", "));
        row.icon = entry.mark == Mark::Added     ? QStringLiteral("plus")
                   : entry.mark == Mark::Changed ? QStringLiteral("diff")
                   : entry.mark == Mark::Gone    ? QStringLiteral("warning")
                                                 : QStringLiteral("tool");
        row.color = entry.mark == Mark::Same ? ColorToken::Tool : ColorToken::Warning;
        row.on = function.enabled;
        row.fixed = entry.mark == Mark::Added;
        row.off = entry.mark == Mark::Added ? tr("new and not approved yet") : QString();
        row.tip = entry.mark != Mark::Same ? markText(entry.mark) : function.enabled ? QString() : tr("Switched off: no agent gets it.");
        rows.push_back(std::move(row));
    }
    m_changes = m_added + m_changed + m_gone;
    m_list->setRows(rows);
    showCurrent();
}

void McpToolsPage::setReadOnly(bool readOnly)
{
    m_readOnly = readOnly;
    m_list->setSwitchesEnabled(!readOnly);
    showCurrent();
}

QString McpToolsPage::changeText() const
{
    QStringList parts;
    if (m_added > 0)
        parts.append(tr("%1 new").arg(m_added));
    if (m_changed > 0)
        parts.append(tr("%1 changed").arg(m_changed));
    if (m_gone > 0)
        parts.append(tr("%1 gone").arg(m_gone));
    return parts.join(QStringLiteral(", "));
}

QString McpToolsPage::markText(Mark mark)
{
    return mark == Mark::Added     ? tr("New since you approved this server's tools. Agents do not get it until you do.")
           : mark == Mark::Changed ? tr("Changed since you approved it. Calls are refused until you approve it as it is now.")
                                   : tr("The server has no such tool any more.");
}

void McpToolsPage::showCurrent()
{
    const auto found = m_entries.find(m_list->current());
    m_detailArea->setVisible(found != m_entries.end());
    if (found == m_entries.end())
        return;
    const Entry &entry = found->second;
    const ToolFunction &function = entry.shown();
    m_name->setText(function.title.isEmpty() || function.title == function.name ? function.name.left(120)
                                                                                   : QStringLiteral("%1 - %2").arg(function.name.left(120), function.title.left(120)));
    const QStringList hints = mcp::hints(function.annotations);
    m_hints->setText(hints.isEmpty() ? tr("The server says nothing about what it does to the world.") : tr("The server says: %1. Lathe cannot check that.").arg(hints.join(QStringLiteral(", "))));
    m_try->setEnabled(entry.approved && entry.mark != Mark::Gone && function.enabled);
    m_change->setMessage(entry.mark == Mark::Added ? Severity::Info : Severity::Warning, markText(entry.mark));
    m_change->setAction(m_readOnly ? QString() : entry.mark == Mark::Gone ? tr("Remove it") : tr("Approve"));
    m_change->setVisible(entry.mark != Mark::Same);
    const bool changed = entry.mark == Mark::Changed;
    m_diff->setVisible(changed);
    if (changed)
        m_diff->setText(mcp::functionDiff(*entry.approved, *entry.now, m_theme->tokens()));
    m_about->setVisible(!changed && !function.description.isEmpty());
    m_about->setText(function.description.left(6000));
    m_tabs->setTabVisible(1, !function.outputSchema.isEmpty());
    m_schema->setValue(m_tabs->currentIndex() == 1 ? function.outputSchema : function.inputSchema);
}

} // namespace lathe
