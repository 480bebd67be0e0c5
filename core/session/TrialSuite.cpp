// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/TrialSuite.h"

#include "core/llm/LocalServers.h"
#include "core/prompt/PromptSpec.h"
#include "core/session/VariantModel.h"
#include "core/tool/SchemaCheck.h"

#include <map>

namespace lathe {

namespace {
QString apiOf(const QString &kind)
{
    if (kind == QLatin1String("openai-responses"))
        return QStringLiteral("openai_responses");
    if (kind == QLatin1String("anthropic") || kind == QLatin1String("gemini"))
        return kind;
    return QStringLiteral("openai_chat"); // Ollama speaks it too
}

QString baseUrlOf(const PromptfooProvider &provider)
{
    if (!provider.baseUrl.isEmpty())
        return provider.baseUrl;
    const auto from = [](const char *first, const char *second) {
        const QString value = qEnvironmentVariable(first);
        return value.isEmpty() ? qEnvironmentVariable(second) : value;
    };
    if (provider.kind.startsWith(QLatin1String("openai")))
        return from("OPENAI_BASE_URL", "OPENAI_API_BASE_URL");
    if (provider.kind == QLatin1String("anthropic"))
        return from("ANTHROPIC_BASE_URL", "ANTHROPIC_API_BASE_URL");
    if (provider.kind == QLatin1String("ollama")) {
        QString host = from("OLLAMA_BASE_URL", "OLLAMA_HOST");
        if (host.isEmpty())
            host = QStringLiteral("http://127.0.0.1:11434");
        if (!host.contains(QLatin1String("://")))
            host.prepend(QLatin1String("http://"));
        while (host.endsWith(QLatin1Char('/')))
            host.chop(1);
        return host.endsWith(QLatin1String("/v1")) ? host : host + QStringLiteral("/v1");
    }
    return {};
}

QString contentText(const QJsonValue &content)
{
    if (content.isString())
        return content.toString();
    QStringList parts;
    const QJsonArray list = content.toArray();
    for (const QJsonValue &part : list)
        parts.append(part[QLatin1String("text")].toString());
    return parts.join(QLatin1Char('\n'));
}
}

TrialSuite::TrialSuite(PromptfooSuite suite, HttpClient *http, Clock *clock, SecretStore *secrets)
    : m_suite(std::move(suite)), m_http(http), m_clock(clock), m_secrets(secrets), m_prices(shippedPrices())
{
    m_world.expression = [this](QString source, QJsonObject names, CancelToken cancel) {
        return m_engine.evaluate(std::move(source), std::move(names), cancel);
    };
    m_world.schemaProblem = [](const QJsonValue &value, const QJsonValue &schema) -> Result<QString> {
        const auto violations = checkSchema(schema, value);
        if (!violations)
            return violations.error();
        return violations->empty() ? QString() : violationsText(*violations);
    };
    m_world.judge = [this](JudgeCall call, CancelToken cancel) { return grade(std::move(call), cancel); };
    m_world.embed = [this](QStringList texts, CancelToken cancel) { return embed(std::move(texts), cancel); };
    m_world.text = [](const QString &name, const QJsonObject &values) { return promptText(name, values); };
}

// By a server of the suite that has OpenAI's API, else by promptfoo's default, OpenAI's text-embedding-3-large.
Task<Result<std::vector<Embedding>>> TrialSuite::embed(QStringList texts, CancelToken cancel)
{
    PromptfooProvider provider;
    provider.id = QStringLiteral("openai:embedding:text-embedding-3-large");
    provider.kind = QStringLiteral("openai");
    provider.model = QStringLiteral("text-embedding-3-large");
    for (const PromptfooProvider &of : m_suite.providers) {
        const bool ollama = of.kind == QLatin1String("ollama");
        if (!ollama && of.kind != QLatin1String("openai"))
            continue;
        provider = of;
        provider.model = ollama ? QStringLiteral("nomic-embed-text") : QStringLiteral("text-embedding-3-large");
        break;
    }
    const auto model = co_await this->model(&provider);
    if (!model)
        co_return model.error();
    auto vectors = co_await (*model)->embed(provider.model, texts, cancel);
    co_return vectors;
}

QString TrialSuite::providerName(int provider) const
{
    const PromptfooProvider &of = m_suite.providers[size_t(provider)];
    return of.label.isEmpty() ? of.id : of.label;
}

QString TrialSuite::promptName(int prompt) const
{
    const PromptfooPrompt &of = m_suite.prompts[size_t(prompt)];
    const QString name = of.label.isEmpty() ? of.id : of.label;
    return name.isEmpty() ? of.text.simplified().left(60) : name.simplified().left(60);
}

Task<Result<std::shared_ptr<ChatModel>>> TrialSuite::model(const PromptfooProvider *provider)
{
    ConnectionSpec spec;
    spec.name = provider->id;
    spec.api = apiOf(provider->kind);
    spec.baseUrl = baseUrlOf(*provider);
    spec.local = provider->kind == QLatin1String("ollama");
    spec.secretName = !provider->keyVariable.isEmpty() ? provider->keyVariable
        : spec.local                                   ? QString()
                                                       : ConnectionSpec::conventionalSecret(spec.api);
    QString secret = provider->apiKey;
    const QString key = spec.api + QLatin1Char('\n') + spec.baseUrl + QLatin1Char('\n') + spec.secretName + QLatin1Char('\n') + secret;
    if (const auto known = m_models.value(key))
        co_return known;
    if (secret.isEmpty() && !spec.secretName.isEmpty()) {
        const QJsonValue given = m_suite.environment.value(spec.secretName);
        if (given.isString()) {
            secret = given.toString();
        } else {
            const auto read = co_await m_secrets->read(spec.secretName);
            if (read)
                secret = *read;
        }
    }
    if (!secret.isEmpty() && spec.secretName.isEmpty())
        spec.secretName = QStringLiteral("apiKey");
    auto made = makeChatModel(spec, secret, m_http, m_clock);
    if (!made)
        co_return made.error();
    m_models.insert(key, *made);
    co_return std::shared_ptr<ChatModel>(*made);
}

Task<TrialSuite::Answer> TrialSuite::ask(const PromptfooProvider *provider, QJsonArray messages, QJsonArray tools, CancelToken cancel)
{
    Answer answer;
    auto asked = co_await model(provider);
    if (!asked) {
        answer.error = asked.error();
        co_return answer;
    }
    ChatRequest request;
    request.model = provider->model;
    for (const QJsonValue &value : std::as_const(messages)) {
        const QString role = value[QLatin1String("role")].toString();
        const Role who = role == QLatin1String("system") || role == QLatin1String("developer") ? Role::System
            : role == QLatin1String("assistant")                                               ? Role::Assistant
                                                                                               : Role::User;
        request.messages.emplace_back(who, contentText(value[QLatin1String("content")]));
    }
    for (const QJsonValue &value : std::as_const(tools)) {
        const QJsonObject function = value[QLatin1String("function")].toObject();
        ToolDescription tool;
        tool.name = function.value(QLatin1String("name")).toString();
        tool.description = function.value(QLatin1String("description")).toString();
        tool.schema = function.value(QLatin1String("parameters")).toObject();
        request.tools.push_back(std::move(tool));
    }
    const QJsonObject &parameters = provider->parameters;
    if (parameters.contains(QLatin1String("temperature")))
        request.temperature = parameters.value(QLatin1String("temperature")).toDouble();
    if (parameters.contains(QLatin1String("top_p")))
        request.topP = parameters.value(QLatin1String("top_p")).toDouble();
    if (parameters.contains(QLatin1String("max_output_tokens")))
        request.maxTokens = parameters.value(QLatin1String("max_output_tokens")).toInteger();
    if (parameters.contains(QLatin1String("seed")))
        request.seed = parameters.value(QLatin1String("seed")).toInteger();
    ChatSinks sinks;
    const qint64 startUs = m_clock->nowUs();
    auto response = co_await (*asked)->chat(std::move(request), std::move(sinks), cancel);
    answer.latencyUs = m_clock->nowUs() - startUs;
    if (!response) {
        answer.error = response.error();
        co_return answer;
    }
    answer.usage = response->usage;
    m_prices.price((*asked)->providerName(), provider->model, answer.usage);
    m_usage += answer.usage;
    answer.text = response->message.text();
    for (const MessagePart &call : response->message.toolCalls()) {
        answer.toolCalls.append(QJsonObject{{QStringLiteral("id"), call.id},
                                            {QStringLiteral("type"), QStringLiteral("function")},
                                            {QStringLiteral("function"), QJsonObject{{QStringLiteral("name"), call.name},
                                                                                     {QStringLiteral("arguments"), call.argumentsText}}}});
    }
    if (answer.text.isEmpty() && !answer.toolCalls.isEmpty())
        answer.text = json::compactString(answer.toolCalls);
    co_return answer;
}

const PromptfooProvider *TrialSuite::grader(const QString &id)
{
    for (const PromptfooProvider &provider : m_suite.providers) {
        if ((provider.id == id || provider.label == id) && provider.problem.isEmpty() && provider.kind != QLatin1String("echo"))
            return &provider;
    }
    if (!m_graders.contains(id)) {
        // Read as the configuration's own providers are.
        const QJsonObject config{{QStringLiteral("prompts"), QJsonArray{QStringLiteral("x")}}, {QStringLiteral("providers"), QJsonArray{id}}};
        const auto read = readPromptfooText(json::compact(config), QStringLiteral("grader.json"), QString(), PromptfooOptions());
        m_graders.insert(id, read && !read->providers.empty() ? read->providers.front() : PromptfooProvider());
    }
    const auto found = m_graders.constFind(id);
    return found->kind.isEmpty() || found->kind == QLatin1String("echo") || !found->problem.isEmpty() ? nullptr : &*found;
}

Task<Result<QString>> TrialSuite::grade(JudgeCall call, CancelToken cancel)
{
    QString id = call.model.isEmpty() ? m_suite.grader : call.model;
    if (id.isEmpty() && qEnvironmentVariableIsSet("OPENAI_API_KEY"))
        id = QStringLiteral("openai:gpt-4.1"); // as promptfoo does when nothing is named
    if (id.isEmpty())
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("No provider for grading is named; set defaultTest.options.provider."));
    const PromptfooProvider *provider = grader(id);
    if (!provider)
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("The provider \"%1\" cannot grade here.").arg(id.left(100)));
    PromptfooProvider own = *provider;
    own.parameters.insert(QStringLiteral("temperature"), 0);
    QJsonArray messages;
    if (!call.system.isEmpty())
        messages.append(QJsonObject{{QStringLiteral("role"), QStringLiteral("system")}, {QStringLiteral("content"), call.system}});
    messages.append(QJsonObject{{QStringLiteral("role"), QStringLiteral("user")}, {QStringLiteral("content"), call.user}});
    const QByteArray key = "grade\n" + id.toUtf8() + '\n' + json::compact(messages);
    if (const auto known = m_answers.constFind(key); known != m_answers.constEnd())
        co_return known->text;
    const Answer answer = co_await ask(&own, messages, QJsonArray(), cancel);
    if (answer.error)
        co_return Error(*answer.error);
    m_answers.insert(key, answer);
    co_return answer.text;
}

