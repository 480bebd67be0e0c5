// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/MarkdownView.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/MarkdownWriter.h"
#include "ui/widgets/SoftBreaks.h"

#include <QAbstractTextDocumentLayout>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QElapsedTimer>
#include <QGuiApplication>
#include <QLocale>
#include <QMenu>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextTable>

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {
constexpr int FrameMs = 16;
constexpr int SlowestMs = 500;
constexpr int MoreHeight = 28;
constexpr int CodePadding = 10;
}

MarkdownView::MarkdownView(Theme *theme, QWidget *parent)
    : QTextBrowser(parent),
      m_theme(theme),
      m_content(theme, document()),
      m_copy(new IconButton(theme, QStringLiteral("copy"), tr("Copy code"), viewport()))
{
    setFrameShape(QFrame::NoFrame);
    setOpenLinks(false);
    setFont(theme->uiFont());
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    viewport()->setAutoFillBackground(false); // lies on whatever panel it is in
    viewport()->setMouseTracking(true);
    m_copy->setCompact(true);
    m_copy->setFocusPolicy(Qt::NoFocus);
    m_copy->setCursor(Qt::ArrowCursor);
    m_copy->hide();
    m_timer.setSingleShot(true);
    m_timer.setInterval(FrameMs);
    connect(&m_timer, &QTimer::timeout, this, &MarkdownView::flush);
    connect(m_copy, &IconButton::clicked, this, [this] {
        if (m_hovered)
            QGuiApplication::clipboard()->setText(codeOf(m_hovered));
        m_copy->setIconName(QStringLiteral("check"), ColorToken::Ok);
        QTimer::singleShot(1200, m_copy, [this] { m_copy->setIconName(QStringLiteral("copy")); });
    });
    connect(this, &QTextBrowser::anchorClicked, this, &MarkdownView::linkActivated);
    connect(document()->documentLayout(), &QAbstractTextDocumentLayout::documentSizeChanged, this,
            &MarkdownView::updateHeight);
    connect(theme, &Theme::changed, this, &MarkdownView::applyTheme);
    setAutoHeight(true);
}

void MarkdownView::setAutoHeight(bool autoHeight)
{
    m_autoHeight = autoHeight;
    setVerticalScrollBarPolicy(autoHeight ? Qt::ScrollBarAlwaysOff : Qt::ScrollBarAsNeeded);
    setHorizontalScrollBarPolicy(autoHeight ? Qt::ScrollBarAlwaysOff : Qt::ScrollBarAsNeeded);
    setSizePolicy(QSizePolicy::Expanding, autoHeight ? QSizePolicy::Fixed : QSizePolicy::Expanding);
    if (!autoHeight) {
        setMinimumHeight(0);
        setMaximumHeight(QWIDGETSIZE_MAX);
    }
    updateHeight();
}

void MarkdownView::setMarkdownText(const QString &markdown)
{
    m_timer.stop();
    m_copy->hide();
    m_content.setSource(markdown);
    showMore();
    updateHeight();
}

void MarkdownView::appendText(const QString &piece)
{
    m_content.append(piece);
    if (!m_timer.isActive())
        m_timer.start();
}

void MarkdownView::finish()
{
    m_timer.stop();
    m_timer.setInterval(FrameMs);
    m_content.finish();
    showMore();
    updateHeight();
}

void MarkdownView::flush()
{
    QElapsedTimer clock;
    clock.start();
    m_content.update();
    showMore();
    // At most a quarter of the time goes into rendering, whatever arrives.
    m_timer.setInterval(
        static_cast<int>(std::clamp<qint64>(clock.elapsed() * 4, FrameMs, SlowestMs)));
}

void MarkdownView::applyTheme()
{
    m_hovered = nullptr;
    m_copy->hide();
    m_content.rebuild();
    updateHeight();
}

void MarkdownView::showMore()
{
    const qsizetype hidden = m_content.hidden();
    if (hidden > 0) {
        if (!m_more) {
            auto *link = new LinkLabel(m_theme, QString(), this);
            m_more = link;
            connect(link, &LinkLabel::clicked, this, &MarkdownView::fullTextRequested);
            setViewportMargins(0, 0, 0, MoreHeight);
        }
        static_cast<LinkLabel *>(m_more)->setText(
            tr("%1 more characters are not shown. Open the full text")
                .arg(QLocale().toString(hidden)));
        m_more->setGeometry(0, height() - MoreHeight, std::min(width(), m_more->sizeHint().width()),
                            MoreHeight);
        m_more->show();
    } else if (m_more) {
        delete m_more;
        m_more = nullptr;
        setViewportMargins(0, 0, 0, 0);
    }
}

void MarkdownView::updateHeight()
{
    if (!m_autoHeight)
        return;
    const int text = static_cast<int>(std::ceil(document()->size().height()));
    setFixedHeight(std::max(text, 18) + (m_more ? MoreHeight : 0));
}

void MarkdownView::resizeEvent(QResizeEvent *event)
{
    QTextBrowser::resizeEvent(event);
    m_copy->hide();
    if (m_more)
        m_more->setGeometry(0, height() - MoreHeight, std::min(width(), m_more->sizeHint().width()),
                            MoreHeight);
    updateHeight();
}

