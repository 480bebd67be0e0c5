// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/ToolText.h"

#include <QJsonArray>
#include <QJsonObject>

#include <vector>

namespace lathe {

QString cleanText(QString text)
{
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        if (c.isHighSurrogate() && i + 1 < text.size() && text[i + 1].isLowSurrogate()) {
            ++i;
            continue;
        }
        const bool control = c.unicode() < 0x20 && c != u'\t' && c != u'\n' && c != u'\r';
        if (c.isSurrogate() || control || c.unicode() == 0x7f)
            text[i] = QChar(QChar::ReplacementCharacter);
    }
    return text;
}

bool cutUtf8(QString &text, qint64 maxBytes)
{
    if (text.size() * 3 <= maxBytes)
        return false;
    const QByteArray bytes = text.toUtf8();
    if (bytes.size() <= maxBytes)
        return false;
    qsizetype end = qsizetype(std::max<qint64>(maxBytes, 0));
    while (end > 0 && (uchar(bytes[end]) & 0xc0) == 0x80) // inside a character
        --end;
    text = QString::fromUtf8(bytes.first(end))
           + QStringLiteral("\n[cut: %1 of %2 bytes shown]").arg(end).arg(bytes.size());
    return true;
}

bool jsonSizeExceeds(const QJsonValue &value, qint64 bytes)
{
    std::vector<QJsonValue> open{value};
    qint64 size = 0;
    while (!open.empty()) {
        const QJsonValue item = open.back();
        open.pop_back();
        size += 4;
        if (item.isString()) {
            size += item.toString().size();
        } else if (item.isArray()) {
            for (const QJsonValue &child : item.toArray())
                open.push_back(child);
        } else if (item.isObject()) {
            const QJsonObject object = item.toObject();
            for (auto it = object.begin(); it != object.end(); ++it) {
                size += it.key().size() + 3;
                open.push_back(it.value());
            }
        }
        if (size > bytes)
            return true;
    }
    return false;
}

bool looksBinary(QByteArrayView bytes)
{
    const QByteArrayView head = bytes.first(std::min<qsizetype>(bytes.size(), 8192));
    qsizetype odd = 0;
    for (const char c : head) {
        if (c == 0)
            return true;
        if (uchar(c) < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\x1b')
            ++odd;
    }
    return odd * 20 > head.size();
}

QString sizeText(qint64 bytes)
{
    if (bytes < 1000)
        return QStringLiteral("%1 bytes").arg(bytes);
    if (bytes < 1'000'000)
        return QStringLiteral("%1 kB").arg(double(bytes) / 1e3, 0, 'f', bytes < 10'000 ? 1 : 0);
    return QStringLiteral("%1 MB").arg(double(bytes) / 1e6, 0, 'f', bytes < 10'000'000 ? 1 : 0);
}

Result<QString> storedSecret(const QString &tool, const QString &name, const std::function<QString(const QString &name)> &secret)
{
    QString value = secret ? secret(name) : QString();
    if (value.isEmpty())
        return Error(ErrorKind::Auth, QStringLiteral("The tool %1 needs the secret \"%2\", which is not in the keychain.").arg(tool, name));
    return value;
}

} // namespace lathe
