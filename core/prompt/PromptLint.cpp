// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/prompt/PromptSpec.h"
#include "core/prompt/TemplateRender.h"

#include <QRegularExpression>
#include <QSet>

namespace lathe {

namespace {

constexpr qsizetype maxLinted = 200'000; // characters looked at; all patterns below are linear in them
constexpr size_t maxAlike = 25;          // problems of one kind
enum Severity { Hint = 0, Warning = 1, Fault = 2 };

QRegularExpression words(const QString &pattern)
{
    return QRegularExpression(QStringLiteral("\\b(?:%1)\\b").arg(pattern),
                              QRegularExpression::CaseInsensitiveOption
                                  | QRegularExpression::UseUnicodePropertiesOption);
}

struct Hit {
    qsizetype from = -1;
    qsizetype length = 0;
    QString text;
    explicit operator bool() const { return from >= 0; }
};

Hit find(const QString &text, const QRegularExpression &pattern)
{
    const auto match = pattern.match(text);
    return match.hasMatch() ? Hit{match.capturedStart(), match.capturedLength(), match.captured()} : Hit();
}

class Linter
{
public:
    explicit Linter(const PromptSpec &spec)
        : m_spec(spec), m_text(spec.text.left(maxLinted)), m_tokens(tokenizeTemplate(m_text))
    {
    }
    std::vector<PromptProblem> run()
    {
        if (m_text.trimmed().isEmpty()) {
            add(Fault, "/text", "text.empty",
                QStringLiteral("The instructions are empty, so the model is not told its job."),
                QStringLiteral("Write what the agent must do, or start from a template."));
            return m_problems;
        }
        checkTemplate();
        checkVariables();
        checkUntrusted();
        checkOutput();
        checkContradictions();
        if (m_spec.successCriteria.isEmpty()) {
            add(Warning, "/success_criteria", "criteria.none",
                QStringLiteral("There are no success criteria, so neither the model nor you can tell a "
                               "good answer from a bad one."),
                QStringLiteral("Add two to five checkable sentences, such as “Names the product area”."));
        }
        if (m_spec.fallback.trimmed().isEmpty()) {
            static const auto says = words(
                QStringLiteral("if (?:you|it|the \\w+) (?:can ?not|can['’]t|cannot|do(?:es)? "
                               "not|don['’]t|doesn['’]t|are not|is not)|when (?:unsure|in doubt|unknown)"
                               "|if unsure|if nothing|if no \\w+"));
            if (!find(m_text, says)) {
                add(Warning, "/fallback", "fallback.none",
                    QStringLiteral("Nothing says what to answer when the job can not be done, so the model "
                                   "will guess."),
                    QStringLiteral(
                        "Write the fallback, for example: “I do not have enough information to answer.”"));
            }
        }
        return m_problems;
    }

private:
    void add(int severity, const char *pointer, const char *code, QString message, QString fix,
             Hit at = Hit())
    {
        m_problems.push_back({severity, QString::fromLatin1(pointer), QString::fromLatin1(code),
                              std::move(message), std::move(fix), at.from, at.from < 0 ? 0 : at.length});
    }

    void checkTemplate()
    {
        for (const TemplateToken &token : m_tokens) {
            if (token.type != TemplateToken::Type::Broken && token.type != TemplateToken::Type::Partial)
                continue;
            if (m_problems.size() >= maxAlike)
                return; // who has mended these finds the next
            const QString reason = brokenReason(m_text, token);
            const bool section = reason.startsWith(QLatin1String("the section"));
            add(Fault, "/text", section ? "template.unclosed" : "template.broken",
                QStringLiteral("At %1, %2.").arg(placeInText(m_text, token.from), reason),
                section ? QStringLiteral("Close it with “{{/%1}}”.").arg(token.name)
                        : QStringLiteral("Mend the braces; variables are written {{name}}."),
                {token.from, token.length, {}});
        }
    }

