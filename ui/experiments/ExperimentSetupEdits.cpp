// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/ExperimentSetup.h"

#include "ui/experiments/JudgeCard.h"

#include <QScrollArea>

// Lists of an experiment that grow and shrink: each gesture is one edit of the whole list, so that one undo takes it back.
namespace lathe {

void ExperimentSetup::append(const QString &list, QJsonObject item, const QString &prefix, const QString &what)
{
    QJsonArray items = m_body.value(list).toArray();
    QSet<QString> taken;
    for (const QString &name : {QStringLiteral("variants"), QStringLiteral("checks"), QStringLiteral("judges")}) {
        const QJsonArray all = m_body.value(name).toArray();
        for (const QJsonValue &one : all)
            taken.insert(one[QLatin1String("id")].toString());
    }
    QString id;
    for (int i = 0; id.isEmpty() || taken.contains(id); ++i)
        id = prefix.isEmpty() && i < 26 ? QString(QChar(u'a' + i)) : (prefix.isEmpty() ? QStringLiteral("v") : prefix) + QString::number(i + 1);
    item.insert(QStringLiteral("id"), id);
    items.append(item);
    Q_EMIT edited(QLatin1Char('/') + list, items, what);
}

void ExperimentSetup::addVariant(int like)
{
    const QJsonArray variants = m_body.value(QStringLiteral("variants")).toArray();
    QJsonObject item = variants.isEmpty() ? QJsonObject() : variants.at(like >= 0 ? like : variants.size() - 1).toObject();
    item.remove(QStringLiteral("name"));
    append(QStringLiteral("variants"), item, QString(), tr("Add variant"));
    if (!m_variants.empty())
        QMetaObject::invokeMethod(this, [this] { focusPointer(QStringLiteral("/variants/%1").arg(m_variants.size() - 1)); }, Qt::QueuedConnection);
}

void ExperimentSetup::addCheck(const QString &type)
{
    append(QStringLiteral("checks"), QJsonObject{{QStringLiteral("type"), type}}, QStringLiteral("check"), tr("Add check"));
    QMetaObject::invokeMethod(this, [this] { focusPointer(QStringLiteral("/checks/%1").arg(m_checks.size() - 1)); }, Qt::QueuedConnection);
}

void ExperimentSetup::addJudge(const QString &kind)
{
    append(QStringLiteral("judges"), QJsonObject{{QStringLiteral("kind"), kind}}, QStringLiteral("judge"), tr("Add judge"));
    QMetaObject::invokeMethod(this, [this] {
        if (!m_judges.empty())
            m_scroll->ensureWidgetVisible(m_judges.back());
    }, Qt::QueuedConnection);
}

void ExperimentSetup::remove(const QString &list, int index, const QString &what)
{
    QJsonArray items = m_body.value(list).toArray();
    if (index < 0 || index >= items.size())
        return;
    items.removeAt(index);
    Q_EMIT edited(QLatin1Char('/') + list, items, what);
}

} // namespace lathe
