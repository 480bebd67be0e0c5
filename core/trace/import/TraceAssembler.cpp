// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/import/TraceAssembler.h"

#include "core/trace/import/TraceTree.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>

namespace lathe {

namespace {
constexpr size_t rememberedSteps = 500'000;
}

class TraceAssembler::Private
{
public:
    explicit Private(AssemblerOptions given) : options(std::move(given)) {}

    AssemblerOptions options;
    ImportTallies refused, odd;
    MappingNotes mapping;
    std::map<QString, std::unique_ptr<TraceTree>> open;
    QHash<QString, std::shared_ptr<TraceTree>> over; // ended, in case something comes late
    std::deque<QString> overOrder;
    size_t overSteps = 0;
    qint64 held = 0;
    QSet<QString> touched;

    TraceTree &tree(const QString &traceId)
    {
        touched.insert(traceId);
        auto found = open.find(traceId);
        if (found == open.end()) {
            std::unique_ptr<TraceTree> made;
            if (const auto ended = over.take(traceId)) {
                overSteps -= ended->steps();
                made = std::make_unique<TraceTree>(std::move(*ended));
                made->reopen();
                odd.add(QStringLiteral("steps that came after their trace seemed over"), traceId);
            } else {
                made = std::make_unique<TraceTree>(traceId, &options, &odd);
            }
            found = open.emplace(traceId, std::move(made)).first;
        }
        return *found->second;
    }

    // Calls what changes a tree and keeps the sum of what is held.
    template<typename Change>
    void change(TraceTree &tree, Change &&apply)
    {
        held -= tree.heldBytes();
        apply(tree);
        held += tree.heldBytes();
    }

    void finish(TraceTree &tree, qint64 nowUs)
    {
        change(tree, [nowUs](TraceTree &of) { of.end(nowUs); });
    }

    // Bounds: what waits for longest is placed; what was quiet for longest ends.
    void bound(qint64 nowUs)
    {
        if (held > options.heldBytes) {
            std::vector<std::pair<qint64, QString>> waiting;
            for (const auto &[traceId, tree] : open) {
                if (tree->hasWaiting())
                    waiting.emplace_back(tree->oldestUs(), traceId);
            }
            std::sort(waiting.begin(), waiting.end());
            for (const auto &[since, id] : waiting) {
                if (held <= options.heldBytes / 4 * 3)
                    break;
                touched.insert(id);
                TraceTree &oldest = *open.at(id);
                const qint64 before = held;
                change(oldest, [](TraceTree &of) { of.placeOverdue(std::numeric_limits<qint64>::max()); });
                odd.add(QStringLiteral("traces shown early because too much waited"), id);
                if (held >= before) // only log records: it ends
                    finish(oldest, nowUs);
            }
        }
        if (int(open.size()) > options.openTraces) {
            std::vector<std::pair<qint64, QString>> quiet;
            quiet.reserve(open.size());
            for (const auto &[traceId, tree] : open)
                quiet.emplace_back(tree->lastUs(), traceId);
            const size_t surplus = open.size() - size_t(options.openTraces) + size_t(options.openTraces) / 10;
            const size_t count = std::min(surplus, quiet.size());
            std::nth_element(quiet.begin(), quiet.begin() + std::ptrdiff_t(count ? count - 1 : 0), quiet.end());
            for (size_t i = 0; i < count; ++i) {
                touched.insert(quiet[i].second);
                finish(*open.at(quiet[i].second), nowUs);
                odd.add(QStringLiteral("traces ended early because too many were open"), quiet[i].second);
            }
        }
    }

    std::vector<TraceUpdate> take()
    {
        std::vector<TraceUpdate> updates;
        QStringList ids(touched.begin(), touched.end());
        std::sort(ids.begin(), ids.end());
        touched.clear();
        for (const QString &id : std::as_const(ids)) {
            const auto found = open.find(id);
            if (found == open.end())
                continue;
            if (auto update = found->second->takeUpdate())
                updates.push_back(std::move(*update));
            if (found->second->hasEnded()) {
                remember(id, std::shared_ptr<TraceTree>(std::move(found->second)));
                open.erase(found);
            }
        }
        return updates;
    }

