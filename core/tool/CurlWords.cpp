// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/CurlWords.h"

#include <QRegularExpression>

#include <algorithm>

namespace lathe {

namespace {
Error invalid(const QString &message)
{
    return Error(ErrorKind::InvalidInput, message);
}

// cmd.exe: ^ takes the meaning of the next character away outside of quotes, ^ at the end of a line joins it with the next.
QString withoutCarets(const QString &text)
{
    QString out;
    bool quoted = false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        if (c == u'^' && !quoted && i + 1 < text.size()) {
            ++i;
            if (text[i] == u'\n') { // "^" and an empty line: a line break that is meant
                if (i + 1 < text.size() && text[i + 1] == u'\n') {
                    out += u'\n';
                    ++i;
                } else {
                    out += u' ';
                }
            } else {
                out += text[i];
            }
            continue;
        }
        if (c == u'"')
            quoted = !quoted;
        out += c;
    }
    return out;
}

// How programs on Windows cut their command line: quotes toggle, \" and "" are quotes, other backslashes stand for themselves.
Result<QStringList> windowsWords(const QString &text)
{
    QStringList words;
    QString word;
    bool quoted = false, any = false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        if (c == u'\\') {
            qsizetype count = 1;
            while (i + count < text.size() && text[i + count] == u'\\')
                ++count;
            const bool quote = i + count < text.size() && text[i + count] == u'"';
            word += QString(quote ? count / 2 : count, u'\\');
            i += count - 1;
            if (quote && count % 2 == 1) {
                word += u'"';
                ++i;
            }
            any = true;
        } else if (c == u'"') {
            if (quoted && i + 1 < text.size() && text[i + 1] == u'"') {
                word += c;
                ++i;
            } else {
                quoted = !quoted;
            }
            any = true;
        } else if (c.isSpace() && !quoted) {
            if (any)
                words += word;
            word.clear();
            any = false;
        } else {
            word += c;
            any = true;
        }
    }
    if (quoted)
        return invalid(QStringLiteral("The command has a quote \" that is never closed; paste it whole."));
    if (any)
        words += word;
    return words;
}

// The private use area is ours, for marks.
void withoutMarks(QString &text)
{
    for (QChar &c : text) {
        if (c.unicode() >= 0xe000 && c.unicode() <= 0xf8ff)
            c = QChar(QChar::ReplacementCharacter);
    }
}

// What stands in $'...'; i behind the opening quote, afterwards behind the closing one.
Result<QString> ansiText(const QString &text, qsizetype &i)
{
    static const QString letters = QStringLiteral("abefnrtv"), meanings = QStringLiteral("\a\b\x1b\f\n\r\t\v");
    QString out;
    QByteArray bytes; // of \xHH and octal, which together are UTF-8
    const auto flush = [&] {
        out += QString::fromUtf8(bytes);
        bytes.clear();
    };
    while (i < text.size() && text[i] != u'\'') {
        if (text[i] != u'\\' || i + 1 >= text.size()) {
            flush();
            out += text[i++];
            continue;
        }
        const QChar c = text[++i];
        ++i;
        const auto number = [&](int most, int base) {
            uint value = 0;
            for (int digits = 0; digits < most && i < text.size(); ++digits, ++i) {
                bool ok = false;
                const uint digit = QString(text[i]).toUInt(&ok, base);
                if (!ok)
                    break;
                value = value * uint(base) + digit;
            }
            return value;
        };
        if (c == u'x') {
            bytes += char(number(2, 16));
        } else if (c >= u'0' && c <= u'7') {
            --i;
            bytes += char(number(3, 8));
        } else if (c == u'u' || c == u'U') {
            flush();
            const uint code = number(c == u'u' ? 4 : 8, 16);
            if (c == u'u' && code >= 0xd800 && code < 0xe000) {
                out += QChar(char16_t(code)); // half of a pair; the other half follows
            } else {
                const auto point = char32_t(code <= 0x10ffff && (code < 0xd800 || code >= 0xe000) ? code : 0xfffd);
                out += QString::fromUcs4(&point, 1);
            }
        } else {
            flush();
            const qsizetype letter = letters.indexOf(c == u'E' ? QChar(u'e') : c);
            if (letter >= 0)
                out += meanings[letter];
            else if (c == u'\\' || c == u'\'' || c == u'"' || c == u'?')
                out += c;
            else
                out += QString(u'\\') + c;
        }
    }
    if (i >= text.size())
        return invalid(QStringLiteral("The command has a quote ' that is never closed; paste it whole."));
    flush();
    ++i;
    withoutMarks(out); // an escape may spell one
    return out;
}

// $NAME and ${NAME} at i become a mark; i goes behind it. False: a plain "$".
Result<bool> variable(const QString &text, qsizetype &i, QString &word)
{
    static const QRegularExpression name(QStringLiteral("\\G\\$(?:([A-Za-z_][A-Za-z0-9_]*)|\\{([A-Za-z_][A-Za-z0-9_]*)\\})"));
    const auto match = name.match(text, i);
    if (match.hasMatch()) {
        word += QChar(CurlWords::variableBegin) + match.captured(1) + match.captured(2) + QChar(CurlWords::variableEnd);
        i = match.capturedEnd();
        return true;
    }
    if (i + 1 < text.size() && (text[i + 1] == u'(' || text[i + 1] == u'{'))
        return invalid(QStringLiteral("The command asks the shell for \"%1\", which is never run here; put the value itself in its place.")
                           .arg(text.mid(i, 40)));
    return false;
}

