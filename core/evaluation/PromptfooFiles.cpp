// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/evaluation/PromptfooReader.h"
#include "core/evaluation/TextTemplate.h"

#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>

namespace lathe {

namespace {
constexpr int mostNotes = 1000;
constexpr int deepestReference = 20;
constexpr int mostReferences = 50'000;
constexpr int mostFiles = 10'000;
constexpr int mostLooked = 200'000;

QString globPattern(const QString &glob)
{
    QString pattern;
    bool choice = false;
    for (qsizetype i = 0; i < glob.size(); ++i) {
        const QChar c = glob[i];
        if (c == QLatin1Char('*') && glob.mid(i, 3) == QLatin1String("**/")) {
            pattern += QLatin1String("(?:.*/)?");
            i += 2;
        } else if (c == QLatin1Char('*') && glob.mid(i, 2) == QLatin1String("**")) {
            pattern += QLatin1String(".*");
            ++i;
        } else if (c == QLatin1Char('*')) {
            pattern += QLatin1String("[^/]*");
        } else if (c == QLatin1Char('?')) {
            pattern += QLatin1String("[^/]");
        } else if (c == QLatin1Char('{')) {
            pattern += QLatin1String("(?:");
            choice = true;
        } else if (c == QLatin1Char('}') && choice) {
            pattern += QLatin1Char(')');
            choice = false;
        } else if (c == QLatin1Char(',') && choice) {
            pattern += QLatin1Char('|');
        } else {
            pattern += QRegularExpression::escape(QString(c));
        }
    }
    return QRegularExpression::anchoredPattern(pattern);
}
} // namespace

bool PromptfooReader::Reference::script() const
{
    static const QStringList scripts{
        QStringLiteral("js"),  QStringLiteral("cjs"), QStringLiteral("mjs"), QStringLiteral("ts"),
        QStringLiteral("cts"), QStringLiteral("mts"), QStringLiteral("py"),  QStringLiteral("rb"),
        QStringLiteral("sh"),  QStringLiteral("go")};
    return scripts.contains(extension);
}

PromptfooReader::PromptfooReader(const QString &name, const QString &folder,
                                 const PromptfooOptions &options)
    : m_options(options), m_folder(folder)
{
    m_suite.file = name;
    m_suite.environment = options.environment;
}

PromptfooReader::Reference PromptfooReader::reference(const QString &text) const
{
    Reference result;
    QString path = text.trimmed();
    if (path.startsWith(QLatin1String("file://")))
        path = path.mid(7);
    static const QRegularExpression function(QStringLiteral("^(.*\\.\\w+):([\\w.]+)$"));
    const auto match = function.match(path);
    if (match.hasMatch()) {
        path = match.captured(1);
        result.function = match.captured(2);
    }
    result.path = QDir::cleanPath(m_folder.absoluteFilePath(path));
    result.extension = QFileInfo(path).suffix().toLower();
    return result;
}

Result<QByteArray> PromptfooReader::load(const QString &path)
{
    if (const auto known = m_files.constFind(path); known != m_files.constEnd())
        return *known;
    const QFileInfo info(path);
    if (!info.exists())
        return Error(ErrorKind::NotFound,
                     QStringLiteral("There is no file \"%1\".").arg(shortName(path)));
    if (!info.isFile())
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("\"%1\" is no file.").arg(shortName(path)));
    if (info.size() > m_options.largestFile)
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("\"%1\" is too large (%2 MB; at most %3 MB are read).")
                         .arg(shortName(path))
                         .arg(info.size() >> 20)
                         .arg(m_options.largestFile >> 20));
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::InvalidInput, QStringLiteral("\"%1\" cannot be opened: %2.")
                                                  .arg(shortName(path), file.errorString()));
    QByteArray bytes = file.read(m_options.largestFile + 1);
    if (bytes.startsWith("\xEF\xBB\xBF"))
        bytes.remove(0, 3);
    if (bytes.size() < 1 << 20)
        m_files.insert(path, bytes);
    return bytes;
}

Result<PromptfooNode> PromptfooReader::loadData(const QString &path)
{
    const auto bytes = load(path);
    if (!bytes)
        return bytes.error();
    const QString name = shortName(path);
    Result<Node> node = Node();
    // Large data files are JSON as a rule, and that is read a hundred times quicker.
    auto value = path.endsWith(QLatin1String(".json"), Qt::CaseInsensitive)
                     ? json::parse(*bytes)
                     : Result<QJsonValue>(Error());
    if (value && bytes->size() > 1 << 18)
        node = Node::fromJson(*value, name, 0);
    else
        node = Node::fromYaml(*bytes, name);
    if (!node && value)
        node = Node::fromJson(*value, name, 0);
    if (!node)
        return node.error();
    fillEnvironment(&*node);
    const Node root = *node;
    resolveReferences(&*node, root, 0);
    return node;
}

