// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/sources/SourcesPage.h"

#include "ui/sources/TraceImportPanel.h"
#include "ui/sources/ReceiverPanel.h"
#include "ui/sources/RemotePanel.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/SectionHeader.h"
#include "ui/widgets/Silence.h"

#include <QAction>
#include <QBoxLayout>
#include <QPainter>
#include <QScrollArea>

namespace lathe {

namespace {
constexpr int twoColumns = 1020;
constexpr int widest = 1320;
}

SourcesPage::SourcesPage(SourceHub *hub, Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme), m_area(new QScrollArea(this))
{
    setObjectName(QStringLiteral("sources-page"));
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_area->setFrameShape(QFrame::NoFrame);
    m_area->setWidgetResizable(true);
    m_area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_area->setFocusPolicy(Qt::NoFocus);
    outer->addWidget(m_area);
    auto *content = new QWidget(m_area);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(metrics::PageMargin, metrics::GapLarge, metrics::PageMargin, metrics::PageMargin);
    layout->setSpacing(metrics::GapLarge);
    auto *header = new SectionHeader(theme, tr("Sources"), SectionHeader::Level::Page, content);
    header->setDetail(tr("Runs that other programs record, beside your own"));
    layout->addWidget(header);
    auto *box = new QWidget(content);
    box->setMaximumWidth(widest);
    m_columns = new QBoxLayout(QBoxLayout::LeftToRight, box);
    m_columns->setContentsMargins(0, 0, 0, 0);
    m_columns->setSpacing(metrics::GapLarge);
    auto *left = new QVBoxLayout;
    auto *right = new QVBoxLayout;
    left->setSpacing(metrics::GapLarge);
    right->setSpacing(metrics::GapLarge);
    m_receiver = new ReceiverPanel(hub, theme, box);
    auto *publish = new PublishPanel(hub, theme, box);
    m_import = new TraceImportPanel(hub, theme, box);
    m_remote = new RemotePanel(hub, theme, box);
    left->addWidget(m_receiver);
    left->addWidget(publish);
    left->addStretch(1);
    right->addWidget(m_import);
    right->addWidget(m_remote);
    right->addStretch(1);
    m_columns->addLayout(left, 11);
    m_columns->addLayout(right, 9);
    layout->addWidget(box);
    layout->addStretch(1);
    m_area->setWidget(content);
    connect(m_receiver, &ReceiverPanel::openRequested, this, &SourcesPage::openRequested);
    connect(m_receiver, &ReceiverPanel::statusMessage, this, &SourcesPage::statusMessage);
    connect(m_import, &TraceImportPanel::openRequested, this, &SourcesPage::openRequested);
    connect(m_import, &TraceImportPanel::statusMessage, this, &SourcesPage::statusMessage);
    connect(m_remote, &RemotePanel::openRequested, this, &SourcesPage::openRequested);
    connect(publish, &PublishPanel::statusMessage, this, &SourcesPage::statusMessage);
    const auto add = [this](const char *id, const QString &text, std::function<void()> run) {
        auto *action = new QAction(text, this);
        action->setObjectName(QString::fromLatin1(id));
        connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
        m_commands.append(action);
    };
    add("sources-cancel-import", tr("Cancel the import"), [hub] { hub->cancelImport(); });
    add("sources-publish", tr("Start or stop publishing"), [publish] {
        if (auto *button = publish->findChild<QAbstractButton *>(QStringLiteral("publish-switch")))
            button->click();
    });
}

SourcesPage::~SourcesPage()
{
    silence(this);
}

void SourcesPage::focusRemote()
{
    m_area->ensureWidgetVisible(m_remote);
    m_remote->focusAddress();
}

void SourcesPage::chooseFiles()
{
    m_import->choose();
}

void SourcesPage::showImports()
{
    m_area->ensureWidgetVisible(m_import, 0, 0);
}

void SourcesPage::toggleReceiver()
{
    m_receiver->toggle();
}

void SourcesPage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_columns->setDirection(width() >= twoColumns ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

void SourcesPage::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().base);
}

} // namespace lathe
