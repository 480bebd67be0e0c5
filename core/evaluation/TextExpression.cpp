// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/TextExpression.h"

#include "core/base/Json.h"
#include "core/evaluation/TextTemplate.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {
using Node = TextExpression;
using Pointer = std::shared_ptr<const Node>;
constexpr int deepest = 64;
constexpr qsizetype longestResult = 4'000'000;

struct Token {
    enum class Type { Name, Number, Text, Sign, End, Bad };
    Type type = Type::End;
    QString text;
};

// Reads by precedence: choice, or, and, not, comparison, + - ~, * / %, unary, filters, members.
class Parser
{
public:
    explicit Parser(QStringView text) : m_text(text) { advance(); }
    Pointer whole(QString *why)
    {
        Pointer node = choice();
        if (node && m_token.type != Token::Type::End)
            node = fail(m_token.type == Token::Type::Bad
                            ? m_token.text
                            : QStringLiteral("\"%1\" was not expected").arg(m_token.text));
        *why = m_why;
        return node;
    }

private:
    void advance()
    {
        while (m_at < m_text.size() && m_text[m_at].isSpace())
            ++m_at;
        if (m_at >= m_text.size()) {
            m_token = {};
            return;
        }
        const QChar c = m_text[m_at];
        const qsizetype start = m_at;
        if (c.isLetter() || c == QLatin1Char('_') || c == QLatin1Char('$')) {
            while (m_at < m_text.size()
                   && (m_text[m_at].isLetterOrNumber() || m_text[m_at] == QLatin1Char('_')
                       || m_text[m_at] == QLatin1Char('$')))
                ++m_at;
            m_token = {Token::Type::Name, m_text.mid(start, m_at - start).toString()};
        } else if (c.isDigit()) {
            while (m_at < m_text.size()
                   && (m_text[m_at].isDigit()
                       || (m_text[m_at] == QLatin1Char('.') && m_at + 1 < m_text.size()
                           && m_text[m_at + 1].isDigit())))
                ++m_at;
            m_token = {Token::Type::Number, m_text.mid(start, m_at - start).toString()};
        } else if (c == QLatin1Char('"') || c == QLatin1Char('\'')) {
            readText(c);
        } else {
            static const QStringList signs{QStringLiteral("==="), QStringLiteral("!=="),
                                           QStringLiteral("=="),  QStringLiteral("!="),
                                           QStringLiteral("<="),  QStringLiteral(">="),
                                           QStringLiteral("//"),  QStringLiteral("**")};
            QString sign(c);
            for (const QString &longer : signs) {
                if (m_text.mid(m_at).startsWith(longer)) {
                    sign = longer;
                    break;
                }
            }
            m_at += sign.size();
            m_token = {Token::Type::Sign, sign};
        }
    }
    void readText(QChar quote)
    {
        QString text;
        for (++m_at; m_at < m_text.size() && m_text[m_at] != quote; ++m_at) {
            QChar c = m_text[m_at];
            if (c == QLatin1Char('\\') && m_at + 1 < m_text.size()) {
                c = m_text[++m_at];
                if (c == QLatin1Char('n'))
                    c = QLatin1Char('\n');
                else if (c == QLatin1Char('t'))
                    c = QLatin1Char('\t');
            }
            text += c;
        }
        if (m_at >= m_text.size()) {
            m_token = {Token::Type::Bad, QStringLiteral("a quote is not closed")};
            return;
        }
        ++m_at;
        m_token = {Token::Type::Text, text};
    }
    bool isSign(const char *sign) const
    {
        return m_token.type == Token::Type::Sign && m_token.text == QLatin1String(sign);
    }
    bool isWord(const char *word) const
    {
        return m_token.type == Token::Type::Name && m_token.text == QLatin1String(word);
    }
    bool take(const char *sign)
    {
        if (!isSign(sign))
            return false;
        advance();
        return true;
    }
    Pointer fail(const QString &why)
    {
        if (m_why.isEmpty())
            m_why = why;
        return nullptr;
    }
    static Pointer made(Node::Kind kind, const QString &name, std::vector<Pointer> parts)
    {
        auto node = std::make_shared<Node>();
        node->kind = kind;
        node->name = name;
        node->parts = std::move(parts);
        return node;
    }
    static Pointer literal(const QJsonValue &value)
    {
        auto node = std::make_shared<Node>();
        node->literal = value;
        return node;
    }

