// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/RunFilterText.h"

namespace lathe {

using namespace filter;

namespace {
int distance(const QString &a, const QString &b)
{
    std::vector<int> row(size_t(b.size()) + 1);
    for (size_t i = 0; i < row.size(); ++i)
        row[i] = int(i);
    for (qsizetype i = 0; i < a.size(); ++i) {
        int diagonal = std::exchange(row[0], int(i) + 1);
        for (qsizetype j = 0; j < b.size(); ++j) {
            const int changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[size_t(j) + 1];
            row[size_t(j) + 1] = std::min({changed, diagonal + 1, row[size_t(j)] + 1});
        }
    }
    return row.back();
}

QString unknownField(const QString &name)
{
    const QString typed = name.left(40).toLower();
    QString nearest;
    int least = 3;
    for (const FieldInfo &info : allFields()) {
        const QString known = QLatin1String(info.name);
        const int steps = known.startsWith(typed) ? 1 : distance(typed, known);
        if (steps < least) {
            least = steps;
            nearest = known;
        }
    }
    const QString help = nearest.isEmpty() ? QStringLiteral("put the text in quotes to search for it") : QStringLiteral("did you mean %1?").arg(nearest);
    return QStringLiteral("There is no field \"%1\"; %2%3").arg(name.left(40), help, nearest.isEmpty() ? QStringLiteral(".") : QString());
}

class Reader
{
public:
    Reader(std::vector<Token> list, int length, qint64 nowUs) : m_tokens(std::move(list)), m_length(length), m_nowUs(nowUs) {}

    RunFilterReading read()
    {
        RunFilter filter = readAny(0);
        while (!m_stopped && m_at < m_tokens.size()) { // a parenthesis too much: what follows counts as well
            const Token &token = m_tokens[m_at++];
            problem(QStringLiteral("This parenthesis closes nothing; take it out."), token.from, token.length);
            RunFilter rest = readAny(0);
            filter = RunFilter::ofAll({std::move(filter), std::move(rest)});
        }
        m_reading.filter = filter.normalized();
        return std::move(m_reading);
    }

private:
    void problem(const QString &message, int column, int length)
    {
        m_reading.problems.push_back({message, std::min(column, m_length), std::clamp(length, 0, std::max(0, m_length - column))});
    }
    const Token *peek() const { return !m_stopped && m_at < m_tokens.size() ? &m_tokens[m_at] : nullptr; }
    // Nothing more is read.
    void stop(const QString &message, const Token &at)
    {
        if (!m_stopped)
            problem(message, at.from, m_length - at.from);
        m_stopped = true;
    }
    bool count(const Token &at)
    {
        if (++m_terms <= termsMax)
            return true;
        stop(QStringLiteral("A query takes at most %1 terms; leave some out.").arg(termsMax), at);
        return false;
    }

    RunFilter readAny(int depth)
    {
        RunFilter any;
        any.kind = RunFilter::Kind::Any;
        const Token *expecting = nullptr;
        for (;;) {
            const size_t before = m_at;
            RunFilter all = readAll(depth);
            const Token *next = peek();
            const bool isOr = next && next->kind == Token::Or;
            const bool nothing = m_at == before;
            if (nothing && !m_stopped && (isOr || expecting)) {
                const Token &sign = isOr ? *next : *expecting;
                problem(QStringLiteral("On both sides of \"or\" a term must stand; to search for the word, put it in quotes."), sign.from, sign.length);
            }
            if (!all.isEmpty())
                any.parts.push_back(std::move(all));
            if (!isOr)
                return any.parts.empty() ? RunFilter() : any;
            expecting = next;
            ++m_at;
        }
    }

    RunFilter readAll(int depth)
    {
        RunFilter all;
        const Token *joined = nullptr;
        while (const Token *token = peek()) {
            if (token->kind == Token::Close || token->kind == Token::Or)
                break;
            if (token->kind == Token::And) {
                joined = token;
                ++m_at;
                continue;
            }
            joined = nullptr;
            if (auto part = readPart(depth))
                all.parts.push_back(std::move(*part));
        }
        if (joined && !m_stopped)
            problem(QStringLiteral("After \"and\" a term must stand; to search for the word, put it in quotes."), joined->from, joined->length);
        return all;
    }

