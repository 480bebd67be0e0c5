// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/ApprovalCard.h"

#include "core/base/Json.h"
#include "core/session/Session.h"
#include "ui/itemmodels/Format.h"
#include "ui/runs/CallView.h"
#include "ui/runs/TextBlock.h"
#include "ui/runs/ValuesForm.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/ControlReturn.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/FlowLayout.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/ProblemLine.h"
#include "ui/widgets/TabChain.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QShortcut>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

namespace lathe {

ApprovalCard::ApprovalCard(Theme *theme, const PendingQuestion &pending, QWidget *parent)
    : AnswerCard(theme, pending, QStringLiteral("approval-card"), parent), m_question(pending.question)
{
    takesFocusItself();
    buildTop(pending);
    m_content = new QWidget(this);
    auto *content = new QVBoxLayout(m_content);
    content->setContentsMargins(0, 0, 0, 0);
    content->setSpacing(metrics::Gap);
    body()->addWidget(m_content);
    if (!m_question.purpose.isEmpty()) {
        auto *purpose = new Label(theme, format::oneLine(m_question.purpose, 400), Label::Style::Secondary, m_content);
        purpose->setObjectName(QStringLiteral("approval-purpose"));
        purpose->setTextFormat(Qt::PlainText);
        purpose->setWordWrap(true);
        content->addWidget(purpose);
    }
    if (!m_question.reason.isEmpty()) {
        content->addWidget(new Label(theme, tr("%1 says").arg(pending.agent), Label::Style::Caption, m_content));
        auto *reason = new TextBlock(theme, TextBlock::Look::Plain, m_content);
        reason->setObjectName(QStringLiteral("approval-reason"));
        reason->setLimit(600, 6);
        reason->setText(m_question.reason);
        content->addWidget(reason);
    }
    m_callTitle = new Label(theme, m_question.preview.isEmpty() ? tr("The exact call") : tr("What it would do"), Label::Style::Caption, m_content);
    content->addWidget(m_callTitle);
    m_call = new CallView(theme, m_question.arguments, m_question.preview, m_content);
    content->addWidget(m_call);
    m_problem = new ProblemLine(theme, m_content);
    m_problem->setObjectName(QStringLiteral("approval-problem"));
    content->addWidget(m_problem);
    if (!m_question.why.isEmpty()) {
        auto *why = new Label(theme, tr("You are asked because: %1").arg(format::oneLine(m_question.why, 300)), Label::Style::Hint, m_content);
        why->setObjectName(QStringLiteral("approval-why"));
        why->setTextFormat(Qt::PlainText);
        why->setWordWrap(true);
        content->addWidget(why);
    }
    m_reason = new QLineEdit(m_content);
    m_reason->setObjectName(QStringLiteral("deny-reason"));
    m_reason->setPlaceholderText(tr("Why not? The agent reads this (optional)"));
    m_reason->setAccessibleName(tr("Reason"));
    m_reason->hide();
    content->addWidget(m_reason);
    buildButtons();
}

void ApprovalCard::buildTop(const PendingQuestion &pending)
{
    auto *top = new QHBoxLayout;
    top->setSpacing(metrics::Gap);
    top->addWidget(makeTitle(tr("May %1 call %2?").arg(pending.agent, m_question.tool)), 1);
    const bool reads = m_question.sideEffect == SideEffect::Read, writes = m_question.sideEffect == SideEffect::Write;
    auto *effect = new Chip(theme(), reads ? tr("reads only") : writes ? tr("writes") : tr("acts outside"),
                            reads ? ColorToken::Ok : writes ? ColorToken::Warning : ColorToken::Error, this);
    effect->setObjectName(QStringLiteral("approval-effect"));
    effect->setIconName(reads ? QStringLiteral("eye") : writes ? QStringLiteral("file") : QStringLiteral("globe"));
    effect->setToolTip(reads    ? tr("The call changes nothing.")
                       : writes ? tr("The call changes files or data on this computer.")
                                : tr("The call may change something outside of this computer."));
    top->addWidget(effect, 0, Qt::AlignTop);
    body()->addLayout(top);
    m_line = new ElidedLabel(theme(), CallView::line(m_question.arguments), Qt::ElideRight, this);
    m_line->setColor(ColorToken::Text2);
    m_line->hide();
    body()->addWidget(m_line);
}

void ApprovalCard::buildButtons()
{
    auto *row = new FlowLayout(metrics::Gap);
    m_approve = new PrimaryButton(tr("Approve"), m_content);
    m_edit = new Button(tr("Edit"), ButtonRole::Secondary, m_content);
    m_always = new Button(tr("Always for this run"), ButtonRole::Secondary, m_content);
    m_back = new Button(tr("Back"), ButtonRole::Secondary, m_content);
    m_back->setObjectName(QStringLiteral("deny-back"));
    m_back->hide();
    m_deny = new Button(tr("Deny"), ButtonRole::Danger, m_content);
    row->addWidget(m_back);
    row->addWidget(m_approve);
    row->addWidget(m_edit);
    row->addWidget(m_always);
    row->addAtEnd(m_deny);
    qobject_cast<QVBoxLayout *>(m_content->layout())->addLayout(row);
    m_approve->setObjectName(QStringLiteral("approve-button"));
    m_approve->setToolTip(withShortcut(tr("Make the call exactly as shown"), QKeySequence(Qt::CTRL | Qt::Key_Return)));
    m_edit->setObjectName(QStringLiteral("edit-arguments-button"));
    m_edit->setToolTip(withShortcut(tr("Change the arguments before the call is made"), QKeySequence(Qt::CTRL | Qt::Key_E)));
    m_edit->setEnabled(!m_question.arguments.isEmpty() || !m_question.schema.isEmpty());
    m_always->setObjectName(QStringLiteral("always-button"));
    m_always->setToolTip(tr("Approve this call and every further call of %1 in this run, whatever its arguments").arg(m_question.tool));
    m_deny->setObjectName(QStringLiteral("deny-button"));
    m_deny->setToolTip(withShortcut(tr("Refuse the call and tell the agent why"), QKeySequence(Qt::CTRL | Qt::Key_Backspace)));
    connect(m_approve, &Button::clicked, this, [this] { approve(false); });
    connect(m_always, &Button::clicked, this, [this] { approve(true); });
    connect(m_edit, &Button::clicked, this, &ApprovalCard::edit);
    connect(m_deny, &Button::clicked, this, &ApprovalCard::deny);
    connect(m_back, &Button::clicked, this, [this] { askReason(false); });
    connect(m_reason, &QLineEdit::returnPressed, this, &ApprovalCard::deny);
    const auto key = [this](int keys, auto what) {
        auto *shortcut = new QShortcut(QKeySequence(keys), this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        shortcut->setAutoRepeat(false);
        connect(shortcut, &QShortcut::activated, this, [this, what] {
            if (!m_folded && !isSent())
                what();
        });
    };
    onControlReturn(this, [this] {
        if (!m_folded && !isSent())
            m_reason->isHidden() ? approve(false) : deny();
    });
    key(int(Qt::CTRL) | int(Qt::Key_E), [this] { edit(); });
    key(int(Qt::CTRL) | int(Qt::Key_Backspace), [this] { deny(); });
}

void ApprovalCard::setFolded(bool folded)
{
    m_folded = folded;
    m_content->setVisible(!folded);
    m_line->setVisible(folded);
    setCursor(folded ? Qt::PointingHandCursor : Qt::ArrowCursor);
    setToolTip(folded ? tr("Click to see the call") : QString());
    rest();
}

void ApprovalCard::mousePressEvent(QMouseEvent *event)
{
    if (m_folded)
        Q_EMIT unfoldRequested();
    Card::mousePressEvent(event);
}

void ApprovalCard::keyPressEvent(QKeyEvent *event)
{
    const bool open = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter || event->key() == Qt::Key_Space;
    if (m_folded && open)
        Q_EMIT unfoldRequested();
    else if (!m_reason->isHidden() && event->key() == Qt::Key_Escape)
        askReason(false);
    else if (m_editing && event->key() == Qt::Key_Escape)
        endEdit();
    else
        Card::keyPressEvent(event);
}

void ApprovalCard::edit()
{
    if (!m_edit->isEnabled() || !m_reason->isHidden())
        return;
    if (m_editing)
        return endEdit();
    m_editing = new QWidget(m_content);
    auto *layout = new QVBoxLayout(m_editing);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::GapSmall);
    m_editPages = new QStackedWidget(m_editing);
    layout->addWidget(m_editPages);
    m_editor = new CodeEditor(theme(), m_editing);
    m_editor->setObjectName(QStringLiteral("arguments-editor"));
    m_editor->setAccessibleName(tr("Arguments as JSON"));
    m_editor->setLineNumbersVisible(false);
    m_editor->setAutoHeight(3, 14);
    m_editor->setText(QString::fromUtf8(json::pretty(m_question.arguments)).trimmed());
    m_editPages->addWidget(m_editor);
    m_form = nullptr;
    if (ValuesForm::fits(m_question.schema, m_question.arguments)) {
        m_form = new ValuesForm(theme(), m_question.schema, m_editing);
        m_form->setValues(m_question.arguments);
        m_editPages->addWidget(m_form);
        m_switch = new LinkLabel(theme(), QString(), m_editing);
        m_switch->setObjectName(QStringLiteral("edit-json-switch"));
        layout->addWidget(m_switch, 0, Qt::AlignLeft);
        connect(m_switch, &LinkLabel::clicked, this, [this] { editAsJson(m_editPages->currentWidget() != m_editor); });
        connect(m_form, &ValuesForm::edited, this, [this] { (void)edited(false); });
    }
    connect(m_editor, &CodeEditor::edited, this, [this] { (void)edited(false); });
    if (m_question.previewOf) { // nobody approves what is not shown, also after an edit
        layout->addWidget(new Label(theme(), tr("What it would do"), Label::Style::Caption, m_editing));
        m_preview = new TextBlock(theme(), TextBlock::Look::Code, m_editing);
        m_preview->setObjectName(QStringLiteral("approval-edited-preview"));
        m_preview->setLimit(6000, 40);
        layout->addWidget(m_preview);
    }
    m_call->setVisible(false);
    auto *content = qobject_cast<QVBoxLayout *>(m_content->layout());
    content->insertWidget(content->indexOf(m_call) + 1, m_editing);
    m_editing->show(); // at once, so that it can have the focus
    chainTabs(m_call, m_editing);
    m_callTitle->setText(tr("The call"));
    m_edit->setText(tr("As it was"));
    m_approve->setText(tr("Approve edited"));
    m_always->setVisible(false); // it would speak of the edited arguments only
    editAsJson(!m_form);
    rest(); // its buttons move
    QTimer::singleShot(0, m_editing, [this] { reveal(m_callTitle); }); // once it has its place
}

void ApprovalCard::endEdit() // back to the call as it was asked
{
    m_editing->hide();
    m_editing->deleteLater(); // its own switch may have led here
    m_editing = nullptr;
    m_editPages = nullptr;
    m_form = nullptr;
    m_editor = nullptr;
    m_switch = nullptr;
    m_preview = nullptr;
    m_problem->clear();
    m_call->setVisible(true);
    m_callTitle->setText(m_question.preview.isEmpty() ? tr("The exact call") : tr("What it would do"));
    m_edit->setText(tr("Edit"));
    m_approve->setText(tr("Approve"));
    m_approve->setEnabled(true);
    m_always->setVisible(true);
    m_edit->setFocus(Qt::OtherFocusReason);
}

void ApprovalCard::editAsJson(bool json)
{
    if (json && m_form && m_editPages->currentWidget() == m_form)
        m_editor->setText(QString::fromUtf8(json::pretty(m_form->values())).trimmed());
    if (!json && m_editPages->currentWidget() == m_editor) {
        const auto typed = json::parseObject(m_editor->text().toUtf8());
        if (typed && ValuesForm::fits(m_question.schema, *typed)) {
            m_form->setValues(*typed);
        } else if (m_editPages->currentIndex() == 0 && m_editPages->isVisible()) { // nothing that was typed may be lost
            m_problem->setProblem(Severity::Error, typed ? tr("It has members that the form does not show.") : typed.error().message);
            return;
        }
    }
    QWidget *page = json ? static_cast<QWidget *>(m_editor) : m_form;
    // The hidden page must not make the card taller.
    for (int i = 0; i < m_editPages->count(); ++i)
        m_editPages->widget(i)->setSizePolicy(QSizePolicy::Preferred, m_editPages->widget(i) == page ? QSizePolicy::Preferred : QSizePolicy::Ignored);
    m_editPages->setCurrentWidget(page);
    if (m_switch)
        m_switch->setText(json ? tr("Edit in a form") : tr("Edit as JSON"));
    page->setFocus(Qt::OtherFocusReason);
    (void)edited(false);
}

std::optional<QJsonObject> ApprovalCard::edited(bool tell)
{
    QJsonObject arguments;
    QString wrong;
    if (m_form && m_editPages->currentWidget() == m_form) {
        arguments = m_form->values();
        if (!m_form->check(tell))
            wrong = tr("The arguments do not fit the tool yet.");
    } else {
        const auto typed = json::parseObject(m_editor->text().toUtf8());
        if (!typed)
            wrong = typed.error().message;
        else
            arguments = *typed;
        if (typed && !m_question.schema.isEmpty()) {
            const std::vector<Problem> problems = Session::checkArguments(m_question.schema, arguments);
            if (!problems.empty())
                wrong = problems.front().pointer.isEmpty() ? problems.front().message : QStringLiteral("%1: %2").arg(problems.front().pointer, problems.front().message);
        }
    }
    m_problem->setProblem(Severity::Error, wrong);
    if (!wrong.isEmpty())
        return std::nullopt;
    if (m_preview)
        m_preview->setText(m_question.previewOf(arguments));
    return arguments;
}

void ApprovalCard::approve(bool forRun)
{
    if (!m_reason->isHidden()) // a refusal is being written
        return;
    HumanAnswer answer;
    answer.approved = true;
    answer.forRun = forRun;
    if (m_editing) {
        const auto arguments = edited(true);
        if (!arguments)
            return;
        if (*arguments != m_question.arguments)
            answer.arguments = *arguments;
    }
    finish(answer);
}

void ApprovalCard::deny()
{
    if (m_reason->isHidden()) { // the second press sends
        askReason(true);
        return;
    }
    HumanAnswer answer;
    answer.text = m_reason->text().trimmed();
    finish(answer);
}

void ApprovalCard::askReason(bool ask)
{
    m_reason->setVisible(ask);
    m_back->setVisible(ask);
    m_approve->setVisible(!ask);
    m_edit->setVisible(!ask);
    m_always->setVisible(!ask && !m_editing);
    m_deny->setText(ask ? tr("Deny the call") : tr("Deny"));
    if (ask)
        m_reason->setFocus(Qt::OtherFocusReason);
    else
        m_deny->setFocus(Qt::OtherFocusReason);
}

} // namespace lathe
