// SPDX-License-Identifier: GPL-3.0-or-later
// Blind judging by people.
#include "core/session/ExperimentsPrivate.h"

#include <QPointer>
#include <QRandomGenerator>

namespace lathe {

namespace {
// The order of cards and of what stands on them: the same for the same person and experiment, so that a card that was put away
// comes back as it was, and nobody can tell anything from it.
quint64 mixed(quint64 value)
{
    value += 0x9e3779b97f4a7c15ULL;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

quint64 seedOf(ArtifactId experiment, const QString &judge, const QString &author)
{
    const QByteArray text = QByteArray::number(experiment.value) + '\n' + judge.toUtf8() + '\n' + author.toUtf8();
    return json::sha256(text).left(15).toULongLong(nullptr, 16);
}

struct Candidate {
    int example = 0;
    std::vector<int> variants;
    quint64 seed = 0;
};

// As it is kept in the file.
qint64 cardSeed(quint64 seed)
{
    return qint64(seed & 0x7fffffffffffffffULL);
}

Error noJudge(const QString &id)
{
    return Error(ErrorKind::NotFound, QStringLiteral("The experiment has no person judging under \"%1\"; add such a judge.").arg(id.left(60)));
}
}

Result<std::optional<BlindCard>> Experiments::nextCard(ArtifactId experiment, const QString &judgeId, const QString &author)
{
    const auto entry = d->find(experiment);
    const JudgeSpec *judge = entry && entry->matrix ? entry->matrix->judge(judgeId) : nullptr;
    if (!judge || judge->kind == QLatin1String("model"))
        return noJudge(judgeId);
    const ExperimentMatrix &matrix = *entry->matrix;
    const QString who = author.isEmpty() ? ExperimentRepository::author() : author;
    const bool stars = judge->kind == QLatin1String("stars");
    std::set<std::pair<int, std::vector<int>>> known;
    const ExperimentMatrix::Places places(matrix);
    for (const Verdict &verdict : matrix.verdicts) {
        if (verdict.judge != judge->id || verdict.author != who || stars != (verdict.kind == QLatin1String("stars")))
            continue;
        if (auto where = places.of(verdict)) {
            std::sort(where->variants.begin(), where->variants.end());
            known.insert({where->example, std::move(where->variants)});
        }
    }
    const quint64 seed = seedOf(experiment, judge->id, who);
    const auto whole = [this](RunId run) { return d->text(run); };
    const int variants = int(matrix.variants.size());
    std::vector<Candidate> open;
    const auto consider = [&](int example, std::vector<int> shown) {
        if (known.contains({example, shown}))
            return;
        quint64 drawn = mixed(seed ^ mixed(quint64(example) + 1));
        for (const int variant : shown)
            drawn = mixed(drawn ^ quint64(variant));
        open.push_back(Candidate{example, std::move(shown), drawn});
    };
    for (int example = 0; example < matrix.state.examples; ++example) {
        for (int left = 0; left < variants; ++left) {
            const auto *a = matrix.judged(left, example);
            if (!a)
                continue;
            if (stars) {
                consider(example, {left});
                continue;
            }
            for (int right = left + 1; right < variants; ++right) {
                const auto *b = matrix.judged(right, example);
                if (b && !matrix.sameText(*a, *b, whole))
                    consider(example, {left, right});
            }
        }
    }
    if (open.empty())
        return std::optional<BlindCard>();
    const auto place = [this](const Candidate &of) { return std::pair(d->skips.value(cardSeed(of.seed)), of.seed); };
    const Candidate next = *std::min_element(open.begin(), open.end(), [&place](const Candidate &a, const Candidate &b) { return place(a) < place(b); });
    Private::OpenCard card;
    card.experiment = experiment;
    card.judge = judge->id;
    card.author = who;
    card.example = next.example;
    card.variants = next.variants;
    card.seed = cardSeed(next.seed);
    if (card.variants.size() == 2 && (mixed(next.seed) & 1))
        std::swap(card.variants[0], card.variants[1]);
    BlindCard shown;
    shown.id = QStringLiteral("card%1").arg(d->nextCard++);
    shown.example = next.example;
    const ExperimentExample example = matrix.example(next.example);
    shown.vars = example.vars;
    shown.input = example.input;
    shown.expected = example.expected;
    shown.rubric = judge->rubric;
    for (const int variant : card.variants) {
        const auto *trial = matrix.judged(variant, next.example);
        card.shown.push_back(trial->id);
        shown.outputs.append(d->text(trial->run));
    }
    shown.judged = int(known.size());
    shown.left = int(open.size());
    d->cards.removeIf([&](const auto &old) { return old.value().experiment == experiment && old.value().judge == judge->id; });
    d->cards.insert(shown.id, std::move(card));
    return std::optional<BlindCard>(std::move(shown));
}

Task<Result<void>> Experiments::Private::addVerdict(ArtifactId experiment, OpenCard card, Verdict verdict)
{
    const QPointer<Private> self(this);
    const auto entry = find(experiment);
    if (!entry || !entry->matrix)
        co_return Error(ErrorKind::NotFound, QStringLiteral("The experiment is not open any more."));
    verdict.experiment = experiment;
    verdict.judge = card.judge;
    verdict.author = card.author;
    verdict.seed = card.seed;
    verdict.shown = card.shown;
    verdict.example = entry->matrix->exampleHash(card.example);
    verdict.createdUs = services.clock->nowUs();
    // It counts at once; the file follows.
    Sitting::Done done;
    done.verdict = verdict;
    done.written = std::make_shared<Completion<Result<VerdictId>>>();
    const auto written = done.written;
    entry->matrix->verdicts.push_back(verdict);
    entry->sittings[card.judge].done.push_back(std::move(done));
    Q_EMIT q->verdictsChanged(experiment);
    const qint64 createdUs = verdict.createdUs;
    const auto shown = verdict.shown;
    auto added = co_await services.project->experiments().add(std::move(verdict));
    if (self && added) {
        for (Verdict &kept : entry->matrix->verdicts) {
            if (kept.createdUs == createdUs && kept.shown == shown && !kept.id.isValid())
                kept.id = *added;
        }
    }
    written->complete(added);
    if (!added)
        co_return added.error();
    co_return Result<void>();
}

Task<Result<void>> Experiments::judge(ArtifactId experiment, QString cardId, int winner, QString note)
{
    const auto card = d->cards.constFind(cardId);
    if (card == d->cards.constEnd() || card->experiment != experiment || card->shown.size() != 2)
        co_return Error(ErrorKind::NotFound, QStringLiteral("This card was judged already; take the next one."));
    if (winner < -1 || winner > 1)
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("Say 1, 2 or tie."));
    Verdict verdict;
    verdict.kind = QStringLiteral("human");
    verdict.winner = winner;
    verdict.reasons = note;
    Private::OpenCard taken = *card;
    d->cards.remove(cardId);
    auto added = co_await d->addVerdict(experiment, std::move(taken), std::move(verdict));
    co_return added;
}

Task<Result<void>> Experiments::judgeStars(ArtifactId experiment, QString cardId, int stars, QString note)
{
    const auto card = d->cards.constFind(cardId);
    if (card == d->cards.constEnd() || card->experiment != experiment || card->shown.size() != 1)
        co_return Error(ErrorKind::NotFound, QStringLiteral("This card was judged already; take the next one."));
    if (stars < 1 || stars > 5)
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("Stars are 1 to 5."));
    Verdict verdict;
    verdict.kind = QStringLiteral("stars");
    verdict.value = stars;
    verdict.reasons = note;
    Private::OpenCard taken = *card;
    d->cards.remove(cardId);
    auto added = co_await d->addVerdict(experiment, std::move(taken), std::move(verdict));
    co_return added;
}

