// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/Promptfoo.h"
#include "core/evaluation/PromptfooNode.h"

#include <QDir>
#include <QHash>

namespace lathe {

// Reads one suite; lives as long as that takes. A broken file ends the reading, what is only not run here is noted.
class PromptfooReader
{
public:
    PromptfooReader(const QString &name, const QString &folder, const PromptfooOptions &options);
    Result<PromptfooSuite> read(const QByteArray &text);

private:
    using Node = PromptfooNode;
    using Severity = PromptfooNote::Severity;

    // PromptfooFiles.cpp: files, references, environment, notes.
    struct Reference {
        QString path;     // absolute
        QString function; // behind a colon
        QString extension;
        bool script() const;
    };
    Reference reference(const QString &text) const; // with or without file://
    Result<QByteArray> load(const QString &path);
    Result<Node> loadData(const QString &path); // YAML or JSON
    Result<QStringList> matching(
        const QString &pattern) const; // files of a glob, sorted; the path itself when it is none
    void fillEnvironment(Node *node);
    void resolveReferences(Node *node, const Node &root, int depth);
    void note(Severity severity, const Node &node, const QString &what, const QString &why);
    void note(Severity severity, const QString &file, int line, const QString &what,
              const QString &why);
    Error wrong(const Node &node, const QString &why) const;
    QString shortName(const QString &path) const;
    // Names what is wrong with a template; empty: nothing.
    static QString templateProblem(const QString &text);

    // PromptfooPrompts.cpp
    Result<void> readPrompts(const Node &node);
    Result<void> readPrompt(const Node &node, const QString &path, const QString &label);
    Result<void> readPromptFile(const Node &node, const QString &path, const QString &label,
                                const QJsonObject &config);
    void addPrompt(const Node &node, const QString &id, const QString &label, const QString &text,
                   const QJsonObject &config, const QString &problem);

    // PromptfooProviders.cpp
    Result<void> readProviders(const Node &node, int depth);
    Result<void> addProvider(const Node &node, const QString &id, const Node &settings);
    void readProviderConfig(const Node &config, PromptfooProvider *provider);

    // PromptfooChecks.cpp
    Result<std::vector<CheckSpec>> readChecks(const Node &list, int depth);
    Result<CheckSpec> readCheck(const Node &node, int depth);
    Result<void> readCheckValue(const Node &value, CheckSpec *check);
    QString graderOf(const Node &node, const QString &what);

    // PromptfooTests.cpp
    Result<PromptfooTest> readTest(const Node &node, bool isDefault);
    Result<void> readVars(const Node &node, PromptfooTest *test);
    Result<QJsonValue> readVar(const Node &node, PromptfooTest *test);
    void readTestOptions(const Node &options, PromptfooTest *test);
    Result<std::vector<PromptfooTest>> readTests(const Node &node);
    // PromptfooRows.cpp
    Result<std::vector<PromptfooTest>> readTestFile(const Node &node, const QString &path);
    Result<std::vector<PromptfooTest>> readCsv(const QString &path, const QByteArray &bytes);
    PromptfooTest readRow(const QString &file, int row, const QStringList &columns,
                          const QStringList &cells);
    Result<void> readScenarios(const Node &node);
    static void setVar(PromptfooTest *test, const QString &name, const QJsonValue &value);
    // `over` with what it leaves open taken from `under`.
    static PromptfooTest merged(const PromptfooTest &under, PromptfooTest over,
                                bool underIsDefault);
    void noteKeys(const Node &map, const QStringList &known, const QString &what);

    PromptfooOptions m_options;
    QDir m_folder;
    PromptfooSuite m_suite;
    PromptfooTest m_default;
    QHash<QString, QByteArray> m_files; // small ones that were read
    int m_notes = 0;
    int m_references = 0;
    int m_checks = 0; // for their ids
};

// What of an assertion type is known. `problem` says why it is not run, empty: it is.
struct PromptfooType {
    QString type; // Lathe's, without "not-"
    bool negated = false;
    QString problem;
};
PromptfooType promptfooType(const QString &written);

} // namespace lathe
