// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/LatheStyle.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"

#include <QAbstractItemView>
#include <QAbstractScrollArea>
#include <QFrame>
#include <QPainter>
#include <QScrollBar>
#include <QStyleOption>
#include <QTabBar>

// How frames, lists, tabs, menus, headers and scroll bars are drawn.
namespace lathe {

namespace {

bool has(const QStyleOption &option, QStyle::StateFlag flag)
{
    return option.state.testFlag(flag);
}

// The colour that the viewport of the scroll area around `widget` (or `widget` itself) is filled with.
QColor viewportColor(const QWidget *widget)
{
    for (const QWidget *w = widget; w; w = w->parentWidget()) {
        const auto *area = qobject_cast<const QAbstractScrollArea *>(w);
        if (!area)
            continue;
        const QWidget *viewport = area->viewport();
        if (!viewport || !viewport->autoFillBackground())
            return QColor();
        return viewport->palette().color(viewport->backgroundRole());
    }
    return QColor();
}

} // namespace

void LatheStyle::drawFrame(QPainter &painter, const QStyleOption &option,
                           const QWidget *widget) const
{
    const bool enabled = has(option, State_Enabled);
    const auto *area = qobject_cast<const QAbstractScrollArea *>(widget);
    if (!area) {
        paint::roundedBox(painter, option.rect, metrics::Radius, QColor(), m_tokens.line);
        return;
    }
    const bool focus = enabled && (has(option, State_HasFocus) || area->hasFocus());
    const bool field = !qobject_cast<const QAbstractItemView *>(area);
    const QColor border = focus              ? m_tokens.accent
                          : field && enabled ? m_tokens.lineStrong
                                             : m_tokens.line;
    paint::roundedBox(painter, option.rect, metrics::Radius, viewportColor(area), border,
                      focus ? metrics::FocusRing : 1);
}

void LatheStyle::drawItemPanel(QPainter &painter, const QStyleOption &option,
                               const QWidget *widget) const
{
    const auto *view = qobject_cast<const QAbstractItemView *>(widget);
    const bool popup = view && view->window()->windowType() == Qt::Popup;
    if (has(option, State_Selected)) {
        const bool active = has(option, State_Active) && (popup || !view || view->hasFocus());
        painter.fillRect(option.rect, active ? m_tokens.selection : m_tokens.selectionInactive);
    } else if (has(option, State_MouseOver) && has(option, State_Enabled)) {
        painter.fillRect(option.rect, m_tokens.hover);
    }
    if (const auto *item = qstyleoption_cast<const QStyleOptionViewItem *>(&option)) {
        if (item->backgroundBrush.style() != Qt::NoBrush && !has(option, State_Selected))
            painter.fillRect(option.rect, item->backgroundBrush);
    }
}

void LatheStyle::drawTab(QPainter &painter, const QStyleOptionTab &tab) const
{
    const Tokens &t = m_tokens;
    const bool selected = has(tab, State_Selected);
    const QRectF rect = tab.rect;
    const bool vertical = tab.shape == QTabBar::RoundedWest || tab.shape == QTabBar::TriangularWest
                          || tab.shape == QTabBar::RoundedEast
                          || tab.shape == QTabBar::TriangularEast;
    if (!selected && has(tab, State_MouseOver) && has(tab, State_Enabled))
        paint::roundedBox(painter, rect.adjusted(2, 3, -2, -4), metrics::Radius, t.hover);
    if (selected) {
        const QColor color = has(tab, State_Enabled) ? t.accent : t.text3;
        if (vertical)
            painter.fillRect(QRectF(rect.right() - 1, rect.top() + 6, 2, rect.height() - 12),
                             color);
        else
            painter.fillRect(QRectF(rect.left() + 8, rect.bottom() - 1, rect.width() - 16, 2),
                             color);
    }
    if (selected && has(tab, State_HasFocus))
        paint::focusRing(painter, rect.adjusted(2, 3, -2, -4), metrics::Radius, t.accent);
}

void LatheStyle::drawMenuItem(QPainter &painter, const QStyleOptionMenuItem &item) const
{
    const Tokens &t = m_tokens;
    const QRect rect = item.rect;
    if (item.menuItemType == QStyleOptionMenuItem::Separator) {
        painter.fillRect(QRect(rect.left() + 4, rect.center().y(), rect.width() - 8, 1), t.line);
        return;
    }
    const bool enabled = has(item, State_Enabled);
    if (has(item, State_Selected) && enabled)
        paint::roundedBox(painter, QRectF(rect), 4, t.selection);
    const QRect iconRect(rect.left() + 8, rect.center().y() - 7, metrics::IconSize,
                         metrics::IconSize);
    if (item.checkType != QStyleOptionMenuItem::NotCheckable && item.checked) {
        paint::tick(painter, iconRect, enabled ? t.accent : t.text3);
    } else if (!item.icon.isNull()) {
        item.icon.paint(&painter, iconRect, Qt::AlignCenter,
                        enabled ? QIcon::Normal : QIcon::Disabled);
    }
    const auto tab = item.text.indexOf(QLatin1Char('\t'));
    const QString text = tab < 0 ? item.text : item.text.left(tab);
    const int flags = Qt::AlignVCenter | Qt::TextHideMnemonic | Qt::TextSingleLine;
    painter.setFont(item.font);
    painter.setPen(enabled ? t.text : t.text3);
    const QRect textRect = rect.adjusted(32, 0, -12, 0);
    painter.drawText(visualRect(item.direction, rect, textRect), flags | Qt::AlignLeft, text);
    if (tab >= 0) {
        painter.setPen(enabled ? t.text2 : t.text3);
        painter.drawText(visualRect(item.direction, rect, textRect), flags | Qt::AlignRight,
                         item.text.mid(tab + 1));
    }
    if (item.menuItemType == QStyleOptionMenuItem::SubMenu)
        paint::chevron(painter, QRectF(rect.right() - 20, rect.top(), 16, rect.height()),
                       Qt::RightArrow, t.text2, 7);
}

void LatheStyle::drawHeaderLabel(QPainter &painter, const QStyleOptionHeader &header) const
{
    const bool sorted = header.sortIndicator != QStyleOptionHeader::None;
    QRect rect = header.rect;
    const auto alignment = header.textAlignment & Qt::AlignHorizontal_Mask;
    if (sorted) {
        const QRect arrow(rect.right() - 9, rect.top(), 10, rect.height());
        paint::chevron(painter, arrow,
                       header.sortIndicator == QStyleOptionHeader::SortDown ? Qt::UpArrow
                                                                            : Qt::DownArrow,
                       m_tokens.text2, 7);
        rect.setRight(arrow.left() - 4);
    }
    if (!header.icon.isNull()) {
        header.icon.paint(&painter, QRect(rect.left(), rect.center().y() - 7, 16, 16));
        rect.setLeft(rect.left() + 20);
    }
    painter.setPen(sorted ? m_tokens.text : m_tokens.text2);
    painter.drawText(rect, static_cast<int>(alignment | Qt::AlignVCenter) | Qt::TextSingleLine,
                     header.fontMetrics.elidedText(header.text, Qt::ElideRight, rect.width()));
}

void LatheStyle::drawScrollBar(QPainter &painter, const QStyleOptionSlider &bar,
                               const QWidget *widget) const
{
    const QColor background = viewportColor(widget);
    if (background.isValid())
        painter.fillRect(bar.rect, background);
    if (bar.maximum <= bar.minimum)
        return;
    QRectF slider = subControlRect(CC_ScrollBar, &bar, SC_ScrollBarSlider, widget);
    const bool flat = bar.orientation == Qt::Horizontal;
    slider = flat ? slider.adjusted(2, 2, -2, -2) : slider.adjusted(2, 2, -2, -2);
    double alpha = m_tokens.dark ? 0.20 : 0.22;
    if (has(bar, State_MouseOver))
        alpha = bar.activeSubControls & SC_ScrollBarSlider ? 0.45 : 0.32;
    if (has(bar, State_Sunken) && bar.activeSubControls & SC_ScrollBarSlider)
        alpha = 0.55;
    paint::roundedBox(painter, slider, 3, withAlpha(m_tokens.text, alpha));
}

void LatheStyle::drawPrimitive(PrimitiveElement element, const QStyleOption *option,
                               QPainter *painter, const QWidget *widget) const
{
    const Tokens &t = m_tokens;
    const QColor glyph = has(*option, State_Enabled) ? t.text2 : t.text3;
    switch (element) {
    case PE_PanelButtonCommand:
    case PE_PanelButtonTool:
    case PE_PanelButtonBevel:
    case PE_FrameButtonTool:
        drawButtonPanel(*painter, *option, widget);
        return;
    case PE_FrameDefaultButton:
    case PE_FrameStatusBarItem:
    case PE_FrameDockWidget:
    case PE_FrameButtonBevel:
    case PE_PanelItemViewRow: // the cells draw the selection
    case PE_PanelStatusBar:
    case PE_PanelMenuBar:
    case PE_IndicatorTabTear: // a wave where tabs are scrolled out; the arrows beside them say so
    case PE_IndicatorTabTearRight:
        return;
    case PE_PanelLineEdit:
        if (const auto *frame = qstyleoption_cast<const QStyleOptionFrame *>(option);
            frame && frame->lineWidth > 0)
            drawField(*painter, *option);
        return;
    case PE_FrameLineEdit:
        return;
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck:
        drawIndicator(*painter, *option, false);
        return;
    case PE_IndicatorRadioButton:
        drawIndicator(*painter, *option, true);
        return;
    case PE_Frame:
        drawFrame(*painter, *option, widget);
        return;
    case PE_FrameGroupBox:
    case PE_FrameWindow:
        paint::roundedBox(*painter, option->rect, metrics::Radius, QColor(), t.line);
        return;
    case PE_FrameTabWidget:
        painter->fillRect(QRect(option->rect.left(), option->rect.top(), option->rect.width(), 1),
                          t.line);
        return;
    case PE_FrameTabBarBase:
        if (const auto *base = qstyleoption_cast<const QStyleOptionTabBarBase *>(option)) {
            const QRect r = base->rect;
            const bool vertical =
                base->shape == QTabBar::RoundedWest || base->shape == QTabBar::RoundedEast;
            painter->fillRect(vertical ? QRect(r.right(), r.top(), 1, r.height())
                                       : QRect(r.left(), r.bottom(), r.width(), 1),
                              t.line);
        }
        return;
    case PE_FrameMenu:
    case PE_PanelMenu:
        painter->fillRect(option->rect, t.raised);
        painter->setPen(t.lineStrong);
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5));
        return;
    case PE_PanelTipLabel:
        painter->fillRect(option->rect, t.raised);
        painter->setPen(t.lineStrong);
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5));
        return;
    case PE_FrameFocusRect:
        // Buttons and fields draw their own ring; a row's selection shows the current item.
        if (widget
            && (widget->inherits("QPushButton") || widget->inherits("QToolButton")
                || widget->inherits("QComboBox") || widget->inherits("QTabBar")
                || widget->inherits("QAbstractSlider")))
            return;
        if (qobject_cast<const QAbstractItemView *>(widget)) {
            if (!has(*option, State_Selected))
                paint::roundedBox(*painter, option->rect, 4, QColor(), t.accent);
            return;
        }
        paint::focusRing(*painter, option->rect, 4, t.accent);
        return;
    case PE_PanelItemViewItem:
        drawItemPanel(*painter, *option, widget);
        return;
    case PE_IndicatorBranch:
        if (has(*option, State_Children))
            paint::chevron(*painter, option->rect,
                           has(*option, State_Open) ? Qt::DownArrow : Qt::RightArrow, glyph, 7);
        return;
    case PE_IndicatorArrowDown:
    case PE_IndicatorSpinDown:
        paint::chevron(*painter, option->rect, Qt::DownArrow, glyph, 7);
        return;
    case PE_IndicatorArrowUp:
    case PE_IndicatorSpinUp:
        paint::chevron(*painter, option->rect, Qt::UpArrow, glyph, 7);
        return;
    case PE_IndicatorArrowLeft:
        paint::chevron(*painter, option->rect, Qt::LeftArrow, glyph, 7);
        return;
    case PE_IndicatorArrowRight:
        paint::chevron(*painter, option->rect, Qt::RightArrow, glyph, 7);
        return;
    case PE_IndicatorTabClose:
        if (has(*option, State_MouseOver))
            paint::roundedBox(*painter, option->rect, 4, t.hover);
        paint::cross(*painter, option->rect, has(*option, State_MouseOver) ? t.text : t.text2, 7,
                     1.25);
        return;
    case PE_PanelScrollAreaCorner: {
        const QColor background = viewportColor(widget);
        if (background.isValid())
            painter->fillRect(option->rect, background);
        return;
    }
    default:
        QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
}

