// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/PromptCompare.h"

#include "ui/itemmodels/Format.h"
#include "ui/prompts/DiffView.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QKeyEvent>
#include <QSet>
#include <QVBoxLayout>

namespace lathe {

namespace {
QString partName(const QString &key)
{
    if (key == QLatin1String("success_criteria"))
        return PromptCompare::tr("success criteria");
    if (key == QLatin1String("output"))
        return PromptCompare::tr("output format");
    if (key == QLatin1String("fallback"))
        return PromptCompare::tr("fallback rule");
    if (key == QLatin1String("retry"))
        return PromptCompare::tr("retry attempts");
    return key;
}

QString wholeText(const QJsonObject &body)
{
    QString all = body.value(QStringLiteral("text")).toString();
    for (const QJsonValue &message : body.value(QStringLiteral("messages")).toArray())
        all += QStringLiteral("\n\u2500\u2500 %1 \u2500\u2500\n").arg(message[QLatin1String("role")].toString()) + message[QLatin1String("text")].toString();
    return all;
}
}

PromptCompare::PromptCompare(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("prompt-compare"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *bar = new QWidget(this);
    auto *line = new QHBoxLayout(bar);
    line->setContentsMargins(metrics::Margin, 4, metrics::GapSmall, 4);
    line->setSpacing(metrics::Gap);
    const auto choice = [&](const char *name, const QString &title) {
        auto *box = new QComboBox(bar);
        box->setObjectName(QString::fromLatin1(name));
        box->setAccessibleName(title);
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        box->setMaximumWidth(200);
        connect(box, &QComboBox::activated, this, [this] { Q_EMIT chosen(m_before->currentData().toInt(), m_after->currentData().toInt()); });
        return box;
    };
    m_before = choice("compare-before", tr("Compare"));
    m_after = choice("compare-after", tr("With"));
    auto *swap = new IconButton(theme, QStringLiteral("forward"), tr("Swap the sides"), bar);
    swap->setObjectName(QStringLiteral("compare-swap"));
    swap->setCompact(true);
    m_counts = new Label(theme, QString(), Label::Style::Caption, bar);
    m_counts->setObjectName(QStringLiteral("compare-counts"));
    auto *previous = new IconButton(theme, QStringLiteral("chevron-left"), tr("Previous change (Shift+F8)"), bar);
    previous->setCompact(true);
    auto *next = new IconButton(theme, QStringLiteral("chevron-right"), tr("Next change (F8)"), bar);
    next->setCompact(true);
    m_layoutButton = new Button(tr("Unified"), ButtonRole::Ghost, bar);
    m_layoutButton->setObjectName(QStringLiteral("compare-layout"));
    m_layoutButton->setToolTip(tr("Side by side, or one below the other"));
    auto *close = new IconButton(theme, QStringLiteral("close"), tr("Close the comparison (Esc)"), bar);
    close->setObjectName(QStringLiteral("compare-close"));
    line->addWidget(m_before);
    line->addWidget(swap);
    line->addWidget(m_after);
    line->addWidget(m_counts);
    line->addStretch();
    line->addWidget(m_layoutButton);
    line->addWidget(previous);
    line->addWidget(next);
    line->addWidget(close);
    layout->addWidget(bar);
    m_others = new Label(theme, QString(), Label::Style::Secondary, this);
    m_others->setObjectName(QStringLiteral("compare-others"));
    m_others->setContentsMargins(metrics::Margin, 0, metrics::Margin, 6);
    m_others->setWordWrap(true);
    layout->addWidget(m_others);
    auto *results = new QWidget(this);
    auto *columns = new QHBoxLayout(results);
    columns->setContentsMargins(metrics::Margin, 0, metrics::Margin, 6);
    columns->setSpacing(metrics::GapLarge);
    for (Label *&result : m_results) {
        result = new Label(theme, QString(), Label::Style::Secondary, results);
        result->setObjectName(&result == &m_results[0] ? QStringLiteral("compare-results-before") : QStringLiteral("compare-results-after"));
        result->setWordWrap(true);
        columns->addWidget(result, 1, Qt::AlignTop);
    }
    layout->addWidget(results);
    m_view = new DiffView(theme, this);
    layout->addWidget(m_view, 1);
    setFocusProxy(m_view);
    connect(previous, &QAbstractButton::clicked, this, [this] { m_view->goToChange(-1); });
    connect(next, &QAbstractButton::clicked, this, [this] { m_view->goToChange(1); });
    connect(swap, &QAbstractButton::clicked, this, [this] { Q_EMIT chosen(m_numbers[1], m_numbers[0]); });
    connect(close, &QAbstractButton::clicked, this, &PromptCompare::closed);
    connect(m_layoutButton, &QAbstractButton::clicked, this, [this] {
        m_view->setSideBySide(!m_view->isSideBySide());
        m_layoutButton->setText(m_view->isSideBySide() ? tr("Unified") : tr("Side by side"));
    });
}

void PromptCompare::setChoices(const std::vector<std::pair<int, QString>> &choices)
{
    for (QComboBox *box : {m_before, m_after}) {
        box->clear();
        for (const auto &[number, name] : choices)
            box->addItem(name, number);
    }
}

void PromptCompare::compare(const State &before, const State &after)
{
    m_numbers[0] = before.number;
    m_numbers[1] = after.number;
    m_before->setCurrentIndex(m_before->findData(before.number));
    m_after->setCurrentIndex(m_after->findData(after.number));
    m_view->setAccessibleName(tr("%1 compared with %2").arg(before.name, after.name));
    m_view->setTexts(wholeText(before.body), wholeText(after.body));
    const int added = m_view->addedLines(), removed = m_view->removedLines(), moved = m_view->movedBlocks();
    QString counts = added + removed == 0 ? QString() : tr("+%1 \u2212%2 lines").arg(added).arg(removed);
    if (moved > 0)
        counts += (counts.isEmpty() ? QString() : QStringLiteral(", ")) + format::count(moved, tr("block moved"), tr("blocks moved"));
    m_counts->setText(counts.isEmpty() ? tr("the texts are the same") : counts);
    const QString others = otherDifferences(before.body, after.body);
    m_others->setText(others.isEmpty() ? QString() : tr("Also different: %1.").arg(others));
    m_others->setVisible(!others.isEmpty());
    showResults();
}

QString PromptCompare::otherDifferences(const QJsonObject &before, const QJsonObject &after)
{
    QSet<QString> keys;
    for (const QJsonObject &body : {before, after}) {
        for (auto it = body.begin(); it != body.end(); ++it)
            keys.insert(it.key());
    }
    QStringList others;
    for (const QString &key : std::as_const(keys)) {
        if (key != QLatin1String("text") && key != QLatin1String("messages") && before.value(key) != after.value(key))
            others.append(partName(key));
    }
    others.sort();
    return others.join(QLatin1String(", "));
}

void PromptCompare::setUse(const std::vector<PromptUse> &use)
{
    m_use = use;
    showResults();
}

void PromptCompare::setScore(std::function<QString(int)> score)
{
    m_score = std::move(score);
    showResults();
}

QString PromptCompare::resultOf(int number) const
{
    const QString score = m_score ? m_score(number) : QString();
    const auto found = std::find_if(m_use.begin(), m_use.end(), [number](const PromptUse &use) { return use.number == number; });
    QStringList parts;
    if (found == m_use.end()) {
        parts.append(tr("no runs yet"));
    } else {
        parts.append(format::count(found->runs, tr("run"), tr("runs")));
        if (found->failed > 0)
            parts.append(tr("%1 failed").arg(found->failed));
        if (found->rated > 0)
            parts.append(tr("rated %1 of 5 by %2").arg(found->meanRating, 0, 'f', 1).arg(found->rated));
        if (found->done > 0) {
            parts.append(tr("%1 tokens").arg(format::number(qint64(found->inputTokens + found->outputTokens))));
            parts.append(format::duration(qint64(found->durationUs)));
        }
        if (found->priced > 0 && found->costUsd > 0)
            parts.append(QLatin1Char('$') + QString::number(found->costUsd, 'g', 3));
    }
    if (!score.isEmpty())
        parts.append(score);
    return parts.join(QStringLiteral(" \u00b7 "));
}

void PromptCompare::showResults()
{
    for (int side = 0; side < 2; ++side) {
        m_results[side]->setText(resultOf(m_numbers[side]));
        m_results[side]->setToolTip(tr("Means over the runs that ended well: tokens, time and cost of a run"));
    }
}

QString PromptCompare::resultText(bool after) const
{
    return m_results[after ? 1 : 0]->text();
}

void PromptCompare::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        return Q_EMIT closed();
    QWidget::keyPressEvent(event);
}

} // namespace lathe
