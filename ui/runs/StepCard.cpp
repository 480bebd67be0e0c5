// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/StepCard.h"

#include "core/base/Json.h"
#include "core/trace/StepWords.h"
#include "ui/itemmodels/Format.h"
#include "ui/runs/ArgumentsView.h"
#include "ui/runs/JsonBox.h"
#include "ui/runs/StepHeader.h"
#include "ui/runs/TextBlock.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QMenu>
#include <QVBoxLayout>

namespace lathe {

StepCard::StepCard(Theme *theme, const QString &path, QWidget *parent)
    : Card(theme, parent), m_theme(theme), m_path(path), m_header(new StepHeader(theme, this))
{
    setObjectName(QStringLiteral("step-") + path);
    body()->setContentsMargins(12, 6, 10, 6);
    body()->setSpacing(6);
    body()->addWidget(m_header);
    connect(m_header, &QAbstractButton::clicked, this, [this] {
        m_userFolded = true;
        if (m_folding) {
            setFolded(!m_folding->isHidden());
        } else if (!m_arguments.isNull()) {
            openTool();
            m_header->setOpen(true);
        }
    });
}

void StepCard::setFolded(bool folded)
{
    if (!m_folding)
        return;
    m_folding->setVisible(!folded);
    m_header->setOpen(!folded);
}

void StepCard::tick(const Step &step, qint64 nowUs)
{
    m_header->setStep(step, nowUs);
}

void StepCard::show(const Step &step, qint64 nowUs)
{
    const bool over = stepstyle::isOver(step.status);
    setStripe(stepstyle::color(step.kind));
    m_header->setStep(step, nowUs);
    if (step.notes.size() < m_notes) { // a resumed run goes through the step again
        const auto old = findChildren<NoteLine *>();
        qDeleteAll(old);
        m_notes = 0;
    }
    // Of a person's step the title says it all.
    for (; m_notes < step.notes.size() && m_notes < 40 && step.kind != StepKind::Human; ++m_notes) {
        if (const auto note = stepstyle::note(step.notes[m_notes]); !note.text.isEmpty())
            body()->addWidget(new NoteLine(m_theme, note, this));
    }
    if (step.kind == StepKind::Tool) {
        showTool(step, over);
    } else if (step.kind == StepKind::Human) {
        if (const QString words = approvalWords(step); over && !words.isEmpty())
            m_header->setVerdict(format::oneLine(words, 120));
        else if (over)
            m_header->setDetail(format::oneLine(step.text, 120));
    } else {
        showReasoning(step, over);
        showText(step, over);
        if (step.kind == StepKind::Model && over && step.text.isEmpty()) {
            const QStringList calls = json::toStringList(step.attributes.value(QLatin1String("lathe.tool_calls")));
            m_header->setDetail(calls.isEmpty() ? QString() : tr("calls %1").arg(calls.join(QStringLiteral(", "))));
        }
    }
    // A failed tool says its error as its result, a failed plan is one of its calls; a stop is no error.
    const bool failed = step.error && step.kind == StepKind::Model && stepstyle::status(step) == Status::Error;
    if (failed && !m_error) {
        m_error = new InlineMessage(m_theme, Severity::Error, format::oneLine(step.error->message, 600), this);
        body()->addWidget(m_error);
    } else if (!failed && m_error) {
        delete std::exchange(m_error, nullptr);
    }
    m_copy = step.text;
    m_over = over;
}

void StepCard::showReasoning(const Step &step, bool over)
{
    if (step.reasoning.isEmpty())
        return;
    if (!m_thinking) {
        m_thinking = new LinkLabel(m_theme, tr("Thinking"), this);
        m_thinking->setQuiet(true);
        m_thinking->setObjectName(QStringLiteral("thinking"));
        m_reasoning = new TextBlock(m_theme, TextBlock::Look::Quiet, this);
        body()->insertWidget(1, m_thinking, 0, Qt::AlignLeft);
        body()->insertWidget(2, m_reasoning);
        connect(m_thinking, &LinkLabel::clicked, this, [this] {
            m_thinkingOpen = !m_reasoning->isVisible();
            m_reasoning->setVisible(m_thinkingOpen);
        });
    }
    if (!over) {
        m_reasoning->stream(step.reasoning);
    } else if (!m_over) {
        m_reasoning->setText(step.reasoning);
        m_reasoning->hide(); // one click away
        m_thinking->setText(tr("Thoughts (%1 characters)").arg(format::number(step.reasoning.size())));
    }
}

void StepCard::showText(const Step &step, bool over)
{
    if (step.text.isEmpty() && !m_text)
        return;
    if (!m_text) {
        m_folding = m_text = new TextBlock(m_theme, TextBlock::Look::Markdown, this);
        m_text->setObjectName(QStringLiteral("text"));
        body()->addWidget(m_text);
        m_header->setFoldable(true);
    }
    if (!over)
        m_text->stream(step.text);
    else if (!m_over || m_text->text().size() != step.text.size())
        m_text->setText(step.text);
}

void StepCard::hideError()
{
    if (m_error)
        m_error->hide();
}

void StepCard::foldText()
{
    if (!m_text || m_userFolded)
        return;
    setFolded(true);
    m_header->setDetail(tr("the answer below"));
}

void StepCard::showTool(const Step &step, bool over)
{
    m_arguments = callArguments(step);
    m_header->setDetail(format::oneLine(over && step.error ? step.error->message : m_arguments, 160));
    m_header->setFoldable(true);
    if (over && !m_over) {
        if (const auto note = stepstyle::strangersNote(step); !note.text.isEmpty()) {
            auto *line = new NoteLine(m_theme, note, this);
            line->setObjectName(QStringLiteral("untrusted-result"));
            body()->addWidget(line);
        }
        m_result = step.text.isEmpty() && step.error ? step.error->message : step.text;
        if (m_folding) { // open already: now with the result
            delete std::exchange(m_folding, nullptr);
            openTool();
        }
    }
    m_header->setOpen(m_folding != nullptr && !m_folding->isHidden());
}

void StepCard::openTool()
{
    m_folding = new QWidget(this);
    auto *layout = new QVBoxLayout(m_folding);
    layout->setContentsMargins(0, 0, 0, 4);
    layout->setSpacing(metrics::GapSmall);
    auto *arguments = new ArgumentsView(m_theme, m_folding);
    arguments->show(m_arguments);
    layout->addWidget(arguments);
    if (!m_result.isEmpty()) {
        layout->addWidget(new Label(m_theme, tr("Result"), Label::Style::Caption, m_folding));
        const QJsonValue value = JsonBox::parse(m_result);
        if (value.isUndefined()) {
            auto *block = new TextBlock(m_theme, TextBlock::Look::Code, m_folding);
            block->setLimit(2000);
            block->setToolText(m_result);
            layout->addWidget(block);
        } else {
            auto *box = new JsonBox(m_theme, 10, m_folding);
            box->show(value);
            layout->addWidget(box);
        }
    }
    body()->insertWidget(1, m_folding);
}

void StepCard::contextMenuEvent(QContextMenuEvent *event)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Open in the trace"), this, [this] { Q_EMIT openStep(m_path); });
    QAction *copy = menu->addAction(tr("Copy text"), this, [this] { QGuiApplication::clipboard()->setText(m_copy); });
    copy->setEnabled(!m_copy.isEmpty());
    menu->popup(event->globalPos());
}

} // namespace lathe
