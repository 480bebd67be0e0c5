// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sqlite/Database.h"

#include <QByteArrayView>

namespace lathe {

// Texts of any size in one column: plain up to `inlineMax` bytes, else a zstd frame (see Schema.cpp). Any thread.
constexpr qsizetype payloadInlineMax = 2048;   // what runs record
constexpr qsizetype bodyInlineMax = 64 * 1024; // what people design stays readable with sqlite3
constexpr qint64 payloadSizeMax = 512'000'000; // bytes after decompression; larger ones are refused

// One zstd frame that says its size and carries a checksum.
Result<QByteArray> compressFrame(QByteArrayView bytes);
// ProjectFile when the frame is damaged, does not say its size, or says another than `size` (-1: any).
Result<QByteArray> expandFrame(QByteArrayView frame, qint64 size = -1);

Result<void> bindPayload(Statement &statement, int index, const QByteArray &utf8,
                         qsizetype inlineMax = payloadInlineMax);
// Null for NULL.
Result<QByteArray> payload(const Statement &statement, int column);
Result<QString> payloadText(const Statement &statement, int column);
Result<QJsonObject> payloadObject(const Statement &statement, int column);

// Content-addressed bytes; for works on the writer.
Result<void> storeBlob(Database &db, const QByteArray &hash,
                       const std::function<QByteArray()> &bytes);
// NotFound when there is none.
Result<QByteArray> readBlob(Database &db, const QByteArray &hash);

} // namespace lathe
