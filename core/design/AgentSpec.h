// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/Artifact.h"

#include <QJsonObject>
#include <QStringList>

#include <functional>

namespace lathe {

// Which model answers, reached how.
struct ModelChoice {
    QString connection; // name of a connection artifact
    QString model;
    bool operator==(const ModelChoice &) const = default;
    QString toString() const { return connection + QLatin1Char('/') + model; }
};

// Bounds of one run of the agent; 0 or less means no bound, but for steps.
struct Limits {
    int steps = 24;          // model and tool calls together
    double seconds = 300;
    qint64 tokens = 200'000; // input and output together
    double costUsd = 1.0;
    bool operator==(const Limits &) const = default;
};

// A tool given to an agent, with what this agent's use of it differs in.
struct ToolAttachment {
    QString tool;     // reference to a tool artifact
    QString approval; // override of the tool's own (ToolSpec.h: Approval); empty: as the tool says
    int callsPerRun = 0; // override, 0: as the tool says
    QStringList only;    // of a tool with several functions: the names of those to give; empty: all enabled ones
    QJsonObject policy;  // further overrides, keys as in a tool's body (ToolPolicy)
    bool operator==(const ToolAttachment &) const = default;
};

// An agent as a value. Body JSON (keys in this order in forms):
// {job, prompt, model:{connection,model}, fallback_models:[{connection,model}], temperature?, max_tokens?,
//  pattern, tools:[{tool,approval?,calls_per_run?,only?,policy?}], limits:{steps,seconds,tokens,cost_usd}}
struct AgentSpec {
    QString job;    // one sentence
    QString prompt; // reference to a prompt artifact
    ModelChoice model;
    std::vector<ModelChoice> fallbackModels;
    std::optional<double> temperature;
    std::optional<qint64> maxTokens;
    QString pattern = QStringLiteral("tool_loop"); // one of patterns()
    std::vector<ToolAttachment> tools;
    Limits limits;
    static Result<AgentSpec> fromJson(const QJsonObject &body);
    QJsonObject toJson() const;
    bool operator==(const AgentSpec &) const = default;

    struct PatternInfo {
        QString id;    // "direct", "tool_loop", "react", "plan_execute", "reflexion"
        QString title; // "Tool loop"
        QString about; // one sentence
    };
    static const std::vector<PatternInfo> &patterns();
};

// What a body refers to is looked up by these; a function that says no makes a "missing ..." problem.
struct DesignLookup {
    std::function<bool(ArtifactKind, const QString &ref)> exists;
    std::function<QStringList(const QString &promptRef)> promptVariables; // names the prompt wants
    std::function<QJsonObject(const QString &toolRef)> toolBody = nullptr; // empty when unknown; null: not looked at
    // Of agents and teams that are used as tools, to see what they can do; empty when unknown; null: the worst is assumed.
    std::function<QJsonObject(ArtifactKind, const QString &ref)> body = nullptr;
};

// Problems of an agent body: missing or vague job, missing prompt or model, unknown pattern, tools with pattern direct,
// bounds that are missing or absurd, the same tool twice, fallback equal to the model, external tool without approval...
std::vector<Problem> validateAgent(const QJsonObject &body, const DesignLookup &lookup);

// The linter for jobs: vague ("be helpful"), no verb, too long, several sentences, no object. Says why and what to do.
std::vector<Problem> lintJob(const QString &job);

} // namespace lathe
