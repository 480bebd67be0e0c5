// SPDX-License-Identifier: GPL-3.0-or-later
// The scheduler: one scope in supersteps (TEAMS.md).
#include "core/base/Assert.h"
#include "core/runtime/TeamExecution.h"
#include "core/runtime/TeamValues.h"

#include <set>

namespace lathe {

namespace {
StepKind stepKindOf(NodeKind kind)
{
    switch (kind) {
    case NodeKind::Agent:
    case NodeKind::Coordinator:
    case NodeKind::Handoff:
    case NodeKind::Team:
        return StepKind::Agent;
    case NodeKind::Tool:
        return StepKind::Tool;
    case NodeKind::MemoryRead:
    case NodeKind::MemoryWrite:
        return StepKind::Memory;
    case NodeKind::Human:
        return StepKind::Human;
    default:
        return StepKind::Control;
    }
}

// What is known of the nodes of a scope while it is executed. Places are those in ScopePlan::nodes.
class Progress
{
public:
    Progress(const TeamRun &run, const ScopePlan &plan)
        : m_run(run), m_plan(plan), m_nodes(plan.nodes.size())
    {
        for (size_t i = 0; i < m_nodes.size(); ++i)
            m_nodes[i].unsettled = plan.nodes[i].incoming;
    }

    void enter(const QJsonValue &value, int onlyEntry)
    {
        for (size_t i = 0; i < m_plan.entries.size(); ++i) {
            const ScopePlan::Entry &entry = m_plan.entries[i];
            if (onlyEntry < 0 || int(i) == onlyEntry)
                settle(entry.to, Came{-1, entry.toPort, value, 0});
            else
                settle(entry.to, std::nullopt);
        }
        for (size_t i = 0; i < m_nodes.size(); ++i)
            look(int(i));
        finishSkips();
    }

    bool done() const { return m_ready.empty(); }
    const std::set<int> &ready() const { return m_ready; } // in dependency order
    const ScopeNode &planned(int place) const { return m_plan.nodes[size_t(place)]; }

    // The call of a ready node, without what depends on its step.
    std::shared_ptr<NodeCall> begin(int place)
    {
        const ScopeNode &node = planned(place);
        auto call = std::make_shared<NodeCall>();
        call->index = node.node;
        std::vector<Came> &came = m_nodes[size_t(place)].came;
        std::stable_sort(came.begin(), came.end(),
                         [](const Came &a, const Came &b) { return a.from < b.from; });
        for (const Came &one : came) {
            if (!node.many.contains(one.port)) {
                call->inputs.insert(one.port, one.value);
                continue;
            }
            call->values.append(one.value);
            call->arrivals.push_back(one.superstep);
        }
        if (!call->arrivals.empty())
            call->inputs.insert(*node.many.begin(), call->values); // no kind has two such ports
        return call;
    }

    // The barrier: the value leaves the node. True when it goes along an edge.
    bool leave(int place, const NodeOutcome &outcome, int superstep)
    {
        m_ready.erase(place);
        m_nodes[size_t(place)].status = Status::Done;
        bool used = false;
        for (const ScopeNode::Out &out : planned(place).out) {
            if (out.fromPort == outcome.port) {
                settle(out.to, Came{place, out.toPort, outcome.value, superstep});
                used = true;
            } else {
                settle(out.to, std::nullopt);
            }
        }
        return used;
    }

    // After all have left: who is ready now, and the names of those that never will be.
    QStringList advance()
    {
        finishSkips();
        return std::exchange(m_skipped, {});
    }

private:
    enum class Status { Waiting, Ready, Done, Skipped };
    struct Came {
        int from; // place of the source, -1: the container
        QString port;
        QJsonValue value;
        int superstep;
    };
    struct Node {
        int unsettled = 0;
        Status status = Status::Waiting;
        bool unneeded = false; // leads only to a join that has its value, or is that join
        std::vector<Came> came;
    };

    void settle(int place, std::optional<Came> came)
    {
        Node &node = m_nodes[size_t(place)];
        --node.unsettled;
        if (came && node.status != Status::Skipped)
            node.came.push_back(std::move(*came));
        m_touched.push_back(place);
    }

    void look(int place)
    {
        Node &node = m_nodes[size_t(place)];
        if (node.status != Status::Waiting)
            return;
        const ScopeNode &plan = planned(place);
        if (plan.takesFirst && !node.came.empty()) {
            node.status = Status::Ready;
            m_ready.insert(place);
            m_firsts = true;
            return;
        }
        if (node.unsettled > 0)
            return;
        bool fed = plan.incoming == 0 || !node.came.empty();
        for (const QString &port : plan.required) {
            fed = fed && std::any_of(node.came.begin(), node.came.end(), [&](const Came &came) {
                      return came.port == port;
                  });
        }
        if (fed) {
            node.status = Status::Ready;
            m_ready.insert(place);
        } else {
            skip(place);
        }
    }

