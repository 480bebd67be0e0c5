// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineFacts.h"
#include "core/llm/OfflineGuesses.h"
#include "core/llm/OfflineJson.h"
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflineResults.h"
#include "core/llm/OfflineSql.h"
#include "core/llm/OfflineSummary.h"
#include "core/llm/OfflineText.h"
#include "core/llm/OfflineTools.h"

namespace lathe::offline {

namespace {

constexpr int maxProperties = 60;

bool isNamed(const QSet<QString> &stems, std::initializer_list<const char *> names)
{
    return std::any_of(names.begin(), names.end(),
                       [&](const char *name) { return stems.contains(stemOf(QString::fromLatin1(name))); });
}

QString firstOf(const QStringList &list)
{
    return list.isEmpty() ? QString() : list.first();
}

// What errors of this tool said does not exist.
QSet<QString> bannedNames(const QString &tool, const Reading &reading)
{
    static const QRegularExpression missing =
        expression(QStringLiteral("no such (?:column|table|function):?\\s*[\"'`]?([\\w.]{1,64})|unknown "
                                  "column [\"'`]?([\\w.]{1,64})"));
    QSet<QString> banned;
    for (const Exchange &exchange : reading.exchanges) {
        if (exchange.tool != tool || !exchange.isError)
            continue;
        for (auto matches = missing.globalMatch(exchange.result.left(4000)); matches.hasNext();) {
            const auto match = matches.next();
            banned.insert((match.captured(1) + match.captured(2)).section(u'.', -1).toLower());
        }
    }
    return banned;
}

struct Slot {
    QString name;
    QJsonObject schema;
    QSet<QString> stems; // of name and description
    QSet<QString> nameStems;
    bool required = false;
};

class Filler
{
public:
    Filler(const ToolDescription &tool, const QString &part, const Reading &reading)
        : m_tool(tool), m_kind(kindOf(tool)), m_part(part), m_reading(reading)
    {
    }

    std::optional<QJsonObject> fill(bool force)
    {
        QJsonObject arguments;
        const QJsonObject properties = m_tool.schema.value(QLatin1String("properties")).toObject();
        const QStringList required = json::toStringList(m_tool.schema.value(QLatin1String("required")));
        int count = 0;
        for (auto it = properties.begin(); it != properties.end() && count < maxProperties; ++it, ++count) {
            Slot slot{it.key(), it.value().toObject(), {}, {}, required.contains(it.key())};
            QString spoken = slot.name;
            static const QRegularExpression hump = expression(QStringLiteral("([a-z])([A-Z])"), true);
            spoken.replace(hump, QStringLiteral("\\1 \\2")).replace(u'_', u' ').replace(u'-', u' ');
            slot.nameStems = stemsOf(spoken);
            if (slot.nameStems.isEmpty())
                slot.nameStems.insert(stemOf(spoken));
            slot.stems = slot.nameStems
                         + stemsOf(slot.schema.value(QLatin1String("description")).toString().left(400));
            QJsonValue value = valueFor(slot);
            if (isNothing(value) && slot.required)
                value = lastResort(slot, force);
            if (isNothing(value)) {
                if (slot.required && !force)
                    return std::nullopt;
                if (!slot.required)
                    continue;
            }
            arguments.insert(slot.name, conform(value, slot.schema));
        }
        return arguments;
    }

private:
    static bool isNothing(const QJsonValue &value)
    {
        return value.isUndefined() || value.isNull()
               || (value.isString() && value.toString().trimmed().isEmpty())
               || (value.isArray() && value.toArray().isEmpty());
    }

    // Clamped and cut so that the tool's own check passes.
    static QJsonValue conform(const QJsonValue &value, const QJsonObject &schema)
    {
        return clampedTo(value, schema);
    }

    QJsonValue valueFor(const Slot &slot)
    {
        if (slot.schema.contains(QLatin1String("const")))
            return slot.schema.value(QLatin1String("const"));
        if (slot.schema.contains(QLatin1String("enum"))) {
            bool found = false;
            const QString text =
                matchedEnum(slot.schema.value(QLatin1String("enum")).toArray(), m_part,
                            slot.schema.value(QLatin1String("description")).toString(), &found);
            if (found)
                return text;
            if (slot.required && !slot.schema.contains(QLatin1String("default"))
                && m_kind == ToolKind::Files)
                return fileAction(slot);
            return {};
        }
        const QJsonValue type = slot.schema.value(QLatin1String("type"));
        const QString typeName = type.isArray() ? type.toArray().at(0).toString() : type.toString();
        if (typeName == QLatin1String("integer") || typeName == QLatin1String("number"))
            return number(slot);
        if (typeName == QLatin1String("boolean"))
            return boolean(slot);
        if (typeName == QLatin1String("array"))
            return list(slot);
        if (typeName == QLatin1String("object"))
            return {};
        return text(slot);
    }

