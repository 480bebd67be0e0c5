// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/PromptLint.h"
#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/widgets/CompletionPopup.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

class QLineEdit;
class QStackedWidget;

namespace lathe {

class Button;
class Chip;
class CodeEditor;
class DocumentHeader;
class InlineMessage;
class Label;
class PrimaryButton;
class ProblemPanel;
class PromptChecker;
class PromptCompare;
class PromptPreview;
class PromptSettings;
class RevisionList;
class Theme;

// A prompt: revisions and labels at the left, the instructions and their settings in the middle, what the model will see at the
// right. Every key press goes to the draft (of long texts a moment later); Commit makes a revision. Old revisions are shown read-only.
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
    // What experiments say of a revision, in a few words such as "81 %"; shown in the list and beside comparisons.
    void setScore(std::function<QString(int number)> score);
    // A run of this prompt was rated or ended elsewhere: reads again what came of the revisions. Done by itself for this session's runs.
    void refreshUse();
    // Where own templates are kept; for tests.
    void setTemplateFolder(const QString &folder) { m_templateFolder = folder; }
    void showTemplates();

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
    void commit();
    void restore(int number);
    void setLabel(const QString &label, int number);
    void moveLabel(const QString &label, int number, bool undoing);
    void undoLabel();
    int labelAt(const QString &label) const; // number of its revision, 0: none
    void branch(int number);
    void saveTemplate();
    void flushText();
    void showFindings(const std::vector<PromptProblem> &problems, const QStringList &undeclared);
    void apply(const PromptFix &fix);
    bool openFixesAtCursor();
    QList<CompletionItem> completions(const QString &typed) const;
    QJsonObject body(int number) const;
    QString nameOf(int number) const; // "draft", "revision 3"
    bool isEditable() const;
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_prompt;
    int m_shown = 0;
    DocumentHeader *m_header = nullptr;
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
    PromptChecker *m_checker = nullptr;
    InlineMessage *m_labelDone = nullptr;
    QTimer m_check;
    QTimer m_flush; // of a long text into the draft
    QElapsedTimer m_unflushed; // since the first key that is not in the draft
    std::vector<PromptUse> m_use;
    std::function<QString(int)> m_score;
    struct LabelWas {
        QString label;
        int number;
    };
    std::vector<LabelWas> m_labelMoves; // what to take back
    QString m_templateFolder;
    mutable std::optional<QJsonObject> m_draftBody; // as last read
    QString m_checking; // the text that is looked at
    QString m_checked; // the text that the problems speak of
    CancelSource m_cancel;
};

} // namespace lathe
