// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QHash>
#include <QTimer>
#include <QWidget>

class QLineEdit;
class QVBoxLayout;

namespace lathe {

class Button;
class CodeEditor;
class InlineMessage;
class Label;
class Theme;

// The prompt as the model will see it, with sample values for its variables; they are remembered in the project beside the prompt.
class PromptPreview : public QWidget
{
    Q_OBJECT
public:
    PromptPreview(Session *session, Theme *theme, ArtifactId prompt, QWidget *parent = nullptr);
    ~PromptPreview() override;
    void setBody(const QJsonObject &body);
    QString text() const;
    int tokens() const { return m_tokens; }

Q_SIGNALS:
    void statusMessage(const QString &text);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void fillFields(const QStringList &names, const PromptSpec &spec);
    void render();
    void saveSamples();
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_prompt;
    Label *m_size;
    QVBoxLayout *m_fieldRows;
    QWidget *m_fieldBox;
    InlineMessage *m_message;
    CodeEditor *m_text;
    QStringList m_names;
    QHash<QString, QLineEdit *> m_fields;
    QJsonObject m_samples;
    std::optional<PromptSpec> m_spec;
    QTimer m_save;
    int m_tokens = 0;
};

} // namespace lathe
