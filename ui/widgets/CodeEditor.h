// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"
#include "ui/widgets/CodeHighlighter.h"
#include "ui/widgets/CompletionPopup.h"
#include "ui/widgets/InlineMessage.h"

#include <QPlainTextEdit>
#include <QPointer>

#include <functional>
#include <vector>

namespace lathe {

class CodeGutter;
class FindBar;

// Something wrong with a stretch of the text; offsets count UTF-16 units of text().
struct CodeProblem {
    int from = 0;
    int length = 0;
    Severity severity = Severity::Error;
    QString message;
};

// An editor for prompts and JSON: monospaced, line numbers, colours by a tokenizer, problems
// underlined with their words as tooltip, completion after an opening mark, find bar. Lines of any
// length are safe (SoftBreaks.h); use text() and setText(), not toPlainText() and setPlainText().
// Tab indents by two spaces; Escape, then Tab leaves. Keys: Ctrl+F find, Ctrl+H replace, F3 / Shift+F3 next and
// previous match, F8 next problem, Ctrl+Space complete.
class CodeEditor : public QPlainTextEdit
{
    Q_OBJECT
public:
    explicit CodeEditor(Theme *theme, QWidget *parent = nullptr);
    ~CodeEditor() override;
    QString text() const;
    // A new document: the undo history starts over. Does not emit edited().
    void setText(const QString &text);
    // As if typed: can be undone.
    void replaceText(const QString &text);
    void setTokenizer(Tokenizer tokenizer);
    // Colours again, after the tokenizer's outside knowledge changed.
    void rehighlight();
    void setProblems(const QList<CodeProblem> &problems);
    // After `open` (such as "{{") offers items for what is typed since; choosing one also adds `close`.
    using CompletionSource = std::function<QList<CompletionItem>(const QString &prefix)>;
    void setCompletion(const QString &open, const QString &close, CompletionSource source);
    void setLineNumbersVisible(bool visible);
    // Tall enough for the text between these numbers of lines; 0 turns it off.
    void setAutoHeight(int minimumLines, int maximumLines);
    // Cursor and selection in offsets of text().
    int cursorOffset() const;
    void select(int from, int length);
    FindBar *findBar() const { return m_findBar; }
    CompletionPopup *completionPopup() const { return m_popup.data(); }

    // For the gutter: the number of a block's line, 0 for the later pieces of a long line.
    int lineNumber(const QTextBlock &block) const;
    int lineCount() const;
    const QList<CodeProblem> &problems() const { return m_problems; }
    QColor problemColor(const QTextBlock &block) const; // invalid when there is none
    QTextBlock firstShownBlock() const { return firstVisibleBlock(); }
    QRectF blockRect(const QTextBlock &block) const;

public Q_SLOTS:
    void openFind();
    void openReplace();
    // The current match, or the next one when there is none; then goes on.
    void replaceMatch();
    void replaceAllMatches();
    void findNext();
    void findPrevious();
    void goToNextProblem();

Q_SIGNALS:
    // The text was changed by a person, undo or redo; not for colours.
    void edited();

protected:
    bool event(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    bool focusNextPrevChild(bool next) override;
    void resizeEvent(QResizeEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    bool viewportEvent(QEvent *event) override;
    QMimeData *createMimeDataFromSelection() const override;
    void insertFromMimeData(const QMimeData *source) override;

private:
    struct Mark {
        QTextCursor range; // moves along with edits
        int problem;
    };
    void applyTheme();
    void onTextChanged();
    void onContentsChange(int position, int removed, int added);
    void splitLongLines();
    void updateFont(const QString &added);
    void updateGeometryOfParts();
    void updateSelections();
    void updateMatches();
    void goToMatch(int index);
    void updateCompletion();
    QRect cursorRectInWindow() const;
    void acceptCompletion(const QString &text);
    bool indentSelection(bool outwards);
    void insertNewLine();
    int toShown(int offset) const;
    int fromShown(int position) const;
    void updateAutoHeight();

    Theme *m_theme;
    CodeHighlighter *m_highlighter;
    CodeGutter *m_gutter;
    FindBar *m_findBar;
    QPointer<CompletionPopup> m_popup; // a child of the window while it shows
    QList<CodeProblem> m_problems;
    QList<Mark> m_marks;
    QList<QTextCursor> m_matches;
    int m_currentMatch = -1;
    bool m_moreMatches = false;
    QString m_open;
    QString m_close;
    CompletionSource m_completions;
    int m_revision = 0;
    QString m_lastShown;                         // toPlainText() at the last edit
    mutable std::vector<int> m_lineNumbersCache; // by block, only when lines are shown in pieces
    mutable int m_lineNumbersRevision = -1;
    bool m_loading = false;
    bool m_splitting = false;
    bool m_splitPending = false;
    bool m_softBreaks = false; // some line is shown in pieces
    bool m_shaped = false;
    bool m_tabLeaves = false;
    bool m_lineNumbers = true;
    int m_minimumLines = 0;
    int m_maximumLines = 0;
};

} // namespace lathe
