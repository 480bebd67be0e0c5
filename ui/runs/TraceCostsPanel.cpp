// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/TraceCostsPanel.h"

#include "ui/itemmodels/Format.h"
#include "ui/runs/StepStyle.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/Label.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QTabBar>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
constexpr int mostRows = 5;

double value(const CostRow &row, TraceCostsPanel::Measure measure, bool wait)
{
    switch (measure) {
    case TraceCostsPanel::Measure::Time:
        return double(wait ? row.ownUs + row.waitUs : row.ownUs);
    case TraceCostsPanel::Measure::Tokens:
        return double(row.own.totalTokens());
    case TraceCostsPanel::Measure::Money:
        return row.own.costUsd;
    }
    return 0;
}

QString figureText(double of, TraceCostsPanel::Measure measure)
{
    switch (measure) {
    case TraceCostsPanel::Measure::Time:
        return format::duration(qint64(of));
    case TraceCostsPanel::Measure::Tokens:
        return format::number(qint64(of));
    case TraceCostsPanel::Measure::Money: {
        Usage usage;
        usage.costUsd = of;
        usage.inputTokens = 1;
        return format::cost(usage);
    }
    }
    return {};
}

QString waitTitle(const QString &key)
{
    if (key == QLatin1String("retry"))
        return TraceCostsPanel::tr("Waited to try again");
    if (key == QLatin1String("rate_limit"))
        return TraceCostsPanel::tr("Rate limits");
    if (key == QLatin1String("approval"))
        return TraceCostsPanel::tr("Approvals");
    if (key == QLatin1String("question"))
        return TraceCostsPanel::tr("Questions");
    return key == QLatin1String("lost_work") ? TraceCostsPanel::tr("Attempts in vain") : key;
}
}

CostBar::CostBar(Theme *theme, const QString &name, QWidget *parent)
    : QAbstractButton(parent), m_theme(theme), m_small(theme->smallFont())
{
    setText(name);
    setFocusPolicy(Qt::TabFocus);
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAttribute(Qt::WA_Hover);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void CostBar::setFigures(double share, double pathShare, const QString &figure, ColorToken color, bool failed)
{
    m_share = std::clamp(share, 0.0, 1.0);
    m_pathShare = std::clamp(pathShare, 0.0, 1.0);
    m_figure = QStringLiteral("%1  %2 %").arg(figure).arg(qRound(m_share * 100), 3);
    m_color = color;
    m_failed = failed;
    setAccessibleName(QStringLiteral("%1, %2").arg(text(), m_figure));
    update();
}

void CostBar::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        click();
    else
        QAbstractButton::keyPressEvent(event);
}

void CostBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens &t = m_theme->tokens();
    if (underMouse())
        paint::roundedBox(painter, rect(), 4, t.hover);
    const QRectF inner = QRectF(rect()).adjusted(4, 0, -4, 0);
    const QRectF track(inner.left(), inner.bottom() - 4, inner.width(), 3);
    const QColor color = t.color(m_color);
    paint::roundedBox(painter, track, 1.5, withAlpha(t.line, 0.7));
    if (m_share > 0)
        paint::roundedBox(painter, QRectF(track.left(), track.top(), std::max(2.0, track.width() * m_share), track.height()), 1.5,
                          withAlpha(color, m_pathShare > 0 ? 0.55 : 0.9));
    if (m_pathShare > 0)
        paint::roundedBox(painter, QRectF(track.left(), track.top(), std::max(2.0, track.width() * m_share * m_pathShare), track.height()),
                          1.5, color);
    const QRectF line = inner.adjusted(0, 0, 0, -4);
    painter.setPen(t.text2);
    const double width = m_small.width(m_figure);
    m_small.draw(painter, QRectF(line.right() - width, line.top(), width, line.height()), Qt::AlignRight, m_figure);
    double left = line.left();
    if (m_failed) {
        paintStatus(painter, QRectF(left, line.top(), 14, line.height()), Status::Error, t);
        left += 17;
    }
    painter.setFont(m_theme->smallFont());
    painter.setPen(t.text);
    const double room = line.right() - width - 8 - left;
    painter.drawText(QRectF(left, line.top(), room, line.height()), Qt::AlignVCenter | Qt::TextSingleLine,
                     QFontMetricsF(m_theme->smallFont()).elidedText(text(), Qt::ElideRight, room));
    if (hasFocus())
        paint::focusRing(painter, rect(), 4, t.accent);
}

