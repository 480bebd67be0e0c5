// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/SchemaCheck.h"

#include "core/tool/SchemaNormalizer.h"

// The only file that includes valijson: it costs 12 s to compile.
#include <QSet>

#include <valijson/adapters/qtjson_adapter.hpp>
#include <valijson/constraint_builder.hpp>
#include <valijson/constraints/concrete_constraints.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <list>
#include <mutex>

namespace lathe {

namespace {
using valijson::adapters::QtJsonAdapter;
constexpr size_t cacheSize = 64;
constexpr qint64 maxSteps = 1'000'000; // schema nodes visited; entangled schemas are exponential
constexpr qint64 maxExplainSteps = 50'000; // when violations are collected, which costs memory
constexpr qint64 maxStackBytes =
    1'500 * 1024; // of the smallest usual stack, 8 MB, and with room for sanitizers
constexpr size_t maxViolations = 20;

struct BudgetExceeded : std::exception {
    const char *what() const noexcept override
    {
        return "too large or too entangled to be checked";
    }
};

// What one validation may use; the rules reach it through the thread, as valijson passes nothing
// along.
struct Validation {
    const QJsonValue &root;
    qint64 stepsLeft;
    const char *stackStart = static_cast<const char *>(__builtin_frame_address(0));
    void step()
    {
        const char *here = static_cast<const char *>(__builtin_frame_address(0));
        if (--stepsLeft < 0 || std::abs(stackStart - here) > maxStackBytes)
            throw BudgetExceeded();
    }
};
thread_local Validation *current = nullptr;

// valijson's place is "<root>", "[name]", "[0]".
QString contextName(const std::string &part)
{
    return QString::fromStdString(part.substr(1, part.size() - 2));
}

QJsonValue valueAt(const QJsonValue &root, const std::vector<std::string> &context)
{
    QJsonValue value = root;
    for (size_t i = 1; i < context.size(); ++i) {
        const QString name = contextName(context[i]);
        value = value.isArray() ? value.toArray().at(name.toInt()) : value.toObject().value(name);
    }
    return value;
}

QString pointerOf(const std::vector<std::string> &context)
{
    QString pointer;
    for (size_t i = 1; i < context.size(); ++i) {
        QString name = contextName(context[i]);
        name.replace(QLatin1Char('~'), QLatin1String("~0"))
            .replace(QLatin1Char('/'), QLatin1String("~1"));
        pointer += u'/' + name;
    }
    return pointer;
}

class RuleConstraint : public valijson::constraints::PolyConstraint
{
public:
    explicit RuleConstraint(const SchemaRule *rule) : m_rule(rule) {}

