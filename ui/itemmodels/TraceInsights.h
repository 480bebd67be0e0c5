// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "core/trace/TraceCosts.h"
#include "ui/itemmodels/StepTreeModel.h"

#include <memory>

namespace lathe {

// What can be computed of a whole run: its critical path, and where time, tokens and money went. In a pool, with copies; of runs shown in
// outline the steps are read for it once more.
class TraceInsights : public QObject
{
    Q_OBJECT
public:
    struct Result {
        TraceCosts costs;
        CriticalPath path;
        QStringList onPath; // paths of the steps with time of their own on it
        qint64 computedAtSteps = 0;
    };
    TraceInsights(Session *session, RunId run, StepTreeModel *model, QObject *parent = nullptr);
    ~TraceInsights() override; // cancels
    void compute(); // ready() comes; at once again while it computes: nothing happens
    void invalidate(); // the run went on
    const Result *result() const { return m_result.get(); }

Q_SIGNALS:
    void ready();
    void failed(const lathe::Error &error);

private:
    Task<> run(CancelToken cancel);
    Session *m_session;
    RunId m_run;
    StepTreeModel *m_model;
    CancelSource m_cancel;
    std::shared_ptr<const Result> m_result;
    bool m_computing = false;
};

} // namespace lathe
