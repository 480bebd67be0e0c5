// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/Artifact.h"
#include "ui/theme/Theme.h"

#include <QHash>
#include <QWidget>

class QComboBox;
class QLineEdit;
class QSpinBox;
class QStackedWidget;
class QTabBar;

namespace lathe {

class BodyBinding;
class CodeEditor;
class FormField;
class MessageList;
class SchemaEditor;
class VariableTable;

// What a prompt says besides its text: variables, example turns, output format, tone, criteria, fallback. Tabs under the text.
class PromptSettings : public QWidget
{
    Q_OBJECT
public:
    PromptSettings(Theme *theme, QWidget *parent = nullptr);
    void load(const QJsonObject &body);
    void setProblems(const std::vector<Problem> &problems, const QStringList &undeclared);
    void setEditable(bool editable);
    // Goes to the field of the pointer; false when it is none of these.
    bool focusPointer(const QString &pointer);
    bool eventFilter(QObject *watched, QEvent *event) override;

Q_SIGNALS:
    void edited(const QString &pointer, const QJsonValue &value, const QString &what);

private:
    QWidget *buildOutput();
    QWidget *buildBehaviour();
    void showTabTitles();
    Theme *m_theme;
    BodyBinding *m_binding;
    QTabBar *m_tabs;
    QStackedWidget *m_pages;
    VariableTable *m_variables;
    MessageList *m_messages;
    QComboBox *m_format = nullptr;
    SchemaEditor *m_schema = nullptr;
    FormField *m_schemaField = nullptr;
    QLineEdit *m_tone = nullptr;
    CodeEditor *m_criteria = nullptr;
    CodeEditor *m_fallback = nullptr;
    QSpinBox *m_retry = nullptr;
    QHash<QString, FormField *> m_fields;
    int m_counts[4] = {0, 0, 0, 0}; // problems by tab
    int m_variableCount = 0;
    int m_messageCount = 0;
};

} // namespace lathe
