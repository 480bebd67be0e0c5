// SPDX-License-Identifier: GPL-3.0-or-later
// Running, conversation, spread and blind choice in the playground.
#include "core/session/PlaygroundPrivate.h"

#include <QPointer>
#include <QRandomGenerator>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace lathe {

namespace {
Spread spreadOf(const std::vector<double> &values)
{
    Spread spread;
    spread.count = int(values.size());
    if (values.empty())
        return spread;
    spread.mean = std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    spread.low = *low;
    spread.high = *high;
    double squares = 0;
    for (const double value : values)
        squares += (value - spread.mean) * (value - spread.mean);
    if (values.size() > 1)
        spread.deviation = std::sqrt(squares / double(values.size() - 1));
    return spread;
}
}

void Playground::start()
{
    for (size_t c = 0; c < d->columns.size(); ++c)
        d->clearAnswers(int(c));
    d->choices.clear();
    // Row by row, so that what is read side by side comes together.
    for (size_t r = 0; r < d->rows.size(); ++r) {
        for (size_t c = 0; c < d->columns.size(); ++c)
            d->ask(int(c), int(r), d->rows[r].input, 0);
    }
}

void Playground::startColumn(int column)
{
    if (column < 0 || column >= int(d->columns.size()))
        return;
    d->clearAnswers(column);
    d->choices.clear();
    for (size_t r = 0; r < d->rows.size(); ++r)
        d->ask(column, int(r), d->rows[r].input, 0);
}

void Playground::regenerate(int column, int row)
{
    Private::Cell *cell = d->cell(column, row);
    if (!cell)
        return;
    if (cell->answers.empty()) {
        d->ask(column, row, d->rows[size_t(row)].input, 0);
        return;
    }
    const PlaygroundAnswer last = cell->answers.back();
    if (d->cancels.contains(cell->serials.back()))
        CancelSource(d->cancels.value(cell->serials.back())).cancel();
    cell = d->cell(column, row);
    if (!cell->answers.empty()) {
        cell->answers.pop_back();
        cell->serials.pop_back();
    }
    d->ask(column, row, last.turn == 0 ? d->rows[size_t(row)].input : last.said, last.turn);
}

void Playground::repeat(int column, int row, int times)
{
    const Private::Cell *cell = d->cell(column, row);
    if (!cell)
        return;
    const int turn = cell->answers.empty() ? 0 : cell->answers.back().turn;
    const QString said = turn == 0 ? d->rows[size_t(row)].input : cell->answers.back().said;
    for (int i = 0; i < std::min(times, repeatsMax); ++i)
        d->ask(column, row, said, turn);
}

void Playground::stop()
{
    const auto all = d->cancels;
    for (CancelSource source : all)
        source.cancel();
}

void Playground::stopCell(int column, int row)
{
    const Private::Cell *cell = d->cell(column, row);
    if (!cell)
        return;
    const std::vector<quint64> serials = cell->serials;
    for (const quint64 serial : serials) {
        if (d->cancels.contains(serial))
            CancelSource(d->cancels.value(serial)).cancel();
    }
}

bool Playground::running() const
{
    return d->underWay > 0;
}

Task<> Playground::finished()
{
    if (d->underWay == 0)
        co_return;
    Completion<int> over;
    d->waiting.push_back(over);
    co_await over;
}

Task<> Playground::close()
{
    stop();
    co_await finished();
    d->save();
}

const std::vector<PlaygroundAnswer> &Playground::answers(int column, int row) const
{
    static const std::vector<PlaygroundAnswer> none;
    const Private::Cell *cell = d->cell(column, row);
    return cell ? cell->answers : none;
}

PlaygroundSpread Playground::spread(int column, int row) const
{
    PlaygroundSpread spread;
    std::vector<double> latency, first, tokens, cost, stars;
    std::map<QString, int> outputs;
    const std::vector<PlaygroundAnswer> &all = answers(column, row);
    const int turn = all.empty() ? 0 : all.back().turn; // repeats are of the newest turn
    for (const PlaygroundAnswer &answer : all) {
        if (answer.turn != turn || answer.status == RunStatus::Running)
            continue;
        if (answer.status != RunStatus::Done) {
            ++spread.failed;
            continue;
        }
        ++spread.answers;
        latency.push_back(double(answer.totalUs) / 1e6);
        if (answer.firstTokenUs >= 0)
            first.push_back(double(answer.firstTokenUs) / 1e6);
        tokens.push_back(double(answer.usage.totalTokens()));
        if (answer.usage.costKnown)
            cost.push_back(answer.usage.costUsd);
        if (answer.stars > 0)
            stars.push_back(answer.stars);
        ++outputs[answer.output];
    }
    spread.latency = spreadOf(latency);
    spread.firstToken = spreadOf(first);
    spread.tokens = spreadOf(tokens);
    spread.cost = spreadOf(cost);
    spread.stars = spreadOf(stars);
    spread.outputs.assign(outputs.begin(), outputs.end());
    std::stable_sort(spread.outputs.begin(), spread.outputs.end(), [](const auto &a, const auto &b) { return a.second > b.second; });
    return spread;
}

