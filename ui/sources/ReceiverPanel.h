// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Card.h"

class QSpinBox;
class QTabBar;

namespace lathe {

class Button;
class CodeEditor;
class IconButton;
class InlineMessage;
class Label;
class LinkLabel;
class SourceHub;
class StatusDot;
class TallyList;

// The OTLP receiver: its switch and port, what an instrumented program needs to be told, and what came in.
class ReceiverPanel : public Card
{
    Q_OBJECT
public:
    ReceiverPanel(SourceHub *hub, Theme *theme, QWidget *parent = nullptr);
    void toggle();

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);

private:
    void refresh();
    void showSnippet();
    QString snippet() const;
    SourceHub *m_hub;
    StatusDot *m_dot;
    Label *m_state;
    QSpinBox *m_port;
    Button *m_switch;
    InlineMessage *m_problem;
    QTabBar *m_tabs;
    CodeEditor *m_lines;
    IconButton *m_copy;
    Label *m_counters;
    LinkLabel *m_runs;
    TallyList *m_tallies;
};

} // namespace lathe
