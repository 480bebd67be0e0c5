// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/Format.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

namespace lathe::format {

namespace {
QString tr(const char *text)
{
    return QCoreApplication::translate("lathe::format", text);
}
}

QString number(qint64 value)
{
    QString text = QString::number(value);
    for (qsizetype at = text.size() - 3; at > (value < 0 ? 1 : 0); at -= 3)
        text.insert(at, QChar(0x2009));
    return text;
}

QString duration(qint64 us)
{
    if (us < 0)
        return {};
    if (us < 1000)
        return QStringLiteral("%1 \u00b5s").arg(us);
    if (us < 999'500)
        return QStringLiteral("%1 ms").arg(double(us) / 1000.0, 0, 'f', us < 10'000 ? 1 : 0);
    if (us < 59'995'000)
        return QStringLiteral("%1 s").arg(double(us) / 1e6, 0, 'f', 2);
    const qint64 seconds = (us + 500'000) / 1'000'000;
    if (seconds >= 3600)
        return QStringLiteral("%1 h %2 m").arg(seconds / 3600).arg(seconds / 60 % 60, 2, 10, QLatin1Char('0'));
    return QStringLiteral("%1 m %2 s").arg(seconds / 60).arg(seconds % 60, 2, 10, QLatin1Char('0'));
}

QString cost(const Usage &usage)
{
    if (!usage.costKnown)
        return QStringLiteral("?");
    if (usage.costUsd <= 0)
        return usage.totalTokens() > 0 ? tr("free") : QString();
    return QStringLiteral("$%1").arg(usage.costUsd, 0, 'f', usage.costUsd < 0.01 ? 5 : usage.costUsd < 1 ? 4 : 2);
}

QString ago(qint64 us, qint64 nowUs)
{
    if (us <= 0)
        return {};
    const qint64 seconds = (nowUs - us) / 1'000'000;
    if (seconds < 45)
        return tr("just now");
    if (seconds < 3600)
        return tr("%1 min ago").arg(std::max<qint64>(1, seconds / 60));
    const QDateTime then = QDateTime::fromMSecsSinceEpoch(us / 1000);
    const QDateTime now = QDateTime::fromMSecsSinceEpoch(nowUs / 1000);
    if (then.date() == now.date())
        return tr("today %1").arg(then.toString(QStringLiteral("HH:mm")));
    return QLocale::c().toString(then, then.date().year() == now.date().year() ? QStringLiteral("d MMM HH:mm")
                                                                               : QStringLiteral("d MMM yyyy"));
}

QString dateTime(qint64 us)
{
    return us > 0 ? QDateTime::fromMSecsSinceEpoch(us / 1000).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss")) : QString();
}

QString bytes(qint64 count)
{
    if (count < 1024)
        return QStringLiteral("%1 B").arg(count);
    if (count < 1024 * 1024)
        return QStringLiteral("%1 kB").arg(double(count) / 1024, 0, 'f', 1);
    return QStringLiteral("%1 MB").arg(double(count) / 1024 / 1024, 0, 'f', 1);
}

QString rating(int value)
{
    if (value < 0)
        return {};
    if (value == 0)
        return tr("down");
    if (value == 6)
        return tr("up");
    return tr("%1 of 5").arg(value);
}

QString statusText(RunStatus status)
{
    switch (status) {
    case RunStatus::Running:
        return tr("Running");
    case RunStatus::Waiting:
        return tr("Waiting");
    case RunStatus::Done:
        return tr("Done");
    case RunStatus::Failed:
        return tr("Failed");
    case RunStatus::Cancelled:
        return tr("Stopped");
    case RunStatus::Interrupted:
        return tr("Interrupted");
    }
    return {};
}

QString statusText(StepStatus status)
{
    switch (status) {
    case StepStatus::Running:
        return tr("Running");
    case StepStatus::Waiting:
        return tr("Waiting");
    case StepStatus::Ok:
        return tr("Done");
    case StepStatus::Failed:
        return tr("Failed");
    case StepStatus::Cancelled:
        return tr("Stopped");
    case StepStatus::Interrupted:
        return tr("Interrupted");
    }
    return {};
}

QString count(qint64 value, const QString &one, const QString &many)
{
    return format::number(value) + QLatin1Char(' ') + (value == 1 ? one : many);
}

QString oneLine(const QString &text, int length)
{
    const QString line = text.left(length * 4).simplified();
    return line.size() > length ? line.left(length - 1) + QChar(0x2026) : line;
}

} // namespace lathe::format
