// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/trace/import/TraceAssembler.h"

#include <memory>

namespace lathe {

// A judgement that stood beside a trace.
struct ImportedRating {
    QString step; // path, empty: the whole run
    QString kind; // "stars" (value 1-5), "thumbs" (0 or 1)
    double value = 0;
    QString note;   // "correctness 0.8: good enough"
    QString author; // "langfuse", "langsmith"
    qint64 timeUs = 0;
};

struct ImportedTrace {
    TraceUpdate update;
    std::vector<ImportedRating> ratings; // only with the update that ends it
};

struct ImportReaderOptions {
    qint64 nowUs = 0;               // the time of what has none
    qint64 heldBytes = 256ll << 20; // see AssemblerOptions
    std::function<void(ForeignStep *)> price;
    ImportReaderOptions() = default;
};

// Reads a file of recorded runs piece by piece, whatever of the known formats it is. One thread at a time; no file access of its own.
//     reader.add(bytes) ... reader.finish(); use(reader.take()) after each.
class ImportReader
{
public:
    explicit ImportReader(ImportReaderOptions options);
    ~ImportReader();
    // InvalidInput: the first value shows that it is none of the formats; nothing more is to be read then.
    Result<void> add(QByteArrayView bytes);
    Result<void> finish();
    std::vector<ImportedTrace> take();
    // Format, what was not understood, problems with their lines. Counts of traces are the caller's.
    ImportReport report() const;
    QString source() const; // of RunInfo: "otlp", "langfuse", "langsmith", "openai"

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace lathe
