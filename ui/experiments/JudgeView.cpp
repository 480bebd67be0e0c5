// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/JudgeView.h"

#include "core/base/Json.h"
#include "ui/experiments/JudgePane.h"
#include "ui/experiments/OutputText.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/Silence.h"
#include "ui/widgets/StarRating.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPainter>
#include <QScrollBar>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace lathe {

namespace {
// The tally of one variant: its share of wins as a bar, and the figures.
class TallyRow : public QWidget
{
public:
    TallyRow(Theme *theme, const BlindTally &tally, int most, QWidget *parent) : QWidget(parent), m_theme(theme), m_tally(tally), m_most(most)
    {
        setFixedHeight(44);
        setAccessibleName(tally.variant + QStringLiteral(": ") + words());
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        const Tokens &t = m_theme->tokens();
        painter.setFont(m_theme->strongFont());
        painter.setPen(t.text);
        const QFontMetrics metrics(m_theme->strongFont());
        painter.drawText(QRect(0, 0, 180, height()), Qt::AlignVCenter | Qt::AlignLeft, metrics.elidedText(m_tally.variant, Qt::ElideRight, 172));
        const QRectF bar(188, height() / 2.0 - 7, std::max(40, width() - 188 - 190), 14);
        paint::roundedBox(painter, bar, 4, withAlpha(t.text, 0.08));
        const double share = m_tally.starred > 0 ? (m_tally.stars - 1) / 4 : m_most > 0 ? double(m_tally.wins) / m_most : 0;
        if (share > 0)
            paint::roundedBox(painter, QRectF(bar.left(), bar.top(), std::max(8.0, bar.width() * std::min(1.0, share)), bar.height()), 4, t.human);
        painter.setFont(m_theme->uiFont());
        painter.setPen(t.text2);
        painter.drawText(QRect(width() - 178, 0, 178, height()), Qt::AlignVCenter | Qt::AlignLeft, words());
    }

private:
    QString words() const
    {
        if (m_tally.starred > 0)
            return QObject::tr("%1 stars, %2").arg(m_tally.stars, 0, 'f', 2).arg(format::count(m_tally.starred, QObject::tr("rating"), QObject::tr("ratings")));
        return QObject::tr("%1, %2, %3").arg(format::count(m_tally.wins, QObject::tr("win"), QObject::tr("wins")),
                                             format::count(m_tally.losses, QObject::tr("loss"), QObject::tr("losses")),
                                             format::count(m_tally.ties, QObject::tr("tie"), QObject::tr("ties")));
    }
    Theme *m_theme;
    BlindTally m_tally;
    int m_most;
};

QString valueText(const QJsonValue &value)
{
    return value.isString() ? value.toString() : json::compactString(value);
}
}

