// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QJsonValue>
#include <QString>

#include <optional>
#include <vector>

// JSON that is only read, ten times quicker than QJsonDocument: nothing is copied or sorted. For texts that come by the
// thousand, such as the events of a stream; elsewhere use json::parse().
namespace lathe::json {

// A value inside a Document, which must live as long. Cheap to copy. Conversions are those of QJsonValue: what is of another type
// gives the default.
class View
{
public:
    enum class Type : quint8 { Undefined, Null, False, True, Number, String, Array, Object };
    struct Node {
        Type type = Type::Undefined;
        bool escaped = false;    // the string holds backslashes
        bool keyEscaped = false;
        quint32 key = 0;         // place and size of the member's name, without quotes
        quint32 keySize = 0;
        quint32 begin = 0;       // place and size in the text, of strings without quotes
        quint32 size = 0;
        quint32 after = 0;       // number of the node that follows this one and all it holds
    };

    View() = default; // Undefined
    View(const Node *nodes, quint32 number, const char *text) : m_nodes(nodes), m_number(number), m_text(text) {}

    Type type() const { return m_nodes ? node().type : Type::Undefined; }
    bool isUndefined() const { return type() == Type::Undefined; }
    bool isNull() const { return type() == Type::Null; }
    bool isNumber() const { return type() == Type::Number; }
    bool isString() const { return type() == Type::String; }
    bool isArray() const { return type() == Type::Array; }
    bool isObject() const { return type() == Type::Object; }

    QString toString() const;
    // As it stands in the text, for all but strings.
    QByteArrayView text() const { return isString() ? QByteArrayView() : bytes(); }
    bool toBool() const { return type() == Type::True; }
    double toDouble(double otherwise = 0) const;
    qint64 toInteger(qint64 otherwise = 0) const;
    int toInt(int otherwise = 0) const;
    QJsonValue toJson() const;
    // Whether it is this string.
    bool operator==(QLatin1String text) const;

    // Member of an object, the last one of that name. Undefined when there is none or this is no object.
    View value(QLatin1String key) const;
    bool contains(QLatin1String key) const { return !value(key).isUndefined(); }

    // Elements of an array (values of an object); none for other types.
    class Iterator;
    Iterator begin() const;
    Iterator end() const;

private:
    const Node &node() const { return m_nodes[m_number]; }
    bool isContainer() const { return isArray() || isObject(); }
    QByteArrayView key() const { return {m_text + node().key, qsizetype(node().keySize)}; }
    QByteArrayView bytes() const { return {m_text + node().begin, qsizetype(node().size)}; }

    const Node *m_nodes = nullptr;
    quint32 m_number = 0;
    const char *m_text = nullptr;
};

class View::Iterator
{
public:
    explicit Iterator(View view) : m_view(view) {}
    View operator*() const { return m_view; }
    Iterator &operator++()
    {
        m_view.m_number = m_view.node().after;
        return *this;
    }
    bool operator!=(const Iterator &other) const { return m_view.m_number != other.m_view.m_number; }

private:
    View m_view;
};

inline View::Iterator View::begin() const
{
    return Iterator(View(m_nodes, isContainer() ? m_number + 1 : 0, m_text));
}

inline View::Iterator View::end() const
{
    return Iterator(View(m_nodes, isContainer() ? node().after : 0, m_text));
}

// A parsed text. Views stay valid when it is moved.
class Document
{
public:
    // Nothing for text that is no JSON object or array, is nested deeper than 512, is larger than 1 GB or holds anything that
    // RFC 8259 does not allow; json::parse() tells what is wrong and forgives a little more.
    static std::optional<Document> parse(QByteArray text);
    View root() const { return View(m_nodes.data(), 0, m_text.constData()); }

private:
    Document() = default;
    QByteArray m_text;
    std::vector<View::Node> m_nodes;
};

} // namespace lathe::json