    Pointer choice()
    {
        if (++m_depth > deepest)
            return fail(QStringLiteral("it is nested too deeply"));
        Pointer value = disjunction();
        if (value && isWord("if")) {
            advance();
            Pointer condition = disjunction();
            Pointer other = literal(QJsonValue(QJsonValue::Undefined));
            if (condition && isWord("else")) {
                advance();
                other = choice();
            }
            value = condition && other
                        ? made(Node::Kind::Choice, QString(), {condition, value, other})
                        : nullptr;
        }
        --m_depth;
        return value;
    }
    Pointer disjunction()
    {
        Pointer left = conjunction();
        while (left && isWord("or")) {
            advance();
            Pointer right = conjunction();
            left = right ? made(Node::Kind::Binary, QStringLiteral("or"), {left, right}) : nullptr;
        }
        return left;
    }
    Pointer conjunction()
    {
        Pointer left = negation();
        while (left && isWord("and")) {
            advance();
            Pointer right = negation();
            left = right ? made(Node::Kind::Binary, QStringLiteral("and"), {left, right}) : nullptr;
        }
        return left;
    }
    Pointer negation()
    {
        if (isWord("not") || isSign("!")) {
            if (++m_depth > deepest)
                return fail(QStringLiteral("it is nested too deeply"));
            advance();
            Pointer inner = negation();
            --m_depth;
            return inner ? made(Node::Kind::Not, QString(), {inner}) : nullptr;
        }
        return comparison();
    }
    Pointer comparison()
    {
        Pointer left = sum();
        while (left) {
            QString name;
            for (const char *sign : {"===", "!==", "==", "!=", "<=", ">=", "<", ">"}) {
                if (isSign(sign))
                    name = QLatin1String(sign);
            }
            bool negated = false;
            if (name.isEmpty() && isWord("in"))
                name = QStringLiteral("in");
            if (name.isEmpty() && isWord("not")) {
                negated = true;
                advance();
                if (!isWord("in"))
                    return fail(QStringLiteral("\"not\" was not expected"));
                name = QStringLiteral("in");
            }
            if (name.isEmpty() && isWord("is"))
                return fail(QStringLiteral("tests with \"is\" are not supported"));
            if (name.isEmpty())
                return left;
            advance();
            Pointer right = sum();
            left = right ? made(Node::Kind::Binary, name, {left, right}) : nullptr;
            if (left && negated)
                left = made(Node::Kind::Not, QString(), {left});
        }
        return left;
    }
    Pointer sum()
    {
        Pointer left = product();
        while (left && (isSign("+") || isSign("-") || isSign("~"))) {
            const QString name = m_token.text;
            advance();
            Pointer right = product();
            left = right ? made(Node::Kind::Binary, name, {left, right}) : nullptr;
        }
        return left;
    }
    Pointer product()
    {
        Pointer left = unary();
        while (left && (isSign("*") || isSign("/") || isSign("//") || isSign("%"))) {
            const QString name = m_token.text;
            advance();
            Pointer right = unary();
            left = right ? made(Node::Kind::Binary, name, {left, right}) : nullptr;
        }
        return left;
    }
    Pointer unary()
    {
        if (isSign("-")) {
            if (++m_depth > deepest)
                return fail(QStringLiteral("it is nested too deeply"));
            advance();
            Pointer inner = unary();
            --m_depth;
            return inner ? made(Node::Kind::Negate, QString(), {inner}) : nullptr;
        }
        Pointer value = members();
        while (value && take("|")) {
            if (m_token.type != Token::Type::Name)
                return fail(QStringLiteral("after \"|\" stands the name of a filter"));
            const QString name = m_token.text;
            if (!textFilters().contains(name))
                return fail(QStringLiteral("the filter \"%1\" is not supported").arg(name));
            advance();
            std::vector<Pointer> parts{value};
            if (take("(")) {
                while (!isSign(")")) {
                    Pointer argument = choice();
                    if (!argument)
                        return nullptr;
                    parts.push_back(argument);
                    if (!take(",") && !isSign(")"))
                        return fail(QStringLiteral("a bracket is not closed"));
                }
                advance();
            }
            value = made(Node::Kind::Filter, name, std::move(parts));
        }
        return value;
    }
    Pointer members()
    {
        Pointer value = atom();
        int count = 0;
        while (value) {
            if (++count > 1000)
                return fail(QStringLiteral("it is nested too deeply"));
            if (take(".")) {
                if (m_token.type != Token::Type::Name && m_token.type != Token::Type::Number)
                    return fail(QStringLiteral("after \".\" stands the name of a member"));
                value = made(Node::Kind::Member, QString(), {value, literal(m_token.text)});
                advance();
            } else if (take("[")) {
                Pointer index = choice();
                if (index && !take("]"))
                    return fail(QStringLiteral("a bracket is not closed"));
                value = index ? made(Node::Kind::Member, QString(), {value, index}) : nullptr;
            } else if (isSign("(")) {
                return fail(QStringLiteral("calls are not supported"));
            } else {
                return value;
            }
        }
        return value;
    }
    Pointer atom()
    {
        const Token token = m_token;
        if (token.type == Token::Type::Bad)
            return fail(token.text);
        if (token.type == Token::Type::End)
            return fail(QStringLiteral("it is empty or ends too early"));
        advance();
        if (token.type == Token::Type::Text)
            return literal(token.text);
        if (token.type == Token::Type::Number)
            return literal(token.text.toDouble());
        if (token.type == Token::Type::Name) {
            if (token.text == QLatin1String("true") || token.text == QLatin1String("false"))
                return literal(token.text == QLatin1String("true"));
            if (token.text == QLatin1String("none") || token.text == QLatin1String("null"))
                return literal(QJsonValue());
            return made(Node::Kind::Name, token.text, {});
        }
        if (token.text == QLatin1String("(")) {
            Pointer inner = choice();
            return inner && !take(")") ? fail(QStringLiteral("a bracket is not closed")) : inner;
        }
        if (token.text == QLatin1String("[")) {
            std::vector<Pointer> items;
            while (!isSign("]")) {
                Pointer item = choice();
                if (!item)
                    return nullptr;
                items.push_back(item);
                if (!take(",") && !isSign("]"))
                    return fail(QStringLiteral("a bracket is not closed"));
            }
            advance();
            return made(Node::Kind::List, QString(), std::move(items));
        }
        return fail(QStringLiteral("\"%1\" was not expected").arg(token.text));
    }

