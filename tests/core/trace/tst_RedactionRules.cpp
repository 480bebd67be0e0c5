// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/RedactionRules.h"
#include "tests/core/trace/TraceScript.h"

#include <QRegularExpression>
#include <QTest>

#include <random>

using namespace lathe;
using namespace lathe::test;

namespace {
RedactionRules rulesOf(const QByteArray &json)
{
    auto rules = RedactionRules::fromJson(json);
    if (!rules)
        qFatal("%s", qPrintable(rules.error().message));
    return *rules;
}
QString redacted(const QByteArray &rules, const QString &text)
{
    Redaction redaction(rulesOf(rules));
    return redaction.text(text);
}
} // namespace

class TestRedactionRules : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void presets_data()
    {
        QTest::addColumn<QByteArray>("preset");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected"); // # stands for [redacted]
        const auto row = [](const char *preset, const char *text, const char *expected) {
            QTest::addRow("%s: %s", preset, QByteArray(text).left(50).constData()) << QByteArray(preset) << QString::fromUtf8(text) << QString::fromUtf8(expected);
        };
        row("email", "Write to mia.k+x@mail.example.org, please.", "Write to #, please.");
        row("email", "<müller@bücher.example>", "<#>");
        row("email", "a@b, @handle, 3@4", "a@b, @handle, 3@4");
        row("phone", "Call +49 30 1234567 or (030) 123-4567.", "Call # or #.");
        row("phone", "Call 555-123-4567 or 0170 1234567 now", "Call # or # now");
        row("phone", "00 49 (0)30 123 45 67; +1-202-555-0123!", "#; #!");
        row("phone", "in 2026-11-23 12:34, version 1.2.3, 0.1234567 and 1234567 rows, id 8812345", "in 2026-11-23 12:34, version 1.2.3, 0.1234567 and 1234567 rows, id 8812345");
        row("card", "Card 4111 1111 1111 1111 12/29", "Card # 12/29");
        row("card", "4111111111111111 5500-0000-0000-0004", "# #");
        row("card", "4111 1111 1111 1112 and 1700000000000000", "4111 1111 1111 1112 and 1700000000000000");
        row("card", "order 12 4111 1111 1111 1111", "order 12 #");
        row("iban", "to DE89 3704 0044 0532 0130 00, thanks", "to #, thanks");
        row("iban", "GB82WEST12345698765432", "#");
        row("iban", "DE89 3704 0044 0532 0130 01", "DE89 3704 0044 0532 0130 01");
        row("ip", "from 192.168.0.1:8080 to 10.0.0.255.", "from #:8080 to #.");
        row("ip", "2001:db8::1, ::1, fe80::1%eth0 and ::ffff:10.0.0.1", "#, #, #%eth0 and #");
        row("ip", "12:34:56, std::vector, 1.2.3, 256.1.1.1, a::b::c, v1.2.3.4x", "12:34:56, std::vector, 1.2.3, 256.1.1.1, a::b::c, v1.2.3.4x");
        row("token", "Authorization: Bearer abcDEF123456.xyz", "Authorization: Bearer #");
        row("token", "sk-proj-abcdefghijklmnop1234 AIzaSyA1234567890abcdefghijklmnopqrstuv ghp_abcdefghijklmnopqrst1", "# # #");
        row("token", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- x", "# x");
        row("token", "basic understanding, the bearer certificate, task-force-of-something", "basic understanding, the bearer certificate, task-force-of-something");
        row("secret-keys", "{\"user\":\"u\",\"Password\":\"p\",\"n\":{\"api_key\":12}}", "{\"n\":{\"api_key\":\"#\"},\"Password\":\"#\",\"user\":\"u\"}");
        row("secret-keys", "Sent {\"password\": \"a \\\"b\\\" c\", \"x\": 1} to it", "Sent {\"password\": \"#\", \"x\": 1} to it");
        row("secret-keys", "{\"a\":\"{\\\"token\\\":1,\\\"secret\\\":\\\"s\\\"}\"}", "{\"a\":\"{\\\"secret\\\":\\\"#\\\",\\\"token\\\":1}\"}");
        row("secret-keys", "cut: {\"cookie\": \"never ends", "cut: {\"cookie\": \"#");
        row("secret-keys", "quoted: \\\"pwd\\\": \\\"x y\\\", more", "quoted: \\\"pwd\\\": \\\"#\\\", more");
    }
    void presets()
    {
        QFETCH(QByteArray, preset);
        QFETCH(QString, text);
        QFETCH(QString, expected);
        expected.replace(u'#', QStringLiteral("[redacted]"));
        Redaction redaction(rulesOf("[{\"preset\":\"" + preset + "\"}]"));
        const QString out = redaction.text(text);
        // Members come in the order of their names, large and small letters apart.
        if (preset == "secret-keys" && text.startsWith(u'{'))
            QCOMPARE(object(out.toUtf8().constData()), object(expected.toUtf8().constData()));
        else
            QCOMPARE(out, expected);
        QCOMPARE(redaction.text(out), out); // nothing is left
        QCOMPARE(redaction.refused(), 0);
        QCOMPARE(redaction.replaced() > 0, out != text);
    }

    void keys_data()
    {
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("expected");
        const QByteArray messages = "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"tool\",\"content\":{\"a\":1}}]}";
        QTest::newRow("any depth, any case") << QByteArray("EMAIL") << QByteArray("{\"a\":[{\"Email\":\"x\"}],\"email\":1,\"e\":\"x\"}")
                                             << QByteArray("{\"a\":[{\"Email\":\"#\"}],\"email\":\"#\",\"e\":\"x\"}");
        QTest::newRow("path") << QByteArray("user.name") << QByteArray("{\"user\":{\"name\":\"x\",\"id\":1},\"name\":\"y\",\"x\":{\"user\":{\"name\":\"z\"}}}")
                              << QByteArray("{\"user\":{\"name\":\"#\",\"id\":1},\"name\":\"y\",\"x\":{\"user\":{\"name\":\"#\"}}}");
        QTest::newRow("star is an index") << QByteArray("messages.*.content") << messages
                                          << QByteArray("{\"messages\":[{\"role\":\"user\",\"content\":\"#\"},{\"role\":\"tool\",\"content\":\"#\"}]}");
        QTest::newRow("indices need not be named") << QByteArray("messages.content") << messages
                                                   << QByteArray("{\"messages\":[{\"role\":\"user\",\"content\":\"#\"},{\"role\":\"tool\",\"content\":\"#\"}]}");
        QTest::newRow("one index") << QByteArray("messages.1.content") << messages
                                   << QByteArray("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"tool\",\"content\":\"#\"}]}");
        QTest::newRow("two stars") << QByteArray("a.**.z") << QByteArray("{\"a\":{\"z\":1,\"b\":{\"c\":{\"z\":2}}},\"z\":3}")
                                   << QByteArray("{\"a\":{\"z\":\"#\",\"b\":{\"c\":{\"z\":\"#\"}}},\"z\":3}");
        QTest::newRow("attributes with dots") << QByteArray("gen_ai.tool.call.arguments") << QByteArray("{\"gen_ai.tool.call.arguments\":{\"q\":1},\"arguments\":2}")
                                              << QByteArray("{\"gen_ai.tool.call.arguments\":\"#\",\"arguments\":2}");
        QTest::newRow("the end of a flattened name") << QByteArray("content") << QByteArray("{\"llm.input_messages.0.message.content\":\"x\"}")
                                                     << QByteArray("{\"llm.input_messages.0.message.content\":\"#\"}");
        QTest::newRow("elements") << QByteArray("tags.*") << QByteArray("{\"tags\":[\"a\",\"b\"]}") << QByteArray("{\"tags\":[\"#\",\"#\"]}");
        QTest::newRow("nothing to hide") << QByteArray("a") << QByteArray("{\"a\":null,\"b\":{\"a\":\"\"}}") << QByteArray("{\"a\":null,\"b\":{\"a\":\"\"}}");
        QTest::newRow("json in strings") << QByteArray("a") << QByteArray("{\"t\":\"{\\\"a\\\":\\\"[{\\\\\\\"a\\\\\\\":1}]\\\",\\\"b\\\":\\\"[{\\\\\\\"a\\\\\\\":1}]\\\"}\"}")
                                         << QByteArray("{\"t\":\"{\\\"a\\\":\\\"#\\\",\\\"b\\\":\\\"[{\\\\\\\"a\\\\\\\":\\\\\\\"#\\\\\\\"}]\\\"}\"}");
    }
    void keys()
    {
        QFETCH(QByteArray, key);
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, expected);
        Redaction redaction(rulesOf("[{\"key\":\"" + key + "\"}]"));
        QCOMPARE(redaction.object(object(json.constData())), object(expected.replace("#", "[redacted]").constData()));
    }

    void pseudonyms()
    {
        const QByteArray rules = "{\"salt\":\"s\",\"rules\":[{\"preset\":\"email\",\"replace\":\"pseudonym\",\"name\":\"E-mail!\"},{\"pattern\":\"C-\\\\d+\",\"replace\":\"pseudonym\"}]}";
        const QString one = redacted(rules, QStringLiteral("a@x.org b@x.org a@x.org C-12"));
        static const QRegularExpression shape(QStringLiteral("^(\\[e-mail-[0-9a-f]{8}\\]) (\\[e-mail-[0-9a-f]{8}\\]) (\\[e-mail-[0-9a-f]{8}\\]) \\[c-d-[0-9a-f]{8}\\]$"));
        const auto match = shape.match(one);
        QVERIFY2(match.hasMatch(), qPrintable(one));
        QCOMPARE(match.captured(1), match.captured(3));
        QVERIFY(match.captured(1) != match.captured(2));
        QCOMPARE(redacted(rules, QStringLiteral("a@x.org b@x.org a@x.org C-12")), one);                // the same salt
        QVERIFY(redacted(QByteArray(rules).replace("\"s\"", "\"t\""), QStringLiteral("a@x.org")) != one.left(17)); // another
    }

    // After redaction no rule matches anything but replacements, whatever the rules and texts are.
    void nothingIsLeft()
    {
        const QStringList patterns{QStringLiteral("a+"), QStringLiteral("\\w+"), QStringLiteral("\\d{2}"), QStringLiteral("b.c"), QStringLiteral("x\\]"),
                                   QStringLiteral("[a-c][0-9]"), QStringLiteral("(?<=a)b"), QStringLiteral("c\\b"), QStringLiteral("\"k\""), QStringLiteral("redacted"),
                                   QStringLiteral("^."), QStringLiteral("\\[")};
        std::mt19937 random(3);
        const QString letters = QStringLiteral("aabbcc0123 \"k{}[]:,x\\\u00e9");
        const QRegularExpression replacement(QStringLiteral("\\[redacted(-\\d+)?\\]|\\[[a-z0-9-]+-[0-9a-f]{8}\\]"));
        for (int round = 0; round < 1500; ++round) {
            RedactionRules rules;
            QStringList used;
            for (int i = 0; i < 1 + int(random() % 3); ++i) {
                RedactionRule rule;
                rule.what = patterns[qsizetype(random() % size_t(patterns.size()))];
                rule.replacement = random() % 2 ? RedactionRule::Replacement::Mask : RedactionRule::Replacement::Pseudonym;
                used.append(rule.what);
                rules.rules.push_back(rule);
            }
            QString text;
            for (int i = int(random() % 40); i > 0; --i)
                text += letters[qsizetype(random() % size_t(letters.size()))];
            Redaction redaction(rules);
            const QString out = redaction.text(text);
            std::vector<std::pair<qsizetype, qsizetype>> safe;
            for (auto it = replacement.globalMatch(out); it.hasNext();) {
                const auto match = it.next();
                safe.emplace_back(match.capturedStart(), match.capturedEnd());
            }
            for (const QString &pattern : used) {
                for (auto it = QRegularExpression(pattern, QRegularExpression::UseUnicodePropertiesOption).globalMatch(out); it.hasNext();) {
                    const auto match = it.next();
                    const bool inside = std::any_of(safe.begin(), safe.end(), [&match](const auto &span) {
                        return span.first <= match.capturedStart() && match.capturedEnd() <= span.second;
                    });
                    if (!inside && match.capturedLength() > 0)
                        QFAIL(qPrintable(QStringLiteral("/%1/ matches \"%2\" in \"%3\", made of \"%4\"").arg(pattern, match.captured(), out, text)));
                }
            }
        }
    }

    void presetsOnAnything()
    {
        std::mt19937 random(8);
        const QStringList units{QStringLiteral("4111 1111 1111 1111"), QStringLiteral("+49 30 1234567"), QStringLiteral("DE89 3704 0044 0532 0130 00"), QStringLiteral("10.0.0.1"),
                                QStringLiteral("2001:db8::"), QStringLiteral("@x.org"), QStringLiteral("mia"), QStringLiteral("::"), QStringLiteral("."), QStringLiteral(":"),
                                QStringLiteral("-"), QStringLiteral(" "), QStringLiteral("("), QStringLiteral("0"), QStringLiteral("12"), QStringLiteral("a"),
                                QStringLiteral("\"secret\":"), QStringLiteral("{"), QStringLiteral("}"), QStringLiteral("\""), QStringLiteral("\\"), QStringLiteral("sk-"), QStringLiteral("Bearer ")};
        Redaction redaction(RedactionRules::ofPresets());
        for (int round = 0; round < 4000; ++round) {
            QString text;
            for (int i = int(random() % 12); i >= 0; --i)
                text += units[qsizetype(random() % size_t(units.size()))];
            const QString out = redaction.text(text);
            const qint64 before = redaction.replaced();
            QVERIFY2(redaction.text(out) == out && redaction.replaced() == before, qPrintable(text + QStringLiteral(" -> ") + out));
        }
        QCOMPARE(redaction.refused(), 0);
        for (const QChar c : {u'1', u'.', u':', u'\\', u'(', u'@', u'-', u'"', u'['}) // long runs of one sign
            redaction.text(QString(200'000, c) + u'"');
    }

    void catastrophicPatternsEnd()
    {
        for (const char *pattern : {"(a+)+$", "(\\w+\\s?)*$", "(a|aa)+$"}) {
            RedactionRules rules;
            rules.rules.push_back({RedactionRule::Type::Pattern, QString::fromLatin1(pattern), {}, false, RedactionRule::Replacement::Mask, true});
            const auto problems = rules.problems();
            QVERIFY2(problems.size() == 1, pattern);
            QVERIFY2(problems[0].message.contains(QStringLiteral("too long")), qPrintable(problems[0].message));
        }
        // One that is only bad on texts nobody thought of: the text is given up, not the program.
        RedactionRules rules;
        rules.rules.push_back({RedactionRule::Type::Pattern, QStringLiteral("(?:z+)+q"), {}, false, RedactionRule::Replacement::Mask, true});
        QVERIFY(rules.problems().empty());
        Redaction redaction(rules);
        QCOMPARE(redaction.text(QString(5000, u'z') + QStringLiteral("Q q")), QStringLiteral("[redacted]"));
        QCOMPARE(redaction.refused(), 1);
        QCOMPARE(redaction.text(QStringLiteral("zzq")), QStringLiteral("[redacted]")); // goes on with the next
    }

    void largeTexts()
    {
        // Matches at the borders of the pieces a long text is searched in.
        QString text;
        const QString unit = QStringLiteral("lorem ipsum dolor sit amet ");
        while (text.size() < 300'000)
            text += unit;
        int placed = 0;
        for (qsizetype at = 16 * 1024 - 20; at < text.size(); at += 4 * 1024 + 7, ++placed)
            text.replace(at, 17, QStringLiteral(" mia@example.org "));
        Redaction redaction(rulesOf("[{\"preset\":\"email\"}]"));
        const QString out = redaction.text(text);
        QVERIFY(!out.contains(u'@'));
        QCOMPARE(redaction.replaced(), placed);
        QCOMPARE(redaction.text(QString(10'000'000, u'x')).size(), 10'000'000);
        const QString broken = QStringLiteral("mia@example.org ") + QChar(0xd800) + QStringLiteral(" x");
        QVERIFY(redaction.text(broken).startsWith(QStringLiteral("[redacted] ")));
        // JSON that is deep, and strings in strings.
        QByteArray deep;
        for (int i = 0; i < 400; ++i)
            deep += "[";
        deep += "\"mia@example.org\"" + QByteArray(400, ']');
        QVERIFY(redaction.text(QString::fromLatin1(deep)).contains(QStringLiteral("[redacted]")));
    }

    void wholeTraces()
    {
        Script s;
        s.runStarted("{\"agent\":\"a\",\"input\":\"I am mia@example.org\"}");
        s.started("1", 0, StepKind::Tool, "execute_tool mail to mia@example.org", "{\"gen_ai.tool.call.arguments\":\"{\\\"to\\\":\\\"mia@example.org\\\",\\\"password\\\":\\\"p\\\"}\"}");
        s.delta("1", 1, "sent to mia@", DeltaChannel::ToolOutput); // in two pieces
        s.delta("1", 2, "example.org", DeltaChannel::ToolOutput);
        s.note("1", 3, "retry", "{\"reason\":\"mia@example.org is away\"}");
        s.ended("1", 4, StepStatus::Failed);
        s.events.back().error = Error(ErrorKind::Provider, QStringLiteral("no mia@example.org"), QStringLiteral("mia@example.org"));
        s.runEnded(5, RunStatus::Done, "wrote to mia@example.org");
        const Trace trace = traceOf(s.events);
        Redaction redaction(rulesOf("[{\"preset\":\"email\"},{\"preset\":\"secret-keys\"}]"));
        const Trace out = redaction.trace(trace);
        QByteArray all;
        for (const RunEvent &event : out.toEvents())
            all += json::compact(event.toJson());
        QVERIFY2(!all.contains("mia"), all.constData());
        QVERIFY(!all.contains("\"p\""));
        QCOMPARE(out.steps().size(), trace.steps().size());
        QCOMPARE(out.steps()[0].endUs, trace.steps()[0].endUs);
        QCOMPARE(out.steps()[0].text, QStringLiteral("sent to [redacted]"));
        QCOMPARE(redaction.counts()[0].replaced, 8);
        QCOMPARE(redaction.counts()[1].replaced, 1);
        Redaction none{RedactionRules()};
        QCOMPARE(none.trace(trace).toEvents().size(), trace.toEvents().size());
    }

    void numbersAndNames()
    {
        Redaction redaction(rulesOf("[{\"preset\":\"card\"},{\"preset\":\"email\"}]"));
        QCOMPARE(redaction.object(object("{\"n\":4111111111111111,\"t\":1700000000000000,\"a@b.org\":1,\"c@d.org\":2}")),
                 object("{\"n\":\"[redacted]\",\"t\":1700000000000000,\"[redacted]\":1,\"[redacted-2]\":2}"));
    }

    void json_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("message");
        QTest::newRow("no json") << QByteArray("{") << "The redaction rules are no JSON";
        QTest::newRow("no list") << QByteArray("{\"a\":1}") << "The redaction rules need a list";
        QTest::newRow("no object") << QByteArray("[{\"preset\":\"email\"},3]") << "Redaction rule 2 is no JSON object";
        QTest::newRow("two kinds") << QByteArray("[{\"preset\":\"email\",\"key\":\"a\"}]") << "Redaction rule 1 needs exactly one";
        QTest::newRow("none") << QByteArray("[{\"name\":\"x\"}]") << "Redaction rule 1 needs exactly one";
        QTest::newRow("unknown member") << QByteArray("[{\"patern\":\"x\"}]") << "Redaction rule 1 has \"patern\"";
        QTest::newRow("wrong type") << QByteArray("[{\"pattern\":3}]") << "Redaction rule 1 needs a text as \"pattern\"";
        QTest::newRow("wrong flag") << QByteArray("[{\"pattern\":\"x\",\"enabled\":\"no\"}]") << "Redaction rule 1 needs true or false as \"enabled\"";
        QTest::newRow("replace") << QByteArray("[{\"pattern\":\"x\",\"replace\":\"hash\"}]") << "Redaction rule 1 needs \"mask\"";
        QTest::newRow("preset") << QByteArray("[{\"preset\":\"mail\"}]") << "Redaction rule 1 (mail) names the unknown preset";
        QTest::newRow("pattern") << QByteArray("[{\"preset\":\"ip\"},{\"pattern\":\"a(b\",\"name\":\"bad one\"}]") << "Redaction rule 2 (bad one) has a wrong pattern at character 4";
        QTest::newRow("empty pattern") << QByteArray("[{\"pattern\":\"\"}]") << "Redaction rule 1 has an empty pattern";
        QTest::newRow("key") << QByteArray("[{\"key\":\"a..b\"}]") << "Redaction rule 1 (a..b) has a key with an empty part";
        QTest::newRow("key of stars") << QByteArray("[{\"key\":\"*.**\"}]") << "Redaction rule 1 (*.**) has a key that names nothing";
        QTest::newRow("key with a star in it") << QByteArray("[{\"key\":\"pass*\"}]") << "Redaction rule 1 (pass*) has a key with \"pass*\"";
        QTest::newRow("salt") << QByteArray("{\"salt\":1,\"rules\":[]}") << "The \"salt\"";
    }
    void json()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, message);
        const auto rules = RedactionRules::fromJson(text);
        QVERIFY(!rules);
        QVERIFY2(rules.error().message.startsWith(message), qPrintable(rules.error().message));
        QCOMPARE(rules.error().kind, ErrorKind::InvalidInput);
    }

    void roundTrip()
    {
        const RedactionRules rules = rulesOf("{\"salt\":\"x\",\"rules\":[{\"preset\":\"email\",\"replace\":\"pseudonym\"},{\"pattern\":\"A-\\\\d+\",\"name\":\"ticket\",\n            \"ignore_case\":true},{\"key\":\"user.*.mail\",\"enabled\":false}]}");
        QCOMPARE(rulesOf(json::compact(rules.toJson())), rules);
        QVERIFY(rules.rules[1].ignoreCase);
        QCOMPARE(redacted(json::compact(rules.toJson()), QStringLiteral("a-12 and {\"user\":[{\"mail\":\"x\"}]}")),
                 QStringLiteral("[redacted] and {\"user\":[{\"mail\":\"x\"}]}"));
        QVERIFY(RedactionRules::ofPresets().problems().empty());
        QVERIFY(!RedactionRules::ofPresets().isEmpty());
        QVERIFY(RedactionRules().isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestRedactionRules)
#include "tst_RedactionRules.moc"
