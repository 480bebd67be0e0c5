// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/generator/RunScript.h"

#include "core/base/Json.h"

#include <cmath>

namespace lathe::test {

namespace {
using L = QLatin1String;

const char *const commonWords[] = {"refund", "invoice", "export", "login",  "error",   "customer", "order",  "delivery", "price",   "account",
                                   "search", "report",  "upload", "crash",  "slow",    "missing",  "wrong",  "payment",  "update",  "table",
                                   "page",   "button",  "mail",   "number", "address", "contract", "answer", "question", "request", "service"};
const char *const tools[] = {"feedback_sql", "web_page", "search_docs", "calculator", "files", "send_mail", "current_time"};
struct ModelName {
    const char *connection;
    const char *provider;
    const char *model;
    double perToken; // US dollars, 0: not known
};
const ModelName models[] = {{"openai", "openai", "gpt-5", 4e-6},        {"openai", "openai", "gpt-5-mini", 4e-7},
                            {"anthropic", "anthropic", "claude-sonnet-5", 5e-6}, {"local", "openai", "qwen3-14b", 0},
                            {"offline", "lathe", "extractive", 0}};
struct Failure {
    ErrorKind kind;
    const char *message;
};
const Failure failures[] = {{ErrorKind::RateLimited, "The provider openai is busy (429); it asks to wait 20 s."},
                            {ErrorKind::Timeout, "The model gave nothing for 60 s."},
                            {ErrorKind::Provider, "The provider answered with an error (503)."},
                            {ErrorKind::LimitReached, "The run reached its limit of 20 steps."},
                            {ErrorKind::InvalidInput, "The answer is not of the format the prompt asks for: /area is missing."}};

QString syllables(quint64 seed)
{
    static const char *const parts[] = {"ka", "lo", "mi", "ter", "pos", "en", "ra", "vi", "dun", "sel", "or", "ta", "bri", "ne", "cum", "fa"};
    QString word;
    for (quint64 rest = seed + 17; rest > 0; rest /= 16)
        word += L(parts[rest % 16]);
    return word;
}

QJsonObject message(const char *role, const QString &text)
{
    const QJsonObject part{{QStringLiteral("type"), QStringLiteral("text")}, {QStringLiteral("content"), text}};
    return {{QStringLiteral("role"), L(role)}, {QStringLiteral("parts"), QJsonArray{part}}};
}

// Builds the events of one run as a clock goes on.
class Script
{
public:
    Script(Dice &dice, qint64 startUs) : m_dice(dice), m_now(startUs) {}

    ScriptedRun run;

    void add(RunEvent event)
    {
        event.timeUs = m_now;
        run.events.push_back(std::move(event));
    }
    QString begin(const QString &parent, StepKind kind, const QString &name, const QJsonObject &attributes)
    {
        const QString number = QString::number(++m_children[parent]);
        RunEvent event;
        event.kind = RunEventKind::StepStarted;
        event.step = parent.isEmpty() ? number : parent + QLatin1Char('.') + number;
        event.stepKind = kind;
        event.name = name;
        event.attributes = attributes;
        ++run.steps;
        const QString path = event.step;
        add(std::move(event));
        return path;
    }
    void end(const QString &step, StepStatus status, const QJsonObject &attributes, std::optional<Error> error = std::nullopt,
             const QString &text = QString())
    {
        RunEvent event;
        event.kind = RunEventKind::StepEnded;
        event.step = step;
        event.stepStatus = status;
        event.attributes = attributes;
        event.error = std::move(error);
        event.text = text;
        add(std::move(event));
    }
    void note(const QString &step, const char *name, const QJsonObject &attributes)
    {
        RunEvent event;
        event.kind = RunEventKind::StepNote;
        event.step = step;
        event.name = L(name);
        event.attributes = attributes;
        add(std::move(event));
    }
    void pass(double seconds) { m_now += qint64(seconds * 1e6); }
    qint64 now() const { return m_now; }
    void setNow(qint64 us) { m_now = us; }

