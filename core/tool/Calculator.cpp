// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/Calculator.h"

#include <QLocale>
#include <QStringList>

#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

namespace lathe {

namespace {
constexpr qsizetype maxLength = 4000;
constexpr int maxDepth = 100;
constexpr size_t maxArguments = 1000;

using Arguments = std::vector<double>;
struct Function {
    const char *name;
    size_t least, most; // arguments
    double (*apply)(const Arguments &);
};

double roundTo(const Arguments &a)
{
    if (a.size() == 1)
        return std::round(a[0]);
    const double digits = std::clamp(std::trunc(a[1]), -15.0, 15.0);
    const double scale = std::pow(10.0, std::abs(digits));
    const double scaled = digits >= 0 ? a[0] * scale : a[0] / scale;
    if (!std::isfinite(scaled) || std::abs(scaled) >= 9e15) // nothing left to round
        return a[0];
    // 1.005 * 100 is 100.49999999999999: what a person reads as a half rounds away from zero.
    const double rounded = std::round(scaled + std::copysign(std::abs(scaled) * 4e-16, scaled));
    return digits >= 0 ? rounded / scale : rounded * scale;
}

const Function functions[] = {
    {"sqrt", 1, 1, [](const Arguments &a) { return std::sqrt(a[0]); }},
    {"abs", 1, 1, [](const Arguments &a) { return std::abs(a[0]); }},
    {"round", 1, 2, roundTo},
    {"floor", 1, 1, [](const Arguments &a) { return std::floor(a[0]); }},
    {"ceil", 1, 1, [](const Arguments &a) { return std::ceil(a[0]); }},
    {"min", 1, maxArguments,
     [](const Arguments &a) { return *std::min_element(a.begin(), a.end()); }},
    {"max", 1, maxArguments,
     [](const Arguments &a) { return *std::max_element(a.begin(), a.end()); }},
    {"sum", 1, maxArguments,
     [](const Arguments &a) { return std::accumulate(a.begin(), a.end(), 0.0); }},
    {"mean", 1, maxArguments,
     [](const Arguments &a) {
         return std::accumulate(a.begin(), a.end(), 0.0) / double(a.size());
     }},
    {"ln", 1, 1, [](const Arguments &a) { return std::log(a[0]); }},
    {"log10", 1, 1, [](const Arguments &a) { return std::log10(a[0]); }},
    {"exp", 1, 1, [](const Arguments &a) { return std::exp(a[0]); }},
    {"sin", 1, 1, [](const Arguments &a) { return std::sin(a[0]); }},
    {"cos", 1, 1, [](const Arguments &a) { return std::cos(a[0]); }},
    {"tan", 1, 1, [](const Arguments &a) { return std::tan(a[0]); }},
};

bool isDigit(QChar c)
{
    return c >= u'0' && c <= u'9';
}

// expression := term {(+|-) term};  term := unary {(*|/|%) unary};  unary := (+|-) unary | power;
// power := postfix [^ unary];  postfix := primary {%};  primary := number | name | name(list) |
// (expression)
class Parser
{
public:
    explicit Parser(const QString &text) : m_text(text) {}

    Result<double> run()
    {
        const double value = expression();
        skip();
        if (!m_error && m_at < m_text.size()) {
            const QChar c = m_text[m_at];
            if (c == u')')
                fail(m_at, QStringLiteral("this closing parenthesis has no opening one"));
            else if (c == u',')
                fail(m_at, QStringLiteral("a comma separates arguments of a function or three "
                                          "digits each, as in 1,234"));
            else
                fail(m_at, QStringLiteral("expected an operator before \"%1\"").arg(wordAt(m_at)));
        }
        if (m_error)
            return *m_error;
        return value;
    }

private:
    // Every parse function gives 0 after an error; the first error is kept.
    double fail(qsizetype at, const QString &why)
    {
        if (!m_error) {
            m_error = Error(ErrorKind::InvalidInput,
                            QStringLiteral("The expression cannot be calculated: at column %1, %2.")
                                .arg(at + 1)
                                .arg(why));
        }
        return 0;
    }

    double checked(double value, qsizetype at)
    {
        if (m_error)
            return 0;
        if (std::isnan(value))
            return fail(at, QStringLiteral("the result is not a real number"));
        if (std::isinf(value))
            return fail(at, QStringLiteral("the result is too large"));
        return value;
    }

    void skip()
    {
        while (m_at < m_text.size() && m_text[m_at].isSpace())
            ++m_at;
    }

