// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QKeySequence>
#include <QWidget>

namespace lathe {

// A shortcut drawn as key caps: [Ctrl] [K].
class KeyHint : public QWidget
{
    Q_OBJECT
public:
    KeyHint(Theme *theme, const QKeySequence &key, QWidget *parent = nullptr);
    void setKey(const QKeySequence &key);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

    // For delegates: the width the caps take, and drawing them right-aligned and vertically centred
    // in `rect`.
    static int capsWidth(const QFont &font, const QString &shortcut);
    static void paintCaps(QPainter &painter, const QRectF &rect, const QFont &font,
                          const QString &shortcut, const Tokens &tokens);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Theme *m_theme;
    QString m_text;
};

} // namespace lathe
