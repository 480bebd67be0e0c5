// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/AnswerRating.h"

#include "ui/itemmodels/HumanRatings.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Silence.h"
#include "ui/widgets/StarRating.h"
#include "ui/widgets/ThumbsRating.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QVBoxLayout>

namespace lathe {

AnswerRating::AnswerRating(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent),
      m_ratings(new HumanRatings(session, this)),
      m_thumbs(new ThumbsRating(theme, this)),
      m_stars(new StarRating(theme, this)),
      m_comment(new QLineEdit(this))
{
    setObjectName(QStringLiteral("answer-rating"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::GapSmall);
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::Gap);
    line->addWidget(m_thumbs);
    line->addWidget(m_stars);
    line->addStretch(1);
    layout->addLayout(line);
    layout->addWidget(m_comment);
    m_thumbs->setObjectName(QStringLiteral("answer-thumbs"));
    m_stars->setObjectName(QStringLiteral("answer-stars"));
    m_stars->setToolTip(tr("One to five stars (keys 1 to 5, 0 takes them back)"));
    m_comment->setObjectName(QStringLiteral("answer-comment"));
    m_comment->setAccessibleName(tr("Comment on the rating"));
    m_comment->setPlaceholderText(tr("Why? Enter keeps it"));
    m_comment->setMaxLength(4000);
    m_comment->hide();
    connect(m_thumbs, &ThumbsRating::rated, this, [this](int value) { m_ratings->setThumb(value, m_comment->text()); });
    connect(m_stars, &StarRating::rated, this, [this](int value) { m_ratings->setStars(value, m_comment->text()); });
    connect(m_comment, &QLineEdit::editingFinished, this, &AnswerRating::saveComment);
    connect(m_ratings, &HumanRatings::changed, this, &AnswerRating::showRating);
    connect(m_ratings, &HumanRatings::statusMessage, this, &AnswerRating::statusMessage);
    connect(m_ratings, &HumanRatings::errorRaised, this, &AnswerRating::errorRaised);
}

AnswerRating::~AnswerRating()
{
    silence(this);
}

void AnswerRating::setRun(RunId run)
{
    if (m_ratings->isTarget(run))
        return; // what is being typed stays
    saveComment();
    m_comment->clear();
    m_ratings->setTarget(run);
}

void AnswerRating::showRating()
{
    m_thumbs->setValue(m_ratings->thumb());
    m_stars->setValue(m_ratings->stars());
    m_comment->setVisible(m_ratings->isRated());
    if (!m_comment->hasFocus() || m_comment->text().isEmpty())
        m_comment->setText(m_ratings->note());
}

void AnswerRating::saveComment()
{
    m_ratings->setNote(m_comment->text());
}

} // namespace lathe
