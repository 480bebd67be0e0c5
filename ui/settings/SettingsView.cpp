// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/SettingsView.h"

#include "ui/settings/ConnectionsPage.h"
#include "ui/settings/KeyboardPage.h"
#include "ui/settings/ProjectPage.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/SectionHeader.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QListWidget>
#include <QPainter>
#include <QRadioButton>
#include <QScrollArea>
#include <QSettings>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace lathe {

SettingsView::SettingsView(Session *session, Theme *theme, QWidget *parent) : QWidget(parent), m_session(session), m_theme(theme)
{
    setObjectName(QStringLiteral("settings-view"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_sections = new QListWidget(this);
    m_sections->setObjectName(QStringLiteral("settings-sections"));
    m_sections->setAccessibleName(tr("Sections of the settings"));
    m_sections->setFrameShape(QFrame::NoFrame);
    m_sections->setItemDelegate(new RowDelegate(theme, m_sections));
    m_sections->setMouseTracking(true);
    auto *nav = new QWidget(this);
    nav->setFixedWidth(184);
    auto *navLayout = new QVBoxLayout(nav);
    navLayout->setContentsMargins(0, 14, 0, 0);
    navLayout->addWidget(m_sections);
    layout->addWidget(nav);
    m_pages = new QStackedWidget(this);
    layout->addWidget(m_pages, 1);
    auto *connections = new ConnectionsPage(session, theme);
    auto *project = new ProjectPage(session, theme);
    addSection(QStringLiteral("appearance"), tr("Appearance"), QStringLiteral("sun"), buildAppearance());
    addSection(QStringLiteral("connections"), tr("Connections"), QStringLiteral("connection"), connections);
    addSection(QStringLiteral("project"), tr("Project"), QStringLiteral("file"), project);
    addSection(QStringLiteral("keyboard"), tr("Keyboard"), QStringLiteral("bolt"), new KeyboardPage(theme));
    addSection(QStringLiteral("about"), tr("About"), QStringLiteral("info"), buildAbout());
    connect(connections, &ConnectionsPage::openRequested, this, &SettingsView::openRequested);
    connect(connections, &ConnectionsPage::statusMessage, this, &SettingsView::statusMessage);
    connect(connections, &ConnectionsPage::errorRaised, this, &SettingsView::errorRaised);
    connect(project, &ProjectPage::errorRaised, this, &SettingsView::errorRaised);
    connect(m_sections, &QListWidget::currentRowChanged, this, [this](int row) {
        m_pages->setCurrentIndex(row);
        if (!m_session->project().isReadOnly() && row >= 0)
            m_session->project().setSetting(QStringLiteral("ui/settings/section"), m_sections->item(row)->data(Qt::UserRole).toString());
    });
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    const QString last = session->project().setting(QStringLiteral("ui/settings/section")).toString();
    m_sections->setCurrentRow(0);
    showSection(last);
}

void SettingsView::showSection(const QString &id)
{
    for (int row = 0; row < m_sections->count(); ++row) {
        if (m_sections->item(row)->data(Qt::UserRole).toString() == id)
            m_sections->setCurrentRow(row);
    }
}

void SettingsView::addSection(const QString &id, const QString &title, const QString &icon, QWidget *page)
{
    auto *item = new QListWidgetItem(title, m_sections);
    item->setData(Qt::UserRole, id);
    item->setData(rowrole::Icon, icon);
    auto *scroll = new QScrollArea(m_pages);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto *content = new QWidget(scroll);
    auto *layout = new QHBoxLayout(content);
    layout->setContentsMargins(metrics::PageMargin, 12, metrics::PageMargin, metrics::PageMargin);
    page->setMaximumWidth(metrics::ReadingWidth + 80);
    layout->addWidget(page, 1);
    layout->addStretch(0);
    scroll->setWidget(content);
    m_pages->addWidget(scroll);
}

QWidget *SettingsView::buildAppearance()
{
    auto *page = new QWidget;
    page->setObjectName(QStringLiteral("settings-appearance"));
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    layout->addWidget(new SectionHeader(m_theme, tr("Appearance"), SectionHeader::Level::Page, page));
    auto *group = new QButtonGroup(page);
    struct Choice {
        Theme::Mode mode;
        const char *id;
        QString title;
        QString about;
    };
    const Choice choices[] = {{Theme::Mode::System, "system", tr("Like the system"), tr("Follows the desktop's light or dark setting.")},
                              {Theme::Mode::Light, "light", tr("Light"), tr("Paper white with dark text.")},
                              {Theme::Mode::Dark, "dark", tr("Dark"), tr("Charcoal with light text.")}};
    for (const Choice &choice : choices) {
        auto *button = new QRadioButton(choice.title, page);
        button->setObjectName(QStringLiteral("theme-") + QString::fromLatin1(choice.id));
        button->setToolTip(choice.about);
        button->setChecked(m_theme->mode() == choice.mode);
        group->addButton(button, int(choice.mode));
        layout->addWidget(button);
        auto *about = new Label(m_theme, choice.about, Label::Style::Hint, page);
        about->setContentsMargins(24, 0, 0, 4);
        layout->addWidget(about);
        connect(button, &QRadioButton::clicked, this, [this, mode = choice.mode, id = QString::fromLatin1(choice.id)] {
            QSettings().setValue(QStringLiteral("theme"), id);
            m_theme->setMode(mode);
        });
    }
    // The theme can also be switched from the top bar.
    connect(m_theme, &Theme::changed, group, [this, group] {
        if (QAbstractButton *button = group->button(int(m_theme->mode())))
            button->setChecked(true);
    });
    layout->addStretch(1);
    return page;
}

QWidget *SettingsView::buildAbout()
{
    auto *page = new QWidget;
    page->setObjectName(QStringLiteral("settings-about"));
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    auto *header = new SectionHeader(m_theme, tr("Lathe"), SectionHeader::Level::Page, page);
    header->setDetail(tr("version %1").arg(QStringLiteral(LATHE_VERSION)));
    layout->addWidget(header);
    const auto paragraph = [&](const QString &title, const QString &text) {
        layout->addWidget(new Label(m_theme, title, Label::Style::Strong, page));
        auto *label = new Label(m_theme, text, Label::Style::Secondary, page);
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        layout->addWidget(label);
        layout->addSpacing(metrics::Gap);
    };
    paragraph(tr("A workbench for AI agents"), tr("Design agents, prompts and tools, run them, and see every step they took. Everything of a project but its keys is "
                                                  "in one file on this computer; nothing is sent anywhere but to the providers you connect."));
    paragraph(tr("The offline model"), tr("Lathe brings a model that needs no network and no key. It has no weights: it extracts, counts, fills formats and calls tools "
                                          "by rule, and answers the same every time. It is there to try designs and to test them, not to write prose, and steps it "
                                          "answered are marked as offline."));
    paragraph(tr("Licence"), tr("GPL-3.0-or-later. This is free software: you may share and change it under the terms of the GNU General Public License, version 3 or, "
                                "at your option, any later version. It comes with no warranty."));
    paragraph(tr("Made with"), tr("Qt %1, SQLite, libcurl, QCoro, cmark-gfm, dtl, valijson, QtKeychain and zstd; fonts Inter and JetBrains Mono.")
                                   .arg(QString::fromLatin1(qVersion())));
    layout->addStretch(1);
    return page;
}

void SettingsView::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().surface);
}

} // namespace lathe
