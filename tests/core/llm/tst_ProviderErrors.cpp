// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/CodecSupport.h"
#include "core/llm/RequestFallback.h"
#include "tests/core/llm/CodecTesting.h"

using namespace lathe;
using namespace lathe::test;

class TestProviderErrors : public QObject
{
    Q_OBJECT
private:
    static Error decode(const char *api, int status, const QByteArray &body,
                        const HttpHeaders &headers = {})
    {
        HttpResponse response;
        response.status = status;
        response.body = body;
        response.headers = headers;
        return makeProviderCodec(QLatin1String(api))
            ->decodeError(response, connection(QLatin1String(api)), QStringLiteral("gpt-9"));
    }

private Q_SLOTS:
    void bodies_data()
    {
        QTest::addColumn<QString>("api");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("part"); // of the sentence
        const auto row = [](const char *name, const char *api, int status, const char *body,
                            ErrorKind kind, const char *part) {
            QTest::newRow(name) << QString::fromLatin1(api) << status << QByteArray(body)
                                << int(kind) << QString::fromUtf8(part);
        };
        const char *chat = "openai_chat";
        row("openai 401", chat, 401,
            "{\"error\":{\"message\":\"Incorrect API key provided: "
            "sk-***\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"invalid_api_"
            "key\"}}",
            ErrorKind::Auth,
            "OpenAI refused the key (401) for connection main. Check the secret SOME_KEY in "
            "Connections.");
        row("openai 403", chat, 403,
            "{\"error\":{\"message\":\"Country not "
            "supported\",\"code\":\"unsupported_country_region_territory\"}}",
            ErrorKind::Auth, "Country not supported. Check");
        row("openai model", chat, 404,
            "{\"error\":{\"message\":\"The model `gpt-9` does not "
            "exist\",\"code\":\"model_not_found\"}}",
            ErrorKind::NotFound, "OpenAI does not know the model \"gpt-9\" for connection main.");
        row("openai 429", chat, 429,
            "{\"error\":{\"message\":\"Rate limit reached for "
            "gpt-9\",\"code\":\"rate_limit_exceeded\",\"type\":\"tokens\"}}",
            ErrorKind::RateLimited, "Rate limit reached for gpt-9. Wait");
        row("openai quota", chat, 429,
            "{\"error\":{\"message\":\"You exceeded your current "
            "quota\",\"code\":\"insufficient_quota\"}}",
            ErrorKind::Denied, "no credit left");
        row("openai context", chat, 400,
            "{\"error\":{\"message\":\"This model's maximum context length is 8192 "
            "tokens.\",\"code\":\"context_length_exceeded\"}}",
            ErrorKind::InvalidInput,
            "The conversation is too long for gpt-9: This model's maximum");
        row("openai 400", chat, 400,
            "{\"error\":{\"message\":\"Unsupported value: "
            "'temperature'\",\"param\":\"temperature\",\"code\":\"unsupported_value\"}}",
            ErrorKind::InvalidInput,
            "did not accept the request for gpt-9 (400) for connection main: Unsupported value: "
            "'temperature'.");
        row("openai 503", chat, 503,
            "{\"error\":{\"message\":\"The engine is currently overloaded\"}}", ErrorKind::Provider,
            "OpenAI has a problem (503)");
        row("llama context", chat, 400,
            "{\"error\":{\"code\":400,\"message\":\"the request exceeds the available context "
            "size\",\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":900,\"n_ctx\":512}}",
            ErrorKind::InvalidInput, "(900 tokens of at most 512)");
        row("llama key", chat, 401,
            "{\"error\":{\"code\":401,\"message\":\"Invalid API "
            "Key\",\"type\":\"authentication_error\"}}",
            ErrorKind::Auth, "refused the key");
        row("llama loading", chat, 503,
            "{\"error\":{\"code\":503,\"message\":\"Loading "
            "model\",\"type\":\"unavailable_error\"}}",
            ErrorKind::Provider, "Loading model");
        row("llama 501", chat, 501,
            "{\"error\":{\"code\":501,\"message\":\"not "
            "supported\",\"type\":\"not_supported_error\"}}",
            ErrorKind::Provider, "not supported");
        row("ollama model", chat, 404,
            "{\"error\":{\"message\":\"model \\\"gpt-9\\\" not found, try pulling it "
            "first\",\"type\":\"api_error\"}}",
            ErrorKind::NotFound, "does not know the model");
        row("ollama old", chat, 404, "{\"error\":\"model 'gpt-9' not found\"}", ErrorKind::NotFound,
            "does not know the model");
        row("mistral model", chat, 400,
            "{\"object\":\"error\",\"message\":\"Invalid model: "
            "gpt-9\",\"type\":\"invalid_model\",\"code\":\"1500\"}",
            ErrorKind::NotFound, "does not know the model");
        row("fastapi", chat, 422,
            "{\"detail\":[{\"loc\":[\"body\",\"stop\"],\"msg\":\"Extra inputs are not "
            "permitted\",\"type\":\"extra_forbidden\"}]}",
            ErrorKind::InvalidInput, "Extra inputs are not permitted.");
        row("detail", chat, 400, "{\"detail\":\"Not so\"}", ErrorKind::InvalidInput, "Not so.");
        row("wrong address", chat, 404, "<html><h1>404 Not Found</h1></html>", ErrorKind::NotFound,
            "There is nothing at https://api.openai.com/v1 (404) to ask the model \"gpt-9\" of");
        row("proxy page", chat, 502, "<html><body>Bad gateway</body></html>", ErrorKind::Provider,
            "OpenAI has a problem (502)");
        row("plain text", chat, 500, "boom", ErrorKind::Provider, ": boom.");
        row("empty", chat, 500, "", ErrorKind::Provider, "(500) for connection main. Try");
        row("no credit", chat, 402, "{\"error\":{\"message\":\"Insufficient Balance\"}}",
            ErrorKind::Denied, "Insufficient Balance");
        row("too large", chat, 413, "", ErrorKind::InvalidInput, "too large");
        row("redirect", chat, 301, "", ErrorKind::Protocol, "leads elsewhere");
        row("openrouter", chat, 400,
            "{\"error\":{\"message\":\"Provider returned "
            "error\",\"code\":400,\"metadata\":{\"raw\":\"tool schema bad\"}}}",
            ErrorKind::InvalidInput, "tool schema bad");
        row("responses 401", "openai_responses", 401, "{\"error\":{\"code\":\"invalid_api_key\"}}",
            ErrorKind::Auth, "refused the key");
        row("anthropic 401", "anthropic", 401,
            "{\"type\":\"error\",\"error\":{\"type\":\"authentication_error\",\"message\":"
            "\"invalid x-api-key\"}}",
            ErrorKind::Auth, "Anthropic refused the key (401)");
        row("anthropic model", "anthropic", 404,
            "{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\",\"message\":\"model: "
            "gpt-9\"}}",
            ErrorKind::NotFound, "Anthropic does not know the model");
        row("anthropic 529", "anthropic", 529,
            "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":"
            "\"Overloaded\"}}",
            ErrorKind::Provider, "Overloaded");
        row("anthropic long", "anthropic", 400,
            "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":"
            "\"prompt is too long: 210043 tokens > 200000 maximum\"}}",
            ErrorKind::InvalidInput, "too long for gpt-9");
        row("anthropic 429", "anthropic", 429,
            "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"Too many "
            "tokens\"}}",
            ErrorKind::RateLimited, "Too many tokens");
        row("gemini key", "gemini", 400,
            "{\"error\":{\"code\":400,\"message\":\"API key not valid. Please pass a valid API "
            "key.\",\"status\":\"INVALID_ARGUMENT\",\"details\":[{\"reason\":\"API_KEY_INVALID\"}]}"
            "}",
            ErrorKind::Auth, "Google Gemini refused the key (400)");
        row("gemini array", "gemini", 404,
            "[{\"error\":{\"code\":404,\"message\":\"models/gpt-9 is not "
            "found\",\"status\":\"NOT_FOUND\"}}]",
            ErrorKind::NotFound, "does not know the model");
        row("gemini 500", "gemini", 500,
            "{\"error\":{\"code\":500,\"message\":\"An internal error has "
            "occurred\",\"status\":\"INTERNAL\"}}",
            ErrorKind::Provider, "internal error");
    }
    void bodies()
    {
        QFETCH(QString, api);
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(QString, part);
        const Error error = decode(qPrintable(api), status, body);
        QTEST(int(error.kind), "kind");
        QVERIFY2(error.message.contains(part), qPrintable(error.message));
        QVERIFY2(error.message.endsWith(QLatin1Char('.')), qPrintable(error.message));
        QCOMPARE(error.httpStatus, status);
        QVERIFY(error.cause.size() <= 300);
    }
    void longAndHostileBodiesAreCut()
    {
        const QByteArray longText(100000, 'x');
        for (const QByteArray &body :
             {longText, QByteArray("{\"error\":{\"message\":\"" + longText + "\"}}"),
              QByteArray("\x00\xff\xfe\x1b[2J", 7), QByteArray("{\"error\":[[[]]]}"),
              QByteArray(5000, '['), QByteArray("{\"error\":{\"code\":{},\"message\":[]}}")}) {
            for (const int status : {100, 301, 400, 401, 403, 404, 429, 500, 599}) {
                const Error error = decode("openai_chat", status, body);
                QVERIFY(error.message.size() < 600);
                QVERIFY(error.cause.size() <= 300);
                QVERIFY(!error.message.contains(QChar(0x1b)));
            }
        }
    }
    void waitsAsAsked()
    {
        QCOMPARE(decode("openai_chat", 429, "{}", {{"Retry-After", "7"}}).retryAfterMs, 7000);
        QCOMPARE(decode("openai_chat", 503, "{}", {{"retry-after-ms", "250"}}).retryAfterMs, 250);
        QCOMPARE(decode("anthropic", 429, "{}").retryAfterMs, -1);
        QCOMPARE(decode("gemini", 429,
                        "{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{"
                        "\"retryDelay\":\"3.5s\"}]}}")
                     .retryAfterMs,
                 3500);
        QCOMPARE(
            decode("gemini", 429,
                   "{\"error\":{\"details\":[{\"retryDelay\":\"-1s\"},{\"retryDelay\":\"xs\"}]}}")
                .retryAfterMs,
            -1);
    }

