// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/LatheStyle.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/theme/Theme.h"

#include <QAbstractItemView>
#include <QAbstractScrollArea>
#include <QAbstractSpinBox>
#include <QCheckBox>
#include <QComboBox>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QRadioButton>
#include <QScrollBar>
#include <QSplitterHandle>
#include <QStyleOption>
#include <QTabBar>
#include <QToolButton>

#include <algorithm>

// Sizes, places and hints; LatheStyleControls.cpp and LatheStyleViews.cpp draw.
namespace lathe {

namespace {

// A framed scroll area needs 3 px so that its square viewport does not cut the rounded corners.
bool isFramedArea(const QWidget *widget)
{
    const auto *area = qobject_cast<const QAbstractScrollArea *>(widget);
    return area && area->frameShape() == QFrame::StyledPanel;
}

// Fields that change by the wheel, also when the page under them was meant.
bool takesWheel(const QWidget *widget)
{
    return qobject_cast<const QComboBox *>(widget) || qobject_cast<const QAbstractSpinBox *>(widget);
}

const QLineEdit *lineOf(const QObject *widget)
{
    if (const auto *combo = qobject_cast<const QComboBox *>(widget))
        return combo->lineEdit();
    if (const auto *spin = qobject_cast<const QAbstractSpinBox *>(widget))
        return spin->findChild<QLineEdit *>();
    return qobject_cast<const QLineEdit *>(widget);
}

int menuShortcutWidth(const QStyleOptionMenuItem &item)
{
    const auto tab = item.text.indexOf(QLatin1Char('\t'));
    return tab < 0 ? 0 : item.fontMetrics.horizontalAdvance(item.text.mid(tab + 1)) + 24;
}

} // namespace

LatheStyle::LatheStyle(const Tokens &tokens)
    : QProxyStyle(QStringLiteral("Fusion")), m_tokens(tokens)
{
    setObjectName(QStringLiteral("lathe"));
}

QPalette LatheStyle::standardPalette() const
{
    return Theme::paletteFor(m_tokens);
}

void LatheStyle::polish(QWidget *widget)
{
    QProxyStyle::polish(widget);
    if (qobject_cast<QAbstractButton *>(widget) || qobject_cast<QComboBox *>(widget)
        || qobject_cast<QTabBar *>(widget) || qobject_cast<QScrollBar *>(widget)
        || qobject_cast<QSplitterHandle *>(widget) || qobject_cast<QAbstractSpinBox *>(widget)
        || qobject_cast<QLineEdit *>(widget))
        widget->setAttribute(Qt::WA_Hover);
    if (takesWheel(widget) || qobject_cast<QLineEdit *>(widget))
        widget->installEventFilter(this);
    if (takesWheel(widget)) {
        if (widget->focusPolicy() == Qt::WheelFocus)
            widget->setFocusPolicy(Qt::StrongFocus);
    }
    if (auto *view = qobject_cast<QAbstractItemView *>(widget)) {
        // Lists lie flush on panels; a viewport of one opaque colour is scrolled by moving pixels.
        const bool popup = view->window()->windowType() == Qt::Popup;
        view->viewport()->setBackgroundRole(popup ? QPalette::Button : QPalette::AlternateBase);
    }
}

void LatheStyle::unpolish(QWidget *widget)
{
    widget->removeEventFilter(this);
    QProxyStyle::unpolish(widget);
}

bool LatheStyle::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::ShortcutOverride) {
        // A line with nothing of its own to take back leaves Ctrl+Z to the document.
        const auto *key = static_cast<const QKeyEvent *>(event);
        const QLineEdit *line = lineOf(watched);
        if (!line || !((key->matches(QKeySequence::Undo) && !line->isUndoAvailable()) || (key->matches(QKeySequence::Redo) && !line->isRedoAvailable())))
            return false;
        event->ignore();
        return true;
    }
    if (event->type() != QEvent::Wheel || !takesWheel(qobject_cast<QWidget *>(watched)))
        return QProxyStyle::eventFilter(watched, event);
    const auto *spin = qobject_cast<const QAbstractSpinBox *>(watched);
    if (spin && spin->hasFocus())
        return false;
    event->ignore(); // goes on to what is around it
    return true;
}

