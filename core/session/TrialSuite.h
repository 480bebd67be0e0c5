// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/Promptfoo.h"
#include "core/llm/Prices.h"
#include "core/runtime/ExpressionEngine.h"
#include "core/session/SecretStore.h"
#include "core/session/TrialChecks.h"

namespace lathe {

// One case of a promptfoo configuration, done.
struct SuiteCase {
    PromptfooCase one;
    QString asked;                  // the whole prompt
    QString output;
    std::optional<Error> error;     // the provider's
    QString problem;                // why it was not run
    qint64 latencyUs = 0;
    Usage usage;
    std::vector<TrialCheck> checks; // in the order of the test
    CheckResult whole;              // of all checks together
    bool done = false;              // nothing more will be done with it
    bool passed = false;
};

// Runs promptfoo's configurations: asks the providers, evaluates the assertions. Needs no project. Main thread.
class TrialSuite
{
public:
    TrialSuite(PromptfooSuite suite, HttpClient *http, Clock *clock, SecretStore *secrets);
    // Ends when all cases are done or it was cancelled. Errors: too many cases, nothing to run.
    Task<Result<void>> run(int atOnce, CancelToken cancel);
    const PromptfooSuite &suite() const { return m_suite; }
    const std::vector<SuiteCase> &cases() const { return m_cases; }
    int done() const { return m_done; }
    const Usage &usage() const { return m_usage; }
    // Name of a provider as shown.
    QString providerName(int provider) const;
    QString promptName(int prompt) const;

private:
    struct Answer {
        QString text;
        QJsonArray toolCalls;
        std::optional<Error> error;
        Usage usage;
        qint64 latencyUs = 0;
    };
    Task<> work(CancelToken cancel);
    Task<> perform(size_t index, CancelToken cancel);
    Task<Result<std::vector<Embedding>>> embed(QStringList texts, CancelToken cancel);
    Task<Result<std::shared_ptr<ChatModel>>> model(const PromptfooProvider *provider);
    Task<Answer> ask(const PromptfooProvider *provider, QJsonArray messages, QJsonArray tools, CancelToken cancel);
    Task<Result<QString>> grade(JudgeCall call, CancelToken cancel);
    Task<> compareRows(CancelToken cancel);
    const PromptfooProvider *grader(const QString &id);
    CheckInput inputOf(const SuiteCase &done) const;
    void conclude(SuiteCase *one) const;

    PromptfooSuite m_suite;
    HttpClient *m_http;
    Clock *m_clock;
    SecretStore *m_secrets;
    Prices m_prices;
    ExpressionEngine m_engine;
    CheckWorld m_world;
    std::vector<SuiteCase> m_cases;
    std::vector<QJsonArray> m_toolCalls; // by case
    QHash<QString, std::shared_ptr<ChatModel>> m_models;
    QHash<QByteArray, Answer> m_answers;      // what was asked before in the same words
    QHash<QString, PromptfooProvider> m_graders;
    size_t m_next = 0;
    int m_done = 0;
    Usage m_usage;
};

} // namespace lathe
