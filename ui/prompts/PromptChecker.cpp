// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/PromptChecker.h"

#include "core/session/PromptBench.h"

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>

namespace lathe {

namespace {
struct Findings {
    std::vector<PromptProblem> problems;
    QStringList undeclared;
};

Findings look(const PromptSpec &spec, const PromptLintContext &context)
{
    Findings found;
    found.problems = lintPrompt(spec, context);
    QStringList declared{QStringLiteral("input")}; // every run has it
    const auto whole = context.partials ? expandPrompt(spec, context.name, context.partials) : Result<PromptSpec>(spec);
    for (const PromptVariable &variable : (whole ? *whole : spec).variables)
        declared.append(variable.name);
    for (const QString &name : templateVariables(spec)) {
        if (!declared.contains(name))
            found.undeclared.append(name);
    }
    return found;
}
}

PromptChecker::PromptChecker(const Session *session, ArtifactId prompt, QObject *parent) : QObject(parent), m_session(session), m_prompt(prompt) {}

Problem PromptChecker::toProblem(const PromptProblem &from)
{
    Problem problem;
    problem.severity = from.severity >= 2 ? Problem::Severity::Error : from.severity == 1 ? Problem::Severity::Warning : Problem::Severity::Hint;
    problem.pointer = from.pointer;
    problem.code = from.code;
    problem.message = from.message;
    problem.fix = from.fix;
    problem.from = from.from;
    problem.length = from.length;
    return problem;
}

void PromptChecker::check(const QJsonObject &body)
{
    const quint64 asked = ++m_asked;
    auto spec = PromptSpec::fromJson(body);
    if (!spec) {
        PromptProblem problem;
        problem.severity = 2;
        problem.code = QStringLiteral("prompt.invalid");
        problem.message = spec.error().message;
        m_pending = false;
        Q_EMIT checked({problem}, {});
        return;
    }
    m_pending = true;
    auto around = promptLintContext(*m_session, m_prompt, *spec);
    // Values only from here on: the thread touches nothing of the session.
    QThreadPool::globalInstance()->start([self = QPointer<PromptChecker>(this), asked, spec = std::move(*spec),
                                          context = std::move(around)] {
        QMetaObject::invokeMethod(QCoreApplication::instance(), [self, asked, found = look(spec, context)] {
            if (!self || self->m_asked != asked)
                return;
            self->m_pending = false;
            Q_EMIT self->checked(found.problems, found.undeclared);
        }, Qt::QueuedConnection);
    });
}

} // namespace lathe