Task<Result<void>> TrialSuite::run(int atOnce, CancelToken cancel)
{
    auto cases = promptfooCases(m_suite);
    if (!cases)
        co_return cases.error();
    if (cases->empty())
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("%1 has nothing to run: it needs prompts, providers and tests.").arg(m_suite.file));
    m_cases.resize(cases->size());
    m_toolCalls.resize(cases->size());
    for (size_t i = 0; i < cases->size(); ++i)
        m_cases[i].one = std::move((*cases)[i]);
    std::vector<Task<>> workers;
    for (int i = 0; i < std::clamp(atOnce, 1, 256); ++i)
        workers.push_back(work(cancel));
    for (auto &worker : workers)
        co_await worker;
    co_await compareRows(cancel);
    for (SuiteCase &one : m_cases)
        conclude(&one);
    if (cancel.isCancelled())
        co_return Error::cancelled();
    co_return Result<void>();
}

Task<> TrialSuite::work(CancelToken cancel)
{
    while (m_next < m_cases.size() && !cancel.isCancelled()) {
        const size_t index = m_next++;
        co_await perform(index, cancel);
        ++m_done;
    }
}

CheckInput TrialSuite::inputOf(const SuiteCase &one) const
{
    CheckInput input;
    input.output = one.output;
    input.vars = one.one.vars;
    input.expected = QJsonValue(QJsonValue::Undefined);
    input.latencySeconds = double(one.latencyUs) / 1e6;
    if (one.usage.costKnown)
        input.costUsd = one.usage.costUsd;
    input.prompt = one.asked;
    input.tools = m_suite.providers[size_t(one.one.provider)].tools;
    input.metadata = m_suite.tests[size_t(one.one.test)].metadata;
    return input;
}