    QStringView m_text;
    qsizetype m_at = 0;
    Token m_token;
    QString m_why;
    int m_depth = 0;
};

QJsonValue memberOf(const QJsonValue &value, const QJsonValue &key)
{
    if (value.isArray() || value.isString()) {
        const bool list = value.isArray();
        if (key.isString() && key.toString() == QLatin1String("length"))
            return list ? value.toArray().size() : value.toString().size();
        bool good = key.isDouble();
        const double wanted = good ? key.toDouble() : key.toString().toDouble(&good);
        const qsizetype size = list ? value.toArray().size() : value.toString().size();
        if (!good || wanted < 0 || wanted >= double(size))
            return QJsonValue(QJsonValue::Undefined);
        return list ? value.toArray().at(qsizetype(wanted))
                    : QJsonValue(QString(value.toString().at(qsizetype(wanted))));
    }
    return value.toObject().value(templateText(key));
}

bool contains(const QJsonValue &in, const QJsonValue &what)
{
    if (in.isString())
        return in.toString().contains(templateText(what));
    return in.isArray() ? in.toArray().contains(what) : in.toObject().contains(templateText(what));
}

// JavaScript's ==, as far as JSON goes.
bool looselyEqual(const QJsonValue &a, const QJsonValue &b)
{
    if (a.type() == b.type())
        return a == b;
    const bool nothingA = a.isNull() || a.isUndefined(), nothingB = b.isNull() || b.isUndefined();
    if (nothingA || nothingB)
        return nothingA && nothingB;
    if (a.isObject() || b.isObject() || a.isArray() || b.isArray())
        return templateText(a) == templateText(b);
    const auto numeric = [](const QJsonValue &value, double *number) {
        bool good = true;
        *number = value.isString() ? value.toString().toDouble(&good) : textNumber(value);
        return good;
    };
    double left = 0, right = 0;
    return numeric(a, &left) && numeric(b, &right) && left == right;
}

