// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/OpenApiSchema.h"

#include <QJsonArray>
#include <QRegularExpression>

#include <algorithm>
#include <utility>

namespace lathe {

namespace {
// Together these keep the result within SchemaNormalizer's depth of 64.
constexpr int maxDepth = 18;       // schemas within schemas, references not counted
constexpr int maxInlineHeight = 12; // levels of JSON
constexpr int maxInlineNodes = 60;  // of one reference
constexpr int maxInlinedNodes = 600; // of all references of a part
constexpr int maxChain = 40;
constexpr int maxHops = 20;
constexpr int maxNotes = 50;
constexpr qsizetype maxText = 1000;
constexpr qsizetype maxEnum = 500;

QString definitionRef(const QString &name)
{
    return QStringLiteral("#/$defs/") + name;
}

void add(OpenApiSchemas::Part *sum, const OpenApiSchemas::Part &part, int levels)
{
    sum->nodes += part.nodes;
    sum->height = std::max(sum->height, part.height + levels);
    sum->needed += part.needed;
}

// Members that are copied as they are, with what they must be.
bool isFit(const QString &key, const QJsonValue &value)
{
    static const QSet<QString> texts{QStringLiteral("title"), QStringLiteral("description"), QStringLiteral("format"),
                                     QStringLiteral("contentEncoding"), QStringLiteral("contentMediaType")};
    static const QSet<QString> numbers{QStringLiteral("minimum"), QStringLiteral("maximum"), QStringLiteral("exclusiveMinimum"),
                                       QStringLiteral("exclusiveMaximum")};
    static const QSet<QString> counts{QStringLiteral("minLength"), QStringLiteral("maxLength"), QStringLiteral("minItems"),
                                      QStringLiteral("maxItems"), QStringLiteral("minProperties"), QStringLiteral("maxProperties")};
    static const QSet<QString> types{QStringLiteral("string"),  QStringLiteral("number"), QStringLiteral("integer"),
                                     QStringLiteral("boolean"), QStringLiteral("object"), QStringLiteral("array"),
                                     QStringLiteral("null")};
    if (key == QLatin1String("type") && value.isArray()) {
        const QJsonArray list = value.toArray();
        return !list.isEmpty()
               && std::all_of(list.begin(), list.end(), [](const QJsonValue &item) { return types.contains(item.toString()); });
    }
    if (key == QLatin1String("type"))
        return types.contains(value.toString());
    if (key == QLatin1String("enum"))
        return value.isArray() && !value.toArray().isEmpty() && value.toArray().size() <= maxEnum;
    if (key == QLatin1String("examples"))
        return value.isArray();
    if (key == QLatin1String("const") || key == QLatin1String("default"))
        return true;
    if (key == QLatin1String("uniqueItems") || key == QLatin1String("deprecated"))
        return value.isBool();
    if (key == QLatin1String("multipleOf"))
        return value.isDouble() && value.toDouble() > 0;
    if (key == QLatin1String("pattern"))
        return value.isString() && value.toString().size() <= 1000 && QRegularExpression(value.toString()).isValid();
    if (counts.contains(key))
        return value.isDouble() && value.toDouble() >= 0 && double(value.toInteger(-1)) == value.toDouble();
    return (texts.contains(key) && value.isString()) || (numbers.contains(key) && value.isDouble());
}

// The ways in which 3.0 differs from JSON Schema: nullable, exclusive bounds as bools, example.
void modernise(const QJsonObject &schema, QJsonObject *out)
{
    for (const auto &[bound, exclusive] : {std::pair{"minimum", "exclusiveMinimum"}, std::pair{"maximum", "exclusiveMaximum"}}) {
        if (schema.value(QLatin1String(exclusive)).toBool() && schema.value(QLatin1String(bound)).isDouble()) {
            out->insert(QLatin1String(exclusive), schema.value(QLatin1String(bound)));
            out->remove(QLatin1String(bound));
        }
    }
    if (schema.contains(QLatin1String("example")) && !schema.contains(QLatin1String("examples")))
        out->insert(QStringLiteral("examples"), QJsonArray{schema.value(QLatin1String("example"))});
    if (!schema.value(QLatin1String("nullable")).toBool())
        return;
    const QJsonValue type = out->value(QLatin1String("type"));
    if (type.isString())
        out->insert(QStringLiteral("type"), QJsonArray{type, QStringLiteral("null")});
    QJsonArray values = out->value(QLatin1String("enum")).toArray();
    if (!values.isEmpty() && !values.contains(QJsonValue(QJsonValue::Null))) {
        values.append(QJsonValue(QJsonValue::Null));
        out->insert(QStringLiteral("enum"), values);
    }
}
} // namespace

void OpenApiSchemas::note(const QString &text)
{
    if (m_notes.size() < maxNotes && !m_notes.contains(text))
        m_notes += text;
}

// "#/components/schemas/Pet"
QJsonValue OpenApiSchemas::at(const QString &pointer) const
{
    if (!pointer.startsWith(QLatin1String("#/")) || pointer.size() > 1000)
        return QJsonValue(QJsonValue::Undefined);
    QJsonValue value = m_document;
    for (QString part : pointer.mid(2).split(u'/')) {
        if (part.contains(u'%'))
            part = QString::fromUtf8(QByteArray::fromPercentEncoding(part.toUtf8()));
        part.replace(QLatin1String("~1"), QLatin1String("/")).replace(QLatin1String("~0"), QLatin1String("~"));
        bool ok = false;
        if (value.isArray())
            value = value.toArray().at(part.toInt(&ok));
        else
            value = value.toObject().value(part);
        if (value.isUndefined())
            return value;
    }
    return value;
}

QJsonValue OpenApiSchemas::follow(const QJsonValue &value) const
{
    QJsonValue found = value;
    for (int hop = 0; hop < maxHops; ++hop) {
        const QJsonValue ref = found.toObject().value(QLatin1String("$ref"));
        if (!ref.isString())
            return found;
        found = at(ref.toString());
    }
    return QJsonValue(QJsonValue::Undefined);
}

bool OpenApiSchemas::isHidden(const QJsonValue &property, Use use) const
{
    const QLatin1String flag(use == Use::Request ? "readOnly" : "writeOnly");
    const QJsonObject object = property.toObject();
    if (object.value(flag).toBool())
        return true;
    return object.contains(QLatin1String("$ref")) && follow(property).toObject().value(flag).toBool();
}

QString OpenApiSchemas::definitionName(const QString &pointer)
{
    auto known = m_names.constFind(pointer);
    if (known != m_names.constEnd())
        return *known;
    QString name;
    for (const QChar c : pointer.section(u'/', -1))
        name += (c.unicode() < 128 && (c.isLetterOrNumber() || c == u'_' || c == u'-')) ? c : QChar(u'_');
    name = name.left(60);
    if (name.isEmpty())
        name = QStringLiteral("schema");
    QString unique = name;
    for (int n = 2; m_taken.contains(unique); ++n)
        unique = name + u'_' + QString::number(n);
    m_taken.insert(unique);
    m_names.insert(pointer, unique);
    return unique;
}

const OpenApiSchemas::Part &OpenApiSchemas::made(const QString &pointer, Use use)
{
    const Key key{pointer, use};
    if (const auto known = m_made.constFind(key); known != m_made.constEnd())
        return *known;
    m_open.insert(key);
    ++m_chain;
    const int around = std::exchange(m_inlined, 0);
    Part part = convert(at(pointer), use, 0);
    m_inlined = around;
    --m_chain;
    m_open.remove(key);
    return *m_made.insert(key, std::move(part));
}

OpenApiSchemas::Part OpenApiSchemas::convertRef(const QJsonObject &schema, Use use)
{
    const QString pointer = schema.value(QLatin1String("$ref")).toString();
    Part out;
    if (at(pointer).isUndefined()) {
        note(pointer.startsWith(u'#')
                 ? QStringLiteral("A schema refers to %1, which is not in the document; anything is allowed there.").arg(pointer.left(100))
                 : QStringLiteral("A schema refers to %1 outside of the document, which is not read; anything is allowed there.")
                       .arg(pointer.left(100)));
        out.schema = QJsonObject();
        return out;
    }
    const bool open = m_open.contains(Key{pointer, use});
    if (!open && m_chain < maxChain) {
        const Part whole = made(pointer, use); // a copy: the hash may grow
        if (whole.nodes <= maxInlineNodes && whole.height <= maxInlineHeight && m_inlined < maxInlinedNodes) {
            m_inlined += whole.nodes;
            out = whole;
            QJsonObject object = whole.schema.toObject();
            for (const char *key : {"title", "description", "default"}) { // what stands beside a reference in 3.1
                const QJsonValue own = schema.value(QLatin1String(key));
                if (isFit(QLatin1String(key), own) && !own.isUndefined())
                    object.insert(QLatin1String(key), own);
            }
            out.schema = object;
            return out;
        }
    }
    out.schema = QJsonObject{{QStringLiteral("$ref"), definitionRef(definitionName(pointer))}};
    out.nodes = 2;
    out.height = 2;
    out.needed.insert(pointer);
    return out;
}

void OpenApiSchemas::convertProperties(const QJsonObject &schema, Use use, int depth, QJsonObject *out, Part *sum)
{
    const QJsonObject properties = schema.value(QLatin1String("properties")).toObject();
    QJsonObject made;
    QSet<QString> hidden;
    for (auto it = properties.begin(); it != properties.end(); ++it) {
        if (isHidden(it.value(), use)) {
            hidden.insert(it.key());
            continue;
        }
        const Part part = convert(it.value(), use, depth + 1);
        add(sum, part, 2);
        made.insert(it.key(), part.schema);
    }
    if (!properties.isEmpty())
        out->insert(QStringLiteral("properties"), made);
    QJsonArray required;
    for (const QJsonValue &name : schema.value(QLatin1String("required")).toArray()) {
        if (name.isString() && !hidden.contains(name.toString()) && !required.contains(name))
            required.append(name);
    }
    if (!required.isEmpty())
        out->insert(QStringLiteral("required"), required);
}

void OpenApiSchemas::convertMember(const QString &key, const QJsonValue &value, Use use, int depth, QJsonObject *out, Part *sum)
{
    static const QSet<QString> schemas{QStringLiteral("items"), QStringLiteral("additionalProperties"), QStringLiteral("not"),
                                       QStringLiteral("contains"), QStringLiteral("propertyNames"), QStringLiteral("if"),
                                       QStringLiteral("then"), QStringLiteral("else")};
    static const QSet<QString> lists{QStringLiteral("allOf"), QStringLiteral("anyOf"), QStringLiteral("oneOf"),
                                     QStringLiteral("prefixItems")};
    if (schemas.contains(key) && value.isBool()) {
        out->insert(key, value);
    } else if (schemas.contains(key) && value.isObject()) {
        const Part part = convert(value, use, depth + 1);
        add(sum, part, 1);
        out->insert(key, part.schema);
    } else if (lists.contains(key) && value.isArray() && !value.toArray().isEmpty()) {
        QJsonArray list;
        for (const QJsonValue &item : value.toArray()) {
            const Part part = convert(item, use, depth + 1);
            add(sum, part, 2);
            list.append(part.schema);
        }
        out->insert(key, list);
    } else if (key == QLatin1String("patternProperties") && value.isObject()) {
        QJsonObject made;
        const QJsonObject patterns = value.toObject();
        for (auto it = patterns.begin(); it != patterns.end(); ++it) {
            if (!isFit(QStringLiteral("pattern"), it.key()))
                continue;
            const Part part = convert(it.value(), use, depth + 1);
            add(sum, part, 2);
            made.insert(it.key(), part.schema);
        }
        out->insert(key, made);
    } else if (isFit(key, value)) {
        const bool text = key == QLatin1String("description") || key == QLatin1String("title");
        out->insert(key, text ? QJsonValue(value.toString().left(maxText)) : value);
        sum->nodes += key == QLatin1String("enum") ? 1 + int(value.toArray().size()) : 1;
    } else if (key == QLatin1String("pattern")) {
        note(QStringLiteral("The pattern %1 cannot be checked here and was left out.").arg(value.toString().left(80)));
    } else if (key == QLatin1String("$dynamicRef") || key == QLatin1String("$recursiveRef")) {
        note(QStringLiteral("%1 is not supported; anything is allowed there.").arg(key));
    }
}

OpenApiSchemas::Part OpenApiSchemas::convert(const QJsonValue &value, Use use, int depth)
{
    Part out;
    out.schema = QJsonObject();
    if (value.isBool()) {
        if (!value.toBool())
            out.schema = QJsonObject{{QStringLiteral("not"), QJsonObject()}};
        return out;
    }
    if (!value.isObject())
        return out;
    if (depth > maxDepth) {
        note(QStringLiteral("A schema is nested too deeply; anything is allowed in its depth."));
        return out;
    }
    const QJsonObject schema = value.toObject();
    if (schema.value(QLatin1String("$ref")).isString())
        return convertRef(schema, use);
    QJsonObject made;
    out.height = 2;
    for (auto it = schema.begin(); it != schema.end(); ++it) {
        if (out.nodes > maxSchemaNodes) {
            note(QStringLiteral("A schema is too large; anything is allowed in the rest of it."));
            break;
        }
        convertMember(it.key(), it.value(), use, depth, &made, &out);
    }
    convertProperties(schema, use, depth, &made, &out);
    modernise(schema, &made);
    out.schema = made;
    return out;
}

OpenApiSchemas::Part OpenApiSchemas::part(const QJsonValue &schema, Use use)
{
    // Through references, so that whoever asks sees what is at the root.
    m_inlined = 0;
    QJsonValue root = schema;
    for (int hop = 0; hop < maxHops; ++hop) {
        const QJsonValue ref = root.toObject().value(QLatin1String("$ref"));
        if (!ref.isString())
            return convert(root, use, 0);
        const QString pointer = ref.toString();
        if (at(pointer).isUndefined())
            return convertRef(root.toObject(), use);
        const Part whole = made(pointer, use);
        if (!whole.schema.toObject().contains(QLatin1String("$ref")))
            return whole;
        root = at(pointer);
    }
    Part out;
    out.schema = QJsonObject();
    return out;
}

QJsonObject OpenApiSchemas::definitions(const QSet<QString> &needed, Use use)
{
    QJsonObject out;
    QStringList open = needed.values();
    std::sort(open.begin(), open.end()); // names must not depend on the hash
    QSet<QString> seen = needed;
    int nodes = 0;
    const int room = use == Use::Request ? maxRequestNodes : maxResponseNodes;
    for (qsizetype i = 0; i < open.size(); ++i) { // the nearest first
        const Part whole = made(open[i], use);
        if (nodes > 0 && nodes + whole.nodes > room) {
            if (use == Use::Request)
                note(QStringLiteral("Its arguments lead to more than can be described; anything is allowed in the farthest parts."));
            out.insert(definitionName(open[i]), QJsonObject());
            continue;
        }
        nodes += whole.nodes;
        // References in a circle say nothing.
        const bool loop = whole.schema.toObject().contains(QLatin1String("$ref")) && follow(at(open[i])).isUndefined();
        out.insert(definitionName(open[i]), loop ? QJsonValue(QJsonObject()) : whole.schema);
        QStringList more = (whole.needed - seen).values();
        std::sort(more.begin(), more.end());
        for (const QString &pointer : more) {
            seen.insert(pointer);
            open += pointer;
        }
    }
    return out;
}

} // namespace lathe
