// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OfflineJson.h"

#include "core/base/Json.h"
#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineFields.h"
#include "core/llm/OfflineText.h"

#include <QSet>

#include <cmath>

namespace lathe::offline {

namespace {

constexpr int maxDepth = 16;
constexpr int maxItems = 200;
constexpr int maxValues = 500;   // of the whole answer; what lies beyond is left at its smallest
constexpr int maxMerges = 2'000; // of schemas that refer to each other

QString primaryType(const QJsonObject &schema, bool *nullable)
{
    const QJsonValue type = schema.value(QLatin1String("type"));
    QStringList types = type.isArray() ? json::toStringList(type) : QStringList{type.toString()};
    *nullable = types.removeAll(QStringLiteral("null")) > 0;
    const QString name = types.isEmpty() ? QString() : types.first();
    if (!name.isEmpty())
        return name;
    if (*nullable)
        return QStringLiteral("null");
    if (schema.contains(QLatin1String("properties")) || schema.contains(QLatin1String("required")))
        return QStringLiteral("object");
    if (schema.contains(QLatin1String("items")))
        return QStringLiteral("array");
    if (schema.contains(QLatin1String("minimum")) || schema.contains(QLatin1String("maximum")))
        return QStringLiteral("number");
    return QStringLiteral("string");
}

double clampNumber(double value, const QJsonObject &schema, bool integer)
{
    double low = -1e300, high = 1e300;
    const double step = schema.value(QLatin1String("multipleOf")).toDouble(integer ? 1.0 : 0.0);
    const double nudge = integer ? 1.0 : step > 0 ? step : 1e-6;
    if (const QJsonValue bound = schema.value(QLatin1String("minimum")); bound.isDouble())
        low = bound.toDouble();
    if (const QJsonValue bound = schema.value(QLatin1String("maximum")); bound.isDouble())
        high = bound.toDouble();
    // Draft 4 writes exclusive bounds as a flag, later drafts as a number.
    const QJsonValue above = schema.value(QLatin1String("exclusiveMinimum")),
                     below = schema.value(QLatin1String("exclusiveMaximum"));
    if (above.isDouble())
        low = std::max(low, above.toDouble() + nudge);
    else if (above.toBool())
        low += nudge;
    if (below.isDouble())
        high = std::min(high, below.toDouble() - nudge);
    else if (below.toBool())
        high -= nudge;
    value = std::clamp(std::isfinite(value) ? value : 0.0, std::min(low, high), high);
    if (step > 0) {
        double rounded = std::round(value / step) * step;
        if (rounded < low)
            rounded = std::ceil(low / step) * step;
        if (rounded > high)
            rounded = std::floor(high / step) * step;
        value = rounded;
    }
    return value;
}

class SchemaFiller
{
public:
    SchemaFiller(const QJsonObject &root, const JsonSource &source) : m_root(root), m_facts(source) {}

