// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/DocumentArea.h"

#include "ui/shell/EmptyDesk.h"
#include "ui/theme/Theme.h"

#include <QApplication>
#include <QMouseEvent>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
constexpr size_t mostClosed = 6; // remembered
}

DocumentArea::DocumentArea(PageFactory factory, Theme *theme, QWidget *parent)
    : QWidget(parent), m_factory(factory), m_theme(theme)
{
    setObjectName(QStringLiteral("document-area"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_tabs = new QTabBar(this);
    m_tabs->setObjectName(QStringLiteral("document-tabs"));
    m_tabs->setAccessibleName(tr("Open documents"));
    m_tabs->setTabsClosable(true);
    m_tabs->setMovable(true);
    m_tabs->setExpanding(false);
    m_tabs->setDrawBase(false);
    m_tabs->setElideMode(Qt::ElideNone); // many tabs scroll; half a name says nothing
    m_tabs->setUsesScrollButtons(true);
    m_tabs->setFocusPolicy(Qt::TabFocus);
    m_tabs->setFixedHeight(34); // its own hint is 0 until the first tab has been laid out
    m_stack = new QStackedWidget(this);
    m_desk = new EmptyDesk(theme, m_stack);
    m_stack->addWidget(m_desk);
    layout->addWidget(m_tabs);
    layout->addWidget(m_stack, 1);
    m_tabs->hide();
    connect(m_tabs, &QTabBar::currentChanged, this, &DocumentArea::showTab);
    connect(m_tabs, &QTabBar::tabCloseRequested, this, &DocumentArea::close);
    connect(m_tabs, &QTabBar::tabMoved, this, [this](int from, int to) {
        Tab moved = m_documents[size_t(from)];
        m_documents.erase(m_documents.begin() + from);
        m_documents.insert(m_documents.begin() + to, moved);
    });
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

bool DocumentArea::open(const Location &location)
{
    const QString key = PageFactory::key(location);
    for (size_t i = 0; i < m_documents.size(); ++i) {
        Tab &tab = m_documents[i];
        if (PageFactory::key(tab.location) != key)
            continue;
        tab.location = location;
        if (m_tabs->currentIndex() != int(i))
            m_tabs->setCurrentIndex(int(i));
        if (tab.page && tab.page->show)
            tab.page->show(location);
        return true;
    }
    const PageFactory::Face face = m_factory.face(location);
    if (face.title.isEmpty())
        return false;
    Page *page = nullptr;
    if (!m_held) {
        page = makePage(location);
        if (!page)
            return false;
    }
    m_documents.push_back({location, page});
    const int index = m_tabs->addTab(m_theme->icon(face.icon), face.title);
    m_tabs->setTabToolTip(index, face.title);
    m_tabs->setCurrentIndex(index);
    showTab(index);
    if (page && page->show)
        page->show(location);
    return true;
}

Page *DocumentArea::makePage(const Location &location)
{
    Page *page = m_factory.make(location, m_stack);
    if (!page)
        return nullptr;
    m_stack->addWidget(page);
    connect(page, &Page::locationChanged, this, [this, page](const Location &now) {
        for (size_t i = 0; i < m_documents.size(); ++i) {
            if (m_documents[i].page != page)
                continue;
            m_documents[i].location = now;
            const QString title = m_factory.face(now).title;
            m_tabs->setTabText(int(i), title);
            m_tabs->setTabToolTip(int(i), title);
        }
    });
    Q_EMIT pageMade(page);
    return page;
}

void DocumentArea::showTab(int index)
{
    if (index < 0 || index >= int(m_documents.size()))
        return;
    m_tabs->show();
    Tab &tab = m_documents[size_t(index)];
    if (!tab.page && m_held) {
        Q_EMIT currentChanged();
        return;
    }
    if (!tab.page) {
        tab.page = makePage(tab.location);
        if (!tab.page)
            return close(index);
        if (tab.page->show)
            tab.page->show(tab.location);
    }
    const QWidget *was = QApplication::focusWidget();
    const bool loose = !was || m_stack->isAncestorOf(was); // or it is in the explorer, say, and stays there
    if (m_stack->currentWidget() != tab.page)
        m_stack->setCurrentWidget(tab.page);
    if (loose && tab.page->focusProxy() && (!tab.seen || !tab.page->isAncestorOf(QApplication::focusWidget())))
        tab.page->setFocus(Qt::OtherFocusReason);
    else if (QWidget *now = QApplication::focusWidget(); loose && now && now != was && !tab.page->isAncestorOf(now))
        now->clearFocus(); // it fell there when the former page was hidden
    tab.seen = true;
    Q_EMIT currentChanged();
}

void DocumentArea::close(int index)
{
    if (index < 0 || index >= int(m_documents.size()))
        return;
    Page *page = m_documents[size_t(index)].page;
    const Location closed = m_documents[size_t(index)].location;
    const auto same = [key = PageFactory::key(closed)](const Location &one) { return PageFactory::key(one) == key; };
    m_closed.erase(std::remove_if(m_closed.begin(), m_closed.end(), same), m_closed.end());
    m_closed.insert(m_closed.begin(), closed);
    m_closed.resize(std::min(m_closed.size(), mostClosed));
    m_documents.erase(m_documents.begin() + index);
    if (page) {
        if (QWidget *was = QApplication::focusWidget(); was && page->isAncestorOf(was))
            was->clearFocus(); // or it goes to whatever button is next in the window
        m_stack->removeWidget(page);
        page->deleteLater();
    }
    m_tabs->removeTab(index); // shows another, which must stand in m_documents already
    if (m_documents.empty())
        showDesk();
    Q_EMIT currentChanged();
}

void DocumentArea::showDesk()
{
    const QWidget *was = QApplication::focusWidget();
    const bool loose = !was || isAncestorOf(was); // else it is in the explorer, say, and stays there
    std::vector<EmptyDesk::Recent> recent;
    for (const Location &location : m_closed) {
        const PageFactory::Face face = m_factory.face(location); // none: it is gone
        if (!face.title.isEmpty())
            recent.push_back({location, face.title, face.icon});
    }
    m_desk->setRecent(recent);
    m_stack->setCurrentWidget(m_desk);
    if (loose)
        m_desk->setFocus(Qt::OtherFocusReason);
    m_tabs->hide(); // after that: the focus would fall on whatever is next in the window
}

void DocumentArea::closePage(const QString &key)
{
    for (size_t i = 0; i < m_documents.size(); ++i) {
        if (PageFactory::key(m_documents[i].location) == key)
            return close(int(i));
    }
}

Page *DocumentArea::current() const
{
    const int index = m_tabs->currentIndex();
    return index >= 0 && index < int(m_documents.size()) ? m_documents[size_t(index)].page : nullptr;
}

QString DocumentArea::currentKey() const
{
    const int index = m_tabs->currentIndex();
    return index >= 0 && index < int(m_documents.size()) ? PageFactory::key(m_documents[size_t(index)].location) : QString();
}

QJsonArray DocumentArea::remembered() const
{
    QJsonArray tabs;
    for (size_t i = 0; i < m_documents.size(); ++i) {
        QJsonObject tab = m_documents[i].location.toJson();
        tab.insert(QStringLiteral("title"), m_tabs->tabText(int(i)));
        tabs.append(tab);
    }
    return tabs;
}

void DocumentArea::restore(const QJsonArray &tabs, const QString &key)
{
    int current = -1;
    m_tabs->blockSignals(true);
    for (const QJsonValue &stored : tabs) {
        const Location location = Location::fromJson(stored.toObject());
        const PageFactory::Face face = m_factory.face(location);
        if (face.title.isEmpty())
            continue;
        m_documents.push_back({location, nullptr});
        m_tabs->setTabToolTip(m_tabs->addTab(m_theme->icon(face.icon), face.title), face.title);
        if (PageFactory::key(location) == key)
            current = int(m_documents.size()) - 1;
    }
    if (current >= 0)
        m_tabs->setCurrentIndex(current);
    m_tabs->blockSignals(false);
    if (m_documents.empty())
        showDesk();
    showTab(m_tabs->currentIndex());
}

void DocumentArea::buildCurrent()
{
    m_held = false;
    showTab(m_tabs->currentIndex());
}

Location DocumentArea::currentLocation() const
{
    const int index = m_tabs->currentIndex();
    return index >= 0 && index < int(m_documents.size()) ? m_documents[size_t(index)].location : Location();
}

ArtifactId DocumentArea::currentArtifact() const
{
    const Location location = currentLocation();
    return location.kind == Location::Kind::Artifact ? location.artifact : ArtifactId();
}

void DocumentArea::setTitle(const QString &key, const QString &title)
{
    for (size_t i = 0; i < m_documents.size(); ++i) {
        if (PageFactory::key(m_documents[i].location) == key)
            m_tabs->setTabText(int(i), title);
    }
}

void DocumentArea::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().base);
}

} // namespace lathe
