// SPDX-License-Identifier: GPL-3.0-or-later
// What is wrong with a policy: of a tool, of a function of a set, of an attachment.
#include "core/design/ToolPolicyRules.h"
#include "core/design/ToolReader.h"

#include <QRegularExpression>

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {
void checkLimits(const ToolLimits &limits, double costPerCall, const QString &start, ProblemList *list)
{
    const QString base = start + QStringLiteral("/limits/");
    if (limits.callsPerRun < 1) {
        list->error(base + QStringLiteral("calls_per_run"), "tool.calls",
                    QStringLiteral("With %1 calls a run the tool can never be used.").arg(limits.callsPerRun),
                    QStringLiteral("50 suits most tools."));
    }
    if (!(limits.seconds > 0)) {
        list->error(base + QStringLiteral("seconds"), "tool.seconds", QStringLiteral("With no time allowed every call fails."),
                    QStringLiteral("30 seconds suit most tools."));
    } else if (limits.seconds > 24 * 3600.0) {
        list->warning(base + QStringLiteral("seconds"), "tool.seconds", QStringLiteral("One call may take over a day."),
                      QStringLiteral("30 seconds suit most tools."));
    }
    if (limits.maxBytes < 1) {
        list->error(base + QStringLiteral("max_bytes"), "tool.bytes", QStringLiteral("With no bytes allowed every result is empty."),
                    QStringLiteral("256 KB (262144) suit most tools."));
    } else if (limits.maxBytes > 16 * 1024 * 1024) {
        list->warning(base + QStringLiteral("max_bytes"), "tool.bytes", QStringLiteral("Results of over 16 MB are more than a model can read."),
                      QStringLiteral("256 KB (262144) suit most tools."));
    }
    if (limits.callsPerMinute < 0) {
        list->error(base + QStringLiteral("calls_per_minute"), "tool.rate",
                    QStringLiteral("A tool cannot be called %1 times a minute.").arg(limits.callsPerMinute),
                    QStringLiteral("Use 1 or more, or 0 for no bound."));
    }
    if (limits.costUsd < 0) {
        list->error(base + QStringLiteral("cost_usd"), "tool.cost", QStringLiteral("A bound of less than no money allows nothing."),
                    QStringLiteral("Use 0 for no bound."));
    } else if (limits.costUsd > 0 && costPerCall <= 0) {
        list->warning(base + QStringLiteral("cost_usd"), "tool.cost",
                      QStringLiteral("The bound of money is never reached, for a call costs nothing."),
                      QStringLiteral("Say what one call costs."));
    } else if (limits.costUsd > 0 && costPerCall > limits.costUsd) {
        list->warning(base + QStringLiteral("cost_usd"), "tool.cost", QStringLiteral("One call costs more than all calls of a run may."),
                      QStringLiteral("Raise the bound."));
    }
}

void checkRules(const ToolPolicy &policy, const QString &base, ProblemList *list)
{
    const QString at = base + QStringLiteral("/approval_when");
    if (policy.approval == Approval::AskWhen && policy.askWhen.empty() && !list->hasErrorAt(at)) {
        list->error(at, "approval.no_rules", QStringLiteral("It asks when arguments match, and there is no rule, so it would never ask."),
                    QStringLiteral("Add a rule, or set the approval to ask."));
    } else if (policy.approval != Approval::AskWhen && !policy.askWhen.empty()) {
        list->hint(at, "approval.unused_rules", QStringLiteral("The rules do nothing, for the approval is %1.").arg(approvalName(policy.approval)),
                   QStringLiteral("Set the approval to ask_when, or remove them."));
    }
    for (size_t i = 0; i < policy.askWhen.size(); ++i) {
        const ArgumentRule &rule = policy.askWhen[i];
        const QString item = at + QStringLiteral("/%1").arg(i);
        if (!rule.pointer.isEmpty() && !rule.pointer.startsWith(QLatin1Char('/'))) {
            list->error(item + QStringLiteral("/pointer"), "rule.pointer", QStringLiteral("\"%1\" is no place in the arguments.").arg(rule.pointer.left(80)),
                        QStringLiteral("Write it as /amount or /items/*/price."));
        }
        if (!argumentRuleOps.contains(rule.op)) {
            list->error(item + QStringLiteral("/op"), "rule.op", QStringLiteral("\"%1\" compares nothing.").arg(rule.op.left(40)),
                        QStringLiteral("Use %1.").arg(argumentRuleOps.join(QStringLiteral(", "))));
            continue;
        }
        const QString value = item + QStringLiteral("/value");
        const bool given = !rule.value.isUndefined() && !rule.value.isNull();
        if (rule.op == QLatin1String("matches")) {
            const QRegularExpression expression(rule.value.toString());
            if (!rule.value.isString() || !expression.isValid())
                list->error(value, "rule.expression",
                            rule.value.isString() ? QStringLiteral("It is no regular expression: %1.").arg(expression.errorString())
                                                  : QStringLiteral("It must be a regular expression, as text."));
        } else if (rule.op == QLatin1String("greater") || rule.op == QLatin1String("less")) {
            if (!rule.value.isDouble())
                list->error(value, "rule.number", QStringLiteral("It must be a number to compare with."));
        } else if (rule.op == QLatin1String("contains")) {
            if (!given || (rule.value.isString() && rule.value.toString().isEmpty()))
                list->error(value, "rule.value", QStringLiteral("There is nothing to look for."), QStringLiteral("Write a text."));
        }
    }
}

void checkRepeats(const ToolPolicy &policy, const ToolTypeInfo *type, const QJsonObject &config, const QString &base, ProblemList *list)
{
    const QString retries = base + QStringLiteral("/retries"), cache = base + QStringLiteral("/cache_seconds");
    // A function of a set may be harmless where its type is not; the server's word is asked when it runs.
    const bool harmless = policy.idempotent.value_or(!type || type->idempotent || isToolSet(type->type));
    if (policy.retries < 0) {
        list->error(retries, "tool.retries", QStringLiteral("It cannot be tried again %1 times.").arg(policy.retries), QStringLiteral("Use 0 or more."));
    } else if (policy.retries > 0 && !harmless) {
        list->warning(retries, "tool.retries", QStringLiteral("It is never tried again, for a second call could do the same thing twice."),
                      QStringLiteral("Say that it is idempotent if it is, or set this to 0."));
    } else if (policy.retries > 10) {
        list->warning(retries, "tool.retries", QStringLiteral("%1 further tries hold up a run for minutes.").arg(policy.retries),
                      QStringLiteral("2 suits most tools."));
    }
    const SideEffect effect = policy.sideEffect.value_or(type ? type->sideEffectOf(config) : SideEffect::Read);
    if (policy.cacheSeconds < 0) {
        list->error(cache, "tool.cache", QStringLiteral("An answer cannot be kept for %1 seconds.").arg(policy.cacheSeconds),
                    QStringLiteral("Use 0 or more."));
    } else if (policy.cacheSeconds > 0 && effect != SideEffect::Read && !(type && isToolSet(type->type)) && !(type && type->idempotent)) {
        list->warning(cache, "tool.cache", QStringLiteral("Its answers are never kept, for it does more than read."), QStringLiteral("Set this to 0."));
    }
    if (policy.sideEffect && type && *policy.sideEffect < type->sideEffectOf(config) && !isToolSet(type->type)) {
        list->warning(base + QStringLiteral("/side_effect"), "tool.side_effect",
                      QStringLiteral("It is said to do less than tools of this type do, so it may be repeated and answered from the cache."),
                      QStringLiteral("Be sure that it only reads."));
    }
}

void checkScope(const ToolPolicy &policy, const QString &base, ProblemList *list)
{
    for (qsizetype i = 0; i < policy.allowedHosts.size(); ++i) {
        const QString at = base + QStringLiteral("/allowed_hosts/%1").arg(i);
        if (policy.allowedHosts[i] != QLatin1String("*") && !isHostPattern(policy.allowedHosts[i])) {
            list->error(at, "policy.host", QStringLiteral("\"%1\" is no host name.").arg(policy.allowedHosts[i].left(200)),
                        QStringLiteral("Write the name alone, without https:// and without a path, for example api.example.com."));
        }
    }
    for (qsizetype i = 0; i < policy.allowedPaths.size(); ++i) {
        const QString path = policy.allowedPaths[i].trimmed();
        const QString at = base + QStringLiteral("/allowed_paths/%1").arg(i);
        if (path.isEmpty() || path.split(QLatin1Char('/')).contains(QStringLiteral(".."))) {
            list->error(at, "policy.path", path.isEmpty() ? QStringLiteral("The path is empty.") : QStringLiteral("\"%1\" leads upwards.").arg(path.left(200)),
                        QStringLiteral("Write a folder as the tool's arguments do, for example /srv/data or reports."));
        } else if (path == QLatin1String("/")) {
            list->warning(at, "policy.path", QStringLiteral("Everything is allowed by this."), QStringLiteral("Choose a folder, or remove the list."));
        }
    }
    for (qsizetype i = 0; i < policy.redact.size(); ++i) {
        const QString &pointer = policy.redact[i];
        const auto leads = [&pointer](const char *part) { return pointer == QLatin1String(part) || pointer.startsWith(QLatin1String(part) + QLatin1Char('/')); };
        if (!leads("/arguments") && !leads("/result")) {
            list->error(base + QStringLiteral("/redact/%1").arg(i), "policy.redact", QStringLiteral("\"%1\" is no field of a call.").arg(pointer.left(200)),
                        QStringLiteral("Begin with /arguments or /result, for example /arguments/token."));
        }
    }
}
} // namespace

