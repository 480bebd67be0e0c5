// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/JsonRpc.h"

#include "core/base/Json.h"

#include <QTest>

#include <random>

using namespace lathe;

namespace {
QByteArrayList lines(const std::vector<QByteArray> &found)
{
    return {found.begin(), found.end()};
}

QByteArray nested(int depth)
{
    return "{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":{\"a\":" + QByteArray(depth, '[') + QByteArray(depth, ']') + "}}";
}
}

class TestJsonRpc : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void lines_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArrayList>("expected");
        QTest::addColumn<QByteArray>("rest");
        QTest::newRow("nothing") << QByteArray() << QByteArrayList() << QByteArray();
        QTest::newRow("one") << QByteArray("{}\n") << QByteArrayList{"{}"} << QByteArray();
        QTest::newRow("CRLF") << QByteArray("a\r\nb\r\n") << QByteArrayList{"a", "b"} << QByteArray();
        QTest::newRow("blank") << QByteArray("\n \n\r\na\n\t\n") << QByteArrayList{"a"} << QByteArray();
        QTest::newRow("rest") << QByteArray("a\nbc") << QByteArrayList{"a"} << QByteArray("bc");
        QTest::newRow("longest") << QByteArray("0123456789\n") << QByteArrayList{"0123456789"} << QByteArray();
    }
    // Wherever the pieces are cut, the lines are the same.
    void lines()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArrayList, expected);
        QFETCH(QByteArray, rest);
        for (qsizetype cut = 1; cut <= std::max<qsizetype>(text.size(), 1); ++cut) {
            JsonRpcFramer framer(10);
            std::vector<QByteArray> found;
            for (qsizetype at = 0; at < text.size(); at += cut)
                QVERIFY(framer.feed(QByteArrayView(text).sliced(at, std::min(cut, text.size() - at)), found));
            QCOMPARE(::lines(found), expected);
            QCOMPARE(framer.takeRest(), rest);
        }
    }

    void aLineTooLong()
    {
        for (const int cut : {1, 3, 100}) {
            JsonRpcFramer framer(10);
            std::vector<QByteArray> found;
            const QByteArray text = "ok\n01234567890\nnever\n";
            bool failed = false;
            for (qsizetype at = 0; at < text.size(); at += cut)
                failed |= !framer.feed(QByteArrayView(text).sliced(at, std::min<qsizetype>(cut, text.size() - at)), found).ok();
            QVERIFY(failed);
            QCOMPARE(::lines(found), QByteArrayList{"ok"});
            QVERIFY(!framer.feed("x\n", found)); // and from then on
        }
    }

    void messages_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("expected"); // kind, id, method; or a word of the error
        const auto row = [](const char *name, const QByteArray &text, const QString &expected) { QTest::newRow(name) << text << expected; };
        const auto with = [](const QByteArray &rest) { return "{\"jsonrpc\":\"2.0\"," + rest + "}"; };
        row("request", with("\"id\":7,\"method\":\"ping\""), "request 7 ping");
        row("request with a text id", with("\"id\":\"7\",\"method\":\"ping\",\"params\":{}"), "request \"7\" ping");
        row("notification", with("\"method\":\"n\""), "notification null n");
        row("answer", with("\"id\":1,\"result\":{\"a\":1}"), "answer 1 {\"a\":1}");
        row("error", with("\"id\":1,\"error\":{\"code\":-32601,\"message\":\"no\"}"), "error 1 -32601 no");
        row("error of nobody", with("\"id\":null,\"error\":{\"code\":-32700,\"message\":\"\"}"), "error null -32700 ");
        row("error without an id", with("\"error\":{\"code\":1}"), "error null 1 ");
        row("space around", "  {\"jsonrpc\":\"2.0\",\"method\":\"n\"} ", "notification null n");
        row("batch", "[{\"jsonrpc\":\"2.0\",\"method\":\"n\"}]", "!batch");
        row("no JSON", "Server is running", "!no JSON object");
        row("cut", "{\"jsonrpc\":\"2.0\",", "!Not valid JSON");
        row("another version", "{\"jsonrpc\":\"1.0\",\"method\":\"n\"}", "!jsonrpc");
        row("no version", "{\"level\":30,\"msg\":\"hello\"}", "!jsonrpc");
        row("neither", with("\"id\":1"), "!no \"method\"");
        row("both", with("\"id\":1,\"result\":{},\"error\":{\"code\":1}"), "!\"result\" and an \"error\"");
        row("id of another kind", with("\"id\":{},\"result\":{}"), "!\"id\"");
        row("answer to nobody", with("\"id\":null,\"result\":{}"), "!\"id\"");
        row("request with id null", with("\"id\":null,\"method\":\"n\""), "!\"id\"");
        row("result no object", with("\"id\":1,\"result\":[1]"), "!\"result\"");
        row("params no object", with("\"method\":\"n\",\"params\":[1]"), "!\"params\"");
        row("method no text", with("\"method\":1"), "!\"method\"");
        row("error no object", with("\"id\":1,\"error\":\"bad\""), "!\"error\"");
        row("error without a code", with("\"id\":1,\"error\":{\"message\":\"x\"}"), "!code");
        row("deep", nested(126), "notification null x");
        row("too deep", nested(127), "!deeper");
        row("much too deep", nested(1'000'000), "!deeper");
        row("too many values", with("\"method\":\"n\",\"params\":{\"a\":[" + QByteArray("0,").repeated(2'000'001) + "0]}"), "!values");
        row("brackets in a text count nothing", with("\"method\":\"n\",\"params\":{\"a\":\"" + QByteArray(500, '[') + "\\\"" + QByteArray(500, '{') + "\"}"),
            "notification null n");
    }
    void messages()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, expected);
        const auto message = JsonRpcMessage::parse(text);
        if (expected.startsWith(u'!')) {
            QVERIFY(!message);
            QCOMPARE(message.error().kind, ErrorKind::Protocol);
            QVERIFY2(message.error().message.contains(expected.mid(1)), qPrintable(message.error().message));
            return;
        }
        QVERIFY2(message, message ? "" : qPrintable(message.error().message));
        const QString id = QString::fromUtf8(jsonRpcIdKey(message->id));
        QString shown;
        if (message->kind == JsonRpcMessage::Kind::Request)
            shown = "request " + id + ' ' + message->method;
        else if (message->kind == JsonRpcMessage::Kind::Notification)
            shown = "notification " + id + ' ' + message->method;
        else if (message->error)
            shown = "error " + id + ' ' + QString::number(message->error->code) + ' ' + message->error->message;
        else
            shown = "answer " + id + ' ' + json::compactString(message->result);
        QCOMPARE(shown, expected);
        // What is written is read as the same.
        const auto again = JsonRpcMessage::parse(message->toText());
        QVERIFY(again);
        QCOMPARE(*again, *message);
        QVERIFY(!message->toText().contains('\n'));
    }

    void sizes()
    {
        const QByteArray text = "{\"jsonrpc\":\"2.0\",\"method\":\"n\"}";
        QVERIFY(JsonRpcMessage::parse(text, text.size()));
        QVERIFY(!JsonRpcMessage::parse(text, text.size() - 1));
    }

    void idOfBroken()
    {
        const auto key = [](const QByteArray &text) { return jsonRpcIdKey(JsonRpcMessage::idOfBroken(text)); };
        QCOMPARE(key("{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":3}"), QByteArray("5"));
        QCOMPARE(key("{\"id\":\"5\"}"), QByteArray("\"5\""));
        QVERIFY(JsonRpcMessage::idOfBroken("{\"id\":5,\"method\":\"m\"}").isUndefined());
        QVERIFY(JsonRpcMessage::idOfBroken("{\"id\":5").isUndefined());
        QVERIFY(JsonRpcMessage::idOfBroken("[5]").isUndefined());
    }

    // Broken by chance, a message is read or refused, never more.
    void anyBytes()
    {
        std::mt19937 random(7);
        const QByteArray good = "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"tools/call\",\"params\":{\"a\":[1,2,{\"b\":\"\\u00e4\"}],\"c\":null}}";
        int accepted = 0;
        for (int i = 0; i < 20'000; ++i) {
            QByteArray text = good;
            for (int n = int(random() % 4); n >= 0; --n)
                text[qsizetype(random() % size_t(text.size()))] = char(random());
            const auto message = JsonRpcMessage::parse(text);
            if (!message)
                continue;
            ++accepted;
            const auto again = JsonRpcMessage::parse(message->toText());
            QVERIFY(again);
            QCOMPARE(*again, *message);
        }
        QVERIFY(accepted > 0);
    }
};

QTEST_GUILESS_MAIN(TestJsonRpc)
#include "tst_JsonRpc.moc"
