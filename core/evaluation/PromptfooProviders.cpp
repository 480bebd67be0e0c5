// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/evaluation/PromptfooReader.h"

#include <QRegularExpression>

namespace lathe {

namespace {
// Kind and model of an id such as "openai:chat:gpt-4.1"; `problem` says why it is not run.
void identify(PromptfooProvider *provider)
{
    const QString &id = provider->id;
    const QStringList parts = id.split(QLatin1Char(':'));
    const QString family = parts[0];
    const QString second = parts.value(1);
    const auto rest = [&](int from) { return parts.mid(from).join(QLatin1Char(':')); };
    if (id == QLatin1String("echo")) {
        provider->kind = QStringLiteral("echo");
        return;
    }
    if (family == QLatin1String("openai")) {
        static const QStringList others{
            QStringLiteral("embedding"), QStringLiteral("embeddings"),
            QStringLiteral("image"),     QStringLiteral("moderation"),
            QStringLiteral("assistant"), QStringLiteral("completion"),
            QStringLiteral("realtime"),  QStringLiteral("transcription"),
            QStringLiteral("agents")};
        if (others.contains(second)) {
            provider->problem =
                QStringLiteral("OpenAI's \"%1\" is not run here; chat models are.").arg(second);
            return;
        }
        const bool responses = second == QLatin1String("responses");
        provider->kind = responses ? QStringLiteral("openai-responses") : QStringLiteral("openai");
        provider->model = rest(responses || second == QLatin1String("chat") ? 2 : 1);
    } else if (family == QLatin1String("anthropic")) {
        if (second == QLatin1String("completion")) {
            provider->problem = QStringLiteral(
                "Anthropic's old completion API is not run here; use \"anthropic:messages:...\".");
            return;
        }
        provider->kind = QStringLiteral("anthropic");
        provider->model = rest(second == QLatin1String("messages") ? 2 : 1);
    } else if (family == QLatin1String("ollama")) {
        if (second == QLatin1String("embeddings") || second == QLatin1String("embedding")) {
            provider->problem = QStringLiteral("Embeddings cannot be compared as answers.");
            return;
        }
        provider->kind = QStringLiteral("ollama");
        provider->model =
            rest(second == QLatin1String("chat") || second == QLatin1String("completion") ? 2 : 1);
    } else if (family == QLatin1String("google") && second != QLatin1String("image")
               && second != QLatin1String("live")) {
        provider->kind = QStringLiteral("gemini");
        provider->model = rest(1);
    } else if (family == QLatin1String("file") || family == QLatin1String("python")
               || family == QLatin1String("exec") || family == QLatin1String("golang")
               || family == QLatin1String("ruby")) {
        provider->problem = QStringLiteral("Providers that are programs are not run here.");
    } else {
        provider->problem = QStringLiteral("Providers of the kind \"%1\" are not run here; for "
                                           "servers that speak OpenAI's API use "
                                           "\"openai:chat:MODEL\" with apiBaseUrl.")
                                .arg(family.left(40));
    }
}
} // namespace

Result<void> PromptfooReader::readProviders(const Node &node, int depth)
{
    if (!node.isSet())
        return wrong(node, QStringLiteral("There are no providers; name at least one under "
                                          "\"providers\", for example \"echo\"."));
    if (depth > 8)
        return wrong(node, QStringLiteral("Files of providers name each other."));
    if (node.isList()) {
        for (const Node &item : node.items) {
            if (auto read = readProviders(item, depth + 1); !read)
                return read;
        }
        return {};
    }
    if (node.isMap()) {
        if (node.has(QLatin1String("id")))
            return addProvider(node, node.at(QLatin1String("id")).text(), node);
        if (node.members.size() != 1 && depth > 0)
            return wrong(node, QStringLiteral("This provider has no \"id\"."));
        for (const auto &[key, settings] : node.members) {
            const QString own = settings.at(QLatin1String("id")).text();
            if (auto read = addProvider(settings, own.isEmpty() ? key : own, settings); !read)
                return read;
        }
        return {};
    }
    const QString id = node.text();
    if (id.isEmpty())
        return wrong(node, QStringLiteral("This provider is empty."));
    const Reference file = reference(id);
    if (id.startsWith(QLatin1String("file://")) && !file.script()) {
        const auto data = loadData(file.path);
        if (!data)
            return Error(data.error().kind, wrong(node, data.error().message).message);
        return readProviders(*data, depth + 1);
    }
    return addProvider(node, id, Node());
}

Result<void> PromptfooReader::addProvider(const Node &node, const QString &id, const Node &settings)
{
    if (id.isEmpty())
        return wrong(node, QStringLiteral("The \"id\" of this provider is empty."));
    PromptfooProvider provider;
    provider.id = id;
    provider.label = settings.at(QLatin1String("label")).text();
    if (provider.label.isEmpty())
        provider.label = id;
    provider.file = node.file.isEmpty() ? m_suite.file : node.file;
    provider.line = node.line;
    identify(&provider);
    const Node &prompts = settings.at(QLatin1String("prompts"));
    for (const Node &prompt : prompts.items)
        provider.prompts.append(prompt.text());
    if (prompts.isText())
        provider.prompts.append(prompts.text());
    provider.delayMs =
        int(std::clamp(settings.at(QLatin1String("delay")).scalar.toDouble(), 0.0, 3.6e6));
    const Node &transform = settings.at(QLatin1String("transform"));
    provider.transform = transform.text();
    if (provider.transform.startsWith(QLatin1String("file://"))) {
        provider.problem =
            QStringLiteral("Its transform is a program in a file, which is not run here.");
        provider.transform.clear();
    }
    if (settings.isMap()) {
        noteKeys(settings,
                 {QStringLiteral("id"), QStringLiteral("label"), QStringLiteral("config"),
                  QStringLiteral("prompts"), QStringLiteral("delay"), QStringLiteral("transform"),
                  QStringLiteral("env")},
                 QStringLiteral("provider"));
        if (settings.has(QLatin1String("env")))
            note(Severity::Warning, settings.at(QLatin1String("env")),
                 QStringLiteral("env of provider \"%1\"").arg(provider.label),
                 QStringLiteral("Environment variables of a single provider are not set; use "
                                "\"env\" of the file."));
    }
    readProviderConfig(settings.at(QLatin1String("config")), &provider);
    if (provider.problem.isEmpty() && provider.kind != QLatin1String("echo")
        && provider.model.isEmpty())
        provider.problem = QStringLiteral("It names no model.");
    if (!provider.problem.isEmpty()) {
        provider.kind.clear();
        note(Severity::Error, node, QStringLiteral("provider \"%1\"").arg(provider.id),
             provider.problem);
    }
    m_suite.providers.push_back(std::move(provider));
    return {};
}

void PromptfooReader::readProviderConfig(const Node &config, PromptfooProvider *provider)
{
    for (const auto &[key, value] : config.members) {
        const QString what = QStringLiteral("%1 of provider \"%2\"").arg(key, provider->label);
        if (key == QLatin1String("apiKey")) {
            if (!value.environment.isEmpty()) {
                provider->keyVariable = value.environment;
            } else {
                provider->apiKey = value.text();
                note(Severity::Hint, value, what,
                     QStringLiteral(
                         "A key written in a file is easily shared by mistake; use apiKeyEnvar."));
            }
            continue;
        }
        provider->config.insert(key, value.toJson());
        static const QHash<QString, QString> parameters{
            {QStringLiteral("temperature"), QStringLiteral("temperature")},
            {QStringLiteral("top_p"), QStringLiteral("top_p")},
            {QStringLiteral("topP"), QStringLiteral("top_p")},
            {QStringLiteral("seed"), QStringLiteral("seed")},
            {QStringLiteral("max_tokens"), QStringLiteral("max_output_tokens")},
            {QStringLiteral("max_completion_tokens"), QStringLiteral("max_output_tokens")},
            {QStringLiteral("max_output_tokens"), QStringLiteral("max_output_tokens")},
            {QStringLiteral("maxOutputTokens"), QStringLiteral("max_output_tokens")},
            {QStringLiteral("num_predict"), QStringLiteral("max_output_tokens")}};
        if (parameters.contains(key)) {
            bool good = value.scalar.isDouble();
            const double number = good ? value.scalar.toDouble() : value.text().toDouble(&good);
            if (good)
                provider->parameters.insert(parameters[key], number);
            else if (value.isSet())
                note(Severity::Warning, value, what,
                     QStringLiteral("It is no number, so it is not used."));
        } else if (key == QLatin1String("apiBaseUrl")) {
            provider->baseUrl = value.text();
        } else if (key == QLatin1String("apiHost")) {
            provider->baseUrl = QStringLiteral("https://%1/v1").arg(value.text());
        } else if (key == QLatin1String("apiKeyEnvar")) {
            provider->keyVariable = value.text();
        } else if (key == QLatin1String("model") && provider->model.isEmpty()) {
            provider->model = value.text();
        } else if (key == QLatin1String("tools")) {
            const Reference file = reference(value.text());
            if (value.isText() && !file.script()) {
                const auto data = loadData(file.path);
                if (data)
                    provider->tools = data->toJson().toArray();
                else
                    provider->problem =
                        QStringLiteral("Its tools cannot be read: %1").arg(data.error().message);
            } else if (value.isText()) {
                provider->problem =
                    QStringLiteral("Its tools are a program in a file, which is not run here.");
            } else {
                provider->tools = value.toJson().toArray();
            }
        } else {
            note(Severity::Warning, value, what,
                 QStringLiteral("This setting is not passed on to the provider."));
        }
    }
}

} // namespace lathe
