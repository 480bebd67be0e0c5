// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/HttpChatModel.h"
#include "tests/core/http/HttpTesting.h"
#include "tests/core/llm/CodecTesting.h"
#include "tests/support/FakeClock.h"
#include "tests/support/ProviderServers.h"

Q_DECLARE_METATYPE(lathe::test::WireFormat)

// What the tests of the HTTP chat model share.
namespace lathe::test {

inline const QString modelName = QStringLiteral("test-model");

// A provider, a client and what the sinks saw.
struct Bench {
    ProviderServer server;
    HttpClient http;
    SystemClock systemClock;
    FakeClock fakeClock;
    ConnectionSpec spec;
    QString text; // deltas since the last restart
    QString reasoning;
    QStringList calls;
    int deltas = 0;
    int restarts = 0;
    std::vector<ChatNotice> notices;

    explicit Bench(WireFormat format) : server(format), spec(server.connectionSpec())
    {
        fakeClock.autoAdvance = true;
    }

    std::shared_ptr<ChatModel> model(bool withFakeClock = false)
    {
        auto made = makeChatModel(spec, server.secret(), &http,
                                  withFakeClock ? static_cast<Clock *>(&fakeClock) : &systemClock);
        return made.ok() ? *made : nullptr;
    }
    ChatSinks sinks()
    {
        ChatSinks out;
        out.delta = [this](const ChatDelta &delta) {
            ++deltas;
            if (delta.channel == DeltaChannel::Text)
                text += delta.text;
            else if (delta.channel == DeltaChannel::Reasoning)
                reasoning += delta.text;
            else if (!delta.callName.isEmpty())
                calls.append(delta.callName);
        };
        out.notice = [this](const ChatNotice &notice) { notices.push_back(notice); };
        out.restart = [this] {
            ++restarts;
            text.clear();
            reasoning.clear();
            calls.clear();
        };
        return out;
    }
    Result<ChatResponse> chat(const ChatRequest &request, CancelToken cancel = CancelToken(),
                              bool withFakeClock = false)
    {
        auto chatModel = model(withFakeClock);
        return await(chatModel->chat(request, sinks(), cancel));
    }
};

inline void formats()
{
    QTest::addColumn<WireFormat>("format");
    QTest::newRow("openai_chat") << WireFormat::OpenAiChat;
    QTest::newRow("openai_responses") << WireFormat::OpenAiResponses;
    QTest::newRow("anthropic") << WireFormat::Anthropic;
    QTest::newRow("gemini") << WireFormat::Gemini;
}

inline ChatRequest request(bool stream = true)
{
    ChatRequest out = plainRequest(modelName);
    out.stream = stream;
    return out;
}

} // namespace lathe::test
