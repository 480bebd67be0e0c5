// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/QuestionCard.h"

#include "core/base/Json.h"
#include "ui/runs/ArgumentsView.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/FlowLayout.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/PrimaryButton.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QVBoxLayout>

namespace lathe {

namespace {
QString choiceTitle(HumanQuestion::Type type, const QString &choice)
{
    if (type != HumanQuestion::Type::Unfinished)
        return choice;
    if (choice == QLatin1String("repeat"))
        return QuestionCard::tr("Repeat the call");
    if (choice == QLatin1String("skip"))
        return QuestionCard::tr("Skip it");
    return choice == QLatin1String("stop") ? QuestionCard::tr("Stop the run") : choice;
}
}

QuestionCard::QuestionCard(Theme *theme, const PendingQuestion &pending, QWidget *parent)
    : AnswerCard(theme, pending, QStringLiteral("question-card"), parent)
{
    const HumanQuestion &question = pending.question;
    const bool unfinished = question.type == HumanQuestion::Type::Unfinished;
    addTitle(unfinished ? tr("Did this call take effect?") : tr("%1 asks you").arg(pending.agent));
    addText(question.text, 2000);
    if (unfinished && !question.arguments.isEmpty()) {
        body()->addWidget(new Label(theme, tr("%1 was called with").arg(question.tool), Label::Style::Caption, this));
        auto *box = new ArgumentsView(theme, this);
        box->show(question.arguments);
        body()->addWidget(box);
    }
    if (!question.choices.isEmpty()) {
        auto *row = unfinished ? static_cast<QLayout *>(new FlowLayout(metrics::Gap)) : new QVBoxLayout;
        row->setSpacing(metrics::Gap);
        int number = 0;
        for (const QString &choice : question.choices.mid(0, 20)) {
            auto *button = new Button(choiceTitle(question.type, choice).left(120).replace(QLatin1Char('&'), QStringLiteral("&&")),
                                      ButtonRole::Secondary, this);
            button->setObjectName(QStringLiteral("choice-%1").arg(++number));
            button->setToolTip(choice.toHtmlEscaped());
            connect(button, &Button::clicked, this, [this, choice] { approve(choice); });
            row->addWidget(button);
        }
        body()->addLayout(row);
    }
    if (unfinished)
        return;
    auto *row = new QHBoxLayout;
    row->setSpacing(metrics::Gap);
    m_field = new QLineEdit(this);
    m_field->setObjectName(QStringLiteral("answer-field"));
    m_field->setAccessibleName(tr("Your answer"));
    m_field->setPlaceholderText(question.choices.isEmpty() ? tr("Your answer") : tr("Or say something else"));
    auto *button = new Button(tr("Answer"), question.choices.isEmpty() ? ButtonRole::Primary : ButtonRole::Secondary, this);
    button->setObjectName(QStringLiteral("answer-button"));
    button->setToolTip(tr("Send the answer (Enter)"));
    row->addWidget(m_field, 1);
    row->addWidget(button);
    body()->addLayout(row);
    const auto sendField = [this] {
        if (!m_field->text().trimmed().isEmpty())
            approve(m_field->text().trimmed());
    };
    connect(m_field, &QLineEdit::returnPressed, this, sendField);
    connect(button, &Button::clicked, this, sendField);
}

} // namespace lathe
