// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/llm/Prices.h"

#include <QDate>
#include <QFile>
#include <QJsonArray>
#include <QSet>
#include <QTest>

using namespace lathe;

class TestPrices : public QObject
{
    Q_OBJECT
private:
    static Prices shipped()
    {
        QFile file(QStringLiteral(":/data/prices.json"));
        if (!file.open(QIODevice::ReadOnly))
            qFatal("the price table is not compiled in");
        const auto json = json::parseObject(file.readAll());
        return *Prices::fromJson(*json);
    }
    static Usage usage(qint64 input, qint64 output, qint64 read = 0, qint64 write = 0)
    {
        Usage u;
        u.inputTokens = input;
        u.outputTokens = output;
        u.cacheReadTokens = read;
        u.cacheWriteTokens = write;
        return u;
    }

private Q_SLOTS:
    void shippedTableIsGood()
    {
        QFile file(QStringLiteral(":/data/prices.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto json = json::parseObject(file.readAll());
        QVERIFY(json.ok());
        QVERIFY(QDate::fromString(json->value(QLatin1String("as_of")).toString(), Qt::ISODate)
                    .isValid());
        QVERIFY(json->value(QLatin1String("note")).toString().size() > 40);
        QVERIFY(Prices::fromJson(*json).ok());
        QSet<QString> seen;
        const QJsonArray models = json->value(QLatin1String("models")).toArray();
        for (const QJsonValue &model : models) {
            const QString key = model[QLatin1String("provider")].toString() + QLatin1Char(' ')
                                + model[QLatin1String("model")].toString();
            QVERIFY2(!seen.contains(key), qPrintable(key));
            seen.insert(key);
            QVERIFY2(model[QLatin1String("cache_read")].toDouble(0)
                         <= model[QLatin1String("input")].toDouble(),
                     qPrintable(key));
            QVERIFY2(model[QLatin1String("input")].toDouble()
                         <= model[QLatin1String("output")].toDouble(),
                     qPrintable(key));
        }
        QVERIFY(models.size() > 80);
    }
    void finds_data()
    {
        QTest::addColumn<QString>("provider");
        QTest::addColumn<QString>("model");
        QTest::addColumn<double>("cost"); // of 1 million in and 1 million out; -1: not known
        const auto row = [](const char *provider, const char *model, double cost) {
            QTest::newRow(model) << QString::fromLatin1(provider) << QString::fromLatin1(model)
                                 << cost;
        };
        row("openai", "gpt-5", 11.25);
        row("openai", "gpt-5-2025-08-07", 11.25);
        row("openai", "GPT-5-mini-2025-08-07", 2.25);
        row("openai", "gpt-5.4", 17.5);
        row("openai", "gpt-5.99", -1);
        row("openai", "gpt-5-ultra", -1);
        row("openai", "gpt-4o-2024-08-06", 12.5);
        row("openai", "gpt-4.5", -1);
        row("azure.ai.openai", "gpt-4.1", 10);
        row("anthropic", "claude-opus-4-5-20251101", 30);
        row("anthropic", "claude-opus-4-20250514", 90);
        row("anthropic", "claude-opus-4-99", -1);
        row("anthropic", "claude-sonnet-5-5", 12);
        row("gcp.gemini", "gemini-2.5-flash", 2.8);
        row("gcp.gemini", "models/gemini-2.5-flash-lite", 0.5);
        row("gcp.vertex_ai", "gemini-3.1-pro-preview", 14);
        row("openrouter", "anthropic/claude-sonnet-4.5", 18);
        row("openrouter", "openai/gpt-4.1", 10);
        row("openrouter", "meta/llama", -1);
        row("mistral_ai", "mistral-large-latest", 2);
        row("deepseek", "deepseek-chat", 0.42);
        row("x_ai", "grok-4-fast-reasoning", 0.7);
        row("x_ai", "grok-4-0709", 18);
        row("lathe.offline", "extractive", 0);
        row("local", "llama3.2:3b", 0);
        row("ollama", "openai/gpt-oss", 0);
        row("openai", "", -1);
        row("nobody", "x", -1);
        row("custom", "my-model", -1); // a server nearby of which nothing is known
        row("custom", "openai/gpt-4.1", 10); // a gateway that says where it goes
    }
    void finds()
    {
        QFETCH(QString, provider);
        QFETCH(QString, model);
        QFETCH(double, cost);
        Usage u = usage(1'000'000, 1'000'000);
        shipped().price(provider, model, u);
        QCOMPARE(u.costKnown, cost >= 0);
        QVERIFY2(qAbs(u.costUsd - std::max(cost, 0.0)) < 1e-9,
                 qPrintable(QString::number(u.costUsd)));
    }
    void aPriceOfOnesOwnStays()
    {
        const auto own = TokenPrice::fromJson(*json::parseObject(R"({"input":3,"output":5,"cache_read":1})"));
        QVERIFY(own);
        Usage u = usage(1'000'000, 1'000'000, 500'000);
        own->price(u);
        QVERIFY(u.costKnown);
        QCOMPARE(u.costUsd, 7.0);
        shipped().price(QStringLiteral("openai"), QStringLiteral("gpt-5"), u); // would be 11.25
        QCOMPARE(u.costUsd, 7.0);
        shipped().price(QStringLiteral("custom"), QStringLiteral("x"), u); // would not be known
        QVERIFY(u.costKnown);
        QCOMPARE(u.costUsd, 7.0);
        QCOMPARE(*TokenPrice::fromJson(own->toJson()), *own);
    }
    void ownPricesAreChecked()
    {
        for (const char *bad : {"{}", R"({"input":1})", R"({"input":1,"output":-1})", R"({"input":"1","output":2})",
                                R"({"input":1,"output":2,"cache_read":-3})", R"({"input":1,"output":2,"cache_write":[]})"})
            QVERIFY2(!TokenPrice::fromJson(*json::parseObject(bad)), bad);
    }
    void countsCachedTokensOnce()
    {
        const Prices prices = *Prices::fromJson(
            *json::parseObject("{\"models\":[{\"provider\":\"p\",\"model\":\"a\",\"input\":10,"
                               "\"output\":20,\"cache_read\":1,\"cache_write\":12},{\"provider\":"
                               "\"p\",\"model\":\"b\",\"input\":10,\"output\":20}]}"));
        Usage u = usage(1000, 100, 600, 200);
        prices.price(QStringLiteral("p"), QStringLiteral("a"), u);
        QCOMPARE(qRound64(u.costUsd * 1e6), qint64(200 * 10 + 600 * 1 + 200 * 12 + 100 * 20));
        u = usage(1000, 100, 600, 200);
        prices.price(QStringLiteral("p"), QStringLiteral("b"), u);
        QCOMPARE(qRound64(u.costUsd * 1e6), qint64(1000 * 10 + 100 * 20));
        Usage odd = usage(10, 0, 600, 0); // a server that counts cached tokens apart
        prices.price(QStringLiteral("p"), QStringLiteral("a"), odd);
        QVERIFY(odd.costUsd > 0);
    }
    void refuses()
    {
        for (const char *bad :
             {"{}", "{\"models\":5}", "{\"models\":[{}]}",
              "{\"models\":[{\"provider\":\"p\",\"model\":\"m\"}]}",
              "{\"models\":[{\"provider\":\"p\",\"model\":\"m\",\"input\":-1,\"output\":1}]}",
              "{\"models\":[{\"provider\":\"p\",\"model\":\"m\",\"input\":\"1\",\"output\":1}]}",
              "{\"models\":[{\"provider\":\"p\",\"model\":\"m\",\"input\":1,\"output\":1,\"cache_"
              "read\":-2}]}"})
            QVERIFY2(!Prices::fromJson(*json::parseObject(bad)).ok(), bad);
    }
};

QTEST_GUILESS_MAIN(TestPrices)
#include "tst_Prices.moc"