Result<void> Experiments::skip(ArtifactId experiment, const QString &cardId)
{
    const auto card = d->cards.constFind(cardId);
    if (card == d->cards.constEnd() || card->experiment != experiment)
        return Error(ErrorKind::NotFound, QStringLiteral("This card was judged already; take the next one."));
    ++d->skips[card->seed];
    d->cards.remove(cardId);
    return {};
}

Task<Result<void>> Experiments::undoLast(ArtifactId experiment, QString judge)
{
    const QPointer<Private> self(d.get());
    const auto entry = d->find(experiment);
    if (!entry || !entry->matrix || entry->sittings[judge].done.empty())
        co_return Error(ErrorKind::NotFound, QStringLiteral("There is no verdict to take back."));
    const Private::Sitting::Done last = std::move(entry->sittings[judge].done.back());
    entry->sittings[judge].done.pop_back();
    auto &verdicts = entry->matrix->verdicts;
    for (auto it = verdicts.end(); it != verdicts.begin();) {
        --it;
        if (it->createdUs == last.verdict.createdUs && it->shown == last.verdict.shown && it->judge == judge) {
            verdicts.erase(it);
            break;
        }
    }
    Q_EMIT verdictsChanged(experiment);
    const auto written = co_await *last.written;
    if (!written)
        co_return Result<void>(); // it never was in the file
    if (!self)
        co_return Error::cancelled();
    auto removed = co_await self->services.project->experiments().remove(*written);
    co_return removed;
}

std::vector<BlindTally> Experiments::reveal(ArtifactId experiment, const QString &judge) const
{
    std::vector<BlindTally> tallies;
    const auto entry = d->find(experiment);
    if (!entry || !entry->matrix)
        return tallies;
    const ExperimentMatrix &matrix = *entry->matrix;
    for (const ExperimentVariant &variant : matrix.state.variants) {
        BlindTally tally;
        tally.variant = variant.name;
        tallies.push_back(std::move(tally));
    }
    const ExperimentMatrix::Places places(matrix);
    for (const Verdict &verdict : matrix.verdicts) {
        if (verdict.judge != judge)
            continue;
        const auto where = places.of(verdict);
        if (!where)
            continue;
        if (verdict.kind == QLatin1String("stars")) {
            BlindTally &tally = tallies[size_t(where->variants.front())];
            tally.stars = (tally.stars * tally.starred + verdict.value) / (tally.starred + 1);
            ++tally.starred;
            continue;
        }
        for (size_t i = 0; i < where->variants.size(); ++i) {
            BlindTally &tally = tallies[size_t(where->variants[i])];
            ++(verdict.winner < 0 ? tally.ties : verdict.winner == int(i) ? tally.wins : tally.losses);
        }
    }
    return tallies;
}

std::vector<Verdict> Experiments::verdicts(ArtifactId experiment, CellId cell) const
{
    std::vector<Verdict> list;
    const auto entry = d->find(experiment);
    if (!entry || !entry->matrix)
        return list;
    const ExperimentMatrix::Places places(*entry->matrix);
    for (const Verdict &verdict : entry->matrix->verdicts) {
        const auto where = places.of(verdict);
        if (where && where->example == cell.example
            && std::find(where->variants.begin(), where->variants.end(), cell.variant) != where->variants.end())
            list.push_back(verdict);
    }
    return list;
}

} // namespace lathe
