// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/ResultCard.h"

#include "ui/itemmodels/Format.h"
#include "ui/playground/AnswerRating.h"
#include "ui/playground/AnswerText.h"
#include "ui/playground/FigureStrip.h"
#include "ui/playground/SpreadPanel.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/Silence.h"
#include "ui/widgets/StatusDot.h"
#include "ui/widgets/StatusOf.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int tallestOfMany = 132;
constexpr int firstShownMs = 100; // of a running time
constexpr int repeatChoices[] = {3, 5, 10, 20};

bool isOver(RunStatus status)
{
    return status != RunStatus::Running && status != RunStatus::Waiting;
}
} // namespace

ResultCard::ResultCard(Session *session, Playground *playground, Theme *theme, QWidget *parent)
    : QWidget(parent),
      m_session(session),
      m_playground(playground),
      m_theme(theme),
      m_layout(new QVBoxLayout(this)),
      m_dot(new StatusDot(theme, Status::None, this)),
      m_state(new ElidedLabel(theme, QString(), Qt::ElideRight, this)),
      m_previous(new IconButton(theme, QStringLiteral("chevron-left"), tr("The answer before"), this)),
      m_next(new IconButton(theme, QStringLiteral("chevron-right"), tr("The answer after"), this)),
      m_again(new IconButton(theme, QStringLiteral("replay"),
                             withShortcut(tr("Answer again"), QKeySequence(Qt::Key_R)), this)),
      m_stop(new IconButton(theme, QStringLiteral("stop"), tr("Stop this answer"), this)),
      m_copy(new IconButton(theme, QStringLiteral("copy"),
                            withShortcut(tr("Copy the answer"), QKeySequence::Copy), this)),
      m_rawButton(new IconButton(theme, QStringLiteral("eye"),
                                 withShortcut(tr("Show as plain text"), QKeySequence(Qt::Key_M)), this)),
      m_more(new IconButton(theme, QStringLiteral("more"), tr("Repeat, keep as an example, open the trace"),
                            this)),
      m_text(new AnswerText(theme, this)),
      m_figures(new FigureStrip(theme, this))
{
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    setMinimumWidth(220);
    m_layout->setContentsMargins(metrics::Margin, 6, metrics::Gap, 10);
    m_layout->setSpacing(6);
    auto *top = new QHBoxLayout;
    top->setSpacing(2);
    top->addWidget(m_dot);
    top->addSpacing(2);
    top->addWidget(m_state, 1);
    for (IconButton *button : {m_previous, m_next, m_stop, m_again, m_copy, m_rawButton, m_more}) {
        button->setCompact(true);
        top->addWidget(button);
    }
    m_layout->addLayout(top);
    auto *inset = new QVBoxLayout;
    inset->setContentsMargins(0, 0, 4, 0);
    inset->setSpacing(6);
    inset->addWidget(m_text);
    inset->addStretch(1);
    inset->addWidget(m_figures);
    m_layout->addLayout(inset, 1);
    m_layout = inset;

    m_state->setObjectName(QStringLiteral("answer-state"));
    m_state->setColor(ColorToken::Text2);
    m_state->setTabular(true);
    m_text->setObjectName(QStringLiteral("answer-text"));
    m_previous->setObjectName(QStringLiteral("answer-previous"));
    m_next->setObjectName(QStringLiteral("answer-next"));
    m_again->setObjectName(QStringLiteral("answer-again"));
    m_stop->setObjectName(QStringLiteral("answer-stop"));
    m_stop->setIconName(QStringLiteral("stop"), ColorToken::Error);
    m_copy->setObjectName(QStringLiteral("answer-copy"));
    m_rawButton->setObjectName(QStringLiteral("answer-raw"));
    m_rawButton->setCheckable(true);
    m_more->setObjectName(QStringLiteral("answer-menu-button"));
    connect(m_previous, &QAbstractButton::clicked, this, [this] { step(-1); });
    connect(m_next, &QAbstractButton::clicked, this, [this] { step(1); });
    connect(m_again, &QAbstractButton::clicked, this, &ResultCard::regenerate);
    connect(m_stop, &QAbstractButton::clicked, this, [this] { m_playground->stopCell(m_column, m_row); });
    connect(m_copy, &QAbstractButton::clicked, this, &ResultCard::copy);
    connect(m_rawButton, &QAbstractButton::toggled, m_text, &AnswerText::setRaw);
    connect(m_more, &QAbstractButton::clicked, this, &ResultCard::openMenu);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

ResultCard::~ResultCard()
{
    silence(this);
}

void ResultCard::setPlace(int column, int row, int turn, int position)
{
    if (column != m_column || row != m_row || turn != m_turn)
        m_at = -1;
    m_column = column;
    m_row = row;
    m_turn = turn;
    m_position = position;
    setObjectName(QStringLiteral("card-%1-%2").arg(position).arg(turn >= 0 ? turn : row));
}

void ResultCard::setMany(bool many)
{
    m_many = many;
    m_text->setTallest(many ? tallestOfMany : 0);
}

void ResultCard::setVeiled(bool veiled)
{
    m_veiled = veiled;
}

void ResultCard::setPreferred(std::optional<bool> preferred)
{
    m_preferred = preferred;
}

std::vector<int> ResultCard::mine() const
{
    std::vector<int> indices;
    if (m_column >= int(m_playground->columns().size()) || m_row >= int(m_playground->rows().size()))
        return indices;
    const auto &answers = m_playground->answers(m_column, m_row);
    for (int i = 0; i < int(answers.size()); ++i) {
        if (answers[size_t(i)].turn == (m_turn < 0 ? answers.back().turn : m_turn))
            indices.push_back(i);
    }
    return indices;
}

int ResultCard::shownIndex() const
{
    const auto indices = mine();
    if (indices.empty())
        return -1;
    return m_at >= 0 && m_at < int(indices.size()) ? indices[size_t(m_at)] : indices.back();
}

const PlaygroundAnswer *ResultCard::answer() const
{
    const int index = shownIndex();
    return index < 0 ? nullptr : &m_playground->answers(m_column, m_row)[size_t(index)];
}

bool ResultCard::isRunning() const
{
    for (int index : mine()) {
        if (!isOver(m_playground->answers(m_column, m_row)[size_t(index)].status))
            return true;
    }
    return false;
}

bool ResultCard::isLastTurn() const
{
    if (m_turn < 0)
        return true;
    const auto &answers = m_playground->answers(m_column, m_row);
    return std::all_of(answers.begin(), answers.end(),
                       [this](const PlaygroundAnswer &answer) { return answer.turn <= m_turn; });
}

void ResultCard::refresh()
{
    const bool blind = m_playground->blind();
    const auto indices = mine();
    const PlaygroundAnswer *shown = answer();
    const bool running = isRunning();
    const bool over = shown && isOver(shown->status);
    const bool veiled = blind && m_veiled && shown;
    const int count = int(indices.size());
    const int at = m_at >= 0 && m_at < count ? m_at : count - 1;
    const QString who = blind ? tr("Answer %1").arg(m_position + 1) : QString();

    const bool queued = shown && !over && !shown->run.isValid();
    m_dot->setStatus(!shown   ? Status::None
                     : queued ? Status::Queued
                     : veiled ? Status::Running
                              : statusOfRun(shown->status));
    m_dot->setVisible(shown != nullptr);
    m_previous->setVisible(count > 1 && !blind);
    m_next->setVisible(count > 1 && !blind);
    m_previous->setEnabled(at > 0);
    m_next->setEnabled(at + 1 < count);
    m_stop->setVisible(running && !blind);
    m_again->setVisible(!running && shown && !blind && isLastTurn());
    m_copy->setVisible(shown && over && !blind && !shown->output.isEmpty());
    m_rawButton->setVisible(shown && over && !veiled && !shown->output.isEmpty());
    m_more->setVisible(shown && !blind);

    if (shown && !over && (!m_timing || m_seen != shown->run)) {
        m_timing = true;
        m_seen = shown->run;
        m_since.start();
    } else if (over) {
        m_timing = false;
    }
    QString state;
    if (!shown)
        state = m_playground->running() ? tr("Queued") : tr("Not sent yet");
    else if (veiled)
        state = tr("Waiting for all answers");
    else if (!over && !shown->run.isValid())
        state = tr("Queued");
    else if (!over)
        state = m_timing && m_since.elapsed() >= firstShownMs ? format::duration(m_since.elapsed() * 1000)
                                                              : QString();
    else if (shown->status != RunStatus::Done)
        state = format::statusText(shown->status);
    else if (m_many && !blind) // one line instead of the strip: many rows want to be seen at once
        state = QStringList{format::duration(shown->totalUs),
                            tr("%1 tok").arg(format::number(shown->usage.totalTokens())),
                            format::cost(shown->usage)}
                    .join(QStringLiteral("   "));
    if (count > 1 && !blind)
        state = tr("%1 of %2").arg(at + 1).arg(count)
                + (state.isEmpty() ? QString() : QStringLiteral("  ") + state);
    if (blind)
        state = state.isEmpty() ? who : who + QStringLiteral("  ") + state;
    m_state->setText(state);

    const bool text =
        shown && !veiled && !(shown->output.isEmpty() && (over ? shown->status != RunStatus::Done : true));
    m_text->setVisible(text);
    if (text && over)
        m_text->finish(shown->output.isEmpty() ? tr("*(The answer is empty.)*") : shown->output);
    else if (text)
        m_text->stream(shown->output);

    static const PlaygroundAnswer none;
    const PlaygroundAnswer &from = shown ? *shown : none;
    m_figures->setVisible(shown && !blind && !m_many && (over || shown->firstTokenUs >= 0));
    if (shown)
        showFigures(from);
    showError(from, over && !veiled);
    showFooter(from, over && !blind && from.run.isValid());
    showSpread(blind || m_turn >= 0 ? std::vector<int>() : indices);

    const bool prefer = blind && shown && !veiled;
    if (prefer && !m_prefer) {
        m_prefer = new Button(QString(), ButtonRole::Secondary, this);
        m_prefer->setObjectName(QStringLiteral("answer-prefer"));
        m_layout->addWidget(m_prefer);
        connect(m_prefer, &QAbstractButton::clicked, this, [this] { Q_EMIT preferRequested(m_position); });
    }
    if (m_prefer) {
        m_prefer->setVisible(prefer);
        const bool best = m_preferred.value_or(false);
        m_prefer->setText(best ? tr("Preferred") : tr("Prefer %1").arg(m_position + 1));
        m_prefer->setIcon(best ? m_theme->icon(QStringLiteral("check"), ColorToken::Ok) : QIcon());
        m_prefer->setToolTip(
            withShortcut(tr("This answer is the best of the row"), QKeySequence(Qt::Key_1 + m_position)));
    }
    setAccessibleName(tr("Answer of variant %1%2")
                          .arg(blind ? QString::number(m_position + 1) : QString(QChar(u'A' + m_column)),
                               state.isEmpty() ? QString() : QStringLiteral(": ") + state));
    update();
}

void ResultCard::tick()
{
    if (m_timing)
        refresh();
}

void ResultCard::showFigures(const PlaygroundAnswer &answer)
{
    const bool over = isOver(answer.status);
    m_figures->show(
        {{tr("First token"), answer.firstTokenUs >= 0 ? format::duration(answer.firstTokenUs) : QString()},
         {tr("Total"), over && answer.totalUs > 0 ? format::duration(answer.totalUs) : QString()},
         {tr("Tokens"),
          answer.usage.totalTokens() > 0 ? format::number(answer.usage.totalTokens()) : QString()},
         {tr("Cost"), over ? format::cost(answer.usage) : QString()}});
}

void ResultCard::showError(const PlaygroundAnswer &answer, bool over)
{
    const bool wrong = over && answer.status != RunStatus::Done && answer.status != RunStatus::Cancelled;
    if (!wrong) {
        if (m_error)
            m_error->hide();
        return;
    }
    if (!m_error) {
        m_error = new InlineMessage(m_theme, Severity::Error, QString(), this);
        m_error->setObjectName(QStringLiteral("answer-error"));
        m_layout->insertWidget(1, m_error);
        connect(m_error, &InlineMessage::actionTriggered, this, [this] {
            const PlaygroundAnswer *now = this->answer();
            const ErrorKind kind = now && now->error ? now->error->kind : ErrorKind::Internal;
            if (kind == ErrorKind::Auth || kind == ErrorKind::Unreachable || kind == ErrorKind::NotFound)
                Q_EMIT openRequested(Location::page(Location::Kind::Connections));
            else
                regenerate();
        });
    }
    const bool interrupted = answer.status == RunStatus::Interrupted;
    m_error->setMessage(interrupted ? Severity::Warning : Severity::Error,
                        answer.error  ? format::oneLine(answer.error->message, 1000)
                        : interrupted ? tr("The program ended before the answer did; answer again.")
                                      : tr("The run failed; its trace says where."));
    const ErrorKind kind = answer.error ? answer.error->kind : ErrorKind::Internal;
    const bool connection =
        kind == ErrorKind::Auth || kind == ErrorKind::Unreachable || kind == ErrorKind::NotFound;
    m_error->setAction(connection                        ? tr("Connections")
                       : kind == ErrorKind::InvalidInput ? QString()
                                                         : tr("Try again"));
    m_error->show();
}

void ResultCard::showFooter(const PlaygroundAnswer &answer, bool visible)
{
    if (!visible) {
        if (m_footer)
            m_footer->hide();
        return;
    }
    if (!m_footer) {
        m_footer = new QWidget(this);
        auto *line = new QHBoxLayout(m_footer);
        line->setContentsMargins(0, 0, 0, 0);
        line->setSpacing(metrics::Gap);
        m_rating = new AnswerRating(m_session, m_theme, m_footer);
        m_trace = new LinkLabel(m_theme, tr("Trace"), m_footer);
        m_trace->setObjectName(QStringLiteral("answer-trace"));
        m_trace->setMinimumHeight(28); // on the line of the stars
        m_trace->setToolTip(withShortcut(tr("Every step with its request, result, time and cost"),
                                         QKeySequence(Qt::Key_T)));
        line->addWidget(m_rating, 1);
        line->addWidget(m_trace, 0, Qt::AlignTop);
        m_layout->addWidget(m_footer);
        connect(m_trace, &QAbstractButton::clicked, this, &ResultCard::openTrace);
        connect(m_rating, &AnswerRating::statusMessage, this, &ResultCard::statusMessage);
        connect(m_rating, &AnswerRating::errorRaised, this, &ResultCard::errorRaised);
    }
    m_rating->setRun(answer.run);
    m_footer->show();
}

void ResultCard::showSpread(const std::vector<int> &indices)
{
    if (indices.size() < 2) {
        if (m_spread)
            m_spread->hide();
        return;
    }
    if (!m_spread) {
        m_spread = new SpreadPanel(m_theme, this);
        m_layout->insertWidget(m_layout->indexOf(m_figures), m_spread);
    }
    std::vector<const PlaygroundAnswer *> answers;
    for (int index : indices)
        answers.push_back(&m_playground->answers(m_column, m_row)[size_t(index)]);
    m_spread->show(SpreadSummary::of(answers));
    m_spread->setVisible(true);
}

void ResultCard::step(int by)
{
    const int count = int(mine().size());
    const int at = m_at >= 0 && m_at < count ? m_at : count - 1;
    const int to = std::clamp(at + by, 0, std::max(0, count - 1));
    m_at = to == count - 1 ? -1 : to; // the newest is followed
    refresh();
}

void ResultCard::regenerate()
{
    if (isRunning() || m_playground->blind() || !isLastTurn())
        return;
    m_at = -1;
    m_playground->regenerate(m_column, m_row);
}

void ResultCard::copy()
{
    const PlaygroundAnswer *shown = answer();
    if (!shown || shown->output.isEmpty() || m_playground->blind())
        return;
    QGuiApplication::clipboard()->setText(shown->output);
    Q_EMIT statusMessage(tr("The answer is copied"));
}

void ResultCard::openTrace()
{
    const PlaygroundAnswer *shown = answer();
    if (shown && shown->run.isValid() && !m_playground->blind())
        Q_EMIT openRequested(Location::ofRun(shown->run));
}

void ResultCard::promote()
{
    const int index = shownIndex();
    if (index >= 0 && !m_playground->blind() && isOver(answer()->status))
        Q_EMIT promoteRequested(m_column, m_row, index, m_more);
}

void ResultCard::openMenu()
{
    const PlaygroundAnswer *shown = answer();
    if (!shown)
        return;
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("answer-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const bool running = isRunning();
    if (m_turn < 0) {
        auto *section = menu->addSection(tr("Repeat to see the spread"));
        section->setObjectName(QStringLiteral("answer-repeat-section"));
        for (int times : repeatChoices) {
            QAction *action = menu->addAction(m_theme->icon(QStringLiteral("loop")),
                                              tr("%1 more times").arg(times), this, [this, times] {
                                                  m_at = -1;
                                                  m_playground->repeat(m_column, m_row, times);
                                              });
            action->setObjectName(QStringLiteral("answer-repeat-%1").arg(times));
            action->setEnabled(!running);
        }
        menu->addSeparator();
    }
    QAction *example =
        menu->addAction(m_theme->icon(QStringLiteral("dataset")),
                        tr("Keep as an example of a dataset\u2026"), this, &ResultCard::promote);
    example->setObjectName(QStringLiteral("answer-promote"));
    example->setShortcut(QKeySequence(Qt::Key_D));
    example->setEnabled(shown->status == RunStatus::Done);
    QAction *trace = menu->addAction(m_theme->icon(QStringLiteral("runs")), tr("Open the trace"), this,
                                     &ResultCard::openTrace);
    trace->setObjectName(QStringLiteral("answer-open-trace"));
    trace->setShortcut(QKeySequence(Qt::Key_T));
    trace->setEnabled(shown->run.isValid());
    menu->popup(m_more->mapToGlobal(QPoint(0, m_more->height() + 4)));
}

void ResultCard::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Copy))
        return copy();
    if ((event->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier) {
        switch (event->key()) {
        case Qt::Key_R:
            return regenerate();
        case Qt::Key_T:
        case Qt::Key_Return:
        case Qt::Key_Enter:
            return openTrace();
        case Qt::Key_D:
            return promote();
        case Qt::Key_M:
            if (m_rawButton->isVisible())
                m_rawButton->toggle();
            return;
        default:
            break;
        }
    }
    QWidget::keyPressEvent(event); // arrows and blind keys belong to the grid
}

void ResultCard::focusInEvent(QFocusEvent *event)
{
    QWidget::focusInEvent(event);
    update();
}

void ResultCard::focusOutEvent(QFocusEvent *event)
{
    QWidget::focusOutEvent(event);
    update();
}

void ResultCard::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Tokens &t = m_theme->tokens();
    const bool best = m_playground->blind() && m_preferred.value_or(false);
    paint::roundedBox(painter, rect(), metrics::Radius, t.surface, best ? t.ok : t.line);
    if (hasFocus())
        paint::focusRing(painter, rect(), metrics::Radius, t.accent);
}

} // namespace lathe
