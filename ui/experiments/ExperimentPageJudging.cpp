// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/ExperimentPage.h"

#include "ui/experiments/JudgeView.h"
#include "ui/experiments/TrialMatrix.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/widgets/NameField.h"

#include <QLineEdit>
#include <QStackedWidget>

// The part of the page that hands cards to the person and verdicts to the service.
namespace lathe {

void ExperimentPage::connectJudge()
{
    m_judge->setSkippable(true);
    connect(m_judge, &JudgeView::closed, this, &ExperimentPage::closeJudge);
    connect(m_judge, &JudgeView::revealRequested, this, &ExperimentPage::showReveal);
    connect(m_judge, &JudgeView::goOnRequested, this, &ExperimentPage::nextCard);
    connect(m_judge, &JudgeView::chosen, this, [this](int winner, const QString &note) {
        const QString card = m_judge->card()->id;
        runTask(this, m_session->experiments().judge(m_experiment, card, winner, note), [] {}, [this](const Error &error) { m_judge->showError(error.message); });
        nextCard(); // the verdict counts already
    });
    connect(m_judge, &JudgeView::starred, this, [this](int stars, const QString &note) {
        const QString card = m_judge->card()->id;
        runTask(this, m_session->experiments().judgeStars(m_experiment, card, stars, note), [] {}, [this](const Error &error) { m_judge->showError(error.message); });
        nextCard();
    });
    connect(m_judge, &JudgeView::undoRequested, this, [this] {
        runTask(this, m_session->experiments().undoLast(m_experiment, m_judgeId), [this] { nextCard(); }, [this](const Error &error) { m_judge->showError(error.message); });
    });
    connect(m_judge, &JudgeView::skipped, this, [this] {
        if (const auto skipped = m_session->experiments().skip(m_experiment, m_judge->card()->id); !skipped)
            m_judge->showError(skipped.error().message);
        nextCard();
    });
}

void ExperimentPage::judgeBlind(const QString &judge)
{
    const ExperimentState *now = state();
    if (!now)
        return;
    const JudgeSpec *chosen = nullptr;
    for (const JudgeSpec &one : now->spec.judges) {
        if (one.kind != QLatin1String("model") && !chosen && (judge.isEmpty() || judge == one.id))
            chosen = &one;
    }
    if (!chosen)
        return;
    m_judgeId = chosen->id;
    m_judge->setTitle(m_question->text().isEmpty() ? m_name->name() : m_question->text());
    m_pages->setCurrentWidget(m_judge);
    m_judge->setFocus(Qt::OtherFocusReason);
    nextCard();
}

void ExperimentPage::nextCard()
{
    auto card = m_session->experiments().nextCard(m_experiment, m_judgeId);
    if (!card)
        return m_judge->showError(card.error().message);
    if (*card)
        m_judge->showCard(**card);
    else
        m_judge->showDone(m_session->experiments().running(m_experiment));
}

void ExperimentPage::showReveal()
{
    const auto tally = m_session->experiments().reveal(m_experiment, m_judgeId);
    runTask(this, m_session->experiments().result(m_experiment), [this, tally](const ComparisonResult &result) {
        QString sentence, detail;
        for (const MetricResult &metric : result.metrics) {
            if (metric.id == m_judgeId)
                sentence = metric.sentence;
        }
        for (const Agreement &agreement : result.agreements) {
            if (detail.isEmpty())
                detail = agreement.sentence;
        }
        m_judge->showReveal(tally, sentence, detail);
    }, [this, tally](const Error &error) { m_judge->showReveal(tally, error.message, QString()); });
}

void ExperimentPage::closeJudge()
{
    m_pages->setCurrentIndex(0);
    m_matrix->setFocus(Qt::OtherFocusReason);
    m_ask.start(0);
}

} // namespace lathe
