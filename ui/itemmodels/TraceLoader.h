// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/StepTreeModel.h"

namespace lathe {

// Fills a model with a stored run, by chunks and without bodies, off the UI thread: the first chunk is what the first picture needs.
// Runs of few steps are read whole instead, since their bodies cost less than asking for each. Main thread.
class TraceLoader : public QObject
{
    Q_OBJECT
public:
    static constexpr int WholeUpTo = 1500; // steps
    TraceLoader(Session *session, StepTreeModel *model, QObject *parent = nullptr);
    ~TraceLoader() override; // cancels

    // Starts over. ended() or failed() comes, unless it is cancelled.
    void load(RunId run);
    void cancel();
    bool isLoading() const { return m_loading; }

Q_SIGNALS:
    void begun(); // the first rows are there
    void progress(int steps, int total);
    void ended();
    void failed(const lathe::Error &error);

private:
    Task<> run(RunId run, CancelToken cancel);
    Session *m_session;
    StepTreeModel *m_model;
    CancelSource m_cancel;
    bool m_loading = false;
};

} // namespace lathe