    std::optional<RunFilter> readPart(int depth)
    {
        const Token &token = m_tokens[m_at++];
        if (depth >= depthMax && (token.kind == Token::Minus || token.kind == Token::Not || token.kind == Token::Open)) {
            stop(QStringLiteral("This is nested more than %1 levels deep; make it simpler.").arg(depthMax), token);
            return std::nullopt;
        }
        if (token.kind == Token::Minus || token.kind == Token::Not)
            return readNot(token, depth);
        if (token.kind != Token::Open)
            return readTerm(token);
        const size_t inside = m_at;
        RunFilter group = readAny(depth + 1);
        const bool empty = m_at == inside;
        if (const Token *close = peek(); close && close->kind == Token::Close) {
            ++m_at;
            if (empty)
                problem(QStringLiteral("There is nothing between these parentheses."), token.from, close->end() - token.from);
        } else if (!m_stopped) {
            problem(QStringLiteral("This parenthesis is not closed."), token.from, token.length);
        }
        return group.isEmpty() ? std::nullopt : std::optional<RunFilter>(std::move(group));
    }

    std::optional<RunFilter> readNot(const Token &sign, int depth)
    {
        const Token *next = peek();
        const bool apart = sign.kind == Token::Minus && next && next->from != sign.end();
        if (!next || apart || next->kind == Token::Close || next->kind == Token::Or || next->kind == Token::And) {
            problem(QStringLiteral("What is to be left out must follow, as in -tag:old; to search for the sign, put it in quotes."), sign.from,
                    sign.length);
            return std::nullopt;
        }
        auto part = readPart(depth + 1);
        if (!part)
            return std::nullopt;
        RunFilter denied;
        denied.kind = RunFilter::Kind::Not;
        denied.parts.push_back(std::move(*part));
        return denied;
    }

    std::optional<RunFilter> readTerm(const Token &token)
    {
        for (const Value &value : token.values) {
            if (value.open)
                problem(QStringLiteral("The quotation is not closed; a \" is missing at its end."), value.from, value.length);
        }
        if (token.kind != Token::Term)
            return count(token) ? std::optional<RunFilter>(RunFilter::of(RunField::Text, token.values.front().text)) : std::nullopt;
        const QString name = token.name.toLower();
        const bool mark = name == QLatin1String("has") || name == QLatin1String("is");
        const FieldInfo *info = mark ? nullptr : findField(name);
        if (!mark && !info) {
            problem(unknownField(token.name), token.from, int(token.name.size()));
            return std::nullopt;
        }
        QString sign = token.sign;
        if (name == QLatin1String("since") || name == QLatin1String("until")) {
            if (sign != QLatin1String(":")) {
                problem(QStringLiteral("After %1 a colon and a time stand, as in %1:2d.").arg(name), token.signFrom, int(sign.size()));
                return std::nullopt;
            }
            sign = name == QLatin1String("since") ? QStringLiteral(">=") : QStringLiteral("<=");
        } else if (mark && sign != QLatin1String(":")) {
            problem(QStringLiteral("After %1 a colon and a word stand, as in %2.")
                        .arg(name, name == QLatin1String("has") ? QStringLiteral("has:error") : QStringLiteral("is:pinned")),
                    token.signFrom, int(sign.size()));
            return std::nullopt;
        }
        if (token.values.size() > 1 && sign != QLatin1String(":")) {
            problem(QStringLiteral("Several values stand only behind a colon, as in status:failed,cancelled."), token.values[1].from - 1, 1);
            return std::nullopt;
        }
        RunFilter any;
        any.kind = RunFilter::Kind::Any;
        for (const Value &value : token.values) {
            if (!count(token))
                break;
            QString trouble;
            const auto filter = mark ? readMark(name, value, &trouble) : readValue(*info, sign, value, m_nowUs, &trouble);
            if (filter)
                any.parts.push_back(*filter);
            else if (value.length == 0) // the sign is what lacks something
                problem(trouble, token.from, token.length);
            else
                problem(trouble, value.from, value.length);
        }
        return any.parts.empty() ? std::nullopt : std::optional<RunFilter>(std::move(any));
    }

    const std::vector<Token> m_tokens;
    const int m_length;
    const qint64 m_nowUs;
    size_t m_at = 0;
    int m_terms = 0;
    bool m_stopped = false;
    RunFilterReading m_reading;
};
} // namespace

RunFilterReading readRunFilter(const QString &text, qint64 nowUs)
{
    if (text.size() > queryLengthMax) {
        RunFilterReading reading;
        reading.problems.push_back({QStringLiteral("A query takes at most %1 characters; this one has %2.").arg(queryLengthMax).arg(text.size()),
                                    int(queryLengthMax), int(text.size() - queryLengthMax)});
        return reading;
    }
    return Reader(tokens(text), int(text.size()), nowUs).read();
}

} // namespace lathe