    void checkVariables()
    {
        QSet<QString> declared;
        const QStringList usedList = templateVariables(m_text);
        const QSet<QString> used(usedList.begin(), usedList.end());
        for (size_t i = 0; i < m_spec.variables.size(); ++i) {
            const QString &name = m_spec.variables[i].name;
            const QByteArray pointer = "/variables/" + QByteArray::number(qint64(i)) + "/name";
            if (declared.contains(name))
                add(Fault, pointer.constData(), "variable.duplicate",
                    QStringLiteral("The variable “%1” is declared twice, so one value would be lost.")
                        .arg(name),
                    QStringLiteral("Remove or rename one of them."));
            declared.insert(name);
            if (!used.contains(name))
                add(Warning, pointer.constData(), "variable.unused",
                    QStringLiteral("The variable “%1” is declared but the instructions never use it.")
                        .arg(name),
                    QStringLiteral("Put {{%1}} where its value belongs, or remove the variable.")
                        .arg(name));
        }
        QSet<QString> told;
        int depth = 0;
        for (const TemplateToken &token : m_tokens) {
            using Type = TemplateToken::Type;
            const bool uses = token.type == Type::Variable || token.type == Type::SectionOpen
                              || token.type == Type::InvertedOpen;
            const QString name = token.name.section(u'.', 0, 0);
            if (uses && !name.isEmpty() && !declared.contains(name) && !told.contains(name)
                && size_t(told.size()) < maxAlike) {
                told.insert(name);
                // Inside a section it may be a member of the section's items, so it is only a hint there.
                add(depth == 0 ? Warning : Hint, "/text", "variable.undefined",
                    QStringLiteral("“{{%1}}” is used but declared nowhere, so it would be left empty.")
                        .arg(name),
                    QStringLiteral("Declare the variable “%1”, or mend its name.").arg(name),
                    {token.from, token.length, {}});
            }
            if (token.type == Type::SectionOpen || token.type == Type::InvertedOpen)
                ++depth;
            else if (token.type == Type::SectionClose)
                --depth;
        }
    }

    // A value from outside stands between delimiters when the text just before it ends a tag, fence or quotes.
    bool isDelimited(const TemplateToken &token) const
    {
        const qsizetype start = std::max<qsizetype>(0, token.from - 300);
        const QString before = m_text.mid(start, token.from - start).trimmed().right(200);
        const QString after = m_text.mid(token.from + token.length, 200).trimmed();
        const QString lastLine = before.section(u'\n', -1).trimmed();
        const bool fenceBefore =
            lastLine.startsWith(QLatin1String("```")) || lastLine.startsWith(QLatin1String("\"\"\""))
            || lastLine.startsWith(QLatin1String("---")) || lastLine.startsWith(QLatin1String("==="));
        const bool fenceAfter =
            after.startsWith(QLatin1String("```")) || after.startsWith(QLatin1String("\"\"\""))
            || after.startsWith(QLatin1String("---")) || after.startsWith(QLatin1String("==="));
        const bool tagged =
            before.endsWith(u'>') && before.contains(u'<') && after.startsWith(QLatin1String("</"));
        return tagged || (fenceBefore && fenceAfter);
    }

    void checkUntrusted()
    {
        static const auto outside = words(QStringLiteral(
            "input|messages?|mail|e-?mail|text|document|doc|content|feedback|question|query|comments?|"
            "reviews?|ticket|transcript"
            "|page|body|article|passages?|context|notes|conversation|source|html|draft|answer"));
        QSet<QString> told;
        for (const TemplateToken &token : m_tokens) {
            if (token.type != TemplateToken::Type::Variable || told.contains(token.name)
                || size_t(told.size()) >= maxAlike)
                continue;
            QString name = token.name;
            name.replace(u'_', u' ').replace(u'-', u' ').replace(u'.', u' ');
            const auto declared =
                std::find_if(m_spec.variables.begin(), m_spec.variables.end(),
                             [&](const PromptVariable &v) { return v.name == token.name; });
            static const auto fromOutside = words(QStringLiteral(
                "written by|from (?:the |a )?(?:customer|user|web|outside)|pasted|untrusted"));
            const bool untrusted = find(name, outside)
                                   || (declared != m_spec.variables.end()
                                       && find(declared->description.left(2000), fromOutside));
            if (!untrusted || isDelimited(token))
                continue;
            told.insert(token.name);
            add(Hint, "/text", "variable.untrusted",
                QStringLiteral(
                    "“{{%1}}” looks like text from outside that stands bare among the instructions; "
                    "what is written in it could pass for an instruction.")
                    .arg(token.name),
                QStringLiteral("Put it between tags on lines of their own, such as <%1> and </%1>, and say "
                               "that it is material, not instructions.")
                    .arg(token.name.section(u'.', -1)),
                {token.from, token.length, {}});
        }
    }

    void checkOutput()
    {
        if (m_spec.outputFormat == QLatin1String("json_schema") && m_spec.outputSchema.isEmpty()) {
            add(Fault, "/output/schema", "output.no_schema",
                QStringLiteral("The output format is JSON Schema, but there is no schema."),
                QStringLiteral("Write the schema of the answer, or choose text or Markdown."));
        } else if (m_spec.outputFormat == QLatin1String("text")) {
            static const auto says = words(
                QStringLiteral("bullets?|bullet points?|(?:numbered |bulleted "
                               ")?lists?|sentences?|paragraphs?|tables?|json|markdown|headings?|csv|yaml"
                               "|words?|characters|lines?|plain text|format|label|one of|yes or "
                               "no|letter|e-?mail|reply with|number only|code block"));
            if (!find(m_text, says))
                add(Warning, "/output/format", "output.unsaid",
                    QStringLiteral("The instructions do not say what form the answer has, so each answer "
                                   "may look different."),
                    QStringLiteral(
                        "Say it: how long, in sentences, bullets, Markdown or by a JSON Schema."));
        }
    }

