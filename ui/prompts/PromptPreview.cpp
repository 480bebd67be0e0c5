// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/PromptPreview.h"

#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/SectionHeader.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPainter>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int MostFields = 24;

// Models cut text into pieces of about four bytes; the true number depends on the model.
int estimateTokens(const QString &text)
{
    return int((text.toUtf8().size() + 3) / 4);
}
}

PromptPreview::PromptPreview(Session *session, Theme *theme, ArtifactId prompt, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_prompt(prompt)
{
    setObjectName(QStringLiteral("prompt-preview"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *header = new SectionHeader(theme, tr("As the model sees it"), SectionHeader::Level::Panel, this);
    m_size = new Label(theme, QString(), Label::Style::Caption, this);
    m_size->setObjectName(QStringLiteral("prompt-tokens"));
    m_size->setToolTip(tr("An estimate: four bytes a token"));
    header->addAction(m_size);
    auto *copy = new IconButton(theme, QStringLiteral("copy"), tr("Copy the rendered prompt"), this);
    copy->setObjectName(QStringLiteral("prompt-preview-copy"));
    copy->setCompact(true);
    header->addAction(copy);
    layout->addWidget(header);
    m_fieldBox = new QWidget(this);
    m_fieldRows = new QVBoxLayout(m_fieldBox);
    m_fieldRows->setContentsMargins(metrics::Margin, 0, metrics::Margin, metrics::Gap);
    m_fieldRows->setSpacing(metrics::GapSmall);
    layout->addWidget(m_fieldBox);
    auto *messageBox = new QWidget(this);
    auto *messageLayout = new QVBoxLayout(messageBox);
    messageLayout->setContentsMargins(metrics::Margin, 0, metrics::Margin, metrics::Gap);
    m_message = new InlineMessage(theme, Severity::Warning, QString(), messageBox);
    m_message->setObjectName(QStringLiteral("prompt-preview-message"));
    messageLayout->addWidget(m_message);
    m_message->hide();
    layout->addWidget(messageBox);
    m_text = new CodeEditor(theme, this);
    m_text->setObjectName(QStringLiteral("prompt-preview-text"));
    m_text->setAccessibleName(tr("The rendered prompt"));
    m_text->setReadOnly(true);
    m_text->setLineNumbersVisible(false);
    m_text->setFrameShape(QFrame::NoFrame);
    m_text->document()->setDocumentMargin(metrics::Margin); // in line with the heading above
    layout->addWidget(m_text, 1);
    connect(copy, &QAbstractButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(m_text->text());
        Q_EMIT statusMessage(tr("Copied the rendered prompt."));
    });
    m_samples = session->project().setting(QStringLiteral("ui/prompt/samples/%1").arg(prompt.value)).toObject();
    m_save.setSingleShot(true);
    m_save.setInterval(500);
    connect(&m_save, &QTimer::timeout, this, &PromptPreview::saveSamples);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

PromptPreview::~PromptPreview()
{
    if (m_save.isActive())
        saveSamples();
}

void PromptPreview::saveSamples()
{
    if (!m_session->project().isReadOnly())
        m_session->project().setSetting(QStringLiteral("ui/prompt/samples/%1").arg(m_prompt.value), m_samples);
}

QString PromptPreview::text() const
{
    return m_text->text();
}

void PromptPreview::setBody(const QJsonObject &body)
{
    const auto spec = PromptSpec::fromJson(body);
    if (!spec) {
        m_spec.reset();
        m_message->setMessage(Severity::Error, spec.error().message);
        m_message->show();
        return;
    }
    m_spec = *spec;
    QStringList names;
    for (const PromptVariable &variable : spec->variables) {
        if (!names.contains(variable.name))
            names.append(variable.name);
    }
    for (const QString &name : templateVariables(spec->text)) {
        if (!names.contains(name))
            names.append(name);
    }
    fillFields(names.mid(0, MostFields), *spec);
    render();
}

void PromptPreview::fillFields(const QStringList &names, const PromptSpec &spec)
{
    if (names != m_names) {
        m_names = names;
        // A field that goes on keeps its text and its cursor.
        QHash<QString, QWidget *> rows;
        while (QLayoutItem *item = m_fieldRows->takeAt(0)) {
            rows.insert(item->widget()->property("variable").toString(), item->widget());
            delete item;
        }
        for (const QString &name : names) {
            QWidget *row = rows.take(name);
            if (!row) {
                row = new QWidget(m_fieldBox);
                row->setProperty("variable", name);
                auto *line = new QHBoxLayout(row);
                line->setContentsMargins(0, 0, 0, 0);
                line->setSpacing(metrics::Gap);
                auto *label = new Label(m_theme, name, Label::Style::Secondary, row);
                label->setTextFormat(Qt::PlainText);
                label->setFixedWidth(96);
                label->setToolTip(name);
                auto *field = new QLineEdit(row);
                field->setObjectName(QStringLiteral("prompt-sample-") + name);
                field->setAccessibleName(tr("Sample value of %1").arg(name));
                field->setText(m_samples.value(name).toString());
                label->setBuddy(field);
                line->addWidget(label);
                line->addWidget(field, 1);
                m_fields.insert(name, field);
                connect(field, &QLineEdit::textEdited, this, [this, name](const QString &text) {
                    if (text.isEmpty())
                        m_samples.remove(name);
                    else
                        m_samples.insert(name, text);
                    m_save.start();
                    render();
                });
            }
            m_fieldRows->addWidget(row);
            row->show();
        }
        for (auto it = rows.constBegin(); it != rows.constEnd(); ++it) {
            m_fields.remove(it.key());
            it.value()->hide();
            it.value()->deleteLater();
        }
        m_fieldBox->setVisible(!names.isEmpty());
    }
    for (QLineEdit *field : std::as_const(m_fields))
        field->setPlaceholderText(tr("not declared"));
    for (const PromptVariable &variable : spec.variables) {
        if (QLineEdit *field = m_fields.value(variable.name))
            field->setPlaceholderText(!variable.defaultValue.isEmpty() ? tr("default: %1").arg(format::oneLine(variable.defaultValue, 60))
                                      : variable.required            ? tr("required")
                                                                     : tr("optional"));
    }
}

void PromptPreview::render()
{
    if (!m_spec)
        return;
    const auto rendered = renderPrompt(*m_spec, m_samples);
    if (!rendered) {
        m_message->setMessage(Severity::Error, rendered.error().message);
        m_message->show();
        return;
    }
    if (m_text->text() != rendered->system)
        m_text->setText(rendered->system);
    m_tokens = estimateTokens(rendered->system);
    m_size->setText(tr("about %1 tokens").arg(format::number(m_tokens)));
    QStringList words;
    if (!rendered->missing.isEmpty())
        words.append(tr("No value yet for %1.").arg(rendered->missing.join(QLatin1String(", "))));
    if (!rendered->undefined.isEmpty())
        words.append(tr("Not declared: %1.").arg(rendered->undefined.join(QLatin1String(", "))));
    m_message->setMessage(Severity::Warning, words.join(QLatin1Char(' ')));
    m_message->setVisible(!words.isEmpty());
}

void PromptPreview::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().surface);
}

} // namespace lathe
