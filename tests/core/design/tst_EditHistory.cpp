// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/EditHistory.h"
#include "tests/support/JsonText.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
const QJsonValue absent(QJsonValue::Undefined);

QJsonValue value(const char *text)
{
    return qstrlen(text) ? jsonValue(text) : absent;
}

Edit edit(const char *pointer, const QJsonValue &before, const QJsonValue &after, qint64 timeUs = 0)
{
    return {QString::fromLatin1(pointer), before, after,
            QStringLiteral("Change ") + QString::fromLatin1(pointer), timeUs};
}
} // namespace

class TestEditHistory : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void editsHaveInverses_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QByteArray>("after");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char *name, const char *body, const char *pointer,
                            const char *after, const char *expected) {
            QTest::newRow(name) << QByteArray(body) << QString::fromLatin1(pointer)
                                << QByteArray(after) << QByteArray(expected);
        };
        row("replace", R"({"a":1})", "/a", "2", R"({"a":2})");
        row("add", R"({"a":1})", "/b", "2", R"({"a":1,"b":2})");
        row("remove", R"({"a":1,"b":2})", "/b", "", R"({"a":1})");
        row("to null", R"({"a":1})", "/a", "null", R"({"a":null})");
        row("deep", R"({"a":{"b":{"c":1}}})", "/a/b/c", "[1]", R"({"a":{"b":{"c":[1]}}})");
        row("makes parents", R"({"a":1})", "/x/y/z", "2", R"({"a":1,"x":{"y":{"z":2}}})");
        row("through a text", R"({"a":"text"})", "/a/b", "2", R"({"a":{"b":2}})");
        row("escaped keys", R"({"a/b":{"~":1}})", "/a~1b/~0", "2", R"({"a/b":{"~":2}})");
        row("escaped keys made", R"({})", "/a~1b/c~0d", "2", R"({"a/b":{"c~d":2}})");
        row("item", R"({"a":[1,2,3]})", "/a/1", "9", R"({"a":[1,9,3]})");
        row("item removed", R"({"a":[1,2,3]})", "/a/1", "", R"({"a":[1,3]})");
        row("first removed", R"({"a":[1]})", "/a/0", "", R"({"a":[]})");
        row("appended", R"({"a":[1]})", "/a/-", "9", R"({"a":[1,9]})");
        row("appended by number", R"({"a":[1]})", "/a/1", "9", R"({"a":[1,9]})");
        row("inside an item", R"({"a":[{"b":1}]})", "/a/0/b", "9", R"({"a":[{"b":9}]})");
        row("whole body", R"({"a":1})", "", R"({"b":2})", R"({"b":2})");
        row("remove what is not", R"({"a":1})", "/x/y", "", R"({"a":1})");
        row("no such item", R"({"a":[1]})", "/a/7", "9", R"({"a":[1]})");
        row("no item at all", R"({"a":[1]})", "/a/x", "9", R"({"a":[1]})");
        row("body must be an object", R"({"a":1})", "", "3", R"({"a":1})");
        row("no pointer", R"({"a":1})", "a", "3", R"({"a":1})");
    }
    void editsHaveInverses()
    {
        QFETCH(QByteArray, body);
        QFETCH(QString, pointer);
        QFETCH(QByteArray, after);
        QFETCH(QByteArray, expected);
        const QJsonObject start = object(body.constData());
        const Edit made =
            Edit::of(start, pointer, value(after.constData()), QStringLiteral("x"), 1);
        const QJsonObject changed = made.applied(start);
        QCOMPARE(json::compact(changed), json::compact(object(expected.constData())));
        QCOMPARE(json::compact(made.undone(changed)), json::compact(start));
    }

    void insertsWhereTheIndexSays()
    {
        const QJsonObject start = object(R"({"a":[1,3]})");
        const Edit insert = edit("/a/1", absent, 2);
        QCOMPARE(insert.applied(start), object(R"({"a":[1,2,3]})"));
        QCOMPARE(insert.undone(insert.applied(start)), start);
        const Edit append = edit("/a/-", absent, 2);
        QCOMPARE(append.undone(append.applied(start)), start);
    }

    void undoAndRedo()
    {
        EditHistory history;
        QJsonObject body = object(R"({"a":1})");
        QVERIFY(!history.canUndo() && !history.canRedo());
        QVERIFY(!history.undo(body) && !history.redo(body));
        QCOMPARE(history.undoText(), QString());
        history.push(edit("/a", 1, 2));
        body = object(R"({"a":2})");
        history.push(edit("/b", absent, 5));
        body = object(R"({"a":2,"b":5})");
        QCOMPARE(history.undoText(), QStringLiteral("Change /b"));
        body = *history.undo(body);
        QCOMPARE(body, object(R"({"a":2})"));
        QCOMPARE(history.undoText(), QStringLiteral("Change /a"));
        QCOMPARE(history.redoText(), QStringLiteral("Change /b"));
        body = *history.undo(body);
        QCOMPARE(body, object(R"({"a":1})"));
        QVERIFY(!history.canUndo());
        body = *history.redo(body);
        QCOMPARE(body, object(R"({"a":2})"));
        history.push(edit("/c", absent, 1)); // drops the redo
        QVERIFY(!history.canRedo());
        QCOMPARE(history.size(), 2);
        QCOMPARE(history.position(), 2);
    }

    void typingMakesOneEntry_data()
    {
        QTest::addColumn<QByteArray>("first"); // pointer before after time
        QTest::addColumn<QByteArray>("second");
        QTest::addColumn<int>("entries");
        const auto row = [](const char *name, const char *first, const char *second, int entries) {
            QTest::newRow(name) << QByteArray(first) << QByteArray(second) << entries;
        };
        row("typing", R"(["/job","a","ab",0])", R"(["/job","ab","abc",500000])", 1);
        row("at two seconds", R"(["/job","a","ab",0])", R"(["/job","ab","abc",2000000])", 1);
        row("later", R"(["/job","a","ab",0])", R"(["/job","ab","abc",2000001])", 2);
        row("earlier", R"(["/job","a","ab",5])", R"(["/job","ab","abc",4])", 2);
        row("another field", R"(["/job","a","ab",0])", R"(["/prompt","ab","abc",5])", 2);
        row("numbers", R"(["/n",1,2,0])", R"(["/n",2,3,5])", 2);
        row("from null", R"(["/job",null,"a",0])", R"(["/job","a","ab",5])", 2);
        row("not a continuation", R"(["/job","a","ab",0])", R"(["/job","x","xy",5])", 2);
        row("typed and taken back", R"(["/job","a","ab",0])", R"(["/job","ab","a",5])", 0);
        row("nothing changed", R"(["/job","a","ab",0])", R"(["/job","ab","ab",5])", 1);
    }
    void typingMakesOneEntry()
    {
        QFETCH(QByteArray, first);
        QFETCH(QByteArray, second);
        QFETCH(int, entries);
        EditHistory history;
        for (const QByteArray &text : {first, second}) {
            const QJsonArray parts = json::parse(text)->toArray();
            history.push({parts[0].toString(), parts[1], parts[2], QStringLiteral("x"),
                          parts[3].toInteger()});
        }
        QCOMPARE(history.size(), entries);
        QCOMPARE(history.position(), entries);
    }

    void typingIsUndoneAtOnce()
    {
        EditHistory history;
        QJsonObject body = object(R"({"job":""})");
        QString text;
        for (int i = 0; i < 100; ++i) {
            const QString next = text + QLatin1Char('x');
            const Edit typed = Edit::of(body, QStringLiteral("/job"), next,
                                        QStringLiteral("Change job"), i * 1'900'000);
            history.push(typed);
            body = typed.applied(body);
            text = next;
        }
        QCOMPARE(history.size(), 1);
        body = *history.undo(body);
        QCOMPARE(body, object(R"({"job":""})"));
        QCOMPARE(history.redo(body)->value(QStringLiteral("job")).toString().size(), 100);
    }

    void aCommitEndsMerging()
    {
        EditHistory history;
        QVERIFY(!history.endMerging()); // nothing to end
        history.push(edit("/job", QStringLiteral("a"), QStringLiteral("ab"), 0));
        QVERIFY(history.endMerging());
        QVERIFY(!history.endMerging()); // said already
        // The stored history knows it too.
        for (const bool stored : {false, true}) {
            EditHistory after = stored ? EditHistory::fromJson(history.toJson(), history.position()) : history;
            after.push(edit("/job", QStringLiteral("ab"), QStringLiteral("abc"), 1));
            QCOMPARE(after.size(), 2);
            after.push(edit("/job", QStringLiteral("abc"), QStringLiteral("abcd"), 2)); // typing goes on as ever
            QCOMPARE(after.size(), 2);
            const auto back = after.undo(object(R"({"job":"abcd"})"));
            QCOMPARE(*back, object(R"({"job":"ab"})"));
            QVERIFY(!after.endMerging()); // what comes after an undo stands for itself anyway
            QCOMPARE(*after.undo(*back), object(R"({"job":"a"})"));
        }
    }

    void typingAfterAnUndoIsItsOwnEntry()
    {
        EditHistory history;
        history.push(edit("/job", QStringLiteral("a"), QStringLiteral("ab"), 0));
        history.push(edit("/n", 1, 2, 1));
        history.undo({});
        history.push(edit("/job", QStringLiteral("ab"), QStringLiteral("abc"), 2));
        QCOMPARE(history.size(), 2);
    }

    void keepsTheNewestFiveHundred()
    {
        EditHistory history;
        QJsonObject body = object(R"({"n":0})");
        for (int i = 1; i <= 700; ++i) {
            history.push(edit("/n", i - 1, i));
            body.insert(QStringLiteral("n"), i);
        }
        QCOMPARE(history.size(), EditHistory::maxEdits);
        while (history.canUndo())
            body = *history.undo(body);
        QCOMPARE(body, object(R"({"n":200})"));
    }

    void randomEditsGoBackAndForth()
    {
        QRandomGenerator random(3);
        const auto pick = [&random](int count) { return int(random.bounded(quint32(count))); };
        for (int round = 0; round < 20; ++round) {
            const QJsonObject start = object(
                R"({"job":"x","model":{"connection":"a","model":"b"},"tools":[{"tool":"sql"},{"tool":"http"}],"limits":{"steps":24}})");
            const QStringList pointers{QStringLiteral("/job"),
                                       QStringLiteral("/model/model"),
                                       QStringLiteral("/model"),
                                       QStringLiteral("/tools/0"),
                                       QStringLiteral("/tools/1/tool"),
                                       QStringLiteral("/tools/-"),
                                       QStringLiteral("/limits/steps"),
                                       QStringLiteral("/deep/er/key"),
                                       QStringLiteral("/deep"),
                                       QStringLiteral("/job/below"),
                                       QStringLiteral("/tools"),
                                       QStringLiteral("/tools/2/x/y"),
                                       QString()};
            const std::vector<QJsonValue> values{1,
                                                 QStringLiteral("text"),
                                                 QStringLiteral("longer text"),
                                                 QJsonValue(),
                                                 absent,
                                                 absent,
                                                 true,
                                                 QJsonArray{1, 2},
                                                 QJsonObject{{QStringLiteral("k"), 1}},
                                                 QJsonArray(),
                                                 QJsonObject()};
            EditHistory history;
            QJsonObject body = start;
            std::vector<QJsonObject> states{body};
            for (int i = 0; i < 200; ++i) {
                const Edit made = Edit::of(body, pointers[pick(int(pointers.size()))],
                                           values[size_t(pick(int(values.size())))],
                                           QStringLiteral("e"), i * 700'000ll * pick(5));
                history.push(made);
                body = made.applied(body);
            }
            const QJsonObject end = body;
            // A stored history goes on as if nothing had happened.
            const QJsonArray stored = json::parse(json::compact(history.toJson()))->toArray();
            history = EditHistory::fromJson(stored, history.position());
            while (history.canUndo())
                body = *history.undo(body);
            QCOMPARE(json::compact(body), json::compact(start));
            while (history.canRedo())
                body = *history.redo(body);
            QCOMPARE(json::compact(body), json::compact(end));
            for (int i = 0; i < 100; ++i) { // to and fro
                if (pick(2) ? history.canUndo() : !history.canRedo())
                    body = history.canUndo() ? *history.undo(body) : body;
                else
                    body = *history.redo(body);
            }
            while (history.canRedo())
                body = *history.redo(body);
            QCOMPARE(json::compact(body), json::compact(end));
        }
    }

    void jsonKeepsAbsentAndNullApart()
    {
        EditHistory history;
        history.push(edit("/a", absent, QJsonValue(), 7));
        history.push(edit("/a", QJsonValue(), absent, 8));
        history.undo({});
        const QJsonArray stored = history.toJson();
        QVERIFY(!stored[0].toObject().contains(QStringLiteral("before")));
        QVERIFY(stored[0].toObject().value(QStringLiteral("after")).isNull());
        EditHistory back = EditHistory::fromJson(stored, history.position());
        QCOMPARE(back.toJson(), stored);
        QCOMPARE(back.position(), 1);
        QCOMPARE(*back.redo(object(R"({"a":null})")), QJsonObject());
    }

    void oneGestureIsUndoneAndRedoneAsOne()
    {
        QJsonObject body = object(R"({"nodes":{"n1":{},"n2":{}},"edges":{"e1":{}}})");
        const QJsonObject start = body;
        EditHistory history;
        const auto gesture = [&](const BodyChanges &changes) {
            bool joined = false;
            for (const BodyChange &change : changes) {
                Edit next = Edit::of(body, change.pointer, change.after, QStringLiteral("Gesture"), 1);
                next.joined = joined;
                joined = true;
                body = next.applied(body);
                history.push(next);
            }
        };
        gesture({{QStringLiteral("/nodes/n3"), QJsonObject()}});
        const QJsonObject middle = body;
        gesture({{QStringLiteral("/nodes/n1")}, {QStringLiteral("/edges/e1")}, {QStringLiteral("/nodes/n2/x"), 1}});
        const QJsonObject end = body;
        EditHistory stored = EditHistory::fromJson(history.toJson(), history.position());
        QCOMPARE(stored.undoText(), QStringLiteral("Gesture"));
        body = *stored.undo(body);
        QCOMPARE(body, middle);
        QCOMPARE(stored.redoText(), QStringLiteral("Gesture"));
        body = *stored.undo(body);
        QCOMPARE(body, start);
        QVERIFY(!stored.canUndo());
        body = *stored.redo(body);
        QCOMPARE(body, middle);
        body = *stored.redo(body);
        QCOMPARE(body, end);
        QVERIFY(!stored.canRedo());
    }

    void longHistoriesForgetWholeGestures()
    {
        EditHistory history;
        for (int i = 0; i < EditHistory::maxEdits + 4; ++i) {
            Edit next = edit("/a", i, i + 1, i);
            next.joined = i % 3 != 0;
            history.push(next);
        }
        QJsonObject body{{QStringLiteral("a"), EditHistory::maxEdits + 4}};
        while (history.canUndo())
            body = *history.undo(body);
        QCOMPARE(body.value(QLatin1String("a")).toInt() % 3, 0);
        QVERIFY(history.size() <= EditHistory::maxEdits);
    }

    void manyChangesUnderOneParentAreGathered()
    {
        QJsonObject body = object(R"({"layout":{"nodes":{"old":{"x":1}}},"nodes":{}})");
        BodyChanges changes{{QStringLiteral("/nodes/n1"), QJsonObject{{QStringLiteral("kind"), QStringLiteral("agent")}}}};
        for (int i = 0; i < 100; ++i)
            changes.push_back({QStringLiteral("/layout/nodes/n%1").arg(i), QJsonObject{{QStringLiteral("x"), i}}});
        changes.push_back({QStringLiteral("/layout/nodes/old")});
        QJsonObject one = body;
        for (const BodyChange &change : changes)
            one = json::with(one, change.pointer, change.after).toObject();
        const BodyChanges few = gathered(body, changes);
        QCOMPARE(few.size(), 2u);
        for (const BodyChange &change : few)
            body = json::with(body, change.pointer, change.after).toObject();
        QCOMPARE(body, one);
    }

    void damagedHistoriesAreEmpty()
    {
        const QJsonArray good =
            json::parse(R"([{"pointer":"/a","before":1,"after":2,"what":"x","time_us":1}])")
                ->toArray();
        QCOMPARE(EditHistory::fromJson(good, 99).position(), 1);
        QCOMPARE(EditHistory::fromJson(good, -5).position(), 0);
        for (const char *bad :
             {R"([3])", R"([{}])", R"([{"pointer":"a"}])", R"([{"pointer":"/a","what":1}])",
              R"([{"pointer":"/a","time_us":"x"}])"})
            QCOMPARE(EditHistory::fromJson(json::parse(bad)->toArray(), 1).size(), 0);
        QVERIFY(!Edit::fromJson(object(R"({"pointer":3})")));
    }
};

QTEST_GUILESS_MAIN(TestEditHistory)
#include "tst_EditHistory.moc"