class ShWords
{
public:
    explicit ShWords(const QString &text) : m_text(text) {}
    Result<CurlWords> parse()
    {
        while (m_i < m_text.size()) {
            const QChar c = m_text[m_i];
            if (c == u'\n') {
                endWord();
                if (!m_out.words.isEmpty()) {
                    leaveOut(m_i + 1, QStringLiteral("Only the first command is used; left out: %1"));
                    break;
                }
                ++m_i;
            } else if (c.isSpace()) {
                endWord();
                ++m_i;
            } else if (c == u'#' && !m_any) {
                while (m_i < m_text.size() && m_text[m_i] != u'\n')
                    ++m_i;
            } else if (c == u'|' || c == u';' || c == u'<' || c == u'>' || c == u'&') {
                // A URL with & that was not put into quotes is meant as a whole.
                const bool inUrl = c == u'&' && m_any && m_i + 1 < m_text.size() && m_text[m_i + 1].isLetterOrNumber()
                                   && m_word.contains(QLatin1String("://"));
                if (inUrl) {
                    m_word += c;
                    ++m_i;
                    continue;
                }
                if ((c == u'>' || c == u'<') && (m_word == QLatin1String("1") || m_word == QLatin1String("2"))) {
                    m_word.clear();
                    m_any = false;
                }
                endWord();
                leaveOut(m_i, QStringLiteral("What the shell would do with the answer is left out: %1"));
                break;
            } else if (auto taken = character(c); !taken) {
                return taken.error();
            }
        }
        endWord();
        return std::move(m_out);
    }

private:
    Result<void> character(QChar c)
    {
        if (c == u'\\') {
            if (!escaped())
                return {}; // the end of a line begins no word
        } else if (c == u'\'') {
            const qsizetype end = m_text.indexOf(u'\'', m_i + 1);
            if (end < 0)
                return invalid(QStringLiteral("The command has a quote ' that is never closed; paste it whole."));
            m_word += QStringView(m_text).mid(m_i + 1, end - m_i - 1);
            m_i = end + 1;
        } else if (c == u'"') {
            return doubleQuoted();
        } else if (c == u'$' && m_i + 1 < m_text.size() && m_text[m_i + 1] == u'\'') {
            m_i += 2;
            auto text = ansiText(m_text, m_i);
            if (!text)
                return text.error();
            m_word += *text;
        } else if (c == u'$' && m_i + 1 < m_text.size() && m_text[m_i + 1] == u'"') {
            ++m_i; // a text to be translated
            return doubleQuoted();
        } else if (auto put = plainOrPutIn(); !put) {
            return put;
        }
        m_any = true;
        return {};
    }
    void plain() { m_word += m_text[m_i++]; }
    // A character, or what a shell puts in the place of one: a variable by its mark, and never what another program prints.
    Result<void> plainOrPutIn()
    {
        if (m_text[m_i] == u'`') {
            return invalid(
                QStringLiteral("The command runs another program in `...`, which is never done here; put the value itself in its place."));
        }
        if (m_text[m_i] == u'$') {
            const auto mark = variable(m_text, m_i, m_word);
            if (!mark)
                return mark.error();
            if (*mark)
                return {};
        }
        plain();
        return {};
    }
    // False: nothing was meant by it but that the line goes on.
    bool escaped()
    {
        // "\\" and blanks at the end of a line: a slip that everybody forgives.
        qsizetype end = m_i + 1;
        while (end < m_text.size() && (m_text[end] == u' ' || m_text[end] == u'\t'))
            ++end;
        if (end < m_text.size() && m_text[end] == u'\n') {
            m_i = end + 1;
            return false;
        }
        if (end >= m_text.size() || m_i + 1 >= m_text.size()) {
            m_i = m_text.size();
            return false;
        }
        m_word += m_text[m_i + 1];
        m_i += 2;
        return true;
    }
    Result<void> doubleQuoted()
    {
        m_any = true;
        ++m_i;
        while (m_i < m_text.size() && m_text[m_i] != u'"') {
            const QChar c = m_text[m_i];
            if (c == u'\\' && m_i + 1 < m_text.size()) {
                const QChar next = m_text[m_i + 1];
                if (next == u'"' || next == u'\\' || next == u'$' || next == u'`')
                    m_word += next;
                else if (next != u'\n')
                    m_word += QString(c) + next;
                m_i += 2;
            } else if (auto put = plainOrPutIn(); !put) {
                return put;
            }
        }
        if (m_i >= m_text.size())
            return invalid(QStringLiteral("The command has a quote \" that is never closed; paste it whole."));
        ++m_i;
        return {};
    }
    void endWord()
    {
        if (m_any)
            m_out.words += m_word;
        m_word.clear();
        m_any = false;
    }
    void leaveOut(qsizetype from, const QString &note)
    {
        const QString rest = m_text.mid(from).simplified();
        if (!rest.isEmpty())
            m_out.notes += note.arg(rest.left(80));
    }

    const QString m_text;
    qsizetype m_i = 0;
    QString m_word;
    bool m_any = false; // a word has begun, though it may be empty
    CurlWords m_out;
};
} // namespace

Result<CurlWords> CurlWords::parse(const QString &given)
{
    static const QRegularExpression caretLine(QStringLiteral("\\^[ \\t]*(\\n|\\z)|\\^\""));
    static const QRegularExpression tickLine(QStringLiteral("`[ \\t]*\\n"));
    QString text = given;
    text.replace(QLatin1String("\r\n"), QLatin1String("\n")).replace(u'\r', u'\n');
    withoutMarks(text);
    text.replace(QChar(0xa0), u' '); // from web pages
    text.remove(QChar(0));
    if (text.contains(caretLine) && !text.contains(QLatin1String("\\\n"))) {
        auto words = windowsWords(withoutCarets(text));
        if (!words)
            return words.error();
        CurlWords out;
        out.words = std::move(*words);
        return out;
    }
    text.replace(tickLine, QStringLiteral(" "));
    return ShWords(text).parse();
}

} // namespace lathe