    QJsonValue value(const QJsonObject &rawSchema, const QString &name, int depth)
    {
        const QJsonObject schema = resolved(rawSchema, depth);
        if (schema.contains(QLatin1String("const")))
            return schema.value(QLatin1String("const"));
        if (++m_made > maxValues || depth > maxDepth)
            return smallest(schema);
        if (const QJsonArray values = schema.value(QLatin1String("enum")).toArray(); !values.isEmpty())
            return m_facts.choice(name, schema, values);
        bool nullable = false;
        const QString type = primaryType(schema, &nullable);
        QJsonValue made;
        if (type == QLatin1String("object"))
            made = object(schema, depth);
        else if (type == QLatin1String("array"))
            made = array(schema, name, depth);
        else if (type == QLatin1String("integer") || type == QLatin1String("number"))
            made = m_facts.number(name, schema, type == QLatin1String("integer"));
        else if (type == QLatin1String("boolean"))
            made = m_facts.truth(name, schema);
        else if (type == QLatin1String("null"))
            return QJsonValue::Null;
        else
            made = m_facts.text(name, schema);
        if (made.isUndefined() && nullable)
            return QJsonValue::Null;
        if (made.isUndefined())
            return smallest(schema);
        return clampedTo(made, schema);
    }

private:
    // $ref, allOf and the first fitting of anyOf and oneOf are put into one schema.
    QJsonObject resolved(QJsonObject schema, int depth) const
    {
        for (int i = 0; i < 8 && schema.contains(QLatin1String("$ref")); ++i) {
            const QString ref = schema.value(QLatin1String("$ref")).toString();
            const QJsonObject target =
                ref.startsWith(u'#') ? json::at(m_root, ref.mid(1)).toObject() : QJsonObject();
            schema.remove(QLatin1String("$ref"));
            for (auto it = target.begin(); it != target.end(); ++it) {
                if (!schema.contains(it.key()))
                    schema.insert(it.key(), it.value());
            }
        }
        if (depth > maxDepth || ++m_merges > maxMerges)
            return schema;
        const QJsonArray all = schema.take(QLatin1String("allOf")).toArray();
        for (const QJsonValue &part : all)
            merge(schema, resolved(part.toObject(), depth + 1));
        for (const auto key : {QLatin1String("anyOf"), QLatin1String("oneOf")}) {
            const QJsonArray choices = schema.take(key).toArray();
            if (choices.isEmpty())
                continue;
            bool null = false;
            QJsonObject chosen;
            for (const QJsonValue &choice : choices) {
                const QJsonObject option = resolved(choice.toObject(), depth + 1);
                if (option.value(QLatin1String("type")).toString() == QLatin1String("null"))
                    null = true;
                else if (chosen.isEmpty())
                    chosen = option;
            }
            merge(schema, chosen);
            if (null && schema.value(QLatin1String("type")).isString())
                schema.insert(QStringLiteral("type"),
                              QJsonArray{schema.value(QLatin1String("type")), QStringLiteral("null")});
            else if (null && chosen.isEmpty())
                schema.insert(QStringLiteral("type"), QStringLiteral("null"));
        }
        return schema;
    }

    static void merge(QJsonObject &into, const QJsonObject &part)
    {
        for (auto it = part.begin(); it != part.end(); ++it) {
            if (it.key() == QLatin1String("properties")) {
                QJsonObject properties = into.value(it.key()).toObject();
                const QJsonObject more = it.value().toObject();
                for (auto p = more.begin(); p != more.end(); ++p)
                    properties.insert(p.key(), p.value());
                into.insert(it.key(), properties);
            } else if (it.key() == QLatin1String("required")) {
                QStringList required =
                    json::toStringList(into.value(it.key())) + json::toStringList(it.value());
                required.removeDuplicates();
                into.insert(it.key(), json::fromStringList(required));
            } else if (!into.contains(it.key())) {
                into.insert(it.key(), it.value());
            }
        }
    }

    // The least value that is valid, when nothing in the text fits.
    QJsonValue smallest(const QJsonObject &schema)
    {
        if (schema.contains(QLatin1String("default")))
            return schema.value(QLatin1String("default"));
        if (const QJsonArray values = schema.value(QLatin1String("enum")).toArray(); !values.isEmpty())
            return values.first();
        bool nullable = false;
        const QString type = primaryType(schema, &nullable);
        if (nullable)
            return QJsonValue::Null;
        if (type == QLatin1String("object"))
            return QJsonObject();
        if (type == QLatin1String("array"))
            return QJsonArray();
        if (type == QLatin1String("boolean"))
            return false;
        if (type == QLatin1String("integer") || type == QLatin1String("number"))
            return clampNumber(0, schema, type == QLatin1String("integer"));
        const int length = int(std::min(1000.0, schema.value(QLatin1String("minLength")).toDouble(0)));
        if (const QJsonArray examples = schema.value(QLatin1String("examples")).toArray();
            schema.contains(QLatin1String("pattern")) && !examples.isEmpty())
            return examples.first();
        return QString(length, u'.');
    }

    QJsonValue object(const QJsonObject &schema, int depth)
    {
        QJsonObject made;
        const QJsonObject properties = schema.value(QLatin1String("properties")).toObject();
        const QStringList required = json::toStringList(schema.value(QLatin1String("required")));
        int count = 0;
        for (auto it = properties.begin(); it != properties.end() && count < maxItems; ++it, ++count) {
            const QJsonObject property = it.value().toObject();
            const QJsonValue member = value(property, it.key(), depth + 1);
            const bool empty = member.isNull() || (member.isString() && member.toString().isEmpty())
                               || (member.isArray() && member.toArray().isEmpty())
                               || (member.isObject() && member.toObject().isEmpty());
            if (!empty || required.contains(it.key()))
                made.insert(it.key(), member);
        }
        for (const QString &name : required) {
            if (!made.contains(name) && made.size() < maxItems)
                made.insert(name, value(properties.value(name).toObject(), name, depth + 1));
        }
        return made;
    }

