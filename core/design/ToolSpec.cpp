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

namespace {
const QString definitions = QStringLiteral("$defs");

// With each definition as `change` makes it; it may say Undefined for one that stays.
template<typename Change>
void changeDefinitions(QJsonObject *schema, Change change)
{
    const QJsonObject before = schema->value(definitions).toObject();
    QJsonObject after = before;
    bool changed = false;
    for (auto it = before.begin(); it != before.end(); ++it) {
        const QJsonValue made = change(it.key(), it.value());
        if (made.isUndefined())
            continue;
        after.insert(it.key(), made);
        changed = true;
    }
    if (changed)
        schema->insert(definitions, after);
}

// The definitions that schemas have alike, by name; mostly one, or one for arguments and one for results.
class SharedDefinitions
{
public:
    void count(const QJsonObject &schema)
    {
        const QJsonObject all = schema.value(definitions).toObject();
        for (auto it = all.begin(); it != all.end(); ++it) {
            if (!it->isObject() || it->toObject().size() < 2) // as small as what would stand in its place
                continue;
            if (Variant *known = find(it.key(), *it))
                ++known->uses;
            else if (m_variants[it.key()].size() < mostVariants)
                m_variants[it.key()].push_back(Variant{*it, 1, QString()});
        }
    }
    // Taken out where several have it.
    void takeOut(QJsonObject *schema)
    {
        changeDefinitions(schema, [this](const QString &name, const QJsonValue &value) {
            Variant *known = find(name, value);
            if (!known || known->uses < 2)
                return QJsonValue(QJsonValue::Undefined);
            if (known->key.isEmpty()) {
                known->key = name;
                for (int n = 2; m_schemas.contains(known->key); ++n)
                    known->key = name + QLatin1Char('~') + QString::number(n);
                m_schemas.insert(known->key, value);
            }
            return QJsonValue(known->key);
        });
    }
    const QJsonObject &schemas() const { return m_schemas; }

private:
    static constexpr size_t mostVariants = 20; // of one name: else a strange document takes quadratic time
    struct Variant {
        QJsonValue schema;
        int uses;
        QString key;
    };
    Variant *find(const QString &name, const QJsonValue &schema)
    {
        const auto known = m_variants.find(name);
        if (known == m_variants.end())
            return nullptr;
        for (Variant &variant : *known) {
            if (variant.schema == schema)
                return &variant;
        }
        return nullptr;
    }
    QHash<QString, std::vector<Variant>> m_variants;
    QJsonObject m_schemas;
};
} // namespace

void setToolFunctions(QJsonObject *config, const std::vector<ToolFunction> &functions)
{
    SharedDefinitions shared;
    for (const ToolFunction &function : functions) {
        shared.count(function.inputSchema);
        shared.count(function.outputSchema);
    }
    QJsonArray tools;
    for (ToolFunction function : functions) {
        shared.takeOut(&function.inputSchema);
        shared.takeOut(&function.outputSchema);
        tools.append(function.toJson());
    }
    config->insert(QStringLiteral("tools"), tools);
    if (shared.schemas().isEmpty())
        config->remove(QStringLiteral("schemas"));
    else
        config->insert(QStringLiteral("schemas"), shared.schemas());
}

std::vector<ToolFunction> toolFunctions(const QJsonObject &config)
{
    const QJsonObject schemas = config.value(QLatin1String("schemas")).toObject();
    const auto putBack = [&schemas](const QString &, const QJsonValue &value) {
        return value.isString() ? QJsonValue(schemas.value(value.toString()).toObject()) : QJsonValue(QJsonValue::Undefined);
    };
    std::vector<ToolFunction> functions;
    const QJsonArray items = config.value(QLatin1String("tools")).toArray();
    functions.reserve(size_t(items.size()));
    for (const QJsonValue &item : items)
        functions.push_back(ToolFunction::fromJson(item.toObject()));
    if (schemas.isEmpty())
        return functions;
    for (ToolFunction &function : functions) {
        changeDefinitions(&function.inputSchema, putBack);
        changeDefinitions(&function.outputSchema, putBack);
    }
    return functions;
}

bool isToolSet(const QString &type)
{
    return type == QLatin1String("mcp") || type == QLatin1String("openapi");
}

} // namespace lathe
