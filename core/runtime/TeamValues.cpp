// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/TeamValues.h"

#include "core/prompt/PromptSpec.h"
#include "core/prompt/TemplateRender.h"

namespace lathe {

namespace {
constexpr qsizetype mostLogged = 64 * 1024;
constexpr qsizetype mostFilled = 16 * 1024 * 1024;

// "state.findings", Undefined when a part is not there.
QJsonValue lookUp(const QJsonObject &names, const QString &path)
{
    const QStringList parts = path.split(QLatin1Char('.'));
    QJsonValue value = names.value(parts.front());
    for (qsizetype i = 1; i < parts.size(); ++i)
        value = value.isArray() ? value.toArray().at(parts[i].toInt()) : value.toObject().value(parts[i]);
    return value;
}

Error unknownName(const QString &name, const QJsonObject &names)
{
    return Error(ErrorKind::InvalidInput,
                 QStringLiteral("The template uses {{%1}}, which there is not here; it may use: %2.")
                     .arg(name, names.keys().join(QStringLiteral(", "))));
}
} // namespace

QString textOf(const QJsonValue &value)
{
    if (value.isString())
        return value.toString();
    return value.isNull() || value.isUndefined() ? QString() : json::compactString(value);
}

QString answerText(const QJsonValue &value)
{
    const bool many = !value.toArray().isEmpty() || !value.toObject().isEmpty();
    return many ? QString::fromUtf8(json::pretty(value)).trimmed() : textOf(value);
}

QJsonValue valueOfText(const QString &text)
{
    const QString trimmed = text.trimmed();
    if (trimmed.isEmpty() || !QStringLiteral("{[\"-0123456789tfn").contains(trimmed.front()))
        return text;
    const auto value = json::parse(trimmed.toUtf8());
    if (!value)
        return text;
    if (!value->isArray() && !value->isObject() && json::compactString(*value) != trimmed)
        return text;
    return *value;
}

bool isTrue(const QJsonValue &value)
{
    switch (value.type()) {
    case QJsonValue::Bool:
        return value.toBool();
    case QJsonValue::Double:
        return value.toDouble() != 0;
    case QJsonValue::String:
        return !value.toString().isEmpty();
    default:
        return value.isArray() || value.isObject();
    }
}

Result<QString> fillTemplate(const QString &text, const QJsonObject &names)
{
    if (!text.contains(QLatin1String("{{")))
        return text;
    const std::vector<TemplateToken> tokens = tokenizeTemplate(text);
    int depth = 0;
    QString
        filled; // outside of sections; `kept` holds what goes into the marks that are left in a text with sections
    QJsonObject kept = names;
    bool sections = false;
    for (const TemplateToken &token : tokens) {
        using Type = TemplateToken::Type;
        sections = sections || token.type == Type::SectionOpen || token.type == Type::InvertedOpen
                   || token.type == Type::Broken || token.type == Type::Partial;
        if (token.type == Type::Text || token.type == Type::Comment || token.name == QLatin1String("."))
            continue;
        if (depth == 0 && token.type != Type::Broken && token.type != Type::Partial
            && token.type != Type::SectionClose
            && !names.contains(token.name.section(QLatin1Char('.'), 0, 0)))
            return unknownName(token.name, names);
        depth += token.type == Type::SectionOpen || token.type == Type::InvertedOpen ? 1
                 : token.type == Type::SectionClose                                  ? -1
                                                                                     : 0;
    }
    depth = 0;
    int marks = 0;
    for (const TemplateToken &token : tokens) {
        using Type = TemplateToken::Type;
        if (token.type == Type::Comment && !sections)
            continue;
        if (token.type == Type::Variable && depth == 0) {
            const QString value = textOf(lookUp(names, token.name));
            if (!sections) {
                filled += value;
            } else { // a value may hold {{ itself, so it goes in by a name
                const QString mark = QStringLiteral("value_%1").arg(++marks);
                kept.insert(mark, value);
                filled += QStringLiteral("{{%1}}").arg(mark);
            }
        } else {
            filled += QStringView(text).sliced(token.from, token.length);
        }
        if (filled.size() > mostFilled) {
            return Error(
                ErrorKind::InvalidInput,
                QStringLiteral("The template gives more than %1 MB of text; give it shorter values.")
                    .arg(mostFilled / (1024 * 1024)));
        }
        depth += token.type == Type::SectionOpen || token.type == Type::InvertedOpen ? 1
                 : token.type == Type::SectionClose                                  ? -1
                                                                                     : 0;
    }
    return sections ? renderTemplate(filled, kept)
                    : Result<QString>(filled); // in a section a list or object opens one
}

Result<QJsonValue> fillValue(const QJsonValue &value, const QJsonObject &names)
{
    if (value.isString()) {
        const QString text = value.toString();
        const auto tokens =
            text.contains(QLatin1String("{{")) ? tokenizeTemplate(text) : std::vector<TemplateToken>();
        if (tokens.size() == 1 && tokens.front().type == TemplateToken::Type::Variable) {
            if (!names.contains(tokens.front().name.section(QLatin1Char('.'), 0, 0)))
                return unknownName(tokens.front().name, names);
            const QJsonValue found = lookUp(names, tokens.front().name);
            return found.isUndefined() ? QJsonValue(QJsonValue::Null) : found;
        }
        auto filled = fillTemplate(text, names);
        if (!filled)
            return filled.error();
        return QJsonValue(*filled);
    }
    if (value.isArray()) {
        QJsonArray list;
        const QJsonArray from = value.toArray();
        for (const QJsonValue &item : from) {
            auto filled = fillValue(item, names);
            if (!filled)
                return filled;
            list.append(*filled);
        }
        return QJsonValue(list);
    }
    if (value.isObject()) {
        QJsonObject object;
        const QJsonObject from = value.toObject();
        for (auto it = from.begin(); it != from.end(); ++it) {
            auto filled = fillValue(it.value(), names);
            if (!filled)
                return filled;
            object.insert(it.key(), *filled);
        }
        return QJsonValue(object);
    }
    return value;
}

QJsonValue forLog(const QJsonValue &value)
{
    if (value.isNull() || value.isUndefined() || value.isBool() || value.isDouble())
        return value.isUndefined() ? QJsonValue(QJsonValue::Null) : value;
    if (value.isString()) {
        const QString text = value.toString();
        if (text.size() <= mostLogged)
            return value;
        return QString(text.left(mostLogged) + QStringLiteral("… (%1 characters in all)").arg(text.size()));
    }
    const QString text = json::compactString(value);
    if (text.size() <= mostLogged)
        return value;
    return QString(text.left(mostLogged) + QStringLiteral("… (%1 characters in all)").arg(text.size()));
}

} // namespace lathe
