// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/http/HttpClient.h"
#include "tests/core/tool/ToolTesting.h"
#include "tests/support/ScriptedHttpServer.h"

#include <QHash>
#include <QSet>

namespace lathe::test {

// What the tests of tools that speak HTTP share: a client, a server on this machine and stored secrets, anew for each test function.
class WebToolFixture : public QObject
{
protected:
    std::unique_ptr<HttpClient> m_http;
    std::unique_ptr<ScriptedHttpServer> m_server; // "localhost" in the URLs
    QHash<QString, QString> m_secrets;
    QSet<QString> m_secretsAsked;

    void startServer(const QHash<QString, QString> &secrets = {})
    {
        m_http = std::make_unique<HttpClient>();
        m_server = std::make_unique<ScriptedHttpServer>();
        QVERIFY(m_server->start());
        m_secrets = secrets;
        m_secretsAsked.clear();
    }
    // What the server says to everything.
    void answerAlways(const HttpReply &reply)
    {
        m_server->setHandler([reply](const HttpSeen &) { return reply; });
    }
    QString url(const QString &path = QString()) const { return QStringLiteral("http://localhost:%1").arg(m_server->port()) + path; }
    ToolEnvironment environment()
    {
        ToolEnvironment out;
        out.http = m_http.get();
        out.secret = [this](const QString &name) {
            m_secretsAsked.insert(name);
            return m_secrets.value(name);
        };
        return out;
    }
    // Fatal when it cannot be made.
    std::shared_ptr<Tool> madeTool(const QString &name, const ToolSpec &spec)
    {
        auto tool = makeTool(name, spec, environment());
        if (!tool)
            qFatal("%s", qPrintable(tool.error().message));
        return *tool;
    }
};

} // namespace lathe::test
