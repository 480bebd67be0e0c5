// SPDX-License-Identifier: GPL-3.0-or-later
// Applying redaction rules to texts, values and traces.
#include "core/base/Json.h"
#include "core/trace/RedactionRules.h"
#include "core/trace/RedactionSearch.h"

#include <QRandomGenerator>
#include <QSet>

#include <algorithm>

namespace lathe {

using redaction::Finder;
using redaction::Span;

namespace {
using L = QLatin1String;
const QString mask = QStringLiteral("[redacted]");
constexpr int mostRounds = 8;  // of a text whose replacements make new matches
constexpr int deepestText = 8; // JSON in strings in JSON in strings ...
constexpr qsizetype longestJson = 64 * 1024 * 1024;
} // namespace

class Redaction::Private
{
public:
    struct Active {
        QString name;
        bool pseudonym = false;
        redaction::Searches searches;
        qint64 replaced = 0;
    };
    struct Segment {
        QString name; // lower case
        bool isIndex = false;
    };
    using Place = std::vector<Segment>;

    std::vector<Active> rules;
    QString salt;
    bool hasKeys = false;
    qint64 refused = 0;
    QSet<QString> pseudonyms;

    QString replacement(Active *rule, const QString &found)
    {
        ++rule->replaced;
        if (!rule->pseudonym)
            return mask;
        QString slug;
        for (const QChar c : rule->name.toLower()) {
            if (slug.size() < 24 && ((c >= u'a' && c <= u'z') || (c >= u'0' && c <= u'9')))
                slug += c;
            else if (slug.size() < 24 && !slug.isEmpty() && !slug.endsWith(u'-'))
                slug += u'-';
        }
        while (slug.endsWith(u'-'))
            slug.chop(1);
        const QByteArray hash = json::sha256((salt + QChar(0x1f) + rule->name + QChar(0x1f) + found).toUtf8());
        const QString made = QStringLiteral("[%1-%2]").arg(slug.isEmpty() ? QStringLiteral("value") : slug, QString::fromLatin1(hash.left(8)));
        pseudonyms.insert(made);
        return made;
    }

    // Where replacements stand: what is in them is no match.
    std::vector<Span> shields(QStringView text) const
    {
        std::vector<Span> found;
        for (qsizetype at = text.indexOf(u'['); at >= 0; at = text.indexOf(u'[', at + 1)) {
            if (text.mid(at).startsWith(mask)) {
                found.push_back({at, at + mask.size()});
                continue;
            }
            if (pseudonyms.isEmpty())
                continue;
            const qsizetype end = text.mid(at, 48).indexOf(u']');
            if (end > 0 && pseudonyms.contains(text.mid(at, end + 1).toString()))
                found.push_back({at, at + end + 1});
        }
        return found;
    }

    // One search over the whole text. Null: it gave up.
    std::optional<bool> sweep(QString *text, Active *rule, const Finder &find, const redaction::TimeGuard &guard)
    {
        std::vector<Span> safe = shields(*text), hits;
        size_t nextSafe = 0;
        bool gaveUp = false;
        for (qsizetype from = 0; from <= text->size();) {
            std::optional<Span> hit = find(*text, from, guard, &gaveUp);
            if (gaveUp)
                return std::nullopt;
            if (!hit)
                break;
            const qsizetype next = std::max(hit->to, from + 1);
            while (nextSafe < safe.size() && safe[nextSafe].to <= hit->from)
                ++nextSafe;
            bool inside = false;
            for (size_t i = nextSafe; i < safe.size() && safe[i].from < hit->to; ++i) {
                inside = inside || (safe[i].from <= hit->from && hit->to <= safe[i].to);
                if (!inside) { // a replacement is not cut in two
                    hit->from = std::min(hit->from, safe[i].from);
                    hit->to = std::max(hit->to, safe[i].to);
                }
            }
            if (!inside && hit->to > hit->from) {
                if (!hits.empty() && hits.back().to > hit->from)
                    hits.back().to = std::max(hits.back().to, hit->to);
                else
                    hits.push_back(*hit);
            }
            from = std::max(next, hit->to);
        }
        if (hits.empty())
            return false;
        QString out;
        qsizetype copied = 0;
        for (const Span &hit : hits) {
            out += QStringView(*text).mid(copied, hit.from - copied);
            out += replacement(rule, text->mid(hit.from, hit.to - hit.from));
            copied = hit.to;
        }
        out += QStringView(*text).mid(copied);
        *text = out;
        return true;
    }

