// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/CurrentTimeTool.h"

#include "core/tool/ToolSchema.h"

#include <QRegularExpression>

namespace lathe {

Result<QTimeZone> timeZoneFromName(const QString &name)
{
    const QString trimmed = name.trimmed();
    static const QRegularExpression offset(
        QStringLiteral("\\A(?:UTC|GMT)?([+-])(\\d{1,2})(?::?(\\d{2}))?\\z"));
    if (const auto match = offset.match(trimmed); match.hasMatch()) {
        const int minutes = match.captured(2).toInt() * 60 + match.captured(3).toInt();
        if (minutes <= 14 * 60 && match.captured(3).toInt() < 60)
            return QTimeZone((match.captured(1) == QLatin1String("-") ? -60 : 60) * minutes);
    }
    if (trimmed.isEmpty() || trimmed == QLatin1String("Z")
        || trimmed.compare(QLatin1String("UTC"), Qt::CaseInsensitive) == 0)
        return QTimeZone::utc();
    // Qt opens a file of this name, so nothing but names of zones gets through.
    static const QRegularExpression zoneName(
        QStringLiteral("\\A[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}\\z"));
    if (trimmed.size() <= 64 && zoneName.match(trimmed).hasMatch()) {
        const QTimeZone zone(trimmed.toLatin1());
        if (zone.isValid())
            return zone;
    }
    return Error(ErrorKind::InvalidInput,
                 QStringLiteral("The time zone \"%1\" is unknown; write an IANA name such as "
                                "Europe/Berlin, UTC, or an offset "
                                "such as +02:00.")
                     .arg(trimmed.left(64)));
}

CurrentTimeTool::CurrentTimeTool(QString name, const ToolSpec &spec,
                                 const ToolEnvironment &environment, QTimeZone zone)
    : m_name(std::move(name)),
      m_purpose(spec.purpose),
      m_clock(environment.clock),
      m_nowUs(environment.nowUs),
      m_zone(std::move(zone)),
      m_idempotent(spec.idempotent.value_or(true))
{
}

QString CurrentTimeTool::description() const
{
    return joinedSentences(
        m_purpose,
        QStringLiteral("Returns the current date and time in ISO 8601 with the weekday, in %1 "
                       "unless a time zone is given.")
            .arg(QString::fromLatin1(m_zone.id())));
}

QJsonObject CurrentTimeTool::schema() const
{
    QJsonObject zone = schemaProperty(
        "string",
        QStringLiteral("IANA time zone such as Europe/Berlin, or an offset such as +02:00."));
    zone.insert(QStringLiteral("maxLength"), 64);
    return objectSchema({{QStringLiteral("time_zone"), zone}});
}

Task<Result<ToolOutcome>> CurrentTimeTool::call(QJsonObject arguments, CancelToken cancel)
{
    if (cancel.isCancelled())
        co_return Error::cancelled();
    QTimeZone zone = m_zone;
    if (const QString wanted = arguments.value(QLatin1String("time_zone")).toString();
        !wanted.trimmed().isEmpty()) {
        const auto named = timeZoneFromName(wanted);
        if (!named)
            co_return ToolOutcome::failure(named.error().message);
        zone = *named;
    }
    if (!m_nowUs && !m_clock)
        co_return Error(ErrorKind::Internal,
                        QStringLiteral("The tool %1 was given no clock.").arg(m_name));
    const qint64 nowUs = m_nowUs ? m_nowUs() : m_clock->nowUs();
    const QDateTime utc = QDateTime::fromMSecsSinceEpoch(nowUs / 1000, Qt::UTC);
    const QDateTime local = utc.toTimeZone(zone).toOffsetFromUtc(zone.offsetFromUtc(utc));
    const QString weekday = QLocale::c().dayName(local.date().dayOfWeek());
    const QString iso = local.toString(Qt::ISODate);
    const QString id = QString::fromLatin1(zone.id());
    ToolOutcome outcome;
    outcome.text = QStringLiteral("%1 (%2, %3)").arg(iso, weekday, id);
    outcome.structured = QJsonObject{{QStringLiteral("time"), iso},
                                     {QStringLiteral("weekday"), weekday},
                                     {QStringLiteral("time_zone"), id},
                                     {QStringLiteral("utc"), utc.toString(Qt::ISODate)}};
    co_return outcome;
}

Result<std::shared_ptr<Tool>> makeCurrentTimeTool(const QString &name, const ToolSpec &spec,
                                                  const ToolEnvironment &environment)
{
    const QString configured = spec.config.value(QLatin1String("time_zone")).toString().trimmed();
    const QTimeZone system = QTimeZone::systemTimeZone();
    const auto zone = configured.isEmpty() && system.isValid() ? Result<QTimeZone>(system)
                                                               : timeZoneFromName(configured);
    if (!zone)
        return zone.error();
    return std::shared_ptr<Tool>(std::make_shared<CurrentTimeTool>(name, spec, environment, *zone));
}

} // namespace lathe
