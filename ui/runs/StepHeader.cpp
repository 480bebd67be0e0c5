// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/StepHeader.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/Label.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>

namespace lathe {

namespace {
constexpr int leastTitle = 90; // pixels
}

StepHeader::StepHeader(Theme *theme, QWidget *parent)
    : QAbstractButton(parent), m_theme(theme), m_small(theme->smallFont())
{
    setFocusPolicy(Qt::NoFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void StepHeader::setStep(const Step &step, qint64 nowUs)
{
    const QString title = stepstyle::title(step);
    const QString numbers = stepstyle::numbers(step, nowUs);
    const Status status = stepstyle::status(step);
    if (title == m_title && numbers == m_numbers && status == m_status && stepstyle::icon(step.kind) == m_icon)
        return;
    m_icon = stepstyle::icon(step.kind);
    m_color = stepstyle::color(step.kind);
    m_title = title;
    m_numbers = numbers;
    m_status = status;
    setAccessibleName(tr("%1 %2, %3").arg(stepstyle::kindWord(step.kind), m_title, statusWord(m_status)));
    setToolTip(QStringLiteral("%1: %2 (%3)").arg(stepstyle::kindWord(step.kind), m_title.left(200).toHtmlEscaped(), statusWord(m_status)));
    update();
}

void StepHeader::setTitle(const QString &icon, ColorToken color, const QString &title)
{
    m_icon = icon;
    m_color = color;
    m_title = title;
    setAccessibleName(title);
    update();
}

void StepHeader::setDetail(const QString &detail)
{
    if (detail == m_detail)
        return;
    m_detail = detail;
    update();
}

void StepHeader::setVerdict(const QString &verdict)
{
    m_detailFirst = !verdict.isEmpty();
    setDetail(verdict);
}

void StepHeader::setFoldable(bool foldable)
{
    m_foldable = foldable;
    setFocusPolicy(foldable ? Qt::StrongFocus : Qt::NoFocus);
    setCursor(foldable ? Qt::PointingHandCursor : Qt::ArrowCursor);
    update();
}

void StepHeader::setOpen(bool open)
{
    m_open = open;
    update();
}

QSize StepHeader::sizeHint() const
{
    return QSize(240, 24);
}

QSize StepHeader::minimumSizeHint() const
{
    return QSize(120, 24);
}

void StepHeader::keyPressEvent(QKeyEvent *event)
{
    if (m_foldable && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter))
        click();
    else
        QAbstractButton::keyPressEvent(event);
}

void StepHeader::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens &t = m_theme->tokens();
    if (hasFocus())
        paint::focusRing(painter, rect(), 4, t.accent);
    int left = 0;
    int right = width();
    if (m_foldable) {
        paint::chevron(painter, QRectF(right - 16, 0, 16, height()), m_open ? Qt::DownArrow : Qt::RightArrow,
                       underMouse() ? t.text : t.text3, 7);
        right -= 22;
    }
    m_theme->paintIcon(painter, QRectF(left, 0, 16, height()), m_icon, t.color(m_color));
    left += 24;
    if (m_status != Status::Ok && m_status != Status::None) {
        paintStatus(painter, QRectF(left, 0, 16, height()), m_status, t);
        left += 22;
    }
    const double numbersWidth = m_small.width(m_numbers);
    painter.setPen(t.text2);
    m_small.draw(painter, QRectF(right - numbersWidth, 0, numbersWidth, height()), Qt::AlignRight, m_numbers);
    right -= int(numbersWidth) + 12;
    painter.setFont(m_theme->strongFont());
    painter.setPen(t.text);
    const QFontMetrics strong(m_theme->strongFont());
    const QFontMetrics small(m_theme->smallFont());
    const int reserved = m_detailFirst ? std::min(small.horizontalAdvance(m_detail) + 12, std::max(0, right - left - leastTitle)) : 0;
    const QString title = strong.elidedText(m_title.left(300), Qt::ElideRight, std::max(0, right - left - reserved));
    painter.drawText(QRect(left, 0, right - left, height()), Qt::AlignVCenter | Qt::TextSingleLine, title);
    left += strong.horizontalAdvance(title) + 10;
    if (m_detail.isEmpty() || right - left < 40)
        return;
    painter.setFont(m_theme->smallFont());
    painter.setPen(t.text2);
    const QString detail = small.elidedText(m_detail, Qt::ElideRight, right - left);
    painter.drawText(QRect(left, 0, right - left, height()), Qt::AlignVCenter | Qt::TextSingleLine, detail);
}

NoteLine::NoteLine(Theme *theme, const stepstyle::NoteText &note, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_note(note)
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(24, 0, 0, 0);
    auto *label = new Label(theme, note.text, Label::Style::Caption, this);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setMinimumWidth(60);
    layout->addWidget(label);
    setAccessibleName(note.text);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void NoteLine::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    m_theme->paintIcon(painter, QRectF(0, 0, 16, std::min(height(), 18)), m_note.icon, m_theme->color(m_note.color), 14);
}

} // namespace lathe
