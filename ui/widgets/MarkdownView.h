// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"
#include "ui/widgets/MarkdownDocument.h"

#include <QTextBrowser>
#include <QTimer>
#include <QUrl>

class QTextTable;

namespace lathe {

class IconButton;

// Rendered Markdown. Text may stream in: pieces are gathered and shown at most once a frame, slower
// when one rendering takes long. Links are reported, never opened here. As tall as its text unless
// setAutoHeight(false).
class MarkdownView : public QTextBrowser
{
    Q_OBJECT
public:
    explicit MarkdownView(Theme *theme, QWidget *parent = nullptr);
    void setMarkdownText(const QString &markdown);
    void appendText(const QString &piece);
    // No more pieces will come; shows what is still waiting.
    void finish();
    QString markdownText() const { return m_content.source(); }
    void setAutoHeight(bool autoHeight);
    // The code of the block at `pos` of the viewport; empty outside of code.
    QString codeAt(const QPoint &pos) const;

Q_SIGNALS:
    // http, https, mailto and lathe: addresses.
    void linkActivated(const QUrl &url);
    // Text longer than MarkdownDocument::MostShown: the person asked for all of it.
    void fullTextRequested();

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    QVariant loadResource(int type, const QUrl &name) override;

private:
    void flush();
    void applyTheme();
    void updateHeight();
    void showMore();
    QTextTable *codeTableAt(int position) const;
    QString codeOf(QTextTable *table) const;
    void placeCopyButton(const QPoint &pos);

    Theme *m_theme;
    MarkdownDocument m_content;
    QTimer m_timer;
    IconButton *m_copy;
    QPointer<QTextTable> m_hovered;
    QWidget *m_more = nullptr;
    bool m_autoHeight = true;
};

} // namespace lathe
