// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ConsentHost.h"

#include "core/session/McpHub.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/Overlay.h"
#include "ui/widgets/ScrollColumn.h"
#include "ui/widgets/Sheet.h"

#include <QApplication>
#include <QEvent>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
constexpr int widest = 460;
constexpr int mostAtOnce = 20; // a server that floods keeps the rest waiting

PendingQuestion questionOf(const McpQuestion &asked)
{
    PendingQuestion pending;
    pending.agent = asked.server;
    HumanQuestion &question = pending.question;
    question.step = QStringLiteral("mcp-%1").arg(asked.id);
    question.who = asked.request.who.isEmpty() ? asked.server : asked.request.who;
    question.text = asked.request.message;
    question.schema = asked.request.schema;
    question.url = asked.request.url;
    question.arguments = asked.request.params;
    question.type = asked.request.type == PersonRequest::Type::Form  ? HumanQuestion::Type::Elicitation
                    : asked.request.type == PersonRequest::Type::Url ? HumanQuestion::Type::OpenUrl
                                                                     : HumanQuestion::Type::Sampling;
    return pending;
}

PersonReply replyOf(const HumanAnswer &answer)
{
    PersonReply reply;
    reply.action = answer.approved                             ? PersonReply::Action::Accept
                   : answer.text == QLatin1String("cancel") ? PersonReply::Action::Cancel
                                                               : PersonReply::Action::Decline;
    if (answer.approved && answer.arguments)
        reply.content = *answer.arguments;
    return reply;
}
}

ConsentHost::ConsentHost(Session *session, Theme *theme, QWidget *window, CardMaker make)
    : QWidget(window->window()), m_session(session), m_theme(theme), m_window(window->window()), m_make(std::move(make)),
      m_title(new Label(theme, QString(), Label::Style::Strong, this)), m_scroll(new QScrollArea(this)), m_content(new QWidget(m_scroll)),
      m_list(new QVBoxLayout(m_content))
{
    setObjectName(QStringLiteral("consents"));
    setAccessibleName(tr("Questions of servers"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::Gap, metrics::Gap, metrics::Gap, metrics::Gap);
    layout->setSpacing(metrics::Gap);
    layout->addWidget(m_title);
    layout->addWidget(m_scroll, 1);
    fillScrollColumn(m_scroll, m_content);
    m_list->setContentsMargins(0, 0, 0, 0);
    m_list->setSpacing(metrics::Gap);
    hide();
    Overlay::keepAbove(this); // a sheet that waits for the answer must not cover it
    m_window->installEventFilter(this);
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget *before, QWidget *now) {
        if (now && isAncestorOf(now) && before && !isAncestorOf(before))
            m_focusBefore = before;
    });
    m_content->installEventFilter(this);
    connect(&session->mcp(), &McpHub::questionsChanged, this, &ConsentHost::refresh);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    refresh();
}

void ConsentHost::refresh()
{
    const size_t before = m_cards.size();
    std::map<quint64, QWidget *> open;
    for (const McpQuestion &asked : m_session->mcp().questions()) {
        if (const auto known = m_cards.find(asked.id); known != m_cards.end()) {
            open.insert(*known);
            continue;
        }
        if (open.size() >= mostAtOnce)
            continue;
        QWidget *card = m_make(m_theme, questionOf(asked), m_content, [this, id = asked.id](const HumanAnswer &answer) {
            if (m_focusBefore && isAncestorOf(QApplication::focusWidget()))
                m_focusBefore->setFocus(Qt::OtherFocusReason); // the card goes; else the focus falls on whatever is next
            m_session->mcp().answer(id, replyOf(answer));
        });
        if (!card)
            continue;
        m_list->addWidget(card);
        card->show();
        open.emplace(asked.id, card);
    }
    for (const auto &[id, card] : m_cards) {
        if (open.contains(id))
            continue;
        m_list->removeWidget(card);
        card->hide();
        card->deleteLater(); // its button may be what called us
    }
    m_cards = std::move(open);
    m_title->setText(tr("%1 questions of servers").arg(m_cards.size()));
    m_title->setVisible(m_cards.size() > 1); // one says it itself
    setVisible(!m_cards.empty());
    if (!m_cards.empty()) {
        arrange();
        raise();
    }
    if (m_cards.size() != before)
        Q_EMIT countChanged(int(m_cards.size()));
}

void ConsentHost::arrange()
{
    if (!m_window)
        return;
    const QMargins around = layout()->contentsMargins();
    const int width = std::min(widest, m_window->width() - 2 * metrics::Margin);
    const int inner = width - around.left() - around.right();
    m_list->activate();
    const int wanted = m_list->hasHeightForWidth() ? m_list->heightForWidth(inner) : m_list->sizeHint().height();
    const int chrome = around.top() + around.bottom() + (m_cards.size() > 1 ? m_title->sizeHint().height() + metrics::Gap : 0);
    const int height = std::min(wanted + chrome, m_window->height() - 96);
    int bottom = m_window->height() - 44;
    for (const Sheet *sheet : m_window->findChildren<Sheet *>(Qt::FindDirectChildrenOnly)) {
        if (sheet->isOpen())
            bottom = std::min(bottom, sheet->buttonsTop() - metrics::Gap); // the sheet's own buttons stay within reach
    }
    setGeometry(m_window->width() - width - metrics::GapLarge, std::max(metrics::Gap, bottom - height), width, height);
}

void ConsentHost::raiseAndFocus()
{
    if (m_cards.empty())
        return;
    raise();
    QWidget *card = m_cards.begin()->second;
    m_scroll->ensureWidgetVisible(card);
    if (QWidget *first = card->focusProxy())
        first->setFocus(Qt::ShortcutFocusReason);
    else
        card->setFocus(Qt::ShortcutFocusReason);
}

bool ConsentHost::eventFilter(QObject *watched, QEvent *event)
{
    const bool sized = watched == m_window && event->type() == QEvent::Resize;
    const bool grown = watched == m_content && event->type() == QEvent::LayoutRequest;
    if ((sized || grown) && isVisible())
        arrange();
    return QWidget::eventFilter(watched, event);
}

void ConsentHost::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens &tokens = m_theme->tokens();
    painter.setPen(QPen(tokens.lineStrong, 1));
    painter.setBrush(tokens.raised);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), metrics::Radius, metrics::Radius);
}

} // namespace lathe
