// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/Tokens.h"

#include <QTest>

using namespace lathe;

class TestTokens : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void contrastIsThatOfWcag()
    {
        QVERIFY(qAbs(contrastRatio(Qt::black, Qt::white) - 21) < 1e-9);
        QVERIFY(qAbs(contrastRatio(Qt::white, Qt::white) - 1) < 1e-9);
        // Known value: #777777 on white is 4.48.
        QVERIFY(qAbs(contrastRatio(QColor(0x777777), Qt::white) - 4.48) < 0.01);
        QCOMPARE(contrastRatio(Qt::red, Qt::white), contrastRatio(Qt::white, Qt::red));
    }

    void isReadable_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::addColumn<int>("front");
        QTest::addColumn<int>("back");
        QTest::addColumn<double>("atLeast");
        const struct {
            const char *name;
            ColorToken token;
        } texts[] = {{"text", ColorToken::Text}, {"text-2", ColorToken::Text2}},
          quiet[] = {{"text-3", ColorToken::Text3}},
          kinds[] = {{"agent", ColorToken::Agent},     {"model", ColorToken::Model},
                     {"tool", ColorToken::Tool},       {"memory", ColorToken::Memory},
                     {"control", ColorToken::Control}, {"human", ColorToken::Human},
                     {"error", ColorToken::Error},     {"ok", ColorToken::Ok},
                     {"warning", ColorToken::Warning}},
          backs[] = {{"base", ColorToken::Base},
                     {"surface", ColorToken::Surface},
                     {"raised", ColorToken::Raised},
                     {"field", ColorToken::Field}};
        for (const bool dark : {true, false}) {
            const auto add = [dark](const auto &front, const auto &back, double atLeast) {
                QTest::addRow("%s on %s, %s", front.name, back.name, dark ? "dark" : "light")
                    << dark << static_cast<int>(front.token) << static_cast<int>(back.token)
                    << atLeast;
            };
            for (const auto &back : backs) {
                for (const auto &front : texts)
                    add(front, back, 4.5);
                for (const auto &front : quiet)
                    add(front, back, 3.0);
                for (const auto &front : kinds)
                    add(front, back, 3.0);
            }
            // Words are written in accent and error (links, problem lines), and on the accent.
            const struct {
                const char *name;
                ColorToken token;
            } accent{"accent", ColorToken::Accent}, error{"error text", ColorToken::Error},
                onAccent{"on-accent", ColorToken::OnAccent};
            for (const auto &back : backs) {
                add(accent, back, 4.5);
                add(error, back, 4.5);
            }
            add(onAccent, accent, 4.5);
        }
    }

    void isReadable()
    {
        QFETCH(bool, dark);
        QFETCH(int, front);
        QFETCH(int, back);
        QFETCH(double, atLeast);
        const Tokens t = dark ? Tokens::forDark() : Tokens::forLight();
        const double ratio = contrastRatio(t.color(static_cast<ColorToken>(front)),
                                           t.color(static_cast<ColorToken>(back)));
        QVERIFY2(ratio >= atLeast, qPrintable(QString::number(ratio)));
    }

    void selectionKeepsTextReadable()
    {
        for (const Tokens &t : {Tokens::forDark(), Tokens::forLight()}) {
            QVERIFY(contrastRatio(t.text, t.selection) >= 4.5);
            QVERIFY(contrastRatio(t.text, t.selectionInactive) >= 4.5);
            // Quiet text on a selected row is drawn a step brighter (RowDelegate).
            QVERIFY(contrastRatio(mix(t.text2, t.text, 0.3), t.selection) >= 4.5);
            QVERIFY(contrastRatio(t.accent, t.selection) >= 3.0);
            // A primary button stays readable while hovered and pressed.
            const QColor hovered =
                mix(t.accent, t.dark ? QColor(Qt::white) : QColor(Qt::black), 0.10);
            QVERIFY(contrastRatio(t.onAccent, hovered) >= 4.5);
            QVERIFY(contrastRatio(t.onAccent, mix(hovered, Qt::black, 0.14)) >= 4.5);
        }
    }

    void everyTokenHasAColour()
    {
        for (const Tokens &t : {Tokens::forDark(), Tokens::forLight()}) {
            for (int i = 0; i < static_cast<int>(ColorToken::Count); ++i)
                QVERIFY2(t.color(static_cast<ColorToken>(i)).isValid(),
                         qPrintable(QString::number(i)));
        }
        QCOMPARE(colorTokenFromName(QStringLiteral("memory")), ColorToken::Memory);
        QCOMPARE(colorTokenFromName(QStringLiteral("text-2")), ColorToken::Text2);
        QCOMPARE(colorTokenFromName(QStringLiteral("nonsense")), ColorToken::Text);
    }

    void mixesAndFades()
    {
        QCOMPARE(mix(Qt::black, Qt::white, 0), QColor(0, 0, 0));
        QCOMPARE(mix(Qt::black, Qt::white, 1), QColor(255, 255, 255));
        QCOMPARE(mix(QColor(0, 100, 200), QColor(100, 200, 0), 0.5), QColor(50, 150, 100));
        QCOMPARE(withAlpha(Qt::red, 0.5).alpha(), 128);
    }
};

QTEST_APPLESS_MAIN(TestTokens)
#include "tst_Tokens.moc"
