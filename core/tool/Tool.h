// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Clock.h"
#include "core/design/DatasetSpec.h"
#include "core/design/ToolSpec.h"
#include "core/http/HttpClient.h"

#include <memory>

namespace lathe {

// What a call gave. A failed call is an outcome too: the model is told and may mend it. Result errors are for what the
// model cannot mend (cancelled, a bug).
struct ToolOutcome {
    QString text;         // for the model
    QJsonValue structured; // the same as data, when there is any
    bool isError = false;
    bool truncated = false;
    static ToolOutcome failure(QString message);
    QJsonObject toJson() const;
    static ToolOutcome fromJson(const QJsonObject &json);
};

struct ToolInterface; // ToolGate.h

// Something an agent can do. Main thread; slow work goes to threads of its owners. Call only through a ToolGate.
class Tool
{
public:
    virtual ~Tool() = default;
    virtual QString name() const = 0;        // as the model sees it: [a-zA-Z0-9_-]{1,64}
    virtual QString description() const = 0; // purpose and what a caller must know (e.g. the tables); the same at any time
    virtual QJsonObject schema() const = 0;  // JSON Schema of the arguments, type object; the same at any time
    virtual SideEffect sideEffect(const QJsonObject &arguments) const = 0;
    virtual bool idempotent(const QJsonObject &arguments) const = 0;
    // Arguments have been checked against the schema.
    virtual Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) = 0;
    // True: it does not act by itself, it asks a person (ask_human); the caller routes the question.
    virtual bool asksHuman() const { return false; }

private:
    friend class ToolGate;
    mutable std::shared_ptr<const ToolInterface> m_interface; // shared by all gates of the tool; null: not made yet
};

// What tools may need from outside. All must outlive the tools.
struct ToolEnvironment {
    HttpClient *http = nullptr;
    Clock *clock = nullptr;
    QString projectFolder; // relative paths in tool configurations start here
    std::function<Result<Dataset>(const QString &datasetRef)> dataset;
    std::function<QString(const QString &secretName)> secret; // empty when unknown
    std::function<qint64()> nowUs; // the run's clock, so that current_time replays; null: clock
};

// Makes the tool of a specification. `name` is the artifact's name; the model-facing name is derived from it.
// Errors: NotFound or InvalidInput with what is wrong in the configuration.
Result<std::shared_ptr<Tool>> makeTool(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment);
// Letters, digits, _ and -: "Feedback SQL" -> "feedback_sql".
QString toolNameForModel(const QString &artifactName);

} // namespace lathe
