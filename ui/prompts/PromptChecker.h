// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/PromptLint.h"
#include "core/session/Session.h"

namespace lathe {

// Lints a body on a thread of the pool, so that no key press waits for it. A newer body makes the answer to an older one unheard.
class PromptChecker : public QObject
{
    Q_OBJECT
public:
    PromptChecker(const Session *session, ArtifactId prompt, QObject *parent = nullptr);
    void check(const QJsonObject &body);
    bool isChecking() const { return m_pending; }
    static Problem toProblem(const PromptProblem &from);

Q_SIGNALS:
    // `undeclared`: names that the instructions, messages and partials use and nobody declares.
    void checked(const std::vector<lathe::PromptProblem> &problems, const QStringList &undeclared);

private:
    const Session *m_session;
    ArtifactId m_prompt;
    quint64 m_asked = 0;
    bool m_pending = false;
};

} // namespace lathe
