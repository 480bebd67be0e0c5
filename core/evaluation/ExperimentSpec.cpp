// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/ExperimentSpec.h"

#include "core/design/BodyReader.h"
#include "core/design/ProblemList.h"
#include "core/evaluation/Check.h"

#include <QRegularExpression>
#include <QSet>

#include <cmath>

namespace lathe {

namespace {
constexpr int deepestSet = 8; // sets within sets of checks

VariantSpec readVariant(BodyReader reader)
{
    VariantSpec variant;
    variant.id = reader.string(QStringLiteral("id"));
    variant.name = reader.string(QStringLiteral("name"));
    variant.agent = reader.string(QStringLiteral("agent"));
    variant.prompt = reader.string(QStringLiteral("prompt"));
    variant.model = reader.string(QStringLiteral("model"));
    variant.parameters = reader.object(QStringLiteral("parameters"));
    return variant;
}

CheckSpec readCheck(BodyReader reader, const QJsonValue &value, const QJsonArray &members,
                    int depth)
{
    CheckSpec check;
    check.id = reader.string(QStringLiteral("id"));
    check.name = reader.string(QStringLiteral("name"));
    check.type = reader.string(QStringLiteral("type"));
    check.negated = reader.boolean(QStringLiteral("negated"), false);
    check.value = value.isUndefined() ? QJsonValue() : value;
    check.transform = reader.string(QStringLiteral("transform"));
    check.threshold = reader.number(QStringLiteral("threshold"), -1);
    check.weight = reader.number(QStringLiteral("weight"), 1);
    check.metric = reader.string(QStringLiteral("metric"));
    check.options = reader.object(QStringLiteral("options"));
    check.problem = reader.string(QStringLiteral("problem"));
    if (members.isEmpty())
        return check;
    if (depth >= deepestSet) {
        reader.wrong(QStringLiteral("members"),
                     QStringLiteral("nested less deeply (%1 sets within each other at most)")
                         .arg(deepestSet));
        return check;
    }
    const auto readers = reader.children(QStringLiteral("members"));
    for (size_t i = 0; i < readers.size(); ++i) {
        const QJsonObject member = members[qsizetype(i)].toObject();
        check.members.push_back(readCheck(readers[i], member.value(QLatin1String("value")),
                                          member.value(QLatin1String("members")).toArray(),
                                          depth + 1));
    }
    return check;
}

ExperimentSpec readExperiment(const QJsonObject &body, std::vector<Problem> *problems)
{
    BodyReader reader(body, QString(), problems);
    ExperimentSpec spec;
    spec.question = reader.string(QStringLiteral("question"));
    for (const BodyReader &item : reader.children(QStringLiteral("variants")))
        spec.variants.push_back(readVariant(item));
    spec.dataset = reader.string(QStringLiteral("dataset"));
    spec.rows = reader.string(QStringLiteral("rows"));
    spec.inputColumn = reader.string(QStringLiteral("input_column"));
    spec.expectedColumn = reader.string(QStringLiteral("expected_column"));
    spec.repetitions = reader.small(QStringLiteral("repetitions"), spec.repetitions);
    const QJsonArray checks = body.value(QLatin1String("checks")).toArray();
    const auto readers = reader.children(QStringLiteral("checks"));
    for (size_t i = 0; i < readers.size(); ++i) {
        const QJsonObject check = checks[qsizetype(i)].toObject();
        spec.checks.push_back(readCheck(readers[i], check.value(QLatin1String("value")),
                                        check.value(QLatin1String("members")).toArray(), 0));
    }
    for (BodyReader &item : reader.children(QStringLiteral("judges"))) {
        JudgeSpec judge;
        judge.id = item.string(QStringLiteral("id"));
        judge.kind = item.string(QStringLiteral("kind"));
        judge.model = item.string(QStringLiteral("model"));
        judge.rubric = item.string(QStringLiteral("rubric"));
        spec.judges.push_back(judge);
    }
    spec.decideBy = reader.string(QStringLiteral("decide_by"));
    spec.threshold = reader.number(QStringLiteral("threshold"), spec.threshold);
    spec.stopEarly = reader.boolean(QStringLiteral("stop_early"), spec.stopEarly);
    spec.atOnce = reader.small(QStringLiteral("at_once"), spec.atOnce);
    spec.conclusion = reader.string(QStringLiteral("conclusion"));
    return spec;
}

void putText(QJsonObject *object, const QString &key, const QString &text)
{
    if (!text.isEmpty())
        object->insert(key, text);
}

QJsonObject checkToJson(const CheckSpec &check)
{
    QJsonObject item{{QStringLiteral("id"), check.id}, {QStringLiteral("type"), check.type}};
    putText(&item, QStringLiteral("name"), check.name);
    if (check.negated)
        item.insert(QStringLiteral("negated"), true);
    if (!check.value.isNull() && !check.value.isUndefined())
        item.insert(QStringLiteral("value"), check.value);
    putText(&item, QStringLiteral("transform"), check.transform);
    if (check.threshold != -1)
        item.insert(QStringLiteral("threshold"), check.threshold);
    if (check.weight != 1)
        item.insert(QStringLiteral("weight"), check.weight);
    putText(&item, QStringLiteral("metric"), check.metric);
    if (!check.options.isEmpty())
        item.insert(QStringLiteral("options"), check.options);
    putText(&item, QStringLiteral("problem"), check.problem);
    if (!check.members.empty()) {
        QJsonArray members;
        for (const CheckSpec &member : check.members)
            members.append(checkToJson(member));
        item.insert(QStringLiteral("members"), members);
    }
    return item;
}

// Ids must be there and differ.
void checkId(const QString &id, const QString &pointer, const QString &what, QSet<QString> *seen,
             ProblemList *list)
{
    if (id.isEmpty())
        list->error(pointer, "experiment.id_missing",
                    QStringLiteral("This %1 has no id.").arg(what),
                    QStringLiteral("Give it a short id of its own, for example \"a\"."));
    else if (seen->contains(id))
        list->error(
            pointer, "experiment.id_twice",
            QStringLiteral("The id \"%1\" of this %2 is taken; results could not be told apart.")
                .arg(id, what),
            QStringLiteral("Give it an id of its own."));
    seen->insert(id);
}

QString nameOf(const VariantSpec &variant)
{
    return variant.name.isEmpty() ? variant.id : variant.name;
}

void validateVariants(const ExperimentSpec &spec, ProblemList *list)
{
    if (spec.variants.empty())
        list->error(QStringLiteral("/variants"), "experiment.no_variant",
                    QStringLiteral("There is no variant, so there is nothing to run."),
                    QStringLiteral("Add an agent, a team or a prompt."));
    else if (spec.variants.size() == 1)
        list->hint(
            QStringLiteral("/variants"), "experiment.one_variant",
            QStringLiteral(
                "With a single variant nothing is compared; only its own figures are shown."),
            QStringLiteral("Add a second variant, for example the revision that is live now."));
    QSet<QString> ids;
    for (size_t i = 0; i < spec.variants.size(); ++i) {
        const VariantSpec &variant = spec.variants[i];
        const QString pointer = QStringLiteral("/variants/%1").arg(i);
        checkId(variant.id, pointer + QStringLiteral("/id"), QStringLiteral("variant"), &ids, list);
        if (variant.agent.isEmpty() && variant.prompt.isEmpty())
            list->error(pointer, "variant.empty",
                        QStringLiteral("The variant \"%1\" names neither an agent nor a prompt.")
                            .arg(nameOf(variant)),
                        QStringLiteral("Choose an agent, a team or a prompt."));
        const std::pair<QString, QString> references[] = {
            {QStringLiteral("/agent"), variant.agent}, {QStringLiteral("/prompt"), variant.prompt}};
        for (const auto &[field, reference] : references) {
            if (reference.isEmpty())
                continue;
            if (auto parsed = ArtifactRef::parse(reference); !parsed)
                list->error(pointer + field, "variant.reference", parsed.error().message);
        }
        if (variant.agent.isEmpty() && !variant.prompt.isEmpty() && variant.model.isEmpty())
            list->error(pointer + QStringLiteral("/model"), "variant.no_model",
                        QStringLiteral(
                            "The prompt of \"%1\" runs alone, and no model is chosen to answer it.")
                            .arg(nameOf(variant)),
                        QStringLiteral("Choose a model, written \"connection/model\"."));
        if (!variant.model.isEmpty() && variant.model.indexOf(QLatin1Char('/')) <= 0)
            list->error(pointer + QStringLiteral("/model"), "variant.model",
                        QStringLiteral("\"%1\" names no connection.").arg(variant.model),
                        QStringLiteral("Write \"connection/model\"."));
        for (size_t other = 0; other < i; ++other) {
            const VariantSpec &before = spec.variants[other];
            if (before.agent == variant.agent && before.prompt == variant.prompt
                && before.model == variant.model && before.parameters == variant.parameters) {
                list->hint(
                    pointer, "variant.same",
                    QStringLiteral("\"%1\" is the same as \"%2\"; only chance can part them.")
                        .arg(nameOf(variant), nameOf(before)),
                    QStringLiteral(
                        "Change one thing, or keep it to see how much answers vary by chance."));
                break;
            }
        }
    }
}

void validateCheck(const CheckSpec &check, const QString &pointer, bool hasExpected, int depth,
                   QSet<QString> *ids, ProblemList *list)
{
    if (depth == 0 || !check.id.isEmpty())
        checkId(check.id, pointer + QStringLiteral("/id"), QStringLiteral("check"), ids, list);
    const CheckTypeInfo *type = checkType(check.type);
    if (!type) {
        list->error(pointer + QStringLiteral("/type"), "check.unknown",
                    check.type.isEmpty()
                        ? QStringLiteral("This check has no type.")
                        : QStringLiteral("There is no type of check \"%1\".").arg(check.type),
                    QStringLiteral("Choose one from the list, for example \"contains\"."));
        return;
    }
    if (!std::isfinite(check.weight) || check.weight < 0)
        list->error(pointer + QStringLiteral("/weight"), "check.weight",
                    QStringLiteral("The weight of a check is 0 or more."));
    const bool share = type->threshold == CheckTypeInfo::Threshold::Share;
    if (!std::isfinite(check.threshold) || (check.threshold < 0 && check.threshold != -1)
        || (share && check.threshold > 1))
        list->error(pointer + QStringLiteral("/threshold"), "check.threshold",
                    share ? QStringLiteral(
                                "%1 cannot be reached: the score of \"%2\" lies between 0 and 1.")
                                .arg(check.threshold)
                                .arg(check.type)
                          : QStringLiteral("The threshold of a check cannot be below 0."),
                    QStringLiteral("Leave it empty for the usual one."));
    else if (check.threshold == -1 && type->thresholdNeeded)
        list->error(
            pointer + QStringLiteral("/threshold"), "check.no_threshold",
            QStringLiteral("A check of \"%1\" needs a threshold.").arg(check.type),
            QStringLiteral("Give the most that is allowed, in %1.").arg(type->thresholdUnit));
    const bool empty = check.value.isNull() || check.value.isUndefined();
    if (empty && type->value == CheckTypeInfo::Value::Needed && !hasExpected)
        list->error(
            pointer + QStringLiteral("/value"), "check.no_value",
            QStringLiteral("The check \"%1\" has nothing to compare the output with.")
                .arg(check.type),
            QStringLiteral(
                "Give it a value such as {{expected}}, or choose a column of expected answers."));
    if (check.type == QLatin1String("regex") && check.value.isString()
        && !check.value.toString().contains(QLatin1String("{{"))) {
        const QRegularExpression pattern(check.value.toString());
        if (!pattern.isValid())
            list->error(pointer + QStringLiteral("/value"), "check.regex",
                        QStringLiteral("The regular expression cannot be read: %1.")
                            .arg(pattern.errorString()));
    }
    if (check.type == QLatin1String("assert-set") && check.members.empty())
        list->error(pointer + QStringLiteral("/members"), "check.empty_set",
                    QStringLiteral("This set holds no checks."),
                    QStringLiteral("Add checks to it, or remove it."));
    if (depth >= deepestSet) {
        list->error(pointer, "check.deep", QStringLiteral("Sets of checks are nested too deeply."));
        return;
    }
    for (size_t i = 0; i < check.members.size(); ++i)
        validateCheck(check.members[i], QStringLiteral("%1/members/%2").arg(pointer).arg(i),
                      hasExpected, depth + 1, ids, list);
}

void validateJudges(const ExperimentSpec &spec, QSet<QString> *ids, ProblemList *list)
{
    static const QStringList kinds{QStringLiteral("human"), QStringLiteral("stars"),
                                   QStringLiteral("model")};
    for (size_t i = 0; i < spec.judges.size(); ++i) {
        const JudgeSpec &judge = spec.judges[i];
        const QString pointer = QStringLiteral("/judges/%1").arg(i);
        checkId(judge.id, pointer + QStringLiteral("/id"), QStringLiteral("judge"), ids, list);
        if (!kinds.contains(judge.kind)) {
            list->error(pointer + QStringLiteral("/kind"), "judge.kind",
                        QStringLiteral("\"%1\" is no kind of judge.").arg(judge.kind),
                        QStringLiteral("Use human, stars or model."));
            continue;
        }
        if (judge.kind != QLatin1String("stars") && spec.variants.size() == 1)
            list->error(
                pointer, "judge.one_variant",
                QStringLiteral("A judge who prefers one output to another needs two variants."),
                QStringLiteral("Add a variant, or judge by stars."));
        if (judge.kind != QLatin1String("model"))
            continue;
        if (judge.model.isEmpty()) {
            list->error(pointer + QStringLiteral("/model"), "judge.no_model",
                        QStringLiteral("No model is chosen for this judge."),
                        QStringLiteral("Choose one that is not being compared."));
        } else if (judge.model.indexOf(QLatin1Char('/')) <= 0) {
            list->error(pointer + QStringLiteral("/model"), "judge.model",
                        QStringLiteral("\"%1\" names no connection.").arg(judge.model),
                        QStringLiteral("Write \"connection/model\"."));
        }
        if (judge.rubric.trimmed().isEmpty())
            list->hint(
                pointer + QStringLiteral("/rubric"), "judge.no_rubric",
                QStringLiteral(
                    "Without a rubric the judge goes by what it likes, often by length."),
                QStringLiteral("Say in a sentence or two what makes an answer better here."));
        for (const VariantSpec &variant : spec.variants) {
            if (!judge.model.isEmpty() && variant.model == judge.model) {
                list->hint(pointer + QStringLiteral("/model"), "judge.own_answers",
                           QStringLiteral("The judge is the model of \"%1\"; models tend to favour "
                                          "their own answers.")
                               .arg(nameOf(variant)),
                           QStringLiteral("Choose a judge of another family."));
                break;
            }
        }
    }
}

void validateNumbers(const ExperimentSpec &spec, ProblemList *list)
{
    if (spec.repetitions < 1 || spec.repetitions > 1000)
        list->error(QStringLiteral("/repetitions"), "experiment.repetitions",
                    QStringLiteral("Each example is run at least once and at most 1000 times."));
    if (spec.atOnce < 1 || spec.atOnce > 256)
        list->error(QStringLiteral("/at_once"), "experiment.at_once",
                    QStringLiteral("1 to 256 trials can be under way at a time."),
                    QStringLiteral("4 suits most providers."));
    if (!std::isfinite(spec.threshold) || spec.threshold < 0 || spec.threshold > 1)
        list->error(QStringLiteral("/threshold"), "experiment.threshold",
                    QStringLiteral("The threshold is a share of the trials, from 0 to 1."));
    else if (spec.threshold > 0 && spec.checks.empty())
        list->error(
            QStringLiteral("/threshold"), "experiment.threshold_unused",
            QStringLiteral(
                "The threshold counts trials that pass all checks, and there are no checks."),
            QStringLiteral("Add a check, or set the threshold to 0."));
    static const QRegularExpression wellFormed(
        QStringLiteral("^\\s*(\\d{1,9}(\\s*-\\s*\\d{1,9})?\\s*(,\\s*|$))*$"));
    if (!wellFormed.match(spec.rows).hasMatch())
        list->error(QStringLiteral("/rows"), "experiment.rows",
                    QStringLiteral("\"%1\" names no rows.").arg(spec.rows.left(80)),
                    QStringLiteral("Write rows like \"1-40, 55\", or leave it empty for all."));
}
} // namespace

Result<ExperimentSpec> ExperimentSpec::fromJson(const QJsonObject &body)
{
    std::vector<Problem> problems;
    ExperimentSpec spec = readExperiment(body, &problems);
    if (!problems.empty())
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The experiment cannot be read: ") + problems.front().message);
    return spec;
}

QJsonObject ExperimentSpec::toJson() const
{
    QJsonArray variantItems, checkItems, judgeItems;
    for (const VariantSpec &variant : variants) {
        QJsonObject item{{QStringLiteral("id"), variant.id}};
        putText(&item, QStringLiteral("name"), variant.name);
        putText(&item, QStringLiteral("agent"), variant.agent);
        putText(&item, QStringLiteral("prompt"), variant.prompt);
        putText(&item, QStringLiteral("model"), variant.model);
        if (!variant.parameters.isEmpty())
            item.insert(QStringLiteral("parameters"), variant.parameters);
        variantItems.append(item);
    }
    for (const CheckSpec &check : checks)
        checkItems.append(checkToJson(check));
    for (const JudgeSpec &judge : judges) {
        QJsonObject item{{QStringLiteral("id"), judge.id}, {QStringLiteral("kind"), judge.kind}};
        putText(&item, QStringLiteral("model"), judge.model);
        putText(&item, QStringLiteral("rubric"), judge.rubric);
        judgeItems.append(item);
    }
    return {{QStringLiteral("question"), question},
            {QStringLiteral("variants"), variantItems},
            {QStringLiteral("dataset"), dataset},
            {QStringLiteral("rows"), rows},
            {QStringLiteral("input_column"), inputColumn},
            {QStringLiteral("expected_column"), expectedColumn},
            {QStringLiteral("repetitions"), repetitions},
            {QStringLiteral("checks"), checkItems},
            {QStringLiteral("judges"), judgeItems},
            {QStringLiteral("decide_by"), decideBy},
            {QStringLiteral("threshold"), threshold},
            {QStringLiteral("stop_early"), stopEarly},
            {QStringLiteral("at_once"), atOnce},
            {QStringLiteral("conclusion"), conclusion}};
}

Result<std::vector<int>> rowSelection(const QString &rows, int count)
{
    if (rows.trimmed().isEmpty()) {
        std::vector<int> all(size_t(std::max(count, 0)));
        for (int row = 0; row < count; ++row)
            all[size_t(row)] = row;
        return all;
    }
    std::vector<bool> chosen(size_t(std::max(count, 0)),
                             false); // the same rows may be named a million times
    const QStringList parts = rows.split(QLatin1Char(','), Qt::SkipEmptyParts);
    for (const QString &part : parts) {
        const QStringList ends = part.trimmed().split(QLatin1Char('-'));
        bool fromGood = false, toGood = false;
        const int from = ends.first().trimmed().toInt(&fromGood);
        const int to = ends.last().trimmed().toInt(&toGood);
        if (ends.size() > 2 || !fromGood || !toGood || from < 1 || to < from || to > count)
            return Error(
                ErrorKind::InvalidInput,
                QStringLiteral(
                    "\"%1\" names no rows of the %2 there are; write rows like \"1-40, 55\".")
                    .arg(part.trimmed())
                    .arg(count));
        std::fill(chosen.begin() + from - 1, chosen.begin() + to, true);
    }
    std::vector<int> picked;
    for (int row = 0; row < count; ++row) {
        if (chosen[size_t(row)])
            picked.push_back(row);
    }
    return picked;
}

std::vector<Problem> validateExperiment(const ExperimentSpec &spec)
{
    ProblemList list;
    validateVariants(spec, &list);
    if (spec.dataset.isEmpty()) {
        list.error(QStringLiteral("/dataset"), "experiment.no_dataset",
                   QStringLiteral("No dataset is chosen, so there are no examples to run."),
                   QStringLiteral("Choose one, or import a CSV or JSONL file."));
    } else if (auto parsed = ArtifactRef::parse(spec.dataset); !parsed) {
        list.error(QStringLiteral("/dataset"), "experiment.dataset", parsed.error().message);
    }
    QSet<QString> ids{QStringLiteral("checks"), QStringLiteral("latency"), QStringLiteral("cost")};
    const QSet<QString> measured = ids;
    // An expected answer may stand in a column called "expected", which only the dataset tells; a value of its own is asked for when
    // no column is named and nothing else can be meant.
    for (size_t i = 0; i < spec.checks.size(); ++i)
        validateCheck(spec.checks[i], QStringLiteral("/checks/%1").arg(i), true, 0, &ids, &list);
    validateJudges(spec, &ids, &list);
    if (spec.checks.empty() && spec.judges.empty() && !measured.contains(spec.decideBy)) {
        list.error(
            QStringLiteral("/checks"), "experiment.no_yardstick",
            QStringLiteral(
                "Nothing says which output is better: there is neither a check nor a judge."),
            QStringLiteral("Add a check or a judge, or decide by latency or cost."));
    } else if (!spec.decideBy.isEmpty() && !ids.contains(spec.decideBy)) {
        list.error(
            QStringLiteral("/decide_by"), "experiment.decide_by",
            QStringLiteral("\"%1\" is no check or judge of this experiment.").arg(spec.decideBy),
            QStringLiteral("Name the id of a check or judge, or checks, latency or cost."));
    } else if (spec.decideBy == QLatin1String("checks") && spec.checks.empty()) {
        list.error(QStringLiteral("/decide_by"), "experiment.decide_by",
                   QStringLiteral("The checks are to decide, and there are none."),
                   QStringLiteral("Add a check, or decide by a judge."));
    }
    if (spec.question.trimmed().isEmpty())
        list.hint(
            QStringLiteral("/question"), "experiment.no_question",
            QStringLiteral("The question is empty; in a month nobody will know what this was for."),
            QStringLiteral("Write what you want to know in a sentence."));
    validateNumbers(spec, &list);
    return std::move(list.problems);
}

} // namespace lathe
