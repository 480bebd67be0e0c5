// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/prompt/PromptLinter.h"

#include "core/base/Json.h"

#include <QSet>

namespace lathe {

namespace {

constexpr int maxExamples = 25;

PromptFix formatFix(const QString &title, const QString &format)
{
    PromptFix fix;
    fix.title = title;
    fix.changes.push_back({QStringLiteral("/output/format"), format});
    return fix;
}

// A schema to begin with, as text so that its order stays.
PromptFix schemaFix(const QString &title)
{
    PromptFix fix = formatFix(title, QStringLiteral("json_schema"));
    fix.changes.push_back({QStringLiteral("/output/schema"),
                           QStringLiteral("{\n  \"type\": \"object\",\n  \"properties\": {\n    \"answer\": {\"type\": \"string\", "
                                          "\"description\": \"The answer in one sentence\"}\n  },\n  \"required\": [\"answer\"],\n  "
                                          "\"additionalProperties\": false\n}")});
    return fix;
}

QJsonValue emptyOf(const QJsonValue &schema)
{
    const QJsonArray choices = schema[QLatin1String("enum")].toArray();
    if (!choices.isEmpty())
        return choices.first();
    QJsonValue type = schema[QLatin1String("type")];
    if (type.isArray())
        type = type.toArray().first();
    const QString name = type.toString();
    if (name == QLatin1String("object"))
        return QJsonObject();
    if (name == QLatin1String("array"))
        return QJsonArray();
    if (name == QLatin1String("integer") || name == QLatin1String("number"))
        return schema[QLatin1String("minimum")].toDouble(0);
    if (name == QLatin1String("boolean"))
        return false;
    return name == QLatin1String("null") ? QJsonValue() : QJsonValue(QStringLiteral("…"));
}

bool hasType(const QJsonValue &schema, const QJsonValue &value)
{
    const QJsonValue type = schema[QLatin1String("type")];
    const QStringList names = type.isArray() ? json::toStringList(type) : QStringList(type.toString());
    if (names.first().isEmpty())
        return true;
    switch (value.type()) {
    case QJsonValue::Object:
        return names.contains(QLatin1String("object"));
    case QJsonValue::Array:
        return names.contains(QLatin1String("array"));
    case QJsonValue::String:
        return names.contains(QLatin1String("string"));
    case QJsonValue::Bool:
        return names.contains(QLatin1String("boolean"));
    case QJsonValue::Double:
        return names.contains(QLatin1String("number")) || names.contains(QLatin1String("integer"));
    default:
        return names.contains(QLatin1String("null"));
    }
}

// What fits is kept; what is missing, of another type or not wanted is put in, replaced, taken out.
QJsonValue mended(const QJsonValue &schema, const QJsonValue &value, int depth = 0)
{
    if (depth > 8)
        return value;
    const QJsonArray choices = schema[QLatin1String("enum")].toArray();
    if (!choices.isEmpty())
        return choices.contains(value) ? value : choices.first();
    if (!hasType(schema, value))
        return mended(schema, emptyOf(schema), depth + 1);
    if (value.isArray()) {
        QJsonArray items;
        for (const QJsonValue &item : value.toArray())
            items.append(mended(schema[QLatin1String("items")], item, depth + 1));
        return items;
    }
    if (!value.isObject())
        return value;
    QJsonObject object = value.toObject();
    const QJsonObject properties = schema[QLatin1String("properties")].toObject();
    for (const QString &key : object.keys()) {
        if (properties.contains(key))
            object.insert(key, mended(properties.value(key), object.value(key), depth + 1));
        else if (schema[QLatin1String("additionalProperties")] == QJsonValue(false))
            object.remove(key);
    }
    for (const QString &key : json::toStringList(schema[QLatin1String("required")])) {
        if (!object.contains(key))
            object.insert(key, mended(properties.value(key), emptyOf(properties.value(key)), depth + 1));
    }
    return object;
}

} // namespace

PromptFix::TextEdit PromptLinter::sentenceAround(const Hit &hit) const
{
    qsizetype from = hit.from, to = hit.from + hit.length;
    const auto ends = [this](qsizetype at) {
        const QChar c = m_text[at];
        return c == u'\n'
               || ((c == u'.' || c == u'!' || c == u'?' || c == u';') && (at + 1 == m_text.size() || m_text[at + 1].isSpace()));
    };
    while (from > 0 && !ends(from - 1))
        --from;
    while (to < m_text.size() && !ends(to - 1) && m_text[to] != u'\n')
        ++to;
    const bool wholeLine = (from == 0 || m_text.left(from).section(u'\n', -1).trimmed().isEmpty())
                           && (to == m_text.size() || m_text.mid(to).section(u'\n', 0, 0).trimmed().isEmpty());
    if (wholeLine) {
        while (from > 0 && m_text[from - 1] != u'\n')
            --from;
        while (to < m_text.size() && m_text[to] != u'\n')
            ++to;
        if (to < m_text.size())
            ++to; // the line goes with its end
        else if (from > 0)
            --from;
    } else if (to == m_text.size() || m_text[to] == u'\n') {
        while (from > 0 && m_text[from - 1] == u' ')
            --from; // the last one of its line: the space before it goes with it
    } else {
        while (from < hit.from && m_text[from] == u' ')
            ++from;
        while (to < m_text.size() && m_text[to] == u' ')
            ++to;
    }
    return {from, to - from, QString()};
}

PromptFix PromptLinter::removalOf(const Hit &hit) const
{
    PromptFix fix;
    fix.edits.push_back(sentenceAround(hit));
    QString said = m_text.mid(fix.edits.front().from, fix.edits.front().length).simplified();
    if (said.size() > 40)
        said = said.left(38).trimmed() + u'…';
    fix.title = QStringLiteral("Remove “%1”").arg(said);
    return fix;
}

void PromptLinter::checkOutput()
{
    if (m_spec.outputFormat == QLatin1String("json_schema") && m_spec.outputSchema.isEmpty()) {
        auto &problem = add(Fault, QStringLiteral("/output/schema"), "output.no_schema",
                            QStringLiteral("The output format is JSON Schema, but there is no schema."),
                            QStringLiteral("Write the schema of the answer, or choose text or Markdown."));
        problem.fixes.push_back(schemaFix(QStringLiteral("Begin a schema")));
        problem.fixes.push_back(formatFix(QStringLiteral("Answer in plain text"), QStringLiteral("text")));
    } else if (m_spec.outputFormat == QLatin1String("text")) {
        static const auto says =
            words(QStringLiteral("bullets?|bullet points?|(?:numbered |bulleted "
                                 ")?lists?|sentences?|paragraphs?|tables?|json|markdown|headings?|csv|yaml"
                                 "|words?|characters|lines?|plain text|format|label|one of|yes or "
                                 "no|letter|e-?mail|reply with|number only|code block"));
        // Shown turns of an assistant say what an answer looks like.
        const bool shown = std::any_of(m_spec.messages.begin(), m_spec.messages.end(),
                                       [](const PromptMessage &message) { return message.role == QLatin1String("assistant"); });
        const bool inPartials = std::any_of(m_partialTexts.begin(), m_partialTexts.end(), [](const QString &text) { return bool(find(text, says)); });
        if (!shown && !inPartials && !find(m_text, says)) {
            auto &problem = add(Warning, QStringLiteral("/output/format"), "output.unsaid",
                                QStringLiteral("The instructions do not say what form the answer has, so each answer "
                                               "may look different."),
                                QStringLiteral("Say it: how long, in sentences, bullets, Markdown or by a JSON Schema."));
            PromptFix fix;
            fix.title = QStringLiteral("Ask for five sentences at most");
            const QString end = m_spec.text.endsWith(u'\n') ? QStringLiteral("\n") : QStringLiteral("\n\n");
            fix.edits.push_back({m_spec.text.size(), 0, end + QStringLiteral("Answer in at most five sentences.")});
            problem.fixes.push_back(std::move(fix));
        }
    }
}

void PromptLinter::contradiction(const char *code, const Hit &first, const Hit &second, const QString &why, const QString &fix)
{
    if (!first || !second)
        return;
    auto &problem = add(Warning, QStringLiteral("/text"), code,
                        QStringLiteral("“%1” and “%2” contradict each other: %3.").arg(first.text, second.text, why), fix, second);
    problem.fixes.push_back(removalOf(second));
    problem.fixes.push_back(removalOf(first));
}

void PromptLinter::checkContradictions()
{
    static const auto bullets = words(QStringLiteral(
        "(?:in|as|with|use|using) (?:\\w+ )?bullet(?:s| points?| list)|bulleted list|bullet points"));
    static const auto markdown =
        words(QStringLiteral("(?:in|as|use|using|with) markdown|markdown (?:headings?|table|list)s?"));
    static const auto noMarkdown =
        words(QStringLiteral("(?:no|without|never use|not use|avoid) markdown|plain text only"));
    static const auto json = words(
        QStringLiteral("(?:in|as|return|reply with|answer with|output|valid|a|one) json(?: object)?"));
    static const auto prose =
        words(QStringLiteral("(?:write|answer|reply|respond) in (?:prose|paragraphs|full sentences)|as "
                             "(?:an essay|a letter|a table)"));
    const QString mend = QStringLiteral("Keep one of them; the output format and the text must say the same.");
    const auto against = [&](const Hit &hit, const QString &message, const QString &fixText) -> PromptProblem & {
        return add(Warning, QStringLiteral("/text"), "contradiction.format", message, fixText, hit);
    };
    if (m_spec.outputFormat == QLatin1String("json_schema")) {
        for (const auto *pattern : {&bullets, &markdown, &prose}) {
            if (const Hit hit = find(m_text, *pattern)) {
                auto &problem =
                    against(hit, QStringLiteral("The output format is JSON Schema, but the text says “%1”.").arg(hit.text), mend);
                problem.fixes.push_back(removalOf(hit));
                problem.fixes.push_back(formatFix(QStringLiteral("Answer in Markdown"), QStringLiteral("markdown")));
            }
        }
    } else if (const Hit hit = find(m_text, json)) {
        auto &problem = against(hit,
                                QStringLiteral("The text says “%1”, but the output format is %2, so nothing will check the JSON.")
                                    .arg(hit.text, m_spec.outputFormat),
                                QStringLiteral("Choose the output format JSON Schema and write its schema."));
        if (m_spec.outputSchema.isEmpty())
            problem.fixes.push_back(schemaFix(QStringLiteral("Answer by a JSON Schema")));
        else
            problem.fixes.push_back(formatFix(QStringLiteral("Answer by the JSON Schema"), QStringLiteral("json_schema")));
    }
    if (m_spec.outputFormat == QLatin1String("text")) {
        QString wished = m_text; // "do not use Markdown" is no wish for it
        for (auto matches = noMarkdown.globalMatch(m_text); matches.hasNext();) {
            const auto match = matches.next();
            std::fill_n(wished.begin() + match.capturedStart(), match.capturedLength(), u' ');
        }
        if (const Hit hit = find(wished, markdown)) {
            auto &problem = against(hit, QStringLiteral("The output format is plain text, but the text says “%1”.").arg(hit.text), mend);
            problem.fixes.push_back(formatFix(QStringLiteral("Answer in Markdown"), QStringLiteral("markdown")));
            problem.fixes.push_back(removalOf(hit));
        }
    } else if (m_spec.outputFormat == QLatin1String("markdown")) {
        if (const Hit hit = find(m_text, noMarkdown)) {
            auto &problem = against(hit, QStringLiteral("The output format is Markdown, but the text says “%1”.").arg(hit.text), mend);
            problem.fixes.push_back(formatFix(QStringLiteral("Answer in plain text"), QStringLiteral("text")));
            problem.fixes.push_back(removalOf(hit));
        }
    }
    checkLengths();
    checkLanguages();
}

void PromptLinter::checkLengths()
{
    static const auto brief = words(QStringLiteral(
        "be (?:brief|concise|short|terse)|(?:brief|concise|short) (?:answers?|replies)|briefly"));
    static const auto long_ = words(QStringLiteral(
        "in (?:great|full|as much) detail|be "
        "(?:detailed|exhaustive|thorough|verbose)|exhaustive(?:ly)?|at length|as long as possible"
        "|(?:detailed|thorough|comprehensive) (?:answers?|repl(?:y|ies)|explanations?|summar(?:y|ies)|analys[ei]s)"));
    contradiction("contradiction.length", find(m_text, brief), find(m_text, long_),
                  QStringLiteral("an answer can not be short and exhaustive"),
                  QStringLiteral("Say a length in words or sentences instead."));
    static const auto oneSentence =
        words(QStringLiteral("(?:in |exactly |only )?(?:one|a single|1) sentence"));
    static const auto paragraphs =
        words(QStringLiteral("(?:two|three|four|five|several|[2-9]) paragraphs"));
    contradiction("contradiction.length", find(m_text, oneSentence), find(m_text, paragraphs),
                  QStringLiteral("one sentence does not fill paragraphs"), QStringLiteral("Keep one of them."));
    static const auto most =
        words(QStringLiteral("(?:at most|no more than|not more than|up to|under|fewer than|less "
                             "than|max(?:imum)?(?: of)?) (\\d{1,6}) words"));
    static const auto least = words(QStringLiteral("(?:at least|no fewer than|not less than|more "
                                                   "than|over|min(?:imum)?(?: of)?) (\\d{1,6}) words"));
    qsizetype lowest = -1;
    Hit lowestHit;
    for (auto matches = most.globalMatch(m_text); matches.hasNext();) {
        const auto match = matches.next();
        // "no more than 5 words" must not count as "more than 5 words": the longer form matched here is skipped below.
        const qsizetype limit = match.captured(1).toLongLong();
        if (lowest < 0 || limit < lowest) {
            lowest = limit;
            lowestHit = {match.capturedStart(), match.capturedLength(), match.captured()};
        }
    }
    constexpr qsizetype mostOfOneParagraph = 60;
    if (lowest >= 0 && lowest <= mostOfOneParagraph)
        contradiction("contradiction.length", lowestHit, find(m_text, paragraphs),
                      QStringLiteral("so few words do not fill paragraphs"), QStringLiteral("Keep one of them."));
    for (auto matches = least.globalMatch(m_text); lowest >= 0 && matches.hasNext();) {
        const auto match = matches.next();
        const QString before = m_text.mid(std::max<qsizetype>(0, match.capturedStart() - 4),
                                          std::min<qsizetype>(4, match.capturedStart()));
        const bool negated = before.endsWith(QLatin1String("no "), Qt::CaseInsensitive)
                             || before.endsWith(QLatin1String("not "), Qt::CaseInsensitive);
        if (!negated && match.captured(1).toLongLong() > lowest) {
            contradiction("contradiction.length", lowestHit,
                          {match.capturedStart(), match.capturedLength(), match.captured()},
                          QStringLiteral("no answer has both lengths"), QStringLiteral("Keep one of the limits."));
            break;
        }
    }
}

void PromptLinter::checkLanguages()
{
    static const auto answerIn = words(QStringLiteral(
        "(?:answer|reply|respond|write|summari[sz]e|output|always|only)(?: \\w+){0,3} in "
        "(english|german|french|spanish|italian|portuguese|dutch|polish|russian|chinese|japanese|korean"
        "|the (?:same )?language of the \\w+|the same language|the (?:customer|user)['’]?s? "
        "language)"));
    Hit first;
    QString firstLanguage;
    for (auto matches = answerIn.globalMatch(m_text); matches.hasNext();) {
        const auto match = matches.next();
        const QString language = match.captured(1).toLower();
        const Hit hit{match.capturedStart(), match.capturedLength(), match.captured()};
        if (!first) {
            first = hit;
            firstLanguage = language;
        } else if (language != firstLanguage) {
            contradiction("contradiction.language", first, hit, QStringLiteral("an answer has one language"),
                          QStringLiteral("Keep one of them, or say which holds when."));
            break;
        }
    }
}

void PromptLinter::checkTools()
{
    if (m_context.users.empty())
        return;
    struct Named {
        QString name;
        Hit at; // of the name
    };
    std::vector<Named> named;
    QSet<QString> seen;
    const auto note = [&](const QString &name, qsizetype from) {
        if (seen.contains(name) || named.size() >= 25)
            return;
        seen.insert(name);
        named.push_back({name, {from, name.size(), name}});
    };
    // A tool by its quotes, or by its snake_case beside a word of use.
    static const QRegularExpression quoted(
        QStringLiteral("(?:\\btool[ :]+[`\"“]([A-Za-z][\\w-]{1,63})[`\"”]|[`\"“]([A-Za-z][\\w-]{1,63})[`\"”] tool\\b"
                       "|\\b(?:[Cc]all|[Uu]se|[Rr]un|[Ii]nvoke|[Ww]ith)(?: the| your)? `([A-Za-z][\\w-]{1,63})`"
                       "|\\b(?:[Cc]all|[Uu]se|[Rr]un|[Ii]nvoke|[Ww]ith)(?: the| your)? ([a-z][a-z0-9]{0,30}(?:_[a-z0-9]{1,30}){1,4})\\b"
                       "|\\b([a-z][a-z0-9]{0,30}(?:_[a-z0-9]{1,30}){1,4}) tool\\b)"));
    for (auto matches = quoted.globalMatch(m_text); matches.hasNext();) {
        const auto match = matches.next();
        for (int group = 1; group <= 5; ++group) {
            if (match.capturedStart(group) >= 0)
                note(match.captured(group), match.capturedStart(group));
        }
    }
    // Tools of the project in plain words: "use the calculator", "the calculator tool".
    for (const QString &tool : m_context.knownTools.mid(0, 200)) {
        if (seen.contains(tool) || tool.isEmpty())
            continue;
        const QRegularExpression plain(
            QStringLiteral("(?:\\b(?:[Cc]all|[Uu]se|[Rr]un|[Qq]uery|[Aa]sk|[Ww]ith)(?: the| your)? (%1)\\b(?! (?:of|for each)\\b)|\\b(%1) tool\\b)")
                .arg(QRegularExpression::escape(tool)));
        const auto match = plain.match(m_text);
        if (match.hasMatch())
            note(tool, match.capturedStart(1) >= 0 ? match.capturedStart(1) : match.capturedStart(2));
    }
    for (const Named &tool : named) {
        const bool variable = std::any_of(m_spec.variables.begin(), m_spec.variables.end(),
                                          [&](const PromptVariable &declared) { return declared.name == tool.name; });
        if (variable)
            continue;
        QStringList lacking;
        QStringList theirs;
        for (const PromptLintContext::User &user : m_context.users) {
            if (user.tools.contains(tool.name))
                continue;
            lacking.append(user.agent);
            theirs += user.tools;
        }
        if (lacking.isEmpty())
            continue;
        theirs.removeDuplicates();
        const QString who = lacking.size() == 1 ? QStringLiteral("the agent “%1” lacks").arg(lacking.first())
                                                : QStringLiteral("the agents “%1” lack").arg(lacking.mid(0, 4).join(QStringLiteral("”, “")));
        auto &problem = add(Warning, QStringLiteral("/text"), "tool.missing",
                            QStringLiteral("The text names the tool “%1”, which %2.").arg(tool.name, who),
                            QStringLiteral("Give the agent the tool, or name one it has."), tool.at);
        const QString near = nearestName(tool.name, theirs);
        if (!near.isEmpty()) {
            PromptFix fix;
            fix.title = QStringLiteral("Write “%1”").arg(near);
            fix.edits.push_back({tool.at.from, tool.at.length, near});
            problem.fixes.push_back(std::move(fix));
        }
        problem.fixes.push_back(removalOf(tool.at));
    }
}

void PromptLinter::checkExample(const QString &text, const QString &pointer, Hit at)
{
    if (text.contains(QLatin1String("{{")))
        return; // filled when it is rendered
    const bool own = pointer == QLatin1String("/text");
    const auto replace = [&](const QString &with) {
        PromptFix fix;
        fix.title = QStringLiteral("Mend the example");
        if (own)
            fix.edits.push_back({at.from, at.length, with});
        else
            fix.changes.push_back({pointer, with});
        return fix;
    };
    const auto value = json::parse(text.trimmed().toUtf8());
    if (!value) {
        auto &problem = add(Warning, pointer, "example.breaks",
                            QStringLiteral("The example is not the JSON that the output format asks for: %1").arg(value.error().message),
                            QStringLiteral("Mend the example; models copy what they are shown."), at);
        const QJsonValue made = mended(m_spec.outputSchema.object(), emptyOf(m_spec.outputSchema.object()));
        problem.fixes.push_back(replace(QString::fromUtf8(m_spec.outputSchema.compact(made))));
        return;
    }
    if (!m_context.violations || m_spec.outputSchema.isEmpty())
        return;
    const QStringList wrong = m_context.violations(m_spec.outputSchema.object(), *value);
    if (wrong.isEmpty())
        return;
    auto &problem = add(Warning, pointer, "example.breaks",
                        QStringLiteral("The example breaks the output's JSON Schema: %1").arg(wrong.first()),
                        QStringLiteral("Mend the example; models copy what they are shown."), at);
    const QJsonValue made = mended(m_spec.outputSchema.object(), *value);
    if (m_context.violations(m_spec.outputSchema.object(), made).isEmpty())
        problem.fixes.push_back(replace(QString::fromUtf8(m_spec.outputSchema.compact(made))));
    else if (own)
        problem.fixes.push_back(removalOf(at));
}

void PromptLinter::checkExamples()
{
    if (m_spec.outputFormat == QLatin1String("text")) {
        static const QRegularExpression markdown(QStringLiteral("^#{1,4} \\S|\\*\\*[^*\\n]+\\*\\*|^\\|.*\\|\\s*$"), QRegularExpression::MultilineOption);
        for (size_t i = 0; i < m_spec.messages.size(); ++i) {
            const PromptMessage &message = m_spec.messages[i];
            const auto match = message.role == QLatin1String("assistant") ? markdown.match(message.text.left(20'000)) : QRegularExpressionMatch();
            if (!match.hasMatch())
                continue;
            auto &problem = add(Warning, QStringLiteral("/messages/%1/text").arg(i), "example.breaks",
                                QStringLiteral("Message %1 answers in Markdown, but the output format is plain text.").arg(i + 1),
                                QStringLiteral("Take the marks out of the example, or choose Markdown."),
                                {match.capturedStart(), match.capturedLength(), {}});
            problem.fixes.push_back(formatFix(QStringLiteral("Answer in Markdown"), QStringLiteral("markdown")));
            break;
        }
        return;
    }
    if (m_spec.outputFormat != QLatin1String("json_schema") || m_spec.outputSchema.isEmpty())
        return;
    int told = 0;
    for (size_t i = 0; i < m_spec.messages.size() && told < maxExamples; ++i) {
        const QString &text = m_spec.messages[i].text;
        if (m_spec.messages[i].role != QLatin1String("assistant") || text.size() > 20'000 || text.trimmed().isEmpty())
            continue;
        checkExample(text, QStringLiteral("/messages/%1/text").arg(i), {0, text.size(), text});
        ++told;
    }
    // In the text: a fenced block or a line of JSON behind a word such as "example" or "answer", not behind "input".
    static const auto showsAnswer = words(QStringLiteral("examples?|e\\.g\\.|for instance|outputs?|answers?|repl(?:y|ies)|responses?|result"));
    static const auto showsOther = words(QStringLiteral("inputs?|schema|given|request|arguments?|message|mail|user"));
    QString lead; // the last line that is neither blank nor fence
    qsizetype blockFrom = -1;
    bool blockCounts = false;
    for (qsizetype at = 0; at < m_text.size() && told < maxExamples;) {
        qsizetype end = m_text.indexOf(u'\n', at);
        end = end < 0 ? m_text.size() : end;
        const QString line = m_text.mid(at, std::min<qsizetype>(end - at, 4000)).trimmed();
        if (line.startsWith(QLatin1String("```"))) {
            if (blockFrom < 0) {
                blockFrom = std::min(end + 1, m_text.size());
                blockCounts = find(lead.right(300), showsAnswer) && !find(lead.right(300), showsOther);
            } else {
                const QString block = m_text.mid(blockFrom, at - blockFrom);
                const qsizetype length = block.endsWith(u'\n') ? block.size() - 1 : block.size();
                const QString content = block.trimmed();
                if (blockCounts && block.size() < 20'000 && (content.startsWith(u'{') || content.startsWith(u'['))) {
                    checkExample(content, QStringLiteral("/text"), {blockFrom, length, content});
                    ++told;
                }
                blockFrom = -1;
                lead.clear();
            }
        } else if (blockFrom < 0 && line.startsWith(u'{') && line.endsWith(u'}') && line.contains(u'"')) {
            if (find(lead.right(300), showsAnswer) && !find(lead.right(300), showsOther)) {
                checkExample(line, QStringLiteral("/text"), {m_text.indexOf(u'{', at), line.size(), line});
                ++told;
            }
        } else if (blockFrom < 0 && !line.isEmpty()) {
            lead = line;
        }
        at = end + 1;
    }
}

} // namespace lathe