JudgeView::JudgeView(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_title(new Label(theme, QString(), Label::Style::Heading, this)),
      m_progressText(new Label(theme, QString(), Label::Style::Caption, this)), m_progress(new JudgeProgress(theme, this)),
      m_pages(new QStackedWidget(this)), m_message(new InlineMessage(theme, Severity::Error, QString(), this))
{
    setObjectName(QStringLiteral("judge-view"));
    setFocusPolicy(Qt::StrongFocus);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::PageMargin, metrics::GapLarge, metrics::PageMargin, metrics::GapLarge);
    layout->setSpacing(metrics::Margin);
    auto *top = new QHBoxLayout;
    top->setSpacing(metrics::Margin);
    m_title->setObjectName(QStringLiteral("judge-title"));
    top->addWidget(m_title);
    top->addWidget(m_progress, 1);
    m_progressText->setObjectName(QStringLiteral("judge-progress"));
    top->addWidget(m_progressText);
    auto *reveal = m_revealButton = new Button(tr("Reveal"), ButtonRole::Secondary, this);
    reveal->setObjectName(QStringLiteral("judge-reveal"));
    reveal->setToolTip(tr("Show who is who, the tally and what it says; judging can go on afterwards"));
    connect(reveal, &QAbstractButton::clicked, this, &JudgeView::revealRequested);
    top->addWidget(reveal);
    auto *close = new IconButton(theme, QStringLiteral("close"), tr("Back to the experiment (Esc)"), this);
    close->setObjectName(QStringLiteral("judge-close"));
    connect(close, &QAbstractButton::clicked, this, &JudgeView::closed);
    top->addWidget(close);
    layout->addLayout(top);
    m_message->hide();
    m_message->setDismissable(true);
    connect(m_message, &InlineMessage::dismissed, m_message, &QWidget::hide);
    layout->addWidget(m_message);
    m_pages->addWidget(buildCards());
    m_pages->addWidget(buildReveal());
    auto *done = new QWidget(m_pages);
    auto *doneLayout = new QVBoxLayout(done);
    m_doneText = new Label(theme, QString(), Label::Style::Title, done);
    m_doneText->setObjectName(QStringLiteral("judge-done"));
    m_doneText->setAlignment(Qt::AlignCenter);
    m_doneText->setWordWrap(true);
    auto *show = new PrimaryButton(tr("Reveal"), done);
    show->setObjectName(QStringLiteral("judge-done-reveal"));
    connect(show, &QAbstractButton::clicked, this, &JudgeView::revealRequested);
    doneLayout->addStretch(2);
    doneLayout->addWidget(m_doneText);
    doneLayout->addWidget(show, 0, Qt::AlignHCenter);
    doneLayout->addStretch(3);
    m_pages->addWidget(done);
    layout->addWidget(m_pages, 1);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

QWidget *JudgeView::buildCards()
{
    auto *page = new QWidget(m_pages);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Margin);
    m_rubric = new Label(m_theme, QString(), Label::Style::Secondary, page);
    m_rubric->setObjectName(QStringLiteral("judge-rubric"));
    m_rubric->setWordWrap(true);
    layout->addWidget(m_rubric);
    auto *example = new JudgePane(m_theme, QString(), page);
    example->setClickable(false);
    example->layout()->setContentsMargins(metrics::GapSmall, metrics::GapSmall, metrics::GapSmall, metrics::GapSmall);
    m_examplePane = example;
    m_example = example->text();
    m_example->setObjectName(QStringLiteral("judge-example"));
    m_example->setAccessibleName(tr("The example"));
    layout->addWidget(example);
    auto *pair = new QHBoxLayout;
    pair->setSpacing(metrics::Margin);
    for (const int side : {0, 1}) {
        m_panes[side] = new JudgePane(m_theme, QString::number(side + 1), page);
        m_panes[side]->setObjectName(QStringLiteral("judge-output-%1").arg(side + 1));
        connect(m_panes[side], &JudgePane::clicked, this, [this, side] {
            if (!isStars())
                choose(side);
        });
        m_panes[side]->text()->viewport()->installEventFilter(this);
        pair->addWidget(m_panes[side], 1);
    }
    layout->addLayout(pair, 5);
    auto *keys = new QHBoxLayout;
    keys->setSpacing(metrics::Gap);
    m_undo = new Button(tr("Take back  Z"), ButtonRole::Ghost, page);
    m_undo->setObjectName(QStringLiteral("judge-undo"));
    m_undo->setToolTip(tr("Take back the last verdict; its card comes again (Z)"));
    connect(m_undo, &QAbstractButton::clicked, this, &JudgeView::takeBack);
    m_last = new Label(m_theme, QString(), Label::Style::Caption, page);
    m_last->setObjectName(QStringLiteral("judge-last"));
    m_last->setMinimumWidth(40);
    keys->addWidget(m_undo);
    keys->addWidget(m_last, 1);
    m_pairButtons = new QWidget(page);
    auto *choices = new QHBoxLayout(m_pairButtons);
    choices->setContentsMargins(0, 0, 0, 0);
    const struct {
        QString text;
        int winner;
        const char *name;
    } three[] = {{tr("1  First is better"), 0, "judge-first"}, {tr("0  Tie"), -1, "judge-tie"}, {tr("2  Second is better"), 1, "judge-second"}};
    for (const auto &one : three) {
        auto *button = new Button(one.text, ButtonRole::Secondary, m_pairButtons);
        button->setObjectName(QString::fromLatin1(one.name));
        button->setMinimumWidth(one.winner < 0 ? 84 : 150);
        connect(button, &QAbstractButton::clicked, this, [this, winner = one.winner] { choose(winner); });
        choices->addWidget(button);
    }
    keys->addWidget(m_pairButtons);
    m_starButtons = new QWidget(page);
    auto *stars = new QHBoxLayout(m_starButtons);
    stars->setContentsMargins(0, 0, 0, 0);
    for (int i = 1; i <= 5; ++i) {
        auto *button = new Button(QString::number(i) + QLatin1Char(' ') + QString(i, QChar(0x2605)), ButtonRole::Secondary, m_starButtons);
        button->setObjectName(QStringLiteral("judge-star-%1").arg(i));
        button->setToolTip(i == 1 ? tr("useless") : i == 5 ? tr("could not be better") : QString());
        connect(button, &QAbstractButton::clicked, this, [this, i] { rate(i); });
        stars->addWidget(button);
    }
    m_starButtons->hide();
    keys->addWidget(m_starButtons);
    keys->addStretch(1);
    m_note = new QLineEdit(page);
    m_note->setObjectName(QStringLiteral("judge-note"));
    m_note->setAccessibleName(tr("Note to this verdict"));
    m_note->setPlaceholderText(tr("Why? Enter goes back to judging"));
    m_note->setMaximumWidth(300);
    m_note->setMaxLength(2000);
    m_note->installEventFilter(this);
    m_note->hide();
    connect(m_note, &QLineEdit::returnPressed, this, [this] { setFocus(Qt::OtherFocusReason); });
    keys->addWidget(m_note, 1);
    auto *note = new Button(tr("Note  N"), ButtonRole::Ghost, page);
    note->setObjectName(QStringLiteral("judge-open-note"));
    connect(note, &QAbstractButton::clicked, this, &JudgeView::openNote);
    m_skip = new Button(tr("Skip  Space"), ButtonRole::Ghost, page);
    m_skip->setObjectName(QStringLiteral("judge-skip"));
    m_skip->setToolTip(tr("Not now: the card comes again at the end"));
    connect(m_skip, &QAbstractButton::clicked, this, &JudgeView::skipped);
    keys->addWidget(note);
    keys->addWidget(m_skip);
    layout->addLayout(keys);
    // Keys belong to the cards: a button that was clicked must not keep the space bar.
    for (QWidget *button : page->findChildren<Button *>())
        button->setFocusPolicy(Qt::NoFocus);
    return page;
}