    QChar peek()
    {
        skip();
        return m_at < m_text.size() ? m_text[m_at] : QChar();
    }

    bool take(char16_t c)
    {
        if (peek() != c)
            return false;
        ++m_at;
        return true;
    }

    QString wordAt(qsizetype at) const
    {
        qsizetype end = at + 1;
        while (end < m_text.size() && end < at + 20
               && (m_text[end].isLetterOrNumber() || m_text[end] == u'_'))
            ++end;
        return m_text.mid(at, end - at);
    }

    struct Deeper {
        Parser &parser;
        bool ok;
        explicit Deeper(Parser &p) : parser(p), ok(++p.m_depth <= maxDepth)
        {
            if (!ok)
                p.fail(p.m_at,
                       QStringLiteral("it is nested more than %1 levels deep").arg(maxDepth));
        }
        ~Deeper() { --parser.m_depth; }
    };

    double expression()
    {
        double value = term();
        while (!m_error) {
            const QChar c = peek();
            const qsizetype at = m_at;
            if (c != u'+' && c != u'-')
                break;
            ++m_at;
            const double right = term();
            value = checked(c == u'+' ? value + right : value - right, at);
        }
        return value;
    }

    double term()
    {
        double value = unary();
        while (!m_error) {
            const QChar c = peek();
            const qsizetype at = m_at;
            if (c != u'*' && c != u'/' && c != u'%')
                break;
            ++m_at;
            const double right = unary();
            if (m_error)
                break;
            if (c != u'*' && right == 0)
                return fail(at, QStringLiteral("division by zero"));
            value = checked(c == u'*'   ? value * right
                            : c == u'/' ? value / right
                                        : std::fmod(value, right),
                            at);
        }
        return value;
    }

    double unary()
    {
        const Deeper deeper(*this);
        if (!deeper.ok)
            return 0;
        if (take(u'-'))
            return -unary();
        if (take(u'+'))
            return unary();
        return power();
    }

    double power()
    {
        const double base = postfix();
        const qsizetype at = (skip(), m_at);
        if (m_error || !take(u'^'))
            return base;
        return checked(std::pow(base, unary()), at); // from the right: 2^3^2 is 2^9
    }

    double postfix()
    {
        double value = primary();
        while (!m_error && peek() == u'%') {
            // A percent sign with an operand behind it is the remainder.
            qsizetype next = m_at + 1;
            while (next < m_text.size() && m_text[next].isSpace())
                ++next;
            if (next < m_text.size()
                && (m_text[next].isLetterOrNumber() || m_text[next] == u'('
                    || m_text[next] == u'.'))
                break;
            ++m_at;
            value /= 100;
        }
        return value;
    }

    double primary()
    {
        const QChar c = peek();
        const qsizetype at = m_at;
        if (c.isNull())
            return fail(at, QStringLiteral("a number is missing at the end"));
        if (isDigit(c) || c == u'.')
            return number();
        if (take(u'('))
            return parenthesised(at);
        if (c.isLetter())
            return named(wordAt(at).toLower(), at);
        return fail(at, QStringLiteral("expected a number, found \"%1\"").arg(c));
    }

    double parenthesised(qsizetype at)
    {
        const int outer = std::exchange(m_inCall, 0); // max((1,234), 2)
        const double value = expression();
        m_inCall = outer;
        if (!m_error && !take(u')'))
            return fail(m_at,
                        QStringLiteral("the parenthesis of column %1 is not closed").arg(at + 1));
        return value;
    }

    double named(const QString &word, qsizetype at)
    {
        m_at += word.size();
        if (word == QLatin1String("pi"))
            return std::numbers::pi;
        if (word == QLatin1String("e"))
            return std::numbers::e;
        for (const Function &function : functions) {
            if (word == QLatin1String(function.name))
                return call(function, at);
        }
        if (word == QLatin1String("log"))
            return fail(at, QStringLiteral("\"log\" is ambiguous; write ln or log10"));
        return fail(at,
                    QStringLiteral(
                        "\"%1\" is unknown; there are the functions %2 and the constants pi and e")
                        .arg(word, calculatorFunctions()));
    }

