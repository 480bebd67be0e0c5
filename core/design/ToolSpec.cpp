// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/ToolSpec.h"

#include "core/design/ToolReader.h"

namespace lathe {

QString sideEffectName(SideEffect effect)
{
    switch (effect) {
    case SideEffect::Read:
        return QStringLiteral("read");
    case SideEffect::Write:
        return QStringLiteral("write");
    case SideEffect::External:
        break;
    }
    return QStringLiteral("external");
}

QString approvalName(Approval approval)
{
    switch (approval) {
    case Approval::Always:
        return QStringLiteral("always");
    case Approval::Ask:
        return QStringLiteral("ask");
    case Approval::Never:
        break;
    }
    return QStringLiteral("never");
}

std::optional<Approval> approvalFromName(const QString &name)
{
    for (const Approval approval : {Approval::Always, Approval::Ask, Approval::Never}) {
        if (name == approvalName(approval))
            return approval;
    }
    return std::nullopt;
}

ToolSpec readTool(const QJsonObject &body, std::vector<Problem> *problems)
{
    BodyReader reader(body, QString(), problems);
    ToolSpec spec;
    spec.type = reader.string(QStringLiteral("type"));
    spec.purpose = reader.string(QStringLiteral("purpose"));
    spec.config = reader.object(QStringLiteral("config"));
    const QString approval = reader.string(QStringLiteral("approval"), approvalName(spec.approval));
    if (const auto known = approvalFromName(approval)) {
        spec.approval = *known;
    } else {
        reader.wrong(QStringLiteral("approval"), QStringLiteral("always, ask or never"));
        spec.approval = Approval::Ask; // the careful one
    }
    if (reader.has(QStringLiteral("idempotent")))
        spec.idempotent = reader.boolean(QStringLiteral("idempotent"), false);
    BodyReader limits = reader.child(QStringLiteral("limits"));
    spec.limits.callsPerRun =
        limits.small(QStringLiteral("calls_per_run"), spec.limits.callsPerRun);
    spec.limits.seconds = limits.number(QStringLiteral("seconds"), spec.limits.seconds);
    spec.limits.maxBytes = limits.integer(QStringLiteral("max_bytes"), spec.limits.maxBytes);
    return spec;
}

Result<ToolSpec> ToolSpec::fromJson(const QJsonObject &body)
{
    std::vector<Problem> problems;
    ToolSpec spec = readTool(body, &problems);
    if (!problems.empty())
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The tool cannot be read: ") + problems.front().message);
    return spec;
}

QJsonObject ToolSpec::toJson() const
{
    QJsonObject body{{QStringLiteral("type"), type},
                     {QStringLiteral("purpose"), purpose},
                     {QStringLiteral("config"), config},
                     {QStringLiteral("approval"), approvalName(approval)},
                     {QStringLiteral("limits"),
                      QJsonObject{{QStringLiteral("calls_per_run"), limits.callsPerRun},
                                  {QStringLiteral("seconds"), limits.seconds},
                                  {QStringLiteral("max_bytes"), limits.maxBytes}}}};
    if (idempotent)
        body.insert(QStringLiteral("idempotent"), *idempotent);
    return body;
}

} // namespace lathe