bool isHostPattern(const QString &text)
{
    static const QRegularExpression plain(QStringLiteral("\\A(\\*\\.)?[\\p{L}\\p{N}]([\\p{L}\\p{N}\\-_.]*[\\p{L}\\p{N}])?(:\\d{1,5})?"
                                                         "\\z|\\A\\[[0-9a-fA-F:.]+\\](:\\d{1,5})?\\z"));
    return plain.match(text).hasMatch();
}

void checkPolicy(const ToolPolicy &policy, const ToolTypeInfo *type, const QJsonObject &config, const QString &base, ProblemList *list)
{
    checkRules(policy, base, list);
    if (policy.unattended == Unattended::Allow && policy.approval != Approval::Always && policy.approval != Approval::Never) {
        const SideEffect effect = policy.sideEffect.value_or(type ? type->sideEffectOf(config) : SideEffect::External);
        if (effect != SideEffect::Read)
            list->warning(base + QStringLiteral("/unattended"), "policy.unattended",
                          QStringLiteral("In runs that nobody attends, it acts without anybody's approval."),
                          QStringLiteral("Use deny unless such runs must act on their own."));
    }
    checkRepeats(policy, type, config, base, list);
    checkScope(policy, base, list);
    if (type && (type->type == QLatin1String("agent") || type->type == QLatin1String("team")) && !policy.redact.isEmpty()) {
        list->error(base + QStringLiteral("/redact"), "policy.redact_steps",
                    QStringLiteral("Nothing of it can be hidden, for the steps of an agent or team are recorded."),
                    QStringLiteral("Hide fields in the tools that it uses."));
    }
    if (!(policy.costPerCallUsd >= 0) || !std::isfinite(policy.costPerCallUsd)) {
        list->error(base + QStringLiteral("/cost_per_call_usd"), "tool.cost", QStringLiteral("A call cannot cost less than nothing."),
                    QStringLiteral("Use 0 when it is free."));
    }
    checkLimits(policy.limits, policy.costPerCallUsd, base, list);
}

