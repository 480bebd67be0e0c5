// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/MessageView.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/runs/JsonBox.h"
#include "ui/runs/MessageImage.h"
#include "ui/runs/StepHeader.h"
#include "ui/runs/TextBlock.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QPainter>
#include <QVBoxLayout>

namespace lathe {

namespace {
QString partText(const QJsonObject &part)
{
    for (const QLatin1String key : {QLatin1String("content"), QLatin1String("response"), QLatin1String("arguments")}) {
        const QJsonValue value = part.value(key);
        if (!value.isUndefined())
            return value.isString() ? value.toString() : json::compactString(value);
    }
    return {};
}

QString roleTitle(const QString &role)
{
    if (role == QLatin1String("system"))
        return MessageView::tr("System");
    if (role == QLatin1String("user"))
        return MessageView::tr("User");
    if (role == QLatin1String("assistant"))
        return MessageView::tr("Assistant");
    return role == QLatin1String("tool") ? MessageView::tr("Tool result") : role.left(40);
}

QString roleIcon(const QString &role)
{
    if (role == QLatin1String("assistant"))
        return QStringLiteral("model");
    if (role == QLatin1String("tool"))
        return QStringLiteral("tool");
    return role == QLatin1String("user") ? QStringLiteral("human") : QStringLiteral("prompt");
}

ColorToken roleColor(const QString &role)
{
    if (role == QLatin1String("assistant"))
        return ColorToken::Model;
    if (role == QLatin1String("tool"))
        return ColorToken::Tool;
    return role == QLatin1String("user") ? ColorToken::Human : ColorToken::Text3;
}
}

MessageView::MessageView(Theme *theme, const QJsonObject &message, bool open, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_message(message)
{
    construct(message.value(QLatin1String("role")).toString(), open);
}

MessageView::MessageView(Theme *theme, const QString &role, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    m_built = true; // nothing to build: it streams
    construct(role, true);
}

void MessageView::construct(const QString &role, bool open)
{
    m_role = role;
    setObjectName(QStringLiteral("message-") + role.left(20));
    setAccessibleName(roleTitle(role));
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(14, 0, 0, 0);
    m_layout->setSpacing(2);
    m_header = new StepHeader(m_theme, this);
    m_header->setTitle(roleIcon(role), roleColor(role), roleTitle(role));
    m_header->setFoldable(true);
    m_raw = new IconButton(m_theme, QStringLiteral("eye"), tr("Show as plain text"), this);
    m_raw->setCheckable(true);
    m_raw->setCompact(true);
    auto *copy = new IconButton(m_theme, QStringLiteral("copy"), tr("Copy the message"), this);
    copy->setCompact(true);
    auto *row = new QHBoxLayout;
    row->setSpacing(metrics::GapSmall);
    row->addWidget(m_header, 1);
    row->addWidget(m_raw);
    row->addWidget(copy);
    m_layout->addLayout(row);
    m_body = new QWidget(this);
    m_bodyLayout = new QVBoxLayout(m_body);
    m_bodyLayout->setContentsMargins(0, 0, 0, 4);
    m_bodyLayout->setSpacing(metrics::GapSmall);
    m_layout->addWidget(m_body);
    connect(m_header, &StepHeader::clicked, this, [this] { setOpen(!m_header->isOpen()); });
    connect(m_raw, &IconButton::toggled, this, &MessageView::setRaw);
    connect(copy, &IconButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(plainText()); });
    connect(m_theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    setOpen(open);
}

void MessageView::setOpen(bool open)
{
    if (open)
        build();
    m_header->setOpen(open);
    m_header->setDetail(open ? QString() : format::oneLine(plainText(), 160));
    m_raw->setVisible(open && !m_rendered.isEmpty());
    m_body->setVisible(open);
}

void MessageView::build()
{
    if (m_built)
        return;
    m_built = true;
    const QJsonArray parts = m_message.value(QLatin1String("parts")).toArray();
    int shown = 0;
    for (const QJsonValue &part : parts) {
        if (++shown > 60) { // a message of a thousand parts is read as JSON
            m_bodyLayout->addWidget(new Label(m_theme, tr("%1 more parts: see Request").arg(parts.size() - 60), Label::Style::Hint, m_body));
            break;
        }
        addPart(part.toObject());
    }
    if (parts.isEmpty())
        m_bodyLayout->addWidget(new Label(m_theme, tr("(empty)"), Label::Style::Hint, m_body));
}

void MessageView::addPart(const QJsonObject &part)
{
    const QString type = part.value(QLatin1String("type")).toString();
    const QString text = partText(part);
    const auto caption = [this](const QString &title) {
        m_bodyLayout->addWidget(new Label(m_theme, title.left(200), Label::Style::Caption, m_body));
    };
    const auto add = [this](TextBlock::Look look, const QString &content) {
        auto *made = new TextBlock(m_theme, look, m_body);
        if (m_role != QLatin1String("assistant")) // the answer is what one comes for
            made->setLimit(1500, 24);
        made->setText(content);
        m_bodyLayout->addWidget(made);
        return made;
    };
    if (type == QLatin1String("reasoning")) {
        caption(tr("Thoughts"));
        add(TextBlock::Look::Quiet, text);
        return;
    }
    if (const QString mime = part.value(QLatin1String("mime_type")).toString();
        type == QLatin1String("blob") && MessageImage::isImageType(mime)) {
        m_bodyLayout->addWidget(new MessageImage(m_theme, text, mime, m_body));
        return;
    }
    if (const QString uri = part.value(QLatin1String("uri")).toString(); !uri.isEmpty()) {
        if (MessageImage::isImage(uri)) {
            m_bodyLayout->addWidget(new MessageImage(m_theme, uri, QString(), m_body));
        } else { // nothing is fetched: who wants to see it, copies the address
            caption(part.value(QLatin1String("mime_type")).toString(tr("Address")));
            add(TextBlock::Look::Code, uri.left(4000));
        }
        return;
    }
    if (MessageImage::isImage(text)) {
        m_bodyLayout->addWidget(new MessageImage(m_theme, text, QString(), m_body));
        return;
    }
    if (type == QLatin1String("blob")) {
        caption(tr("%1, %2").arg(part.value(QLatin1String("mime_type")).toString(), format::bytes(text.size() * 3 / 4)));
        return;
    }
    if (type == QLatin1String("tool_call"))
        caption(tr("Calls %1").arg(part.value(QLatin1String("name")).toString()));
    else if (type == QLatin1String("tool_call_response"))
        caption(part.value(QLatin1String("is_error")).toBool() ? tr("%1 failed").arg(part.value(QLatin1String("name")).toString())
                                                                : part.value(QLatin1String("name")).toString());
    const QJsonValue value = JsonBox::parse(text);
    if (!value.isUndefined()) {
        auto *box = new JsonBox(m_theme, 14, m_body);
        box->show(value);
        m_bodyLayout->addWidget(box);
        return;
    }
    const bool prose = type == QLatin1String("text") && (m_role == QLatin1String("assistant") || m_role == QLatin1String("system"));
    TextBlock *made = add(prose                                    ? TextBlock::Look::Markdown
                          : type == QLatin1String("text")          ? TextBlock::Look::Plain
                                                                   : TextBlock::Look::Code,
                          text);
    if (prose)
        m_rendered.append(made);
}

void MessageView::setRaw(bool raw)
{
    build();
    for (TextBlock *of : std::as_const(m_rendered))
        of->setLook(raw ? TextBlock::Look::Code : TextBlock::Look::Markdown);
}

TextBlock *MessageView::block(TextBlock **at, const QString &title, TextBlock::Look look)
{
    if (!*at) {
        if (!title.isEmpty())
            m_bodyLayout->addWidget(new Label(m_theme, title, Label::Style::Caption, m_body));
        *at = new TextBlock(m_theme, look, m_body);
        m_bodyLayout->addWidget(*at);
    }
    return *at;
}

void MessageView::streamText(const QString &text)
{
    if (text.isEmpty() && !m_text)
        return;
    const bool first = !m_text;
    block(&m_text, QString(), TextBlock::Look::Markdown)->stream(text);
    if (first) {
        m_rendered.append(m_text);
        m_raw->show();
    }
}

void MessageView::streamReasoning(const QString &text)
{
    if (!text.isEmpty())
        block(&m_reasoning, tr("Thoughts"), TextBlock::Look::Quiet)->stream(text);
}

void MessageView::streamArguments(const QString &text)
{
    if (!text.isEmpty())
        block(&m_arguments, tr("Calls"), TextBlock::Look::Code)->stream(text);
}

QString MessageView::plainText() const
{
    if (m_message.isEmpty())
        return m_text ? m_text->text() : QString();
    QStringList texts;
    const QJsonArray parts = m_message.value(QLatin1String("parts")).toArray();
    for (const QJsonValue &part : parts) {
        const QJsonObject object = part.toObject();
        const QString text = partText(object);
        texts.append(object.value(QLatin1String("type")).toString() == QLatin1String("tool_call")
                         ? object.value(QLatin1String("name")).toString() + QLatin1Char(' ') + text
                         : text);
    }
    return texts.join(QLatin1Char('\n'));
}

qsizetype MessageView::size(const QJsonObject &message)
{
    qsizetype sum = 0;
    const QJsonArray parts = message.value(QLatin1String("parts")).toArray();
    for (const QJsonValue &part : parts)
        sum += partText(part.toObject()).size();
    return sum;
}

void MessageView::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paint::roundedBox(painter, QRectF(0, 4, 3, height() - 8), 1.5, m_theme->color(roleColor(m_role)));
}

} // namespace lathe
