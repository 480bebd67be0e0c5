// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/SchemaNormalizer.h"

#include <QHash>
#include <QSet>

#include <regex>

namespace lathe {

namespace {
constexpr int maxNodes = 20'000;
constexpr int maxReferences = 1'000;
constexpr int maxParseDepth =
    192; // nested schemas, through references; bounds valijson's recursion

Error unusable(const QString &pointer, const QString &why)
{
    return Error(ErrorKind::InvalidInput,
                 QStringLiteral("The JSON Schema cannot be used: at %1: %2.")
                     .arg(pointer.isEmpty() ? QStringLiteral("the top") : pointer, why));
}

QString escaped(QString key)
{
    return key.replace(QLatin1Char('~'), QLatin1String("~0"))
        .replace(QLatin1Char('/'), QLatin1String("~1"));
}

// std::regex backtracks without bound, so only patterns without repeated groups are handed to it.
QString patternPropertyProblem(const QString &pattern)
{
    static const QRegularExpression risky(QStringLiteral("\\)\\s*[*+?{]|\\\\[1-9]"));
    if (pattern.size() > 200 || pattern.contains(risky)
        || pattern.count(QLatin1Char('*')) + pattern.count(QLatin1Char('+')) > 3)
        return QStringLiteral("the pattern is too complex for property names");
    try {
        const std::regex test(pattern.toStdString());
    } catch (const std::regex_error &) {
        return QStringLiteral("the pattern is not a regular expression");
    }
    return QString();
}

class Normalizer
{
public:
    explicit Normalizer(const QJsonValue &root) : m_root(root)
    {
        const QString dialect = root.toObject().value(QLatin1String("$schema")).toString();
        m_refHidesSiblings = dialect.contains(QLatin1String("draft-0"));
        m_id = root.toObject().value(QLatin1String("$id")).toString();
        if (m_id.endsWith(u'#'))
            m_id.chop(1);
    }

    Result<NormalSchema> run()
    {
        QJsonObject document = schema(m_root, QString(), 0);
        QJsonObject definitions;
        // Normalising a definition may find further ones.
        for (size_t i = 0; i < m_targets.size() && !m_error; ++i) {
            const QString pointer = m_targets[i];
            definitions.insert(QStringLiteral("d%1").arg(i),
                               schema(json::at(m_root, pointer), pointer, 0));
        }
        if (m_error)
            return *m_error;
        m_definitions = definitions;
        checkLoops();
        if (!m_error) {
            m_parsed.clear();
            checkParseDepth(document, 0);
        }
        if (m_error)
            return *m_error;
        document.insert(QStringLiteral("x-lathe-defs"), definitions);
        return NormalSchema{document, std::move(m_out)};
    }

private:
    void fail(const QString &pointer, const QString &why)
    {
        if (!m_error)
            m_error = unusable(pointer, why);
    }

    QJsonObject schema(const QJsonValue &value, const QString &pointer, int depth)
    {
        if (m_error)
            return {};
        if (++m_nodes > maxNodes || depth > maxSchemaDepth) {
            fail(pointer, QStringLiteral("it is too large"));
            return {};
        }
        SchemaRule rule;
        QJsonObject out;
        QJsonArray allOf;
        if (value.isBool()) {
            rule.never = !value.toBool();
        } else if (!value.isObject()) {
            fail(pointer,
                 QStringLiteral("expected a schema (an object), got %1").arg(shortJson(value)));
            return {};
        } else {
            const QJsonObject node = value.toObject();
            const QJsonValue reference = node.value(QLatin1String("$ref"));
            if (!reference.isUndefined()) {
                const QString target = resolve(reference, pointer);
                if (m_refHidesSiblings || m_error)
                    return QJsonObject{{QStringLiteral("$ref"), target}};
                allOf.append(QJsonObject{{QStringLiteral("$ref"), target}});
            }
            auto read = SchemaRule::read(node);
            if (!read) {
                fail(pointer, read.error().message);
                return {};
            }
            rule = *std::move(read);
            structure(node, pointer, depth, rule, out, allOf);
        }
        allOf.prepend(QJsonObject{{QLatin1String(NormalSchema::ruleKey), int(m_out.size())}});
        out.insert(QStringLiteral("allOf"), allOf);
        m_out.push_back(std::move(rule));
        return out;
    }

