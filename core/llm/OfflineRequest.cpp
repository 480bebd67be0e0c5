// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OfflineRequest.h"

#include "core/base/Json.h"
#include "core/llm/OfflineExchanges.h"
#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineFacts.h"
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflineTeam.h"
#include "core/llm/OfflineText.h"

namespace lathe::offline {

namespace {

constexpr qsizetype maxSystem = 48'000;
constexpr qsizetype maxUser = 96'000;
constexpr qsizetype maxBackground = 64'000;

bool isTagName(QStringView name)
{
    if (name.isEmpty() || name.size() > 32)
        return false;
    return std::all_of(name.begin(), name.end(), [](QChar c) {
        return (c >= u'a' && c <= u'z') || c == u'_' || c == u'-' || (c >= u'0' && c <= u'9');
    });
}

// The message that asks: the last user message that is neither an observation nor a demand to mend.
int askingMessage(const std::vector<Message> &messages, bool react, QString *mend)
{
    for (int i = int(messages.size()) - 1; i >= 0; --i) {
        if (messages[size_t(i)].role != Role::User)
            continue;
        const QString text = capped(messages[size_t(i)].text(), maxUser);
        if (react && isObservation(text))
            continue;
        const bool earlier = std::any_of(messages.begin(), messages.begin() + i,
                                         [](const Message &m) { return m.role == Role::User; });
        if (earlier && text.size() < 8000) {
            const auto tags = tagsOf(text, nullptr);
            if (tags.contains(QStringLiteral("problem")) && !tags.contains(QStringLiteral("task"))) {
                if (mend->isEmpty())
                    *mend = tags.value(QStringLiteral("problem"));
                continue;
            }
        }
        return i;
    }
    return -1;
}

QString fallbackIn(const QString &system, const QHash<QString, QString> &tags)
{
    if (tags.contains(QStringLiteral("fallback")))
        return tags.value(QStringLiteral("fallback")).trimmed();
    static const QRegularExpression rule = expression(
        QStringLiteral("\\b(?:if|when) "
                       "(?:you|it|the|nothing|there|no)\\b[^.\\n]{0,160}?\\b(?:say|answer|reply|respond|"
                       "write|return|output)\\b[^\"“\\n]{0,30}[\"“]([^\"”\\n]{1,300})[\"”]"));
    const auto match = rule.match(system);
    return match.hasMatch() ? match.captured(1).trimmed() : QString();
}

QStringList listedUnder(const QString &system, const QString &heading)
{
    QStringList items;
    qsizetype at = system.indexOf(QStringLiteral("## ") + heading);
    if (at < 0)
        return items;
    at = system.indexOf(u'\n', at);
    const qsizetype end = at < 0 ? -1 : system.indexOf(QLatin1String("\n## "), at);
    if (at < 0)
        return items;
    for (const QString &line : system.mid(at, end < 0 ? -1 : end - at).split(u'\n')) {
        if (line.trimmed().startsWith(QLatin1String("- ")))
            items.append(line.trimmed().mid(2).trimmed());
    }
    return items;
}

QString sectionText(const QString &system, const QString &heading)
{
    const qsizetype at = system.indexOf(QStringLiteral("## ") + heading + u'\n');
    if (at < 0)
        return {};
    const qsizetype from = at + heading.size() + 4;
    const qsizetype end = system.indexOf(QLatin1String("\n## "), from);
    return system.mid(from, end < 0 ? -1 : end - from).trimmed();
}

// What is asked and what it is asked about, when tags say so; a message without any is split by its words.
void readAnswerWork(const QString &user, Reading &reading)
{
    const QHash<QString, QString> own = tagsOf(user, nullptr);
    const auto tag = [&](const char *name) { return own.value(QLatin1String(name)); };
    if (!tag("task").isEmpty()) { // of a worker, or of a message with nothing else to go by
        splitAsk(chained(tag("task"), reading.exchanges), &reading.ask, &reading.material);
        return;
    }
    if (!tag("rule").isEmpty() && own.contains(QStringLiteral("text"))) { // a guard's
        reading.tags.insert(QStringLiteral("answer"), tag("text"));
        reading.tags.insert(QStringLiteral("rubric"), tag("rule"));
    }
    for (const char *name : {"message", "input", "text", "feedback", "document"}) {
        if (tag(name).isEmpty())
            continue;
        reading.ask = reading.order.trimmed();
        reading.material = tag(name);
        return;
    }
    splitAsk(user, &reading.ask, &reading.material);
}

Work workOf(const QHash<QString, QString> &tags, const QString &rest, const QString &instructions)
{
    const auto has = [&](const char *name) { return tags.contains(QLatin1String(name)); };
    if (has("request") && has("workers"))
        return Work::Assign;
    if (has("request") && has("results"))
        return Work::Merge;
    if (has("draft") && has("critique"))
        return Work::Revise;
    if (has("draft") && (rest + instructions).contains(QLatin1String("VERDICT")))
        return Work::Critique;
    if (has("task")) {
        if (has("step"))
            return Work::PlanStep;
        const bool plans = containsPhrase(rest, QStringLiteral("numbered plan"))
                           || containsPhrase(rest, QStringLiteral("make a plan"));
        if (has("left") || (has("problem") && plans))
            return Work::Replan;
        if (plans)
            return Work::Plan;
        if (has("done"))
            return Work::PlanAnswer;
    }
    static const QRegularExpression plan = expression(QStringLiteral(
        "\\b(?:numbered plan|(?:make|write|give|create|draw up)(?: \\w+){0,2} (?:step-by-step "
        ")?plan|(?:break|split)[^.\\n]{1,60} into(?: \\w+){0,3} (?:steps|subtasks)|plan the steps)\\b"));
    return plan.match(rest.left(400)).hasMatch() ? Work::Plan : Work::Answer;
}

} // namespace

QHash<QString, QString> tagsOf(const QString &text, QString *rest)
{
    QHash<QString, QString> tags;
    qsizetype copied = 0;
    QString remaining;
    int misses = 0;
    for (qsizetype at = text.indexOf(u'<'); at >= 0; at = text.indexOf(u'<', at)) {
        qsizetype nameEnd = at + 1;
        while (nameEnd < text.size() && nameEnd - at < 34 && text[nameEnd] != u'>' && text[nameEnd] != u'<')
            ++nameEnd;
        const QStringView name = QStringView(text).sliced(at + 1, nameEnd - at - 1);
        // Many opening tags without an end would make the search quadratic.
        if (nameEnd >= text.size() || text[nameEnd] != u'>' || !isTagName(name) || misses > 20) {
            ++at;
            continue;
        }
        const QString close = QStringLiteral("</%1>").arg(name);
        const qsizetype end = text.indexOf(close, nameEnd);
        if (end < 0) {
            ++misses;
            ++at;
            continue;
        }
        tags.insert(name.toString(), text.mid(nameEnd + 1, end - nameEnd - 1).trimmed());
        if (rest)
            remaining += QStringView(text).sliced(copied, at - copied);
        copied = at = end + close.size();
    }
    if (rest)
        *rest = remaining + text.mid(copied);
    return tags;
}

std::optional<QJsonObject> firstJsonObject(const QString &text, qsizetype *from, qsizetype *end)
{
    int tries = 0;
    for (qsizetype start = text.indexOf(u'{'); start >= 0 && tries < 8;
         start = text.indexOf(u'{', start + 1), ++tries) {
        int depth = 0;
        bool inString = false;
        for (qsizetype i = start; i < text.size(); ++i) {
            const QChar c = text[i];
            if (inString) {
                if (c == u'\\')
                    ++i;
                else if (c == u'"')
                    inString = false;
            } else if (c == u'"') {
                inString = true;
            } else if (c == u'{') {
                ++depth;
            } else if (c == u'}' && --depth == 0) {
                if (const auto object = json::parseObject(text.mid(start, i - start + 1).toUtf8())) {
                    if (from)
                        *from = start;
                    if (end)
                        *end = i + 1;
                    return *object;
                }
                break;
            }
        }
    }
    return std::nullopt;
}

bool isRequest(const QString &sentence)
{
    const QString trimmed = sentence.trimmed();
    if (trimmed.endsWith(u'?'))
        return true;
    const std::vector<Word> words = wordsOf(trimmed.left(300));
    static const QSet<QString> lead{
        QStringLiteral("please"),  QStringLiteral("now"),  QStringLiteral("then"),
        QStringLiteral("and"),     QStringLiteral("also"), QStringLiteral("first"),
        QStringLiteral("finally"), QStringLiteral("next"), QStringLiteral("can"),
        QStringLiteral("could"),   QStringLiteral("you"),  QStringLiteral("kindly")};
    size_t at = 0;
    while (at < words.size() && lead.contains(words[at].lower))
        ++at;
    return at < words.size()
           && (isRequestVerb(words[at].lower)
               || (at == 0 && isQuestionWord(words[at].lower) && words.size() < 40));
}

void splitAsk(const QString &text, QString *ask, QString *material)
{
    const QString trimmed = text.trimmed();
    *ask = trimmed;
    material->clear();
    const qsizetype firstEnd = trimmed.indexOf(u'\n');
    if (firstEnd > 0) {
        const QString first = trimmed.left(firstEnd).trimmed();
        if (first.size() < 600 && (first.endsWith(u':') || isRequest(first))) {
            *ask = first;
            *material = trimmed.mid(firstEnd + 1).trimmed();
            // Several lines of orders stay orders.
            const QStringList lines = material->split(u'\n', Qt::SkipEmptyParts);
            const bool allAsk = material->size() < 600 && !first.endsWith(u':')
                                && std::all_of(lines.begin(), lines.end(),
                                               [](const QString &line) { return isRequest(line); });
            if (allAsk) {
                *ask = trimmed;
                material->clear();
            }
            return;
        }
        const qsizetype lastStart = trimmed.lastIndexOf(QLatin1String("\n"));
        const QString last = trimmed.mid(lastStart + 1).trimmed();
        if (last.size() < 400 && isRequest(last) && lastStart > 200) {
            *ask = last;
            *material = trimmed.left(lastStart).trimmed();
        }
        return;
    }
    const qsizetype colon = trimmed.indexOf(QLatin1String(": "));
    if (colon > 0 && colon < 160 && isRequest(trimmed.left(colon)) && countWords(trimmed.mid(colon)) > 4) {
        *ask = trimmed.left(colon);
        *material = trimmed.mid(colon + 2).trimmed();
        return;
    }
    // "Summarise the following text. It was a dark night. ..."
    const QStringList sentences = sentencesOf(trimmed.left(4000), 60);
    int lead = 0;
    while (lead < sentences.size() && isRequest(sentences[lead]) && !sentences[lead].endsWith(u'?'))
        ++lead;
    if (lead > 0 && sentences.size() - lead >= 3) {
        const qsizetype cut = trimmed.indexOf(sentences[lead]);
        if (cut > 0) {
            *ask = trimmed.left(cut).trimmed();
            *material = trimmed.mid(cut).trimmed();
        }
    }
}

Reading readRequest(const ChatRequest &request)
{
    Reading reading;
    QStringList systemTexts;
    for (const Message &message : request.messages) {
        if (message.role == Role::System)
            systemTexts.append(capped(message.text(), maxSystem));
    }
    reading.system = capped(systemTexts.join(QLatin1String("\n\n")), maxSystem);
    const auto systemTags = tagsOf(reading.system, &reading.instructions);
    reading.react = reading.system.contains(QLatin1String("Final Answer:"))
                    && reading.system.contains(QLatin1String("Action Input:"));
    if (reading.react) { // the protocol's own words are no wishes about the answer
        static const QRegularExpression protocol = expression(
            QStringLiteral(
                "(?:^|\\n)[ *]*(?:Thought|Action|Action Input|Observation|Final Answer)[ *]*:[^\\n]*"),
            true);
        reading.instructions.remove(protocol);
    }
    reading.fallback = fallbackIn(reading.system, systemTags);
    reading.tone = sectionText(reading.system, QStringLiteral("Tone"));
    reading.criteria = listedUnder(reading.system, QStringLiteral("Success criteria"));

    QString mend;
    const int asking = askingMessage(request.messages, reading.react, &mend);
    QString user = asking >= 0 ? capped(request.messages[size_t(asking)].text(), maxUser) : QString();
    QString rest;
    reading.tags = tagsOf(user, &rest);
    reading.work = workOf(reading.tags, rest, reading.instructions);
    for (auto it = systemTags.begin(); it != systemTags.end(); ++it) {
        if (!reading.tags.contains(it.key()))
            reading.tags.insert(it.key(), it.value());
    }
    reading.order = rest;
    const size_t after = size_t(std::max(0, asking + 1));
    if (reading.react)
        readReactExchanges(request.messages, after, reading.exchanges);
    else
        readNativeExchanges(request.messages, after, reading.exchanges);
    if (request.toolChoice != ChatRequest::ToolChoice::None)
        reading.tools = request.tools;
    if (reading.react && reading.tools.empty())
        reading.tools = toolsInText(systemTags.contains(QStringLiteral("tools"))
                                        ? systemTags.value(QStringLiteral("tools"))
                                        : sectionText(reading.system, QStringLiteral("Tools")));

    const QString task = reading.tags.value(QStringLiteral("task"));
    switch (reading.work) {
    case Work::PlanStep:
        reading.ask = reading.tags.value(QStringLiteral("step"));
        splitAsk(task, &rest, &reading.material);
        break;
    case Work::Answer:
        readAnswerWork(user, reading);
        break;
    case Work::Assign:
    case Work::Merge:
        reading.ask = reading.tags.value(QStringLiteral("request"));
        reading.material = reading.tags.value(QStringLiteral("results"));
        break;
    case Work::Plan:
        reading.ask = task.isEmpty() ? user : task;
        break;
    default:
        splitAsk(task, &reading.ask, &reading.material);
        break;
    }
    QStringList background;
    for (auto it = systemTags.begin(); it != systemTags.end(); ++it) {
        static const QSet<QString> notMaterial{QStringLiteral("fallback"), QStringLiteral("schema"),
                                               QStringLiteral("tools"),    QStringLiteral("routes"),
                                               QStringLiteral("criteria"), QStringLiteral("rubric"),
                                               QStringLiteral("members")};
        if (!notMaterial.contains(it.key()))
            background.append(it.value());
    }
    background.sort(); // a hash has no order; the answer must not depend on it
    for (int i = 0; i < asking; ++i) {
        const Message &message = request.messages[size_t(i)];
        if (message.role == Role::User || message.role == Role::Assistant)
            background.append(capped(message.text(), maxBackground / 8));
    }
    reading.background = capped(background.join(u'\n'), maxBackground);
    reading.wishes = wishesOf(reading.instructions);
    if (tagsOf(user, nullptr).contains(QStringLiteral("routes"))) // a router's: they say what belongs to each
        reading.instructions += u'\n' + reading.tags.value(QStringLiteral("routes"));
    QString said = reading.work == Work::PlanStep ? rest : reading.ask;
    if (reading.work == Work::PlanStep)
        said = reading.ask + QLatin1String("\nReport in at most 80 words.");
    // A long message without an order is material; what it says about lengths is none of our business.
    if (said.size() < 2000
        && (reading.hasMaterial() || isRequest(said) || reading.instructions.trimmed().isEmpty()))
        reading.wishes.override(wishesOf(said));
    return reading;
}

} // namespace lathe::offline