    QString plain(const QString &source, bool brokenJson)
    {
        QString text = source;
        if (!text.isValidUtf16())
            text = QString::fromUtf8(text.toUtf8());
        const redaction::TimeGuard guard;
        for (int round = 0; round < mostRounds; ++round) {
            bool changed = false;
            for (Active &rule : rules) {
                for (const auto *finders : {&rule.searches.finders, &rule.searches.inBrokenJson}) {
                    if (finders == &rule.searches.inBrokenJson && !brokenJson)
                        continue;
                    for (const Finder &find : *finders) {
                        const auto swept = sweep(&text, &rule, find, guard);
                        if (!swept) {
                            ++refused;
                            return mask;
                        }
                        changed = changed || *swept;
                    }
                }
            }
            if (!changed)
                return text == source ? source : text;
        }
        ++refused;
        return mask;
    }

    QString text(const QString &source, Place *place, int depth)
    {
        if (source.isEmpty() || rules.empty())
            return source;
        bool isJson = false;
        QString out = source;
        const auto first = std::find_if(source.begin(), source.end(), [](QChar c) { return !c.isSpace(); });
        if (first != source.end() && (*first == u'{' || *first == u'[') && depth < deepestText && source.size() <= longestJson) {
            const auto parsed = json::parse(source.toUtf8());
            if (parsed && (parsed->isObject() || parsed->isArray())) {
                isJson = true;
                const QJsonValue redacted = value(*parsed, place, depth + 1);
                if (redacted != *parsed)
                    out = json::compactString(redacted);
            }
        }
        return plain(out, hasKeys && !isJson && out.contains(u'"'));
    }

    static bool matches(const QStringList &key, qsizetype k, const Place &place, qsizetype p)
    {
        if (k < 0)
            return true;
        if (key[k] == L("**"))
            return matches(key, k - 1, place, p) || (p >= 0 && matches(key, k, place, p - 1));
        if (p < 0)
            return false;
        if ((key[k] == L("*") || key[k] == place[size_t(p)].name) && matches(key, k - 1, place, p - 1))
            return true;
        // Indices need not be named, but the last part of a key is the member itself.
        return place[size_t(p)].isIndex && p + 1 < qsizetype(place.size()) && matches(key, k, place, p - 1);
    }
    Active *ruleFor(const Place &place)
    {
        for (Active &rule : rules) {
            for (const QStringList &key : rule.searches.keys) {
                const QString &last = key.constLast();
                if (!last.startsWith(u'*') && last != place.back().name)
                    continue;
                if (matches(key, key.size() - 1, place, qsizetype(place.size()) - 1))
                    return &rule;
            }
        }
        return nullptr;
    }
    static bool isReplacement(const QString &text, const QSet<QString> &made) { return text == mask || made.contains(text); }

    QJsonValue member(const QJsonValue &source, Place *place, int depth)
    {
        Active *rule = hasKeys && !place->empty() ? ruleFor(*place) : nullptr;
        if (!rule || source.isNull() || source.isUndefined() || (source.isString() && source.toString().isEmpty()))
            return value(source, place, depth);
        if (source.isString() && isReplacement(source.toString(), pseudonyms))
            return source;
        return replacement(rule, source.isString() ? source.toString() : json::compactString(source));
    }

