// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/McpHub.h"
#include "ui/tools/McpListPage.h"

class QLabel;
class QLineEdit;

namespace lathe {

class CodeEditor;
class FormLayout;
class JsonTree;

// The resources of a server: list, preview (text, JSON, image), and attaching one to a prompt. Templates ask for their values first.
class McpResourcesPage : public McpListPage
{
    Q_OBJECT
public:
    McpResourcesPage(Session *session, Theme *theme, QWidget *parent = nullptr);
    void setPrompt(ArtifactId prompt); // attaching goes there without asking
    void load() override;

Q_SIGNALS:
    void attached(lathe::ArtifactId prompt);

protected:
    void showCurrent() override;
    void activate() override;

private:
    void read();
    void show(const std::vector<McpResourceContent> &contents);
    void showImage(const QByteArray &bytes);
    void attach();
    void attachTo(ArtifactId prompt);
    void attachToNew();
    QString uri() const; // of the current one, with the values of a template
    const McpResource *current() const;
    ArtifactId m_prompt;
    std::vector<McpResource> m_resources;
    std::vector<McpResourceContent> m_contents; // of the current one; empty: not read yet
    FormLayout *m_values = nullptr;
    QWidget *m_valuesBox = nullptr;
    std::vector<std::pair<QString, QLineEdit *>> m_fields;
    Button *m_readButton = nullptr;
    Button *m_attach = nullptr;
    QStackedWidget *m_preview = nullptr;
    CodeEditor *m_text = nullptr;
    JsonTree *m_json = nullptr;
    QLabel *m_image = nullptr;
};

} // namespace lathe
