// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"

#include <QWidget>

#include <memory>

class QAction;

namespace lathe {

// 2 to 6 runs side by side: their steps aligned row by row, deltas of their numbers to the first run (the baseline), the first
// divergence marked, the texts of the chosen row as a word diff. Runs are dropped onto it, removed and reordered in its header.
class ComparePage : public QWidget
{
    Q_OBJECT
public:
    ComparePage(Session *session, Theme *theme, std::vector<RunId> runs, QWidget *parent = nullptr);
    ~ComparePage() override;
    void setRuns(std::vector<RunId> runs); // the first is the baseline; more than 6 are cut off
    const std::vector<RunId> &runs() const;
    QList<QAction *> commands() const;

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);
    void runsChanged(const std::vector<lathe::RunId> &runs); // by the person, so that the tab remembers

protected:
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    class Parts;
    std::unique_ptr<Parts> d;
};

} // namespace lathe
