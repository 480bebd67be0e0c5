// SPDX-License-Identifier: GPL-3.0-or-later
// What the project offers as an MCP server: its tools, prompts and runs, in pages, and the news of changes.
#include "tests/core/server/McpServerTesting.h"

#include <QSet>

using namespace lathe;
using namespace lathe::test;

class TestMcpServerOffer : public McpServerFixture
{
    Q_OBJECT

private Q_SLOTS:
    void init() { openProject(); }
    void cleanup() { closeProject(); }

    void offersAgentsAndWaysToLookAtRuns()
    {
        auto client = newClient(McpServerPeer::Kind::Stateless);
        const QJsonObject found = client.call(QStringLiteral("server/discover"), modern());
        QCOMPARE(found.value(QStringLiteral("resultType")).toString(), QStringLiteral("complete"));
        QCOMPARE(found.value(QStringLiteral("supportedVersions")).toArray(), QJsonArray{QStringLiteral("2026-07-28")});
        const QJsonObject list = client.call(QStringLiteral("tools/list"), modern());
        QVERIFY(list.value(QStringLiteral("ttlMs")).isDouble() && list.value(QStringLiteral("cacheScope")).isString());
        QSet<QString> names;
        for (const QJsonValue &value : list.value(QStringLiteral("tools")).toArray()) {
            const QJsonObject tool = value.toObject();
            names.insert(tool.value(QStringLiteral("name")).toString());
            QCOMPARE(tool.value(QStringLiteral("inputSchema")).toObject().value(QStringLiteral("type")).toString(), QStringLiteral("object"));
            QVERIFY(!tool.value(QStringLiteral("description")).toString().isEmpty());
        }
        QVERIFY(names.contains(QStringLiteral("triage")));
        for (const char *name : {"list_runs", "get_run", "replay_run"})
            QVERIFY(names.contains(QLatin1String(name)));
        QCOMPARE(names.size(), list.value(QStringLiteral("tools")).toArray().size()); // no name twice
    }

    void promptsAreFilledIn()
    {
        const QJsonObject body = object("{\"text\":\"Hello {{name}}, you are {{mood}}.\",\"variables\":[{\"name\":\"name\",\"description\":\"Who\",\"required\":true},"
                                        "{\"name\":\"mood\",\"default\":\"well\",\"required\":false}]}");
        const auto made = await(m_session->createArtifact(ArtifactKind::Prompt, QStringLiteral("greeting"), body));
        QVERIFY(made.ok());
        QVERIFY(await(m_session->commit(*made, QStringLiteral("t"))).ok());
        auto client = newClient();
        client.initialize();
        QJsonObject entry;
        for (const QJsonValue &prompt : client.call(QStringLiteral("prompts/list")).value(QStringLiteral("prompts")).toArray()) {
            if (prompt.toObject().value(QStringLiteral("name")).toString() == QLatin1String("greeting"))
                entry = prompt.toObject();
        }
        const QJsonArray arguments = entry.value(QStringLiteral("arguments")).toArray();
        QCOMPARE(int(arguments.size()), 2);
        QCOMPARE(arguments[0].toObject().value(QStringLiteral("required")).toBool(), true);
        QCOMPARE(arguments[1].toObject().value(QStringLiteral("required")).toBool(), false);
        const QJsonObject got = client.call(QStringLiteral("prompts/get"), object("{\"name\":\"greeting\",\"arguments\":{\"name\":\"Ann\"}}"));
        const QString text = got.value(QStringLiteral("messages")).toArray().first().toObject().value(QStringLiteral("content")).toObject().value(QStringLiteral("text")).toString();
        QVERIFY2(text.contains(QStringLiteral("Hello Ann, you are well.")), qPrintable(text));
        QCOMPARE(client.refusal(QStringLiteral("prompts/get"), object("{\"name\":\"greeting\"}")), -32602);
        const QJsonObject completed = client.call(QStringLiteral("completion/complete"),
                                                  object("{\"ref\":{\"type\":\"ref/prompt\",\"name\":\"greeting\"},\"argument\":{\"name\":\"mood\",\"value\":\"w\"}}"));
        QCOMPARE(completed.value(QStringLiteral("completion")).toObject().value(QStringLiteral("values")).toArray(), QJsonArray{QStringLiteral("well")});
        const QJsonObject revisions = client.call(QStringLiteral("completion/complete"),
                                                  object("{\"ref\":{\"type\":\"ref/resource\",\"uri\":\"lathe://prompts/{name}@{revision}\"},\"argument\":{\"name\":\"revision\",\"value\":\"\"},"
                                                         "\"context\":{\"arguments\":{\"name\":\"greeting\"}}}"));
        QCOMPARE(revisions.value(QStringLiteral("completion")).toObject().value(QStringLiteral("values")).toArray(), QJsonArray{QStringLiteral("1")});
        const QJsonObject read = client.call(QStringLiteral("resources/read"), object("{\"uri\":\"lathe://prompts/greeting@1\"}"));
        QVERIFY(read.value(QStringLiteral("contents")).toArray().first().toObject().value(QStringLiteral("text")).toString().contains(QStringLiteral("Hello {{name}}")));
    }

