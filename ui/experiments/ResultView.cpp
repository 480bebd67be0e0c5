// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/ResultView.h"

#include "ui/experiments/ComparisonText.h"
#include "ui/experiments/IntervalPlot.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/StatusDot.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

QString letter(int variant)
{
    return QString(QChar(u'A' + variant % 26));
}

QString named(const ComparisonResult &result, int variant)
{
    const QString name = result.variants.value(variant);
    return name == letter(variant) ? name : letter(variant) + QStringLiteral("  ") + name;
}
}

ResultView::ResultView(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_dot(new StatusDot(theme, Status::Idle, this)),
      m_sentence(new Label(theme, QString(), Label::Style::Title, this)), m_detail(new Label(theme, QString(), Label::Style::Secondary, this)),
      m_stop(new InlineMessage(theme, Severity::Success, QString(), this)), m_copy(new Button(tr("Copy"), ButtonRole::Ghost, this)),
      m_export(new Button(tr("Export CSV"), ButtonRole::Ghost, this)), m_scroll(new QScrollArea(this))
{
    setObjectName(QStringLiteral("experiment-result"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(metrics::GapLarge, metrics::Margin, metrics::Margin, metrics::Margin);
    head->setSpacing(metrics::Margin);
    m_dot->setFixedSize(20, 24);
    head->addWidget(m_dot, 0, Qt::AlignTop);
    auto *texts = new QVBoxLayout;
    texts->setSpacing(metrics::GapSmall);
    m_sentence->setObjectName(QStringLiteral("result-sentence"));
    m_sentence->setWordWrap(true);
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_detail->setObjectName(QStringLiteral("result-detail"));
    m_detail->setWordWrap(true);
    texts->addWidget(m_sentence);
    texts->addWidget(m_detail);
    texts->addWidget(m_stop);
    head->addLayout(texts, 1);
    m_copy->setObjectName(QStringLiteral("result-copy"));
    m_copy->setIcon(theme->icon(QStringLiteral("copy")));
    m_copy->setToolTip(tr("Copy the result as Markdown"));
    m_export->setObjectName(QStringLiteral("result-export"));
    m_export->setIcon(theme->icon(QStringLiteral("export")));
    m_export->setToolTip(tr("Write every trial with its output, score and checks into a CSV file"));
    auto *buttons = new QVBoxLayout;
    buttons->setSpacing(0);
    auto *line = new QHBoxLayout;
    line->setSpacing(0);
    line->addWidget(m_copy);
    line->addWidget(m_export);
    buttons->addLayout(line);
    buttons->addStretch();
    head->addLayout(buttons);
    layout->addLayout(head);
    m_stop->setObjectName(QStringLiteral("result-may-stop"));
    m_stop->setMessage(Severity::Success, tr("It is sure enough to stop: the test may be looked at after every example, and more trials will hardly change the answer."));
    m_stop->setAction(tr("Stop here"));
    m_stop->hide();
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->viewport()->setAutoFillBackground(false);
    m_scroll->setObjectName(QStringLiteral("result-metrics"));
    layout->addWidget(m_scroll, 1);
    connect(m_stop, &InlineMessage::actionTriggered, this, &ResultView::stopRequested);
    connect(m_export, &QAbstractButton::clicked, this, &ResultView::exportRequested);
    connect(m_copy, &QAbstractButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(asMarkdown());
        Q_EMIT copied();
    });
    setEmpty(QString());
}

QString ResultView::sentence() const
{
    return m_sentence->text();
}

QString ResultView::asMarkdown() const
{
    return comparisontext::markdown(m_question, m_result, m_conclusion);
}

void ResultView::setEmpty(const QString &sentence)
{
    m_hasResult = false;
    m_result = ComparisonResult();
    m_sentence->setText(tr("No result yet"));
    m_sentence->setColor(ColorToken::Text3);
    m_detail->setText(sentence);
    m_detail->setVisible(!sentence.isEmpty());
    m_dot->setStatus(Status::Idle);
    m_copy->setEnabled(false);
    m_export->setEnabled(false);
    rebuild();
}

void ResultView::setResult(const QString &question, const ComparisonResult &result)
{
    m_hasResult = true;
    m_question = question;
    m_result = result;
    m_sentence->setText(result.sentence);
    m_sentence->setColor(ColorToken::Text);
    m_copy->setEnabled(true);
    m_export->setEnabled(true);
    // The glyph says how the deciding metric stands: settled, or not.
    bool settled = false, any = false;
    QString detail;
    if (result.decidedBy >= 0 && size_t(result.decidedBy) < result.metrics.size()) {
        const MetricResult &metric = result.metrics[size_t(result.decidedBy)];
        any = !metric.pairs.empty();
        settled = any;
        for (const PairResult &pair : metric.pairs)
            settled = settled && pair.verdict != PairResult::Verdict::Unknown;
        if (metric.pairs.size() == 1) {
            const PairResult &pair = metric.pairs.front();
            QStringList parts{tr("Decided by %1").arg(metric.title), comparisontext::p(pair.pAdjusted)};
            if (const QString more = comparisontext::more(pair); !more.isEmpty())
                parts.append(more);
            detail = parts.join(QStringLiteral("  \u00b7  "));
        } else {
            detail = tr("Decided by %1").arg(metric.title);
        }
    }
    m_dot->setStatus(settled ? Status::Ok : any ? Status::Cancelled : Status::Idle);
    m_dot->setToolTip(settled ? tr("Settled") : tr("Not settled"));
    m_detail->setText(detail);
    m_detail->setVisible(!detail.isEmpty());
    rebuild();
}

void ResultView::setRunning(bool running, bool mayStop)
{
    m_stop->setVisible(running && mayStop);
}

void ResultView::rebuild()
{
    const int scrolled = m_scroll->verticalScrollBar()->value();
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(metrics::GapLarge, 0, metrics::GapLarge, metrics::GapLarge);
    layout->setSpacing(metrics::GapSmall);
    // What decides stands first.
    if (m_result.decidedBy >= 0 && size_t(m_result.decidedBy) < m_result.metrics.size())
        addMetric(layout, m_result.decidedBy);
    for (int i = 0; i < int(m_result.metrics.size()); ++i) {
        if (i != m_result.decidedBy)
            addMetric(layout, i);
    }
    addAgreements(layout);
    layout->addStretch();
    content->setAutoFillBackground(false);
    m_scroll->setWidget(content); // deletes the former
    content->setAutoFillBackground(false);
    m_scroll->verticalScrollBar()->setValue(scrolled);
}

void ResultView::addMetric(QVBoxLayout *layout, int index)
{
    const MetricResult &metric = m_result.metrics[size_t(index)];
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::Gap);
    line->setContentsMargins(0, metrics::Margin, 0, 0);
    line->addWidget(new Label(m_theme, metric.title, Label::Style::Heading));
    if (index == m_result.decidedBy)
        line->addWidget(new Chip(m_theme, tr("decides"), ColorToken::Accent));
    if (!metric.higherIsBetter)
        line->addWidget(new Chip(m_theme, tr("less is better"), ColorToken::Text3));
    line->addStretch();
    layout->addLayout(line);
    if (!metric.sentence.isEmpty() && !m_result.sentence.contains(metric.sentence)) {
        auto *sentence = new Label(m_theme, metric.sentence, Label::Style::Secondary);
        sentence->setWordWrap(true);
        layout->addWidget(sentence);
    }
    std::vector<IntervalMark> means;
    for (int v = 0; v < int(metric.variants.size()); ++v) {
        const VariantSummary &one = metric.variants[size_t(v)];
        IntervalMark mark;
        mark.name = named(m_result, v);
        mark.known = one.examples > 0;
        mark.value = one.mean;
        mark.low = one.low;
        mark.high = one.high;
        mark.text = mark.known ? comparisontext::interval(metric, one) : tr("not measured");
        mark.color = ColorToken::Text2;
        means.push_back(mark);
    }
    const bool share = metric.kind != MetricTable::Kind::Number;
    auto *meanPlot = new IntervalPlot(m_theme);
    meanPlot->setObjectName(QStringLiteral("means-") + metric.id);
    meanPlot->setAccessibleName(share ? tr("%1: share by variant").arg(metric.title) : tr("%1: mean by variant").arg(metric.title));
    meanPlot->setMarks(std::move(means), false, share ? 0 : nan, share ? 1 : nan);
    if (share)
        meanPlot->setAxisText(QStringLiteral("0"), metric.kind == MetricTable::Kind::Preference ? tr("share won") : tr("share passed"), QStringLiteral("100 %"));
    layout->addWidget(meanPlot);
    if (metric.pairs.empty())
        return;
    std::vector<IntervalMark> pairs;
    for (const PairResult &pair : metric.pairs) {
        IntervalMark mark;
        mark.name = tr("%1 minus %2").arg(letter(pair.second), letter(pair.first));
        mark.known = pair.examples > 0;
        mark.value = pair.difference;
        mark.low = pair.low;
        mark.high = pair.high;
        mark.text = mark.known ? comparisontext::interval(metric, pair) : tr("no example has both");
        mark.note = !mark.known ? QString() : pair.verdict == PairResult::Verdict::FirstBetter ? tr("%1 is better").arg(letter(pair.first)) : pair.verdict == PairResult::Verdict::SecondBetter ? tr("%1 is better").arg(letter(pair.second)) : comparisontext::verdict(m_result, metric, pair);
        const bool decided = pair.verdict == PairResult::Verdict::FirstBetter || pair.verdict == PairResult::Verdict::SecondBetter;
        mark.color = decided ? ColorToken::Ok : ColorToken::Text2;
        pairs.push_back(mark);
    }
    auto *pairPlot = new IntervalPlot(m_theme);
    pairPlot->setObjectName(QStringLiteral("pairs-") + metric.id);
    pairPlot->setAccessibleName(tr("%1: differences with 95 % intervals").arg(metric.title));
    pairPlot->setMarks(std::move(pairs), true, nan, nan);
    const bool up = metric.higherIsBetter;
    const PairResult &first = metric.pairs.front();
    if (metric.pairs.size() == 1)
        pairPlot->setAxisText(tr("\u2190 %1 better").arg(letter(up ? first.first : first.second)), tr("no difference"),
                              tr("%1 better \u2192").arg(letter(up ? first.second : first.first)));
    else
        pairPlot->setAxisText(up ? tr("\u2190 the latter better") : tr("\u2190 the former better"), tr("no difference"), up ? tr("the former better \u2192") : tr("the latter better \u2192"));
    layout->addWidget(pairPlot);
    for (const PairResult &pair : metric.pairs) {
        QStringList parts;
        if (metric.pairs.size() > 1)
            parts.append(QStringLiteral("%1 \u2013 %2").arg(letter(pair.second), letter(pair.first)));
        parts.append(comparisontext::counts(m_result, metric, pair));
        parts.append(comparisontext::p(pair.pAdjusted) + (metric.pairs.size() > 1 ? tr(" (Holm)") : QString()));
        if (const QString more = comparisontext::more(pair); !more.isEmpty())
            parts.append(more);
        auto *figures = new Label(m_theme, parts.join(QStringLiteral("  \u00b7  ")), Label::Style::Caption);
        figures->setObjectName(QStringLiteral("figures-") + metric.id);
        figures->setWordWrap(true);
        figures->setToolTip(pair.sentence);
        layout->addWidget(figures);
    }
    addRanking(layout, metric);
}

void ResultView::addRanking(QVBoxLayout *layout, const MetricResult &metric)
{
    std::vector<std::pair<double, int>> order;
    for (int v = 0; v < int(metric.variants.size()); ++v) {
        if (metric.variants[size_t(v)].strength)
            order.emplace_back(-*metric.variants[size_t(v)].strength, v);
    }
    if (order.size() < 3)
        return;
    std::sort(order.begin(), order.end());
    std::vector<IntervalMark> marks;
    for (size_t place = 0; place < order.size(); ++place) {
        const VariantSummary &one = metric.variants[size_t(order[place].second)];
        IntervalMark mark;
        mark.name = QStringLiteral("%1. %2").arg(place + 1).arg(named(m_result, order[place].second));
        mark.value = *one.strength;
        mark.low = one.strengthLow.value_or(mark.value);
        mark.high = one.strengthHigh.value_or(mark.value);
        mark.text = tr("%1 (%2 to %3)").arg(comparisontext::plain(mark.value, 2), comparisontext::plain(mark.low, 2), comparisontext::plain(mark.high, 2));
        mark.color = ColorToken::Text2;
        marks.push_back(mark);
    }
    auto *title = new Label(m_theme, tr("Ranking (Bradley-Terry strength)"), Label::Style::Caption);
    title->setToolTip(tr("From all preferences together; 0 is the average of the variants. Intervals that overlap leave the order open."));
    layout->addSpacing(metrics::GapSmall);
    layout->addWidget(title);
    auto *plot = new IntervalPlot(m_theme);
    plot->setObjectName(QStringLiteral("ranking-") + metric.id);
    plot->setAccessibleName(tr("%1: ranking").arg(metric.title));
    plot->setMarks(std::move(marks), true, nan, nan);
    plot->setAxisText(tr("weaker"), tr("average"), tr("stronger"));
    layout->addWidget(plot);
}

void ResultView::addAgreements(QVBoxLayout *layout)
{
    if (m_result.agreements.empty())
        return;
    layout->addSpacing(metrics::Margin);
    layout->addWidget(new Label(m_theme, tr("Do the judges agree?"), Label::Style::Heading));
    std::vector<IntervalMark> marks;
    for (const Agreement &one : m_result.agreements) {
        IntervalMark mark;
        mark.name = QStringLiteral("%1 / %2").arg(one.first, one.second);
        mark.known = one.cases > 0;
        mark.value = one.kappa;
        mark.low = one.low;
        mark.high = one.high;
        mark.text = mark.known ? comparisontext::agreement(one) : tr("no pair was judged by both");
        mark.color = ColorToken::Human;
        marks.push_back(mark);
        if (!one.sentence.isEmpty()) {
            auto *sentence = new Label(m_theme, one.sentence, Label::Style::Secondary);
            sentence->setWordWrap(true);
            layout->addWidget(sentence);
        }
    }
    auto *plot = new IntervalPlot(m_theme);
    plot->setObjectName(QStringLiteral("agreements"));
    plot->setAccessibleName(tr("Agreement of judges, Cohen's kappa"));
    plot->setMarks(std::move(marks), true, -1, 1);
    plot->setAxisText(tr("opposite"), tr("chance"), tr("always agree"));
    layout->addWidget(plot);
}

} // namespace lathe
