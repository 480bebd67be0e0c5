// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the tests of the MCP server share: a project that is served, a client that speaks to it message by message, and its words.

#include "core/server/McpServerPeer.h"
#include "core/session/Session.h"
#include "tests/support/Await.h"
#include "tests/support/JsonText.h"

#include <QTemporaryDir>
#include <QTest>

namespace lathe::test {

// Params of the modern era.
inline QJsonObject modern(QJsonObject params = {}, const QJsonObject &capabilities = {})
{
    QJsonObject meta = params.value(QLatin1String("_meta")).toObject();
    meta.insert(QStringLiteral("io.modelcontextprotocol/protocolVersion"), QStringLiteral("2026-07-28"));
    meta.insert(QStringLiteral("io.modelcontextprotocol/clientCapabilities"), capabilities);
    params.insert(QStringLiteral("_meta"), meta);
    return params;
}

// No id: a notification.
inline QJsonObject rpcMessage(const QString &method, const QJsonObject &params, std::optional<int> id = std::nullopt)
{
    QJsonObject message{{QStringLiteral("jsonrpc"), QStringLiteral("2.0")}, {QStringLiteral("method"), method}, {QStringLiteral("params"), params}};
    if (id)
        message.insert(QStringLiteral("id"), *id);
    return message;
}

inline QJsonObject toolCall(const char *name, const QJsonObject &arguments)
{
    return QJsonObject{{QStringLiteral("name"), QLatin1String(name)}, {QStringLiteral("arguments"), arguments}};
}

inline int errorCode(const QJsonObject &answer)
{
    return json::at(answer, QStringLiteral("/error/code")).toInt();
}

// A client that keeps what it is sent.
struct McpServerClient {
    McpServerClient(McpServerOffer *offer, McpServerRuns *runs, McpServerPeer::Kind kind)
        : peer(offer, runs, kind, [this](const QJsonObject &message, int) { sent.push_back(message); })
    {
    }
    std::vector<QJsonObject> sent;
    std::vector<int> statuses;
    int lastId = 0;
    McpServerPeer peer;

    int ask(const QString &method, const QJsonObject &params = {})
    {
        const int id = ++lastId;
        give(rpcMessage(method, params, id));
        return id;
    }
    void give(const QJsonValue &message)
    {
        peer.receive(message, [this](const QJsonObject &answer, int status) {
            sent.push_back(answer);
            statuses.push_back(status);
        });
    }
    void notify(const QString &method, const QJsonObject &params) { give(rpcMessage(method, params)); }
    const QJsonObject *answerTo(int id) const
    {
        for (const QJsonObject &message : sent) {
            if (!message.contains(QLatin1String("method")) && message.value(QLatin1String("id")) == QJsonValue(id))
                return &message;
        }
        return nullptr;
    }
    // The messages of one method.
    std::vector<QJsonObject> of(const char *method) const
    {
        std::vector<QJsonObject> found;
        for (const QJsonObject &message : sent) {
            if (message.value(QLatin1String("method")).toString() == QLatin1String(method))
                found.push_back(message);
        }
        return found;
    }
    const QJsonObject &whole(int id)
    {
        if (!QTest::qWaitFor([&] { return answerTo(id) != nullptr; }, 30'000))
            qFatal("no answer to %d", id);
        return *answerTo(id);
    }
    QJsonObject result(int id) { return whole(id).value(QLatin1String("result")).toObject(); }
    QJsonObject error(int id) { return whole(id).value(QLatin1String("error")).toObject(); }
    QJsonObject call(const QString &method, const QJsonObject &params = {}) { return result(ask(method, params)); }
    int refusal(const QString &method, const QJsonObject &params = {}) { return errorCode(whole(ask(method, params))); }
    void initialize(const QJsonObject &capabilities = {})
    {
        QJsonObject params = object("{'protocolVersion':'2025-11-25','clientInfo':{'name':'test','version':'1'}}");
        params.insert(QStringLiteral("capabilities"), capabilities);
        call(QStringLiteral("initialize"), params);
        notify(QStringLiteral("notifications/initialized"), {});
    }
};

// A project of the sample "feedback-desk" and what offers it, anew for each test function.
class McpServerFixture : public QObject
{
protected:
    std::unique_ptr<Session> m_session;
    std::unique_ptr<McpServerOffer> m_offer;
    std::unique_ptr<McpServerRuns> m_runs;

    void openProject()
    {
        const QString path = m_folder.filePath(QStringLiteral("p%1.lathe").arg(++m_number));
        const auto made = await(Session::createProject(path, QStringLiteral("feedback-desk")));
        QVERIFY2(made.ok(), made ? "" : qPrintable(made.error().message));
        auto session = Session::open(path, SessionOptions());
        QVERIFY(session.ok());
        m_session = std::move(*session);
        m_offer = std::make_unique<McpServerOffer>(m_session.get());
        m_runs = std::make_unique<McpServerRuns>(m_offer.get());
    }
    void closeProject()
    {
        m_runs.reset();
        m_offer.reset();
        m_session.reset();
    }
    McpServerClient newClient(McpServerPeer::Kind kind = McpServerPeer::Kind::Stream) const { return McpServerClient(m_offer.get(), m_runs.get(), kind); }
    void setApproval(const char *approval)
    {
        for (const ArtifactInfo &info : m_session->project().artifacts().list(ArtifactKind::Tool)) {
            QVERIFY(m_session->edit(info.id, QStringLiteral("/approval"), QLatin1String(approval), QStringLiteral("t")).ok());
            QVERIFY(await(m_session->commit(info.id, QStringLiteral("t"))).ok());
        }
    }
    void addPrompt(const QString &name, const QJsonObject &body = object("{'text':'x'}"))
    {
        QVERIFY(await(m_session->createArtifact(ArtifactKind::Prompt, name, body)).ok());
    }

private:
    QTemporaryDir m_folder;
    int m_number = 0;
};

} // namespace lathe::test
