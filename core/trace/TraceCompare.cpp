// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/TraceCompare.h"

#include "core/base/Json.h"

namespace lathe {

namespace {
QString shortened(QString text)
{
    text.replace(QLatin1Char('\n'), QLatin1Char(' '));
    return text.size() > 80 ? text.left(79) + QChar(0x2026) : text;
}

QString differs(const QString &path, const QString &what, const QString &a, const QString &b)
{
    return QStringLiteral("Step %1 differs in its %2: recorded \"%3\", replayed \"%4\".").arg(path, what, shortened(a), shortened(b));
}

QString compareStep(const Step &a, const Step &b, bool times)
{
    if (a.kind != b.kind)
        return differs(a.path, QStringLiteral("kind"), stepKindName(a.kind), stepKindName(b.kind));
    if (a.name != b.name)
        return differs(a.path, QStringLiteral("name"), a.name, b.name);
    if (a.status != b.status)
        return differs(a.path, QStringLiteral("status"), stepStatusName(a.status), stepStatusName(b.status));
    if (a.text != b.text)
        return differs(a.path, QStringLiteral("text"), a.text, b.text);
    if (a.reasoning != b.reasoning)
        return differs(a.path, QStringLiteral("reasoning"), a.reasoning, b.reasoning);
    if (a.attributes != b.attributes)
        return differs(a.path, QStringLiteral("attributes"), json::compactString(a.attributes), json::compactString(b.attributes));
    const QString errorA = a.error ? a.error->message : QString();
    const QString errorB = b.error ? b.error->message : QString();
    if (errorA != errorB)
        return differs(a.path, QStringLiteral("error"), errorA, errorB);
    if (a.notes.size() != b.notes.size())
        return differs(a.path, QStringLiteral("number of notes"), QString::number(a.notes.size()), QString::number(b.notes.size()));
    for (size_t i = 0; i < a.notes.size(); ++i) {
        if (a.notes[i].name != b.notes[i].name || a.notes[i].attributes != b.notes[i].attributes)
            return differs(a.path, QStringLiteral("notes"), a.notes[i].name, b.notes[i].name);
    }
    if (times && (a.startUs != b.startUs || a.endUs != b.endUs))
        return differs(a.path, QStringLiteral("times"), QStringLiteral("%1-%2").arg(a.startUs).arg(a.endUs),
                       QStringLiteral("%1-%2").arg(b.startUs).arg(b.endUs));
    return {};
}
}

QString firstDifference(const Trace &recorded, const Trace &replayed, bool times)
{
    QStringList paths;
    for (const Step &step : recorded.steps())
        paths.append(step.path);
    std::sort(paths.begin(), paths.end(), stepPathLess);
    for (const QString &path : std::as_const(paths)) {
        const int other = replayed.indexOf(path);
        if (other < 0)
            return QStringLiteral("Step %1 of the recording is missing in the replay.").arg(path);
        const QString difference = compareStep(recorded.steps()[recorded.indexOf(path)], replayed.steps()[other], times);
        if (!difference.isEmpty())
            return difference;
    }
    for (const Step &step : replayed.steps()) {
        if (recorded.indexOf(step.path) < 0)
            return QStringLiteral("The replay has a step %1 that the recording lacks.").arg(step.path);
    }
    if (recorded.output() != replayed.output())
        return differs(QStringLiteral("(run)"), QStringLiteral("output"), recorded.output(), replayed.output());
    return {};
}

} // namespace lathe
