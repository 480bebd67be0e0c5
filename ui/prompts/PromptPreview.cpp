// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/PromptPreview.h"

#include "core/prompt/TokenEstimate.h"
#include "core/session/PromptBench.h"
#include "ui/itemmodels/Format.h"
#include "ui/prompts/SampleFields.h"
#include "ui/prompts/SampleSource.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/ScrollColumn.h"
#include "ui/widgets/SectionHeader.h"

#include <QClipboard>
#include <QCoreApplication>
#include <QDropEvent>
#include <QGuiApplication>
#include <QMimeData>
#include <QPainter>
#include <QPointer>
#include <QScrollArea>
#include <QScrollBar>
#include <QTextCursor>
#include <QThreadPool>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr qsizetype AtOnce = 8000; // characters that are rendered without a thread
constexpr int MostFieldHeight = 260;

QString money(double dollars)
{
    if (dollars <= 0)
        return PromptPreview::tr("free");
    return QLatin1Char('$') + QString::number(dollars, 'f', dollars >= 0.995 ? 2 : dollars >= 0.01 ? 3 : dollars >= 0.0001 ? 5 : 7);
}
}

PromptPreview::PromptPreview(Session *session, Theme *theme, ArtifactId prompt, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_prompt(prompt)
{
    setObjectName(QStringLiteral("prompt-preview"));
    setAcceptDrops(true);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *header = new SectionHeader(theme, tr("As the model sees it"), SectionHeader::Level::Panel, this);
    m_size = new Label(theme, QString(), Label::Style::Caption, this);
    m_size->setObjectName(QStringLiteral("prompt-tokens"));
    header->addAction(m_size);
    auto *copy = new IconButton(theme, QStringLiteral("copy"), tr("Copy the rendered prompt"), this);
    copy->setObjectName(QStringLiteral("prompt-preview-copy"));
    copy->setCompact(true);
    header->addAction(copy);
    layout->addWidget(header);
    auto *sourceBox = new QWidget(this);
    auto *sourceLine = new QVBoxLayout(sourceBox);
    sourceLine->setContentsMargins(metrics::Margin, 0, metrics::Margin, metrics::Gap);
    m_source = new SampleSource(session, theme, prompt, sourceBox);
    sourceLine->addWidget(m_source);
    layout->addWidget(sourceBox);
    m_scroll = new QScrollArea(this);
    auto *page = new QWidget(m_scroll);
    auto *pageLayout = new QVBoxLayout(page);
    pageLayout->setContentsMargins(metrics::Margin, 0, metrics::Margin, metrics::Gap);
    m_fields = new SampleFields(theme, page);
    pageLayout->addWidget(m_fields);
    pageLayout->addStretch(1);
    page->installEventFilter(this);
    fillScrollColumn(m_scroll, page);
    layout->addWidget(m_scroll);
    m_messageBox = new QWidget(this);
    auto *messageLayout = new QVBoxLayout(m_messageBox);
    messageLayout->setContentsMargins(metrics::Margin, 0, metrics::Margin, metrics::Gap);
    m_message = new InlineMessage(theme, Severity::Warning, QString(), m_messageBox);
    m_message->setObjectName(QStringLiteral("prompt-preview-message"));
    messageLayout->addWidget(m_message);
    m_messageBox->hide();
    layout->addWidget(m_messageBox);
    m_text = new CodeEditor(theme, this);
    m_text->setObjectName(QStringLiteral("prompt-preview-text"));
    m_text->setAccessibleName(tr("The rendered prompt"));
    m_text->setReadOnly(true);
    m_text->setUndoRedoEnabled(false);
    m_text->setAcceptDrops(false); // what is dropped on it is for the panel
    m_text->setLineNumbersVisible(false);
    m_text->setFrameShape(QFrame::NoFrame);
    m_text->document()->setDocumentMargin(metrics::Margin); // in line with the heading above
    m_text->setTokenizer([theme](const QString &line) {
        std::vector<Span> spans;
        if (line.startsWith(QLatin1String("\u2500\u2500 "))) {
            Span span;
            span.length = int(line.size());
            span.format.setForeground(theme->tokens().text3);
            spans.push_back(span);
        }
        return spans;
    });
    layout->addWidget(m_text, 1);
    connect(copy, &QAbstractButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(m_text->text());
        Q_EMIT statusMessage(tr("Copied the rendered prompt."));
    });
    connect(m_fields, &SampleFields::edited, this, [this] {
        m_source->useByHand();
        m_save.start();
        render();
    });
    connect(m_source, &SampleSource::taken, this, [this](const QJsonObject &values) {
        m_fields->setValues(values);
        m_save.start();
        render();
    });
    connect(m_source, &SampleSource::errorRaised, this, &PromptPreview::errorRaised);
    m_fields->setValues(session->project().setting(QStringLiteral("ui/prompt/samples/%1").arg(prompt.value)).toObject());
    m_save.setSingleShot(true);
    m_save.setInterval(500);
    connect(&m_save, &QTimer::timeout, this, &PromptPreview::saveSamples);
    connect(theme, &Theme::changed, this, [this] {
        m_text->rehighlight();
        update();
    });
}

