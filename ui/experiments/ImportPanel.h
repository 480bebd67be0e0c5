// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/experiments/DatasetRows.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Card.h"

#include <optional>

class QListView;
class QStringListModel;

namespace lathe {

class BusyBar;
class Button;
class Label;

// Reads a file of examples and says what came of it: rows without defects are handed on at once; when some are bad they are named by
// line, and the rest is handed on when the person says so. Hidden while it has nothing to say.
class ImportPanel : public Card
{
    Q_OBJECT
public:
    ImportPanel(Theme *theme, QWidget *parent);
    ~ImportPanel() override;
    void start(const QString &path);
    // Asks for a file first.
    void choose();
    bool isBusy() const { return m_busy; }

Q_SIGNALS:
    void accepted(const lathe::ImportedRows &rows);

private:
    void showReport(ImportedRows rows);
    void showError(const QString &message);
    Theme *m_theme;
    Label *m_title;
    Label *m_detail;
    BusyBar *m_bar;
    QListView *m_list;
    QStringListModel *m_lines;
    Button *m_accept;
    Button *m_cancel;
    std::optional<ImportedRows> m_rows;
    bool m_busy = false;
    quint64 m_generation = 0;
};

} // namespace lathe
