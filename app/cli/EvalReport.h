// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/CommandLine.h"
#include "core/base/Clock.h"

#include <QElapsedTimer>

namespace lathe::cli {

// One test case of a JUnit report.
struct JUnitCase {
    QString suite; // variant, or provider
    QString name;
    double seconds = 0;
    QString failure; // it was checked and did not pass
    QString error;   // it could not be run or checked
    QString output;
    bool skipped = false; // not run
};
// Writes the report; a file that cannot be written is an error.
Result<void> writeJUnit(const QString &path, const QString &title, const std::vector<JUnitCase> &cases);
Result<void> writeFile(const QString &path, const QByteArray &bytes);

// "0.8" or "80%"; empty: `fallback`.
Result<double> parseShare(const QString &text, double fallback);
Result<int> parseJobs(const CommandLine &line); // 0: not given

// What is done so far, on stderr: in place on a terminal, else a line at every tenth.
class ProgressLine
{
public:
    ProgressLine();
    void show(int done, int total, const QString &more);
    void end(int done, int total); // nothing more will be shown

private:
    bool m_terminal;
    bool m_shown = false;
    int m_tenth = 0;
    QElapsedTimer m_since;
};

QString percent(double share);

} // namespace lathe::cli
