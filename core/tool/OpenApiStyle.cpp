// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/OpenApiStyle.h"

#include "core/base/Json.h"
#include "core/tool/RequestTemplate.h"

namespace lathe {

namespace {
constexpr int maxDeep = 12;

QString encoded(const OpenApiStyle &how, const QJsonValue &value)
{
    const QByteArray text = textOfValue(value).toUtf8();
    return QString::fromLatin1(how.reserved ? text.toPercentEncoding(":/?[]@!$'()*,;") : text.toPercentEncoding());
}

// The parts of a list; of an object name and value in turns, or "name=value" with explode.
QStringList parts(const OpenApiStyle &how, const QJsonValue &value, bool explode, bool encode)
{
    const auto text = [&](const QJsonValue &item) { return encode ? encoded(how, item) : textOfValue(item); };
    QStringList out;
    if (value.isArray()) {
        for (const QJsonValue &item : value.toArray())
            out += text(item);
    } else if (value.isObject()) {
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it) {
            if (explode)
                out += text(it.key()) + u'=' + text(it.value());
            else
                out << text(it.key()) << text(it.value());
        }
    } else {
        out += text(value);
    }
    return out;
}

// filter[a]=1, filter[b][c]=2, filter[d][0]=3
void deepPairs(const OpenApiStyle &how, const QString &name, const QJsonValue &value, int depth, QStringList *out)
{
    if (depth < maxDeep && value.isObject()) {
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            deepPairs(how, name + QStringLiteral("%5B") + percentEncoded(it.key()) + QStringLiteral("%5D"), it.value(), depth + 1, out);
    } else if (depth < maxDeep && value.isArray()) {
        const QJsonArray list = value.toArray();
        for (qsizetype i = 0; i < list.size(); ++i)
            deepPairs(how, name + QStringLiteral("%5B%1%5D").arg(i), list[i], depth + 1, out);
    } else {
        *out += name + u'=' + encoded(how, value);
    }
}
} // namespace

QString pathText(const OpenApiStyle &how, const QJsonValue &value)
{
    if (how.json)
        return percentEncoded(json::compactString(value));
    const bool explode = how.explode.value_or(false);
    const bool composite = value.isArray() || value.isObject();
    const QStringList items = parts(how, value, explode, true);
    const QString name = percentEncoded(how.name);
    if (how.style == QLatin1String("label"))
        return u'.' + items.join(explode ? u'.' : u',');
    if (how.style == QLatin1String("matrix")) {
        if (!composite || !explode)
            return u';' + name + u'=' + items.join(u',');
        QString out;
        for (const QString &item : items)
            out += u';' + (value.isArray() ? name + u'=' + item : item);
        return out;
    }
    return items.join(u',');
}

QStringList queryPairs(const OpenApiStyle &how, const QJsonValue &value)
{
    const QString name = percentEncoded(how.name);
    if (how.json)
        return {name + u'=' + percentEncoded(json::compactString(value))};
    const bool form = how.style.isEmpty() || how.style == QLatin1String("form");
    const bool explode = how.explode.value_or(form);
    QStringList out;
    if (how.style == QLatin1String("deepObject")) {
        deepPairs(how, name, value, 0, &out);
        return out;
    }
    const QStringList items = parts(how, value, explode, true);
    if (!value.isArray() && !value.isObject())
        return {name + u'=' + items.value(0)};
    if (items.isEmpty())
        return out;
    if (explode) {
        for (const QString &item : items)
            out += value.isArray() ? name + u'=' + item : item;
        return out;
    }
    const QString between = how.style == QLatin1String("spaceDelimited")  ? QStringLiteral("%20")
                            : how.style == QLatin1String("pipeDelimited") ? QStringLiteral("%7C")
                                                                          : QStringLiteral(",");
    return {name + u'=' + items.join(between)};
}

QString headerText(const OpenApiStyle &how, const QJsonValue &value)
{
    return how.json ? json::compactString(value) : parts(how, value, how.explode.value_or(false), false).join(u',');
}

} // namespace lathe
