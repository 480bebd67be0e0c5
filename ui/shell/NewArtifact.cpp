// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/NewArtifact.h"

#include "core/design/TeamEdits.h"
#include "core/design/ToolSpec.h"

namespace lathe {

// The first connection there is; the offline one by preference, because it always works.
ModelChoice firstModel(const Session &session)
{
    ModelChoice model;
    const auto connections = session.project().artifacts().list(ArtifactKind::Connection);
    for (const ArtifactInfo &info : connections) {
        const auto draft = session.draft(info.id);
        const bool offline = draft && draft->body.value(QStringLiteral("api")).toString() == QLatin1String("offline");
        if (offline || model.connection.isEmpty())
            model = ModelChoice{info.name, offline ? QStringLiteral("extractive") : QString()};
        if (offline)
            break;
    }
    return model;
}

QJsonObject newTeamBody()
{
    QJsonObject body{{QStringLiteral("job"), QObject::tr("Answer the input.")}};
    for (const NodeKind kind : {NodeKind::Input, NodeKind::Output})
        body = applyChanges(body, addNode(body, kind, QPointF(kind == NodeKind::Input ? 0 : 608, 0)).changes);
    return body;
}

QJsonObject newPromptBody()
{
    PromptSpec spec;
    for (const PromptTemplate &shipped : shippedTemplates()) {
        if (shipped.id == QLatin1String("summariser")) {
            spec = shipped.spec;
            spec.templateName = shipped.id;
        }
    }
    return spec.toJson();
}

QJsonObject newAgentBody(const Session &session, const QString &prompt)
{
    AgentSpec spec;
    spec.job = QObject::tr("Summarise the given text in three bullet points.");
    spec.prompt = prompt;
    spec.pattern = QStringLiteral("direct");
    spec.model = firstModel(session);
    return spec.toJson();
}

QJsonObject newBody(ArtifactKind kind)
{
    switch (kind) {
    case ArtifactKind::Team:
        return newTeamBody();
    case ArtifactKind::Prompt:
        return newPromptBody();
    case ArtifactKind::Tool:
        return toolType(QStringLiteral("calculator"))->defaultBody;
    case ArtifactKind::Connection: {
        ConnectionSpec spec;
        spec.api = QStringLiteral("openai_chat");
        spec.baseUrl = ConnectionSpec::defaultBaseUrl(spec.api);
        spec.secretName = ConnectionSpec::conventionalSecret(spec.api);
        return spec.toJson();
    }
    default:
        return {};
    }
}

} // namespace lathe
