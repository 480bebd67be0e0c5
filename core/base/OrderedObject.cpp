// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/OrderedObject.h"

#include <QHash>

#include <utility>
#include <vector>

namespace lathe {

namespace {
// The names of a text's objects in their order, as a tree of the same shape. Scalars are leaves.
struct OrderedMember;
struct Order {
    std::vector<OrderedMember> members;
    std::vector<Order> items;
};
struct OrderedMember {
    QString name;
    Order below;
};

// Reads text that json::parse() has accepted (and so is not nested too deeply), which is why it need not check anything; it never
// reads beyond the end all the same.
class OrderReader
{
public:
    explicit OrderReader(const QByteArray &text) : m_text(text) {}
    Order read()
    {
        Order order;
        const char first = next();
        if (first == '{')
            readObject(&order);
        else if (first == '[')
            readArray(&order);
        else if (first == '"')
            skipString();
        else
            skipScalar();
        return order;
    }

private:
    char next() // the next sign that is no space; 0 at the end
    {
        while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\n' || m_text[m_at] == '\r' || m_text[m_at] == '\t'))
            ++m_at;
        return m_at < m_text.size() ? m_text[m_at] : '\0';
    }

    QByteArray skipString() // with its quotes
    {
        const qsizetype from = m_at++;
        while (m_at < m_text.size() && m_text[m_at] != '"')
            m_at += m_text[m_at] == '\\' ? 2 : 1;
        m_at = std::min(m_at + 1, m_text.size());
        return m_text.mid(from, m_at - from);
    }

    void skipScalar()
    {
        while (m_at < m_text.size() && !QByteArrayView(",]} \n\r\t").contains(m_text[m_at]))
            ++m_at;
    }

    void readObject(Order *order)
    {
        ++m_at;
        while (next() == '"') {
            const auto name = json::parse(skipString()).valueOr(QJsonValue()).toString();
            next(); // the colon
            ++m_at;
            order->members.push_back({name, read()});
            if (next() == ',')
                ++m_at;
        }
        ++m_at;
    }

    void readArray(Order *order)
    {
        ++m_at;
        while (next() != ']' && m_at < m_text.size()) {
            order->items.push_back(read());
            if (next() == ',')
                ++m_at;
        }
        ++m_at;
    }

    QByteArray m_text;
    qsizetype m_at = 0;
};

void write(const QJsonValue &value, const Order *order, QByteArray *out)
{
    if (!order || (!value.isObject() && !value.isArray())) {
        out->append(json::compact(value));
        return;
    }
    if (value.isArray()) {
        const QJsonArray array = value.toArray();
        out->append('[');
        for (qsizetype i = 0; i < array.size(); ++i) {
            if (i > 0)
                out->append(',');
            write(array[i], size_t(i) < order->items.size() ? &order->items[size_t(i)] : nullptr, out);
        }
        out->append(']');
        return;
    }
    const QJsonObject object = value.toObject();
    QHash<QStringView, const Order *> known; // of two members alike the last one counts
    for (const auto &[name, below] : order->members)
        known.insert(name, &below);
    bool first = true;
    const auto member = [&](const QString &name, const QJsonValue &held, const Order *below) {
        if (!std::exchange(first, false))
            out->append(',');
        out->append(json::compact(QJsonValue(name))).append(':');
        write(held, below, out);
    };
    out->append('{');
    for (const auto &[name, unused] : order->members) {
        Q_UNUSED(unused)
        const Order *below = std::exchange(known[name], nullptr);
        const auto held = object.constFind(name);
        if (below && held != object.constEnd())
            member(name, held.value(), below);
    }
    for (auto it = object.constBegin(); it != object.constEnd(); ++it) {
        if (!known.contains(it.key()))
            member(it.key(), it.value(), nullptr);
    }
    out->append('}');
}
}

Result<OrderedObject> OrderedObject::fromText(const QString &text)
{
    auto object = json::parseObject(text.toUtf8());
    if (!object)
        return object.error();
    OrderedObject ordered(std::move(*object));
    ordered.m_text = text;
    ordered.m_compact = ordered.compact(ordered.m_object);
    return ordered;
}

Result<OrderedObject> OrderedObject::fromValue(const QJsonValue &value)
{
    if (value.isString())
        return fromText(value.toString());
    if (value.isObject())
        return OrderedObject(value.toObject());
    return Error(ErrorKind::InvalidInput, QStringLiteral("A JSON object is wanted here."));
}

QString OrderedObject::text() const
{
    return m_text.isEmpty() ? json::fromUtf8Lossy(json::pretty(m_object)).trimmed() : m_text;
}

QByteArray OrderedObject::compact(const QJsonValue &like) const
{
    if (m_text.isEmpty())
        return json::compact(like);
    const Order order = OrderReader(m_text.toUtf8()).read();
    QByteArray out;
    write(like, &order, &out);
    return out;
}

} // namespace lathe
