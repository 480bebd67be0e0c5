// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/CsvText.h"

namespace lathe {

namespace {
void addLine(QByteArray *text, const QStringList &cells)
{
    for (qsizetype i = 0; i < cells.size(); ++i) {
        if (i > 0)
            *text += ',';
        QByteArray cell = cells[i].toUtf8();
        const bool quoted = cell.contains(',') || cell.contains('"') || cell.contains('\n') || cell.contains('\r') || (i == 0 && cells.size() == 1 && cell.isEmpty());
        if (quoted)
            cell = '"' + cell.replace('"', "\"\"") + '"';
        *text += cell;
    }
    *text += "\r\n";
}
}

QByteArray csvText(const QStringList &header, const QList<QStringList> &lines)
{
    QByteArray text;
    addLine(&text, header);
    for (const QStringList &line : lines)
        addLine(&text, line);
    return text;
}

} // namespace lathe