    void contradiction(const char *code, const Hit &first, const Hit &second, const QString &why,
                       const QString &fix)
    {
        if (first && second)
            add(Warning, "/text", code,
                QStringLiteral("“%1” and “%2” contradict each other: %3.")
                    .arg(first.text, second.text, why),
                fix, second);
    }

    void checkContradictions()
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
        const QString mend =
            QStringLiteral("Keep one of them; the output format and the text must say the same.");
        if (m_spec.outputFormat == QLatin1String("json_schema")) {
            for (const auto *pattern : {&bullets, &markdown, &prose}) {
                if (const Hit hit = find(m_text, *pattern))
                    add(Warning, "/text", "contradiction.format",
                        QStringLiteral("The output format is JSON Schema, but the text says “%1”.")
                            .arg(hit.text),
                        mend, hit);
            }
        } else if (const Hit hit = find(m_text, json)) {
            add(Warning, "/text", "contradiction.format",
                QStringLiteral(
                    "The text says “%1”, but the output format is %2, so nothing will check the JSON.")
                    .arg(hit.text, m_spec.outputFormat),
                QStringLiteral("Choose the output format JSON Schema and write its schema."), hit);
        }
        if (m_spec.outputFormat == QLatin1String("text")) {
            if (const Hit hit = find(m_text, markdown))
                add(Warning, "/text", "contradiction.format",
                    QStringLiteral("The output format is plain text, but the text says “%1”.")
                        .arg(hit.text),
                    mend, hit);
        } else if (m_spec.outputFormat == QLatin1String("markdown")) {
            if (const Hit hit = find(m_text, noMarkdown))
                add(Warning, "/text", "contradiction.format",
                    QStringLiteral("The output format is Markdown, but the text says “%1”.").arg(hit.text),
                    mend, hit);
        }
        checkLengths();
        checkLanguages();
    }

    void checkLengths()
    {
        static const auto brief = words(QStringLiteral(
            "be (?:brief|concise|short|terse)|(?:brief|concise|short) (?:answers?|replies)|briefly"));
        static const auto long_ = words(QStringLiteral(
            "in (?:great|full|as much) detail|be "
            "(?:detailed|exhaustive|thorough|verbose)|exhaustive(?:ly)?|at length|as long as possible"));
        contradiction("contradiction.length", find(m_text, brief), find(m_text, long_),
                      QStringLiteral("an answer can not be short and exhaustive"),
                      QStringLiteral("Say a length in words or sentences instead."));
        static const auto oneSentence =
            words(QStringLiteral("(?:in |exactly |only )?(?:one|a single|1) sentence"));
        static const auto paragraphs =
            words(QStringLiteral("(?:two|three|four|five|several|[2-9]) paragraphs"));
        contradiction("contradiction.length", find(m_text, oneSentence), find(m_text, paragraphs),
                      QStringLiteral("one sentence does not fill paragraphs"),
                      QStringLiteral("Keep one of them."));
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
        for (auto matches = least.globalMatch(m_text); lowest >= 0 && matches.hasNext();) {
            const auto match = matches.next();
            const QString before = m_text.mid(std::max<qsizetype>(0, match.capturedStart() - 4),
                                              std::min<qsizetype>(4, match.capturedStart()));
            const bool negated = before.endsWith(QLatin1String("no "), Qt::CaseInsensitive)
                                 || before.endsWith(QLatin1String("not "), Qt::CaseInsensitive);
            if (!negated && match.captured(1).toLongLong() > lowest) {
                contradiction("contradiction.length", lowestHit,
                              {match.capturedStart(), match.capturedLength(), match.captured()},
                              QStringLiteral("no answer has both lengths"),
                              QStringLiteral("Keep one of the limits."));
                break;
            }
        }
    }

    void checkLanguages()
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
                contradiction("contradiction.language", first, hit,
                              QStringLiteral("an answer has one language"),
                              QStringLiteral("Keep one of them, or say which holds when."));
                break;
            }
        }
    }

    const PromptSpec &m_spec;
    QString m_text;
    std::vector<TemplateToken> m_tokens;
    std::vector<PromptProblem> m_problems;
};

} // namespace

std::vector<PromptProblem> lintPrompt(const PromptSpec &spec)
{
    return Linter(spec).run();
}

} // namespace lathe
