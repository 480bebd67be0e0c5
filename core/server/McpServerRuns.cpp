// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/McpServerRuns.h"

#include "core/base/Json.h"
#include "core/session/Session.h"

#include <QPointer>
#include <QRandomGenerator>
#include <QSet>

namespace lathe {

using namespace mcpserver;

namespace {
constexpr size_t maxLive = 64; // runs of clients at once, those included that wait for a person
}

// A run begun by a client, until its result was given.
struct McpServerRuns::Live {
    RunId run;
    QString tool;
    QString agent;
    QJsonObject arguments;
    std::optional<Result<RunResult>> ended;
    std::optional<Completion<bool>> change; // completed when the run ended or asks something
    QSet<QString> asking; // steps whose questions are before the person now (legacy era)
    int steps = 0;
    int round = 0; // of questions that went back to the client (modern era)
    std::function<void(double, const QString &)> progress;

    void wake()
    {
        if (auto waiting = std::exchange(change, std::nullopt))
            waiting->complete(true);
    }
};

McpServerRuns::McpServerRuns(McpServerOffer *offer, QObject *parent) : QObject(parent), m_offer(offer), m_session(offer->session())
{
    connect(m_session, &Session::questionsChanged, this, [this] {
        const auto all = m_live; // a wake may end one
        for (const auto &[id, live] : all)
            live->wake();
    });
    connect(m_session, &Session::runEvents, this, [this](RunId run, const std::vector<RunEvent> &events) {
        const auto found = m_live.find(run.value);
        if (found == m_live.end())
            return;
        const std::shared_ptr<Live> live = found->second;
        QString last;
        for (const RunEvent &event : events) {
            if (event.kind == RunEventKind::StepStarted) {
                ++live->steps;
                last = event.name;
            }
        }
        if (!last.isEmpty() && live->progress)
            live->progress(live->steps, last);
    });
}

McpServerRuns::~McpServerRuns()
{
    m_gone.cancel();
    const auto all = std::exchange(m_live, {});
    for (const auto &[id, live] : all)
        m_session->stop(live->run);
}

std::vector<HumanQuestion> McpServerRuns::pending(const Live &live) const
{
    std::vector<HumanQuestion> mine;
    for (const PendingQuestion &question : m_session->questions()) {
        if (question.run == live.run)
            mine.push_back(question.question);
    }
    return mine;
}

Task<> McpServerRuns::watchEnd(std::shared_ptr<Live> live)
{
    const QPointer<McpServerRuns> self(this);
    auto ended = co_await m_session->finished(live->run);
    live->ended = std::move(ended);
    if (self)
        m_live.erase(live->run.value);
    live->wake();
}

// Whoever asked has not come back with the answers.
Task<> McpServerRuns::abandon(std::shared_ptr<Live> live, int round)
{
    const QPointer<McpServerRuns> self(this);
    const CancelToken gone = m_gone.token();
    const auto slept = co_await m_session->clock().sleep(qint64(m_patienceSeconds) * 1000, gone);
    if (!slept || !self || live->round != round)
        co_return;
    if (!live->ended)
        m_session->stop(live->run);
    std::erase_if(m_parked, [&](const auto &entry) { return entry.second == live; });
}

Task<Result<QJsonObject>> McpServerRuns::call(QString tool, QJsonObject arguments, McpServerCall call, CancelToken cancel)
{
    const QPointer<McpServerRuns> self(this);
    std::shared_ptr<Live> live;
    if (!call.requestState.isEmpty()) { // a retry with answers
        const auto parked = m_parked.find(call.requestState);
        if (parked == m_parked.end() || parked->second->tool != tool || parked->second->arguments != arguments)
            co_return Error(ErrorKind::InvalidInput, QStringLiteral("The requestState is not one that this call was given, or its run has ended; call the tool again."));
        live = parked->second;
        m_parked.erase(parked);
        ++live->round;
        for (const HumanQuestion &question : pending(*live)) {
            const QJsonValue response = call.inputResponses.value(question.step);
            if (response.isObject())
                m_session->answer(live->run, question.step, answerOf(question, response.toObject()));
        }
    } else {
        if (m_live.size() >= maxLive)
            co_return textResult(QStringLiteral("%1 runs are under way or wait for answers; wait for one of them.").arg(maxLive), true);
        const auto runnable = m_offer->runnable(tool);
        if (!runnable)
            co_return Error(ErrorKind::InvalidInput, QStringLiteral("There is no tool \"%1\"; tools/list tells what there is.").arg(tool.left(100)));
        const std::vector<Problem> problems = Session::checkArguments(runnable->inputSchema, arguments);
        if (!problems.empty())
            co_return textResult(QStringLiteral("The arguments do not fit: %1").arg(problems.front().message), true);
        RunRequest request;
        request.agent = runnable->reference;
        request.kind = runnable->kind;
        request.attended = asksByForm(call.capabilities); // else each tool's policy decides
        request.input.text = arguments.value(QLatin1String("input")).toString();
        for (const QString &name : runnable->variables) {
            if (arguments.contains(name))
                request.input.variables.insert(name, arguments.value(name));
        }
        const auto run = co_await m_session->startRun(std::move(request));
        if (!run)
            co_return textResult(run.error().message, true);
        if (!self)
            co_return Error::cancelled();
        live = std::make_shared<Live>();
        live->run = *run;
        live->tool = std::move(tool);
        live->agent = runnable->title;
        live->arguments = std::move(arguments);
        m_live[run->value] = live;
        watchEnd(live);
    }
    auto result = co_await drive(live, std::move(call), cancel);
    co_return result;
}

Task<> McpServerRuns::askAtClient(std::shared_ptr<Live> live, HumanQuestion question, McpServerCall call, CancelToken cancel)
{
    const QPointer<McpServerRuns> self(this);
    const QJsonObject params = elicitationOf(question, live->agent, opensUrls(call.capabilities));
    const auto result = co_await call.elicit(params, cancel);
    if (!self || live->ended)
        co_return;
    live->asking.remove(question.step);
    // A client that fails to ask has nobody who approves.
    const QJsonObject given = result ? *result : QJsonObject{{QStringLiteral("action"), QStringLiteral("cancel")}};
    m_session->answer(live->run, question.step, answerOf(question, given));
}

Task<Result<QJsonObject>> McpServerRuns::drive(std::shared_ptr<Live> live, McpServerCall call, CancelToken cancel)
{
    const QPointer<McpServerRuns> self(this);
    live->progress = call.progress;
    if (live->progress)
        live->progress(live->steps, QStringLiteral("run %1").arg(live->run.value));
    CancelSource asking(cancel); // ends what is still asked when the run is over
    const auto registered = cancel.onCancelled([this, self, live] {
        if (self)
            m_session->stop(live->run);
        live->wake();
    });
    while (!live->ended) {
        const std::vector<HumanQuestion> questions = cancel.isCancelled() ? std::vector<HumanQuestion>() : pending(*live);
        if (call.modern && !questions.empty()) {
            live->progress = nullptr;
            QJsonObject requests;
            for (const HumanQuestion &question : questions)
                requests.insert(question.step, QJsonObject{{QStringLiteral("method"), QStringLiteral("elicitation/create")},
                                                           {QStringLiteral("params"), elicitationOf(question, live->agent, opensUrls(call.capabilities))}});
            // 192 random bits: cannot be guessed, and stands for nothing but this.
            quint32 random[6];
            QRandomGenerator::system()->fillRange(random);
            const QString state = QString::fromLatin1(QByteArray(reinterpret_cast<const char *>(random), sizeof random).toHex());
            m_parked[state] = live;
            abandon(live, live->round);
            co_return QJsonObject{{QStringLiteral("resultType"), QStringLiteral("input_required")},
                                  {QStringLiteral("inputRequests"), requests},
                                  {QStringLiteral("requestState"), state}};
        }
        if (!call.modern) {
            for (const HumanQuestion &question : questions) {
                if (live->asking.contains(question.step) || !call.elicit)
                    continue;
                live->asking.insert(question.step);
                const CancelToken token = asking.token();
                askAtClient(live, question, call, token);
            }
        }
        if (live->ended)
            break;
        Completion<bool> change;
        live->change = change;
        const bool woken = co_await change;
        Q_UNUSED(woken)
        if (!self)
            co_return Error::cancelled();
    }
    live->progress = nullptr;
    asking.cancel();
    if (cancel.isCancelled())
        co_return Error::cancelled();
    const Result<RunResult> &ended = *live->ended;
    if (!ended)
        co_return textResult(ended.error().message, true);
    const bool failed = ended->status != RunStatus::Done;
    QJsonObject structured{{QStringLiteral("run"), ended->run.value},
                           {QStringLiteral("status"), runStatusName(ended->status)},
                           {QStringLiteral("output"), ended->output},
                           {QStringLiteral("duration_ms"), ended->durationUs / 1000},
                           {QStringLiteral("tokens"), ended->usage.totalTokens()}};
    if (ended->usage.costKnown)
        structured.insert(QStringLiteral("cost_usd"), ended->usage.costUsd);
    QString text = ended->output;
    if (ended->error) {
        structured.insert(QStringLiteral("error"), ended->error->message);
        text = text.isEmpty() ? ended->error->message : text + QStringLiteral("\n\n") + ended->error->message;
    }
    QJsonObject result = textResult(text, failed);
    QJsonArray content = result.value(QLatin1String("content")).toArray();
    content.append(QJsonObject{{QStringLiteral("type"), QStringLiteral("resource_link")},
                               {QStringLiteral("uri"), runUri(ended->run)},
                               {QStringLiteral("name"), QStringLiteral("run %1").arg(ended->run.value)},
                               {QStringLiteral("mimeType"), QStringLiteral("application/json")}});
    result.insert(QStringLiteral("content"), content);
    result.insert(QStringLiteral("structuredContent"), structured);
    co_return result;
}

} // namespace lathe
