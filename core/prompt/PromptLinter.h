// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/PromptLint.h"

#include <QRegularExpression>

namespace lathe {

// A stretch of the linted text.
struct LintHit {
    qsizetype from = -1;
    qsizetype length = 0;
    QString text;
    explicit operator bool() const { return from >= 0; }
};

// Private to core/prompt: one pass over one prompt. PromptLint.cpp has what concerns the template, its variables and what a prompt must
// say; PromptLintWords.cpp what its words say against each other, against the agents' tools and against the output format.
class PromptLinter
{
public:
    PromptLinter(const PromptSpec &spec, const PromptLintContext &context);
    std::vector<PromptProblem> run();

private:
    using Hit = LintHit;
    enum Severity { Hint = 0, Warning = 1, Fault = 2 };
    static QRegularExpression words(const QString &pattern); // whole words, any case
    static Hit find(const QString &text, const QRegularExpression &pattern);
    PromptProblem &add(int severity, const QString &pointer, const char *code, QString message, QString fix, Hit at = Hit());

    void checkJob();
    void checkTemplate(const QString &text, const std::vector<TemplateToken> &tokens, const QString &pointer);
    void checkPartials();
    void checkVariables();
    void checkUndefined(const std::vector<TemplateToken> &tokens, const QString &pointer, const QStringList &declared, QStringList &told);
    void checkUntrusted();
    void checkMustHaves();
    bool isDelimited(const TemplateToken &token) const;

    void checkOutput();
    void checkContradictions();
    void checkLengths();
    void checkLanguages();
    void checkTools();
    void checkExamples();
    void checkExample(const QString &text, const QString &pointer, Hit at);
    void contradiction(const char *code, const Hit &first, const Hit &second, const QString &why, const QString &fix);
    PromptFix::TextEdit sentenceAround(const Hit &hit) const; // takes it out
    PromptFix removalOf(const Hit &hit) const;

    const PromptSpec &m_spec;
    const PromptLintContext &m_context;
    QString m_text;
    std::vector<TemplateToken> m_tokens;
    std::vector<PromptVariable> m_fromPartials; // declared by the prompts that this one uses
    std::vector<QString> m_partialTexts;
    std::vector<PromptProblem> m_problems;
};

} // namespace lathe
