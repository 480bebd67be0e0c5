// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/PromptPartials.h"
#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QTimer>
#include <QWidget>

class QScrollArea;

namespace lathe {

class CodeEditor;
class InlineMessage;
class Label;
class SampleFields;
class SampleSource;

// The prompt as the model will see it, example turns included, with typed sample values for its variables; values written by hand are
// remembered in the project beside the prompt. Long prompts are rendered on a thread of the pool.
class PromptPreview : public QWidget
{
    Q_OBJECT
public:
    PromptPreview(Session *session, Theme *theme, ArtifactId prompt, QWidget *parent = nullptr);
    ~PromptPreview() override;
    void setBody(const QJsonObject &body);
    QString text() const;
    int tokens() const { return m_tokens; }
    QString costText() const { return m_costText; }
    const QJsonObject &samples() const;
    // Values from elsewhere, as by a drop.
    void takeValues(const QJsonObject &values);

Q_SIGNALS:
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

protected:
    void paintEvent(QPaintEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dragMoveEvent(QDragMoveEvent *event) override;
    void dragLeaveEvent(QDragLeaveEvent *event) override;
    void dropEvent(QDropEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    struct Shown {
        Result<RenderedPrompt> rendered = Error();
        QString text;
        qint64 tokens = 0;
    };
    static Shown make(const PromptSpec &spec, const QString &name, const PartialSource &partials, const QJsonObject &values);
    void render();
    void show(const Shown &shown);
    void replaceShown(const QString &text);
    void showCost();
    void saveSamples();
    void fitFields();
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_prompt;
    Label *m_size;
    SampleSource *m_source;
    SampleFields *m_fields;
    QScrollArea *m_scroll;
    QWidget *m_messageBox;
    InlineMessage *m_message;
    CodeEditor *m_text;
    std::optional<PromptSpec> m_spec;
    QTimer m_save;
    quint64 m_asked = 0;
    int m_tokens = 0;
    QString m_costText;
    bool m_dropHere = false;
};

} // namespace lathe
