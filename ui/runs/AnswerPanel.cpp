// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/AnswerPanel.h"

#include "ui/itemmodels/Format.h"
#include "ui/runs/JsonBox.h"
#include "ui/runs/RatingBar.h"
#include "ui/runs/TextBlock.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Card.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QVBoxLayout>

namespace lathe {

AnswerPanel::AnswerPanel(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_card(new Card(theme, this)),
      m_raw(new IconButton(theme, QStringLiteral("eye"), tr("Show as plain text"), m_card)),
      m_text(new TextBlock(theme, TextBlock::Look::Markdown, m_card)), m_json(new JsonBox(theme, 24, m_card)),
      m_error(new InlineMessage(theme, Severity::Error, QString(), this)), m_rating(new RatingBar(session, theme, this)),
      m_again(new LinkLabel(theme, tr("Run again"), this))
{
    setObjectName(QStringLiteral("answer-panel"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    layout->addWidget(m_error);
    layout->addWidget(m_card);
    layout->addWidget(m_rating);
    auto *links = new QHBoxLayout;
    links->setSpacing(metrics::GapLarge);
    auto *trace = new LinkLabel(theme, tr("Open trace"), this);
    trace->setObjectName(QStringLiteral("open-trace"));
    trace->setToolTip(tr("Every step with its request, result, time and cost"));
    m_again->setObjectName(QStringLiteral("run-again"));
    m_again->setToolTip(tr("Run the draft on the same input"));
    links->addWidget(trace);
    links->addWidget(m_again);
    links->addStretch(1);
    layout->addLayout(links);

    m_error->setObjectName(QStringLiteral("run-error"));
    m_card->setObjectName(QStringLiteral("answer"));
    m_card->body()->setSpacing(metrics::GapSmall);
    m_card->body()->setContentsMargins(12, 4, 8, 12);
    auto *title = new QHBoxLayout;
    title->setSpacing(metrics::GapSmall);
    title->addWidget(new Label(theme, tr("Answer"), Label::Style::Strong, m_card), 1);
    m_card->body()->addLayout(title);
    m_card->body()->addWidget(m_text);
    m_card->body()->addWidget(m_json);
    m_card->setStripe(ColorToken::Ok);
    auto *copy = new IconButton(theme, QStringLiteral("copy"), tr("Copy the answer"), m_card);
    copy->setObjectName(QStringLiteral("copy-answer"));
    copy->setCompact(true);
    m_raw->setObjectName(QStringLiteral("raw-answer"));
    m_raw->setCheckable(true);
    m_raw->setCompact(true);
    title->addWidget(m_raw);
    title->addWidget(copy);
    connect(copy, &IconButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(m_output);
        Q_EMIT statusMessage(tr("The answer is copied"));
    });
    connect(m_raw, &IconButton::toggled, this, &AnswerPanel::showAnswer);
    connect(trace, &LinkLabel::clicked, this, &AnswerPanel::openTrace);
    connect(m_again, &LinkLabel::clicked, this, &AnswerPanel::runAgain);
    connect(m_error, &InlineMessage::actionTriggered, this, &AnswerPanel::openConnections);
    connect(m_rating, &RatingBar::statusMessage, this, &AnswerPanel::statusMessage);
    hide();
}

void AnswerPanel::setRunAgainVisible(bool visible)
{
    m_again->setVisible(visible);
}

void AnswerPanel::clear()
{
    hide();
    m_output.clear();
    m_value = QJsonValue(QJsonValue::Undefined);
    m_raw->setChecked(false);
}

void AnswerPanel::show(RunId run, RunStatus status, const QString &output, const std::optional<Error> &error)
{
    m_output = output;
    m_value = JsonBox::parse(output);
    const bool stopped = status == RunStatus::Cancelled;
    m_error->setVisible(status != RunStatus::Done);
    if (status != RunStatus::Done) {
        const QString sentence = stopped                            ? tr("Stopped. What was recorded stays in the trace.")
                                 : status == RunStatus::Interrupted ? tr("Interrupted. Open the trace to resume it.")
                                                                    : tr("The run failed.");
        m_error->setMessage(status == RunStatus::Failed ? Severity::Error : Severity::Warning,
                            error && !stopped ? format::oneLine(error->message, 2000) : sentence);
        const ErrorKind kind = error ? error->kind : ErrorKind::Internal;
        const bool connection = status == RunStatus::Failed
            && (kind == ErrorKind::Auth || kind == ErrorKind::Unreachable || kind == ErrorKind::NotFound);
        m_error->setAction(connection ? tr("Connections") : QString());
    }
    m_card->setVisible(status == RunStatus::Done || !output.isEmpty());
    m_rating->setTarget(run, QString());
    showAnswer();
    setVisible(true);
}

void AnswerPanel::showAnswer()
{
    const bool tree = !m_value.isUndefined() && !m_raw->isChecked();
    m_json->setVisible(tree);
    m_text->setVisible(!tree);
    if (tree) {
        m_json->show(m_value);
        return;
    }
    m_text->setLook(m_raw->isChecked() || !m_value.isUndefined() ? TextBlock::Look::Code : TextBlock::Look::Markdown);
    m_text->setText(m_output.isEmpty() ? tr("(The answer is empty.)") : m_output);
}

} // namespace lathe
