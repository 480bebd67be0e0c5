// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/McpHub.h"
#include "ui/theme/Theme.h"

#include <QTimer>
#include <QWidget>

class QComboBox;
class QListView;
class QStandardItem;
class QStandardItemModel;

namespace lathe {

class Button;
class CodeEditor;
class IconButton;
class Label;
class SearchField;

// The log of a server: what it wrote to stderr, its log messages, what Lathe did, and (on demand) every JSON-RPC message. Filtered by
// source, level and words; follows the end until one scrolls up; the chosen line stands whole below. At most 2,000 lines.
class McpLogView : public QWidget
{
    Q_OBJECT
public:
    McpLogView(Theme *theme, QWidget *parent = nullptr);
    void setLines(const std::vector<McpLogLine> &lines);
    void append(const McpLogLine &line); // shown with the next frame
    int shownCount() const;
    int lineCount() const;
    QString shownText() const; // what Copy copies

Q_SIGNALS:
    void statusMessage(const QString &text);

private:
    class Filter;
    QStandardItem *itemOf(const McpLogLine &line) const;
    void flush();
    void applyFilter();
    void showCurrent();
    void copy();
    Theme *m_theme;
    SearchField *m_search;
    QComboBox *m_source;
    QComboBox *m_level;
    Button *m_follow;
    IconButton *m_copy;
    Label *m_count;
    QListView *m_view;
    QStandardItemModel *m_model;
    Filter *m_filter;
    CodeEditor *m_whole;
    std::vector<McpLogLine> m_waiting;
    QTimer m_flush;
};

} // namespace lathe
