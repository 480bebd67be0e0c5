// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/Trace.h"

#include <functional>

namespace lathe {

// What stands above the trace.
struct TraceHtmlHeader {
    QString title;   // "triage@3, run 12"
    QString agent;
    QString input;
    QString tags;
    QString rating;  // as text
    QString note;    // e.g. what was redacted
    qint64 madeUs = 0; // when the file was made, 0: not said
};

// One self-contained HTML file: no network, no external script; tree, waterfall, folding details, messages, search box; readable
// without JavaScript; light and dark by prefers-color-scheme. All content is escaped. Written in pieces of some 64 KB; `sink` gives false
// to stop. Returns false when it did.
using HtmlSink = std::function<bool(const QByteArray &piece)>;
bool writeTraceHtml(const Trace &trace, const TraceHtmlHeader &header, const HtmlSink &sink);
QByteArray traceHtml(const Trace &trace, const TraceHtmlHeader &header);

} // namespace lathe
