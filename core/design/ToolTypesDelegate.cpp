// SPDX-License-Identifier: GPL-3.0-or-later
// Tools that are an agent or a team.
#include "core/design/ToolTypeParts.h"

namespace lathe {

using namespace toolparts;

std::vector<ToolTypeInfo> delegateToolTypes()
{
    using T = SettingField::Type;
    const char *parameters = "What else the caller gives, as JSON Schema properties by name: each becomes a variable of its prompt.";
    std::vector<ToolTypeInfo> types;
    types.push_back(make("agent", "Agent", "Gives a task to another agent of the project and gets its answer.", SideEffect::Read, true,
                         "Give a task to a specialist and get its answer.", Approval::Always,
                         {field("agent", "Agent", T::Agent, QString(), "Its steps are recorded beneath the call; its tools keep their own policies."),
                          field("parameters", "Parameters", T::Json, QJsonObject(), parameters)},
                         600));
    types.push_back(make("team", "Team", "Gives a task to a team of the project and gets its answer.", SideEffect::Read, true,
                         "Give a task to a team of specialists and get its answer.", Approval::Always,
                         {field("team", "Team", T::Team, QString(), "Its steps are recorded beneath the call; its tools keep their own policies."),
                          field("parameters", "Parameters", T::Json, QJsonObject(), parameters)},
                         1800));
    for (ToolTypeInfo &type : types)
        type.group = QStringLiteral("Agents");
    return types;
}

void checkDelegateTool(const ToolSpec &spec, const DesignLookup &lookup, ProblemList *list)
{
    const bool isTeam = spec.type == QLatin1String("team");
    if (!isTeam && spec.type != QLatin1String("agent"))
        return;
    const QString what = isTeam ? QStringLiteral("team") : QStringLiteral("agent");
    const QString pointer = QStringLiteral("/config/") + what;
    const QString reference = spec.config.value(spec.type).toString();
    if (reference.isEmpty()) {
        list->error(pointer, "delegate.none", QStringLiteral("No %1 is chosen, so there is nobody to give a task to.").arg(what),
                    QStringLiteral("Choose one."));
    } else if (const auto ref = ArtifactRef::parse(reference); !ref) {
        list->error(pointer, "delegate.unknown", ref.error().message, QStringLiteral("Choose one from the list."));
    } else if (lookup.exists && !lookup.exists(isTeam ? ArtifactKind::Team : ArtifactKind::Agent, reference)) {
        list->error(pointer, "delegate.unknown", QStringLiteral("There is no %1 \"%2\" in this project.").arg(what, reference),
                    QStringLiteral("Choose another."));
    }
    const QJsonValue parameters = spec.config.value(QStringLiteral("parameters"));
    if (!parameters.isUndefined() && !parameters.isNull() && !parameters.isObject()) {
        list->error(QStringLiteral("/config/parameters"), "delegate.parameters",
                    QStringLiteral("The parameters must be a JSON object: a schema for each name."));
        return;
    }
    const QJsonObject members = parameters.toObject();
    for (auto it = members.begin(); it != members.end(); ++it) {
        if (!it->isObject()) {
            list->error(QStringLiteral("/config/parameters/") + QString(it.key()).replace(u'~', QStringLiteral("~0")).replace(u'/', QStringLiteral("~1")),
                        "delegate.parameter", QStringLiteral("The parameter \"%1\" needs a JSON Schema, for example {\"type\": \"string\"}.").arg(it.key()));
        }
    }
}

} // namespace lathe