Result<QStringList> PromptfooReader::matching(const QString &pattern) const
{
    const qsizetype star = pattern.indexOf(QRegularExpression(QStringLiteral("[*?{]")));
    if (star < 0 || QFileInfo(pattern).isFile())
        return QStringList{pattern};
    const QString base = pattern.left(pattern.lastIndexOf(QLatin1Char('/'), star) + 1);
    const QRegularExpression wanted(globPattern(pattern));
    if (!wanted.isValid())
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("\"%1\" is no pattern of file names.").arg(shortName(pattern)));
    const bool deep =
        pattern.indexOf(QLatin1Char('/'), star) >= 0 || pattern.contains(QLatin1String("**"));
    QStringList files;
    int looked = 0;
    for (QDirIterator it(base, QDir::Files,
                         deep ? QDirIterator::Subdirectories : QDirIterator::NoIteratorFlags);
         it.hasNext();) {
        const QString file = it.next();
        if (++looked > mostLooked || files.size() > mostFiles)
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("\"%1\" matches too many files; name a smaller folder.")
                             .arg(shortName(pattern)));
        if (wanted.match(file).hasMatch())
            files.append(file);
    }
    files.sort();
    return files;
}

void PromptfooReader::fillEnvironment(Node *node)
{
    for (Node &item : node->items)
        fillEnvironment(&item);
    for (auto &[key, value] : node->members)
        fillEnvironment(&value);
    if (!node->isText() || !node->scalar.toString().contains(QLatin1String("env")))
        return;
    static const QRegularExpression use(QStringLiteral(
        "\\{\\{-?\\s*env(?:\\.(\\w+)|\\[\\s*['\"](\\w+)['\"]\\s*\\])\\s*(?:\\|[^{}]*)?-?\\}\\}"));
    const QString text = node->scalar.toString();
    QString filled;
    qsizetype from = 0;
    for (auto it = use.globalMatch(text); it.hasNext();) {
        const auto match = it.next();
        const QString name = match.captured(1) + match.captured(2);
        if (match.capturedLength() == text.trimmed().size())
            node->environment = name;
        filled += QStringView(text).mid(from, match.capturedStart() - from);
        from = match.capturedEnd();
        const bool known = m_suite.environment.contains(name)
                           || match.captured().contains(QLatin1String("default"));
        auto value = fillText(match.captured(), {{QStringLiteral("env"), m_suite.environment}});
        if (!known)
            note(Severity::Warning, *node, QStringLiteral("{{env.%1}}").arg(name),
                 QStringLiteral(
                     "There is no environment variable \"%1\"; nothing stands in its place.")
                     .arg(name));
        filled += value.valueOr(QString());
    }
    filled += QStringView(text).mid(from);
    node->scalar = filled;
}

void PromptfooReader::resolveReferences(Node *node, const Node &root, int depth)
{
    const QString target = node->at(QLatin1String("$ref")).text();
    if (target.startsWith(QLatin1String("#/")) && depth < deepestReference
        && ++m_references < mostReferences) {
        const Node *found = &root;
        const QStringList steps = target.mid(2).split(QLatin1Char('/'));
        for (QString step : steps) {
            step.replace(QLatin1String("~1"), QLatin1String("/"))
                .replace(QLatin1String("~0"), QLatin1String("~"));
            bool isIndex = false;
            const size_t index = step.toULongLong(&isIndex);
            if (found->isList())
                found = isIndex && index < found->items.size() ? &found->items[index]
                                                               : &found->at(QLatin1String());
            else
                found = &found->at(step);
        }
        if (found->kind != Node::Kind::Missing) {
            Node copy = *found;
            copy.line = node->line; // where it is used is what a person looks for
            // What stands beside the reference wins, as a weight of its own.
            if (copy.isMap()) {
                for (const auto &[key, value] : node->members) {
                    if (key == QLatin1String("$ref"))
                        continue;
                    std::erase_if(copy.members,
                                  [&k = key](const auto &member) { return member.first == k; });
                    copy.members.emplace_back(key, value);
                }
            }
            *node = std::move(copy);
            ++depth;
        }
    }
    for (Node &item : node->items)
        resolveReferences(&item, root, depth);
    for (auto &[key, value] : node->members)
        resolveReferences(&value, root, depth);
}

void PromptfooReader::note(Severity severity, const Node &node, const QString &what,
                           const QString &why)
{
    note(severity, node.file.isEmpty() ? m_suite.file : node.file, node.line, what, why);
}

void PromptfooReader::note(Severity severity, const QString &file, int line, const QString &what,
                           const QString &why)
{
    if (++m_notes > mostNotes)
        return;
    const PromptfooNote made{file, line, what, why, severity};
    if (std::find(m_suite.report.begin(), m_suite.report.end(), made) == m_suite.report.end())
        m_suite.report.push_back(made);
}

Error PromptfooReader::wrong(const Node &node, const QString &why) const
{
    const QString file = node.file.isEmpty() ? m_suite.file : node.file;
    const QString place = node.line > 0 ? QStringLiteral("%1, line %2: ").arg(file).arg(node.line)
                                        : file + QStringLiteral(": ");
    return Error(ErrorKind::InvalidInput, place + why);
}

QString PromptfooReader::shortName(const QString &path) const
{
    const QString relative = m_folder.relativeFilePath(path);
    return relative.startsWith(QLatin1String("..")) || relative.isEmpty() ? path : relative;
}

QString PromptfooReader::templateProblem(const QString &text)
{
    if (!text.contains(QLatin1String("{{")) && !text.contains(QLatin1String("{%"))
        && !text.contains(QLatin1String("{#")))
        return {};
    const TextTemplate parsed(text);
    if (parsed.defects().empty())
        return {};
    return QStringLiteral("Its template is not understood: in line %1 of the text, %2.")
        .arg(parsed.defects().front().line)
        .arg(parsed.defects().front().what);
}

} // namespace lathe
