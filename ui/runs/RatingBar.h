// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QLineEdit;

namespace lathe {

class Label;
class StarRating;
class ThumbsRating;

// What a person thinks of a run or of one step: thumb, stars, a comment. Saved at once; shows what was said before.
class RatingBar : public QWidget
{
    Q_OBJECT
public:
    RatingBar(Session *session, Theme *theme, QWidget *parent = nullptr);
    void setTarget(RunId run, const QString &step);

Q_SIGNALS:
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

private:
    void load();
    void save(const QString &kind, double value);
    void take(const QString &kind); // takes a rating back
    void saveComment();
    Session *m_session;
    ThumbsRating *m_thumbs;
    StarRating *m_stars;
    QLineEdit *m_comment;
    RunId m_run;
    QString m_step;
    std::vector<Rating> m_ratings; // of the target, newest first
};

} // namespace lathe
