// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"

namespace lathe {

// A JSON object that remembers the text it was written in, and so the order of its members, which QJsonObject forgets. For what
// people write and models read in order, such as JSON Schemas. Whoever only needs the object takes it for one; equality and
// hashes of that are canonical as ever. A value.
class OrderedObject
{
public:
    OrderedObject() = default;
    // Without a text of its own: members are in the order of their names.
    OrderedObject(QJsonObject object) : m_object(std::move(object)) {}
    // From the text of an object; InvalidInput with the place when it is none.
    static Result<OrderedObject> fromText(const QString &text);
    // From the body of an artifact: an object, or a text that holds one.
    static Result<OrderedObject> fromValue(const QJsonValue &value);
    // The inverse: the text where there is one.
    QJsonValue toValue() const { return m_text.isEmpty() ? QJsonValue(m_object) : QJsonValue(m_text); }

    const QJsonObject &object() const { return m_object; }
    operator const QJsonObject &() const { return m_object; }
    operator QJsonValue() const { return m_object; }
    bool isEmpty() const { return m_object.isEmpty(); }
    // As written, with its own spaces and lines; indented when it was not written by anybody.
    QString text() const;
    // Without spaces, members in the order they were written in.
    QByteArray compact() const { return m_text.isEmpty() ? json::compact(m_object) : m_compact; }
    // Any value, compact; where it has the members that this has, in this order, others after them.
    QByteArray compact(const QJsonValue &like) const;
    bool operator==(const OrderedObject &) const = default;

private:
    QJsonObject m_object;
    QString m_text; // empty: none
    QByteArray m_compact; // of the text
};

} // namespace lathe