    // A file tool's action by what is at hand: a path to read, else a listing.
    QJsonValue fileAction(const Slot &slot) const
    {
        const QStringList actions = json::toStringList(slot.schema.value(QLatin1String("enum")));
        const bool path = !findPaths(m_part).isEmpty();
        for (const QString &wanted :
             {path ? QStringLiteral("read") : QStringLiteral("list"), QStringLiteral("list")}) {
            if (actions.contains(wanted))
                return wanted;
        }
        return {};
    }

    QJsonValue text(const Slot &slot)
    {
        const auto named = [&](std::initializer_list<const char *> names) {
            return isNamed(slot.nameStems, names);
        };
        if (m_kind == ToolKind::Sql && named({"sql", "query", "statement"})) {
            SqlQuestion question;
            question.text = m_part;
            question.context = m_reading.ask;
            if (m_reading.work == Work::PlanStep) { // "its complaints": of what the last step found first
                const QString done = m_reading.tags.value(QStringLiteral("done"));
                static const QRegularExpression first =
                    expression(QStringLiteral("([^\\n:]{1,80}) comes first"), true);
                const auto match = first.match(done);
                const QString last =
                    done.mid(std::max<qsizetype>(0, done.lastIndexOf(QLatin1String("Result:"))))
                        .section(u'\n', 0, 0);
                question.context += u' ' + (match.hasMatch() ? match.captured(1) : last.left(300));
            }
            question.banned = bannedNames(m_tool.name, m_reading);
            return sqlFor(question, tablesIn(m_tool.description, m_reading.system));
        }
        if (named({"expression", "formula", "calculation", "equation"})
            || (m_kind == ToolKind::Calculator && slot.required))
            return arithmetic();
        const QString format = slot.schema.value(QLatin1String("format")).toString();
        if (named({"url", "uri", "link", "address"}) || format == QLatin1String("uri"))
            return firstOf(findUrls(m_part + u'\n' + m_reading.ask));
        if (named({"email", "mail", "recipient"}) || format == QLatin1String("email"))
            return firstOf(findEmails(m_part + u'\n' + m_reading.ask));
        if (named({"zone", "timezone", "tz"}))
            return zoneIn(m_part);
        if (named({"path", "file", "filename"}))
            return firstOf(findPaths(m_part + u'\n' + m_reading.ask));
        if (named({"date", "day", "from", "since", "until", "start", "end", "before", "after"})
            || format.startsWith(QLatin1String("date"))) {
            const QStringList dates = findDates(m_part);
            const bool later = named({"until", "end", "before", "to"}) && dates.size() > 1;
            return later ? dates[1] : firstOf(dates);
        }
        if (named({"city", "location", "place", "country", "region"}))
            return placeIn(m_part);
        if (named({"phone", "telephone"}))
            return firstOf(findPhones(m_part));
        if (named({"id", "number", "reference", "order", "invoice", "ticket", "code"})) {
            if (const QString reference = firstOf(findReferences(m_part)); !reference.isEmpty())
                return reference.startsWith(u'#') ? reference.mid(1) : reference;
            const auto numbers = findNumbers(m_part);
            return numbers.empty() ? QJsonValue()
                                   : QJsonValue(m_part.mid(numbers.front().from, numbers.front().length));
        }
        if (named({"question", "prompt"}) || (m_kind == ToolKind::Human && slot.required))
            return question();
        if (named({"query", "search", "keyword", "keywords", "term", "topic", "pattern", "q"})) {
            if (m_kind == ToolKind::Files && !containsPhrase(m_part, QStringLiteral("search"))
                && findQuoted(m_part).isEmpty())
                return {};
            return searchWords(m_part, m_tool.name);
        }
        if (named({"subject", "title", "body", "message", "text"})) {
            if (const QString said = quotedAfter(slot.name); !said.isEmpty())
                return said;
        }
        if (named({"name", "person", "customer", "user", "title", "subject", "company"})) {
            if (const QString quoted = firstOf(findQuoted(m_part)); !quoted.isEmpty())
                return quoted;
            if (const QString name = findPersonName(m_part); !name.isEmpty())
                return name;
            return placeIn(m_part);
        }
        if (named({"text", "message", "content", "body", "input", "document", "note", "comment",
                   "description", "summary"}))
            return m_kind == ToolKind::Files && !slot.required ? QString()
                   : m_reading.hasMaterial()                   ? m_reading.material.left(4000)
                                                               : m_part;
        if (const QString quoted = firstOf(findQuoted(m_part)); !quoted.isEmpty() && slot.required)
            return quoted;
        return {};
    }

