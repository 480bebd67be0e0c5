// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ToolAnalyticsPanel.h"

#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/ToolUsageModel.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/RowDelegate.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QScrollBar>
#include <QTreeView>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr qint64 DayUs = 86'400'000'000;
constexpr int leastFunctionWidth = 100;

void clear(QLayout *layout)
{
    while (QLayoutItem *item = layout->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        if (item->layout())
            clear(item->layout());
        delete item;
    }
}
}

ToolAnalyticsPanel::ToolAnalyticsPanel(Session *session, Theme *theme, ArtifactId tool, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_tool(tool), m_model(new ToolUsageModel(this))
{
    setObjectName(QStringLiteral("tool-usage"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::GapLarge, metrics::Margin, metrics::GapLarge, metrics::Margin);
    layout->setSpacing(metrics::Gap);
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::Gap);
    m_since = new QComboBox(this);
    m_since->setObjectName(QStringLiteral("tool-usage-since"));
    m_since->setAccessibleName(tr("Time"));
    m_since->addItem(tr("Last 24 hours"), 1);
    m_since->addItem(tr("Last 7 days"), 7);
    m_since->addItem(tr("Last 30 days"), 30);
    m_since->addItem(tr("All time"), 0);
    m_since->setCurrentIndex(2);
    m_byRevision = new QCheckBox(tr("by revision"), this);
    m_byRevision->setObjectName(QStringLiteral("tool-usage-by-revision"));
    m_byRevision->setChecked(true);
    m_summary = new Label(theme, QString(), Label::Style::Strong, this);
    m_summary->setObjectName(QStringLiteral("tool-usage-summary"));
    m_summary->setWordWrap(true);
    line->addWidget(m_since);
    line->addWidget(m_byRevision);
    line->addStretch();
    layout->addLayout(line);
    m_busy = new BusyBar(theme, this);
    layout->addWidget(m_busy);
    layout->addWidget(m_summary);
    m_problem = new InlineMessage(theme, Severity::Error, QString(), this);
    m_problem->hide();
    layout->addWidget(m_problem);
    m_empty = new EmptyState(theme, QStringLiteral("monitor"), tr("No agent has called this tool in that time. Attach it to an agent and run it."), this);
    m_empty->hide();
    layout->addWidget(m_empty, 1);
    m_table = new QTreeView(this);
    m_table->setObjectName(QStringLiteral("tool-usage-table"));
    m_table->setAccessibleName(tr("Use of the tool"));
    m_table->setModel(m_model);
    m_table->setRootIsDecorated(false);
    m_table->setUniformRowHeights(true);
    m_table->setMouseTracking(true);
    m_table->setItemDelegate(new RowDelegate(theme, m_table));
    m_table->setToolTip(tr("Enter or a double click opens the runs behind a row; in the last column the last run"));
    m_table->header()->setStretchLastSection(false);
    m_table->hide();
    layout->addWidget(m_table);
    m_reasonBox = new QWidget(this);
    m_reasons = new QVBoxLayout(m_reasonBox);
    m_reasons->setContentsMargins(0, 0, 0, 0);
    m_reasons->setSpacing(2);
    m_reasonBox->hide();
    layout->addWidget(m_reasonBox);
    layout->addStretch(1);
    m_later.setSingleShot(true);
    m_later.setInterval(1500); // a run may call a tool many times
    connect(&m_later, &QTimer::timeout, this, [this] {
        if (isVisible())
            refresh();
    });
    connect(m_since, &QComboBox::activated, this, &ToolAnalyticsPanel::refresh);
    connect(m_byRevision, &QCheckBox::toggled, this, &ToolAnalyticsPanel::refresh);
    connect(m_table, &QTreeView::activated, this, [this](const QModelIndex &index) {
        const ToolUsage &usage = m_model->usage()[size_t(index.row())];
        const QString query = m_model->query(index);
        if (index.column() == ToolUsageModel::Last && usage.lastRun.isValid())
            Q_EMIT openRequested(Location::ofRun(usage.lastRun));
        else if (!query.isEmpty())
            Q_EMIT openRequested(Location::ofRuns(query));
    });
    connect(session, &Session::runEnded, this, [this] {
        m_stale = true;
        m_later.start();
    });
}

ToolAnalyticsPanel::~ToolAnalyticsPanel()
{
    ++m_query;
    if (m_cancel) {
        CancelSource source = *m_cancel;
        source.cancel();
    }
}

void ToolAnalyticsPanel::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_stale)
        refresh();
}

