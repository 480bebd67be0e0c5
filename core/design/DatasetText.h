// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

namespace lathe {

// A file of examples as UTF-8, whatever program wrote it: UTF-8 with or without mark, UTF-16 (as spreadsheets write it), or Windows-1252
// (Latin-1 with € and quotes) when it holds letters that no UTF-8 writes so.
struct DatasetText {
    QByteArray utf8; // may still hold invalid sequences, when only some of it is UTF-8
    qsizetype windowsLine =
        0; // the first line, from 1, that shows that it was Windows-1252; 0: it was not
    static DatasetText from(const QByteArray &bytes);
};

} // namespace lathe
