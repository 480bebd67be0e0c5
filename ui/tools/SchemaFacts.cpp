// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/SchemaFacts.h"

#include "core/base/Json.h"

#include <QCoreApplication>
#include <QUrl>

#include <algorithm>

namespace lathe {

namespace {
constexpr int MostHops = 16;     // of references
constexpr int MostParts = 32;    // of allOf, anyOf, oneOf
constexpr int MostChoices = 500;
constexpr int MostDepth = 6;
constexpr int LongText = 1000; // a text that may be longer than this gets a field of several lines

QString say(const char *text)
{
    return QCoreApplication::translate("lathe::SchemaFacts", text);
}

QString textOf(const QJsonValue &value)
{
    return value.isString() ? value.toString() : json::compactString(value).left(120);
}

QJsonObject merged(QJsonObject base, const QJsonObject &other)
{
    for (auto it = other.begin(); it != other.end(); ++it) {
        if (it.key() == QLatin1String("properties")) {
            QJsonObject all = base.value(it.key()).toObject();
            const QJsonObject more = it.value().toObject();
            for (auto property = more.begin(); property != more.end(); ++property)
                all.insert(property.key(), property.value());
            base.insert(it.key(), all);
        } else if (it.key() == QLatin1String("required")) {
            QStringList all = json::toStringList(base.value(it.key()));
            for (const QString &name : json::toStringList(it.value())) {
                if (!all.contains(name))
                    all.append(name);
            }
            base.insert(it.key(), json::fromStringList(all));
        } else if (!base.contains(it.key())) {
            base.insert(it.key(), it.value());
        }
    }
    return base;
}

// What one reading may do in all: schemas of strangers branch as they like.
struct Reading {
    const QJsonObject &root;
    int left = 400;
};

QJsonObject resolved(const QJsonValue &value, Reading &reading, int depth)
{
    QJsonObject schema = value.toObject();
    for (int hop = 0; hop < MostHops && --reading.left > 0 && schema.contains(QStringLiteral("$ref")); ++hop) {
        const QString reference = schema.take(QStringLiteral("$ref")).toString();
        if (!reference.startsWith(QLatin1Char('#')))
            continue; // nothing is ever fetched
        const QString pointer = QUrl::fromPercentEncoding(reference.mid(1).toUtf8());
        schema = merged(schema, pointer.isEmpty() ? reading.root : json::at(reading.root, pointer).toObject());
    }
    schema.remove(QStringLiteral("$ref"));
    const QJsonArray all = schema.take(QStringLiteral("allOf")).toArray();
    for (int i = 0; i < std::min<int>(int(all.size()), MostParts) && depth < MostDepth && --reading.left > 0; ++i)
        schema = merged(schema, resolved(all[i], reading, depth + 1));
    return schema;
}

bool isNull(const QJsonObject &schema)
{
    return schema.value(QStringLiteral("type")) == QLatin1String("null")
        || (schema.contains(QStringLiteral("const")) && schema.value(QStringLiteral("const")).isNull());
}

bool isLong(const QJsonObject &schema)
{
    if (schema.value(QStringLiteral("maxLength")).toDouble() > LongText)
        return true;
    const QString format = schema.value(QStringLiteral("format")).toString();
    return format == QLatin1String("multi-line") || format == QLatin1String("multiline") || format == QLatin1String("markdown")
        || format == QLatin1String("textarea") || schema.contains(QStringLiteral("contentMediaType"));
}

SchemaFacts factsOf(QJsonObject schema, Reading &reading, int depth);

// anyOf and oneOf. False: there is no such thing, or nothing that could be chosen.
bool readAlternatives(SchemaFacts *facts, Reading &reading, int depth)
{
    QJsonObject base = facts->schema;
    QJsonArray parts = base.take(QStringLiteral("oneOf")).toArray();
    if (parts.isEmpty())
        parts = base.take(QStringLiteral("anyOf")).toArray();
    base.remove(QStringLiteral("anyOf"));
    if (parts.isEmpty() || depth >= MostDepth)
        return false;
    std::vector<QJsonObject> options;
    std::vector<SchemaFacts::Choice> constants;
    for (int i = 0; i < std::min<int>(int(parts.size()), MostParts * 4); ++i) {
        const QJsonObject option = resolved(parts[i], reading, depth + 1);
        if (isNull(option)) {
            facts->nullable = true;
            continue;
        }
        if (option.contains(QStringLiteral("const")))
            constants.push_back({option.value(QStringLiteral("const")), option.value(QStringLiteral("title")).toString(),
                                 option.value(QStringLiteral("description")).toString()});
        options.push_back(option);
    }
    if (options.empty())
        return false;
    if (constants.size() == options.size()) {
        facts->kind = SchemaFacts::Kind::Choice;
        for (SchemaFacts::Choice &choice : constants)
            choice.title = choice.title.isEmpty() ? textOf(choice.value) : choice.title;
        facts->choices = std::move(constants);
        facts->schema = base;
        return true;
    }
    // Branches that only say which members are required change nothing of what the form asks for.
    const bool shapeless = std::all_of(options.begin(), options.end(), [](const QJsonObject &option) {
        return option.size() == 1 && option.contains(QStringLiteral("required"));
    });
    if (shapeless) {
        facts->schema = base;
        return false;
    }
    for (QJsonObject &option : options)
        option = merged(option, base);
    if (options.size() == 1) {
        const bool nullable = facts->nullable;
        *facts = factsOf(options.front(), reading, depth + 1);
        facts->nullable = facts->nullable || nullable;
        return true;
    }
    if (options.size() > MostParts)
        options.resize(MostParts);
    facts->kind = SchemaFacts::Kind::Variants;
    facts->variants = std::move(options);
    facts->schema = base;
    return true;
}

void readChoices(SchemaFacts *facts, const QJsonArray &values)
{
    const QJsonArray names = facts->schema.value(QStringLiteral("enumNames")).toArray(); // MCP elicitation, and others
    facts->kind = SchemaFacts::Kind::Choice;
    for (int i = 0; i < std::min<int>(int(values.size()), MostChoices); ++i) {
        if (values[i].isNull()) {
            facts->nullable = true;
            continue;
        }
        const QString name = names[i].toString();
        facts->choices.push_back({values[i], name.isEmpty() ? textOf(values[i]) : name, QString()});
    }
}

void readType(SchemaFacts *facts, Reading &reading, int depth)
{
    using Kind = SchemaFacts::Kind;
    const QJsonObject &schema = facts->schema;
    QStringList types = json::toStringList(schema.value(QStringLiteral("type")));
    if (schema.value(QStringLiteral("type")).isString())
        types = {schema.value(QStringLiteral("type")).toString()};
    facts->nullable = facts->nullable || schema.value(QStringLiteral("nullable")).toBool() || (types.size() > 1 && types.contains(QStringLiteral("null")));
    types.removeAll(QStringLiteral("null"));
    if (types.contains(QStringLiteral("number")))
        types.removeAll(QStringLiteral("integer"));
    if (types.size() > 1 && types.size() <= 6) {
        facts->kind = Kind::Variants;
        for (const QString &type : types) {
            QJsonObject one = schema;
            one.insert(QStringLiteral("type"), type);
            one.remove(QStringLiteral("title"));
            facts->variants.push_back(one);
        }
        return;
    }
    QString type = types.value(0);
    if (type.isEmpty())
        type = schema.value(QStringLiteral("properties")).isObject() ? QStringLiteral("object")
             : schema.value(QStringLiteral("items")).isObject()      ? QStringLiteral("array")
                                                                     : QString();
    if (type == QLatin1String("string")) {
        facts->kind = isLong(schema) ? Kind::LongText : Kind::Text;
    } else if (type == QLatin1String("number")) {
        facts->kind = Kind::Number;
    } else if (type == QLatin1String("integer")) {
        facts->kind = Kind::Integer;
    } else if (type == QLatin1String("boolean")) {
        facts->kind = Kind::Boolean;
    } else if (type == QLatin1String("array")) {
        if (!schema.value(QStringLiteral("items")).isObject() || schema.contains(QStringLiteral("prefixItems")))
            return; // a tuple, or anything: as JSON
        const SchemaFacts items = depth < MostDepth ? factsOf(resolved(schema.value(QStringLiteral("items")), reading, depth + 1), reading, depth + 1) : SchemaFacts();
        const bool checks = items.kind == Kind::Choice && items.choices.size() <= 24 && schema.value(QStringLiteral("uniqueItems")).toBool(items.choices.size() <= 12);
        facts->kind = checks ? Kind::Checks : Kind::List;
        if (checks)
            facts->choices = items.choices;
    } else if (type == QLatin1String("object")) {
        const bool members = !schema.value(QStringLiteral("properties")).toObject().isEmpty() || schema.value(QStringLiteral("additionalProperties")).isObject();
        facts->kind = members ? Kind::Object : Kind::Any;
    }
}

SchemaFacts factsOf(QJsonObject schema, Reading &reading, int depth)
{
    SchemaFacts facts;
    facts.schema = std::move(schema);
    if (const QJsonArray values = facts.schema.value(QStringLiteral("enum")).toArray(); !values.isEmpty()) {
        readChoices(&facts, values);
    } else if (facts.schema.contains(QStringLiteral("const"))) {
        facts.kind = SchemaFacts::Kind::Choice;
        const QJsonValue value = facts.schema.value(QStringLiteral("const"));
        facts.choices.push_back({value, textOf(value), QString()});
    } else if (!readAlternatives(&facts, reading, depth)) {
        readType(&facts, reading, depth);
    }
    return facts;
}

QString numberText(double value)
{
    return QString::number(value, 'g', 12);
}
}

QString SchemaFacts::description() const
{
    return schema.value(QLatin1String("description")).toString().left(600);
}

QString SchemaFacts::help() const
{
    QStringList parts;
    if (const QString text = description().trimmed(); !text.isEmpty())
        parts.append(text);
    const auto number = [this](const char *key) { return schema.value(QLatin1String(key)); };
    const QJsonValue least = number("minimum"), most = number("maximum"), above = number("exclusiveMinimum"), below = number("exclusiveMaximum");
    if (least.isDouble() && most.isDouble())
        parts.append(say("From %1 to %2.").arg(numberText(least.toDouble()), numberText(most.toDouble())));
    else if (least.isDouble())
        parts.append(say("At least %1.").arg(numberText(least.toDouble())));
    else if (most.isDouble())
        parts.append(say("At most %1.").arg(numberText(most.toDouble())));
    if (above.isDouble())
        parts.append(say("Above %1.").arg(numberText(above.toDouble())));
    if (below.isDouble())
        parts.append(say("Below %1.").arg(numberText(below.toDouble())));
    if (number("multipleOf").isDouble())
        parts.append(say("A multiple of %1.").arg(numberText(number("multipleOf").toDouble())));
    if (kind == Kind::Text && number("maxLength").isDouble())
        parts.append(say("At most %1 characters.").arg(number("maxLength").toInteger()));
    if ((kind == Kind::List || kind == Kind::Checks) && (number("minItems").toInt() > 0 || number("maxItems").isDouble())) {
        const int fewest = number("minItems").toInt();
        parts.append(number("maxItems").isDouble() ? say("%1 to %2 items.").arg(fewest).arg(number("maxItems").toInteger())
                     : fewest == 1                 ? say("At least one.")
                                                   : say("At least %1 items.").arg(fewest));
    }
    return parts.join(QLatin1Char(' '));
}

QJsonValue SchemaFacts::first() const
{
    if (schema.contains(QLatin1String("default")))
        return schema.value(QLatin1String("default"));
    const auto all = examples();
    return all.empty() ? QJsonValue(QJsonValue::Undefined) : all.front();
}

std::vector<QJsonValue> SchemaFacts::examples() const
{
    std::vector<QJsonValue> list;
    for (const QJsonValue &value : schema.value(QLatin1String("examples")).toArray()) {
        if (list.size() < 20)
            list.push_back(value);
    }
    if (schema.contains(QLatin1String("example"))) // OpenAPI
        list.push_back(schema.value(QLatin1String("example")));
    return list;
}

SchemaFacts readSchema(const QJsonValue &schema, const QJsonObject &root)
{
    Reading reading{root};
    return factsOf(resolved(schema, reading, 0), reading, 0);
}

QString variantTitle(const QJsonObject &schema, const QJsonObject &root, int number)
{
    const SchemaFacts facts = readSchema(schema, root);
    if (!facts.title().isEmpty())
        return facts.title().left(60);
    const QJsonObject properties = facts.schema.value(QStringLiteral("properties")).toObject();
    for (auto it = properties.begin(); it != properties.end(); ++it) {
        if (it.value()[QLatin1String("const")].isString())
            return it.value()[QLatin1String("const")].toString().left(60);
    }
    switch (facts.kind) {
    case SchemaFacts::Kind::Text:
    case SchemaFacts::Kind::LongText:
        return say("a text");
    case SchemaFacts::Kind::Number:
        return say("a number");
    case SchemaFacts::Kind::Integer:
        return say("a whole number");
    case SchemaFacts::Kind::Boolean:
        return say("true or false");
    case SchemaFacts::Kind::Choice:
        return say("one of %1").arg(facts.choices.size());
    case SchemaFacts::Kind::List:
    case SchemaFacts::Kind::Checks:
        return say("a list");
    case SchemaFacts::Kind::Object: {
        const QStringList names = properties.keys();
        return names.isEmpty() ? say("an object") : QStringList(names.mid(0, 3)).join(QStringLiteral(", ")).left(60);
    }
    default:
        return say("form %1").arg(number);
    }
}

int fitness(const SchemaFacts &facts, const QJsonValue &value, const QJsonObject &root)
{
    using Kind = SchemaFacts::Kind;
    switch (facts.kind) {
    case Kind::Text:
    case Kind::LongText:
        return value.isString() ? 1 : -1;
    case Kind::Number:
        return value.isDouble() ? 1 : -1;
    case Kind::Integer:
        return value.isDouble() ? (value.toDouble() == double(value.toInteger()) ? 2 : -1) : -1;
    case Kind::Boolean:
        return value.isBool() ? 1 : -1;
    case Kind::Choice:
        return std::any_of(facts.choices.begin(), facts.choices.end(), [&](const SchemaFacts::Choice &choice) { return choice.value == value; }) ? 3 : -1;
    case Kind::List:
    case Kind::Checks:
        return value.isArray() ? 1 : -1;
    case Kind::Object: {
        if (!value.isObject())
            return -1;
        const QJsonObject object = value.toObject();
        const QJsonObject properties = facts.schema.value(QStringLiteral("properties")).toObject();
        int score = 1;
        for (const QString &name : json::toStringList(facts.schema.value(QStringLiteral("required"))))
            score += object.contains(name) ? 1 : -2;
        for (auto it = object.begin(); it != object.end(); ++it) {
            if (!properties.contains(it.key())) {
                score -= 1;
                continue;
            }
            const QJsonObject property = properties.value(it.key()).toObject();
            if (property.contains(QStringLiteral("const")))
                score += property.value(QStringLiteral("const")) == it.value() ? 20 : -20;
            else
                score += 1;
        }
        return score;
    }
    case Kind::Variants: {
        int best = -1;
        for (const QJsonObject &variant : facts.variants) {
            const SchemaFacts one = readSchema(variant, root);
            if (one.kind != Kind::Variants) // one level is enough to choose by
                best = std::max(best, fitness(one, value, root));
        }
        return best;
    }
    case Kind::Any:
        return 0;
    }
    return 0;
}

} // namespace lathe