void LatheStyle::drawControl(ControlElement element, const QStyleOption *option, QPainter *painter,
                             const QWidget *widget) const
{
    const Tokens &t = m_tokens;
    switch (element) {
    case CE_PushButtonBevel:
        drawButtonPanel(*painter, *option, widget);
        return;
    case CE_PushButtonLabel:
        if (const auto *button = qstyleoption_cast<const QStyleOptionButton *>(option))
            drawButtonLabel(*painter, *button, widget);
        return;
    case CE_ComboBoxLabel:
        if (const auto *combo = qstyleoption_cast<const QStyleOptionComboBox *>(option);
            combo && !combo->editable) {
            QRect rect = subControlRect(CC_ComboBox, combo, SC_ComboBoxEditField, widget);
            if (!combo->currentIcon.isNull()) {
                const QRect iconRect(rect.left(), rect.center().y() - 7, 16, 16);
                combo->currentIcon.paint(painter, iconRect, Qt::AlignCenter,
                                         has(*option, State_Enabled) ? QIcon::Normal
                                                                     : QIcon::Disabled);
                rect.setLeft(rect.left() + 22);
            }
            painter->setPen(has(*option, State_Enabled) ? t.text : t.text3);
            painter->drawText(
                rect, Qt::AlignVCenter | Qt::AlignLeft,
                combo->fontMetrics.elidedText(combo->currentText, Qt::ElideRight, rect.width()));
        }
        return;
    case CE_ShapedFrame:
        if (const auto *frame = qstyleoption_cast<const QStyleOptionFrame *>(option)) {
            if (frame->frameShape == QFrame::HLine) {
                painter->fillRect(
                    QRect(option->rect.left(), option->rect.center().y(), option->rect.width(), 1),
                    t.line);
                return;
            }
            if (frame->frameShape == QFrame::VLine) {
                painter->fillRect(
                    QRect(option->rect.center().x(), option->rect.top(), 1, option->rect.height()),
                    t.line);
                return;
            }
            if (widget && widget->window() == widget && widget->windowType() == Qt::Popup) {
                drawPrimitive(PE_FrameMenu, option, painter, widget);
                return;
            }
            if (frame->frameShape == QFrame::StyledPanel) {
                drawFrame(*painter, *option, widget);
                return;
            }
        }
        break;
    case CE_Splitter: {
        const bool active = has(*option, State_MouseOver) || has(*option, State_Sunken);
        painter->fillRect(option->rect, active && has(*option, State_Enabled) ? t.accent : t.line);
        return;
    }
    case CE_TabBarTabShape:
        if (const auto *tab = qstyleoption_cast<const QStyleOptionTab *>(option))
            drawTab(*painter, *tab);
        return;
    case CE_TabBarTabLabel:
        if (const auto *tab = qstyleoption_cast<const QStyleOptionTab *>(option)) {
            QStyleOptionTab copy(*tab);
            copy.state &= ~State_HasFocus; // the shape draws the ring
            const bool bright = has(*option, State_Selected) || has(*option, State_MouseOver);
            const QColor color = !has(*option, State_Enabled) ? t.text3 : bright ? t.text : t.text2;
            copy.palette.setColor(QPalette::WindowText, color);
            copy.palette.setColor(QPalette::ButtonText, color);
            QProxyStyle::drawControl(element, &copy, painter, widget);
        }
        return;
    case CE_MenuItem:
        if (const auto *item = qstyleoption_cast<const QStyleOptionMenuItem *>(option))
            drawMenuItem(*painter, *item);
        return;
    case CE_MenuEmptyArea:
    case CE_MenuBarEmptyArea:
    case CE_ToolBar:
    case CE_SizeGrip:
        return;
    case CE_HeaderSection: {
        painter->fillRect(option->rect, t.surface);
        painter->fillRect(
            QRect(option->rect.left(), option->rect.bottom(), option->rect.width(), 1), t.line);
        if (has(*option, State_MouseOver) && has(*option, State_Enabled))
            painter->fillRect(option->rect.adjusted(0, 0, 0, -1), t.hover);
        return;
    }
    case CE_HeaderEmptyArea:
        painter->fillRect(option->rect, t.surface);
        painter->fillRect(
            QRect(option->rect.left(), option->rect.bottom(), option->rect.width(), 1), t.line);
        return;
    case CE_Header:
        if (const auto *header = qstyleoption_cast<const QStyleOptionHeader *>(option)) {
            drawControl(CE_HeaderSection, option, painter, widget);
            QStyleOptionHeader copy(*header);
            copy.rect = header->rect.adjusted(8, 0, -8, 0);
            drawHeaderLabel(*painter, copy);
        }
        return;
    case CE_ProgressBarGroove: {
        const QRectF r = option->rect;
        paint::roundedBox(*painter, QRectF(r.left(), r.center().y() - 2, r.width(), 4), 2,
                          mix(t.surface, t.text3, 0.35));
        return;
    }
    case CE_ProgressBarContents:
        if (const auto *bar = qstyleoption_cast<const QStyleOptionProgressBar *>(option)) {
            const QRectF r = option->rect;
            const double span =
                std::max<double>(1, static_cast<double>(bar->maximum) - bar->minimum);
            const double share = std::clamp((bar->progress - bar->minimum) / span, 0.0, 1.0);
            paint::roundedBox(*painter, QRectF(r.left(), r.center().y() - 2, r.width() * share, 4),
                              2, t.accent);
        }
        return;
    default:
        break;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

void LatheStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex *option,
                                    QPainter *painter, const QWidget *widget) const
{
    switch (control) {
    case CC_ComboBox:
        if (const auto *combo = qstyleoption_cast<const QStyleOptionComboBox *>(option))
            drawComboBox(*painter, *combo);
        return;
    case CC_SpinBox:
        if (const auto *spin = qstyleoption_cast<const QStyleOptionSpinBox *>(option))
            drawSpinBox(*painter, *spin);
        return;
    case CC_ScrollBar:
        if (const auto *bar = qstyleoption_cast<const QStyleOptionSlider *>(option))
            drawScrollBar(*painter, *bar, widget);
        return;
    case CC_Slider:
        if (const auto *slider = qstyleoption_cast<const QStyleOptionSlider *>(option))
            drawSlider(*painter, *slider);
        return;
    default:
        QProxyStyle::drawComplexControl(control, option, painter, widget);
    }
}

} // namespace lathe
