// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/PromptSpec.h"
#include "ui/theme/Theme.h"

#include <QWidget>

#include <functional>

class QLineEdit;
class QMenu;

namespace lathe {

class Button;
class CodeEditor;
class FormLayout;
class IconButton;
class Label;
class ProblemLine;

// What a run is given: the text, the prompt's variables, and the button that runs or stops. Ctrl+Enter and F5 run,
// Shift+F5 stops; Tab leaves the box.
class RunInputBox : public QWidget
{
    Q_OBJECT
public:
    explicit RunInputBox(Theme *theme, QWidget *parent = nullptr);
    QString text() const;
    void setText(const QString &text);
    bool isUntouched() const; // no text, and the variables as they were offered
    QJsonObject variables() const;
    void setVariableValues(const QJsonObject &values);
    // The variables a person has to give; values typed so far stay.
    void setVariables(const std::vector<PromptVariable> &variables);
    void setRunning(bool running);
    void setNote(const QString &note); // beside the button: which model answers
    void setProblem(const QString &problem);
    // Fills the menu of examples and recent inputs when it opens.
    void setMenuSource(std::function<void(QMenu *)> fill);
    void focusText();

Q_SIGNALS:
    void runRequested();
    void stopRequested();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void openMenu();
    Theme *m_theme;
    CodeEditor *m_editor;
    QWidget *m_formHost;
    FormLayout *m_form = nullptr;
    std::vector<PromptVariable> m_variables;
    // One line, or a small editor when the default is long.
    struct Field {
        QString name;
        QString offered; // the default
        QLineEdit *line = nullptr;
        CodeEditor *editor = nullptr;
        QString text() const;
        void setText(const QString &text) const;
    };
    std::vector<Field> m_fields;
    ProblemLine *m_problem;
    Label *m_note;
    IconButton *m_menuButton;
    Button *m_run;
    Button *m_stop;
    std::function<void(QMenu *)> m_fill;
};

} // namespace lathe
