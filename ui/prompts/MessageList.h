// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/Artifact.h"
#include "ui/theme/Theme.h"

#include <QJsonArray>
#include <QWidget>

class QComboBox;
class QVBoxLayout;

namespace lathe {

class Button;
class CodeEditor;
class IconButton;
class Label;
class ProblemLine;

// The example turns of a prompt as a list: role and text of each, in their order; add, remove, move up and down (buttons, or Alt+Up
// and Alt+Down in a text).
class MessageList : public QWidget
{
    Q_OBJECT
public:
    explicit MessageList(Theme *theme, QWidget *parent = nullptr);
    void setValue(const QJsonArray &messages);
    void setProblems(const std::vector<Problem> &problems);
    void setEditable(bool editable);
    void focusRow(int row);
    int count() const { return int(m_rows.size()); }
    bool eventFilter(QObject *watched, QEvent *event) override;

Q_SIGNALS:
    void edited(const QString &pointer, const QJsonValue &value, const QString &what);

private:
    struct Row {
        QWidget *box = nullptr;
        QComboBox *role = nullptr;
        CodeEditor *text = nullptr;
        IconButton *up = nullptr;
        IconButton *down = nullptr;
        IconButton *remove = nullptr;
        ProblemLine *problem = nullptr;
    };
    void addRow();
    void move(int from, int to);
    Theme *m_theme;
    QVBoxLayout *m_layout;
    Label *m_empty;
    Button *m_add;
    std::vector<Row> m_rows;
    QJsonArray m_value;
    bool m_loading = false;
    bool m_editable = true;
};

} // namespace lathe
