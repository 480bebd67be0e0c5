// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/Promptfoo.h"

#include "core/base/Json.h"
#include "core/evaluation/Check.h"
#include "core/evaluation/PromptfooReader.h"
#include "core/evaluation/TextJson.h"
#include "core/evaluation/TextTemplate.h"

#include <QFileInfo>

#include <algorithm>

namespace lathe {

namespace {
constexpr int varRounds = 5;

// Prompt labels as promptfoo matches them: the label or id itself, a group ("name:..."), or "name*".
bool allows(const QStringList &allowed, const QString &label, const QString &id)
{
    return allowed.isEmpty()
           || std::any_of(allowed.begin(), allowed.end(), [&](const QString &one) {
                  if (one == label || one == id)
                      return true;
                  const QString start =
                      one.endsWith(QLatin1Char('*')) ? one.chopped(1) : one + QLatin1Char(':');
                  return label.startsWith(start) || id.startsWith(start);
              });
}

// Lists of texts make one set of values for each text, the last name running fastest.
bool multiplied(const PromptfooTest &test, size_t most, std::vector<QJsonObject> *sets)
{
    *sets = {QJsonObject()};
    for (const auto &[name, value] : test.vars) {
        const QJsonArray list = value.toArray();
        const bool expands = test.expandLists && !list.isEmpty() && list.first().isString();
        if (expands && sets->size() * size_t(list.size()) > most)
            return false;
        std::vector<QJsonObject> next;
        for (const QJsonObject &set : *sets) {
            for (qsizetype i = 0; i < (expands ? list.size() : 1); ++i) {
                QJsonObject more = set;
                more.insert(name, expands ? list[i] : value);
                next.push_back(std::move(more));
            }
        }
        *sets = std::move(next);
    }
    return true;
}

void gradeWith(std::vector<CheckSpec> *checks, const QJsonObject &grading)
{
    for (CheckSpec &check : *checks) {
        gradeWith(&check.members, grading);
        const CheckTypeInfo *info = checkType(check.type);
        if (!info || info->needs != CheckTypeInfo::Needs::Judge)
            continue;
        for (auto it = grading.begin(); it != grading.end(); ++it) {
            if (!check.options.contains(it.key()))
                check.options.insert(it.key(), it.value());
        }
    }
}

// Values that name other values.
QJsonObject resolvedVars(QJsonObject vars, const QJsonObject &environment)
{
    for (auto it = vars.begin(); it != vars.end(); ++it) {
        if (it.value().isString() && it.value().toString().endsWith(QLatin1Char('\n')))
            *it = it.value().toString().chopped(1);
    }
    for (int round = 0; round < varRounds; ++round) {
        bool changed = false;
        QJsonObject values = vars;
        values.insert(QStringLiteral("env"), environment);
        for (auto it = vars.begin(); it != vars.end(); ++it) {
            if (!it.value().isString() || !it.value().toString().contains(QLatin1String("{{")))
                continue;
            const TextTemplate text(it.value().toString());
            const QStringList names = text.variables();
            const bool known = std::all_of(names.begin(), names.end(), [&](const QString &name) {
                return name != it.key() && values.contains(name);
            });
            const auto rendered =
                known && !names.isEmpty() ? text.render(values) : Result<QString>(Error());
            if (!rendered || *rendered == it.value().toString() || rendered->size() > 4'000'000)
                continue;
            *it = *rendered;
            changed = true;
        }
        if (!changed)
            break;
    }
    return vars;
}

// The texts of a chat, or of any JSON, filled in one by one: quotes in values cannot break it.
QString contentText(const QJsonValue &content)
{
    if (!content.isArray())
        return templateText(content);
    QStringList parts;
    for (const QJsonValue &part : content.toArray()) {
        if (part.isString() || part[QLatin1String("text")].isString())
            parts.append(part.isString() ? part.toString()
                                         : part[QLatin1String("text")].toString());
    }
    return parts.join(QLatin1String("\n"));
}

QJsonArray messagesOf(const QString &text)
{
    const QJsonValue whole = wholeJson(text);
    const QJsonArray list = whole.isArray()
                                ? whole.toArray()
                                : whole.toObject().value(QLatin1String("messages")).toArray();
    QJsonArray messages;
    for (const QJsonValue &item : list) {
        const QString role = item[QLatin1String("role")].toString();
        if (role.isEmpty()) {
            messages = {};
            break;
        }
        messages.append(
            QJsonObject{{QStringLiteral("role"),
                         role == QLatin1String("developer") ? QStringLiteral("system") : role},
                        {QStringLiteral("content"), contentText(item[QLatin1String("content")])}});
    }
    if (messages.isEmpty())
        messages.append(QJsonObject{{QStringLiteral("role"), QStringLiteral("user")},
                                    {QStringLiteral("content"), text}});
    return messages;
}
} // namespace

QString PromptfooNote::toString() const
{
    const QString place = line > 0 ? QStringLiteral("%1:%2").arg(file).arg(line) : file;
    return QStringLiteral("%1: %2: %3").arg(place, what, why);
}

bool PromptfooSuite::hasErrors() const
{
    return std::any_of(report.begin(), report.end(), [](const PromptfooNote &note) {
        return note.severity == PromptfooNote::Severity::Error;
    });
}

Result<PromptfooSuite> PromptfooReader::read(const QByteArray &text)
{
    auto root = Node::fromYaml(text, m_suite.file);
    if (!root) {
        const auto value = json::parseObject(text); // tabs are no YAML
        if (!value)
            return root.error();
        root = Node::fromJson(*value, m_suite.file, 0);
    }
    if (!root->isMap())
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("%1 is no promptfoo configuration: it must hold \"prompts\", "
                                    "\"providers\" and \"tests\".")
                         .arg(m_suite.file));
    for (const auto &[key, value] : root->at(QLatin1String("env")).members)
        m_suite.environment.insert(key, value.text());
    fillEnvironment(&*root);
    const Node original = *root;
    resolveReferences(&*root, original, 0);
    const Node &top = *root;
    m_suite.description = top.at(QLatin1String("description")).text();
    const Node &targets = top.has(QLatin1String("providers")) ? top.at(QLatin1String("providers"))
                                                              : top.at(QLatin1String("targets"));
    if (auto done = readPrompts(top.at(QLatin1String("prompts"))); !done)
        return done.error();
    if (auto done = readProviders(targets, 0); !done)
        return done.error();

