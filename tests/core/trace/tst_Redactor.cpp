// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/trace/Redactor.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QTest>
#include <QUrl>

using namespace lathe;

class TestRedactor : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void redactsTexts_data()
    {
        QTest::addColumn<QStringList>("secrets");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        const QString key = QStringLiteral("sk-abc123XYZ");
        const auto row = [](const char *name, const QStringList &secrets, const char *text,
                            const char *expected) {
            QTest::newRow(name) << secrets << QString::fromUtf8(text)
                                << QString::fromUtf8(expected);
        };
        row("plain", {key}, "Bearer sk-abc123XYZ.", "Bearer [secret].");
        row("whole", {key}, "sk-abc123XYZ", "[secret]");
        row("twice", {key}, "sk-abc123XYZsk-abc123XYZ", "[secret][secret]");
        row("other text stays", {key}, "sk-abc123XY and sk-abc123xyz",
            "sk-abc123XY and sk-abc123xyz");
        row("no secrets", {}, "sk-abc123XYZ", "sk-abc123XYZ");
        row("too short", {QStringLiteral("abcde")}, "abcde", "abcde");
        row("six is enough", {QStringLiteral("abcdef")}, "xabcdefx", "x[secret]x");
        row("line end of a key file", {QStringLiteral("hunter22\n")}, "pw=hunter22&x",
            "pw=[secret]&x");
        row("longest first", {QStringLiteral("hunter"), QStringLiteral("hunter-longer")},
            "a hunter-longer b hunter", "a [secret] b [secret]");
        row("percent", {QStringLiteral("p@ss/w rd")}, "?k=p%40ss%2Fw%20rd&z", "?k=[secret]&z");
        row("percent in lower case", {QStringLiteral("p@ss/word")}, "p%40ss%2fword", "[secret]");
        row("percent in part", {QStringLiteral("p@ss/word")}, "p%40ss/word", "[secret]");
        row("percent twice", {QStringLiteral("p@ss/word")}, "p%2540ss%252Fword", "[secret]");
        row("plus for space", {QStringLiteral("correct horse")}, "q=correct+horse", "q=[secret]");
        row("percent sign itself", {QStringLiteral("100%sure")}, "100%25sure 100%sure",
            "[secret] [secret]");
        row("percent sign before 25", {QStringLiteral("100%25sure")}, "100%25sure", "[secret]");
        row("beyond ascii percent", {QStringLiteral("pässwörd")}, "p%C3%A4ssw%C3%B6rd", "[secret]");
        row("beyond the plane percent", {QStringLiteral("key\U0001F511key")}, "key%F0%9F%94%91key",
            "[secret]");
        row("json quote", {QStringLiteral("a\"b\\c123")}, "{\"k\":\"a\\\"b\\\\c123\"}",
            "{\"k\":\"[secret]\"}");
        row("json in json", {QStringLiteral("a\"b\\c123")},
            "\"{\\\"k\\\":\\\"a\\\\\\\"b\\\\\\\\c123\\\"}\"", "\"{\\\"k\\\":\\\"[secret]\\\"}\"");
        row("json slash", {QStringLiteral("ab/cd/ef")}, "ab\\/cd\\/ef", "[secret]");
        row("json unicode", {QStringLiteral("pässword")}, "p\\u00e4ssword p\\u00E4ssword",
            "[secret] [secret]");
        row("json control", {QStringLiteral("line1\nline2")}, "line1\\nline2", "[secret]");
        row("backslash before stays", {QStringLiteral("secret123")}, "C:\\secret123",
            "C:\\[secret]");
        row("escape before stays", {QStringLiteral("secret123")}, "\\nsecret123", "\\n[secret]");
        row("cut at the end", {QStringLiteral("secret123")}, "secret12", "secret12");
        row("cut percent", {QStringLiteral("secret12@")}, "secret12%4", "secret12%4");
        row("cut escape", {QStringLiteral("secret12\"")}, "secret12\\", "secret12\\");
    }
    void redactsTexts()
    {
        QFETCH(QStringList, secrets);
        QFETCH(QString, text);
        QFETCH(QString, expected);
        Redactor redactor;
        for (const QString &secret : secrets)
            redactor.addSecret(secret);
        QCOMPARE(redactor.redact(text), expected);
        QCOMPARE(redactor.redact(expected), expected); // stays so
    }

    void nothingKnownIsEmpty()
    {
        Redactor redactor;
        QVERIFY(redactor.isEmpty());
        redactor.addSecret(QStringLiteral("12345"));
        redactor.addSecret(QString());
        redactor.addSecret(QStringLiteral("    a    "));
        QVERIFY(redactor.isEmpty());
        redactor.addSecret(QStringLiteral("123456"));
        QVERIFY(!redactor.isEmpty());
    }

    void redactsJsonDeep()
    {
        Redactor redactor;
        redactor.addSecret(QStringLiteral("sk-abc123XYZ"));
        redactor.addSecret(QStringLiteral("987654321"));
        const QJsonValue value = *json::parse("{\"a\":[\"x sk-abc123XYZ "
                                              "y\",{\"sk-abc123XYZ\":1,\"sk-abc123XYZ2\":2}],\"n\":"
                                              "987654321,\"m\":98765432,\"b\":true,\"z\":null}");
        const QJsonValue expected = *json::parse("{\"a\":[\"x [secret] "
                                                 "y\",{\"[secret]\":1,\"[secret]2\":2}],\"n\":\"["
                                                 "secret]\",\"m\":98765432,\"b\":true,\"z\":null}");
        QCOMPARE(redactor.redact(value), expected);
        QVERIFY(!json::compact(redactor.redact(value)).contains("sk-abc"));
    }

    void keysThatBecomeEqualStayApart()
    {
        Redactor redactor;
        redactor.addSecret(QStringLiteral("secret-a"));
        redactor.addSecret(QStringLiteral("secret-b"));
        const QJsonObject object =
            redactor.redact(*json::parse("{\"secret-a\":1,\"secret-b\":2,\"c\":3}")).toObject();
        QCOMPARE(object.size(), 3);
        QCOMPARE(json::compact(object).count("secret-"), 0);
    }

    // However a random secret is encoded by the encoders we use, it is found.
    void whatEncodersMakeIsFound()
    {
        QRandomGenerator random(7);
        const QString alphabet =
            QStringLiteral("abcXYZ019 -_.~!@#$%^&*()+=/\\\"'<>?\n\täß漢") + QString::fromUtf8("€é");
        for (int i = 0; i < 500; ++i) {
            QString secret = QStringLiteral("k");
            const int length = 7 + int(random.bounded(20u));
            while (secret.size() < length)
                secret += alphabet[int(random.bounded(quint32(alphabet.size())))];
            secret += QLatin1Char('z');
            Redactor redactor;
            redactor.addSecret(secret);
            const QString inJson = json::compactString(QJsonArray{secret});
            const QString inBoth = json::compactString(QJsonArray{inJson});
            const QString percent = QString::fromLatin1(QUrl::toPercentEncoding(secret));
            QCOMPARE(redactor.redact(secret), QStringLiteral("[secret]"));
            QCOMPARE(redactor.redact(inJson), QStringLiteral("[\"[secret]\"]"));
            QCOMPARE(redactor.redact(inBoth), QStringLiteral("[\"[\\\"[secret]\\\"]\"]"));
            QCOMPARE(redactor.redact(QStringLiteral("x=") + percent + QStringLiteral("&")),
                     QStringLiteral("x=[secret]&"));
        }
    }

    void hostileTextsTakeLinearTime()
    {
        Redactor redactor;
        redactor.addSecret(QStringLiteral("aaaaaaaaaaaaaaab"));
        redactor.addSecret(QStringLiteral("\\\\\\\\\\\\\\x"));
        redactor.addSecret(QStringLiteral("%%%%%%%%"));
        QElapsedTimer timer;
        timer.start();
        const qsizetype size = 1'000'000;
        for (const QString &text :
             {QString(size, QLatin1Char('a')), QString(size, QLatin1Char('\\')),
              QStringLiteral("%25").repeated(size / 3),
              QStringLiteral("%") + QStringLiteral("25").repeated(size / 2),
              QStringLiteral("a\\").repeated(size / 2)})
            QVERIFY(redactor.redact(text).size() <= text.size());
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
    }
};

QTEST_GUILESS_MAIN(TestRedactor)
#include "tst_Redactor.moc"
