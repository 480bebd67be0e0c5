// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/NodeModel.h"

#include "ui/itemmodels/Format.h"

#include <QCoreApplication>

namespace lathe {

namespace {
constexpr int longestName = 200; // characters of a name that are ever laid out
}

NodeModel::NodeModel(const QString &id, const QJsonObject &json)
{
    node.id = id;
    node.name = json.value(QLatin1String("name")).toString();
    node.settings = json.value(QLatin1String("settings")).toObject();
    const QJsonObject onError = json.value(QLatin1String("on_error")).toObject();
    node.onError.retries = std::clamp(onError.value(QLatin1String("retries")).toInt(), 0, 10);
    if (onError.value(QLatin1String("then")).toString() == QLatin1String("fallback"))
        node.onError.then = ErrorPolicy::Then::Fallback;
    const QString kindName = json.value(QLatin1String("kind")).toString();
    if (const auto kind = nodeKindFromName(kindName)) {
        node.kind = *kind;
        known = true;
        inputs = inputPorts(node);
        outputs = outputPorts(node);
        const NodeKindInfo &info = nodeKindInfo(*kind);
        color = colorTokenFromName(info.color);
        icon = info.icon;
        kindTitle = info.title;
    } else {
        icon = QStringLiteral("question");
        kindTitle = QCoreApplication::translate("lathe::NodeModel", "Unknown kind \"%1\"")
                        .arg(format::oneLine(kindName, 40));
    }
}

const QString &NodeModel::summary() const
{
    if (!m_summarized) {
        m_summarized = true;
        m_summary = known ? format::oneLine(nodeSummary(node), longestName) : kindTitle;
        if (m_summary.isEmpty())
            m_summary = kindTitle;
    }
    return m_summary;
}

QString NodeModel::title() const
{
    const QString name = format::oneLine(node.name, longestName);
    return name.isEmpty() ? kindTitle : name;
}

const Port *NodeModel::port(PortRef ref) const
{
    const auto &ports = ref.output ? outputs : inputs;
    return ref.index >= 0 && size_t(ref.index) < ports.size() ? &ports[size_t(ref.index)] : nullptr;
}

PortRef NodeModel::find(const QString &portId, bool output) const
{
    const auto &ports = output ? outputs : inputs;
    for (size_t i = 0; i < ports.size(); ++i) {
        if (ports[i].id == portId)
            return {int(i), output};
    }
    return {};
}

} // namespace lathe