    Node byDefault = top.at(QLatin1String("defaultTest"));
    if (byDefault.isText()) {
        auto data = loadData(reference(byDefault.text()).path);
        if (!data)
            return Error(data.error().kind, wrong(byDefault, data.error().message).message);
        byDefault = std::move(*data);
    }
    if (byDefault.isSet()) {
        auto test = readTest(byDefault, true);
        if (!test)
            return test.error();
        m_default = std::move(*test);
    }
    auto tests = readTests(top.at(QLatin1String("tests")));
    if (!tests)
        return tests.error();
    m_suite.tests = std::move(*tests);
    const Node &scenarios = top.at(QLatin1String("scenarios"));
    if (auto done = readScenarios(scenarios); !done)
        return done.error();
    if (m_suite.tests.empty() && !scenarios.isSet())
        m_suite.tests.push_back(PromptfooTest());
    for (PromptfooTest &test : m_suite.tests) {
        test = merged(m_default, std::move(test), true);
        gradeWith(&test.checks, test.grading);
    }
    m_suite.grader = m_default.grading.value(QLatin1String("model")).toString();

    const Node &options = top.at(QLatin1String("evaluateOptions"));
    const auto whole = [&](QLatin1String key, int absent, int least, int most) {
        const Node &value = options.at(key);
        return value.scalar.isDouble()
                   ? int(std::clamp(value.scalar.toDouble(), double(least), double(most)))
                   : absent;
    };
    m_suite.maxConcurrency = whole(QLatin1String("maxConcurrency"), 4, 1, 256);
    m_suite.repeat = whole(QLatin1String("repeat"), 1, 1, 10'000);
    m_suite.delayMs = whole(QLatin1String("delay"), 0, 0, 3'600'000);
    noteKeys(options,
             {QStringLiteral("maxConcurrency"), QStringLiteral("repeat"), QStringLiteral("delay"),
              QStringLiteral("cache"), QStringLiteral("showProgressBar"),
              QStringLiteral("generateSuggestions")},
             QStringLiteral("evaluateOptions"));
    for (const Node &metric : top.at(QLatin1String("derivedMetrics")).items) {
        m_suite.derivedMetrics.emplace_back(metric.at(QLatin1String("name")).text(),
                                            metric.at(QLatin1String("value")).text());
        if (metric.at(QLatin1String("value")).text().startsWith(QLatin1String("file://")))
            note(Severity::Error, metric, QStringLiteral("derivedMetrics"),
                 QStringLiteral("Programs in files are not run here."));
    }
    const std::pair<const char *, const char *> notDone[] = {
        {"redteam", "Attacks are not generated here."},
        {"extensions", "Programs that hook into the evaluation are not run here."},
        {"nunjucksFilters", "Filters that are programs are not run here."}};
    for (const auto &[key, why] : notDone) {
        if (top.has(QLatin1String(key)))
            note(Severity::Error, top.at(QLatin1String(key)), QString::fromLatin1(key),
                 QString::fromLatin1(why));
    }
    noteKeys(top,
             {QStringLiteral("description"),
              QStringLiteral("prompts"),
              QStringLiteral("providers"),
              QStringLiteral("targets"),
              QStringLiteral("tests"),
              QStringLiteral("scenarios"),
              QStringLiteral("defaultTest"),
              QStringLiteral("evaluateOptions"),
              QStringLiteral("commandLineOptions"),
              QStringLiteral("derivedMetrics"),
              QStringLiteral("env"),
              QStringLiteral("redteam"),
              QStringLiteral("extensions"),
              QStringLiteral("nunjucksFilters"),
              QStringLiteral("outputPath"),
              QStringLiteral("sharing"),
              QStringLiteral("tags"),
              QStringLiteral("metadata"),
              QStringLiteral("$schema"),
              QStringLiteral("assertionTemplates"),
              QStringLiteral("writeLatestResults"),
              QStringLiteral("tracing"),
              QStringLiteral("definitions")},
             QStringLiteral("file"));
    std::stable_sort(m_suite.report.begin(), m_suite.report.end(),
                     [](const PromptfooNote &a, const PromptfooNote &b) {
                         return a.severity != b.severity ? a.severity > b.severity
                                : a.file != b.file       ? a.file < b.file
                                                         : a.line < b.line;
                     });
    if (m_notes > int(m_suite.report.size()) && m_notes > 1000)
        m_suite.report.push_back({m_suite.file, 0, QStringLiteral("report"),
                                  QStringLiteral("%1 more things like these are not listed.")
                                      .arg(m_notes - int(m_suite.report.size())),
                                  Severity::Error});
    return std::move(m_suite);
}

Result<PromptfooSuite> readPromptfoo(const QString &path, const PromptfooOptions &options)
{
    const QFileInfo info(path);
    if (!info.exists())
        return Error(ErrorKind::NotFound, QStringLiteral("There is no file \"%1\".").arg(path));
    if (!info.isFile() || info.size() > options.largestFile)
        return Error(
            ErrorKind::InvalidInput,
            QStringLiteral("\"%1\" is no file, or too large to be a configuration.").arg(path));
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("\"%1\" cannot be opened: %2.").arg(path, file.errorString()));
    return readPromptfooText(file.read(options.largestFile), info.fileName(), info.absolutePath(),
                             options);
}