    void chat(const QString &parent, const ModelName &model, const QString &input, std::optional<Error> error)
    {
        const QString name = L(model.model);
        const QString step = begin(parent, StepKind::Model, L("chat ") + name,
                                   {{QStringLiteral("gen_ai.operation.name"), QStringLiteral("chat")},
                                    {QStringLiteral("gen_ai.provider.name"), L(model.provider)},
                                    {QStringLiteral("gen_ai.request.model"), name},
                                    {QStringLiteral("gen_ai.request.temperature"), 0.2}});
        StoredEntry entry = record(step, "chat",
                                   {{QStringLiteral("model"), name},
                                    {QStringLiteral("messages"), QJsonArray{message("system", m_system), message("user", input)}}});
        if (m_dice.chance(0.03)) {
            pass(m_dice.lognormal(2, 0.7));
            note(step, "retry", {{QStringLiteral("attempt"), 2}, {QStringLiteral("wait_ms"), 1200}, {QStringLiteral("reason"), QStringLiteral("429")}});
        }
        pass(m_dice.lognormal(1.1, 0.8));
        const int in = int(m_dice.lognormal(900, 0.9)), out = int(m_dice.lognormal(120, 0.9)) + 1;
        Usage usage;
        usage.inputTokens = in;
        usage.outputTokens = out;
        usage.costKnown = model.perToken > 0;
        usage.costUsd = model.perToken * (in + 4 * out);
        const QString text = m_dice.words(5 + m_dice.below(40));
        QJsonObject outcome{{QStringLiteral("connection"), L(model.connection)}, {QStringLiteral("model"), name}, {QStringLiteral("provider"), L(model.provider)}};
        QJsonObject attributes{{QStringLiteral("gen_ai.provider.name"), L(model.provider)},
                               {QStringLiteral("lathe.connection"), L(model.connection)},
                               {QStringLiteral("lathe.model"), name}};
        if (error) {
            outcome.insert(QStringLiteral("error"), QJsonObject{{QStringLiteral("type"), errorKindName(error->kind)},
                                                                {QStringLiteral("message"), error->message}});
            attributes.insert(QStringLiteral("error.type"), errorKindName(error->kind));
        } else {
            outcome.insert(QStringLiteral("response"), QJsonObject{{QStringLiteral("message"), message("assistant", text)},
                                                                   {QStringLiteral("finish_reason"), QStringLiteral("stop")},
                                                                   {QStringLiteral("model"), name},
                                                                   {QStringLiteral("usage"), usage.toJson()}});
            attributes.insert(QStringLiteral("gen_ai.response.model"), name);
            attributes.insert(QStringLiteral("gen_ai.response.finish_reasons"), QJsonArray{QStringLiteral("stop")});
            attributes.insert(QStringLiteral("gen_ai.usage.input_tokens"), in);
            attributes.insert(QStringLiteral("gen_ai.usage.output_tokens"), out);
            if (usage.costKnown)
                attributes.insert(QStringLiteral("lathe.cost_usd"), usage.costUsd);
            run.info.usage += usage;
            RunEvent delta;
            delta.kind = RunEventKind::StepDelta;
            delta.step = step;
            delta.text = text;
            add(std::move(delta));
            pass(out * 0.008);
            m_answer = text;
        }
        close(entry, outcome);
        end(step, error ? StepStatus::Failed : StepStatus::Ok, attributes, error);
    }

