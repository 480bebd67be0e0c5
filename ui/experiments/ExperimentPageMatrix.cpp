// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/ExperimentPage.h"

#include "ui/experiments/TrialDetail.h"
#include "ui/experiments/TrialMatrix.h"

#include <QElapsedTimer>

// The part of the page that turns trials into the rows of the matrix.
namespace lathe {

namespace {
constexpr qint64 sliceMs = 8; // of filling the matrix, so that a frame is never missed
}

TrialCell ExperimentPage::cellOf(int position, int variant) const
{
    TrialCell cell;
    const auto trials = m_session->experiments().trials(m_experiment, CellId{variant, position});
    double sum = 0;
    int scored = 0, failed = 0;
    bool running = false;
    for (const TrialView &trial : trials) {
        running = running || trial.status == TrialStatus::Running;
        if (trial.status == TrialStatus::Pending || trial.status == TrialStatus::Running) {
            if (cell.output.isEmpty())
                cell.output = trial.output;
            continue;
        }
        ++cell.trials;
        failed += trial.status == TrialStatus::Failed;
        if (!cell.run.isValid()) {
            cell.run = trial.run;
            cell.output = trial.status == TrialStatus::Failed && trial.error ? trial.error->message : trial.output;
            cell.durationUs = trial.latencyUs;
        }
        if (trial.checked && !trial.checks.empty()) {
            cell.checked = true;
            cell.passed += trial.passed;
            sum += trial.score;
            ++scored;
        }
    }
    if (scored > 0)
        cell.score = sum / scored;
    cell.state = running                 ? TrialCell::State::Running
                 : cell.trials == 0      ? TrialCell::State::None
                 : failed == cell.trials ? TrialCell::State::Failed
                                         : TrialCell::State::Done;
    return cell;
}

TrialRow ExperimentPage::rowOf(int position) const
{
    const ExperimentExample example = m_session->experiments().example(m_experiment, position);
    TrialRow row;
    row.example = example.row;
    row.input = example.input.left(300);
    const int variants = int(m_matrix->model()->variants().size());
    for (int variant = 0; variant < variants; ++variant)
        row.cells.push_back(cellOf(position, variant));
    return row;
}

void ExperimentPage::showMatrix()
{
    const ExperimentState *now = state();
    m_slice.stop();
    m_filled = 0;
    QStringList names;
    std::vector<TrialRow> rows;
    if (now) {
        for (const ExperimentVariant &variant : now->variants)
            names.append(variant.name);
        rows.resize(size_t(std::max(0, now->examples)));
        for (size_t i = 0; i < rows.size(); ++i)
            rows[i].example = int(i);
    }
    m_matrix->setEmptyText(names.isEmpty() ? tr("Add a variant: an agent, or a prompt with a model.") : tr("Choose a dataset at the left, or drop a CSV or JSON file here: each row is an example."));
    m_matrix->setTable(names, std::move(rows));
    fillSlice();
    if (now && m_filled < now->examples)
        m_slice.start();
    if (m_shownPosition < 0 && !names.isEmpty())
        m_matrix->select(0, 0); // something to look at
    showDetail(m_shownPosition, m_shownVariant);
}

void ExperimentPage::fillSlice()
{
    const int total = m_matrix->model()->total();
    QElapsedTimer clock;
    clock.start();
    std::vector<TrialRow> rows;
    const int from = m_filled;
    while (m_filled < total && clock.elapsed() < sliceMs)
        rows.push_back(rowOf(m_filled++));
    if (!rows.empty())
        m_matrix->model()->setRows(from, std::move(rows));
    if (m_filled >= total) {
        m_slice.stop();
        m_matrix->model()->refresh();
    }
}

void ExperimentPage::showCells(const std::vector<CellId> &cells)
{
    bool detail = false;
    for (const CellId &cell : cells) {
        if (cell.example < m_filled)
            m_matrix->model()->setCell(cell.example, cell.variant, cellOf(cell.example, cell.variant));
        detail = detail || cell.example == m_shownPosition;
    }
    if (detail)
        showDetail(m_shownPosition, m_shownVariant);
    showState();
    // While trials come in the answer follows at its own, slower pace.
    if (!m_ask.isActive())
        m_ask.start(m_session->experiments().running(m_experiment) ? 700 : 150);
}

void ExperimentPage::showDetail(int position, int variant)
{
    const ExperimentState *now = state();
    m_shownPosition = position;
    m_shownVariant = variant;
    if (!now || position < 0 || position >= now->examples || now->variants.empty())
        return m_detail->clear();
    std::vector<TrialDetail::Variant> variants;
    for (int i = 0; i < int(now->variants.size()); ++i) {
        TrialDetail::Variant one;
        one.name = now->variants[size_t(i)].name;
        one.trials = m_session->experiments().trials(m_experiment, CellId{i, position});
        for (TrialView &trial : one.trials) {
            if (trial.run.isValid() && (trial.status == TrialStatus::Done || trial.status == TrialStatus::Failed) && trial.output.size() >= 500)
                trial.output = m_session->experiments().output(trial.run);
        }
        variants.push_back(std::move(one));
    }
    m_detail->showExample(m_session->experiments().example(m_experiment, position), std::move(variants), std::max(0, variant));
}

} // namespace lathe
