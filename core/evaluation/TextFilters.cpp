// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/evaluation/TextExpression.h"
#include "core/evaluation/TextTemplate.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {
constexpr qsizetype longestResult = 4'000'000;

QString titleCase(QString text, bool everyWord)
{
    text = text.toLower();
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (i == 0 || (everyWord && text[i - 1].isSpace()))
            text[i] = text[i].toUpper();
    }
    return text;
}

QJsonValue sorted(const QJsonValue &value)
{
    QJsonArray list = value.toArray();
    std::vector<QJsonValue> items(list.begin(), list.end());
    std::stable_sort(items.begin(), items.end(), [](const QJsonValue &a, const QJsonValue &b) {
        return a.isDouble() && b.isDouble() ? a.toDouble() < b.toDouble()
                                            : templateText(a) < templateText(b);
    });
    QJsonArray result;
    for (const QJsonValue &item : items)
        result.append(item);
    return result;
}

} // namespace

QJsonValue applyTextFilter(const QString &name, const QJsonValue &value,
                           const std::vector<QJsonValue> &arguments)
{
    const QString text = templateText(value);
    const QJsonValue first = arguments.empty() ? QJsonValue(QJsonValue::Undefined) : arguments[0];
    if (name == QLatin1String("upper"))
        return text.toUpper();
    if (name == QLatin1String("lower"))
        return text.toLower();
    if (name == QLatin1String("capitalize") || name == QLatin1String("title"))
        return titleCase(text, name == QLatin1String("title"));
    if (name == QLatin1String("trim"))
        return text.trimmed();
    if (name == QLatin1String("default") || name == QLatin1String("d")) {
        const bool alsoFalse = arguments.size() > 1 && isTruthy(arguments[1]);
        return value.isUndefined() || (alsoFalse && !isTruthy(value)) ? first : value;
    }
    if (name == QLatin1String("length"))
        return value.isArray()    ? value.toArray().size()
               : value.isObject() ? value.toObject().size()
                                  : text.size();
    if (name == QLatin1String("first") || name == QLatin1String("last")) {
        const QJsonArray list = value.toArray();
        const bool front = name == QLatin1String("first");
        if (value.isString())
            return front ? text.left(1) : text.right(1);
        return list.isEmpty() ? QJsonValue(QJsonValue::Undefined)
               : front        ? list.first()
                              : list.last();
    }
    if (name == QLatin1String("join")) {
        QStringList texts;
        for (const QJsonValue &item : value.toArray())
            texts.append(templateText(item));
        return texts.join(templateText(first));
    }
    if (name == QLatin1String("replace")) {
        if (arguments.size() < 2 || templateText(first).isEmpty())
            return text;
        const QString put = templateText(arguments[1]);
        if (put.size() > 1 && text.count(templateText(first)) * put.size() > longestResult)
            return text.left(longestResult);
        return QString(text).replace(templateText(first), put);
    }
    if (name == QLatin1String("dump") || name == QLatin1String("tojson"))
        return first.isDouble() && !value.isUndefined()
                   ? QString::fromUtf8(json::pretty(value)).trimmed()
                   : json::compactString(value);
    if (name == QLatin1String("int"))
        return std::trunc(textNumber(value));
    if (name == QLatin1String("float"))
        return textNumber(value);
    if (name == QLatin1String("abs"))
        return std::abs(textNumber(value));
    if (name == QLatin1String("round")) {
        const double scale = std::pow(10.0, std::clamp(first.toDouble(0), 0.0, 12.0));
        return std::round(textNumber(value) * scale) / scale;
    }
    if (name == QLatin1String("string"))
        return text;
    if (name == QLatin1String("sort"))
        return sorted(value);
    if (name == QLatin1String("reverse")) {
        if (!value.isArray()) {
            QString back = text;
            std::reverse(back.begin(), back.end());
            return back;
        }
        QJsonArray back;
        for (const QJsonValue &item : value.toArray())
            back.prepend(item);
        return back;
    }
    if (name == QLatin1String("truncate")) {
        const qsizetype most = qsizetype(std::clamp(first.toDouble(255), 0.0, 1e9));
        return text.size() <= most ? text : text.left(most) + QStringLiteral("...");
    }
    if (name == QLatin1String("wordcount"))
        return text.simplified().isEmpty() ? 0 : text.simplified().count(QLatin1Char(' ')) + 1;
    if (name == QLatin1String("urlencode"))
        return QString::fromLatin1(text.toUtf8().toPercentEncoding());
    return value; // safe
}

const QStringList &textFilters()
{
    static const QStringList all{
        QStringLiteral("upper"),    QStringLiteral("lower"),     QStringLiteral("capitalize"),
        QStringLiteral("title"),    QStringLiteral("trim"),      QStringLiteral("default"),
        QStringLiteral("d"),        QStringLiteral("length"),    QStringLiteral("first"),
        QStringLiteral("last"),     QStringLiteral("join"),      QStringLiteral("replace"),
        QStringLiteral("dump"),     QStringLiteral("tojson"),    QStringLiteral("int"),
        QStringLiteral("float"),    QStringLiteral("abs"),       QStringLiteral("round"),
        QStringLiteral("string"),   QStringLiteral("sort"),      QStringLiteral("reverse"),
        QStringLiteral("truncate"), QStringLiteral("wordcount"), QStringLiteral("urlencode"),
        QStringLiteral("safe")};
    return all;
}

double textNumber(const QJsonValue &value)
{
    return value.isString() ? value.toString().toDouble()
           : value.isBool() ? value.toBool()
                            : value.toDouble();
}

} // namespace lathe
