// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/SoftBreaks.h"

namespace lathe::softbreaks {

namespace {
constexpr qsizetype SpaceSearch = 200;
}

qsizetype cutAt(QStringView line)
{
    if (line.size() <= LongLine)
        return -1;
    for (qsizetype i = Piece; i > Piece - SpaceSearch; --i) {
        if (line[i - 1].isSpace())
            return i;
    }
    // Not inside a surrogate pair, nor before a combining mark.
    qsizetype cut = Piece;
    while (cut > Piece - SpaceSearch && (line[cut].isLowSurrogate() || line[cut].isMark()))
        --cut;
    return cut;
}

QString wrap(QString text)
{
    text.remove(Marker);
    bool anyLong = false;
    for (qsizetype start = 0; start <= text.size() && !anyLong;) {
        qsizetype end = text.indexOf(QLatin1Char('\n'), start);
        if (end < 0)
            end = text.size();
        anyLong = end - start > LongLine;
        start = end + 1;
    }
    if (!anyLong)
        return text;
    QString shown;
    shown.reserve(text.size() + text.size() / Piece * 2 + 16);
    for (qsizetype start = 0; start <= text.size();) {
        qsizetype end = text.indexOf(QLatin1Char('\n'), start);
        if (end < 0)
            end = text.size();
        QStringView line = QStringView(text).mid(start, end - start);
        for (qsizetype cut = cutAt(line); cut > 0; cut = cutAt(line)) {
            shown.append(line.left(cut)).append(Marker).append(QLatin1Char('\n'));
            line = line.mid(cut);
        }
        shown.append(line);
        if (end < text.size())
            shown.append(QLatin1Char('\n'));
        start = end + 1;
    }
    return shown;
}

QString unwrap(QString shown)
{
    if (!shown.contains(Marker))
        return shown;
    static const QString pair = QString(Marker) + QLatin1Char('\n');
    shown.remove(pair);
    shown.remove(Marker);
    return shown;
}

} // namespace lathe::softbreaks