    // What to ask the person, turned from "ask the customer whether ..." into a question.
    QString question() const
    {
        static const QRegularExpression asked = expression(QStringLiteral(
            "(?s)\\b(?:ask|check with|confirm with|find out from)\\s+(?:the |a |your |our "
            ")?(?:human|person|user|customer|manager|team|someone|me|him|her|them|colleague)s?\\s*(.*)$"));
        const auto match = asked.match(m_part.left(2000));
        QString text = match.hasMatch() ? match.captured(1).trimmed() : m_part.left(2000).trimmed();
        for (const auto lead : {QLatin1String("whether "), QLatin1String("if "), QLatin1String("about "),
                                QLatin1String("for "), QLatin1String("that ")}) {
            if (text.startsWith(lead, Qt::CaseInsensitive)) {
                text = text.mid(lead.size());
                if (lead != QLatin1String("about ") && lead != QLatin1String("for "))
                    text = QStringLiteral("Is it so that ") + text;
                else
                    text = QStringLiteral("What about ") + text;
                break;
            }
        }
        while (!text.isEmpty() && QStringView(u".,;: ").contains(text.back()))
            text.chop(1);
        if (text.isEmpty())
            text = m_reading.hasMaterial() ? m_reading.material.left(1000) : m_reading.ask.left(1000);
        return capitalised(text.endsWith(u'?') ? text : text + u'?');
    }

    // An expression in the request, or over the single figures that earlier calls gave ("the difference of the two").
    QString arithmetic() const
    {
        const QString written = findExpression(m_part);
        if (!written.isEmpty())
            return written;
        QStringList values = resultFigures(m_reading.exchanges);
        for (const NumberFact &fact : findNumbers(m_part))
            values.append(QString::number(fact.value, 'g', 15));
        if (values.size() < 2)
            return {};
        const QSet<QString> stems = stemsOf(m_part);
        const auto says = [&](std::initializer_list<const char *> names) { return isNamed(stems, names); };
        const QString a = values[0], b = values[1];
        if (says({"percent", "percentage", "share", "proportion"}))
            return QStringLiteral("%1 / %2 * 100").arg(a, b);
        if (says({"difference", "subtract", "minus"}))
            return QStringLiteral("%1 - %2").arg(a, b);
        if (says({"ratio", "divide", "divided", "quotient"}))
            return QStringLiteral("%1 / %2").arg(a, b);
        if (says({"multiply", "multiplied", "times", "product"}))
            return QStringLiteral("%1 * %2").arg(a, b);
        if (says({"average", "mean"}))
            return QStringLiteral("(%1) / %2").arg(values.join(QLatin1String(" + "))).arg(values.size());
        if (says({"sum", "total", "add", "plus", "together"}))
            return values.join(QLatin1String(" + "));
        return {};
    }

    // The number that stands nearest to a word of the slot's name; of a lone number it is that one.
    QJsonValue number(const Slot &slot)
    {
        const auto numbers = findNumbers(m_part);
        const bool limit = isNamed(slot.nameStems, {"limit", "count", "max", "top", "results", "n"});
        const std::vector<Word> words = wordsOf(m_part.left(4000));
        const NumberFact *best = nullptr;
        qsizetype bestDistance = limit ? 1000 : 40;
        for (const NumberFact &fact : numbers) {
            for (const Word &word : words) {
                if (!slot.nameStems.contains(word.stem))
                    continue;
                const qsizetype distance = std::abs(word.from - fact.from);
                if (distance < bestDistance) {
                    best = &fact;
                    bestDistance = distance;
                }
            }
        }
        if (!best && !numbers.empty() && (limit || (slot.required && numbers.size() > m_takenNumbers)))
            best = &numbers[std::min(m_takenNumbers, numbers.size() - 1)];
        if (!best)
            return {};
        ++m_takenNumbers;
        return best->value;
    }

    QJsonValue boolean(const Slot &slot) const
    {
        const QSet<QString> stems = stemsOf(m_part);
        if (overlap(slot.nameStems, stems) < 0.5)
            return {};
        static const QRegularExpression negated =
            expression(QStringLiteral("\\b(?:no|not|without|don't|never|exclude|disable)\\b"));
        return !negated.match(m_part).hasMatch();
    }

