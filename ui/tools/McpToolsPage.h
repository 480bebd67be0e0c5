// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/ToolSpec.h"
#include "ui/theme/Theme.h"

#include <QWidget>

#include <map>

class QTabBar;

namespace lathe {

class AddToolChoices;
class Button;
class InlineMessage;
class JsonTree;
class Label;

// The tools of a server: those a person approved (of the artifact's body), marked where the server's own differ now, each with its details.
// Switches and approvals go out as edits.
class McpToolsPage : public QWidget
{
    Q_OBJECT
public:
    McpToolsPage(Theme *theme, QWidget *parent = nullptr);
    // `now`: what the server has, empty optional when it was not asked.
    void setFunctions(const std::vector<ToolFunction> &approved, const std::optional<std::vector<ToolFunction>> &now);
    void setReadOnly(bool readOnly);
    int changeCount() const { return m_changes; } // added, changed and gone
    QString changeText() const;                   // "2 new, 1 changed, 1 gone"

Q_SIGNALS:
    void switched(const QStringList &functions, bool on);
    void approved(const QString &function); // this one as the server has it now (or without it)
    void tryRequested(const QString &function);
    void activated();

private:
    enum class Mark { Same, Added, Changed, Gone };
    struct Entry {
        std::optional<ToolFunction> approved, now;
        Mark mark = Mark::Same;
        const ToolFunction &shown() const { return approved ? *approved : *now; }
    };
    static QString markText(Mark mark); // what became of it, a sentence
    void showCurrent();
    Theme *m_theme;
    AddToolChoices *m_list;
    QWidget *m_detailArea = nullptr; // scrolls it
    QWidget *m_detail;
    Label *m_name;
    Label *m_hints;
    InlineMessage *m_change;
    Label *m_diff;
    Label *m_about;
    QTabBar *m_tabs;
    JsonTree *m_schema;
    Button *m_try;
    std::map<QString, Entry> m_entries;
    int m_changes = 0;
    int m_added = 0, m_changed = 0, m_gone = 0;
    bool m_readOnly = false;
};

} // namespace lathe
