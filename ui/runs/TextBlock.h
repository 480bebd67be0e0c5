// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QTextBrowser>

class QVBoxLayout;

namespace lathe {

class LinkLabel;
class MarkdownView;

// Plain text of any origin, wrapped anywhere, as tall as it is. At most some ten thousand characters: TextBlock cuts.
class PlainText : public QTextBrowser
{
    Q_OBJECT
public:
    PlainText(Theme *theme, ColorToken color, bool code, QWidget *parent = nullptr);

protected:
    void resizeEvent(QResizeEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;

private:
    void applyTheme();
    void updateHeight();
    Theme *m_theme;
    ColorToken m_color;
};

// A text of any length: the beginning is shown, the rest on demand; huge ones open in a window of their own.
class TextBlock : public QWidget
{
    Q_OBJECT
public:
    enum class Look { Markdown, Plain, Code, Quiet };
    TextBlock(Theme *theme, Look look, QWidget *parent = nullptr);
    void setText(const QString &text);
    // `text` is what was shown, with more at its end; anything else starts over. Cheap while only the end grows.
    void stream(const QString &text);
    const QString &text() const { return m_text; }
    void setLook(Look look);
    // Characters shown before "Show all"; 6 000 at first.
    void setLimit(qsizetype characters, int lines = 60);

    // What a tool gave, as it reads best: tables as tables, the rest as code.
    void setToolText(const QString &text);

    static constexpr qsizetype MostInline = 60'000;  // more opens a window
    static constexpr qsizetype MostStreamed = 20'000; // shown live

private:
    void show(const QString &part);
    void showFinal();
    void updateMore(qsizetype shown);
    void toggle();
    Theme *m_theme;
    Look m_look;
    QVBoxLayout *m_layout;
    MarkdownView *m_markdown = nullptr;
    PlainText *m_plain = nullptr;
    LinkLabel *m_more = nullptr;
    QString m_text;
    qsizetype m_limit = 6'000;
    int m_lines = 60;
    qsizetype m_streamed = -1; // characters handed on while streaming; -1: not streaming
    bool m_expanded = false;
};

} // namespace lathe
