// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/ExperimentMatrix.h"
#include "core/session/TrialChecks.h"

#include <set>

namespace lathe {

namespace {
constexpr qsizetype excerptLength = 500; // of outputs in the matrix
}

const ExperimentMatrix::Cell *ExperimentMatrix::judged(int variant, int at) const
{
    if (!holds(CellId{variant, at}))
        return nullptr;
    const Cell &cell = cells[index(variant, at, 0)];
    return cell.status == TrialStatus::Done && cell.answered ? &cell : nullptr;
}

ExperimentMatrix::Places::Places(const ExperimentMatrix &matrix) : m_matrix(matrix)
{
    if (matrix.verdicts.empty())
        return; // nobody will ask
    for (int variant = 0; variant < int(matrix.variants.size()); ++variant) {
        for (int at = 0; at < matrix.state.examples; ++at) {
            if (const Cell *cell = matrix.judged(variant, at))
                m_cells[cell->id].push_back(CellId{variant, at});
        }
    }
}

std::optional<ExperimentMatrix::Place> ExperimentMatrix::Places::of(const Verdict &verdict) const
{
    if (verdict.shown.empty())
        return std::nullopt;
    const auto hashOf = [this](int example) {
        if (!m_hashes.contains(example))
            m_hashes.insert(example, m_matrix.exampleHash(example));
        return m_hashes.value(example);
    };
    const std::vector<CellId> first = m_cells.value(verdict.shown.front());
    for (const CellId start : first) {
        Place place;
        place.example = start.example;
        place.variants.push_back(start.variant);
        for (size_t i = 1; i < verdict.shown.size(); ++i) {
            const std::vector<CellId> others = m_cells.value(verdict.shown[i]);
            for (const CellId other : others) {
                const bool taken = std::find(place.variants.begin(), place.variants.end(), other.variant) != place.variants.end();
                if (other.example == start.example && !taken) {
                    place.variants.push_back(other.variant);
                    break;
                }
            }
        }
        if (place.variants.size() == verdict.shown.size() && hashOf(start.example) == verdict.example)
            return place;
    }
    return std::nullopt;
}

bool ExperimentMatrix::sameText(const Cell &a, const Cell &b, const Texts &whole) const
{
    if (a.id == b.id)
        return true;
    if (a.output != b.output)
        return false;
    return a.output.size() < excerptLength || whole(a.run) == whole(b.run);
}

MetricTable ExperimentMatrix::preferences(const JudgeSpec &judge, const Texts &whole) const
{
    MetricTable table;
    table.id = judge.id;
    table.title = judge.kind == QLatin1String("model") ? QStringLiteral("Judge %1").arg(judge.model) : QStringLiteral("Preference");
    table.kind = MetricTable::Kind::Preference;
    std::set<std::array<int, 3>> known;
    const Places places(*this);
    for (const Verdict &verdict : verdicts) {
        if (verdict.judge != judge.id || verdict.kind == QLatin1String("stars") || verdict.shown.size() != 2)
            continue;
        const auto where = places.of(verdict);
        if (!where)
            continue;
        MetricTable::Preference preference;
        preference.example = where->example;
        preference.left = std::min(where->variants[0], where->variants[1]);
        preference.right = std::max(where->variants[0], where->variants[1]);
        preference.winner = verdict.winner < 0 ? -1 : where->variants[size_t(verdict.winner)];
        known.insert({preference.example, preference.left, preference.right});
        table.preferences.push_back(preference);
    }
    if (table.preferences.empty())
        return table;
    // Identical answers are ties that nobody was asked about.
    for (int at = 0; at < state.examples; ++at) {
        for (int left = 0; left < int(variants.size()); ++left) {
            const Cell *a = judged(left, at);
            for (int right = left + 1; a && right < int(variants.size()); ++right) {
                const Cell *b = judged(right, at);
                if (b && !known.contains({at, left, right}) && sameText(*a, *b, whole))
                    table.preferences.push_back(MetricTable::Preference{at, left, right, -1});
            }
        }
    }
    return table;
}

MetricTable ExperimentMatrix::stars(const JudgeSpec &judge) const
{
    MetricTable table;
    table.id = judge.id;
    table.title = QStringLiteral("Stars");
    table.unit = QStringLiteral("stars");
    table.kind = MetricTable::Kind::Number;
    table.values.assign(variants.size(), std::vector<std::vector<double>>(size_t(state.examples)));
    const Places places(*this);
    for (const Verdict &verdict : verdicts) {
        if (verdict.judge != judge.id || verdict.kind != QLatin1String("stars"))
            continue;
        if (const auto where = places.of(verdict))
            table.values[size_t(where->variants.front())][size_t(where->example)].push_back(verdict.value);
    }
    return table;
}

std::vector<MetricTable> ExperimentMatrix::tables(const Texts &whole) const
{
    QStringList names;
    for (const ExperimentVariant &variant : state.variants)
        names.append(variant.name);
    std::vector<MetricTable> tables;
    const auto add = [&](const QString &id, const QString &title, const QString &unit, MetricTable::Kind kind, bool higher,
                         const std::function<std::optional<double>(const Cell &)> &value) {
        MetricTable table;
        table.id = id;
        table.title = title;
        table.unit = unit;
        table.kind = kind;
        table.higherIsBetter = higher;
        table.values.assign(variants.size(), std::vector<std::vector<double>>(size_t(state.examples)));
        bool any = false;
        for (size_t i = 0; i < cells.size(); ++i) {
            if (!cells[i].answered)
                continue;
            const CellId cell = cellOf(i);
            if (const auto number = value(cells[i])) {
                table.values[size_t(cell.variant)][size_t(cell.example)].push_back(*number);
                any = true;
            }
        }
        if (any)
            tables.push_back(std::move(table));
    };
    const auto &checks = state.spec.checks;
    if (!checks.empty())
        add(QStringLiteral("checks"), QStringLiteral("Checks"), QString(), MetricTable::Kind::PassFail, true,
            [&checks](const Cell &cell) -> std::optional<double> {
                // Those that compare variants come last; until then nothing is known.
                if (!cell.checked || (cell.status == TrialStatus::Done && cell.checks.size() < checks.size()))
                    return std::nullopt;
                return cell.passed ? 1 : 0;
            });
    for (size_t c = 0; checks.size() > 1 && c < checks.size(); ++c) {
        const QString id = TrialChecks::idOf(checks[c], int(c));
        const QString title = checks[c].name.isEmpty() ? checkTitle(checks[c]) : checks[c].name;
        add(id, title, QString(), MetricTable::Kind::PassFail, true, [&id](const Cell &cell) -> std::optional<double> {
            for (const TrialCheck &check : cell.checks) {
                if (check.id == id)
                    return check.ran ? std::optional<double>(check.passed ? 1 : 0) : std::nullopt;
            }
            return cell.status == TrialStatus::Failed && cell.checked ? std::optional<double>(0) : std::nullopt;
        });
    }
    for (const JudgeSpec &judge : state.spec.judges) {
        MetricTable table = judge.kind == QLatin1String("stars") ? stars(judge) : preferences(judge, whole);
        const bool measured = std::any_of(table.values.begin(), table.values.end(), [](const auto &examples) {
            return std::any_of(examples.begin(), examples.end(), [](const auto &values) { return !values.empty(); });
        });
        if (measured || !table.preferences.empty())
            tables.push_back(std::move(table));
    }
    add(QStringLiteral("latency"), QStringLiteral("Latency"), QStringLiteral("s"), MetricTable::Kind::Number, false,
        [](const Cell &cell) -> std::optional<double> {
            if (cell.status != TrialStatus::Done)
                return std::nullopt;
            return double(cell.latencyUs) / 1e6;
        });
    const bool priced = std::any_of(cells.begin(), cells.end(), [](const Cell &cell) { return cell.usage.costKnown && cell.usage.costUsd > 0; });
    if (priced)
        add(QStringLiteral("cost"), QStringLiteral("Cost"), QStringLiteral("$"), MetricTable::Kind::Number, false,
            [](const Cell &cell) -> std::optional<double> {
                if (cell.status != TrialStatus::Done || !cell.usage.costKnown)
                    return std::nullopt;
                return cell.usage.costUsd;
            });
    for (MetricTable &table : tables)
        table.variants = names;
    return tables;
}

void ExperimentMatrix::keepFinished(std::vector<MetricTable> *tables) const
{
    std::vector<bool> finished(size_t(state.examples), true);
    for (size_t i = 0; i < cells.size(); ++i) {
        const bool ended = cells[i].status == TrialStatus::Done || cells[i].status == TrialStatus::Failed;
        if (!ended || (!state.spec.checks.empty() && cells[i].answered && !cells[i].checked))
            finished[size_t(cellOf(i).example)] = false;
    }
    for (MetricTable &table : *tables) {
        for (auto &examples : table.values) {
            for (size_t at = 0; at < examples.size(); ++at) {
                if (!finished[at])
                    examples[at].clear();
            }
        }
        std::erase_if(table.preferences, [&finished](const MetricTable::Preference &of) { return !finished[size_t(of.example)]; });
    }
}

} // namespace lathe
