// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/ProviderCodec.h"
#include "tests/core/llm/CodecTesting.h"
#include "tests/support/ProviderServers.h"

#include <QRandomGenerator>

using namespace lathe;
using namespace lathe::test;

namespace {
// A copy of `value` with one node, chosen at random, replaced by something of another type, left out or nested.
QJsonValue mutated(const QJsonValue &value, QRandomGenerator &random)
{
    const bool here = !(value.isObject() || value.isArray()) || random.bounded(6) == 0;
    if (here) {
        switch (random.bounded(10)) {
        case 0:
            return QJsonValue::Null;
        case 1:
            return -1;
        case 2:
            return 1e300;
        case 3:
            return QString();
        case 4:
            return QJsonArray();
        case 5:
            return QJsonObject();
        case 6:
            return true;
        case 7:
            return QJsonArray{value, value};
        case 8:
            return QJsonObject{{QStringLiteral("type"), value}};
        default:
            return 2147483647;
        }
    }
    if (value.isArray()) {
        QJsonArray array = value.toArray();
        if (array.isEmpty())
            return QJsonArray{5};
        const int at = random.bounded(int(array.size()));
        array[at] = mutated(array[at], random);
        return array;
    }
    QJsonObject object = value.toObject();
    if (object.isEmpty())
        return QJsonObject{{QStringLiteral("index"), -5}};
    const QString key = object.keys().at(random.bounded(int(object.size())));
    if (random.bounded(8) == 0)
        object.remove(key);
    else
        object[key] = mutated(object[key], random);
    return object;
}

QByteArray mutatedEvent(const QByteArray &event, QRandomGenerator &random)
{
    const qsizetype begin = event.indexOf("data: ") + 6;
    const auto data = json::parse(event.mid(begin).trimmed());
    if (!data)
        return event;
    return event.left(begin) + json::compact(mutated(*data, random)) + "\n\n";
}
} // namespace

// Whatever a server sends, reading it ends with an answer or a sentence, and allocates no more than came.
class TestHostileAnswers : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void mutations_data()
    {
        QTest::addColumn<int>("format");
        QTest::addColumn<QString>("api");
        QTest::newRow("openai_chat")
            << int(WireFormat::OpenAiChat) << QStringLiteral("openai_chat");
        QTest::newRow("openai_responses")
            << int(WireFormat::OpenAiResponses) << QStringLiteral("openai_responses");
        QTest::newRow("anthropic") << int(WireFormat::Anthropic) << QStringLiteral("anthropic");
        QTest::newRow("gemini") << int(WireFormat::Gemini) << QStringLiteral("gemini");
    }
    void mutations()
    {
        QFETCH(int, format);
        QFETCH(QString, api);
        const auto codec = makeProviderCodec(api);
        const auto wire = WireFormat(format);
        const ScriptedAnswer answer =
            ScriptedAnswer::call(QStringLiteral("f"), QStringLiteral("{\"city\":\"Oslo\"}"))
                .thinking(QStringLiteral("a b"))
                .andCall(QStringLiteral("g"), QStringLiteral("{}"));
        ScriptedAnswer full = answer;
        full.text = ScriptedAnswer::say(QStringLiteral("one two")).text;
        const QList<QByteArray> events = wireEvents(wire, full, QStringLiteral("m"));
        const auto body = json::parse(wireBody(wire, full, QStringLiteral("m")));
        QRandomGenerator random(20261122);
        int answers = 0, failures = 0;
        const auto judge = [&](const Decoded &decoded) {
            QVERIFY(decoded.response || decoded.error);
            if (decoded.response) {
                ++answers;
                QVERIFY(decoded.response->message.parts.size() < 40);
                for (const MessagePart &call : decoded.response->message.toolCalls())
                    QVERIFY(!call.id.isEmpty());
                QVERIFY(ChatResponse::fromJson(decoded.response->toJson()).ok());
            } else {
                ++failures;
                QVERIFY2(decoded.error->message.size() < 700, qPrintable(decoded.error->message));
            }
        };
        for (int i = 0; i < 3000; ++i) {
            QList<QByteArray> changed = events;
            for (int n = random.bounded(1, 4); n > 0; --n) {
                const int at = random.bounded(int(changed.size()));
                switch (random.bounded(5)) {
                case 0:
                    changed.removeAt(at);
                    break;
                case 1:
                    changed.insert(at, changed[random.bounded(int(changed.size()))]);
                    break;
                default:
                    changed[at] = mutatedEvent(changed[at], random);
                    break;
                }
            }
            judge(decodeStream(*codec, plainRequest(), changed));
            judge(decodeBody(*codec, plainRequest(), json::compact(mutated(*body, random))));
        }
        QVERIFY2(answers > 300 && failures > 300,
                 qPrintable(QStringLiteral("%1 %2").arg(answers).arg(failures)));
    }
    // A conversation with odd parts can always be sent.
    void oddConversations()
    {
        ChatRequest request =
            fullRequest(QStringLiteral("gemini-3-pro"), QStringLiteral("{not json"));
        request.tools[0].schema = QJsonObject();
        request.messages.insert(request.messages.begin(),
                                Message(Role::Tool, QStringLiteral("stray")));
        request.messages.emplace_back();
        request.messages.back().role = Role::Assistant;
        Message lone;
        lone.role = Role::Tool;
        lone.parts = {MessagePart::toolResult(QString(), QString(), QString(QChar(0xd800)), true)};
        request.messages.push_back(lone);
        for (const char *api : {"openai_chat", "openai_responses", "anthropic", "gemini"}) {
            const auto http =
                makeProviderCodec(QLatin1String(api))
                    ->encode(request, connection(QLatin1String(api)), QStringLiteral("k"));
            QVERIFY2(json::parseObject(http.body).ok(), api);
            ChatRequest empty;
            QVERIFY2(
                json::parseObject(makeProviderCodec(QLatin1String(api))
                                      ->encode(empty, connection(QLatin1String(api)), QString())
                                      .body)
                    .ok(),
                api);
        }
    }
};

QTEST_GUILESS_MAIN(TestHostileAnswers)
#include "tst_HostileAnswers.moc"
