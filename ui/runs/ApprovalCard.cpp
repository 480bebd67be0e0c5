// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/ApprovalCard.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/runs/ArgumentsView.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/ProblemLine.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QVBoxLayout>

namespace lathe {

ApprovalCard::ApprovalCard(Theme *theme, const PendingQuestion &pending, QWidget *parent)
    : Card(theme, parent), m_theme(theme), m_arguments(pending.question.arguments), m_call(new ArgumentsView(theme, this)),
      m_problem(new ProblemLine(theme, this)), m_reason(new QLineEdit(this)), m_approve(new PrimaryButton(tr("Approve"), this)),
      m_edit(new Button(tr("Edit arguments"), ButtonRole::Secondary, this)),
      m_deny(new Button(tr("Deny"), ButtonRole::Danger, this))
{
    const HumanQuestion &question = pending.question;
    setObjectName(QStringLiteral("approval-card"));
    setAccessibleName(question.text);
    setStripe(ColorToken::Human);
    setBorder(ColorToken::Human);
    auto *top = new QHBoxLayout;
    top->setSpacing(metrics::Gap);
    auto *title = new Label(theme, tr("May %1 call %2?").arg(pending.agent, question.tool), Label::Style::Strong, this);
    title->setWordWrap(true);
    top->addWidget(title, 1);
    const bool outward = question.sideEffect == SideEffect::External;
    auto *effect = new Chip(theme,
                            question.sideEffect == SideEffect::Read    ? tr("reads only")
                            : question.sideEffect == SideEffect::Write ? tr("writes")
                                                                       : tr("acts outside"),
                            question.sideEffect == SideEffect::Read ? ColorToken::Ok
                            : outward                               ? ColorToken::Error
                                                                    : ColorToken::Warning,
                            this);
    effect->setToolTip(question.sideEffect == SideEffect::Read    ? tr("The call changes nothing.")
                       : question.sideEffect == SideEffect::Write ? tr("The call changes files or data on this computer.")
                                                                  : tr("The call may change something outside of this computer."));
    top->addWidget(effect, 0, Qt::AlignTop);
    body()->addLayout(top);
    m_call->setObjectName(QStringLiteral("approval-arguments"));
    m_call->show(m_arguments);
    body()->addWidget(m_call);
    body()->addWidget(m_problem);
    m_reason->setObjectName(QStringLiteral("deny-reason"));
    m_reason->setPlaceholderText(tr("Why not? The agent reads this (optional)"));
    m_reason->setAccessibleName(tr("Reason"));
    m_reason->hide();
    body()->addWidget(m_reason);
    auto *row = new QHBoxLayout;
    row->setSpacing(metrics::Gap);
    row->addWidget(m_approve);
    row->addWidget(m_edit);
    row->addStretch(1);
    row->addWidget(m_deny);
    body()->addLayout(row);
    m_approve->setObjectName(QStringLiteral("approve-button"));
    m_approve->setToolTip(tr("Make the call exactly as shown"));
    m_edit->setObjectName(QStringLiteral("edit-arguments-button"));
    m_edit->setToolTip(tr("Change the arguments before the call is made"));
    m_deny->setObjectName(QStringLiteral("deny-button"));
    m_deny->setToolTip(tr("Refuse the call and tell the agent why"));
    connect(m_approve, &Button::clicked, this, &ApprovalCard::approve);
    connect(m_edit, &Button::clicked, this, &ApprovalCard::edit);
    connect(m_deny, &Button::clicked, this, &ApprovalCard::deny);
    connect(m_reason, &QLineEdit::returnPressed, this, &ApprovalCard::deny);
}

void ApprovalCard::edit()
{
    if (m_editor) { // back to the call as it was asked
        delete std::exchange(m_editor, nullptr);
        m_problem->clear();
        m_call->setVisible(true);
        m_edit->setText(tr("Edit arguments"));
        m_approve->setText(tr("Approve"));
        return;
    }
    m_editor = new CodeEditor(m_theme, this);
    m_editor->setObjectName(QStringLiteral("arguments-editor"));
    m_editor->setAccessibleName(tr("Arguments as JSON"));
    m_editor->setLineNumbersVisible(false);
    m_editor->setAutoHeight(3, 14);
    m_editor->setText(QString::fromUtf8(json::pretty(m_arguments)).trimmed());
    m_call->setVisible(false);
    body()->insertWidget(body()->indexOf(m_call) + 1, m_editor);
    m_edit->setText(tr("As it was"));
    m_approve->setText(tr("Approve edited"));
    m_editor->setFocus(Qt::OtherFocusReason);
    connect(m_editor, &CodeEditor::edited, m_problem, &ProblemLine::clear);
}

void ApprovalCard::approve()
{
    HumanAnswer answer;
    answer.approved = true;
    if (m_editor) {
        const auto edited = json::parseObject(m_editor->text().toUtf8());
        if (!edited) {
            m_problem->setProblem(Severity::Error, edited.error().message);
            return;
        }
        if (*edited != m_arguments)
            answer.arguments = *edited;
    }
    send(answer);
}

void ApprovalCard::deny()
{
    if (m_reason->isHidden()) { // the second press sends
        m_reason->show();
        m_reason->setFocus(Qt::OtherFocusReason);
        m_deny->setText(tr("Deny the call"));
        return;
    }
    HumanAnswer answer;
    answer.text = m_reason->text().trimmed();
    send(answer);
}

void ApprovalCard::send(const HumanAnswer &answer)
{
    if (m_sent)
        return;
    m_sent = true;
    setEnabled(false);
    Q_EMIT answered(answer);
}

} // namespace lathe
