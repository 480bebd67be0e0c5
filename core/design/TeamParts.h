// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QJsonObject>
#include <QPointF>
#include <QSet>

// What the edits of teams share.
namespace lathe {

// Hands out the smallest free ids: n1, n2... Many in a row cost no more than the last.
class FreeIds
{
public:
    explicit FreeIds(QSet<QString> taken) : m_taken(std::move(taken)) {}
    QString next(const QString &stem);

private:
    QSet<QString> m_taken;
    QHash<QString, int> m_next;
};

// The wish itself when it is free, else with a number: "Agent", "Agent 2".
class FreeNames
{
public:
    explicit FreeNames(QSet<QString> taken) : m_taken(std::move(taken)) {}
    QString next(const QString &wish);

private:
    QSet<QString> m_taken;
    QHash<QString, int> m_next;
};

FreeIds freeNodeIds(const QJsonObject &body);
FreeIds freeIds(const QJsonObject &members);
FreeNames freeNames(const QJsonObject &body);

// With x and y; what is no number, or a universe away, is brought home.
QJsonObject placed(QJsonObject item, QPointF at);
QPointF placeOf(const QJsonObject &item);

} // namespace lathe
