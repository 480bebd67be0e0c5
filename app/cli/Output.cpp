// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Output.h"

#include <QDateTime>

#include <cstdio>

namespace lathe::cli {

namespace {
void write(FILE *stream, const QString &text)
{
    const QByteArray bytes = text.toUtf8() + '\n';
    std::fwrite(bytes.constData(), 1, size_t(bytes.size()), stream);
    std::fflush(stream);
}
}

void printLine(const QString &text)
{
    write(stdout, text);
}

void printJson(const QJsonValue &value)
{
    write(stdout, json::compactString(value));
}

void printMessage(const QString &text)
{
    write(stderr, text);
}

void printError(const Error &error)
{
    write(stderr, QStringLiteral("lathe-cli: ") + error.message);
}

void printTable(const QStringList &header, const std::vector<QStringList> &rows)
{
    std::vector<qsizetype> widths;
    for (const QString &cell : header)
        widths.push_back(cell.size());
    for (const QStringList &row : rows) {
        for (qsizetype i = 0; i < row.size(); ++i)
            widths[size_t(i)] = std::max(widths[size_t(i)], row[i].size());
    }
    const auto line = [&widths](const QStringList &cells) {
        QString text;
        for (qsizetype i = 0; i < cells.size(); ++i)
            text += i + 1 < cells.size() ? cells[i].leftJustified(widths[size_t(i)] + 2) : cells[i];
        printLine(text);
    };
    line(header);
    for (const QStringList &row : rows)
        line(row);
}

QString timeText(qint64 us)
{
    return QDateTime::fromMSecsSinceEpoch(us / 1000).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
}

QString durationText(qint64 us)
{
    if (us < 1000)
        return QStringLiteral("%1 us").arg(us);
    if (us < 1'000'000)
        return QStringLiteral("%1 ms").arg(us / 1000);
    if (us < 60'000'000)
        return QStringLiteral("%1 s").arg(double(us) / 1e6, 0, 'f', 1);
    return QStringLiteral("%1 m %2 s").arg(us / 60'000'000).arg(us / 1'000'000 % 60, 2, 10, QLatin1Char('0'));
}

QString costText(const Usage &usage)
{
    if (!usage.costKnown)
        return QStringLiteral("?");
    return usage.costUsd > 0 ? QStringLiteral("$%1").arg(usage.costUsd, 0, 'f', 4) : QStringLiteral("free");
}

QString shortText(const QString &text, int n)
{
    const QString line = text.simplified();
    return line.size() > n ? line.left(n - 1) + QChar(0x2026) : line;
}

} // namespace lathe::cli
