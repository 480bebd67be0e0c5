// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/ExperimentPage.h"

#include "ui/experiments/CsvText.h"
#include "ui/experiments/DatasetRows.h"
#include "ui/experiments/ExperimentSetup.h"
#include "ui/itemmodels/DatasetTableModel.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/widgets/NameField.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QLineEdit>
#include <QMenu>
#include <QSaveFile>

// The part of the page through which rows come in and trials go out.

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

void ExperimentPage::importFile(const QString &path)
{
    m_setup->importFile(path);
}

void ExperimentPage::useDataset(const ImportedRows &rows)
{
    QString wish = QFileInfo(rows.path).completeBaseName().left(60);
    if (!checkArtifactName(wish))
        wish = QStringLiteral("examples");
    const QString name = m_session->freeName(ArtifactKind::Dataset, wish);
    const int count = int(rows.dataset.rows.size());
    runTask(this, m_session->importDataset(name, rows.dataset), [this, name, count](ArtifactId) {
        edit(QStringLiteral("/dataset"), name, tr("Use dataset %1").arg(name));
        Q_EMIT statusMessage(tr("Imported %1 as the dataset %2.").arg(format::count(count, tr("row"), tr("rows")), name));
    }, [this](const Error &error) { Q_EMIT errorRaised(error); });
}

void ExperimentPage::makeExample(const QJsonObject &vars, const QString &input, const QString &output, QWidget *anchor)
{
    const auto draft = m_session->draft(m_experiment);
    const auto spec = draft ? ExperimentSpec::fromJson(draft->body) : Result<ExperimentSpec>(ExperimentSpec());
    const QString expected = spec && !spec->expectedColumn.isEmpty() ? spec->expectedColumn : QStringLiteral("expected");
    QJsonObject row = vars;
    if (row.isEmpty())
        row.insert(QStringLiteral("input"), input);
    row.insert(expected, output);
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("make-example-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto datasets = m_session->project().artifacts().list(ArtifactKind::Dataset);
    for (const ArtifactInfo &info : datasets) {
        menu->addAction(m_theme->icon(QStringLiteral("dataset")), info.name, this, [this, id = info.id, name = info.name, row] {
            runTask(this, addRow(m_session, id, row, tr("Add an example")), [this, name](const QString &) {
                Q_EMIT statusMessage(tr("Added as a row of %1; it is a draft there until you commit.").arg(name));
            }, [this](const Error &error) { Q_EMIT errorRaised(error); });
        });
    }
    menu->addSeparator();
    menu->addAction(m_theme->icon(QStringLiteral("plus")), tr("New dataset"), this, [this, row] {
        Dataset made;
        std::vector<QJsonValue> values;
        for (auto it = row.begin(); it != row.end(); ++it) {
            made.columns.append(it.key());
            values.push_back(it.value());
        }
        made.rows.push_back(std::move(values));
        const QString name = m_session->freeName(ArtifactKind::Dataset, QStringLiteral("examples"));
        runTask(this, m_session->importDataset(name, made), [this, name](ArtifactId) { Q_EMIT statusMessage(tr("Made the dataset %1 of it.").arg(name)); },
                [this](const Error &error) { Q_EMIT errorRaised(error); });
    });
    menu->popup(anchor->mapToGlobal(QPoint(0, anchor->height())));
}

void ExperimentPage::askExport()
{
    auto *dialog = new QFileDialog(this, tr("Export trials"), m_name->name() + QStringLiteral(".csv"), tr("CSV (*.csv)"));
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
