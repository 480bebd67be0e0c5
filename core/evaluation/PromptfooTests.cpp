// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/design/DatasetSpec.h"
#include "core/evaluation/PromptfooReader.h"
#include "core/evaluation/TextTemplate.h"

#include <QFileInfo>
#include <QRegularExpression>

namespace lathe {

namespace {
QStringList textsOf(const PromptfooNode &node)
{
    QStringList texts;
    for (const PromptfooNode &item : node.items)
        texts.append(item.isMap() ? item.at(QLatin1String("id")).text() : item.text());
    if (node.isText())
        texts.append(node.text());
    return texts;
}
} // namespace

void PromptfooReader::noteKeys(const Node &map, const QStringList &known, const QString &what)
{
    for (const auto &[key, value] : map.members) {
        if (!known.contains(key) && key != QLatin1String("$ref"))
            note(Severity::Hint, value, QStringLiteral("%1: %2").arg(what, key),
                 QStringLiteral("This member is not known here and has no effect."));
    }
}

void PromptfooReader::setVar(PromptfooTest *test, const QString &name, const QJsonValue &value)
{
    for (auto &[key, old] : test->vars) {
        if (key == name) {
            old = value;
            return;
        }
    }
    test->vars.emplace_back(name, value);
}

Result<PromptfooTest> PromptfooReader::readTest(const Node &node, bool isDefault)
{
    PromptfooTest test;
    test.file = node.file.isEmpty() ? m_suite.file : node.file;
    test.line = node.line;
    if (!node.isMap())
        return wrong(node, QStringLiteral("A test is written with \"vars\" and \"assert\"."));
    test.description = node.at(QLatin1String("description")).text();
    if (auto read = readVars(node.at(QLatin1String("vars")), &test); !read)
        return read.error();
    auto checks = readChecks(node.at(QLatin1String("assert")), 0);
    if (!checks)
        return checks.error();
    test.checks = std::move(*checks);
    const Node &threshold = node.at(QLatin1String("threshold"));
    if (threshold.isSet() && !threshold.scalar.isDouble())
        return wrong(threshold, QStringLiteral("\"threshold\" must be a number."));
    test.threshold = threshold.scalar.toDouble();
    test.metadata = node.at(QLatin1String("metadata")).toJson().toObject();
    test.providers = textsOf(node.at(QLatin1String("providers")));
    test.prompts = textsOf(node.at(QLatin1String("prompts")));
    if (const Node &output = node.at(QLatin1String("providerOutput")); output.isSet())
        test.providerOutput =
            output.isText() ? output.text() : json::compactString(output.toJson());
    readTestOptions(node.at(QLatin1String("options")), &test);
    if (node.has(QLatin1String("provider")))
        test.problem = QStringLiteral(
            "A provider of its own is not given to a test here; list it under \"providers\".");
    if (node.has(QLatin1String("assertScoringFunction")))
        test.problem = QStringLiteral("Its scoring function is a program, which is not run here.");
    noteKeys(node,
             {QStringLiteral("description"), QStringLiteral("vars"), QStringLiteral("assert"),
              QStringLiteral("threshold"), QStringLiteral("metadata"), QStringLiteral("options"),
              QStringLiteral("provider"), QStringLiteral("providers"), QStringLiteral("prompts"),
              QStringLiteral("providerOutput"), QStringLiteral("assertScoringFunction")},
             isDefault ? QStringLiteral("defaultTest") : QStringLiteral("test"));
    if (!test.problem.isEmpty())
        note(Severity::Error, node,
             isDefault ? QStringLiteral("defaultTest") : QStringLiteral("test"), test.problem);
    return test;
}

Result<void> PromptfooReader::readVars(const Node &node, PromptfooTest *test)
{
    if (!node.isSet())
        return {};
    if (node.isText() || node.isList()) { // files that hold them
        for (const QString &name : textsOf(node)) {
            const auto files = matching(reference(name).path);
            if (!files)
                return wrong(node, files.error().message);
            for (const QString &file : *files) {
                const auto data = loadData(file);
                if (!data)
                    return Error(data.error().kind, wrong(node, data.error().message).message);
                if (!data->isMap())
                    return wrong(node,
                                 QStringLiteral("\"%1\" holds no vars.").arg(shortName(file)));
                if (auto read = readVars(*data, test); !read)
                    return read;
            }
        }
        return {};
    }
    if (!node.isMap())
        return wrong(node, QStringLiteral("\"vars\" must be a map of names and values."));
    for (const auto &[name, value] : node.members) {
        auto read = readVar(value, test);
        if (!read)
            return read.error();
        setVar(test, name, *read);
    }
    return {};
}

Result<QJsonValue> PromptfooReader::readVar(const Node &node, PromptfooTest *test)
{
    const auto fromFile = [&](const QString &path) -> Result<QJsonValue> {
        const Reference file = reference(path);
        static const QStringList binary{
            QStringLiteral("pdf"),  QStringLiteral("png"), QStringLiteral("jpg"),
            QStringLiteral("jpeg"), QStringLiteral("gif"), QStringLiteral("webp"),
            QStringLiteral("bmp"),  QStringLiteral("mp4"), QStringLiteral("mp3"),
            QStringLiteral("wav"),  QStringLiteral("xlsx")};
        if (file.script() || binary.contains(file.extension)) {
            test->problem =
                file.script()
                    ? QStringLiteral(
                          "A value is made by the program \"%1\", which is not run here.")
                          .arg(shortName(path))
                    : QStringLiteral("Files such as \"%1\" are not put into prompts here.")
                          .arg(shortName(path));
            return QJsonValue(path);
        }
        if (file.extension == QLatin1String("yaml") || file.extension == QLatin1String("yml")) {
            const auto data = loadData(file.path);
            if (!data)
                return data.error();
            return QJsonValue(json::compactString(data->toJson()));
        }
        const auto bytes = load(file.path);
        if (!bytes)
            return bytes.error();
        return QJsonValue(json::fromUtf8Lossy(*bytes).trimmed());
    };
    if (node.text().startsWith(QLatin1String("package:")))
        test->problem = QStringLiteral("A value is made by a program, which is not run here.");
    if (node.isList()) {
        QJsonArray list;
        for (const Node &item : node.items) {
            auto value = readVar(item, test);
            if (!value)
                return value;
            list.append(*value);
        }
        return QJsonValue(list);
    }
    if (!node.text().startsWith(QLatin1String("file://")))
        return node.toJson();
    const Reference file = reference(node.text());
    const auto files = matching(file.path);
    if (!files || files->isEmpty())
        return Error(
            ErrorKind::NotFound,
            wrong(node, QStringLiteral("No file matches \"%1\".").arg(node.text())).message);
    QJsonArray list;
    for (const QString &one : *files) {
        auto value = fromFile(one);
        if (!value)
            return Error(value.error().kind, wrong(node, value.error().message).message);
        list.append(*value);
    }
    return list.size() == 1 ? list.first() : QJsonValue(list);
}

void PromptfooReader::readTestOptions(const Node &options, PromptfooTest *test)
{
    test->options = options.toJson().toObject();
    test->prefix = options.at(QLatin1String("prefix")).text();
    test->suffix = options.at(QLatin1String("suffix")).text();
    test->transform = options.at(QLatin1String("transform")).text();
    if (test->transform.isEmpty())
        test->transform = options.at(QLatin1String("postprocess")).text();
    test->expandLists = !options.at(QLatin1String("disableVarExpansion")).scalar.toBool();
    const auto refuse = [&](const char *key, const QString &why) {
        if (options.has(QLatin1String(key)))
            test->problem = why;
    };
    if (test->transform.startsWith(QLatin1String("file://"))) {
        test->problem =
            QStringLiteral("Its transform is a program in a file, which is not run here.");
        test->transform.clear();
    }
    refuse("transformVars", QStringLiteral("\"transformVars\" is not done here."));
    refuse("storeOutputAs",
           QStringLiteral("Outputs are not handed from one test to another (storeOutputAs)."));
    if (const QString grader =
            graderOf(options.at(QLatin1String("provider")), QStringLiteral("options.provider"));
        !grader.isEmpty())
        test->grading.insert(QStringLiteral("model"), grader);
    if (const Node &wording = options.at(QLatin1String("rubricPrompt")); wording.isSet()) {
        CheckSpec holder;
        const auto read = readCheckValue(wording, &holder);
        if (!read || !holder.problem.isEmpty())
            test->problem = QStringLiteral("Its rubricPrompt cannot be used: %1")
                                .arg(read ? holder.problem : read.error().message);
        else
            test->grading.insert(QStringLiteral("rubric_prompt"), holder.value);
    }
    if (const Node &scores = options.at(QLatin1String("factuality")); scores.isMap())
        test->grading.insert(QStringLiteral("factuality"), scores.toJson());
    noteKeys(options,
             {QStringLiteral("prefix"), QStringLiteral("suffix"), QStringLiteral("transform"),
              QStringLiteral("postprocess"), QStringLiteral("disableVarExpansion"),
              QStringLiteral("disableDefaultAsserts"), QStringLiteral("disableConversationVar"),
              QStringLiteral("transformVars"), QStringLiteral("storeOutputAs"),
              QStringLiteral("provider"), QStringLiteral("rubricPrompt"),
              QStringLiteral("factuality"), QStringLiteral("runSerially")},
             QStringLiteral("options"));
}

PromptfooTest PromptfooReader::merged(const PromptfooTest &under, PromptfooTest over,
                                      bool underIsDefault)
{
    PromptfooTest own = over;
    over.vars = under.vars;
    for (const auto &[name, value] : own.vars)
        setVar(&over, name, value);
    const auto both = [](QJsonObject first, const QJsonObject &second) {
        for (auto it = second.begin(); it != second.end(); ++it)
            first.insert(it.key(), it.value());
        return first;
    };
    over.options = both(under.options, own.options);
    over.metadata = both(under.metadata, own.metadata);
    over.grading = both(under.grading, own.grading);
    over.checks = under.checks;
    if (underIsDefault && over.options.value(QLatin1String("disableDefaultAsserts")).toBool())
        over.checks.clear();
    over.checks.insert(over.checks.end(), own.checks.begin(), own.checks.end());
    const auto inherit = [](auto &mine, const auto &theirs, bool unset) {
        if (unset)
            mine = theirs;
    };
    inherit(over.description, under.description, own.description.isEmpty());
    inherit(over.threshold, under.threshold, own.threshold == 0);
    inherit(over.prefix, under.prefix, own.prefix.isEmpty());
    inherit(over.suffix, under.suffix, own.suffix.isEmpty());
    inherit(over.transform, under.transform, own.transform.isEmpty());
    inherit(over.providers, under.providers, own.providers.isEmpty());
    inherit(over.prompts, under.prompts, own.prompts.isEmpty());
    inherit(over.providerOutput, under.providerOutput, !own.providerOutput);
    inherit(over.problem, under.problem, own.problem.isEmpty());
    if (!own.options.contains(QLatin1String("disableVarExpansion")))
        over.expandLists = under.expandLists;
    return over;
}

Result<std::vector<PromptfooTest>> PromptfooReader::readTests(const Node &node)
{
    std::vector<PromptfooTest> tests;
    if (!node.isSet())
        return tests;
    if (node.isText() || (node.isMap() && node.has(QLatin1String("path")))) {
        const QString name = node.isText() ? node.text() : node.at(QLatin1String("path")).text();
        static const QRegularExpression remote(
            QStringLiteral("^(https?|huggingface|langfuse|az|s3)://"));
        const Reference file = reference(name);
        if (remote.match(name).hasMatch() || file.script()
            || file.extension.startsWith(QLatin1String("xls"))) {
            PromptfooTest lost;
            lost.file = node.file;
            lost.line = node.line;
            lost.description = name;
            lost.problem =
                file.script() && !remote.match(name).hasMatch()
                    ? QStringLiteral("Tests made by a program (\"%1\") are not read here.")
                          .arg(name)
                    : QStringLiteral(
                          "Tests are not read from \"%1\"; save them as CSV, JSON or YAML.")
                          .arg(name);
            note(Severity::Error, node, QStringLiteral("tests"), lost.problem);
            return std::vector<PromptfooTest>{lost};
        }
        const auto files = matching(file.path);
        if (!files)
            return wrong(node, files.error().message);
        if (files->isEmpty())
            return Error(ErrorKind::NotFound,
                         wrong(node, QStringLiteral("No file matches \"%1\".").arg(name)).message);
        for (const QString &one : *files) {
            auto more = readTestFile(node, one);
            if (!more)
                return more;
            tests.insert(tests.end(), std::make_move_iterator(more->begin()),
                         std::make_move_iterator(more->end()));
        }
        return tests;
    }
    if (!node.isList())
        return wrong(node, QStringLiteral("\"tests\" must be a list, or name a file."));
    for (const Node &item : node.items) {
        if (item.isText() || (item.isMap() && item.has(QLatin1String("path")))) {
            auto more = readTests(item);
            if (!more)
                return more;
            tests.insert(tests.end(), std::make_move_iterator(more->begin()),
                         std::make_move_iterator(more->end()));
        } else {
            auto test = readTest(item, false);
            if (!test)
                return test.error();
            tests.push_back(std::move(*test));
        }
        if (tests.size() > m_options.mostTests)
            return wrong(node, QStringLiteral("There are over %1 tests.").arg(m_options.mostTests));
    }
    return tests;
}

} // namespace lathe