void ToolAnalyticsPanel::refresh()
{
    const auto info = m_session->project().artifacts().info(m_tool);
    if (!info)
        return;
    m_stale = false;
    if (m_cancel) {
        CancelSource source = *m_cancel;
        source.cancel();
    }
    m_cancel.emplace();
    const int number = ++m_query;
    ToolUsageQuery query;
    query.artifact = info->name;
    query.byRevision = m_byRevision->isChecked();
    const int days = m_since->currentData().toInt();
    query.sinceUs = days > 0 ? m_session->clock().nowUs() - days * DayUs : 0;
    m_busy->setBusy(true);
    runTask(
        this, toolUsage(&m_session->project(), query, m_cancel->token()),
        [this, number](std::vector<ToolUsage> usage) {
            if (number == m_query)
                showUsage(std::move(usage));
        },
        [this, number](const Error &error) {
            if (number != m_query || error.kind == ErrorKind::Cancelled)
                return;
            m_busy->setBusy(false);
            m_problem->setMessage(Severity::Error, error.message);
            m_problem->show();
        });
}

void ToolAnalyticsPanel::showUsage(std::vector<ToolUsage> usage)
{
    m_busy->setBusy(false);
    m_problem->hide();
    const ToolUsage sum = sumOf(usage);
    const bool any = !usage.empty();
    m_model->setUsage(std::move(usage), m_session->clock().nowUs());
    m_empty->setVisible(!any);
    m_table->setVisible(any);
    m_summary->setVisible(any);
    m_reasonBox->setVisible(any && (sum.failed > 0 || sum.refused > 0));
    if (!any)
        return;
    QStringList parts{format::count(sum.calls, tr("call"), tr("calls"))};
    parts.append(sum.failed > 0 ? tr("%1 failed (%2 %)").arg(sum.failed).arg(QString::number(100.0 * sum.failed / std::max(1, sum.calls), 'f', 1)) : tr("none failed"));
    if (sum.refused > 0)
        parts.append(tr("%1 refused").arg(sum.refused));
    if (sum.invalidArguments > 0)
        parts.append(tr("%1 with arguments that did not fit").arg(sum.invalidArguments));
    if (sum.p95Us >= 0)
        parts.append(tr("95 % within %1").arg(format::duration(sum.p95Us)));
    m_summary->setText(parts.join(QStringLiteral("; ")) + QLatin1Char('.'));
    fillReasons(sum, m_model->query(m_model->index(0, 0)));
    m_table->setFixedHeight(std::clamp(m_model->rowCount(), 1, 14) * metrics::RowHeight + 52);
    fitColumns();
}

void ToolAnalyticsPanel::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    if (!m_table->isHidden())
        fitColumns();
}

// Without scrolling sideways: what matters least goes first, then the function's name is cut.
void ToolAnalyticsPanel::fitColumns()
{
    using Column = ToolUsageModel::Column;
    const auto body = m_session->draft(m_tool);
    const bool isSet = body && isToolSet(body->body.value(QStringLiteral("type")).toString());
    int widths[Column::ColumnCount] = {}, sum = 0;
    for (int column = 0; column < Column::ColumnCount; ++column) {
        const bool wanted = column == Column::Function ? isSet : column != Column::Revision || m_byRevision->isChecked();
        m_table->setColumnHidden(column, !wanted);
        if (!wanted)
            continue;
        m_table->resizeColumnToContents(column);
        sum += widths[column] = std::clamp(m_table->columnWidth(column) + 8, 52, 240);
    }
    const QMargins margins = layout()->contentsMargins();
    const int room = width() - margins.left() - margins.right() - 2 * m_table->frameWidth() - m_table->verticalScrollBar()->sizeHint().width();
    for (const int column : {Column::Invalid, Column::Middle, Column::Refused, Column::Last, Column::Slow, Column::Revision}) {
        const int least = sum - std::max(0, widths[Column::Function] - leastFunctionWidth);
        if (least <= room || widths[column] == 0)
            continue;
        m_table->setColumnHidden(column, true);
        sum -= std::exchange(widths[column], 0);
    }
    if (sum > room && widths[Column::Function] > leastFunctionWidth)
        widths[Column::Function] = std::max(leastFunctionWidth, widths[Column::Function] - (sum - room));
    for (int column = 0; column < Column::ColumnCount; ++column) {
        if (widths[column] > 0)
            m_table->setColumnWidth(column, widths[column]);
    }
}

void ToolAnalyticsPanel::fillReasons(const ToolUsage &sum, const QString &query)
{
    clear(m_reasons);
    m_reasons->addWidget(new Label(m_theme, tr("Why calls failed or were refused"), Label::Style::Caption, m_reasonBox));
    const auto add = [&](const QString &text, int count, const QString &find) {
        auto *link = new LinkLabel(m_theme, QStringLiteral("%1  %2").arg(format::number(count), text), m_reasonBox);
        link->setToolTip(tr("Open the runs that called the tool; the log cannot tell by which error"));
        connect(link, &QAbstractButton::clicked, this, [this, find] { Q_EMIT openRequested(Location::ofRuns(find)); });
        m_reasons->addWidget(link, 0, Qt::AlignLeft);
    };
    for (auto it = sum.errors.begin(); it != sum.errors.end(); ++it)
        add(usageWord(it.key()), it.value(), query);
    for (auto it = sum.refusals.begin(); it != sum.refusals.end(); ++it)
        add(tr("refused: %1").arg(usageWord(it.key())), it.value(), query);
}

} // namespace lathe
