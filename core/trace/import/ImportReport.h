// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Id.h"

#include <QJsonObject>
#include <QStringList>

#include <vector>

namespace lathe {

// How often something was met, with one example of it.
struct ImportTally {
    QString what;
    qint64 count = 0;
    QString example; // cut to 200 characters; empty: none
    bool operator==(const ImportTally &) const = default;
};

// Counts by name; the first `most` names are told apart, the others are counted under "...". Sorted by count when read.
class ImportTallies
{
public:
    explicit ImportTallies(int most = 200) : m_most(most) {}
    void add(const QString &what, const QString &example = QString(), qint64 count = 1);
    void add(const ImportTallies &other);
    bool isEmpty() const { return m_index.isEmpty(); }
    qint64 total() const;
    qint64 count(const QString &what) const;
    std::vector<ImportTally> sorted() const; // most frequent first, then by name

private:
    int m_most;
    QHash<QString, int> m_index;
    std::vector<ImportTally> m_list;
};

// Something of a file that could not be used, and where.
struct ImportProblem {
    qint64 line = 0; // from 1; 0: not of one line
    QString message; // one sentence
    bool operator==(const ImportProblem &) const = default;
};

// What an import of recorded runs did and what of it was not understood. A value.
struct ImportReport {
    static constexpr int problemsMax = 100; // further ones are only counted

    QString file;   // path, empty: not from a file
    QString format; // "otlp", "langfuse", "langsmith", "openai-chat", "openai-batch"; empty: not recognised
    qint64 bytes = 0; // read so far
    qint64 totalBytes = 0;

    int traces = 0;  // became runs
    int known = 0;   // were in the project already and were not taken again
    qint64 steps = 0;
    int ratings = 0;
    std::vector<RunId> runs; // made, in the order they were found; the first 1,000

    ImportTallies dialects;      // how many steps spoke which: "OpenTelemetry GenAI", "AI SDK", "OpenInference", "other" ...
    ImportTallies unknownKeys;   // attributes no view of Lathe interprets; they are kept with their steps
    ImportTallies notes;         // what is odd but was taken: "parent never came", "child outside its parent" ...
    ImportTallies refused;       // what was left out, by reason
    std::vector<ImportProblem> problems;
    qint64 moreProblems = 0;     // beyond those listed
    bool cancelled = false;      // stopped by the person: what was taken until then stays

    void addProblem(qint64 line, const QString &message);
    // All was understood and taken.
    bool clean() const { return refused.isEmpty() && problems.empty() && !cancelled; }
    static QString formatTitle(const QString &format); // "OTLP JSON", "Langfuse", ...
    QString summary() const;  // one sentence
    QString toText() const;   // for a terminal, several lines
    QJsonObject toJson() const;
    ImportReport &operator+=(const ImportReport &other); // of another file
};

} // namespace lathe
Q_DECLARE_METATYPE(lathe::ImportReport)
