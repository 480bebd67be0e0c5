// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/TraceAlign.h"

#include "core/base/Json.h"
#include "core/trace/SiblingMatch.h"

#include <algorithm>
#include <bit>

namespace lathe {

namespace {
using L = QLatin1String;
using Members = std::array<int, maxAlignedTraces>; // per trace the step, -1: none
constexpr Members nobody{-1, -1, -1, -1, -1, -1};

constexpr qint64 allTables = 30'000'000; // cells of all comparisons of siblings, each with each
constexpr qsizetype sketchedText = 4000;

// What is compared of a step again and again, as numbers.
struct Features {
    StepKind kind = StepKind::Control;
    size_t role = 0; // place in the code: kind and name, of model calls without the model
    size_t name = 0;
    size_t input = 0;
    size_t output = 0;
    quint64 sketch = 0; // texts with many words in common have few differing bits
};

// FNV-1a. qHash() with a seed differs from one program run to the next, and with it which of two equal pairings is taken.
quint64 stableHash(QStringView text, quint64 start = 0xcbf29ce484222325u)
{
    for (const QChar c : text)
        start = (start ^ c.unicode()) * 0x100000001b3u;
    return start ^ (start >> 29);
}

// SimHash over the words (Charikar 2002).
quint64 sketchOf(QStringView text)
{
    std::array<int, 64> votes{};
    qsizetype from = 0;
    text = text.left(sketchedText);
    for (qsizetype i = 0; i <= text.size(); ++i) {
        if (i < text.size() && text[i].isLetterOrNumber())
            continue;
        if (i > from) {
            const quint64 hash = stableHash(text.mid(from, i - from)) * 0x9e3779b97f4a7c15u;
            for (int bit = 0; bit < 64; ++bit)
                votes[size_t(bit)] += (hash >> bit & 1) ? 1 : -1;
        }
        from = i + 1;
    }
    quint64 sketch = 0;
    for (int bit = 0; bit < 64; ++bit)
        sketch |= quint64(votes[size_t(bit)] > 0) << bit;
    return sketch;
}

Features featuresOf(const Step &step)
{
    Features f;
    f.kind = step.kind;
    const quint64 seed = stableHash(stepKindName(step.kind));
    const QStringView name(step.name);
    const qsizetype space = step.kind == StepKind::Model ? name.indexOf(u' ') : -1;
    f.role = stableHash(space < 0 ? name : name.left(space), seed);
    f.name = stableHash(name, seed);
    const QString input = stepInputText(step), output = stepOutputText(step);
    f.input = qHash(input);
    f.output = qHash(output);
    f.sketch = sketchOf(input) ^ std::rotl(sketchOf(output), 1);
    return f;
}

bool isInput(const QString &key)
{
    static const L whole[] = {L("gen_ai.tool.call.arguments"), L("gen_ai.input.messages"), L("gen_ai.system_instructions"),
                              L("gen_ai.tool.definitions"), L("gen_ai.prompt"), L("gen_ai.retrieval.query.text"), L("lathe.input"),
                              L("lathe.task"), L("input.value"), L("tool.parameters"), L("llm.invocation_parameters")};
    static const L begins[] = {L("gen_ai.request."), L("llm.input_messages"), L("ai.prompt"), L("gen_ai.prompt.")};
    const auto is = [&key](L name) { return key == name; };
    const auto starts = [&key](L name) { return key.startsWith(name); };
    return (std::any_of(std::begin(whole), std::end(whole), is) || std::any_of(std::begin(begins), std::end(begins), starts))
           && key != L("gen_ai.request.model"); // part of the name
}

QString valueText(const QJsonValue &value)
{
    return value.isString() ? value.toString() : json::compactString(value);
}

// JSON without the differences that are none: spaces and the order of members.
QString canonical(const QString &text)
{
    if (!text.startsWith(u'{') && !text.startsWith(u'['))
        return text;
    const auto value = json::parse(text.toUtf8());
    return value ? json::compactString(*value) : text;
}

class Aligner
{
public:
    Aligner(const std::vector<const Trace *> &traces, const std::function<bool()> &stop) : m_stop(stop)
    {
        m_result.traces = int(std::min<size_t>(traces.size(), maxAlignedTraces));
        for (int t = 0; t < m_result.traces; ++t) {
            m_traces[size_t(t)] = traces[size_t(t)] ? traces[size_t(t)] : &m_none;
            const auto &steps = m_traces[size_t(t)]->steps();
            auto &features = m_features[size_t(t)];
            features.reserve(steps.size());
            for (const Step &step : steps)
                features.push_back(stopped() ? Features() : featuresOf(step));
            m_result.rowOf[size_t(t)].assign(steps.size(), -1);
        }
    }
    TraceAlignment take()
    {
        place(nobody, -1, 0);
        for (AlignedRow &row : m_result.rows)
            compare(&row);
        findDivergence();
        return std::move(m_result);
    }

private:
    bool stopped()
    {
        if (!m_stopped && m_stop && (++m_asked & 1023) == 0)
            m_stopped = m_stop();
        return m_stopped;
    }
    const Features &features(int trace, int step) const { return m_features[size_t(trace)][size_t(step)]; }
    const Step &step(int trace, int index) const { return m_traces[size_t(trace)]->steps()[size_t(index)]; }

