// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/AnswerText.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/MarkdownView.h"
#include "ui/widgets/TextWindow.h"

#include <QAbstractTextDocumentLayout>
#include <QEvent>
#include <QTextBrowser>
#include <QWheelEvent>

#include <cmath>

namespace lathe {

namespace {
constexpr int linkHeight = 24;
constexpr qsizetype mostJson = 40'000; // characters that are parsed to be indented

class Plain : public QTextBrowser
{
public:
    using QTextBrowser::QTextBrowser;

protected:
    void wheelEvent(QWheelEvent *event) override { event->ignore(); } // the area around scrolls
};

// Never inside a surrogate pair.
QString cut(const QString &text, qsizetype most)
{
    if (text.size() <= most)
        return text;
    return text.left(text[most - 1].isHighSurrogate() ? most - 1 : most);
}

// As it is rendered: JSON as an indented block, all else as it is.
QString asMarkdown(const QString &text)
{
    const QString bare = text.trimmed();
    const bool looks = bare.size() > 1 && bare.size() <= mostJson
                       && ((bare.startsWith(QLatin1Char('{')) && bare.endsWith(QLatin1Char('}')))
                           || (bare.startsWith(QLatin1Char('[')) && bare.endsWith(QLatin1Char(']'))));
    if (!looks)
        return text;
    const auto value = json::parse(bare.toUtf8());
    return value ? QStringLiteral("```json\n%1\n```").arg(QString::fromUtf8(json::pretty(*value)).trimmed())
                 : text;
}
} // namespace

AnswerText::AnswerText(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_clip(new QWidget(this))
{
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    connect(theme, &Theme::changed, this, &AnswerText::applyTheme);
}

QTextBrowser *AnswerText::plain()
{
    if (m_plain)
        return m_plain;
    m_plain = new Plain(m_clip);
    m_plain->setObjectName(QStringLiteral("answer-plain"));
    m_plain->setAccessibleName(tr("Answer"));
    m_plain->setFrameShape(QFrame::NoFrame);
    m_plain->setOpenLinks(false);
    m_plain->setUndoRedoEnabled(false);
    m_plain->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    m_plain->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_plain->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_plain->viewport()->setAutoFillBackground(false);
    m_plain->document()->setDocumentMargin(0);
    m_plain->setFont(m_theme->uiFont());
    connect(m_plain->document()->documentLayout(), &QAbstractTextDocumentLayout::documentSizeChanged, this,
            &AnswerText::arrange);
    m_plain->setGeometry(0, 0, width(), 18);
    m_plain->show();
    applyTheme();
    return m_plain;
}

void AnswerText::applyTheme()
{
    if (!m_plain)
        return;
    QPalette own = m_plain->palette();
    own.setColor(QPalette::Text, m_theme->tokens().text);
    own.setColor(QPalette::Base, Qt::transparent);
    m_plain->setPalette(own);
}

QWidget *AnswerText::shown() const
{
    return m_markdown ? static_cast<QWidget *>(m_markdown) : m_plain;
}

void AnswerText::stream(const QString &text)
{
    const bool grows = m_streamed >= 0 && text.size() >= m_text.size() && text.startsWith(m_text);
    m_text = text;
    delete std::exchange(m_markdown, nullptr);
    QTextBrowser *view = plain();
    view->setFont(m_theme->uiFont());
    const QString part = cut(text, MostStreamed);
    if (!grows) {
        view->setPlainText(part);
    } else if (part.size() > m_streamed) {
        QTextCursor end(view->document());
        end.movePosition(QTextCursor::End);
        end.insertText(part.mid(m_streamed));
    }
    m_streamed = part.size();
    arrange();
}

void AnswerText::finish(const QString &text)
{
    if (m_streamed < 0 && m_text == text && shown())
        return;
    m_text = text;
    m_streamed = -1;
    showFinal();
}

void AnswerText::setRaw(bool raw)
{
    if (raw == m_raw)
        return;
    m_raw = raw;
    if (m_streamed < 0)
        showFinal();
}

void AnswerText::setTallest(int pixels)
{
    if (pixels == m_tallest)
        return;
    m_tallest = pixels;
    arrange();
}

void AnswerText::showFinal()
{
    if (m_raw) {
        delete std::exchange(m_markdown, nullptr);
        QTextBrowser *view = plain();
        view->setFont(m_theme->shapedCodeFont());
        view->setPlainText(cut(m_text, MostInline));
    } else {
        delete std::exchange(m_plain, nullptr);
        if (!m_markdown) {
            m_markdown = new MarkdownView(m_theme, m_clip);
            m_markdown->setObjectName(QStringLiteral("answer-markdown"));
            m_markdown->setAccessibleName(tr("Answer"));
            m_markdown->installEventFilter(this);
            m_markdown->setGeometry(0, 0, width(), 18);
            connect(m_markdown, &MarkdownView::fullTextRequested, this,
                    [this] { (new TextWindow(m_theme, tr("Answer"), m_text, this))->show(); });
            m_markdown->show();
        }
        m_markdown->setMarkdownText(asMarkdown(cut(m_text, MostInline)));
    }
    arrange();
}

void AnswerText::arrange()
{
    if (m_arranging || !shown())
        return;
    m_arranging = true;
    int height = 18;
    if (m_markdown) {
        if (m_markdown->width() != width())
            m_markdown->resize(width(), m_markdown->height());
        height = m_markdown->height();
    } else {
        if (m_plain->width() != width())
            m_plain->resize(width(), m_plain->height());
        height = std::max(18, int(std::ceil(m_plain->document()->size().height())));
        m_plain->resize(width(), height);
    }
    const bool cutText = m_streamed < 0 ? m_text.size() > MostInline : false;
    const bool tooTall = m_tallest > 0 && height > m_tallest + linkHeight && !m_expanded;
    const bool link =
        cutText || tooTall || (m_expanded && m_tallest > 0 && height > m_tallest + linkHeight);
    if (link && !m_more) {
        m_more = new LinkLabel(m_theme, QString(), this);
        m_more->setObjectName(QStringLiteral("answer-more"));
        connect(m_more, &LinkLabel::clicked, this, [this] {
            if (m_text.size() > MostInline && (m_expanded || m_tallest == 0)) {
                (new TextWindow(m_theme, tr("Answer"), m_text, this))->show();
                return;
            }
            m_expanded = !m_expanded;
            arrange();
        });
    }
    if (m_more) {
        m_more->setText(!tooTall && cutText
                            ? tr("Open all %1 characters").arg(format::number(m_text.size()))
                        : tooTall ? tr("Show all")
                                  : tr("Show less"));
        m_more->setVisible(link);
    }
    const int visible = tooTall ? m_tallest : height;
    if (m_more && link) {
        m_more->setGeometry(0, visible, std::min(width(), m_more->sizeHint().width()), linkHeight);
        m_more->raise();
    }
    m_clip->setGeometry(0, 0, width(), visible); // what is cut ends above the link
    setFixedHeight(visible + (link ? linkHeight : 0));
    m_arranging = false;
}

void AnswerText::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    arrange();
}

bool AnswerText::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_markdown && event->type() == QEvent::Resize)
        arrange();
    return QWidget::eventFilter(watched, event);
}

} // namespace lathe
