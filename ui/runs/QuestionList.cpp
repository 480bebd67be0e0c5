// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/QuestionList.h"

#include "ui/itemmodels/Format.h"
#include "ui/runs/ApprovalCard.h"
#include "ui/runs/ElicitationCard.h"
#include "ui/runs/FormCard.h"
#include "ui/runs/OpenUrlCard.h"
#include "ui/runs/QuestionCard.h"
#include "ui/runs/SamplingCard.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/TabChain.h"

#include <QApplication>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSet>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
template<typename CardType>
QWidget *make(Theme *theme, const PendingQuestion &pending, QWidget *parent, std::function<void(const HumanAnswer &)> answered)
{
    auto *card = new CardType(theme, pending, parent);
    QObject::connect(card, &CardType::answered, card, std::move(answered));
    return card;
}
}

QWidget *makeQuestionCard(Theme *theme, const PendingQuestion &pending, QWidget *parent, std::function<void(const HumanAnswer &)> answered)
{
    switch (pending.question.type) {
    case HumanQuestion::Type::Approval:
        return make<ApprovalCard>(theme, pending, parent, std::move(answered));
    case HumanQuestion::Type::Form:
        return make<FormCard>(theme, pending, parent, std::move(answered));
    case HumanQuestion::Type::Elicitation:
        return make<ElicitationCard>(theme, pending, parent, std::move(answered));
    case HumanQuestion::Type::OpenUrl:
        return make<OpenUrlCard>(theme, pending, parent, std::move(answered));
    case HumanQuestion::Type::Sampling:
        return make<SamplingCard>(theme, pending, parent, std::move(answered));
    case HumanQuestion::Type::Question:
    case HumanQuestion::Type::Unfinished:
        break;
    }
    return make<QuestionCard>(theme, pending, parent, std::move(answered));
}

QuestionList::QuestionList(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_layout(new QVBoxLayout(this)), m_title(new Label(theme, QString(), Label::Style::Caption, this))
{
    setObjectName(QStringLiteral("questions"));
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(metrics::Gap);
    m_title->setObjectName(QStringLiteral("questions-title"));
    m_title->hide();
    m_layout->addWidget(m_title);
    m_layout->addStretch(1); // in a place that is too tall, cards stay as tall as they are
    hide();
    connect(session, &Session::questionsChanged, this, &QuestionList::refresh);
}

void QuestionList::setRun(RunId run)
{
    m_run = run;
    const bool hadFocus = std::any_of(m_cards.cbegin(), m_cards.cend(), &QuestionList::hasKeyboard);
    qDeleteAll(m_cards);
    m_cards.clear();
    m_approvals.clear();
    refresh();
    if (hadFocus && m_cards.isEmpty())
        Q_EMIT left();
}

bool QuestionList::hasKeyboard(const QWidget *card)
{
    return card->hasFocus() || card->isAncestorOf(QApplication::focusWidget());
}

void QuestionList::refresh()
{
    QSet<QString> open;
    QWidget *added = nullptr; // the first that is new
    const int before = int(m_cards.size());
    for (const PendingQuestion &pending : m_session->questions()) {
        if (pending.run != m_run)
            continue;
        const QString step = pending.question.step;
        open.insert(step);
        if (m_cards.contains(step))
            continue;
        QWidget *card = makeQuestionCard(m_theme, pending, this, [this, step](const HumanAnswer &answer) { m_session->answer(m_run, step, answer); });
        if (auto *approval = qobject_cast<ApprovalCard *>(card)) {
            approval->setFolded(true);
            m_approvals.append(approval);
            connect(approval, &ApprovalCard::unfoldRequested, this, [this, approval] { unfold(approval); });
        }
        m_layout->insertWidget(m_layout->count() - 1, card);
        m_cards.insert(step, card);
        if (m_anchor)
            chainTabs(m_anchor, this);
        added = added ? added : card;
    }
    bool hadFocus = false;
    for (auto it = m_cards.begin(); it != m_cards.end();) {
        if (open.contains(it.key())) {
            ++it;
            continue;
        }
        QWidget *card = it.value();
        hadFocus = hadFocus || hasKeyboard(card);
        if (auto *approval = qobject_cast<ApprovalCard *>(card))
            m_approvals.removeAll(approval);
        card->hide();
        card->deleteLater(); // its button may be what called us
        it = m_cards.erase(it);
    }
    unfold(nullptr);
    m_title->setVisible(m_approvals.size() > 1);
    m_title->setText(tr("%1 wait for you, one after the other").arg(format::count(m_approvals.size(), tr("call"), tr("calls"))));
    setVisible(!m_cards.isEmpty());
    if (hadFocus && !m_approvals.isEmpty()) // who answers with the keyboard goes on with it
        m_approvals.first()->setFocus(Qt::OtherFocusReason);
    m_handsOn = m_handsOn || (hadFocus && m_approvals.isEmpty());
    if (added) {
        const QWidget *now = QApplication::focusWidget();
        const bool typing = qobject_cast<const QLineEdit *>(now) || qobject_cast<const QPlainTextEdit *>(now);
        if (m_handsOn && !typing && isVisible())
            (added->focusProxy() ? added->focusProxy() : added)->setFocus(Qt::OtherFocusReason);
        m_handsOn = false;
        Q_EMIT asked();
    }
    if (hadFocus && m_cards.isEmpty())
        Q_EMIT left();
    if (int(m_cards.size()) != before)
        Q_EMIT changed();
}

void QuestionList::unfold(ApprovalCard *card)
{
    for (ApprovalCard *other : std::as_const(m_approvals)) {
        if (!card && !other->isFolded())
            return;
    }
    ApprovalCard *chosen = card ? card : m_approvals.value(0);
    for (ApprovalCard *other : std::as_const(m_approvals))
        other->setFolded(other != chosen);
    if (card)
        card->setFocus(Qt::MouseFocusReason);
}

} // namespace lathe
