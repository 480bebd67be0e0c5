// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/RunFilter.h"

#include <QDateTime>
#include <QRandomGenerator>
#include <QTest>

#include <cmath>

using namespace lathe;

namespace {
constexpr qint64 nowUs = 1'795'392'000'000'000; // 2026-11-23 00:00 UTC

double dayUs(int year, int month, int day)
{
    return double(QDate(year, month, day).startOfDay().toMSecsSinceEpoch()) * 1000;
}

RunFilter any(std::vector<RunFilter> parts)
{
    RunFilter filter;
    filter.kind = RunFilter::Kind::Any;
    filter.parts = std::move(parts);
    return filter;
}

RunFilter denied(RunFilter part)
{
    RunFilter filter;
    filter.kind = RunFilter::Kind::Not;
    filter.parts.push_back(std::move(part));
    return filter;
}

// Texts that a grammar may stumble over.
QString randomWord(QRandomGenerator &random)
{
    static const QStringList pieces{QStringLiteral("refund"), QStringLiteral("or"),     QStringLiteral("NOT"),  QStringLiteral("and"),
                                    QStringLiteral("-"),      QStringLiteral("\""),     QStringLiteral("\\"),   QStringLiteral("("),
                                    QStringLiteral(")"),      QStringLiteral(","),      QStringLiteral(":"),    QStringLiteral("<="),
                                    QStringLiteral(" "),      QStringLiteral("代理"),   QStringLiteral("🙂"),   QStringLiteral("@3"),
                                    QStringLiteral("@draft"), QStringLiteral("*"),      QStringLiteral("agent"), QStringLiteral("\n"),
                                    QStringLiteral("ü"),      QStringLiteral("@"),      QStringLiteral("0"),    QString(QChar(0xd800)),
                                    QStringLiteral("has"),    QStringLiteral("a.b/c"),  QStringLiteral("@0"),   QString(QChar(0))};
    QString word;
    const int count = random.bounded(4);
    for (int i = 0; i < count; ++i)
        word += pieces[random.bounded(int(pieces.size()))];
    return word;
}

double randomNumber(QRandomGenerator &random)
{
    switch (random.bounded(8)) {
    case 0:
        return random.bounded(6);
    case 1:
        return random.generateDouble();
    case 2:
        return dayUs(2026, 1 + random.bounded(12), 1 + random.bounded(28));
    case 3:
        return double(nowUs) - random.bounded(1e12);
    case 4:
        return std::floor(double(nowUs) - random.bounded(1e12));
    case 5:
        return -random.bounded(1e9);
    case 6:
        return std::pow(10.0, random.bounded(40) - 20);
    default:
        return random.bounded(100) * 500'000.0;
    }
}

RunFilter randomFilter(QRandomGenerator &random, int depth)
{
    RunFilter filter;
    const int choice = depth == 0 ? 3 : random.bounded(6);
    if (choice < 2) {
        filter.kind = choice == 0 ? RunFilter::Kind::All : RunFilter::Kind::Any;
        const int count = random.bounded(4);
        for (int i = 0; i < count; ++i)
            filter.parts.push_back(randomFilter(random, depth - 1));
        return filter;
    }
    if (choice == 2)
        return denied(randomFilter(random, depth - 1));
    static const QStringList statuses{QStringLiteral("failed"), QStringLiteral("DONE"), QStringLiteral("nonsense")};
    filter.kind = RunFilter::Kind::Condition;
    RunCondition &condition = filter.condition;
    condition.field = RunField(random.bounded(int(RunField::Started) + 1));
    condition.comparison = RunComparison(random.bounded(5));
    condition.text = condition.field == RunField::Status ? statuses[random.bounded(3)] : randomWord(random);
    condition.number = randomNumber(random);
    condition.revision = random.bounded(4) == 0 ? random.bounded(-2, 9) : 0;
    return filter;
}
} // namespace

