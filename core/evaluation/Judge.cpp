// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/Judge.h"

#include "core/evaluation/CheckRules.h"
#include "core/evaluation/TextJson.h"

#include <QRegularExpression>

namespace lathe {

namespace {
const QJsonObject &verdictSchema()
{
    static const QJsonObject schema{
        {QStringLiteral("type"), QStringLiteral("object")},
        {QStringLiteral("properties"),
         QJsonObject{{QStringLiteral("reason"),
                      QJsonObject{{QStringLiteral("type"), QStringLiteral("string")}}},
                     {QStringLiteral("winner"),
                      QJsonObject{{QStringLiteral("type"), QStringLiteral("string")},
                                  {QStringLiteral("enum"),
                                   QJsonArray{QStringLiteral("1"), QStringLiteral("2"),
                                              QStringLiteral("tie")}}}}}},
        {QStringLiteral("required"),
         QJsonArray{QStringLiteral("reason"), QStringLiteral("winner")}},
        {QStringLiteral("additionalProperties"), false}};
    return schema;
}

// 0 the first shown, 1 the second, -1 a tie; nothing: no verdict.
std::optional<int> shownWinner(const QJsonValue &value)
{
    if (value.isDouble() && (value.toDouble() == 1 || value.toDouble() == 2))
        return int(value.toDouble()) - 1;
    QString word = value.toString().trimmed().toLower();
    static const QRegularExpression decoration(
        QStringLiteral("^(the\\s+)?(output|answer|response)[\\s_#]*|[\\s.\"'*\\[\\]()]+"));
    word.remove(decoration);
    static const QStringList firsts{QStringLiteral("1"), QStringLiteral("a"),
                                    QStringLiteral("first"), QStringLiteral("one")};
    static const QStringList seconds{QStringLiteral("2"), QStringLiteral("b"),
                                     QStringLiteral("second"), QStringLiteral("two")};
    static const QStringList ties{QStringLiteral("tie"),     QStringLiteral("draw"),
                                  QStringLiteral("equal"),   QStringLiteral("both"),
                                  QStringLiteral("neither"), QStringLiteral("none"),
                                  QStringLiteral("c"),       QStringLiteral("0")};
    if (firsts.contains(word))
        return 0;
    if (seconds.contains(word))
        return 1;
    return ties.contains(word) || (value.isDouble() && value.toDouble() == 0)
               ? std::optional<int>(-1)
               : std::nullopt;
}

PairVerdict unanswered(const QString &why)
{
    PairVerdict verdict;
    verdict.reason = why;
    return verdict;
}
} // namespace

QJsonObject pairValues(const PairQuestion &question, bool swapped)
{
    QJsonObject values{{QStringLiteral("input"), question.task},
                       {QStringLiteral("rubric"), question.rubric},
                       {QStringLiteral("first"), swapped ? question.right : question.left},
                       {QStringLiteral("second"), swapped ? question.left : question.right}};
    values.insert(QStringLiteral("expected"), question.expected);
    return values;
}

PairVerdict parsePairVerdict(const QString &answer, bool swapped)
{
    std::optional<int> shown;
    QString reason;
    static const QStringList names{QStringLiteral("winner"), QStringLiteral("verdict"),
                                   QStringLiteral("better"), QStringLiteral("choice"),
                                   QStringLiteral("preference")};
    if (const auto object = jsonAnswerIn(answer, names)) {
        for (const QString &name : names) {
            if (!shown)
                shown = shownWinner(object->value(name));
        }
        reason = object->value(QLatin1String("reason")).toString().trimmed();
    } else {
        // [[A]] of the well-known judge prompts, "Winner: 2", or the bare word. The last one said counts: models think aloud.
        static const QRegularExpression said(
            QStringLiteral("\\[\\[\\s*(\\w+)\\s*\\]\\]|(?:winner|verdict|better)\\W*(?:is|:|=)?\\W*"
                           "((?:output|answer|response)?[\\s_#]*(?:[12ab]\\b|tie|first|second))"
                           "|^\\W*((?:output\\s*)?[12ab]|tie)\\W*$"),
            QRegularExpression::CaseInsensitiveOption);
        for (auto it = said.globalMatch(answer); it.hasNext();) {
            const auto match = it.next();
            if (const auto one =
                    shownWinner(match.captured(1) + match.captured(2) + match.captured(3)))
                shown = one;
        }
        reason = answer.trimmed().left(2000);
    }
    if (!shown)
        return unanswered(answer.trimmed().isEmpty()
                              ? QStringLiteral("The judge answered nothing.")
                              : QStringLiteral("The judge's answer holds no verdict: %1")
                                    .arg(checks::quoted(answer.trimmed())));
    PairVerdict verdict;
    verdict.valid = true;
    verdict.winner = *shown < 0 ? -1 : swapped ? 1 - *shown : *shown;
    verdict.reason = reason;
    return verdict;
}

PairJudgement combinePairVerdicts(const PairVerdict &forward, const PairVerdict &backward)
{
    PairJudgement judgement;
    judgement.forward = forward;
    judgement.backward = backward;
    judgement.valid = forward.valid || backward.valid;
    if (!judgement.valid) {
        judgement.reason = forward.reason;
        return judgement;
    }
    if (!forward.valid || !backward.valid) {
        // One order alone cannot tell quality from the liking for a place.
        const PairVerdict &said = forward.valid ? forward : backward;
        judgement.inconsistent = said.winner != -1;
        judgement.reason =
            QStringLiteral("Judged in one order only, so it counts as a tie. %1").arg(said.reason);
        return judgement;
    }
    if (forward.winner == backward.winner) {
        judgement.winner = forward.winner;
        judgement.reason = forward.reason;
        return judgement;
    }
    judgement.inconsistent = true;
    judgement.reason = QStringLiteral("The judge changed its mind with the order, so it counts as "
                                      "a tie. Left first: %1 Right first: %2")
                           .arg(forward.reason, backward.reason);
    return judgement;
}

Task<Result<PairJudgement>> judgePair(PairQuestion question, QString model, const CheckWorld *world,
                                      CancelToken cancel)
{
    if (!world->judge || !world->text)
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("No model for judging is chosen."));
    if (question.rubric.trimmed().isEmpty())
        question.rubric = world->text(QStringLiteral("judges/pairwise_rubric"), {});
    if (question.left == question.right) {
        PairVerdict same;
        same.valid = true;
        same.reason = QStringLiteral("Both outputs are the same.");
        co_return combinePairVerdicts(same, same);
    }
    const QString system = world->text(QStringLiteral("judges/grader"), {});
    std::vector<Task<Result<QString>>> asked;
    for (const bool swapped : {false, true}) {
        JudgeCall call(
            model, system,
            world->text(QStringLiteral("judges/pairwise"), pairValues(question, swapped)),
            verdictSchema());
        asked.push_back(world->judge(std::move(call), cancel));
    }
    std::vector<Result<QString>> answers = co_await whenAll(std::move(asked));
    if (cancel.isCancelled())
        co_return Error::cancelled();
    if (!answers[0] && !answers[1])
        co_return answers[0].error();
    PairVerdict verdicts[2];
    for (int i = 0; i < 2; ++i) {
        const Result<QString> &answer = answers[size_t(i)];
        verdicts[i] =
            answer ? parsePairVerdict(*answer, i == 1)
                   : unanswered(
                       QStringLiteral("The judge did not answer: %1").arg(answer.error().message));
    }
    co_return combinePairVerdicts(verdicts[0], verdicts[1]);
}

} // namespace lathe
