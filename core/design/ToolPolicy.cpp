// SPDX-License-Identifier: GPL-3.0-or-later
// Policies as JSON, and one laid over another.
#include "core/design/ToolReader.h"

#include "core/base/Json.h"
#include "core/design/ToolPolicyRules.h"

namespace lathe {

namespace {
// One of few names; another is a problem and changes nothing.
template<typename T>
void readName(BodyReader &reader, const QString &key, std::initializer_list<T> values, QString (*nameOf)(T), T *to)
{
    if (!reader.has(key))
        return;
    const size_t before = reader.problemCount();
    const QString name = reader.string(key);
    QStringList names;
    for (const T value : values) {
        if (name == nameOf(value)) {
            *to = value;
            return;
        }
        names.append(nameOf(value));
    }
    const QString last = names.takeLast();
    if (reader.problemCount() == before)
        reader.wrong(key, names.join(QStringLiteral(", ")) + QStringLiteral(" or ") + last);
}

void readTexts(BodyReader &reader, const QString &key, QStringList *to)
{
    if (!reader.has(key))
        return;
    const size_t before = reader.problemCount();
    QStringList list;
    const QJsonArray items = reader.array(key);
    for (qsizetype i = 0; i < items.size(); ++i) {
        if (items[i].isString())
            list.append(items[i].toString());
        else
            reader.wrong(key + QLatin1Char('/') + QString::number(i), QStringLiteral("text"));
    }
    if (reader.problemCount() == before) // a list of bounds that is read in part would be another bound
        *to = list;
}

std::vector<ArgumentRule> readRules(BodyReader &reader, const QString &key)
{
    std::vector<ArgumentRule> rules;
    for (BodyReader &item : reader.children(key)) {
        ArgumentRule rule;
        rule.pointer = item.string(QStringLiteral("pointer"));
        rule.op = item.string(QStringLiteral("op"), rule.op);
        rule.value = item.value(QStringLiteral("value"));
        rules.push_back(std::move(rule));
    }
    return rules;
}
} // namespace

void readPolicy(BodyReader &reader, ToolPolicy *policy)
{
    readName(reader, QStringLiteral("approval"), {Approval::Always, Approval::Ask, Approval::AskFirst, Approval::AskWhen, Approval::Never},
             &approvalName, &policy->approval);
    if (reader.has(QStringLiteral("approval_when")))
        policy->askWhen = readRules(reader, QStringLiteral("approval_when"));
    readName(reader, QStringLiteral("unattended"), {Unattended::Deny, Unattended::Allow, Unattended::Stop}, &unattendedName,
             &policy->unattended);
    if (reader.has(QStringLiteral("side_effect"))) {
        const size_t before = reader.problemCount();
        SideEffect effect = SideEffect::External;
        readName(reader, QStringLiteral("side_effect"), {SideEffect::Read, SideEffect::Write, SideEffect::External}, &sideEffectName, &effect);
        if (reader.problemCount() == before)
            policy->sideEffect = effect;
    }
    if (reader.has(QStringLiteral("idempotent")))
        policy->idempotent = reader.boolean(QStringLiteral("idempotent"), false);
    BodyReader limits = reader.child(QStringLiteral("limits"));
    ToolLimits &bounds = policy->limits;
    bounds.callsPerRun = limits.small(QStringLiteral("calls_per_run"), bounds.callsPerRun);
    bounds.seconds = limits.number(QStringLiteral("seconds"), bounds.seconds);
    bounds.maxBytes = limits.integer(QStringLiteral("max_bytes"), bounds.maxBytes);
    bounds.callsPerMinute = limits.small(QStringLiteral("calls_per_minute"), bounds.callsPerMinute);
    bounds.costUsd = limits.number(QStringLiteral("cost_usd"), bounds.costUsd);
    policy->costPerCallUsd = reader.number(QStringLiteral("cost_per_call_usd"), policy->costPerCallUsd);
    policy->retries = reader.small(QStringLiteral("retries"), policy->retries);
    policy->cacheSeconds = reader.small(QStringLiteral("cache_seconds"), policy->cacheSeconds);
    readTexts(reader, QStringLiteral("allowed_hosts"), &policy->allowedHosts);
    readTexts(reader, QStringLiteral("allowed_paths"), &policy->allowedPaths);
    readTexts(reader, QStringLiteral("redact"), &policy->redact);
    readName(reader, QStringLiteral("results"), {ResultHandling::AsIs, ResultHandling::Delimited, ResultHandling::Stripped},
             &resultHandlingName, &policy->results);
}

ToolPolicy ToolPolicy::overriddenBy(const QJsonObject &override, const QString &pointer, std::vector<Problem> *problems) const
{
    ToolPolicy policy = *this;
    if (override.isEmpty())
        return policy;
    std::vector<Problem> unheard;
    BodyReader reader(override, pointer, problems ? problems : &unheard);
    readPolicy(reader, &policy);
    return policy;
}

QJsonObject ToolPolicy::toJson() const
{
    static const ToolPolicy usual;
    QJsonObject body;
    const auto put = [](QJsonObject *into, const char *key, const auto &value, const auto &absent) {
        if (value != absent)
            into->insert(QLatin1String(key), value);
    };
    if (approval != usual.approval)
        body.insert(QStringLiteral("approval"), approvalName(approval));
    if (!askWhen.empty()) {
        QJsonArray rules;
        for (const ArgumentRule &rule : askWhen) {
            QJsonObject item{{QStringLiteral("pointer"), rule.pointer}, {QStringLiteral("op"), rule.op}};
            if (!rule.value.isUndefined() && !rule.value.isNull())
                item.insert(QStringLiteral("value"), rule.value);
            rules.append(item);
        }
        body.insert(QStringLiteral("approval_when"), rules);
    }
    if (unattended != usual.unattended)
        body.insert(QStringLiteral("unattended"), unattendedName(unattended));
    if (sideEffect)
        body.insert(QStringLiteral("side_effect"), sideEffectName(*sideEffect));
    if (idempotent)
        body.insert(QStringLiteral("idempotent"), *idempotent);
    QJsonObject bounds;
    put(&bounds, "calls_per_run", limits.callsPerRun, usual.limits.callsPerRun);
    put(&bounds, "seconds", limits.seconds, usual.limits.seconds);
    put(&bounds, "max_bytes", limits.maxBytes, usual.limits.maxBytes);
    put(&bounds, "calls_per_minute", limits.callsPerMinute, 0);
    put(&bounds, "cost_usd", limits.costUsd, 0.0);
    if (!bounds.isEmpty())
        body.insert(QStringLiteral("limits"), bounds);
    put(&body, "cost_per_call_usd", costPerCallUsd, 0.0);
    put(&body, "retries", retries, 0);
    put(&body, "cache_seconds", cacheSeconds, 0);
    const auto texts = [&body](const char *key, const QStringList &list) {
        if (!list.isEmpty())
            body.insert(QLatin1String(key), json::fromStringList(list));
    };
    texts("allowed_hosts", allowedHosts);
    texts("allowed_paths", allowedPaths);
    texts("redact", redact);
    if (results != usual.results)
        body.insert(QStringLiteral("results"), resultHandlingName(results));
    return body;
}

ToolPolicy policyOf(const ToolPolicy &tool, const ToolAttachment &attachment)
{
    ToolPolicy policy = tool.overriddenBy(attachment.policy);
    if (const auto approval = approvalFromName(attachment.approval))
        policy.approval = *approval;
    if (attachment.callsPerRun > 0)
        policy.limits.callsPerRun = attachment.callsPerRun;
    return policy;
}

} // namespace lathe