Task<Result<void>> Playground::rate(int column, int row, int index, int stars)
{
    const QPointer<Private> self(d.get());
    Private::Cell *cell = d->cell(column, row);
    if (!cell || index < 0 || index >= int(cell->answers.size()) || !cell->answers[size_t(index)].run.isValid())
        co_return Error(ErrorKind::NotFound, QStringLiteral("There is no answer to rate."));
    const quint64 serial = cell->serials[size_t(index)];
    Rating rating;
    rating.run = cell->answers[size_t(index)].run;
    rating.kind = QStringLiteral("stars");
    rating.value = stars;
    const auto rated = co_await d->session->rate(std::move(rating));
    if (!rated)
        co_return rated.error();
    int c = 0, r = 0;
    if (PlaygroundAnswer *answer = self ? self->find(serial, &c, &r) : nullptr) {
        answer->stars = stars;
        self->note(c, r);
    }
    co_return Result<void>();
}

// --- Conversation

bool Playground::conversation() const
{
    return d->conversation;
}

void Playground::setConversation(bool on)
{
    if (d->conversation == on)
        return;
    d->conversation = on;
    d->saving.start();
    Q_EMIT rowsChanged();
}

void Playground::say(const QString &text)
{
    for (size_t c = 0; c < d->columns.size(); ++c) {
        const Private::Cell *cell = d->cell(int(c), 0);
        d->ask(int(c), 0, text, cell->answers.empty() ? 0 : cell->answers.back().turn + 1);
    }
}

void Playground::restartConversation()
{
    for (size_t c = 0; c < d->columns.size(); ++c)
        d->clearAnswers(int(c));
    d->saving.start();
}

// --- Blind

bool Playground::blind() const
{
    return d->blind;
}

void Playground::setBlind(bool on)
{
    if (d->blind == on)
        return;
    d->blind = on;
    if (on) {
        d->seed = QRandomGenerator::global()->generate64();
        d->choices.clear();
    }
    d->saving.start();
    Q_EMIT blindChanged();
}

std::vector<int> Playground::order(int row) const
{
    std::vector<int> order(d->columns.size());
    std::iota(order.begin(), order.end(), 0);
    if (!d->blind)
        return order;
    QRandomGenerator random(quint32(d->seed ^ (d->seed >> 32) ^ quint64(row) * 2654435761U));
    for (size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[random.bounded(quint32(i))]);
    return order;
}

void Playground::choose(int row, int position)
{
    if (!d->blind || row < 0 || row >= int(d->rows.size()) || position < -1 || position >= int(d->columns.size()))
        return;
    d->choices.insert(row, position);
    d->saving.start();
    Q_EMIT blindChanged();
}

std::optional<int> Playground::choice(int row) const
{
    const auto found = d->choices.constFind(row);
    return found == d->choices.constEnd() ? std::nullopt : std::optional<int>(*found);
}

std::vector<BlindTally> Playground::tally() const
{
    std::vector<BlindTally> tallies;
    for (size_t c = 0; c < d->columns.size(); ++c) {
        BlindTally tally;
        tally.variant = d->columns[c].name;
        double sum = 0;
        for (size_t r = 0; r < d->rows.size(); ++r) {
            for (const PlaygroundAnswer &answer : answers(int(c), int(r))) {
                if (answer.stars > 0) {
                    sum += answer.stars;
                    ++tally.starred;
                }
            }
        }
        tally.stars = tally.starred > 0 ? sum / tally.starred : 0;
        tallies.push_back(std::move(tally));
    }
    for (auto it = d->choices.begin(); it != d->choices.end(); ++it) {
        const std::vector<int> shown = order(it.key());
        for (size_t position = 0; position < shown.size(); ++position) {
            BlindTally &tally = tallies[size_t(shown[position])];
            ++(it.value() < 0 ? tally.ties : it.value() == int(position) ? tally.wins : tally.losses);
        }
    }
    return tallies;
}

} // namespace lathe
