// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/TraceCosts.h"


#include <algorithm>
#include <cmath>

namespace lathe {

namespace {
using L = QLatin1String;

bool isOver(StepStatus status)
{
    return status != StepStatus::Running && status != StepStatus::Waiting;
}

QString withoutOperation(const QString &name, L operation)
{
    return name.startsWith(operation) ? name.mid(operation.size()).trimmed() : name;
}

QString firstText(const QJsonObject &attributes, std::initializer_list<L> keys)
{
    for (const L key : keys) {
        const QString text = attributes.value(key).toString();
        if (!text.isEmpty())
            return text;
    }
    return {};
}

QString modelOf(const Step &step)
{
    const QString name = firstText(step.attributes, {L("gen_ai.response.model"), L("gen_ai.request.model"), L("lathe.model")});
    return name.isEmpty() ? step.name.section(QLatin1Char(' '), 1) : name;
}

QString toolOf(const Step &step)
{
    const QString name = firstText(step.attributes, {L("gen_ai.tool.name")});
    return name.isEmpty() ? withoutOperation(step.name, L("execute_tool ")) : name;
}

QString agentOf(const Step &step)
{
    const QString name = firstText(step.attributes, {L("gen_ai.agent.name"), L("gen_ai.workflow.name")});
    if (!name.isEmpty())
        return name;
    return withoutOperation(withoutOperation(step.name, L("invoke_agent ")), L("invoke_workflow "));
}

// One way to sort the steps into rows. Steps of no row have none (-1).
class Table
{
public:
    void assign(size_t step, const QString &key)
    {
        if (m_rowOf.size() <= step)
            m_rowOf.resize(step + 1, -1);
        auto known = m_numbers.constFind(key);
        if (known == m_numbers.constEnd()) {
            known = m_numbers.insert(key, int(m_rows.size()));
            m_rows.emplace_back();
            m_rows.back().key = key;
        }
        m_rowOf[step] = *known;
    }
    int rowOf(size_t step) const { return step < m_rowOf.size() ? m_rowOf[step] : -1; }
    CostRow *row(size_t step)
    {
        const int number = rowOf(step);
        return number < 0 ? nullptr : &m_rows[size_t(number)];
    }
    // Whether a step above is in the same row, so that what is below counts there already.
    bool isInside(size_t step, const std::vector<int> &parents) const
    {
        const int number = rowOf(step);
        for (int above = parents[step]; above >= 0; above = parents[size_t(above)]) {
            if (rowOf(size_t(above)) == number)
                return true;
        }
        return false;
    }
    std::vector<CostRow> take(const CostRow &run, bool byMoney)
    {
        qint64 time = 0;
        for (const CostRow &row : m_rows)
            time += row.ownUs + row.waitUs;
        if (!byMoney)
            time = run.ownUs + run.waitUs;
        for (CostRow &row : m_rows) {
            if (byMoney && run.own.costUsd > 0)
                row.share = row.own.costUsd / run.own.costUsd;
            else if (byMoney && run.own.totalTokens() > 0)
                row.share = double(row.own.totalTokens()) / double(run.own.totalTokens());
            else if (time > 0)
                row.share = double(row.ownUs + row.waitUs) / double(time);
        }
        std::sort(m_rows.begin(), m_rows.end(), [](const CostRow &a, const CostRow &b) {
            if (a.share != b.share)
                return a.share > b.share;
            const qint64 timeA = a.ownUs + a.waitUs, timeB = b.ownUs + b.waitUs;
            return timeA != timeB ? timeA > timeB : a.key < b.key;
        });
        return std::move(m_rows);
    }

private:
    std::vector<int> m_rowOf;
    std::vector<CostRow> m_rows;
    QHash<QString, int> m_numbers;
};

// Reads the waits of one step from its notes (see HttpChatModel, ModelChain and RunContext for who writes them).
class WaitReader
{
public:
    WaitReader(int index, qint64 startUs, qint64 endUs, std::vector<CostWait> *waits)
        : m_index(index), m_attemptUs(startUs), m_startUs(startUs), m_endUs(endUs), m_waits(waits)
    {
    }
    void read(const Step &step, TraceCosts *costs, CostRow *own)
    {
        if (step.kind == StepKind::Human) {
            const bool approval = isApproval(step);
            costs->approvals += int(approval);
            add(approval ? WaitKind::Approval : WaitKind::Question, m_startUs, m_endUs, step.name);
            return;
        }
        qint64 askedUs = -1;
        for (const StepNote &note : step.notes) {
            const QJsonObject &attributes = note.attributes;
            if (note.name == L("retry") || note.name == L("rate_limit_wait")) {
                const QString reason = attributes.value(L("reason")).toString();
                add(WaitKind::LostWork, m_attemptUs, note.timeUs, reason);
                const double asked = attributes.value(L("delay_ms")).toDouble();
                const qint64 delayUs = std::isfinite(asked) && asked > 0 ? qint64(std::min(asked, 1e9) * 1000) : 0;
                const bool limited = note.name == L("rate_limit_wait") || attributes.value(L("error.type")).toString() == L("rate_limited")
                                     || attributes.value(L("http.response.status_code")).toInt() == 429;
                add(limited ? WaitKind::RateLimit : WaitKind::Retry, note.timeUs, note.timeUs + delayUs, reason);
                m_attemptUs = std::max(m_attemptUs, note.timeUs + delayUs);
                ++own->retries;
            } else if (note.name == L("fallback")) {
                add(WaitKind::LostWork, m_attemptUs, note.timeUs, attributes.value(L("reason")).toString());
                m_attemptUs = note.timeUs;
                ++own->fallbacks;
            } else if (note.name == L("question_asked") || (note.name == L("unfinished_call") && attributes.value(L("asked")).toBool())) {
                askedUs = note.timeUs;
            } else if (askedUs >= 0 && (note.name == L("question_answered") || note.name == L("unfinished_decided"))) {
                add(WaitKind::Question, askedUs, note.timeUs, attributes.value(L("text")).toString());
                askedUs = -1;
            }
        }
        if (askedUs >= 0) // nobody answered
            add(WaitKind::Question, askedUs, m_endUs, QString());
    }

private:
    static bool isApproval(const Step &step)
    {
        for (const StepNote &note : step.notes) {
            if (note.name == L("approval_requested"))
                return note.attributes.value(L("type")).toString(QStringLiteral("approval")) == L("approval");
        }
        return step.name.startsWith(L("approve"));
    }
    void add(WaitKind kind, qint64 fromUs, qint64 toUs, const QString &reason)
    {
        // Waits of one step do not overlap, so that their sum is time.
        fromUs = std::max(fromUs, m_startUs);
        toUs = std::min(toUs, m_endUs);
        if (toUs <= fromUs)
            return;
        m_waits->push_back({kind, m_index, fromUs, toUs, reason});
        m_startUs = toUs;
    }
    int m_index;
    qint64 m_attemptUs, m_startUs, m_endUs;
    std::vector<CostWait> *m_waits;
};
} // namespace

QString waitKindName(WaitKind kind)
{
    switch (kind) {
    case WaitKind::Retry:
        return QStringLiteral("retry");
    case WaitKind::RateLimit:
        return QStringLiteral("rate_limit");
    case WaitKind::Approval:
        return QStringLiteral("approval");
    case WaitKind::Question:
        return QStringLiteral("question");
    case WaitKind::LostWork:
        break;
    }
    return QStringLiteral("lost_work");
}

TraceCosts traceCosts(const Trace &trace)
{
    const TraceTimes times = traceTimes(trace);
    return traceCosts(trace, times, criticalPath(trace, times));
}

TraceCosts traceCosts(const Trace &trace, const TraceTimes &times, const CriticalPath &path)
{
    const auto &steps = trace.steps();
    TraceCosts costs;
    std::vector<int> parents(steps.size(), -1), agents(steps.size(), -1); // nearest agent, itself included
    Table kinds, models, tools, agentRows;
    std::vector<Usage> own(steps.size()), below(steps.size());
    for (size_t i = 0; i < steps.size(); ++i) {
        const Step &step = steps[i];
        for (const int child : step.children)
            parents[size_t(child)] = int(i);
        agents[i] = step.kind == StepKind::Agent ? int(i) : parents[i] < 0 ? -1 : agents[size_t(parents[i])];
        kinds.assign(i, stepKindName(step.kind));
        if (step.kind == StepKind::Agent)
            agentRows.assign(i, agentOf(step));
        else if (step.kind == StepKind::Tool)
            tools.assign(i, toolOf(step));
        else if (step.kind == StepKind::Model) {
            models.assign(i, modelOf(step));
            below[i] = own[i] = step.usage();
        }
    }
    for (size_t i = steps.size(); i-- > 0;) {
        if (parents[i] >= 0)
            below[size_t(parents[i])] += below[i];
    }
    costs.run.key = trace.startAttributes().value(L("agent")).toString();
    if (costs.run.key.isEmpty() && !trace.roots().empty())
        costs.run.key = agentOf(steps[size_t(trace.roots().front())]);
    costs.run.totalUs = times.lastUs - times.firstUs;
    for (size_t i = 0; i < steps.size(); ++i) {
        const Step &step = steps[i];
        CostRow mine; // what this step adds to each row it is in
        mine.steps = 1;
        mine.failed = int(isOver(step.status) && step.status != StepStatus::Ok);
        const size_t firstWait = costs.waits.size();
        if (step.kind == StepKind::Human || !step.notes.empty())
            WaitReader(int(i), times.startUs[i], times.endUs[i], &costs.waits).read(step, &costs, &mine);
        for (size_t w = firstWait; w < costs.waits.size(); ++w)
            mine.waitUs += costs.waits[w].toUs - costs.waits[w].fromUs;
        mine.waitUs = std::min(mine.waitUs, times.selfUs[i]); // a child may have run meanwhile
        mine.ownUs = times.selfUs[i] - mine.waitUs;
        mine.pathUs = path.pathUs[i];
        costs.retries += mine.retries;
        costs.fallbacks += mine.fallbacks;
        const auto add = [&](CostRow *row) {
            row->steps += mine.steps;
            row->failed += mine.failed;
            row->retries += mine.retries;
            row->fallbacks += mine.fallbacks;
            row->ownUs += mine.ownUs;
            row->waitUs += mine.waitUs;
            row->pathUs += mine.pathUs;
            row->own += own[i];
        };
        add(&costs.run);
        for (Table *table : {&kinds, &models, &tools}) {
            CostRow *row = table->row(i);
            if (!row)
                continue;
            add(row);
            if (!table->isInside(i, parents)) {
                row->totalUs += times.endUs[i] - times.startUs[i];
                row->total += below[i];
            }
        }
        if (agents[i] < 0)
            continue;
        CostRow *row = agentRows.row(size_t(agents[i]));
        add(row);
        if (agents[i] != int(i)) {
            row->steps -= mine.steps; // its own steps are those that call it
            row->failed -= mine.failed;
        } else if (!agentRows.isInside(i, parents)) {
            row->totalUs += times.endUs[i] - times.startUs[i];
            row->total += below[i];
        }
    }
    costs.run.total = costs.run.own;
    costs.run.share = 1;
    std::stable_sort(costs.waits.begin(), costs.waits.end(), [](const CostWait &a, const CostWait &b) { return a.fromUs < b.fromUs; });
    Table waits;
    for (size_t i = 0; i < costs.waits.size(); ++i) {
        const CostWait &wait = costs.waits[i];
        waits.assign(i, waitKindName(wait.kind));
        CostRow *row = waits.row(i);
        ++row->steps;
        row->ownUs += wait.toUs - wait.fromUs;
        row->totalUs = row->ownUs;
    }
    costs.byKind = kinds.take(costs.run, true);
    costs.byModel = models.take(costs.run, true);
    costs.byAgent = agentRows.take(costs.run, true);
    costs.byTool = tools.take(costs.run, false);
    costs.byWait = waits.take(costs.run, false);
    return costs;
}

} // namespace lathe
