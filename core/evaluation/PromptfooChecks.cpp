// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/evaluation/Check.h"
#include "core/evaluation/CheckRules.h"
#include "core/evaluation/PromptfooReader.h"
#include "core/evaluation/TextTemplate.h"

#include <QRegularExpression>

namespace lathe {

namespace {
constexpr int deepestSet = 4;

// Types that promptfoo has and Lathe does not run, and why.
QString whyNotRun(const QString &type)
{
    static const QHash<QString, QString> reasons{
        {QStringLiteral("python"),
         QStringLiteral("Assertions in Python are not run here; say it in JavaScript.")},
        {QStringLiteral("ruby"),
         QStringLiteral("Assertions in Ruby are not run here; say it in JavaScript.")},
        {QStringLiteral("webhook"),
         QStringLiteral("Outputs are not sent to a web server for grading.")},
        {QStringLiteral("human"),
         QStringLiteral("Judging by a person is done in the workbench, not here.")},
        {QStringLiteral("max-score"),
         QStringLiteral("Choosing by the scores of other assertions is not run here.")},
        {QStringLiteral("similar:dot"), QStringLiteral("Only cosine similarity is computed here.")},
        {QStringLiteral("similar:euclidean"),
         QStringLiteral("Only cosine similarity is computed here.")},
        {QStringLiteral("moderation"), QStringLiteral("Moderation services are not asked here.")},
        {QStringLiteral("guardrails"), QStringLiteral("Moderation services are not asked here.")},
        {QStringLiteral("perplexity"),
         QStringLiteral("Probabilities of tokens are not recorded here.")},
        {QStringLiteral("perplexity-score"),
         QStringLiteral("Probabilities of tokens are not recorded here.")}};
    if (reasons.contains(type))
        return reasons[type];
    static const QStringList known{QStringLiteral("agent-rubric"),
                                   QStringLiteral("answer-relevance"),
                                   QStringLiteral("classifier"),
                                   QStringLiteral("contains-html"),
                                   QStringLiteral("contains-sql"),
                                   QStringLiteral("contains-xml"),
                                   QStringLiteral("context-faithfulness"),
                                   QStringLiteral("context-recall"),
                                   QStringLiteral("context-relevance"),
                                   QStringLiteral("conversation-relevance"),
                                   QStringLiteral("ends-with"),
                                   QStringLiteral("finish-reason"),
                                   QStringLiteral("g-eval"),
                                   QStringLiteral("gleu"),
                                   QStringLiteral("is-html"),
                                   QStringLiteral("is-refusal"),
                                   QStringLiteral("is-sql"),
                                   QStringLiteral("is-valid-function-call"),
                                   QStringLiteral("is-valid-openai-function-call"),
                                   QStringLiteral("is-xml"),
                                   QStringLiteral("meteor"),
                                   QStringLiteral("pi"),
                                   QStringLiteral("search-rubric"),
                                   QStringLiteral("skill-used"),
                                   QStringLiteral("tool-call-f1"),
                                   QStringLiteral("word-count"),
                                   QStringLiteral("rouge-l"),
                                   QStringLiteral("rouge-s")};
    if (known.contains(type) || type.startsWith(QLatin1String("promptfoo:"))
        || type.startsWith(QLatin1String("trajectory:"))
        || type.startsWith(QLatin1String("trace-")))
        return QStringLiteral("Assertions of the type \"%1\" are not run here.").arg(type);
    return QStringLiteral("There is no assertion type \"%1\".").arg(type.left(60));
}
} // namespace

PromptfooType promptfooType(const QString &written)
{
    PromptfooType result;
    result.type = written.trimmed();
    if (result.type.startsWith(QLatin1String("not-"))) {
        result.negated = true;
        result.type = result.type.mid(4);
    }
    if (result.type == QLatin1String("similar:cosine"))
        result.type = QStringLiteral("similar");
    if (result.type == QLatin1String("model-graded-factuality"))
        result.type = QStringLiteral("factuality");
    if (!checkType(result.type))
        result.problem = whyNotRun(result.type);
    return result;
}

CheckSpec promptfooExpected(const QString &cell)
{
    CheckSpec check;
    const auto code = [&](qsizetype prefix) {
        check.type = QStringLiteral("javascript");
        check.value = cell.mid(prefix).trimmed();
        if (check.value.toString().startsWith(QLatin1String("file://")))
            check.problem = QStringLiteral("Programs in files are not run here.");
        return check;
    };
    for (const char *prefix : {"javascript:", "fn:", "eval:"}) {
        if (cell.startsWith(QLatin1String(prefix)))
            return code(qsizetype(qstrlen(prefix)));
    }
    for (const char *prefix : {"llm-rubric:", "grade:"}) {
        if (cell.startsWith(QLatin1String(prefix))) {
            check.type = QStringLiteral("llm-rubric");
            check.value = cell.mid(qsizetype(qstrlen(prefix))).trimmed();
            return check;
        }
    }
    if (cell.startsWith(QLatin1String("python:"))
        || (cell.startsWith(QLatin1String("file://")) && cell.contains(QLatin1String(".py")))) {
        check.type = QStringLiteral("python");
        check.value = cell;
        check.problem = promptfooType(check.type).problem;
        return check;
    }
    static const QRegularExpression script(QStringLiteral("^file://.*\\.[cm]?[jt]s(:|$)"));
    if (script.match(cell).hasMatch()) {
        check.type = QStringLiteral("javascript");
        check.value = cell;
        check.problem = QStringLiteral("Programs in files are not run here.");
        return check;
    }
    static const QRegularExpression form(QStringLiteral(
        "^((?:not-)?[a-z][a-z0-9:-]*?)(?:\\((\\d+(?:\\.\\d+)?)\\))?(?::([\\s\\S]*))?$"));
    const auto match = form.match(cell);
    const PromptfooType type =
        match.hasMatch() ? promptfooType(match.captured(1)) : PromptfooType();
    const bool known =
        match.hasMatch()
        && (type.problem.isEmpty() || !type.problem.startsWith(QLatin1String("There is no")));
    if (!known) {
        check.type = QStringLiteral("equals");
        check.value = cell;
        return check;
    }
    check.type = type.type;
    check.negated = type.negated;
    check.problem = type.problem;
    const QString value = match.captured(3).trimmed();
    const CheckTypeInfo *info = checkType(type.type);
    if (info && info->threshold != CheckTypeInfo::Threshold::None && !match.captured(2).isEmpty())
        check.threshold = match.captured(2).toDouble();
    else if (type.type == QLatin1String("similar"))
        check.threshold = 0.8;
    if (type.type.endsWith(QLatin1String("-all")) || type.type.endsWith(QLatin1String("-any"))) {
        const auto list = checks::commaList(value);
        if (list)
            check.value = json::fromStringList(*list);
        else
            check.problem = list.error().message;
    } else if (!value.isEmpty()) {
        check.value = value;
    }
    if (info && info->thresholdNeeded && check.threshold < 0) {
        bool good = false;
        const double number = value.toDouble(&good);
        if (good && check.problem.isEmpty()) { // "latency: 500"
            check.threshold = number;
            check.value = QJsonValue();
        } else if (check.problem.isEmpty()) {
            check.problem =
                QStringLiteral("\"%1\" needs a threshold, written \"%1(500)\".").arg(type.type);
        }
    }
    if (check.problem.isEmpty() && info && info->value == CheckTypeInfo::Value::Needed
        && value.isEmpty())
        check.problem = QStringLiteral("\"%1\" has nothing to compare with.").arg(type.type);
    return check;
}

Result<std::vector<CheckSpec>> PromptfooReader::readChecks(const Node &list, int depth)
{
    std::vector<CheckSpec> checks;
    if (!list.isSet())
        return checks;
    if (list.isText() && list.text().startsWith(QLatin1String("file://"))) {
        const auto data = loadData(reference(list.text()).path);
        if (!data)
            return Error(data.error().kind, wrong(list, data.error().message).message);
        if (!data->isList())
            return wrong(list, QStringLiteral("The file of assertions holds no list."));
        return readChecks(*data, depth + 1);
    }
    if (!list.isList())
        return wrong(list, QStringLiteral("\"assert\" must be a list of assertions."));
    for (const Node &item : list.items) {
        if (item.isText() && item.text().startsWith(QLatin1String("file://"))
            && depth < deepestSet) {
            auto more = readChecks(item, depth + 1);
            if (!more)
                return more;
            checks.insert(checks.end(), more->begin(), more->end());
            continue;
        }
        auto check = readCheck(item, depth);
        if (!check)
            return check.error();
        checks.push_back(std::move(*check));
    }
    return checks;
}

Result<CheckSpec> PromptfooReader::readCheck(const Node &node, int depth)
{
    CheckSpec check;
    check.id = QStringLiteral("check-%1").arg(++m_checks);
    if (!node.isMap())
        return wrong(node, QStringLiteral("An assertion is written as \"type\" and \"value\"."));
    const QString written = node.at(QLatin1String("type")).text();
    if (written.isEmpty() && node.has(QLatin1String("$ref"))) {
        check.type = QStringLiteral("reference");
        check.problem = QStringLiteral("There is nothing at \"%1\".")
                            .arg(node.at(QLatin1String("$ref")).text());
        note(Severity::Error, node, QStringLiteral("assertion $ref"), check.problem);
        return check;
    }
    if (written.isEmpty())
        return wrong(node, QStringLiteral("This assertion has no \"type\"."));
    const PromptfooType type = promptfooType(written);
    check.type = type.type;
    check.negated = type.negated;
    check.problem = type.problem;
    check.metric = node.at(QLatin1String("metric")).text();
    const auto number = [&](QLatin1String key, double *value) {
        const Node &given = node.at(key);
        if (!given.isSet())
            return;
        bool good = given.scalar.isDouble();
        const double read = good ? given.scalar.toDouble() : given.text().toDouble(&good);
        if (good && read >= 0)
            *value = read;
        else if (check.problem.isEmpty())
            check.problem = QStringLiteral("Its %1 is no number of 0 or more.").arg(QString(key));
    };
    number(QLatin1String("threshold"), &check.threshold);
    number(QLatin1String("weight"), &check.weight);
    if (const QString grader = graderOf(node.at(QLatin1String("provider")),
                                        QStringLiteral("assertion %1").arg(written));
        !grader.isEmpty())
        check.options.insert(QStringLiteral("model"), grader);
    if (const Node &wording = node.at(QLatin1String("rubricPrompt")); wording.isSet()) {
        CheckSpec holder;
        if (auto read = readCheckValue(wording, &holder); !read)
            return read.error();
        check.options.insert(QStringLiteral("rubric_prompt"), holder.value);
        if (check.problem.isEmpty())
            check.problem = holder.problem;
    }
    check.transform = node.at(QLatin1String("transform")).text();
    if (check.transform.startsWith(QLatin1String("file://")))
        check.problem =
            QStringLiteral("Its transform is a program in a file, which is not run here.");
    if (node.has(QLatin1String("contextTransform")) && check.problem.isEmpty())
        check.problem = QStringLiteral("\"contextTransform\" is not done here.");
    noteKeys(node,
             {QStringLiteral("type"), QStringLiteral("value"), QStringLiteral("threshold"),
              QStringLiteral("weight"), QStringLiteral("metric"), QStringLiteral("provider"),
              QStringLiteral("rubricPrompt"), QStringLiteral("transform"),
              QStringLiteral("contextTransform"), QStringLiteral("assert"),
              QStringLiteral("config"), QStringLiteral("description")},
             QStringLiteral("assertion %1").arg(written));
    if (check.type == QLatin1String("assert-set")) {
        if (depth >= deepestSet)
            return wrong(node, QStringLiteral("Sets of assertions are nested too deeply."));
        auto members = readChecks(node.at(QLatin1String("assert")), depth + 1);
        if (!members)
            return members.error();
        check.members = std::move(*members);
        if (check.members.empty() && check.problem.isEmpty())
            check.problem = QStringLiteral("The set holds no assertions.");
    } else if (auto read = readCheckValue(node.at(QLatin1String("value")), &check); !read) {
        return read.error();
    }
    const CheckTypeInfo *info = checkType(check.type);
    if (check.problem.isEmpty() && info && info->thresholdNeeded && check.threshold < 0)
        check.problem = QStringLiteral("It needs a threshold.");
    if (check.problem.isEmpty() && info && info->value == CheckTypeInfo::Value::Needed
        && check.value.isNull() && !check.options.contains(QLatin1String("rubric_prompt"))
        && !(check.type == QLatin1String("equals")
             && node.at(QLatin1String("value")).kind != Node::Kind::Missing))
        check.problem = QStringLiteral("It has no \"value\".");
    if (!check.problem.isEmpty())
        note(Severity::Error, node, QStringLiteral("assertion %1").arg(written), check.problem);
    return check;
}

// Fills value or problem.
Result<void> PromptfooReader::readCheckValue(const Node &value, CheckSpec *check)
{
    const auto refuse = [&](const QString &why) {
        if (check->problem.isEmpty())
            check->problem = why;
    };
    const auto fromFile = [&](const Node &node) -> Result<QJsonValue> {
        const QString text = node.text();
        if (!text.startsWith(QLatin1String("file://")))
            return node.toJson();
        const Reference file = reference(text);
        if (file.script()) {
            refuse(QStringLiteral("\"%1\" is a program, which is not run here.").arg(text));
            return QJsonValue(text);
        }
        const bool data = file.extension == QLatin1String("json")
                          || file.extension == QLatin1String("yaml")
                          || file.extension == QLatin1String("yml");
        if (data) {
            const auto read = loadData(file.path);
            if (!read)
                return Error(read.error().kind, wrong(node, read.error().message).message);
            return read->toJson();
        }
        const auto bytes = load(file.path);
        if (!bytes)
            return Error(bytes.error().kind, wrong(node, bytes.error().message).message);
        return QJsonValue(json::fromUtf8Lossy(*bytes).trimmed());
    };
    if (value.text().startsWith(QLatin1String("package:")))
        refuse(QStringLiteral("\"%1\" is a program, which is not run here.").arg(value.text()));
    if (value.isList()) {
        QJsonArray list;
        for (const Node &item : value.items) {
            auto one = fromFile(item);
            if (!one)
                return one.error();
            list.append(*one);
        }
        check->value = list;
    } else if (value.kind != Node::Kind::Missing) {
        auto one = fromFile(value);
        if (!one)
            return one.error();
        check->value = *one;
    }
    const bool schema =
        check->type == QLatin1String("is-json") || check->type == QLatin1String("contains-json");
    if (schema && check->value.isString() && !check->value.toString().isEmpty()) {
        // A schema in a block of text is YAML.
        const auto parsed =
            Node::fromYaml(check->value.toString().toUtf8(), QStringLiteral("the schema"));
        if (parsed && (parsed->isMap() || parsed->scalar.isBool()))
            check->value = parsed->toJson();
        else
            refuse(QStringLiteral("Its value is no JSON Schema."));
    }
    QStringList texts{check->value.toString()};
    for (const QJsonValue &item : check->value.toArray())
        texts.append(item.toString());
    for (const QString &text : texts) {
        if (const QString problem = templateProblem(text); !problem.isEmpty())
            refuse(problem);
    }
    return {};
}

// Who grades: an id, {id}, or {text: ...}.
QString PromptfooReader::graderOf(const Node &node, const QString &what)
{
    if (!node.isSet())
        return {};
    if (node.isMap() && node.has(QLatin1String("text")))
        return graderOf(node.at(QLatin1String("text")), what);
    const QString id = node.isMap() ? node.at(QLatin1String("id")).text() : node.text();
    if (node.has(QLatin1String("config")))
        note(Severity::Warning, node, what,
             QStringLiteral("Settings of a grading provider are not passed on."));
    return id;
}

} // namespace lathe