QWidget *JudgeView::buildReveal()
{
    m_reveal = new QWidget(m_pages);
    m_reveal->setObjectName(QStringLiteral("judge-tally"));
    auto *outer = new QHBoxLayout(m_reveal);
    auto *box = new QWidget(m_reveal);
    box->setMaximumWidth(760);
    auto *layout = new QVBoxLayout(box);
    layout->setSpacing(metrics::Margin);
    layout->addStretch(1);
    layout->addWidget(new Label(m_theme, tr("Who was who"), Label::Style::Caption, box));
    m_revealSentence = new Label(m_theme, QString(), Label::Style::Title, box);
    m_revealSentence->setObjectName(QStringLiteral("judge-sentence"));
    m_revealSentence->setWordWrap(true);
    layout->addWidget(m_revealSentence);
    m_revealDetail = new Label(m_theme, QString(), Label::Style::Secondary, box);
    m_revealDetail->setWordWrap(true);
    layout->addWidget(m_revealDetail);
    layout->addSpacing(metrics::Gap);
    m_tally = new QVBoxLayout;
    m_tally->setSpacing(0);
    layout->addLayout(m_tally);
    layout->addSpacing(metrics::Gap);
    auto *buttons = new QHBoxLayout;
    m_goOn = new Button(tr("Judge on"), ButtonRole::Secondary, box);
    m_goOn->setObjectName(QStringLiteral("judge-go-on"));
    auto *back = new PrimaryButton(tr("Back to the experiment"), box);
    back->setObjectName(QStringLiteral("judge-back"));
    connect(m_goOn, &QAbstractButton::clicked, this, &JudgeView::goOnRequested);
    connect(back, &QAbstractButton::clicked, this, &JudgeView::closed);
    buttons->addWidget(back);
    buttons->addWidget(m_goOn);
    buttons->addStretch();
    layout->addLayout(buttons);
    layout->addStretch(2);
    outer->addStretch(1);
    outer->addWidget(box, 6);
    outer->addStretch(1);
    return m_reveal;
}