Task<> TrialSuite::perform(size_t index, CancelToken cancel)
{
    SuiteCase *const one = &m_cases[index];
    const PromptfooTest &test = m_suite.tests[size_t(one->one.test)];
    const PromptfooProvider &provider = m_suite.providers[size_t(one->one.provider)];
    one->problem = one->one.problem;
    if (!one->problem.isEmpty()) {
        one->done = true;
        co_return;
    }
    const auto request = promptfooRequest(m_suite, one->one);
    if (!request) {
        one->problem = request.error().message;
        one->done = true;
        co_return;
    }
    one->asked = request->text;
    Answer answer;
    if (test.providerOutput) {
        answer.text = *test.providerOutput;
    } else if (provider.kind == QLatin1String("echo")) {
        answer.text = request->text;
    } else {
        const QByteArray key = QByteArray::number(one->one.provider) + '\n' + QByteArray::number(one->one.repetition) + '\n'
            + json::compact(request->messages);
        const auto known = m_answers.constFind(key);
        if (known != m_answers.constEnd()) {
            answer = *known;
        } else {
            const int delayMs = std::max(provider.delayMs, m_suite.delayMs);
            if (delayMs > 0) {
                const auto slept = co_await m_clock->sleep(delayMs, cancel);
                if (!slept)
                    co_return;
            }
            answer = co_await ask(&provider, request->messages, provider.tools, cancel);
            if (!answer.error)
                m_answers.insert(key, answer);
        }
    }
    if (cancel.isCancelled())
        co_return;
    one->error = answer.error;
    one->usage = answer.usage;
    one->latencyUs = answer.latencyUs;
    one->output = answer.text;
    m_toolCalls[index] = answer.toolCalls;
    one->done = true;
    if (one->error)
        co_return;
    for (const QString &script : {provider.transform, test.transform}) {
        if (script.isEmpty())
            continue;
        const CheckInput given = inputOf(*one);
        auto changed = co_await transformOutput(script, given, &m_world, cancel);
        if (!changed) {
            one->problem = changed.error().message;
            co_return;
        }
        one->output = *changed;
        m_toolCalls[index] = {};
    }
    CheckInput input = inputOf(*one);
    input.toolCalls = m_toolCalls[index];
    for (size_t i = 0; i < test.checks.size(); ++i) {
        const CheckTypeInfo *info = checkType(test.checks[i].type);
        if (info && info->comparesVariants && test.checks[i].problem.isEmpty()) {
            // Its turn comes when all of the row are there.
            one->checks.push_back(TrialChecks::viewOf(test.checks[i], int(i), CheckResult::notRun(QStringLiteral("Not compared yet."))));
            continue;
        }
        CheckSpec spec = test.checks[i];
        const CheckResult result = co_await runCheck(std::move(spec), input, &m_world, cancel);
        one->checks.push_back(TrialChecks::viewOf(test.checks[i], int(i), result));
    }
}

