// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/ToolDangers.h"

#include "core/design/ToolReader.h"

#include <algorithm>

namespace lathe {

namespace {
constexpr int deepest = 8; // agents that use agents

bool anyOf(const QJsonValue &list, const QStringList &allowed)
{
    const QJsonArray items = list.toArray();
    return std::any_of(items.begin(), items.end(),
                       [&](const QJsonValue &item) { return !allowed.contains(item.toString(), Qt::CaseInsensitive); });
}

// A person decides on each call, also when nobody attends the run.
bool isWatched(const ToolPolicy &policy)
{
    return policy.approval == Approval::Never || (policy.approval == Approval::Ask && policy.unattended != Unattended::Allow);
}

// The policies under which an attached tool may be called: one, or of a set those of its functions, which may say otherwise than the set.
std::vector<ToolPolicy> policiesOf(const ToolSpec &spec, const ToolAttachment &attachment)
{
    std::vector<ToolPolicy> policies;
    if (isToolSet(spec.type)) {
        const auto functions = toolFunctions(spec.config);
        for (const ToolFunction &function : functions) {
            if (function.enabled && (attachment.only.isEmpty() || attachment.only.contains(function.name)))
                policies.push_back(policyOf(spec.overriddenBy(function.policy), attachment));
        }
    }
    if (policies.empty()) // of a set that is not listed yet, too
        policies.push_back(policyOf(spec, attachment));
    return policies;
}

bool isWatched(const std::vector<ToolPolicy> &policies)
{
    return std::all_of(policies.begin(), policies.end(), [](const ToolPolicy &policy) { return isWatched(policy); });
}

// Of a set of which a person approves the calls of some functions only: the first of the others.
QStringList unwatchedFunctions(const ToolSpec &spec, const ToolAttachment &attachment)
{
    QStringList names;
    bool someWatched = false;
    if (!isToolSet(spec.type))
        return names;
    for (const ToolFunction &function : toolFunctions(spec.config)) {
        if (!function.enabled || (!attachment.only.isEmpty() && !attachment.only.contains(function.name)))
            continue;
        if (isWatched(policyOf(spec.overriddenBy(function.policy), attachment)))
            someWatched = true;
        else if (names.size() < 3)
            names.append(function.name);
    }
    return someWatched ? names : QStringList();
}

bool isForbidden(const std::vector<ToolPolicy> &policies)
{
    return std::all_of(policies.begin(), policies.end(), [](const ToolPolicy &policy) { return policy.approval == Approval::Never; });
}
} // namespace

ToolTraits toolTraits(const QJsonObject &body)
{
    const QString type = body.value(QLatin1String("type")).toString();
    const QJsonObject config = body.value(QLatin1String("config")).toObject();
    const auto is = [&type](const char *name) { return type == QLatin1String(name); };
    const QStringList reading{QStringLiteral("GET"), QStringLiteral("HEAD"), QStringLiteral("OPTIONS")};
    ToolTraits traits;
    if (is("sql") || is("files")) {
        traits.readsPrivate = true;
    } else if (is("http")) {
        // To any host even an address can carry data away.
        traits.readsUntrusted = true;
        traits.sendsOut = anyOf(config.value(QLatin1String("allowed_methods")), reading)
                          || config.value(QLatin1String("allowed_hosts")).toArray().contains(QStringLiteral("*"));
    } else if (is("request")) {
        traits.readsUntrusted = true;
        traits.sendsOut = !reading.contains(config.value(QLatin1String("method")).toString(QStringLiteral("GET")), Qt::CaseInsensitive);
    } else if (is("openapi")) {
        traits.readsUntrusted = true;
        for (const ToolFunction &function : toolFunctions(config)) {
            const QString method = function.request.value(QLatin1String("method")).toString();
            traits.sendsOut = traits.sendsOut || (function.enabled && !reading.contains(method, Qt::CaseInsensitive));
        }
    } else if (is("web_page")) {
        const QJsonArray hosts = config.value(QLatin1String("allowed_hosts")).toArray();
        traits.readsUntrusted = true;
        traits.sendsOut = (hosts.isEmpty() || hosts.contains(QStringLiteral("*"))) && body.value(QLatin1String("allowed_hosts")).toArray().isEmpty();
    } else if (is("webhook")) {
        traits.sendsOut = true;
    } else if (is("email")) {
        traits.sendsOut = true;
        traits.readsPrivate = !config.value(QLatin1String("attachments_folder")).toString().isEmpty();
    } else if (is("mcp")) {
        // A program on this computer sees what its user sees.
        traits.readsUntrusted = traits.sendsOut = true;
        traits.readsPrivate = !config.value(QLatin1String("command")).toString().isEmpty();
    } else if (is("script")) {
        traits.readsUntrusted = traits.sendsOut = config.value(QLatin1String("network")).toBool();
        traits.readsPrivate = !config.value(QLatin1String("folder")).toString().isEmpty();
    } else if (is("agent") || is("team")) {
        traits.readsPrivate = traits.readsUntrusted = traits.sendsOut = true;
    }
    return traits;
}

void ToolDangers::addTraits(const QString &name, const ToolTraits &traits, bool watched, const QStringList &functions)
{
    const auto first = [&name](QString *of, bool has) {
        if (has && of->isEmpty())
            *of = name;
    };
    first(&m_private, traits.readsPrivate);
    first(&m_untrusted, traits.readsUntrusted);
    const bool known = std::any_of(m_outward.begin(), m_outward.end(), [&name](const Outward &one) { return one.tool == name; });
    if (traits.sendsOut && !watched && !known)
        m_outward.push_back(Outward{name, functions});
}

// Of an agent: its tools; of a team: those of its nodes, and of the agents and teams in it.
void ToolDangers::addUsed(const QString &name, const QJsonObject &body, const DesignLookup &lookup, bool watched, int depth)
{
    if (depth >= deepest || body.isEmpty())
        return;
    const auto use = [&](ArtifactKind kind, const QString &ref, bool seen) {
        const QString key = artifactKindName(kind) + QLatin1Char(':') + ref + QLatin1Char(seen ? '+' : '-');
        if (ref.isEmpty() || !lookup.body || m_seen.contains(key))
            return;
        m_seen.insert(key); // each once, however often and in whatever circles they use each other
        addUsed(name, lookup.body(kind, ref), lookup, seen, depth + 1);
    };
    const auto tool = [&](const ToolAttachment &attachment) {
        std::vector<Problem> unheard;
        const QJsonObject toolBody = lookup.toolBody ? lookup.toolBody(attachment.tool) : QJsonObject();
        if (toolBody.isEmpty())
            return;
        const ToolSpec spec = readTool(toolBody, &unheard);
        const std::vector<ToolPolicy> policies = policiesOf(spec, attachment);
        const bool seen = watched || isWatched(policies);
        if (isForbidden(policies))
            return;
        const bool agent = spec.type == QLatin1String("agent");
        if ((agent || spec.type == QLatin1String("team")) && lookup.body) {
            const QString ref = spec.config.value(agent ? QLatin1String("agent") : QLatin1String("team")).toString();
            use(agent ? ArtifactKind::Agent : ArtifactKind::Team, ref, seen);
        } else {
            addTraits(name, toolTraits(toolBody), seen);
        }
    };
    for (const QJsonValue &item : body.value(QLatin1String("tools")).toArray()) {
        const QJsonObject json = item.toObject();
        ToolAttachment attachment;
        attachment.tool = json.value(QLatin1String("tool")).toString();
        attachment.approval = json.value(QLatin1String("approval")).toString();
        attachment.policy = json.value(QLatin1String("policy")).toObject();
        const QJsonArray only = json.value(QLatin1String("only")).toArray();
        for (const QJsonValue &function : only)
            attachment.only.append(function.toString());
        tool(attachment);
    }
    const QJsonObject nodes = body.value(QLatin1String("nodes")).toObject();
    for (const QJsonValue &item : nodes) {
        const QJsonObject settings = item.toObject().value(QLatin1String("settings")).toObject();
        addUsed(name, settings.value(QLatin1String("inline")).toObject(), lookup, watched, depth + 1);
        use(ArtifactKind::Agent, settings.value(QLatin1String("agent")).toString(), watched);
        use(ArtifactKind::Team, settings.value(QLatin1String("team")).toString(), watched);
        const QString used = settings.value(QLatin1String("tool")).toString();
        if (!used.isEmpty()) {
            ToolAttachment attachment;
            attachment.tool = used;
            tool(attachment);
        }
    }
}

void ToolDangers::add(const ToolAttachment &attachment, const DesignLookup &lookup)
{
    const QJsonObject body = lookup.toolBody ? lookup.toolBody(attachment.tool) : QJsonObject();
    if (body.isEmpty())
        return;
    std::vector<Problem> unheard;
    const ToolSpec spec = readTool(body, &unheard);
    const std::vector<ToolPolicy> policies = policiesOf(spec, attachment);
    if (isForbidden(policies))
        return;
    const QString name = attachment.tool.section(QLatin1Char('@'), 0, 0);
    const bool agent = spec.type == QLatin1String("agent");
    if (agent || spec.type == QLatin1String("team")) {
        const QString ref = spec.config.value(agent ? QLatin1String("agent") : QLatin1String("team")).toString();
        const QJsonObject used = lookup.body ? lookup.body(agent ? ArtifactKind::Agent : ArtifactKind::Team, ref) : QJsonObject();
        if (!used.isEmpty()) {
            addUsed(name, used, lookup, isWatched(policies), 0);
            return;
        }
    }
    addTraits(name, toolTraits(body), isWatched(policies), unwatchedFunctions(spec, attachment));
}

std::optional<ToolDangers::Combination> ToolDangers::combination() const
{
    if (m_private.isEmpty() || m_untrusted.isEmpty() || m_outward.empty())
        return std::nullopt;
    return Combination{m_private, m_untrusted, m_outward};
}

QString ToolDangers::Outward::named() const
{
    const QString quoted = QStringLiteral("\"%1\"").arg(tool);
    return functions.isEmpty() ? quoted : QStringLiteral("%1 of %2").arg(functions.join(QStringLiteral(", ")), quoted);
}

namespace {
// "a", "b" and "c"; of many only the first.
QString joined(const QStringList &names)
{
    QStringList shown = names.mid(0, 5);
    const QString last = names.size() > shown.size() ? QStringLiteral("%1 more").arg(names.size() - shown.size()) : shown.takeLast();
    return shown.isEmpty() ? last : shown.join(QStringLiteral(", ")) + QStringLiteral(" and ") + last;
}
}

QString ToolDangers::Combination::message() const
{
    QStringList out;
    for (const Outward &one : outward)
        out.append(one.named());
    const bool many = outward.size() > 1 || outward.front().functions.size() > 1;
    const bool alone = priv == untrusted && outward.size() == 1 && outward.front().tool == priv;
    if (alone && outward.front().functions.isEmpty())
        out = QStringList(QStringLiteral("it"));
    const QString reads = alone ? QStringLiteral("\"%1\" alone reads private data and brings in what strangers wrote").arg(priv)
                                : QStringLiteral("\"%1\" reads private data, \"%2\" brings in what strangers wrote").arg(priv, untrusted);
    return QStringLiteral("%1, and %2 %3 things out without a person's approval of each call: what a stranger wrote could make the agent send the "
                          "data away.")
        .arg(reads, joined(out), many ? QStringLiteral("send") : QStringLiteral("sends"));
}

QString ToolDangers::Combination::fix() const
{
    QStringList asked;
    for (const Outward &one : outward)
        asked.append(one.named());
    return QStringLiteral("Set the approval of %1 to ask, or do without one of the three.").arg(joined(asked));
}

} // namespace lathe