TraceCostsPanel::TraceCostsPanel(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_measures(new QTabBar(this)), m_total(new Label(theme, QString(), Label::Style::Caption, this)),
      m_host(new QWidget(this)), m_columns(new QHBoxLayout(m_host))
{
    setObjectName(QStringLiteral("costs-panel"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::GapLarge, metrics::GapSmall, metrics::GapLarge, metrics::Gap);
    layout->setSpacing(metrics::GapSmall);
    auto *top = new QHBoxLayout;
    top->setSpacing(metrics::Margin);
    m_measures->setObjectName(QStringLiteral("cost-measure"));
    m_measures->setAccessibleName(tr("What is measured"));
    m_measures->setDrawBase(false);
    m_measures->setExpanding(false);
    m_measures->addTab(tr("Time"));
    m_measures->addTab(tr("Tokens"));
    m_measures->addTab(tr("Money"));
    top->addWidget(m_measures);
    top->addWidget(m_total, 1);
    layout->addLayout(top);
    m_columns->setContentsMargins(0, 0, 0, 0);
    m_columns->setSpacing(metrics::GapLarge);
    layout->addWidget(m_host);
    connect(m_measures, &QTabBar::currentChanged, this, &TraceCostsPanel::build);
}

void TraceCostsPanel::setMeasure(Measure measure)
{
    m_measures->setCurrentIndex(int(measure));
}

void TraceCostsPanel::setBusy()
{
    if (m_columns->count() == 0)
        m_total->setText(tr("Adding up ..."));
}

void TraceCostsPanel::setCosts(const TraceCosts &costs)
{
    m_costs = costs;
    build();
}

QWidget *TraceCostsPanel::column(const QString &title, const std::vector<CostRow> &rows, ColorToken color, bool waits)
{
    const auto measure = Measure(m_measures->currentIndex());
    std::vector<const CostRow *> sorted;
    double sum = 0;
    for (const CostRow &row : rows) {
        const double of = value(row, measure, waits);
        sum += of;
        if (of > 0)
            sorted.push_back(&row);
    }
    if (sorted.empty())
        return nullptr;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [&](const CostRow *a, const CostRow *b) { return value(*a, measure, waits) > value(*b, measure, waits); });
    auto *host = new QWidget(m_host);
    auto *layout = new QVBoxLayout(host);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *caption = new Label(m_theme, title, Label::Style::Caption, host);
    caption->setContentsMargins(4, 0, 0, 2);
    layout->addWidget(caption);
    for (size_t i = 0; i < sorted.size() && i < mostRows; ++i) {
        const CostRow &row = *sorted[i];
        const bool kind = color == ColorToken::Count;
        const StepKind of = stepKindFromName(row.key);
        auto *bar = new CostBar(m_theme, waits ? waitTitle(row.key) : kind ? stepstyle::kindWord(of) : row.key.left(120), host);
        const double own = value(row, measure, waits);
        bar->setFigures(sum > 0 ? own / sum : 0,
                        measure == Measure::Time && own > 0 ? std::min(1.0, double(row.pathUs) / own) : 0, figureText(own, measure),
                        kind ? stepstyle::color(of) : color, row.failed > 0);
        QStringList tip{QStringLiteral("%1: %2").arg(bar->text().toHtmlEscaped(), stepstyle::stepCount(row.steps))};
        if (row.failed > 0)
            tip.append(tr("%1 failed").arg(format::number(row.failed)));
        if (row.retries > 0)
            tip.append(tr("%1 tried again").arg(format::number(row.retries)));
        if (row.pathUs > 0)
            tip.append(tr("%1 on the critical path").arg(format::duration(row.pathUs)));
        if (row.totalUs > row.ownUs)
            tip.append(tr("%1 with all below").arg(format::duration(row.totalUs)));
        bar->setToolTip(tip.join(QStringLiteral(", ")));
        bar->setObjectName(QStringLiteral("cost-") + row.key.left(60));
        if (!waits)
            connect(bar, &CostBar::clicked, this, [this, key = row.key] { Q_EMIT filterRequested(key); });
        layout->addWidget(bar);
    }
    if (sorted.size() > mostRows) {
        auto *more = new Label(m_theme, tr("%1 more").arg(format::number(qint64(sorted.size()) - mostRows)), Label::Style::Hint, host);
        more->setContentsMargins(4, 0, 0, 0);
        layout->addWidget(more);
    }
    layout->addStretch(1);
    return host;
}

void TraceCostsPanel::build()
{
    while (QLayoutItem *item = m_columns->takeAt(0)) {
        if (item->widget())
            item->widget()->deleteLater();
        delete item;
    }
    const auto add = [this](const QString &title, const std::vector<CostRow> &rows, ColorToken color, bool waits = false) {
        if (QWidget *made = column(title, rows, color, waits))
            m_columns->addWidget(made, 1);
    };
    add(tr("By kind"), m_costs.byKind, ColorToken::Count);
    add(tr("By model"), m_costs.byModel, ColorToken::Model);
    add(tr("By tool"), m_costs.byTool, ColorToken::Tool);
    add(tr("By agent"), m_costs.byAgent, ColorToken::Agent);
    add(tr("Waits"), m_costs.byWait, ColorToken::Warning, true);
    const auto measure = Measure(m_measures->currentIndex());
    QStringList parts;
    if (measure == Measure::Time)
        parts.append(tr("Time in the steps themselves; solid: on the critical path"));
    else if (m_columns->count() == 0)
        parts.append(measure == Measure::Tokens ? tr("No step tells how many tokens it took.") : tr("No step tells what it cost."));
    if (m_costs.retries > 0)
        parts.append(format::count(m_costs.retries, tr("retry"), tr("retries")));
    if (m_costs.fallbacks > 0)
        parts.append(format::count(m_costs.fallbacks, tr("fallback"), tr("fallbacks")));
    if (m_costs.approvals > 0)
        parts.append(format::count(m_costs.approvals, tr("approval"), tr("approvals")));
    m_total->setText(parts.join(QStringLiteral("  \u00b7  ")));
}

} // namespace lathe