    void tool(const QString &parent)
    {
        const QString name = L(m_dice.oneOf(tools));
        const QJsonObject arguments{{QStringLiteral("query"), m_dice.words(3)}, {QStringLiteral("limit"), 1 + m_dice.below(50)}};
        const QString step = begin(parent, StepKind::Tool, L("execute_tool ") + name,
                                   {{QStringLiteral("gen_ai.operation.name"), QStringLiteral("execute_tool")},
                                    {QStringLiteral("gen_ai.tool.name"), name},
                                    {QStringLiteral("gen_ai.tool.call.arguments"), json::compactString(arguments)}});
        StoredEntry entry = record(step, "execute_tool", {{QStringLiteral("tool"), name}, {QStringLiteral("arguments"), arguments}});
        pass(m_dice.lognormal(0.15, 1.1));
        const bool bad = m_dice.chance(0.04);
        const QString text = bad ? QStringLiteral("The table feedbak does not exist; there is feedback.") : m_dice.words(m_dice.chance(0.02) ? 900 : 12 + m_dice.below(30));
        close(entry, {{QStringLiteral("outcome"), QJsonObject{{QStringLiteral("text"), text}, {QStringLiteral("is_error"), bad}}}});
        end(step, bad ? StepStatus::Failed : StepStatus::Ok,
            bad ? QJsonObject{{QStringLiteral("error.type"), QStringLiteral("provider")}} : QJsonObject(),
            bad ? std::optional(Error(ErrorKind::Provider, text)) : std::nullopt, text);
    }

    // A tool loop of about `steps` steps.
    void agent(const QString &parent, const char *name, const QString &input, int steps, const ModelName &model, std::optional<Error> error)
    {
        const QString path = begin(parent, StepKind::Agent, L("invoke_agent ") + L(name),
                                   {{QStringLiteral("gen_ai.operation.name"), QStringLiteral("invoke_agent")}, {QStringLiteral("gen_ai.agent.name"), L(name)}});
        for (int left = steps - 2; left > 0;) {
            if (left > 12 && m_dice.chance(0.2)) { // a part of its own
                const int part = 3 + m_dice.below(std::min(left, 40) - 3);
                agent(path, "researcher", m_dice.words(4), part, model, std::nullopt);
                left -= part;
            } else if (m_dice.chance(0.45)) {
                chat(path, model, input, std::nullopt);
                --left;
            } else {
                const int together = std::min(left, m_dice.chance(0.15) ? 3 : 1); // calls at once
                const qint64 from = now();
                qint64 latest = from;
                for (int i = 0; i < together; ++i) {
                    setNow(from);
                    tool(path);
                    latest = std::max(latest, now());
                }
                setNow(latest);
                left -= together;
            }
        }
        chat(path, model, input, error);
        pass(0.002);
        end(path, error ? StepStatus::Failed : StepStatus::Ok, {}, error);
    }

    QString answer() const { return m_answer; }

private:
    StoredEntry record(const QString &step, const char *kind, const QJsonObject &request)
    {
        StoredEntry entry;
        entry.step = step;
        entry.kind = L(kind);
        entry.request = json::compact(request);
        entry.requestHash = json::sha256(entry.request);
        entry.startedUs = now();
        return entry;
    }
    void close(StoredEntry &entry, const QJsonObject &outcome)
    {
        entry.done = true;
        entry.outcome = outcome;
        entry.endedUs = now();
        run.journal.push_back(std::move(entry));
    }

