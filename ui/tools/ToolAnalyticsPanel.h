// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "core/session/ToolStats.h"
#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"

#include <QTimer>
#include <QWidget>

#include <optional>

class QCheckBox;
class QComboBox;
class QTreeView;
class QVBoxLayout;

namespace lathe {

class BusyBar;
class EmptyState;
class InlineMessage;
class Label;
class ToolUsageModel;

// How a tool was used: calls, failures by kind, refusals, arguments that did not fit, latency, by function and revision. A row leads to the
// runs behind it.
class ToolAnalyticsPanel : public QWidget
{
    Q_OBJECT
public:
    ToolAnalyticsPanel(Session *session, Theme *theme, ArtifactId tool, QWidget *parent = nullptr);
    ~ToolAnalyticsPanel() override; // stops a query under way
    void refresh();

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void errorRaised(const lathe::Error &error);

protected:
    void showEvent(QShowEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void showUsage(std::vector<ToolUsage> usage);
    void fitColumns();
    void fillReasons(const ToolUsage &sum, const QString &query);
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_tool;
    QComboBox *m_since;
    QCheckBox *m_byRevision;
    BusyBar *m_busy;
    Label *m_summary;
    InlineMessage *m_problem;
    EmptyState *m_empty;
    QTreeView *m_table;
    ToolUsageModel *m_model;
    QVBoxLayout *m_reasons;
    QWidget *m_reasonBox;
    QTimer m_later;
    std::optional<CancelSource> m_cancel;
    int m_query = 0; // counts, so that a late answer does not take a newer one's place
    bool m_stale = true;
};

} // namespace lathe