    // The keywords that lead to other schemas or count members.
    void structure(const QJsonObject &node, const QString &pointer, int depth,
                   const SchemaRule &rule, QJsonObject &out, QJsonArray &allOf)
    {
        for (const char *name : {"allOf", "anyOf", "oneOf"}) {
            const QLatin1String key(name);
            if (!node.contains(key))
                continue;
            const QJsonValue value = node.value(key);
            if (!value.isArray() || value.toArray().isEmpty())
                return fail(pointer, QStringLiteral("\"%1\" must be a list of schemas").arg(key));
            const QJsonArray list = schemas(value.toArray(), pointer + u'/' + key, depth);
            if (key == QLatin1String("allOf")) {
                for (const QJsonValue &item : list)
                    allOf.append(item);
            } else {
                out.insert(key, list);
            }
        }
        for (const char *name : {"not", "if", "then", "else", "contains", "propertyNames"}) {
            const QLatin1String key(name);
            if (node.contains(key))
                out.insert(key, schema(node.value(key), pointer + u'/' + key, depth + 1));
        }
        for (const char *name : {"properties", "patternProperties"}) {
            const QLatin1String key(name);
            if (!node.contains(key))
                continue;
            if (!node.value(key).isObject())
                return fail(pointer, QStringLiteral("\"%1\" must be an object").arg(key));
            const QJsonObject members = node.value(key).toObject();
            QJsonObject made;
            for (auto it = members.begin(); it != members.end() && !m_error; ++it) {
                if (key == QLatin1String("patternProperties")) {
                    if (const QString problem = patternPropertyProblem(it.key());
                        !problem.isEmpty())
                        return fail(pointer + u'/' + key, problem);
                }
                made.insert(
                    it.key(),
                    schema(it.value(), pointer + u'/' + key + u'/' + escaped(it.key()), depth + 1));
            }
            out.insert(key, made);
        }
        if (node.contains(QLatin1String("additionalProperties")) && !rule.closed) {
            const QJsonValue value = node.value(QLatin1String("additionalProperties"));
            // valijson says which property is too many only when it reads a plain false.
            const bool no = value.isBool() && !value.toBool();
            out.insert(
                QStringLiteral("additionalProperties"),
                no ? value
                   : schema(value, pointer + QStringLiteral("/additionalProperties"), depth + 1));
        }
        items(node, pointer, depth, out);
        dependencies(node, pointer, depth, out);
        for (const char *name : {"minItems", "maxItems", "minProperties", "maxProperties"}) {
            const QLatin1String key(name);
            if (!node.contains(key))
                continue;
            const double count = node.value(key).toDouble(-1);
            if (count < 0 || count != std::floor(count))
                return fail(pointer,
                            QStringLiteral("\"%1\" must be a whole number, 0 or more").arg(key));
            out.insert(key, int(std::min(count, 2e9)));
        }
        if (node.contains(QLatin1String("required"))) {
            const QJsonValue required = node.value(QLatin1String("required"));
            const QStringList names = json::toStringList(required);
            if (!required.isArray() || names.size() != required.toArray().size())
                return fail(pointer,
                            QStringLiteral("\"required\" must be a list of property names"));
            if (!names.isEmpty())
                out.insert(QStringLiteral("required"),
                           json::fromStringList(QStringList(names.begin(), names.end())));
        }
    }