    double call(const Function &function, qsizetype at)
    {
        const QString name = QLatin1String(function.name);
        if (!take(u'('))
            return fail(m_at, QStringLiteral("expected \"(\" after %1").arg(name));
        Arguments arguments;
        const int outer = std::exchange(m_inCall, 1);
        if (peek() != u')') {
            do {
                arguments.push_back(expression());
            } while (!m_error && arguments.size() <= maxArguments && take(u','));
        }
        m_inCall = outer;
        if (m_error)
            return 0;
        if (!take(u')'))
            return fail(m_at, QStringLiteral("the call of %1 is not closed").arg(name));
        if (arguments.size() < function.least || arguments.size() > function.most) {
            return fail(at, function.least == function.most
                                ? QStringLiteral("%1 takes %2 argument, not %3")
                                      .arg(name)
                                      .arg(function.least)
                                      .arg(arguments.size())
                                : QStringLiteral("%1 takes another number of arguments than %2")
                                      .arg(name)
                                      .arg(arguments.size()));
        }
        return checked(function.apply(arguments), at);
    }

    // Digits with thousands separators ("1,234", "1_234"), a fraction and an exponent.
    double number()
    {
        const qsizetype start = m_at;
        QByteArray digits;
        const auto run = [&] {
            const qsizetype from = digits.size();
            while (m_at < m_text.size() && isDigit(m_text[m_at]))
                digits += char(m_text[m_at++].unicode());
            return digits.size() - from;
        };
        const auto isGroup = [&](qsizetype at) {
            for (qsizetype i = 0; i < 3; ++i) {
                if (at + i >= m_text.size() || !isDigit(m_text[at + i]))
                    return false;
            }
            return at + 3 >= m_text.size() || !isDigit(m_text[at + 3]);
        };
        const qsizetype first = run();
        while (m_at < m_text.size()) {
            const QChar c = m_text[m_at];
            const bool comma =
                c == u',' && !m_inCall && first <= 3 && first > 0 && isGroup(m_at + 1);
            const bool underscore =
                c == u'_' && m_at + 1 < m_text.size() && isDigit(m_text[m_at + 1]);
            if (!comma && !underscore)
                break;
            ++m_at;
            run();
        }
        if (m_at < m_text.size() && m_text[m_at] == u'.') {
            digits += '.';
            ++m_at;
            run();
        }
        if (digits == ".")
            return fail(start, QStringLiteral("a point without digits is no number"));
        if (m_at < m_text.size() && (m_text[m_at] == u'e' || m_text[m_at] == u'E')) {
            qsizetype next = m_at + 1;
            if (next < m_text.size() && (m_text[next] == u'+' || m_text[next] == u'-'))
                ++next;
            if (next < m_text.size() && isDigit(m_text[next])) {
                digits += QStringView(m_text).mid(m_at, next - m_at).toLatin1();
                m_at = next;
                run();
            }
        }
        bool ok = false;
        const double value = digits.toDouble(&ok);
        if (!ok)
            return fail(start, QStringLiteral("the number is too large"));
        return checked(value, start);
    }

    const QString m_text;
    qsizetype m_at = 0;
    int m_depth = 0;
    int m_inCall = 0; // commas separate arguments
    std::optional<Error> m_error;
};
} // namespace

Result<double> calculate(const QString &expression)
{
    if (expression.size() > maxLength) {
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The expression is longer than %1 characters; split it.")
                         .arg(maxLength));
    }
    QString text = expression;
    // One character each, so that columns stay right.
    text.replace(QChar(0x00d7), u'*')
        .replace(QChar(0x00b7), u'*')
        .replace(QChar(0x00f7), u'/')
        .replace(QChar(0x2212), u'-');
    if (const qsizetype at = text.indexOf(QLatin1String("**")); at >= 0) {
        return Error(
            ErrorKind::InvalidInput,
            QStringLiteral("The expression cannot be calculated: at column %1, \"**\" is unknown; "
                           "write ^ for powers.")
                .arg(at + 1));
    }
    return Parser(text).run();
}

QString calculatedText(double value)
{
    if (value == 0)
        return QStringLiteral("0"); // not -0
    if (value == std::floor(value) && std::abs(value) <= 9007199254740992.0)
        return QString::number(qint64(value));
    // As people write it, unless it would be a row of zeros.
    const bool plain = std::abs(value) >= 1e-7 && std::abs(value) < 1e21;
    return QString::number(value, plain ? 'f' : 'g', QLocale::FloatingPointShortest);
}

QString calculatorFunctions()
{
    QStringList names;
    for (const Function &function : functions)
        names += QLatin1String(function.name);
    return names.join(QStringLiteral(", "));
}

} // namespace lathe
