// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/TraceView.h"

#include "core/base/Json.h"
#include "ui/itemmodels/StepTreeModel.h"
#include "ui/itemmodels/TraceFilter.h"
#include "ui/itemmodels/TraceInsights.h"
#include "ui/itemmodels/TraceLoader.h"
#include "ui/itemmodels/InPool.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/runs/FlameView.h"
#include "ui/runs/StepDetail.h"
#include "ui/runs/StepTreeView.h"
#include "ui/runs/TraceHeader.h"
#include "ui/runs/timetravel/ForkEditor.h"
#include "ui/runs/timetravel/ReplayResult.h"
#include "ui/runs/timetravel/TimeTravelBar.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/SearchField.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QPointer>
#include <QPushButton>
#include <QStackedWidget>

namespace lathe {

namespace {
constexpr size_t longTrace = 5000;  // steps; the history of more is made in the pool
constexpr int mostApplied = 20'000; // events that are applied instead of setting the trace anew
}

bool TraceView::handleKey(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Find)) {
        m_bar->field()->setFocus(Qt::ShortcutFocusReason);
        m_bar->field()->selectAll();
        return true;
    }
    const bool shift = event->modifiers() == Qt::ShiftModifier;
    if (event->key() == Qt::Key_F3) {
        nextHit(shift ? -1 : 1);
        return true;
    }
    TimeAxis *axis = m_source->axis();
    const auto modifiers = event->modifiers() & ~Qt::KeyboardModifiers(Qt::KeypadModifier);
    if (shift && (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right)) {
        axis->pan(event->key() == Qt::Key_Left ? -0.2 : 0.2);
        return true;
    }
    if (!m_travel->isHidden() && modifiers == Qt::ControlModifier && (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right))
        return m_travel->handleKey(event);
    const bool flame = m_pictures->currentWidget() == m_flame;
    if (modifiers != Qt::NoModifier && !(shift && (event->key() == Qt::Key_Plus || event->key() == Qt::Key_Equal)))
        return false;
    switch (event->key()) {
    case Qt::Key_1:
    case Qt::Key_2:
    case Qt::Key_3:
        m_bar->setMode(TraceBar::Mode(event->key() - Qt::Key_1));
        m_pictures->currentWidget()->setFocus(Qt::OtherFocusReason);
        return true;
    case Qt::Key_0:
        axis->fitAll();
        return true;
    case Qt::Key_F:
        fitStep();
        return true;
    case Qt::Key_W:
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        axis->zoom(1 / 1.4);
        return true;
    case Qt::Key_S:
    case Qt::Key_Minus:
        axis->zoom(1.4);
        return true;
    case Qt::Key_A:
        axis->pan(-0.2);
        return true;
    case Qt::Key_D:
        axis->pan(0.2);
        return true;
    case Qt::Key_C:
        m_bar->critical()->toggle();
        return true;
    case Qt::Key_M:
        m_bar->costs()->toggle();
        return true;
    case Qt::Key_T:
        if (m_bar->travel()->isEnabled())
            m_bar->travel()->toggle();
        return true;
    case Qt::Key_Slash:
        m_bar->field()->setFocus(Qt::ShortcutFocusReason);
        m_bar->field()->selectAll();
        return true;
    case Qt::Key_Escape:
        if (!m_filter->isActive())
            return !m_travel->isHidden() && m_travel->handleKey(event);
        m_bar->field()->clear();
        m_filter->setText(QString());
        return true;
    case Qt::Key_N:
        if (!m_filter->isActive())
            return false;
        nextHit(1);
        return true;
    default:
        break;
    }
    if (flame) {
        switch (event->key()) {
        case Qt::Key_J:
            m_flame->move(Qt::Key_Down);
            return true;
        case Qt::Key_K:
            m_flame->move(Qt::Key_Up);
            return true;
        case Qt::Key_Up:
        case Qt::Key_Down:
        case Qt::Key_Left:
        case Qt::Key_Right:
        case Qt::Key_PageUp:
        case Qt::Key_PageDown:
        case Qt::Key_Home:
        case Qt::Key_End:
            m_flame->move(Qt::Key(event->key()));
            return true;
        default:
            break;
        }
    }
    if (!m_travel->isHidden())
        return m_travel->handleKey(event);
    return false;
}