    // What stands in quotes right after the word: subject "Refund".
    QString quotedAfter(const QString &word) const
    {
        const QRegularExpression after(QStringLiteral("\\b%1\\b[^\"“”«»\\n]{0,20}(?:\"([^\"]*)\"|“([^”]*)”|«([^»]*)»)").arg(QRegularExpression::escape(word)),
                                       QRegularExpression::CaseInsensitiveOption);
        const auto match = after.match(m_part.left(20'000));
        return match.captured(match.lastCapturedIndex() > 0 ? match.lastCapturedIndex() : 1);
    }

    // Mail addresses: those behind "cc", "bcc" or "copy" are for these, the others for the rest. Nothing when there is none.
    QJsonValue addresses(const QString &name) const
    {
        static const QRegularExpression mark = expression(QStringLiteral("\\b(bcc|cc|blind copy|copy)\\b"));
        const QString text = m_part.left(20'000);
        QHash<QString, QString> parts; // by list
        QString list = QStringLiteral("to");
        qsizetype from = 0;
        for (auto it = mark.globalMatch(text); it.hasNext();) {
            const auto match = it.next();
            parts[list] += text.mid(from, match.capturedStart() - from) + u'\n';
            const QString word = match.captured(1).toLower();
            list = word.startsWith(u'b') ? QStringLiteral("bcc") : QStringLiteral("cc");
            from = match.capturedEnd();
        }
        parts[list] += text.mid(from);
        const bool copies = name == QLatin1String("cc") || name == QLatin1String("bcc");
        const QStringList found = findEmails(parts.value(copies ? name : QStringLiteral("to")));
        return found.isEmpty() ? QJsonValue() : QJsonValue(json::fromStringList(found));
    }

    QJsonValue list(const Slot &slot)
    {
        const QJsonObject items = slot.schema.value(QLatin1String("items")).toObject();
        const QString name = slot.name.toLower();
        static const QStringList mail{QStringLiteral("to"), QStringLiteral("cc"), QStringLiteral("bcc"), QStringLiteral("recipients"),
                                      QStringLiteral("emails"), QStringLiteral("addresses")};
        if (mail.contains(name) || items.value(QLatin1String("format")) == QJsonValue(QStringLiteral("email")))
            return addresses(name);
        if (const QJsonArray values = items.value(QLatin1String("enum")).toArray(); !values.isEmpty()) {
            QJsonArray chosen;
            for (const QJsonValue &value : values) {
                if (overlap(stemsOf(value.toString().replace(u'_', u' ')), stemsOf(m_part)) >= 1.0)
                    chosen.append(value);
            }
            return chosen;
        }
        const QString type = items.value(QLatin1String("type")).toString();
        if (type == QLatin1String("number") || type == QLatin1String("integer")) {
            QJsonArray numbers;
            for (const NumberFact &fact : findNumbers(m_part))
                numbers.append(fact.value);
            return numbers;
        }
        if (isNamed(slot.nameStems, {"url", "urls", "links"}))
            return json::fromStringList(findUrls(m_part));
        if (isNamed(slot.nameStems, {"choices", "options"})) {
            static const QRegularExpression either =
                expression(QStringLiteral("\\b(?:either|between|choose|options?:?)\\s+([\\w "
                                          "-]{1,40}?)\\s+(?:or|and)\\s+([\\w -]{1,40}?)(?:[.?!,]|$)"));
            const auto match = either.match(m_part);
            return match.hasMatch()
                       ? QJsonValue(QJsonArray{match.captured(1).trimmed(), match.captured(2).trimmed()})
                       : QJsonValue();
        }
        if (const QStringList quoted = findQuoted(m_part); !quoted.isEmpty())
            return json::fromStringList(quoted);
        return slot.required ? QJsonValue(json::fromStringList(keywordsOf(m_part, 5))) : QJsonValue();
    }

    QJsonValue lastResort(const Slot &slot, bool force)
    {
        if (slot.schema.contains(QLatin1String("default")))
            return slot.schema.value(QLatin1String("default"));
        if (const QJsonArray values = slot.schema.value(QLatin1String("enum")).toArray(); !values.isEmpty())
            return values.first();
        if (slot.schema.value(QLatin1String("type")).toString() == QLatin1String("boolean"))
            return false;
        if (!force)
            return {};
        if (const QJsonArray examples = slot.schema.value(QLatin1String("examples")).toArray();
            !examples.isEmpty())
            return examples.first();
        const QString type = slot.schema.value(QLatin1String("type")).toString();
        if (type == QLatin1String("string") || type.isEmpty())
            return m_part.left(2000);
        return filledBySchema(slot.schema, {m_part, {}, {}});
    }

    const ToolDescription &m_tool;
    ToolKind m_kind;
    QString m_part;
    const Reading &m_reading;
    size_t m_takenNumbers = 0;
};

} // namespace

std::optional<QJsonObject> argumentsFor(const ToolDescription &tool, const QString &part,
                                        const Reading &reading, bool force)
{
    return Filler(tool, part, reading).fill(force);
}

} // namespace lathe::offline
