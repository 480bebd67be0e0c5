// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/TeamRunBar.h"

#include "ui/canvas/TeamRunStyle.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/StatusDot.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QSlider>

namespace lathe {

namespace {
constexpr int MostListed = 30;

// Whole seconds: it is told anew twice a second.
QString running(qint64 us)
{
    return us < 60'000'000 ? TeamRunBar::tr("%1 s").arg(std::max<qint64>(0, us / 1'000'000)) : format::duration(us);
}
}

TeamRunBar::TeamRunBar(Session *session, Theme *theme, ArtifactId team, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_team(team), m_view(new TeamRunView(this))
{
    setObjectName(QStringLiteral("team-run-bar"));
    setFixedHeight(40);
    auto *line = new QHBoxLayout(this);
    line->setContentsMargins(metrics::Margin, 0, metrics::Margin, 0);
    line->setSpacing(metrics::Gap);
    m_hint = new Label(theme, tr("Runs of this team are drawn over it. F5 begins one."), Label::Style::Hint, this);
    m_dot = new StatusDot(theme, Status::None, this);
    m_box = new QComboBox(this);
    m_box->setObjectName(QStringLiteral("run-choice"));
    m_box->setAccessibleName(tr("Run over the canvas"));
    m_box->setToolTip(tr("Which run is drawn over the canvas"));
    m_box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_box->setMinimumContentsLength(14);
    m_box->setMaximumWidth(260);
    m_totals = new ElidedLabel(theme, QString(), Qt::ElideRight, this);
    m_totals->setObjectName(QStringLiteral("run-totals"));
    m_totals->setColor(ColorToken::Text2);
    m_totals->setTabular(true);
    m_totals->setMaximumWidth(280);
    m_player = new QWidget(this);
    auto *player = new QHBoxLayout(m_player);
    player->setContentsMargins(0, 0, 0, 0);
    player->setSpacing(metrics::GapSmall);
    m_back = new IconButton(theme, QStringLiteral("chevron-left"), tr("One step back"), m_player);
    m_back->setObjectName(QStringLiteral("run-back"));
    m_back->setCompact(true);
    m_next = new IconButton(theme, QStringLiteral("chevron-right"), tr("One step on"), m_player);
    m_next->setObjectName(QStringLiteral("run-next"));
    m_next->setCompact(true);
    m_slider = new QSlider(Qt::Horizontal, m_player);
    m_slider->setObjectName(QStringLiteral("run-slider"));
    m_slider->setAccessibleName(tr("Moment of the run"));
    m_slider->setToolTip(tr("Left and Right go from step to step, End follows the run"));
    m_slider->setMinimumWidth(80);
    m_slider->setPageStep(5);
    m_moment = new ElidedLabel(theme, QString(), Qt::ElideRight, m_player);
    m_moment->setObjectName(QStringLiteral("run-moment"));
    m_moment->setTabular(true);
    m_moment->setMinimumWidth(80);
    m_moment->setMaximumWidth(220);
    player->addWidget(m_back);
    player->addWidget(m_slider, 1);
    player->addWidget(m_next);
    player->addWidget(m_moment, 1);
    m_trace = new LinkLabel(theme, tr("Trace"), this);
    m_trace->setObjectName(QStringLiteral("run-trace"));
    m_trace->setMinimumWidth(m_trace->sizeHint().width());
    line->addWidget(m_hint, 1);
    line->addWidget(m_dot);
    line->addWidget(m_box);
    line->addWidget(m_totals);
    line->addWidget(m_player, 1);
    line->addStretch(0);
    line->addWidget(m_trace);

    connect(m_box, &QComboBox::activated, this, [this](int row) {
        showRun(RunId{m_box->itemData(row).toLongLong()});
    });
    connect(m_slider, &QSlider::valueChanged, this, [this](int value) { m_view->setMoment(value); });
    connect(m_back, &QAbstractButton::clicked, this, [this] { m_slider->setValue(m_slider->value() - 1); });
    connect(m_next, &QAbstractButton::clicked, this, [this] { m_slider->setValue(m_slider->value() + 1); });
    connect(m_trace, &QAbstractButton::clicked, this, [this] { Q_EMIT openRequested(Location::ofRun(m_shown)); });
    connect(m_view, &TeamRunView::changed, this, [this] {
        if (std::exchange(m_wasOver, m_view->isOver()) != m_view->isOver())
            fillBox();
        showState();
        Q_EMIT viewChanged();
    });
    connect(session, &Session::runStarted, this, [this](RunId run) {
        const auto info = m_session->project().runs().run(run);
        if (!info || info->artifact != m_team)
            return;
        note(run);
        const bool busy = m_shown.isValid() && !m_view->isOver();
        if (!busy)
            showRun(run);
    });
    connect(session, &Session::runEvents, this, [this](RunId run, const std::vector<RunEvent> &events) {
        if (run == m_shown)
            m_view->apply(events);
    });
    connect(session, &Session::runEnded, this, [this](RunId run) {
        for (Entry &entry : m_entries) {
            if (entry.run == run)
                note(run);
        }
        m_refresh.start();
    });
    m_refresh.setSingleShot(true);
    m_refresh.setInterval(150);
    connect(&m_refresh, &QTimer::timeout, this, &TeamRunBar::refresh);
    m_tick.setInterval(500); // the running times
    connect(&m_tick, &QTimer::timeout, this, &TeamRunBar::fillBox);
    for (const RunId run : session->running()) {
        const auto info = session->project().runs().run(run);
        if (info && info->artifact == m_team) {
            note(run);
            showRun(run);
        }
    }
    showState();
    refresh();
}

void TeamRunBar::note(RunId run)
{
    const auto info = m_session->project().runs().run(run);
    if (!info)
        return;
    auto at = std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry &entry) { return entry.run == run; });
    if (at == m_entries.end())
        at = m_entries.insert(m_entries.begin(), Entry());
    const Trace *live = m_session->liveTrace(run);
    *at = {run, live ? live->status() : info->status, info->startUs, live ? live->endUs() : info->endUs, info->input};
    fillBox();
}

