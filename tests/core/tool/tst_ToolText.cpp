// SPDX-License-Identifier: GPL-3.0-or-later
// What every tool result goes through before a model may read it.
#include "core/tool/ToolText.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRandomGenerator>
#include <QTest>

using namespace lathe;

class TestToolText : public QObject
{
    Q_OBJECT

    // Characters of one to four bytes of UTF-8.
    static QString randomText(QRandomGenerator &random, int characters)
    {
        static constexpr char32_t kinds[] = {U'a', U'\n', U'ü', U'\u20ac', U'\U0001f6e0'};
        QString text;
        for (int i = 0; i < characters; ++i) {
            const char32_t c = kinds[random.bounded(5)];
            text += QString::fromUcs4(&c, 1);
        }
        return text;
    }

private Q_SLOTS:
    void cleans_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("clean");
        const QString odd(QChar::ReplacementCharacter);
        const QString tool = QString::fromUcs4(U"\U0001f6e0");
        QTest::newRow("empty") << QString() << QString();
        QTest::newRow("plain") << QStringLiteral("a\tb\r\nü") << QStringLiteral("a\tb\r\nü");
        QTest::newRow("a pair stays") << tool << tool;
        QTest::newRow("NUL") << QStringLiteral("a") + QChar(0) + QStringLiteral("b") << QStringLiteral("a") + odd + QStringLiteral("b");
        QTest::newRow("escape and delete") << QStringLiteral("\x1b[2J\x7f") << odd + QStringLiteral("[2J") + odd;
        QTest::newRow("high alone, at the end") << QStringLiteral("x") + tool.at(0) << QStringLiteral("x") + odd;
        QTest::newRow("low alone") << QString(tool.at(1)) + QStringLiteral("x") << odd + QStringLiteral("x");
        QTest::newRow("the wrong way round") << QString(tool.at(1)) + tool.at(0) << odd + odd;
        QTest::newRow("high before a pair") << QString(tool.at(0)) + tool << odd + tool;
    }
    void cleans()
    {
        QFETCH(QString, text);
        QFETCH(QString, clean);
        QCOMPARE(cleanText(text), clean);
        QCOMPARE(cleanText(clean), clean);
    }

    // At every length: whole characters, as many as fit, and the note says what is shown.
    void cutsAtCharacters()
    {
        QRandomGenerator random(7);
        for (int round = 0; round < 60; ++round) {
            const QString text = randomText(random, 1 + int(random.bounded(12)));
            const QByteArray bytes = text.toUtf8();
            for (int most = -1; most <= bytes.size() + 1; ++most) {
                QString cut = text;
                if (most >= bytes.size()) {
                    QVERIFY(!cutUtf8(cut, most));
                    QCOMPARE(cut, text);
                    continue;
                }
                QVERIFY(cutUtf8(cut, most));
                const qsizetype note = cut.lastIndexOf(QStringLiteral("\n[cut: "));
                QVERIFY(note >= 0);
                const QByteArray kept = cut.left(note).toUtf8();
                QVERIFY(bytes.startsWith(kept));
                QVERIFY(kept.size() <= std::max(most, 0) && kept.size() > most - 4);
                QVERIFY(text.startsWith(QString::fromUtf8(kept))); // no half of a character
                QCOMPARE(cut.mid(note), QStringLiteral("\n[cut: %1 of %2 bytes shown]").arg(kept.size()).arg(bytes.size()));
            }
        }
    }

    void knowsTheSizeOfJson()
    {
        const auto size = [](const QJsonValue &value) {
            return QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact).size();
        };
        QJsonObject wide;
        for (int i = 0; i < 5000; ++i)
            wide.insert(QStringLiteral("a name %1").arg(i), QJsonArray{i, QStringLiteral("text"), QJsonValue(), true});
        QJsonValue deep(1);
        for (int i = 0; i < 50'000; ++i)
            deep = QJsonArray{deep};
        for (const QJsonValue &value : {QJsonValue(wide), QJsonValue(QString(100'000, u'x'))}) {
            QVERIFY(jsonSizeExceeds(value, size(value) / 3));
            QVERIFY(!jsonSizeExceeds(value, size(value) * 3));
        }
        QVERIFY(jsonSizeExceeds(deep, 50'000)); // and without going as deep as it
        QVERIFY(!jsonSizeExceeds(QJsonValue(), 100));
        QVERIFY(jsonSizeExceeds(QJsonValue(1), 0));
    }

    void tellsBytesFromText_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<bool>("binary");
        QTest::newRow("empty") << QByteArray() << false;
        QTest::newRow("text") << QByteArray("a\tb\r\n\f\x1b[1mbold") << false;
        QTest::newRow("UTF-8") << QStringLiteral("grün \u20ac").toUtf8() << false;
        QTest::newRow("PNG") << QByteArray("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) << true;
        QTest::newRow("a NUL") << QByteArray("text\0", 5) << true;
        QTest::newRow("NUL where nobody looks") << QByteArray(8192, 'a') + QByteArray(1, '\0') << false;
        QTest::newRow("NUL at the last place") << QByteArray(8191, 'a') + QByteArray(1, '\0') << true;
        QTest::newRow("one odd of twenty") << QByteArray(19, 'a') + QByteArray("\x01") << false;
        QTest::newRow("one odd of nineteen") << QByteArray(18, 'a') + QByteArray("\x01") << true;
    }
    void tellsBytesFromText()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(bool, binary);
        QCOMPARE(looksBinary(bytes), binary);
    }

    void saysSizes()
    {
        QCOMPARE(sizeText(0), QStringLiteral("0 bytes"));
        QCOMPARE(sizeText(999), QStringLiteral("999 bytes"));
        QCOMPARE(sizeText(1400), QStringLiteral("1.4 kB"));
        QCOMPARE(sizeText(64'000), QStringLiteral("64 kB"));
        QCOMPARE(sizeText(1'400'000), QStringLiteral("1.4 MB"));
        QCOMPARE(sizeText(64'000'000), QStringLiteral("64 MB"));
    }

    // The error names the secret, and an empty one is none.
    void secrets()
    {
        const auto none = storedSecret(QStringLiteral("crm"), QStringLiteral("CRM_KEY"), {});
        QCOMPARE(none.error().kind, ErrorKind::Auth);
        QVERIFY(none.error().message.contains(QStringLiteral("crm")) && none.error().message.contains(QStringLiteral("CRM_KEY")));
        QVERIFY(!storedSecret(QStringLiteral("crm"), QStringLiteral("CRM_KEY"), [](const QString &) { return QString(); }));
        QString asked;
        const auto there = storedSecret(QStringLiteral("crm"), QStringLiteral("CRM_KEY"), [&](const QString &name) {
            asked = name;
            return QStringLiteral("sk");
        });
        QVERIFY(there);
        QCOMPARE(*there, QStringLiteral("sk"));
        QCOMPARE(asked, QStringLiteral("CRM_KEY"));
    }
};

QTEST_GUILESS_MAIN(TestToolText)
#include "tst_ToolText.moc"
