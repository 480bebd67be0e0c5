// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"
#include "core/http/SseParser.h"
#include "core/llm/ProviderCodec.h"

#include <QFile>
#include <QTest>

// What the codec tests share: a request with everything in it, and reading recorded bytes.
namespace lathe::test {

// A stream or body as the service sent it, or a request as it wants it. In files, because moc 6.4 loses its way in raw
// string literals with quotes.
inline QByteArray recorded(const char *name)
{
    QFile file(QStringLiteral(LATHE_SOURCE_DIR "/tests/core/llm/recorded/") + QLatin1String(name));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("the recording %s is missing", name);
    return file.readAll();
}

struct Decoded {
    std::optional<ChatResponse> response;
    std::optional<Error> error;
    QString text;
    QString reasoning;
    QStringList calls; // "0 name(arguments)" from the deltas alone

    void add(const ChatDelta &delta)
    {
        if (delta.channel == DeltaChannel::Text)
            text += delta.text;
        else if (delta.channel == DeltaChannel::Reasoning)
            reasoning += delta.text;
    }
    void take(Result<ChatResponse> finished)
    {
        if (finished)
            response = *finished;
        else
            error = finished.error();
    }
};

// Reads the pieces as they come from the network.
inline Decoded decodeStream(const ProviderCodec &codec, const ChatRequest &request,
                            const QList<QByteArray> &pieces)
{
    Decoded out;
    QMap<int, std::pair<QString, QString>> calls;
    const auto sink = [&](const ChatDelta &delta) {
        out.add(delta);
        if (delta.channel != DeltaChannel::Text && delta.channel != DeltaChannel::Reasoning) {
            auto &call = calls[delta.callIndex];
            if (!delta.callName.isEmpty())
                call.first = delta.callName;
            call.second += delta.text;
        }
    };
    const auto reader = codec.makeReader(request);
    SseParser parser;
    const auto finish = [&] {
        for (auto it = calls.constBegin(); it != calls.constEnd(); ++it)
            out.calls.append(QStringLiteral("%1 %2(%3)").arg(it.key()).arg(it->first, it->second));
        if (!out.error)
            out.take(reader->finish());
        return out;
    };
    for (const QByteArray &piece : pieces) {
        std::vector<SseEvent> events;
        const auto parsed = parser.feed(piece, events);
        if (!parsed) {
            out.error = parsed.error();
            return finish();
        }
        for (const SseEvent &event : events) {
            const auto read = reader->event(event, sink);
            if (!read) {
                out.error = read.error();
                return finish();
            }
        }
    }
    return finish();
}

inline Decoded decodeBody(const ProviderCodec &codec, const ChatRequest &request,
                          const QByteArray &body)
{
    Decoded out;
    const auto reader = codec.makeReader(request);
    const auto read = reader->body(body, [&](const ChatDelta &delta) { out.add(delta); });
    if (read)
        out.take(reader->finish());
    else
        out.error = read.error();
    return out;
}

// The same stream cut in two at every byte, and byte by byte, must read the same.
inline void checkEveryCut(const ProviderCodec &codec, const ChatRequest &request,
                          const QByteArray &stream)
{
    const Decoded whole = decodeStream(codec, request, {stream});
    QVERIFY2(whole.response, whole.error ? qPrintable(whole.error->message) : "");
    for (qsizetype cut = 1; cut < stream.size(); ++cut) {
        const Decoded parts = decodeStream(codec, request, {stream.left(cut), stream.mid(cut)});
        QVERIFY2(parts.response, qPrintable(QStringLiteral("cut at %1").arg(cut)));
        QCOMPARE(parts.response->toJson(), whole.response->toJson());
        QCOMPARE(parts.text, whole.text);
        QCOMPARE(parts.calls, whole.calls);
    }
    QList<QByteArray> bytes;
    for (const char c : stream)
        bytes.append(QByteArray(1, c));
    const Decoded single = decodeStream(codec, request, bytes);
    QVERIFY(single.response);
    QCOMPARE(single.response->toJson(), whole.response->toJson());
    QCOMPARE(single.reasoning, whole.reasoning);
}

inline QString describe(const Message &message)
{
    QStringList out;
    for (const MessagePart &part : message.parts) {
        switch (part.type) {
        case MessagePart::Type::Text:
            out << QStringLiteral("text:") + part.text;
            break;
        case MessagePart::Type::Reasoning:
            out << QStringLiteral("reasoning:") + part.text;
            break;
        case MessagePart::Type::ToolCall:
            out << QStringLiteral("call:%1 %2(%3)").arg(part.id, part.name, part.argumentsText);
            break;
        default:
            out << QStringLiteral("other");
            break;
        }
    }
    return out.join(QStringLiteral(" | "));
}

inline ToolDescription weatherTool()
{
    ToolDescription tool;
    tool.name = QStringLiteral("weather");
    tool.description = QStringLiteral("Weather of a city");
    tool.schema = *json::parseObject("{\"type\":\"object\",\"properties\":{\"city\":{\"type\":"
                                     "\"string\"}},\"required\":[\"city\"]}");
    return tool;
}

inline ChatRequest plainRequest(const QString &model = QStringLiteral("test-model"))
{
    ChatRequest request;
    request.model = model;
    request.messages = {Message(Role::System, QStringLiteral("Be brief.")),
                        Message(Role::User, QStringLiteral("Hello"))};
    return request;
}

// A row of test data with the columns "stream" and "kind": it fails so.
inline void checkFailure(const ProviderCodec &codec)
{
    QFETCH(QByteArray, stream);
    const Decoded decoded = decodeStream(codec, plainRequest(), {stream});
    QVERIFY(decoded.error);
    QTEST(int(decoded.error->kind), "kind");
}

// System text, an image, two parallel calls (one with broken arguments) and their results, tools, structured output and
// every setting. `signature` is that of the reasoning before the calls.
inline ChatRequest fullRequest(const QString &model, const QString &signature = QString())
{
    ChatRequest request;
    request.model = model;
    request.messages.emplace_back(Role::System, QStringLiteral("Be brief."));
    request.messages.emplace_back(Role::System, QStringLiteral("Use metric units."));
    Message user(Role::User, QStringLiteral("What is this?"));
    MessagePart image;
    image.type = MessagePart::Type::Image;
    image.mimeType = QStringLiteral("image/png");
    image.bytes = "\x89PNG";
    user.parts.push_back(image);
    request.messages.push_back(user);
    Message assistant;
    assistant.role = Role::Assistant;
    MessagePart reasoning;
    reasoning.type = MessagePart::Type::Reasoning;
    reasoning.text = QStringLiteral("Two cities.");
    reasoning.signature = signature;
    assistant.parts = {
        reasoning, MessagePart::fromText(QStringLiteral("Let me look.")),
        MessagePart::toolCall(QStringLiteral("call_abcdef1"), QStringLiteral("weather"),
                              QStringLiteral("{ \"city\": \"Oslo\" }")),
        MessagePart::toolCall(QStringLiteral("call_abcdef2"), QStringLiteral("weather"),
                              QStringLiteral("{\"city\": \"Ber"))};
    request.messages.push_back(assistant);
    Message results;
    results.role = Role::Tool;
    results.parts = {
        MessagePart::toolResult(QStringLiteral("call_abcdef1"), QStringLiteral("weather"),
                                QStringLiteral("3 C"), false),
        MessagePart::toolResult(QStringLiteral("call_abcdef2"), QStringLiteral("weather"),
                                QStringLiteral("Broken JSON"), true)};
    request.messages.push_back(results);
    request.tools = {weatherTool()};
    request.toolChoice = ChatRequest::ToolChoice::Required;
    request.outputSchema = *json::parseObject(
        "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\",\"minimum\":1}}}");
    request.outputName = QStringLiteral("weather report");
    request.temperature = 0.25;
    request.topP = 0.5;
    request.maxTokens = 300;
    request.seed = 7;
    request.stop = QStringList{QStringLiteral("END")};
    return request;
}

inline ConnectionSpec connection(const QString &api, const QString &baseUrl = QString())
{
    ConnectionSpec spec;
    spec.name = QStringLiteral("main");
    spec.api = api;
    spec.baseUrl = baseUrl;
    spec.secretName = QStringLiteral("SOME_KEY");
    return spec;
}

inline void compareJson(const QByteArray &actual, const QByteArray &expected)
{
    const auto parsed = json::parse(expected);
    QVERIFY2(parsed.ok(), "the test's own JSON is broken");
    QCOMPARE(json::pretty(*json::parse(actual)), json::pretty(*parsed));
}

} // namespace lathe::test