void TeamRunBar::refresh()
{
    const auto info = m_session->project().artifacts().info(m_team);
    if (!info)
        return;
    const RunQuery query(RunFilter::of(RunField::Agent, info->name), MostListed);
    runTask(this, m_session->project().runs().query(query, CancelToken()), [this](const std::vector<RunInfo> &stored) { fill(stored); },
            [this](const Error &error) { Q_EMIT errorRaised(error); });
}

void TeamRunBar::fill(const std::vector<RunInfo> &stored)
{
    std::vector<Entry> entries;
    for (const RunInfo &info : stored) {
        if (info.artifact != m_team)
            continue; // an agent may have the same name
        const Trace *live = m_session->liveTrace(info.id);
        entries.push_back({info.id, live ? live->status() : info.status, info.startUs, live ? live->endUs() : info.endUs, info.input});
    }
    for (const Entry &known : m_entries) { // begun, not yet in the file
        if (std::none_of(entries.begin(), entries.end(), [&](const Entry &entry) { return entry.run == known.run; }))
            entries.push_back(known);
    }
    std::stable_sort(entries.begin(), entries.end(), [](const Entry &a, const Entry &b) { return a.run.value > b.run.value; });
    if (entries.size() > MostListed)
        entries.resize(MostListed);
    m_entries = std::move(entries);
    fillBox();
}

QString TeamRunBar::titleOf(const Entry &entry) const
{
    // What is shown is known best.
    const RunStatus status = entry.run == m_shown && !m_view->isEmpty() ? m_view->trace().status() : entry.status;
    const bool over = status != RunStatus::Running && status != RunStatus::Waiting;
    const qint64 now = m_session->clock().nowUs();
    const QString how = m_paused.contains(entry.run) && !over ? tr("paused") : format::statusText(status).toLower();
    const QString when = over ? format::ago(entry.startUs, now) : running(now - entry.startUs);
    return tr("Run %1, %2, %3").arg(entry.run.value).arg(how, when);
}

void TeamRunBar::fillBox()
{
    bool running = false;
    const QSignalBlocker blocker(m_box);
    const int wanted = int(m_entries.size()) + 1;
    while (m_box->count() > wanted)
        m_box->removeItem(m_box->count() - 1);
    while (m_box->count() < wanted)
        m_box->addItem(QString());
    const auto set = [this](int row, const QString &text, qint64 data) {
        if (m_box->itemText(row) != text)
            m_box->setItemText(row, text);
        if (m_box->itemData(row).toLongLong() != data)
            m_box->setItemData(row, data);
    };
    set(0, tr("No run"), 0);
    for (int row = 1; row < wanted; ++row) {
        const Entry &entry = m_entries[size_t(row) - 1];
        running = running || entry.status == RunStatus::Running || entry.status == RunStatus::Waiting;
        set(row, titleOf(entry), entry.run.value);
        m_box->setItemData(row, format::oneLine(entry.input, 200), Qt::ToolTipRole);
    }
    m_box->setCurrentIndex(std::max(0, m_box->findData(m_shown.value)));
    if (running != m_tick.isActive())
        running ? m_tick.start() : m_tick.stop();
    m_hint->setVisible(m_entries.empty());
    m_box->setVisible(!m_entries.empty());
}

void TeamRunBar::showRun(RunId run)
{
    if (run == m_shown)
        return;
    m_shown = run;
    if (const Trace *live = run.isValid() ? m_session->liveTrace(run) : nullptr) {
        m_view->setTrace(*live);
    } else {
        m_view->clear();
        if (run.isValid()) {
            runTask(this, m_session->trace(run, CancelToken()), [this, run](Trace trace) {
                if (run == m_shown && m_view->isEmpty()) // else events were quicker
                    m_view->setTrace(std::move(trace));
            }, [this](const Error &error) { Q_EMIT errorRaised(error); });
        }
    }
    fillBox();
    showState();
    Q_EMIT shownChanged(run);
}

void TeamRunBar::setPaused(const QList<RunId> &runs)
{
    m_paused = runs;
    fillBox();
    showState();
}

void TeamRunBar::showState()
{
    const bool any = m_shown.isValid();
    m_dot->setVisible(any);
    m_trace->setVisible(any);
    m_player->setVisible(any && m_view->momentCount() > 0);
    m_totals->setVisible(any || !m_entries.empty());
    if (!any) {
        m_totals->setText(QString());
        return;
    }
    const Trace &trace = m_view->trace();
    m_dot->setStatus(m_paused.contains(m_shown) ? Status::Waiting : runstyle::status(trace.status()));
    const Usage usage = trace.usage();
    QStringList parts;
    if (trace.error())
        parts.append(trace.error()->message);
    if (trace.endUs() > 0)
        parts.append(format::duration(trace.endUs() - trace.startUs()));
    if (usage.totalTokens() > 0)
        parts += {tr("%1 tok").arg(format::number(usage.totalTokens())), format::cost(usage)};
    m_totals->setText(parts.join(QLatin1String(", ")));
    {
        const QSignalBlocker blocker(m_slider);
        m_slider->setRange(0, m_view->momentCount());
        m_slider->setValue(m_view->moment());
    }
    m_back->setEnabled(m_view->moment() > 0);
    m_next->setEnabled(!m_view->isAtEnd());
    m_moment->setText(tr("%1/%2 %3").arg(m_view->moment()).arg(m_view->momentCount()).arg(m_view->momentText()));
}

} // namespace lathe