    // In the order of the code, which is that of the paths.
    std::vector<int> childrenOf(int trace, int parent) const
    {
        std::vector<int> children = parent < 0 ? m_traces[size_t(trace)]->roots() : step(trace, parent).children;
        const auto less = [this, trace](int a, int b) { return stepPathLess(step(trace, a).path, step(trace, b).path); };
        if (!std::is_sorted(children.begin(), children.end(), less))
            std::sort(children.begin(), children.end(), less);
        return children;
    }

    static size_t whole(const Features &f) { return qHashMulti(0, f.role, f.name, f.input, f.output); }
    static int score(const Features &a, const Features &b)
    {
        if (a.kind != b.kind)
            return -1;
        const int alike = std::max(0, 32 - std::popcount(a.sketch ^ b.sketch));
        return (a.role == b.role ? 40 : 8) + (a.name == b.name ? 4 : 0) + (a.input == b.input ? 30 : 0) + (a.output == b.output ? 20 : 0)
               + alike * 25 / 32;
    }
    int score(const Members &members, int trace, int step) const
    {
        int best = -1;
        for (int t = 0; t < trace; ++t) {
            if (members[size_t(t)] >= 0)
                best = std::max(best, score(features(t, members[size_t(t)]), features(trace, step)));
        }
        return best;
    }

    void merge(std::vector<Members> *columns, int trace, const std::vector<int> &children)
    {
        SiblingMatch::Side together, added;
        for (const Members &members : *columns) {
            int first = 0;
            while (members[size_t(first)] < 0)
                ++first;
            const Features &f = features(first, members[size_t(first)]);
            together.roles.push_back(f.role);
            together.whole.push_back(whole(f));
        }
        for (const int child : children) {
            added.roles.push_back(features(trace, child).role);
            added.whole.push_back(whole(features(trace, child)));
        }
        // Which side is first must not decide which of two equally good pairings is taken.
        const bool swap = std::tie(added.roles, added.whole) < std::tie(together.roles, together.whole);
        const auto scoreOf = [&](int a, int b) {
            const int column = swap ? b : a, child = swap ? a : b;
            return score((*columns)[size_t(column)], trace, children[size_t(child)]);
        };
        const size_t count = columns->size();
        std::vector<int> childOf(count, -1); // per column
        if (swap) {
            const auto partner = SiblingMatch(std::move(added), std::move(together), scoreOf, &m_budget).take();
            for (size_t child = 0; child < partner.size(); ++child) {
                if (partner[child] >= 0)
                    childOf[size_t(partner[child])] = int(child);
            }
        } else {
            childOf = SiblingMatch(std::move(together), std::move(added), scoreOf, &m_budget).take();
        }
        std::vector<Members> merged;
        merged.reserve(std::max(count, children.size()));
        size_t next = 0;
        const auto addUntil = [&](size_t end) {
            for (; next < end; ++next) {
                merged.push_back(nobody);
                merged.back()[size_t(trace)] = children[next];
            }
        };
        for (size_t c = 0; c < count; ++c) {
            if (childOf[c] >= 0) {
                addUntil(size_t(childOf[c]));
                ++next;
            }
            merged.push_back((*columns)[c]);
            if (childOf[c] >= 0)
                merged.back()[size_t(trace)] = children[size_t(childOf[c])];
        }
        addUntil(children.size());
        *columns = std::move(merged);
    }

