// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/design/DatasetSpec.h"
#include "core/design/DatasetText.h"
#include "core/design/ImportProblems.h"

#include <QHash>

namespace lathe {

namespace {
constexpr qsizetype maxColumns = 1000;
// Rows that share no keys would make a table that is nothing but gaps.
constexpr qsizetype maxCells = 20'000'000;

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Behind the string that begins at `at`.
qsizetype skipString(QByteArrayView text, qsizetype at)
{
    for (++at; at < text.size(); ++at) {
        if (text[at] == '\\')
            ++at;
        else if (text[at] == '"')
            return at + 1;
    }
    return text.size();
}

// The keys of an object in the order of the text; QJsonObject sorts them. The text has been parsed before.
QStringList keysInOrder(QByteArrayView object)
{
    QStringList keys;
    int depth = 0;
    bool keyNext = false;
    for (qsizetype at = 0; at < object.size();) {
        const char c = object[at];
        if (c == '"') {
            const qsizetype end = skipString(object, at);
            if (depth == 1 && keyNext) {
                if (const auto key = json::parse(object.sliced(at, end - at)))
                    keys.append(key->toString());
                keyNext = false;
            }
            at = end;
            continue;
        }
        if (c == '{' || c == '[')
            keyNext = ++depth == 1;
        else if (c == '}' || c == ']')
            --depth;
        else if (c == ',')
            keyNext = depth == 1;
        ++at;
    }
    return keys;
}

// Takes rows one by one as text and knows on which line each stands.
class JsonRows
{
public:
    explicit JsonRows(std::vector<Problem> *problems) : m_problems(problems) {}

    void add(QByteArrayView text, qsizetype line)
    {
        QByteArray mended;
        if (!text.isValidUtf8()) {
            m_problems.add(
                "json.utf8",
                QStringLiteral(
                    "Line %1 is not valid UTF-8; what could not be read shows as \uFFFD.")
                    .arg(line),
                QStringLiteral("Save the file as UTF-8 and import it again."));
            mended = json::fromUtf8Lossy(text).toUtf8();
            text = mended;
        }
        const auto value = json::parse(text);
        if (!value || !value->isObject()) {
            const QString why =
                value ? QStringLiteral("is no JSON object") : QStringLiteral("is broken JSON");
            m_problems.add(
                "json.row",
                QStringLiteral("The row at line %1 %2; it was left out.").arg(line).arg(why),
                QStringLiteral("Each row must be an object such as {\"question\": \"...\", "
                               "\"answer\": \"...\"}."));
            return;
        }
        const QJsonObject object = value->toObject();
        std::vector<QJsonValue> row(m_index.size(), QJsonValue());
        qsizetype known = 0;
        for (auto it = object.begin(); it != object.end(); ++it) {
            const auto column = m_index.constFind(it.key());
            if (column == m_index.constEnd())
                continue;
            row[size_t(*column)] = it.value();
            ++known;
        }
        if (known < object.size()) {
            for (const QString &key : keysInOrder(text)) {
                if (m_index.contains(key) || !object.contains(key))
                    continue;
                m_index.insert(key, int(dataset.columns.size()));
                dataset.columns.append(key);
                row.push_back(object.value(key));
            }
        }
        m_used += object.size();
        dataset.rows.push_back(std::move(row));
    }

    std::optional<Error> failure() const
    {
        if (dataset.columns.size() > maxColumns) {
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("The rows have over %1 different keys; a dataset has one "
                                        "column for each and is too wide.")
                             .arg(maxColumns));
        }
        const qsizetype cells = qsizetype(dataset.rows.size()) * dataset.columns.size();
        if (cells > maxCells && cells / 16 > m_used)
            return Error(
                ErrorKind::InvalidInput,
                QStringLiteral("The rows have hardly any key in common, so they make no table."));
        return std::nullopt;
    }
    ImportProblems &problems() { return m_problems; }
    Dataset dataset;

private:
    ImportProblems m_problems;
    QHash<QString, int> m_index;
    qsizetype m_used = 0;
};

// Cuts a JSON array into its elements without reading them, so that one broken row costs only itself.
void splitArray(QByteArrayView text, qsizetype at, qsizetype line, JsonRows *rows)
{
    qsizetype start = -1, startLine = line;
    int depth = 0;
    bool closed = false;
    const auto finish = [&](qsizetype end) {
        if (start >= 0)
            rows->add(text.sliced(start, end - start), startLine);
        start = -1;
    };
    for (++at; at < text.size() && !rows->failure();) {
        const char c = text[at];
        if (c == '\n')
            ++line;
        if (closed) {
            if (!isSpace(c)) {
                rows->problems().add(
                    "json.end",
                    QStringLiteral("Line %1 has text after the end of the list; it was left out.")
                        .arg(line));
                return;
            }
            ++at;
            continue;
        }
        if (depth == 0 && (c == ',' || c == ']')) {
            finish(at);
            closed = c == ']';
            ++at;
            continue;
        }
        if (start < 0 && !isSpace(c)) {
            start = at;
            startLine = line;
        }
        if (c == '"') {
            const qsizetype end = skipString(text, at);
            line += std::count(text.begin() + at, text.begin() + end, '\n');
            at = end;
            continue;
        }
        if (c == '{' || c == '[')
            ++depth;
        else if (c == '}' || c == ']')
            --depth;
        ++at;
    }
    if (!closed && !rows->failure()) {
        finish(text.size());
        rows->problems().add(
            "json.end",
            QStringLiteral("The list is not closed; the file seems to be cut off at line %1.")
                .arg(line));
    }
}
} // namespace

Result<Dataset> Dataset::importJson(const QByteArray &bytes, std::vector<Problem> *problems)
{
    const DatasetText decoded = DatasetText::from(bytes);
    const QByteArrayView text(decoded.utf8);
    qsizetype at = 0;
    qsizetype line = 1;
    for (; at < text.size() && isSpace(text[at]); ++at)
        line += text[at] == '\n';
    if (at == text.size())
        return Error(
            ErrorKind::InvalidInput,
            QStringLiteral(
                "The file is empty; it should hold JSON objects, one a line, or a list of them."));

    JsonRows rows(problems);
    if (decoded.windowsLine > 0)
        rows.problems().add("json.encoding",
                            QStringLiteral("The file is not UTF-8, as line %1 shows; it was read as Windows-1252.").arg(decoded.windowsLine),
                            QStringLiteral("Look at letters such as \u00e4 and \u20ac; if they are wrong, save the file as UTF-8 and import it again."));
    const qsizetype firstEnd = text.indexOf('\n', at);
    if (text[at] == '[') {
        splitArray(text, at, line, &rows);
    } else if (text[at] == '{' && firstEnd >= 0 && !json::parse(text.sliced(at, firstEnd - at))
               && json::parseObject(text.sliced(at))) {
        rows.add(text.sliced(at), line); // one object over several lines
    } else {
        while (at < text.size() && !rows.failure()) {
            qsizetype end = text.indexOf('\n', at);
            if (end < 0)
                end = text.size();
            const QByteArrayView row = text.sliced(at, end - at).trimmed();
            if (!row.isEmpty())
                rows.add(row, line);
            at = end + 1;
            ++line;
        }
    }
    if (auto failure = rows.failure())
        return *failure;
    if (rows.dataset.columns.isEmpty()) {
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The file holds no row that can be read; it should hold JSON "
                                    "objects, one a line, or a list of them."));
    }
    for (auto &row : rows.dataset.rows)
        row.resize(size_t(rows.dataset.columns.size()), QJsonValue());
    return std::move(rows.dataset);
}

} // namespace lathe
