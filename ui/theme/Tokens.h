// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QString>

namespace lathe {

// The named colours of the design system. A kind colour (agent .. human) names a kind of step
// everywhere.
enum class ColorToken {
    Base,    // window
    Surface, // panels, cards
    Raised,  // menus, hover, popovers
    Line,    // borders, grid
    Text,
    Text2,    // secondary text
    Text3,    // hints, disabled
    Accent,   // primary action, selection, focus
    OnAccent, // text on a field of accent
    Agent,
    Model,
    Tool,
    Memory,
    Control,
    Human,
    Error,
    Warning, // brass too: "look here"; always with a glyph
    Ok,
    LineStrong, // borders of controls
    Field,      // inside of text fields
    Count
};

// All colours of one theme; a plain value.
struct Tokens {
    bool dark = true;
    QColor base, surface, raised, line;
    QColor text, text2, text3;
    QColor accent, onAccent;
    QColor agent, model, tool, memory, control, human;
    QColor error, warning, ok;
    // Derived from the above, kept here so that every painter uses the same.
    QColor lineStrong, field;
    QColor hover, pressed;               // translucent washes over any background
    QColor selection, selectionInactive; // opaque, under `text`
    QColor scrim, shadow;

    static Tokens forDark();
    static Tokens forLight();
    const QColor &color(ColorToken token) const;
    bool operator==(const Tokens &) const = default;
};

// "agent", "text-2", ... to a token; Text when the name is unknown.
ColorToken colorTokenFromName(const QString &name);

// `color` with its opacity set to 0..1.
QColor withAlpha(QColor color, double alpha);
// The opaque mixture: 0 gives a, 1 gives b.
QColor mix(const QColor &a, const QColor &b, double share);
// WCAG 2 contrast of two opaque colours, 1..21.
double contrastRatio(const QColor &a, const QColor &b);

} // namespace lathe
