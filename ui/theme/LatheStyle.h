// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Tokens.h"

#include <QProxyStyle>

class QStyleOptionButton;
class QStyleOptionComboBox;
class QStyleOptionHeader;
class QStyleOptionMenuItem;
class QStyleOptionSlider;
class QStyleOptionSpinBox;
class QStyleOptionTab;

namespace lathe {

// Fusion with Lathe's shapes: flat boxes of radius 6, 1 px borders, a 2 px focus ring, thin scroll
// bars. It draws everything from the tokens, so a theme change is one repaint and no widget is
// polished again; a style sheet would cost every widget a rule match when it is made and again at
// each change of theme.
class LatheStyle : public QProxyStyle
{
    Q_OBJECT
public:
    explicit LatheStyle(const Tokens &tokens);
    void setTokens(const Tokens &tokens) { m_tokens = tokens; }

    QPalette standardPalette() const override;
    void polish(QWidget *widget) override;
    void unpolish(QWidget *widget) override;
    using QProxyStyle::polish;
    using QProxyStyle::unpolish;
    int pixelMetric(PixelMetric metric, const QStyleOption *option,
                    const QWidget *widget) const override;
    int styleHint(StyleHint hint, const QStyleOption *option, const QWidget *widget,
                  QStyleHintReturn *data) const override;
    QRect subElementRect(SubElement element, const QStyleOption *option,
                         const QWidget *widget) const override;
    QRect subControlRect(ComplexControl control, const QStyleOptionComplex *option, SubControl sub,
                         const QWidget *widget) const override;
    QSize sizeFromContents(ContentsType type, const QStyleOption *option, const QSize &size,
                           const QWidget *widget) const override;
    void drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter,
                       const QWidget *widget) const override;
    void drawControl(ControlElement element, const QStyleOption *option, QPainter *painter,
                     const QWidget *widget) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex *option,
                            QPainter *painter, const QWidget *widget) const override;

protected:
    // The wheel scrolls the page; it changes no choice, and a number only where one is typing. Lines without an undo of their own leave
    // its keys to the document.
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void drawField(QPainter &painter, const QStyleOption &option) const;
    void drawButtonPanel(QPainter &painter, const QStyleOption &option,
                         const QWidget *widget) const;
    void drawButtonLabel(QPainter &painter, const QStyleOptionButton &option,
                         const QWidget *widget) const;
    void drawIndicator(QPainter &painter, const QStyleOption &option, bool round) const;
    void drawFrame(QPainter &painter, const QStyleOption &option, const QWidget *widget) const;
    void drawItemPanel(QPainter &painter, const QStyleOption &option, const QWidget *widget) const;
    void drawTab(QPainter &painter, const QStyleOptionTab &option) const;
    void drawMenuItem(QPainter &painter, const QStyleOptionMenuItem &option) const;
    void drawHeaderLabel(QPainter &painter, const QStyleOptionHeader &option) const;
    void drawComboBox(QPainter &painter, const QStyleOptionComboBox &option) const;
    void drawSpinBox(QPainter &painter, const QStyleOptionSpinBox &option) const;
    void drawScrollBar(QPainter &painter, const QStyleOptionSlider &option,
                       const QWidget *widget) const;
    void drawSlider(QPainter &painter, const QStyleOptionSlider &option) const;

    Tokens m_tokens;
};

} // namespace lathe
