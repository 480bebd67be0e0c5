// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QLineEdit;

namespace lathe {

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
    void load();
    void save(const QString &kind, double value);
    void take(const QString &kind); // takes a rating back
    void saveComment();
    Session *m_session;
    RunId m_run;
    ThumbsRating *m_thumbs;
    StarRating *m_stars;
    QLineEdit *m_comment;
    std::vector<Rating> m_ratings; // of a person, newest first
};

} // namespace lathe
