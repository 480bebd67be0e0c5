// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunMarks.h"

#include "core/session/ExampleCollection.h"
#include "core/session/RunTests.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"

#include <algorithm>

namespace lathe {

namespace {
// One after the other; the first that fails ends it.
Task<Result<std::vector<RatingId>>> rateAll(Session *session, std::vector<RunId> runs, int stars)
{
    std::vector<RatingId> made;
    for (const RunId run : runs) {
        Rating rating;
        rating.run = run;
        rating.kind = QStringLiteral("stars");
        rating.value = stars;
        const auto id = co_await session->rate(rating);
        if (!id)
            co_return id.error();
        made.push_back(*id);
    }
    co_return made;
}

Task<Result<void>> takeBack(Session *session, std::vector<RatingId> ratings)
{
    for (const RatingId rating : ratings) {
        const auto done = co_await session->project().ratings().remove(rating);
        if (!done)
            co_return done.error();
    }
    co_return Result<void>();
}

Task<Result<void>> pinAll(Session *session, std::vector<RunId> runs, bool pinned)
{
    for (const RunId run : runs) {
        RunExpectation expected;
        if (pinned) {
            const auto done = co_await session->pin(run, expected);
            if (!done)
                co_return done.error();
        } else {
            const auto done = co_await session->unpin(run);
            if (!done)
                co_return done.error();
        }
    }
    co_return Result<void>();
}

QString runCount(const std::vector<RunId> &runs)
{
    return format::count(qint64(runs.size()), RunMarks::tr("run"), RunMarks::tr("runs"));
}
}

void RunMarks::rate(std::vector<RunId> runs, int stars)
{
    runTask(
        this, rateAll(m_session, runs, stars),
        [this, runs, stars](const std::vector<RatingId> &made) {
            Q_EMIT done(runs.size() == 1 ? tr("Run %1 is rated %2 of 5").arg(runs.front().value).arg(stars)
                                         : tr("%1 are rated %2 of 5").arg(runCount(runs)).arg(stars),
                        [this, made] { runTask(this, takeBack(m_session, made), [] {}, [this](const Error &e) { fail(e); }); });
        },
        [this](const Error &error) { fail(error); });
}

void RunMarks::addTag(std::vector<RunId> runs, const QString &tag)
{
    runTask(
        this, m_session->project().runs().addTag(runs, tag),
        [this, runs, tag] {
            Q_EMIT done(tr("%1 tagged \u201c%2\u201d").arg(runCount(runs), tag), [this, runs, tag] { removeTag(runs, tag); });
        },
        [this](const Error &error) { fail(error); });
}

void RunMarks::removeTag(std::vector<RunId> runs, const QString &tag)
{
    runTask(
        this, m_session->project().runs().removeTag(runs, tag),
        [this, runs, tag] {
            Q_EMIT done(tr("\u201c%1\u201d is taken off %2").arg(tag, runCount(runs)), [this, runs, tag] { addTag(runs, tag); });
        },
        [this](const Error &error) { fail(error); });
}

void RunMarks::pin(std::vector<RunId> runs)
{
    runTask(
        this, pinAll(m_session, runs, true),
        [this, runs] {
            Q_EMIT done(runs.size() == 1 ? tr("Run %1 is pinned: lathe-cli test replays it").arg(runs.front().value)
                                         : tr("%1 are pinned: lathe-cli test replays them").arg(runCount(runs)),
                        [this, runs] { unpin(runs); });
        },
        [this](const Error &error) { fail(error); });
}

void RunMarks::unpin(std::vector<RunId> runs)
{
    runTask(
        this, pinAll(m_session, runs, false),
        [this, runs] { Q_EMIT done(tr("%1 no longer pinned").arg(runCount(runs)), [this, runs] { pin(runs); }); },
        [this](const Error &error) { fail(error); });
}

void RunMarks::moveToBin(std::vector<RunId> runs)
{
    runTask(
        this, m_session->project().runs().moveToBin(runs),
        [this, runs] { Q_EMIT done(tr("%1 moved to the bin").arg(runCount(runs)), [this, runs] { restore(runs); }); },
        [this](const Error &error) { fail(error); });
}

void RunMarks::restore(std::vector<RunId> runs)
{
    runTask(
        this, m_session->project().runs().restore(runs),
        [this, runs] { Q_EMIT done(tr("%1 restored").arg(runCount(runs)), [this, runs] { moveToBin(runs); }); },
        [this](const Error &error) { fail(error); });
}

void RunMarks::remove(std::vector<RunId> runs)
{
    runTask(
        this, m_session->project().runs().remove(std::move(runs)),
        [this](int count) { Q_EMIT done(tr("%1 deleted for good").arg(format::count(count, tr("run"), tr("runs"))), Undo()); },
        [this](const Error &error) { fail(error); });
}

void RunMarks::emptyBin()
{
    runTask(
        this, m_session->project().runs().emptyBin(),
        [this](int count) { Q_EMIT done(tr("%1 deleted for good").arg(format::count(count, tr("run"), tr("runs"))), Undo()); },
        [this](const Error &error) { fail(error); });
}

void RunMarks::addToDataset(std::vector<RunId> runs, const QString &dataset)
{
    std::sort(runs.begin(), runs.end());
    runTask(
        this, collectRuns(m_session, dataset, runs),
        [this, dataset, count = runs.size()](const RevisionInfo &) {
            Q_EMIT done(count == 1 ? tr("The run is an example of %1 now; check what is expected").arg(dataset)
                                   : tr("%1 runs are examples of %2 now; check what is expected").arg(count).arg(dataset),
                        Undo());
        },
        [this](const Error &error) { fail(error); });
}

} // namespace lathe
