// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <optional>

namespace lathe {

// Cuts a stream of bytes into JSON values without holding all of it: the values of a JSON lines file, concatenated values (also pretty
// printed), or the elements of one large array. Does not check them: that is the parser's job. A broken line spoils only itself.
class JsonChunks
{
public:
    struct Chunk {
        QByteArray bytes;
        qint64 line = 0; // where it begins, from 1
        bool cut = false; // longer than allowed, or the input ended inside
    };
    explicit JsonChunks(qint64 chunkMax = 512ll << 20) : m_chunkMax(chunkMax) {}
    void add(QByteArrayView bytes) { m_buffer.append(bytes); }
    void finish() { m_over = true; }
    // The next whole value; nothing until more comes (or nothing is left).
    std::optional<Chunk> next();

private:
    enum class Mode { Unknown, Lines, Values, Array };
    std::optional<Chunk> nextLine();
    std::optional<Chunk> nextValue();
    void chooseMode();
    void drop(qsizetype bytes); // from the front, counting lines
    QByteArray m_buffer;
    qsizetype m_start = 0;  // of what is not handed out yet
    qsizetype m_scanned = 0; // as far as the scan of the value at m_start has come
    int m_depth = 0;
    bool m_inString = false, m_escaped = false;
    bool m_skipping = false; // the rest of a value that was too long
    qint64 m_line = 1;
    qint64 m_chunkMax;
    Mode m_mode = Mode::Unknown;
    bool m_over = false;
};

} // namespace lathe
