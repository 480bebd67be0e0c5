// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/McpLogView.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/McpWords.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/SearchField.h"

#include <QClipboard>
#include <QComboBox>
#include <QDateTime>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QListView>
#include <QScrollBar>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int mostLines = 2000;
constexpr int longestRow = 400;
constexpr qsizetype longestWhole = 64 * 1024;
enum Roles { SourceRole = Qt::UserRole + 1, LevelRole, WholeRole, TimeRole };
using Source = McpLogLine::Source;

int levelOf(const QString &level)
{
    static const QStringList levels{QStringLiteral("debug"),    QStringLiteral("info"),  QStringLiteral("notice"),  QStringLiteral("warning"),
                                    QStringLiteral("error"), QStringLiteral("critical"), QStringLiteral("alert"), QStringLiteral("emergency")};
    return level.isEmpty() ? 1 : std::max<int>(0, int(levels.indexOf(level.toLower())));
}
}

class McpLogView::Filter : public QSortFilterProxyModel
{
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;
    int source = -1;    // -1: all but messages; -2: all
    int leastLevel = 0;
    QStringList words;
    void again() { invalidateFilter(); }

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override
    {
        const QModelIndex index = sourceModel()->index(row, 0, parent);
        const int from = index.data(SourceRole).toInt();
        const bool message = from == int(Source::Sent) || from == int(Source::Received);
        if (source == -1 ? message : source >= 0 && source != from && !(source == int(Source::Sent) && message))
            return false;
        if (!message && index.data(LevelRole).toInt() < leastLevel)
            return false;
        const QString text = index.data(WholeRole).toString();
        return std::all_of(words.begin(), words.end(), [&text](const QString &word) { return text.contains(word, Qt::CaseInsensitive); });
    }
};

