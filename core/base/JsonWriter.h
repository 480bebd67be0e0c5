// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QJsonValue>
#include <QStringView>

// Writes compact JSON text at once, without building values first. Strings are escaped as json::compact() does it: with the members of
// each object in the order of their names the text is canonical, byte for byte. Commas come by themselves.
namespace lathe::json {

class Writer
{
public:
    Writer() { m_out.reserve(1024); }
    Writer &beginObject() { return open('{'); }
    Writer &endObject() { return close('}'); }
    Writer &beginArray() { return open('['); }
    Writer &endArray() { return close(']'); }
    // Then exactly one value. ASCII without signs that need an escape.
    Writer &key(QLatin1String name)
    {
        separate();
        m_out.append('"').append(name.data(), name.size()).append("\":", 2);
        m_comma = false;
        return *this;
    }
    Writer &key(const QString &name); // any
    Writer &string(QStringView text);
    Writer &string(QLatin1String ascii) // without signs that need an escape
    {
        separate();
        m_out.append('"').append(ascii.data(), ascii.size()).append('"');
        return *this;
    }
    Writer &number(qint64 value);
    Writer &boolean(bool value) { return raw(value ? QByteArrayView("true", 4) : QByteArrayView("false", 5)); }
    Writer &null() { return raw(QByteArrayView("null", 4)); }
    Writer &value(const QJsonValue &value); // any; Undefined as null; byte for byte as QJsonDocument writes it
    // Text that is JSON already.
    Writer &raw(QByteArrayView json)
    {
        separate();
        m_out.append(json.data(), json.size());
        return *this;
    }
    QByteArray take() { return std::exchange(m_out, {}); }
    // The object it wrote. From three members on this is quicker than inserting them into a QJsonObject one by one.
    QJsonObject takeObject();

private:
    void separate()
    {
        if (m_comma)
            m_out.append(',');
        m_comma = true;
    }
    Writer &open(char bracket)
    {
        separate();
        m_out.append(bracket);
        m_comma = false;
        return *this;
    }
    Writer &close(char bracket)
    {
        m_out.append(bracket);
        m_comma = true;
        return *this;
    }
    Writer &writeNumber(const QJsonValue &value);
    Writer &writeObject(const QJsonObject &object);

    QByteArray m_out;
    bool m_comma = false;
};

} // namespace lathe::json