void JudgeView::setTitle(const QString &title)
{
    m_title->setText(title);
}

void JudgeView::setSkippable(bool skippable)
{
    m_skippable = skippable;
    m_skip->setVisible(skippable);
}

bool JudgeView::isRevealed() const
{
    return m_pages->currentWidget() == m_reveal;
}

void JudgeView::showCard(const BlindCard &card)
{
    m_card = card;
    m_message->hide();
    const bool stars = isStars();
    QList<QPair<QString, QString>> sections{{tr("Example %1").arg(card.example + 1), card.input}};
    if (!card.expected.isUndefined() && !card.expected.isNull())
        sections.append({tr("Expected"), valueText(card.expected)});
    m_example->setSections(sections);
    m_revealButton->show();
    m_rubric->setText(card.rubric);
    m_rubric->setVisible(!card.rubric.isEmpty());
    for (const int side : {0, 1}) {
        m_panes[side]->setVisible(side < card.outputs.size());
        m_panes[side]->setKey(stars ? QString() : QString::number(side + 1));
        m_panes[side]->setClickable(!stars);
        m_panes[side]->text()->setOutput(card.outputs.value(side), nullptr, false, {}, QString());
        m_panes[side]->text()->verticalScrollBar()->setValue(0);
    }
    m_pairButtons->setVisible(!stars);
    m_starButtons->setVisible(stars);
    m_undo->setEnabled(card.judged > 0);
    m_note->clear();
    m_note->hide();
    m_pages->setCurrentIndex(0);
    setFocus(Qt::OtherFocusReason);
    fitExample();
    updateProgress();
}

void JudgeView::showDone(bool more)
{
    m_card.reset();
    m_doneText->setText(more ? tr("All that is there is judged. More cards come while trials run.") : tr("Every pair is judged."));
    m_pages->setCurrentIndex(2);
    m_revealButton->hide();
    static_cast<JudgeProgress *>(m_progress)->setShare(1, 1);
    m_progressText->setText(m_total > 0 ? tr("%1 of %1").arg(format::number(m_total)) : QString());
    m_last->clear();
    setFocus(Qt::OtherFocusReason);
}

void JudgeView::showReveal(const std::vector<BlindTally> &tally, const QString &sentence, const QString &detail)
{
    m_revealSentence->setText(sentence.isEmpty() ? tr("Nothing was judged yet, so there is nothing to tell.") : sentence);
    m_revealDetail->setText(detail);
    m_revealDetail->setVisible(!detail.isEmpty());
    while (QLayoutItem *item = m_tally->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    int most = 0;
    for (const BlindTally &one : tally)
        most = std::max(most, one.wins + one.losses + one.ties);
    for (const BlindTally &one : tally)
        m_tally->addWidget(new TallyRow(m_theme, one, most, m_reveal));
    m_goOn->setVisible(m_card.has_value());
    m_pages->setCurrentWidget(m_reveal);
    m_revealButton->hide();
    setFocus(Qt::OtherFocusReason);
}

void JudgeView::showError(const QString &message)
{
    m_message->setMessage(Severity::Error, message);
    m_message->show();
}

void JudgeView::fitExample()
{
    // As tall as its text, at most a third: the outputs are what is judged.
    const int wanted = m_example->heightFor(std::max(100, width() - 2 * metrics::PageMargin - 2 * metrics::GapSmall)) + 2 * metrics::GapSmall + 2;
    m_examplePane->setFixedHeight(std::clamp(wanted, 64, std::max(96, height() / 3)));
}

void JudgeView::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fitExample();
}

