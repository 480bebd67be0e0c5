// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Card.h"

namespace lathe {

class BusyBar;
class Button;
class Label;
class SourceHub;

// Bringing in files that other programs recorded: choose or drop, progress with cancel, and a report of each file below.
class TraceImportPanel : public Card
{
    Q_OBJECT
public:
    TraceImportPanel(SourceHub *hub, Theme *theme, QWidget *parent = nullptr);
    void choose();

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);

private:
    void refresh();
    void rebuildReports();
    SourceHub *m_hub;
    Theme *m_theme;
    Button *m_choose;
    Button *m_cancel;
    Label *m_progress;
    BusyBar *m_busy;
    QWidget *m_reports;
    size_t m_shown = 0;
};

} // namespace lathe
