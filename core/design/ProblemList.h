// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/Artifact.h"

namespace lathe {

// Collects problems with one line each.
class ProblemList
{
public:
    void error(const QString &pointer, const char *code, const QString &message,
               const QString &fix = QString())
    {
        add(Problem::Severity::Error, pointer, code, message, fix);
    }
    void warning(const QString &pointer, const char *code, const QString &message,
                 const QString &fix = QString())
    {
        add(Problem::Severity::Warning, pointer, code, message, fix);
    }
    void hint(const QString &pointer, const char *code, const QString &message,
              const QString &fix = QString())
    {
        add(Problem::Severity::Hint, pointer, code, message, fix);
    }
    // True when a problem was noted for the field, so that a second check need not blame it again.
    bool hasErrorAt(const QString &pointer) const
    {
        for (const Problem &problem : problems) {
            if (problem.severity == Problem::Severity::Error && problem.pointer == pointer)
                return true;
        }
        return false;
    }
    std::vector<Problem> problems;

private:
    void add(Problem::Severity severity, const QString &pointer, const char *code,
             const QString &message, const QString &fix)
    {
        Problem problem;
        problem.severity = severity;
        problem.pointer = pointer;
        problem.code = QString::fromLatin1(code);
        problem.message = message;
        problem.fix = fix;
        problems.push_back(std::move(problem));
    }
};

} // namespace lathe
