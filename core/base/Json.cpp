// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"

#include "core/base/JsonWriter.h"

#include <QJsonDocument>

namespace lathe::json {

namespace {
// QJsonDocument of Qt 6.4 takes only objects and arrays, so scalars travel in an array of one.
bool startsContainer(QByteArrayView text)
{
    for (const char c : text) {
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
            continue;
        return c == '{' || c == '[';
    }
    return false;
}

Error parseError(QByteArrayView text, const QJsonParseError &error, qsizetype shift)
{
    const qsizetype offset = std::clamp<qsizetype>(error.offset - shift, 0, text.size());
    const QByteArrayView before = text.first(offset);
    const qsizetype line = std::count(before.begin(), before.end(), '\n') + 1;
    const qsizetype column = offset - (before.lastIndexOf('\n') + 1) + 1;
    return Error(ErrorKind::InvalidInput,
                 QStringLiteral("Not valid JSON: %1 at line %2, column %3.").arg(error.errorString()).arg(line).arg(column));
}

QJsonValue withParts(const QJsonValue &root, const QStringList &parts, int index, const QJsonValue &value)
{
    if (index == parts.size())
        return value;
    QString key = parts[index];
    key.replace(QLatin1String("~1"), QLatin1String("/")).replace(QLatin1String("~0"), QLatin1String("~"));
    if (root.isArray()) {
        QJsonArray array = root.toArray();
        bool numeric = false;
        const int at = key == QLatin1String("-") ? int(array.size()) : key.toInt(&numeric);
        if (at < 0 || at > array.size() || (!numeric && key != QLatin1String("-")))
            return root;
        const QJsonValue child = withParts(at < array.size() ? array[at] : QJsonValue(), parts, index + 1, value);
        if (child.isUndefined()) {
            if (at < array.size())
                array.removeAt(at);
        } else if (at == array.size()) {
            array.append(child);
        } else {
            array[at] = child;
        }
        return array;
    }
    QJsonObject object = root.toObject();
    const QJsonValue child = withParts(object.value(key), parts, index + 1, value);
    if (child.isUndefined())
        object.remove(key);
    else
        object.insert(key, child);
    return object;
}

QStringList pointerParts(const QString &pointer)
{
    QStringList parts = pointer.split(QLatin1Char('/'));
    parts.removeFirst();
    return parts;
}
} // namespace

Result<QJsonValue> parse(QByteArrayView text)
{
    QJsonParseError error;
    if (startsContainer(text)) {
        const QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromRawData(text.data(), text.size()), &error);
        if (error.error != QJsonParseError::NoError)
            return parseError(text, error, 0);
        return document.isObject() ? QJsonValue(document.object()) : QJsonValue(document.array());
    }
    const QByteArray wrapped = '[' + text.toByteArray() + ']';
    const QJsonDocument document = QJsonDocument::fromJson(wrapped, &error);
    if (error.error != QJsonParseError::NoError)
        return parseError(text, error, 1);
    if (document.array().size() != 1)
        return Error(ErrorKind::InvalidInput, QStringLiteral("Not valid JSON: expected one value."));
    return document.array().first();
}

Result<QJsonObject> parseObject(QByteArrayView text)
{
    auto value = parse(text);
    if (!value)
        return value.error();
    if (!value->isObject())
        return Error(ErrorKind::InvalidInput, QStringLiteral("Expected a JSON object."));
    return value->toObject();
}

QByteArray compact(const QJsonValue &value)
{
    return Writer().value(value).take();
}

QByteArray compact(const QJsonObject &object)
{
    return Writer().value(QJsonValue(object)).take();
}

QString compactString(const QJsonValue &value)
{
    return QString::fromUtf8(compact(value));
}

QByteArray pretty(const QJsonValue &value)
{
    if (value.isObject())
        return QJsonDocument(value.toObject()).toJson(QJsonDocument::Indented);
    if (value.isArray())
        return QJsonDocument(value.toArray()).toJson(QJsonDocument::Indented);
    return compact(value);
}

QByteArray hash(const QJsonValue &value)
{
    return sha256(compact(value));
}

QStringList toStringList(const QJsonValue &value)
{
    QStringList list;
    const QJsonArray array = value.toArray();
    for (const QJsonValue &item : array) {
        if (item.isString())
            list.append(item.toString());
    }
    return list;
}

QJsonArray fromStringList(const QStringList &list)
{
    return QJsonArray::fromStringList(list);
}

QString fromUtf8Lossy(QByteArrayView bytes)
{
    return QString::fromUtf8(bytes.data(), bytes.size());
}

QJsonValue at(const QJsonValue &root, const QString &pointer)
{
    QJsonValue value = root;
    for (QString key : pointerParts(pointer)) {
        key.replace(QLatin1String("~1"), QLatin1String("/")).replace(QLatin1String("~0"), QLatin1String("~"));
        if (value.isArray()) {
            bool numeric = false;
            const int index = key.toInt(&numeric);
            value = numeric ? value.toArray().at(index) : QJsonValue(QJsonValue::Undefined);
        } else if (value.isObject()) {
            value = value.toObject().value(key);
        } else {
            return QJsonValue(QJsonValue::Undefined);
        }
    }
    return value;
}

QJsonValue with(const QJsonValue &root, const QString &pointer, const QJsonValue &value)
{
    return withParts(root, pointerParts(pointer), 0, value);
}

} // namespace lathe::json
