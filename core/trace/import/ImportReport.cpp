// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/import/ImportReport.h"

#include <QJsonArray>

#include <algorithm>

namespace lathe {

namespace {
constexpr int exampleMax = 200;
constexpr size_t runsMax = 1'000;

QJsonArray toArray(const ImportTallies &tallies)
{
    QJsonArray list;
    for (const ImportTally &tally : tallies.sorted()) {
        QJsonObject item{{QStringLiteral("what"), tally.what}, {QStringLiteral("count"), tally.count}};
        if (!tally.example.isEmpty())
            item.insert(QStringLiteral("example"), tally.example);
        list.append(item);
    }
    return list;
}

QString plural(qint64 count, const char *one, const char *many)
{
    return QStringLiteral("%1 %2").arg(count).arg(QLatin1String(count == 1 ? one : many));
}
} // namespace

void ImportTallies::add(const QString &what, const QString &example, qint64 count)
{
    QString name = what.left(exampleMax);
    auto found = m_index.constFind(name);
    if (found == m_index.constEnd()) {
        if (int(m_list.size()) >= m_most) {
            name = QStringLiteral("...");
            found = m_index.constFind(name);
        }
        if (found == m_index.constEnd()) {
            found = m_index.insert(name, int(m_list.size()));
            m_list.push_back({name, 0, QString()});
        }
    }
    ImportTally &tally = m_list[size_t(*found)];
    tally.count += count;
    if (tally.example.isEmpty())
        tally.example = example.left(exampleMax);
}

void ImportTallies::add(const ImportTallies &other)
{
    for (const ImportTally &tally : other.m_list)
        add(tally.what, tally.example, tally.count);
}

qint64 ImportTallies::total() const
{
    qint64 sum = 0;
    for (const ImportTally &tally : m_list)
        sum += tally.count;
    return sum;
}

qint64 ImportTallies::count(const QString &what) const
{
    const auto found = m_index.constFind(what.left(exampleMax));
    return found == m_index.constEnd() ? 0 : m_list[size_t(*found)].count;
}

std::vector<ImportTally> ImportTallies::sorted() const
{
    std::vector<ImportTally> list = m_list;
    std::sort(list.begin(), list.end(),
              [](const ImportTally &a, const ImportTally &b) { return a.count != b.count ? a.count > b.count : a.what < b.what; });
    return list;
}

void ImportReport::addProblem(qint64 line, const QString &message)
{
    if (int(problems.size()) < problemsMax)
        problems.push_back({line, message});
    else
        ++moreProblems;
}

QString ImportReport::formatTitle(const QString &format)
{
    static const QHash<QString, QString> titles{{QStringLiteral("otlp"), QStringLiteral("OpenTelemetry (OTLP JSON)")},
                                                {QStringLiteral("langfuse"), QStringLiteral("Langfuse traces")},
                                                {QStringLiteral("langsmith"), QStringLiteral("LangSmith runs")},
                                                {QStringLiteral("openai-chat"), QStringLiteral("OpenAI-style chats")},
                                                {QStringLiteral("openai-batch"), QStringLiteral("OpenAI batch requests and responses")}};
    return titles.value(format, format);
}

QString ImportReport::summary() const
{
    QString text = plural(traces, "trace", "traces") + QStringLiteral(" with ") + plural(steps, "step", "steps") + QStringLiteral(" taken");
    if (!format.isEmpty())
        text += QStringLiteral(" from ") + formatTitle(format);
    if (ratings > 0)
        text += QStringLiteral(", ") + plural(ratings, "rating", "ratings");
    if (known > 0)
        text += QStringLiteral(", ") + QStringLiteral("%1 known already").arg(known);
    if (const qint64 out = refused.total(); out > 0)
        text += QStringLiteral(", ") + QStringLiteral("%1 left out").arg(out);
    if (const qint64 wrong = qint64(problems.size()) + moreProblems; wrong > 0)
        text += QStringLiteral(", ") + plural(wrong, "problem", "problems");
    if (cancelled)
        text += QStringLiteral("; stopped before the end");
    return text + QLatin1Char('.');
}

QString ImportReport::toText() const
{
    QString text = file.isEmpty() ? QString() : file + QStringLiteral(": ");
    text += summary() + QLatin1Char('\n');
    const auto list = [&text](const QString &title, const ImportTallies &tallies, int most) {
        const auto sorted = tallies.sorted();
        if (sorted.empty())
            return;
        text += title + QLatin1Char('\n');
        int shown = 0;
        for (const ImportTally &tally : sorted) {
            if (shown++ == most) {
                text += QStringLiteral("  and %1 more\n").arg(int(sorted.size()) - most);
                break;
            }
            text += QStringLiteral("  %1 x %2").arg(tally.count).arg(tally.what);
            if (!tally.example.isEmpty())
                text += QStringLiteral(", such as ") + tally.example.simplified().left(100);
            text += QLatin1Char('\n');
        }
    };
    list(QStringLiteral("Spoken:"), dialects, 20);
    list(QStringLiteral("Kept, but shown as plain attributes:"), unknownKeys, 20);
    list(QStringLiteral("Odd:"), notes, 20);
    list(QStringLiteral("Left out:"), refused, 20);
    if (!problems.empty()) {
        text += QStringLiteral("Problems:\n");
        for (const ImportProblem &problem : problems) {
            text += problem.line > 0 ? QStringLiteral("  line %1: %2\n").arg(problem.line).arg(problem.message)
                                     : QStringLiteral("  %1\n").arg(problem.message);
        }
        if (moreProblems > 0)
            text += QStringLiteral("  and %1 more\n").arg(moreProblems);
    }
    return text;
}

QJsonObject ImportReport::toJson() const
{
    QJsonArray ids;
    for (const RunId run : runs)
        ids.append(run.value);
    QJsonArray wrong;
    for (const ImportProblem &problem : problems)
        wrong.append(QJsonObject{{QStringLiteral("line"), problem.line}, {QStringLiteral("message"), problem.message}});
    return {{QStringLiteral("file"), file},
            {QStringLiteral("format"), format},
            {QStringLiteral("bytes"), bytes},
            {QStringLiteral("traces"), traces},
            {QStringLiteral("known"), known},
            {QStringLiteral("steps"), steps},
            {QStringLiteral("ratings"), ratings},
            {QStringLiteral("runs"), ids},
            {QStringLiteral("dialects"), toArray(dialects)},
            {QStringLiteral("unknown_attributes"), toArray(unknownKeys)},
            {QStringLiteral("odd"), toArray(notes)},
            {QStringLiteral("refused"), toArray(refused)},
            {QStringLiteral("problems"), wrong},
            {QStringLiteral("more_problems"), moreProblems},
            {QStringLiteral("cancelled"), cancelled}};
}

ImportReport &ImportReport::operator+=(const ImportReport &other)
{
    if (file.isEmpty())
        file = other.file;
    if (format.isEmpty())
        format = other.format;
    bytes += other.bytes;
    totalBytes += other.totalBytes;
    traces += other.traces;
    known += other.known;
    steps += other.steps;
    ratings += other.ratings;
    const size_t room = runsMax - std::min(runsMax, runs.size());
    runs.insert(runs.end(), other.runs.begin(), other.runs.begin() + std::ptrdiff_t(std::min(room, other.runs.size())));
    dialects.add(other.dialects);
    unknownKeys.add(other.unknownKeys);
    notes.add(other.notes);
    refused.add(other.refused);
    for (const ImportProblem &problem : other.problems)
        addProblem(problem.line, problem.message);
    moreProblems += other.moreProblems;
    cancelled = cancelled || other.cancelled;
    return *this;
}

} // namespace lathe