    // Draft 2020-12 has prefixItems and items where draft 7 has a list of items and
    // additionalItems.
    void items(const QJsonObject &node, const QString &pointer, int depth, QJsonObject &out)
    {
        const bool prefixed = node.contains(QLatin1String("prefixItems"));
        const QString firstKey = prefixed ? QStringLiteral("prefixItems") : QStringLiteral("items");
        const QString restKey =
            prefixed ? QStringLiteral("items") : QStringLiteral("additionalItems");
        const QJsonValue first = node.value(firstKey);
        if (first.isUndefined())
            return;
        if (!first.isArray()) {
            if (prefixed)
                return fail(pointer, QStringLiteral("\"prefixItems\" must be a list of schemas"));
            out.insert(QStringLiteral("items"),
                       schema(first, pointer + u'/' + firstKey, depth + 1));
            return;
        }
        out.insert(QStringLiteral("items"),
                   schemas(first.toArray(), pointer + u'/' + firstKey, depth));
        const QJsonValue rest = node.value(restKey);
        out.insert(QStringLiteral("additionalItems"),
                   schema(rest.isUndefined() ? QJsonValue(true) : rest, pointer + u'/' + restKey,
                          depth + 1));
    }

    void dependencies(const QJsonObject &node, const QString &pointer, int depth, QJsonObject &out)
    {
        QJsonObject made;
        for (const char *name : {"dependencies", "dependentRequired", "dependentSchemas"}) {
            const QLatin1String key(name);
            const QJsonObject members = node.value(key).toObject();
            for (auto it = members.begin(); it != members.end() && !m_error; ++it) {
                const QString place = pointer + u'/' + key + u'/' + escaped(it.key());
                if (it.value().isArray())
                    made.insert(it.key(), json::fromStringList(json::toStringList(it.value())));
                else
                    made.insert(it.key(), schema(it.value(), place, depth + 1));
            }
        }
        if (!made.isEmpty())
            out.insert(QStringLiteral("dependencies"), made);
    }

    QJsonArray schemas(const QJsonArray &list, const QString &pointer, int depth)
    {
        QJsonArray out;
        for (qsizetype i = 0; i < list.size() && !m_error; ++i)
            out.append(schema(list[i], pointer + u'/' + QString::number(i), depth + 1));
        return out;
    }

    // The normalised $ref; the target is queued.
    QString resolve(const QJsonValue &reference, const QString &pointer)
    {
        QString text = reference.toString();
        if (!m_id.isEmpty() && text.startsWith(m_id + u'#'))
            text = text.mid(m_id.size());
        if (!reference.isString() || !text.startsWith(u'#')) {
            fail(pointer, QStringLiteral("$ref %1 leads out of the schema; Lathe never fetches "
                                         "schemas, copy the definition "
                                         "into $defs")
                              .arg(shortJson(reference)));
            return {};
        }
        const QString target =
            QString::fromUtf8(QByteArray::fromPercentEncoding(text.mid(1).toUtf8()));
        if (!target.isEmpty() && !target.startsWith(u'/')) {
            fail(pointer,
                 QStringLiteral("$ref %1 names an anchor; write a path such as #/$defs/name")
                     .arg(shortJson(reference)));
            return {};
        }
        if (json::at(m_root, target).isUndefined()) {
            fail(pointer, QStringLiteral("$ref %1 leads nowhere").arg(shortJson(reference)));
            return {};
        }
        auto index = m_targetIndex.find(target);
        if (index == m_targetIndex.end()) {
            if (m_targets.size() >= maxReferences) {
                fail(pointer, QStringLiteral("it has over %1 references").arg(maxReferences));
                return {};
            }
            index = m_targetIndex.insert(target, int(m_targets.size()));
            m_targets.push_back(target);
        }
        return QStringLiteral("#/x-lathe-defs/d%1").arg(*index);
    }

    static QString definitionOf(const QJsonObject &node)
    {
        return node.value(QLatin1String("$ref")).toString().mid(int(qstrlen("#/x-lathe-defs/")));
    }

    // Schemas that look at the same value: a circle of them never ends.
    template<typename Visit>
    static void eachInPlace(const QJsonObject &node, const Visit &visit)
    {
        for (const char *key : {"allOf", "anyOf", "oneOf"}) {
            for (const QJsonValue &item : node.value(QLatin1String(key)).toArray())
                visit(item.toObject());
        }
        for (const char *key : {"not", "if", "then", "else"})
            visit(node.value(QLatin1String(key)).toObject());
        for (const QJsonValue &item : node.value(QLatin1String("dependencies")).toObject())
            visit(item.toObject());
    }

