// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/SqlScan.h"

#include <QList>

#include <cstring>

namespace lathe {

namespace {
bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool startsWord(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || uchar(c) >= 0x80;
}

bool isSpace(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

class Lexer
{
public:
    enum class Token { End, Word, Open, Close, Semicolon, Other };
    Lexer(QByteArrayView sql, SqlDialect dialect) : m_sql(sql), m_postgres(dialect == SqlDialect::Postgres) {}

    Token next()
    {
        skipBlank();
        if (m_at >= m_sql.size())
            return Token::End;
        const char c = m_sql[m_at];
        if (m_postgres && (c == 'e' || c == 'E') && at(1) == '\'') {
            escaped();
            return Token::Other;
        }
        if (startsWord(c))
            return word();
        if (c == '\'' || c == '"' || (!m_postgres && c == '`')) {
            quoted(c);
            return Token::Other;
        }
        if (!m_postgres && c == '[') {
            quoted(']');
            return Token::Other;
        }
        if (m_postgres && c == '$' && dollarQuoted())
            return Token::Other;
        ++m_at;
        return c == '(' ? Token::Open : c == ')' ? Token::Close : c == ';' ? Token::Semicolon : Token::Other;
    }
    const QByteArray &lastWord() const { return m_word; }

private:
    char at(qsizetype offset) const { return m_at + offset < m_sql.size() ? m_sql[m_at + offset] : '\0'; }
    bool comments() const { return (at(0) == '-' && at(1) == '-') || (at(0) == '/' && at(1) == '*'); }

    // PostgreSQL ends a line at a carriage return, too.
    void skipLine()
    {
        while (m_at < m_sql.size() && at(0) != '\n' && !(m_postgres && at(0) == '\r'))
            ++m_at;
    }

    void skipBlank()
    {
        for (;;) {
            if (m_at < m_sql.size() && isSpace(at(0))) {
                ++m_at;
            } else if (!comments()) {
                return;
            } else if (at(0) == '-') {
                skipLine();
            } else {
                int depth = 0;
                do {
                    const bool opens = at(0) == '/' && at(1) == '*' && (m_postgres || depth == 0);
                    const bool closes = depth > 0 && at(0) == '*' && at(1) == '/';
                    depth += opens ? 1 : closes ? -1 : 0;
                    m_at += opens || closes ? 2 : 1;
                } while (depth > 0 && m_at < m_sql.size());
            }
        }
    }

    Token word()
    {
        const qsizetype from = m_at;
        while (m_at < m_sql.size() && (startsWord(at(0)) || isDigit(at(0)) || at(0) == '$'))
            ++m_at;
        m_word = m_sql.sliced(from, std::min<qsizetype>(m_at - from, 32)).toByteArray().toUpper();
        return Token::Word;
    }

    // A doubled quote is a second text right behind the first, which is all the same here.
    void quoted(char end)
    {
        const qsizetype close = m_sql.indexOf(end, m_at + 1);
        m_at = close < 0 ? m_sql.size() : close + 1;
    }

    // E'it\'s'; it goes on in a further '...' on another line.
    void escaped()
    {
        ++m_at;
        do {
            ++m_at;
            for (; m_at < m_sql.size() && at(0) != '\''; ++m_at) {
                if (at(0) == '\\')
                    ++m_at;
            }
            m_at = std::min(m_at + 1, m_sql.size());
        } while (at(0) == '\'' || continues());
    }

    bool continues()
    {
        const qsizetype from = m_at;
        bool line = false;
        while (m_at < m_sql.size() && (isSpace(at(0)) || (at(0) == '-' && at(1) == '-'))) {
            line = line || at(0) == '\n' || at(0) == '\r';
            if (at(0) == '-')
                skipLine();
            else
                ++m_at;
        }
        if (line && at(0) == '\'')
            return true;
        m_at = from;
        return false;
    }

    // $$ ... $$ or $tag$ ... $tag$; false, and nothing read, where it is none.
    bool dollarQuoted()
    {
        qsizetype end = m_at + 1;
        while (end < m_sql.size() && (startsWord(m_sql[end]) || (end > m_at + 1 && isDigit(m_sql[end]))))
            ++end;
        if (end >= m_sql.size() || m_sql[end] != '$')
            return false;
        const QByteArrayView tag = m_sql.sliced(m_at, end + 1 - m_at);
        const char *rest = m_sql.data() + end + 1;
        const auto *close = static_cast<const char *>(memmem(rest, size_t(m_sql.size() - end - 1), tag.data(), size_t(tag.size()))); // linear
        m_at = close ? close - m_sql.data() + tag.size() : m_sql.size();
        return true;
    }

    QByteArrayView m_sql;
    bool m_postgres;
    qsizetype m_at = 0;
    QByteArray m_word;
};

// Where a statement ends; psql counts in the same way.
class Ends
{
public:
    explicit Ends(SqlDialect dialect) : m_postgres(dialect == SqlDialect::Postgres) {}
    bool isEnd(Lexer::Token token, const QByteArray &word)
    {
        if (token == Lexer::Token::Open)
            ++m_brackets;
        else if (token == Lexer::Token::Close)
            m_brackets = std::max(m_brackets - 1, 0);
        else if (token == Lexer::Token::Word && m_brackets == 0)
            readWord(word);
        return token == Lexer::Token::Semicolon && m_brackets == 0 && m_blocks == 0;
    }

private:
    void readWord(const QByteArray &word)
    {
        static const QList<QByteArray> between{"OR", "REPLACE", "TEMP", "TEMPORARY"};
        switch (m_kind) {
        case Kind::Begins:
            m_kind = word == "CREATE" ? Kind::Creates : Kind::Plain;
            break;
        case Kind::Creates:
            if (between.contains(word))
                break;
            m_kind = (m_postgres ? word == "FUNCTION" || word == "PROCEDURE" : word == "TRIGGER") ? Kind::Routine : Kind::Plain;
            break;
        case Kind::Routine:
            if (word == "BEGIN" || (word == "CASE" && m_blocks > 0))
                ++m_blocks;
            else if (word == "END")
                m_blocks = std::max(m_blocks - 1, 0);
            break;
        case Kind::Plain:
            break;
        }
    }
    enum class Kind { Begins, Creates, Routine, Plain };
    Kind m_kind = Kind::Begins;
    bool m_postgres;
    int m_brackets = 0, m_blocks = 0;
};
} // namespace

SqlScan scanSql(QByteArrayView sql, SqlDialect dialect)
{
    using Token = Lexer::Token;
    SqlScan scan;
    Lexer lexer(sql, dialect);
    Ends ends(dialect);
    bool begun = false;  // the text, but for brackets
    bool inside = false; // a statement
    while (scan.statements < 2) {
        const Token token = lexer.next();
        if (token == Token::End)
            break;
        if (!begun && token != Token::Open) {
            begun = true;
            if (token == Token::Word)
                scan.firstWord = lexer.lastWord();
        }
        if (ends.isEnd(token, lexer.lastWord())) {
            inside = false;
            ends = Ends(dialect);
        } else if (!inside) {
            inside = true;
            ++scan.statements;
        }
    }
    return scan;
}

} // namespace lathe