    void listsComeInPages()
    {
        for (int i = 0; i < 230; ++i)
            addPrompt(QStringLiteral("prompt %1").arg(i));
        auto client = newClient();
        client.initialize();
        QSet<QString> names;
        QString cursor;
        int pages = 0;
        do {
            QJsonObject params;
            if (!cursor.isEmpty())
                params.insert(QStringLiteral("cursor"), cursor);
            const QJsonObject page = client.call(QStringLiteral("prompts/list"), params);
            for (const QJsonValue &prompt : page.value(QStringLiteral("prompts")).toArray()) {
                QVERIFY(!names.contains(prompt.toObject().value(QStringLiteral("name")).toString()));
                names.insert(prompt.toObject().value(QStringLiteral("name")).toString());
            }
            cursor = page.value(QStringLiteral("nextCursor")).toString();
            ++pages;
        } while (!cursor.isEmpty() && pages < 10);
        QCOMPARE(int(names.size()), int(m_session->project().artifacts().list(ArtifactKind::Prompt).size()));
        QVERIFY(pages >= 3);
    }

    void runsComeInPages()
    {
        for (int i = 0; i < 205; ++i) {
            RunInfo info;
            info.agentName = QStringLiteral("a");
            info.startUs = 1'000'000 + i / 3; // several at once
            info.status = RunStatus::Done;
            const auto made = await(m_session->project().runs().create(info));
            QVERIFY(made.ok());
        }
        auto client = newClient();
        client.initialize();
        QSet<QString> uris;
        QJsonObject params;
        for (int pages = 0; pages < 10; ++pages) {
            const QJsonObject page = client.call(QStringLiteral("resources/list"), params);
            for (const QJsonValue &resource : page.value(QStringLiteral("resources")).toArray()) {
                const QString uri = resource.toObject().value(QStringLiteral("uri")).toString();
                QVERIFY2(!uris.contains(uri), qPrintable(uri));
                if (uri.startsWith(QLatin1String("lathe://runs/")))
                    uris.insert(uri);
            }
            if (!page.contains(QStringLiteral("nextCursor")))
                break;
            params.insert(QStringLiteral("cursor"), page.value(QStringLiteral("nextCursor")));
        }
        QCOMPARE(int(uris.size()), 205);
    }

    void changesAreTold()
    {
        setApproval("always");
        auto legacy = newClient();
        legacy.initialize();
        auto streams = newClient();
        const int listening = streams.ask(QStringLiteral("subscriptions/listen"), modern(object("{\"notifications\":{\"promptsListChanged\":true,\"resourceSubscriptions\":[\"lathe://runs/99\"]}}")));
        QCOMPARE(streams.of("notifications/subscriptions/acknowledged").size(), size_t(1));
        const QJsonObject honoured = streams.of("notifications/subscriptions/acknowledged").front().value(QStringLiteral("params")).toObject();
        QCOMPARE(honoured.value(QStringLiteral("notifications")).toObject(), object("{\"promptsListChanged\":true}")); // there is no run 99

        addPrompt(QStringLiteral("fresh"));
        QTRY_VERIFY_WITH_TIMEOUT(!legacy.of("notifications/prompts/list_changed").empty(), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(!streams.of("notifications/prompts/list_changed").empty(), 30'000);
        QCOMPARE(streams.of("notifications/prompts/list_changed").front().value(QStringLiteral("params")).toObject().value(QStringLiteral("_meta")).toObject().value(QStringLiteral("io.modelcontextprotocol/subscriptionId")),
                 QJsonValue(listening));
        QVERIFY(streams.of("notifications/tools/list_changed").empty()); // was not asked for

        // A run that is watched.
        const auto run = await(m_session->startRun([] {
            RunRequest request;
            request.agent = QStringLiteral("triage");
            request.input.text = QStringLiteral("x");
            return request;
        }()));
        QVERIFY(run.ok());
        const QString uri = QStringLiteral("lathe://runs/%1").arg(run->value);
        legacy.call(QStringLiteral("resources/subscribe"), QJsonObject{{QStringLiteral("uri"), uri}});
        QVERIFY(await(m_session->finished(*run)).ok());
        QTRY_VERIFY_WITH_TIMEOUT(!legacy.of("notifications/resources/updated").empty(), 30'000);
        QCOMPARE(legacy.of("notifications/resources/updated").front().value(QStringLiteral("params")).toObject().value(QStringLiteral("uri")).toString(), uri);
        QTRY_VERIFY_WITH_TIMEOUT(!legacy.of("notifications/resources/list_changed").empty(), 30'000);
        QCOMPARE(legacy.refusal(QStringLiteral("resources/subscribe"), object("{\"uri\":\"lathe://runs/98765\"}")), -32002);

        streams.notify(QStringLiteral("notifications/cancelled"), QJsonObject{{QStringLiteral("requestId"), listening}});
        const size_t before = streams.sent.size();
        addPrompt(QStringLiteral("fresher"));
        const size_t told = legacy.of("notifications/prompts/list_changed").size();
        QTRY_VERIFY_WITH_TIMEOUT(legacy.of("notifications/prompts/list_changed").size() > told, 30'000);
        QCOMPARE(streams.sent.size(), before);
    }
};

QTEST_GUILESS_MAIN(TestMcpServerOffer)
#include "tst_McpServerOffer.moc"
