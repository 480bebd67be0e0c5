// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/BlindBar.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int rowHeight = 24;
constexpr int nameWidth = 300;
constexpr int figuresWidth = 190;
}

TallyView::TallyView(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("blind-tally"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void TallyView::show(const std::vector<BlindTally> &tally)
{
    m_tally = tally;
    QStringList words;
    for (const BlindTally &one : tally)
        words.append(tr("%1: %2 won, %3 lost, %4 ties")
                         .arg(one.variant)
                         .arg(one.wins)
                         .arg(one.losses)
                         .arg(one.ties));
    setAccessibleName(words.join(QStringLiteral("; ")));
    updateGeometry();
    update();
}

QSize TallyView::sizeHint() const
{
    return QSize(400, int(m_tally.size()) * rowHeight);
}

void TallyView::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens &t = m_theme->tokens();
    int most = 1;
    for (const BlindTally &one : m_tally)
        most = std::max(most, one.wins + one.losses + one.ties);
    for (size_t i = 0; i < m_tally.size(); ++i) {
        const BlindTally &one = m_tally[i];
        const QRect row(0, int(i) * rowHeight, width(), rowHeight);
        const QRectF badge(row.left(), row.top() + 3, 18, 18);
        paint::roundedBox(painter, badge, 4, t.raised, t.lineStrong);
        painter.setFont(m_theme->smallFont());
        painter.setPen(t.text);
        painter.drawText(badge, Qt::AlignCenter, QString(QChar(u'A' + int(i))));
        painter.setFont(m_theme->uiFont());
        const QFontMetrics metrics(m_theme->uiFont());
        painter.drawText(row.adjusted(26, 0, 0, 0), Qt::AlignVCenter,
                         metrics.elidedText(one.variant, Qt::ElideMiddle, nameWidth - 34));
        const QRectF track(nameWidth, row.top() + 8, std::max(40, width() - nameWidth - figuresWidth), 8);
        paint::roundedBox(painter, track, 4, t.raised);
        if (one.wins > 0)
            paint::roundedBox(
                painter, QRectF(track.left(), track.top(), track.width() * one.wins / most, track.height()),
                4, t.human);
        painter.setPen(t.text2);
        painter.drawText(QRectF(track.right() + 12, row.top(), figuresWidth - 12, rowHeight),
                         Qt::AlignVCenter,
                         tr("%1 won, %2 lost, %3 tied").arg(one.wins).arg(one.losses).arg(one.ties));
    }
}

BlindBar::BlindBar(Theme *theme, QWidget *parent)
    : QWidget(parent),
      m_theme(theme),
      m_text(new Label(theme, QString(), Label::Style::Strong, this)),
      m_keys(new Label(theme, QString(), Label::Style::Caption, this)),
      m_reveal(new Button(tr("Reveal"), ButtonRole::Secondary, this)),
      m_again(new Button(tr("Judge again"), ButtonRole::Ghost, this)),
      m_close(new Button(tr("Close"), ButtonRole::Ghost, this)),
      m_sure(new LinkLabel(theme, tr("How sure is this? Compare as an experiment"), this)),
      m_tally(new TallyView(theme, this))
{
    setObjectName(QStringLiteral("blind-bar"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(44, 8, metrics::Margin, 8);
    layout->setSpacing(metrics::GapSmall);
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::Gap);
    line->addWidget(m_text);
    line->addWidget(m_keys, 1);
    line->addWidget(m_sure);
    line->addWidget(m_again);
    line->addWidget(m_close);
    line->addWidget(m_reveal);
    layout->addLayout(line);
    layout->addWidget(m_tally);
    m_text->setObjectName(QStringLiteral("blind-text"));
    m_keys->setObjectName(QStringLiteral("blind-keys"));
    m_keys->setMinimumWidth(20);
    m_reveal->setObjectName(QStringLiteral("blind-reveal"));
    m_reveal->setToolTip(tr("Shows which is which, and who won how often"));
    m_again->setObjectName(QStringLiteral("blind-again"));
    m_again->setToolTip(tr("Hides the names again in a new order and forgets the choices"));
    m_close->setObjectName(QStringLiteral("blind-close"));
    m_sure->setObjectName(QStringLiteral("blind-experiment"));
    connect(m_reveal, &QAbstractButton::clicked, this, &BlindBar::revealRequested);
    connect(m_again, &QAbstractButton::clicked, this, &BlindBar::againRequested);
    connect(m_close, &QAbstractButton::clicked, this, &BlindBar::closed);
    connect(m_sure, &QAbstractButton::clicked, this, &BlindBar::experimentRequested);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    clear();
}

void BlindBar::clear()
{
    m_revealed = false;
    hide();
}

void BlindBar::showJudging(int judged, int rows, int columns)
{
    m_revealed = false;
    m_text->setText(rows > 0 ? tr("%1 of %2 judged").arg(judged).arg(rows) : tr("Judging blind"));
    m_keys->setText(rows == 0 ? tr("Send an input: the answers come without names, in a shuffled order.")
                    : judged == rows ? tr("All judged: reveal which is which.")
                                     : tr("Keys 1\u2013%1: the best of the row. 0: a tie.").arg(columns));
    m_reveal->setEnabled(judged > 0);
    m_reveal->show();
    m_again->hide();
    m_close->hide();
    m_sure->hide();
    m_tally->hide();
    show();
    update();
}

void BlindBar::showTally(const std::vector<BlindTally> &tally)
{
    m_revealed = true;
    m_text->setText(tr("Revealed"));
    m_keys->setText(QString());
    m_tally->show(tally);
    m_reveal->hide();
    m_again->show();
    m_close->show();
    m_sure->show();
    m_tally->setVisible(true);
    show();
    update();
}

void BlindBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens &t = m_theme->tokens();
    painter.fillRect(QRect(0, height() - 1, width(), 1), t.line);
    m_theme->paintIcon(painter, QRectF(16, 8, 20, metrics::ControlHeight),
                       m_revealed ? QStringLiteral("eye") : QStringLiteral("human"), t.human, 18);
}

} // namespace lathe
