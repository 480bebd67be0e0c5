// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/prompt/PromptLint.h"

#include "core/base/Json.h"
#include "core/prompt/PromptLinter.h"
#include "core/prompt/TemplateRender.h"

#include <QSet>

#include <algorithm>

namespace lathe {

namespace {

constexpr qsizetype maxLinted = 200'000; // characters looked at; all patterns are linear in them
constexpr size_t maxAlike = 25;          // problems of one kind

QJsonArray variableList(const std::vector<PromptVariable> &variables)
{
    PromptSpec only;
    only.variables = variables;
    return only.toJson().value(QLatin1String("variables")).toArray();
}

PromptFix setting(const QString &title, const QString &pointer, const QJsonValue &value)
{
    PromptFix fix;
    fix.title = title;
    fix.changes.push_back({pointer, value});
    return fix;
}

PromptFix replacing(const QString &title, qsizetype from, qsizetype length, const QString &with)
{
    PromptFix fix;
    fix.title = title;
    fix.edits.push_back({from, length, with});
    return fix;
}

// Letters to change, take out or put in; neighbours swapped count once. At most `limit` + 1.
int distance(const QString &a, const QString &b, int limit)
{
    if (std::abs(a.size() - b.size()) > limit)
        return limit + 1;
    std::vector<int> before(size_t(b.size()) + 1), row(before.size()), older(before.size());
    for (size_t k = 0; k < row.size(); ++k)
        row[k] = int(k);
    for (qsizetype i = 1; i <= a.size(); ++i) {
        older.swap(before);
        before.swap(row);
        row[0] = int(i);
        for (qsizetype k = 1; k <= b.size(); ++k) {
            const auto at = size_t(k);
            const int swap = a[i - 1] == b[k - 1] ? 0 : 1;
            row[at] = std::min({before[at] + 1, row[at - 1] + 1, before[at - 1] + swap});
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                row[at] = std::min(row[at], older[at - 2] + 1);
        }
    }
    return std::min(row.back(), limit + 1);
}

} // namespace

QString PromptFix::applyTo(const QString &text) const
{
    QString out;
    qsizetype at = 0;
    for (const TextEdit &edit : edits) {
        if (edit.from < at || edit.length < 0 || edit.from + edit.length > text.size())
            continue;
        out += QStringView(text).sliced(at, edit.from - at);
        out += edit.with;
        at = edit.from + edit.length;
    }
    out += QStringView(text).sliced(at);
    return out;
}

QString nearestName(const QString &name, const QStringList &names)
{
    const auto plain = [](const QString &text) {
        QString made;
        for (const QChar c : text.left(64)) {
            if (c.isLetterOrNumber())
                made += c.toLower();
        }
        return made;
    };
    const QString own = plain(name);
    const int limit = own.size() <= 3 ? 1 : own.size() <= 8 ? 2 : 3;
    QString best;
    int nearest = limit + 1;
    for (const QString &other : names) {
        if (other == name)
            continue;
        const QString shape = plain(other);
        // One of three letters is no misspelling of another one of three.
        const int away = own == shape ? 0 : distance(own, shape, limit);
        if (away < nearest && (away == 0 || std::min(own.size(), shape.size()) > 2 * away)) {
            nearest = away;
            best = other;
        }
    }
    return best;
}

PromptLinter::PromptLinter(const PromptSpec &spec, const PromptLintContext &context)
    : m_spec(spec), m_context(context), m_text(spec.text.left(maxLinted)), m_tokens(tokenizeTemplate(m_text))
{
}

QRegularExpression PromptLinter::words(const QString &pattern)
{
    return QRegularExpression(QStringLiteral("\\b(?:%1)\\b").arg(pattern),
                              QRegularExpression::CaseInsensitiveOption
                                  | QRegularExpression::UseUnicodePropertiesOption);
}

PromptLinter::Hit PromptLinter::find(const QString &text, const QRegularExpression &pattern)
{
    const auto match = pattern.match(text);
    return match.hasMatch() ? Hit{match.capturedStart(), match.capturedLength(), match.captured()} : Hit();
}

PromptProblem &PromptLinter::add(int severity, const QString &pointer, const char *code, QString message, QString fix, Hit at)
{
    PromptProblem problem;
    problem.severity = severity;
    problem.pointer = pointer;
    problem.code = QString::fromLatin1(code);
    problem.message = std::move(message);
    problem.fix = std::move(fix);
    problem.from = at.from;
    problem.length = at.from < 0 ? 0 : at.length;
    m_problems.push_back(std::move(problem));
    return m_problems.back();
}

std::vector<PromptProblem> PromptLinter::run()
{
    if (m_text.trimmed().isEmpty()) {
        add(Fault, QStringLiteral("/text"), "text.empty",
            QStringLiteral("The instructions are empty, so the model is not told its job."),
            QStringLiteral("Write what the agent must do, or start from a template."))
            .fixes.push_back(replacing(QStringLiteral("Begin with a job"), 0, m_spec.text.size(),
                                       QStringLiteral("‹Verb and object: what to make of the input›, for ‹whom›.\n\nAnswer in at "
                                                      "most five sentences of plain text.")));
        return std::move(m_problems);
    }
    checkTemplate(m_text, m_tokens, QStringLiteral("/text"));
    for (size_t i = 0; i < m_spec.messages.size(); ++i) {
        const QString text = m_spec.messages[i].text.left(maxLinted);
        checkTemplate(text, tokenizeTemplate(text), QStringLiteral("/messages/%1/text").arg(i));
    }
    checkPartials();
    checkJob();
    checkVariables();
    checkUntrusted();
    checkOutput();
    checkContradictions();
    checkTools();
    checkExamples();
    checkMustHaves();
    return std::move(m_problems);
}

void PromptLinter::checkJob()
{
    static const QRegularExpression placeholder(QStringLiteral("‹[^‹›\\n]{1,120}›"));
    if (const Hit hit = find(m_text, placeholder)) {
        add(Warning, QStringLiteral("/text"), "text.placeholder",
            QStringLiteral("“%1” still waits to be filled in.").arg(hit.text),
            QStringLiteral("Write what belongs there, or take it out."), hit)
            .fixes.push_back(removalOf(hit));
    }
    if (m_text.size() > 2000)
        return; // whoever writes that much says something
    // What is said when nothing is said; the rest must be a job of three words at least.
    static const auto nothing = words(QStringLiteral(
        "you(?: are|['’]re) (?:an? )?(?:(?:very|really|truly) )?(?:(?:helpful|friendly|smart|expert|useful|great|intelligent|"
        "knowledgeable|professional|world[- ]class),? )*(?:ai|ai[- ]powered|virtual)? ?(?:assistant|bot|chatbot|agent|model|helper|ai)"
        "|(?:always )?be (?:as |very |always )*(?:helpful|nice|polite|friendly|useful|good|accurate|creative|honest|careful)"
        "(?: as possible)?(?:(?:,| and) (?:helpful|nice|polite|friendly|useful|good|accurate|creative|honest|careful))*"
        "|(?:help|assist|support) (?:the |our |any )?(?:users?|customers?|people|me|them|everyone)"
        "(?: with (?:anything|everything|(?:their|any|all)(?: of their)? (?:questions?|problems?|requests?|needs?|tasks?)"
        "|whatever (?:they|he|she) \\w+))?"
        "|answer (?:any |all |the |their |user(?:['’]s)? |my )*questions?(?: as well as you can)?"
        "|do (?:your best|a good job|good work|what (?:the user|you are) (?:asks?|told|wants?))|think step by step|please|thanks?"));
    QString said;
    int values = 0;
    for (const TemplateToken &token : m_tokens) {
        if (token.type == TemplateToken::Type::Text)
            said += QStringView(m_text).sliced(token.from, token.length);
        else if (token.type != TemplateToken::Type::Comment && token.type != TemplateToken::Type::SectionClose)
            values += token.type == TemplateToken::Type::Partial ? 3 : 1;
    }
    const bool generic = bool(find(said, nothing));
    said.replace(nothing, QStringLiteral(" "));
    static const QRegularExpression word(QStringLiteral("[\\p{L}\\p{N}][\\p{L}\\p{N}\\p{M}'’-]*"));
    int left = values;
    for (auto matches = word.globalMatch(said); matches.hasNext() && left < 3;) {
        // A script without spaces says in eight letters what others say in three words.
        const QString one = matches.next().captured();
        left += one.size() >= 6 && one.front().unicode() >= 0x0E00 ? 3 : 1;
    }
    if (left >= 3)
        return;
    add(Warning, QStringLiteral("/text"), "job.vague",
        generic ? QStringLiteral("The instructions are about being helpful and name no job, so each answer is a guess at what you want.")
                : QStringLiteral("The instructions are too short to name a job: what to do with the input, and for whom."),
        QStringLiteral("Say in one sentence what to make of the input and for whom: “Summarise the mail for the person on duty.”"))
        .fixes.push_back(replacing(QStringLiteral("Put a job in front"), 0, 0,
                                   QStringLiteral("‹Verb and object: what to make of the input›, for ‹whom›, so that ‹what they can "
                                                  "do then›.\n\n")));
}

void PromptLinter::checkTemplate(const QString &text, const std::vector<TemplateToken> &tokens, const QString &pointer)
{
    using Type = TemplateToken::Type;
    const bool own = pointer == QLatin1String("/text");
    size_t told = 0;
    for (size_t i = 0; i < tokens.size() && told < maxAlike; ++i) { // who has mended these finds the next
        const TemplateToken &token = tokens[i];
        if (token.type != Type::Broken)
            continue;
        ++told;
        const QString reason = brokenReason(text, token);
        const bool section = reason.startsWith(QLatin1String("the section"));
        const bool stray = reason.contains(QLatin1String("closes a section"));
        auto &problem = add(Fault, pointer, section || stray ? "template.unclosed" : "template.broken",
                            QStringLiteral("At %1, %2.").arg(placeInText(text, token.from), reason),
                            section ? QStringLiteral("Close it with “{{/%1}}”.").arg(token.name)
                            : stray ? QStringLiteral("Take it out, or open the section with “{{#%1}}” before.").arg(token.name)
                                    : QStringLiteral("Mend the braces; variables are written {{name}}."),
                            {token.from, token.length, {}});
        if (!own)
            continue;
        if (section) {
            // Before the end of the section around it, or at the end of the text.
            int depth = 0;
            qsizetype at = text.size();
            for (size_t k = i + 1; k < tokens.size(); ++k) {
                depth += tokens[k].type == Type::SectionOpen || tokens[k].type == Type::InvertedOpen;
                if (tokens[k].type == Type::SectionClose && depth-- == 0) {
                    at = tokens[k].from;
                    break;
                }
            }
            problem.fixes.push_back(replacing(QStringLiteral("Close “%1”").arg(token.name), at, 0, QStringLiteral("{{/%1}}").arg(token.name)));
            problem.fixes.push_back(replacing(QStringLiteral("Remove %1").arg(text.mid(token.from, token.length)), token.from, token.length, {}));
        } else if (stray) {
            problem.fixes.push_back(replacing(QStringLiteral("Remove {{/%1}}").arg(token.name), token.from, token.length, {}));
        } else if (reason.contains(QLatin1String("is not closed")) && token.length > 2 && token.length < 60) {
            const QString tag = text.mid(token.from, token.length).trimmed();
            QString name = tag.mid(2).trimmed();
            const qsizetype end = name.indexOf(u' ');
            name = end < 0 ? name : name.left(end); // "{{name and so on": the first word was meant
            problem.fixes.push_back(replacing(QStringLiteral("Close the braces"), token.from + text.mid(token.from, token.length).indexOf(name),
                                              name.size(), name + QStringLiteral("}}")));
        } else if (reason.contains(QLatin1String("comment"))) {
            problem.fixes.push_back(replacing(QStringLiteral("Close the comment"), text.size(), 0, QStringLiteral(" }}")));
        } else if (token.name.isEmpty()) {
            problem.fixes.push_back(replacing(QStringLiteral("Remove the empty braces"), token.from, token.length, {}));
        }
    }
}

void PromptLinter::checkPartials()
{
    if (!m_context.partials || !usesPartials(m_spec))
        return;
    size_t told = 0;
    QSet<QString> seen;
    for (const TemplateToken &token : m_tokens) {
        if (token.type != TemplateToken::Type::Partial || seen.contains(token.name) || told >= maxAlike)
            continue;
        seen.insert(token.name);
        PromptSpec one;
        one.text = QStringLiteral("{{> %1}}").arg(token.name);
        const auto expanded = expandPrompt(one, m_context.name, m_context.partials);
        if (expanded) {
            m_fromPartials.insert(m_fromPartials.end(), expanded->variables.begin(), expanded->variables.end());
            m_partialTexts.push_back(expanded->text.left(maxLinted));
            continue;
        }
        ++told;
        auto &problem = add(Fault, QStringLiteral("/text"), "partial.unknown", expanded.error().message,
                            QStringLiteral("Name a prompt of this project, such as {{> name}} or {{> name@3}}."),
                            {token.from, token.length, {}});
        const QString name = token.name.section(u'@', 0, 0);
        const QString near = m_context.promptNames.contains(name) ? QString() : nearestName(name, m_context.promptNames);
        if (!near.isEmpty())
            problem.fixes.push_back(replacing(QStringLiteral("Use “%1”").arg(near), token.from, token.length, QStringLiteral("{{> %1}}").arg(near)));
        problem.fixes.push_back(replacing(QStringLiteral("Remove the reference"), token.from, token.length, {}));
    }
    // The messages' references are checked when the prompt is put together; here only their variables count.
    for (const PromptMessage &message : m_spec.messages) {
        PromptSpec one;
        one.text = message.text.left(maxLinted);
        if (const auto expanded = expandPrompt(one, m_context.name, m_context.partials))
            m_fromPartials.insert(m_fromPartials.end(), expanded->variables.begin(), expanded->variables.end());
    }
}

void PromptLinter::checkVariables()
{
    PromptSpec all = m_spec;
    all.text = m_text;
    QStringList usedList = templateVariables(all);
    QSet<QString> used(usedList.begin(), usedList.end());
    for (const QString &text : m_partialTexts) {
        for (const QString &name : templateVariables(text))
            used.insert(name);
    }
    QStringList declared;
    for (size_t i = 0; i < m_spec.variables.size(); ++i) {
        const QString &name = m_spec.variables[i].name;
        const QString pointer = QStringLiteral("/variables/%1/name").arg(i);
        std::vector<PromptVariable> without = m_spec.variables;
        without.erase(without.begin() + std::ptrdiff_t(i));
        if (declared.contains(name)) {
            add(Fault, pointer, "variable.duplicate",
                QStringLiteral("The variable “%1” is declared twice, so one value would be lost.").arg(name),
                QStringLiteral("Remove or rename one of them."))
                .fixes.push_back(setting(QStringLiteral("Remove the second"), QStringLiteral("/variables"), variableList(without)));
        }
        declared.append(name);
        if (used.contains(name))
            continue;
        auto &problem = add(Warning, pointer, "variable.unused",
                            QStringLiteral("The variable “%1” is declared but the instructions never use it.").arg(name),
                            QStringLiteral("Put {{%1}} where its value belongs, or remove the variable.").arg(name));
        problem.fixes.push_back(setting(QStringLiteral("Remove “%1”").arg(name), QStringLiteral("/variables"), variableList(without)));
        problem.fixes.push_back(replacing(QStringLiteral("Use it at the end"), m_spec.text.size(), 0,
                                          QStringLiteral("\n\n<%1>\n{{%1}}\n</%1>").arg(name)));
    }
    for (const PromptVariable &variable : m_fromPartials) {
        if (!declared.contains(variable.name))
            declared.append(variable.name);
    }
    QStringList told;
    checkUndefined(m_tokens, QStringLiteral("/text"), declared, told);
    for (size_t i = 0; i < m_spec.messages.size(); ++i)
        checkUndefined(tokenizeTemplate(m_spec.messages[i].text.left(maxLinted)), QStringLiteral("/messages/%1/text").arg(i), declared, told);
}

void PromptLinter::checkUndefined(const std::vector<TemplateToken> &tokens, const QString &pointer, const QStringList &declaredList, QStringList &told)
{
    const QSet<QString> declared(declaredList.begin(), declaredList.end());
    int depth = 0;
    for (const TemplateToken &token : tokens) {
        using Type = TemplateToken::Type;
        const bool uses = token.type == Type::Variable || token.type == Type::SectionOpen || token.type == Type::InvertedOpen;
        const QString name = token.name.section(u'.', 0, 0);
        if (uses && !name.isEmpty() && name != QLatin1String("input") && !declared.contains(name) && !told.contains(name)
            && size_t(told.size()) < maxAlike) {
            told.append(name);
            // Inside a section it may be a member of the section's items, so it is only a hint there.
            const QString near = nearestName(name, declaredList);
            auto &problem =
                near.isEmpty()
                    ? add(depth == 0 ? Warning : Hint, pointer, "variable.undefined",
                          QStringLiteral("“{{%1}}” is used but declared nowhere, so it would be left empty.").arg(name),
                          QStringLiteral("Declare the variable “%1”, or mend its name.").arg(name), {token.from, token.length, {}})
                    : add(depth == 0 ? Warning : Hint, pointer, "variable.misspelt",
                          QStringLiteral("“{{%1}}” is declared nowhere; “%2” is, and looks much the same.").arg(name, near),
                          QStringLiteral("Write {{%1}}, or declare “%2” too.").arg(near, name), {token.from, token.length, {}});
            if (!near.isEmpty() && pointer == QLatin1String("/text")) {
                PromptFix fix;
                fix.title = QStringLiteral("Write “%1”").arg(near);
                for (const TemplateToken &other : tokens) { // all places: a section has two ends
                    if ((other.type == Type::Text || other.type == Type::Comment) || other.name.section(u'.', 0, 0) != name)
                        continue;
                    const qsizetype at = QStringView(m_text).sliced(other.from, other.length).indexOf(name);
                    if (at >= 0)
                        fix.edits.push_back({other.from + at, name.size(), near});
                }
                problem.fixes.push_back(std::move(fix));
            }
            std::vector<PromptVariable> with = m_spec.variables;
            with.push_back({name, {}, {}, true});
            problem.fixes.push_back(setting(QStringLiteral("Declare “%1”").arg(name), QStringLiteral("/variables"), variableList(with)));
        }
        if (token.type == Type::SectionOpen || token.type == Type::InvertedOpen)
            ++depth;
        else if (token.type == Type::SectionClose)
            --depth;
    }
}

// A value from outside stands between delimiters when the text just before it ends a tag, fence or quotes.
bool PromptLinter::isDelimited(const TemplateToken &token) const
{
    const qsizetype start = std::max<qsizetype>(0, token.from - 300);
    const QString before = m_text.mid(start, token.from - start).trimmed().right(200);
    const QString after = m_text.mid(token.from + token.length, 200).trimmed();
    const QString lastLine = before.section(u'\n', -1).trimmed();
    const auto fence = [](const QString &text) {
        return text.startsWith(QLatin1String("```")) || text.startsWith(QLatin1String("\"\"\""))
               || text.startsWith(QLatin1String("---")) || text.startsWith(QLatin1String("==="));
    };
    const bool tagged = before.endsWith(u'>') && before.contains(u'<') && after.startsWith(QLatin1String("</"));
    return tagged || (fence(lastLine) && fence(after));
}

void PromptLinter::checkUntrusted()
{
    static const auto outside = words(QStringLiteral(
        "input|messages?|mail|e-?mail|text|document|doc|content|feedback|question|query|comments?|"
        "reviews?|ticket|transcript|page|body|article|passages?|context|notes|conversation|source|html|draft|answer"));
    static const auto fromOutside =
        words(QStringLiteral("written by|from (?:the |a )?(?:customer|user|web|outside)|pasted|untrusted"));
    QSet<QString> told;
    for (const TemplateToken &token : m_tokens) {
        if (token.type != TemplateToken::Type::Variable || told.contains(token.name) || size_t(told.size()) >= maxAlike)
            continue;
        QString name = token.name;
        name.replace(u'_', u' ').replace(u'-', u' ').replace(u'.', u' ');
        const auto declared = std::find_if(m_spec.variables.begin(), m_spec.variables.end(),
                                           [&](const PromptVariable &v) { return v.name == token.name; });
        const bool untrusted = find(name, outside)
                               || (declared != m_spec.variables.end() && find(declared->description.left(2000), fromOutside));
        if (!untrusted || isDelimited(token))
            continue;
        told.insert(token.name);
        const QString tag = token.name.section(u'.', -1);
        auto &problem = add(Hint, QStringLiteral("/text"), "variable.untrusted",
                            QStringLiteral("“{{%1}}” looks like text from outside that stands bare among the instructions; "
                                           "what is written in it could pass for an instruction.")
                                .arg(token.name),
                            QStringLiteral("Put it between tags on lines of their own, such as <%1> and </%1>, and say "
                                           "that it is material, not instructions.")
                                .arg(tag),
                            {token.from, token.length, {}});
        // Spaces around go: the tags stand on lines of their own.
        qsizetype from = token.from, to = token.from + token.length;
        while (from > 0 && (m_text[from - 1] == u' ' || m_text[from - 1] == u'"'))
            --from;
        while (to < m_text.size() && (m_text[to] == u' ' || m_text[to] == u'"'))
            ++to;
        const QString lead = from == 0 || m_text[from - 1] == u'\n' ? QString() : QStringLiteral("\n");
        const QString trail = to == m_text.size() || m_text[to] == u'\n' ? QString() : QStringLiteral("\n");
        problem.fixes.push_back(replacing(QStringLiteral("Put it between tags"), from, to - from,
                                          lead + QStringLiteral("<%1>\n%2\n</%1>").arg(tag, m_text.mid(token.from, token.length)) + trail));
    }
}

void PromptLinter::checkMustHaves()
{
    if (m_spec.successCriteria.isEmpty()) {
        add(Warning, QStringLiteral("/success_criteria"), "criteria.none",
            QStringLiteral("There are no success criteria, so neither the model nor you can tell a "
                           "good answer from a bad one."),
            QStringLiteral("Add two to five checkable sentences, such as “Names the product area”."))
            .fixes.push_back(setting(QStringLiteral("Add three to start from"), QStringLiteral("/success_criteria"),
                                     json::fromStringList({QStringLiteral("It does the whole of the job above and nothing else."),
                                                           QStringLiteral("Every fact in it stands in the input."),
                                                           QStringLiteral("It keeps to the form and length asked for.")})));
    }
    if (!m_spec.fallback.trimmed().isEmpty())
        return;
    static const auto says = words(QStringLiteral("if (?:you|it|the \\w+) (?:can ?not|can['’]t|cannot|do(?:es)? "
                                                  "not|don['’]t|doesn['’]t|are not|is not)|when (?:unsure|in doubt|unknown)"
                                                  "|if unsure|if nothing|if no \\w+"));
    if (find(m_text, says))
        return;
    const bool schema = m_spec.outputFormat == QLatin1String("json_schema");
    add(Warning, QStringLiteral("/fallback"), "fallback.none",
        QStringLiteral("Nothing says what to answer when the job can not be done, so the model will guess."),
        QStringLiteral("Write the fallback, for example: “I do not have enough information to answer.”"))
        .fixes.push_back(setting(QStringLiteral("Add a fallback"), QStringLiteral("/fallback"),
                                 schema ? QStringLiteral("Fill the schema with null and empty values where the input says nothing.")
                                        : QStringLiteral("I do not have enough information to answer this.")));
}

std::vector<PromptProblem> lintPrompt(const PromptSpec &spec, const PromptLintContext &context)
{
    return PromptLinter(spec, context).run();
}

std::vector<PromptProblem> lintPrompt(const PromptSpec &spec)
{
    return lintPrompt(spec, PromptLintContext());
}

} // namespace lathe
