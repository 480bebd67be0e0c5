// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/ToolSpec.h"

#include "core/base/Json.h"
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
    case Approval::AskFirst:
        return QStringLiteral("ask_first");
    case Approval::AskWhen:
        return QStringLiteral("ask_when");
    case Approval::Never:
        break;
    }
    return QStringLiteral("never");
}

std::optional<Approval> approvalFromName(const QString &name)
{
    for (const Approval approval : {Approval::Always, Approval::Ask, Approval::AskFirst, Approval::AskWhen, Approval::Never}) {
        if (name == approvalName(approval))
            return approval;
    }
    return std::nullopt;
}

QString unattendedName(Unattended value)
{
    switch (value) {
    case Unattended::Deny:
        break;
    case Unattended::Allow:
        return QStringLiteral("allow");
    case Unattended::Stop:
        return QStringLiteral("stop");
    }
    return QStringLiteral("deny");
}

QString resultHandlingName(ResultHandling value)
{
    switch (value) {
    case ResultHandling::AsIs:
        break;
    case ResultHandling::Delimited:
        return QStringLiteral("delimited");
    case ResultHandling::Stripped:
        return QStringLiteral("stripped");
    }
    return QStringLiteral("as_is");
}

ToolSpec readTool(const QJsonObject &body, std::vector<Problem> *problems)
{
    BodyReader reader(body, QString(), problems);
    ToolSpec spec;
    spec.type = reader.string(QStringLiteral("type"));
    spec.purpose = reader.string(QStringLiteral("purpose"));
    spec.config = reader.object(QStringLiteral("config"));
    readPolicy(reader, &spec);
    if (reader.has(QStringLiteral("approval")) && !approvalFromName(body.value(QLatin1String("approval")).toString()))
        spec.approval = Approval::Ask; // the careful one
    spec.examples = reader.array(QStringLiteral("examples"));
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
    // What stood in every body from the beginning stays, default or not: equal tools keep equal bodies.
    QJsonObject body = ToolPolicy::toJson();
    body.insert(QStringLiteral("type"), type);
    body.insert(QStringLiteral("purpose"), purpose);
    body.insert(QStringLiteral("config"), config);
    body.insert(QStringLiteral("approval"), approvalName(approval));
    QJsonObject bounds = body.value(QLatin1String("limits")).toObject();
    bounds.insert(QStringLiteral("calls_per_run"), limits.callsPerRun);
    bounds.insert(QStringLiteral("seconds"), limits.seconds);
    bounds.insert(QStringLiteral("max_bytes"), limits.maxBytes);
    body.insert(QStringLiteral("limits"), bounds);
    if (!examples.isEmpty())
        body.insert(QStringLiteral("examples"), examples);
    return body;
}

ToolFunction ToolFunction::fromJson(const QJsonObject &json)
{
    ToolFunction function;
    function.name = json.value(QLatin1String("name")).toString();
    function.title = json.value(QLatin1String("title")).toString();
    function.description = json.value(QLatin1String("description")).toString();
    function.inputSchema = json.value(QLatin1String("input_schema")).toObject();
    function.outputSchema = json.value(QLatin1String("output_schema")).toObject();
    function.annotations = json.value(QLatin1String("annotations")).toObject();
    function.enabled = json.value(QLatin1String("enabled")).toBool(true);
    function.policy = json.value(QLatin1String("policy")).toObject();
    function.request = json.value(QLatin1String("request")).toObject();
    return function;
}

QJsonObject ToolFunction::toJson() const
{
    QJsonObject json{{QStringLiteral("name"), name},
                     {QStringLiteral("description"), description},
                     {QStringLiteral("input_schema"), inputSchema}};
    const auto object = [&json](const char *key, const QJsonObject &value) {
        if (!value.isEmpty())
            json.insert(QLatin1String(key), value);
    };
    if (!title.isEmpty())
        json.insert(QStringLiteral("title"), title);
    object("output_schema", outputSchema);
    object("annotations", annotations);
    object("policy", policy);
    object("request", request);
    if (!enabled)
        json.insert(QStringLiteral("enabled"), false);
    return json;
}

QByteArray ToolFunction::fingerprint() const
{
    return json::hash(QJsonObject{{QStringLiteral("annotations"), annotations},
                                  {QStringLiteral("description"), description},
                                  {QStringLiteral("input_schema"), inputSchema},
                                  {QStringLiteral("name"), name},
                                  {QStringLiteral("output_schema"), outputSchema},
                                  {QStringLiteral("title"), title}});
}

std::vector<ToolFunction> toolFunctions(const QJsonObject &config)
{
    std::vector<ToolFunction> functions;
    const QJsonArray items = config.value(QLatin1String("tools")).toArray();
    functions.reserve(size_t(items.size()));
    for (const QJsonValue &item : items)
        functions.push_back(ToolFunction::fromJson(item.toObject()));
    return functions;
}

bool isToolSet(const QString &type)
{
    return type == QLatin1String("mcp") || type == QLatin1String("openapi");
}

} // namespace lathe
