// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/design/DatasetSpec.h"
#include "core/design/DatasetText.h"
#include "core/design/ImportProblems.h"

#include <map>
#include <set>

namespace lathe {

namespace {
constexpr qsizetype maxColumns = 10'000;

// Reads the records of RFC 4180 text, one at a time, with any line end. Only views into the text are kept but where a
// doubled quote has to be taken out.
class CsvReader
{
public:
    CsvReader(QByteArrayView text, char delimiter) : m_text(text), m_delimiter(delimiter) {}

    bool atEnd() const { return m_at >= m_text.size(); }
    // Line of the last record, from 1.
    qsizetype line() const { return m_recordLine; }
    QByteArrayView recordText() const { return m_text.sliced(m_recordStart, m_at - m_recordStart); }
    qsizetype fieldCount() const { return m_count; }
    bool isBlank() const { return m_count == 1 && !m_quoted && field(0).isEmpty(); }
    QByteArrayView field(qsizetype i) const
    {
        return m_fields[size_t(i)].ownText ? QByteArrayView(m_fields[size_t(i)].own)
                                           : m_fields[size_t(i)].view;
    }

    // Reads one record of at most `most` kept fields (more are counted only). False: its quotes are broken, `defect` says
    // how, and reading goes on at the next line.
    bool next(qsizetype most, QString *defect)
    {
        m_recordStart = m_at;
        m_recordLine = m_line;
        m_count = 0;
        m_quoted = false;
        while (true) {
            Field &slot = slotOf(most);
            if (m_at < m_text.size() && m_text[m_at] == '"') {
                if (!readQuoted(&slot, defect))
                    return false;
            } else {
                const qsizetype start = m_at;
                while (m_at < m_text.size() && !endsField(m_text[m_at]))
                    ++m_at;
                slot.view = m_text.sliced(start, m_at - start);
                slot.ownText = false;
            }
            ++m_count;
            if (m_at >= m_text.size())
                return true;
            if (m_text[m_at] == m_delimiter) {
                ++m_at;
                continue;
            }
            readLineEnd();
            return true;
        }
    }

private:
    struct Field {
        QByteArrayView view;
        QByteArray own; // when a quote had to be taken out
        bool ownText = false;
    };

    bool endsField(char c) const { return c == m_delimiter || c == '\n' || c == '\r'; }

    Field &slotOf(qsizetype most)
    {
        const size_t index =
            size_t(std::min(m_count, most)); // the last one is for what is only counted
        if (m_fields.size() <= index)
            m_fields.resize(index + 1);
        return m_fields[index];
    }

    void readLineEnd()
    {
        if (m_text[m_at] == '\r' && m_at + 1 < m_text.size() && m_text[m_at + 1] == '\n')
            ++m_at;
        ++m_at;
        ++m_line;
    }

    void skipLine()
    {
        while (m_at < m_text.size() && m_text[m_at] != '\n' && m_text[m_at] != '\r')
            ++m_at;
        if (m_at < m_text.size())
            readLineEnd();
    }

    bool readQuoted(Field *slot, QString *defect)
    {
        m_quoted = true;
        qsizetype piece = ++m_at;
        const qsizetype quoteLine = m_line;
        slot->ownText = false;
        slot->own.clear();
        while (true) {
            if (m_at >= m_text.size()
                || (m_oneLineQuotes && (m_text[m_at] == '\n' || m_text[m_at] == '\r'))) {
                *defect =
                    QStringLiteral("Line %1 opens a quote that is never closed").arg(quoteLine);
                // From now on a quote must close on its line: without that, a file of open quotes would be read to its
                // end again from each of its lines.
                m_oneLineQuotes = true;
                m_at = m_recordStart;
                m_line = m_recordLine;
                skipLine();
                return false;
            }
            const char c = m_text[m_at];
            if (c == '"') {
                const bool doubled = m_at + 1 < m_text.size() && m_text[m_at + 1] == '"';
                if (!doubled)
                    break;
                slot->own += m_text.sliced(piece, m_at + 1 - piece);
                slot->ownText = true;
                m_at += 2;
                piece = m_at;
                continue;
            }
            if (c == '\n' || c == '\r')
                readLineEnd();
            else
                ++m_at;
        }
        if (slot->ownText)
            slot->own += m_text.sliced(piece, m_at - piece);
        else
            slot->view = m_text.sliced(piece, m_at - piece);
        ++m_at;
        while (m_at < m_text.size() && m_text[m_at] == ' ' && m_delimiter != ' ')
            ++m_at;
        if (m_at < m_text.size() && !endsField(m_text[m_at])) {
            *defect = QStringLiteral("Line %1 has text after a closing quote").arg(m_line);
            if (m_line != m_recordLine)
                *defect += QStringLiteral(" (of the row that begins at line %1)").arg(m_recordLine);
            skipLine();
            return false;
        }
        return true;
    }

