// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/SessionTypes.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QStackedWidget;
class QTabBar;
class QTreeView;

namespace lathe {

class CodeEditor;
class ElidedLabel;
class InlineMessage;
class JsonTree;
class Label;
class StatusDot;

// What a call gave: state and time, the request, and the answer as table, JSON tree or the text the model reads; where the tool tells, what
// went over the wire.
class TrialResult : public QWidget
{
    Q_OBJECT
public:
    explicit TrialResult(Theme *theme, QWidget *parent = nullptr);
    void showTrial(const ToolTrial &trial, const QString &request);
    void showError(const Error &error, const QString &request);
    void showRunning(const QString &request);
    // Of a call under way: its words and share, -1: not known.
    void showProgress(double share, const QString &message);
    QString text() const;   // as the model reads it
    QString state() const;  // "Done in 3 ms"

private:
    enum Page { Table, Tree, Text, Request, Response };
    void setPages(bool table, bool tree, bool text, bool request, bool response);
    void setRequest(const QString &request);
    Theme *m_theme;
    StatusDot *m_dot;
    Label *m_state;
    ElidedLabel *m_request;
    InlineMessage *m_message;
    QTabBar *m_tabs;
    QStackedWidget *m_pages;
    QTreeView *m_table;
    JsonTree *m_tree;
    CodeEditor *m_text;
    CodeEditor *m_sent;
    CodeEditor *m_received;
};

} // namespace lathe
