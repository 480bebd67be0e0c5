// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"

#include <QHash>
#include <QTimer>
#include <QWidget>

class QComboBox;
class QLineEdit;
class QStackedWidget;
class QTabBar;
class QVBoxLayout;

namespace lathe {

class BodyBinding;
class Chip;
class CodeEditor;
class DocumentHeader;
class FormField;
class FormLayout;
class InlineMessage;
class Label;
class McpServerPanel;
class Theme;
class ToolAnalyticsPanel;
class ToolConfigForm;
class ToolFunctionList;
class ToolPolicyEditor;
class ToolRevisionPanel;
class ToolTrialPanel;

// A tool as a form (settings as its type describes them, functions of a set, policy) beside panels: try a call, the server of an MCP tool,
// revisions and what they changed, use by runs.
class ToolEditor : public QWidget
{
    Q_OBJECT
public:
    ToolEditor(Session *session, Theme *theme, ArtifactId tool, QWidget *parent = nullptr);
    ~ToolEditor() override;
    enum class Part { Try, Server, Revisions, Usage };
    void tryCall(); // F5
    void showPart(Part part);
    void tryFunction(const QString &function);
    void showRevision(int number); // what it changed
    ToolTrialPanel *trial() const { return m_trial; }

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

protected:
    void paintEvent(QPaintEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *buildHeader();
    QWidget *buildForm();
    void buildWhat(FormLayout *form);
    QWidget *buildParts();
    void fillTypes();
    void changeType(const QString &type);
    void reload();
    void setType(const QString &type);
    void setSet(bool isSet);
    void showServer(bool isServer);
    void makeMock(const QString &name, const QJsonObject &body);
    void showProblems();
    void showUsers();
    void edit(const QString &pointer, const QJsonValue &value, const QString &what);
    void editSetting(const QString &pointer, const QJsonValue &value, const QString &what);
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_tool;
    BodyBinding *m_binding;
    DocumentHeader *m_header = nullptr;
    InlineMessage *m_summary = nullptr;
    QWidget *m_form = nullptr;
    QComboBox *m_type = nullptr;
    Label *m_typeAbout = nullptr;
    Chip *m_effect = nullptr;
    CodeEditor *m_purpose = nullptr;
    QWidget *m_configHead = nullptr;
    QVBoxLayout *m_configBox = nullptr;
    ToolConfigForm *m_config = nullptr;
    QString m_configType;
    QVBoxLayout *m_functionBox = nullptr;
    ToolFunctionList *m_functions = nullptr; // of a set
    ToolPolicyEditor *m_policy = nullptr;
    QTabBar *m_parts = nullptr;
    QStackedWidget *m_pages = nullptr;
    McpServerPanel *m_server = nullptr; // of an MCP server, once it was shown
    QWidget *m_serverPage = nullptr;
    ToolRevisionPanel *m_revisions = nullptr;
    ToolAnalyticsPanel *m_usage = nullptr;
    QVBoxLayout *m_users = nullptr;
    QStringList m_usersShown;
    ToolTrialPanel *m_trial = nullptr;
    QHash<QString, FormField *> m_fields; // by pointer, for problems; those of the type are in m_config
    QTimer m_check;
};

} // namespace lathe
