// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/QuestionList.h"

#include "ui/runs/ApprovalCard.h"
#include "ui/runs/FormCard.h"
#include "ui/runs/QuestionCard.h"
#include "ui/theme/Metrics.h"

#include <QSet>
#include <QVBoxLayout>

namespace lathe {

QuestionList::QuestionList(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_layout(new QVBoxLayout(this))
{
    setObjectName(QStringLiteral("questions"));
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(metrics::Gap);
    hide();
    connect(session, &Session::questionsChanged, this, &QuestionList::refresh);
}

void QuestionList::setRun(RunId run)
{
    m_run = run;
    qDeleteAll(m_cards);
    m_cards.clear();
    refresh();
}

void QuestionList::refresh()
{
    QSet<QString> open;
    bool isNew = false;
    const int before = int(m_cards.size());
    for (const PendingQuestion &pending : m_session->questions()) {
        if (pending.run != m_run)
            continue;
        const QString step = pending.question.step;
        open.insert(step);
        if (m_cards.contains(step))
            continue;
        const auto reply = [this, step](const HumanAnswer &answer) { m_session->answer(m_run, step, answer); };
        QWidget *card = nullptr;
        if (pending.question.type == HumanQuestion::Type::Approval) {
            auto *approval = new ApprovalCard(m_theme, pending, this);
            connect(approval, &ApprovalCard::answered, this, reply);
            card = approval;
        } else if (pending.question.type == HumanQuestion::Type::Form) {
            auto *form = new FormCard(m_theme, pending, this);
            connect(form, &FormCard::answered, this, reply);
            card = form;
        } else {
            auto *question = new QuestionCard(m_theme, pending, this);
            connect(question, &QuestionCard::answered, this, reply);
            card = question;
        }
        m_layout->addWidget(card);
        m_cards.insert(step, card);
        isNew = true;
    }
    for (auto it = m_cards.begin(); it != m_cards.end();) {
        if (open.contains(it.key())) {
            ++it;
            continue;
        }
        it.value()->hide();
        it.value()->deleteLater(); // its button may be what called us
        it = m_cards.erase(it);
    }
    setVisible(!m_cards.isEmpty());
    if (isNew)
        Q_EMIT asked();
    if (int(m_cards.size()) != before)
        Q_EMIT changed();
}

} // namespace lathe
