// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/SchemaRule.h"

#include <QDate>
#include <QSet>
#include <QTime>
#include <QUrl>

#include <cmath>

namespace lathe {

namespace {
constexpr qsizetype maxPatternLength = 1000;
constexpr qsizetype maxMatchedLength = 1'000'000;
constexpr qsizetype maxPropertyNameLength =
    256; // where patternProperties are matched by std::regex

const std::pair<const char *, int> typeNames[] = {
    {"null", SchemaRule::Null},       {"boolean", SchemaRule::Boolean},
    {"integer", SchemaRule::Integer}, {"number", SchemaRule::Number},
    {"string", SchemaRule::String},   {"array", SchemaRule::Array},
    {"object", SchemaRule::Object},
};

int typeOf(const QJsonValue &value)
{
    switch (value.type()) {
    case QJsonValue::Bool:
        return SchemaRule::Boolean;
    case QJsonValue::String:
        return SchemaRule::String;
    case QJsonValue::Array:
        return SchemaRule::Array;
    case QJsonValue::Object:
        return SchemaRule::Object;
    case QJsonValue::Double: {
        const double number = value.toDouble();
        return std::isfinite(number) && number == std::floor(number)
                   ? SchemaRule::Integer | SchemaRule::Number
                   : SchemaRule::Number;
    }
    case QJsonValue::Null:
    case QJsonValue::Undefined:
        break;
    }
    return SchemaRule::Null;
}

QString typeName(const QJsonValue &value)
{
    const int type = typeOf(value);
    return schemaTypesText(type & SchemaRule::Number ? SchemaRule::Number : type);
}

QString numberText(double number)
{
    return json::compactString(number);
}

Error wrong(const char *keyword, const QString &expected)
{
    return Error(ErrorKind::InvalidInput,
                 QStringLiteral("\"%1\" must be %2").arg(QLatin1String(keyword), expected));
}

Result<int> readTypes(const QJsonValue &value)
{
    const QStringList names =
        value.isString() ? QStringList{value.toString()} : json::toStringList(value);
    if (names.isEmpty() || (value.isArray() && names.size() != value.toArray().size()))
        return wrong("type", QStringLiteral("the name of a type or a list of names"));
    int types = 0;
    for (const QString &name : names) {
        int bit = 0;
        for (const auto &[text, type] : typeNames) {
            if (name == QLatin1String(text))
                bit = type;
        }
        if (!bit) {
            return Error(
                ErrorKind::InvalidInput,
                QStringLiteral(
                    "the type \"%1\" is unknown; types are null, boolean, integer, number, string, "
                    "array and object")
                    .arg(name.left(40)));
        }
        types |= bit;
    }
    return types;
}

// In PCRE `$` also matches before a last line end, in JSON Schema (ECMA 262) it does not.
QString ecmaToPcre(const QString &pattern)
{
    QString out;
    bool inClass = false;
    for (qsizetype i = 0; i < pattern.size(); ++i) {
        const QChar c = pattern[i];
        if (c == u'\\' && i + 1 < pattern.size()) {
            out += c;
            out += pattern[++i];
            continue;
        }
        if (c == u'[')
            inClass = true;
        else if (c == u']')
            inClass = false;
        if (c == u'$' && !inClass)
            out += QStringLiteral("\\z");
        else
            out += c;
    }
    return out;
}

bool validTime(const QString &text)
{
    static const QRegularExpression form(
        QStringLiteral("\\A([01]\\d|2[0-3]):[0-5]\\d:([0-5]\\d|60)(\\.\\d+)?([Zz]|[+-]([01]\\d|2[0-"
                       "3]):[0-5]\\d)\\z"));
    return form.match(text).hasMatch();
}

bool validDate(const QString &text)
{
    return text.size() == 10 && QDate::fromString(text, QStringLiteral("yyyy-MM-dd")).isValid();
}

// Empty when fine or unknown, else what it should be.
QString formatProblem(const QString &format, const QString &text)
{
    if (text.size() > 4096)
        return QString();
    if (format == QLatin1String("date"))
        return validDate(text) ? QString() : QStringLiteral("a date such as 2026-01-31");
    if (format == QLatin1String("time"))
        return validTime(text) ? QString() : QStringLiteral("a time with zone such as 16:52:45Z");
    if (format == QLatin1String("date-time")) {
        const bool valid = text.size() > 11 && (text[10] == u'T' || text[10] == u't')
                           && validDate(text.left(10)) && validTime(text.mid(11));
        return valid ? QString()
                     : QStringLiteral("a date and time with zone such as 2026-01-31T16:52:45Z");
    }
    if (format == QLatin1String("email")) {
        static const QRegularExpression form(QStringLiteral("\\A[^@\\s]+@[^@\\s]+\\z"));
        return form.match(text).hasMatch() ? QString() : QStringLiteral("an e-mail address");
    }
    if (format == QLatin1String("uuid")) {
        static const QRegularExpression form(
            QStringLiteral("\\A[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\z"));
        return form.match(text).hasMatch() ? QString() : QStringLiteral("a UUID");
    }
    if (format == QLatin1String("uri")) {
        const QUrl url(text, QUrl::StrictMode);
        return url.isValid() && !url.scheme().isEmpty() ? QString()
                                                        : QStringLiteral("an absolute URI");
    }
    return QString();
}
} // namespace

QString schemaTypesText(int types)
{
    QStringList names;
    for (const auto &[text, type] : typeNames) {
        if (types & type)
            names += QLatin1String(text);
    }
    if (names.size() < 2)
        return names.join(QString());
    const QString last = names.takeLast();
    return names.join(QStringLiteral(", ")) + QStringLiteral(" or ") + last;
}

QString shortJson(const QJsonValue &value)
{
    // Never serialise something huge for a message.
    if (value.isArray())
        return QStringLiteral("the array of %1").arg(value.toArray().size());
    if (value.isObject())
        return QStringLiteral("the object");
    const QString text =
        json::compactString(value.isString() ? QJsonValue(value.toString().left(60)) : value);
    return value.isString() && value.toString().size() > 60
               ? text.chopped(1) + QStringLiteral("…\"")
               : text;
}

Result<SchemaRule> SchemaRule::read(const QJsonObject &node)
{
    SchemaRule rule;
    if (const auto type = node.value(QLatin1String("type")); !type.isUndefined()) {
        const auto types = readTypes(type);
        if (!types)
            return types.error();
        rule.types = *types;
        if (node.value(QLatin1String("nullable")).toBool()) // OpenAPI's way
            rule.types |= Null;
    }
    if (const auto allowed = node.value(QLatin1String("enum")); !allowed.isUndefined()) {
        if (!allowed.isArray())
            return wrong("enum", QStringLiteral("a list"));
        rule.allowed = allowed.toArray();
        rule.hasAllowed = true;
    }
    if (const auto constant = node.value(QLatin1String("const")); !constant.isUndefined()) {
        if (rule.hasAllowed && !rule.allowed.contains(constant))
            rule.never = true;
        rule.allowed = QJsonArray{constant};
        rule.hasAllowed = true;
    }
    const std::pair<const char *, std::optional<double> SchemaRule::*> numbers[] = {
        {"minimum", &SchemaRule::minimum},
        {"maximum", &SchemaRule::maximum},
        {"exclusiveMinimum", &SchemaRule::exclusiveMinimum},
        {"exclusiveMaximum", &SchemaRule::exclusiveMaximum},
        {"multipleOf", &SchemaRule::multipleOf},
        {"minLength", &SchemaRule::minLength},
        {"maxLength", &SchemaRule::maxLength},
    };
    for (const auto &[keyword, member] : numbers) {
        const QJsonValue value = node.value(QLatin1String(keyword));
        if (value.isUndefined() || value.isBool()) // draft 4 has Booleans, see below
            continue;
        if (!value.isDouble())
            return wrong(keyword, QStringLiteral("a number"));
        rule.*member = value.toDouble();
    }
    if (node.value(QLatin1String("exclusiveMinimum")).toBool())
        std::swap(rule.minimum, rule.exclusiveMinimum);
    if (node.value(QLatin1String("exclusiveMaximum")).toBool())
        std::swap(rule.maximum, rule.exclusiveMaximum);
    if (rule.multipleOf && *rule.multipleOf <= 0)
        return wrong("multipleOf", QStringLiteral("greater than 0"));
    if (const auto pattern = node.value(QLatin1String("pattern")); !pattern.isUndefined()) {
        rule.patternText = pattern.toString();
        if (!pattern.isString() || rule.patternText.size() > maxPatternLength)
            return wrong("pattern",
                         QStringLiteral("a regular expression of at most 1000 characters"));
        rule.pattern.setPattern(ecmaToPcre(rule.patternText));
        if (!rule.pattern.isValid())
            return wrong(
                "pattern",
                QStringLiteral("a regular expression (%1)").arg(rule.pattern.errorString()));
    }
    rule.format = node.value(QLatin1String("format")).toString();
    rule.uniqueItems = node.value(QLatin1String("uniqueItems")).toBool();
    rule.hasPatternProperties =
        !node.value(QLatin1String("patternProperties")).toObject().isEmpty();
    if (node.value(QLatin1String("additionalProperties")).isBool()
        && !node.value(QLatin1String("additionalProperties")).toBool()
        && !rule.hasPatternProperties) {
        rule.closed = true;
        rule.properties = node.value(QLatin1String("properties")).toObject().keys();
    }
    return rule;
}

QStringList SchemaRule::check(const QJsonValue &value) const
{
    if (never)
        return {QStringLiteral("nothing is allowed here")};
    if (types && !(types & typeOf(value)))
        return {QStringLiteral("expected %1, got %2 (%3)")
                    .arg(schemaTypesText(types), typeName(value), shortJson(value))};
    QStringList problems;
    if (hasAllowed && !allowed.contains(value)) {
        QStringList words;
        for (qsizetype i = 0; i < std::min<qsizetype>(allowed.size(), 20); ++i)
            words += shortJson(allowed[i]);
        if (allowed.size() > 20)
            words += QStringLiteral("…");
        problems += allowed.size() == 1
                        ? QStringLiteral("%1 is not the only allowed value %2")
                              .arg(shortJson(value), words.first())
                        : QStringLiteral("%1 is not one of %2")
                              .arg(shortJson(value), words.join(QStringLiteral(", ")));
    }
    if (value.isDouble()) {
        const double number = value.toDouble();
        const QString text = numberText(number);
        if (minimum && number < *minimum)
            problems +=
                QStringLiteral("%1 is less than the minimum %2").arg(text, numberText(*minimum));
        if (maximum && number > *maximum)
            problems +=
                QStringLiteral("%1 is greater than the maximum %2").arg(text, numberText(*maximum));
        if (exclusiveMinimum && number <= *exclusiveMinimum)
            problems += QStringLiteral("%1 is not greater than %2")
                            .arg(text, numberText(*exclusiveMinimum));
        if (exclusiveMaximum && number >= *exclusiveMaximum)
            problems +=
                QStringLiteral("%1 is not less than %2").arg(text, numberText(*exclusiveMaximum));
        if (multipleOf) {
            // 0.3 is a multiple of 0.1 to a person, not to binary fractions.
            const double quotient = number / *multipleOf;
            const bool whole =
                number == std::floor(number) && *multipleOf == std::floor(*multipleOf);
            const double rest =
                whole ? std::fmod(number, *multipleOf) : quotient - std::round(quotient);
            if (!std::isfinite(quotient) || std::abs(rest) > 1e-9 + 4e-16 * std::abs(quotient))
                problems +=
                    QStringLiteral("%1 is not a multiple of %2").arg(text, numberText(*multipleOf));
        }
    } else if (value.isString()) {
        const QString text = value.toString();
        if (minLength || maxLength) {
            const auto length = std::count_if(text.begin(), text.end(),
                                              [](QChar c) { return !c.isLowSurrogate(); });
            if (minLength && double(length) < *minLength)
                problems += QStringLiteral("has %1 characters, fewer than the minimum %2")
                                .arg(length)
                                .arg(numberText(*minLength));
            if (maxLength && double(length) > *maxLength)
                problems += QStringLiteral("has %1 characters, more than the maximum %2")
                                .arg(length)
                                .arg(numberText(*maxLength));
        }
        if (!patternText.isEmpty()) {
            if (text.size() > maxMatchedLength) {
                problems += QStringLiteral("is too long to be matched with the pattern %1")
                                .arg(patternText);
            } else {
                const auto match = pattern.match(text);
                if (!match.isValid())
                    problems +=
                        QStringLiteral("cannot be matched with the pattern %1 in reasonable time")
                            .arg(patternText);
                else if (!match.hasMatch())
                    problems += QStringLiteral("%1 does not match the pattern %2")
                                    .arg(shortJson(value), patternText);
            }
        }
        if (const QString wanted = formatProblem(format, text); !wanted.isEmpty())
            problems += QStringLiteral("%1 is not %2").arg(shortJson(value), wanted);
    } else if (value.isArray() && uniqueItems) {
        QSet<QByteArray> seen;
        const QJsonArray array = value.toArray();
        for (qsizetype i = 0; i < array.size(); ++i) {
            const qsizetype before = seen.size();
            seen.insert(json::hash(array[i]));
            if (seen.size() == before) {
                problems +=
                    QStringLiteral("the elements are not unique: element %1 repeats an earlier one")
                        .arg(i);
                break;
            }
        }
    } else if (value.isObject()) {
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it) {
            if (hasPatternProperties && it.key().size() > maxPropertyNameLength) {
                problems += QStringLiteral("a property name is longer than %1 characters")
                                .arg(maxPropertyNameLength);
                break;
            }
            if (!closed || properties.contains(it.key()))
                continue;
            const QString known = properties.isEmpty()
                                      ? QStringLiteral("no properties are allowed")
                                      : QStringLiteral("known are: %1")
                                            .arg(properties.mid(0, 30).join(QStringLiteral(", ")));
            problems += QStringLiteral("the property \"%1\" is not allowed; %2")
                            .arg(it.key().left(60), known);
            if (problems.size() >= 20)
                break;
        }
    }
    return problems;
}

} // namespace lathe