    // Puts the children of these steps (of the runs when row is -1) side by side, then theirs. Trees are 256 deep at most.
    void place(const Members &parents, int row, int depth)
    {
        std::vector<Members> columns;
        for (int t = 0; t < m_result.traces; ++t) {
            if (row >= 0 && parents[size_t(t)] < 0)
                continue;
            const std::vector<int> children = childrenOf(t, row < 0 ? -1 : parents[size_t(t)]);
            if (!columns.empty() && !children.empty()) {
                merge(&columns, t, children);
                continue;
            }
            for (const int child : children) {
                columns.push_back(nobody);
                columns.back()[size_t(t)] = child;
            }
        }
        for (const Members &members : columns) {
            if (stopped())
                return;
            const int index = int(m_result.rows.size());
            AlignedRow added;
            added.steps = members;
            added.parent = row;
            added.depth = depth;
            m_result.rows.push_back(added);
            for (int t = 0; t < m_result.traces; ++t) {
                if (members[size_t(t)] >= 0)
                    m_result.rowOf[size_t(t)][size_t(members[size_t(t)])] = index;
            }
            place(members, index, depth + 1);
        }
    }

    void compare(AlignedRow *row)
    {
        int first = 0;
        while (row->steps[size_t(first)] < 0)
            ++first;
        for (int t = 0; t < m_result.traces; ++t) {
            const quint16 found = t == first ? 0 : difference(first, t, *row);
            row->differences |= found;
            if (found)
                row->differing |= quint8(1 << t);
        }
    }
    quint16 difference(int first, int trace, const AlignedRow &row) const
    {
        const int other = row.steps[size_t(trace)];
        if (other < 0)
            return RowMissing;
        const int one = row.steps[size_t(first)];
        const Step &a = step(first, one), &b = step(trace, other);
        const Features &fa = features(first, one), &fb = features(trace, other);
        quint16 found = 0;
        if (fa.name != fb.name)
            found |= RowName;
        if (fa.input != fb.input && canonical(stepInputText(a)) != canonical(stepInputText(b)))
            found |= RowArguments;
        if (a.status != b.status)
            found |= RowStatus;
        if (fa.output != fb.output && canonical(stepOutputText(a)) != canonical(stepOutputText(b)))
            found |= RowText;
        return found;
    }

    void findDivergence()
    {
        constexpr quint16 atBegin = RowMissing | RowName | RowArguments;
        std::vector<int> open;
        const auto differs = [this](int row, quint16 which) {
            const quint16 reason = m_result.rows[size_t(row)].differences & which;
            if (reason) {
                m_result.firstDivergence = row;
                m_result.firstReason = reason;
                m_result.firstText = sentence(m_result.rows[size_t(row)], reason);
            }
            return reason != 0;
        };
        for (int row = 0; row < int(m_result.rows.size()); ++row) {
            while (!open.empty() && open.back() != m_result.rows[size_t(row)].parent) {
                if (differs(open.back(), RowStatus | RowText))
                    return;
                open.pop_back();
            }
            if (differs(row, atBegin))
                return;
            open.push_back(row);
        }
        while (!open.empty()) {
            if (differs(open.back(), RowStatus | RowText))
                return;
            open.pop_back();
        }
    }

