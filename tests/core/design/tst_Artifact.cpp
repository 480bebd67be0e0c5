// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/Artifact.h"

#include <QTest>

using namespace lathe;

class TestArtifact : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void kindNamesGoBothWays()
    {
        QCOMPARE(allArtifactKinds().size(), size_t(8));
        for (const ArtifactKind kind : allArtifactKinds())
            QCOMPARE(artifactKindFromName(artifactKindName(kind)), std::optional(kind));
        QCOMPARE(artifactKindName(ArtifactKind::Dataset), QStringLiteral("dataset"));
        QVERIFY(!artifactKindFromName(QStringLiteral("Agent")));
        QVERIFY(!artifactKindFromName(QString()));
    }

    void checksNames_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("complaint"); // part of the sentence, empty: good
        const auto row = [](const char *name, const QString &text, const char *complaint = "") {
            QTest::newRow(name) << text << QString::fromLatin1(complaint);
        };
        row("plain", QStringLiteral("triage"));
        row("all signs", QStringLiteral("Feedback SQL v1.2_a-b"));
        row("one letter", QStringLiteral("x"));
        row("digits", QStringLiteral("2024"));
        row("german", QStringLiteral("Rückmeldung"));
        row("chinese", QStringLiteral("\u5206\u7c7b"));
        row("hindi with vowel signs", QStringLiteral("\u0939\u093f\u0928\u094d\u0926\u0940"));
        row("beyond the plane", QString::fromUtf8("\xF0\x9D\x94\x91\xF0\x9D\x94\x9E"));
        row("64", QString(64, QLatin1Char('a')));
        row("64 beyond the plane", QString::fromUtf8("\xF0\x9D\x94\x91").repeated(64));
        row("65", QString(65, QLatin1Char('a')), "64 characters");
        row("empty", QString(), "missing");
        row("at", QStringLiteral("triage@3"), "\"@\"");
        row("slash", QStringLiteral("a/b"), "\"/\"");
        row("backslash", QStringLiteral("a\\b"), "\"\\\"");
        row("line end", QStringLiteral("a\nb"), "U+000a");
        row("no-break space", QStringLiteral("a\u00A0b"), "may not contain");
        row("emoji", QString::fromUtf8("a\xF0\x9F\x94\x91"), "may not contain");
        row("lone surrogate", QString(QChar(0xD800)), "may not contain");
        row("turns direction", QStringLiteral("a\u202Eb"), "U+202e");
        row("space before", QStringLiteral(" a"), "space");
        row("space after", QStringLiteral("a "), "space");
        row("only dots", QStringLiteral(".."), "letter or a digit");
    }
    void checksNames()
    {
        QFETCH(QString, name);
        QFETCH(QString, complaint);
        const auto result = checkArtifactName(name);
        QCOMPARE(result.ok(), complaint.isEmpty());
        if (!result) {
            QCOMPARE(result.error().kind, ErrorKind::InvalidInput);
            QVERIFY2(result.error().message.contains(complaint),
                     qPrintable(result.error().message));
        }
    }

    void parsesReferences_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("good");
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("number");
        QTest::addColumn<QString>("label");
        const auto good = [](const char *text, const char *name, int number, const char *label) {
            QTest::newRow(text) << QString::fromLatin1(text) << true << QString::fromLatin1(name)
                                << number << QString::fromLatin1(label);
        };
        good("triage", "triage", 0, "");
        good("triage@3", "triage", 3, "");
        good("triage@production", "triage", 0, "production");
        good("triage@draft", "triage", 0, "draft");
        good("Feedback SQL@v2", "Feedback SQL", 0, "v2");
        for (const char *text : {"", "@3", "triage@", "triage@0", "triage@99999999999",
                                 "triage@a@b", "triage@-/", "tri/age@3"})
            QTest::newRow(text) << QString::fromLatin1(text) << false << QString() << 0
                                << QString();
    }
    void parsesReferences()
    {
        QFETCH(QString, text);
        QFETCH(bool, good);
        QFETCH(QString, name);
        QFETCH(int, number);
        QFETCH(QString, label);
        const auto ref = ArtifactRef::parse(text);
        QCOMPARE(ref.ok(), good);
        if (!good) {
            QCOMPARE(ref.error().kind, ErrorKind::InvalidInput);
            return;
        }
        QCOMPARE(*ref, (ArtifactRef{name, number, label}));
        QCOMPARE(ref->toString(), text);
    }
};

QTEST_GUILESS_MAIN(TestArtifact)
#include "tst_Artifact.moc"
