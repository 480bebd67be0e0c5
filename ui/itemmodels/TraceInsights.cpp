// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/TraceInsights.h"

#include "ui/itemmodels/InPool.h"

#include <QPointer>

namespace lathe {

namespace {
// Outline steps as the trace they are of.
Trace lightTrace(const std::vector<Step> &steps, const RunInfo &info)
{
    Trace trace;
    RunEvent event;
    event.kind = RunEventKind::RunStarted;
    event.run = info.id;
    event.timeUs = info.startUs;
    event.attributes = QJsonObject{{QStringLiteral("agent"), info.agentName}};
    trace.apply(event);
    for (const Step &step : steps) {
        RunEvent begin;
        begin.kind = RunEventKind::StepStarted;
        begin.run = info.id;
        begin.step = step.path;
        begin.timeUs = step.startUs;
        begin.stepKind = step.kind;
        begin.name = step.name;
        begin.attributes = step.attributes;
        trace.apply(begin);
        for (const StepNote &note : step.notes) {
            RunEvent of = begin;
            of.kind = RunEventKind::StepNote;
            of.timeUs = note.timeUs;
            of.name = note.name;
            of.attributes = note.attributes;
            trace.apply(of);
        }
        if (step.status == StepStatus::Running || step.status == StepStatus::Waiting)
            continue;
        RunEvent end = begin;
        end.kind = RunEventKind::StepEnded;
        end.timeUs = step.endUs;
        end.attributes = QJsonObject();
        end.stepStatus = step.status;
        end.error = step.error;
        trace.apply(end);
    }
    if (info.endUs > 0) {
        RunEvent end;
        end.kind = RunEventKind::RunEnded;
        end.run = info.id;
        end.timeUs = info.endUs;
        end.runStatus = info.status;
        trace.apply(end);
    }
    return trace;
}

std::shared_ptr<const TraceInsights::Result> insightsOf(const Trace &trace)
{
    auto made = std::make_shared<TraceInsights::Result>();
    made->path = criticalPath(trace);
    made->costs = traceCosts(trace);
    for (size_t i = 0; i < made->path.pathUs.size(); ++i) {
        if (made->path.pathUs[i] > 0)
            made->onPath.append(trace.steps()[i].path);
    }
    made->computedAtSteps = qint64(trace.steps().size());
    return made;
}
}

TraceInsights::TraceInsights(Session *session, RunId run, StepTreeModel *model, QObject *parent)
    : QObject(parent), m_session(session), m_run(run), m_model(model)
{
}

TraceInsights::~TraceInsights()
{
    m_cancel.cancel();
}

void TraceInsights::compute()
{
    if (m_result) {
        Q_EMIT ready();
        return;
    }
    if (m_computing)
        return;
    m_computing = true;
    m_cancel = CancelSource();
    run(m_cancel.token());
}

void TraceInsights::invalidate()
{
    m_result.reset();
    m_cancel.cancel();
    m_computing = false;
}

Task<> TraceInsights::run(CancelToken cancel)
{
    const QPointer<TraceInsights> alive(this);
    std::function<std::shared_ptr<const Result>()> work;
    if (m_model->isOutline()) {
        const auto info = m_session->project().runs().run(m_run);
        auto outline = co_await m_session->project().runs().outline(m_run, 0, 10'000'000, cancel);
        if (!alive || cancel.isCancelled())
            co_return;
        if (!info || !outline) {
            m_computing = false;
            Q_EMIT failed(!outline ? outline.error() : info.error());
            co_return;
        }
        const auto steps = std::make_shared<const std::vector<Step>>(std::move(outline->steps));
        work = [steps, of = *info] { return insightsOf(lightTrace(*steps, of)); };
    } else {
        work = [trace = m_model->trace()] { return insightsOf(trace); };
    }
    auto result = co_await inPool(std::move(work));
    if (!alive || cancel.isCancelled())
        co_return;
    m_computing = false;
    m_result = std::move(result);
    Q_EMIT ready();
}

} // namespace lathe