    QJsonValue value(const QJsonValue &source, Place *place, int depth)
    {
        switch (source.type()) {
        case QJsonValue::String: {
            const QString before = source.toString();
            const QString after = text(before, place, depth);
            return after == before ? source : QJsonValue(after);
        }
        case QJsonValue::Double: {
            const bool whole = source.toInteger(0) == source.toInteger(1);
            const QString before = whole ? QString::number(source.toInteger()) : QString::number(source.toDouble(), 'g', 17);
            const QString after = plain(before, false);
            return after == before ? source : QJsonValue(after);
        }
        case QJsonValue::Array: {
            QJsonArray out;
            const QJsonArray array = source.toArray();
            for (qsizetype i = 0; i < array.size(); ++i) {
                place->push_back({QString::number(i), true});
                out.append(member(array[i], place, depth));
                place->pop_back();
            }
            return out;
        }
        case QJsonValue::Object: {
            QJsonObject out;
            int sameKeys = 1;
            const QJsonObject object = source.toObject();
            for (auto it = object.begin(); it != object.end(); ++it) {
                const size_t before = place->size();
                if (hasKeys) {
                    const QStringList segments = it.key().toLower().split(QLatin1Char('.'));
                    for (const QString &segment : segments)
                        place->push_back({segment, false});
                }
                QString key = plain(it.key(), false);
                while (key != it.key() && (out.contains(key) || object.contains(key))) {
                    key = QStringLiteral("[redacted-%1]").arg(++sameKeys);
                    pseudonyms.insert(key);
                }
                out.insert(key, member(it.value(), place, depth));
                place->resize(before);
            }
            return out;
        }
        case QJsonValue::Bool:
        case QJsonValue::Null:
        case QJsonValue::Undefined:
            break;
        }
        return source;
    }
};

Redaction::Redaction(const RedactionRules &rules) : d(std::make_unique<Private>())
{
    d->salt = rules.salt;
    if (d->salt.isEmpty()) {
        for (int i = 0; i < 4; ++i)
            d->salt += QString::number(QRandomGenerator::system()->generate(), 16);
    }
    for (const RedactionRule &rule : rules.rules) {
        if (!rule.enabled)
            continue;
        Private::Active active;
        active.name = rule.shownName();
        active.pseudonym = rule.replacement == RedactionRule::Replacement::Pseudonym;
        active.searches = redaction::searchesOf(rule);
        d->hasKeys = d->hasKeys || !active.searches.keys.empty();
        d->rules.push_back(std::move(active));
    }
}

Redaction::~Redaction() = default;
Redaction::Redaction(Redaction &&) noexcept = default;
Redaction &Redaction::operator=(Redaction &&) noexcept = default;

bool Redaction::isEmpty() const
{
    return d->rules.empty();
}

QString Redaction::text(const QString &text)
{
    Private::Place place;
    return d->text(text, &place, 0);
}

QJsonValue Redaction::value(const QJsonValue &value)
{
    Private::Place place;
    return isEmpty() ? value : d->value(value, &place, 0);
}

QJsonObject Redaction::object(const QJsonObject &object)
{
    return value(object).toObject();
}

Error Redaction::error(Error error)
{
    error.message = text(error.message);
    error.cause = text(error.cause);
    return error;
}

RunEvent Redaction::event(RunEvent event)
{
    event.name = text(event.name);
    event.text = text(event.text);
    if (!event.attributes.isEmpty())
        event.attributes = object(event.attributes);
    if (event.error)
        event.error = error(*event.error);
    return event;
}

Trace Redaction::trace(const Trace &trace)
{
    if (isEmpty())
        return trace;
    Trace out;
    for (RunEvent &joined : trace.toEvents())
        out.apply(event(std::move(joined)));
    return out;
}

std::vector<RedactionCount> Redaction::counts() const
{
    std::vector<RedactionCount> counts;
    for (const auto &rule : d->rules)
        counts.push_back({rule.name, rule.replaced});
    return counts;
}

qint64 Redaction::replaced() const
{
    qint64 sum = 0;
    for (const auto &rule : d->rules)
        sum += rule.replaced;
    return sum;
}

qint64 Redaction::refused() const
{
    return d->refused;
}

} // namespace lathe
