// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QLineEdit;

namespace lathe {

class HumanRatings;
class StarRating;
class ThumbsRating;

// What a person thinks of a run or of one step: thumb, stars, a comment. Saved at once; shows what was said before.
class RatingBar : public QWidget
{
    Q_OBJECT
public:
    RatingBar(Session *session, Theme *theme, QWidget *parent = nullptr);
    ~RatingBar() override;
    void setTarget(RunId run, const QString &step);

Q_SIGNALS:
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

private:
    void showRating();
    void saveComment();
    HumanRatings *m_ratings;
    ThumbsRating *m_thumbs;
    StarRating *m_stars;
    QLineEdit *m_comment;
};

} // namespace lathe
