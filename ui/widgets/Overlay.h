// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QPointer>
#include <QWidget>

namespace lathe {

// The base of everything that floats inside the window: covers it, keeps Tab among its own widgets,
// closes on Escape and on a click outside of its panel, and gives the focus back where it was. While it
// is open the shortcuts of the window behind rest, but for Quit. Never a modal loop.
class Overlay : public QWidget
{
    Q_OBJECT
public:
    // Covers the window of `anchor`; hidden until open().
    Overlay(Theme *theme, QWidget *anchor);
    void open();
    bool isOpen() const { return m_open; }
    // A sibling that stays above every overlay, and whose keys work while one is open (cards of questions).
    static void keepAbove(QWidget *floating);
    // Dims what is behind.
    void setScrim(bool scrim) { m_scrim = scrim; }
    void setDeleteOnClose(bool deleteOnClose) { m_deleteOnClose = deleteOnClose; }

public Q_SLOTS:
    // Not called close() because QWidget::close() is not virtual.
    void dismiss();
    // As by Escape, the cross, Cancel or a click beside it: dismisses, unless something would be lost.
    virtual void leave();

Q_SIGNALS:
    void closed();

protected:
    // The floating box in this widget's coordinates; it is painted with border and shadow.
    virtual QRect panelRect() const = 0;
    // Puts the content into panelRect(); called when opened and when the window is resized.
    virtual void arrange() = 0;
    // What gets the focus when opened.
    virtual QWidget *firstFocus() const = 0;

    Theme *theme() const { return m_theme; }
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    bool focusNextPrevChild(bool next) override;
    bool event(QEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void cover();
    bool isBehindAnother() const; // overlay or floating card, which has the focus
    bool hasOwnShortcut(const QKeySequence &keys) const; // of something inside

    Theme *m_theme;
    QWidget *m_anchor;
    QPointer<QWidget> m_focusBefore;
    bool m_open = false;
    bool m_scrim = false;
    bool m_deleteOnClose = false;
};

} // namespace lathe