    bool validate(const valijson::adapters::Adapter &target,
                  const std::vector<std::string> &context,
                  valijson::ValidationResults *results) const override
    {
        current->step();
        QJsonValue value;
        if (dynamic_cast<const QtJsonAdapter *>(&target))
            value = valueAt(current->root, context);
        else // propertyNames hands the name over
            value = QString::fromStdString(target.asString());
        const QStringList problems = m_rule->check(value);
        if (results) {
            for (const QString &problem : problems)
                results->pushError(context, problem.toStdString());
        }
        return problems.isEmpty();
    }

private:
    valijson::constraints::Constraint *cloneInto(void *memory) const override
    {
        return new (memory) RuleConstraint(m_rule);
    }
    size_t sizeOf() const override { return sizeof(RuleConstraint); }
    const SchemaRule *m_rule; // owned by Compiled
};

class RuleBuilder : public valijson::ConstraintBuilder
{
public:
    explicit RuleBuilder(const std::vector<SchemaRule> &rules) : m_rules(rules) {}
    valijson::constraints::Constraint *make(const valijson::adapters::Adapter &value) const override
    {
        return new RuleConstraint(&m_rules.at(size_t(value.asInteger())));
    }

private:
    const std::vector<SchemaRule> &m_rules;
};

} // namespace

struct CompiledSchema {
    std::vector<SchemaRule> rules;
    valijson::Schema schema;
};

namespace {
using CompiledPtr = std::shared_ptr<const CompiledSchema>;

Result<CompiledPtr> compile(const QJsonValue &schema)
{
    auto normal = normalizeSchema(schema);
    if (!normal)
        return normal.error();
    try {
        const auto compiled = std::make_shared<CompiledSchema>();
        compiled->rules = std::move(normal->rules);
        valijson::SchemaParser parser; // owns and deletes the builder
        parser.addConstraintBuilder(NormalSchema::ruleKey, new RuleBuilder(compiled->rules));
        const QJsonValue document(normal->document);
        parser.populateSchema(QtJsonAdapter(document), compiled->schema);
        return CompiledPtr(compiled);
    } catch (const std::exception &e) {
        return Error(ErrorKind::InvalidInput, QStringLiteral("The JSON Schema cannot be used: %1.")
                                                  .arg(QString::fromUtf8(e.what()).left(300)));
    }
}

// The schemas used last. Any thread.
Result<CompiledPtr> cachedSchema(const QJsonValue &schema)
{
    static std::mutex mutex;
    static std::list<std::pair<QByteArray, CompiledPtr>> cache; // newest first
    const QByteArray key = json::hash(schema);
    {
        const std::scoped_lock lock(mutex);
        for (auto it = cache.begin(); it != cache.end(); ++it) {
            if (it->first == key) {
                cache.splice(cache.begin(), cache, it);
                return cache.front().second;
            }
        }
    }
    auto compiled = compile(schema);
    if (compiled) {
        const std::scoped_lock lock(mutex);
        cache.emplace_front(key, *compiled);
        if (cache.size() > cacheSize)
            cache.pop_back();
    }
    return compiled;
}

// valijson's words as ends of a sentence; empty for those that only repeat that something inside
// failed.
QString plainMessage(const std::string &description)
{
    const QString text = QString::fromStdString(description);
    static const QRegularExpression required(
        QStringLiteral("\\AMissing required property '(.*)'\\.\\z"),
        QRegularExpression::DotMatchesEverythingOption);
    if (const auto match = required.match(text); match.hasMatch())
        return QStringLiteral("the required property \"%1\" is missing").arg(match.captured(1));
    static const QRegularExpression unknown(
        QStringLiteral("\\AObject contains a property that could not .*constraints: '(.*)'\\.\\z"),
        QRegularExpression::DotMatchesEverythingOption);
    if (const auto match = unknown.match(text); match.hasMatch())
        return QStringLiteral("the property \"%1\" is not allowed").arg(match.captured(1).left(60));
    if (text.startsWith(QLatin1String("Failed to validate against any")))
        return QStringLiteral("none of the allowed forms fits");
    if (text.startsWith(QLatin1String("Failed to validate against exactly one")))
        return QStringLiteral("more than one of the allowed forms fits, exactly one must");
    if (text.startsWith(QLatin1String("Failed to any values")))
        return QStringLiteral("no element has the required form (contains)");
    if (text.startsWith(QLatin1String("Target should not validate")))
        return QStringLiteral("it has a form that is forbidden (not)");
    if (text.startsWith(QLatin1String("Failed to validate")))
        return QString();
    return text.endsWith(u'.') ? text.chopped(1) : text;
}

bool validate(const CompiledSchema &compiled, const QJsonValue &value, qint64 steps,
              valijson::ValidationResults *results)
{
    Validation validation{value, steps};
    Validation *const before = std::exchange(current, &validation);
    struct Restore {
        Validation *before;
        ~Restore() { current = before; }
    } restore{before};
    return valijson::Validator(valijson::Validator::kStrongTypes)
        .validate(compiled.schema, QtJsonAdapter(value), results);
}
} // namespace

Result<std::shared_ptr<const CompiledSchema>> compileSchema(const QJsonValue &schema)
{
    if (jsonDepth(schema, maxSchemaDepth)
        > maxSchemaDepth) { // before it is serialised for the cache
        return Error(
            ErrorKind::InvalidInput,
            QStringLiteral("The JSON Schema cannot be used: it is nested more than %1 levels "
                           "deep.")
                .arg(maxSchemaDepth));
    }
    return cachedSchema(schema);
}

Result<std::vector<SchemaViolation>> checkSchema(const QJsonValue &schema, const QJsonValue &value)
{
    const auto compiled = compileSchema(schema);
    if (!compiled)
        return compiled.error();
    return checkCompiled(**compiled, value);
}

std::vector<SchemaViolation> checkCompiled(const CompiledSchema &schema, const QJsonValue &value)
{
    using Violations = std::vector<SchemaViolation>;
    if (jsonDepth(value, maxSchemaDepth) > maxSchemaDepth)
        return Violations{
            {QString(),
             QStringLiteral("it is nested more than %1 levels deep").arg(maxSchemaDepth)}};

    Violations violations;
    valijson::ValidationResults results;
    QString broken;
    try {
        if (validate(schema, value, maxSteps, nullptr))
            return violations;
        validate(schema, value, maxExplainSteps, &results);
    } catch (const std::exception &e) {
        broken = QString::fromUtf8(e.what());
    }
    QSet<QString> seen;
    for (const auto &error : results) {
        const QString message = plainMessage(error.description);
        const QString pointer = pointerOf(error.context);
        const QString key = pointer + QChar(0) + message;
        if (message.isEmpty() || seen.contains(key))
            continue;
        seen.insert(key);
        violations.push_back(SchemaViolation{pointer, message});
        if (violations.size() >= maxViolations)
            break;
    }
    if (violations.empty())
        violations.push_back(
            {QString(), broken.isEmpty() ? QStringLiteral("it does not fit the schema") : broken});
    return violations;
}

QString violationsText(const std::vector<SchemaViolation> &violations)
{
    QStringList parts;
    for (const SchemaViolation &violation : violations) {
        parts += QStringLiteral("At %1: %2.")
                     .arg(violation.pointer.isEmpty() ? QStringLiteral("the top level")
                                                      : violation.pointer,
                          violation.message);
    }
    return parts.join(u' ');
}

} // namespace lathe
