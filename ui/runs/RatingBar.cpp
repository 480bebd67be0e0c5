// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RatingBar.h"

#include "ui/itemmodels/HumanRatings.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Silence.h"
#include "ui/widgets/StarRating.h"
#include "ui/widgets/ThumbsRating.h"

#include <QHBoxLayout>
#include <QLineEdit>

namespace lathe {

RatingBar::RatingBar(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent), m_ratings(new HumanRatings(session, this)), m_thumbs(new ThumbsRating(theme, this)), m_stars(new StarRating(theme, this)),
      m_comment(new QLineEdit(this))
{
    setObjectName(QStringLiteral("rating-bar"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    layout->addWidget(m_thumbs);
    layout->addWidget(m_stars);
    layout->addWidget(m_comment, 1);
    m_thumbs->setObjectName(QStringLiteral("thumbs"));
    m_stars->setObjectName(QStringLiteral("stars"));
    m_stars->setToolTip(tr("One to five stars (keys 1 to 5)"));
    m_comment->setObjectName(QStringLiteral("rating-comment"));
    m_comment->setAccessibleName(tr("Comment on the rating"));
    m_comment->setMaxLength(4000);
    m_comment->setMinimumWidth(80);
    connect(m_thumbs, &ThumbsRating::rated, this, [this](int value) { m_ratings->setThumb(value, m_comment->text()); });
    connect(m_stars, &StarRating::rated, this, [this](int value) { m_ratings->setStars(value, m_comment->text()); });
    connect(m_comment, &QLineEdit::editingFinished, this, &RatingBar::saveComment);
    connect(m_ratings, &HumanRatings::changed, this, &RatingBar::showRating);
    connect(m_ratings, &HumanRatings::statusMessage, this, &RatingBar::statusMessage);
    connect(m_ratings, &HumanRatings::errorRaised, this, &RatingBar::errorRaised);
    showRating();
}

RatingBar::~RatingBar()
{
    silence(this);
}

void RatingBar::setTarget(RunId run, const QString &step)
{
    if (m_ratings->isTarget(run, step))
        return; // what is being typed stays
    saveComment();
    m_comment->clear();
    m_ratings->setTarget(run, step);
}

void RatingBar::showRating()
{
    m_thumbs->setValue(m_ratings->thumb());
    m_stars->setValue(m_ratings->stars());
    const bool rated = m_ratings->isRated();
    m_comment->setEnabled(rated);
    m_comment->setPlaceholderText(rated                       ? tr("Why? Enter keeps it")
                                  : m_ratings->step().isEmpty() ? tr("Rate the run, then say why")
                                                                : tr("Rate the step, then say why"));
    m_comment->setToolTip(rated ? tr("A comment on the rating; Enter keeps it") : tr("Choose a thumb or stars first"));
    if (!m_comment->hasFocus() || m_comment->text().isEmpty())
        m_comment->setText(m_ratings->note());
}

void RatingBar::saveComment()
{
    m_ratings->setNote(m_comment->text());
}

} // namespace lathe
