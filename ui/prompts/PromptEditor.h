// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"

#include <QTimer>
#include <QWidget>

class QLineEdit;
class QStackedWidget;

namespace lathe {

class Button;
class Chip;
class CodeEditor;
class InlineMessage;
class Label;
class PrimaryButton;
class ProblemPanel;
class PromptCompare;
class PromptPreview;
class PromptSettings;
class RevisionList;
class Theme;

// A prompt: revisions and labels at the left, the instructions and their settings in the middle, what the model will see at the
// right. Every key press goes to the draft; Commit makes a revision. Old revisions are shown read-only.
class PromptEditor : public QWidget
{
    Q_OBJECT
public:
    PromptEditor(Session *session, Theme *theme, ArtifactId prompt, QWidget *parent = nullptr);
    ~PromptEditor() override;
    // 0, or the newest revision when there is no draft: what is edited.
    void showRevision(int number);
    // Number 0: the draft (or the newest revision).
    void compare(int older, int newer);

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

protected:
    void paintEvent(QPaintEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *buildHeader();
    QWidget *buildLeft();
    QWidget *buildMiddle();
    QWidget *buildBanner();
    QWidget *buildText();
    void reload();
    void showText(const QString &text);
    void check();
    void edit(const QString &pointer, const QJsonValue &value, const QString &what);
    void rename();
    void commit();
    void restore(int number);
    void setLabel(const QString &label, int number);
    void showTemplates();
    QJsonObject body(int number) const;
    QString nameOf(int number) const; // "draft", "revision 3"
    bool isEditable() const;
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_prompt;
    int m_shown = 0;
    QLineEdit *m_name = nullptr;
    Label *m_revision = nullptr;
    Chip *m_draft = nullptr;
    QLineEdit *m_note = nullptr;
    PrimaryButton *m_commit = nullptr;
    InlineMessage *m_readOnly = nullptr;
    RevisionList *m_revisions = nullptr;
    QStackedWidget *m_middle = nullptr;
    QWidget *m_banner = nullptr;
    Label *m_bannerText = nullptr;
    Button *m_bannerRestore = nullptr;
    Button *m_bannerCompare = nullptr;
    Button *m_templates = nullptr;
    Label *m_size = nullptr;
    CodeEditor *m_text = nullptr;
    PromptSettings *m_settings = nullptr;
    ProblemPanel *m_problems = nullptr;
    PromptCompare *m_compare = nullptr;
    PromptPreview *m_preview = nullptr;
    QTimer m_check;
};

} // namespace lathe
