// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/ProblemLine.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>

namespace lathe {

ProblemLine::ProblemLine(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_text(new QLabel)
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(20, 0, 0, 0);
    layout->addWidget(m_text);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    m_text->setFont(theme->smallFont());
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    connect(theme, &Theme::changed, this, &ProblemLine::applyTheme);
    setProblem(Severity::Info, QString());
}

void ProblemLine::setProblem(Severity severity, const QString &text)
{
    m_severity = severity;
    m_text->setText(text);
    setAccessibleName(text.isEmpty() ? QString()
                                     : QStringLiteral("%1: %2").arg(severityWord(severity), text));
    setVisible(!text.isEmpty());
    applyTheme();
}

QString ProblemLine::text() const
{
    return m_text->text();
}

void ProblemLine::applyTheme()
{
    QPalette own;
    own.setColor(QPalette::WindowText, m_theme->color(severityColor(m_severity)));
    m_text->setPalette(own);
    update();
}

void ProblemLine::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    m_theme->paintIcon(painter, QRectF(0, 0, 14, m_text->fontMetrics().height() + 1),
                       severityIcon(m_severity), m_theme->color(severityColor(m_severity)), 14);
}

} // namespace lathe