McpLogView::McpLogView(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_search(new SearchField(theme, tr("Search the log"), this)), m_source(new QComboBox(this)),
      m_level(new QComboBox(this)), m_follow(new Button(tr("Follow"), ButtonRole::Secondary, this)),
      m_copy(new IconButton(theme, QStringLiteral("copy"), tr("Copy what is shown"), this)), m_count(new Label(theme, QString(), Label::Style::Caption, this)),
      m_view(new QListView(this)), m_model(new QStandardItemModel(this)), m_filter(new Filter(this)), m_whole(new CodeEditor(theme, this))
{
    setObjectName(QStringLiteral("mcp-log"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    auto *bar = new QHBoxLayout;
    bar->setSpacing(metrics::Gap);
    m_search->setObjectName(QStringLiteral("mcp-log-search"));
    m_source->setObjectName(QStringLiteral("mcp-log-source"));
    m_source->setAccessibleName(tr("Source"));
    m_source->addItem(tr("Log"), -1);
    m_source->addItem(tr("Everything"), -2);
    m_source->addItem(tr("stderr"), int(Source::Stderr));
    m_source->addItem(tr("Server"), int(Source::Server));
    m_source->addItem(tr("Lathe"), int(Source::Client));
    m_source->addItem(tr("Messages"), int(Source::Sent));
    m_search->setMinimumWidth(120);
    m_level->setObjectName(QStringLiteral("mcp-log-level"));
    m_level->setAccessibleName(tr("Level"));
    m_level->addItem(tr("All levels"), 0);
    m_level->addItem(tr("Info"), 1);
    m_level->addItem(tr("Warnings"), 3);
    m_level->addItem(tr("Errors"), 4);
    m_follow->setObjectName(QStringLiteral("mcp-log-follow"));
    m_follow->setCheckable(true);
    m_follow->setChecked(true);
    m_follow->setToolTip(tr("Stay at the newest line"));
    m_copy->setObjectName(QStringLiteral("mcp-log-copy"));
    bar->addWidget(m_search, 1);
    bar->addWidget(m_source);
    bar->addWidget(m_level);
    bar->addWidget(m_follow);
    bar->addWidget(m_copy);
    layout->addLayout(bar);
    auto *splitter = new QSplitter(Qt::Vertical, this);
    splitter->setChildrenCollapsible(false);
    m_view->setObjectName(QStringLiteral("mcp-log-list"));
    m_view->setAccessibleName(tr("Log"));
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setUniformItemSizes(true);
    m_view->setMouseTracking(true);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setMinimumHeight(100);
    auto *delegate = new RowDelegate(theme, m_view);
    delegate->setCode(true);
    m_view->setItemDelegate(delegate);
    m_filter->setSourceModel(m_model);
    m_view->setModel(m_filter);
    splitter->addWidget(m_view);
    m_whole->setObjectName(QStringLiteral("mcp-log-whole"));
    m_whole->setAccessibleName(tr("The chosen line"));
    m_whole->setReadOnly(true);
    m_whole->setLineNumbersVisible(false);
    m_whole->setMinimumHeight(80);
    m_whole->hide();
    splitter->addWidget(m_whole);
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 1);
    layout->addWidget(splitter, 1);
    layout->addWidget(m_count);
    setFocusProxy(m_search);
    m_flush.setSingleShot(true);
    m_flush.setInterval(30);
    connect(&m_flush, &QTimer::timeout, this, &McpLogView::flush);
    connect(m_search, &SearchField::searchChanged, this, &McpLogView::applyFilter);
    connect(m_source, &QComboBox::currentIndexChanged, this, &McpLogView::applyFilter);
    connect(m_level, &QComboBox::currentIndexChanged, this, &McpLogView::applyFilter);
    connect(m_copy, &IconButton::clicked, this, &McpLogView::copy);
    connect(m_follow, &Button::toggled, this, [this](bool on) {
        if (on)
            m_view->scrollToBottom();
    });
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this, &McpLogView::showCurrent);
    // Who scrolls up wants to read; who comes back to the end follows again.
    connect(m_view->verticalScrollBar(), &QScrollBar::actionTriggered, this, [this] {
        QTimer::singleShot(0, this, [this] {
            const QScrollBar *bar = m_view->verticalScrollBar();
            m_follow->setChecked(bar->value() >= bar->maximum());
        });
    });
    applyFilter();
}

QStandardItem *McpLogView::itemOf(const McpLogLine &line) const
{
    const bool error = levelOf(line.level) >= 4, warning = levelOf(line.level) == 3;
    QString shown = line.text.left(longestRow).simplified();
    const QString level = !line.level.isEmpty() && line.level != QLatin1String("info") ? line.level.left(12) + QStringLiteral(": ") : QString();
    auto *item = new QStandardItem(level + shown);
    item->setData(int(line.source), SourceRole);
    item->setData(levelOf(line.level), LevelRole);
    item->setData(line.text.left(longestWhole), WholeRole);
    item->setData(line.timeUs, TimeRole);
    const QString clock = QDateTime::fromMSecsSinceEpoch(line.timeUs / 1000).toString(QStringLiteral("HH:mm:ss.zzz"));
    item->setData(QString(mcp::sourceWord(line.source) + QStringLiteral("  ") + clock), rowrole::Trailing);
    const bool sent = line.source == Source::Sent, received = line.source == Source::Received;
    item->setData(sent ? QStringLiteral("output") : received ? QStringLiteral("input") : error ? QStringLiteral("error") : warning ? QStringLiteral("warning")
                       : line.source == Source::Client ? QStringLiteral("info") : QStringLiteral("chevron-right"),
                  rowrole::Icon);
    item->setData(int(error ? ColorToken::Error : warning ? ColorToken::Warning : sent || received ? ColorToken::Tool : ColorToken::Text3), rowrole::Color);
    item->setData(sent || received, rowrole::Dimmed);
    return item;
}

void McpLogView::setLines(const std::vector<McpLogLine> &lines)
{
    m_waiting.clear();
    m_model->clear();
    QList<QStandardItem *> items;
    const size_t from = lines.size() > mostLines ? lines.size() - mostLines : 0;
    for (size_t i = from; i < lines.size(); ++i)
        items.append(itemOf(lines[i]));
    m_model->appendColumn(items);
    applyFilter();
}

void McpLogView::append(const McpLogLine &line)
{
    m_waiting.push_back(line);
    if (m_waiting.size() > mostLines)
        m_waiting.erase(m_waiting.begin());
    if (!m_flush.isActive())
        m_flush.start();
}

void McpLogView::flush()
{
    for (const McpLogLine &line : m_waiting)
        m_model->appendRow(itemOf(line));
    m_waiting.clear();
    if (m_model->rowCount() > mostLines)
        m_model->removeRows(0, m_model->rowCount() - mostLines);
    m_count->setText(m_filter->rowCount() == m_model->rowCount() ? format::count(m_model->rowCount(), tr("line"), tr("lines"))
                                                                  : tr("%1 of %2").arg(format::number(m_filter->rowCount()), format::count(m_model->rowCount(), tr("line"), tr("lines"))));
    if (m_follow->isChecked())
        m_view->scrollToBottom();
}

void McpLogView::applyFilter()
{
    m_filter->source = m_source->currentData().toInt();
    m_filter->leastLevel = m_level->currentData().toInt();
    m_filter->words = m_search->text().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    m_filter->again();
    flush();
}

void McpLogView::showCurrent()
{
    const QString text = m_view->currentIndex().data(WholeRole).toString();
    m_whole->setVisible(!text.isEmpty());
    // A message reads better with its members one below the other.
    const auto value = text.startsWith(QLatin1Char('{')) && text.size() < longestWhole ? json::parse(text.toUtf8()) : Result<QJsonValue>(Error());
    m_whole->setText(value ? json::fromUtf8Lossy(json::pretty(*value)).trimmed() : text);
}

QString McpLogView::shownText() const
{
    QStringList lines;
    for (int row = 0; row < m_filter->rowCount(); ++row) {
        const QModelIndex index = m_filter->index(row, 0);
        const QString time = QDateTime::fromMSecsSinceEpoch(index.data(TimeRole).toLongLong() / 1000).toString(Qt::ISODateWithMs);
        lines.append(QStringLiteral("%1 %2 %3").arg(time, mcp::sourceWord(Source(index.data(SourceRole).toInt())), index.data(WholeRole).toString()));
    }
    return lines.join(QLatin1Char('\n'));
}

void McpLogView::copy()
{
    QGuiApplication::clipboard()->setText(shownText());
    Q_EMIT statusMessage(tr("Copied %1 of the log.").arg(format::count(m_filter->rowCount(), tr("line"), tr("lines"))));
}

int McpLogView::shownCount() const
{
    return m_filter->rowCount();
}

int McpLogView::lineCount() const
{
    return m_model->rowCount();
}

} // namespace lathe