int LatheStyle::pixelMetric(PixelMetric metric, const QStyleOption *option,
                            const QWidget *widget) const
{
    switch (metric) {
    case PM_DefaultFrameWidth:
        return isFramedArea(widget) ? 3 : 1;
    case PM_ButtonMargin:
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical:
        return 0;
    case PM_ScrollBarExtent:
        return 10;
    case PM_ScrollBarSliderMin:
        return 28;
    case PM_SplitterWidth:
        return 1; // QSplitterHandle widens the area that can be grabbed by itself
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
    case PM_ExclusiveIndicatorWidth:
    case PM_ExclusiveIndicatorHeight:
    case PM_SmallIconSize:
    case PM_ButtonIconSize:
    case PM_ListViewIconSize:
    case PM_TabBarIconSize:
    case PM_TabCloseIndicatorWidth:
    case PM_TabCloseIndicatorHeight:
    case PM_MenuButtonIndicator:
        return metrics::IconSize;
    case PM_ToolBarIconSize:
        return metrics::IconSize;
    case PM_CheckBoxLabelSpacing:
    case PM_RadioButtonLabelSpacing:
        return 8;
    case PM_MenuPanelWidth:
        return 1;
    case PM_MenuHMargin:
    case PM_MenuVMargin:
        return 4;
    case PM_ToolTipLabelFrameWidth:
        return 6;
    case PM_TabBarTabHSpace:
        return widget && widget->property("dense").toBool() ? 14 : 24; // dense: a bar where there is little room
    case PM_TabBarTabVSpace:
    case PM_TabBarTabShiftVertical:
    case PM_TabBarTabShiftHorizontal:
    case PM_TabBarTabOverlap:
    case PM_TabBarBaseOverlap:
        return 0;
    case PM_TabBarScrollButtonWidth:
        return 20;
    case PM_HeaderMargin:
        return 8;
    case PM_HeaderMarkSize:
        return 8;
    case PM_TreeViewIndentation:
        return 16;
    case PM_FocusFrameHMargin: // also the padding of items in lists
        return 4;
    case PM_FocusFrameVMargin:
        return 2;
    case PM_SliderThickness:
    case PM_SliderControlThickness:
    case PM_SliderLength:
        return 16;
    case PM_LayoutLeftMargin:
    case PM_LayoutTopMargin:
    case PM_LayoutRightMargin:
    case PM_LayoutBottomMargin:
        return metrics::Margin;
    case PM_LayoutHorizontalSpacing:
    case PM_LayoutVerticalSpacing:
        return metrics::Gap;
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int LatheStyle::styleHint(StyleHint hint, const QStyleOption *option, const QWidget *widget,
                          QStyleHintReturn *data) const
{
    switch (hint) {
    case SH_ComboBox_Popup: // a list below the box, not a menu over it
    case SH_EtchDisabledText:
    case SH_DitherDisabledText:
    case SH_UnderlineShortcut:
    case SH_TabBar_PreferNoArrows:
    case SH_ScrollView_FrameOnlyAroundContents:
        return 0;
    case SH_Menu_SloppySubMenus:
    case SH_Menu_MouseTracking:
    case SH_ItemView_ArrowKeysNavigateIntoChildren:
    case SH_ItemView_ShowDecorationSelected: // the selection covers the indentation too
        return 1;
    case SH_TabBar_ElideMode:
        return Qt::ElideRight;
    case SH_TabBar_CloseButtonPosition:
        return QTabBar::RightSide;
    case SH_ToolTip_WakeUpDelay:
        return 450;
    case SH_Widget_Animation_Duration:
        return 0; // calm, and the event loop stays asleep
    case SH_LineEdit_PasswordCharacter:
        return 0x2022;
    default:
        return QProxyStyle::styleHint(hint, option, widget, data);
    }
}

QRect LatheStyle::subElementRect(SubElement element, const QStyleOption *option,
                                 const QWidget *widget) const
{
    switch (element) {
    case SE_LineEditContents: {
        const QRect rect = QProxyStyle::subElementRect(element, option, widget);
        const auto *frame = qstyleoption_cast<const QStyleOptionFrame *>(option);
        // QLineEdit adds 2 px itself: text starts 8 px in. Inside combo and spin boxes there is no
        // frame.
        return frame && frame->lineWidth > 0 ? rect.adjusted(5, 0, -5, 0) : rect;
    }
    case SE_CheckBoxIndicator:
    case SE_RadioButtonIndicator:
    case SE_CheckBoxContents:
    case SE_RadioButtonContents:
        // Room for the focus ring around box and text.
        if (option) {
            QStyleOptionButton button;
            if (const auto *given = qstyleoption_cast<const QStyleOptionButton *>(option))
                button = *given;
            button.rect = option->rect.adjusted(4, 0, -4, 0);
            return QProxyStyle::subElementRect(element, &button, widget);
        }
        break;
    case SE_CheckBoxFocusRect:
    case SE_RadioButtonFocusRect:
        if (option)
            return option->rect;
        break;
    case SE_PushButtonContents:
        if (option)
            return option->rect;
        break;
    default:
        break;
    }
    return QProxyStyle::subElementRect(element, option, widget);
}

QRect LatheStyle::subControlRect(ComplexControl control, const QStyleOptionComplex *option,
                                 SubControl sub, const QWidget *widget) const
{
    switch (control) {
    case CC_ComboBox:
        if (const auto *combo = qstyleoption_cast<const QStyleOptionComboBox *>(option)) {
            QRect rect = combo->rect;
            if (sub == SC_ComboBoxArrow)
                rect.setLeft(rect.right() - 23);
            else if (sub == SC_ComboBoxEditField)
                rect.adjust(combo->editable ? 6 : 8, 1, -24, -1);
            return visualRect(combo->direction, combo->rect, rect);
        }
        break;
    case CC_SpinBox:
        if (const auto *spin = qstyleoption_cast<const QStyleOptionSpinBox *>(option)) {
            const bool buttons = spin->buttonSymbols != QAbstractSpinBox::NoButtons;
            const QRect r = spin->rect;
            const int width = buttons ? 20 : 0;
            QRect rect;
            switch (sub) {
            case SC_SpinBoxUp:
                rect = buttons ? QRect(r.right() - width, r.top() + 2, width, r.height() / 2 - 2)
                               : QRect();
                break;
            case SC_SpinBoxDown:
                rect = buttons
                           ? QRect(r.right() - width, r.center().y() + 1, width, r.height() / 2 - 2)
                           : QRect();
                break;
            case SC_SpinBoxEditField:
                rect = r.adjusted(6, 1, -width - 2, -1);
                break;
            default:
                rect = r;
            }
            return visualRect(spin->direction, r, rect);
        }
        break;
    case CC_ScrollBar:
        if (const auto *bar = qstyleoption_cast<const QStyleOptionSlider *>(option)) {
            const bool flat = bar->orientation == Qt::Horizontal;
            const int length = flat ? bar->rect.width() : bar->rect.height();
            const int thickness = flat ? bar->rect.height() : bar->rect.width();
            const qint64 range = static_cast<qint64>(bar->maximum) - bar->minimum;
            int slider = length;
            if (range > 0) {
                slider = static_cast<int>(length * static_cast<double>(bar->pageStep)
                                          / static_cast<double>(range + bar->pageStep));
                slider = std::clamp(slider, std::min(28, length), length);
            }
            const int start = sliderPositionFromValue(
                bar->minimum, bar->maximum, bar->sliderPosition, length - slider, bar->upsideDown);
            int from = 0;
            int size = 0;
            switch (sub) {
            case SC_ScrollBarGroove:
                size = length;
                break;
            case SC_ScrollBarSlider:
                from = start;
                size = slider;
                break;
            case SC_ScrollBarSubPage:
                size = start;
                break;
            case SC_ScrollBarAddPage:
                from = start + slider;
                size = length - from;
                break;
            default:
                return QRect();
            }
            const QRect rect =
                flat ? QRect(from, 0, size, thickness) : QRect(0, from, thickness, size);
            return visualRect(bar->direction, bar->rect, rect.translated(bar->rect.topLeft()));
        }
        break;
    default:
        break;
    }
    return QProxyStyle::subControlRect(control, option, sub, widget);
}

QSize LatheStyle::sizeFromContents(ContentsType type, const QStyleOption *option, const QSize &size,
                                   const QWidget *widget) const
{
    const int h = metrics::ControlHeight;
    switch (type) {
    case CT_PushButton: {
        const auto *button = qstyleoption_cast<const QStyleOptionButton *>(option);
        const bool iconOnly = button && button->text.isEmpty();
        return QSize(iconOnly ? std::max(size.width() + 8, h) : size.width() + 26,
                     std::max(size.height() + 4, h));
    }
    case CT_ToolButton: {
        const auto *button = qstyleoption_cast<const QStyleOptionToolButton *>(option);
        const bool labelled =
            button && button->toolButtonStyle != Qt::ToolButtonIconOnly && !button->text.isEmpty();
        const QSize wanted = size + QSize(labelled ? 16 : 8, 8);
        return wanted.expandedTo(QSize(h, h));
    }
    case CT_LineEdit:
        return QSize(size.width() + 12, std::max(size.height() + 8, h));
    case CT_ComboBox:
        return QSize(size.width() + 36, std::max(size.height() + 8, h));
    case CT_SpinBox:
        return QSize(size.width() + 20, h);
    case CT_CheckBox:
    case CT_RadioButton: {
        const QSize base = QProxyStyle::sizeFromContents(type, option, size, widget);
        return QSize(base.width() + 8, std::max(base.height(), 24));
    }
    case CT_TabBarTab:
        return QSize(size.width(), 32);
    case CT_HeaderSection: {
        const QSize base = QProxyStyle::sizeFromContents(type, option, size, widget);
        return QSize(base.width(), metrics::RowHeight);
    }
    case CT_ItemViewItem: {
        const QSize base = QProxyStyle::sizeFromContents(type, option, size, widget);
        return QSize(base.width(), std::max(base.height(), metrics::RowHeight));
    }
    case CT_MenuItem:
        if (const auto *item = qstyleoption_cast<const QStyleOptionMenuItem *>(option)) {
            if (item->menuItemType == QStyleOptionMenuItem::Separator)
                return QSize(10, 9);
            const QString text = item->text.section(QLatin1Char('\t'), 0, 0);
            return QSize(36 + item->fontMetrics.horizontalAdvance(text) + menuShortcutWidth(*item)
                             + 28,
                         metrics::RowHeight);
        }
        break;
    default:
        break;
    }
    return QProxyStyle::sizeFromContents(type, option, size, widget);
}

} // namespace lathe
