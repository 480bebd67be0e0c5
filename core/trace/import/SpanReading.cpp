// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/import/SpanReading.h"

#include "core/base/Json.h"

#include <algorithm>
#include <map>

namespace lathe {

namespace {
using L = QLatin1String;

bool isNumber(const QString &text)
{
    return !text.isEmpty() && text.size() <= 9 && std::all_of(text.begin(), text.end(), [](QChar c) { return c >= u'0' && c <= u'9'; });
}

struct Less { // numbers by value, before words
    bool operator()(const QString &a, const QString &b) const
    {
        const bool na = isNumber(a), nb = isNumber(b);
        if (na && nb && a.toInt() != b.toInt())
            return a.toInt() < b.toInt();
        return na != nb ? na : a < b;
    }
};

struct Tree {
    QJsonValue value{QJsonValue::Undefined};
    std::map<QString, Tree, Less> members;
    QJsonValue toJson() const
    {
        if (members.empty())
            return value;
        const bool list = std::all_of(members.begin(), members.end(), [](const auto &member) { return isNumber(member.first); });
        if (list) {
            QJsonArray array;
            for (const auto &[key, tree] : members)
                array.append(tree.toJson());
            return array;
        }
        QJsonObject object;
        for (const auto &[key, tree] : members)
            object.insert(key, tree.toJson());
        return object;
    }
};
constexpr int treeDepth = 16;

// What the standard conventions hold beside GenAI: no view of Lathe needs to interpret them, and nobody needs to hear of them.
bool isStandard(const QString &key)
{
    static const QStringList prefixes{
        QStringLiteral("gen_ai."),     QStringLiteral("lathe."),     QStringLiteral("error."),     QStringLiteral("server."),
        QStringLiteral("http."),       QStringLiteral("url."),       QStringLiteral("network."),   QStringLiteral("client."),
        QStringLiteral("code."),       QStringLiteral("thread."),    QStringLiteral("db."),        QStringLiteral("rpc."),
        QStringLiteral("mcp."),        QStringLiteral("jsonrpc."),   QStringLiteral("peer."),      QStringLiteral("net."),
        QStringLiteral("user_agent."), QStringLiteral("messaging."), QStringLiteral("exception."), QStringLiteral("otel."),
        QStringLiteral("session."),    QStringLiteral("user."),      QStringLiteral("enduser."),   QStringLiteral("deployment."),
        QStringLiteral("aws."),        QStringLiteral("azure."),     QStringLiteral("service.")};
    return std::any_of(prefixes.begin(), prefixes.end(), [&key](const QString &prefix) { return key.startsWith(prefix); });
}

double numberOf(const QJsonValue &value)
{
    return value.isString() ? value.toString().toDouble() : value.toDouble();
}
} // namespace

SpanReading::SpanReading(const OtlpSpan &of) : span(of)
{
    m_attributes.reserve(size_t(of.attributes.size()));
    for (auto it = of.attributes.begin(); it != of.attributes.end(); ++it)
        m_attributes.emplace_back(it.key(), it.value());
    std::sort(m_attributes.begin(), m_attributes.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    m_taken.resize(m_attributes.size());
}

SpanReading::Items::const_iterator SpanReading::lowerBound(QLatin1String key) const
{
    return std::lower_bound(m_attributes.begin(), m_attributes.end(), key,
                            [](const auto &item, QLatin1String wanted) { return item.first < wanted; });
}

QJsonValue SpanReading::peek(const char *key) const
{
    const auto found = lowerBound(L(key));
    return found != m_attributes.end() && found->first == L(key) ? found->second : QJsonValue(QJsonValue::Undefined);
}

bool SpanReading::hasPrefix(const char *prefix) const
{
    const auto found = lowerBound(L(prefix));
    return found != m_attributes.end() && found->first.startsWith(L(prefix));
}

QJsonValue SpanReading::take(const char *key)
{
    const auto found = lowerBound(L(key));
    if (found == m_attributes.end() || found->first != L(key))
        return QJsonValue(QJsonValue::Undefined);
    m_taken[size_t(found - m_attributes.begin())] = true;
    return found->second;
}

QString SpanReading::takeText(const char *key)
{
    return shapes::textOf(take(key));
}

std::vector<std::pair<QString, QJsonValue>> SpanReading::takePrefix(const char *prefix)
{
    std::vector<std::pair<QString, QJsonValue>> found;
    const qsizetype size = qsizetype(qstrlen(prefix));
    for (auto it = lowerBound(L(prefix)); it != m_attributes.end() && it->first.startsWith(L(prefix)); ++it) {
        const size_t place = size_t(it - m_attributes.begin());
        if (m_taken[place])
            continue; // translated before
        m_taken[place] = true;
        found.emplace_back(it->first.mid(size), it->second);
    }
    return found;
}

QJsonValue SpanReading::takeTree(const char *prefix)
{
    Tree root;
    for (const auto &[key, value] : takePrefix(prefix)) {
        QStringList path = key.split(u'.');
        if (path.size() > treeDepth)
            path = path.mid(0, treeDepth - 1) << path.mid(treeDepth - 1).join(u'.');
        Tree *at = &root;
        for (const QString &name : std::as_const(path))
            at = &at->members[name];
        at->value = value;
    }
    return root.toJson();
}

void SpanReading::put(const char *key, const QJsonValue &value)
{
    if (value.isUndefined() || value.isNull() || (value.isString() && value.toString().isEmpty()))
        return;
    const QString name = QString::fromLatin1(key);
    if (!step.attributes.contains(name))
        step.attributes.insert(name, value);
}

void SpanReading::rename(const char *from, const char *to)
{
    put(to, take(from));
}

void SpanReading::renameNumber(const char *from, const char *to)
{
    const QJsonValue value = take(from);
    if (!value.isString()) {
        put(to, value);
        return;
    }
    bool ok = false;
    const double number = value.toString().toDouble(&ok);
    put(to, ok ? QJsonValue(number) : value);
}

void SpanReading::setKind(StepKind kind, const char *operation)
{
    if (kindKnown)
        return;
    kindKnown = true;
    step.kind = kind;
    if (*operation)
        put("gen_ai.operation.name", QString::fromLatin1(operation));
}

void SpanReading::putRequestSettings(const QJsonObject &settings)
{
    static const QHash<QString, QString> names{{QStringLiteral("maxTokens"), QStringLiteral("max_tokens")},
                                               {QStringLiteral("maxOutputTokens"), QStringLiteral("max_tokens")},
                                               {QStringLiteral("max_output_tokens"), QStringLiteral("max_tokens")},
                                               {QStringLiteral("max_completion_tokens"), QStringLiteral("max_tokens")},
                                               {QStringLiteral("topP"), QStringLiteral("top_p")},
                                               {QStringLiteral("topK"), QStringLiteral("top_k")},
                                               {QStringLiteral("frequencyPenalty"), QStringLiteral("frequency_penalty")},
                                               {QStringLiteral("presencePenalty"), QStringLiteral("presence_penalty")},
                                               {QStringLiteral("stop"), QStringLiteral("stop_sequences")},
                                               {QStringLiteral("stopSequences"), QStringLiteral("stop_sequences")},
                                               {QStringLiteral("n"), QStringLiteral("choice.count")}};
    for (auto it = settings.begin(); it != settings.end(); ++it) {
        const QString &key = it.key();
        if (key == L("model") || key == L("modelName") || key == L("model_name") || key == L("messages") || key == L("input")
            || key == L("contents"))
            continue; // told elsewhere
        if (key == L("tools") || key == L("functions")) {
            if (tools.isEmpty())
                tools = shapes::toolDefinitions(it.value());
            continue;
        }
        put(("gen_ai.request." + names.value(key, key).toLatin1()).constData(), it.value());
    }
    for (const char *key : {"model", "modelName", "model_name"})
        put("gen_ai.request.model", settings.value(L(key)));
}

void SpanReading::putUsage(const char *name, const QJsonValue &tokens)
{
    if (tokens.isUndefined() || tokens.isNull() || tokens.isObject() || tokens.isArray())
        return;
    const double count = numberOf(tokens);
    if (count >= 0 && count < 9e15)
        put((QByteArrayLiteral("gen_ai.usage.") + name).constData(), qint64(count));
}

void SpanReading::addInput(const QJsonArray &messages)
{
    if (input.isEmpty())
        input = messages;
}

void SpanReading::addOutput(const QJsonArray &messages)
{
    if (output.isEmpty())
        output = messages;
}

void SpanReading::keepRest(MappingNotes *notes)
{
    std::vector<std::pair<QString, QJsonValue>> all;
    for (size_t i = 0; i < m_attributes.size(); ++i) {
        const auto &[key, value] = m_attributes[i];
        if (m_taken[i] || step.attributes.contains(key))
            continue;
        if (notes && !isStandard(key))
            notes->unknownKeys.add(key, shapes::textOf(value).left(200));
        all.emplace_back(key, value);
    }
    if (all.empty())
        return;
    // Sorted, so that a large object is made at the cost of one.
    for (auto it = step.attributes.begin(); it != step.attributes.end(); ++it)
        all.emplace_back(it.key(), it.value());
    std::sort(all.begin(), all.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    QJsonObject merged;
    for (auto &[key, value] : all)
        merged.insert(key, value);
    step.attributes = merged;
}

QJsonObject usageAttributes(const QJsonObject &usage)
{
    QJsonObject made;
    const auto put = [&](const char *name, std::initializer_list<const char *> keys) {
        for (const char *key : keys) {
            QJsonValue value = usage;
            for (const QString &part : QString::fromLatin1(key).split(u'/'))
                value = value[part];
            if ((value.isDouble() || value.isString()) && numberOf(value) >= 0 && numberOf(value) < 9e15) {
                made.insert(QStringLiteral("gen_ai.usage.") + L(name), qint64(numberOf(value)));
                return;
            }
        }
    };
    put("input_tokens",
        {"input_tokens", "prompt_tokens", "inputTokens", "promptTokens", "input", "promptTokenCount", "prompt_token_count"});
    put("output_tokens", {"output_tokens", "completion_tokens", "outputTokens", "completionTokens", "output", "candidatesTokenCount",
                          "candidates_token_count"});
    put("cache_read.input_tokens",
        {"cache_read_input_tokens", "input_cached_tokens", "cachedInputTokens", "prompt_tokens_details/cached_tokens",
         "input_tokens_details/cached_tokens", "input_token_details/cache_read", "inputTokenDetails/cacheReadTokens",
         "cachedContentTokenCount", "input_cache_read"});
    put("cache_creation.input_tokens", {"cache_creation_input_tokens", "input_token_details/cache_creation",
                                        "inputTokenDetails/cacheWriteTokens", "input_cache_creation"});
    put("reasoning.output_tokens",
        {"reasoning_tokens", "reasoningTokens", "completion_tokens_details/reasoning_tokens", "output_tokens_details/reasoning_tokens",
         "output_token_details/reasoning", "outputTokenDetails/reasoningTokens", "output_reasoning_tokens", "output_reasoning",
         "thoughtsTokenCount"});
    return made;
}

void putVendorUsage(SpanReading &reading, const QJsonObject &usage)
{
    const QJsonObject made = usageAttributes(usage);
    for (auto it = made.begin(); it != made.end(); ++it)
        reading.put(it.key().toLatin1().constData(), it.value());
}

} // namespace lathe