    void checkLoops()
    {
        for (size_t i = 0; i < m_targets.size() && !m_error; ++i) {
            const QString name = QStringLiteral("d%1").arg(i);
            if (!m_done.contains(name))
                followInPlace(
                    QJsonObject{{QStringLiteral("$ref"), QStringLiteral("#/x-lathe-defs/") + name}},
                    0);
        }
    }

    void followInPlace(const QJsonObject &node, int depth)
    {
        if (m_error || node.isEmpty())
            return;
        if (depth > 1000) // definitions are at most maxReferences
            return fail(QString(), QStringLiteral("its references are chained too deeply"));
        const QString name = definitionOf(node);
        if (name.isEmpty()) {
            eachInPlace(
                node, [this, depth](const QJsonObject &child) { followInPlace(child, depth + 1); });
            return;
        }
        if (m_done.contains(name))
            return;
        if (m_open.contains(name))
            return fail(m_targets[name.mid(1).toUInt()],
                        QStringLiteral("the definition refers to itself without end"));
        m_open.insert(name);
        followInPlace(m_definitions.value(name).toObject(), depth + 1);
        m_open.remove(name);
        m_done.insert(name);
    }

    // Walks as valijson's parser does, to know how deep it will recurse.
    void checkParseDepth(const QJsonValue &value, int depth)
    {
        if (m_error || value.isUndefined())
            return;
        if (depth > maxParseDepth)
            return fail(QString(), QStringLiteral("its definitions are nested too deeply"));
        const QJsonObject node = value.toObject();
        const QString name = definitionOf(node);
        if (!name.isEmpty()) {
            if (m_parsed.contains(name))
                return;
            m_parsed.insert(name);
            return checkParseDepth(m_definitions.value(name), depth + 1);
        }
        for (const char *key :
             {"allOf", "anyOf", "contains", "dependencies", "items", "additionalItems", "if",
              "then", "else", "not", "oneOf", "additionalProperties", "patternProperties",
              "properties", "propertyNames"}) {
            const QLatin1String text(key);
            const QJsonValue child = node.value(text);
            if (child.isArray()) {
                for (const QJsonValue &item : child.toArray())
                    checkParseDepth(item, depth + 1);
            } else if (text == QLatin1String("properties")
                       || text == QLatin1String("patternProperties")
                       || text == QLatin1String("dependencies")) {
                for (const QJsonValue &item : child.toObject())
                    checkParseDepth(item, depth + 1);
            } else {
                checkParseDepth(child, depth + 1);
            }
        }
    }

    const QJsonValue m_root;
    QString m_id;
    bool m_refHidesSiblings = false;
    int m_nodes = 0;
    std::optional<Error> m_error;
    std::vector<SchemaRule> m_out;
    std::vector<QString> m_targets; // JSON pointers that a $ref names
    QHash<QString, int> m_targetIndex;
    QJsonObject m_definitions;
    QSet<QString> m_done, m_open, m_parsed;
};
} // namespace

Result<NormalSchema> normalizeSchema(const QJsonValue &schema)
{
    if (jsonDepth(schema, maxSchemaDepth) > maxSchemaDepth)
        return unusable(
            QString(), QStringLiteral("it is nested more than %1 levels deep").arg(maxSchemaDepth));
    return Normalizer(schema).run();
}

int jsonDepth(const QJsonValue &value, int limit)
{
    std::vector<QJsonValue> level{value};
    int depth = 0;
    while (!level.empty() && depth <= limit) {
        ++depth;
        std::vector<QJsonValue> next;
        const auto descend = [&next](const QJsonValue &child) {
            if (child.isArray() || child.isObject())
                next.push_back(child);
        };
        for (const QJsonValue &item : level) {
            if (item.isArray()) {
                for (const QJsonValue &child : item.toArray())
                    descend(child);
            } else if (item.isObject()) {
                for (const QJsonValue &child : item.toObject())
                    descend(child);
            }
        }
        level = std::move(next);
    }
    return depth;
}

} // namespace lathe