class TestRunFilter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reading_data()
    {
        using F = RunFilter;
        using C = RunComparison;
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("same"); // a plainer text of the same meaning
        QTest::addColumn<QString>("written");
        const auto row = [](const char *text, const RunFilter &filter, const char *written = nullptr) {
            QTest::newRow(text) << QString::fromUtf8(text) << filter.toText() << QString::fromUtf8(written ? written : text);
        };
        row("", F());
        row("   ", F(), "");
        row("refund", F::of(RunField::Text, QStringLiteral("refund")));
        row("\"late refund\"", F::of(RunField::Text, QStringLiteral("late refund")));
        row("\"or\"", F::of(RunField::Text, QStringLiteral("or")));
        row("late refund", F::ofWords(QStringLiteral("late refund")));
        row("late AND refund", F::ofWords(QStringLiteral("late refund")), "late refund");
        row("a or b c", any({F::ofWords(QStringLiteral("a")), F::ofWords(QStringLiteral("b c"))}), "a or (b c)");
        row("((a))", F::ofWords(QStringLiteral("a")), "a");
        row("-(a b)", denied(F::ofWords(QStringLiteral("a b"))));
        row("not a", denied(F::ofWords(QStringLiteral("a"))), "-a");
        row("not -a", F::ofWords(QStringLiteral("a")), "a");
        row("agent:triage@3", F::of(RunField::Agent, QStringLiteral("triage@3")));
        row("AGENT=Triage@draft", F::of(RunField::Agent, QStringLiteral("Triage@draft")), "agent:Triage@draft");
        row("agent:\"große 代理@3\"", F::of(RunField::Agent, QStringLiteral("große 代理@3")));
        row("agent:me@home", F::of(RunField::Agent, QStringLiteral("me@home")));
        row("agent:a,\"b,c\"", any({F::of(RunField::Agent, QStringLiteral("a")), F::of(RunField::Agent, QStringLiteral("b,c"))}));
        row("status:error", F::of(RunField::Status, QStringLiteral("failed")), "status:failed");
        row("-status:failed,cancelled",
            denied(any({F::of(RunField::Status, QStringLiteral("failed")), F::of(RunField::Status, QStringLiteral("cancelled"))})));
        row("latency>2s", F::of(RunField::Latency, C::Greater, 2e6));
        row("latency:>=1.5m", F::of(RunField::Latency, C::GreaterOrEqual, 9e7), "latency>=1.5m");
        row("latency<250us", F::of(RunField::Latency, C::Less, 250));
        row("tokens>10k", F::of(RunField::Tokens, C::Greater, 10'000), "tokens>10000");
        row("cost>$0.01", F::of(RunField::Cost, C::Greater, 0.01), "cost>0.01");
        row("rating<3", F::of(RunField::Rating, C::Less, 3));
        row("rating:up", F::of(RunField::Rating, C::GreaterOrEqual, 4), "rating>=4");
        row("has:error", F::of(RunField::Error, QStringLiteral("*")));
        row("is:pinned", F::of(RunField::Pinned, C::Is, 1));
        row("pinned:no", F::of(RunField::Pinned, C::Is, 0));
        row("is:fork", F::of(RunField::Fork, QStringLiteral("*")), "has:fork");
        row("is:failed", F::of(RunField::Status, QStringLiteral("failed")), "status:failed");
        row("fork:#12", F::of(RunField::Fork, C::Is, 12), "fork:12");
        row("revision:draft", F::of(RunField::Revision, C::Is, 0), "revision:0");
        row("since:2026-11-20", F::of(RunField::Started, C::GreaterOrEqual, dayUs(2026, 11, 20)));
        row("until:2026-11-20", F::of(RunField::Started, C::Less, dayUs(2026, 11, 21)), "started<2026-11-21");
        row("started:2026-11-20",
            F::ofAll({F::of(RunField::Started, C::GreaterOrEqual, dayUs(2026, 11, 20)), F::of(RunField::Started, C::Less, dayUs(2026, 11, 21))}),
            "since:2026-11-20 started<2026-11-21");
        row("since:2d", F::of(RunField::Started, C::GreaterOrEqual, double(nowUs) - 2 * 86400e6), "since:2026-11-21T00:00:00.000000Z");
        row("since:2026-11-20T10:15Z", F::of(RunField::Started, C::GreaterOrEqual, 1'795'169'700'000'000.0), "since:2026-11-20T10:15:00.000000Z");
        row("since:2026-11-20T11:15:00.000000+01:00", F::of(RunField::Started, C::GreaterOrEqual, 1'795'169'700'000'000.0),
            "since:2026-11-20T10:15:00.000000Z");
        row("agent:triage@3 status:error latency>2s -tag:old (tool:sql or tool:http) \"refund\"",
            F::ofAll({F::of(RunField::Agent, QStringLiteral("triage@3")), F::of(RunField::Status, QStringLiteral("failed")),
                      F::of(RunField::Latency, C::Greater, 2e6), denied(F::of(RunField::Tag, QStringLiteral("old"))),
                      any({F::of(RunField::Tool, QStringLiteral("sql")), F::of(RunField::Tool, QStringLiteral("http"))}),
                      F::of(RunField::Text, QStringLiteral("refund"))}),
            "agent:triage@3 status:failed latency>2s -tag:old tool:sql,http refund");
    }

    void reading()
    {
        QFETCH(const QString, text);
        QFETCH(const QString, same);
        QFETCH(const QString, written);
        const RunFilterReading reading = readRunFilter(text, nowUs);
        QVERIFY2(reading.ok(), qPrintable(reading.ok() ? QString() : reading.problems[0].message));
        const bool midnight = QDateTime::fromMSecsSinceEpoch(nowUs / 1000).time() == QTime(0, 0);
        if (!midnight || !written.endsWith(QLatin1String("T00:00:00.000000Z"))) // in London that instant is a date
            QCOMPARE(reading.filter.toText(), written);
        QCOMPARE(reading.filter.toText(), same);
        QVERIFY(reading.filter == readRunFilter(same, nowUs).filter);
        QVERIFY(reading.filter == reading.filter.normalized());
    }

    void problems_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("column");
        QTest::addColumn<int>("length");
        QTest::addColumn<QString>("says");
        QTest::addColumn<QString>("left"); // what could be understood
        const auto row = [](const char *text, int column, int length, const char *says, const char *left) {
            QTest::newRow(text) << QString::fromUtf8(text) << column << length << QString::fromUtf8(says) << QString::fromUtf8(left);
        };
        row("x agnet:triage", 2, 5, "did you mean agent?", "x");
        row("http://a.b", 0, 4, "quotes", "");
        row("x status:oops", 9, 4, "There is no status \"oops\"", "x");
        row("status:failed,oops", 14, 4, "no status", "status:failed");
        row("latency>2", 8, 1, "unit", "");
        row("latency>", 0, 8, "A value must follow", "");
        row("agent:a,", 0, 8, "A value must follow", "agent:a");
        row("tokens>many", 7, 4, "a number", "");
        row("agent>x", 6, 1, "no greater or less", "");
        row("rating:high", 7, 4, "1 to 5", "");
        row("since:someday", 6, 7, "a date", "");
        row("since:2026-02-30", 6, 10, "a date", "");
        row("since>2d", 5, 1, "colon", "");
        row("cost>1,2", 6, 1, "behind a colon", "");
        row("has:wings", 4, 5, "has: takes", "");
        row("is:nice x", 3, 4, "is: takes", "x");
        row("cost>nan", 5, 3, "US dollars", "");
        row("cost>0x10", 5, 4, "US dollars", "");
        row("(a b", 0, 1, "not closed", "a b");
        row("a b)", 3, 1, "closes nothing", "a b");
        row("a () b", 2, 2, "nothing between", "a b");
        row("a or", 2, 2, "both sides", "a");
        row("or a", 0, 2, "both sides", "a");
        row("a or or b", 5, 2, "both sides", "a or b");
        row("a and", 2, 3, "After \"and\"", "a");
        row("a - b", 2, 1, "left out", "a b");
        row("a \"b c", 2, 4, "not closed", "a \"b c\"");
        row("tag:\"x", 4, 2, "not closed", "tag:x");
    }

    void problems()
    {
        QFETCH(const QString, text);
        QFETCH(const int, column);
        QFETCH(const int, length);
        QFETCH(const QString, says);
        QFETCH(const QString, left);
        const RunFilterReading reading = readRunFilter(text, nowUs);
        QCOMPARE(int(reading.problems.size()), 1);
        QVERIFY2(reading.problems[0].message.contains(says), qPrintable(reading.problems[0].message));
        QCOMPARE(reading.problems[0].column, column);
        QCOMPARE(reading.problems[0].length, length);
        QCOMPARE(reading.filter.toText(), left);
    }

    void bounds()
    {
        QVERIFY(!readRunFilter(QString(4097, QLatin1Char('a')), nowUs).ok());
        QVERIFY(readRunFilter(QString(4096, QLatin1Char('a')), nowUs).ok());
        QVERIFY(readRunFilter(QStringLiteral("a ").repeated(100), nowUs).ok());
        const auto many = readRunFilter(QStringLiteral("a ").repeated(101), nowUs);
        QCOMPARE(int(many.problems.size()), 1);
        QCOMPARE(many.problems[0].column, 200);
        QVERIFY(!readRunFilter(QStringLiteral("id:") + QStringLiteral("1,").repeated(101) + QLatin1Char('1'), nowUs).ok());
        const auto deep = [](int levels) {
            return readRunFilter(QString(levels, QLatin1Char('(')) + QLatin1Char('a') + QString(levels, QLatin1Char(')')), nowUs);
        };
        QVERIFY(deep(20).ok());
        QVERIFY(!deep(21).ok());
        QVERIFY(!readRunFilter(QString(4000, QLatin1Char('-')) + QLatin1Char('a'), nowUs).ok());
    }

    void everyFilterIsReadAsWritten()
    {
        QRandomGenerator random(20261123);
        int compared = 0;
        for (int i = 0; i < 20'000; ++i) {
            const RunFilter filter = randomFilter(random, 1 + random.bounded(4));
            const QString text = filter.toText();
            const RunFilterReading reading = readRunFilter(text, nowUs);
            if (!reading.ok())
                qWarning("%s: %s", qPrintable(text), qPrintable(reading.problems[0].message));
            QVERIFY(reading.ok());
            if (!(reading.filter == filter.normalized()))
                qWarning("%s is read as %s", qPrintable(text), qPrintable(reading.filter.toText()));
            QVERIFY(reading.filter == filter.normalized());
            QVERIFY(filter.normalized() == filter.normalized().normalized());
            compared += !filter.normalized().isEmpty();
        }
        QVERIFY(compared > 10'000);
    }

    void noTextBreaksIt()
    {
        QRandomGenerator random(7);
        static const QStringList pieces{QStringLiteral("agent"), QStringLiteral(":"),   QStringLiteral("<="),  QStringLiteral(">"),  QStringLiteral("latency"),
                                        QStringLiteral("2s"),    QStringLiteral(","),   QStringLiteral("\""), QStringLiteral("\\"), QStringLiteral("("),
                                        QStringLiteral(")"),     QStringLiteral(" or "), QStringLiteral(" "), QStringLiteral("-"),  QStringLiteral("not "),
                                        QStringLiteral("since:"), QStringLiteral("2026-11-20"), QStringLiteral("T10:15"), QStringLiteral("@"), QStringLiteral("status:"),
                                        QStringLiteral("has:"),  QStringLiteral("*"),   QStringLiteral("🙂"), QString(QChar(0xdc00)), QString(QChar(0)), QStringLiteral("1e999")};
        for (int i = 0; i < 20'000; ++i) {
            QString text;
            const int count = random.bounded(30);
            for (int j = 0; j < count; ++j)
                text += pieces[random.bounded(int(pieces.size()))];
            const RunFilterReading reading = readRunFilter(text, nowUs);
            for (const RunFilterProblem &problem : reading.problems) {
                QVERIFY(!problem.message.isEmpty());
                QVERIFY(problem.column >= 0 && problem.length >= 0 && problem.column + problem.length <= text.size());
            }
            const RunFilterReading again = readRunFilter(reading.filter.toText(), nowUs);
            QVERIFY(again.ok());
            QVERIFY(again.filter == reading.filter);
            const int cursor = random.bounded(int(text.size()) + 1);
            const RunFilterCompletion at = completeRunFilter(text, cursor);
            QVERIFY(at.from >= 0 && at.length >= 0 && at.from + at.length <= text.size());
            int moved = -1;
            const QString with = insertRunFilterChoice(text, at, QStringLiteral("große \"x\""), &moved);
            QVERIFY(moved >= 0 && moved <= with.size());
            // Twice toggled is as before, when the text itself is sound and does not hold the term already.
            const QString toggled = toggleRunFilterTerm(text, RunField::Tag, QStringLiteral("no such tag"));
            if (reading.ok()) {
                QVERIFY(readRunFilter(toggled, nowUs).ok());
                QVERIFY(readRunFilter(toggleRunFilterTerm(toggled, RunField::Tag, QStringLiteral("no such tag")), nowUs).filter == reading.filter);
            }
        }
    }

    void completion_data()
    {
        QTest::addColumn<QString>("text"); // | is the cursor
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("field");
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("choice");
        QTest::addColumn<QString>("becomes");
        constexpr int field = int(RunFilterCompletion::Kind::Field), value = int(RunFilterCompletion::Kind::Value);
        QTest::newRow("empty") << "|" << field << int(RunField::Text) << "" << "agent:" << "agent:|";
        QTest::newRow("begun") << "x lat|" << field << int(RunField::Text) << "lat" << "latency>" << "x latency>|";
        QTest::newRow("denied") << "-ta|" << field << int(RunField::Text) << "ta" << "tag:" << "-tag:|";
        QTest::newRow("in a group") << "(a or to|)" << field << int(RunField::Text) << "to" << "tool:" << "(a or tool:|)";
        QTest::newRow("whole term") << "pin|" << field << int(RunField::Text) << "pin" << "is:pinned" << "is:pinned |";
        QTest::newRow("value") << "agent:tri|" << value << int(RunField::Agent) << "tri" << "triage@3" << "agent:triage@3 |";
        QTest::newRow("value with spaces") << "agent:| x" << value << int(RunField::Agent) << "" << "große 代理" << "agent:\"große 代理\"| x";
        QTest::newRow("quoted value") << "tag:\"to d|\"" << value << int(RunField::Tag) << "to d" << "to do" << "tag:\"to do\" |";
        QTest::newRow("open quotes") << "tag:\"to d|" << value << int(RunField::Tag) << "to d" << "to do" << "tag:\"to do\" |";
        QTest::newRow("one of a list") << "status:failed,ca|" << value << int(RunField::Status) << "ca" << "cancelled" << "status:failed,cancelled |";
        QTest::newRow("compared") << "latency>=|" << value << int(RunField::Latency) << "" << "2s" << "latency>=2s |";
        QTest::newRow("mark") << "has:er|" << value << int(RunField::Text) << "er" << "error" << "has:error |";
        QTest::newRow("since") << "since:|" << value << int(RunField::Started) << "" << "2d" << "since:2d |";
        QTest::newRow("in quoted words") << "\"late |\"" << int(RunFilterCompletion::Kind::None) << int(RunField::Text) << "" << "" << "";
    }

    void completion()
    {
        QFETCH(QString, text);
        QFETCH(const int, kind);
        QFETCH(const int, field);
        QFETCH(const QString, typed);
        QFETCH(const QString, choice);
        QFETCH(const QString, becomes);
        const int cursor = int(text.indexOf(QLatin1Char('|')));
        text.remove(cursor, 1);
        const RunFilterCompletion at = completeRunFilter(text, cursor);
        QCOMPARE(int(at.kind), kind);
        if (at.kind == RunFilterCompletion::Kind::None)
            return;
        QCOMPARE(int(at.field), field);
        QCOMPARE(at.typed, typed);
        for (const QString &one : at.fixed)
            QVERIFY(one.contains(typed, Qt::CaseInsensitive));
        const QStringList open{QStringLiteral("triage@3"), QStringLiteral("große 代理"), QStringLiteral("to do")};
        QVERIFY2(open.contains(choice) || at.fixed.contains(choice), qPrintable(at.fixed.join(QLatin1Char(' '))));
        int moved = 0;
        QString got = insertRunFilterChoice(text, at, choice, &moved);
        QCOMPARE(got.insert(moved, QLatin1Char('|')), becomes);
    }

    void toggling_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("field");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("becomes");
        const auto row = [](const char *text, RunField field, const char *value, const char *becomes) {
            QTest::newRow(qPrintable(QString::fromUtf8(text) + QLatin1Char('+') + QString::fromUtf8(value)))
                << QString::fromUtf8(text) << int(field) << QString::fromUtf8(value) << QString::fromUtf8(becomes);
        };
        row("", RunField::Agent, "triage@3", "agent:triage@3");
        row("refund", RunField::Agent, "my agent", "refund agent:\"my agent\"");
        row("refund agent:triage@3 x", RunField::Agent, "triage@3", "refund x");
        row("agent:triage@3", RunField::Agent, "triage", "agent:triage@3 agent:triage");
        row("agent:a,b x", RunField::Agent, "a", "agent:b x");
        row("agent:a,b", RunField::Agent, "b", "agent:a");
        row("a or b", RunField::Tag, "t", "(a or b) tag:t");
        row("(tag:t or b)", RunField::Tag, "t", "(tag:t or b) tag:t");
        row("-tag:t", RunField::Tag, "t", "-tag:t tag:t");
        row("x status:error", RunField::Status, "failed", "x");
        row("x", RunField::Latency, ">2s", "x latency>2s");
        row("x latency>2000ms", RunField::Latency, ">2s", "x");
        row("x", RunField::Experiment, "", "x -has:experiment");
        row("x -has:experiment", RunField::Experiment, "", "x");
        row("x", RunField::Pinned, "yes", "x pinned:yes");
        row("x is:pinned", RunField::Pinned, "yes", "x");
        row("started:2026-11-20", RunField::Started, "2026-11-20", "");
        row("x", RunField::Text, "late refund", "x \"late refund\"");
    }

    void toggling()
    {
        QFETCH(const QString, text);
        QFETCH(const int, field);
        QFETCH(const QString, value);
        QFETCH(const QString, becomes);
        QCOMPARE(toggleRunFilterTerm(text, RunField(field), value), becomes);
    }

    void everyFieldHasAnExampleThatReads()
    {
        for (int i = 0; i <= int(RunField::Started); ++i) {
            const RunFilterReading reading = readRunFilter(runFieldExample(RunField(i)), nowUs);
            QVERIFY2(reading.ok() && !reading.filter.isEmpty(), qPrintable(runFieldExample(RunField(i))));
            QVERIFY(!runFieldName(RunField(i)).isEmpty());
        }
    }
};

QTEST_GUILESS_MAIN(TestRunFilter)
#include "tst_RunFilter.moc"
