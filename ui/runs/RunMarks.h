// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"

#include <functional>

namespace lathe {

// What a person does to many runs at once: rate, tag, pin, put into the bin and take out, make examples of. Says when it is done, with
// what takes it back where that can be. Main thread.
class RunMarks : public QObject
{
    Q_OBJECT
public:
    using Undo = std::function<void()>;
    RunMarks(Session *session, QObject *parent) : QObject(parent), m_session(session) {}
    void rate(std::vector<RunId> runs, int stars); // 1 to 5
    void addTag(std::vector<RunId> runs, const QString &tag);
    void removeTag(std::vector<RunId> runs, const QString &tag);
    void pin(std::vector<RunId> runs);
    void unpin(std::vector<RunId> runs);
    void moveToBin(std::vector<RunId> runs);
    void restore(std::vector<RunId> runs);
    void remove(std::vector<RunId> runs); // those in the bin, for good
    void emptyBin();                      // the same of all
    void addToDataset(std::vector<RunId> runs, const QString &dataset);

Q_SIGNALS:
    void done(const QString &sentence, const lathe::RunMarks::Undo &undo); // undo empty: it cannot be taken back
    void errorRaised(const lathe::Error &error);

private:
    void fail(const Error &error) { Q_EMIT errorRaised(error); }
    Session *m_session;
};

} // namespace lathe
