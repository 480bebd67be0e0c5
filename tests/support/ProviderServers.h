// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/ChatModel.h"
#include "tests/support/ScriptedHttpServer.h"

#include <QJsonObject>
#include <QStringList>

#include <memory>

namespace lathe::test {

enum class WireFormat { OpenAiChat, OpenAiResponses, Anthropic, Gemini };

struct ScriptedCall {
    QString name;
    QString
        arguments; // JSON text, may be broken (Gemini cannot send that: it then ends with MALFORMED_FUNCTION_CALL)
    QString id; // empty: the server makes one up as the provider would
};

// What a model answers, whatever the wire format; or how it fails. Begin with a factory and refine it:
//     server.enqueue(ScriptedAnswer::say("It is cold.").thinking("Look outside.").paced(5));
//     server.enqueue(ScriptedAnswer::call("sql", R"({"query":"select 1"})").andCall("now", "{}"));
//     server.enqueue(ScriptedAnswer::rateLimited(2));
//     server.enqueue(ScriptedAnswer::say("Half of this is lost.").cutAfter(3));
struct ScriptedAnswer {
    QStringList reasoning; // pieces as streamed
    QStringList text;
    std::vector<ScriptedCall> calls;
    qint64 inputTokens = 12; // including cached ones
    qint64 outputTokens = 7; // including reasoning
    qint64 cachedTokens = 0;
    qint64 reasoningTokens = 0;
    bool outOfTokens = false; // ends with "length"
    int delayMs = 0;          // before each event
    int headDelayMs = 0;      // before the head of the answer

    // Misbehaviour.
    int status = 200;
    QByteArray errorMessage;    // of a status that is no 200
    QByteArray errorType;       // the provider's code or type
    int retryAfterSeconds = -1; // header Retry-After
    int cutAfterEvents =
        -1; // the connection breaks after so many events (half a body when it does not stream)
    bool reset = false;            // with RST instead of FIN
    int malformedAfterEvents = -1; // then an event that is no JSON
    int errorAfterEvents = -1;     // then the provider's error event ("overloaded")
    bool withoutEnd = false;       // the stream ends in order but without its last events
    bool stalls = false;           // nothing more after cutAfterEvents, the connection stays open
    bool invalidUtf8 = false;      // each text holds bytes that are no UTF-8
    bool plainBody = false;        // does not stream although it was asked to

    static ScriptedAnswer say(const QString &text); // streamed word by word
    static ScriptedAnswer call(const QString &name, const QString &arguments,
                               const QString &id = QString());
    static ScriptedAnswer huge(qint64 bytes); // that much text, in events of 64 KB
    static ScriptedAnswer wrongKey();
    static ScriptedAnswer unknownModel();
    static ScriptedAnswer rateLimited(int retryAfterSeconds = -1);
    static ScriptedAnswer serverError(int status = 500);
    static ScriptedAnswer contextTooLong();
    static ScriptedAnswer refusal(int status, const QByteArray &type, const QByteArray &message);

    ScriptedAnswer thinking(const QString &text) &&;
    ScriptedAnswer andCall(const QString &name, const QString &arguments,
                           const QString &id = QString()) &&;
    ScriptedAnswer usage(qint64 input, qint64 output, qint64 cached = 0, qint64 ofReasoning = 0) &&;
    ScriptedAnswer paced(int msBetweenEvents) &&;
    ScriptedAnswer slowHead(int ms) &&;
    ScriptedAnswer lengthLimited() &&;
    ScriptedAnswer cutAfter(int events, bool withReset = false) &&;
    ScriptedAnswer malformedAfter(int events) &&;
    ScriptedAnswer failAfter(int events) &&;
    ScriptedAnswer stallAfter(int events) &&;
    ScriptedAnswer noEnd() &&;
    ScriptedAnswer brokenUtf8() &&;
    ScriptedAnswer unstreamed() &&;
};

// A request as the provider understands it, whatever the wire format.
struct SeenChat {
    QString model;
    bool stream = false;
    QString system;
    QString lastUserText;
    QStringList toolNames;   // offered
    QStringList toolResults; // texts, of the whole conversation
    int messages = 0;
    QJsonObject body; // as sent
    HttpSeen http;
};

// The events of the stream as bytes ("data: {...}\n\n"), without misbehaviour.
QList<QByteArray> wireEvents(WireFormat format, const ScriptedAnswer &answer, const QString &model);
// The same answer as one JSON body.
QByteArray wireBody(WireFormat format, const ScriptedAnswer &answer, const QString &model);
// An error body as the provider writes it.
QByteArray wireError(WireFormat format, int status, const QByteArray &type,
                     const QByteArray &message);
SeenChat readRequest(WireFormat format, const HttpSeen &request);

// A model provider on 127.0.0.1 that speaks one of the real wire formats: paths, key header, stream or not, errors. Each
// chat is answered with the next queued answer, else by the responder, else with an error. All members may be called
// from any thread; the responder runs on the server's thread.
class ProviderServer
{
public:
    explicit ProviderServer(WireFormat format);
    WireFormat format() const { return m_format; }

    void enqueue(ScriptedAnswer answer);
    void setResponder(std::function<ScriptedAnswer(const SeenChat &)> responder);
    // Others than these are then unknown (404); they are also what listing gives. Without: any, and "test-model" is listed.
    void setModels(const QStringList &models);

    // Name "test", secret TEST_API_KEY, retries of a few milliseconds.
    ConnectionSpec connectionSpec() const;
    QString api() const;    // "openai_chat", ...
    QString secret() const; // another key is refused with 401
    std::vector<SeenChat> chats() const;
    ScriptedHttpServer &http();

private:
    struct State;
    HttpReply answer(const HttpSeen &request);
    WireFormat m_format;
    std::shared_ptr<State> m_state;
    std::unique_ptr<ScriptedHttpServer> m_http;
};

} // namespace lathe::test
