// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/ButtonRole.h"
#include "ui/theme/LatheStyle.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"

#include <QPainter>
#include <QPushButton>
#include <QStyleOption>
#include <QToolButton>

// How buttons and fields are drawn.
namespace lathe {

namespace {

bool has(const QStyleOption &option, QStyle::StateFlag flag)
{
    return option.state.testFlag(flag);
}

} // namespace

void LatheStyle::drawField(QPainter &painter, const QStyleOption &option) const
{
    const bool enabled = has(option, State_Enabled);
    const bool focus = enabled && has(option, State_HasFocus);
    const QColor fill = enabled ? m_tokens.field : m_tokens.base;
    QColor border = enabled ? m_tokens.lineStrong : m_tokens.line;
    if (enabled && has(option, State_MouseOver))
        border = mix(border, m_tokens.text3, 0.6);
    if (focus)
        border = m_tokens.accent;
    paint::roundedBox(painter, option.rect, metrics::Radius, fill, border,
                      focus ? metrics::FocusRing : 1);
}

void LatheStyle::drawButtonPanel(QPainter &painter, const QStyleOption &option,
                                 const QWidget *widget) const
{
    const Tokens &t = m_tokens;
    const bool enabled = has(option, State_Enabled);
    const bool hover = enabled && has(option, State_MouseOver);
    const bool down = enabled && has(option, State_Sunken);
    const bool on = has(option, State_On);
    const bool focus = enabled && has(option, State_HasFocus);
    const QRectF rect = option.rect;
    ButtonRole role = buttonRole(widget);
    const auto *button = qstyleoption_cast<const QStyleOptionButton *>(&option);
    if (button && button->features.testFlag(QStyleOptionButton::Flat))
        role = ButtonRole::Ghost;
    const bool isTool = qobject_cast<const QToolButton *>(widget) != nullptr;
    if (isTool && role == ButtonRole::Secondary)
        role = ButtonRole::Ghost;

    if (role == ButtonRole::Primary) {
        QColor fill = enabled ? t.accent : mix(t.surface, t.text, 0.09);
        if (hover)
            fill = mix(fill, t.dark ? QColor(Qt::white) : QColor(Qt::black), 0.10);
        if (down)
            fill = mix(fill, Qt::black, 0.14);
        // Ring, a gap that shows what is behind, then the button: an accent ring on accent would
        // not be seen.
        const QRectF box = focus ? rect.adjusted(3, 3, -3, -3) : rect;
        paint::roundedBox(painter, box, focus ? metrics::Radius - 3 : metrics::Radius, fill);
        if (focus)
            paint::focusRing(painter, rect, metrics::Radius, t.accent);
        return;
    }
    QColor fill;
    QColor border;
    if (role != ButtonRole::Ghost) {
        fill = enabled ? t.raised : t.surface;
        border = enabled ? t.lineStrong : t.line;
        if (role == ButtonRole::Danger && enabled)
            border = mix(t.line, t.error, 0.55);
    }
    if (on) {
        fill = t.dark ? mix(t.raised, t.accent, 0.22) : mix(t.raised, t.accent, 0.14);
        border = role == ButtonRole::Ghost ? QColor() : mix(t.line, t.accent, 0.6);
    }
    paint::roundedBox(painter, rect, metrics::Radius, fill, border);
    if (hover || down) {
        QColor wash = down ? t.pressed : t.hover;
        if (role == ButtonRole::Danger)
            wash = withAlpha(t.error, down ? 0.22 : 0.12);
        paint::roundedBox(painter, rect, metrics::Radius, wash);
    }
    if (focus)
        paint::focusRing(painter, rect, metrics::Radius, t.accent);
}

void LatheStyle::drawButtonLabel(QPainter &painter, const QStyleOptionButton &option,
                                 const QWidget *widget) const
{
    const Tokens &t = m_tokens;
    const bool enabled = has(option, State_Enabled);
    const ButtonRole role = buttonRole(widget);
    QColor color = t.text;
    if (!enabled)
        color = t.text3;
    else if (role == ButtonRole::Primary)
        color = t.onAccent;
    else if (role == ButtonRole::Danger)
        color = t.error;
    const bool menu = option.features.testFlag(QStyleOptionButton::HasMenu);
    const int iconSize = option.icon.isNull() ? 0 : option.iconSize.width();
    const int gap = iconSize > 0 && !option.text.isEmpty() ? 6 : 0;
    const int menuWidth = menu ? 14 : 0;
    QRect rect = option.rect.adjusted(4, 0, -4 - menuWidth, 0);
    // Like the label everywhere else: & marks a mnemonic, which is not underlined.
    const int flags = Qt::AlignVCenter | Qt::AlignLeft | Qt::TextHideMnemonic | Qt::TextSingleLine;
    const QString text = option.fontMetrics.elidedText(
        option.text, Qt::ElideRight, rect.width() - iconSize - gap, Qt::TextHideMnemonic);
    const int textWidth = option.fontMetrics.size(Qt::TextHideMnemonic, text).width();
    int x = rect.left() + (rect.width() - iconSize - gap - textWidth) / 2;
    if (iconSize > 0) {
        const QRect iconRect(x, rect.center().y() + 1 - iconSize / 2, iconSize, iconSize);
        const auto mode = enabled ? QIcon::Normal : QIcon::Disabled;
        option.icon.paint(&painter, iconRect, Qt::AlignCenter, mode,
                          has(option, State_On) ? QIcon::On : QIcon::Off);
        x += iconSize + gap;
    }
    painter.setPen(color);
    painter.drawText(QRect(x, rect.top(), rect.right() - x + 5, rect.height()), flags, text);
    if (menu)
        paint::chevron(
            painter, QRectF(option.rect.right() - 21, option.rect.top(), 14, option.rect.height()),
            Qt::DownArrow, color, 7);
}

void LatheStyle::drawIndicator(QPainter &painter, const QStyleOption &option, bool round) const
{
    const Tokens &t = m_tokens;
    const bool enabled = has(option, State_Enabled);
    const bool on = has(option, State_On) || has(option, State_NoChange);
    const double side = std::min({option.rect.width(), option.rect.height(), metrics::IconSize});
    const QRectF box(option.rect.x() + (option.rect.width() - side) / 2.0,
                     option.rect.y() + (option.rect.height() - side) / 2.0, side, side);
    const double radius = round ? side / 2 : 4;
    QColor fill = enabled ? t.field : t.base;
    QColor border = enabled ? mix(t.lineStrong, t.text3, 0.6) : t.line;
    if (on) {
        fill = enabled ? t.accent : mix(t.surface, t.text3, 0.5);
        border = QColor();
    } else if (enabled && has(option, State_MouseOver)) {
        border = t.text3;
    }
    if (enabled && has(option, State_Sunken))
        fill = on ? mix(fill, Qt::black, 0.12) : mix(fill, t.text, 0.12);
    paint::roundedBox(painter, box, radius, fill, border);
    const QColor mark = enabled ? t.onAccent : t.surface;
    if (has(option, State_NoChange)) {
        paint::roundedBox(painter, QRectF(box.left() + 4, box.center().y() - 1, side - 8, 2), 1,
                          mark);
    } else if (has(option, State_On)) {
        if (round)
            paint::roundedBox(painter, box.adjusted(5, 5, -5, -5), 3, mark);
        else
            paint::tick(painter, box, mark);
    }
}

void LatheStyle::drawComboBox(QPainter &painter, const QStyleOptionComboBox &option) const
{
    drawField(painter, option);
    const QRect arrow = subControlRect(CC_ComboBox, &option, SC_ComboBoxArrow, nullptr);
    paint::chevron(painter, arrow, Qt::DownArrow,
                   has(option, State_Enabled) ? m_tokens.text2 : m_tokens.text3, 8);
}

void LatheStyle::drawSpinBox(QPainter &painter, const QStyleOptionSpinBox &option) const
{
    drawField(painter, option);
    if (option.buttonSymbols == QAbstractSpinBox::NoButtons)
        return;
    for (const auto sub : {SC_SpinBoxUp, SC_SpinBoxDown}) {
        const bool up = sub == SC_SpinBoxUp;
        const bool can = has(option, State_Enabled)
                         && option.stepEnabled.testFlag(up ? QAbstractSpinBox::StepUpEnabled
                                                           : QAbstractSpinBox::StepDownEnabled);
        const bool active = option.activeSubControls == sub && has(option, State_MouseOver);
        const QRect rect = subControlRect(CC_SpinBox, &option, sub, nullptr);
        QColor color = m_tokens.text3;
        if (can)
            color = active ? m_tokens.text : m_tokens.text2;
        else
            color = withAlpha(m_tokens.text3, 0.5);
        paint::chevron(painter, rect, up ? Qt::UpArrow : Qt::DownArrow, color, 7);
    }
}

void LatheStyle::drawSlider(QPainter &painter, const QStyleOptionSlider &option) const
{
    const Tokens &t = m_tokens;
    const bool flat = option.orientation == Qt::Horizontal;
    const QRectF handle = subControlRect(CC_Slider, &option, SC_SliderHandle, nullptr);
    const QRectF r = option.rect;
    const QRectF groove = flat ? QRectF(r.left() + 2, r.center().y() - 2, r.width() - 4, 4)
                               : QRectF(r.center().x() - 2, r.top() + 2, 4, r.height() - 4);
    paint::roundedBox(painter, groove, 2, mix(t.surface, t.text3, 0.45));
    const QColor color = has(option, State_Enabled) ? t.accent : t.text3;
    QRectF filled = groove;
    if (flat)
        filled.setRight(handle.center().x());
    else
        filled.setTop(handle.center().y());
    paint::roundedBox(painter, filled, 2, color);
    const QRectF knob(handle.center().x() - 7, handle.center().y() - 7, 14, 14);
    paint::roundedBox(painter, knob, 7, t.raised, color, 2);
    if (has(option, State_HasFocus))
        paint::focusRing(painter, r, metrics::Radius, t.accent);
}

} // namespace lathe
