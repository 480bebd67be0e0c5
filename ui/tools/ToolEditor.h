// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"

#include <QHash>
#include <QTimer>
#include <QWidget>

class QComboBox;
class QLineEdit;
class QVBoxLayout;

namespace lathe {

class BodyBinding;
class Chip;
class CodeEditor;
class FormField;
class FormLayout;
class InlineMessage;
class Label;
class Theme;
class ToolConfigForm;
class ToolTrialPanel;

// A tool as a form beside a panel that tries it. The form draws the settings that the tool's type describes.
class ToolEditor : public QWidget
{
    Q_OBJECT
public:
    ToolEditor(Session *session, Theme *theme, ArtifactId tool, QWidget *parent = nullptr);
    ~ToolEditor() override;
    void tryCall(); // F5

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
    void buildPolicy(FormLayout *form);
    void buildLimits(FormLayout *form);
    void changeType(const QString &type);
    void reload();
    void setType(const QString &type);
    void showProblems();
    void showUsers();
    void edit(const QString &pointer, const QJsonValue &value, const QString &what);
    void rename();
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_tool;
    BodyBinding *m_binding;
    QLineEdit *m_name = nullptr;
    Label *m_revision = nullptr;
    Chip *m_draft = nullptr;
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
    QComboBox *m_idempotent = nullptr;
    QVBoxLayout *m_users = nullptr;
    QStringList m_usersShown;
    ToolTrialPanel *m_trial = nullptr;
    QHash<QString, FormField *> m_fields; // by pointer, for problems; those of the type are in m_config
    QTimer m_check;
};

} // namespace lathe
