// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256 for json::sha256(). Every request of a run is hashed; Qt 6.4 has no quick one (7 microseconds a kilobyte), and linking
// libcrypto would lengthen every start of lathe-cli. So: the processor's own instructions where it has them, else Qt.
#include "core/base/Json.h"

#include <QCryptographicHash>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

#include <array>
#include <cstring>
#endif

namespace lathe::json {

namespace {
#if defined(__x86_64__)
bool hasInstructions()
{
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d))
        return false;
    const bool shuffles = (c & bit_SSSE3) && (c & bit_SSE4_1);
    return shuffles && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 29));
}

// FIPS 180-4, 4.2.2
alignas(16) constexpr std::array<quint32, 64> roundConstants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// The instructions keep the eight words a to h as ABEF and CDGH.
struct State {
    __m128i abef;
    __m128i cdgh;
};

__attribute__((target("sha,ssse3,sse4.1"))) void addBlocks(State &state, const char *bytes, qsizetype blocks)
{
    const __m128i bigEndian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    for (; blocks > 0; --blocks, bytes += 64) {
        const State before = state;
        __m128i words[4]; // the last 16 words of the message schedule
        for (int group = 0; group < 16; ++group) {
            __m128i &now = words[group % 4];
            if (group < 4) {
                now = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i *>(bytes + 16 * group)), bigEndian);
            } else {
                const __m128i &last = words[(group + 3) % 4];
                const __m128i middle = _mm_alignr_epi8(last, words[(group + 2) % 4], 4);
                now = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(now, words[(group + 1) % 4]), middle), last);
            }
            const __m128i sum =
                _mm_add_epi32(now, _mm_load_si128(reinterpret_cast<const __m128i *>(&roundConstants[size_t(4 * group)])));
            state.cdgh = _mm_sha256rnds2_epu32(state.cdgh, state.abef, sum);
            state.abef = _mm_sha256rnds2_epu32(state.abef, state.cdgh, _mm_shuffle_epi32(sum, 0x0e));
        }
        state.abef = _mm_add_epi32(state.abef, before.abef);
        state.cdgh = _mm_add_epi32(state.cdgh, before.cdgh);
    }
}

__attribute__((target("sha,ssse3,sse4.1"))) QByteArray digest(QByteArrayView bytes)
{
    State state{_mm_set_epi32(0x6a09e667, int(0xbb67ae85), 0x510e527f, int(0x9b05688c)),
                _mm_set_epi32(0x3c6ef372, int(0xa54ff53a), 0x1f83d9ab, 0x5be0cd19)};
    const qsizetype whole = bytes.size() / 64;
    addBlocks(state, bytes.data(), whole);
    // The rest, a one bit, zeros, and the length in bits as the last eight bytes.
    std::array<char, 128> tail{};
    const qsizetype rest = bytes.size() - whole * 64;
    if (rest > 0)
        std::memcpy(tail.data(), bytes.data() + whole * 64, size_t(rest));
    tail[size_t(rest)] = char(0x80);
    const qsizetype tailSize = rest < 56 ? 64 : 128;
    const quint64 bits = quint64(bytes.size()) * 8;
    for (int i = 0; i < 8; ++i)
        tail[size_t(tailSize - 1 - i)] = char(bits >> (8 * i));
    addBlocks(state, tail.data(), tailSize / 64);

    alignas(16) std::array<quint32, 8> words; // F E B A H G D C
    _mm_store_si128(reinterpret_cast<__m128i *>(&words[0]), state.abef);
    _mm_store_si128(reinterpret_cast<__m128i *>(&words[4]), state.cdgh);
    QByteArray hex(64, Qt::Uninitialized);
    char *to = hex.data();
    for (const size_t place : {3u, 2u, 7u, 6u, 1u, 0u, 5u, 4u}) {
        for (int shift = 28; shift >= 0; shift -= 4)
            *to++ = "0123456789abcdef"[words[place] >> shift & 0xf];
    }
    return hex;
}
#endif
} // namespace

QByteArray sha256(QByteArrayView bytes)
{
#if defined(__x86_64__)
    static const bool quick = hasInstructions();
    if (quick)
        return digest(bytes);
#endif
    return QCryptographicHash::hash(QByteArray::fromRawData(bytes.data(), bytes.size()), QCryptographicHash::Sha256).toHex();
}

} // namespace lathe::json
