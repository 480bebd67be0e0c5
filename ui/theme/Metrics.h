// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Sizes in device-independent pixels, all on a 4 px grid.
namespace lathe::metrics {

constexpr int Grid = 4;
constexpr int GapSmall = 4;    // inside a group
constexpr int Gap = 8;         // between controls
constexpr int GapLarge = 16;   // between groups
constexpr int Margin = 12;     // inside a card or panel
constexpr int PageMargin = 24; // around a page's content
constexpr int Radius = 6;
constexpr int RowHeight = 28; // table and list rows, menu rows
constexpr int TwoLineRowHeight = 44;
constexpr int ControlHeight = 28; // buttons and fields
constexpr int IconSize = 16;
constexpr int FocusRing = 2;
constexpr int ReadingWidth = 720; // widest column of running text or form fields

} // namespace lathe::metrics
