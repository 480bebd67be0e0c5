// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/ExperimentSpec.h"

#include <QJsonArray>

#include <optional>
#include <utility>
#include <vector>

// promptfoo's configuration (https://www.promptfoo.dev/docs/configuration/reference) as values: read, merged, multiplied out, and
// everything in it that is not run here named with file and line. Reads files, runs nothing. Any thread.
namespace lathe {

// Something in the files that will not be done, or not as promptfoo does it.
struct PromptfooNote {
    enum class Severity {
        Hint,    // makes no difference to results
        Warning, // results may differ from promptfoo's
        Error    // not run; never counts as passed
    };
    QString file;
    int line = 0; // from 1; 0: not known
    QString what; // "assertion python"
    QString why;  // a sentence
    Severity severity = Severity::Warning;
    bool operator==(const PromptfooNote &) const = default;
    QString toString() const; // "file:line: what: why"
};

struct PromptfooPrompt {
    QString id; // file or label
    QString label;
    QString text; // template; a JSON list of messages for a chat
    QJsonObject config;
    QString problem; // why it cannot be run; empty: it can
    QString file;
    int line = 0;
};

struct PromptfooProvider {
    QString id;    // "openai:chat:gpt-4.1"
    QString label; // shown; the id when none is given
    QString
        kind; // "openai", "openai-responses", "anthropic", "ollama", "gemini", "echo"; empty: cannot be run
    QString model;
    QString baseUrl;        // empty: the provider's own
    QString keyVariable;    // environment variable that holds the key; empty: the usual one
    QString apiKey;         // a key written in the file; never to be stored
    QJsonObject parameters; // temperature, top_p, max_output_tokens, seed, as VariantSpec
    QJsonArray tools;       // in OpenAI's form
    QJsonObject config;     // as written, without the key
    QStringList prompts;    // labels or ids of the prompts it gets ("group:*"); empty: all
    QString transform;      // JavaScript over the output
    int delayMs = 0;        // before each call
    QString problem;
    QString file;
    int line = 0;
};

// One test with the default test merged in; its lists of values are not multiplied out yet.
struct PromptfooTest {
    QString description;
    std::vector<std::pair<QString, QJsonValue>> vars; // in order
    std::vector<CheckSpec> checks;                    // what cannot be run has its `problem`
    double threshold = 0;    // what the score of all checks must reach; 0: every check must pass
    QString prefix, suffix;  // around the prompt
    QString transform;       // JavaScript over the output, after the provider's
    bool expandLists = true; // vars that are lists of texts make a case for each
    std::optional<QString> providerOutput; // given instead of asking a provider
    QStringList providers, prompts;        // labels or ids it is for; empty: all
    QJsonObject options;                   // as written
    QJsonObject
        grading; // of checks graded by a model: model, rubric_prompt, factuality; already in their options
    QJsonObject metadata;
    QString problem; // why the whole test cannot be run
    QString file;
    int line = 0;
};

struct PromptfooSuite {
    QString file;
    QString description;
    std::vector<PromptfooPrompt> prompts;
    std::vector<PromptfooProvider> providers;
    std::vector<PromptfooTest> tests; // scenarios among them
    QString grader;                   // provider id that grades by default; empty: none is named
    int maxConcurrency = 4;
    int repeat = 1;
    int delayMs = 0;                                         // between calls
    std::vector<std::pair<QString, QString>> derivedMetrics; // name, expression over named scores
    QJsonObject environment;                                 // what {{env.NAME}} gives
    std::vector<PromptfooNote> report;
    bool hasErrors() const; // something in it is not run
};

struct PromptfooOptions {
    QJsonObject environment; // variables for {{env.NAME}}; those of the file's `env` come on top
    qint64 largestFile = 64 << 20; // bytes
    size_t mostTests = 200'000;
    PromptfooOptions() = default;
};

// Reads a promptfooconfig.yaml or .json and all it names. Errors: NotFound, InvalidInput with file and line.
Result<PromptfooSuite> readPromptfoo(const QString &path, const PromptfooOptions &options);
// The same from a text; files are looked up from `folder`.
Result<PromptfooSuite> readPromptfooText(const QByteArray &text, const QString &name,
                                         const QString &folder, const PromptfooOptions &options);

// One thing to run: a prompt with values, to a provider. Cases of one `row` have test, values and repetition in common, so that
// select-best compares them.
struct PromptfooCase {
    int prompt = 0, provider = 0, test = 0; // indices into the suite
    int repetition = 0;
    int row = 0;
    QJsonObject vars;
    QString problem; // of prompt, provider or test: not run, not passed
};
// InvalidInput: they would be more than `most`.
Result<std::vector<PromptfooCase>> promptfooCases(const PromptfooSuite &suite,
                                                  size_t most = 1'000'000);

// What goes to the provider.
struct PromptfooRequest {
    QString text;        // the whole prompt filled in; what "echo" answers
    QJsonArray messages; // [{role, content: text}]; one user message for a plain prompt
};
Result<PromptfooRequest> promptfooRequest(const PromptfooSuite &suite, const PromptfooCase &one);

// A cell of a column __expected: "contains: x", "similar(0.8): y", "fn: output.length > 3"; anything else is equality. `problem` of the
// check says what is not run.
CheckSpec promptfooExpected(const QString &cell);

} // namespace lathe
