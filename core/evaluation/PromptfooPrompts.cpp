// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/design/DatasetSpec.h"
#include "core/evaluation/PromptfooReader.h"
#include "core/evaluation/TextTemplate.h"

#include <QFileInfo>
#include <QRegularExpression>

namespace lathe {

namespace {
const QStringList &promptFiles()
{
    static const QStringList all{QStringLiteral("txt"),   QStringLiteral("json"),
                                 QStringLiteral("jsonl"), QStringLiteral("yaml"),
                                 QStringLiteral("yml"),   QStringLiteral("md"),
                                 QStringLiteral("j2"),    QStringLiteral("csv")};
    return all;
}

// Whether a prompt without file:// is meant as a file: it names one, by its look.
bool looksLikeFile(const QString &text)
{
    static const QRegularExpression name(QStringLiteral(
        "^[^\\s{}]+\\.(txt|json|jsonl|ya?ml|md|j2|csv|js|cjs|mjs|ts|py|sh|rb)(:\\w+)?$"));
    return text.size() < 300 && name.match(text).hasMatch();
}
} // namespace

Result<void> PromptfooReader::readPrompts(const Node &node)
{
    if (!node.isSet())
        return wrong(node,
                     QStringLiteral("There are no prompts; name at least one under \"prompts\"."));
    std::vector<std::pair<const Node *, QString>>
        all; // with the label of the old form {file: label}
    if (node.isMap()) {
        for (const auto &[key, value] : node.members) {
            if (auto read = readPrompt(value, key, value.text()); !read)
                return read;
        }
    } else if (node.isList()) {
        for (const Node &item : node.items) {
            if (auto read = readPrompt(item, QString(), QString()); !read)
                return read;
        }
    } else if (auto read = readPrompt(node, QString(), QString()); !read) {
        return read;
    }
    if (m_suite.prompts.empty())
        return wrong(node,
                     QStringLiteral("There are no prompts; name at least one under \"prompts\"."));
    return {};
}

Result<void> PromptfooReader::readPrompt(const Node &node, const QString &path,
                                         const QString &label)
{
    QString text = path;
    QString name = label;
    QJsonObject config;
    if (path.isEmpty() && node.isMap()) {
        name = node.at(QLatin1String("label")).text();
        config = node.at(QLatin1String("config")).toJson().toObject();
        if (node.has(QLatin1String("raw"))) {
            const Node &raw = node.at(QLatin1String("raw"));
            text = raw.isList() || raw.isMap() ? json::compactString(raw.toJson()) : raw.text();
            if (!text.startsWith(QLatin1String("file://"))) {
                const QString id = node.at(QLatin1String("id")).text();
                addPrompt(node, id.isEmpty() ? name : id, name, text, config, QString());
                return {};
            }
        } else {
            text = node.at(QLatin1String("id")).text();
            if (text.isEmpty())
                text = node.at(QLatin1String("file")).text();
        }
        if (text.isEmpty())
            return wrong(node, QStringLiteral("This prompt has neither \"raw\" nor \"id\"."));
        if (!text.startsWith(QLatin1String("file://")))
            text.prepend(QLatin1String("file://"));
    } else if (path.isEmpty()) {
        if (node.isList()) { // messages written in place
            addPrompt(node, QString(), QString(), json::compactString(node.toJson()), config,
                      QString());
            return {};
        }
        text = node.text();
        if (text.trimmed().isEmpty())
            return wrong(node, QStringLiteral("This prompt is empty."));
    }
    if (text.startsWith(QLatin1String("exec:"))) {
        addPrompt(node, text, name, QString(), config,
                  QStringLiteral("It is made by a program, which is not run here."));
        return {};
    }
    static const QRegularExpression service(
        QStringLiteral("^(langfuse|portkey|helicone|https?)://"));
    if (service.match(text).hasMatch()) {
        addPrompt(node, text, name, QString(), config,
                  QStringLiteral("Prompts of other services are not fetched."));
        return {};
    }
    const bool named = text.startsWith(QLatin1String("file://"));
    const Reference file = reference(text);
    const bool oneLine = text.size() < 1000 && !text.contains(QLatin1Char('\n'))
                         && !text.contains(QLatin1String("{{"));
    if (!named && !(oneLine && QFileInfo(file.path).isFile()) && !looksLikeFile(text)) {
        if (oneLine && text.contains(QLatin1Char('*')) && text.contains(QLatin1Char('.'))
            && !text.contains(QLatin1Char(' '))) {
            const auto files = matching(file.path);
            if (files && !files->isEmpty() && *files != QStringList{file.path}) {
                for (const QString &one : *files) {
                    if (auto read = readPromptFile(node, one, name, config); !read)
                        return read;
                }
                return {};
            }
        }
        addPrompt(node, QString(), name, text, config, QString());
        return {};
    }
    const auto files = matching(file.path);
    if (!files)
        return wrong(node, files.error().message);
    if (files->isEmpty())
        return Error(
            ErrorKind::NotFound,
            wrong(node, QStringLiteral("No file matches the prompt \"%1\".").arg(text)).message);
    for (const QString &one : *files) {
        if (auto read = readPromptFile(node, one, name, config); !read)
            return read;
    }
    return {};
}

Result<void> PromptfooReader::readPromptFile(const Node &node, const QString &path,
                                             const QString &label, const QJsonObject &config)
{
    const Reference file = reference(path);
    const QString name = shortName(path);
    const QString shown = label.isEmpty() ? QString() : label;
    if (file.script() || !promptFiles().contains(file.extension)) {
        if (!QFileInfo(path).isFile())
            return Error(ErrorKind::NotFound,
                         wrong(node, QStringLiteral("There is no file \"%1\".").arg(name)).message);
        addPrompt(
            node, name, shown.isEmpty() ? name : shown, QString(), config,
            QStringLiteral("Prompts made by \".%1\" files are not run here.").arg(file.extension));
        return {};
    }
    const auto bytes = load(path);
    if (!bytes)
        return Error(bytes.error().kind, wrong(node, bytes.error().message).message);
    const QString text = json::fromUtf8Lossy(*bytes);
    Node place = node;
    place.file = name;
    place.line = 1;
    if (file.extension == QLatin1String("txt")) {
        QStringList lines = text.split(QLatin1Char('\n'));
        QStringList part;
        int line = 1, start = 1;
        std::vector<std::pair<int, QString>> parts;
        lines.append(QStringLiteral("---"));
        for (QString &one : lines) {
            if (one.trimmed() == QLatin1String("---")) {
                const QString whole = part.join(QLatin1Char('\n')).trimmed();
                if (!whole.isEmpty())
                    parts.emplace_back(start, whole);
                part.clear();
                start = line + 1;
            } else {
                if (one.endsWith(QLatin1Char('\r')))
                    one.chop(1);
                part.append(one);
            }
            ++line;
        }
        if (parts.empty())
            return wrong(place, QStringLiteral("The file holds no prompt."));
        for (size_t i = 0; i < parts.size(); ++i) {
            place.line = parts[i].first;
            const QString number = parts.size() > 1 ? QStringLiteral(" %1").arg(i + 1) : QString();
            addPrompt(place, name + number, (shown.isEmpty() ? name : shown) + number,
                      parts[i].second, config, QString());
        }
        return {};
    }
    if (file.extension == QLatin1String("jsonl")) {
        int line = 0, number = 0;
        for (const QString &one : text.split(QLatin1Char('\n'))) {
            ++line;
            if (one.trimmed().isEmpty())
                continue;
            place.line = line;
            const QString tag = QStringLiteral(" %1").arg(++number);
            addPrompt(place, name + tag, (shown.isEmpty() ? name : shown) + tag, one.trimmed(),
                      config, QString());
        }
        return {};
    }
    if (file.extension == QLatin1String("csv")) {
        const auto rows = Dataset::importCsv(*bytes, nullptr);
        if (!rows)
            return wrong(place, rows.error().message);
        const qsizetype column =
            std::max<qsizetype>(0, rows->columns.indexOf(QStringLiteral("prompt")));
        const qsizetype labels = rows->columns.indexOf(QStringLiteral("label"));
        for (size_t i = 0; i < rows->rows.size(); ++i) {
            const QString tag = QStringLiteral(" %1").arg(i + 1);
            const QString own =
                labels < 0 ? QString() : templateText(rows->rows[i][size_t(labels)]);
            place.line = 0;
            addPrompt(place, name + tag,
                      own.isEmpty() ? (shown.isEmpty() ? name : shown) + tag : own,
                      templateText(rows->rows[i][size_t(column)]), config, QString());
        }
        return {};
    }
    if (file.extension == QLatin1String("yaml") || file.extension == QLatin1String("yml")) {
        const auto data = Node::fromYaml(*bytes, name);
        if (!data)
            return data.error();
        addPrompt(place, name, shown.isEmpty() ? name : shown, json::compactString(data->toJson()),
                  config, QString());
        return {};
    }
    addPrompt(place, name, shown.isEmpty() ? name : shown, text.trimmed(), config, QString());
    return {};
}

void PromptfooReader::addPrompt(const Node &node, const QString &id, const QString &label,
                                const QString &text, const QJsonObject &config,
                                const QString &problem)
{
    PromptfooPrompt prompt;
    prompt.label = label.isEmpty() ? (id.isEmpty() ? text.simplified().left(80) : id) : label;
    prompt.id = id.isEmpty() ? prompt.label : id;
    prompt.text = text;
    prompt.config = config;
    prompt.file = node.file.isEmpty() ? m_suite.file : node.file;
    prompt.line = node.line;
    prompt.problem = problem;
    if (problem.isEmpty()) {
        // Of a chat the texts are filled in one by one, else the whole.
        const auto chat = json::parse(text.toUtf8());
        QStringList texts{text};
        if (chat && (chat->isArray() || chat->isObject())) {
            texts.clear();
            for (const QJsonValue &message : chat->toArray())
                texts.append(message[QLatin1String("content")].toString());
        }
        for (const QString &one : texts) {
            if (prompt.problem.isEmpty())
                prompt.problem = templateProblem(one);
        }
        if (prompt.problem.isEmpty() && text.contains(QLatin1String("_conversation")))
            prompt.problem = QStringLiteral(
                "Prompts that look back at earlier answers (_conversation) are not run here.");
    }
    if (!prompt.problem.isEmpty())
        note(Severity::Error, node, QStringLiteral("prompt \"%1\"").arg(prompt.label),
             prompt.problem);
    if (!config.isEmpty())
        note(Severity::Warning, node, QStringLiteral("config of prompt \"%1\"").arg(prompt.label),
             QStringLiteral("Settings of a single prompt are not passed on to the provider."));
    m_suite.prompts.push_back(std::move(prompt));
}

} // namespace lathe
