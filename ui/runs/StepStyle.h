// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/Trace.h"
#include "ui/itemmodels/TraceRow.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/StatusGlyph.h"

// How steps look and read, the same in the drawer, the tree and the details.
namespace lathe::stepstyle {

ColorToken color(StepKind kind);
QString icon(StepKind kind);
QString kindWord(StepKind kind); // "Model call", "Tool call", ...
Status status(const Step &step); // what a stop cut short counts as stopped, not failed
Status status(const TraceRow &row);
Status status(RunStatus status);
// What a person calls the step: the model's or the tool's own name instead of "execute_tool sql".
QString title(const Step &step);
// "1.2 s  340 tok  free"; `nowUs` for steps that still run.
QString numbers(const Step &step, qint64 nowUs);
qint64 durationUs(const Step &step, qint64 nowUs);
bool isOver(StepStatus status);
bool isOver(RunStatus status);
bool isOffline(const Step &step); // answered by the offline model
QString offlineLabel();
QString stepCount(int count); // "1 step", "20 steps"

// What happened inside a step, as a sentence; empty when it says nothing to a person.
struct NoteText {
    QString text;
    ColorToken color = ColorToken::Text2;
    QString icon;
};
NoteText note(const StepNote &note);
// That strangers wrote what the step gave, and how the model got it; empty when they did not.
NoteText strangersNote(const Step &step);
QString strangersWord(); // short, for a row

// What a mark on a bar means, and the mark itself: a small round sign centred at the point.
QString markWord(TraceMarkKind kind);
QString markIcon(TraceMarkKind kind);
ColorToken markColor(TraceMarkKind kind);
void paintMark(QPainter &painter, const QPointF &centre, TraceMarkKind kind, const Theme &theme);

} // namespace lathe::stepstyle
