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

// What a person thinks of one answer: thumb, stars and, once there is either, a comment. Saved at once on the answer's run.
class AnswerRating : public QWidget
{
    Q_OBJECT
public:
    AnswerRating(Session *session, Theme *theme, QWidget *parent = nullptr);
    ~AnswerRating() override;
    void setRun(RunId run);

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
