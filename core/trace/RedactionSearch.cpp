// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/RedactionSearch.h"

#include <algorithm>

namespace lathe::redaction {

namespace {
// Backtracking steps from one starting point; patterns that people write need few.
const QString limits = QStringLiteral("(*LIMIT_MATCH=200000)(*LIMIT_DEPTH=200000)");
constexpr qsizetype longestPattern = 4096;
// A long text is searched in pieces, so that the guard is asked in between. A match that begins in the last quarter of one is looked
// for in the next.
constexpr qsizetype pieceSize = 64 * 1024;

qsizetype pieceEnd(QStringView text, qsizetype from, qsizetype size)
{
    if (text.size() - from <= size)
        return text.size();
    const qsizetype end = from + size;
    return text[end].isLowSurrogate() ? end + 1 : end;
}

// Texts on which patterns of nested repetitions explode.
bool explodes(const QRegularExpression &expression)
{
    static const QStringList probes = [] {
        QStringList list;
        for (const char *unit : {"a", "1", " ", "a1", "a ", "ab.", "-", "x@", "\"a\"", "1 "})
            list.append(QString::fromLatin1(unit).repeated(1500) + QLatin1Char('!'));
        return list;
    }();
    return std::any_of(probes.begin(), probes.end(), [&expression](const QString &probe) { return !expression.match(probe).isValid(); });
}

Finder finder(std::optional<Span> (*find)(QStringView, qsizetype))
{
    return [find](QStringView text, qsizetype from, const TimeGuard &, bool *) { return find(text, from); };
}

void addPattern(Searches *searches, const char *pattern, bool ignoreCase = false)
{
    searches->finders.push_back(patternFinder(compilePattern(QString::fromLatin1(pattern), ignoreCase).expression));
}

void addKeys(Searches *searches, const QStringList &keys)
{
    QStringList names;
    for (const QString &key : keys) {
        searches->keys.push_back(key.toLower().split(QLatin1Char('.')));
        const QString last = key.section(QLatin1Char('.'), -1);
        if (!last.startsWith(QLatin1Char('*')))
            names.append(QRegularExpression::escape(last));
    }
    if (names.isEmpty())
        return;
    // "key": "value" or "key": 12, with the quotes escaped any number of times; the end may be missing.
    const QString pattern =
        QStringLiteral(R"re((?<!\\)(?<slash>\\*)"(?:%1)\k<slash>"\s*:\s*(?<quote>\k<slash>")?(?<value>(?(<quote>)(?:(?!\k<slash>")(?:\\[\s\S]|[^\\]))++|[^\s,"\\{}\[\]]++)))re")
            .arg(names.join(QLatin1Char('|')));
    searches->inBrokenJson.push_back(patternFinder(compilePattern(pattern, true).expression));
}
} // namespace

CompiledPattern compilePattern(const QString &pattern, bool ignoreCase)
{
    CompiledPattern compiled;
    if (pattern.isEmpty()) {
        compiled.problem = QStringLiteral("has an empty pattern");
        return compiled;
    }
    if (pattern.size() > longestPattern) {
        compiled.problem = QStringLiteral("has a pattern of over %1 characters").arg(longestPattern);
        return compiled;
    }
    QRegularExpression::PatternOptions options = QRegularExpression::UseUnicodePropertiesOption;
    if (ignoreCase)
        options |= QRegularExpression::CaseInsensitiveOption;
    compiled.expression = QRegularExpression(limits + pattern, options);
    if (!compiled.expression.isValid()) {
        compiled.column = int(std::clamp<qsizetype>(compiled.expression.patternErrorOffset() - limits.size(), 0, pattern.size()));
        compiled.problem = QStringLiteral("has a wrong pattern at character %1: %2").arg(compiled.column + 1).arg(compiled.expression.errorString());
        return compiled;
    }
    compiled.expression.optimize();
    if (explodes(compiled.expression))
        compiled.problem = QStringLiteral("has a pattern that takes too long on some texts; write it without repetitions inside repetitions");
    return compiled;
}

Finder patternFinder(const QRegularExpression &expression)
{
    const qsizetype group = expression.namedCaptureGroups().indexOf(QStringLiteral("value"));
    const bool value = group >= 0;
    return [expression, value](QStringView text, qsizetype from, const TimeGuard &guard, bool *gaveUp) -> std::optional<Span> {
        qsizetype size = pieceSize;
        while (from <= text.size()) {
            if (guard.isOver()) {
                *gaveUp = true;
                return std::nullopt;
            }
            const qsizetype end = pieceEnd(text, from, size);
            const auto match = expression.match(text.left(end), from, QRegularExpression::NormalMatch,
                                                QRegularExpression::DontCheckSubjectStringMatchOption);
            if (!match.isValid()) {
                *gaveUp = true;
                return std::nullopt;
            }
            const bool last = end == text.size();
            const qsizetype deferred = last ? text.size() + 1 : end - size / 4;
            if (!match.hasMatch() || match.capturedStart() >= deferred) {
                if (last)
                    return std::nullopt;
                from = std::max(from + 1, deferred);
                size = pieceSize;
                continue;
            }
            if (match.capturedEnd() == end && !last) { // it may go on
                from = match.capturedStart();
                size *= 2;
                continue;
            }
            if (match.capturedLength() == 0) {
                from = match.capturedEnd() + 1;
                continue;
            }
            if (value && match.capturedLength(QStringLiteral("value")) > 0)
                return Span{match.capturedStart(QStringLiteral("value")), match.capturedEnd(QStringLiteral("value"))};
            return Span{match.capturedStart(), match.capturedEnd()};
        }
        return std::nullopt;
    };
}

QString keyProblem(const QString &key)
{
    const QStringList segments = key.split(QLatin1Char('.'));
    if (key.trimmed().isEmpty())
        return QStringLiteral("has an empty key");
    if (segments.size() > 16)
        return QStringLiteral("has a key of over 16 parts");
    if (segments.contains(QString()))
        return QStringLiteral("has a key with an empty part; parts are separated by one dot");
    if (segments.count(QStringLiteral("**")) > 2)
        return QStringLiteral("has a key with more than two \"**\"");
    if (std::all_of(segments.begin(), segments.end(), [](const QString &s) { return s == QLatin1String("*") || s == QLatin1String("**"); }))
        return QStringLiteral("has a key that names nothing");
    for (const QString &segment : segments) {
        if (segment.contains(QLatin1Char('*')) && segment != QLatin1String("*") && segment != QLatin1String("**"))
            return QStringLiteral("has a key with \"%1\"; \"*\" stands for a whole part").arg(segment.left(40));
    }
    return {};
}

Searches searchesOf(const RedactionRule &rule)
{
    Searches searches;
    if (rule.type == RedactionRule::Type::Pattern) {
        const CompiledPattern compiled = compilePattern(rule.what, rule.ignoreCase);
        if (compiled.problem.isEmpty())
            searches.finders.push_back(patternFinder(compiled.expression));
    } else if (rule.type == RedactionRule::Type::Key) {
        if (keyProblem(rule.what).isEmpty())
            addKeys(&searches, {rule.what});
    } else if (rule.what == QLatin1String("email")) {
        addPattern(&searches, R"re([\p{L}\p{N}._%+\-]{1,64}+@[\p{L}\p{N}](?:[\p{L}\p{N}\-]{0,62}+\.)+[\p{L}\p{N}\-]{1,62}[\p{L}\p{N}])re");
    } else if (rule.what == QLatin1String("phone")) {
        searches.finders.push_back(finder(findPhone));
    } else if (rule.what == QLatin1String("card")) {
        searches.finders.push_back(finder(findCard));
    } else if (rule.what == QLatin1String("iban")) {
        searches.finders.push_back(finder(findIban));
    } else if (rule.what == QLatin1String("ip")) {
        searches.finders.push_back(finder(findAddress));
    } else if (rule.what == QLatin1String("token")) {
        // What providers and services document of their keys, private keys, JSON web tokens, and what stands behind "Bearer".
        addPattern(&searches, R"re(-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z))re");
        addPattern(&searches, R"re(\b(?:bearer|basic)\s+(?<value>(?=[A-Za-z\-._~+/]*[0-9=])[A-Za-z0-9\-._~+/]{8,}=*))re", true);
        addPattern(&searches, R"re(\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*)?)re");
        addPattern(&searches,
                   R"re(\b(?:sk|pk|rk)[\-_][A-Za-z0-9_\-]{16,}|\bAIza[A-Za-z0-9_\-]{30,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}|\bglpat-[A-Za-z0-9_\-]{16,}|\bxox[a-z]-[A-Za-z0-9\-]{10,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bhf_[A-Za-z0-9]{20,}|\bgsk_[A-Za-z0-9]{20,}|\bnpm_[A-Za-z0-9]{30,}|\bya29\.[A-Za-z0-9_\-]{20,})re");
    } else if (rule.what == QLatin1String("secret-keys")) {
        static const QStringList keys =
            QStringLiteral("password passwd pwd passphrase secret client_secret clientsecret api_key apikey api-key x-api-key authorization "
                           "proxy-authorization access_token accesstoken refresh_token refreshtoken id_token auth_token authtoken private_key "
                           "privatekey cookie set-cookie credentials")
                .split(QLatin1Char(' '));
        addKeys(&searches, keys);
    }
    return searches;
}

} // namespace lathe::redaction