PromptPreview::~PromptPreview()
{
    if (m_save.isActive())
        saveSamples();
}

void PromptPreview::saveSamples()
{
    if (!m_session->project().isReadOnly())
        m_session->project().setSetting(QStringLiteral("ui/prompt/samples/%1").arg(m_prompt.value), m_fields->values());
}

QString PromptPreview::text() const
{
    return m_text->text();
}

const QJsonObject &PromptPreview::samples() const
{
    return m_fields->values();
}

void PromptPreview::takeValues(const QJsonObject &values)
{
    m_source->useByHand();
    m_fields->setValues(values);
    m_save.start();
    render();
}

void PromptPreview::setBody(const QJsonObject &body)
{
    auto spec = PromptSpec::fromJson(body);
    if (!spec) {
        m_spec.reset();
        m_message->setMessage(Severity::Error, spec.error().message);
        m_messageBox->show();
        return;
    }
    m_spec = std::move(*spec);
    // The variables of prompts that this one uses are filled here as well.
    const auto whole = expandPrompt(*m_spec, QString(), promptPartials(m_session));
    const PromptSpec &shown = whole ? *whole : *m_spec;
    QStringList names;
    for (const PromptVariable &variable : shown.variables) {
        if (!names.contains(variable.name))
            names.append(variable.name);
    }
    for (const QString &name : templateVariables(shown)) {
        if (!names.contains(name))
            names.append(name);
    }
    m_fields->setVariables(names, shown);
    m_scroll->setVisible(!names.isEmpty());
    fitFields();
    render();
}

void PromptPreview::fitFields()
{
    const int wanted = m_scroll->widget()->sizeHint().height();
    m_scroll->setFixedHeight(std::min({wanted, MostFieldHeight, std::max(80, height() / 2)}));
}

void PromptPreview::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fitFields();
}

bool PromptPreview::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::LayoutRequest && watched == m_scroll->widget())
        QMetaObject::invokeMethod(this, &PromptPreview::fitFields, Qt::QueuedConnection);
    return QWidget::eventFilter(watched, event);
}

PromptPreview::Shown PromptPreview::make(const PromptSpec &spec, const QString &name, const PartialSource &partials, const QJsonObject &values)
{
    Shown shown;
    const auto whole = expandPrompt(spec, name, partials);
    if (!whole) {
        shown.rendered = whole.error();
        return shown;
    }
    shown.rendered = renderPrompt(*whole, values);
    if (!shown.rendered)
        return shown;
    shown.rendered->undefined.removeAll(QStringLiteral("input"));
    shown.text = shown.rendered->system;
    shown.tokens = estimateTokens(shown.text);
    for (const PromptMessage &message : shown.rendered->messages) {
        shown.text += QStringLiteral("\n\n\u2500\u2500 %1 \u2500\u2500\n").arg(message.role) + message.text;
        shown.tokens += estimateTokens(message.text) + 4; // what marks a turn
    }
    return shown;
}

void PromptPreview::render()
{
    if (!m_spec)
        return;
    const auto own = m_session->project().artifacts().info(m_prompt);
    const QString name = own ? own->name : QString();
    const PartialSource partials = promptPartialsCopy(*m_session, *m_spec);
    const quint64 asked = ++m_asked;
    qsizetype size = m_spec->text.size();
    for (const PromptMessage &message : m_spec->messages)
        size += message.text.size();
    if (size <= AtOnce && !usesPartials(*m_spec))
        return show(make(*m_spec, name, partials, m_fields->values()));
    QThreadPool::globalInstance()->start([self = QPointer<PromptPreview>(this), asked, spec = *m_spec, name, partials, values = m_fields->values()] {
        QMetaObject::invokeMethod(QCoreApplication::instance(), [self, asked, shown = make(spec, name, partials, values)] {
            if (self && self->m_asked == asked)
                self->show(shown);
        }, Qt::QueuedConnection);
    });
}

