// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/AnswerRating.h"

#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Silence.h"
#include "ui/widgets/StarRating.h"
#include "ui/widgets/ThumbsRating.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QVBoxLayout>

namespace lathe {

namespace {
const QString thumbs = QStringLiteral("thumbs");
const QString stars = QStringLiteral("stars");
}

AnswerRating::AnswerRating(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent),
      m_session(session),
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
    connect(m_thumbs, &ThumbsRating::rated, this,
            [this](int value) { value == 0 ? take(thumbs) : save(thumbs, value > 0 ? 1 : 0); });
    connect(m_stars, &StarRating::rated, this,
            [this](int value) { value == 0 ? take(stars) : save(stars, value); });
    connect(m_comment, &QLineEdit::editingFinished, this, &AnswerRating::saveComment);
    connect(&session->project().ratings(), &RatingRepository::changed, this, [this](RunId run) {
        if (run == m_run)
            load();
    });
}

AnswerRating::~AnswerRating()
{
    silence(this);
}

void AnswerRating::setRun(RunId run)
{
    if (run == m_run)
        return;
    saveComment();
    m_run = run;
    m_comment->clear();
    load();
}

void AnswerRating::load()
{
    m_ratings.clear();
    if (m_run.isValid()) {
        for (const Rating &rating : m_session->project().ratings().ratings(m_run)) {
            if (rating.step.isEmpty() && (rating.kind == thumbs || rating.kind == stars))
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
    m_comment->setVisible(!m_ratings.empty());
    if (!m_comment->hasFocus() || m_comment->text().isEmpty())
        m_comment->setText(note);
}

void AnswerRating::save(const QString &kind, double value)
{
    if (!m_run.isValid())
        return;
    Rating rating;
    rating.run = m_run;
    rating.kind = kind;
    rating.value = value;
    rating.note = m_comment->text().trimmed();
    runTask(
        this, m_session->rate(rating),
        [this](RatingId) { Q_EMIT statusMessage(tr("Rated run %1").arg(m_run.value)); },
        [this](const Error &error) {
            load();
            Q_EMIT errorRaised(error);
        });
}

void AnswerRating::take(const QString &kind)
{
    for (const Rating &rating : m_ratings) {
        if (rating.kind != kind)
            continue;
        runTask(
            this, m_session->project().ratings().remove(rating.id),
            [this, kind, run = m_run] {
                load();
                if (run == m_run)
                    take(kind); // an older one of the same kind would show again
            },
            [this](const Error &error) {
                load();
                Q_EMIT errorRaised(error);
            });
        return;
    }
}

void AnswerRating::saveComment()
{
    if (m_ratings.empty() || m_ratings.front().note == m_comment->text().trimmed())
        return;
    save(m_ratings.front().kind, m_ratings.front().value);
}

} // namespace lathe
