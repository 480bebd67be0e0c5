// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/StepTreeModel.h"

#include <QTimer>

namespace lathe {

// Words that steps of a trace must hold. What is in memory is searched at once; bodies that are
// not are searched in the file, and their hits are added when they come. Sets the model's filter and keeps the hits in the tree's order.
class TraceFilter : public QObject
{
    Q_OBJECT
public:
    TraceFilter(Session *session, RunId run, StepTreeModel *model, QObject *parent = nullptr);
    ~TraceFilter() override; // cancels
    void setText(const QString &text); // words, all of them
    const QString &text() const { return m_text; }
    bool isActive() const { return !m_words.isEmpty(); }
    bool isSearching() const { return m_searching; } // in the file
    const std::vector<int> &hits() const { return m_hits; } // rows
    // The hit after or before a row, around the end; -1: no hit.
    int next(int row, int direction) const;
    int position(int row) const; // among the hits, -1: none of them

Q_SIGNALS:
    void changed();
    void failed(const lathe::Error &error);

private:
    void search();
    bool matches(int row) const;
    void setHits(std::vector<char> kept);
    Session *m_session;
    RunId m_run;
    StepTreeModel *m_model;
    QString m_text;
    QStringList m_words;
    std::vector<int> m_hits;
    std::vector<int> m_order; // by row: place in the tree, depth first
    CancelSource m_cancel;
    QTimer m_again; // rows came
    bool m_searching = false;
    bool m_setting = false;
};

} // namespace lathe
