// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/timetravel/ReplayResult.h"

#include "ui/itemmodels/Format.h"
#include "ui/runs/StepStyle.h"

namespace lathe {

ReplayResult::ReplayResult(Theme *theme, QWidget *parent) : InlineMessage(theme, Severity::Info, QString(), parent)
{
    setObjectName(QStringLiteral("replay-result"));
    setDismissable(true);
    connect(this, &InlineMessage::dismissed, this, &QWidget::hide);
    connect(this, &InlineMessage::actionTriggered, this, [this] {
        if (!m_step.isEmpty())
            Q_EMIT stepRequested(m_step);
    });
    hide();
}

void ReplayResult::showReport(const ReplayReport &report)
{
    const ReplayProof &proof = report.proof;
    m_step = proof.first ? proof.first->step : QString();
    if (report.same) {
        const QString all = format::count(proof.events, tr("event"), tr("events"));
        QString text = proof.recordedHash.isEmpty()
            ? tr("The replay gave the same %1; nothing was sent.").arg(stepstyle::stepCount(int(report.trace.steps().size())))
            : tr("Proved: the replay produced the same %1 in %2 (SHA-256 %3). Nothing was sent or paid.")
                  .arg(all, stepstyle::stepCount(int(report.trace.steps().size())), QString::fromLatin1(proof.recordedHash.left(12)));
        if (proof.partial)
            text += tr(" The run did not end by itself; it was compared as far as its steps had ended.");
        setMessage(Severity::Success, text);
        setToolTip(proof.recordedHash.isEmpty() ? QString() : tr("SHA-256 of the canonical events: %1").arg(QString::fromLatin1(proof.recordedHash)));
        setAction(QString());
    } else {
        const QString where = proof.first ? differenceSentence(proof) : report.firstDifference;
        setMessage(Severity::Warning, tr("The replay differs. %1").arg(format::oneLine(where, 600)));
        setAction(m_step.isEmpty() ? QString() : tr("Go to the step"));
    }
    show();
}

void ReplayResult::showError(const Error &error)
{
    m_step.clear();
    setAction(QString());
    setMessage(Severity::Error, format::oneLine(error.message, 1200));
    show();
}

} // namespace lathe