QJsonValue binary(const QString &name, const QJsonValue &a, const QJsonValue &b)
{
    if (name == QLatin1String("=="))
        return looselyEqual(a, b);
    if (name == QLatin1String("!="))
        return !looselyEqual(a, b);
    if (name == QLatin1String("==="))
        return a == b;
    if (name == QLatin1String("!=="))
        return a != b;
    if (name == QLatin1String("in"))
        return contains(b, a);
    if (name == QLatin1String("~")
        || (name == QLatin1String("+") && (a.isString() || b.isString()))) {
        const QString text = templateText(a) + templateText(b);
        return text.left(longestResult);
    }
    const double left = textNumber(a), right = textNumber(b);
    if (name == QLatin1String("<") || name == QLatin1String(">") || name == QLatin1String("<=")
        || name == QLatin1String(">=")) {
        const int order = a.isString() && b.isString()
                              ? QString::compare(a.toString(), b.toString())
                          : left < right ? -1
                                         : left > right;
        return name == QLatin1String("<")    ? order < 0
               : name == QLatin1String(">")  ? order > 0
               : name == QLatin1String("<=") ? order <= 0
                                             : order >= 0;
    }
    const double result = name == QLatin1String("+")    ? left + right
                          : name == QLatin1String("-")  ? left - right
                          : name == QLatin1String("*")  ? left * right
                          : name == QLatin1String("/")  ? left / right
                          : name == QLatin1String("//") ? std::floor(left / right)
                                                        : std::fmod(left, right);
    return std::isfinite(result) ? QJsonValue(result) : QJsonValue(QJsonValue::Undefined);
}
} // namespace

bool isTruthy(const QJsonValue &value)
{
    if (value.isBool())
        return value.toBool();
    if (value.isDouble())
        return value.toDouble() != 0;
    if (value.isString())
        return !value.toString().isEmpty();
    return value.isArray() || value.isObject();
}

std::shared_ptr<const TextExpression> TextExpression::parse(QStringView text, QString *why)
{
    return Parser(text).whole(why);
}

QJsonValue TextExpression::evaluate(const QJsonObject &values) const
{
    switch (kind) {
    case Kind::Literal:
        return literal;
    case Kind::Name:
        return values.value(name);
    case Kind::Member:
        return memberOf(parts[0]->evaluate(values), parts[1]->evaluate(values));
    case Kind::Not:
        return !isTruthy(parts[0]->evaluate(values));
    case Kind::Negate:
        return -textNumber(parts[0]->evaluate(values));
    case Kind::Choice:
        return parts[isTruthy(parts[0]->evaluate(values)) ? 1 : 2]->evaluate(values);
    case Kind::List: {
        QJsonArray list;
        for (const auto &part : parts)
            list.append(part->evaluate(values));
        return list;
    }
    case Kind::Binary: {
        const QJsonValue left = parts[0]->evaluate(values);
        if (name == QLatin1String("and") || name == QLatin1String("or"))
            return isTruthy(left) == (name == QLatin1String("or")) ? left
                                                                   : parts[1]->evaluate(values);
        return binary(name, left, parts[1]->evaluate(values));
    }
    case Kind::Filter: {
        std::vector<QJsonValue> arguments;
        for (size_t i = 1; i < parts.size(); ++i)
            arguments.push_back(parts[i]->evaluate(values));
        return applyTextFilter(name, parts[0]->evaluate(values), arguments);
    }
    }
    return {};
}

void TextExpression::collectNames(QStringList *names) const
{
    if (kind == Kind::Name && !names->contains(name))
        names->append(name);
    for (const auto &part : parts)
        part->collectNames(names);
}

} // namespace lathe
