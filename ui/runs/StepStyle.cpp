// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/StepStyle.h"

#include "core/design/ToolSpec.h"
#include "ui/itemmodels/Format.h"
#include "ui/widgets/StatusOf.h"

#include <QCoreApplication>
#include <QPainter>

namespace lathe::stepstyle {

namespace {
QString tr(const char *text)
{
    return QCoreApplication::translate("lathe::stepstyle", text);
}
}

ColorToken color(StepKind kind)
{
    switch (kind) {
    case StepKind::Agent:
        return ColorToken::Agent;
    case StepKind::Model:
        return ColorToken::Model;
    case StepKind::Tool:
        return ColorToken::Tool;
    case StepKind::Memory:
        return ColorToken::Memory;
    case StepKind::Control:
        return ColorToken::Control;
    case StepKind::Human:
        return ColorToken::Human;
    }
    return ColorToken::Text2;
}

QString icon(StepKind kind)
{
    return stepKindName(kind); // the icons are named by the words
}

QString kindWord(StepKind kind)
{
    switch (kind) {
    case StepKind::Agent:
        return tr("Agent");
    case StepKind::Model:
        return tr("Model call");
    case StepKind::Tool:
        return tr("Tool call");
    case StepKind::Memory:
        return tr("Memory");
    case StepKind::Control:
        return tr("Control");
    case StepKind::Human:
        return tr("Person");
    }
    return {};
}

Status status(const Step &step)
{
    switch (step.status) {
    case StepStatus::Running:
        return Status::Running;
    case StepStatus::Waiting:
        return Status::Waiting;
    case StepStatus::Ok:
        return Status::Ok;
    case StepStatus::Failed:
        return step.error && step.error->kind == ErrorKind::Cancelled ? Status::Cancelled : Status::Error;
    case StepStatus::Cancelled:
        return Status::Cancelled;
    case StepStatus::Interrupted:
        return Status::Warning;
    }
    return Status::None;
}

Status status(const TraceRow &row)
{
    Step step;
    step.status = row.status;
    return row.cancelled && row.status == StepStatus::Failed ? Status::Cancelled : status(step);
}

Status status(RunStatus status)
{
    return statusOfRun(status);
}

QString title(const Step &step)
{
    return stepTitle(step.kind, step.name, step.path, step.attributes);
}

bool isOver(StepStatus status)
{
    return status != StepStatus::Running && status != StepStatus::Waiting;
}

bool isOver(RunStatus status)
{
    return status != RunStatus::Running && status != RunStatus::Waiting;
}

qint64 durationUs(const Step &step, qint64 nowUs)
{
    if (step.endUs > 0)
        return step.endUs - step.startUs;
    return nowUs > 0 && !isOver(step.status) ? nowUs - step.startUs : -1;
}

QString numbers(const Step &step, qint64 nowUs)
{
    QStringList parts;
    if (const qint64 us = durationUs(step, nowUs); us >= 0)
        parts.append(format::duration(us));
    const Usage usage = step.usage();
    if (usage.totalTokens() > 0) {
        parts.append(tr("%1 tok").arg(format::number(usage.totalTokens())));
        parts.append(format::cost(usage));
    }
    return parts.join(QStringLiteral("   "));
}

bool isOffline(const Step &step)
{
    return step.attributes.value(QLatin1String("gen_ai.provider.name")).toString() == QLatin1String("lathe.offline");
}

QString stepCount(int count)
{
    return count == 1 ? tr("1 step") : tr("%1 steps").arg(format::number(count));
}

QString offlineLabel()
{
    return tr("Offline model: extracts by rule, no weights");
}

NoteText note(const StepNote &of)
{
    const QJsonObject &a = of.attributes;
    const auto text = [&a](const char *key) { return format::oneLine(a.value(QLatin1String(key)).toString(), 300); };
    const auto number = [&a](const char *key) { return a.value(QLatin1String(key)).toInteger(); };
    const QString warning = QStringLiteral("warning");
    if (of.name == QLatin1String("retry") || of.name == QLatin1String("rate_limit_wait")) {
        QString line = of.name == QLatin1String("retry") ? tr("Trying again") : tr("Waiting for the rate limit");
        if (number("attempt") > 0)
            line = tr("Trying again, attempt %1").arg(number("attempt"));
        if (!text("adapted").isEmpty())
            line = tr("Asking again, adapted (%1)").arg(text("adapted"));
        if (number("delay_ms") > 0)
            line += tr(" after %1").arg(format::duration(number("delay_ms") * 1000));
        return {text("reason").isEmpty() ? line : line + QStringLiteral(": ") + text("reason"), ColorToken::Warning,
                QStringLiteral("replay")};
    }
    if (of.name == QLatin1String("fallback")) {
        const QString line = tr("%1 did not answer, %2 was asked instead").arg(text("from"), text("to"));
        return {text("reason").isEmpty() ? line : line + QStringLiteral(": ") + text("reason"), ColorToken::Warning, warning};
    }
    if (of.name == QLatin1String("restart"))
        return {}; // the retry or fallback that goes with it says why
    if (of.name == QLatin1String("changed"))
        return {}; // a function of a server that is not what was approved: the result says so, and what to do
    if (of.name == QLatin1String("approval_requested"))
        return {tr("Approval asked"), ColorToken::Human, QStringLiteral("human")};
    if (of.name == QLatin1String("denied"))
        return {text("reason").isEmpty() ? tr("Denied") : tr("Denied: %1").arg(text("reason")), ColorToken::Error,
                QStringLiteral("human")};
    if (of.name == QLatin1String("arguments_edited"))
        return {tr("The arguments were edited by a person"), ColorToken::Human, QStringLiteral("human")};
    if (of.name == QLatin1String("question_asked"))
        return {tr("Asked: %1").arg(text("text")), ColorToken::Human, QStringLiteral("question")};
    if (of.name == QLatin1String("question_answered"))
        return {text("text").isEmpty() ? tr("A person answered") : tr("Answered: %1").arg(text("text")), ColorToken::Human, QStringLiteral("human")};
    if (of.name == QLatin1String("forked")) {
        const QString changes = text("changes");
        const QString line = tr("The fork of run %1 begins here").arg(number("parent"));
        return {changes.isEmpty() ? line : line + QStringLiteral(": ") + changes, ColorToken::Text2, QStringLiteral("fork")};
    }
    if (of.name == QLatin1String("edited")) {
        const QString what = text("what");
        return {what == QLatin1String("answer")         ? tr("The answer was written by a person")
                : what == QLatin1String("result")       ? tr("The result was written by a person")
                : what == QLatin1String("human_answer") ? tr("The person's answer was changed for the fork")
                                                        : tr("Changed for the fork"),
                ColorToken::Human, QStringLiteral("human")};
    }
    if (of.name == QLatin1String("unfinished_call"))
        return {tr("The call had begun when Lathe stopped; it is not known whether it took effect"), ColorToken::Warning, warning};
    if (of.name == QLatin1String("unfinished_decided")) {
        const QString choice = text("choice");
        return {choice == QLatin1String("repeat") ? tr("It was decided to repeat the call")
                : choice == QLatin1String("skip") ? tr("It was decided to skip the call")
                                                  : tr("It was decided to stop the run"),
                ColorToken::Human, QStringLiteral("human")};
    }
    if (of.name == QLatin1String("output_invalid"))
        return {tr("The answer broke the output format: %1").arg(text("problem")), ColorToken::Warning, warning};
    if (of.name == QLatin1String("unknown_tool"))
        return {tr("There is no tool named \"%1\"").arg(text("tool")), ColorToken::Error, warning};
    // Any other event: its name in words and its reason.
    QString line = of.name;
    line.replace(QLatin1Char('_'), QLatin1Char(' '));
    if (!line.isEmpty())
        line[0] = line[0].toUpper();
    const QString reason = text("reason");
    return {reason.isEmpty() ? line : line + QStringLiteral(": ") + reason, ColorToken::Warning, warning};
}

NoteText strangersNote(const Step &step)
{
    NoteText note;
    if (!step.attributes.value(QLatin1String("lathe.untrusted")).toBool() || !isOver(step.status))
        return note;
    const QString handling = step.attributes.value(QLatin1String("lathe.results")).toString();
    note.text = handling == resultHandlingName(ResultHandling::Delimited) ? tr("Written by strangers; given to the model between marks that say so.")
              : handling == resultHandlingName(ResultHandling::Stripped)  ? tr("Written by strangers; given to the model stripped to its text.")
                                                                          : tr("Written by strangers; given to the model as it is, which may take it for orders.");
    note.color = ColorToken::Warning;
    note.icon = QStringLiteral("warning");
    return note;
}

QString strangersWord()
{
    return tr("by strangers");
}

QString markWord(TraceMarkKind kind)
{
    switch (kind) {
    case TraceMarkKind::Retry:
        return tr("Retry");
    case TraceMarkKind::RateLimit:
        return tr("Rate limit");
    case TraceMarkKind::Fallback:
        return tr("Fallback");
    case TraceMarkKind::Approval:
        return tr("Approval");
    case TraceMarkKind::Denied:
        return tr("Denied");
    case TraceMarkKind::Invalid:
        return tr("Invalid");
    }
    return {};
}

QString markIcon(TraceMarkKind kind)
{
    switch (kind) {
    case TraceMarkKind::Retry:
        return QStringLiteral("replay");
    case TraceMarkKind::RateLimit:
        return QStringLiteral("clock");
    case TraceMarkKind::Fallback:
        return QStringLiteral("handoff");
    case TraceMarkKind::Approval:
        return QStringLiteral("human");
    case TraceMarkKind::Denied:
        return QStringLiteral("close");
    case TraceMarkKind::Invalid:
        return QStringLiteral("warning");
    }
    return {};
}

ColorToken markColor(TraceMarkKind kind)
{
    if (kind == TraceMarkKind::Denied)
        return ColorToken::Error;
    return kind == TraceMarkKind::Approval ? ColorToken::Human : ColorToken::Warning;
}

void paintMark(QPainter &painter, const QPointF &centre, TraceMarkKind kind, const Theme &theme)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor color = theme.color(markColor(kind));
    painter.setPen(QPen(color, 1));
    painter.setBrush(theme.tokens().base);
    painter.drawEllipse(centre, 6.5, 6.5);
    theme.paintIcon(painter, QRectF(centre.x() - 5, centre.y() - 5, 10, 10), markIcon(kind), color, 9);
    painter.restore();
}

} // namespace lathe::stepstyle