    QByteArrayView m_text;
    char m_delimiter;
    qsizetype m_at = 0;
    qsizetype m_line = 1;
    qsizetype m_recordStart = 0;
    qsizetype m_recordLine = 1;
    qsizetype m_count = 0;
    bool m_quoted = false;
    bool m_oneLineQuotes = false;
    std::vector<Field> m_fields; // kept from record to record
};

// The delimiter that cuts most of the first records into as many fields as the header has.
char guessDelimiter(QByteArrayView text)
{
    const QByteArrayView sample = text.first(std::min<qsizetype>(text.size(), 64 * 1024));
    char best = ',';
    std::pair<int, qsizetype> bestScore(0, 1);
    for (const char delimiter : {',', ';', '\t'}) {
        CsvReader reader(sample, delimiter);
        QString defect;
        qsizetype columns = 0;
        int fitting = 0;
        for (int record = 0; record < 20 && !reader.atEnd(); ++record) {
            const bool good = reader.next(0, &defect);
            if (record == 0)
                columns = reader.fieldCount();
            if (good && columns > 1 && reader.fieldCount() == columns)
                ++fitting;
        }
        if (columns > 1 && std::pair(fitting, columns) > bestScore) {
            best = delimiter;
            bestScore = {fitting, columns};
        }
    }
    return best;
}

// A number when its text is the one way to write it, so that "007", "1.50" and long identifiers stay what they are.
QJsonValue typed(QByteArrayView text, const QString &decoded)
{
    constexpr qsizetype exactDigits = 15; // all such decimals survive the way through a double
    qsizetype at = !text.isEmpty() && text[0] == '-' ? 1 : 0;
    const qsizetype first = at;
    const auto digit = [&](qsizetype i) {
        return i < text.size() && text[i] >= '0' && text[i] <= '9';
    };
    while (digit(at))
        ++at;
    const qsizetype whole = at - first;
    if (whole == 0 || whole > exactDigits || (whole > 1 && text[first] == '0'))
        return decoded;
    if (at == text.size()) {
        if (first == 1 && text[1] == '0')
            return decoded; // -0
        return text.toLongLong();
    }
    if (text[at] != '.')
        return decoded;
    const qsizetype point = at++;
    while (digit(at))
        ++at;
    const qsizetype fraction = at - point - 1;
    if (at != text.size() || fraction == 0 || text[at - 1] == '0' || whole + fraction > exactDigits)
        return decoded;
    return text.toDouble();
}

QStringList readHeader(const CsvReader &reader, ImportProblems *problems)
{
    QStringList columns;
    std::set<QString> taken;
    for (qsizetype i = 0; i < reader.fieldCount(); ++i) {
        const QString wanted = json::fromUtf8Lossy(reader.field(i)).trimmed();
        QString name = wanted.isEmpty() ? QStringLiteral("column %1").arg(i + 1) : wanted;
        if (wanted.isEmpty()) {
            problems->add(
                "csv.header",
                QStringLiteral("Column %1 has no name in the header; it is called \"%2\".")
                    .arg(i + 1)
                    .arg(name),
                QString(), Problem::Severity::Hint);
        }
        const QString base = name;
        for (int n = 2; taken.contains(name); ++n)
            name = QStringLiteral("%1 %2").arg(base).arg(n);
        if (name != base) {
            problems->add("csv.header",
                          QStringLiteral(
                              "The header names \"%1\" more than once; column %2 is called \"%3\".")
                              .arg(base)
                              .arg(i + 1)
                              .arg(name),
                          QString(), Problem::Severity::Hint);
        }
        taken.insert(name);
        columns.append(name);
    }
    return columns;
}
} // namespace

Result<Dataset> Dataset::importCsv(const QByteArray &bytes, std::vector<Problem> *problems)
{
    ImportProblems list(problems);
    const DatasetText decoded = DatasetText::from(bytes);
    const QByteArray &text = decoded.utf8;
    if (decoded.windowsLine > 0)
        list.add("csv.encoding",
                 QStringLiteral("The file is not UTF-8, as line %1 shows; it was read as Windows-1252.").arg(decoded.windowsLine),
                 QStringLiteral("Look at letters such as \u00e4 and \u20ac; if they are wrong, save the file as UTF-8 and import it again."));
    if (text.trimmed().isEmpty())
        return Error(
            ErrorKind::InvalidInput,
            QStringLiteral("The file is empty; a CSV file starts with a line of column names."));
    const QByteArrayView view(text);
    if (view.first(std::min<qsizetype>(view.size(), 4096)).contains('\0'))
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The file is no text, so it cannot be read as CSV."));
    CsvReader reader(view, guessDelimiter(view));
    QString defect;
    do {
        if (!reader.next(maxColumns, &defect)) {
            return Error(
                ErrorKind::InvalidInput,
                QStringLiteral("The header of the CSV file cannot be read: %1.").arg(defect));
        }
    } while (reader.isBlank() && !reader.atEnd());
    if (reader.fieldCount() > maxColumns) {
        return Error(
            ErrorKind::InvalidInput,
            QStringLiteral("The first line has %1 values; a dataset has %2 columns at most.")
                .arg(reader.fieldCount())
                .arg(maxColumns));
    }
    if (!reader.recordText().isValidUtf8())
        list.add(
            "csv.utf8",
            QStringLiteral("Line %1 is not valid UTF-8; what could not be read shows as \uFFFD.")
                .arg(reader.line()),
            QStringLiteral("Save the file as UTF-8 and import it again."));
    Dataset dataset;
    dataset.columns = readHeader(reader, &list);
    const qsizetype columns = dataset.columns.size();

    while (!reader.atEnd()) {
        if (!reader.next(columns, &defect)) {
            list.add("csv.quote", defect + QStringLiteral("; the row was left out."),
                     QStringLiteral("Put the value in quotes and double the quotes inside it."));
            continue;
        }
        if (reader.isBlank())
            continue;
        if (reader.fieldCount() != columns) {
            list.add("csv.ragged",
                     QStringLiteral(
                         "Line %1 has %2 values where the header has %3; the row was left out.")
                         .arg(reader.line())
                         .arg(reader.fieldCount())
                         .arg(columns),
                     QStringLiteral(
                         "Put values that hold the delimiter in quotes, or add what is missing."));
            continue;
        }
        if (!reader.recordText().isValidUtf8()) {
            list.add("csv.utf8",
                     QStringLiteral(
                         "Line %1 is not valid UTF-8; what could not be read shows as \uFFFD.")
                         .arg(reader.line()),
                     QStringLiteral("Save the file as UTF-8 and import it again."));
        }
        std::vector<QJsonValue> row;
        row.reserve(size_t(columns));
        for (qsizetype i = 0; i < columns; ++i) {
            const QByteArrayView field = reader.field(i);
            const bool maybeNumber = !field.isEmpty() && field.size() <= 20
                                     && (field[0] == '-' || (field[0] >= '0' && field[0] <= '9'));
            const QString value = QString::fromUtf8(field.data(), field.size());
            row.push_back(maybeNumber ? typed(field, value) : QJsonValue(value));
        }
        dataset.rows.push_back(std::move(row));
    }
    return dataset;
}

} // namespace lathe