    QJsonValue array(const QJsonObject &schema, const QString &name, int depth)
    {
        const QJsonObject items = resolved(schema.value(QLatin1String("items")).toObject(), depth);
        const int least =
            int(std::clamp(schema.value(QLatin1String("minItems")).toDouble(0), 0.0, double(maxItems)));
        const int most = int(
            std::clamp(schema.value(QLatin1String("maxItems")).toDouble(maxItems), 0.0, double(maxItems)));
        bool nullable = false;
        const QString type = primaryType(items, &nullable);
        QJsonArray made;
        if (items.contains(QLatin1String("enum"))) {
            made = m_facts.choices(name, items);
        } else if (type == QLatin1String("string")) {
            for (const QString &text : m_facts.texts(name, schema, std::min(most, std::max(least, 5))))
                made.append(clampedTo(text, items));
        } else if (type == QLatin1String("number") || type == QLatin1String("integer")) {
            for (const double number : m_facts.numbers())
                made.append(clampedTo(number, items));
        } else if (type == QLatin1String("object")) {
            // One object for each record of the text: its list items, lines or paragraphs.
            const QStringList records = m_facts.records(std::min(most, 20));
            for (const QString &record : records) {
                SchemaFiller inner(m_root, {record, m_facts.source().instructions, {}});
                inner.m_made = m_made;
                made.append(inner.value(items, name, depth + 1));
                m_made = inner.m_made;
                if (m_made > maxValues)
                    break;
            }
        }
        if (schema.value(QLatin1String("uniqueItems")).toBool()) {
            QJsonArray unique;
            for (const QJsonValue &item : std::as_const(made)) {
                if (!unique.contains(item))
                    unique.append(item);
            }
            made = unique;
        }
        while (made.size() > most)
            made.removeLast();
        for (int i = 0; made.size() < least && i < 2 * maxItems; ++i) {
            QJsonValue more = i == 0 ? value(items, name, depth + 1) : smallest(items);
            if (schema.value(QLatin1String("uniqueItems")).toBool() && made.contains(more)) {
                const QJsonArray values = items.value(QLatin1String("enum")).toArray();
                if (!values.isEmpty())
                    more = values.at(i % int(values.size()));
                else if (more.isDouble())
                    more = clampedTo(double(i), items);
                else if (more.isString())
                    more = QString::number(i + 1);
                if (made.contains(more))
                    continue;
            }
            made.append(more);
        }
        return made;
    }

    const QJsonObject m_root;
    FieldFacts m_facts;
    int m_made = 0;
    mutable int m_merges = 0;
};

} // namespace

QJsonValue clampedTo(const QJsonValue &value, const QJsonObject &schema)
{
    bool nullable = false;
    const QString type = primaryType(schema, &nullable);
    if (value.isNull() || value.isUndefined())
        return value;
    if (type == QLatin1String("integer") || type == QLatin1String("number")) {
        const double number = value.isString() ? value.toString().toDouble() : value.toDouble();
        const double clamped = clampNumber(type == QLatin1String("integer") ? std::round(number) : number,
                                           schema, type == QLatin1String("integer"));
        if (type == QLatin1String("integer"))
            return qint64(std::clamp(clamped, -9e15, 9e15));
        return clamped;
    }
    if (type == QLatin1String("string") && !value.isString())
        return clampedTo(value.isDouble() || value.isBool() ? json::compactString(value) : QString(),
                         schema);
    if (!value.isString())
        return value;
    QString text = value.toString();
    const double most = schema.value(QLatin1String("maxLength")).toDouble(-1);
    // JSON Schema counts code points; counting UTF-16 units is on the safe side.
    if (most >= 0 && text.size() > most)
        text = firstCharacters(text, int(most));
    const int least = int(std::clamp(schema.value(QLatin1String("minLength")).toDouble(0), 0.0, 10'000.0));
    while (text.toUcs4().size() < least)
        text += u'.';
    return text;
}

QJsonValue filledBySchema(const QJsonObject &schema, const JsonSource &source)
{
    return SchemaFiller(schema, source).value(schema, QString(), 0);
}

} // namespace lathe::offline
