// SPDX-License-Identifier: GPL-3.0-or-later
// The offline model as a chat model, and the texts it writes. Tools, SQL and JSON have tests of their own beside this one.
#include "core/llm/OfflineModel.h"
#include "tests/core/llm/OfflineTesting.h"
#include "tests/support/Await.h"
#include "tests/support/FakeClock.h"

#include <QCoroTask>
#include <QElapsedTimer>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {

Task<Result<ChatResponse>> asked(OfflineModel *model, ChatRequest request, ChatSinks sinks,
                                 CancelToken cancel)
{
    auto response = co_await model->chat(std::move(request), std::move(sinks), cancel);
    co_return response;
}

Task<> keepAnswer(OfflineModel *model, ChatRequest request, ChatSinks sinks, CancelToken cancel,
                  std::optional<Result<ChatResponse>> *out)
{
    auto answer = co_await model->chat(std::move(request), std::move(sinks), std::move(cancel));
    out->emplace(std::move(answer));
}

QString longInput(int characters)
{
    QString text;
    for (int i = 0; text.size() < characters; ++i)
        text += QStringLiteral("Customer %1 was charged twice for the export of the report. ").arg(i);
    return text;
}

} // namespace

class TestOfflineModel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    // --- The form of the answer.
    void bulletsAreCounted_data()
    {
        QTest::addColumn<QString>("instruction");
        QTest::addColumn<int>("expected");
        QTest::newRow("three bullets") << QStringLiteral("Summarise the text in three bullets.") << 3;
        QTest::newRow("exactly 5") << QStringLiteral("Summarise the text in exactly 5 bullet points.") << 5;
        QTest::newRow("one") << QStringLiteral("Give me the text in one bullet.") << 1;
        QTest::newRow("key points") << QStringLiteral("List the four key points.") << 4;
    }
    void bulletsAreCounted()
    {
        QFETCH(QString, instruction);
        QFETCH(int, expected);
        QCOMPARE(bullets(answerText(instruction, article)), expected); // said by the system
        QCOMPARE(bullets(answerText(QString(), instruction + QStringLiteral("\n\n") + article)),
                 expected); // said by the user
    }
    void atMostBulletsAndTheirLength()
    {
        const QString text = answerText(
            QStringLiteral("Summarise. Write at most 4 bullets, each one sentence of at most 8 words."),
            article);
        QVERIFY2(bullets(text) >= 2 && bullets(text) <= 4, qPrintable(text));
        for (const QString &line : text.split(u'\n'))
            QVERIFY2(words(line) <= 9, qPrintable(line)); // the dash is one
    }
    void wordLimitsHold_data()
    {
        QTest::addColumn<QString>("instruction");
        QTest::addColumn<int>("most");
        QTest::newRow("at most 50") << QStringLiteral("Summarise in at most 50 words.") << 50;
        QTest::newRow("under 20") << QStringLiteral("Summarise in under 20 words.") << 20;
        QTest::newRow("no more than ten") << QStringLiteral("Summarise in no more than ten words.") << 10;
        QTest::newRow("bullets within words")
            << QStringLiteral("Summarise in three bullets and at most 30 words.") << 33;
        QTest::newRow("one word") << QStringLiteral("Summarise in at most one words.") << 1;
    }
    void wordLimitsHold()
    {
        QFETCH(QString, instruction);
        QFETCH(int, most);
        const QString text = answerText(instruction, article);
        QVERIFY(!text.isEmpty());
        QVERIFY2(words(text) <= most, qPrintable(text));
    }
    void sentencesAreCounted()
    {
        QCOMPARE(answerText(QStringLiteral("Summarise the text in one sentence."), article)
                     .count(QStringLiteral(". ")),
                 0);
        QCOMPARE(answerText(QStringLiteral("Summarise the text in two sentences."), article)
                     .count(QStringLiteral(". ")),
                 1);
        QVERIFY(answerText(QStringLiteral("Summarise in at most 80 characters."), article).size() <= 80);
    }
    void headingsAreFilled()
    {
        const QString text = answerText(QStringLiteral("Write a report in Markdown with the headings "
                                                       "\"Overview\", \"Complaints\" and \"Next steps\"."),
                                        article);
        for (const auto heading :
             {QLatin1String("## Overview"), QLatin1String("## Complaints"), QLatin1String("## Next steps")})
            QVERIFY2(text.contains(heading), qPrintable(text));
    }
    void beginningsAndEndingsAreKept()
    {
        const QString text = answerText(
            QStringLiteral(
                "Summarise in one sentence. Start with \"In short:\" and end with \"That is all.\""),
            article);
        QVERIFY2(text.startsWith(QLatin1String("In short:"))
                     && text.endsWith(QLatin1String("That is all.")),
                 qPrintable(text));
    }
    void nothingIsInvented()
    {
        const QString text = answerText(QStringLiteral("Summarise the text in three bullets."), article);
        for (const QString &line : text.split(u'\n'))
            QVERIFY2(article.contains(line.mid(2)), qPrintable(line));
    }

    // --- Questions, labels, facts.
    void questionsAreAnsweredFromTheText_data()
    {
        QTest::addColumn<QString>("question");
        QTest::addColumn<QString>("contains");
        QTest::newRow("cost") << QStringLiteral("How much will the line cost?")
                              << QStringLiteral("48 million");
        QTest::newRow("when") << QStringLiteral("When does construction start?")
                              << QStringLiteral("March 2027");
        QTest::newRow("signatures") << QStringLiteral("How many signatures did the action group collect?")
                                    << QStringLiteral("3,400");
        QTest::newRow("mayor") << QStringLiteral("What did the mayor call the tram?")
                               << QStringLiteral("largest project");
        QTest::newRow("compensation")
            << QStringLiteral("What compensation was promised?") << QStringLiteral("1.2 million");
    }
    void questionsAreAnsweredFromTheText()
    {
        QFETCH(QString, question);
        QFETCH(QString, contains);
        const QString inSystem = answerText(
            QStringLiteral("Answer from these passages:\n<passages>\n%1\n</passages>").arg(article),
            question);
        QVERIFY2(inSystem.contains(contains), qPrintable(inSystem));
        const QString inUser = answerText(QString(), question + QStringLiteral("\n\n") + article);
        QVERIFY2(inUser.contains(contains), qPrintable(inUser));
    }
    void passagesAreCited()
    {
        const QString system =
            QStringLiteral("Answer from these passages. After each sentence put the number of its passage "
                           "in brackets.\n<passages>\n[1] Cats sleep 14 hours a day.\n"
                           "[2] Dogs need a walk twice a day.\n</passages>\n<fallback>The passages do not "
                           "say.</fallback>");
        QCOMPARE(answerText(system, QStringLiteral("How often do dogs need a walk?")),
                 QStringLiteral("Dogs need a walk twice a day. [2]"));
        QCOMPARE(answerText(system, QStringLiteral("Who won the chess match in Oslo?")),
                 QStringLiteral("The passages do not say."));
    }
    void theFallbackIsSaidAsGiven_data()
    {
        QTest::addColumn<QString>("system");
        QTest::addColumn<QString>("user");
        QTest::addColumn<QString>("expected");
        QTest::newRow("tag") << QStringLiteral("Answer.\n<fallback>\nI can not help.\n</fallback>")
                             << QStringLiteral("Who wrote Faust?") << QStringLiteral("I can not help.");
        QTest::newRow("quoted in tag")
            << QStringLiteral("Answer.\n<fallback>\nSay \"No idea.\" and stop.\n</fallback>")
            << QStringLiteral("Who wrote Faust?") << QStringLiteral("No idea.");
        QTest::newRow("sentence") << QStringLiteral("If you do not know, answer \"I do not know.\"")
                                  << QStringLiteral("Who wrote Faust?") << QStringLiteral("I do not know.");
        QTest::newRow("translation") << QStringLiteral("<fallback>No.</fallback>")
                                     << QStringLiteral(
                                            "Translate this into French: the cat sleeps on the sofa.")
                                     << QStringLiteral("No.");
        QTest::newRow("nothing") << QStringLiteral("Summarise.\n<fallback>Nothing there.</fallback>")
                                 << QString() << QStringLiteral("Nothing there.");
    }
    void theFallbackIsSaidAsGiven()
    {
        QFETCH(QString, system);
        QFETCH(QString, user);
        QFETCH(QString, expected);
        QCOMPARE(answerText(system, user), expected);
    }
    void withoutAFallbackItSaysWhatItIs()
    {
        QVERIFY(answerText(QString(), QStringLiteral("Write a poem about the sea."))
                    .contains(QLatin1String("offline model")));
        QVERIFY(answerText(QString(), QStringLiteral("Hello!")).contains(QLatin1String("offline model")));
    }
    void labelsAreChosen_data()
    {
        QTest::addColumn<QString>("system");
        QTest::addColumn<QString>("user");
        QTest::addColumn<QString>("expected");
        const QString routes = QStringLiteral(
            "Choose the route.\n<routes>\n- billing: invoices, payments, refunds\n- technical: crashes, "
            "errors, slow pages\n- other: whatever fits none\n</routes>\nAnswer with the name only.");
        QTest::newRow("route billing")
            << routes << QStringLiteral("I was charged twice, I want my payment back.")
            << QStringLiteral("billing");
        QTest::newRow("route technical")
            << routes << QStringLiteral("The page crashes with an error.") << QStringLiteral("technical");
        QTest::newRow("route other") << routes << QStringLiteral("Do you have an office in Rome?")
                                     << QStringLiteral("other");
        const QString mood = QStringLiteral("Answer with one of: positive, neutral, negative.");
        QTest::newRow("negative") << mood << QStringLiteral("This is terrible, nothing works.")
                                  << QStringLiteral("negative");
        QTest::newRow("positive") << mood << QStringLiteral("I love it, great work!")
                                  << QStringLiteral("positive");
        QTest::newRow("neutral") << mood << QStringLiteral("The meeting is on Monday.")
                                 << QStringLiteral("neutral");
        QTest::newRow("not good") << mood << QStringLiteral("That was not good.")
                                  << QStringLiteral("negative");
        QTest::newRow("by name") << QStringLiteral("Classify the message as export, search or login.")
                                 << QStringLiteral("The search finds nothing.") << QStringLiteral("search");
        QTest::newRow("priority") << QStringLiteral(
            "Reply with only one of these labels: low, normal, high, urgent")
                                  << QStringLiteral("We lost all data, nobody can work!")
                                  << QStringLiteral("urgent");
    }
    void labelsAreChosen()
    {
        QFETCH(QString, system);
        QFETCH(QString, user);
        QFETCH(QString, expected);
        QCOMPARE(answerText(system, user), expected);
    }
    void factsAreExtracted()
    {
        const QString text = QStringLiteral(
            "Write to ann@example.org or bob@example.com by 3 March 2027. See https://example.org/a?b=1.");
        QCOMPARE(answerText(QString(), QStringLiteral("Extract all e-mail addresses as bullets:\n") + text),
                 QStringLiteral("- ann@example.org\n- bob@example.com"));
        QVERIFY(answerText(QString(), QStringLiteral("List all dates:\n") + text)
                    .contains(QLatin1String("2027-03-03")));
        QVERIFY(
            answerText(QString(),
                       QStringLiteral("How many words does this have?\none two three four five six seven"))
                .contains(QLatin1String("7 words")));
    }
    void repliesHaveGreetingAndSignature()
    {
        const QString system =
            QStringLiteral("Write a reply to the customer. Sign as \"The team\".\n<facts>\n- Export: files "
                           "above 10,000 rows come in several parts.\n</facts>");
        const QString text = answerText(
            system,
            QStringLiteral("The export stops at 10,000 rows, our report is broken. Regards, Tom Baker"));
        QVERIFY2(text.startsWith(QLatin1String("Hello Tom,")), qPrintable(text));
        QVERIFY2(text.endsWith(QLatin1String("The team")), qPrintable(text));
        QVERIFY2(text.contains(QLatin1String("several parts")), qPrintable(text));
        QVERIFY2(answerText(system, QStringLiteral("Der Export ist kaputt und wir haben keine Daten mehr."))
                     .contains(QStringLiteral("Freundliche Grüße")),
                 "German");
        const QString formal = answerText(system + QStringLiteral("\n\n## Tone\nFormal and reserved."),
                                          QStringLiteral("The export stops at 10,000 rows."));
        QVERIFY2(formal.startsWith(QLatin1String("Dear customer")), qPrintable(formal));
    }

    // --- Chat: streaming, limits, determinism.
    void streamsWordByWord()
    {
        OfflineModel model;
        const ChatRequest request = chatRequest(QStringLiteral("Summarise in two sentences."), article);
        QString text;
        int pieces = 0;
        ChatSinks sinks;
        sinks.delta = [&](const ChatDelta &delta) {
            QCOMPARE(delta.channel, DeltaChannel::Text);
            text += delta.text;
            ++pieces;
        };
        const auto response = await(asked(&model, request, sinks, CancelToken()));
        QVERIFY(response);
        QCOMPARE(text, response->message.text());
        QCOMPARE(pieces, words(text));
        QVERIFY(response->usage.inputTokens > 100);
        QVERIFY(response->usage.outputTokens >= words(text));
        QCOMPARE(response->finishReason, FinishReason::Stop);
        QCOMPARE(response->model, QStringLiteral("extractive"));
    }
    void toolArgumentsStreamToo()
    {
        OfflineModel model;
        ChatRequest request = chatRequest(
            QString(), QStringLiteral("How many complaints about Export are there, and what is 12 * 7?"));
        request.tools = {feedbackSql(), calculator()};
        QHash<int, QString> arguments, names;
        ChatSinks sinks;
        sinks.delta = [&](const ChatDelta &delta) {
            QCOMPARE(delta.channel, DeltaChannel::ToolArguments);
            arguments[delta.callIndex] += delta.text;
            if (!delta.callName.isEmpty())
                names[delta.callIndex] = delta.callName;
        };
        const auto response = await(asked(&model, request, sinks, CancelToken()));
        QVERIFY(response);
        const auto calls = response->message.toolCalls();
        QCOMPARE(calls.size(), size_t(2));
        for (int i = 0; i < 2; ++i) {
            QCOMPARE(arguments.value(i), calls[size_t(i)].argumentsText);
            QCOMPARE(names.value(i), calls[size_t(i)].name);
        }
        QVERIFY(calls[0].id != calls[1].id);
        QCOMPARE(response->finishReason, FinishReason::ToolCalls);
    }
    void paceFollowsTheClock()
    {
        FakeClock clock;
        clock.autoAdvance = true;
        OfflineModel model(&clock, 50);
        const qint64 start = clock.nowUs();
        ChatSinks sinks;
        sinks.delta = [](const ChatDelta &) {};
        const auto response =
            await(asked(&model, chatRequest(QStringLiteral("Summarise in three bullets."), article), sinks,
                        CancelToken()));
        QVERIFY(response);
        const double seconds = double(clock.nowUs() - start) / 1e6;
        const double expected = double(response->usage.outputTokens) / 50.0;
        QVERIFY2(qAbs(seconds - expected) < 0.3,
                 qPrintable(QStringLiteral("%1 s for %2").arg(seconds).arg(expected)));
    }
    void cancellingStopsBetweenWords()
    {
        OfflineModel model;
        CancelSource already;
        already.cancel();
        auto before = await(asked(&model, chatRequest(QString(), article), ChatSinks(), already.token()));
        QVERIFY(!before);
        QCOMPARE(before.error().kind, ErrorKind::Cancelled);

        CancelSource source;
        int pieces = 0;
        ChatSinks sinks;
        sinks.delta = [&](const ChatDelta &) {
            if (++pieces == 3)
                source.cancel();
        };
        const auto during =
            await(asked(&model, chatRequest(QStringLiteral("Summarise in five bullets."), article), sinks,
                        source.token()));
        QVERIFY(!during);
        QCOMPARE(during.error().kind, ErrorKind::Cancelled);
        QCOMPARE(pieces, 3);

        FakeClock clock; // it stands still: the model sleeps between two words
        OfflineModel paced(&clock, 1);
        CancelSource late;
        bool done = false;
        Result<ChatResponse> result = Error();
        ChatSinks silent;
        silent.delta = [](const ChatDelta &) {};
        auto wait = [&]() -> Task<> {
            auto task =
                asked(&paced, chatRequest(QStringLiteral("Summarise."), article), silent, late.token());
            result = co_await task;
            done = true;
        };
        auto waiting = wait();
        QVERIFY(!done);
        late.cancel();
        QTRY_VERIFY_WITH_TIMEOUT(done, 30'000);
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Cancelled);
    }
    // Large inputs are read on another thread, so that the window stays alive; the answer is the same.
    void largeInputsAreAnsweredElsewhere_data()
    {
        QTest::addColumn<int>("characters");
        QTest::addColumn<bool>("withSchema");
        QTest::addColumn<bool>("atOnce");
        QTest::newRow("small") << 10'000 << false << true;
        QTest::newRow("large") << 100'000 << false << false;
        QTest::newRow("small with a schema") << 3'000 << true << true;
        QTest::newRow("large with a schema") << 10'000 << true << false;
    }
    void largeInputsAreAnsweredElsewhere()
    {
        QFETCH(int, characters);
        QFETCH(bool, withSchema);
        QFETCH(bool, atOnce);
        ChatRequest request = chatRequest(QStringLiteral("Summarise in three bullets."), longInput(characters));
        if (withSchema)
            request.outputSchema = *json::parseObject(R"({"type":"object","properties":{"count":{"type":"integer"}}})");
        const QJsonObject expected = OfflineModel::answer(request).toJson();
        OfflineModel model;
        int pieces = 0;
        ChatSinks sinks;
        sinks.delta = [&](const ChatDelta &) { ++pieces; };
        std::optional<Result<ChatResponse>> result;
        keepAnswer(&model, request, sinks, CancelToken(), &result);
        QCOMPARE(result.has_value(), atOnce);
        QTRY_VERIFY_WITH_TIMEOUT(result, 30'000);
        QVERIFY(result->ok());
        QCOMPARE((*result)->toJson(), expected);
        QVERIFY(pieces > 0);
    }
    void aLargeInputIsCancelledAtOnce()
    {
        auto model = std::make_unique<OfflineModel>();
        CancelSource source;
        std::optional<Result<ChatResponse>> result;
        keepAnswer(model.get(), chatRequest(QStringLiteral("Summarise."), longInput(5'000'000)), ChatSinks(), source.token(), &result);
        QVERIFY(!result);
        source.cancel();
        QVERIFY(result);
        QCOMPARE(result->error().kind, ErrorKind::Cancelled);
        model.reset(); // joins what is still at work
    }
    void aModelMayGoBeforeItsAnswer()
    {
        const ChatRequest request = chatRequest(QStringLiteral("Summarise."), longInput(200'000));
        auto model = std::make_unique<OfflineModel>();
        std::vector<std::optional<Result<ChatResponse>>> results(3);
        for (auto &result : results)
            keepAnswer(model.get(), request, ChatSinks(), CancelToken(), &result);
        model.reset();
        QTRY_VERIFY_WITH_TIMEOUT(std::all_of(results.begin(), results.end(), [](const auto &result) { return result.has_value(); }), 30'000);
        for (const auto &result : results) {
            QVERIFY(result->ok());
            QCOMPARE((*result)->toJson(), OfflineModel::answer(request).toJson());
        }
    }
    void unknownModelsAreRefused()
    {
        OfflineModel model;
        ChatRequest request = chatRequest(QString(), article);
        request.model = QStringLiteral("gpt-99");
        const auto response = await(asked(&model, request, ChatSinks(), CancelToken()));
        QVERIFY(!response);
        QCOMPARE(response.error().kind, ErrorKind::NotFound);
        QVERIFY(response.error().message.contains(QLatin1String("extractive")));
        const auto models = await(model.listModels(CancelToken()));
        QCOMPARE(*models, QStringList{QStringLiteral("extractive")});
    }
    void limitsOfTheRequestHold()
    {
        ChatRequest request = chatRequest(QStringLiteral("Summarise in five bullets."), article);
        request.maxTokens = 10;
        ChatResponse response = OfflineModel::answer(request);
        QCOMPARE(response.finishReason, FinishReason::Length);
        QVERIFY(response.usage.outputTokens <= 10);
        request.maxTokens.reset();
        request.stop = {QStringLiteral("\n")};
        response = OfflineModel::answer(request);
        QVERIFY(!response.message.text().contains(u'\n'));
        QCOMPARE(response.finishReason, FinishReason::Stop);
    }
    void theSameRequestGivesTheSameAnswer()
    {
        for (const QString &system :
             {QStringLiteral("Summarise in three bullets."),
              QStringLiteral("Write a reply to the customer."),
              QStringLiteral("Answer as JSON with the keys topic, mood (positive/negative), numbers.")}) {
            const ChatRequest request = chatRequest(system, article);
            const QJsonObject first = OfflineModel::answer(request).toJson();
            for (int i = 0; i < 5; ++i)
                QCOMPARE(OfflineModel::answer(request).toJson(), first);
        }
        // Across processes too: these bytes do not depend on the seed of a hash.
        QCOMPARE(
            answerText(QStringLiteral("Summarise in one sentence."),
                       QStringLiteral("Alpha beta gamma delta. Beta gamma epsilon zeta. Gamma delta.")),
            QStringLiteral("Alpha beta gamma delta."));
    }
    void differentPromptsGiveDifferentAnswers()
    {
        const QStringList prompts{
            QStringLiteral("Summarise in three bullets."),
            QStringLiteral("Summarise in one sentence."),
            QStringLiteral("Summarise in at most 40 words."),
            QStringLiteral("Summarise what it costs, in one sentence: money, euros, millions."),
            QStringLiteral("Summarise what opponents say about trees and signatures, in one sentence."),
            QStringLiteral("Answer with one of: politics, sports, weather."),
            QStringLiteral("Write a reply to the customer."),
            QStringLiteral("Write a reply to the customer. Sign as \"Ann\"."),
            QStringLiteral("List the keywords."),
            QStringLiteral("Answer as JSON with the keys title and summary."),
            QStringLiteral("Use the headings \"Overview\" and \"Risks\".")};
        QSet<QString> answers;
        for (const QString &prompt : prompts)
            answers.insert(answerText(prompt, article));
        QCOMPARE(answers.size(), prompts.size());
    }

    // --- Hostile input.
    void tenMegabytesAreAnsweredQuickly_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("prose") << article.repeated(10'000'000 / int(article.size()));
        QTest::newRow("one word") << QString(10'000'000, u'x');
        QTest::newRow("spaces") << QString(10'000'000, u' ');
        QTest::newRow("dots") << QString(10'000'000, u'.');
        QTest::newRow("digits") << QStringLiteral("1 2,3 4.5-").repeated(1'000'000);
        QTest::newRow("tags") << QStringLiteral("<a>").repeated(3'300'000);
        QTest::newRow("braces") << QStringLiteral("{\"a\":").repeated(2'000'000);
        QTest::newRow("quotes") << QStringLiteral("\"a ' “ ").repeated(1'200'000);
        QTest::newRow("lines") << QStringLiteral("- a\n").repeated(2'500'000);
        QTest::newRow("brackets") << QString(10'000'000, u'(');
        QTest::newRow("at signs") << QStringLiteral("a.b-c@").repeated(1'600'000);
        QTest::newRow("surrogates") << QString(10'000'000, QChar(0xD83D));
        QTest::newRow("bullets")
            << QStringLiteral("exactly 3 three bullets in at most 5 words ").repeated(230'000);
    }
    void tenMegabytesAreAnsweredQuickly()
    {
        QFETCH(QString, text);
        const QList<ChatRequest> requests = [&] {
            QList<ChatRequest> list{
                chatRequest(QStringLiteral("Summarise in three bullets."), text),
                chatRequest(text, QStringLiteral("What does it say?")),
                chatRequest(QStringLiteral("Answer as JSON with the keys title, date, amount and email."),
                            text),
                chatRequest(QStringLiteral("Write a reply to the customer."), text)};
            ChatRequest tools = chatRequest(QString(), text);
            tools.tools = {feedbackSql(), calculator(), clockTool(), askHuman()};
            tools.tools[0].description += text;
            list.append(tools);
            return list;
        }();
        for (const ChatRequest &request : requests) {
            QElapsedTimer timer;
            timer.start();
            const ChatResponse response = OfflineModel::answer(request);
            // About a second on a quiet machine; sanitizers and a busy one get room.
            QVERIFY2(timer.elapsed() < 120'000, qPrintable(QStringLiteral("%1 ms").arg(timer.elapsed())));
            if (timer.elapsed() > 1000)
                qInfo("%lld ms", timer.elapsed());
            QVERIFY(!response.message.parts.empty());
            QVERIFY(response.message.text().size() < 100'000);
        }
    }
    void oddRequestsAreSurvived()
    {
        QVERIFY(!OfflineModel::answer(ChatRequest()).message.parts.empty());
        ChatRequest request;
        request.messages.push_back(Message(Role::Assistant, QStringLiteral("I begin.")));
        Message tool;
        tool.role = Role::Tool;
        tool.parts.push_back(MessagePart::toolResult(QStringLiteral("x"), QStringLiteral("nothing"),
                                                     QStringLiteral("| a |\n| - |"), true));
        request.messages.push_back(tool);
        QVERIFY(!OfflineModel::answer(request).message.parts.empty());
        request = chatRequest(QString(QChar(0)), QString(QChar(0)) + QStringLiteral("a\x01 b"));
        request.stop = {QString()};
        request.maxTokens = -1;
        OfflineModel::answer(request);
    }
};

QTEST_GUILESS_MAIN(TestOfflineModel)
#include "tst_OfflineModel.moc"
