// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/PromptSpec.h"
#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QBoxLayout;
class QLineEdit;
class QScrollArea;
class QStackedWidget;

namespace lathe {

class Button;
class CodeEditor;
class IconButton;
class Label;
class ProblemLine;
class RowPicker;

// What goes to all columns: a text with the prompts' variables, or rows of a dataset. Ctrl+Enter sends.
class InputPanel : public QWidget
{
    Q_OBJECT
public:
    InputPanel(Session *session, Theme *theme, int mostRows, QWidget *parent = nullptr);
    ~InputPanel() override;
    QString text() const;
    void setText(const QString &text);
    QJsonObject variables() const;
    void setVariableValues(const QJsonObject &values);
    // The variables of all columns; values typed so far stay.
    void setVariables(const std::vector<PromptVariable> &variables);
    bool sendsRows() const { return m_rowsMode; }
    void setRowsMode(bool rows);
    RowPicker *rows() const { return m_rows; }
    void setConversation(bool on); // words of button and placeholder
    void setRunning(bool running);
    void setNote(const QString &note);
    void setProblem(const QString &problem);
    void focusText();
    void focusVariable(const QString &name);

Q_SIGNALS:
    void sendRequested();
    void stopRequested();
    void edited();           // text or variables
    void rowsModeChanged();  // by a person
    void restartRequested(); // of the conversation

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    struct Field {
        QString name;
        QString offered;
        QLineEdit *line = nullptr;
        CodeEditor *editor = nullptr;
        QString text() const;
        void setText(const QString &text) const;
    };
    void showState();
    Session *m_session;
    Theme *m_theme;
    Button *m_typeMode;
    Button *m_rowMode;
    Label *m_note;
    Button *m_restart;
    Button *m_send;
    Button *m_stop;
    QStackedWidget *m_pages;
    CodeEditor *m_editor;
    QScrollArea *m_formArea;
    QWidget *m_form = nullptr;
    RowPicker *m_rows;
    ProblemLine *m_problem;
    std::vector<PromptVariable> m_variables;
    std::vector<Field> m_fields;
    bool m_rowsMode = false;
    bool m_conversation = false;
    bool m_running = false;
};

} // namespace lathe