    void skip(int place)
    {
        m_nodes[size_t(place)].status = Status::Skipped;
        m_nodes[size_t(place)].came.clear();
        m_skipped.append(m_run.spec().nodes[size_t(planned(place).node)].name);
        for (const ScopeNode::Out &out : planned(place).out)
            settle(out.to, std::nullopt);
    }

    void finishSkips()
    {
        lookAtTouched();
        if (!std::exchange(m_firsts, false))
            return;
        // What has not run and leads only to a join that has its value by now is not needed any more.
        for (size_t i = m_nodes.size(); i-- > 0;) {
            const Status status = m_nodes[i].status;
            const ScopeNode &plan = m_plan.nodes[i];
            if (plan.takesFirst && !m_nodes[i].came.empty()) {
                m_nodes[i].unneeded = true;
                continue;
            }
            if ((status != Status::Waiting && status != Status::Ready) || plan.out.empty()
                || !plan.returnPorts.isEmpty())
                continue;
            if (std::all_of(plan.out.begin(), plan.out.end(),
                            [&](const ScopeNode::Out &out) { return m_nodes[size_t(out.to)].unneeded; })) {
                m_nodes[i].unneeded = true;
                m_ready.erase(int(i));
                skip(int(i));
            }
        }
        lookAtTouched();
    }

    void lookAtTouched()
    {
        for (size_t i = 0; i < m_touched.size(); ++i) // grows while skips go on
            look(m_touched[i]);
        m_touched.clear();
    }

