// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/TraceLoader.h"

#include "ui/itemmodels/InPool.h"

#include <QPointer>

namespace lathe {

namespace {
constexpr int firstChunk = 1000;
constexpr int laterChunk = 8000;

StepTreeModel::Chunk chunkOf(const std::vector<Step> &steps)
{
    StepTreeModel::Chunk chunk;
    chunk.rows.reserve(steps.size());
    chunk.parents.reserve(qsizetype(steps.size()));
    for (const Step &step : steps) {
        chunk.rows.push_back(traceRow(step));
        chunk.parents.append(step.parent);
    }
    return chunk;
}
}

TraceLoader::TraceLoader(Session *session, StepTreeModel *model, QObject *parent)
    : QObject(parent), m_session(session), m_model(model)
{
}

TraceLoader::~TraceLoader()
{
    m_cancel.cancel();
}

void TraceLoader::cancel()
{
    m_cancel.cancel();
    m_loading = false;
}

void TraceLoader::load(RunId of)
{
    m_cancel.cancel();
    m_cancel = CancelSource();
    m_loading = true;
    run(of, m_cancel.token());
}

Task<> TraceLoader::run(RunId of, CancelToken cancel)
{
    const QPointer<TraceLoader> alive(this);
    const auto info = m_session->project().runs().run(of);
    if (info && info->stepCount > WholeUpTo) {
        int from = 0;
        while (from >= 0) {
            const int count = from == 0 ? firstChunk : laterChunk;
            auto part = co_await m_session->project().runs().outline(of, from, count, cancel);
            if (!alive || cancel.isCancelled())
                co_return;
            if (!part) {
                m_loading = false;
                Q_EMIT failed(part.error());
                co_return;
            }
            const bool first = from == 0;
            const int next = part->next;
            const int total = part->total;
            auto work = [steps = std::move(part->steps)] { return chunkOf(steps); };
            StepTreeModel::Chunk chunk = co_await inPool(std::move(work));
            if (!alive || cancel.isCancelled())
                co_return;
            if (first)
                m_model->startOutline(of, info->status, info->startUs, info->endUs);
            m_model->append(std::move(chunk));
            from = next > from ? next : -1;
            if (first)
                Q_EMIT begun();
            if (!alive || cancel.isCancelled())
                co_return;
            Q_EMIT progress(int(m_model->rows().size()), total);
            if (!alive || cancel.isCancelled())
                co_return;
        }
        m_loading = false;
        Q_EMIT ended();
        co_return;
    }
    auto trace = co_await m_session->trace(of, cancel);
    if (!alive || cancel.isCancelled())
        co_return;
    m_loading = false;
    if (!trace) {
        Q_EMIT failed(trace.error());
        co_return;
    }
    m_model->setTrace(std::move(*trace));
    Q_EMIT begun();
    if (alive && !cancel.isCancelled())
        Q_EMIT ended();
}

} // namespace lathe
