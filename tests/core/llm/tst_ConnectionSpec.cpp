// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/ConnectionRules.h"
#include "core/llm/ProviderCodec.h"
#include "tests/core/llm/CodecTesting.h"

using namespace lathe;
using namespace lathe::test;

class TestConnectionSpec : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsAndWrites()
    {
        const QJsonObject body =
            *json::parseObject("{\"api\":\"openai_chat\",\"base_url\":\"http://"
                               "127.0.0.1:8080\",\"secret\":\"MY_KEY\",\"provider\":\"vllm\",\"local\":true,"
                               "\"price\":{\"input\":2.5,\"output\":10,\"cache_read\":0.5},"
                               "\"headers\":{\"X-Team\":\"red\"},\"timeouts\":{\"connect\":2.5,"
                               "\"first_byte\":30,\"idle\":7},\"retry\":{\"attempts\":2}}");
        const auto spec = ConnectionSpec::fromJson(QStringLiteral("local"), body);
        QVERIFY(spec.ok());
        QCOMPARE(spec->name, QStringLiteral("local"));
        QCOMPARE(spec->connectTimeoutMs, 2500);
        QCOMPARE(spec->firstByteTimeoutMs, 30'000);
        QCOMPARE(spec->idleTimeoutMs, 7000);
        QCOMPARE(spec->retry.maxAttempts, 2);
        QCOMPARE(headerValue(spec->headers, "x-team"), QByteArray("red"));
        QCOMPARE(spec->toJson(), body);
    }
    void defaults_data()
    {
        QTest::addColumn<QString>("body");
        QTest::addColumn<QString>("secret");
        QTest::addColumn<QString>("root");
        QTest::addColumn<QString>("provider");
        QTest::addColumn<QString>("name");
        const auto row = [](const char *title, const char *body, const char *secret,
                            const char *root, const char *provider, const char *name) {
            QTest::newRow(title) << QString::fromLatin1(body) << QString::fromLatin1(secret)
                                 << QString::fromLatin1(root) << QString::fromLatin1(provider)
                                 << QString::fromLatin1(name);
        };
        row("openai", "{\"api\":\"openai_chat\"}", "OPENAI_API_KEY", "https://api.openai.com/v1",
            "openai", "OpenAI");
        row("responses", "{\"api\":\"openai_responses\"}", "OPENAI_API_KEY",
            "https://api.openai.com/v1", "openai", "OpenAI");
        row("anthropic", "{\"api\":\"anthropic\"}", "ANTHROPIC_API_KEY",
            "https://api.anthropic.com/v1", "anthropic", "Anthropic");
        row("anthropic without /v1",
            "{\"api\":\"anthropic\",\"base_url\":\"https://api.anthropic.com/\"}",
            "ANTHROPIC_API_KEY", "https://api.anthropic.com/v1", "anthropic", "Anthropic");
        row("gemini", "{\"api\":\"gemini\"}", "GEMINI_API_KEY",
            "https://generativelanguage.googleapis.com/v1beta", "gcp.gemini", "Google Gemini");
        row("no secret wanted", "{\"api\":\"openai_chat\",\"secret\":\"\"}", "",
            "https://api.openai.com/v1", "openai", "OpenAI");
        row("local", "{\"api\":\"openai_chat\",\"base_url\":\"http://localhost:11434\",\"local\":true}", "",
            "http://localhost:11434/v1", "local", "localhost:11434");
        row("local slash",
            "{\"api\":\"openai_chat\",\"base_url\":\"http://localhost:11434/v1//\",\"local\":true}", "",
            "http://localhost:11434/v1", "local", "localhost:11434");
        row("own server far away",
            "{\"api\":\"openai_chat\",\"base_url\":\"https://gpu.example.org/v1\",\"local\":true}", "",
            "https://gpu.example.org/v1", "local", "gpu.example.org");
        row("no mark makes a provider local",
            "{\"api\":\"openai_chat\",\"base_url\":\"https://openrouter.ai/api/v1\",\"local\":true}", "",
            "https://openrouter.ai/api/v1", "openrouter", "OpenRouter");
        row("nearby, not known", "{\"api\":\"openai_chat\",\"base_url\":\"http://127.0.0.1:4000\"}", "",
            "http://127.0.0.1:4000/v1", "custom", "127.0.0.1:4000");
        row("no scheme", "{\"api\":\"openai_chat\",\"base_url\":\"192.168.1.5:8000\"}", "",
            "http://192.168.1.5:8000/v1", "custom", "192.168.1.5:8000");
        row("whole endpoint",
            "{\"api\":\"openai_chat\",\"base_url\":\"http://[::1]:8080/v1/chat/completions\"}", "",
            "http://[::1]:8080/v1", "custom", "[::1]:8080");
        row("anthropic local", "{\"api\":\"anthropic\",\"base_url\":\"http://127.0.0.1:8080\"}", "",
            "http://127.0.0.1:8080/v1", "custom", "127.0.0.1:8080");
        row("openrouter", "{\"api\":\"openai_chat\",\"base_url\":\"https://openrouter.ai/api/v1\"}",
            "", "https://openrouter.ai/api/v1", "openrouter", "OpenRouter");
        row("azure",
            "{\"api\":\"openai_chat\",\"base_url\":\"https://me.openai.azure.com/openai/v1\"}", "",
            "https://me.openai.azure.com/openai/v1", "azure.ai.openai", "Azure OpenAI");
        row("gateway", "{\"api\":\"openai_chat\",\"base_url\":\"https://llm.example.org/gw\"}", "",
            "https://llm.example.org/gw", "openai", "llm.example.org");
        row("looks alike", "{\"api\":\"openai_chat\",\"base_url\":\"https://notopenrouter.ai\"}",
            "", "https://notopenrouter.ai/v1", "openai", "notopenrouter.ai");
        row("override",
            "{\"api\":\"openai_chat\",\"base_url\":\"http://"
            "10.0.0.2:4000\",\"provider\":\"openai\"}",
            "", "http://10.0.0.2:4000/v1", "openai", "OpenAI");
    }
    void defaults()
    {
        QFETCH(QString, body);
        const auto spec =
            ConnectionSpec::fromJson(QStringLiteral("c"), *json::parseObject(body.toUtf8()));
        QVERIFY2(spec.ok(), spec.ok() ? "" : qPrintable(spec.error().message));
        QTEST(spec->secretName, "secret");
        QTEST(rules::apiRoot(*spec), "root");
        QTEST(rules::providerId(*spec), "provider");
        QTEST(rules::displayName(*spec), "name");
        // Reading what was written gives the same connection.
        const auto again = ConnectionSpec::fromJson(QStringLiteral("c"), spec->toJson());
        QVERIFY(again.ok());
        QCOMPARE(again->secretName, spec->secretName);
        QCOMPARE(again->toJson(), spec->toJson());
    }
    void refuses_data()
    {
        QTest::addColumn<QString>("body");
        for (const char *body :
             {"{}", "{\"api\":\"telepathy\"}", "{\"api\":\"openai_chat\",\"base_url\":\"ftp://x\"}",
              "{\"api\":\"openai_chat\",\"base_url\":\"http://\"}",
              "{\"api\":\"openai_chat\",\"base_url\":\"https://me:pw@api.openai.com\"}",
              "{\"api\":\"openai_chat\",\"local\":\"yes\"}", "{\"api\":\"openai_chat\",\"price\":3}",
              "{\"api\":\"openai_chat\",\"price\":{\"input\":1}}",
              "{\"api\":\"openai_chat\",\"price\":{\"input\":1,\"output\":-1}}",
              "{\"api\":\"gemini\",\"timeouts\":{\"connect\":0}}",
              "{\"api\":\"gemini\",\"timeouts\":{\"idle\":\"soon\"}}",
              "{\"api\":\"gemini\",\"timeouts\":{\"idle\":1e9}}",
              "{\"api\":\"gemini\",\"retry\":{\"attempts\":0}}",
              "{\"api\":\"gemini\",\"retry\":{\"attempts\":1000}}",
              "{\"api\":\"gemini\",\"headers\":{\"X\":\"a\\r\\nY: b\"}}",
              "{\"api\":\"gemini\",\"headers\":{\"a b\":\"c\"}}",
              "{\"api\":\"gemini\",\"headers\":{\"X\":5}}"})
            QTest::newRow(body) << QString::fromLatin1(body);
    }
    void refuses()
    {
        QFETCH(QString, body);
        const auto spec =
            ConnectionSpec::fromJson(QStringLiteral("mine"), *json::parseObject(body.toUtf8()));
        QVERIFY(!spec.ok());
        QCOMPARE(spec.error().kind, ErrorKind::InvalidInput);
        QVERIFY(spec.error().message.startsWith(QStringLiteral("Connection mine: ")));
    }
    void makesModels()
    {
        HttpClient http;
        SystemClock clock;
        for (const char *api : {"openai_chat", "openai_responses", "anthropic", "gemini"}) {
            ConnectionSpec spec = *ConnectionSpec::fromJson(
                QStringLiteral("main"), QJsonObject{{QStringLiteral("api"), QLatin1String(api)}});
            const auto missing = makeChatModel(spec, QStringLiteral(" \n"), &http, &clock);
            QVERIFY(!missing.ok());
            QCOMPARE(missing.error().kind, ErrorKind::Auth);
            QVERIFY2(missing.error().message.contains(
                         ConnectionSpec::conventionalSecret(QLatin1String(api))),
                     qPrintable(missing.error().message));
            const auto bad = makeChatModel(spec, QStringLiteral("sk-a\nb"), &http, &clock);
            QVERIFY(!bad.ok());
            QVERIFY(!bad.error().message.contains(QStringLiteral("sk-a")));
            QVERIFY(makeChatModel(spec, QStringLiteral("sk-1\n"), &http, &clock).ok());
            spec.baseUrl = QStringLiteral("http://127.0.0.1:8080");
            QVERIFY(makeChatModel(spec, QString(), &http, &clock).ok());
        }
        ConnectionSpec offline;
        offline.api = QStringLiteral("offline");
        const auto model = makeChatModel(offline, QString(), nullptr, nullptr);
        QVERIFY(model.ok());
        QCOMPARE((*model)->providerName(), QStringLiteral("lathe.offline"));
        ConnectionSpec unknown;
        unknown.api = QStringLiteral("x");
        QCOMPARE(makeChatModel(unknown, QString(), &http, &clock).error().kind,
                 ErrorKind::InvalidInput);
        QVERIFY(!makeProviderCodec(QStringLiteral("offline")));
    }
};

QTEST_GUILESS_MAIN(TestConnectionSpec)
#include "tst_ConnectionSpec.moc"
