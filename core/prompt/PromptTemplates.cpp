// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Assert.h"
#include "core/base/Json.h"
#include "core/prompt/PromptSpec.h"
#include "core/prompt/TemplateRender.h"

#include <QDir>
#include <QFile>
#include <QLoggingCategory>

// The front matter is a small, hand-read subset of YAML between two lines "---":
//   key: value                 one line of text; quotes around it are taken off
//   key: |                     the indented lines below, as they are (used for the JSON Schema)
//   key:                       a list of texts: "  - item"
//   variables:                 a list of objects: "  - name: x" and further indented "key: value" lines
// Below the front matter stands the text; lines "<!-- user -->", "<!-- assistant -->" and "<!-- system -->" begin messages.
// Lines that start with # are comments. Keys: title, use, notes, format, schema, tone, success_criteria, fallback, retry, variables.

namespace lathe {

Q_LOGGING_CATEGORY(promptLog, "lathe.prompt")

namespace {

constexpr qsizetype maxFileBytes = 1'000'000;

struct Line {
    int number = 0;
    int indent = 0;
    QString text; // trimmed
    QString raw;
};

Error fileError(const QString &id, int line, const QString &what)
{
    return Error(ErrorKind::InvalidInput,
                 QStringLiteral("The prompt template “%1” can not be read at line %2: %3.")
                     .arg(id)
                     .arg(line)
                     .arg(what));
}

QString unquoted(const QString &text)
{
    const bool quoted =
        text.size() >= 2 && (text.front() == u'"' || text.front() == u'\'') && text.back() == text.front();
    return quoted ? text.mid(1, text.size() - 2) : text;
}

std::pair<QString, QString> keyAndValue(const QString &text)
{
    const qsizetype colon = text.indexOf(u':');
    if (colon <= 0)
        return {};
    return {text.left(colon).trimmed(), text.mid(colon + 1).trimmed()};
}

// The block under a key: the following lines that are indented or blank.
std::vector<Line> blockBelow(const std::vector<Line> &lines, size_t &at)
{
    std::vector<Line> block;
    while (at + 1 < lines.size() && (lines[at + 1].indent > 0 || lines[at + 1].text.isEmpty()))
        block.push_back(lines[++at]);
    while (!block.empty() && block.back().text.isEmpty())
        block.pop_back();
    return block;
}

QString joinedBlock(const std::vector<Line> &block)
{
    int indent = 1000;
    for (const Line &line : block) {
        if (!line.text.isEmpty())
            indent = std::min(indent, line.indent);
    }
    QStringList rows;
    for (const Line &line : block)
        rows.append(line.raw.mid(indent));
    return rows.join(u'\n');
}

Result<QStringList> itemsOf(const QString &id, const std::vector<Line> &block)
{
    QStringList items;
    for (const Line &line : block) {
        if (line.text.startsWith(QLatin1String("- ")))
            items.append(unquoted(line.text.mid(2).trimmed()));
        else if (!items.isEmpty() && !line.text.isEmpty())
            items.last() += u' ' + line.text; // an item may go on in the next line
        else if (!line.text.isEmpty())
            return fileError(id, line.number, QStringLiteral("a list item must start with “- ”"));
    }
    return items;
}

Result<std::vector<PromptVariable>> variablesOf(const QString &id, const std::vector<Line> &block)
{
    std::vector<PromptVariable> variables;
    for (size_t at = 0; at < block.size(); ++at) {
        const Line &line = block[at];
        if (line.text.isEmpty())
            continue;
        const bool starts = line.text.startsWith(QLatin1String("- "));
        if (starts)
            variables.emplace_back();
        const auto pair = keyAndValue(starts ? line.text.mid(2) : line.text);
        const QString &key = pair.first;
        QString value = pair.second;
        if (value == QLatin1String("|")) { // lines that stand deeper
            std::vector<Line> deeper;
            const int own = starts ? line.indent + 2 : line.indent; // of the key
            while (at + 1 < block.size() && (block[at + 1].indent > own || block[at + 1].text.isEmpty()))
                deeper.push_back(block[++at]);
            while (!deeper.empty() && deeper.back().text.isEmpty())
                deeper.pop_back();
            value = joinedBlock(deeper);
        } else {
            value = unquoted(value);
        }
        if (key.isEmpty() || variables.empty())
            return fileError(
                id, line.number,
                QStringLiteral("a variable is written as “- name: x” and lines of “key: value”"));
        PromptVariable &variable = variables.back();
        if (key == QLatin1String("name"))
            variable.name = value;
        else if (key == QLatin1String("description"))
            variable.description = value;
        else if (key == QLatin1String("default"))
            variable.defaultValue = value;
        else if (key == QLatin1String("required"))
            variable.required = value != QLatin1String("false");
        else
            return fileError(id, line.number, QStringLiteral("a variable has no “%1”").arg(key));
    }
    for (const PromptVariable &variable : variables) {
        if (variable.name.isEmpty())
            return fileError(id, block.front().number, QStringLiteral("a variable has no name"));
    }
    return variables;
}

Result<void> readKey(PromptTemplate &result, const Line &line, const std::vector<Line> &block)
{
    const QString &id = result.id;
    const auto [key, rest] = keyAndValue(line.text);
    const QString value = rest == QLatin1String("|") ? joinedBlock(block) : unquoted(rest);
    PromptSpec &spec = result.spec;
    if (key == QLatin1String("title")) {
        result.title = value;
    } else if (key == QLatin1String("use")) {
        result.use = value;
    } else if (key == QLatin1String("notes")) {
        result.notes = value;
    } else if (key == QLatin1String("tone")) {
        spec.tone = value;
    } else if (key == QLatin1String("fallback")) {
        spec.fallback = value;
    } else if (key == QLatin1String("retry")) {
        spec.retryAttempts = std::clamp(value.toInt(), 0, 10);
    } else if (key == QLatin1String("format")) {
        spec.outputFormat = value;
        if (value != QLatin1String("text") && value != QLatin1String("markdown")
            && value != QLatin1String("json_schema"))
            return fileError(
                id, line.number,
                QStringLiteral("the format “%1” is none of text, markdown, json_schema").arg(value));
    } else if (key == QLatin1String("schema")) {
        const auto schema = OrderedObject::fromText(value.trimmed());
        if (!schema)
            return fileError(
                id, line.number,
                QStringLiteral("the schema is no JSON object (%1)").arg(schema.error().message));
        spec.outputSchema = *schema;
    } else if (key == QLatin1String("success_criteria")) {
        const auto items = itemsOf(id, block);
        if (!items)
            return items.error();
        spec.successCriteria = *items;
    } else if (key == QLatin1String("variables")) {
        auto variables = variablesOf(id, block);
        if (!variables)
            return variables.error();
        spec.variables = std::move(*variables);
    } else {
        return fileError(id, line.number,
                         key.isEmpty() ? QStringLiteral("“key: value” is expected")
                                       : QStringLiteral("the key “%1” is not known").arg(key));
    }
    return {};
}

// The role of a line that begins a message, empty for others.
QString roleOf(const QString &row)
{
    const QString mark = row.trimmed();
    for (const char *role : {"system", "user", "assistant"}) {
        if (mark == QStringLiteral("<!-- %1 -->").arg(QLatin1String(role)))
            return QString::fromLatin1(role);
    }
    return {};
}

void readTexts(PromptSpec &spec, const QStringList &rows)
{
    QStringList own;
    const auto finish = [&] {
        const QString text = own.join(u'\n').trimmed();
        (spec.messages.empty() ? spec.text : spec.messages.back().text) = text;
        own.clear();
    };
    for (const QString &row : rows) {
        const QString role = roleOf(row);
        if (role.isEmpty()) {
            own.append(row);
            continue;
        }
        finish();
        spec.messages.push_back({role, QString()});
    }
    finish();
}

QString indented(const QString &text, int by)
{
    QStringList rows = text.split(u'\n');
    for (QString &row : rows) {
        if (!row.isEmpty())
            row.prepend(QString(by, u' '));
    }
    return rows.join(u'\n');
}

QString oneLine(QString text)
{
    text.replace(u'\n', u' ');
    return text.simplified();
}

// "key: value", in quotes or as a block below where the plain form would be read as something else.
QString keyLine(const QString &key, const QString &value, int indent)
{
    if (value.contains(u'\n'))
        return QStringLiteral("%1: |\n%2\n").arg(key, indented(value, indent + 4));
    const bool edge = value != value.trimmed() || value == QLatin1String("|") || value.startsWith(u'#') || unquoted(value) != value;
    return edge ? QStringLiteral("%1: \"%2\"\n").arg(key, value) : QStringLiteral("%1: %2\n").arg(key, value);
}

} // namespace

QByteArray writeTemplateFile(const PromptTemplate &prompt)
{
    const PromptSpec &spec = prompt.spec;
    QString out = QStringLiteral("---\n");
    out += keyLine(QStringLiteral("title"), oneLine(prompt.title), 0);
    if (!prompt.use.isEmpty())
        out += keyLine(QStringLiteral("use"), oneLine(prompt.use), 0);
    if (!prompt.notes.isEmpty())
        out += keyLine(QStringLiteral("notes"), prompt.notes, 0);
    out += keyLine(QStringLiteral("format"), spec.outputFormat, 0);
    if (!spec.outputSchema.isEmpty())
        out += QStringLiteral("schema: |\n%1\n").arg(indented(spec.outputSchema.text().trimmed(), 2));
    if (!spec.tone.isEmpty())
        out += keyLine(QStringLiteral("tone"), spec.tone, 0);
    if (!spec.successCriteria.isEmpty()) {
        out += QStringLiteral("success_criteria:\n");
        for (const QString &item : spec.successCriteria) {
            const QString text = oneLine(item);
            out += unquoted(text) == text ? QStringLiteral("  - %1\n").arg(text) : QStringLiteral("  - \"%1\"\n").arg(text);
        }
    }
    if (!spec.fallback.isEmpty())
        out += keyLine(QStringLiteral("fallback"), spec.fallback, 0);
    out += keyLine(QStringLiteral("retry"), QString::number(spec.retryAttempts), 0);
    if (!spec.variables.empty()) {
        out += QStringLiteral("variables:\n");
        for (const PromptVariable &variable : spec.variables) {
            out += QStringLiteral("  - ") + keyLine(QStringLiteral("name"), variable.name, 4);
            if (!variable.description.isEmpty())
                out += QStringLiteral("    ") + keyLine(QStringLiteral("description"), variable.description, 4);
            if (!variable.defaultValue.isEmpty())
                out += QStringLiteral("    ") + keyLine(QStringLiteral("default"), variable.defaultValue, 4);
            if (!variable.required)
                out += QStringLiteral("    required: false\n");
        }
    }
    out += QStringLiteral("---\n") + spec.text.trimmed() + u'\n';
    for (const PromptMessage &message : spec.messages)
        out += QStringLiteral("<!-- %1 -->\n%2\n").arg(message.role, message.text.trimmed());
    return out.toUtf8();
}

Result<PromptTemplate> parseTemplateFile(const QString &id, const QByteArray &bytes)
{
    if (bytes.size() > maxFileBytes)
        return fileError(id, 1, QStringLiteral("the file is larger than 1 MB"));
    QString text = json::fromUtf8Lossy(bytes);
    text.replace(QLatin1String("\r\n"), QLatin1String("\n"));
    PromptTemplate result;
    result.id = id;
    result.spec.templateName = id;
    const QStringList rows = text.split(u'\n');
    if (rows.first().trimmed() != QLatin1String("---"))
        return fileError(id, 1, QStringLiteral("it must start with a line “---” and its title"));
    qsizetype end = 1;
    std::vector<Line> lines;
    const auto ends = [&rows](qsizetype at) { return !rows[at].startsWith(u' ') && rows[at].trimmed() == QLatin1String("---"); };
    for (; end < rows.size() && !ends(end); ++end) {
        const QString &raw = rows[end];
        Line line{int(end) + 1, 0, raw.trimmed(), raw};
        while (line.indent < raw.size() && raw[line.indent] == u' ')
            ++line.indent;
        if (line.indent > 0 || !line.text.startsWith(u'#'))
            lines.push_back(line);
    }
    if (end == rows.size())
        return fileError(id, int(end),
                         QStringLiteral("the line “---” that ends the front matter is missing"));
    for (size_t at = 0; at < lines.size(); ++at) {
        const Line line = lines[at];
        if (line.text.isEmpty())
            continue;
        if (line.indent > 0)
            return fileError(id, line.number, QStringLiteral("the line is indented but belongs to no key"));
        const std::vector<Line> block = blockBelow(lines, at);
        if (const auto read = readKey(result, line, block); !read)
            return read.error();
    }
    if (result.title.isEmpty())
        return fileError(id, 1, QStringLiteral("the title is missing"));
    readTexts(result.spec, rows.mid(end + 1));
    if (result.spec.messages.size() > 200)
        return fileError(id, int(end), QStringLiteral("it has more than 200 messages"));
    if (result.spec.text.isEmpty())
        return fileError(id, int(end) + 1, QStringLiteral("the text is empty"));
    return result;
}

const std::vector<PromptTemplate> &shippedTemplates()
{
    // Constant data of the program, read once.
    static const std::vector<PromptTemplate> templates = [] {
        std::vector<PromptTemplate> found;
        const QDir folder(QStringLiteral(":/prompts/templates"));
        const QStringList names = folder.entryList({QStringLiteral("*.md")}, QDir::Files);
        for (const QString &name : names) {
            QFile file(folder.filePath(name));
            if (!file.open(QIODevice::ReadOnly))
                continue;
            auto parsed = parseTemplateFile(name.chopped(3), file.readAll());
            if (parsed)
                found.push_back(std::move(*parsed));
            else
                qCCritical(promptLog).noquote() << parsed.error().message;
        }
        std::sort(found.begin(), found.end(),
                  [](const PromptTemplate &a, const PromptTemplate &b) { return a.title < b.title; });
        return found;
    }();
    return templates;
}

QString promptText(const QString &name, const QJsonObject &values)
{
    QFile file(QStringLiteral(":/prompts/%1.md").arg(name));
    const bool opened = file.open(QIODevice::ReadOnly);
    if (!opened)
        qCCritical(promptLog).noquote() << "The prompt text" << name << "is not compiled in.";
    LATHE_ASSERT(opened, return {});
    const auto text = renderTemplate(json::fromUtf8Lossy(file.readAll()), values);
    if (!text)
        qCCritical(promptLog).noquote() << name << text.error().message;
    LATHE_ASSERT(text.ok(), return {});
    return text->trimmed();
}

} // namespace lathe
