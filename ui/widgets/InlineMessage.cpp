// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/InlineMessage.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/IconButton.h"

#include <QHBoxLayout>
#include <QLabel>

namespace lathe {

ColorToken severityColor(Severity severity)
{
    switch (severity) {
    case Severity::Info:
        return ColorToken::Text2;
    case Severity::Warning:
        return ColorToken::Warning;
    case Severity::Error:
        return ColorToken::Error;
    case Severity::Success:
        return ColorToken::Ok;
    }
    return ColorToken::Text2;
}

QString severityIcon(Severity severity)
{
    switch (severity) {
    case Severity::Info:
        return QStringLiteral("info");
    case Severity::Warning:
        return QStringLiteral("warning");
    case Severity::Error:
        return QStringLiteral("error");
    case Severity::Success:
        return QStringLiteral("check");
    }
    return QString();
}

QString severityWord(Severity severity)
{
    switch (severity) {
    case Severity::Info:
        return InlineMessage::tr("Note");
    case Severity::Warning:
        return InlineMessage::tr("Warning");
    case Severity::Error:
        return InlineMessage::tr("Error");
    case Severity::Success:
        return InlineMessage::tr("Done");
    }
    return QString();
}

InlineMessage::InlineMessage(Theme *theme, Severity severity, const QString &text, QWidget *parent)
    : QWidget(parent),
      m_theme(theme),
      m_severity(severity),
      m_text(new QLabel),
      m_action(new Button(QString(), ButtonRole::Secondary)),
      m_close(new IconButton(theme, QStringLiteral("close"), tr("Dismiss")))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(36, 6, 6, 6);
    layout->setSpacing(metrics::Gap);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_action, 0, Qt::AlignTop);
    layout->addWidget(m_close, 0, Qt::AlignTop);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    m_text->setMinimumWidth(120); // a word of any length does not widen what it stands in
    m_text->setMinimumHeight(metrics::ControlHeight);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_text->setFocusPolicy(Qt::ClickFocus);
    m_action->hide();
    m_close->hide();
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    connect(m_action, &Button::clicked, this, &InlineMessage::actionTriggered);
    connect(m_close, &IconButton::clicked, this, [this] {
        hide();
        Q_EMIT dismissed();
    });
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    setMessage(severity, text);
}

void InlineMessage::setMessage(Severity severity, const QString &text)
{
    m_severity = severity;
    m_text->setText(text);
    setAccessibleName(QStringLiteral("%1: %2").arg(severityWord(severity), text));
    update();
}

QString InlineMessage::text() const
{
    return m_text->text();
}

void InlineMessage::setAction(const QString &text)
{
    m_action->setText(text);
    m_action->setVisible(!text.isEmpty());
}

void InlineMessage::setDismissable(bool dismissable)
{
    m_close->setVisible(dismissable);
}

void InlineMessage::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const QColor color = m_theme->color(severityColor(m_severity));
    const bool dark = m_theme->isDark();
    const QColor surface = m_theme->tokens().surface;
    paint::roundedBox(painter, rect(), metrics::Radius, mix(surface, color, dark ? 0.10 : 0.06),
                      mix(surface, color, dark ? 0.40 : 0.35));
    m_theme->paintIcon(painter, QRectF(12, 6, 16, metrics::ControlHeight), severityIcon(m_severity),
                       color);
}

} // namespace lathe