    void remember(const QString &id, std::shared_ptr<TraceTree> tree)
    {
        overSteps += tree->steps();
        over.insert(id, std::move(tree));
        overOrder.push_back(id);
        while (!overOrder.empty()
               && (over.size() > options.remembered || overSteps > rememberedSteps || overOrder.size() > size_t(options.remembered) * 4)) {
            if (const auto forgotten = over.take(overOrder.front()))
                overSteps -= forgotten->steps();
            overOrder.pop_front();
        }
    }
};

TraceAssembler::TraceAssembler(AssemblerOptions options) : d(std::make_unique<Private>(std::move(options))) {}
TraceAssembler::~TraceAssembler() = default;
TraceAssembler::TraceAssembler(TraceAssembler &&) noexcept = default;

std::vector<TraceUpdate> TraceAssembler::add(OtlpBatch batch, qint64 nowUs)
{
    d->refused.add(batch.refused);
    // Records of spans in the same batch are read with them.
    QHash<std::pair<QString, QString>, std::vector<OtlpLogRecord>> logs;
    for (OtlpLogRecord &record : batch.logs) {
        if (record.traceId.isEmpty()) {
            d->refused.add(QStringLiteral("log record of no trace"), record.eventName);
            continue;
        }
        const std::pair<QString, QString> key(record.traceId, record.spanId);
        logs[key].push_back(std::move(record));
    }
    std::vector<ForeignStep> steps;
    steps.reserve(batch.spans.size());
    for (OtlpSpan &span : batch.spans) {
        const auto found = logs.find(std::pair(span.traceId, span.spanId));
        if (found == logs.end()) {
            steps.push_back(stepFromSpan(span, {}, &d->mapping));
        } else {
            steps.push_back(stepFromSpan(span, *found, &d->mapping));
            logs.erase(found);
        }
        span = OtlpSpan(); // its memory is not needed twice
    }
    for (auto it = logs.begin(); it != logs.end(); ++it) {
        TraceTree &tree = d->tree(it.key().first);
        d->change(tree, [&](TraceTree &of) { of.addLogs(std::move(*it), nowUs); });
    }
    return add(std::move(steps), nowUs);
}

std::vector<TraceUpdate> TraceAssembler::add(std::vector<ForeignStep> steps, qint64 nowUs)
{
    for (ForeignStep &step : steps) {
        TraceTree &tree = d->tree(step.traceId);
        d->change(tree, [&](TraceTree &of) { of.add(std::move(step), nowUs); });
    }
    for (const QString &id : std::as_const(d->touched)) {
        if (const auto found = d->open.find(id); found != d->open.end())
            d->change(*found->second, [](TraceTree &of) { of.settle(); });
    }
    d->bound(nowUs);
    return d->take();
}

std::vector<TraceUpdate> TraceAssembler::expire(qint64 nowUs)
{
    for (const auto &[id, tree] : d->open) {
        if (tree->isDue(nowUs)) {
            d->touched.insert(id);
            d->finish(*tree, nowUs);
        } else if (!d->options.placeAtEnd && tree->hasWaiting() && tree->oldestUs() <= nowUs - d->options.parentWaitUs) {
            d->touched.insert(id);
            d->change(*tree, [&](TraceTree &of) { of.placeOverdue(nowUs - d->options.parentWaitUs); });
        }
    }
    return d->take();
}

std::vector<TraceUpdate> TraceAssembler::finish(qint64 nowUs)
{
    for (const auto &[id, tree] : d->open) {
        d->touched.insert(id);
        d->finish(*tree, nowUs);
    }
    return d->take();
}

std::vector<TraceUpdate> TraceAssembler::finishTrace(const QString &traceId, qint64 nowUs)
{
    if (const auto found = d->open.find(traceId); found != d->open.end()) {
        d->touched.insert(traceId);
        d->finish(*found->second, nowUs);
    }
    return d->take();
}

int TraceAssembler::openTraces() const
{
    return int(d->open.size());
}

qint64 TraceAssembler::heldBytes() const
{
    return d->held;
}

const ImportTallies &TraceAssembler::refused() const
{
    return d->refused;
}

const ImportTallies &TraceAssembler::odd() const
{
    return d->odd;
}

const MappingNotes &TraceAssembler::mapping() const
{
    return d->mapping;
}

} // namespace lathe
