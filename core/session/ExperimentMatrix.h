// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/DatasetSpec.h"
#include "core/session/ExperimentTypes.h"
#include "core/session/TrialRunner.h"

namespace lathe {

// An experiment as it is loaded: variants resolved, rows taken, one trial for each variant, example and repetition. Main thread.
class ExperimentMatrix
{
public:
    struct Cell : TrialView {
        QByteArray key;
    };
    ExperimentState state;
    QString reference;                          // as loaded; empty: the draft
    std::vector<std::optional<ResolvedVariant>> variants;
    std::shared_ptr<const Dataset> dataset;
    std::vector<int> rows;                      // of the dataset, by example
    std::vector<Cell> cells;
    std::vector<Verdict> verdicts;
    QJsonArray checksJson;                      // those that look at one output
    QByteArray design;                          // changes when cells no longer fit

    int repetitions() const { return std::max(1, state.spec.repetitions); }
    size_t index(int variant, int example, int repetition) const
    {
        return (size_t(variant) * size_t(state.examples) + size_t(example)) * size_t(repetitions()) + size_t(repetition);
    }
    CellId cellOf(size_t index) const;
    int repetitionOf(size_t index) const { return int(index % size_t(repetitions())); }
    bool holds(CellId cell) const;
    ExperimentExample example(int index) const;
    RunInput input(size_t index) const;
    QByteArray exampleHash(int index) const; // of its columns
    QByteArray checksHash(const ExperimentExample &example) const;
    const JudgeSpec *judge(const QString &id) const;
    void recount(); // progress from the cells
    void keepFound(size_t index, const FoundTrial &found);

    // The trial whose answer stands for a cell when it is judged (the first repetition), null: there is no answer.
    const Cell *judged(int variant, int example) const;
    // Where a verdict's trials stand now: example, and the variant of each.
    struct Place {
        int example = 0;
        std::vector<int> variants;
    };
    // Finds the places of many verdicts; for the moment it is made in.
    class Places
    {
    public:
        explicit Places(const ExperimentMatrix &matrix);
        // Nothing when the verdict's trials are no longer those of the matrix.
        std::optional<Place> of(const Verdict &verdict) const;

    private:
        const ExperimentMatrix &m_matrix;
        QHash<TrialId, std::vector<CellId>> m_cells; // a trial may stand for equal variants, and for rows with the same input
        mutable QHash<int, QByteArray> m_hashes;     // of examples
    };
    // Reads whole texts of runs.
    using Texts = std::function<QString(RunId)>;
    // Two answers with the same text: nobody need judge them.
    bool sameText(const Cell &a, const Cell &b, const Texts &whole) const;
    // Leaves only examples of which every trial has ended and was checked: what the always-valid test may look at.
    void keepFinished(std::vector<MetricTable> *tables) const;
    std::vector<MetricTable> tables(const Texts &whole) const;

private:
    MetricTable preferences(const JudgeSpec &judge, const Texts &whole) const;
    MetricTable stars(const JudgeSpec &judge) const;
};

// Reads experiments; long ones in pieces, so that the window stays alive.
class ExperimentLoader
{
public:
    ExperimentLoader(const ExperimentServices &services, VariantResolver *variants) : m_services(services), m_variants(variants) {}
    // Everything but the outcomes. Problems of the experiment are in the state; an error is NotFound.
    Task<Result<std::shared_ptr<ExperimentMatrix>>> load(ArtifactId experiment, QString reference, CancelToken cancel);
    // The outcomes there are.
    Task<Result<void>> fill(std::shared_ptr<ExperimentMatrix> matrix, CancelToken cancel);

private:
    ExperimentServices m_services;
    VariantResolver *m_variants;
};

} // namespace lathe
