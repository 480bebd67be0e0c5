// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/McpHub.h"
#include "ui/tools/McpListPage.h"

class QLineEdit;

namespace lathe {

class CodeEditor;
class FormLayout;

// The prompts of a server: list, arguments, what they give, and making a prompt of the project from one. An argument that is left empty
// stays a variable of that prompt.
class McpPromptsPage : public McpListPage
{
    Q_OBJECT
public:
    McpPromptsPage(Session *session, Theme *theme, QWidget *parent = nullptr);
    void setPrompt(ArtifactId prompt); // its text is replaced instead of a new prompt made
    void load() override;

Q_SIGNALS:
    void used(lathe::ArtifactId prompt);

protected:
    void showCurrent() override;
    void activate() override;

private:
    void get(bool use);
    void make(const std::vector<McpPromptMessage> &messages, const QStringList &freeArguments);
    const McpPrompt *current() const;
    ArtifactId m_prompt;
    std::vector<McpPrompt> m_prompts;
    QVBoxLayout *m_formBox = nullptr;
    FormLayout *m_form = nullptr;
    std::vector<std::pair<QString, QLineEdit *>> m_fields;
    Button *m_show = nullptr;
    Button *m_use = nullptr;
    CodeEditor *m_text = nullptr;
};

} // namespace lathe
