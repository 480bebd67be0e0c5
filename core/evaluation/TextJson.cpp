// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/TextJson.h"

#include "core/base/Json.h"

#include <QRegularExpression>

namespace lathe {

namespace {
constexpr qsizetype mostSteps =
    50'000'000; // a text of nothing but open brackets would be read again from each of them
constexpr size_t mostValues = 10'000;

// Behind the bracket that closes the one at `from`; -1: it is not closed.
qsizetype closingOf(QStringView text, qsizetype from, qsizetype *steps)
{
    int depth = 0;
    bool quoted = false;
    for (qsizetype i = from; i < text.size() && *steps < mostSteps; ++i, ++*steps) {
        const char16_t c = text[i].unicode();
        if (quoted) {
            if (c == u'\\')
                ++i;
            else if (c == u'"')
                quoted = false;
        } else if (c == u'"') {
            quoted = true;
        } else if (c == u'{' || c == u'[') {
            ++depth;
        } else if ((c == u'}' || c == u']') && --depth == 0) {
            return i + 1;
        }
    }
    return -1;
}

std::optional<QJsonValue> parsed(QStringView text)
{
    auto value = json::parse(text.toUtf8());
    if (value)
        return *value;
    // Forgiven: commas before a closing bracket.
    static const QRegularExpression extraComma(QStringLiteral(",(?=\\s*[}\\]])"));
    QString mended = text.toString();
    mended.remove(extraComma);
    if (mended.size() == text.size())
        return std::nullopt;
    value = json::parse(mended.toUtf8());
    return value ? std::optional<QJsonValue>(*value) : std::nullopt;
}
} // namespace

QJsonValue wholeJson(const QString &text)
{
    const auto value = json::parse(text.toUtf8());
    return value ? *value : QJsonValue(QJsonValue::Undefined);
}

std::vector<QJsonValue> jsonValuesIn(const QString &text)
{
    if (const QJsonValue whole = wholeJson(text); whole.isObject() || whole.isArray())
        return {whole};
    std::vector<QJsonValue> values;
    static const QRegularExpression fence(
        QStringLiteral("```[A-Za-z0-9]*[ \\t]*\\r?\\n([\\s\\S]*?)```"));
    for (auto it = fence.globalMatch(text); it.hasNext() && values.size() < mostValues;) {
        const QJsonValue inside = wholeJson(it.next().captured(1));
        if (inside.isArray())
            values.push_back(inside);
    }
    qsizetype steps = 0;
    const QStringView view(text);
    for (qsizetype at = view.indexOf(u'{');
         at >= 0 && steps < mostSteps && values.size() < mostValues;) {
        const qsizetype end = closingOf(view, at, &steps);
        std::optional<QJsonValue> value;
        if (end > 0) {
            steps += end - at;
            value = parsed(view.mid(at, end - at));
        }
        if (value && value->isObject())
            values.push_back(*value);
        at = view.indexOf(u'{', value && value->isObject() ? end : at + 1);
    }
    return values;
}

std::optional<QJsonObject> jsonAnswerIn(const QString &text, const QStringList &members)
{
    for (const QJsonValue &value : jsonValuesIn(text)) {
        const QJsonObject object = value.toObject();
        QJsonObject lower;
        for (auto it = object.begin(); it != object.end(); ++it)
            lower.insert(it.key().trimmed().toLower(), it.value());
        for (const QString &member : members) {
            if (lower.contains(member))
                return lower;
        }
    }
    return std::nullopt;
}

} // namespace lathe