    QString runName(int trace) const
    {
        const RunId run = m_traces[size_t(trace)]->run();
        return run.isValid() ? QStringLiteral("run %1").arg(run.value) : QStringLiteral("trace %1").arg(trace + 1);
    }
    QString sentence(const AlignedRow &row, quint16 reason) const
    {
        int first = 0;
        while (row.steps[size_t(first)] < 0)
            ++first;
        int other = 0;
        while (other == first || !(row.differing >> other & 1)
               || !(difference(first, other, row) & reason))
            ++other;
        const Step &a = step(first, row.steps[size_t(first)]);
        const QString name = QStringLiteral("Step %1 (%2)").arg(a.path, a.name.isEmpty() ? stepKindName(a.kind) : a.name.left(80));
        const QString one = runName(first), two = runName(other);
        if (reason & RowMissing)
            return QStringLiteral("%1 of %2 has no counterpart in %3.").arg(name, one, two);
        const Step &b = step(other, row.steps[size_t(other)]);
        if (reason & RowName)
            return QStringLiteral("%1 of %2 is \"%3\" in %4.").arg(name, one, b.name.left(80), two);
        if (reason & RowArguments)
            return QStringLiteral("%1 has other arguments in %2 than in %3.").arg(name, two, one);
        if (reason & RowStatus)
            return QStringLiteral("%1 ended as %2 in %3, as %4 in %5.").arg(name, stepStatusName(a.status), one, stepStatusName(b.status), two);
        return QStringLiteral("%1 gave another result in %2 than in %3.").arg(name, two, one);
    }

    const Trace m_none;
    std::array<const Trace *, maxAlignedTraces> m_traces{};
    std::array<std::vector<Features>, maxAlignedTraces> m_features;
    TraceAlignment m_result;
    const std::function<bool()> &m_stop;
    bool m_stopped = false;
    int m_asked = 0;
    qint64 m_budget = allTables;
};
} // namespace

TraceAlignment alignTraces(const std::vector<const Trace *> &traces, const std::function<bool()> &stop)
{
    return Aligner(traces, stop).take();
}

StepNumbers stepNumbers(const Trace &trace, int index)
{
    StepNumbers numbers;
    if (index < 0 || index >= int(trace.steps().size()))
        return numbers;
    const Step &step = trace.steps()[size_t(index)];
    const Usage usage = step.usage();
    numbers.durationUs = step.endUs > step.startUs ? step.endUs - step.startUs : 0;
    numbers.tokens = usage.totalTokens();
    numbers.costUsd = usage.costUsd;
    numbers.costKnown = usage.costKnown;
    return numbers;
}

StepNumbers rowDelta(const std::vector<const Trace *> &traces, const AlignedRow &row, int trace)
{
    StepNumbers delta;
    if (trace < 0 || trace >= maxAlignedTraces || trace >= int(traces.size()) || !traces[0] || !traces[size_t(trace)]
        || row.steps[0] < 0 || row.steps[size_t(trace)] < 0)
        return delta;
    const StepNumbers a = stepNumbers(*traces[0], row.steps[0]), b = stepNumbers(*traces[size_t(trace)], row.steps[size_t(trace)]);
    delta.durationUs = b.durationUs - a.durationUs;
    delta.tokens = b.tokens - a.tokens;
    delta.costUsd = b.costUsd - a.costUsd;
    delta.costKnown = a.costKnown && b.costKnown;
    return delta;
}

QString stepInputText(const Step &step)
{
    QString only;
    QString all;
    int count = 0;
    if (step.kind == StepKind::Tool) {
        const QJsonValue arguments = step.attributes.value(L("gen_ai.tool.call.arguments"));
        if (!arguments.isUndefined() || !step.toolArguments.isEmpty())
            return arguments.isUndefined() ? step.toolArguments : valueText(arguments);
    }
    for (auto it = step.attributes.begin(); it != step.attributes.end(); ++it) {
        if (!isInput(it.key()))
            continue;
        only = valueText(it.value());
        all += it.key() + QStringLiteral(": ") + only + QLatin1Char('\n');
        ++count;
    }
    return count == 1 ? only : all;
}

QString stepOutputText(const Step &step)
{
    QString out;
    const auto add = [&out](const QString &text) {
        if (text.isEmpty())
            return;
        if (!out.isEmpty())
            out += QLatin1Char('\n');
        out += text;
    };
    add(step.reasoning);
    add(step.text);
    if (step.kind != StepKind::Tool)
        add(step.toolArguments);
    if (out.isEmpty()) {
        for (const L key : {L("gen_ai.output.messages"), L("gen_ai.tool.call.result"), L("lathe.output"), L("output.value")}) {
            const QJsonValue value = step.attributes.value(key);
            if (!value.isUndefined()) {
                add(valueText(value));
                break;
            }
        }
    }
    if (step.error && step.error->message != step.text)
        add(step.error->message);
    return out;
}

} // namespace lathe
