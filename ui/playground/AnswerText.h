// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QWidget>

class QTextBrowser;

namespace lathe {

class LinkLabel;
class MarkdownView;

// The text of one answer: plain while it streams (only what is new is added), rendered at its end, JSON indented; raw on demand.
// Tall texts are cut with a link that shows the rest; huge ones open in a window of their own.
class AnswerText : public QWidget
{
    Q_OBJECT
public:
    explicit AnswerText(Theme *theme, QWidget *parent = nullptr);
    void stream(const QString &text);
    void finish(const QString &text);
    void setRaw(bool raw);
    bool isRaw() const { return m_raw; }
    const QString &text() const { return m_text; }
    // Pixels shown before "Show all"; 0: no bound.
    void setTallest(int pixels);

    static constexpr qsizetype MostStreamed = 20'000;
    static constexpr qsizetype MostInline = 60'000;

protected:
    void resizeEvent(QResizeEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QTextBrowser *plain();
    void showFinal();
    void arrange();
    void applyTheme();
    QWidget *shown() const;
    Theme *m_theme;
    QWidget *m_clip;
    QTextBrowser *m_plain = nullptr;
    MarkdownView *m_markdown = nullptr;
    LinkLabel *m_more = nullptr;
    QString m_text;
    qsizetype m_streamed = -1; // characters in the plain view while it streams; -1: ended
    int m_tallest = 0;
    bool m_expanded = false;
    bool m_raw = false;
    bool m_arranging = false;
};

} // namespace lathe
