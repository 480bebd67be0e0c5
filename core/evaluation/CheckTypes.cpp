// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/Check.h"
#include "core/evaluation/TextTemplate.h"

namespace lathe {

namespace {
using Info = CheckTypeInfo;

Info made(const char *type, const char *title, const char *help,
          Info::Value value = Info::Value::Needed, Info::Needs needs = Info::Needs::Nothing)
{
    Info info;
    info.type = QString::fromLatin1(type);
    info.title = QString::fromUtf8(title);
    info.help = QString::fromUtf8(help);
    info.value = value;
    info.needs = needs;
    return info;
}

Info share(Info info, double usual)
{
    info.threshold = Info::Threshold::Share;
    info.usualThreshold = usual;
    return info;
}

Info number(Info info, double usual, const char *unit, bool needed)
{
    info.threshold = Info::Threshold::Number;
    info.usualThreshold = usual;
    info.thresholdUnit = QString::fromUtf8(unit);
    info.thresholdNeeded = needed;
    return info;
}
} // namespace

const std::vector<CheckTypeInfo> &checkTypes()
{
    using Value = Info::Value;
    using Needs = Info::Needs;
    static const std::vector<Info> all = [] {
        std::vector<Info> list{
            made("equals", "Equals", "The output is exactly this text, or the same JSON."),
            made("contains", "Contains", "The text stands in the output."),
            made("icontains", "Contains, any case",
                 "The text stands in the output; upper and lower case are the same."),
            made("contains-all", "Contains all of", "Every text of the list stands in the output."),
            made("contains-any", "Contains any of",
                 "At least one text of the list stands in the output."),
            made("icontains-all", "Contains all of, any case",
                 "Every text of the list stands in the output; upper and lower case are the same."),
            made("icontains-any", "Contains any of, any case",
                 "At least one text of the list stands in the output; upper and lower case are the "
                 "same."),
            made("starts-with", "Starts with", "The output begins with this text."),
            made("regex", "Matches a pattern", "A regular expression is found in the output."),
            made("is-json", "Is JSON",
                 "The whole output is JSON, and fits the JSON Schema if one is given.",
                 Value::Optional, Needs::Schema),
            made("contains-json", "Contains JSON",
                 "A JSON object stands in the output, and fits the JSON Schema if one is given.",
                 Value::Optional, Needs::Schema),
            number(made("levenshtein", "Few edits away",
                        "At most so many characters must be changed to get the expected text."),
                   5, "characters", false),
            share(made("rouge-n", "ROUGE-N",
                       "Share of the words of the expected text that the output has."),
                  0.75),
            share(made("bleu", "BLEU",
                       "How many sequences of one to four words the output shares with the "
                       "expected text."),
                  0.5),
            share(made("similar", "Similar in meaning",
                       "Cosine similarity of the embeddings of output and expected text.",
                       Value::Needed, Needs::Embedding),
                  0.75),
            number(made("javascript", "JavaScript",
                        "An expression over output, vars and context that gives true or false, a "
                        "number, or "
                        "{pass, score, reason}.",
                        Value::Needed, Needs::Expression),
                   -1, "", false),
            number(made("latency", "Latency", "The answer took at most so long.", Value::None), -1,
                   "ms", true),
            number(made("cost", "Cost", "The answer cost at most so much.", Value::None), -1, "$",
                   true),
            made("is-valid-openai-tools-call", "Valid tool calls",
                 "The output calls tools that were offered, with arguments that fit their schemas.",
                 Value::None, Needs::Schema),
            share(made("llm-rubric", "Rubric",
                       "A model judges whether the output meets the rubric.", Value::Needed,
                       Needs::Judge),
                  -1),
            made("model-graded-closedqa", "Criterion",
                 "A model judges whether the answer to the prompt meets the criterion.",
                 Value::Needed, Needs::Judge),
            made("factuality", "Factuality",
                 "A model compares the facts of the output with those of the expected text.",
                 Value::Needed, Needs::Judge),
            made("select-best", "Best of the variants",
                 "A model chooses the output that meets the criterion best.", Value::Needed,
                 Needs::Judge),
            share(made("assert-set", "Set of checks", "Several checks that count as one.",
                       Value::None),
                  -1)};
        for (Info &info : list)
            info.comparesVariants = info.type == QLatin1String("select-best");
        return list;
    }();
    return all;
}

const CheckTypeInfo *checkType(const QString &type)
{
    for (const CheckTypeInfo &info : checkTypes()) {
        if (info.type == type)
            return &info;
    }
    return nullptr;
}

QString checkTitle(const CheckSpec &spec)
{
    if (!spec.name.isEmpty())
        return spec.name;
    if (!spec.metric.isEmpty() && !spec.metric.contains(QLatin1String("{{")))
        return spec.metric;
    QString title = (spec.negated ? QStringLiteral("not-") : QString()) + spec.type;
    const CheckTypeInfo *type = checkType(spec.type);
    if (spec.type == QLatin1String("assert-set"))
        return QStringLiteral("%1 (%2)").arg(title).arg(spec.members.size());
    if (type && type->threshold == CheckTypeInfo::Threshold::Number
        && type->value == CheckTypeInfo::Value::None)
        return QStringLiteral("%1 \u2264 %2 %3")
            .arg(title)
            .arg(spec.threshold)
            .arg(type->thresholdUnit);
    QString value = templateText(spec.value).simplified();
    if (value.size() > 48)
        value = value.left(47) + QChar(0x2026);
    return value.isEmpty() ? title : QStringLiteral("%1 \"%2\"").arg(title, value);
}

} // namespace lathe