    const TeamRun &m_run;
    const ScopePlan &m_plan;
    std::vector<Node> m_nodes;
    std::set<int> m_ready;
    std::vector<int> m_touched;
    QStringList m_skipped;
    bool m_firsts = false; // a join that takes the first got it
};

// One value is itself; of several an object by node name.
struct Gathered {
    QJsonObject byName;
    QJsonValue only;
    int count = 0;
    void add(const QString &name, const QJsonValue &value)
    {
        byName.insert(name, value);
        only = value;
        ++count;
    }
    QJsonValue value() const
    {
        return count == 1 ? only : count == 0 ? QJsonValue(QJsonValue::Null) : QJsonValue(byName);
    }
};

// Which of the errors of a superstep is the scope's: what ends the run, else the first node's that was not just stopped.
const Error *worstOf(const std::vector<Result<NodeOutcome>> &outcomes)
{
    const Error *stopped = nullptr, *failed = nullptr, *ending = nullptr;
    for (const auto &outcome : outcomes) {
        if (outcome)
            continue;
        const Error *error = &outcome.error();
        const Error *&place = error->kind == ErrorKind::Cancelled ? stopped
                              : endsRun(*error)                   ? ending
                                                                  : failed;
        if (!place)
            place = error;
    }
    return ending ? ending : failed ? failed : stopped;
}
} // namespace

ScopeCall::ScopeCall(const NodeCall &call, QString under, QJsonValue value)
    : run(call.run),
      container(call.index),
      step(std::move(under)),
      state(call.state),
      names(call.names),
      stop(call.stop),
      heard(call.heard),
      entry(std::move(value))
{
}

namespace {
// Forks: what the person edited takes the place of what came.
void applyInputs(const TeamOverrides &overrides, NodeCall *call)
{
    const auto edited = overrides.inputs.constFind(call->nodeStep);
    if (edited == overrides.inputs.constEnd())
        return;
    call->inputs = *edited;
    if (call->arrivals.empty())
        return;
    const QJsonValue given = edited->value(QStringLiteral("in"));
    call->values = given.isArray() ? given.toArray() : QJsonArray{given};
    call->inputs.insert(QStringLiteral("in"), call->values);
    call->arrivals.assign(size_t(call->values.size()), 0);
}
} // namespace

Task<Result<ScopeResult>> runScope(std::shared_ptr<const ScopeCall> scope)
{
    TeamRun *run = scope->run;
    RunContext *context = run->context;
    const TeamRunOptions &options = run->shared->options;
    const bool tasks =
        scope->container >= 0 && run->spec().nodes[size_t(scope->container)].kind == NodeKind::Coordinator;
    Progress progress(*run, run->plan.scope(scope->container));
    progress.enter(scope->entry.value_or(QJsonValue::Null), scope->onlyEntry);
    ScopeResult result;
    Gathered returned, implied, outputs;
    QJsonObject state = scope->state;
    auto heard = scope->heard;
    int begun = 0; // the steps of a scope are those of its nodes, so their paths are known beforehand

    const QStringList never = progress.advance();
    if (!never.isEmpty() && !tasks)
        context->note(scope->step, QStringLiteral("skipped"),
                      QJsonObject{{QStringLiteral("nodes"), json::fromStringList(never)}});
    for (int superstep = 1; !progress.done(); ++superstep) {
        const std::vector<int> places(progress.ready().begin(), progress.ready().end());
        std::vector<std::shared_ptr<NodeCall>> calls;
        for (const int place : places) {
            auto call = progress.begin(place);
            call->run = run;
            call->nodeStep = scope->step + QLatin1Char('.') + QString::number(++begun);
            call->step = call->nodeStep;
            applyInputs(options.overrides, call.get());
            if (const auto edited = options.overrides.state.constFind(call->nodeStep);
                edited != options.overrides.state.constEnd()) {
                for (auto it = edited->begin(); it != edited->end(); ++it) {
                    state.insert(it.key(), it.value());
                    result.writes.push_back({it.key(), it.value(), call->node().name, true});
                }
            }
            calls.push_back(std::move(call));
        }
        if (options.watch) {
            std::vector<PendingNode> pending;
            for (const auto &call : calls)
                pending.push_back({call->node().id, call->nodeStep, call->inputs});
            const CancelToken cancel = context->cancelToken();
            const auto allowed =
                co_await options.watch->beforeSuperstep(scope->step, std::move(pending), state, cancel);
            if (!allowed)
                co_return context->cancelToken().isCancelled() ? context->stopReason() : allowed.error();
        }

        // All begin before any works: what a node does has no say in the numbers of the others.
        CancelSource stop(scope->stop);
        const auto branch = context->openBranch(scope->step, stop.token());
        for (const auto &call : calls) {
            call->state = state;
            call->names = scope->names;
            call->stop = stop.token();
            call->superstep = stop;
            call->heard = heard;
            call->worker = tasks && superstep == 1;
            const TeamNode &node = call->node();
            QJsonObject shown;
            for (auto it = call->inputs.begin(); it != call->inputs.end(); ++it)
                shown.insert(it.key(), forLog(it.value()));
            const QString step =
                context->beginStep(scope->step, stepKindOf(node.kind), node.name,
                                   QJsonObject{{QStringLiteral("lathe.node"), node.id},
                                               {QStringLiteral("lathe.node_kind"), nodeKindName(node.kind)},
                                               {QStringLiteral("lathe.superstep"), superstep},
                                               {QStringLiteral("lathe.input"), shown}});
            LATHE_ASSERT(step == call->nodeStep, call->nodeStep = call->step = step);
        }
        std::vector<Task<Result<NodeOutcome>>> works;
        works.reserve(calls.size());
        for (const auto &call : calls)
            works.push_back(runNode(call));
        const auto outcomes = co_await whenAll(std::move(works));

        // The barrier.
        if (const Error *error = worstOf(outcomes))
            co_return *error;
        std::vector<StateWrite> writes;
        Conversation said;
        for (size_t i = 0; i < places.size(); ++i) {
            const NodeOutcome &outcome = *outcomes[i];
            const TeamNode &node = calls[i]->node();
            writes.insert(writes.end(), outcome.writes.begin(), outcome.writes.end());
            said.insert(said.end(), outcome.said.begin(), outcome.said.end());
            if (node.kind == NodeKind::Output)
                outputs.add(node.name, outcome.value);
            const bool back = progress.planned(places[i]).returnPorts.contains(outcome.port);
            if (back)
                returned.add(node.name, outcome.value);
            if (!progress.leave(places[i], outcome, superstep) && !back && scope->container >= 0)
                implied.add(node.name, outcome.value);
        }
        if (const auto merged = applyWrites(run->spec(), writes, &state); !merged)
            co_return merged.error();
        result.writes.insert(result.writes.end(), writes.begin(), writes.end());
        if (!said.empty()) {
            auto more = std::make_shared<Conversation>(heard ? *heard : Conversation());
            more->insert(more->end(), said.begin(), said.end());
            heard = more;
            result.said.insert(result.said.end(), said.begin(), said.end());
        }
        const QStringList skipped = progress.advance();
        if (!skipped.isEmpty() && !tasks)
            context->note(scope->step, QStringLiteral("skipped"),
                          QJsonObject{{QStringLiteral("nodes"), json::fromStringList(skipped)}});
    }
    const Gathered &given = scope->container < 0 ? outputs : returned.count > 0 ? returned : implied;
    result.value = given.value();
    result.given = given.count > 0;
    co_return result;
}

} // namespace lathe
