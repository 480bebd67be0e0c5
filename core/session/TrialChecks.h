// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/Check.h"
#include "core/llm/Embeddings.h"
#include "core/runtime/ExpressionEngine.h"
#include "core/session/ExperimentTypes.h"
#include "core/session/TrialRunner.h"

namespace lathe {

// Evaluates an experiment's checks with what the project offers: expressions in the sandbox, JSON Schema, model calls that are
// recorded as runs (and kept as trials, so that the same question is paid once), texts of prompts/. Main thread.
class TrialChecks
{
public:
    TrialChecks(const ExperimentServices &services, TrialRunner *runner, VariantResolver *variants);
    const CheckWorld *world() const { return &m_world; }
    // Fills in checks, checked, score and passed of the trial from its whole output; a run that failed passes nothing.
    // Checks that compare variants are left out.
    Task<> evaluate(std::vector<CheckSpec> checks, ExperimentExample example, QString output, TrialView *trial, CancelToken cancel);
    // One question to a model; the answer's run in `run` when it is not null.
    Task<Result<QString>> ask(JudgeCall call, ArtifactId experiment, QString role, RunId *run, CancelToken cancel);

    static CheckInput inputOf(const ExperimentExample &example, const QString &output, const TrialView &trial);
    // What decides whether kept results still hold.
    static QByteArray hash(const QJsonArray &checks, const ExperimentExample &example);
    // Score and passed of the trial from its checks.
    static void combine(TrialView *trial);
    static QJsonObject toJson(const TrialView &trial);
    static void fromJson(const QJsonObject &json, TrialView *trial);
    static TrialCheck viewOf(const CheckSpec &spec, int index, const CheckResult &result);
    static QString idOf(const CheckSpec &spec, int index); // its own, else "check N" from 1

    Task<Result<std::vector<Embedding>>> embed(QStringList texts, CancelToken cancel);

    // Whose questions these are, while a check runs.
    ArtifactId experiment;
    QString gradingModel; // "connection/model" when a check names none; empty: the usual one

private:
    ExperimentServices m_services;
    TrialRunner *m_runner;
    VariantResolver *m_variants;
    ExpressionEngine m_engine;
    CheckWorld m_world;
    QHash<QByteArray, ResolvedVariant> m_judges; // by system text, model and schema
    QHash<std::pair<QString, QString>, Embedding> m_embeddings; // by connection and text
};

} // namespace lathe
