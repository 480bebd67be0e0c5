// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/Tool.h"

namespace lathe {

// A Python or shell script in a sandbox (core/process/Sandbox.h). It gets the arguments as JSON on standard input and as the file
// /lathe/arguments.json, works in /work, and answers on standard output: JSON is structured, anything else is text. An end with another
// code than 0 is a failed call; the model is told the end of standard error and of what it printed.
class ScriptTool : public Tool
{
public:
    struct Setup {
        QString name;
        QString purpose;
        QJsonObject parameters; // schema
        bool isPython = true;
        QByteArray code;
        QString folder; // absolute; empty: a fresh one for each call
        bool network = false;
        qint64 memoryBytes = 0, fileBytes = 0;
        int processes = 32;
        double seconds = 30;
        qint64 maxBytes = 256 * 1024;
        std::optional<bool> isIdempotent;
    };
    explicit ScriptTool(Setup setup);
    QString name() const override;
    QString description() const override;
    QJsonObject schema() const override;
    SideEffect sideEffect(const QJsonObject &) const override;
    bool idempotent(const QJsonObject &) const override;
    Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) override;

private:
    struct State;
    static Task<Result<ToolOutcome>> run(std::shared_ptr<State> state, QJsonObject arguments, CancelToken cancel);
    std::shared_ptr<State> m_state; // shared with calls under way
};

// config: {language: "python" | "shell", code, parameters?: schema, folder?, network?, memory_mb?, processes?, file_mb?}. Errors:
// InvalidInput (no code, another language; a folder that is the home folder, above it, or holds the open project at any depth: a script may
// write and remove whatever is in its folder), NotFound (no such folder).
Result<std::shared_ptr<Tool>> makeScriptTool(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment);

} // namespace lathe
