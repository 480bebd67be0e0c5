// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/Embeddings.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>

#include <cmath>

namespace lathe::embeddings {

namespace {
constexpr size_t places = 256;
constexpr int stemLength = 5;

Error nonsense(const QString &what)
{
    return Error(ErrorKind::Protocol, QStringLiteral("The answer holds no embeddings: %1.").arg(what));
}

// FNV-1a, so that vectors are the same on every machine and in every run (qHash is seeded).
quint32 hashOf(QStringView text, quint32 seed)
{
    quint32 hash = 2166136261u ^ seed;
    for (const QChar c : text) {
        hash = (hash ^ (c.unicode() & 0xff)) * 16777619u;
        hash = (hash ^ (c.unicode() >> 8)) * 16777619u;
    }
    return hash;
}

void add(Embedding *vector, QStringView feature, quint32 kind, float weight)
{
    const quint32 hash = hashOf(feature, kind);
    (*vector)[hash % places] += (hash >> 16) & 1 ? weight : -weight; // two that share a place rather cancel than add up
}
}

QByteArray requestBody(const QString &model, const QStringList &texts)
{
    return QJsonDocument(QJsonObject{{QStringLiteral("model"), model},
                                     {QStringLiteral("input"), QJsonArray::fromStringList(texts)},
                                     {QStringLiteral("encoding_format"), QStringLiteral("float")}})
        .toJson(QJsonDocument::Compact);
}

Result<std::vector<Embedding>> read(const QByteArray &body, qsizetype count)
{
    const QJsonDocument document = QJsonDocument::fromJson(body);
    if (!document.isObject())
        return nonsense(QStringLiteral("it is no JSON object"));
    const QJsonArray data = document.object().value(QLatin1String("data")).toArray();
    if (data.size() != count)
        return nonsense(QStringLiteral("%1 vectors for %2 texts").arg(data.size()).arg(count));
    std::vector<Embedding> vectors;
    vectors.resize(size_t(count));
    for (qsizetype i = 0; i < data.size(); ++i) {
        const QJsonObject item = data[i].toObject();
        const qsizetype index = item.value(QLatin1String("index")).toInteger(i);
        const QJsonArray numbers = item.value(QLatin1String("embedding")).toArray();
        if (index < 0 || index >= count || !vectors[size_t(index)].empty())
            return nonsense(QStringLiteral("the index %1 is wrong or comes twice").arg(index));
        if (numbers.isEmpty())
            return nonsense(QStringLiteral("vector %1 is empty").arg(index));
        Embedding vector;
        vector.reserve(size_t(numbers.size()));
        for (const QJsonValue &number : numbers) {
            if (!number.isDouble())
                return nonsense(QStringLiteral("vector %1 holds something that is no number").arg(index));
            vector.push_back(float(number.toDouble()));
        }
        vectors[size_t(index)] = std::move(vector);
    }
    for (const Embedding &vector : vectors) {
        if (vector.size() != vectors.front().size())
            return nonsense(QStringLiteral("the vectors differ in length"));
    }
    return vectors;
}

Embedding offline(const QString &text)
{
    static const QRegularExpression wordPattern(QStringLiteral("[\\p{L}\\p{N}]+"));
    Embedding vector(places, 0.0f);
    const QString lower = text.normalized(QString::NormalizationForm_KC).toLower();
    auto words = wordPattern.globalMatch(lower);
    while (words.hasNext()) {
        const QString word = words.next().captured();
        const float weight = std::log2(1.0f + float(std::min<qsizetype>(word.size(), 12))); // "the" says less than "invoice"
        add(&vector, word, 1, weight);
        add(&vector, QStringView(word).first(std::min<qsizetype>(word.size(), stemLength)), 2, weight);
        const QString framed = QLatin1Char('<') + word + QLatin1Char('>');
        for (qsizetype at = 0; at + 3 <= framed.size(); ++at)
            add(&vector, QStringView(framed).sliced(at, 3), 3, 0.4f);
    }
    double length = 0;
    for (const float part : vector)
        length += double(part) * double(part);
    if (length > 0) {
        for (float &part : vector)
            part = float(double(part) / std::sqrt(length));
    }
    return vector;
}

} // namespace lathe::embeddings
