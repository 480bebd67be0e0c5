// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/HumanRatings.h"

#include "ui/itemmodels/UiTask.h"

namespace lathe {

namespace {
const QString thumbs = QStringLiteral("thumbs");
const QString starred = QStringLiteral("stars");
}

HumanRatings::HumanRatings(Session *session, QObject *parent) : QObject(parent), m_session(session)
{
    connect(&session->project().ratings(), &RatingRepository::changed, this, [this](RunId run) {
        if (run == m_run)
            load();
    });
}

void HumanRatings::setTarget(RunId run, const QString &step)
{
    if (isTarget(run, step))
        return;
    m_run = run;
    m_step = step;
    load();
}

void HumanRatings::load()
{
    m_ratings.clear();
    if (m_run.isValid()) {
        for (const Rating &rating : m_session->project().ratings().ratings(m_run)) {
            if (rating.step == m_step && (rating.kind == thumbs || rating.kind == starred))
                m_ratings.push_back(rating);
        }
    }
    m_thumb = m_stars = 0;
    m_note.clear();
    for (auto it = m_ratings.rbegin(); it != m_ratings.rend(); ++it) { // the newest wins
        if (it->kind == thumbs)
            m_thumb = it->value > 0.5 ? 1 : -1;
        else
            m_stars = int(it->value);
        if (!it->note.isEmpty())
            m_note = it->note;
    }
    Q_EMIT changed();
}

void HumanRatings::setThumb(int thumb, const QString &note)
{
    if (thumb == 0)
        take(thumbs);
    else
        save(thumbs, thumb > 0 ? 1 : 0, note);
}

void HumanRatings::setStars(int stars, const QString &note)
{
    if (stars == 0)
        take(starred);
    else
        save(starred, stars, note);
}

void HumanRatings::setNote(const QString &note)
{
    if (m_ratings.empty() || m_ratings.front().note == note.trimmed())
        return;
    save(m_ratings.front().kind, m_ratings.front().value, note);
}

void HumanRatings::save(const QString &kind, double value, const QString &note)
{
    if (!m_run.isValid())
        return;
    Rating rating;
    rating.run = m_run;
    rating.step = m_step;
    rating.kind = kind;
    rating.value = value;
    rating.note = note.trimmed();
    runTask(
        this, m_session->rate(rating),
        [this](RatingId) {
            Q_EMIT statusMessage(m_step.isEmpty() ? tr("Rated run %1").arg(m_run.value) : tr("Rated step %1").arg(m_step));
        },
        [this](const Error &error) { fail(error); });
}

void HumanRatings::take(const QString &kind)
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
            [this](const Error &error) { fail(error); });
        return;
    }
}

void HumanRatings::fail(const Error &error)
{
    load(); // shows what is true
    Q_EMIT errorRaised(error);
}

} // namespace lathe
