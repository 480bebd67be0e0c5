// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/CsvText.h"
#include "ui/experiments/ExperimentPage.h"
#include "ui/itemmodels/DatasetTableModel.h"
#include "ui/itemmodels/Format.h"

#include <QFileDialog>
#include <QLineEdit>
#include <QSaveFile>

namespace lathe {

namespace {
QString statusWord(const TrialView &trial)
{
    switch (trial.status) {
    case TrialStatus::Pending:
        return QStringLiteral("not run");
    case TrialStatus::Running:
        return QStringLiteral("running");
    case TrialStatus::Failed:
        return QStringLiteral("failed");
    case TrialStatus::Done:
        break;
    }
    return QStringLiteral("done");
}
}

void ExperimentPage::askExport()
{
    auto *dialog = new QFileDialog(this, tr("Export trials"), m_name->text() + QStringLiteral(".csv"), tr("CSV (*.csv)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    connect(dialog, &QFileDialog::fileSelected, this, &ExperimentPage::exportTrials);
    dialog->open();
}

// One line a trial: the example, the variant, what came of it, each check.
bool ExperimentPage::exportTrials(const QString &path)
{
    const ExperimentState *now = state();
    if (!now)
        return false;
    QStringList header{QStringLiteral("row")};
    header += now->columns;
    header += {QStringLiteral("variant"), QStringLiteral("repetition"), QStringLiteral("status"), QStringLiteral("passed"), QStringLiteral("score")};
    for (const CheckSpec &check : now->spec.checks)
        header.append(QStringLiteral("check ") + check.id);
    header += {QStringLiteral("latency_s"), QStringLiteral("tokens"), QStringLiteral("cost_usd"), QStringLiteral("run"), QStringLiteral("output"), QStringLiteral("error")};
    QList<QStringList> lines;
    for (int position = 0; position < now->examples; ++position) {
        const ExperimentExample example = m_session->experiments().example(m_experiment, position);
        QStringList start{QString::number(example.row + 1)};
        for (const QString &column : now->columns)
            start.append(DatasetTableModel::text(example.vars.value(column)));
        for (int variant = 0; variant < int(now->variants.size()); ++variant) {
            const auto trials = m_session->experiments().trials(m_experiment, CellId{variant, position});
            for (const TrialView &trial : trials) {
                QStringList line = start;
                line += {now->variants[size_t(variant)].name, QString::number(trial.repetition + 1), statusWord(trial),
                         trial.checked && !trial.checks.empty() ? trial.passed ? QStringLiteral("1") : QStringLiteral("0") : QString(),
                         trial.checked && !trial.checks.empty() ? QString::number(trial.score, 'g', 6) : QString()};
                for (const CheckSpec &check : now->spec.checks) {
                    QString cell;
                    for (const TrialCheck &one : trial.checks) {
                        if (one.id == check.id)
                            cell = !one.ran ? QStringLiteral("not run") : one.passed ? QStringLiteral("1") : QStringLiteral("0");
                    }
                    line.append(cell);
                }
                const bool over = trial.status == TrialStatus::Done || trial.status == TrialStatus::Failed;
                line += {over ? QString::number(double(trial.latencyUs) / 1e6, 'f', 3) : QString(), over ? QString::number(trial.usage.totalTokens()) : QString(),
                         over && trial.usage.costKnown ? QString::number(trial.usage.costUsd, 'g', 8) : QString(),
                         trial.run.isValid() ? QString::number(trial.run.value) : QString(),
                         trial.run.isValid() && trial.output.size() >= 500 ? m_session->experiments().output(trial.run) : trial.output,
                         trial.error ? trial.error->message : QString()};
                lines.append(line);
            }
        }
    }
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(csvText(header, lines)) < 0 || !file.commit()) {
        Q_EMIT errorRaised(Error(ErrorKind::InvalidInput, tr("%1 could not be written: %2.").arg(path, file.errorString())));
        return false;
    }
    Q_EMIT statusMessage(tr("Exported %1 to %2.").arg(format::count(lines.size(), tr("trial"), tr("trials")), path));
    return true;
}

} // namespace lathe
