// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/prompt/TokenEstimate.h"

namespace lathe {

namespace {

enum class Class { Space, Newline, Latin, Accented, Alphabet, Ideograph, Digit, Sign, Rare };

Class classOf(QChar c)
{
    const ushort u = c.unicode();
    if (u == '\n' || u == '\r')
        return Class::Newline;
    if (c.isSpace())
        return Class::Space;
    if (u < 128)
        return c.isLetter() ? Class::Latin : c.isDigit() ? Class::Digit : Class::Sign;
    if (c.isSurrogate() || (u >= 0xFE00 && u <= 0xFE0F) || u == 0x200D)
        return Class::Rare; // emoji, rare ideographs: two or three tokens for two units
    if ((u >= 0x2E80 && u <= 0x9FFF) || (u >= 0xAC00 && u <= 0xD7AF) || (u >= 0xF900 && u <= 0xFAFF) || (u >= 0xFF00 && u <= 0xFFEF))
        return Class::Ideograph;
    if (u < 0x250)
        return c.isLetter() ? Class::Accented : Class::Sign;
    if (c.isLetter() || c.isMark())
        return Class::Alphabet;
    return c.isDigit() ? Class::Digit : Class::Sign;
}

qint64 ceilDiv(qint64 value, qint64 by)
{
    return (value + by - 1) / by;
}

} // namespace

qint64 estimateTokens(QStringView text)
{
    qint64 tenths = 0;
    for (qsizetype at = 0; at < text.size();) {
        const Class first = classOf(text[at]);
        if (first == Class::Latin || first == Class::Accented) {
            // A word. Common ones are one token; long and accented ones are cut.
            qint64 plain = 0, accented = 0;
            for (; at < text.size(); ++at) {
                const Class c = classOf(text[at]);
                if (c == Class::Latin)
                    ++plain;
                else if (c == Class::Accented)
                    ++accented;
                else
                    break;
            }
            const qint64 letters = plain + accented;
            tenths += (letters <= 7 ? 10 : 10 * ceilDiv(letters, 6)) + accented * 6;
            continue;
        }
        qsizetype end = at + 1;
        while (end < text.size() && classOf(text[end]) == first)
            ++end;
        const qint64 length = end - at;
        switch (first) {
        case Class::Space: // one space belongs to the word behind it
            tenths += length > 1 ? 10 * ceilDiv(length - 1, 8) : 0;
            break;
        case Class::Newline:
            tenths += 10 * ceilDiv(length, 2);
            break;
        case Class::Digit:
            tenths += 10 * ceilDiv(length, 3);
            break;
        case Class::Sign:
            tenths += 10 * ceilDiv(length, 2);
            break;
        case Class::Alphabet:
            tenths += 10 * ceilDiv(length * 10, 28);
            break;
        case Class::Ideograph:
            tenths += 10 * length;
            break;
        case Class::Rare:
            tenths += 13 * length;
            break;
        case Class::Latin:
        case Class::Accented:
            break; // above
        }
        at = end;
    }
    return ceilDiv(tenths, 10);
}

} // namespace lathe