    Dice &m_dice;
    qint64 m_now;
    QHash<QString, int> m_children;
    QString m_system = QStringLiteral("You read what customers write and answer in one sentence. Use the tools for every number.");
    QString m_answer;
};
} // namespace

double Dice::lognormal(double median, double sigma)
{
    const double u = std::max(unit(), 1e-12);
    return median * std::exp(sigma * std::sqrt(-2 * std::log(u)) * std::cos(6.283185307179586 * unit()));
}

QString Dice::words(int count)
{
    QString text;
    for (int i = 0; i < count; ++i) {
        if (i > 0)
            text += QLatin1Char(' ');
        const double rank = std::pow(unit(), 3) * 20'000;
        text += rank < double(std::size(commonWords)) ? QString(L(commonWords[size_t(rank)])) : syllables(quint64(rank));
    }
    return text;
}

const std::vector<AgentName> &scriptedAgents()
{
    static const std::vector<AgentName> agents{{ArtifactKind::Agent, "triage", 12},    {ArtifactKind::Agent, "researcher", 5}, {ArtifactKind::Agent, "coder", 7},
                                               {ArtifactKind::Agent, "summariser", 3}, {ArtifactKind::Agent, "mailer", 2},     {ArtifactKind::Team, "support-desk", 6}};
    return agents;
}

ScriptedRun scriptRun(Dice &dice, qint64 startUs, int steps)
{
    const AgentName &agent = dice.oneOf(scriptedAgents());
    const ModelName &model = dice.oneOf(models);
    const QString input = dice.words(6 + dice.below(24));
    Script script(dice, startUs);
    RunInfo &info = script.run.info;
    info.agentName = L(agent.name);
    info.revisionNumber = 1 + dice.below(agent.revisions);
    info.models = L(model.connection) + QLatin1Char('/') + L(model.model);
    info.input = input;
    info.inputJson = {{QStringLiteral("text"), input}};
    info.startUs = startUs;
    info.revisions = {{QStringLiteral("agent"), QStringLiteral("%1@%2").arg(info.agentName).arg(info.revisionNumber)},
                      {QStringLiteral("prompt"), QStringLiteral("%1-prompt@%2").arg(info.agentName).arg(1 + info.revisionNumber / 2)}};
    RunEvent started;
    started.kind = RunEventKind::RunStarted;
    started.name = info.agentName;
    started.attributes = {{QStringLiteral("gen_ai.agent.name"), info.agentName}, {QStringLiteral("revisions"), info.revisions}, {QStringLiteral("input"), input}};
    script.add(std::move(started));

    std::optional<Error> error;
    if (dice.chance(0.07)) {
        const Failure &failure = dice.oneOf(failures);
        error = Error(failure.kind, L(failure.message));
    }
    const bool cancelled = !error && dice.chance(0.02);
    if (agent.kind == ArtifactKind::Team) {
        const QString team = script.begin(QString(), StepKind::Agent, L("invoke_workflow ") + L(agent.name),
                                          {{QStringLiteral("gen_ai.operation.name"), QStringLiteral("invoke_workflow")}, {QStringLiteral("gen_ai.workflow.name"), L(agent.name)}});
        const QString fan = script.begin(team, StepKind::Control, QStringLiteral("parallel"), {});
        const int branches = 2 + dice.below(3);
        const qint64 from = script.now();
        qint64 latest = from;
        for (int i = 0; i < branches; ++i) {
            script.setNow(from);
            script.agent(fan, i == 0 ? "triage" : "researcher", input, std::max(2, (steps - 2) / branches), model, std::nullopt);
            latest = std::max(latest, script.now());
        }
        script.setNow(latest);
        script.end(fan, StepStatus::Ok, {});
        script.agent(team, "summariser", input, 2, model, error);
        script.end(team, error ? StepStatus::Failed : StepStatus::Ok, {}, error);
    } else {
        script.agent(QString(), agent.name, input, steps, model, error);
    }
    script.pass(0.001);
    RunEvent over;
    over.kind = RunEventKind::RunEnded;
    over.runStatus = error ? RunStatus::Failed : cancelled ? RunStatus::Cancelled : RunStatus::Done;
    over.text = error || cancelled ? QString() : script.answer();
    over.error = error;
    over.attributes = {{QStringLiteral("usage"), info.usage.toJson()}};
    script.add(std::move(over));
    if (!error && dice.chance(0.08)) {
        Rating rating;
        const bool stars = dice.chance(0.5);
        rating.kind = stars ? QStringLiteral("stars") : QStringLiteral("thumbs");
        rating.value = stars ? 1 + dice.below(5) : dice.below(2);
        rating.note = dice.chance(0.2) ? dice.words(6) : QString();
        rating.author = QStringLiteral("sample");
        rating.createdUs = script.now() + 60'000'000;
        script.run.rating = rating;
    }
    return std::move(script.run);
}

} // namespace lathe::test
