// SPDX-License-Identifier: GPL-3.0-or-later
// Choosing labels and reading schemas out of instructions.
#include "core/base/Json.h"
#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineJson.h"
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflineRequest.h"
#include "core/llm/OfflineText.h"

#include <QHash>

namespace lathe::offline {

namespace {

bool isOther(const QString &label)
{
    static const QSet<QString> names{QStringLiteral("other"),         QStringLiteral("unknown"),
                                     QStringLiteral("general"),       QStringLiteral("none"),
                                     QStringLiteral("misc"),          QStringLiteral("n/a"),
                                     QStringLiteral("miscellaneous"), QStringLiteral("unclear")};
    return names.contains(label.toLower());
}

// "- label: what belongs to it" or "label (what belongs to it)" in the instructions.
QString glossOf(const QString &label, const QString &instructions)
{
    for (qsizetype at = indexOfPhrase(instructions, label); at >= 0;
         at = indexOfPhrase(instructions, label, at + 1)) {
        const QStringView after = QStringView(instructions).sliced(at + label.size());
        qsizetype skip = 0;
        while (skip < after.size() && QStringView(u"\"'`* ").contains(after[skip]))
            ++skip;
        if (skip >= after.size() || (after[skip] != u':' && after[skip] != u'(' && after[skip] != u'='))
            continue;
        const QChar end = after[skip] == u'(' ? u')' : u'\n';
        QString gloss = after.sliced(skip + 1).left(300).toString();
        const qsizetype stop = gloss.indexOf(end);
        if (stop >= 0)
            gloss.truncate(stop);
        if (end == u'\n') {
            if (const qsizetype semicolon = gloss.indexOf(u';'); semicolon > 0)
                gloss.truncate(semicolon);
        }
        return gloss;
    }
    return {};
}

// Labels of a scale of feelings or of urgency are not found by their words.
int scaleIndex(const QStringList &labels, const QString &text)
{
    QStringList lower;
    for (const QString &label : labels)
        lower.append(label.toLower());
    const auto find = [&](std::initializer_list<const char *> names) {
        for (const char *name : names) {
            for (int i = 0; i < lower.size(); ++i) {
                if (lower[i] == QLatin1String(name))
                    return i;
            }
        }
        return -1;
    };
    const int positive = find({"positive", "happy", "good", "satisfied"});
    const int negative = find({"negative", "unhappy", "bad", "dissatisfied"});
    if (positive >= 0 && negative >= 0) {
        const int score = sentimentOf(text);
        const int neutral = find({"neutral", "mixed", "unclear"});
        const int veryNegative = find({"very negative", "very_negative"}),
                  veryPositive = find({"very positive", "very_positive"});
        if (score <= -4 && veryNegative >= 0)
            return veryNegative;
        if (score >= 4 && veryPositive >= 0)
            return veryPositive;
        return score > 0 ? positive : score < 0 ? negative : neutral >= 0 ? neutral : negative;
    }
    const int low = find({"low", "minor", "trivial", "p4", "p3"});
    const int high = find({"high", "major", "p2", "p1"});
    if (low >= 0 && high >= 0) {
        const int urgent = find({"urgent", "critical", "blocker", "p1", "p0"});
        const int middle = find({"normal", "medium", "moderate", "p3", "p2"});
        const int level = urgencyOf(text).level;
        if (level >= 3)
            return urgent >= 0 ? urgent : high;
        if (level == 2)
            return high;
        return level == 1 && middle >= 0 ? middle : low;
    }
    const int yes = find({"yes", "true"}), no = find({"no", "false"});
    if (yes >= 0 && no >= 0 && labels.size() <= 3)
        return -2; // by the question, not by the words
    return -1;
}

QJsonObject schemaOfExample(const QJsonValue &example)
{
    switch (example.type()) {
    case QJsonValue::Object: {
        QJsonObject properties;
        const QJsonObject object = example.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            properties.insert(it.key(), schemaOfExample(it.value()));
        return {{QStringLiteral("type"), QStringLiteral("object")},
                {QStringLiteral("properties"), properties},
                {QStringLiteral("required"), json::fromStringList(object.keys())}};
    }
    case QJsonValue::Array:
        return {{QStringLiteral("type"), QStringLiteral("array")},
                {QStringLiteral("items"),
                 schemaOfExample(example.toArray().isEmpty() ? QJsonValue(QString())
                                                             : example.toArray().first())}};
    case QJsonValue::Double:
        return {{QStringLiteral("type"), QStringLiteral("number")}};
    case QJsonValue::Bool:
        return {{QStringLiteral("type"), QStringLiteral("boolean")}};
    default:
        break;
    }
    const QString text = example.toString();
    const QStringList options = text.split(u'|', Qt::SkipEmptyParts);
    if (options.size() >= 2) {
        QStringList values;
        for (const QString &option : options)
            values.append(option.trimmed());
        return {{QStringLiteral("enum"), json::fromStringList(values)}};
    }
    return {{QStringLiteral("type"), QStringLiteral("string")}, {QStringLiteral("description"), text}};
}

} // namespace

QString chosenLabel(const QStringList &labels, const QString &text, const QString &instructions,
                    double *score)
{
    if (score)
        *score = 0;
    if (labels.isEmpty())
        return {};
    const QString scanned = capped(text, 20'000);
    if (const int index = scaleIndex(labels, scanned); index >= 0) {
        if (score)
            *score = 1;
        return labels[index];
    }
    QHash<QString, int> frequency;
    QHash<QString, double> early; // a word near the beginning says more of what a message is about
    int position = 0;
    for (const Word &word : wordsOf(scanned)) {
        ++position;
        if (word.isStop)
            continue;
        if (frequency[word.stem]++ == 0)
            early[word.stem] = 1.0 / (1.0 + position * 0.05);
    }
    const auto weight = [&](const QString &stem) {
        const int uses = frequency.value(stem);
        return uses == 0 ? 0.0 : 1.0 + 0.3 * std::min(uses - 1, 3) + 0.4 * early.value(stem);
    };
    int best = -1;
    double bestScore = 0;
    for (int i = 0; i < labels.size() && i < 200; ++i) {
        if (isOther(labels[i]))
            continue;
        const QStringList own = stemList(QString(labels[i]).replace(u'_', u' ').replace(u'-', u' '));
        double sum = 0;
        for (const QString &stem : own)
            sum += 2.5 * weight(stem) / double(own.size());
        QSet<QString> counted(own.begin(), own.end());
        for (const QString &stem : stemList(glossOf(labels[i], instructions))) {
            if (!counted.contains(stem))
                sum += 1.2 * weight(stem);
            counted.insert(stem);
        }
        for (const QString &stem : relatedStems(labels[i])) {
            if (!counted.contains(stem))
                sum += weight(stem);
        }
        if (sum > bestScore + 1e-9) {
            bestScore = sum;
            best = i;
        }
    }
    if (score)
        *score = bestScore;
    if (best >= 0)
        return labels[best];
    for (const QString &label : labels) {
        if (isOther(label))
            return label;
    }
    return labels.first();
}

std::optional<QJsonObject> schemaInText(const QString &instructions)
{
    const QString text = capped(instructions, 32'000);
    const auto tags = tagsOf(text, nullptr);
    if (tags.contains(QStringLiteral("schema"))) {
        if (auto schema = firstJsonObject(tags.value(QStringLiteral("schema"))))
            return schema;
    }
    static const QRegularExpression wantsJson = expression(QStringLiteral("\\bJSON\\b"));
    static const QRegularExpression noJson =
        expression(QStringLiteral("\\b(?:no|not|without|never) (?:\\w+ ){0,2}JSON\\b|\\bArguments "
                                  "\\(JSON|\\bAction Input: one JSON"));
    if (!wantsJson.match(text).hasMatch() || noJson.match(text).hasMatch())
        return std::nullopt;
    if (const auto object = firstJsonObject(text)) {
        const bool schema = object->contains(QLatin1String("properties"))
                            || object->value(QLatin1String("type")).toString() == QLatin1String("array");
        return schema ? *object : schemaOfExample(*object);
    }
    static const QRegularExpression keys =
        expression(QStringLiteral("\\b(?:keys|fields|properties|members)(?: are)?:?\\s+([^.\\n]{2,300})"));
    const auto match = keys.match(text);
    if (!match.hasMatch())
        return std::nullopt;
    static const QRegularExpression comma =
        expression(QStringLiteral("\\s*(?:,\\s*and\\s+|,|\\band\\b)\\s*"), true);
    QJsonObject properties;
    QStringList names;
    for (QString key : match.captured(1).split(comma, Qt::SkipEmptyParts)) {
        static const QRegularExpression form = expression(
            QStringLiteral("^[\"'`]?([A-Za-z_][\\w-]{0,40})[\"'`]?(?:\\s*\\(([^)]{1,200})\\))?"), true);
        const auto named = form.match(key.trimmed());
        if (!named.hasMatch())
            continue;
        QJsonObject schema{{QStringLiteral("type"), QStringLiteral("string")}};
        const QStringList options = named.captured(2).split(
            expression(QStringLiteral("\\s*(?:/|\\||\\bor\\b)\\s*"), true), Qt::SkipEmptyParts);
        if (options.size() >= 2)
            schema = {{QStringLiteral("enum"), json::fromStringList(options)}};
        properties.insert(named.captured(1), schema);
        names.append(named.captured(1));
    }
    if (properties.isEmpty())
        return std::nullopt;
    return QJsonObject{{QStringLiteral("type"), QStringLiteral("object")},
                       {QStringLiteral("properties"), properties},
                       {QStringLiteral("required"), json::fromStringList(names)}};
}

} // namespace lathe::offline
