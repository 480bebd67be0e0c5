// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QByteArray>
#include <QJsonArray>
#include <QJsonObject>
#include <QJsonValue>
#include <QStringList>

// JSON helpers. QJsonObject keeps its keys sorted, so compact text of an object is canonical: equal values give
// equal bytes, which is what content hashes are made of.
namespace lathe::json {

// Parses any JSON value (object, array or scalar). The error names the line and column.
Result<QJsonValue> parse(QByteArrayView text);
// Parses and insists on an object.
Result<QJsonObject> parseObject(QByteArrayView text);
// Canonical compact UTF-8 of any value.
QByteArray compact(const QJsonValue &value);
QByteArray compact(const QJsonObject &object);
QString compactString(const QJsonValue &value);
// Indented, for people.
QByteArray pretty(const QJsonValue &value);
// Lower-case hex SHA-256 of the canonical form.
QByteArray hash(const QJsonValue &value);
QByteArray sha256(QByteArrayView bytes); // JsonHash.cpp

// The string list in `value`; non-strings are left out.
QStringList toStringList(const QJsonValue &value);
QJsonArray fromStringList(const QStringList &list);

// UTF-8 bytes to text; invalid sequences become U+FFFD, never an error. NUL is kept.
QString fromUtf8Lossy(QByteArrayView bytes);

// Reads at a JSON pointer (RFC 6901), Undefined when it is not there.
QJsonValue at(const QJsonValue &root, const QString &pointer);
// A copy of `root` with the value at the pointer replaced; missing objects are made; an Undefined value removes the
// member. "-" appends to an array.
QJsonValue with(const QJsonValue &root, const QString &pointer, const QJsonValue &value);

} // namespace lathe::json
