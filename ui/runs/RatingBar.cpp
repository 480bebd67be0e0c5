// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RatingBar.h"

#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/StarRating.h"
#include "ui/widgets/ThumbsRating.h"

#include <QHBoxLayout>
#include <QLineEdit>

namespace lathe {

namespace {
const QString thumbs = QStringLiteral("thumbs");
const QString stars = QStringLiteral("stars");
}

RatingBar::RatingBar(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent), m_session(session), m_thumbs(new ThumbsRating(theme, this)), m_stars(new StarRating(theme, this)),
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
    connect(m_thumbs, &ThumbsRating::rated, this, [this](int value) {
        if (value == 0)
            take(thumbs);
        else
            save(thumbs, value > 0 ? 1 : 0);
    });
    connect(m_stars, &StarRating::rated, this, [this](int value) {
        if (value == 0)
            take(stars);
        else
            save(stars, value);
    });
    connect(m_comment, &QLineEdit::editingFinished, this, &RatingBar::saveComment);
    connect(&session->project().ratings(), &RatingRepository::changed, this, [this](RunId run) {
        if (run == m_run)
            load();
    });
    load();
}

void RatingBar::setTarget(RunId run, const QString &step)
{
    if (run == m_run && step == m_step)
        return;
    saveComment();
    m_run = run;
    m_step = step;
    m_comment->clear();
    load();
}

void RatingBar::load()
{
    m_ratings.clear();
    if (m_run.isValid()) {
        for (const Rating &rating : m_session->project().ratings().ratings(m_run)) {
            if (rating.step == m_step && (rating.kind == thumbs || rating.kind == stars))
                m_ratings.push_back(rating);
        }
    }
    int thumb = 0;
    int star = 0;
    QString note;
    for (auto it = m_ratings.rbegin(); it != m_ratings.rend(); ++it) { // the newest wins
        if (it->kind == thumbs)
            thumb = it->value > 0.5 ? 1 : -1;
        else
            star = int(it->value);
        if (!it->note.isEmpty())
            note = it->note;
    }
    m_thumbs->setValue(thumb);
    m_stars->setValue(star);
    const bool rated = !m_ratings.empty();
    m_comment->setEnabled(rated);
    m_comment->setPlaceholderText(rated ? tr("Why? Enter keeps it") : m_step.isEmpty() ? tr("Rate the run, then say why") : tr("Rate the step, then say why"));
    m_comment->setToolTip(rated ? tr("A comment on the rating; Enter keeps it") : tr("Choose a thumb or stars first"));
    if (!m_comment->hasFocus() || m_comment->text().isEmpty())
        m_comment->setText(note);
}

void RatingBar::save(const QString &kind, double value)
{
    if (!m_run.isValid())
        return;
    Rating rating;
    rating.run = m_run;
    rating.step = m_step;
    rating.kind = kind;
    rating.value = value;
    rating.note = m_comment->text().trimmed();
    runTask(
        this, m_session->rate(rating),
        [this](RatingId) {
            Q_EMIT statusMessage(m_step.isEmpty() ? tr("Rated run %1").arg(m_run.value) : tr("Rated step %1").arg(m_step));
        },
        [this](const Error &error) {
            load();
            Q_EMIT errorRaised(error);
        });
}

void RatingBar::take(const QString &kind)
{
    for (const Rating &rating : m_ratings) {
        if (rating.kind != kind)
            continue;
        runTask(
            this, m_session->project().ratings().remove(rating.id),
            [this, kind, run = m_run, step = m_step] {
                load();
                if (run == m_run && step == m_step)
                    take(kind); // an older one of the same kind would show again
            },
            [this](const Error &error) {
                load();
                Q_EMIT errorRaised(error);
            });
        return;
    }
}

void RatingBar::saveComment()
{
    if (m_ratings.empty() || m_ratings.front().note == m_comment->text().trimmed())
        return;
    save(m_ratings.front().kind, m_ratings.front().value);
}

} // namespace lathe
