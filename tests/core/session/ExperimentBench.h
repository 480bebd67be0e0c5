// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A project with a scripted provider, prompts, a dataset and an experiment over them.
#include "core/session/Experiments.h"
#include "core/session/Playground.h"
#include "core/session/Session.h"
#include "tests/support/Await.h"
#include "tests/support/ProviderServers.h"

#include <QTemporaryDir>

namespace lathe::test {

inline Result<void> done(Task<> task)
{
    const auto wait = [](Task<> inner) -> Task<Result<void>> {
        co_await inner;
        co_return Result<void>();
    };
    return await(wait(std::move(task)));
}

template<typename T>
auto need(T result)
{
    if (!result)
        qFatal("%s", qPrintable(result.error().message));
    if constexpr (!std::is_same_v<T, Result<void>>)
        return std::move(*result);
}

class ExperimentBench
{
public:
    // Inputs are numbers n; a system text with "double" gives 2n, one with "square" n * n, else n. What is expected is 2n.
    explicit ExperimentBench(int rows = 6) : server(WireFormat::OpenAiChat)
    {
        qputenv("TEST_API_KEY", server.secret().toUtf8());
        server.setResponder(respond);
        need(await(Session::createProject(path(), QString())));
        open();
        ConnectionSpec spec = server.connectionSpec();
        spec.retry.maxAttempts = 1;
        add(ArtifactKind::Connection, "local", spec.toJson());
        add(ArtifactKind::Prompt, "plain", {{QStringLiteral("text"), QStringLiteral("Say the number.")}});
        add(ArtifactKind::Prompt, "double", {{QStringLiteral("text"), QStringLiteral("Say the double of the {{kind}}.")}});
        add(ArtifactKind::Prompt, "square", {{QStringLiteral("text"), QStringLiteral("Say the square.")}});
        Dataset data;
        data.columns = QStringList{QStringLiteral("input"), QStringLiteral("kind"), QStringLiteral("expected")};
        for (int i = 1; i <= rows; ++i)
            data.rows.push_back({QString::number(i), QStringLiteral("number"), QString::number(2 * i)});
        need(await(session->importDataset(QStringLiteral("numbers"), data)));
        experiment = add(ArtifactKind::Experiment, "compare",
                         {{QStringLiteral("question"), QStringLiteral("Does the second prompt double?")},
                          {QStringLiteral("dataset"), QStringLiteral("numbers")},
                          {QStringLiteral("variants"), QJsonArray{variant("a", "plain"), variant("b", "double")}},
                          {QStringLiteral("checks"), QJsonArray{QJsonObject{{QStringLiteral("id"), QStringLiteral("right")},
                                                                             {QStringLiteral("type"), QStringLiteral("equals")}}}},
                          {QStringLiteral("at_once"), 3}});
    }
    ~ExperimentBench() { close(); }

    static ScriptedAnswer respond(const SeenChat &chat)
    {
        const int n = chat.lastUserText.toInt();
        if (chat.system.contains(QLatin1String("double")))
            return ScriptedAnswer::say(QString::number(2 * n));
        return ScriptedAnswer::say(QString::number(chat.system.contains(QLatin1String("square")) ? n * n : n));
    }
    static QJsonObject variant(const char *id, const char *prompt)
    {
        return {{QStringLiteral("id"), QString::fromLatin1(id)},
                {QStringLiteral("prompt"), QString::fromLatin1(prompt)},
                {QStringLiteral("model"), QStringLiteral("local/test-model")}};
    }
    QString path() const { return m_folder.filePath(QStringLiteral("e.lathe")); }
    void open() { session = need(Session::open(path(), SessionOptions())); }
    void close()
    {
        if (session)
            need(done(session->close()));
        session.reset();
    }
    ArtifactId add(ArtifactKind kind, const char *name, const QJsonObject &body)
    {
        const ArtifactId id = need(await(session->createArtifact(kind, QString::fromLatin1(name), body)));
        need(await(session->commit(id, QString())));
        return id;
    }
    ArtifactId find(ArtifactKind kind, const char *name) { return session->project().artifacts().find(kind, QString::fromLatin1(name)).value_or(ArtifactId()); }
    void set(const char *pointer, const QJsonValue &value)
    {
        need(session->edit(experiment, QString::fromLatin1(pointer), value, QStringLiteral("test")));
    }
    Experiments &experiments() { return session->experiments(); }
    const ExperimentState &state() { return *experiments().state(experiment); }
    // Starts and waits for the end.
    void run()
    {
        need(await(experiments().start(experiment, ExperimentOptions())));
        need(done(experiments().finished(experiment)));
    }
    TrialView trial(int variantIndex, int example)
    {
        const auto trials = experiments().trials(experiment, CellId{variantIndex, example});
        if (trials.empty())
            qFatal("no such cell");
        return trials.front();
    }
    int requests() const { return int(server.chats().size()); }

    QTemporaryDir m_folder;
    ProviderServer server;
    std::unique_ptr<Session> session;
    ArtifactId experiment;
};

} // namespace lathe::test
