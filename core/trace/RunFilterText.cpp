// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/RunFilterText.h"

#include "core/trace/RunEvent.h"

#include <QDateTime>
#include <QLocale>

#include <cmath>

namespace lathe::filter {

namespace {
constexpr double secondUs = 1e6;
struct Unit {
    const char *name;
    double us;
};
constexpr Unit units[] = {{"d", 86400 * secondUs}, {"h", 3600 * secondUs}, {"m", 60 * secondUs}, {"s", secondUs}, {"ms", 1e3}, {"us", 1}};

bool isSign(QChar c)
{
    return c == QLatin1Char(':') || c == QLatin1Char('<') || c == QLatin1Char('>') || c == QLatin1Char('=');
}

bool endsWord(QChar c)
{
    return c.isSpace() || c == QLatin1Char('"') || c == QLatin1Char('(') || c == QLatin1Char(')');
}

std::optional<double> number(const QString &text)
{
    // Qt reads "inf" and "nan" too, and hexadecimal floats.
    const bool plain = !text.isEmpty() && std::all_of(text.begin(), text.end(), [](QChar c) {
        return (c >= QLatin1Char('0') && c <= QLatin1Char('9')) || QStringLiteral("+-.eE").contains(c);
    });
    bool ok = false;
    const double value = plain ? text.toDouble(&ok) : 0;
    return ok && std::isfinite(value) ? std::optional<double>(value) : std::nullopt;
}

std::optional<double> count(QString text)
{
    double factor = 1;
    if (text.endsWith(QLatin1Char('k'), Qt::CaseInsensitive))
        factor = 1e3;
    else if (text.endsWith(QLatin1Char('m'), Qt::CaseInsensitive))
        factor = 1e6;
    if (factor > 1)
        text.chop(1);
    const auto value = number(text);
    return value && std::isfinite(*value * factor) ? std::optional<double>(*value * factor) : std::nullopt;
}

std::optional<double> duration(const QString &text)
{
    for (const Unit &unit : {Unit{"us", 1}, Unit{"ms", 1e3}, Unit{"µs", 1}, units[3], units[2], units[1], units[0]}) {
        const QString name = QString::fromUtf8(unit.name);
        if (!text.endsWith(name, Qt::CaseInsensitive))
            continue;
        const auto value = number(text.chopped(name.size()));
        if (!value || !std::isfinite(*value * unit.us))
            return std::nullopt;
        return *value * unit.us;
    }
    return std::nullopt;
}

// What a time names: from its begin to before its end, local time unless it says otherwise. A date names a day, "10:15" a minute.
struct Span {
    double from = 0, to = 0;
    bool instant = false;
};

double startOf(const QDate &date)
{
    return double(date.startOfDay().toMSecsSinceEpoch()) * 1e3;
}

std::optional<Span> day(const QDate &date)
{
    if (!date.isValid() || date.year() < 1 || date.year() > 9998)
        return std::nullopt;
    return Span{startOf(date), startOf(date.addDays(1)), false};
}

std::optional<Span> time(const QString &text, qint64 nowUs)
{
    if (text.startsWith(QLatin1Char('@'))) { // microseconds since 1970, for what is no date
        const auto us = number(text.mid(1));
        return us ? std::optional<Span>(Span{*us, *us, true}) : std::nullopt;
    }
    const QDate today = QDateTime::fromMSecsSinceEpoch(nowUs / 1000).date();
    if (text.compare(QLatin1String("now"), Qt::CaseInsensitive) == 0)
        return Span{double(nowUs), double(nowUs), true};
    if (text.compare(QLatin1String("today"), Qt::CaseInsensitive) == 0)
        return day(today);
    if (text.compare(QLatin1String("yesterday"), Qt::CaseInsensitive) == 0)
        return day(today.addDays(-1));
    if (const QDate date = QDate::fromString(text, Qt::ISODate); text.size() == 10 && date.isValid())
        return day(date);
    // 2026-11-20T10:15[:30[.123456]][Z|+01:00]
    if (text.size() < 16 || (text[10] != QLatin1Char('T') && text[10] != QLatin1Char('t') && text[10] != QLatin1Char(' ')))
        return std::nullopt;
    const QDate date = QDate::fromString(text.left(10), Qt::ISODate);
    QString clock = text.mid(11);
    std::optional<int> offset;
    if (clock.endsWith(QLatin1Char('Z'), Qt::CaseInsensitive)) {
        offset = 0;
        clock.chop(1);
    } else if (clock.size() > 6 && (clock[clock.size() - 6] == QLatin1Char('+') || clock[clock.size() - 6] == QLatin1Char('-'))) {
        const QTime shift = QTime::fromString(clock.right(5), QStringLiteral("HH:mm"));
        if (!shift.isValid())
            return std::nullopt;
        offset = shift.msecsSinceStartOfDay() / 1000 * (clock[clock.size() - 6] == QLatin1Char('-') ? -1 : 1);
        clock.chop(6);
    }
    double fraction = 0, width = 60 * secondUs;
    bool instant = false;
    if (const qsizetype dot = clock.indexOf(QLatin1Char('.')); dot >= 0) {
        const QString digits = clock.mid(dot + 1);
        const bool valid = !digits.isEmpty() && digits.size() <= 6
                           && std::all_of(digits.begin(), digits.end(), [](QChar c) { return c >= QLatin1Char('0') && c <= QLatin1Char('9'); });
        if (!valid)
            return std::nullopt;
        fraction = digits.leftJustified(6, QLatin1Char('0')).toDouble();
        instant = true;
        clock.truncate(dot);
        if (clock.size() != 8)
            return std::nullopt;
    }
    const QTime of = QTime::fromString(clock, clock.size() == 8 ? QStringLiteral("HH:mm:ss") : QStringLiteral("HH:mm"));
    if (clock.size() == 8)
        width = secondUs;
    const QDateTime at = offset ? QDateTime(date, of, Qt::OffsetFromUTC, *offset) : QDateTime(date, of);
    if (!date.isValid() || !of.isValid() || !at.isValid())
        return std::nullopt;
    const double from = double(at.toMSecsSinceEpoch()) * 1e3 + fraction;
    return Span{from, instant ? from : from + width, instant};
}

RunComparison comparisonOf(const QString &sign)
{
    return sign == QLatin1String("<")    ? RunComparison::Less
           : sign == QLatin1String("<=") ? RunComparison::LessOrEqual
           : sign == QLatin1String(">")  ? RunComparison::Greater
           : sign == QLatin1String(">=") ? RunComparison::GreaterOrEqual
                                         : RunComparison::Is;
}

std::optional<RunFilter> readTime(RunComparison comparison, const QString &text, qint64 nowUs)
{
    const auto condition = [](RunComparison how, double us) { return RunFilter::of(RunField::Started, how, us); };
    if (const auto ago = duration(text)) {
        const double at = std::round(double(nowUs) - *ago);
        return condition(comparison == RunComparison::Is ? RunComparison::GreaterOrEqual : comparison, at);
    }
    const auto span = time(text, nowUs);
    if (!span)
        return std::nullopt;
    if (span->instant)
        return condition(comparison, span->from);
    switch (comparison) {
    case RunComparison::Is:
        return RunFilter::ofAll({condition(RunComparison::GreaterOrEqual, span->from), condition(RunComparison::Less, span->to)});
    case RunComparison::Less:
    case RunComparison::GreaterOrEqual:
        return condition(comparison, span->from);
    case RunComparison::LessOrEqual:
        return condition(RunComparison::Less, span->to);
    case RunComparison::Greater:
        return condition(RunComparison::GreaterOrEqual, span->to);
    }
    return std::nullopt;
}
} // namespace

const std::vector<FieldInfo> &allFields()
{
    using F = RunField;
    using T = FieldType;
    static const std::vector<FieldInfo> list{
        {F::Text, "text", T::Words, "text:", "\"late refund\""},
        {F::Id, "id", T::Count, "id:", "id:12"},
        {F::Agent, "agent", T::Reference, "agent:", "agent:triage@3"},
        {F::Revision, "revision", T::Count, "revision:", "revision>=3"},
        {F::Status, "status", T::Status, "status:", "status:failed,cancelled"},
        {F::Input, "input", T::Words, "input:", "input:refund"},
        {F::Output, "output", T::Words, "output:", "output:sorry"},
        {F::Error, "error", T::Text, "error:", "error:timeout"},
        {F::Latency, "latency", T::Duration, "latency>", "latency>2s"},
        {F::Tokens, "tokens", T::Count, "tokens>", "tokens>10k"},
        {F::InputTokens, "input_tokens", T::Count, "input_tokens>", "input_tokens>8000"},
        {F::OutputTokens, "output_tokens", T::Count, "output_tokens>", "output_tokens>500"},
        {F::Cost, "cost", T::Money, "cost>", "cost>0.01"},
        {F::Steps, "steps", T::Count, "steps>", "steps>20"},
        {F::Rating, "rating", T::Rating, "rating<", "rating<3"},
        {F::Tool, "tool", T::Text, "tool:", "tool:sql"},
        {F::Model, "model", T::Text, "model:", "model:gpt*"},
        {F::Tag, "tag", T::Text, "tag:", "-tag:old"},
        {F::Experiment, "experiment", T::Text, "experiment:", "experiment:tone"},
        {F::Source, "source", T::Text, "source:", "source:otlp"},
        {F::Fork, "fork", T::Count, "fork:", "fork:12"},
        {F::Pinned, "pinned", T::Flag, "is:pinned", "is:pinned"},
        {F::Prompt, "prompt", T::Reference, "prompt:", "prompt:greeting@2"},
        {F::Started, "started", T::Time, "since:", "since:2d"},
    };
    return list;
}

const FieldInfo &fieldInfo(RunField field)
{
    return allFields()[size_t(field)];
}

const FieldInfo *findField(const QString &name)
{
    static const std::pair<const char *, RunField> aliases[] = {
        {"run", RunField::Id},       {"tags", RunField::Tag},      {"tools", RunField::Tool}, {"models", RunField::Model},
        {"time", RunField::Latency}, {"duration", RunField::Latency}, {"since", RunField::Started}, {"until", RunField::Started},
        {"rev", RunField::Revision}};
    for (const FieldInfo &info : allFields()) {
        if (name.compare(QLatin1String(info.name), Qt::CaseInsensitive) == 0)
            return &info;
    }
    for (const auto &[alias, field] : aliases) {
        if (name.compare(QLatin1String(alias), Qt::CaseInsensitive) == 0)
            return &fieldInfo(field);
    }
    return nullptr;
}

bool isNumber(FieldType type)
{
    return type >= FieldType::Count;
}

namespace {
// From a quote on.
Value readQuoted(const QString &text, int from)
{
    Value value;
    value.from = from;
    value.quoted = value.open = true;
    int at = from + 1;
    for (; at < text.size(); ++at) {
        const QChar c = text[at];
        if (c == QLatin1Char('"')) {
            value.open = false;
            ++at;
            break;
        }
        const QChar next = at + 1 < text.size() ? text[at + 1] : QChar();
        if (c == QLatin1Char('\\') && (next == QLatin1Char('"') || next == QLatin1Char('\\')))
            value.text += text[++at];
        else
            value.text += c;
    }
    value.length = at - from;
    return value;
}

int readValues(const QString &text, int at, std::vector<Value> *values)
{
    for (;;) {
        Value value;
        value.from = at;
        if (at < text.size() && text[at] == QLatin1Char('"')) {
            value = readQuoted(text, at);
        } else {
            while (at + value.length < text.size() && !endsWord(text[at + value.length]) && text[at + value.length] != QLatin1Char(','))
                ++value.length;
            value.text = text.mid(at, value.length);
        }
        at = value.from + value.length;
        values->push_back(std::move(value));
        if (at >= text.size() || text[at] != QLatin1Char(','))
            return at;
        ++at;
    }
}

Token readWord(const QString &text, int at)
{
    Token token;
    token.from = at;
    int letters = at;
    while (letters < text.size() && (text[letters] == QLatin1Char('_') || (text[letters].unicode() < 128 && text[letters].isLetter())))
        ++letters;
    if (letters > at && letters < text.size() && isSign(text[letters])) {
        token.kind = Token::Term;
        token.name = text.mid(at, letters - at);
        token.signFrom = letters;
        int end = letters;
        if (text[end] == QLatin1Char(':'))
            ++end;
        const auto more = [&](char c) { return end < text.size() && text[end] == QLatin1Char(c); };
        token.sign = QStringLiteral(":");
        if (more('<') || more('>')) { // latency:>2s is latency>2s
            token.sign = text[end++];
            if (more('=')) {
                token.sign += QLatin1Char('=');
                ++end;
            }
        } else if (more('=')) {
            ++end;
        }
        token.length = readValues(text, end, &token.values) - at;
        return token;
    }
    int end = at;
    while (end < text.size() && !endsWord(text[end]))
        ++end;
    token.length = end - at;
    Value value;
    value.from = at;
    value.length = token.length;
    value.text = text.mid(at, token.length);
    if (value.text.compare(QLatin1String("or"), Qt::CaseInsensitive) == 0)
        token.kind = Token::Or;
    else if (value.text.compare(QLatin1String("and"), Qt::CaseInsensitive) == 0)
        token.kind = Token::And;
    else if (value.text.compare(QLatin1String("not"), Qt::CaseInsensitive) == 0)
        token.kind = Token::Not;
    token.values.push_back(std::move(value));
    return token;
}
} // namespace

std::vector<Token> tokens(const QString &text)
{
    std::vector<Token> list;
    int at = 0;
    while (at < text.size()) {
        const QChar c = text[at];
        if (c.isSpace()) {
            ++at;
            continue;
        }
        Token token;
        token.from = at;
        token.length = 1;
        if (c == QLatin1Char('(')) {
            token.kind = Token::Open;
        } else if (c == QLatin1Char(')')) {
            token.kind = Token::Close;
        } else if (c == QLatin1Char('-')) {
            token.kind = Token::Minus;
        } else if (c == QLatin1Char('"')) {
            token.kind = Token::Quoted;
            token.values.push_back(readQuoted(text, at));
            token.length = token.values.front().length;
        } else {
            token = readWord(text, at);
        }
        at = token.end();
        list.push_back(std::move(token));
    }
    return list;
}

QString quoted(const QString &text)
{
    QString inner = text;
    inner.replace(QLatin1Char('\\'), QLatin1String("\\\\")).replace(QLatin1Char('"'), QLatin1String("\\\""));
    return QLatin1Char('"') + inner + QLatin1Char('"');
}

QString valueText(const QString &text)
{
    const bool plain = !text.isEmpty() && !isSign(text.front())
                       && std::none_of(text.begin(), text.end(), [](QChar c) { return endsWord(c) || c == QLatin1Char(','); });
    return plain ? text : quoted(text);
}

QString numberText(double number)
{
    if (number == std::floor(number) && std::abs(number) < 1e15)
        return QString::number(qint64(number));
    return QString::number(number, 'g', QLocale::FloatingPointShortest);
}

QString durationText(double microseconds)
{
    for (const Unit &unit : units) {
        const double value = microseconds / unit.us;
        if (std::abs(value) < 1 && unit.us > 1)
            continue;
        const QString text = QString::number(value, 'g', 6) + QLatin1String(unit.name);
        if (duration(text) == microseconds)
            return text;
    }
    return numberText(microseconds) + QLatin1String("us");
}

QString timeText(double microseconds)
{
    constexpr double latest = 4e15; // exact, and a year of four digits
    if (microseconds != std::floor(microseconds) || microseconds < 0 || microseconds > latest)
        return QLatin1Char('@') + numberText(microseconds);
    const qint64 us = qint64(microseconds);
    const QDateTime local = QDateTime::fromMSecsSinceEpoch(us / 1000);
    if (startOf(local.date()) == microseconds)
        return local.date().toString(Qt::ISODate);
    return QDateTime::fromMSecsSinceEpoch(us / 1000, Qt::UTC).toString(QStringLiteral("yyyy-MM-ddTHH:mm:ss"))
           + QStringLiteral(".%1Z").arg(us % 1'000'000, 6, 10, QLatin1Char('0'));
}

std::optional<RunFilter> readValue(const FieldInfo &info, const QString &sign, const Value &value, qint64 nowUs, QString *trouble)
{
    const RunComparison comparison = comparisonOf(sign);
    const RunField field = info.field;
    const QString text = value.text;
    if (text.isEmpty() && !value.quoted) {
        *trouble = QStringLiteral("A value must follow, as in %1.").arg(QLatin1String(info.example));
        return std::nullopt;
    }
    if (!isNumber(info.type)) {
        if (comparison != RunComparison::Is) {
            *trouble = QStringLiteral("%1 has no greater or less; write %1: and a value.").arg(QLatin1String(info.name));
            return std::nullopt;
        }
        if (info.type != FieldType::Status)
            return RunFilter::of(field, text).normalized();
        QString name = text.toLower();
        if (name == QLatin1String("error") || name == QLatin1String("failure"))
            name = QStringLiteral("failed");
        else if (name == QLatin1String("ok"))
            name = QStringLiteral("done");
        if (name != QLatin1String("*") && runStatusName(runStatusFromName(name)) != name) {
            *trouble = QStringLiteral("There is no status \"%1\"; there are: running, waiting, done, failed, cancelled, interrupted.")
                           .arg(text.left(40));
            return std::nullopt;
        }
        return RunFilter::of(field, name);
    }
    if (text == QLatin1String("*") && comparison == RunComparison::Is)
        return RunFilter::of(field, text);
    const QString lower = text.toLower();
    std::optional<double> found;
    const char *wanted = "a number, as in %1";
    switch (info.type) {
    case FieldType::Duration:
        found = duration(text);
        wanted = "a time with its unit (us, ms, s, m, h, d), as in %1";
        break;
    case FieldType::Money:
        found = number(text.startsWith(QLatin1Char('$')) ? text.mid(1) : text);
        wanted = "an amount in US dollars, as in %1";
        break;
    case FieldType::Rating:
        if (comparison == RunComparison::Is && (lower == QLatin1String("up") || lower == QLatin1String("down"))) {
            const bool up = lower == QLatin1String("up");
            return RunFilter::of(field, up ? RunComparison::GreaterOrEqual : RunComparison::LessOrEqual, up ? 4 : 2);
        }
        found = number(text);
        wanted = "a number from 1 to 5, up or down, as in %1";
        break;
    case FieldType::Flag:
        if (comparison == RunComparison::Is && QStringList{QStringLiteral("yes"), QStringLiteral("true"), QStringLiteral("1")}.contains(lower))
            found = 1;
        else if (comparison == RunComparison::Is && QStringList{QStringLiteral("no"), QStringLiteral("false"), QStringLiteral("0")}.contains(lower))
            found = 0;
        wanted = "yes or no";
        break;
    case FieldType::Time:
        if (auto filter = readTime(comparison, text, nowUs))
            return filter;
        wanted = "a date (2026-11-20), a date and time (2026-11-20T10:15), today, yesterday or how long ago (2d)";
        break;
    default:
        found = count(text.startsWith(QLatin1Char('#')) ? text.mid(1) : text);
        if (field == RunField::Revision && comparison == RunComparison::Is && lower == QLatin1String("draft"))
            found = 0;
    }
    if (found)
        return RunFilter::of(field, comparison, *found);
    const QString words = QLatin1String(wanted);
    *trouble = QStringLiteral("\"%1\" is no value of %2; it takes %3.")
                   .arg(text.left(40), QLatin1String(info.name),
                        words.contains(QLatin1String("%1")) ? words.arg(QLatin1String(info.example)) : words);
    return std::nullopt;
}

const QStringList &hasNames()
{
    static const QStringList names{QStringLiteral("error"), QStringLiteral("rating"), QStringLiteral("tag"),        QStringLiteral("tool"),
                                   QStringLiteral("model"), QStringLiteral("cost"),   QStringLiteral("experiment"), QStringLiteral("fork"),
                                   QStringLiteral("prompt"), QStringLiteral("source"), QStringLiteral("output")};
    return names;
}

const QStringList &isNames()
{
    static const QStringList names{QStringLiteral("pinned"), QStringLiteral("fork"),   QStringLiteral("rated"),
                                   QStringLiteral("tagged"), QStringLiteral("running"), QStringLiteral("waiting"),
                                   QStringLiteral("done"),   QStringLiteral("failed"), QStringLiteral("cancelled"),
                                   QStringLiteral("interrupted")};
    return names;
}

std::optional<RunFilter> readMark(const QString &name, const Value &value, QString *trouble)
{
    const QString word = value.text.toLower();
    if (name.compare(QLatin1String("has"), Qt::CaseInsensitive) == 0) {
        if (const FieldInfo *info = findField(word); info && info->field == RunField::Pinned)
            return RunFilter::of(RunField::Pinned, RunComparison::Is, 1);
        else if (info)
            return RunFilter::of(info->field, QStringLiteral("*"));
        *trouble = QStringLiteral("A run has no \"%1\"; has: takes %2.").arg(value.text.left(40), hasNames().join(QLatin1String(", ")));
        return std::nullopt;
    }
    if (word == QLatin1String("pinned"))
        return RunFilter::of(RunField::Pinned, RunComparison::Is, 1);
    if (word == QLatin1String("fork"))
        return RunFilter::of(RunField::Fork, QStringLiteral("*"));
    if (word == QLatin1String("rated"))
        return RunFilter::of(RunField::Rating, QStringLiteral("*"));
    if (word == QLatin1String("tagged"))
        return RunFilter::of(RunField::Tag, QStringLiteral("*"));
    if (isNames().contains(word))
        return RunFilter::of(RunField::Status, word);
    *trouble = QStringLiteral("A run is never \"%1\"; is: takes %2.").arg(value.text.left(40), isNames().join(QLatin1String(", ")));
    return std::nullopt;
}

} // namespace lathe::filter
