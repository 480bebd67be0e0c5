// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPainter>

namespace lathe {

class CanvasScene;

// The whole scene from far: plain rectangles in the colours of their kinds and straight lines,
// painted in one go. Thousands of items cost less than asking each of them. Also draws the small
// map.
class CanvasOverview
{
public:
    struct Options {
        QTransform toPixels; // from the scene
        QRectF exposed;      // in pixels; what is outside is left out
        bool titles = false; // of frames
        bool edges = true;
        bool smooth = false; // antialiased lines
    };
    static void paint(QPainter &painter, const CanvasScene &scene, const Options &options);
};

} // namespace lathe