    void requestsAreAdapted()
    {
        const auto refusal = [](const char *message) {
            Error error(ErrorKind::InvalidInput, QLatin1String(message));
            error.httpStatus = 400;
            return error;
        };
        ChatRequest request = fullRequest(QStringLiteral("m"), QStringLiteral("{}"));
        QVERIFY(adaptRequest(request, refusal("This response_format type is unavailable now")));
        QVERIFY(!request.outputSchema);
        QCOMPARE(request.messages[2].role, Role::System);
        QVERIFY(request.messages[2].text().contains(QStringLiteral("\"minimum\":1")));
        QVERIFY(!adaptRequest(request, refusal("This response_format type is unavailable now")));
        QVERIFY(
            adaptRequest(request, refusal("'temperature' does not support 0.25 with this model")));
        QVERIFY(!request.temperature && !request.topP);
        QVERIFY(adaptRequest(request, refusal("Invalid `signature` in `thinking` block")));
        QVERIFY(!adaptRequest(request, refusal("Invalid `signature` in `thinking` block")));
        QVERIFY(adaptRequest(request,
                             refusal("Your organization must be verified to stream this model")));
        QVERIFY(!request.stream);
        QVERIFY(!adaptRequest(request, refusal("stream")));
        ChatRequest other = fullRequest(QStringLiteral("m"));
        QVERIFY(!adaptRequest(other, refusal("Invalid schema for function 'weather'")));
        QVERIFY(other.outputSchema);
        Error server(ErrorKind::Provider, QStringLiteral("stream broke"));
        server.httpStatus = 500;
        QVERIFY(!adaptRequest(other, server));
        QVERIFY(
            !adaptRequest(other, Error(ErrorKind::InvalidInput, QStringLiteral("temperature"))));
    }
};

QTEST_GUILESS_MAIN(TestProviderErrors)
#include "tst_ProviderErrors.moc"
