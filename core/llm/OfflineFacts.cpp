// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OfflineFacts.h"

#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflineText.h"

#include <QDate>

namespace lathe::offline {

namespace {

constexpr qsizetype maxScanned = 20'000;
constexpr int maxFacts = 200;

// A match limit keeps even an unlucky text from taking long.
QRegularExpression pattern(const char *text)
{
    return expression(QString::fromUtf8(text));
}

QStringList all(const QString &text, const QRegularExpression &form, int group = 0)
{
    QStringList found;
    const QString scanned = text.left(maxScanned);
    for (auto matches = form.globalMatch(scanned); matches.hasNext() && found.size() < maxFacts;) {
        const QString fact = matches.next().captured(group).trimmed();
        if (!fact.isEmpty() && !found.contains(fact))
            found.append(fact);
    }
    return found;
}

QString isoDate(int year, int month, int day)
{
    if (year > 0 && year < 100)
        year += 2000;
    const QDate date(year, month, day);
    return date.isValid() ? date.toString(Qt::ISODate) : QString();
}

struct Span {
    qsizetype from, to;
};

// Dates with where they stand, so that their digits are not taken for numbers.
std::vector<std::pair<Span, QString>> datesIn(const QString &text)
{
    static const auto iso = pattern(R"(\b(\d{4})-(\d{1,2})-(\d{1,2})(?!\d))");
    static const auto dotted = pattern(R"(\b(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})\b)");
    static const auto dayFirst =
        pattern(R"(\b(\d{1,2})(?:st|nd|rd|th|\.)? (?:of )?([a-z]{3,9})\.?,? (\d{4})\b)");
    static const auto monthFirst = pattern(R"(\b([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b)");
    std::vector<std::pair<Span, QString>> found;
    const auto add = [&](const QRegularExpressionMatch &match, const QString &date) {
        if (!date.isEmpty() && found.size() < size_t(maxFacts))
            found.push_back({{match.capturedStart(), match.capturedEnd()}, date});
    };
    for (auto m = iso.globalMatch(text); m.hasNext();) {
        const auto match = m.next();
        add(match,
            isoDate(match.captured(1).toInt(), match.captured(2).toInt(), match.captured(3).toInt()));
    }
    for (auto m = dotted.globalMatch(text); m.hasNext();) {
        const auto match = m.next();
        add(match,
            isoDate(match.captured(3).toInt(), match.captured(2).toInt(), match.captured(1).toInt()));
    }
    for (auto m = dayFirst.globalMatch(text); m.hasNext();) {
        const auto match = m.next();
        add(match, isoDate(match.captured(3).toInt(), monthFromWord(match.captured(2)),
                           match.captured(1).toInt()));
    }
    for (auto m = monthFirst.globalMatch(text); m.hasNext();) {
        const auto match = m.next();
        add(match, isoDate(match.captured(3).toInt(), monthFromWord(match.captured(1)),
                           match.captured(2).toInt()));
    }
    std::sort(found.begin(), found.end(),
              [](const auto &a, const auto &b) { return a.first.from < b.first.from; });
    return found;
}

const QRegularExpression &referencePattern()
{
    static const auto reference = pattern(
        R"((?<![\w#])(#\d{2,12}|[A-Z]{2,6}-\d{2,12}(?:-\d{1,8})?|(?<=order |order no |order no\. |invoice |invoice no |invoice no\. |ticket |case |number )\d{3,12})\b)");
    return reference;
}

QString unitBefore(const QString &text, qsizetype from)
{
    const QString before =
        text.mid(std::max<qsizetype>(0, from - 4), std::min<qsizetype>(4, from)).trimmed();
    if (before.endsWith(u'$') || before.endsWith(QLatin1String("USD"), Qt::CaseInsensitive))
        return QStringLiteral("USD");
    if (before.endsWith(u'€') || before.endsWith(QLatin1String("EUR"), Qt::CaseInsensitive))
        return QStringLiteral("EUR");
    if (before.endsWith(u'£') || before.endsWith(QLatin1String("GBP"), Qt::CaseInsensitive))
        return QStringLiteral("GBP");
    return {};
}

QString unitAfter(const QString &text, qsizetype to)
{
    const QString after = text.mid(to, 9).trimmed().toLower();
    if (after.startsWith(u'€') || after.startsWith(QLatin1String("eur")))
        return QStringLiteral("EUR");
    if (after.startsWith(u'$') || after.startsWith(QLatin1String("usd"))
        || after.startsWith(QLatin1String("dollar")))
        return QStringLiteral("USD");
    if (after.startsWith(u'£') || after.startsWith(QLatin1String("gbp"))
        || after.startsWith(QLatin1String("pound")))
        return QStringLiteral("GBP");
    if (after.startsWith(u'%') || after.startsWith(QLatin1String("percent")))
        return QStringLiteral("%");
    return {};
}

} // namespace

QStringList findUrls(const QString &text)
{
    static const auto url = pattern(R"(\bhttps?://[^\s<>"'“”]{1,2000})");
    QStringList urls;
    for (QString found : all(text, url)) {
        while (!found.isEmpty() && QStringView(u".,;:!?)]}").contains(found.back()))
            found.chop(1);
        urls.append(found);
    }
    return urls;
}

QStringList findEmails(const QString &text)
{
    static const auto email =
        pattern(R"((?<![\w.+-])[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6}\b)");
    return all(text, email);
}

QStringList findPhones(const QString &text)
{
    static const auto phone =
        pattern(R"((?<![\w+])(?:\+\d{1,3}[ /-]?)?(?:\(\d{1,5}\)[ ]?)?\d{2,5}(?:[ /-]\d{2,5}){2,4}\b)");
    return all(text, phone);
}

QStringList findPaths(const QString &text)
{
    static const auto path = pattern(
        R"((?<![\w/:.-])(?:[\w.-]{1,100}/){0,20}[\w-]{1,100}\.(?:txt|md|csv|json|jsonl|log|yaml|yml|xml|html|pdf|py|cpp|h|toml|ini)\b)");
    return all(text, path);
}

QStringList findQuoted(const QString &text)
{
    static const auto quoted = pattern(
        R"x("([^"\n]{1,200})"|“([^”\n]{1,200})”|„([^“\n]{1,200})“|«([^»\n]{1,200})»|(?<!\w)'([^'\n]{1,200})'(?!\w)|`([^`\n]{1,200})`)x");
    QStringList found;
    const QString scanned = text.left(maxScanned);
    for (auto matches = quoted.globalMatch(scanned); matches.hasNext() && found.size() < maxFacts;) {
        const auto match = matches.next();
        for (int group = 1; group <= match.lastCapturedIndex(); ++group) {
            if (const QString content = match.captured(group).trimmed();
                !content.isEmpty() && !found.contains(content))
                found.append(content);
        }
    }
    return found;
}

QStringList findDates(const QString &text)
{
    QStringList dates;
    for (const auto &[span, date] : datesIn(text.left(maxScanned))) {
        if (!dates.contains(date))
            dates.append(date);
    }
    return dates;
}

QStringList findReferences(const QString &text)
{
    return all(text, referencePattern(), 1);
}

std::vector<NumberFact> findNumbers(const QString &text)
{
    static const auto number = pattern(
        R"((?<![\w.,])[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d\w])|(?<![\w.])[-−]?\d{1,15}(?:\.\d{1,10})?(?![\d]))");
    const QString scanned = text.left(maxScanned);
    std::vector<Span> taken;
    for (const auto &[span, date] : datesIn(scanned))
        taken.push_back(span);
    for (auto matches = referencePattern().globalMatch(scanned);
         matches.hasNext() && taken.size() < size_t(maxFacts);) {
        const auto match = matches.next();
        taken.push_back({match.capturedStart(), match.capturedEnd()});
    }
    std::vector<NumberFact> found;
    for (auto matches = number.globalMatch(scanned);
         matches.hasNext() && found.size() < size_t(maxFacts);) {
        const auto match = matches.next();
        const bool inDate = std::any_of(taken.begin(), taken.end(), [&](const Span &span) {
            return match.capturedStart() < span.to && match.capturedEnd() > span.from;
        });
        if (inDate)
            continue;
        QString digits = match.captured();
        digits.remove(u',').replace(u'−', u'-');
        NumberFact fact;
        fact.from = match.capturedStart();
        fact.length = match.capturedLength();
        fact.value = digits.toDouble();
        fact.isInteger = !digits.contains(u'.');
        fact.unit = unitBefore(scanned, fact.from);
        if (fact.unit.isEmpty())
            fact.unit = unitAfter(scanned, fact.from + fact.length);
        found.push_back(fact);
    }
    for (const Word &word : wordsOf(scanned.left(4000))) {
        if (word.isNumber || word.lower == QLatin1String("single") || word.lower == QLatin1String("one"))
            continue;
        if (const int value = numberFromWord(word.lower); value >= 0)
            found.push_back(
                {word.from, word.length, double(value), true, unitAfter(scanned, word.from + word.length)});
    }
    std::sort(found.begin(), found.end(),
              [](const NumberFact &a, const NumberFact &b) { return a.from < b.from; });
    return found;
}

QString findPersonName(const QString &text)
{
    // Names are told by their capitals, so these patterns mind the case.
    static const QRegularExpression told = expression(
        QStringLiteral(
            "(?:[Mm]y name is|[Ii] am|[Ii]['’]m|[Tt]his is|From:|Name:|Mr\\.?|Mrs\\.?|Ms\\.?|Dr\\.?) "
            "((?:\\p{Lu}[\\p{L}'’-]{1,30} ?){1,3})"),
        true);
    static const QRegularExpression signedWith = expression(
        QStringLiteral("(?:[Rr]egards|[Tt]hanks|[Tt]hank "
                       "you|[Cc]heers|[Bb]est|[Ss]incerely|Grüße|Gruß|Danke|Saludos|Gracias|Merci)[,!.]?"
                       "\\s{1,10}((?:\\p{Lu}[\\p{L}'’.-]{1,30} ?){1,3})\\s*(?:$|\\n)"),
        true);
    const QString scanned = text.left(maxScanned);
    for (const auto *form : {&told, &signedWith}) {
        if (const auto match = form->match(scanned); match.hasMatch())
            return match.captured(1).trimmed();
    }
    return {};
}

namespace {

// The longest run of digits, signs and brackets that has an operator between two operands.
QString writtenExpression(const QString &text)
{
    static const QString allowed = QStringLiteral("0123456789.+-*/^%()×÷−, ");
    static const QSet<QString> functions{
        QStringLiteral("sqrt"), QStringLiteral("abs"),   QStringLiteral("round"), QStringLiteral("min"),
        QStringLiteral("max"),  QStringLiteral("floor"), QStringLiteral("ceil"),  QStringLiteral("log"),
        QStringLiteral("exp"),  QStringLiteral("pow")};
    QString best;
    for (qsizetype at = 0; at < text.size();) {
        qsizetype end = at;
        while (end < text.size()) {
            if (allowed.contains(text[end])
                || (text[end] == u'x' && end > at && end + 1 < text.size() && !text[end + 1].isLetter()
                    && !text[end - 1].isLetter())) {
                ++end;
                continue;
            }
            qsizetype wordEnd = end;
            while (wordEnd < text.size() && text[wordEnd].isLetter() && wordEnd - end < 6)
                ++wordEnd;
            if (wordEnd == end || wordEnd >= text.size() || text[wordEnd] != u'('
                || !functions.contains(text.mid(end, wordEnd - end).toLower()))
                break;
            end = wordEnd;
        }
        QString candidate = text.mid(at, end - at).trimmed();
        at = std::max(end, at + 1);
        candidate.replace(u'×', u'*').replace(u'÷', u'/').replace(u'−', u'-');
        for (qsizetype i = 1; i + 1 < candidate.size(); ++i) { // "3 x 4", but not the x of "max("
            if (candidate[i] == u'x' && !candidate[i - 1].isLetter() && !candidate[i + 1].isLetter())
                candidate[i] = u'*';
        }
        while (!candidate.isEmpty() && QStringView(u".,+-*/^%( ").contains(candidate.back())
               && candidate.back() != u')')
            candidate.chop(1);
        while (!candidate.isEmpty() && QStringView(u".,*/^%) ").contains(candidate.front()))
            candidate.remove(0, 1);
        static const QRegularExpression operation =
            expression(QStringLiteral("[\\d)]\\s*[-+*/^%]\\s*[-\\d(.a-z]|[a-z]\\("), true);
        static const QRegularExpression date = expression(
            QStringLiteral(
                "^\\d{4}-\\d{1,2}(?:-\\d{1,2})?$|^\\d{1,2}/\\d{1,2}/\\d{2,4}$|^\\d{1,4}-\\d{1,4}$"),
            true);
        if (candidate.count(u'(') != candidate.count(u')') || date.match(candidate).hasMatch()
            || !operation.match(candidate).hasMatch())
            continue;
        // Commas part thousands unless a function's arguments are meant.
        if (std::none_of(candidate.begin(), candidate.end(), [](QChar c) { return c.isLetter(); }))
            candidate.remove(u',');
        if (candidate.size() > best.size())
            best = candidate.simplified();
    }
    return best;
}

QString plain(double value)
{
    return QString::number(value, 'g', 15);
}

} // namespace

QString findExpression(const QString &text)
{
    const QString scanned = capped(text, 4000);
    if (const QString written = writtenExpression(scanned); !written.isEmpty())
        return written;
    static const auto percentOf =
        pattern(R"((\d+(?:\.\d+)?) ?(?:%|percent|per cent) of (?:[$€£] ?)?(\d[\d,]*(?:\.\d+)?))");
    if (const auto match = percentOf.match(scanned); match.hasMatch())
        return QStringLiteral("%1 / 100 * %2").arg(match.captured(1), match.captured(2).remove(u','));
    const std::vector<NumberFact> numbers = findNumbers(scanned);
    if (numbers.size() < 2) {
        static const auto root = pattern(R"(square root of (\d+(?:\.\d+)?))");
        if (const auto match = root.match(scanned); match.hasMatch())
            return QStringLiteral("sqrt(%1)").arg(match.captured(1));
        return {};
    }
    QStringList values;
    for (const NumberFact &number : numbers)
        values.append(number.value < 0 ? QStringLiteral("(%1)").arg(plain(number.value))
                                       : plain(number.value));
    const QSet<QString> stems = [&] {
        QSet<QString> set;
        for (const Word &word : wordsOf(scanned))
            set.insert(word.stem);
        return set;
    }();
    const auto has = [&](std::initializer_list<const char *> words) {
        return std::any_of(words.begin(), words.end(), [&](const char *word) {
            return stems.contains(stemOf(QString::fromLatin1(word)));
        });
    };
    if (has({"average", "mean"}))
        return QStringLiteral("(%1) / %2").arg(values.join(QLatin1String(" + "))).arg(values.size());
    if (has({"plus", "sum", "add", "total", "together"}))
        return values.join(QLatin1String(" + "));
    if (has({"times", "multiply", "multiplied", "product"}))
        return values.join(QLatin1String(" * "));
    if (has({"minus", "subtract", "difference", "less"}))
        return values.mid(0, 2).join(QLatin1String(" - "));
    if (has({"divide", "divided", "quotient", "ratio", "per"}))
        return values.mid(0, 2).join(QLatin1String(" / "));
    if (has({"percent", "percentage", "share"}) && numbers[1].value != 0)
        return QStringLiteral("%1 / %2 * 100").arg(values[0], values[1]);
    return {};
}

} // namespace lathe::offline