void MarkdownView::wheelEvent(QWheelEvent *event)
{
    if (m_autoHeight)
        event->ignore(); // the area around scrolls
    else
        QTextBrowser::wheelEvent(event);
}

QVariant MarkdownView::loadResource(int, const QUrl &)
{
    return QVariant(); // nothing in a text is fetched, from the net or from disk
}

void MarkdownView::paintEvent(QPaintEvent *event)
{
    QTextBrowser::paintEvent(event);
    QPainter painter(viewport());
    const Tokens &t = m_theme->tokens();
    const QPointF scroll(horizontalScrollBar()->value(), verticalScrollBar()->value());
    const QRectF visible = QRectF(event->rect()).translated(scroll);
    auto *layout = document()->documentLayout();
    QTextBlock block = cursorForPosition(event->rect().topLeft()).block();
    if (block.previous().isValid())
        block = block.previous();
    for (; block.isValid(); block = block.next()) {
        const QTextBlockFormat format = block.blockFormat();
        const int quotes = format.intProperty(markdownformat::QuoteLevel);
        const bool rule = format.boolProperty(markdownformat::Rule);
        const QRectF rect = layout->blockBoundingRect(block);
        if (rect.top() > visible.bottom())
            break;
        if (quotes == 0 && !rule)
            continue;
        const QRectF shown = rect.translated(-scroll);
        if (rule) {
            painter.fillRect(QRectF(format.leftMargin(), std::round(shown.center().y()),
                                    viewport()->width() - format.leftMargin(), 1),
                             t.line);
            continue;
        }
        // Bars run on through the air between two paragraphs of one quote.
        const bool goesOn =
            block.next().isValid()
            && block.next().blockFormat().intProperty(markdownformat::QuoteLevel) >= quotes;
        const double bottom = shown.bottom() + (goesOn ? format.bottomMargin() : 0);
        for (int level = 0; level < quotes; ++level)
            paint::roundedBox(painter,
                              QRectF(level * markdownformat::QuoteIndent + 2, shown.top(), 3,
                                     bottom - shown.top()),
                              goesOn ? 0 : 1.5, t.lineStrong);
    }
}

QTextTable *MarkdownView::codeTableAt(int position) const
{
    QTextCursor cursor(document());
    cursor.setPosition(position);
    QTextTable *table = cursor.currentTable();
    return table && table->format().boolProperty(markdownformat::CodeBlock) ? table : nullptr;
}

QString MarkdownView::codeOf(QTextTable *table) const
{
    QTextCursor cursor = table->firstCursorPosition();
    cursor.setPosition(table->lastCursorPosition().position(), QTextCursor::KeepAnchor);
    QString code = cursor.selectedText();
    code.replace(QChar::ParagraphSeparator, QLatin1Char('\n'));
    code.replace(QChar::LineSeparator, QLatin1Char('\n'));
    return softbreaks::unwrap(code);
}

QString MarkdownView::codeAt(const QPoint &pos) const
{
    QTextTable *table = codeTableAt(cursorForPosition(pos).position());
    return table ? codeOf(table) : QString();
}

void MarkdownView::placeCopyButton(const QPoint &pos)
{
    QTextTable *table = codeTableAt(cursorForPosition(pos).position());
    m_hovered = table;
    if (!table) {
        m_copy->hide();
        return;
    }
    // From the blocks inside: Qt's rectangle of a table of full width is off by its margins.
    auto *layout = document()->documentLayout();
    const int scroll = verticalScrollBar()->value();
    const double top = layout->blockBoundingRect(table->firstCursorPosition().block()).top()
                       - CodePadding - scroll;
    const double bottom = layout->blockBoundingRect(table->lastCursorPosition().block()).bottom()
                          + CodePadding - scroll;
    if (pos.y() < top || pos.y() > bottom) {
        m_copy->hide();
        return;
    }
    m_copy->move(viewport()->width() - m_copy->width() - 6, std::max(static_cast<int>(top) + 6, 2));
    m_copy->show();
}

void MarkdownView::mouseMoveEvent(QMouseEvent *event)
{
    QTextBrowser::mouseMoveEvent(event);
    if (event->buttons() == Qt::NoButton)
        placeCopyButton(event->position().toPoint());
}

void MarkdownView::leaveEvent(QEvent *event)
{
    m_copy->hide();
    QTextBrowser::leaveEvent(event);
}

void MarkdownView::contextMenuEvent(QContextMenuEvent *event)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    QAction *copy = menu->addAction(tr("Copy"), this, &QTextEdit::copy);
    copy->setEnabled(textCursor().hasSelection());
    const bool byKey = event->reason() == QContextMenuEvent::Keyboard;
    QTextTable *table =
        codeTableAt(byKey ? textCursor().position() : cursorForPosition(event->pos()).position());
    if (table) {
        const QString code = codeOf(table);
        menu->addAction(tr("Copy code block"), this,
                        [code] { QGuiApplication::clipboard()->setText(code); });
    }
    menu->addAction(tr("Copy all as Markdown"), this,
                    [this] { QGuiApplication::clipboard()->setText(m_content.source()); });
    menu->addAction(tr("Select all"), this, &QTextEdit::selectAll);
    menu->popup(event->globalPos());
}

} // namespace lathe
