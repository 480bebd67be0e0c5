// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QJsonValue>
#include <QString>
#include <QStringList>

#include <memory>
#include <vector>

namespace lathe {

// An expression between the braces of a TextTemplate, parsed. Undefined stands for what is not there.
struct TextExpression {
    enum class Kind { Literal, Name, Member, Not, Negate, Binary, Choice, Filter, List };
    Kind kind = Kind::Literal;
    QJsonValue literal;
    QString name; // of a Name, an operator or a filter
    std::vector<std::shared_ptr<const TextExpression>>
        parts; // operands; of a Filter the value, then its arguments

    // nullptr: not understood, `why` says what.
    static std::shared_ptr<const TextExpression> parse(QStringView text, QString *why);
    QJsonValue evaluate(const QJsonObject &values) const;
    void collectNames(QStringList *names) const;
};

// "upper", "default", ... (TextFilters.cpp)
const QStringList &textFilters();
QJsonValue applyTextFilter(const QString &name, const QJsonValue &value,
                           const std::vector<QJsonValue> &arguments);
// A number of any value, as JavaScript makes it but for NaN, which is 0.
double textNumber(const QJsonValue &value);
bool isTruthy(const QJsonValue &value);

} // namespace lathe
