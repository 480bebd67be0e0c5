// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/prompt/PromptPartials.h"
#include "core/prompt/TokenEstimate.h"

#include <QElapsedTimer>
#include <QTest>

using namespace lathe;

namespace {

PartialSource from(const QHash<QString, QString> &texts)
{
    return [texts](const QString &reference) -> Result<PromptPartial> {
        const QString name = reference.section(u'@', 0, 0);
        if (!texts.contains(reference) && !texts.contains(name))
            return Error(ErrorKind::NotFound, QStringLiteral("There is no prompt named %1.").arg(name));
        PromptPartial partial;
        partial.name = name;
        partial.text = texts.value(reference, texts.value(name));
        partial.variables = {{QStringLiteral("of_") + name, {}, QStringLiteral("default"), true}};
        return partial;
    };
}

PromptSpec withText(const QString &text)
{
    PromptSpec spec;
    spec.text = text;
    return spec;
}

} // namespace

class TestPromptPartials : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void textsArePutIn()
    {
        const auto source = from({{QStringLiteral("rules"), QStringLiteral("Be exact.{{#strict}} {{> deep rules}}{{/strict}}")},
                                  {QStringLiteral("rules@2"), QStringLiteral("Old.")},
                                  {QStringLiteral("deep rules"), QStringLiteral("Quote {{of_rules}}.")}});
        PromptSpec spec = withText(QStringLiteral("A {{> rules}} B {{>rules@2}}"));
        spec.messages = {{QStringLiteral("user"), QStringLiteral("{{> rules@2 }}")}};
        spec.variables = {{QStringLiteral("of_rules"), QStringLiteral("mine"), {}, false}};
        const auto whole = expandPrompt(spec, QStringLiteral("main"), source);
        QVERIFY2(whole.ok(), whole ? "" : qPrintable(whole.error().message));
        QCOMPARE(whole->text, QStringLiteral("A Be exact.{{#strict}} Quote {{of_rules}}.{{/strict}} B Old."));
        QCOMPARE(whole->messages.front().text, QStringLiteral("Old."));
        QCOMPARE(whole->variables.size(), size_t(2)); // its own stays as it is, that of the inner one is added
        QCOMPARE(whole->variables[0].description, QStringLiteral("mine"));
        QCOMPARE(whole->variables[1].name, QStringLiteral("of_deep rules"));
        QCOMPARE(templatePartials(spec), (QStringList{QStringLiteral("rules"), QStringLiteral("rules@2")}));
        QVERIFY(!usesPartials(withText(QStringLiteral("{{a}} > {{#b}}{{/b}}"))));
        const auto rendered = renderPrompt(*whole, {{QStringLiteral("strict"), true}, {QStringLiteral("of_rules"), QStringLiteral("x")}});
        QVERIFY(rendered && rendered->system.startsWith(QLatin1String("A Be exact. Quote x. B Old.")));
    }
    void circlesAreNamed()
    {
        const auto source = from({{QStringLiteral("a"), QStringLiteral("{{> b}}")}, {QStringLiteral("b"), QStringLiteral("{{> a@3}}")},
                                  {QStringLiteral("c"), QStringLiteral("{{> c}}")}});
        const auto found = expandPrompt(withText(QStringLiteral("{{> b}}")), QStringLiteral("a"), source);
        QVERIFY(!found);
        QCOMPARE(found.error().kind, ErrorKind::InvalidInput);
        QVERIFY2(found.error().message.contains(QLatin1String("a uses b uses a")), qPrintable(found.error().message));
        const auto self = expandPrompt(withText(QStringLiteral("{{> c}}")), QStringLiteral("main"), source);
        QVERIFY2(!self && self.error().message.contains(QLatin1String("c uses c")), qPrintable(self.error().message));
    }
    void depthSizeAndCountAreBounded()
    {
        QHash<QString, QString> chain, bomb;
        for (int i = 0; i < 30; ++i) {
            chain.insert(QStringLiteral("p%1").arg(i), QStringLiteral("{{> p%1}}").arg(i + 1));
            bomb.insert(QStringLiteral("p%1").arg(i), QStringLiteral("{{> p%1}}").arg(i + 1).repeated(10));
        }
        bomb.insert(QStringLiteral("p8"), QString(900, u'x'));
        const auto deep = expandPrompt(withText(QStringLiteral("{{> p0}}")), QString(), from(chain));
        QVERIFY2(!deep && deep.error().message.contains(QLatin1String("levels deep")), qPrintable(deep.error().message));
        QElapsedTimer timer;
        timer.start();
        QVERIFY(!expandPrompt(withText(QStringLiteral("{{> p0}}")), QString(), from(bomb)));
        const auto large = expandPrompt(withText(QStringLiteral("{{> big}}").repeated(500)), QString(),
                                        from({{QStringLiteral("big"), QString(10'000, u'y')}}));
        QVERIFY2(!large && large.error().message.contains(QLatin1String("longer than")), qPrintable(large.error().message));
        QVERIFY(timer.elapsed() < 120'000);
    }
    void missingAndBrokenOnesAreNamed()
    {
        const auto source = from({{QStringLiteral("outer"), QStringLiteral("{{> gone}}")}, {QStringLiteral("bad"), QStringLiteral("x {{#open}}")}});
        const auto gone = expandPrompt(withText(QStringLiteral("{{> outer}}")), QStringLiteral("main"), source);
        QVERIFY2(!gone && gone.error().message.contains(QLatin1String("main uses outer uses gone")), qPrintable(gone.error().message));
        const auto bad = expandPrompt(withText(QStringLiteral("{{> bad}}")), QStringLiteral("main"), source);
        QVERIFY2(!bad && bad.error().message.contains(QStringLiteral("“bad”")) && bad.error().message.contains(QLatin1String("line 1, column 3")),
                 qPrintable(bad.error().message));
    }
    // By class of characters: never far off for any script, which characters / 4 is.
    void tokensAreEstimated_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("least");
        QTest::addColumn<int>("most");
        QTest::newRow("nothing") << QString() << 0 << 0;
        QTest::newRow("a sentence") << QStringLiteral("The quick brown fox jumps over the lazy dog.") << 9 << 12;
        QTest::newRow("json") << QStringLiteral(R"({"name": "Ada", "age": 36, "tags": ["a", "b"]})") << 18 << 32;
        QTest::newRow("german") << QStringLiteral("Die Geschwindigkeitsbegrenzung gilt für alle.") << 9 << 17;
        QTest::newRow("chinese") << QString::fromUtf8("今天天气很好，我们去公园") << 9 << 16;
        QTest::newRow("russian") << QString::fromUtf8("Быстрая лиса прыгает") << 5 << 11;
        QTest::newRow("spaces") << QString(64, u' ') << 1 << 16;
        QTest::newRow("emoji") << QString::fromUtf8("🦊") << 1 << 4;
    }
    void tokensAreEstimated()
    {
        QFETCH(QString, text);
        QFETCH(int, least);
        QFETCH(int, most);
        const qint64 tokens = estimateTokens(text);
        QVERIFY2(tokens >= least && tokens <= most, qPrintable(QString::number(tokens)));
    }
};

QTEST_GUILESS_MAIN(TestPromptPartials)
#include "tst_PromptPartials.moc"
