// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/EvalReport.h"

#include "app/cli/Output.h"

#include <QSaveFile>
#include <QXmlStreamWriter>

#include <cmath>
#include <cstdio>
#include <map>
#include <unistd.h>

namespace lathe::cli {

namespace {
constexpr int progressMs = 100;

// XML has no form for most control characters.
QString xmlText(QString text)
{
    for (QChar &c : text) {
        if (c.unicode() < 0x20 && c != QLatin1Char('\n') && c != QLatin1Char('\t') && c != QLatin1Char('\r'))
            c = QChar(0xfffd);
    }
    return text;
}
}

Result<void> writeFile(const QString &path, const QByteArray &bytes)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return Error(ErrorKind::InvalidInput, QStringLiteral("Could not write %1: %2.").arg(path, file.errorString()));
    return {};
}

Result<void> writeJUnit(const QString &path, const QString &title, const std::vector<JUnitCase> &cases)
{
    QByteArray bytes;
    QXmlStreamWriter xml(&bytes);
    xml.setAutoFormatting(true);
    xml.writeStartDocument();
    struct Counts {
        int tests = 0, failures = 0, errors = 0, skipped = 0;
        double seconds = 0;
    };
    QStringList order;
    QHash<QString, Counts> counts;
    Counts all;
    for (const JUnitCase &one : cases) {
        if (!counts.contains(one.suite))
            order.append(one.suite);
        for (Counts *count : {&counts[one.suite], &all}) {
            ++count->tests;
            count->skipped += one.skipped;
            count->errors += !one.skipped && !one.error.isEmpty();
            count->failures += !one.skipped && one.error.isEmpty() && !one.failure.isEmpty();
            count->seconds += one.seconds;
        }
    }
    const auto attributes = [&xml](const QString &name, const Counts &count) {
        xml.writeAttribute(QStringLiteral("name"), xmlText(name));
        xml.writeAttribute(QStringLiteral("tests"), QString::number(count.tests));
        xml.writeAttribute(QStringLiteral("failures"), QString::number(count.failures));
        xml.writeAttribute(QStringLiteral("errors"), QString::number(count.errors));
        xml.writeAttribute(QStringLiteral("skipped"), QString::number(count.skipped));
        xml.writeAttribute(QStringLiteral("time"), QString::number(count.seconds, 'f', 3));
    };
    const auto part = [&xml](const QString &element, const QString &text) {
        xml.writeStartElement(element);
        xml.writeAttribute(QStringLiteral("message"), xmlText(text.section(QLatin1Char('\n'), 0, 0).left(500)));
        xml.writeCharacters(xmlText(text));
        xml.writeEndElement();
    };
    xml.writeStartElement(QStringLiteral("testsuites"));
    attributes(title, all);
    for (const QString &suite : std::as_const(order)) {
        xml.writeStartElement(QStringLiteral("testsuite"));
        attributes(suite, counts.value(suite));
        for (const JUnitCase &one : cases) {
            if (one.suite != suite)
                continue;
            xml.writeStartElement(QStringLiteral("testcase"));
            xml.writeAttribute(QStringLiteral("classname"), xmlText(suite));
            xml.writeAttribute(QStringLiteral("name"), xmlText(one.name));
            xml.writeAttribute(QStringLiteral("time"), QString::number(one.seconds, 'f', 3));
            if (one.skipped)
                xml.writeEmptyElement(QStringLiteral("skipped"));
            else if (!one.error.isEmpty())
                part(QStringLiteral("error"), one.error);
            else if (!one.failure.isEmpty())
                part(QStringLiteral("failure"), one.failure);
            if (!one.output.isEmpty())
                xml.writeTextElement(QStringLiteral("system-out"), xmlText(one.output));
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }
    xml.writeEndElement();
    xml.writeEndDocument();
    return writeFile(path, bytes);
}

Result<double> parseShare(const QString &text, double fallback)
{
    if (text.isEmpty())
        return fallback;
    bool ok = false;
    const bool percentage = text.endsWith(QLatin1Char('%'));
    const double value = (percentage ? text.chopped(1) : text).toDouble(&ok) / (percentage ? 100 : 1);
    if (!ok || !std::isfinite(value) || value < 0 || value > 1)
        return Error(ErrorKind::InvalidInput, QStringLiteral("--threshold takes a share from 0 to 1 or a percentage such as 80%, not \"%1\".").arg(text));
    return value;
}

Result<int> parseJobs(const CommandLine &line)
{
    if (!line.has(QStringLiteral("jobs")))
        return 0;
    bool ok = false;
    const int jobs = line.value(QStringLiteral("jobs")).toInt(&ok);
    if (!ok || jobs < 1 || jobs > 256)
        return Error(ErrorKind::InvalidInput, QStringLiteral("--jobs takes a number from 1 to 256, not \"%1\".").arg(line.value(QStringLiteral("jobs"))));
    return jobs;
}

ProgressLine::ProgressLine() : m_terminal(::isatty(2) == 1) {}

void ProgressLine::show(int done, int total, const QString &more)
{
    const QString text = QStringLiteral("%1 of %2%3").arg(done).arg(total).arg(more);
    if (m_terminal) {
        if (m_shown && m_since.elapsed() < progressMs)
            return;
        m_since.start();
        m_shown = true;
        std::fprintf(stderr, "\r\033[K%s", text.toUtf8().constData());
        std::fflush(stderr);
        return;
    }
    const int tenth = total > 0 ? int(10LL * done / total) : 0;
    if (tenth > m_tenth) {
        m_tenth = tenth;
        printMessage(text);
    }
}

void ProgressLine::end(int done, int total)
{
    if (m_terminal && m_shown)
        std::fputs("\r\033[K", stderr);
    else if (!m_terminal)
        show(done, total, QString());
}

QString percent(double share)
{
    return QString::number(100 * share, 'f', share > 0 && share < 1 ? 1 : 0) + QStringLiteral(" %");
}

} // namespace lathe::cli
