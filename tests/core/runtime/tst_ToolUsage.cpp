// SPDX-License-Identifier: GPL-3.0-or-later
// What calls of tools cost a run: each try, and the models that servers use meanwhile.
#include "core/llm/Prices.h"
#include "tests/core/runtime/ToolCallTesting.h"

using namespace lathe;
using namespace lathe::test;

namespace {
// A call during which a server uses a model: asks for consent, and then 100 + 20 tokens.
std::function<Task<Result<ToolOutcome>>(ToolCallScope, CancelToken)> samples()
{
    return [](ToolCallScope scope, CancelToken cancel) -> Task<Result<ToolOutcome>> {
        PersonRequest request;
        request.type = PersonRequest::Type::Sampling;
        request.who = QStringLiteral("srv");
        const auto reply = co_await scope.ask(std::move(request), cancel);
        ToolOutcome outcome;
        outcome.text = QStringLiteral("refused");
        if (reply && reply->action == PersonReply::Action::Accept) {
            ModelUse use;
            use.connection = QStringLiteral("offline");
            use.provider = QStringLiteral("openai");
            use.model = QStringLiteral("small");
            use.usage.inputTokens = 100;
            use.usage.outputTokens = 20;
            use.usage.costKnown = false;
            use.answer = QStringLiteral("Monday.");
            use.input = json::parse("[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"Which day?\"}]}]")->toArray();
            use.startUs = 1'790'000'000'100'000;
            use.endUs = 1'790'000'000'300'000;
            scope.used(use);
            outcome.text = QStringLiteral("sampled");
        }
        co_return outcome;
    };
}
}

class TestToolUsage : public ToolCallFixture
{
    Q_OBJECT

    Prices m_prices;

    // As rig(), with bounds and prices.
    std::unique_ptr<CallRig> bounded(RunMode mode, Journal *journal, const Limits &limits)
    {
        auto made = std::make_unique<CallRig>(&m_clock, m_tool, m_spec, journal, mode, mode == RunMode::Replay ? nullptr : &m_desk);
        RunOptions options;
        options.run = RunId{7};
        options.mode = mode;
        options.limits = limits;
        options.journal = journal;
        options.clock = &m_clock;
        options.human = mode == RunMode::Replay ? nullptr : &m_desk;
        options.prices = &m_prices;
        options.startUs = 1'790'000'000'000'000;
        options.sink = [rig = made.get()](const RunEvent &event) { rig->trace.apply(event); };
        made->trace = Trace();
        made->context.emplace(std::move(options), made->cancel.token());
        made->step = made->context->beginStep(QString(), StepKind::Agent, QStringLiteral("agent"), QJsonObject());
        return made;
    }

private Q_SLOTS:
    void initTestCase()
    {
        const auto prices = Prices::fromJson(json::parseObject("{\"models\":[{\"provider\":\"openai\",\"model\":\"small\",\"input\":1000,\"output\":5000}]}").valueOr({}));
        QVERIFY2(prices, prices ? "" : qPrintable(prices.error().message));
        m_prices = *prices;
    }
    void init() { start(); }
    void cleanup() { m_rigs.clear(); }