QList<QAction *> TraceView::commands()
{
    struct Known {
        const char *button;
        QString text;
        QKeySequence key; // as handleKey() has it; shown, not bound
    };
    const Known all[] = {{"fork-step", tr("Fork from this step"), {}},
                         {"step-to-playground", tr("Open this step in the playground"), {}},
                         {"replay-button", tr("Replay this run"), {}},
                         {"resume-button", tr("Resume this run"), {}},
                         {"stop-run-button", tr("Stop this run"), {}},
                         {"compare-run", tr("Compare this run with another"), {}},
                         {"pin-run", tr("Pin this run as a test, or unpin it"), {}},
                         {"export-run", tr("Export this run"), {}},
                         {"time-travel-button", tr("Time travel"), Qt::Key_T},
                         {"critical-path-button", tr("Critical path"), Qt::Key_C},
                         {"costs-button", tr("Where time and money went"), Qt::Key_M}};
    if (m_commands.isEmpty()) {
        const auto add = [this](const QString &name, const QString &text, const QKeySequence &key, auto run) {
            auto *action = new QAction(text, this);
            action->setObjectName(name);
            action->setShortcut(key);
            connect(action, &QAction::triggered, this, run);
            m_commands.append(action);
        };
        for (const Known &known : all) {
            const QPointer<QAbstractButton> button = findChild<QAbstractButton *>(QLatin1String(known.button));
            add(QLatin1String(known.button), known.text, known.key, [button] {
                if (auto *push = qobject_cast<QPushButton *>(button); push && push->menu())
                    push->showMenu();
                else if (button)
                    button->click();
            });
        }
        const QString modes[] = {tr("Show as a tree"), tr("Show as a waterfall"), tr("Show as a flame graph")};
        for (int i = 0; i < 3; ++i)
            add(QStringLiteral("trace-mode-%1").arg(i), modes[i], QKeySequence(Qt::Key_1 + i), [this, i] { m_bar->setMode(TraceBar::Mode(i)); });
        add(QStringLiteral("copy-trace-text"), tr("Copy this trace as text"), {}, [this] { copy(false); });
        add(QStringLiteral("copy-trace-json"), tr("Copy this trace as JSON (OpenTelemetry)"), {}, [this] { copy(true); });
        add(QStringLiteral("find-step"), tr("Filter steps"), QKeySequence::Find, [this] {
            m_bar->field()->setFocus(Qt::ShortcutFocusReason);
            m_bar->field()->selectAll();
        });
    }
    for (QAction *action : std::as_const(m_commands)) {
        if (const auto *button = findChild<QAbstractButton *>(action->objectName()))
            action->setEnabled(button->isEnabled() && button->isVisibleTo(this)); // as the button
    }
    return m_commands;
}

void TraceView::nextHit(int direction)
{
    if (!m_filter->isActive())
        return;
    const int row = m_filter->next(m_model->rowIndex(m_detail->path()), direction);
    if (row < 0)
        return;
    m_follow = false;
    setCurrentRow(row);
    const TraceRow &of = m_model->rows()[size_t(row)];
    m_source->axis()->reveal(of.startUs, m_source->endOf(of));
}

void TraceView::showFilter()
{
    const int shown = m_model->rowIndex(m_detail->path());
    if (m_model->isShown(shown))
        m_tree->select(m_detail->path());
    m_bar->setHits(m_filter->position(shown), m_filter->isActive() ? int(m_filter->hits().size()) : -1, m_filter->isSearching());
    updateLit();
}

// The critical path, else in the flame graph what the filter found.
void TraceView::updateLit()
{
    std::vector<char> lit;
    const TraceInsights::Result *result = m_insights->result();
    if (m_bar->critical()->isChecked() && result) {
        lit.assign(m_model->rows().size(), 0);
        for (const QString &path : result->onPath) {
            if (const int row = m_model->rowIndex(path); row >= 0)
                lit[size_t(row)] = 1;
        }
    } else if (m_filter->isActive() && m_bar->mode() == TraceBar::Mode::Flame) {
        lit.assign(m_model->rows().size(), 0);
        for (const int row : m_filter->hits())
            lit[size_t(row)] = 1;
    }
    m_source->setLit(std::move(lit));
}

void TraceView::fitStep()
{
    const TraceRow *row = m_source->row(m_model->rowIndex(m_detail->path()));
    if (row)
        m_source->axis()->fit(row->startUs, m_source->endOf(*row));
}

void TraceView::replay()
{
    m_header->setReplaying(true);
    runTask(
        this, m_session->replay(m_run, m_cancel.token()),
        [this](const ReplayReport &report) {
            m_header->setReplaying(false);
            m_proof->showReport(report);
        },
        [this](const Error &error) {
            m_header->setReplaying(false);
            m_proof->showError(error);
        });
}

void TraceView::resume()
{
    RunRequest options;
    options.attended = true;
    m_follow = true;
    m_synced = true; // every event of the resumed run is still to come
    runTask(
        this, m_session->resume(m_run, UnfinishedPolicy::Ask, options), [this](RunId) { setLive(true); },
        [this](const Error &error) { m_header->showError(error); });
}

void TraceView::withTrace(std::function<void(const Trace &)> use)
{
    if (m_whole) {
        use(*m_whole);
        return;
    }
    if (!m_model->isOutline()) {
        use(m_model->trace());
        return;
    }
    m_busy->setBusy(true);
    runTask(
        this, m_session->trace(m_run, m_cancel.token()),
        [this, use](const Trace &trace) {
            m_busy->setBusy(m_live);
            use(trace);
        },
        [this](const Error &error) {
            m_busy->setBusy(m_live);
            m_header->showError(error);
        });
}

