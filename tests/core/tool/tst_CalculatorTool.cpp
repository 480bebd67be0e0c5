// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/tool/Calculator.h"
#include "core/tool/CalculatorTool.h"
#include "tests/core/tool/ToolTesting.h"

#include <QTest>

using namespace lathe;

class TestCalculatorTool : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void values_data()
    {
        QTest::addColumn<QString>("expression");
        QTest::addColumn<QString>("expected");
        const std::pair<const char *, const char *> rows[] = {
            {"1+2", "3"},
            {" 2 * ( 3 + 4 ) ", "14"},
            {"7/2", "3.5"},
            {"10 % 3", "1"},
            {"10%(3)", "1"},
            {"-7 % 3", "-1"},
            {"2^10", "1024"},
            {"2^3^2", "512"},
            {"-2^2", "-4"},
            {"(-2)^2", "4"},
            {"2^-1", "0.5"},
            {"2^0.5", "1.4142135623730951"},
            {"--5", "5"},
            {"+-+5", "-5"},
            {"3 - -2", "5"},
            {"1-2-3", "-4"},
            {"100/10/2", "5"},
            {"0.1+0.2", "0.30000000000000004"},
            {"50%", "0.5"},
            {"200 * 15%", "30"},
            {"200 - 10%", "199.9"},
            {"15% * 200", "30"},
            {"5%%", "0.0005"},
            {"1,234,567.5 + 1", "1234568.5"},
            {"1_000_000", "1000000"},
            {"max(1,234)", "234"},
            {"max((1,234), 2)", "1234"},
            {"1e3", "1000"},
            {"1.5E-3", "0.0015"},
            {".5", "0.5"},
            {"5.", "5"},
            {"sqrt(16)", "4"},
            {"abs(-3)", "3"},
            {"round(2.5)", "3"},
            {"round(-2.5)", "-3"},
            {"round(3.14159, 2)", "3.14"},
            {"round(1.005, 2)", "1.01"},
            {"round(1234, -2)", "1200"},
            {"round(0.49999999999999994)", "0"},
            {"floor(-1.5)", "-2"},
            {"ceil(1.2)", "2"},
            {"min(3, 1, 2)", "1"},
            {"max(3)", "3"},
            {"sum(1,2,3)", "6"},
            {"mean(1,2,4)", "2.3333333333333335"},
            {"ln(e)", "1"},
            {"log10(1000)", "3"},
            {"exp(0)", "1"},
            {"sin(0)", "0"},
            {"cos(pi)", "-1"},
            {"tan(0)", "0"},
            {"PI", "3.141592653589793"},
            {"9007199254740991 + 1", "9007199254740992"},
            {"9007199254740993 * 10", "90071992547409920"},
            {"3 \xc3\x97 4 \xc3\xb7 6", "2"},
            {"5 \xe2\x88\x92 2", "3"},
            {"0 * -1", "0"},
            {"2*(3)", "6"},
            {"1e308", "1e+308"},
            {"1e-9", "1e-09"},
            {"1/3", "0.3333333333333333"},
            {"12345678901", "12345678901"},
        };
        for (const auto &[expression, expected] : rows)
            QTest::newRow(expression)
                << QString::fromUtf8(expression) << QString::fromUtf8(expected);
    }
    void values()
    {
        QFETCH(QString, expression);
        QFETCH(QString, expected);
        const auto value = calculate(expression);
        QVERIFY2(value.ok(), qPrintable(value ? QString() : value.error().message));
        QCOMPARE(calculatedText(*value), expected);
    }

    void errors_data()
    {
        QTest::addColumn<QString>("expression");
        QTest::addColumn<QString>("expected");
        const std::pair<const char *, const char *> rows[] = {
            {"", "column 1, a number is missing"},
            {"1+", "column 3, a number is missing"},
            {"1 2", "column 3, expected an operator before \"2\""},
            {"2(3)", "column 2, expected an operator"},
            {"(1", "the parenthesis of column 1 is not closed"},
            {"1)", "column 2, this closing parenthesis"},
            {"1/0", "column 2, division by zero"},
            {"1%(0)", "column 2, division by zero"},
            {"sqrt(-1)", "column 1, the result is not a real number"},
            {"ln(0)", "the result is too large"},
            {"2^5000", "column 2, the result is too large"},
            {"1e999", "column 1, the number is too large"},
            {"foo(1)", "\"foo\" is unknown"},
            {"log(5)", "write ln or log10"},
            {"sqrt 4", "expected \"(\" after sqrt"},
            {"sqrt(1,2)", "sqrt takes 1 argument, not 2"},
            {"min()", "min takes another number"},
            {"sqrt(4", "the call of sqrt is not closed"},
            {"2**3", "column 2, \"**\" is unknown"},
            {"1,23", "column 2, a comma separates"},
            {"$5", "column 1, expected a number, found \"$\""},
            {".", "a point without digits"},
            {"max(1;2)", "the call of max is not closed"},
            {"5 apples", "expected an operator before \"apples\""},
            {"1..2", "expected an operator"},
            {"__import__('os')", "expected a number"},
        };
        for (const auto &[expression, expected] : rows)
            QTest::newRow(*expression ? expression : "empty")
                << QString::fromUtf8(expression) << QString::fromUtf8(expected);
    }
    void errors()
    {
        QFETCH(QString, expression);
        QFETCH(QString, expected);
        const auto value = calculate(expression);
        QVERIFY(!value.ok());
        QCOMPARE(value.error().kind, ErrorKind::InvalidInput);
        QVERIFY2(value.error().message.contains(expected), qPrintable(value.error().message));
    }

    void depthAndLengthAreBounded()
    {
        for (const QString &hostile :
             {QString(1900, u'(') + u'1' + QString(1900, u')'), QString(3900, u'-') + u'1',
              QStringLiteral("2^").repeated(1900) + u'1',
              QStringLiteral("abs(").repeated(900) + u'1'}) {
            const auto value = calculate(hostile);
            QVERIFY(!value.ok());
            QVERIFY2(value.error().message.contains(QLatin1String("nested more than")),
                     qPrintable(value.error().message));
        }
        const auto longOne = calculate(QStringLiteral("1+").repeated(3000) + u'1');
        QVERIFY(!longOne.ok());
        QVERIFY(longOne.error().message.contains(QLatin1String("longer than")));
        QCOMPARE(*calculate(QStringLiteral("1+").repeated(1500) + u'1'), 1501.0);
    }

    void asTool()
    {
        ToolSpec spec;
        spec.purpose = QStringLiteral("Do sums");
        CalculatorTool tool(QStringLiteral("calculator"), spec);
        QVERIFY(tool.description().startsWith(QLatin1String("Do sums. Calculates")));
        QVERIFY2(tool.description().contains(QLatin1String("(10 % 3)"))
                     && tool.description().contains(QLatin1String("sqrt, abs")),
                 qPrintable(tool.description()));
        const auto call = [&tool](const char *expression, CancelToken cancel = {}) {
            const QJsonObject arguments{{QStringLiteral("expression"), QLatin1String(expression)}};
            return test::await(tool.call(arguments, cancel));
        };
        auto outcome = call("1,250 * 2");
        QVERIFY(outcome.ok());
        QCOMPARE(outcome->text, QStringLiteral("2500"));
        QCOMPARE(outcome->structured.toObject().value(QLatin1String("value")).toDouble(), 2500.0);
        QVERIFY(!outcome->isError);
        QVERIFY(call("1/0")->isError);
        QVERIFY(call("2^60")->text.contains(QLatin1String("rounded")));
        CancelSource cancelled;
        cancelled.cancel();
        QCOMPARE(call("1", cancelled.token()).error().kind, ErrorKind::Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestCalculatorTool)
#include "tst_CalculatorTool.moc"