void JudgeView::updateProgress()
{
    if (!m_card)
        return;
    const int total = m_total = m_card->judged + m_card->left;
    static_cast<JudgeProgress *>(m_progress)->setShare(m_card->judged, total);
    m_progressText->setText(tr("%1 of %2").arg(format::number(m_card->judged), format::number(total)));
}

void JudgeView::choose(int winner)
{
    if (!m_card || isStars())
        return;
    m_last->setText(winner < 0 ? tr("Last: a tie") : winner == 0 ? tr("Last: the first") : tr("Last: the second"));
    Q_EMIT chosen(winner, m_note->text().trimmed());
}

void JudgeView::rate(int stars)
{
    if (!m_card || !isStars())
        return;
    m_last->setText(tr("Last: %1 stars").arg(stars));
    Q_EMIT starred(stars, m_note->text().trimmed());
}

void JudgeView::takeBack()
{
    m_last->setText(tr("Taken back"));
    Q_EMIT undoRequested();
}

void JudgeView::openNote()
{
    m_note->show();
    m_note->setFocus(Qt::ShortcutFocusReason);
}

void JudgeView::scroll(int direction)
{
    for (JudgePane *pane : m_panes) {
        QScrollBar *bar = pane->text()->verticalScrollBar();
        bar->setValue(bar->value() + direction * 60);
    }
}

bool JudgeView::handleKey(QKeyEvent *event)
{
    if (event->modifiers() & ~(Qt::KeypadModifier | Qt::ShiftModifier))
        return false;
    const int key = event->key();
    if (key == Qt::Key_Escape) {
        Q_EMIT closed();
        return true;
    }
    if (isRevealed())
        return false;
    if (key == Qt::Key_Z) {
        if (!m_card || m_card->judged > 0)
            takeBack();
        return true;
    }
    if (!m_card) {
        if (key != Qt::Key_Return && key != Qt::Key_Enter)
            return false;
        Q_EMIT revealRequested();
        return true;
    }
    if (event->isAutoRepeat() && key != Qt::Key_Up && key != Qt::Key_Down)
        return true; // one press, one verdict
    switch (key) {
    case Qt::Key_Space:
        if (m_skippable)
            Q_EMIT skipped();
        return true;
    case Qt::Key_N:
        openNote();
        return true;
    case Qt::Key_Up:
    case Qt::Key_PageUp:
        scroll(-1);
        return true;
    case Qt::Key_Down:
    case Qt::Key_PageDown:
        scroll(1);
        return true;
    default:
        break;
    }
    if (isStars()) {
        if (key < Qt::Key_1 || key > Qt::Key_5)
            return false;
        rate(key - Qt::Key_0);
        return true;
    }
    if (key == Qt::Key_1 || key == Qt::Key_Left)
        choose(0);
    else if (key == Qt::Key_2 || key == Qt::Key_Right)
        choose(1);
    else if (key == Qt::Key_0 || key == Qt::Key_T)
        choose(-1);
    else
        return false;
    return true;
}

void JudgeView::keyPressEvent(QKeyEvent *event)
{
    if (!handleKey(event))
        QWidget::keyPressEvent(event);
}

bool JudgeView::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_note && event->type() == QEvent::KeyPress && static_cast<QKeyEvent *>(event)->key() == Qt::Key_Escape) {
        setFocus(Qt::OtherFocusReason);
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void JudgeView::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().base);
}

JudgeView::~JudgeView()
{
    silence(this);
}

} // namespace lathe
