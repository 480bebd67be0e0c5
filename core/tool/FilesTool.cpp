// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/FilesTool.h"

#include "core/base/Json.h"
#include "core/tool/FolderAccess.h"
#include "core/tool/ToolSchema.h"
#include "core/tool/ToolText.h"

#include <QDir>
#include <QFileInfo>
#include <QRegularExpression>

namespace lathe {

namespace {
constexpr int maxEntries = 1000;
constexpr int maxMatches = 200;
constexpr qint64 maxSearchedBytes = 256 * 1024 * 1024;
constexpr qsizetype maxLineChars = 300;

QString string(const QJsonObject &arguments, const char *key)
{
    return arguments.value(QLatin1String(key)).toString();
}

ToolOutcome answer(QString text, QJsonObject structured)
{
    ToolOutcome outcome;
    outcome.text = std::move(text);
    outcome.structured = std::move(structured);
    return outcome;
}

ToolOutcome list(const FolderAccess &folder, const QString &path)
{
    bool more = false;
    const auto entries = folder.list(path, maxEntries, &more);
    if (!entries)
        return ToolOutcome::failure(entries.error().message);
    QString text;
    QJsonArray items;
    for (const FolderEntry &entry : *entries) {
        QString line = entry.name, kind = QStringLiteral("file");
        switch (entry.kind) {
        case FolderEntry::Kind::File:
            line += QStringLiteral("  (%1)").arg(sizeText(entry.size));
            break;
        case FolderEntry::Kind::Folder:
            line += u'/';
            kind = QStringLiteral("folder");
            break;
        case FolderEntry::Kind::Link:
            line += QStringLiteral("  (link)");
            kind = QStringLiteral("link");
            break;
        case FolderEntry::Kind::Other:
            line += QStringLiteral("  (no regular file)");
            kind = QStringLiteral("other");
            break;
        }
        if (!entry.isUtf8)
            line += QStringLiteral("  (the name is not valid UTF-8, so it cannot be used here)");
        text += line.replace(u'\n', u'?') + u'\n';
        items.append(QJsonObject{{QStringLiteral("name"), cleanText(entry.name)},
                                 {QStringLiteral("kind"), kind},
                                 {QStringLiteral("size"), entry.size}});
    }
    if (text.isEmpty())
        text = QStringLiteral("The folder is empty.");
    if (more)
        text += QStringLiteral("(the first %1 entries; there are more)").arg(maxEntries);
    ToolOutcome outcome = answer(text, {{QStringLiteral("entries"), items}});
    outcome.truncated = more;
    return outcome;
}

ToolOutcome read(const FolderAccess &folder, const QString &path, qint64 maxBytes,
                 const QJsonObject &arguments)
{
    const auto bytes = folder.read(path, maxBytes);
    if (!bytes)
        return ToolOutcome::failure(bytes.error().message);
    if (looksBinary(*bytes))
        return ToolOutcome::failure(
            QStringLiteral("%1 is a binary file (%2); only text can be read.")
                .arg(path, sizeText(bytes->size())));
    QString text = json::fromUtf8Lossy(*bytes);
    if (text.startsWith(QChar(QChar::ByteOrderMark)))
        text.remove(0, 1);
    QJsonObject about{{QStringLiteral("path"), path}, {QStringLiteral("bytes"), bytes->size()}};
    if (arguments.contains(QLatin1String("from_line"))
        || arguments.contains(QLatin1String("line_count"))) {
        const QStringList lines = text.split(u'\n');
        const int from = std::max(arguments.value(QLatin1String("from_line")).toInt(1), 1);
        const int count = std::max(arguments.value(QLatin1String("line_count")).toInt(200), 1);
        if (from > lines.size())
            return ToolOutcome::failure(
                QStringLiteral("%1 has only %2 lines.").arg(path).arg(lines.size()));
        const QStringList part = lines.mid(from - 1, count);
        text = QStringLiteral("(lines %1 to %2 of %3)\n")
                   .arg(from)
                   .arg(from + part.size() - 1)
                   .arg(lines.size())
               + part.join(u'\n');
        about.insert(QStringLiteral("lines"), lines.size());
    }
    return answer(text.isEmpty() ? QStringLiteral("(the file is empty)") : text, about);
}

ToolOutcome search(const FolderAccess &folder, const QString &path, qint64 maxBytes,
                   const QJsonObject &arguments, const CancelToken &cancel,
                   const WorkerThread &thread)
{
    const QString query = string(arguments, "query");
    if (query.isEmpty())
        return ToolOutcome::failure(
            QStringLiteral("The action search needs \"query\", the text to look for."));
    const QString glob = string(arguments, "name_pattern");
    const QRegularExpression wildcard(QRegularExpression::wildcardToRegularExpression(glob),
                                      QRegularExpression::CaseInsensitiveOption);
    QString text;
    QJsonArray matches;
    qint64 bytesLeft = maxSearchedBytes;
    bool more = false;
    const auto left =
        folder.visit(path, maxBytes, [&](const QString &name, const QByteArray &content) {
            if (cancel.isCancelled() || thread.isStopping())
                return false;
            if (!glob.isEmpty() && !wildcard.match(name.section(u'/', -1)).hasMatch())
                return true;
            bytesLeft -= content.size();
            if (bytesLeft < 0) {
                more = true;
                return false;
            }
            int number = 0;
            const QString whole = json::fromUtf8Lossy(content);
            if (!whole.contains(query, Qt::CaseInsensitive))
                return true;
            for (const QStringView line : QStringView(whole).split(u'\n')) {
                ++number;
                const qsizetype at = line.indexOf(query, 0, Qt::CaseInsensitive);
                if (at < 0)
                    continue;
                if (matches.size() >= maxMatches) {
                    more = true;
                    return false;
                }
                const qsizetype from = std::max<qsizetype>(0, at - maxLineChars / 3);
                const QString shown = cleanText(line.mid(from, maxLineChars).trimmed().toString());
                text += QStringLiteral("%1:%2: %3\n").arg(name).arg(number).arg(shown);
                matches.append(QJsonObject{{QStringLiteral("path"), name},
                                           {QStringLiteral("line"), number},
                                           {QStringLiteral("text"), shown}});
            }
            return true;
        });
    if (!left)
        return ToolOutcome::failure(left.error().message);
    if (matches.isEmpty())
        text = QStringLiteral("Nothing found for \"%1\".\n").arg(query.left(200));
    if (more)
        text += QStringLiteral(
                    "(the first %1 matches; there may be more: search for something rarer)\n")
                    .arg(matches.size());
    if (*left > 0)
        text += QStringLiteral("(%1 binary, large or unreadable files were left out)\n").arg(*left);
    ToolOutcome outcome = answer(text, {{QStringLiteral("matches"), matches}});
    outcome.truncated = more;
    return outcome;
}

ToolOutcome write(const FolderAccess &folder, const QString &path, qint64 maxBytes,
                  const QJsonObject &arguments)
{
    if (!arguments.contains(QLatin1String("content")))
        return ToolOutcome::failure(
            QStringLiteral("The action write needs \"content\", the whole new text of the file."));
    const QByteArray content = string(arguments, "content").toUtf8();
    if (content.size() > maxBytes) {
        return ToolOutcome::failure(QStringLiteral("The content has %1, more than the limit of %2.")
                                        .arg(sizeText(content.size()), sizeText(maxBytes)));
    }
    const auto written = folder.write(path, content);
    if (!written)
        return ToolOutcome::failure(written.error().message);
    return answer(QStringLiteral("Wrote %1 to %2.").arg(sizeText(content.size()), path),
                  {{QStringLiteral("path"), path}, {QStringLiteral("bytes"), content.size()}});
}

// A project keeps its runs' journals: no model may edit what it did. What belongs to one, as SQLite names it, neither.
bool isProject(const QString &folder, const QString &path)
{
    QString name = folder + QLatin1Char('/') + path;
    for (const char *end : {"-wal", "-shm", "-journal"}) {
        if (name.endsWith(QLatin1String(end)))
            name.chop(qsizetype(qstrlen(end)));
    }
    if (!QFileInfo(name).isFile()) // a FIFO would block
        return false;
    QFile file(name);
    const QByteArray head = file.open(QIODevice::ReadOnly) ? file.read(72) : QByteArray();
    return head.startsWith(QByteArray("SQLite format 3", 16)) && head.mid(68, 4) == "LATH";
}

// Worker thread.
Result<ToolOutcome> act(const FilesTool::Setup &setup, const QJsonObject &arguments,
                        const CancelToken &cancel, const WorkerThread &thread)
{
    const auto folder = FolderAccess::open(setup.folder);
    if (!folder)
        return ToolOutcome::failure(folder.error().message);
    const QString action = string(arguments, "action"), path = string(arguments, "path");
    if (action == QLatin1String("list"))
        return list(*folder, path);
    if (action == QLatin1String("search")) {
        auto found = search(*folder, path, setup.maxFileBytes, arguments, cancel, thread);
        if (cancel.isCancelled())
            return Error::cancelled();
        return found;
    }
    if (path.isEmpty())
        return ToolOutcome::failure(
            QStringLiteral("The action %1 needs \"path\", the name of a file in the folder.")
                .arg(action.left(20)));
    if (action == QLatin1String("read"))
        return read(*folder, path, setup.maxFileBytes, arguments);
    if (action == QLatin1String("write") && setup.allowWrite && isProject(setup.folder, path))
        return ToolOutcome::failure(QStringLiteral("%1 is a project of Lathe, which cannot be written; choose another name.").arg(path.left(200)));
    if (action == QLatin1String("write") && setup.allowWrite)
        return write(*folder, path, setup.maxFileBytes, arguments);
    return ToolOutcome::failure(
        action == QLatin1String("write")
            ? QStringLiteral("Files of this folder may not be written.")
            : QStringLiteral("The action \"%1\" is unknown.").arg(action.left(40)));
}

// Not of the tool, which may be gone before the call ends.
Task<Result<ToolOutcome>> perform(std::shared_ptr<WorkerThread> thread, FilesTool::Setup setup,
                                  QJsonObject arguments, CancelToken cancel)
{
    // The thread is joined before it goes, so its own job may point to it.
    std::function<Result<ToolOutcome>(const CancelToken &)> work =
        [setup, arguments, raw = thread.get()](const CancelToken &token) {
            return act(setup, arguments, token, *raw);
        };
    auto outcome = co_await runOnWorker<ToolOutcome>(thread.get(), std::move(work), cancel);
    co_return outcome;
}
} // namespace

FilesTool::FilesTool(Setup setup) : m_setup(std::move(setup)) {}

QString FilesTool::description() const
{
    return joinedSentences(
        m_setup.purpose,
        QStringLiteral("Works on the files of one folder; paths are relative to it. Actions: list "
                       "(a folder), read (a "
                       "text file, or lines of it), search (a text in all files)%1.")
            .arg(m_setup.allowWrite ? QStringLiteral(", write (replaces a file as a whole)")
                                    : QString()));
}

QJsonObject FilesTool::schema() const
{
    QJsonObject action = schemaProperty("string", QStringLiteral("What to do."));
    QJsonArray actions{QStringLiteral("list"), QStringLiteral("read"), QStringLiteral("search")};
    QJsonObject fromLine =
        schemaProperty("integer", QStringLiteral("read: first line, counted from 1."));
    fromLine.insert(QStringLiteral("minimum"), 1);
    QJsonObject lineCount = schemaProperty("integer", QStringLiteral("read: how many lines."));
    lineCount.insert(QStringLiteral("minimum"), 1);
    QJsonObject properties{
        {QStringLiteral("path"),
         schemaProperty(
             "string",
             QStringLiteral("File or folder, relative to the folder; empty: the folder itself."))},
        {QStringLiteral("query"),
         schemaProperty("string", QStringLiteral("search: the text to find, in any case."))},
        {QStringLiteral("name_pattern"),
         schemaProperty("string",
                        QStringLiteral("search: only files whose name fits, such as *.md."))},
        {QStringLiteral("from_line"), fromLine},
        {QStringLiteral("line_count"), lineCount},
    };
    if (m_setup.allowWrite) {
        actions.append(QStringLiteral("write"));
        properties.insert(QStringLiteral("content"),
                          schemaProperty("string", QStringLiteral("write: the whole new text.")));
    }
    action.insert(QStringLiteral("enum"), actions);
    properties.insert(QStringLiteral("action"), action);
    return objectSchema(properties, {QStringLiteral("action")});
}

SideEffect FilesTool::sideEffect(const QJsonObject &arguments) const
{
    return string(arguments, "action") == QLatin1String("write") ? SideEffect::Write
                                                                 : SideEffect::Read;
}

bool FilesTool::idempotent(const QJsonObject &) const
{
    return m_setup.isIdempotent.value_or(
        true); // writing replaces the whole file, so twice is as good as once
}

Task<Result<ToolOutcome>> FilesTool::call(QJsonObject arguments, CancelToken cancel)
{
    return perform(m_thread, m_setup, std::move(arguments), std::move(cancel));
}

Result<std::shared_ptr<Tool>> makeFilesTool(const QString &name, const ToolSpec &spec,
                                            const ToolEnvironment &environment)
{
    const QString configured = spec.config.value(QLatin1String("folder")).toString().trimmed();
    if (configured.isEmpty())
        return Error(
            ErrorKind::InvalidInput,
            QStringLiteral("The tool %1 has no folder; choose one in its settings.").arg(name));
    const QFileInfo folder(QDir(environment.projectFolder), configured);
    if (!folder.isDir()) {
        return Error(ErrorKind::NotFound,
                     QStringLiteral("The folder %1 of the tool %2 does not exist; choose another "
                                    "in the tool's settings.")
                         .arg(folder.absoluteFilePath(), name));
    }
    FilesTool::Setup setup;
    setup.name = name;
    setup.purpose = spec.purpose;
    setup.folder = folder.absoluteFilePath();
    setup.allowWrite = spec.config.value(QLatin1String("writable")).toBool();
    setup.maxFileBytes = std::clamp<qint64>(
        spec.config.value(QLatin1String("max_file_bytes")).toInteger(setup.maxFileBytes), 1,
        100 * 1024 * 1024);
    setup.isIdempotent = spec.idempotent;
    return std::shared_ptr<Tool>(std::make_shared<FilesTool>(std::move(setup)));
}

} // namespace lathe
