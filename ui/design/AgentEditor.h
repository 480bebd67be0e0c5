// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/design/ToolAttachments.h"
#include "ui/itemmodels/Location.h"

#include <QHash>
#include <QTimer>
#include <QWidget>

class QComboBox;
class QLineEdit;
class QScrollArea;
class QVBoxLayout;

namespace lathe {

class BodyBinding;
class Chip;
class DocumentHeader;
class FallbackList;
class FormField;
class FormLayout;
class InlineMessage;
class Label;
class LinkLabel;
class ModelBox;
class Theme;

// An agent as a form: job, instructions, model, reasoning, tools, limits. Every edit goes to the draft at once; problems stand
// under the field they concern.
class AgentEditor : public QWidget
{
    Q_OBJECT
public:
    AgentEditor(Session *session, Theme *theme, ArtifactId agent, QWidget *parent = nullptr);
    ~AgentEditor() override;
    void setFace(QWidget *face); // above the form, where there is room for it; takes it over
    // How an attached tool's policy is edited (ToolAttachments::PolicyFactory).
    void setToolPolicyFactory(ToolAttachments::PolicyFactory factory);
    void focusField(const QString &pointer); // of the part of the body, "/prompt", "/tools/2"

Q_SIGNALS:
    void fieldFocused(const QString &pointer);
    void openRequested(const lathe::Location &location);
    void createRequested(lathe::ArtifactKind kind);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    QWidget *buildHeader();
    void buildJob(FormLayout *form);
    void buildModel(FormLayout *form);
    void buildReasoning(FormLayout *form);
    void buildTools(FormLayout *form);
    void buildLimits(FormLayout *form);
    void reload();
    void fillPrompts();
    void fillConnections();
    void showProblems();
    void edit(const QString &pointer, const QJsonValue &value, const QString &what);
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_agent;
    BodyBinding *m_binding;
    DocumentHeader *m_header = nullptr;
    InlineMessage *m_summary = nullptr;
    QComboBox *m_prompt = nullptr;
    Label *m_promptPreview = nullptr;
    LinkLabel *m_openPrompt = nullptr;
    QComboBox *m_connection = nullptr;
    ModelBox *m_model = nullptr;
    QComboBox *m_pattern = nullptr;
    Label *m_patternAbout = nullptr;
    Label *m_offlineNote = nullptr;
    FallbackList *m_fallbacks = nullptr;
    ToolAttachments *m_tools = nullptr;
    QWidget *m_face = nullptr;
    QHash<QString, FormField *> m_fields; // by pointer, for problems
    QScrollArea *m_scroll = nullptr;
    QVBoxLayout *m_content = nullptr;
    QTimer m_check;
};

} // namespace lathe
