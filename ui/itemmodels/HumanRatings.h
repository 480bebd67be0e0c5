// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"

#include <QObject>

namespace lathe {

// What a person thinks of a run, or of one step of it: thumb, stars, and a note on either. Follows the project; every change is saved at
// once. Main thread. Widgets show it as they like.
class HumanRatings : public QObject
{
    Q_OBJECT
public:
    explicit HumanRatings(Session *session, QObject *parent = nullptr);
    void setTarget(RunId run, const QString &step = QString());
    bool isTarget(RunId run, const QString &step = QString()) const { return run == m_run && step == m_step; }
    QString step() const { return m_step; }
    bool isRated() const { return !m_ratings.empty(); }
    int thumb() const { return m_thumb; } // 1 up, -1 down, 0 none
    int stars() const { return m_stars; } // 1-5, 0 none
    QString note() const { return m_note; }
    // 0 takes it back. `note` goes with it.
    void setThumb(int thumb, const QString &note);
    void setStars(int stars, const QString &note);
    void setNote(const QString &note); // of the newest rating; nothing without one

Q_SIGNALS:
    void changed();
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

private:
    void load();
    void save(const QString &kind, double value, const QString &note);
    void take(const QString &kind);
    void fail(const Error &error);
    Session *m_session;
    RunId m_run;
    QString m_step;
    std::vector<Rating> m_ratings; // of the target, newest first
    int m_thumb = 0;
    int m_stars = 0;
    QString m_note;
};

} // namespace lathe
