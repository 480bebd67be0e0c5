// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/McpListPage.h"

#include "core/session/McpHub.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/RowDelegate.h"

#include <QHBoxLayout>
#include <QListView>
#include <QSplitter>
#include <QStackedWidget>
#include <QStandardItemModel>

namespace lathe {

namespace {
constexpr int WordsRole = Qt::UserRole + 1;
constexpr int RowRole = Qt::UserRole + 2;
}

McpListPage::McpListPage(Session *session, Theme *theme, const Texts &texts, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_texts(texts), m_busy(new BusyBar(theme, this)), m_pages(new QStackedWidget(this)),
      m_empty(new EmptyState(theme, texts.icon, QString(), m_pages)), m_splitter(new QSplitter(Qt::Vertical, m_pages)),
      m_list(new FilterableList(theme, texts.search, m_splitter)), m_model(new QStandardItemModel(this))
{
    setObjectName(QStringLiteral("mcp-") + texts.name);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::GapSmall);
    layout->addWidget(m_busy);
    m_message = new InlineMessage(theme, Severity::Error, QString(), this);
    m_message->setObjectName(QStringLiteral("mcp-%1-message").arg(texts.name));
    m_message->setDismissable(true);
    m_message->hide();
    layout->addWidget(m_message);
    layout->addWidget(m_pages, 1);
    m_pages->addWidget(m_empty);
    m_pages->addWidget(m_splitter);
    m_splitter->setChildrenCollapsible(false);
    m_list->view()->setObjectName(QStringLiteral("mcp-%1-list").arg(texts.name));
    m_list->setMinimumHeight(100);
    qobject_cast<RowDelegate *>(m_list->view()->itemDelegate())->setTwoLines(true);
    m_list->setFilterRole(WordsRole);
    m_list->setModel(m_model);
    m_splitter->addWidget(m_list);
    m_detail = new QWidget(m_splitter);
    setFocusProxy(m_list);
    connect(m_list, &FilterableList::currentChanged, this, &McpListPage::showCurrent);
    connect(m_list, &FilterableList::activated, this, &McpListPage::activate);
    connect(m_empty, &EmptyState::actionTriggered, this, &McpListPage::connectRequested);
    connect(m_message, &InlineMessage::dismissed, m_message, &QWidget::hide);
    clear();
}

McpListPage::~McpListPage()
{
    m_loading.cancel();
    m_requesting.cancel();
}

QVBoxLayout *McpListPage::buildDetail(const std::vector<Button *> &buttons)
{
    auto *detail = new QVBoxLayout(m_detail);
    detail->setContentsMargins(0, metrics::Margin, 0, 0);
    detail->setSpacing(metrics::Gap);
    auto *top = new QHBoxLayout;
    m_title = new Label(m_theme, QString(), Label::Style::Strong, m_detail);
    m_title->setTextFormat(Qt::PlainText);
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    top->addWidget(m_title, 1);
    for (Button *button : buttons)
        top->addWidget(button);
    detail->addLayout(top);
    m_about = new Label(m_theme, QString(), Label::Style::Secondary, m_detail);
    m_about->setWordWrap(true);
    m_about->setTextFormat(Qt::PlainText);
    detail->addWidget(m_about);
    return detail;
}

void McpListPage::addPane(QWidget *pane, int listShare, int paneShare)
{
    pane->setMinimumHeight(160);
    m_splitter->addWidget(pane);
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({listShare, paneShare});
}

void McpListPage::showTitle(const QString &title, const QString &about)
{
    m_title->setText(title.left(200));
    m_about->setText(about.left(2000));
    m_about->setVisible(!about.isEmpty());
}

void McpListPage::say(Severity severity, const QString &text)
{
    m_message->setMessage(severity, text);
    m_message->show();
}

void McpListPage::setServer(const QString &name, const QJsonObject &body)
{
    m_name = name;
    m_body = body;
}

void McpListPage::clear()
{
    m_loaded = false;
    m_loading.cancel();
    m_busy->setBusy(false);
    m_empty->setSentence(m_texts.invitation);
    m_empty->setAction(tr("Connect"));
    m_pages->setCurrentWidget(m_empty);
}

int McpListPage::count() const
{
    return m_model->rowCount();
}

int McpListPage::currentRow() const
{
    const QModelIndex index = m_list->currentIndex();
    return index.isValid() ? index.data(RowRole).toInt() : -1;
}

CancelToken McpListPage::newLoad()
{
    m_loading.cancel();
    m_loading = CancelSource();
    m_busy->setBusy(true);
    return m_loading.token();
}

void McpListPage::showRows(const std::vector<Row> &rows, int current)
{
    m_busy->setBusy(false);
    m_loaded = true;
    m_model->clear();
    for (const Row &row : rows) {
        auto *item = new QStandardItem(row.title);
        item->setData(QString(row.title + QLatin1Char(' ') + row.words), WordsRole);
        item->setData(m_model->rowCount(), RowRole);
        item->setData(row.detail, rowrole::Detail);
        item->setData(row.trailing, rowrole::Trailing);
        item->setData(row.icon, rowrole::Icon);
        item->setData(true, rowrole::Strong);
        m_model->appendRow(item);
    }
    m_empty->setSentence(m_texts.nothing);
    m_empty->setAction(QString());
    m_pages->setCurrentWidget(rows.empty() ? static_cast<QWidget *>(m_empty) : m_splitter);
    if (!rows.empty())
        m_list->setCurrentIndex(m_model->index(current, 0));
    Q_EMIT countChanged(int(rows.size()));
}

void McpListPage::failed(const Error &error)
{
    m_busy->setBusy(false);
    if (error.kind != ErrorKind::Cancelled)
        say(Severity::Error, error.message);
}

void McpListPage::setBusy(bool busy)
{
    m_busy->setBusy(busy);
}

CancelToken McpListPage::newRequest()
{
    stopRequest();
    m_requesting = CancelSource();
    m_busy->setBusy(true);
    return m_requesting.token();
}

void McpListPage::stopRequest()
{
    ++m_request;
    m_requesting.cancel();
    m_busy->setBusy(false);
}

} // namespace lathe