    // A model that a server uses counts as the run's own: a step beneath the call, tokens, cost, bounds; and again in a replay.
    void sampledModelsCount()
    {
        m_tool->acts = samples();
        Limits limits;
        limits.seconds = 0;
        limits.tokens = 120;
        const auto live = bounded(RunMode::Live, &m_journal, limits);
        live->call(QStringLiteral("{}"));
        m_desk.answer(0, true);
        QCOMPARE(live->said(0), QStringLiteral("sampled"));
        QCOMPARE(live->context->usage().inputTokens, 100);
        QCOMPARE(live->context->usage().outputTokens, 20);
        QCOMPARE(live->context->usage().costUsd, 0.2); // 100 for $1,000 and 20 for $5,000 a million
        QCOMPARE(live->trace.usage(), live->context->usage());
        const int index = live->trace.indexOf(QStringLiteral("1.1.1"));
        QVERIFY(index >= 0);
        const Step &step = live->trace.steps()[size_t(index)];
        QCOMPARE(step.kind, StepKind::Model);
        QCOMPARE(step.name, QStringLiteral("chat small"));
        QCOMPARE(step.status, StepStatus::Ok);
        QCOMPARE(step.text, QStringLiteral("Monday."));
        QVERIFY(json::compact(step.attributes.value(QLatin1String("gen_ai.input.messages"))).contains("Which day?"));
        QCOMPARE(step.endUs - step.startUs, 200'000);
        QCOMPARE(step.attributes.value(QLatin1String("gen_ai.provider.name")).toString(), QStringLiteral("openai"));
        live->call(QStringLiteral("{}"));
        QCOMPARE(live->said(1), QStringLiteral("error ") + errorKindName(ErrorKind::LimitReached));
        live->end();

        MemoryJournal recorded;
        load(&recorded, m_journal, live->trace);
        const auto replay = bounded(RunMode::Replay, &recorded, limits);
        replay->call(QStringLiteral("{}"));
        QCOMPARE(replay->said(0), QStringLiteral("sampled"));
        QCOMPARE(m_tool->given.size(), size_t(1));
        QCOMPARE(replay->context->usage(), live->context->usage());
        replay->call(QStringLiteral("{}"));
        replay->end();
        QCOMPARE(firstDifference(live->trace, replay->trace, true), QString());
    }

    // What the run may spend is spent while the call is under way: nobody is asked, no model is used.
    void nothingIsSampledBeyondTheBounds()
    {
        m_tool->acts = [](ToolCallScope scope, CancelToken cancel) -> Task<Result<ToolOutcome>> {
            auto first = co_await samples()(scope, cancel);
            auto second = co_await samples()(scope, cancel);
            if (first && second)
                first->text += QLatin1Char(' ') + second->text;
            co_return first;
        };
        Limits limits;
        limits.seconds = 0;
        limits.costUsd = 0.15;
        const auto live = bounded(RunMode::Live, &m_journal, limits);
        live->call(QStringLiteral("{}"));
        m_desk.answer(0, true);
        QCOMPARE(live->said(0), QStringLiteral("sampled refused"));
        QCOMPARE(m_desk.asked.size(), size_t(1));
        QVERIFY(live->notes(QStringLiteral("1.1")).contains(QStringLiteral("sampling_refused")));
    }

    // Each try costs, in the trace, in the run and for the tool's own bound; a replay counts alike.
    void retriesCost()
    {
        m_tool->harmless = true;
        m_tool->acts = [this](ToolCallScope, CancelToken) -> Task<Result<ToolOutcome>> {
            ToolOutcome outcome = ToolOutcome::failure(QStringLiteral("busy"));
            outcome.transient = true;
            if (m_tool->given.size() % 3 == 0)
                outcome = ToolOutcome();
            co_return outcome;
        };
        m_spec.retries = 5;
        m_spec.costPerCallUsd = 0.1;
        m_spec.limits.costUsd = 0.6;
        m_clock.autoAdvance = true;
        CallRig &live = rig();
        const auto program = [](CallRig &run) { run.calls({QStringLiteral("{}"), QStringLiteral("{}"), QStringLiteral("{}")}); };
        program(live);
        m_clock.autoAdvance = false;
        QCOMPARE(m_tool->given.size(), size_t(6)); // twice three tries; the third call is one too many
        QCOMPARE(live.attributes(QStringLiteral("1.1")).value(QLatin1String("lathe.cost_usd")).toDouble(), 0.1 * 3);
        QVERIFY(qAbs(live.context->usage().costUsd - 0.6) < 1e-9);
        QVERIFY2(live.said(2).contains(QLatin1String("limit")), qPrintable(live.said(2)));
        replays(live, program);
        QVERIFY(qAbs(m_rigs.back()->context->usage().costUsd - 0.6) < 1e-9);
    }
};

QTEST_GUILESS_MAIN(TestToolUsage)
#include "tst_ToolUsage.moc"
