// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/McpHub.h"
#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QLineEdit;
class QStackedWidget;
class QStandardItemModel;
class QVBoxLayout;

namespace lathe {

class BusyBar;
class Button;
class CodeEditor;
class EmptyState;
class FilterableList;
class FormLayout;
class InlineMessage;
class Label;

// The prompts of a server: list, arguments, what they give, and making a prompt of the project from one. An argument that is left empty
// stays a variable of that prompt.
class McpPromptsPage : public QWidget
{
    Q_OBJECT
public:
    McpPromptsPage(Session *session, Theme *theme, QWidget *parent = nullptr);
    ~McpPromptsPage() override;
    void setServer(const QString &name, const QJsonObject &body);
    void setPrompt(ArtifactId prompt); // its text is replaced instead of a new prompt made
    void load();
    void clear();
    bool isLoaded() const { return m_loaded; }
    int count() const { return int(m_prompts.size()); }

Q_SIGNALS:
    void countChanged(int count);
    void connectRequested();
    void used(lathe::ArtifactId prompt);
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);

private:
    void build();
    void showCurrent();
    void get(bool use);
    void make(const std::vector<McpPromptMessage> &messages, const QStringList &freeArguments);
    void say(int severity, const QString &text);
    const McpPrompt *current() const;
    Session *m_session;
    Theme *m_theme;
    QString m_name;
    QJsonObject m_body;
    ArtifactId m_prompt;
    std::vector<McpPrompt> m_prompts;
    CancelSource m_cancel, m_getting;
    bool m_loaded = false;
    int m_got = 0;
    QStackedWidget *m_pages = nullptr;
    EmptyState *m_empty = nullptr;
    FilterableList *m_list = nullptr;
    QStandardItemModel *m_model = nullptr;
    QWidget *m_detail = nullptr;
    Label *m_title = nullptr;
    Label *m_about = nullptr;
    QVBoxLayout *m_formBox = nullptr;
    FormLayout *m_form = nullptr;
    std::vector<std::pair<QString, QLineEdit *>> m_fields;
    Button *m_show = nullptr;
    Button *m_use = nullptr;
    BusyBar *m_busy = nullptr;
    InlineMessage *m_message = nullptr;
    CodeEditor *m_text = nullptr;
};

} // namespace lathe
