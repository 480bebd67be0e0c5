// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/OfflineFacts.h"
#include "core/llm/OfflineJson.h"

#include <QJsonArray>
#include <QSet>

namespace lathe::offline {

struct Review;

// Values for the fields of a JSON answer, each told by the field's name and description. Undefined: the text does not say.
class FieldFacts
{
public:
    explicit FieldFacts(JsonSource source);
    const JsonSource &source() const { return m_source; }
    QJsonValue text(const QString &name, const QJsonObject &schema) const;
    QJsonValue number(const QString &name, const QJsonObject &schema, bool integer) const;
    QJsonValue truth(const QString &name, const QJsonObject &schema) const;
    QJsonValue choice(const QString &name, const QJsonObject &schema, const QJsonArray &values) const;
    QJsonArray choices(const QString &name, const QJsonObject &items) const;
    QStringList texts(const QString &name, const QJsonObject &schema, int count) const;
    std::vector<double> numbers() const;
    QStringList records(int count) const;

private:
    QString byPattern(const QJsonObject &schema) const;
    std::optional<Review> reviewed() const; // by criteria that can be told by rule
    double judgement() const; // 0 to 1: how well the judged text meets the rubric
    JsonSource m_source;
    QString m_text; // the source's text, capped
};

// The stems of a field's name ("customerName", "is_urgent"), with those of its description if wanted.
QSet<QString> fieldStems(const QString &name, const QJsonObject &schema, bool description = false);
bool namesOneOf(const QSet<QString> &stems, std::initializer_list<const char *> names);

} // namespace lathe::offline
