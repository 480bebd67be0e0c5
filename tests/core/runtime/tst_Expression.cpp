// SPDX-License-Identifier: GPL-3.0-or-later
// Expressions: what they can do, what they cannot, and that nothing they do hangs, crashes or is seen by the next.
#include "core/runtime/ExpressionEngine.h"
#include "tests/support/Await.h"

#include <QElapsedTimer>
#include <QTest>

using namespace lathe;

// An evaluation that cannot be stopped keeps its engine until it ends, which looks like a leak at the end of the program.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LATHE_LOOKS_FOR_LEAKS
#endif
#endif

namespace {
const QJsonObject names = json::parseObject(R"({"input": {"text": "Hello", "score": 0.5}, "state": {"notes": ["a", "b"]},
    "variables": {"topic": "tea"}, "values": [3, 1, 2], "item": "x", "index": 4})").valueOr(QJsonObject());

QString outcome(const Result<QJsonValue> &result)
{
    return result ? json::compactString(*result) : errorKindName(result.error().kind) + QStringLiteral(": ") + result.error().message;
}
}

class TestExpression : public QObject
{
    Q_OBJECT
    ExpressionEngine m_engine; // one for all: each row also is "the next expression" of the row before

    Result<QJsonValue> evaluate(const QString &source, const QJsonObject &with = names)
    {
        return test::await(m_engine.evaluate(source, with, CancelToken()));
    }

private Q_SLOTS:
    void values_data()
    {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const char *source, const char *expected) {
            QTest::newRow(name) << QString::fromUtf8(source) << QString::fromUtf8(expected);
        };
        row("number", "1 + 1", "2");
        row("input", "input.score > 0.4", "true");
        row("object", "{a: input.text, b: [1]}", R"({"a":"Hello","b":[1]})");
        row("semicolon", "input.text;", R"("Hello")");
        row("function body", "const n = values.length; return n * 2", "6");
        row("function body over lines", "let sum = 0;\nfor (const v of values)\n  sum += v;\nreturn sum;", "6");
        row("a return inside of a function", "values.map(function (v) { return v + 1 })", "[4,2,3]");
        row("undefined becomes null", "input.nothing", "null");
        row("absent names", "iteration === undefined && inputs === undefined", "true");
        row("not a number becomes null", "0 / 0", "null");
        row("state and item", "state.notes.concat(item, index)", R"(["a","b","x",4])");
        row("variables", "variables.topic", R"("tea")");
        row("comment", "1 // one", "1");
        row("sort", "values.slice().sort((a, b) => a - b).join('-')", R"("1-2-3")");
        row("modern functions", "[[1,[2]],3].flat().length + 'a-b-c'.replaceAll('-', '').length + [5,6].at(-1)", "12");
        row("entries", "Object.fromEntries([['a', 1]])", R"({"a":1})");
        row("padding", "'7'.padStart(3, '0') + '7'.padEnd(2) + '.' + 'ab'.repeat(3)", R"("0077 .ababab")");
        row("regular expressions", "'a1b22'.replace(/[0-9]+/g, m => '<' + m + '>')", R"("a<1>b<22>")");
        row("toJSON is used", "({toJSON() { return 'mine' }})", R"("mine")");
        row("emoji and right-to-left", "'👍' + 'שלום'", R"("👍שלום")");
        row("keys like prototypes", R"(JSON.parse('{"__proto__":1,"toString":2,"constructor":3}'))", R"({"__proto__":1,"constructor":3,"toString":2})");
        row("stringify", "JSON.stringify({b: [1, undefined], a: undefined}, null, 1)", "\"{\\n \\\"b\\\": [\\n  1,\\n  null\\n ]\\n}\"");
    }
    void values()
    {
        QFETCH(QString, source);
        QFETCH(QString, expected);
        QCOMPARE(outcome(evaluate(source)), expected);
    }

    void refusals_data()
    {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const char *source, const char *expected) {
            QTest::newRow(name) << QString::fromUtf8(source) << QString::fromUtf8(expected);
        };
        row("syntax", "1 +* 2", "invalid_input: The expression does not parse in line 1: SyntaxError: Unexpected token `*'");
        row("syntax in line 3", "const a = 1;\nconst b = 2;\nreturn a +* b", "invalid_input: The expression does not parse in line 3: *");
        row("empty", "  ; ", "invalid_input: The expression is empty.");
        row("brackets", "1), (2", "2"); // harmless: still one expression in the sandbox
        row("exception with its line", "const a = input;\n\nreturn a.b.c", "invalid_input: The expression failed in line 3: TypeError: *");
        row("thrown text", "(() => { throw 'boo' })()", "invalid_input: The expression failed: boo");
        row("throwing toJSON", "({toJSON() { throw new Error('no') }})", "invalid_input: The expression gives no JSON in line 1: Error: no");
        row("cycle", "const a = {}; a.a = a; return a", "invalid_input: The expression gives no JSON*holds itself*");
        row("clock", "new Date()", "invalid_input: *Date is not defined*");
        row("clock by construction", "typeof Date", R"("undefined")");
        row("chance", "Math.random()", "invalid_input: *");
        row("console", "console.log(1)", "invalid_input: *console is not defined*");
        row("modules", "import('x')", "invalid_input: *");
        row("require", "require('fs')", "invalid_input: *require is not defined*");
        row("no objects of the program", "typeof Qt + typeof XMLHttpRequest + typeof print + typeof gc", R"("undefinedundefinedundefinedundefined")");
        row("endless loop", "for (;;) ; return 1", "timeout: The expression was stopped after 250 ms. *");
        row("endless loop that catches", "for (;;) { try { for (;;) ; } catch (e) {} finally { for (;;) ; } } return 1", "timeout: *");
        row("endless toJSON", "({toJSON() { for (;;) ; }})", "timeout: *");
        row("endless getter of the result", "({get a() { for (;;) ; }})", "timeout: *");
        row("deep recursion", "(function f() { return f() + 1 })()", "invalid_input: *Maximum call stack size exceeded*");
        row("1 GB of text", "'x'.repeat(1 << 30)", "invalid_input: *too long*");
        row("1 GB of padding", "'x'.padEnd(1 << 30)", "invalid_input: *too long*");
        row("growing text", "let s = 'x'; for (;;) s += s; return 1", "!*");
        row("growing text without a loop", nullptr, "!*"); // source below
        row("growing list", "const a = []; for (;;) a.push({}); return 1", "!*");
        row("huge list", "new Array(1e8).fill(0)", "!*");
        row("huge join", "Array(1e6).fill('y'.repeat(1e6)).join('')", "!*");
        row("huge replace", "'x'.repeat(400000).replace(/x/g, 'y'.repeat(1000000))", "invalid_input: *too long*");
        row("huge replace by parts", "'x'.repeat(400000).replace(/x/g, \"$'\")", "invalid_input: *too long*");
        row("huge concat", "''.concat.apply('', Array(10000).fill('y'.repeat(1e6)))", "!*");
        row("huge buffer", "new ArrayBuffer(4e9)", "invalid_input: *ArrayBuffer is not defined*");
        row("huge split", "'x'.repeat(4e6).split('')", "invalid_input: *too long*");
        row("wide result", "let a = [1]; for (let i = 0; i < 40; ++i) a = [a, a]; return a", "!*");
        row("wide stringify", "let a = [1]; for (let i = 0; i < 40; ++i) a = [a, a]; return JSON.stringify(a)", "!*");
        row("deep result", "let a = []; for (let i = 0; i < 100000; ++i) a = [a]; return a", "invalid_input: *");
        row("deep toString", "let a = []; for (let i = 0; i < 100000; ++i) a = [a]; return '' + a", "invalid_input: *Maximum call stack size exceeded*");
        row("deep brackets", "new RegExp('('.repeat(100000) + ')'.repeat(100000))", "invalid_input: *too long*");
        row("deep brackets by a text", "'x'.match('('.repeat(100000) + ')'.repeat(100000))", "invalid_input: *too long*");
        row("deep brackets by another way", "new (/x/.constructor)('('.repeat(100))", "invalid_input: *too long*");
