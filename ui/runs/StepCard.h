// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/Trace.h"
#include "ui/widgets/Card.h"

namespace lathe {

class InlineMessage;
class JsonBox;
class Label;
class LinkLabel;
class NoteLine;
class StepHeader;
class TextBlock;

// One step of a live or finished run: text as it streams, thoughts dimmed, arguments and result folded, what went wrong.
class StepCard : public Card
{
    Q_OBJECT
public:
    StepCard(Theme *theme, const QString &path, QWidget *parent = nullptr);
    const QString &path() const { return m_path; }
    // Shows the step as it is now; costs little when little changed.
    void show(const Step &step, qint64 nowUs);
    // Only the running time.
    void tick(const Step &step, qint64 nowUs);
    // The answer stands elsewhere: the text is folded away.
    void foldText();
    // The same error stands elsewhere.
    void hideError();

Q_SIGNALS:
    void openStep(const QString &path);

protected:
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    void showText(const Step &step, bool over);
    void showReasoning(const Step &step, bool over);
    void showTool(const Step &step, bool over);
    void openTool();
    void setFolded(bool folded);
    Theme *m_theme;
    QString m_path;
    StepHeader *m_header;
    QWidget *m_folding = nullptr; // what the header folds
    TextBlock *m_text = nullptr;
    LinkLabel *m_thinking = nullptr;
    TextBlock *m_reasoning = nullptr;
    InlineMessage *m_error = nullptr;
    size_t m_notes = 0;
    QString m_copy;
    QString m_arguments; // of a tool call
    QString m_result;
    bool m_over = false;
    bool m_userFolded = false;
    bool m_thinkingOpen = true;
};

} // namespace lathe