void TraceView::copy(bool asJson)
{
    withTrace([this, asJson](const Trace &trace) {
        QString text;
        if (asJson) {
            // 128 bits from what never changes of a run.
            const QByteArray seed = QByteArray::number(m_run.value) + ':' + QByteArray::number(trace.startUs());
            text = QString::fromUtf8(json::pretty(trace.toOtlp(QString::fromLatin1(json::sha256(seed).left(32)))));
        } else {
            text = trace.toText();
        }
        QGuiApplication::clipboard()->setText(text);
        Q_EMIT statusMessage(tr("The trace is copied"));
    });
}

void TraceView::fork(const QString &step)
{
    if (step.isEmpty())
        return;
    auto *editor = new ForkEditor(m_session, m_theme, this, m_run, step);
    connect(editor, &ForkEditor::openRequested, this, &TraceView::openRequested);
    connect(editor, &ForkEditor::statusMessage, this, &TraceView::statusMessage);
    editor->open();
}

// While one travels the model shows the run as it was; the run itself waits in m_whole.
void TraceView::setTravelling(bool on)
{
    if (on) {
        withTrace([this](const Trace &trace) {
            if (m_bar->travel()->isChecked() && !m_whole)
                beginTravel(std::make_shared<const Trace>(trace));
        });
        return;
    }
    m_travelledTo = -1;
    m_travel->setPlaying(false);
    if (QWidget *focus = window()->focusWidget(); focus && (focus == m_travel || m_travel->isAncestorOf(focus)))
        m_pictures->currentWidget()->setFocus(Qt::OtherFocusReason);
    m_travel->hide();
    setPast(0);
    if (!m_whole)
        return;
    Trace whole = std::move(*m_whole);
    m_whole.reset();
    setTrace(std::move(whole));
    m_detail->show(m_detail->path());
}

Task<> TraceView::beginTravel(std::shared_ptr<const Trace> trace)
{
    auto history = std::make_shared<TraceHistory>();
    if (trace->steps().size() < longTrace) {
        *history = TraceHistory(*trace);
    } else {
        m_busy->setBusy(true);
        const QPointer<TraceView> alive(this);
        auto work = [trace] {
            auto made = std::make_shared<TraceHistory>(*trace);
            made->at(made->count()); // fills what it keeps, so that going back is quick
            return made;
        };
        history = co_await inPool(std::move(work));
        if (!alive)
            co_return;
        m_busy->setBusy(m_live || m_loader->isLoading());
        if (!m_bar->travel()->isChecked() || m_whole || m_live)
            co_return;
    }
    m_whole = *trace;
    if (m_model->isOutline()) {
        const QString before = m_detail->path();
        m_model->setTrace(*trace);
        if (m_filter->isActive())
            m_filter->setText(m_filter->text());
        if (const int row = m_model->rowIndex(before); row >= 0)
            setCurrentRow(row);
    }
    m_travel->setHistory(std::move(*history), *trace);
    m_travelledTo = m_travel->history().count();
    m_travel->show();
    m_travel->setFocus(Qt::OtherFocusReason);
}

// What ran then ran until then; the axis stays that of the whole run.
void TraceView::setPast(qint64 nowUs)
{
    TimeRange whole = m_source->axis()->whole();
    if (m_whole)
        whole = {m_whole->startUs(), std::max(m_whole->endUs(), m_whole->startUs() + 1)};
    m_header->setPast(nowUs);
    m_detail->setPast(nowUs);
    m_source->setPast(nowUs, whole);
}

void TraceView::travelTo(int position)
{
    if (!m_whole)
        return;
    const QString before = m_detail->path();
    setPast(m_travel->isInPast() ? m_whole->startUs() + std::max<qint64>(1, m_travel->history().timeAt(position)) : 0);
    const int from = std::exchange(m_travelledTo, position);
    if (from >= 0 && from <= position && position - from <= mostApplied) { // forwards the tree stays as the person left it
        m_model->apply(m_travel->history().between(from, position));
    } else {
        m_model->setTrace(m_travel->history().at(position));
        if (m_filter->isActive())
            m_filter->setText(m_filter->text());
    }
    // What happened last is what one looks at.
    const QString last = position > 0 ? m_travel->history().eventBefore(position).step : QString();
    const int row = m_model->rowIndex(last.isEmpty() ? before : last);
    m_insights->invalidate();
    m_header->tick(*m_model);
    if (row >= 0) {
        setCurrentRow(row);
        m_detail->show(m_model->rows()[size_t(row)].path);
    } else {
        m_detail->clear(); // it has not begun yet
    }
}

} // namespace lathe
