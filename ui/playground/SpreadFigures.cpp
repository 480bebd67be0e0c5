// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/SpreadFigures.h"

#include <QHash>

#include <algorithm>

namespace lathe {

SpreadFigures SpreadFigures::of(std::vector<double> values)
{
    SpreadFigures made;
    made.count = int(values.size());
    if (values.empty())
        return made;
    std::sort(values.begin(), values.end());
    made.low = values.front();
    made.high = values.back();
    const size_t middle = values.size() / 2;
    made.median = values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    return made;
}

SpreadSummary SpreadSummary::of(const std::vector<const PlaygroundAnswer *> &answers)
{
    SpreadSummary made;
    std::vector<double> first, total, tokens, cost;
    QHash<QString, size_t> seen;
    for (const PlaygroundAnswer *answer : answers) {
        if (answer->status == RunStatus::Running || answer->status == RunStatus::Waiting) {
            ++made.running;
            continue;
        }
        if (answer->status != RunStatus::Done) {
            ++made.failed;
            continue;
        }
        ++made.answers;
        if (answer->firstTokenUs >= 0)
            first.push_back(double(answer->firstTokenUs));
        total.push_back(double(answer->totalUs));
        tokens.push_back(double(answer->usage.totalTokens()));
        if (answer->usage.costKnown)
            cost.push_back(answer->usage.costUsd);
        const QString text = answer->output.trimmed();
        const auto found = seen.constFind(text);
        if (found == seen.constEnd()) {
            seen.insert(text, made.outputs.size());
            made.outputs.push_back({text, 1});
        } else {
            ++made.outputs[*found].count;
        }
    }
    std::stable_sort(made.outputs.begin(), made.outputs.end(),
                     [](const Output &a, const Output &b) { return a.count > b.count; });
    made.firstTokenUs = SpreadFigures::of(std::move(first));
    made.totalUs = SpreadFigures::of(std::move(total));
    made.tokens = SpreadFigures::of(std::move(tokens));
    made.costUsd = SpreadFigures::of(std::move(cost));
    return made;
}

} // namespace lathe
