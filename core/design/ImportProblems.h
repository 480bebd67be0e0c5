// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/Artifact.h"

namespace lathe {

// What was wrong with an imported file, line by line; after the first hundred only their number.
class ImportProblems
{
public:
    explicit ImportProblems(std::vector<Problem> *problems) : m_problems(problems) {}
    ~ImportProblems()
    {
        const int more = m_count - maxNamed;
        if (more > 0 && m_problems) {
            m_problems->push_back(
                made(Problem::Severity::Warning, "import.more",
                     QStringLiteral("%1 more problems like these are not listed.").arg(more),
                     QStringLiteral("Check that the file is of the kind it was opened as.")));
        }
    }
    Q_DISABLE_COPY_MOVE(ImportProblems)

    void add(const char *code, const QString &message, const QString &fix = QString(),
             Problem::Severity severity = Problem::Severity::Warning)
    {
        if (++m_count <= maxNamed && m_problems)
            m_problems->push_back(made(severity, code, message, fix));
    }
    static constexpr int maxNamed = 100;

private:
    static Problem made(Problem::Severity severity, const char *code, const QString &message,
                        const QString &fix)
    {
        Problem problem;
        problem.severity = severity;
        problem.code = QString::fromLatin1(code);
        problem.message = message;
        problem.fix = fix;
        return problem;
    }
    std::vector<Problem> *m_problems;
    int m_count = 0;
};

} // namespace lathe