Task<> TrialSuite::compareRows(CancelToken cancel)
{
    std::map<std::pair<int, int>, std::vector<size_t>> rows; // row and repetition
    for (size_t i = 0; i < m_cases.size(); ++i)
        rows[{m_cases[i].one.row, m_cases[i].one.repetition}].push_back(i);
    for (const auto &[row, members] : rows) {
        if (cancel.isCancelled())
            co_return;
        const std::vector<CheckSpec> checks = m_suite.tests[size_t(m_cases[members.front()].one.test)].checks;
        for (size_t c = 0; c < checks.size(); ++c) {
            const CheckTypeInfo *info = checkType(checks[c].type);
            if (!info || !info->comparesVariants || !checks[c].problem.isEmpty())
                continue;
            std::vector<CheckInput> inputs;
            std::vector<size_t> compared;
            for (const size_t index : members) {
                if (m_cases[index].checks.size() == checks.size()) {
                    inputs.push_back(inputOf(m_cases[index]));
                    compared.push_back(index);
                }
            }
            CheckSpec spec = checks[c];
            const auto results = co_await runComparison(std::move(spec), std::move(inputs), &m_world, cancel);
            for (size_t i = 0; i < compared.size() && i < results.size(); ++i)
                m_cases[compared[i]].checks[c] = TrialChecks::viewOf(checks[c], int(c), results[i]);
        }
    }
}

void TrialSuite::conclude(SuiteCase *one) const
{
    if (!one->done || one->error || !one->problem.isEmpty()) {
        one->whole = CheckResult::notRun(one->error ? one->error->message : one->problem);
        one->passed = false;
        return;
    }
    const PromptfooTest &test = m_suite.tests[size_t(one->one.test)];
    std::vector<CheckResult> results;
    for (const TrialCheck &check : one->checks) {
        CheckResult result;
        result.ran = check.ran;
        result.passed = check.passed;
        result.score = check.score;
        result.reason = check.reason.isEmpty() ? check.name : check.reason;
        results.push_back(std::move(result));
    }
    one->whole = combineChecks(test.checks, std::move(results), test.threshold);
    one->passed = one->whole.ran && one->whole.passed;
}

} // namespace lathe
