// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/ForkRecord.h"

#include "core/runtime/ForkLayer.h"

namespace lathe {

namespace {
Result<ForkRecord::Layer> layerFrom(const QJsonObject &json)
{
    ForkRecord::Layer layer;
    auto changes = ForkChanges::fromJson(json);
    if (!changes)
        return changes.error();
    layer.changes = std::move(*changes);
    layer.overrides = TeamOverrides::fromJson(json);
    layer.agent = json.value(QStringLiteral("agent")).toString();
    layer.connection = json.value(QStringLiteral("connection")).toObject();
    layer.noted = json.value(QStringLiteral("noted")).toBool();
    return layer;
}

void keepBefore(QHash<QString, QJsonObject> *overrides, const QString &step)
{
    for (auto it = overrides->begin(); it != overrides->end();)
        it = it.key() == step || stepPathLess(it.key(), step) ? std::next(it) : overrides->erase(it);
}

void insertAll(QHash<QString, QJsonObject> *to, const QHash<QString, QJsonObject> &from)
{
    for (auto it = from.begin(); it != from.end(); ++it)
        to->insert(it.key(), it.value());
}
}

QJsonObject ForkRecord::Layer::toJson() const
{
    QJsonObject out = changes.toJson();
    const QJsonObject team = overrides.toJson();
    for (auto it = team.begin(); it != team.end(); ++it)
        out.insert(it.key(), it.value());
    if (!agent.isEmpty() && changes.changesCalls())
        out.insert(QStringLiteral("agent"), agent);
    if (!connection.isEmpty())
        out.insert(QStringLiteral("connection"), connection);
    if (noted && !changes.isEmpty())
        out.insert(QStringLiteral("noted"), true);
    return out;
}

TeamOverrides ForkRecord::overrides() const
{
    TeamOverrides all;
    for (const Layer &layer : layers) {
        insertAll(&all.inputs, layer.overrides.inputs);
        insertAll(&all.state, layer.overrides.state);
    }
    return all;
}

QJsonObject ForkRecord::toJson() const
{
    if (layers.empty())
        return {};
    QJsonObject out = layers.back().toJson();
    QJsonArray earlier;
    for (size_t i = 0; i + 1 < layers.size(); ++i) {
        QJsonObject layer = layers[i].toJson();
        layer.insert(QStringLiteral("step"), layers[i].step);
        layer.insert(QStringLiteral("parent"), layers[i].parent.value);
        earlier.append(layer);
    }
    if (!earlier.isEmpty())
        out.insert(QStringLiteral("earlier"), earlier);
    return out;
}

Result<ForkRecord> ForkRecord::fromFork(const RunFork &fork)
{
    ForkRecord record;
    const QJsonArray earlier = fork.changes.value(QStringLiteral("earlier")).toArray();
    for (const QJsonValue &value : earlier) {
        const QJsonObject json = value.toObject();
        auto layer = layerFrom(json);
        if (!layer)
            return layer.error();
        layer->step = json.value(QStringLiteral("step")).toString();
        layer->parent = RunId{json.value(QStringLiteral("parent")).toInteger()};
        record.layers.push_back(std::move(*layer));
    }
    auto own = layerFrom(fork.changes);
    if (!own)
        return own.error();
    own->step = fork.step;
    own->parent = fork.parent;
    record.layers.push_back(std::move(*own));
    return record;
}

ForkRecord ForkRecord::forkedBy(Layer own) const
{
    ForkRecord child;
    for (Layer layer : layers) {
        const bool before = stepPathLess(layer.step, own.step) && !isStepOrBelow(own.step, layer.step);
        if (!before && layer.step != own.step && !isStepOrBelow(own.step, layer.step)) {
            layer.changes.messages.reset();
            layer.changes.argumentsText.reset();
        }
        if (!before) {
            layer.changes.answer.reset();
            layer.changes.result.reset();
            layer.changes.humanAnswer.reset();
            layer.changes.again = false;
        }
        keepBefore(&layer.overrides.inputs, own.step);
        keepBefore(&layer.overrides.state, own.step);
        if (!layer.changes.isEmpty() || !layer.overrides.inputs.isEmpty() || !layer.overrides.state.isEmpty())
            child.layers.push_back(std::move(layer));
    }
    child.layers.push_back(std::move(own));
    return child;
}

QString agentOfStep(const Trace &trace, const QString &step)
{
    for (QString path = step; !path.isEmpty(); path = parentStep(path)) {
        const int index = trace.indexOf(path);
        if (index < 0)
            continue;
        const QString name = trace.steps()[size_t(index)].attributes.value(QStringLiteral("gen_ai.agent.name")).toString();
        if (!name.isEmpty())
            return name;
    }
    return {};
}

} // namespace lathe
