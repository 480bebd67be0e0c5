// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/McpHub.h"
#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QLabel;
class QStackedWidget;
class QStandardItemModel;

namespace lathe {

class BusyBar;
class Button;
class CodeEditor;
class EmptyState;
class FilterableList;
class FormLayout;
class InlineMessage;
class JsonTree;
class Label;

// The resources of a server: list, preview (text, JSON, image), and attaching one to a prompt. Templates ask for their values first.
class McpResourcesPage : public QWidget
{
    Q_OBJECT
public:
    McpResourcesPage(Session *session, Theme *theme, QWidget *parent = nullptr);
    ~McpResourcesPage() override;
    void setServer(const QString &name, const QJsonObject &body); // shows what was listed before while it is the same
    void setPrompt(ArtifactId prompt); // attaching goes there without asking
    void load();                       // connects when needed
    void clear();                      // the server is not connected
    bool isLoaded() const { return m_loaded; }
    int count() const { return int(m_resources.size()); }

Q_SIGNALS:
    void countChanged(int count);
    void connectRequested();
    void attached(lathe::ArtifactId prompt);
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);

private:
    void build();
    void showCurrent();
    void read();
    void show(const std::vector<McpResourceContent> &contents);
    void showImage(const QByteArray &bytes);
    void attach();
    void attachTo(ArtifactId prompt);
    void attachToNew();
    void say(int severity, const QString &text);
    QString uri() const; // of the current one, with the values of a template
    const McpResource *current() const;
    Session *m_session;
    Theme *m_theme;
    QString m_name;
    QJsonObject m_body;
    ArtifactId m_prompt;
    std::vector<McpResource> m_resources;
    std::vector<McpResourceContent> m_contents; // of the current one; empty: not read yet
    CancelSource m_cancel, m_reading;
    bool m_loaded = false;
    int m_read = 0; // counts, so that a late answer does not take a newer one's place
    QStackedWidget *m_pages = nullptr;
    EmptyState *m_empty = nullptr;
    FilterableList *m_list = nullptr;
    QStandardItemModel *m_model = nullptr;
    QWidget *m_detail = nullptr;
    Label *m_title = nullptr;
    Label *m_about = nullptr;
    FormLayout *m_values = nullptr;
    QWidget *m_valuesBox = nullptr;
    std::vector<std::pair<QString, class QLineEdit *>> m_fields;
    Button *m_readButton = nullptr;
    Button *m_attach = nullptr;
    BusyBar *m_busy = nullptr;
    InlineMessage *m_message = nullptr;
    QStackedWidget *m_preview = nullptr;
    CodeEditor *m_text = nullptr;
    JsonTree *m_json = nullptr;
    QLabel *m_image = nullptr;
};

} // namespace lathe
