// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/OpenRuns.h"
#include "core/project/StepSummary.h"

namespace lathe {

namespace {
constexpr qint64 safeBytesMax = 64'000'000; // of the texts of one foreign run under way
constexpr int modelNameMax = 200, modelsMax = 50; // of one run

QString modelsOf(const Trace &trace)
{
    QStringList names;
    for (const Step &step : trace.steps()) {
        if (step.kind != StepKind::Model)
            continue;
        const auto attribute = [&step](const char *key) { return step.attributes.value(QLatin1String(key)).toString().left(modelNameMax); };
        QString model = attribute("lathe.model");
        QString connection = attribute("lathe.connection");
        if (model.isEmpty()) { // of another program
            model = attribute("gen_ai.request.model");
            connection = attribute("gen_ai.provider.name");
        }
        const QString name = connection.isEmpty() ? model : connection + QLatin1Char('/') + model;
        if (!model.isEmpty() && names.size() < modelsMax && !names.contains(name))
            names.append(name);
    }
    return names.join(QStringLiteral(", "));
}
} // namespace

void OpenRun::markStep(int index)
{
    if (isStepDirty.size() <= size_t(index))
        isStepDirty.resize(trace.steps().size());
    if (!isStepDirty[size_t(index)])
        dirtySteps.push_back(index);
    isStepDirty[size_t(index)] = true;
}

void OpenRun::countTool(int index)
{
    const Step &step = trace.steps()[size_t(index)];
    const QString tool = toolOf(step);
    const auto before = counted.constFind(index);
    if (before != counted.constEnd()) { // told twice, or its begin came after its end
        ToolRow &use = tools[before->tool];
        --use.calls;
        use.errors -= int(before->failed);
        dirtyTools.insert(before->tool);
        counted.erase(before);
    }
    if (tool.isEmpty() || !isOver(step.status))
        return;
    const QByteArray key = tool.toUtf8().toLower(); // ASCII only, as SQLite compares
    ToolRow &use = tools[key];
    if (use.tool.isEmpty())
        use.tool = tool;
    const bool failed = step.status == StepStatus::Failed;
    ++use.calls;
    use.errors += int(failed);
    dirtyTools.insert(key);
    counted.insert(index, {key, failed});
}

void OpenRun::overlay(RunInfo *info) const
{
    info->status = row.info.status;
    info->startUs = row.info.startUs;
    info->endUs = row.info.endUs;
    info->output = row.info.output;
    info->error = row.info.error;
    info->pid = row.info.pid;
    info->models = row.info.models;
    info->stepCount = int(trace.steps().size());
    info->usage = closed ? row.info.usage : trace.usage();
}

void OpenRun::close(const RunEvent &ended)
{
    for (size_t i = 0; i < trace.steps().size(); ++i) {
        if (!isOver(trace.steps()[i].status))
            markStep(int(i)); // the end of the run ends them
    }
    // Clocks of other machines, and ends that nobody timed: a run does not end before it begins.
    RunEvent told = ended;
    if (told.timeUs < row.info.startUs) {
        told.timeUs = row.info.startUs;
        for (const Step &step : trace.steps())
            told.timeUs = std::max(told.timeUs, step.endUs);
    }
    trace.apply(told);
    RunInfo &info = row.info;
    info.status = ended.runStatus;
    info.output = ended.text;
    info.error = ended.error;
    info.endUs = told.timeUs;
    info.stepCount = int(trace.steps().size());
    if (info.models.isEmpty())
        info.models = modelsOf(trace);
    closed = true;
    mustUpdate = true;
}

RunBatch OpenRun::takeBatch()
{
    RunBatch batch;
    batch.insert = std::exchange(mustInsert, false);
    batch.update = !batch.insert && (mustUpdate || row.info.status != writtenStatus);
    mustUpdate = false;
    if (batch.insert || batch.update) {
        batch.row = row;
        row.startIsNew = row.timeIsNew = false;
        if (!closed)
            batch.row.info.stepCount = int(trace.steps().size());
        writtenStatus = row.info.status;
    } else {
        batch.row.info.id = row.info.id;
    }
    batch.steps.reserve(dirtySteps.size());
    for (const int index : std::exchange(dirtySteps, {})) {
        isStepDirty[size_t(index)] = false;
        if (trace.steps()[size_t(index)].kind == StepKind::Tool || counted.contains(index))
            countTool(index);
        StepRow put;
        put.step = trace.steps()[size_t(index)];
        put.position = index;
        const auto outcome = outcomes.constFind(put.step.path);
        const bool empty = put.step.text.isEmpty() && put.step.reasoning.isEmpty()
                           && put.step.toolArguments.isEmpty();
        if (outcome == outcomes.constEnd()) {
            put.textsInJournal =
                empty && isContainer(put.step.kind); // which have no journal: nothing is nothing
        } else if (put.step.status == StepStatus::Ok) {
            put.textsInJournal = outcome->text == put.step.text
                                 && outcome->reasoning == put.step.reasoning
                                 && outcome->toolArguments == put.step.toolArguments;
        }
        if (isOver(put.step.status))
            outcomes.remove(put.step.path);
        batch.steps.push_back(std::move(put));
    }
    for (const QByteArray &tool : std::exchange(dirtyTools, {}))
        batch.tools.push_back(tools[tool]);
    return batch;
}

void OpenRun::giveBack(const RunBatch &batch)
{
    mustInsert = mustInsert || batch.insert;
    mustUpdate = mustUpdate || batch.update;
    row.timeIsNew = row.timeIsNew || ((batch.insert || batch.update) && batch.row.timeIsNew);
    row.startIsNew = row.startIsNew || (batch.row.startAttributes && batch.row.startIsNew);
    for (const StepRow &step : batch.steps)
        markStep(step.position);
    for (const ToolRow &tool : batch.tools)
        dirtyTools.insert(tool.tool.toUtf8().toLower());
}

namespace {
constexpr qsizetype attributeMax = 500; // characters; longer ones are bodies

qint64 bodyBytes(const Step &step)
{
    qint64 bytes = 2 * (step.text.size() + step.reasoning.size() + step.toolArguments.size());
    for (auto it = step.attributes.begin(); it != step.attributes.end(); ++it)
        bytes += it->isString() ? 2 * it->toString().size() : 0;
    return bytes;
}
} // namespace

void OpenRun::forgetBodies(const RunBatch &batch)
{
    if (row.info.source.isEmpty())
        return;
    for (const StepRow &written : batch.steps) {
        const bool whole = written.step.begun && isOver(written.step.status);
        if (!whole || isStepDirty[size_t(written.position)])
            continue;
        const qint64 bytes = bodyBytes(written.step);
        safeBodies.emplace_back(written.position, bytes);
        safeBytes += bytes;
    }
    while (safeBytes > safeBytesMax) {
        const auto [index, bytes] = safeBodies.front();
        safeBodies.pop_front();
        safeBytes -= bytes;
        if (isStepDirty[size_t(index)] || forgotten.contains(index))
            continue;
        Step &step = const_cast<Step &>(trace.steps()[size_t(index)]); // ours; a Trace itself never loses anything
        step.text.clear();
        step.reasoning.clear();
        step.toolArguments.clear();
        const QStringList keys = step.attributes.keys();
        for (const QString &key : keys) {
            const QJsonValue value = step.attributes.value(key);
            if (value.isArray() || value.isObject() || value.toString().size() > attributeMax)
                step.attributes.remove(key);
        }
        forgotten.insert(index);
    }
}

} // namespace lathe
