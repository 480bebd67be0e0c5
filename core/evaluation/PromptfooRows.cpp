// SPDX-License-Identifier: GPL-3.0-or-later
// Tests in files of their own, and scenarios.
#include "core/base/Json.h"
#include "core/design/DatasetSpec.h"
#include "core/evaluation/PromptfooReader.h"
#include "core/evaluation/TextTemplate.h"

#include <QRegularExpression>

namespace lathe {

Result<std::vector<PromptfooTest>> PromptfooReader::readTestFile(const Node &node,
                                                                 const QString &path)
{
    const Reference file = reference(path);
    if (file.extension == QLatin1String("csv") || file.extension == QLatin1String("tsv")) {
        const auto bytes = load(path);
        if (!bytes)
            return Error(bytes.error().kind, wrong(node, bytes.error().message).message);
        return readCsv(path, *bytes);
    }
    if (file.extension == QLatin1String("jsonl")) {
        const auto bytes = load(path);
        if (!bytes)
            return Error(bytes.error().kind, wrong(node, bytes.error().message).message);
        std::vector<PromptfooTest> tests;
        int line = 0;
        for (const QByteArray &one : bytes->split('\n')) {
            ++line;
            if (one.trimmed().isEmpty())
                continue;
            const auto value = json::parseObject(one);
            if (!value)
                return Error(ErrorKind::InvalidInput,
                             QStringLiteral("%1, line %2: this test is no JSON object.")
                                 .arg(shortName(path))
                                 .arg(line));
            auto test = readTest(Node::fromJson(*value, shortName(path), line), false);
            if (!test)
                return test.error();
            tests.push_back(std::move(*test));
        }
        return tests;
    }
    static const QStringList data{QStringLiteral("yaml"), QStringLiteral("yml"),
                                  QStringLiteral("json")};
    if (!data.contains(file.extension))
        return wrong(
            node, QStringLiteral("Tests are not read from \"%1\"; CSV, JSON, JSONL and YAML are.")
                      .arg(shortName(path)));
    auto read = loadData(path);
    if (!read)
        return Error(read.error().kind, wrong(node, read.error().message).message);
    // Rows of plain values are what a CSV would hold.
    const auto isRow = [](const Node &item) {
        static const QStringList ofTest{
            QStringLiteral("vars"),           QStringLiteral("assert"),
            QStringLiteral("options"),        QStringLiteral("threshold"),
            QStringLiteral("providerOutput"), QStringLiteral("metadata")};
        return item.isMap()
               && std::none_of(item.members.begin(), item.members.end(),
                               [](const auto &member) { return ofTest.contains(member.first); });
    };
    if (read->isMap()) {
        if (read->has(QLatin1String("tests")))
            return readTests(read->at(QLatin1String("tests")));
        Node list;
        list.kind = Node::Kind::List;
        list.file = read->file;
        list.items.push_back(std::move(*read));
        *read = std::move(list);
    }
    if (!read->isList())
        return wrong(*read, QStringLiteral("The file holds no list of tests."));
    if (!read->items.empty() && std::all_of(read->items.begin(), read->items.end(), isRow)) {
        std::vector<PromptfooTest> tests;
        int row = 0;
        for (const Node &item : read->items) {
            QStringList columns, cells;
            for (const auto &[key, value] : item.members) {
                columns.append(key);
                cells.append(value.isList() || value.isMap() ? json::compactString(value.toJson())
                                                             : value.text());
            }
            tests.push_back(readRow(shortName(path), ++row, columns, cells));
            tests.back().line = item.line;
        }
        return tests;
    }
    return readTests(*read);
}

Result<std::vector<PromptfooTest>> PromptfooReader::readCsv(const QString &path,
                                                            const QByteArray &bytes)
{
    const QString name = shortName(path);
    std::vector<Problem> problems;
    const auto data = Dataset::importCsv(bytes, &problems);
    if (!data)
        return Error(data.error().kind, QStringLiteral("%1: %2").arg(name, data.error().message));
    for (const Problem &problem : problems) {
        static const QRegularExpression place(QStringLiteral("^Line (\\d+)"));
        const int line = place.match(problem.message).captured(1).toInt();
        const bool lost = problem.code == QLatin1String("csv.quote")
                          || problem.code == QLatin1String("csv.ragged");
        note(lost ? Severity::Error : Severity::Warning, name, line, QStringLiteral("row"),
             problem.message);
    }
    for (const QString &column : data->columns) {
        static const QRegularExpression slip(QStringLiteral(
            "^_(expected|prefix|suffix|description|providerOutput|metric|threshold)"));
        if (slip.match(column).hasMatch())
            note(
                Severity::Warning, name, 1, QStringLiteral("column %1").arg(column),
                QStringLiteral("It has one underscore, so it is taken for a variable; write two."));
    }
    if (data->rows.size() > m_options.mostTests)
        return Error(
            ErrorKind::InvalidInput,
            QStringLiteral("%1: There are over %2 tests.").arg(name).arg(m_options.mostTests));
    std::vector<PromptfooTest> tests;
    tests.reserve(data->rows.size());
    for (size_t i = 0; i < data->rows.size(); ++i) {
        QStringList cells;
        for (const QJsonValue &value : data->rows[i])
            cells.append(templateText(value));
        tests.push_back(readRow(name, int(i) + 1, data->columns, cells));
    }
    return tests;
}

PromptfooTest PromptfooReader::readRow(const QString &file, int row, const QStringList &columns,
                                       const QStringList &cells)
{
    PromptfooTest test;
    test.file = file;
    test.description = QStringLiteral("Row #%1").arg(row);
    QString metric;
    for (qsizetype i = 0; i < columns.size() && i < cells.size(); ++i) {
        const QString &column = columns[i], &cell = cells[i];
        if (column.startsWith(QLatin1String("__expected"))) {
            if (cell.trimmed().isEmpty())
                continue;
            CheckSpec check = promptfooExpected(cell);
            check.id = QStringLiteral("check-%1").arg(++m_checks);
            if (check.problem.isEmpty()) {
                check.problem = templateProblem(check.value.toString());
                Node value;
                if (check.problem.isEmpty() && cell.contains(QLatin1String("file://"))) {
                    value = Node::fromJson(check.value, file, 0);
                    if (auto read = readCheckValue(value, &check); !read)
                        check.problem = read.error().message;
                }
            }
            if (!check.problem.isEmpty())
                note(Severity::Error, file, 0,
                     QStringLiteral("row %1, column %2").arg(row).arg(column), check.problem);
            test.checks.push_back(std::move(check));
        } else if (column == QLatin1String("__prefix")) {
            test.prefix = cell;
        } else if (column == QLatin1String("__suffix")) {
            test.suffix = cell;
        } else if (column == QLatin1String("__description")) {
            if (!cell.isEmpty())
                test.description = cell;
        } else if (column == QLatin1String("__providerOutput")) {
            if (!cell.isEmpty())
                test.providerOutput = cell;
        } else if (column == QLatin1String("__metric")) {
            metric = cell;
        } else if (column == QLatin1String("__threshold")) {
            test.threshold = std::max(0.0, cell.toDouble());
        } else if (column.startsWith(QLatin1String("__metadata"))) {
            const QString key = column.section(QLatin1Char(':'), 1);
            if (!cell.isEmpty() && !key.isEmpty())
                test.metadata.insert(QString(key).remove(QLatin1String("[]")),
                                     key.endsWith(QLatin1String("[]")) ? QJsonValue(
                                         json::fromStringList(cell.split(QLatin1Char(','))))
                                                                       : QJsonValue(cell));
        } else {
            auto value = readVar(Node::fromJson(cell, file, 0), &test);
            if (!value) {
                test.problem = value.error().message;
                note(Severity::Error, file, 0,
                     QStringLiteral("row %1, column %2").arg(row).arg(column), test.problem);
            }
            setVar(&test, column, value.valueOr(QJsonValue(cell)));
        }
    }
    for (CheckSpec &check : test.checks)
        check.metric = metric;
    return test;
}

Result<void> PromptfooReader::readScenarios(const Node &node)
{
    if (!node.isSet())
        return {};
    if (node.isText()) {
        const auto files = matching(reference(node.text()).path);
        if (!files || files->isEmpty())
            return Error(
                ErrorKind::NotFound,
                wrong(node, QStringLiteral("No file matches \"%1\".").arg(node.text())).message);
        for (const QString &file : *files) {
            const auto data = loadData(file);
            if (!data)
                return Error(data.error().kind, wrong(node, data.error().message).message);
            if (data->isText())
                return wrong(*data, QStringLiteral("The file holds no scenarios."));
            if (auto read = readScenarios(*data); !read)
                return read;
        }
        return {};
    }
    if (node.isList()) {
        for (const Node &item : node.items) {
            if (auto read = readScenarios(item); !read)
                return read;
        }
        return {};
    }
    if (!node.isMap() || !node.has(QLatin1String("config")))
        return wrong(node, QStringLiteral("A scenario is written with \"config\" and \"tests\"."));
    const auto configs = readTests(node.at(QLatin1String("config")));
    if (!configs)
        return configs.error();
    auto tests = readTests(node.at(QLatin1String("tests")));
    if (!tests)
        return tests.error();
    if (tests->empty())
        tests->push_back(PromptfooTest());
    if (configs->size() * tests->size() + m_suite.tests.size() > m_options.mostTests)
        return wrong(node, QStringLiteral("There are over %1 tests.").arg(m_options.mostTests));
    for (const PromptfooTest &config : *configs) {
        for (const PromptfooTest &test : *tests) {
            PromptfooTest both = merged(config, test, false);
            if (both.file.isEmpty()) {
                both.file = config.file;
                both.line = config.line;
            }
            m_suite.tests.push_back(std::move(both));
        }
    }
    return {};
}

} // namespace lathe
