// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QJsonValue>
#include <QString>

#include <functional>

namespace lathe {

// Text as a model may get it: lone surrogates and control characters but tab and line ends become
// U+FFFD.
QString cleanText(QString text);
// Cuts to at most `maxBytes` of UTF-8 at a character's end and adds a line "[cut: N of M bytes
// shown]"; false when nothing had to be cut.
bool cutUtf8(QString &text, qint64 maxBytes);
// Whether the value is about larger than that as JSON, without serialising it.
bool jsonSizeExceeds(const QJsonValue &value, qint64 bytes);
// Whether bytes are no text: a NUL or many control characters in the first 8 KB.
bool looksBinary(QByteArrayView bytes);
// "1.4 MB".
QString sizeText(qint64 bytes);
// The secret that a tool's settings name. Auth when it is not stored.
Result<QString> storedSecret(const QString &tool, const QString &name, const std::function<QString(const QString &name)> &secret);

} // namespace lathe
