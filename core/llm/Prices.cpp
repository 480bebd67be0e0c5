// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/Prices.h"

#include <array>

namespace lathe {

namespace {
// Whether `rest`, what follows a matching prefix, names another model: "gpt-5" is no price for "gpt-5.4" or "gpt-50", nor
// "claude-opus-4" for "claude-opus-4-9", nor "gpt-5" for "gpt-5-mini". Dates and other words ("-2025-08-07", "-latest",
// "-preview") belong to the same model.
bool isOtherModel(QStringView rest)
{
    if (rest.isEmpty())
        return false;
    if (rest[0] != QLatin1Char('-') && rest[0] != QLatin1Char('@') && rest[0] != QLatin1Char(':'))
        return true;
    const qsizetype end = rest.indexOf(QLatin1Char('-'), 1);
    const QStringView word = rest.mid(1, (end < 0 ? rest.size() : end) - 1);
    for (const char *size : {"mini", "nano", "lite", "pro", "fast", "max", "ultra", "flash",
                             "audio", "realtime", "image", "tts"}) {
        if (word == QLatin1String(size))
            return true;
    }
    if (word.isEmpty() || word.size() > 2)
        return false;
    return std::all_of(word.begin(), word.end(), [](QChar c) { return c.isDigit(); });
}

// Gateways name models "vendor/model".
QString vendorProvider(QStringView vendor)
{
    constexpr std::array<std::pair<const char *, const char *>, 8> vendors{{
        {"openai", "openai"},
        {"anthropic", "anthropic"},
        {"google", "gcp.gemini"},
        {"mistralai", "mistral_ai"},
        {"mistral", "mistral_ai"},
        {"deepseek", "deepseek"},
        {"x-ai", "x_ai"},
        {"xai", "x_ai"},
    }};
    for (const auto &[name, provider] : vendors) {
        if (vendor == QLatin1String(name))
            return QString::fromLatin1(provider);
    }
    return QString();
}

QString canonicalProvider(const QString &provider)
{
    if (provider.startsWith(QLatin1String("gcp.")))
        return QStringLiteral("gcp.gemini");
    if (provider == QLatin1String("azure.ai.openai"))
        return QStringLiteral("openai");
    return provider;
}
} // namespace

std::optional<TokenPrice> TokenPrice::fromJson(const QJsonObject &json)
{
    TokenPrice price;
    const auto take = [&json](const char *key, double &target, bool required) {
        const QJsonValue value = json.value(QLatin1String(key));
        if (value.isUndefined() || value.isNull())
            return !required;
        target = value.toDouble(-1);
        return value.isDouble() && target >= 0;
    };
    if (!take("input", price.input, true) || !take("output", price.output, true)
        || !take("cache_read", price.cacheRead, false) || !take("cache_write", price.cacheWrite, false))
        return std::nullopt;
    return price;
}

QJsonObject TokenPrice::toJson() const
{
    QJsonObject out{{QStringLiteral("input"), input}, {QStringLiteral("output"), output}};
    if (cacheRead >= 0)
        out.insert(QStringLiteral("cache_read"), cacheRead);
    if (cacheWrite >= 0)
        out.insert(QStringLiteral("cache_write"), cacheWrite);
    return out;
}

void TokenPrice::price(Usage &usage) const
{
    const double read = cacheRead >= 0 ? cacheRead : input;
    const double write = cacheWrite >= 0 ? cacheWrite : input;
    const qint64 fresh =
        std::max<qint64>(0, usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens);
    usage.costKnown = true;
    usage.costUsd = (double(fresh) * input + double(usage.cacheReadTokens) * read
                     + double(usage.cacheWriteTokens) * write + double(usage.outputTokens) * output)
                    / 1e6;
}

Result<Prices> Prices::fromJson(const QJsonObject &json)
{
    const QJsonValue models = json.value(QLatin1String("models"));
    if (!models.isArray())
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The price table has no list \"models\"."));
    Prices prices;
    const QJsonArray array = models.toArray();
    prices.m_entries.reserve(size_t(array.size()));
    for (int i = 0; i < array.size(); ++i) {
        const QJsonObject object = array[i].toObject();
        Entry entry;
        entry.provider = object.value(QLatin1String("provider")).toString();
        entry.prefix = object.value(QLatin1String("model")).toString().toLower();
        if (entry.provider.isEmpty() || !object.value(QLatin1String("model")).isString()) {
            return Error(
                ErrorKind::InvalidInput,
                QStringLiteral("Entry %1 of the price table lacks \"provider\" or \"model\".")
                    .arg(i + 1));
        }
        if (const auto price = TokenPrice::fromJson(object)) {
            entry.price = *price;
        } else {
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("The price table's entry for %1 %2 needs \"input\" and "
                                        "\"output\" in dollars for a million "
                                        "tokens, none of them negative.")
                             .arg(entry.provider, entry.prefix));
        }
        prices.m_entries.push_back(std::move(entry));
    }
    return prices;
}

void Prices::price(const QString &provider, const QString &model, Usage &usage) const
{
    if (usage.costUsd > 0)
        return;
    QString owner = canonicalProvider(provider);
    QString name = model.toLower();
    if (name.startsWith(QLatin1String("models/")))
        name.remove(0, 7);
    const qsizetype slash = name.indexOf(QLatin1Char('/'));
    if (slash > 0) {
        const QString vendor = vendorProvider(QStringView(name).left(slash));
        const bool ownEntry =
            std::any_of(m_entries.begin(), m_entries.end(),
                        [&](const Entry &entry) { return entry.provider == owner; });
        if (!vendor.isEmpty() && !ownEntry) {
            owner = vendor;
            name.remove(0, slash + 1);
            if (vendor
                == QLatin1String(
                    "anthropic")) // OpenRouter writes claude-opus-4.5 for claude-opus-4-5
                name.replace(QLatin1Char('.'), QLatin1Char('-'));
        }
    }
    const Entry *best = nullptr;
    for (const Entry &entry : m_entries) {
        if (entry.provider != owner || !name.startsWith(entry.prefix))
            continue;
        // An empty prefix stands for all models of a provider.
        if (!entry.prefix.isEmpty() && isOtherModel(QStringView(name).mid(entry.prefix.size())))
            continue;
        if (!best || entry.prefix.size() > best->prefix.size())
            best = &entry;
    }
    usage.costKnown = best != nullptr;
    usage.costUsd = 0;
    if (!best)
        return;
    best->price.price(usage);
}

} // namespace lathe
