// SPDX-License-Identifier: GPL-3.0-or-later
// What a person types is words to find and never a language: FTS5 has one, with operators, columns and errors.
#include "core/project/SearchExpression.h"
#include "core/sqlite/Database.h"

#include <QRandomGenerator>
#include <QTest>

using namespace lathe;

class TestSearchExpression : public QObject
{
    Q_OBJECT
    std::unique_ptr<Database> m_database;

    // How many of the texts are found; -1 when SQLite refuses the expression.
    int found(const QString &expression)
    {
        auto statement = m_database->prepare("SELECT count(*) FROM words WHERE words MATCH ?1");
        if (!statement)
            return -1;
        statement->bind(1, expression);
        const auto row = statement->step();
        return row && *row ? int(statement->int64(0)) : -1;
    }

private Q_SLOTS:
    void initTestCase()
    {
        auto opened = Database::open(QStringLiteral(":memory:"), Database::Mode::Create);
        QVERIFY(opened);
        m_database = std::move(*opened);
        QVERIFY(m_database->exec("CREATE VIRTUAL TABLE words USING fts5(body, hidden);"
                                 "INSERT INTO words VALUES('The invoice is wrong again', 'secret');"
                                 "INSERT INTO words VALUES('An invoice, and the export', 'secret');"
                                 "INSERT INTO words VALUES('say \"hello\" to C++ AND NEAR', 'x')")
                    .ok());
    }

    void finds_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<int>("count");
        const auto row = [](const char *typed, int count) { QTest::newRow(typed) << QString::fromUtf8(typed) << count; };
        row("invoice", 2);
        row("INVOICE wrong", 1); // every word
        row("wrong invoice", 1);
        row("inv ex", 1);        // words that begin so
        row("voice", 0);
        row("AND", 2);           // a word (of the second text too), no operator
        row("invoice OR hello", 0);
        row("NOT invoice", 0);
        row("NEAR(invoice wrong)", 0);
        row("hidden:secret", 0); // no column
        row("\"hello\"", 1);
        row("\"hello", 1);
        row("C++", 1);
        row("invoice*", 2);
        row("^the", 2); // nothing begins with it
        row("{body}: the", 0);
    }
    void finds()
    {
        QFETCH(QString, typed);
        QFETCH(int, count);
        QCOMPARE(found(searchExpression(typed)), count);
    }

    void phrasesStandTogether()
    {
        QCOMPARE(found(phraseExpression(QStringLiteral("invoice is wro"))), 1);
        QCOMPARE(found(phraseExpression(QStringLiteral("invoice wrong"))), 0);
        QCOMPARE(found(phraseExpression(QStringLiteral("say \"hello\" to"))), 1);
    }

    void nothingToFind()
    {
        for (const char *typed : {"", "   ", "\"", "* ( ) : ^ -", "\"\"\"", "\xc2\xa0"})
            QVERIFY2(searchExpression(QString::fromUtf8(typed)).isEmpty(), typed);
    }

    // Whatever is typed, SQLite takes it.
    void anythingIsTaken()
    {
        QRandomGenerator random(20261123);
        const QString signs = QStringLiteral("ab\u00fc\"'*^:-+(){}[]\\ \n\t%_;,.") + QChar(0) + QString::fromUcs4(U"\U0001f6e0") + QStringLiteral(" AND OR NOT NEAR");
        for (int round = 0; round < 4000; ++round) {
            QString typed;
            for (int i = int(random.bounded(30)); i > 0; --i)
                typed += signs.at(random.bounded(int(signs.size())));
            for (const QString &expression : {searchExpression(typed), phraseExpression(typed)}) {
                if (!expression.isEmpty())
                    QVERIFY2(found(expression) >= 0, qPrintable(expression));
            }
        }
        const QString many = searchExpression(QStringLiteral("word ").repeated(100'000));
        QVERIFY(many.size() < 1000);
        QVERIFY(found(many) >= 0);
        const QString quotes = phraseExpression(QString(1'000'000, u'"') + u'a'); // what is found of it stands beyond what is looked at
        QVERIFY(quotes.isEmpty() || found(quotes) == 0);
    }
};

QTEST_GUILESS_MAIN(TestSearchExpression)
#include "tst_SearchExpression.moc"
