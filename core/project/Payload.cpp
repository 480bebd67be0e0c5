// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/Payload.h"

#include "core/base/Json.h"
#include "core/project/Sql.h"

#include <zstd.h>

namespace lathe {

namespace {
constexpr int level = 3;

struct FreeContext {
    void operator()(ZSTD_CCtx *context) const { ZSTD_freeCCtx(context); }
};

// Making a context costs more than compressing a few kilobytes; each thread that records keeps one.
ZSTD_CCtx *compressor()
{
    thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context = [] {
        std::unique_ptr<ZSTD_CCtx, FreeContext> made(ZSTD_createCCtx());
        if (made) {
            ZSTD_CCtx_setParameter(made.get(), ZSTD_c_compressionLevel, level);
            ZSTD_CCtx_setParameter(made.get(), ZSTD_c_checksumFlag, 1);
        }
        return made;
    }();
    return context.get();
}

Error damagedFrame(const char *why)
{
    return Error(
        ErrorKind::ProjectFile,
        QStringLiteral(
            "A stored text of the project is damaged; run lathe-cli doctor to check the file."),
        QString::fromUtf8(why));
}

bool isFrame(QByteArrayView bytes)
{
    return bytes.startsWith("\x28\xb5\x2f\xfd"); // never the begin of UTF-8 text
}
} // namespace

Result<QByteArray> compressFrame(QByteArrayView bytes)
{
    if (bytes.size() > payloadSizeMax)
        return Error(
            ErrorKind::InvalidInput,
            QStringLiteral("A value of %1 MB is too big for the project file; the most is %2 MB.")
                .arg(bytes.size() / 1'000'000)
                .arg(payloadSizeMax / 1'000'000));
    ZSTD_CCtx *context = compressor();
    if (!context)
        return Error(ErrorKind::Internal,
                     QStringLiteral("There is not enough memory to compress a text."));
    QByteArray frame(qsizetype(ZSTD_compressBound(size_t(bytes.size()))), Qt::Uninitialized);
    const size_t size = ZSTD_compress2(context, frame.data(), size_t(frame.size()), bytes.data(),
                                       size_t(bytes.size()));
    if (ZSTD_isError(size))
        return Error(ErrorKind::Internal,
                     QStringLiteral("A text could not be compressed; please report this."),
                     QString::fromUtf8(ZSTD_getErrorName(size)));
    frame.truncate(qsizetype(size));
    return frame;
}

Result<QByteArray> expandFrame(QByteArrayView frame, qint64 size)
{
    const unsigned long long said = ZSTD_getFrameContentSize(frame.data(), size_t(frame.size()));
    if (said == ZSTD_CONTENTSIZE_ERROR || said == ZSTD_CONTENTSIZE_UNKNOWN)
        return damagedFrame("no zstd frame with a size");
    if (said > quint64(payloadSizeMax) || (size >= 0 && said != quint64(size)))
        return damagedFrame("the zstd frame has another size than recorded");
    QByteArray bytes(qsizetype(said), Qt::Uninitialized);
    const size_t got =
        ZSTD_decompress(bytes.data(), size_t(bytes.size()), frame.data(), size_t(frame.size()));
    if (ZSTD_isError(got))
        return damagedFrame(ZSTD_getErrorName(got));
    if (got != said)
        return damagedFrame("the zstd frame is shorter than it says");
    return bytes;
}

Result<void> bindPayload(Statement &statement, int index, const QByteArray &utf8,
                         qsizetype inlineMax)
{
    if (utf8.size() <= inlineMax) {
        statement.bindText(index, utf8);
        return {};
    }
    const auto frame = compressFrame(utf8);
    if (!frame)
        return frame.error();
    statement.bindBlob(index, *frame);
    return {};
}

Result<QByteArray> payload(const Statement &statement, int column)
{
    QByteArray bytes = statement.bytes(column);
    if (isFrame(bytes))
        return expandFrame(bytes);
    return bytes;
}

Result<QString> payloadText(const Statement &statement, int column)
{
    const auto bytes = payload(statement, column);
    if (!bytes)
        return bytes.error();
    return json::fromUtf8Lossy(*bytes);
}

Result<QJsonObject> payloadObject(const Statement &statement, int column)
{
    const auto bytes = payload(statement, column);
    if (!bytes)
        return bytes.error();
    if (bytes->isEmpty())
        return QJsonObject();
    auto object = json::parseObject(*bytes);
    if (!object)
        return damagedFrame("a stored text is not JSON");
    return object;
}

Result<void> storeBlob(Database &db, const QByteArray &hash,
                       const std::function<QByteArray()> &bytes)
{
    const auto known =
        queryInt(db, QByteArrayLiteral("SELECT 1 FROM blobs WHERE hash=?"), Text(hash));
    if (!known)
        return known.error();
    if (*known)
        return {};
    const QByteArray whole = bytes();
    const auto frame = compressFrame(whole);
    if (!frame)
        return frame.error();
    auto insert =
        prepared(db, QByteArrayLiteral("INSERT INTO blobs(hash, size, bytes) VALUES(?,?,?)"),
                 Text(hash), qint64(whole.size()));
    if (!insert)
        return insert.error();
    insert->bindBlob(3, *frame);
    return insert->run();
}

Result<QByteArray> readBlob(Database &db, const QByteArray &hash)
{
    Result<QByteArray> found =
        Error(ErrorKind::NotFound,
              QStringLiteral(
                  "The project holds no bytes with the hash %1; run lathe-cli doctor to check it.")
                  .arg(QString::fromLatin1(hash.left(64))));
    const auto done = eachRow(
        db, QByteArrayLiteral("SELECT size, bytes FROM blobs WHERE hash=?"),
        [&](Statement &row) { found = expandFrame(row.bytes(1), row.int64(0)); }, Text(hash));
    if (!done)
        return done.error();
    return found;
}

} // namespace lathe
