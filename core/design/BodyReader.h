// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/Artifact.h"

#include <QJsonArray>

#include <limits>

namespace lathe {

// Reads the members of a body. Absent and null members give the default; a wrong type gives the default too and becomes
// an Error problem with the pointer of the field. Unknown members are nobody's business.
class BodyReader
{
public:
    // Pointer: where `object` stands in the body. `problems` must outlive the reader.
    BodyReader(QJsonObject object, QString pointer, std::vector<Problem> *problems)
        : m_object(std::move(object)), m_pointer(std::move(pointer)), m_problems(problems)
    {
    }

    bool has(const QString &key) const
    {
        const QJsonValue value = m_object.value(key);
        return !value.isUndefined() && !value.isNull();
    }
    QString string(const QString &key, const QString &absent = QString())
    {
        return has(key) && expect(key, QJsonValue::String, QStringLiteral("text"))
                   ? m_object.value(key).toString()
                   : absent;
    }
    bool boolean(const QString &key, bool absent)
    {
        return has(key) && expect(key, QJsonValue::Bool, QStringLiteral("true or false"))
                   ? m_object.value(key).toBool()
                   : absent;
    }
    double number(const QString &key, double absent)
    {
        return has(key) && expect(key, QJsonValue::Double, QStringLiteral("a number"))
                   ? m_object.value(key).toDouble()
                   : absent;
    }
    qint64 integer(const QString &key, qint64 absent,
                   qint64 least = std::numeric_limits<qint64>::min(),
                   qint64 most = std::numeric_limits<qint64>::max())
    {
        if (!has(key) || !expect(key, QJsonValue::Double, QStringLiteral("a whole number")))
            return absent;
        const QJsonValue value = m_object.value(key);
        const qint64 whole = value.toInteger(0);
        if (whole != value.toInteger(1) || whole < least || whole > most) {
            wrong(key, QStringLiteral("a whole number of fitting size"));
            return absent;
        }
        return whole;
    }
    int small(const QString &key, int absent)
    {
        return int(
            integer(key, absent, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
    }
    QJsonArray array(const QString &key)
    {
        return has(key) && expect(key, QJsonValue::Array, QStringLiteral("a list"))
                   ? m_object.value(key).toArray()
                   : QJsonArray();
    }
    QJsonObject object(const QString &key)
    {
        return has(key) && expect(key, QJsonValue::Object, QStringLiteral("an object"))
                   ? m_object.value(key).toObject()
                   : QJsonObject();
    }
    BodyReader child(const QString &key) { return {object(key), pointerOf(key), m_problems}; }
    // A reader for each item of a list; items that are no objects are named and read as empty ones.
    std::vector<BodyReader> children(const QString &key)
    {
        std::vector<BodyReader> readers;
        const QJsonArray items = array(key);
        for (qsizetype i = 0; i < items.size(); ++i) {
            const QString name = key + QLatin1Char('/') + QString::number(i);
            if (!items[i].isObject())
                wrong(name, QStringLiteral("an object"));
            readers.emplace_back(items[i].toObject(), pointerOf(name), m_problems);
        }
        return readers;
    }
    void wrong(const QString &key, const QString &wanted)
    {
        Problem problem;
        problem.severity = Problem::Severity::Error;
        problem.pointer = pointerOf(key);
        problem.code = QStringLiteral("body.type");
        problem.message = QStringLiteral("\"%1\" must be %2.").arg(problem.pointer.mid(1), wanted);
        m_problems->push_back(std::move(problem));
    }
    QJsonValue value(const QString &key) const { return m_object.value(key); }
    size_t problemCount() const { return m_problems->size(); }
    QString pointerOf(const QString &key) const { return m_pointer + QLatin1Char('/') + key; }

private:
    bool expect(const QString &key, QJsonValue::Type type, const QString &wanted)
    {
        if (m_object.value(key).type() == type)
            return true;
        wrong(key, wanted);
        return false;
    }
    QJsonObject m_object;
    QString m_pointer;
    std::vector<Problem> *m_problems;
};

} // namespace lathe