Result<PromptfooSuite> readPromptfooText(const QByteArray &text, const QString &name,
                                         const QString &folder, const PromptfooOptions &options)
{
    PromptfooReader reader(name, folder, options);
    return reader.read(text);
}

Result<std::vector<PromptfooCase>> promptfooCases(const PromptfooSuite &suite, size_t most)
{
    std::vector<PromptfooCase> cases;
    const auto tooMany = [&] {
        return Error(
            ErrorKind::InvalidInput,
            QStringLiteral("%1 makes over %2 cases; lists of values in several vars multiply.")
                .arg(suite.file)
                .arg(most));
    };
    int row = 0;
    for (size_t test = 0; test < suite.tests.size(); ++test) {
        const PromptfooTest &spec = suite.tests[test];
        std::vector<QJsonObject> sets;
        if (!multiplied(spec, most, &sets))
            return tooMany();
        for (int repetition = 0; repetition < suite.repeat; ++repetition) {
            for (const QJsonObject &vars : sets) {
                for (size_t provider = 0; provider < suite.providers.size(); ++provider) {
                    const PromptfooProvider &asked = suite.providers[provider];
                    if (!allows(spec.providers, asked.label, asked.id))
                        continue;
                    for (size_t prompt = 0; prompt < suite.prompts.size(); ++prompt) {
                        const PromptfooPrompt &wording = suite.prompts[prompt];
                        if (!allows(asked.prompts, wording.label, wording.id)
                            || !allows(spec.prompts, wording.label, wording.id))
                            continue;
                        if (cases.size() >= most)
                            return tooMany();
                        PromptfooCase one;
                        one.prompt = int(prompt);
                        one.provider = int(provider);
                        one.test = int(test);
                        one.repetition = repetition;
                        one.row = row;
                        one.vars = vars;
                        one.problem = !spec.problem.isEmpty()      ? spec.problem
                                      : !wording.problem.isEmpty() ? wording.problem
                                                                   : asked.problem;
                        cases.push_back(std::move(one));
                    }
                }
                ++row;
            }
        }
    }
    return cases;
}

Result<PromptfooRequest> promptfooRequest(const PromptfooSuite &suite, const PromptfooCase &one)
{
    const PromptfooPrompt &prompt = suite.prompts[size_t(one.prompt)];
    const PromptfooTest &test = suite.tests[size_t(one.test)];
    QJsonObject values = resolvedVars(one.vars, suite.environment);
    values.insert(QStringLiteral("env"), suite.environment);
    const QString whole = test.prefix + prompt.text + test.suffix;
    PromptfooRequest request;
    const QJsonValue data = wholeJson(whole);
    if (data.isArray() || data.isObject()) {
        auto filled = fillTexts(data, values);
        if (!filled)
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("The prompt \"%1\" cannot be filled in: %2")
                             .arg(prompt.label, filled.error().message));
        request.text = QString::fromUtf8(json::pretty(*filled)).trimmed();
    } else {
        auto filled = fillText(whole, values);
        if (!filled)
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("The prompt \"%1\" cannot be filled in: %2")
                             .arg(prompt.label, filled.error().message));
        request.text = *filled;
    }
    request.messages = messagesOf(request.text);
    return request;
}

} // namespace lathe
