// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/RedactionPresets.h"

#include <algorithm>
#include <array>
#include <vector>

namespace lathe::redaction {

namespace {
bool isDigit(QChar c)
{
    return c >= u'0' && c <= u'9';
}
bool isLetter(QChar c)
{
    return (c >= u'A' && c <= u'Z') || (c >= u'a' && c <= u'z');
}
bool isWord(QChar c)
{
    return c.isLetterOrNumber() || c == u'_';
}
int hexDigits(QStringView text)
{
    return int(std::count_if(text.begin(), text.end(), [](QChar c) { return isDigit(c) || (c.toLower() >= u'a' && c.toLower() <= u'f'); }));
}

constexpr qsizetype longestPhone = 40; // with all that stands between its digits

bool luhn(const QString &digits)
{
    int sum = 0;
    for (qsizetype i = 0; i < digits.size(); ++i) {
        int value = digits[digits.size() - 1 - i].digitValue();
        if (i % 2 == 1)
            value = value * 2 > 9 ? value * 2 - 9 : value * 2;
        sum += value;
    }
    return sum % 10 == 0;
}

bool isVersion4(QStringView text)
{
    int parts = 0, digits = 0, value = 0;
    for (qsizetype i = 0; i <= text.size(); ++i) {
        if (i < text.size() && isDigit(text[i])) {
            value = value * 10 + text[i].digitValue();
            if (++digits > 3 || value > 255)
                return false;
        } else if ((i == text.size() || text[i] == u'.') && digits > 0) {
            ++parts;
            digits = value = 0;
        } else {
            return false;
        }
    }
    return parts == 4;
}

bool isVersion6(QStringView text)
{
    const qsizetype gap = text.indexOf(u"::");
    if (gap >= 0 && text.indexOf(u"::", gap + 1) >= 0)
        return false;
    int groups = 0;
    qsizetype from = 0;
    while (from <= text.size()) {
        qsizetype to = text.indexOf(u':', from);
        to = to < 0 ? text.size() : to;
        const QStringView part = text.mid(from, to - from);
        if (to == text.size() && part.contains(u'.')) {
            if (!isVersion4(part))
                return false;
            groups += 2;
        } else if (!part.isEmpty()) {
            if (part.size() > 4 || hexDigits(part) != part.size())
                return false;
            ++groups;
        } else if (gap < 0 || (from != gap + 1 && !(gap == 0 && from == 0) && !(gap == text.size() - 2 && from == text.size()))) {
            return false; // empty elsewhere than at the gap
        }
        from = to + 1;
    }
    return gap < 0 ? groups == 8 : groups >= 1 && groups <= 7;
}

// A digit run: groups of digits with one separator between two.
struct Groups {
    qsizetype from = 0, to = 0;
    std::vector<Span> groups;
};

std::optional<Groups> nextGroups(QStringView text, qsizetype from, QStringView separators)
{
    qsizetype at = from;
    while (at < text.size() && !isDigit(text[at]))
        ++at;
    if (at == text.size())
        return std::nullopt;
    Groups found;
    found.from = at;
    while (at < text.size() && isDigit(text[at])) {
        const qsizetype start = at;
        while (at < text.size() && isDigit(text[at]))
            ++at;
        found.groups.push_back({start, at});
        found.to = at;
        if (at + 1 < text.size() && separators.contains(text[at]) && isDigit(text[at + 1]))
            ++at;
    }
    return found;
}
} // namespace

std::optional<Span> findCard(QStringView text, qsizetype from)
{
    while (from < text.size()) {
        const auto run = nextGroups(text, from, u" -\u00a0");
        if (!run)
            return std::nullopt;
        const bool cut = run->from > 0 && from == run->from && isDigit(text[run->from - 1]); // in the middle of a number
        for (size_t first = cut ? 1 : 0; first < run->groups.size(); ++first) {
            QString digits;
            std::optional<Span> longest;
            for (size_t last = first; last < run->groups.size(); ++last) {
                const Span group = run->groups[last];
                if (digits.size() + group.to - group.from > 19)
                    break;
                digits += text.mid(group.from, group.to - group.from);
                if (digits.size() >= 13 && digits[0] >= u'2' && digits[0] <= u'6' && luhn(digits))
                    longest = Span{run->groups[first].from, group.to};
            }
            if (longest)
                return longest;
        }
        from = run->to;
    }
    return std::nullopt;
}

std::optional<Span> findIban(QStringView text, qsizetype from)
{
    for (qsizetype at = from; at + 15 <= text.size(); ++at) {
        if (!isLetter(text[at]) || !isLetter(text[at + 1]) || !isDigit(text[at + 2]) || !isDigit(text[at + 3])
            || (at > 0 && isWord(text[at - 1])))
            continue;
        // The longest right one of 15-34 signs; a group may be followed by one space.
        QString signs;
        std::optional<Span> longest;
        for (qsizetype i = at; i < text.size() && signs.size() < 34; ++i) {
            if ((text[i] == u' ' || text[i] == QChar(0xa0)) && i + 1 < text.size() && (isLetter(text[i + 1]) || isDigit(text[i + 1])))
                continue;
            if (!isLetter(text[i]) && !isDigit(text[i]))
                break;
            signs += text[i].toUpper();
            const bool ends = i + 1 == text.size() || !isWord(text[i + 1]);
            if (signs.size() < 15 || !ends)
                continue;
            int rest = 0;
            for (qsizetype s = 0; s < signs.size(); ++s) {
                const QChar c = signs[(s + 4) % signs.size()];
                rest = isDigit(c) ? (rest * 10 + c.digitValue()) % 97 : (rest * 100 + c.unicode() - u'A' + 10) % 97;
            }
            if (rest == 1)
                longest = Span{at, i + 1};
        }
        if (longest)
            return longest;
    }
    return std::nullopt;
}

std::optional<Span> findAddress(QStringView text, qsizetype from)
{
    const auto part = [](QChar c) { return isDigit(c) || (c >= u'a' && c <= u'f') || (c >= u'A' && c <= u'F') || c == u':' || c == u'.'; };
    for (qsizetype at = from; at < text.size();) {
        if (!part(text[at])) {
            ++at;
            continue;
        }
        qsizetype start = at;
        while (at < text.size() && part(text[at]))
            ++at;
        qsizetype end = at;
        const bool wordBefore = start > 0 && isWord(text[start - 1]), wordAfter = end < text.size() && isWord(text[end]);
        // Stops of a sentence, colons of a port or of a label belong to the text around.
        while (end > start && (text[end - 1] == u'.' || (text[end - 1] == u':' && !text.mid(start, end - start).endsWith(u"::"))))
            --end;
        while (start < end && (text[start] == u'.' || (text[start] == u':' && !text.mid(start, end - start).startsWith(u"::"))))
            ++start;
        if ((wordBefore && start == at) || end - start < 3)
            continue;
        const QStringView whole = text.mid(start, end - start);
        if (!wordBefore && !wordAfter && whole.count(u':') >= 2 && isVersion6(whole))
            return Span{start, end};
        // IPv4 inside: "10.0.0.1:8080", "a:10.0.0.1".
        for (qsizetype i = start; i < end;) {
            if (!isDigit(text[i])) {
                ++i;
                continue;
            }
            qsizetype to = i;
            while (to < end && (isDigit(text[to]) || text[to] == u'.'))
                ++to;
            qsizetype last = to;
            while (last > i && text[last - 1] == u'.')
                --last;
            const bool clear = (i == 0 || !isWord(text[i - 1])) && (last == text.size() || !isWord(text[last]));
            if (clear && isVersion4(text.mid(i, last - i)))
                return Span{i, last};
            i = std::max(to, i + 1);
        }
    }
    return std::nullopt;
}

std::optional<Span> findPhone(QStringView text, qsizetype from)
{
    const auto joins = [](QChar c) { return c == u' ' || c == u'-' || c == u'.' || c == u'/' || c == u'(' || c == u')' || c == QChar(0xa0); };
    for (qsizetype at = from; at < text.size();) {
        const bool begins = isDigit(text[at]) || text[at] == u'+' || text[at] == u'(';
        const bool inside = at > 0 && (isWord(text[at - 1]) || (text[at - 1] == u'.' && at > 1 && isDigit(text[at - 2])));
        if (!begins || inside) {
            ++at;
            continue;
        }
        qsizetype to = at, end = at;
        int digits = 0, groups = 0;
        for (; to < text.size() && digits <= 15 && to - at < longestPhone; ++to) {
            const QChar c = text[to];
            if (isDigit(c)) {
                groups += int(to == at || !isDigit(text[to - 1]));
                ++digits;
                end = to + 1;
            } else if (c == u'+' && to == at) {
                continue;
            } else if (joins(c) && !(to > at && joins(text[to - 1]) && c != u'(' && text[to - 1] != u')')) {
                continue;
            } else {
                break;
            }
        }
        // Dates, versions and plain numbers are no phone numbers: it begins with + or 0 or an area code in brackets, or has groups
        // as 555-123-4567.
        const QStringView found = text.mid(at, end - at);
        const bool international = text[at] == u'+' || found.startsWith(u"00");
        const bool national = (text[at] == u'0' || found.startsWith(u"(0")) && digits >= 7 && (groups >= 2 || digits >= 10);
        static const auto american = [](QStringView t) {
            const qsizetype skip = t.startsWith(u'(') ? 1 : 0;
            if (t.size() < 12 + skip)
                return false;
            const QStringView last = t.right(8);
            return isDigit(t[skip]) && isDigit(t[skip + 1]) && isDigit(t[skip + 2]) && !isDigit(t[skip + 3]) && isDigit(last[0])
                   && isDigit(last[1]) && isDigit(last[2]) && (last[3] == u'-' || last[3] == u'.' || last[3] == u' ') && isDigit(last[4])
                   && t.size() <= 15;
        };
        const bool grouped = digits == 10 && groups == 3 && american(found);
        const bool wordAfter = end < text.size() && isWord(text[end]);
        const bool decimals = found.count(u'.') == 1 && groups == 2 && !international; // 0.1234567
        if (digits >= 7 && digits <= 15 && !wordAfter && !decimals && (international || national || grouped))
            return Span{at, end};
        at = std::max(end, at + 1);
    }
    return std::nullopt;
}

} // namespace lathe::redaction