// Only what differs is put in anew: a letter in 100 kB costs a letter.
void PromptPreview::replaceShown(const QString &text)
{
    const QString now = m_text->text();
    if (now == text)
        return;
    const int scroll = m_text->verticalScrollBar()->value();
    qsizetype head = 0, tail = 0;
    const qsizetype least = std::min(now.size(), text.size());
    while (head < least && now[head] == text[head])
        ++head;
    while (tail < least - head && now[now.size() - 1 - tail] == text[text.size() - 1 - tail])
        ++tail;
    if (head > 0 && text[head - 1].isHighSurrogate())
        --head;
    if (tail > 0 && text[text.size() - tail].isLowSurrogate())
        --tail;
    // Long lines are shown in pieces, where places count differently; and where most is new, nothing is gained.
    if (now.isEmpty() || text.size() - head - tail > text.size() / 2 || m_text->document()->characterCount() - 1 != int(now.size())) {
        m_text->setText(text);
    } else {
        QTextCursor cursor(m_text->document());
        cursor.setPosition(int(head));
        cursor.setPosition(int(now.size() - tail), QTextCursor::KeepAnchor);
        cursor.insertText(text.mid(head, text.size() - head - tail));
    }
    m_text->verticalScrollBar()->setValue(scroll);
}

void PromptPreview::show(const Shown &shown)
{
    if (!shown.rendered) {
        m_message->setMessage(Severity::Error, shown.rendered.error().message);
        m_messageBox->show();
        return;
    }
    replaceShown(shown.text);
    m_tokens = int(std::min<qint64>(shown.tokens, INT_MAX));
    showCost();
    QStringList words;
    if (!shown.rendered->missing.isEmpty())
        words.append(tr("No value yet for %1.").arg(shown.rendered->missing.join(QLatin1String(", "))));
    if (!shown.rendered->undefined.isEmpty())
        words.append(tr("Not declared: %1.").arg(shown.rendered->undefined.join(QLatin1String(", "))));
    m_message->setMessage(Severity::Warning, words.join(QLatin1Char(' ')));
    m_messageBox->setVisible(!words.isEmpty());
}

void PromptPreview::showCost()
{
    // What each of the agents' models takes for these tokens, one line a model.
    m_costText.clear();
    QStringList lines{tr("An estimate by kinds of letters; each model counts a little differently.")};
    QStringList seen;
    for (const PromptUser &user : promptUsers(*m_session, m_prompt, true)) {
        const QString model = user.model.toString();
        if (user.model.connection.isEmpty() || seen.contains(model))
            continue;
        seen.append(model);
        const auto price = inputPrice(*m_session, user.model);
        const QString cost = price ? money(*price * m_tokens / 1e6) : tr("price not known");
        if (price && m_costText.isEmpty())
            m_costText = *price > 0 ? tr("about %1 a call").arg(cost) : cost;
        lines.append(tr("%1 with %2: %3").arg(user.name, model, cost));
    }
    if (seen.isEmpty())
        lines.append(tr("No agent uses this prompt, so there is no price."));
    m_size->setText(m_costText.isEmpty() ? tr("about %1 tokens").arg(format::number(m_tokens))
                                         : tr("about %1 tokens, %2").arg(format::number(m_tokens), m_costText));
    m_size->setToolTip(lines.join(QLatin1Char('\n')));
}

void PromptPreview::dragEnterEvent(QDragEnterEvent *event)
{
    if (!SampleSource::canTake(event->mimeData()))
        return;
    m_dropHere = true;
    update();
    event->acceptProposedAction();
}

void PromptPreview::dragMoveEvent(QDragMoveEvent *event)
{
    if (SampleSource::canTake(event->mimeData()))
        event->acceptProposedAction();
}

void PromptPreview::dragLeaveEvent(QDragLeaveEvent *)
{
    m_dropHere = false;
    update();
}

void PromptPreview::dropEvent(QDropEvent *event)
{
    m_dropHere = false;
    update();
    const auto values = m_source->valuesOf(event->mimeData());
    if (!values)
        return Q_EMIT statusMessage(tr("That run is no longer there, so it gives no sample."));
    event->acceptProposedAction();
    takeValues(*values);
    Q_EMIT statusMessage(tr("Took the input as sample values."));
}

void PromptPreview::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().surface);
    if (m_dropHere) {
        painter.setRenderHint(QPainter::Antialiasing);
        paint::roundedBox(painter, rect().adjusted(2, 2, -2, -2), metrics::Radius, withAlpha(m_theme->tokens().accent, 0.08), m_theme->tokens().accent, 2);
    }
}

} // namespace lathe
