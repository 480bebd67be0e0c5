// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/TextBlock.h"

#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/MarkdownView.h"
#include "ui/widgets/TextWindow.h"

#include <QAbstractTextDocumentLayout>
#include <QVBoxLayout>
#include <QWheelEvent>

#include <cmath>

namespace lathe {

namespace {
// Where to cut so that neither characters nor lines are too many; never inside a surrogate pair.
qsizetype cutAt(const QString &text, qsizetype limit, int mostLines)
{
    qsizetype end = std::min(limit, text.size());
    int lines = 0;
    for (qsizetype i = 0; i < end; ++i) {
        if (text[i] == QLatin1Char('\n') && ++lines >= mostLines)
            return i;
    }
    if (end < text.size() && end > 0 && text[end - 1].isHighSurrogate())
        --end;
    return end;
}
}

PlainText::PlainText(Theme *theme, ColorToken color, bool code, QWidget *parent)
    : QTextBrowser(parent), m_theme(theme), m_color(color)
{
    setFrameShape(QFrame::NoFrame);
    setOpenLinks(false);
    setFocusPolicy(Qt::ClickFocus); // nothing in it is for the keyboard: it is shown whole
    setUndoRedoEnabled(false);
    setFont(code ? theme->shapedCodeFont() : theme->uiFont());
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    viewport()->setAutoFillBackground(false);
    document()->setDocumentMargin(0);
    connect(document()->documentLayout(), &QAbstractTextDocumentLayout::documentSizeChanged, this, &PlainText::updateHeight);
    connect(theme, &Theme::changed, this, &PlainText::applyTheme);
    applyTheme();
}

void PlainText::applyTheme()
{
    QPalette own = palette();
    own.setColor(QPalette::Text, m_theme->color(m_color));
    setPalette(own);
}

void PlainText::updateHeight()
{
    setFixedHeight(std::max(18, int(std::ceil(document()->size().height()))));
}

void PlainText::resizeEvent(QResizeEvent *event)
{
    QTextBrowser::resizeEvent(event);
    updateHeight();
}

void PlainText::wheelEvent(QWheelEvent *event)
{
    event->ignore(); // the area around scrolls
}

TextBlock::TextBlock(Theme *theme, Look look, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_look(look), m_layout(new QVBoxLayout(this))
{
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(metrics::GapSmall);
}

void TextBlock::setToolText(const QString &text)
{
    const QStringView start = QStringView(text).left(4000);
    const qsizetype line = start.indexOf(QLatin1Char('\n'));
    const bool table = line > 0 && start.startsWith(QLatin1Char('|')) && start.mid(line + 1).startsWith(QLatin1String("| ---"));
    setLook(table ? Look::Markdown : Look::Code);
    QString shown = text;
    if (table) { // what follows the last row is not a row
        const qsizetype last = shown.lastIndexOf(QLatin1String("\n|"));
        const qsizetype end = last < 0 ? -1 : shown.indexOf(QLatin1Char('\n'), last + 1);
        if (end > 0)
            shown.insert(end, QLatin1Char('\n'));
    }
    setText(shown);
}

void TextBlock::setLook(Look look)
{
    if (look == m_look)
        return;
    m_look = look;
    delete std::exchange(m_markdown, nullptr);
    delete std::exchange(m_plain, nullptr);
    m_streamed = -1;
    showFinal();
}

void TextBlock::setLimit(qsizetype characters, int lines)
{
    m_limit = characters;
    m_lines = lines;
}

void TextBlock::show(const QString &part)
{
    if (m_look == Look::Markdown) {
        if (!m_markdown) {
            m_markdown = new MarkdownView(m_theme, this);
            m_layout->insertWidget(0, m_markdown);
        }
        m_markdown->setMarkdownText(part);
        return;
    }
    if (!m_plain) {
        m_plain = new PlainText(m_theme, m_look == Look::Quiet ? ColorToken::Text2 : ColorToken::Text, m_look == Look::Code, this);
        m_layout->insertWidget(0, m_plain);
    }
    m_plain->setPlainText(part);
}

void TextBlock::setText(const QString &text)
{
    const bool same = m_streamed == text.size() && m_text.size() == text.size() && m_text == text;
    m_text = text;
    if (same && m_markdown && text.size() <= m_limit) {
        m_streamed = -1;
        m_markdown->finish();
        return;
    }
    m_streamed = -1;
    showFinal();
}

void TextBlock::showFinal()
{
    const qsizetype shown = m_expanded ? std::min(m_text.size(), MostInline) : cutAt(m_text, m_limit, m_lines);
    show(shown == m_text.size() ? m_text : m_text.left(shown));
    updateMore(shown);
}

void TextBlock::stream(const QString &text)
{
    const bool grows = m_streamed >= 0 && text.size() >= m_text.size() && text.startsWith(QStringView(m_text).left(64));
    m_text = text;
    if (!grows) {
        const qsizetype first = std::min(text.size(), MostStreamed);
        show(first == text.size() ? text : text.left(first));
        m_streamed = first;
    } else if (m_streamed < MostStreamed && text.size() > m_streamed) {
        const qsizetype to = std::min(text.size(), MostStreamed);
        const QString piece = text.mid(m_streamed, to - m_streamed);
        if (m_markdown) {
            m_markdown->appendText(piece);
        } else {
            QTextCursor end(m_plain->document());
            end.movePosition(QTextCursor::End);
            end.insertText(piece);
        }
        m_streamed = to;
    }
    if (text.size() > MostStreamed)
        updateMore(MostStreamed);
    else if (m_more)
        m_more->hide();
}

void TextBlock::updateMore(qsizetype shown)
{
    const bool cut = shown < m_text.size();
    if (!cut && !m_expanded) {
        if (m_more)
            m_more->hide();
        return;
    }
    if (!m_more) {
        m_more = new LinkLabel(m_theme, QString(), this);
        m_more->setObjectName(QStringLiteral("show-all"));
        m_layout->addWidget(m_more, 0, Qt::AlignLeft);
        connect(m_more, &LinkLabel::clicked, this, &TextBlock::toggle);
    }
    m_more->setText(!cut || (m_expanded && m_text.size() <= MostInline)
                        ? tr("Show less")
                        : tr("Show all %1 characters").arg(format::number(m_text.size())));
    m_more->show();
}

void TextBlock::toggle()
{
    if (m_text.size() > MostInline || m_streamed >= 0) {
        auto *window = new TextWindow(m_theme, tr("Text"), m_text, this);
        window->show();
        return;
    }
    m_expanded = !m_expanded;
    showFinal();
}

} // namespace lathe
