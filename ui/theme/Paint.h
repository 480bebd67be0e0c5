// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPainter>
#include <QRectF>

// Small drawing helpers; borders fall on whole device pixels at 1x and 2x.
namespace lathe::paint {

// Fills `rect` rounded and strokes a border inside it. An invalid or transparent colour is left out.
void roundedBox(QPainter &painter, const QRectF &rect, double radius, const QColor &fill,
                const QColor &border = QColor(), double borderWidth = 1);
// The 2 px focus ring, inside `rect`.
void focusRing(QPainter &painter, const QRectF &rect, double radius, const QColor &accent);
// Glyphs centred in `box`, drawn as strokes.
void chevron(QPainter &painter, const QRectF &box, Qt::ArrowType direction, const QColor &color,
             double size = 8, double pen = 1.5);
void tick(QPainter &painter, const QRectF &box, const QColor &color, double pen = 2);
void cross(QPainter &painter, const QRectF &box, const QColor &color, double size = 8,
           double pen = 1.5);
// A soft shadow under a floating panel whose box is `rect`; drawn outside of it, `extent` px wide.
void shadow(QPainter &painter, const QRectF &rect, double radius, const QColor &color,
            int extent = 16);

} // namespace lathe::paint