void checkPolicyOverride(const ToolPolicy &of, const QJsonObject &override, const ToolTypeInfo *type, const QJsonObject &config,
                         const QString &base, ProblemList *list)
{
    static const QStringList members{
        QStringLiteral("approval"),          QStringLiteral("approval_when"), QStringLiteral("unattended"),    QStringLiteral("side_effect"),
        QStringLiteral("idempotent"),        QStringLiteral("limits"),        QStringLiteral("cost_per_call_usd"), QStringLiteral("retries"),
        QStringLiteral("cache_seconds"),     QStringLiteral("allowed_hosts"), QStringLiteral("allowed_paths"), QStringLiteral("redact"),
        QStringLiteral("results")};
    for (auto it = override.begin(); it != override.end(); ++it) {
        if (!members.contains(it.key()))
            list->warning(base + QLatin1Char('/') + it.key(), "policy.unknown", QStringLiteral("\"%1\" is no member of a policy, so it does nothing.").arg(it.key().left(80)),
                          QStringLiteral("Use %1.").arg(members.join(QStringLiteral(", "))));
    }
    const ToolPolicy policy = of.overriddenBy(override, base, &list->problems);
    // What the tool itself has wrong is said there: only what this changes is looked at.
    ProblemList before, after;
    checkPolicy(of, type, config, base, &before);
    checkPolicy(policy, type, config, base, &after);
    for (Problem &problem : after.problems) {
        const bool old = std::any_of(before.problems.begin(), before.problems.end(), [&problem](const Problem &known) {
            return known.code == problem.code && known.pointer == problem.pointer && known.message == problem.message;
        });
        if (!old && !list->hasErrorAt(problem.pointer))
            list->problems.push_back(std::move(problem));
    }
}

} // namespace lathe