#ifndef LATHE_LOOKS_FOR_LEAKS
        row("regular expression that never ends", "/.*.*.*.*.*=/.test('x'.repeat(5e5))", "timeout: *"); // cannot be interrupted
#endif
        row("regular expression that explodes", "/(a+)+b/.test('a'.repeat(60))", "false"); // the matcher gives up by itself
        row("endless generator", "[...(function* () { for (;;) yield 1 })()]", "!*");
        row("huge length", "Array.from({length: 1e9})", "!*");
        row("replacer function", "JSON.stringify({a: 1}, (k, v) => v)", "invalid_input: *no function*");
    }
    void refusals()
    {
        QFETCH(QString, source);
        QFETCH(QString, expected);
        if (source.isEmpty()) {
            source = QStringLiteral("let s = 'x'; ");
            for (int i = 0; i < 45; ++i)
                source += QStringLiteral("s += s; ");
            source += QStringLiteral("return s.length");
        }
        QElapsedTimer timer;
        timer.start();
        const QString got = outcome(evaluate(source));
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QStringLiteral("%1 ms").arg(timer.elapsed())));
        // "!": stopped for time or memory, whichever was first
        const auto match = [&](const QString &pattern) {
            return QRegularExpression(QRegularExpression::wildcardToRegularExpression(pattern, QRegularExpression::UnanchoredWildcardConversion)
                                          .replace(QStringLiteral("[^/]*"), QStringLiteral(".*")),
                                      QRegularExpression::DotMatchesEverythingOption).match(got).hasMatch();
        };
        if (expected == QLatin1String("!*"))
            QVERIFY2(got.startsWith(QLatin1String("timeout: ")) || got.contains(QLatin1String("memory"))
                         || got.contains(QLatin1String("too long")), qPrintable(got.left(500)));
        else
            QVERIFY2(got == expected || match(expected), qPrintable(got.left(500)));
        QCOMPARE(outcome(evaluate(QStringLiteral("6 * 7"))), QStringLiteral("42"));
    }

    void nothingIsKept()
    {
        // What one expression tries to leave behind fails or is gone; the next one sees a fresh world.
        for (const char *source : {"Array.prototype.map = function () { return 'evil' }", "Object.prototype.leak = 1",
                                   "(function () { return this }).constructor('leak = 1')()", "leak = 1",
                                   "Function('return this')().leak = 1", "Function('return this')().JSON = null",
                                   "input.text = 'changed'", "JSON.stringify = () => 'evil'",
                                   "delete Function('return this')().JSON.parse", "(function* () {}).constructor.prototype.leak = 1",
                                   "Object.getPrototypeOf([][Symbol.iterator]()).next = () => ({done: true})",
                                   "Object.defineProperty(Object.prototype, 'toJSON', {value() { return 'evil' }})"})
            Q_UNUSED(evaluate(QString::fromUtf8(source)));
        QCOMPARE(outcome(evaluate(QStringLiteral("[typeof leak, ({}).leak === undefined, [1].map(x => x + 1), input.text, [...[1]], {a: 1}]"))),
                 QStringLiteral(R"(["undefined",true,[2],"Hello",[1],{"a":1}])"));
    }

    void bigButFine()
    {
        QJsonArray list;
        for (int i = 0; i < 20'000; ++i)
            list.append(QJsonObject{{QStringLiteral("id"), i}, {QStringLiteral("text"), QStringLiteral("message %1").arg(i)}});
        const auto result = evaluate(QStringLiteral("input.filter(m => m.id % 2).map(m => m.text)"), QJsonObject{{QStringLiteral("input"), list}});
        QVERIFY2(result.ok(), result ? "" : qPrintable(result.error().message));
        QCOMPARE(result->toArray().size(), 10'000);
        const QString longText(100'000, QLatin1Char('x'));
        QCOMPARE(outcome(evaluate(QStringLiteral("input.length + input.split('').length"), QJsonObject{{QStringLiteral("input"), longText}})),
                 QStringLiteral("200000"));
        QCOMPARE(evaluate(QString(70'000, QLatin1Char('1'))).error().kind, ErrorKind::InvalidInput);
    }

    void memoryIsGivenBack()
    {
        const auto peak = [] {
            QFile file(QStringLiteral("/proc/self/status"));
            if (!file.open(QIODevice::ReadOnly))
                return qint64(0);
            for (const QByteArray &line : file.readAll().split('\n')) {
                if (line.startsWith("VmRSS:"))
                    return line.simplified().split(' ').at(1).toLongLong() / 1024;
            }
            return qint64(0);
        };
        const qint64 before = peak();
        for (int i = 0; i < 5; ++i)
            QVERIFY(!evaluate(QStringLiteral("let s = 'x'; for (;;) s += s; return s")));
        QVERIFY2(peak() - before < 150, qPrintable(QStringLiteral("%1 -> %2 MB").arg(before).arg(peak())));
    }

    void cancelled()
    {
        CancelSource source;
        auto task = m_engine.evaluate(QStringLiteral("for (;;) ; return 1"), names, source.token());
        QVERIFY(!task.isReady());
        QElapsedTimer timer;
        timer.start();
        source.cancel();
        QCOMPARE(outcome(test::await(std::move(task))), QStringLiteral("cancelled: Stopped."));
        QVERIFY(timer.elapsed() < 120'000);
        QCOMPARE(outcome(evaluate(QStringLiteral("1"))), QStringLiteral("1"));
        CancelSource over;
        over.cancel();
        QCOMPARE(test::await(m_engine.evaluate(QStringLiteral("1"), names, over.token())).error().kind, ErrorKind::Cancelled);
    }

    void manyAtOnceKeepTheirResults()
    {
        std::vector<Task<Result<QJsonValue>>> tasks;
        for (int i = 0; i < 200; ++i)
            tasks.push_back(m_engine.evaluate(QStringLiteral("index * 2"), QJsonObject{{QStringLiteral("index"), i}}, CancelToken()));
        const auto results = test::await(whenAll(std::move(tasks)));
        for (int i = 0; i < 200; ++i)
            QCOMPARE(results[size_t(i)]->toInt(), i * 2);
    }

    void whatWaitsBehindAnEndlessOneIsDone()
    {
#ifdef LATHE_LOOKS_FOR_LEAKS
        QSKIP("it leaves a thread behind");
#endif
        std::vector<Task<Result<QJsonValue>>> tasks;
        tasks.push_back(m_engine.evaluate(QStringLiteral("/.*.*.*.*.*=/.test('x'.repeat(5e5))"), names, CancelToken()));
        for (int i = 0; i < 3; ++i)
            tasks.push_back(m_engine.evaluate(QStringLiteral("index"), QJsonObject{{QStringLiteral("index"), i}}, CancelToken()));
        const auto results = test::await(whenAll(std::move(tasks)));
        QCOMPARE(results[0].error().kind, ErrorKind::Timeout);
        for (int i = 0; i < 3; ++i)
            QCOMPARE(results[size_t(i) + 1]->toInt(-1), i);
    }

    void destroyedWhileItRuns()
    {
        auto engine = std::make_unique<ExpressionEngine>();
        CancelSource source;
        auto task = engine->evaluate(QStringLiteral("for (;;) ; return 1"), names, source.token());
        QTest::qWait(30);
        source.cancel(); // the promise: tasks end before the engine does
        QVERIFY(!test::await(std::move(task)));
        QElapsedTimer timer;
        timer.start();
        engine.reset();
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
    }
};

QTEST_GUILESS_MAIN(TestExpression)
#include "tst_Expression.moc"
