// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/LocalServers.h"
#include "tests/support/ScriptedHttpServer.h"

#include <QCoroTask>
#include <QElapsedTimer>
#include <QTest>
#include <QTimer>

using namespace lathe;
using namespace lathe::test;

namespace {
LocalServerProbe probe(const char *product, const ScriptedHttpServer &server,
                       const char *path = "/v1")
{
    LocalServerProbe out;
    out.product = QString::fromLatin1(product);
    out.baseUrl = server.url(QLatin1String(path));
    return out;
}

ScriptedHttpServer::Handler answers(const QByteArray &path, const QByteArray &body)
{
    return [path, body](const HttpSeen &seen) {
        return seen.path == path ? HttpReply::json(body)
                                 : HttpReply::text(404, "404 page not found");
    };
}
} // namespace

class TestLocalServers : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void usual_data()
    {
        QTest::addColumn<QString>("setting");
        QTest::addColumn<QString>("url");
        const auto row = [](const char *setting, const char *url) {
            QTest::newRow(*setting ? setting : "none")
                << QString::fromLatin1(setting) << QString::fromLatin1(url);
        };
        row("", "http://127.0.0.1:11434/v1");
        row("0.0.0.0", "http://127.0.0.1:11434/v1");
        row("0.0.0.0:9000", "http://127.0.0.1:9000/v1");
        row(":9000", "http://127.0.0.1:9000/v1");
        row("box.lan", "http://box.lan:11434/v1");
        row("http://box.lan:8123/", "http://box.lan:8123/v1");
        row("https://ollama.example.org", "https://ollama.example.org/v1");
        row("[::1]:11434", "http://[::1]:11434/v1");
        row("ftp://x", "http://127.0.0.1:11434/v1");
        row("nonsense here", "http://127.0.0.1:11434/v1");
    }
    void usual()
    {
        QFETCH(QString, setting);
        const auto probes = usualLocalServers(setting);
        QCOMPARE(probes.size(), size_t(4));
        QCOMPARE(probes[0].product, QStringLiteral("Ollama"));
        QTEST(probes[0].baseUrl, "url");
        QCOMPARE(probes[1].baseUrl, QStringLiteral("http://127.0.0.1:1234/v1"));
        QCOMPARE(probes[2].baseUrl, QStringLiteral("http://127.0.0.1:8080/v1"));
    }
    void recognises()
    {
        ScriptedHttpServer ollama, llama, studio, vllm;
        for (auto *server : {&ollama, &llama, &studio, &vllm})
            server->start();
        ollama.setHandler(answers(
            "/api/tags",
            "{\"models\":[{\"name\":\"qwen3:4b\",\"size\":1},{\"name\":\"llama3.2:3b\"}]}"));
        llama.setHandler(answers(
            "/v1/models",
            "{\"models\":[{\"name\":\"tiny\"}],\"object\":\"list\",\"data\":[{\"id\":\"tiny.gguf\","
            "\"object\":\"model\",\"owned_by\":\"llamacpp\",\"meta\":{\"n_ctx\":512}}]}"));
        studio.setHandler(
            answers("/v1/models", "{\"data\":[{\"id\":\"gemma\",\"object\":\"model\",\"owned_by\":"
                                  "\"organization_owner\"}],\"object\":\"list\"}"));
        vllm.setHandler(
            answers("/v1/models", "{\"object\":\"list\",\"data\":[{\"id\":\"Qwen/"
                                  "Qwen3\",\"owned_by\":\"vllm\",\"max_model_len\":4096}]}"));
        HttpClient http;
        // llama-server where LM Studio usually is: what answers tells its name, not the port.
        const std::vector<LocalServerProbe> probes{
            probe("Ollama", ollama), probe("LM Studio", llama), probe("LM Studio", studio, "/v1/"),
            probe("vLLM", vllm, ""), probe("vLLM", vllm)};
        const auto found = QCoro::waitFor(findLocalServers(&http, probes, CancelToken()));
        QCOMPARE(found.size(), size_t(4));
        QCOMPARE(found[0].product, QStringLiteral("Ollama"));
        QCOMPARE(found[0].models,
                 (QStringList{QStringLiteral("llama3.2:3b"), QStringLiteral("qwen3:4b")}));
        QCOMPARE(found[0].baseUrl, ollama.url(QStringLiteral("/v1")));
        QCOMPARE(found[1].product, QStringLiteral("llama-server"));
        QCOMPARE(found[1].models, QStringList{QStringLiteral("tiny.gguf")});
        QCOMPARE(found[2].product, QStringLiteral("LM Studio"));
        QCOMPARE(found[3].product, QStringLiteral("vLLM"));
        QCOMPARE(found[3].baseUrl, vllm.url(QStringLiteral("/v1")));
    }
    // Nobody there, a server that never answers, other programs on the ports: no error, and within the half second.
    void othersAreIgnored()
    {
        ScriptedHttpServer closed, silent, web, json, huge, denied;
        for (auto *server : {&closed, &silent, &web, &json, &huge, &denied})
            server->start();
        const LocalServerProbe gone = probe("LM Studio", closed);
        closed.stop();
        silent.setHandler([](const HttpSeen &) { return HttpReply::never(); });
        web.setHandler([](const HttpSeen &) {
            return HttpReply::text(200, "<html>Jenkins</html>", "text/html");
        });
        json.setHandler([](const HttpSeen &) { return HttpReply::json("{\"status\":\"ok\"}"); });
        huge.setHandler([](const HttpSeen &) { return HttpReply::huge(64 * 1024 * 1024); });
        denied.setHandler(
            [](const HttpSeen &) { return HttpReply::json("{\"error\":\"no\"}", 401); });
        HttpClient http;
        QElapsedTimer timer;
        timer.start();
        const std::vector<LocalServerProbe> probes{gone,
                                                   probe("LM Studio", silent),
                                                   probe("Ollama", silent),
                                                   probe("vLLM", web),
                                                   probe("Ollama", json),
                                                   probe("vLLM", huge),
                                                   probe("vLLM", denied)};
        const auto found = QCoro::waitFor(findLocalServers(&http, probes, CancelToken()));
        QVERIFY(found.empty());
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
        QCOMPARE(http.active(), 0);
        QVERIFY(QCoro::waitFor(findLocalServers(&http, {}, CancelToken())).empty());
    }
    void cancelled()
    {
        ScriptedHttpServer silent;
        silent.start();
        silent.setHandler([](const HttpSeen &) { return HttpReply::never(); });
        HttpClient http;
        CancelSource cancel;
        QTimer::singleShot(50, this, [&cancel] { cancel.cancel(); });
        QElapsedTimer timer;
        timer.start();
        QVERIFY(QCoro::waitFor(findLocalServers(&http, {probe("vLLM", silent)}, cancel.token()))
                    .empty());
        QVERIFY(timer.elapsed() < 120'000);
        QVERIFY(QCoro::waitFor(findLocalServers(&http, {probe("vLLM", silent)}, cancel.token()))
                    .empty()); // already cancelled
    }
};

QTEST_GUILESS_MAIN(TestLocalServers)
#include "tst_LocalServers.moc"
